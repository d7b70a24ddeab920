"""Workbooks that are one XML text: OpenDocument (ods, fods) and Excel 2003's XML (import rule 2.1).

Read from beginning to end by what stands where, never as a rectangle: a stray cell at the far end of a sheet
costs nothing. Repeated and merged cells are told in every row they stand for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from xml.parsers import expat

from shopcrm.basics.errors import Refusal

_FAR = 1 << 20  # no program has more rows or columns


@dataclass(slots=True)
class Table:
    """One sheet: its filled rows with their numbers, cells from column A on, and its error cells."""

    name: str
    hidden: bool = False
    rows: list[tuple[int, list[object]]] = field(default_factory=list)
    errors: list[list[object]] = field(default_factory=list)  # row number, column from 0, text


@dataclass(slots=True)
class _Cell:
    row_span: int = 1
    repeated: int = 1
    kind: str = ""
    value: str = ""
    text: list[str] = field(default_factory=list)


class _Rows:
    """Puts the cells of one sheet into rows."""

    def __init__(self, table: Table, most_rows: int, most_columns: int) -> None:
        self.table = table
        self.row = 0  # its number, from 1
        self.column = 0  # where the next cell stands, from 0
        self._most_rows = most_rows
        self._most_columns = most_columns
        self._first = _FAR  # the first filled column so far
        self._cells: dict[int, object] = {}
        self._errors: dict[int, str] = {}
        self._below: dict[int, tuple[int, object]] = {}  # column -> last row of its merge, value

    def put(self, value: object, cell: _Cell) -> None:
        """The next cell, and as many more as it is repeated."""
        if value != "":
            self._first = min(self._first, self.column)
            end = min(self.column + cell.repeated, self._first + self._most_columns)
            for column in range(self.column, end):
                if cell.kind == "error":
                    self._errors[column] = str(value)
                else:
                    self._cells[column] = value
                if cell.row_span > 1:
                    self._below[column] = (self.row + cell.row_span - 1, value)
        self.column += cell.repeated

    def end_row(self, repeated: int = 1) -> None:
        """The row is complete; it stands there so many times."""
        for _ in range(repeated if self._cells or self._errors else 0):
            cells = dict(self._cells)
            for column, (last, value) in self._below.items():
                if self.row <= last:
                    cells.setdefault(column, value)
            row: list[object] = [""] * (max(cells, default=-1) + 1)
            for column, value in cells.items():
                row[column] = value
            self.table.rows.append((self.row, row))
            self.table.errors.extend([self.row, column, text] for column, text in self._errors.items())
            if len(self.table.rows) > self._most_rows:
                raise Refusal("too_big", limit="rows")
            self.row += 1
        if not (self._cells or self._errors):
            self.row += repeated
        self.column = 0
        self._cells, self._errors = {}, {}


class _Reader:
    """What both kinds share: where we are, and the text of the cell at hand."""

    def __init__(self, most_rows: int, most_columns: int) -> None:
        self.tables: list[Table] = []
        self.date1904 = False
        self.rows: _Rows | None = None
        self.cell: _Cell | None = None
        self._limits = most_rows, most_columns

    def begin_table(self, name: str, hidden: bool = False) -> None:
        self.tables.append(Table(name, hidden))
        self.rows = _Rows(self.tables[-1], *self._limits)
        self.rows.row = 1

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        raise NotImplementedError

    def end(self, tag: str) -> None:
        raise NotImplementedError

    def data(self, text: str) -> None:
        raise NotImplementedError

    def parse(self, text: bytes) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = lambda tag, attributes: self.start(_local(tag), attributes)
        parser.EndElementHandler = lambda tag: self.end(_local(tag))
        parser.CharacterDataHandler = self.data
        parser.Parse(text, True)


def _refuse_doctype(*_: object) -> None:
    raise Refusal("unsafe_file")


def _local(tag: str) -> str:
    return tag.rpartition(" ")[2]


def _count(text: str) -> int:
    return min(int(text), _FAR) if text.isdecimal() and len(text) < 10 else 1


def _day(text: str) -> object:
    try:
        found = datetime.fromisoformat(text[:19])
    except ValueError:
        return text
    return found if len(text) > 10 else date(found.year, found.month, found.day)


def _number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


# ---------------------------------------------------------------- OpenDocument


def open_document(content: bytes, most_rows: int, most_columns: int) -> list[Table]:
    """The sheets in the content of an ods or in a flat fods. Raises Refusal unsafe_file, too_big."""
    reader = _OpenDocument(most_rows, most_columns)
    reader.parse(content)
    return reader.tables


_VALUES = {"date": "date-value", "boolean": "boolean-value", "string": "string-value"}  # other than value


class _OpenDocument(_Reader):
    _TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
    _OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 "
    _STYLE = "urn:oasis:names:tc:opendocument:xmlns:style:1.0 "
    _TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0 "
    _ERROR = re.compile(r"#[A-Z/0!?]+|Err:[0-9]+")
    # Parts of a cell that are no content of it, and parts of a document that repeat sheets.
    _ASIDE = frozenset(
        ("annotation", "shapes", "frame", "custom-shape", "tracked-changes", "ruby-text", "dde-link")
    )

    def __init__(self, most_rows: int, most_columns: int) -> None:
        super().__init__(most_rows, most_columns)
        self._style = ""
        self._hidden_styles: set[str] = set()
        self._aside = 0
        self._repeated = 1  # the row at hand
        self._in_paragraph = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        def of(space: str, name: str) -> str:
            return attributes.get(space + name, "")

        if self._aside or tag in self._ASIDE or (tag == "table" and self.cell is not None):
            self._aside += 1
        elif tag == "style":
            self._style = of(self._STYLE, "name")
        elif tag == "table-properties":
            if of(self._TABLE, "display") == "false":
                self._hidden_styles.add(self._style)
        elif tag == "table":
            self.begin_table(of(self._TABLE, "name"), of(self._TABLE, "style-name") in self._hidden_styles)
        elif tag == "table-row":
            self._repeated = _count(of(self._TABLE, "number-rows-repeated"))
        elif tag in ("table-cell", "covered-table-cell"):
            kind = of(self._OFFICE, "value-type")
            self.cell = _Cell(
                _count(of(self._TABLE, "number-rows-spanned")),
                _count(of(self._TABLE, "number-columns-repeated")),
                "error" if _says_error(attributes) else kind,
                of(self._OFFICE, _VALUES.get(kind, "value")),
            )
        elif self.cell is not None:
            self._start_text(tag, of(self._TEXT, "c"))

    def _start_text(self, tag: str, count: str) -> None:
        assert self.cell is not None
        if tag in ("p", "h"):
            self._in_paragraph += 1
            if self.cell.text:
                self.cell.text.append("\n")
        elif tag == "s":
            self.cell.text.append(" " * min(_count(count), 1000))
        elif tag == "tab":
            self.cell.text.append("\t")
        elif tag == "line-break":
            self.cell.text.append("\n")

    def end(self, tag: str) -> None:
        if self._aside:
            self._aside -= 1
        elif tag in ("p", "h"):
            self._in_paragraph = max(0, self._in_paragraph - 1)
        elif tag in ("table-cell", "covered-table-cell") and self.rows and self.cell:
            self.rows.put(self._value(self.cell), self.cell)
            self.cell = None
        elif tag == "table-row" and self.rows:
            self.rows.end_row(self._repeated)

    def data(self, text: str) -> None:
        if self._in_paragraph and not self._aside and self.cell is not None:
            self.cell.text.append(text)

    def _value(self, cell: _Cell) -> object:
        text = "".join(cell.text)
        if cell.kind in ("float", "percentage", "currency"):
            if not self._ERROR.fullmatch(text):
                return _number(cell.value)
            cell.kind = "error"
        if cell.kind == "date":
            return _day(cell.value)
        if cell.kind == "boolean":
            return cell.value == "true"
        return text or cell.value


def _says_error(attributes: dict[str, str]) -> bool:
    return any(value == "error" and name.endswith("value-type") for name, value in attributes.items())


# ---------------------------------------------------------------- Excel 2003's XML


def spreadsheet_2003(text: bytes, most_rows: int, most_columns: int) -> tuple[list[Table], bool]:
    """The sheets of an XML spreadsheet of Excel 2003 in UTF-8, and whether it counts days from 1904."""
    reader = _Spreadsheet2003(most_rows, most_columns)
    reader.parse(text)
    return reader.tables, reader.date1904


class _Spreadsheet2003(_Reader):
    _SPACE = "urn:schemas-microsoft-com:office:spreadsheet "

    def __init__(self, most_rows: int, most_columns: int) -> None:
        super().__init__(most_rows, most_columns)
        self._in_comment = False
        self._reads = ""  # the tag whose text is wanted
        self._visible: list[str] = []
        self._across = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        def of(name: str) -> str:
            return attributes.get(self._SPACE + name, "")

        if tag == "Worksheet":
            self.begin_table(of("Name"))
            self._visible = []
        elif tag == "Row" and self.rows:
            if of("Index"):
                self.rows.row = max(self.rows.row, _count(of("Index")))
        elif tag == "Cell" and self.rows:
            if of("Index"):
                self.rows.column = max(self.rows.column, _count(of("Index")) - 1)
            down, across = of("MergeDown"), of("MergeAcross")
            self._across = _count(across) if across else 0
            self.cell = _Cell(1 + (_count(down) if down else 0))
        elif tag == "Comment":
            self._in_comment = True
        elif tag == "Data" and self.cell is not None and not self._in_comment:
            self._reads = tag
            self.cell.kind = of("Type").lower()
        elif tag in ("Visible", "Date1904"):
            self._reads = tag
            self.date1904 = self.date1904 or tag == "Date1904"

    def end(self, tag: str) -> None:
        if tag == self._reads:
            self._reads = ""
        if tag == "Comment":
            self._in_comment = False
        elif tag == "Cell" and self.rows and self.cell is not None:
            self.rows.put(self._value(self.cell), self.cell)
            self.rows.column += self._across
            self.cell = None
        elif tag == "Row" and self.rows:
            self.rows.end_row()
        elif tag == "Visible" and self.tables:
            self.tables[-1].hidden = "hidden" in "".join(self._visible).lower()

    def data(self, text: str) -> None:
        if self._reads == "Visible":
            self._visible.append(text)
        elif self._reads == "Data" and self.cell is not None:
            self.cell.text.append(text)

    @staticmethod
    def _value(cell: _Cell) -> object:
        text = "".join(cell.text)
        if cell.kind == "number":
            return _number(text)
        if cell.kind == "datetime":
            day = _day(text)
            midnight = isinstance(day, datetime) and (day.hour, day.minute, day.second) == (0, 0, 0)
            return day.date() if midnight and isinstance(day, datetime) else day
        if cell.kind == "boolean":
            return text.strip() in ("1", "true", "TRUE")
        return text
