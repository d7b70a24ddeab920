"""Intervals against the published tables, what they may be taken to say, and what a rule learns."""

from math import exp, lgamma, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopcrm.basics.records import Rate
from shopcrm.rules.uplift import NARROW, chance_30, gap, learned_gain, rate


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [  # R. G. Newcombe, Statistics in Medicine 17 (1998), pp. 857-872, Table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_a_share_has_wilsons_interval(hits: int, of: int, low: float, high: float) -> None:
    found = rate(hits, of)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [  # R. G. Newcombe, Statistics in Medicine 17 (1998), pp. 873-890, Table II, method 10
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0000),
        ((10, 10), (0, 10), 0.6075, 1.0000),
    ],
)
def test_a_difference_has_newcombes_interval(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    found = gap(rate(*first), rate(*second))
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        ((0, 0), (0, 0), "open"),
        ((24, 160), (2, 40), "open"),  # 15 % against 5 %: too few to tell
        ((90, 600), (8, 150), "more"),  # the same, pooled over months
        ((8, 150), (90, 600), "fewer"),
        ((9, 10), (3, 10), "open"),  # the interval excludes 0, but ten people are ten people
        ((500, 5000), (500, 5000), "same"),
        ((50, 500), (50, 500), "same"),
        ((30, 300), (8, 80), "open"),
        ((5000, 20000), (1200, 5000), "same"),  # one point: measured, and no reason to change anything
    ],
)
def test_what_a_difference_says(first: tuple[int, int], second: tuple[int, int], says: str) -> None:
    assert gap(rate(*first), rate(*second)).says == says


def _shares(of: int, chance: float) -> list[tuple[Rate, float]]:
    """Every share a group may show, with how likely it is."""
    ways = lgamma(of + 1)
    return [
        (rate(hits, of), exp(
            ways - lgamma(hits + 1) - lgamma(of - hits + 1) + hits * log(chance)
            + (of - hits) * log(1 - chance)
        ))
        for hits in range(of + 1)
    ]  # fmt: skip


def how_often(says: str, first: tuple[int, float], second: tuple[int, float]) -> float:
    """How likely two groups of a size and a true chance are said to differ so; exact, nothing is drawn."""
    there = [pair for pair in _shares(*second) if pair[1] > 1e-7]
    return sum(
        part * other
        for one, part in _shares(*first) if part > 1e-7
        for two, other in there if gap(one, two).says == says
    )  # fmt: skip


def test_how_large_groups_must_be() -> None:
    """The sizes of FEATURES, Beyond 4: a month sees 15 % against 5 % one time in three, pooled months do."""
    assert how_often("more", (160, 0.15), (40, 0.05)) == pytest.approx(0.34, abs=0.01)
    assert how_often("more", (600, 0.15), (150, 0.05)) == pytest.approx(0.95, abs=0.01)
    assert how_often("same", (2000, 0.10), (500, 0.10)) > 0.8


@pytest.mark.parametrize(("listed", "held"), [(40, 40), (160, 40), (600, 150)])
@pytest.mark.parametrize("chance", [0.02, 0.10, 0.30])
def test_chance_alone_passes_for_a_difference_one_time_in_twenty(
    listed: int, held: int, chance: float
) -> None:
    wrong = sum(how_often(says, (listed, chance), (held, chance)) for says in ("more", "fewer"))
    assert wrong < 0.055


_GROUP = st.integers(0, 400).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@given(_GROUP, _GROUP)
def test_a_difference_lies_in_its_interval_and_turns_with_its_groups(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    found, turned = gap(rate(*first), rate(*second)), gap(rate(*second), rate(*first))
    assert -1 <= found.low <= found.value + 1e-12
    assert found.value - 1e-12 <= found.high <= 1
    assert found.low == pytest.approx(-turned.high)
    assert turned.says == {"more": "fewer", "fewer": "more"}.get(found.says, found.says)
    if found.says == "same":
        assert max(-found.low, found.high) <= NARROW


def test_thirty_days_of_ninety() -> None:
    assert chance_30(0.0) == 0
    assert chance_30(1.0) == 1
    assert 1 - (1 - chance_30(0.488)) ** 3 == pytest.approx(0.488)


def test_a_rule_learns_from_thirty_contacts_on() -> None:
    assert learned_gain(0.7, 29, 20, 3.0) is None
    assert learned_gain(0.7, 30, 6, 4.5) == pytest.approx((50 * 0.7 + 100 * 1.5) / 80)
    assert learned_gain(0.5, 950, 90, 100.0) == pytest.approx((25 - 1000) / 1000)
