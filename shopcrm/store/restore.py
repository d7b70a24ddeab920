"""Putting a copy in the place of the data file, which is saved first; of a damaged one every byte is kept.

At every instant the data file is whole as it was or whole as restored: the copy is written beside it, checked
there, and takes the name in one step. No journal of the former file may stand beside the new one, or the
database would play it back into it.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from shopcrm.basics.errors import Refusal, StoreError
from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import BackupFile, Restored, ShopCounts
from shopcrm.store import backup, keys, rekeying, schema, sealed
from shopcrm.store.connection import connect, faults, unlock
from shopcrm.store.lock import FileLock

_UNSEALED = ".unsealed"
_NOT_OURS = ("too_new", "notadb")  # said as it is; any other fault of a copy means that it is bad
_IS_BEGUN = """
SELECT EXISTS (SELECT 1 FROM member) OR EXISTS (SELECT 1 FROM sale) OR EXISTS (SELECT 1 FROM setting)
"""
# What people did after the copy was made, by the kind of step.
_SINCE = f"""
SELECT kind, count(*) FROM journal_entry WHERE id > ? AND undoes IS NULL AND undone_by IS NULL
  AND {backup.OF_PEOPLE} GROUP BY kind
"""


@contextmanager
def opened(
    copy: Path, data_file: Path, password: str, progress: Progress = SILENT, inner: str = ""
) -> Iterator[Path]:
    """A copy as a file that can be read: itself, or what is sealed in it, for a while in the shop's folder.

    The password opens what is sealed, or what is encrypted with a key that is not known yet. A sealed copy of
    an encrypted shop needs both: `inner` is the password or recovery key the shop had then, not needed where
    it is the same as the other or known. Raises Refusal sealed_needs, password_wrong, sealed_bad,
    shop_locked, shop_password_wrong, inner_needs, inner_wrong; backup_bad for a sealed list and a damaged
    copy; StoreError full, io, readonly; Cancelled.
    """
    plain = data_file.with_name("." + data_file.name + _UNSEALED)
    _forget(plain)  # a program that was killed here last time may have left it
    if not sealed.is_sealed(copy):
        _unlock(copy, password)
        yield copy
        return
    if sealed.what_is_in(copy) != sealed.COPY:
        raise Refusal("backup_bad", file=copy.name)
    try:
        try:
            plain.parent.mkdir(parents=True, exist_ok=True)
            with plain.open("wb") as sink:
                sealed.unseal(copy, password, sink, progress)
        except OSError as error:
            raise StoreError(backup.os_code(error), file=copy.name) from error
        try:
            _unlock(plain, inner or password)
        except Refusal as refused:
            if refused.code == "backup_bad":
                raise Refusal(refused.code, file=copy.name) from refused
            raise Refusal("inner_wrong" if inner else "inner_needs", file=copy.name) from refused
        yield plain
    finally:
        _forget(plain)


def _unlock(copy: Path, password: str) -> None:
    try:
        keys.of(copy)
        return
    except Refusal:
        pass
    try:
        unlock(copy, password)
    except StoreError as error:
        raise Refusal("backup_bad", file=copy.name) from error
    except Refusal as refused:
        if refused.code == "shop_locked":
            raise
        raise Refusal("shop_password_wrong", file=copy.name) from refused


def _forget(plain: Path) -> None:
    for file in (plain, _journal(plain)):
        with suppress(OSError):
            file.unlink(missing_ok=True)


def check_copy(file: Path) -> ShopCounts:
    """Whether a file can take the place of a shop's: its checksum where it has one, its stamp, its structure,
    its version.

    Raises Refusal backup_bad, too_new, notadb; reads only.
    """
    try:
        if not file.is_file():
            raise StoreError("backup_bad")
        if backup.has_checksum(file):
            backup.verify(file)
        copy = connect(file, write=False)
        try:
            schema.check_version(copy)
            report = backup.check(copy)
            if schema.is_new(copy) or not report.sound or not backup.is_as_stamped(file):
                raise StoreError("backup_bad")
        finally:
            copy.close()
    except faults(OSError, StoreError) as error:
        code = error.code if isinstance(error, StoreError) and error.code in _NOT_OURS else "backup_bad"
        raise Refusal(code, file=file.name) from error
    return ShopCounts(report.members, report.sales, report.lines, report.sum_fen)


def lost_by(data_file: Path, copy: Path) -> dict[str, int]:
    """How many steps people took since a copy was made, by kind: what a restore would replace.

    {} where either cannot be read; a copy of another shop has none of the steps.
    """
    try:
        old, now = connect(copy, write=False), connect(data_file, write=False)
        try:
            return dict(now.execute(_SINCE, (backup.last_step(old),)).fetchall())
        finally:
            old.close()
            now.close()
    except faults(StoreError, Refusal):
        return {}


def lines_lost(data_file: Path, copy: Path) -> int:
    """How many lines of the audit trail a data file has beyond those of a copy; 0 where either cannot be
    read."""
    try:
        old, now = connect(copy, write=False), connect(data_file, write=False)
        try:
            had, has = (int(db.execute("SELECT count(*) FROM audit").fetchone()[0]) for db in (old, now))
            return max(has - had, 0)
        finally:
            old.close()
            now.close()
    except faults(StoreError, Refusal):
        return 0


def restore(data_file: Path, copy: Path, now: datetime, progress: Progress = SILENT) -> Restored:
    """Put a verified copy in the place of a data file that nobody has open; the state before is saved first.

    Raises Refusal as `check_copy`; StoreError second_copy while the shop is open, full, io, readonly;
    Cancelled. Nothing has changed then.
    """
    data_file, copy = data_file.resolve(), copy.resolve()
    if data_file == copy:
        raise Refusal("backup_bad", file=copy.name)
    progress.step(0, 3, "progress.restore")
    counts = check_copy(copy)
    part = data_file.with_name("." + data_file.name + ".restore")
    try:
        data_file.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(data_file)
        try:
            try:
                _write_beside(copy, part, counts, data_file)
                progress.step(1, 3, "progress.restore")
                saved, aside = _save(data_file, now, progress)
                progress.step(2, 3, "progress.restore")
                _journal(data_file).unlink(missing_ok=True)
                part.replace(data_file)
                backup.flush_folder(data_file.parent)
            finally:
                part.unlink(missing_ok=True)
        finally:
            lock.release()
    except OSError as error:
        raise StoreError(backup.os_code(error), file=data_file.name) from error
    return Restored(counts, saved, aside)


def _write_beside(copy: Path, part: Path, counts: ShopCounts, data_file: Path) -> None:
    """A copy of the copy, on the disk and compared before it is given the name.

    Where the shop is encrypted and open to us, its key is that of what comes back, too.
    """
    try:
        key = keys.of(data_file)
    except Refusal:  # its password is lost
        key = None
    if key is None or key == keys.of(copy):
        shutil.copyfile(copy, part)
        backup.take_stamp(part)
        with part.open("rb+") as content:
            os.fsync(content.fileno())
    else:
        rekeying.write_anew(copy, part, key)
    backup.compare(part, counts)


def _save(data_file: Path, now: datetime, progress: Progress) -> tuple[BackupFile | None, Path | None]:
    """A verified copy of the present state; of what cannot be read the bytes as they are, journal and all."""
    if not data_file.exists() or data_file.stat().st_size == 0:
        return None, None
    try:
        db = connect(data_file, write=True)
        try:
            schema.check_version(db)
            if schema.is_new(db):
                return None, None
            if not backup.check(db).sound:
                raise StoreError("corrupt")
            if not db.execute(_IS_BEGUN).fetchone()[0]:  # of a first start there is nothing to go back to
                return None, None
            return backup.make_backup(db, data_file, "restore", now, progress=progress), None
        finally:
            db.close()
    except faults(StoreError, Refusal) as error:
        if isinstance(error, StoreError) and error.code in ("full", "io", "readonly", "locked"):
            raise
        return None, _put_aside(data_file, now)


def _put_aside(data_file: Path, now: datetime) -> Path:
    """Keep a damaged file beside, by a copy: until the restored one has the name, it must not be gone."""
    stem, n = f"{data_file.stem}-damaged-{now:%Y%m%d-%H%M%S}", 1
    aside = data_file.with_name(stem + data_file.suffix)
    while aside.exists():
        n += 1
        aside = data_file.with_name(f"{stem}-{n}{data_file.suffix}")
    for source, target in ((data_file, aside), (_journal(data_file), _journal(aside))):
        if source.exists():
            shutil.copyfile(source, target)
            with target.open("rb+") as content:
                os.fsync(content.fileno())
    return aside


def asides(data_file: Path) -> list[Path]:
    """The damaged files that were put aside when a copy took the place of a data file."""
    name = re.escape(data_file.stem) + r"-damaged-\d{8}-\d{6}(-\d+)?" + re.escape(data_file.suffix)
    # By the whole name: another shop may be called shop-east.db.
    return [file for file in sorted(data_file.parent.iterdir()) if re.fullmatch(name, file.name)]


def _journal(file: Path) -> Path:
    return file.with_name(file.name + "-journal")
