"""What is laid out around data: cards, lines, banners, evidence, size tiles, empty states,
strips and bars.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLayout, QSizePolicy, QVBoxLayout, QWidget

from shopcrm.basics.texts import t
from ui import theme
from ui.theme import icons, paint
from ui.theme.tokens import BANNER, CARD_PAD_H, CARD_PAD_V, RADIUS_CONTROL, RADIUS_TILE, SIZE_TILE
from ui.widgets.buttons import Button, IconButton, SmallButton
from ui.widgets.inputs import LinkArea
from ui.widgets.labels import Label

STATUS_ICONS = {
    "bad": "circle-x", "warn": "alert-triangle", "ok": "circle-check", "info": "info-circle", "acc": "bell",
}  # fmt: skip


def empty(layout: QLayout) -> None:
    """Take everything out of a layout and delete it."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()  # first, so that the focus goes on to what stays
            widget.setParent(None)
            widget.deleteLater()


class Card(QFrame):
    """A white frame with rounded corners; fill `.body`, put buttons beside the title into `.head`."""

    def __init__(self, title: str = "", *, padding: bool = True) -> None:
        super().__init__()
        self.setProperty("frame", "card")
        self._padding = padding
        self.body = QVBoxLayout(self)
        self.body.setSpacing(theme.px(10))
        self.head = QHBoxLayout()
        self.title = Label(title, "h3")
        if title:
            self.head.addWidget(self.title)
            self.head.addStretch(1)
            self.body.addLayout(self.head)
        self._scale()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._scale()

    def _scale(self) -> None:
        h, v = (theme.px(CARD_PAD_H), theme.px(CARD_PAD_V)) if self._padding else (1, 1)
        self.body.setContentsMargins(h, v, h, v)


class Line(QFrame):
    """A divider of one pixel."""

    def __init__(self, *, vertical: bool = False) -> None:
        super().__init__()
        self.setProperty("frame", "line")
        if vertical:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)


class Banner(QFrame):
    """Something to know, in one line: icon, words, at most one action,
    and a cross unless it needs an answer.
    """

    acted = Signal()
    closed = Signal()

    def __init__(
        self, kind: str, text: str = "", action: str = "", *, closable: bool = True, icon: str = ""
    ) -> None:
        super().__init__()
        self._kind, self._icon = kind, icon or STATUS_ICONS[kind]
        self.setMinimumHeight(theme.px(BANNER) if closable else theme.px(40))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(12), theme.px(4), theme.px(8), theme.px(4))
        row.setSpacing(theme.px(10))
        self._picture = QLabel()
        self._words = Label(text, "body", wrap=True)
        self._words.setTextFormat(Qt.TextFormat.RichText)
        row.addWidget(self._picture)
        row.addWidget(self._words, 1)
        self._action = SmallButton(action)
        self._action.clicked.connect(self.acted)
        row.addWidget(self._action)
        self._action.setVisible(bool(action))
        if closable:
            cross = IconButton("x", t("g.close"))
            cross.clicked.connect(self.closed)
            row.addWidget(cross)
        self._scale()

    def set_text(self, text: str) -> None:
        """Change the words; simple markup such as <b> is allowed, so names in it must be escaped."""
        self._words.setText(text)

    def set_action(self, action: str) -> None:
        """Change the words of the button; "" takes it away."""
        self._action.setText(action)
        self._action.setVisible(bool(action))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._scale()

    def _scale(self) -> None:
        colour, _, _ = theme.now().tokens.status(self._kind)
        self._picture.setPixmap(icons.pixmap(self._icon, colour, theme.px(19)))

    def paintEvent(self, event: QPaintEvent) -> None:
        _, fill, _ = theme.now().tokens.status(self._kind)
        painter = QPainter(self)
        paint.rounded(painter, self.rect(), theme.px(RADIUS_TILE), fill)
        painter.end()


