"""A made-up shop lives from one seed, day by day: customers come, buy, bring back, complain, want to be left
alone; the list is worked off with every outcome; rules, days and people change; now and then it is closed.

What must hold after every day is counted anew here, from the rows alone, without the engine. Sixty days run
always, two years with `--slow`.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from shopcrm.basics.errors import InputError, Refusal
from shopcrm.basics.records import (
    AWAY_REASONS,
    OUTCOMES,
    TYPE_KEYS,
    ComplaintDraft,
    EventDraft,
    LineDraft,
    MemberDraft,
    MemberId,
    OutcomeDraft,
    SaleDraft,
    StaffId,
    TaskId,
    VisitDraft,
    WantedDraft,
)
from shopcrm.shop import Shop
from shopcrm.shop.followups import FollowUps
from tests.core.rows import everything

START = date(2026, 9, 20)
ITEMS = ("羊绒衫 米白", "针织开衫 豆沙", "连衣裙 碎花", "双面呢大衣 焦糖", "T恤 条纹", "阔腿裤 黑")
BY_HAND = ("M1", "R1", "W1")
# CLASSIFICATION 10: service calls are never blocked, thanks and visits not by the days between contacts.
NOT_CAPPED = ("C1", *BY_HAND)
NOT_SPACED = ("L1", "S1", "P1", *NOT_CAPPED)
SELLS_NOTHING = ("L1", "C1", "S1", "L2", "L6", "X1", "H1", *BY_HAND)
CONTACTS = ("reached", "no_answer", "will_come", "refused")
ENDS = {  # state: why a to-do may have ended
    "done": {*OUTCOMES, "counter", "counter_bought", "came", "came_bought"},
    "expired": {"expired", "no_show"},
    "stopped": {
        "bought", "visited", "returned", "settled", "complaint", "type", "contacted", "over", "archived",
        "never", "paused", "wrong_number", "no_way", "voided",
    },
}  # fmt: skip

SELDOM = {
    "settled",
    "wrong_number",
    "no_way",
    "voided",
    "later",
    "no_answer",
    "will_come",
}  # ends two years may not see


class Row(NamedTuple):
    """A to-do as it stands in the file, days as ISO text."""

    id: int
    member: int
    rule: str
    anchor: str
    step: int
    type: str
    due: str
    expires: str
    channel: str
    priority: float
    state: str
    closed_why: str
    tries: int
    snoozes: int
    appointment: str | None
    forward_on: str | None

    @property
    def is_promised(self) -> bool:
        return bool(self.tries or self.snoozes or self.appointment or self.rule in BY_HAND)


_TASKS = """
SELECT id, member_id, rule, anchor, step, type, due, expires, channel, priority, state, closed_why, tries,
  snoozes, appointment, forward_on FROM task ORDER BY id
"""
_BARRED = """
SELECT id FROM member WHERE archived_on IS NOT NULL OR (no_call AND no_message AND no_sms) OR consent = 'no'
  OR coalesce(pause_until >= ?, 0)
  OR NOT EXISTS (SELECT 1 FROM phone p WHERE p.member_id = member.id AND NOT p.wrong)
"""
_RETURNS = """
SELECT member_id, max(day) FROM (
  SELECT s.member_id, s.day, sum(l.amount_fen) AS net FROM sale s JOIN line l ON l.sale_id = s.id
  WHERE s.voided_on IS NULL AND s.member_id IS NOT NULL GROUP BY s.id)
