"""How the data is kept: always on the rail, made at closing and at its time, asked for where it is not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from shopcrm.basics.drives import Drive
from shopcrm.basics.errors import StoreError
from shopcrm.basics.records import MemberDraft
from shopcrm.basics.texts import t
from shopcrm.shop import Shop, backups
from shopcrm.store import places
from tests.conftest import Clock
from tests.ui.real_window import put_away, settle
from ui.app import App
from ui.jobs import InlineJobs, WorkerJobs
from ui.main_window import MainWindow
from ui.session import Preferences

Open = Callable[..., MainWindow]


@pytest.fixture
def data_file(tmp_path: Path, clock: Clock) -> Path:
    file = tmp_path / "pc" / "shop.db"
    with Shop.open(file, clock=clock) as shop:
        shop.settings.begin("禾木衣坊", "林姐")
        for n in range(25):
            shop.members.save(MemberDraft(name=f"会员{n}"))
    return file


@pytest.fixture
def sticks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Drive]:
    found: list[Drive] = []
    monkeypatch.setattr(places, "drives", lambda: list(found))
    return found


@pytest.fixture
def open_it(qapp: Any, data_file: Path, clock: Clock, sticks: list[Drive]) -> Iterator[Open]:
    """The window as a start makes it."""
    made: list[App] = []

    def opened(
        prefs: Preferences | None = None, *, sample: bool = False, jobs: Any = None, soon: bool = True
    ) -> MainWindow:
        root = App(qapp, jobs or InlineJobs(), prefs or Preferences(), clock, sample=sample)
        made.append(root)
        root.window.resize(1366, 697)
        root.window.show()
        root.watch_the_day()
        root.open(data_file)
        if soon:
            root.copies._soon.stop()
            root.copies.keep_up()
        root.window.apply_layout()
        root.window.app = root  # type: ignore[attr-defined]
        return root.window

    yield opened
    for root in made:
        root._timer.stop()
        root.copies.stop()
        root.stop_looking()
        put_away(root.window, qapp)


def kept(data_file: Path) -> list[str]:
    return [copy.why for copy in backups.copies_of(data_file)]


def words(window: MainWindow) -> str:
    return "" if window._banner is None else window._banner._words.text()


def test_copies_are_looked_after_once_the_first_page_stands(
    open_it: Open, data_file: Path, qtbot: Any
) -> None:
    window = open_it(soon=False)
    assert kept(data_file) == []
    qtbot.waitUntil(lambda: window.rail.status.text() == "今天 10:00")
    assert kept(data_file) == ["day"]


def test_the_last_good_copy_is_on_the_rail_with_its_counts(
    open_it: Open, data_file: Path, clock: Clock, qtbot: Any
) -> None:
    window = open_it()
    status = window.rail.status
    assert kept(data_file) == ["day"]
    assert (status.text(), status.tone()) == ("今天 10:00", "ok")
    assert status.isVisible()
    for text in (status.toolTip(), status.accessibleDescription()):
        assert "25 位会员" in text
        assert str(data_file.parent) in text
    window.apply_theme("dark", "big", "en")
    assert window.rail.status.text() == "Today 10:00"
    window.apply_theme("light", "normal", "zh_CN")
    qtbot.mouseClick(window.rail.status, Qt.MouseButton.LeftButton)
    page: Any = window.current_page()
    assert (page.page_id, page.current) == ("settings", "backups")
    for height, room in ((697, True), (480, False)):  # also on the narrow rail, where it has room
        window.resize(700, height)
        window.apply_layout()
        settle()
        assert window.rail.status.isVisible() is room


@pytest.mark.parametrize(
    ("days", "text", "tone"),
    [(1, "昨天 10:00", "ok"), (3, "11月21日", "ok"), (4, "4 天没备份", "bad")],
)
def test_an_old_copy_is_told_in_red(
    open_it: Open,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    days: int,
    text: str,
    tone: str,
) -> None:
    window = open_it()

    def full(*_: object, **__: object) -> object:
        raise StoreError("full")

    monkeypatch.setattr(backups.Backups, "now", full)
    clock.now += timedelta(days=days)
    tried: list[str] = []
    monkeypatch.setattr(backups.Backups, "now", lambda *args, **more: tried.append("") or full())
    copies: Any = window.app.copies  # type: ignore[attr-defined]
    for minutes, times in (
        (0, 1),
        (1, 1),
        (29, 2),
    ):
        clock.now += timedelta(minutes=minutes)
        copies.look()
        assert "磁盘满了" in words(window)
        assert (window.rail.status.text(), window.rail.status.tone()) == (t("bk.rail.failed"), "bad")
        assert len(tried) == times
    monkeypatch.setattr(backups.Backups, "keep_up", lambda self, progress: False)
    copies.keep_up()
    assert (window.rail.status.text(), window.rail.status.tone()) == (text, tone)
    assert caplog.text.count("full") == 2


def test_a_failed_copy_is_explained_where_the_rail_leads_and_forgotten_once_one_is_made(
    open_it: Open, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    window = open_it()
    now = backups.Backups.now

    def full(*_: object, **__: object) -> object:
        raise StoreError("full")

    monkeypatch.setattr(backups.Backups, "now", full)
    clock.now += timedelta(days=1)
    window.app.copies.look()  # type: ignore[attr-defined]
    window.rail.status.click()
    settle()
    place: Any = window.current_page().places["backups"]  # type: ignore[union-attr]
    assert place.state.text() == t("bk.rail.failed")
    assert "磁盘满了" in place.last.text()
    assert "上次备份：昨天" in place.last.text()
    monkeypatch.setattr(backups.Backups, "now", now)
    place.now.click()
    settle()
    assert (window.rail.status.text(), window.rail.status.tone()) == ("今天 10:00", "ok")
    assert (place.state.text(), "磁盘满了" in place.last.text()) == (t("bk.ok"), False)


def test_the_copy_of_the_day_is_made_when_its_time_comes(
    open_it: Open, data_file: Path, clock: Clock
) -> None:
    window = open_it()
    clock.now = clock.now.replace(hour=21, minute=59)
    window.app.copies.look()  # type: ignore[attr-defined]
    assert kept(data_file) == ["day"]
    clock.now = clock.now.replace(hour=22, minute=0)
    window.app.copies.look()  # type: ignore[attr-defined]
    assert kept(data_file) == ["day", "day"]
    assert window.rail.status.text() == "今天 22:00"


def test_closing_keeps_a_copy_if_anything_was_recorded(open_it: Open, data_file: Path, clock: Clock) -> None:
    window = open_it()
    window.close()
    assert kept(data_file) == ["day"]
    again = open_it()
    again.session.shop.members.save(MemberDraft(name="李敏"))
    clock.now += timedelta(minutes=5)
    again.close()
    assert not again.isVisible()
    assert kept(data_file) == ["close", "day"]


def test_closing_does_not_ask_about_a_copy_nobody_waits_for(
    open_it: Open, data_file: Path, qtbot: Any, qapp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_it(jobs=WorkerJobs(qapp))
    qtbot.waitUntil(lambda: window.rail.status.text() != "" and not window.session.is_busy, timeout=10_000)
    begun, last = threading.Event(), []

    def slow(self: Any, progress: Any) -> None:
        begun.set()
        for step in range(6_000):
            progress.step(step, 6_000, "progress.backup")
            threading.Event().wait(0.01)

    monkeypatch.setattr(backups.Backups, "keep_up", slow)
    monkeypatch.setattr(backups.Backups, "at_close", lambda self, progress: last.append(1))
    window.app.copies.keep_up()  # type: ignore[attr-defined]
    assert begun.wait(5)
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=5_000)
    assert last == [1]


def test_a_copy_that_takes_long_does_not_hold_the_window(
    open_it: Open, data_file: Path, qtbot: Any, qapp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_it(jobs=WorkerJobs(qapp))
    qtbot.waitUntil(lambda: window.rail.status.text() != "", timeout=10_000)
    begun, gate = threading.Event(), threading.Event()

    def slow(self: Any, progress: Any) -> None:
        begun.set()
        while not gate.wait(0.01):
            progress.step(1, 2, "progress.backup")

    monkeypatch.setattr(backups.Backups, "at_close", slow)
    window.close()
    qtbot.waitUntil(begun.is_set, timeout=5_000)
    assert window.isVisible()
    window.close()  # pressed again: nothing else is asked
    from ui.dialogs.working import WorkingDialog
    from ui.widgets import open_dialog

    qtbot.waitUntil(lambda: open_dialog(window) is not None, timeout=5_000)
    dialog: Any = open_dialog(window)
    assert isinstance(dialog, WorkingDialog)
    dialog._stop.click()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=5_000)
    gate.set()
    assert kept(data_file) == ["day"]


def test_a_copy_that_fails_at_closing_does_not_keep_the_window(
    open_it: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    window = open_it()

    def full(*_: object) -> object:
        raise StoreError("full")

    monkeypatch.setattr(backups.Backups, "at_close", full)
    window.close()
    assert not window.isVisible()
    assert "full" in caplog.text


def test_who_has_no_second_place_is_asked_once_a_day(open_it: Open, clock: Clock, tmp_path: Path) -> None:
    prefs = Preferences()
    window = open_it(prefs)
    assert words(window) == t("bk.nag.none")
    window._banner.acted.emit()  # type: ignore[union-attr]
    page: Any = window.current_page()
    assert (page.current, window.has_banner) == ("backups", False)
    window.app.copies.look()  # type: ignore[attr-defined]
    assert not window.has_banner
    clock.now += timedelta(days=1)
    window.app.copies.look()  # type: ignore[attr-defined]
    assert words(window) == t("bk.nag.none")


def test_a_stick_plugged_in_gets_its_copy_and_is_missed_after_a_week(
    open_it: Open, clock: Clock, sticks: list[Drive], tmp_path: Path
) -> None:
    window = open_it()
    window.hide_banner()
    stick = tmp_path / "E"
    stick.mkdir()
    sticks.append(Drive(stick, "KINGSTON", True))
    window.session.shop.settings.set("backup.second", True)
    window.app.copies.look()  # type: ignore[attr-defined]
    assert len(list(stick.rglob("*.db"))) == 1
    assert "第二份" in window.rail.status.toolTip()
    sticks.clear()
    stick.rename(tmp_path / "pulled")
    for days, told in ((6, ""), (7, t("bk.nag.old", n=7))):
        clock.now = datetime(2026, 11, 21, 10, 0) + timedelta(days=days)
        window.app.copies.look()  # type: ignore[attr-defined]
        assert words(window) == told


def test_a_sample_and_a_few_members_are_left_in_peace(open_it: Open, data_file: Path, clock: Clock) -> None:
    window = open_it(sample=True)
    assert "备份" not in words(window)
    assert window.rail.status.text() == ""
    window.session.shop.members.save(MemberDraft(name="李敏"))
    window.close()
    assert kept(data_file) == []


def test_a_missing_folder_is_told(open_it: Open, data_file: Path, tmp_path: Path) -> None:
    chosen = tmp_path / "U盘"
    chosen.mkdir()
    with Shop.open(data_file, clock=lambda: datetime(2026, 11, 21, 9, 0)) as shop:
        shop.backups.choose_folder(chosen)
    chosen.rmdir()
    window = open_it()
    assert words(window) == t("bk.missing", folder=str(chosen))
    assert kept(data_file) == ["day"]
    window._banner.acted.emit()  # type: ignore[union-attr]
    page: Any = window.current_page()
    assert page.current == "backups"
