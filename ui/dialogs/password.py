"""Asks for the password of something."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from shopcrm.basics.texts import t
from ui.widgets import CheckBox, Dialog, FieldBlock, Label, PasswordInput


class AskPassword(Dialog):
    """One field; `given` tells what was typed. A button `instead` leads elsewhere: `elsewhere`."""

    given = Signal(str)
    elsewhere = Signal()

    def __init__(self, parent: QWidget, title: str, words: str, wrong: str = "", instead: str = "") -> None:
        super().__init__(parent, title, "shield-lock", width=430)
        self.words = Label(words, "body", wrap=True)
        self.word = PasswordInput()
        self.block = FieldBlock(t("pw.word"), self.word)
        self.shown = CheckBox(t("pw.show"))
        for widget in (self.words, self.block, self.shown):
            self.body.addWidget(widget)
        self.block.set_error(wrong)
        self.shown.toggled.connect(self.word.show_text)
        self.add_button(t("g.cancel"))
        self.instead = self.add_button(instead, "normal", self._on_instead)
        self.instead.setVisible(bool(instead))
        self.yes = self.add_button(t("pw.open"), "primary", self._on_yes)

    @Slot()
    def _on_yes(self) -> None:
        word = self.word.text()
        if not word:
            self.block.set_error(t("pw.empty"))
            self.resize_to_content()
            return
        self.accept()
        self.given.emit(word)

    @Slot()
    def _on_instead(self) -> None:
        self.accept()
        self.elsewhere.emit()
