"""Bytes of a foreign file to typed cells, in a process of its own with limits (import rules 2 and 12).

A workbook of 1.5 KB can make a parser ask for 550 GB and end its process without an exception. So `read`
starts a child that parses and sends cells as lines of JSON; a child that dies, hangs or is cancelled takes
only the import with it. What is in the file decides, not its name; nothing in it is ever run or followed.
"""

from __future__ import annotations

import csv
import io
import json
import os
import queue
import re
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shopcrm.basics.errors import Refusal
from shopcrm.basics.fields import KNOWN_HEADINGS, plain_heading
from shopcrm.basics.progress import SILENT, Progress
from shopcrm.excel.cells import ERROR, Book, Sheet
from shopcrm.excel.wire import Packing, Unpacking, numbers_of, packed_numbers

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

MOST_BYTES = 50 << 20
MOST_UNPACKED = 400 << 20
MOST_UNPACKED_PART = 200 << 20
MOST_ROWS = 200_000
MOST_COLUMNS = 256
MOST_SECONDS = 60.0
MOST_MEMORY = 1536 << 20
_MOST_AREA = 52_000_000  # cells of a rectangle, at some 24 bytes each, filled or not

_CHUNK = 72_000  # cells of one line: big enough to see repetition, small enough not to hold up the window
_POLL_SECONDS = 0.05
_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)

Emit = Callable[[dict[str, Any]], None]
_Range = tuple[tuple[int, int], tuple[int, int]]  # rows and columns from 0, both ends included
_Ranges = dict[str, list[_Range]]


# ---------------------------------------------------------------- the shop's side


