"""Reading for the screen: filters, order, search, rows and cards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shopcrm.basics.records import MemberDraft, MemberId, Query, StaffId
from shopcrm.shop import Shop
from shopcrm.shop.view import ShopView

DAY = date(2026, 11, 21)
Maker = Callable[..., Any]


@pytest.fixture
def view(shop: Shop) -> Iterator[ShopView]:
    opened = shop.view()
    yield opened
    opened.close()


def test_search_puts_the_end_of_the_phone_and_the_last_visitor_first(
    view: ShopView, a_member: Maker, a_sale: Maker, a_visit: Maker
) -> None:
    middle = a_member("张三", phone="13800044710")
    early = a_member("李四", phone="13800004471")
    late = a_member("王五", phone="13900004471")
    a_sale(early, DAY - timedelta(days=30))
    a_visit(late, DAY - timedelta(days=2))
    a_sale(middle, DAY)
    assert [row.id for row in view.search("4471")] == [late, early, middle]
    assert [row.id for row in view.search("4471", 2)] == [late, early]
    assert [row.id for row in view.search("139 0000 4471")] == [late]
    assert view.search("99999") == view.search("") == []


def test_search_by_name_pinyin_and_card(view: ShopView, a_member: Maker) -> None:
    zeng = a_member("曾小贤", card_no="VIP_07")
    anna = a_member("Anna Li")
    for text in ("zxx", "zengxiao", "cxx", "小贤", "VIP_0", "曾 贤"):
        assert [row.id for row in view.search(text)] == [zeng], text
    assert [row.id for row in view.search("anna")] == [anna]
    for text in ("%", "_", "\\", "VIP%", "zx_", "'", '"', "100%"):
        assert [row.id for row in view.search(text)] == ([zeng] if text == "_" else []), text


def test_filters(shop: Shop, view: ShopView, a_member: Maker, a_sale: Maker) -> None:
    owner = shop.settings.add_staff("小雯", "assistant").value
    a = a_member("甲", birthday="1990-11-05", size_top="M", staff_id=owner)
    b = a_member("乙", birthday="--11-30")
    c = a_member("丙", birthday="L:1988-10-01")  # 2026-11-09
    d = a_member("丁", birthday="1991-05-11")
    a_sale(a, DAY - timedelta(days=10), 5_000)
    a_sale(b, DAY - timedelta(days=100), 50)

    def found(**filters: Any) -> set[int]:
        query = Query(**filters)
        ids = list(view.ids(query))
        assert view.count(query) == len(ids) == len(set(ids))
        return set(ids)

    assert found() == {a, b, c, d}
    assert found(birthday_months=frozenset({11})) == {a, b, c}
    assert found(birthday_months=frozenset({5})) == {d}
    assert found(staff=frozenset({owner})) == {a}
    assert found(no_size=True) == {b, c, d}
    assert found(only=(d, a)) == {a, d}
    assert found(text="丙") == {c}
    assert found(bad_phone=True) == found(archived=True) == set()
    assert found(absent_days=60) <= {b}
    assert view.chip_counts(DAY)["birthday"] == 3
    assert view.chip_counts(DAY)[f"staff.{owner}"] == 1
    assert view.total() == 4


def test_more_filters(shop: Shop, view: ShopView, a_member: Maker, a_sale: Maker) -> None:
    staff = shop.settings.add_staff("小雯", "assistant").value
    a = a_member("甲", likes="羊绒、深色", size_top="M", size_shoe="37", staff_id=staff, tags="大客户 老街坊")
    b = a_member("乙", likes="深色系", size_top="L", referrer_id=a, tags="老街坊", birthday="--11-30")
    c = a_member("丙", likes="碎花 羊绒", size_bottom="M", birthday="--05-30")
    for days in (10, 40):
        a_sale(a, DAY - timedelta(days=days), 1_000)
    a_sale(b, DAY - timedelta(days=80), 100)

    def found(**filters: Any) -> set[int]:
        query = Query(**filters)
        for sort in ("last", "name", "joined"):
            assert set(view.ids(Query(**filters, sort=sort))) == set(view.ids(query)), sort
        assert view.count(query) == len(view.ids(query))
        return set(view.ids(query))

    assert found(within_days=30) == {a}
    assert found(within_days=90) == {a, b}
    assert found(within_days=90, absent_days=60) == {b}
    assert found(n12=1) == {a, b}
    assert found(n12=2) == {a}
    assert found(likes=frozenset({"羊绒"})) == {a, c}
    assert found(likes=frozenset({"深色"})) == {a}
    assert found(likes=frozenset({"深色", "碎花"})) == {a, c}
    assert found(tags=frozenset({"老街坊"})) == {a, b}
    assert found(tags=frozenset({"老街坊"}), likes=frozenset({"羊绒"})) == {a}
    assert found(sizes=frozenset({("size_top", "M")})) == {a}
    assert found(sizes=frozenset({("size_top", "M"), ("size_top", "L")})) == {a, b}
    assert found(sizes=frozenset({("size_top", "L"), ("size_bottom", "M")})) == {b, c}
    assert found(staff=frozenset({staff})) == {a}
    assert found(staff=frozenset({StaffId(0)})) == {b, c}
    assert found(staff=frozenset({staff, StaffId(0)})) == {a, b, c}
    assert found(birthday_months=frozenset({5, 11})) == {b, c}
    assert found(sources=frozenset({"referred"})) == {b}
    assert found(sources=frozenset({"hand"})) == {a, b, c}
    assert view.frequent() == {
        "size_top": (("L", 1), ("M", 1)), "size_bottom": (("M", 1),), "size_shoe": (("37", 1),),
        "likes": (("羊绒", 2), ("深色", 1), ("深色系", 1), ("碎花", 1)),
        "tags": (("老街坊", 2), ("大客户", 1)),
    }  # fmt: skip


def test_who_came_by_an_import_and_who_by_hand(shop: Shop, view: ShopView, a_member: Maker) -> None:
    a = a_member("甲")
    with shop.store.write("import", None, shop.clock()) as tx:
        ids = tx.insert_many("member", ("name",), (("乙",), ("丙",)))
        batch = tx.insert("batch", entry_id=tx.entry, at="", file="a.xlsx", counts="{}")
        tx.done(None, "done.day")
    assert set(view.ids(Query(sources=frozenset({"hand"})))) == {a}
    assert set(view.ids(Query(sources=frozenset({f"batch.{batch}"})))) == set(ids)
    both = Query(sources=frozenset({f"batch.{batch}", "hand"}))
    assert set(view.ids(both)) == {a, *ids}
    assert not view.ids(Query(sources=frozenset({"batch.99"})))


def test_own_fields_are_filters(shop: Shop, view: ShopView, a_member: Maker) -> None:
    a, b, c = a_member("甲"), a_member("乙"), a_member("丙")
    with shop.store.write("x", None, shop.clock()) as tx:
        job = tx.insert("own_field", name="职业", seq=1)
        pet = tx.insert("own_field", name="宠物", seq=2)
        for member, field, value in ((a, job, "老师"), (b, job, "医生"), (b, pet, "猫"), (c, pet, "猫")):
            tx.insert("own_value", member_id=member, field_id=field, value=value)
        tx.done(None, "done.day")

    def found(*pairs: tuple[int, str]) -> set[int]:
        return set(view.ids(Query(own=frozenset(pairs))))

    assert found((job, "老师")) == {a}
    assert found((job, "老师"), (job, "医生")) == {a, b}
    assert found((job, "老师"), (job, "医生"), (pet, "猫")) == {b}
    assert view.frequent() == {f"own.{job}": (("医生", 1), ("老师", 1)), f"own.{pet}": (("猫", 2),)}


@pytest.mark.parametrize("sort", ["last", "name", "n12", "spend12", "spend", "joined", "score", "next"])
def test_every_order_works_both_ways_and_loses_nobody(
    view: ShopView, a_member: Maker, a_sale: Maker, sort: str
) -> None:
    ids = {a_member(name) for name in "王李赵钱"}
    a_sale(min(ids), DAY)
    for descending in (True, False):
        assert set(view.ids(Query(sort=sort, descending=descending))) == ids


def test_order_by_name_is_by_pinyin(view: ShopView, a_member: Maker) -> None:
    wang, a, li = a_member("王丽"), a_member("Anna"), a_member("李梅")
    assert list(view.ids(Query(sort="name", descending=False))) == [a, li, wang]


def test_rows_keep_the_order_asked_for(view: ShopView, a_member: Maker) -> None:
    a, b = a_member("甲", phone="138 0000 0001", size_top="M", size_shoe="37"), a_member("乙", phone="")
    rows = view.rows([b, 99, a])
    assert [row.id for row in rows] == [b, a]
    assert (rows[1].phones, rows[1].sizes, rows[0].phones) == (("13800000001",), "M / 37", ())
    assert view.rows([]) == []


def test_card(shop: Shop, view: ShopView, a_member: Maker, a_sale: Maker) -> None:
    friend = a_member("周姐")
    member = a_member(
        "王丽", likes="驼色、宽松 羊毛", referrer_id=friend, notes="多行\n备注", birthday="--05-01"
    )
    a_sale(member, DAY - timedelta(days=3), 100)
    a_sale(member, DAY, 200)
    card = view.member(member)
    assert card is not None
    assert card.likes == ("驼色", "宽松", "羊毛")
    assert (card.referrer, card.notes, card.birthday) == ("周姐", "多行\n备注", "--05-01")
    assert [sale.total_fen for sale in card.sales] == [20_000, 10_000]
    assert view.member(MemberId(99)) is None


def test_a_view_of_a_file_reads_beside_the_writer_and_cannot_write(shop_file: Path) -> None:
    def clock() -> datetime:
        return datetime.fromisoformat("2026-11-21 10:00")

    with Shop.open(shop_file, clock=clock) as shop:
        view = shop.view()
        member = shop.members.save(MemberDraft(name="王丽")).value
        assert [row.id for row in view.rows(view.ids(Query()))] == [member]
        with shop.store.write("x", None, clock()) as tx:
            tx.insert("member", name="未提交")
            assert view.total() == 1
        assert view.total() == 2
        view.close()
        view.close()


@pytest.mark.parametrize("place", [":memory:", "shop.db"])
def test_what_was_asked_of_the_whole_shop_is_remembered_until_something_changes(
    tmp_path: Path, place: str
) -> None:
    file = place if place == ":memory:" else tmp_path / place
    with Shop.open(file, clock=lambda: datetime(2026, 11, 21, 10, 0)) as shop:
        view = shop.view()
        before = view.day_list(whole=False)
        assert (view.total(), view.day_list(whole=False) is before) == (0, True)
        saved = shop.members.save(MemberDraft(name="王丽", phones=(("13800000001", "13800000001"),)))
        assert view.total() == 1
        shop.followups.add_today([saved.value])
        assert len(view.day_list(whole=False).open) == 1
        shop.undo()
        assert view.day_list(whole=False).open == ()
        view.close()
