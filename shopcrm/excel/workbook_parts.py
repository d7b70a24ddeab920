"""What the fast reader does not tell of a workbook, or does not survive: looked up in its parts.

It gives error cells as empty, says nothing of merges in xlsb, and holds a sheet as one rectangle, so that two
cells in far corners ask for all the memory there is. Nothing here decides what a cell means.
"""

from __future__ import annotations

import io
import re
import struct
import threading
import zipfile
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from functools import partial
from queue import SimpleQueue
from typing import NamedTuple

BLOCK = 1 << 20  # bytes of a sheet that are looked at together
_OVERLAP = 256  # bytes of a block that are looked at with its neighbour, too
_LATE = 1 << 16  # bytes at the end of them in which the last value mostly stands
Range = tuple[tuple[int, int], tuple[int, int]]  # rows and columns from 0, both ends included
Errors = list[list[object]]  # row number from 1, column from 0, text

_ERROR_TEXTS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!",
    0x2A: "#N/A", 0x2B: "#GETTING_DATA",
}  # fmt: skip


# ---------------------------------------------------------------- xlsx


class End(NamedTuple):
    """The end of a sheet: the number of the last row with a value, as far as its cells tell, and what stands
    behind the rows."""

    row: int = 0
    tail: bytes = b""


class Scan(threading.Thread):
    """Looks through the sheets of an xlsx while the fast reader, which lets go of Python's lock, parses them.

    Finds cells with errors; calls `too_wide`, if any, on a rectangle of more than `most_area` cells. The text
    of the part `kept` is left in `text` for who reads it, block by block, None behind the last one; then its
    end in `end`.
    """

    _VALUE = (b"<v>", b"<v ", b"<is>", b"<t>")
    _PLACE = re.compile(rb'[ \n]r="([A-Z]{1,3})([0-9]{1,7})"')
    _FAR = re.compile(rb'[ \n]r="([A-Z]{3})[0-9]{1,7}"[^>]*[^/>]>')
    _MAY_BE_FAR = re.compile(rb'r="[A-Z]{3}')  # begins with something to search for: seven times as quick
    _ERROR = re.compile(
        rb'<c\b([^>]*\bt="e"[^>]*)>(?:<f[^>]*?(?:/>|>.*?</f>))?<v[^>]*>([^<]*)</v>', re.DOTALL
    )

    def __init__(
        self,
        archive: zipfile.ZipFile,
        most_area: int,
        too_wide: Callable[[], None] | None,
        kept: str = "",
    ) -> None:
        super().__init__(name="import-scan", daemon=True)
        self.archive = archive
        self.errors: dict[str, Errors] = {}  # sheet -> its error cells
        self._most_area = most_area
        self._too_wide = too_wide
        self.text: SimpleQueue[bytes | None] = SimpleQueue()
        self.end: SimpleQueue[End] = SimpleQueue()
        self._kept = kept

    def run(self) -> None:
        """Scan all sheets; what is damaged is left to the reader to say."""
        try:
            for part, sheet in sheet_parts(self.archive):
                self._look(part, sheet)
        except (zipfile.BadZipFile, OSError, ValueError, KeyError, EOFError, RuntimeError, MemoryError):
            return
        finally:  # whoever waits is not to wait for ever
            self.text.put(None)
            self.end.put(End())

    def _look(self, part: str, sheet: str) -> None:
        errors = False
        far = last = 0
        tail = b""
        with self.archive.open(part) as stream:
            blocks = iter(partial(stream.read, BLOCK), b"")
            for block in self._handed_on(blocks) if part == self._kept else blocks:
                text = tail + block
                errors = errors or b't="e"' in text
                last = max(last, self._last_row(text))
                if self._MAY_BE_FAR.search(text) and (found := self._FAR.findall(text)):
                    far = max(far, *(_column_number(letters) for letters in set(found)))
                tail = text[-_OVERLAP:]
                if self._too_wide and far and last * far > self._most_area:
                    self._too_wide()
        if errors:
            with self.archive.open(part) as stream:
                whole = stream.read()
            found_errors: Errors = []
            for attributes, text in self._ERROR.findall(whole):
                place = self._PLACE.search(b" " + attributes)
                if place:
                    column = _column_number(place[1]) - 1
                    found_errors.append([int(place[2]), column, text.decode("utf-8", "replace")])
            self.errors[sheet] = found_errors

    def _handed_on(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """The blocks of the part that is kept, when all of them and its end are with who reads it."""
        kept: list[bytes] = []
        for block in blocks:
            self.text.put(block)
            kept.append(block)
        self.text.put(None)
        self.end.put(self._end_of(kept))
        kept.reverse()
        while kept:
            yield kept.pop()

    def _end_of(self, blocks: list[bytes]) -> End:
        row, text, tail = 0, b"", b""
        for at in reversed(range(len(blocks))):
            text = blocks[at] + text[:_OVERLAP]
            if not tail and (end := text.rfind(b"</sheetData>")) >= 0:
                tail = b"".join(blocks[at:])[end:]
            if row := self._last_row(text):
                break
        return End(row, tail)

    def _last_row(self, text: bytes) -> int:
        """The number of the last row with a value, 0 if there is none."""
        end = max(text.rfind(mark, -_LATE) for mark in self._VALUE)
        if end < 0:
            end = max(text.rfind(mark) for mark in self._VALUE)
        if end >= 0 and (at := text.rfind(b' r="', 0, end)) >= 0 and (place := self._PLACE.match(text, at)):
            return int(place[2])
        return 0


def sheet_parts(archive: zipfile.ZipFile) -> list[tuple[str, str]]:
    """Part name and sheet name of each worksheet of an xlsx."""
    book = _book_part(archive)
    parts: list[tuple[str, str]] = []
    targets = _targets(archive, book)
    for tag in re.findall(r"<(?:\w+:)?sheet\b[^>]*>", archive.read(book).decode("utf-8", "replace")):
        found = dict(re.findall(r'([\w:]+)="([^"]*)"', tag))
        rel = next((value for key, value in found.items() if key.endswith(":id")), "")
        if part := targets.get(rel):
            parts.append((part, _unescaped(found.get("name", ""))))
    return parts


def _unescaped(text: str) -> str:
    if "&" not in text:
        return text
    import html  # slow to load, seldom needed

    return html.unescape(text)


def parts_around(archive: zipfile.ZipFile) -> list[str]:
    """The parts an xlsx needs besides its sheets."""
    book = _book_part(archive)
    needed = {book, *_targets(archive, book).values()} - {part for part, _ in sheet_parts(archive)}
    names = archive.namelist()
    return [name for name in names if name in needed or name.endswith(".rels") or name.startswith("[")]


def _book_part(archive: zipfile.ZipFile) -> str:
    names = {name.lower().lstrip("/"): name for name in archive.namelist()}
    return next(name for low, name in names.items() if re.fullmatch(r"(?:.*/)?workbook\d*\.xml", low))


def _targets(archive: zipfile.ZipFile, book: str) -> dict[str, str]:
    """Relation id -> part, for the relations of a workbook part."""
    names = {name.lower().lstrip("/"): name for name in archive.namelist()}
    folder, _, file = book.rpartition("/")
    rels = names.get(f"{folder}/_rels/{file}.rels".lower().lstrip("/"))
    targets: dict[str, str] = {}
    for tag in re.findall(
        r"<(?:\w+:)?Relationship\b[^>]*>", archive.read(rels).decode("utf-8", "replace") if rels else ""
    ):
        found = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        target = found.get("Target", "")
        full = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}".lstrip("/")
        if full.lower() in names:
            targets[found.get("Id", "")] = names[full.lower()]
    return targets


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _letters(number: int) -> bytes:
    text = b""
    while number:
        number, rest = divmod(number - 1, 26)
        text = bytes((65 + rest,)) + text
    return text


