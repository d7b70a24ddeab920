"""A backup brought back in the window: three clicks, the question says what is lost, and it can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel
from shiboken6 import delete

from shopcrm.basics.errors import StoreError
from shopcrm.basics.records import LineDraft, MemberDraft, SaleDraft
from shopcrm.basics.texts import t
from shopcrm.shop import Shop
from tests.conftest import DAY, Clock
from tests.ui.real_window import press, put_away, settle
from ui.app import App, make_window
from ui.dialogs.restore import DamagedDialog, RestoreDialog
from ui.jobs import InlineJobs, WorkerJobs
from ui.main_window import MainWindow
from ui.opening import Opener
from ui.session import Preferences
from ui.widgets import open_dialog


@pytest.fixture
def copy(shop_file: Path, clock: Clock) -> Path:
    with Shop.open(shop_file, clock=clock) as shop:
        shop.settings.begin("禾木衣坊", "林姐")
        member = shop.members.save(MemberDraft(name="王丽")).value
        made = shop.backups.now("day")
        clock.now += timedelta(minutes=5)
        shop.members.save(MemberDraft(name="李敏"))
        shop.counter.sell(SaleDraft(member, DAY, (LineDraft(30_000, "衬衫"),)))
    return made.path


@pytest.fixture
def window(qapp: Any, copy: Path, shop_file: Path, clock: Clock) -> Iterator[MainWindow]:
    made = make_window(shop_file, clock=clock)
    yield made
    put_away(made, qapp)


def people(window: MainWindow) -> list[str]:
    view = window.session.view
    return sorted(row.name for row in view.search("王", 9) + view.search("李", 9))


def test_three_clicks_and_back_again(window: MainWindow, qtbot: Any, shop_file: Path) -> None:
    window.navigate("settings", place="backups")
    settle()
    place = window.current_page().places["backups"]
    qtbot.mouseClick(place.buttons[0], Qt.MouseButton.LeftButton)
    dialog = open_dialog(window)
    assert isinstance(dialog, RestoreDialog)
    assert QApplication.focusWidget() is dialog._no
    words = dialog.words.text()
    assert t("bk.restore.p.log", n="1") in words
    assert t("bk.restore.p.other", n="1") in words
    press(qtbot, window, Qt.Key.Key_Return)  # a hasty Enter
    assert people(window) == ["李敏", "王丽"]

    place.buttons[0].click()
    open_dialog(window).yes.click()
    settle()
    assert people(window) == ["王丽"]
    assert window.session.view.months()[-1].net_fen == 0
    window.navigate("settings", place="backups")
    settle()
    place = window.current_page().places["backups"]
    assert [file.why for file in place.files] == ["restore", "day"]
    place.buttons[0].click()
    open_dialog(window).yes.click()
    settle()
    assert people(window) == ["李敏", "王丽"]


def test_another_file_and_one_that_is_none(
    window: MainWindow, copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.navigate("settings", place="backups")
    settle()
    place = window.current_page().places["backups"]
    wrong = tmp_path / "名单.db"
    wrong.write_text("不是备份", encoding="utf-8")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(wrong), ""))
    place.other.click()
    settle()
    dialog = open_dialog(window)
    assert not isinstance(dialog, RestoreDialog)  # refused before anything was closed
    dialog.accept()
    assert people(window) == ["李敏", "王丽"]
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(copy), ""))
    place.other.click()
    open_dialog(window).yes.click()
    settle()
    assert people(window) == ["王丽"]


def test_a_copy_that_goes_bad_meanwhile_changes_nothing(window: MainWindow, copy: Path) -> None:
    window.navigate("settings", place="backups")
    settle()
    place = window.current_page().places["backups"]
    place.buttons[0].click()
    copy.write_bytes(copy.read_bytes()[:-100])
    open_dialog(window).yes.click()
    settle()
    assert people(window) == ["李敏", "王丽"]
    dialog = open_dialog(window)
    assert dialog is not None
    assert not isinstance(dialog, RestoreDialog)
    dialog.accept()


@pytest.mark.parametrize("sound", [True, False])
@pytest.mark.parametrize("deleted", [True, False])
def test_the_question_is_closed_while_the_copy_is_looked_at(
    qapp: Any, copy: Path, shop_file: Path, clock: Clock, qtbot: Any, sound: bool, deleted: bool
) -> None:
    if not sound:
        copy.write_bytes(b"no copy" * 1000)
    root = App(qapp, WorkerJobs(), Preferences(), clock)
    window = root.window
    window.show()
    root.open(shop_file)
    qtbot.waitUntil(lambda: root.session.is_open and not root.session.is_busy)
    RestoreDialog(window, root.session, copy, "?").open()
    dialog = open_dialog(window)
    assert dialog is not None
    dialog.reject()
    if deleted:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    with qtbot.captureExceptions() as exceptions:
        qtbot.waitUntil(lambda: not root.session.is_busy)
        settle()
    assert exceptions == []
    assert open_dialog(window) is None
    put_away(window, qapp)


def test_what_was_asked_by_something_that_is_gone_is_answered_to_nobody(
    qapp: Any, copy: Path, shop_file: Path, clock: Clock, qtbot: Any
) -> None:
    root = App(qapp, WorkerJobs(), Preferences(), clock)
    root.window.show()
    root.open(shop_file)
    qtbot.waitUntil(lambda: root.session.is_open and not root.session.is_busy)
    gone, there = QLabel(), QLabel()
    with qtbot.captureExceptions() as exceptions:
        for label in (gone, there):
            root.session.query(lambda view: view.total(), key=str(id(label)), done=label.setNum)
        delete(gone)
        qtbot.waitUntil(lambda: there.text() == "2")
    assert exceptions == []
    put_away(root.window, qapp)


def test_a_damaged_file_offers_its_last_good_copy(
    qapp: Any, copy: Path, shop_file: Path, clock: Clock, qtbot: Any
) -> None:
    ruined = shop_file.read_bytes()[:4096] + b"\xff" * 60_000
    shop_file.write_bytes(ruined)
    root = App(qapp, InlineJobs(), Preferences(), clock)
    window = root.window
    window.show()
    faults: list[object] = []
    root.session.open_failed.connect(faults.append)
    root.open(shop_file)
    assert isinstance(faults[0], StoreError)
    dialog = open_dialog(window)
    assert isinstance(dialog, DamagedDialog)
    dialog.yes.click()
    settle()
    assert people(window) == ["王丽"]
    kept = [file for file in shop_file.parent.iterdir() if "damaged" in file.name]
    assert [file.read_bytes() for file in kept] == [ruined]
    put_away(window, qapp)


def test_where_nothing_can_be_saved_that_is_told(
    qapp: Any, shop_file: Path, clock: Clock, qtbot: Any
) -> None:
    shop_file.write_bytes(b"\0" * 5000)
    root = App(qapp, InlineJobs(), Preferences(), clock)
    root.window.show()
    root.window.activateWindow()
    settle()
    root.session.open(Opener(shop_file, clock))
    dialog: Any = open_dialog(root.window)
    assert isinstance(dialog, DamagedDialog)
    assert not dialog.yes.isVisible()
    press(qtbot, root.window, Qt.Key.Key_Return)
    assert "没有能救出来的东西" in dialog.found.text()
    assert not dialog.take.isVisible()
    put_away(root.window, qapp)


@pytest.mark.parametrize("with_copy", [True, False])
def test_what_can_be_saved_of_a_damaged_file_is_told_and_put_in_its_place(
    qapp: Any, copy: Path, shop_file: Path, clock: Clock, with_copy: bool, qtbot: Any
) -> None:
    if not with_copy:
        for file in copy.parent.iterdir():
            file.unlink()
    ruined = b"\0" * 100 + shop_file.read_bytes()[100:]
    shop_file.write_bytes(ruined)
    root = App(qapp, InlineJobs(), Preferences(), clock)
    window = root.window
    window.show()
    window.activateWindow()
    settle()
    root.open(shop_file)
    dialog: Any = open_dialog(window)
    assert isinstance(dialog, DamagedDialog)
    assert dialog.yes.isVisible() is with_copy
    assert not dialog.take.isVisible()
    first = dialog.yes if with_copy else dialog.look
    assert dialog._primary is first
    dialog.look.setFocus()
    press(qtbot, window, Qt.Key.Key_Return)
    assert dialog.take.hasFocus()  # and not what leaves the program
    assert "救出 2 位会员、1 笔销售" in dialog.found.text()
    assert ("最近一份备份里是 1 位会员" in dialog.found.text()) is with_copy
    assert shop_file.read_bytes() == ruined
    dialog.take.click()
    settle()
    assert people(window) == ["李敏", "王丽"]
    kept = [file for file in shop_file.parent.iterdir() if "damaged" in file.name]
    assert [file.read_bytes() for file in kept] == [ruined]
    put_away(window, qapp)
