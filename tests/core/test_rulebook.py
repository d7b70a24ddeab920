"""Rules as an owner sees and changes them, what that would make of today, and who is kept off the list."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from shopcrm.basics.errors import Cancelled, ConflictError, InputError
from shopcrm.basics.progress import Progress
from shopcrm.basics.records import (
    ComplaintDraft,
    MemberId,
    OutcomeDraft,
    RuleRow,
    VisitDraft,
    WithheldRow,
)
from shopcrm.basics.texts import t
from shopcrm.shop import Shop
from tests.conftest import DAY, Clock
from tests.core.rows import everything

Maker = Callable[..., Any]


def rule(shop: Shop, key: str) -> RuleRow:
    return next(row for row in shop.view().rules() if row.key == key)


def visited(shop: Shop, member: MemberId, ago: int = 3) -> None:
    shop.counter.visit(VisitDraft(member, DAY - timedelta(days=ago), "tried", items="大衣"))


def never(shop: Shop, *members: MemberId) -> None:
    """They said they want to hear nothing."""
    with shop.store.write("member.set", None, shop.clock()) as tx:
        for member in members:
            tx.update("member", member, no_call=1, no_message=1, no_sms=1)
        shop.refresh(tx, frozenset(members))


def listed(shop: Shop) -> Counter[str]:
    """The rules of all to-dos of today's list, waiting ones too."""
    days = shop.view().day_list()
    return Counter(row.rule for row in shop.view().tasks((*days.open, *days.waiting)))


@pytest.fixture
def visitors(shop: Shop, a_member: Maker) -> list[MemberId]:
    """Five members who came three days ago and bought nothing."""
    people = [
        a_member(name, phone=f"1380000{n:04}")
        for n, name in enumerate(("王一", "李二", "陈三", "周四", "吴五"))
    ]
    for member in people:
        visited(shop, member)
    return people


# ---------------------------------------------------------------- rules


def test_every_rule_is_shown_with_what_is_recommended(shop: Shop) -> None:
    rows = shop.view().rules()
    assert len({row.key for row in rows}) == len(rows) > 20
    for row in rows:
        assert (row.values, row.is_own) == (row.default, False)
        assert len(row.step_limits) == len(row.values.steps)
        for step, (low, high) in zip(row.values.steps, row.step_limits, strict=True):
            assert low <= step <= high, row.key
        assert row.expires_limits[0] <= row.values.expires <= row.expires_limits[1], row.key
        assert row.values.channel in row.channels
        assert (row.again_limits is not None) == (row.values.again > 0)
    assert rule(shop, "P1").types == ("loyal", "potential", "drifting", "lost")
    assert rule(shop, "P1").values.steps == (3, 10)
    assert rule(shop, "P3").learns


def test_an_owner_changes_a_rule_and_the_list_follows(shop: Shop, visitors: list[MemberId]) -> None:
    assert listed(shop) == {"P1": 5}
    before = everything(shop)
    done = shop.settings.set("rules_own", {"P1": {"steps": [5, 12], "channel": "call"}})
    assert done.changes.settings
    assert listed(shop) == {}
    row = rule(shop, "P1")
    assert (row.values.steps, row.values.expires, row.values.channel) == ((5, 12), 16, "call")
    assert (row.default.steps, row.is_own) == ((3, 10), True)
    shop.undo()
    assert everything(shop)["task"] == before["task"]
    assert everything(shop)["setting"] == before["setting"]
    assert listed(shop) == {"P1": 5}
    shop.redo()
    assert (listed(shop), rule(shop, "P1").is_own) == ({}, True)


def test_a_rule_switched_off_stops_its_to_dos_and_on_again_brings_them_back(
    shop: Shop, visitors: list[MemberId]
) -> None:
    shop.settings.set("rules_own", {"P1": {"on": False}})
    assert listed(shop) == {}
    shop.settings.set("rules_own", {})
    assert listed(shop) == {"P1": 5}


