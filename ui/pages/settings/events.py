"""The book of occasions on the page of the follow-up rules: what is coming, what could be added, what was
removed. Written at once, each step can be undone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shopcrm.basics.records import EVENT_KINDS, Done, EventDraft, EventRow
from shopcrm.basics.texts import t
from shopcrm.basics.values import is_yearly, show_day, show_recurring
from shopcrm.shop.events import RULE_OF
from ui import theme
from ui.dialogs.event_edit import EventEdit
from ui.pages.base import Page
from ui.widgets import Banner, Button, Card, Chip, FlowRow, Label, Line, SmallButton, Tag, TypeBadge, empty

if TYPE_CHECKING:
    from shopcrm.shop import Shop

_TONES = {"event": "acc", "festival": "warn", "new_in": "ok"}


class Events(QWidget):
    """The shop's events, festivals and arrivals of new things, those that come next first."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page, self._session = page, page.session
        self.rows: dict[int, _Row] = {}
        self.ready: dict[str, Chip] = {}
        self.taken_back: dict[int, SmallButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(12))
        self.off = Banner("warn", closable=False)
        self.off.hide()
        column.addWidget(self.off)
        book = Card(t("rp.tab.events"))
        self.new = {kind: Button(t(f"ev.add.{kind}"), "normal", "plus", "small") for kind in EVENT_KINDS}
        for kind, button in self.new.items():
            button.clicked.connect(partial(self.open_new, kind))
            book.head.addWidget(button)
        book.body.addWidget(Label(t("ev.what"), "label", "tx2", wrap=True))
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.px(8))
        book.body.addLayout(self._list)
        column.addWidget(book)
        self._ready_card = Card(t("ev.ready"))
        self._ready_card.body.addWidget(Label(t("ev.ready.hint"), "label", "tx2", wrap=True))
        self._ready_row = FlowRow()
        self._ready_card.body.addWidget(self._ready_row)
        column.addWidget(self._ready_card)
        self._gone_card = Card(t("ev.gone"))
        self._gone = QVBoxLayout()
        self._gone_card.body.addLayout(self._gone)
        column.addWidget(self._gone_card)
        column.addStretch(1)

    def show_off(self, off: set[str]) -> None:
        """Say that rules are switched off without which an occasion makes no to-dos."""
        names = [t(f"rule.{key}") for key in RULE_OF.values() if key in off]
        self.off.set_text(t("ev.off", rules=t("g.list").join(names)))
        self.off.setVisible(bool(names))

    def read(self) -> None:
        """Show the book as it is."""
        view, today = self._session.view, self._session.today
        events = view.events(gone=True)
        empty(self._list)
        empty(self._gone)
        self.rows, self.taken_back = {}, {}
        for event in events:
            if event.gone:
                self._gone.addWidget(self._gone_row(event))
            else:
                self._list.addWidget(Line())
                self._list.addWidget(self._row(event, today))
        if not self.rows:
            self._list.addWidget(Label(t("ev.none"), "body", "tx2", wrap=True))
        self._gone_card.setVisible(bool(self.taken_back))
        self._ready_row.clear()
        self.ready = {}
        for draft in view.events_offered():
            chip = Chip(draft.name, icon="plus", checkable=False)
            chip.setToolTip(show_recurring(draft.day))
            chip.setAccessibleName(t("ev.ready.add", name=draft.name, day=show_recurring(draft.day)))
            chip.clicked.connect(partial(self._add, draft))
            self.ready[draft.day] = chip
            self._ready_row.add(chip)
        self._ready_card.setVisible(bool(self.ready))

    def _row(self, event: EventRow, today: date) -> _Row:
        row = _Row(event, today)
        row.change.clicked.connect(partial(self._on_change, event))
        row.remove.clicked.connect(partial(self._remove, event))
        self.rows[int(event.id)] = row
        return row

    def _gone_row(self, event: EventRow) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(Label(event.name, "body"))
        line.addWidget(Label(show_recurring(event.day), "label", "tx2"))
        line.addStretch(1)
        button = SmallButton(t("ev.restore"))
        button.setAccessibleName(t("ev.restore.name", name=event.name))
        button.clicked.connect(partial(self._restore, event))
        line.addWidget(button)
        self.taken_back[int(event.id)] = button
        return row

    # -- what is done ---------------------------------------------------------------------------------------

    def open_new(self, kind: str, _checked: bool = False) -> EventEdit:
        """The dialog for a new occasion of this kind."""
        dialog = EventEdit(self, self._session, kind)
        dialog.open()
        return dialog

    def _on_change(self, event: EventRow, _checked: bool = False) -> None:
        EventEdit(self, self._session, event=event).open()

    def _add(self, draft: EventDraft, _checked: bool = False) -> None:
        self._do(lambda shop: shop.events.add(draft))

    def _remove(self, event: EventRow, _checked: bool = False) -> None:
        self._do(lambda shop: shop.events.remove(event.id))

    def _restore(self, event: EventRow, _checked: bool = False) -> None:
        self._do(lambda shop: shop.events.restore(event.id))

    def _do(self, what: Callable[[Shop], Done[object]]) -> None:
        self._session.do(lambda shop, _progress: what(shop), origin=self, done=self._on_done)

    def _on_done(self, _result: object) -> None:
        first = next(iter(self.rows.values()), None)
        (self.new["event"] if first is None else first.change).setFocus(Qt.FocusReason.OtherFocusReason)


class _Row(QWidget):
    """One occasion: when it is next, for whom, how many days before; to be changed or removed."""

    def __init__(self, event: EventRow, today: date) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(12))
        words = QVBoxLayout()
        words.setSpacing(theme.px(4))
        head = QHBoxLayout()
        head.setSpacing(theme.px(8))
        head.addWidget(Label(event.name, "body_bold"))
        head.addWidget(Tag(t(f"ev.kind.{event.kind}"), _TONES[event.kind]))
        for key in event.types:
            head.addWidget(TypeBadge(key, 20))
        head.addStretch(1)
        words.addLayout(head)
        self.when = Label(when(event, today), "body", wrap=True)
        words.addWidget(self.when)
        self.details = Label(details(event), "label", "tx2", wrap=True)
        words.addWidget(self.details)
        row.addLayout(words, 1)
        self.change, self.remove = SmallButton(t("ev.edit")), SmallButton(t("ev.remove"))
        self.change.setAccessibleName(t("ev.change", name=event.name))
        self.remove.setAccessibleName(t("ev.remove.name", name=event.name))
        row.addWidget(self.change)
        row.addWidget(self.remove)


def when(event: EventRow, today: date) -> str:
    """Its days, and how long until the one that runs or comes next."""
    days = show_recurring(event.day)
    if event.until:
        days = t("ev.span", first=days, last=show_recurring(event.until))
    if event.first is None:
        return t("ev.over", day=days)
    ahead = (event.first - today).days
    if ahead > 0 and not is_yearly(event.day):
        return t("ev.ahead.once", day=days, n=ahead)
    if ahead > 0:
        return t("ev.ahead", day=days, date=show_day(event.first, today), n=ahead)
    return t("ev.running", day=days, date=show_day(event.last or event.first, today))


def details(event: EventRow) -> str:
    """For whom, how many days before, what is offered."""
    whom = t("g.list").join(t(f"type.{key}") for key in event.types) if event.types else t("ev.everybody")
    parts = [t("ev.whom.item", whom=whom, item=event.item) if event.item else whom]
    parts.append(t("ev.lead.day") if event.lead == 0 else t("ev.lead.days", n=event.lead))
    if event.offer:
        parts.append(event.offer)
    return t("why.join").join(parts)
