"""What is switched: chips, tabs, segments, tiles. Chosen always shows by border and weight as well as by
colour.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from ui import theme
from ui.theme import icons, paint
from ui.theme.tokens import CHIP, OPTION_TILE, OUTCOME_TILE, RADIUS_CONTROL, RADIUS_TILE, SEGMENTED, TAB


class _Painted(QAbstractButton):
    """A button that paints itself and knows hover."""

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self.setText(text)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            super().keyPressEvent(event)
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            super().keyReleaseEvent(event)
        else:
            event.ignore()

    def changed_size(self) -> None:
        """The words changed: let the layout ask again."""
        self.updateGeometry()
        self.update()


def _width(text: str, role: str) -> int:
    return QFontMetrics(theme.now().font(role)).horizontalAdvance(text)


class Chip(_Painted):
    """A filter that is on or off; with a count, a type badge, an icon or a cross to take it away."""

    closed = Signal()

    def __init__(
        self, text: str, count: int | None = None, type_key: str = "", icon: str = "", *,
        closable: bool = False, checkable: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(text)
        self._count, self._type, self._icon, self._closable = count, type_key, icon, closable
        self.setCheckable(checkable)
        self.ring_radius = CHIP / 2
        self.toggled.connect(self.changed_size)

    def set_count(self, count: int | None) -> None:
        """Show how many people the filter lets through."""
        self._count = count
        self.changed_size()

    def words(self) -> str:
        """Text and count as shown."""
        return self.text() if self._count is None else f"{self.text()} {self._count:,}"

    def _front(self) -> int:
        if self._type:
            return theme.px(30)
        return theme.px(22) if self._icon else 0

    def _shows_cross(self) -> bool:
        return self._closable and self.isChecked()

    def sizeHint(self) -> QSize:
        left = theme.px(9 if self._type else 13)
        cross = theme.px(20) if self._shows_cross() else 0
        return QSize(
            left + self._front() + _width(self.words(), "label_bold") + cross + theme.px(13), theme.px(CHIP)
        )

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        over_cross = self._shows_cross() and event.position().x() > self.width() - theme.px(32)
        super().mouseReleaseEvent(event)
        if over_cross and self.rect().contains(event.position().toPoint()):
            self.closed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        c = now.tokens
        painter = QPainter(self)
        chosen, hovered = self.isChecked(), self.underMouse()
        rect = QRectF(self.rect())
        fill = c.acc_soft if chosen else c.hover if hovered else c.card
        border = c.acc if chosen else c.ctl if hovered else c.line2
        paint.rounded(painter, rect, rect.height() / 2, fill, border, 1.5 if chosen else 1.0)
        x = now.px(9 if self._type else 13)
        if self._type:
            side = now.px(22)
            paint.badge(painter, x, (self.height() - side) / 2, side, self._type)
        elif self._icon:
            side = now.px(16)
            painter.drawPixmap(
                x, (self.height() - side) // 2, icons.pixmap(self._icon, c.tx2, side, stroke=1.75)
            )
        x += self._front()
        painter.setFont(now.font("label_bold" if chosen else "label"))
        painter.setPen(QColor(c.acc_text if chosen else c.tx))
        painter.drawText(
            QRect(x, 0, self.width() - x, self.height()),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
            self.words(),
        )
        if self._shows_cross():
            side = now.px(15)
            cross = icons.pixmap("x", c.acc_text, side, stroke=2)
            painter.drawPixmap(self.width() - side - now.px(13), (self.height() - side) // 2, cross)
        painter.end()


class FlowRow(QWidget):
    """Widgets in a row that wraps into the next one when the room ends; `rows` apart from it, else `gap`."""

    def __init__(self, gap: int = 8, rows: int | None = None) -> None:
        super().__init__()
        self._gap, self._rows = gap, gap if rows is None else rows
        self._items: list[QWidget] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def add(self, widget: QWidget) -> QWidget:
        """Append a widget; returns it."""
        widget.setParent(self)
        self._items.append(widget)
        widget.show()
        self._place(self.width())
        self.updateGeometry()
        return widget

    def arrange(self, widgets: Sequence[QWidget]) -> None:
        """Show exactly these widgets in this order; what is not among them any more is the caller's."""
        for widget in widgets:
            if widget.parent() is not self:
                widget.setParent(self)
                widget.show()
        self._items = list(widgets)
        self._place(self.width())
        self.updateGeometry()

    def clear(self) -> None:
        """Remove and delete all widgets."""
        for widget in self._items:
            widget.setParent(None)
            widget.deleteLater()
        self._items = []
        self.updateGeometry()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # one of them wants another size
            self._place(self.width())
            self.updateGeometry()
        return super().event(event)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(width, move=False)

    def sizeHint(self) -> QSize:
        gap = theme.px(self._gap)
        wide = sum(_wanted(w).width() + gap for w in self._items) - gap if self._items else 0
        return QSize(wide, self.heightForWidth(self.width() or wide))

    def minimumSizeHint(self) -> QSize:
        return QSize(
            max((_wanted(w).width() for w in self._items), default=0), self.heightForWidth(self.width())
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place(self.width())
        if event.oldSize().width() != self.width():
            self.updateGeometry()

    def _place(self, width: int, *, move: bool = True) -> int:
        gap, rows = theme.px(self._gap), theme.px(self._rows)
        x = y = high = 0
        for widget in self._items:
            if widget.isHidden():
                continue
            size = _wanted(widget)
            if x and x + size.width() > width:
                x, y, high = 0, y + high + rows, 0
            if move:
                widget.setGeometry(QRect(QPoint(x, y), size))
            x += size.width() + gap
            high = max(high, size.height())
        return y + high


def _wanted(widget: QWidget) -> QSize:
    """The size a widget asks for, within what it was told to keep to."""
    return widget.sizeHint().expandedTo(widget.minimumSize()).boundedTo(widget.maximumSize())


class _Tab(_Painted):
    def __init__(self, key: str, text: str, type_key: str) -> None:
        super().__init__(text)
        self.key, self._type = key, type_key
        self.count: int | None = None
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def number(self) -> str:
        return "" if self.count is None else f"{self.count:,}"

    def sizeHint(self) -> QSize:
        badge = theme.px(28) if self._type else 0
        number = _width(self.number(), "body_bold") + theme.px(8) if self.count is not None else 0
        return QSize(theme.px(24) + badge + _width(self.text(), "body_bold") + number, theme.px(TAB))

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        c = now.tokens
        painter = QPainter(self)
        chosen = self.isChecked()
        if chosen:
            paint.rounded(painter, self.rect(), now.px(RADIUS_CONTROL), c.card, c.acc, 1.5)
        elif self.underMouse():
            paint.rounded(painter, self.rect(), now.px(RADIUS_CONTROL), c.hover)
        x = now.px(12)
        if self._type:
            side = now.px(22)
            paint.badge(painter, x, (self.height() - side) / 2, side, self._type)
            x += now.px(28)
        font = now.font("body_bold" if chosen else "body")
        painter.setFont(font)
        painter.setPen(QColor(c.acc_text if chosen else c.tx))
        box = QRect(x, 0, self.width() - x, self.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        x += QFontMetrics(font).horizontalAdvance(self.text()) + now.px(7)
        painter.setFont(now.font("body_bold"))
        painter.setPen(QColor(c.acc_text if chosen else c.tx2))
        box = QRect(x, 0, self.width() - x, self.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.number())
        painter.end()


class _LineTab(_Tab):
    def sizeHint(self) -> QSize:
        number = _width(" " + self.number(), "body_bold") if self.count is not None else 0
        return QSize(_width(self.text(), "body_bold") + number, theme.px(38))

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        c = now.tokens
        painter = QPainter(self)
        chosen = self.isChecked()
        painter.setFont(now.font("body_bold" if chosen else "body"))
        painter.setPen(QColor(c.acc_text if chosen else c.tx if self.underMouse() else c.tx2))
        words = f"{self.text()} {self.number()}".rstrip()
        painter.drawText(
            self.rect().adjusted(0, 0, 0, -now.px(2)),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
            words,
        )
        if chosen:
            painter.fillRect(0, self.height() - now.px(3), self.width(), now.px(3), QColor(c.acc))
        painter.end()


class TabBar(QWidget):
    """Tabs with badge and count, one chosen; ← → choose the neighbour, `picked` tells the key."""

    picked = Signal(str)
    _kind: type[_Tab] = _Tab
    _spacing = 2

    def __init__(self, tabs: Sequence[tuple[str, str] | tuple[str, str, str]] = ()) -> None:
        super().__init__()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.px(self._spacing))
        self._tabs: dict[str, _Tab] = {}
        self._current = ""
        for tab in tabs:
            self._add(tab[0], tab[1], tab[2] if len(tab) > 2 else "")
        self._row.addStretch(1)
        if tabs:
            self.set_current(tabs[0][0])

    def _add(self, key: str, text: str, type_key: str) -> None:
        tab = self._kind(key, text, type_key)
        tab.clicked.connect(self._on_clicked)
        self._tabs[key] = tab
        self._row.addWidget(tab)

    def current(self) -> str:
        """The key of the chosen tab."""
        return self._current

    def set_current(self, key: str) -> None:
        """Choose a tab without telling anybody; "" chooses none, and the first one is reached by Tab."""
        self._current = key
        reached = key or next(iter(self._tabs), "")
        for name, tab in self._tabs.items():
            tab.setChecked(name == key)
            tab.setFocusPolicy(Qt.FocusPolicy.TabFocus if name == reached else Qt.FocusPolicy.NoFocus)

    def set_count(self, key: str, count: int | None) -> None:
        """Show a number behind a tab's words."""
        self._tabs[key].count = count
        self._tabs[key].changed_size()

    def set_text(self, key: str, text: str) -> None:
        """Change a tab's words, as for narrow windows."""
        self._tabs[key].setText(text)
        self._tabs[key].changed_size()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        keys = [key for key, tab in self._tabs.items() if not tab.isHidden()]
        if step is None or self._current not in keys:
            super().keyPressEvent(event)
            return
        key = keys[(keys.index(self._current) + step) % len(keys)]
        self.set_current(key)
        self._tabs[key].setFocus(Qt.FocusReason.TabFocusReason)
        self.picked.emit(key)

    @Slot()
    def _on_clicked(self) -> None:
        tab = self.sender()
        if isinstance(tab, _Tab):
            changed = tab.key != self._current
            self.set_current(tab.key)
            if changed:
                self.picked.emit(tab.key)


class LineTabs(TabBar):
    """Underlined tabs for cards, above a line."""

    _kind = _LineTab
    _spacing = 22

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(theme.now().tokens.line))
        painter.end()