class EvidenceBox(QWidget):
    """Why a customer has her type: a title and one line per rule with tick or cross;
    `<b>` marks the measured value.
    """

    def __init__(self) -> None:
        super().__init__()
        self._type = ""
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(theme.px(12), theme.px(10), theme.px(12), theme.px(10))
        self._column.setSpacing(theme.px(7))
        self._rows: list[QWidget] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)

    def set_evidence(self, type_key: str, title: str, lines: Sequence[tuple[bool | None, str]]) -> None:
        """Show a verdict; `lines` are (held, html) pairs, None for a plain statement without a mark."""
        for row in self._rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._type = type_key
        tone = theme.now().tokens.tone(type_key)
        head = QLabel(title)
        head.setProperty("role", "label_bold")
        head.setStyleSheet(f"color: {tone.on_soft};")
        self._rows = [head]
        for held, text in lines:
            row = QWidget()
            box = QHBoxLayout(row)
            box.setContentsMargins(0, 0, 0, 0)
            box.setSpacing(theme.px(8))
            side = theme.px(16)
            mark = QLabel()
            mark.setFixedWidth(side)
            if held is not None:
                mark.setPixmap(icons.pixmap("check" if held else "x", tone.on_soft, side, stroke=2.2))
            words = QLabel(text)
            words.setTextFormat(Qt.TextFormat.RichText)
            words.setProperty("role", "label")
            words.setWordWrap(True)
            box.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
            box.addWidget(words, 1)
            self._rows.append(row)
        for row in self._rows:
            self._column.addWidget(row)
            row.show()
        shown = bool(lines) or bool(title)
        if self.parentWidget() is not None or not shown:  # without a parent it would become a window
            self.setVisible(shown)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._type:
            painter = QPainter(self)
            paint.rounded(
                painter, self.rect(), theme.px(RADIUS_CONTROL), theme.now().tokens.tone(self._type).soft
            )
            painter.end()


class SizeTile(QWidget):
    """A caption over a value; a missing value shows as a dash."""

    def __init__(self, caption: str, value: str = "") -> None:
        super().__init__()
        self._caption, self._value = caption, value
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_value(self, value: str) -> None:
        """Show another value."""
        self._value = value
        self.setAccessibleName(f"{self._caption} {value}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(66), theme.px(SIZE_TILE))

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        c = now.tokens
        painter = QPainter(self)
        paint.rounded(painter, self.rect(), now.px(RADIUS_CONTROL), c.sunk, c.line)
        painter.setFont(now.font("small"))
        painter.setPen(QColor(c.tx2))
        half = self.height() // 2
        painter.drawText(
            QRect(0, now.px(4), self.width(), half - now.px(2)), Qt.AlignmentFlag.AlignCenter, self._caption
        )
        font = now.font("size")
        painter.setFont(font)
        painter.setPen(QColor(c.tx if self._value else c.tx2))
        words = paint.cut(self._value or "—", font, self.width() - now.px(8))
        painter.drawText(QRect(0, half - now.px(3), self.width(), half), Qt.AlignmentFlag.AlignCenter, words)
        painter.end()


class EmptyState(QWidget):
    """Nothing to show: an icon, one bold line, one line what to do, at most two buttons."""

    def __init__(self, icon: str, title: str, text: str = "", *, good: bool = False) -> None:
        super().__init__()
        self._icon, self._good = icon, good
        column = QVBoxLayout(self)
        column.setSpacing(theme.px(8))
        column.addStretch(1)
        self._picture = QLabel()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title = Label(title, "h3", wrap=True)
        self._title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._text = Label(text, "body", "tx2", wrap=True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self._picture)
        column.addWidget(self._title)
        column.addWidget(self._text)
        self._text.setVisible(bool(text))
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(theme.px(12))
        self._buttons.addStretch(1)
        self._buttons.addStretch(1)
        column.addSpacing(theme.px(6))
        column.addLayout(self._buttons)
        column.addStretch(1)
        self._scale()

    def set_texts(self, title: str, text: str = "") -> None:
        """Change both lines."""
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))

    def add_button(self, button: Button) -> Button:
        """Put a button under the lines; returns it."""
        self._buttons.insertWidget(self._buttons.count() - 1, button)
        return button

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._scale()

    def _scale(self) -> None:
        c = theme.now().tokens
        self._picture.setPixmap(icons.pixmap(self._icon, c.ok if self._good else c.ctl, theme.px(52)))


