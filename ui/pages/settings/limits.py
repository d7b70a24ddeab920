"""How much is too much, and which days count: the settings of the follow-ups beside the rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from shopcrm.basics.records import TYPE_KEYS
from shopcrm.basics.settings import SETTINGS
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_day, show_weekday
from ui import theme
from ui.pages.settings.rule_draft import RuleDraft
from ui.pages.settings.sentence import CardColumns, FieldSentence, days_stepper, name_field, short_combo
from ui.widgets import Button, Card, CheckBox, Chip, Combo, FlowRow, Label, Stepper, TypeBadge
from ui.widgets.day_picker import DayPicker

# Cards of sentences with one number: setting, unit.
_DAY = (("tasks_per_day", "rp.people"), *((f"day_{key}", "rp.people") for key in TYPE_KEYS))
_MEMBER = (
    ("contact_spacing", "rp.days"), *((f"cap_30_{key}", "rp.times") for key in TYPE_KEYS),
    ("cap_90", "rp.times"), ("no_selling_days", "rp.days"),
)  # fmt: skip
_OUTCOME = (
    ("no_answer_days", "rp.days"), ("most_tries", "rp.times"), ("most_snoozes", "rp.times"),
    ("later_days", "rp.days"), ("refused_pause_days", "rp.days"),
)  # fmt: skip
_HOURS = "contact_hours"
LIMITS = (*(key for key, _ in (*_DAY, *_MEMBER, *_OUTCOME)), _HOURS)
DAYS = ("closed_weekdays", "closed_days", "quiet_days", "season_dates", "sale_dates")
_FIRST_HOUR, _LAST_HOUR = 6, 23
_A_MONDAY = date(2024, 1, 1)
_WIDE = 860


class Limits(CardColumns):
    """How many a day, how often the same customer, what follows on an outcome, and at what hours."""

    changed = Signal(str, object)  # key of a setting, its value

    def __init__(self) -> None:
        super().__init__(_WIDE)
        self.numbers: dict[str, Stepper] = {}
        for title, rows, column in (
            ("rp.card.day", _DAY, 0), ("rp.card.member", _MEMBER, 1), ("rp.card.outcome", _OUTCOME, 0),
        ):  # fmt: skip
            card = Card(t(title))
            for key, unit in rows:
                card.body.addLayout(self._row(key, unit))
            self.add(card, column)
        self.hours = _Hours()
        self.hours.changed.connect(partial(self.changed.emit, _HOURS))
        self.add(self.hours, 1)

    def _row(self, key: str, unit: str) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.px(10))
        kind = key.rpartition("_")[2]
        if kind in TYPE_KEYS:
            row.addWidget(TypeBadge(kind, 24))
        row.addWidget(FieldSentence(f"rp.{key}", {"n": partial(self._number, key, unit)}), 1)
        return row

    def _number(self, key: str, unit: str) -> Stepper:
        setting = SETTINGS[key]
        is_unlimited = setting.default == 0
        low = 0 if is_unlimited else int(setting.low)
        made = days_stepper(low, int(setting.high), unit, t("rp.nolimit") if is_unlimited else "")
        name_field(made, t(f"rp.{key}", n=""))
        made.changed.connect(partial(self.changed.emit, key))
        self.numbers[key] = made
        return made

    def show_draft(self, draft: RuleDraft) -> None:
        """Show the settings as they would be, beside those in force."""
        for key, stepper in self.numbers.items():
            stepper.set_original(_whole(draft.in_force(key)))
            stepper.set_value(_whole(draft.value(key)))
        self.hours.show_hours(str(draft.value(_HOURS)))


class _Hours(Card):
    """Between which hours customers are contacted; switched off nobody is warned."""

    changed = Signal(str)

    def __init__(self) -> None:
        super().__init__(t("rp.card.hours"))
        self.switch = CheckBox(t("rp.hours.on"))
        self.body.addWidget(self.switch)
        makers: dict[str, Callable[[], QWidget]] = {"start": self._combo, "end": self._combo}
        self.sentence = FieldSentence("rp.hours", makers)
        self.body.addWidget(self.sentence)
        start, end = self.sentence.fields["start"], self.sentence.fields["end"]
        assert isinstance(start, Combo)
        assert isinstance(end, Combo)
        self.start, self.end = start, end
        self.start.setAccessibleName(t("rp.hours.from"))
        self.end.setAccessibleName(t("rp.hours.to"))
        self._last = str(SETTINGS[_HOURS].default)  # to come back to when switched on again
        self.switch.toggled.connect(self._on_changed)

    def _combo(self) -> Combo:
        made = short_combo([])
        made.picked.connect(self._on_changed)
        return made

    def show_hours(self, value: str) -> None:
        """Show HH:MM-HH:MM, or "" for no hours."""
        self.switch.blockSignals(True)
        self.switch.setChecked(bool(value))
        self.switch.blockSignals(False)
        self.sentence.setEnabled(bool(value))
        self._last = value or self._last
        start, _, end = self._last.partition("-")
        self._offer(start, end)

    def _offer(self, start: str, end: str) -> None:
        """Every half hour, and what was entered otherwise; the end comes after the start."""
        every = {f"{time(n // 2, n % 2 * 30):%H:%M}" for n in range(2 * _FIRST_HOUR, 2 * _LAST_HOUR + 2)}
        every |= {start, end}
        self.start.set_items([(at, at) for at in sorted(every) if at != max(every)])
        self.end.set_items([(at, at) for at in sorted(every) if at > start])
        self.start.set_value(start)
        self.end.set_value(end)

    @Slot()
    def _on_changed(self) -> None:
        start, end = str(self.start.value()), str(self.end.value())
        if end <= start:
            end = next((str(self.end.itemData(n)) for n in range(self.end.count())
                        if str(self.end.itemData(n)) > start), "24:00")  # fmt: skip
        self.changed.emit(f"{start}-{end}" if self.switch.isChecked() else "")


class Days(CardColumns):
    """When the shop is closed, when nobody is contacted, and when a season begins."""

    changed = Signal(str, object)  # key of a setting, its value

    def __init__(self) -> None:
        super().__init__(_WIDE)
        week = Card(t("rp.card.weekdays"))
        week.body.addWidget(Label(t("rp.weekdays.hint"), "label", "tx2", wrap=True))
        row = FlowRow()
        self.weekdays: list[Chip] = []
        for number in range(7):
            chip = Chip(show_weekday(_A_MONDAY.replace(day=1 + number)))
            chip.clicked.connect(self._on_weekday)
            self.weekdays.append(chip)
            row.add(chip)
        week.body.addWidget(row)
        self.problem = Label(t("rp.weekdays.all"), "small", "bad", wrap=True)
        self.problem.hide()
        week.body.addWidget(self.problem)
        self.add(week, 0)
        self.lists = {
            "closed_days": DayList("rp.card.closed", ""),
            "quiet_days": DayList("rp.card.quiet", "rp.quiet.hint", may_be_once=True),
            "season_dates": DayList("rp.card.seasons", "rp.seasons.hint"),
            "sale_dates": DayList("rp.card.sales", "rp.sales.hint"),
        }
        for number, (key, card) in enumerate(self.lists.items()):
            card.changed.connect(partial(self.changed.emit, key))
            self.add(card, int(number > 1))

    def show_draft(self, draft: RuleDraft, today: date) -> None:
        """Show the settings as they would be."""
        closed = _listed(draft.value("closed_weekdays"))
        for number, chip in enumerate(self.weekdays):
            chip.setChecked(number in closed)
        self.problem.hide()
        for key, card in self.lists.items():
            card.show_days([str(day) for day in _listed(draft.value(key))], today)

    @Slot()
    def _on_weekday(self) -> None:
        closed = [number for number, chip in enumerate(self.weekdays) if chip.isChecked()]
        if len(closed) == len(self.weekdays):
            chip = self.sender()
            assert isinstance(chip, Chip)
            chip.setChecked(False)
            self.problem.show()
            return
        self.problem.hide()
        self.changed.emit("closed_weekdays", closed)


class DayList(Card):
    """Days of every year, and where that makes sense single ones: added by the calendar, removed by click."""

    changed = Signal(object)  # list of MM-DD or YYYY-MM-DD

    def __init__(self, title: str, hint: str, *, may_be_once: bool = False) -> None:
        super().__init__(t(title))
        if hint:
            self.body.addWidget(Label(t(hint), "label", "tx2", wrap=True))
        self._days: list[str] = []
        self._today = _A_MONDAY
        self._row = FlowRow()
        self.chips: dict[str, Chip] = {}
        self.body.addWidget(self._row)
        foot = QHBoxLayout()
        foot.setSpacing(theme.px(14))
        self.add_day = Button(t("rp.day.add"), "text", "plus", "small")
        self.add_day.setAccessibleName(t("rp.day.adding", card=t(title)))
        self.add_day.clicked.connect(self._on_add)
        foot.addWidget(self.add_day)
        self.yearly = CheckBox(t("rp.day.yearly"))
        self.yearly.setChecked(True)
        if may_be_once:
            foot.addWidget(self.yearly)
        foot.addStretch(1)
        self.body.addLayout(foot)

    def show_days(self, days: list[str], today: date) -> None:
        """Show these days."""
        self._today = today
        if days == self._days and self.chips:
            return
        self._days = days
        self._row.clear()
        self.chips = {}
        for day in days:
            chip = Chip(_shown(day, today), icon="x", checkable=False)
            chip.setAccessibleName(t("rp.day.remove", day=_shown(day, today)))
            chip.setToolTip(chip.accessibleName())
            chip.clicked.connect(partial(self._on_removed, day))
            self.chips[day] = chip
            self._row.add(chip)
        if not days:
            self._row.add(Label(t("rp.day.none"), "label", "tx2"))

    @Slot()
    def _on_add(self) -> None:
        first = date(self._today.year, 1, 1)
        picker = DayPicker(self.add_day, first, date(self._today.year + 1, 12, 31))
        picker.picked.connect(self.take)
        picker.picked.connect(picker.deleteLater)
        picker.closed.connect(picker.deleteLater)
        picker.open(self._today)
        window = self.window()
        left = self.add_day.mapTo(window, QPoint(0, 0)).x()  # over its own card, not over what is left of it
        picker.move(min(left, window.width() - picker.width() - theme.px(8)), picker.y())

    @Slot(object)
    def take(self, day: date) -> None:
        """Add a day of the calendar."""
        form = f"{day:%m-%d}" if self.yearly.isChecked() else day.isoformat()
        self.changed.emit(sorted({*self._days, form}))

    def _on_removed(self, day: str) -> None:
        self.changed.emit([one for one in self._days if one != day])
        self.add_day.setFocus(Qt.FocusReason.OtherFocusReason)


def _shown(day: str, today: date) -> str:
    if len(day) == 5:
        return show_day(date(2024, int(day[:2]), int(day[3:])), date(2024, 1, 1))
    return t("rp.day.once", day=show_day(date.fromisoformat(day), today))


def _whole(value: object) -> int:
    return int(str(value))


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []
