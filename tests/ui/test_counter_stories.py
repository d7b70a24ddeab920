"""Whole customers at the counter, by keyboard only: what is on file, her type and her to-dos after each step.

Every story ends with Ctrl+Z until the file is as it was before it, and Ctrl+Y until it is as it was after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from shopcrm.basics.records import LineDraft, MemberId, SaleDraft
from shopcrm.shop import Shop
from shopcrm.shop.dump import dump
from tests.conftest import DAY
from tests.ui.real_window import open_window, put_away, settle
from ui.main_window import MainWindow
from ui.pages.counter.log import entry_words
from ui.widgets import open_dialog

K = Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier
YESTERDAY = DAY - timedelta(days=1)


class Assistant:
    """Somebody at the counter with a keyboard and an eye on the screen."""

    def __init__(self, window: MainWindow, shop: Shop) -> None:
        self.window, self.shop = window, shop
        self.pressed = 0
        self.written = 0  # steps that Ctrl+Z takes back

    @property
    def page(self) -> Any:
        return self.window.current_page()

    def _at(self) -> QWidget:
        return QApplication.focusWidget() or self.window

    def press(self, *keys: Any, held: Any = Qt.KeyboardModifier.NoModifier) -> None:
        for key in keys:
            if isinstance(key, str) and key.isascii():
                for letter in key:
                    QTest.keyClicks(self._at(), letter)
                    self.pressed += 1
                    settle()
            elif isinstance(key, str):  # Chinese comes from the input method
                event = QInputMethodEvent()
                event.setCommitString(key)
                QApplication.sendEvent(self._at(), event)
                settle()
            else:
                QTest.keyClick(self._at(), key, held)
                self.pressed += 1
                settle()

    def find(self, typed: str) -> None:
        """F2, who it is, Enter."""
        self.press(K.Key_F2, typed, K.Key_Return)

    def save(self) -> str:
        """Ctrl+Enter; the sentence at the bottom."""
        self.window.toast_.hide()
        self.press(K.Key_Return, held=CONTROL)
        said = self.window.toast_.text()
        assert said, self.page.form._wrong.text()
        self.written += 1
        assert self.page.finder.field.hasFocus()  # ready for the next
        return said

    def sales(self) -> list[tuple[Any, ...]]:
        """(whom, day, article, size, yuan) of every line that counts, as they were booked."""
        return self.shop.store.read().all(
            "SELECT m.name, s.day, l.item, l.size, l.amount_fen / 100 FROM line l"
            " JOIN sale s ON s.id = l.sale_id LEFT JOIN member m ON m.id = s.member_id"
            " WHERE s.voided_on IS NULL ORDER BY l.id"
        )

    def visits(self) -> list[tuple[object, ...]]:
        return self.shop.store.read().all(
            "SELECT m.name, v.day, v.kind, v.items, v.reasons, v.says FROM visit v"
            " JOIN member m ON m.id = v.member_id WHERE v.voided_on IS NULL ORDER BY v.id"
        )

    def type_of(self, member: MemberId) -> str:
        card = self.shop.view().member(member)
        assert card is not None
        assert card.verdict is not None
        return card.verdict.type

    def tasks(self, member: MemberId) -> list[tuple[str, str]]:
        """(rule, day) of her open to-dos."""
        return self.shop.store.read().all(
            "SELECT rule, due FROM task WHERE member_id=? AND state='open' ORDER BY due, rule", (member,)
        )

    def back_and_forth(self, before: object) -> None:
        """Take back every step of the story and do it again."""
        after = dump(self.shop.store.read())
        assert after != before
        for _ in range(self.written):
            self.press(K.Key_Z, held=CONTROL)
        assert dump(self.shop.store.read()) == before
        for _ in range(self.written):
            self.press(K.Key_Y, held=CONTROL)
        assert dump(self.shop.store.read()) == after


@pytest.fixture
def people(shop: Shop, a_member: Callable[..., MemberId]) -> dict[str, MemberId]:
    """A shop with a few regulars; yesterday is the last day anything happened."""
    shop.settings.begin("禾木衣坊", "林姐")

    def bought(member: MemberId, ago: int, *lines: LineDraft) -> None:
        shop.counter.sell(SaleDraft(member, DAY - timedelta(days=ago), lines))

    her = a_member("周曼丽", "13800004471", size_top="L", size_bottom="29", joined=date(2025, 1, 5))
    bought(her, 200, LineDraft(59_800, "羊绒衫 米白", "L"), LineDraft(29_800, "毛呢半裙 格纹", "M"))
    new = a_member("程诗", "13800008861", joined=YESTERDAY)
    elder = a_member("林晓梅", "13800006600")
    younger = a_member("林晓兰", "13800006600")
    bought(elder, 90, LineDraft(22_900, "衬衫 蓝", "S"))
    bought(younger, 20, LineDraft(19_900, "衬衫 白", "M"))
    shop.start_day()
    return {"her": her, "new": new, "elder": elder, "younger": younger}


@pytest.fixture
def hand(shop: Shop, people: dict[str, MemberId], qapp: Any) -> Iterator[Assistant]:
    window = open_window(shop, size=(1366, 697))
    window.navigate("counter")
    settle()
    yield Assistant(window, shop)
    put_away(window, qapp)


def test_thirteen_keys_sell_one_piece_to_a_known_customer(
    hand: Assistant, people: dict[str, MemberId]
) -> None:
    before = dump(hand.shop.store.read())
    hand.press(K.Key_F2, "4471", K.Key_Return, "1", "mn", K.Key_Return, K.Key_Return, K.Key_Return)
    said = hand.save()
    assert hand.pressed == 13
    assert hand.sales()[-1] == ("周曼丽", "2026-11-21", "毛呢半裙 格纹", "M", 298)
    assert "周曼丽" in said
    assert "¥298" in said
    hand.back_and_forth(before)


def test_a_walk_in_buys_and_comes_back_for_a_card(hand: Assistant, people: dict[str, MemberId]) -> None:
    before = dump(hand.shop.store.read())
    hand.press(K.Key_F2, K.Key_Return)  # nobody looked for: somebody without a card
    hand.press("真丝围巾", K.Key_Return, K.Key_Return, "168", K.Key_Return)
    assert "散客" in hand.save()
    assert hand.sales()[-1] == (None, "2026-11-21", "真丝围巾", "", 168)
    new = people["new"]
    assert (hand.type_of(new), [rule for rule, _ in hand.tasks(new)]) == ("potential", ["P2"])
    hand.find("8861")
    form = hand.page.form
    for _ in range(20):
        if form.anonymous.hasFocus():
            break
        hand.press(K.Key_Tab)
    hand.window.toast_.hide()
    hand.press(K.Key_Return, K.Key_Return)
    hand.written += 1
    assert "程诗" in hand.window.toast_.text()
    assert hand.sales()[-1] == ("程诗", "2026-11-21", "真丝围巾", "", 168)
    assert not form.anonymous.isVisible()
    assert [rule for rule, _ in hand.tasks(new)] == ["P3"]  # welcome is over, the second purchase begins
    hand.press(K.Key_Escape)
    hand.back_and_forth(before)


def test_she_tries_and_leaves(hand: Assistant, people: dict[str, MemberId]) -> None:
    before = dump(hand.shop.store.read())
    her = people["her"]
    hand.find("4471")
    hand.press("2", "羊绒大衣 驼色", K.Key_Return)
    line = hand.page.form.tried.lines[0]
    assert line.size_.text() == "L"  # hers for that kind of garment
    hand.press(K.Key_Return, K.Key_Space, K.Key_Return, K.Key_Return)  # liked, nothing more
    hand.press("1", "3", K.Key_Return, "等会员日", K.Key_Return)
    form = hand.page.form
    assert form.remind.isVisible()
    assert form.remind.isChecked()
    assert form.wish.isVisible()
    assert form.wish.isChecked()
    said = hand.save()
    assert "11月24日" in said
    assert hand.visits() == [
        ("周曼丽", "2026-11-21", "tried", "羊绒大衣 驼色 L", "thinking no_size", "等会员日")
    ]
    (visit,) = hand.shop.view().member(her).visits
    assert [tuple(piece) for piece in visit.fittings] == [("羊绒大衣 驼色", "L", True)]
    assert visit.remind == date(2026, 11, 24)
    assert [(w.item, w.size) for w in hand.shop.view().member(her).wanted] == [("羊绒大衣 驼色", "L")]
    assert ("R1", "2026-11-24") in hand.tasks(her)
    hand.back_and_forth(before)


def test_she_brings_half_of_it_back(hand: Assistant, people: dict[str, MemberId]) -> None:
    before, her = dump(hand.shop.store.read()), people["her"]
    card = hand.shop.view().member(her)
    hand.find("4471")
    hand.press("1", "-", K.Key_Down)  # what she bought, the first chosen; ↓ the second
    hand.press(K.Key_Return, K.Key_Return)
    form = hand.page.form
    assert form._sum_label.text() == "退款"
    said = hand.save()
    assert "退货" in said
    (back,) = [s for s in hand.sales() if s[4] < 0]
    assert back == ("周曼丽", "2026-11-21", "毛呢半裙 格纹", "M", -298)
    after = hand.shop.view().member(her)
    assert (after.n, after.spend_fen) == (card.n, card.spend_fen - 29_800)  # the day stays, worth less
    assert after.last_day == card.last_day
    hand.find("4471")  # it cannot come back twice
    hand.press("1", "-")
    offered = [offer.value.item for offer in form.sold.lines[0].popup.list.offers]
    assert offered == ["羊绒衫 米白"]
    hand.press(K.Key_Escape, K.Key_Escape, K.Key_Escape)
    hand.back_and_forth(before)


def test_an_exchange_at_the_same_price_is_no_new_purchase(
    hand: Assistant, people: dict[str, MemberId]
) -> None:
    before, her = dump(hand.shop.store.read()), people["her"]
    card, type_before = hand.shop.view().member(her), hand.type_of(her)
    hand.find("4471")
    hand.press("1", "-mn", K.Key_Return, K.Key_Return)
    hand.press("毛呢半裙 咖啡", K.Key_Return, "L", K.Key_Return, "298", K.Key_Return)
    assert hand.page.form._sum_label.text() == "等价换货"
    assert "换货" in hand.save()
    assert entry_words(hand.page.finder.log.list.entries[0]) == "换货 ¥0"
    assert [s[2:] for s in hand.sales() if s[1] == "2026-11-21"] == [
        ("毛呢半裙 格纹", "M", -298), ("毛呢半裙 咖啡", "L", 298),
    ]  # fmt: skip
    after = hand.shop.view().member(her)
    assert (after.n, after.spend_fen, after.last_day) == (card.n, card.spend_fen, card.last_day)
    assert hand.type_of(her) == type_before
    hand.back_and_forth(before)


def test_a_corrected_exchange_takes_back_the_same_line(hand: Assistant, people: dict[str, MemberId]) -> None:
    def taken_back() -> list[tuple[object, ...]]:
        return hand.shop.store.read().all(
            "SELECT s.day, l.item FROM line r JOIN line l ON l.id = r.returns_line_id"
            " JOIN sale s ON s.id = l.sale_id"
        )

    before = dump(hand.shop.store.read())
    hand.find("4471")
    hand.press("1", "mn", K.Key_Return, K.Key_Return, K.Key_Return)  # the same article in another size
    hand.press("-mn", K.Key_Return, K.Key_Return)
    hand.save()
    bought = [((DAY - timedelta(days=200)).isoformat(), "毛呢半裙 格纹")]
    assert taken_back() == bought
    hand.press(K.Key_Down, K.Key_Return)
    sold, back = hand.page.form.sold.lines[:2]
    assert back.fen() == -29_800
    sold.size_.setText("L")
    hand.save()
    assert ("毛呢半裙 格纹", "L", 298) in [row[2:] for row in hand.sales()]
    assert taken_back() == bought
    hand.back_and_forth(before)


def test_a_lost_customer_comes_back(hand: Assistant, people: dict[str, MemberId], a_member: Any) -> None:
    gone = a_member("袁敏", "13800000900", joined=date(2022, 5, 1))
    for ago in (1_000, 960, 930):
        line = LineDraft(39_900, "连衣裙 碎花", "S")
        hand.shop.counter.sell(SaleDraft(gone, DAY - timedelta(days=ago), (line,)))
    hand.shop.start_day()
    before = dump(hand.shop.store.read())
    assert hand.type_of(gone) == "lost"
    asked = {rule for rule, _ in hand.tasks(gone)}
    hand.find("0900")
    hand.press("1", "lyq", K.Key_Return, K.Key_Return, K.Key_Return)
    said = hand.save()
    assert hand.sales()[-1] == ("袁敏", "2026-11-21", "连衣裙 碎花", "S", 399)
    assert hand.type_of(gone) != "lost"
    assert "变成" in said  # the sentence says so
    assert not asked & {rule for rule, _ in hand.tasks(gone)}  # nobody asks any more why she stays away
    hand.back_and_forth(before)


def test_two_sisters_on_one_number(hand: Assistant, people: dict[str, MemberId]) -> None:
    before = dump(hand.shop.store.read())
    elder = hand.tasks(people["elder"])
    hand.press(K.Key_F2, "6600")
    page = hand.page
    assert [row.name for row, _ in page.finder.found.rows] == ["林晓兰", "林晓梅"]  # who came last is first
    assert page.pane.member().name == "林晓兰"
    hand.press(K.Key_Down)
    assert page.pane.member().name == "林晓梅"
    hand.press(K.Key_Up, K.Key_Return)
    assert page.form.name() == "林晓兰"
    hand.press("1", "羽绒服", K.Key_Return, K.Key_Return, "899", K.Key_Return)
    hand.save()
    assert hand.sales()[-1][0] == "林晓兰"
    assert hand.tasks(people["elder"]) == elder  # nothing happened to her sister
    hand.back_and_forth(before)


def test_the_wrong_customer_was_booked_and_it_is_moved(hand: Assistant, people: dict[str, MemberId]) -> None:
    before = dump(hand.shop.store.read())
    wrong, right = people["new"], people["younger"]
    types, tasks = hand.type_of(wrong), hand.tasks(wrong)
    hand.find("8861")
    hand.press("1", "羽绒服", K.Key_Return, K.Key_Return, "899", K.Key_Return)
    hand.save()
    assert hand.sales()[-1][0] == "程诗"
    assert hand.tasks(wrong) != tasks
    hand.press(K.Key_Down, K.Key_Return)  # ↓ from the empty field: what was just booked
    form = hand.page.form
    assert form.booked is not None
    assert hand.page.pane.member().name == "程诗"
    hand.find("6600")
    assert form.name() == "林晓兰"
    assert form.sold.lines[0].item.text() == "羽绒服"  # what was booked is still there
    said = hand.save()
    assert "程诗" in said
    assert "林晓兰" in said
    assert [s for s in hand.sales() if s[1] == "2026-11-21"] == [
        ("林晓兰", "2026-11-21", "羽绒服", "", 899)
    ]  # fmt: skip
    assert (hand.type_of(wrong), hand.tasks(wrong)) == (types, tasks)
    assert hand.shop.view().member(right).last_day == DAY
    hand.back_and_forth(before)


def test_a_booking_is_put_right_struck_out_and_brought_back(
    hand: Assistant, people: dict[str, MemberId]
) -> None:
    before, her = dump(hand.shop.store.read()), people["her"]
    type_before, tasks = hand.type_of(her), hand.tasks(her)
    hand.find("4471")
    hand.press("1", "风衣 卡其", K.Key_Return, K.Key_Return, "5690", K.Key_Return)
    hand.save()
    hand.press(K.Key_Down, K.Key_Return, K.Key_Tab, K.Key_Tab)
    hand.press(K.Key_A, held=CONTROL)
    hand.press("569")
    assert "¥569" in hand.save()
    assert hand.sales()[-1][2:] == ("风衣 卡其", "L", 569)
    hand.press(K.Key_Down, K.Key_Return)
    page = hand.page
    for _ in range(20):
        if page.form.void.hasFocus():
            break
        hand.press(K.Key_Tab)
    hand.press(K.Key_Return)
    hand.press(K.Key_Return, held=CONTROL)
    assert page.form._wrong.text()  # a reason is asked for
    hand.press("3")
    hand.save()
    assert [s for s in hand.sales() if s[1] == "2026-11-21"] == []
    assert (hand.type_of(her), hand.tasks(her)) == (type_before, tasks)
    hand.press(K.Key_Down, K.Key_Return)
    assert "没买成" in page.form._void_said.text()
    hand.press(K.Key_Return)  # restore it
    hand.written += 1
    assert hand.sales()[-1][2:] == ("风衣 卡其", "L", 569)
    hand.back_and_forth(before)


def test_a_visit_is_struck_out_and_brought_back(hand: Assistant, people: dict[str, MemberId]) -> None:
    before, her = dump(hand.shop.store.read()), people["her"]
    hand.find("4471")
    hand.press("3", "来看新款", K.Key_Return)
    hand.save()
    assert [v[2] for v in hand.visits()] == ["looked"]
    tasks = hand.tasks(her)
    hand.press(K.Key_Down, K.Key_Return, "2")
    hand.press("连衣裙", K.Key_Return, K.Key_Return, K.Key_Return, K.Key_Return, "2")
    hand.save()
    assert [v[2:5] for v in hand.visits()] == [("tried", "连衣裙 L", "price")]
    hand.press(K.Key_Down, K.Key_Return)
    for _ in range(20):
        if hand.page.form.void.hasFocus():
            break
        hand.press(K.Key_Tab)
    hand.press(K.Key_Return)
    hand.written += 1
    assert hand.visits() == []
    hand.press(K.Key_Down, K.Key_Return, K.Key_Return)
    hand.written += 1
    assert len(hand.visits()) == 1
    assert hand.tasks(her) == tasks
    hand.back_and_forth(before)


def test_bought_one_thing_and_tried_another(hand: Assistant, people: dict[str, MemberId]) -> None:
    hand.find("4471")
    hand.press("1", "mn", K.Key_Return, K.Key_Return, K.Key_Return)
    form = hand.page.form
    form.kind.setFocus()
    hand.press("2", "羊绒大衣 驼色", K.Key_Return)
    form.kind.setFocus()
    hand.press("1")
    hand.press(K.Key_Return, held=CONTROL)
    assert hand.sales()[-1][2] == "毛呢半裙 格纹"
    assert form.kind.current() == "tried"
    assert hand.page._booking
    hand.save()
    assert hand.visits()[0][3] == "羊绒大衣 驼色 L"
    assert open_dialog(hand.window) is None
