"""Who served, and on which day: the row under whatever is booked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from shopcrm.basics.records import StaffId, StaffRow
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_day
from ui import theme
from ui.widgets import Combo, Label
from ui.widgets.day_picker import DayPicker

PICK = "pick"
FIRST_DAY = date(1990, 1, 1)


class WhoWhen(QWidget):
    """The person using the program and today, unless somebody chooses otherwise."""

    moved = Signal()  # another day was chosen

    def __init__(self) -> None:
        super().__init__()
        self.picked: date | None = None  # the day that was chosen; None: today
        self._today = date.min
        self._current = StaffId(0)  # who uses the program, 0 for nobody
        self._people: list[tuple[int, str]] = []
        self.staff, self.day = Combo(), Combo()
        self._label = Label(t("today.col.staff"), "label", "tx2")
        self._label.setBuddy(self.staff)
        self.staff.setAccessibleName(t("today.col.staff"))
        self.staff.setFixedWidth(theme.px(104))
        self.day.setAccessibleName(t("ct.date"))
        self.day.setFixedWidth(theme.px(150))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        row.addWidget(self._label)
        row.addWidget(self.staff)
        row.addSpacing(theme.px(10))
        row.addWidget(Label(t("ct.date"), "label", "tx2"))
        row.addWidget(self.day)
        row.addStretch(1)
        self.day.picked.connect(self._on_day)

    def set_people(self, people: Sequence[StaffRow], current: StaffRow | None, *, keep: bool) -> None:
        """Offer who serves; chosen is who uses the program, or stays who was where `keep` says so."""
        names = [(int(person.id), person.name) for person in people]
        newcomer = current.id if current is not None else StaffId(0)
        if names == self._people and newcomer == self._current:
            return
        chosen = self.staff.value() if keep else None
        self._people, self._current = names, newcomer
        self.choose_person(chosen if isinstance(chosen, int) else newcomer)
        self.staff.setVisible(bool(people))
        self._label.setVisible(bool(people))

    def choose_person(self, chosen: int | None = None, name: str = "") -> None:
        """Choose a person, or who uses the program; `name`: of somebody who works here no longer but did
        then."""
        known = {person for person, _ in self._people}
        self.staff.set_items([*self._people, *([(chosen, name)] if name and chosen not in known else [])])
        self.staff.set_value(self._current if chosen is None else chosen)

    def person(self) -> StaffId | None:
        """Who served, None for nobody."""
        chosen = self.staff.value()
        return StaffId(chosen) if isinstance(chosen, int) and chosen else None

    def chosen_day(self) -> date:
        """The day it is booked on."""
        value = self.day.value()
        return value if isinstance(value, date) else self.picked or self._today

    def set_today(self, today: date) -> None:
        """Which day it is."""
        self._today = today

    def choose_day(self, day: date | None) -> None:
        """Book on this day, None: today; nobody is told."""
        self.picked = day
        if self._today == date.min:
            return
        yesterday = self._today - timedelta(days=1)
        items: list[tuple[object, str]] = [
            (self._today, t("ct.day", word=t("g.today"), day=show_day(self._today, self._today))),
            (yesterday, t("ct.day", word=t("g.yesterday"), day=show_day(yesterday, self._today))),
        ]
        if day not in (None, self._today, yesterday):
            assert day is not None
            items.append((day, show_day(day, self._today)))
        items.append((PICK, t("g.pickdate")))
        self.day.set_items(items)
        self.day.set_value(day or self._today)

    @Slot(object)
    def pick_day(self, day: date) -> None:
        """The same, and whoever listens is told."""
        self.choose_day(day)
        self.moved.emit()

    @Slot(object)
    def _on_day(self, value: object) -> None:
        if value != PICK:
            self.picked = value if isinstance(value, date) else None
            self.moved.emit()
            return
        before = self.picked or self._today
        self.day.set_value(before)
        picker = DayPicker(self.day, FIRST_DAY, self._today)
        picker.picked.connect(self.pick_day)
        picker.open(before)
