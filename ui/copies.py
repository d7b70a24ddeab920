"""Copies of the shop's data while the program runs: made when they are due and at closing, shown on the rail,
and said so where they are not.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from html import escape
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot

from shopcrm.basics.records import CopyPlace, CopyState, LastCopy
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_day
from shopcrm.shop.backups import state_of
from ui import errors
from ui.main_window import MainWindow
from ui.session import Running, Session

LOOK_MS = 60_000
SOON_MS = 400  # after a file was opened: the first page is up by then
OLD_DAYS = 3  # without a copy
_SECOND_OLD_DAYS = 7  # without one in the second place
_TRY_AGAIN = timedelta(minutes=30)
_FEW_MEMBERS = 20  # of a shop that only tries the program

log = logging.getLogger("shopcrm.ui")


class Copies(QObject):
    """Of one window's shop; a sample is not worth any."""

    def __init__(self, window: MainWindow, clock: Callable[[], datetime]) -> None:
        super().__init__(window)
        self._window, self._clock = window, clock
        self._told: Path | None = None  # the missing folder that was told of
        self._failed: datetime | None = None  # when the last try was in vain
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON_MS)
        self._soon.timeout.connect(self.keep_up)

    @property
    def _session(self) -> Session:
        return self._window.session

    def start(self) -> None:
        """From now on make what is due, and say how the data is kept."""
        self._session.opened.connect(self._soon.start)
        self._session.copies_changed.connect(self.look)
        self._window.last_work = self._at_close
        self._timer.start(LOOK_MS)

    def stop(self) -> None:
        """Look no more."""
        self._soon.stop()
        self._timer.stop()

    @Slot()
    def keep_up(self) -> None:
        """Make and carry what is due, then show how the data is kept."""
        if self._session.is_open and not self._window.is_sample:
            self._session.do(
                lambda shop, progress: shop.backups.keep_up(progress),
                done=self._on_kept, failed=self._on_not_kept, say=False, gives_way=True,
            )  # fmt: skip

    @Slot()
    def look(self) -> None:
        """Ask, behind what is shown, how the data is kept, and do what is due."""
        self._ask(self._on_state)

    def _ask(self, told: Callable[[CopyState], object]) -> None:
        path = self._session.shop.store.path if self._session.is_open else None
        if path is not None and not self._window.is_sample:
            now = self._clock()
            self._session.query(lambda view: state_of(view, path, now), key="window.copies", done=told)

    def _on_kept(self, _made: bool) -> None:
        self._forget_failure()
        self._ask(self._show)

    def _forget_failure(self) -> None:
        self._failed, self._session.copy_fault = None, ""

    def _on_state(self, state: CopyState) -> None:
        is_due = state.day_due or state.second_due
        if not is_due:  # what failed was made by hand since
            self._forget_failure()
        self._show(state)
        again = self._failed is None or abs(self._clock() - self._failed) >= _TRY_AGAIN
        if is_due and again and not self._session.is_busy:
            self.keep_up()

    def _show(self, state: CopyState) -> None:
        now = self._clock()
        if self._failed is None:
            self._window.show_status(*told(state, now))
        if not self._window.has_banner:
            self._tell_missing(state)
        if not self._window.has_banner:
            self._nag(state, now)

    def _tell_missing(self, state: CopyState) -> None:
        if state.missing is not None and state.missing != self._told:
            text = t("bk.missing", folder=escape(str(state.missing)))
            self._window.show_banner("warn", text, t("bk.folder.change"), self._to_settings)
        self._told = state.missing

    def _nag(self, state: CopyState, now: datetime) -> None:
        today = now.date().isoformat()
        if state.members < _FEW_MEMBERS or self._session.prefs.get("second_told") == today:
            return
        last = None if state.second is None else state.second.newest
        if last is not None and (now - last.at).days < _SECOND_OLD_DAYS:
            return
        text = t("bk.nag.none") if last is None else t("bk.nag.old", n=(now - last.at).days)
        self._window.show_banner("warn", text, t("bk.nag.go"), self._to_settings)
        self._session.prefs.set("second_told", today)

    def _to_settings(self) -> None:
        self._window.hide_banner()
        self._window.navigate("settings", place="backups")

    def _on_not_kept(self, error: Exception) -> None:
        self._failed = self._clock()
        log.error("no copy was made: %s", getattr(error, "code", type(error).__name__))
        self._session.copy_fault = errors.sentence(error)
        self._window.show_banner("warn", t("app.nocopy", why=escape(self._session.copy_fault)))
        self._window.show_status("bad", t("bk.rail.failed"), t("bk.rail.failed.tip"))

    def _at_close(self) -> Running | None:
        if self._window.is_sample:
            return None
        return self._session.do(
            lambda shop, progress: shop.backups.at_close(progress),
            failed=_noted, say=False, progress=t("bk.closing"),
        )  # fmt: skip


def _noted(error: Exception) -> None:
    """The next start tries again, and says so if it fails again: a window that closes has no say."""
    log.error("no copy at closing: %s", getattr(error, "code", type(error).__name__))


def told(state: CopyState, now: datetime) -> tuple[str, str, str]:
    """How the data is kept: a tone, a few words and a sentence. No words for a shop without anything."""
    newest = state.newest
    if newest is None:
        return ("warn", t("bk.rail.none"), t("bk.none")) if state.day_due else ("", "", "")
    age = (now.date() - newest.at.date()).days
    sentence = t("bk.rail.tip", where=_in_place(state.first, now))
    if state.second is not None and state.second.newest is not None:
        sentence = t("bk.rail.tip2", first=sentence, where=_in_place(state.second, now))
    if age > OLD_DAYS:
        return "bad", t("bk.rail.old", n=age), sentence
    return "ok", when(newest.at, now), sentence


def _in_place(place: CopyPlace, now: datetime) -> str:
    last: LastCopy | None = place.newest
    if last is None:
        return t("bk.rail.empty", folder=str(place.folder))
    return t(
        "bk.rail.place", time=when(last.at, now), folder=str(place.folder), members=f"{last.members:,}",
        sales=f"{last.sales:,}",
    )  # fmt: skip


def when(at: datetime, now: datetime) -> str:
    """今天 21:04, 昨天 21:04, else the day."""
    days = (now.date() - at.date()).days
    if days not in (0, 1):
        return show_day(at.date(), now.date())
    return t("bk.when", day=t("g.today") if days == 0 else t("g.yesterday"), time=at.strftime("%H:%M"))
