"""Bytes of a foreign file to typed cells, in a process of its own with limits (import rules 2 and 12).

A workbook of 1.5 KB can make a parser ask for 550 GB and end its process without an exception. So `read`
starts a child that parses and sends cells as lines of JSON; a child that dies, hangs or is cancelled takes
only the import with it. What is in the file decides, not its name; nothing in it is ever run or followed.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import os
import queue
import re
import struct
import sys
import threading
import time
import zipfile
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from xml.parsers.expat import ExpatError

from shopcrm.basics.errors import Refusal
from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.texts import t
from shopcrm.excel.cells import ERROR, Book, Sheet
from shopcrm.excel.pieces import BigSheet, Rows, rows_of, rows_of_a_chunk
from shopcrm.excel.wire import Packing, numbers_of, packed_numbers, unpacked
from shopcrm.excel.workbook_parts import (
    Compound,
    Range,
    Scan,
    compacted,
    is_locked,
    within,
    xls_untold,
    xlsb_untold,
)

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

    from shopcrm.excel import text_tables, xml_tables

MOST_BYTES = 50 << 20
MOST_OWN_BYTES = 5 * MOST_BYTES
MOST_UNPACKED = 400 << 20
MOST_UNPACKED_PART = 200 << 20
MOST_ROWS = 200_000
MOST_COLUMNS = 256
MOST_SECONDS = 55.0  # with starting and refusing it stays under a minute
MOST_MEMORY = 1536 << 20
_MOST_AREA = 52_000_000  # cells of a rectangle, at some 24 bytes each, filled or not

_POLL_SECONDS = 0.05
_CAREFUL = "--careful"  # without what lies far off
_OWN = "--own"  # a whole shop of our own, which may hold more
_OWN_FACTOR = MOST_OWN_BYTES // MOST_BYTES
_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)

Emit = Callable[[dict[str, Any]], None]


# ---------------------------------------------------------------- the shop's side


class _ChildDied(Exception):
    """The parser took the child with it, or the child saw that it would."""


def read(path: Path, progress: Progress = SILENT, *, own: bool = False) -> Book:
    """The sheets of a file. Raises Refusal with a reason code of the import rules, and Cancelled.

    A file of our `own` may be five times as big as others.
    """
    from shopcrm.basics.values import clean_text  # the child has no use for it

    _refuse_at_sight(path, _OWN_FACTOR if own else 1)
    more = (_OWN,) if own else ()
    return _read_apart(clean_text(path.name), str(path.absolute()), b"", progress, *more)


def read_bytes(data: bytes, name: str, progress: Progress = SILENT) -> Book:
    """The same of what a file of our own holds that is on no disk as it is."""
    return _read_apart(name, "-", data, progress, _OWN)


def read_text(text: str, name: str, progress: Progress = SILENT) -> Book:
    """The same of a table copied as text; `name` is what its refusals call it."""
    book = _read_apart(name, "-", b"\xef\xbb\xbf" + text.encode("utf-8", "replace"), progress)
    book.encoding = ""  # nobody chose one
    return book


def read_here(path: Path) -> Book:
    """The same in this process, for tests and for files of our own making: no limits on time and memory."""
    _refuse_at_sight(path)
    gathered = _Gathered(path.name)
    try:
        _run(path.read_bytes(), gathered.take)
    except Refusal as refused:
        gathered.take(_refusal(refused))
    return gathered.book


def _read_apart(name: str, source: str, data: bytes, progress: Progress, *more: str) -> Book:
    deadline = time.monotonic() + MOST_SECONDS * (_OWN_FACTOR if _OWN in more else 1)
    try:
        return _read_in_child(name, _command(source, *more), data, deadline, progress)
    except _ChildDied:
        pass
    try:  # a stray cell in a far corner does that: once more without what lies far off
        return _read_in_child(name, _command(source, _CAREFUL, *more), data, deadline, progress)
    except _ChildDied:
        raise Refusal("corrupt_file", file=name) from None


def _read_in_child(name: str, command: list[str], data: bytes, deadline: float, progress: Progress) -> Book:
    import subprocess  # the child has no use for it

    child = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    assert child.stdout is not None
    assert child.stdin is not None
    pump = threading.Thread(target=_pump, args=(child.stdout, lines), name="import-reader", daemon=True)
    pump.start()
    feeder = threading.Thread(target=_feed, args=(child.stdin, data), name="import-feeder", daemon=True)
    feeder.start()
    try:
        return _collect(name, lines, deadline, _OWN_FACTOR if _OWN in command else 1, progress)
    finally:
        child.kill()
        child.wait()
        pump.join()
        feeder.join()
        child.stdout.close()


def _command(source: str, *more: str) -> list[str]:
    if getattr(sys, "frozen", False):
        return [sys.executable, "read", source, *more]
    return [sys.executable, "-m", "shopcrm.excel.reader", source, *more]


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


def _feed(stream: IO[bytes], data: bytes) -> None:
    with contextlib.suppress(OSError), stream:  # a child that died reads no more
        stream.write(data)


def _collect(
    name: str, lines: queue.SimpleQueue[bytes | None], deadline: float, factor: int, progress: Progress
) -> Book:
    gathered = _Gathered(name, factor)
    while True:
        progress.step(gathered.rows, max(gathered.total, gathered.rows + 1), "progress.reading")
        if time.monotonic() > deadline:
            raise Refusal("too_big", file=name, limit=_limit("seconds", factor))
        try:
            line = lines.get(timeout=_POLL_SECONDS)
        except queue.Empty:
            continue
        if line is None:  # the child ended without saying so: its parser died
            raise _ChildDied
        try:
            message = json.loads(line)
        except ValueError:
            raise _ChildDied from None
        if gathered.take(message):
            return gathered.book


def _limit(name: str, factor: int = 1) -> str:
    """A limit in words."""
    factor = 1 if name == "memory" else factor
    figures = {
        "bytes": MOST_BYTES >> 20, "unpacked": MOST_UNPACKED >> 20, "unpacked_part": MOST_UNPACKED_PART >> 20,
        "rows": MOST_ROWS, "seconds": round(MOST_SECONDS), "memory": MOST_MEMORY >> 20,
    }  # fmt: skip
    return t("limit." + name, n=f"{figures[name] * factor:,}")


class _Gathered:
    """Puts the lines of the child together again."""

    def __init__(self, name: str, factor: int = 1) -> None:
        self.name = name
        self.factor = factor  # how far beyond the usual limits this file may go
        self.book = Book("")
        self.rows = 0
        self.total = 0

    def take(self, message: dict[str, Any]) -> bool:
        """Take one message; True if it was the last."""
        if "columns" in message:
            numbers = numbers_of(message["numbers"])
            self.book.sheets[-1].add(numbers, list(map(unpacked, message["columns"])))
            self.rows += len(numbers)
        elif "sheet" in message:
            self.book.sheets.append(Sheet(message["sheet"], message["hidden"], message.get("first", 0)))
            self.total += message["rows"]
        elif "kind" in message:
            self.book = Book(message["kind"], message["date1904"], message.get("encoding", ""))
        elif "errors" in message:
            _put_errors(self.book, message["errors"])
        elif "refused" in message:
            limit = {"limit": _limit(message["limit"], self.factor)} if message["limit"] else {}
            raise Refusal(message["refused"], file=self.name, **limit)
        elif "again" in message:
            raise _ChildDied
        return "end" in message


def _put_errors(book: Book, errors: dict[str, list[list[Any]]]) -> None:
    """Mark error cells, which the fast reader gives as empty."""
    for sheet in book.sheets:
        place = {number: at for at, number in enumerate(sheet.numbers)}
        for number, at, text in errors.get(sheet.name, ()):
            column = at - sheet.first
            if number in place and 0 <= column < len(sheet.columns):
                cells = sheet.columns[column]
                if not cells[place[number]]:
                    cells[place[number]] = ERROR + text


def _refuse_at_sight(path: Path, factor: int = 1) -> None:
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
    if size > MOST_BYTES * factor:
        raise Refusal("too_big", file=path.name, limit=_limit("bytes", factor))


# ---------------------------------------------------------------- the child's side


def main(arguments: Sequence[str]) -> int:
    """Read the file named and write its cells to standard output; always 0, faults are told in the lines."""
    import gc

    gc.disable()  # short-lived: rows come and go, there is nothing to find
    # By its number: a program without a console has no sys.stdout, but the pipe is there.
    out = open(1, "wb", closefd=False)  # noqa: SIM115
    _limit_memory()
    lock = threading.Lock()

    def emit(message: dict[str, Any]) -> None:
        line = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        with lock:
            out.write(line + b"\n")
            out.flush()

    source, *more = arguments
    if _OWN in more:
        _lift_limits()
    try:
        data = open(0, "rb", closefd=False).read() if source == "-" else Path(source).read_bytes()  # noqa: SIM115
        _run(data, emit, careful=_CAREFUL in more)
    except Refusal as refused:
        emit(_refusal(refused))
    out.flush()
    os._exit(0)  # a thread may still scan a part nobody waits for


def _refusal(refused: Refusal) -> dict[str, Any]:
    return {"refused": refused.code, "limit": refused.values.get("limit", "")}


def _lift_limits() -> None:
    global MOST_ROWS, MOST_UNPACKED, MOST_UNPACKED_PART
    MOST_ROWS *= _OWN_FACTOR
    MOST_UNPACKED *= _OWN_FACTOR
    MOST_UNPACKED_PART *= _OWN_FACTOR


def _limit_memory() -> None:
    if sys.platform == "win32":
        _limit_memory_of_a_job()
        return
    import resource

    with contextlib.suppress(ValueError, OSError):  # not every system lets it be limited
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


def _limit_memory_of_a_job() -> None:
    """Windows limits the memory of jobs: this process becomes one (JOBOBJECT_EXTENDED_LIMIT_INFORMATION)."""
    import ctypes

    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined,unused-ignore]
    kernel.CreateJobObjectW.restype = kernel.GetCurrentProcess.restype = ctypes.c_void_p
    limits = bytearray(144)
    struct.pack_into("<I", limits, 16, 0x100)  # LimitFlags: JOB_OBJECT_LIMIT_PROCESS_MEMORY
    struct.pack_into("<Q", limits, 112, MOST_MEMORY)  # ProcessMemoryLimit
    job = ctypes.c_void_p(kernel.CreateJobObjectW(None, None))
    kernel.SetInformationJobObject(job, 9, bytes(limits), len(limits))
    kernel.AssignProcessToJobObject(job, ctypes.c_void_p(kernel.GetCurrentProcess()))


def _run(data: bytes, emit: Callable[[dict[str, Any]], Any], *, careful: bool = False) -> None:
    try:
        _dispatch(data, emit, careful)
    except (Refusal, _ChildDied):
        raise
    except MemoryError:
        raise Refusal("too_big", limit="memory") from None
    except BaseException as broken:  # the parser's panics are no Exceptions
        raise Refusal("corrupt_file") from broken
    emit({"end": True})


def _dispatch(data: bytes, emit: Emit, careful: bool) -> None:
    if not data.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"):
        raise Refusal("empty_file")
    if data.startswith(b"PK"):
        _read_zip(data, emit, careful)
    elif data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        _read_ole(data, emit)
    elif data[:2] in (b"\x09\x08", b"\x09\x00", b"\x09\x02", b"\x09\x04"):
        book = _load(io.BytesIO(data))  # an Excel sheet from before there were workbooks
        emit({"kind": "xls", "date1904": False})
        _read_sheets(book, emit)
    else:
        _read_text(data, emit)


# ---------------------------------------------------------------- workbooks


def _read_zip(data: bytes, emit: Emit, careful: bool) -> None:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise Refusal("corrupt_file") from None
    with archive:
        parts = archive.infolist()
        if sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise Refusal("too_big", limit="unpacked")
        if any(part.file_size > MOST_UNPACKED_PART for part in parts):
            raise Refusal("too_big", limit="unpacked_part")
        names = {part.filename for part in parts}
        if "mimetype" in names:
            _read_open_document(data, archive, names, careful, emit)
            return
        if any(part.flag_bits & 1 for part in parts):
            raise Refusal("password")
        binary = next((name for name in names if name.lower().endswith("workbook.bin")), None)
        books = [name for name in names if re.fullmatch(r"(?:.*/)?workbook\d*\.xml", name, re.IGNORECASE)]
        if not binary and not books:
            raise Refusal("not_spreadsheet")
        _refuse_dtd(archive, (name for name in names if name.endswith((".xml", ".rels"))))
        places: dict[str, array[int]] = {}
        if careful:
            small = compacted(archive, MOST_COLUMNS)
            data, places = small.data, small.rows
        if binary:
            _read_binary(data, archive, binary, places, emit)
        else:
            date1904 = re.search(rb'date1904\s*=\s*"(?:1|true)"', archive.read(books[0])) is not None
            _read_xlsx(data, archive, date1904, places, emit)


# What the fast reader does not tell of an ods: cells over several rows, errors, breaks within a paragraph;
# and what it would spend all time and memory on.
_UNTOLD_IN_ODS = re.compile(
    rb'number-rows-spanned="(?!1")|value-type="error"|>(?:#[A-Z]|Err:[0-9])|<text:(?:line-break|tab)'
    rb'|text:c="[0-9]{4}|-repeated="[0-9]{8}'
)


def _read_open_document(
    data: bytes, archive: zipfile.ZipFile, names: set[str], careful: bool, emit: Emit
) -> None:
    if b"spreadsheet" not in archive.read("mimetype")[:200]:
        raise Refusal("not_spreadsheet")
    manifest = "META-INF/manifest.xml"
    if manifest in names and b"encryption-data" in archive.read(manifest):
        raise Refusal("password")
    if "content.xml" not in names:
        raise Refusal("corrupt_file")
    _refuse_dtd(archive, ("content.xml",))
    content = archive.read("content.xml")
    if not careful and not _UNTOLD_IN_ODS.search(content):
        with contextlib.suppress(Refusal):  # more cells than it takes
            book = _load(io.BytesIO(data))
            emit({"kind": "ods", "date1904": False})
            _read_sheets(book, emit)
            return
    from shopcrm.excel import xml_tables

    try:
        tables = xml_tables.open_document(content, MOST_ROWS, MOST_COLUMNS)
    except ExpatError:
        raise Refusal("corrupt_file") from None
    emit({"kind": "ods", "date1904": False})
    _emit_tables(tables, emit)


def _read_binary(
    data: bytes, archive: zipfile.ZipFile, book: str, places: dict[str, array[int]], emit: Emit
) -> None:
    try:
        untold = xlsb_untold(archive, book)
    except (struct.error, IndexError):
        raise Refusal("corrupt_file") from None
    emit({"kind": "xlsb", "date1904": untold.date1904})
    _read_sheets(_load(io.BytesIO(data)), emit, untold.merges, places)
    emit({"errors": untold.errors})


def _read_xlsx(
    data: bytes, archive: zipfile.ZipFile, date1904: bool, places: dict[str, array[int]], emit: Emit
) -> None:
    def again() -> None:
        emit({"again": True})
        if __name__ == "__main__" or getattr(sys, "frozen", False):
            os._exit(0)  # before the reader asks for the memory

    big = None if places else BigSheet.of(archive)
    scan = Scan(archive, _MOST_AREA, None if places else again, big.part if big else "")
    scan.start()
    book = _load(io.BytesIO(data))
    emit({"kind": "xlsx", "date1904": date1904})
    apart = {big.name: partial(big.rows, scan, _load)} if big else {}
    _read_sheets(book, emit, places=places, apart=apart)
    scan.join()
    if scan.errors:
        emit({"errors": scan.errors})


def _refuse_dtd(archive: zipfile.ZipFile, names: Iterable[str]) -> None:
    for name in names:
        with archive.open(name) as part:
            if _DTD.search(part.read(4096)):
                raise Refusal("unsafe_file")


def _read_ole(data: bytes, emit: Emit) -> None:
    try:
        parts = Compound(data)
        names = parts.names
        name = next((name for name in ("Workbook", "Book", "WORKBOOK", "BOOK") if name in names), "")
        stream = parts.read(name) if name else b""
    except (ValueError, IndexError, KeyError, struct.error):
        raise Refusal("corrupt_file") from None
    if names & {"EncryptedPackage", "EncryptionInfo"} or is_locked(stream):
        raise Refusal("password")
    if not name:
        raise Refusal("not_spreadsheet" if names else "corrupt_file")
    book = _load(io.BytesIO(data))
    untold = xls_untold(stream, book.sheet_names)
    emit({"kind": "xls", "date1904": untold.date1904})
    _read_sheets(book, emit)
    emit({"errors": untold.errors})


def _load(data: io.BytesIO) -> CalamineWorkbook:
    import python_calamine as calamine

    try:
        return calamine.load_workbook(data)
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


def _read_sheets(
    book: CalamineWorkbook,
    emit: Emit,
    merges: Mapping[str, list[Range]] | None = None,
    places: Mapping[str, array[int]] | None = None,
    apart: Mapping[str, Callable[[], Rows | None]] | None = None,
) -> None:
    """Tell of all sheets; `merges` where the fast reader knows none, `places` if rows were left out, `apart`
    the sheets to be read in another way."""
    import python_calamine as calamine

    total = 0
    for meta in book.sheets_metadata:
        hidden = meta.visible != calamine.SheetVisibleEnum.Visible
        rows = None
        if meta.typ in (calamine.SheetTypeEnum.WorkSheet, calamine.SheetTypeEnum.MacroSheet):
            with contextlib.suppress(calamine.WorksheetNotFound):
                other = (apart or {}).get(meta.name)
                rows = other() if other else rows_of(book.get_sheet_by_name(meta.name))
        if rows is None:
            emit({"sheet": meta.name, "hidden": hidden, "rows": 0})
            continue
        emit({"sheet": meta.name, "hidden": hidden, "rows": rows.height, "first": rows.first})
        if merges and meta.name in merges:
            rows = rows._replace(merges=merges[meta.name])
        total = _read_sheet(rows, hidden, total, (places or {}).get(meta.name), emit)


def _read_sheet(rows: Rows, hidden: bool, total: int, places: array[int] | None, emit: Emit) -> int:
    (bottom, right), first = rows.last, rows.first
    ranges = within(rows.merges, places) if places else rows.merges
    merges = _vertical_merges((bottom, right - first), ranges, first)
    packing = Packing()
    for begin, chunk in rows.chunks:
        if merges:
            for number, row in enumerate(chunk, begin):
                _fill_merges(merges, number, row)
        end = begin + len(chunk)
        numbers: Sequence[int] = places[begin - 1 : end - 1] if places else range(begin, end)
        columns = list(zip(*chunk, strict=True))
        if all("" in column for column in columns):
            filled = [row.count("") < len(row) for row in chunk]
            columns = [tuple(itertools.compress(column, filled)) for column in columns]
            numbers = list(itertools.compress(numbers, filled))
        del columns[MOST_COLUMNS:]
        if numbers:
            total = _emit_columns(numbers, columns, total, hidden, packing, emit)
    return total


def _fill_merges(merges: _Merges, number: int, row: list[Any]) -> None:
    for column, value in merges.get(number, {}).items():
        if isinstance(value, int):  # the first row of a merge: look its value up for the rows below
            _set_below(merges, number, column, value, row)
        elif column < len(row) and row[column] == "":
            row[column] = value.value


class _Below:
    """The value of a merged range, for the rows below its first."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value: Any = ""


