"""Everything the shop does by hand can be taken back, one step after the other, and done again."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from shopcrm.basics.errors import ConflictError, Refusal, ShopError
from shopcrm.basics.records import (
    LineDraft,
    MemberDraft,
    MemberId,
    OutcomeDraft,
    SaleDraft,
    SaleId,
    VisitDraft,
)
from shopcrm.basics.texts import catalogue, t
from shopcrm.basics.values import search_keys
from shopcrm.shop import Shop
from shopcrm.shop.dump import dump

ALSO_ENCRYPTED: tuple[str, ...] = ()

DAY = date(2026, 11, 21)
KEPT = (
    "staff",
    "member",
    "phone",
    "sale",
    "line",
    "visit",
    "contact",
    "setting",
)  # to-dos follow by themselves
NAMES = ("王丽", "李梅", "曾小贤", "单于飞", "Anna", "赵敏")


def kept(shop: Shop) -> dict[str, list[tuple[Any, ...]]]:
    rx = shop.store.read()
    return {table: rx.all(f"SELECT * FROM {table} ORDER BY id") for table in KEPT}


def derived(shop: Shop) -> list[list[tuple[Any, ...]]]:
    rx = shop.store.read()
    return [
        rx.all("SELECT member_id, n, first_d, last_d, spend, n12, spend12 FROM d_case ORDER BY member_id"),
        rx.all("SELECT * FROM d_purchase_day ORDER BY member_id, d"),
        rx.all("SELECT * FROM d_search ORDER BY member_id"),
    ]


class Hand:
    """Somebody at the counter who does anything at all."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop = shop
        self.chance = random.Random(seed)

    def one(self, table: str) -> int:
        ids = [row[0] for row in self.shop.store.read().all(f"SELECT id FROM {table}")]
        return self.chance.choice(ids) if ids else 99

    def act(self) -> int | None:
        actions: list[Callable[[], Any]] = [
            self.add, self.add, self.edit, self.sell, self.sell, self.sell, self.give_back, self.visit,
            self.void, self.attach, self.pause, self.archive, self.outcome, self.setting,
        ]  # fmt: skip
        try:
            done = self.chance.choice(actions)()
        except ShopError:
            return None
        entry: int | None = done.entry
        return entry

    def draft(self, member: int | None) -> MemberDraft:
        number = f"138{self.chance.randrange(20):08}"
        return MemberDraft(
            id=MemberId(member) if member else None, name=self.chance.choice(NAMES),
            phones=((number, number),),
            size_top=self.chance.choice(("", "M", "L")),
            referrer_id=MemberId(self.one("member")) if self.chance.random() < 0.3 else None,
        )  # fmt: skip

    def day(self) -> date:
        return DAY - timedelta(days=self.chance.choice((0, 0, 1, 30, 100, 400)))

    def add(self) -> Any:
        return self.shop.members.save(self.draft(None))

    def edit(self) -> Any:
        return self.shop.members.save(self.draft(self.one("member")))

    def sell(self) -> Any:
        line = LineDraft(self.chance.choice((0, 9_900, 39_900)), "大衣", qty=self.chance.choice((1, 2)))
        member = None if self.chance.random() < 0.2 else MemberId(self.one("member"))
        return self.shop.counter.sell(SaleDraft(member, self.day(), (line,), close_task=True))

    def give_back(self) -> Any:
        line = self.one("line")
        member = self.shop.store.read().value(
            "SELECT member_id FROM sale JOIN line ON sale.id=sale_id WHERE line.id=?", (line,)
        )
        back = LineDraft(-9_900, returns_line=line)
        return self.shop.counter.sell(SaleDraft(member, DAY, (back,)))

    def visit(self) -> Any:
        return self.shop.counter.visit(VisitDraft(MemberId(self.one("member")), self.day(), "tried"))

    def void(self) -> Any:
        return self.shop.counter.void_sale(SaleId(self.one("sale")), "录错")

    def attach(self) -> Any:
        return self.shop.counter.attach(SaleId(self.one("sale")), MemberId(self.one("member")))

    def pause(self) -> Any:
        return self.shop.members.pause(MemberId(self.one("member")), DAY + timedelta(days=30))

    def archive(self) -> Any:
        return self.shop.members.archive(MemberId(self.one("member")))

    def outcome(self) -> Any:
        today = self.shop.view().day_list().open
        if not today:
            raise Refusal("nothing_to_undo")
        return self.shop.followups.finish(self.chance.choice(today), OutcomeDraft("refused", reason="price"))

    def setting(self) -> Any:
        return self.shop.settings.set("grace_days", self.chance.choice((30, 60, 90)))


