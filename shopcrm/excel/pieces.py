"""The rows of a sheet as the fast reader gives them, of a big sheet of an xlsx piece by piece.

A piece is a workbook of its own: the parts every workbook needs, and some rows of the one sheet. Several are
parsed at once, and the first ones are on their way while the others still are. Cut is where nothing can be
mistaken for the beginning of a row; what is written in another way stays in one piece.
"""

from __future__ import annotations

import io
import threading
import zipfile
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple

from shopcrm.excel.workbook_parts import Range, Scan, parts_around, sheet_parts

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

PIECE = 2 << 20  # bytes of XML
_TIMES = 2  # bigger at least than what is parsed with every piece
_AHEAD = 2  # pieces that are parsed while one is told
_BEGIN, _ROW, _END = b"<sheetData>", b'<row r="', b"</sheetData>"
_MOST_ROWS, _MOST_COLUMNS = 1 << 20, 1 << 14  # of a sheet
_CHUNK = 72_000  # cells of one line: big enough to see repetition, small enough not to hold up the window

Load = Callable[[io.BytesIO], "CalamineWorkbook"]
Chunk = tuple[int, list[list[Any]]]  # the number of the first row, and the rows


class Rows(NamedTuple):
    """What is in a sheet; columns count from 0, and those of the chunks from `first`."""

    height: int  # for how far one is: about so many rows
    first: int
    last: tuple[int, int]  # no cell is behind this row, from 0, nor this column
    merges: list[Range]
    chunks: Iterator[Chunk]


def rows_of(sheet: CalamineSheet) -> Rows | None:
    """The rows of a sheet, None if it is empty."""
    if sheet.start is None or sheet.end is None:
        return None
    first = sheet.start[1]  # rows come from row 1 on, but columns from the first filled one
    most = rows_of_a_chunk(sheet.end[1] - first + 1)

    def chunks() -> Iterator[Chunk]:
        number, left = 1, sheet.iter_rows()
        while rows := list(islice(left, most)):
            yield number, rows
            number += len(rows)

    return Rows(sheet.height, first, sheet.end, sheet.merged_cell_ranges or [], chunks())


def rows_of_a_chunk(width: int) -> int:
    """How many rows of so many cells go together."""
    return max(200, _CHUNK // max(width, 1))


class BigSheet:
    """The biggest sheet of an xlsx, where it is worth taking apart."""

    def __init__(self, archive: zipfile.ZipFile, part: str, name: str) -> None:
        self.part = part
        self.name = name
        self._around = [(part, archive.read(part)) for part in parts_around(archive)]

    @classmethod
    def of(cls, archive: zipfile.ZipFile) -> BigSheet | None:
        """Of that workbook; None if all its sheets are small."""
        sizes = {part: archive.getinfo(part).file_size for part, _ in sheet_parts(archive)}
        part = max(sizes, key=sizes.__getitem__, default="")
        return (
            cls(archive, part, dict(sheet_parts(archive))[part]) if sizes.get(part, 0) > 2 * PIECE else None
        )

    def rows(self, scan: Scan, load: Load) -> Rows | None:
        """As `rows_of`; `scan` keeps its text, `load` opens a workbook. Raises what they raise, also on the
        way."""
        pieces = (sheet for sheet in self._parsed(scan, load) if sheet.start is not None)
        begun = list(islice(pieces, 1))
        if not begun or not begun[0].start:
            return None
        first = begun[0].start[1]
        if first:  # a later one may begin farther left
            begun += pieces
            first = min(sheet.start[1] for sheet in begun if sheet.start)
        end = scan.end.get()
        merges: list[Range] = []
        if b"<mergeCell" in end.tail:  # wanted before the rows they stand behind
            merges = self._sheet([b"<worksheet>", _BEGIN, end.tail], load).merged_cell_ranges or []
        last = ((end.row or _MOST_ROWS) - 1, _MOST_COLUMNS - 1)
        return Rows(end.row, first, last, merges, _chunks(chain(begun, pieces), first))

    def _parsed(self, scan: Scan, load: Load) -> Iterator[CalamineSheet]:
        """The pieces in order."""
        ahead: deque[_Parsing] = deque()
        most = max(PIECE, _TIMES * sum(len(content) for _, content in self._around))
        for piece in _pieces(iter(scan.text.get, None), most):
            ahead.append(_Parsing(partial(self._sheet, piece, load)))
            if len(ahead) > _AHEAD:
                yield ahead.popleft().sheet()
        while ahead:
            yield ahead.popleft().sheet()

    def _sheet(self, text: list[bytes], load: Load) -> CalamineSheet:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as book:
            for part, content in self._around:
                book.writestr(part, content)
            with book.open(self.part, "w") as sheet:
                while text:  # big, and nobody else needs it
                    sheet.write(text.pop(0))
        made.seek(0)
        return load(made).get_sheet_by_name(self.name)


def _pieces(blocks: Iterator[bytes], most: int) -> Iterator[list[bytes]]:
    """The text of a sheet taken apart: each piece with what begins and ends it."""
    head, begin, rest = next(blocks, b"").partition(_BEGIN)
    if not begin or b"<worksheet" not in head or _is_strange(head):
        yield [head, begin, rest, *blocks]
        return
    rows = [rest]
    for block in blocks:
        if _is_strange(rows[-1]) or _is_strange(rows[-1][-1:] + block[:1]):
            rows += [block, *blocks]
            break
        at = rows[-1].rfind(_ROW)
        if at >= 0 and sum(map(len, rows)) > most:
            yield [head, begin, *rows[:-1], rows[-1][:at], _END, b"</worksheet>"]
            rows = [rows[-1][at:]]
        rows.append(block)
    yield [head, begin, *rows]


def _is_strange(text: bytes) -> bool:
    """Whether there are comments or the like, in which what looks like a row may be none."""
    return b"!" in text and b"<!" in text  # one sign is found twenty times as quickly as two


def _chunks(pieces: Iterator[CalamineSheet], first: int) -> Iterator[Chunk]:
    above = width = 0
    for sheet in pieces:
        assert sheet.start is not None
        assert sheet.end is not None
        number, left = sheet.start[0] + 1, sheet.start[1] - first
        if number <= above:
            raise ValueError("rows in no order")
        above, width = sheet.end[0] + 1, max(width, sheet.end[1] - first + 1)
        rows = sheet.to_python()
        right = width - left - sheet.width
        if left or right:
            rows = [[""] * left + row + [""] * right for row in rows]
        yield number, rows


class _Parsing(threading.Thread):
    """Parses a piece; the parser lets go of Python's lock."""

    def __init__(self, parse: Callable[[], CalamineSheet]) -> None:
        super().__init__(name="import-piece", daemon=True)
        self._parse = parse
        self._answer: CalamineSheet | BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._answer = self._parse()
        except BaseException as error:  # noqa: BLE001 - the parser's panics are no Exceptions
            self._answer = error

    def sheet(self) -> CalamineSheet:
        """What came of it, awaited."""
        self.join()
        if isinstance(self._answer, BaseException):
            raise self._answer
        assert self._answer is not None
        return self._answer
