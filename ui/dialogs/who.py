"""谁在用？: who sits there, asked by a PIN where she has one: in a dialog, or over the whole window that is
locked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from math import ceil

from PySide6.QtCore import QRect, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from shopcrm.basics.errors import InputError
from shopcrm.basics.records import StaffRow, Tried
from shopcrm.basics.rights import rights_of
from shopcrm.basics.texts import t
from ui import errors, theme
from ui.session import Session
from ui.theme import paint
from ui.theme.tokens import RADIUS_CONTROL, RADIUS_TILE
from ui.widgets import Button, Cover, Dialog, DialogScroll, FieldBlock, Input, Label, PinInput, announce
from ui.widgets.labels import avatar_letter

_DIGITS = 4
_CODE = 19  # sixteen digits and three spaces
_IN_A_ROW = 4
_TILE, _TILE_HIGH, _AVATAR = 91, 106, 44
_BOX, _BOX_HIGH, _GAP, _DOT = 49, 52, 14, 11
_BUSY_MS = 400
_WIDE = 430


class WhoPanel(QWidget):
    """People as tiles, four boxes for the PIN of the chosen one, and the way of who forgot hers."""

    passed = Signal(object)  # StaffRow
    resized = Signal()

    def __init__(
        self, session: Session, people: Sequence[StaffRow], chosen: StaffRow | None, note: str = ""
    ) -> None:
        super().__init__()
        self._session, self.people = session, list(people)
        self.tiles = [_Tile(person) for person in people]
        self.pin = PinBoxes()
        self.hint = Label("", "label", "tx2", wrap=True)
        self.forgot = Button(t("pin.forgot"), "text", size="small")
        self.recovery = _Recovery()
        self._in_a_row = ceil(len(self.tiles) / max(ceil(len(self.tiles) / _IN_A_ROW), 1))
        self._chosen = 0
        self._until = 0.0
        self._second = QTimer(self)
        self._second.setInterval(250)
        self._second.timeout.connect(self._on_second)
        self._busy = QTimer(self)
        self._busy.setSingleShot(True)
        self._busy.setInterval(_BUSY_MS)
        self._busy.timeout.connect(self._on_busy)
        self._build(note)
        self.choose(next((n for n, p in enumerate(self.people) if chosen and p.id == chosen.id), 0))

    def _build(self, note: str) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(12))
        if note:
            column.addWidget(Label(note, "body_bold", wrap=True))
        faces = QWidget()
        rows = QVBoxLayout(faces)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(theme.px(6))
        for first in range(0, len(self.tiles), self._in_a_row):
            row = QHBoxLayout()
            row.setSpacing(theme.px(6))
            row.addStretch(1)
            for tile in self.tiles[first : first + self._in_a_row]:
                tile.clicked.connect(self._on_tile)
                row.addWidget(tile)
            row.addStretch(1)
            rows.addLayout(row)
        self._faces = DialogScroll(faces)
        column.addWidget(self._faces)
        self.pin.filled.connect(self._on_filled)
        self.pin.moved.connect(self._on_moved)
        self.pin.entered.connect(self._on_entered)
        column.addWidget(self.pin, 0, Qt.AlignmentFlag.AlignHCenter)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self.hint)
        self.recovery.hide()
        self.recovery.back.clicked.connect(self._on_back)
        self.recovery.wanted.connect(self._on_recover)
        column.addWidget(self.recovery)
        self.forgot.clicked.connect(self._on_forgot)
        column.addWidget(self.forgot, 0, Qt.AlignmentFlag.AlignRight)

    @property
    def person(self) -> StaffRow:
        """Who is chosen."""
        return self.people[self._chosen]

    def choose(self, number: int) -> None:
        """Choose a person; her PIN is asked, if she has one."""
        self._chosen = number
        for at, tile in enumerate(self.tiles):
            tile.setChecked(at == number)
        self._faces.ensureWidgetVisible(self.tiles[number])
        self._rest(0)
        self.pin.clear()
        self.pin.set_asked(self.person.has_pin)
        self.pin.setAccessibleName(t("pin.of", name=self.person.name))
        self.forgot.setVisible(self.person.has_pin)
        self._say_how()
        if self.person.has_pin:
            person = self.person
            self._session.do(
                lambda shop, _: shop.pins.wait(person.id), done=partial(self._on_wait, person), say=False
            )

    def _say_how(self) -> None:
        self._say(t("pin.hint") if self.person.has_pin else t("pin.none"))

    def tell(self, words: str) -> None:
        """Say something below the boxes."""
        if self.recovery.isVisible():
            self._on_back()
        self._say(words, "bad")

    def _say(self, words: str, tone: str = "tx2") -> None:
        self.hint.setText(words)
        self.hint.set_tone(tone)
        self.pin.setAccessibleDescription(words)
        announce(self, words)

    @Slot()
    def _on_tile(self) -> None:
        number = self.tiles.index(self.sender())  # type: ignore[arg-type]
        if number != self._chosen:
            self.choose(number)
        if not self.person.has_pin:
            self.passed.emit(self.person)
        else:
            self.pin.setFocus(Qt.FocusReason.MouseFocusReason)

    @Slot(int, int)
    def _on_moved(self, right: int, down: int) -> None:
        number = self._chosen + right + down * self._in_a_row
        if right or 0 <= number < len(self.people):
            self.choose(number % len(self.people))

    @Slot()
    def _on_entered(self) -> None:
        if not self.person.has_pin:
            self.passed.emit(self.person)

    # -- the PIN ------------------------------------------------------------------------------------------

    @Slot(str)
    def _on_filled(self, pin: str) -> None:
        person = self.person
        self.pin.set_blocked(True)
        self._busy.start()
        self._session.do(
            lambda shop, _: shop.pins.try_(person.id, pin),
            done=partial(self._on_tried, person), failed=self._on_failed, say=False,
        )  # fmt: skip

    @Slot()
    def _on_busy(self) -> None:
        self._say(t("pin.busy"))

    def _on_failed(self, error: Exception) -> None:
        self._busy.stop()
        self.pin.clear()
        self._say(errors.sentence(error), "bad")

    def _on_tried(self, person: StaffRow, tried: Tried) -> None:
        self._busy.stop()
        if tried.ok:
            self._rest(0)
            self.passed.emit(person)
        elif person == self.person:
            self.pin.clear(wrong=True)
            self._say(t("pin.wrong"), "bad")
            self._rest(tried.wait)

    def _on_wait(self, person: StaffRow, seconds: int) -> None:
        if person == self.person and seconds > 0:
            self._rest(seconds)

    def _rest(self, seconds: int) -> None:
        """Take nothing for so many seconds, counting down."""
        self._until = time.monotonic() + seconds
        self.pin.set_blocked(seconds > 0)
        if seconds > 0:
            self._second.start()
            self._on_second()
        else:
            self._second.stop()

    @Slot()
    def _on_second(self) -> None:
        left = ceil(self._until - time.monotonic())
        if left > 0:
            words = t("pin.wait", n=left)
            if words != self.hint.text():
                self._say(words, "bad")
        else:
            self._rest(0)
            self.pin.clear()
            self._say_how()

    # -- forgotten ----------------------------------------------------------------------------------------

    @Slot()
    def _on_forgot(self) -> None:
        if self.person.role == "owner":
            self._show_recovery(True)
        else:
            self._say(t("pin.forgot.ask"))
            self.pin.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_back(self) -> None:
        self._show_recovery(False)
        self.choose(self._chosen)

    def _show_recovery(self, shown: bool) -> None:
        self.recovery.setVisible(shown)
        for part in (self._faces, self.pin, self.hint):
            part.setVisible(not shown)
        self.forgot.setVisible(not shown and self.person.has_pin)
        if shown:
            self.recovery.begin(self.person.name)
        self._measure()
        if not shown:
            self.pin.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(str, str)
    def _on_recover(self, code: str, pin: str) -> None:
        person = self.person
        self._session.do(
            lambda shop, _: shop.pins.recover(person.id, code, pin),
            done=partial(self._on_recovered, person), failed=self._on_not_recovered,
            busy=self.recovery.go, say=False,
        )  # fmt: skip

    def _on_recovered(self, person: StaffRow, tried: Tried) -> None:
        if tried.ok:
            self.passed.emit(person)
        else:
            waits = tried.wait > 0
            self.recovery.refuse(t("pin.wait", n=tried.wait) if waits else t("pin.code.wrong"))
            self._measure()

    def _on_not_recovered(self, error: Exception) -> None:
        self.recovery.refuse(errors.sentence(error), of_pin=isinstance(error, InputError))
        self._measure()

    def _measure(self) -> None:
        """Say that it wants another height."""
        for part in (self.recovery, self):
            layout = part.layout()
            if layout is not None:
                layout.activate()
        self.updateGeometry()
        self.resized.emit()

    def stop(self) -> None:
        """Tick no more."""
        self._second.stop()
        self._busy.stop()


class _Tile(QAbstractButton):
    """A person: avatar, name, role."""

    def __init__(self, person: StaffRow) -> None:
        super().__init__()
        self._person = person
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{person.name} {t('role.' + person.role)}")
        self.setToolTip(person.name)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(_TILE), theme.px(_TILE_HIGH))

    def nextCheckState(self) -> None:
        """Which one is chosen is said by the panel."""

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        c = now.tokens
        painter = QPainter(self)
        if self.isChecked():
            paint.rounded(painter, self.rect(), now.px(RADIUS_TILE), c.acc_soft, c.acc, 2)
        elif self.underMouse():
            paint.rounded(painter, self.rect(), now.px(RADIUS_TILE), c.hover)
        side = now.px(_AVATAR)
        circle = QRectF((self.width() - side) / 2, now.px(10), side, side)
        paint.rounded(painter, circle, side / 2, c.acc_line)
        font = now.font("body_bold")
        font.setPixelSize(round(side * 0.44))
        painter.setFont(font)
        painter.setPen(QColor(c.tx if c.dark else c.on_nav_badge))
        paint.draw_centred(painter, circle, avatar_letter(self._person.name))
        room = self.width() - now.px(8)
        for role, colour, top, words in (
            ("name" if self.isChecked() else "body", c.tx, 58, self._person.name),
            ("label", c.tx2, 79, t("role." + self._person.role)),
        ):
            font = now.font(role)
            painter.setFont(font)
            painter.setPen(QColor(colour))
            line = QRect(now.px(4), now.px(top), room, now.px(22))
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, paint.cut(words, font, room + 2))
        painter.end()


class PinBoxes(QWidget):
    """Four boxes; `filled` tells the digits once, when the fourth is typed. What was typed is never shown."""

    filled = Signal(str)
    moved = Signal(int, int)  # arrows: another person, so many to the right and down
    entered = Signal()
    no_ring = True  # the box that is next shows where the focus is

    def __init__(self) -> None:
        super().__init__()
        self._typed = ""
        self._asked, self._wrong, self._blocked = True, False, False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def typed(self) -> int:
        """How many digits stand in the boxes."""
        return len(self._typed)

    @property
    def is_wrong(self) -> bool:
        """Whether the boxes are painted as wrong."""
        return self._wrong

    @property
    def is_blocked(self) -> bool:
        """Whether nothing is taken."""
        return self._blocked

    def clear(self, *, wrong: bool = False) -> None:
        """Empty the boxes, painted as wrong or as usual, and take digits again."""
        self._typed, self._wrong, self._blocked = "", wrong, False
        self.update()

    def set_asked(self, asked: bool) -> None:
        """Show the boxes, or none for who has no PIN."""
        self._asked = asked
        self.update()

    def set_blocked(self, blocked: bool) -> None:
        """Take no digits, or take them again."""
        self._blocked = blocked
        self.update()

    def sizeHint(self) -> QSize:
        # Where the last box ends: rounded as it is painted, at every level.
        return QSize(theme.px((_DIGITS - 1) * (_BOX + _GAP)) + theme.px(_BOX), theme.px(_BOX_HIGH))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {
            Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
        }.get(Qt.Key(event.key()))  # fmt: skip
        digit = event.text()
        if step is not None:
            self.moved.emit(*step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif event.key() == Qt.Key.Key_Backspace:
            if not self._blocked:
                self._typed = self._typed[:-1]
                self.update()
        elif len(digit) == 1 and digit.isascii() and digit.isdigit():
            self._take(digit)
        else:
            super().keyPressEvent(event)

    def _take(self, digit: str) -> None:
        if self._blocked or not self._asked or len(self._typed) == _DIGITS:
            return
        self._wrong = False
        self._typed += digit
        self.update()
        if len(self._typed) == _DIGITS:
            typed, self._typed = self._typed, "•" * _DIGITS
            self.filled.emit(typed)

    def focusInEvent(self, event: object) -> None:
        self.update()

    def focusOutEvent(self, event: object) -> None:
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._asked:
            return
        now = theme.now()
        c = now.tokens
        painter = QPainter(self)
        for number in range(_DIGITS):
            box = QRectF(now.px(number * (_BOX + _GAP)), 0, now.px(_BOX), self.height())
            is_next = number == len(self._typed) and self.hasFocus() and not self._blocked
            border = c.bad if self._wrong else c.acc if is_next else c.ctl
            fill = c.sunk if self._blocked else c.card
            paint.rounded(
                painter, box, now.px(RADIUS_CONTROL), fill, border, 2 if is_next or self._wrong else 1
            )
            if number < len(self._typed):
                side = now.px(_DOT)
                dot = QRectF(0, 0, side, side)
                dot.moveCenter(box.center())
                paint.rounded(painter, dot, side / 2, c.txd if self._blocked else c.tx)
        painter.end()


class _Recovery(QWidget):
    """The way in of an owner who forgot her PIN: her code, and a new PIN."""

    wanted = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(10))
        self._who = Label("", "body", wrap=True)
        column.addWidget(self._who)
        self.code, self.pin = Input("0000 0000 0000 0000"), PinInput(_DIGITS)
        self.code.setMaxLength(_CODE + 5)
        self.code.set_ime(False)
        self._code_block = FieldBlock(t("pin.code"), self.code)
        self._pin_block = FieldBlock(t("pin.new"), self.pin)
        column.addWidget(self._code_block)
        column.addWidget(self._pin_block)
        row = QHBoxLayout()
        row.addStretch(1)
        self.back = Button(t("g.cancel"))
        self.go = Button(t("pin.recover.go"), "primary")
        row.addWidget(self.back)
        row.addWidget(self.go)
        column.addLayout(row)
        self.go.clicked.connect(self._on_go)
        self.code.returnPressed.connect(self._on_code_entered)
        self.pin.returnPressed.connect(self._on_go)

    def begin(self, name: str) -> None:
        """Ask this owner."""
        self._who.setText(t("pin.recover", name=name))
        self.code.clear()
        self.pin.clear()
        self.refuse("")
        self.code.setFocus(Qt.FocusReason.OtherFocusReason)

    def refuse(self, words: str, *, of_pin: bool = False) -> None:
        """Say what is wrong."""
        self._code_block.set_error("" if of_pin else words)
        self._pin_block.set_error(words if of_pin else "")

    @Slot()
    def _on_code_entered(self) -> None:
        self.pin.setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _on_go(self) -> None:
        self.wanted.emit(self.code.text(), self.pin.text())


class WhoDialog(Dialog):
    """People to choose from, and the PIN of whom was chosen; `then` is told who it is."""

    def __init__(
        self,
        parent: QWidget,
        session: Session,
        people: Sequence[StaffRow],
        then: Callable[[StaffRow], object],
        *,
        chosen: StaffRow | None = None,
        note: str = "",
    ) -> None:
        super().__init__(parent, t("pin.who"), width=_WIDE)
        self._then = then
        self.panel = WhoPanel(session, people, chosen, note)
        self.panel.passed.connect(self._on_passed)
        self.panel.resized.connect(self.resize_to_content)
        self.body.addWidget(self.panel)

    @Slot(object)
    def _on_passed(self, person: StaffRow) -> None:
        self.accept()
        self._then(person)

    def hideEvent(self, event: object) -> None:
        self.panel.stop()


class LockScreen(Cover):
    """谁在用？ over the whole window, until somebody says who she is."""

    def __init__(self, parent: QWidget, session: Session) -> None:
        super().__init__(parent, t("pin.who"), _WIDE)
        self._session = session
        people = [person for person in session.view.staff() if person.active]
        self.panel = WhoPanel(session, people, session.staff)
        self.panel.passed.connect(session.unlock)
        self.panel.resized.connect(self.resize_to_content)
        self.body.addWidget(self.panel)

    def say(self, words: str) -> None:
        """Say why something cannot be done now."""
        self.panel.tell(words)

    def hideEvent(self, event: object) -> None:
        self.panel.stop()


def switch(parent: QWidget, session: Session, then: Callable[[], object]) -> WhoDialog:
    """Ask who goes on; it is her turn then, and `then` is called."""
    people = [person for person in session.view.staff() if person.active]
    now = session.lender or session.staff
    others = [person for person in people if now is None or person.id != now.id]

    def switched(person: StaffRow) -> None:
        session.set_staff(person)
        then()

    dialog = WhoDialog(parent, session, people, switched, chosen=others[0] if others else None)
    dialog.open()
    return dialog


def ask_owner(
    parent: QWidget,
    session: Session,
    right: str,
    then: Callable[[StaffRow], object],
    give_up: Callable[[], object] | None = None,
) -> WhoDialog:
    """Ask for somebody who has this right; `then` is told who it is, `give_up` that nobody came."""
    staff = session.view.staff()
    people = [person for person in staff if person.active and right in rights_of(person.id, staff)]
    people.sort(key=lambda person: person.role != "owner")
    note = "pin.owner" if any(person.has_pin for person in people) else "pin.owner.none"
    if any(person.role != "owner" for person in people):
        note = "pin.others"
    dialog = WhoDialog(parent, session, people, then, note=t(note))
    if give_up is not None:
        dialog.rejected.connect(give_up)
    dialog.open()
    return dialog