@pytest.mark.parametrize("seed", [1, 2, 3, pytest.param(4, marks=pytest.mark.slow)])
def test_undo_all_the_way_back_and_redo_all_the_way_forward(shop: Shop, seed: int) -> None:
    shop.start_day()
    hand = Hand(shop, seed)
    states = [(kept(shop), derived(shop))]
    for _ in range(90 if seed < 4 else 500):
        if hand.act() is not None:
            states.append((kept(shop), derived(shop)))
    assert len(states) > 30
    redo = []
    for state in reversed(states[:-1]):
        undone = shop.undo()
        assert undone.value == ()
        assert (kept(shop), derived(shop)) == state
        assert undone.entry is not None
        redo.append(undone.entry)
    with pytest.raises(Refusal):
        shop.undo()
    assert shop.store.read().value("SELECT count(*) FROM task") == 0
    for entry, state in zip(reversed(redo), states[1:], strict=True):
        shop.undo(entry)
        assert (kept(shop), derived(shop)) == state
    assert shop.store.read().all("PRAGMA foreign_key_check") == []


def test_search_texts_are_always_those_of_the_members(shop: Shop) -> None:
    hand = Hand(shop, 7)
    entries = [entry for _ in range(30) if (entry := hand.act()) is not None]
    for entry in hand.chance.sample(entries, len(entries) // 2):
        try:
            shop.undo(entry)
        except (Refusal, ConflictError):
            continue
    rx = shop.store.read()
    for member, name, card in rx.all("SELECT id, name, card_no FROM member"):
        phones = [row[0] for row in rx.all("SELECT key FROM phone WHERE member_id=? ORDER BY seq", (member,))]
        kept = rx.one("SELECT name, letters, digits FROM d_search WHERE member_id=?", (member,))
        assert kept == search_keys(name, phones, card)
    assert rx.value("SELECT count(*) FROM d_search") == rx.value("SELECT count(*) FROM member")
    assert rx.all("PRAGMA foreign_key_check") == []


def test_a_step_back_never_lets_two_refer_each_other(shop: Any, a_member: Callable[..., Any]) -> None:
    first = a_member("王丽", phone="13800000001")
    second = a_member("李敏", phone="13800000002", referrer_id=first)

    def brought_by(member: Any, phone: str, referrer: Any) -> Any:
        return shop.members.save(
            MemberDraft(id=member, name="人", phones=((phone, phone),), referrer_id=referrer)
        ).entry

    gone = brought_by(second, "13800000002", None)
    turned = brought_by(first, "13800000001", second)
    before = dump(shop.store.read())
    with pytest.raises(Refusal) as refused:
        shop.undo(gone)
    assert refused.value.code == "undo_kept"
    assert dump(shop.store.read()) == before
    shop.undo(turned)
    shop.undo(gone)
    assert shop.view().member(second).referrer_id == first


def test_what_was_taken_back_is_named_as_a_step(shop: Shop) -> None:
    def said(done: Any) -> str:
        return t(done.sentence.id, **done.sentence.values)

    phone = ("13800000001", "13800000001")
    member = shop.members.save(MemberDraft(name="王丽", phones=(phone,))).value
    assert said(shop.undo()) == "已撤销：新建会员 王丽"
    assert said(shop.redo()) == "已重做：新建会员 王丽"
    shop.followups.add_today([member])
    (task,) = shop.view().day_list().open
    shop.followups.finish(task, OutcomeDraft("reached"))
    assert said(shop.undo()) == "已撤销：王丽 · 联系上了"
    assert said(shop.redo()) == "已重做：王丽 · 联系上了"


def test_no_step_taken_back_says_twice_that_it_is_done() -> None:
    """“已撤销：已记录……” reads as if both had happened."""
    done = {key: words[0] for key, words in catalogue().items() if key.startswith("done.")}
    unnamed = {
        key for key, words in done.items() if words.startswith("已") and f"step.{key}" not in catalogue()
    }
    assert unnamed == {"done.copied"}  # no step somebody takes back
    steps = [words[0] for key, words in catalogue().items() if key.startswith("step.")]
    assert not [words for words in steps if words.startswith("已")]
