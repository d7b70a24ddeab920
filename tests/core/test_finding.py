"""Finding people while one types: who is found, in which order, and that it stays right after changes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from shopcrm.basics.errors import ShopError
from shopcrm.basics.records import Changes, MemberDraft, MemberId, Query, Touched
from shopcrm.basics.values import search_parts
from shopcrm.shop import Shop
from shopcrm.shop.view import ShopView
from shopcrm.store import finding
from shopcrm.store.finding import Feed

DAY = date(2026, 11, 21)
Maker = Callable[..., Any]


@pytest.fixture
def view(shop: Shop) -> Iterator[ShopView]:
    opened = shop.view()
    yield opened
    opened.close()


def found(view: ShopView, text: str, limit: int = 6) -> list[int]:
    return [int(row.id) for row in view.search(text, limit)]


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("曾小贤", ("z", "zxx", "zengxiao", "cxx", "ceng", "曾", "小贤", "曾 贤", "曾x", "曾xiaox")),
        ("单芳", ("sf", "shan", "df", "danfang", "單芳")),
        ("仇英", ("qy", "qiuying", "cy", "chou")),
        ("解晓东", ("xxd", "jxd", "解曉東")),
        ("查莉", ("zl", "cl", "zhali", "chali")),
        ("陳麗華", ("陈丽华", "丽华", "陳", "clh", "chenlihua", "陈丽h")),
        ("Anna Li", ("anna", "LI", "al", "annali", "Ａｎｎａ")),
        ("买买提·艾力", ("买买提艾力", "艾力", "mmtal")),
        ("会员12", ("12", "huiyuan", "会员1")),
    ],
)
def test_by_name_and_pinyin(view: ShopView, a_member: Maker, name: str, typed: tuple[str, ...]) -> None:
    member = a_member(name, phone="13900000000")
    a_member("彭霞", phone="13700000000")
    for text in typed:
        assert found(view, text) == [member], text


def test_by_card_and_what_matched(view: ShopView, a_member: Maker) -> None:
    member = a_member("王丽", phone="13800004471", card_no="VIP_07")
    matched = {text: view.search(text)[0].matched for text in ("4471", "vip", "_07", "07", "wl", "ang", "丽")}
    assert matched == {
        "4471": "13800004471", "vip": "vip_07", "_07": "vip_07", "07": "vip_07", "wl": "wl", "ang": "wangli",
        "丽": "王丽",
    }  # fmt: skip
    assert found(view, "VIP_07") == [member]


def test_everybody_on_one_number_the_last_visitor_first(
    view: ShopView, a_member: Maker, a_sale: Maker, a_visit: Maker
) -> None:
    family = [a_member(name, phone="13800004471") for name in ("王丽", "王敏", "王芳")]
    a_sale(family[1], DAY - timedelta(days=30))
    a_visit(family[2], DAY - timedelta(days=2))
    assert found(view, "4471") == found(view, "13800004471") == [family[2], family[1], family[0]]
    assert found(view, "王") == [family[2], family[1], family[0]]


def test_order_follows_bookings_and_their_undo(
    shop: Shop, view: ShopView, a_member: Maker, a_sale: Maker, a_visit: Maker
) -> None:
    one, other = a_member("王丽"), a_member("王敏")
    a_sale(one, DAY - timedelta(days=9))
    assert found(view, "w") == [one, other]
    a_visit(other, DAY - timedelta(days=1))
    assert found(view, "w") == [other, one]
    shop.undo()
    assert found(view, "w") == [one, other]
    a_sale(other, DAY)
    assert found(view, "w") == [other, one]
    shop.undo()
    shop.undo()
    assert found(view, "w") == [one, other]


def test_a_change_of_name_phone_or_card_is_found_at_once(shop: Shop, view: ShopView, a_member: Maker) -> None:
    member = a_member("王丽", phone="13800000001")
    assert found(view, "wangli") == [member]
    shop.members.save(
        MemberDraft(id=member, name="李敏", phones=(("13900000002", "13900000002"),), card_no="K1")
    )
    assert found(view, "wangli") == found(view, "0001") == []
    assert found(view, "limin") == found(view, "0002") == found(view, "k1") == [member]
    shop.members.archive(member)
    assert found(view, "limin") == []
    shop.undo()
    assert found(view, "limin") == [member]
    shop.undo()
    assert found(view, "wangli") == [member]


def test_a_view_of_a_file_hears_of_what_the_writer_does(shop_file: Path, clock: Any) -> None:
    with Shop.open(shop_file, clock=clock) as shop:
        view = shop.view()
        assert found(view, "wl") == []
        member = shop.members.save(MemberDraft(name="王丽")).value
        assert found(view, "wl") == [member]
        view.close()


def reference(view: ShopView, text: str) -> set[int]:
    """Whom the filter of the member list lets through, which asks the database."""
    return set(view.ids(Query(text=text)))


NAMES = ("王丽", "王麗", "曾小贤", "单于飞", "Anna Wang", "赵敏", "王小丽")
TYPED = ("w", "wl", "王", "丽", "王 丽", "wang", "138", "0001", "1", "王l", "zxx", "an", "wx", "d", "x 王")


@pytest.mark.parametrize(("most_apart", "few"), [(0, 300), (3, 2), (1_000, 300), (1_000, 0), (1_000, 4)])
def test_whatever_happens_it_finds_as_if_it_had_just_read_everything(
    shop: Shop, a_sale: Maker, a_visit: Maker, monkeypatch: pytest.MonkeyPatch, most_apart: int, few: int
) -> None:
    monkeypatch.setattr(finding, "_MOST_APART", most_apart)
    monkeypatch.setattr(finding, "_FEW", few)
    chance = random.Random(most_apart)
    view = shop.view()
    people: list[MemberId] = []

    def save(member: MemberId | None) -> None:
        number = f"138{chance.randrange(12):08}"
        draft = MemberDraft(id=member, name=chance.choice(NAMES), phones=((number, number),))
        people.append(shop.members.save(draft).value)

    def someone() -> MemberId:
        return chance.choice(people)

    def a_day() -> date:
        return DAY - timedelta(days=chance.choice((0, 1, 1, 30)))

    save(None)
    doings: list[Callable[[], object]] = [
        lambda: save(None), lambda: save(None), lambda: save(someone()), lambda: a_sale(someone(), a_day()),
        lambda: a_visit(someone(), a_day()), lambda: shop.members.archive(someone()), shop.undo, shop.undo,
        lambda: shop.members.restore(someone()), lambda: shop.undo(shop.undo().entry),
    ]  # fmt: skip
    for _ in range(120):
        try:
            chance.choice(doings)()
        except ShopError:
            continue
        for text in (*chance.sample(TYPED, 3), "w", "wl", "王", "王丽"):
            anew = shop.view()
            assert view.search(text, 50) == anew.search(text, 50), text
            assert set(found(view, text, 50)) == reference(view, text), text
            assert found(view, text, 3) == found(view, text, 50)[:3]


def test_a_reader_who_was_away_too_long_is_told_so() -> None:
    feed = Feed()
    one = Changes(members=Touched(frozenset({1})))
    assert feed.since(0) == (0, ())
    feed.tell(one)
    assert feed.since(0) == (1, (one,))
    assert feed.since(1) == (1, ())
    for _ in range(600):
        feed.tell(one)
    told, news = feed.since(1)
    assert (told, news) == (601, None)
    assert feed.since(600) == (601, (one,))


def test_nothing_typed_finds_nobody(view: ShopView, a_member: Maker) -> None:
    a_member("王丽")
    for text in ("", " ", "|", "·", "%", "\\", '"'):
        assert found(view, text) == [], text
    assert search_parts("|") == ()
