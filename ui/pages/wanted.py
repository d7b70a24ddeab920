"""The wanted-item book 需求本: what was asked for by article and size, who waits for it, one click when it is
in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import QRect, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from shopcrm.basics.records import Changes, MemberId, WantedId, WantedRow
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_day, show_phone
from ui import theme
from ui.dialogs.wanted_edit import WantedEdit
from ui.pages.base import Layout, Navigator, Page
from ui.session import Session
from ui.tables import Column, ListFrame, ListView, PagedModel, RowPaint
from ui.theme.tokens import CARD_GAP, PAGE_SIDE
from ui.widgets import (
    Button,
    Card,
    ElidedLabel,
    EmptyState,
    IconButton,
    Label,
    Line,
    LineTabs,
    SmallButton,
    open_dialog,
)
from ui.widgets.reveal import RevealButton

if TYPE_CHECKING:
    from shopcrm.shop import ShopView

_ROW = 48
_ANY = 16_777_215  # Qt's “no limit”
OPEN, ARRIVED = "open", "arrived"


class Goods(NamedTuple):
    """One article in one size and colour, with the wishes for it, the oldest first."""

    item: str
    size: str
    colour: str
    wishes: tuple[WantedRow, ...]

    @property
    def words(self) -> str:
        """Article, colour and size in one line."""
        return self.wishes[0].words

    @property
    def names(self) -> str:
        """Who waits for it."""
        return t("g.list").join(dict.fromkeys(wish.name or t("mb.noname") for wish in self.wishes))

    @property
    def first(self) -> date:
        """When it was asked for first."""
        return min(wish.day for wish in self.wishes)

    @property
    def arrived(self) -> date:
        """When it came in last; the day it was asked for while it has not."""
        return max(wish.arrived_on or wish.day for wish in self.wishes)


class _Asked(NamedTuple):
    text: str
    state: str


class _Book:
    """The wishes as a list of goods; an id is that of the oldest wish for them."""

    def __init__(self) -> None:
        self._goods: dict[int, Goods] = {}

    def ids(self, view: ShopView, query: Any) -> Sequence[int]:
        rows = view.wanted(query.text, query.state)
        found = [
            Goods(item, size, colour, tuple(sorted(wishes, key=_by_day)))
            for (item, size, colour), wishes in groupby(rows, lambda row: row.goods)
        ]
        if query.state == ARRIVED:
            found.sort(key=lambda goods: goods.arrived, reverse=True)
        self._goods = {int(goods.wishes[0].id): goods for goods in found}
        return list(self._goods)

    def rows(self, view: ShopView, ids: Sequence[int]) -> Sequence[Goods]:
        goods = self._goods
        return [goods[one] for one in ids if one in goods]

    def key(self, row: Any) -> int:
        return int(row.wishes[0].id)


def _by_day(wish: WantedRow) -> tuple[date, int]:
    return wish.day, wish.id


class WantedPage(Page):
    """List of goods and who waits for the current ones; the header's search filters by article or person."""

    filters_search = True

    def __init__(self, session: Session, window: Navigator, page_id: str = "wanted") -> None:
        super().__init__(session, window, page_id)
        self.title = t("nav.wanted")
        self.fact = t("wt.fact")
        self._text = ""
        self._card_open = False  # only where list and card are shown one at a time
        self._member = MemberId(0)  # whom the page was opened for
        self._wanted = -1  # wish whose goods become current as soon as the list has them
        self._layout = Layout("normal", 1366, 697)
        self.tabs = LineTabs([(key, t("wt.tab." + key)) for key in (OPEN, ARRIVED)])
        self.model = PagedModel(session, _Book(), self._columns(), self._sentence)
        self.list = ListView(self.model, _ROW)
        self.card = _GoodsCard(session)
        self._build()
        self._connect()
        self.focus_first = self.list

    # -- building -----------------------------------------------------------------------------------------

    def _build(self) -> None:
        outer = QHBoxLayout(self)
        side = theme.px(PAGE_SIDE)
        outer.setContentsMargins(side, 0, side, theme.px(16))
        outer.setSpacing(theme.px(CARD_GAP))
        self._left = QWidget()
        left = QVBoxLayout(self._left)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(theme.px(10))
        left.addWidget(self.tabs)
        self._stack = QStackedWidget()
        self._stack.addWidget(ListFrame(self.list))
        self._nothing = EmptyState("notebook", t("wt.empty"), t("wt.empty.text"))
        self.first = self._nothing.add_button(Button(t("wt.add"), "primary", "plus", key="F8"))
        self._stack.addWidget(ListFrame(self._nothing))
        self._none = EmptyState("search", "", t("wt.none.text"))
        self._stack.addWidget(ListFrame(self._none))
        left.addWidget(self._stack, 1)
        outer.addWidget(self._left, 1)
        outer.addWidget(self.card)
        self.toast_area = self._stack
        self.add = Button(t("wt.add"), "primary", "plus", key="F8")
        self.head_button = self.add
        self.middle = QWidget()
        row = QHBoxLayout(self.middle)
        row.setContentsMargins(0, 0, 0, 0)
        self.back = Button(t("wt.back"), icon="arrow-left", key="Esc")
        row.addWidget(self.back)

    def _connect(self) -> None:
        self.tabs.picked.connect(self._on_tab)
        self.model.loaded.connect(self._on_loaded)
        self.list.current_changed.connect(self._on_current)
        self.list.opened.connect(self._on_opened)
        self.card.arrived.connect(self._on_arrived)
        self.card.dropped.connect(self._on_dropped)
        self.card.changed.connect(self._on_change)
        self.card.member_wanted.connect(self.open_member)
        self.add.clicked.connect(self.new_wish)
        self.first.clicked.connect(self.new_wish)
        self.back.clicked.connect(self._on_back)
        for keys, slot in (
            ("F8", self.new_wish), ("Ctrl+Return", self._on_all_arrived),
            ("Ctrl+Enter", self._on_all_arrived), ("Ctrl+Del", self._on_all_dropped),
        ):  # fmt: skip
            QShortcut(QKeySequence(keys), self).activated.connect(slot)

    def _columns(self) -> list[Column]:
        tight = self._layout.name == "compact"  # list and card, and no room for names in both
        found = [
            Column("item", "wt.col.item", 150, painter=_paint_item, stretch=tight),
            Column("size", "wt.col.size", 84, text=lambda row: row.size),
            Column("colour", "wt.col.colour", 96, text=lambda row: row.colour),
            Column("n", "wt.col.n", 76, "right", text=lambda row: t("g.people", n=len(row.wishes))),
        ]
        if not tight:
            found.append(Column("who", "wt.col.who", 120, text=lambda row: row.names, stretch=True))
        since = "wt.col.since" if self.tabs.current() == OPEN else "wt.col.in"
        found.append(Column("since", since, 104, text=self._since))
        return found

    def _since(self, row: Goods) -> str:
        return show_day(row.first if self.tabs.current() == OPEN else row.arrived, self.session.today)

    def _sentence(self, row: Goods) -> str:
        return t("wt.rowtext", item=row.words, n=len(row.wishes), who=row.names)

    # -- hooks --------------------------------------------------------------------------------------------

    def shown(self, member: int = 0, wish: int = -1, **args: Any) -> None:
        """`member`: the customer at the counter, for whom a new wish is; `wish` makes its goods current."""
        self._member = MemberId(member)
        if wish >= 0:
            self._wanted = wish
            self._take_wanted()

    def refresh(self, changes: Changes) -> None:
        if changes.members or changes.tasks or self.model.query is None:
            self._requery()

    def apply_layout(self, layout: Layout) -> None:
        self._layout = layout
        if layout.single:
            self.card.setMinimumWidth(0)
            self.card.setMaximumWidth(_ANY)
        else:
            self._card_open = False
            self.card.setFixedWidth(theme.px(layout.card))
        self.list.set_columns(self._columns())
        self.list.remember(self.session.prefs, f"columns.wanted.{layout.name}")
        self._show_parts()

    def search(self, text: str) -> None:
        self._text = text.strip()
        self._requery()

    def escape(self) -> bool:
        if self._card_open:
            self._card_open = False
            self._show_parts()
            self.list.setFocus()
        elif self.list.isVisible() and not self.list.hasFocus():
            self.list.setFocus()
        else:
            self._on_back()
        return True

    def carry(self) -> dict[str, Any]:
        return {"member": int(self._member), "wish": self.list.current_id()}

    # -- the list -----------------------------------------------------------------------------------------

    def _requery(self) -> None:
        self.model.set_query(_Asked(self._text, self.tabs.current()))
        self.session.query(lambda view: view.wanted_count(), key="wanted.count", done=self._on_count)

    def _on_count(self, number: int) -> None:
        self.tabs.set_count(OPEN, number)

    @Slot(str)
    def _on_tab(self, _key: str) -> None:
        self.list.set_columns(self._columns())
        self._requery()

    @Slot()
    def _on_loaded(self) -> None:
        self._take_wanted()
        is_open = self.tabs.current() == OPEN
        if self.model.ids:
            self._stack.setCurrentIndex(0)
        elif self._text:
            self._none.set_texts(t("wt.none", q=self._text), t("wt.none.text"))
            self._stack.setCurrentIndex(2)
        else:
            title = t("wt.empty") if is_open else t("wt.noarrival")
            self._nothing.set_texts(title, t("wt.empty.text"))
            self.first.setVisible(is_open)
            self._stack.setCurrentIndex(1)
        if not self.model.ids:
            self._card_open = False
            self._on_current(-1)
        self._show_parts()

    def _take_wanted(self) -> None:
        for row in range(len(self.model.ids) if self._wanted >= 0 else 0):
            goods = self.model.row(row)
            if goods is not None and any(wish.id == self._wanted for wish in goods.wishes):
                self.list.select_row(row)
                self._wanted = -1
                return

    def _show_parts(self) -> None:
        single = self._layout.single
        self._left.setVisible(not (single and self._card_open))
        self.card.setVisible(self._card_open if single else bool(self.model.ids))
        self.back.setText(t("wt.list") if single and self._card_open else t("wt.back"))

    @Slot(int)
    def _on_current(self, _key: int) -> None:
        self.card.set_goods(self.list.current_row() if self.model.ids else None, self.session.today)

    @Slot(int)
    def _on_opened(self, _key: int) -> None:
        self._card_open = self._layout.single
        self._show_parts()
        self.card.focus()

    @Slot()
    def _on_back(self) -> None:
        if self._card_open:
            self.escape()
        else:
            self.navigate("counter")

    # -- doing --------------------------------------------------------------------------------------------

    def _is_covered(self) -> bool:
        return open_dialog(self.window()) is not None

    @Slot()
    def new_wish(self) -> None:
        """Write down what somebody asks for."""
        if self._is_covered():
            return
        rows = self.session.view.rows([self._member]) if self._member else []
        dialog = WantedEdit(self.window(), self.session, rows[0] if rows else None)
        dialog.saved.connect(self._on_saved)
        dialog.open()

    @Slot(object)
    def _on_change(self, wish: WantedRow) -> None:
        dialog = WantedEdit(self.window(), self.session, wish=wish)
        dialog.saved.connect(self._on_saved)
        dialog.open()

    @Slot(int)
    def _on_saved(self, wish: int) -> None:
        self._wanted = wish
        if self.tabs.current() != OPEN:
            self.tabs.set_current(OPEN)
            self._on_tab(OPEN)
        else:
            self._take_wanted()

    @Slot()
    def _on_all_arrived(self) -> None:
        if self.card.goods is not None and not self._is_covered():
            self._on_arrived([wish.id for wish in self.card.goods.wishes])

    @Slot()
    def _on_all_dropped(self) -> None:
        if self.card.goods is not None and not self._is_covered():
            self._on_dropped([wish.id for wish in self.card.goods.wishes])

    @Slot(object)
    def _on_arrived(self, ids: list[WantedId]) -> None:
        if self.tabs.current() == OPEN:
            busy = self.card.all_in
            self.session.do(lambda shop, _: shop.wanted.arrived(ids), done=self._on_done, busy=busy)

    @Slot(object)
    def _on_dropped(self, ids: list[WantedId]) -> None:
        if self.tabs.current() == OPEN:
            self.session.do(lambda shop, _: shop.wanted.drop(ids), done=self._on_done)

    def _on_done(self, _result: object) -> None:
        if self.list.isVisible():
            self.list.setFocus()


