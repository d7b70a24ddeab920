"""The counter as it is used: four digits, Enter, what happened, saved; by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from shopcrm.basics.records import LineDraft, MemberDraft, SaleDraft
from shopcrm.shop import Shop
from ui.app import make_window
from ui.main_window import MainWindow

K = Qt.Key


@pytest.fixture
def window(qtbot: Any, tmp_path: Path) -> Iterator[MainWindow]:
    shop = Shop.open(tmp_path / "shop.db", clock=lambda: datetime(2026, 11, 21, 10, 24))
    shop.settings.begin("禾木衣坊", "林姐")
    her = shop.members.save(
        MemberDraft(name="周曼丽", phones=(("13800004471", "13800004471"),), size_top="L", size_bottom="29")
    ).value
    shop.members.save(MemberDraft(name="常淑", phones=(("13800002123", "13800002123"),)))
    shop.counter.sell(SaleDraft(her, date(2026, 6, 1), (LineDraft(29_800, item="毛呢半裙 格纹", size="M"),)))
    made = make_window(shop)
    with qtbot.waitActive(made):
        made.activateWindow()
    made.navigate("counter")
    yield made
    made.close()


def page(window: MainWindow) -> Any:
    return window.current_page()


def find(window: MainWindow, qtbot: Any, text: str) -> Any:
    counter = page(window)
    counter.finder.field.clear()
    qtbot.keyClicks(counter.finder.field, text)
    return counter


def sales_of(window: MainWindow, name: str) -> list[tuple[date, int, str, str]]:
    view = window.session.view
    (row,) = view.search(name)
    card = view.member(row.id)
    assert card is not None
    return [(sale.day, line.amount_fen, line.item, line.size) for sale in card.sales for line in sale.lines]


def begin(window: MainWindow, qtbot: Any, text: str = "4471") -> Any:
    counter = find(window, qtbot, text)
    qtbot.keyClick(counter.finder.field, K.Key_Return)
    assert counter._right.currentWidget() is counter.form
    return counter


def test_four_digits_show_her_card_and_enter_opens_the_form(window: MainWindow, qtbot: Any) -> None:
    counter = find(window, qtbot, "4471")
    assert [row.name for row, _ in counter.finder.found.rows] == ["周曼丽"]
    assert counter.pane.member().name == "周曼丽"
    assert counter._right.currentIndex() == 1
    qtbot.keyClick(counter.finder.field, K.Key_Return)
    assert counter._right.currentWidget() is counter.form


def test_a_one_piece_sale_takes_thirteen_keys(window: MainWindow, qtbot: Any) -> None:
    counter = page(window)
    pressed = 0

    def key(widget: Any, *keys: Any, **held: Any) -> None:
        nonlocal pressed
        for one in keys:
            if isinstance(one, str):
                qtbot.keyClicks(widget, one)
            else:
                qtbot.keyClick(widget, one, **held)
            pressed += 1

    key(window, K.Key_F2)
    key(counter.finder.field, "4", "4", "7", "1", K.Key_Return)
    key(counter.form.kind, K.Key_1)
    line = counter.form.sold.lines[0]
    key(line.item, "m", "n", K.Key_Return)
    assert (line.item.text(), line.size_.text(), line.amount.text()) == ("毛呢半裙 格纹", "M", "298")
    key(line.size_, K.Key_Return)
    key(line.amount, K.Key_Return)
    key(counter.form.sold.lines[1].item, K.Key_Return, modifier=Qt.KeyboardModifier.ControlModifier)
    assert pressed == 13
    assert sales_of(window, "周曼丽")[0] == (date(2026, 11, 21), 29_800, "毛呢半裙 格纹", "M")
    assert counter.finder.field.text() == ""
    assert next(entry.name for entry in counter.finder.log.list.entries if entry.kind == "sale") == "周曼丽"


def test_an_amount_alone_is_a_sale(window: MainWindow, qtbot: Any) -> None:
    counter = begin(window, qtbot)
    counter.form.sold.lines[0].amount.setText("1,280")
    counter.save()
    assert sales_of(window, "周曼丽")[0][:3] == (date(2026, 11, 21), 128_000, "")


def test_a_return_is_tied_to_what_she_bought(window: MainWindow, qtbot: Any) -> None:
    counter = begin(window, qtbot)
    line = counter.form.sold.lines[0]
    line.item.setText("毛呢半裙 格纹")
    line.amount.setText("-298")
    counter.save()
    view = window.session.view
    card = view.member(view.search("周曼丽")[0].id)
    lines = [one for sale in card.sales for one in sale.lines]
    assert [one.amount_fen for one in lines] == [-29_800, 29_800]
    assert lines[0].returns_line == lines[1].id
    assert lines[1].returned_fen == 29_800


@pytest.mark.parametrize("amount", ["abc", "", "1.299,00", "99999999999", "#DIV/0!"])
def test_nonsense_in_the_amount_is_said_at_the_line_and_books_nothing(
    window: MainWindow, qtbot: Any, amount: str
) -> None:
    counter = begin(window, qtbot)
    line = counter.form.sold.lines[0]
    line.item.setText("风衣")
    line.amount.setText(amount)
    counter.save()
    assert line.remark()
    assert len(sales_of(window, "周曼丽")) == 1


def test_an_empty_form_says_what_is_missing(window: MainWindow, qtbot: Any) -> None:
    counter = begin(window, qtbot)
    counter.save()
    assert counter.form._wrong.text()
    assert len(sales_of(window, "周曼丽")) == 1


def test_tried_on_without_buying_keeps_reasons_and_words(window: MainWindow, qtbot: Any) -> None:
    counter = begin(window, qtbot)
    qtbot.keyClick(counter.form.kind, K.Key_2)
    line = counter.form.tried.lines[0]
    line.item.setText("羊绒大衣 驼色")
    line.size_.setText("L")
    counter.form.reasons["thinking"].setChecked(True)
    counter.form.reasons["price"].setChecked(True)
    counter.form.says.setText("想等会员日再来")
    counter.save()
    view = window.session.view
    (visit,) = view.member(view.search("周曼丽")[0].id).visits
    assert (visit.kind, visit.items, visit.reasons, visit.says) == (
        "tried", "羊绒大衣 驼色 L", ("thinking", "price"), "想等会员日再来",
    )  # fmt: skip


def test_just_looking(window: MainWindow, qtbot: Any) -> None:
    counter = begin(window, qtbot, "cs")
    qtbot.keyClick(counter.form.kind, K.Key_3)
    counter.save()
    view = window.session.view
    (visit,) = view.member(view.search("常淑")[0].id).visits
    assert (visit.kind, visit.day, visit.at) == ("looked", date(2026, 11, 21), "10:24")


def test_an_earlier_day_can_be_chosen_and_has_no_time(window: MainWindow, qtbot: Any) -> None:
    counter = begin(window, qtbot)
    counter.form.pick_day(date(2026, 11, 3))
    counter.form.sold.lines[0].amount.setText("99")
    counter.save()
    assert sales_of(window, "周曼丽")[0][:2] == (date(2026, 11, 3), 9_900)
    assert counter.form.chosen_day() == date(2026, 11, 21)


def test_a_sale_without_a_card(window: MainWindow, qtbot: Any) -> None:
    counter = page(window)
    qtbot.mouseClick(counter.finder.walk, Qt.MouseButton.LeftButton)
    counter.form.sold.lines[0].amount.setText("68")
    counter.save()
    (entry,) = [e for e in window.session.view.today_log() if e.kind == "sale" and e.fen == 6_800]
    assert entry.member is None


def test_what_is_typed_stays_when_the_page_is_left(window: MainWindow, qtbot: Any) -> None:
    counter = begin(window, qtbot)
    counter.form.sold.lines[0].item.setText("风衣 卡其")
    window.navigate("members")
    window.navigate("counter")
    assert counter.form.sold.lines[0].item.text() == "风衣 卡其"
    assert counter._right.currentWidget() is counter.form


def test_escape_empties_the_form_then_closes_it(window: MainWindow, qtbot: Any) -> None:
    counter = begin(window, qtbot)
    counter.form.sold.lines[0].item.setText("风衣 卡其")
    assert counter.escape()
    assert not counter.form.filled
    assert counter._right.currentWidget() is counter.form
    assert counter.escape()
    assert counter._right.currentWidget() is not counter.form
    assert not counter.escape()


def test_nobody_found_offers_a_new_member_with_the_digits(window: MainWindow, qtbot: Any) -> None:
    counter = find(window, qtbot, "13800007777")
    assert counter.finder.member() == 0
    qtbot.keyClick(counter.finder.field, K.Key_Return)
    from ui.widgets import open_dialog

    dialog = open_dialog(window)
    assert dialog is not None
    dialog.reject()
