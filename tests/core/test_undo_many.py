"""Whatever was done by hand: back step by step to how it was, forth step by step, and anything in between."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest

from shopcrm.basics.errors import Refusal, ShopError
from shopcrm.basics.records import (
    ComplaintDraft,
    ComplaintId,
    FittingDraft,
    LineDraft,
    MemberDraft,
    MemberId,
    OutcomeDraft,
    RatingDraft,
    SaleDraft,
    SaleId,
    StaffId,
    TaskId,
    VisitDraft,
    VisitId,
    WantedDraft,
    WantedId,
)
from shopcrm.shop import Shop
from shopcrm.store.whole_shop import KEPT

ALSO_ENCRYPTED: tuple[str, ...] = ()

DAY = date(2026, 11, 21)
STEPS = 50
NAMES = ("王丽", "李梅", "曾小贤", "单于飞", "Anna", "赵敏")
ITEMS = ("大衣", "小白鞋", "针织 开衫", "")
DERIVED = (
    "SELECT member_id, type, code, n, first_d, last_d, spend, n12, spend12 FROM d_case ORDER BY member_id",
    "SELECT * FROM d_purchase_day ORDER BY member_id, d",
    "SELECT * FROM d_search ORDER BY member_id",
)


def dump(shop: Shop) -> list[list[tuple[Any, ...]]]:
    """Everything that is kept, row by row with its ids, and what is worked out from it."""
    rx = shop.store.read()
    kept = [rx.all(f"SELECT * FROM {table.name} ORDER BY id") for table in KEPT]
    return [*kept, *map(rx.all, DERIVED)]


class Hand:
    """Somebody who does anything at all that can be done in the shop by hand."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop = shop
        self.chance = random.Random(seed)
        self.done: list[str] = []

    def step(self) -> int:
        """Do something that leaves a step to take back; its entry."""
        while True:
            action = self.chance.choice(ACTIONS)
            with suppress(ShopError):
                entry = action(self).entry
                if entry is not None:
                    self.done.append(action.__name__)
                    return int(entry)

    def one(self, table: str, where: str = "1") -> int:
        ids = [row[0] for row in self.shop.store.read().all(f"SELECT id FROM {table} WHERE {where}")]
        return self.chance.choice(ids) if ids else 99_999

    def member(self) -> MemberId:
        return MemberId(self.one("member", "archived_on IS NULL"))

    def day(self) -> date:
        return DAY - timedelta(days=self.chance.choice((0, 0, 0, 1, 30, 100, 400)))

    def lines(self) -> tuple[LineDraft, ...]:
        pick = self.chance.choice
        return tuple(
            LineDraft(pick((0, 9_900, 39_900)), pick(ITEMS), pick(("", "M")), qty=pick((1, 2)))
            for _ in range(pick((1, 1, 2)))
        )

    # -- members

    def add_member(self) -> Any:
        return self.shop.members.save(self.draft(None))

    def edit_member(self) -> Any:
        return self.shop.members.save(self.draft(self.member()))

    def draft(self, member: MemberId | None) -> MemberDraft:
        pick = self.chance.choice
        number = f"138{self.chance.randrange(20):08}"
        fields = [row[0] for row in self.shop.store.read().all("SELECT id FROM own_field")]
        return MemberDraft(
            id=member, name=pick(NAMES), phones=((number, number),), size_top=pick(("", "M", "L")),
            referrer_id=self.member() if self.chance.random() < 0.2 else None, tags=pick(("", "老客")),
            no_call=self.chance.random() < 0.2, consent=pick(("", "yes")),
            own=tuple((field, pick(("", "油性"))) for field in fields),
        )  # fmt: skip

    def archive(self) -> Any:
        return self.shop.members.archive(self.member())

    def restore(self) -> Any:
        return self.shop.members.restore(MemberId(self.one("member", "archived_on IS NOT NULL")))

    def pause(self) -> Any:
        return self.shop.members.pause(self.member(), DAY + timedelta(days=self.chance.choice((3, 30))))

    def assign(self) -> Any:
        return self.shop.members.assign((self.member(), self.member()), self.one("staff"))

    def own_field(self) -> Any:
        return self.shop.members.own.add(f"栏目{self.chance.randrange(30)}")

    def merge(self) -> Any:
        return self.shop.merging.merge(self.member(), self.member())

    def separate(self) -> Any:
        return self.shop.merging.separate(MemberId(self.one("member", "merged_into IS NOT NULL")))

    def complain(self) -> Any:
        return self.shop.complaints.add(ComplaintDraft(self.member(), "起球"))

    def settle(self) -> Any:
        return self.shop.complaints.settle(ComplaintId(self.one("complaint")), "换了一件", 5_000)

    def rate(self) -> Any:
        return self.shop.complaints.rate(RatingDraft(self.member(), "recommend", 9))

    # -- the counter

    def sell(self) -> Any:
        member = None if self.chance.random() < 0.2 else self.member()
        return self.shop.counter.sell(
            SaleDraft(member, self.day(), self.lines(), close_task=self.chance.random() < 0.5)
        )

    def give_back(self) -> Any:
        line = self.one("line", "amount_fen > 0")
        member = self.shop.store.read().value(
            "SELECT member_id FROM sale JOIN line ON sale.id = sale_id WHERE line.id=?", (line,)
        )
        lines = (LineDraft(-9_900, returns_line=line), *(self.lines() if self.chance.random() < 0.5 else ()))
        return self.shop.counter.sell(SaleDraft(member, DAY, lines))

    def correct_sale(self) -> Any:
        sale = self.shop.view().sale(SaleId(self.one("sale")))
        if sale is None:
            raise Refusal("sale_unknown")
        member = self.member() if self.chance.random() < 0.4 else sale.member
        kept = tuple(
            LineDraft(line.amount_fen, line.item, "L", line.colour, line.qty, line.returns_line, line.id)
            for line in sale.lines
        )
        lines = kept[1:] + self.lines() if self.chance.random() < 0.3 else kept
        return self.shop.counter.correct_sale(sale.id, SaleDraft(member, sale.day, lines))

    def void_sale(self) -> Any:
        return self.shop.counter.void_sale(SaleId(self.one("sale")), "录错")

    def restore_sale(self) -> Any:
        return self.shop.counter.restore_sale(SaleId(self.one("sale", "voided_on IS NOT NULL")))

    def attach(self) -> Any:
        return self.shop.counter.attach(SaleId(self.one("sale", "member_id IS NULL")), self.member())

    def visit(self) -> Any:
        return self.shop.counter.visit(self.came())

    def came(self) -> VisitDraft:
        fittings = tuple(FittingDraft(item, "M", item == "大衣") for item in ITEMS[:2])
        member = self.member()
        wishes = (WantedDraft(member, self.chance.choice(ITEMS[:3]), "S"),)
        return VisitDraft(
            member, self.day(), "tried", reasons=("no_size",), close_task=self.chance.random() < 0.5,
            fittings=fittings if self.chance.random() < 0.5 else (),
            remind=DAY + timedelta(days=3) if self.chance.random() < 0.4 else None,
            wanted=wishes if self.chance.random() < 0.4 else (),
        )  # fmt: skip

    def correct_visit(self) -> Any:
        return self.shop.counter.correct_visit(VisitId(self.one("visit")), self.came()._replace(wanted=()))

    def void_visit(self) -> Any:
        return self.shop.counter.void_visit(VisitId(self.one("visit")))

    def restore_visit(self) -> Any:
        return self.shop.counter.restore_visit(VisitId(self.one("visit", "voided_on IS NOT NULL")))

    # -- to-dos

    def finish(self) -> Any:
        today = self.shop.view().day_list().open
        if not today:
            raise Refusal("task_unknown")
        return self.shop.followups.finish(self.chance.choice(today), self.outcome())

    def outcome(self) -> OutcomeDraft:
        return self.chance.choice(
            (
                OutcomeDraft("reached"),
                OutcomeDraft("refused", reason="price"),
                OutcomeDraft("no_answer"),
                OutcomeDraft("will_come"),
                OutcomeDraft("wrong_number"),
                OutcomeDraft("later"),
            )
        )

    def change_outcome(self) -> Any:
        return self.shop.followups.change(TaskId(self.one("task", "outcome <> ''")), self.outcome())

    def reopen(self) -> Any:
        return self.shop.followups.reopen(TaskId(self.one("task", "outcome <> ''")))

    def give(self) -> Any:
        tasks = [TaskId(self.one("task", "state = 'open'")) for _ in range(3)]
        return self.shop.followups.assign(tasks, self.chance.choice((None, StaffId(self.one("staff")))))

    def bring_forward(self) -> Any:
        return self.shop.followups.bring_forward([TaskId(self.one("task", "state = 'open'"))])

    def share_out(self) -> Any:
        return self.shop.handover.share_out(StaffId(self.one("staff")), [StaffId(self.one("staff"))])

    def leave(self) -> Any:
        to = [StaffId(self.one("staff")) for _ in range(self.chance.choice((0, 1)))]
        return self.shop.handover.leave(StaffId(self.one("staff")), to)

    def come_back(self) -> Any:
        return self.shop.settings.set_staff_active(StaffId(self.one("staff", "NOT active")), True)

    def add_today(self) -> Any:
        return self.shop.followups.add_today([self.member(), self.member()])

    # -- wanted items, footfall, settings

    def wish(self) -> Any:
        return self.shop.wanted.add(WantedDraft(self.member(), self.chance.choice(ITEMS[:3]), "38"))

    def change_wish(self) -> Any:
        wanted = WantedId(self.one("wanted", "state = 'open'"))
        return self.shop.wanted.change(wanted, WantedDraft(MemberId(1), "大衣", self.chance.choice("SML")))

    def drop_wish(self) -> Any:
        return self.shop.wanted.drop([WantedId(self.one("wanted", "state = 'open'"))])

    def arrived(self) -> Any:
        return self.shop.wanted.arrived({WantedId(self.one("wanted", "state = 'open'")) for _ in range(3)})

    def come_in(self) -> Any:
        return self.shop.footfall.come_in()

    def one_fewer(self) -> Any:
        return self.shop.footfall.one_fewer()

    def setting(self) -> Any:
        # Types follow a changed limit by a calibration of its own; its way back is a test of the settings.
        return self.shop.settings.set("tasks_per_day", self.chance.choice((3, 10, 20)))

    def staff(self) -> Any:
        return self.shop.settings.add_staff(f"店员{self.chance.randrange(50)}", "assistant")


