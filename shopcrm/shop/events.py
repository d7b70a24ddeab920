"""The book of occasions 活动和节日: events to invite to, festivals to greet on, new things to tell of.

A change of the book brings everybody's to-dos in line in the same transaction: those of an occasion that is
moved move along, those of one that is removed stop, and what was agreed with a customer stays as agreed.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from shopcrm.basics.errors import InputError, Refusal
from shopcrm.basics.records import EVENT_KINDS, TYPE_KEYS, Done, EventDraft, EventId, EventRow
from shopcrm.basics.values import clean_text, is_recurring, is_yearly, next_on
from shopcrm.rules import events as rules
from shopcrm.rules import reasons
from shopcrm.store import Rx, Tx
from shopcrm.store import events as rows

if TYPE_CHECKING:
    from shopcrm.shop import Shop

LEAD, MOST_LEAD = rules.LEAD, rules.MOST_LEAD  # days before it: the usual of each kind, the most
RULE_OF = rules.RULE_OF  # the rule that opens the to-dos of a kind
_LONGEST = {"name": 20, "offer": 60, "item": 30}


class Events:
    """Each write is one step that undo takes back; RightsError for who may not change whom the
    shop contacts."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def add(self, draft: EventDraft) -> Done[EventId]:
        """Put an occasion into the book.

        InputError of the field for nonsense: no name, a day that is none or is over, a last day before the
        first, more than 60 days, nobody it is for, no article for new things; Refusal event_known for a
        second one of that kind and name on that day.
        """
        shop = self._shop
        with shop.write("event.add") as tx:
            draft, lead = self._checked(tx, draft, None)
            event = rows.put(tx, draft, lead)
            shop.followups.refresh(tx, None, tx.day)
            return tx.done(event, "done.event", name=draft.name)

    def change(self, event: EventId, draft: EventDraft) -> Done[EventId]:
        """Put an occasion right; open to-dos follow its day and its words. Raises as `add`, and Refusal
        event_unknown."""
        shop = self._shop
        with shop.write("event.change") as tx:
            before = self._known(tx, event, gone=False)
            draft, lead = self._checked(tx, draft, event)
            rows.put(tx, draft, lead, event)
            self._take_along(tx, before, event)
            shop.followups.refresh(tx, None, tx.day)
            return tx.done(event, "done.event_changed", name=draft.name)

    def remove(self, event: EventId) -> Done[None]:
        """Take an occasion out of the book: to-dos nobody worked on stop. Refusal event_unknown."""
        shop = self._shop
        with shop.write("event.remove") as tx:
            row = self._known(tx, event, gone=False)
            rows.set_gone(tx, event, tx.day)
            shop.followups.refresh(tx, None, tx.day)
            return tx.done(None, "done.event_removed", name=row.name)

    def restore(self, event: EventId) -> Done[None]:
        """Put an occasion that was removed back. Refusal event_unknown, event_known."""
        shop = self._shop
        with shop.write("event.restore") as tx:
            row = self._known(tx, event, gone=True)
            self._check_single(tx, row.kind, row.name, row.day, event)
            rows.set_gone(tx, event, None)
            shop.followups.refresh(tx, None, tx.day)
            return tx.done(None, "done.event_restored", name=row.name)

    # ------------------------------------------------------------

    def _known(self, tx: Tx, event: EventId, *, gone: bool) -> EventRow:
        row = rows.find(tx, event)
        if row is None or row.gone != gone:
            raise Refusal("event_unknown")
        return row

    def _take_along(self, tx: Tx, before: EventRow, event: EventId) -> None:
        """The open to-dos of an occasion that was changed stand for its new day and give its new reason."""
        after = rows.find(tx, event)
        assert after is not None
        was, now = (rules.seen(row, tx.day) for row in (before, after))
        if was is None or now is None or was.rule != now.rule:
            return
        if was.first != now.first:
            rows.move(tx, now.rule, was.first, now.first)
        rows.retell(tx, now.rule, now.first, reasons.occasion(now))

    def _checked(self, tx: Tx, draft: EventDraft, event: EventId | None) -> tuple[EventDraft, int]:
        """The draft as it is kept, and its lead."""
        if draft.kind not in EVENT_KINDS:
            raise InputError("kind", "event_kind")
        words = {field: clean_text(getattr(draft, field)) for field in _LONGEST}
        for field, longest in _LONGEST.items():
            if len(words[field]) > longest:
                raise InputError(field, "text_long", n=longest)
        if not words["name"]:
            raise InputError("name", "event_name")
        if draft.kind == "new_in" and not words["item"]:
            raise InputError("item", "event_item")
        if draft.kind != "new_in":
            words["item"] = ""
        lead = rules.LEAD[draft.kind] if draft.lead is None else draft.lead
        if not 0 <= lead <= rules.MOST_LEAD:
            raise InputError("lead", "setting_range", low=0, high=rules.MOST_LEAD)
        self._check_days(tx, draft)
        self._check_single(tx, draft.kind, words["name"], draft.day, event)
        types = tuple(key for key in TYPE_KEYS if key in draft.types)
        if len(types) < len(set(draft.types)):
            raise InputError("types", "event_types")
        types = () if len(types) == len(TYPE_KEYS) else types
        kept = draft._replace(name=words["name"], offer=words["offer"], item=words["item"], types=types)
        return kept, lead

    def _check_days(self, tx: Tx, draft: EventDraft) -> None:
        if not is_recurring(draft.day):
            raise InputError("day", "event_day")
        if draft.until:
            if not is_recurring(draft.until) or is_yearly(draft.until) != is_yearly(draft.day):
                raise InputError("until", "event_until")
            first = next_on(draft.day, tx.day if is_yearly(draft.day) else date.min)
            last = None if first is None else next_on(draft.until, first)
            if first is None or last is None:
                raise InputError("until", "event_until")
            if last - first > timedelta(days=rules.LONGEST):
                raise InputError("until", "event_long", n=rules.LONGEST)
        row = EventRow(EventId(0), draft.kind, draft.name, draft.day, draft.until, "", "", (), 0)
        if rules.resolved(row, tx.day).first is None:
            raise InputError("until" if draft.until else "day", "event_over")

    def _check_single(self, tx: Tx, kind: str, name: str, day: str, event: EventId | None) -> None:
        for row in rows.standing(tx):
            if row.id != event and (row.kind, row.name, row.day) == (kind, name, day):
                raise Refusal("event_known", name=name)


# ---------------------------------------------------------------- reading


def in_the_book(rx: Rx, day: date, *, gone: bool = False) -> tuple[EventRow, ...]:
    """The occasions with their next days: those that come next first, those that are over last; with `gone`
    also those removed."""
    found = [rules.resolved(row, day) for row in (rows.all_of_them(rx) if gone else rows.standing(rx))]
    return tuple(sorted(found, key=lambda row: (row.first is None, row.first or date.min, row.id)))


def ahead(rx: Rx, day: date, days: int) -> tuple[EventRow, ...]:
    """The occasions that begin after `day` and within so many days, the nearest first."""
    tomorrow = day + timedelta(days=1)
    found = []
    for row in rows.standing(rx):
        first = next_on(row.day, tomorrow)
        if first is not None and first <= day + timedelta(days=days):
            found.append(rules.resolved(row, first))
    return tuple(sorted(found, key=lambda row: (row.first or date.min, row.id)))


def offered(rx: Rx) -> tuple[EventDraft, ...]:
    """Festivals and shopping days ready to be added, without those in the book."""
    known = {(row.kind, row.day) for row in rows.standing(rx)}
    return tuple(draft for draft in rules.ready() if (draft.kind, draft.day) not in known)
