"""The form in which cells travel from the reading process and lie in an import plan.

None is an empty cell, str a text, int and float a number. What is none of these is a text with a mark in
front that no text of a file can begin with, so that a cell can be written as JSON and be a dictionary's key.
"""

from __future__ import annotations

import datetime
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import compress
from typing import NamedTuple, TypeVar, overload

T = TypeVar("T")
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


_FEW = 50  # places: for more another way is quicker


class Told(NamedTuple):
    """Cells of a column by those that are `new` in it and the `places` of all of them: place 0 is the empty
    cell, the others are counted as they came."""

    new: Sequence[Cell]
    places: array[int]


class Column(Sequence[Cell]):
    """The cells of a column: what repeats is kept once, so that it need be understood only once."""

    __slots__ = ("_doubtful", "_places", "_told")

    def __init__(self, cells: Iterable[Cell] = ()) -> None:
        self._told: list[Cell] = list(cells)
        self._places: array[int] | None = None  # of all cells among those told; None: they stand there so
        self._doubtful: set[int] = set()  # places at which perhaps no cell is

    def __len__(self) -> int:
        return len(self._told if self._places is None else self._places)

    def __iter__(self) -> Iterator[Cell]:
        return iter(self._told) if self._places is None else map(self._told.__getitem__, self._places)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Column) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    @overload
    def __getitem__(self, at: int) -> Cell: ...
    @overload
    def __getitem__(self, at: slice) -> Column: ...
    def __getitem__(self, at: int | slice) -> Cell | Column:
        if self._places is None:
            return Column(self._told[at]) if isinstance(at, slice) else self._told[at]
        if not isinstance(at, slice):
            return self._told[self._places[at]]
        places = self._places[at]
        if len(places) <= max(len(self._told), len(self) // 2):
            return Column(map(self._told.__getitem__, places))
        cut = Column(self._told)
        cut._places = places
        start, stop, _ = at.indices(len(self._places))
        cut._doubtful = {*self._doubtful, *self._places[:start], *self._places[stop:]}
        return cut

    def extend(self, cells: Sequence[Cell] | Told) -> None:
        """Append cells; those told by their places come after others only where `fill` made these."""
        if isinstance(cells, Told):
            self._begin_telling()
            self._told.extend(cells.new)
            places = cells.places
        elif self._places is None:
            self._told.extend(cells)
            return
        else:
            places = array("I", range(len(self._told), len(self._told) + len(cells)))
            self._told.extend(cells)
        assert self._places is not None
        self._places.extend(places)

    def fill(self, count: int) -> None:
        """Append so many empty cells."""
        if self._places is None and self._told:
            self._told.extend([None] * count)
        else:
            self._begin_telling()
            assert self._places is not None
            self._places.extend(array("I", bytes(4 * count)))

    def _begin_telling(self) -> None:
        if self._places is None:
            assert not self._told, "told as they stand before"
            self._told, self._places, self._doubtful = [None], array("I"), {0}

    def __setitem__(self, position: int, cell: Cell) -> None:
        if self._places is None:
            self._told[position] = cell
        else:
            self._doubtful.add(self._places[position])
            self._places[position] = len(self._told)
            self._told.append(cell)

    def told(self) -> list[Cell]:
        """Each cell that is there at least once, in the order of their coming, not all that repeat again."""
        if self._places is None:
            return self._told
        lacking = _lacking(self._doubtful, self._places)
        return [cell for place, cell in enumerate(self._told) if place not in lacking]

    def mapped(self, said: Mapping[Cell, T]) -> list[T]:
        """Of every cell what is said of it; something must be of each."""
        if self._places is None:
            return list(map(said.__getitem__, self._told))
        # Told are also some that are here no more.
        return list(map(list(map(said.get, self._told)).__getitem__, self._places))  # type: ignore[arg-type]

    def positions(self, cells: Collection[Cell]) -> list[int]:
        """Where one of these cells stands; they are best a set."""
        told = [cell in cells for cell in self._told]
        hits = told if self._places is None else map(told.__getitem__, self._places)
        return list(compress(range(len(self)), hits))

    def without(self, cells: Collection[Cell]) -> Column:
        """The column with these cells empty."""
        rest = Column(None if cell in cells else cell for cell in self._told)
        rest._places, rest._doubtful = self._places and self._places[:], self._doubtful.copy()
        return rest


def _lacking(doubtful: set[int], places: array[int]) -> set[int]:
    """Which of these are not among the places."""
    if len(doubtful) > _FEW:
        return doubtful.difference(places)
    lacking = set()
    text = places.tobytes()  # ten times as quick as to look through the numbers
    for place in doubtful:
        wanted = array("I", [place]).tobytes()
        at = text.find(wanted)
        while at >= 0 and at % len(wanted):
            at = text.find(wanted, at + 1)
        if at < 0:
            lacking.add(place)
    return lacking


class _Plain:
    """What is compared by its fields. No dataclass: loading what makes these keeps every reading waiting."""

    __slots__: tuple[str, ...] = ()
    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and all(
            getattr(self, name) == getattr(other, name) for name in self.__slots__
        )

    def __repr__(self) -> str:
        told = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__)
        return f"{type(self).__name__}({told})"


class Sheet(_Plain):
    """One sheet by columns: only rows with something in them, each with the number Excel shows for it.

    `first` is the place in the file of the first column, from 0: before it all is empty.
    """

    __slots__ = ("columns", "first", "hidden", "name", "numbers")

    def __init__(
        self,
        name: str,
        hidden: bool = False,
        first: int = 0,
        numbers: Iterable[int] = (),
        columns: Iterable[Column] = (),
    ) -> None:
        self.name = name
        self.hidden = hidden
        self.first = first
        self.numbers = list(numbers)
        self.columns = list(columns)

    def row(self, position: int) -> list[Cell]:
        """The cells of the row at a position (0 is the first filled row)."""
        return [column[position] for column in self.columns]

    def add(self, numbers: Sequence[int], columns: Sequence[Sequence[Cell] | Told]) -> None:
        """Append rows; a chunk with more columns than before widens the sheet."""
        while len(self.columns) < len(columns):
            self.columns.append(Column())
            if self.numbers:
                self.columns[-1].fill(len(self.numbers))
        self.numbers.extend(numbers)
        for at, column in enumerate(self.columns):
            if at < len(columns):
                column.extend(columns[at])
            else:
                column.fill(len(numbers))


class Book(_Plain):
    """A file as read: `kind` is xlsx, xls, xlsb, ods, xml, text or html.

    `encoding` is that of a text: "UTF-8", "GB18030", "Big5" or "UTF-16"; "" for workbooks.
    """

    __slots__ = ("date1904", "encoding", "kind", "sheets")

    def __init__(
        self, kind: str, date1904: bool = False, encoding: str = "", sheets: Iterable[Sheet] = ()
    ) -> None:
        self.kind = kind
        self.date1904 = date1904
        self.encoding = encoding
        self.sheets = list(sheets)
