"""Two members become one and come apart again: sums, types, to-dos, numbers, and what came in between."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shopcrm.basics.errors import InputError, Refusal
from shopcrm.basics.records import (
    FittingDraft,
    LineDraft,
    MemberDraft,
    MemberId,
    OutcomeDraft,
    Query,
    SaleDraft,
    TaskId,
    VisitDraft,
    WantedDraft,
)
from shopcrm.basics.values import phone_key
from shopcrm.shop import Shop
from tests.core.rows import everything

DAY = date(2026, 11, 21)
Maker = Callable[..., Any]


def numbers(*typed: str) -> tuple[tuple[str, str], ...]:
    return tuple((text, phone_key(text) or "") for text in typed)


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def state(shop: Shop) -> dict[str, object]:
    """All that is kept, and what everybody's type and history of types are."""
    rx = shop.store.read()
    return {
        **everything(shop),
        "days": rx.all("SELECT * FROM d_purchase_day ORDER BY 1, 2"),
        "types": rx.all("SELECT member_id, type, code, n, spend, since FROM d_case ORDER BY 1"),
        "log": rx.all("SELECT * FROM d_type_log ORDER BY 1, 2"),
        "found": rx.all("SELECT * FROM d_search ORDER BY 1"),
    }


def sound(shop: Shop) -> None:
    """What is derived is what the records say, and nothing refers to nothing."""
    rx = shop.store.read()
    assert rx.all("PRAGMA foreign_key_check") == []
    of_merged = "SELECT id FROM member WHERE merged_into IS NOT NULL"
    for table in ("sale", "visit", "contact", "task", "wanted", "phone", "d_case", "d_purchase_day"):
        assert rx.value(f"SELECT count(*) FROM {table} WHERE member_id IN ({of_merged})") == 0, table
    contacts = (
        "SELECT count(*) FROM contact c JOIN task t ON t.id = c.task_id WHERE t.member_id <> c.member_id"
    )
    assert rx.value(contacts) == 0
    for (member,) in rx.all("SELECT member_id FROM d_case"):
        kept = shop.types.verdict(rx, MemberId(member))
        anew = shop.types.verdict(rx, MemberId(member), shop.day)
        assert kept is not None
        assert anew is not None
        assert (kept.type, kept.code) == (anew.type, anew.code)


@pytest.fixture
def pair(shop: Shop, a_member: Maker, a_sale: Maker, a_visit: Maker) -> tuple[MemberId, MemberId]:
    """A loyal customer's two cards."""
    keep = a_member("王芳", "138 0000 4471", card_no="A1", notes="喜欢驼色", tags="老客 VIP", size_top="M")
    gone = a_member(
        "王芳芳", "138 0000 9152", card_no="B7", birthday="1990-05-01", notes="怕扎", tags="VIP 转介绍",
        size_top="L", wechat="wf", no_sms=True, joined=ago(800),
    )  # fmt: skip
    for days in (20, 80, 140, 200):
        a_sale(keep, ago(days), 400)
    for days in (10, 50, 110, 170, 300):
        a_sale(gone, ago(days), 500)
    a_visit(gone, ago(5), items="大衣", fittings=(FittingDraft("大衣", "L", True),))
    shop.wanted.add(WantedDraft(gone, "羊绒衫", "L"))
    return keep, gone


def test_everything_follows(shop: Shop, pair: tuple[MemberId, MemberId]) -> None:
    keep, gone = pair
    before = state(shop)
    done = shop.merging.merge(keep, gone)
    card = shop.view().member(keep)
    assert card is not None
    assert (card.n, card.spend_fen) == (9, 4 * 40_000 + 5 * 50_000)
    assert (len(card.sales), len(card.visits)) == (9, 1)
    assert card.phones == ("13800004471", "13800009152")
    assert (card.card_no, card.birthday, card.size_top, card.wechat) == ("A1", "1990-05-01", "M", "wf")
    assert card.notes == "喜欢驼色\n怕扎"
    assert card.tags == ("老客", "VIP", "转介绍")
    assert card.joined == ago(800)
    assert card.no_sms
    assert card.verdict is not None
    assert card.verdict.type == "loyal"
    assert done.sentence.values == {"gone": "王芳芳", "name": "王芳", "type": "忠诚型"}
    assert keep in done.changes.members.ids
    assert gone in done.changes.members.ids
    sound(shop)

    shop.undo()
    assert state(shop) == before


