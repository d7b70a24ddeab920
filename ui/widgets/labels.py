"""What is only read: labels, key-caps, badges, pills, tags, avatar."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from shopcrm.basics.texts import t
from ui import theme
from ui.theme import icons, paint
from ui.theme.tokens import AVATAR, RADIUS_TAG, TYPE_PILL, Tokens


def restyle(widget: QWidget) -> None:
    """Let the style sheet see changed properties of one widget, if it has looked at it already."""
    if not widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
        return
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


class Label(QLabel):
    """A text in one of the roles of tokens.TEXT and one of the tones of the style sheet."""

    def __init__(self, text: str = "", role: str = "body", tone: str = "", *, wrap: bool = False) -> None:
        super().__init__(text)
        self.setProperty("role", role)
        self.setProperty("tone", tone)
        self.setWordWrap(wrap)
        self.setTextFormat(Qt.TextFormat.PlainText)

    def set_role(self, role: str) -> None:
        """Change the role of tokens.TEXT."""
        if self.property("role") != role:
            self.setProperty("role", role)
            restyle(self)

    def set_tone(self, tone: str) -> None:
        """Change the colour: "", tx2, txd, acc, bad, ok, warn, info."""
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            restyle(self)


class ElidedLabel(Label):
    """A label that cuts its text to the space there is; its tooltip shows the whole text only while cut."""

    def __init__(self, text: str = "", role: str = "body", tone: str = "") -> None:
        super().__init__("", role, tone)
        self._whole = text
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._fit()

    def setText(self, text: str) -> None:
        """Show `text`, cut where needed."""
        self._whole = text
        self.updateGeometry()
        self._fit()

    def whole_text(self) -> str:
        """The text that was set, uncut."""
        return self._whole

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._whole) + 2, metrics.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance("…") + 2, self.fontMetrics().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self.updateGeometry()
            self._fit()

    def _fit(self) -> None:
        shown = paint.cut(self._whole, self.font(), self.width() + 1)
        if shown != self.text():
            super().setText(shown)
        self.setToolTip(self._whole if shown != self._whole else "")


class KeyCap(QWidget):
    """A key as on the keyboard; vanishes while key hints are switched off."""

    shown = True  # the setting 显示键盘提示, for all key-caps of the program

    def __init__(self, key: str) -> None:
        super().__init__()
        self._key = key
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(paint.keycap_width(self._key), theme.px(22)) if KeyCap.shown else QSize(0, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        if KeyCap.shown:
            painter = QPainter(self)
            paint.keycap(painter, 0, self.height() // 2, self._key)
            painter.end()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self.updateGeometry()


class KeyHint(QWidget):
    """A key-cap and what the key does."""

    def __init__(self, key: str, words: str) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(5))
        row.addWidget(KeyCap(key))
        row.addWidget(Label(words, "small", "tx2"))
        if not KeyCap.shown:
            self.hide()  # never setVisible(True) without a parent: that opens a window
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)


class TypeBadge(QWidget):
    """The square of a customer type with its letter; the tooltip gives the evidence."""

    def __init__(self, type_key: str = "", side: int = 30, tokens: Tokens | None = None) -> None:
        super().__init__()
        self._type, self._side, self._tokens = type_key, side, tokens
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_type(type_key)

    def set_type(self, type_key: str, evidence: str = "") -> None:
        """Show another type."""
        self._type = type_key
        name = t(f"type.{type_key}") if type_key else ""
        self.setAccessibleName(name)
        self.setToolTip(t("tip.badge", type=name, evidence=evidence) if evidence else name)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(self._side), theme.px(self._side))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._type:
            painter = QPainter(self)
            side = theme.px(self._side)
            paint.badge(
                painter, (self.width() - side) / 2, (self.height() - side) / 2, side, self._type, self._tokens
            )
            painter.end()


class TypePill(QWidget):
    """Badge and name of a type on its soft fill."""

    def __init__(self, type_key: str = "") -> None:
        super().__init__()
        self._type = type_key
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_type(type_key)

    def set_type(self, type_key: str, evidence: str = "") -> None:
        """Show another type."""
        self._type = type_key
        name = t(f"type.{type_key}") if type_key else ""
        self.setAccessibleName(name)
        self.setToolTip(t("tip.badge", type=name, evidence=evidence) if evidence else name)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        if not self._type:
            return QSize(0, theme.px(TYPE_PILL))
        words = QFontMetrics(theme.now().font("label_bold")).horizontalAdvance(t(f"type.{self._type}"))
        return QSize(theme.px(TYPE_PILL) + words + theme.px(18), theme.px(TYPE_PILL))

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._type:
            return
        now = theme.now()
        tone = now.tokens.tone(self._type)
        side = now.px(TYPE_PILL)
        painter = QPainter(self)
        rect = QRectF(0, (self.height() - side) / 2, self.width(), side)
        paint.rounded(painter, rect, now.px(RADIUS_TAG), tone.soft)
        paint.badge(painter, 0, rect.top(), side, self._type)
        painter.setFont(now.font("label_bold"))
        painter.setPen(QColor(tone.on_soft))
        painter.drawText(
            rect.adjusted(side + now.px(8), 0, 0, 0),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
            t(f"type.{self._type}"),
        )
        painter.end()


class Tag(QWidget):
    """A short word on a soft fill; tone "" is neutral."""

    def __init__(self, text: str, tone: str = "") -> None:
        super().__init__()
        self.text, self._tone = text, tone
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        words = QFontMetrics(theme.now().font("label")).horizontalAdvance(self.text)
        return QSize(words + theme.px(20), theme.px(28))

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        words, fill, _ = (
            now.tokens.status(self._tone) if self._tone else (now.tokens.tx, now.tokens.hover, "")
        )
        painter = QPainter(self)
        paint.rounded(painter, self.rect(), now.px(RADIUS_TAG), fill)
        painter.setFont(now.font("label"))
        painter.setPen(QColor(words))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text)
        painter.end()


class TagRow(QWidget):
    """Tags that wrap to at most `rows` rows; what does not fit becomes “+n” with the rest in its tooltip."""

    def __init__(self, rows: int = 2) -> None:
        super().__init__()
        self._rows = rows
        self._wanted: list[tuple[str, str]] = []
        self._tags: list[Tag] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_tags(self, tags: Sequence[tuple[str, str]]) -> None:
        """Show these (text, tone) pairs."""
        self._wanted = list(tags)
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        for tag in self._tags:
            tag.setParent(None)
            tag.deleteLater()
        self._tags = []
        gap, high = theme.px(6), theme.px(28)
        room = max(self.width(), theme.px(60))
        more = theme.px(44)
        x = row = 0
        for number, (text, tone) in enumerate(self._wanted):
            tag = Tag(text, tone)
            wide = min(tag.sizeHint().width(), room)
            last = row == self._rows - 1 and number < len(self._wanted) - 1
            if x and x + wide + (more if last else 0) > room:
                if row == self._rows - 1:
                    rest = self._wanted[number:]
                    tag.deleteLater()
                    tag = Tag(f"+{len(rest)}")
                    tag.setToolTip(t("g.list").join(word for word, _ in rest))
                    self._put(tag, x, row * (high + gap), tag.sizeHint().width(), high)
                    break
                x, row = 0, row + 1
            self._put(tag, x, row * (high + gap), wide, high)
            x += wide + gap
        self.setFixedHeight((row + 1) * high + row * gap if self._wanted else 0)

    def _put(self, tag: Tag, x: int, y: int, width: int, height: int) -> None:
        tag.setParent(self)
        tag.setGeometry(x, y, width, height)
        tag.show()
        self._tags.append(tag)


class DuePill(QWidget):
    """A red pill with a warning icon: overdue."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        words = QFontMetrics(theme.now().font("small_bold")).horizontalAdvance(self._text)
        return QSize(words + theme.px(34), theme.px(27))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        due_pill(painter, 0, self.height() / 2, self._text)
        painter.end()


