"""Passwords in the window: asked for before an encrypted shop opens, and of files that leave and come in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit

from shopcrm.basics.records import MemberDraft
from shopcrm.basics.texts import t
from shopcrm.shop import Shop, encryption
from shopcrm.store import keys, sealed
from tests.conftest import Clock
from tests.ui.real_window import press, put_away, settle
from ui.app import make_window
from ui.dialogs.encrypting import Encrypting, RecoveryKey
from ui.dialogs.export_callbacks import ExportList
from ui.dialogs.password import AskPassword
from ui.dialogs.print_preview import PrintPreview
from ui.dialogs.restore import DamagedDialog, RestoreDialog
from ui.main_window import MainWindow
from ui.opening import Ahead, Opener
from ui.session import Rekey
from ui.widgets import open_dialog

WORD, OTHER = "liuxia-2026 Hema", "qiutian laile 77"
PHONE = ("138 0000 0001", "13800000001")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(keys, "_ROUNDS", 10)
    keys.forget()
    yield
    keys.forget()


@pytest.fixture
def file(shop_file: Path, clock: Clock) -> Path:
    with Shop.open(shop_file, clock=clock) as shop:
        shop.settings.begin("禾木衣坊", "林姐")
        shop.members.save(MemberDraft(name="王丽", phones=(PHONE,)))
    return shop_file


@pytest.fixture
def window(qapp: Any, file: Path, clock: Clock) -> Iterator[MainWindow]:
    made = make_window(file, clock=clock)
    yield made
    put_away(made, qapp)


@pytest.fixture
def locked(window: MainWindow, file: Path, clock: Clock) -> MainWindow:
    """The window as it starts on an encrypted shop."""
    window.session.close()
    encryption.encrypt(file, WORD, clock)
    keys.forget()
    window.rebuild()
    window.app.open(file)  # type: ignore[attr-defined]
    settle()
    return window


def asked(window: MainWindow) -> AskPassword:
    dialog = open_dialog(window)
    assert isinstance(dialog, AskPassword)
    return dialog


def typed(qtbot: Any, field: QLineEdit, word: str) -> None:
    field.selectAll()
    qtbot.keyClicks(field, word)
    settle()


def test_an_encrypted_shop_asks_before_it_opens(locked: MainWindow, qtbot: Any) -> None:
    assert not locked.session.is_open
    dialog = asked(locked)
    assert QApplication.focusWidget() is dialog.word
    assert dialog.word.echoMode() == QLineEdit.EchoMode.Password
    press(qtbot, locked, Qt.Key.Key_Return)  # a hasty Enter says what is missing
    assert dialog.block.error() == t("pw.empty")
    typed(qtbot, dialog.word, OTHER)
    press(qtbot, locked, Qt.Key.Key_Return)
    again = asked(locked)
    assert again is not dialog
    assert again.block.error() == t("pw.shop.wrong")
    again.shown.click()
    assert again.word.echoMode() == QLineEdit.EchoMode.Normal
    typed(qtbot, again.word, WORD)
    press(qtbot, locked, Qt.Key.Key_Return)
    assert open_dialog(locked) is None
    assert locked.session.is_open
    assert [row.name for row in locked.session.view.search("王", 9)] == ["王丽"]


def test_the_recovery_key_opens_it_too_and_cancel_leaves(locked: MainWindow, file: Path, qtbot: Any) -> None:
    encryption.unlock(file, WORD)
    key = encryption.recovery_of(file)
    keys.forget()
    dialog = asked(locked)
    typed(qtbot, dialog.word, key.lower())
    press(qtbot, locked, Qt.Key.Key_Return)
    assert locked.session.is_open


def test_without_the_password_the_window_goes(locked: MainWindow, qtbot: Any) -> None:
    press(qtbot, locked, Qt.Key.Key_Escape)
    assert not locked.isVisible()


def test_what_opens_ahead_takes_the_password_afterwards(
    window: MainWindow, file: Path, clock: Clock, qtbot: Any
) -> None:
    window.session.close()
    encryption.encrypt(file, WORD, clock)
    keys.forget()
    window.rebuild()
    ahead = Ahead(Opener(file, clock))
    window.session.open(ahead)
    settle()
    assert not ahead.is_ready
    typed(qtbot, asked(window).word, WORD)
    press(qtbot, window, Qt.Key.Key_Return)
    assert window.session.is_open


def test_a_list_leaves_behind_a_password_and_is_read_again(
    window: MainWindow, qtbot: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    out = tmp_path / "名单.zip"
    asked_where = []

    def where(*_: object) -> tuple[str, str]:
        asked_where.append(1)
        return str(out.with_suffix("")), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", where)
    window.navigate("io")
    page: Any = window.current_page()
    page.home.exports.buttons["members"].click()
    dialog = open_dialog(window)
    assert isinstance(dialog, ExportList)
    assert not dialog.password.isVisible()
    dialog.sealed.click()
    settle()
    assert QApplication.focusWidget() is dialog.password.word
    for first, second, says in (
        ("1234567", "1234567", t("err.password_short", n=8)), (WORD, OTHER, t("err.password_twice")),
    ):  # fmt: skip
        typed(qtbot, dialog.password.word, first)
        typed(qtbot, dialog.password.again, second)
        dialog._save.click()
        assert says in (dialog.password.word_block.error(), dialog.password.again_block.error())
        assert not out.exists()
    assert dialog.password.worth.text() == t("pw.is.strong")
    typed(qtbot, dialog.password.again, WORD)
    press(qtbot, window, Qt.Key.Key_Return)
    assert sealed.what_is_in(out) == sealed.LIST
    assert b"13800000001" not in out.read_bytes()
    assert len(asked_where) == 1

    page.read_file(out)
    settle()
    typed(qtbot, asked(window).word, OTHER)
    press(qtbot, window, Qt.Key.Key_Return)
    again = asked(window)
    assert again.block.error()
    typed(qtbot, again.word, WORD)
    press(qtbot, window, Qt.Key.Key_Return)
    assert open_dialog(window) is None
    assert page.checked is not None
    assert page.checked.plan.counts.rows_same == 1


def test_the_whole_shop_leaves_behind_a_password(
    window: MainWindow, qtbot: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    out = tmp_path / "整店.zip"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    window.navigate("io")
    page: Any = window.current_page()
    page.home.exports.whole.click()
    dialog = open_dialog(window)
    assert isinstance(dialog, ExportList)
    assert not dialog.masked.isVisible()
    dialog.sealed.click()
    typed(qtbot, dialog.password.word, WORD)
    typed(qtbot, dialog.password.again, WORD)
    dialog._save.click()
    settle()
    assert sealed.what_is_in(out) == sealed.LIST


def test_a_sealed_copy_is_restored_with_its_password(window: MainWindow, qtbot: Any, tmp_path: Path) -> None:
    carried = window.session.shop.backups.carry(tmp_path, WORD)
    window.session.shop.members.save(MemberDraft(name="王敏"))
    dialog = RestoreDialog(window, window.session, carried, "?")
    dialog.open()
    settle()
    assert QApplication.focusWidget() is dialog.word.word
    assert not dialog.yes.isEnabled()
    press(qtbot, window, Qt.Key.Key_Return)
    assert dialog.word.error() == t("pw.empty")
    typed(qtbot, dialog.word.word, OTHER)
    press(qtbot, window, Qt.Key.Key_Return)
    assert dialog.word.error() != t("pw.empty")
    dialog.word.word.clear()
    dialog._on_yes()
    assert dialog.word.error() == t("pw.empty")
    typed(qtbot, dialog.word.word, WORD)
    dialog.word.enter.click()
    assert dialog.yes.isEnabled()
    dialog.yes.click()
    settle()
    assert [row.name for row in window.session.view.search("王", 9)] == ["王丽"]


def test_a_sealed_copy_of_an_encrypted_shop_asks_for_each_password(
    window: MainWindow, qtbot: Any, tmp_path: Path, clock: Clock
) -> None:
    with Shop.open(tmp_path / "other.db", clock=clock) as other:
        other.members.save(MemberDraft(name="王敏"))
    encryption.encrypt(tmp_path / "other.db", WORD, clock)
    with Shop.open(tmp_path / "other.db", clock=clock) as other:
        carried = other.backups.carry(tmp_path / "stick", OTHER)
    keys.forget()
    dialog = RestoreDialog(window, window.session, carried, "?")
    dialog.open()
    settle()
    typed(qtbot, dialog.word.word, OTHER)
    press(qtbot, window, Qt.Key.Key_Return)
    assert QApplication.focusWidget() is dialog.inner.word
    assert (dialog.word.isVisible(), dialog.inner.error()) == (False, "")
    assert "两个密码" in dialog.words.text()
    typed(qtbot, dialog.inner.word, OTHER)
    press(qtbot, window, Qt.Key.Key_Return)
    assert "里面数据的密码不对" in dialog.inner.error()
    typed(qtbot, dialog.inner.word, WORD)
    press(qtbot, window, Qt.Key.Key_Return)
    assert dialog.yes.isEnabled()
    assert not dialog.inner.isVisible()
    dialog.yes.click()
    settle()
    assert [row.name for row in window.session.view.search("王", 9)] == ["王敏"]


# -- a damaged encrypted shop --------------------------------------------------------------------------------


def reopened(window: MainWindow, file: Path, new: bytes) -> bytes:
    """The window as it starts on the file with another beginning."""
    keys.forget()
    content = new + file.read_bytes()[len(new) :]
    file.write_bytes(content)
    window.rebuild()
    window.app.open(file)  # type: ignore[attr-defined]
    settle()
    return content


def test_with_the_right_password_a_damaged_beginning_is_known_as_such(
    locked: MainWindow, file: Path, qtbot: Any
) -> None:
    asked(locked).accept()
    ruined = reopened(locked, file, bytes(range(256)) * 16)
    typed(qtbot, asked(locked).word, WORD)
    press(qtbot, locked, Qt.Key.Key_Return)
    dialog = open_dialog(locked)
    assert isinstance(dialog, DamagedDialog)
    assert dialog.yes.isVisible()  # its last good copy
    dialog.look.click()
    settle()
    assert "救出 1 位会员" in dialog.found.text()
    assert not dialog.word.isVisible()
    assert file.read_bytes() == ruined
    dialog.take.click()
    settle()
    assert [row.name for row in locked.session.view.search("王", 9)] == ["王丽"]
    assert encryption.is_encrypted(file)


def test_a_cut_encrypted_file_is_salvaged_with_its_password(
    locked: MainWindow, file: Path, qtbot: Any
) -> None:
    asked(locked).accept()
    file.write_bytes(file.read_bytes()[:-5000])
    ruined = reopened(locked, file, b"")
    dialog = open_dialog(locked)
    assert isinstance(dialog, DamagedDialog)
    assert dialog.yes.isVisible()
    dialog.look.click()
    settle()
    typed(qtbot, dialog.word.word, OTHER)
    press(qtbot, locked, Qt.Key.Key_Return)  # and does not restore meanwhile
    assert open_dialog(locked) is dialog
    assert dialog.word.error()
    assert file.read_bytes() == ruined
    typed(qtbot, dialog.word.word, WORD)
    press(qtbot, locked, Qt.Key.Key_Return)
    assert "救出 1 位会员" in dialog.found.text()


def test_where_nothing_tells_a_wrong_password_from_damage_both_are_said(
    locked: MainWindow, file: Path, qtbot: Any
) -> None:
    encryption.unlock(file, WORD)
    key = encryption.recovery_of(file)
    asked(locked).accept()
    for copy in (file.parent / "backups").iterdir():
        copy.unlink()
    reopened(locked, file, bytes(range(256)) * 16)
    assert not asked(locked).instead.isVisible()
    typed(qtbot, asked(locked).word, WORD)
    press(qtbot, locked, Qt.Key.Key_Return)
    again = asked(locked)
    assert again.block.error() == t("pw.shop.damage")
    again.instead.click()
    settle()
    dialog = open_dialog(locked)
    assert isinstance(dialog, DamagedDialog)
    assert not dialog.yes.isVisible()
    dialog.look.click()
    settle()
    assert QApplication.focusWidget() is dialog.word.word
    typed(qtbot, dialog.word.word, WORD)
    press(qtbot, locked, Qt.Key.Key_Return)
    assert "开头坏了" in dialog.word.error()
    typed(qtbot, dialog.word.word, key)
    press(qtbot, locked, Qt.Key.Key_Return)
    assert "救出 1 位会员" in dialog.found.text()
    dialog.take.click()
    settle()
    assert [row.name for row in locked.session.view.search("王", 9)] == ["王丽"]
    assert encryption.recovery_of(file) == key


# -- the place of the settings -------------------------------------------------------------------------------


def place_of(window: MainWindow) -> Any:
    window.navigate("settings", place="passwords")
    settle()
    return window.current_page().places["passwords"]  # type: ignore[union-attr]


def encrypting(window: MainWindow) -> Encrypting:
    dialog = open_dialog(window)
    assert isinstance(dialog, Encrypting)
    return dialog


def test_the_shop_is_encrypted_and_shows_its_recovery_key(window: MainWindow, file: Path, qtbot: Any) -> None:
    plain = window.session.shop.backups.now("by_hand").path
    place = place_of(window)
    assert place.state.text() == t("enc.is.off")
    assert not place.off.isVisible()
    place.on.click()
    dialog = encrypting(window)
    assert dialog.new is not None
    assert dialog.understood is not None
    typed(qtbot, dialog.new.word, WORD)
    typed(qtbot, dialog.new.again, WORD)
    press(qtbot, window, Qt.Key.Key_Return)  # not before it is understood what is at stake
    assert encrypting(window) is dialog
    dialog.understood.click()
    dialog.yes.click()
    settle()
    assert encryption.is_encrypted(file)
    assert window.session.is_open
    shown = open_dialog(window)
    assert isinstance(shown, RecoveryKey)
    key = "-".join(shown.key.text().split())
    assert key == encryption.recovery_of(file)
    assert shown.remove.isVisible()
    shown.remove.click()
    settle()
    assert not plain.exists()
    assert encryption.plain_copies(file) == ()
    shown.print.click()
    settle()
    preview = open_dialog(window)
    assert isinstance(preview, PrintPreview)
    preview.reject()
    paper = window.session.shop.papers.recovery()
    assert key.split("-")[13] in str(paper.tables)
    assert paper.people == 0
    shown.accept()
    place = place_of(window)
    assert place.state.text() == t("enc.is.on")
    assert not place.on.isVisible()


def test_another_password_and_none_want_the_present_one(window: MainWindow, file: Path, qtbot: Any) -> None:
    window.session.rekey_wanted.emit(Rekey(WORD, ""))
    settle()
    open_dialog(window).accept()
    place_of(window).change.click()
    dialog = encrypting(window)
    assert dialog.new is not None
    assert dialog.understood is not None
    typed(qtbot, dialog.new.word, OTHER)
    typed(qtbot, dialog.new.again, OTHER)
    dialog.understood.click()
    dialog.yes.click()
    assert dialog.old_block.error() == t("pw.empty")
    typed(qtbot, dialog.old, "wrong word")
    dialog.yes.click()
    settle()
    open_dialog(window).reject()  # says that it was wrong
    keys.forget()
    encryption.unlock(file, WORD)
    window.session.rekey_wanted.emit(Rekey(OTHER, WORD))
    settle()
    open_dialog(window).accept()
    keys.forget()
    encryption.unlock(file, OTHER)
    place_of(window).off.click()
    dialog = encrypting(window)
    assert dialog.new is None
    typed(qtbot, dialog.old, OTHER)
    press(qtbot, window, Qt.Key.Key_Return)
    assert not encryption.is_encrypted(file)
    assert window.session.is_open


def test_a_copy_is_taken_along(
    window: MainWindow, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    place = place_of(window)
    place.carry_along.click()
    assert place.password.word_block.error()
    typed(qtbot, place.password.word, WORD)
    typed(qtbot, place.password.again, WORD)
    place.carry_along.click()
    settle()
    (carried,) = tmp_path.glob("*.zip")
    assert sealed.what_is_in(carried) == sealed.COPY
    assert place.password.word.text() == ""