_Merges = dict[int, dict[int, "int | _Below"]]


def _vertical_merges(end: tuple[int, int], ranges: Iterable[Range], first: int) -> _Merges:
    """Row number -> column -> last row of a merge that begins there, or the value to repeat."""
    merges: _Merges = {}
    bottom, right = end
    filled = 0
    for (top, left), (last, _) in ranges:
        last = min(last, bottom)
        if last <= top or not first <= left <= right + first:
            continue
        filled += last - top
        if filled > 2 * MOST_ROWS:  # someone merged whole columns many times over; enough is enough
            break
        merges.setdefault(top + 1, {})[left - first] = last + 1
    return merges


def _set_below(merges: _Merges, number: int, column: int, last: int, row: list[Any]) -> None:
    if column >= len(row) or row[column] == "":
        return
    below = _Below()
    below.value = row[column]
    for other in range(number + 1, last + 1):
        merges.setdefault(other, {}).setdefault(column, below)


def _emit_columns(
    numbers: Sequence[int],
    columns: Iterable[Sequence[object]],
    before: int,
    hidden: bool,
    packing: Packing,
    emit: Emit,
) -> int:
    total = before + (0 if hidden else len(numbers))
    if total > MOST_ROWS:
        raise Refusal("too_big", limit="rows")
    packed = [packing.packed(at, column) for at, column in enumerate(columns)]
    emit({"numbers": packed_numbers(numbers), "columns": packed})
    return total