_USUAL = (
    Hand.add_member, Hand.edit_member, Hand.sell, Hand.sell, Hand.give_back, Hand.correct_sale, Hand.visit,
    Hand.finish, Hand.wish, Hand.merge,
)  # fmt: skip
_RARE = (
    Hand.archive, Hand.restore, Hand.pause, Hand.assign, Hand.own_field, Hand.separate, Hand.complain,
    Hand.settle, Hand.rate, Hand.void_sale, Hand.restore_sale, Hand.attach, Hand.correct_visit,
    Hand.void_visit, Hand.restore_visit, Hand.change_outcome, Hand.reopen, Hand.add_today,
    Hand.give, Hand.bring_forward, Hand.share_out, Hand.leave, Hand.come_back,
    Hand.change_wish, Hand.drop_wish, Hand.arrived, Hand.come_in, Hand.one_fewer, Hand.setting, Hand.staff,
)  # fmt: skip
ACTIONS: tuple[Callable[[Hand], Any], ...] = (*_USUAL, *_USUAL, *_RARE)


@pytest.fixture
def hand(shop: Shop, seed: int) -> Hand:
    """A hand in a shop that some things were done in before."""
    shop.settings.begin("禾木衣坊", "林姐")
    shop.actor = StaffId(1)
    shop.start_day()
    hand = Hand(shop, seed)
    shop.members.save(MemberDraft(name="周曼丽"))
    for _ in range(6):
        hand.add_member()
        hand.sell()
    for _ in range(20):
        hand.step()
    shop.store.session_start = int(shop.store.read().value("SELECT max(id) FROM journal_entry")) + 1
    return hand


