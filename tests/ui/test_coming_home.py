"""A filled call-back list, or a whole shop, dropped on the window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget

from shopcrm.basics.records import LineDraft, MemberDraft, OutcomeDraft, SaleDraft
from shopcrm.basics.texts import t
from shopcrm.excel import reader
from shopcrm.shop import Shop
from shopcrm.shop.dump import dump
from tests.conftest import DAY, Clock
from tests.ui.real_window import open_window, put_away
from tests.ui.test_no_cut_text import USUAL, cut_texts
from ui.app import make_window
from ui.main_window import MainWindow
from ui.pages.io.coming_home import FilledList, WholeShopIn
from ui.pages.io.windows import RefusedFile
from ui.widgets import open_dialog

NAMES = ("王丽", "李敏", "赵岚", "陈静", "周莉")


@pytest.fixture(autouse=True)
def read_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of our own making need no process of their own; the flows go the whole way."""
    monkeypatch.setattr(reader, "read", lambda path, *_, **__: reader.read_here(path))


@pytest.fixture
def shop(shop_file: Path, clock: Clock) -> Iterator[Any]:
    with Shop.open(shop_file, clock=clock) as shop:
        shop.settings.begin("禾木衣坊", "林姐")
        yield shop


@pytest.fixture
def listed(shop: Any, tmp_path: Path) -> Path:
    """A list of five, filled: two to record, one recorded otherwise since, one with a word nobody knows."""
    phones = [(f"138 0000 000{n}", f"1380000000{n}") for n in range(len(NAMES))]
    people = [MemberDraft(name=name, phones=(phone,)) for name, phone in zip(NAMES, phones, strict=True)]
    shop.followups.add_today([shop.members.save(person).value for person in people])
    path: Path = shop.exports.callbacks(tmp_path / "回访名单.xlsx").value
    book = openpyxl.load_workbook(path)
    sheet = book.active
    for row, said in enumerate(("联系上了", "没接通", "不需要", "再说吧"), 2):
        sheet.cell(row, 10).value = said
    book.save(path)
    tasks = {row.name: row.id for row in shop.view().tasks(shop.view().day_list().open)}
    shop.followups.finish(tasks["赵岚"], OutcomeDraft("reached"))
    return path


@pytest.fixture
def window(qapp: Any, shop: Any) -> Iterator[MainWindow]:
    made = make_window(shop)
    yield made
    put_away(made, qapp)


def settle() -> None:
    for _ in range(3):
        QApplication.processEvents()


def click(qtbot: Any, widget: QWidget) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)
    settle()


