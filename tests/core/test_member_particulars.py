"""What is kept about a member besides name and phone: consent, channels, best time, own fields, family."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from shopcrm.basics.errors import InputError
from shopcrm.basics.records import MemberDraft, MemberId
from shopcrm.basics.values import parse_hours, show_hours
from shopcrm.reports import lists
from shopcrm.shop import Shop
from shopcrm.shop.dump import dump

DAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "key", "shown"),
    [
        ("19:00 以后", "19:00-", "19:00 以后"),
        ("晚上7点后", "19:00-", "19:00 以后"),
        ("19点半以後", "19:30-", "19:30 以后"),
        ("12点前", "-12:00", "12:00 以前"),
        ("9:00 - 12:00", "09:00-12:00", "09:00–12:00"),
        ("下午2点到5点", "14:00-17:00", "14:00–17:00"),
        ("After 19:00", "19:00-", "19:00 以后"),
        ("", "", ""),
    ],
)
def test_hours_are_read_as_they_are_said(text: str, key: str, shown: str) -> None:
    assert parse_hours(text) == key
    assert parse_hours(key) == key
    assert show_hours(key) == shown
    assert parse_hours(shown) == key


@pytest.mark.parametrize("text", ["周末", "25:00 以后", "12:00-9:00", "7点", "-", "19:70-", "上午"])
def test_what_names_no_hours_is_not_guessed(text: str) -> None:
    assert parse_hours(text) is None


def test_consent_has_a_day_and_a_voice(shop: Shop, a_member: Callable[..., MemberId]) -> None:
    member = a_member("王丽", consent="yes", consent_by="她本人")
    card = shop.view().member(member)
    assert card is not None
    assert (card.consent, card.consent_on, card.consent_by) == ("yes", DAY, "她本人")
    shop.members.save(MemberDraft(id=member, name="王丽", consent_by="谁也不是"))
    card = shop.view().member(member)
    assert card is not None
    assert (card.consent, card.consent_on, card.consent_by) == ("", None, "")


@pytest.mark.parametrize(
    ("draft", "field", "code"),
    [
        (MemberDraft(name="甲", consent="maybe"), "consent", "consent_bad"),
        (MemberDraft(name="甲", consent="no", consent_on=DAY + timedelta(1)), "consent_on", "day_future"),
        (MemberDraft(name="甲", best_time="晚上"), "best_time", "hours_bad"),
        (MemberDraft(name="甲", own=((7, "x"),)), "own.7", "own_unknown"),
    ],
)
def test_nonsense_is_refused_at_its_field(shop: Shop, draft: MemberDraft, field: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        shop.members.save(draft)
    assert (caught.value.field, caught.value.code) == (field, code)
    assert shop.view().total() == 0


def test_the_last_four_with_the_surname_are_pointed_out(
    shop: Shop, a_member: Callable[..., MemberId]
) -> None:
    cloud = a_member("沈秀云", phone="13900006218")
    a_member("王月", phone="13700006218")
    found = shop.members.duplicates(MemberDraft(name="沈月", phones=(("13800006218", "13800006218"),)))
    assert dict(found) == {cloud: "tail"}
    assert dict(shop.members.duplicates(MemberDraft(name="沈月", phones=(("6218", ""),)))) == {cloud: "tail"}
    assert shop.members.duplicates(MemberDraft(phones=(("13800006218", "13800006218"),))) == ()


def test_a_family_on_one_phone_is_named_on_each_card(shop: Shop, a_member: Callable[..., MemberId]) -> None:
    mother = a_member("王丽", phone="13800000001")
    daughter = a_member("李一", phone="138 0000 0001")
    a_member("别人")
    card = shop.view().member(mother)
    assert card is not None
    assert card.same_phone == ((daughter, "李一"),)
    shop.members.archive(daughter)
    card = shop.view().member(mother)
    assert card is not None
    assert card.same_phone == ()


def test_referrals_are_counted(shop: Shop, a_member: Callable[..., MemberId]) -> None:
    friend = a_member("甲")
    a_member("乙", referrer_id=friend)
    a_member("丙", referrer_id=friend)
    card = shop.view().member(friend)
    assert card is not None
    assert card.referrals == 2


def test_undo_restores_every_particular(shop: Shop, a_member: Callable[..., MemberId]) -> None:
    member = a_member("王丽")
    before = shop.view().member(member), dump(shop.store.read())
    draft = MemberDraft(
        id=member, name="王丽", no_call=True, no_message=True, no_sms=True, consent="no", best_time="19:00-",
    )  # fmt: skip
    shop.members.save(draft)
    after = shop.view().member(member), dump(shop.store.read())
    assert after[0] is not None
    assert (after[0].no_call, after[0].no_message, after[0].no_sms, after[0].best_time) == (
        True, True, True, "19:00-",
    )  # fmt: skip
    entry = shop.undo().entry
    assert (shop.view().member(member), dump(shop.store.read())) == before
    shop.undo(entry)
    assert (shop.view().member(member), dump(shop.store.read())) == after


def channel(shop: Shop, member: MemberId) -> str | None:
    card = shop.view().member(member)
    assert card is not None
    return card.task and card.task.channel


def test_to_dos_keep_to_the_channels_she_allows(shop: Shop, a_member: Callable[..., MemberId]) -> None:
    member = a_member("王丽", best_time="19:00-")
    draft = MemberDraft(id=member, name="王丽", phones=(("13800000001",) * 2,), best_time="19:00-")
    shop.members.save(draft)
    shop.followups.add_today((member,))
    assert channel(shop, member) == "call"
    task = shop.view().member(member).task  # type: ignore[union-attr]
    assert task is not None
    assert (task.best_time, task.may_dial, task.may_message) == ("19:00-", True, True)
    shop.members.save(draft._replace(no_call=True))
    assert channel(shop, member) == "message"
    shop.members.save(draft._replace(no_call=True, no_message=True))
    assert channel(shop, member) == "message"  # a text message is left
    shop.members.save(draft._replace(no_call=True, no_message=True, no_sms=True))
    assert shop.view().open_count() == 0
    shop.members.save(draft._replace(consent="no"))
    assert shop.view().open_count() == 0
    assert shop.followups.add_today((member,)).value == 0
    shop.members.save(draft)
    assert shop.followups.add_today((member,)).value == 1


def test_never_again_is_every_channel(shop: Shop, a_member: Callable[..., MemberId]) -> None:
    member = a_member("王丽")
    shop.members.pause(member, None, never=True)
    card = shop.view().member(member)
    assert card is not None
    assert card.is_never
    shop.members.pause(member, None)
    card = shop.view().member(member)
    assert card is not None
    assert not card.is_never
    assert card.may_dial


def test_lists_carry_own_fields_and_what_was_said(shop: Shop, a_member: Callable[..., MemberId]) -> None:
    plain = lists.members(shop.store.read())
    job = shop.members.own.add("职业").value
    shop.members.own.add("没人填")
    a_member("王丽", phone="13800000001", own=((job, "老师"),), no_sms=True, no_call=True, consent="yes")
    a_member("李一", phone="13800000002", best_time="19:00-")
    table = lists.members(shop.store.read())
    more = [column.heading for column in table.columns[len(plain.columns) :]]
    assert more == ["职业", "勿扰", "同意联系", "同意日期", "谁说的", "合适时间"]
    assert [row[len(plain.columns) :] for row in table.rows] == [
        ("老师", "别打电话、别发短信", "同意", shop.day, "", ""), ("", "", "", None, "", "19:00 以后"),
    ]  # fmt: skip
    shown = lists.members_as_shown(shop.store.read(), [1, 2], ["name", "phone"])
    assert [row[-1] for row in shown.rows] == ["", "13800000002"]


def test_a_no_is_forgotten_when_she_may_be_contacted_again(
    shop: Shop, a_member: Callable[..., MemberId]
) -> None:
    member = a_member("王丽", consent="no", consent_by="本人")
    shop.members.pause(member, None)
    card = shop.view().member(member)
    assert card is not None
    assert (card.is_never, card.consent, card.consent_by) == (False, "", "")
    shop.undo()
    card = shop.view().member(member)
    assert card is not None
    assert (card.consent, card.consent_by) == ("no", "本人")


def test_who_likes_to_be_called_later_comes_behind_until_then(
    shop: Shop, a_member: Callable[..., MemberId]
) -> None:
    evening, any_time = a_member("王丽", best_time="19:00-"), a_member("李一")
    shop.followups.add_today((evening, any_time))
    first = [row.member for row in shop.view().tasks(shop.view().day_list(whole=False).open)]
    view = shop.view()

    def listed(hour: int) -> list[MemberId]:
        view._clock = lambda: datetime(2026, 11, 21, hour, 20)
        return [row.member for row in view.tasks(view.day_list(whole=False).open)]

    assert first[-1] == evening
    assert listed(9)[-1] == listed(18)[-1] == evening
    assert listed(19) == listed(22)
    shop.members.save(MemberDraft(id=evening, name="王丽", phones=(("13800000009",) * 2,)))
    assert listed(9) == listed(22)
