"""The pages of a database file as they lie on the disk, read without the database: one damaged page costs the
rows on it and no others.

The format is that of https://www.sqlite.org/fileformat2.html: b-trees whose leaves hold the rows. Whatever is
not as it should be raises `Unreadable`, and nothing is ever written. The pages of an encrypted file are
opened one by one: a page whose seal does not hold is as good as gone.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

from shopcrm.store.keys import Key
from shopcrm.store.page_seals import KEPT_BACK, PAGE_SIZE, PageSeals

MAGIC = b"SQLite format 3\0"
USUAL_SIZE = 4096  # of a page, where the header does not tell
_LEAF, _INTERIOR = 0x0D, 0x05  # pages of tables with row numbers
_OF_INDEXES = (0x0A, 0x02)
_DEEPEST, _MOST_COLUMNS = 20, 200
_WHOLE_SIZES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}  # serial type of a whole number: its bytes

Value = int | float | str | bytes | None
Record = tuple[int, tuple[Value, ...]]  # the number of a row, and its columns as they were written


class Unreadable(Exception):
    """A page, a cell or a record that is not one."""


class Pages:
    """The file, mapped; use it in a `with`. `key` is that of an encrypted one.

    Without the salt the seals of its pages cannot be looked at: a page counts only if all on it is sound.
    """

    def __init__(self, file: Path, key: Key | None = None) -> None:
        self._file = file.open("rb")
        size = file.stat().st_size
        self._all: mmap.mmap | bytes = (
            mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
        )
        self._seals = None if key is None else PageSeals(key)
        if self._seals is None:
            head = bytes(self._all[:100])
            told = int.from_bytes(head[16:18], "big") if head.startswith(MAGIC) else 0
            told = 65_536 if told == 1 else told
            self.size = told if told >= 512 and told & (told - 1) == 0 else USUAL_SIZE
            self.usable = self.size
        else:
            self.size, self.usable = PAGE_SIZE, PAGE_SIZE - KEPT_BACK
        self._is_strict = self._seals is not None and not self._seals.can_tell
        self.number = size // self.size
        self.missing: set[int] = (
            set()
        )  # that are none any more: tables lead there, or their seals do not hold

    def __enter__(self) -> Pages:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(self._all, mmap.mmap):
            self._all.close()
        self._file.close()

    def page(self, number: int) -> bytes:
        """One page, from 1."""
        if not 1 <= number <= self.number:
            raise Unreadable
        page = bytes(self._all[(number - 1) * self.size : number * self.size])
        if self._seals is None:
            return page
        opened = self._seals.opened(number, page)
        if opened is None:
            self.missing.add(number)
            raise Unreadable
        return opened

    def is_leaf(self, number: int) -> bool:
        """Whether a page looks like one with rows of a table."""
        try:
            return self.page(number)[_head(number)] == _LEAF
        except Unreadable:
            return False

    def is_ours(self) -> bool:
        """Whether anything in an encrypted file can be read with its key."""
        for number in range(1, self.number + 1):
            try:
                if not self._is_strict:
                    self.page(number)
                    return True
                if self.records(number)[0]:
                    return True
            except Unreadable:
                continue
        return False

    def leaves_below(self, root: int) -> list[int]:
        """The leaves of a table, as far as the pages above them can be read, in the order of their rows."""
        found: list[int] = []
        self._walk(root, 0, set(), found)
        return found

    def _walk(self, number: int, depth: int, seen: set[int], found: list[int]) -> None:
        if number in seen or depth > _DEEPEST:
            return
        seen.add(number)
        if not 1 <= number <= self.number:
            self.missing.add(number)
            return
        try:
            page, head = self.page(number), _head(number)
        except Unreadable:
            return
        if page[head] == _LEAF:
            found.append(number)
        elif page[head] == _INTERIOR:
            try:
                below = [_u32(page, at) for at in _cells(page, head, 12)]
            except Unreadable:
                self.missing.add(number)
                return
            for child in (*below, _u32(page, head + 8)):
                self._walk(child, depth + 1, seen, found)
        elif page[head] not in _OF_INDEXES:
            self.missing.add(number)

    def records(self, number: int) -> tuple[list[Record], int]:
        """The rows on a leaf that can be read, and how many cells cannot. Unreadable if it is no leaf."""
        page, head = self.page(number), _head(number)
        if page[head] != _LEAF:
            raise Unreadable
        found, lost = [], 0
        for at in _cells(page, head, 8):
            try:
                found.append(self._record(page, at))
            except (Unreadable, IndexError, ValueError, struct.error):
                lost += 1
        if lost and self._is_strict:
            raise Unreadable
        return found, lost

    def _record(self, page: bytes, at: int) -> Record:
        length, at = _varint(page, at)
        row, at = _varint(page, at)
        if row >= 1 << 63:
            row -= 1 << 64
        most = self.usable - 35
        if length <= most:
            content = page[at : at + length]
        else:
            least = (self.usable - 12) * 32 // 255 - 23
            here = least + (length - least) % (self.usable - 4)
            here = here if here <= most else least
            content = page[at : at + here] + self._overflow(_u32(page, at + here), length - here)
        if len(content) != length:
            raise Unreadable
        return row, tuple(_columns(content, "strict" if self._is_strict else "replace"))

    def _overflow(self, number: int, length: int) -> bytes:
        if length > self.number * self.size:
            raise Unreadable
        parts = []
        while length > 0:
            page = self.page(number)
            part = page[4 : 4 + length]
            parts.append(part)
            length -= len(part)
            number = _u32(page, 0)
        return b"".join(parts)


def _head(number: int) -> int:
    return 100 if number == 1 else 0  # the first page begins with the header of the file


def _cells(page: bytes, head: int, skip: int) -> Iterator[int]:
    number = int.from_bytes(page[head + 3 : head + 5], "big")
    first = head + skip
    if first + 2 * number > len(page):
        raise Unreadable
    for place in range(first, first + 2 * number, 2):
        at = int.from_bytes(page[place : place + 2], "big")
        if first + 2 * number <= at < len(page):
            yield at
        else:
            yield len(page)  # leads nowhere, and is counted as lost


def _u32(page: bytes, at: int) -> int:
    return int.from_bytes(page[at : at + 4], "big")


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(at, at + 8):
        byte = content[place]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, place + 1
    return value << 8 | content[at + 8], at + 9


def _columns(content: bytes, errors: str) -> Sequence[Value]:
    size, at = _varint(content, 0)
    kinds = []
    while at < size:
        kind, at = _varint(content, at)
        kinds.append(kind)
    if at != size or len(kinds) > _MOST_COLUMNS:
        raise Unreadable
    values: list[Value] = []
    for kind in kinds:
        if kind == 0:
            values.append(None)
        elif kind in _WHOLE_SIZES:
            wide = _WHOLE_SIZES[kind]
            values.append(int.from_bytes(content[at : at + wide], "big", signed=True))
            at += wide
        elif kind == 7:
            values.append(struct.unpack(">d", content[at : at + 8])[0])
            at += 8
        elif kind in (8, 9):
            values.append(kind - 8)
        elif kind >= 12:
            wide = (kind - 12) // 2
            part = content[at : at + wide]
            values.append(part.decode("utf-8", errors) if kind % 2 else part)
            at += wide
        else:
            raise Unreadable
    if at != len(content):
        raise Unreadable
    return values