def drop(window: MainWindow, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    at, button, none = QPointF(300, 300), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entered = QDragEnterEvent(at.toPoint(), Qt.DropAction.CopyAction, data, button, none)
    window.dragEnterEvent(entered)
    assert entered.isAccepted()
    window.dropEvent(QDropEvent(at, Qt.DropAction.CopyAction, data, button, none))
    settle()


def outcomes(shop: Any) -> list[tuple[object, object]]:
    return sorted((c["member_name"], c["outcome"]) for c in dump(shop.store.read())["contacts"])


@pytest.mark.parametrize("page", ["today", "counter", "members", "overview", "io", "settings"])
def test_a_filled_list_dropped_on_any_page_is_asked_about(
    window: MainWindow, shop: Any, listed: Path, page: str
) -> None:
    window.navigate(page)
    drop(window, listed)
    asked = open_dialog(window)
    assert isinstance(asked, FilledList)
    assert asked.go.words() == t("home.go", n="2")
    assert outcomes(shop) == [("赵岚", "reached")]
    asked.reject()
    assert outcomes(shop) == [("赵岚", "reached")]


def test_what_is_on_file_stays_and_everything_can_be_taken_back(
    window: MainWindow, shop: Any, listed: Path, qtbot: Any
) -> None:
    drop(window, listed)
    asked = open_dialog(window)
    assert isinstance(asked, FilledList)
    assert [clash.code for clash in asked.plan.clashes] == ["recorded_otherwise", "unknown_outcome"]
    assert list(asked.combos) == [0]  # for a word nobody knows there is nothing to choose
    click(qtbot, asked.go)
    assert outcomes(shop) == [("李敏", "no_answer"), ("王丽", "reached"), ("赵岚", "reached")]
    assert window.toast_.isVisible()
    window.undo()
    settle()
    assert outcomes(shop) == [("赵岚", "reached")]


def test_the_lists_outcome_is_taken_where_it_is_chosen(
    window: MainWindow, shop: Any, listed: Path, qtbot: Any
) -> None:
    drop(window, listed)
    asked = open_dialog(window)
    assert isinstance(asked, FilledList)
    combo = asked.combos[0]
    assert [combo.itemText(at) for at in range(combo.count())] == [
        t("home.keep"),
        t("home.use", what="不需要"),
    ]
    combo.setFocus()
    qtbot.keyClick(combo, Qt.Key.Key_Down)
    assert asked.go.words() == t("home.go", n="3")
    qtbot.keyClick(asked, Qt.Key.Key_Return)
    settle()
    assert outcomes(shop) == [("李敏", "no_answer"), ("王丽", "reached"), ("赵岚", "refused")]
    drop(window, listed)  # a second time there is nothing left to record
    again = open_dialog(window)
    assert isinstance(again, FilledList)
    assert (again.plan.rows_same, again.plan.ready) == (3, ())
    assert not again.go.isEnabled()


def test_a_list_overtaken_while_it_was_looked_at_is_asked_about_again(
    window: MainWindow, shop: Any, listed: Path, qtbot: Any
) -> None:
    drop(window, listed)
    asked = open_dialog(window)
    assert isinstance(asked, FilledList)
    shop.followups.finish(asked.plan.ready[0].task, OutcomeDraft("refused"))
    click(qtbot, asked.go)
    again = open_dialog(window)
    assert isinstance(again, FilledList)
    assert again is not asked
    assert len(again.plan.clashes) == 3
    assert outcomes(shop) == [("王丽", "refused"), ("赵岚", "reached")]


def test_a_whole_shop_goes_into_an_empty_one_and_out_again(
    window: MainWindow, shop: Any, tmp_path: Path, clock: Clock, qtbot: Any
) -> None:
    with Shop.open(":memory:", clock=clock) as old:
        old.settings.begin("老店", "林姐")
        old.settings.add_staff("小雯", "assistant")
        old.members.save(MemberDraft(name="王丽"))
        path = old.exports.whole(tmp_path / "整店.xlsx").value
        wanted = dump(old.store.read())
    drop(window, path)
    asked = open_dialog(window)
    assert isinstance(asked, WholeShopIn)
    assert dump(shop.store.read())["members"] == []
    click(qtbot, asked.go)
    assert dump(shop.store.read()) == wanted
    assert "老店" in window.windowTitle()
    assert window.session.staff is not None
    drop(window, path)  # it is full now
    refused = open_dialog(window)
    assert isinstance(refused, RefusedFile)
    refused.reject()
    window.undo()
    settle()
    assert dump(shop.store.read())["members"] == []
    assert "禾木衣坊" in window.windowTitle()


def test_who_came_with_a_shop_that_was_taken_back_enters_nothing_more(
    qapp: Any, tmp_path: Path, clock: Clock, qtbot: Any
) -> None:
    with Shop.open(":memory:", clock=clock) as old:
        old.settings.begin("老店", "小雯")
        old.members.save(MemberDraft(name="王丽"))
        path = old.exports.whole(tmp_path / "整店.xlsx").value
    with Shop.open(tmp_path / "new.db", clock=clock) as new:
        new.settings.set("shop.name", "新店")
        window = make_window(new)
        assert window.session.staff is None
        drop(window, path)
        asked = open_dialog(window)
        assert isinstance(asked, WholeShopIn)
        click(qtbot, asked.go)
        assert window.session.staff is not None
        assert new.actor == window.session.staff.id
        window.undo()
        settle()
        assert (window.session.staff, new.actor) == (None, None)
        member = new.members.save(MemberDraft(name="陈静")).value
        new.counter.sell(SaleDraft(member, DAY, (LineDraft(100, "裙"),)))
        put_away(window, qapp)


@pytest.mark.parametrize(("size", "level", "language"), USUAL)
def test_nothing_is_cut_in_what_is_asked(
    qapp: Any, shop: Any, listed: Path, size: tuple[int, int], level: str, language: str
) -> None:
    window = open_window(shop, size=size, level=level, language=language)
    drop(window, listed)
    faults = list(cut_texts(window))
    asked = open_dialog(window)
    assert isinstance(asked, FilledList)
    assert asked.card.geometry().bottom() <= window.height()
    put_away(window, qapp)
    assert not faults, "\n".join(faults)
