"""Purchase days, statistics, verdicts and calibrations in the shop's file (CLASSIFICATION 1, 2, 3 and 7).

d_purchase_day is kept as known on the day of `types.day` in d_state: returns dated later are not yet in it,
sales dated later are, and stay out by their day. What was known on an earlier day is worked out for the few
members who returned something since.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby
from operator import itemgetter, sub
from typing import NamedTuple

from shopcrm.basics.records import TypeKey
from shopcrm.rules.calibration import Aggregates, Calibration, TypeSettings
from shopcrm.rules.facts import (
    NOT_HERS,
    YEAR,
    Events,
    Facts,
    PurchaseDay,
    Receipt,
    ReceiptLine,
    Returned,
    Sold,
    booked,
    month_of,
    purchase_days,
)
from shopcrm.store.connection import AMONG, Row, Rx
from shopcrm.store.imports import indexes_later
from shopcrm.store.writing import Tx

_ORDINAL = "CAST(julianday({0}) - 1721424.5 AS INTEGER)"  # date.toordinal() of an ISO day
_MONTH = "CAST(substr({0}, 1, 4) AS INTEGER) * 12 + CAST(substr({0}, 6, 2) AS INTEGER)"
_HERS = "s.member_id IS NOT NULL AND s.voided_on IS NULL"


@lru_cache(maxsize=20_000)
def ordinal(day: str) -> int:
    """`date.toordinal()` of an ISO day."""
    return date.fromisoformat(day).toordinal()


@lru_cache(maxsize=20_000)
def iso(day: int) -> str:
    """The ISO day of a `date.toordinal()`."""
    return date.fromordinal(day).isoformat()


# ---------------------------------------------------------------- what the shop knows of its types

_STATE = "SELECT key, value FROM d_state WHERE key >= 'types.' AND key < 'types/'"
_PUT_STATE = (
    "INSERT INTO d_state (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)


def state(rx: Rx) -> dict[str, str]:
    """The keys types.day, .calibration, .settings, .cleared, .chance, .sums and .gaps as far as they are
    set."""
    return dict(rx.all(_STATE))


def put_state(tx: Tx, **values: str) -> None:
    """Set some of these keys, named without their `types.`."""
    tx.derive_many(_PUT_STATE, [("types." + key, value) for key, value in values.items()])


_CALIBRATIONS = "SELECT vals FROM d_calibration WHERE day <= ? ORDER BY day DESC LIMIT 1"
_PUT_CALIBRATION = "INSERT OR REPLACE INTO d_calibration (day, vals) VALUES (?, ?)"
_CLEAR_CALIBRATIONS = "DELETE FROM d_calibration"


def calibration_before(rx: Rx, day: int) -> Calibration | None:
    """The latest snapshot on file of `day` or earlier."""
    vals = rx.value(_CALIBRATIONS, (iso(day),))
    return None if vals is None else Calibration(**json.loads(vals))


def put_calibrations(tx: Tx, snapshots: Iterable[Calibration]) -> None:
    """File snapshots under their days."""
    tx.derive_many(_PUT_CALIBRATION, [(iso(c.day), json.dumps(asdict(c))) for c in snapshots])


# ---------------------------------------------------------------- purchase days

_ALL_LINES = f"""
SELECT group_concat(s.member_id), group_concat(s.day), group_concat(l.amount_fen)
FROM line l CROSS JOIN sale s ON s.id = l.sale_id WHERE {_HERS}
"""  # from the lines in their own order, no jumping about in a big file
_ALL_GIFTS = f"""
SELECT group_concat(s.member_id), group_concat(s.day), group_concat(0) FROM sale s
WHERE {_HERS} AND NOT EXISTS (SELECT 1 FROM line l WHERE l.sale_id = s.id)
"""
_ANY_GIFT = "SELECT (SELECT count(*) FROM sale) > (SELECT count(*) FROM (SELECT DISTINCT sale_id FROM line))"
_EVER_RETURNED = f"""
SELECT DISTINCT s.member_id FROM line l CROSS JOIN sale s ON s.id = l.sale_id
WHERE (l.amount_fen < 0 OR l.returns_line_id IS NOT NULL) AND {_HERS}
"""
_RETURNERS = f"""
SELECT DISTINCT s.member_id FROM sale s INDEXED BY {{0}} CROSS JOIN line l ON l.sale_id = s.id
WHERE s.day > ? AND s.day <= ? AND l.amount_fen < 0 AND {_HERS}
"""
_RETURNERS_AMONG = _RETURNERS.format("sale_member") + "AND s.member_id IN (SELECT value FROM json_each(?))"
_RECEIPTS = f"""
SELECT s.member_id, s.id, s.day, l.amount_fen, l.returns_line_id,
  CASE WHEN o.member_id = s.member_id AND o.voided_on IS NULL THEN o.day END
