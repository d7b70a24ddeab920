"""Complaints of members and the marks they give the shop."""

from __future__ import annotations

from datetime import date

from shopcrm.basics.records import ComplaintDraft, ComplaintRow, Rating, RatingDraft
from shopcrm.store.connection import Row, Rx
from shopcrm.store.writing import Tx

_COLUMNS = """
SELECT k.id, k.member_id, m.name, k.day, k.level, k.words, k.due, k.state, k.settled_on, k.settlement,
  k.compensation_fen, coalesce(p.name, '')
FROM complaint k JOIN member m ON m.id = k.member_id LEFT JOIN staff p ON p.id = k.staff_id
"""
_OF = f"{_COLUMNS} WHERE k.member_id = ? ORDER BY k.state = 'open' DESC, k.day DESC, k.id DESC"
_OPEN = f"{_COLUMNS} WHERE k.state = 'open' AND m.archived_on IS NULL ORDER BY k.due, k.id"
_ONE = f"{_COLUMNS} WHERE k.id = ?"
_SCORES = """
SELECT kind, count(*), avg(score), avg((score >= 9) - (score <= 6)) FROM rating
WHERE day BETWEEN ? AND ? GROUP BY kind
"""


def put(tx: Tx, draft: ComplaintDraft, day: date, due: date) -> int:
    """Write down a checked complaint; its id."""
    return tx.insert(
        "complaint", member_id=draft.member, day=day.isoformat(), level=draft.level, words=draft.words,
        due=due.isoformat(), staff_id=draft.staff_id,
    )  # fmt: skip


def of_member(rx: Rx, member: int) -> list[ComplaintRow]:
    """The complaints of one member, open ones first, then the newest."""
    return [_row(row) for row in rx.all(_OF, (member,))]


def still_open(rx: Rx) -> list[ComplaintRow]:
    """Everything that is not settled, the most urgent first."""
    return [_row(row) for row in rx.all(_OPEN)]


def find(rx: Rx, complaint: int) -> ComplaintRow | None:
    """One complaint, None if there is no such."""
    row = rx.one(_ONE, (complaint,))
    return None if row is None else _row(row)


def rate(tx: Tx, draft: RatingDraft, day: date) -> int:
    """Write down a checked mark; its id."""
    return tx.insert(
        "rating", member_id=draft.member, day=day.isoformat(), kind=draft.kind, score=draft.score,
        staff_id=draft.staff_id,
    )  # fmt: skip


def ratings(rx: Rx, since: date, until: date) -> dict[str, Rating]:
    """By kind the marks of that time: how many, and their mean or net share of promoters."""
    found = {}
    for kind, n, mean, net in rx.all(_SCORES, (since.isoformat(), until.isoformat())):
        found[kind] = Rating(n, mean if kind == "satisfaction" else 100 * net)
    return found


def _row(row: Row) -> ComplaintRow:
    day, due = date.fromisoformat(row[3]), date.fromisoformat(row[6])
    settled = None if row[8] is None else date.fromisoformat(row[8])
    return ComplaintRow(row[0], row[1], row[2], day, row[4], row[5], due, row[7], settled, *row[9:])