class Segmented(QWidget):
    """One of a few in one box, each with its digit; ← → choose the neighbour."""

    picked = Signal(str)

    def __init__(self, parts: Sequence[tuple[str, str]] = (), *, digits: bool = True) -> None:
        super().__init__()
        self._parts, self._digits = list(parts), digits
        self._current = parts[0][0] if parts else ""
        self._hovered = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def current(self) -> str:
        """The key of the chosen part."""
        return self._current

    def set_current(self, key: str) -> None:
        """Choose a part without telling anybody."""
        self._current = key
        self.update()

    def set_text(self, key: str, text: str) -> None:
        """Change the words of a part."""
        self._parts = [(k, text if k == key else old) for k, old in self._parts]
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        cap = theme.px(30) if self._digits else 0
        wide = max((_width(text, "name") + cap + theme.px(24) for _, text in self._parts), default=0)
        return QSize(wide * len(self._parts), theme.px(SEGMENTED))

    def _box(self, number: int) -> QRectF:
        wide = self.width() / len(self._parts)
        return QRectF(number * wide, 0, wide, self.height())

    def _at(self, x: float) -> int:
        return min(int(x / (self.width() / len(self._parts))), len(self._parts) - 1)

    def _pick(self, number: int) -> None:
        key = self._parts[number][0]
        if key != self._current:
            self.set_current(key)
            self.picked.emit(key)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pick(self._at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hovered = self._at(event.position().x())
        self.update()

    def leaveEvent(self, event: object) -> None:
        self._hovered = -1
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        keys = [key for key, _ in self._parts]
        here = keys.index(self._current) if self._current in keys else -1 if step > 0 else 0
        self._pick((here + step) % len(keys))

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        c = now.tokens
        painter = QPainter(self)
        radius = now.px(RADIUS_CONTROL)
        paint.rounded(painter, self.rect(), radius, c.card, c.ctl)
        for number, (key, text) in enumerate(self._parts):
            box = self._box(number)
            chosen = key == self._current
            if chosen:
                paint.rounded(painter, box, radius, c.acc_soft, c.acc, 2)
            elif number == self._hovered:
                paint.rounded(painter, box.adjusted(3, 3, -3, -3), radius - 2, c.hover)
            if number and not chosen and self._parts[number - 1][0] != self._current:
                painter.fillRect(
                    QRectF(round(box.left()), now.px(10), 1, self.height() - 2 * now.px(10)), QColor(c.line2)
                )
            role = "name" if chosen else "body"
            font = now.font(role)
            font.setPixelSize(now.px(16))
            words = QFontMetrics(font).horizontalAdvance(text)
            cap = now.px(22) if self._digits else 0
            gap = now.px(8) if self._digits else 0
            x = box.center().x() - (words + cap + gap) / 2
            if self._digits:
                digit_cap(painter, QRectF(x, (self.height() - cap) / 2, cap, cap), str(number + 1), chosen)
            painter.setFont(font)
            painter.setPen(QColor(c.acc_text if chosen else c.tx))
            painter.drawText(
                QRectF(x + cap + gap, 0, words + 4, self.height()), Qt.AlignmentFlag.AlignVCenter, text
            )
        painter.end()


def digit_cap(painter: QPainter, rect: QRectF, digit: str, filled: bool) -> None:
    """The key-cap of a digit on a tile; filled when chosen. Shown even while key hints are off."""
    now = theme.now()
    c = now.tokens
    if filled:
        paint.rounded(painter, rect, now.px(4), c.acc)
    else:
        paint.rounded(painter, rect, now.px(4), c.line2)
        paint.rounded(painter, rect.adjusted(1, 1, -1, -2), now.px(3), c.sunk if not c.dark else c.key)
    painter.save()
    font = now.font("label_bold")
    painter.setFont(font)
    painter.setPen(QColor(c.on_acc if filled else c.tx2))
    paint.draw_centred(painter, rect, digit)
    painter.restore()


class OutcomeTile(_Painted):
    """An outcome with its digit: 46 high, fills its column."""

    height_ = OUTCOME_TILE

    def __init__(self, digit: int | str, text: str) -> None:
        super().__init__(text)
        self._digit = str(digit)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{digit} {text}")

    def sizeHint(self) -> QSize:
        return QSize(theme.px(38) + _width(self.text(), "body_bold") + theme.px(12), theme.px(self.height_))

    def minimumSizeHint(self) -> QSize:
        longest = max(_width(word, "small_bold") for word in self.text().split(" "))
        return QSize(theme.px(38) + longest + theme.px(4), theme.px(self.height_))

    def _role(self, chosen: bool) -> str:
        """The largest text that fits, in two small lines at last: English is longer than Chinese."""
        room = self.width() - theme.px(42)
        for role in ("body", "label"):
            wanted = f"{role}_bold" if chosen else role
            if _width(self.text(), wanted) <= room:
                return wanted
        return "small_bold" if chosen else "small"

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        c = now.tokens
        painter = QPainter(self)
        chosen = self.isChecked()
        fill = c.acc_soft if chosen else c.line if self.isDown() else c.card
        border = c.acc if chosen else c.ctl if self.underMouse() else c.line2
        paint.rounded(painter, self.rect(), now.px(RADIUS_CONTROL), fill, border, 2 if chosen else 1)
        cap = now.px(22)
        digit_cap(painter, QRectF(now.px(9), (self.height() - cap) / 2, cap, cap), self._digit, chosen)
        painter.setFont(now.font(self._role(chosen)))
        painter.setPen(QColor(c.acc_text if chosen else c.tx))
        painter.drawText(
            self.rect().adjusted(now.px(38), 0, -2, 0),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap,
            self.text(),
        )
        painter.end()


class OptionTile(OutcomeTile):
    """A reason with its digit: 40 high, as wide as its words."""

    height_ = OPTION_TILE

    def __init__(self, digit: int | str, text: str) -> None:
        super().__init__(digit, text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)


class IconTile(OptionTile):
    """A mark that is set or not: an icon and its word in the middle, 40 high; Space switches it."""

    def __init__(self, icon: str, text: str) -> None:
        super().__init__("", text)
        self._icon = icon
        self.setAccessibleName(text)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(18 + 6 + 2 * 10) + _width(self.text(), "body_bold"), theme.px(self.height_))

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        c = now.tokens
        painter = QPainter(self)
        chosen = self.isChecked()
        fill = c.acc_soft if chosen else c.line if self.isDown() else c.card
        paint.rounded(
            painter, self.rect(), now.px(RADIUS_CONTROL), fill, c.acc if chosen else c.ctl, 2 if chosen else 1
        )
        tint = c.acc_text if chosen else c.tx2
        side, gap = now.px(18), now.px(6)
        room = self.width() - side - gap - now.px(12)
        font = now.font("body_bold" if chosen else "body")
        words = paint.cut(self.text(), font, room)
        left = (self.width() - side - gap - QFontMetrics(font).horizontalAdvance(words)) // 2
        painter.drawPixmap(left, (self.height() - side) // 2, icons.pixmap(self._icon, tint, side))
        painter.setFont(font)
        painter.setPen(QColor(c.acc_text if chosen else c.tx))
        painter.drawText(
            self.rect().adjusted(left + side + gap, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, words
        )
        painter.end()


class ChoiceTile(_Painted):
    """A sample over its name, one of several, as for the font level; `points` is the sample's pixel size."""

    def __init__(self, sample: str, caption: str, points: float = 16, icon: str = "") -> None:
        super().__init__(caption)
        self._sample, self._points, self._icon = sample, points, icon
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.ring_radius = RADIUS_TILE

    def sizeHint(self) -> QSize:
        return QSize(theme.px(110), theme.px(76))

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        c = now.tokens
        painter = QPainter(self)
        chosen = self.isChecked()
        border = c.acc if chosen else c.ctl if self.underMouse() else c.line2
        paint.rounded(
            painter,
            self.rect(),
            now.px(RADIUS_TILE),
            c.acc_soft if chosen else c.card,
            border,
            2 if chosen else 1,
        )
        upper = QRect(0, now.px(8), self.width(), now.px(36))
        if self._icon:
            side = now.px(24)
            tint = c.acc_text if chosen else c.tx2
            painter.drawPixmap((self.width() - side) // 2, now.px(14), icons.pixmap(self._icon, tint, side))
        else:
            font = now.font("name")
            font.setPixelSize(round(self._points))
            painter.setFont(font)
            painter.setPen(QColor(c.acc_text if chosen else c.tx))
            painter.drawText(upper, Qt.AlignmentFlag.AlignCenter, self._sample)
        painter.setFont(now.font("label_bold" if chosen else "label"))
        painter.setPen(QColor(c.acc_text if chosen else c.tx2))
        painter.drawText(
            QRect(0, self.height() - now.px(31), self.width(), now.px(24)),
            Qt.AlignmentFlag.AlignCenter,
            self.text(),
        )
        if chosen:
            side = now.px(18)
            painter.drawPixmap(
                self.width() - side - now.px(7), now.px(7), icons.pixmap("circle-check", c.acc_text, side)
            )
        painter.end()