def test_the_other_is_found_by_nobody_and_her_numbers_find_the_survivor(
    shop: Shop, pair: tuple[MemberId, MemberId]
) -> None:
    keep, gone = pair
    shop.merging.merge(keep, gone)
    view = shop.view()
    for text in ("9152", "B7", "b7", "4471", "A1"):
        assert [row.id for row in view.search(text)] == [keep], text
    for key in ("138 0000 9152", "B7", f"#{gone}", str(gone)):
        assert shop.members.find(key) == keep
    assert list(view.ids(Query())) == [keep]
    assert list(view.ids(Query(sort="name"))) == [keep]
    assert list(view.ids(Query(archived=True))) == []
    assert view.total() == 1
    assert view.chip_counts(DAY)["archived"] == 0
    assert sum(row.members for row in view.type_counts()) == 1
    assert [row.id for row in view.merged_into(keep)] == [gone]
    assert [
        found for found, _ in shop.members.duplicates(MemberDraft(name="王芳芳", birthday="1990-05-01"))
    ] == [keep]
    with pytest.raises(InputError, match="王芳"):
        shop.members.save(MemberDraft(name="李娜", card_no="B7"))
    for write in (
        lambda: shop.members.save(MemberDraft(gone, "王芳芳")),
        lambda: shop.members.restore(gone),
        lambda: shop.counter.sell(SaleDraft(gone, DAY, (LineDraft(100),))),
        lambda: shop.counter.visit(VisitDraft(gone, DAY, "looked")),
    ):
        with pytest.raises(Refusal):
            write()


def test_choices(shop: Shop, pair: tuple[MemberId, MemberId]) -> None:
    keep, gone = pair
    fields = {field.field: field for field in shop.view().merge_preview(keep, gone).fields}
    assert fields["name"][2:] == ("王芳", "王芳芳", "", "keep")
    assert fields["birthday"].choice == "gone"
    assert fields["notes"].both == "喜欢驼色\n怕扎"
    assert fields["tags"].both == "老客、VIP、转介绍"
    assert fields["joined"].choice == "gone"  # the earlier day
    shop.merging.merge(keep, gone, {"name": "gone", "notes": "gone", "phones": "gone", "card_no": "gone"})
    card = shop.view().member(keep)
    assert card is not None
    assert (card.name, card.notes, card.card_no) == ("王芳芳", "怕扎", "B7")
    assert card.phones == ("13800009152", "13800004471")
    assert shop.members.find("B7") == keep


@pytest.mark.parametrize(
    "choices", [{"gender": "gone"}, {"birthday": "keep"}, {"name": "both"}, {"shoe": "gone"}, {"name": ""}]
)
def test_a_choice_nobody_offered_is_refused(
    shop: Shop, pair: tuple[MemberId, MemberId], choices: dict[str, str]
) -> None:
    before = state(shop)
    with pytest.raises(InputError):
        shop.merging.merge(*pair, choices)
    assert state(shop) == before


def test_refusals(shop: Shop, a_member: Maker) -> None:
    one, two, three, off = a_member(), a_member(), a_member(), a_member()
    shop.members.archive(off)
    shop.merging.merge(one, two)
    for keep, gone, code in (
        (one, one, "merge_herself"), (one, MemberId(99), "member_unknown"),
        (MemberId(99), one, "member_unknown"),
        (one, two, "merge_archived"), (two, three, "merge_archived"), (one, off, "merge_archived"),
        (off, one, "merge_archived"),
    ):  # fmt: skip
        with pytest.raises(Refusal) as refused:
            shop.merging.merge(keep, gone)
        assert refused.value.code == code
        assert refused.value.sentence
    for gone, code in ((one, "not_merged"), (MemberId(99), "member_unknown")):
        with pytest.raises(Refusal) as refused:
            shop.merging.separate(gone)
        assert refused.value.code == code
    shop.merging.merge(three, one)
    with pytest.raises(Refusal) as refused:
        shop.merging.separate(two)
    assert refused.value.code == "merge_survivor_merged"
    assert shop.members.find(f"#{two}") == three
    shop.merging.separate(one)
    shop.merging.separate(two)
    assert shop.view().total() == 3


