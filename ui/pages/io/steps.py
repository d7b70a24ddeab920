"""Where an import is, in the header: choose a file, check, done."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from shopcrm.basics.texts import t
from ui import theme
from ui.theme import icons, paint

_CIRCLE, _GAP, _LINE = 28, 7, 44


class Steps(QWidget):
    """Circles with number or tick, each with its name, joined by lines."""

    def __init__(self) -> None:
        super().__init__()
        self._names = (t("io.step.file"), t("io.step.check"), t("io.step.done"))
        self._at = 0
        self._brief = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_step(0)

    def set_step(self, at: int) -> None:
        """Steps before `at` (from 0) are ticked, that one is filled."""
        self._at = at
        self.setAccessibleName(self._names[at])
        self.updateGeometry()
        self.update()

    def set_brief(self, brief: bool) -> None:
        """Name only the step in front, where the header has little room."""
        self._brief = brief
        self.updateGeometry()
        self.update()

    def _words(self, number: int) -> int:
        if self._brief and number != self._at:
            return 0
        role = "body_bold" if number == self._at else "body"
        metrics = QFontMetrics(theme.now().font(role))
        return theme.px(_GAP) + metrics.horizontalAdvance(self._names[number])

    def sizeHint(self) -> QSize:
        joints = (len(self._names) - 1) * theme.px((_LINE if not self._brief else 12) + 24)
        wide = sum(theme.px(_CIRCLE) + self._words(number) for number in range(len(self._names)))
        return QSize(wide + joints + 2, theme.px(_CIRCLE) + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        c = now.tokens
        painter = QPainter(self)
        side, x = now.px(_CIRCLE), 1
        middle = self.height() // 2
        line = now.px(_LINE if not self._brief else 12)
        for number, name in enumerate(self._names):
            if number:
                painter.fillRect(x + now.px(12), middle, line, 1, QColor(c.line2))
                x += line + now.px(24)
            box = QRectF(x, middle - side / 2, side, side)
            front = number == self._at
            border = c.acc if number <= self._at else c.ctl
            paint.rounded(painter, box, side / 2, c.acc if front else c.card, border, 1.5)
            if number < self._at:
                tick = now.px(16)
                picture = icons.pixmap("check", c.acc_text, tick, stroke=2.2)
                painter.drawPixmap(round(box.center().x() - tick / 2), round(middle - tick / 2), picture)
            else:
                painter.setFont(now.font("label_bold"))
                painter.setPen(QColor(c.on_acc if front else c.tx2))
                paint.draw_centred(painter, box, str(number + 1))
            words = self._words(number)
            painter.setFont(now.font("body_bold" if front else "body"))
            painter.setPen(QColor(c.tx if front else c.tx2))
            if words:
                place = QRect(x + side + now.px(_GAP), 0, words, self.height())
                painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip, name)
            x += side + words
        painter.end()
