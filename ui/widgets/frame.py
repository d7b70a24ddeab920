"""The window's own parts: rail, the person's button, the list under the global search."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from shopcrm.basics.records import MemberRow
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_phone
from ui import theme
from ui.theme import icons, paint
from ui.theme.tokens import AVATAR, DARK, RADIUS_TILE, RAIL, RAIL_COMPACT, RAIL_ENTRY, RAIL_ENTRY_COMPACT
from ui.widgets.blocks import STATUS_ICONS, Line
from ui.widgets.floating import Popup
from ui.widgets.labels import KeyCap, Label, avatar_letter

if TYPE_CHECKING:
    from shopcrm.shop import ShopView

MOST_FOUND = 20  # people named by an answer: in a large shop many share the last four digits
ROWS_FOUND = 6  # of them shown at once
_ROW = 62
_GROUPED = r"[0-9 -]+"  # digits as they are typed, in groups or not


class RailEntry(QAbstractButton):
    """One place on the rail: icon over words, a count, a faint key."""

    def __init__(self, icon: str, text: str, hint: str = "") -> None:
        super().__init__()
        self._icon, self._hint = icon, hint
        self._number = 0
        self.compact = False
        self.setText(text)
        self.setAccessibleName(text)
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.ring_radius = RADIUS_TILE

    def set_number(self, number: int) -> None:
        """Show how many wait there; 0 hides it."""
        if number != self._number:
            self._number = number
            self.setAccessibleName(t("nav.open", name=self.text(), n=number) if number else self.text())
            self.update()

    def number(self) -> int:
        """How many wait there."""
        return self._number

    def sizeHint(self) -> QSize:
        return QSize(theme.px(80), theme.px((RAIL_ENTRY_COMPACT if self.compact else RAIL_ENTRY) - 4))

    def nextCheckState(self) -> None:
        """The window decides which entry is the active one."""

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        c = now.tokens
        painter = QPainter(self)
        active = self.isChecked()
        if active or self.underMouse():
            paint.rounded(
                painter, self.rect(), now.px(RADIUS_TILE), c.rail_active if active else c.rail_hover
            )
        font = now.font("label_bold" if active else "label")
        long = QFontMetrics(now.font("label_bold")).horizontalAdvance(self.text()) > self.width() - 2
        if long:  # English: two smaller lines
            font = now.font("key_bold" if active else "key")
        side, lines = now.px(24), now.px(32 if long else 20)
        top = (self.height() - side - now.px(2) - lines) // 2
        painter.drawPixmap(
            (self.width() - side) // 2,
            top,
            icons.pixmap(self._icon, c.rail_on if active else c.rail_text, side),
        )
        painter.setFont(font)
        painter.setPen(QColor(c.rail_on if active else c.rail_text))
        box = QRect(0, top + side + now.px(2), self.width(), lines + now.px(2))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.text())
        if self._number:
            self._paint_number(painter)
        elif self._hint and KeyCap.shown:
            painter.setFont(now.font("key"))
            painter.setPen(QColor(c.rail_text2))
            box = QRect(0, top - now.px(6), self.width() - now.px(8), now.px(16))
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._hint)
        painter.end()

    def _paint_number(self, painter: QPainter) -> None:
        now = theme.now()
        text = "99+" if self._number > 99 else str(self._number)
        font = now.font("key_bold")
        wide = max(now.px(20), QFontMetrics(font).horizontalAdvance(text) + now.px(10))
        box = QRectF(self.width() - wide - now.px(7), now.px(2), wide, now.px(20))
        paint.rounded(painter, box, box.height() / 2, now.tokens.nav_badge)
        painter.setFont(font)
        painter.setPen(QColor(now.tokens.on_nav_badge))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


class RailStatus(QAbstractButton):
    """How the data is kept, in a few words under a sign; nothing of it where nothing is to be said."""

    def __init__(self) -> None:
        super().__init__()
        self._tone = ""
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.ring_radius = RADIUS_TILE
        self.hide()

    def set_state(self, tone: str, words: str, sentence: str) -> None:
        """Say it: `tone` is ok, warn or bad; the sentence is for the pointer and for who listens."""
        self._tone = tone
        self.setText(words)
        self.setToolTip(sentence)
        self.setAccessibleName(t("bk.rail.name", words=words))
        self.setAccessibleDescription(sentence)
        self.updateGeometry()
        rail = self.parentWidget()
        if isinstance(rail, Rail):
            rail.fit()
        self.update()

    def tone(self) -> str:
        """What is said: ok, warn or bad."""
        return self._tone

    def _is_long(self) -> bool:
        """Whether the words take two lines."""
        return QFontMetrics(theme.now().font("key")).horizontalAdvance(self.text()) > theme.px(
            RAIL_COMPACT - 8
        )

    def sizeHint(self) -> QSize:
        return QSize(theme.px(80), theme.px(60 if self._is_long() else 46))

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        painter = QPainter(self)
        if self.underMouse():
            paint.rounded(painter, self.rect(), now.px(RADIUS_TILE), now.tokens.rail_hover)
        colour = DARK.status(self._tone)[0] if self._tone else now.tokens.rail_text2
        side, font = now.px(18), now.font("key")
        top = now.px(4)
        painter.drawPixmap(
            (self.width() - side) // 2, top, icons.pixmap(STATUS_ICONS[self._tone or "info"], colour, side)
        )
        painter.setFont(font)
        painter.setPen(QColor(now.tokens.rail_text if self._tone == "ok" else colour))
        box = QRect(0, top + side, self.width(), self.height() - top - side)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.text())
        painter.end()


class Rail(QWidget):
    """The places of the program on the dark left edge."""

    picked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("fill", "rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(theme.px(8))
        self._column.addStretch(1)
        self.status = RailStatus()
        self._column.addWidget(self.status)
        self._tops = 0
        self.entries: dict[str, RailEntry] = {}
        self.set_compact(False)

    def add(
        self, key: str, icon: str, text: str, *, hint: str = "", tip: str = "", bottom: bool = False
    ) -> None:
        """Add a place, from top to bottom; `bottom` ones stand at the lower end."""
        entry = RailEntry(icon, text, hint)
        entry.setToolTip(tip)
        entry.clicked.connect(self._on_clicked)
        self.entries[key] = entry
        if bottom:
            self._column.addWidget(entry)
        else:
            self._column.insertWidget(self._tops, entry)
            self._tops += 1

    def set_current(self, key: str) -> None:
        """Mark the place shown."""
        for name, entry in self.entries.items():
            entry.setChecked(name == key)

    def set_compact(self, compact: bool) -> None:
        """Take less room."""
        self.setFixedWidth(theme.px(RAIL_COMPACT if compact else RAIL))
        side = theme.px(4 if compact else 8)
        self._column.setContentsMargins(side, theme.px(14), side, theme.px(9))
        for entry in self.entries.values():
            entry.compact = compact
            entry.updateGeometry()
        self.fit()

    def fit(self) -> None:
        """Show the status where there are words for it and room beside the places."""
        least = sum(entry.sizeHint().height() + self._column.spacing() for entry in self.entries.values())
        room = self.height() - least - 2 * theme.px(14) >= self.status.sizeHint().height()
        self.status.setVisible(bool(self.status.text()) and room)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    @Slot()
    def _on_clicked(self) -> None:
        for key, entry in self.entries.items():
            if entry is self.sender():
                self.picked.emit(key)


class PersonButton(QAbstractButton):
    """Who is using the program: avatar, name, chevron."""

    def __init__(self) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def set_name(self, name: str) -> None:
        """Show another person."""
        self.setText(name)
        self.setToolTip(t("staff.menu", name=name))
        self.setAccessibleName(t("staff.menu", name=name))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        words = QFontMetrics(theme.now().font("body")).horizontalAdvance(self.text())
        return QSize(theme.px(AVATAR + 8 + 24) + min(words, theme.px(120)), theme.px(40))

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        c = now.tokens
        painter = QPainter(self)
        side = now.px(AVATAR)
        circle = QRectF(0, (self.height() - side) / 2, side, side)
        paint.rounded(painter, circle, side / 2, c.acc_line)
        painter.setFont(now.font("body_bold"))
        painter.setPen(QColor(c.tx if c.dark else c.on_nav_badge))
        paint.draw_centred(painter, circle, avatar_letter(self.text()))
        chevron = now.px(16)
        font = now.font("body")
        painter.setFont(font)
        painter.setPen(QColor(c.acc_text if self.underMouse() else c.tx))
        room = QRect(
            side + now.px(8), 0, self.width() - side - now.px(8) - chevron - now.px(4), self.height()
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, paint.cut(self.text(), font, room.width() + 2))
        painter.drawPixmap(
            self.width() - chevron,
            (self.height() - chevron) // 2,
            icons.pixmap("chevron-down", c.tx2, chevron, stroke=2),
        )
        painter.end()


class FoundList(QWidget):
    """The people found, one of them chosen; six rows at once, the others come up by the arrows and the
    wheel."""

    clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[tuple[MemberRow, str]] = []
        self.query = ""
        self.chosen = 0
        self.sure = 0  # the member it is said to be
        self.age: Callable[[MemberRow], str] = lambda row: ""
        self._top = 0
        self.setMouseTracking(True)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(360), theme.px(_ROW) * min(len(self.rows), ROWS_FOUND))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def sentence(self) -> str:
        """The chosen person as a sentence, for who listens to the screen."""
        if not self.rows:
            return ""
        row = self.rows[self.chosen][0]
        return t(
            "mb.rowtext", name=row.name or t("mb.noname"), last=self.age(row),
            type=t("type." + row.type) if row.type else t("mb.notype"),
            phone=show_phone(row.phones[0]) if row.phones else t("today.nophone"),
        )  # fmt: skip

    def top(self) -> int:
        """The number of the first row shown; the chosen one is always among them."""
        last = max(len(self.rows) - ROWS_FOUND, 0)
        self._top = min(max(self._top, self.chosen - ROWS_FOUND + 1), self.chosen, last)
        return self._top

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._choose(event.position().toPoint())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._choose(event.position().toPoint())
        self.clicked.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if len(self.rows) > ROWS_FOUND and event.angleDelta().y():
            step = -1 if event.angleDelta().y() > 0 else 1
            top = min(max(self.top() + step, 0), len(self.rows) - ROWS_FOUND)
            self._top, self.chosen = top, min(max(self.chosen, top), top + ROWS_FOUND - 1)
            self._choose(event.position().toPoint())
            self.update()
        event.accept()

    def _choose(self, place: QPoint) -> None:
        number = self.top() + place.y() // theme.px(_ROW)
        if 0 <= number < len(self.rows) and number != self.chosen:
            self.chosen = number
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        top = self.top()
        for number in range(top, min(top + ROWS_FOUND, len(self.rows))):
            self._paint_row(painter, number)
        if len(self.rows) > ROWS_FOUND:  # how far down the list it is
            share = self.height() / len(self.rows)
            bar = QRectF(self.width() - theme.px(4), top * share, theme.px(4), ROWS_FOUND * share)
            paint.rounded(painter, bar, theme.px(2), theme.now().tokens.line2)
        painter.end()

    def _paint_row(self, painter: QPainter, number: int) -> None:
        now = theme.now()
        c = now.tokens
        row, initials = self.rows[number]
        high = now.px(_ROW)
        box = QRect(0, (number - self.top()) * high, self.width(), high - now.px(2))
        chosen = number == self.chosen
        if chosen:
            paint.rounded(painter, box, now.px(6), c.acc_soft, c.acc, 1.5)
        middle = box.center().y()
        side = now.px(30)
        if row.type:
            paint.badge(painter, now.px(12), middle - side / 2, side, row.type)
        x = now.px(52)
        upper = QRect(x, box.top() + now.px(7), box.width() - x - now.px(12), now.px(25))
        lower = QRect(x, box.top() + now.px(32), box.width() - x - now.px(12), now.px(20))
        font = now.font("name")
        painter.setFont(font)
        painter.setPen(QColor(c.tx))
        name = paint.cut(row.name, font, upper.width() - now.px(110))
        painter.drawText(upper, Qt.AlignmentFlag.AlignVCenter, name)
        if initials:
            left = upper.adjusted(QFontMetrics(font).horizontalAdvance(name) + now.px(8), 0, 0, 0)
            painter.setFont(now.font("label"))
            painter.setPen(QColor(c.acc_text))
            painter.drawText(left, Qt.AlignmentFlag.AlignVCenter, initials)
        paint_phone(painter, lower, row.phones, self.query)
        painter.setFont(now.font("label"))
        painter.setPen(QColor(c.tx2))
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(lower, right, self.age(row))
        if row.id == self.sure:
            side = now.px(20)
            painter.drawPixmap(
                box.right() - side - now.px(9),
                upper.center().y() - side // 2,
                icons.pixmap("check", c.acc_text, side, stroke=2.4),
            )
        elif chosen and KeyCap.shown:
            wide = paint.keycap_width("Enter")
            paint.keycap(painter, box.right() - wide - now.px(9), upper.center().y() + 1, "Enter")


def paint_phone(
    painter: QPainter, box: QRect, phones: Sequence[str], query: str, role: str = "label"
) -> None:
    """A phone with the digits looked for in accent bold; of several phones the one that holds them."""
    now = theme.now()
    digits = "".join(filter(str.isdigit, query)) if re.fullmatch(_GROUPED, query) else ""
    phone = next((p for p in phones if digits and digits in p), phones[0] if phones else "")
    shown = show_phone(phone) if phone else ""
    start = phone.rfind(digits) if digits else -1
    before = sum(map(str.isdigit, phone[: max(start, 0)]))  # of a masked one some are stars
    marks = set(range(before, before + len(digits))) if start >= 0 else set()
    x, seen = box.left(), 0
    for char in shown:
        marked = char.isdigit() and seen in marks
        seen += char.isdigit()
        font = now.font(role + "_bold" if marked else role)
        painter.setFont(font)
        painter.setPen(QColor(now.tokens.acc_text if marked else now.tokens.tx2))
        painter.drawText(QRect(x, box.top(), box.width(), box.height()), Qt.AlignmentFlag.AlignVCenter, char)
        x += QFontMetrics(font).horizontalAdvance(char)


class SearchPopup(Popup):
    """People found by the header's search: Enter goes to the counter, Ctrl+Enter to the card."""

    picked = Signal(int, bool)  # member, True with Ctrl
    new_wanted = Signal(str)  # what was typed

    def __init__(self, anchor: QWidget) -> None:
        super().__init__(anchor, 380)
        self._query = ""
        self._list = FoundList()
        self._list.clicked.connect(self._on_clicked)
        self.body.addWidget(self._list)
        self._none = Label("", "body_bold")
        self._none.setContentsMargins(theme.px(12), theme.px(10), theme.px(12), theme.px(4))
        self.body.addWidget(self._none)
        self._new = NewRow()
        self._new.clicked.connect(self._on_new)
        self.body.addWidget(self._new)
        self._line = Line()
        self.body.addWidget(self._line)
        foot = QWidget()
        row = QHBoxLayout(foot)
        row.setContentsMargins(theme.px(6), theme.px(9), theme.px(6), theme.px(6))
        row.setSpacing(theme.px(5))
        for key, words in (("Enter", "search.enter"), ("Ctrl+Enter", "search.ctrlenter")):
            row.addWidget(KeyCap(key))
            row.addWidget(Label(t(words), "small", "tx2"))
            row.addSpacing(theme.px(8))
        row.addStretch(1)
        self._foot = foot
        self.body.addWidget(foot)

    def show_found(
        self, query: str, rows: Sequence[tuple[MemberRow, str]], age: Callable[[MemberRow], str]
    ) -> None:  # fmt: skip
        """Show people, each with the initials that matched ("" = none); `age` words the last purchase."""
        self._query = query
        self._list.rows, self._list.query, self._list.age = list(rows[:MOST_FOUND]), query, age
        self._list.chosen = 0
        found = bool(rows)
        self._list.setVisible(found)
        self._line.setVisible(found)
        self._foot.setVisible(found)
        self._none.setVisible(not found)
        self._new.setVisible(not found)
        self._none.setText(t("search.none", q=query))
        self._new.set_words(t("search.newdigits", q=query) if query.isdigit() else t("search.new"))
        self._list.setAccessibleName(self._list.sentence())
        self._list.updateGeometry()
        self._list.update()
        self.show_below()

    def move_by(self, step: int) -> None:
        """Choose the row above or below."""
        if self._list.rows:
            self._list.chosen = (self._list.chosen + step) % len(self._list.rows)
            self._list.setAccessibleName(self._list.sentence())
            self._list.update()

    def choose(self, control: bool) -> bool:
        """Take the chosen row, or the new member where nobody was found; False while hidden."""
        if not self.isVisible():
            return False
        if not self._list.rows:
            self.new_wanted.emit(self._query)
        else:
            self.picked.emit(int(self._list.rows[self._list.chosen][0].id), control)
        return True

    def found(self) -> list[MemberRow]:
        """The people shown."""
        return [row for row, _ in self._list.rows]

    def query(self) -> str:
        """What was looked for."""
        return self._query

    @Slot()
    def _on_clicked(self) -> None:
        self.choose(False)

    @Slot()
    def _on_new(self) -> None:
        self.new_wanted.emit(self._query)


