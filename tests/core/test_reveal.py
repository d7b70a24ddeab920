"""Looking at a whole number: counted once a member and day, limited, kept, and told when somebody leaves."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from shopcrm.basics.errors import Refusal, RightsError
from shopcrm.basics.records import MemberId, RevealRow, StaffId, Taken
from shopcrm.shop import Shop
from shopcrm.store import audit
from tests.conftest import DAY, Clock

Add = Callable[..., MemberId]


@pytest.fixture
def owner(shop: Shop) -> StaffId:
    shop.actor = shop.settings.add_staff("林姐", "owner").value
    return shop.actor


@pytest.fixture
def helper(shop: Shop, owner: StaffId) -> StaffId:
    return shop.settings.add_staff("小雯", "assistant").value


@pytest.fixture
def people(shop: Shop, owner: StaffId, a_member: Add) -> list[MemberId]:
    return [a_member(f"会员{number}") for number in range(40)]


def rows(shop: Shop) -> list[tuple[object, ...]]:
    return shop.store.read().all("SELECT staff_id, member_id, day FROM reveal ORDER BY id")


def test_she_gets_the_whole_number_and_it_is_kept(
    shop: Shop, helper: StaffId, people: list[MemberId]
) -> None:
    shop.actor = helper
    done = shop.members.reveal(people[0])
    assert done.value == ("13800000001",)
    assert done.entry is None, "nothing to take back"
    assert rows(shop) == [(helper, people[0], DAY.isoformat())]
    line = audit.lines(shop.store.read(), 1)[0]
    assert (line.kind, line.staff) == ("member.reveal", "小雯")
    assert line.what == {}, "whose number it was is not in the trail"
    kept = shop.store.read().all("SELECT what FROM audit WHERE kind = 'member.reveal'")
    said = shop.store.read().all("SELECT sentence FROM journal_entry WHERE kind = 'member.reveal'")
    assert "会员" not in json.dumps([kept, said], ensure_ascii=False)
    assert "1380000" not in json.dumps([kept, said])


def test_a_step_back_leaves_it_where_it_is(shop: Shop, helper: StaffId, people: list[MemberId]) -> None:
    shop.actor = helper
    shop.members.pause(people[1], None, never=True)
    shop.members.reveal(people[0])
    shop.undo()
    assert len(rows(shop)) == 1
    card = shop.view().member(people[1])
    assert card is not None
    assert not card.no_call, "the step before it was taken back"


def test_the_same_member_counts_once_a_day(
    shop: Shop, clock: Clock, helper: StaffId, people: list[MemberId]
) -> None:
    shop.actor = helper
    for _ in range(3):
        assert shop.members.reveal(people[0]).value == ("13800000001",)
    assert len(rows(shop)) == 1
    assert shop.view().reveals_left() == 29
    clock.set(DAY + timedelta(days=1))
    shop.members.reveal(people[0])
    assert len(rows(shop)) == 2


def test_no_more_than_the_owner_allows_a_day(
    shop: Shop, clock: Clock, owner: StaffId, helper: StaffId, people: list[MemberId]
) -> None:
    shop.settings.set("staff.reveals_a_day", 3)
    shop.actor = helper
    for member in people[:3]:
        shop.members.reveal(member)
    with pytest.raises(Refusal) as caught:
        shop.members.reveal(people[3])
    assert (caught.value.code, caught.value.values) == ("reveal_most", {"n": 3})
    assert len(rows(shop)) == 3
    assert shop.view().reveals_left() == 0
    assert shop.members.reveal(people[0]).value, "whom she looked at already she may look at again"
    other = shop.settings
    shop.actor = owner
    other.set("staff.reveals_a_day", 4)
    shop.actor = helper
    shop.members.reveal(people[3])
    clock.set(DAY + timedelta(days=1))
    shop.members.reveal(people[4])
    assert shop.view().reveals_left() == 3


def test_who_sees_numbers_anyway_leaves_no_row(
    shop: Shop, owner: StaffId, helper: StaffId, people: list[MemberId]
) -> None:
    assert shop.members.reveal(people[0]).value == ("13800000001",)
    shop.settings.set("staff.hide_phones", False)
    shop.actor = helper
    assert shop.members.reveal(people[0]).value == ("13800000001",)
    assert rows(shop) == []


def test_the_counter_and_who_was_not_given_the_right_are_refused(
    shop: Shop, owner: StaffId, helper: StaffId, people: list[MemberId]
) -> None:
    counter = shop.settings.add_staff("小悦", "entry").value
    shop.settings.change_staff(helper, "assistant", ())
    for actor in (counter, helper):
        shop.actor = actor
        with pytest.raises(RightsError) as caught:
            shop.members.reveal(people[0])
        assert caught.value.right == "reveal"
    shop.actor = owner
    shop.pins.set(owner, "4471")
    shop.actor = None
    with pytest.raises(RightsError):
        shop.members.reveal(people[0])
    assert rows(shop) == []


def test_nobody_is_looked_at_who_is_not_there(shop: Shop, helper: StaffId, people: list[MemberId]) -> None:
    shop.members.erase(people[0])
    shop.actor = helper
    for member in (people[0], MemberId(999)):
        with pytest.raises(Refusal):
            shop.members.reveal(member)
    assert rows(shop) == []


def test_the_owner_sees_who_looked_at_how_many(
    shop: Shop, clock: Clock, owner: StaffId, helper: StaffId, people: list[MemberId]
) -> None:
    busy = shop.settings.add_staff("阿珍", "assistant").value
    for days, actor, members in (
        (40, helper, people[:1]), (20, helper, people[:2]), (3, helper, people[:4]), (0, helper, people[:1]),
        (0, busy, people[:5]),
    ):  # fmt: skip
        clock.set(DAY - timedelta(days=days))
        shop.actor = actor
        for member in members:
            shop.members.reveal(member)
    shop.actor = owner
    assert shop.view().reveals() == (
        RevealRow(busy, "阿珍", 5, 5, 5),
        RevealRow(helper, "小雯", 1, 5, 7),
    )
    figures = shop.view().staff_figures()
    assert (figures[busy].reveals_today, figures[helper].reveals_today) == (5, 1)
    assert owner not in figures


def test_who_leaves_is_told_with_what_she_looked_at_and_took(
    shop: Shop, clock: Clock, owner: StaffId, helper: StaffId, people: list[MemberId], tmp_path: Path
) -> None:
    shop.settings.change_staff(helper, "assistant", ("reveal", "export"))
    shop.members.assign(tuple(people[:3]), helper)
    clock.set(DAY - timedelta(days=40))
    shop.actor = helper
    shop.members.reveal(people[0])
    clock.set(DAY)
    for member in (*people[:2], people[9]):
        shop.members.reveal(member)
    shop.exports.members(tmp_path / "a.xlsx")
    shop.exports.members(tmp_path / "b.xlsx")
    shop.exports.sales(tmp_path / "c.xlsx")
    shop.actor = owner
    plan = shop.view().leaving(helper, (owner,))
    assert (plan.reveals, plan.reveals_month, plan.reveals_own) == (3, 3, 2)
    assert (plan.exports, plan.last_export) == (3, DAY)
    assert plan.taken[0] == Taken(plan.taken[0].what, 2, 80)
    assert [one.times for one in plan.taken] == [2, 1]
    assert all(one.what for one in plan.taken), "which lists"


def test_who_leaves_is_locked_out_for_good(shop: Shop, owner: StaffId, helper: StaffId) -> None:
    shop.pins.set(helper, "4471")
    shop.handover.leave(helper, (owner,))
    shop.undo()
    back = next(person for person in shop.view().staff() if person.id == helper)
    assert (back.active, back.has_pin) == (True, False), "a step back brings her back, not her PIN"


def test_a_merged_member_keeps_who_looked_at_her(
    shop: Shop, owner: StaffId, helper: StaffId, people: list[MemberId]
) -> None:
    shop.actor = helper
    shop.members.reveal(people[1])
    shop.actor = owner
    shop.merging.merge(people[0], people[1])
    assert rows(shop) == [(helper, people[0], DAY.isoformat())]
    assert shop.view().reveals()[0].today == 1


def test_a_clock_put_forward_and_back_gives_no_more_numbers_and_hides_none(
    shop: Shop, clock: Clock, helper: StaffId, people: list[MemberId]
) -> None:
    shop.settings.set("staff.reveals_a_day", 5)
    shop.actor = helper
    clock.set(DAY + timedelta(days=400))
    for member in people[:5]:
        shop.members.reveal(member)
    clock.set(DAY)
    shop.members.reveal(people[0])  # looked at already
    with pytest.raises(Refusal, match="5"):
        shop.members.reveal(people[7])
    view = shop.view()
    assert view.reveals_left() == 0
    assert view.reveals() == (RevealRow(helper, "小雯", 5, 5, 5),)
    assert view.staff_figures()[helper].reveals_today == 5
