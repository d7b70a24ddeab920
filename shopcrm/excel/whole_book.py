"""A workbook that holds a whole shop: known by its mark, read whole or refused with the place at fault.

It may have been opened and saved by any program, its sheets and columns moved; a cell that no shop of ours
could hold refuses it, because what goes in is all or nothing.
"""

from __future__ import annotations

import json
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from shopcrm.basics.errors import InputError, Refusal
from shopcrm.basics.fields import plain_heading
from shopcrm.basics.settings import SETTINGS
from shopcrm.basics.texts import catalogue
from shopcrm.basics.values import Birthday
from shopcrm.excel.cells import Book, Cell, Column, Sheet, decode, shown
from shopcrm.store.whole_shop import FORMAT, KEPT, MARK, KeptColumn, KeptTable

_MARK = re.compile(re.escape(MARK) + r" ([0-9]{1,6})")
_PROPERTIES, _MOST_PROPERTIES = "docProps/core.xml", 100_000
_MOST_DIRECTORY = 1_000_000  # bytes: some thousand parts, where ours has a dozen
_TAIL = 22 + 0xFFFF  # within which an archive says where its list of parts is
_UNFIT = (OSError, EOFError, KeyError, ValueError, NotImplementedError, RuntimeError, struct.error)
_LOOKED_AT = 20  # rows and columns in which the mark is looked for
_MOST = (1 << 53) - 1  # what a cell holds exactly
_NUMBERS = frozenset(("id", "ref", "int", "flag", "money", "real"))

