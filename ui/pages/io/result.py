"""Step 3: what the import did, what can be done with it now."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from shopcrm.basics.records import TYPE_KEYS
from shopcrm.basics.texts import t
from shopcrm.shop.imports import ImportPlan, ImportResult
from ui import theme
from ui.pages.io.check import sums
from ui.theme import icons, paint
from ui.theme.tokens import RADIUS_TILE
from ui.widgets import Button, Card, ElidedLabel, FlowRow, Label, Line, TypeBadge

_WIDTH = 640


class _Number(QWidget):
    """A large number over what it counts."""

    def __init__(self) -> None:
        super().__init__()
        self.number, self.words = "", ""
        self.setFixedHeight(theme.px(88))

    def set_number(self, number: int, words: str) -> None:
        """Show another number."""
        self.number, self.words = f"{number:,}", words
        self.setAccessibleName(f"{self.number} {words}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        c = now.tokens
        painter = QPainter(self)
        paint.rounded(painter, self.rect(), now.px(RADIUS_TILE), c.sunk, c.line)
        middle = Qt.AlignmentFlag.AlignCenter
        painter.setFont(now.font("kpi"))
        painter.setPen(QColor(c.tx))
        painter.drawText(QRect(0, now.px(10), self.width(), now.px(44)), middle, self.number)
        painter.setFont(now.font("small"))
        painter.setPen(QColor(c.tx2))
        painter.drawText(QRect(0, now.px(54), self.width(), now.px(22)), middle, self.words)
        painter.end()


class ResultStep(QWidget):
    """The finished import on one card; the page acts on its buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.card = Card(padding=False)
        self.card.setMaximumWidth(theme.px(_WIDTH))
        self.card.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        body = QVBoxLayout()
        body.setContentsMargins(theme.px(28), theme.px(26), theme.px(28), theme.px(18))
        body.setSpacing(theme.px(12))
        self.card.body.addLayout(body)
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._icon.setPixmap(icons.pixmap("circle-check", theme.now().tokens.ok, theme.px(60)))
        title = Label(t("io.done"), "h1")
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.file = ElidedLabel("", "body", "tx2")
        self.file.setAlignment(Qt.AlignmentFlag.AlignCenter)
        body.addWidget(self._icon)
        body.addWidget(title)
        body.addWidget(self.file)
        body.addSpacing(theme.px(4))
        tiles = QHBoxLayout()
        tiles.setSpacing(theme.px(12))
        self.numbers = tuple(_Number() for _ in range(4))
        for tile in self.numbers:
            tiles.addWidget(tile)
        body.addLayout(tiles)
        self.sums = Label("", "small", "tx2", wrap=True)
        self.sums.setAlignment(Qt.AlignmentFlag.AlignCenter)
        body.addWidget(self.sums)
        self.moves = FlowRow(14)
        sizes = self.moves.sizePolicy()
        sizes.setHorizontalPolicy(QSizePolicy.Policy.Preferred)
        self.moves.setSizePolicy(sizes)
        line = QHBoxLayout()
        line.setSpacing(0)
        line.addStretch(1)
        line.addWidget(self.moves)
        line.addStretch(1)
        body.addLayout(line)
        body.addWidget(Line())
        body.addSpacing(theme.px(2))
        self.save = Button("", icon="download")
        self.undo = Button(t("io.undo"), icon="arrow-back-up")
        self.today = Button(t("io.totoday"), "primary")
        self.undo.setToolTip(t("tip.undoimport"))
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(theme.px(10))
        self._buttons.addWidget(self.save)
        self._buttons.addStretch(1)
        self._buttons.addWidget(self.undo)
        self._buttons.addWidget(self.today)
        body.addLayout(self._buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addStretch(2)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.card, 100)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(3)

    def show_result(self, plan: ImportPlan, result: ImportResult) -> None:
        """Tell what an import of a plan did."""
        self.file.setText(t("io.done.took", file=plan.file, n=max(1, round(result.seconds))))
        counts = plan.counts
        others = result.visits_new and not result.sales_new
        figures = (
            (result.visits_new, t("io.done.entries")) if others else (result.sales_new, t("io.done.sales")),
            (result.members_new, t("io.done.members")),
            (result.members_updated, t("io.done.updated")),
            (result.rows_left_out + counts.rows_same, t("io.done.skipped")),
        )
        for tile, (number, words) in zip(self.numbers, figures, strict=True):
            tile.set_number(number, words)
        self.sums.setText(sums(plan))
        self.moves.clear()
        moved = [(key, result.types.get(key, 0)) for key in TYPE_KEYS if result.types.get(key, 0)]
        if moved:
            caption = Label(t("io.changes"), "body", "tx2")
            caption.setFixedHeight(theme.px(24))
            self.moves.add(caption)
        for key, change in moved:
            self.moves.add(_Move(key, change))
        self.moves.setVisible(bool(moved))
        self.save.setText(t("io.saveleft", n=f"{plan.rows_to_save:,}"))
        self.save.setVisible(plan.rows_to_save > 0)
        self.undo.setVisible(result.batch is not None)


class _Move(QWidget):
    """A type and how many members it gained or lost."""

    def __init__(self, key: str, change: int) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        row.addWidget(TypeBadge(key, 22))
        number = f"+{change:,}" if change > 0 else f"−{-change:,}"
        row.addWidget(Label(t("io.change.type", type=t(f"type.{key}"), n=number)))
