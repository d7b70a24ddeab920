"""The shop's own fields: naming, order, putting away, and what members have in them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shopcrm.basics.errors import InputError, Refusal
from shopcrm.basics.records import MemberCard, MemberDraft, MemberId
from shopcrm.shop import Shop
from shopcrm.shop.own_fields import MOST
from tests.core.rows import everything


def card_of(shop: Shop, member: MemberId) -> MemberCard:
    card = shop.view().member(member)
    assert card is not None
    return card


def names(shop: Shop) -> list[str]:
    return [field.name for field in shop.view().own_fields()]


def test_named_ordered_put_away_and_taken_out(shop: Shop, a_member: Callable[..., MemberId]) -> None:
    job, child = (shop.members.own.add(name).value for name in ("职业", " 孩子生日 "))
    assert names(shop) == ["职业", "孩子生日"]
    member = a_member("王丽", own=((job, "老师"), (child, "3月")))
    assert card_of(shop, member).own == ((job, "老师"), (child, "3月"))
    shop.members.own.order([child])
    assert names(shop) == ["孩子生日", "职业"]
    shop.members.own.rename(job, "工作")
    shop.members.own.put_away(child)
    assert [(field.name, field.gone, field.filled) for field in shop.view().own_fields(gone=True)] == [
        ("工作", False, 1), ("孩子生日", True, 1),
    ]  # fmt: skip
    assert card_of(shop, member).own == ((job, "老师"),)
    shop.members.save(MemberDraft(id=member, name="王丽", own=((job, "医生"),)))
    shop.members.own.take_out(child)
    assert card_of(shop, member).own == ((job, "医生"), (child, "3月"))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (" ", "name_needed"),
        ("长" * 21, "name_long"),
        ("职 业", "own_name_taken"),
        ("手机号", "own_name_known"),
    ],
)
def test_a_name_that_cannot_be_told_apart(shop: Shop, name: str, code: str) -> None:
    shop.members.own.add("职业")
    with pytest.raises(InputError) as caught:
        shop.members.own.add(name)
    assert (caught.value.field, caught.value.code) == ("own_name", code)
    assert caught.value.sentence
    assert names(shop) == ["职业"]


def test_twenty_are_enough(shop: Shop) -> None:
    made = [shop.members.own.add(f"资料{n}").value for n in range(MOST)]
    with pytest.raises(Refusal, match=str(MOST)):
        shop.members.own.add("再一个")
    shop.members.own.put_away(made[3])
    shop.members.own.add("再一个")
    with pytest.raises(Refusal):
        shop.members.own.take_out(made[3])
    with pytest.raises(Refusal):
        shop.members.own.rename(999, "没有")


def test_a_value_left_out_is_taken_away_and_undo_brings_it_back(
    shop: Shop, a_member: Callable[..., MemberId]
) -> None:
    job = shop.members.own.add("职业").value
    member = a_member("王丽", own=((job, "老师"),))
    entry = shop.members.save(MemberDraft(id=member, name="王丽")).entry
    assert card_of(shop, member).own == ()
    assert shop.view().own_fields()[0].filled == 0
    shop.undo(entry)
    assert card_of(shop, member).own == ((job, "老师"),)


def test_every_step_is_undone_and_done_again(shop: Shop, a_member: Callable[..., MemberId]) -> None:
    states, entries = [everything(shop)], []
    field = shop.members.own.add("职业")
    for done in (
        lambda: field,
        lambda: shop.members.own.add("孩子"),
        lambda: shop.members.own.rename(field.value, "工作"),
        lambda: shop.members.own.order([field.value + 1, field.value]),
        lambda: shop.members.own.put_away(field.value),
        lambda: shop.members.own.take_out(field.value),
    ):
        entries.append(done().entry)
        states.append(everything(shop))
    redo = []
    for state in reversed(states[:-1]):
        redo.append(shop.undo(entries.pop()).entry)
        assert everything(shop) == state
    for state in states[1:]:
        shop.undo(redo.pop())
        assert everything(shop) == state
