"""加活动、节日、新款: an occasion for the book, or one of these put right."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shopcrm.basics.errors import InputError, ShopError
from shopcrm.basics.records import (
    TYPE_KEYS,
    Done,
    EventDraft,
    EventId,
    EventRow,
    ItemHint,
)
from shopcrm.basics.texts import t
from shopcrm.basics.values import (
    clean_text,
    is_yearly,
    next_on,
    parse_birthday,
    parse_day,
    show_day,
    show_recurring,
    show_weekday,
)
from shopcrm.shop.events import LEAD, MOST_LEAD
from ui import theme
from ui.session import Session
from ui.widgets import (
    Banner,
    Chip,
    Combo,
    Dialog,
    DialogScroll,
    FieldBlock,
    FlowRow,
    FormInput,
    IconButton,
    Stepper,
)
from ui.widgets.day_picker import DayPicker

if TYPE_CHECKING:
    from shopcrm.shop import Shop

ONCE, YEARLY, LUNAR = "once", "yearly", "lunar"
_HINTS = 4


class EventEdit(Dialog):
    """Fill in an occasion of `kind`, or change `event`; nothing is written before 保存 is pressed."""

    saved = Signal(int)  # id of the event

    def __init__(
        self, parent: QWidget, session: Session, kind: str = "event", event: EventRow | None = None
    ) -> None:
        title = t(f"ev.add.{kind}") if event is None else t("ev.change", name=event.name)
        super().__init__(parent, title, width=520)
        self._session, self._event = session, event
        self._kind = kind if event is None else event.kind
        self.name, self.day, self.until = FormInput(), FormInput(t("ev.day.ph")), FormInput(t("ev.until.ph"))
        self.offer, self.item = FormInput(t("ev.offer.ph")), FormInput(t("ev.item.ph"))
        self.how = Combo([(how, t(f"ev.how.{how}")) for how in (ONCE, YEARLY, LUNAR)])
        self.lead = Stepper(0, MOST_LEAD, 1, "rp.days")
        self.types = {key: Chip(t(f"type.{key}"), type_key=key) for key in TYPE_KEYS}
        self._build()
        self._connect()
        self._fill(event)

    def _build(self) -> None:
        content = QWidget()
        column = self._column_of(content)
        self.blocks = {
            "name": FieldBlock(t("ev.name") + " *", self.name),
            "lead": FieldBlock(t("ev.lead"), self.lead, t("ev.lead.hint")),
            "item": FieldBlock(t("ev.item") + " *", self.item),
            "how": FieldBlock(t("ev.how"), self.how),
            "day": FieldBlock(t("ev.day") + " *", self.day, beside=self._calendar(self.day)),
            "until": FieldBlock(t("ev.until"), self.until, beside=self._calendar(self.until)),
            "offer": FieldBlock(t("ev.offer"), self.offer),
        }
        self.hints = FlowRow()
        for key in ("name", "item"):
            column.addWidget(self.blocks[key])
        column.addWidget(self.hints)
        for pair in (("how", "lead"), ("day", "until")):
            row = QHBoxLayout()
            row.setSpacing(theme.px(12))
            for key in pair:
                row.addWidget(self.blocks[key], 1, Qt.AlignmentFlag.AlignTop)
            column.addLayout(row)
        column.addWidget(self.blocks["offer"])
        chips = FlowRow()
        for chip in self.types.values():
            chips.add(chip)
        self.whom = FieldBlock(t("ev.types"), chips, t("ev.types.hint"))
        column.addWidget(self.whom)
        self.body.addWidget(DialogScroll(content))
        self._problem = Banner("bad", closable=False)
        self._problem.hide()
        self.body.addWidget(self._problem)
        self.add_button(t("g.cancel"))
        self.save = self.add_button(t("g.save"), "primary", self._on_save, key="Ctrl+Enter")

    def _column_of(self, content: QWidget) -> QVBoxLayout:
        column = QVBoxLayout(content)
        column.setContentsMargins(theme.px(4), theme.px(4), theme.px(4), theme.px(4))
        column.setSpacing(theme.px(10))
        return column

    def _calendar(self, field: FormInput) -> IconButton:
        made = IconButton("calendar-event", t("ev.pick"))
        made.clicked.connect(partial(self._on_calendar, field))
        return made

    def _connect(self) -> None:
        self.how.picked.connect(self._on_typed)
        self.day.textEdited.connect(self._on_typed)
        self.until.textEdited.connect(self._on_typed)
        self.item.textEdited.connect(self._ask_hints)
        order = [self.name, self.item, self.day, self.until, self.offer]
        for field in order:
            field.entered.connect(partial(self._on_entered, field, order))

    def _fill(self, event: EventRow | None) -> None:
        self.name.setPlaceholderText(t(f"ev.name.ph.{self._kind}"))
        self.blocks["item"].setVisible(self._kind == "new_in")
        self.hints.hide()
        self.blocks["offer"].setVisible(self._kind != "festival")
        self.how.set_value(YEARLY if self._kind == "festival" else ONCE)
        self.lead.set_value(LEAD[self._kind])
        if event is not None:
            self.name.setText(event.name)
            self.item.setText(event.item)
            self.offer.setText(event.offer)
            lunar, yearly = event.day.startswith("L:"), is_yearly(event.day)
            self.how.set_value(LUNAR if lunar else YEARLY if yearly else ONCE)
            self.day.setText(_typed(event.day))
            self.until.setText(_typed(event.until))
            for key, chip in self.types.items():
                chip.setChecked(key in event.types)
            self.lead.set_value(event.lead)
        self._on_typed()

    # -- what is filled in ----------------------------------------------------------------------------------

    @Slot()
    def _on_typed(self) -> None:
        """What was understood of the days stands under their fields."""
        today, how = self._session.today, str(self.how.value())
        for key, field in (("day", self.day), ("until", self.until)):
            form = form_of(field.text(), how, today)
            self.blocks[key].set_note(_understood(form, today) if form else "")
        self.resize_to_content()

    def _on_calendar(self, field: FormInput) -> None:
        """Days are picked by the sun; what comes by the moon is typed."""
        if self.how.value() == LUNAR:
            self.how.set_value(YEARLY)
        today = self._session.today
        form = form_of(field.text() or self.day.text(), str(self.how.value()), today)
        first = date(today.year, today.month, 1)
        picker = DayPicker(field, first, date(today.year + 2, 12, 31))
        picker.picked.connect(partial(self._on_picked, field))
        picker.picked.connect(picker.deleteLater)
        picker.closed.connect(picker.deleteLater)
        picker.open((next_on(form, today) if form else None) or today)
        picker.raise_()  # over the dialog

    def _on_picked(self, field: FormInput, day: date) -> None:
        field.setText(_typed(day.isoformat() if self.how.value() == ONCE else f"{day:%m-%d}"))
        self._on_typed()

    @Slot()
    def _ask_hints(self) -> None:
        """Articles as the shop writes them: whom to tell is found by what was sold."""
        text = self.item.text().strip()
        if not text:
            self._show_hints(())
            return
        typed = text.lower() if text.isascii() else text
        self._session.query(
            lambda view: view.items(None, typed, _HINTS), key="event_edit.items", done=self._show_hints
        )

    def _show_hints(self, found: Sequence[ItemHint]) -> None:
        text = self.item.text().strip()
        self.hints.clear()
        for hint in found:
            if hint.item != text and text:
                chip = Chip(hint.item, checkable=False)
                chip.clicked.connect(partial(self._on_hint, hint.item))
                self.hints.add(chip)
        self.hints.setVisible(bool(found) and bool(text))
        self.resize_to_content()

    def _on_hint(self, item: str) -> None:
        self.item.setText(item)
        self.item.setFocus()
        self._show_hints(())

    def _on_entered(self, field: FormInput, order: Sequence[FormInput]) -> None:
        later = [one for one in order[order.index(field) + 1 :] if one.isVisible()]
        if later:
            later[0].setFocus()
        else:
            self._on_save()

    # -- saving ---------------------------------------------------------------------------------------------

    def draft(self) -> EventDraft | None:
        """The fields as a draft; None after saying which day cannot be read."""
        today, how = self._session.today, str(self.how.value())
        days = {}
        for key, field in (("day", self.day), ("until", self.until)):
            text = field.text().strip()
            days[key] = form_of(text, how, today) if text else ""
            wrong = days[key] is None or (key == "day" and not text)
            self.blocks[key].set_error(t("ev.e.day") if wrong else "")
            if wrong:
                field.setFocus()
                self.resize_to_content()
                return None
        types = tuple(key for key in TYPE_KEYS if self.types[key].isChecked())
        return EventDraft(
            self._kind, clean_text(self.name.text()), days["day"] or "", days["until"] or "",
            "" if self._kind == "festival" else clean_text(self.offer.text()),
            clean_text(self.item.text()) if self._kind == "new_in" else "", types, self.lead.value(),
        )  # fmt: skip

    @Slot()
    def _on_save(self) -> None:
        for block in self.blocks.values():
            block.set_error("")
        self._problem.hide()
        draft, event = self.draft(), self._event
        if draft is None:
            return

        def save(shop: Shop, _progress: object) -> Done[EventId]:
            return shop.events.add(draft) if event is None else shop.events.change(event.id, draft)

        self._session.do(save, origin=self, done=self._on_saved, failed=self._on_failed, busy=self.save)

    def _on_saved(self, result: Done[EventId]) -> None:
        self.accept()
        self.saved.emit(int(result.value))

    def _on_failed(self, error: Exception) -> None:
        field = error.field if isinstance(error, InputError) else ""
        if isinstance(error, ShopError) and field in self.blocks:
            self.blocks[field].set_error(error.sentence)
            self.blocks[field].field.setFocus()
        else:
            self._problem.set_text(
                html.escape(error.sentence if isinstance(error, ShopError) else t("err.bug"))
            )
            self._problem.show()
        self.resize_to_content()


def form_of(text: str, how: str, today: date) -> str | None:
    """What is typed as a day of an occasion, in the form it is kept; None if it cannot be read."""
    if how == ONCE:
        day = parse_day(text, today=today).day
        if day is not None:
            return day.isoformat()
    found = parse_birthday(text, lunar=how == LUNAR, today=today).birthday
    if found is None or found.leap or (found.lunar and how != LUNAR):
        day = None if how == LUNAR else parse_day(text, today=today).day
        return None if day is None else f"{day:%m-%d}"
    form = f"{'L:' if found.lunar else ''}{found.month:02d}-{found.day:02d}"
    if how != ONCE:
        return form
    day = next_on(form, today)
    return None if day is None else day.isoformat()


def _typed(form: str) -> str:
    """A kept form as somebody would type it."""
    return form.removeprefix("L:")


def _understood(form: str, today: date) -> str:
    day = next_on(form, today)
    if day is None:
        return show_recurring(form)
    return t("ev.day.next", day=show_recurring(form), date=show_day(day, today), weekday=show_weekday(day),
             n=(day - today).days)  # fmt: skip
