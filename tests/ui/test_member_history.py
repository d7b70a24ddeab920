"""The change history and the erasing of a member, as dialogs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from shopcrm.basics.errors import InputError, RightsError
from shopcrm.basics.records import MemberDraft
from shopcrm.basics.texts import t
from tests.conftest import DAY
from tests.ui.real_window import open_window, put_away, settle
from ui.dialogs.member_erase import ask_erase
from ui.dialogs.member_history import FIRST, MemberHistory, open_history
from ui.main_window import MainWindow
from ui.widgets import Label, SmallButton, open_dialog

PHONES = (("13800000001", "13800000001"),)


@pytest.fixture
def window(qapp: Any, shop: Any) -> Iterator[MainWindow]:
    made = open_window(shop)
    yield made
    put_away(made, qapp)


def words(dialog: MemberHistory) -> str:
    content = dialog._scroll.widget()
    return "\n".join(label.text() for label in content.findChildren(Label) if not label.isHidden())


def buttons(dialog: MemberHistory) -> list[SmallButton]:
    settle()
    content = dialog._scroll.widget()
    return [button for button in content.findChildren(SmallButton) if not button.isHidden()]


def test_one_value_is_put_back_by_keyboard(window: MainWindow, shop: Any, qtbot: Any) -> None:
    member = shop.members.save(MemberDraft(name="王丽", phones=PHONES, size_top="M", joined=DAY)).value
    shop.members.save(MemberDraft(id=member, name="王<i>莉", phones=PHONES, size_top="L", joined=DAY))
    before = shop.view().member(member)
    restored: list[int] = []
    dialog = open_history(window, window.session, member)
    dialog.restored.connect(restored.append)
    settle()
    assert "王丽 → <b>王&lt;i&gt;莉</b>" in words(dialog)
    assert "M → <b>L</b>" in words(dialog)
    first = buttons(dialog)
    assert len(first) == 2
    assert QApplication.focusWidget() is first[0]
    qtbot.keyClick(first[0], Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is first[1]
    qtbot.keyClick(first[1], Qt.Key.Key_Return)
    settle()
    assert restored == [member]
    assert shop.view().member(member).size_top == "M"
    assert len(shop.view().changes(member)) == 3
    assert "L → <b>M</b>" in words(dialog)
    window.session.undo()
    settle()
    assert shop.view().member(member) == before


def test_what_cannot_stand_is_said_and_changes_nothing(
    window: MainWindow, shop: Any, a_member: Callable[..., int]
) -> None:
    member = a_member("王丽", card_no="V1")
    shop.members.save(MemberDraft(id=member, name="王丽"))
    dialog = open_history(window, window.session, member)
    settle()
    a_member("李梅", card_no="V1")
    next(b for b in buttons(dialog) if "V1" in b.toolTip()).click()
    settle()
    assert dialog._problem._words.text() == InputError("card_no", "card_taken", name="李梅").sentence
    assert shop.view().member(member).card_no == ""


def test_nothing_changed_yet(window: MainWindow, a_member: Callable[..., int], qtbot: Any) -> None:
    dialog = open_history(window, window.session, a_member("王丽"))
    settle()
    assert dialog._nothing.isVisible()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert open_dialog(window) is None


def test_a_long_history_is_shown_piece_by_piece(
    window: MainWindow, shop: Any, a_member: Callable[..., int]
) -> None:
    member = a_member("王丽")
    for number in range(FIRST + 5):
        shop.members.save(MemberDraft(id=member, name="王丽", phones=PHONES, notes=str(number)))
    dialog = open_history(window, window.session, member)
    settle()
    shown = words(dialog).count("→")
    assert shown == FIRST
    dialog._older.click()
    settle()
    assert words(dialog).count("→") == len(shop.view().changes(member))
    assert not dialog._older.isVisible()


def test_erasing_waits_for_the_tick(
    window: MainWindow, shop: Any, a_member: Callable[..., int], qtbot: Any
) -> None:
    member = a_member("王丽")
    card = shop.view().member(member)
    dialog = ask_erase(window, window.session, card)
    assert dialog.title.text() == t("erase.title", name="王丽")
    assert not dialog.yes.isEnabled()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    settle()
    assert shop.view().member(member) == card
    erased: list[int] = []
    dialog = ask_erase(window, window.session, card)
    dialog.erased.connect(erased.append)
    assert QApplication.focusWidget() is dialog.sure
    qtbot.keyClick(dialog.sure, Qt.Key.Key_Space)
    qtbot.keyClick(dialog.sure, Qt.Key.Key_Tab)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is dialog.yes
    qtbot.keyClick(dialog.yes, Qt.Key.Key_Return)
    settle()
    assert erased == [member]
    assert shop.view().member(member).erased
    assert window.toast_.text() == t("done.member_erased")
    assert shop.view().total() == 0


def test_enter_on_the_tick_erases_nobody(
    window: MainWindow, shop: Any, a_member: Callable[..., int], qtbot: Any
) -> None:
    card = shop.view().member(a_member("王丽"))
    dialog = ask_erase(window, window.session, card)
    dialog.sure.setChecked(True)
    qtbot.keyClick(dialog.sure, Qt.Key.Key_Return)
    settle()
    assert open_dialog(window) is None
    assert shop.view().total() == 1


def test_who_may_not_erase_is_told(window: MainWindow, shop: Any, a_member: Callable[..., int]) -> None:
    card = shop.view().member(a_member("王丽"))
    shop.settings.add_staff("老板", "owner")
    shop.actor = shop.settings.add_staff("小雯", "assistant").value
    dialog = ask_erase(window, window.session, card)
    dialog.sure.setChecked(True)
    dialog.yes.click()
    settle()
    asking = open_dialog(window)
    assert asking is not None
    assert asking is not dialog
    asking.reject()  # nobody comes who may
    settle()
    assert dialog._problem._words.text() == RightsError("erase").sentence
    assert shop.view().total() == 1
