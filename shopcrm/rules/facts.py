"""What is known of one member on a day: purchase days and statistics over them (CLASSIFICATION 1 and 2).

The reference for the SQL of store.facts, which uses it for the members whose returns have to be taken apart.
Days are `date.toordinal()`, amounts fen. Everything dated after the day asked for is ignored.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from shopcrm.rules.calibration import TypeSettings

YEAR = 365
SOLAR_YEAR = 365.25
SEASON_AGE = 180  # a purchase younger than this says nothing about the coming season
_new_facts = tuple.__new__  # what Facts() comes to in the end, for where many are made
NOT_HERS = 0  # `of` of a return line whose sale does not count for this member


class Sold(NamedTuple):
    """Money that counts on `day`; `booked` is later than `day` only for the surplus of an exchange."""

    day: int
    fen: int
    booked: int


class Returned(NamedTuple):
    """Money given back on `day`; `of` is the day of the sale it takes back, None where nobody knows."""

    day: int
    fen: int
    of: int | None = None


class ReceiptLine(NamedTuple):
    """One line of a receipt: negative takes back; `of` = day of the linked sale, NOT_HERS, or None."""

    fen: int
    of: int | None = None


class Receipt(NamedTuple):
    """One receipt of the member as the till wrote it."""

    day: int
    lines: Sequence[ReceiptLine]


class PurchaseDay(NamedTuple):
    """One purchase: all that was bought on a day, less what came back."""

    day: int
    net: int


class Facts(NamedTuple):
    """The statistics of one member on `day`, in the order of the columns store.facts selects.

    `first`, `last`, `last_event` are 0 and `joined` is None where there is none.
    """

    member: int
    day: int
    n: int
    first: int
    last: int
    spend: int
    n12: int
    spend12: int
    months12: int
    rising: int  # purchases with age < rising_days
    points: float  # D
    season: float  # S
    hot_visits: int
    alive_visits: int
    referrals12: int
    joined: int | None  # registration or first purchase, whichever was earlier
    last_event: int

    @property
    def silence(self) -> float:
        """Days since the last purchase, infinite if there is none."""
        return self.day - self.last if self.n else math.inf

    @property
    def ticket(self) -> float:
        """Mean net amount of a purchase in fen; 0 without a purchase."""
        return self.spend / self.n if self.n else 0.0


class Events(NamedTuple):
    """Everything that happened to one member, in any order."""

    member: int = 0
    joined: int | None = None
    receipts: Sequence[Receipt] = ()
    visits: Sequence[int] = ()
    referrals: Sequence[int] = ()


def booked(receipts: Iterable[Receipt]) -> tuple[list[Sold], list[Returned]]:
    """Receipts taken apart into money sold and money returned.

    An exchange against a known sale is no new purchase: only the difference is booked, on the old sale's day.
    What is taken back of a sale that does not count for her lowers the articles beside it and nothing else;
    an article given back for nothing changes nothing.
    """
    sales: list[Sold] = []
    returns: list[Returned] = []
    for day, lines in receipts:
        fresh = sum(line.fen for line in lines if line.fen >= 0)
        linked: dict[int, int] = {}
        unlinked = strange = 0
        is_sale = not lines
        for fen, of in lines:
            if fen > 0 or (fen == 0 and of is None):
                is_sale = True
            elif fen == 0:
                continue
            elif of is None:
                unlinked -= fen
            elif of == NOT_HERS:
                strange -= fen
            else:
                linked[of] = linked.get(of, 0) - fen
        fresh = max(0, fresh - strange)
        if linked:
            for of in sorted(linked, reverse=True):
                paid = min(fresh, linked[of])
                fresh -= paid
                if linked[of] > paid:
                    returns.append(Returned(day, linked[of] - paid, of))
            if fresh:
                sales.append(Sold(max(linked), fresh, day))
        elif is_sale:
            sales.append(Sold(day, fresh, day))
        if unlinked:
            returns.append(Returned(day, unlinked))
    return sales, returns


def purchase_days(
    sales: Iterable[Sold], returns: Iterable[Returned], day: int | None = None
) -> list[PurchaseDay]:
    """The purchase days in order, as known on `day` (None = with everything ever booked), section 1.

    A linked return comes off its sale's day; an unlinked one off the latest day not after it that has money
    left, then the one before, the rest is dropped. A day counts if more than 5 % of its gross is left, or
    if it was a gift entered at 0.
    """
    gross: dict[int, int] = {}
    for sold in sales:
        if day is None or sold.booked <= day:
            gross[sold.day] = gross.get(sold.day, 0) + sold.fen
    net = dict(gross)
    for when, fen, of in sorted(returns, key=lambda r: (r.day, r.of is None)):
        if day is not None and when > day:
            break
        days = sorted((d for d in net if d <= when), reverse=True) if of is None else [of]
        rest = fen
        for d in days:
            taken = min(rest, net.get(d, 0))
            if taken:
                net[d] -= taken
                rest -= taken
    return [PurchaseDay(d, net[d]) for d in sorted(net) if net[d] * 20 > gross[d] or gross[d] == 0]


def weights(age: int, tau: float, settings: TypeSettings) -> tuple[float, float]:
    """What a purchase of this age adds to D and to S (section 2)."""
    point = math.exp(-age / tau)
    return point, math.exp(-age / settings.season_tau) if _in_season(age, settings) else 0.0


def _in_season(age: int, settings: TypeSettings) -> bool:
    return age >= SEASON_AGE and age % SOLAR_YEAR >= SOLAR_YEAR - settings.horizon_days


def counts_for(age: int, settings: TypeSettings) -> tuple[bool, bool, bool, bool]:
    """Whether a purchase of this age counts at all, in the year, as rising, and for the coming season.

    As long as that stays the same for all her purchases, so do the sums over them but for what fades.
    """
    return age >= 0, age < YEAR, age < settings.rising_days, _in_season(age, settings)


@lru_cache(maxsize=20_000)
def month_of(day: int) -> int:
    """A number that is the same for all days of a calendar month: year times 12 plus month."""
    d = date.fromordinal(day)
    return d.year * 12 + d.month


def facts_of(
    events: Events,
    days: Sequence[PurchaseDay],
    day: int,
    settings: TypeSettings,
    tau: float,
    weigh: Callable[[int], tuple[float, float]] | None = None,
) -> Facts:
    """The statistics of a member on `day` from her purchase days in order; later ones are ignored
    (section 2).

    `weigh` = `weights` of an age with these settings that remembers, for who asks of many members.
    """
    dates = [d for d, _ in days if d <= day]
    n = len(dates)
    first, last = (dates[0], dates[-1]) if n else (0, 0)
    nets = [net for _, net in days[:n]]
    year = bisect_right(dates, day - YEAR)  # the place of the first within it
    rising = n - bisect_right(dates, day - settings.rising_days)
    worth = [weigh(day - d) for d in dates] if weigh else [weights(day - d, tau, settings) for d in dates]
    points, season = map(sum, zip(*worth, strict=True)) if n else (0.0, 0.0)
    joined = events.joined
    if joined is None or joined > day or 0 < first < joined:
        joined = first or None
    hot = alive = close = 0
    event = last or joined or 0  # she never joined after she bought
    for visit in events.visits:
        if visit <= day and visit not in dates:
            event = max(event, visit)
            hot += visit > last and day - visit < settings.hot_visit_days
            alive += day - visit < settings.lost_visit_keepalive
    for referral in events.referrals:
        if referral <= day:
            event = max(event, referral)
            close += day - referral < YEAR
    return _new_facts(Facts, (
        events.member, day, n, first, last, sum(nets), n - year, sum(nets[year:]),
        len(set(map(month_of, dates[year:]))), rising, points, season,
        hot, alive, close, joined, event,
    ))  # fmt: skip


def scored_by(days: Sequence[PurchaseDay], day: int, weigh: Callable[[int], tuple[float, float]]) -> Facts:
    """Of the statistics on `day` those that a score is made of, the others left at 0; `weigh` as above."""
    n = spend = last = 0
    points = season = 0.0
    for d, net in days:
        if d > day:
            break
        n, spend, last = n + 1, spend + net, d
        point, again = weigh(day - d)
        points, season = points + point, season + again
    return _new_facts(Facts, (0, day, n, 0, last, spend, 0, 0, 0, 0, points, season, 0, 0, 0, None, 0))


def facts_as_of(events: Events, day: int, settings: TypeSettings, tau: float) -> Facts:
    """The statistics of a member on any day from what had happened until then: the reference for the SQL."""
    return facts_of(events, purchase_days(*booked(events.receipts), day), day, settings, tau)
