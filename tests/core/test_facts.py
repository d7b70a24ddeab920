"""Purchase days and the statistics of one member, CLASSIFICATION 1, 2 and the returns of 9."""

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopcrm.rules.calibration import DEFAULTS, Aggregates, calibrate, limits
from shopcrm.rules.customer_types import score
from shopcrm.rules.facts import (
    NOT_HERS,
    Events,
    PurchaseDay,
    Receipt,
    ReceiptLine,
    Returned,
    Sold,
    booked,
    counts_for,
    facts_as_of,
    facts_of,
    month_of,
    purchase_days,
    scored_by,
    weights,
)

T = date(2026, 11, 21).toordinal()
TAU = 240.0


def sold(day: int, fen: int) -> Sold:
    return Sold(day, fen, day)


def receipt(day: int, *lines: tuple[int, int | None] | int) -> Receipt:
    return Receipt(
        day, [ReceiptLine(line) if isinstance(line, int) else ReceiptLine(*line) for line in lines]
    )


def days_of(*receipts: Receipt, day: int | None = None) -> list[PurchaseDay]:
    return purchase_days(*booked(receipts), day)


def test_several_receipts_on_a_day_are_one_purchase() -> None:
    assert days_of(receipt(10, 300), receipt(10, 200), receipt(12, 50)) == [(10, 500), (12, 50)]


def test_a_gift_entered_at_0_is_a_purchase() -> None:
    assert days_of(receipt(10, 0)) == [(10, 0)]
    assert days_of(receipt(10)) == [(10, 0)]  # a receipt without articles


def test_a_linked_return_comes_off_its_sales_day() -> None:
    assert days_of(receipt(10, 1000), receipt(20, 1000), receipt(30, (-400, 10))) == [(10, 600), (20, 1000)]


@pytest.mark.parametrize(("back", "left"), [(949, [(10, 51)]), (950, []), (1000, []), (5000, [])])
def test_a_day_counts_while_more_than_5_percent_is_left(back: int, left: list[tuple[int, int]]) -> None:
    assert days_of(receipt(10, 1000), receipt(11, (-back, 10))) == left


def test_an_unlinked_return_goes_backwards_and_its_rest_is_dropped() -> None:
    sales = [sold(10, 300), sold(20, 500), sold(40, 100)]
    assert purchase_days(sales, [Returned(30, 600)]) == [(10, 200), (40, 100)]
    assert purchase_days(sales, [Returned(30, 9999)]) == [(40, 100)]
    assert purchase_days(sales, [Returned(5, 100)]) == sales_net(sales)


def sales_net(sales: list[Sold]) -> list[tuple[int, int]]:
    return [(s.day, s.fen) for s in sales]


def test_only_returns_is_never_bought() -> None:
    assert days_of(receipt(10, -500)) == []
    assert days_of(receipt(10, (-500, 5))) == []  # linked to a sale not known


def test_an_article_given_back_for_nothing_is_no_purchase() -> None:
    assert days_of(receipt(10, 0), receipt(30, (0, 10))) == [(10, 0)]
    assert days_of(receipt(10, 500), receipt(20, (-500, 10)), receipt(30, (0, 10), (0, NOT_HERS))) == []
    assert days_of(receipt(10, 500), receipt(30, (0, 10), 200)) == [(10, 500), (30, 200)]


def test_an_exchange_is_no_new_purchase_its_surplus_counts_on_the_old_day() -> None:
    old = receipt(10, 500)
    assert days_of(old, receipt(30, (-500, 10), 800)) == [(10, 800)]
    assert days_of(old, receipt(30, (-500, 10), 800), day=29) == [(10, 500)]  # not known before it happened


def test_an_exchange_for_less_takes_the_difference_off_the_old_day() -> None:
    assert days_of(receipt(10, 500), receipt(30, (-500, 10), 200)) == [(10, 200)]
    assert days_of(receipt(10, 500), receipt(30, (-500, 10), 20)) == []


def test_an_even_exchange_changes_nothing() -> None:
    assert days_of(receipt(10, 500), receipt(30, (-500, 10), 500)) == [(10, 500)]


def test_an_exchange_of_two_days_goes_to_the_later_first() -> None:
    old = [receipt(10, 500), receipt(20, 300)]
    assert days_of(*old, receipt(30, (-500, 10), (-300, 20), 900)) == [(10, 500), (20, 400)]
    assert days_of(*old, receipt(30, (-500, 10), (-300, 20), 400)) == [(10, 100), (20, 300)]


def test_an_exchange_nobody_linked_is_a_sale_and_a_return_of_the_day() -> None:
    assert days_of(receipt(10, 500), receipt(30, -200, 600)) == [(10, 500), (30, 400)]
    assert days_of(receipt(10, 500), receipt(30, -500, 200)) == [(10, 200)]  # negative total


def test_what_was_never_hers_lowers_only_the_articles_beside_it() -> None:
    assert days_of(receipt(10, 500), receipt(30, (-300, NOT_HERS))) == [(10, 500)]
    assert days_of(receipt(10, 500), receipt(30, (-300, NOT_HERS), 400)) == [(10, 500), (30, 100)]
    assert days_of(receipt(10, 500), receipt(30, (-300, NOT_HERS), 100)) == [(10, 500), (30, 0)]


