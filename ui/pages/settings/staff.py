"""The people who work here: add, change what they may do and their PINs, let go with everything handed over,
take back; and what the shop does for safety.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from shopcrm.basics.errors import InputError, Refusal
from shopcrm.basics.records import Changes, Done, StaffFigures, StaffId, StaffRow
from shopcrm.basics.rights import GRANTABLE, ROLES, USUAL
from shopcrm.basics.settings import SETTINGS
from shopcrm.basics.texts import t
from ui import errors, theme
from ui.dialogs.hand_over import Leaving
from ui.dialogs.pins import PinFields, given, show_code
from ui.pages.base import Page
from ui.pages.settings.place import Place
from ui.session import Session
from ui.widgets import (
    Avatar,
    Banner,
    Button,
    Card,
    CheckBox,
    Combo,
    Dialog,
    DialogScroll,
    ElidedLabel,
    FieldBlock,
    Input,
    Label,
    Line,
    PinInput,
    SmallButton,
    Stepper,
    Tag,
)

if TYPE_CHECKING:
    from shopcrm.shop import Shop

_ROW = 56
_NOTHING = StaffFigures(0, 0)
_NARROW = 760  # below, the figures are left out
_FIGURES = ("members", "contacts", "reveals")
_SAVE_MS = 700  # after the last step of a number


class StaffPlace(Place):
    """Who works here and who did; only the owner changes it."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.rows: dict[int, StaffLine] = {}
        self._figures: list[QWidget] = []
        self._card = Card(t("staff.title"))
        self._count = Label("", "body", "tx2")
        self._card.head.insertWidget(1, self._count)
        self.add = Button(t("staff.add"), "primary", "user-plus")
        self.add.clicked.connect(self._on_add)
        self._card.head.addWidget(self.add)
        self._why_not = Label(t("staff.ownersonly"), "body", "tx2", wrap=True)
        self._card.body.addWidget(self._why_not)
        self.open_door = Banner("warn", closable=False)
        self._card.body.addWidget(self.open_door)
        self._table, self._gone_table = QWidget(), QWidget()
        self._card.body.addWidget(self._table)
        self.column.addWidget(self._card)
        self._gone_card = Card(t("staff.gone"))
        self._gone_card.body.addWidget(self._gone_table)
        self.safety = SafetyCard(page)
        self.column.addWidget(self.safety)
        self.column.addWidget(self._gone_card)
        self.column.addStretch(1)

    def concerned(self, changes: Changes) -> bool:
        return bool(changes.settings or changes.members or changes.tasks)

    def read(self) -> None:
        self.session.query(
            lambda view: (view.staff(), view.staff_figures()), key="settings.staff", done=self._on_read
        )

    def _on_read(self, answer: tuple[tuple[StaffRow, ...], Mapping[StaffId, StaffFigures]]) -> None:
        people, figures = answer
        may = self.session.may("staff")
        self._why_not.setVisible(not may)
        self.add.setEnabled(may)
        self.safety.read()
        self._count.setText(t("staff.count", n=sum(person.active for person in people)))
        here = [person for person in people if person.active]
        self._warn(here if may else ())
        gone = [person for person in people if not person.active]
        self.rows, self._figures = {}, []
        self._table = self._renewed(self._table, here, figures, may)
        self._gone_table = self._renewed(self._gone_table, gone, figures, may)
        self._gone_card.setVisible(bool(gone))
        self._fit()

    def _warn(self, here: Sequence[StaffRow]) -> None:
        """Say of whom anybody may take the place: then nothing is kept from assistants."""
        open_owners = [person.name for person in here if person.role == "owner" and not person.has_pin]
        is_open = bool(open_owners) and any(person.role != "owner" for person in here)
        if is_open:
            self.open_door.set_text(t("staff.open_door", name=escape(t("g.list").join(open_owners))))
        self.open_door.setVisible(is_open)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.parentWidget()
        wide = room is None or room.width() >= theme.px(_NARROW)
        for figure in self._figures:
            figure.setVisible(wide)

    def _renewed(
        self, old: QWidget, people: Sequence[StaffRow], figures: Mapping[StaffId, StaffFigures], may: bool
    ) -> QWidget:
        """A table of these people in place of the old one."""
        new = QWidget()
        grid = QGridLayout(new)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(20))
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(2, 1)
        for column, name in enumerate(("name", "may", "pin", *_FIGURES)):
            head = Label(t("staff.col." + name), "label", "tx2")
            grid.addWidget(head, 0, column + (column > 0))
            if name in _FIGURES:
                self._figures.append(head)
        owners = [person.id for person in people if person.role == "owner"]
        for number, person in enumerate(people):
            grid.addWidget(Line(), 2 * number + 1, 0, 1, 8)
            line = StaffLine(person, figures.get(person.id, _NOTHING), may=may)
            if owners == [person.id] and len(people) > 1:  # somebody has to be left who may do everything
                line.leave.hide()
            line.change.clicked.connect(partial(self._on_change, person))
            line.leave.clicked.connect(partial(self._on_leave, person))
            line.back.clicked.connect(partial(self._on_back, person))
            grid.setRowMinimumHeight(2 * number + 2, theme.px(_ROW))
            for column, widget in enumerate(line.widgets()):
                grid.addWidget(widget, 2 * number + 2, column)
            self._figures += line.figures
            self.rows[int(person.id)] = line
        card = self._card if old is self._table else self._gone_card
        # replaceWidget answers an item of the layout whose wrapper outlives it and later stands for others.
        at = card.body.indexOf(old)
        card.body.removeWidget(old)
        card.body.insertWidget(at, new)
        old.hide()
        old.deleteLater()
        return new

    # -- what is done -------------------------------------------------------------------------------------

    @Slot()
    def _on_add(self) -> None:
        StaffEdit(self, self.session).open()

    def _on_change(self, person: StaffRow) -> None:
        StaffEdit(self, self.session, person).open()

    def _on_leave(self, person: StaffRow) -> None:
        dialog = Leaving(self, self.session, person)
        dialog.done_.connect(self.session.reread_staff)
        dialog.open()

    def _on_back(self, person: StaffRow) -> None:
        self.session.do(lambda shop, _: shop.settings.set_staff_active(person.id, True), origin=self)


