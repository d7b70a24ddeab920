"""What a column's painter paints with: fonts, colours and the small pictures of a list row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter

from ui import theme
from ui.theme import icons, paint
from ui.theme.tokens import CHECK, RADIUS_TAG, Tokens

_LINE = Qt.AlignmentFlag.AlignVCenter.value | Qt.TextFlag.TextSingleLine.value
_ALIGN = {
    "left": _LINE | Qt.AlignmentFlag.AlignLeft.value,
    "right": _LINE | Qt.AlignmentFlag.AlignRight.value,
    "center": _LINE | Qt.AlignmentFlag.AlignHCenter.value,
}
_WHOLE = Qt.TextFlag.TextDontClip.value


class _Fonts:
    """The fonts of the theme in force with their measures: every screen of rows asks for them hundreds of
    times."""

    def __init__(self) -> None:
        self._theme = theme.now()
        self._known: dict[str, tuple[QFont, QFontMetrics]] = {}

    def of(self, role: str) -> tuple[QFont, QFontMetrics]:
        """The font of a text role, not to be changed, and its metrics."""
        if self._theme is not theme.now():
            self._theme = theme.now()
            self._known.clear()
        found = self._known.get(role)
        if found is None:
            font = self._theme.font(role)
            found = self._known[role] = font, QFontMetrics(font)
        return found


_fonts = _Fonts()


@dataclass(slots=True)
class RowPaint:
    """One row being painted: its state, and how to draw. `cuts` collects what did not fit,
    for the tooltip.
    """

    painter: QPainter
    row_number: int
    selected: bool = False
    hovered: bool = False
    ticked: bool = False
    cuts: list[str] = field(default_factory=list)

    @property
    def tokens(self) -> Tokens:
        """The colours in force."""
        return theme.now().tokens

    def px(self, size: float) -> int:
        """A size at the font level in force."""
        return theme.px(size)

    def font(self, role: str) -> QFont:
        """The font of a text role."""
        return theme.now().font(role)

    def width(self, text: str, role: str = "body") -> int:
        """How wide a text is."""
        return _fonts.of(role)[1].horizontalAdvance(text)

    def text(
        self,
        rect: QRect,
        text: str,
        role: str = "body",
        colour: str = "",
        align: str = "left",
        *,
        whole: bool = False,
    ) -> int:
        """Draw one line in the vertical middle of `rect`, cut unless `whole`; returns its width.

        Phones, amounts, dates and counts are drawn `whole`.
        """
        font, metrics = _fonts.of(role)
        wide, flags = metrics.horizontalAdvance(text), _ALIGN[align]
        shown = text
        if whole:
            flags |= _WHOLE
        elif wide >= rect.width():
            shown = paint.cut(text, font, rect.width())
            if shown != text:
                self.cuts.append(text)
                wide = metrics.horizontalAdvance(shown)
        self.painter.setFont(font)
        self.painter.setPen(QColor(colour or self.tokens.tx))
        self.painter.drawText(rect, flags, shown)
        return wide

    def two_lines(
        self,
        rect: QRect,
        upper: str,
        lower: str,
        upper_role: str = "body",
        colour: str = "",
        *,
        whole: bool = False,
    ) -> None:
        """A line over a smaller muted one, as in the to-do list; without `lower` the first stands in the
        middle.
        """
        if not lower:
            self.text(rect, upper, upper_role, colour, whole=whole)
            return
        top, bottom = self.halves(rect)
        self.text(top, upper, upper_role, colour)
        self.text(bottom, lower, "small", self.tokens.tx2, whole=whole)

    def halves(self, rect: QRect) -> tuple[QRect, QRect]:
        """The boxes of the two lines of a two-line row."""
        middle = rect.top() + rect.height() // 2
        high = self.px(23)
        top = QRect(rect.left(), middle - high + self.px(2), rect.width(), high)
        return top, QRect(rect.left(), middle + self.px(3), rect.width(), self.px(19))

    def badge(self, x: int, middle: int, side: int, type_key: str) -> None:
        """A type badge whose vertical middle is `middle`; `side` in pixels of the normal level."""
        pixels = self.px(side)
        paint.badge(self.painter, x, middle - pixels / 2, pixels, type_key)

    def icon(self, x: int, middle: int, name: str, colour: str = "", side: int = 18) -> None:
        """An icon whose vertical middle is `middle`."""
        pixels = self.px(side)
        self.painter.drawPixmap(
            x, middle - pixels // 2, icons.pixmap(name, colour or self.tokens.tx2, pixels)
        )

    def pill(self, x: int, middle: int, text: str, icon: str = "", kind: str = "bad") -> None:
        """A pill in the colours of a status, such as an overdue date."""
        colour, fill, border = self.tokens.status(kind)
        front = self.px(26) if icon else self.px(9)
        rect = QRectF(
            x, middle - self.px(27) / 2, front + self.width(text, "small_bold") + self.px(9), self.px(27)
        )
        paint.rounded(self.painter, rect, self.px(RADIUS_TAG), fill, border)
        if icon:
            side = self.px(15)
            self.painter.drawPixmap(
                x + self.px(7), round(middle - side / 2), icons.pixmap(icon, colour, side, stroke=2)
            )
        box = QRect(x + front, round(rect.top()), round(rect.width()), round(rect.height()))
        self.text(box, text, "small_bold", colour, whole=True)

    def check(self, x: int, middle: int, checked: bool) -> None:
        """A checkbox."""
        side = self.px(CHECK)
        paint.check(self.painter, QRectF(x, middle - side / 2, side, side), checked)


Painter = Callable[[RowPaint, QRect, object], None]
__all__ = ["Painter", "RowPaint"]
