"""The form in which cells travel from the reading process and lie in an import plan.

None is an empty cell, str a text, int and float a number. What is none of these is a text with a mark in
front that no text of a file can begin with, so that a cell can be written as JSON and be a dictionary's key.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field

Cell = str | int | float | None

MARK = "\x01"
DAY, TIME, ERROR, BOOL = MARK + "d", MARK + "t", MARK + "e", MARK + "b"


def encode(value: object) -> Cell:
    """The cell for a value of a reader."""
    if isinstance(value, str):
        return value.lstrip(MARK) or None
    if isinstance(value, bool):
        return BOOL + ("TRUE" if value else "FALSE")
    if isinstance(value, float) and not -1e300 < value < 1e300:
        return ERROR + "#NUM!"
    if value is None or isinstance(value, (int, float)):
        return value
    if isinstance(value, datetime.date):  # a datetime is one too
        return DAY + value.isoformat()
    if isinstance(value, (datetime.time, datetime.timedelta)):
        return TIME + str(value)
    return str(value)


def decode(cell: Cell) -> object:
    """The value a parser of basics.values understands; errors stay texts such as `#DIV/0!`."""
    if not isinstance(cell, str) or cell[:1] != MARK:
        return cell
    if cell.startswith(DAY):
        text = cell[2:]
        return datetime.datetime.fromisoformat(text) if len(text) > 10 else datetime.date.fromisoformat(text)
    if cell.startswith(TIME):
        try:
            return datetime.time.fromisoformat(cell[2:])
        except ValueError:
            return cell[2:]
    return cell[2:]


def shown(cell: Cell) -> str:
    """The cell as a person reads it in the preview and in the list of problems."""
    if cell is None:
        return ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, str) and cell[:1] == MARK:
        return cell[2:].replace("T", " ") if cell.startswith(DAY) else cell[2:]
    return str(cell)


@dataclass(slots=True)
class Sheet:
    """One sheet by columns: only rows with something in them, each with the number Excel shows for it.

    `first` is the place in the file of the first column, from 0: before it all is empty.
    """

    name: str
    hidden: bool = False
    first: int = 0
    numbers: list[int] = field(default_factory=list)
    columns: list[list[Cell]] = field(default_factory=list)

    def row(self, position: int) -> list[Cell]:
        """The cells of the row at a position (0 is the first filled row)."""
        return [column[position] for column in self.columns]

    def add(self, numbers: Sequence[int], columns: Sequence[list[Cell]]) -> None:
        """Append rows; a chunk with more columns than before widens the sheet."""
        while len(self.columns) < len(columns):
            self.columns.append([None] * len(self.numbers))
        self.numbers.extend(numbers)
        for at, column in enumerate(self.columns):
            column.extend(columns[at] if at < len(columns) else [None] * len(numbers))


@dataclass(slots=True)
class Book:
    """A file as read: `kind` is xlsx, xls, xlsb, ods, xml, text or html.

    `encoding` is that of a text: "UTF-8", "GB18030", "Big5" or "UTF-16"; "" for workbooks.
    """

    kind: str
    date1904: bool = False
    encoding: str = ""
    sheets: list[Sheet] = field(default_factory=list)
