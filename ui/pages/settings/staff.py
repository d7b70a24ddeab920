"""The people who work here: add, rename, let go with everything handed over, take back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from shopcrm.basics.errors import ShopError
from shopcrm.basics.records import Changes, Done, StaffFigures, StaffId, StaffRow
from shopcrm.basics.rights import ROLES
from shopcrm.basics.texts import t
from ui import theme
from ui.dialogs.hand_over import Leaving
from ui.pages.base import Page
from ui.pages.settings.place import Place
from ui.session import Session
from ui.widgets import (
    Avatar,
    Button,
    Card,
    Combo,
    Dialog,
    ElidedLabel,
    FieldBlock,
    Input,
    Label,
    Line,
    SmallButton,
)

if TYPE_CHECKING:
    from shopcrm.shop import Shop

_ROW = 56
_NOTHING = StaffFigures(0, 0)


class StaffPlace(Place):
    """Who works here and who did; only the owner changes it."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.rows: dict[int, StaffLine] = {}
        self._card = Card(t("st.staff"))
        self._count = Label("", "body", "tx2")
        self._card.head.addWidget(self._count)
        self.add = Button(t("staff.add"), "primary", "user-plus")
        self.add.clicked.connect(self._on_add)
        self._card.head.addWidget(self.add)
        self._why_not = Label(t("staff.ownersonly"), "body", "tx2", wrap=True)
        self._card.body.addWidget(self._why_not)
        self._table, self._gone_table = QWidget(), QWidget()
        self._card.body.addWidget(self._table)
        self.column.addWidget(self._card)
        self._gone_card = Card(t("staff.gone"))
        self._gone_card.body.addWidget(self._gone_table)
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
        self._count.setText(t("staff.count", n=sum(person.active for person in people)))
        here = [person for person in people if person.active]
        gone = [person for person in people if not person.active]
        self.rows = {}
        self._table = self._renewed(self._table, here, figures, may)
        self._gone_table = self._renewed(self._gone_table, gone, figures, may)
        self._gone_card.setVisible(bool(gone))

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
        for column, name in enumerate(("name", "may", "members", "contacts")):
            grid.addWidget(Label(t("staff.col." + name), "label", "tx2"), 0, column + (column > 0))
        for number, person in enumerate(people):
            grid.addWidget(Line(), 2 * number + 1, 0, 1, 6)
            line = StaffLine(person, figures.get(person.id, _NOTHING), may=may)
            line.rename.clicked.connect(partial(self._on_rename, person))
            line.leave.clicked.connect(partial(self._on_leave, person))
            line.back.clicked.connect(partial(self._on_back, person))
            grid.setRowMinimumHeight(2 * number + 2, theme.px(_ROW))
            for column, widget in enumerate(line.widgets()):
                grid.addWidget(widget, 2 * number + 2, column)
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

    def _on_rename(self, person: StaffRow) -> None:
        StaffEdit(self, self.session, person).open()

    def _on_leave(self, person: StaffRow) -> None:
        dialog = Leaving(self, self.session, person)
        dialog.done_.connect(self.session.reread_staff)
        dialog.open()

    def _on_back(self, person: StaffRow) -> None:
        self.session.do(lambda shop, _: shop.settings.set_staff_active(person.id, True), origin=self)


class StaffLine:
    """One person: what she may do, her customers, her contacts of this month, what can be done."""

    def __init__(self, person: StaffRow, figures: StaffFigures, *, may: bool) -> None:
        self.rename = SmallButton(t("staff.change"))
        self.leave = SmallButton(t("staff.leave"))
        self.back = SmallButton(t("staff.back"))
        self._buttons = QWidget()
        row = QHBoxLayout(self._buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        for button, shown in (
            (self.rename, person.active),
            (self.leave, person.active),
            (self.back, not person.active),
        ):
            button.setAccessibleName(f"{button.words()} {person.name}")
            button.setEnabled(may)
            row.addWidget(button)
            button.setVisible(shown)
        self._person, self._figures = person, figures

    def widgets(self) -> list[QWidget]:
        """Its cells from the left."""
        person, figures = self._person, self._figures
        return [
            Avatar(person.name),
            Label(person.name, "name"),
            ElidedLabel(t("staff.may." + person.role)),
            Label(t("g.people", n=figures.members), "body", "tx2"),
            Label(t("staff.times", n=figures.contacts), "body", "tx2"),
            self._buttons,
        ]


class StaffEdit(Dialog):
    """A new person with what she may do, or another name for one."""

    def __init__(self, parent: QWidget, session: Session, person: StaffRow | None = None) -> None:
        title = t("staff.add") if person is None else t("staff.rename", name=person.name)
        super().__init__(parent, title, "user-plus" if person is None else "user", width=430)
        self._session, self._person = session, person
        self.name = Input(t("staff.name.ph"))
        self._block = FieldBlock(t("staff.col.name"), self.name)
        self.body.addWidget(self._block)
        self.role = Combo([(role, t("staff.may." + role)) for role in reversed(ROLES)])
        self.role.set_value("assistant")
        if person is None:
            self.body.addWidget(FieldBlock(t("staff.col.may"), self.role))
        else:
            self.name.setText(person.name)
        self.add_button(t("g.cancel"))
        self.save = self.add_button(t("g.save"), "primary", self._on_save)

    @Slot()
    def _on_save(self) -> None:
        name, role, person = self.name.text(), str(self.role.value()), self._person

        def save(shop: Shop, _progress: object) -> Done[object]:
            if person is None:
                return shop.settings.add_staff(name, role)
            return shop.settings.rename_staff(person.id, name)

        self._session.do(save, origin=self, done=self._on_done, failed=self._on_refused, busy=self.save)

    def _on_done(self, _result: object) -> None:
        self.accept()

    def _on_refused(self, error: Exception) -> None:
        self._block.set_error(error.sentence if isinstance(error, ShopError) else t("err.bug"))
        self.resize_to_content()
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)
