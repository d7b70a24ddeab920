"""Lists that leave the shop, as plain tables: made here from records, written by `shopcrm.excel.writer`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "int", "money", "date", "phone"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its heading in the language in force, what its cells hold, its width in characters.

    `choices` makes a drop-down of exactly these words; a hidden column is written but not shown.
    """

    id: str
    heading: str
    kind: Kind
    width: int
    choices: tuple[str, ...] | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table; every row has one cell a column.

    Cells: text and phone as str, int as int, money as int fen, date as `datetime.date`; None is an empty cell.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[object, ...], ...]