def read(path: Path, progress: Progress = SILENT) -> Book:
    """The sheets of a file. Raises Refusal with a reason code of the import rules, and Cancelled."""
    _refuse_at_sight(path)
    child = subprocess.Popen(
        _command(path),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    assert child.stdout is not None
    pump = threading.Thread(target=_pump, args=(child.stdout, lines), name="import-reader", daemon=True)
    pump.start()
    try:
        return _collect(path, lines, progress)
    finally:
        child.kill()
        child.wait()
        pump.join()
        child.stdout.close()


def read_here(path: Path) -> Book:
    """The same in this process, for tests and for files of our own making: no limits on time and memory."""
    _refuse_at_sight(path)
    gathered = _Gathered(path)
    _run(path, gathered.take)
    return gathered.book


def _command(path: Path) -> list[str]:
    if getattr(sys, "frozen", False):
        return [sys.executable, "read", str(path.absolute())]
    return [sys.executable, "-m", "shopcrm.excel.reader", str(path.absolute())]


def _environment() -> dict[str, str]:
    root = str(Path(__file__).resolve().parents[2])
    older = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": root + (os.pathsep + older if older else ""), "PYTHONUTF8": "1"}


def _pump(stream: Iterable[bytes], lines: queue.SimpleQueue[bytes | None]) -> None:
    try:
        for line in stream:
            lines.put(line)
    finally:
        lines.put(None)


def _collect(path: Path, lines: queue.SimpleQueue[bytes | None], progress: Progress) -> Book:
    gathered = _Gathered(path)
    deadline = time.monotonic() + MOST_SECONDS
    while True:
        progress.step(gathered.rows, max(gathered.total, gathered.rows + 1), "progress.reading")
        if time.monotonic() > deadline:
            raise Refusal("too_big", file=path.name, limit=f"{MOST_SECONDS:.0f} s")
        try:
            line = lines.get(timeout=_POLL_SECONDS)
        except queue.Empty:
            continue
        if line is None:  # the child ended without saying so: its parser died
            raise Refusal("corrupt_file", file=path.name)
        if gathered.take(json.loads(line)):
            return gathered.book


class _Gathered:
    """Puts the lines of the child together again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.book = Book("")
        self.rows = 0
        self.total = 0
        self._unpacking = Unpacking()

    def take(self, message: dict[str, Any]) -> bool:
        """Take one message; True if it was the last."""
        if "columns" in message:
            columns = [self._unpacking.column(at, packed) for at, packed in enumerate(message["columns"])]
            numbers = numbers_of(message["numbers"])
            self.book.sheets[-1].add(numbers, columns)
            self.rows += len(numbers)
        elif "sheet" in message:
            self.book.sheets.append(Sheet(message["sheet"], message["hidden"]))
            self.total += message["rows"]
            self._unpacking = Unpacking()
        elif "kind" in message:
            self.book = Book(message["kind"], message["date1904"])
        elif "errors" in message:
            _put_errors(self.book, message["errors"])
        elif "refused" in message:
            raise Refusal(message["refused"], file=self.path.name, **message["values"])
        return "end" in message


def _put_errors(book: Book, errors: dict[str, list[list[Any]]]) -> None:
    """Mark error cells, which the fast reader gives as empty."""
    for sheet in book.sheets:
        place = {number: at for at, number in enumerate(sheet.numbers)}
        for number, column, text in errors.get(sheet.name, ()):
            if (
                number in place
                and column < len(sheet.columns)
                and sheet.columns[column][place[number]] is None
            ):
                sheet.columns[column][place[number]] = ERROR + text


def _refuse_at_sight(path: Path) -> None:
    # A folder, or a pipe or device, which could keep us waiting for ever.
    if (path.exists() and not path.is_file()) or path.name.startswith("~$"):
        raise Refusal("not_spreadsheet", file=path.name)
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            stream.read(1)
    except FileNotFoundError:
        raise Refusal("no_file", file=path.name) from None
    except OSError:
        raise Refusal("file_in_use", file=path.name) from None
    if size == 0:
        raise Refusal("empty_file", file=path.name)
    if size > MOST_BYTES:
        raise Refusal("too_big", file=path.name, limit=f"{MOST_BYTES >> 20} MB")


# ---------------------------------------------------------------- the child's side


def main(arguments: Sequence[str]) -> int:
    """Read the file named and write its cells to standard output; always 0, faults are told in the lines."""
    import gc

    gc.disable()  # short-lived: rows come and go, there is nothing to find
    out = sys.stdout.buffer
    _limit_memory()
    lock = threading.Lock()

    def emit(message: dict[str, Any]) -> None:
        line = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        with lock:
            out.write(line + b"\n")
            out.flush()

    try:
        _run(Path(arguments[0]), emit)
    except Refusal as refused:
        emit({"refused": refused.code, "values": refused.values})
    out.flush()
    os._exit(0)  # a thread may still scan a part nobody waits for


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows: the check of a sheet's area has to do
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


def _run(path: Path, emit: Callable[[dict[str, Any]], Any]) -> None:
    data = path.read_bytes()
    try:
        _dispatch(data, emit)
    except Refusal:
        raise
    except MemoryError:
        raise Refusal("too_big", limit=f"{MOST_MEMORY >> 20} MB") from None
    except BaseException as broken:  # the parser's panics are no Exceptions
        raise Refusal("corrupt_file") from broken
    emit({"end": True})


def _dispatch(data: bytes, emit: Emit) -> None:
    if not data.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"):
        raise Refusal("empty_file")
    if data.startswith(b"PK"):
        _read_zip(data, emit)
    elif data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        _read_ole(data, emit)
    elif data[:2] == b"\x09\x08" or data[:2] in (b"\x09\x00", b"\x09\x02", b"\x09\x04"):
        _read_workbook(data, "xls", emit)  # an Excel sheet from before there were workbooks
    else:
        _read_text(data, emit)


# ---------------------------------------------------------------- workbooks


def _read_zip(data: bytes, emit: Emit) -> None:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise Refusal("corrupt_file") from None
    with archive:
        parts = archive.infolist()
        if sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise Refusal("too_big", limit=f"{MOST_UNPACKED >> 20} MB")
        if any(part.file_size > MOST_UNPACKED_PART for part in parts):
            raise Refusal("too_big", limit=f"{MOST_UNPACKED_PART >> 20} MB")
        names = {part.filename for part in parts}
        if "mimetype" in names:
            if b"spreadsheet" not in archive.read("mimetype")[:200]:
                raise Refusal("not_spreadsheet")
            if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read(
                "META-INF/manifest.xml"
            ):
                raise Refusal("password")
            _refuse_dtd(archive, (name for name in ("content.xml", "styles.xml") if name in names))
            content = archive.read("content.xml") if "content.xml" in names else b""
            merges = _ods_merges(content) if b"number-rows-spanned" in content else {}
            _read_workbook(data, "ods", emit, merges=merges)
            return
        if any(part.flag_bits & 1 for part in parts):
            raise Refusal("password")
        if any(name.lower().endswith("workbook.bin") for name in names):
            _read_workbook(data, "xlsb", emit)
            return
        books = [name for name in names if re.fullmatch(r"(?:.*/)?workbook\d*\.xml", name, re.IGNORECASE)]
        if not books:
            raise Refusal("not_spreadsheet")
        _refuse_dtd(archive, (name for name in names if name.endswith((".xml", ".rels"))))
        date1904 = re.search(rb'date1904\s*=\s*"(?:1|true)"', archive.read(books[0])) is not None
        scan = _Scan(archive, emit)
        scan.start()
        _read_workbook(data, "xlsx", emit, date1904=date1904)
        scan.join()
        if scan.errors:
            emit({"errors": scan.errors})


def _refuse_dtd(archive: zipfile.ZipFile, names: Iterable[str]) -> None:
    for name in names:
        with archive.open(name) as part:
            if _DTD.search(part.read(4096)):
                raise Refusal("unsafe_file")


class _Scan(threading.Thread):
    """Looks through the sheets of an xlsx while the fast reader, which lets go of Python's lock, parses them.

    Finds what that reader cannot tell or survive: cells with errors, and rectangles too big to be held.
    """

    _VALUE = (b"<v>", b"<v ", b"<is>", b"<t>")
    _PLACE = re.compile(rb'[ \n]r="([A-Z]{1,3})([0-9]{1,7})"')
    _FAR = re.compile(rb'[ \n]r="([A-Z]{3})[0-9]{1,7}"[^>]*[^/>]>')
    _MAY_BE_FAR = re.compile(rb'r="[A-Z]{3}')  # begins with something to search for: seven times as quick
    _ERROR = re.compile(
        rb'<c\b([^>]*\bt="e"[^>]*)>(?:<f[^>]*?(?:/>|>.*?</f>))?<v[^>]*>([^<]*)</v>', re.DOTALL
    )

    def __init__(self, archive: zipfile.ZipFile, emit: Emit) -> None:
        super().__init__(name="import-scan", daemon=True)
        self.archive = archive
        self.emit = emit
        self.errors: dict[str, list[list[Any]]] = {}

    def run(self) -> None:
        try:
            for part, sheet in _sheet_parts(self.archive):
                self._look(part, sheet)
        except (zipfile.BadZipFile, OSError, ValueError, KeyError, EOFError, RuntimeError, MemoryError):
            return  # the reader will say so

    def _look(self, part: str, sheet: str) -> None:
        errors = False
        far = last = 0
        tail = b""
        with self.archive.open(part) as stream:
            while block := stream.read(1 << 20):
                text = tail + block
                errors = errors or b't="e"' in text
                end = max(text.rfind(mark) for mark in self._VALUE)
                if end >= 0 and (at := text.rfind(b' r="', 0, end)) >= 0:
                    place = self._PLACE.match(text, at)
                    last = max(last, int(place[2]) if place else 0)
                if self._MAY_BE_FAR.search(text) and (found := self._FAR.findall(text)):
                    far = max(far, *(_column_number(letters) for letters in set(found)))
                tail = text[-256:]
                if last * (far or 702) > _MOST_AREA and far:
                    self._too_big()
        if errors:
            with self.archive.open(part) as stream:
                whole = stream.read()
            found_errors: list[list[Any]] = []
            for attributes, text in self._ERROR.findall(whole):
                place = self._PLACE.search(b" " + attributes)
                if place:
                    column = _column_number(place[1]) - 1
                    found_errors.append([int(place[2]), column, text.decode("utf-8", "replace")])
            self.errors[sheet] = found_errors

    def _too_big(self) -> None:
        self.emit({"refused": "too_big", "values": {"limit": f"{MOST_COLUMNS} × {MOST_ROWS:,}"}})
        if threading.main_thread() is not threading.current_thread() and __name__ == "__main__":
            os._exit(0)  # before the reader asks for the memory


def _sheet_parts(archive: zipfile.ZipFile) -> list[tuple[str, str]]:
    """Part name and sheet name of each worksheet."""
    names = {name.lower().lstrip("/"): name for name in archive.namelist()}
    book = next(name for low, name in names.items() if re.fullmatch(r"(?:.*/)?workbook\d*\.xml", low))
    folder, _, file = book.rpartition("/")
    rels = names.get(f"{folder}/_rels/{file}.rels".lower().lstrip("/"))
    if rels is None:
        return []
    targets: dict[str, str] = {}
    for tag in re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", archive.read(rels).decode("utf-8", "replace")):
        found = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        targets[found.get("Id", "")] = found.get("Target", "")
    parts: list[tuple[str, str]] = []
    for tag in re.findall(r"<(?:\w+:)?sheet\b[^>]*>", archive.read(book).decode("utf-8", "replace")):
        found = dict(re.findall(r'([\w:]+)="([^"]*)"', tag))
        rel = next((value for key, value in found.items() if key.endswith(":id")), "")
        target = targets.get(rel, "")
        full = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}".lstrip("/")
        part = names.get(full.lower())
        if part:
            parts.append((part, _unescaped(found.get("name", ""))))
    return parts


def _unescaped(text: str) -> str:
    import html

    return html.unescape(text)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _ods_merges(content: bytes) -> _Ranges:
    """The merged ranges of every sheet of an ods, which the fast reader does not tell."""
    from xml.parsers import expat

    found: _Ranges = {}
    sheet: list[_Range] = []
    row = column = 0
    repeated = 1  # of the row

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal sheet, row, column, repeated
        if tag == "table:table":
            sheet = found.setdefault(attributes.get("table:name", ""), [])
            row = 0
        elif tag == "table:table-row":
            column, repeated = 0, int(attributes.get("table:number-rows-repeated", 1))
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            rows = int(attributes.get("table:number-rows-spanned", 1))
            if rows > 1:
                sheet.append(((row, column), (row + rows - 1, column)))
            column += int(attributes.get("table:number-columns-repeated", 1))

    def end(tag: str) -> None:
        nonlocal row
        if tag == "table:table-row":
            row += repeated

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.Parse(content, True)
    return found


def _read_ole(data: bytes, emit: Emit) -> None:
    def has(stream: str) -> bool:
        return stream.encode("utf-16-le") in data

    if has("EncryptedPackage") or has("EncryptionInfo"):
        raise Refusal("password")
    if not (has("Workbook") or has("Book")):
        raise Refusal(
            "not_spreadsheet" if has("WordDocument") or has("PowerPoint Document") else "corrupt_file"
        )
    _read_workbook(data, "xls", emit)


def _read_workbook(
    data: bytes, kind: str, emit: Emit, *, date1904: bool = False, merges: _Ranges | None = None
) -> None:
    import python_calamine as calamine

    try:
        book = calamine.load_workbook(io.BytesIO(data))
    except calamine.PasswordError:
        raise Refusal("password") from None
    except calamine.XmlError as broken:
        raise Refusal(
            "unsafe_file" if "DTD" in str(broken) or "ntit" in str(broken) else "corrupt_file"
        ) from None
    except (calamine.CalamineError, ValueError, OSError) as broken:
        if "assword" in str(broken) or "ncrypt" in str(broken):
            raise Refusal("password") from None
        raise Refusal("corrupt_file") from None
    emit({"kind": kind, "date1904": date1904})
    rows = 0
    for meta in book.sheets_metadata:
        hidden = meta.visible != calamine.SheetVisibleEnum.Visible
        if meta.typ not in (calamine.SheetTypeEnum.WorkSheet, calamine.SheetTypeEnum.MacroSheet):
            emit({"sheet": meta.name, "hidden": hidden, "rows": 0})
            continue
        rows = _read_sheet(book, meta.name, hidden, rows, (merges or {}).get(meta.name), emit)


def _read_sheet(
    book: CalamineWorkbook, name: str, hidden: bool, rows: int, ranges: list[_Range] | None, emit: Emit
) -> int:
    import python_calamine as calamine

    try:
        sheet = book.get_sheet_by_name(name)
    except calamine.WorksheetNotFound:
        emit({"sheet": name, "hidden": hidden, "rows": 0})
        return rows
    emit({"sheet": name, "hidden": hidden, "rows": sheet.height})
    if sheet.start is None or sheet.end is None:
        return rows
    first = sheet.start[1]
    most = _rows_of_a_chunk(sheet.end[1] + 1)
    merges = _vertical_merges(sheet.end, ranges or sheet.merged_cell_ranges or ())
    packing = Packing()
    number = 0
    numbers: list[int] = []
    kept: list[list[object]] = []
    for row in sheet.iter_rows():
        number += 1
        if number in merges:
            for column, value in merges[number].items():
                if isinstance(value, int):  # the first row of a merge: look its value up for the rows below
                    _set_below(merges, number, column, value, row)
                elif column < len(row) and row[column] == "":
                    row[column] = value.value
        if row.count("") == len(row):
            continue
        numbers.append(number)
        kept.append(row[: first + MOST_COLUMNS])  # type: ignore[arg-type]
        if len(numbers) >= most:
            rows = _emit_rows(numbers, kept, rows, hidden, packing, emit)
            numbers, kept = [], []
    return _emit_rows(numbers, kept, rows, hidden, packing, emit) if numbers else rows


class _Below:
    """The value of a merged range, for the rows below its first."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value: Any = ""


_Merges = dict[int, dict[int, "int | _Below"]]


def _vertical_merges(end: tuple[int, int], ranges: Iterable[_Range]) -> _Merges:
    """Row number -> column -> last row of a merge that begins there, or the value to repeat."""
    merges: _Merges = {}
    bottom, right = end
    filled = 0
    for (top, left), (last, _) in ranges:
        last = min(last, bottom)
        if last <= top or left > right:
            continue
        filled += last - top
        if filled > 2 * MOST_ROWS:  # someone merged whole columns many times over; enough is enough
            break
        merges.setdefault(top + 1, {})[left] = last + 1
    return merges


def _set_below(merges: _Merges, number: int, column: int, last: int, row: list[Any]) -> None:
    if column >= len(row) or row[column] == "":
        return
    below = _Below()
    below.value = row[column]
    for other in range(number + 1, last + 1):
        merges.setdefault(other, {}).setdefault(column, below)


def _rows_of_a_chunk(width: int) -> int:
    return max(200, _CHUNK // max(width, 1))


def _emit_rows(
    numbers: list[int], rows: list[list[object]], before: int, hidden: bool, packing: Packing, emit: Emit
) -> int:
    total = before + (0 if hidden else len(numbers))
    if total > MOST_ROWS:
        raise Refusal("too_big", limit=f"{MOST_ROWS:,}")
    width = max(map(len, rows))
    for row in rows:
        if len(row) < width:
            row.extend([""] * (width - len(row)))
    columns = [packing.packed(at, column) for at, column in enumerate(zip(*rows, strict=True))]
    emit({"numbers": packed_numbers(numbers), "columns": columns})
    return total


# ---------------------------------------------------------------- text and HTML


_SEPARATORS = (",", "\t", ";", "|")
_HAN = re.compile("[\u4e00-\u9fff]")
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def _read_text(data: bytes, emit: Emit) -> None:
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(
        (b"%pdf", b"{\\rtf", b"mz", b"\x7felf", b"gif8", b"\x89png", b"\xff\xd8\xff", b"rar!", b"7z\xbc")
    ):
        raise Refusal("not_spreadsheet")
    if b"urn:schemas-microsoft-com:office:spreadsheet" in head and head.startswith(b"<?xml"):
        if _DTD.search(data[:65536]):
            raise Refusal("unsafe_file")
        raise Refusal("not_spreadsheet")
    text = _decoded(data)
    if re.match(r"\s*<", text) and re.search(r"<table\b", text[:200_000], re.IGNORECASE):
        _read_html(text, emit)
        return
    if re.match(r"\s*<(?:\?xml|!DOCTYPE|html)", text, re.IGNORECASE):
        raise Refusal("unsafe_file" if "<!ENTITY" in text[:65536] else "not_spreadsheet")
    emit({"kind": "text", "date1904": False})
    emit({"sheet": "", "hidden": False, "rows": text.count("\n")})
    numbers: list[int] = []
    rows: list[list[object]] = []
    total = 0
    packing = Packing()
    for number, record in enumerate(_records(text), 1):
        cells: list[object] = [_text_cell(cell) for cell in record[:MOST_COLUMNS]]
        if not any(cells):
            continue
        numbers.append(number)
        rows.append(cells)
        if len(rows) >= _rows_of_a_chunk(len(cells)):
            total = _emit_rows(numbers, rows, total, False, packing, emit)
            numbers, rows = [], []
    if rows:
        _emit_rows(numbers, rows, total, False, packing, emit)


def _decoded(data: bytes) -> str:
    for mark, name in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(name)
            except UnicodeDecodeError:
                raise Refusal("bad_encoding") from None
    if _BINARY.search(data[:65536]):
        raise Refusal("not_spreadsheet")
    found: list[tuple[int, str]] = []
    for name in ("utf-8", "gb18030", "big5hkscs"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if name == "utf-8":
            return text
        found.append((_known(text[:20_000]), text))
    if not found or _is_mixed(data):
        raise Refusal("bad_encoding")
    return max(found, key=lambda pair: pair[0])[1]  # of equals the first: far more tills write GB18030


def _is_mixed(data: bytes) -> bool:
    """Whether some lines are UTF-8 and others not: Chinese in GBK hardly ever looks like UTF-8."""
    chinese = utf8 = 0
    for line in data.splitlines():
        if not line.isascii():
            chinese += 1
            try:
                utf8 += len(_HAN.findall(line.decode("utf-8"))) >= 2
            except UnicodeDecodeError:
                continue
    return utf8 > chinese // 50


def _known(text: str) -> int:
    return sum(plain_heading(part) in KNOWN_HEADINGS for part in set(re.split(r"[,\t;|\r\n\"<>]+", text)))


def _records(text: str) -> Iterator[list[str]]:
    first = re.match(r"sep=(.)\r?\n?", text, re.IGNORECASE)
    if first:
        separator, start = first[1], first.end()  # no record: Excel does not show it either
    else:
        separator, start = _separator(text), 0
    csv.field_size_limit(1 << 24)
    rest = text[start:].replace("\x00", "")
    yield from _parsed(
        rest, separator, csv.QUOTE_MINIMAL if _quotes_close(rest, separator) else csv.QUOTE_NONE
    )


def _parsed(text: str, separator: str, quoting: int) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=quoting)  # type: ignore[arg-type]


def _quotes_close(text: str, separator: str) -> bool:
    """Whether quotes can be trusted: one that is never closed would swallow all rows after it."""
    if '"' not in text:
        return True
    lines = _parsed(text, separator, csv.QUOTE_MINIMAL)
    before = 0
    try:
        for record in lines:
            at: int = lines.line_num  # type: ignore[attr-defined]
            if at - before > 200 or (at - before > 20 and len(record) == 1):
                return False
            before = at
        return _ends_outside_quotes(text, separator)
    except csv.Error:
        return False


def _ends_outside_quotes(text: str, separator: str) -> bool:
    try:
        for _record in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end" not in str(error)
    return True


def _separator(text: str) -> str:
    """The separator that shows the most known headings in one of the first lines, then the most columns."""
    lines = text[:50_000].splitlines()[:40]
    best, best_score = ",", (0, 0)
    for separator in _SEPARATORS:
        score = (0, 0)
        for line in lines:
            if separator in line:
                cells = next(csv.reader([line], delimiter=separator), [])
                known = sum(plain_heading(_text_cell(cell)) in KNOWN_HEADINGS for cell in cells)
                score = max(score, (known, len(cells)))
        if score > best_score:
            best, best_score = separator, score
    return best


_FORMULA_TEXT = re.compile(r'="(.*)"', re.DOTALL)


def _text_cell(cell: str) -> str:
    """A cell of a text table without the habits of exports: `="138…"`, tabs around it, a guarding `'`."""
    cell = cell.strip("\t")
    if cell.startswith('="') and (found := _FORMULA_TEXT.fullmatch(cell)):
        cell = found[1].replace('""', '"')
    return unguarded(cell) if cell.startswith("'") else cell


_GUARDED = re.compile(r"'+\s*(?:[=+\-@＝＋－＠\t\r]|[0-9])", re.DOTALL)
_DANGEROUS = re.compile(r"\s*[=+\-@＝＋－＠]|[ \u3000]*[\t\r]")


def guarded(text: str) -> str:
    """The text for a CSV file: what a spreadsheet would take for a formula gets a `'` in front (rule 13)."""
    return "'" + text if _DANGEROUS.match(text) or _GUARDED.match(text) else text


def unguarded(text: str) -> str:
    """The text without the guard: undoes `guarded`."""
    return text[1:] if _GUARDED.match(text) else text


def _read_html(text: str, emit: Emit) -> None:
    tables = _Tables()
    tables.feed(text)
    tables.close()
    emit({"kind": "html", "date1904": False})
    total = 0
    for at, table in enumerate(tables.tables, 1):
        emit({"sheet": str(at) if len(tables.tables) > 1 else "", "hidden": False, "rows": len(table)})
        filled = [(number, row[:MOST_COLUMNS]) for number, row in enumerate(table, 1) if any(row)]
        size = _rows_of_a_chunk(max((len(row) for _, row in filled), default=1))
        packing = Packing()
        for start in range(0, len(filled), size):
            part = filled[start : start + size]
            rows: list[list[object]] = [list(row) for _, row in part]
            total = _emit_rows([number for number, _ in part], rows, total, False, packing, emit)


class _Tables(HTMLParser):
    """The tables of a page as rows of texts; a cell over several rows counts in each of them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._cell: list[str] | None = None
        self._span = (1, 1)
        self._below: dict[int, tuple[int, str]] = {}  # column -> rows still to fill, text
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._end_cell()
            self.tables.append([])
            self._below = {}
        elif tag == "tr" and self.tables:
            self._end_cell()
            self.tables[-1].append([])
        elif tag in ("td", "th") and self.tables:
            self._end_cell()
            if not self.tables[-1]:
                self.tables[-1].append([])
            values = dict(attrs)
            self._span = (_span(values.get("rowspan")), _span(values.get("colspan")))
            self._cell = []
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")
        elif tag in ("script", "style"):
            self._hidden += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._end_cell()
        elif tag in ("script", "style"):
            self._hidden = max(0, self._hidden - 1)

    def handle_data(self, data: str) -> None:
        if self._cell is not None and not self._hidden:
            self._cell.append(data)

    def close(self) -> None:
        super().close()
        self._end_cell()

    def _end_cell(self) -> None:
        if self._cell is None:
            return
        text = "".join(self._cell).strip()
        self._cell = None
        row = self.tables[-1][-1]
        while len(row) in self._below:
            left, above = self._below.pop(len(row))
            if left > 1:
                self._below[len(row)] = (left - 1, above)
            row.append(above)
        rows, columns = self._span
        if rows > 1:
            self._below[len(row)] = (rows - 1, text)
        row.append(text)
        row.extend([""] * (min(columns, MOST_COLUMNS) - 1))


def _span(text: str | None) -> int:
    return int(text) if text and text.isdigit() and len(text) < 6 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
