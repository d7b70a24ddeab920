"""Everybody's statistics and verdicts by sets: the table of rules.customer_types put into SQL.

d_case carries the sums over each member's purchase days as of the day in `types.sums`. Mere time changes few
of them a day: those of members with a purchase that passes an age at which it counts for something else.
What fades is kept as of a fixed day and scaled when it is used. Where purchase days have changed the points
are NULL (a trigger sees to it), and the member is summed up anew next time.

`decide` and `score` of rules.customer_types say the same of one member; tests hold the two together.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from math import exp
from typing import Any

from shopcrm.rules.calibration import Aggregates, Limits, TypeSettings
from shopcrm.rules.customer_types import (
    HELD,
    SHOP_FIGURES,
    TYPES,
    Comparison,
    CustomerType,
    Rule,
    Yardstick,
    nearest,
    whole,
    yuan,
)
from shopcrm.rules.facts import SEASON_AGE, SOLAR_YEAR, counts_for
from shopcrm.store.connection import Rx
from shopcrm.store.facts import first_day, gaps, iso, put_state, state, summed_up
from shopcrm.store.writing import MANY, Tx

_ORDINAL = "CAST(julianday({0}) - 1721424.5 AS INTEGER)"  # date.toordinal() of an ISO day
_FAR = 30  # times tau: sums as of a day farther off are summed up anew, long before a number overflows

# ---------------------------------------------------------------- sums

_NEW = """
INSERT INTO d_case (member_id, day, type, code, vals, score, since, n, spend, n12, spend12)
SELECT m.id, '', '', '', '{}', 0, '', 0, 0, 0, 0 FROM member m
WHERE m.merged_into IS NULL AND NOT EXISTS (SELECT 1 FROM d_case c WHERE c.member_id = m.id)
"""
_MISSING = """
SELECT (SELECT count(*) FROM member) - (SELECT count(*) FROM member WHERE merged_into IS NOT NULL)
  > (SELECT count(*) FROM d_case)
"""
_GONE = "DELETE FROM {0} WHERE NOT EXISTS (SELECT 1 FROM member m WHERE m.id = member_id)"
_TEMP = (
    """
CREATE TEMP TABLE IF NOT EXISTS sums (
  member_id INTEGER PRIMARY KEY, n INTEGER, first_d INTEGER, last_d INTEGER, spend INTEGER, n12 INTEGER,
  spend12 INTEGER, months12 INTEGER, rising INTEGER, points REAL, season REAL)
""",
    "CREATE TEMP TABLE IF NOT EXISTS stale (member_id INTEGER PRIMARY KEY)",
    "CREATE TEMP TABLE IF NOT EXISTS came (member_id INTEGER PRIMARY KEY, hot INTEGER, alive INTEGER)",
    "CREATE TEMP TABLE IF NOT EXISTS brought (member_id INTEGER PRIMARY KEY, friends INTEGER)",
    "CREATE TEMP TABLE IF NOT EXISTS active (member_id INTEGER PRIMARY KEY)",
)
_CLEAR = "DELETE FROM {0}"
_ALL_STALE = "UPDATE d_case SET points = NULL"
_PASSING = """
INSERT OR IGNORE INTO stale SELECT s.member_id FROM json_each(?) e
CROSS JOIN sale s INDEXED BY sale_day ON s.day = e.value WHERE s.member_id IS NOT NULL
"""
_STALE = "INSERT OR IGNORE INTO stale SELECT member_id FROM d_case WHERE points IS NULL"
_POINTS = "sum(exp((p.d - :epoch) / :tau))"
_SUM_UP = f"""
INSERT INTO sums
SELECT s.member_id, count(p.d), min(p.d), max(p.d), coalesce(sum(p.net), 0),
  coalesce(sum(p.d > :day - 365), 0), coalesce(sum(CASE WHEN p.d > :day - 365 THEN p.net END), 0),
  count(DISTINCT CASE WHEN p.d > :day - 365 THEN p.ym END), coalesce(sum(p.d > :day - :rising), 0),
  coalesce({_POINTS}, 0.0),
  coalesce(sum(CASE WHEN :day - p.d >= :season_age
      AND mod(:day - p.d, :year) >= :year - :horizon
    THEN exp((p.d - :epoch) / :season_tau) END), 0.0)
