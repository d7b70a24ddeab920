"""One follow-up rule on its settings page: switched, named, said in one sentence with its numbers in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shopcrm.basics.records import STOPS, RuleRow, RuleValues
from shopcrm.basics.texts import t
from ui import theme
from ui.pages.settings.rule_draft import moved
from ui.pages.settings.sentence import FieldSentence, days_stepper, name_field, short_combo
from ui.theme.tokens import CONTROL
from ui.widgets import CheckBox, Combo, ElidedLabel, Label, SmallButton, Stepper

_CHANNELS = {"message": "rp.how.message", "call": "rp.how.call", "": "rp.how.either"}
_INDENT = 32


class RuleLine(QWidget):
    """Shows the values of a rule; what is changed in it is told, and kept by whoever listens."""

    changed = Signal(str, str, object)  # key of the rule, what of it, RuleValues
    recommended = Signal(str)  # key of the rule

    def __init__(self, row: RuleRow) -> None:
        super().__init__()
        self.row, self._values = row, row.values
        self.switch = CheckBox(t(f"rule.{row.key}"))
        self.count = Label("", "label", "tx2")
        self.learned = ElidedLabel("", "small", "tx2")  # that its days follow the shop's own customers
        self.usual = SmallButton(t("rp.recommend"), icon="arrow-back-up")
        self.usual.setAccessibleName(t("rp.recommend.rule", rule=t(f"rule.{row.key}")))
        self.steps: dict[int, Stepper] = {}  # by number from 0; these four only where the sentence has them
        self.end: Stepper | None = None
        self.again: Stepper | None = None
        self.how: Combo | None = None
        makers: dict[str, Callable[[], QWidget]] = {"end": self._end, "again": self._again, "how": self._how}
        makers |= {f"s{n + 1}": partial(self._step, n) for n in range(len(row.default.steps))}
        self.sentence = FieldSentence(f"rule.{row.key}.does", makers)
        self.stops = {stop: self._stop(stop) for stop in row.stop_choices}
        self._lay_out()
        self.switch.toggled.connect(self._on_switched)
        self.usual.clicked.connect(self._on_recommended)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(theme.px(10))
        head.addWidget(self.switch)
        head.addWidget(self.learned, 1)
        head.addWidget(self.usual)
        head.addWidget(self.count)
        keep = self.usual.sizePolicy()
        keep.setRetainSizeWhenHidden(True)  # rows do not jump when it comes and goes
        self.usual.setSizePolicy(keep)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(2))
        column.addLayout(head)
        below = QHBoxLayout()
        below.setContentsMargins(theme.px(_INDENT), 0, 0, 0)
        below.addWidget(self.sentence)
        column.addLayout(below)

    # -- the fields -----------------------------------------------------------------------------------------

    def _step(self, number: int) -> Stepper:
        """Days after what the rule hangs on, or before it where it lies ahead."""
        low, high = self.row.step_limits[number]
        made = days_stepper(*((-high, -low) if self._is_before else (low, high)), "rp.days")
        name_field(made, t("rp.field.step", rule=t(f"rule.{self.row.key}"), n=number + 1))
        made.changed.connect(partial(self._on_step, number))
        self.steps[number] = made
        return made

    @property
    def _is_before(self) -> bool:
        return self.row.step_limits[0][0] < 0

    def _end(self) -> Stepper:
        low, high = self.row.expires_limits
        made = days_stepper(max(low, 0), high, "rp.days")
        name_field(made, t("rp.field.end", rule=t(f"rule.{self.row.key}")))
        made.changed.connect(self._on_end)
        self.end = made
        return made

    def _again(self) -> Stepper:
        low, high = self.row.again_limits or (0, 0)
        made = days_stepper(low, high, "rp.days")
        name_field(made, t("rp.field.again", rule=t(f"rule.{self.row.key}")))
        made.changed.connect(self._on_again)
        self.again = made
        return made

    def _how(self) -> Combo:
        made = short_combo([(channel, t(_CHANNELS[channel])) for channel in self.row.channels])
        made.setAccessibleName(t("rp.field.how", rule=t(f"rule.{self.row.key}")))
        made.picked.connect(self._on_how)
        self.how = made
        return made

    def _stop(self, stop: str) -> CheckBox:
        """What ends it before its time, behind the sentence."""
        made = CheckBox(t(f"rp.stop.{stop}"))
        made.setAccessibleName(t("rp.field.stop", rule=t(f"rule.{self.row.key}"), stop=made.text()))
        made.toggled.connect(partial(self._on_stop, stop))
        whole = QWidget()
        whole.setMinimumHeight(theme.px(CONTROL))
        row = QHBoxLayout(whole)
        row.setContentsMargins(theme.px(2), 0, theme.px(10), 0)
        row.addWidget(made)
        self.sentence.add(whole)
        return made

    # -- what is shown --------------------------------------------------------------------------------------

    def show_values(self, row: RuleRow, values: RuleValues) -> None:
        """Show these values, with `row` as what is in force."""
        self.row, self._values = row, values
        self.switch.blockSignals(True)
        self.switch.setChecked(values.on)
        self.switch.blockSignals(False)
        sign = -1 if self._is_before else 1
        for number, stepper in self.steps.items():
            low, high = self._room(number)
            stepper.set_range(*((-high, -low) if sign < 0 else (low, high)))
            stepper.set_original(sign * row.values.steps[number])
            stepper.set_value(sign * values.steps[number])
        if self.end is not None:
            # The survey's second step counts from the first try, and so has no end of its own to keep to.
            first = values.steps[0] if "" in row.channels else values.steps[-1]
            self.end.set_range(max(first, 0), row.expires_limits[1])
            self.end.set_original(row.values.expires)
            self.end.set_value(values.expires)
        if self.again is not None:
            self.again.set_original(row.values.again)
            self.again.set_value(values.again)
        if self.how is not None:
            self.how.set_value(values.channel)
        for stop, box in self.stops.items():
            anyway = stop in row.stops_anyway
            box.blockSignals(True)
            box.setChecked(anyway or stop in values.stops)
            box.blockSignals(False)
            box.setEnabled(not anyway)
        self.sentence.setEnabled(values.on)
        follows = row.learns and values.steps == row.default.steps
        self.learned.setText(t("rp.learns") if follows else "")
        self.usual.setVisible(values != row.default)

    def _room(self, number: int) -> tuple[int, int]:
        """Between which days a contact may be moved: they stay in their order."""
        low, high = self.row.step_limits[number]
        steps = self._values.steps
        if number:
            low = max(low, steps[number - 1] + 1)
        if number + 1 < len(steps):
            high = min(high, steps[number + 1] - 1)
        return min(low, high), high

    def show_count(self, words: str, *, is_changed: bool = False) -> None:
        """Say how many to-dos it makes today."""
        self.count.setText(words)
        self.count.set_tone("acc" if is_changed else "tx2")
        self.count.set_role("label_bold" if is_changed else "label")

    # -- what is changed ------------------------------------------------------------------------------------

    def _tell(self, field: str, values: RuleValues) -> None:
        self.changed.emit(self.row.key, field, values)

    @Slot(bool)
    def _on_switched(self, on: bool) -> None:
        self._tell("on", self._values._replace(on=on))

    def _on_step(self, number: int, shown: int) -> None:
        day = -shown if self._is_before else shown
        self._tell(f"step{number}", moved(self._values, number, day, self.row.expires_limits[1]))

    @Slot(int)
    def _on_end(self, days: int) -> None:
        self._tell("end", self._values._replace(expires=days))

    @Slot(int)
    def _on_again(self, days: int) -> None:
        self._tell("again", self._values._replace(again=days))

    @Slot(object)
    def _on_how(self, channel: object) -> None:
        self._tell("how", self._values._replace(channel=str(channel)))

    def _on_stop(self, stop: str, on: bool) -> None:
        chosen = {*self._values.stops, stop} if on else {*self._values.stops} - {stop}
        stops = tuple(one for one in STOPS if one in chosen)
        self._tell(f"stop.{stop}", self._values._replace(stops=stops))

    @Slot()
    def _on_recommended(self) -> None:
        self.recommended.emit(self.row.key)
        self.switch.setFocus(Qt.FocusReason.OtherFocusReason)


def count_words(key: str, now: Mapping[str, int], then: Mapping[str, int], *, on: bool) -> tuple[str, bool]:
    """How many to-dos a rule makes today, and whether a change shows in it."""
    before, after = now.get(key, 0), then.get(key, 0)
    if before != after:
        return t("rp.count.change", n=before, m=after), True
    return (t("rp.count", n=after) if on else t("rp.count.off")), False
