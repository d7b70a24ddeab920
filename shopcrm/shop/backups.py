"""Copies of the data file one can believe, and the check of the file itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from shopcrm.basics.drives import is_same_disk
from shopcrm.basics.errors import InputError, Refusal, StoreError
from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import (
    BackupFile,
    CheckReport,
    CopyPlace,
    CopyState,
    LastCopy,
    Restored,
    Salvaged,
    ShopCounts,
)
from shopcrm.basics.rights import KINDS
from shopcrm.basics.texts import t
from shopcrm.store import Store, audit, backup, lock, places, settings

if TYPE_CHECKING:
    from shopcrm.shop import Shop, ShopView

BY_HAND = "by_hand"
BULK = 50  # members; a step that changes more of them has a copy before it


class Backups:
    """Making and listing verified copies; a shop without a file has none."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._saved = shop.store.session_start - 1  # the last step that the newest copy holds

    def now(self, why: str, to: Path | None = None, progress: Progress = SILENT) -> BackupFile:
        """A verified copy in `to` (default: where this shop's copies go, older ones thinned); Refusal
        no_shop_file without a file.

        `why` is lower-case letters: day, close, import, bulk, by_hand, which asks for a right: RightsError.
        Raises StoreError; the shop itself is untouched but for a line of the trail where a copy goes `to`
        a place of its own.
        """
        store = self._shop.store
        if why == BY_HAND:
            self._shop.check("backup")
        if store.path is None:
            raise Refusal("no_shop_file")
        last = backup.last_step(store.connection)
        keep = None if to else self._keep
        made = backup.make_backup(
            store.connection, store.path, why, self._shop.clock(), to=to, keep=keep, progress=progress
        )
        if to is None:
            self._saved = last
        else:
            self._tell_taken(made)
        return made

    def carry(self, to: Path, password: str, progress: Progress = SILENT) -> Path:
        """A copy to take along in the folder `to`, sealed behind a password; the file.

        It is made of a verified copy in the usual place. Raises InputError password_short, password_letters;
        else as `now`, and backup_bad.
        """
        from shopcrm.basics.passwords import refuse_unfit  # not needed to start in the morning
        from shopcrm.store import sealed

        refuse_unfit(password)
        made = self.now(BY_HAND, progress=progress)
        carried = sealed.seal(made.path, Path(to) / (made.path.stem + sealed.ENDING), password, progress)
        self._tell_taken(made)
        return carried

    def _tell_taken(self, made: BackupFile) -> None:
        """In the trail, that the whole shop left it as a copy."""
        with self._shop.write("export", right="backup") as tx:
            tx.note(what=t("bk.taken"), n=made.members)
            tx.done(None, "bk.taken")

    def daily(self, progress: Progress = SILENT) -> BackupFile | None:
        """The copy of the day: None if one was made since the last time it was due, or nothing is worth
        copying."""
        if self._shop.store.path is None or not self._is_day_due():
            return None
        return self.now("day", progress=progress)

    def at_close(self, progress: Progress = SILENT) -> BackupFile | None:
        """The copy of closing: None where the owner does without, or nobody recorded anything since the last
        one. The newest is carried to the second place in any case where it is not there yet."""
        store = self._shop.store
        if store.path is None or not self._shop.settings.get("backup.at_close") or not store.has_records:
            return None
        has_steps = backup.has_steps_since(store.connection, self._saved)
        made = self.now("close", progress=progress) if has_steps else None
        self.to_second(progress)
        return made

    def before_bulk(self, kind: str, members: int, progress: Progress = SILENT) -> BackupFile | None:
        """The copy before a step of this kind that changes so many members at once: None for a few, which
        undo serves. Raises RightsError where the step itself would."""
        self._shop.check(KINDS[kind])
        if members <= BULK or self._shop.store.path is None:
            return None
        return self.now("bulk", progress=progress)

    def to_second(self, progress: Progress = SILENT) -> BackupFile | None:
        """The newest copy in the second place, too: None where there is none, or it is there already. Raises
        StoreError."""
        path = self._shop.store.path
        place = None if path is None else self._second()
        newest = backup.newest(self.files(), self._shop.clock())
        if path is None or place is None or newest is None:
            return None
        if (place / newest.path.name).exists() and backup.has_checksum(place / newest.path.name):
            return None
        made = backup.carry(newest, place, self._shop.clock(), keep=self._keep, progress=progress)
        if not places.chosen(path).second:
            places.choose_second(path, place)
        places.remember_last(path, made)
        return made

    def keep_up(self, progress: Progress = SILENT) -> bool:
        """Make and carry the copies that are due; whether any was made."""
        made = self.daily(progress) is not None
        return (self.to_second(progress) is not None) or made

    def files(self, folder: Path | None = None) -> tuple[BackupFile, ...]:
        """The verified copies, newest first: of one folder, or of all they were put into."""
        path = self._shop.store.path
        if path is None:
            return ()
        shop = backup.shop_of(self._shop.store.read())
        return tuple(
            backup.copies_of(path, shop) if folder is None else backup.list_backups(folder, path.stem, shop)
        )

    def choose_folder(self, folder: Path | None) -> None:
        """Where copies go from now on, None: beside the data. InputError folder_gone, StoreError,
        RightsError."""
        path = self._path
        self._shop.check("settings")
        if folder is not None and not folder.is_dir():
            raise InputError("folder", "folder_gone", folder=str(folder))
        try:
            places.choose_folder(path, folder)
        except OSError as error:
            raise StoreError(backup.os_code(error), file=path.name) from error

    def choose_second(self, folder: Path | None) -> None:
        """The second place, None: whatever disk is plugged in. InputError folder_gone; same_disk for a folder
        that would be lost together with the data; StoreError, RightsError."""
        path = self._path
        self._shop.check("settings")
        if folder is not None and not folder.is_dir():
            raise InputError("folder", "folder_gone", folder=str(folder))
        if folder is not None and is_same_disk(folder, path):
            raise InputError("folder", "same_disk", folder=str(folder))
        try:
            places.choose_second(path, folder)
        except OSError as error:
            raise StoreError(backup.os_code(error), file=path.name) from error

    @property
    def _path(self) -> Path:
        if self._shop.store.path is None:
            raise Refusal("no_shop_file")
        return self._shop.store.path

    @property
    def _keep(self) -> int:
        keep = self._shop.settings.get("backup.keep")
        assert isinstance(keep, int)
        return keep

    def _second(self) -> Path | None:
        shop = self._shop
        if not shop.settings.get("backup.second"):
            return None
        return places.second_of(self._path, str(shop.settings.get("shop.name")))

    def _is_day_due(self) -> bool:
        time = str(self._shop.settings.get("backup.time"))
        return self._shop.store.has_records and is_due(self.files(), self._shop.clock(), time)

    def look(self, copy: Path, password: str = "", inner: str = "") -> tuple[ShopCounts, dict[str, int]]:
        """What a copy holds, checked in full, and how many steps of people since then a restore would
        replace, by kind; passwords and what is raised as by `restore`, and no_shop_file."""
        from shopcrm.store import restore as restoring  # not needed to start in the morning

        path = self._shop.store.path
        if path is None:
            raise Refusal("no_shop_file")
        with restoring.opened(Path(copy), path, password, inner=inner) as plain:
            return restoring.check_copy(plain), restoring.lost_by(path, plain)

    def check(self) -> CheckReport:
        """The full check of the data file: its structure, its references, its counts, the seals of the audit
        trail. Takes seconds when it is big."""
        report = backup.check(self._shop.store.connection)
        line = audit.first_fault(self._shop.store.read()) if report.sound else None
        return report if line is None else replace(report, problems=(t("audit.fault", n=line),))


