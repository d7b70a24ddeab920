"""Settings, privacy: the notice is printed and copied, who was not seen for years is a list to go through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from shopcrm.basics.records import MemberId
from shopcrm.basics.texts import t
from tests.ui.real_window import open_window, press, put_away, settle
from ui.dialogs.print_preview import PrintPreview
from ui.main_window import MainWindow
from ui.pages.settings.privacy import PrivacyPlace
from ui.widgets import open_dialog


@pytest.fixture
def window(qapp: Any, shop: Any) -> Iterator[MainWindow]:
    shop.settings.begin("禾木衣坊", "林姐")
    made = open_window(shop)
    yield made
    put_away(made, qapp)


@pytest.fixture
def place(window: MainWindow) -> PrivacyPlace:
    window.navigate("settings", place="privacy")
    settle()
    page: Any = window.current_page()
    found = page.places["privacy"]
    assert isinstance(found, PrivacyPlace)
    return found


def test_whoever_was_not_seen_is_one_click_away(
    place: PrivacyPlace, window: MainWindow, shop: Any, a_member: Callable[..., MemberId], qtbot: Any
) -> None:
    assert place.found.text() == t("privacy.old.none", years=5)
    assert not place.show_them.isVisible()
    old = a_member("很久没来", joined=date(2020, 1, 1))
    older = a_member("更久没来", joined=date(2015, 1, 1))
    a_member("常来", joined=date(2026, 1, 1))
    window.navigate("settings", place="privacy")
    settle()
    assert place.found.text() == t("privacy.old.some", n=2, years=5)
    place.years.set_value(7)
    place.years.changed.emit(7)
    settle()
    assert place.found.text() == t("privacy.old.some", n=1, years=7)
    assert place.save.isVisible()
    assert shop.settings.get("keep_years") == 5  # nothing is kept before it is asked for
    place.years.setFocus()
    press(qtbot, place, Qt.Key.Key_Return, modifier=Qt.KeyboardModifier.ControlModifier)
    assert shop.settings.get("keep_years") == 7
    assert not place.save.isVisible()
    place.show_them.click()
    settle()
    page: Any = window.current_page()
    assert list(page.model.ids) == [older]
    assert old not in page.model.ids
    window.session.undo()
    assert shop.settings.get("keep_years") == 5


def test_the_notice_is_read_copied_and_printed(place: PrivacyPlace, window: MainWindow, shop: Any) -> None:
    assert [(head.text(), words.text()) for head, words in place.parts] == list(shop.view().notice())
    place.copy.click()
    settle()
    assert QApplication.clipboard().text() == shop.view().notice_text()
    assert window.toast_.text() == t("privacy.copied")
    place.print.click()
    settle()
    preview = open_dialog(window)
    assert isinstance(preview, PrintPreview)
    assert not preview.masked.isVisible()  # there is no number to hide
    preview.reject()


def test_a_renamed_shop_stands_in_the_notice(place: PrivacyPlace, shop: Any, window: MainWindow) -> None:
    window.session.do(lambda open_shop, _: open_shop.settings.set("shop.name", "新名字"))
    settle()
    assert "新名字" in place.parts[0][1].text()
