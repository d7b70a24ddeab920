"""A sentence with fields among its words, in the order the language wants; it wraps between its parts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shopcrm.basics.texts import t
from ui import theme
from ui.theme.tokens import CARD_GAP, CONTROL
from ui.widgets import Combo, FlowRow, Label, Stepper

_MARK = "\x01"
_BREAKS = re.compile(r"(?<=[\uff0c\uff1b\uff1a\u3001\uff09])|(?<=[,;:] )")  # commas and their like
_CLINGS = re.compile(r"[^\w\s(\uff08\u201c]*")  # to what stands before it
STEPPER, COMBO = 128, 132


class FieldSentence(FlowRow):
    """The sentence of a text id; of the fields that can be made only those it names are.

    It wraps between phrases; a field stays with the words before it and the comma behind it.
    """

    def __init__(self, text_id: str, makers: Mapping[str, Callable[[], QWidget]]) -> None:
        super().__init__(2, 6)
        self.fields: dict[str, QWidget] = {}
        shown: list[QWidget] = []
        parts = t(text_id, **{name: f"{_MARK}{name}{_MARK}" for name in makers}).split(_MARK)
        for at in range(0, len(parts), 2):
            phrases = [words for words in _BREAKS.split(parts[at]) if words.strip()]
            follows = at + 1 < len(parts)
            before = phrases.pop() if follows and phrases else ""
            shown += [_words(words) for words in phrases]
            if follows:
                self.fields[parts[at + 1]] = field = makers[parts[at + 1]]()
                behind = _CLINGS.match(parts[at + 2])
                comma = behind[0] if behind else ""
                parts[at + 2] = parts[at + 2].removeprefix(comma)
                shown.append(_together(before, field, comma))
        self.arrange(shown)


def _words(text: str) -> Label:
    label = Label(text.strip(), "body")
    label.setMinimumHeight(theme.px(CONTROL))
    gap = theme.px(4)
    label.setContentsMargins(0, 0, gap if text.endswith(" ") else 0, 0)
    return label


def _together(before: str, field: QWidget, behind: str) -> QWidget:
    whole = QWidget()
    row = QHBoxLayout(whole)
    row.setContentsMargins(0, 0, theme.px(4), 0)
    row.setSpacing(theme.px(2))
    if before.strip():
        row.addWidget(_words(before.rstrip() + " "))
    row.addWidget(field)
    if behind:
        row.addWidget(_words(behind))
    return whole


def days_stepper(low: int, high: int, unit: str, none: str = "") -> Stepper:
    """A stepper as wide as all others of the page; `none` are the words for 0."""
    made = Stepper(low, high, 1, unit, none)
    made.set_width(theme.px(STEPPER))
    return made


def short_combo(items: list[tuple[object, str]]) -> Combo:
    """A combo as wide as all others of the page."""
    made = Combo(items)
    made.setFixedWidth(theme.px(COMBO))
    return made


def name_field(stepper: Stepper, name: str) -> None:
    """Say what the number of a stepper is to who cannot see the sentence around it."""
    field = stepper.focusProxy()
    if field is not None:
        field.setAccessibleName(name)


class CardColumns(QWidget):
    """Cards in two columns where there is room (from `wide` normal pixels on), else one below the other."""

    def __init__(self, wide: int) -> None:
        super().__init__()
        self._wide, self._cards, self._split = wide, list[tuple[QWidget, int]](), False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self._columns = (QVBoxLayout(), QVBoxLayout())
        for column in self._columns:
            column.setSpacing(theme.px(12))
            row.addLayout(column)
            column.addStretch(1)
        self._share(row)

    def add(self, card: QWidget, column: int = 0) -> None:
        """Append a card, in that column where there are two."""
        self._cards.append((card, column))
        self._place(card, column)

    def _place(self, card: QWidget, column: int) -> None:
        into = self._columns[column if self._split else 0]
        for other in self._columns:
            other.removeWidget(card)
        into.insertWidget(into.count() - 1, card)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        split = self.width() >= theme.px(self._wide)
        if split != self._split:
            self._split = split
            for card, column in self._cards:
                self._place(card, column)
            row = self.layout()
            assert isinstance(row, QHBoxLayout)
            self._share(row)

    def _share(self, row: QHBoxLayout) -> None:
        row.setStretch(0, 1)
        row.setStretch(1, int(self._split))
        row.setSpacing(theme.px(CARD_GAP) if self._split else 0)
