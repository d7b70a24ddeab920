"""The data file written anew with another key or none, beside the old one, compared, and put in its place.

At every instant the data file is whole as it was or whole as it becomes. What it was is saved first, as an
ordinary copy: as readable as the file was.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any

from shopcrm.basics.errors import StoreError
from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import BackupFile
from shopcrm.store import backup, keys, schema
from shopcrm.store.connection import connect, encrypting_library, faults, raised
from shopcrm.store.keys import Key
from shopcrm.store.lock import FileLock

_TABLES = """
SELECT name FROM main.sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name
"""
_SCHEMA = "SELECT type, name, tbl_name, sql FROM {}.sqlite_schema ORDER BY type, name"
_ROWS = 2_000  # compared at once


def rekey(
    data_file: Path, key: Key | None, now: datetime, progress: Progress = SILENT
) -> tuple[BackupFile, BackupFile | None]:
    """Give a data file that nobody has open another key, or take it away; the copy of what it was, and that
    of what it is (None where the disk did not take it: the file itself stands).

    Raises Refusal shop_locked where its present key is not known; StoreError second_copy, corrupt, too_new,
    notadb, backup_bad if it did not come out as it went in, full, io, readonly; Cancelled. Nothing has
    changed then.
    """
    data_file = data_file.resolve()
    part = data_file.with_name("." + data_file.name + ".rekey")
    try:
        lock = FileLock(data_file)
        try:
            saved = _save(data_file, now, progress)
            try:
                write_anew(data_file, part, key, progress)
                data_file.with_name(data_file.name + "-journal").unlink(missing_ok=True)
                part.replace(data_file)
                backup.flush_folder(data_file.parent)
            finally:
                part.unlink(missing_ok=True)
            try:
                return saved, _save(data_file, now, SILENT)
            except (StoreError, OSError):
                return saved, None
        finally:
            lock.release()
    except OSError as error:
        raise StoreError(backup.os_code(error), file=data_file.name) from error


def write_anew(source: Path, target: Path, key: Key | None, progress: Progress = SILENT) -> None:
    """Write all a file holds to another one with this key, and compare every row. Raises StoreError, OSError,
    Cancelled."""
    library, before = encrypting_library(), keys.of(source)
    target.unlink(missing_ok=True)
    if key is not None:
        keys.remember(key)
    db = library.connect(source.absolute().as_uri(), uri=True, isolation_level=None)
    try:
        db.execute("PRAGMA cipher_log_level=NONE")
        if before is not None:
            db.execute(f'PRAGMA key="{before.pragma}"')
        db.execute("ATTACH ? AS other KEY ?", (str(target), "" if key is None else key.pragma))
        db.execute("PRAGMA other.journal_mode=OFF").fetchall()  # half of it is thrown away
        db.execute("BEGIN")
        tables = [name for (name,) in db.execute(_TABLES)]
        progress.step(0, len(tables) + 1, "progress.rekey")
        db.execute("SELECT sqlcipher_export('other')").fetchall()
        version = db.execute("PRAGMA main.user_version").fetchone()[0]
        db.execute(f"PRAGMA other.user_version={version}")
        db.execute("COMMIT")
        _compare(db, tables, progress, target)
    except faults() as error:
        raise raised(error) from error
    finally:
        db.close()
    with target.open("rb+") as content:
        os.fsync(content.fileno())


def _compare(db: Any, tables: list[str], progress: Progress, target: Path) -> None:
    same = _all(db, _SCHEMA.format("main")) == _all(db, _SCHEMA.format("other"))
    for done, table in enumerate(tables, 1):
        progress.step(done, len(tables) + 1, "progress.rekey")
        # By the table itself, row after row: both lie in the order of their keys.
        here = db.execute(f'SELECT * FROM main."{table}" NOT INDEXED')
        there = db.execute(f'SELECT * FROM other."{table}" NOT INDEXED')
        while same:
            rows = here.fetchmany(_ROWS)
            same = rows == there.fetchmany(_ROWS)
            if not rows:
                break
    if not same:
        raise StoreError("backup_bad", file=target.name)


def _all(db: Any, sql: str) -> list[Any]:
    return list(db.execute(sql).fetchall())


def _save(data_file: Path, now: datetime, progress: Progress) -> BackupFile:
    """A verified copy of the file as it is; a damaged one is not touched."""
    db = connect(data_file, write=True)
    try:
        schema.check_version(db)
        if schema.is_new(db) or not backup.check(db).sound:
            raise StoreError("corrupt", file=data_file.name)
        return backup.make_backup(db, data_file, "rekey", now, progress=progress)
    except faults() as error:
        raise raised(error) from error
    finally:
        db.close()