def test_what_ends_a_to_do_is_shown_and_may_be_chosen(shop: Shop) -> None:
    usual = {row.key: row.default.stops for row in shop.view().rules() if row.default.stops}
    assert usual == {
        "L1": ("returned",), "P3": ("returned",), "L3": ("bought",), "D3": ("bought",), "E1": ("bought",),
        "N1": ("bought",), "L5": ("visited",), "D2": ("visited",), "D4": ("visited",), "X1": ("visited",),
    }  # fmt: skip
    fixed = {row.key for row in shop.view().rules() if not row.stop_choices}
    assert fixed == {"C1", "S1", "L2", "L6", "P1", "P4", "H1"}
    assert rule(shop, "P3").stop_choices == ("returned", "visited")
    assert rule(shop, "L3").stop_choices == ("bought", "visited")


def test_what_a_visit_ends_by_her_type_alone_is_told(shop: Shop) -> None:
    """A drifting or lost member who comes to look is potential, unless the shop wants more visits for it."""

    def anyway() -> set[str]:
        return {row.key for row in shop.view().rules() if row.stops_anyway}

    assert anyway() == {"D1", "D2", "D3", "D4", "D5", "X1", "X2", "X3"}
    shop.settings.set("hot_visits", 2)
    assert anyway() == {"X1", "X2", "X3"}
    shop.settings.set("lost_visit_keepalive", 0)
    assert anyway() == set()


def test_a_new_member_who_came_is_not_welcomed_where_the_shop_says_so(shop: Shop, a_member: Maker) -> None:
    came, other = (a_member(name, joined=DAY - timedelta(days=14)) for name in ("王丽", "李敏"))
    visited(shop, came, 5)
    shop.settings.set("rules_own", {"P1": {"on": False}})
    assert listed(shop) == {"P2": 2}
    before = everything(shop)
    values = {"rules_own": {"P1": {"on": False}, "P2": {"stops": ["visited"]}}}
    assert shop.view().would_make(values) == {"P2": 1}
    shop.settings.set_many(values)
    assert [row.member for row in shop.view().tasks(shop.view().day_list().open)] == [other]
    row = rule(shop, "P2")
    assert (row.values.stops, row.default.stops, row.is_own) == (("visited",), (), True)
    shop.undo()
    assert everything(shop)["task"] == before["task"]
    assert everything(shop)["setting"] == before["setting"]
    assert listed(shop) == {"P2": 2}
    shop.redo()
    assert (listed(shop), rule(shop, "P2").values.stops) == ({"P2": 1}, ("visited",))


def test_who_bought_this_season_may_be_asked_all_the_same(shop: Shop, a_member: Maker, a_sale: Maker) -> None:
    members = [a_member(name, joined=DAY - timedelta(days=400)) for name in ("王丽", "李敏")]
    for member in members:
        for ago in (200, 160, 120, 80, 40):
            a_sale(member, DAY - timedelta(days=ago), 500)
    bought = members[0]
    a_sale(bought, DAY - timedelta(days=12), 500)  # after the season began, and too long ago for thanks
    own: dict[str, dict[str, object]] = {"L1": {"on": False}, "L3": {"steps": [2]}}
    shop.settings.set_many({"rules_own": own, "season_dates": ["11-08"], "contact_spacing": 1})
    assert listed(shop) == {"L3": 1}
    own["L3"]["stops"] = []
    assert shop.view().would_make({"rules_own": own}) == {"L3": 2}
    shop.settings.set("rules_own", own)
    assert listed(shop) == {"L3": 2}


def test_what_equals_the_recommendation_is_not_kept(shop: Shop) -> None:
    shop.settings.set("rules_own", {
        "P1": {"on": True, "steps": [3, 10], "expires": 14}, "L1": {"again": 45, "stops": ["returned"]},
    })  # fmt: skip
    assert shop.settings.get("rules_own") == {"L1": {"again": 45}}