def due_pill(painter: QPainter, x: float, middle: float, text: str) -> None:
    """Paint the overdue pill with its left edge at `x`."""
    now = theme.now()
    words = QFontMetrics(now.font("small_bold")).horizontalAdvance(text)
    rect = QRectF(x, middle - now.px(27) / 2, words + now.px(34), now.px(27))
    paint.rounded(painter, rect, now.px(RADIUS_TAG), now.tokens.bad_soft, now.tokens.bad_line)
    side = now.px(15)
    painter.drawPixmap(
        int(rect.left() + now.px(7)),
        int(middle - side / 2),
        icons.pixmap("alert-circle", now.tokens.bad, side, stroke=2),
    )
    painter.save()
    painter.setFont(now.font("small_bold"))
    painter.setPen(QColor(now.tokens.bad))
    painter.drawText(rect.adjusted(now.px(26), 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, text)
    painter.restore()


class Avatar(QWidget):
    """The last character of a person's name in a circle."""

    def __init__(self, name: str = "", side: int = AVATAR) -> None:
        super().__init__()
        self._name, self._side = name, side
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_name(self, name: str) -> None:
        """Show another person."""
        self._name = name
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(self._side), theme.px(self._side))

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        painter = QPainter(self)
        side = now.px(self._side)
        rect = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        paint.rounded(painter, rect, side / 2, now.tokens.acc_line)
        font = now.font("body_bold")
        font.setPixelSize(round(side * 0.44))
        painter.setFont(font)
        painter.setPen(QColor(now.tokens.tx if now.tokens.dark else now.tokens.on_nav_badge))
        paint.draw_centred(painter, rect, avatar_letter(self._name))
        painter.end()


def avatar_letter(name: str) -> str:
    """林姐 is 林, 小雯 is 雯: the character that tells her from the others."""
    bare = name.strip()
    if len(bare) == 2 and bare[-1] in t("avatar.suffixes"):
        return bare[0]
    return bare[-1:].upper()
