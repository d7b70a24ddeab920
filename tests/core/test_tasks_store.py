"""To-dos in the file: candidates, cases, outcomes with their next step, the day's list."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from shopcrm.basics.errors import ConflictError, InputError, Refusal
from shopcrm.basics.progress import SILENT
from shopcrm.basics.records import OutcomeDraft, TaskId
from shopcrm.basics.texts import t
from shopcrm.rules.calibration import Calibration, TypeSettings, limits
from shopcrm.rules.customer_types import yardstick
from shopcrm.rules.facts import month_of
from shopcrm.rules.own_rules import checked_own, rule_rows
from shopcrm.rules.reconciling import reconcile
from shopcrm.shop import followups
from shopcrm.shop.followups import FollowUps
from shopcrm.store import Store, Tx, settings, tasks

TODAY = date(2026, 11, 21)
N = TODAY.toordinal()
LIMITS = limits(Calibration(N - 21, 110, 55, 40, 5, 150_000, 600_000, 32_000, 48_000, 400, 90))
MEASURE = yardstick(LIMITS)


class Types:
    """Types that were decided elsewhere: the tests write d_case themselves."""

    def limits(self, rx: object) -> object:
        return LIMITS

    def verdict(self, rx: object, member: int) -> None:
        return None


@dataclass
class Bench:
    """A shop in memory with only what follow-ups need."""

    store: Store
    now: datetime = datetime(2026, 11, 21, 10, 0)
    actor: None = None
    types: Types = field(default_factory=Types)

    def __post_init__(self) -> None:
        self.followups = FollowUps(self)  # type: ignore[arg-type]

    def clock(self) -> datetime:
        return self.now

    @property
    def day(self) -> date:
        return self.now.date()

    def write(self, kind: str = "test") -> Any:
        return self.store.write(kind, None, self.now)

    def start_day(self) -> bool:
        with self.store.write("day.start", None, self.now) as tx:
            return self.followups.start_day(tx, self.day)

    def refresh(self, *members: int) -> None:
        with self.write() as tx:
            self.followups.refresh(tx, frozenset(members) or None, self.day)

    def put(self, key: str, value: object) -> None:
        with self.write() as tx:
            settings.put(tx, key, value)

    def set(self, member: int, **values: object) -> None:
        with self.write() as tx:
            tx.update("member", member, **values)

    def rows(self, columns: str = "rule, state") -> list[tuple[Any, ...]]:
        return self.store.read().all(f"SELECT {columns} FROM task ORDER BY id")

    def listed(self) -> followups.DayList:
        return followups.day_list(self.store.read(), self.day)

    def row(self, task: int) -> followups.TaskRow:
        return followups.task_rows(self.store.read(), [TaskId(task)], self.day)[0]


@pytest.fixture
def bench() -> Iterator[Bench]:
    store = Store.open(":memory:", now=datetime(2026, 11, 21, 10, 0))
    yield Bench(store)
    store.close()


def classify(tx: Tx, member: int, kind: str, code: str, days: list[int], **values: object) -> None:
    """What types would have written of a member who bought on these days (days ago) at ¥400 each."""
    first, last = (N - max(days), N - min(days)) if days else (None, None)
    recent = [day for day in days if day < 365]
    row = {
        "member_id": member, "day": TODAY.isoformat(), "type": kind, "code": code, "vals": "{}", "score": 2.0,
        "since": (TODAY - timedelta(days=200)).isoformat(), "n": len(days), "first_d": first, "last_d": last,
        "spend": 40_000 * len(days), "n12": len(recent), "spend12": 40_000 * len(recent), **values,
    }  # fmt: skip
    tx.derive("DELETE FROM d_purchase_day WHERE member_id = ?", (member,))
    tx.derive_many(
        "INSERT INTO d_purchase_day VALUES (?, ?, ?, ?)",
        [(member, N - day, 40_000, month_of(N - day)) for day in days],
    )
    tx.derive(
        f"INSERT OR REPLACE INTO d_case ({','.join(row)}) VALUES ({','.join('?' * len(row))})",
        tuple(row.values()),
    )


def add(
    bench: Bench, kind: str, code: str, days: list[int], *, phone: str = "13800000001", **fields: Any
) -> int:
    """A member with purchases so many days ago."""
    of_case = {key: fields.pop(key) for key in ("score", "since", "spend") if key in fields}
    with bench.write() as tx:
        joined = (TODAY - timedelta(days=max(days, default=3))).isoformat()
        member = tx.insert("member", **{"name": "周曼丽", "joined": joined, **fields})
        if phone:
            tx.insert("phone", member_id=member, seq=1, typed=phone, key=phone)
        for ago in days:
            day = (TODAY - timedelta(days=ago)).isoformat()
            sale = tx.insert("sale", member_id=member, day=day)
            tx.insert("line", sale_id=sale, item="针织开衫", colour="豆沙", size="L", amount_fen=40_000)
        classify(tx, member, kind, code, days, **of_case)
    return member


LOYAL = ("loyal", "LOYAL_FREQ", [1, 40, 80, 120, 160])
SLIPPING = ("drifting", "DRIFT_SLIPPING", [190, 220, 250, 280, 310])
VISITOR = ("potential", "POT_VISIT", [100, 200])


def visit(bench: Bench, member: int, ago: int = 3, kind: str = "tried", **fields: Any) -> None:
    with bench.write() as tx:
        day = (TODAY - timedelta(days=ago)).isoformat()
        tx.insert(
            "visit", **{"member_id": member, "day": day, "kind": kind, "items": "驼色羊绒大衣", **fields}
        )


def finish(bench: Bench, task: int, outcome: str, **draft: Any) -> Any:
    return bench.followups.finish(TaskId(task), OutcomeDraft(outcome, **draft))


@pytest.fixture
def caller(bench: Bench) -> int:
    """The id of a call that is due today, of member 1."""
    visit(bench, add(bench, *VISITOR))
    bench.start_day()
    (task,) = bench.listed().open
    return task


# ---------------------------------------------------------------- candidates and cases


def test_every_member_a_rule_holds_for_is_a_candidate(bench: Bench) -> None:
    """The pick by SQL against asking everybody, over many kinds of members and half a year."""
    kinds = (
        ("loyal", "LOYAL_FREQ"),
        ("potential", "POT_RISING"),
        ("potential", "POT_POWER"),
        ("potential", "POT_NEW_BUYER"),
    )
    kinds += ("drifting", "DRIFT_OCCASIONAL"), ("drifting", "DRIFT_SLIPPING"), ("lost", "LOST_SILENT")
    members = []
    for number, (kind, code) in enumerate(kinds):
        for ago in range(0, 460, 7):
            days = [ago] if code == "POT_NEW_BUYER" or ago % 2 else [ago, ago + 30 + 40 * (ago % 5)]
            birthday = ("--12-01", "L:--10-20", "1990-02-29", "")[(number + ago) % 4]
            members.append(add(bench, kind, code, days, birthday=birthday, since="2026-11-01"))
    for ago in (0, 10, 30, 59, 90):
        members.append(
            add(bench, "potential" if ago < 60 else "drifting", "DRIFT_NEVER", [], joined=_ago(ago))
        )
    picked = wanting = 0
    with bench.write() as tx:
        for later in range(0, 190, 10):
            day = TODAY + timedelta(days=later)
            facts, _ = bench.followups._facts(tx, LIMITS, day)
            candidates = set(tasks.candidates(tx, facts, LIMITS, N + later))
            for case in tasks.cases(tx, members, MEASURE, N + later):
                wishes, moves = reconcile(case, facts, N + later)
                assert not (wishes or moves) or case.member in candidates, (case, wishes)
                wanting += bool(wishes)
            picked += len(candidates)
    assert wanting > 100
    assert picked < 0.8 * 19 * len(members), "the pick is worth its while"


def test_who_is_left_out_from_day_to_day_has_nothing_to_change(bench: Bench) -> None:
    """Over the seasons and the ends of to-dos, with contacts, pauses and appointments among them."""
    kinds = (("loyal", "LOYAL_FREQ"), ("potential", "POT_RISING"), ("potential", "POT_POWER"))
    kinds += ("drifting", "DRIFT_OCCASIONAL"), ("drifting", "DRIFT_NEVER")
    members = []
    for number, (kind, code) in enumerate(kinds):
        for ago in range(0, 320, 7):
            days = [] if code == "DRIFT_NEVER" else [ago, ago + 40, ago + 70, ago + 110][: 2 + ago % 3]
            extra = {"no_call": 1, "no_message": 1, "no_sms": 1} if ago == 63 else {}
            pause = _ago(-30) if ago == 70 else None
            members.append(add(bench, kind, code, days, pause_until=pause, joined=_ago(900), **extra))
            for back in range(0, 85, 14) if (number + ago) % 5 == 0 else ():
                with bench.write() as tx:
                    on = {"day": _ago(back), "channel": "call", "outcome": "reached"}
                    tx.insert("contact", member_id=members[-1], **on)
    left_out = ended = 0
    with bench.write() as tx:
        for later in range(120):
            day, today = TODAY + timedelta(days=later), N + later
            facts, _ = bench.followups._facts(tx, LIMITS, day)
            if later:
                for expired, over in tasks.over(tx, facts, today).items():
                    tasks.expire(tx, over, expired)
                    ended += len(over)
                seen = set(tasks.unsettled(tx, facts, LIMITS, today))
                unseen = [member for member in members if member not in seen]
                left_out += len(unseen)
                for case in tasks.cases(tx, unseen, MEASURE, today):
                    assert reconcile(case, facts, today) == ([], []), case
            bench.followups._refresh(tx, members, facts, MEASURE, today, SILENT)
    assert left_out > 60 * len(members)
    assert ended > 20


def _ago(days: int) -> str:
    return (TODAY - timedelta(days=days)).isoformat()


def test_case_holds_what_the_file_says(bench: Bench) -> None:
    member = add(bench, *LOYAL, birthday="1980-11-24", wechat="manli")
    visit(bench, member, 2)
    visit(bench, member, 1, voided_on="2026-11-21")
    add(bench, *VISITOR, referrer_id=member, joined=_ago(4))
    with bench.write() as tx:
        sale = tx.insert("sale", member_id=member, day=_ago(5))
        tx.insert("line", sale_id=sale, amount_fen=-10_000)
    (case,) = tasks.cases(bench.store.read(), [member], MEASURE, N)
    assert (case.n, case.n12, case.eff12, case.first, case.last) == (5, 5, 6.0, N - 160, N - 1)
    assert (case.last_net, case.spend, case.joined) == (40_000, 200_000, N - 160)
    assert (case.visited, case.returned, case.referred, case.birthday) == (N - 2, N - 5, N - 4, N + 3)
    assert (case.lost_limit, case.loyal_limit) == (330, 165)
    assert (case.may_call, case.may_message, case.closed_why) == (True, True, "")


def test_exchange_is_no_return(bench: Bench) -> None:
    member = add(bench, *LOYAL)
    with bench.write() as tx:
        sale = tx.insert("sale", member_id=member, day=_ago(2))
        tx.insert("line", sale_id=sale, amount_fen=-10_000)
        tx.insert("line", sale_id=sale, amount_fen=15_000)
    assert tasks.cases(bench.store.read(), [member], MEASURE, N)[0].returned is None


@pytest.mark.parametrize(
    ("birthday", "on"),
    [
        ("--11-24", N + 3), ("1980-11-18", N - 3), ("--09-19", None), ("--12-06", N + 15), ("--01-28", None),
        ("L:--10-13", N), ("L:1988-10-15", N + 2), ("L:--06+-01", None), ("", None),
    ],
)  # fmt: skip
def test_birthdays_of_both_calendars(bench: Bench, birthday: str, on: int | None) -> None:
    member = add(bench, *LOYAL, birthday=birthday)
    assert tasks.cases(bench.store.read(), [member], MEASURE, N)[0].birthday == on


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"archived_on": "2026-01-01"}, "archived"), ({"no_call": 1, "no_message": 1, "no_sms": 1}, "never"),
        ({"no_call": 1, "no_message": 1}, ""), ({"consent": "no"}, "consent"), ({"consent": "yes"}, ""),
        ({"pause_until": "2026-11-21"}, "paused"), ({"pause_until": "2026-11-20"}, ""),
        ({"phone": ""}, "no_way"), ({"phone": "", "wechat": "w"}, ""),
        ({"phone": "", "wechat": "w", "no_message": 1}, "no_way"), ({"no_message": 1, "no_sms": 1}, ""),
        ({"phone": "", "wechat": "w", "no_call": 1, "no_sms": 1}, ""),
    ],
)  # fmt: skip
def test_who_may_not_be_contacted(bench: Bench, fields: dict[str, Any], why: str) -> None:
    member = add(bench, *LOYAL, **fields)
    assert tasks.cases(bench.store.read(), [member], MEASURE, N)[0].closed_why == why
    bench.start_day()
    assert bool(bench.rows()) == (why == "")


# ---------------------------------------------------------------- days


def test_day_is_made_once(bench: Bench) -> None:
    add(bench, *LOYAL, birthday="--11-24")
    visit(bench, add(bench, *VISITOR))
    assert bench.start_day()
    before = bench.rows("id, rule, due, expires, state, why, context")
    assert not bench.start_day()
    bench.refresh()
    bench.refresh(1, 2)
    assert bench.rows("id, rule, due, expires, state, why, context") == before
    assert [row[1] for row in before] == ["L1", "L2", "P1"]


def test_clock_that_went_back_makes_nothing(bench: Bench) -> None:
    bench.start_day()
    bench.now -= timedelta(days=30)
    add(bench, *LOYAL)
    assert not bench.start_day()
    assert bench.rows() == []


def test_refresh_writes_no_journal_when_nothing_changed(bench: Bench) -> None:
    add(bench, *LOYAL)
    bench.start_day()
    entries = bench.store.read().value("SELECT count(*) FROM journal_entry")
    bench.refresh()
    assert bench.store.read().value("SELECT count(*) FROM journal_entry") == entries


def test_what_stood_on_the_list_is_late_and_what_waited_is_not(bench: Bench) -> None:
    bench.put("tasks_per_day", 1)
    for spend in (90_000, 500_000):
        visit(bench, add(bench, *VISITOR, spend=spend))
    bench.start_day()
    ((shown,), (waited,)) = bench.listed().open, bench.listed().waiting
    bench.now += timedelta(days=2)
    bench.start_day()
    bench.put("tasks_per_day", 5)
    assert bench.listed().open == (shown, waited)
    assert [bench.row(task).overdue_days for task in (shown, waited)] == [2, 0]
    assert bench.row(waited).due == bench.day


def test_score_parts_the_loyal_over_ten_days(bench: Bench) -> None:
    for score in range(10):
        add(bench, "loyal", "LOYAL_FREQ", [60, 90, 120, 150, 180], score=float(score))
    bench.now = datetime(2027, 2, 26, 10, 0)
    bench.start_day()
    due = dict(bench.store.read().all("SELECT member_id, due FROM task WHERE rule = 'L3'"))
    assert due[10] == "2027-03-01"
    assert due[6] == "2027-03-05"
    assert 1 not in due, "the last tenth is not yet a week ahead"


# ---------------------------------------------------------------- outcomes


def test_reached_writes_contact_and_to_do_in_one_step(bench: Bench, caller: int) -> None:
    done = finish(bench, caller, "reached", note=" 想试长款 ", message="您好", template="say.P1.1.1")
    assert t(done.sentence.id, **done.sentence.values) == "已记录：周曼丽 · 联系上了"
    assert done.entry is not None
    assert caller in done.changes.tasks.ids
    rx = bench.store.read()
    assert rx.one("SELECT outcome, note, message, template, channel, day, at FROM contact") == (
        "reached", "想试长款", "您好", "say.P1.1.1", "message", "2026-11-21", "10:00",
    )  # fmt: skip
    assert rx.one("SELECT state, closed_on, outcome FROM task WHERE id = ?", (caller,)) == (
        "done", "2026-11-21", "reached",
    )  # fmt: skip
    today = bench.listed()
    assert (today.open, today.done) == ((), (caller,))
    row = bench.row(caller)
    assert (row.outcome, row.closed_at, row.state) == ("reached", "10:00", "done")


def test_second_outcome_for_the_same_to_do_is_a_conflict(bench: Bench, caller: int) -> None:
    finish(bench, caller, "reached")
    with pytest.raises(ConflictError) as caught:
        finish(bench, caller, "refused")
    assert "周曼丽" in caught.value.sentence


def test_no_answer_comes_back_in_two_days(bench: Bench, caller: int) -> None:
    finish(bench, caller, "no_answer")
    assert (bench.listed().open, bench.listed().done) == ((), (caller,))
    bench.now += timedelta(days=1)
    bench.start_day()
    assert bench.listed().open == ()
    bench.now += timedelta(days=1)
    bench.start_day()
    assert bench.listed().open == (caller,)
    context = bench.row(caller).context
    assert context is not None
    assert t(context.id, **context.values) == "第 2 次联系 · 11月21日没接通"


def test_third_no_answer_asks_for_another_way(bench: Bench, caller: int) -> None:
    for _ in range(3):
        finish(bench, caller, "no_answer")
        bench.now = datetime.fromisoformat(bench.rows("due")[0][0] + " 10:00")
        bench.start_day()
    row = bench.row(caller)
    assert (row.tries, row.state, row.context.id) == (3, "open", "why.c.otherway")  # type: ignore[union-attr]
    finish(bench, caller, "no_answer")
    assert bench.row(caller).state == "done"


def test_appointment_stands_first_and_ends_when_she_comes(bench: Bench, caller: int) -> None:
    finish(bench, caller, "will_come", next_day=TODAY + timedelta(days=1))
    add(bench, *LOYAL, birthday="--11-22", name="陈素芬")
    bench.now += timedelta(days=1)
    bench.start_day()
    assert bench.listed().open[0] == caller
    assert bench.row(caller).why.id == "why.appointment"
    bench.now += timedelta(days=1)
    assert bench.row(caller).why.id == "why.noshow"
    assert bench.row(caller).overdue_days == 1
    with bench.write() as tx:
        tx.insert("visit", member_id=1, day=bench.day.isoformat(), kind="looked")
        bench.followups.refresh(tx, frozenset({1}), bench.day)
    assert bench.store.read().one("SELECT state, closed_why FROM task WHERE id = ?", (caller,)) == (
        "done",
        "came",
    )


def test_refused_pauses_ninety_days_and_never_is_for_ever(bench: Bench, caller: int) -> None:
    finish(bench, caller, "refused", reason="price")
    assert bench.store.read().value("SELECT pause_until FROM member") == "2027-02-19"
    bench.followups.change(TaskId(caller), OutcomeDraft("refused", reason="never"))
    assert bench.store.read().one("SELECT pause_until, no_call, no_message, no_sms FROM member") == (
        None, 1, 1, 1,
    )  # fmt: skip
    assert bench.store.read().value("SELECT count(*) FROM contact") == 1


def test_wrong_number_ends_contact_until_it_is_put_right(bench: Bench, caller: int) -> None:
    finish(bench, caller, "wrong_number")
    assert bench.store.read().value("SELECT wrong FROM phone") == 1
    visit(bench, 1, 0)
    bench.refresh(1)
    assert [state for (state,) in bench.rows("state")] == ["done"]
    with bench.write() as tx:
        tx.update("phone", 1, wrong=0)
    bench.refresh(1)
    assert bench.rows("rule, state")[-1] == ("P1", "open")


def test_later_is_no_contact_and_not_for_ever(bench: Bench, caller: int) -> None:
    for _ in range(3):
        finish(bench, caller, "later")
        assert bench.listed().done == ()
        bench.now = datetime.fromisoformat(bench.rows("due")[0][0] + " 10:00")
        bench.start_day()
        assert bench.listed().open == (caller,)
    with pytest.raises(InputError) as caught:
        finish(bench, caller, "later")
    assert (caught.value.field, caught.value.code) == ("outcome", "later_enough")
    assert "3" in caught.value.sentence


def test_reopen_puts_everything_back(bench: Bench, caller: int) -> None:
    before = bench.store.read().all("SELECT * FROM task"), bench.store.read().all("SELECT * FROM member")
    for outcome in ("reached", "no_answer", "will_come", "refused", "wrong_number", "later"):
        finish(bench, caller, outcome)
        done = bench.followups.reopen(TaskId(caller))
        assert t(done.sentence.id, **done.sentence.values) == "已取回：周曼丽"
        assert (
            bench.store.read().all("SELECT * FROM task"),
            bench.store.read().all("SELECT * FROM member"),
        ) == before
        assert bench.store.read().value("SELECT count(*) FROM contact") == 0
        assert bench.store.read().value("SELECT wrong FROM phone") == 0
    with pytest.raises(Refusal):
        bench.followups.reopen(TaskId(caller))


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (OutcomeDraft("sold"), "outcome"), (OutcomeDraft("refused", reason="x"), "reason"),
        (OutcomeDraft("later", next_day=TODAY - timedelta(days=1)), "next_day"),
        (OutcomeDraft("later", next_day=TODAY + timedelta(days=400)), "next_day"),
    ],
)  # fmt: skip
def test_nonsense_changes_nothing(bench: Bench, caller: int, draft: OutcomeDraft, field: str) -> None:
    with pytest.raises(InputError) as caught:
        bench.followups.finish(TaskId(caller), draft)
    assert caught.value.field == field
    assert caught.value.sentence
    assert bench.listed().open == (caller,)


def test_unknown_to_do_is_refused(bench: Bench) -> None:
    for action in (lambda: finish(bench, 99, "reached"), lambda: bench.followups.copied(TaskId(99))):
        with pytest.raises(Refusal) as caught:
            action()
        assert caught.value.sentence


def test_copied_is_marked_until_an_outcome_and_is_nothing_to_undo(bench: Bench, caller: int) -> None:
    done = bench.followups.copied(TaskId(caller))
    assert done.entry is None
    assert bench.row(caller).copied
    finish(bench, caller, "no_answer")
    assert not bench.row(caller).copied


def test_members_put_on_the_list_by_hand(bench: Bench, caller: int) -> None:
    free = add(bench, "drifting", "DRIFT_OCCASIONAL", [100, 200], name="孙佳怡")
    never = add(bench, "drifting", "DRIFT_OCCASIONAL", [100, 200], no_call=1, no_message=1, no_sms=1)
    done = bench.followups.add_today([1, free, never])  # type: ignore[list-item]
    assert (done.value, t(done.sentence.id, **done.sentence.values)) == (
        1, "已加入今日待办 1 位；没加：1 位已有待办、1 位不能联系",
    )  # fmt: skip
    assert [bench.row(task).name for task in bench.listed().open] == ["周曼丽", "孙佳怡"]
    (task,) = (task for task in bench.listed().open if task != caller)
    finish(bench, task, "reached")
    bench.refresh()
    assert bench.row(task).state == "done"
    again = bench.followups.add_today([free])  # type: ignore[list-item]
    assert t(again.sentence.id, **again.sentence.values) == "已加入今日待办 0 位；没加：1 位今天已联系过"
    bench.now += timedelta(days=1)
    assert bench.followups.add_today([free]).value == 1  # type: ignore[list-item]
    assert [bench.row(task).name for task in bench.listed().open] == ["周曼丽", "孙佳怡"]


def test_counter_settles_what_is_shown(bench: Bench, caller: int) -> None:
    with bench.write() as tx:
        bench.followups.on_record(tx, 1, "purchase", TODAY)
    assert bench.listed().done == (caller,)
    bench.followups.reopen(TaskId(caller))
    assert bench.listed().open == (caller,)


# ---------------------------------------------------------------- lists


def test_capacity_counts_what_is_done_today(bench: Bench) -> None:
    bench.put("tasks_per_day", 2)
    for _ in range(4):
        visit(bench, add(bench, *VISITOR))
    bench.start_day()
    today = bench.listed()
    assert (len(today.open), len(today.waiting)) == (2, 2)
    finish(bench, today.open[0], "reached")
    today = bench.listed()
    assert (len(today.open), len(today.waiting), len(today.done)) == (1, 2, 1)
    with bench.write() as tx:
        for name in ("小雯", "阿芳"):
            tx.insert("staff", name=name, role="assistant")
    assert len(bench.listed().open) == 3


def test_list_of_one_assistant(bench: Bench) -> None:
    with bench.write() as tx:
        staff = tx.insert("staff", name="小雯", role="assistant")
    visit(bench, add(bench, *VISITOR))
    visit(bench, add(bench, *VISITOR, staff_id=staff))
    bench.start_day()
    mine = followups.day_list(bench.store.read(), TODAY, staff)  # type: ignore[arg-type]
    assert [bench.row(task).staff for task in mine.open] == ["小雯"]
    assert set(mine.types.values()) == {"potential"}
    assert set(mine.staff.values()) == {staff}


def ranked_by_hand(bench: Bench, staff: int | None) -> tuple[list[int], list[int]]:
    """What is shown and what waits, ranked over all to-dos at once and a second time independently."""
    rx, day = bench.store.read(), TODAY.isoformat()
    rows = rx.all(
        "SELECT t.id, t.member_id, t.type, t.due, t.expires, t.priority, t.appointment, t.rule, t.tries,"
        " t.snoozes, t.state, m.archived_on, m.consent = 'no' OR (m.no_call AND m.no_message AND m.no_sms),"
        " m.pause_until, m.staff_id"
        " FROM task t JOIN member m ON m.id = t.member_id"
    )
    talked = {member for (member,) in rx.all("SELECT member_id FROM contact WHERE day = ?", (day,))}
    later = {row[1] for row in rows if row[10] == "open" and row[3] > day and (row[8] or row[9] or row[6])}
    seen = json.loads(tasks.state(rx, tasks.SEEN))
    best: list[tuple[Any, ...]] = []
    for row in rows:
        (task, member, kind, due, expires, worth, met, rule, tries, snoozes, state, gone, never,
         pause, own) = row  # fmt: skip
        promised = bool(tries or snoozes or met or rule == "M1")
        if state != "open" or due > day or (expires < day and not met):
            continue
        if member in later and not promised and rule != "C1":
            continue
        if not (gone or never or (pause and pause >= day)):
            best.append((not promised, -worth, task, member, kind, due, met, own))
    firsts: dict[int, tuple[Any, ...]] = {}
    for one in sorted(best):
        if one[3] not in talked:
            firsts.setdefault(one[3], one)
    ranked = list(firsts.values())
    places = max(settings.value(rx, "tasks_per_day"), sum(not one[0] for one in ranked))  # type: ignore[type-var]

    def order(one: tuple[Any, ...]) -> tuple[Any, ...]:
        late = date.fromisoformat(one[5]).toordinal()
        since = max(late, seen[str(one[2])]) if str(one[2]) in seen else late if not one[0] else N
        return (
            min(since, N),
            one[6] != day,
            ("loyal", "potential", "drifting", "lost").index(one[4]),
            one[1:3],
        )

    shown, waiting = sorted(ranked[:places], key=order), ranked[places:]  # type: ignore[misc]
    return tuple([one[2] for one in part if staff in (None, one[7])] for part in (shown, waiting))  # type: ignore[return-value]


@pytest.mark.parametrize("seed", range(6))
def test_the_day_list_is_the_ranking_of_all_to_dos_at_once(bench: Bench, seed: int) -> None:
    dice = Random(seed)
    some = lambda *values: dice.choice(values)  # noqa: E731
    ago = lambda days: (TODAY - timedelta(days=days)).isoformat()  # noqa: E731
    bench.put("tasks_per_day", dice.randint(0, 30))
    seen: dict[str, object] = {}
    with bench.write() as tx:
        people = [tx.insert("staff", name=name, role=some("assistant", "owner")) for name in ("小雯", "阿芳")]
        for n in range(80):
            member = tx.insert(
                "member", name=f"客{n}", archived_on=some(*[None] * 9, ago(3)), no_call=some(0, 0, 1),
                no_message=some(0, 0, 1), no_sms=some(0, 1), consent=some("", "", "", "yes", "no"),
                pause_until=some(None, None, None, ago(1), ago(0), ago(-1)), staff_id=some(None, *people),
            )  # fmt: skip
            for m in range(dice.randint(0, 4)):
                due = dice.randint(-4, 30)
                task = tx.insert(
                    "task", member_id=member, rule=some("L1", "P3", "M1", "C1"), anchor=ago(due), step=m + 1,
                    type=some("loyal", "potential", "drifting", "lost"), due=ago(due),
                    expires=ago(due - dice.randint(0, 40)), channel="call", why="{}",
                    priority=float(dice.randint(0, 12)), state=some("open", "open", "open", "done"),
                    tries=some(0, 0, 0, 1), snoozes=some(0, 0, 0, 2),
                    appointment=some(*[None] * 5, ago(0), ago(9)),
                )  # fmt: skip
                if dice.random() < 0.3:
                    seen[str(task)] = N - dice.randint(0, 9)
            if dice.random() < 0.1:
                tx.insert("contact", member_id=member, day=ago(some(0, 1)), outcome="reached")
        tasks.keep_state(tx, tasks.SEEN, seen)
    for staff in (None, *people):
        shown, waiting = ranked_by_hand(bench, staff)
        whole = followups.day_list(bench.store.read(), TODAY, staff)  # type: ignore[arg-type]
        assert (list(whole.open), list(whole.waiting), whole.behind) == (shown, waiting, len(waiting))
        counted = followups.day_list(bench.store.read(), TODAY, staff, whole=False)  # type: ignore[arg-type]
        assert (counted.open, counted.waiting, counted.behind) == (whole.open, (), whole.behind)


def test_the_day_list_of_a_big_shop_is_read_from_indexes_alone(bench: Bench) -> None:
    params = {"day": TODAY.isoformat(), "in_peace": "[]", "manual": "M1"}
    for sql in (tasks._LATER_AGREED, tasks._LISTED, tasks._HOW_MANY_DUE):
        plan = [row[3] for row in bench.store.read().all("EXPLAIN QUERY PLAN " + sql, params)]
        assert any("COVERING INDEX task_best" in step for step in plan)
        assert not [step for step in plan if step in ("SCAN member", "SCAN task", "SCAN t")]
        if sql != tasks._HOW_MANY_DUE:  # counting members, it remembers who was counted
            assert not [step for step in plan if "TEMP B-TREE" in step], "tens of thousands are put in order"


def test_where_nothing_is_new_no_line_is_looked_at(bench: Bench) -> None:
    rx = bench.store.read()
    with bench.write() as tx:
        shop = bench.followups._facts(tx, LIMITS, TODAY)[0]
    plan = rx.all("EXPLAIN QUERY PLAN " + tasks._ALL_CANDIDATES, tasks._params(rx, shop, LIMITS, N))
    steps = [row[3] for row in plan]
    assert steps.index("SCAN n VIRTUAL TABLE INDEX 1:") < steps.index("SCAN l")


def test_one_to_do_a_member_and_none_after_talking_to_her(bench: Bench) -> None:
    member = add(bench, *SLIPPING, birthday="--11-21")
    visit(bench, member, 100)
    bench.start_day()
    assert len([1 for state, due in bench.rows("state, due") if state == "open" and due <= "2026-11-21"]) == 2
    (task,) = bench.listed().open
    finish(bench, task, "later")
    assert bench.listed().open == ()
    bench.now += timedelta(days=1)
    bench.start_day()
    assert bench.listed().open == (), "she asked for another day"


def test_a_later_day_about_one_thing_holds_back_nothing_she_is_owed(bench: Bench) -> None:
    """Goods that came in would have been put back unseen, and her complaint unheard."""
    member = add(bench, *SLIPPING, birthday="--11-21")
    visit(bench, member, 100)
    bench.start_day()
    (task,) = bench.listed().open
    finish(bench, task, "later", next_day=TODAY + timedelta(days=30))
    bench.now += timedelta(days=1)
    bench.start_day()
    owed = []
    with bench.write() as tx:
        for rule in ("W1", "R1", "M1", "C1"):
            owed.append(tx.insert(
                "task", member_id=member, rule=rule, anchor=bench.day.isoformat(), step=1, type="drifting",
                due=bench.day.isoformat(), expires="2026-12-06", channel="call", why="{}",
            ))  # fmt: skip
    for task in owed:
        assert bench.listed().open == (task,)
        assert followups.day_list(bench.store.read(), bench.day, whole=False).behind == 0
        with bench.write() as tx:
            tx.update("task", task, state="done")
    assert bench.listed().open == ()


def test_row_says_everything(bench: Bench, caller: int) -> None:
    row = bench.row(caller)
    assert t(row.why.id, **row.why.values) == "试了驼色羊绒大衣没买"
    assert row.context is not None
    assert t(row.context.id, **row.context.values) == "11月18日来过 · 尺码 L"
    assert (row.phones, row.type, row.rule, row.step) == (("13800000001",), "potential", "P1", 1)
    assert (row.due, row.overdue_days, row.last_item, row.last_fen) == (TODAY, 0, "针织开衫 豆沙", 40_000)
    assert row.last_day == TODAY - timedelta(days=100)


def test_message_is_hers(bench: Bench, caller: int) -> None:
    bench.put("shop.name", "禾木衣坊")
    said = followups.message(bench.store.read(), TaskId(caller), 0, TODAY)
    assert said.text == (
        "丽姐，您那天试的驼色羊绒大衣我给您留到周日。想再比比别的颜色、码数也行，您来我陪您试。——禾木衣坊"
    )
    assert (said.template, said.variants, t(said.title.id)) == ("say.P1.1.1", 2, "试过没买")
    assert followups.message(bench.store.read(), TaskId(caller), 1, TODAY).text != said.text
    bench.set(1, gender="m")
    assert followups.message(bench.store.read(), TaskId(caller), 0, TODAY).text.startswith("周曼丽先生，")
    bench.set(1, call_name="曼丽")
    assert followups.message(bench.store.read(), TaskId(caller), 0, TODAY).text.startswith("曼丽，")
    with pytest.raises(Refusal):
        followups.message(bench.store.read(), TaskId(99), 0, TODAY)


def test_stored_reason_keeps_days_not_counts(bench: Bench) -> None:
    add(bench, *LOYAL)
    bench.start_day()
    assert json.loads(bench.rows("why")[0][0]) == {"id": "why.aftersale", "values": {"n": {"ago": N - 1}}}


def test_reason_and_worth_are_told_anew_when_they_changed(bench: Bench) -> None:
    member = add(bench, "potential", "POT_NEW_MEMBER", [], birthday="--11-21")
    bench.start_day()
    greeting = "SELECT type, priority, context FROM task WHERE rule = 'L2'"
    assert bench.store.read().value("SELECT context FROM task WHERE rule = 'L2'") == '{"parts":[]}'
    with bench.write() as tx:
        classify(tx, member, "lost", "LOST_SILENT", [300, 350, 400])
    bench.refresh(member)
    ((kind, worth, context),) = bench.store.read().all(greeting)
    assert (kind, worth > 90, "why.c.year" in context) == ("lost", True, True)
    before = bench.store.read().value("SELECT count(*) FROM journal_change")
    bench.refresh(member)
    assert bench.store.read().value("SELECT count(*) FROM journal_change") == before


def test_settings_reach_the_rules(bench: Bench) -> None:
    add(bench, *LOYAL)
    bench.put("rules_own", {"L1": {"on": False}})
    bench.start_day()
    assert bench.rows() == []
    bench.put("rules_own", {})
    bench.put("closed_weekdays", [0, 1])
    bench.refresh()
    assert bench.rows("due") == [("2026-11-25",)], "due on Monday, open again on Wednesday"


@pytest.mark.parametrize(
    ("reasons", "again"), [(("unreachable",), True), (("price",), False), (("unreachable", "price"), False)]
)
def test_a_survey_of_somebody_unreachable_is_tried_again(
    bench: Bench, reasons: tuple[str, ...], again: bool
) -> None:
    """The last word about it counts."""
    add(bench, "lost", "LOST_SILENT", [285, 385], since=_ago(8))
    bench.start_day()
    (task,) = (row[1] for row in bench.rows("rule, id") if row[0] == "X1")
    for reason in reasons[:-1]:
        finish(bench, task, "no_answer", reason=reason)
    finish(bench, task, "reached", reason=reasons[-1])
    bench.now += timedelta(days=25)  # one contact in thirty days, and a week to see it coming
    bench.start_day()
    assert (("X1", 2) in bench.rows("rule, step")) == again
    assert (("X2", 1) in bench.rows("rule, step")) == (not again)


# ---------------------------------------------------------------- rules an owner changed


def test_who_buys_often_may_be_lost_sooner_than_who_does_not(bench: Bench) -> None:
    """Days an owner chose for each number of purchases need not ascend, and nobody is missed for it."""
    own = TypeSettings(lost_days_repeat=1_000, lost_days_frequent=60)
    limits_of = limits(LIMITS.calibration, own)
    measure = yardstick(limits_of)
    often = list(range(10, 70, 10))
    members = [
        add(bench, "drifting", "DRIFT_OCCASIONAL", often),
        add(bench, "drifting", "DRIFT_OCCASIONAL", [200, 220]),
        add(bench, "loyal", "LOYAL_FREQ", often),
    ]
    wanting = set()
    with bench.write() as tx:
        for later in range(0, 800, 10):
            facts, _ = bench.followups._facts(tx, limits_of, TODAY + timedelta(days=later))
            picked = tasks.candidates(tx, facts, limits_of, N + later)
            for case in tasks.cases(tx, members, measure, N + later):
                wishes, _ = reconcile(case, facts, N + later)
                wanting |= {(case.member, wish.rule) for wish in wishes}
                assert not wishes or case.member in picked, (later, wishes)
    assert wanting >= {(members[0], "D4"), (members[1], "D4"), (members[2], "L5")}


def test_a_second_survey_comes_also_late_and_without_an_offer_after_it(bench: Bench) -> None:
    bench.put(
        "rules_own", {"X1": {"steps": [7, 60], "expires": 10}, "X2": {"on": False}, "X3": {"on": False}}
    )
    bench.put("most_tries", 1)
    add(bench, "lost", "LOST_SILENT", [283, 383], since="2026-11-14")
    bench.start_day()
    for _ in range(2):
        finish(bench, 1, "no_answer", next_day=bench.day + timedelta(days=1))
        bench.now += timedelta(days=1)
        bench.start_day()
    assert bench.rows("step, state, closed_on") == [(1, "done", "2026-11-22")]
    for _ in range(60):
        bench.now += timedelta(days=1)
        bench.start_day()
    assert bench.rows("step, state, due") == [(1, "done", "2026-11-22"), (2, "open", "2027-01-21")]


def _own_rules(chance: Random) -> dict[str, object]:
    """Settings of an owner who changed some rules and closes now and then."""
    own: dict[str, dict[str, object]] = {}
    for row in rule_rows({}, 55, 134):
        if chance.random() < 0.5:
            continue
        changed: dict[str, object] = {"on": chance.random() < 0.85}
        while chance.random() < 0.7:
            steps = sorted(
                chance.sample(range(row.step_limits[0][0], row.step_limits[0][1] + 1), len(row.step_limits))
            )
            low, high = row.expires_limits
            ends = chance.randint(max(low, steps[-1], 0), max(high, steps[-1]))
            if ends <= high:
                changed |= {"steps": steps, "expires": ends}
                break
        if row.again_limits is not None:
            changed["again"] = chance.randint(1, 200)
        changed["channel"] = chance.choice(row.channels)
        changed["stops"] = [stop for stop in row.stop_choices if chance.random() < 0.5]
        own[row.key] = changed
    return {
        "rules_own": checked_own(own), "contact_spacing": chance.choice((1, 7, 30)),
        "cap_30_loyal": chance.choice((1, 3)), "cap_90": chance.choice((2, 5)),
        "closed_weekdays": chance.choice(([], [0], [5, 6])),
        "quiet_days": chance.choice(([], ["12-01", "12-02", "2027-01-01"])),
        "sale_dates": chance.choice(([], ["01-10"])),
        "season_dates": chance.choice((["03-01", "05-15", "08-25", "11-01"], ["12-01"])),
    }  # fmt: skip


@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 30))]
)
def test_whatever_an_owner_changes_nobody_is_missed(bench: Bench, seed: int) -> None:
    """The pick by SQL against everybody, from day to day, with contacts and the counter among them."""
    chance = Random(seed)
    kinds = (("loyal", "LOYAL_FREQ"), ("potential", "POT_RISING"), ("potential", "POT_POWER"))
    kinds += ("potential", "POT_NEW_BUYER"), ("drifting", "DRIFT_OCCASIONAL"), ("drifting", "DRIFT_SLIPPING")
    kinds += ("drifting", "DRIFT_NEVER"), ("potential", "POT_NEW_MEMBER"), ("lost", "LOST_SILENT")
    members = []
    for number, (kind, code) in enumerate(kinds):
        for ago in range(chance.randrange(9), 460, 21):
            never = code in ("DRIFT_NEVER", "POT_NEW_MEMBER")
            few = [ago] if code == "POT_NEW_BUYER" or ago % 2 else [ago, ago + 30 + 40 * (ago % 5)]
            birthday = ("--12-20", "L:--11-20", "1990-02-29", "")[(number + ago) % 4]
            joined = _ago(ago if never else 900)
            members.append(
                add(
                    bench, kind, code, [] if never else few, birthday=birthday, joined=joined,
                    since=_ago(min(ago, 40)),
                )
            )  # fmt: skip
            if chance.random() < 0.2:
                visit(bench, members[-1], chance.randrange(30))
    for key, value in _own_rules(chance).items():
        bench.put(key, value)
    opened = left_out = 0
    for later in range(64):
        bench.now = datetime(2026, 11, 21, 10, 0) + timedelta(days=later)
        today = N + later
        with bench.write() as tx:
            facts, _ = bench.followups._facts(tx, LIMITS, bench.day)
            if later:
                for expired, over in tasks.over(tx, facts, today).items():
                    tasks.expire(tx, over, expired)
            picks = [set(tasks.candidates(tx, facts, LIMITS, today))]
            if later:
                picks.append(set(tasks.unsettled(tx, facts, LIMITS, today)))
            left_out += len(members) - len(picks[-1])
            for case in tasks.cases(tx, members, MEASURE, today):
                if any(case.member not in picked for picked in picks):
                    assert reconcile(case, facts, today) == ([], []), (case, facts)
            before = len(bench.rows("id"))
            bench.followups._refresh(tx, members, facts, MEASURE, today, SILENT)
            opened += len(tx.all("SELECT id FROM task")) - before
            for member in chance.sample(members, 3):
                due = tasks.open_of(tx, member, today)
                if due:
                    outcome = chance.choice(("reached", "no_answer", "later"))
                    bench.followups._record(tx, followups._one(tx, due[0]), OutcomeDraft(outcome))
            came = chance.sample(members, 2)
            for member in came:  # of a type all the same: the shop wants more visits for another one
                tx.insert("visit", member_id=member, day=bench.day.isoformat(), kind="tried")
            bench.followups._refresh(tx, came, facts, MEASURE, today, SILENT)
    assert opened > 20
    assert left_out > 10 * len(members)
