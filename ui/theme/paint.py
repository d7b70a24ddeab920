"""Small pictures painted the same way in widgets and in list rows: badge, key-cap, rounded boxes,
cut text.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPen

from shopcrm.basics.texts import has, t
from ui import theme
from ui.theme.tokens import BADGE_RADIUS, KEY_CAP, RADIUS_KEY, Tokens


def rounded(
    painter: QPainter,
    rect: QRectF | QRect,
    radius: float,
    fill: str = "",
    border: str = "",
    width: float = 1.0,
) -> None:
    """A filled and outlined rounded box; the outline lies inside `rect`, so that it stays crisp."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor(fill) if fill else Qt.BrushStyle.NoBrush)
    box = QRectF(rect)
    if border:
        painter.setPen(QPen(QColor(border), width))
        box = box.adjusted(width / 2, width / 2, -width / 2, -width / 2)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
    painter.drawRoundedRect(box, radius, radius)
    painter.restore()


def letter(type_key: str) -> str:
    """The one character of a customer type in the language in force."""
    key = f"type.{type_key}.letter"
    return t(key) if has(key) else type_key[:1].upper()


def badge(
    painter: QPainter, x: float, y: float, side: float, type_key: str, tokens: Tokens | None = None
) -> None:
    """The rounded square of a type with its letter; `tokens` other than the theme's for the dark panels."""
    tone = (tokens or theme.now().tokens).tone(type_key)
    rect = QRectF(x, y, side, side)
    rounded(painter, rect, side * BADGE_RADIUS, tone.fill)
    painter.save()
    font = QFont(theme.now().base)
    font.setPixelSize(max(10, round(side * 0.6)))
    font.setBold(True)
    painter.setFont(font)
    painter.setPen(QColor(tone.on_fill))
    draw_centred(painter, rect, letter(type_key))
    painter.restore()


def draw_centred(painter: QPainter, rect: QRectF, text: str) -> None:
    """Text in the optical middle of a box, by its ink and not by the font's line height."""
    font, inks = painter.font(), theme.now().inks
    key = font.key(), text
    ink = inks.get(key)
    if ink is None:  # a page of rows paints a few letters over and over
        ink = inks[key] = QFontMetrics(font).tightBoundingRect(text)
    x = rect.center().x() - ink.width() / 2 - ink.left()
    y = rect.center().y() - ink.height() / 2 - ink.top()
    painter.drawText(QPointF(x, y), text)


def keycap_width(text: str) -> int:
    """How wide the key-cap of `text` is."""
    return max(
        theme.px(KEY_CAP), QFontMetrics(theme.now().font("key")).horizontalAdvance(text) + theme.px(12)
    )


def keycap(painter: QPainter, x: int, middle: int, text: str) -> int:
    """A key-cap whose vertical middle is `middle`; returns its width."""
    now = theme.now()
    c = now.tokens
    width, height = keycap_width(text), now.px(KEY_CAP)
    rect = QRectF(x, middle - height / 2, width, height)
    rounded(painter, rect, now.px(RADIUS_KEY), c.line2)
    rounded(painter, rect.adjusted(1, 1, -1, -2), now.px(RADIUS_KEY) - 1, c.key)
    painter.save()
    painter.setFont(now.font("key"))
    painter.setPen(QColor(c.tx2))
    painter.drawText(rect.adjusted(0, 0, 0, -1), Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()
    return width


def cut(text: str, font: QFont, width: float) -> str:
    """The text, shortened with an ellipsis where it is wider than `width`."""
    return QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, int(width))


def check(painter: QPainter, box: QRectF, checked: bool, hovered: bool = False, enabled: bool = True) -> None:
    """The box of a checkbox, also used in list rows."""
    c = theme.now().tokens
    if checked:
        rounded(painter, box, theme.px(RADIUS_KEY), c.acc if enabled else c.line2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(
            QPen(
                QColor(c.on_acc),
                box.width() * 0.085,
                Qt.PenStyle.SolidLine,
                Qt.PenCapStyle.RoundCap,
                Qt.PenJoinStyle.RoundJoin,
            )
        )
        tick = QPainterPath(QPointF(box.left() + box.width() * 0.23, box.top() + box.height() * 0.52))
        tick.lineTo(box.left() + box.width() * 0.43, box.top() + box.height() * 0.71)
        tick.lineTo(box.left() + box.width() * 0.79, box.top() + box.height() * 0.31)
        painter.drawPath(tick)
        painter.restore()
    else:
        rounded(
            painter,
            box,
            theme.px(RADIUS_KEY),
            c.hover if hovered else c.card,
            c.ctl if enabled else c.line2,
            1.2,
        )