def test_a_return_is_ignored_before_it_happened() -> None:
    both = (receipt(10, 500), receipt(30, -500))
    assert days_of(*both, day=29) == [(10, 500)]
    assert days_of(*both, day=30) == []
    assert days_of(receipt(30, 500), day=29) == []


def test_a_linked_return_of_a_later_sale_waits_for_it() -> None:
    assert days_of(receipt(20, 500), receipt(10, (-500, 20))) == []


def test_season_counts_what_was_bought_in_the_coming_90_days_of_former_years() -> None:
    assert weights(0, TAU, DEFAULTS) == (1.0, 0.0)
    assert weights(276, TAU, DEFAULTS) == (math.exp(-276 / TAU), math.exp(-276 / 1095))
    assert weights(275, TAU, DEFAULTS)[1] == 0  # 275 < 365.25 - 90
    assert weights(365, TAU, DEFAULTS)[1] > 0
    assert weights(366, TAU, DEFAULTS)[1] == 0  # came round
    assert weights(179, TAU, DEFAULTS)[1] == 0
    for age in range(-2, 1200):
        counts = counts_for(age, DEFAULTS)
        assert counts[:3] == (age >= 0, age < 365, age < 180)
        assert age < 0 or counts[3] == (weights(age, TAU, DEFAULTS)[1] > 0)


def test_the_statistics_of_a_member() -> None:
    events = Events(
        7,
        joined=T - 500,
        receipts=[
            receipt(T - 400, 10_000),
            receipt(T - 364, 20_000),
            receipt(T - 179, 30_000),
            receipt(T, 5),
        ],
        visits=[T - 200, T - 59, T - 60, T, T + 1],
        referrals=[T - 364, T - 365, T + 1],
    )
    f = facts_as_of(events, T, DEFAULTS, TAU)
    assert (f.member, f.n, f.first, f.last, f.spend) == (7, 4, T - 400, T, 60_005)
    assert (f.n12, f.spend12, f.months12, f.rising) == (3, 50_005, 3, 2)
    assert f.points == pytest.approx(sum(math.exp(-age / TAU) for age in (400, 364, 179, 0)))
    assert f.season == pytest.approx(math.exp(-364 / 1095))
    assert (f.hot_visits, f.alive_visits, f.referrals12) == (0, 1, 1)  # the visit of T was a purchase day
    assert (f.joined, f.last_event, f.silence, f.ticket) == (T - 500, T, 0, 60_005 / 4)
    before = facts_as_of(events, T - 1, DEFAULTS, TAU)
    assert (before.n, before.silence, before.hot_visits, before.alive_visits) == (3, 178, 2, 2)
    days = purchase_days(*booked(events.receipts))
    assert facts_of(events, days, T - 1, DEFAULTS, TAU) == before  # known sales of days to come are left out


def test_a_member_of_whom_nothing_is_known() -> None:
    f = facts_as_of(Events(), T, DEFAULTS, TAU)
    assert (f.n, f.silence, f.ticket, f.joined, f.last_event) == (0, math.inf, 0, None, 0)


def test_registration_is_not_later_than_the_first_purchase_nor_in_the_future() -> None:
    assert facts_as_of(Events(joined=T, receipts=[receipt(T - 9, 1)]), T, DEFAULTS, TAU).joined == T - 9
    assert facts_as_of(Events(joined=T + 1), T, DEFAULTS, TAU).joined is None


def test_months_go_by_the_calendar_over_29_february() -> None:
    leap = date(2024, 2, 29)
    assert month_of(leap.toordinal()) == 2024 * 12 + 2
    assert month_of(leap.toordinal() + 1) == 2024 * 12 + 3


@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(0, 900))),
    st.lists(st.tuples(st.integers(1, 60), st.integers(1, 900), st.none() | st.integers(1, 60))),
    st.integers(1, 60),
)
def test_never_more_money_than_sold_and_nothing_from_the_future(
    sales: list[tuple[int, int]], returns: list[tuple[int, int, int | None]], day: int
) -> None:
    made = [sold(d, fen) for d, fen in sales]
    gross = {d: sum(s.fen for s in made if s.day == d) for d in {s.day for s in made}}
    days = purchase_days(made, [Returned(*r) for r in returns], day)
    assert [d for d, _ in days] == sorted({d for d, _ in days})
    assert all(d <= day and 0 <= net <= gross[d] for d, net in days)
    past = [s for s in made if s.day <= day]
    assert days == purchase_days(past, [Returned(*r) for r in returns if r[0] <= day])


@given(st.dictionaries(st.integers(T - 900, T + 9), st.integers(0, 90_000)), st.integers(T - 400, T))
def test_what_a_score_is_made_of_is_what_all_statistics_say(nets: dict[int, int], day: int) -> None:
    in_force = limits(calibrate(T, Aggregates(tickets=[100.0 * n for n in range(40)])))
    days = [PurchaseDay(d, nets[d]) for d in sorted(nets)]
    found = scored_by(days, day, lambda age: weights(age, in_force.tau, DEFAULTS))
    known = facts_of(Events(), days, day, DEFAULTS, in_force.tau)
    assert found.n == known.n
    assert score(found, in_force) == score(known, in_force)
