"""Bringing a file's tables to the form of this version: which steps are missing, applying them, refusing
newer files."""

from __future__ import annotations

import sqlite3
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from shopcrm.basics.errors import StoreError
from shopcrm.store.migrations import DERIVED, STEPS

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations

SET_NAME = "shopcrm"

_TABLES = "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'"
_APPLIED = "SELECT name FROM _sqlite_migrations WHERE migration_set=?"
# Only told from other versions of itself: no reason to load a library of cryptography at every start.
_FINGERPRINT = f"{zlib.crc32(DERIVED.encode()):08x}-{len(DERIVED)}"


def check_version(db: sqlite3.Connection) -> None:
    """Raise StoreError too_new for a file of a later version, notadb for one that is not a shop's; reads
    only."""
    if db.execute("PRAGMA user_version").fetchone()[0] > len(STEPS):
        raise StoreError("too_new")
    tables = {name for (name,) in db.execute(_TABLES)}
    if not tables:
        return
    if "_sqlite_migrations" not in tables:
        raise StoreError("notadb")
    applied = {name for (name,) in db.execute(_APPLIED, (SET_NAME,))}
    if applied - {name for name, _ in STEPS}:
        raise StoreError("too_new")
    if not applied:
        raise StoreError("notadb")


def is_new(db: sqlite3.Connection) -> bool:
    """Whether the file holds nothing yet."""
    return db.execute(_TABLES).fetchone() is None


def pending(db: sqlite3.Connection) -> bool:
    """Whether steps are missing; the mirror in user_version answers without loading sqlite-utils."""
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    return version < len(STEPS)


def migrate(db: sqlite3.Connection, version: int | None = None) -> None:
    """Apply the missing steps (up to `version`, default: all) and renew the derived tables in one
    transaction; the caller has made the backup."""
    last = len(STEPS) if version is None else version
    db.execute("BEGIN IMMEDIATE")
    try:
        if pending(db):
            _apply(db, last)
        if _derived_fingerprint(db) != _FINGERPRINT:
            _renew_derived(db)
        if db.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise StoreError("corrupt")
        db.execute(f"PRAGMA user_version={last}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def up_to_date(db: sqlite3.Connection) -> bool:
    """Whether `migrate` would change nothing."""
    return not pending(db) and _derived_fingerprint(db) == _FINGERPRINT


def _apply(db: sqlite3.Connection, last: int) -> None:
    with _pandas_out_of_sight():
        from sqlite_utils import Database, Migrations

    steps: Migrations = Migrations(SET_NAME)
    for name, sql in STEPS[:last]:
        steps(name=name)(_step(sql))
    steps.apply(Database(db, execute_plugins=False))


def _step(sql: str) -> Callable[[Database], None]:
    def step(database: Database) -> None:
        for statement in statements(sql):
            database.conn.execute(statement)

    return step


def statements(sql: str) -> Iterator[str]:
    """The single statements of a script (executescript would commit the transaction around it)."""
    part = ""
    for line in sql.splitlines(keepends=True):
        part += line
        if sqlite3.complete_statement(part):
            yield part
            part = ""


@contextmanager
def _pandas_out_of_sight() -> Iterator[None]:
    """sqlite-utils loads pandas and numpy when it finds them: half a second and 60 MB for nothing here."""
    hidden = [name for name in ("pandas", "numpy") if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def _derived_fingerprint(db: sqlite3.Connection) -> str | None:
    if db.execute("SELECT 1 FROM sqlite_master WHERE name='d_state'").fetchone() is None:
        return None
    row = db.execute("SELECT value FROM d_state WHERE key='schema'").fetchone()
    return None if row is None else str(row[0])


def _renew_derived(db: sqlite3.Connection) -> None:
    for (name,) in db.execute(_TABLES + " AND name LIKE 'd\\_%' ESCAPE '\\'").fetchall():
        db.execute(f"DROP TABLE {name}")
    for statement in statements(DERIVED):
        db.execute(statement)
    db.execute("INSERT INTO d_state VALUES ('schema', ?)", (_FINGERPRINT,))