FROM sale s LEFT JOIN line l ON l.sale_id = s.id
LEFT JOIN line r ON r.id = l.returns_line_id LEFT JOIN sale o ON o.id = r.sale_id
WHERE s.member_id {AMONG} AND {_HERS} ORDER BY s.member_id, s.day, s.id, l.id
"""
_DAYS_OF = """
SELECT member_id, d, net FROM d_purchase_day
WHERE member_id IN (SELECT value FROM json_each(?)) ORDER BY member_id, d
"""
_PUT_DAY = "INSERT OR REPLACE INTO d_purchase_day (member_id, d, net, ym) VALUES (?, ?, ?, ?)"
_DROP_DAY = "DELETE FROM d_purchase_day WHERE member_id = ? AND d = ?"
_OTHERS_SINCE = """
SELECT 1 FROM sale WHERE member_id = ? AND day >= ? AND id <> ? AND voided_on IS NULL LIMIT 1
"""
_FIRST_DAY = f"""
SELECT p.d FROM sale s INDEXED BY sale_day
CROSS JOIN d_purchase_day p ON p.member_id = s.member_id AND p.d = {_ORDINAL.format("s.day")}
ORDER BY s.day LIMIT 1
"""


def returners(rx: Rx, after: int, until: int, among: Collection[int] | None = None) -> list[int]:
    """Members, or some of these, with a return dated after the one day and not after the other."""
    days = (iso(after), iso(until))
    if among is None:
        return [member for (member,) in rx.all(_RETURNERS.format("sale_day"), days)]
    return [member for (member,) in rx.all(_RETURNERS_AMONG, (*days, json.dumps(list(among))))]


def receipts(rx: Rx, members: Collection[int]) -> dict[int, list[Receipt]]:
    """All receipts that count for these members, in order; members without one are left out."""
    found: dict[int, list[Receipt]] = {}
    rows: Iterable[Row]
    if len(members) == 1:
        rows = rx.among(_RECEIPTS, members)
    else:  # too many at times to be held at once
        rows = rx.iterate(_RECEIPTS, {"ids": json.dumps(list(members))})
    for (member, _, day), group in groupby(rows, itemgetter(0, 1, 2)):
        lines = []
        for _, _, _, fen, linked, of in group:
            if fen is not None:
                lines.append(
                    ReceiptLine(fen, None if linked is None else NOT_HERS if of is None else ordinal(of))
                )
        found.setdefault(member, []).append(Receipt(ordinal(day), lines))
    return found


Slips = Mapping[int, tuple[list[Sold], list[Returned]]]


def slips(rx: Rx, members: Collection[int]) -> dict[int, tuple[list[Sold], list[Returned]]]:
    """The receipts of these members taken apart into money sold and money returned."""
    return {member: booked(found) for member, found in receipts(rx, members).items()}


def days_on_file(rx: Rx, members: Collection[int]) -> dict[int, list[PurchaseDay]]:
    """The purchase days on file of these members, later ones than today included."""
    found: dict[int, list[PurchaseDay]] = {}
    for member, d, net in rx.all(_DAYS_OF, (json.dumps(list(members)),)):
        found.setdefault(member, []).append(PurchaseDay(d, net))
    return found


def _worked_out(sales: Sequence[Sold], returns: Sequence[Returned], day: int) -> list[PurchaseDay]:
    """Purchase days with the returns up to `day`; sales of later days stay in, as on file."""
    known = [sold for sold in sales if sold.booked <= day or sold.booked == sold.day]
    return purchase_days(known, [back for back in returns if back.day <= day])


class NewReceipt(NamedTuple):
    """A receipt just booked on which everything was bought and nothing came back."""

    sale: int
    member: int
    day: int
    fen: int


def add_day(tx: Tx, receipt: NewReceipt, filed: Sequence[PurchaseDay]) -> list[PurchaseDay] | None:
    """Her purchase days with a new receipt behind those `filed`; None if they have to be worked out anew.

    What came back before came off earlier days: a later receipt changes none of them.
    """
    member, day = receipt.member, receipt.day
    if tx.one(_OTHERS_SINCE, (member, iso(day), receipt.sale)) is not None:
        return None
    tx.derive(_PUT_DAY, (member, day, receipt.fen, month_of(day)))
    if iso(day) <= tx.known(_gaps_until):
        _regap(tx, [((), [d for d, _ in filed[-1:]] + [day])])
    return [*filed, PurchaseDay(day, receipt.fen)]


def refresh_days(
    tx: Tx,
    members: Collection[int],
    day: int,
    known: Slips | None = None,
    filed: Mapping[int, Sequence[PurchaseDay]] | None = None,
) -> dict[int, list[PurchaseDay]]:
    """Bring the purchase days of these members to what their receipts say on `day`; answers them.

    `known` = their receipts taken apart, `filed` = the days on file, where the caller has them already.
    """
    apart = slips(tx, members) if known is None else known
    filed = days_on_file(tx, members) if filed is None else filed
    now = {
        member: _worked_out(*apart[member], day) if member in apart else list[PurchaseDay]()
        for member in members
    }
    gone, new, moved = [], [], []
    for member, days in now.items():
        old = filed.get(member, ())
        kept = set(old)
        was, fresh = [d for d, _ in old], [d for d, _ in days]
        if was != fresh:
            gone += [(member, d) for d in set(was).difference(fresh)]
            moved.append((was, fresh))
        new += [(member, d, net, month_of(d)) for d, net in days if (d, net) not in kept]
    if gone:
        tx.derive_many(_DROP_DAY, gone)
    if new:
        tx.derive_many(_PUT_DAY, new)
    if moved:
        _regap(tx, moved)
    return now


class Booked(NamedTuple):
    """Everything that counts as bought, line by line: of whom, when and for how much.

    Three texts with commas: so many rows are quicker read than fetched one by one.
    """

    members: str
    days: str
    fens: str


def everything_booked(rx: Rx) -> list[Booked]:
    """All lines, then the receipts without one, at 0; what was returned is as negative as it stands there."""
    rows = [rx.one(sql) for sql in (_ALL_LINES, *((_ALL_GIFTS,) if rx.value(_ANY_GIFT) else ()))]
    return [Booked._make(row) for row in rows if row is not None and row[0] is not None]


def ever_returned(rx: Rx) -> Slips:
    """The receipts, taken apart, of everybody whose purchase days are not simply what the lines come to."""
    return slips(rx, [member for (member,) in rx.all(_EVER_RETURNED)])


def worked_out(slips: Slips, day: int) -> dict[int, list[PurchaseDay]]:
    """The purchase days of these members as known on `day`."""
    return {member: _worked_out(*apart, day) for member, apart in slips.items()}


def put_days(tx: Tx, columns: Mapping[str, Sequence[int]]) -> None:
    """File everybody's purchase days anew: the columns of d_purchase_day, by member and day."""
    forget_gaps(tx)
    with indexes_later(tx, "d_purchase_day", len(columns["d"]), anew=True):
        tx.derive_columns("d_purchase_day", columns)