def _paint_item(brush: RowPaint, rect: QRect, row: object) -> None:
    assert isinstance(row, Goods)
    brush.text(rect, row.item, "name")


class _GoodsCard(Card):
    """Who waits for the goods chosen in the list."""

    arrived = Signal(object)  # ids of wishes
    dropped = Signal(object)
    changed = Signal(object)  # WantedRow
    member_wanted = Signal(int)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.goods: Goods | None = None
        self.rows: list[_WishRow] = []
        self.what = Label("", "h2", wrap=True)
        self.summary = Label("", "body", "tx2", wrap=True)
        self._stack = QStackedWidget()
        shown = QWidget()
        column = QVBoxLayout(shown)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        column.addWidget(self.what)
        column.addWidget(self.summary)
        column.addWidget(Line())
        people = QWidget()
        self._people = QVBoxLayout(people)
        self._people.setContentsMargins(0, 0, 0, 0)
        self._people.setSpacing(theme.px(4))
        self._people.addStretch(1)
        area = QScrollArea()
        area.setWidget(people)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column.addWidget(area, 1)
        self.all_in = Button("", "primary", "check", key="Ctrl+Enter")
        self.all_in.setToolTip(t("wt.arrived.tip"))
        self.all_in.clicked.connect(self._on_all_in)
        column.addWidget(self.all_in)
        self._stack.addWidget(EmptyState("notebook", t("wt.pick")))
        self._stack.addWidget(shown)
        self.body.addWidget(self._stack)

    def set_goods(self, goods: Goods | None, today: date) -> None:
        """Show who waits for these; None shows the empty card."""
        self.goods = goods
        for row in self.rows:
            self._people.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = []
        self._stack.setCurrentIndex(int(goods is not None))
        if goods is None:
            return
        n, is_open = len(goods.wishes), goods.wishes[0].state == OPEN
        self.what.setText(goods.words)
        if is_open:
            self.summary.setText(t("wt.waits", n=n, date=show_day(goods.first, today)))
        else:
            self.summary.setText(t("wt.arrivedon", n=n, date=show_day(goods.arrived, today)))
        self.all_in.setVisible(is_open)
        self.all_in.setText(t("wt.arrived", n=len({wish.member for wish in goods.wishes})))
        for number, wish in enumerate(goods.wishes):
            row = _WishRow(self._session, wish, several=n > 1)
            row.arrived.connect(self.arrived)
            row.dropped.connect(self.dropped)
            row.changed.connect(self.changed)
            row.member_wanted.connect(self.member_wanted)
            self._people.insertWidget(number, row)
            self.rows.append(row)

    def focus(self) -> None:
        """Put the focus on what is done most often."""
        if self.all_in.isVisible():
            self.all_in.setFocus(Qt.FocusReason.TabFocusReason)
        elif self.rows:
            self.rows[0].name.setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _on_all_in(self) -> None:
        if self.goods is not None:
            self.arrived.emit([wish.id for wish in self.goods.wishes])


