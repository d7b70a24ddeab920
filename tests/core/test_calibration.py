"""The shop's yardsticks: CLASSIFICATION 3, 4 and 8."""

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopcrm.rules.calibration import (
    DEFAULTS,
    Aggregates,
    Calibration,
    calibrate,
    calibration_day,
    histogram_quantile,
    limits,
    month_end_before,
    quantile,
    replay_days,
)

C = date(2026, 10, 31).toordinal()
SMALL = Aggregates(
    gaps=[(20, 3), (90, 1)], intervals=[20, 55], tickets=[10_000, 30_000, 20_000], n12=[1, 2, 3]
)


def test_an_empty_shop_gets_the_cold_start_column() -> None:
    c = calibrate(C, Aggregates())
    assert c == Calibration(
        C, pytest.approx(120), 60, 0, 3, 0, 0, 0, 0, gaps=0, buyers=0
    )  # fmt: skip
    in_force = limits(c)
    assert (in_force.lost_once, in_force.lost_repeat, in_force.lost_frequent) == (180, 300, 360)
    assert in_force.tau == pytest.approx(240)


def test_a_small_shop_uses_multiples_of_its_middle_ticket() -> None:
    c = calibrate(C, SMALL)
    assert c.ticket_mid == 20_000
    assert (c.loyal_purchases, c.loyal_spend, c.vip_spend) == (3, 48_000, 6 * 20_000)
    assert c.power_ticket == 26_000
    assert (c.active12, c.buyers, c.gaps) == (3, 3, 4)
    q90 = histogram_quantile(SMALL.gaps, 0.9)
    assert q90 == pytest.approx(20 + 0.7 * 70)
    assert c.span == pytest.approx(math.exp((4 * math.log(q90) + 20 * math.log(120)) / 24))
    assert c.typical_gap == pytest.approx(math.exp((2 * math.log(37.5) + 10 * math.log(60)) / 12))


def test_thirty_active_members_are_enough_for_percentiles() -> None:
    many = Aggregates(
        tickets=[100.0 * i for i in range(1, 31)],
        n12=list(range(1, 31)),
        spend12=[1000 * i for i in range(1, 31)],
    )
    c = calibrate(C, many)
    assert c.loyal_purchases == 8  # P75 = 22.75 -> 23, at most 8
    assert (c.loyal_spend, c.vip_spend) == (15_500, pytest.approx(27_100))
    assert (c.ticket_mid, c.power_ticket) == (1550, pytest.approx(2130))
    assert calibrate(C, many, replace(DEFAULTS, loyal_max_purchases=24)).loyal_purchases == 23
    few = many._replace(n12=[1] * 30)
    assert calibrate(C, few).loyal_purchases == 3
    assert calibrate(C, few, replace(DEFAULTS, loyal_min_purchases=2)).loyal_purchases == 2
    less = Aggregates(tickets=[100.0] * 29, n12=[9] * 29, spend12=[900] * 29)
    assert (calibrate(C, less).loyal_purchases, calibrate(C, less).power_ticket) == (3, 130)


def test_a_shop_without_amounts_has_no_spend_lines() -> None:
    c = calibrate(C, Aggregates(tickets=[0.0] * 40, n12=[3] * 40, spend12=[0] * 40))
    assert (c.loyal_spend, c.vip_spend, c.ticket_mid, c.power_ticket) == (0, 0, 0, 0)


def test_span_keeps_within_its_bounds() -> None:
    assert calibrate(C, Aggregates(gaps=[(1, 100_000)])).span == 30  # at least 7, then at least 30
    assert calibrate(C, Aggregates(gaps=[(3000, 100_000)])).span == 540
    yearly = limits(calibrate(C, Aggregates(gaps=[(3000, 100_000)])))
    assert (yearly.lost_once, yearly.lost_repeat, yearly.lost_frequent) == (540, 540, 540)


def test_small_moves_are_damped_and_large_ones_are_not() -> None:
    first = calibrate(C, SMALL)
    nearly = SMALL._replace(tickets=[10_900.0, 32_000.0, 21_900.0])
    assert calibrate(C + 30, nearly, former=first) == replace(first, day=C + 30)
    moved = calibrate(C + 30, SMALL._replace(tickets=[10_000.0, 32_000.0, 22_100.0]), former=first)
    assert (moved.ticket_mid, moved.loyal_spend) == (22_100, 3 * 22_100 * 8 / 10)
    free = calibrate(C + 30, nearly, replace(DEFAULTS, damp=0), first)
    assert free.ticket_mid == 21_900
    none_before = calibrate(C, SMALL, former=calibrate(C, Aggregates()))
    assert none_before.ticket_mid == 20_000  # any amount differs from none


def test_the_lost_days_follow_the_span_and_the_owners_days_win() -> None:
    c = replace(calibrate(C, Aggregates()), span=110)
    auto = limits(c)
    assert (auto.lost_once, auto.lost_repeat, auto.lost_frequent) == (165, 275, 330)
    own = limits(c, replace(DEFAULTS, lost_days_once=400))
    assert (own.lost_once, own.lost_repeat, own.lost_frequent) == (400, 400, 400)
    odd = limits(c, replace(DEFAULTS, lost_days_once=400, lost_days_repeat=90))
    assert (own.shortest_wait, odd.shortest_wait) == (400, 90)
    assert (odd.lost_once, odd.lost_repeat, odd.lost_frequent) == (400, 90, 330)
    short = limits(replace(c, span=30))
    assert (short.lost_once, short.lost_repeat, short.lost_frequent) == (120, 180, 180)


def test_the_snapshot_in_force_is_of_the_last_month_end() -> None:
    t = date(2026, 11, 21).toordinal()
    assert month_end_before(date(2026, 10, 31).toordinal()) == date(2026, 9, 30).toordinal()
    assert month_end_before(date(2024, 3, 1).toordinal()) == date(2024, 2, 29).toordinal()
    assert calibration_day(t, None) == t
    assert calibration_day(t, C - 28) == C
    assert calibration_day(t, C - 27) == t


def test_a_rebuild_replays_the_month_ends_of_the_last_twelve_months() -> None:
    t = date(2026, 11, 21).toordinal()
    assert replay_days(t, None) == []
    assert replay_days(t, C - 27) == []
    assert replay_days(t, date(2026, 9, 2).toordinal()) == [date(2026, 9, 30).toordinal(), C]
    year = replay_days(t, 1)
    assert (len(year), year[0], year[-1]) == (12, date(2025, 11, 30).toordinal(), C)
    assert year == sorted(year)


@given(st.lists(st.integers(0, 40), min_size=1), st.floats(0, 1))
def test_both_quantiles_agree_with_numpy(values: list[int], q: float) -> None:
    values.sort()
    expected = pytest.approx(float(np.quantile(values, q)), abs=1e-9)
    pairs = [(v, values.count(v)) for v in sorted(set(values))]
    assert quantile(values, q) == expected
    assert histogram_quantile(pairs, q) == expected