def test_both_cards_lead_to_the_survivor_whichever_she_keeps(shop: Shop, a_member: Maker) -> None:
    keep, gone = a_member("王丽", card_no="K-1"), a_member("李梅", card_no="K-2")
    before = everything(shop)["member"]
    for apart in (lambda: shop.merging.separate(gone), shop.undo):
        shop.merging.merge(keep, gone, {"card_no": "gone"})
        card = shop.view().member(keep)
        assert card is not None
        assert card.card_no == "K-2"
        assert [shop.members.find(number) for number in ("K-1", "K-2")] == [keep, keep]
        assert [row.id for row in shop.view().search("K-1")] == [keep]
        with pytest.raises(InputError) as taken:
            a_member("张霞", card_no="K-1")
        assert taken.value.code == "card_taken"
        apart()
        assert everything(shop)["member"] == before


def test_a_merge_is_not_taken_back_below_a_later_one(shop: Shop, a_member: Maker, a_sale: Maker) -> None:
    one, two, three = a_member("王丽"), a_member("李梅"), a_member("张霞")
    a_sale(two)
    merged = shop.merging.merge(one, two).entry
    shop.merging.merge(three, one)
    before = everything(shop)
    with pytest.raises(Refusal) as refused:
        shop.undo(merged)
    assert refused.value.code == "merge_survivor_merged"
    assert everything(shop) == before
    shop.merging.separate(one)
    apart = shop.merging.separate(two).entry
    shop.merging.merge(three, one)
    with pytest.raises(Refusal) as refused:  # she would be part of who is no longer there
        shop.undo(apart)
    assert refused.value.code == "merge_survivor_merged"
    shop.undo()
    shop.undo(apart)
    assert shop.members.find(f"#{two}") == one


def test_sums_that_would_differ_roll_everything_back(
    shop: Shop, pair: tuple[MemberId, MemberId], monkeypatch: pytest.MonkeyPatch
) -> None:
    from shopcrm.store import merging

    move = merging.move

    def losing(tx: Any, keep: int, gone: int, **how: Any) -> None:
        move(tx, keep, gone, **how)
        tx.delete("wanted", 1)

    monkeypatch.setattr(merging, "move", losing)
    before = state(shop)
    with pytest.raises(Refusal) as refused:
        shop.merging.merge(*pair)
    assert refused.value.code == "merge_sums"
    assert state(shop) == before


def test_apart_again_right_away(shop: Shop, pair: tuple[MemberId, MemberId]) -> None:
    keep, gone = pair
    before = state(shop)
    shop.merging.merge(keep, gone)
    done = shop.merging.separate(gone)
    assert state(shop) == before
    assert done.value == ()
    assert done.sentence.id == "done.separated"
    shop.undo()
    sound(shop)
    assert [row.id for row in shop.view().merged_into(keep)] == [gone]
    shop.merging.separate(gone)
    assert state(shop) == before


def test_what_came_since_stays_and_is_named(
    shop: Shop, clock: Any, pair: tuple[MemberId, MemberId], a_sale: Maker, a_visit: Maker
) -> None:
    keep, gone = pair
    shop.merging.merge(keep, gone)
    clock.set(DAY + timedelta(days=40))
    shop.start_day()
    sale = a_sale(keep, DAY + timedelta(days=38), 880)
    visit = a_visit(keep, DAY + timedelta(days=40))
    done = shop.merging.separate(gone)
    assert [(one.kind, one.id, one.fen) for one in done.value] == [
        ("sale", sale, 88_000),
        ("visit", visit, 0),
    ]
    assert "12月29日 消费 ¥880" in str(done.sentence.values["told"])
    first, second = shop.view().member(keep), shop.view().member(gone)
    assert first is not None
    assert second is not None
    assert (first.n, second.n) == (5, 5)
    assert first.spend_fen == 4 * 40_000 + 88_000
    assert (first.phones, second.phones) == (("13800004471",), ("13800009152",))
    assert (first.notes, second.notes) == ("喜欢驼色", "怕扎")
    assert second.visits[0].items == "大衣 L"
    sound(shop)


