"""Masked numbers on every page: looked at one by one, counted, hidden again from the next person."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit

from shopcrm.basics.records import MemberId, Query, StaffId, WantedDraft
from shopcrm.basics.texts import t
from shopcrm.shop import Shop
from tests.conftest import DAY
from tests.ui.real_window import open_window, press, put_away, settle
from ui import app
from ui.dialogs.hand_over import Leaving
from ui.dialogs.member_edit import MemberEdit
from ui.main_window import MainWindow
from ui.pages import PAGES
from ui.widgets import open_dialog

WHOLE = re.compile(r"138 ?0000 ?[0-9]{4}")
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def people(shop: Shop, a_member: Callable[..., MemberId], a_sale: Callable[..., Any]) -> dict[str, StaffId]:
    """An owner, an assistant and one for the counter, and some members with to-dos and wishes."""
    shop.settings.begin("禾木衣坊", "林姐")
    members = [a_member(f"客{n}" if n else "", notes="13800009999 是她先生") for n in range(6)]
    for member in members:
        for back in (7, 100, 200):
            a_sale(member, DAY - timedelta(days=back))
    for member in members[:2]:
        shop.wanted.add(WantedDraft(member, "大衣", size="M"))
    shop.start_day()
    add = shop.settings.add_staff
    add("阿珍", "assistant")
    owner = shop.view().staff()[0].id
    return {"林姐": owner, "小雯": add("小雯", "assistant").value, "小悦": add("小悦", "entry").value}


@pytest.fixture
def window(shop: Shop, people: dict[str, StaffId], qapp: Any) -> Iterator[MainWindow]:
    made = open_window(shop)
    become(made, "小雯")
    yield made
    put_away(made, qapp)


def become(window: MainWindow, name: str) -> None:
    session = window.session
    session.set_staff(next(person for person in session.view.staff() if person.name == name))
    settle()


def page_of(window: MainWindow, page_id: str, **args: Any) -> Any:
    window.navigate(page_id, **args)
    settle()
    return window.current_page()


def rows(shop: Shop) -> int:
    return int(shop.store.read().value("SELECT count(*) FROM reveal"))


def said(window: MainWindow) -> list[str]:
    """Every text on the screen in which a whole number stands."""
    texts = [label.text() for label in window.findChildren(QLabel) if label.isVisible()]
    texts += [field.text() for field in window.findChildren(QLineEdit) if field.isVisible()]
    texts += [field.toPlainText() for field in window.findChildren(QPlainTextEdit) if field.isVisible()]
    texts += [label.toolTip() for label in window.findChildren(QLabel)]
    return [text for text in texts if WHOLE.search(text)]


# ---------------------------------------------------------------- pages


def test_no_page_shows_a_whole_number(window: MainWindow, shop: Shop) -> None:
    member = shop.view().ids(Query())[0]
    for entry in PAGES:
        page = page_of(window, entry.id)
        assert said(window) == [], entry.id
        if hasattr(page, "list"):
            model = page.list.model()
            shown = [
                str(model.index(row, column).data(role))
                for row in range(model.rowCount())
                for column in range(model.columnCount())
                for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
            ]
            assert not WHOLE.search(" ".join(shown)), entry.id
    for tab in ("sales", "notes"):
        card = page_of(window, "members", member=member).card
        card.tabs.picked.emit(tab)
        card.tabs.set_current(tab)
        settle()
        assert said(window) == []
    become(window, "林姐")
    assert said(window), "the owner sees them"


@pytest.mark.parametrize("page_id", ["today", "members", "counter"])
def test_a_click_shows_it_until_another_one_stands_there(
    window: MainWindow, shop: Shop, page_id: str
) -> None:
    first, second = (MemberId(member) for member in shop.view().ids(Query())[:2])
    page = page_of(window, page_id)

    def show(member: MemberId) -> Any:
        if page_id == "today":
            task = next(i for i in page.model.ids if shop.view().tasks([i])[0].member == member)
            page.list.select_id(task)
            return page.detail.head
        if page_id == "members":
            page.list.select_id(member)
            return page.card.who
        page.begin(member)
        return page.pane.who

    head = show(first)
    settle()
    assert head.phone.text().startswith("138 **** ")
    assert head.reveal.isVisibleTo(head)
    assert "30" in head.reveal.toolTip()
    head.reveal.click()
    settle()
    assert WHOLE.fullmatch(head.phone.text())
    assert not head.reveal.isVisibleTo(head)
    assert rows(shop) == 1
    show(second)
    settle()
    assert not WHOLE.search(head.phone.text())
    assert "29" in head.reveal.toolTip()
    show(first)
    settle()
    assert not WHOLE.search(head.phone.text()), "it has to be asked for again"
    head.reveal.click()
    assert rows(shop) == 1, "which does not count again"


def test_one_key_copies_the_whole_number_on_today(window: MainWindow, shop: Shop, qtbot: Any) -> None:
    page = page_of(window, "today")
    page.list.setFocus()
    press(qtbot, page, Qt.Key.Key_C, modifier=CTRL | SHIFT)
    assert re.fullmatch(r"1380000[0-9]{4}", QApplication.clipboard().text())
    assert WHOLE.fullmatch(page.detail.head.phone.text())
    assert rows(shop) == 1
    press(qtbot, page, Qt.Key.Key_C, modifier=CTRL)
    assert not WHOLE.search(QApplication.clipboard().text()), "a message holds no number"


def test_the_copy_button_and_the_menu_look_first(window: MainWindow, shop: Shop) -> None:
    page = page_of(window, "members")
    head = page.card.who
    assert head.copy.accessibleName() == t("today.copyphone")
    head.copy.click()
    first = QApplication.clipboard().text()
    assert re.fullmatch(r"1380000[0-9]{4}", first)
    page.list.select_row(1)
    settle()
    page._copy_current()
    assert QApplication.clipboard().text() != first
    assert rows(shop) == 2


@pytest.mark.parametrize("away", ["person", "lock"])
def test_it_is_hidden_from_the_next_person(window: MainWindow, shop: Shop, away: str) -> None:
    page = page_of(window, "members")
    page.card.who.reveal.click()
    assert said(window)
    if away == "person":
        become(window, "阿珍")
    else:
        window.session.lock()
        settle()
    assert not WHOLE.search(page.card.who.phone.text())
    if away == "lock":
        window.session.unlock(window.session.staff)  # type: ignore[arg-type]


def test_rows_read_for_the_owner_are_read_again_for_an_assistant(window: MainWindow) -> None:
    become(window, "林姐")
    page = page_of(window, "members")
    assert WHOLE.fullmatch(page.card.who.phone.text())
    assert not page.card.who.reveal.isVisibleTo(page.card)
    assert page.model.row(0).phones[0].isdigit()
    become(window, "小雯")
    assert "****" in page.card.who.phone.text()
    assert "****" in page.model.row(0).phones[0]
    assert said(window) == []


def test_the_counter_person_has_nothing_to_press(window: MainWindow, shop: Shop) -> None:
    become(window, "小悦")
    page = page_of(window, "counter")
    page.begin(MemberId(shop.view().ids(Query())[0]))
    settle()
    head = page.pane.who
    assert "****" in head.phone.text()
    assert not head.reveal.isVisibleTo(page)
    assert not head.copy.isVisibleTo(page)


def test_a_shop_may_show_whole_numbers_to_everybody(window: MainWindow, shop: Shop) -> None:
    become(window, "林姐")
    shop.settings.set("staff.hide_phones", False)
    become(window, "小雯")
    page = page_of(window, "members")
    assert WHOLE.fullmatch(page.card.who.phone.text())
    page.card.who.copy.click()
    assert rows(shop) == 0


def test_who_waits_for_goods_is_looked_at_one_by_one(window: MainWindow, shop: Shop) -> None:
    page = page_of(window, "wanted")
    page.list.select_row(0)
    settle()
    one, two = page.card.rows
    assert "****" in one.phone.text()
    one.reveal.click()
    settle()
    assert WHOLE.fullmatch(one.phone.text())
    assert "****" in two.phone.text()
    assert t("reveal.see") in two.reveal.toolTip()


def test_typing_in_the_search_finds_and_hides(window: MainWindow) -> None:
    found = window.session.view.search("0003")
    assert [row.phones for row in found] == [("138 **** 0003",)]


# ---------------------------------------------------------------- refused


def test_no_more_than_allowed(window: MainWindow, shop: Shop) -> None:
    shop.actor = next(person.id for person in shop.view().staff() if person.role == "owner")
    shop.settings.set("staff.reveals_a_day", 1)
    become(window, "小雯")
    page = page_of(window, "members")
    QApplication.clipboard().setText("-")
    page.card.who.reveal.click()
    page.list.select_row(1)
    settle()
    assert page.card.who.reveal.toolTip() == t("reveal.tip.none")
    page.card.who.copy.click()
    settle()
    dialog = open_dialog(window)
    assert dialog is not None
    told = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "今天已经看了 1 位的号码，不能再多了" in told
    assert "明天再打" in told
    assert QApplication.clipboard().text() == "-"
    assert "****" in page.card.who.phone.text()
    assert rows(shop) == 1
    dialog.reject()


def test_without_the_right_nothing_is_shown(
    window: MainWindow, shop: Shop, people: dict[str, StaffId]
) -> None:
    shop.actor = people["林姐"]
    shop.settings.change_staff(people["小雯"], "assistant", ())
    become(window, "小雯")
    page = page_of(window, "members")
    page.card.who.reveal.click()
    settle()
    dialog = open_dialog(window)
    assert dialog is not None, "the owner is asked"
    dialog.reject()
    assert "****" in page.card.who.phone.text()
    assert rows(shop) == 0


def test_no_list_lets_many_rows_be_copied(window: MainWindow, shop: Shop, qtbot: Any) -> None:
    for page_id in ("today", "members", "wanted"):
        page = page_of(window, page_id)
        QApplication.clipboard().setText("-")
        page.list.setFocus()
        press(qtbot, page.list, Qt.Key.Key_A, modifier=CTRL)
        press(qtbot, page.list, Qt.Key.Key_C, modifier=CTRL)
        copied = QApplication.clipboard().text()
        assert sum(f"客{n}" in copied for n in range(1, 6)) <= 1, page_id
        assert len(WHOLE.findall(copied)) <= 1, "that of the row she stands on"
    assert rows(shop) == 1


# ---------------------------------------------------------------- the form


def test_a_form_keeps_the_number_it_does_not_show(window: MainWindow, shop: Shop) -> None:
    page_of(window, "members")
    member = MemberId(shop.view().ids(Query())[0])
    before = shop.store.read().all("SELECT typed, key FROM phone WHERE member_id = ?", (member,))
    dialog = MemberEdit(window, window.session, window.session.view.member(member))
    dialog.open()
    phone = dialog._phone
    assert phone.isReadOnly()
    assert "****" in phone.text()
    assert "138 **** 9999" in dialog._notes.toPlainText()
    dialog._call.setText("王姐")
    dialog._save.click()
    settle()
    assert not dialog.isVisible()
    rx = shop.store.read()
    assert rx.all("SELECT typed, key FROM phone WHERE member_id = ?", (member,)) == before
    assert rx.value("SELECT call_name FROM member WHERE id = ?", (member,)) == "王姐"
    assert rx.value("SELECT notes FROM member WHERE id = ?", (member,)) == "13800009999 是她先生"
    assert rows(shop) == 0


def test_a_number_looked_at_in_the_form_can_be_changed(window: MainWindow, shop: Shop) -> None:
    page_of(window, "members")
    member = MemberId(shop.view().ids(Query())[0])
    dialog = MemberEdit(window, window.session, window.session.view.member(member))
    dialog.open()
    dialog.reveal.click()
    settle()
    assert not dialog._phone.isReadOnly()
    assert WHOLE.fullmatch(dialog._phone.text())
    dialog._phone.setText("138 0000 7777")
    dialog._save.click()
    settle()
    assert shop.store.read().all("SELECT key FROM phone WHERE member_id = ?", (member,)) == [("13800007777",)]
    assert rows(shop) == 1


def test_a_form_left_open_hides_the_number_from_the_next_person(window: MainWindow, shop: Shop) -> None:
    page_of(window, "members")
    member = MemberId(shop.view().ids(Query())[0])
    dialog = MemberEdit(window, window.session, window.session.view.member(member))
    dialog.open()
    dialog.reveal.click()
    window.session.lock()
    settle()
    assert dialog._phone.isReadOnly()
    assert not WHOLE.search(dialog._phone.text())
    window.session.unlock(window.session.staff)  # type: ignore[arg-type]
    dialog.reject()


# ---------------------------------------------------------------- what the owner sees


def test_the_owner_sees_who_looked_at_how_many(window: MainWindow, people: dict[str, StaffId]) -> None:
    page = page_of(window, "members")
    for row in range(3):
        page.list.select_row(row)
        settle()
        page.card.who.reveal.click()
    become(window, "林姐")
    settings = page_of(window, "settings")
    settings.open_place("audit")
    settle()
    place = settings.places["audit"]
    assert place.meter.isVisible()
    words = [label.text() for label in place.meter.findChildren(QLabel)]
    assert words[-4:] == ["小雯", *[t("reveal.n", n=3)] * 3]
    trail = [label.text() for label in place._card.findChildren(QLabel)]
    assert "看了 3 位会员的完整号码" in trail, "told in one line"
    settings.open_place("staff")
    settle()
    line = settings.places["staff"].rows[int(people["小雯"])]
    assert line.figures[-1].text() == t("reveal.n", n=3)


def test_who_leaves_is_told_with_what_she_looked_at(
    window: MainWindow, shop: Shop, people: dict[str, StaffId], tmp_path: Any
) -> None:
    shop.actor = people["林姐"]
    shop.settings.change_staff(people["小雯"], "assistant", ("reveal", "export"))
    become(window, "小雯")
    page = page_of(window, "members")
    page.card.who.reveal.click()
    shop.exports.members(tmp_path / "a.xlsx")
    become(window, "林姐")
    who = next(person for person in shop.view().staff() if person.name == "小雯")
    dialog = Leaving(window, window.session, who)
    dialog.open()
    settle()
    note = dialog._note.text()
    assert t("leave.reveals", name="小雯", n=1, m=1, own=0) in note
    assert t("leave.took", lists=t("leave.list", what="会员名单", times=1, n="6")) in note
    dialog.reject()


def test_the_log_holds_no_number() -> None:
    written = app._Places("%(message)s").format(
        logging.LogRecord("shopcrm", logging.ERROR, "", 0, "could not read %s", ("138 0000 0042",), None)
    )
    assert written == "could not read 138 **** 0042"
