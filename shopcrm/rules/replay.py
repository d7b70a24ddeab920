"""Everybody on past days at once: statistics, sums for calibrations, and types from month end to month end.

The same as rules.facts and rules.customer_types say of one member on one day, worked out over arrays: the
table `TYPES` stays the only place where a type is said. Loads numpy, so it is imported where it is needed.
Days are `date.toordinal()`, amounts fen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import TypeKey
from shopcrm.rules.calibration import Aggregates, TypeSettings
from shopcrm.rules.customer_types import TYPES, CustomerType, Yardstick
from shopcrm.rules.facts import YEAR, PurchaseDay, weights

Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[Any]  # whole numbers or floats
Mask = npt.NDArray[np.bool_]

_DAY_BITS = 22  # a place and a day make one number
_DAY_MASK = (1 << _DAY_BITS) - 1
_EPOCH = 719_163  # date(1970, 1, 1).toordinal(), day 0 of numpy
_NEVER = -(1 << 40)  # a day before all days


class Bought(NamedTuple):
    """Purchase days, those of a member together and in order: whose, when, and the net amount."""

    members: Ints
    days: Ints
    nets: Ints

    @classmethod
    def of(cls, everybody: Mapping[int, Sequence[PurchaseDay]]) -> Bought:
        """From the purchase days of members, given in order."""
        known = [(member, d, net) for member, hers in everybody.items() for d, net in hers]
        return cls(*np.array(known, np.int64).reshape(-1, 3).T)

    @classmethod
    def summed(cls, booked: Iterable[tuple[str, str, str]]) -> Bought:
        """From members, days (ISO) and amounts in any order, each as a text with commas: what is booked for
        a member on a day makes one purchase."""
        keys, amounts = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for members, days, fens in booked:
            on = days.split(",")
            known = {day: date.fromisoformat(day).toordinal() for day in set(on)}
            keys.append(_numbers(members) << _DAY_BITS | np.array([known[day] for day in on], np.int64))
            amounts.append(_numbers(fens))
        key, at = np.unique(np.concatenate(keys), return_inverse=True)
        nets = np.bincount(at, np.concatenate(amounts), len(key)).astype(np.int64)
        return cls(key >> _DAY_BITS, key & _DAY_MASK, nets)

    def but_for(self, others: Mapping[int, Sequence[PurchaseDay]]) -> Bought:
        """The same, but of these members other purchase days."""
        if not others:
            return self
        kept = ~np.isin(self.members, list(others))
        both = [np.concatenate((own[kept], more)) for own, more in zip(self, Bought.of(others), strict=True)]
        order = np.lexsort((both[1], both[0]))
        return Bought(*(column[order] for column in both))

    def of_some(self, members: Sequence[int]) -> dict[int, list[PurchaseDay]]:
        """The purchase days of these members, given in order."""
        starts = np.searchsorted(self.members, members).tolist()
        ends = np.searchsorted(self.members, members, side="right").tolist()
        days, nets = self.days.tolist(), self.nets.tolist()
        return {
            member: list(map(PurchaseDay, days[start:end], nets[start:end]))
            for member, start, end in zip(members, starts, ends, strict=True)
        }

    def columns(self) -> dict[str, list[int]]:
        """As they are filed: with the month of each day, as `facts.month_of` counts them."""
        months = _months(self.days) + 12 * 1970 + 1
        named = {"member_id": self.members, "d": self.days, "net": self.nets, "ym": months}
        return {name: values.tolist() for name, values in named.items()}


def _numbers(text: str) -> Ints:
    return np.fromstring(text, np.int64, sep=",")


def _months(days: Ints) -> Ints:
    """The months of these days, counted from January 1970."""
    return (days - _EPOCH).astype("M8[D]").astype("M8[M]").astype(np.int64)


class Purchases:
    """The purchase days of all members: hers together and in order."""

    def __init__(self, places: Ints, days: Ints, nets: Ints) -> None:
        self.keys = places << _DAY_BITS | days
        self.days = days
        self.nets = nets
        self.spent = np.concatenate((np.zeros(1, np.int64), np.cumsum(nets)))
        months = _months(days)
        # How often the month changed before a purchase: only differences within one member are asked for.
        self.turns = np.concatenate((np.zeros(1, np.int64), np.cumsum(months[1:] != months[:-1])))

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
        self._last: tuple[tuple[int, TypeSettings], dict[str, Numbers]] | None = None  # what was asked last

    @classmethod
    def of(
        cls,
        joined: Mapping[int, int | None],
        bought: Bought,
        visits: Mapping[int, Sequence[int]],
        referrals: Mapping[int, Sequence[int]],
    ) -> Crowd:
        """The members in `joined`, given in the order of ids; of others than those nothing is taken."""
        members = np.array(list(joined), np.int64)
        places = np.searchsorted(members, bought.members)
        hers = np.append(members, -1)[places] == bought.members
        return cls(
            members,
            np.array([day or 0 for day in joined.values()], np.int64),
            Purchases(places[hers], bought.days[hers], bought.nets[hers]),
            Pairs.of(members, visits),
            Pairs.of(members, referrals),
        )

    def knew(self, day: int, days: Mapping[int, Sequence[PurchaseDay]]) -> None:
        """On that day other purchase days of these members were known than those on file."""
        self._last = None
        ids = [member for member in sorted(days) if member in set(self.members.tolist())]
        if ids:
            places = np.searchsorted(self.members, ids)
            then = Purchases(*Bought.of({place: days[member] for place, member in enumerate(ids)}))
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
        asked = day, settings
        if self._last is None or self._last[0] != asked:
            found = self._facts(day, settings)
            if day in self._then:
                places, of_them = self._then[day]
                for name, values in of_them._facts(day, settings).items():
                    found[name][places] = values
            self._last = asked, found
        return self._last[1]

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

    def fading(self, day: int, settings: TypeSettings, tau: float) -> tuple[Numbers, Numbers]:
        """Everybody's points and season on `day`, as `facts.weights` has them, from what is known today."""
        known = self.purchases.days <= day
        places, days = self.purchases.keys[known] >> _DAY_BITS, self.purchases.days[known]
        once, at = np.unique(days, return_inverse=True)
        worth = np.array([weights(day - d, tau, settings) for d in once.tolist()]).reshape(-1, 2)
        points, season = (np.bincount(places, of[at], len(self.members)) for of in worth.T)
        return points, season

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
    days: Sequence[int],
    measure_of: Callable[[int], Yardstick],
    progress: Progress = SILENT,
    types: Sequence[CustomerType] = TYPES,
) -> list[Turn]:
    """Everybody's changes of type over these days, oldest first and nobody of any type before: by member,
    hers in order. `measure_of` is asked for the limits of each day in turn. Raises Cancelled.
    """
    count = len(crowd.members)
    former = np.full(count, -1)  # the place of her type in `types`
    then = np.full(count, _NEVER)  # the day of the verdict before
    ranks = np.array([row.rank for row in types])
    rules = [(of, rule) for of, row in enumerate(types) for rule in row.rules]
    turns: list[tuple[Ints, int, Ints]] = []
    for done, day in enumerate(days):
        progress.step(done, len(days), "progress.types")
        measure = measure_of(day)
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


__all__ = ["Bought", "Crowd", "Pairs", "Purchases", "Turn", "replay"]
