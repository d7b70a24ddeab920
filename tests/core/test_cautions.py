"""What is said before somebody is contacted who was contacted already, at a bad hour, or angry."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shopcrm.basics.records import ComplaintDraft, OutcomeDraft, TaskRow
from shopcrm.shop import Shop
from tests.conftest import DAY


@pytest.fixture
def row(shop: Shop, a_member: Any) -> TaskRow:
    """The to-do of a member who is to be welcomed today."""
    return of(shop, a_member("王丽", joined=DAY - timedelta(days=1)))


def of(shop: Shop, member: int) -> TaskRow:
    card = shop.view().member(member)  # type: ignore[arg-type]
    assert card is not None
    assert card.task is not None
    return card.task


def said(shop: Shop, row: TaskRow) -> list[str]:
    return [sentence.id for sentence in shop.view().cautions(row)]


def test_nothing_is_said_in_good_hours(shop: Shop, row: TaskRow) -> None:
    assert said(shop, row) == []


def contacted(shop: Shop, clock: Any, row: TaskRow, outcome: str = "reached") -> None:
    """Somebody contacts her about something else, two days before."""
    shop.actor = shop.settings.add_staff("小雯", "assistant").value
    shop.followups.add_today([row.member])  # she has one of today: nothing comes of it
    with shop.store.write("contact.add", shop.actor, shop.clock()) as tx:
        tx.insert(
            "contact", member_id=row.member, day=(DAY - timedelta(days=2)).isoformat(), at="18:12",
            channel="call", outcome=outcome, staff_id=shop.actor,
        )  # fmt: skip


def test_who_contacted_her_within_the_week(shop: Shop, clock: Any, row: TaskRow) -> None:
    contacted(shop, clock, row)
    (sentence,) = shop.view().cautions(row)
    assert (sentence.id, sentence.values["n"], sentence.values["staff"]) == ("caution.days", 2, "小雯")
    shop.settings.set("contact_spacing", 2)
    assert said(shop, row) == []


def test_put_aside_is_no_contact(shop: Shop, clock: Any, row: TaskRow) -> None:
    contacted(shop, clock, row, "later")
    assert said(shop, row) == []


def test_what_was_agreed_about_the_to_do_itself_is_no_warning(shop: Shop, clock: Any, row: TaskRow) -> None:
    shop.followups.finish(row.id, OutcomeDraft("no_answer", DAY + timedelta(days=1)))
    clock.set(DAY + timedelta(days=1))
    shop.start_day()
    assert said(shop, of(shop, row.member)) == []


@pytest.mark.parametrize(
    ("time", "warns"), [("08:59", True), ("09:00", False), ("20:29", False), ("20:30", True)]
)
def test_out_of_hours(shop: Shop, clock: Any, row: TaskRow, time: str, warns: bool) -> None:
    clock.set(DAY, time)
    assert (said(shop, row) == ["caution.hours"]) is warns


@pytest.mark.parametrize("day", ["11-21", "2026-11-21"])
def test_a_quiet_day(shop: Shop, row: TaskRow, day: str) -> None:
    shop.settings.set("quiet_days", [day])
    assert said(shop, row) == ["caution.quiet"]


def test_an_open_complaint(shop: Shop, row: TaskRow) -> None:
    shop.complaints.add(ComplaintDraft(row.member, "起球"))
    assert said(shop, row) == ["caution.complaint"]


def test_tomorrow_is_known_today(shop: Shop, row: TaskRow, a_member: Any) -> None:
    a_member(joined=DAY)
    days, coming = shop.view().tomorrow()
    assert (len(days.open), coming) == (2, 0)
    shop.followups.finish(row.id, OutcomeDraft("will_come", DAY + timedelta(days=1)))
    days, coming = shop.view().tomorrow()
    assert (len(days.open), coming) == (2, 1)


def test_a_reminder_that_stands_again_is_not_joined_by_the_rule_it_stands_for(
    shop: Shop, a_member: Any, a_visit: Any
) -> None:
    member = a_member(joined=DAY - timedelta(days=30))
    a_visit(member, DAY - timedelta(days=1), remind=DAY + timedelta(days=2))
    later = a_visit(member, DAY)
    shop.counter.void_visit(later)
    rx = shop.store.read()
    once = rx.all("SELECT rule, state FROM task WHERE rule IN ('P1', 'R1') ORDER BY rule")
    shop.members.pause(member, DAY + timedelta(days=5))
    shop.undo()
    assert rx.all("SELECT rule, state FROM task WHERE rule IN ('P1', 'R1') ORDER BY rule") == once
    assert [rule for rule, state in once if state == "open"] == ["R1"]