Rows = list[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class WholeShop:
    """The rows of every table by its name, in the order of their ids, and the day they stand for."""

    day: date
    tables: dict[str, Rows]


def is_whole_shop(book: Book) -> bool:
    """Whether a file carries the mark of a whole shop."""
    return _found_mark(book) is not None


def bears_mark(path: Path) -> bool:
    """Whether a file says of itself, before it is read, that it holds a whole shop.

    Asked in the shop's own process: neither a pipe nor a bomb may keep it.
    """
    try:
        if not path.is_file() or _directory_bytes(path) > _MOST_DIRECTORY:
            return False
        with zipfile.ZipFile(path) as parts:
            part = parts.getinfo(_PROPERTIES)
            if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                return False  # no spreadsheet program does that, and the others unpack without a bound
            with parts.open(part) as properties:
                return MARK.encode() in properties.read(_MOST_PROPERTIES)
    except (*_UNFIT, zlib.error, zipfile.BadZipFile):
        return False  # the reader says what is wrong with it


def _directory_bytes(path: Path) -> int:
    """How long the list of parts at the end of an archive is."""
    with path.open("rb") as stream:
        stream.seek(-min(path.stat().st_size, _TAIL), os.SEEK_END)
        tail = stream.read()
    end = tail.rfind(b"PK\5\6")
    return int.from_bytes(tail[end + 12 : end + 16], "little") if end >= 0 else 0


def _found_mark(book: Book) -> tuple[Sheet, int] | None:
    for sheet in book.sheets:
        for column in sheet.columns[:_LOOKED_AT]:
            for cell in column[:_LOOKED_AT]:
                if isinstance(cell, str) and (found := _MARK.fullmatch(cell.strip())):
                    return sheet, int(found[1])
    return None


def read_whole_shop(book: Book, file: str) -> WholeShop:
    """Everything such a file holds. Refusal whole_newer, whole_lacks, whole_cell."""
    marked = _found_mark(book)
    assert marked is not None
    described, version = marked
    if version > FORMAT:
        raise Refusal("whole_newer", file=file)
    counts = {_plain(row[0]): _plain(row[1]) for row in _cells_of(described) if len(row) > 1}
    tables: dict[str, Rows] = {table.name: [] for table in KEPT}
    for sheet in book.sheets:
        table = _table_of(sheet.name)
        if sheet is described or table is None:
            continue
        rows = _Reading(file, sheet, table).rows()
        if counts.get(plain_heading(sheet.name)) != str(len(rows)):
            raise Refusal("whole_lacks", file=file, sheet=sheet.name)
        tables[table.name] = rows
    missing = counts.keys() - {plain_heading(sheet.name) for sheet in book.sheets}
    lost = next((name for name in missing if _table_of(name) is not None), None)
    if lost is not None:
        raise Refusal("whole_lacks", file=file, sheet=lost)
    for name, rows in tables.items():
        rows.sort(key=lambda row: row[0])  # type: ignore[arg-type,return-value]
        if len({row[0] for row in rows}) != len(rows):
            raise Refusal("whole_lacks", file=file, sheet=_titles(name)[0])
    _check_references(tables, file)
    return WholeShop(_day_of(described, file), tables)


def _cells_of(sheet: Sheet) -> list[list[Cell]]:
    return [sheet.row(position) for position in range(len(sheet.numbers))]


def _plain(cell: Cell) -> str:
    return plain_heading(shown(cell))


@cache
def _titles(table: str) -> tuple[str, ...]:
    return catalogue()[f"whole.table.{table}"]


def _table_of(sheet: str) -> KeptTable | None:
    """The table a sheet holds, by its title in any language."""
    name = plain_heading(sheet)
    return next((table for table in KEPT if name in map(plain_heading, _titles(table.name))), None)


def _day_of(described: Sheet, file: str) -> date:
    headings = {plain_heading(text) for text in catalogue()["whole.day"]}
    for row in _cells_of(described):
        if len(row) > 1 and _plain(row[0]) in headings:
            try:
                return date.fromisoformat(shown(row[1])[:10])
            except ValueError:
                break
    raise Refusal("whole_lacks", file=file, sheet=described.name)


class _Reading:
    """One sheet of a table."""

    def __init__(self, file: str, sheet: Sheet, table: KeptTable) -> None:
        self.file, self.sheet, self.table = file, sheet, table

    def rows(self) -> Rows:
        if not self.sheet.numbers:
            raise Refusal("whole_lacks", file=self.file, sheet=self.sheet.name)
        headings = [_plain(cell) for cell in self.sheet.row(0)]
        columns: list[list[object]] = []
        for column in self.table.columns:
            names = {plain_heading(text) for text in catalogue()[f"whole.col.{column.id}"]}
            place = next((at for at, heading in enumerate(headings) if heading in names), None)
            if place is None:
                if column.before is None:
                    raise Refusal("whole_lacks", file=self.file, sheet=self.sheet.name)
                columns.append([column.before] * (len(self.sheet.numbers) - 1))
                continue
            columns.append(self._column(column, self.sheet.columns[place][1:]))
        found = list(zip(*columns, strict=True))
        if self.table.name == "setting":
            self._check_settings(found)
        return found

    def _column(self, column: KeptColumn, cells: Column) -> list[object]:
        read = _READ[column.kind]
        known: dict[Cell, object] = {}
        for cell in set(cells.told()):
            try:
                known[cell] = self._value(column, cell, read)
            except (ValueError, TypeError, OverflowError, InputError):
                self._refuse(column, cells.index(cell) + 1)
        return cells.mapped(known)

    def _value(self, column: KeptColumn, cell: Cell, read: Callable[[Cell], object]) -> object:
        if cell is None and column.may_lack:
            return None
        if cell is None and column.kind not in _NUMBERS:
            cell = ""
        value = read(cell)
        if column.kind == "code" and value not in column.codes:
            raise ValueError
        return value

    def _check_settings(self, rows: Rows) -> None:
        for position, row in enumerate(rows, 1):
            key, value = str(row[1]), json.loads(str(row[2]))
            if key in SETTINGS:
                try:
                    SETTINGS[key].check(value)
                except InputError:
                    self._refuse(self.table.columns[2], position)

    def _refuse(self, column: KeptColumn, position: int) -> None:
        heading = next(
            shown(cell)
            for cell in self.sheet.row(0)
            if _plain(cell) in {plain_heading(text) for text in catalogue()[f"whole.col.{column.id}"]}
        )
        raise Refusal(
            "whole_cell",
            file=self.file,
            sheet=self.sheet.name,
            row=self.sheet.numbers[position],
            column=heading,
        )


def _check_references(tables: dict[str, Rows], file: str) -> None:
    ids = {name: {row[0] for row in rows} for name, rows in tables.items()}
    for table in KEPT:
        for at, column in enumerate(table.columns):
            # Who set something long ago may have been forgotten; every other reference must lead somewhere.
            if column.kind == "ref" and (table.name, column.id) != ("setting", "staff_id"):
                named = {row[at] for row in tables[table.name]} - {None}
                if not named <= ids[column.table]:
                    raise Refusal("whole_lacks", file=file, sheet=_titles(column.table)[0])


# ---------------------------------------------------------------- cells


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return str(decode(cell))
    return shown(cell)


def _whole(cell: Cell) -> int:
    if cell is None:
        raise ValueError
    number = int(cell)
    if (not isinstance(cell, str) and cell != number) or abs(number) > _MOST:
        raise ValueError
    return number


def _id(cell: Cell) -> int:
    number = _whole(cell)
    if number < 1:
        raise ValueError
    return number


def _flag(cell: Cell) -> int:
    number = _whole(cell)
    if number not in (0, 1):
        raise ValueError
    return number


def _money(cell: Cell) -> int:
    if cell is None:
        raise ValueError
    fen = round(float(cell) * 100)
    if abs(fen) > _MOST:
        raise ValueError
    return fen


def _real(cell: Cell) -> float:
    if cell is None:
        raise ValueError
    return float(cell)


def _day(cell: Cell) -> str:
    return date.fromisoformat(_text(cell)[:10]).isoformat()


def _json(cell: Cell) -> str:
    text = _text(cell)
    json.loads(text)
    return text


def _object(cell: Cell) -> str:
    text = _text(cell)
    if not isinstance(json.loads(text), dict):
        raise ValueError
    return text


def _birthday(cell: Cell) -> str:
    text = _text(cell)
    return Birthday.from_key(text).key if text else ""


_READ: dict[str, Callable[[Cell], object]] = {
    "id": _id, "ref": _id, "text": _text, "int": _whole, "flag": _flag, "money": _money, "real": _real,
    "day": _day, "json": _json, "object": _object, "birthday": _birthday, "code": _text,
}  # fmt: skip