def test_edited_since(shop: Shop, pair: tuple[MemberId, MemberId], a_member: Maker) -> None:
    """What somebody changed meanwhile stays changed, and still goes where it belongs."""
    keep, gone = pair
    other = a_member("李娜")
    hers = {sale.day: sale for sale in shop.view().member(gone).sales}  # type: ignore[union-attr]
    shop.merging.merge(keep, gone)
    card = shop.view().member(keep)
    assert card is not None
    shop.members.save(MemberDraft(
        keep, "王芳", numbers("138 0000 4471"), card_no="A1", notes="改过的备注", size_top="XL",
        joined=ago(800), tags="老客、VIP、转介绍", birthday="1990-05-01", wechat="wf",
    ))  # fmt: skip
    line = hers[ago(10)].lines[0]
    shop.counter.correct_sale(
        hers[ago(10)].id, SaleDraft(keep, ago(10), (LineDraft(60_000, "大衣", id=line.id),))
    )
    shop.counter.correct_sale(
        hers[ago(50)].id,
        SaleDraft(other, ago(50), (LineDraft(50_000, "连衣裙", id=hers[ago(50)].lines[0].id),)),
    )
    shop.merging.separate(gone)
    first, second, third = (shop.view().member(member) for member in (keep, gone, other))
    assert first is not None
    assert second is not None
    assert third is not None
    assert (first.notes, first.size_top) == ("改过的备注", "XL")
    assert (second.notes, second.size_top) == ("怕扎", "L")
    assert second.phones == ("13800009152",)  # taken from the survivor meanwhile, and still hers
    assert (first.birthday, second.birthday) == ("", "1990-05-01")
    assert second.spend_fen == 60_000 + 3 * 50_000
    assert third.spend_fen == 50_000
    assert first.n == 4
    sound(shop)


def test_points_are_a_sum(shop: Shop, a_member: Maker) -> None:
    one, two, three = a_member(), a_member(), a_member()
    with shop.store.write("points", None, shop.clock()) as tx:
        for member, points in ((one, 5), (two, 30), (three, 200)):
            tx.update("member", member, points_opening=points)

    def points() -> list[int]:
        found = shop.store.read().all("SELECT points_opening FROM member ORDER BY id")
        return [row[0] for row in found]

    shop.merging.merge(one, two)
    shop.merging.merge(one, three)
    assert points()[0] == 235
    shop.merging.separate(two)
    assert points() == [205, 30, 200]
    shop.merging.separate(three)
    assert points() == [5, 30, 200]


def test_whom_they_brought(shop: Shop, a_member: Maker) -> None:
    keep, gone = a_member("王芳"), a_member("王芳芳")
    friend = a_member("李娜", referrer_id=gone)
    back = a_member("赵敏", referrer_id=keep)
    shop.members.save(MemberDraft(gone, "王芳芳", referrer_id=back, joined=DAY))
    before = state(shop)
    shop.merging.merge(keep, gone)
    cards = [shop.view().member(member) for member in (keep, friend, back)]
    assert [card and card.referrer_id for card in cards] == [None, keep, keep]  # no circle
    assert cards[0] is not None
    assert cards[0].referrals == 2
    shop.merging.separate(gone)
    assert state(shop) == before


def test_one_number_of_both(shop: Shop, a_member: Maker) -> None:
    keep, gone = a_member("王芳", "138 0000 4471"), a_member("王芳芳", "138 0000 4471")
    before = state(shop)
    assert [(found.row.id, found.why.id) for found in shop.view().likely_same(keep)] == [
        (gone, "merge.like.phone")
    ]
    shop.merging.merge(keep, gone)
    card = shop.view().member(keep)
    assert card is not None
    assert card.phones == ("13800004471",)
    assert card.same_phone == ()
    shop.merging.separate(gone)
    assert state(shop) == before


