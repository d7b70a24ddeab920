"""Verified copies of the data file: made by the database's own backup, reopened, checked, counted, then
named.

A copy gets its final name only after everything held and its checksum stands beside it, so whatever is listed
is whole. The checksum file is what `sha256sum -c` reads; its first line is a comment with the counts and what
tells the shop from others. A copy that was carried away without it is known by its stamp: a sum over the file
in the four bytes of its header that the format leaves to the application.
"""

from __future__ import annotations

import errno
import json
import os
import re
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from shopcrm.basics.errors import Cancelled, StoreError
from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import BackupFile, CheckReport, ShopCounts
from shopcrm.store.connection import Rx, connect, connect_beside, fault, faults, raised
from shopcrm.store.places import folder_of, folders_of

_NAME = re.compile(r"(?P<stem>.+)-(?P<at>\d{8}-\d{6})-(?P<why>[a-z_]+)(-\d+)?\.db")
_COUNTS = """
SELECT (SELECT count(*) FROM member), (SELECT count(*) FROM sale), count(*), coalesce(sum(amount_fen), 0)
  FROM line
"""
_LAST_STEP = "SELECT coalesce(max(id), 0) FROM journal_entry"
# What makes a copy worth making: what people did, not what the program did to begin a day.
OF_PEOPLE = "kind NOT IN ('day.start', 'task.copied', 'export')"
_HAS_STEPS = f"SELECT EXISTS (SELECT 1 FROM journal_entry WHERE id > ? AND {OF_PEOPLE})"
_PAGES = 2_000  # a step of the copy
_ALWAYS = 10  # newest copies are never thinned
_HEADER, _STAMP = b"SQLite format 3\0", slice(68, 72)
_CHUNK = 1_048_576
_CANNOT = (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS)  # of folders: shares, some systems for sticks
_BETWEEN_LOOKS = 20_000  # steps of the database, some milliseconds
# When it was made and written, which file, why, what it holds, of which shop.
_Found = tuple[datetime, int, Path, str, ShopCounts, str]
_SHOP = (
    "SELECT min(applied_at) FROM _sqlite_migrations"  # when its tables were made: of no two files the same
)
_HALF = re.compile(r"\.(?P<part>.+)\.part|(?P<side>.+)\.sha256")
_PERIODS: tuple[tuple[Callable[[datetime], object], int], ...] = (
    (lambda at: at.date(), 12),
    (lambda at: at.isocalendar()[:2], 10),
    (lambda at: (at.year, at.month), 9),
)


def make_backup(
    db: sqlite3.Connection,
    data_file: Path,
    why: str,
    now: datetime,
    *,
    to: Path | None = None,
    keep: int | None = None,
    progress: Progress = SILENT,
) -> BackupFile:
    """A verified copy of `db` in `to` (default: where this file's copies go).

    With `keep` the older copies there are thinned, so many newest of them kept in any case. Raises StoreError
    full, io, readonly, cantopen, or backup_bad if the copy did not equal its source.
    """
    folder = to or folder_of(data_file)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target = _free_name(folder, data_file.stem, now, why)
        with _begun(target) as part:
            _copy(db, part, progress)
            _put_stamp(part)
            counts, shop = counts_of(db), shop_of(Rx(db))
            compare(part, counts)
            checksum = _sha256(part)
            _give_name(part, target, checksum, counts, shop)
        if keep is not None:
            _thin(folder, data_file.stem, now, keep, shop)
    except faults() as error:
        raise raised(error) from error
    except OSError as error:
        raise StoreError(os_code(error)) from error
    return _file(target, now.replace(microsecond=0), why, counts)


def carry(
    copy: BackupFile, folder: Path, now: datetime, *, keep: int, progress: Progress = SILENT
) -> BackupFile:
    """The same copy in another place, verified there, too; older ones there thinned as by `make_backup`.

    Raises StoreError full, io, readonly, or backup_bad if what arrived is not what was sent; Cancelled.
    """
    target = folder / copy.path.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _begun(target) as part:
            checksum, counts, shop = _verified(copy.path)
            _copy_bytes(copy.path, part, progress)
            if _sha256(part) != checksum:
                raise StoreError("backup_bad", file=copy.path.name)
            compare(part, counts)
            _give_name(part, target, checksum, counts, shop)
        match = _NAME.fullmatch(target.name)
        if match is not None:
            _thin(folder, match["stem"], now, keep, shop)
    except OSError as error:
        raise StoreError(os_code(error)) from error
    return replace(copy, path=target)


