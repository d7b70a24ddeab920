"""The book of occasions: its days, whom it calls, what a change of it does to open to-dos."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopcrm.basics.errors import InputError, Refusal
from shopcrm.basics.records import (
    ComplaintDraft,
    EventDraft,
    EventId,
    EventRow,
    LineDraft,
    MemberId,
    OutcomeDraft,
    SaleDraft,
    TaskRow,
)
from shopcrm.basics.texts import LANGUAGES, t, use
from shopcrm.basics.values import is_recurring, next_on, show_recurring
from shopcrm.rules.events import LONGEST, near, ready, resolved, seen
from shopcrm.shop import Shop
from tests.core.rows import everything

DAY = date(2026, 11, 21)
OPENING = EventDraft("event", "周年庆", "2026-12-01", "2026-12-05", offer="全场八五折")
Maker = Callable[..., Any]


def tasks(shop: Shop, rule: str = "E1") -> list[tuple[Any, ...]]:
    return shop.store.read().all(
        "SELECT member_id, anchor, due, expires, state, closed_why FROM task WHERE rule = ? ORDER BY id",
        (rule,),
    )


def the_row(shop: Shop, rule: str = "E1") -> TaskRow:
    task = shop.store.read().value("SELECT max(id) FROM task WHERE rule = ?", (rule,))
    return shop.view().tasks([task])[0]


def go_to(shop: Shop, clock: Any, day: date) -> None:
    clock.set(day)
    shop.start_day()


# ---------------------------------------------------------------- days


@pytest.mark.parametrize(
    ("form", "after", "on"),
    [
        ("2026-12-01", DAY, date(2026, 12, 1)),
        ("2026-12-01", date(2026, 12, 1), date(2026, 12, 1)),
        ("2026-12-01", date(2026, 12, 2), None),
        ("01-01", DAY, date(2027, 1, 1)),
        ("02-29", DAY, date(2027, 2, 28)),
        ("02-29", date(2028, 1, 1), date(2028, 2, 29)),
        ("L:08-15", DAY, date(2027, 9, 15)),
        ("L:01-01", DAY, date(2027, 2, 6)),
        ("L:12-30", DAY, date(2027, 2, 5)),  # a month of 29 days: New Year's Eve all the same
        ("L:12-30", date(2028, 1, 1), date(2028, 1, 25)),
    ],
)
def test_days_that_come_again(form: str, after: date, on: date | None) -> None:
    assert is_recurring(form)
    assert next_on(form, after) == on


@pytest.mark.parametrize(
    "form",
    ["", "12", "13-01", "02-30", "2026-02-29", "20261201", "L:13-01", "L:08-31", "L:06+-01", "明天", "5-1"],
)
def test_what_is_no_day(form: str) -> None:
    assert not is_recurring(form)
    assert next_on(form, DAY) is None
    assert show_recurring(form) == form


def test_days_are_shown_as_people_say_them() -> None:
    assert [show_recurring(form) for form in ("2026-12-01", "05-01", "L:08-15")] == [
        "2026年12月1日", "每年5月1日", "每年农历八月十五",
    ]  # fmt: skip


def row(kind: str, day: str, until: str = "", lead: int = 0) -> EventRow:
    return EventRow(EventId(1), kind, "周年庆", day, until, "", "", (), lead)


@pytest.mark.parametrize(
    ("kind", "day", "until", "on", "first", "last"),
    [
        ("event", "2026-12-01", "", "2026-12-01", "2026-12-01", "2026-12-01"),
        ("event", "2026-12-01", "", "2026-12-02", None, None),
        ("event", "2026-12-01", "2026-12-05", "2026-12-05", "2026-12-01", "2026-12-05"),
        ("event", "12-30", "01-02", "2027-01-02", "2026-12-30", "2027-01-02"),  # over the turn of the year
        ("event", "12-30", "01-02", "2027-01-03", "2027-12-30", "2028-01-02"),
        ("festival", "10-01", "", "2026-10-04", "2026-10-01", "2026-10-04"),
        ("festival", "10-01", "", "2026-10-05", "2027-10-01", "2027-10-04"),
        ("festival", "L:01-01", "L:01-15", "2027-02-20", "2027-02-06", "2027-02-20"),
        ("new_in", "2026-11-21", "", "2026-12-05", "2026-11-21", "2026-12-05"),
        ("new_in", "2026-11-21", "", "2026-12-06", None, None),
    ],
)
def test_the_one_that_runs_or_comes_next(
    kind: str, day: str, until: str, on: str, first: str | None, last: str | None
) -> None:
    found = resolved(row(kind, day, until), date.fromisoformat(on))
    assert (found.first and found.first.isoformat(), found.last and found.last.isoformat()) == (first, last)


@given(
    st.sampled_from(["01-01", "02-29", "12-31", "L:01-01", "L:06-30", "L:12-30", "2026-12-01"]),
    st.sampled_from(["", "01-05", "03-05", "01-02", "L:01-08", "L:07-02", "2027-01-10"]),
    st.sampled_from(["event", "festival", "new_in"]),
    st.dates(date(2024, 1, 1), date(2050, 1, 1)),
)
def test_what_is_next_is_never_over_and_stays_until_it_is(
    form: str, until: str, kind: str, day: date
) -> None:
    found = resolved(row(kind, form, until), day)
    if found.first is None:
        assert form == "2026-12-01"
        return
    assert found.last is not None
    assert found.last >= max(day, found.first)
    assert (found.last - found.first).days <= LONGEST
    # On every day until it is over it is the same one, and there is none before it.
    assert resolved(found, found.last)[-3:-1] == (found.first, found.last)
    assert resolved(found, max(day, found.first - timedelta(days=40))).first == found.first


def test_a_file_with_nonsense_in_the_book_opens_all_the_same() -> None:
    assert near([row("event", "so"), row("festival", "L:99-99"), row("event", "12-01", "x")], DAY, 30) == (
        seen(row("event", "12-01"), DAY),
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_ready_festivals_have_names_and_days(language: str) -> None:
    use(language)
    found = ready()
    assert len(found) == 8
    assert all(
        draft.name and not draft.name.startswith("festival.") and is_recurring(draft.day) for draft in found
    )


# ---------------------------------------------------------------- the book


def test_adding_asks_what_is_needed(shop: Shop) -> None:
    for change, field in (
        ({"kind": "fair"}, "kind"), ({"name": " "}, "name"), ({"name": "长" * 21}, "name"),
        ({"day": "2026-02-30"}, "day"), ({"day": ""}, "day"), ({"day": "2026-11-01", "until": ""}, "day"),
        ({"until": "2026-11-30"}, "until"), ({"until": "12-05"}, "until"), ({"until": "2027-03-01"}, "until"),
        ({"kind": "new_in", "item": ""}, "item"), ({"lead": -1}, "lead"), ({"lead": 31}, "lead"),
        ({"types": ("loyal", "queen")}, "types"), ({"offer": "送" * 61}, "offer"),
    ):  # fmt: skip
        with pytest.raises(InputError) as caught:
            shop.events.add(OPENING._replace(**change))  # type: ignore[arg-type]
        assert caught.value.field == field, change
        assert not str(caught.value).startswith("err.")
    assert shop.view().events() == ()


def test_the_same_twice_is_refused_and_unknown_ones_too(shop: Shop) -> None:
    event = shop.events.add(OPENING).value
    with pytest.raises(Refusal):
        shop.events.add(OPENING)
    shop.events.change(event, OPENING)  # itself is no second one
    shop.events.remove(event)
    again = shop.events.add(OPENING).value
    for wrong in (
        lambda: shop.events.restore(event), lambda: shop.events.remove(event),
        lambda: shop.events.change(event, OPENING), lambda: shop.events.restore(again),
        lambda: shop.events.remove(EventId(99)),
    ):  # fmt: skip
        with pytest.raises(Refusal):
            wrong()


def test_what_is_kept_and_read_back(shop: Shop) -> None:
    shop.events.add(OPENING._replace(name=" 周年庆 ", types=("lost", "loyal"), item="外套"))
    shop.events.add(EventDraft("festival", "元旦", "01-01", types=("loyal", "potential", "drifting", "lost")))
    first, second = shop.view().events()
    assert first[1:] == (
        "event", "周年庆", "2026-12-01", "2026-12-05", "全场八五折", "", ("loyal", "lost"), 3,
        date(2026, 12, 1), date(2026, 12, 5), False,
    )  # fmt: skip
    assert (second.types, second.lead, second.first, second.last) == (
        (), 0, date(2027, 1, 1), date(2027, 1, 4),
    )  # fmt: skip
    assert {draft.day for draft in shop.view().events_offered()} == {
        "L:01-01", "03-08", "L:05-05", "L:07-07", "L:08-15", "10-01", "11-11",
    }  # fmt: skip


def test_what_lies_ahead(shop: Shop) -> None:
    shop.events.add(OPENING)
    shop.events.add(EventDraft("festival", "元旦", "01-01"))
    gone = shop.events.add(EventDraft("event", "沙龙", "2026-11-25")).value
    shop.events.remove(gone)
    view = shop.view()
    assert [row.name for row in view.events_ahead(DAY, 14)] == ["周年庆"]
    assert view.events_ahead(date(2026, 12, 1), 14) == ()  # it has begun
    assert [row.name for row in view.events_ahead(date(2026, 12, 24), 14)] == ["元旦"]
    assert [row.name for row in view.events(gone=True)] == ["沙龙", "周年庆", "元旦"]


# ---------------------------------------------------------------- invitations


def test_a_member_is_invited_some_days_before(shop: Shop, clock: Any, a_member: Maker) -> None:
    shop.settings.set("shop.name", "雅集")
    anna = a_member("王丽", size_top="M", joined=date(2026, 1, 1))
    clock.set(date(2026, 11, 20))
    shop.events.add(OPENING)
    assert tasks(shop) == []  # it lies too far ahead to be written down
    go_to(shop, clock, date(2026, 11, 22))
    assert tasks(shop) == [(anna, "2026-12-01", "2026-11-28", "2026-12-05", "open", "")]
    row = the_row(shop)
    assert t(row.why.id, **row.why.values) == "周年庆（12月1日，还有 9 天）：请她来"
    assert row.context is not None
    assert t(row.context.id, **row.context.values).startswith("全场八五折")
    said = shop.view().message(row.id).text
    assert "周年庆" in said
    assert "12月1日" in said
    assert "全场八五折" in said
    assert "M码" in said
    go_to(shop, clock, date(2026, 12, 3))
    row = the_row(shop)
    assert t(row.why.id, **row.why.values) == "周年庆，开始 2 天了：请她来"
    go_to(shop, clock, date(2026, 12, 6))
    assert tasks(shop)[0][4:] == ("expired", "expired")


def test_an_event_of_today_is_on_the_list_at_once(shop: Shop, a_member: Maker) -> None:
    anna = a_member(joined=date(2026, 1, 1))
    shop.events.add(OPENING._replace(day="2026-11-21", until=""))
    (row,) = shop.view().tasks(shop.view().day_list().open)
    assert (row.member, row.rule, row.overdue_days) == (anna, "E1", 0)


def test_only_the_types_it_is_for(shop: Shop, a_member: Maker, a_sale: Maker) -> None:
    new, bought_long_ago = a_member(joined=DAY), a_member(joined=date(2024, 1, 1))
    a_sale(bought_long_ago, date(2024, 5, 1))
    shop.events.add(OPENING._replace(day="2026-11-23", until="", types=("lost",)))
    assert [row[0] for row in tasks(shop)] == [bought_long_ago]
    shop.events.add(EventDraft("event", "新客日", "2026-11-24", types=("potential",)))
    assert [row[0] for row in tasks(shop)] == [bought_long_ago, new]


def test_who_was_here_since_needs_no_invitation(
    shop: Shop, clock: Any, a_member: Maker, a_sale: Maker
) -> None:
    anna, berta = a_member(joined=date(2026, 1, 1)), a_member(joined=date(2026, 1, 1))
    shop.events.add(OPENING)
    go_to(shop, clock, date(2026, 11, 29))
    sale = a_sale(anna, date(2026, 11, 29))
    assert [row[4:] for row in tasks(shop)] == [("stopped", "bought"), ("open", "")]
    shop.counter.void_sale(sale, "录错")
    assert [row[4:] for row in tasks(shop)] == [("open", ""), ("open", "")]
    a_sale(berta, date(2026, 11, 27))  # before she was to be invited
    assert tasks(shop)[1][4] == "open"


def test_who_was_called_and_came_is_not_called_again(
    shop: Shop, clock: Any, a_member: Maker, a_sale: Maker
) -> None:
    anna = a_member(joined=date(2026, 1, 1))
    shop.events.add(OPENING)
    go_to(shop, clock, date(2026, 11, 28))
    shop.followups.finish(the_row(shop).id, OutcomeDraft("no_answer"))
    clock.set(date(2026, 11, 29))
    a_sale(anna, date(2026, 11, 29))
    assert tasks(shop)[0][4:] == ("stopped", "bought")


def test_spacing_and_caps_hold_for_invitations(shop: Shop, clock: Any, a_member: Maker) -> None:
    anna = a_member(joined=date(2026, 1, 1))
    shop.events.add(OPENING)
    shop.events.add(EventDraft("event", "新衣会", "2026-12-06", "2026-12-20"))
    shop.events.add(EventDraft("event", "年终", "2026-12-12", "2026-12-31"))
    go_to(shop, clock, date(2026, 11, 28))
    assert [row[1] for row in tasks(shop)] == ["2026-12-01"]  # one at a time
    shop.followups.finish(the_row(shop).id, OutcomeDraft("reached"))
    assert [row[1:5] for row in tasks(shop)[1:]] == [("2026-12-06", "2026-12-05", "2026-12-20", "open")]
    go_to(shop, clock, date(2026, 12, 5))
    shop.followups.finish(the_row(shop).id, OutcomeDraft("reached"))
    go_to(shop, clock, date(2026, 12, 22))
    # Of somebody who buys now and then two in thirty days: the third waits until the first is that old.
    assert [row[1:5] for row in tasks(shop)[2:]] == [("2026-12-12", "2026-12-28", "2026-12-31", "open")]
    assert {row[0] for row in tasks(shop)} == {anna}


def test_of_two_that_run_together_the_one_that_ends_first(shop: Shop, clock: Any, a_member: Maker) -> None:
    a_member(joined=date(2026, 1, 1))
    shop.events.add(EventDraft("event", "冬季特卖", "2026-11-22", "2026-12-20"))
    assert tasks(shop)[0][1:5] == ("2026-11-22", "2026-11-19", "2026-12-20", "open")
    shop.events.add(EventDraft("event", "沙龙", "2026-12-01"))
    go_to(shop, clock, date(2026, 11, 28))
    assert [row[1:5:3] for row in tasks(shop)] == [("2026-11-22", "stopped"), ("2026-12-01", "open")]
    go_to(shop, clock, date(2026, 12, 2))
    assert [row[1:5:3] for row in tasks(shop)] == [("2026-11-22", "open"), ("2026-12-01", "expired")]


def test_nobody_who_must_not_be_contacted_is_invited(shop: Shop, a_member: Maker) -> None:
    a_member(no_call=True, no_message=True, no_sms=True)
    a_member(consent="no")
    a_member("无号", phone="")
    angry, asked = a_member(joined=date(2026, 1, 1)), a_member(joined=date(2026, 1, 1))
    shop.complaints.add(ComplaintDraft(angry, "开线"))
    shop.events.add(OPENING._replace(day="2026-11-22", until=""))
    assert [row[0] for row in tasks(shop)] == [asked]


def test_closed_days_move_it_or_leave_it_out(shop: Shop, a_member: Maker) -> None:
    a_member(joined=date(2026, 1, 1))
    shop.settings.set("closed_days", ["11-22", "11-23"])
    shop.events.add(EventDraft("event", "沙龙", "2026-11-25"))
    assert tasks(shop)[0][1:4] == ("2026-11-25", "2026-11-24", "2026-11-25")
    shop.settings.set("closed_days", ["11-22", "11-23", "11-24", "11-25"])
    assert tasks(shop)[0][4:] == ("stopped", "over")


def test_it_can_be_switched_off(shop: Shop, a_member: Maker) -> None:
    a_member(joined=date(2026, 1, 1))
    shop.events.add(OPENING._replace(day="2026-11-23", until=""))
    shop.settings.set("rules_own", {"E1": {"on": False}})
    assert tasks(shop)[0][4] == "stopped"
    shop.settings.set("rules_own", {})
    assert tasks(shop)[0][4] == "open"


# ---------------------------------------------------------------- greetings, and new things


def test_a_greeting_goes_on_the_day_and_sells_nothing(
    shop: Shop, clock: Any, a_member: Maker, a_sale: Maker
) -> None:
    anna = a_member(joined=date(2026, 1, 1))
    shop.events.add(EventDraft("festival", "元旦", "01-01"))
    clock.set(date(2026, 12, 28))
    shop.complaints.add(ComplaintDraft(anna, "开线"))
    go_to(shop, clock, date(2027, 1, 1))
    assert tasks(shop, "H1") == [(anna, "2027-01-01", "2027-01-01", "2027-01-04", "open", "")]
    row = the_row(shop, "H1")
    assert t(row.why.id, **row.why.values) == "今天元旦：问候一声"
    texts = [shop.view().message(row.id, variant).text for variant in range(2)]
    assert all("元旦" in text for text in texts)
    assert texts[0] != texts[1]
    go_to(shop, clock, date(2027, 1, 5))
    assert tasks(shop, "H1")[0][4] == "expired"
    go_to(shop, clock, date(2027, 12, 31))
    assert tasks(shop, "H1")[1][1:5] == ("2028-01-01", "2028-01-01", "2028-01-04", "open")


def test_new_things_go_to_whoever_often_buys_them(
    shop: Shop, clock: Any, a_member: Maker, a_sale: Maker
) -> None:
    fan, once, other = (a_member(joined=date(2025, 1, 1)) for _ in range(3))
    a_sale(fan, date(2026, 8, 1), item="羊绒衫 米白")
    a_sale(fan, date(2026, 9, 1), item="羊绒衫 驼")
    a_sale(once, date(2026, 9, 1), item="羊绒衫 米白")
    a_sale(other, date(2026, 8, 1), item="连衣裙")
    a_sale(other, date(2026, 9, 1), item="连衣裙")
    shop.events.add(EventDraft("new_in", "秋冬羊绒", "2026-11-21", item="羊绒衫", offer="先试先得"))
    assert [row[0] for row in tasks(shop, "N1")] == [fan]
    row = the_row(shop, "N1")
    assert t(row.why.id, **row.why.values) == "常买的羊绒衫到新款"
    assert "羊绒衫" in shop.view().message(row.id).text
    a_sale(once, date(2026, 11, 1), item="羊绒衫 灰")  # booked late: now she often does
    assert [row[0] for row in tasks(shop, "N1")] == [fan, once]
    before = tasks(shop, "N1")
    with shop.store.write("test", None, clock()) as tx:
        shop.followups.refresh(tx, None, clock().date())
    assert tasks(shop, "N1") == before
    back = LineDraft(amount_fen=-30_000, item="羊绒衫 驼")
    shop.counter.sell(SaleDraft(fan, DAY, (back,)))
    assert tasks(shop, "N1")[0][4] == "open"  # a return alone stops nothing she asked nothing for
    assert tasks(shop, "N1")[0][2] == "2026-12-05"  # but for two weeks nothing is sold to her


# ---------------------------------------------------------------- changes of the book


@pytest.fixture
def invited(shop: Shop, clock: Any, a_member: Maker) -> tuple[EventId, MemberId, MemberId]:
    """An event of which one member was not told yet, and one could not be reached."""
    anna, berta = a_member("王丽", joined=date(2026, 1, 1)), a_member("李梅", joined=date(2026, 1, 1))
    event = shop.events.add(OPENING).value
    go_to(shop, clock, date(2026, 11, 28))
    task = shop.store.read().value("SELECT id FROM task WHERE rule = 'E1' AND member_id = ?", (berta,))
    shop.followups.finish(task, OutcomeDraft("no_answer"))
    return event, anna, berta


def test_removed_stops_what_nobody_worked_on(shop: Shop, invited: tuple[EventId, MemberId, MemberId]) -> None:
    event, anna, berta = invited
    shop.events.remove(event)
    assert [(row[0], row[4]) for row in tasks(shop)] == [(anna, "stopped"), (berta, "open")]
    row = the_row(shop)
    assert "周年庆" in shop.view().message(row.id).text  # what was begun is still about something
    shop.events.restore(event)
    assert [(row[0], row[4]) for row in tasks(shop)] == [(anna, "open"), (berta, "open")]


def test_moved_takes_the_to_dos_along(
    shop: Shop, clock: Any, invited: tuple[EventId, MemberId, MemberId]
) -> None:
    event, anna, berta = invited
    shop.events.change(event, OPENING._replace(name="八周年庆", day="2026-12-03", until="2026-12-06"))
    assert tasks(shop) == [
        (anna, "2026-12-03", "2026-11-30", "2026-12-06", "open", ""),
        (berta, "2026-12-03", "2026-11-30", "2026-12-07", "open", ""),  # as agreed: two days later
    ]
    why = {t(row.why.id, **row.why.values) for row in shop.view().tasks([1, 2])}
    assert why == {"八周年庆（12月3日，还有 5 天）：请她来"}
    shop.events.change(event, OPENING._replace(day="2026-12-25", until=""))
    assert [row[1:5:3] for row in tasks(shop)] == [("2026-12-25", "stopped"), ("2026-12-25", "open")]
    go_to(shop, clock, date(2026, 12, 22))
    assert tasks(shop)[0][1:5] == ("2026-12-25", "2026-12-22", "2026-12-25", "open")


def test_moved_back_to_a_day_she_was_told_of(shop: Shop, invited: tuple[EventId, MemberId, MemberId]) -> None:
    event, anna, berta = invited
    done = shop.store.read().value("SELECT id FROM task WHERE member_id = ?", (anna,))
    shop.followups.finish(done, OutcomeDraft("reached"))
    shop.events.change(event, OPENING._replace(day="2026-12-08", until="2026-12-10"))
    assert [(row[0], row[1], row[4]) for row in tasks(shop)] == [
        (anna, "2026-12-01", "done"), (berta, "2026-12-08", "open"), (anna, "2026-12-08", "open"),
    ]  # fmt: skip
    shop.events.change(event, OPENING)
    assert [(row[0], row[1], row[4]) for row in tasks(shop)] == [
        (anna, "2026-12-01", "done"), (berta, "2026-12-01", "open"), (anna, "2026-12-08", "stopped"),
    ]  # fmt: skip


def test_every_step_can_be_taken_back_and_done_again(
    shop: Shop, invited: tuple[EventId, MemberId, MemberId]
) -> None:
    event, _, _ = invited
    steps: list[Callable[[], Any]] = [
        lambda: shop.events.add(EventDraft("event", "沙龙", "2026-11-30", types=("potential", "drifting"))),
        lambda: shop.events.change(
            event, OPENING._replace(name="大庆", day="2026-12-02", until="2026-12-03")
        ),
        lambda: shop.events.remove(event),
        lambda: shop.events.restore(event),
    ]
    pictures = [everything(shop)]
    for step in steps:
        done = step()
        assert done.changes.settings
        assert not done.sentence.id.startswith("err")
        pictures.append(everything(shop))
    for before in reversed(pictures[:-1]):
        shop.undo()
        assert everything(shop) == before
    for after in pictures[1:]:
        shop.redo()
        assert everything(shop) == after


def test_taking_back_an_earlier_step_looks_at_everybody(
    shop: Shop, clock: Any, invited: tuple[EventId, MemberId, MemberId], a_member: Maker
) -> None:
    event, _, _ = invited
    removed = shop.events.remove(event)
    late = a_member(joined=date(2026, 5, 1))
    shop.undo(removed.entry)
    assert late in {row[0] for row in tasks(shop) if row[4] == "open"}


# ---------------------------------------------------------------- many, day after day


def test_who_is_left_out_from_day_to_day_has_nothing_to_change(
    shop: Shop, clock: Any, a_member: Maker, a_sale: Maker
) -> None:
    for number in range(24):
        member = a_member(joined=date(2025, 1, 1))
        for back in range(number % 4):
            a_sale(member, DAY - timedelta(days=30 * back + 17 * number), item="羊绒衫")
    shop.events.add(OPENING)
    shop.events.add(EventDraft("event", "沙龙", "2026-12-10", "2026-12-12", types=("loyal", "potential")))
    shop.events.add(EventDraft("festival", "元旦", "01-01"))
    shop.events.add(EventDraft("new_in", "羊绒", "2026-12-15", item="羊绒衫"))
    for ahead in range(50):
        go_to(shop, clock, DAY + timedelta(days=ahead))
        before = everything(shop)["task"]
        with shop.store.write("test", None, clock()) as tx:
            shop.followups.refresh(tx, None, clock().date())
        assert everything(shop)["task"] == before, ahead
    rules = {rule for (rule,) in shop.store.read().all("SELECT DISTINCT rule FROM task")}
    assert {"E1", "H1", "N1"} <= rules


def test_words_that_move_from_the_name_to_the_offer_are_told_to_the_next_one(
    shop: Shop, a_member: Maker
) -> None:
    a_member(joined=date(2026, 1, 1))
    event = shop.events.add(EventDraft("event", "周年庆八折", DAY.isoformat())).value
    shop.events.change(event, EventDraft("event", "周年庆", DAY.isoformat(), offer="八折"))
    a_member(joined=date(2026, 1, 1))
    row = the_row(shop)
    assert row.why.values["event"] == "周年庆"


def test_what_was_put_off_beyond_its_occasion_leaves_no_stump(
    shop: Shop, clock: Any, a_member: Maker
) -> None:
    """A greeting is late and says for what; an invitation to what is over invites to nothing."""
    a_member("周曼丽", joined=date(2026, 1, 1))
    shop.events.add(EventDraft("festival", "冬节", DAY.isoformat()))
    shop.events.add(EventDraft("event", "周年庆", DAY.isoformat(), offer="全场八折"))
    late = DAY + timedelta(days=6)
    said = {}
    for rule in ("H1", "E1"):
        row = the_row(shop, rule)
        shop.followups.finish(row.id, OutcomeDraft("later", next_day=late))
    go_to(shop, clock, late)
    for rule in ("H1", "E1"):
        said[rule] = [shop.view().message(the_row(shop, rule).id, variant).text for variant in range(2)]
    assert all("冬节" in text for text in said["H1"])
    for text in said["E1"]:
        assert not any(words in text for words in ("周年庆", "八折", "今天", "先告诉您"))
        assert "来" in text
