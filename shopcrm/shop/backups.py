"""Copies of the data file one can believe, and the check of the file itself."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from shopcrm.basics.errors import Refusal, StoreError
from shopcrm.basics.passwords import refuse_unfit
from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import BackupFile, CheckReport, Restored, ShopCounts
from shopcrm.basics.texts import t
from shopcrm.store import Store, audit, backup, lock

if TYPE_CHECKING:
    from shopcrm.shop import Shop


class Backups:
    """Making and listing verified copies; a shop without a file has none."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def now(self, why: str, to: Path | None = None, progress: Progress = SILENT) -> BackupFile:
        """A verified copy in `to` (default: beside the data file); Refusal no_shop_file without a file.

        `why` is lower-case letters: day, close, import, by_hand. Raises StoreError; the shop itself is
        untouched.
        """
        store = self._shop.store
        if store.path is None:
            raise Refusal("no_shop_file")
        return backup.make_backup(
            store.connection, store.path, why, self._shop.clock(), to=to, progress=progress
        )

    def carry(self, to: Path, password: str, progress: Progress = SILENT) -> Path:
        """A copy to take along in the folder `to`, sealed behind a password; the file.

        It is made of a verified copy in the usual place. Raises InputError password_short, password_letters;
        else as `now`, and backup_bad.
        """
        refuse_unfit(password)
        made = self.now("by_hand", progress=progress)
        from shopcrm.store import sealed

        return sealed.seal(made.path, Path(to) / (made.path.stem + sealed.ENDING), password, progress)

    def daily(self, progress: Progress = SILENT) -> BackupFile | None:
        """The copy of the day: None if there is one of today already, or nothing worth copying."""
        files = self.files()
        if files and files[0].at.date() >= self._shop.day:
            return None
        if self._shop.store.path is None or not self._shop.store.has_records:
            return None
        return self.now("day", progress=progress)

    def files(self, folder: Path | None = None) -> tuple[BackupFile, ...]:
        """The verified copies, newest first."""
        path = self._shop.store.path
        if path is None:
            return ()
        return tuple(backup.list_backups(folder or backup.folder_of(path), path.stem))

    def look(self, copy: Path, password: str = "") -> tuple[ShopCounts, dict[str, int]]:
        """What a copy holds, checked in full, and how many steps of people since then a restore would
        replace, by kind. Refusal backup_bad, too_new, notadb, sealed_needs, password_wrong, sealed_bad;
        no_shop_file."""
        from shopcrm.store import restore as restoring  # not needed to start in the morning

        path = self._shop.store.path
        if path is None:
            raise Refusal("no_shop_file")
        with restoring.opened(Path(copy), path.parent, password) as plain:
            return restoring.check_copy(plain), restoring.lost_by(path, plain)

    def check(self) -> CheckReport:
        """The full check of the data file: its structure, its references, its counts, the seals of the audit
        trail. Takes seconds when it is big."""
        report = backup.check(self._shop.store.connection)
        line = audit.first_fault(self._shop.store.read()) if report.sound else None
        return report if line is None else replace(report, problems=(t("audit.fault", n=line),))


def call_first_copy(data_file: Path) -> bool:
    """Ask the program that has a data file open to come forward; whether its window did, within two
    seconds."""
    return lock.call(Path(data_file))


def damage_of(data_file: Path, stopped: Callable[[], bool]) -> str | None:
    """What is broken in the structure of a data file, None if nothing is; it may be in use meanwhile.

    Raises Cancelled when `stopped` says so, StoreError where it cannot be read at all.
    """
    return backup.damage_of(Path(data_file), stopped)


def copies_of(data_file: Path) -> tuple[BackupFile, ...]:
    """The verified copies of a data file that may itself be unreadable, newest first."""
    path = Path(data_file).resolve()
    return tuple(backup.list_backups(backup.folder_of(path), path.stem))


def restore(
    data_file: Path,
    copy: Path,
    clock: Callable[[], datetime],
    progress: Progress = SILENT,
    password: str = "",
) -> Restored:
    """Put a copy in the place of a data file that is closed; what was there is saved first.

    Raises Refusal backup_bad, too_new, notadb for the copy, sealed_needs, password_wrong, sealed_bad for one
    behind a password; StoreError second_copy, full, io, readonly; Cancelled. Nothing has changed then.
    """
    from shopcrm.store import restore as restoring

    with restoring.opened(Path(copy), Path(data_file).parent, password, progress) as plain:
        found = restoring.restore(Path(data_file), plain, clock(), progress)
    with suppress(StoreError):  # what stands there now is told of where it is opened
        store = Store.open(data_file, now=clock(), progress=progress)
        try:
            with store.write("restore", None, clock()) as tx:
                tx.note(copy=Path(copy).name, members=found.counts.members, sales=found.counts.sales)
                tx.done(None, "audit.restored")
        finally:
            store.close()
    return found