WHERE net < 0 GROUP BY member_id
"""


def unhurried(shop: Shop) -> Shop:
    """The shop, not waiting for the disk: no power is cut here."""
    shop.store.read().all("PRAGMA synchronous = OFF")
    return shop


class Life:
    """The shop, its people, and a hand that does what shops do."""

    def __init__(self, seed: int, members: int = 45, path: Path | str = ":memory:") -> None:
        self.chance = random.Random(seed)
        self.now = datetime(START.year, START.month, START.day, 10, 0)
        self.shop = unhurried(Shop.open(path, clock=lambda: self.now))
        self.said: list[str] = []  # what happened today, for whoever has to find out why something failed
        self.seen: dict[int, date] = {}  # to-do: the first day it stood on a list at closing time
        self.happened: Counter[str] = Counter()
        self.members: list[MemberId] = []
        shop = self.shop
        shop.settings.begin("雅集", "秦姐")
        self.people = [shop.settings.add_staff(name, "assistant").value for name in ("小雯", "阿玲")]
        shop.settings.set("tasks_per_day", 4)
        for _ in range(members):
            self.join(START - timedelta(days=self.chance.randrange(1, 700)))
            for _ in range(self.chance.choice((0, 1, 1, 2, 3, 6, 9))):
                self.buy(self.members[-1], START - timedelta(days=self.chance.randrange(1, 520)))
        shop.start_day()

    @property
    def day(self) -> date:
        return self.now.date()

    @property
    def today(self) -> str:
        return self.day.isoformat()

    def rx(self) -> Any:
        return self.shop.store.read()

    def tasks(self) -> dict[int, Row]:
        return {row[0]: Row(*row) for row in self.rx().all(_TASKS)}

    # -- what happens --------------------------------------------------------------------------------------

    def join(self, day: date) -> MemberId:
        chance, number = self.chance, len(self.members)
        solar = f"--{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
        brought = number > 9 and chance.random() < 0.2
        draft = MemberDraft(
            name=f"会员{number}", phones=((f"1380000{number:04}", f"1380000{number:04}"),),
            birthday=chance.choice((solar, "L:--09-15", "")), joined=day,
            referrer_id=chance.choice(self.members) if brought else None,
            staff_id=chance.choice([None, *self.people]), wechat=chance.choice(("", f"wx{number}")),
            best_time=chance.choice(("", "", "", "14:00-18:00")), size_top=chance.choice(("", "M")),
            no_call=chance.random() < 0.1, no_message=chance.random() < 0.05,
        )  # fmt: skip
        self.members.append(self.shop.members.save(draft).value)
        return self.members[-1]

    def buy(self, member: MemberId, day: date, *, close: bool = False) -> int | None:
        fen = self.chance.randrange(8_000, 130_000, 100)
        line = LineDraft(amount_fen=fen, item=self.chance.choice(ITEMS))
        return self.shop.counter.sell(SaleDraft(member, day, (line,), close_task=close)).entry

    def somebody(self) -> MemberId:
        return self.chance.choice(self.members)

    def listed(self) -> list[TaskId]:
        return list(self.shop.view().day_list().open)

    def sale(self) -> int | None:
        return self.buy(self.somebody(), self.day)

    def sale_of_the_list(self) -> int | None:
        listed = self.listed()
        if not listed:
            return None
        (row,) = self.shop.view().tasks([self.chance.choice(listed)])
        return self.buy(row.member, self.day, close=self.chance.random() < 0.7)

    def late_booking(self) -> int | None:
        return self.buy(self.somebody(), self.day - timedelta(days=self.chance.randrange(1, 40)))

    def bring_back(self) -> int | None:
        member = self.somebody()
        known = self.shop.view().returnable(member)
        back = LineDraft(-5_000, self.chance.choice(ITEMS))
        if known and self.chance.random() < 0.7:
            line = self.chance.choice(known)
            back = LineDraft(-line.fen, line.item, qty=line.qty, returns_line=line.line)
        return self.shop.counter.sell(SaleDraft(member, self.day, (back,))).entry

    def void(self) -> int | None:
        sale = self.rx().value("SELECT id FROM sale WHERE day = ? AND voided_on IS NULL", (self.today,))
        return None if sale is None else self.shop.counter.void_sale(sale, "录错").entry

    def visit(self) -> int | None:
        chance = self.chance
        remind = self.day + timedelta(days=chance.randrange(1, 9)) if chance.random() < 0.2 else None
        kind = chance.choice(("tried", "asked", "looked"))
        draft = VisitDraft(
            self.somebody(), self.day, kind, items=chance.choice(ITEMS), remind=remind,
            close_task=chance.random() < 0.3,
        )  # fmt: skip
        return self.shop.counter.visit(draft).entry

    def complain(self) -> int | None:
        return self.shop.complaints.add(ComplaintDraft(self.somebody(), "袖口开线")).entry

    def settle(self) -> int | None:
        found = self.shop.view().complaints()
        return self.shop.complaints.settle(found[0].id, "换了一件").entry if found else None

    def ask_for(self) -> int | None:
        item = self.chance.choice(ITEMS)
        return self.shop.wanted.add(WantedDraft(self.somebody(), item, str(self.chance.randrange(99)))).entry

    def goods_arrive(self) -> int | None:
        found = self.shop.view().wanted()
        return self.shop.wanted.arrived([row.id for row in found[:3]]).entry if found else None

    def leave_me_alone(self) -> int | None:
        chance, member = self.chance, self.somebody()
        kind = chance.random()
        if kind < 0.4:
            return self.shop.members.pause(member, self.day + timedelta(days=chance.randrange(1, 60))).entry
        if kind < 0.6:
            return self.shop.members.pause(member, None, never=True).entry
        return self.shop.members.pause(member, None).entry

    def put_away(self) -> int | None:
        member = self.somebody()
        card = self.shop.view().member(member)
        assert card is not None
        members = self.shop.members
        return (members.restore(member) if card.archived else members.archive(member)).entry

    def newcomer(self) -> int | None:
        self.join(self.day)
        return None

    def by_hand(self) -> int | None:
        return self.shop.followups.add_today([self.somebody(), self.somebody()]).entry

    def forward(self) -> int | None:
        waiting = self.shop.view().day_list().waiting
        return self.shop.followups.bring_forward(waiting[:2]).entry if waiting else None

    def assign(self) -> int | None:
        listed = self.listed()
        person = self.chance.choice([None, *self.people])
        return self.shop.followups.assign(listed[:2], person).entry if listed else None

    def staff_changes(self) -> int | None:
        if len(self.people) > 2 or self.chance.random() < 0.4:
            leaver = self.people.pop(self.chance.randrange(len(self.people))) if self.people else None
            if leaver is not None:
                return self.shop.handover.leave(leaver, self.people[:1]).entry
        person: StaffId = self.shop.settings.add_staff(f"店员{self.now:%m%d%H%M%y}", "assistant").value
        self.people.append(person)
        return None

    def other_rules(self) -> int | None:
        chance = self.chance
        own: dict[str, object] = {}
        if chance.random() < 0.6:
            own["P2"] = {"steps": [chance.randrange(1, 4), chance.randrange(8, 20), chance.randrange(30, 60)]}
        if chance.random() < 0.3:
            own[chance.choice(("L1", "L2", "P1", "D1", "E1", "X1"))] = {"on": False}
        if chance.random() < 0.3:
            own["D2"] = {"channel": "message"}
        values: dict[str, object] = {"rules_own": own}
        for key, low, high in (
            ("contact_spacing", 4, 12), ("cap_30_potential", 1, 4), ("cap_30_loyal", 1, 4), ("cap_90", 3, 7),
            ("no_selling_days", 7, 21), ("tasks_per_day", 2, 9), ("most_tries", 1, 4),
            ("no_answer_days", 1, 5),
        ):  # fmt: skip
            if chance.random() < 0.25:
                values[key] = chance.randrange(low, high)
        if chance.random() < 0.3:
            values["day_drifting"] = chance.choice((0, 1, 3))
        if chance.random() < 0.3:
            values["closed_weekdays"] = chance.choice(([], [0], [0, 1]))
        if chance.random() < 0.3:
            days = [self.day + timedelta(days=chance.randrange(0, 20)) for _ in range(2)]
            values["quiet_days"] = [days[0].isoformat(), f"{days[1]:%m-%d}"]
        return self.shop.settings.set_many(values).entry

    def occasions(self) -> int | None:
        chance, events = self.chance, self.shop.events
        known = self.shop.view().events(gone=True)
        kind = chance.random()
        standing = [row for row in known if not row.gone and row.first is not None]
        if kind < 0.4 or not standing:
            first = self.day + timedelta(days=chance.randrange(0, 15))
            until = first + timedelta(days=chance.randrange(0, 20))
            draft = EventDraft(
                chance.choice(("event", "event", "new_in", "festival")), f"会员日{len(known)}",
                first.isoformat(), until.isoformat() if until > first else "", "满五百减五十",
                chance.choice(("羊绒衫", "连衣裙")), tuple(chance.sample(TYPE_KEYS, chance.randrange(0, 4))),
            )  # fmt: skip
            return events.add(draft).entry
        if kind < 0.5 and (offered := self.shop.view().events_offered()):
            return events.add(chance.choice(offered)).entry
        row = chance.choice(standing)
        if kind < 0.7:
            return events.remove(row.id).entry
        gone = [row for row in known if row.gone]
        if kind < 0.8 and gone:
            return events.restore(chance.choice(gone).id).entry
        first = self.day + timedelta(days=chance.randrange(0, 12))
        return events.change(
            row.id, EventDraft(row.kind, row.name, first.isoformat(), "", "", row.item)
        ).entry

    def outcome(self) -> int | None:
        listed = self.listed()
        if not listed:
            return None
        chance = self.chance
        task = self.tasks()[listed[0] if chance.random() < 0.7 else chance.choice(listed)]
        outcome = chance.choices(OUTCOMES, (30, 22, 14, 6, 2, 10))[0]
        if outcome == "later" and task.snoozes >= self.shop.settings.get("most_snoozes"):  # type: ignore[operator]
            outcome = "reached"
        reason, next_day = "", None
        if outcome == "refused":
            reason = chance.choice(("", "none", "price", "inconvenient", "never"))
        elif outcome == "reached" and task.rule == "X1":
            reason = chance.choice(("", *AWAY_REASONS))
        elif outcome in ("no_answer", "will_come", "later") and chance.random() < 0.5:
            next_day = self.day + timedelta(days=chance.randrange(0, 12))
        draft = OutcomeDraft(outcome, next_day=next_day, reason=reason)
        followups = self.shop.followups
        self.check_contact(task)
        entry = followups.finish(TaskId(task.id), draft).entry
        if chance.random() < 0.06:
            return followups.change(TaskId(task.id), OutcomeDraft("reached")).entry
        if chance.random() < 0.05:
            return followups.reopen(TaskId(task.id)).entry
        return entry

    ORDINARY: tuple[tuple[str, float], ...] = (
        ("sale", 1.6), ("sale_of_the_list", 0.25), ("visit", 0.8), ("newcomer", 0.2), ("bring_back", 0.15),
        ("late_booking", 0.1), ("void", 0.05), ("complain", 0.06), ("settle", 0.08), ("ask_for", 0.15),
        ("goods_arrive", 0.08), ("leave_me_alone", 0.1), ("put_away", 0.04), ("by_hand", 0.1),
        ("forward", 0.1), ("assign", 0.1), ("staff_changes", 0.03), ("other_rules", 0.06),
        ("occasions", 0.12),
    )  # fmt: skip

    def a_day(self) -> None:
        """What happens between opening and closing, in any order."""
        chance = self.chance
        deeds = ["outcome"] * chance.choice((0, 2, 4, 6, 9))
        for name, often in self.ORDINARY:
            deeds += [name] * sum(chance.random() < often / 4 for _ in range(4))
        chance.shuffle(deeds)
        for name in deeds:
            self.now += timedelta(minutes=chance.randrange(3, 20))
            looks = chance.random() < 0.04
            before = self.picture() if looks else None
            try:
                last = self.rx().value("SELECT max(id) FROM journal_entry")
                entry = getattr(self, name)()
            except (Refusal, InputError) as error:
                self.said.append(f"{name}: {error}")
                continue
            self.said.append(name)
            self.happened[name] += 1
            if entry is not None and (looks or chance.random() < 0.03):
                self.shop.undo(entry)
                self.said.append(f"undo {name}")
                self.happened["undo"] += 1
                if before is not None and entry == last + 1:  # an outcome may have been two steps
                    self.check_taken_back(name, before)

    def picture(self) -> tuple[Any, dict[str, list[tuple[Any, ...]]]]:
        """The types, and all rows."""
        return self.rx().all("SELECT member_id, type FROM d_case ORDER BY 1"), everything(self.shop)

    def check_taken_back(self, name: str, before: tuple[Any, dict[str, list[tuple[Any, ...]]]]) -> None:
        """A step taken back leaves what was there. Only a type may be another: a record that came and went is
        an action of hers (CLASSIFICATION 5.6), and her to-dos follow it."""
        after = self.picture()
        same = after[0] == before[0]
        for table, rows in after[1].items():
            if same or table != "task":
                assert rows == before[1][table], (name, table, set(rows) ^ set(before[1][table]))

    # -- what must hold ------------------------------------------------------------------------------------

    def check_contact(self, task: Row) -> None:
        """Whom somebody is about to contact may be contacted."""
        barred = {member for (member,) in self.rx().all(_BARRED, (self.today,))}
        assert task.member not in barred
        self.check_caps([task])

    def check_caps(self, shown: list[Row]) -> None:
        """One more contact with any of these keeps within the caps: counted from the contacts alone."""
        get = self.shop.settings.get
        latest: dict[tuple[int, int | None], str] = {}
        for member, task, day, outcome in self.rx().all(
            "SELECT member_id, task_id, day, outcome FROM contact"
        ):
            if outcome in CONTACTS:
                latest[member, task] = max(latest.get((member, task), ""), day)
        ago: dict[int, list[int]] = defaultdict(list)
        for (member, _), day in latest.items():
            ago[member].append((self.day - date.fromisoformat(day)).days)
        for task in shown:
            if task.is_promised or task.rule in NOT_CAPPED:
                continue
            hers = ago[task.member]
            assert sum(days < 30 for days in hers) < get(f"cap_30_{task.type}"), task  # type: ignore[operator]
            assert sum(days < 90 for days in hers) < get("cap_90"), task  # type: ignore[operator]
            if task.rule not in NOT_SPACED:
                assert all(days >= get("contact_spacing") for days in hers), task  # type: ignore[operator]

    def check(self) -> None:
        """Everything that holds at any time of any day."""
        tasks = self.tasks()
        open_ones = [task for task in tasks.values() if task.state == "open"]
        keys = [(task.member, task.rule) for task in open_ones if task.rule != "R1"]  # R1: one for each visit
        assert len(keys) == len(set(keys)), [key for key, n in Counter(keys).items() if n > 1]
        for task in tasks.values():
            if task.state != "open":
                assert task.closed_why in ENDS[task.state], task
        assert not self.rx().all("SELECT 1 FROM task WHERE (state = 'open') <> (closed_on IS NULL)")
        self.check_list(tasks, open_ones)

    def check_list(self, tasks: dict[int, Row], open_ones: list[Row]) -> None:
        view = self.shop.view()
        days = view.day_list()
        shown, waiting = [tasks[task] for task in days.open], [tasks[task] for task in days.waiting]
        everybody = [task.member for task in (*shown, *waiting)]
        assert len(everybody) == len(set(everybody)), "one line a member"
        assert all(task.state == "open" and task.due <= self.today for task in (*shown, *waiting))
        assert all(task.expires >= self.today or task.appointment for task in (*shown, *waiting))
        self.check_peace([*shown, *waiting])
        self.check_caps([*shown, *waiting])
        self.check_nobody_lost(open_ones, set(everybody))
        self.check_places(shown, waiting, [tasks[task] for task in days.done])
        self.check_order(shown)
        short = view.day_list(whole=False)
        assert (short.open, short.behind) == (days.open, len(waiting)) == (days.open, days.behind)

    def check_peace(self, lined_up: list[Row]) -> None:
        """Nobody who must not be contacted, nothing is sold to who complains or brought something back."""
        rx = self.rx()
        barred = {member for (member,) in rx.all(_BARRED, (self.today,))}
        angry = {member for (member,) in rx.all("SELECT member_id FROM complaint WHERE state = 'open'")}
        returned = dict(rx.all(_RETURNS))
        ways = {row[0]: row[1:] for row in rx.all("SELECT id, no_call, no_message AND no_sms FROM member")}
        types = dict(rx.all("SELECT member_id, type FROM d_case"))
        rest = timedelta(days=self.shop.settings.get("no_selling_days"))  # type: ignore[arg-type]
        for task in lined_up:
            assert task.member not in barred, task
            assert task.type == types[task.member], task
            if task.channel == "call":
                assert not ways[task.member][0] or ways[task.member][1], task
            if task.rule not in SELLS_NOTHING:
                assert task.member not in angry or task.appointment is not None, task
                if not task.is_promised and task.member in returned:
                    assert date.fromisoformat(returned[task.member]) + rest <= self.day, task

    def check_nobody_lost(self, open_ones: list[Row], lined_up: set[int]) -> None:
        """Who has a to-do of today is on the list or waits, or has a later day agreed, or was talked to."""
        contacts = self.rx().all("SELECT member_id FROM contact WHERE day = ?", (self.today,))
        talked = {member for (member,) in contacts}
        later = {task.member for task in open_ones if task.due > self.today and task.is_promised and (
            task.tries or task.snoozes or task.appointment)}  # fmt: skip
        for task in open_ones:
            assert task.expires >= self.today or task.appointment, task
            if task.due <= self.today:
                is_owed = task.is_promised or task.rule == "C1"
                assert task.member in lined_up | talked | (set() if is_owed else later), task

    def check_places(self, shown: list[Row], waiting: list[Row], done: list[Row]) -> None:
        """No more than the shop can do, promises always fit, and nobody waits while there is room."""
        get = self.shop.settings.get
        sellers = self.rx().value("SELECT count(*) FROM staff WHERE active AND role = 'assistant'")
        worked_off = [task for task in done if task.forward_on != self.today]
        places = max(0, get("tasks_per_day") * max(1, sellers) - len(worked_off))  # type: ignore[operator]
        if {self.today, f"{self.day:%m-%d}"} & set(get("quiet_days")):  # type: ignore[call-overload]
            places = 0
        chosen = [task for task in shown if not task.is_promised and task.forward_on != self.today]
        firm = [task for task in shown if task.is_promised and task.forward_on != self.today]
        assert len(chosen) <= max(0, places - len(firm))
        assert not any(task.is_promised or task.forward_on == self.today for task in waiting)
        full = len(chosen) == max(0, places - len(firm))
        for kind in TYPE_KEYS:
            most, own = get(f"day_{kind}"), [task for task in chosen if task.type == kind]
            behind = [task.priority for task in waiting if task.type == kind]
            room = max(0, most - sum(task.type == kind for task in (*firm, *worked_off)))  # type: ignore[operator]
            assert not most or len(own) <= room
            assert not behind or full or (most and len(own) == room)
            assert not own or not behind or min(task.priority for task in own) >= max(behind)

    def check_order(self, shown: list[Row]) -> None:
        """Late ones first, then who comes today, then by type and worth; who likes another hour last."""
        hours = dict(self.rx().all("SELECT id, best_time FROM member WHERE NOT no_call"))
        quarter = f"{self.now:%H}:{self.now.minute - self.now.minute % 15:02}"

        def place(task: Row) -> tuple[object, ...]:
            start, _, end = hours.get(task.member, "").partition("-")
            waits = task.channel == "call" and bool(start) and not start <= quarter <= end
            since = task.due if task.is_promised else self.today
            if task.id in self.seen:
                since = max(task.due, self.seen[task.id].isoformat())
            since = min(since, self.today)
            return (
                waits,
                since,
                task.appointment != self.today,
                TYPE_KEYS.index(task.type),
                -task.priority,
                task.id,
            )  # type: ignore[arg-type]

        assert [place(task) for task in shown] == sorted(place(task) for task in shown)
        rows = self.shop.view().tasks([TaskId(task.id) for task in shown])
        for row, task in zip(rows, shown, strict=True):
            assert row.due.isoformat() == place(task)[1]
            assert row.overdue_days == (self.day - row.due).days

    def check_nothing_changes(self) -> None:
        """A day made twice, everybody looked at again, by a program that was just started: the same list."""
        before = self.tasks()
        assert not self.shop.start_day().value
        with self.shop.store.write("test", None, self.now) as tx:
            FollowUps(self.shop).refresh(tx, None, self.day)
            FollowUps(self.shop).refresh(tx, frozenset(self.members), self.day)
        after = self.tasks()
        assert after == before, [
            (before.get(task), after[task]) for task in after if after[task] != before.get(task)
        ]

    def next_day(self, days: int) -> None:
        """Close, and open again after so many days."""
        self.seen = {task: day for task, day in self.seen.items() if self.tasks()[task].state == "open"}
        for task in self.listed():
            self.seen.setdefault(task, self.day)
        before = self.tasks()
        opening = self.day + timedelta(days=days)
        self.now = datetime(opening.year, opening.month, opening.day, 9, 30)
        self.said = []
        self.shop.start_day()
        after = self.tasks()
        assert before.keys() <= after.keys(), "no to-do is lost"
        for task, then in before.items():
            now = after[task].state
            if then.state == "open":
                assert now in ("open", "expired", "stopped") or after[task].closed_why in (
                    "came",
                    "came_bought",
                )
            elif then.state == "stopped":
                assert now in ("stopped", "open")
            else:
                assert after[task] == then, "what ended stays as it was"


def live(life: Life, days: int) -> None:
    end = life.day + timedelta(days=days)
    while life.day < end:
        closed = life.chance.choices((1, 2, 4, 9, 23), (90, 5, 3, 2, 0.4))[0]
        life.next_day(closed)
        try:
            life.check()
            life.check_nothing_changes()
            life.a_day()
            life.check()
            life.check_nothing_changes()
        except AssertionError:
            print(life.day, closed, life.said)
            raise


@pytest.fixture
def a_life() -> Iterator[Callable[[int], Life]]:
    made: list[Life] = []

    def make(seed: int) -> Life:
        made.append(Life(seed))
        return made[-1]

    yield make
    for life in made:
        life.shop.close()


def test_sixty_days(a_life: Callable[[int], Life]) -> None:
    life = a_life(11)
    live(life, 60)
    assert len({task.rule for task in life.tasks().values()}) >= 14
    assert sum(life.happened[name] > 0 for name, _ in life.ORDINARY) >= 17, life.happened
    ended = {task.closed_why for task in life.tasks().values()}
    assert {"bought", "reached", "expired", "type", "paused", "counter_bought", "over"} <= ended


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_two_years(a_life: Callable[[int], Life], seed: int) -> None:
    life = a_life(seed)
    live(life, 730)
    assert len({task.rule for task in life.tasks().values()}) >= 22
    assert all(life.happened[name] for name, _ in life.ORDINARY), life.happened
    ended = {task.closed_why for task in life.tasks().values()}
    assert {why for whys in ENDS.values() for why in whys} - ended <= SELDOM
