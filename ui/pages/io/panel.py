"""What is wrong in a file, by kind, and below it the row in front: put right, skipped, or answered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFocusEvent, QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from shopcrm.basics.texts import t
from shopcrm.shop.imports import Fate, Group, ImportPlan, Problem, RowView, SheetPlan
from ui import theme
from ui.pages.io.grid import MARKS, change_in_words, worded
from ui.theme import icons, paint
from ui.theme.tokens import RADIUS_TILE
from ui.widgets import Button, Card, ElidedLabel, IconButton, Input, Label

PANEL, PANEL_SMALL = 312, 268
GROUP = 48  # height of a group
_LEVELS = list(MARKS)  # the worst first
PEOPLE = ("name_conflict", "same_name")
_LINES = 3  # said of a row; the cells tell the rest
_DAY = re.compile(r"\s*(\d{1,2})\D(\d{1,2})\D")
_PHONE_DIGITS = 11


def problem_of(row: RowView, group: Group | None) -> Problem | None:
    """What a row is shown for: the group's problem, else the first one with a cell, else any."""
    if group is not None:
        for problem in row.problems:
            if problem.code == group.code:
                return problem
    with_cell = (problem for problem in row.problems if problem.at is not None)
    return next(with_cell, row.problems[0] if row.problems else None)


def expected(problem: Problem) -> str:
    """What is wrong with a value and what is expected instead."""
    digits = re.sub(r"[\s-]", "", problem.value)
    if problem.code == "invalid_phone" and digits.isdecimal() and len(digits) != _PHONE_DIGITS:
        return t("err.phone_length", n=len(digits))
    return worded(problem.sentence)


