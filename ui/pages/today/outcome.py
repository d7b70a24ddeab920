"""What came of a contact: six tiles, the next step belonging to each, a note, and the button that saves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from shopcrm.basics.records import AWAY_REASONS, OUTCOMES, OutcomeDraft, TaskRow
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_day, show_weekday
from ui import theme
from ui.widgets import Button, Combo, Input, Label, OutcomeTile, SmallButton

if TYPE_CHECKING:
    from ui.widgets.day_picker import DayPicker

PICK = "pick"
MOST_NOTE = 200
LAST_DAYS = 365  # how far ahead a next day may lie
REASONS = ("none", "price", "style", "size", "inconvenient", "never")
ANOTHER_WAY = 7  # days until a call that was tried often enough is tried another way
# What she said herself: that nobody reached her or that she wants no more calls are outcomes of their own.
AWAY = tuple(reason for reason in AWAY_REASONS if reason not in ("unreachable", "refused"))


class Steps(NamedTuple):
    """The shop's settings on what follows an outcome."""

    no_answer_days: int = 2
    most_tries: int = 3
    most_snoozes: int = 3
    pause_days: int = 90
    later_days: int = 3

    @classmethod
    def of(cls, setting: Callable[[str], object]) -> Steps:
        """As set by the owner."""
        names = ("no_answer_days", "most_tries", "most_snoozes", "refused_pause_days", "later_days")
        return cls(*(int(str(setting(name))) for name in names))


USUAL = Steps()


def follow_ups(
    outcome: str, today: date, task: TaskRow | None = None, steps: Steps = USUAL
) -> list[tuple[object, str]]:
    """What can follow an outcome of a to-do, the usual one first: days for 2, 3 and 6, reasons for 4, and of
    somebody who stays away the reason for 1, too."""

    def day(n: int, words: str) -> tuple[object, str]:
        return today + timedelta(days=n), words

    pick = (PICK, t("g.pickdate"))
    tomorrow = today + timedelta(days=1)
    tries = task.tries if task else 0
    if outcome == "no_answer" and tries >= steps.most_tries:
        return []  # that was the last try: nothing follows
    if outcome == "no_answer" and task is not None and tries + 1 >= steps.most_tries:
        other = "out.otherway.message" if task.may_message else "out.otherway.call"
        soon = [day(1, t("out.again_tomorrow")), day(3, t("out.again", n=3))]
        return [day(ANOTHER_WAY, t(other)), *soon, pick]
    if outcome == "no_answer":
        days = dict.fromkeys((steps.no_answer_days, 1, 3))
        return [*(day(n, t("out.again", n=n) if n > 1 else t("out.again_tomorrow")) for n in days), pick]
    if outcome == "will_come":
        named = t("out.day", day=t("g.tomorrow"), weekday=show_weekday(tomorrow))
        return [day(1, named), day(0, t("g.today")), day(12 - today.weekday(), t("out.nextsaturday")), pick]
    if outcome == "later":
        monday = 7 - today.weekday()
        usual = [day(steps.later_days, t("out.indays", n=steps.later_days))] if steps.later_days > 1 else []
        return [*usual, day(1, t("g.tomorrow")), day(monday, t("out.nextmonday")), pick]
    away = task is not None and task.rule.startswith("X")
    if outcome == "refused":
        *others, last = REASONS
        said = (*dict.fromkeys((*others, *AWAY)), last) if away else REASONS
        return [(reason, t("out.r." + reason)) for reason in said]
    if outcome == "reached" and away:
        return [(reason, t("out.r." + reason)) for reason in ("none", *AWAY)]
    return []


