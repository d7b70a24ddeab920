"""The shop's file behind a password: turning that on, off, another password, and the recovery key to keep."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from shopcrm.basics.papers import Paper
from shopcrm.basics.texts import t
from ui.session import Rekey, Session
from ui.widgets import CheckBox, Dialog, FieldBlock, Label, PasswordInput, SmallButton
from ui.widgets.password import NewPassword

if TYPE_CHECKING:
    from shopcrm.shop import Shop, ShopView

_GROUPS = 4  # on a line


class Encrypting(Dialog):
    """What is asked before the file gets a password (`on`), another one (`change`) or none (`off`)."""

    def __init__(self, parent: QWidget, session: Session, what: str) -> None:
        super().__init__(parent, t(f"enc.{what}"), "lock", width=500)
        self._session = session
        self.body.addWidget(Label(t(f"enc.{what}.text"), "body", wrap=True))
        self.old = PasswordInput()
        self.old_block = FieldBlock(t("enc.old"), self.old)
        self.body.addWidget(self.old_block)
        if what == "on":
            self.old_block.hide()
        self.new: NewPassword | None = None
        self.understood: CheckBox | None = None
        if what != "off":
            self.new = NewPassword()
            self.new.entered.connect(self._on_yes)
            self.new.resized.connect(self.resize_to_content)
            self.body.addWidget(self.new)
            self.understood = CheckBox(t("enc.understood"))
            self.understood.toggled.connect(self._on_understood)
            self.body.addWidget(self.understood)
        self.add_button(t("g.cancel"))
        self.yes = self.add_button(t(f"enc.{what}.yes"), "primary", self._on_yes)
        self.yes.setEnabled(self.understood is None)
        self._has_old = what != "on"

    @Slot(bool)
    def _on_understood(self, on: bool) -> None:
        self.yes.setEnabled(on)

    @Slot()
    def _on_yes(self) -> None:
        if not self.yes.isEnabled():
            return
        if self._has_old and not self.old.text():
            self.old_block.set_error(t("pw.empty"))
            self.old.setFocus(Qt.FocusReason.OtherFocusReason)
            self.resize_to_content()
            return
        new = None if self.new is None else self.new.checked()
        if self.new is not None and new is None:
            return
        self.accept()
        self._session.rekey_wanted.emit(Rekey(new, self.old.text()))


class RecoveryKey(Dialog):
    """The key to be printed or written down, and the older copies that anybody could read."""

    print_wanted = Signal()

    def __init__(self, parent: QWidget, session: Session, key: str) -> None:
        super().__init__(parent, t("recovery.title"), "lock", width=500)
        self._session = session
        groups = key.split("-")
        lines = ("  ".join(groups[at : at + _GROUPS]) for at in range(0, len(groups), _GROUPS))
        self.key = Label("\n".join(lines), "h3")
        self.key.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.key.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.key.setAccessibleName(key)
        self.body.addWidget(self.key)
        self.body.addWidget(Label(t("enc.recovery.text"), "body", wrap=True))
        self.plain = Label("", "body", wrap=True)
        self.remove = SmallButton(t("enc.plain.remove"), icon="trash")
        for widget in (self.plain, self.remove):
            self.body.addWidget(widget)
            widget.hide()
        self.remove.clicked.connect(self._on_remove)
        self.print = self.add_button(t("enc.print"), slot=self.print_wanted.emit, icon="printer")
        self.add_button(t("enc.recovery.done"), "primary")
        path = session.shop.store.path
        assert path is not None
        self._path = path

    def open(self) -> None:
        """Show the key, and look meanwhile whether older copies can be read without it."""
        super().open()
        path = self._path

        def plain(_view: ShopView) -> int:
            from shopcrm.shop import encryption

            return len(encryption.plain_copies(path))

        self._session.query(plain, key="encrypting.plain", done=self._on_plain)

    def _on_plain(self, n: int) -> None:
        self.plain.setText(t("enc.plain", n=n))
        self.plain.setVisible(n > 0)
        self.remove.setVisible(n > 0)
        self.resize_to_content()

    @Slot()
    def _on_remove(self) -> None:
        self._session.do(_Removing(self._path), done=self._on_removed, busy=self.remove, say=False)

    def _on_removed(self, n: int) -> None:
        self.remove.hide()
        self.plain.setText(t("enc.plain.gone", n=n))
        self.resize_to_content()


class _Removing:
    """Deletes what can be read without the password, on the worker."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, _shop: Shop, _progress: object) -> int:
        from shopcrm.shop import encryption

        return encryption.remove_plain_copies(self._path)


def sheet(shop: Shop, _masked: bool, _messages: bool) -> Paper:
    """Composes the sheet with the recovery key, for the preview."""
    return shop.papers.recovery()