FROM stale s LEFT JOIN d_purchase_day p ON p.member_id = s.member_id AND p.d <= :day GROUP BY s.member_id
"""
_SUMS = ("n", "first_d", "last_d", "spend", "n12", "spend12", "months12", "rising", "points", "season")
_PUT_SUMS = f"""
UPDATE d_case SET {", ".join(f"{name} = s.{name}" for name in _SUMS)}
FROM sums s WHERE s.member_id = d_case.member_id
"""
_PUT_POINTS = f"""
UPDATE d_case SET points = s.points
FROM (SELECT p.member_id, {_POINTS} AS points FROM d_purchase_day p WHERE p.d <= :day GROUP BY p.member_id) s
WHERE s.member_id = d_case.member_id
"""

_BUYERS = "SELECT n, last_d - first_d, spend, n12, spend12 FROM d_case WHERE n > 0"
_SOME = "SELECT member_id FROM d_case LIMIT ?"


def join_in(tx: Tx) -> None:
    """A row for every member but those merged into others, none for who is no more; a new one is of no type
    yet."""
    if tx.derive(_GONE.format("d_case")):
        tx.derive(_GONE.format("d_type_log"))
    if tx.value(_MISSING):
        tx.derive(_NEW)


def put_sums(
    tx: Tx, day: int, settings: TypeSettings, tau: float, columns: Mapping[str, Sequence[object]]
) -> None:
    """File everybody's sums as of `day`, by the columns of d_case, with her type until then, if she had one.

    There is no verdict on file, and none of this day comes of it: `classify` follows.
    """
    for sql in _TEMP:
        tx.derive(sql)
    count = len(columns["member_id"])
    blank: dict[str, Sequence[object]] = {
        "day": [""] * count, "code": [""] * count, "vals": ["{}"] * count, "score": [0.0] * count,
    }  # fmt: skip
    tx.derive_columns("d_case", {**columns, **blank})
    put_state(tx, sums=json.dumps({"sign": _sign(settings), "epoch": day, "tau": float(tau), "day": day}))


def bring(tx: Tx, day: int, settings: TypeSettings, tau: float | None = None) -> None:
    """Bring everybody's sums to `day`, earlier or later; the purchase days are as known on that day.

    `tau` = that of the verdicts to follow, where it is known: sums made anew fade by it at once.
    """
    for sql in _TEMP:
        tx.derive(sql)
    kept, sign = _kept(tx), _sign(settings)
    if not kept or kept["sign"] != sign or abs(day - kept["epoch"]) > _FAR * (kept["tau"] or day):
        kept = {"sign": sign, "epoch": day, "tau": kept.get("tau") if tau is None else float(tau)}
        tx.derive(_ALL_STALE)
    elif kept["day"] != day:
        tx.derive(_PASSING, (json.dumps([*map(iso, _passing(tx, kept["day"], day, settings))]),))
    tx.derive(_STALE)
    tx.derive(_SUM_UP, {
        "day": day, "rising": settings.rising_days, "epoch": kept["epoch"], "tau": kept["tau"],
        "season_age": SEASON_AGE, "year": SOLAR_YEAR, "horizon": settings.horizon_days,
        "season_tau": float(settings.season_tau),
    })  # fmt: skip
    for sql in (_PUT_SUMS, _CLEAR.format("stale"), _CLEAR.format("sums")):
        tx.derive(sql)
    put_state(tx, sums=json.dumps(kept | {"day": day}))


def _kept(rx: Rx) -> dict[str, Any]:
    """What is known of the sums: their `day`; the `epoch` and `tau` of the points; the `sign` of the rest."""
    found: dict[str, Any] = json.loads(state(rx).get("types.sums") or "{}")
    return found


def _sign(settings: TypeSettings) -> list[float]:
    return [settings.rising_days, settings.horizon_days, settings.season_tau]


def _passing(rx: Rx, was: int, day: int, settings: TypeSettings) -> list[int]:
    """The days whose purchases count for something else on `day` than on the day before it."""
    first = first_day(rx, day) or day
    return [
        d
        for d in range(first, max(was, day) + 1)
        if counts_for(was - d, settings) != counts_for(day - d, settings)
    ]


def aggregates(tx: Tx) -> Aggregates:
    """The shop summed up for its calibration, as of the day the sums were brought to."""
    return summed_up(gaps(tx, _kept(tx)["day"]), tx.all(_BUYERS))


# ---------------------------------------------------------------- figures and rules as SQL

_INF = "9e999"
# As rules.customer_types.figures has them, each from those before it: (name, expression).
_FIGURES = (
    (
        ("silence", f"CASE WHEN n > 0 THEN :day - last_d ELSE {_INF} END"),
        ("ticket", "CASE WHEN n > 0 THEN CAST(spend AS REAL) / n ELSE 0.0 END"),
        ("rhythm", """CASE WHEN n > 1
            THEN (:prior * :gap + (last_d - first_d)) / (:prior + n - 1) ELSE 0.0 END"""),
        ("lost", "CASE WHEN n <= 1 THEN :once WHEN n >= :frequent_n THEN :frequent ELSE :repeat END"),
        ("eff12", "n12 + CASE WHEN friends THEN min(friends * :credit_each, :credit_max) ELSE 0 END"),
    ),
    (
        ("lost_limit", """CASE WHEN n > 1 AND lost < :lost_mult * rhythm
            THEN min(:lost_mult * rhythm, max(:lost_max, lost)) ELSE lost END"""),
        ("loyal", "CASE WHEN n > 1 THEN max(:loyal, :loyal_mult * rhythm) ELSE :loyal END"),
    ),
)  # fmt: skip
_LOYAL_LIMIT = "CASE WHEN n > 0 THEN min(loyal, lost_limit) ELSE loyal END"
# Asked for now and then: worked out where a rule or a reason needs it.
_NOW_AND_THEN = {
    "loyal_limit": _LOYAL_LIMIT,
    "hot_visits": "coalesce((SELECT hot FROM came WHERE came.member_id = d_case.member_id), 0)",
    "alive_visits": "coalesce((SELECT alive FROM came WHERE came.member_id = d_case.member_id), 0)",
    "stay_limit": f"min(:exit_mult * ({_LOYAL_LIMIT}), lost_limit)",
    "short": "max(:line - eff12, 0)",
    "reg_age": f"coalesce(:day - min(coalesce((SELECT {_ORDINAL.format('m.joined')} FROM member m "
    f"WHERE m.id = d_case.member_id AND m.joined <= :today), first_d), coalesce(first_d, {_INF})), {_INF})",
}
_FORMS = {whole: "%d", nearest: "%d", yuan: "%,d"}


def _figure(name: str) -> str:
    return ":" + name if name in SHOP_FIGURES else _NOW_AND_THEN.get(name, name)


def _test(test: Comparison) -> str:
    return f"{_figure(test.left)} {test.sign} {_figure(test.right)}"


def _condition(row: CustomerType, rule: Rule) -> str:
    tests = [f"former = '{row.key}'"] if rule.stays else []
    return " AND ".join([*tests, *map(_test, rule.tests)]) or "1"


def _reason(rule: Rule) -> str:
    """The values of a reason as `Decision.vals` writes them."""
    marks, values = [], []
    for name, figure, word in rule.words:
        value = _figure(figure)
        mark = _FORMS[word]
        if word is nearest:
            value = f"{value} + 0.5"
        elif word is yuan:
            value = f"CAST({value} + 50 AS INTEGER) / 100"
        elif figure in ("silence", "reg_age"):
            mark, value = "%s", f"CASE WHEN {value} < {_INF} THEN {value} ELSE '∞' END"
        marks.append(f'"{name}": "{mark}"')
        values.append(value)
    return f"printf('{{{', '.join(marks)}}}', {', '.join(values)})"


@cache
def _classify(types: tuple[CustomerType, ...]) -> str:
    """The statement that decides on everybody; places in the table of rules stand for the rules."""
    flat = [(row, rule) for row in types for rule in row.rules]
    keys = [row.key for row in types]
    rank_of = {row.key: row.rank for row in types}
    ranks = " ".join(f"WHEN '{key}' THEN {rank}" for key, rank in rank_of.items())
    rank = " ".join(f"WHEN {at} THEN {row.rank}" for at, (row, _) in enumerate(flat))
    rules = " ".join(f"WHEN {_condition(row, rule)} THEN {at}" for at, (row, rule) in enumerate(flat))
    held = " ".join(f"WHEN '{key}' THEN {len(flat) + at}" for at, key in enumerate(keys))
    said = [rule for _, rule in flat] + [HELD[key] for key in keys]
    codes = " ".join(f"WHEN {at} THEN '{rule.code}'" for at, rule in enumerate(said))
    values = " ".join(f"WHEN {at} THEN {_reason(rule)}" for at, rule in enumerate(said))
    # The columns of the row in hand are at hand in every stage and need not be passed on.
    source = """
