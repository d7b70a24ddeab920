"""The counter as it is used: four digits, Enter, what happened, saved; by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from shopcrm.basics.records import EventDraft, LineDraft, MemberDraft, SaleDraft, VisitDraft
from shopcrm.shop import Shop
from tests.ui.real_window import settle
from ui.app import make_window
from ui.main_window import MainWindow
from ui.widgets import Button, open_dialog

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
    log = window.session.view.log(window.session.today)
    (entry,) = [e for e in log if e.kind == "sale" and e.fen == 6_800]
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
    dialog = open_dialog(window)
    assert dialog is not None
    dialog.reject()


# -- never for the wrong customer ----------------------------------------------------------------------------


def sale_of(counter: Any, amount: str = "500", item: str = "风衣 卡其") -> None:
    line = counter.form.sold.lines[0]
    line.item.setText(item)
    line.amount.setText(amount)
    line.changed.emit()


def answer(window: MainWindow, words: str) -> None:
    """Press the button of the open dialog that says so."""
    dialog = open_dialog(window)
    assert dialog is not None
    (button,) = [one for one in dialog.findChildren(Button) if words in one.words()]
    button.click()


def test_somebody_elses_card_beside_the_form_is_told_and_nothing_is_saved(
    window: MainWindow, qtbot: Any
) -> None:
    counter = begin(window, qtbot)
    sale_of(counter)
    find(window, qtbot, "2123")
    assert counter.pane.member().name == "常淑"
    assert "周曼丽" in counter.form.owner._words.text()
    assert counter.form.owner.isVisible()
    counter.save()
    assert "周曼丽" in counter.form._wrong.text()  # her card is back, and she is named
    assert counter.pane.member().name == "周曼丽"
    assert not counter.form.owner.isVisible()
    assert len(sales_of(window, "周曼丽")) == 1
    counter.save()
    assert sales_of(window, "周曼丽")[0][1] == 50_000


@pytest.mark.parametrize(
    ("words", "owner", "item"),
    [("改记给", "常淑", "风衣 卡其"), ("重新登记", "常淑", ""), ("接着填", "周曼丽", "风衣 卡其")],
)
def test_another_customer_while_the_form_is_filled_asks_whose_it_is(
    window: MainWindow, qtbot: Any, words: str, owner: str, item: str
) -> None:
    counter = begin(window, qtbot)
    sale_of(counter)
    find(window, qtbot, "2123")
    qtbot.keyClick(counter.finder.field, K.Key_Return)
    answer(window, words)
    assert open_dialog(window) is None
    assert (counter.form.name(), counter.form.sold.lines[0].item.text()) == (owner, item)
    assert counter.pane.member().name == owner


def test_one_filled_field_is_not_asked_about(window: MainWindow, qtbot: Any) -> None:
    counter = begin(window, qtbot)
    counter.form.sold.lines[0].item.setText("风衣 卡其")
    window.navigate("counter", member=int(window.session.view.search("常淑")[0].id))
    assert open_dialog(window) is None
    assert counter.form.name() == "常淑"
    assert not counter.form.filled


def test_clearing_more_than_one_field_asks(window: MainWindow, qtbot: Any) -> None:
    counter = begin(window, qtbot)
    sale_of(counter)
    counter.form.clear_button.click()
    answer(window, "接着填")
    assert counter.form.sold.lines[0].item.text() == "风衣 卡其"
    counter.form.clear_button.click()
    answer(window, "清空")
    assert not counter.form.filled
    assert not counter._booking
    assert counter.finder.field.hasFocus()


def test_whoever_is_looked_for_while_it_is_saved_stays(window: MainWindow, qtbot: Any) -> None:
    counter = begin(window, qtbot)
    sale_of(counter)
    counter._typed_before = counter.finder.field.text()
    find(window, qtbot, "2123")  # the next customer is quicker than the disk
    counter._on_saved(None)
    assert counter.finder.field.text() == "2123"
    assert counter.pane.member().name == "常淑"
    assert not counter._booking


def test_who_serves_stays_chosen_while_others_work(window: MainWindow, qtbot: Any) -> None:
    session = window.session
    session.do(lambda shop, _: shop.settings.add_staff("小雯", "assistant"))
    counter = begin(window, qtbot)
    sale_of(counter)
    chosen = next(p.id for p in session.view.staff() if p.name == "小雯")
    counter.form.staff.set_value(int(chosen))
    session.do(lambda shop, _: shop.members.save(MemberDraft(name="新客")))
    assert counter.form.staff.value() == chosen
    counter.save()
    card = session.view.member(session.view.search("周曼丽")[0].id)
    assert card.sales[0].staff == "小雯"


# -- returns, pieces -----------------------------------------------------------------------------------------


def test_several_pieces_are_written_behind_the_price(window: MainWindow, qtbot: Any) -> None:
    counter = begin(window, qtbot)
    sale_of(counter, "59.9*3", "袜子")
    assert counter.form._sum.text() == "¥179.70"
    assert counter.form._pieces.whole_text() == "3 件"
    counter.save()
    view = window.session.view
    (line,) = view.member(view.search("周曼丽")[0].id).sales[0].lines
    assert (line.qty, line.amount_fen) == (3, 17_970)
    counter = begin(window, qtbot)
    counter.form.back.click()
    line = counter.form.sold.lines[0]
    qtbot.keyClick(line.item, K.Key_Return)
    assert line.amount.text() == "-59.90"  # one of them
    assert "3 件" in line.remark()
    line.amount.setText("-59.9*4")
    counter.save()
    assert "3 件" in counter.form._wrong.text()  # more than she bought
    line.amount.setText("-59.9*2")
    counter.save()
    card = view.member(view.search("周曼丽")[0].id)
    assert card.sales[1].lines[0].returned_qty == 2 or card.sales[0].lines[0].qty == 2


def test_a_refund_of_nothing_she_bought_is_told(window: MainWindow, qtbot: Any) -> None:
    counter = begin(window, qtbot)
    sale_of(counter, "-50", "")
    line = counter.form.sold.lines[0]
    line.say("")
    assert line.remark()
    counter.save()
    assert sales_of(window, "周曼丽")[0][1] == -5_000


# -- the day's log -------------------------------------------------------------------------------------------


def open_first(window: MainWindow, qtbot: Any) -> Any:
    counter = page(window)
    log = counter.finder.log.list
    log.setFocus()
    qtbot.keyClick(log, K.Key_Return)
    return counter


def test_a_line_of_the_log_is_put_right_in_the_form(window: MainWindow, qtbot: Any) -> None:
    counter = begin(window, qtbot)
    sale_of(counter)
    counter.save()
    counter = open_first(window, qtbot)
    line = counter.form.sold.lines[0]
    assert (line.item.text(), line.amount.text()) == ("风衣 卡其", "500")
    assert counter.form.save.words() == "保存修改"
    line.amount.setText("450")
    counter.form.pick_day(date(2026, 11, 20))
    counter.save()
    assert sales_of(window, "周曼丽")[0] == (date(2026, 11, 20), 45_000, "风衣 卡其", "")


def test_a_correction_that_changes_nothing_writes_nothing(window: MainWindow, qtbot: Any) -> None:
    counter = open_first(window, qtbot)
    entries = counter.finder.log.list.entries
    counter.save()
    assert not counter._booking
    assert window.toast_.text()
    assert counter.finder.log.list.entries == entries


def test_a_correction_half_done_is_not_lost_unasked(window: MainWindow, qtbot: Any) -> None:
    counter = open_first(window, qtbot)
    counter.form.sold.lines[0].amount.setText("1")
    assert counter.escape()
    answer(window, "接着填")
    assert counter.form.sold.lines[0].amount.text() == "1"
    assert counter.escape()
    answer(window, "不改了")
    assert not counter._booking
    assert sales_of(window, "周曼丽")[0][1] == 29_800


def test_a_sale_is_struck_out_with_a_reason_and_restored(window: MainWindow, qtbot: Any) -> None:
    counter = open_first(window, qtbot)
    counter.form.void.click()
    counter.form.void.click()
    assert counter.form._wrong.text()
    assert counter.escape()  # not struck out after all
    assert not counter.form.voiding
    counter.form.void.click()
    qtbot.keyClick(counter.form.void_reasons[0], K.Key_2)
    counter.form.void.click()
    entry = counter.finder.log.list.entries[0]
    assert entry.is_void
    counter = open_first(window, qtbot)
    assert "记错人了" in counter.form._void_said.text()
    counter.form.save.click()
    assert not counter.finder.log.list.entries[0].is_void


def test_an_undo_while_a_booking_is_open_closes_it(window: MainWindow, qtbot: Any) -> None:
    counter = begin(window, qtbot)
    sale_of(counter)
    counter.save()
    open_first(window, qtbot)
    window.undo()
    assert not counter._booking
    assert len(sales_of(window, "周曼丽")) == 1


def test_a_visit_moves_to_a_member_only(window: MainWindow, qtbot: Any) -> None:
    counter = begin(window, qtbot)
    qtbot.keyClick(counter.form.kind, K.Key_3)
    counter.save()
    counter = open_first(window, qtbot)
    counter.begin_walk_in()
    assert counter.form._wrong.text()
    qtbot.keyClick(counter.form.kind, K.Key_1)
    assert counter.form.kind.current() == "looked"  # and no sale
    find(window, qtbot, "2123")
    qtbot.keyClick(counter.finder.field, K.Key_Return)
    counter.save()
    view = window.session.view
    assert [v.kind for v in view.member(view.search("常淑")[0].id).visits] == ["looked"]


def test_the_whole_log_goes_back_day_by_day(window: MainWindow, qtbot: Any) -> None:
    log = page(window).finder.log
    assert len(log.list.entries) == 3  # two members and a sale, entered today
    log.all.click()
    log.list.setFocus()
    qtbot.keyClick(log.list, K.Key_Left)
    assert (log.day, log.list.entries) == (date(2026, 11, 20), [])
    log.after.click()
    assert log.day == date(2026, 11, 21)
    qtbot.keyClick(log.list, K.Key_Right)
    assert log.day == date(2026, 11, 21)  # no further than today
    log.before.click()
    log.all.click()
    assert log.day == date(2026, 11, 21)


def test_a_line_of_her_history_is_put_right(window: MainWindow, qtbot: Any) -> None:
    counter = begin(window, qtbot)
    history = counter.pane.history
    history.setFocus()
    qtbot.keyClick(history, K.Key_Return)
    assert counter.form.booked is not None
    assert counter.form.sold.lines[0].item.text() == "毛呢半裙 格纹"
    assert counter.form.chosen_day() == date(2026, 6, 1)


def test_long_words_from_a_file_are_not_cut_by_a_correction(window: MainWindow, qtbot: Any) -> None:
    view, session = window.session.view, window.session
    her = view.search("常淑")[0].id
    item, size, says = "大衣" * 40, "170/92A（宽松）", "她说" * 200
    line = LineDraft(1_000, item=item, size=size, colour="驼色", qty=3)
    session.do(lambda shop, _: shop.counter.sell(SaleDraft(her, date(2026, 11, 1), (line,), order_no="A1")))
    asked = VisitDraft(her, date(2026, 11, 2), "asked", items="羽绒服" * 100, says=says)
    tried = VisitDraft(her, date(2026, 11, 3), "tried", items="试衣" * 200)
    for visit in (asked, tried):
        session.do(lambda shop, _, visit=visit: shop.counter.visit(visit))
    counter = page(window)
    card = view.member(her)
    for kind, key in [("sale", card.sales[0].id), *(("visit", visit.id) for visit in card.visits)]:
        counter.open_booking(kind, key)
        assert not counter.form.filled
        counter.form.pick_day(date(2026, 10, 1))
        counter.save()
    card = view.member(her)
    (sale,) = card.sales
    (line_,) = sale.lines
    assert (line_.item, line_.size, line_.colour, line_.qty) == (item, size, "驼色", 3)
    assert (sale.day, sale.order_no) == (date(2026, 10, 1), "A1")
    found = {visit.kind: visit for visit in card.visits}
    assert (found["asked"].items, found["asked"].says) == ("羽绒服" * 100, says)
    assert found["tried"].items == "试衣" * 200


def test_whoever_takes_over_serves_from_now_on(window: MainWindow, qtbot: Any) -> None:
    session = window.session
    session.do(lambda shop, _: shop.settings.add_staff("小雯", "assistant"))
    newcomer = next(p for p in session.view.staff() if p.name == "小雯")
    session.set_staff(newcomer)
    assert page(window).form.staff.value() == newcomer.id


# -- tried on ------------------------------------------------------------------------------------------------


def test_a_reminder_and_the_wanted_book_are_offered_where_they_make_sense(
    window: MainWindow, qtbot: Any
) -> None:
    counter = begin(window, qtbot)
    qtbot.keyClick(counter.form.kind, K.Key_2)
    form = counter.form
    assert not form.remind.isVisible()
    form.reasons["thinking"].setChecked(True)
    assert form.remind.isVisible()
    assert form.remind.isChecked()
    form.reasons["no_size"].setChecked(True)
    assert not form.wish.isVisible()  # for which article?
    form.tried.lines[0].item.setText("羊绒大衣")
    form.tried.lines[0].changed.emit()
    assert form.wish.isVisible()
    form.wish.setChecked(False)
    form.remind.setChecked(False)
    counter.save()
    card = window.session.view.member(window.session.view.search("周曼丽")[0].id)
    assert (card.visits[0].remind, card.wanted) == (None, ())


def test_who_must_not_be_contacted_is_not_reminded_of(window: MainWindow, qtbot: Any) -> None:
    draft = MemberDraft(name="别打扰", no_call=True, no_message=True, no_sms=True)
    window.session.do(lambda shop, _: shop.members.save(draft))
    counter = begin(window, qtbot, "bdr")
    qtbot.keyClick(counter.form.kind, K.Key_2)
    counter.form.reasons["thinking"].setChecked(True)
    assert not counter.form.remind.isVisible()


@pytest.mark.parametrize(("day", "words", "remind"), [
    ("2026-12-03", "周年庆前提醒我联系她（12月2日）", date(2026, 12, 2)),
    ("2026-12-06", "3 天后提醒我（11月24日）", date(2026, 11, 24)),  # more than two weeks ahead
    ("2026-11-22", "3 天后提醒我（11月24日）", date(2026, 11, 24)),  # the day before is today
])  # fmt: skip
def test_before_an_event_she_is_called_the_day_before(
    window: MainWindow, qtbot: Any, day: str, words: str, remind: date
) -> None:
    window.session.do(lambda shop, _: shop.events.add(EventDraft("event", "周年庆", day)))
    counter = begin(window, qtbot)
    qtbot.keyClick(counter.form.kind, K.Key_2)
    counter.form.reasons["thinking"].setChecked(True)
    assert counter.form.remind.text() == words
    counter.form.tried.lines[0].item.setText("羊绒大衣")
    counter.save()
    card = window.session.view.member(window.session.view.search("周曼丽")[0].id)
    assert card.visits[0].remind == remind


def test_many_lines_scroll_and_tab_goes_through_them(window: MainWindow, qtbot: Any) -> None:
    counter = begin(window, qtbot)
    qtbot.keyClick(counter.form.kind, K.Key_1)
    sold = counter.form.sold
    for number in range(12):
        sold.lines[-1].item.setText(f"货 {number}")
        sold.lines[-1].amount.setText("10")
        qtbot.keyClick(sold.lines[-1].amount, K.Key_Return)
    assert len(sold.lines) == 13
    assert sold.lines[-1].item.hasFocus()
    settle()
    assert not sold.lines[-1].item.visibleRegion().isEmpty()
    sold.lines[0].item.setFocus()
    met = []
    for _ in range(3 * 13 + 3):
        met.append(QApplication.focusWidget())
        qtbot.keyClick(met[-1], K.Key_Tab)
    assert met[:4] == [*sold.lines[0].fields(), sold.lines[1].item]
    assert met[36:39] == sold.lines[12].fields()
    qtbot.keyClick(sold.lines[3].item, K.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    assert len(sold.lines) == 12
    assert sold.lines[2].item.hasFocus()


def test_what_a_line_may_tell_besides_opens_with_a_key(window: MainWindow, qtbot: Any) -> None:
    counter = begin(window, qtbot)
    form = counter.form
    line = form.sold.lines[0]
    assert not line.details.isVisible()
    line.item.setText("羊绒衫")
    line.amount.setText("253.30*2")
    qtbot.keyClick(line.amount, K.Key_Period, modifier=Qt.KeyboardModifier.ControlModifier)
    assert line.details.isVisible()
    assert QApplication.focusWidget() is line.details.colour
    for field, text in zip(line.details.fields, ("驼色", "A2031", "毛衫", "一百"), strict=True):
        field.insert(text)
        qtbot.keyClick(field, K.Key_Return)
    assert line.remark() == "吊牌价只填数字，例如 398；不知道就空着"
    line.details.price.clear()
    qtbot.keyClicks(line.details.price, "298")
    assert line.remark() == "2 件 · 8.5折"
    qtbot.keyClick(line.details.price, K.Key_Return)
    assert len(form.sold.lines) == 2
    assert not form.sold.lines[1].details.isHidden()  # whoever fills them in once does so in every line
    counter.save()
    view = window.session.view
    (sold, *_) = view.member(view.search("周曼丽")[0].id).sales[0].lines
    assert (sold.colour, sold.article_no, sold.category, sold.list_fen) == ("驼色", "A2031", "毛衫", 59_600)
    assert window.session.prefs.get("counter.details") is True


def test_what_a_line_told_stays_through_a_correction(window: MainWindow, qtbot: Any) -> None:
    view, session = window.session.view, window.session
    her = view.search("周曼丽")[0].id
    told = LineDraft(20_000, "羊绒衫", "M", "驼色", 3, None, None, "毛衫", "A2031", 25_000)
    session.do(lambda shop, _: shop.counter.sell(SaleDraft(her, date(2026, 11, 20), (told,))))
    counter = page(window)
    counter.open_booking("sale", view.member(her).sales[0].id)
    line = counter.form.sold.lines[0]
    assert line.remark() == "3 件 · 驼色 · A2031 · 毛衫 · 吊牌价 ¥250 · 8折"
    assert not counter.form.filled
    line.item.setText("羊绒衫 高领")
    assert counter.form.draft().lines[0][7:] == ("", "", None)  # another article
    line.item.setText("羊绒衫")
    assert not counter.form.filled
    counter.form.pick_day(date(2026, 11, 19))
    counter.save()
    sold = view.member(her).sales[0].lines[0]
    assert (sold.colour, sold.article_no, sold.category, sold.list_fen) == ("驼色", "A2031", "毛衫", 25_000)


def test_an_article_chosen_brings_along_what_it_told_last(window: MainWindow, qtbot: Any) -> None:
    view, session = window.session.view, window.session
    her = view.search("周曼丽")[0].id
    told = LineDraft(33_800, "围脖", category="配饰", article_no="S9", list_fen=39_800)
    session.do(lambda shop, _: shop.counter.sell(SaleDraft(her, date(2026, 11, 20), (told,))))
    counter = begin(window, qtbot)
    line = counter.form.sold.lines[0]
    qtbot.keyClicks(line.item, "wb")
    qtbot.keyClick(line.item, K.Key_Return)
    assert line.remark() == "S9 · 配饰 · 吊牌价 ¥398 · 8.5折"
    assert counter.form.draft().lines[0][7:] == ("配饰", "S9", 39_800)


@pytest.mark.parametrize("from_settings", [True, False])
def test_what_is_typed_stays_when_theme_or_language_change(
    window: MainWindow, qtbot: Any, from_settings: bool
) -> None:
    counter = begin(window, qtbot)
    form = counter.form
    line = form.sold.lines[0]
    line.item.setText("羊绒衫")
    line.size_.setText("M")
    line.amount.setText("253.30*2")
    form.more.click()
    line.details.article_no.insert("A2031")
    form.sold.add().take_back(window.session.view.returnable(form.member())[0])
    form.choose("tried")
    form.tried.lines[0].item.setText("大衣")
    form.tried.lines[0].liked.setChecked(True)
    form.reasons["price"].setChecked(True)
    form.says.setText("想想")
    form.pick_day(date(2026, 11, 18))
    before = form.draft()
    form.choose("bought")
    sale = form.draft()
    if from_settings:
        window.navigate("settings")
    window.rebuild()
    window.navigate("counter")
    again = page(window)
    assert again is not counter
    assert again._right.currentWidget() is again.form
    assert again.form.kind.current() == "bought"
    assert again.form.draft() == sale
    again.form.choose("tried")
    assert again.form.draft() == before
    again.save()
    assert window.session.view.member(again.form.member()).visits[0].says == "想想"


def test_a_correction_stays_when_theme_or_language_change(window: MainWindow, qtbot: Any) -> None:
    view = window.session.view
    her, other = view.search("周曼丽")[0].id, view.search("常淑")[0].id
    sale = view.member(her).sales[0]
    counter = page(window)
    counter.open_booking("sale", sale.id)
    counter.form.sold.lines[0].amount.setText("258")
    counter.move_to(other)
    window.rebuild()
    again = page(window)
    assert again.form.booked == sale
    assert again.form.member() == other
    again.save()
    moved = view.member(other).sales[0]
    assert (moved.id, moved.total_fen) == (sale.id, 25_800)


def test_a_form_without_anything_typed_is_no_reason_to_open_it(window: MainWindow, qtbot: Any) -> None:
    page(window)
    window.navigate("settings")
    window.rebuild()
    window.navigate("counter")
    assert page(window)._right.currentIndex() == 0