def test_own_fields(shop: Shop, a_member: Maker) -> None:
    bag, club = shop.members.own.add("包袋").value, shop.members.own.add("俱乐部").value
    keep = a_member("王芳", own=((bag, "小"),))
    gone = a_member("王芳芳", own=((bag, "大"), (club, "网球")))
    before = state(shop)
    fields = {field.field: field for field in shop.view().merge_preview(keep, gone).fields}
    assert (fields[f"own.{bag}"].choice, fields[f"own.{club}"].choice) == ("keep", "gone")
    shop.merging.merge(keep, gone, {f"own.{bag}": "gone"})
    card = shop.view().member(keep)
    assert card is not None
    assert dict(card.own) == {bag: "大", club: "网球"}
    shop.merging.separate(gone)
    assert state(shop) == before


# ---------------------------------------------------------------- to-dos


def task_of(shop: Shop, member: MemberId) -> TaskId:
    task = shop.view().member(member).task  # type: ignore[union-attr]
    assert task is not None
    return task.id


def test_of_two_open_to_dos_the_better_stays_with_the_contacts_of_both(
    shop: Shop, clock: Any, a_member: Maker, a_visit: Maker
) -> None:
    keep, gone = a_member("王芳", joined=ago(300)), a_member("王芳芳", joined=ago(300))
    for member in (keep, gone):
        a_visit(member, ago(3), items="大衣")
    shop.start_day()
    assert task_of(shop, keep) != task_of(shop, gone)
    tried = task_of(shop, gone)
    shop.followups.finish(tried, OutcomeDraft("no_answer", next_day=DAY + timedelta(days=2)))
    before = state(shop)
    shop.merging.merge(keep, gone)
    rx = shop.store.read()
    tasks = rx.all("SELECT id, member_id FROM task WHERE rule = 'P1' AND state = 'open'")
    assert tasks == [(tried, keep)]  # the one somebody tried already
    assert rx.all("SELECT member_id, task_id FROM contact") == [(keep, tried)]
    sound(shop)
    shop.merging.separate(gone)
    assert state(shop) == before


@pytest.mark.parametrize("keeps_first", [True, False])
def test_what_was_done_of_both_stays(
    shop: Shop, a_member: Maker, a_visit: Maker, *, keeps_first: bool
) -> None:
    pair = a_member("王芳", joined=ago(300)), a_member("王芳芳", joined=ago(300))
    for member in pair:
        a_visit(member, ago(3), items="大衣")
    shop.start_day()
    done = {}
    for member, outcome in zip(pair, ("reached", "refused"), strict=True):
        done[member] = task_of(shop, member)
        shop.followups.finish(done[member], OutcomeDraft(outcome))
    before = state(shop)
    keep, gone = pair if keeps_first else pair[::-1]
    shop.merging.merge(keep, gone)
    rx = shop.store.read()
    found = rx.all("SELECT id, member_id, step FROM task WHERE state = 'done' ORDER BY step")
    assert [row[1:] for row in found] == [(keep, 1), (keep, 101)]
    assert {row[0] for row in found} == set(done.values())
    assert rx.value("SELECT count(*) FROM contact WHERE member_id=? AND task_id IS NOT NULL", (keep,)) == 2
    sound(shop)
    shop.merging.separate(gone)
    assert state(shop) == before


def test_what_stands_aside_is_worded_as_before(shop: Shop, a_member: Maker, a_visit: Maker) -> None:
    """Both are among what was done today, and whoever looks at them sees what was said."""
    keep, gone = a_member("王芳", joined=ago(300)), a_member("王芳芳", joined=ago(300))
    for member in (keep, gone):
        a_visit(member, ago(3), items="大衣")
    shop.start_day()
    tasks = [task_of(shop, member) for member in (keep, gone)]
    for task in tasks:
        shop.followups.finish(task, OutcomeDraft("reached"))
    shop.merging.merge(keep, gone)
    assert set(shop.view().day_list().done) == set(tasks)
    first, second = (shop.view().message(task) for task in tasks)
    assert first == second
    assert first.text