# ---------------------------------------------------------------- a rectangle made small


class Compacted(NamedTuple):
    """A workbook with only its filled rows and columns in reach; row `n` of it was `rows[sheet][n - 1]`."""

    data: bytes
    rows: dict[str, array[int]]


def compacted(archive: zipfile.ZipFile, most_columns: int) -> Compacted:
    """An xlsx or xlsb without its empty rows and with that many columns from the first filled one."""
    out = io.BytesIO()
    rows: dict[str, array[int]] = {}
    binary = next((name for name in archive.namelist() if name.lower().endswith("workbook.bin")), None)
    sheets = dict(_binary_sheets(archive, binary) if binary else sheet_parts(archive))
    with zipfile.ZipFile(out, "w") as made:
        for part in archive.infolist():
            content = archive.read(part)
            if part.filename in sheets:
                name = sheets[part.filename]
                compact = _compact_binary if binary else _compact_xml
                content, rows[name] = compact(content, most_columns)
            made.writestr(part.filename, content)
    return Compacted(out.getvalue(), rows)


_TOKEN = re.compile(
    rb"<(?:\w+:)?(?:(row)\b([^>]*)>|c\b([^>]*)/>|c\b([^>]*[^>/]|)>(.*?)</(?:\w+:)?c>)", re.DOTALL
)
_R = re.compile(rb'\br\s*=\s*"([A-Z]*)([0-9]+)"')


