"""The whole window on a real shop, for the tests of its pages."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QApplication, QWidget

from ui import theme
from ui.app import make_window
from ui.main_window import MainWindow
from ui.pages.today import TodayPage


def settle() -> None:
    """Let everything that was posted happen."""
    for _ in range(3):
        QCoreApplication.processEvents()


def press(qtbot: Any, page: QWidget, *keys: Any, modifier: Any = Qt.KeyboardModifier.NoModifier) -> None:
    """Keys as typed, each to the widget that has the focus then."""
    for key in keys:
        qtbot.keyClick(QApplication.focusWidget() or page, key, modifier)
        settle()


def open_window(shop: Any, **options: Any) -> MainWindow:
    """The window of `make_window`, active, so that keys go where a user's go."""
    window = make_window(shop, **options)
    window.activateWindow()
    settle()
    return window


def open_today(window: MainWindow) -> TodayPage:
    """Today's page, in front."""
    window.navigate("today")
    settle()
    found = window.current_page()
    assert isinstance(found, TodayPage)
    return found


def put_away(window: MainWindow, qapp: Any) -> None:
    """Close a window and delete it: a new style sheet is given to every widget there still is."""
    window.toast_.hide()
    window._resized.stop()
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    theme.apply(qapp)
