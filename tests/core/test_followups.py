"""The follow-up rules, one by one, and what holds for all of them (CLASSIFICATION 10)."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopcrm.basics.records import OUTCOMES, TYPE_KEYS, OutcomeDraft, TypeKey
from shopcrm.rules.capacity import Listed, day_list, late_since
from shopcrm.rules.events import Event
from shopcrm.rules.followups import (
    AHEAD,
    ANY,
    CAP_30,
    CAP_90,
    RULE_KEYS,
    RULES,
    Case,
    Rule,
    ShopFacts,
    Start,
    Stored,
    Wanted,
    by_type,
    free_day,
    is_dormant,
    longest_closed,
    open_day,
    priority,
    wanted,
)
from shopcrm.rules.own_rules import checked_own, rule_rows, rules_of
from shopcrm.rules.reconciling import Move, effect, reconcile

DAY = date(2026, 11, 21).toordinal()
SEASON = date(2026, 11, 1).toordinal()
SPRING = date(2027, 3, 1).toordinal()
SHOP = ShopFacts(
    typical_gap=55, ticket_mid=32_000, power_ticket=48_000, loyal_purchases=5,
    seasons=tuple(
        date(y, m, d).toordinal() for y in (2025, 2026, 2027) for m, d in ((3, 1), (5, 15), (8, 25), (11, 1))
    ),
)  # fmt: skip


def a_shop(own: dict[str, dict[str, object]], **values: Any) -> ShopFacts:
    """The shop with what its owner changed of the rules."""
    return SHOP._replace(rules=by_type(rules_of(own)), **values)


def a_case(
    kind: TypeKey = "loyal", code: str = "LOYAL_FREQ", *, last: int | None = 40, **values: Any
) -> Case:
    """A member who bought six times; `last` = days ago."""
    on = None if last is None else DAY - last
    case = Case(
        member=1, type=kind, code=code, since=DAY - 300, score=2.0, n=0 if last is None else 6, n12=5,
        eff12=5.0, first=None if on is None else on - 400, last=on, last_net=40_000, spend=240_000,
        spend12=200_000, joined=DAY - 600, lost_limit=330.0, loyal_limit=189.0,
    )  # fmt: skip
    return case._replace(**values)


def hers(case: Case, rule: str, shop: ShopFacts = SHOP, day: int = DAY) -> list[Wanted]:
    return [wish for wish in wanted(case, shop, day) if wish.rule == rule]


def stored(wish: Wanted, **values: Any) -> Stored:
    kind, days = (wish.rule, wish.anchor, wish.step, wish.type), (wish.due, wish.expires)
    task = Stored(1, *kind, *days, wish.channel, asked=wish.asks, priority=wish.priority)
    return task._replace(**values)


def with_tasks(case: Case, *tasks: Stored) -> Case:
    return case._replace(tasks=tasks)


def window(wish: Wanted) -> tuple[int, int]:
    return wish.due, wish.expires


# ---------------------------------------------------------------- the table


def test_rules_have_ids_of_their_own() -> None:
    assert len(set(RULE_KEYS)) == len(RULES)


def test_thanks_three_days_after_a_purchase_of_a_loyal_member() -> None:
    (wish,) = hers(a_case(last=1), "L1")
    assert window(wish) == (DAY + 2, DAY + 6)
    assert not hers(a_case(last=1, last_net=15_000), "L1"), "less than half a usual ticket"
    assert not hers(a_case("potential", "POT_RISING", last=1), "L1")


def test_thanks_at_most_once_in_thirty_days() -> None:
    before = Stored(1, "L1", DAY - 25, 1, "loyal", DAY - 22, DAY - 18, "message", "done", DAY - 22)
    assert not hers(with_tasks(a_case(last=1), before), "L1")
    assert hers(with_tasks(a_case(last=1), before._replace(closed=DAY - 31)), "L1")


def test_thanks_give_way_to_a_service_call_after_a_return() -> None:
    case = a_case(last=3, returned=DAY - 1)
    assert not hers(case, "L1")
    (call,) = hers(case, "S1")
    assert (call.due, call.channel) == (DAY + 1, "call")


def test_referral_is_asked_for_at_most_every_half_year() -> None:
    assert hers(a_case(last=1), "L1")[0].asks
    assert not hers(a_case(last=1, n12=4), "L1")[0].asks
    assert not hers(a_case(last=1, referred=DAY - 100), "L1")[0].asks
    asked = Stored(1, "L1", DAY - 90, 1, "loyal", DAY - 87, DAY - 83, "message", "done", DAY - 87, asked=True)
    assert not hers(with_tasks(a_case(last=1), asked), "L1")[0].asks


def test_birthday_is_prepared_for_the_loyal_and_greeted_for_all() -> None:
    prepare, greet = hers(a_case(birthday=DAY + 7), "L2")
    assert window(prepare) == (DAY, DAY + 6)
    assert window(greet) == (DAY + 7, DAY + 10)
    (only,) = hers(a_case("drifting", "DRIFT_OCCASIONAL", birthday=DAY + 7), "L2")
    assert only.step == 2


def test_season_goes_best_score_first_over_ten_days() -> None:
    shop = SHOP._replace(season_cuts=tuple(float(n) for n in range(1, 10)))
    for score, place in ((0.5, 9), (4.5, 5), (99.0, 0)):
        (wish,) = hers(a_case(last=60, score=score), "L3", shop, SEASON - 7)
        assert window(wish) == (SEASON + place, SEASON + 21)
    assert not hers(a_case(last=5), "L3", shop), "bought since the season began"


def test_place_in_the_season_stays_when_the_score_fades() -> None:
    shop = SHOP._replace(season_cuts=tuple(float(n) for n in range(1, 10)))
    (wish,) = hers(a_case(last=60, score=7.5), "L3", shop)
    later = with_tasks(a_case(last=60, score=2.5), stored(wish))
    assert window(hers(later, "L3", shop)[0]) == window(wish)


def test_loyal_member_is_watched_from_three_quarters_of_her_limit() -> None:
    (call,) = hers(a_case(last=140), "L5")
    trigger = DAY - 140 + 142
    assert (call.due, call.expires, call.channel) == (trigger + 1, trigger + 14, "call")
    assert not hers(a_case(last=140, visited=trigger), "L5")


def test_visit_without_purchase_is_followed_twice() -> None:
    case = a_case("potential", "POT_VISIT", last=90, visited=DAY - 1)
    first, second = hers(case, "P1")
    assert window(first) == (DAY + 2, DAY + 8)
    assert window(second) == (DAY + 9, DAY + 13)
    assert not hers(case._replace(last=DAY - 1), "P1"), "bought on the day"


def test_second_message_keeps_a_week_from_the_first() -> None:
    case = a_case("potential", "POT_VISIT", last=90, visited=DAY - 8)
    first = stored(hers(case, "P1")[0], state="done", closed=DAY - 1)
    assert hers(with_tasks(case, first), "P1")[1].due == DAY + 6


def test_new_member_is_welcomed_three_times() -> None:
    case = a_case("potential", "POT_NEW_MEMBER", last=None, joined=DAY)
    assert [window(wish) for wish in hers(case, "P2")] == [
        (DAY + 1, DAY + 13), (DAY + 14, DAY + 44), (DAY + 45, DAY + 60),
    ]  # fmt: skip


def test_second_purchase_in_three_steps() -> None:
    case = a_case("potential", "POT_NEW_BUYER", last=0, n=1, first=DAY)
    assert [window(wish) for wish in hers(case, "P3")] == [
        (DAY + 7, DAY + 29), (DAY + 30, DAY + 54), (DAY + 55, DAY + 69),
    ]  # fmt: skip
    assert not hers(case._replace(returned=DAY), "P3")


def test_one_step_to_loyal() -> None:
    case = a_case("potential", "POT_RISING", last=10, eff12=3.0)
    assert window(hers(case, "P4")[0]) == (DAY + 4, DAY + 20)
    assert not hers(case._replace(eff12=2.0), "P4")
    assert not hers(case._replace(eff12=5.0), "P4")


def test_fitting_by_her_rhythm_or_the_season() -> None:
    by_rhythm = hers(a_case("potential", "POT_POWER", last=50), "P5")
    assert window(by_rhythm[0]) == (DAY + 5, DAY + 26)
    by_season = hers(a_case("potential", "POT_VISIT", last=100, spend=600_000), "P5")
    assert window(by_season[0]) == (SEASON, SEASON + 21)
    assert not hers(a_case("potential", "POT_VISIT", last=100, spend=6_000), "P5")


def test_last_window_for_a_second_purchase() -> None:
    case = a_case("drifting", "DRIFT_OCCASIONAL", last=70, n=1, first=DAY - 70)
    assert window(hers(case, "D1")[0]) == (DAY + 5, DAY + 26)


def test_slipping_member_is_called_twice() -> None:
    case = a_case("drifting", "DRIFT_SLIPPING", last=190)
    first, second = hers(case, "D2")
    assert first.channel == "call"
    assert (first.due, second.due, second.expires) == (DAY + 1, DAY + 21, DAY + 30)


def test_offer_at_the_season_for_who_has_bought_before() -> None:
    assert window(hers(a_case("drifting", "DRIFT_OCCASIONAL", last=100), "D3")[0]) == (SEASON, SEASON + 14)
    never = a_case("drifting", "DRIFT_NEVER", last=None)
    assert not hers(never, "D3")
    assert window(hers(never, "D5")[0]) == (SEASON, SEASON + 14)


def test_thirty_days_before_lost() -> None:
    (wish,) = hers(a_case("drifting", "DRIFT_OCCASIONAL", last=299), "D4")
    assert window(wish) == (DAY + 1, DAY + 31)


def lost(**values: Any) -> Case:
    return a_case("lost", "LOST_SILENT", last=333, **{"since": DAY - 2, **values})


def test_lost_member_is_asked_by_phone_if_she_was_worth_it() -> None:
    (survey,) = hers(lost(), "X1")
    assert (survey.due, survey.expires, survey.channel) == (DAY - 2 + 7, DAY + 28, "call")
    assert hers(lost(n=1, spend=20_000), "X1")[0].channel == "message"
    assert hers(lost(n=1, spend=90_000), "X1")[0].channel == "call"


def test_unreachable_member_is_tried_again_after_two_weeks() -> None:
    first = stored(hers(lost(), "X1")[0], state="done", closed=DAY, outcome="no_answer")
    again = hers(with_tasks(lost(), first), "X1")[1]
    assert again.due == DAY + 14
    assert not hers(with_tasks(lost(), first), "X2"), "the second try comes first"


def test_who_is_said_to_be_unreachable_is_tried_again_too() -> None:
    first = stored(hers(lost(), "X1")[0], state="done", closed=DAY, outcome="reached")
    assert len(hers(with_tasks(lost(), first), "X1")) == 1
    first = first._replace(unreachable=True)
    assert hers(with_tasks(lost(), first), "X1")[1].due == DAY + 14
    assert not hers(with_tasks(lost(), first), "X2"), "the second try comes first"


def test_win_back_follows_a_survey_that_was_done_or_skipped() -> None:
    survey = hers(lost(), "X1")[0]
    done = stored(survey, state="done", closed=DAY, outcome="reached")
    assert hers(with_tasks(lost(), done), "X2")[0].due == DAY + 14
    skipped = stored(survey, state="expired", closed=DAY)
    assert hers(with_tasks(lost(), skipped), "X2")
    assert not hers(lost(), "X2")
    assert not hers(with_tasks(lost(), stored(survey, state="stopped", closed=DAY)), "X2")


def test_the_end_of_a_step_opens_the_next_one_at_once() -> None:
    """A survey ran out while the shop was closed: the offer behind it is due, and is not forgotten a day."""
    survey = stored(hers(lost(since=DAY - 55), "X1")[0])
    assert survey.expires == DAY - 25
    opened, moves = reconcile(with_tasks(lost(since=DAY - 55), survey), SHOP, DAY)
    assert [(move.task, move.values["state"]) for move in moves] == [(survey.id, "expired")]
    assert [wish.rule for wish in opened] == ["X2"]
    ran_out = survey._replace(state="expired", closed=DAY - 24, why_closed="expired")
    assert (opened, []) == reconcile(with_tasks(lost(since=DAY - 55), ran_out), SHOP, DAY)


def test_a_reminder_takes_the_place_of_the_two_messages_after_a_visit() -> None:
    visited = a_case("drifting", "DRIFT_OCCASIONAL", last=200, visited=DAY - 2)
    assert hers(visited, "P1")
    wish = Wanted("R1", DAY - 2, 1, "drifting", DAY + 9, DAY + 16, "message", 1.0)
    assert not hers(with_tasks(visited, stored(wish)), "P1")
    assert hers(with_tasks(visited, stored(wish, state="stopped", closed=DAY, why_closed="voided")), "P1")
    assert reconcile(with_tasks(visited, stored(wish)), SHOP, DAY)[1] == []
    bought = visited._replace(last=DAY - 2)
    assert reconcile(with_tasks(bought, stored(wish)), SHOP, DAY)[1] == []  # of something else, the same day
    (move,) = reconcile(with_tasks(visited._replace(last=DAY), stored(wish)), SHOP, DAY)[1]
    assert move.values["closed_why"] == "bought"
    gone = stored(wish, state="stopped", closed=DAY, why_closed="bought", type="potential")
    (again,) = reconcile(with_tasks(visited, gone), SHOP, DAY)[1]
    assert (again.values["state"], again.values["type"]) == ("open", "drifting")


def test_last_try_waits_for_the_season_after_sixty_days() -> None:
    survey = stored(hers(lost(), "X1")[0], state="done", closed=DAY - 14, outcome="reached")
    offer = survey._replace(id=2, rule="X2", closed=DAY)
    assert hers(with_tasks(lost(), survey, offer), "X3")[0].due == SPRING


def test_three_attempts_or_a_refusal_make_dormant() -> None:
    survey = stored(hers(lost(), "X1")[0], state="done", closed=DAY - 50, outcome="reached")
    offer = survey._replace(id=2, rule="X2", closed=DAY - 20)
    last = survey._replace(id=3, rule="X3", closed=DAY)
    assert not is_dormant(with_tasks(lost(), survey, offer), DAY)
    given_up = with_tasks(lost(birthday=DAY + 2), survey, offer, last)
    assert is_dormant(given_up, DAY)
    assert wanted(given_up, SHOP, DAY) == []
    assert is_dormant(with_tasks(lost(), survey._replace(outcome="refused")), DAY)
    assert not is_dormant(with_tasks(lost(visited=DAY), survey, offer, last._replace(closed=DAY - 1)), DAY)
    assert not is_dormant(given_up, DAY + 366)


def test_rule_switched_off_asks_for_nothing() -> None:
    assert not hers(a_case(last=1), "L1", a_shop({"L1": {"on": False}}))


# ---------------------------------------------------------------- what an owner changed

# Of each rule a member for whom it holds, and how many of its to-dos she has.
OF_RULE: dict[str, tuple[Case, int]] = {
    "L1": (a_case(last=1), 1),
    "C1": (a_case(complained=DAY - 1, complaint_due=DAY + 1), 1),
    "S1": (a_case(returned=DAY - 1), 1),
    "L2": (a_case(birthday=DAY + 7), 2),
    "L3": (a_case(last=60), 1),
    "L5": (a_case(last=140), 1),
    "L6": (a_case(referred=DAY - 1), 1),
    "P1": (a_case("potential", "POT_VISIT", last=90, visited=DAY - 1), 2),
    "P2": (a_case("potential", "POT_NEW_MEMBER", last=None, joined=DAY), 3),
    "P3": (a_case("potential", "POT_NEW_BUYER", last=0, n=1, first=DAY), 3),
    "P4": (a_case("potential", "POT_RISING", last=10, eff12=3.0), 1),
    "P5": (a_case("potential", "POT_POWER", last=50), 1),
    "D1": (a_case("drifting", "DRIFT_OCCASIONAL", last=70, n=1, first=DAY - 70), 1),
    "D2": (a_case("drifting", "DRIFT_SLIPPING", last=190), 2),
    "D3": (a_case("drifting", "DRIFT_OCCASIONAL", last=100), 1),
    "D4": (a_case("drifting", "DRIFT_OCCASIONAL", last=299), 1),
    "D5": (a_case("drifting", "DRIFT_NEVER", last=None), 1),
    "X1": (lost(), 1),
    "X2": (
        with_tasks(
            lost(), Stored(1, "X1", DAY - 333, 1, "lost", DAY, DAY, "call", "done", DAY, outcome="reached")
        ),
        1,
    ),
    "X3": (
        with_tasks(
            lost(), Stored(1, "X2", DAY - 333, 1, "lost", DAY, DAY, "message", "done", DAY, outcome="reached")
        ),
        1,
    ),
}


def test_every_rule_of_the_table_but_the_occasions_is_tried_out() -> None:
    assert set(OF_RULE) == set(RULE_KEYS) - {"E1", "H1", "N1"}
    for key, (case, count) in OF_RULE.items():
        assert len(hers(case, key)) == count, key


@pytest.mark.parametrize("key", OF_RULE)
def test_each_rule_can_be_switched_off_moved_and_ended(key: str) -> None:
    case, count = OF_RULE[key]
    (row,) = (row for row in rule_rows({}, 55, 134) if row.key == key)
    steps, expires = list(row.values.steps), row.values.expires
    as_it_is = hers(case, key)
    assert not hers(case, key, a_shop({key: {"on": False}}))
    for step in range(len(steps)):  # each a day later, as long as the next one leaves room
        moved = [days + (at >= step) for at, days in enumerate(steps)]
        if moved[-1] > row.step_limits[-1][1] or key in ("X1", "L2", "D4", "C1"):
            continue
        own = checked_own({key: {"steps": moved, "expires": expires + 5}})
        later = hers(case, key, a_shop(own))
        assert [wish.due for wish in later[step:]] == [wish.due + 1 for wish in as_it_is[step:]], key
        assert later[-1].expires == as_it_is[-1].expires + 5
    other = {"call": "message", "message": "call"}[as_it_is[0].channel]
    by_other = hers(case, key, a_shop(checked_own({key: {"channel": other}})))
    assert len(by_other) == count
    assert {wish.channel for wish in by_other} == {other}


def test_birthday_and_the_wait_before_lost_are_counted_backwards() -> None:
    shop = a_shop(checked_own({"L2": {"steps": [-14, -1], "expires": 5}, "D4": {"steps": [-60]}}))
    prepare, greet = hers(a_case(birthday=DAY + 20), "L2", shop)
    assert (window(prepare), window(greet)) == ((DAY + 6, DAY + 18), (DAY + 19, DAY + 25))
    (wish,) = hers(a_case("drifting", "DRIFT_OCCASIONAL", last=299), "D4", shop)
    assert window(wish) == (DAY - 29, DAY + 31)


def test_the_second_try_at_a_lost_member_counts_from_the_first() -> None:
    shop = a_shop(checked_own({"X1": {"steps": [3, 30]}}))
    first = stored(hers(lost(), "X1", shop)[0], state="done", closed=DAY, outcome="no_answer")
    assert first.due == DAY - 2 + 3
    again = hers(with_tasks(lost(), first), "X1", shop)[1]
    assert window(again) == (DAY + 30, DAY + 46)
    assert not hers(with_tasks(lost(), first), "X2", shop, DAY + 46), "the second try comes first"
    assert hers(with_tasks(lost(), first), "X2", shop, DAY + 47)


@pytest.mark.parametrize("key", [rule.key for rule in RULES if rule.again])
def test_how_often_a_rule_comes_again(key: str) -> None:
    case, count = OF_RULE[key]
    (wish, *_) = hers(case, key)
    before = stored(wish, anchor=wish.anchor - 100, state="done", closed=DAY - 45)
    for again, left in ((44, count), (45, count), (46, 0)):
        assert len(hers(with_tasks(case, before), key, a_shop({key: {"again": again}}))) == left


def test_invites_follow_the_shops_own_second_purchases_until_the_owner_says_otherwise() -> None:
    new, once = OF_RULE["P3"][0], OF_RULE["D1"][0]
    slow = SHOP._replace(rules=by_type(rules_of({}, q50=80.4, q75=200)))
    assert window(hers(new, "P3", slow)[2]) == (DAY + 80, DAY + 94)
    assert window(hers(once, "D1", slow)[0]) == (DAY - 70 + 95, DAY - 70 + 116)
    quick = SHOP._replace(rules=by_type(rules_of({}, q50=20, q75=60)))
    assert window(hers(new, "P3", quick)[2]) == (DAY + 31, DAY + 45)
    assert hers(once, "D1", quick)[0].due == DAY - 70 + 60
    own = {"P3": {"steps": [5, 20, 40]}}
    fixed = SHOP._replace(rules=by_type(rules_of(own, q50=80.4, q75=200)))
    assert [wish.due - DAY for wish in hers(new, "P3", fixed)] == [5, 20, 40]


def test_season_sales_may_begin_on_days_of_their_own() -> None:
    sale = DAY - 3
    shop = SHOP._replace(sales=(sale,))
    assert window(hers(OF_RULE["D3"][0], "D3", shop)[0]) == (sale, sale + 14)
    assert hers(OF_RULE["L3"][0], "L3", shop)[0].due == SEASON, "new things come with the season"
    assert not hers(a_case("drifting", "DRIFT_OCCASIONAL", last=2), "D3", shop)


def test_a_rule_of_another_room_hooks_in_by_its_row_alone() -> None:
    """Points, say: a balance nobody used for sixty days, at most once in ninety, until it is redeemed."""
    balance_since: dict[int, int] = {1: DAY - 60}

    def points(case: Case, shop: ShopFacts, day: int, rule: Any) -> Start | None:
        since = balance_since.get(case.member)
        return None if since is None or day < since + 60 else Start(since, since + 60)

    shop = SHOP._replace(rules=by_type((*RULES, Rule("L4", ANY, points, (0,), 30, again=90))))
    case = apply(a_case(last=90), DAY, shop)
    (task,) = (task for task in case.tasks if task.rule == "L4")
    assert (task.due, task.expires, task.state) == (DAY, DAY + 30, "open")
    assert reconcile(case, shop, DAY) == ([], [])
    del balance_since[1]
    (task,) = (task for task in apply(case, DAY + 1, shop).tasks if task.rule == "L4")
    assert (task.state, task.why_closed) == ("stopped", "over")


# Of each rule a day on which she does what ends it, where that is switched on.
@pytest.mark.parametrize(
    ("key", "stop"), [(rule.key, stop) for rule in RULES for stop in rule.may_stop if rule.key in OF_RULE]
)
def test_what_ends_a_rule_is_the_owners_to_say(key: str, stop: str) -> None:
    case, count = OF_RULE[key]
    (wish, *_) = hers(case, key)
    on = wish.due if wish.expires < DAY else max(wish.due, DAY)
    does = case._replace(**{"last" if stop == "bought" else stop: on})
    if stop == "bought":
        does = does._replace(visited=None)
    usual = next(rule for rule in RULES if rule.key == key).stops
    for stops in ([], [stop]):
        shop = a_shop(checked_own({key: {"stops": stops}}))
        assert len(hers(case, key, shop)) == count
        assert len(hers(does, key, shop, on)) == (0 if stops else count), stops
    assert bool(hers(does, key, SHOP, on)) == (stop not in usual)
    # What was agreed with her goes with it, too, and stays where it is not to end.
    agreed = stored(wish, id=9, snoozes=1, expires=on + 7)
    for stops in ([], [stop]):
        shop = a_shop(checked_own({key: {"stops": stops}}))
        _, moves = reconcile(with_tasks(does, *does.tasks, agreed), shop, on)
        whys = [move.values.get("closed_why") for move in moves if move.task == agreed.id]
        assert whys == ([stop] if stops else []), stops


def test_the_visit_at_which_she_registered_or_bought_ends_nothing() -> None:
    for key in ("P2", "P3", "L1", "D1"):
        case, count = OF_RULE[key]
        shop = a_shop(checked_own({key: {"stops": ["visited"]}}))
        assert len(hers(case._replace(visited=case.last or case.joined), key, shop)) == count, key


def test_an_invitation_ends_as_the_owner_says() -> None:
    event = Event(7, "event", DAY + 3, DAY + 5, DAY - 2, frozenset())
    for stops, bought, visited in ((["bought"], 0, 1), ([], 1, 1), (["visited"], 1, 0)):
        shop = a_shop(checked_own({"E1": {"stops": stops}}))._replace(events=(event,))
        assert len(hers(a_case(), "E1", shop)) == 1
        assert len(hers(a_case(last=1), "E1", shop)) == bought
        assert len(hers(a_case(visited=DAY - 1), "E1", shop)) == visited


def test_no_row_of_an_unknown_length_breaks_the_rules() -> None:
    """A file of another version may hold other steps."""
    assert hers(OF_RULE["P1"][0], "P1", a_shop({"P1": {"steps": [9]}})) == hers(OF_RULE["P1"][0], "P1")


# ---------------------------------------------------------------- who was given up


@pytest.mark.parametrize("reason_day", [DAY - 330, DAY - 5, DAY])
def test_who_moved_or_wants_no_more_is_dormant_until_she_does_something(reason_day: int) -> None:
    gone = lost(gone_away=reason_day, birthday=DAY + 2)
    assert is_dormant(gone, DAY)
    assert wanted(gone, SHOP, DAY) == []
    assert not is_dormant(gone, reason_day + 365)
    assert not is_dormant(gone._replace(visited=reason_day + 1), DAY + 2)
    assert not is_dormant(gone._replace(last=reason_day), DAY + 2), "bought on the day she said so"


def test_nothing_is_sold_to_who_moved_away_whatever_her_type() -> None:
    for key in ("L3", "P4", "P5", "D2", "D3", "D4", "D5"):
        case = OF_RULE[key][0]
        assert hers(case, key)
        gone = case._replace(gone_away=DAY - 1)
        assert bool(hers(gone, key)) == (case.last is None), "nobody who never bought was asked why"
    assert hers(a_case(last=1, gone_away=DAY), "L1"), "thanks are no offer"
    assert hers(a_case(birthday=DAY, gone_away=DAY), "L2")


# ---------------------------------------------------------------- caps, channels, days


def test_a_week_between_contacts_but_not_for_thanks_and_visits() -> None:
    case = a_case(last=140, contacts=(DAY - 1,), visited=DAY - 2)
    assert hers(case, "L5")[0].due == DAY + 6
    assert hers(case, "P1")[0].due == DAY + 1


def test_spacing_and_caps_are_the_shops_own() -> None:
    case = a_case(last=140, contacts=(DAY - 1,))
    assert hers(case, "L5", SHOP._replace(spacing=10))[0].due == DAY + 9
    contacts = (DAY - 8, DAY - 16)
    strict = SHOP._replace(cap_30={**SHOP.cap_30, "loyal": 2}, cap_90=1)
    assert free_day(a_case(contacts=contacts), SHOP._replace(cap_30=strict.cap_30), spaced=False) == DAY + 14
    assert free_day(a_case(contacts=contacts), strict, spaced=False) == DAY - 8 + 90
    visited = a_case("potential", "POT_VISIT", last=90, visited=DAY - 8)
    first = stored(hers(visited, "P1")[0], state="done", closed=DAY - 1)
    assert hers(with_tasks(visited, first), "P1", SHOP._replace(spacing=5))[1].due == DAY + 4
    returned = a_case("drifting", "DRIFT_SLIPPING", last=190, returned=DAY - 2)
    assert hers(returned, "D2", SHOP._replace(no_selling=5))[0].due == DAY + 3


def test_contacts_a_month_and_a_quarter_are_capped() -> None:
    contacts = (DAY - 8, DAY - 16, DAY - 24)
    assert free_day(a_case(contacts=contacts), SHOP, spaced=True) == DAY + 6
    assert free_day(a_case("drifting", contacts=contacts), SHOP, spaced=True) == DAY + 14
    assert free_day(a_case("lost", contacts=contacts), SHOP, spaced=False) == DAY + 22
    five = (DAY - 31, DAY - 40, DAY - 50, DAY - 60, DAY - 70)
    assert free_day(a_case(contacts=five), SHOP, spaced=False) == DAY + 20
    assert free_day(a_case(), SHOP, spaced=True) <= DAY


def test_to_do_that_the_caps_push_past_its_time_is_not_wanted() -> None:
    case = a_case("drifting", "DRIFT_OCCASIONAL", last=100, contacts=(DAY - 3, DAY - 5))
    assert not hers(case, "D3")


def test_no_selling_for_two_weeks_after_a_return() -> None:
    case = a_case("drifting", "DRIFT_SLIPPING", last=190, returned=DAY - 2)
    assert hers(case, "D2")[0].due == DAY + 12
    assert hers(a_case(birthday=DAY, returned=DAY - 2), "L2")[1].due == DAY


@pytest.mark.parametrize("why", ["archived", "never", "paused", "wrong_number", "no_way"])
def test_nobody_who_may_not_be_contacted_is_wanted(why: str) -> None:
    assert wanted(a_case(last=1, birthday=DAY, closed_why=why), SHOP, DAY) == []


def test_without_calls_it_is_a_message_and_the_other_way_round() -> None:
    assert hers(a_case(last=140, may_call=False), "L5")[0].channel == "message"
    assert hers(a_case(last=1, may_message=False), "L1")[0].channel == "call"


def test_due_days_move_to_the_next_open_day() -> None:
    assert date.fromordinal(DAY).weekday() == 5
    weekend = SHOP._replace(closed_weekdays=frozenset({5, 6}))
    assert open_day(DAY, weekend) == DAY + 2
    assert open_day(DAY, SHOP._replace(closed_days=frozenset({"11-21"}))) == DAY + 1
    assert open_day(DAY, SHOP._replace(closed_weekdays=frozenset(range(7)))) == DAY


def test_days_without_contacts_may_be_of_every_year_or_of_one() -> None:
    assert open_day(DAY, SHOP._replace(closed_days=frozenset({"2026-11-21", "11-22"}))) == DAY + 2
    assert open_day(DAY, SHOP._replace(closed_days=frozenset({"2027-11-21"}))) == DAY


def test_what_falls_into_holidays_is_done_on_the_first_day_after_them() -> None:
    """A birthday in the week off: too late for its own time, and not lost."""
    week = frozenset(f"11-{day}" for day in range(18, 28))
    shop = SHOP._replace(closed_days=week)
    (greet,) = hers(a_case("drifting", "DRIFT_OCCASIONAL", birthday=DAY), "L2", shop)
    assert window(greet) == (DAY + 7, DAY + 7)
    assert longest_closed(shop, DAY) == 10
    on_the_day = reconcile(a_case("drifting", "DRIFT_OCCASIONAL", last=20, birthday=DAY), shop, DAY + 7)[0]
    assert [wish.rule for wish in on_the_day if wish.rule == "L2"] == ["L2"]
    capped = a_case("drifting", "DRIFT_OCCASIONAL", birthday=DAY, contacts=(DAY - 1, DAY - 2))
    assert not hers(capped, "L2", shop), "what the caps push past its time stays out"


def test_a_birthday_missed_while_nobody_worked_is_made_up_for() -> None:
    case = a_case("drifting", "DRIFT_OCCASIONAL", last=20, birthday=DAY - 6)

    def greeted(worked: int | None, day: int = DAY, case: Case = case) -> list[tuple[int, int]]:
        opened, _ = reconcile(case, SHOP._replace(worked=worked), day)
        return [(wish.step, wish.expires) for wish in opened if wish.rule == "L2"]

    assert greeted(None) == greeted(DAY - 1) == greeted(DAY - 6) == []
    assert greeted(DAY - 7) == [(2, DAY)]
    assert greeted(DAY - 90, DAY + 28) == [(2, DAY + 28)]
    assert greeted(DAY - 90, DAY + 29) == [], "after a month nobody congratulates"
    loyal = a_case(last=20, birthday=DAY - 6)
    assert greeted(DAY - 60, case=loyal) == [(2, DAY)], "nothing is prepared for a day that is past"


def test_what_is_made_up_for_goes_with_the_day() -> None:
    case = a_case("drifting", "DRIFT_OCCASIONAL", last=20, birthday=DAY)
    before = apply(case, DAY - 5)
    assert [task.rule for task in before.tasks] == ["L2"]
    closed = apply(before, DAY + 9, SHOP._replace(worked=DAY - 5))
    assert [(task.state, task.expires) for task in closed.tasks] == [("open", DAY + 9)]
    after = apply(closed, DAY + 10, SHOP._replace(worked=DAY + 9))
    assert [task.state for task in after.tasks] == ["expired"]


def test_own_gain_of_a_rule_takes_the_place_of_that_of_the_type() -> None:
    case = a_case(n=2, spend=64_000)
    shop = SHOP._replace(gains={"L3": 1.4})
    assert priority(case, shop, "L3", "message", 1.0) == 2 * priority(case, shop, "L1", "message", 1.0)


def test_priority_is_gain_times_value_over_effort() -> None:
    case = a_case(n=2, spend=64_000)
    assert priority(case, SHOP, "D3", "message", 1.0) == pytest.approx(0.007 * 0.5 * 32_000)
    assert priority(case, SHOP, "D2", "call", 2.0) == pytest.approx(0.007 * 0.5 * 32_000 / 2)


# ---------------------------------------------------------------- reconciling


def apply(case: Case, day: int, shop: ShopFacts = SHOP) -> Case:
    """The member with her to-dos as they stand after reconciling."""
    opened, moves = reconcile(case, shop, day)
    columns = {"closed_on": "closed", "closed_why": "why_closed"}
    tasks = {task.id: task for task in case.tasks}
    for move in moves:
        values = {columns.get(name, name): value for name, value in move.values.items()}
        tasks[move.task] = tasks[move.task]._replace(**values)  # type: ignore[arg-type]
    free = max(tasks, default=0) + 1
    for number, wish in enumerate(opened, free):
        tasks[number] = stored(wish, id=number)
    return case._replace(tasks=tuple(tasks.values()))


def test_to_do_is_written_down_a_week_ahead_and_not_twice() -> None:
    case = a_case(last=0)
    once = apply(case, DAY)
    assert [(task.rule, task.due) for task in once.tasks] == [("L1", DAY + 3)]
    assert reconcile(once, SHOP, DAY) == ([], [])


def test_purchase_stops_what_it_makes_needless() -> None:
    before = apply(a_case("drifting", "DRIFT_SLIPPING", last=190), DAY)
    after = apply(before._replace(type="potential", code="POT_RISING", last=DAY), DAY)
    (call,) = [task for task in after.tasks if task.rule == "D2"]
    assert (call.state, call.why_closed, call.closed) == ("stopped", "bought", DAY)


def test_purchase_taken_back_brings_the_to_do_back() -> None:
    slipping = apply(a_case("drifting", "DRIFT_SLIPPING", last=190), DAY)
    bought = apply(slipping._replace(type="potential", code="POT_RISING", last=DAY), DAY)
    back = apply(slipping._replace(tasks=bought.tasks), DAY)
    assert [task.state for task in back.tasks if task.rule == "D2"] == ["open"]


def test_change_of_type_stops_the_open_to_dos_of_the_old_one() -> None:
    before = apply(a_case(last=150), DAY)
    assert {task.rule for task in before.tasks} == {"L3", "L5"}
    after = apply(before._replace(type="drifting", code="DRIFT_OCCASIONAL"), DAY)
    assert {task.why_closed for task in after.tasks if task.rule in ("L3", "L5")} == {"type"}


def test_rule_for_every_type_goes_along_with_a_change_of_type() -> None:
    before = apply(a_case("drifting", "DRIFT_OCCASIONAL", last=10, birthday=DAY + 3), DAY)
    after = apply(before._replace(type="potential", code="POT_POWER"), DAY)
    assert [(task.state, task.type) for task in after.tasks if task.rule == "L2"] == [("open", "potential")]


def test_untouched_to_do_expires() -> None:
    case = apply(a_case("potential", "POT_VISIT", last=90, visited=DAY - 3), DAY)
    late = apply(case, DAY + 12)
    assert [(task.step, task.state) for task in late.tasks if task.rule == "P1"] == [(1, "expired")]
    first = next(task for task in late.tasks if task.rule == "P1")
    assert first.closed == first.expires + 1


def test_nine_days_closed_give_the_right_list_and_nothing_twice() -> None:
    case = a_case("potential", "POT_VISIT", last=90, visited=DAY)
    daily = case
    for day in range(DAY, DAY + 10):
        daily = apply(daily, day)
    closed = apply(apply(case, DAY), DAY + 9)
    open_daily = {(task.rule, task.anchor, task.step) for task in daily.tasks if task.state == "open"}
    open_closed = {(task.rule, task.anchor, task.step) for task in closed.tasks if task.state == "open"}
    assert open_daily == open_closed == {("P1", DAY, 1)}


def test_import_of_an_old_shop_does_not_flood() -> None:
    for kind, code in (
        ("drifting", "DRIFT_OCCASIONAL"),
        ("lost", "LOST_SILENT"),
        ("drifting", "DRIFT_NEVER"),
    ):
        case = a_case(kind, code, last=None if code == "DRIFT_NEVER" else 800, since=DAY - 200)  # type: ignore[arg-type]
        assert reconcile(case, SHOP._replace(seasons=()), DAY) == ([], [])


def test_pause_stops_and_its_end_brings_back() -> None:
    case = apply(a_case("potential", "POT_VISIT", last=90, visited=DAY - 3), DAY)
    paused = apply(case._replace(closed_why="paused"), DAY)
    assert [(task.state, task.why_closed) for task in paused.tasks] == [("stopped", "paused")] * len(
        case.tasks
    )
    assert apply(paused._replace(closed_why=""), DAY + 1).tasks[0].state == "open"


def a_begun(**values: Any) -> Case:
    """Somebody whose visit is followed up, with what was agreed with her about it."""
    case = apply(a_case("potential", "POT_VISIT", last=90, visited=DAY - 3), DAY)
    begun, *rest = case.tasks
    return with_tasks(case, begun._replace(**values), *rest)


def test_what_was_agreed_stands_again_as_agreed() -> None:
    case = a_begun(tries=1, due=DAY + 4, expires=DAY + 11)
    paused = apply(case._replace(closed_why="paused"), DAY)
    assert paused.tasks[0].state == "stopped"
    again = apply(paused._replace(closed_why=""), DAY + 2)
    assert (again.tasks[0].state, again.tasks[0].due) == ("open", DAY + 4)
    assert apply(paused._replace(closed_why=""), DAY + 12).tasks[0].state == "stopped"  # it is over


def test_what_was_agreed_does_not_outlive_its_rule_once_stopped() -> None:
    case = with_tasks(
        a_case(), stored(hers(a_case(), "L3")[0], tries=1, due=SEASON + 16, expires=SEASON + 23)
    )
    bought = apply(case._replace(last=DAY), DAY)
    assert bought.tasks[0].state == "stopped"
    assert apply(bought._replace(last=DAY - 40, returned=DAY), DAY + 30).tasks[0].state == "stopped"


def test_what_is_due_stays_due_when_a_contact_is_long_past() -> None:
    case = apply(a_case(contacts=(DAY - 20, DAY - 40, DAY - 60, DAY - 80, DAY - 89)), DAY)
    (season,) = [task for task in case.tasks if task.rule == "L3"]
    assert season.due == DAY + 1
    later = case._replace(contacts=case.contacts[:4])
    assert reconcile(later, SHOP, DAY + 1) == ([], [])


def test_of_two_of_a_rule_that_a_wrong_clock_let_out_one_stays() -> None:
    case = apply(a_case("potential", "POT_NEW_MEMBER", last=None, n=0, joined=DAY - 13), DAY)
    welcome = next(task for task in case.tasks if task.rule == "P2")
    ahead = welcome._replace(id=99, step=welcome.step + 1, due=DAY + 20, expires=DAY + 40)
    after = apply(with_tasks(case, ahead, *case.tasks), DAY)
    assert {task.id for task in after.tasks if task.rule == "P2" and task.state == "open"} == {welcome.id}
    agreed = apply(with_tasks(case, ahead._replace(tries=1), *case.tasks), DAY)
    assert {task.id for task in agreed.tasks if task.rule == "P2" and task.state == "open"} == {99}


def test_contact_moves_the_other_to_dos_a_week() -> None:
    case = apply(a_case("drifting", "DRIFT_SLIPPING", last=200), DAY)
    assert [task.due for task in case.tasks if task.rule == "D2"] == [DAY - 9]
    after = apply(case._replace(contacts=(DAY,)), DAY)
    assert [task.due for task in after.tasks if task.rule == "D2"] == [DAY + 7]


def test_hand_added_to_do_stays_until_done_or_bought() -> None:
    manual = Stored(1, "M1", DAY, 1, "loyal", DAY, DAY + 7, "call")
    case = with_tasks(a_case(), manual)
    assert not [move for move in reconcile(case, SHOP, DAY + 5)[1] if move.task == 1]
    assert reconcile(case, SHOP, DAY + 8)[1] == [
        Move(1, {"state": "expired", "closed_on": DAY + 8, "closed_why": "expired"})
    ]
    assert reconcile(case._replace(last=DAY), SHOP, DAY)[1][0].values["closed_why"] == "bought"


# ---------------------------------------------------------------- appointments and outcomes


def appointed(on: int = DAY + 1, **values: Any) -> Case:
    task = Stored(
        1,
        "P1",
        DAY - 4,
        1,
        "potential",
        on,
        on + 7,
        "call",
        appointment=on,
        contacted=DAY,
        outcome="will_come",
    )
    return with_tasks(a_case("potential", "POT_VISIT", last=90, visited=DAY - 4, **values), task)


@pytest.mark.parametrize(("came", "why"), [("last", "came_bought"), ("visited", "came")])
def test_who_said_she_would_come_and_came(came: str, why: str) -> None:
    (move,) = reconcile(appointed()._replace(**{came: DAY + 3}), SHOP, DAY + 3)[1]  # type: ignore[arg-type]
    assert move.values == {"state": "done", "closed_on": DAY + 3, "closed_why": why}


def test_who_did_not_come_is_waited_for_a_week() -> None:
    assert not [move for move in reconcile(appointed(), SHOP, DAY + 8)[1] if move.task == 1]
    (move,) = (move for move in reconcile(appointed(), SHOP, DAY + 9)[1] if move.task == 1)
    assert (move.values["state"], move.values["closed_why"]) == ("expired", "no_show")


def outcome(name: str, task: Stored | None = None, **draft: Any) -> dict[str, object]:
    done = effect(task or appointed().tasks[0], OutcomeDraft(name, **draft), DAY, may_message=True)
    return done.task


def test_reached_is_done() -> None:
    values = outcome("reached")
    assert (values["state"], values["closed_on"]) == ("done", DAY)


def test_no_answer_stays_and_changes_its_way_at_the_third_try() -> None:
    task = Stored(1, "D2", DAY, 1, "drifting", DAY, DAY + 1, "call")
    first = outcome("no_answer", task)
    assert (first["tries"], first["due"], first["channel"]) == (1, DAY + 2, "call")
    assert first["expires"] == DAY + 9
    third = outcome("no_answer", task._replace(tries=2))
    assert (third["tries"], third["due"], third["channel"]) == (3, DAY + 7, "message")
    fourth = outcome("no_answer", task._replace(tries=3))
    assert (fourth["state"], fourth["outcome"]) == ("done", "no_answer")
    assert outcome("no_answer", task, next_day=date.fromordinal(DAY + 1))["due"] == DAY + 1


def test_will_come_is_an_appointment() -> None:
    values = outcome("will_come", next_day=date.fromordinal(DAY))
    assert (values["due"], values["appointment"], values["expires"]) == (DAY, DAY, DAY + 7)


def test_refused_pauses_and_never_means_never() -> None:
    task = appointed().tasks[0]
    paused = effect(task, OutcomeDraft("refused", reason="price"), DAY, may_message=True)
    assert (paused.pause_until, paused.never) == (DAY + 90, False)
    assert effect(task, OutcomeDraft("refused", reason="never"), DAY, may_message=True).never


def test_wrong_number_and_later() -> None:
    assert effect(appointed().tasks[0], OutcomeDraft("wrong_number"), DAY, may_message=True).wrong_number
    values = outcome("later")
    assert (values["snoozes"], values["due"]) == (1, DAY + 3)


# ---------------------------------------------------------------- the day list


def a_listed(task: int, worth: float = 1.0, **values: Any) -> Listed:
    return Listed(task, task, "drifting", DAY, worth, None, False)._replace(**values)


def listed(
    tasks: list[Listed], places: int, seen: dict[int, int], most: dict[TypeKey, int] | None = None
) -> tuple[list[int], list[int]]:
    """The ids shown and waiting, of tasks that come as the file hands them out."""
    best_first = sorted(tasks, key=lambda task: (not task.is_promised, -task.priority, task.id))
    shown, waiting = day_list(iter(best_first), DAY, places, seen, (), most or {})
    return [task.id for task in shown], [task.id for task in waiting]


def test_list_is_late_then_appointments_then_type_then_worth() -> None:
    tasks = [
        a_listed(1, 5), a_listed(2, 9), a_listed(3, 1, type="loyal"),
        a_listed(4, 1, appointment=DAY, is_promised=True), a_listed(5, 1, due=DAY - 1),
        a_listed(6, 1, due=DAY - 5),
    ]  # fmt: skip
    assert listed(tasks, 15, {5: DAY - 1, 6: DAY - 3}) == ([6, 5, 4, 3, 2, 1], [])


def test_capacity_goes_by_worth_and_promises_always_fit() -> None:
    tasks = [a_listed(n, n) for n in range(1, 9)] + [a_listed(9, 0.1, is_promised=True)]
    assert listed(tasks, 3, {}) == ([8, 7, 9], [6, 5, 4, 3, 2, 1])
    assert listed(tasks, 0, {})[0] == [9]


def test_a_type_has_no_more_than_its_share_of_the_day() -> None:
    tasks = [a_listed(n, n) for n in range(1, 9)] + [a_listed(n, 0.5, type="lost") for n in (10, 11)]
    assert listed(tasks, 5, {}, {"drifting": 2}) == ([8, 7, 10, 11], [6, 5, 4, 3, 2, 1])
    assert listed(tasks, 3, {}, {"drifting": 2}) == ([8, 7, 10], [6, 5, 4, 3, 2, 1, 11])
    promised = [*tasks, a_listed(9, 0.1, is_promised=True)]
    assert listed(promised, 5, {}, {"drifting": 2, "lost": 1}) == ([8, 9, 10], [7, 6, 5, 4, 3, 2, 1, 11])
    assert listed(promised, 5, {}, {"drifting": 0})[0] == [9, 10, 11]


def test_when_every_type_has_its_share_nothing_more_is_read() -> None:
    tasks = iter([a_listed(n, -n) for n in range(1, 1000)])
    shown, waiting = day_list(tasks, DAY, 30, {}, (), {"loyal": 0, "potential": 0, "drifting": 2, "lost": 0})
    assert (len(shown), next(tasks).id) == (2, 4)
    assert [task.id for task in waiting][:2] == [3, 5]


def test_one_to_do_a_member() -> None:
    assert listed([a_listed(1, 1, member=7), a_listed(2, 2, member=7)], 15, {}) == ([2], [])


def test_what_waits_is_not_read_before_it_is_asked_for() -> None:
    tasks = iter([a_listed(n, -n) for n in range(1, 1000)])
    day_list(tasks, DAY, 3, {})
    assert next(tasks).id == 5


def test_to_do_nobody_could_have_seen_is_not_late() -> None:
    assert late_since(DAY - 5, DAY, is_promised=False, seen=None) == DAY
    assert late_since(DAY - 5, DAY, is_promised=True, seen=None) == DAY - 5
    assert late_since(DAY - 5, DAY, is_promised=False, seen=DAY - 2) == DAY - 2
    assert late_since(DAY - 1, DAY, is_promised=True, seen=DAY - 2) == DAY - 1


# ---------------------------------------------------------------- for all members

_AGO = st.integers(min_value=0, max_value=700)
_MAYBE = st.none() | st.integers(min_value=0, max_value=120)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    kind = draw(st.sampled_from(TYPE_KEYS))
    codes = {
        "loyal": ["LOYAL_FREQ", "LOYAL_VIP"],
        "potential": ["POT_RISING", "POT_POWER", "POT_VISIT", "POT_NEW_BUYER"],
        "drifting": ["DRIFT_SLIPPING", "DRIFT_OCCASIONAL", "DRIFT_NEVER"], "lost": ["LOST_SILENT"],
    }  # fmt: skip
    code = draw(st.sampled_from(codes[kind]))
    n = 0 if code == "DRIFT_NEVER" else draw(st.integers(min_value=1, max_value=9))
    last = DAY - draw(_AGO) if n else None
    lost_limit = draw(st.floats(min_value=120, max_value=540))
    back = (None if (ago := draw(_MAYBE)) is None else DAY - ago for _ in range(3))
    contacts = draw(st.lists(st.integers(min_value=0, max_value=89), max_size=6))
    return a_case(
        kind, code, last=None if last is None else DAY - last, n=n, since=DAY - draw(_AGO),
        first=None if last is None else last - draw(_AGO) * (n > 1), eff12=float(draw(st.integers(0, 8))),
        lost_limit=lost_limit, loyal_limit=min(lost_limit, draw(st.floats(min_value=60, max_value=500))),
        score=draw(st.floats(min_value=0, max_value=9)),
        visited=next(back), returned=next(back), referred=next(back),
        birthday=DAY + draw(st.integers(min_value=-3, max_value=30)), may_call=draw(st.booleans()),
        contacts=tuple(sorted((DAY - ago for ago in contacts), reverse=True)),
        closed_why=draw(st.sampled_from(["", "", "", "paused"])), joined=DAY - draw(_AGO),
    )  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    cases(), st.lists(st.integers(min_value=0, max_value=12), max_size=8), st.randoms(use_true_random=False)
)
def test_days_pass_and_the_promises_hold(case: Case, steps: list[int], chance: Any) -> None:
    day = DAY
    for step in steps:
        day += step
        case = apply(case, day)
        assert reconcile(case, SHOP, day) == ([], []), "twice is once"
        keys = [(task.rule, task.anchor, task.step) for task in case.tasks]
        assert len(keys) == len(set(keys))
        is_open = [task for task in case.tasks if task.state == "open"]
        assert len({task.rule for task in is_open}) == len(is_open), "one a member and rule"
        if case.closed_why:
            assert not is_open
        for task in is_open:
            assert task.due <= max(task.expires, day + AHEAD)
            free = [t for t in is_open if t.due <= day and not t.is_promised]
        if is_open and (due := [task for task in free]):
            task = chance.choice(due)
            if task.rule not in ("L1", "S1", "P1") and case.contacts:
                assert day - case.contacts[0] >= 7
            assert sum(day - c < 30 for c in case.contacts) < CAP_30[case.type]
            assert sum(day - c < 90 for c in case.contacts) < CAP_90
            name = chance.choice(OUTCOMES[:3] + OUTCOMES[5:])
            done = effect(task, OutcomeDraft(name), day, may_message=True)
            columns = {"closed_on": "closed", "closed_why": "why_closed"}
            values = {columns.get(key, key): value for key, value in done.task.items() if key != "copied_at"}
            done_task = task._replace(**values, contacted=day)  # type: ignore[arg-type]
            case = case._replace(
                tasks=tuple(done_task if t.id == task.id else t for t in case.tasks),
                contacts=case.contacts if name == "later" else (day, *case.contacts),
            )  # fmt: skip
