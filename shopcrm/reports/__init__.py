"""Lists that leave the shop, as plain tables: made here from records, written by `shopcrm.excel.writer`."""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal["text", "int", "real", "money", "date", "phone"]


class Column(NamedTuple):
    """One column: its heading in the language in force, what its cells hold, its width in characters.

    `choices` makes a drop-down of exactly these words; a hidden column is written but not shown.
    """

    id: str
    heading: str
    kind: Kind
    width: int
    choices: tuple[str, ...] | None = None
    hidden: bool = False


class Table(NamedTuple):
    """A titled table; every row has one cell a column.

    Cells: text and phone are str, int is int, real is float, money is int fen, date is
    `datetime.date`; None is empty.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[object, ...], ...]