def _cells(sheet: bytes) -> Iterator[tuple[int, int, bytes, bytes]]:
    """Row and column from 1, attributes and content of every cell that is not empty."""
    row = column = 0
    for is_row, row_attributes, empty, attributes, content in _TOKEN.findall(sheet):
        if is_row:
            place = _R.search(row_attributes)
            row, column = int(place[2]) if place else row + 1, 0
            continue
        place = _R.search(empty or attributes)
        column = _column_number(place[1]) if place else column + 1
        if content:
            yield row, column, attributes, content


def _compact_xml(sheet: bytes, most_columns: int) -> tuple[bytes, array[int]]:
    first = min((column for _, column, _, _ in _cells(sheet)), default=1)
    numbers = array("I")
    made: list[bytes] = [b"<sheetData>"]
    for row, column, attributes, content in _cells(sheet):
        if column >= first + most_columns:
            continue
        if not numbers or numbers[-1] != row:
            if numbers:
                made.append(b"</row>")
            numbers.append(row)
            made.append(b'<row r="%d">' % len(numbers))
        others = _R.sub(b"", attributes)
        made.append(b'<c r="%s%d"%s>%s</c>' % (_letters(column), len(numbers), others, content))
    made.append(b"</row></sheetData>" if numbers else b"</sheetData>")
    prefix = re.search(rb"<(\w+:)?sheetData\b", sheet)
    if prefix is None:
        return sheet, array("I", range(1, 1 << 20))
    end = sheet.rfind(b"sheetData>")
    tail = (
        sheet[end + len(b"sheetData>") :]
        if end > prefix.start()
        else sheet[prefix.end() :].partition(b">")[2]
    )
    if mark := prefix[1]:
        made = [re.sub(rb"<(/?)(?=(?:sheetData|row|c)\b)", rb"<\1" + mark, text) for text in made]
    head = re.sub(rb"<(?:\w+:)?dimension\b[^>]*>(?:</(?:\w+:)?dimension>)?", b"", sheet[: prefix.start()])
    return head + b"".join(made) + tail, numbers


def within(ranges: list[Range], rows: array[int]) -> list[Range]:
    """Merged ranges in terms of the rows that are left."""
    return [
        ((bisect_left(rows, top + 1), left), (bisect_right(rows, bottom + 1) - 1, right))
        for (top, left), (bottom, right) in ranges
    ]


# ---------------------------------------------------------------- xlsb


class Untold:
    """What else is in a workbook: by sheet its error cells and merges, and whether days count from 1904."""

    def __init__(self) -> None:
        self.errors: dict[str, Errors] = {}
        self.merges: dict[str, list[Range]] = {}
        self.date1904 = False


_ROW, _BLANK, _CELL_ERROR, _LAST_CELL, _FORMULA_ERROR = 0, 1, 3, 11, 11
_BOOK_PROPERTIES, _DIMENSION, _SHEET, _MERGE = 153, 148, 156, 176