class NewRow(QAbstractButton):
    """The row that offers a new member, with F4."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def set_words(self, text: str) -> None:
        """Change the words."""
        self.setText(text)
        self.setAccessibleName(text)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(300), theme.px(46))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        painter = QPainter(self)
        if self.underMouse():
            paint.rounded(painter, self.rect(), now.px(6), now.tokens.acc_soft)
        side = now.px(18)
        painter.drawPixmap(
            now.px(12), (self.height() - side) // 2, icons.pixmap("user-plus", now.tokens.acc_text, side)
        )
        painter.setFont(now.font("body"))
        painter.setPen(QColor(now.tokens.acc_text))
        painter.drawText(
            self.rect().adjusted(now.px(38), 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, f"{self.text()}  F4"
        )
        painter.end()


def age(last: date | None, today: date) -> str:
    """How long ago she bought last: 今天, 27 天前, 还没买过."""
    if last is None:
        return t("g.neverbought")
    days = (today - last).days
    return t("g.today") if days <= 0 else t("g.daysago", n=f"{days:,}")


def found(view: ShopView, text: str) -> tuple[str, list[tuple[MemberRow, str]]]:
    """People found, each with the pinyin or card number that matched; runs on the worker."""
    return text, [(row, _said(row)) for row in view.search(text, MOST_FOUND)]


def _said(row: MemberRow) -> str:
    """What is said of a match that name and phone do not show."""
    return "" if not row.matched.isascii() or row.matched in (*row.phones, row.name.lower()) else row.matched