# ---------------------------------------------------------------- days between purchases

_GAPS_UNTIL = "SELECT value FROM d_state WHERE key = 'types.gaps'"
_FORGET_GAPS = "DELETE FROM d_state WHERE key = 'types.gaps'"
_CLEAR_GAPS = "DELETE FROM d_gap"
_ADD_GAPS = (
    "INSERT INTO d_gap (gap, often) {0} ON CONFLICT (gap) DO UPDATE SET often = often + excluded.often"
)
_ALL_GAPS = _ADD_GAPS.format("""SELECT gap, count(*) FROM (
  SELECT d - lag(d) OVER (PARTITION BY member_id ORDER BY d) AS gap FROM d_purchase_day WHERE d <= ?)
WHERE gap > 0 GROUP BY gap""")
_GAPS_SINCE = _ADD_GAPS.format(f"""SELECT gap, count(*) FROM (
  SELECT p.d - (SELECT max(q.d) FROM d_purchase_day q WHERE q.member_id = p.member_id AND q.d < p.d) AS gap
  FROM (SELECT DISTINCT s.member_id, s.day FROM sale s INDEXED BY sale_day WHERE s.day > ? AND s.day <= ?) s
  CROSS JOIN d_purchase_day p ON p.member_id = s.member_id AND p.d = {_ORDINAL.format("s.day")})
WHERE gap > 0 GROUP BY gap""")
_MORE_GAPS = _ADD_GAPS.format("VALUES (?, ?)")
_GAPS = "SELECT gap, often FROM d_gap WHERE often ORDER BY gap"


