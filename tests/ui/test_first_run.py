"""The first start, as an owner fills it in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from shopcrm.shop import Shop
from ui.app import make_window
from ui.main_window import MainWindow


@pytest.fixture
def window(qtbot: Any, tmp_path: Path) -> Iterator[MainWindow]:
    shop = Shop.open(tmp_path / "shop.db", clock=lambda: datetime(2026, 11, 21, 10, 24))
    made = make_window(shop)
    yield made
    made.close()


def test_a_new_shop_starts_here_with_the_name_field_ready(window: MainWindow) -> None:
    page = window.current_page()
    assert page.page_id == "first_run"
    assert page.focus_first is page.name


def test_name_and_owner_are_kept_and_today_follows(window: MainWindow, qtbot: Any) -> None:
    page = window.current_page()
    page.name.setText("  禾木衣坊 ")
    page.owner.setText("林姐")
    qtbot.keyClick(page.owner, Qt.Key.Key_Return)
    qtbot.keyClick(page.pin, Qt.Key.Key_Return)  # may stay empty
    view = window.session.view
    assert view.setting("shop.name") == "禾木衣坊"
    assert [(person.name, person.role) for person in view.staff()] == [("林姐", "owner")]
    assert window.session.staff.name == "林姐"
    assert window.current_page().page_id == "today"


def test_the_owner_may_stay_unnamed(window: MainWindow, qtbot: Any) -> None:
    page = window.current_page()
    page.name.setText("禾木衣坊")
    qtbot.mouseClick(page.go, Qt.MouseButton.LeftButton)
    assert window.session.view.staff() == ()
    assert window.current_page().page_id == "today"


@pytest.mark.parametrize(
    ("name", "owner", "block"),
    [
        ("", "林姐", "name_block"),
        ("   ", "", "name_block"),
        ("店" * 201, "", "name_block"),
        ("禾木", "名" * 21, "owner_block"),
    ],
)
def test_nonsense_gets_a_sentence_at_its_field_and_changes_nothing(
    window: MainWindow, qtbot: Any, name: str, owner: str, block: str
) -> None:
    page = window.current_page()
    page.name.setText(name)
    page.owner.setText(owner)
    qtbot.mouseClick(page.go, Qt.MouseButton.LeftButton)
    assert getattr(page, block).error()
    assert window.current_page() is page
    assert window.session.view.setting("shop.name") == ""
    assert window.session.view.staff() == ()


def test_a_bigger_font_applies_at_once_and_keeps_what_was_typed(window: MainWindow, qtbot: Any) -> None:
    page = window.current_page()
    page.name.setText("禾木衣坊")
    qtbot.mouseClick(page.levels["big"], Qt.MouseButton.LeftButton)
    again = window.current_page()
    assert again is not page
    assert again.name.text() == "禾木衣坊"
    assert again.levels["big"].isChecked()
