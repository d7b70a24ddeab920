"""A shop lives for sixty days: customers come, the owner works through the list, once it is shut for nine."""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from shopcrm.basics.records import (
    OUTCOMES,
    LineDraft,
    MemberDraft,
    MemberId,
    OutcomeDraft,
    SaleDraft,
    VisitDraft,
)
from shopcrm.rules.followups import CAP_30, CAP_90
from shopcrm.shop import Shop

START = date(2026, 9, 20)
NEVER_BLOCKED = ("L1", "S1", "P1")
ITEMS = ("羊绒衫 米白", "针织开衫 豆沙", "连衣裙 碎花", "双面呢大衣 焦糖", "T恤 条纹")
REASONS = ("", "price", "style", "never")


class Life:
    """Sixty believable days of a shop with fifty members, from one seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.now = datetime(START.year, START.month, START.day, 10, 0)
        self.shop = Shop.open(":memory:", clock=lambda: self.now)
        self.shop.settings.set("tasks_per_day", 6)
        self.members = [self.join(number, START) for number in range(40)]
        for member in self.members:
            for _ in range(self.chance.choice((0, 1, 1, 2, 3, 6, 8))):
                self.buy(member, START - timedelta(days=self.chance.randrange(1, 500)))
        self.shop.start_day()

    @property
    def day(self) -> date:
        return self.now.date()

    def join(self, number: int, day: date) -> MemberId:
        chance = self.chance
        on = day - timedelta(days=chance.randrange(0, 700))
        birthday = chance.choice(
            (f"--{chance.randrange(9, 13):02}-{chance.randrange(1, 29):02}", "L:--09-15", "")
        )
        draft = MemberDraft(
            name=f"会员{number}", phones=((f"1380000{number:04}", f"1380000{number:04}"),), birthday=birthday,
            joined=on if number < 40 else day,
            referrer_id=self.members[0] if number > 42 else None,
        )  # fmt: skip
        return self.shop.members.save(draft).value

    def buy(self, member: MemberId, day: date, *, close: bool = False) -> None:
        line = LineDraft(
            amount_fen=self.chance.randrange(8_000, 130_000, 100), item=self.chance.choice(ITEMS)
        )
        self.shop.counter.sell(SaleDraft(member, day, (line,), close_task=close))

    def people_come(self) -> None:
        for _ in range(self.chance.randrange(0, 4)):
            member = self.chance.choice(self.members)
            kind = self.chance.random()
            if kind < 0.1 and (listed := self.shop.view().day_list().open):
                self.buy(self.shop.view().tasks(listed)[0].member, self.day, close=True)
            elif kind < 0.5:
                self.buy(member, self.day)
            elif kind < 0.9:
                self.shop.counter.visit(
                    VisitDraft(member, self.day, "tried", items=self.chance.choice(ITEMS))
                )
            else:
                back = LineDraft(amount_fen=-5_000, item=self.chance.choice(ITEMS))
                self.shop.counter.sell(SaleDraft(member, self.day, (back,)))
        if self.chance.random() < 0.1:
            self.members.append(self.join(len(self.members), self.day))

    def owner_works(self) -> None:
        view = self.shop.view()
        shown = view.day_list()
        assert len(shown.open) <= 6 + len([row for row in view.tasks(shown.open) if row.tries or row.snoozes])
        for task in shown.open[: self.chance.randrange(0, 7)]:
            outcome = self.chance.choice(OUTCOMES)
            row = view.tasks([task])[0]
            if outcome == "later" and row.snoozes >= 3:
                outcome = "reached"
            reason = self.chance.choice(REASONS) if outcome == "refused" else ""
            self.check_contact(task)
            done = self.shop.followups.finish(task, OutcomeDraft(outcome, reason=reason))
            if self.chance.random() < 0.15:
                self.shop.undo(done.entry)
            elif self.chance.random() < 0.1:
                self.shop.followups.reopen(task)

    def check_contact(self, task: int) -> None:
        """No contact the shop starts breaks a cap, and nobody who must not be contacted is on the list."""
        rx = self.shop.store.read()
        member, rule, tries, snoozes, appointment, kind = rx.all(
            "SELECT member_id, rule, tries, snoozes, appointment, type FROM task WHERE id = ?", (task,)
        )[0]
        barred = rx.value(
            "SELECT (no_call AND no_message AND no_sms) OR coalesce(pause_until >= ?, 0) "
            "OR archived_on IS NOT NULL "
            "OR NOT EXISTS (SELECT 1 FROM phone WHERE member_id = member.id AND wrong = 0) "
            "FROM member WHERE id = ?",
            (self.day.isoformat(), member),
        )
        assert not barred
        if tries or snoozes or appointment:
            return
        latest: dict[int, int] = {}
        contacts = "SELECT task_id, day, outcome FROM contact WHERE member_id = ?"
        for of_task, day, outcome in rx.all(contacts, (member,)):
            if outcome not in ("later", "wrong_number"):
                latest[of_task] = max(latest.get(of_task, 0), date.fromisoformat(day).toordinal())
        ago = [self.day.toordinal() - day for day in latest.values()]
        assert sum(days < 30 for days in ago) < CAP_30[kind]
        assert sum(days < 90 for days in ago) < CAP_90
        if rule not in NEVER_BLOCKED:
            assert all(days >= 7 for days in ago)

    def check_books(self) -> None:
        """What holds at the end of any day."""
        rx = self.shop.store.read()
        keys = rx.all("SELECT member_id, rule FROM task WHERE state = 'open'")
        assert len(keys) == len(set(keys)), "at most one open to-do a member and rule"
        assert not rx.all("SELECT 1 FROM task WHERE state NOT IN ('open', 'done', 'expired', 'stopped')")
        assert not rx.all("SELECT 1 FROM task WHERE (state = 'open') <> (closed_on IS NULL)")
        assert not rx.all("SELECT 1 FROM task WHERE state <> 'open' AND closed_why = ''")
        today = (str(self.day),)
        stale = "SELECT 1 FROM task WHERE state = 'open' AND expires < ? AND appointment IS NULL"
        assert not rx.all(stale, today)
        lists = self.shop.view().day_list()
        members = [row.member for row in self.shop.view().tasks((*lists.open, *lists.waiting))]
        assert len(members) == len(set(members)), "one to-do a member on the list"

    def picture(self) -> list[tuple[object, ...]]:
        return self.shop.store.read().all("SELECT * FROM task ORDER BY id")

    def next_day(self, days: int = 1) -> None:
        self.now += timedelta(days=days)
        self.shop.start_day()


@pytest.fixture
def life() -> Iterator[Life]:
    life = Life(11)
    yield life
    life.shop.close()


def test_sixty_days(life: Life) -> None:
    rules: dict[str, int] = defaultdict(int)
    day = 0
    while day < 60:
        closed = 9 if day == 30 else 1
        day += closed
        life.next_day(closed)
        before = life.picture()
        assert not life.shop.start_day().value
        with life.shop.store.write("test", None, life.now) as tx:
            life.shop.followups.refresh(tx, None, life.day)
        assert life.picture() == before, "running twice changes nothing"
        life.owner_works()
        life.people_come()
        life.check_books()
    for (rule,) in life.shop.store.read().all("SELECT rule FROM task"):
        rules[rule] += 1
    assert len(rules) >= 10, rules
    closings = {why for (why,) in life.shop.store.read().all("SELECT DISTINCT closed_why FROM task")}
    assert {"bought", "reached", "expired", "type", "paused", "counter_bought"} <= closings


def test_nine_days_closed_lose_and_double_nothing() -> None:
    """Two equal shops nobody works in: one opened every day, one opened again after nine days."""
    opened, closed = Life(5), Life(5)
    for _ in range(9):
        opened.next_day()
    closed.next_day(9)
    for life in (opened, closed):
        life.check_books()
    live = [
        set(life.shop.store.read().all("SELECT member_id, rule, anchor, step FROM task WHERE state = 'open'"))
        for life in (opened, closed)
    ]
    assert live[0] == live[1]
    assert live[0]
    opened.shop.close()
    closed.shop.close()