def test_a_to_do_worked_on_since_stays_with_its_contact(shop: Shop, a_member: Maker, a_visit: Maker) -> None:
    keep, gone = a_member("王芳", joined=ago(300)), a_member("王芳芳", joined=ago(300))
    a_visit(gone, ago(3), items="大衣")
    shop.start_day()
    shop.merging.merge(keep, gone)
    task = task_of(shop, keep)
    shop.followups.finish(task, OutcomeDraft("reached"))
    done = shop.merging.separate(gone)
    assert [one.kind for one in done.value] == ["contact"]
    rx = shop.store.read()
    assert rx.value("SELECT member_id FROM task WHERE id=?", (task,)) == keep
    assert rx.value("SELECT member_id FROM contact") == keep
    sound(shop)


def test_a_purchase_since_settles_nothing_of_the_other(
    shop: Shop, a_member: Maker, a_visit: Maker, a_sale: Maker
) -> None:
    keep, gone = a_member("王芳", joined=ago(300)), a_member("王芳芳", joined=ago(300))
    a_visit(gone, ago(3), items="大衣")
    shop.start_day()
    task = task_of(shop, gone)
    shop.merging.merge(keep, gone)
    a_sale(keep, DAY, 300, close_task=True)
    assert shop.store.read().value("SELECT state FROM task WHERE id=?", (task,)) == "done"
    shop.merging.separate(gone)
    assert task_of(shop, gone) == task
    sound(shop)


# ---------------------------------------------------------------- the bin


def test_the_bin(shop: Shop, clock: Any, a_member: Maker, a_sale: Maker, a_visit: Maker) -> None:
    one, two, three = a_member("王芳"), a_member("李娜"), a_member("赵敏")
    sale, visit = a_sale(one, ago(30), 399, item="大衣"), a_visit(one, ago(3), items="裙子")
    anonymous = a_sale(None, ago(2), 88)
    clock.set(ago(200))
    shop.counter.void_sale(anonymous, "太久了")
    clock.set(ago(1))
    shop.counter.void_sale(sale, "记错了")
    clock.set(DAY)
    shop.counter.void_visit(visit)
    shop.members.archive(two)
    shop.merging.merge(one, three)
    found = shop.view().bin()
    assert [(row.kind, row.id, row.name, row.survivor) for row in found] == [
        ("member", two, "李娜", ""), ("merged", three, "赵敏", "王芳"), ("visit", visit, "王芳", ""),
        ("sale", sale, "王芳", ""),
    ]  # fmt: skip
    assert (found[-1].fen, found[-1].what, found[-1].why, found[-1].at) == (39_900, "大衣", "记错了", ago(30))
    shop.members.restore(two)
    shop.merging.separate(three)
    shop.counter.restore_sale(sale)
    shop.counter.restore_visit(visit)
    assert shop.view().bin() == ()


# ---------------------------------------------------------------- any history

_OFFSET = st.integers(0, 700)
_WHOSE = st.integers(0, 1)
_EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("sale"), _WHOSE, _OFFSET, st.integers(50, 900)),
        st.tuples(st.just("visit"), _WHOSE, st.integers(0, 120), st.just(0)),
        st.tuples(st.just("return"), _WHOSE, st.integers(0, 30), st.just(0)),
        st.tuples(st.just("outcome"), _WHOSE, st.sampled_from((0, 1, 2, 5)), st.just(0)),
    ),
    max_size=14,
)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 10)

    def __call__(self) -> datetime:
        return self.now