def xlsb_untold(archive: zipfile.ZipFile, book: str) -> Untold:
    """What the fast reader does not tell of an xlsb whose workbook part is `book`."""
    untold = Untold()
    for kind, data, _ in _records(archive.read(book)):
        if kind == _BOOK_PROPERTIES and data:
            untold.date1904 = bool(data[0] & 1)
            break
    for part, name in _binary_sheets(archive, book):
        content = archive.read(part)
        errors = untold.errors.setdefault(name, [])
        merges = untold.merges.setdefault(name, [])
        row = 0
        for kind, data, _ in _records(content):
            if kind == _ROW:
                (row,) = struct.unpack_from("<I", data)
            elif kind in (_CELL_ERROR, _FORMULA_ERROR):
                (column,) = struct.unpack_from("<I", data)
                errors.append([row + 1, column, _ERROR_TEXTS.get(data[8], "#N/A")])
            elif kind == _MERGE:
                top, bottom, left, right = struct.unpack_from("<4I", data)
                merges.append(((top, left), (bottom, right)))
    return untold


def _binary_sheets(archive: zipfile.ZipFile, book: str) -> list[tuple[str, str]]:
    targets = _targets(archive, book)
    found: list[tuple[str, str]] = []
    for kind, data, _ in _records(archive.read(book)):
        if kind == _SHEET:
            texts, at = [], 8
            for _ in range(2):
                (length,) = struct.unpack_from("<I", data, at)
                length = 0 if length == 0xFFFFFFFF else length
                texts.append(data[at + 4 : at + 4 + 2 * length].decode("utf-16-le", "replace"))
                at += 4 + 2 * length
            if part := targets.get(texts[0]):
                found.append((part, texts[1]))
    return found


