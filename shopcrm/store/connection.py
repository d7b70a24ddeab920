"""The one recipe for opening the shop's file, the mapping of the database's faults, and reading.

A rollback journal with full syncing, not WAL: someone who copies only the data file while the program runs
must get a whole shop, and a power cut must not lose what was acknowledged.

A file that is encrypted is opened by another library with the same interface, whose errors are other classes:
whoever catches what the database raises catches `faults()`.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from shopcrm.basics.errors import Refusal, StoreError
from shopcrm.store import keys
from shopcrm.store.keys import Key

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
    # A booking touches few pages; many kept at hand are not at hand to the processor, and the system has the
    # file. Work on everybody makes room for itself (Tx.roomy).
    "PRAGMA cache_size=-4096",
)
# Pages of lists are small and the system keeps the file at hand: a reader's own memory stays small.
_READING = ("PRAGMA query_only=ON", "PRAGMA cache_size=-2048")
ROOMY = "PRAGMA cache_size=-32768"
_EVERYWHERE = ("PRAGMA foreign_keys=ON", "PRAGMA temp_store=MEMORY")

# What statements of this room use and the other library was built without.
_FUNCTIONS: dict[str, tuple[int, Callable[..., float]]] = {
    "exp": (1, math.exp),
    "pow": (2, math.pow),
    "mod": (2, math.fmod),
}

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


_raised: tuple[type[Exception], ...] = (sqlite3.Error,)


def faults(*more: type[Exception]) -> tuple[type[Exception], ...]:
    """What the database libraries in use raise, and `more`; asked anew wherever it is caught."""
    return (*_raised, *more)


def fault(error: Exception) -> StoreError | None:
    """The world's fault behind a database error; None if it is a bug of ours."""
    name = getattr(error, "sqlite_errorname", None) or ""
    for beginning, code in _FAULTS:
        if name.startswith(beginning):
            return StoreError(code)
    return None


def raised(error: Exception) -> Exception:
    """What to raise instead of `error`: a StoreError, or the error itself where it is a bug."""
    return fault(error) or error


def connect(path: Path | str, *, write: bool, key: Key | None = None) -> sqlite3.Connection:
    """A connection by the recipe; the caller keeps to one thread at a time. `key` is that of an encrypted
    file that is new or too damaged to be known as one. Raises StoreError, and Refusal shop_locked for an
    encrypted file whose key is not known yet."""
    if path == ":memory:":
        return _connect(":memory:", None, _EVERYWHERE + _RECIPE)
    uri = Path(path).absolute().as_uri() + ("" if write else "?mode=ro")
    return _connect(uri, key or keys.of(Path(path)), _EVERYWHERE + (_RECIPE if write else _READING))


def connect_beside(db: sqlite3.Connection, file: Path) -> sqlite3.Connection:
    """A connection to a file that is not there yet and takes a copy of `db`, by the same library and key.

    Raises what the libraries raise.
    """
    uri = file.absolute().as_uri()
    if isinstance(db, sqlite3.Connection):
        return _connect(uri, None, ())
    return _connect(uri, keys.of_salt(bytes.fromhex(db.execute("PRAGMA cipher_salt").fetchone()[0])), ())


def unlock(file: Path, word: str) -> None:
    """From now on an encrypted file and its copies open, if this is its password or recovery key.

    Does nothing for a file that is not encrypted. Raises Refusal shop_locked for an empty word,
    shop_password_wrong, shop_password_or_damage where the file's beginning may be what is wrong; StoreError,
    corrupt where that is sure.
    """
    if not keys.is_encrypted(file):
        return
    if not word:
        raise Refusal("shop_locked", file=file.name)
    try:
        key = keys.candidate(file, word)
        is_hot = file.with_name(file.name + "-journal").exists()  # may only be read once that is played back
        db = _connect(file.absolute().as_uri() + ("" if is_hot else "?mode=ro"), key, ())
        try:
            db.execute("SELECT 1 FROM sqlite_schema").fetchone()
        finally:
            db.close()
    except OSError as error:
        raise StoreError("cantopen", file=file.name) from error
    except faults() as error:
        found = fault(error)
        if found is not None and found.code == "notadb":
            from shopcrm.store import damaged_keys  # not needed in the morning

            damaged = damaged_keys.find(file, word)
            if damaged is None:
                raise damaged_keys.refusal(file, word) from None
            damaged_keys.remember(file, damaged)
            raise StoreError("corrupt", file=file.name) from None
        raise raised(error) from error
    keys.remember(key)


def _connect(uri: str, key: Key | None, recipe: Sequence[str]) -> sqlite3.Connection:
    opener = sqlite3.connect if key is None else encrypting_library().connect
    db: sqlite3.Connection | None = None
    try:
        db = opener(
            uri, uri=True, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False,
            cached_statements=256,
        )  # fmt: skip
        if key is not None:
            db.execute("PRAGMA cipher_log_level=NONE")  # it would tell standard error of a wrong password
            db.execute(f'PRAGMA key="{key.pragma}"')
            for name, (count, function) in _FUNCTIONS.items():
                db.create_function(name, count, _null_or(function), deterministic=True)
        for line in recipe:
            db.execute(line)
        if key is not None and recipe:
            db.execute(ROOMY)  # what the system keeps at hand is not decrypted
    except faults() as error:
        if db is not None:
            db.close()
        raise raised(error) from error
    return db


def _null_or(function: Callable[..., float]) -> Callable[..., float | None]:
    """As SQL has it: nothing comes of nothing, nor of what has no result."""

    def called(*values: float | None) -> float | None:
        try:
            return None if None in values else function(*values)
        except (ValueError, OverflowError):
            return None

    return called


def encrypting_library() -> Any:
    """The library for encrypted files, loaded for a shop that has one."""
    global _raised
    from sqlcipher3 import dbapi2

    if dbapi2.Error not in _raised:
        _raised = (*_raised, dbapi2.Error)
    return dbapi2


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
        except faults() as error:
            raise raised(error) from error

    def all(self, sql: str, params: Params = ()) -> list[Row]:
        """All rows of the answer."""
        try:
            return self._db.execute(sql, params).fetchall()
        except faults() as error:
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
        except faults() as error:
            raise raised(error) from error

    def one(self, sql: str, params: Params = ()) -> Row | None:
        """The first row of the answer, None if there is none."""
        try:
            cursor = self._db.execute(sql, params)
            row: Row | None = cursor.fetchone()
            cursor.close()
        except faults() as error:
            raise raised(error) from error
        return row

    def value(self, sql: str, params: Params = ()) -> Any:
        """The first column of the first row, None if there is none."""
        row = self.one(sql, params)
        return None if row is None else row[0]

    def known(self, ask: Callable[[Rx], T]) -> T:
        """The answer to a question about settings, people, occasions or what is remembered of the shop.

        Within writes it stands until something of that changes (store.writing); it is not to be changed.
        """
        return ask(self)

    def version(self) -> tuple[int, int]:
        """What is another one after every change, by this connection or by others."""
        return self.value("PRAGMA data_version"), self._db.total_changes

    def iterate(self, sql: str, params: Params = ()) -> Generator[Row, None, None]:
        """The rows one by one, for answers too big to hold; exhaust it before the next write."""
        cursor = self._execute(sql, params)
        try:
            yield from cursor
        except faults() as error:
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
