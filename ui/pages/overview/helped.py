"""What followed on the contacts of the last ninety days: the funnel, the types, the wordings that do best."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from shopcrm.basics.records import TYPE_KEYS, Effect, EffectAsk
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_money
from ui import theme
from ui.theme import icons, paint
from ui.widgets import Card, ElidedLabel, Label, Line, LinkArea, SmallButton, TypeBadge

DAYS = 90
STEPS = ("contacts", "reached", "will_come", "came", "bought")
_ROW, _BAR = 31, 20
_BEST = 5


class HelpedCard(Card):
    """The card of the overview; `wanted` asks for the people behind a figure, `more` for the whole page."""

    wanted = Signal(object, str)  # EffectAsk, title
    more = Signal()

    def __init__(self) -> None:
        super().__init__(t("effect.title"))
        self.hint = ElidedLabel("", "small", "tx2")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.head.addWidget(self.hint, 1000)
        self.see = SmallButton(t("effect.see"), icon="chevron-right")
        self.see.clicked.connect(self.more)
        self.head.addWidget(self.see)
        self._none = Label(t("effect.none", n=DAYS), "body", "tx2", wrap=True)
        self.body.addWidget(self._none)
        self._all = QWidget()
        column = QVBoxLayout(self._all)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        self.funnel = {step: _Step(step) for step in STEPS}
        names = QFontMetrics(theme.now().font("body"))
        label = max(names.horizontalAdvance(t(f"effect.{step}")) for step in STEPS)
        for step in self.funnel.values():
            step.label = label
            step.clicked.connect(self._opens(step))
            column.addWidget(step)
        column.addWidget(Line())
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(theme.px(12))
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(0, 1)
        column.addLayout(self._grid)
        self.types: dict[str, tuple[SmallButton, SmallButton, Label]] = {}
        self._fill_grid()
        column.addWidget(Line())
        self.best_title = Label(t("effect.best"), "body_bold")
        column.addWidget(self.best_title)
        self._best = QGridLayout()
        self._best.setHorizontalSpacing(theme.px(12))
        self._best.setVerticalSpacing(theme.px(6))
        self._best.setColumnStretch(0, 1)
        self.best_rows = [
            (ElidedLabel(), Label("", "label", "tx2"), Label("", "body_bold")) for _ in range(_BEST)
        ]
        for row, cells in enumerate(self.best_rows):
            for at, cell in enumerate(cells):
                self._best.addWidget(cell, row, at)
                if at:
                    cell.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        column.addLayout(self._best)
        one = QHBoxLayout()
        one.setSpacing(theme.px(8))
        self._bulb = QLabel()
        self.best = Label("", "label", "tx2", wrap=True)
        one.addWidget(self._bulb)
        one.addWidget(self.best, 1)
        column.addLayout(one)
        column.addStretch(1)
        self.body.addWidget(self._all)
        self.body.addStretch(1)
        self._effect: Effect | None = None
        self._wide = False
        self._all.hide()

    def _fill_grid(self) -> None:
        for column, part in enumerate(("type", "contacts", "bought", "sum")):
            head = Label(t(f"effect.{part}"), "small", "tx2")
            if column:
                head.setAlignment(Qt.AlignmentFlag.AlignRight)
            self._grid.addWidget(head, 0, column)
        for row, key in enumerate(TYPE_KEYS, start=1):
            name = QHBoxLayout()
            name.setSpacing(theme.px(8))
            name.addWidget(TypeBadge(key, 24))
            name.addWidget(Label(t(f"type.{key}")))
            name.addStretch(1)
            self._grid.addLayout(name, row, 0)
            money = Label("")
            money.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            cells = SmallButton("", role="plain"), SmallButton(""), money
            for column, cell in enumerate(cells, start=1):
                self._grid.addWidget(cell, row, column, Qt.AlignmentFlag.AlignRight)
            for step, button in zip(("contacts", "bought"), cells[:2], strict=True):
                button.clicked.connect(self._opens_type(key, step))
            self.types[key] = cells

    def set_wide(self, wide: bool) -> None:
        """Whether there is room for more than the one best wording."""
        self._wide = wide
        self._show_best()

    def set_effect(self, found: Effect) -> None:
        """Show these figures."""
        self._effect = found
        self.hint.setText(t("effect.hint", n=DAYS, m=found.days))
        total = found.total
        self._none.setVisible(not total.contacts)
        self._all.setVisible(bool(total.contacts))
        for name, step in self.funnel.items():
            number = getattr(total, name)
            beside = show_money(total.fen) if name == "bought" else ""
            if name not in ("contacts", "bought") and total.contacts:
                beside = f"{number / total.contacts:.0%}"
            step.set_number(number, total.contacts, beside)
        for row in found.types:
            contacts, bought, money = self.types[row.key]
            contacts.setText(f"{row.contacts:,}")
            bought.setText(f"{row.bought:,}")
            for button, part in ((contacts, "contacts"), (bought, "bought")):
                button.setAccessibleName(f"{row.name} {t(f'effect.{part}')} {button.words()}")
                button.setEnabled(bool(getattr(row, part)))
            money.setText(show_money(row.fen))
        self._show_best()

    def _show_best(self) -> None:
        rows = [] if self._effect is None else [row for row in self._effect.wordings if row.over.is_enough]
        rows = rows if len(rows) > 1 else []  # the best of one is no news
        self.best_title.setVisible(self._wide and bool(rows))
        for at, cells in enumerate(self.best_rows):
            for cell in cells:
                cell.setVisible(self._wide and at < len(rows))
            if at < len(rows):
                name, how, share = cells
                name.setText(rows[at].name)
                how.setText(t("effect.of", n=rows[at].over.of, m=rows[at].over.hits))
                share.setText(f"{rows[at].over.share:.0%}")
        if rows:
            best = rows[0]
            words = t("effect.best.say", name=best.name, n=best.over.of, m=best.over.hits)
        else:
            words = t("effect.best.few")
        self.best.setText(words)
        self.best.setVisible(not (self._wide and rows))
        self._bulb.setVisible(not (self._wide and rows))
        self._bulb.setPixmap(icons.pixmap("bulb", theme.now().tokens.warn, theme.px(18)))

    def _opens(self, step: _Step) -> Callable[[], None]:
        return lambda: self._ask("", "", step.step, t(f"effect.{step.step}"))

    def _opens_type(self, key: str, step: str) -> Callable[[], None]:
        return lambda: self._ask(
            "type", key, step, t("effect.of.title", name=t(f"type.{key}"), step=t(f"effect.{step}"))
        )

    def _ask(self, part: str, key: str, step: str, title: str) -> None:
        found = self._effect
        if found is not None and (part or getattr(found.total, step)):
            self.wanted.emit(EffectAsk(found.first, found.last, part, key, step), title)


class _Step(LinkArea):
    """One bar of the funnel with its number; leads to the people it counts."""

    def __init__(self, step: str) -> None:
        super().__init__()
        self.step, self.label = step, 0
        self.number, self._most, self._beside = 0, 0, ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_number(self, number: int, most: int, beside: str) -> None:
        """Show a number beside its bar, which is full at `most`."""
        self.number, self._most, self._beside = number, most, beside
        self.setAccessibleName(f"{t(f'effect.{self.step}')} {number} {beside}".strip())
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(300), theme.px(_ROW))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(220), theme.px(_ROW))

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        bold, small = QFontMetrics(now.font("body_bold")), QFontMetrics(now.font("label"))
        words = f"{self.number:,}"
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        high = float(self.height())
        painter.setFont(now.font("body"))
        painter.setPen(QColor(now.tokens.tx))
        painter.drawText(
            QRectF(0, 0, self.label, high), Qt.AlignmentFlag.AlignVCenter, t(f"effect.{self.step}")
        )
        left = self.label + now.px(12)
        gap = now.px(8)
        most = bold.horizontalAdvance(f"{self._most:,}") + gap
        most += max(small.horizontalAdvance(self._beside), small.horizontalAdvance("100%"))
        room = max(0.0, self.width() - left - most - 2 * gap)
        long = room * self.number / self._most if self._most else 0.0
        if self.number:
            long = max(long, now.px(4))
            box = QRectF(left, (high - now.px(_BAR)) / 2, long, now.px(_BAR))
            colour = now.tokens.acc if self.step == "bought" else now.tokens.acc_line
            paint.rounded(painter, box, min(now.px(4), long / 2), colour)
        at = left + long + (gap if self.number else 0)
        painter.setFont(now.font("body_bold"))
        wide = bold.horizontalAdvance(words)
        painter.drawText(QRectF(at, 0, wide + 1, high), Qt.AlignmentFlag.AlignVCenter, words)
        painter.setFont(now.font("label"))
        painter.setPen(QColor(now.tokens.tx2))
        rest = QRectF(at + wide + gap, 0, self.width() - at - wide - gap, high)
        painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter, self._beside)
        painter.end()
