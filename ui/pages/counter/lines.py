"""The articles of a visit: one row each, as many as there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from shopcrm.basics.records import FittingDraft, LineRow, MemberCard, ReturnableLine
from ui import theme
from ui.pages.counter.line import ArticleLine, Ask, KeptLine

MOST_LINES = 30


class ArticleLines(QScrollArea):
    """One line to begin with; a further one opens as soon as one is finished. Many of them scroll."""

    changed = Signal()
    ended = Signal()  # nothing more to add
    relined = Signal()  # there are other lines now: Tab goes another way
    folded = Signal(bool)  # somebody opened or closed what lines may tell besides

    def __init__(self, ask: Ask, *, sold: bool) -> None:
        super().__init__()
        self._ask, self._sold = ask, sold
        self._card: MemberCard | None = None
        self._today = date.min
        self._returnable: Sequence[ReturnableLine] = ()
        self.is_open = False
        self.lines: list[ArticleLine] = []
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self._inner = QWidget()
        self.column = QVBoxLayout(self._inner)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(theme.px(6))
        self.column.addStretch(1)
        self.setWidget(self._inner)
        self.verticalScrollBar().rangeChanged.connect(self._on_range)
        self.add()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(300), self.column.sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        # What was tried on stands in a page that scrolls as a whole.
        return QSize(theme.px(240), theme.px(44) if self._sold else self.sizeHint().height())

    def set_member(
        self, card: MemberCard | None, today: date, returnable: Sequence[ReturnableLine] = ()
    ) -> None:
        """Whose sizes and purchases help."""
        self._card, self._today, self._returnable = card, today, returnable
        for line in self.lines:
            line.set_member(card, today, returnable)

    def add(self) -> ArticleLine:
        """A new empty line."""
        line = ArticleLine(self._ask, sold=self._sold)
        line.set_member(self._card, self._today, self._returnable)
        line.changed.connect(self._on_changed)
        line.finished.connect(self._on_finished)
        line.ended.connect(self._on_ended)
        line.removed.connect(self._on_removed)
        line.folded.connect(self._on_fold)
        if self.is_open:
            line.set_open(True)
        self.lines.append(line)
        self.column.insertWidget(len(self.lines) - 1, line)
        self.updateGeometry()
        self.relined.emit()
        return line

    def clear(self) -> None:
        """One empty line again."""
        before, self.lines = self.lines, []
        self.add()
        for line in before:
            self.column.removeWidget(line)
            line.put_away()
        self.changed.emit()

    def load(self, lines: Sequence[LineRow | FittingDraft]) -> None:
        """Show lines that are on file, and an empty one if there are none."""
        self.clear()
        for number, booked in enumerate(lines):
            line = self.lines[0] if number == 0 else self.add()
            if isinstance(booked, FittingDraft):
                line.load_fitting(booked)
            else:
                line.load(booked)
        self.changed.emit()

    def keep(self) -> tuple[KeptLine, ...]:
        """The lines as they were typed."""
        return tuple(line.keep() for line in self.lines)

    def take_over(self, kept: Sequence[KeptLine]) -> None:
        """Show the same lines."""
        self.clear()
        for number, typed in enumerate(kept):
            (self.lines[0] if number == 0 else self.add()).take_over(typed)
        self.changed.emit()

    def set_open(self, is_open: bool) -> None:
        """Show in every line what it may tell besides article, size and amount."""
        self.is_open = is_open and self._sold
        for line in self.lines:
            line.set_open(self.is_open)
        self.updateGeometry()
        self.relined.emit()

    @Slot(object)
    def _on_fold(self, line: ArticleLine) -> None:
        if not self._sold:
            return
        self.toggle_open()
        (line.details.colour if self.is_open else line.amount).setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def toggle_open(self) -> None:
        """Show it, or hide it again."""
        self.set_open(not self.is_open)
        self.folded.emit(self.is_open)

    def filled(self) -> list[ArticleLine]:
        """The lines with something in them."""
        return [line for line in self.lines if not line.empty]

    def focus(self) -> None:
        """Begin typing in the last line."""
        self._reach(self.lines[-1])

    def free(self) -> ArticleLine:
        """The last line if it is empty, else a new one."""
        return self.lines[-1] if self.lines[-1].empty else self.add()

    def _reach(self, line: ArticleLine) -> None:
        line.item.setFocus(Qt.FocusReason.TabFocusReason)
        self._inner.adjustSize()
        self.ensureWidgetVisible(line, 0, theme.px(4))

    @Slot(int, int)
    def _on_range(self, _low: int, high: int) -> None:
        self.verticalScrollBar().setValue(high)  # the line being filled is the last one
        self.updateGeometry()  # a remark that came later takes the room there is before anything scrolls

    @Slot()
    def _on_changed(self) -> None:
        self.updateGeometry()
        self.changed.emit()

    @Slot(object)
    def _on_finished(self, line: ArticleLine) -> None:
        at = self.lines.index(line)
        if at + 1 == len(self.lines):
            if len(self.lines) >= MOST_LINES:
                self.ended.emit()
                return
            self.add()
        self._reach(self.lines[at + 1])
        self.changed.emit()

    @Slot(object)
    def _on_ended(self, line: ArticleLine) -> None:
        self.ended.emit()
        if not self._sold and len(self.lines) > 1 and not line.liked.isChecked():
            self._drop(line)  # the reasons come up to where it was

    @Slot(object)
    def _on_removed(self, line: ArticleLine) -> None:
        if len(self.lines) == 1:
            self.clear()
            self.focus()
            return
        at = self.lines.index(line)
        self._reach(self.lines[at - 1 if at else 1])
        self._drop(line)

    def _drop(self, line: ArticleLine) -> None:
        self.lines.remove(line)
        self.column.removeWidget(line)
        line.put_away()
        self.relined.emit()
        self._on_changed()