def _gaps_until(rx: Rx) -> str:
    """The day until which they are kept, empty if they are not."""
    return str(rx.value(_GAPS_UNTIL) or "")


def gaps(tx: Tx, day: int) -> list[tuple[int, int]]:
    """How often so many days passed between two purchases of a member until `day`, ascending.

    Counted once and kept: asked again for a later day only what ended since is added.
    """
    kept = _gaps_until(tx)
    if kept and ordinal(kept) <= day:
        tx.derive(_GAPS_SINCE, (kept, iso(day)))
    else:
        tx.derive(_CLEAR_GAPS)
        tx.derive(_ALL_GAPS, (day,))
    put_state(tx, gaps=iso(day))
    return [(gap, often) for gap, often in tx.all(_GAPS)]


def forget_gaps(tx: Tx) -> None:
    """Keep nothing of the days between purchases; they are counted anew when they are asked for."""
    tx.derive(_FORGET_GAPS)


def keep_gaps(tx: Tx, day: int, counted: Iterable[tuple[int, int]], past: Past) -> None:
    """Keep what was `counted` as known on `day`, corrected for those who returned something since."""
    tx.derive(_CLEAR_GAPS)
    tx.derive_many(_MORE_GAPS, counted)
    put_state(tx, gaps=iso(day))
    then = past.on(day)
    now = days_on_file(tx, then)
    moved = [([d for d, _ in days], [d for d, _ in now.get(member, ())]) for member, days in then.items()]
    _regap(tx, moved)


def _regap(tx: Tx, moved: Iterable[tuple[Sequence[int], Sequence[int]]]) -> None:
    """Correct what is kept of members whose purchase days were those and are these."""
    kept = tx.known(_gaps_until)
    if not kept:
        return
    until = ordinal(kept)
    change: Counter[int] = Counter()
    for was, now in moved:
        change.subtract(_between(was, until))
        change.update(_between(now, until))
    rows = [(gap, often) for gap, often in change.items() if often]
    if rows:
        tx.derive_many(_MORE_GAPS, rows)


def _between(days: Sequence[int], until: int) -> Iterator[int]:
    known = days[: bisect_right(days, until)]
    return map(sub, known[1:], known)


def first_day(rx: Rx, day: int) -> int | None:
    """The shop's first purchase day, None if there is none until `day`."""
    first = rx.value(_FIRST_DAY)
    return first if first is not None and first <= day else None


# ---------------------------------------------------------------- statistics

_STATISTICS = """
SELECT p.member_id, :day, count(*), min(p.d), max(p.d), sum(p.net), sum(p.d > :day - 365),
  sum(CASE WHEN p.d > :day - 365 THEN p.net ELSE 0 END),
  count(DISTINCT CASE WHEN p.d > :day - 365 THEN p.ym END), sum(p.d > :day - :rising), 0.0, 0.0
FROM d_purchase_day p WHERE p.d <= :day GROUP BY p.member_id
"""
_BUYERS_UNTIL = f"""
SELECT count(*), max(d) - min(d), sum(net), sum(d > :day - {YEAR}),
  sum(CASE WHEN d > :day - {YEAR} THEN net END)
FROM d_purchase_day WHERE d <= :day AND member_id NOT IN (SELECT value FROM json_each(:others))
GROUP BY member_id
"""
_GAPS_UNTIL_DAY = """
SELECT gap, count(*) FROM (
  SELECT d - lag(d) OVER (PARTITION BY member_id ORDER BY d) AS gap FROM d_purchase_day
  WHERE d <= :day AND member_id NOT IN (SELECT value FROM json_each(:others)))
WHERE gap > 0 GROUP BY gap
"""
_MERGED = "(SELECT id FROM member WHERE merged_into IS NOT NULL)"  # they have no records, and no type
_MEMBERS = f"SELECT id, joined FROM member WHERE id NOT IN {_MERGED} ORDER BY id"
_JOINED = "SELECT id, joined FROM member WHERE id IN (SELECT value FROM json_each(?))"
_VISITS = """
SELECT member_id, day FROM visit
WHERE member_id IN (SELECT value FROM json_each(?)) AND voided_on IS NULL ORDER BY member_id, day
"""
_ALL_VISITS = "SELECT member_id, day FROM visit WHERE voided_on IS NULL ORDER BY member_id, day"
_LATE_VISITS = f"""
SELECT v.member_id, v.day FROM visit v WHERE v.day > ? AND v.day <= ? AND v.voided_on IS NULL AND NOT EXISTS (
  SELECT 1 FROM d_purchase_day p WHERE p.member_id = v.member_id AND p.d = {_ORDINAL.format("v.day")})
"""
_LAST_VISITS = "SELECT member_id, max(day) FROM visit WHERE day <= ? AND voided_on IS NULL GROUP BY member_id"
_REFERRED = """
SELECT m.referrer_id, m.id, m.joined, (SELECT min(p.d) FROM d_purchase_day p WHERE p.member_id = m.id)
FROM member m WHERE m.referrer_id IS NOT NULL
"""
_REFERRED_BY = _REFERRED + "AND m.referrer_id IN (SELECT value FROM json_each(?))"
_REFERRERS = (
    "SELECT DISTINCT referrer_id FROM member WHERE id IN (SELECT value FROM json_each(?)) AND referrer_id > 0"
)

