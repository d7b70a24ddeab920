"""Who does what: to-dos given to somebody, brought forward, shared out for a day, handed over for good."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shopcrm.basics.errors import InputError, Refusal
from shopcrm.basics.records import POOL, DayList, OutcomeDraft, StaffId, TaskId
from shopcrm.shop import Shop
from tests.conftest import DAY

YESTERDAY = DAY - timedelta(days=1)
TABLES = ("member", "task", "contact", "staff", "setting")


@pytest.fixture
def people(shop: Shop) -> dict[str, StaffId]:
    """An owner and three assistants."""
    add = shop.settings.add_staff
    found = {name: add(name, "assistant").value for name in ("小雯", "阿珍", "小敏")}
    return found | {"林姐": add("林姐", "owner").value}


def everything(shop: Shop) -> list[list[Any]]:
    return [shop.store.read().all(f"SELECT * FROM {table} ORDER BY id") for table in TABLES]


def listed(shop: Shop, staff: StaffId | None = None) -> DayList:
    return shop.view().day_list(staff)


def task_of(shop: Shop, member: int) -> TaskId:
    card = shop.view().member(member)  # type: ignore[arg-type]
    assert card is not None
    assert card.task is not None
    return card.task.id


def welcome(a_member: Callable[..., int], *staff: StaffId | None) -> list[int]:
    """New members of yesterday, each with her own assistant: all are to be welcomed today."""
    return [a_member(joined=YESTERDAY, staff_id=person) for person in staff]


# ---------------------------------------------------------------- given to somebody


def test_a_to_do_belongs_to_her_own_assistant_until_it_is_given_away(
    shop: Shop, people: dict[str, StaffId], a_member: Any
) -> None:
    first, second, free = welcome(a_member, people["小雯"], people["阿珍"], None)
    hers, others, nobodys = (task_of(shop, member) for member in (first, second, free))
    assert set(listed(shop, people["小雯"]).open) == {hers}
    assert set(listed(shop, POOL).open) == {nobodys}
    before = everything(shop)
    done = shop.followups.assign([others, nobodys], people["小雯"])
    assert done.value == 2
    assert {hers, others, nobodys} == set(listed(shop, people["小雯"]).open)
    assert listed(shop, people["阿珍"]).open == listed(shop, POOL).open == ()
    (row,) = shop.view().tasks([others])
    assert (row.staff, row.staff_id, row.is_assigned) == ("小雯", people["小雯"], True)
    after = everything(shop)
    shop.undo()
    assert everything(shop) == before
    shop.redo()
    assert everything(shop) == after
    shop.followups.assign([others, nobodys], None)
    assert set(listed(shop, people["阿珍"]).open) == {others}
    assert set(listed(shop, POOL).open) == {nobodys}


def test_the_message_is_signed_by_who_sends_it(shop: Shop, people: dict[str, StaffId], a_member: Any) -> None:
    (member,) = welcome(a_member, people["阿珍"])
    task = task_of(shop, member)
    texts = {shop.view().message(task, n).text for n in range(4)}
    assert any("阿珍" in text for text in texts)
    shop.followups.assign([task], people["小敏"])
    texts = {shop.view().message(task, n).text for n in range(4)}
    assert any("小敏" in text for text in texts)
    assert not any("阿珍" in text for text in texts)


def test_only_who_works_here_gets_open_to_dos(shop: Shop, people: dict[str, StaffId], a_member: Any) -> None:
    (member,) = welcome(a_member, None)
    task = task_of(shop, member)
    shop.settings.set_staff_active(people["小敏"], False)
    for nobody in (people["小敏"], StaffId(99)):
        with pytest.raises(InputError):
            shop.followups.assign([task], nobody)
    shop.followups.finish(task, OutcomeDraft("reached"))
    with pytest.raises(Refusal):
        shop.followups.assign([task], people["小雯"])
    with pytest.raises(Refusal):
        shop.followups.bring_forward([TaskId(999)])


# ---------------------------------------------------------------- brought forward


def test_what_waits_comes_forward_beyond_the_places(
    shop: Shop, people: dict[str, StaffId], a_member: Any
) -> None:
    shop.settings.set("tasks_per_day", 1)  # three assistants: three places
    welcome(a_member, *[None] * 8)
    day = listed(shop)
    assert (len(day.open), len(day.waiting), day.behind) == (3, 5, 5)
    before = everything(shop)
    chosen = day.waiting[-2:]
    assert shop.followups.bring_forward(chosen).value == 2
    after = listed(shop)
    assert set(after.open) == {*day.open, *chosen}
    assert set(after.waiting) == set(day.waiting) - set(chosen)
    assert all(row.is_forward for row in shop.view().tasks(chosen))
    for task in chosen:  # what is done of them takes no place from the others
        shop.followups.finish(task, OutcomeDraft("reached"))
    assert listed(shop).open == day.open
    for _ in range(3):
        shop.undo()
    assert everything(shop) == before


def test_brought_forward_and_left_undone_it_is_late_tomorrow(
    shop: Shop, clock: Any, people: dict[str, StaffId], a_member: Any
) -> None:
    shop.settings.set("tasks_per_day", 1)
    welcome(a_member, *[None] * 5)
    shop.start_day()
    (chosen, *_) = listed(shop).waiting
    shop.followups.bring_forward([chosen])
    clock.set(DAY + timedelta(days=1))
    shop.start_day()
    (row,) = shop.view().tasks([chosen])
    assert (row.overdue_days, row.is_forward) == (1, False)


# ---------------------------------------------------------------- away for a day


def test_who_is_away_has_her_list_shared_out(shop: Shop, people: dict[str, StaffId], a_member: Any) -> None:
    hers = welcome(a_member, *[people["小雯"]] * 5)
    others = welcome(a_member, people["阿珍"])
    before = everything(shop)
    done = shop.handover.share_out(people["小雯"], [people["阿珍"], people["小敏"]])
    assert done.value == 5
    assert listed(shop, people["小雯"]).open == ()
    assert len(listed(shop, people["阿珍"]).open) == 3 + len(others)
    assert len(listed(shop, people["小敏"]).open) == 2
    view = shop.view()
    assert {view.member(member).staff for member in hers} == {"小雯"}  # type: ignore[union-attr,arg-type]
    shop.undo()
    assert everything(shop) == before
    with pytest.raises(InputError):
        shop.handover.share_out(people["小雯"], [])
    with pytest.raises(Refusal):
        shop.handover.share_out(people["小敏"], [people["阿珍"]])


# ---------------------------------------------------------------- leaving


def _a_year(shop: Shop, people: dict[str, StaffId], a_member: Any, a_sale: Any) -> None:
    for number in range(10):
        member = a_member(joined=DAY - timedelta(days=400), staff_id=people["小雯"])
        for month in range(number):
            a_sale(member, DAY - timedelta(days=20 + 30 * month), 400)
    welcome(a_member, people["小雯"], people["阿珍"], None)


def test_what_the_plan_says_is_what_is_done(
    shop: Shop, people: dict[str, StaffId], a_member: Any, a_sale: Any
) -> None:
    _a_year(shop, people, a_member, a_sale)
    foreign = listed(shop, POOL).open[0]
    shop.followups.assign([foreign, *listed(shop, people["小雯"]).open[:2]], people["小雯"])
    archived = a_member(staff_id=people["小雯"])
    shop.members.archive(archived)
    to = [people["阿珍"], people["林姐"]]
    plan = shop.view().leaving(people["小雯"], to)
    assert (plan.name, plan.members) == ("小雯", 11)
    assert [share.members for share in plan.shares] == [6, 5]
    assert sum((Counter(share.types) for share in plan.shares), Counter()).total() == 11
    before = everything(shop)
    done = shop.handover.leave(people["小雯"], to)
    assert done.value == plan
    rx = shop.store.read()
    owners = Counter(row[0] for row in rx.all("SELECT staff_id FROM member WHERE archived_on IS NULL"))
    assert owners == {people["阿珍"]: 6 + 1, people["林姐"]: 5, None: 1}
    assert rx.value("SELECT count(*) FROM member WHERE staff_id=?", (people["小雯"],)) == 0
    assert rx.value("SELECT count(*) FROM task WHERE staff_id=?", (people["小雯"],)) == 0
    doing = Counter(
        row[0]
        for row in rx.all(
            "SELECT coalesce(t.staff_id, m.staff_id) FROM task t JOIN member m ON m.id = t.member_id"
            " WHERE t.state='open' AND t.member_id NOT IN (12, 13)"
        )
    )
    assert sum(share.tasks for share in plan.shares) == plan.tasks
    assert doing.total() + 1 == plan.tasks  # and the one about a member of nobody's
    assert not next(person for person in shop.view().staff() if person.id == people["小雯"]).active
    shop.undo()
    assert everything(shop) == before


def test_her_members_may_be_left_to_nobody(shop: Shop, people: dict[str, StaffId], a_member: Any) -> None:
    welcome(a_member, people["小雯"], people["小雯"])
    shop.handover.leave(people["小雯"], [])
    assert len(listed(shop, POOL).open) == 2


def test_the_only_owner_cannot_leave_and_nobody_takes_over_from_herself(
    shop: Shop, people: dict[str, StaffId]
) -> None:
    with pytest.raises(Refusal, match="林姐"):
        shop.handover.leave(people["林姐"], [people["小雯"]])
    for to in ([people["小雯"]], [StaffId(99)]):
        with pytest.raises(InputError):
            shop.handover.leave(people["小雯"], to)
    shop.settings.set_staff_active(people["小敏"], False)
    with pytest.raises(InputError):
        shop.handover.leave(people["小敏"], [])


def test_the_plan_tells_what_she_took_along(shop: Shop, people: dict[str, StaffId], tmp_path: Any) -> None:
    shop.settings.change_staff(people["小雯"], "assistant", ("export",))
    shop.actor = people["小雯"]
    shop.exports.members(tmp_path / "a.xlsx")
    shop.exports.members(tmp_path / "b.xlsx")
    shop.actor = people["林姐"]
    shop.exports.members(tmp_path / "c.xlsx")
    plan = shop.view().leaving(people["小雯"], [])
    assert (plan.exports, plan.last_export) == (2, DAY)


def test_dealing_is_even_within_every_type(
    shop: Shop, people: dict[str, StaffId], a_member: Any, a_sale: Any
) -> None:
    _a_year(shop, people, a_member, a_sale)
    to = [people["阿珍"], people["小敏"], people["林姐"]]
    plan = shop.view().leaving(people["小雯"], to)
    for key in ("loyal", "potential", "drifting", "lost"):
        counts = [share.types.get(key, 0) for share in plan.shares]  # type: ignore[call-overload]
        assert max(counts) - min(counts) <= 1


# ---------------------------------------------------------------- taken back after it was put right


@pytest.mark.parametrize("first", ["will_come", "no_answer", "reached"])
def test_what_was_put_right_is_taken_back_whole(
    shop: Shop, people: dict[str, StaffId], a_member: Any, first: str
) -> None:
    (member,) = welcome(a_member, None)
    task = task_of(shop, member)
    before = everything(shop)
    shop.followups.finish(task, OutcomeDraft(first))
    shop.followups.change(task, OutcomeDraft("refused"))
    shop.followups.change(task, OutcomeDraft("no_answer"))
    shop.followups.reopen(task)
    assert everything(shop) == before


def test_two_who_come_apart_keep_a_to_do_given_since(
    shop: Shop, people: dict[str, StaffId], a_member: Any
) -> None:
    keep, gone = welcome(a_member, None, None)
    shop.merging.merge(keep, gone)  # type: ignore[arg-type]
    task = task_of(shop, keep)
    shop.followups.assign([task], people["小雯"])
    shop.merging.separate(gone)  # type: ignore[arg-type]
    rx = shop.store.read()
    assert rx.value("SELECT staff_id FROM task WHERE id=?", (task,)) == people["小雯"]


def test_what_stands_again_after_she_left_is_somebodys(
    shop: Shop, people: dict[str, StaffId], a_member: Any
) -> None:
    """Also what her own members had done is reopened for who works here, or for nobody in particular."""
    hers, free = welcome(a_member, people["阿珍"], None)
    tasks = [task_of(shop, member) for member in (hers, free)]
    shop.followups.assign(tasks, people["小雯"])
    for task in tasks:
        shop.followups.finish(task, OutcomeDraft("reached"))
    shop.handover.leave(people["小雯"], [])
    for task in tasks:
        shop.followups.reopen(task)
    assert set(listed(shop, people["阿珍"]).open) == {tasks[0]}
    assert set(listed(shop, POOL).open) == {tasks[1]}
    rows = shop.view().tasks(tasks)
    assert [(row.staff, row.is_assigned) for row in rows] == [("阿珍", False), ("", False)]
    assert "小雯" not in shop.view().message(tasks[0]).text
