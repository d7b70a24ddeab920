"""Members: what may be saved, what follows, who is meant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from shopcrm.basics.errors import InputError, Refusal, ShopError
from shopcrm.basics.records import MemberDraft, MemberId, Query
from shopcrm.basics.values import phone_key
from shopcrm.shop import Shop

DAY = date(2026, 11, 21)


def phones(*typed: str) -> tuple[tuple[str, str], ...]:
    return tuple((text, phone_key(text) or "") for text in typed)


def counts(shop: Shop) -> list[int]:
    rx = shop.store.read()
    return [rx.value(f"SELECT count(*) FROM {table}") for table in ("member", "phone", "journal_entry")]


def test_name_or_phone_is_enough(shop: Shop) -> None:
    by_name = shop.members.save(MemberDraft(name=" 王　丽 ")).value
    by_phone = shop.members.save(MemberDraft(phones=phones("138 0000 4471"))).value
    view = shop.view()
    card = view.member(by_name)
    assert card is not None
    assert (card.name, card.joined) == ("王丽", DAY)
    assert [row.id for row in view.search("4471")] == [by_phone]
    assert [row.id for row in view.search("wl")] == [by_name]
    assert [row.id for row in view.search("王")] == [by_name]


@pytest.mark.parametrize(
    ("draft", "field", "code"),
    [
        (MemberDraft(), "name", "name_or_phone"),
        (MemberDraft(name=" ", phones=(("", ""),)), "name", "name_or_phone"),
        (MemberDraft(name="王" * 51), "name", "name_long"),
        (MemberDraft(phones=(("1380000447", ""),)), "phone", "phone_length"),
        (MemberDraft(phones=(("128 0000 4471", ""),)), "phone", "phone_start"),
        (MemberDraft(phones=(("一二三", ""),)), "phone", "phone_letters"),
        (MemberDraft(name="甲", birthday="1990-13-01"), "birthday", "birthday_bad"),
        (MemberDraft(name="甲", birthday="5月1日"), "birthday", "birthday_bad"),
        (MemberDraft(name="甲", birthday="2027-01-01"), "birthday", "birthday_future"),
        (MemberDraft(name="甲", joined=DAY + timedelta(days=1)), "joined", "day_future"),
        (MemberDraft(name="甲", gender="女"), "gender", "gender_bad"),
        (MemberDraft(name="甲", staff_id=9), "staff", "staff_unknown"),  # type: ignore[arg-type]
        (MemberDraft(name="甲", referrer_id=MemberId(9)), "referrer", "referrer_unknown"),
        (MemberDraft(name="甲", wechat="x" * 501), "wechat", "text_long"),
    ],
)
def test_nonsense_is_refused_at_its_field(shop: Shop, draft: MemberDraft, field: str, code: str) -> None:
    before = counts(shop)
    with pytest.raises(InputError) as caught:
        shop.members.save(draft)
    assert (caught.value.field, caught.value.code) == (field, code)
    assert caught.value.sentence
    assert counts(shop) == before


def test_card_number_is_never_used_again(shop: Shop, a_member: Callable[..., MemberId]) -> None:
    first = a_member("王丽", card_no="V001")
    shop.members.archive(first)
    with pytest.raises(InputError, match="王丽"):
        shop.members.save(MemberDraft(name="李梅", card_no="V001"))
    shop.members.save(MemberDraft(id=first, name="王丽", card_no="V001"))


def test_referrers_make_no_circle(shop: Shop, a_member: Callable[..., MemberId]) -> None:
    a = a_member("甲")
    b = a_member("乙", referrer_id=a)
    c = a_member("丙", referrer_id=b)
    for referrer in (a, b, c):
        with pytest.raises(InputError) as caught:
            shop.members.save(MemberDraft(id=a, name="甲", referrer_id=referrer))
        assert caught.value.code == "referrer_cycle"


def test_phones_keep_their_rows_when_the_order_changes(shop: Shop, a_member: Callable[..., MemberId]) -> None:
    member = a_member("王丽", phone="138 0000 0001")
    rx = shop.store.read()
    first = rx.value("SELECT id FROM phone")
    shop.members.save(MemberDraft(id=member, name="王丽", phones=phones("138 0000 0002", "13800000001")))
    assert rx.all("SELECT seq, key FROM phone ORDER BY seq") == [(1, "13800000002"), (2, "13800000001")]
    assert rx.value("SELECT id FROM phone WHERE seq=2") == first
    assert [row.id for row in shop.view().search("0002")] == [member]
    shop.members.save(MemberDraft(id=member, name="王丽", phones=phones("138 0000 0002", "138-0000-0002")))
    assert rx.all("SELECT key FROM phone") == [("13800000002",)]


def test_saving_what_is_already_so_leaves_no_trace(shop: Shop, a_member: Callable[..., MemberId]) -> None:
    member = a_member("王丽", phone="138 0000 0001", joined=date(2026, 1, 5))
    before = counts(shop)
    draft = MemberDraft(id=member, name="王丽", phones=phones("138 0000 0001"), joined=date(2026, 1, 5))
    assert shop.members.save(draft).entry is None
    assert counts(shop) == before


def test_same_phone_and_same_name_with_birthday_are_pointed_out(
    shop: Shop, a_member: Callable[..., MemberId]
) -> None:
    mother = a_member("王丽", phone="13800000001")
    daughter = a_member("李一", phone="138 0000 0001", birthday="--05-01")
    draft = MemberDraft(name="李一", birthday="--05-01", phones=phones("+86 138 0000 0001"))
    assert dict(shop.members.duplicates(draft)) == {mother: "phone", daughter: "phone"}
    assert dict(shop.members.duplicates(MemberDraft(name="李一", birthday="--05-01"))) == {daughter: "name"}
    assert shop.members.duplicates(MemberDraft(name="李一")) == ()
    own = MemberDraft(id=mother, name="王丽", phones=phones("13800000001"))
    assert dict(shop.members.duplicates(own)) == {daughter: "phone"}


def test_find(shop: Shop, a_member: Callable[..., MemberId]) -> None:
    a = a_member("王丽", phone="138 0000 0001", card_no="V001")
    b = a_member("李梅", phone="138 0000 0002")
    c = a_member("李梅", phone="138 0000 0002")
    assert shop.members.find("138-0000-0001") == shop.members.find("V001") == shop.members.find(" 王 丽") == a
    assert shop.members.find(f"#{b}") == shop.members.find(str(b)) == b
    for key, code in (
        ("李梅", "member_ambiguous"), ("13800000002", "member_ambiguous"), ("王", "member_unknown"),
        ("", "member_unknown"), ("#99", "member_unknown"),
    ):  # fmt: skip
        with pytest.raises(Refusal) as caught:
            shop.members.find(key)
        assert caught.value.code == code
    assert c


def test_archive_hides_and_restore_brings_back(shop: Shop, a_member: Callable[..., MemberId]) -> None:
    member = a_member("王丽")
    view = shop.view()
    shop.members.archive(member)
    assert (list(view.ids(Query())), list(view.ids(Query(archived=True)))) == ([], [member])
    assert view.search("王丽") == []
    assert view.total() == 0
    shop.members.restore(member)
    assert list(view.ids(Query())) == [member]


def test_pause(shop: Shop, a_member: Callable[..., MemberId]) -> None:
    member = a_member("王丽")

    def state() -> Any:
        card = shop.view().member(member)
        assert card is not None
        return card.no_call, card.no_message, card.pause_until

    shop.members.pause(member, DAY + timedelta(days=30))
    assert state() == (False, False, DAY + timedelta(days=30))
    shop.members.pause(member, None, never=True)
    assert state() == (True, True, None)
    shop.members.pause(member, None)
    assert state() == (False, False, None)
    with pytest.raises(InputError):
        shop.members.pause(member, DAY)
    with pytest.raises(Refusal):
        shop.members.pause(MemberId(99), None)


def test_undo_and_redo_of_an_edit(shop: Shop, a_member: Callable[..., MemberId]) -> None:
    member = a_member("王丽", phone="138 0000 0001")
    shop.members.save(MemberDraft(id=member, name="王莉", phones=phones("138 0000 0009")))
    view = shop.view()
    undone = shop.undo()
    assert undone.value == ()
    assert member in undone.changes.members.ids
    assert [row.id for row in view.search("0001")] == [member]
    assert view.search("0009") == []
    shop.undo(undone.entry)
    assert [row.id for row in view.search("0009")] == [member]
    shop.undo()
    shop.undo()
    assert view.total() == 0
    assert view.search("王丽") == []
    with pytest.raises(Refusal, match="没有可以撤销的"):
        shop.undo()


def test_staff(shop: Shop, a_member: Callable[..., MemberId]) -> None:
    assert shop.settings.staff() == ()
    owner = shop.settings.add_staff("周老板", "owner").value
    member = a_member("王丽", staff_id=owner)
    row = shop.view().rows([member])[0]
    assert row.staff == "周老板"
    for bad in (("周老板", "owner"), ("", "owner"), ("x" * 21, "owner"), ("小雯", "boss")):
        with pytest.raises(InputError):
            shop.settings.add_staff(*bad)
    shop.settings.change_staff(owner, "owner", name="周姐")
    shop.settings.set_staff_active(owner, False)
    assert [(p.name, p.active) for p in shop.settings.staff()] == [("周姐", False)]
    assert shop.members.assign((member, MemberId(99)), None).value == 1
    assert shop.view().chip_counts(DAY).get(f"staff.{owner}") is None


def test_settings(shop: Shop) -> None:
    settings = shop.settings
    assert settings.get("loyal_min_purchases") == 3
    settings.set("loyal_min_purchases", 4)
    settings.set("loyal_min_purchases", 5)
    assert settings.get("loyal_min_purchases") == settings.all()["loyal_min_purchases"] == 5
    assert [version.value for version in settings.versions("loyal_min_purchases")] == [5, 4]
    shop.undo()
    assert settings.get("loyal_min_purchases") == 4
    assert settings.set("loyal_min_purchases", 4).entry is None
    for key, value in (
        ("loyal_min_purchases", 13), ("loyal_min_purchases", "5"), ("loyal_min_purchases", 3.5),
        ("nothing", 1), ("lost_days_once", 29), ("loyal_freq_pct", float("nan")),
        ("closed_weekdays", [7]), ("closed_weekdays", list(range(7))), ("season_dates", ["2-30"]),
        ("shop.name", "店" * 201),
    ):  # fmt: skip
        with pytest.raises(ShopError):
            settings.set(key, value)
    settings.set("lost_days_once", 0)
    settings.set("shop.name", " 禾木衣坊 ")
    assert shop.view().setting("shop.name") == "禾木衣坊"


def test_defaults_are_those_the_types_were_tested_with() -> None:
    from dataclasses import fields

    from shopcrm.basics.settings import SETTINGS, TYPE_GROUPS
    from shopcrm.rules.calibration import DEFAULTS

    tested = {f.name: getattr(DEFAULTS, f.name) for f in fields(DEFAULTS)}
    assert tested == {row.key: row.default for row in SETTINGS.values() if row.group in TYPE_GROUPS}
    for row in SETTINGS.values():
        assert row.check(row.default) == row.default


def test_deactivating_twice_keeps_the_first_day(shop: Shop, clock: Any, a_member: Any) -> None:
    member = a_member("王丽")
    shop.members.archive(member)
    day = shop.view().bin()[0].day
    clock.set(day + timedelta(days=9))
    assert shop.members.archive(member).entry is None
    assert [row.day for row in shop.view().bin()] == [day]


def test_no_step_back_gives_two_people_one_card(shop: Shop, a_member: Any) -> None:
    wang, li = a_member("王丽", card_no="A8"), a_member("李梅")

    def draft(member: MemberId, card_no: str) -> MemberDraft:
        card = shop.view().member(member)
        return MemberDraft(id=member, name=card.name, phones=phones(*card.phones), card_no=card_no)

    def cards() -> list[str]:
        return [shop.view().member(one).card_no for one in (wang, li)]

    gone = shop.members.save(draft(wang, "")).entry
    shop.members.save(draft(li, "A8"))
    assert shop.undo(gone).value == ("王丽",)  # kept as she is, and named
    assert cards() == ["", "A8"]
    shop.undo()
    shop.undo()
    shop.undo()
    assert cards() == ["A8", ""]


def test_whose_card_somebody_has_by_now_does_not_come_back(shop: Shop, a_member: Any) -> None:
    li = a_member("李梅")
    added = shop.members.save(MemberDraft(name="赵敏", card_no="B9"))
    undone = shop.undo(added.entry)
    shop.members.save(MemberDraft(id=li, name="李梅", card_no="B9"))
    with pytest.raises(Refusal):
        shop.redo()
    with pytest.raises(Refusal) as caught:
        shop.undo(undone.entry)
    assert caught.value.code == "undo_kept"
    assert shop.store.read().value("SELECT count(*) FROM member WHERE card_no='B9'") == 1
