"""The counter: find her, see who it is, book what happened; keyboard only if wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QStackedWidget

from shopcrm.basics.errors import InputError, Refusal
from shopcrm.basics.progress import Progress
from shopcrm.basics.records import (
    Changes,
    DayEntry,
    Done,
    ItemHint,
    MemberId,
    MemberRow,
    SaleDraft,
    SaleId,
    VisitDraft,
    VisitId,
)
from shopcrm.basics.texts import t
from ui import theme
from ui.dialogs.member_edit import MemberEdit
from ui.pages.base import Layout, Navigator, Page
from ui.pages.counter.find import FindCard
from ui.pages.counter.form import BookForm
from ui.session import Session
from ui.theme.tokens import CARD_GAP, PAGE_SIDE
from ui.widgets import Card, Dialog, EmptyState, Label
from ui.widgets.clipboard import Clipboard
from ui.widgets.frame import age, found
from ui.widgets.member_card import MemberPane

if TYPE_CHECKING:
    from shopcrm.shop import Shop

_FIND, _PANE = 300, 440
_FIND_NARROW, _PANE_NARROW = 280, 400
_HINTS = 6
_ANY = 16_777_215  # Qt's “no limit”


class CounterPage(Page):
    """One customer at a time; what was typed for her stays when the page is left."""

    own_search = True

    def __init__(self, session: Session, window: Navigator, page_id: str = "counter") -> None:
        super().__init__(session, window, page_id)
        self.title = t("nav.counter")
        self.fact = t("ct.sub")
        self.finder = FindCard()
        self.pane = MemberPane("counter")
        self.form = BookForm(self._ask_items)
        self._member: MemberId | None = None  # whose form is open
        self._walk_in = False
        self._finding = True  # where one card is shown at a time: the search, not the form
        self._clipboard = Clipboard(self)
        self._copied = ""
        self._build()
        self._connect()
        self.focus_first = self.finder.field
        self._wait()

    # -- building -----------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(theme.px(PAGE_SIDE), 0, theme.px(PAGE_SIDE), theme.px(16))
        self._grid.setSpacing(theme.px(CARD_GAP))
        self._right = QStackedWidget()
        waiting = Card()
        waiting.body.addWidget(EmptyState("keyboard", t("ct.enter"), t("ct.other")))
        nobody = Card()
        nobody.body.addWidget(EmptyState("user-search", t("ct.start"), t("ct.start.text")))
        for widget in (nobody, waiting, self.form):
            self._right.addWidget(widget)
        self.toast_area = self._right
        self._layout = Layout("normal", 1366, 697)
        self._arrange()

    def _connect(self) -> None:
        self.finder.searched.connect(self._on_searched)
        self.finder.chosen.connect(self._on_chosen)
        self.finder.entered.connect(self._on_entered)
        self.finder.walk_in.connect(self.begin_walk_in)
        self.finder.new_wanted.connect(self._on_new_wanted)
        self.finder.taken_back.connect(self._on_taken_back)
        self.form.save_wanted.connect(self.save)
        self.form.cleared.connect(self._on_cleared)
        self.pane.copy_wanted.connect(self._on_copy)
        self.pane.fill_wanted.connect(self._on_fill)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.save)

    # -- hooks --------------------------------------------------------------------------------------------

    def shown(self, member: int | None = None, digits: str = "", **args: Any) -> None:
        if member is not None:
            self.begin(MemberId(member))
        elif digits:
            self.finder.field.setText(digits)
            self.edit()
        elif self._layout.single and self.form.filled:
            self.form.focus()
        else:
            self.edit()

    def refresh(self, changes: Changes) -> None:
        self.form.set_people([p for p in self.session.view.staff() if p.active], self.session.staff)
        if changes.sales or changes.visits or changes.members:
            self.finder.set_log(self.session.view.today_log())
        if self._member is not None and not self._walk_in:
            self._show(self._member)
        elif self.finder.member():
            self._show_card(MemberId(self.finder.member()))

    def apply_layout(self, layout: Layout) -> None:
        self._layout = layout
        self._arrange()

    def _arrange(self) -> None:
        """Three cards side by side; with less room the search is a bar above her card."""
        layout, grid = self._layout, self._grid
        tight = layout.name in ("compact", "single")
        for widget in (self.finder, self.pane, self._right):
            grid.removeWidget(widget)
        if layout.single:
            grid.addWidget(self.finder, 0, 0)
            grid.addWidget(self._right, 0, 0, 2, 1)
        elif tight:
            grid.addWidget(self.finder, 0, 0)
            grid.addWidget(self.pane, 1, 0)
            grid.addWidget(self._right, 0, 1, 2, 1)
        else:
            grid.addWidget(self.finder, 0, 0, 2, 1)
            grid.addWidget(self.pane, 0, 1, 2, 1)
            grid.addWidget(self._right, 0, 2, 2, 1)
        for column, stretch in enumerate((1, 0, 0) if layout.single else (5, 6, 0) if tight else (0, 0, 1)):
            grid.setColumnStretch(column, stretch)
        grid.setRowStretch(1, 1)
        narrow = layout.name == "narrow"
        for widget, wide in (
            (self.finder, _FIND_NARROW if narrow else _FIND), (self.pane, _PANE_NARROW if narrow else _PANE),
        ):  # fmt: skip
            widget.setMinimumWidth(0 if tight else theme.px(wide))
            widget.setMaximumWidth(_ANY if tight else theme.px(wide))
        self._make_room()

    def _make_room(self) -> None:
        """With little room the matches give way to her card as soon as it is her."""
        tight, single = self._layout.name in ("compact", "single"), self._layout.single
        booking = self._right.currentWidget() is self.form and not (single and self._finding)
        self.finder.set_low(tight, listed=not booking)
        self.finder.setVisible(not (single and booking))
        self._right.setVisible(booking or not single)
        few = len(self.finder.found.rows) <= 2
        self.pane.setVisible(not single and (not tight or booking or few))
        self._grid.setRowStretch(0, int(self.pane.isHidden()))
        card = self.pane.member() if single and not self._walk_in else None
        self.form.title.setText(t("ct.form.of", name=card.name) if card is not None else t("ct.form"))

    def escape(self) -> bool:
        for line in (*self.form.sold.lines, *self.form.tried.lines):
            if line.popup.isVisible():
                line.popup.hide()
                return True
        if self._right.currentWidget() is self.form:
            if self.form.filled:
                self.form.clear()
                self.form.focus()
            else:
                self._close_form()
            return True
        if self.finder.field.text():
            self.finder.field.clear()
            return True
        return False

    def edit(self) -> bool:
        self._finding = True
        self._make_room()
        self.finder.field.focus_all()
        return True

    def new_member(self, typed: str) -> bool:
        self._on_new_wanted(typed or self.finder.field.text().strip())
        return True

    def carry(self) -> dict[str, Any]:
        return {"member": int(self._member)} if self._member is not None else {}

    # -- finding ------------------------------------------------------------------------------------------

    @Slot(str)
    def _on_searched(self, text: str) -> None:
        if not text:
            self._on_found(("", []))
            return
        self.session.query(lambda view: found(view, text), key="counter.search", done=self._on_found)

    def _on_found(self, answer: tuple[str, Sequence[tuple[MemberRow, str]]]) -> None:
        query, rows = answer
        if query == self.finder.field.text().strip() or not query:
            self.finder.show_found(query, rows, self._age)
            self._make_room()

    def _age(self, row: MemberRow) -> str:
        return age(row.last_day, self.session.today)

    @Slot(int)
    def _on_chosen(self, member: int) -> None:
        if self.form.filled and self._member is not None:
            return  # what is typed belongs to the member whose form is open
        self._member, self._walk_in = None, False
        if member:
            self._show_card(MemberId(member))
            self._right.setCurrentIndex(1)
        else:
            self._wait()
        self._make_room()

    def _wait(self) -> None:
        self.pane.set_nobody(t("ct.nobody"), t("ct.nobody.text"))
        self._right.setCurrentIndex(0)

    @Slot()
    def _on_entered(self) -> None:
        if self.finder.member():
            self.begin(MemberId(self.finder.member()))

    def begin(self, member: MemberId) -> None:
        """It is her: open the form for this member."""
        if member != self._member and self.form.filled:
            self.form.clear()
        self._member, self._walk_in = member, False
        if self._show(member):
            self._open_form()

    def _open_form(self) -> None:
        self._right.setCurrentWidget(self.form)
        self._finding = False
        self._make_room()
        self.form.focus()

    @Slot()
    def begin_walk_in(self) -> None:
        """A sale to somebody without a card."""
        self._member, self._walk_in = None, True
        self.pane.set_nobody(t("ct.walkin.name"), t("ct.walkin.text"))
        self.form.set_member(None, self.session.today)
        self._open_form()

    def _show(self, member: MemberId) -> bool:
        card = self.session.view.member(member)
        if card is None:
            self._close_form()
            return False
        self.pane.set_member(card, self.session.today)
        self.form.set_member(card, self.session.today)
        return True

    def _show_card(self, member: MemberId) -> None:
        self.pane.set_member(self.session.view.member(member), self.session.today)

    def _ask_items(self, text: str, answer: Callable[[Sequence[ItemHint]], object]) -> None:
        member = self._member
        self.session.query(
            lambda view: view.items(member, text.lower() if text.isascii() else text, _HINTS),
            key="counter.items", done=answer,
        )  # fmt: skip

    # -- members ------------------------------------------------------------------------------------------

    @Slot(str)
    def _on_new_wanted(self, typed: str) -> None:
        digits = typed if typed.isdigit() else ""
        dialog = MemberEdit(
            self.window(), self.session, digits=digits, name="" if digits else typed, then_log=True
        )
        dialog.logged.connect(self._on_member_made)
        dialog.saved.connect(self._on_member_made)
        dialog.wanted.connect(self._on_member_made)
        dialog.open()

    @Slot(int)
    def _on_member_made(self, member: int) -> None:
        self.finder.field.set_quietly("")
        self.finder.show_found("", (), self._age)
        self.begin(MemberId(member))

    @Slot()
    def _on_fill(self) -> None:
        card = self.pane.member()
        if card is not None:
            MemberEdit(self.window(), self.session, card).open()

    @Slot(str)
    def _on_copy(self, phone: str) -> None:
        self._clipboard.copy(phone, self._on_copied)

    def _on_copied(self, worked: bool) -> None:
        self.toast(
            t("today.copiedphone") if worked else t("copy.failed"), "copy" if worked else "alert-circle"
        )

    # -- booking ------------------------------------------------------------------------------------------

    @Slot()
    def save(self) -> None:
        """Book what is in the form; nothing happens while it is not open or something is wrong."""
        if self._right.currentWidget() is not self.form or not self.form.save.isEnabled():
            return
        draft = self.form.draft()
        if draft is None:
            return
        self.session.do(_Booking(draft), done=self._on_saved, failed=self._on_refused, busy=self.form.save)

    def _on_saved(self, _done: object) -> None:
        self.form.clear()
        self._close_form()

    def _on_refused(self, error: Exception) -> None:
        if isinstance(error, InputError | Refusal):
            self.form.say(error.sentence)
        else:
            self.show_error(error, self.save)

    def _close_form(self) -> None:
        self._member, self._walk_in = None, False
        self.finder.field.set_quietly("")
        self.finder.show_found("", (), self._age)
        self.finder.field.focus_all()

    @Slot()
    def _on_cleared(self) -> None:
        self._close_form()

    @Slot(object)
    def _on_taken_back(self, entry: DayEntry) -> None:
        name = entry.name or t("ct.walkin.name")
        dialog = Dialog(self.window(), t("ct.takeback", what=self.finder.log.words(entry), name=name))
        dialog.body.addWidget(Label(t("ct.takeback.text"), "body", "tx2", wrap=True))
        dialog.add_button(t("g.cancel"))
        dialog.add_button(t("ct.takeback.go"), "primary")
        dialog.accepted.connect(_TakeBack(self, entry.entry))
        dialog.open()

    def take_back(self, entry: int) -> None:
        """Undo one booking of today."""
        self.session.do(lambda shop, _: shop.undo(entry))


@dataclass(frozen=True, slots=True)
class _Booking:
    """A draft on its way to the shop; what happens today gets the time of day there."""

    draft: SaleDraft | VisitDraft

    def __call__(self, shop: Shop, _progress: Progress) -> Done[SaleId] | Done[VisitId]:
        draft = self.draft._replace(at=shop.at) if self.draft.day == shop.day else self.draft
        return shop.counter.sell(draft) if isinstance(draft, SaleDraft) else shop.counter.visit(draft)


class _TakeBack:
    """The answer of the dialog, with the entry it is about."""

    def __init__(self, page: CounterPage, entry: int) -> None:
        self._page, self._entry = page, entry

    def __call__(self) -> None:
        self._page.take_back(self._entry)
