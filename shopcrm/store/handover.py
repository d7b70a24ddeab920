"""Whose members and to-dos are whose, for handing them over; and what somebody took out of the shop."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from shopcrm.basics.records import TYPE_KEYS, Taken, TypeKey
from shopcrm.store.connection import Rx

_BY_TYPE = " ".join(f"WHEN '{key}' THEN {at}" for at, key in enumerate(TYPE_KEYS))
_MEMBERS = f"""
SELECT m.id, c.type, m.archived_on IS NOT NULL,
  (SELECT count(*) FROM task t WHERE t.member_id = m.id AND t.state = 'open'
   AND coalesce(t.staff_id, m.staff_id) = m.staff_id)
FROM member m LEFT JOIN d_case c ON c.member_id = m.id
WHERE m.staff_id = ? AND m.merged_into IS NULL
ORDER BY m.archived_on IS NOT NULL, CASE c.type {_BY_TYPE} ELSE 9 END, c.score DESC, m.id
"""
_ASSIGNED = """
SELECT t.id, m.staff_id = t.staff_id FROM task t JOIN member m ON m.id = t.member_id
WHERE t.staff_id = ? AND t.state = 'open' ORDER BY t.priority DESC, t.id
"""
_EXPORTS = """
SELECT e.day, coalesce(json_extract(a.what, '$.what'), ''),
  coalesce(CAST(json_extract(a.what, '$.n') AS INTEGER), 0)
FROM journal_entry e LEFT JOIN audit a ON a.entry_id = e.id
WHERE e.actor = ? AND e.kind = 'export' ORDER BY e.id
"""

_CONTACTS = """
SELECT staff_id, count(*) FROM contact
WHERE day BETWEEN ? AND ? AND staff_id IS NOT NULL AND outcome <> 'later' GROUP BY staff_id
"""


class HerMember(NamedTuple):
    """A member with an assistant."""

    id: int
    type: TypeKey | None
    is_archived: bool
    tasks: int  # open to-dos that are the assistant's, too


def members_of(rx: Rx, staff: int) -> list[HerMember]:
    """Her members by type and worth, deactivated ones last."""
    return [HerMember(row[0], row[1], bool(row[2]), row[3]) for row in rx.all(_MEMBERS, (staff,))]


def assigned_to(rx: Rx, staff: int) -> tuple[list[int], list[int]]:
    """The open to-dos that were given to her: about her own members, and about those of others."""
    rows = rx.all(_ASSIGNED, (staff,))
    return [task for task, own in rows if own], [task for task, own in rows if not own]


def exports_of(rx: Rx, staff: int) -> tuple[tuple[Taken, ...], date | None]:
    """The lists she took out of the shop by kind, the kind with most rows first, and when the last one."""
    days, kinds = [], dict[str, Taken]()
    for day, what, rows in rx.all(_EXPORTS, (staff,)):
        days.append(day)
        before = kinds.get(what, Taken(what, 0, 0))
        kinds[what] = Taken(what, before.times + 1, before.rows + rows)
    taken = sorted(kinds.values(), key=lambda one: -one.rows)
    return tuple(taken), date.fromisoformat(days[-1]) if days else None


def contacts_by(rx: Rx, first: date, last: date) -> dict[int, int]:
    """How many contacts everybody recorded in those days; what was put aside is none."""
    return dict(rx.all(_CONTACTS, (first.isoformat(), last.isoformat())))
