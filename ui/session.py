"""The screen's way to the shop: writes and slow reads on the worker, quick page reads at once,
one signal of changes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QPushButton, QWidget
from shiboken6 import isValid

from shopcrm.basics.errors import Cancelled, RightsError
from shopcrm.basics.progress import Progress
from shopcrm.basics.records import EVERYTHING, Changes, Done, StaffId, StaffRow
from shopcrm.basics.rights import rights_of, sees_phones
from shopcrm.basics.texts import t
from ui.jobs import Jobs
from ui.opening import Opened, started

if TYPE_CHECKING:
    from shopcrm.shop import Shop, ShopView

BUSY_MS = 300  # below this a button does not say that it is working

Opener = Callable[[Progress], "Shop | Opened"]


class Preferences:
    """What belongs to this computer and not to the shop: theme, font level, language, window place."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._values: dict[str, Any] = {}
        if file is not None and file.exists():
            try:
                read = json.loads(file.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                read = {}  # a damaged file of preferences only costs the preferences
            if isinstance(read, dict):
                self._values = read

    def get(self, key: str, default: Any = None) -> Any:
        """The value kept, else `default`."""
        return self._values.get(key, default)

    def set(self, key: str, value: Any) -> None:
        """Keep a value; a disk that refuses costs only the preference."""
        if self._values.get(key) == value:
            return
        self._values[key] = value
        if self._file is None:
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            draft = self._file.with_suffix(".new")
            draft.write_text(json.dumps(self._values, ensure_ascii=False, indent=1), encoding="utf-8")
            draft.replace(self._file)
        except OSError:
            return


class Running(QObject):
    """A long piece of work as the screen sees it: steps arrive, `stop()` asks it to end."""

    stepped = Signal(int, int, str)
    ended = Signal()

    def __init__(
        self, title: str, post: Callable[[Callable[[], object]], None], *, gives_way: bool = False
    ) -> None:
        super().__init__()
        self.title = title
        self.gives_way = gives_way
        self.progress = Progress(self._report)
        self._post = post

    def stop(self) -> None:
        """Ask the work to stop at its next step."""
        self.progress.stop()

    def _report(self, done: int, total: int, what: str) -> None:
        self._post(_Step(self, done, total, what))


class Guarded(NamedTuple):
    """A copy with the password it opens with."""

    path: Path
    password: str


class Rekey(NamedTuple):
    """The password the shop's file shall have, None for none, and the one it has, "" for none."""

    new: str | None
    old: str


@dataclass(frozen=True, slots=True)
class _Step:
    running: Running
    done: int
    total: int
    what: str

    def __call__(self) -> None:
        self.running.stepped.emit(self.done, self.total, self.what)


@dataclass(slots=True)
class _Op:
    origin: object
    done: Callable[[Any], object] | None
    failed: Callable[[Exception], object] | None
    busy: QWidget | None
    running: Running
    retry: Callable[[StaffId | None], None]  # in whose hands, None: as before
    say: bool
    timer: QTimer | None = None
    words: str = ""
    disabled: list[QWidget] = field(default_factory=list)


class Session(QObject):
    """One shop on one screen. `changed` is what every view refreshes from, and the only such thing."""

    changed = Signal(object, object)  # Changes, origin
    said = Signal(object)  # Done, for the toast
    failed = Signal(object, object)  # error, retry
    refused = Signal(object, object, object)  # RightsError, retry in the hands of (StaffRow), give up
    restore_wanted = Signal(object)  # Path of the copy, or Guarded
    rekey_wanted = Signal(object)  # Rekey
    opened = Signal()
    open_failed = Signal(object)
    copies_changed = Signal()  # one was made, or another place chosen
    working = Signal(object)  # Running that wants its progress shown
    staff_changed = Signal()
    lock_changed = Signal()
    undone = Signal(object)  # Done
    redone = Signal(object)  # Done

    def __init__(self, jobs: Jobs, prefs: Preferences, clock: Callable[[], datetime] | None = None) -> None:
        super().__init__()
        self._jobs, self.prefs = jobs, prefs
        self._clock = clock or datetime.now
        self._shop: Shop | None = None
        self._view: ShopView | None = None
        self._worker_view: ShopView | None = None
        self._newest: dict[str, int] = {}
        self._open_ops = 0
        self._runs: list[Running] = []
        self._staff: StaffRow | None = None
        self._lender: StaffRow | None = None  # whose turn it is while somebody else helps out
        self._is_locked = False
        self._left: list[Shop | ShopView] = []
        self.copy_fault = ""  # why the last copy that was due could not be made, "" if it could
        self.opener: Opener | None = None

    # -- opening and closing ------------------------------------------------------------------------------

    def open(self, opener: Opener) -> None:
        """Open the shop on the worker; `opened` or `open_failed` follows."""
        self.opener = opener
        running = Running(t("app.opening"), self._jobs.post)

        before, self._left = self._left, []

        def work() -> object:
            for part in before:
                part.close()
            shop = opener(running.progress)
            return shop if isinstance(shop, Opened) else started(shop, running.progress)

        self._open_ops += 1
        self._runs.append(running)
        self._jobs.submit(work, _Bound(self._on_opened, running), _Bound(self._on_open_failed, running))

    def _on_opened(self, running: Running, result: Any) -> None:
        self._open_ops -= 1
        self._runs.remove(running)
        self._shop, self._view, self._worker_view = result
        self._staff = self._last_staff()
        self.shop.actor = self._actor
        for view in (self._view, self._worker_view):
            view.act_as(self._actor)
        # Locked by hand it stays so, also where one person alone is not asked at every start.
        self._is_locked = self.locks or (self.can_lock and bool(self.prefs.get("locked")))
        self.opened.emit()

    def _last_staff(self) -> StaffRow | None:
        people = [person for person in self.view.staff() if person.active]
        last = self.prefs.get("staff")
        return next((p for p in people if p.id == last), people[0] if people else None)

    def _on_open_failed(self, running: Running, error: Any) -> None:
        self._open_ops -= 1
        self._runs.remove(running)
        self.open_failed.emit(error)

    def post(self, call: Callable[[], object]) -> None:
        """Run a call in the screen's thread soon; any thread may ask for it."""
        self._jobs.post(call)

    def leave(self) -> None:
        """Part from the shop; the next `open` closes its file first."""
        self._left += [part for part in (self._view, self._worker_view, self._shop) if part is not None]
        self._shop = self._view = self._worker_view = self._staff = self._lender = None
        self._is_locked = False
        self.copy_fault = ""

    @property
    def is_open(self) -> bool:
        """Whether the shop can be asked yet."""
        return self._view is not None

    @property
    def is_busy(self) -> bool:
        """Whether a write or the opening is under way."""
        return self._open_ops > 0

    def clear_the_way(self) -> bool:
        """Stop what nobody waits for; whether nothing else runs."""
        for running in self._runs:
            if running.gives_way:
                running.stop()
        return all(running.gives_way for running in self._runs)

    def stop_all(self) -> None:
        """Ask everything that runs to stop."""
        for running in self._runs:
            running.stop()

    def close(self) -> None:
        """Wait for what runs, then close the file; safe to call twice."""
        self._jobs.close()
        self.leave()
        for part in self._left:
            part.close()
        self._left = []

    # -- reading ------------------------------------------------------------------------------------------

    @property
    def view(self) -> ShopView:
        """The reading twin for this thread: a page of rows, a card. Only after `opened`."""
        assert self._view is not None, "the shop is not open yet"
        return self._view

    @property
    def shop(self) -> Shop:
        """The writing shop; only inside `do` may it be used."""
        assert self._shop is not None, "the shop is not open yet"
        return self._shop

    @property
    def now(self) -> datetime:
        """The moment by the shop's clock."""
        return self._clock()

    @property
    def today(self) -> date:
        """The day by the shop's clock."""
        return self.now.date()

    @property
    def staff(self) -> StaffRow | None:
        """Who is using the program."""
        return self._staff

    def may(self, right: str, person: StaffRow | None = None) -> bool:
        """Whether who is using the program, or this person, has this right of basics.rights."""
        return right in rights_of(self._actor if person is None else person.id, self.view.staff())

    def sees_phones(self, setting: str) -> bool:
        """Whether who is using the program sees whole numbers where this setting says if they are hidden."""
        return sees_phones(self._actor, self.view.staff(), bool(self.view.setting(setting)))

    @property
    def _actor(self) -> StaffId | None:
        return None if self._staff is None else self._staff.id

    def set_staff(self, person: StaffRow) -> None:
        """Another person takes over; later writes are hers. Whoever asks has seen her PIN."""
        self.prefs.set("staff", int(person.id))
        self._lender = None
        self._act_as(person)

    # -- who sits there -----------------------------------------------------------------------------------

    @property
    def can_lock(self) -> bool:
        """Whether there is a PIN to unlock by."""
        return any(person.has_pin and person.active for person in self.view.staff())

    @property
    def locks(self) -> bool:
        """Whether the shop asks who sits there: more than one works here, and somebody has a PIN."""
        return self.can_lock and sum(person.active for person in self.view.staff()) > 1

    @property
    def is_locked(self) -> bool:
        """Whether nobody may see anything until somebody says who she is."""
        return self._is_locked

    def lock(self) -> None:
        """Let nobody see anything until `unlock`; what runs goes on."""
        self.give_back()
        if not self._is_locked:
            self._is_locked = True
            self.prefs.set("locked", True)
            self.lock_changed.emit()

    def unlock(self, person: StaffRow) -> None:
        """This person said who she is, with her PIN where she has one."""
        self._is_locked = False
        self.prefs.set("locked", False)
        if self._staff is None or person.id != self._staff.id:
            self.set_staff(person)
        self.lock_changed.emit()

    @property
    def lender(self) -> StaffRow | None:
        """Who goes on when whoever helps out is done; None if nobody helps out."""
        return self._lender

    def borrow(self, person: StaffRow) -> None:
        """This person helps out and acts until `give_back`; whoever asks has seen her PIN."""
        if self._staff is None or person.id == self._staff.id:
            return
        self._lender = self._lender or self._staff
        self._act_as(person)

    def give_back(self) -> None:
        """Whoever helped out is done; nothing happens if nobody did."""
        lender, self._lender = self._lender, None
        if lender is not None:
            self._act_as(lender)

    def _act_as(self, person: StaffRow | None) -> None:
        saw = self.view.sees_phones()
        self._staff = person
        shop, view, actor = self.shop, self._worker_view, self._actor
        assert view is not None, "the shop is not open yet"
        self.view.act_as(actor)

        def work() -> object:
            shop.actor = actor
            view.act_as(actor)
            return None

        self._jobs.submit(work, _nothing, _nothing)
        others = saw != self.view.sees_phones()
        if others:  # what is still being asked would be answered as to who was there
            self._newest = {key: number + 1 for key, number in self._newest.items()}
        self.staff_changed.emit()
        if others:  # what stands on the pages was read for somebody else
            self.changed.emit(EVERYTHING, None)

    def reread_staff(self) -> None:
        """The people of the shop changed: keep who is using the program. Who is gone is followed by the first
        of the others, or by whoever says who she is where the shop has PINs."""
        here = {person.id: person for person in self.view.staff() if person.active}
        going = self._lender or self._staff
        if going is not None and going.id in here:
            if self._lender is None:
                self.set_staff(here[going.id])
            else:
                self._lender = here[going.id]
            return
        self._lender = None
        if going is not None and self.can_lock:
            self._act_as(None)
            self.lock()
        elif (person := self._last_staff()) is not None:
            self.set_staff(person)
        elif going is not None:
            self._act_as(None)

    def query(self, op: Callable[[ShopView], object], *, key: str, done: Callable[[Any], object]) -> None:
        """Ask something slow on the worker; of several questions with one `key` only the newest is
        answered.
        """
        number = self._newest.get(key, 0) + 1
        self._newest[key] = number
        view = self._worker_view
        assert view is not None, "the shop is not open yet"

        def work() -> object:
            # A question overtaken while waiting is not asked at all.
            return op(view) if self._newest.get(key) == number else None

        self._jobs.submit(
            work, _Newest(self, key, number, done), _Newest(self, key, number, self._on_query_failed)
        )

    def is_newest(self, key: str, number: int) -> bool:
        """Whether no later question of this key was asked."""
        return self._view is not None and self._newest.get(key) == number

    def _on_query_failed(self, error: Any) -> None:
        self.failed.emit(error, None)

    # -- writing ------------------------------------------------------------------------------------------

    def do(
        self,
        op: Callable[[Shop, Progress], object],
        *,
        origin: object = None,
        done: Callable[[Any], object] | None = None,
        failed: Callable[[Exception], object] | None = None,
        busy: QWidget | None = None,
        progress: str = "",
        say: bool = True,
        helper: StaffId | None = None,
        gives_way: bool = False,
    ) -> Running:
        """Run a write on the worker; `op(shop, progress)` answers `Done` or anything else.

        After a `Done`: `changed` goes out, its sentence becomes the toast unless `say` is False, then comes
        `done(result)`. Without `failed` an error is shown in the usual way. `busy` is a button that waits;
        `progress` is the title of a progress window with a stop button, shown when it takes long. `helper` is
        in whose hands it is done where who is using the program may not. Where a right is missing `refused`
        asks for somebody who has it, and `failed` is called if nobody comes. Whatever is gone by
        then gets no answer. What nobody waits for `gives_way`: it is stopped as soon as somebody does
        something else, and whoever asked tries again.
        """
        running = Running(progress, self._jobs.post, gives_way=gives_way)
        self.clear_the_way()
        shop = self.shop

        def retry(helper: StaffId | None = None) -> None:
            self.do(
                op, origin=origin, done=done, failed=failed, busy=busy, progress=progress, say=say,
                helper=helper, gives_way=gives_way,
            )  # fmt: skip

        job = _Op(origin, done, failed, busy, running, retry, say)
        self._open_ops += 1
        self._runs.append(running)
        if busy is not None:
            busy.setEnabled(False)
            if isinstance(busy, QPushButton):
                job.words = str(getattr(busy, "words", busy.text)())
                job.timer = QTimer(self)
                job.timer.setSingleShot(True)
                job.timer.timeout.connect(_Busy(busy))
                job.timer.start(BUSY_MS)
        if progress:
            self.working.emit(running)

        def work() -> object:
            if helper is None:
                return op(shop, running.progress)
            before, shop.actor = shop.actor, helper
            try:
                return op(shop, running.progress)
            finally:
                shop.actor = before

        self._jobs.submit(work, _Bound(self._on_done, job), _Bound(self._on_failed, job))
        return running

    def aside(
        self,
        op: Callable[[Progress], object],
        *,
        done: Callable[[Any], object],
        failed: Callable[[Exception], object],
    ) -> Running:
        """Run on the worker what needs no open shop: a file that is looked at. Answers as `do`."""
        running = Running("", self._jobs.post)
        job = _Op(None, done, failed, None, running, _nothing, False)
        self._open_ops += 1
        self._runs.append(running)
        self._jobs.submit(
            lambda: op(running.progress), _Bound(self._on_done, job), _Bound(self._on_failed, job)
        )
        return running

    def _end(self, job: _Op) -> None:
        self._open_ops -= 1
        self._runs.remove(job.running)
        if job.timer is not None:
            job.timer.stop()
            job.timer.deleteLater()
        if job.busy is not None:
            try:
                job.busy.setEnabled(True)
                if job.words and isinstance(job.busy, QPushButton):
                    job.busy.setText(job.words)
            except RuntimeError:  # the button went away with its dialog
                pass
        job.running.ended.emit()

    def _on_done(self, job: _Op, result: Any) -> None:
        self._end(job)
        if isinstance(result, Done):
            if result.changes.settings and self._is_gone():
                self.reread_staff()
            if result.changes != Changes():
                self.changed.emit(result.changes, job.origin)
            if job.say:
                self.said.emit(result)
        if job.done is not None and _waits(job.done):
            job.done(result)

    def _is_gone(self) -> bool:
        """Whether an undo took away who is using the program: nothing more is entered in that name."""
        return self._staff is not None and all(person.id != self._staff.id for person in self.view.staff())

    def _on_failed(self, job: _Op, error: Any) -> None:
        self._end(job)
        if isinstance(error, Cancelled):
            return
        if isinstance(error, RightsError):
            self.refused.emit(error, job.retry, partial(self._tell, job, error))
        else:
            self._tell(job, error)

    def _tell(self, job: _Op, error: Exception) -> None:
        if job.failed is not None and _waits(job.failed):
            job.failed(error)
        elif job.failed is None or job.say:
            self.failed.emit(error, None if isinstance(error, RightsError) else job.retry)

    @Slot()
    def undo(self) -> None:
        """Take the last step back; `undone` says what it was. Pressed often it walks back step by step."""
        self.do(
            lambda shop, progress: shop.undo(progress=progress),
            done=self.undone.emit, progress=t("g.undo"), say=False,
        )  # fmt: skip

    @Slot()
    def redo(self) -> None:
        """Do again what was taken back last; `redone` says what it was."""
        self.do(
            lambda shop, progress: shop.redo(progress),
            done=self.redone.emit,
            progress=t("keys.redo"),
            say=False,
        )

    def start_day(self, done: Callable[[], object] | None = None) -> None:
        """Bring types and to-dos to today, as at midnight and on F5; views read again, then `done()`."""

        def finish(_result: object) -> None:
            self.changed.emit(EVERYTHING, None)
            if done is not None:
                done()

        self.do(lambda shop, progress: shop.start_day(progress), done=finish, say=False)


def _nothing(_value: object) -> None:
    return None


def _waits(call: Callable[..., object]) -> bool:
    """Whether whoever wants this answer is still there: a dialog may have been closed meanwhile."""
    while isinstance(call, partial):
        call = call.func
    owner = getattr(call, "__self__", None)
    return not isinstance(owner, QObject) or isValid(owner)


@dataclass(frozen=True, slots=True)
class _Bound:
    call: Callable[[Any, Any], object]
    first: object

    def __call__(self, value: object) -> None:
        self.call(self.first, value)


@dataclass(frozen=True, slots=True)
class _Newest:
    session: Session
    key: str
    number: int
    done: Callable[[Any], object]

    def __call__(self, value: object) -> None:
        if self.session.is_newest(self.key, self.number) and _waits(self.done):
            self.done(value)


@dataclass(frozen=True, slots=True)
class _Busy:
    button: QPushButton

    def __call__(self) -> None:
        self.button.setText(t("g.working"))
