"""Booking what happened: bought, tried on without buying, or just looked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from shopcrm.basics.records import MemberCard, MemberId, SaleDraft, StaffId, StaffRow, VisitDraft
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_day, show_money
from ui import theme
from ui.pages.counter.lines import ArticleLines, Ask
from ui.widgets import Button, Card, CheckBox, Combo, Input, Label, Line, OptionTile, Segmented
from ui.widgets.day_picker import DayPicker
from ui.widgets.member_card import word

BOUGHT, TRIED, LOOKED = "bought", "tried", "looked"
REASONS = ("thinking", "price", "no_size", "style", "colour", "itchy")
PICK = "pick"
MOST_WORDS = 200
FIRST_DAY = date(1990, 1, 1)


class BookForm(Card):
    """What is typed stays until saved or cleared; `draft` is what would be written."""

    save_wanted = Signal()
    cleared = Signal()

    def __init__(self, ask: Ask) -> None:
        super().__init__(t("ct.form"))
        self.head.addWidget(Label(t("ct.next"), "small", "tx2"))
        self._card: MemberCard | None = None
        self._today = date.min
        self._picked: date | None = None
        self.kind = Segmented([(BOUGHT, t("ct.bought")), (TRIED, t("ct.tried")), (LOOKED, t("ct.looked"))])
        self.kind.setAccessibleName(t("ct.form"))
        self.sold, self.tried = ArticleLines(ask, amount=True), ArticleLines(ask, amount=False)
        self.reasons = {
            code: OptionTile(number, t(f"ct.why.{number}")) for number, code in enumerate(REASONS, start=1)
        }
        self.says, self.looked_note = Input(t("ct.says.ph")), Input(t("ct.says.ph"))
        self.staff, self.day = Combo(), Combo()
        self.close_task = CheckBox("")
        self.save = Button(t("g.save"), "primary", size="big", key="Ctrl+Enter")
        self.clear_button = Button(t("g.clear"), size="big", key="Esc")
        self._sum, self._pieces = Label("", "h2"), Label("", "small", "tx2")
        self._wrong = Label("", "small", "bad", wrap=True)
        self._build()
        self._connect()

    # -- building -----------------------------------------------------------------------------------------

    def _build(self) -> None:
        for field in (self.says, self.looked_note):
            field.setMaxLength(MOST_WORDS)
            field.setAccessibleName(t("ct.says"))
        self.body.addWidget(self.kind)
        self._stack = QStackedWidget()
        for page in (self._build_bought(), self._build_tried(), self._build_looked()):
            self._stack.addWidget(page)
        self.body.addWidget(self._stack, 1)
        self._wrong.hide()
        self.body.addWidget(self._wrong)
        self.body.addWidget(Line())
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        self._staff_label = Label(t("today.col.staff"), "label", "tx2")
        self._staff_label.setBuddy(self.staff)
        self.staff.setAccessibleName(t("today.col.staff"))
        self.staff.setFixedWidth(theme.px(104))
        self.day.setAccessibleName(t("ct.date"))
        self.day.setFixedWidth(theme.px(150))
        row.addWidget(self._staff_label)
        row.addWidget(self.staff)
        row.addSpacing(theme.px(10))
        row.addWidget(Label(t("ct.date"), "label", "tx2"))
        row.addWidget(self.day)
        row.addStretch(1)
        self.body.addLayout(row)
        self.body.addWidget(self.close_task)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(8))
        buttons.addWidget(self.save, 1)
        buttons.addWidget(self.clear_button)
        self.body.addLayout(buttons)

    def _build_bought(self) -> QWidget:
        page, column = _page()
        heads = QHBoxLayout()
        heads.setSpacing(theme.px(6))
        heads.addWidget(Label(t("ct.item"), "small", "tx2"), 1)
        for text, wide in ((t("ct.size"), 64), (t("ct.amount"), 96)):
            head = Label(text, "small", "tx2")
            head.setFixedWidth(theme.px(wide))
            head.setAlignment(Qt.AlignmentFlag.AlignCenter)
            heads.addWidget(head)
        heads.addSpacing(theme.px(32))
        column.addLayout(heads)
        column.addWidget(self.sold)
        column.addStretch(1)
        foot = QHBoxLayout()
        foot.setSpacing(theme.px(12))
        foot.addWidget(self._pieces)
        foot.addWidget(Label(t("ct.return"), "small", "tx2"))
        foot.addStretch(1)
        foot.addWidget(Label(t("ct.sum"), "body", "tx2"))
        foot.addWidget(self._sum)
        column.addLayout(foot)
        return page

    def _build_tried(self) -> QWidget:
        page, column = _page()
        column.addWidget(Label(t("ct.whattried"), "small", "tx2"))
        column.addWidget(self.tried)
        column.addWidget(Label(t("ct.whynot"), "small", "tx2"))
        grid = QGridLayout()
        grid.setSpacing(theme.px(8))
        for number, tile in enumerate(self.reasons.values()):
            tile.setSizePolicy(tile.sizePolicy().Policy.Expanding, tile.sizePolicy().Policy.Fixed)
            grid.addWidget(tile, number // 3, number % 3)
        column.addLayout(grid)
        row = QHBoxLayout()  # beside each other, so that it fits a low window at the large text
        row.setSpacing(theme.px(8))
        row.addWidget(Label(t("ct.says"), "small", "tx2"))
        row.addWidget(self.says, 1)
        column.addLayout(row)
        column.addStretch(1)
        return page

    def _build_looked(self) -> QWidget:
        page, column = _page()
        column.addWidget(Label(t("ct.says"), "small", "tx2"))
        column.addWidget(self.looked_note)
        column.addStretch(1)
        return page

    def _connect(self) -> None:
        self.kind.picked.connect(self._on_kind)
        self.sold.changed.connect(self._on_lines)
        self.sold.ended.connect(self._on_lines_ended)
        self.tried.ended.connect(self._on_tried_ended)
        self.says.returnPressed.connect(self._on_last)
        self.looked_note.returnPressed.connect(self._on_last)
        self.day.picked.connect(self._on_day)
        self.save.clicked.connect(self.save_wanted)
        self.clear_button.clicked.connect(self._on_clear)
        self._on_lines()

    # -- content ------------------------------------------------------------------------------------------

    def set_people(self, people: Sequence[StaffRow], current: StaffRow | None) -> None:
        """Offer who serves; the person using the program first."""
        self.staff.set_items([(int(person.id), person.name) for person in people])
        if current is not None:
            self.staff.set_value(int(current.id))
        self.staff.setVisible(bool(people))
        self._staff_label.setVisible(bool(people))

    def set_member(self, card: MemberCard | None, today: date) -> None:
        """Book for this member; None is somebody without a card."""
        other = (card.id if card else None) != (self._card.id if self._card else None)
        self._card, self._today = card, today
        self.sold.set_member(card)
        self.tried.set_member(card)
        if other or self._picked is None:
            self._offer_days()
        task = card.task if card is not None else None
        self.close_task.setVisible(task is not None)
        if task is not None:
            self.close_task.setText(t("ct.closetask", reason=word(task.why)))
            if other:
                self.close_task.setChecked(True)
        self.kind.setEnabled(card is not None)
        if card is None:
            self.choose(BOUGHT)

    def choose(self, kind: str) -> None:
        """Bought, tried or looked."""
        self.kind.set_current(kind)
        self._stack.setCurrentIndex((BOUGHT, TRIED, LOOKED).index(kind))
        self.say("")

    def focus(self) -> None:
        """Ready for 1, 2, 3; straight to the article for somebody without a card."""
        if self._card is None:
            self.sold.focus()
        else:
            self.kind.setFocus(Qt.FocusReason.TabFocusReason)

    @property
    def filled(self) -> bool:
        """Whether anything was typed."""
        lines = bool(self.sold.filled() or self.tried.filled())
        ticked = any(tile.isChecked() for tile in self.reasons.values())
        return lines or ticked or bool(self.says.text().strip() or self.looked_note.text().strip())

    def clear(self) -> None:
        """Empty everything; the day goes back to today."""
        self.sold.clear()
        self.tried.clear()
        for tile in self.reasons.values():
            tile.setChecked(False)
        self.says.clear()
        self.looked_note.clear()
        self._picked = None
        self._offer_days()
        self.choose(BOUGHT)

    def draft(self) -> SaleDraft | VisitDraft | None:
        """What would be booked, without the time of day; None after saying what is wrong."""
        day = self.chosen_day()
        person = self.staff.value()
        staff = StaffId(person) if isinstance(person, int) else None
        close = self.close_task.isVisibleTo(self) and self.close_task.isChecked()
        kind = self.kind.current()
        member = self._card.id if self._card is not None else None
        if kind == BOUGHT or member is None:
            return self._sale(member, day, staff, close)
        if kind == TRIED:
            items = t("mb.comma").join(
                " ".join(part for part in (line.item.text().strip(), line.size_.text().strip()) if part)
                for line in self.tried.filled()
            )
            reasons = tuple(code for code, tile in self.reasons.items() if tile.isChecked())
            says = self.says.text().strip()
            return VisitDraft(
                member, day, TRIED, items=items, reasons=reasons, says=says, staff_id=staff, close_task=close
            )
        says = self.looked_note.text().strip()
        return VisitDraft(member, day, LOOKED, says=says, staff_id=staff, close_task=close)

    def _sale(
        self, member: MemberId | None, day: date, staff: StaffId | None, close: bool
    ) -> SaleDraft | None:
        lines = self.sold.filled()
        if not lines:
            self.say(t("ct.nothing"))
            self.sold.focus()
            return None
        for line in lines:
            if line.problem():
                line.amount.setFocus(Qt.FocusReason.OtherFocusReason)
                return None
        drafts = tuple(line.draft() for line in lines)
        return SaleDraft(member, day, drafts, staff_id=staff, close_task=close)

    def say(self, words: str) -> None:
        """Say what stops the booking; "" takes it back."""
        self._wrong.setText(words)
        self._wrong.setVisible(bool(words))

    # -- days ---------------------------------------------------------------------------------------------

    def chosen_day(self) -> date:
        """The day it is booked on."""
        value = self.day.value()
        return value if isinstance(value, date) else self._picked or self._today

    def _offer_days(self) -> None:
        if self._today == date.min:
            return
        yesterday = self._today - timedelta(days=1)
        items: list[tuple[object, str]] = [
            (self._today, t("ct.day", word=t("g.today"), day=show_day(self._today, self._today))),
            (yesterday, t("ct.day", word=t("g.yesterday"), day=show_day(yesterday, self._today))),
        ]
        if self._picked not in (None, self._today, yesterday):
            assert self._picked is not None
            items.append((self._picked, show_day(self._picked, self._today)))
        items.append((PICK, t("g.pickdate")))
        self.day.set_items(items)
        self.day.set_value(self._picked or self._today)

    @Slot(object)
    def _on_day(self, value: object) -> None:
        if value != PICK:
            self._picked = value if isinstance(value, date) else None
            return
        before = self._picked or self._today
        self.day.set_value(before)
        picker = DayPicker(self.day, FIRST_DAY, self._today)
        picker.picked.connect(self.pick_day)
        picker.open(before)

    @Slot(object)
    def pick_day(self, day: date) -> None:
        """Book on this day."""
        self._picked = day
        self._offer_days()

    # -- keys and steps -----------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        digit = event.key() - Qt.Key.Key_1
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if not held and self.kind.hasFocus() and 0 <= digit <= 2:
            self._on_kind((BOUGHT, TRIED, LOOKED)[digit])
            return
        tiles = list(self.reasons.values())
        if not held and any(tile.hasFocus() for tile in tiles) and 0 <= digit < len(tiles):
            tiles[digit].setFocus(Qt.FocusReason.TabFocusReason)
            tiles[digit].toggle()
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not held:
            if self.kind.hasFocus():
                self._on_kind(self.kind.current())
                return
            if any(tile.hasFocus() for tile in tiles):
                self.says.setFocus(Qt.FocusReason.TabFocusReason)
                return
        super().keyPressEvent(event)

    @Slot(str)
    def _on_kind(self, kind: str) -> None:
        self.choose(kind)
        if kind == BOUGHT:
            self.sold.focus()
        elif kind == TRIED:
            self.tried.focus()
        else:
            self.looked_note.setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _on_lines(self) -> None:
        lines = self.sold.filled()
        total = sum(line.fen() or 0 for line in lines)
        self._pieces.setText(t("ct.pieces", n=len(lines)) if lines else "")
        self._sum.setText(show_money(total))
        if lines:
            self.say("")

    @Slot()
    def _on_lines_ended(self) -> None:
        self.save.setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _on_tried_ended(self) -> None:
        next(iter(self.reasons.values())).setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _on_last(self) -> None:
        self.save.setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _on_clear(self) -> None:
        self.clear()
        self.cleared.emit()


def _page() -> tuple[QWidget, QVBoxLayout]:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.px(8))
    return page, column
