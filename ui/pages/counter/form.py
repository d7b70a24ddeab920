"""Booking what happened: bought, tried on without buying, or just looked; and putting a booking right."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QHBoxLayout,
    QStackedWidget,
    QWidget,
)

from shopcrm.basics.records import (
    FittingDraft,
    MemberCard,
    MemberId,
    ReturnableLine,
    SaleDraft,
    SaleRow,
    StaffId,
    StaffRow,
    VisitDraft,
    VisitRow,
    WantedDraft,
)
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_day, show_money
from ui import theme
from ui.pages.counter.fields import LONGEST, Chooser, Field, Offer, Scroller, blank_page, tiles_in
from ui.pages.counter.line import Ask, KeptLine
from ui.pages.counter.lines import ArticleLines
from ui.pages.counter.who_when import WhoWhen
from ui.widgets import (
    Banner,
    Button,
    Card,
    CheckBox,
    Combo,
    ElidedLabel,
    FlowRow,
    IconButton,
    Label,
    Line,
    OptionTile,
    Segmented,
    SmallButton,
)
from ui.widgets.member_card import item_words, word

BOUGHT, TRIED, LOOKED = "bought", "tried", "looked"
KINDS = (BOUGHT, TRIED, LOOKED)
REASONS = ("thinking", "price", "no_size", "style", "colour", "itchy")
VOID_REASONS = 4
MOST_WORDS = 500
REMIND_DAYS = 3  # after “let me think about it”
_ROOMY = 400  # height of what is typed
_VOID, _VOIDED = 3, 4  # pages of the stack behind those of KINDS
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class KeptForm(NamedTuple):
    """What was typed and not saved: for whom, of which booking on file, and what stands where."""

    member: MemberId | None
    booked: SaleRow | VisitRow | None
    kind: str
    sold: tuple[KeptLine, ...]
    tried: tuple[KeptLine, ...]
    says: tuple[str, ...]
    ticks: tuple[bool, ...]
    day: date | None
    staff: object


class BookForm(Card):
    """What is typed stays until saved or cleared; `draft` is what would be written.

    With `correct` it shows a booking that is on file: to be changed, struck out, or brought back.
    """

    save_wanted = Signal()
    clear_wanted = Signal()
    owner_wanted = Signal()  # back to the member the form is for
    void_wanted = Signal()
    restore_wanted = Signal()
    attach_wanted = Signal(int)  # an anonymous receipt is hers

    def __init__(self, ask: Ask) -> None:
        super().__init__(t("ct.form"))
        self._corner = Label(t("ct.next"), "small", "tx2")
        self.head.addWidget(self._corner)
        self._ask = ask
        self._card: MemberCard | None = None
        self._today = date.min
        self._booked: SaleRow | VisitRow | None = None  # the booking being put right
        self._booked_owner = ""
        self._at_first: tuple[object, ...] = ()  # the booking as it was shown
        self._has_task = False
        self._aside = False  # somebody else's card stands beside it
        self._named = False  # the title says whose form it is
        self.owner = Banner("info", action=t("ct.backto"), closable=False)
        self.kind = Segmented([(BOUGHT, t("ct.bought")), (TRIED, t("ct.tried")), (LOOKED, t("ct.looked"))])
        self.kind.setAccessibleName(t("ct.form"))
        self.sold, self.tried = ArticleLines(ask, sold=True), ArticleLines(ask, sold=False)
        self.back = SmallButton(t("ct.back"), icon="arrow-back-up")
        self.anonymous = Chooser("receipt", self.sold)
        self.reasons = {
            code: OptionTile(number, t(f"ct.why.{number}")) for number, code in enumerate(REASONS, start=1)
        }
        self.says, self.looked_note = Field(t("ct.says.ph")), Field(t("ct.says.ph"))
        self.remind, self.wish = CheckBox(""), CheckBox(t("ct.wish"))
        self.void_reasons = [OptionTile(n, t(f"ct.void.{n}")) for n in range(1, VOID_REASONS + 1)]
        self.void_words = Field(t("ct.says.ph"))
        self.who = WhoWhen()
        self.staff, self.day = self.who.staff, self.who.day
        self.close_task = CheckBox("")
        self.save = Button(t("g.save"), "primary", size="big", key="Ctrl+Enter")
        self.void = Button(t("ct.void"), "danger", size="big")
        self.clear_button = Button(t("g.clear"), size="big", key="Esc")
        self._sum, self._sum_label = Label("", "h2"), Label(t("ct.sum"), "body", "tx2")
        self._pieces, self._hint = ElidedLabel("", "small", "tx2"), Label(t("ct.return"), "small", "tx2")
        self._wrong = Label("", "small", "bad", wrap=True)
        self._void_said = Label("", "body", wrap=True)
        self._build()
        self._connect()
        self._show_mode()

    # -- building -----------------------------------------------------------------------------------------

    def _build(self) -> None:
        for field in (self.says, self.looked_note, self.void_words):
            field.setMaxLength(MOST_WORDS)
            field.setAccessibleName(t("ct.says"))
        self.owner.hide()
        self.body.addWidget(self.owner)
        self.body.addWidget(self.kind)
        self._stack = QStackedWidget()
        for page in (
            self._build_bought(), self._build_tried(), self._build_looked(), self._build_void(),
            self._build_voided(),
        ):  # fmt: skip
            self._stack.addWidget(page)
        self.body.addWidget(self._stack, 1)
        self._wrong.hide()
        self.body.addWidget(self._wrong)
        self.body.addWidget(Line())
        self.body.addWidget(self.who)
        self.body.addWidget(self.close_task)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(8))
        buttons.addWidget(self.save, 1)
        buttons.addWidget(self.void)
        buttons.addWidget(self.clear_button)
        self.body.addLayout(buttons)
        self.body.addStretch(0)

    def fields(self) -> list[QWidget]:
        """Everything in it that takes the focus, as Tab goes through it."""
        return [
            self.kind, *(field for line in self.sold.lines for field in line.fields()), self.anonymous,
            self.back, *(field for line in self.tried.lines for field in line.fields()),
            *self.reasons.values(), self.says, self.remind, self.wish, self.looked_note, *self.void_reasons,
            self.void_words, self.staff, self.day, self.close_task, self.save, self.void, self.clear_button,
        ]  # fmt: skip

    def _build_bought(self) -> QWidget:
        page, column = blank_page()
        heads = QHBoxLayout()
        heads.setSpacing(theme.px(6))
        heads.addWidget(Label(t("ct.item"), "small", "tx2"), 1)
        for text, wide in ((t("ct.size"), 64), (t("ct.amount"), 96)):
            head = Label(text, "small", "tx2")
            head.setFixedWidth(theme.px(wide))
            head.setAlignment(Qt.AlignmentFlag.AlignCenter)
            heads.addWidget(head)
        self.more = IconButton("list-details", t("ct.more"))
        self.more.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Ctrl+. does the same
        self.more.setFixedSize(theme.px(32), theme.px(26))
        self.more.clicked.connect(self.sold.toggle_open)
        heads.addWidget(self.more)
        column.addLayout(heads)
        column.addWidget(self.sold)
        column.addStretch(1)
        column.addWidget(self.anonymous, 0, Qt.AlignmentFlag.AlignLeft)
        foot = QHBoxLayout()
        foot.setSpacing(theme.px(12))
        foot.addWidget(self._pieces)
        foot.addWidget(self._hint)
        foot.addWidget(self.back)
        self.back.hide()
        foot.addStretch(1)
        foot.addWidget(self._sum_label)
        foot.addWidget(self._sum)
        column.addLayout(foot)
        return page

    def _build_tried(self) -> QWidget:
        page, column = blank_page()
        self._captions = [Label(t("ct.whattried"), "small", "tx2"), Label(t("ct.whynot"), "small", "tx2")]
        column.addWidget(self._captions[0])
        column.addWidget(self.tried)
        column.addWidget(self._captions[1])
        column.addLayout(tiles_in(list(self.reasons.values()), 3))
        row = QHBoxLayout()  # beside each other, so that it fits a low window at the large text
        row.setSpacing(theme.px(8))
        row.addWidget(Label(t("ct.says"), "small", "tx2"))
        row.addWidget(self.says, 1)
        column.addLayout(row)
        offers = FlowRow(16)
        offers.add(self.remind)
        offers.add(self.wish)
        column.addWidget(offers)
        column.addStretch(1)
        return Scroller(page)

    def _build_looked(self) -> QWidget:
        page, column = blank_page()
        column.addWidget(Label(t("ct.says"), "small", "tx2"))
        column.addWidget(self.looked_note)
        column.addStretch(1)
        return page

    def _build_void(self) -> QWidget:
        page, column = blank_page()
        column.addWidget(Label(t("ct.void.why"), "body_bold"))
        column.addWidget(Label(t("ct.void.text"), "small", "tx2", wrap=True))
        column.addLayout(tiles_in(self.void_reasons, 2))
        column.addWidget(self.void_words)
        column.addStretch(1)
        return Scroller(page)

    def _build_voided(self) -> QWidget:
        page, column = blank_page()
        column.addWidget(self._void_said)
        column.addStretch(1)
        return page

    def _connect(self) -> None:
        self.owner.acted.connect(self.owner_wanted)
        self.kind.picked.connect(self._on_kind)
        self.sold.changed.connect(self._on_lines)
        self.sold.ended.connect(self._on_last)
        self.tried.changed.connect(self._on_reasons)
        self.tried.ended.connect(self._on_tried_ended)
        self.back.clicked.connect(self._on_back)
        self.anonymous.picked.connect(self.attach_wanted)
        for tile in self.reasons.values():
            tile.toggled.connect(self._on_reasons)
        for tile in self.void_reasons:
            tile.toggled.connect(self._on_void_reason)
        for field in (self.says, self.looked_note, self.void_words):
            field.entered.connect(self._on_last)
        self.who.moved.connect(self._on_reasons)
        self.save.clicked.connect(self._on_save)
        self.void.clicked.connect(self._on_void)
        self.clear_button.clicked.connect(self._on_clear)
        self._on_lines()
        self._on_reasons()

    # -- content ------------------------------------------------------------------------------------------

    def set_people(self, people: Sequence[StaffRow], current: StaffRow | None) -> None:
        """Offer who serves; the person using the program first, unless somebody was chosen already."""
        self.who.set_people(people, current, keep=self.filled or self._booked is not None)

    def set_member(self, card: MemberCard | None, today: date) -> None:
        """Book for this member; None is somebody without a card. What is typed stays."""
        other = (card.id if card else None) != (self._card.id if self._card else None)
        self._card, self._today = card, today
        self.who.set_today(today)
        if other:
            self.set_returnable(())
            self.set_anonymous(())
            self.say("")
        if other or self.who.picked is None:
            self.who.choose_day(self.who.picked)
        task = card.task if card is not None else None
        if task is not None:
            self.close_task.setText(t("ct.closetask", reason=word(task.why)))
            if other:
                self.close_task.setChecked(True)
        self._has_task = task is not None
        self.kind.setEnabled(card is not None)
        if card is None and self._booked is None:
            self.choose(BOUGHT)
        self._show_mode()
        self._on_reasons()

    def set_returnable(self, lines: Sequence[ReturnableLine]) -> None:
        """What she bought and may bring back."""
        self.sold.set_member(self._card, self._today, lines)
        self.tried.set_member(self._card, self._today)
        self.back.setVisible(bool(lines))
        self._hint.setVisible(not lines)

    def set_anonymous(self, sales: Sequence[SaleRow]) -> None:
        """Receipts nobody owns yet that could be hers."""
        offers = []
        for sale in sales:
            when = " ".join((show_day(sale.day, self._today), sale.at))
            offers.append(Offer(item_words(sale), when, show_money(sale.total_fen), sale.id))
        self.anonymous.set_offers(offers if self._booked is None else [])

    def correct(self, booked: SaleRow | VisitRow, card: MemberCard | None, today: date) -> None:
        """Show a booking that is on file, to be put right; the form must be empty."""
        self.clear()
        self._booked, self._card = booked, None
        self._booked_owner = card.name if card is not None else ""
        self.who.picked = booked.day
        self.set_member(card, today)
        self.who.choose_day(booked.day)
        self.who.choose_person(booked.staff_id or 0, booked.staff)
        if isinstance(booked, SaleRow):
            self.choose(BOUGHT)
            self.sold.load(booked.lines)
        else:
            self.choose(TRIED if booked.kind == TRIED else LOOKED)
            told = (FittingDraft(booked.items),) if 0 < len(booked.items) <= LONGEST else ()
            self.tried.load(booked.fittings or (told if booked.kind == TRIED else ()))
            for code, tile in self.reasons.items():
                tile.setChecked(code in booked.reasons)
            (self.says if booked.kind == TRIED else self.looked_note).setText(booked.says)
            self.remind.setChecked(booked.remind is not None)
            self.wish.setChecked(False)
        if booked.voided:
            said = booked.void_reason if isinstance(booked, SaleRow) else ""
            self._void_said.setText(t("ct.voided.why", reason=said) if said else t("ct.voided"))
            self._stack.setCurrentIndex(_VOIDED)
        self._show_mode()
        self._at_first = self._state()

    @property
    def booked(self) -> SaleRow | VisitRow | None:
        """The booking being put right, None for a new one."""
        return self._booked

    @property
    def voiding(self) -> bool:
        """Whether it is being asked why a booking is struck out."""
        return self._stack.currentIndex() == _VOID

    def member(self) -> MemberId | None:
        """Whom it would be booked for."""
        return self._card.id if self._card is not None else None

    def name(self) -> str:
        """Whom it would be booked for, by name."""
        return self._card.name if self._card is not None else t("ct.walkin.name")

    def choose(self, kind: str) -> None:
        """Bought, tried or looked."""
        self.kind.set_current(kind)
        self._stack.setCurrentIndex(KINDS.index(kind))
        self.say("")
        self._show_mode()

    def focus(self) -> None:
        """Ready for 1, 2, 3; straight to the article for somebody without a card or a booking on file."""
        if self._stack.currentIndex() == _VOIDED:
            self.save.setFocus(Qt.FocusReason.TabFocusReason)
        elif isinstance(self._booked, SaleRow) or self._card is None:
            self.sold.focus()
        else:
            self.kind.setFocus(Qt.FocusReason.TabFocusReason)

    def typed(self) -> int:
        """How many fields were filled by hand; of a booking on file, whether anything was changed."""
        if self._booked is not None:
            return 2 * (self._state() != self._at_first)
        ticked = sum(tile.isChecked() for tile in self.reasons.values())
        words = bool(self.says.text().strip()) + bool(self.looked_note.text().strip())
        lines = sum(line.typed() for line in (*self.sold.filled(), *self.tried.filled()))
        return lines + ticked + words

    @property
    def filled(self) -> bool:
        """Whether anything was typed."""
        return bool(self.typed())

    def _state(self) -> tuple[object, ...]:
        return (
            self.member(), self.chosen_day(), self.staff.value(), self.kind.current(),
            tuple(line.draft() for line in self.sold.filled()),
            tuple(line.fitting() for line in self.tried.filled()),
            tuple(tile.isChecked() for tile in self.reasons.values()), self.says.text(),
            self.looked_note.text(), self.remind.isChecked(),
        )  # fmt: skip

    def only_moved(self) -> bool:
        """Whether nothing of a booking on file was changed but whose it is."""
        return self._state()[1:] == self._at_first[1:]

    def keep(self) -> KeptForm:
        """All that `take_over` of another form needs to show the same."""
        return KeptForm(
            self.member(), self._booked, self.kind.current(), self.sold.keep(), self.tried.keep(),
            tuple(field.text() for field in (self.says, self.looked_note)),
            tuple(box.isChecked() for box in self._boxes()), self.who.picked, self.staff.value(),
        )  # fmt: skip

    def take_over(self, kept: KeptForm) -> None:
        """Show what was typed, for the member and the booking the form is for by now."""
        self.choose(kept.kind)
        self.sold.take_over(kept.sold)
        self.tried.take_over(kept.tried)
        for field, text in zip((self.says, self.looked_note), kept.says, strict=True):
            field.setText(text)
        for box, is_ticked in zip(self._boxes(), kept.ticks, strict=True):
            box.setChecked(is_ticked)
        self.who.choose_day(kept.day)
        self.staff.set_value(kept.staff)
        self._on_reasons()

    def _boxes(self) -> list[QAbstractButton]:
        return [*self.reasons.values(), self.remind, self.wish, self.close_task]

    def clear(self) -> None:
        """Empty everything; the day goes back to today."""
        self._booked, self._booked_owner = None, ""
        for kind in KINDS:
            self._clear(kind)
        self.void_words.clear()
        for tile in self.void_reasons:
            tile.setChecked(False)
        self.who.choose_day(None)
        self.who.choose_person()
        self.choose(BOUGHT)

    def clear_saved(self) -> bool:
        """Empty what was just booked. True if more is left to book: bought one thing, tried on another."""
        if self._booked is None:
            self._clear(self.kind.current())
            left = [BOUGHT] * bool(self.sold.filled()) + [TRIED] * bool(self.tried.filled())
            if left and self._card is not None:
                self.choose(left[0])
                self.close_task.setChecked(False)
                return True
        self.clear()
        return False

    def _clear(self, kind: str) -> None:
        if kind == BOUGHT:
            self.sold.clear()
        elif kind == TRIED:
            self.tried.clear()
            for tile in self.reasons.values():
                tile.setChecked(False)
            self.says.clear()
        else:
            self.looked_note.clear()

    def draft(self) -> SaleDraft | VisitDraft | None:
        """What would be booked, without the time of day; None after saying what is wrong."""
        day = self.chosen_day()
        staff = self.who.person()
        close = self.close_task.isVisibleTo(self) and self.close_task.isChecked()
        kind = self.kind.current()
        member = self.member()
        at = self._booked.at if self._booked is not None and self._booked.day == day else ""
        if kind == BOUGHT or member is None:
            return self._sale(member, day, at, staff, close)
        if kind == TRIED:
            fittings = tuple(line.fitting() for line in self.tried.filled())
            reasons = tuple(code for code, tile in self.reasons.items() if tile.isChecked())
            remind = self._remind_day() if self.remind.isVisibleTo(self) and self.remind.isChecked() else None
            items = self._booked.items if isinstance(self._booked, VisitRow) and not fittings else ""
            return VisitDraft(
                member, day, TRIED, at, items, reasons, self.says.text().strip(), staff, close, fittings,
                remind, self._wishes(member, day),
            )  # fmt: skip
        says = self.looked_note.text().strip()
        booked = self._booked
        looked, items = LOOKED, ""
        if isinstance(booked, VisitRow) and booked.kind != TRIED:  # she may have asked for something
            looked, items = booked.kind, booked.items
        return VisitDraft(member, day, looked, at, items, says=says, staff_id=staff, close_task=close)

    def _wishes(self, member: MemberId, day: date) -> tuple[WantedDraft, ...]:
        """What was tried on and not there in her size, for the wanted-item book."""
        if not (self.wish.isVisibleTo(self) and self.wish.isChecked()):
            return ()
        tried = [line.fitting() for line in self.tried.filled()]
        return tuple(WantedDraft(member, piece.item, piece.size, day=day) for piece in tried if piece.item)

    def _sale(
        self, member: MemberId | None, day: date, at: str, staff: StaffId | None, close: bool
    ) -> SaleDraft | None:
        lines = self.sold.filled()
        if not lines:
            self.say(t("ct.nothing"))
            self.sold.focus()
            return None
        for line in lines:
            if line.problem():
                line.focus_problem()
                return None
        drafts = tuple(line.draft() for line in lines)
        booked = self._booked if isinstance(self._booked, SaleRow) else None
        order, note = (booked.order_no, booked.note) if booked is not None else ("", "")
        return SaleDraft(member, day, drafts, at, order, staff, note, close)

    def void_reason(self) -> str:
        """Why the booking is struck out, "" until something is chosen or written."""
        chosen = [tile.text() for tile in self.void_reasons if tile.isChecked()]
        words = self.void_words.text().strip()
        return t("g.dot").join((*chosen, *([words] if words else ())))

    def say(self, words: str) -> None:
        """Say what stops the booking; "" takes it back."""
        self._wrong.setText(words)
        self._wrong.setVisible(bool(words))

    def set_roomy(self, roomy: bool) -> None:
        """In a large window the buttons stay near what is typed."""
        self._stack.setMaximumHeight(theme.px(_ROOMY) if roomy else 16_777_215)

    def set_short(self, short: bool) -> None:
        """In a low window the captions of what speaks for itself go."""
        for caption in self._captions:
            caption.setVisible(not short)

    def set_named(self, named: bool) -> None:
        """Say in the title whose form it is, where her card is not beside it."""
        self._named = named
        self._show_mode()

    def set_aside(self, aside: bool) -> None:
        """Somebody else's card stands beside the form: say whose it is."""
        self._aside = aside
        self._show_mode()

    def _show_mode(self) -> None:
        """Words and buttons for a new booking, one on file, a void one, or the question why."""
        booked, page = self._booked, self._stack.currentIndex()
        if booked is None:
            named = self._named and self._card is not None
            self.title.setText(t("ct.form.of", name=self.name()) if named else t("ct.form"))
            self._corner.setText(t("ct.next"))
            self.owner.set_text(t("ct.aside", name=html.escape(self.name())))
            self.owner.set_action(t("ct.backto"))
            self.owner.setVisible(self._aside)
        else:
            self.title.setText(t("ct.edit"))
            when = " ".join(part for part in (show_day(booked.day, self._today), booked.at) if part)
            self._corner.setText(when)
            self._show_owner(booked.member, voided=page == _VOIDED)
        self.kind.setVisible(page not in (_VOID, _VOIDED) and not isinstance(booked, SaleRow))
        self.who.setVisible(page not in (_VOID, _VOIDED))
        self.close_task.setVisible(self._has_task and booked is None)
        self.save.setVisible(page != _VOID)
        words = "g.save" if booked is None else "ct.restore" if page == _VOIDED else "ct.edit.save"
        self.save.setText(t(words))
        self.void.setVisible(booked is not None and page != _VOIDED)
        self.void.setText(t("ct.void.go" if page == _VOID else "ct.void"))
        clear = "g.clear" if booked is None else "ct.void.not" if page == _VOID else "ct.edit.not"
        self.clear_button.setText(t("g.close") if page == _VOIDED else t(clear))

    def _show_owner(self, before: MemberId | None, *, voided: bool) -> None:
        now = self.member()
        old = html.escape(self._booked_owner or t("ct.walkin.name"))
        if now != before:
            text = t("ct.edit.moved", old=old, name=html.escape(self.name()))
        elif before is None:
            text = t("ct.edit.nobody")
        else:
            text = t("ct.edit.of", name=old)
        self.owner.set_text(t("ct.voided.of", name=old) if voided else text)
        self.owner.set_action(t("ct.backto") if now != before else "")
        self.owner.setVisible(True)

    # -- days ---------------------------------------------------------------------------------------------

    def chosen_day(self) -> date:
        """The day it is booked on."""
        return self.who.chosen_day()

    def pick_day(self, day: date) -> None:
        """Book on this day."""
        self.who.pick_day(day)

    def _remind_day(self) -> date:
        """When she is to be asked what she made of it: the day before the next event, else some days after
        the visit, tomorrow at the least."""
        set_day = self._booked.remind if isinstance(self._booked, VisitRow) else None
        event = self._ask.coming_event()
        if event is not None and event.first is not None:
            return set_day or event.first - timedelta(days=1)
        after = self.chosen_day() + timedelta(days=REMIND_DAYS)
        return set_day or max(after, self._today + timedelta(days=1))

    def _remind_words(self) -> str:
        """The reminder in words: before what happens in the shop, or after how many days."""
        day = self._remind_day()
        shown = show_day(day, self._today)
        event = self._ask.coming_event()
        if event is not None and event.first == day + timedelta(days=1):
            return t("ct.remind.event", event=event.name, date=shown)
        return t("ct.remind", n=(day - self.chosen_day()).days, day=shown)

    def _may_remind(self) -> bool:
        card = self._card
        if card is None or self._today == date.min:
            return False
        silent = card.archived or (card.no_call and card.no_message and card.no_sms)
        return not silent and not (card.pause_until is not None and card.pause_until >= self._remind_day())

    # -- keys and steps -----------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        digit = event.key() - Qt.Key.Key_1
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        at = QApplication.focusWidget()
        if held:
            super().keyPressEvent(event)
            return
        if at is self.kind and 0 <= digit < len(KINDS):
            self._on_kind(KINDS[digit])
            return
        for tiles in (list(self.reasons.values()), self.void_reasons):
            if at in tiles and 0 <= digit < len(tiles):
                tiles[digit].setFocus(Qt.FocusReason.TabFocusReason)
                tiles[digit].toggle()
                return
        if event.key() in _ENTER:
            if at is self.kind:
                self._on_kind(self.kind.current())
            elif at in self.reasons.values():
                self.says.setFocus(Qt.FocusReason.TabFocusReason)
            elif at in self.void_reasons:
                self.void_words.setFocus(Qt.FocusReason.TabFocusReason)
            elif isinstance(at, CheckBox | Combo):
                self.save.setFocus(Qt.FocusReason.TabFocusReason)
            elif isinstance(at, Button):
                at.click()
            else:
                super().keyPressEvent(event)
            return
        super().keyPressEvent(event)

    @Slot(str)
    def _on_kind(self, kind: str) -> None:
        if isinstance(self._booked, VisitRow) and kind == BOUGHT:
            self.choose(TRIED if self._booked.kind == TRIED else LOOKED)
            self.say(t("ct.edit.nosale"))
            return
        self.choose(kind)
        if kind == BOUGHT:
            self.sold.focus()
        elif kind == TRIED:
            self.tried.focus()
        else:
            self.looked_note.setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _on_lines(self) -> None:
        amounts = [(line.fen(), line.pieces()) for line in self.sold.filled()]
        told = [(fen, pieces) for fen, pieces in amounts if fen is not None]
        total = sum(fen for fen, _ in told)
        bought = sum(pieces for fen, pieces in told if fen >= 0)
        back = sum(pieces for fen, pieces in told if fen < 0)
        parts = (t("ct.pieces", n=bought) if bought else "", t("ct.pieces.back", n=back) if back else "")
        self._pieces.setText(t("g.dot").join(part for part in parts if part))
        label = "ct.sum"
        if back:
            label = "ct.sum.refund"
            if bought:
                label = "ct.sum.more" if total > 0 else "ct.sum.less" if total < 0 else "ct.sum.even"
        self._sum_label.setText(t(label))
        self._sum.setText(show_money(abs(total)))
        if amounts:
            self.say("")

    @Slot()
    def _on_reasons(self) -> None:
        """A reminder and the wanted-item book are offered where they make sense, and ticked then."""
        thinking = self.reasons["thinking"].isChecked() and self._may_remind()
        booked = self._booked
        kept = isinstance(booked, VisitRow) and booked.remind is not None
        if thinking and not self.remind.isVisibleTo(self) and booked is None:
            self.remind.setChecked(True)
        if thinking or kept:
            self.remind.setText(self._remind_words())
        self.remind.setVisible(thinking or kept)
        missing = self.reasons["no_size"].isChecked() and any(
            line.item.text().strip() for line in self.tried.filled()
        )
        if missing and not self.wish.isVisibleTo(self) and booked is None:
            self.wish.setChecked(True)
        self.wish.setVisible(missing and booked is None)

    @Slot()
    def _on_tried_ended(self) -> None:
        next(iter(self.reasons.values())).setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _on_back(self) -> None:
        line = self.sold.free()
        self.sold.focus()
        line.ask_back()

    @Slot()
    def _on_last(self) -> None:
        (self.void if self.voiding else self.save).setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _on_save(self) -> None:
        (self.restore_wanted if self._stack.currentIndex() == _VOIDED else self.save_wanted).emit()

    @Slot()
    def _on_void(self) -> None:
        if self.voiding or isinstance(self._booked, VisitRow):
            self.void_wanted.emit()
            return
        self._stack.setCurrentIndex(_VOID)
        self.say("")
        self._show_mode()
        self.void_reasons[0].setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _on_void_reason(self) -> None:
        self.say("")

    def leave_void(self) -> None:
        """Not struck out after all."""
        self.choose(self.kind.current())
        self.focus()

    @Slot()
    def _on_clear(self) -> None:
        self.clear_wanted.emit()