def live(shop: Shop, members: list[MemberId], events: list[tuple[str, int, int, int]]) -> None:
    """Let this happen, each to the first or second of the members (or both to the one there is)."""
    bought: dict[int, list[tuple[int, date, int]]] = {}
    for kind, whose, number, yuan in events:
        member = members[whose % len(members)]
        if kind == "sale":
            sale = shop.counter.sell(SaleDraft(member, ago(number), (LineDraft(yuan * 100, "大衣"),))).value
            line = shop.store.read().value("SELECT id FROM line WHERE sale_id=?", (sale,))
            bought.setdefault(whose, []).append((line, ago(number), yuan))
        elif kind == "visit":
            shop.counter.visit(VisitDraft(member, ago(number), "tried"))
        elif kind == "return" and bought.get(whose):
            line, day, yuan = bought[whose].pop()
            back = min(DAY, day + timedelta(days=number))
            shop.counter.sell(SaleDraft(member, back, (LineDraft(-yuan * 100, "大衣", returns_line=line),)))
        elif kind == "outcome" and len(members) > 1:
            card = shop.view().member(member)
            if card is not None and card.task is not None:
                outcome = ("reached", "no_answer", "will_come", "", "", "later")[number]
                next_day = None if outcome == "reached" else shop.day + timedelta(days=3)
                with suppress(InputError):  # put off too often
                    shop.followups.finish(card.task.id, OutcomeDraft(outcome, next_day=next_day))


def a_shop(names: list[str], others: int = 5) -> tuple[Shop, list[MemberId]]:
    """A shop with some customers of all kinds, and these members."""
    shop = Shop.open(":memory:", clock=Clock())
    for number in range(others):
        phone = numbers(f"138 0001 {number:04}")
        member = shop.members.save(MemberDraft(name=f"顾客{number}", phones=phone, joined=ago(900))).value
        for back in range(number * 7, 800, 40 + 25 * number):
            shop.counter.sell(SaleDraft(member, ago(back), (LineDraft(30_000 + 1_000 * number, "裙"),)))
    found = [
        shop.members.save(MemberDraft(name=name, phones=numbers(f"138 0000 000{at}"), joined=ago(950))).value
        for at, name in enumerate(names)
    ]
    return shop, found


def verdicts(shop: Shop, member: MemberId) -> tuple[object, ...]:
    card = shop.view().member(member)
    assert card is not None
    assert card.verdict is not None
    days = shop.store.read().all("SELECT d, net FROM d_purchase_day WHERE member_id=? ORDER BY d", (member,))
    return card.n, card.spend_fen, card.n12, card.spend12_fen, days, card.verdict.type


def anew(shop: Shop) -> None:
    """Everybody's types by replay, as after an import."""
    with shop.store.write("types.rebuild", None, shop.clock()) as tx:
        shop.refresh(tx, None)


@settings(max_examples=5)
@given(_EVENTS, _EVENTS)
def test_any_history(first: list[tuple[str, int, int, int]], then: list[tuple[str, int, int, int]]) -> None:
    """As one she is what she would have been all along; apart, all is as it was."""
    as_one_and_apart(first, then)


@pytest.mark.slow
@settings(max_examples=100)
@given(_EVENTS, _EVENTS)
def test_many_histories(
    first: list[tuple[str, int, int, int]], then: list[tuple[str, int, int, int]]
) -> None:
    as_one_and_apart(first, then)


def as_one_and_apart(first: list[tuple[str, int, int, int]], then: list[tuple[str, int, int, int]]) -> None:
    shop, members = a_shop(["王芳", "王芳芳"])
    with shop:
        live(shop, members, first)
        anew(shop)
        live(shop, members, then)
        before = state(shop)
        keep, gone = members
        shop.merging.merge(keep, gone)
        sound(shop)
        merged = state(shop)
        shop.undo()
        assert state(shop) == before
        shop.redo()
        assert state(shop) == merged
        assert shop.merging.separate(gone).value == ()
        assert state(shop) == before
        shop.merging.merge(keep, gone)
        united = verdicts(shop, keep)
        anew(shop)
        replayed = verdicts(shop, keep)
        history = "SELECT * FROM d_type_log WHERE day < ? ORDER BY 1, 2"
        log = shop.store.read().all(history, (DAY.isoformat(),))
        with shop.store.write("types.retell", None, shop.clock()) as tx:  # one by one as all at once
            shop.types.retell(tx, [row[0] for row in tx.all("SELECT member_id FROM d_case")], tx.day)
            assert tx.all(history, (DAY.isoformat(),)) == log
            shop.refresh(tx, None)
    one, members = a_shop(["王芳"])
    with one:
        live(one, members, first)
        anew(one)
        live(one, members, then)
        lived = verdicts(one, members[0])
        assert united[:-1] == lived[:-1]
        if not then:  # with it some month ends would have been others
            assert united == lived
        anew(one)
        assert replayed == verdicts(one, members[0])


