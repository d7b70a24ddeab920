"""What is said, as a user sees it: the message of today's card, the strategy of a type, their settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from shopcrm.basics.texts import t
from tests.conftest import DAY
from tests.ui.real_window import open_window, press, put_away, settle
from ui.main_window import MainWindow
from ui.pages.today import TodayPage

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(qapp: Any, shop: Any, a_member: Callable[..., int]) -> Iterator[MainWindow]:
    staff = shop.settings.add_staff("小雯", "assistant").value
    shop.settings.set("shop.name", "禾木衣坊")
    yesterday = DAY - timedelta(days=1)
    for name in ("周曼丽", "李敏"):
        size = "XL" if name == "周曼丽" else ""
        a_member(name, joined=yesterday, size_top=size, staff_id=staff)
    shop.start_day()
    made = open_window(shop)
    yield made
    put_away(made, qapp)


@pytest.fixture
def today(window: MainWindow) -> TodayPage:
    window.navigate("today")
    page = window.current_page()
    assert isinstance(page, TodayPage)
    page.list.setFocus()
    settle()
    return page


# ---------------------------------------------------------------- today's card


def test_own_and_built_in_ones_go_round(today: TodayPage, shop: Any, qtbot: Any) -> None:
    shipped = today.detail.message_text()
    today.session.do(
        lambda shop, _: shop.words.add("say.P2.1", "〔称呼〕，谢谢您来登记。", "登记谢谢"), say=False
    )
    settle()
    assert today.detail.message_text().endswith("，谢谢您来登记。")
    assert today.detail.template == "own:1"
    assert today.detail._template_words.text() == t("today.template", name="登记谢谢")
    press(qtbot, today, Qt.Key.Key_R, modifier=CONTROL)
    assert (today.detail.message_text(), today.detail.template) == (shipped, "say.P2.1.1")
    press(qtbot, today, Qt.Key.Key_R, modifier=CONTROL)
    assert today.detail.template == "own:1"


def test_an_edited_message_is_kept_copied_and_taken_back(
    today: TodayPage, shop: Any, qtbot: Any, window: MainWindow
) -> None:
    detail = today.detail
    name = detail.card.name
    before = detail.message_text()
    assert not detail.keep.isVisibleTo(today)
    detail.message.setPlainText(f"{name}您好，新款到了，来试试？——小雯")
    assert detail.keep.isVisibleTo(today)
    detail.keep.click()
    settle()
    assert not detail.keep.isVisibleTo(today)
    (mine,) = [one for one in shop.view().wordings("say.P2.1") if one.is_own]
    assert mine.words == "〔称呼〕您好，新款到了，来试试？——〔店员〕"
    assert detail.template == mine.id
    today.list.setFocus()
    press(qtbot, today, Qt.Key.Key_C, modifier=CONTROL)
    assert QApplication.clipboard().text() == f"{name}您好，新款到了，来试试？——小雯"
    assert today.list.current_row().copied
    press(qtbot, today, Qt.Key.Key_1, Qt.Key.Key_Return)
    assert shop.store.read().value("SELECT template FROM contact") == mine.id
    window.session.undo()
    window.session.undo()
    settle()
    assert not any(one.is_own for one in shop.view().wordings("say.P2.1"))
    rows = [today.model.row(row).name for row in range(2)]
    today.list.select_row(rows.index(name))
    settle()
    assert today.detail.message_text() == before


def test_what_was_typed_stays_when_keeping_it_is_taken_back(today: TodayPage, window: MainWindow) -> None:
    detail = today.detail
    shipped = detail.template
    detail.message.setPlainText("天凉了，来坐坐。")
    detail.keep.click()
    settle()
    window.session.undo()
    settle()
    assert detail.message_text() == "天凉了，来坐坐。"
    assert detail.keep.isVisibleTo(today)
    assert detail.template == shipped


def test_another_wording_over_a_typed_one_comes_back(today: TodayPage, qtbot: Any) -> None:
    today.detail.message.setPlainText("写了半天")
    today._another()
    assert today.detail.message_text() != "写了半天"
    today.detail.message.undo()
    assert today.detail.message_text() == "写了半天"


def test_what_is_not_known_is_told_quietly_and_gaps_are_not_copied(today: TodayPage, qtbot: Any) -> None:
    words, detail = today.detail._lacking, today.detail
    add = "〔称呼〕您好，谢谢您来登记，〔尺码〕码的新款我留着。"
    today.session.do(lambda shop, _: shop.words.add("say.P2.1", add), say=False)
    settle()
    people = {}
    for row in range(2):
        today.list.select_row(row)
        settle()
        people[detail.card.name] = words.text() if words.isVisibleTo(today) else ""
    assert people == {"周曼丽": "", "李敏": t("words.missing", what="尺码")}
    assert "码" not in detail.message_text() or detail.card.name == "周曼丽"
    QApplication.clipboard().setText("before")
    today.session.do(lambda shop, _: shop.words.switch("say.P2.1.1", on=False), say=False)
    today.session.do(lambda shop, _: shop.words.change(1, "〔称呼〕，〔生日〕快乐！"), say=False)
    settle()
    assert t("slot.birthday") in detail.message_text()
    assert words.text() == t("words.gaps")
    today.list.setFocus()
    press(qtbot, today, Qt.Key.Key_C, modifier=CONTROL)
    assert QApplication.clipboard().text() == "before"
    assert today.window_.toast_.isVisible()


def test_the_strip_tells_more_of_a_type(today: TodayPage, qtbot: Any, window: MainWindow, shop: Any) -> None:
    today._on_tab("potential")
    today.strategy.setFocus()
    press(qtbot, today, Qt.Key.Key_Return)
    card = today._strategy_card
    assert card is not None
    assert card.isVisible()
    assert card.parts["goal"].text() == t("strategy.potential.goal")
    assert "〔称呼〕" in card.parts["words"].text()
    assert today.escape()
    assert not card.isVisible()
    today.strategy.clicked.emit()
    assert card.isVisible()
    today._on_tab("all")
    assert not card.isVisible()
    today._on_tab("potential")
    mine = shop.view().strategy("potential")._replace(title="先试再买", actions=("请来试穿",))
    today.session.do(lambda shop, _: shop.words.set_strategy("potential", mine), say=False)
    settle()
    assert today.strategy.accessibleName() == "先试再买: 请来试穿"
