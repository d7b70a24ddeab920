"""Passwords of files: a copy to take along behind one, and the shop's own file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths, Qt, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from shopcrm.basics.progress import Progress
from shopcrm.basics.texts import t
from ui import theme
from ui.dialogs.encrypting import Encrypting, sheet
from ui.pages.base import Page
from ui.pages.settings.place import Place
from ui.theme import icons
from ui.widgets import Button, Card, Label, SmallButton
from ui.widgets.password import NewPassword

if TYPE_CHECKING:
    from shopcrm.shop import Shop, ShopView


class PasswordsPlace(Place):
    """What protects a file that others get hold of: on a stick, or with the whole computer."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.column.addWidget(self._build_shop())
        self.column.addWidget(self._build_carry())
        self.column.addStretch(1)

    def _build_shop(self) -> QWidget:
        card = Card(t("enc.card"))
        self._icon = QLabel()
        self.state, self.words = Label("", "h3"), Label("", "body", "tx2", wrap=True)
        words = QVBoxLayout()
        words.setSpacing(theme.px(2))
        words.addWidget(self.state)
        words.addWidget(self.words)
        row = QHBoxLayout()
        row.setSpacing(theme.px(14))
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        card.body.addLayout(row)
        self.on = Button(t("enc.on"), "primary", icon="lock")
        self.change = Button(t("enc.change"))
        self.sheet = Button(t("enc.print"), icon="printer")
        self.off = Button(t("enc.off"))
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(10))
        for what, button in (("on", self.on), ("change", self.change), ("off", self.off)):
            button.setObjectName(what)
            button.clicked.connect(self._on_encrypting)
        self.sheet.clicked.connect(self._on_sheet)
        for button in (self.on, self.sheet, self.change, self.off):
            buttons.addWidget(button)
            button.hide()
        buttons.addStretch(1)
        card.body.addLayout(buttons)
        return card

    def _build_carry(self) -> QWidget:
        card = Card(t("carry.card"))
        card.body.addWidget(Label(t("carry.text"), "body", "tx2", wrap=True))
        self.password = NewPassword()
        row = QHBoxLayout()  # not its whole width, which two short fields have no use for
        row.addWidget(self.password, 2)
        row.addStretch(1)
        card.body.addLayout(row)
        self.carry_along = SmallButton(t("carry.do"), icon="database-export")
        card.body.addWidget(self.carry_along, 0, Qt.AlignmentFlag.AlignLeft)
        self.carry_along.clicked.connect(self._on_carry)
        self.password.entered.connect(self._on_carry)
        return card

    # -- the shop's own file ------------------------------------------------------------------------------

    def read(self) -> None:
        path = self.session.shop.store.path

        def asked(_view: ShopView) -> bool | None:
            from shopcrm.shop import encryption

            return None if path is None else encryption.is_encrypted(path)

        self.session.query(asked, key="settings.encrypted", done=self._on_read)

    def _on_read(self, is_encrypted: bool | None) -> None:
        tokens = theme.now().tokens
        on = bool(is_encrypted)
        self.state.setText(t("enc.is.on") if on else t("enc.is.off"))
        self.words.setText(t("enc.is.on.text") if on else t("enc.is.off.text"))
        icon, colour = ("circle-check", tokens.ok) if on else ("info-circle", tokens.tx2)
        self._icon.setPixmap(icons.pixmap(icon, colour, theme.px(28)))
        self.on.setVisible(is_encrypted is False)
        for button in (self.sheet, self.change, self.off):
            button.setVisible(on)

    @Slot()
    def _on_encrypting(self) -> None:
        sender = self.sender()
        assert sender is not None
        Encrypting(self, self.session, sender.objectName()).open()

    @Slot()
    def _on_sheet(self) -> None:
        from ui.dialogs.print_preview import open_preview  # loads what Qt needs for printing

        open_preview(self, self.session, sheet)

    # -- a copy to take along -----------------------------------------------------------------------------

    @Slot()
    def _on_carry(self) -> None:
        word = self.password.checked()
        if word is None:
            return
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        start = str(self.session.prefs.get("carry_folder") or documents)
        chosen = QFileDialog.getExistingDirectory(self.window(), t("carry.where"), start)
        if not chosen:
            return
        self.session.prefs.set("carry_folder", chosen)
        self.session.do(
            _Carrying(Path(chosen), word), done=self._on_carried, busy=self.carry_along,
            progress=t("carry.card"), say=False,
        )  # fmt: skip

    def _on_carried(self, file: Path) -> None:
        self.password.clear()
        self.page.toast(t("carry.done", file=file.name, folder=str(file.parent)))


class _Carrying:
    """One copy to take along, made on the worker."""

    def __init__(self, folder: Path, password: str) -> None:
        self._folder, self._password = folder, password

    def __call__(self, shop: Shop, progress: Progress) -> Path:
        return shop.backups.carry(self._folder, self._password, progress)
