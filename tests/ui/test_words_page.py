"""What is said, as a user sees it: the message of today's card, the strategy of a type, their settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from shopcrm.basics.errors import InputError
from shopcrm.basics.texts import t
from tests.conftest import DAY
from tests.ui.real_window import open_window, press, put_away, settle
from ui.main_window import MainWindow
from ui.pages.settings.words import WordsPlace
from ui.pages.today import TodayPage
from ui.widgets import Chip, open_dialog

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
    today.list.select_row(1 - today.list.currentIndex().row())
    settle()
    today.detail.message.undo()
    assert today.detail.message_text() == today.session.view.message(today.detail.task.id).text


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
    today.strategy.setFocus()
    today.strategy.clicked.emit()
    card.change.setFocus()
    settle()
    assert card.isVisible()
    today.list.setFocus()
    settle()
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


# ---------------------------------------------------------------- settings


@pytest.fixture
def place(window: MainWindow) -> WordsPlace:
    window.navigate("settings", place="words")
    settle()
    found = window.page("settings").places["words"]  # type: ignore[attr-defined]
    assert isinstance(found, WordsPlace)
    found.open_entry("say.P2.1")
    settle()
    return found


def shown(place: WordsPlace) -> list[str]:
    settle()
    return [line.wording.name for line in place.wordings.lines]


def test_a_wording_is_written_with_the_words_offered(place: WordsPlace, shop: Any, qtbot: Any) -> None:
    editor = place.wordings
    assert not editor.save.isEnabled()
    chips = {chip.text(): chip for chip in editor.slots.findChildren(Chip)}
    assert "〔想要的〕" not in chips, "never known on this occasion"
    chips["〔称呼〕"].click()
    qtbot.keyClicks(editor.words, "!")
    editor.words.insertPlainText("新款到了，")
    chips["〔尺码〕"].click()
    editor.words.insertPlainText("码我留着。——")
    chips["〔店员〕"].click()
    editor.member.set_member(shop.view().rows([1])[0])
    editor.try_out()
    assert editor.example.text() == "丽姐!新款到了，XL码我留着。——小雯"
    editor.next.click()
    assert (editor.example.text(), editor.lacking.text()) == (
        "敏姐!新款到了。——小雯", t("words.missing", what="尺码"),
    )  # fmt: skip
    assert place.entries["say.P2.1"].note() == t("words.begun")
    press(qtbot, place, Qt.Key.Key_Return, modifier=CONTROL)
    assert shown(place)[0] == t("words.auto", name=t("say.P2.1"), n=1)
    assert editor.words.toPlainText() == ""
    assert place.entries["say.P2.1"].note() == t("words.own_count", n=1)
    assert shop.view().wordings("say.P2.1")[0].words == "〔称呼〕!新款到了，〔尺码〕码我留着。——〔店员〕"


def test_one_is_changed_removed_restored_and_taken_back(
    place: WordsPlace, shop: Any, window: MainWindow
) -> None:
    shop.words.add("say.P2.1", "〔称呼〕，欢迎。", "欢迎")
    place.read()
    editor = place.wordings
    editor.lines[0].buttons["edit"].click()
    assert (editor.name.text(), editor.words.toPlainText()) == ("欢迎", "〔称呼〕，欢迎。")
    assert not editor.save.isEnabled(), "nothing was changed yet"
    editor.words.setPlainText("〔称呼〕，欢迎您。")
    editor.save.click()
    assert shown(place)[0] == "欢迎"
    assert editor.lines[0].wording.words == "〔称呼〕，欢迎您。"
    editor.lines[0].buttons["remove"].click()
    assert "欢迎" not in shown(place)
    assert editor.gone.isVisibleTo(place)
    editor.gone.click()
    assert shown(place)[-1] == "欢迎"
    editor.lines[-1].buttons["restore"].click()
    assert shown(place)[0] == "欢迎"
    for _ in range(3):
        window.session.undo()
    settle()
    assert editor.lines[0].wording.words == "〔称呼〕，欢迎。"
    window.session.redo()
    settle()
    assert editor.lines[0].wording.words == "〔称呼〕，欢迎您。"


def test_one_of_the_program_is_switched_off_and_taken_for_an_own_one(
    place: WordsPlace, shop: Any, window: MainWindow, qtbot: Any
) -> None:
    editor = place.wordings
    line = editor.lines[0]
    line.on.click()
    settle()
    assert line.on.isChecked(), "the last one stays"
    dialog = open_dialog(window)
    assert dialog is not None
    dialog.reject()
    line.buttons["copy"].click()
    assert editor.words.toPlainText() == line.wording.words
    editor.words.appendPlainText("常来。")
    editor.save.click()
    assert len(shown(place)) == 2
    editor.lines[1].on.click()
    settle()
    assert not editor.lines[1].on.isChecked()
    assert [one.is_on for one in shop.view().wordings("say.P2.1")] == [True, False]
    window.session.undo()
    settle()
    assert editor.lines[1].on.isChecked()


def test_nonsense_is_told_where_it_stands(place: WordsPlace, shop: Any) -> None:
    editor = place.wordings
    editor.words.setPlainText("〔天气〕不错，〔生日〕快乐，" + "好" * 90)
    editor.try_out()
    notes = editor.notes.text().split("\n")
    assert notes == [t("words.unknown", word="天气"), t("words.idle", word="生日"), t("words.long", n=90)]
    editor.save.click()
    settle()
    assert editor.words_block._wrong.text() == InputError("words", "words_slot", word="天气").sentence
    assert editor.words.hasFocus()
    editor.words.setPlainText("不错")
    editor.name.setText("名" * 21)
    editor.save.click()
    settle()
    assert editor.name_block._wrong.text() == InputError("words.name", "name_long", n=20).sentence
    assert not any(one.is_own for one in shop.view().wordings("say.P2.1"))
    editor.words.setPlainText("〔生日〕快乐")
    editor.try_out()
    assert editor.lacking.text() == t("words.stump", what="生日")
    editor.drop.click()
    assert not editor.save.isEnabled()
    assert editor.words.toPlainText() == editor.name.text() == ""


def test_what_was_begun_stays_while_others_are_looked_at(place: WordsPlace, window: MainWindow) -> None:
    place.wordings.words.setPlainText("写了一半")
    place.open_entry("say.L1")
    assert place.wordings.words.toPlainText() == ""
    place.open_entry("strategy.lost")
    place.strategies.fields["goal"].setText("请回来")
    place.open_entry("strategy.loyal")
    assert place.entries["strategy.lost"].note() == t("words.begun")
    place.open_entry("say.P2.1")
    assert place.wordings.words.toPlainText() == "写了一半"
    carried = window.page("settings").carry()
    other = WordsPlace(window.page("settings"))
    other.read()
    other.take(**carried["carried"])
    assert other.wordings.words.toPlainText() == "写了一半"
    other.open_entry("strategy.lost")
    assert other.strategies.fields["goal"].text() == "请回来"
    other.deleteLater()


def test_only_the_owner_changes_what_is_said(place: WordsPlace, shop: Any, window: MainWindow) -> None:
    assert place._stack.isEnabled()
    assert not place.owner_only.isVisibleTo(place)
    owner = shop.settings.add_staff("林姐", "owner").value
    for person in shop.view().staff():
        window.session.set_staff(person)
        settle()
        assert place._stack.isEnabled() == (person.id == owner)
        assert place.owner_only.isVisibleTo(place) == (person.id != owner)


def test_arrows_go_through_the_list(place: WordsPlace, qtbot: Any) -> None:
    place.entries["say.P2.1"].setFocus()
    press(qtbot, place, Qt.Key.Key_Down)
    assert place.current == "say.P2.2"


def test_how_a_type_is_treated_is_written_and_given_back(
    place: WordsPlace, today: TodayPage, shop: Any, window: MainWindow, qtbot: Any
) -> None:
    today._on_tab("potential")
    today.strategy.clicked.emit()
    assert today._strategy_card is not None
    today._strategy_card.change.click()
    settle()
    assert place.current == "strategy.potential"
    editor = place.strategies
    assert not editor.save.isEnabled()
    assert not editor.usual.isVisibleTo(place)
    editor.fields["actions"].setText("请来试穿 / 留码 / ")
    editor.fields["do"].setPlainText("马上答\n\n请来试")
    editor.fields["do"].setFocus()
    press(qtbot, place, Qt.Key.Key_Return, modifier=CONTROL)
    told = shop.view().strategy("potential")
    assert (told.actions, told.do, told.is_own) == (("请来试穿", "留码"), "马上答\n请来试", True)
    assert place.entries["strategy.potential"].note() == t("words.own_mark")
    editor.fields["offer"].setText("券" * 121)
    editor.save.click()
    settle()
    assert editor.blocks["offer"]._wrong.text()
    editor.drop.click()
    editor.usual.click()
    settle()
    assert not shop.view().strategy("potential").is_own
    assert editor.fields["actions"].text().count("/") == 2
    window.session.undo()
    settle()
    assert editor.fields["actions"].text() == "请来试穿 / 留码"


def test_tab_goes_from_the_list_over_the_wordings_to_saving(place: WordsPlace, shop: Any, qtbot: Any) -> None:
    def passed() -> list[Any]:
        place.entries[place.current].setFocus()
        found = []
        while not found or place.isAncestorOf(found[-1]):
            press(qtbot, place, Qt.Key.Key_Tab)
            found.append(QApplication.focusWidget())
        return found[:-1]

    shop.words.add("say.P2.1", "〔称呼〕，欢迎。", "欢迎")
    place.read()
    editor = place.wordings
    editor.words.setPlainText("常来")
    settle()
    found = passed()
    assert found == [field for field in editor.chain() if field.isVisible()]
    own = list(editor.lines[0].buttons.values())
    assert found[:2] == own
    assert found.index(editor.words) < found.index(editor.slots.findChildren(Chip)[0])
    assert found[-1] is editor.save
    place.open_entry("strategy.lost")
    assert passed() == list(place.strategies.fields.values())


def test_what_was_typed_comes_back_when_another_wording_was_put_over_it(
    place: WordsPlace, qtbot: Any
) -> None:
    editor = place.wordings
    editor.words.setFocus()
    qtbot.keyClicks(editor.words, "a long one of my own")
    editor.lines[0].buttons["copy"].click()
    assert editor.words.toPlainText() == editor.lines[0].wording.words
    press(qtbot, place, Qt.Key.Key_Z, modifier=CONTROL)
    assert editor.words.toPlainText() == "a long one of my own"


def test_control_enter_saves_also_from_the_list_of_places(
    place: WordsPlace, shop: Any, window: MainWindow, qtbot: Any
) -> None:
    place.wordings.words.setPlainText("〔称呼〕，常来。")
    window.navigate("today")
    window.navigate("settings")
    settle()
    page: Any = window.current_page()
    assert page.buttons["words"].hasFocus()
    press(qtbot, page, Qt.Key.Key_Return, modifier=CONTROL)
    assert shop.view().wordings("say.P2.1")[0].words == "〔称呼〕，常来。"
