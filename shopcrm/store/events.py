"""The book of occasions: events, festivals, and new things in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from shopcrm.basics.records import TYPE_KEYS, EventDraft, EventId, EventRow
from shopcrm.store.connection import AMONG, Row, Rx
from shopcrm.store.facts import iso
from shopcrm.store.writing import Tx, as_json

_ROWS = "SELECT id, kind, name, day, until, offer, item, types, lead, gone_on IS NOT NULL FROM event"
_ALL = f"{_ROWS} ORDER BY id"
_STANDING = f"{_ROWS} WHERE gone_on IS NULL ORDER BY id"
_ONE = f"{_ROWS} WHERE id = ?"
# An untouched to-do follows its event to another day, unless one of that day was hers before.
_TO_MOVE = """
SELECT id FROM task t WHERE rule = :rule AND anchor = :before AND state = 'open' AND NOT EXISTS (
  SELECT 1 FROM task o
  WHERE o.member_id = t.member_id AND o.rule = t.rule AND o.anchor = :day AND o.step = t.step)
"""
_OPEN = "SELECT id FROM task WHERE rule = ? AND anchor = ? AND state = 'open'"
# Of whom an article is known: bought at least twice, on receipts that stand.
_FANS = f"""
SELECT s.member_id FROM sale s JOIN line l ON l.sale_id = s.id
WHERE s.member_id {AMONG} AND s.voided_on IS NULL AND l.amount_fen > 0 AND instr(l.item, :item)
GROUP BY s.member_id HAVING count(*) > 1
"""


def standing(rx: Rx) -> tuple[EventRow, ...]:
    """The occasions in the book, without those removed, in the order in which they were entered."""
    return tuple(map(_row, rx.all(_STANDING)))


def all_of_them(rx: Rx) -> tuple[EventRow, ...]:
    """The same with those removed."""
    return tuple(map(_row, rx.all(_ALL)))


def find(rx: Rx, event: int) -> EventRow | None:
    """One of them, removed or not."""
    row = rx.one(_ONE, (event,))
    return None if row is None else _row(row)


def put(tx: Tx, draft: EventDraft, lead: int, event: int | None = None) -> EventId:
    """Write down a checked occasion, or change the one with this id; its id."""
    values: dict[str, object] = {
        "kind": draft.kind, "name": draft.name, "day": draft.day, "until": draft.until, "offer": draft.offer,
        "item": draft.item, "types": " ".join(draft.types), "lead": lead,
    }  # fmt: skip
    if event is None:
        return EventId(tx.insert("event", **values))
    tx.update("event", event, **values)
    return EventId(event)


def set_gone(tx: Tx, event: int, day: date | None) -> None:
    """Remove an occasion, or bring it back."""
    tx.update("event", event, gone_on=None if day is None else day.isoformat())


def move(tx: Tx, rule: str, before: int, day: int) -> None:
    """The open to-dos of an occasion are for another day now."""
    found = tx.all(_TO_MOVE, {"rule": rule, "before": iso(before), "day": iso(day)})
    tx.update_same("task", [task for (task,) in found], anchor=iso(day))


def retell(tx: Tx, rule: str, day: int, why: object) -> None:
    """The open to-dos of an occasion give this reason."""
    tx.update_same("task", [task for (task,) in tx.all(_OPEN, (rule, iso(day)))], why=as_json(why))


def fans(rx: Rx, item: str, members: Collection[int]) -> set[int]:
    """Those of these members who bought an article of these words more than once."""
    return {member for (member,) in rx.among(_FANS, members, {"item": item})}


def _row(row: Row) -> EventRow:
    types = tuple(key for key in TYPE_KEYS if key in row[7].split())
    return EventRow(
        EventId(row[0]), kind=row[1], name=row[2], day=row[3], until=row[4], offer=row[5], item=row[6],
        types=types, lead=row[8], gone=bool(row[9]),
    )  # fmt: skip
