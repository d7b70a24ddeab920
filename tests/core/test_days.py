"""Days pass in odd ways: the program stays closed, is opened twice, runs over midnight, the clock is wrong.
The list is a function of facts, rules, outcomes and day all the same.

What may differ, and nothing else: since when a to-do counts as late (nobody is late with what stood on no
list), its worth by less than a tenth, the place in the season of who was given none yet, and after a wrong
clock the types, because they are replayed then (CLASSIFICATION 5.6).
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shopcrm.basics.records import LineDraft, OutcomeDraft, SaleDraft
from shopcrm.rules.followups import AHEAD
from shopcrm.shop import Shop
from tests.flows.test_two_years import Life, unhurried

_COLUMNS = "member_id, rule, anchor, step, type, due, expires, channel, tries, snoozes, appointment, outcome"
_OPEN = f"SELECT {_COLUMNS} FROM task WHERE state = 'open' ORDER BY 1, 2, 3, 4"
_ALL = f"SELECT id, state, closed_on, closed_why, priority, {_COLUMNS} FROM task ORDER BY id"
SEEDS = (3, 8)
GROWN = 30  # days the shops have lived through


class World(NamedTuple):
    """A shop's file as it was closed one evening."""

    path: Path
    day: date


class Worlds:
    """Shops that lived for a while, and copies of them to try things with."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names = count()
        self.made = [self._grown(seed) for seed in SEEDS]

    def _grown(self, seed: int) -> World:
        life = Life(seed, 40, self.folder / f"grown{seed}.db")
        while (life.day - date(2026, 9, 20)).days < GROWN:
            life.a_day()
            life.next_day(life.chance.choice((1, 1, 1, 3)))
        life.shop.close()
        return World(self.folder / f"grown{seed}.db", life.day)

    @contextmanager
    def copy(self, which: int) -> Iterator[Copy]:
        """A copy of one of them, opened on the evening it was closed."""
        world = self.made[which]
        path = self.folder / f"copy{next(self.names)}.db"
        shutil.copy(world.path, path)
        copy = Copy(path, world.day)
        try:
            yield copy
        finally:
            copy.shop.close()
            path.unlink()


class Copy:
    """A shop with a clock of its own."""

    def __init__(self, path: Path, day: date) -> None:
        self.path = path
        self.now = datetime(day.year, day.month, day.day, 18, 0)
        self.shop = unhurried(Shop.open(path, clock=lambda: self.now))

    @property
    def day(self) -> date:
        return self.now.date()

    def start(self, day: date, hour: int = 10) -> None:
        """The day begins, in a program that was running or was just started."""
        self.now = datetime(day.year, day.month, day.day, hour, 0)
        self.shop.start_day()

    def restart(self) -> None:
        """The program is closed and started again."""
        self.shop.close()
        self.shop = unhurried(Shop.open(self.path, clock=lambda: self.now))

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.shop.store.read().all(sql)]

    def open_ones(self) -> set[tuple[Any, ...]]:
        """The open to-dos that belong on today's list or on one of the coming week, those of the season left
        out; since when they are due is no matter."""
        today, last = self.day.isoformat(), (self.day + timedelta(days=AHEAD)).isoformat()
        rows = self.rows(_OPEN)
        return {(*row[:5], max(row[5], today), *row[6:]) for row in rows if row[1] != "L3" and row[5] <= last}

    def listed(self) -> tuple[Any, ...]:
        days = self.shop.view().day_list()
        return days.open, days.waiting, days.done

    def lined_up(self) -> tuple[set[int], set[int]]:
        """Who stands on the list or waits, and about whom the season's place decides."""
        days = self.shop.view().day_list()
        rows = self.shop.view().tasks((*days.open, *days.waiting))
        of_season = self.rows("SELECT member_id FROM task WHERE state = 'open' AND rule = 'L3'")
        return {row.member for row in rows}, {member for (member,) in of_season}

    def forget_types(self) -> None:
        """Everybody's type and the limits from the records alone, as after an import."""
        with self.shop.store.write("test", None, self.now) as tx:
            self.shop.refresh(tx, None)


def assert_same_list(one: Copy, other: Copy, *, made_up: bool = True) -> None:
    """Both lists say the same; without `made_up` greetings to a birthday that is over may differ."""
    rows, others = one.open_ones(), other.open_ones()
    over = (one.day - timedelta(days=3)).isoformat()
    late = {row for row in rows ^ others if row[1] == "L2" and row[2] < over and not made_up}
    assert rows - late == others - late
    (some, placed), (more, elsewhere) = one.lined_up(), other.lined_up()
    apart = placed | elsewhere | {row[0] for row in late}
    assert some - apart == more - apart


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Worlds:
    return Worlds(tmp_path_factory.mktemp("worlds"))