class GroupButton(QAbstractButton):
    """One kind of problem: icon, name, how many rows, what becomes of them."""

    def __init__(self) -> None:
        super().__init__()
        self.said: Group | None = None
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.ring_radius = RADIUS_TILE

    def set_group(self, group: Group) -> None:
        """Tell of this group."""
        self.said = group
        self._title, self._hint = worded(group.title), worded(group.hint)
        self._count = t("io.history.rows", n=f"{len(group.rows):,}")
        self.setText(self._title)
        self.setAccessibleName(t("io.group", title=self._title, n=self._count, hint=self._hint))
        room = theme.px(PANEL_SMALL - 90)
        cut = QFontMetrics(theme.now().font("small")).horizontalAdvance(self._hint) > room
        self.setToolTip(self._hint if cut else "")
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not control:
            self.click()
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(220), theme.px(GROUP))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.said is None:
            return
        now = theme.now()
        c = now.tokens
        painter = QPainter(self)
        if self.isChecked():
            paint.rounded(painter, self.rect(), now.px(RADIUS_TILE), c.acc_soft, c.acc, 1.5)
        elif self.underMouse():
            paint.rounded(painter, self.rect(), now.px(RADIUS_TILE), c.hover)
        name, tone = MARKS[self.said.level]
        side, left = now.px(19), now.px(10)
        top, half = now.px(3), now.px(23)
        painter.drawPixmap(left, top + (half - side) // 2, icons.pixmap(name, c.status(tone)[0], side))
        bold, small = now.font("body_bold"), now.font("small")
        x = left + side + now.px(9)
        count = QFontMetrics(bold).horizontalAdvance(self._count)
        room = self.width() - x - now.px(10)
        painter.setFont(bold)
        painter.setPen(QColor(c.tx))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        title = paint.cut(self._title, bold, room - count - now.px(8))
        painter.drawText(QRectF(x, top, room, half), flags, title)
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(QRectF(x, top, room, half), right, self._count)
        painter.setFont(small)
        painter.setPen(QColor(c.tx2))
        hint = paint.cut(self._hint, small, room)
        painter.drawText(QRectF(x, top + half - now.px(1), room, now.px(20)), flags, hint)
        painter.end()


class ProblemPanel(Card):
    """How many rows come in, what is wrong with the others by kind, and the row being put right."""

    group_wanted = Signal(object)  # Group
    step_wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__(padding=False)
        self.chosen: Group | None = None
        self.buttons: list[GroupButton] = []
        self._untouched = False  # nobody has clicked a group yet
        body = QVBoxLayout()
        body.setContentsMargins(theme.px(13), theme.px(12), theme.px(13), theme.px(12))
        body.setSpacing(theme.px(6))
        self.body.addLayout(body)
        head = QHBoxLayout()
        head.setSpacing(theme.px(8))
        self._icon = QLabel()
        self.headline = Label("", "h3", wrap=True)
        self.subline = Label("", "small", "tx2", wrap=True)
        head.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.headline, 1)
        body.addLayout(head)
        body.addWidget(self.subline)
        listed = QWidget()
        column = QVBoxLayout(listed)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._groups = QVBoxLayout()
        self._groups.setSpacing(0)
        self.save = Button("", "text", icon="download", size="small")
        column.addLayout(self._groups)
        column.addWidget(self.save, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(listed)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._show_chosen)
        self._scroll.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        body.addWidget(self._scroll, 100)
        self.box = FixBox()
        self.box.step_wanted.connect(self.step_wanted)
        body.addWidget(self.box)
        body.addStretch(1)

    @property
    def groups(self) -> list[Group]:
        """The groups in the order shown."""
        return [button.said for button in self.buttons if button.said is not None]

    def set_plan(self, plan: ImportPlan) -> None:
        """Say what a plan brings and list its groups; the chosen group stays chosen while there is one."""
        counts, c = plan.counts, theme.now().tokens
        same = counts.rows - counts.rows_ready - counts.rows_left_out - counts.rows_skipped
        if counts.rows_ready:
            self.headline.setText(t("io.ready", n=f"{counts.rows_ready:,}"))
            picture = icons.pixmap("circle-check", c.ok, theme.px(22))
        else:
            self.headline.setText(t("io.nothing"))
            picture = icons.pixmap("info-circle", c.info, theme.px(22))
        self._icon.setPixmap(picture)
        left, there = f"{counts.rows_left_out:,}", f"{same:,}"
        if counts.rows_left_out and same:
            words = t("io.ready2", a=left, b=there)
        elif counts.rows_left_out:
            words = t("io.ready.left", a=left)
        else:
            words = t("io.ready.same", b=there) if same else t("io.ready.clean")
        minors = t("io.minors", n=f"{counts.minors:,}") if counts.minors else ""
        self.subline.setText(f"{words}\n{minors}" if minors else words)
        self.save.setText(t("io.saveleft", n=f"{plan.rows_to_save:,}"))
        self.save.setVisible(plan.rows_to_save > 0)
        self._list(plan.groups)
        key = key_of(self.chosen)
        self.choose(next((group for group in plan.groups if key_of(group) == key), None))

    def _list(self, groups: Sequence[Group]) -> None:
        """One button a group. A group keeps its button and its place among its like: somebody may be about
        to click it.
        """
        known = {key_of(button.said): button for button in self.buttons}
        places = {key: place for place, key in enumerate(known)}
        in_order = sorted(groups, key=lambda g: (_LEVELS.index(g.level), places.get(key_of(g), len(places))))
        self.buttons = []
        for number, group in enumerate(in_order):
            button = known.pop(key_of(group), None)
            if button is None:
                button = GroupButton()
                button.clicked.connect(self._on_clicked)
            button.set_group(group)
            self.buttons.append(button)
            if self._groups.indexOf(button) != number:
                self._groups.removeWidget(button)
                self._groups.insertWidget(number, button)
        for gone in known.values():
            self._groups.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        high = theme.px(GROUP)
        self._scroll.setMinimumHeight(min(1, len(groups)) * high)
        room = self.save.sizeHint().height() if not self.save.isHidden() else 0
        self._scroll.setMaximumHeight(len(groups) * high + room)

    def choose(self, group: Group | None) -> None:
        """Mark a group as the one being worked on."""
        self.chosen = group
        for button in self.buttons:
            button.setChecked(button.said is group and group is not None)
        self._show_chosen()

    def expect_first(self) -> None:
        """A group that is chosen without having been clicked begins with its first row when it is."""
        self._untouched = True

    @Slot()
    def _on_clicked(self) -> None:
        button = self.sender()
        if isinstance(button, GroupButton) and button.said is not None:
            again, self._untouched = button.said is self.chosen and not self._untouched, False
            if again:
                button.setChecked(True)
                self.step_wanted.emit(1)
            else:
                self.group_wanted.emit(button.said)

    @Slot()
    def _show_chosen(self) -> None:
        for button in self.buttons:
            if button.isChecked():
                self._scroll.ensureWidgetVisible(button, 0, 0)


def key_of(group: Group | None) -> tuple[str, str]:
    """What makes a group the same one in another plan of the file."""
    return (group.code, group.level) if group is not None else ("", "")


