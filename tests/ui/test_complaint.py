"""Complaints and marks in the window: written down, settled, refused under their field."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog

from shopcrm.basics.records import ComplaintDraft
from shopcrm.basics.texts import t
from tests.ui.real_window import open_window, press, put_away, settle
from ui.dialogs.complaint import (
    ComplaintDialog,
    RatingDialog,
    SettleDialog,
    open_complaint,
    open_rating,
)
from ui.main_window import MainWindow
from ui.widgets import open_dialog

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def member(shop: Any, a_member: Any) -> Any:
    return a_member("王丽", phone="13800000001")


@pytest.fixture
def window(qapp: Any, shop: Any, member: int) -> Iterator[MainWindow]:
    made = open_window(shop)
    yield made
    put_away(made, qapp)


def test_a_complaint_by_keyboard_and_settled_after_it(
    window: MainWindow, shop: Any, member: Any, qtbot: Any
) -> None:
    dialog = open_complaint(window, window.session, shop.view().member(member))
    assert isinstance(dialog, ComplaintDialog)
    assert QApplication.focusWidget() is dialog.words
    press(qtbot, window, Qt.Key.Key_Return, modifier=CONTROL)  # nothing written yet
    assert dialog.isVisible()
    assert dialog.blocks["words"].error() == t("err.complaint_words")
    dialog.words.insertPlainText("大衣起球")
    press(qtbot, window, Qt.Key.Key_Tab, Qt.Key.Key_Right)
    assert dialog.level.current() == "serious"
    press(qtbot, window, Qt.Key.Key_Return, modifier=CONTROL)
    (row,) = shop.view().complaints()
    assert (row.words, row.level) == ("大衣起球", "serious")

    settling = open_complaint(window, window.session, shop.view().member(member))
    assert isinstance(settling, SettleDialog)
    settling.settlement.insertPlainText("换了一件")
    settling.compensation.setText("五十块")
    press(qtbot, window, Qt.Key.Key_Return, modifier=CONTROL)
    assert settling.blocks["compensation"].error() == t("ct.amount.bad")
    settling.compensation.setText("50")
    press(qtbot, window, Qt.Key.Key_Return, modifier=CONTROL)
    (row,) = shop.view().complaints(member)
    assert (row.state, row.settlement, row.compensation_fen) == ("settled", "换了一件", 5_000)
    window.session.undo()
    assert [row.state for row in shop.view().complaints(member)] == ["open"]


def test_marks(window: MainWindow, shop: Any, member: Any, qtbot: Any) -> None:
    dialog = open_rating(window, window.session, shop.view().member(member))
    assert isinstance(dialog, RatingDialog)
    assert not dialog.scores["recommend"].isVisible()
    press(qtbot, window, Qt.Key.Key_Return, modifier=CONTROL)
    assert dialog.blocks["satisfaction"].error() == t("rt.none")
    assert QApplication.focusWidget() is dialog.scores["satisfaction"]
    press(qtbot, window, Qt.Key.Key_Left, Qt.Key.Key_Left)
    assert dialog.scores["satisfaction"].current() == "4"
    press(qtbot, window, Qt.Key.Key_Return, modifier=CONTROL)
    again = open_rating(window, window.session, shop.view().member(member))
    press(qtbot, window, Qt.Key.Key_Right)
    assert again.scores["recommend"].isVisible()
    press(qtbot, window, Qt.Key.Key_Tab, Qt.Key.Key_Left)
    press(qtbot, window, Qt.Key.Key_Return, modifier=CONTROL)
    marks = shop.view().ratings()
    assert (marks["satisfaction"].value, marks["recommend"].value) == (4.0, 100.0)


def test_someone_else_settled_it_meanwhile(window: MainWindow, shop: Any, member: Any, qtbot: Any) -> None:
    complaint = shop.complaints.add(ComplaintDraft(member, "起球")).value
    dialog = open_complaint(window, window.session, shop.view().member(member))
    shop.complaints.settle(complaint, "换了")
    assert isinstance(dialog, SettleDialog)
    dialog.settlement.insertPlainText("退了")
    press(qtbot, window, Qt.Key.Key_Return, modifier=CONTROL)
    settle()
    assert [row.settlement for row in shop.view().complaints(member)] == ["换了"]


def test_the_card_shows_what_is_open_and_leads_to_settling_it(
    window: MainWindow, shop: Any, member: Any, qtbot: Any
) -> None:
    window.navigate("members", member=member)
    settle()
    page = window.current_page()
    assert not page.card.angry.isVisible()
    page._on_complaint()
    dialog = open_dialog(window)
    assert isinstance(dialog, ComplaintDialog)
    dialog.words.insertPlainText("<b>起球</b>")
    press(qtbot, window, Qt.Key.Key_Return, modifier=CONTROL)
    assert page.card.angry.isVisible()
    assert t("cp.menu.open") in [action.text() for action in page.more_menu().actions()]
    page.card.angry.acted.emit()
    settle()
    assert isinstance(open_dialog(window), SettleDialog)


def test_all_there_is_of_her_leaves_as_a_workbook(
    window: MainWindow, shop: Any, member: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.navigate("members", member=member)
    settle()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "她.xlsx"), ""))
    window.current_page()._on_take_out()
    press(qtbot, window, Qt.Key.Key_Return)
    book = openpyxl.load_workbook(tmp_path / "她.xlsx")
    assert book.worksheets[0]["A2"].value == "王丽"
    assert book.sheetnames[:4] == ["会员名单", "销售明细", "到店记录", "联系记录"]


def test_at_the_counter_too(window: MainWindow, shop: Any, member: Any) -> None:
    shop.complaints.add(ComplaintDraft(member, "起球"))
    window.navigate("counter", member=member)
    settle()
    pane = window.current_page().pane
    assert pane.angry.isVisible()
    pane.angry.acted.emit()
    settle()
    assert isinstance(open_dialog(window), SettleDialog)