@settings(max_examples=8)
@given(_EVENTS, _EVENTS, st.sampled_from((0, 1, 40)))
def test_any_history_in_between(
    first: list[tuple[str, int, int, int]], then: list[tuple[str, int, int, int]], days: int
) -> None:
    """Whatever happened to the survivor since stays with her, and the other one has what she had."""
    shop, members = a_shop(["王芳", "王芳芳"], others=3)
    with shop:
        live(shop, members, first)
        keep, gone = members
        hers, alone = verdicts(shop, gone)[:2], verdicts(shop, keep)[:2]
        rows = shop.store.read().all("SELECT id, member_id FROM sale ORDER BY id")
        shop.merging.merge(keep, gone)
        clock = shop.clock
        assert isinstance(clock, Clock)
        clock.now += timedelta(days=days)
        shop.start_day()
        live(shop, [keep, keep], then)
        merged = state(shop)
        done = shop.merging.separate(gone)
        sound(shop)
        assert verdicts(shop, gone)[:2] == hers
        assert shop.store.read().all("SELECT id, member_id FROM sale ORDER BY id")[: len(rows)] == rows
        stayed = sum(one.fen for one in done.value if one.kind == "sale")
        card = shop.view().member(keep)
        assert card is not None
        assert sum(sale.total_fen for sale in card.sales) == stayed + sum(
            fen for member, fen in receipts_before(shop, rows) if member == keep
        )
        if not then:
            assert verdicts(shop, keep)[:2] == alone
        after = state(shop)
        shop.undo()
        assert kept(state(shop)) == kept(merged)
        shop.redo()
        assert kept(state(shop)) == kept(after)


_CALLED = [("sale", 1, 7, 50), ("outcome", 1, 1, 0)]


@settings(max_examples=6)
@given(_EVENTS, _EVENTS, st.permutations((1, 2)))
@example(_CALLED, _CALLED, (1, 2))  # both had the same to-do, and both were talked to
def test_three_become_one_and_come_apart_in_any_order(
    first: list[tuple[str, int, int, int]], then: list[tuple[str, int, int, int]], order: tuple[int, int]
) -> None:
    shop, members = a_shop(["王芳", "王芳芳", "小芳"], others=2)
    with shop:
        live(shop, members[:2], first)
        live(shop, members[1:], then)
        for at, one in enumerate(members):
            shop.members.save(MemberDraft(
                one, ("王芳", "王芳芳", "小芳")[at], numbers(f"138 0000 000{at}"), notes=f"第{at}句",
                tags="甲乙甲"[at], size_top="MLS"[at], wechat="wx" * (at == 2), joined=ago(950),
            ))  # fmt: skip
        anew(shop)
        before = state(shop)
        for gone in members[1:]:
            shop.merging.merge(members[0], gone, {"size_top": "gone"})
        sound(shop)
        for at in order:
            shop.merging.separate(members[at])
            sound(shop)
        assert kept(state(shop)) == kept(before)


def receipts_before(shop: Shop, rows: list[tuple[Any, ...]]) -> list[tuple[int, int]]:
    """Member and total of the receipts that were there before the merge."""
    rx = shop.store.read()
    total = "SELECT coalesce(sum(amount_fen), 0) FROM line WHERE sale_id=?"
    return [(member, rx.value(total, (sale,))) for sale, member in rows]


def kept(found: dict[str, object]) -> dict[str, object]:
    """Without what follows from the records: types and to-dos carried on are not all those replayed."""
    return {name: rows for name, rows in found.items() if name not in ("task", "types", "log")}