class StrategyStrip(LinkArea):
    """What to do with a type, on its soft fill: a bold title and its actions with ticks; clicked for more."""

    def __init__(self) -> None:
        super().__init__()
        self._type, self._title, self._actions = "", "", [""]
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_strategy(self, type_key: str, title: str, actions: Sequence[str]) -> None:
        """Show another type's strategy."""
        self._type, self._title, self._actions = type_key, title, list(actions)
        self.setAccessibleName(f"{title}: {'; '.join(actions)}")
        self.setToolTip(t("words.strategy.tip"))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(300), theme.px(40))

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._type:
            return
        now = theme.now()
        tone = now.tokens.tone(self._type)
        painter = QPainter(self)
        paint.rounded(painter, self.rect(), now.px(RADIUS_CONTROL), tone.soft)
        x, high = now.px(12), self.height()
        bold, plain = now.font("label_bold"), now.font("label")
        painter.setFont(bold)
        painter.setPen(QColor(tone.on_soft))
        painter.drawText(QRect(x, 0, self.width(), high), Qt.AlignmentFlag.AlignVCenter, self._title)
        x += QFontMetrics(bold).horizontalAdvance(self._title) + now.px(18)
        painter.setFont(plain)
        side = now.px(15)
        mark, edge = now.px(18), self.width() - now.px(12)
        pixmap = icons.pixmap("chevron-down", tone.on_soft, mark)
        painter.drawPixmap(edge - mark, (high - mark) // 2, pixmap)
        for action in self._actions:
            room = edge - mark - x - side - now.px(12)
            if room < now.px(40):
                break
            painter.drawPixmap(x, (high - side) // 2, icons.pixmap("check", tone.on_soft, side, stroke=2.4))
            x += side + now.px(5)
            words = paint.cut(action, plain, room)
            painter.setPen(QColor(now.tokens.tx))
            painter.drawText(QRect(x, 0, room, high), Qt.AlignmentFlag.AlignVCenter, words)
            x += QFontMetrics(plain).horizontalAdvance(words) + now.px(20)
        painter.end()


class StackBar(QWidget):
    """Shares of the types in one bar; 潜 and 游 carry an outline in light mode, where their fill is pale."""

    def __init__(self, height: int = 26) -> None:
        super().__init__()
        self._high = height
        self._parts: list[tuple[str, float]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_parts(self, parts: Sequence[tuple[str, float]]) -> None:
        """Show (type, number) pairs; numbers below nought count as nought."""
        self._parts = [(key, max(0.0, float(number))) for key, number in parts]
        total = sum(number for _, number in self._parts) or 1
        self.setAccessibleName(
            ", ".join(f"{t('type.' + key)} {number / total:.0%}" for key, number in self._parts)
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(240), theme.px(self._high))

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        total = sum(number for _, number in self._parts)
        if not total:
            paint.rounded(painter, self.rect(), now.px(4), now.tokens.flow)
            painter.end()
            return
        gap = 2
        room = self.width() - gap * (sum(1 for _, n in self._parts if n) - 1)
        x = 0.0
        painter.setFont(now.font("small_bold"))
        for key, number in self._parts:
            if not number:
                continue
            wide = room * number / total
            tone = now.tokens.tone(key)
            box = QRectF(x, 0, wide, self.height())
            outlined = not now.tokens.dark and key in ("potential", "drifting")
            paint.rounded(painter, box, min(now.px(4), wide / 2), tone.fill, tone.on_soft if outlined else "")
            letter, share = paint.letter(key), f"{number / total:.0%}"
            for words in (f"{letter} {share}", share, letter):  # as much as the part has room for
                if wide > QFontMetrics(painter.font()).horizontalAdvance(words) + now.px(6):
                    painter.setPen(QPen(QColor(tone.on_fill)))
                    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
                    break
            x += wide + gap
        painter.end()


class ProgressLine(QWidget):
    """A thin bar, `width` wide, or as wide as its column when 0; in the colour of good news when full."""

    def __init__(self, width: int = 130) -> None:
        super().__init__()
        self._wide = width
        self._done, self._total = 0, 0
        policy = QSizePolicy.Policy.Fixed if width else QSizePolicy.Policy.Expanding
        self.setSizePolicy(policy, QSizePolicy.Policy.Fixed)

    def set_progress(self, done: int, total: int) -> None:
        """Show how far it is; nothing when `total` is 0."""
        self._done, self._total = done, total
        self.setAccessibleName(f"{done} / {total}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(self._wide or 200), theme.px(8))

    def paintEvent(self, event: QPaintEvent) -> None:
        c = theme.now().tokens
        painter = QPainter(self)
        radius = self.height() / 2
        paint.rounded(painter, self.rect(), radius, c.line)
        share = min(1.0, self._done / self._total) if self._total else 0.0
        if share:
            wide = max(self.height(), self.width() * share)
            paint.rounded(painter, QRectF(0, 0, wide, self.height()), radius, c.ok if share == 1 else c.acc)
        painter.end()