SELECT CASE WHEN :with_history THEN d_case.type ELSE '' END AS former,
  coalesce((SELECT friends FROM brought WHERE brought.member_id = d_case.member_id), 0) AS friends"""
    for figures in _FIGURES:
        source = _stage(source, ", ".join(f"{expression} AS {name}" for name, expression in figures))
    source = _stage(source, f"CASE {rules} END AS rule")
    acted = f"""d_case.dirty OR last_d > :was OR (n = 0 AND {_figure("reg_age")} < :day - :was)
  OR EXISTS (SELECT 1 FROM active WHERE active.member_id = d_case.member_id)"""
    source = _stage(
        source,
        f"""CASE WHEN former = '' OR CASE rule {rank} END <= CASE former {ranks} END
  OR {acted} THEN rule ELSE CASE former {held} END END AS said""",
    )
    return f"""
UPDATE d_case SET (code, vals, score) = (
SELECT CASE said {codes} END, CASE said {values} END, {_SCORE} FROM ({source})),
day = :today, dirty = 0 WHERE :everybody OR {_figure("reg_age")} < {_INF}"""


def _stage(source: str, more: str) -> str:
    # With a LIMIT and a WHERE the values of a stage are worked out once, not wherever they are used.
    return f"SELECT *, {more} FROM ({source} LIMIT 1) WHERE 1"


_SCORE = """CASE WHEN n = 0 THEN 0.0 ELSE (points * :fade + :season_weight * (season * :season_fade))
  * CASE WHEN :ticket_mid > 0 AND spend > 0
      THEN pow(max(1 / :ticket_clip, min(spend / (n * :ticket_mid), :ticket_clip)), :ticket_power) ELSE 1 END
  * pow(1 + silence / :span, -:recency) END"""


@cache
def _turn(types: tuple[CustomerType, ...]) -> str:
    """The statement that follows it: a type is what its reason code says."""
    codes = {rule.code: row.key for row in types for rule in (*row.rules, HELD[row.key]) if rule.code}
    of = " ".join(f"WHEN '{code}' THEN '{key}'" for code, key in codes.items())
    return f"""