SEEDS = [*range(3), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 60))]


@pytest.mark.parametrize("seed", SEEDS)
def test_all_the_way_back_and_all_the_way_forth(hand: Hand, shop: Shop) -> None:
    states = [dump(shop)]
    for _ in range(STEPS):
        hand.step()
        states.append(dump(shop))
    for at in reversed(range(STEPS)):
        assert shop.undo().value == ()
        assert dump(shop) == states[at], hand.done[at]
    with pytest.raises(Refusal):
        shop.undo()
    for at in range(STEPS):
        assert shop.redo().value == ()
        assert dump(shop) == states[at + 1], hand.done[at]
    with pytest.raises(Refusal):
        shop.redo()


@pytest.mark.parametrize("seed", SEEDS)
def test_back_and_forth_and_new_steps_in_between(hand: Hand, shop: Shop) -> None:
    """A new step cuts the way forth; an earlier step taken back is a step like any other."""
    states, entries, at = [dump(shop)], [0], 0
    for _ in range(80):
        way = hand.chance.random()
        if way < 0.3 and at:
            shop.undo()
            at -= 1
        elif way < 0.5 and at + 1 < len(states):
            shop.redo()
            at += 1
        elif way < 0.6 and at > 1:
            try:
                taken = shop.undo(hand.chance.choice(entries[1:at])).entry
            except Refusal:  # it is taken back already, or all it did was changed since
                assert dump(shop) == states[at]
                continue
            assert taken is not None
            del states[at + 1 :], entries[at + 1 :]
            states.append(dump(shop))
            entries.append(taken)
            at += 1
            continue
        else:
            del states[at + 1 :], entries[at + 1 :]
            entries.append(hand.step())
            states.append(dump(shop))
            at += 1
            continue
        assert dump(shop) == states[at]
    while at:
        shop.undo()
        at -= 1
        assert dump(shop) == states[at]
    with pytest.raises(Refusal) as error:
        shop.undo()
    assert error.value.code == "nothing_to_undo"