# ---------------------------------------------------------------- other tables


def _read_text(data: bytes, emit: Emit) -> None:
    from shopcrm.excel import text_tables  # not needed for most files, which wait for this process to start

    text = text_tables.decoded(data)
    if text_tables.is_archive(text.text):
        pages = text_tables.archive_pages(data)
        tables = [table for page in pages for table in text_tables.page_tables(page.text)]
        if not pages:
            raise Refusal("not_spreadsheet")  # a mail, perhaps
        _emit_pages(tables, pages[0], emit)
    elif re.search(r"<(?:\w+:)?(?:Workbook|document)\b", text.text[:8192]) and _is_xml_book(text.text):
        _read_xml(text.text, emit)
    elif text_tables.is_page(text.text):
        _emit_pages(text_tables.page_tables(text.text), text, emit)
    elif re.match(r"\s*<(?:\?xml|!DOCTYPE|html|svg)", text.text, re.IGNORECASE):
        raise Refusal("unsafe_file" if "<!ENTITY" in text.text[:65536] else "not_spreadsheet")
    else:
        emit({"kind": "text", "date1904": False, "encoding": text.encoding})
        _emit_table("", False, text_tables.records(text.text), 0, emit)


def _emit_pages(tables: list[list[text_tables.Row]], text: text_tables.Decoded, emit: Emit) -> None:
    emit({"kind": "html", "date1904": False, "encoding": text.encoding})
    total = 0
    for at, table in enumerate(tables, 1):
        total = _emit_table(str(at) if len(tables) > 1 else "", False, table, total, emit)