UPDATE d_case SET type = CASE code {of} END, since = :today
WHERE code <> '' AND type <> CASE code {of} END"""


# ---------------------------------------------------------------- verdicts

_REFERRALS = f"""
SELECT referrer_id, coalesce(min(joined_d, bought_d), joined_d, bought_d) AS d FROM (
  SELECT m.referrer_id, {_ORDINAL.format("m.joined")} AS joined_d,
    (SELECT min(p.d) FROM d_purchase_day p WHERE p.member_id = m.id) AS bought_d
  FROM member m WHERE m.referrer_id IS NOT NULL)
"""
_AROUND = (
    f"""
INSERT INTO came
SELECT v.member_id, sum(v.d > coalesce(c.last_d, 0) AND v.d > :day - :hot_days), sum(v.d > :day - :alive_days)
FROM (SELECT member_id, {_ORDINAL.format("day")} AS d FROM visit
      WHERE day > :visits_from AND day <= :today AND voided_on IS NULL) v
JOIN d_case c ON c.member_id = v.member_id
WHERE NOT EXISTS (SELECT 1 FROM d_purchase_day p WHERE p.member_id = v.member_id AND p.d = v.d)
GROUP BY v.member_id
""",
    f"""
INSERT INTO brought SELECT referrer_id, count(*) FROM ({_REFERRALS})
WHERE d <= :day AND d > :day - 365 GROUP BY referrer_id
""",
    """