def state_of(view: ShopView, data_file: Path, now: datetime) -> CopyState:
    """How well the data is kept, for the screen: asks the folders, not for the window's thread."""
    path = Path(data_file).resolve()
    shop = view.shop_key()
    here = backup.copies_of(path, shop)
    folder = places.folder_of(path)
    newest = backup.newest(here, now)
    first = CopyPlace(folder, True, _last(newest))
    members = view.total()
    second, second_due = None, False
    if view.setting("backup.second"):
        kept = places.chosen(path)
        at = places.second_of(path, str(view.setting("shop.name")))
        there = backup.newest([] if at is None else backup.list_backups(at, path.stem, shop), now)
        last = _last(there) or (kept.last_copy if at is None else None)
        if at is not None or kept.second:
            second = CopyPlace(at or Path(kept.second), at is not None, last)
        if at is not None and newest is not None:
            is_there = there is not None and (
                there.path.name == newest.path.name or newest.at.date() <= there.at.date() <= now.date()
            )
            second_due = not is_there
    day_due = view.has_records() and is_due(here, now, str(view.setting("backup.time")))
    is_chosen = bool(places.chosen(path).folder)
    return CopyState(first, is_chosen, second, places.missing_of(path), members, day_due, second_due)


def is_due(copies: Sequence[BackupFile], now: datetime, time: str) -> bool:
    """Whether the copy of the day is to be made: none was since that time came last.

    A copy of the future is one of a clock that was wrong, and counts for nothing.
    """
    hour, minute = map(int, time.split(":"))
    due = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if due > now:
        due -= timedelta(days=1)
    return not any(due <= copy.at <= now for copy in copies)