def _is_xml_book(text: str) -> bool:
    head = text[:8192]
    return (
        "urn:schemas-microsoft-com:office:spreadsheet" in head or "opendocument.spreadsheet" in head
    ) and re.match(r"\s*<\?xml", head) is not None


def _read_xml(text: str, emit: Emit) -> None:
    """A whole workbook in one XML text: Excel 2003's, or a flat OpenDocument."""
    from shopcrm.excel import xml_tables

    try:
        if "opendocument.spreadsheet" in text[:8192]:
            tables, date1904 = (
                xml_tables.open_document(_utf8(text), MOST_ROWS, MOST_COLUMNS),
                False,
            )
        else:
            tables, date1904 = xml_tables.spreadsheet_2003(_utf8(text), MOST_ROWS, MOST_COLUMNS)
    except ExpatError:
        raise Refusal("corrupt_file") from None
    emit({"kind": "xml", "date1904": date1904})
    _emit_tables(tables, emit)


def _utf8(text: str) -> bytes:
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text, count=1).encode("utf-8", "replace")


def _emit_tables(tables: list[xml_tables.Table], emit: Emit) -> None:
    total = 0
    for table in tables:
        total = _emit_table(table.name, table.hidden, table.rows, total, emit)
    emit({"errors": {table.name: table.errors for table in tables if table.errors}})


def _emit_table(
    name: str, hidden: bool, table: Iterable[tuple[int, Sequence[object]]], before: int, emit: Emit
) -> int:
    rows = list(itertools.islice(table, MOST_ROWS + 1 if hidden else MOST_ROWS + 1 - before))
    first = min((_first_filled(row) for _, row in rows), default=0)
    emit({"sheet": name, "hidden": hidden, "rows": len(rows), "first": first})
    most = rows_of_a_chunk(min(max((len(row) - first for _, row in rows), default=0), MOST_COLUMNS))
    packing = Packing()
    total = before
    for start in range(0, len(rows), most):
        part = rows[start : start + most]
        numbers = [number for number, _ in part]
        columns = itertools.zip_longest(*(row[first : first + MOST_COLUMNS] for _, row in part), fillvalue="")
        total = _emit_columns(numbers, columns, total, hidden, packing, emit)
    return total


def _first_filled(row: Sequence[object]) -> int:
    return next((at for at, cell in enumerate(row) if cell != ""), len(row))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
