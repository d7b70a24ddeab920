"""Whole phone numbers somebody looked at who sees them masked: one row a member and day, never taken back.

Days that lie ahead, by a clock that was wrong or put forward, count as today: nobody gets a day more by them,
and the owner sees them.
"""

from __future__ import annotations

from datetime import date, timedelta

from shopcrm.basics.records import RevealRow, StaffId
from shopcrm.store.connection import Rx
from shopcrm.store.writing import Tx

WEEK, MONTH = 7, 30  # days, today included

_KNOWS = "SELECT 1 FROM reveal WHERE staff_id = ? AND member_id = ? AND day >= ?"
_OF_DAY = "SELECT count(*) FROM reveal WHERE staff_id = ? AND day >= ?"
_ADD = "INSERT INTO reveal (staff_id, member_id, day, at) VALUES (?, ?, ?, ?)"
_TODAY = "SELECT staff_id, count(*) FROM reveal WHERE day >= ? GROUP BY staff_id"
_BY_PERSON = """
SELECT r.staff_id, s.name, sum(r.day >= :today) AS today, sum(r.day >= :week) AS week, count(*) AS month
FROM reveal r JOIN staff s ON s.id = r.staff_id WHERE r.day >= :month
GROUP BY r.staff_id ORDER BY today DESC, week DESC, month DESC, r.staff_id
"""
_EVER = """
SELECT count(DISTINCT r.member_id), count(DISTINCT CASE WHEN r.day >= :month THEN r.member_id END),
  count(DISTINCT CASE WHEN m.staff_id = :staff THEN m.id END)
FROM reveal r JOIN member m ON m.id = r.member_id WHERE r.staff_id = :staff
"""


def knows(rx: Rx, staff: int, member: int, day: date) -> bool:
    """Whether she looked at this member's number on that day already."""
    return rx.value(_KNOWS, (staff, member, day.isoformat())) is not None


def of_day(rx: Rx, staff: int, day: date) -> int:
    """At how many members' numbers she looked on a day."""
    return int(rx.value(_OF_DAY, (staff, day.isoformat())))


def add(tx: Tx, member: int) -> None:
    """Whoever writes looks at a member's number now."""
    tx.derive(_ADD, (tx.actor, member, tx.day.isoformat(), tx.at))


def of_all(rx: Rx, day: date) -> dict[int, int]:
    """At how many members' numbers everybody looked on a day; who looked at none is left out."""
    return dict(rx.all(_TODAY, (day.isoformat(),)))


def by_person(rx: Rx, today: date) -> tuple[RevealRow, ...]:
    """Who looked at how many in the last 30 days, whoever did most today first."""
    week, month = today - timedelta(days=WEEK - 1), today - timedelta(days=MONTH - 1)
    days = {"today": today.isoformat(), "week": week.isoformat(), "month": month.isoformat()}
    return tuple(RevealRow(StaffId(row[0]), *row[1:]) for row in rx.all(_BY_PERSON, days))


def ever(rx: Rx, staff: int, today: date) -> tuple[int, int, int]:
    """At how many members' numbers she ever looked, in the last 30 days, and how many of all those are her
    own."""
    month = (today - timedelta(days=MONTH - 1)).isoformat()
    row = rx.one(_EVER, {"staff": staff, "month": month})
    return row if row is not None else (0, 0, 0)