def test_the_end_moves_along_with_the_last_step_unless_it_was_set(shop: Shop) -> None:
    shop.settings.set("rules_own", {"P2": {"steps": [2, 20, 60]}})
    assert rule(shop, "P2").values.expires == 75
    shop.settings.set("rules_own", {"P2": {"steps": [2, 20, 60], "expires": 60}})
    assert rule(shop, "P2").values.expires == 60


def test_the_days_that_follow_the_shop_follow_an_import_at_once(shop: Shop, tmp_path: Path) -> None:
    """A shop that was opened empty this month is the same as one that always had these sales."""
    shop.start_day()
    assert rule(shop, "P3").values.steps == (7, 30, 55)
    rows = ["姓名,手机,日期,金额,品名"]
    for number in range(60):
        for ago in (300, 280, 260):
            day = DAY - timedelta(days=ago + number % 30)
            rows.append(f"客{number},1380000{number:04},{day},300,裙")
    path = tmp_path / "sales.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    shop.imports.apply(shop.imports.preview(path))
    assert rule(shop, "P3").values.steps == (7, 30, 31)
    shop.undo()
    assert rule(shop, "P3").values.steps == (7, 30, 55)


@pytest.mark.parametrize(
    ("own", "field", "code"),
    [
        ({"Z9": {"on": False}}, "rules_own.Z9", "setting_unknown"),
        ({"P1": {"steps": [3]}}, "rules_own.P1.steps", "setting_bad"),
        ({"P1": {"steps": [10, 3]}}, "rules_own.P1.steps", "rule_steps"),
        ({"P1": {"steps": [-1, 3]}}, "rules_own.P1.steps", "setting_range"),
        ({"P1": {"steps": [3, 20], "expires": 14}}, "rules_own.P1.expires", "setting_range"),
        ({"P1": {"expires": 700}}, "rules_own.P1.expires", "setting_range"),
        ({"P1": {"again": 30}}, "rules_own.P1.again", "setting_range"),
        ({"L1": {"again": 0}}, "rules_own.L1.again", "setting_range"),
        ({"P1": {"channel": "fax"}}, "rules_own", "setting_bad"),
        ({"P1": {"channel": ""}}, "rules_own.P1.channel", "setting_bad"),
        ({"P1": {"on": 1}}, "rules_own", "setting_bad"),
        ({"P1": {"steps": ["3", "10"]}}, "rules_own", "setting_bad"),
        ({"P1": {"steps": []}}, "rules_own", "setting_bad"),
        ({"P1": {"colour": "red"}}, "rules_own", "setting_bad"),
        ({"L5": {"stops": ["bought"]}}, "rules_own.L5.stops", "setting_bad"),
        ({"P1": {"stops": ["visited"]}}, "rules_own.P1.stops", "setting_bad"),
        ({"L5": {"stops": ["rain"]}}, "rules_own", "setting_bad"),
        ({"L5": {"stops": "visited"}}, "rules_own", "setting_bad"),
        ({"L5": {"stops": [["visited"]]}}, "rules_own", "setting_bad"),
        ({"P1": "off"}, "rules_own", "setting_bad"),
        ("off", "rules_own", "setting_bad"),
    ],
)
def test_nonsense_is_refused_by_its_place(shop: Shop, own: Any, field: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        shop.settings.set("rules_own", own)
    assert (refused.value.field, refused.value.code) == (field, code)
    assert shop.settings.get("rules_own") == {}


@pytest.mark.parametrize(
    ("key", "value", "good"),
    [
        ("contact_hours", "08:30-21:00", True), ("contact_hours", "", True), ("contact_hours", "9-20", False),
        ("contact_hours", "21:00-08:00", False), ("contact_hours", "09:00-25:00", False),
        ("quiet_days", ["02-29", "2027-02-06"], True), ("quiet_days", ["2027-02-30"], False),
        ("quiet_days", ["2-6"], False), ("sale_dates", ["06-18"], True), ("contact_spacing", 0, False),
        ("season_dates", ["W05-1"], False), ("quiet_days", ["2026-W05-1"], False),
        ("day_lost", 0, True), ("day_lost", 5, True), ("day_lost", -1, False), ("cap_30_lost", 0, False),
    ],
)  # fmt: skip
def test_values_of_the_engine_are_checked(shop: Shop, key: str, value: Any, good: bool) -> None:
    if good:
        shop.settings.set(key, value)
        assert shop.settings.get(key) == value
        return
    with pytest.raises(InputError) as refused:
        shop.settings.set(key, value)
    assert refused.value.field == key


# ---------------------------------------------------------------- what other values would make


def test_what_is_in_force_would_make_the_list_there_is(
    shop: Shop, visitors: list[MemberId], a_member: Maker
) -> None:
    a_member("新客", phone="13800000099", joined=DAY - timedelta(days=14))
    shop.followups.add_today([visitors[0]])
    assert shop.view().would_make({}) == listed(shop) == {"P1": 5, "P2": 1}
    shop.followups.finish(shop.view().day_list().open[0], OutcomeDraft("reached"))
    assert shop.view().would_make({}) == listed(shop)


def test_what_other_values_would_make_is_what_they_make(shop: Shop, visitors: list[MemberId]) -> None:
    before = everything(shop)
    for values in (
        {"rules_own": {"P1": {"steps": [4, 12]}}},
        {"rules_own": {"P1": {"on": False}}},
        {"quiet_days": ["11-21"]},
        {"contact_spacing": 30, "cap_90": 1},
    ):
        promised = shop.view().would_make(values)
        assert everything(shop) == before, "nothing is written"
        shop.settings.set_many(values)
        assert promised == listed(shop), values
        shop.undo()


@pytest.mark.parametrize("seed", range(3))
def test_it_holds_for_any_shop_and_any_values(
    shop: Shop, clock: Clock, seed: int, a_member: Maker, a_sale: Maker
) -> None:
    """Customers of all kinds, some contacts, some who must not be contacted; then an owner's settings."""
    chance = Random(seed)
    for number in range(45):
        joined = DAY - timedelta(days=chance.randrange(10, 700))
        birthday = f"--{chance.choice(('11', '12'))}-{chance.randrange(1, 29):02}" if number % 3 == 0 else ""
        member = a_member(joined=joined, birthday=birthday)
        for ago in sorted(
            chance.sample(range((DAY - joined).days + 1), chance.randrange(min(6, (DAY - joined).days)))
        ):
            a_sale(member, DAY - timedelta(days=ago), chance.randrange(80, 900))
        if number % 4 == 1:
            visited(shop, member, chance.randrange(20))
        if number % 9 == 2:
            never(shop, member)
    shop.start_day()
    for task in shop.view().day_list().open[:6]:
        shop.followups.finish(
            task, OutcomeDraft(chance.choice(("reached", "no_answer", "later", "will_come")))
        )
    assert shop.view().would_make({}) == listed(shop)
    sizes = []
    for _ in range(4):
        values = own_values(chance)
        promised = shop.view().would_make(values)
        shop.settings.set_many(values)
        assert promised == listed(shop) == shop.view().would_make({}), values
        sizes.append(sum(promised.values()))
        shop.undo()
        clock.now += timedelta(days=chance.randrange(3))
        shop.start_day()
    assert len(set(sizes)) > 1


def own_values(chance: Random) -> dict[str, object]:
    """What an owner might set."""
    own: dict[str, dict[str, object]] = {
        key: {"on": chance.random() < 0.7}
        for key in ("L1", "L2", "L3", "L5", "P1", "P2", "P3", "D2", "D3", "D4", "X1")
    }
    own["P1"]["steps"] = [chance.randrange(1, 5), chance.randrange(6, 20)]
    own["P2"] |= {"steps": [2, chance.randrange(5, 40), 50], "channel": chance.choice(("call", "message"))}
    own["P3"] |= {"steps": [chance.randrange(1, 15), 20, 90], "expires": 120}
    own["X1"]["channel"] = chance.choice(("call", ""))
    for key in ("L3", "L5", "P2", "P3", "D2", "D3"):
        own[key]["stops"] = chance.choice(([], ["visited"]))
    return {
        "rules_own": own, "contact_spacing": chance.choice((1, 7, 20)), "cap_90": chance.choice((1, 5)),
        "closed_weekdays": chance.choice(([], [0, 6])), "sale_dates": chance.choice(([], ["11-15"])),
        "season_dates": chance.choice((["11-01"], ["11-20", "06-01"])),
        "no_selling_days": chance.choice((5, 14)),
    }  # fmt: skip


def test_nonsense_is_refused_before_it_is_worked_out(shop: Shop) -> None:
    for values in ({"rules_own": {"Z9": {"on": True}}}, {"colour": 1}, {"cap_90": "many"}):
        with pytest.raises(InputError):
            shop.view().would_make(values)


def test_working_it_out_can_be_stopped(shop: Shop, visitors: list[MemberId]) -> None:
    progress = Progress()
    progress.stop()
    with pytest.raises(Cancelled):
        shop.view().would_make({}, DAY, progress)


# ---------------------------------------------------------------- who is kept off


def kept_off(shop: Shop) -> dict[MemberId, WithheldRow]:
    return {row.member: row for row in shop.view().withheld()}


def test_who_must_not_be_contacted_is_named_with_the_reason(shop: Shop, visitors: list[MemberId]) -> None:
    assert kept_off(shop) == {}
    silent, consent, paused, angry, reachable = visitors
    never(shop, silent)
    with shop.store.write("member.set", None, shop.clock()) as tx:
        tx.update("member", consent, consent="no")
        shop.refresh(tx, frozenset({consent}))
    shop.members.pause(paused, date(2026, 12, 1))
    shop.complaints.add(ComplaintDraft(angry, "开线了", due=date(2026, 11, 23)))
    rows = kept_off(shop)
    assert {member: row.code for member, row in rows.items()} == {
        silent: "never", consent: "consent", paused: "paused", angry: "complaint",
    }  # fmt: skip
    assert {row.rule for row in rows.values()} == {"P1"}
    assert t(rows[paused].because.id, **rows[paused].because.values) == "暂停联系到12月1日"
    assert t(rows[angry].why.id, **rows[angry].why.values) == "试了大衣没买"
    assert listed(shop) == {"P1": 1}
    assert reachable not in rows


def test_a_complaint_that_is_due_stands_on_the_list_itself(shop: Shop, visitors: list[MemberId]) -> None:
    shop.complaints.add(ComplaintDraft(visitors[0], "开线了", due=DAY))
    assert listed(shop) == {"P1": 4, "C1": 1}
    assert kept_off(shop) == {}


def test_without_a_good_number_she_is_kept_off(
    shop: Shop, clock: Clock, visitors: list[MemberId], a_member: Maker
) -> None:
    (task,) = (row.id for row in shop.view().tasks(shop.view().day_list().open) if row.member == visitors[0])
    shop.followups.finish(task, OutcomeDraft("wrong_number"))
    nobody = a_member("无号", phone="")
    visited(shop, nobody)
    assert {member: row.code for member, row in kept_off(shop).items()} == {nobody: "no_way"}
    clock.set(DAY + timedelta(days=7))  # the second to-do of that visit
    shop.start_day()
    assert {member: row.code for member, row in kept_off(shop).items()} == {
        visitors[0]: "wrong_number", nobody: "no_way",
    }  # fmt: skip


def test_who_was_talked_to_today_is_not_missed(shop: Shop, visitors: list[MemberId]) -> None:
    (task,) = (row.id for row in shop.view().tasks(shop.view().day_list().open) if row.member == visitors[0])
    shop.followups.finish(task, OutcomeDraft("refused", reason="price"))
    assert kept_off(shop) == {}


def test_a_deactivated_member_is_nobodys_business(shop: Shop, visitors: list[MemberId]) -> None:
    shop.members.pause(visitors[0], date(2026, 12, 1))
    shop.members.archive(visitors[0])
    assert kept_off(shop) == {}


def worded(done: Any) -> str:
    return t(done.sentence.id, **done.sentence.values)


def test_a_list_that_leaves_the_shop_says_how_many_are_missing(
    shop: Shop, visitors: list[MemberId], tmp_path: Path
) -> None:
    everybody = shop.view().day_list().open
    shop.members.pause(visitors[0], date(2026, 12, 1))
    shop.complaints.add(ComplaintDraft(visitors[1], "开线了", due=date(2026, 11, 23)))
    done = shop.exports.callbacks(tmp_path / "今天.xlsx")
    assert worded(done) == "已导出 3 行到 今天.xlsx；2 位不能联系，没列进去"
    done = shop.exports.callbacks(tmp_path / "选中.xlsx", tasks=everybody)
    assert worded(done) == "已导出 3 行到 选中.xlsx；2 位不能联系，没列进去"
    assert worded(shop.exports.callbacks(tmp_path / "忠诚.xlsx", type="loyal")) == "已导出 0 行到 忠诚.xlsx"
    never(shop, visitors[2])
    done = shop.exports.members(tmp_path / "会员.xlsx", columns=("name", "phone"))
    assert worded(done) == "已导出 5 行到 会员.xlsx；1 位不让联系，没写号码"
    assert (
        worded(shop.exports.members(tmp_path / "会员.xlsx", columns=("name", "last")))
        == "已导出 5 行到 会员.xlsx"
    )


def test_who_could_not_be_reached_and_must_not_be_called_is_left_out(
    shop: Shop, visitors: list[MemberId], tmp_path: Path
) -> None:
    for task in shop.view().day_list().open[:3]:
        shop.followups.finish(task, OutcomeDraft("no_answer"))
    assert worded(shop.exports.not_reached(tmp_path / "一.xlsx")) == "已导出 3 行到 一.xlsx"
    never(shop, shop.store.read().value("SELECT min(member_id) FROM contact"))
    assert (
        worded(shop.exports.not_reached(tmp_path / "二.xlsx"))
        == "已导出 2 行到 二.xlsx；1 位不能联系，没列进去"
    )


def test_what_was_stopped_meanwhile_is_not_copied(shop: Shop, visitors: list[MemberId]) -> None:
    first, second, *_ = shop.view().day_list().open
    shop.followups.copied(second)
    never(shop, *(row.member for row in shop.view().tasks([first])))
    with pytest.raises(ConflictError) as refused:
        shop.followups.copied(first)
    assert refused.value.code == "task_closed"


# ---------------------------------------------------------------- the day's list


def test_of_a_type_no_more_than_its_limit_are_shown(shop: Shop, visitors: list[MemberId]) -> None:
    shop.settings.set("day_potential", 2)
    days = shop.view().day_list()
    assert (len(days.open), len(days.waiting), days.behind) == (2, 3, 3)
    assert len(shop.view().day_list(whole=False).open) == 2
    shop.followups.finish(days.open[0], OutcomeDraft("reached"))
    assert len(shop.view().day_list().open) == 1, "what is done counts"
    waiting = shop.view().day_list().waiting[0]
    shop.followups.finish(waiting, OutcomeDraft("will_come", next_day=DAY))
    shop.followups.reopen(waiting)
    assert len(shop.view().day_list().waiting) == 3


def test_on_a_quiet_day_only_what_was_agreed_is_shown(
    shop: Shop, clock: Clock, visitors: list[MemberId]
) -> None:
    first, *_ = shop.view().day_list().open
    shop.followups.finish(first, OutcomeDraft("will_come", next_day=DAY + timedelta(days=1)))
    shop.settings.set("quiet_days", ["2026-11-22"])
    clock.set(DAY + timedelta(days=1))
    shop.start_day()
    days = shop.view().day_list()
    assert days.open == (first,)
    clock.set(DAY + timedelta(days=2))
    shop.start_day()
    assert len(shop.view().day_list().open) == 5


def test_what_changes_no_to_do_looks_at_nobody(
    shop: Shop, visitors: list[MemberId], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred thousand members need not be asked about the hours of the day."""
    looked: list[object] = []
    monkeypatch.setattr(shop.followups, "refresh", lambda *args, **kept: looked.append(args))
    shop.settings.set_many(
        {"contact_hours": "10:00-20:00", "tasks_per_day": 3, "day_lost": 2, "most_tries": 2}
    )
    assert looked == []
    assert len(shop.view().day_list().open) == 3
    shop.settings.set("contact_spacing", 9)
    assert len(looked) == 1


def test_tries_and_snoozes_are_the_shops_own(shop: Shop, clock: Clock, visitors: list[MemberId]) -> None:
    shop.settings.set_many({"most_tries": 1, "most_snoozes": 1, "later_days": 5})
    first, second, *_ = shop.view().day_list().open
    shop.followups.finish(first, OutcomeDraft("no_answer"))
    (row,) = shop.view().tasks([first])
    assert row.context is not None
    assert (row.tries, row.context.id) == (1, "why.c.otherway")
    shop.followups.finish(first, OutcomeDraft("no_answer"))
    assert shop.view().tasks([first])[0].state == "done"
    shop.followups.finish(second, OutcomeDraft("later"))
    assert shop.view().tasks([second])[0].due == DAY + timedelta(days=5)
    with pytest.raises(InputError) as refused:
        shop.followups.finish(second, OutcomeDraft("later"))
    assert refused.value.code == "later_enough"


def test_who_moved_away_is_left_alone(
    shop: Shop, clock: Clock, visitors: list[MemberId], a_sale: Maker
) -> None:
    moved, stays = visitors[:2]
    for member in (moved, stays):
        a_sale(member, DAY - timedelta(days=1), 300)
    clock.set(DAY + timedelta(days=6))
    shop.start_day()
    tasks = {row.member: row.id for row in shop.view().tasks(shop.view().day_list().open) if row.rule == "P3"}
    shop.followups.finish(tasks[moved], OutcomeDraft("reached", reason="moved"))
    shop.followups.finish(tasks[stays], OutcomeDraft("reached", reason="price"))
    clock.set(DAY + timedelta(days=29))
    shop.start_day()
    assert [row.member for row in shop.view().tasks(shop.view().day_list().open) if row.rule == "P3"] == [
        stays
    ]
    a_sale(moved, DAY + timedelta(days=29), 300)
    clock.set(DAY + timedelta(days=50))
    shop.start_day()
    assert moved in {
        member for (member,) in shop.store.read().all("SELECT member_id FROM task WHERE state = 'open'")
    }


def test_who_said_she_comes_stands_on_every_list_though_she_complains(
    shop: Shop, clock: Clock, tmp_path: Path, visitors: list[MemberId]
) -> None:
    """She comes of her own accord: what leaves the shop says what the screen says."""
    first = shop.view().day_list().open[0]
    shop.followups.finish(first, OutcomeDraft("will_come", next_day=DAY + timedelta(days=1)))
    clock.set(DAY + timedelta(days=1))
    shop.start_day()
    row = shop.view().tasks([first])[0]
    shop.complaints.add(ComplaintDraft(row.member, "开线"))
    assert first in shop.view().day_list().open
    done = shop.exports.callbacks(tmp_path / "list.xlsx", tasks=[first])
    assert done.sentence.values["n"] == 1
    assert shop.papers.day_list([first], is_part=True).people == 1
