"""A shop's file opened with everything the screen asks first. Nothing of the screen is loaded for it, so that
it can begin before and both load at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, NamedTuple

from shopcrm.basics.errors import Cancelled, ShopError, StoreError
from shopcrm.basics.progress import Progress
from shopcrm.basics.records import Restored
from shopcrm.shop import Shop, ShopView
from shopcrm.shop.backups import call_first_copy, damage_of

if TYPE_CHECKING:
    from shopcrm.shop.encryption import Rekeyed

SAMPLE_SEED = 1
_TURN_SECONDS = 0.0005  # a thread that waits for the database every moment gets on while another one imports
_ALONE_SECONDS = 0.1  # most files are open by then: two threads of Python get in each other's way
LOOK_AFTER_SECONDS = 3.0  # the first page is up by then
_LOOK_SECONDS = 0.05  # how soon a wish to stop is noticed
_SCREENFUL = 20


class Elsewhere(Exception):
    """The shop is open in another window, which has come forward: this one is not needed."""


class Opened(NamedTuple):
    """A shop of today: who writes, who reads for the screen, who reads for the worker."""

    shop: Shop
    view: ShopView
    worker_view: ShopView


def started(shop: Shop, progress: Progress) -> Opened:
    """Bring an open shop to today; closed again when that fails."""
    try:
        shop.start_day(progress)
        return Opened(shop, shop.view(for_window=True), shop.view())
    except BaseException:
        shop.close()
        raise


class Opener:
    """Opens a shop's file; a sample that does not exist yet is made first. An encrypted one wants `password`
    once."""

    password = ""

    def __init__(self, path: Path | str, clock: Callable[[], datetime], *, sample: bool = False) -> None:
        self.path, self._clock, self._sample = path, clock, sample

    def __call__(self, progress: Progress) -> Shop:
        fresh = self._sample and not Path(self.path).exists()
        try:
            shop = Shop.open(self.path, clock=self._clock, progress=progress, password=self.password)
        except StoreError as error:
            if error.code == "second_copy" and call_first_copy(Path(self.path)):
                raise Elsewhere from error
            raise
        if fresh:
            try:
                self._fill(shop, progress)
            except BaseException:
                shop.close()
                Path(self.path).unlink(missing_ok=True)  # half a sample shop would stay for ever
                raise
        return shop

    def _fill(self, shop: Shop, progress: Progress) -> None:
        from tempfile import TemporaryDirectory

        from shopcrm.shop.demo import fill_sample

        with TemporaryDirectory() as folder:
            fill_sample(shop, Path(folder), seed=SAMPLE_SEED, progress=progress)


class Restorer:
    """Puts a copy in the place of a shop's file, once, and opens what stands there then.

    `restored` says what came of it; if the copy was refused the file is as it was, and `refused` says why.
    """

    def __init__(
        self,
        path: Path | str,
        copy: Path,
        clock: Callable[[], datetime],
        copy_password: str = "",
        by: str = "",
    ) -> None:
        self.path, self._copy, self._clock, self._copy_password = path, copy, clock, copy_password
        self._by = by  # the name of who wants it
        self.password = ""  # that of the shop's own file
        self.restored: Restored | None = None
        self.refused: ShopError | None = None
        self._tried = False

    def __call__(self, progress: Progress) -> Shop:
        if not self._tried:
            from shopcrm.shop.backups import restore

            self._tried = True
            try:
                self.restored = restore(
                    Path(self.path), self._copy, self._clock, progress, self._copy_password, by=self._by
                )
            except ShopError as error:
                self.refused = error
        return Shop.open(self.path, clock=self._clock, progress=progress, password=self.password)


class Rekeyer:
    """Gives a shop's file the password `new` (None: none any more), once, and opens it then.

    `rekeyed` says what came of it; if it was refused the file is as it was, and `refused` says why.
    """

    def __init__(self, path: Path | str, new: str | None, old: str, clock: Callable[[], datetime]) -> None:
        self.path, self._new, self._old, self._clock = path, new, old, clock
        self.password = ""
        self.rekeyed: Rekeyed | None = None
        self.refused: ShopError | None = None
        self._tried = False

    def __call__(self, progress: Progress) -> Shop:
        if not self._tried:
            from shopcrm.shop import encryption

            self._tried, path = True, Path(self.path)
            try:
                encryption.unlock(path, self._old)  # nobody changes what she does not know
                if self._new is None:
                    self.rekeyed = encryption.decrypt(path, self._clock, progress)
                else:
                    self.rekeyed = encryption.encrypt(path, self._new, self._clock, progress)
            except ShopError as error:
                self.refused = error
        return Shop.open(self.path, clock=self._clock, progress=progress, password=self.password)


class Ahead:
    """Opens on a thread of its own from the moment it is made, and gives it a moment alone; the first call
    waits for the rest and hands it over or raises what it raised, every later one opens anew.
    """

    def __init__(self, opener: Opener) -> None:
        self._opener, self._progress = opener, Progress()
        self._outcome: Opened | BaseException | None = None
        self._alone = Event()  # set when what is left is work of the database, and not of Python
        self._turn = sys.getswitchinterval()
        sys.setswitchinterval(_TURN_SECONDS)
        self._thread: Thread | None = Thread(target=self._run, name="opening")
        self._thread.start()
        self._alone.wait(_ALONE_SECONDS)

    def __call__(self, progress: Progress) -> Opened:
        thread, self._thread = self._thread, None
        if thread is None:
            return started(self._opener(progress), progress)
        while thread.is_alive():
            thread.join(_LOOK_SECONDS)
            if progress.stopped:
                self._progress.stop()
        outcome, self._outcome = self._outcome, None
        if isinstance(outcome, BaseException):
            raise outcome
        assert outcome is not None
        return outcome

    @property
    def path(self) -> Path | str:
        """The file it opens."""
        return self._opener.path

    @property
    def password(self) -> str:
        """The password the file is opened with from the second call on."""
        return self._opener.password

    @password.setter
    def password(self, word: str) -> None:
        self._opener.password = word

    @property
    def is_elsewhere(self) -> bool:
        """Whether it is known already that another window shows the shop."""
        return isinstance(self._known, Elsewhere)

    @property
    def is_ready(self) -> bool:
        """Whether the file is open already: a call hands it over at once."""
        return isinstance(self._known, Opened)

    @property
    def _known(self) -> Opened | BaseException | None:
        return self._outcome if self._thread is not None and not self._thread.is_alive() else None

    def _run(self) -> None:
        try:
            self._outcome = opened = started(self._opener(self._progress), self._progress)
            _read_ahead(opened, self._alone)
        except BaseException as error:  # noqa: BLE001 - raised where the shop is asked for
            self._outcome = error
        finally:
            self._alone.set()
            sys.setswitchinterval(self._turn)


def _read_ahead(opened: Opened, alone: Event) -> None:
    """What the first page will ask: it remembers the answers, or finds the file's pages at hand. Counting who
    waits behind the list comes last, when others may go on: `alone` is set."""
    for task in opened.view.tasks(opened.view.first_tasks()[:_SCREENFUL])[:1]:
        opened.view.member(task.member)
        opened.view.message(task.id)
    alone.set()
    opened.worker_view.day_list(whole=False)


class LookingOver:
    """Reads a shop's file through on a thread of its own and tells what is broken in it, once.

    While `busy` says that somebody books, it lets go and begins anew: a commit waits for whoever reads.
    """

    def __init__(self, path: Path, busy: Callable[[], bool], told: Callable[[str | None], object]) -> None:
        self._path, self._busy, self._told = path, busy, told
        self._end = Event()
        self._thread = Thread(target=self._run, name="looking over", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let the file go; nothing is told after this."""
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._end.wait(LOOK_AFTER_SECONDS):
            try:
                found = damage_of(self._path, lambda: self._end.is_set() or self._busy())
            except Cancelled:
                continue
            except StoreError:  # a write will meet it, and say so
                return
            if not self._end.is_set():
                self._told(found)
            return