_NOTHING = (0, 0, 0, 0, 0, 0, 0, 0, 0.0, 0.0)


class Past:
    """The shop as known on earlier days: the purchase days of those who returned something since."""

    def __init__(self, slips: Slips, days: Collection[int], today: int) -> None:
        """Made ready for all of `days`, none later than `today`; `slips` of who returned something since."""
        self._days: dict[int, dict[int, list[PurchaseDay]]] = {}
        self.early = sorted(day for day in days if day < today)
        for member, (sales, returns) in slips.items():
            late = [back.day for back in returns] + [sold.booked for sold in sales if sold.booked > sold.day]
            latest = min(max(late, default=0), today)
            changed = {day: purchase_days(sales, returns, day) for day in self.early if day < latest}
            if changed:
                self._days[member] = changed

    def days(self, member: int, day: int, on_file: Sequence[PurchaseDay]) -> Sequence[PurchaseDay]:
        """Her purchase days as known on `day`."""
        return self._days[member].get(day, on_file) if member in self._days else on_file

    def on(self, day: int) -> dict[int, list[PurchaseDay]]:
        """The purchase days as known on `day` of those of whom others are on file."""
        return {member: days[day] for member, days in self._days.items() if day in days}


def aggregates(rx: Rx, day: int, past: Past) -> Aggregates:
    """The shop summed up as it was known on `day`, for its calibration."""
    then = past.on(day)
    params = {"day": day, "others": json.dumps(list(then))}
    buyers = rx.all(_BUYERS_UNTIL, params)
    often: Counter[int] = Counter(dict(rx.all(_GAPS_UNTIL_DAY, params)))
    for everything in then.values():
        # What was given back before it was sold puts money on a day that is still to come.
        days = [(d, net) for d, net in everything if d <= day]
        known = [d for d, _ in days]
        often.update(map(sub, known[1:], known))
        if days:
            this_year = [net for d, net in days if d > day - YEAR]
            spend = sum(net for _, net in days)
            buyers.append((len(days), known[-1] - known[0], spend, len(this_year), sum(this_year)))
    return summed_up(sorted(often.items()), buyers)


def summed_up(gaps: Sequence[tuple[int, int]], buyers: Sequence[Row]) -> Aggregates:
    """Of every buyer n, days from the first to the last purchase, spend, n12 and spend12."""
    return Aggregates(
        gaps,
        [since_first / (n - 1) for n, since_first, _, _, _ in buyers if n > 1],
        [spend / n for n, _, spend, _, _ in buyers],
        [n12 for _, _, _, n12, _ in buyers if n12],
        [spend12 for _, _, _, n12, spend12 in buyers if n12],
    )


class Circle(NamedTuple):
    """What surrounds the purchases of all members: who there is, who came in, whom they brought along."""

    joined: Mapping[int, int | None]  # every member, in the order of ids
    visits: Mapping[int, Sequence[int]]
    referrals: Mapping[int, Sequence[int]]


