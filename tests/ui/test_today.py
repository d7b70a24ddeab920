"""Today as a user sees it: two keys a customer, undo, done tab, copying, empty states, one pane at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication, QFileDialog

from shopcrm.basics.records import OUTCOMES, Message, Sentence
from shopcrm.basics.texts import t
from tests.conftest import DAY
from tests.ui.real_window import open_today, open_window, press, put_away, settle
from ui.dialogs.export_callbacks import ExportList
from ui.main_window import MainWindow
from ui.pages.today import TodayPage
from ui.pages.today.outcome import follow_ups
from ui.pages.today.page import CardPlace
from ui.widgets import Dialog, open_dialog

NAMES = ("王丽", "李敏", "赵岚", "陈静", "周莉")


@pytest.fixture
def customers(shop: Any, a_member: Callable[..., int]) -> list[int]:
    """Five new members of yesterday: each is to be welcomed today."""
    yesterday = DAY - timedelta(days=1)
    return [a_member(name, joined=yesterday, size_top="M") for name in NAMES]


@pytest.fixture
def window(qapp: Any, shop: Any) -> Iterator[MainWindow]:
    made = open_window(shop)
    yield made
    put_away(made, qapp)


@pytest.fixture
def page(customers: list[int], window: MainWindow) -> TodayPage:
    found = open_today(window)
    found.list.setFocus()
    settle()
    return found


def names(page: TodayPage) -> list[str]:
    return [page.model.row(n).name for n in range(len(page.model.ids))]


def test_the_morning_question_is_answered_without_a_click(page: TodayPage) -> None:
    assert len(page.model.ids) == len(NAMES)
    row = page.list.current_row()
    assert page.detail.card is not None
    assert page.detail.card.name == row.name
    assert page.detail.head.phone.text().startswith("138 0000")
    assert page.detail.message_text()
    assert not page.detail.form.save.isEnabled()


def test_the_list_is_painted_before_the_card_is_made(page: TodayPage, window: MainWindow) -> None:
    window.rebuild()
    anew: Any = window.current_page()
    assert anew.list.current_row().name == page.list.current_row().name
    assert anew._detail is None
    settle()
    assert anew._detail is not None
    assert anew.detail.card.name == anew.list.current_row().name
    assert anew.detail.message_text()
    assert anew.findChildren(CardPlace) == []


def test_a_key_that_comes_before_the_card_is_not_lost(
    page: TodayPage, window: MainWindow, qtbot: Any
) -> None:
    window.rebuild()
    anew: Any = window.current_page()
    assert anew._detail is None
    qtbot.keyClick(anew.list, Qt.Key.Key_2)
    assert anew.detail.form.outcome() == OUTCOMES[1]


def test_a_list_not_yet_read_is_not_called_done(page: TodayPage) -> None:
    assert "_all_done" not in vars(page), "made, and tomorrow's list asked for, before today's was here"


@pytest.mark.parametrize("number", range(1, 7))
def test_two_keys_record_an_outcome_and_move_on(page: TodayPage, shop: Any, qtbot: Any, number: int) -> None:
    first = page.list.current_row()
    press(qtbot, page, getattr(Qt.Key, f"Key_{number}"), Qt.Key.Key_Return)
    contacts = shop.view().member(first.member).contacts
    assert [contact.outcome for contact in contacts] == [OUTCOMES[number - 1]]
    assert first.name not in names(page)
    assert page.list.current_row().name == page.detail.card.name
    assert page.detail.form.outcome() == ""
    done = 0 if OUTCOMES[number - 1] == "later" else 1  # put aside is not contacted
    assert page._progress_words.text() == t("today.progress", a=done, b=len(NAMES) - 1 + done)


def test_whose_only_number_is_wrong_left_one_all_the_same(page: TodayPage, qtbot: Any) -> None:
    press(qtbot, page, Qt.Key.Key_5, Qt.Key.Key_Return)
    page._on_tab("done")
    settle()
    brush = Mock(ticked=False, px=int)
    who = page.model.columns[0]
    assert who.painter is not None
    who.painter(brush, QRect(0, 0, 200, 60), page.list.current_row())
    assert "没有能打的号码" in brush.two_lines.call_args.args


def test_ctrl_z_brings_the_row_back(page: TodayPage, shop: Any, qtbot: Any, window: MainWindow) -> None:
    first = page.list.current_row()
    press(qtbot, page, Qt.Key.Key_1, Qt.Key.Key_Return)
    assert first.name in window.toast_.text()
    window.undo()
    settle()
    assert first.name in names(page)
    assert shop.view().member(first.member).contacts == ()


def test_the_same_digit_again_clears_the_choice(page: TodayPage, qtbot: Any) -> None:
    press(qtbot, page, Qt.Key.Key_3)
    assert page.detail.form.outcome() == "will_come"
    press(qtbot, page, Qt.Key.Key_3)
    assert page.detail.form.outcome() == ""
    assert page.detail.form.next_step.isHidden()


def test_enter_without_an_outcome_says_what_is_missing(page: TodayPage, qtbot: Any) -> None:
    before = names(page)
    press(qtbot, page, Qt.Key.Key_Return)
    assert page.detail.form._hint.text() == t("today.needoutcome")
    assert names(page) == before


def test_digits_typed_into_the_note_choose_nothing(page: TodayPage, qtbot: Any) -> None:
    page.detail.form.note.setFocus()
    press(qtbot, page, Qt.Key.Key_1, Qt.Key.Key_2)
    assert page.detail.form.note.text() == "12"
    assert page.detail.form.outcome() == ""


def test_note_and_next_day_are_recorded(page: TodayPage, shop: Any, qtbot: Any) -> None:
    first = page.list.current_row()
    press(qtbot, page, Qt.Key.Key_3)
    assert page.detail.form.next_step.value() == DAY + timedelta(days=1)
    page.detail.form.note.setFocus()
    qtbot.keyClicks(page.detail.form.note, "2 pm")
    press(qtbot, page, Qt.Key.Key_Return)
    (contact,) = shop.view().member(first.member).contacts
    assert (contact.note, contact.next_day) == ("2 pm", DAY + timedelta(days=1))


def test_a_day_of_ones_own(page: TodayPage, shop: Any, qtbot: Any) -> None:
    first = page.list.current_row()
    wanted = DAY + timedelta(days=9)
    press(qtbot, page, Qt.Key.Key_6)
    page.detail.form._on_next_step("pick")
    picker = page.detail.form._picker
    assert picker is not None
    assert picker.isVisible()
    picker.calendar.activated.emit(picker.calendar.selectedDate().addDays(8))
    settle()
    assert page.detail.form.next_step.value() == wanted
    page.list.setFocus()
    press(qtbot, page, Qt.Key.Key_Return)
    assert shop.view().member(first.member).contacts[0].next_day == wanted


def test_leaving_the_calendar_keeps_the_usual_day(page: TodayPage, qtbot: Any) -> None:
    press(qtbot, page, Qt.Key.Key_2)
    page.detail.form._on_next_step("pick")
    press(qtbot, page, Qt.Key.Key_Escape)
    assert page.detail.form._picker is None
    assert page.detail.form.next_step.value() == DAY + timedelta(days=2)


def test_what_can_follow_an_outcome() -> None:
    saturday = date(2026, 11, 21)
    assert [value for value, _ in follow_ups("will_come", saturday)][:3] == [
        date(2026, 11, 22), date(2026, 11, 21), date(2026, 11, 28),
    ]  # fmt: skip
    assert follow_ups("later", saturday)[2][0] == date(2026, 11, 23)
    assert follow_ups("refused", saturday)[0][0] == "none"
    assert follow_ups("reached", saturday) == []


def test_copying_marks_the_row(page: TodayPage, qtbot: Any, window: MainWindow) -> None:
    text = page.detail.message_text()
    press(qtbot, page, Qt.Key.Key_C, modifier=Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == text
    assert window.toast_.text() == t("today.copied")
    assert page.list.current_row().copied


def test_what_was_copied_is_what_is_recorded(page: TodayPage, shop: Any, qtbot: Any) -> None:
    first = page.list.current_row()
    page.detail.message.setPlainText("您好，有空来坐坐。")
    press(qtbot, page, Qt.Key.Key_C, modifier=Qt.KeyboardModifier.ControlModifier)
    assert page.detail.message_text() == "您好，有空来坐坐。"
    press(qtbot, page, Qt.Key.Key_1, Qt.Key.Key_Return)
    assert first.name not in names(page)
    assert QApplication.clipboard().text() == "您好，有空来坐坐。"


def test_copying_the_phone(page: TodayPage, qtbot: Any) -> None:
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    press(qtbot, page, Qt.Key.Key_C, modifier=both)
    assert QApplication.clipboard().text() == page.detail.card.phones[0]


def test_a_clipboard_held_by_another_program(
    page: TodayPage, qtbot: Any, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []
    monkeypatch.setattr(type(page._clipboard), "put", lambda self, text: tries.append(text) or False)
    page._copy_message()
    qtbot.waitUntil(lambda: len(tries) == 3)
    assert window.toast_.text() == t("copy.failed")
    assert not page.list.current_row().copied


def _numbered(_view: Any, _task: int, variant: int = 0) -> Message:
    return Message("welcome", Sentence("today.say"), f"wording {variant}", 3)


def test_another_wording(page: TodayPage, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(page.session.view), "message", _numbered)
    page._another()
    before = page.detail.message_text()
    assert page.detail.another.isEnabled()
    page.list.setFocus()
    press(qtbot, page, Qt.Key.Key_R, modifier=Qt.KeyboardModifier.ControlModifier)
    assert page.detail.message_text() != before


def test_done_tab_changes_and_takes_back(page: TodayPage, shop: Any, qtbot: Any) -> None:
    first = page.list.current_row()
    press(qtbot, page, Qt.Key.Key_1, Qt.Key.Key_Return)
    page._on_tab("done")
    assert names(page) == [first.name]
    assert page.detail.form.outcome() == "reached"
    assert not page.detail.form.save.isEnabled()
    press(qtbot, page, Qt.Key.Key_4, Qt.Key.Key_Return)
    assert [c.outcome for c in shop.view().member(first.member).contacts] == ["refused"]
    press(qtbot, page, Qt.Key.Key_1, Qt.Key.Key_Return)
    assert [c.outcome for c in shop.view().member(first.member).contacts] == ["reached"]
    press(qtbot, page, Qt.Key.Key_Delete)
    assert names(page) == []
    assert shop.view().member(first.member).contacts == ()
    page._on_tab("all")
    assert first.name in names(page)


def test_a_type_tab_shows_its_people_and_its_strategy(page: TodayPage) -> None:
    page._on_tab("potential")
    assert len(page.model.ids) == len(NAMES)
    assert page.strategy.isVisibleTo(page)
    page._on_tab("lost")
    assert names(page) == []
    assert page._nothing.isVisibleTo(page)
    page._on_tab("all")
    assert not page.strategy.isVisibleTo(page)


def test_typed_text_survives_what_happens_elsewhere(page: TodayPage, shop: Any, a_visit: Any) -> None:
    last = page.model.row(len(NAMES) - 1)
    page.detail.message.setPlainText("typed by hand")
    page.detail.form.note.setText("a note")
    page.detail.form.toggle(2)
    page.session.do(lambda shop, _: shop.members.archive(last.member), say=False)
    settle()
    assert last.name not in names(page)
    assert page.detail.message_text() == "typed by hand"
    assert page.detail.form.note.text() == "a note"
    assert page.detail.form.outcome() == "no_answer"


def test_without_members_three_ways_to_begin(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    window.navigate("today")
    page = window.current_page()
    assert isinstance(page, TodayPage)
    assert page._whole.currentIndex() == 1
    page._no_members.new.click()
    dialog = open_dialog(window)
    assert isinstance(dialog, Dialog)
    dialog.reject()
    asked = []
    monkeypatch.setattr(window, "open_shop", asked.append)
    page._no_members.sample.click()
    assert asked == ["sample"]


def test_everything_done(page: TodayPage, qtbot: Any) -> None:
    for _ in NAMES:
        press(qtbot, page, Qt.Key.Key_1, Qt.Key.Key_Return)
    assert page._stack.currentWidget() is page._all_done
    assert page._all_done._figures["reached"].text() == str(len(NAMES))
    page._all_done.log.click()
    assert len(page.model.ids) == len(NAMES)


def test_the_list_leaves_as_excel(
    page: TodayPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, window: MainWindow
) -> None:
    target = tmp_path / "回访"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    page.foot.export.click()
    dialog = open_dialog(window)
    assert isinstance(dialog, ExportList)
    dialog.masked.setChecked(True)
    dialog._save.click()
    settle()
    assert (tmp_path / "回访.xlsx").exists()
    assert str(tmp_path) in window.toast_.text()
    import openpyxl

    cells = [str(c) for row in openpyxl.load_workbook(tmp_path / "回访.xlsx").active.values for c in row]
    assert any("****" in cell for cell in cells)
    assert not any("13800000001" in cell.replace(" ", "") for cell in cells)


def test_one_pane_at_a_time(customers: list[int], shop: Any, qapp: Any, qtbot: Any) -> None:
    window = open_window(shop, level="huge")
    try:
        window.navigate("today")
        page = window.current_page()
        assert isinstance(page, TodayPage)
        assert page._layout.single
        assert not page.detail.isVisibleTo(page)
        page.list.setFocus()
        press(qtbot, page.list, Qt.Key.Key_Return)
        assert page.detail.isVisibleTo(page)
        assert not page._left.isVisibleTo(page)
        first = page.detail.card.name
        qtbot.keyClick(page, Qt.Key.Key_1)
        qtbot.keyClick(page, Qt.Key.Key_Return)
        settle()
        assert page.detail.isVisibleTo(page)
        assert page.detail.card.name != first
        assert page.escape()
        assert page._left.isVisibleTo(page)
    finally:
        put_away(window, qapp)


@pytest.mark.parametrize(
    ("size", "level"),
    [
        ((1366, 697), "small"), ((1366, 697), "normal"), ((1366, 697), "big"), ((1366, 697), "huge"),
        ((1280, 649), "normal"), ((1280, 649), "huge"), ((1920, 1009), "normal"), ((1920, 1009), "huge"),
    ],
)  # fmt: skip
def test_everything_has_room(
    customers: list[int], shop: Any, qapp: Any, size: tuple[int, int], level: str
) -> None:
    window = open_window(shop, size=size, level=level)
    try:
        window.navigate("today")
        page = window.current_page()
        assert isinstance(page, TodayPage)
        if page._layout.single:
            page._open_detail()
        settle()
        detail = page.detail
        bottom = detail.form.save.mapTo(detail, detail.form.save.rect().bottomLeft()).y()
        assert bottom < detail.height()
        assert detail._needed() <= detail.height()
        assert detail.message.height() >= detail.message.height_of(3)
        for tile in detail.form.tiles:
            assert tile.width() >= tile.minimumSizeHint().width()
        phone = detail.head.phone
        assert phone.width() >= phone.fontMetrics().horizontalAdvance(phone.text())
    finally:
        put_away(window, qapp)


def test_a_name_of_fifty_characters_and_no_phone(
    shop: Any, a_member: Callable[..., int], window: MainWindow
) -> None:
    a_member("长" * 50, phone="", joined=DAY - timedelta(days=1))
    window.navigate("today")
    page = window.current_page()
    assert isinstance(page, TodayPage)
    page.grab()
    if page.detail.card is not None:
        assert page.detail.head.copy.isHidden()
        assert page.detail.head.name.toolTip() == "长" * 50


def test_a_third_unanswered_call_proposes_another_way(page: TodayPage, qtbot: Any) -> None:
    task = page.detail.task
    assert task is not None
    page.detail.form.start(task._replace(tries=2), DAY)
    page.detail.form.toggle(2)
    assert page.detail.form._hint.text() == t("out.tries", n=3)


def test_what_is_said_stands_over_the_list_and_not_over_what_is_pressed(
    page: TodayPage, window: MainWindow, qtbot: Any
) -> None:
    def is_free(widget: Any) -> bool:
        toast = window.toast_
        assert toast.isVisible()
        place = QRect(widget.mapTo(toast.parentWidget(), QPoint(0, 0)), widget.size())
        return not place.intersects(toast.geometry())

    press(qtbot, page, Qt.Key.Key_1, Qt.Key.Key_Return)
    assert is_free(page.foot)
    window.undo()
    settle()
    assert is_free(page.foot)
    window.redo()
    settle()
    assert is_free(page.foot)
    window.redo()  # nothing is left: that is said, too
    settle()
    assert is_free(page.foot)
    window.navigate("counter")
    settle()
    assert is_free(window.current_page().form)


def test_one_pane_says_beside_the_outcome_what_was_saved(
    customers: list[int], shop: Any, qapp: Any, qtbot: Any
) -> None:
    window = open_window(shop, level="huge")
    try:
        window.navigate("today")
        page = window.current_page()
        assert isinstance(page, TodayPage)
        press(qtbot, page.list, Qt.Key.Key_Return)
        press(qtbot, page, Qt.Key.Key_1, Qt.Key.Key_Return)
        assert page.detail.isVisible()
        form = page.detail.form
        place = QRect(form.mapTo(window.toast_.parentWidget(), QPoint(0, 0)), form.size())
        assert window.toast_.isVisible()
        assert not place.intersects(window.toast_.geometry())
    finally:
        put_away(window, qapp)


def test_a_kept_wording_leaves_the_digits_to_the_outcomes(page: TodayPage, qtbot: Any) -> None:
    page.detail.message.setFocus()
    qtbot.keyClicks(page.detail.message, "Hi ")
    settle()
    assert page.detail.keep in page.detail.fields()
    qtbot.mouseClick(page.detail.keep, Qt.MouseButton.LeftButton)
    settle()
    assert page.list.hasFocus()
    assert page.detail.message_text().startswith("Hi ")
    press(qtbot, page, Qt.Key.Key_1)
    assert page.detail.form.outcome() == "reached"


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize(
    ("size", "level"), [((1280, 649), "big"), ((1280, 649), "normal"), ((1440, 800), "huge")]
)
def test_what_is_done_has_room(
    customers: list[int], shop: Any, qapp: Any, qtbot: Any, size: tuple[int, int], level: str, language: str
) -> None:
    window = open_window(shop, size=size, level=level, language=language)
    try:
        window.navigate("today")
        page = window.current_page()
        assert isinstance(page, TodayPage)
        page.detail.form.note.setText("打了三次都没人接，说好下周再打，打之前先发个微信")
        press(qtbot, page, Qt.Key.Key_1, Qt.Key.Key_Return)
        page._on_tab("done")
        settle()
        assert page.list._header.length() <= page.list.viewport().width()
        assert page.detail.form.note.text()
        assert page.detail.form.note.cursorPosition() == 0  # read from its beginning
    finally:
        put_away(window, qapp)


def test_what_was_put_right_is_not_saved_twice(page: TodayPage, shop: Any, qtbot: Any) -> None:
    press(qtbot, page, Qt.Key.Key_2, Qt.Key.Key_Return)
    page._on_tab("done")
    settle()
    press(qtbot, page, Qt.Key.Key_3, Qt.Key.Key_Return)
    assert page.detail.form.outcome() == "will_come"
    assert not page.detail.form.save.isEnabled()
    press(qtbot, page, Qt.Key.Key_Return)
    (contact,) = shop.view().member(page.detail.task.member).contacts
    assert contact.outcome == "will_come"
    page.window_.undo()
    settle()
    assert page.detail.form.outcome() == "no_answer"