@contextmanager
def _begun(target: Path) -> Iterator[Path]:
    """Where a copy is written until it gets its name; of one that fails nothing is left."""
    part = target.with_name("." + target.name + ".part")
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)
        if not target.exists():
            _checksum_file(target).unlink(missing_ok=True)


def _give_name(part: Path, target: Path, checksum: str, counts: ShopCounts, shop: str) -> None:
    _flush(part)
    _write_checksum(target, checksum, counts, shop)
    part.replace(target)
    flush_folder(target.parent)


def list_backups(folder: Path, stem: str, shop: str = "") -> list[BackupFile]:
    """The copies of one data file in a folder, newest first; names that are not ours or lack a checksum are
    left out.

    Two shops may put theirs into one folder under one name: with `shop` (`shop_of`) those known to be of
    another one are left out.
    """
    return _in_order(_listed(folder, stem, shop))


def copies_of(data_file: Path, shop: str = "") -> list[BackupFile]:
    """The copies of a data file in all the folders they were put into, as `list_backups`."""
    found: dict[str, _Found] = {}
    for folder in folders_of(data_file):
        for one in _listed(folder, data_file.stem, shop):
            found.setdefault(one[2].name, one)
    return _in_order(list(found.values()))


def newest(copies: Sequence[BackupFile], now: datetime) -> BackupFile | None:
    """The newest of copies in order. One of the future is of a clock that was wrong, and comes after all
    others."""
    return next((copy for copy in copies if copy.at <= now), copies[0] if copies else None)


def shop_of(rx: Rx) -> str:
    """What tells a shop's file and all its copies from those of another shop."""
    return str(rx.value(_SHOP) or "")


def _listed(folder: Path, stem: str, shop: str) -> list[_Found]:
    found = []
    for file in folder.glob("*.db") if folder.is_dir() else ():
        match = _NAME.fullmatch(file.name)
        if match is None or match["stem"] != stem:
            continue
        sums = _read_checksum(file)
        if sums is not None and not (shop and sums[2] and sums[2] != shop):
            at = datetime.fromisoformat(match["at"].replace("-", "T"))
            found.append((at, file.stat().st_mtime_ns, file, match["why"], *sums[1:]))
    return found


def _in_order(found: list[_Found]) -> list[BackupFile]:
    # Two copies of one second differ in nothing but when their file was written.
    found.sort(key=_age, reverse=True)
    return [_file(file, at, why, counts) for at, _, file, why, counts, _ in found]


def _age(found: _Found) -> tuple[datetime, int, Path]:
    return found[:3]


def _file(file: Path, at: datetime, why: str, counts: ShopCounts) -> BackupFile:
    return BackupFile(
        counts.members, counts.sales, counts.lines, counts.sum_fen, file, at, why, file.stat().st_size
    )


def verify(file: Path) -> ShopCounts:
    """Check a listed copy in full: checksum, database check, counts. Raises StoreError backup_bad."""
    return _verified(file)[1]


def _verified(file: Path) -> tuple[str, ShopCounts, str]:
    sums = _read_checksum(file)
    try:
        if sums is None or _sha256(file) != sums[0]:
            raise StoreError("backup_bad", file=file.name)
    except OSError as error:
        raise StoreError("backup_bad", file=file.name) from error
    compare(file, sums[1])
    return sums


def check(db: sqlite3.Connection) -> CheckReport:
    """The full check of an open data file: structure, references, counts (0 where counting fails)."""
    counts = ShopCounts(0, 0, 0, 0)
    problems = []
    try:
        problems += [line for (line,) in db.execute("PRAGMA cipher_integrity_check")]  # none of a plain file
        problems += [line for (line,) in db.execute("PRAGMA integrity_check") if line != "ok"]
        problems += [
            f"foreign key: {table} {row} -> {parent}"
            for table, row, parent, _ in db.execute("PRAGMA foreign_key_check")
        ]
        counts = counts_of(db)
    except faults() as error:
        found = fault(error)
        if found is None or found.code not in ("corrupt", "notadb"):
            raise raised(error) from error
        problems.append(str(error))
    return CheckReport(counts.members, counts.sales, counts.lines, counts.sum_fen, tuple(problems))


