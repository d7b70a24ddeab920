"""The change history of a member: who, when, old and new in words, and one value put back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from shopcrm.basics.errors import InputError, Refusal, ShopError
from shopcrm.basics.records import ChangeRow, MemberDraft, MemberId
from shopcrm.shop import Shop
from tests.core.rows import everything

DAY = date(2026, 11, 21)
FIRST = MemberDraft(
    name="王丽", phones=(("138 0000 0001", "13800000001"),), size_top="M", birthday="--05-01", joined=DAY,
)  # fmt: skip


def told(shop: Shop, member: MemberId) -> list[tuple[str, str, str]]:
    return [(row.label, row.old, row.new) for row in shop.view().changes(member)]


def change(shop: Shop, member: MemberId, field: str) -> ChangeRow:
    return next(row for row in shop.view().changes(member) if row.field == field)


def test_every_field_in_words_with_who_and_when(shop: Shop) -> None:
    shop.settings.add_staff("林姐", "owner")
    job = shop.members.own.add("职业").value
    wen = shop.settings.add_staff("小雯", "assistant").value
    shop.settings.change_staff(wen, "assistant", ("delete",))
    shop.settings.set("staff.hide_phones", False)
    shop.actor = wen
    friend = shop.members.save(MemberDraft(name="周曼丽")).value
    member = shop.members.save(FIRST).value
    assert shop.view().changes(member) == ()
    shop.members.save(FIRST._replace(
        id=member, name="王莉", phones=(("138 0000 0002", "13800000002"),), size_top="L",
        birthday="L:--08-15", gender="f", staff_id=wen, referrer_id=friend, consent="no", consent_by="本人",
        no_call=True, best_time="19:00-", own=((job, "老师"),), joined=date(2026, 1, 5),
    ))  # fmt: skip
    assert told(shop, member) == [
        ("姓名", "王丽", "王莉"), ("手机号", "138 0000 0001", "138 0000 0002"),
        ("生日", "5月1日", "农历八月十五"), ("性别", "", "女"), ("入会日期", "2026-11-21", "2026-01-05"),
        ("上衣", "M", "L"), ("归属导购", "", "小雯"), ("推荐人", "", "周曼丽"),
        ("同意联系", "没问过", "不同意"),
        ("哪天说的", "", "2026-11-21"), ("谁说的", "", "本人"), ("别打电话", "否", "是"),
        ("什么时候打合适", "", "19:00 以后"), ("职业", "", "老师"),
    ]  # fmt: skip
    row = shop.view().changes(member)[0]
    assert (row.staff, row.at) == ("小雯", shop.clock().isoformat(" ")[:16])
    shop.members.archive(member)
    shop.members.pause(member, date(2026, 12, 24))
    assert told(shop, member)[:2] == [("暂停联系到", "", "2026-12-24"), ("状态", "在用", "已停用")]


def test_what_was_taken_back_is_no_change(shop: Shop) -> None:
    member = shop.members.save(FIRST).value
    undone = shop.undo(shop.members.save(FIRST._replace(id=member, size_top="L")).entry)
    assert told(shop, member) == []
    shop.undo(undone.entry)
    assert told(shop, member) == [("上衣", "M", "L")]


VALUES = {
    "name": "王莉", "call_name": "莉姐", "birthday": "1990-01-01", "gender": "f", "card_no": "V1",
    "size_top": "L", "size_bottom": "29", "size_shoe": "37", "height": "160", "weight": "50",
    "likes": "羊绒", "avoids": "化纤", "tags": "老客", "wechat": "wx", "notes": "记一笔",
    "no_call": True, "no_message": True, "no_sms": True,
    "best_time": "-12:00", "consent": "yes", "phones": (("13800000002", "13800000002"),),
    "joined": date(2026, 1, 1),
}  # fmt: skip


@pytest.mark.parametrize("field", VALUES)
def test_one_value_is_put_back_and_nothing_else(shop: Shop, field: str) -> None:
    member = shop.members.save(FIRST).value
    before = shop.view().member(member)
    shop.members.save(FIRST._replace(id=member, **{field: VALUES[field]}))
    after = everything(shop)
    other = "notes" if field != "notes" else "tags"
    row = change(shop, member, field)
    assert row.may_restore
    done = shop.members.put_back(member, row.entry, field)
    assert shop.view().member(member) == before
    assert not change(shop, member, field).may_restore or change(shop, member, field).entry == done.entry
    shop.undo(done.entry)
    assert everything(shop) == after
    shop.members.save(shop_draft(shop, member)._replace(**{other: "别的"}))
    shop.members.put_back(member, row.entry, field)
    card = shop.view().member(member)
    assert card is not None
    assert before is not None
    assert card == before._replace(**{other: "别的" if other == "notes" else ("别的",)})


def shop_draft(shop: Shop, member: MemberId) -> MemberDraft:
    card = shop.view().member(member)
    assert card is not None
    same = {name: getattr(card, name) for name in MemberDraft._fields if name in card._fields}
    lists = {name: "、".join(same[name]) for name in ("likes", "avoids", "tags")}
    return MemberDraft(**same | lists | {"phones": tuple((key, key) for key in card.phones)})


def test_a_number_comes_back_beside_those_given_since(shop: Shop) -> None:
    member = shop.members.save(FIRST).value
    shop.members.save(FIRST._replace(id=member, phones=(("13800000002",) * 2,)))
    entry = change(shop, member, "phones").entry
    shop.members.save(FIRST._replace(id=member, phones=(("13800000002",) * 2, ("13800000003",) * 2)))
    shop.members.put_back(member, entry, "phones")
    card = shop.view().member(member)
    assert card is not None
    assert card.phones == ("13800000003", "13800000001")


def test_what_can_no_longer_stand_is_refused(shop: Shop, a_member: Callable[..., MemberId]) -> None:
    a, b = a_member("甲", card_no="V1"), a_member("乙")
    shop.members.save(MemberDraft(id=b, name="乙", referrer_id=a))
    shop.members.save(MemberDraft(id=b, name="乙"))
    shop.members.save(MemberDraft(id=a, name="甲", referrer_id=b))
    shop.members.save(MemberDraft(id=b, name="乙", card_no="V1"))
    before = everything(shop)
    rows = shop.view().changes(b)
    lost = next(row for row in rows if row.field == "referrer_id" and row.old)
    for member, entry, field, code in (
        (b, lost.entry, "referrer_id", "referrer_cycle"),
        (a, change(shop, a, "card_no").entry, "card_no", "card_taken"),
        (b, 9_999, "name", "change_gone"),
        (b, lost.entry, "name", "change_gone"),
        (b, lost.entry, "id", "change_gone"),
    ):
        with pytest.raises(ShopError) as caught:
            shop.members.put_back(member, entry, field)
        assert caught.value.code == code
        assert isinstance(caught.value, InputError | Refusal)
    assert everything(shop) == before