def _records(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Kind, content and head of every record of a part of an xlsb."""
    at, end = 0, len(data)
    while at < end:
        start = at
        kind = data[at]
        at += 1
        if kind & 0x80:
            kind = kind & 0x7F | data[at] << 7
            at += 1
        length = shift = 0
        for _ in range(4):
            byte = data[at]
            at += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        yield kind, data[at : at + length], data[start:at]
        at += length


def _compact_binary(sheet: bytes, most_columns: int) -> tuple[bytes, array[int]]:
    columns = [
        struct.unpack_from("<I", data)[0] for kind, data, _ in _records(sheet) if _BLANK < kind <= _LAST_CELL
    ]
    first = min(columns, default=0)
    numbers = array("I")
    made: list[bytes] = []
    row = 0
    waiting = b"", b""
    for kind, data, head in _records(sheet):
        if kind == _DIMENSION:
            data = struct.pack("<4I", 0, len(columns), first, first + most_columns)
        elif kind == _ROW:
            (row,) = struct.unpack_from("<I", data)
            waiting = data, head
            continue
        elif kind == _BLANK:
            continue
        elif kind <= _LAST_CELL:
            if struct.unpack_from("<I", data)[0] >= first + most_columns:
                continue
            if not numbers or numbers[-1] != row + 1:
                numbers.append(row + 1)
                made += waiting[1], struct.pack("<I", len(numbers) - 1) + waiting[0][4:]
        made += head, data
    return b"".join(made), numbers


# ---------------------------------------------------------------- xls


class Compound:
    """A compound file, which old workbooks are: `names` of its streams, and their bytes.

    Making one and reading raise ValueError, struct.error or IndexError where it is damaged.
    """

    _END = 0xFFFFFFFA  # and above: no sector
    _ROOT = "\x00"  # the entry that holds all short streams

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.places: dict[str, tuple[int, int]] = {}  # of every stream its first sector and size
        self.shift, self.mini_shift = struct.unpack_from("<2H", data, 30)
        if not 7 <= self.shift <= 16 or self.mini_shift > self.shift:
            raise ValueError("damaged compound file")
        self.most = (len(data) >> self.shift) + 1
        fat_count, self.directory = struct.unpack_from("<2I", data, 44)
        self.cutoff, self.mini_start, _, difat, _ = struct.unpack_from("<5I", data, 56)
        places = list(struct.unpack_from("<109I", data, 76))
        per_sector = (1 << self.shift) // 4
        for _ in range(self.most):
            if difat >= self._END:
                break
            block = struct.unpack(f"<{per_sector}I", self._sector(difat))
            places += block[:-1]
            difat = block[-1]
        self.fat = array("I")
        for place in places[: min(fat_count, self.most)]:
            if place < self._END:
                self.fat.frombytes(self._sector(place).ljust(1 << self.shift, b"\xff"))
        self._read_directory()

    def _sector(self, number: int) -> bytes:
        start = (number + 1) << self.shift
        if start >= len(self.data):
            raise ValueError("damaged compound file")
        return self.data[start : start + (1 << self.shift)]

    def _chain(self, start: int, fat: array[int], most: int) -> Iterator[int]:
        for _ in range(most):
            if start >= self._END:
                return
            yield start
            start = fat[start]
        raise ValueError("damaged compound file")

    def _read(self, start: int) -> bytes:
        return b"".join(map(self._sector, self._chain(start, self.fat, self.most)))

    def _read_directory(self) -> None:
        entries = self._read(self.directory)
        for at in range(0, len(entries) - 127, 128):
            length, kind = struct.unpack_from("<HB", entries, at + 64)
            name = entries[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            if kind in (2, 5):
                self.places.setdefault(
                    self._ROOT if kind == 5 else name, struct.unpack_from("<2I", entries, at + 116)
                )

    @property
    def names(self) -> set[str]:
        """The names of all streams."""
        return set(self.places) - {self._ROOT}

    def read(self, name: str) -> bytes:
        """The bytes of a stream."""
        start, size = self.places[name]
        if size >= self.cutoff:
            return self._read(start)[:size]
        mini = array("I")
        mini.frombytes(self._read(self.mini_start))
        small = self._read(self.places[self._ROOT][0])
        unit = 1 << self.mini_shift
        places = self._chain(start, mini, len(mini) + 1) if size else ()
        return b"".join(small[p * unit : (p + 1) * unit] for p in places)[:size]


_BOF, _EOF, _FILEPASS, _DATEMODE, _BOUNDSHEET, _BOOLERR = 0x0809, 0x000A, 0x002F, 0x0022, 0x0085, 0x0205
_FORMULAS = (0x0006, 0x0206, 0x0406)


def is_locked(stream: bytes) -> bool:
    """Whether the workbook stream of an xls is encrypted."""
    return any(kind == _FILEPASS for kind, _, _ in _old_records(stream[:4096]))


def xls_untold(stream: bytes, names: list[str]) -> Untold:
    """What the fast reader does not tell of an xls whose sheets have these names, in their order."""
    untold = Untold()
    sheets: dict[int, str] = {}
    open_parts: list[str] = []
    for kind, at, data in _old_records(stream):
        if kind == _BOF:
            open_parts.append(sheets.get(at, ""))
        elif kind == _EOF:
            if open_parts:
                open_parts.pop()
        elif kind == _BOUNDSHEET and len(data) >= 4:
            if len(sheets) < len(names):
                sheets[struct.unpack_from("<I", data)[0]] = names[len(sheets)]
        elif kind == _DATEMODE and data:
            untold.date1904 = data[0] == 1
        elif open_parts and open_parts[-1] and len(data) >= 8:
            code = -1
            if kind == _BOOLERR and data[7] == 1:
                code = data[6]
            elif kind in _FORMULAS and len(data) >= 14 and data[12:14] == b"\xff\xff" and data[6] == 2:
                code = data[8]
            if code >= 0:
                row, column = struct.unpack_from("<2H", data)
                text = _ERROR_TEXTS.get(code, "#N/A")
                untold.errors.setdefault(open_parts[-1], []).append([row + 1, column, text])
    return untold


def _old_records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Kind, place and content of every record of an xls."""
    at, end = 0, len(stream) - 3
    while at < end:
        kind, length = struct.unpack_from("<2H", stream, at)
        yield kind, at, stream[at + 4 : at + 4 + length]
        at += 4 + length