@dataclass(frozen=True, slots=True)
class Case:
    """A row to be spoken of: the problem it is shown for, its place among its like (`of` 0: alone)."""

    sheet: SheetPlan
    row: RowView
    problem: Problem | None
    group: Group | None = None
    at: int = 0
    of: int = 0
    skipped: bool = False  # by the owner

    @property
    def ask(self) -> str:
        """What there is to answer: people, day_order or nothing."""
        if self.group is not None and self.group.ask:
            return self.group.ask
        return "people" if self.problem is not None and self.problem.code in PEOPLE else ""


class FixBox(QFrame):
    """A row in words, with the value to put right or the question to answer."""

    step_wanted = Signal(int)
    fixed = Signal(str)  # the new text
    typed = Signal(str)  # the same, by somebody who went elsewhere
    skip_wanted = Signal()
    take_in_wanted = Signal()
    policy_wanted = Signal(str)
    days_wanted = Signal(str)
    left = Signal()  # Esc

    def __init__(self) -> None:
        super().__init__()
        self.case: Case | None = None
        self.setProperty("frame", "sunk")
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(11))
        column.setSpacing(theme.px(7))
        head = QHBoxLayout()
        head.setSpacing(theme.px(2))
        self.title = ElidedLabel("", "body_bold")
        self.place = Label("", "small", "tx2")
        self._before = IconButton("chevron-up", t("io.before"))
        self._next = IconButton("chevron-down", t("io.next"))
        self._before.clicked.connect(self._on_before)
        self._next.clicked.connect(self._on_next)
        head.addWidget(self.title, 1)
        head.addWidget(self.place)
        head.addWidget(self._before)
        head.addWidget(self._next)
        column.addLayout(head)
        self.field = _Value()
        self.field.done.connect(self._on_done)
        self.field.moved.connect(self.step_wanted)
        self.field.skipped.connect(self.skip_wanted)
        self.field.escaped.connect(self.left)
        self.field.abandoned.connect(self._on_abandoned)
        column.addWidget(self.field)
        self.words = Label("", "small", "tx2", wrap=True)
        column.addWidget(self.words)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        self.done = self._button("io.fixnext", self._on_done, row)
        self.one = self._button("io.people.one", self._on_one, row)
        self.two = self._button("io.people.two", self._on_two, row)
        self.dmy = self._button("io.days.dmy", self._on_dmy, row)
        self.mdy = self._button("io.days.mdy", self._on_mdy, row)
        self.theirs = self._button("io.take.file", self._on_theirs, row)
        self.ours = self._button("io.take.shop", self._on_ours, row)
        self.skip = self._button("io.skiprow", self.skip_wanted, row)
        self.take_in = self._button("io.takein", self.take_in_wanted, row)
        self.skip.setToolTip(t("io.skiprow.tip"))
        column.addLayout(row)
        self.hide()

    def _button(self, words: str, slot: object, row: QHBoxLayout) -> Button:
        button = Button(t(words), size="small")
        button.clicked.connect(slot)
        row.addWidget(button, 1)
        return button

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """What Tab goes through."""
        answers = (self.done, self.one, self.two, self.dmy, self.mdy, self.theirs, self.ours)
        return (self.field, *answers, self.skip, self.take_in, self._before, self._next)

    def say(self, case: Case | None) -> None:
        """Speak of a row; None says nothing."""
        self.case = case
        self.setVisible(case is not None)
        if case is None:
            return
        sheet, row, problem = case.sheet, case.row, case.problem
        names = (row.cells[column.at] for column in sheet.columns if column.field == "name")
        name = next((text for text in names if text), "")
        self.title.setText(t("io.fix", r=row.number, name=name) if name else t("io.fix.row", r=row.number))
        self.place.setText(t("io.fix.place", i=f"{case.at:,}", n=f"{case.of:,}") if case.of else "")
        for arrow in (self._before, self._next):
            arrow.setVisible(case.of > 1)
        conflict = problem is not None and problem.code == "field_conflict"
        cell = problem.at if problem is not None and not (case.skipped or case.ask or conflict) else None
        self.field.setVisible(cell is not None)
        if cell is not None:
            self.field.show_value(row.cells[cell], sheet.columns[cell].heading)
        self.field.set_wrong(problem is not None and problem.left_out)
        self.words.set_tone("tx2")
        self.words.setText(self._said(case))
        self.words.setVisible(bool(self.words.text()))
        overwrites = any(old for _, old, _ in row.changes)
        settled = case.skipped or case.ask or row.fate == Fate.DUPLICATE
        self.done.setVisible(cell is not None)
        for button in (self.one, self.two):
            button.setVisible(case.ask == "people" and not case.skipped)
        for button in (self.dmy, self.mdy):
            button.setVisible(case.ask == "day_order" and not case.skipped)
        self.theirs.setVisible(conflict and not case.skipped)
        self.ours.setVisible(overwrites and not case.skipped and not case.ask)
        self.skip.setVisible(problem is not None and not settled and not conflict)
        self.take_in.setVisible(case.skipped)
        self.set_busy(False)

    def _said(self, case: Case) -> str:
        row, problem = case.row, case.problem
        if case.skipped:
            return t("io.row.skipped")
        if case.ask == "day_order" and problem is not None:
            found = _DAY.match(problem.value)
            if found is not None:
                first, second = (number.lstrip("0") for number in found.groups())
                return t("io.days.ask", value=problem.value, a=first, b=second)
        if problem is not None and problem.code == "field_conflict":
            lines = [worded(said.sentence) for said in row.problems if said.code == problem.code]
        else:
            lines = [expected(problem)] if problem is not None else []
        if not case.ask:
            lines += [change_in_words(case.sheet, change) for change in row.changes]
        if not lines and row.fate == Fate.DUPLICATE:
            lines = [worded(case.group.hint) if case.group is not None else t("group.duplicate.hint")]
        if not lines:
            lines = [
                t("tip.fixed", old=text, new=stored)
                for text, stored, flag in zip(row.cells, row.stored, row.flags, strict=True)
                if flag == "repaired"
            ]
        return "\n".join(dict.fromkeys(lines[:_LINES])) + ("…" if len(lines) > _LINES else "")

    def still_wrong(self) -> None:
        """What was typed is not right either."""
        self.words.set_tone("bad")
        self.field.selectAll()

    def set_busy(self, busy: bool) -> None:
        """While an answer is being checked no other one is taken."""
        self.field.setReadOnly(busy)
        for control in self.controls[1:]:
            control.setEnabled(not busy)

    def take_focus(self, reason: Qt.FocusReason = Qt.FocusReason.OtherFocusReason) -> bool:
        """Put the keyboard where the answer is given; False if there is nothing to answer."""
        shown = [control for control in self.controls if not control.isHidden()]
        if self.isHidden() or not shown:
            return False
        shown[0].setFocus(reason)
        if shown[0] is self.field:
            self.field.selectAll()
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() == Qt.Key.Key_Delete and control:
            self.skip_wanted.emit()
        elif event.key() in keys:
            self.step_wanted.emit(keys[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_before(self) -> None:
        self.step_wanted.emit(-1)

    @Slot()
    def _on_next(self) -> None:
        self.step_wanted.emit(1)

    @Slot()
    def _on_done(self) -> None:
        self.fixed.emit(self.field.text())

    @Slot()
    def _on_abandoned(self) -> None:
        there = QApplication.focusWidget()
        if there is not None and not self.isAncestorOf(there):  # else one of the buttons is pressed
            self.typed.emit(self.field.text())

    @Slot()
    def _on_one(self) -> None:
        self.policy_wanted.emit("fill")

    @Slot()
    def _on_two(self) -> None:
        self.policy_wanted.emit("new")

    @Slot()
    def _on_theirs(self) -> None:
        self.policy_wanted.emit("overwrite")

    @Slot()
    def _on_ours(self) -> None:
        self.policy_wanted.emit("fill")

    @Slot()
    def _on_dmy(self) -> None:
        self.days_wanted.emit("dmy")

    @Slot()
    def _on_mdy(self) -> None:
        self.days_wanted.emit("mdy")


class _Value(Input):
    """The value of a cell: Enter takes it, arrows go to the next place, Ctrl+Del skips the row."""

    done = Signal()
    moved = Signal(int)
    skipped = Signal()
    escaped = Signal()
    abandoned = Signal()  # something was typed and the focus went elsewhere

    def __init__(self) -> None:
        super().__init__()
        self._shown = ""

    def show_value(self, text: str, name: str) -> None:
        """Show a value, all of it selected."""
        self._shown = text
        self.setText(text)
        self.setAccessibleName(name)
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if control:
                event.ignore()
            elif not self.isReadOnly():
                self.done.emit()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and not control:
            self.moved.emit(-1 if key == Qt.Key.Key_Up else 1)
        elif key == Qt.Key.Key_Delete and control:
            self.skipped.emit()
        elif key == Qt.Key.Key_Escape:
            if self.text() != self._shown:
                self.show_value(self._shown, self.accessibleName())
            else:
                self.escaped.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.MouseFocusReason:
            self.selectAll()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        away = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
        if event.reason() not in away and not self.isReadOnly() and self.text() != self._shown:
            self.abandoned.emit()
