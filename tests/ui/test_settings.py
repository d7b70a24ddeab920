"""Settings: what is shown is in force, what is changed is kept, nonsense changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from shopcrm.basics import texts
from shopcrm.basics.records import MemberDraft
from shopcrm.shop import Shop
from ui import theme
from ui.app import make_window
from ui.main_window import MainWindow


@pytest.fixture
def window(qtbot: Any, tmp_path: Path) -> Iterator[MainWindow]:
    shop = Shop.open(tmp_path / "shop.db", clock=lambda: datetime(2026, 11, 21, 10, 24))
    shop.settings.set("shop.name", "禾木衣坊")
    shop.members.save(MemberDraft(name="周曼丽"))
    made = make_window(shop)
    yield made
    made.close()
    texts.use("zh_CN")


def place(window: MainWindow, name: str) -> Any:
    window.navigate("settings", place=name)
    return window.current_page().places[name]


def test_name_and_number_of_contacts_are_kept(window: MainWindow, qtbot: Any) -> None:
    shop = place(window, "shop")
    assert (shop.name.text(), shop.tasks.value()) == ("禾木衣坊", 15)
    shop.name.setText("青禾衣坊")
    shop.tasks.set_value(20)
    qtbot.mouseClick(shop.save, Qt.MouseButton.LeftButton)
    assert window.session.view.setting("shop.name") == "青禾衣坊"
    assert window.session.view.setting("tasks_per_day") == 20


@pytest.mark.parametrize("name", ["", "   ", "店" * 201])
def test_a_name_that_cannot_be_is_refused_at_its_field(window: MainWindow, qtbot: Any, name: str) -> None:
    shop = place(window, "shop")
    shop.name.setText(name)
    qtbot.mouseClick(shop.save, Qt.MouseButton.LeftButton)
    assert shop.name_block.error()
    assert window.session.view.setting("shop.name") == "禾木衣坊"


def test_the_thresholds_in_force_stand_in_the_sentences(window: MainWindow) -> None:
    types = place(window, "types")
    limits = window.session.view.limits()
    assert f"{limits.lost_once} 天" in types.rules["lost"].text()
    assert f"{limits.calibration.loyal_purchases} 次" in types.rules["loyal"].text()
    assert types.basis["active"].text() == "0 位"


def test_a_backup_is_made_and_listed(window: MainWindow, qtbot: Any) -> None:
    backups = place(window, "backups")
    before = len(backups.files)
    qtbot.mouseClick(backups.now, Qt.MouseButton.LeftButton)
    assert len(backups.files) == before + 1
    assert backups.files[0].path.exists()
    assert backups.files[0].members == 1


def test_font_theme_and_language_apply_at_once_and_stay_here(window: MainWindow, qtbot: Any) -> None:
    display = place(window, "display")
    qtbot.mouseClick(display.levels["big"], Qt.MouseButton.LeftButton)
    assert theme.now().level == "big"
    display = window.current_page().places["display"]
    qtbot.mouseClick(display.modes["dark"], Qt.MouseButton.LeftButton)
    assert theme.now().tokens.dark
    display = window.current_page().places["display"]
    display.language.set_value("en")
    display.language.picked.emit("en")
    assert texts.language() == "en"
    assert window.current_page().title == "Settings"
    assert window.current_page().current == "display"
    prefs = window.session.prefs
    assert (prefs.get("level"), prefs.get("mode"), prefs.get("language")) == ("big", "dark", "en")


def test_key_hints_and_longer_toasts_apply_at_once(window: MainWindow, qtbot: Any) -> None:
    display = place(window, "display")
    qtbot.mouseClick(display.toasts, Qt.MouseButton.LeftButton)
    assert window.toast_.seconds == 12
    display = window.current_page().places["display"]
    assert display.toasts.isChecked()


def test_about_names_the_licences(window: MainWindow) -> None:
    about = place(window, "about")
    labels = [label.text() for label in about.findChildren(QLabel)]
    assert "LGPL-3.0" in labels


def test_the_names_of_the_places_are_whole_beside_the_bar(qtbot: Any, qapp: Any, tmp_path: Path) -> None:
    shop = Shop.open(tmp_path / "other.db", clock=lambda: datetime(2026, 11, 21, 10, 24))
    made = make_window(shop, level="big", language="en", size=(1280, 649))
    try:
        made.navigate("settings", place="shop")
        qtbot.wait(1)
        page: Any = made.current_page()
        bar = page._list.verticalScrollBar()
        assert bar.isVisible(), "here the list does not fit in height"
        room = page._list.viewport().width()
        assert all(button.sizeHint().width() <= room for button in page.buttons.values())
    finally:
        made.close()
        texts.use("zh_CN")
        theme.apply(qapp)