class _WishRow(QWidget):
    """One who waits: name, phone, when and what she said, and what can be done for her alone."""

    arrived = Signal(object)
    dropped = Signal(object)
    changed = Signal(object)
    member_wanted = Signal(int)

    def __init__(self, session: Session, wish: WantedRow, *, several: bool) -> None:
        super().__init__()
        self.wish, today = wish, session.today
        is_open = wish.state == OPEN
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.px(2), 0, 0)
        column.setSpacing(theme.px(2))
        head = QHBoxLayout()
        head.setSpacing(theme.px(6))
        self.name = SmallButton(wish.name or t("mb.noname"), icon="user")
        self.name.clicked.connect(self._on_name)
        head.addWidget(self.name)
        self.phone = ElidedLabel("", "body", "" if wish.phones else "tx2")
        head.addWidget(self.phone, 1)
        self.reveal = RevealButton(session, words=False)
        self.reveal.seen.connect(self._show_phone)
        self.reveal.set_member(wish.member, wish.phones)
        self._show_phone()
        head.addWidget(self.reveal)
        if is_open:
            self.edit = IconButton("pencil", t("g.edit"))
            self.edit.clicked.connect(self._on_edit)
            self.cross = IconButton("x", t("wt.drop"))
            self.cross.setToolTip(t("wt.drop.tip"))
            self.cross.clicked.connect(self._on_cross)
            head.addWidget(self.edit)
            head.addWidget(self.cross)
        column.addLayout(head)
        said = [t("wt.asked", date=show_day(wish.day, today))]
        if wish.staff:
            said.append(t("wt.by", staff=wish.staff))
        if wish.note:
            said.append(wish.note)
        lower = QHBoxLayout()
        lower.setContentsMargins(theme.px(12), 0, 0, 0)
        lower.setSpacing(theme.px(8))
        lower.addWidget(Label(t("wt.dot").join(said), "label", "tx2", wrap=True), 1)
        if is_open and several:
            self.one = SmallButton(t("wt.arrived.one"), "normal")
            self.one.clicked.connect(self._on_one)
            lower.addWidget(self.one, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(lower)
        if not is_open:
            state = wish.told or "none"
            told = Label(t("wt.state." + state), "label", {"open": "warn", "done": "ok"}.get(state, "tx2"))
            told.setContentsMargins(theme.px(12), 0, 0, 0)
            column.addWidget(told)
        column.addSpacing(theme.px(6))
        column.addWidget(Line())

    @Slot()
    def _show_phone(self) -> None:
        phones = self.reveal.phones
        self.phone.setText(show_phone(phones[0]) if phones else t("today.nogood"))

    @Slot()
    def _on_name(self) -> None:
        self.member_wanted.emit(int(self.wish.member))

    @Slot()
    def _on_edit(self) -> None:
        self.changed.emit(self.wish)

    @Slot()
    def _on_cross(self) -> None:
        self.dropped.emit([self.wish.id])

    @Slot()
    def _on_one(self) -> None:
        self.arrived.emit([self.wish.id])
