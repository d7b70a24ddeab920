"""Occasions a shop invites to, greets on or tells of, resolved to the days of this year (CLASSIFICATION 10).

An occasion comes once or every year; what the follow-up rules see of it is the one that runs or comes next.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from shopcrm.basics.records import EventDraft, EventRow, TypeKey
from shopcrm.basics.texts import t
from shopcrm.basics.values import next_on

LEAD = {"event": 3, "festival": 0, "new_in": 0}  # days before it, where nobody chose otherwise
# Days its to-dos make sense after the first one, where it has no last day: a greeting as for a birthday,
# new things as long as an offer.
_LASTS = {"event": 0, "festival": 3, "new_in": 14}
LONGEST = 60  # days from the first to the last
MOST_LEAD = 30
RULE_OF = {"event": "E1", "festival": "H1", "new_in": "N1"}
_READY = (
    ("festival", "spring", "L:01-01", "L:01-15"),  # new year is wished to the feast of lanterns
    ("festival", "women", "03-08", ""), ("festival", "dragon", "L:05-05", ""),
    ("festival", "qixi", "L:07-07", ""), ("festival", "autumn", "L:08-15", ""),
    ("festival", "national", "10-01", ""), ("event", "eleven", "11-11", ""),
    ("festival", "new_year", "01-01", ""),
)  # fmt: skip


class Event(NamedTuple):
    """One occasion as the rules see it; days are `date.toordinal()`."""

    id: int
    kind: str
    first: int
    last: int  # its to-dos expire then
    due: int  # before closed days and the caps of a member move it
    types: frozenset[TypeKey]  # for whom; none: everybody
    name: str = ""
    offer: str = ""
    item: str = ""

    @property
    def rule(self) -> str:
        """The rule that opens its to-dos."""
        return RULE_OF[self.kind]

    def is_for(self, type: TypeKey) -> bool:
        """Whether members of this type are meant."""
        return not self.types or type in self.types


def resolved(row: EventRow, day: date) -> EventRow:
    """The same with the days of the one that runs on `day` or comes next; without them once it is over."""
    first = next_on(row.day, day - timedelta(days=LONGEST))
    while first is not None:
        last = _last(row, first)
        if last >= day:
            return row._replace(first=first, last=last)
        first = next_on(row.day, first + timedelta(days=1))
    return row._replace(first=None, last=None)


def _last(row: EventRow, first: date) -> date:
    until = next_on(row.until, first) if row.until else None
    if until is None or (until - first).days > LONGEST:
        return first + timedelta(days=_LASTS[row.kind])
    return until


def seen(row: EventRow, day: date) -> Event | None:
    """The one that runs on `day` or comes next, as the rules see it."""
    now = resolved(row, day)
    if now.first is None or now.last is None:
        return None
    first, last = now.first.toordinal(), now.last.toordinal()
    return Event(
        row.id, row.kind, first, last, first - row.lead, frozenset(row.types), row.name, row.offer, row.item
    )


def near(rows: Iterable[EventRow], day: date, ahead: int) -> tuple[Event, ...]:
    """Those whose to-dos are due within `ahead` days or still make sense; those that end first come first."""
    found = [event for row in rows if (event := seen(row, day)) is not None]
    soon = (event for event in found if event.due <= day.toordinal() + ahead)
    return tuple(sorted(soon, key=lambda event: (event.last, event.first, event.id)))


def ready() -> tuple[EventDraft, ...]:
    """The festivals and shopping days everybody keeps, named in the language in force, to choose from."""
    return tuple(EventDraft(kind, t(f"festival.{name}"), day, until) for kind, name, day, until in _READY)
