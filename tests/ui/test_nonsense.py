"""Nonsense in every field of the window: no fault, a sentence where one is due, nothing written unasked."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit, QWidget

from shopcrm.shop.dump import dump
from tests.conftest import DAY
from tests.flows.running import bad_files
from tests.ui.real_window import open_window, press, put_away, settle
from ui import app
from ui.dialogs.member_edit import MemberEdit
from ui.main_window import MainWindow
from ui.widgets import Input, open_dialog

NONSENSE = (
    "", " ", "\0", "a\0b", "\udcff", "\ud83d", "长" * 20_000, "a " * 3_000, "𠮷😀", "&amp;", "%_", "?", "/",
    "<b>x</b><img src=file:///a.png>", "' OR 1=1 --", "\n\n", "\u202e\u200b", "1e400", "-1", "nan", "٣",
    "9" * 400, "—", "０", "{name}", "{0}", "\\", "*", '"', "NEAR(",
)  # fmt: skip


WORST = ("a\0b", "\udcff", "长" * 20_000, "<b>x</b><img src=file:///a.png>", "9" * 400, "{name}", " ")
BOTH = pytest.mark.parametrize(
    "texts", [WORST, pytest.param(NONSENSE, marks=pytest.mark.slow)], ids=["worst", "all"]
)


@pytest.fixture
def window(
    qapp: Any, shop: Any, a_member: Callable[..., int], a_sale: Callable[..., int]
) -> Iterator[MainWindow]:
    for name in ("王丽", "李敏"):
        a_sale(a_member(name, joined=DAY), DAY)
    made = open_window(shop)
    yield made
    put_away(made, qapp)


def state(window: MainWindow) -> object:
    return dump(window.session.shop.store.read())


def fill(field: QWidget, text: str) -> None:
    """Paste a text, as a user would, and leave the field."""
    if isinstance(field, QLineEdit):
        field.clear()
        field.insert(text)
        field.textEdited.emit(field.text())
        settle()
        field.editingFinished.emit()
    elif isinstance(field, QPlainTextEdit):
        field.setPlainText(text)
    settle()


def no_fault(window: MainWindow) -> None:
    """What was said, if anything, is not that the program failed."""
    dialog = open_dialog(window)
    if dialog is not None:
        words = [label.text() for label in dialog.findChildren(QLabel)]
        assert not any("程序出错" in word for word in words), words
        while (dialog := open_dialog(window)) is not None:
            dialog.hide()
            dialog.deleteLater()
            settle()


def fields(window: MainWindow) -> list[QWidget]:
    found = [*window.findChildren(QLineEdit), *window.findChildren(QPlainTextEdit)]
    return [field for field in found if field.isVisible() and field.isEnabled() and not field.isReadOnly()]


@BOTH
@pytest.mark.parametrize("page", ["today", "counter", "members", "overview", "io", "settings"])
def test_every_field_of_every_page(window: MainWindow, qtbot: Any, page: str, texts: tuple[str, ...]) -> None:
    window.navigate(page)
    settle()
    before = state(window)
    for number in range(len(fields(window))):
        for text in texts:
            window.navigate(page)
            settle()
            field = fields(window)[number]
            field.setFocus()
            fill(field, text)
            if page != "settings" or not isinstance(field, Input):
                press(qtbot, field, Qt.Key.Key_Return)
            no_fault(window)
    assert state(window) == before


def kept_texts(window: MainWindow) -> list[str]:
    """Everything the shop keeps as text."""
    found: list[str] = []
    for rows in dump(window.session.shop.store.read()).values():
        found += [str(value) for row in rows for value in row.values()]
    return [
        *found,
        str(window.session.view.setting("shop.name")),
        *(p.name for p in window.session.view.staff()),
    ]


def nothing_invisible(window: MainWindow) -> None:
    for text in kept_texts(window):
        assert not any(mark in text for mark in "\0\u202e\u200b\udcff"), repr(text)
        assert len(text) < 33_000


MEMBER_FIELDS = (
    "phone", "name", "call_name", "birthday", "size_top", "size_bottom", "size_shoe", "height", "likes",
    "avoids", "card_no", "wechat", "tags", "joined", "weight", "notes",
)  # fmt: skip


@BOTH
@pytest.mark.parametrize("key", MEMBER_FIELDS)
def test_every_field_of_the_member_dialog(window: MainWindow, key: str, texts: tuple[str, ...]) -> None:
    for text in texts:
        before = state(window)
        dialog = MemberEdit(window, window.session)
        dialog.open()
        if key != "name":
            fill(dialog._fields["name"].field, "沈月")
        fill(dialog._fields[key].field, text)
        dialog._save.click()
        settle()
        if dialog.isVisible():
            errors = [block.error() for block in dialog._fields.values() if block.error()]
            assert errors or not dialog._problem.isHidden(), f"{text[:20]!r} is neither kept nor answered"
            assert not any("程序" in words for words in errors)
            assert state(window) == before
            dialog._warned = True
            dialog.reject()
        else:
            assert state(window) != before
            window.session.undo()
        settle()
        no_fault(window)
        nothing_invisible(window)
        assert state(window) == before


@BOTH
@pytest.mark.parametrize("which", ["item", "size_", "amount"])
def test_every_field_of_a_sale(window: MainWindow, which: str, texts: tuple[str, ...]) -> None:
    window.navigate("counter", digits="0001")
    settle()
    counter: Any = window.current_page()
    for text in texts:
        before = state(window)
        window.navigate("counter", member=1)
        settle()
        line = counter.form.sold.lines[0]
        fill(line.item, "大衣")
        fill(line.amount, "100")
        fill(getattr(line, which), text)
        counter.form.save.click()
        settle()
        no_fault(window)
        nothing_invisible(window)
        if state(window) == before:
            assert which == "amount", f"{text[:20]!r} was not booked and nothing said"
            assert line.remark()
        else:
            window.undo()
            settle()
        counter.form.clear()
        assert state(window) == before


@BOTH
@pytest.mark.parametrize("kind", ["tried", "looked"])
def test_every_field_of_a_visit(window: MainWindow, kind: str, texts: tuple[str, ...]) -> None:
    counter: Any = None
    for text in texts:
        before = state(window)
        window.navigate("counter", member=1)
        settle()
        counter = window.current_page()
        counter.form.choose(kind)
        fill(counter.form.tried.lines[0].item, text)
        fill(counter.form.tried.lines[0].size_, text)
        fill(counter.form.says, text)
        fill(counter.form.looked_note, text)
        counter.form.save.click()
        settle()
        no_fault(window)
        nothing_invisible(window)
        assert state(window) != before
        window.undo()
        settle()
        counter.form.clear()


@BOTH
def test_note_and_message_of_an_outcome(window: MainWindow, qtbot: Any, texts: tuple[str, ...]) -> None:
    window.navigate("today")
    settle()
    page: Any = window.current_page()
    for text in texts:
        before = state(window)
        page.list.setFocus()
        press(qtbot, page, Qt.Key.Key_1)
        fill(page.detail.message, text)
        fill(page.detail.form.note, text)
        page.detail.form.save.click()
        settle()
        no_fault(window)
        nothing_invisible(window)
        if state(window) == before:
            assert page.detail.form._hint.text()
            page.detail.form.clear()
        else:
            window.undo()
        settle()


@BOTH
def test_the_shops_name(window: MainWindow, texts: tuple[str, ...]) -> None:
    window.navigate("settings", place="shop")
    settle()
    shop: Any = window.current_page().places["shop"]
    for text in texts:
        fill(shop.name, text)
        shop.save.click()
        settle()
        no_fault(window)
        nothing_invisible(window)
        kept = window.session.view.setting("shop.name")
        assert kept == "" or len(kept) <= 200
        assert shop.name_block.error() or kept


@BOTH
def test_the_first_run(qapp: Any, own_folder: Any, clock: Any, texts: tuple[str, ...]) -> None:
    from shopcrm.shop import Shop

    for text in texts:
        with Shop.open(":memory:", clock=clock) as shop:
            window = open_window(shop)
            page: Any = window.current_page()
            assert page.page_id == "first_run"
            fill(page.name, text)
            fill(page.owner, text)
            page.go.click()
            settle()
            no_fault(window)
            nothing_invisible(window)
            if window.current_page() is page:
                assert page.name_block.error() or page.owner_block.error()
            put_away(window, qapp)


ODD_PREFERENCES = (
    "x", "[]", "null", '{"window": "中文", "level": [], "mode": {}, "language": 3}',
    '{"window": 5, "level": 7, "staff": "x", "export_folder": []}',
)  # fmt: skip


@pytest.mark.parametrize("kept", ODD_PREFERENCES)
def test_what_this_computer_kept_is_nonsense(
    own_folder: Path, qapp: Any, kept: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr("sys.excepthook", sys.excepthook)  # these three last as long as a program
    monkeypatch.setattr(app, "_start_log", lambda: None)
    monkeypatch.setattr(app.App, "watch_the_day", lambda self: None)
    (own_folder / "window.json").write_text(kept, encoding="utf-8")
    names: list[str] = []
    # Closing the window would leave a second call to quit behind, and it would end every later event loop.
    QApplication.setQuitOnLastWindowClosed(False)

    def look() -> None:
        nonlocal looks
        looks -= 1
        windows = [w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible()]
        if looks and not (windows and windows[0].current_page()):  # still opening
            QTimer.singleShot(100, look)
            return
        for window in windows:
            page = window.current_page()
            names.append("" if page is None else page.page_id)
            window.close()
        QApplication.quit()

    looks = 300
    QTimer.singleShot(100, look)
    assert app.run(own_folder / "shop.db") == 0
    assert names == ["first_run"]


def test_files_that_cannot_be_imported(window: MainWindow, tmp_path: Path) -> None:
    window.navigate("io")
    settle()
    page: Any = window.current_page()
    before = state(window)
    for name in bad_files(tmp_path):
        page.read_file(tmp_path / name)
        settle()
        dialog: Any = open_dialog(window)
        assert dialog is not None, name
        assert name in dialog.title.text()
        no_fault(window)
    assert state(window) == before
