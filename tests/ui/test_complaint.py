"""Complaints and marks in the window: written down, settled, refused under their field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

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
