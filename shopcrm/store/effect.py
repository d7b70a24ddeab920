"""What followed on contacts, who was drawn, and why people say they stay away: sums over the records.

Contacts of one to-do are one, on the day of the last of them. Each purchase and visit counts for the last
contact before it. Erased members count nowhere: their purchases can no longer be told from nobody's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from shopcrm.basics.records import EffectAsk, TypeKey
from shopcrm.store.connection import AMONG, Row, Rx
from shopcrm.store.facts import iso
from shopcrm.store.writing import Tx

CONTACTED = ("reached", "no_answer", "will_come", "refused")  # a wrong number and a snooze reach nobody
LEARN_DAYS = 30  # after a contact, of the chance kept with it

_D = "CAST(julianday({0}) - 1721424.5 AS INTEGER)"  # a day's text as date.toordinal()

# One row for each to-do with contacts from :first on; the other columns are those of its last contact, which
# they are as long as max(id) is the only greatest or least asked for. `since` is the first day on which a
# purchase can have followed: the day itself, unless all her receipts of that day are known to be earlier than
# the contact. `until` is the last day that counts: no later than :days on, and before the next contact takes
# over.
_UNITS = f"""
WITH touched AS MATERIALIZED (
  SELECT k.member_id AS member, max(k.id) AS id, k.day AS day, k.at AS at, k.template AS template,
    k.staff_id AS staff, k.task_id AS task,
    sum(k.outcome IN ('reached', 'will_come', 'refused')) > 0 AS reached,
    sum(k.outcome = 'will_come') > 0 AS will_come
  FROM contact k JOIN member m ON m.id = k.member_id
  WHERE k.day BETWEEN :first AND :today AND k.outcome IN {CONTACTED} AND m.erased_on IS NULL
  GROUP BY k.member_id, coalesce(k.task_id, -k.id)
), begun AS (
  SELECT *, {_D.format("day")} AS d, {_D.format("day")} + (at <> '' AND EXISTS (
      SELECT 1 FROM sale s WHERE s.member_id = touched.member AND s.day = touched.day AND s.voided_on IS NULL)
    AND NOT EXISTS (
      SELECT 1 FROM sale s WHERE s.member_id = touched.member AND s.day = touched.day AND s.voided_on IS NULL
        AND (s.at = '' OR s.at >= touched.at))) AS since
  FROM touched
), unit AS MATERIALIZED (
  SELECT *, min(d + :days, coalesce(
    lead(since) OVER (PARTITION BY member ORDER BY since, d, id) - 1, d + :days)) AS until FROM begun
), ended AS (
  SELECT u.member, u.reached, u.will_come, u.d + :days < :T AS over, u.template,
    coalesce(t.rule, '') AS rule, coalesce(CAST(u.staff AS TEXT), '') AS staff,
    coalesce(t.type, (SELECT g.type FROM d_type_log g WHERE g.member_id = u.member AND g.day <= u.day
                      ORDER BY g.day DESC LIMIT 1), '') AS type,
    (SELECT count(*) FROM d_purchase_day p
     WHERE p.member_id = u.member AND p.d BETWEEN u.since AND u.until) AS bought,
    (SELECT coalesce(sum(p.net), 0) FROM d_purchase_day p
     WHERE p.member_id = u.member AND p.d BETWEEN u.since AND u.until) AS fen,
    EXISTS (SELECT 1 FROM visit v WHERE v.member_id = u.member AND v.voided_on IS NULL
      AND v.day BETWEEN date(u.since + 1721424.5) AND date(u.until + 1721424.5)) AS visited
  FROM unit u LEFT JOIN task t ON t.id = u.task WHERE u.day <= :last
)
"""
_SUMS = (
    _UNITS
    + """
SELECT rule, type, template, staff, count(*), sum(reached), sum(will_come), sum(visited OR bought > 0),
  sum(bought > 0), sum(fen), sum(over), sum(over AND bought > 0)
