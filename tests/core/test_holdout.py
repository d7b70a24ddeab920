"""Leaving members out of a rule: the draw, what it does to the list, and what stays of it."""

from datetime import date

from shopcrm.rules.holdout import is_held, lot, quarter_of

LOTS = [0.061535, 0.654716, 0.259451]
MEMBERS = range(1, 20_001)


def test_a_quarter_is_that_of_the_calendar() -> None:
    days = ("2026-01-01", "2026-03-31", "2026-04-01", "2026-09-30", "2026-10-01", "2026-12-31")
    assert [quarter_of(date.fromisoformat(day).toordinal()) for day in days] == [
        "2026Q1", "2026Q1", "2026Q2", "2026Q3", "2026Q4", "2026Q4",
    ]  # fmt: skip


def test_a_lot_never_changes() -> None:
    """Stored draws and today's must agree, whatever version of the program made them."""
    assert [round(lot("salt", member, "D3", "2026Q4"), 6) for member in (1, 2, 3)] == LOTS


def test_the_share_is_met_and_a_smaller_one_lies_within() -> None:
    tenth = {member for member in MEMBERS if is_held("salt", member, "D3", "2026Q4", 0.1)}
    half = {member for member in MEMBERS if is_held("salt", member, "D3", "2026Q4", 0.5)}
    assert abs(len(tenth) / len(MEMBERS) - 0.1) < 0.01
    assert abs(len(half) / len(MEMBERS) - 0.5) < 0.015
    assert tenth < half


def test_rules_quarters_and_shops_draw_apart() -> None:
    """Who is left out of one rule is as likely left out of another as anybody."""
    here = {member for member in MEMBERS if is_held("salt", member, "D3", "2026Q4", 0.5)}
    for salt, rule, quarter in (
        ("salt", "D4", "2026Q4"),
        ("salt", "D3", "2027Q1"),
        ("other", "D3", "2026Q4"),
    ):
        there = {member for member in MEMBERS if is_held(salt, member, rule, quarter, 0.5)}
        assert abs(len(here & there) / len(MEMBERS) - 0.25) < 0.015
