"""Complaints: who sells nothing to her meanwhile, who calls her back; and the marks she gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from shopcrm.basics.errors import InputError, Refusal
from shopcrm.basics.records import ComplaintDraft, ComplaintId, MemberId, OutcomeDraft, RatingDraft
from shopcrm.rules.followups import RULES
from shopcrm.shop import Shop
from shopcrm.shop.dump import dump
from tests.conftest import DAY, Clock

Maker = Callable[..., Any]
SELLING = {rule.key for rule in RULES if rule.sells}


def open_rules(shop: Shop, member: int) -> set[str]:
    rows = shop.store.read().all("SELECT rule FROM task WHERE member_id=? AND state='open'", (member,))
    return {rule for (rule,) in rows}


def kept(shop: Shop) -> tuple[Any, ...]:
    rx = shop.store.read()
    return dump(rx), rx.all("SELECT * FROM complaint"), rx.all("SELECT * FROM rating")


@pytest.fixture
def tempted(shop: Shop, a_member: Maker, a_sale: Maker) -> Any:
    """Someone to whom the rules would sell."""
    member = a_member("王丽", joined=date(2024, 1, 1))
    for days in (300, 200, 130):
        a_sale(member, DAY - timedelta(days=days), 39_900)
    shop.start_day()
    assert open_rules(shop, member) & SELLING
    return member


def test_a_complaint_stops_selling_and_calls_back_until_it_is_settled(shop: Shop, tempted: MemberId) -> None:
    before, sold = kept(shop), open_rules(shop, tempted)
    done = shop.complaints.add(ComplaintDraft(tempted, " 起球了 "))
    assert open_rules(shop, tempted) == {"C1"}
    (row,) = shop.view().complaints()
    assert (row.words, row.level, row.due, row.state) == ("起球了", "normal", DAY + timedelta(days=2), "open")
    card = shop.view().member(tempted)
    assert card is not None
    assert [one.words for one in card.complaints] == ["起球了"]

    shop.complaints.settle(done.value, "换了一件", 5_000)
    assert open_rules(shop, tempted) == sold
    assert shop.view().complaints() == []
    (row,) = shop.view().complaints(tempted)
    assert (row.state, row.settled_on, row.settlement, row.compensation_fen) == (
        "settled", DAY, "换了一件", 5_000,
    )  # fmt: skip

    shop.undo()
    assert open_rules(shop, tempted) == {"C1"}
    shop.undo()
    assert kept(shop) == before


def test_it_is_due_within_48_hours_a_serious_one_within_24_and_comes_first(
    shop: Shop, tempted: MemberId, a_member: Maker, clock: Clock
) -> None:
    shop.complaints.add(ComplaintDraft(tempted, "态度不好", "serious"))
    other = a_member("李敏", phone="13800000002")
    shop.complaints.add(ComplaintDraft(other, "少找钱"))
    clock.now += timedelta(days=1)
    shop.start_day()
    view = shop.view()
    first = view.tasks(view.day_list().open[:1])[0]
    assert (first.member, first.rule, first.channel) == (tempted, "C1", "call")
    clock.now += timedelta(days=1)
    shop.start_day()
    view = shop.view()
    listed = view.tasks(view.day_list().open)
    assert {row.member for row in listed if row.rule == "C1"} == {tempted, other}
    assert view.message(listed[0].id).text


def test_called_back_once_and_nothing_is_sold_all_the_same(
    shop: Shop, tempted: MemberId, clock: Clock
) -> None:
    shop.complaints.add(ComplaintDraft(tempted, "起球了", due=DAY))
    view = shop.view()
    (task,) = (row.id for row in view.tasks(view.day_list().open) if row.member == tempted)
    shop.followups.finish(task, OutcomeDraft("reached"))
    for _ in range(9):
        clock.now += timedelta(days=1)
        shop.start_day()
        assert not open_rules(shop, tempted) & (SELLING | {"C1"})


def test_a_snoozed_offer_waits_too_and_an_appointment_stands(shop: Shop, tempted: MemberId) -> None:
    view = shop.view()
    task = next(row for row in view.tasks(view.day_list().open) if row.member == tempted)
    shop.followups.finish(task.id, OutcomeDraft("later"))
    shop.complaints.add(ComplaintDraft(tempted, "起球了"))
    assert open_rules(shop, tempted) == {"C1"}
    shop.undo()
    shop.undo()
    shop.followups.finish(task.id, OutcomeDraft("will_come"))
    shop.complaints.add(ComplaintDraft(tempted, "起球了"))
    assert task.rule in open_rules(shop, tempted)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"words": "  "}, "complaint_words"), ({"words": "字" * 501}, "text_long"),
        ({"level": "fatal"}, "complaint_level"), ({"day": DAY + timedelta(days=1)}, "day_future"),
        ({"day": date(1980, 1, 1)}, "day_old"), ({"due": DAY - timedelta(days=1)}, "complaint_due"),
        ({"staff_id": 9}, "staff_unknown"), ({"member": 99}, "member_unknown"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_and_changes_nothing(
    shop: Shop, tempted: MemberId, fields: dict[str, Any], code: str
) -> None:
    before = kept(shop)
    with pytest.raises((InputError, Refusal)) as refused:
        shop.complaints.add(ComplaintDraft(**({"member": tempted, "words": "起球了"} | fields)))
    assert refused.value.code == code
    assert kept(shop) == before


def test_what_cannot_be_settled(shop: Shop, tempted: MemberId) -> None:
    complaint = shop.complaints.add(ComplaintDraft(tempted, "起球了")).value
    for code, call in (
        ("complaint_unknown", lambda: shop.complaints.settle(ComplaintId(99), "换了")),
        ("complaint_settlement", lambda: shop.complaints.settle(complaint, " ")),
        ("text_long", lambda: shop.complaints.settle(complaint, "字" * 501)),
        ("complaint_compensation", lambda: shop.complaints.settle(complaint, "换了", -1)),
    ):
        with pytest.raises((InputError, Refusal)) as refused:
            call()
        assert refused.value.code == code
    shop.complaints.settle(complaint, "换了")
    with pytest.raises(Refusal) as again:
        shop.complaints.settle(complaint, "换了")
    assert again.value.code == "complaint_settled"


def test_marks_are_shown_with_how_many_there_are(shop: Shop, a_member: Maker) -> None:
    member = a_member("王丽")
    assert shop.view().ratings() == {}
    for score in (5, 4, 3):
        shop.complaints.rate(RatingDraft(member, "satisfaction", score))
    for score in (10, 9, 8, 3):
        shop.complaints.rate(RatingDraft(member, "recommend", score))
    shop.complaints.rate(RatingDraft(member, "satisfaction", 1, day=DAY - timedelta(days=400)))
    marks = shop.view().ratings()
    assert (marks["satisfaction"].n, marks["satisfaction"].value) == (3, 4.0)
    assert (marks["recommend"].n, marks["recommend"].value) == (4, 25.0)  # two promoters less one detractor
    for kind, score in (("satisfaction", 0), ("satisfaction", 6), ("recommend", 11), ("stars", 3)):
        with pytest.raises(InputError):
            shop.complaints.rate(RatingDraft(member, kind, score))
    shop.undo()
    assert shop.view().ratings()["recommend"].n == 4  # the one of long ago went
