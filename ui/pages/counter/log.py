"""What was booked on a day: the latest lines, or all of them; a line is opened to put it right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from shopcrm.basics.records import DayEntry
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_day, show_money
from ui import theme
from ui.theme import icons, paint
from ui.widgets import IconButton, Label, Line, SmallButton

LINES = 5
_ROW = 34
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


def entry_words(entry: DayEntry) -> str:
    """What was booked."""
    if entry.visit_kind == "exchange":
        words = t("ct.log.exchange", sum=show_money(entry.fen))
    elif entry.kind == "sale":
        words = t("ct.log.sale" if entry.fen >= 0 else "ct.log.back", sum=show_money(abs(entry.fen)))
    elif entry.kind == "visit":
        words = t("mb.visit." + entry.visit_kind)
    else:
        words = t("mb.new")
    return t("ct.log.void", what=words) if entry.is_void else words


class LogBox(QWidget):
    """Title, the latest entries and 全部: then the whole day, and the days before it."""

    picked = Signal(object)  # DayEntry
    day_wanted = Signal(object)  # datetime.date: show that day
    spread = Signal()  # whole or not any more: another share of the room

    def __init__(self) -> None:
        super().__init__()
        self._day = self._today = date.min
        self.whole = False
        self._title = Label("", "label_bold", "tx2")
        self.before, self.after = (
            IconButton("arrow-left", t("ct.log.before")),
            IconButton("arrow-right", t("ct.log.after")),
        )
        self.all = SmallButton(t("ct.log.all"))
        self.list = LogList()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        column.addWidget(Line())
        row = QHBoxLayout()
        row.setSpacing(theme.px(4))
        row.addWidget(self._title)
        row.addStretch(1)
        for button in (self.before, self.after, self.all):
            row.addWidget(button)
        column.addLayout(row)
        column.addWidget(self.list, 1)
        self.all.clicked.connect(self._on_all)
        self.before.clicked.connect(self._on_before)
        self.after.clicked.connect(self._on_after)
        self.list.picked.connect(self.picked)
        self.list.stepped.connect(self._step)
        self._show()

    @property
    def day(self) -> date:
        """The day shown."""
        return self._day

    def set_entries(self, entries: Sequence[DayEntry], day: date, today: date) -> None:
        """Show what was booked on a day, the newest first."""
        self._day, self._today = day, today
        standing = sum(not entry.is_void for entry in entries)
        if day == today:
            self._title.setText(t("ct.log", n=standing) if entries else t("em.log"))
        else:
            shown = show_day(day, today)
            self._title.setText(t("ct.log.day", day=shown, n=standing))
        self.list.set_entries(entries)
        self._show()

    def set_lines(self, lines: int) -> None:
        """How many of the latest entries are shown while it is not the whole day."""
        self.list.lines = lines
        self._show()

    def _show(self) -> None:
        self.all.setText(t("ct.log.few" if self.whole else "ct.log.all"))
        self.all.setVisible(self.whole or len(self.list.entries) > self.list.lines or not self.list.entries)
        for button in (self.before, self.after):
            button.setVisible(self.whole)
        self.after.setEnabled(self._day < self._today)
        self.list.set_whole(self.whole)

    @Slot()
    def _on_all(self) -> None:
        self.whole = not self.whole
        self._show()
        self.spread.emit()
        if not self.whole and self._day != self._today:
            self.day_wanted.emit(self._today)

    @Slot()
    def _on_before(self) -> None:
        self._step(-1)

    @Slot()
    def _on_after(self) -> None:
        self._step(1)

    @Slot(int)
    def _step(self, days: int) -> None:
        if self.whole and (days < 0 or self._day < self._today):
            self.day_wanted.emit(date.fromordinal(self._day.toordinal() + days))


class LogList(QWidget):
    """Time, name and what, whole lines only; Enter or a click opens one, ← → go to another day."""

    picked = Signal(object)
    stepped = Signal(int)
    left_up = Signal()  # ↑ on the first line

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[DayEntry] = []
        self.lines = LINES
        self._current, self._first, self._whole = -1, 0, False
        self.no_ring = True  # the line itself shows the focus
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip(t("ct.log.tip"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def set_entries(self, entries: Sequence[DayEntry]) -> None:
        """Show these."""
        self.entries = list(entries)
        self._current, self._first = (0 if self.hasFocus() and entries else -1), 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if entries else Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("; ".join(f"{e.name} {entry_words(e)}" for e in self.entries[:LINES]))
        self.updateGeometry()
        self.update()

    def set_whole(self, whole: bool) -> None:
        """As many lines as there is room for, or only the latest."""
        self._whole = whole
        vertical = QSizePolicy.Policy.Expanding if whole else QSizePolicy.Policy.Preferred
        self.setSizePolicy(QSizePolicy.Policy.Preferred, vertical)
        self.setMaximumHeight(16_777_215 if whole else theme.px(_ROW) * self.lines)
        self._first = 0
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(
            theme.px(240), theme.px(_ROW) * min(len(self.entries), 99 if self._whole else self.lines)
        )

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(200), theme.px(_ROW) if self.entries else 0)

    def _rows(self) -> int:
        return max(1, self.height() // theme.px(_ROW))

    def _at(self, event: QMouseEvent) -> int:
        row = int(event.position().y()) // theme.px(_ROW)
        number = row + self._first
        return number if row < self._rows() and 0 <= number < len(self.entries) else -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._choose(self._at(event))

    def leaveEvent(self, event: object) -> None:
        self._choose(-1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._choose(self._at(event))
        self._pick()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._scroll(self._first - (1 if event.angleDelta().y() > 0 else -1) * 3)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._scroll(self._first)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self._current < 0 and event.reason() != Qt.FocusReason.MouseFocusReason:
            self._choose(self._first if self.entries else -1)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._choose(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        steps = {
            Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -self._rows(),
            Qt.Key.Key_PageDown: self._rows(), Qt.Key.Key_Home: -9999, Qt.Key.Key_End: 9999,
        }  # fmt: skip
        step = steps.get(Qt.Key(key), 0)
        if key == Qt.Key.Key_Up and self._current <= 0:
            self.left_up.emit()
        elif step and self.entries:
            number = min(max(self._current + step, 0), len(self.entries) - 1)
            self._choose(number)
            if number < self._first:
                self._scroll(number)
            elif number >= self._first + self._rows():
                self._scroll(number - self._rows() + 1)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.stepped.emit(-1 if key == Qt.Key.Key_Left else 1)
        elif key in _ENTER:
            self._pick()
        else:
            super().keyPressEvent(event)

    def _scroll(self, first: int) -> None:
        most = max(0, len(self.entries) - self._rows()) if self._whole else 0
        self._first = min(max(first, 0), most)
        self.update()

    def _choose(self, number: int) -> None:
        if number != self._current:
            self._current = number
            self.update()

    def _pick(self) -> None:
        if self._current >= 0:
            self.picked.emit(self.entries[self._current])

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        shown = self.entries[self._first : self._first + self._rows()]
        for row, entry in enumerate(shown if self._whole else shown[: self.lines]):
            self._paint_row(painter, row, entry, chosen=row + self._first == self._current)
        painter.end()

    def _paint_row(self, painter: QPainter, row: int, entry: DayEntry, *, chosen: bool) -> None:
        now = theme.now()
        c, high = now.tokens, now.px(_ROW)
        box = QRect(0, row * high, self.width(), high)
        if chosen:
            focused = self.hasFocus()
            paint.rounded(
                painter, box, now.px(6), c.acc_soft if focused else c.hover, c.acc if focused else ""
            )
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(now.font("label"))
        painter.setPen(QColor(c.txd if entry.is_void else c.tx2))
        painter.drawText(box.adjusted(now.px(4), 0, 0, 0), middle, entry.at)
        words = entry_words(entry)
        icon = now.px(22) if chosen else 0
        right = box.adjusted(0, 0, -now.px(4) - icon, 0)
        painter.drawText(right, middle | Qt.AlignmentFlag.AlignRight, words)
        taken = painter.fontMetrics().horizontalAdvance(words) + icon
        font = now.font("body")
        painter.setFont(font)
        painter.setPen(QColor(c.txd if entry.is_void else c.tx))
        room = box.width() - now.px(52) - taken - now.px(14)
        name = entry.name or t("ct.walkin.name")
        left = box.adjusted(now.px(52), 0, 0, 0)
        painter.drawText(left, middle, paint.cut(name, font, max(room, now.px(20))))
        if chosen:
            side = now.px(16)
            painter.drawPixmap(
                box.right() - now.px(6) - side, box.center().y() - side // 2 + 1,
                icons.pixmap("pencil", c.acc_text, side),
            )  # fmt: skip
