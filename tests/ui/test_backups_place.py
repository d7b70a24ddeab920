"""设置 > 备份与恢复: what is chosen there is in force at once, and says what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QFileDialog, QLabel

from shopcrm.basics.drives import Drive
from shopcrm.basics.records import MemberDraft
from shopcrm.basics.texts import t
from shopcrm.shop import Shop, backups
from shopcrm.store import places
from tests.conftest import Clock
from tests.ui.real_window import put_away, settle
from ui.app import make_window
from ui.main_window import MainWindow
from ui.widgets import open_dialog


@pytest.fixture
def window(qapp: Any, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setattr(places, "drives", lambda: [])
    at = len(tmp_path.parts)  # every folder of this test counts as a disk of its own
    monkeypatch.setattr(backups, "is_same_disk", lambda one, other: one.parts[at] == other.parts[at])
    shop = Shop.open(tmp_path / "pc" / "shop.db", clock=clock)
    shop.settings.begin("禾木衣坊", "林姐")
    shop.members.save(MemberDraft(name="周曼丽"))
    made = make_window(shop)
    yield made
    put_away(made, qapp)


def shown(window: MainWindow) -> Any:
    window.navigate("settings", place="backups")
    settle()
    page: Any = window.current_page()
    return page.places["backups"]


def answering(monkeypatch: pytest.MonkeyPatch, folder: Path | str) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))


def test_switches_time_and_number_are_in_force_at_once(window: MainWindow, qtbot: Any) -> None:
    place, view = shown(window), window.session.view
    assert (place.at_close.isChecked(), place.second.isChecked()) == (True, False)
    assert (place.time.value(), place.keep.value()) == ("22:00", 30)
    place.at_close.click()
    assert view.setting("backup.at_close") is False
    place.time.picked.emit("20:30")
    assert view.setting("backup.time") == "20:30"
    place.keep.set_value(12)
    place.keep.changed.emit(11)
    place.keep.changed.emit(12)
    qtbot.waitUntil(lambda: view.setting("backup.keep") == 12, timeout=5_000)
    window.undo()
    window.undo()
    window.undo()
    settle()
    assert (place.at_close.isChecked(), place.time.value(), place.keep.value()) == (True, "22:00", 30)


def test_the_folder_is_offered_once_there_is_a_copy_in_it(window: MainWindow) -> None:
    made = shown(window)
    assert not made.folder.isVisible()
    made.now.click()
    settle()
    assert made.folder.isVisible()


def test_the_state_names_place_counts_and_age(window: MainWindow, clock: Clock) -> None:
    place = shown(window)
    assert place.state.text() == t("bk.none")
    place.now.click()
    assert place.state.text() == t("bk.ok")
    assert "今天 11月21日 10:00" in place.last.text()
    assert "1 位会员，0 笔销售" in place.last.text()
    assert str(Path("pc") / "backups") in place.last.text()
    clock.now += timedelta(days=4)
    place.read()
    assert place.state.text() == t("bk.old", n=4)


def test_another_folder_and_back(window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place, folder = shown(window), tmp_path / "D"
    folder.mkdir()
    answering(monkeypatch, "")
    place.choose.click()
    assert place.where.whole_text().endswith("backups")
    assert not place.beside.isVisibleTo(place)
    answering(monkeypatch, folder)
    place.choose.click()
    assert place.where.whole_text() == str(folder)
    place.now.click()
    assert [file.path.parent for file in place.files] == [folder]
    folder.rename(tmp_path / "away")
    place.read()
    assert place.where.whole_text() == t("bk.folder.gone", folder=str(folder))
    place.beside.click()
    assert place.where.whole_text().endswith("backups")


def test_a_second_place_is_chosen_and_gets_its_copy(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, stick = shown(window), tmp_path / "E"
    place.now.click()
    place.second.click()
    assert place.place.whole_text() == t("bk.second.none")
    answering(monkeypatch, tmp_path / "pc")
    place.choose_second.click()
    dialog = open_dialog(window)
    assert dialog is not None
    dialog.accept()
    stick.mkdir()
    place.second.click()
    answering(monkeypatch, stick)
    place.choose_second.click()
    assert place.second.isChecked()
    assert len(list(stick.glob("shop-*.db"))) == 1
    assert str(stick) in place.second_last.text()


def test_a_plugged_stick_is_used_as_soon_as_it_is_wanted(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stick = tmp_path / "E"
    stick.mkdir()
    monkeypatch.setattr(places, "drives", lambda: [Drive(stick, "E", True)])
    place = shown(window)
    place.now.click()
    place.second.click()
    assert len(list(stick.rglob("*.db"))) == 1


def test_one_file_goes_along_and_comes_home_on_another_computer(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: Any, clock: Clock
) -> None:
    place, stick = shown(window), tmp_path / "E"
    stick.mkdir()
    answering(monkeypatch, stick)
    place.take_along.click()
    file = next(stick.glob("*.db"))
    assert file.name in place.moved.text()
    alone = file.rename(tmp_path / "拿来的.db")  # without the checksum beside it
    second = make_window(tmp_path / "new" / "shop.db", clock=clock)
    page: Any = second.current_page()
    assert page.page_id == "first_run"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(alone), ""))
    page.restore.click()
    dialog: Any = open_dialog(second)
    dialog.yes.click()
    settle()
    assert second.session.view.setting("shop.name") == "禾木衣坊"
    assert second.session.staff is not None
    assert second.session.staff.name == "林姐"
    assert second._current == "today"
    assert [row.name for row in second.session.view.search("周", 3)] == ["周曼丽"]
    assert not list((tmp_path / "new").rglob("*-restore.db"))
    put_away(second, qapp)


def test_a_whole_shop_workbook_moves_in_at_the_first_start(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: Any, clock: Clock
) -> None:
    whole, other = tmp_path / "全店.xlsx", tmp_path / "会员.xlsx"
    window.session.shop.exports.write("all", whole)
    window.session.shop.exports.write("members", other)
    second = make_window(tmp_path / "new" / "shop.db", clock=clock)
    page: Any = second.current_page()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(other), ""))
    page.restore.click()
    dialog: Any = open_dialog(second)
    assert any("不是熟客本的备份" in label.text() for label in dialog.findChildren(QLabel))
    dialog.accept()
    assert second._current == "first_run"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(whole), ""))
    page.restore.click()
    settle()
    assert second._current == "today"
    assert second.session.view.setting("shop.name") == "禾木衣坊"
    assert [row.name for row in second.session.view.search("周", 3)] == ["周曼丽"]
    put_away(second, qapp)