INSERT OR IGNORE INTO active
SELECT member_id FROM visit WHERE day > :was_day AND day <= :today AND voided_on IS NULL
""",
    f"INSERT OR IGNORE INTO active SELECT referrer_id FROM ({_REFERRALS}) WHERE d > :was AND d <= :day",
    "INSERT OR IGNORE INTO active SELECT value FROM json_each(:acted)",
)
_LOG = """
INSERT OR REPLACE INTO d_type_log (member_id, day, type, code)
SELECT member_id, day, type, coalesce(:why, code) FROM d_case WHERE since = :today
"""
_EVENING_BEFORE = """
UPDATE d_case SET (type, since) = (
  SELECT coalesce(max(l.type), ''), coalesce(max(l.day), '') FROM (
    SELECT type, day FROM d_type_log
    WHERE member_id = d_case.member_id AND day < :today ORDER BY day DESC LIMIT 1) l)
WHERE since = :today
"""
_NOT_TODAY = "DELETE FROM d_type_log WHERE day = :today"


def classify(
    tx: Tx,
    measure: Yardstick,
    *,
    was: int = 0,
    acted: Iterable[int] = (),
    with_history: bool = True,
    everybody: bool = True,
    why: str | None = None,
) -> None:
    """Everybody's verdict on the day the sums were brought to, filed with the changes of type.

    `was` = the day of the verdicts on file, `acted` = who has new records whatever their days. Without
    history the types on file count for nothing. `everybody`: also who is not on the shop's list yet. The
    history says `why` a type changed, or the reason code of the new one.
    """
    limits = measure.limits
    s, c = limits.settings, limits.calibration
    fade, season_fade, day = _faded(tx, limits)
    params: dict[str, object] = {
        "day": day, "today": iso(day), "was": was, "was_day": iso(was) if was else "",
        "hot_days": s.hot_visit_days, "alive_days": s.lost_visit_keepalive,
        "visits_from": iso(day - max(s.hot_visit_days, s.lost_visit_keepalive)),
        "acted": json.dumps(list(acted)), "with_history": with_history, "everybody": everybody, "why": why,
        **measure.named(),
        "fade": fade, "season_fade": season_fade, "season_weight": s.season_weight, "span": float(c.span),
        "ticket_mid": float(c.ticket_mid), "ticket_clip": float(s.ticket_clip),
        "ticket_power": s.ticket_power, "recency": s.recency_power,
    }  # fmt: skip
    if not with_history:
        tx.derive(_EVENING_BEFORE, params)
        tx.derive(_NOT_TODAY, params)
    for sql in (*_AROUND, _classify(TYPES), _turn(TYPES), _LOG):
        tx.derive(sql, params)
    for table in ("came", "brought", "active"):
        tx.derive(_CLEAR.format(table))
    tx.touch(types=(member for (member,) in tx.all(_SOME, (MANY + 1,))))


def _faded(tx: Tx, limits: Limits) -> tuple[float, float, int]:
    """What points and seasons are worth on their day, and that day; the points fade by the tau of today."""
    kept, tau = _kept(tx), float(limits.tau)  # of a whole number SQL would make whole steps
    day, epoch = kept["day"], kept["epoch"]
    if kept["tau"] != tau:
        tx.derive(_PUT_POINTS, {"day": day, "epoch": epoch, "tau": tau})
        put_state(tx, sums=json.dumps(kept | {"tau": tau}))
    return exp((epoch - day) / tau), exp((epoch - day) / limits.settings.season_tau), day