class StaffLine:
    """One person: what she may do, her customers, her contacts of this month, the whole numbers she looked
    at today, what can be done."""

    def __init__(self, person: StaffRow, figures: StaffFigures, *, may: bool) -> None:
        self.change = SmallButton(t("staff.change"))
        self.leave = SmallButton(t("staff.leave"))
        self.back = SmallButton(t("staff.back"))
        self._buttons = QWidget()
        row = QHBoxLayout(self._buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        for button, shown in (
            (self.change, person.active),
            (self.leave, person.active),
            (self.back, not person.active),
        ):
            button.setAccessibleName(f"{button.words()} {person.name}")
            button.setEnabled(may)
            row.addWidget(button)
            button.setVisible(shown)
        self._person, self._of = person, figures
        self.figures: list[QWidget] = []

    def widgets(self) -> list[QWidget]:
        """Its cells from the left."""
        person, figures = self._person, self._of
        self.figures = [
            Label(t("g.people", n=figures.members), "body", "tx2"),
            Label(t("staff.times", n=figures.contacts), "body", "tx2"),
            Label(t("reveal.n", n=figures.reveals_today) if figures.reveals_today else "—", "body", "tx2"),
        ]
        pin = Tag(t("staff.pin.yes")) if person.has_pin else Tag(t("staff.pin.no"), "warn")
        return [
            Avatar(person.name),
            Label(person.name, "name"),
            ElidedLabel(may_do(person)),
            pin if person.active else QWidget(),
            *self.figures,
            self._buttons,
        ]


def may_do(person: StaffRow) -> str:
    """What a person may do, in words."""
    words = t("staff.may." + person.role)
    rights = [t(f"staff.also.{right}") for right in person.rights] if person.role == "assistant" else []
    return t("g.list").join((words, *rights))


class StaffEdit(Dialog):
    """A new person, or another name, role, rights or PIN for one."""

    def __init__(self, parent: QWidget, session: Session, person: StaffRow | None = None) -> None:
        title = t("staff.add") if person is None else t("staff.edit", name=person.name)
        super().__init__(parent, title, "user-plus" if person is None else "user", width=500)
        self._session, self._person = session, person
        self.name = Input(t("staff.name.ph"))
        self._block = FieldBlock(t("staff.col.name"), self.name)
        self.role = Combo([(role, t("staff.may." + role)) for role in reversed(ROLES)])
        self._role_block = FieldBlock(t("staff.col.may"), self.role)
        self.rights = {right: CheckBox(t("right." + right)) for right in GRANTABLE}
        self.old = PinInput()
        self.old_block = FieldBlock(t("pin.old"), self.old, t("pin.old.when"))
        self.pin = PinFields(new=t("pin.new" if person is not None and person.has_pin else "pin.set"))
        self.clear = CheckBox(t("pin.clear"))
        self._build()
        self.role.set_value("assistant" if person is None else person.role)
        if person is not None:
            self.name.setText(person.name)
        for right, box in self.rights.items():
            box.setChecked(right in (USUAL if person is None else person.rights))
        self._on_role()
        self.add_button(t("g.cancel"))
        self.save = self.add_button(t("g.save"), "primary", self._on_save)

    def _build(self) -> None:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, theme.px(6), 0)
        column.setSpacing(theme.px(10))
        column.addWidget(self._block)
        column.addWidget(self._role_block)
        self._ticks = QWidget()
        grid = QGridLayout(self._ticks)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(0)
        grid.addWidget(Label(t("staff.also"), "label", "tx2"), 0, 0, 1, 2)
        for number, box in enumerate(self.rights.values()):
            last = number == len(self.rights) - 1
            grid.addWidget(box, 1 + number // 2, number % 2, 1, 2 if last else 1)
        column.addWidget(self._ticks)
        if self._has_own_pin():
            column.addWidget(self.old_block)
        column.addWidget(self.pin)
        if self._person is not None and self._person.has_pin:
            column.addWidget(self.clear)
        self._scroll = DialogScroll(content)
        self.body.addWidget(self._scroll)
        self.role.picked.connect(self._on_role)
        self.clear.toggled.connect(self._on_clear)
        self.pin.entered.connect(self._on_save)

    def _has_own_pin(self) -> bool:
        """Whether she who changes is the person: then her old PIN is asked."""
        me, person = self._session.staff, self._person
        return person is not None and person.has_pin and me is not None and me.id == person.id

    @Slot()
    def _on_role(self) -> None:
        self._ticks.setVisible(self.role.value() == "assistant")
        if self.isVisible():
            self.resize_to_content()

    @Slot(bool)
    def _on_clear(self, cleared: bool) -> None:
        self.pin.setEnabled(not cleared)

    def focusNextPrevChild(self, forward: bool) -> bool:
        moved = super().focusNextPrevChild(forward)
        self._scroll.follow_focus()
        return moved

    @Slot()
    def _on_save(self) -> None:
        name, role, person = self.name.text(), str(self.role.value()), self._person
        rights = tuple(right for right, box in self.rights.items() if box.isChecked())
        clear = self.clear.isChecked()
        for block in (self._block, self._role_block, self.old_block):
            block.set_error("")
        pin: str | None = ""
        if not clear and not self.pin.is_empty():
            pin = self.pin.checked()
            self.resize_to_content()
        if pin is None or not self.save.isEnabled():
            return
        staff = None if person is None else person.id

        def save(shop: Shop, _progress: object) -> Done[StaffId] | Done[None]:
            if staff is None:
                return shop.settings.add_staff(name, role, rights)
            return shop.settings.change_staff(staff, role, rights, name)

        self._session.do(
            save, origin=self, done=partial(self._on_saved, role, pin), failed=self._on_refused,
            busy=self.save,
        )  # fmt: skip

    def _on_saved(self, role: str, pin: str, done: Done[StaffId | None]) -> None:
        """Name and rights stand; now her PIN."""
        before = self._person
        if done.value is not None:  # should the PIN be refused, she is there already
            self._person = StaffRow(done.value, self.name.text(), role, True)
        person, clear, old = self._person, self.clear.isChecked(), self.old.text()
        assert person is not None
        is_owner = role == "owner"
        becomes_owner = is_owner and before is not None and before.has_pin and before.role != "owner"

        def secure(shop: Shop, _progress: object) -> Done[str]:
            if pin:
                return given(shop, person.id, pin, old, is_owner=is_owner)
            if clear:
                cleared = shop.pins.clear(person.id, old)
                return Done("", cleared.changes, cleared.sentence)
            return Done(shop.pins.new_recovery(person.id), done.changes, done.sentence)

        if pin or clear or becomes_owner:
            self._session.do(secure, done=self._on_secured, failed=self._on_pin_refused, busy=self.save)
        else:
            self.accept()

    def _on_secured(self, done: Done[str]) -> None:
        window, name = self.window(), self.name.text().strip()
        self.accept()
        show_code(window, name, done.value)

    def _on_refused(self, error: Exception) -> None:
        of_role = isinstance(error, Refusal) and error.code == "staff_last_owner"
        block = self._role_block if of_role else self._block
        block.set_error(errors.sentence(error))
        self.resize_to_content()
        block.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_pin_refused(self, error: Exception) -> None:
        if self._has_own_pin() and not (isinstance(error, InputError) and error.field == "pin"):
            self.old_block.set_error(errors.sentence(error))
            self.old.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.pin.refuse(error)
        self.resize_to_content()


class SafetyCard(Card):
    """What the shop does for safety; every tick is in force at once."""

    def __init__(self, page: Page) -> None:
        super().__init__(t("sf.title"))
        self._page, self._session = page, page.session
        self.locks = CheckBox(t("sf.lock"))
        self.minutes = self._stepper("staff.lock_minutes", "sf.minutes")
        self.masks = CheckBox(t("sf.mask"))
        self.hide_phones = CheckBox(t("sf.hide"))
        self.reveals = self._stepper("staff.reveals_a_day", "sf.reveals")
        self._of: dict[str, CheckBox | Stepper] = {
            "staff.locks": self.locks, "staff.lock_minutes": self.minutes, "staff.mask_exports": self.masks,
            "staff.hide_phones": self.hide_phones, "staff.reveals_a_day": self.reveals,
        }  # fmt: skip
        for key, box in self._of.items():
            if isinstance(box, CheckBox):
                box.clicked.connect(partial(self._on_ticked, key))
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SAVE_MS)
        self._soon.timeout.connect(self._save)
        for box, behind in ((self.locks, self.minutes), (self.masks, None), (self.hide_phones, self.reveals)):
            row = QHBoxLayout()
            row.setSpacing(theme.px(12))
            row.addWidget(box)
            if behind is not None:
                row.addWidget(behind)
            row.addStretch(1)
            self.body.addLayout(row)
        self.body.addWidget(Label(t("sf.only_window"), "label", "tx2", wrap=True))

    def _stepper(self, key: str, unit: str) -> Stepper:
        limits = SETTINGS[key]
        made = Stepper(int(limits.low), int(limits.high), 1, unit)
        made.setAccessibleName(t(unit, n=""))
        made.set_width(theme.px(150))
        made.changed.connect(self._on_number)
        return made

    def read(self) -> None:
        """Show what is in force, unless a number is just being changed."""
        if self._soon.isActive():
            return
        may = self._session.may("settings")
        for key, part in self._of.items():
            value = self._session.view.setting(key)
            if isinstance(part, CheckBox):
                part.setChecked(bool(value))
            else:
                part.set_value(int(str(value)))
            part.setEnabled(may)
        self.minutes.setEnabled(may and self.locks.isChecked())
        self.reveals.setEnabled(may and self.hide_phones.isChecked())

    def _on_ticked(self, key: str) -> None:
        box = self._of[key]
        assert isinstance(box, CheckBox)
        self._write({key: box.isChecked()})

    @Slot()
    def _on_number(self) -> None:
        self._soon.start()

    @Slot()
    def _save(self) -> None:
        self._soon.stop()
        self._write({
            "staff.lock_minutes": self.minutes.value(), "staff.reveals_a_day": self.reveals.value(),
        })  # fmt: skip

    def _write(self, values: dict[str, object]) -> None:
        self._session.do(lambda shop, _: shop.settings.set_many(values), origin=self, failed=self._on_refused)

    def _on_refused(self, error: Exception) -> None:
        self.read()
        self._page.show_error(error)

    def hideEvent(self, event: QHideEvent) -> None:
        if self._soon.isActive():
            self._save()
        super().hideEvent(event)
