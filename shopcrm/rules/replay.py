"""Everybody on past days at once: statistics, sums for calibrations, and types from month end to month end.

The same as rules.facts and rules.customer_types say of one member on one day, worked out over arrays: the
table `TYPES` stays the only place where a type is said. Loads numpy, so it is imported where it is needed.
Days are `date.toordinal()`, amounts fen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import TypeKey
from shopcrm.rules.calibration import Aggregates, TypeSettings
from shopcrm.rules.customer_types import TYPES, CustomerType, Yardstick
from shopcrm.rules.facts import YEAR, PurchaseDay

Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[Any]  # whole numbers or floats
Mask = npt.NDArray[np.bool_]

_DAY_BITS = 22  # a place and a day make one number
_EPOCH = 719_163  # date(1970, 1, 1).toordinal(), day 0 of numpy
_NEVER = -(1 << 40)  # a day before all days


class Purchases:
    """The purchase days of all members: hers together and in order."""

    def __init__(self, places: Ints, days: Ints, nets: Ints) -> None:
        self.keys = places << _DAY_BITS | days
        self.days = days
        self.nets = nets
        self.spent = np.concatenate((np.zeros(1, np.int64), np.cumsum(nets)))
        months = (days - _EPOCH).astype("M8[D]").astype("M8[M]").astype(np.int64)
        # How often the month changed before a purchase: only differences within one member are asked for.
        self.turns = np.concatenate((np.zeros(1, np.int64), np.cumsum(months[1:] != months[:-1])))

    @classmethod
    def read(cls, rows: Sequence[tuple[int, str, str]]) -> Purchases:
        """From places, ascending, with days and amounts as texts, separated by commas."""
        places, days, nets = zip(*rows, strict=True) if rows else ((), (), ())
        counts = np.fromiter((text.count(",") + 1 for text in days), np.int64, len(days))
        whose = np.repeat(np.array(places, np.int64), counts)
        return cls(whose, _numbers(days), _numbers(nets))

    @classmethod
    def of(cls, everybody: Sequence[Sequence[PurchaseDay]]) -> Purchases:
        """From the purchase days of every place."""
        known = [(place, d, net) for place, hers in enumerate(everybody) for d, net in hers]
        places, days, nets = np.array(known, np.int64).reshape(-1, 3).T
        return cls(places, days, nets)

    def until(self, count: int, day: int) -> Ints:
        """For each of so many places, where among all purchases hers until that day end."""
        return np.searchsorted(self.keys, (np.arange(count) << _DAY_BITS) + day, side="right")

    def has(self, places: Ints, days: Ints) -> Mask:
        """Whether they bought on those days."""
        if not len(self.keys):
            return np.zeros(len(places), bool)
        keys = places << _DAY_BITS | days
        found = np.searchsorted(self.keys, keys)
        there: Mask = self.keys[np.minimum(found, len(self.keys) - 1)] == keys
        return there


def _numbers(texts: Sequence[str]) -> Ints:
    return np.fromstring(",".join(texts), np.int64, sep=",")


class Pairs(NamedTuple):
    """Things that happened to members: whose, and on which day."""

    places: Ints
    days: Ints

    @classmethod
    def of(cls, members: Ints, events: Mapping[int, Sequence[int]]) -> Pairs:
        """From the days of members; of others than those in `members` nothing is taken."""
        known = [(member, day) for member, days in events.items() for day in days]
        whose, days = np.array(known, np.int64).reshape(-1, 2).T
        return cls(whose, days).among(members)

    def among(self, chosen: Ints) -> Pairs:
        """Those of the places `chosen`, given in order, each by its place among these."""
        at = np.searchsorted(chosen, self.places)
        kept = np.append(chosen, -1)[at] == self.places
        return Pairs(at[kept], self.days[kept])


class Crowd:
    """Members with what they bought and did, and past days on which other purchases of some were known."""

    def __init__(
        self, members: Ints, joined: Ints, purchases: Purchases, visits: Pairs, referrals: Pairs
    ) -> None:
        self.members = members  # their ids in order: here everybody is told by her place among them
        self.joined = joined  # 0 where unknown
        self.purchases = purchases
        self.visits = visits
        self.referrals = referrals
        self._starts = purchases.until(len(members), 0)
        self._then: dict[int, tuple[Ints, Crowd]] = {}

    @classmethod
    def of(
        cls,
        joined: Mapping[int, int | None],
        lists: Sequence[tuple[int, str, str]],
        visits: Mapping[int, Sequence[int]],
        referrals: Mapping[int, Sequence[int]],
    ) -> Crowd:
        """The members in `joined`, from what is on file; `lists` = their purchase days and amounts as texts.

        Both of them in the order of ids.
        """
        members = np.array(list(joined), np.int64)
        places = {member: place for place, member in enumerate(joined)}
        return cls(
            members,
            np.array([day or 0 for day in joined.values()], np.int64),
            Purchases.read(
                [(places[member], days, nets) for member, days, nets in lists if member in places]
            ),
            Pairs.of(members, visits),
            Pairs.of(members, referrals),
        )

    def knew(self, day: int, days: Mapping[int, Sequence[PurchaseDay]]) -> None:
        """On that day other purchase days of these members were known than those on file."""
        ids = [member for member in sorted(days) if member in set(self.members.tolist())]
        if ids:
            places = np.searchsorted(self.members, ids)
            then = Purchases.of([days[member] for member in ids])
            self._then[day] = (
                places,
                Crowd(
                    self.members[places],
                    self.joined[places],
                    then,
                    self.visits.among(places),
                    self.referrals.among(places),
                ),
            )

    def facts(self, day: int, settings: TypeSettings) -> dict[str, Numbers]:
        """The statistics of everybody on `day`, named as in rules.facts.Facts, without points and season.

        `joined` is 0 where there is none.
        """
        found = self._facts(day, settings)
        if day in self._then:
            places, of_them = self._then[day]
            for name, values in of_them._facts(day, settings).items():
                found[name][places] = values
        return found

    def _facts(self, day: int, settings: TypeSettings) -> dict[str, Numbers]:
        bought, count, starts = self.purchases, len(self.members), self._starts
        ends = bought.until(count, day)
        old = bought.until(count, day - YEAR)
        n, n12 = ends - starts, ends - old
        days = np.append(bought.days, 0)
        turns = np.append(bought.turns, 0)
        first, last = np.where(n > 0, days[starts], 0), np.where(n > 0, days[ends - 1], 0)
        joined = np.where(self.joined <= day, self.joined, 0)
        joined = np.where((first > 0) & ((joined == 0) | (first < joined)), first, joined)
        event = np.where(n > 0, last, joined)  # she never joined after she bought
        came, on = self._until(day, self.visits)
        news = ~bought.has(came, on)
        came, on = came[news], on[news]
        np.maximum.at(event, came, on)
        hot = (on > last[came]) & (day - on < settings.hot_visit_days)
        alive = day - on < settings.lost_visit_keepalive
        brought, since = self._until(day, self.referrals)
        np.maximum.at(event, brought, since)
        return {
            "n": n, "first": first, "last": last, "spend": bought.spent[ends] - bought.spent[starts],
            "n12": n12, "spend12": bought.spent[ends] - bought.spent[old],
            "months12": np.where(n12 > 0, turns[ends - 1] - turns[old] + 1, 0),
            "rising": ends - bought.until(count, day - settings.rising_days),
            "hot_visits": np.bincount(came[hot], minlength=count),
            "alive_visits": np.bincount(came[alive], minlength=count),
            "referrals12": np.bincount(brought[day - since < YEAR], minlength=count),
            "joined": joined, "last_event": event,
        }  # fmt: skip

    @staticmethod
    def _until(day: int, pairs: Pairs) -> Pairs:
        known = pairs.days <= day
        return Pairs(pairs.places[known], pairs.days[known])

    def aggregates(self, day: int, settings: TypeSettings) -> Aggregates:
        """The shop summed up as it was known on `day`, for its calibration."""
        facts = self.facts(day, settings)
        n, n12 = facts["n"], facts["n12"]
        more = n > 1
        gaps = self._gaps(day, self._then[day][0] if day in self._then else None)
        if day in self._then:
            theirs = self._then[day][1]._gaps(day)
            both = np.zeros(max(len(gaps), len(theirs)), np.int64)
            both[: len(gaps)] += gaps
            both[: len(theirs)] += theirs
            gaps = both
        often = np.flatnonzero(gaps)
        return Aggregates(
            list(zip(often.tolist(), gaps[often].tolist(), strict=True)),
            _sorted(((facts["last"] - facts["first"])[more]) / (n[more] - 1)),
            _sorted(facts["spend"][n > 0] / n[n > 0]),
            _sorted(n12[n12 > 0]),
            _sorted(facts["spend12"][n12 > 0]),
        )

    def _gaps(self, day: int, without: Ints | None = None) -> Ints:
        """By length, how often so many days passed between two purchases of a member until `day`."""
        keys, days = self.purchases.keys, self.purchases.days
        whose = keys >> _DAY_BITS
        meant = (whose[1:] == whose[:-1]) & (days[1:] <= day)
        if without is not None:
            meant &= ~np.isin(whose[1:], without)
        return np.bincount((days[1:] - days[:-1])[meant])


def _sorted(values: Numbers) -> list[Any]:
    found: list[Any] = np.sort(values).tolist()
    return found


# ---------------------------------------------------------------- types


class Turn(NamedTuple):
    """A change of type: the member, the day, and the new type with the code of its reason."""

    member: int
    day: int
    type: TypeKey
    code: str


def replay(
    crowd: Crowd,
    measures: Sequence[tuple[int, Yardstick]],
    progress: Progress = SILENT,
    types: Sequence[CustomerType] = TYPES,
) -> list[Turn]:
    """Everybody's changes of type over these days, each with its limits, oldest first and nobody of any type
    before: by member, hers in order. Raises Cancelled.
    """
    count = len(crowd.members)
    former = np.full(count, -1)  # the place of her type in `types`
    then = np.full(count, _NEVER)  # the day of the verdict before
    ranks = np.array([row.rank for row in types])
    rules = [(of, rule) for of, row in enumerate(types) for rule in row.rules]
    turns: list[tuple[Ints, int, Ints]] = []
    for done, (day, measure) in enumerate(measures):
        progress.step(done, len(measures), "progress.types")
        facts = crowd.facts(day, measure.limits.settings)
        figures = _figures(facts, day, measure)
        there = facts["joined"] > 0
        said = np.full(count, -1)
        undecided = there.copy()
        for at, (of, rule) in enumerate(rules):
            holds = undecided & (former == of) if rule.stays else undecided.copy()
            for test in rule.tests:
                holds &= test.plan[0](figures[test.left], figures[test.right])
            said[holds] = at
            undecided &= ~holds
        key = np.array([of for of, _ in rules])[said]
        # No rise without an own action.
        held = (former >= 0) & (facts["last_event"] <= then) & (ranks[key] > ranks[former])
        changed = np.flatnonzero(there & ~held & (key != former))
        turns.append((changed, day, said[changed]))
        former[changed] = key[changed]
        then[there] = day
    return _in_order(crowd.members, turns, [(types[of].key, rule.code) for of, rule in rules])


def _in_order(
    members: Ints, turns: Sequence[tuple[Ints, int, Ints]], words: Sequence[tuple[TypeKey, str]]
) -> list[Turn]:
    if not turns:
        return []
    places = np.concatenate([places for places, _, _ in turns])
    days = np.concatenate([np.full(len(places), day) for places, day, _ in turns])
    said = np.concatenate([said for _, _, said in turns])
    order = np.argsort(places, kind="stable")
    columns = zip(members[places[order]].tolist(), days[order].tolist(), said[order].tolist(), strict=True)
    return [Turn(member, day, *words[rule]) for member, day, rule in columns]


def _figures(facts: Mapping[str, Numbers], day: int, measure: Yardstick) -> dict[str, Any]:
    """What `customer_types.figures` says of one, but for what only words need."""
    shop = measure.named()
    n, last = facts["n"], facts["last"]
    ever, often = n > 0, n > 1
    prior, gap, lost_mult, lost_max = shop["prior"], shop["gap"], shop["lost_mult"], shop["lost_max"]
    with np.errstate(divide="ignore", invalid="ignore"):  # of who never bought, and not used
        ticket = np.where(ever, facts["spend"] / n, 0.0)
        rhythm = np.where(often, (prior * gap + (last - facts["first"])) / (prior + n - 1), 0.0)
    lost = np.where(often, np.where(n >= shop["frequent_n"], shop["frequent"], shop["repeat"]), shop["once"])
    lost = np.where(
        often & (lost < lost_mult * rhythm),
        np.minimum(lost_mult * rhythm, np.maximum(lost_max, lost)),
        lost,
    )
    loyal = np.where(often, np.maximum(shop["loyal"], shop["loyal_mult"] * rhythm), shop["loyal"])
    loyal = np.where(ever, np.minimum(loyal, lost), loyal)
    friends, joined = facts["referrals12"], facts["joined"]
    credit = np.where(friends > 0, np.minimum(friends * shop["credit_each"], shop["credit_max"]), 0.0)
    return {
        **shop,
        **{name: facts[name] for name in ("n", "n12", "spend12", "months12", "rising", "spend")},
        "silence": np.where(ever, day - last, np.inf), "eff12": facts["n12"] + credit,
        "hot_visits": facts["hot_visits"], "alive_visits": facts["alive_visits"],
        "reg_age": np.where(joined > 0, day - joined, np.inf), "ticket": ticket, "rhythm": rhythm,
        "lost_limit": lost, "loyal_limit": loyal, "stay_limit": np.minimum(shop["exit_mult"] * loyal, lost),
        "friends": friends,
    }  # fmt: skip


__all__ = ["Crowd", "Pairs", "Purchases", "Turn", "replay"]
