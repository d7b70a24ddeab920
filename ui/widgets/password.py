"""A new password, typed twice."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shopcrm.basics.errors import InputError
from shopcrm.basics.passwords import refuse_unfit, strength
from shopcrm.basics.texts import t
from ui import theme
from ui.widgets.inputs import CheckBox, FieldBlock, PasswordInput
from ui.widgets.labels import Label


class NewPassword(QWidget):
    """A new password, typed twice; says what it is worth, and what is wrong with it."""

    entered = Signal()
    resized = Signal()

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        self.word, self.again = PasswordInput(), PasswordInput()
        self.word_block = FieldBlock(t("pw.new"), self.word)
        self.again_block = FieldBlock(t("pw.again"), self.again)
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        for block in (self.word_block, self.again_block):
            row.addWidget(block, 1, Qt.AlignmentFlag.AlignTop)
        column.addLayout(row)
        self.shown = CheckBox(t("pw.show"))
        column.addWidget(self.shown)
        self.worth = Label(t("pw.rule"), "small", "tx2", wrap=True)
        column.addWidget(self.worth)
        self.shown.toggled.connect(self._on_shown)
        self.word.textChanged.connect(self._on_typed)
        self.word.returnPressed.connect(self._on_first_entered)
        self.again.returnPressed.connect(self.entered)

    def checked(self) -> str | None:
        """The password, None where it cannot be taken: then the fields say why."""
        word = self.word.text()
        try:
            refuse_unfit(word)
        except InputError as unfit:
            self._refuse(self.word_block, self.word, unfit.sentence)
            return None
        if self.again.text() != word:
            self._refuse(self.again_block, self.again, t("err.password_twice"))
            return None
        return word

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()  # it has gone to the other field, or said `entered`: a dialog would do it again
        else:
            super().keyPressEvent(event)

    def clear(self) -> None:
        """Nothing typed, as at first."""
        self.word.clear()
        self.again.clear()
        self.shown.setChecked(False)

    def _refuse(self, block: FieldBlock, field: PasswordInput, why: str) -> None:
        block.set_error(why)
        field.setFocus(Qt.FocusReason.OtherFocusReason)
        field.selectAll()
        self.resized.emit()

    @Slot(bool)
    def _on_shown(self, on: bool) -> None:
        self.word.show_text(on)
        self.again.show_text(on)

    @Slot(str)
    def _on_typed(self, word: str) -> None:
        self.worth.setText(t(f"pw.is.{strength(word)}") if word else t("pw.rule"))
        self.resized.emit()

    @Slot()
    def _on_first_entered(self) -> None:
        self.again.setFocus(Qt.FocusReason.TabFocusReason)
