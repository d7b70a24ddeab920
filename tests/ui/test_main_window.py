"""The frame: keys that mean the same everywhere, search, navigation, layouts, undo, themes, closing."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QApplication

from shopcrm.basics.errors import StoreError
from shopcrm.basics.records import EVERYTHING
from tests.ui.stand_in import NOW, PAGES, StandInShop
from ui import app as composition
from ui import theme
from ui.actions import ACTIONS
from ui.app import App, make_window
from ui.jobs import InlineJobs, WorkerJobs
from ui.main_window import MainWindow
from ui.pages.base import Layout
from ui.session import Preferences
from ui.widgets import Dialog, open_dialog

ROOT = Path(__file__).parents[2]


@pytest.fixture
def shop() -> StandInShop:
    return StandInShop()


@pytest.fixture
def window(qapp: Any, shop: StandInShop, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setattr(
        composition, "MainWindow", lambda session, sample: MainWindow(session, PAGES, sample=sample)
    )
    made = make_window(shop)  # type: ignore[arg-type]
    made.activateWindow()
    yield made
    made.toast_.hide()
    made._resized.stop()
    made.close()
    theme.apply(qapp)


def settle() -> None:
    for _ in range(3):
        QCoreApplication.processEvents()


def key(
    qtbot: Any,
    window: MainWindow,
    which: Qt.Key,
    modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    qtbot.keyClick(QApplication.focusWidget() or window, which, modifier)


def test_the_start_shows_the_list_with_its_first_row(window: MainWindow) -> None:
    page: Any = window.current_page()
    assert page.page_id == "today"
    assert page.list.current_id() == 1
    assert page.name.text() == "何秀珍"
    assert page.list.hasFocus()
    assert window.rail.entries["today"].number() == 23
    assert window.windowTitle() == "熟客本 — 禾木衣坊"
    assert window.person.text() == "小雯"


def test_a_shop_without_a_name_starts_with_the_first_run(qapp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        composition, "MainWindow", lambda session, sample: MainWindow(session, PAGES, sample=sample)
    )
    window = make_window(StandInShop(named=""))  # type: ignore[arg-type]
    assert window._current == "first_run"
    assert not window.rail.isVisible()
    assert not window.header.isVisible()
    window.show_keys()
    window.go_counter()
    assert window._current == "first_run"
    open_dialog(window).reject()  # type: ignore[union-attr]
    window._resized.stop()
    window.close()


def test_page_keys_and_rail_go_to_the_pages(qtbot: Any, window: MainWindow) -> None:
    key(qtbot, window, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert window._current == "members"
    key(qtbot, window, Qt.Key.Key_F2)
    assert window._current == "counter"
    key(qtbot, window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    assert window._current == "settings"
    window.rail.entries["io"].click()
    assert window._current == "io"
    assert window.rail.entries["io"].isChecked()


def test_a_hidden_page_is_stale_and_reads_when_shown(window: MainWindow) -> None:
    page: Any = window.current_page()
    assert page.seen == [EVERYTHING]
    window.navigate("members")
    window.session.do(lambda shop, _: shop.rename(1, "秀"))  # type: ignore[attr-defined]
    assert len(page.seen) == 1
    window.navigate("today", member=2)
    assert page.seen == [EVERYTHING, EVERYTHING]
    assert page.args == {"member": 2}
    window.session.do(lambda shop, _: shop.rename(1, "秀珍"))  # type: ignore[attr-defined]
    assert page.seen[-1].members.ids == {1}


def test_typed_text_stays_when_the_page_is_left(qtbot: Any, window: MainWindow) -> None:
    window.navigate("counter")
    page: Any = window.current_page()
    qtbot.keyClicks(page.field, "4471")
    window.navigate("today")
    window.navigate("counter")
    assert page.field.text() == "4471"


def test_search_finds_moves_and_opens_the_counter(qtbot: Any, window: MainWindow) -> None:
    key(qtbot, window, Qt.Key.Key_F3)
    assert window.search.hasFocus()
    qtbot.keyClicks(window.search, "447")
    assert [row.name for row in window.popup.found()][:2] == ["何秀珍", "赵雅琴"]
    key(qtbot, window, Qt.Key.Key_Down)
    key(qtbot, window, Qt.Key.Key_Return)
    assert window._current == "counter"
    page: Any = window.current_page()
    assert page.args == {"member": 2}
    assert window.search.text() == ""
    assert not window.popup.isVisible()


def test_control_enter_opens_the_card_and_escape_goes_back(qtbot: Any, window: MainWindow) -> None:
    window.go_search()
    window.search.setText("周")
    key(qtbot, window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    page: Any = window.current_page()
    assert (window._current, page.args) == ("members", {"member": 3})
    window.go_search()
    window.search.setText("周")
    key(qtbot, window, Qt.Key.Key_Escape)
    assert window.search.text() == ""
    assert not window.popup.isVisible()
    key(qtbot, window, Qt.Key.Key_Escape)
    assert page.field.hasFocus()


def test_nobody_found_offers_a_new_member(qtbot: Any, window: MainWindow) -> None:
    window.go_search()
    qtbot.keyClicks(window.search, "9999")
    assert window.popup.isVisible()
    assert "9999" in window.popup._new.text()
    with qtbot.waitSignal(window.popup.new_wanted) as caught:
        window.popup.new_wanted.disconnect(window.new_member)
        key(qtbot, window, Qt.Key.Key_Return)
    assert caught.args == ["9999"]


def test_undo_by_key_takes_back_and_a_text_field_comes_first(
    qtbot: Any, window: MainWindow, shop: StandInShop
) -> None:
    key(qtbot, window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert shop.undone == [None]
    assert window.toast_.text() == "已撤销"
    key(qtbot, window, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert shop.undone == []
    assert window.toast_.text() == "已重做"
    key(qtbot, window, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert window.toast_.text() == "没有可以重做的"
    page: Any = window.current_page()
    page.note.setFocus()
    qtbot.keyClicks(page.note, "a")
    key(qtbot, window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert page.note.text() == ""
    assert shop.undone == []


def test_a_write_is_told_with_undo(window: MainWindow, shop: StandInShop) -> None:
    window.session.do(lambda shop, _: shop.rename(1, "秀"))  # type: ignore[attr-defined]
    assert window.toast_.text() == "已重新算好"
    window.toast_.undo_wanted.emit()
    assert shop.undone == [None]


def test_a_fault_of_ours_is_told_with_its_details(
    window: MainWindow, caplog: pytest.LogCaptureFixture
) -> None:
    window.show_error(ValueError("x"))
    dialog = open_dialog(window)
    assert dialog is not None
    assert "ValueError" in dialog._details.toPlainText()  # type: ignore[attr-defined]
    assert "ValueError" in caplog.text
    dialog.reject()
    assert open_dialog(window) is None


def test_keys_mean_nothing_behind_a_dialog(qtbot: Any, window: MainWindow) -> None:
    dialog = Dialog(window, "问一句")
    dialog.add_button("好", "primary")
    dialog.open()
    window.go_counter()
    window.go_search()
    assert window._current == "today"
    assert not window.search.hasFocus()
    dialog.reject()
    window.go_counter()
    assert window._current == "counter"


def test_the_keyboard_help_lists_every_action(window: MainWindow) -> None:
    window.show_keys()
    dialog = open_dialog(window)
    assert dialog is not None
    from shopcrm.basics.texts import t
    from ui.widgets import Label

    words = {label.text() for label in dialog.findChildren(Label)}
    assert {t(action.text) for action in ACTIONS} <= words
    dialog.reject()


def test_every_action_has_a_handler_and_no_key_twice() -> None:
    keys = [(key, action.page) for action in ACTIONS for key in action.keys if action.handler]
    keys += [(entry.key, "") for entry in PAGES if entry.key and entry.key != "Ctrl+,"]
    assert len(keys) == len(set(keys))
    for action in ACTIONS:
        assert not action.handler or hasattr(MainWindow, action.handler)


@pytest.mark.parametrize(
    ("width", "height", "k", "name"),
    [
        (1920, 1009, 1.0, "wide"),
        (1366, 697, 1.0, "normal"),
        (1280, 649, 1.0, "narrow"),
        (1366, 697, 1.15, "compact"),
        (1366, 697, 1.30, "single"),
        (1366, 697, 0.93, "normal"),
        (1366, 550, 1.0, "single"),
        (1059, 800, 1.0, "single"),
    ],
)
def test_layouts_follow_the_effective_size(width: int, height: int, k: float, name: str) -> None:
    assert Layout.of(width, height, k).name == name


def test_resizing_tells_the_page_after_a_moment(qtbot: Any, window: MainWindow) -> None:
    page: Any = window.current_page()
    page.layouts.clear()
    window.resize(1280, 649)

    def told() -> None:
        assert (page is window.current_page(), window.width(), page.layouts[-1:]) == (True, 1280, ["narrow"])

    qtbot.waitUntil(told)


def test_theme_and_level_rebuild_and_keep_the_page(qtbot: Any, window: MainWindow) -> None:
    page: Any = window.current_page()
    page.list.select_id(3)
    window.apply_theme("dark", "big", "zh_TW")
    settle()
    again: Any = window.current_page()
    assert again is not page
    assert again.args == {"member": 3}
    assert theme.now().tokens.dark
    assert theme.now().level == "big"
    assert window.rail.entries["today"].text() == "今日待辦"
    assert window.rail.entries["today"].number() == 23


def test_frame_texts_fit_at_every_level(window: MainWindow) -> None:
    for level in theme.LEVELS:
        window.apply_theme("light", level, "zh_CN")
        settle()
        for entry in window.rail.entries.values():
            need = theme.now().font("label_bold")
            from PySide6.QtGui import QFontMetrics

            assert QFontMetrics(need).horizontalAdvance(entry.text()) <= entry.width(), (level, entry.text())
        assert window._h1.width() >= window._h1.sizeHint().width() - 1
        assert window.person.width() >= window.person.sizeHint().width()


def test_another_person_takes_over(window: MainWindow, shop: StandInShop) -> None:
    window.session.set_staff(window.session.view.staff()[1])
    assert window.person.text() == "林姐"
    assert shop.actor == 2
    assert window.session.prefs.get("staff") == 2


def test_a_new_day_is_told(window: MainWindow) -> None:
    window.app._day = NOW.date().replace(day=20)  # type: ignore[attr-defined]
    window.app._keep_a_copy = lambda: None  # type: ignore[attr-defined]
    window.app._on_tick()  # type: ignore[attr-defined]
    assert window._banner is not None
    window._banner.closed.emit()
    assert window._banner is None


def test_another_shop_takes_the_place_of_the_first(
    window: MainWindow, shop: StandInShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = StandInShop(named="示例店")
    root: Any = window.app  # type: ignore[attr-defined]
    order: list[bool] = []

    def open_other(path: Path, *, sample: bool) -> None:
        def opener(progress: Any) -> Any:
            order.append(shop.closed)
            return other

        root.session.open(opener)

    monkeypatch.setattr(root, "open", open_other)
    window.open_shop("sample")
    settle()
    assert order == [True]  # the first file is closed before the second is opened
    assert window.windowTitle() == "熟客本 — 示例店"
    assert window._banner is not None
    assert window._current == "today"


def test_a_picture_of_a_broken_file_raises(own_folder: Path) -> None:
    file = own_folder / "shop.db"
    file.write_bytes(b"not a database at all" * 20)
    with pytest.raises(StoreError):
        make_window(file)


def test_a_copy_that_fails_is_a_banner_and_work_goes_on(
    window: MainWindow, shop: StandInShop, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        def keep_up(self, progress: Any) -> object:
            raise StoreError("full")

    shop.backups = Broken()  # type: ignore[attr-defined]
    window.app.copies.keep_up()  # type: ignore[attr-defined]
    assert window._banner is not None
    assert "磁盘满了" in window._banner._words.text()
    assert open_dialog(window) is None
    assert "full" in caplog.text


def test_closing_closes_the_shop(window: MainWindow, shop: StandInShop) -> None:
    window.close()
    assert shop.closed


def test_closing_while_work_runs_asks_and_stops_it(
    qtbot: Any, qapp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        composition, "MainWindow", lambda session, sample: MainWindow(session, PAGES, sample=sample)
    )
    shop, gate = StandInShop(), threading.Event()
    root = App(qapp, WorkerJobs(), Preferences(), lambda: NOW)
    root.window.show()
    with qtbot.waitSignal(root.session.opened):
        root.session.open(lambda progress: shop)  # type: ignore[arg-type, return-value]

    def work(shop: Any, progress: Any) -> object:
        for number in range(1000):
            gate.wait(0.01)
            progress.step(number, 1000, "progress.x")
        return None

    root.session.do(work, progress="正在导入…")
    qtbot.waitUntil(lambda: open_dialog(root.window) is not None)  # the progress window
    root.window.close()
    assert root.window.isVisible()
    question = open_dialog(root.window)
    assert question is not None
    question.accept()
    qtbot.waitUntil(lambda: not root.window.isVisible())
    assert shop.closed
    root.window._resized.stop()


def test_a_file_that_cannot_be_opened_is_told_and_tried_again(
    qapp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        composition, "MainWindow", lambda session, sample: MainWindow(session, PAGES, sample=sample)
    )
    root = App(qapp, InlineJobs(), Preferences(), lambda: NOW)
    root.window.show()
    shop, tries = StandInShop(), []

    def opener(progress: Any) -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise StoreError("notadb", file="shop.db")
        return shop

    root.session.open(opener)
    dialog = open_dialog(root.window)
    assert dialog is not None
    dialog._on_retry()  # type: ignore[attr-defined]
    assert root.window._current == "today"
    root.window._resized.stop()
    root.window.close()


def test_the_way_to_the_first_paint_loads_no_slow_library() -> None:
    code = """
import sys
from datetime import datetime
from PySide6.QtWidgets import QApplication
from ui.app import App
from ui.jobs import InlineJobs
from ui.session import Preferences
app = QApplication([])
root = App(app, InlineJobs(), Preferences(), datetime.now)
root.window.show()
app.processEvents()
slow = {"pandas", "numpy", "openpyxl", "sqlite_utils", "pypinyin", "borax", "python_calamine"}
slow &= set(sys.modules)
root.window.close()
sys.exit(", ".join(sorted(slow)) or 0)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_focus_never_gets_lost(window: MainWindow, qtbot: Any) -> None:
    with qtbot.waitActive(window):
        window.activateWindow()
    first = window.current_page().focus_first
    first.setFocus()
    first.clearFocus()
    qtbot.waitUntil(lambda: window.focusWidget() is first)
