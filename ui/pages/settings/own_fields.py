"""The shop's own fields of a member: add, rename, order, put away, take out again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shopcrm.basics.errors import InputError
from shopcrm.basics.records import Done, OwnField
from shopcrm.basics.texts import t
from shopcrm.shop.own_fields import MOST
from ui import theme
from ui.pages.base import Page
from ui.pages.settings.place import Place
from ui.widgets import Button, Card, FieldBlock, IconButton, Input, Label, SmallButton, empty

if TYPE_CHECKING:
    from shopcrm.shop import Shop

_NAME = 220


class OwnFieldsPlace(Place):
    """One line a field; everything is written at once and can be undone."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.lines: list[_Line] = []
        self.taken_out: dict[int, SmallButton] = {}
        card = Card(t("st.own"))
        self._count = Label("", "label", "tx2")
        card.head.addWidget(self._count)
        card.body.addWidget(Label(t("st.own.what"), "body", "tx2", wrap=True))
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.px(8))
        card.body.addLayout(self._list)
        self.name = Input(t("st.own.ph"))
        self.name_block = FieldBlock(t("st.own.new"), self.name, beside=self._add_button())
        self.name_block.setMaximumWidth(theme.px(420))
        card.body.addWidget(self.name_block)
        self.column.addWidget(card)
        self._away = Card(t("st.own.away"))
        self._away_list = QVBoxLayout()
        self._away.body.addLayout(self._away_list)
        self.column.addWidget(self._away)
        self.column.addStretch(1)
        self.name.returnPressed.connect(self._on_add)

    def _add_button(self) -> Button:
        self.add = Button(t("st.own.add"), "normal", "plus")
        self.add.clicked.connect(self._on_add)
        return self.add

    def read(self) -> None:
        fields = self.session.view.own_fields(gone=True)
        used = [field for field in fields if not field.gone]
        gone = [field for field in fields if field.gone]
        self._count.setText(t("st.own.count", n=len(used), most=MOST))
        self.add.setEnabled(len(used) < MOST)
        same = [line.field.id for line in self.lines] == [field.id for field in used]
        if same and list(self.taken_out) == [field.id for field in gone]:
            for line, field in zip(self.lines, used, strict=True):  # what is being clicked stays in place
                line.set_field(field)
            return
        self._fill(used, gone)

    def _fill(self, used: list[OwnField], gone: list[OwnField]) -> None:
        empty(self._list)
        empty(self._away_list)
        self.lines = []
        for field in used:
            line = _Line(field, first=field is used[0], last=field is used[-1])
            line.renamed.connect(partial(self._rename, field.id))
            line.moved.connect(partial(self._move, field.id))
            line.away.connect(partial(self._put_away, field.id))
            self._list.addWidget(line)
            self.lines.append(line)
        self.taken_out = {field.id: self._gone(field) for field in gone}
        self._away.setVisible(bool(gone))

    def _gone(self, field: OwnField) -> SmallButton:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(Label(field.name, "body"))
        line.addWidget(Label(t("st.own.filled", n=f"{field.filled:,}"), "label", "tx2"))
        line.addStretch(1)
        button = SmallButton(t("st.own.out"))
        button.clicked.connect(partial(self._take_out, field.id))
        line.addWidget(button)
        self._away_list.addWidget(row)
        return button

    # -- what is done -------------------------------------------------------------------------------------

    @Slot()
    def _on_add(self) -> None:
        name = self.name.text()
        self._do(lambda shop: shop.members.own.add(name), self._on_added, self._on_refused)

    def _on_added(self, _result: object) -> None:
        self.name.clear()
        self.name_block.set_error("")
        self.read()
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_refused(self, error: Exception) -> None:
        if isinstance(error, InputError):
            self.name_block.set_error(error.sentence)
        else:
            self.page.show_error(error, self._on_add)

    def _rename(self, field: int, name: str) -> None:
        self._do(lambda shop: shop.members.own.rename(field, name), self._on_done, self._on_not_renamed)

    def _on_not_renamed(self, error: Exception) -> None:
        self.read()
        self.page.toast(error.sentence if isinstance(error, InputError) else t("err.bug"), "alert-circle")

    def _move(self, field: int, step: int) -> None:
        order = [line.field.id for line in self.lines]
        at = order.index(field)
        to = at + step
        if 0 <= to < len(order):
            order[at], order[to] = order[to], order[at]
            self._do(lambda shop: shop.members.own.order(order), self._on_done)
            moved = next((line for line in self.lines if line.field.id == field), None)
            if moved is not None:
                moved.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def _put_away(self, field: int) -> None:
        self._do(lambda shop: shop.members.own.put_away(field), self._on_done)

    def _take_out(self, field: int) -> None:
        self._do(lambda shop: shop.members.own.take_out(field), self._on_done)

    def _on_done(self, _result: object) -> None:
        self.read()

    def _do(
        self, what: Callable[[Shop], Done[object]], done: Callable[[object], object],
        failed: Callable[[Exception], object] | None = None,
    ) -> None:  # fmt: skip
        self.session.do(lambda shop, _progress: what(shop), origin=self, done=done, failed=failed)


class _Name(Input):
    """Ctrl+↑ and Ctrl+↓ move the field instead of the cursor."""

    moved = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and event.key() in steps:
            self.moved.emit(steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)


class _Line(QWidget):
    """One field in use: its name to be typed over, how many have it, up, down, away."""

    renamed = Signal(str)
    moved = Signal(int)
    away = Signal()

    def __init__(self, field: OwnField, *, first: bool, last: bool) -> None:
        super().__init__()
        self.field = field
        self.name = _Name()
        self.name.setAccessibleName(t("st.own.name"))
        self.name.setFixedWidth(theme.px(_NAME))
        self.up, self.down = (
            IconButton("chevron-up", t("st.own.up")),
            IconButton("chevron-down", t("st.own.down")),
        )
        self.put_away = SmallButton(t("st.own.putaway"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(10))
        row.addWidget(self.name)
        self._filled = Label("", "label", "tx2")
        row.addWidget(self._filled)
        row.addStretch(1)
        for button in (self.up, self.down, self.put_away):
            row.addWidget(button)
        self.up.setEnabled(not first)
        self.down.setEnabled(not last)
        self.name.editingFinished.connect(self._on_finished)
        self.name.moved.connect(self.moved)
        self.up.clicked.connect(partial(self.moved.emit, -1))
        self.down.clicked.connect(partial(self.moved.emit, 1))
        self.put_away.clicked.connect(self.away)
        self.set_field(field)

    def set_field(self, field: OwnField) -> None:
        """Show the field as it is now."""
        self.field = field
        self.name.setText(field.name)
        self._filled.setText(t("st.own.filled", n=f"{field.filled:,}"))

    @Slot()
    def _on_finished(self) -> None:
        name = self.name.text().strip()
        if not name:
            self.name.setText(self.field.name)
        elif name != self.field.name:
            self.renamed.emit(name)
