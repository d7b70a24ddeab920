"""The bin 回收站: void receipts and visits, deactivated and merged members; one click or key brings back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shopcrm.basics.progress import Progress
from shopcrm.basics.records import BinRow, Changes, Done, MemberId, SaleId, VisitId
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_day, show_money, show_phone
from ui import theme
from ui.dialogs.merge import separate
from ui.pages.base import Page
from ui.pages.settings.place import Place
from ui.widgets import Card, EmptyState, Label, Line, SmallButton, Tag, empty
from ui.widgets.labels import ElidedLabel

if TYPE_CHECKING:
    from shopcrm.shop import Shop

_AT_ONCE = 50
_TONES = {"sale": "bad", "visit": "warn", "member": "", "merged": "acc"}


class BinPlace(Place):
    """What was put away in the last 180 days, newest first."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.rows: Sequence[BinRow] = ()
        self.buttons: list[_BackButton] = []
        self._shown = _AT_ONCE
        self._at = 0  # the row whose button was pressed last
        self._asked: set[tuple[str, int]] = set()  # brought back, and not yet read again
        self._card = Card(t("bin.title"))
        self._count = Label("", "body", "tx2")
        self._card.head.addWidget(self._count)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self._card.body.addLayout(self._list)
        self.more = SmallButton(t("bin.more"), icon="chevron-down")
        self.more.clicked.connect(self._on_more)
        self._card.body.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addWidget(self._card)
        self._empty = EmptyState("circle-check", t("bin.empty"), t("bin.empty.text"), good=True)
        self.column.addWidget(self._empty)
        self.column.addStretch(1)
        self._empty.hide()

    def concerned(self, changes: Changes) -> bool:
        return bool(changes.members or changes.sales or changes.visits)

    def read(self) -> None:
        self.session.query(lambda view: view.bin(), key="settings.bin", done=self._on_rows)

    def _on_rows(self, rows: Sequence[BinRow]) -> None:
        had_focus = any(button.hasFocus() for button in self.buttons)
        self.rows = rows
        self._asked.clear()
        self._count.setText(t("bin.count", n=len(rows)))
        empty(self._list)
        self.buttons = []
        today = self.session.today
        for row in rows[: self._shown]:
            self._list.addWidget(Line())
            self._list.addWidget(self._row(row, today))
        self.more.setVisible(len(rows) > self._shown)
        self._card.setVisible(bool(rows))
        self._empty.setVisible(not rows)
        if had_focus and self.buttons:
            self._focus(self._at)
        elif had_focus and self.page.focus_first is not None:
            self.page.focus_first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _row(self, row: BinRow, today: date) -> QWidget:
        widget = QWidget()
        widget.setFixedHeight(theme.px(46))
        line = QHBoxLayout(widget)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.px(12))
        when = Label(show_day(row.day, today), "body_bold")
        when.setMinimumWidth(theme.px(104))
        line.addWidget(when)
        tag = Tag(t(f"bin.kind.{row.kind}"), _TONES[row.kind])
        line.addWidget(tag)
        words = said(row, today)
        line.addWidget(ElidedLabel(words), 1)
        button = _BackButton(row, words)
        button.clicked.connect(self._on_back)
        button.moved.connect(self._on_moved)
        line.addWidget(button)
        self.buttons.append(button)
        return widget

    def _focus(self, at: int) -> None:
        button = self.buttons[min(max(at, 0), len(self.buttons) - 1)]
        button.setFocus(Qt.FocusReason.TabFocusReason)
        self.frame.ensureWidgetVisible(button, 0, theme.px(46))

    @Slot(int)
    def _on_moved(self, step: int) -> None:
        self._focus(self.buttons.index(self.sender()) + step)  # type: ignore[arg-type]

    @Slot()
    def _on_more(self) -> None:
        self._at, self._shown = self._shown, self._shown + _AT_ONCE
        self._on_rows(self.rows)
        self._focus(self._at)

    @Slot()
    def _on_back(self) -> None:
        button = self.sender()
        assert isinstance(button, _BackButton)
        row, self._at = button.row, self.buttons.index(button)
        if (row.kind, row.id) in self._asked:  # pressed twice; a button that waits would lose the focus
            return
        self._asked.add((row.kind, row.id))
        if row.kind == "merged":
            separate(self.page, self.session, MemberId(row.id))
        else:
            self.session.do(_restoring(row))


class _BackButton(SmallButton):
    """恢复 or 拆开 of one row; the arrows go to the next row's."""

    moved = Signal(int)

    def __init__(self, row: BinRow, words: str) -> None:
        super().__init__(t("merge.apart" if row.kind == "merged" else "bin.back"), icon="arrow-back-up")
        self.row = row
        self.setAccessibleName(f"{self.words()} {words}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if event.key() in steps:
            self.moved.emit(steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)


def said(row: BinRow, today: date) -> str:
    """What a row is, in a few words."""
    if row.kind == "merged":
        return t("bin.merged", name=row.name or t("mb.noname"), survivor=row.survivor or t("mb.noname"))
    parts = [row.name or (t("ct.walkin.name") if row.member is None else t("mb.noname"))]
    if row.kind == "member":
        parts.append(show_phone(row.what) if row.what else "")
    else:
        parts.append(show_day(row.at, today) if row.at else "")
        if row.kind == "sale":
            parts += [show_money(row.fen), row.what, row.why]
        else:
            parts += [t(f"mb.visit.{row.why}"), row.what]
    return t("bin.join").join(part for part in parts if part)


def _restoring(row: BinRow) -> Callable[[Shop, Progress], Done[Any]]:
    def work(shop: Shop, _progress: Progress) -> Done[Any]:
        if row.kind == "sale":
            return shop.counter.restore_sale(SaleId(row.id))
        if row.kind == "visit":
            return shop.counter.restore_visit(VisitId(row.id))
        return shop.members.restore(MemberId(row.id))

    return work