FROM ended GROUP BY rule, type, template, staff
"""
)
_STEPS = {
    "contacts": "1", "reached": "reached", "will_come": "will_come", "came": "visited OR bought > 0",
    "bought": "bought > 0",
}  # fmt: skip
_PARTS = {
    "": "1", "rule": "rule = :key", "type": "type = :key", "wording": "template = :key",
    "staff": "staff = :key",
}  # fmt: skip

# Everybody drawn so long ago that the days are over, and the others as `running`.
_DRAWN = f"""
SELECT w.rule, w.held, count(*) FILTER (WHERE over), sum(over AND bought), sum(over AND contacted),
  count(*) FILTER (WHERE NOT over)
FROM (
  SELECT w.rule, w.held, {_D.format("w.day")} + :days < :T AS over,
    EXISTS (SELECT 1 FROM d_purchase_day p WHERE p.member_id = w.member_id
      AND p.d BETWEEN {_D.format("w.day")} AND {_D.format("w.day")} + :days) AS bought,
    EXISTS (SELECT 1 FROM contact k JOIN task t ON t.id = k.task_id WHERE k.member_id = w.member_id
      AND k.day BETWEEN w.day AND date(w.day, '+' || :days || ' days') AND t.rule = w.rule
      AND k.outcome IN {CONTACTED}) AS contacted
  FROM draw w JOIN member m ON m.id = w.member_id WHERE m.erased_on IS NULL AND m.merged_into IS NULL
) w GROUP BY w.rule, w.held
"""
_DRAWN_MEMBERS = """
SELECT DISTINCT w.member_id FROM draw w JOIN member m ON m.id = w.member_id
WHERE w.rule = :rule AND w.held = :held AND m.erased_on IS NULL AND m.merged_into IS NULL
ORDER BY w.day DESC, w.member_id
"""
_LOTS = f"SELECT member_id, rule, quarter, held FROM draw WHERE member_id {AMONG}"
_DRAW_COLUMNS = ("member_id", "rule", "quarter", "day", "type", "held")

# Contacts that knew her chance and whose 30 days were over on :until.
_LEARNED = f"""
SELECT t.rule, t.type, count(*), sum(bought), sum(chance) FROM (
  SELECT k.task_id, k.chance, max(k.id), EXISTS (
    SELECT 1 FROM d_purchase_day p WHERE p.member_id = k.member_id
      AND p.d BETWEEN {_D.format("k.day")} AND {_D.format("k.day")} + {LEARN_DAYS}) AS bought
  FROM contact k JOIN member m ON m.id = k.member_id
  WHERE k.chance IS NOT NULL AND k.task_id IS NOT NULL AND m.erased_on IS NULL
    AND k.outcome IN {CONTACTED} AND k.day <= date(:until, '-{LEARN_DAYS} days')
  GROUP BY k.task_id
) k JOIN task t ON t.id = k.task_id GROUP BY t.rule, t.type ORDER BY t.rule, t.type
"""

_OWN_WORDINGS = "SELECT id, occasion, name FROM template"

_AWAY = """
WITH said AS (
  SELECT k.member_id AS member, k.reason AS reason, max(k.id) AS id, coalesce(t.type, (
      SELECT g.type FROM d_type_log g WHERE g.member_id = k.member_id AND g.day <= k.day
      ORDER BY g.day DESC LIMIT 1), '') AS type
  FROM contact k JOIN member m ON m.id = k.member_id LEFT JOIN task t ON t.id = k.task_id
  WHERE k.day BETWEEN :first AND :last AND k.reason NOT IN ('', 'none') AND m.erased_on IS NULL
  GROUP BY k.member_id, k.reason
)
"""
_AWAY_COUNTS = _AWAY + "SELECT reason, type, count(*) FROM said GROUP BY reason, type"
_AWAY_MEMBERS = (
    _AWAY + "SELECT member FROM said WHERE reason = :reason AND :type IN ('', type) ORDER BY id DESC"
)


class Sum(NamedTuple):
    """What came of the contacts of one rule, type, wording and assistant together."""

    rule: str
    type: str
    template: str
    staff: str  # id, "" nobody known
    contacts: int
    reached: int
    will_come: int
    came: int
    bought: int
    fen: int
    over: int  # whose days are over
    over_bought: int


def sums(rx: Rx, first: int, last: int, today: int, days: int) -> list[Sum]:
    """Contacts from day `first` to `last` and what came within `days` after each."""
    return [Sum._make(row) for row in rx.all(_SUMS, _span(first, last, today, days))]


def members(rx: Rx, ask: EffectAsk, today: int, days: int) -> list[int]:
    """Who stands behind a figure, each once, by their ids."""
    sql = f"{_UNITS} SELECT DISTINCT member FROM ended WHERE ({_PARTS[ask.part]}) AND ({_STEPS[ask.step]})"
    span = _span(ask.first.toordinal(), ask.last.toordinal(), today, days)
    return [row[0] for row in rx.all(sql + " ORDER BY member", {**span, "key": ask.key})]


def _span(first: int, last: int, today: int, days: int) -> dict[str, object]:
    return {"first": iso(first), "last": iso(last), "today": iso(today), "T": today, "days": days}


# ---------------------------------------------------------------- those left out


class Draw(NamedTuple):
    """One lot: whether a member is left out of a rule in a quarter; `day` is when her to-do would begin."""

    member: int
    rule: str
    quarter: str
    day: int
    type: str
    held: bool


def lots(rx: Rx, members: Collection[int]) -> dict[int, dict[tuple[str, str], bool]]:
    """What was drawn for each of these members so far: by rule and quarter, whether she is left out."""
    found: dict[int, dict[tuple[str, str], bool]] = {}
    for member, rule, quarter, held in rx.among(_LOTS, members):
        found.setdefault(member, {})[rule, quarter] = bool(held)
    return found


def keep_draws(tx: Tx, draws: Sequence[Draw]) -> None:
    """Write down the lots that are not on file yet: one a member, rule and quarter, for ever."""
    known = lots(tx, {draw.member for draw in draws})
    new: dict[tuple[int, str, str], Row] = {}
    for draw in draws:
        if (draw.rule, draw.quarter) not in known.get(draw.member, {}):
            key = draw.member, draw.rule, draw.quarter
            new.setdefault(key, (*key, iso(draw.day), draw.type, int(draw.held)))
    tx.insert_many("draw", _DRAW_COLUMNS, list(new.values()))


class Drawn(NamedTuple):
    """One group of a rule: how many whose days are over, of them bought and were contacted, and the rest."""

    of: int
    bought: int
    contacted: int
    running: int


def drawn(rx: Rx, today: int, days: int) -> dict[tuple[str, bool], Drawn]:
    """Both groups of every rule ever drawn for, by rule and whether left out."""
    rows = rx.all(_DRAWN, {"T": today, "days": days})
    return {(row[0], bool(row[1])): Drawn(*(number or 0 for number in row[2:])) for row in rows}


def drawn_members(rx: Rx, rule: str, *, held: bool) -> list[int]:
    """Who was ever drawn into one group of a rule, the latest first."""
    return [row[0] for row in rx.all(_DRAWN_MEMBERS, {"rule": rule, "held": int(held)})]


# ---------------------------------------------------------------- learning, and reasons


class Learned(NamedTuple):
    """Contacts of one rule with members of one type: how many, bought within 30 days, sum of the chances kept
    with them."""

    rule: str
    type: TypeKey
    contacts: int
    bought: int
    expected: float


def learned(rx: Rx, until: int) -> list[Learned]:
    """Contacts whose 30 days were over on `until`."""
    return [Learned._make(row) for row in rx.all(_LEARNED, {"until": iso(until)})]


def own_wordings(rx: Rx) -> dict[str, tuple[str, str]]:
    """Occasion and name of the shop's own wordings, also of those put away, by what contacts call them."""
    return {f"own:{row[0]}": (row[1], row[2]) for row in rx.all(_OWN_WORDINGS)}


def away(rx: Rx, first: int, last: int) -> Mapping[str, dict[str, int]]:
    """By reason: how many members gave it from day `first` to `last`, by their type then."""
    found: dict[str, dict[str, int]] = {}
    for reason, kind, count in rx.all(_AWAY_COUNTS, {"first": iso(first), "last": iso(last)}):
        found.setdefault(reason, {})[kind] = count
    return found


def away_members(rx: Rx, reason: str, kind: str, first: int, last: int) -> list[int]:
    """Who gave a reason, of one type or "" of all; the latest first."""
    params = {"first": iso(first), "last": iso(last), "reason": reason, "type": kind}
    return [row[0] for row in rx.all(_AWAY_MEMBERS, params)]
