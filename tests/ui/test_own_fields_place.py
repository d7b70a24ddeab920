"""The settings place of the shop's own fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt

from shopcrm.basics.errors import InputError
from shopcrm.basics.records import MemberDraft
from shopcrm.shop.own_fields import MOST
from tests.ui.real_window import open_window, put_away, settle
from ui.main_window import MainWindow
from ui.pages.settings.own_fields import OwnFieldsPlace


@pytest.fixture
def window(qapp: Any, shop: Any) -> Iterator[MainWindow]:
    made = open_window(shop)
    yield made
    put_away(made, qapp)


@pytest.fixture
def place(window: MainWindow) -> OwnFieldsPlace:
    window.navigate("settings", place="own")
    settle()
    found = window.page("settings").places["own"]  # type: ignore[attr-defined]
    assert isinstance(found, OwnFieldsPlace)
    return found


def names(place: OwnFieldsPlace) -> list[str]:
    settle()
    return [line.name.text() for line in place.lines]


def test_added_renamed_moved_put_away_and_taken_out(
    place: OwnFieldsPlace, window: MainWindow, shop: Any, qtbot: Any
) -> None:
    for name in ("职业", "孩子"):
        place.name.setText(name)
        qtbot.keyClick(place.name, Qt.Key.Key_Return)
    assert names(place) == ["职业", "孩子"]
    shop.members.save(MemberDraft(name="王丽", own=((1, "老师"),)))
    place.lines[0].name.setText("工作")
    place.lines[0].name.editingFinished.emit()
    assert names(place) == ["工作", "孩子"]
    qtbot.keyClick(place.lines[1].name, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    assert names(place) == ["孩子", "工作"]
    place.lines[0].down.click()
    assert names(place) == ["工作", "孩子"]
    place.lines[0].put_away.click()
    assert names(place) == ["孩子"]
    assert list(place.taken_out) == [1]
    place.taken_out[1].click()
    assert names(place) == ["孩子", "工作"]
    assert shop.view().member(1).own == ((1, "老师"),)
    for _ in range(3):
        window.session.undo()
    assert names(place) == ["孩子", "工作"]


def test_a_taken_name_is_said_under_the_field(place: OwnFieldsPlace, shop: Any) -> None:
    shop.members.own.add("职业")
    place.name.setText("职业")
    place.add.click()
    settle()
    assert place.name_block.error() == InputError("own_name", "own_name_taken", name="职业").sentence
    assert len(shop.view().own_fields()) == 1


def test_a_taken_name_leaves_the_old_one(place: OwnFieldsPlace, window: MainWindow, shop: Any) -> None:
    for name in ("职业", "孩子"):
        shop.members.own.add(name)
    place.read()
    place.lines[1].name.setText("职业")
    place.lines[1].name.editingFinished.emit()
    assert names(place) == ["职业", "孩子"]
    assert window.toast_.text() == InputError("own_name", "own_name_taken", name="职业").sentence
    place.lines[1].name.setText("  ")
    place.lines[1].name.editingFinished.emit()
    assert names(place) == ["职业", "孩子"]


def test_twenty_at_most(place: OwnFieldsPlace, shop: Any) -> None:
    for number in range(MOST):
        shop.members.own.add(f"资料{number}")
    place.read()
    assert not place.add.isEnabled()
