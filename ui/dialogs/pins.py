"""Setting a PIN, and the recovery code an owner gets with hers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from shopcrm.basics.errors import InputError
from shopcrm.basics.records import Done, StaffId, StaffRow
from shopcrm.basics.texts import t
from ui import errors, theme
from ui.session import Session
from ui.widgets import Dialog, FieldBlock, Label, PinInput

if TYPE_CHECKING:
    from shopcrm.shop import Shop


class PinFields(QWidget):
    """A new PIN, typed twice; says what is wrong with it, and that it is easy to guess."""

    entered = Signal()

    def __init__(self, *, new: str = "") -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(12))
        self.pin, self.again = PinInput(), PinInput()
        self.pin_block = FieldBlock(new or t("pin.new"), self.pin)
        self.again_block = FieldBlock(t("pin.again"), self.again)
        for block in (self.pin_block, self.again_block):
            row.addWidget(block, 1, Qt.AlignmentFlag.AlignTop)
        self.pin.textChanged.connect(self._on_typed)
        self.pin.returnPressed.connect(self._on_first_entered)
        self.again.returnPressed.connect(self.entered)

    def is_empty(self) -> bool:
        """Whether nothing was typed."""
        return not self.pin.text() and not self.again.text()

    def checked(self) -> str | None:
        """The PIN, None where it cannot be taken: then the fields say why."""
        from shopcrm.shop.pins import is_pin

        pin = self.pin.text()
        if not is_pin(pin):
            self.refuse(InputError("pin", "pin_digits"))
            return None
        if self.again.text() != pin:
            self.again_block.set_error(t("pin.differs"))
            self.again.setFocus(Qt.FocusReason.OtherFocusReason)
            self.again.selectAll()
            return None
        return pin

    def refuse(self, error: Exception) -> None:
        """Say why the PIN was not taken."""
        self.pin_block.set_error(errors.sentence(error))
        self.pin.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(str)
    def _on_typed(self, text: str) -> None:
        from shopcrm.shop.pins import is_easy, is_pin

        self.pin_block.set_note(t("pin.easy") if is_pin(text) and is_easy(text) else "")

    @Slot()
    def _on_first_entered(self) -> None:
        self.again.setFocus(Qt.FocusReason.TabFocusReason)


class PinEdit(Dialog):
    """Her own PIN: the old one, where there is one, and the new one twice."""

    def __init__(self, parent: QWidget, session: Session, person: StaffRow) -> None:
        super().__init__(parent, t("pin.edit", name=person.name), "shield-lock", width=430)
        self._session, self._person = session, person
        self.old = PinInput()
        self.old_block = FieldBlock(t("pin.old"), self.old)
        self.fields = PinFields()
        if person.has_pin:
            self.body.addWidget(self.old_block)
            self.old.returnPressed.connect(self._on_old_entered)
        self.body.addWidget(self.fields)
        self.fields.entered.connect(self._on_save)
        self.add_button(t("g.cancel"))
        self.save = self.add_button(t("g.save"), "primary", self._on_save)

    @Slot()
    def _on_old_entered(self) -> None:
        self.fields.pin.setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _on_save(self) -> None:
        self.old_block.set_error("")
        pin = self.fields.checked()
        self.resize_to_content()
        if pin is None or not self.save.isEnabled():
            return
        person, old = self._person, self.old.text()
        self._session.do(
            lambda shop, _: given(shop, person.id, pin, old, is_owner=person.role == "owner"),
            done=self._on_done, failed=self._on_refused, busy=self.save,
        )  # fmt: skip

    def _on_done(self, done: Done[str]) -> None:
        window = self.window()
        self.accept()
        show_code(window, self._person.name, done.value)

    def _on_refused(self, error: Exception) -> None:
        if isinstance(error, InputError) and error.field != "pin_old":
            self.fields.refuse(error)
        else:
            self.old_block.set_error(errors.sentence(error))
            self.old.setFocus(Qt.FocusReason.OtherFocusReason)
            self.old.selectAll()
        self.resize_to_content()


def given(shop: Shop, staff: StaffId, pin: str, old: str = "", *, is_owner: bool) -> Done[str]:
    """On the worker: a person gets this PIN; the value is the recovery code of an owner, "" of others."""
    done = shop.pins.set(staff, pin, old)
    return Done(shop.pins.new_recovery(staff) if is_owner else "", done.changes, done.sentence, None)


def show_code(parent: QWidget, name: str, code: str) -> Dialog | None:
    """Show an owner's recovery code, once; nothing happens without one."""
    if not code:
        return None
    dialog = RecoveryCode(parent, name, code)
    dialog.open()
    return dialog


class RecoveryCode(Dialog):
    """The code to be written down: the Enter that ended the PIN, pressed twice, does not close it."""

    def __init__(self, parent: QWidget, name: str, code: str) -> None:
        super().__init__(parent, t("pin.recovery"), "shield-lock", width=430)
        self.code = Label(code, "h1")
        self.code.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.code.setTextInteractionFlags(  # by keyboard, too: it is what has the focus at first
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.code.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.code.setAccessibleName(code)
        self.body.addWidget(self.code)
        self.body.addWidget(Label(t("pin.recovery.text", name=name), "body", wrap=True))
        self.done = self.add_button(t("pin.recovery.done"), "normal", self.accept)
