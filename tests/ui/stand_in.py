"""A shop of twelve people held in lists, and pages of a few widgets: what the frame is tested with."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from shopcrm.basics.errors import Refusal
from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import (
    TYPE_KEYS,
    Changes,
    Done,
    MemberId,
    MemberRow,
    Query,
    Sentence,
    StaffId,
    StaffRow,
    Touched,
)
from ui import theme
from ui.pages import PageEntry
from ui.pages.base import Layout, Navigator, Page
from ui.session import Session
from ui.tables import MEMBERS, Column, ListFrame, ListView, PagedModel, RowPaint
from ui.theme.tokens import CARD_GAP, PAGE_SIDE
from ui.widgets import Button, Card, Input, Label, TypePill

NOW = datetime(2026, 11, 21, 10, 24)
FIRST, SECOND = "何秀珍 赵雅琴 周曼丽 陈素芬 黄桂英 徐慧敏", "张霞月 赖曼彤 欧阳若云 罗雨桐 吕月琴 刘雅青"
NAMES = f"{FIRST} {SECOND}".split()


def people(number: int = 12) -> list[MemberRow]:
    """So many members, ids from 1."""
    return [
        MemberRow(
            id=MemberId(i + 1),
            name=NAMES[i % len(NAMES)],
            phones=(f"1380000{i + 4471:04d}",),
            type=TYPE_KEYS[i % 4],
            reason=None,
            last_day=NOW.date() - timedelta(days=27 + i) if i % 5 else None,
            n12=i % 9,
            spend12_fen=i * 12_300,
            spend_fen=i * 45_600,
            next_due=date(2026, 12, 1),
            sizes="L 29 38",
            staff="小雯",
            joined=date(2023, 3, 1),
            birthday="",
        )
        for i in range(number)
    ]


class StandInView:
    """Reads like a ShopView; counts its page reads."""

    def __init__(self, rows: list[MemberRow], named: str = "禾木衣坊") -> None:
        self.data = {int(row.id): row for row in rows}
        self.named = named
        self.page_reads = 0
        self.closed = False

    def ids(self, query: Query) -> array[int]:
        rows = [row for row in self.data.values() if query.text in row.name]
        if query.sort == "name":
            rows.sort(key=lambda row: row.name, reverse=query.descending)
        return array("q", [int(row.id) for row in rows])

    def rows(self, ids: Sequence[int]) -> list[MemberRow]:
        self.page_reads += 1
        return [self.data[i] for i in ids if i in self.data]

    def search(self, text: str, limit: int = 6) -> list[MemberRow]:
        found = [row for row in self.data.values() if text in row.name or text in row.phones[0]]
        return found[:limit]

    def get_ready_to_search(self) -> None:
        return None

    def act_as(self, actor: StaffId | None) -> None:
        return None

    def sees_phones(self) -> bool:
        return True

    def staff(self) -> tuple[StaffRow, ...]:
        return (StaffRow(StaffId(1), "小雯", "assistant", True), StaffRow(StaffId(2), "林姐", "owner", True))

    def setting(self, key: str) -> object:
        return self.named if key == "shop.name" else None

    def open_count(self) -> int:
        return 23

    def close(self) -> None:
        self.closed = True


class StandInShop:
    """Writes like a Shop, as far as the frame needs it."""

    def __init__(self, rows: list[MemberRow] | None = None, named: str = "禾木衣坊") -> None:
        self.reader = StandInView(people() if rows is None else rows, named)
        self.actor: StaffId | None = None
        self.undone: list[int | None] = []
        self.closed = False

    def clock(self) -> datetime:
        return NOW

    def view(self, *, for_window: bool = False) -> StandInView:
        return self.reader

    def start_day(self, progress: Progress = SILENT) -> Done[bool]:
        return Done(False, Changes(), Sentence("refreshed"))

    def rename(self, member: int, name: str) -> Done[int]:
        self.reader.data[member] = self.reader.data[member]._replace(name=name)
        return Done(member, Changes(members=Touched(frozenset({member}))), Sentence("refreshed"), entry=7)

    def undo(self, entry: int | None = None, progress: Any = None) -> Done[tuple[str, ...]]:
        self.undone.append(entry)
        return Done((), Changes(members=Touched(all=True)), Sentence("undo.done"), entry=8)

    def redo(self, progress: Any = None) -> Done[tuple[str, ...]]:
        if not self.undone:
            raise Refusal("nothing_to_redo")
        self.undone.pop()
        return Done((), Changes(members=Touched(all=True)), Sentence("redo.done"), entry=9)

    def close(self) -> None:
        self.closed = True


def paint_person(brush: RowPaint, rect: QRect, row: Any) -> None:
    """Badge, name and phone in two lines."""
    brush.badge(rect.left(), rect.center().y(), 30, row.type)
    place = rect.adjusted(brush.px(40), 0, 0, 0)
    upper, lower = brush.halves(place)
    brush.text(upper, row.name, "name")
    brush.text(lower, row.phones[0], "small", brush.tokens.tx2, whole=True)


COLUMNS = (
    Column("who", "today.col.who", 190, painter=paint_person, text=lambda row: row.name, sort="name"),
    Column("why", "today.col.why", 200, stretch=True, text=lambda row: row.sizes),
    Column("due", "today.col.due", 120, text=lambda row: str(row.n12), align="right"),
)


class ListPage(Page):
    """A list and a card, like Today and Members."""

    def __init__(self, session: Session, window: Navigator, page_id: str) -> None:
        super().__init__(session, window, page_id)
        self.title, self.fact = "今日待办", "11月21日 周六"
        self.model = PagedModel(session, MEMBERS, COLUMNS, lambda row: f"{row.name} {row.n12}")
        self.list = ListView(self.model, 58, ticks=False)
        self.card = Card()
        self.name = Label("", "h2")
        self.pill = TypePill()
        self.note = Input("备注")
        self.save = Button("保存", "primary")
        for widget in (self.name, self.pill, self.note, self.save):
            self.card.body.addWidget(widget)
        self.card.body.addStretch(1)
        left = QVBoxLayout()
        frame = ListFrame(self.list)
        left.addWidget(frame, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(PAGE_SIDE), 0, theme.px(PAGE_SIDE), theme.px(16))
        row.setSpacing(theme.px(CARD_GAP))
        row.addLayout(left, 1)
        row.addWidget(self.card)
        self.focus_first, self.toast_area = self.list, frame
        self.list.current_changed.connect(self._on_current_changed)
        self.seen: list[Changes] = []
        self.args: dict[str, Any] = {}
        self.layouts: list[str] = []

    def refresh(self, changes: Changes) -> None:
        self.seen.append(changes)
        if self.model.query is None:
            self.model.set_query(Query())
        else:
            self.model.touch(changes.members)

    def shown(self, **args: Any) -> None:
        self.args = args

    def apply_layout(self, layout: Layout) -> None:
        self.layouts.append(layout.name)
        self.card.setFixedWidth(theme.px(layout.card))

    def carry(self) -> dict[str, Any]:
        return {"member": self.list.current_id()}

    def _on_current_changed(self, row_id: int) -> None:
        row = self.list.current_row()
        self.name.setText(row.name if row else "")
        self.pill.set_type(row.type if row else "")


class PlainPage(Page):
    """A title and a field."""

    def __init__(self, session: Session, window: Navigator, page_id: str) -> None:
        super().__init__(session, window, page_id)
        self.title = page_id
        self.args: dict[str, Any] = {}
        column = QVBoxLayout(self)
        self.field = Input()
        column.addWidget(self.field)
        self.focus_first = self.field

    def shown(self, **args: Any) -> None:
        self.args = args


class FullPage(PlainPage):
    full_window = True


_HERE = "tests.ui.stand_in"
PAGES = (
    PageEntry("today", "checklist", f"{_HERE}:ListPage", "Ctrl+1"),
    PageEntry("counter", "building-store", f"{_HERE}:PlainPage", "Ctrl+2", "F2"),
    PageEntry("members", "users", f"{_HERE}:PlainPage", "Ctrl+3"),
    PageEntry("overview", "chart-bar", f"{_HERE}:PlainPage", "Ctrl+4"),
    PageEntry("io", "table-import", f"{_HERE}:PlainPage", "Ctrl+5"),
    PageEntry("settings", "settings", f"{_HERE}:PlainPage", "Ctrl+,", bottom=True),
    PageEntry("first_run", "", f"{_HERE}:FullPage"),
)