def _listed(rows: Iterable[tuple[int, str]]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for member, day in rows:
        found.setdefault(member, []).append(ordinal(day))
    return found


def _referrals(rows: Iterable[Row]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for referrer, _, joined, bought in rows:
        days = [day for day in (joined and ordinal(joined), bought) if day]
        if days:
            found.setdefault(referrer, []).append(min(days))
    return found


def _joined(rows: Iterable[tuple[int, str | None]]) -> dict[int, int | None]:
    return {member: ordinal(day) if day else None for member, day in rows}


def circle(rx: Rx) -> Circle:
    """Everybody's circumstances, all days."""
    return Circle(_joined(rx.all(_MEMBERS)), _listed(rx.all(_ALL_VISITS)), _referrals(rx.all(_REFERRED)))


def events(rx: Rx, members: Collection[int]) -> dict[int, Events]:
    """Everything that happened to these members but their receipts; unknown ids are left out."""
    ids = (json.dumps(list(members)),)
    visits, brought = _listed(rx.all(_VISITS, ids)), referrals(rx, members)
    return {
        member: Events(member, joined, (), visits.get(member, ()), brought.get(member, ()))
        for member, joined in _joined(rx.all(_JOINED, ids)).items()
    }


def referrals(rx: Rx, members: Collection[int]) -> dict[int, list[int]]:
    """The days on which those came in whom these members brought along."""
    if not members:
        return {}
    return _referrals(rx.all(_REFERRED_BY, (json.dumps(list(members)),)))


def referrers(rx: Rx, members: Collection[int]) -> set[int]:
    """Who brought these members along."""
    return {member for (member,) in rx.all(_REFERRERS, (json.dumps(list(members)),))}


def statistics(rx: Rx, day: int, settings: TypeSettings) -> Iterator[Facts]:
    """Everybody's statistics on `day`, the day d_purchase_day is kept for, in the order of ids.

    From nothing but the purchase days, without the points and the season that the score is made of: for what
    other settings would do.
    """
    bought = {row[0]: row for row in rx.iterate(_STATISTICS, {"day": day, "rising": settings.rising_days})}
    hot, alive = day - settings.hot_visit_days, day - settings.lost_visit_keepalive
    today = iso(day)
    visits = _listed(rx.all(_LATE_VISITS, (iso(min(hot, alive)), today)))
    came = {member: ordinal(last) for member, last in rx.all(_LAST_VISITS, (today,))}
    brought = _referrals(rx.all(_REFERRED))
    for member, joined in _joined(rx.all(_MEMBERS)).items():
        row = bought.get(member) or (member, day, *_NOTHING)
        first, last = row[3], row[4]
        if joined is None or joined > day or 0 < first < joined:
            joined = first or None
        hot_visits = alive_visits = friends = 0
        event = max(last, joined or 0, came.get(member, 0))
        if member in visits:
            for visit in visits[member]:
                hot_visits += visit > last and visit > hot
                alive_visits += visit > alive
        if member in brought:
            for referral in brought[member]:
                if referral <= day:
                    event = max(event, referral)
                    friends += day - referral < 365
        yield Facts._make((*row, hot_visits, alive_visits, friends, joined, event))


# ---------------------------------------------------------------- verdicts on file


class Aside(NamedTuple):
    """The types a member had from a day on, as put aside on another: JSON rows of member, day, type, code."""

    member: int
    since: str
    put_on: str
    log: str


class Case(NamedTuple):
    """A row of d_case, in the order of its columns."""

    member: int
    day: str
    type: str
    code: str
    vals: str
    score: float
    since: str
    dirty: int
    n: int
    first_d: int | None
    last_d: int | None
    spend: int
    n12: int
    spend12: int


_CASE = "member_id, day, type, code, vals, score, since, dirty, n, first_d, last_d, spend, n12, spend12"
_CASES = f"SELECT {_CASE} FROM d_case"
_CASES_OF = f"{_CASES} WHERE member_id IN (SELECT value FROM json_each(?))"
_ON_FILE = f"""
SELECT m.id, m.joined, m.referrer_id, EXISTS (SELECT 1 FROM member f WHERE f.referrer_id = m.id),
  (SELECT group_concat(v.day) FROM visit v WHERE v.member_id = m.id AND v.voided_on IS NULL),
  (SELECT group_concat(p.d) || ' ' || group_concat(p.net) FROM d_purchase_day p WHERE p.member_id = m.id),
  (SELECT l.day || l.type FROM d_type_log l WHERE l.member_id = m.id AND l.day < :day
   ORDER BY l.day DESC LIMIT 1),
  {_CASE.replace("member_id, ", "c.").replace(", ", ", c.")}
FROM member m LEFT JOIN d_case c ON c.member_id = m.id WHERE m.id {AMONG} AND m.merged_into IS NULL
"""
_PUT_CASE = f"INSERT OR REPLACE INTO d_case ({_CASE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_TURN_CASE = "UPDATE d_case SET day = ?, code = ?, vals = ?, score = ?, dirty = 0 WHERE member_id = ?"
_CLEAR_CASES = "DELETE FROM d_case"
_CLEAR_LOG = "DELETE FROM d_type_log"
_CLEAR_SUMS = "DELETE FROM d_state WHERE key = 'types.sums'"
_FORGET = ("DELETE FROM d_case WHERE member_id = ?", "DELETE FROM d_type_log WHERE member_id = ?")
_LOGGED = ("member_id", "day", "type", "code")
_PUT_LOG = "INSERT OR REPLACE INTO d_type_log (member_id, day, type, code) VALUES (?, ?, ?, ?)"
_DROP_LOG = "DELETE FROM d_type_log WHERE member_id = ? AND day = ?"
_LOG = """
SELECT member_id, type, max(day) FROM d_type_log
WHERE member_id IN (SELECT value FROM json_each(?)) AND day < ? GROUP BY member_id
"""
_LOG_DAYS = """
SELECT DISTINCT day FROM d_type_log WHERE member_id IN (SELECT value FROM json_each(?)) AND day >= ?
"""
_ASIDE_DAYS = 180  # as long as a record taken away may come back
_MAKE_ASIDE = """
CREATE TABLE IF NOT EXISTS d_log_aside (
  entry INTEGER NOT NULL, member_id INTEGER NOT NULL, since TEXT NOT NULL, put_on TEXT NOT NULL,
  log TEXT NOT NULL, PRIMARY KEY (entry, member_id)) STRICT, WITHOUT ROWID
"""
_IS_ASIDE = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'd_log_aside'"
_OLD_ASIDE = "DELETE FROM d_log_aside WHERE put_on < ?"
_PUT_ASIDE = """
INSERT OR REPLACE INTO d_log_aside SELECT ?, ?, ?, ?, json_group_array(json_array(member_id, day, type, code))
FROM d_type_log WHERE member_id = ? AND day >= ? AND day < ?
"""
_ASIDE_OF = "SELECT member_id, since, put_on, log FROM d_log_aside WHERE entry = ?"
_CUT_LOG = "DELETE FROM d_type_log WHERE member_id = ? AND day >= ? AND day < ?"
_LOG_OF = "SELECT day, type, code FROM d_type_log WHERE member_id = ? ORDER BY day"
_PLACE = "SELECT count(*), coalesce(sum(score < ?), 0) FROM d_case WHERE n > 0"
_BUYERS = "SELECT member_id FROM d_case WHERE n > 0 ORDER BY member_id"
_CAME_BACK = """
SELECT l.type, count(*), sum(EXISTS (
  SELECT 1 FROM d_purchase_day p WHERE p.member_id = l.member_id AND p.d > :then AND p.d <= :now))
FROM d_type_log l WHERE l.day = (
  SELECT max(day) FROM d_type_log e WHERE e.member_id = l.member_id AND e.day <= :day)
GROUP BY l.type
"""
_TABLE = """
SELECT m.id, m.card_no, m.name,
  coalesce((SELECT group_concat(p.key, '|') FROM
    (SELECT key FROM phone WHERE member_id = m.id ORDER BY seq) p), ''),
  c.type, c.code, c.vals, c.score, c.n
FROM member m JOIN d_case c ON c.member_id = m.id ORDER BY m.id
"""
_LISTED = "SELECT id, name FROM member WHERE archived_on IS NULL"


class OnFile(NamedTuple):
    """What is on file of one member besides her receipts."""

    joined: int | None
    referrer: int | None
    is_referrer: bool
    visits: list[int]
    days: list[PurchaseDay]
    before: tuple[TypeKey, str] | None  # the type of the evening before, and since when
    case: Case | None


def on_file(rx: Rx, members: Collection[int], day: str) -> dict[int, OnFile]:
    """What is on file of these members, all in one reading; `day` is today. Unknown ids are left out."""
    return {
        member: OnFile(
            ordinal(joined) if joined else None, referrer, bool(brings),
            [ordinal(visit) for visit in visits.split(",")] if visits else [],
            sorted(map(PurchaseDay, *(map(int, told.split(",")) for told in days.split()))) if days else [],
            (before[10:], before[:10]) if before else None,
            Case(member, *case) if case[0] else None,
        )
        for member, joined, referrer, brings, visits, days, before, *case in rx.among(
            _ON_FILE, members, {"day": day}
        )
    }  # fmt: skip


def cases(rx: Rx, members: Collection[int] | None = None) -> dict[int, Case]:
    """The verdicts on file, of everybody or of these."""
    rows = rx.all(_CASES) if members is None else rx.all(_CASES_OF, (json.dumps(list(members)),))
    return {row[0]: Case._make(row) for row in rows}


def put_cases(tx: Tx, new: Sequence[Case], filed: Mapping[int, Case]) -> None:
    """File verdicts that differ; where only the wording moved on with the day the sums stay known."""
    turned: list[tuple[object, ...]] = []
    whole: list[Case] = []
    for case in new:
        old = filed.get(case[0])
        if old is None or old[8:] != case[8:] or old[2] != case[2] or old[6] != case[6]:
            whole.append(case)
        else:
            turned.append((case[1], case[3], case[4], case[5], case[0]))
    if turned:
        tx.derive_many(_TURN_CASE, turned)
    if whole:
        tx.derive_many(_PUT_CASE, whole)


def clear(tx: Tx) -> None:
    """Forget all verdicts with their sums, their history and the snapshots."""
    for sql in (_CLEAR_CASES, _CLEAR_SUMS, _CLEAR_LOG, _CLEAR_CALIBRATIONS):
        tx.derive(sql)


def log_anew(tx: Tx, rows: Sequence[tuple[int, str, str, str]]) -> None:
    """Note everybody's changes of type, none of which is on file: (member, day, type, code)."""
    tx.derive_columns("d_type_log", dict(zip(_LOGGED, zip(*rows, strict=True), strict=False)))


def forget(tx: Tx, members: Iterable[int]) -> None:
    """Drop the verdicts and history of members who are no more."""
    rows = [(member,) for member in members]
    for sql in _FORGET:
        tx.derive_many(sql, rows)


def put_log(tx: Tx, rows: Sequence[tuple[int, str, str, str]]) -> None:
    """Note changes of type: (member, day, type, code)."""
    tx.derive_many(_PUT_LOG, rows)


def drop_log(tx: Tx, rows: Sequence[tuple[int, str]]) -> None:
    """Take back changes of type that did not last the day: (member, day)."""
    tx.derive_many(_DROP_LOG, rows)


def put_log_aside(tx: Tx, members: Iterable[int], since: str) -> None:
    """Take the types these members had from `since` until yesterday off file, kept for taking this write
    back."""
    today = tx.day.isoformat()
    tx.derive(_MAKE_ASIDE)
    tx.derive(_OLD_ASIDE, ((tx.day - timedelta(days=_ASIDE_DAYS)).isoformat(),))
    for member in members:
        tx.derive(_PUT_ASIDE, (tx.entry, member, since, today, member, since, today))
        tx.derive(_CUT_LOG, (member, since, today))


def log_aside(rx: Rx, entry: int) -> list[Aside]:
    """What a write put aside."""
    return [] if rx.value(_IS_ASIDE) is None else [Aside(*row) for row in rx.all(_ASIDE_OF, (entry,))]


def log_days(rx: Rx, members: Collection[int], since: str) -> list[str]:
    """The days since then on which one of these members changed type."""
    return [day for (day,) in rx.all(_LOG_DAYS, (json.dumps(list(members)), since))]


def types_before(rx: Rx, members: Collection[int], day: str) -> dict[int, tuple[str, str]]:
    """The type these members had before `day`, and since when."""
    return {row[0]: (row[1], row[2]) for row in rx.all(_LOG, (json.dumps(list(members)), day))}


def history(rx: Rx, member: int) -> list[tuple[str, str, str]]:
    """Every change of type of a member: day, type, code; oldest first."""
    return [(day, key, code) for day, key, code in rx.all(_LOG_OF, (member,))]


def buyers(rx: Rx) -> list[int]:
    """Members on file who ever bought, in the order of ids."""
    return [member for (member,) in rx.all(_BUYERS)]


def place(rx: Rx, score: float) -> tuple[int, int]:
    """How many members bought, and how many of them score less."""
    row = rx.one(_PLACE, (score,))
    assert row is not None
    return row[0], row[1]


def came_back(rx: Rx, then: int, now: int) -> dict[str, tuple[int, int]]:
    """By the type members had on the day `then`: how many, and how many of them bought since."""
    rows = rx.all(_CAME_BACK, {"then": then, "now": now, "day": iso(then)})
    return {key: (count, back) for key, count, back in rows}


def table(rx: Rx) -> Iterator[tuple[int, str, str, str, str, str, str, float, int]]:
    """Id, card, name, phone keys joined by |, type, code, values, score and n of every member."""
    for row in rx.iterate(_TABLE):
        yield row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8]


def listed(rx: Rx) -> dict[int, str]:
    """Id and name of every member who is not archived."""
    return {row[0]: row[1] for row in rx.all(_LISTED)}
