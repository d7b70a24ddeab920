"""The wanted-item book, what an arrival sets off, and the tally of who comes in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from shopcrm.basics.errors import InputError, Refusal
from shopcrm.basics.records import (
    LineDraft,
    MemberId,
    OutcomeDraft,
    SaleDraft,
    StaffId,
    TaskRow,
    VisitDraft,
    WantedDraft,
    WantedId,
)
from shopcrm.basics.texts import t
from shopcrm.shop import Shop

DAY = date(2026, 11, 21)
Maker = Callable[..., Any]


@pytest.fixture
def a_wish(shop: Shop) -> Callable[..., WantedId]:
    """`a_wish(member, "小白鞋", "38")`: its id."""

    def add(member: MemberId, item: str = "小白鞋", size: str = "38", **fields: Any) -> WantedId:
        return shop.wanted.add(WantedDraft(member, item, size, **fields)).value

    return add


def everything(shop: Shop) -> dict[str, list[tuple[Any, ...]]]:
    rx = shop.store.read()
    tables = ("member", "wanted", "task", "contact", "footfall", "sale", "line", "visit")
    return {table: rx.all(f"SELECT * FROM {table} ORDER BY id") for table in tables}


def the_task(shop: Shop, member: MemberId) -> TaskRow:
    card = shop.view().member(member)
    assert card is not None
    assert card.task is not None
    return card.task


def w1(shop: Shop) -> list[tuple[Any, ...]]:
    found = shop.store.read().all("SELECT member_id, state, closed_why FROM task WHERE rule='W1' ORDER BY id")
    return [tuple(row) for row in found]


# ---------------------------------------------------------------- the book


def test_a_wish_is_written_down_and_found_by_its_initials(shop: Shop, a_member: Maker, a_wish: Maker) -> None:
    wang, li = a_member("王丽"), a_member("李梅")
    a_wish(wang, "小白鞋", "38", colour="米白", note="要软底")
    a_wish(li, "驼色大衣", "L")
    done = shop.wanted.add(WantedDraft(li, " 小白鞋 ", "39", day=DAY - timedelta(days=2)))
    assert t(done.sentence.id, **done.sentence.values) == "已记进需求本：李梅 要小白鞋 39"
    view = shop.view()
    assert [(row.name, *row.goods) for row in view.wanted()] == [
        ("王丽", "小白鞋", "38", "米白"), ("李梅", "小白鞋", "39", ""), ("李梅", "驼色大衣", "L", ""),
    ]  # fmt: skip
    for text, found in {
        "xbx": 2, "xiaobai": 2, "小白": 2, "39": 1, "米白": 1, "軟底": 1, "wl": 1, "王": 1, "limei 大衣": 1,
        "裤": 0, "%": 0, "0002": 2, "": 3,
    }.items():  # fmt: skip
        assert len(view.wanted(text)) == found, text
    assert view.wanted_count() == 2  # people, not wishes
    card = view.member(li)
    assert card is not None
    assert [wish.size for wish in card.wanted] == ["L", "39"]
    assert card.wanted[1].day == DAY - timedelta(days=2)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"item": "  "}, "wanted_item"), ({"item": "鞋" * 101}, "text_long"),
        ({"note": "字" * 501}, "text_long"),
        ({"day": DAY + timedelta(days=1)}, "day_future"), ({"day": date(1980, 1, 1)}, "day_old"),
        ({"staff_id": StaffId(9)}, "staff_unknown"),
    ],
)  # fmt: skip
def test_nonsense_is_refused(shop: Shop, a_member: Maker, fields: dict[str, Any], code: str) -> None:
    draft = WantedDraft(a_member(), "小白鞋")._replace(**fields)
    before = everything(shop)
    with pytest.raises(InputError) as error:
        shop.wanted.add(draft)
    assert error.value.code == code
    assert everything(shop) == before


def test_refusals(shop: Shop, a_member: Maker, a_wish: Maker) -> None:
    wang = a_member("王丽")
    first, second = a_wish(wang), a_wish(wang, size="39")
    before = everything(shop)
    for code, call in (
        ("wanted_known", lambda: a_wish(wang)),
        ("wanted_known", lambda: shop.wanted.change(second, WantedDraft(wang, "小白鞋", "38"))),
        ("member_unknown", lambda: a_wish(MemberId(99))),
        ("wanted_unknown", lambda: shop.wanted.arrived([WantedId(99)])),
        ("wanted_unknown", lambda: shop.wanted.arrived([first, WantedId(99)])),
        ("wanted_unknown", lambda: shop.wanted.arrived([])),
        ("wanted_unknown", lambda: shop.wanted.drop([WantedId(99)])),
        ("wanted_unknown", lambda: shop.wanted.change(WantedId(99), WantedDraft(wang, "小白鞋"))),
    ):
        with pytest.raises(Refusal) as error:
            call()
        assert error.value.code == code
    assert everything(shop) == before
    shop.wanted.arrived([first])
    for late in (lambda: shop.wanted.arrived([first]), lambda: shop.wanted.drop([first])):
        with pytest.raises(Refusal):
            late()


def test_change_and_drop_and_take_back(shop: Shop, a_member: Maker, a_wish: Maker) -> None:
    wang = a_member("王丽")
    wish = a_wish(wang, staff_id=None)
    states = [everything(shop)]
    shop.wanted.change(wish, WantedDraft(MemberId(99), "小白鞋", "39", "白", "软底"))
    states.append(everything(shop))
    assert [(row.member, *row.goods, row.note) for row in shop.view().wanted()] == [
        (wang, "小白鞋", "39", "白", "软底")
    ]
    assert shop.wanted.change(wish, WantedDraft(wang, "小白鞋", "39", "白", "软底")).entry is None
    shop.wanted.drop([wish])
    assert shop.view().wanted() == []
    assert [row.id for row in shop.view().wanted(state="dropped")] == [wish]
    card = shop.view().member(wang)
    assert card is not None
    assert card.wanted == ()
    for state in reversed(states):
        shop.undo()
        assert everything(shop) == state
    assert len(shop.view().wanted("xbx")) == 1


def test_members_put_aside_are_not_listed(shop: Shop, a_member: Maker, a_wish: Maker) -> None:
    wang = a_member("王丽")
    a_wish(wang)
    shop.members.archive(wang)
    assert shop.view().wanted() == []
    assert shop.view().wanted_count() == 0
    shop.members.restore(wang)
    assert shop.view().wanted_count() == 1


# ---------------------------------------------------------------- it is in


def test_one_click_tells_everyone_who_waits_once(shop: Shop, a_member: Maker, a_wish: Maker) -> None:
    wang, li, zhao = a_member("王丽"), a_member("李梅"), a_member("赵敏")
    ids = [a_wish(wang), a_wish(wang, "驼色大衣", "L"), a_wish(li)]
    a_wish(zhao, size="36")
    shop.start_day()
    before = everything(shop)
    done = shop.wanted.arrived(ids)
    assert (done.value, done.sentence.id) == (2, "done.wanted_arrived")
    assert {wang, li} <= done.changes.members.ids
    assert done.changes.tasks
    view = shop.view()
    assert [(row.name, row.told) for row in view.wanted(state="arrived")] == [
        ("王丽", "open"), ("李梅", "open"), ("王丽", "open")
    ]  # fmt: skip
    assert [row.name for row in view.wanted()] == ["赵敏"]
    shown = view.tasks(view.day_list().open)
    assert [(row.name, row.rule, t(row.why.id, **row.why.values)) for row in shown if row.rule == "W1"] == [
        ("王丽", "W1", "想要的小白鞋 38、驼色大衣 L到货了"), ("李梅", "W1", "想要的小白鞋 38到货了")
    ]  # fmt: skip
    task = the_task(shop, li)
    assert view.message(task.id).text == "梅姐，您要的小白鞋38码到了，我先收起来一件，您哪天方便过来？"
    assert "小白鞋、驼色大衣到了" in view.message(the_task(shop, wang).id).text
    shop.undo()
    assert everything(shop) == before


def test_it_stands_before_what_the_rules_propose(shop: Shop, a_member: Maker, a_wish: Maker) -> None:
    shop.settings.set("tasks_per_day", 1)
    busy = a_member("王丽")
    shop.counter.visit(VisitDraft(busy, DAY - timedelta(days=3), "tried"))
    late = a_member("李梅")
    shop.wanted.arrived([a_wish(late)])
    assert the_task(shop, late).id in shop.view().day_list().open


def test_a_second_delivery_is_named_in_the_same_to_do(shop: Shop, a_member: Maker, a_wish: Maker) -> None:
    li = a_member("李梅")
    shop.wanted.arrived([a_wish(li)])
    shop.wanted.arrived([a_wish(li, "驼色大衣", "L")])
    assert w1(shop) == [(li, "open", "")]
    task = the_task(shop, li)
    assert t(task.why.id, **task.why.values) == "想要的小白鞋 38、驼色大衣 L到货了"
    shop.followups.finish(task.id, OutcomeDraft("reached"))
    shop.wanted.arrived([a_wish(li, "围巾", "")])  # the same day, after she was told
    assert w1(shop) == [(li, "done", "reached"), (li, "open", "")]
    assert the_task(shop, li).rule == "W1"


def test_it_closes_when_she_is_told(shop: Shop, a_member: Maker, a_wish: Maker) -> None:
    li = a_member("李梅")
    wish = a_wish(li)
    shop.wanted.arrived([wish])
    shop.followups.finish(the_task(shop, li).id, OutcomeDraft("reached"))
    assert w1(shop) == [(li, "done", "reached")]
    assert shop.view().wanted(state="arrived")[0].told == "done"
    shop.undo()
    assert w1(shop) == [(li, "open", "")]


@pytest.mark.parametrize("came", ["bought", "visited"])
def test_it_closes_when_she_comes_and_opens_again_when_she_did_not(
    shop: Shop, clock: Any, a_member: Maker, a_wish: Maker, came: str
) -> None:
    li = a_member("李梅")
    shop.wanted.arrived([a_wish(li)])
    clock.set(DAY + timedelta(days=2))
    shop.start_day()
    assert w1(shop) == [(li, "open", "")]
    if came == "bought":
        sale = shop.counter.sell(SaleDraft(li, clock().date(), (LineDraft(39_900, "小白鞋"),))).value
    else:
        visit = shop.counter.visit(VisitDraft(li, clock().date(), "looked")).value
    assert w1(shop) == [(li, "stopped", came)]
    if came == "bought":
        shop.counter.void_sale(sale, "记错人了")
    else:
        shop.counter.void_visit(visit)
    assert w1(shop) == [(li, "open", "")]


def test_it_expires_after_two_weeks_and_whatever_her_type_becomes(
    shop: Shop, clock: Any, a_member: Maker, a_wish: Maker
) -> None:
    li = a_member("李梅")
    shop.wanted.arrived([a_wish(li)])
    for days in (1, 7, 14):
        clock.set(DAY + timedelta(days=days))
        shop.start_day()
        assert w1(shop) == [(li, "open", "")]
    clock.set(DAY + timedelta(days=15))
    shop.start_day()
    assert w1(shop) == [(li, "expired", "expired")]
    assert shop.view().wanted(state="arrived")[0].told == "expired"
    clock.set(DAY + timedelta(days=31))
    assert shop.view().wanted(state="arrived") == []


def test_who_must_not_be_contacted_gets_no_to_do(shop: Shop, a_member: Maker, a_wish: Maker) -> None:
    wang, li = a_member("王丽"), a_member("李梅")
    ids = [a_wish(wang), a_wish(li)]
    shop.members.pause(wang, None, never=True)
    done = shop.wanted.arrived(ids)
    assert done.value == 1
    assert t(done.sentence.id, **done.sentence.values) == "到货了：1 位排进今日待办，1 位不能联系"
    assert w1(shop) == [(li, "open", "")]
    assert {row.name: row.told for row in shop.view().wanted(state="arrived")} == {"王丽": "", "李梅": "open"}


def test_a_to_do_set_by_hand_stands_again_too(shop: Shop, clock: Any, a_member: Maker) -> None:
    li = a_member("李梅")
    shop.followups.add_today([li])
    clock.set(DAY + timedelta(days=1))
    sale = shop.counter.sell(SaleDraft(li, clock().date(), (LineDraft(39_900, "小白鞋"),))).value
    task = shop.store.read().one("SELECT id, state FROM task WHERE rule='M1'")
    assert task is not None
    assert task[1] == "stopped"
    shop.counter.void_sale(sale, "记错人了")
    assert the_task(shop, li).rule == "M1"


# ---------------------------------------------------------------- who comes in


def test_people_are_counted_by_the_hour(shop: Shop, clock: Any) -> None:
    assert shop.view().footfall() is None
    done = shop.footfall.come_in()
    assert (done.value, t(done.sentence.id, **done.sentence.values)) == (1, "进店 +1，今天 1 位")
    assert done.changes.footfall
    clock.set(DAY, "11:30")
    shop.footfall.come_in()
    shop.footfall.come_in()
    today = shop.view().footfall()
    assert today is not None
    assert (today.people, today.hours) == (3, ((10, 1), (11, 2)))
    shop.footfall.one_fewer()
    clock.set(DAY, "12:00")
    assert shop.footfall.one_fewer().value == 1
    assert shop.footfall.one_fewer().value == 0
    assert shop.view().footfall() is None  # nobody counted is not nobody came
    with pytest.raises(Refusal) as error:
        shop.footfall.one_fewer()
    assert error.value.code == "footfall_none"
    assert shop.view().footfall(DAY - timedelta(days=1)) is None


def test_each_press_can_be_taken_back(shop: Shop, clock: Any) -> None:
    states = []
    for hour, press in ((9, 1), (9, 1), (10, 1), (11, -1), (11, -1), (12, 1)):
        states.append(everything(shop))
        clock.set(DAY, f"{hour:02}:00")
        (shop.footfall.come_in if press > 0 else shop.footfall.one_fewer)()
    for state in reversed(states):
        shop.undo()
        assert everything(shop) == state


def test_conversion_knows_only_the_days_that_were_counted(
    shop: Shop, clock: Any, a_member: Maker, a_sale: Maker
) -> None:
    li = a_member("李梅")
    empty = shop.view().conversion()
    assert (empty.days, empty.people, empty.rate) == (0, 0, None)
    for ago, people in ((40, 5), (3, 4), (0, 2)):
        clock.set(DAY - timedelta(days=ago), "15:00")
        for _ in range(people):
            shop.footfall.come_in()
    clock.set(DAY, "18:00")
    a_sale(li, DAY - timedelta(days=40))
    a_sale(li, DAY - timedelta(days=3))
    a_sale(None, DAY - timedelta(days=3))
    a_sale(li, DAY - timedelta(days=2))  # nobody counted on that day
    voided = a_sale(li, DAY)
    shop.counter.void_sale(voided, "录错")
    back = shop.view().member(li).sales[-1].lines[0].id  # type: ignore[union-attr]
    shop.counter.sell(SaleDraft(li, DAY, (LineDraft(-30_000, "连衣裙", returns_line=back),)))
    found = shop.view().conversion(30)
    assert (found.days, found.people, found.receipts) == (2, 6, 2)
    assert found.rate == pytest.approx(1 / 3)
    assert found.hours == ((15, 6),)
    assert (found.first, found.last) == (DAY - timedelta(days=29), DAY)
    assert shop.view().conversion(60).people == 11


def test_what_is_asked_for_at_a_visit_goes_into_the_book_in_the_same_step(
    shop: Shop, a_member: Maker
) -> None:
    li = a_member("李梅")
    before = everything(shop)
    asked = tuple(WantedDraft(li, "小白鞋", size) for size in ("38", "39", "38"))
    day = DAY - timedelta(days=1)
    visit = shop.counter.visit(VisitDraft(li, day, "tried", reasons=("no_size",), wanted=asked)).value
    assert [(row.size, row.day) for row in shop.view().wanted()] == [("38", day), ("39", day)]
    rows = shop.store.read().all("SELECT DISTINCT visit_id FROM wanted")
    assert rows == [(visit,)]
    shop.undo()
    assert everything(shop) == before


# ---------------------------------------------------------------- a visit at which something was asked for


def asked_at_a_visit(shop: Shop, member: MemberId, *sizes: str, days: int = 1) -> Any:
    asked = tuple(WantedDraft(member, "小白鞋", size) for size in sizes)
    draft = VisitDraft(member, DAY - timedelta(days=days), "tried", reasons=("no_size",), wanted=asked)
    return shop.counter.visit(draft).value, draft._replace(wanted=())


def test_a_visit_that_moves_takes_the_news_of_its_arrival_along(
    shop: Shop, a_member: Maker, a_wish: Maker
) -> None:
    li, wang = a_member("李梅"), a_member("王丽")
    visit, draft = asked_at_a_visit(shop, li, "38")
    shop.wanted.arrived([wish.id for wish in shop.view().wanted()])
    before = everything(shop)
    shop.counter.correct_visit(visit, draft._replace(member=wang))
    assert w1(shop) == [(li, "stopped", "voided"), (wang, "open", "")]
    assert [(wish.member, wish.told) for wish in shop.view().wanted(state="arrived")] == [(wang, "open")]
    shop.undo()
    assert everything(shop) == before
    own = a_wish(li, "风衣", "M")  # something she did ask for stays hers
    shop.wanted.arrived([own])
    assert [task[:2] for task in w1(shop)] == [(li, "open")]
    shop.counter.correct_visit(visit, draft._replace(member=wang))
    assert [task[:2] for task in w1(shop)] == [(li, "open"), (wang, "open")]
    assert "小白鞋" not in str(the_task(shop, li))
    assert "小白鞋" in str(the_task(shop, wang))


def test_a_visit_struck_out_leaves_no_wishes_and_brings_them_back(shop: Shop, a_member: Maker) -> None:
    li = a_member("李梅")
    visit, _ = asked_at_a_visit(shop, li, "38", "39")
    first, second = shop.view().wanted()
    shop.wanted.arrived([first.id])
    before = everything(shop)
    shop.counter.void_visit(visit)
    card = shop.view().member(li)
    assert card is not None
    assert (shop.view().wanted(), shop.view().wanted(state="arrived"), card.wanted) == ([], [], ())
    assert (shop.view().wanted_count(), w1(shop)) == (0, [(li, "stopped", "voided")])
    with pytest.raises(Refusal) as caught:
        shop.wanted.arrived([second.id])
    assert caught.value.code == "wanted_unknown"
    assert shop.wanted.add(WantedDraft(li, "小白鞋", "39")).value != second.id  # she asked after all
    shop.undo()
    shop.counter.restore_visit(visit)
    assert [wish.id for wish in shop.view().wanted()] == [second.id]
    assert [task[:2] for task in w1(shop)] == [(li, "stopped"), (li, "open")]
    shop.undo()
    shop.undo()
    assert everything(shop) == before


def test_who_was_told_is_not_told_again_by_a_visit_restored(shop: Shop, a_member: Maker) -> None:
    li = a_member("李梅")
    visit, _ = asked_at_a_visit(shop, li, "38")
    shop.wanted.arrived([wish.id for wish in shop.view().wanted()])
    shop.followups.finish(the_task(shop, li).id, OutcomeDraft("reached"))
    shop.counter.void_visit(visit)
    shop.counter.restore_visit(visit)
    assert [task[:2] for task in w1(shop)] == [(li, "done")]


def test_people_who_wait_are_counted_not_wishes(shop: Shop, a_member: Maker, a_wish: Maker) -> None:
    li = a_member("李梅")
    a_wish(li)
    a_wish(li, "风衣", "M")
    a_wish(a_member("王丽"))
    assert shop.view().wanted_count() == 2
