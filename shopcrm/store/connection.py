"""The one recipe for opening the shop's file, the mapping of the database's faults, and reading.

A rollback journal with full syncing, not WAL: someone who copies only the data file while the program runs
must get a whole shop, and a power cut must not lose what was acknowledged.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from shopcrm.basics.errors import StoreError

Params = Sequence[object] | Mapping[str, object]
Row = tuple[Any, ...]
T = TypeVar("T")

WAIT_SECONDS = 8.0  # for a lock of another program; the sentence must come well within 20 s
WINDOW_SECONDS = 0.5  # the same for what the window reads while it stands still

_RECIPE = (
    "PRAGMA journal_mode=DELETE",
    "PRAGMA synchronous=EXTRA",  # the folder too: a journal that is back after a power cut undoes the write
    "PRAGMA cache_spill=OFF",  # a long import takes its exclusive lock only at commit
    "PRAGMA secure_delete=ON",
    "PRAGMA cache_size=-32768",
)
# Pages of lists are small and the system keeps the file at hand: a reader's own memory stays small.
_READING = ("PRAGMA query_only=ON", "PRAGMA cache_size=-2048")
_EVERYWHERE = ("PRAGMA foreign_keys=ON", "PRAGMA temp_store=MEMORY")

_FAULTS = (  # beginning of sqlite_errorname -> code; anything else (CONSTRAINT, MISUSE ...) is a bug of ours
    ("SQLITE_FULL", "full"),
    ("SQLITE_BUSY", "locked"),
    ("SQLITE_LOCKED", "locked"),
    ("SQLITE_READONLY", "readonly"),
    ("SQLITE_PERM", "readonly"),
    ("SQLITE_AUTH", "readonly"),
    ("SQLITE_CORRUPT", "corrupt"),
    ("SQLITE_NOTADB", "notadb"),
    ("SQLITE_CANTOPEN", "cantopen"),
    ("SQLITE_IOERR", "io"),
    ("SQLITE_PROTOCOL", "locked"),
)


def fault(error: sqlite3.Error) -> StoreError | None:
    """The world's fault behind a database error; None if it is a bug of ours."""
    name = getattr(error, "sqlite_errorname", None) or ""
    for beginning, code in _FAULTS:
        if name.startswith(beginning):
            return StoreError(code)
    return None


def raised(error: sqlite3.Error) -> Exception:
    """What to raise instead of `error`: a StoreError, or the error itself where it is a bug."""
    return fault(error) or error


def connect(path: Path | str, *, write: bool) -> sqlite3.Connection:
    """A connection by the recipe; the caller keeps to one thread at a time. Raises StoreError."""
    memory = path == ":memory:"
    uri = ":memory:" if memory else Path(path).absolute().as_uri() + ("" if write else "?mode=ro")
    db = None
    try:
        db = sqlite3.connect(
            uri, uri=True, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False,
            cached_statements=256,
        )  # fmt: skip
        for line in _EVERYWHERE + (_RECIPE if write else _READING):
            db.execute(line)
    except sqlite3.Error as error:
        if db is not None:
            db.close()
        raise raised(error) from error
    return db


AMONG = "IN (SELECT value FROM json_each(:ids))"  # how a statement for `Rx.among` names its ids


@cache
def _for_one(sql: str) -> str:
    return sql.replace(AMONG, "= :ids")


class Rx:
    """Reading: every answer is fetched whole, so that no read lock outlives a call (but see `iterate`)."""

    def __init__(self, db: sqlite3.Connection, *, owns: bool = False) -> None:
        self._db = db
        self._owns = owns

    def _execute(self, sql: str, params: Params = ()) -> sqlite3.Cursor:
        try:
            return self._db.execute(sql, params)
        except sqlite3.Error as error:
            raise raised(error) from error

    def all(self, sql: str, params: Params = ()) -> list[Row]:
        """All rows of the answer."""
        try:
            return self._db.execute(sql, params).fetchall()
        except sqlite3.Error as error:
            raise raised(error) from error

    def among(self, sql: str, ids: Collection[int], params: Mapping[str, object] | None = None) -> list[Row]:
        """All rows of a statement about these ids, which it names by `AMONG`.

        A single id is compared: to read a list of one costs more than to find her row.
        """
        named: object
        if len(ids) == 1:
            sql, named = _for_one(sql), next(iter(ids))
        else:
            named = "[" + ",".join(map(str, ids)) + "]"
        try:
            return self._db.execute(
                sql, {"ids": named} if params is None else {**params, "ids": named}
            ).fetchall()
        except sqlite3.Error as error:
            raise raised(error) from error

    def one(self, sql: str, params: Params = ()) -> Row | None:
        """The first row of the answer, None if there is none."""
        try:
            cursor = self._db.execute(sql, params)
            row: Row | None = cursor.fetchone()
            cursor.close()
        except sqlite3.Error as error:
            raise raised(error) from error
        return row

    def value(self, sql: str, params: Params = ()) -> Any:
        """The first column of the first row, None if there is none."""
        row = self.one(sql, params)
        return None if row is None else row[0]

    def version(self) -> tuple[int, int]:
        """What is another one after every change, by this connection or by others."""
        return self.value("PRAGMA data_version"), self._db.total_changes

    def iterate(self, sql: str, params: Params = ()) -> Generator[Row, None, None]:
        """The rows one by one, for answers too big to hold; exhaust it before the next write."""
        cursor = self._execute(sql, params)
        try:
            yield from cursor
        except sqlite3.Error as error:
            raise raised(error) from error
        finally:
            cursor.close()

    def close(self) -> None:
        """Close the connection if it is this reader's own; safe to call twice."""
        if self._owns:
            self._db.close()


class WindowRx(Rx):
    """Reading by the window's thread: it waits for our own commits, for another program's lock but a
    moment."""

    def __init__(self, db: sqlite3.Connection, is_writing: Callable[[], bool]) -> None:
        super().__init__(db, owns=True)
        self._is_writing = is_writing
        db.execute(f"PRAGMA busy_timeout={round(1000 * WINDOW_SECONDS)}")

    def _execute(self, sql: str, params: Params = ()) -> sqlite3.Cursor:
        return self._again(lambda: Rx._execute(self, sql, params))

    def all(self, sql: str, params: Params = ()) -> list[Row]:
        return self._again(lambda: Rx.all(self, sql, params))

    def among(self, sql: str, ids: Collection[int], params: Mapping[str, object] | None = None) -> list[Row]:
        return self._again(lambda: Rx.among(self, sql, ids, params))

    def one(self, sql: str, params: Params = ()) -> Row | None:
        return self._again(lambda: Rx.one(self, sql, params))

    def _again(self, ask: Callable[[], T]) -> T:
        while True:
            try:
                return ask()
            except StoreError as error:
                if error.code != "locked" or not self._is_writing():
                    raise
