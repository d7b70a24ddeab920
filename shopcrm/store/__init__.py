"""The only SQLite of the program and the only writer.

`Store` owns the data file: it holds the lock of the one running copy, opens by one recipe, migrates after a
verified backup, and gives out readers (`Rx`) and, one at a time, a write (`Tx`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from shopcrm.basics.errors import StoreError
from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import StaffId
from shopcrm.store import keys, schema
from shopcrm.store.backup import copies_of, make_backup
from shopcrm.store.connection import Rx, WindowRx, connect, faults, raised, unlock
from shopcrm.store.finding import Feed
from shopcrm.store.lock import FileLock
from shopcrm.store.migrations import STEPS
from shopcrm.store.writing import AUTOMATIC, Tx

__all__ = ["AUTOMATIC", "Rx", "Store", "Tx", "has_records"]

_HAS_RECORDS = "SELECT EXISTS (SELECT 1 FROM member) OR EXISTS (SELECT 1 FROM sale)"
_STAMP = "PRAGMA application_id"  # set where somebody works in a copy (store.backup)
_LAST_ENTRY = "SELECT seq FROM sqlite_sequence WHERE name='journal_entry'"
_VERSION = "PRAGMA data_version"  # another one when somebody else changed the file
# What holds for the shop as a whole; all that `Rx.known` may ask of.
_WHOLE = ("setting", "staff", "event", "d_state")
_WATCH = """
CREATE TEMP TRIGGER watch_{0}_{1} AFTER {1} ON main.{0} BEGIN SELECT whole_shop_changed(); END
"""


class Store:
    """One data file, open. One write at a time; not thread-safe except that readers have their own
    connection."""

    def __init__(self, path: Path | None, db: sqlite3.Connection, lock: FileLock | None) -> None:
        self.path = path  # None: a shop without a file
        self._db = db
        self._lock = lock
        self.feed = Feed()
        self._answers: dict[Callable[[Rx], Any], Any] = {}
        self._version = 0
        db.create_function("whole_shop_changed", 0, self._answers.clear)
        for table in _WHOLE:
            for change in ("INSERT", "UPDATE", "DELETE"):
                db.execute(_WATCH.format(table, change))
        self._writing = False
        self._closed = False
        self._is_stamped = bool(db.execute(_STAMP).fetchone()[0])
        last = db.execute(_LAST_ENTRY).fetchone()
        self.session_start: int = (
            last[0] if last else 0
        ) + 1  # journal entries from here on are this session's

    @classmethod
    def open(
        cls, path: Path | str, *, now: datetime, progress: Progress = SILENT, password: str = ""
    ) -> Store:
        """Open or create the file, backed up and migrated where it is older; ":memory:" lives in memory only.

        An encrypted one needs its password (or recovery key) once while the program runs. Raises StoreError
        second_copy, notadb, too_new, readonly, cantopen, locked, corrupt, full, io; Refusal shop_locked,
        shop_password_wrong.
        """
        if path == ":memory:":
            db = connect(":memory:", write=True)
            schema.migrate(db)
            return cls(None, db, None)
        file = Path(path).resolve()
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            _check_header(file)
        except OSError as error:
            raise StoreError("cantopen", file=file.name) from error
        lock = FileLock(file)
        try:
            _remove_halves(file)
            if password:
                unlock(file, password)
            db = connect(file, write=True)
            try:
                _prepare(db, file, now, progress)
                return cls(file, db, lock)
            except faults() as error:
                db.close()
                raise raised(error) from error
            except BaseException:
                db.close()
                raise
        except BaseException:
            lock.release()
            raise

    def write(
        self,
        kind: str,
        actor: StaffId | None,
        now: datetime,
        *,
        undoes: int | None = None,
        check: Callable[[Tx], None] | None = None,
    ) -> AbstractContextManager[Tx]:
        """One user intention as one transaction: committed at the end of the block, rolled back on any
        exception, one that `check` raises before the block included."""
        return _Write(self, Tx(self._db, kind, actor, now, undoes, self._answers), check)

    def _begin(self) -> None:
        if self._writing:
            raise RuntimeError("a write inside a write")
        try:
            self._db.execute("BEGIN IMMEDIATE")
            (version,) = self._db.execute(_VERSION).fetchone()
            if version != self._version:
                self._version = version
                self._answers.clear()
            if self._is_stamped:
                self._db.execute(f"{_STAMP}=0")
        except faults() as error:
            self._roll_back()
            raise raised(error) from error
        self._writing = True

    def _commit(self, tx: Tx) -> None:
        try:
            tx.finish()
            self._db.execute("COMMIT")
            self._writing = self._is_stamped = False
            self.feed.tell(tx.changes)
        except BaseException as error:
            self._roll_back()
            if isinstance(error, faults()):
                raise raised(error) from error
            raise

    def _roll_back(self) -> None:
        self._writing = False
        self._answers.clear()  # what was asked after a change that never was
        # After a full disk or an input/output fault the database has rolled back by itself, and a second
        # ROLLBACK
        # would hide the first error.
        if self._db.in_transaction:
            try:
                self._db.execute("ROLLBACK")
            except faults():
                if self._db.in_transaction:
                    raise

    def read(self) -> Rx:
        """Reading on the writing connection; sees an open write."""
        return Rx(self._db)

    def reader(self, *, for_window: bool = False) -> Rx:
        """Reading on a read-only connection of its own, usable on another thread; close it. Shared without a
        file. One `for_window` does not keep its thread waiting for other programs."""
        if self.path is None:
            return Rx(self._db)
        db = connect(self.path, write=False)
        return WindowRx(db, lambda: self._writing) if for_window else Rx(db, owns=True)

    @property
    def lock(self) -> FileLock | None:
        """What keeps a second copy out; None for a shop without a file."""
        return self._lock

    @property
    def has_records(self) -> bool:
        """Whether the shop holds anything worth a backup."""
        return has_records(self.read())

    @property
    def schema(self) -> str:
        """The name of the newest step of the schema."""
        return STEPS[-1][0]

    @property
    def connection(self) -> sqlite3.Connection:
        """The writing connection, for the backup of this room."""
        return self._db

    def squeeze(self) -> None:
        """Write the file anew without the places of what was removed, so that no byte of it is left in it.

        Raises StoreError full, locked, io.
        """
        if self.path is None:
            return
        db = connect(self.path, write=True)
        self._writing = True  # a long one: whoever reads waits for it
        try:
            if keys.of(self.path) is None:  # an encrypted shop must not stand in a temporary file
                db.execute("PRAGMA temp_store=FILE")  # a big shop's copy has no place in memory
            db.execute("VACUUM")
        except faults() as error:
            raise raised(error) from error
        finally:
            self._writing = False
            db.close()

    def close(self) -> None:
        """Close the file and let the lock go; safe to call twice."""
        if not self._closed:
            self._closed = True
            self._db.close()
            if self._lock is not None:
                self._lock.release()


def has_records(rx: Rx) -> bool:
    """Whether a shop holds anything worth a backup."""
    return bool(rx.value(_HAS_RECORDS))


class _Write:
    """The block of a write; plainer than a generator, and made for every booking."""

    __slots__ = ("_check", "_store", "_tx")

    def __init__(self, store: Store, tx: Tx, check: Callable[[Tx], None] | None) -> None:
        self._store = store
        self._tx = tx
        self._check = check

    def __enter__(self) -> Tx:
        self._store._begin()
        if self._check is not None:
            try:
                self._check(self._tx)
            except BaseException:
                self._store._roll_back()
                raise
        return self._tx

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._store._commit(self._tx)
            return
        self._store._roll_back()
        if isinstance(error, faults()):
            raise raised(error) from error


def _remove_halves(file: Path) -> None:
    """What a program that was killed had begun to write beside the file, maybe not encrypted as that is."""
    for ending in (".rekey", ".restore", ".unsealed"):
        with suppress(OSError):
            file.with_name(f".{file.name}{ending}").unlink(missing_ok=True)


def _check_header(file: Path) -> None:
    """Refuse by the first bytes, before the database library may write anything."""
    if file.is_dir():
        raise StoreError("cantopen", file=file.name)
    if not file.exists():
        return
    size = file.stat().st_size
    if size == 0:
        if copies_of(file):
            raise StoreError("corrupt", file=file.name)  # it was a shop once: never start over silently
        return
    with file.open("rb") as start:
        header = start.read(100)
    if len(header) < 100 or not header.startswith(keys.MAGIC):
        if keys.is_encrypted(file):
            return  # the rest is known when it is open
        raise StoreError("notadb", file=file.name)
    if int.from_bytes(header[60:64], "big") > len(STEPS):
        raise StoreError("too_new", file=file.name)
    page, pages = int.from_bytes(header[16:18], "big"), int.from_bytes(header[28:32], "big")
    if size < (65_536 if page == 1 else page) * pages and not file.with_name(file.name + "-journal").exists():
        raise StoreError("corrupt", file=file.name)


def _prepare(db: sqlite3.Connection, file: Path, now: datetime, progress: Progress) -> None:
    schema.check_version(db)
    if schema.up_to_date(db):
        # A file or folder that cannot be written is told now, not at the first sale.
        db.execute("BEGIN IMMEDIATE")
        db.execute("ROLLBACK")
        return
    if not schema.is_new(db) and schema.pending(db):
        make_backup(db, file, "migrate", now, progress=progress)
    progress.step(0, 1, "progress.migrate")
    schema.migrate(db)