a_world = st.integers(0, len(SEEDS) - 1)
some_days = st.integers(1, 30)
few = settings(  # each example is a shop: making it smaller would take minutes
    max_examples=8, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip


@few
@given(a_world, some_days)
def test_closed_is_as_good_as_opened_every_day(worlds: Worlds, which: int, days: int) -> None:
    with worlds.copy(which) as opened, worlds.copy(which) as closed:
        for _ in range(days):
            opened.start(opened.day + timedelta(days=1))
        closed.start(closed.day + timedelta(days=days))
        assert closed.day == opened.day
        assert_same_list(opened, closed)


@few
@given(a_world, st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["stay", "restart"])), max_size=8))
def test_midnight_while_open_is_a_start_in_the_morning(
    worlds: Worlds, which: int, nights: list[tuple[int, str]]
) -> None:
    """One program runs on over every midnight, the other is started in the morning."""
    with worlds.copy(which) as running, worlds.copy(which) as started:
        for days, how in nights:
            for shop, hour in ((running, 0), (started, 8)):
                shop.start(shop.day + timedelta(days=days), hour)
            if how == "restart":
                started.restart()
            running.now = started.now
            assert running.rows(_ALL) == started.rows(_ALL)
            assert running.listed() == started.listed()
            work_a_little(running), work_a_little(started)
            assert running.rows(_ALL) == started.rows(_ALL)


def work_a_little(shop: Copy) -> None:
    """A call that nobody took, one that did, and a sale."""
    for task, outcome in zip(shop.shop.view().day_list().open, ("no_answer", "reached"), strict=False):
        shop.shop.followups.finish(task, OutcomeDraft(outcome))
    members = shop.rows("SELECT id FROM member WHERE archived_on IS NULL ORDER BY id")
    member = members[shop.day.toordinal() % len(members)][0]
    shop.shop.counter.sell(SaleDraft(member, shop.day, (LineDraft(20_000, "连衣裙"),)))


@few
@given(a_world, some_days, st.lists(st.integers(0, 23), min_size=1, max_size=4))
def test_opened_as_often_as_one_likes(worlds: Worlds, which: int, days: int, hours: list[int]) -> None:
    with worlds.copy(which) as shop:
        shop.start(shop.day + timedelta(days=days), 0)
        rows, day = shop.rows(_ALL), shop.day
        for hour in hours:
            shop.restart()
            shop.start(day, hour)
            assert shop.rows(_ALL) == rows


@few
@given(
    a_world, some_days,
    st.lists(st.integers(-900, 900).filter(bool) | st.just(-1) | st.just(1), min_size=1, max_size=3),
)  # fmt: skip
def test_a_wrong_clock_costs_nothing(worlds: Worlds, which: int, days: int, slips: list[int]) -> None:
    """The clock is set to other days, back or ahead, and right again; a flight over the date line is one of
    them. Nothing was recorded meanwhile."""
    with worlds.copy(which) as shop, worlds.copy(which) as right:
        for clock in (shop, right):
            clock.start(clock.day + timedelta(days=days))
        day = shop.day
        for slip in slips:
            shop.start(day + timedelta(days=slip))
            shop.restart()
        shop.start(day)
        for clock in (shop, right):
            clock.forget_types()
        # A greeting made up for ends anew every day: a clock behind and then far ahead is its end.
        assert_same_list(shop, right, made_up=False)


@few
@given(a_world, some_days)
def test_what_was_remembered_may_be_lost(worlds: Worlds, which: int, days: int) -> None:
    """The file keeps notes on how far it came; without them the list is made from the records alone."""
    with worlds.copy(which) as shop:
        shop.start(shop.day + timedelta(days=days))
        rows, (lined_up, _) = shop.open_ones(), shop.lined_up()
        with shop.shop.store.write("test", None, shop.now) as tx:
            tx.derive("DELETE FROM d_state WHERE key LIKE 'followups%'")
        shop.restart()
        assert shop.shop.start_day().value
        assert shop.open_ones() == rows
        assert shop.lined_up()[0] == lined_up


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of a process cannot be changed here")
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles", "Asia/Shanghai"])
def test_the_time_zone_of_the_computer_does_not_matter(
    worlds: Worlds, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with worlds.copy(0) as here, worlds.copy(0) as there:
        here.start(here.day + timedelta(days=5))
        with monkeypatch.context() as patch:
            patch.setenv("TZ", zone)
            time.tzset()
            there.start(there.day + timedelta(days=5))
            work_a_little(there)
            rows = there.rows(_ALL)
        time.tzset()
        work_a_little(here)
        assert here.rows(_ALL) == rows