def damage_of(data_file: Path, stopped: Callable[[], bool]) -> str | None:
    """The first fault in the structure of a data file that may be in use, None for a sound one.

    The file is read through, on a connection of its own. Raises Cancelled as soon as `stopped` says so, and
    StoreError where the file cannot be read at all.
    """
    if stopped():
        raise Cancelled
    db = connect(data_file, write=False)
    try:
        db.set_progress_handler(stopped, _BETWEEN_LOOKS)
        found = str(db.execute("PRAGMA quick_check(1)").fetchone()[0])
    except faults() as error:
        if stopped():
            raise Cancelled from None
        known = fault(error)
        if known is None or known.code not in ("corrupt", "notadb"):
            raise raised(error) from error
        return str(error)
    finally:
        db.close()
    return None if found == "ok" else found


def last_step(db: sqlite3.Connection) -> int:
    """The number of the newest step of the journal."""
    return int(db.execute(_LAST_STEP).fetchone()[0])


def has_steps_since(db: sqlite3.Connection, last: int) -> bool:
    """Whether somebody recorded or changed anything after that step; a new day alone is nothing."""
    return bool(db.execute(_HAS_STEPS, (last,)).fetchone()[0])


def counts_of(db: sqlite3.Connection) -> ShopCounts:
    """Members, sales, lines and the sum of all amounts."""
    return ShopCounts(*db.execute(_COUNTS).fetchone())


def to_drop(days: list[datetime], today: date, always: int = _ALWAYS) -> list[datetime]:
    """Which of these copies (newest first) thinning takes away (QUALITY G9).

    Kept: all of the last 2 days, then the newest of each of 12 days, 10 weeks and 9 months; `always` newest
    in any case.
    """
    kept = set(days[: max(always, _ALWAYS)]) | {at for at in days if at.date() > today - timedelta(days=2)}
    rest = [at for at in days if at.date() <= today - timedelta(days=2)]
    for mark_of, most in _PERIODS:
        seen: set[object] = set()
        older = []
        for at in rest:
            mark = mark_of(at)
            if mark in seen:
                continue
            if len(seen) < most:
                seen.add(mark)
                kept.add(at)
            else:
                older.append(at)
        rest = older
    return [at for at in days if at not in kept]


def _thin(folder: Path, stem: str, now: datetime, keep: int, shop: str) -> None:
    copies = list_backups(folder, stem, shop)
    drop = set(to_drop([copy.at for copy in copies], now.date(), keep))
    for file in (*(copy.path for copy in copies if copy.at in drop), *halves_in(folder, stem)):
        with suppress(OSError):  # somebody has it open: it goes next time, and the new copy is good
            remove(file)


def halves_in(folder: Path, stem: str) -> list[Path]:
    """What a copy left that was never finished: the program was killed, the stick pulled."""
    found = []
    for file in folder.iterdir() if folder.is_dir() else ():
        half = _HALF.fullmatch(file.name)
        # By the whole name: another shop may be called shop-east.db.
        match = _NAME.fullmatch(half["part"] or half["side"]) if half else None
        if (
            match is not None
            and match["stem"] == stem
            and (file.suffix == ".part" or not file.with_suffix("").exists())
        ):
            found.append(file)
    return found


def remove(copy: Path) -> None:
    """Delete a copy and its checksum. Raises OSError."""
    copy.unlink(missing_ok=True)
    _checksum_file(copy).unlink(missing_ok=True)


def _free_name(folder: Path, stem: str, now: datetime, why: str) -> Path:
    name = f"{stem}-{now:%Y%m%d-%H%M%S}-{why}"
    target, n = folder / f"{name}.db", 1
    while target.exists():
        n += 1
        target = folder / f"{name}-{n}.db"
    return target