def _last(copy: BackupFile | None) -> LastCopy | None:
    return None if copy is None else LastCopy(copy.at, copy.members, copy.sales)


def newest_of(copies: Sequence[BackupFile], now: datetime) -> BackupFile | None:
    """The copy to go back to, of copies in order: not one of a clock that was wrong."""
    return backup.newest(copies, now)


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
    return tuple(backup.copies_of(Path(data_file).resolve()))


def restore(
    data_file: Path,
    copy: Path,
    clock: Callable[[], datetime],
    progress: Progress = SILENT,
    password: str = "",
    inner: str = "",
    by: str = "",
) -> Restored:
    """Put a copy in the place of a data file that is closed; what was there is saved first.

    PINs and the audit trail are those of the copy then: its next line says who did it, by the name `by`, and
    how many lines were put away with the former file.
    `password` is that of a sealed copy, or of one encrypted when the shop had another; `inner` that of the
    encrypted shop in a sealed copy, needed once where it is not known. A shop that is encrypted and unlocked
    stays so, with its present password. Raises Refusal backup_bad, too_new, notadb for the copy,
    sealed_needs, password_wrong, sealed_bad, shop_locked, shop_password_wrong, inner_needs, inner_wrong;
    StoreError second_copy, full, io, readonly; Cancelled. Nothing has changed then.
    """
    from shopcrm.store import restore as restoring

    with restoring.opened(Path(copy), Path(data_file), password, progress, inner) as plain:
        lines = restoring.lines_lost(Path(data_file), plain)
        found = restoring.restore(Path(data_file), plain, clock(), progress)
    with suppress(StoreError):  # what stands there now is told of where it is opened
        store = Store.open(data_file, now=clock(), progress=progress)
        try:
            names = {person.name: person.id for person in settings.staff(store.read())}
            with store.write("restore", names.get(by), clock()) as tx:
                tx.note(copy=Path(copy).name, members=found.counts.members, sales=found.counts.sales)
                if by and by not in names:  # nobody of that name worked here then
                    tx.note(by=by)
                if lines:
                    tx.note(lines=lines)
                tx.done(None, "audit.restored")
        finally:
            store.close()
    return found


def salvage(
    damaged: Path,
    out: Path,
    clock: Callable[[], datetime],
    progress: Progress = SILENT,
    password: str = "",
) -> Salvaged:
    """Write what can still be read of a damaged data file into the new file `out`, which can take its place
    like a backup; the damaged one is only read.

    Of an encrypted one it wants the password or the recovery key, if that is not known already; `out` has the
    same. Raises Refusal salvage_nothing, shop_locked, shop_password_wrong, shop_password_or_damage;
    StoreError cantopen, full, io, readonly; Cancelled: without an `out`.
    """
    from shopcrm.store import salvage as salvaging

    found = salvaging.salvage(Path(damaged), Path(out), password, progress)
    store = Store.open(out, now=clock())
    try:
        with store.write("salvage", None, clock()) as tx:
            tx.note(
                members=found.members, sales=found.sales, nameless=found.nameless,
                lost=sum(found.lost.values()), trail="whole" if found.trail else "cut",
            )  # fmt: skip
            tx.done(None, "audit.salvaged")
    finally:
        store.close()
    return found
