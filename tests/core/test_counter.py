"""The counter: what may be booked, returns never more than bought, corrections, undo."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from shopcrm.basics.errors import InputError, Refusal
from shopcrm.basics.records import (
    Done,
    FittingDraft,
    LineDraft,
    LineRow,
    MemberDraft,
    MemberId,
    OutcomeDraft,
    SaleDraft,
    SaleId,
    SaleRow,
    StaffId,
    TaskRow,
    VisitDraft,
    VisitId,
    VisitRow,
    WantedDraft,
)
from shopcrm.basics.texts import t
from shopcrm.rules.garments import size_field
from shopcrm.shop import Shop
from shopcrm.shop.dump import dump

DAY = date(2026, 11, 21)
Maker = Callable[..., Any]


def sales_of(shop: Shop, member: MemberId) -> tuple[SaleRow, ...]:
    card = shop.view().member(member)
    assert card is not None
    return card.sales


def visits_of(shop: Shop, member: MemberId) -> tuple[VisitRow, ...]:
    card = shop.view().member(member)
    assert card is not None
    return card.visits


def records(shop: Shop) -> list[list[tuple[Any, ...]]]:
    tables = ("sale", "line", "visit", "journal_entry")
    return [shop.store.read().all(f"SELECT * FROM {table}") for table in tables]


def test_what_a_sale_costs_does_not_grow_with_her_history(shop: Shop, a_member: Maker) -> None:
    member = a_member("王丽")
    shop.start_day()

    def sell(day: date) -> list[str]:
        asked: list[str] = []
        shop.store.connection.set_trace_callback(asked.append)
        shop.counter.sell(SaleDraft(member, day, (LineDraft(39_900, "羊毛 大衣"),)))
        shop.store.connection.set_trace_callback(None)
        return asked

    for ago in range(40, 1, -1):
        sell(DAY - timedelta(days=ago))
    last = sell(DAY)
    assert len(last) <= 27
    assert not [sql for sql in last if "LEFT JOIN line" in sql]  # her receipts are not read again
    card = shop.view().member(member)
    assert card is not None
    assert (card.n, card.spend_fen) == (40, 40 * 39_900)


def test_sale_with_lines(shop: Shop, a_member: Maker) -> None:
    member = a_member("王丽")
    lines = (
        LineDraft(39_900, "羊毛 大衣", "M", "驼色"), LineDraft(0, "赠品袜"), LineDraft(-5_000, "旧款退回"),
    )  # fmt: skip
    done = shop.counter.sell(SaleDraft(member, DAY, lines, at="15:30", order_no="A1"))
    sale = sales_of(shop, member)[0]
    assert (sale.id, sale.total_fen, sale.at, sale.order_no) == (done.value, 34_900, "15:30", "A1")
    assert [(line.item, line.size, line.amount_fen) for line in sale.lines] == [
        ("羊毛 大衣", "M", 39_900), ("赠品袜", "", 0), ("旧款退回", "", -5_000),
    ]  # fmt: skip
    assert done.changes.sales.ids == {done.value}
    assert member in done.changes.members.ids
    assert done.sentence.values == {"name": "王丽", "sum": "¥349"}


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"day": DAY + timedelta(days=1)}, "day", "day_future"),
        ({"day": date(1989, 12, 31)}, "day", "day_old"),
        ({"at": "25:00"}, "at", "time_bad"),
        ({"lines": ()}, "lines", "no_line"),
        ({"lines": (LineDraft(100, qty=0),)}, "qty", "qty_bad"),
        ({"lines": (LineDraft(100, qty=-1),)}, "qty", "qty_bad"),
        ({"lines": (LineDraft(1_000_000_001),)}, "amount", "amount_too_large"),
        ({"lines": (LineDraft(100, returns_line=1),)}, "amount", "return_positive"),
        ({"lines": (LineDraft(100, "x" * 501),)}, "item", "text_long"),
        ({"staff_id": StaffId(7)}, "staff", "staff_unknown"),
    ],
)
def test_nonsense_is_refused_at_its_field(
    shop: Shop, a_member: Maker, change: dict[str, Any], field: str, code: str
) -> None:
    values = {"member": a_member("王丽"), "day": DAY, "lines": (LineDraft(100),)} | change
    before = records(shop)
    with pytest.raises(InputError) as caught:
        shop.counter.sell(SaleDraft(**values))
    assert (caught.value.field, caught.value.code) == (field, code)
    assert caught.value.sentence
    assert records(shop) == before


def test_unknown_member_is_refused(shop: Shop) -> None:
    with pytest.raises(Refusal, match="没找到会员"):
        shop.counter.sell(SaleDraft(MemberId(5), DAY, (LineDraft(100),)))
    with pytest.raises(Refusal, match="没找到会员"):
        shop.counter.visit(VisitDraft(MemberId(5), DAY, "tried"))


def test_never_more_comes_back_than_was_bought(shop: Shop, a_member: Maker) -> None:
    member = a_member("王丽")
    day = DAY - timedelta(days=5)
    shop.counter.sell(SaleDraft(member, day, (LineDraft(30_000, "毛衣", qty=3),)))
    line = sales_of(shop, member)[0].lines[0].id

    def give_back(fen: int, qty: int = 1, times: int = 1, on: date = DAY) -> SaleId:
        back = LineDraft(-fen, "毛衣", qty=qty, returns_line=line)
        return shop.counter.sell(SaleDraft(member, on, (back,) * times)).value

    for fen, qty, times in ((30_001, 1, 1), (10_000, 4, 1), (16_000, 1, 2), (100, 2, 2)):
        with pytest.raises(Refusal) as caught:
            give_back(fen, qty, times)
        assert caught.value.code == "return_too_much"
    assert caught.value.values == {"sum": "¥300", "n": 3}
    with pytest.raises(InputError, match="退货不能早于"):
        give_back(100, on=day - timedelta(days=1))
    first = give_back(10_000)
    assert sales_of(shop, member)[-1].lines[0].returned_fen == 10_000
    with pytest.raises(Refusal) as caught:
        give_back(20_001)
    assert caught.value.values == {"sum": "¥200", "n": 2}
    give_back(20_000, 2)
    with pytest.raises(Refusal):
        give_back(0)
    shop.counter.void_sale(first, "录错")
    assert give_back(10_000)


def test_a_return_must_be_of_a_line_of_hers(shop: Shop, a_member: Maker, a_sale: Maker) -> None:
    hers, other = a_member("王丽"), a_member("李梅")
    sale = a_sale(hers)
    line = sales_of(shop, hers)[0].lines[0].id
    back = (LineDraft(-100, returns_line=line),)
    for member in (other, None):
        with pytest.raises(Refusal, match="没找到要退"):
            shop.counter.sell(SaleDraft(member, DAY, back))
    shop.counter.void_sale(sale, "")
    with pytest.raises(Refusal, match="没找到要退"):
        shop.counter.sell(SaleDraft(hers, DAY, back))


def test_void_and_its_undo(shop: Shop, a_member: Maker, a_sale: Maker, a_visit: Maker) -> None:
    member = a_member("王丽")
    sale, visit = a_sale(member), a_visit(member)
    shop.counter.void_sale(sale, "录错了")
    shop.counter.void_visit(visit)
    assert [s.voided for s in sales_of(shop, member)] == [True]
    twice: tuple[Callable[[], object], ...] = (
        lambda: shop.counter.void_sale(sale, ""), lambda: shop.counter.void_visit(visit),
    )  # fmt: skip
    for again in twice:
        with pytest.raises(Refusal, match="已经作废"):
            again()
    shop.undo()
    shop.undo()
    assert [s.voided for s in sales_of(shop, member)] == [False]
    card = shop.view().member(member)
    assert card is not None
    assert len(card.visits) == 1
    with pytest.raises(Refusal):
        shop.counter.void_sale(SaleId(99), "")


def test_a_sale_that_was_returned_cannot_be_voided_first(shop: Shop, a_member: Maker, a_sale: Maker) -> None:
    member = a_member("王丽")
    sale = a_sale(member)
    line = sales_of(shop, member)[0].lines[0].id
    back = shop.counter.sell(SaleDraft(member, DAY, (LineDraft(-100, returns_line=line),))).value
    with pytest.raises(Refusal, match="先作废那次退货"):
        shop.counter.void_sale(sale, "")
    shop.counter.void_sale(back, "")
    shop.counter.void_sale(sale, "")


def test_an_anonymous_sale_is_attached_later(shop: Shop, a_member: Maker, a_sale: Maker) -> None:
    member = a_member("王丽")
    sale = a_sale(None, DAY - timedelta(days=3))
    shop.counter.attach(sale, member)
    assert [s.id for s in sales_of(shop, member)] == [sale]
    with pytest.raises(Refusal, match="已经有会员"):
        shop.counter.attach(sale, member)
    shop.undo()
    assert sales_of(shop, member) == ()


def test_visit(shop: Shop, a_member: Maker) -> None:
    member = a_member("王丽")
    draft = VisitDraft(member, DAY, "tried", items="大衣 M", reasons=("price", "no_size"), says="打折再来")
    shop.counter.visit(draft)
    card = shop.view().member(member)
    assert card is not None
    assert (card.visits[0].reasons, card.visits[0].says) == (("price", "no_size"), "打折再来")
    nonsense: tuple[dict[str, Any], ...] = (
        {"kind": "flew"}, {"reasons": ("moon",)}, {"day": DAY + timedelta(days=1)},
    )  # fmt: skip
    for bad in nonsense:
        with pytest.raises(InputError):
            shop.counter.visit(VisitDraft(**{"member": member, "day": DAY, "kind": "tried"} | bad))


def test_todays_log_forgets_what_was_taken_back(
    shop: Shop, a_member: Maker, a_sale: Maker, a_visit: Maker
) -> None:
    member = a_member("王丽")
    sale = a_sale(member, yuan=50)
    a_visit(member)
    view = shop.view()
    log = view.log(DAY)
    assert [(entry.kind, entry.name, entry.fen, entry.visit_kind) for entry in log] == [
        ("visit", "王丽", 0, "tried"), ("sale", "王丽", 5_000, ""), ("member", "王丽", 0, ""),
    ]  # fmt: skip
    shop.undo(log[1].entry)
    assert [entry.kind for entry in view.log(DAY)] == ["visit", "member"]
    shop.undo(log[0].entry)
    assert [entry.kind for entry in view.log(DAY)] == ["member"]
    assert sale


def test_article_hints_hers_first(shop: Shop, a_member: Maker, a_sale: Maker) -> None:
    hers, other = a_member("王丽"), a_member("李梅")
    a_sale(hers, DAY - timedelta(days=300), 400, item="毛呢大衣")
    a_sale(other, DAY, 99, item="毛衣")
    a_sale(other, DAY, 59, item="T恤_白")
    view = shop.view()
    assert [(hint.item, hint.amount_fen, hint.last_day) for hint in view.items(hers, "m")] == [
        ("毛呢大衣", 40_000, DAY - timedelta(days=300)), ("毛衣", 9_900, None),
    ]  # fmt: skip
    assert [hint.item for hint in view.items(None, "毛")] == ["毛衣"]
    assert [hint.item for hint in view.items(None, "_")] == ["T恤_白"]
    assert len(view.items(hers, "", 2)) == 2


# ---------------------------------------------------------------- what the toast says


def said(done: Done[Any]) -> str:
    return t(done.sentence.id, **done.sentence.values)


def kind_of(shop: Shop, member: MemberId) -> str:
    verdict = shop.types.verdict(shop.store.read(), member)
    assert verdict is not None
    return verdict.type


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def sold(
    shop: Shop, member: MemberId | None, day: date = DAY, yuan: int = 300, qty: int = 1
) -> tuple[SaleId, int]:
    """A receipt with one article, and the id of its line."""
    line = LineDraft(yuan * 100, "毛衣", "M", qty=qty)
    sale = shop.counter.sell(SaleDraft(member, day, (line,))).value
    row = shop.view().sale(sale)
    assert row is not None
    return sale, row.lines[0].id


def give_back(
    shop: Shop, member: MemberId | None, line: int, yuan: int = 300, *more: LineDraft
) -> Done[SaleId]:
    back = LineDraft(-yuan * 100, "毛衣", returns_line=line)
    return shop.counter.sell(SaleDraft(member, DAY, (back, *more)))


def as_booked(shop: Shop, sale: SaleId) -> SaleDraft:
    """A receipt as it would be opened for correcting."""
    row = shop.view().sale(sale)
    assert row is not None
    lines = (
        LineDraft(one.amount_fen, one.item, one.size, one.colour, one.qty, one.returns_line, one.id)
        for one in row.lines
    )
    return SaleDraft(row.member, row.day, tuple(lines), row.at, row.order_no, row.staff_id, row.note)


def open_task(shop: Shop, member: MemberId) -> TaskRow | None:
    card = shop.view().member(member)
    assert card is not None
    return card.task


def test_a_booking_says_who_is_of_another_type_now(shop: Shop, a_member: Maker) -> None:
    member = a_member("王丽", joined=ago(900))
    sold(shop, member, ago(800))
    assert kind_of(shop, member) == "lost"
    done = shop.counter.sell(SaleDraft(member, DAY, (LineDraft(30_000),)))
    now = kind_of(shop, member)
    assert now != "lost"
    assert said(done) == f"已记 王丽 买了 ¥300 · 变成{t('type.' + now)}"
    assert said(shop.counter.void_sale(done.value, "")) == "王丽的这笔销售已作废 · 变成流失型"
    assert said(shop.counter.restore_sale(done.value)) == f"王丽的这笔 ¥300 已恢复 · 变成{t('type.' + now)}"
    assert said(shop.counter.sell(SaleDraft(member, DAY, (LineDraft(100),)))) == "已记 王丽 买了 ¥1"
    shop.undo()
    assert said(shop.undo()) == "已撤销：王丽的这笔 ¥300 已恢复"  # and nothing of what followed from it


def test_the_first_booking_of_a_day_says_it_too(shop: Shop, clock: Any, a_member: Maker) -> None:
    """The program ran over midnight: everybody is brought to the day within the booking."""
    member = a_member("王丽", joined=ago(900))
    sold(shop, member, ago(800))
    clock.set(DAY + timedelta(days=1))
    done = shop.counter.sell(SaleDraft(member, DAY, (LineDraft(30_000),)))
    assert said(done) == f"已记 王丽 买了 ¥300 · 变成{t('type.' + kind_of(shop, member))}"


def test_a_correction_names_both_whose_type_changed(shop: Shop, a_member: Maker) -> None:
    wrong, right = a_member("李梅", joined=ago(900)), a_member("王丽", joined=ago(900))
    for member in (wrong, right):
        sold(shop, member, ago(800))
    sale, _ = sold(shop, wrong)
    kind = kind_of(shop, wrong)
    done = shop.counter.correct_sale(sale, as_booked(shop, sale)._replace(member=right))
    told = said(done)
    assert told.startswith("这笔 ¥300 已从李梅改到王丽名下 · ")
    assert set(told.split(" · ")[1:]) == {"李梅变成流失型", f"变成{t('type.' + kind)}"}
    assert done.changes.members.ids >= {wrong, right}


def test_what_is_settled_by_a_booking_is_open_again_when_it_never_was(shop: Shop, a_member: Maker) -> None:
    wrong, right = a_member("李梅"), a_member("王丽")
    shop.followups.add_today((wrong, right))
    done = shop.counter.sell(SaleDraft(wrong, DAY, (LineDraft(30_000),), close_task=True))
    assert "今天的跟进也完成了" in said(done)
    assert open_task(shop, wrong) is None
    draft = as_booked(shop, done.value)._replace(member=right, close_task=True)
    moved = shop.counter.correct_sale(done.value, draft)
    assert "今天的跟进也完成了" in said(moved)
    assert open_task(shop, wrong) is not None
    assert open_task(shop, right) is None
    shop.counter.void_sale(done.value, "")
    assert open_task(shop, right) is not None


def test_what_was_settled_stays_so_while_she_came_all_the_same(shop: Shop, a_member: Maker) -> None:
    member = a_member("王丽")
    shop.followups.add_today((member,))
    first = shop.counter.sell(SaleDraft(member, DAY, (LineDraft(30_000),), close_task=True)).value
    shop.counter.visit(VisitDraft(member, DAY, "looked"))
    shop.counter.void_sale(first, "")
    assert open_task(shop, member) is None


def test_who_said_she_would_come_is_waited_for_again(shop: Shop, a_member: Maker) -> None:
    member = a_member("王丽")
    shop.followups.add_today((member,))
    task = open_task(shop, member)
    assert task is not None
    shop.followups.finish(task.id, OutcomeDraft("will_come", DAY))
    sale, _ = sold(shop, member)
    assert open_task(shop, member) is None
    shop.counter.void_sale(sale, "")
    again = open_task(shop, member)
    assert again is not None
    assert (again.id, again.appointment) == (task.id, DAY)


# ---------------------------------------------------------------- exchanges


def test_an_exchange_is_return_and_sale_on_one_receipt(shop: Shop, a_member: Maker) -> None:
    member = a_member("王丽")
    _, line = sold(shop, member, ago(5))
    new = LineDraft(30_000, "毛衣", "L")
    assert said(give_back(shop, member, line, 300, new)) == "已记 王丽 换货，不补不退"
    card = shop.view().member(member)
    assert card is not None
    assert (card.n, card.spend_fen, card.last_day) == (1, 30_000, ago(5))
    shop.undo()
    assert (
        said(give_back(shop, member, line, 300, new._replace(amount_fen=35_000))) == "已记 王丽 换货，补 ¥50"
    )
    card = shop.view().member(member)
    assert card is not None
    assert (card.n, card.spend_fen, card.last_day) == (1, 35_000, ago(5))
    shop.undo()
    assert (
        said(give_back(shop, member, line, 300, new._replace(amount_fen=20_000))) == "已记 王丽 换货，退 ¥100"
    )
    card = shop.view().member(member)
    assert card is not None
    assert (card.n, card.spend_fen, card.last_day) == (1, 20_000, ago(5))


def test_an_exchange_settles_a_to_do_and_is_no_purchase(shop: Shop, a_member: Maker) -> None:
    member = a_member("王丽")
    _, line = sold(shop, member, ago(5))
    shop.followups.add_today((member,))
    lines = (LineDraft(-30_000, returns_line=line), LineDraft(30_000))
    shop.counter.sell(SaleDraft(member, DAY, lines, close_task=True))
    assert open_task(shop, member) is None
    why = shop.store.read().value("SELECT closed_why FROM task WHERE rule='M1'")
    assert why == "counter"


def test_a_second_piece_given_back_for_nothing_is_no_purchase(shop: Shop, a_member: Maker) -> None:
    member = a_member("王丽")
    shop.counter.sell(SaleDraft(member, ago(90), (LineDraft(30_000, "连衣裙", qty=2),)))
    line = sales_of(shop, member)[0].lines[0].id
    shop.counter.sell(SaleDraft(member, ago(60), (LineDraft(-30_000, returns_line=line),)))
    shop.counter.sell(SaleDraft(member, DAY, (LineDraft(0, returns_line=line),)))
    for _ in range(2):
        card = shop.view().member(member)
        assert card is not None
        assert (card.n, card.last_day) == (0, None)
        with shop.store.write("test", None, shop.clock()) as tx:
            shop.refresh(tx, None)


def test_two_receipts_a_day_are_one_purchase(shop: Shop, a_member: Maker) -> None:
    member = a_member("王丽")
    for yuan in (100, 50):
        sold(shop, member, DAY, yuan)
    sold(shop, member, ago(3))
    card = shop.view().member(member)
    assert card is not None
    assert (card.n, card.spend_fen, len(card.sales)) == (2, 45_000, 3)


# ---------------------------------------------------------------- putting a receipt right


def test_a_receipt_is_put_right_in_everything(shop: Shop, a_member: Maker) -> None:
    member = a_member("王丽")
    staff = shop.settings.add_staff("小陈", "assistant").value
    lines = (LineDraft(30_000, "毛衣", "M"), LineDraft(10_000, "围巾"))
    sale = shop.counter.sell(SaleDraft(member, DAY, lines)).value
    draft = as_booked(shop, sale)
    first = draft.lines[0]._replace(amount_fen=28_000, item="毛衣 红", size="L", colour="红", qty=2)
    draft = SaleDraft(
        member, ago(2), (first, LineDraft(5_000, "手套")), "09:15", "A7", staff, "多收了",
    )  # fmt: skip
    done = shop.counter.correct_sale(sale, draft)
    assert said(done) == "王丽的这笔已改好，合计 ¥330"
    row = shop.view().sale(sale)
    assert row is not None
    assert (row.day, row.at, row.order_no, row.staff_id, row.note) == (ago(2), "09:15", "A7", staff, "多收了")
    assert [(one.item, one.size, one.colour, one.qty, one.amount_fen) for one in row.lines] == [
        ("毛衣 红", "L", "红", 2, 28_000), ("手套", "", "", 1, 5_000),
    ]  # fmt: skip
    assert row.lines[0].id == first.id
    card = shop.view().member(member)
    assert card is not None
    assert (card.n, card.spend_fen, card.last_day) == (1, 33_000, ago(2))
    assert [hint.item for hint in shop.view().items(None, "st")] == ["手套"]


def test_nothing_changed_is_no_step(shop: Shop, a_member: Maker, a_sale: Maker, a_visit: Maker) -> None:
    member = a_member("王丽")
    sale, visit = a_sale(member), a_visit(member)
    done = shop.counter.correct_sale(sale, as_booked(shop, sale))
    assert (done.entry, said(done)) == (None, "没有改动")
    same = shop.counter.correct_visit(visit, VisitDraft(member, DAY, "tried"))
    assert (same.entry, said(same)) == (None, "没有改动")


def test_what_came_back_of_a_line_bounds_its_correction(shop: Shop, clock: Any, a_member: Maker) -> None:
    member = a_member("王丽")
    sale, line = sold(shop, member, ago(5), qty=3)
    give_back(shop, member, line, 100)
    draft = as_booked(shop, sale)
    (hers,) = draft.lines
    other = LineDraft(30_000, "另一件")
    for lines in (
        (hers._replace(amount_fen=9_999),),
        (other,),
        (hers._replace(returns_line=line, amount_fen=-1),),
    ):
        with pytest.raises(Refusal) as caught:
            shop.counter.correct_sale(sale, draft._replace(lines=lines))
        assert caught.value.code == "correct_returned"
        assert caught.value.values == {"n": 1, "sum": "¥100"}
    give_back(shop, member, line, 100)
    with pytest.raises(Refusal, match="已经退了 2 件、¥200"):
        shop.counter.correct_sale(sale, draft._replace(lines=(hers._replace(qty=1),)))
    clock.set(DAY + timedelta(days=2))
    with pytest.raises(InputError, match="退货不能早于"):
        shop.counter.correct_sale(sale, draft._replace(day=DAY + timedelta(days=1)))
    least = hers._replace(qty=2, amount_fen=20_000)
    shop.counter.correct_sale(sale, draft._replace(day=DAY, lines=(least, other)))


def test_a_return_is_put_right_within_what_was_bought(shop: Shop, a_member: Maker) -> None:
    member, other = a_member("王丽"), a_member("李梅")
    _, line = sold(shop, member, ago(5), qty=2)
    back = give_back(shop, member, line, 100).value
    draft = as_booked(shop, back)
    (first,) = draft.lines

    def correct(**values: Any) -> Done[SaleId]:
        changed = draft._replace(lines=(first._replace(**values),)) if values else draft
        return shop.counter.correct_sale(back, changed)

    correct(amount_fen=-30_000, qty=2)
    for values in ({"amount_fen": -30_001}, {"qty": 3}):
        with pytest.raises(Refusal) as caught:
            correct(**values)
        assert (caught.value.code, caught.value.values) == ("return_too_much", {"sum": "¥300", "n": 2})
    with pytest.raises(InputError, match="退货不能早于"):
        shop.counter.correct_sale(back, draft._replace(day=ago(6)))
    with pytest.raises(Refusal, match="没找到要退"):
        shop.counter.correct_sale(back, draft._replace(member=other))
    with pytest.raises(Refusal, match="没找到要退"):  # a line cannot take back itself
        shop.counter.correct_sale(back, draft._replace(lines=(first, LineDraft(-1, returns_line=first.id))))
    correct(returns_line=None)
    assert sales_of(shop, member)[-1].lines[0].returned_fen == 0


def test_correcting_refuses_what_is_not_there(
    shop: Shop, a_member: Maker, a_sale: Maker, a_visit: Maker
) -> None:
    member = a_member("王丽")
    sale, visit = a_sale(member), a_visit(member)
    draft = as_booked(shop, sale)
    foreign = as_booked(shop, a_sale(member)).lines
    for lines in (foreign, draft.lines * 2):
        with pytest.raises(Refusal, match="已经不在这笔销售里"):
            shop.counter.correct_sale(sale, draft._replace(lines=lines))
    come = VisitDraft(member, DAY, "looked")
    for missing in (
        lambda: shop.counter.correct_sale(SaleId(99), draft),
        lambda: shop.counter.restore_sale(SaleId(99)),
        lambda: shop.counter.attach(SaleId(99), member),
        lambda: shop.counter.correct_visit(VisitId(99), come),
        lambda: shop.counter.restore_visit(VisitId(99)),
        lambda: shop.counter.void_visit(VisitId(99)),
    ):
        with pytest.raises(Refusal, match="没找到"):
            missing()
    for standing in (lambda: shop.counter.restore_sale(sale), lambda: shop.counter.restore_visit(visit)):
        with pytest.raises(Refusal, match="没有作废"):
            standing()
    shop.counter.void_sale(sale, "")
    shop.counter.void_visit(visit)
    for void in (
        lambda: shop.counter.correct_sale(sale, draft), lambda: shop.counter.correct_visit(visit, come),
    ):  # fmt: skip
        with pytest.raises(Refusal, match="已经作废"):
            void()
    shop.counter.restore_sale(sale)
    with pytest.raises(Refusal, match="没找到会员"):
        shop.counter.correct_sale(sale, draft._replace(member=MemberId(99)))
    with pytest.raises(InputError):
        shop.counter.correct_sale(sale, draft._replace(lines=()))


def test_what_was_returned_moves_along_with_its_sale(shop: Shop, a_member: Maker) -> None:
    wrong, right = a_member("李梅"), a_member("王丽")
    sale, line = sold(shop, wrong, ago(5))
    back = give_back(shop, wrong, line, 100, LineDraft(20_000, "新的")).value
    done = shop.counter.correct_sale(sale, as_booked(shop, sale)._replace(member=right))
    assert "连同退换货 1 笔" in said(done)
    assert [row.id for row in sales_of(shop, right)] == [back, sale]
    assert sales_of(shop, wrong) == ()
    shop.undo()
    assert [row.id for row in sales_of(shop, wrong)] == [back, sale]


def test_a_receipt_tied_to_two_sales_does_not_tear(shop: Shop, a_member: Maker) -> None:
    member, other = a_member("王丽"), a_member("李梅")
    first, line = sold(shop, member, ago(5))
    _, second = sold(shop, member, ago(4))
    both = (LineDraft(-30_000, returns_line=line), LineDraft(-30_000, returns_line=second))
    back = shop.counter.sell(SaleDraft(member, DAY, both)).value
    before = dump(shop.store.read())
    with pytest.raises(Refusal, match="别的销售"):
        shop.counter.correct_sale(first, as_booked(shop, first)._replace(member=other))
    assert dump(shop.store.read()) == before
    shop.counter.void_sale(back, "")
    shop.counter.correct_sale(first, as_booked(shop, first)._replace(member=other))
    with pytest.raises(Refusal, match="没找到要退"):
        shop.counter.restore_sale(back)


def test_a_void_return_does_not_hold_its_line(shop: Shop, a_member: Maker) -> None:
    member = a_member("王丽")
    sale, line = sold(shop, member, ago(5))
    back = give_back(shop, member, line).value
    shop.counter.void_sale(back, "")
    draft = as_booked(shop, sale)._replace(lines=(LineDraft(20_000, "别的"),))
    shop.counter.correct_sale(sale, draft)
    shop.counter.restore_sale(back)  # it no longer knows what it takes back
    card = shop.view().member(member)
    assert card is not None
    assert (card.n, card.spend_fen) == (0, 0)


def test_a_restored_return_is_checked_again(shop: Shop, a_member: Maker) -> None:
    member = a_member("王丽")
    sale, line = sold(shop, member, ago(5))
    back = give_back(shop, member, line).value
    shop.counter.void_sale(back, "录错")
    row = shop.view().sale(back)
    assert row is not None
    assert (row.voided, row.void_reason) == (True, "录错")
    again = give_back(shop, member, line, 200).value
    with pytest.raises(Refusal, match="退多了"):
        shop.counter.restore_sale(back)
    shop.counter.void_sale(again, "")
    shop.counter.void_sale(sale, "")
    with pytest.raises(Refusal, match="没找到要退"):
        shop.counter.restore_sale(back)
    shop.counter.restore_sale(sale)
    shop.counter.restore_sale(back)
    assert [row.voided for row in sales_of(shop, member)] == [True, False, False]


def test_an_anonymous_sale_is_put_right_and_given_to_her_with_its_returns(
    shop: Shop, a_member: Maker
) -> None:
    member = a_member("王丽", joined=ago(900))
    sale, line = sold(shop, None)
    other, _ = sold(shop, None)
    assert said(shop.counter.correct_sale(sale, as_booked(shop, sale)._replace(note="现金"))).startswith(
        "散客的这笔"
    )
    back = give_back(shop, None, line, 100).value
    with pytest.raises(Refusal, match="别的销售"):
        shop.counter.attach(back, member)
    done = shop.counter.attach(sale, member)
    assert said(done).startswith("这笔销售已记到 王丽 名下 · 连同退换货 1 笔")
    assert [row.id for row in sales_of(shop, member)] == [back, sale]
    card = shop.view().member(member)
    assert card is not None
    assert (card.n, card.spend_fen) == (1, 20_000)
    assert [row.id for row in shop.view().anonymous(1)] == [other]
    draft = as_booked(shop, other)._replace(member=member)
    assert said(shop.counter.correct_sale(other, draft)).startswith("这笔 ¥300 已从散客改到王丽名下")
    back_again = shop.counter.correct_sale(other, draft._replace(member=None))
    assert said(back_again).startswith("这笔 ¥300 已从王丽改到散客名下")


# ---------------------------------------------------------------- visits


def test_a_visit_with_what_was_tried_on(shop: Shop, a_member: Maker) -> None:
    member = a_member("王丽")
    fittings = (FittingDraft("大衣", "M", True), FittingDraft("毛衣"), FittingDraft(" ", ""))
    visit = shop.counter.visit(VisitDraft(member, DAY, "tried", reasons=("price",), fittings=fittings)).value
    row = shop.view().visit(visit)
    assert row is not None
    assert (row.fittings, row.items) == (fittings[:2], "大衣 M、毛衣")
    with pytest.raises(InputError, match="试了没买"):
        shop.counter.visit(VisitDraft(member, DAY, "looked", fittings=fittings))
    changed = (FittingDraft("大衣", "L", True),)
    shop.counter.correct_visit(visit, VisitDraft(member, DAY, "tried", fittings=changed))
    row = shop.view().visit(visit)
    assert row is not None
    assert (row.fittings, row.items, row.reasons) == (changed, "大衣 L", ())
    more = (*changed, FittingDraft("裙"))
    shop.counter.correct_visit(visit, VisitDraft(member, DAY, "tried", fittings=more))
    shop.undo()
    row = shop.view().visit(visit)
    assert row is not None
    assert row.fittings == changed
    assert shop.view().visit(VisitId(99)) is None


def test_a_reminder_is_a_to_do_of_its_day(shop: Shop, clock: Any, a_member: Maker) -> None:
    member = a_member("王丽")
    on = DAY + timedelta(days=5)
    tried = VisitDraft(
        member,
        DAY,
        "tried",
        reasons=("thinking",),
        says="发了工资再来",
        fittings=(FittingDraft("大衣"),),
        remind=on,
    )
    done = shop.counter.visit(tried)
    assert said(done).endswith(" · 11月26日提醒")
    assert open_task(shop, member) is None
    row = shop.view().visit(done.value)
    assert row is not None
    assert row.remind == on
    clock.set(on)
    shop.start_day()
    task = open_task(shop, member)
    assert task is not None
    assert (task.rule, task.due, t(task.why.id, **task.why.values)) == ("R1", on, "试了大衣没买，说再考虑")
    assert task.context is not None
    assert t(task.context.id, **task.context.values) == "11月21日来过 · 她说：发了工资再来"
    assert "大衣" in shop.view().message(task.id).text
    rules = [rule for (rule,) in shop.store.read().all("SELECT rule FROM task WHERE state='open'")]
    assert "P1" not in rules  # one of the two is enough


@pytest.mark.parametrize(
    ("remind", "code"),
    [
        (DAY, "next_day_past"),
        (DAY - timedelta(days=1), "next_day_past"),
        (DAY + timedelta(days=400), "next_day_far"),
    ],
)
def test_a_reminder_lies_ahead(shop: Shop, a_member: Maker, remind: date, code: str) -> None:
    member = a_member("王丽")
    with pytest.raises(InputError) as caught:
        shop.counter.visit(VisitDraft(member, DAY, "tried", remind=remind))
    assert (caught.value.field, caught.value.code) == ("remind", code)


def test_nobody_is_reminded_of_who_wants_no_contact(shop: Shop, a_member: Maker) -> None:
    member = a_member("王丽")
    shop.members.pause(member, None, never=True)
    before = records(shop)
    with pytest.raises(InputError, match="不能联系"):
        shop.counter.visit(VisitDraft(member, DAY, "tried", remind=DAY + timedelta(days=3)))
    assert records(shop) == before


def test_a_reminder_follows_its_visit(shop: Shop, a_member: Maker) -> None:
    member, other = a_member("王丽"), a_member("李梅")
    soon, later = DAY + timedelta(days=3), DAY + timedelta(days=9)
    draft = VisitDraft(member, DAY, "tried", items="大衣", remind=soon)
    visit = shop.counter.visit(draft).value

    def remind(whose: MemberId = member) -> list[tuple[str, str]]:
        return shop.store.read().all(
            "SELECT due, state FROM task WHERE rule='R1' AND member_id=? ORDER BY id", (whose,)
        )

    shop.counter.correct_visit(visit, draft._replace(remind=later))
    assert remind() == [(later.isoformat(), "open")]
    shop.counter.void_visit(visit)
    assert remind() == [(later.isoformat(), "stopped")]
    shop.counter.restore_visit(visit)
    assert remind() == [(later.isoformat(), "open")]
    again = shop.counter.visit(VisitDraft(member, DAY, "looked")).value
    shop.counter.void_visit(again)  # she came all the same
    assert remind() == [(later.isoformat(), "open")]
    shop.counter.correct_visit(visit, draft._replace(remind=None))
    assert remind() == [(later.isoformat(), "stopped")]
    shop.counter.correct_visit(visit, draft._replace(remind=soon))
    moved = shop.counter.correct_visit(visit, draft._replace(member=other))
    assert said(moved).startswith("这次到店已从王丽改到李梅名下")
    assert [state for _, state in remind()] == ["stopped", "stopped"]
    assert remind(other) == [(soon.isoformat(), "open")]


def test_a_reminder_stays_when_another_visit_of_the_day_is_put_right(shop: Shop, a_member: Maker) -> None:
    member, other = a_member("王丽"), a_member("李梅")
    soon = DAY + timedelta(days=3)
    first = shop.counter.visit(VisitDraft(member, DAY, "tried", items="大衣", remind=soon)).value
    second = shop.counter.visit(VisitDraft(member, DAY, "looked")).value
    rows = {row.id: row.remind for row in visits_of(shop, member)}
    assert rows == {first: soon, second: None}
    shop.counter.correct_visit(second, VisitDraft(member, DAY, "looked", says="等人"))
    shop.counter.correct_visit(second, VisitDraft(other, DAY, "looked"))
    left = shop.store.read().all("SELECT member_id, due, state FROM task WHERE rule='R1'")
    assert left == [(member, soon.isoformat(), "open")]


def test_a_reminder_somebody_worked_on_stays(shop: Shop, clock: Any, a_member: Maker) -> None:
    member = a_member("王丽")
    soon = DAY + timedelta(days=3)
    draft = VisitDraft(member, DAY, "tried", items="大衣", remind=soon)
    visit = shop.counter.visit(draft).value
    clock.set(soon)
    shop.start_day()
    task = open_task(shop, member)
    assert task is not None
    shop.followups.finish(task.id, OutcomeDraft("later", soon + timedelta(days=2)))
    row = shop.view().visit(visit)
    assert row is not None
    assert row.remind == soon + timedelta(days=2)
    shop.counter.correct_visit(visit, draft._replace(says="红的", remind=row.remind))
    shop.counter.void_visit(visit)
    assert shop.store.read().value("SELECT state FROM task WHERE rule='R1'") == "open"


def test_what_was_asked_for_moves_with_the_visit(shop: Shop, a_member: Maker) -> None:
    wrong, right = a_member("李梅"), a_member("王丽")
    wish = WantedDraft(wrong, "小白鞋", "38")
    visit = shop.counter.visit(VisitDraft(wrong, DAY, "asked", wanted=(wish,))).value
    shop.counter.correct_visit(visit, VisitDraft(right, DAY, "asked"))
    assert [(row.member, row.item) for row in shop.view().wanted()] == [(right, "小白鞋")]


# ---------------------------------------------------------------- undo and redo of each


def changes(shop: Shop, member: MemberId, other: MemberId) -> list[Callable[[], Done[Any]]]:
    """Every way to change what was booked, each possible after the one before it."""
    counter = shop.counter
    sale, line = sold(shop, member, ago(40))
    nobodys, _ = sold(shop, None, ago(2))
    remind = DAY + timedelta(days=4)
    visit = counter.visit(
        VisitDraft(member, ago(1), "tried", fittings=(FittingDraft("裙"),), remind=remind)
    ).value
    return [
        lambda: give_back(shop, member, line, 100, LineDraft(5_000, "袜")),
        lambda: counter.correct_sale(
            sale,
            as_booked(shop, sale)._replace(day=ago(50), lines=(*as_booked(shop, sale).lines, LineDraft(1))),
        ),
        lambda: counter.correct_sale(sale, as_booked(shop, sale)._replace(member=other)),
        lambda: counter.correct_sale(
            sale, as_booked(shop, sale)._replace(lines=as_booked(shop, sale).lines[:1])
        ),
        lambda: counter.attach(nobodys, other),
        lambda: counter.void_sale(nobodys, "录错"),
        lambda: counter.restore_sale(nobodys),
        lambda: counter.correct_visit(
            visit,
            VisitDraft(
                other, ago(2), "tried", fittings=(FittingDraft("裤"), FittingDraft("鞋")), remind=remind
            ),
        ),
        lambda: counter.void_visit(visit),
        lambda: counter.restore_visit(visit),
    ]


def test_every_correction_goes_back_and_forth(shop: Shop, a_member: Maker) -> None:
    member, other = a_member("王丽", joined=ago(900)), a_member("李梅", joined=ago(900))
    shop.followups.add_today((member, other))

    def everything() -> tuple[Any, ...]:
        rx = shop.store.read()
        kept = ("sale", "line", "visit", "fitting", "task")
        derived = "SELECT member_id, type, code, n, spend, last_d FROM d_case ORDER BY 1"
        return dump(rx), *(rx.all(f"SELECT * FROM {table} ORDER BY id") for table in kept), rx.all(derived)

    states = [everything()]
    for change in changes(shop, member, other):
        states[-1] = everything() if len(states) == 1 else states[-1]
        assert change().entry is not None
        states.append(everything())
        assert states[-1] != states[-2]
    for state in reversed(states[:-1]):
        assert shop.undo().value == ()
        assert everything() == state
    for state in states[1:]:
        shop.redo()
        assert everything() == state


# ---------------------------------------------------------------- what the screen asks


def test_what_may_still_come_back(shop: Shop, a_member: Maker) -> None:
    member = a_member("王丽")
    lines = (LineDraft(30_000, "毛衣", "M", "红", 3), LineDraft(10_000, "围巾"), LineDraft(-5_000, "旧款"))
    old = shop.counter.sell(SaleDraft(member, ago(9), lines)).value
    sold(shop, member, ago(1), 50)
    void, _ = sold(shop, member)
    shop.counter.void_sale(void, "")
    row = shop.view().sale(old)
    assert row is not None
    give_back(shop, member, row.lines[1].id, 100)
    give_back(shop, member, row.lines[0].id, 100)
    found = shop.view().returnable(member)
    assert [(one.item, one.qty, one.fen, one.day) for one in found] == [
        ("毛衣", 1, 5_000, ago(1)), ("毛衣", 2, 20_000, ago(9)),
    ]  # fmt: skip
    assert (found[1].line, found[1].sale, found[1].size, found[1].colour) == (row.lines[0].id, old, "M", "红")
    assert shop.view().returnable(a_member()) == ()
    row = shop.view().sale(old)
    assert row is not None
    assert [(one.returned_qty, one.returned_fen) for one in row.lines] == [(1, 10_000), (1, 10_000), (0, 0)]
    assert shop.view().sale(SaleId(99)) is None


def test_anonymous_receipts_of_some_days(shop: Shop, a_member: Maker) -> None:
    sold(shop, a_member())
    today, _ = sold(shop, None)
    old, _ = sold(shop, None, ago(6))
    sold(shop, None, ago(7))
    void, _ = sold(shop, None)
    shop.counter.void_sale(void, "")
    assert [row.id for row in shop.view().anonymous(7)] == [today, old]


def test_the_log_of_a_day_shows_what_was_struck_out(shop: Shop, clock: Any, a_member: Maker) -> None:
    member = a_member("王丽")
    clock.set(DAY + timedelta(days=1))
    sale, _ = sold(shop, member, DAY)
    visit = shop.counter.visit(VisitDraft(member, DAY, "looked")).value
    shop.counter.void_sale(sale, "")
    shop.counter.void_visit(visit)
    view = shop.view()
    assert [(entry.kind, entry.is_void) for entry in view.log(view.today)] == [
        ("visit", True),
        ("sale", True),
    ]
    assert [entry.kind for entry in view.log(DAY)] == ["member"]
    shop.counter.restore_sale(sale)
    assert [entry.is_void for entry in view.log(view.today)] == [True, False]


def test_hints_bring_her_size_and_the_last_price(shop: Shop, a_member: Maker) -> None:
    hers = a_member("王丽", size_top="M", size_shoe="37")
    other = a_member("李梅")

    def buy(member: MemberId, item: str, size: str, days: int, fen: int = 10_000, qty: int = 1) -> None:
        shop.counter.sell(SaleDraft(member, ago(days), (LineDraft(fen, item, size, qty=qty),)))

    buy(hers, "毛呢大衣", "L", 300, 60_000, 2)
    buy(hers, "阔腿裤", "28", 200)
    buy(hers, "阔腿裤 黑", "29", 100)
    for item in ("毛衣", "连衣裙", "马丁靴", "牛仔裤", "毛巾包", "羊毛围巾"):
        buy(other, item, "XL", 3)
    view = shop.view()
    hints = {hint.item: hint for hint in view.items(hers, "", 20)}
    assert {item: hint.size for item, hint in hints.items()} == {
        "毛呢大衣": "L", "阔腿裤": "28", "阔腿裤 黑": "29", "毛衣": "M", "连衣裙": "M", "马丁靴": "37",
        "牛仔裤": "29", "毛巾包": "", "羊毛围巾": "",
    }  # fmt: skip
    assert hints["毛呢大衣"].amount_fen == 30_000
    assert {hint.size for hint in view.items(None, "", 20)} == {""}
    assert view.her_size(hers, "针织衫") == "M"
    assert view.her_size(other, "针织衫") == "XL"


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ("小白鞋", "size_shoe"), ("Ankle boots", "size_shoe"), ("阔腿裤 黑", "size_bottom"),
        ("半裙", "size_bottom"), ("Jeans", "size_bottom"), ("包臀裙", "size_bottom"), ("连衣裙", "size_top"),
        ("連衣裙", "size_top"), ("T恤", "size_top"), ("summer dress", "size_top"), ("围巾 灰", ""),
        ("双肩包", ""), ("", "size_top"),
    ],
)  # fmt: skip
def test_the_kind_of_garment_by_its_name(item: str, field: str) -> None:
    assert size_field(item) == field


# ---------------------------------------------------------------- what a line tells besides its article

DETAILED = LineDraft(50_660, "羊绒衫", "M", "驼色", 2, category="毛衫", article_no="A2031", list_fen=59_600)


def details(line: LineRow) -> tuple[str, str, int | None]:
    return line.category, line.article_no, line.list_fen


def test_category_number_and_price_tag_are_kept(shop: Shop, a_member: Maker) -> None:
    member = a_member("王丽")
    sale = shop.counter.sell(SaleDraft(member, ago(3), (DETAILED, LineDraft(100)))).value
    lines = sales_of(shop, member)[0].lines
    assert [details(line) for line in lines] == [("毛衫", "A2031", 59_600), ("", "", None)]
    (hint,) = shop.view().items(member, "羊绒", 6)
    assert (hint.category, hint.article_no, hint.list_fen) == ("毛衫", "A2031", 29_800)  # of one piece
    right = DETAILED._replace(id=lines[0].id, article_no=" A2032 ", list_fen=0)
    done = shop.counter.correct_sale(sale, SaleDraft(member, ago(3), (right,)))
    assert details(sales_of(shop, member)[0].lines[0]) == ("毛衫", "A2032", None)
    shop.undo(done.entry)
    assert details(sales_of(shop, member)[0].lines[0]) == ("毛衫", "A2031", 59_600)
    shop.counter.void_sale(sale, "录错")
    shop.counter.restore_sale(sale)
    assert details(sales_of(shop, member)[0].lines[0]) == ("毛衫", "A2031", 59_600)


def test_a_return_tells_of_the_article_what_the_sale_told(shop: Shop, a_member: Maker) -> None:
    member = a_member("王丽")
    shop.counter.sell(SaleDraft(member, ago(3), (DETAILED,)))
    line = sales_of(shop, member)[0].lines[0].id
    exchange = (LineDraft(-25_330, returns_line=line), LineDraft(25_330, "羊绒衫", "L", list_fen=-29_800))
    shop.counter.sell(SaleDraft(member, DAY, exchange))
    back, new = sales_of(shop, member)[0].lines
    assert (details(back), details(new)) == (("毛衫", "A2031", -29_800), ("", "", 29_800))


@pytest.mark.parametrize(
    ("change", "field"),
    [({"category": "x" * 501}, "category"), ({"article_no": "x" * 501}, "article_no"),
     ({"list_fen": 1_000_000_001}, "list_price")],
)  # fmt: skip
def test_nonsense_about_an_article_is_refused(
    shop: Shop, a_member: Maker, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(InputError) as caught:
        shop.counter.sell(SaleDraft(a_member("王丽"), DAY, (LineDraft(100)._replace(**change),)))
    assert caught.value.field == field


# ---------------------------------------------------------------- what a past record changes of the past


def told_types(shop: Shop, member: MemberId) -> list[tuple[str, str]]:
    return [(day.isoformat(), key) for day, key, _ in shop.types.history(shop.store.read(), member)]


def type_log(shop: Shop) -> list[tuple[Any, ...]]:
    return shop.store.read().all("SELECT * FROM d_type_log ORDER BY member_id, day")


@pytest.fixture
def old_shop(shop: Shop, clock: Any, a_member: Maker) -> MemberId:
    """A shop of fourteen months; somebody who bought once long ago and was lost since, day by day."""
    clock.set(ago(420))
    her = a_member("王丽", joined=ago(420))
    others = [a_member(f"客人{n}", joined=ago(420)) for n in range(6)]
    for day in range(420, -1, -5):
        clock.set(ago(day))
        shop.start_day()
        shop.counter.sell(SaleDraft(others[day // 5 % 6], ago(day), (LineDraft(20_000, "裙"),)))
        if day == 415:
            shop.counter.sell(SaleDraft(her, ago(415), (LineDraft(30_000, "毛衣"),)))
    assert told_types(shop, her)[-1][1] == "lost"
    return her


@pytest.mark.parametrize("how", ["sold", "attached", "moved", "brought forward"])
def test_a_back_dated_record_tells_her_types_anew_from_its_day_on(
    shop: Shop, old_shop: MemberId, how: str
) -> None:
    her, before, log = old_shop, told_types(shop, old_shop), type_log(shop)
    draft = SaleDraft(her, ago(100), (LineDraft(60_000, "大衣"),))
    if how == "sold":
        shop.counter.sell(draft)
    elif how == "attached":
        shop.counter.attach(shop.counter.sell(draft._replace(member=None)).value, her)
    else:
        other = shop.members.save(MemberDraft(name="李梅", joined=ago(420))).value
        sale = shop.counter.sell(draft._replace(member=other)).value
        if how == "moved":
            line = sales_of(shop, other)[0].lines[0].id
            shop.counter.correct_sale(sale, draft._replace(lines=(LineDraft(60_000, "大衣", id=line),)))
        else:
            shop.undo()
            shop.counter.sell(draft._replace(day=DAY))
            line = sales_of(shop, her)[0].lines[0].id
            shop.counter.correct_sale(
                sales_of(shop, her)[0].id, draft._replace(lines=(LineDraft(60_000, "大衣", id=line),))
            )
    told = told_types(shop, her)
    since = ago(100).isoformat()
    assert [row for row in told if row[0] < since] == [row for row in before if row[0] < since]
    assert next(key for day, key in told if day >= since) != "lost"
    assert any(since <= day < DAY.isoformat() for day, _ in told)
    assert type_log(shop) != log


def test_taking_a_back_dated_record_back_gives_the_types_back(shop: Shop, old_shop: MemberId) -> None:
    verdicts = "SELECT member_id, day, type, code, vals, round(score, 9), since FROM d_case ORDER BY 1"
    log, cases = type_log(shop), shop.store.read().all(verdicts)
    sale = shop.counter.sell(SaleDraft(old_shop, ago(100), (LineDraft(60_000, "大衣"),))).value
    after = type_log(shop)
    shop.undo()
    assert (type_log(shop), shop.store.read().all(verdicts)) == (log, cases)
    shop.redo()
    assert type_log(shop) == after
    shop.counter.void_sale(sale, "记错了")
    assert [row[2] for row in type_log(shop) if row[0] == old_shop][-1] == "lost"
    shop.undo()
    assert type_log(shop) == after
    shop.undo()
    assert type_log(shop) == log


def test_on_a_later_day_the_types_are_told_anew(shop: Shop, clock: Any, old_shop: MemberId) -> None:
    entry = shop.counter.sell(SaleDraft(old_shop, ago(100), (LineDraft(60_000, "大衣"),))).entry
    clock.set(DAY + timedelta(days=3))
    shop.start_day()
    shop.undo(entry)
    told = told_types(shop, old_shop)
    assert {key for day, key in told if day >= ago(100).isoformat()} <= {"lost"}
    assert told[-1][1] == "lost"


def test_a_record_of_today_costs_nothing_of_that(shop: Shop, old_shop: MemberId) -> None:
    shop.counter.sell(SaleDraft(old_shop, DAY, (LineDraft(60_000, "大衣"),)))
    assert shop.store.read().value("SELECT count(*) FROM sqlite_master WHERE name = 'd_log_aside'") == 0


def test_who_is_of_another_type_by_a_visit_with_a_reminder_has_her_to_dos_looked_at(
    shop: Shop, a_member: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """She brought the visitor along, say, and is loyal now: what follows from that stands at once."""
    visitor, other = a_member("王丽"), a_member("李梅")
    looked_at: list[frozenset[int] | None] = []
    refresh_types, refresh = shop.types.refresh, shop.followups.refresh

    def types(*args: Any, **options: Any) -> Any:
        limits, moved = refresh_types(*args, **options)
        return limits, {**moved, other: "loyal"}

    def followups(tx: Any, members: Any, *args: Any, **options: Any) -> None:
        looked_at.append(members)
        refresh(tx, members, *args, **options)

    monkeypatch.setattr(shop.types, "refresh", types)
    monkeypatch.setattr(shop.followups, "refresh", followups)
    day = shop.day
    shop.counter.visit(VisitDraft(member=visitor, day=day, kind="tried", remind=day + timedelta(days=3)))
    shop.counter.visit(VisitDraft(member=visitor, day=day, kind="looked"))
    assert looked_at == [{visitor, other}] * 2
