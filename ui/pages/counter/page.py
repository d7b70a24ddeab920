"""The counter: find her, see who it is, book what happened; keyboard only if wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QWidget

from shopcrm.basics.errors import InputError, Refusal
from shopcrm.basics.progress import Progress
from shopcrm.basics.records import (
    Changes,
    DayEntry,
    EventRow,
    ItemHint,
    MemberCard,
    MemberId,
    MemberRow,
    ReturnableLine,
    SaleId,
    SaleRow,
    VisitId,
    VisitRow,
)
from shopcrm.basics.texts import t
from ui import theme
from ui.dialogs.complaint import open_complaint
from ui.dialogs.member_edit import MemberEdit
from ui.pages.base import Layout, Navigator, Page
from ui.pages.counter.find import FindCard, Waiting
from ui.pages.counter.form import BookForm, KeptForm
from ui.pages.counter.head import Tally, WantedButton
from ui.pages.counter.work import Attach, Booking, Correction, Restore, Suggested, Void
from ui.session import Session
from ui.theme.tokens import CARD_GAP, PAGE_SIDE
from ui.widgets import Card, Dialog, EmptyState, Label, open_dialog
from ui.widgets.clipboard import Clipboard
from ui.widgets.frame import age, found
from ui.widgets.member_card import LATEST, MemberPane

if TYPE_CHECKING:
    from shopcrm.shop import Shop

_WIDTHS = {"wide": (380, 560), "narrow": (280, 400)}  # of search and card; else
_USUAL = 300, 440
_LATEST_WIDE = 9  # lines of her history
_EVENT_DAYS = 14  # ahead of an event she is reminded of before it
_ANONYMOUS_DAYS = 7  # receipts without a card that somebody may still come to claim
_ANONYMOUS_MOST = 8  # of them offered, the latest
_ANY = 16_777_215  # Qt's “no limit”
_DETAILS = "counter.details"  # of this computer: whether lines show what they may tell besides


class CounterPage(Page):
    """One customer at a time; what was typed for her stays when the page is left.

    The form belongs to one member from Enter until it is saved or cleared. While somebody else's card is
    looked at, it says whose it is and does not save.
    """

    own_search = True

    def __init__(self, session: Session, window: Navigator, page_id: str = "counter") -> None:
        super().__init__(session, window, page_id)
        self.title = t("nav.counter")
        self.fact = t("ct.sub")
        self.finder = FindCard()
        self.pane = MemberPane("counter", self.session)
        self.form = BookForm(self)
        self._finding = True  # where one card is shown at a time: the search, not the form
        self._typed_before = ""  # what stood in the search field when saving began
        self._clipboard = Clipboard(self)
        self.middle = self.tally = Tally(session, self)
        self.head_button = self.book = WantedButton(session)
        self._build()
        self._connect()
        self.focus_first = self.finder.field
        self._order()
        self._wait()

    # -- building -----------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(theme.px(PAGE_SIDE), 0, theme.px(PAGE_SIDE), theme.px(16))
        self._grid.setSpacing(theme.px(CARD_GAP))
        self._right = QStackedWidget()
        waiting = Card()
        waiting.body.addWidget(Waiting())
        self._start = Card()
        self._start.body.addWidget(EmptyState("user-search", t("ct.start"), t("ct.start.text")), 1)
        for widget in (self._start, waiting, self.form):
            self._right.addWidget(widget)
        self.toast_area = self.pane  # not over the button that saves
        self._layout = Layout("normal", 1366, 697)
        self._arrange()

    def _connect(self) -> None:
        self.finder.searched.connect(self._on_searched)
        self.finder.chosen.connect(self._on_chosen)
        self.finder.entered.connect(self._on_entered)
        self.finder.walk_in.connect(self.begin_walk_in)
        self.finder.new_wanted.connect(self._on_new_wanted)
        self.finder.log.picked.connect(self._on_entry)
        self.finder.log.day_wanted.connect(self._show_log)
        self.form.save_wanted.connect(self.save)
        self.form.clear_wanted.connect(self.clear)
        self.form.owner_wanted.connect(self.back_to_owner)
        self.form.void_wanted.connect(self.void)
        self.form.restore_wanted.connect(self.restore)
        self.form.attach_wanted.connect(self.attach)
        self.book.clicked.connect(self.open_book)
        QShortcut(QKeySequence("F8"), self).activated.connect(self.open_book)
        self.session.staff_changed.connect(self._show_people)
        for lines in (self.form.sold, self.form.tried):
            lines.relined.connect(self._order)
        self.form.sold.set_open(bool(self.session.prefs.get(_DETAILS, False)))
        self.form.sold.folded.connect(self._on_folded)
        self.pane.entry_wanted.connect(self.open_booking)
        self.pane.copy_wanted.connect(self._on_copy)
        self.pane.fill_wanted.connect(self._on_fill)
        self.pane.settle_wanted.connect(self._on_settle)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.save)

    @Slot(bool)
    def _on_folded(self, is_open: bool) -> None:
        self.session.prefs.set(_DETAILS, is_open)

    @Slot()
    def _order(self) -> None:
        """Tab goes from the search through the form, the card comes last."""
        wanted, history = Qt.FocusPolicy.TabFocus, self.pane.history
        card = [w for w in self.pane.findChildren(QWidget) if w.focusPolicy() & wanted or w is history]
        chain = [*self.finder.fields(), *self.form.fields(), *card]
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)

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
        self.tally.refresh(changes)
        self.book.refresh(changes)
        self._show_people()
        if changes.sales or changes.visits or changes.members:
            log = self.finder.log
            self._show_log(log.day if log.whole else self.session.today)
        if self._booking:
            self._renew()
        elif self.finder.member():
            self._show_card(MemberId(self.finder.member()))

    @Slot()
    def _show_people(self) -> None:
        """Who serves, whoever uses the program first."""
        if self.session.is_open:
            people = [person for person in self.session.view.staff() if person.active]
            self.form.set_people(people, self.session.staff)

    def _renew(self) -> None:
        """Something was written while the form is open: the booking in it may be gone or void by now."""
        booked = self.form.booked
        if booked is not None and not self.form.filled:
            fresh = self._read_booking(booked)
            if fresh is None:
                self._close_form()
                return
            if fresh != booked:
                self.form.correct(fresh, self._card_of(fresh.member), self.session.today)
        member = self.form.member()
        if member is not None and self._show_owner(member):
            self._ask_hers(member)

    def _read_booking(self, booked: SaleRow | VisitRow) -> SaleRow | VisitRow | None:
        view = self.session.view
        return view.sale(booked.id) if isinstance(booked, SaleRow) else view.visit(booked.id)

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
            grid.addWidget(self.finder, 0, 0, 2, 1)
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
        cards: tuple[Card, Card] = self.finder, self.pane
        for card, width in zip(cards, _WIDTHS.get(layout.name, _USUAL), strict=True):
            card.setMinimumWidth(0 if tight else theme.px(width))
            card.setMaximumWidth(_ANY if tight else theme.px(width))
        wide = layout.name == "wide"
        self.pane.latest = _LATEST_WIDE if wide else LATEST
        self.form.set_roomy(wide)
        if layout.name == "compact":  # the bar has no room for it
            self._start.body.addWidget(self.finder.log)
        else:
            self.finder.take_log(roomy=wide)
        self.form.set_short(layout.short)
        self._make_room()

    def _make_room(self) -> None:
        """With little room the matches give way to her card as soon as it is her."""
        tight, single = self._layout.name in ("compact", "single"), self._layout.single
        booking = self._booking and not (single and self._finding)
        self.finder.set_low(tight, listed=not booking)
        self.finder.setVisible(not (single and booking))
        self._right.setVisible(booking or not single)
        few = len(self.finder.found.rows) <= 2
        self.pane.setVisible(not single and (not tight or booking or few))
        self._grid.setRowStretch(0, int(self.pane.isHidden()))
        self.form.set_named(single)

    @property
    def _booking(self) -> bool:
        """Whether the form is open."""
        return self._right.currentWidget() is self.form

    def escape(self) -> bool:
        popups = [line.popup for line in (*self.form.sold.lines, *self.form.tried.lines)]
        for popup in (*popups, self.form.anonymous.popup):
            if popup.isVisible():
                popup.hide()
                return True
        if self._booking:
            if self.form.voiding:
                self.form.leave_void()
            elif self.form.booked is None and self.form.filled:
                self._drop(self._empty_form)
            else:
                self._drop(self._close_form)
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

    def keep(self) -> object:
        return self.form.keep() if self._booking and (self.form.filled or self.form.booked) else None

    def take_over(self, kept: object) -> None:
        assert isinstance(kept, KeptForm)
        self._show_people()
        card, booked = self._card_of(kept.member), kept.booked
        if kept.member is not None and card is None:
            return  # she is gone
        if booked is not None:
            if self._read_booking(booked) != booked:
                return  # somebody else put it right meanwhile
            self.form.correct(booked, self._card_of(booked.member), self.session.today)
        if booked is None or booked.member != kept.member:
            self.form.set_member(card, self.session.today)
        self.form.take_over(kept)
        self._open_form(card.id if card is not None else None)

    def carry(self) -> dict[str, Any]:
        member = self.form.member() if self._booking and self.form.booked is None else None
        return {"member": int(member)} if member is not None else {}

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
        """Her card at once; the form of somebody else stays as it is."""
        owner = self.form.member()
        if self._booking:
            if member and member != owner:
                self._show_card(MemberId(member))
                self.form.set_aside(True)
            else:
                self._show_owner(owner)
            return
        if member:
            self._show_card(MemberId(member))
            self._right.setCurrentIndex(1)
        else:
            self._wait()
        self._make_room()

    @Slot()
    def open_book(self) -> None:
        """The wanted-item book, for the customer who is here."""
        if open_dialog(self.window()) is None:
            member = self.form.member() if self._booking else self.finder.member()
            self.navigate("wanted", member=int(member or 0))

    def _wait(self) -> None:
        self._show_nobody(t("ct.nobody"), t("ct.nobody.text"))
        self._right.setCurrentIndex(0)

    def _show_nobody(self, title: str, text: str) -> None:
        self.pane.set_nobody(title, text)
        self.pane.set_member(None, self.session.today if self.session.is_open else date.min)

    @Slot()
    def _on_entered(self) -> None:
        member = MemberId(self.finder.member())
        if member and self._booking and self.form.booked is not None:
            self.move_to(member)
        elif member:
            self.begin(member)

    def begin(self, member: MemberId) -> None:
        """It is her: open the form for this member. Asks first if it holds something for somebody else."""
        if self._booking and self.form.booked is None and member == self.form.member():
            self._open_form(member)
        elif self._booking and self.form.typed() > 1:
            self._ask_whose(member)
        else:
            self.form.clear()
            self._open_form(member)

    def _ask_whose(self, member: MemberId) -> None:
        card = self._card_of(member)
        if card is None:
            return
        correcting = self.form.booked is not None
        dialog = Dialog(self.window(), t("ct.whose", name=self.form.name()))
        words = t("ct.whose.edit" if correcting else "ct.whose.text", name=card.name)
        dialog.body.addWidget(Label(words, "body", "tx2", wrap=True))
        dialog.add_button(t("ct.keep"), slot=dialog.reject)
        dialog.rejected.connect(self.back_to_owner)
        anew = _Then(dialog, self._begin_anew, member)
        if correcting:
            dialog.add_button(t("ct.edit.not"), "primary", anew)
        else:
            dialog.add_button(t("ct.whose.clear"), slot=anew)
            dialog.add_button(
                t("ct.whose.move", name=card.name), "primary", _Then(dialog, self.move_to, member)
            )
        dialog.open()

    def _begin_anew(self, member: MemberId) -> None:
        self.form.clear()
        self._open_form(member)

    def move_to(self, member: MemberId) -> None:
        """What is in the form becomes this member's."""
        card = self._card_of(member)
        if card is None:
            return
        self.form.set_member(card, self.session.today)
        self._open_form(card.id)

    @Slot()
    def begin_walk_in(self) -> None:
        """A sale to somebody without a card; a receipt being put right becomes one."""
        if self._booking and self.form.booked is not None:
            if isinstance(self.form.booked, VisitRow):
                self.form.say(t("ct.edit.nowalkin"))
                return
        elif self._booking and self.form.member() is not None:
            if self.form.typed() > 1:
                self.back_to_owner()
                return
            self.form.clear()
        self.form.set_member(None, self.session.today)
        self._open_form(None)

    def _open_form(self, member: MemberId | None) -> None:
        self._right.setCurrentWidget(self.form)
        self._finding = False
        if self._show_owner(member):
            if member is not None:
                self._ask_hers(member)
            self._make_room()
            self.form.focus()

    def _show_owner(self, member: MemberId | None) -> bool:
        """The card of whom the form is for, beside it; False if she is gone."""
        if member is None:
            self._show_nobody(t("ct.walkin.name"), t("ct.walkin.text"))
            self.form.set_aside(False)
            return True
        card = self._card_of(member)
        if card is None:
            self._close_form()
            return False
        self.pane.set_member(card, self.session.today)
        self.form.set_member(card, self.session.today)
        self.form.set_aside(False)
        self.finder.set_sure(int(card.id))
        return True

    def _card_of(self, member: MemberId | None) -> MemberCard | None:
        """The card; of a member who was merged into another, the other's."""
        card = None if member is None else self.session.view.member(member)
        if card is not None and card.merged_into is not None:
            return self.session.view.member(card.merged_into)
        return card

    @Slot()
    def back_to_owner(self) -> None:
        """The card beside the form is again that of whom it is for."""
        booked = self.form.booked
        if booked is not None and booked.member != self.form.member():
            card = self._card_of(booked.member)
            self.form.set_member(card, self.session.today)
        self._clear_search()
        self._open_form(self.form.member())

    def _clear_search(self) -> None:
        self.finder.field.set_quietly("")
        self.finder.show_found("", (), self._age)

    def _show_card(self, member: MemberId) -> None:
        self.pane.set_member(self._card_of(member), self.session.today)

    def suggest(self, text: str, answer: Callable[[Sequence[ItemHint | ReturnableLine]], object]) -> None:
        """What a line of the form may be about."""
        self.session.query(Suggested(self.form.member(), text), key="counter.items", done=answer)

    def her_size(self, item: str) -> str:
        """Her size for an article that was never sold before."""
        member = self.form.member()
        return "" if member is None else self.session.view.her_size(member, item)

    def coming_event(self) -> EventRow | None:
        """What she may be reminded of the day before, tomorrow at the earliest."""
        tomorrow = self.session.today + timedelta(days=1)
        return next(iter(self.session.view.events_ahead(tomorrow, _EVENT_DAYS - 1)), None)

    def _ask_hers(self, member: MemberId) -> None:
        """What she may bring back, and which receipts without a card could be hers."""
        self.session.query(
            lambda view: (member, view.returnable(member), view.anonymous(_ANONYMOUS_DAYS)[:_ANONYMOUS_MOST]),
            key="counter.hers", done=self._on_hers,
        )  # fmt: skip

    def _on_hers(self, answer: tuple[MemberId, Sequence[ReturnableLine], Sequence[SaleRow]]) -> None:
        member, lines, sales = answer
        if member == self.form.member():
            self.form.set_returnable(lines)
            self.form.set_anonymous(sales)

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
        self._clear_search()
        if self._booking and self.form.booked is not None:
            self.move_to(MemberId(member))
        else:
            self.begin(MemberId(member))

    @Slot()
    def _on_fill(self) -> None:
        card = self.pane.member()
        if card is not None:
            MemberEdit(self.window(), self.session, card).open()

    @Slot()
    def _on_settle(self) -> None:
        card = self.pane.member()
        if card is not None:
            open_complaint(self, self.session, card)

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
        form = self.form
        if not self._booking or not form.save.isEnabled():
            return
        if form.voiding:
            self.void()
            return
        beside = self.pane.member()
        if not self._layout.single and (beside.id if beside is not None else None) != form.member():
            self.back_to_owner()  # somebody else's card stands beside it: look again, then save
            form.say(t("ct.aside.check", name=form.name()))
            return
        booked = form.booked
        if booked is not None and booked.voided:
            self.restore()
            return
        draft = form.draft()
        if draft is None:
            return
        if booked is None:
            self._write(Booking(draft))
        elif not form.filled:
            self._close_form()
            self.toast(t("ct.edit.same"), "info-circle")
        else:
            self._write(Correction(booked, draft, form.only_moved()))

    def _write(self, op: Callable[[Shop, Progress], object]) -> None:
        self._typed_before = self.finder.field.text()
        self.session.do(op, done=self._on_saved, failed=self._on_refused, busy=self.form.save)

    def _on_saved(self, _done: object) -> None:
        if self.form.clear_saved():
            self.form.focus()
        else:
            self._close_form(keep_search=self.finder.field.text() != self._typed_before)

    def _on_refused(self, error: Exception) -> None:
        if isinstance(error, InputError | Refusal):
            self.form.say(error.sentence)
        else:
            self.show_error(error, self.save)

    def _close_form(self, *, keep_search: bool = False) -> None:
        """Ready for the next; `keep_search`: somebody was looked for while it was being written."""
        self.form.clear()
        self._finding = True
        self.finder.set_sure(0)
        self._wait()
        if keep_search:
            self._on_chosen(self.finder.member())
        else:
            self._clear_search()
        self._make_room()
        self.finder.field.focus_all()

    def _empty_form(self) -> None:
        self.form.clear()
        self.form.focus()

    @Slot()
    def clear(self) -> None:
        """Leave the form, after asking if more than one field was filled."""
        if self.form.voiding:
            self.form.leave_void()
        else:
            self._drop(self._close_form)

    def _drop(self, then: Callable[[], object]) -> None:
        if self.form.typed() <= 1:
            then()
            return
        correcting = self.form.booked is not None
        dialog = Dialog(self.window(), t("ct.drop.edit" if correcting else "ct.drop"))
        dialog.body.addWidget(Label(t("ct.drop.text", name=self.form.name()), "body", "tx2", wrap=True))
        dialog.add_button(t("ct.keep"))
        dialog.add_button(t("ct.edit.not" if correcting else "g.clear"), "primary")
        dialog.accepted.connect(then)
        dialog.open()

    # -- putting right ------------------------------------------------------------------------------------

    @Slot(object)
    def _show_log(self, day: date) -> None:
        today = self.session.today
        day = min(day, today)
        self.finder.log.set_entries(self.session.view.log(day), day, today)

    @Slot(object)
    def _on_entry(self, entry: DayEntry) -> None:
        if entry.kind == "member":
            self.begin(MemberId(entry.id))
        else:
            self.open_booking(entry.kind, entry.id)

    @Slot(str, int)
    def open_booking(self, kind: str, key: int) -> None:
        """Show a sale or visit in the form, to be changed, given to somebody else or struck out."""
        if self._booking and self.form.typed() > 1:
            self._drop(_Open(self, kind, key))
            return
        view = self.session.view
        booked = view.sale(SaleId(key)) if kind == "sale" else view.visit(VisitId(key))
        if booked is None:
            return
        self._clear_search()
        card = self._card_of(booked.member)
        self.form.correct(booked, card, self.session.today)
        self._open_form(card.id if card is not None else None)

    @Slot()
    def void(self) -> None:
        """Strike out the booking in the form."""
        booked, reason = self.form.booked, self.form.void_reason()
        if isinstance(booked, SaleRow) and not reason:
            self.form.say(t("ct.void.need"))
        elif booked is not None:
            self._write(Void(booked, reason))

    @Slot()
    def restore(self) -> None:
        """Let a void booking stand again."""
        if self.form.booked is not None:
            self._write(Restore(self.form.booked))

    @Slot(int)
    def attach(self, sale: int) -> None:
        """A receipt without a card was hers."""
        member = self.form.member()
        if member is not None:
            self.session.do(Attach(SaleId(sale), member), done=self._on_attached, failed=self._on_refused)

    def _on_attached(self, _done: object) -> None:
        self.form.focus()


class _Then:
    """A button of a dialog: close it as answered, then do this."""

    def __init__(self, dialog: Dialog, do: Callable[[MemberId], object], member: MemberId) -> None:
        self._dialog, self._do, self._member = dialog, do, member

    def __call__(self) -> None:
        self._dialog.accept()
        self._do(self._member)


class _Open:
    """The booking to open once the form may be emptied."""

    def __init__(self, page: CounterPage, kind: str, key: int) -> None:
        self._page, self._kind, self._key = page, kind, key

    def __call__(self) -> None:
        self._page.form.clear()
        self._page.open_booking(self._kind, self._key)
