"""Today without work: no members yet, or everything done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from shopcrm.basics.records import TaskRow
from shopcrm.basics.texts import t
from ui import theme
from ui.theme import icons
from ui.theme.tokens import CARD_GAP
from ui.widgets import Button, Card, Label
from ui.widgets.member_card import outcome_words

SAMPLE_MEMBERS = 212


class NoMembers(QWidget):
    """Three ways to begin."""

    file_wanted = Signal()
    new_wanted = Signal()
    sample_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.pick = Button(t("em.new.1.button"), "primary")
        self.new = Button(t("mb.new"), key="F4")
        self.sample = Button(t("em.new.3.button"))
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(20), 0, theme.px(20), 0)
        column.setSpacing(theme.px(8))
        column.addStretch(3)
        for label in (Label(t("em.new"), "h1"), Label(t("em.new.text"), "body", "tx2", wrap=True)):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
        column.addSpacing(theme.px(16))
        row = QHBoxLayout()
        row.setSpacing(theme.px(CARD_GAP))
        row.addStretch(1)
        for icon, title, text, button in (
            ("table-import", t("em.new.1"), t("em.new.1.text"), self.pick),
            ("user-plus", t("em.new.2"), t("em.new.2.text"), self.new),
            ("building-store", t("em.new.3"), t("em.new.3.text", n=SAMPLE_MEMBERS), self.sample),
        ):
            row.addWidget(_WayCard(icon, title, text, button), 4)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(5)
        self.pick.clicked.connect(self.file_wanted)
        self.new.clicked.connect(self.new_wanted)
        self.sample.clicked.connect(self.sample_wanted)


class _WayCard(Card):
    def __init__(self, icon: str, title: str, text: str, button: Button) -> None:
        super().__init__()
        self._icon, self._picture = icon, QLabel()
        self.setMinimumHeight(theme.px(250))
        self.setMaximumWidth(theme.px(280))
        self.body.addSpacing(theme.px(6))
        self.body.addWidget(self._picture)
        self.body.addWidget(Label(title, "h3"))
        self.body.addWidget(Label(text, "body", "tx2", wrap=True))
        self.body.addStretch(1)
        self.body.addWidget(button)
        self._picture.setPixmap(icons.pixmap(icon, theme.now().tokens.acc_text, theme.px(40)))

    def _scale(self) -> None:
        super()._scale()
        if hasattr(self, "_picture"):
            self._picture.setPixmap(icons.pixmap(self._icon, theme.now().tokens.acc_text, theme.px(40)))


class AllDone(Card):
    """Everything is contacted: what came of it in four figures, and what one could do next."""

    log_wanted = Signal()
    waiting_wanted = Signal()
    ahead_wanted = Signal()

    _SHOWN: ClassVar = ("reached", "will_come", "no_answer", "refused")

    def __init__(self) -> None:
        super().__init__()
        self._picture = QLabel()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title, self._text = Label(t("em.done"), "h1"), Label("", "body", "tx2", wrap=True)
        self.log = Button(t("em.done.log"), icon="list-details")
        self.waiting = Button(t("em.done.waiting"), icon="users")
        self.ahead = Button(t("em.done.ahead"), icon="calendar")
        self._said = ""
        # Behind the list it asks for no room: a stack is as high as the highest of its pages.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.body.addStretch(2)
        self.body.addWidget(self._picture)
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self.body.addWidget(label)
        self._numbers = QWidget()
        row = QHBoxLayout(self._numbers)
        row.setSpacing(theme.px(12))
        row.addStretch(1)
        self._figures: dict[str, Label] = {}
        for outcome in self._SHOWN:
            tile = QFrame()
            tile.setProperty("frame", "sunk")
            tile.setFixedWidth(theme.px(140))
            inner = QVBoxLayout(tile)
            inner.setSpacing(0)
            figure = Label("0", "kpi")
            self._figures[outcome] = figure
            words = t("em.done.retry") if outcome == "no_answer" else outcome_words(outcome)
            for label in (figure, Label(words, "label", "tx2")):
                label.setAlignment(Qt.AlignmentFlag.AlignCenter)
                inner.addWidget(label)
            row.addWidget(tile)
        row.addStretch(1)
        self.body.addSpacing(theme.px(6))
        self.body.addWidget(self._numbers)
        self.body.addSpacing(theme.px(10))
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(12))
        buttons.addStretch(1)
        for button in (self.waiting, self.ahead, self.log):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self.body.addLayout(buttons)
        self.body.addStretch(3)
        self.log.clicked.connect(self.log_wanted)
        self.waiting.clicked.connect(self.waiting_wanted)
        self.ahead.clicked.connect(self.ahead_wanted)
        self._picture.setPixmap(icons.pixmap("circle-check", theme.now().tokens.ok, theme.px(60)))

    def set_done(self, done: Sequence[TaskRow], waiting: int) -> None:
        """Show today's outcomes, and whether more people are waiting."""
        counts = dict.fromkeys(self._SHOWN, 0)
        for row in done:
            if row.outcome in counts:
                counts[row.outcome] += 1
        for outcome, figure in self._figures.items():
            figure.setText(str(counts[outcome]))
        reached = counts["reached"] + counts["will_come"] + counts["refused"]
        self._said = t("em.done.text", n=len(done), a=reached) if done else t("em.done.none")
        self._text.setText(self._said)
        self.ahead.hide()
        self._numbers.setVisible(bool(done))
        self.log.setVisible(bool(done))
        self.waiting.setVisible(waiting > 0)

    def set_tomorrow(self, number: int, coming: int) -> None:
        """Say how many tomorrow brings, and how many of them said they would come."""
        words = t("em.done.coming" if coming else "em.done.tomorrow", n=number, m=coming) if number else ""
        self._text.setText(self._said + words)
        self.ahead.setVisible(number > 0)

    def _scale(self) -> None:
        super()._scale()
        if hasattr(self, "_picture"):
            self._picture.setPixmap(icons.pixmap("circle-check", theme.now().tokens.ok, theme.px(60)))
