"""Everybody's statistics and verdicts by sets say what the plain rules say of each member."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopcrm.rules.calibration import DEFAULTS, Aggregates, Calibration, calibrate, limits
from shopcrm.rules.customer_types import TYPES, Stored, decide, score, yardstick
from shopcrm.rules.facts import Facts, booked, facts_as_of, purchase_days
from shopcrm.store import facts, verdicts
from tests.core.test_types_store import SHOP, Book, Model, T, file_days, in_order, plain_sums

ALSO_ENCRYPTED: tuple[str, ...] = ()

SLOW = (HealthCheck.too_slow, HealthCheck.function_scoped_fixture)
SUMS = "n, first_d, last_d, spend, n12, spend12, months12, rising"
CALIBRATION = Calibration(
    day=T - 21, span=110, typical_gap=55, active12=100, loyal_purchases=5, loyal_spend=150_000,
    vip_spend=600_000, ticket_mid=32_000, power_ticket=48_000, gaps=500, buyers=200,
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(SHOP, st.lists(st.integers(-15, 700), min_size=1, max_size=4))
def test_sums_brought_from_day_to_day_are_those_of_the_day(shop: Any, agos: list[int]) -> None:
    """Forward and back, over days on which returns were not yet known."""
    book = Book()
    model = Model(book, shop)
    in_force = limits(CALIBRATION)
    with book.write() as tx:
        file_days(tx)
        for day in (T - agos[0], *(T - ago for ago in agos)):
            facts.refresh_days(tx, model.ids, day)
            verdicts.join_in(tx)
            verdicts.bring(tx, day, DEFAULTS)
            fade, season_fade, _ = verdicts._faded(tx, in_force)
            rows = tx.all(f"SELECT {SUMS}, points, season FROM d_case ORDER BY member_id")
            everybody = []
            for n, row in enumerate(rows):
                events = model.events(n, day)
                known = facts_as_of(events, day, DEFAULTS, in_force.tau)
                assert row[:8] == (
                    known.n, known.first or None, known.last or None, known.spend, known.n12, known.spend12,
                    known.months12, known.rising,
                )  # fmt: skip
                assert row[8] * fade == pytest.approx(known.points, rel=1e-9, abs=1e-12)
                assert row[9] * season_fade == pytest.approx(known.season, rel=1e-9, abs=1e-12)
                everybody.append(purchase_days(*booked(events.receipts), day))
            assert in_order(verdicts.aggregates(tx)) == plain_sums(everybody, day)
    book.store.close()


@settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
@given(SHOP)
def test_sums_of_everybody_anew_are_those_brought_to_the_day(shop: Any) -> None:
    book = Book()
    Model(book, shop)
    book.rebuild()
    counts = f"SELECT {SUMS} FROM d_case ORDER BY member_id"
    fading = "SELECT points, season FROM d_case ORDER BY member_id"
    with book.write() as tx:
        anew, worth = tx.all(counts), tx.all(fading)
        verdicts.bring(tx, T, DEFAULTS)  # none is stale
        assert (tx.all(counts), tx.all(fading)) == (anew, worth)
        tx.derive("UPDATE d_case SET n = 0, spend = 0, months12 = 0, season = 0, points = NULL")
        verdicts.bring(tx, T, DEFAULTS)
        assert tx.all(counts) == anew
        # How SQLite adds up fractions differs by its version: since 3.43 it makes good what rounding lost.
        assert tx.all(fading) == [pytest.approx(row, rel=1e-12) for row in worth]
    book.store.close()


def strangers(random: Random, members: list[int]) -> list[Facts]:
    """Members as they may come: near every limit, as often as far from it."""
    found = []
    for member in members:
        n = random.choice((0, 0, 1, 1, 2, 2, 3, 4, 5, 6, 12))
        last = T - random.choice((0, 1, 60, 61, 110, 165, 166, 189, 275, 276, 331, random.randrange(900)))
        first = last if n == 1 else last - random.randrange(max(n, 1), 1500)
        n12 = random.randrange(n + 1)
        spend = random.choice((0, 48_000 * n, random.randrange(0, 900_000))) if n else 0
        joined = random.choice((None, T, T - 60, T - 61, T - random.randrange(2000)))
        found.append(Facts(
            member, T, n, first if n else 0, last if n else 0, spend, n12,
            random.choice((spend, spend // 2, min(spend, 150_000), min(spend, 600_000))) if n12 else 0,
            random.randrange(min(n12, 3) + 1), random.randrange(n + 1),
            random.random() * n, random.random() * n, 0, 0, 0, joined, 0,
        ))  # fmt: skip
    return found


@settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
@given(
    st.integers(0, 10**6),
    st.sampled_from([0, 0.1, 110, 96.7, 333.3]),
    st.sampled_from([{}, {"loyal_min_months": 1}, {"rhythm_prior_gaps": 0.7, "lost_days_once": 61}]),
)
def test_the_statement_decides_as_the_rules_do(seed: int, gap: float, own: dict[str, Any]) -> None:
    """Every figure at and around its limit, with every former type, with and without an own action."""
    random = Random(seed)
    book = Book()
    measure = yardstick(limits(replace(CALIBRATION, typical_gap=gap), replace(DEFAULTS, **own)))
    members = [book.member() for _ in range(150)]
    kept = strangers(random, members)
    former = {member: random.choice((None, *(row.key for row in TYPES))) for member in members}
    acted = {member for member in members if random.random() < 0.5}
    hot = {member: random.choice((0, 0, 0, 1, 2)) for member in members}
    friends = {member: random.choice((0, 0, 0, 1, 3)) for member in members}
    was = T - 5
    with book.write() as tx:
        verdicts.join_in(tx)
        verdicts.bring(tx, T, measure.limits.settings)
        verdicts._faded(tx, measure.limits)
        for known in kept:
            tx.derive(
                f"UPDATE d_case SET type = ?, since = '2020-01-01', ({SUMS}, points, season) = "
                "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE member_id = ?",
                (
                    former[known.member] or "", known.n, known.first or None, known.last or None,
                    *known[5:12],
                    known.member,
                ),
            )  # fmt: skip
            joined = None if known.joined is None else facts.iso(known.joined)
            tx.derive("UPDATE member SET joined = ? WHERE id = ?", (joined, known.member))
        tx.derive_many("INSERT INTO visit (member_id, day, kind) VALUES (?, ?, 'tried')", [
            (known.member, facts.iso(T)) for known in kept for _ in range(hot[known.member]) if known.last < T
        ])  # fmt: skip
        tx.derive_many("INSERT INTO member (referrer_id, joined) VALUES (?, ?)", [
            (member, facts.iso(T - 100)) for member in members for _ in range(friends[member])
        ])  # fmt: skip
        verdicts.classify(tx, measure, was=was, acted=acted)
        filed = facts.cases(tx, members)
    codes = set()
    for known in kept:
        member = known.member
        seen = hot[member] if known.last < T else 0
        joined = min((d for d in (known.joined, known.first or None) if d is not None), default=None)
        known = known._replace(hot_visits=seen, alive_visits=seen, referrals12=friends[member], joined=joined)
        own_action = member in acted or bool(seen) or known.last > was or (joined or 0) > was
        key = former[member]
        decision = decide(known, measure, None if key is None else Stored(key, own_action))
        case = filed[member]
        codes.add(case.code)
        assert (case.type, case.code, case.vals) == (decision.type, decision.code, decision.vals())
        assert case.score == pytest.approx(score(known, measure.limits), rel=1e-12, abs=0)
        assert case.since == ("2020-01-01" if key == decision.type else facts.iso(T))
    assert len(codes) > 8
    book.store.close()


def test_amounts_and_days_are_worded_as_one_by_one() -> None:
    """An amount between two yuan, a shop without a ticket, a member of whom nothing is known."""
    book = Book()
    empty = yardstick(limits(calibrate(T, Aggregates())))
    member = book.member()
    with book.write() as tx:
        verdicts.join_in(tx)
        verdicts.bring(tx, T, DEFAULTS)
        verdicts.classify(tx, empty)
        case = facts.cases(tx)[member]
        assert (case.code, case.vals) == ("DRIFT_NEVER", '{"joined": "∞", "days": "60"}')
        tx.derive(f"UPDATE d_case SET ({SUMS}) = (1, ?, ?, 123456749, 1, 123456749, 1, 1)", (T - 90, T - 90))
        verdicts.classify(tx, empty, was=T)
        case = facts.cases(tx)[member]
        assert case.vals == (
            '{"n12": "1", "spend12": "1,234,567", "ticket": "1,234,567", "silence": "90", "limit": "180"}'
        )
    book.store.close()
