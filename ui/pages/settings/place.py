"""What every place of the settings has, and its entry in the list."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from shopcrm.basics.records import Changes
from ui import theme
from ui.theme import icons, paint

if TYPE_CHECKING:
    from ui.pages.base import Page


class Place(QWidget):
    """One place: cards one below the other. `read` shows what is in force."""

    scrolls_itself = False  # True: fills the page, with parts of it that scroll
    toast_area: QWidget | None = None  # what a toast stands on; None: all of the place
    frame: QScrollArea  # the settings page scrolls it, unless it does that itself

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page
        self.session = page.session
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(theme.px(12))

    def read(self) -> None:
        """Show what is in force now."""

    def concerned(self, changes: Changes) -> bool:
        """Whether a write may have changed what is shown here."""
        return bool(changes.settings or changes.types or changes.batches)

    def asks_first(self, go: Callable[[], object]) -> bool:
        """True if the place may not be left without an answer: it asks, and then calls `go` or stays."""
        return False

    def save_now(self) -> None:
        """Ctrl+Enter, wherever the focus is on the page: keep what was changed here."""

    def undo(self) -> bool:
        """Ctrl+Z; False lets the shop's last action be taken back."""
        return False

    def redo(self) -> bool:
        """Ctrl+Y; False lets the shop's last undo be done again."""
        return False

    def carry(self) -> dict[str, Any]:
        """Arguments for `take` of the same place, made anew after theme or language were changed."""
        return {}

    def take(self, **carried: Any) -> None:
        """Go on with what was carried over."""


def paint_chosen(painter: QPainter, line: QAbstractButton, fill: str) -> None:
    """The ground of a line one chooses: filled and with a bar at its left when it is chosen."""
    now = theme.now()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if line.isChecked():
        paint.rounded(painter, line.rect(), now.px(6), fill)
        bar = QRectF(0, line.height() * 0.24, now.px(4), line.height() * 0.52)
        paint.rounded(painter, bar, now.px(2), now.tokens.acc)
    elif line.underMouse():
        paint.rounded(painter, line.rect(), now.px(6), now.tokens.hover)


class PlaceButton(QAbstractButton):
    """Icon and name; the chosen one is white with a bar at its left."""

    def __init__(self, icon: str, words: str) -> None:
        super().__init__()
        self._icon = icon
        self.setText(words)
        self.setCheckable(True)
        self.setAccessibleName(words)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        words = QFontMetrics(theme.now().font("body_bold")).horizontalAdvance(self.text())
        return QSize(theme.px(15 + 18 + 10) + words + theme.px(8), theme.px(42))

    def enterEvent(self, event: object) -> None:
        self.update()

    def leaveEvent(self, event: object) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        painter = QPainter(self)
        chosen = self.isChecked()
        colour = now.tokens.acc_text if chosen else now.tokens.tx
        paint_chosen(painter, self, now.tokens.card)
        side = now.px(18)
        at = now.px(15)
        painter.drawPixmap(at, (self.height() - side) // 2, icons.pixmap(self._icon, colour, side))
        painter.setFont(now.font("body_bold" if chosen else "body"))
        painter.setPen(QColor(colour))
        words = self.rect().adjusted(at + side + now.px(10), 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        painter.end()


def scrolled(part: QWidget, *, takes_focus: bool = False) -> QScrollArea:
    """A part that goes up and down where the window is not high enough; with `takes_focus` by keys, too."""
    scroll = QScrollArea()
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    if not takes_focus:
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setWidget(part)
    return scroll
