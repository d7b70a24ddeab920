"""Everybody's past month ends by arrays say what the plain rules say of one member after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopcrm.basics.errors import Cancelled
from shopcrm.basics.progress import Progress
from shopcrm.rules.calibration import DEFAULTS, Calibration, limits
from shopcrm.rules.customer_types import Stored, Yardstick, decide, yardstick
from shopcrm.rules.facts import Events, PurchaseDay, facts_of
from shopcrm.rules.replay import Bought, Crowd, replay

T = 739_000
ENDS = [T - 30 * ago for ago in range(11, -1, -1)]
CALIBRATION = Calibration(
    day=T, span=110, typical_gap=55, active12=100, loyal_purchases=3, loyal_spend=60_000, vip_spend=90_000,
    ticket_mid=32_000, power_ticket=48_000, gaps=500, buyers=200,
)  # fmt: skip

AGO = st.integers(-5, 900).map(lambda ago: T - ago) | st.integers(0, 30).map(lambda n: T - 30 * n)
NETS = st.dictionaries(AGO, st.sampled_from([0, 20_000, 48_000, 90_000]), max_size=8)
MEMBER = st.tuples(
    NETS,
    st.none() | AGO,  # joined
    st.lists(AGO, max_size=3),  # visits
    st.lists(AGO, max_size=3),  # who came along with her
    st.dictionaries(st.sampled_from(ENDS), NETS, max_size=4),  # as known on some days
)
OWN = st.sampled_from([{}, {"rhythm_prior_gaps": 0.7, "lost_days_once": 61}, {"loyal_min_months": 1}])


def days_of(nets: Mapping[int, int]) -> list[PurchaseDay]:
    return [PurchaseDay(d, nets[d]) for d in sorted(nets)]


def crowd_of(shop: Mapping[int, Any]) -> Crowd:
    crowd = Crowd.of(
        {member: joined for member, (_, joined, *_) in shop.items()},
        Bought.of({member: days_of(nets) for member, (nets, *_) in shop.items()} | {99: days_of({T: 1})}),
        {member: visits for member, (_, _, visits, *_) in shop.items()} | {98: [T]},
        {member: brought for member, (_, _, _, brought, _) in shop.items()},
    )
    for end in ENDS:
        then = {member: days_of(known[end]) for member, (*_, known) in shop.items() if end in known}
        crowd.knew(end, then | {97: [PurchaseDay(T, 1)]})
    return crowd


def one_by_one(shop: Mapping[int, Any], measures: list[tuple[int, Yardstick]]) -> list[tuple[Any, ...]]:
    turns = []
    for member, (nets, joined, visits, brought, then) in shop.items():
        key, before = None, 0
        for end, measure in measures:
            days = days_of(then.get(end, nets))
            known = facts_of(
                Events(member, joined, (), visits, brought), days, end, measure.limits.settings, 1.0
            )
            if known.joined is None:
                continue
            decision = decide(known, measure, key and Stored(key, known.last_event > before))
            if decision.type != key:
                key = decision.type
                turns.append((member, end, key, decision.code))
            before = end
    return turns


@settings(max_examples=300, deadline=None)
@given(st.lists(MEMBER, max_size=5), st.sampled_from([0, 55, 96.7]), OWN)
def test_the_year_by_arrays_is_the_year_one_by_one(people: list[Any], gap: float, own: Any) -> None:
    shop = dict(zip((3, 4, 7, 20, 21), people, strict=False))
    rules = replace(DEFAULTS, **own)
    measures = [
        (end, yardstick(limits(replace(CALIBRATION, typical_gap=gap, span=80 + n * 5), rules)))
        for n, end in enumerate(ENDS)
    ]
    assert [tuple(turn) for turn in replay(crowd_of(shop), ENDS, dict(measures).__getitem__)] == one_by_one(
        shop, measures
    )


def test_whoever_wants_to_stop_is_heard_between_any_two_days() -> None:
    class Impatient(Progress):
        asked = 0

        def step(self, done: int, total: int, text_id: str) -> None:
            self.asked += 1
            if self.asked == 3:
                raise Cancelled

    shop = {1: ({T: 100}, None, [], [], {})}
    with pytest.raises(Cancelled):
        replay(crowd_of(shop), ENDS, lambda _end: yardstick(limits(CALIBRATION)), Impatient())