# ---------------------------------------------------------------- what the walks above found


def test_an_outcome_told_before_a_merge_can_be_taken_back_after_it(shop: Shop, a_member: Any) -> None:
    keep, gone = a_member("王丽"), a_member("王丽", phone="13800009999")
    shop.followups.add_today([gone])
    task = shop.view().day_list().open[0]
    shop.followups.finish(task, OutcomeDraft("no_answer"))
    shop.merging.merge(keep, gone)
    shop.followups.reopen(task)
    row = shop.store.read().one("SELECT member_id, state, outcome, tries FROM task WHERE id=?", (task,))
    assert row == (keep, "open", "", 0)
    assert shop.store.read().value("SELECT count(*) FROM contact") == 0


def test_who_is_put_on_the_list_after_buying_stays_on_it(shop: Shop, a_member: Any, a_sale: Any) -> None:
    wang, li = a_member("王丽"), a_member("李梅")
    a_sale(wang)
    shop.followups.add_today([wang, li])
    for member in (wang, li):
        shop.counter.visit(VisitDraft(member, DAY, "looked"))
    assert len(shop.view().day_list().open) == 2
    a_sale(li)
    rows = shop.store.read().all("SELECT member_id, state, closed_why FROM task WHERE rule='M1' ORDER BY 1")
    assert [tuple(row) for row in rows] == [(wang, "open", ""), (li, "stopped", "bought")]


def test_to_dos_of_who_brought_her_follow_a_changed_type(shop: Shop, a_member: Any, a_sale: Any) -> None:
    wang = a_member("王丽", joined=DAY - timedelta(days=300))
    friends = [a_member(name, referrer_id=wang) for name in ("李梅", "赵敏", "周洁")]
    for ago in (90, 60, 30):
        a_sale(wang, DAY - timedelta(days=ago), 900)
    sales = [a_sale(friend) for friend in friends]
    shop.followups.add_today([wang])
    for sale in sales:
        shop.counter.void_sale(sale, "录错")
    types = shop.store.read().all(
        "SELECT t.type, c.type FROM task t JOIN d_case c USING (member_id)"
        " WHERE member_id=? AND t.state='open'",
        (wang,),
    )
    assert types
    assert all(told == now for told, now in types)
