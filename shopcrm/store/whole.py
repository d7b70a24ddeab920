"""Everything the shop keeps, read whole: for the dump and for lists that leave the shop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from shopcrm.store.connection import Row, Rx

_MEMBERS = """
SELECT m.id, m.name, coalesce((SELECT group_concat(key, '|') FROM (SELECT key FROM phone WHERE member_id =
m.id ORDER BY seq, id)), ''), m.gender, m.birthday, m.card_no, m.notes, m.joined, coalesce(s.name, ''),
m.referrer_id, m.wechat, m.size_top, m.size_bottom, m.size_shoe, m.height, m.weight, m.likes, m.avoids,
m.tags, m.points_opening, m.archived_on IS NOT NULL, coalesce(c.type, '')
FROM member m LEFT JOIN staff s ON s.id = m.staff_id LEFT JOIN d_case c ON c.member_id = m.id
WHERE m.merged_into IS NULL ORDER BY m.id
"""
_LINES = """
SELECT s.member_id, s.day, l.item, l.size, l.colour, l.qty, l.amount_fen, s.order_no, coalesce(p.name, ''),
s.note, l.category, l.article_no, l.list_fen
FROM sale s JOIN line l ON l.sale_id = s.id LEFT JOIN staff p ON p.id = s.staff_id
WHERE s.voided_on IS NULL AND s.day BETWEEN ? AND ? ORDER BY s.day, s.id, l.id
"""
_VISITS = """
SELECT v.member_id, v.day, v.kind, v.items, v.reasons, v.says, coalesce(p.name, '')
FROM visit v LEFT JOIN staff p ON p.id = v.staff_id WHERE v.voided_on IS NULL ORDER BY v.day, v.id
"""
_CONTACTS = """
SELECT c.member_id, c.day, c.channel, c.outcome, c.reason, c.next_day, c.note, coalesce(p.name, '')
FROM contact c LEFT JOIN staff p ON p.id = c.staff_id ORDER BY c.day, c.id
"""
_TASKS = """
SELECT t.member_id, t.rule, t.anchor, t.step, t.type, t.due, t.expires, t.channel, t.state, t.closed_on,
t.outcome FROM task t ORDER BY t.due, t.id
"""
_NOT_REACHED = """
SELECT c.member_id, max(c.day), count(*), (SELECT outcome FROM contact x WHERE x.member_id = c.member_id
ORDER BY day DESC, id DESC LIMIT 1) FROM contact c WHERE c.day >= ? AND c.outcome IN ('no_answer',
'wrong_number') AND NOT EXISTS (SELECT 1 FROM contact y WHERE y.member_id = c.member_id AND y.outcome NOT IN
('no_answer', 'wrong_number') AND (y.day > c.day OR (y.day = c.day AND y.id > c.id)))
GROUP BY c.member_id ORDER BY max(c.day) DESC, c.member_id
"""
_LIMITS = """
SELECT id, no_call, no_message, no_sms, consent, consent_on, consent_by, best_time FROM member
WHERE no_call OR no_message OR no_sms OR consent <> '' OR best_time <> ''
"""
_OWN_VALUES = "SELECT member_id, field_id, value FROM own_value WHERE value <> ''"
_NO_DIAL = "SELECT id FROM member WHERE (no_call AND no_sms) OR consent = 'no'"


class Limits(NamedTuple):
    """What somebody said about being contacted."""

    no_call: bool
    no_message: bool
    no_sms: bool
    consent: str
    consent_on: str | None  # ISO day
    consent_by: str
    best_time: str


def limits(rx: Rx) -> dict[int, Limits]:
    """What members said about being contacted; who said nothing is left out."""
    return {row[0]: Limits(bool(row[1]), bool(row[2]), bool(row[3]), *row[4:]) for row in rx.all(_LIMITS)}


def own_values(rx: Rx) -> dict[int, dict[int, str]]:
    """What stands in own fields, by member and field."""
    found: dict[int, dict[int, str]] = {}
    for member, field, value in rx.all(_OWN_VALUES):
        found.setdefault(member, {})[field] = value
    return found


def no_dial(rx: Rx) -> frozenset[int]:
    """Members whose number must not be used, neither to call nor for a text message."""
    return frozenset(row[0] for row in rx.all(_NO_DIAL))


def members(rx: Rx) -> Iterator[Row]:
    """Id, name, phone keys joined by |, gender, birthday key, card, notes, joined, assistant, referrer's
    id, wechat,
    three sizes, height, weight, likes, avoids, tags, opening points, whether archived, type."""
    return rx.iterate(_MEMBERS)


def lines(rx: Rx, since: str = "", until: str = "9999") -> Iterator[Row]:
    """Member, day, article, size, colour, pieces, fen, order no., assistant, note; nothing voided."""
    return rx.iterate(_LINES, (since, until))


def visits(rx: Rx) -> Iterator[Row]:
    """Member, day, kind, items, reasons, words, assistant."""
    return rx.iterate(_VISITS)


def contacts(rx: Rx) -> Iterator[Row]:
    """Member, day, channel, outcome, reason, next day, note, assistant."""
    return rx.iterate(_CONTACTS)


def tasks(rx: Rx) -> Iterator[Row]:
    """Member, rule, anchor, step, type, due, expires, channel, state, day closed, outcome."""
    return rx.iterate(_TASKS)


def not_reached(rx: Rx, since: str) -> list[Row]:
    """Members whose last contacts since that day all failed: member, last day, how often, last outcome."""
    return rx.all(_NOT_REACHED, (since,))
