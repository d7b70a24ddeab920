"""The wanted-item book and the tally on the screen, by keyboard and by mouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from shopcrm.basics.records import WantedDraft
from shopcrm.basics.texts import t
from tests.conftest import DAY
from tests.ui.real_window import open_window, press, put_away, settle
from ui.dialogs.wanted_edit import WantedEdit
from ui.main_window import MainWindow
from ui.pages.counter import CounterPage
from ui.pages.wanted import WantedPage
from ui.widgets import open_dialog

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def people(a_member: Callable[..., int]) -> dict[str, int]:
    return {name: a_member(name) for name in ("王丽", "李梅", "赵岚")}


@pytest.fixture
def window(qapp: Any, shop: Any, people: dict[str, int]) -> Iterator[MainWindow]:
    shop.settings.begin("禾木衣坊", "林姐")
    shop.start_day()
    made = open_window(shop)
    yield made
    put_away(made, qapp)


@pytest.fixture
def a_wish(shop: Any, people: dict[str, int]) -> Callable[..., int]:
    def add(name: str, item: str = "小白鞋", size: str = "38", **fields: Any) -> int:
        return int(shop.wanted.add(WantedDraft(people[name], item, size, **fields)).value)

    return add


@pytest.fixture
def page(window: MainWindow, a_wish: Callable[..., int]) -> WantedPage:
    a_wish("王丽", day=DAY - timedelta(days=3), note="要软底")
    a_wish("李梅")
    a_wish("赵岚", size="39")
    a_wish("赵岚", "驼色大衣", "L")
    window.navigate("wanted")
    found = window.current_page()
    assert isinstance(found, WantedPage)
    settle()
    return found


def rows(page: WantedPage) -> list[tuple[str, str, str]]:
    found = [page.model.row(number) for number in range(len(page.model.ids))]
    return [(row.item, row.size, row.names) for row in found if row is not None]


def dialog_of(window: MainWindow) -> WantedEdit:
    found = open_dialog(window)
    assert isinstance(found, WantedEdit)
    return found


def dump(shop: Any) -> list[Any]:
    rx = shop.store.read()
    return [
        rx.all(f"SELECT * FROM {table} ORDER BY id") for table in ("member", "wanted", "task", "footfall")
    ]


def test_goods_are_listed_with_who_waits(page: WantedPage, window: MainWindow) -> None:
    assert rows(page) == [("小白鞋", "38", "王丽、李梅"), ("小白鞋", "39", "赵岚"), ("驼色大衣", "L", "赵岚")]
    assert page.tabs._tabs["open"].count == 3  # people, not wishes
    assert window.rail.entries["counter"].isChecked()
    page.list.select_row(0)
    assert page.card.what.text() == "小白鞋 38"
    assert [row.wish.name for row in page.card.rows] == ["王丽", "李梅"]
    assert page.card.all_in.words() == t("wt.arrived", n=2)


def test_search_finds_article_and_person_by_initials(
    page: WantedPage, window: MainWindow, qtbot: Any
) -> None:
    window.go_search()
    qtbot.keyClicks(window.search, "xbx")
    assert [row[:2] for row in rows(page)] == [("小白鞋", "38"), ("小白鞋", "39")]
    window.search.clear()
    qtbot.keyClicks(window.search, "zl")
    assert [row[2] for row in rows(page)] == ["赵岚", "赵岚"]
    qtbot.keyClicks(window.search, "zz")
    assert page._stack.currentIndex() == 2
    assert not page.card.isVisible()


def test_one_key_tells_everybody_and_one_takes_it_back(
    page: WantedPage, window: MainWindow, shop: Any, qtbot: Any
) -> None:
    before = dump(shop)
    page.list.setFocus()
    page.list.select_row(0)
    press(qtbot, page, Qt.Key.Key_Return, modifier=CTRL)
    assert window.toast_.text() == "到货了：2 位排进今日待办"
    assert [row[:2] for row in rows(page)] == [("小白鞋", "39"), ("驼色大衣", "L")]
    shown = shop.view().tasks(shop.view().day_list().open)
    assert {row.name for row in shown if row.rule == "W1"} == {"王丽", "李梅"}
    page.tabs.setFocus()
    press(qtbot, page, Qt.Key.Key_Right)
    assert rows(page) == [("小白鞋", "38", "王丽、李梅")]
    assert not page.card.all_in.isVisible()
    press(qtbot, page, Qt.Key.Key_Z, modifier=CTRL)
    assert dump(shop) == before
    assert window.toast_.text() == "已撤销：到货了：2 位排进今日待办"
    press(qtbot, page, Qt.Key.Key_Y, modifier=CTRL)
    assert window.toast_.text() == "已重做：到货了：2 位排进今日待办"
    assert rows(page) == [("小白鞋", "38", "王丽、李梅")]


def test_only_one_of_them_and_striking_out(page: WantedPage, shop: Any, qtbot: Any) -> None:
    page.list.select_row(0)
    page.card.rows[1].one.click()
    settle()
    assert rows(page)[0] == ("小白鞋", "38", "王丽")
    page.card.rows[0].cross.click()
    settle()
    assert rows(page)[0] == ("小白鞋", "39", "赵岚")
    page.list.setFocus()
    press(qtbot, page, Qt.Key.Key_Delete, modifier=CTRL)
    assert rows(page) == [("驼色大衣", "L", "赵岚")]
    for _ in range(3):
        press(qtbot, page, Qt.Key.Key_Z, modifier=CTRL)
    assert len(shop.view().wanted()) == 4


def test_a_wish_by_keyboard_alone(page: WantedPage, window: MainWindow, shop: Any, qtbot: Any) -> None:
    before = dump(shop)
    press(qtbot, page, Qt.Key.Key_F8)
    dialog = dialog_of(window)
    qtbot.keyClicks(QApplication.focusWidget(), "lm")
    settle()
    assert dialog.member.popup is not None
    assert dialog.member.popup.isVisible()
    press(qtbot, page, Qt.Key.Key_Return)
    assert dialog.item.hasFocus()
    for words in ("驼色大衣", "L", "", "月底要"):
        QApplication.focusWidget().setText(words)
        press(qtbot, page, Qt.Key.Key_Return)
    assert open_dialog(window) is None
    assert rows(page)[-1] == ("驼色大衣", "L", "赵岚、李梅")
    assert page.card.what.text() == "驼色大衣 L"  # what was written down is shown
    assert [row.wish.note for row in page.card.rows] == ["", "月底要"]
    press(qtbot, page, Qt.Key.Key_Z, modifier=CTRL)
    assert dump(shop) == before


def test_what_is_missing_is_said_and_nothing_is_written(
    page: WantedPage, window: MainWindow, shop: Any, people: dict[str, int], qtbot: Any
) -> None:
    before = dump(shop)
    press(qtbot, page, Qt.Key.Key_F8)
    dialog = dialog_of(window)
    dialog.save.click()
    assert dialog._fields["member"].error() == t("wt.e.who")
    assert dialog._fields["item"].error() == t("err.wanted_item")
    assert dialog.member.hasFocus()
    qtbot.keyClicks(dialog.member, "wl")
    press(qtbot, page, Qt.Key.Key_Escape)  # the popup, then what was typed, then the dialog
    assert not dialog.member.popup.isVisible()
    press(qtbot, page, Qt.Key.Key_Escape)
    assert dialog.member.text() == ""
    dialog.member.set_member(shop.view().rows([people["王丽"]])[0])
    dialog.item.setText("小白鞋")
    dialog.fit.setText("38")
    dialog.note.setText("要软底")
    dialog.save.click()
    assert "王丽" in dialog._problem._words.text()
    assert open_dialog(window) is dialog
    dialog.reject()
    assert dump(shop) == before


def test_a_suggestion_fills_article_and_her_size(
    page: WantedPage, window: MainWindow, a_sale: Callable[..., int], people: dict[str, int], qtbot: Any
) -> None:
    a_sale(people["王丽"], item="羊绒开衫")
    window.navigate("wanted", member=people["王丽"])
    press(qtbot, page, Qt.Key.Key_F8)
    dialog = dialog_of(window)
    assert dialog.item.hasFocus()
    qtbot.keyClicks(dialog.item, "yr")
    chip = next(
        chip for chip in dialog.hints.findChildren(object) if getattr(chip, "text", str)() == "羊绒开衫"
    )
    chip.click()
    assert dialog.item.text() == "羊绒开衫"
    assert dialog.fit.hasFocus()
    dialog.reject()


def test_a_wish_is_put_right(page: WantedPage, window: MainWindow, shop: Any) -> None:
    page.list.select_row(1)
    page.card.rows[0].edit.click()
    dialog = dialog_of(window)
    assert dialog.title.text() == t("wt.change", name="赵岚")
    assert not dialog._fields["member"].isVisible()
    assert dialog.item.hasFocus()
    dialog.fit.setText("38")
    dialog.save.click()
    settle()
    assert rows(page)[0] == ("小白鞋", "38", "王丽、李梅、赵岚")


def test_the_name_opens_her_card_and_escape_goes_back(
    page: WantedPage, window: MainWindow, people: dict[str, int], qtbot: Any
) -> None:
    page.list.select_row(1)
    page.card.rows[0].name.click()
    assert window.current_page().page_id == "members"
    window.navigate("wanted")
    page.list.setFocus()
    press(qtbot, page, Qt.Key.Key_Return)
    assert page.card.all_in.hasFocus()
    press(qtbot, page, Qt.Key.Key_Escape, Qt.Key.Key_Escape)
    assert window.current_page().page_id == "counter"


def test_an_empty_book_says_what_it_is_for(window: MainWindow, qtbot: Any) -> None:
    window.navigate("wanted")
    page: Any = window.current_page()
    assert page._stack.currentIndex() == 1
    assert not page.card.isVisible()
    page.first.click()
    assert isinstance(open_dialog(window), WantedEdit)
    open_dialog(window).reject()
    page.tabs._tabs["arrived"].click()
    assert not page.first.isVisible()


def test_list_and_card_one_at_a_time_where_there_is_little_room(
    page: WantedPage, window: MainWindow, qtbot: Any
) -> None:
    window.resize(1000, 640)
    window.apply_layout()
    settle()
    assert not page.card.isVisible()
    page.list.setFocus()
    press(qtbot, page, Qt.Key.Key_Return)
    assert page.card.isVisible()
    assert not page.list.isVisible()
    assert page.back.words() == t("wt.list")
    press(qtbot, page, Qt.Key.Key_Escape)
    assert page.list.isVisible()
    press(qtbot, page, Qt.Key.Key_Escape)
    assert window.current_page().page_id == "counter"


# ---------------------------------------------------------------- at the counter


def test_the_counter_opens_the_book_for_who_is_here(
    page: WantedPage, window: MainWindow, people: dict[str, int], qtbot: Any
) -> None:
    window.navigate("counter", member=people["李梅"])
    counter = window.current_page()
    assert isinstance(counter, CounterPage)
    assert counter.book.words() == t("wt.head", n=3)
    assert [wish.item for wish in counter.pane.member().wanted] == ["小白鞋"]
    press(qtbot, counter, Qt.Key.Key_F8)
    assert window.current_page() is page
    press(qtbot, page, Qt.Key.Key_F8)
    assert dialog_of(window).member.member().name == "李梅"
    dialog_of(window).reject()


def test_who_comes_in_is_counted_by_one_key(window: MainWindow, shop: Any, qtbot: Any) -> None:
    window.navigate("counter")
    page: Any = window.current_page()
    assert page.tally.number.text() == "—"
    assert not page.tally.fewer.isEnabled()
    before = dump(shop)
    press(qtbot, page, Qt.Key.Key_F7, Qt.Key.Key_F7)
    page.tally.more.click()
    assert page.tally.number.text() == "3"
    assert page.tally.number.toolTip() == "今天进店 3 位：10 点 3 位"
    assert page.finder.field.hasFocus()
    press(qtbot, page, Qt.Key.Key_F7, modifier=SHIFT)
    assert page.tally.number.text() == "2"
    press(qtbot, page, Qt.Key.Key_Z, modifier=CTRL)
    assert window.toast_.text() == "已撤销：进店 −1，今天 2 位"
    assert page.tally.number.text() == "3"
    for _ in range(3):
        press(qtbot, page, Qt.Key.Key_Z, modifier=CTRL)
    assert page.tally.number.text() == "—"
    assert dump(shop) == before
    window.navigate("members")
    press(qtbot, window.current_page(), Qt.Key.Key_F7)
    assert shop.view().footfall() is None  # the key is the counter's


def test_her_card_tells_what_she_waits_for_and_what_is_in(
    window: MainWindow, shop: Any, people: dict[str, int], a_wish: Callable[..., int]
) -> None:
    a_wish("李梅", colour="米白")
    wish = a_wish("李梅", "驼色大衣", "L")
    window.navigate("members", member=people["李梅"])
    pane: Any = window.current_page().card
    assert pane.wanted.text() == "她想要：驼色大衣 L、小白鞋 米白 38"
    assert not pane.arrived.isVisibleTo(pane)
    window.session.do(lambda shop, _: shop.wanted.arrived([wish]))
    assert pane.arrived.text() == "到货了，还没告诉她：驼色大衣 L"
    assert pane.wanted.text() == "她想要：小白鞋 米白 38"
    window.navigate("members", member=people["王丽"])
    assert not pane.wanted.isVisibleTo(pane)