def _copy(db: sqlite3.Connection, part: Path, progress: Progress) -> None:
    part.unlink(missing_ok=True)
    copy = connect_beside(db, part)
    try:
        db.backup(
            copy,
            pages=_PAGES,
            progress=lambda _, left, all_: progress.step(all_ - left, all_, "progress.backup"),
        )
    finally:
        copy.close()


def compare(file: Path, counts: ShopCounts) -> None:
    """Raise StoreError backup_bad unless a copy is sound and holds what was counted."""
    try:
        copy = connect(file, write=False)
        try:
            report = check(copy)
            same = counts_of(copy) == counts
        finally:
            copy.close()
    except faults(StoreError) as error:
        raise StoreError("backup_bad", file=file.name) from error
    if not report.sound or not same:
        raise StoreError("backup_bad", file=file.name)


def _copy_bytes(source: Path, target: Path, progress: Progress) -> None:
    size = source.stat().st_size
    with source.open("rb") as old, target.open("wb") as new:
        while chunk := old.read(_CHUNK):
            progress.step(old.tell(), size, "progress.backup")
            new.write(chunk)


def _sum_of(file: Path) -> tuple[int, int]:
    """The stamp a file has, 0 for none, and the one it should have: a sum of all its other bytes, never 0."""
    with file.open("rb") as content:
        head = bytearray(content.read(_CHUNK))
        if not head.startswith(_HEADER):
            return 0, 1
        stamp = int.from_bytes(head[_STAMP], "big")
        head[_STAMP] = b"\0\0\0\0"
        found = zlib.crc32(head)
        while chunk := content.read(_CHUNK):
            found = zlib.crc32(chunk, found)
    return stamp, found or 1


def _put_stamp(file: Path) -> None:
    stamp, meant = _sum_of(file)
    if (stamp, meant) != (0, 1):
        _write_stamp(file, meant)


def take_stamp(file: Path) -> None:
    """Of a copy that will be written to again."""
    with file.open("rb") as content:
        is_ours = content.read(len(_HEADER)) == _HEADER
    if is_ours:
        _write_stamp(file, 0)


def _write_stamp(file: Path, value: int) -> None:
    with file.open("rb+") as content:
        content.seek(_STAMP.start)
        content.write(value.to_bytes(4, "big"))


def is_as_stamped(file: Path) -> bool:
    """Whether not a bit of a copy changed since it was made; True for a file without a stamp."""
    stamp, meant = _sum_of(file)
    return stamp in (0, meant)


def _sha256(file: Path) -> str:
    import hashlib  # brings a whole library of cryptography along

    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def has_checksum(file: Path) -> bool:
    """Whether a copy has its checksum beside it."""
    return _checksum_file(file).exists()


def _checksum_file(file: Path) -> Path:
    return file.with_name(file.name + ".sha256")


def _write_checksum(target: Path, checksum: str, counts: ShopCounts, shop: str) -> None:
    side, told = _checksum_file(target), json.dumps(counts.as_dict() | {"shop": shop})
    side.write_text(f"# {told}\n{checksum} *{target.name}\n", encoding="utf-8", newline="\n")
    _flush(side)


def _read_checksum(file: Path) -> tuple[str, ShopCounts, str] | None:
    """The checksum of a copy, what it holds, and of which shop it is: empty where it does not say."""
    try:
        first, second = _checksum_file(file).read_text(encoding="utf-8").splitlines()
        told = json.loads(first.removeprefix("# "))
        shop = str(told.pop("shop", ""))
        return second.split()[0], ShopCounts(**told), shop
    except (OSError, ValueError, TypeError, AttributeError, IndexError):
        return None


def _flush(file: Path) -> None:
    with file.open("rb+") as content:
        os.fsync(content.fileno())


def flush_folder(folder: Path) -> None:
    """Let the names of a folder's files outlast a power cut, where its disk knows how to do that."""
    if os.name == "posix":  # Windows keeps names durable itself and cannot open folders
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        except OSError as error:
            if error.errno not in _CANNOT:
                raise
        finally:
            os.close(handle)


def os_code(error: OSError) -> str:
    """The code of a fault of the disk."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "full"
    return "readonly" if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS) else "io"
