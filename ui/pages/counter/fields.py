"""The fields of a booking, what is suggested under them, and the parts its pages are made of."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from shopcrm.basics.texts import t
from ui import theme
from ui.theme import paint
from ui.widgets import FormInput, OptionTile, Popup, SmallButton

LONGEST = 500  # characters; what is on file may be long, and is not to be cut
_ROW = 40
_MINUS = "-\u2212\u2013\u2014"  # one of these first asks what she may bring back


class Field(FormInput):
    """Enter goes on, arrows choose a suggestion, Ctrl+Del removes the line, Ctrl+. opens its details."""

    moved = Signal(int)
    removed = Signal()
    folded = Signal()  # Ctrl+.
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.moved.emit(1 if key == Qt.Key.Key_Down else -1)
        elif key == Qt.Key.Key_Delete and control:
            self.removed.emit()
        elif key == Qt.Key.Key_Period and control:
            self.folded.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()


class Offer(NamedTuple):
    """One suggestion: what, a muted remark behind it, a figure at the right end, and what it stands for."""

    words: str
    remark: str
    right: str
    value: object


class Suggestions(Popup):
    """Suggestions under a field that keeps the focus."""

    picked = Signal(object)

    def __init__(self, anchor: QWidget) -> None:
        super().__init__(anchor)
        self.list = _OfferList()
        self.list.clicked.connect(self._on_clicked)
        self.body.addWidget(self.list)

    def offer(self, offers: Sequence[Offer], chosen: int = -1) -> None:
        """Show these; hide where there are none."""
        self.list.offers, self.list.chosen = list(offers), chosen
        if not offers:
            self.hide()
            return
        self.list.updateGeometry()
        self.list.update()
        self.show_below()

    def move_by(self, step: int) -> None:
        """Choose the one above or below."""
        count = len(self.list.offers)
        if count:
            chosen = self.list.chosen
            self.list.chosen = (chosen + step) % count if chosen >= 0 else 0 if step > 0 else count - 1
            self.list.update()

    def chosen(self) -> object:
        """What is highlighted, None if nothing is or the popup is closed."""
        shown = self.isVisible() and self.list.chosen >= 0
        return self.list.offers[self.list.chosen].value if shown else None

    @Slot()
    def _on_clicked(self) -> None:
        if self.list.chosen >= 0:
            self.picked.emit(self.list.offers[self.list.chosen].value)


class _OfferList(QWidget):
    clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.offers: list[Offer] = []
        self.chosen = -1
        self.setMouseTracking(True)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(380), theme.px(_ROW) * len(self.offers))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        number = int(event.position().y()) // theme.px(_ROW)
        if 0 <= number < len(self.offers) and number != self.chosen:
            self.chosen = number
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.mouseMoveEvent(event)
        self.clicked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        painter = QPainter(self)
        high = now.px(_ROW)
        middle = Qt.AlignmentFlag.AlignVCenter
        for number, offer in enumerate(self.offers):
            box = QRect(0, number * high, self.width(), high)
            chosen = number == self.chosen
            if chosen:
                paint.rounded(painter, box, now.px(6), now.tokens.acc_soft)
            inner = box.adjusted(now.px(10), 0, -now.px(10), 0)
            painter.setFont(now.font("label"))
            painter.setPen(QColor(now.tokens.tx2))
            painter.drawText(inner, middle | Qt.AlignmentFlag.AlignRight, offer.right)
            metrics = painter.fontMetrics()
            room = inner.width() - metrics.horizontalAdvance(offer.right) - now.px(12)
            taken = metrics.horizontalAdvance(offer.remark) + now.px(12) if offer.remark else 0
            font = now.font("body_bold" if chosen else "body")
            words = paint.cut(offer.words, font, max(room - taken, now.px(60)))
            painter.setFont(font)
            painter.setPen(QColor(now.tokens.acc_text if chosen else now.tokens.tx))
            painter.drawText(inner, middle, words)
            if offer.remark:
                left = painter.fontMetrics().horizontalAdvance(words) + now.px(12)
                painter.setFont(now.font("label"))
                painter.setPen(QColor(now.tokens.tx2))
                painter.drawText(inner.adjusted(left, 0, 0, 0), middle, offer.remark)
        painter.end()


def asks_back(text: str) -> bool:
    """Whether what is typed into an article field asks for what she may bring back."""
    return unicodedata.normalize("NFKC", text.strip()).startswith(tuple(_MINUS))


def after_minus(text: str) -> str:
    """The article looked for behind the minus."""
    return unicodedata.normalize("NFKC", text.strip())[1:].strip()


class Chooser(SmallButton):
    """A button with a list of what may be chosen: Enter opens it and takes, arrows choose, Esc closes."""

    picked = Signal(int)

    def __init__(self, icon: str, above: QWidget) -> None:
        super().__init__("", icon=icon)
        self._offers: list[Offer] = []
        self.popup = Suggestions(above)
        self.popup.picked.connect(self._take)
        self.clicked.connect(self._on_clicked)
        self.hide()

    def set_offers(self, offers: Sequence[Offer]) -> None:
        """What may be chosen; without anything the button is not there."""
        self.popup.hide()
        self._offers = list(offers)
        self.setVisible(bool(offers))
        self.setText(t("ct.anonymous.n", n=len(offers)))

    @Slot()
    def _on_clicked(self) -> None:
        if self.popup.isVisible():
            self._take(self.popup.chosen())
        else:
            self.popup.offer(self._offers, 0)

    @Slot(object)
    def _take(self, value: object) -> None:
        self.popup.hide()
        if isinstance(value, int):
            self.picked.emit(value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.popup.isVisible() and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.popup.move_by(1 if event.key() == Qt.Key.Key_Down else -1)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: object) -> None:
        super().focusOutEvent(event)  # type: ignore[arg-type]
        self.popup.hide()


class Scroller(QScrollArea):
    """A page that scrolls where the window is too low for it; what has the focus is in sight."""

    def __init__(self, page: QWidget) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(page)
        QApplication.instance().focusChanged.connect(self._on_focus)  # type: ignore[union-attr]

    @Slot(QWidget, QWidget)
    def _on_focus(self, _old: QWidget | None, new: QWidget | None) -> None:
        if new is not None and self.isAncestorOf(new):
            self.ensureWidgetVisible(new, 0, theme.px(64))


def tiles_in(tiles: Sequence[OptionTile], columns: int) -> QGridLayout:
    """Tiles in so many columns."""
    grid = QGridLayout()
    grid.setSpacing(theme.px(8))
    for number, tile in enumerate(tiles):
        tile.setSizePolicy(tile.sizePolicy().Policy.Expanding, tile.sizePolicy().Policy.Fixed)
        grid.addWidget(tile, number // columns, number % columns)
    return grid


def blank_page() -> tuple[QWidget, QVBoxLayout]:
    """A page without margins, and its column."""
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.px(8))
    return page, column