class OutcomeForm(QWidget):
    """Choose an outcome by digit or click, then save; `draft` is what would be written."""

    save_wanted = Signal()
    take_back_wanted = Signal()
    chosen_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._today = date.min
        self._task: TaskRow | None = None
        self.steps = USUAL
        self._picker: DayPicker | None = None
        self.tiles = [OutcomeTile(n, t("out." + str(n))) for n in range(1, 7)]
        self.tiles[4].setToolTip(t("out.tip.5"))
        self.tiles[5].setToolTip(t("out.tip.6"))
        self._title = Label(t("today.result"), "label_bold", "tx2")
        self._hint = Label(t("today.resulthint"), "small", "tx2")
        self.next_step = Combo()
        self.next_step.setAccessibleName(t("today.followup"))
        self.note = Input(t("today.note"))
        self.note.setAccessibleName(t("today.note"))
        self.note.setMaxLength(MOST_NOTE)
        self.save = Button(t("today.savenext"), "primary")
        self.take_back = SmallButton(t("today.takeback"), icon="arrow-back-up")
        self._build()
        self._connect()
        self._show_choice()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self._hint)
        head.addWidget(self.take_back)
        column.addLayout(head)
        grid = QGridLayout()
        grid.setSpacing(theme.px(8))
        for number, tile in enumerate(self.tiles):
            grid.addWidget(tile, number // 3, number % 3)
        for number in range(3):
            grid.setColumnStretch(number, 1)
        column.addLayout(grid)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        self.next_step.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.next_step.setFixedWidth(theme.px(124))
        row.addWidget(self.next_step)
        row.addWidget(self.note, 1)
        row.addWidget(self.save)
        column.addLayout(row)

    def _connect(self) -> None:
        for tile in self.tiles:
            tile.clicked.connect(self._on_tile)
        self.next_step.picked.connect(self._on_next_step)
        self.note.textEdited.connect(self._on_noted)
        self.save.clicked.connect(self.save_wanted)
        self.take_back.clicked.connect(self.take_back_wanted)

    # -- state --------------------------------------------------------------------------------------------

    def start(self, task: TaskRow | None, today: date, *, changing: bool = False) -> None:
        """Begin with another to-do; `changing` shows the outcome it was closed with."""
        self._today, self._task = today, task
        self.save.setText(t("today.savechange") if changing else t("today.savenext"))
        self.take_back.setVisible(changing)
        self._hint.setVisible(not changing)
        for tile in self.tiles:
            tile.setChecked(False)
        if changing and task is not None and task.outcome in OUTCOMES:
            self.tiles[OUTCOMES.index(task.outcome)].setChecked(True)
        self.note.setText(task.note if changing and task is not None else "")
        self.note.setCursorPosition(0)  # a long one is read from its beginning
        self._show_choice()
        if changing and task is not None:
            self._show_what_was(task)
        self.setEnabled(changing or task is None or task.state == "open")

    def follow(self, task: TaskRow, *, changing: bool) -> None:
        """The same to-do was read again: what is chosen and typed stays, unless its outcome was put right."""
        if changing and self._task is not None and _recorded(task) != _recorded(self._task):
            self.start(task, self._today, changing=True)
        self._task = task

    def _show_what_was(self, task: TaskRow) -> None:
        """The next step recorded, and nothing to save until something is chosen anew."""
        choices = self._choices()
        if task.next_day is not None and all(value != task.next_day for value, _ in choices):
            choices.insert(0, self._named(task.next_day))
            self.next_step.set_items(choices)
        self.next_step.set_value(task.next_day or task.reason)
        self.save.setEnabled(False)

    @property
    def is_ready(self) -> bool:
        """Whether there is something to save."""
        return self.save.isEnabled() and self.isEnabled()

    def outcome(self) -> str:
        """The outcome chosen, "" for none."""
        for number, tile in enumerate(self.tiles):
            if tile.isChecked():
                return OUTCOMES[number]
        return ""

    def toggle(self, digit: int) -> None:
        """A digit was pressed: choose that outcome; the same digit again clears it."""
        for number, tile in enumerate(self.tiles):
            tile.setChecked(number == digit - 1 and not tile.isChecked())
        self._show_choice()

    def clear(self) -> None:
        """Choose nothing."""
        for tile in self.tiles:
            tile.setChecked(False)
        self._show_choice()

    def need_outcome(self) -> None:
        """Enter without an outcome: say what is missing."""
        self.say_wrong(t("today.needoutcome"))

    def say_wrong(self, words: str) -> None:
        """Say in the head of the tiles why nothing was saved."""
        self._hint.setText(words)
        self._hint.set_tone("bad")
        self._hint.show()

    def draft(self, message: str, template: str) -> OutcomeDraft | None:
        """What would be recorded, None while no outcome is chosen."""
        outcome = self.outcome()
        if not outcome:
            return None
        value = self.next_step.value()
        return OutcomeDraft(
            outcome=outcome,
            next_day=value if isinstance(value, date) else None,
            reason=value if isinstance(value, str) and value != PICK else "",
            note=self.note.text().strip(),
            message=message,
            template=template,
        )

    def _choices(self) -> list[tuple[object, str]]:
        """What can follow the outcome chosen."""
        return follow_ups(self.outcome(), self._today, self._task, self.steps)

    def _show_choice(self) -> None:
        outcome = self.outcome()
        choices = self._choices()
        self.next_step.set_items(choices)
        self.next_step.setVisible(bool(choices))
        self.note.setPlaceholderText(t("mb.notes") if choices else t("today.note"))
        self.save.setEnabled(bool(outcome))
        hint, tone = t("today.resulthint"), "tx2"
        tries, snoozes = (self._task.tries, self._task.snoozes) if self._task else (0, 0)
        if outcome == "no_answer" and tries >= self.steps.most_tries:
            hint, tone = t("out.lasttry", n=tries + 1), "warn"
        elif outcome == "no_answer" and tries + 1 >= self.steps.most_tries:
            hint, tone = t("out.tries", n=tries + 1), "warn"
        elif outcome == "later" and snoozes >= self.steps.most_snoozes:
            hint, tone = t("out.snoozes", n=snoozes), "warn"
        elif outcome == "wrong_number":
            hint = t("out.fixphone")
        elif outcome == "refused":
            hint = t("out.pause", n=self.steps.pause_days)
        self._hint.setText(hint)
        self._hint.set_tone(tone)
        self.chosen_changed.emit()

    # -- slots --------------------------------------------------------------------------------------------

    @Slot()
    def _on_tile(self) -> None:
        clicked = self.sender()
        for tile in self.tiles:
            if tile is not clicked:
                tile.setChecked(False)
        self._show_choice()

    @Slot()
    def _on_noted(self) -> None:
        self.save.setEnabled(bool(self.outcome()))

    @Slot(object)
    def _on_next_step(self, value: object) -> None:
        if value != PICK:
            self.save.setEnabled(True)
            if value == "never":
                self._hint.setText(t("out.nevermore"))
            return
        from ui.widgets.day_picker import DayPicker

        self._picker = DayPicker(self.next_step, self._today, self._today + timedelta(days=LAST_DAYS))
        self._picker.picked.connect(self._on_day_picked)
        self._picker.closed.connect(self._on_day_left)
        self._picker.open(self._today + timedelta(days=1))

    @Slot(object)
    def _on_day_picked(self, day: date) -> None:
        rest = [choice for choice in self._choices() if choice[0] not in (PICK, day)]
        self.next_step.set_items([self._named(day), *rest, (PICK, t("g.pickdate"))])
        self.save.setEnabled(True)
        self._drop_picker()

    @Slot()
    def _on_day_left(self) -> None:
        self.next_step.set_items(self._choices())
        self._drop_picker()

    def _named(self, day: date) -> tuple[object, str]:
        """A day of one's own among the next steps."""
        return day, t("out.day", day=show_day(day, self._today), weekday=show_weekday(day))

    def _drop_picker(self) -> None:
        if self._picker is not None:
            self._picker.deleteLater()
            self._picker = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Enter in the note or on a tile saves, as it does in the list.
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.save_wanted.emit()
        else:
            super().keyPressEvent(event)


def _recorded(task: TaskRow) -> tuple[object, ...]:
    """What came of a to-do."""
    return task.outcome, task.next_day, task.reason, task.note
