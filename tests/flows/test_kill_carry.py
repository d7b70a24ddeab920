"""kill -9 while a copy is carried to the second place: what is listed there is whole, what is not is cleared
away by the next one, and the shop's own copies stay as they were."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from shopcrm.basics.drives import Drive
from shopcrm.basics.records import MemberDraft
from shopcrm.shop import Shop
from shopcrm.store import backup, places

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked")


def killed(file: Path, clock: Any, seconds: float) -> float:
    """Carry in a child that dies so many seconds after it began, 0: lives; how long it took, if it lived."""
    ear, mouth = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            shop = Shop.open(file, clock=clock)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ends the process there and then
            signal.setitimer(signal.ITIMER_REAL, seconds)
            start = time.perf_counter()
            assert shop.backups.to_second() is not None
            took = time.perf_counter() - start
            signal.setitimer(signal.ITIMER_REAL, 0)
            os.write(mouth, str(took).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(mouth)
    told = os.read(ear, 100)
    os.close(ear)
    left = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert left in (0, -signal.SIGALRM)
    return float(told or 0)


@pytest.mark.parametrize("times", [6, pytest.param(100, marks=pytest.mark.slow)])
def test_a_killed_carrying_leaves_whole_copies_only(
    times: int, tmp_path: Path, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stick = tmp_path / "E"
    stick.mkdir()
    monkeypatch.setattr(places, "drives", lambda: [Drive(stick, "E", True)])
    file = tmp_path / "pc" / "shop.db"
    with Shop.open(file, clock=clock) as shop:
        shop.settings.begin("禾木衣坊", "林姐")
        for n in range(40):
            shop.members.save(MemberDraft(name=f"会员{n}", notes="喜欢深色" * 300))
        shop.settings.set("backup.second", True)
        made = shop.backups.now("day")
    side = file.with_name("shop.db.places")

    whole = killed(file, clock, 0)
    assert whole > 0
    shutil.rmtree(stick / places.ON_STICK)
    side.unlink()
    chance, listed = random.Random(4), 0
    for number in range(times):
        killed(file, clock, whole * (number + chance.random()) / times)
        there = [copy for folder in stick.rglob("*/") for copy in backup.list_backups(folder, "shop")]
        for copy in there:
            assert backup.verify(copy.path).members == 40
        listed += len(there)
        assert backup.verify(made.path).members == 40
        with Shop.open(file, clock=clock) as shop:
            shop.backups.to_second()
            home = next(folder for folder in stick.rglob("*/") if folder.name == "禾木衣坊")
            assert len(shop.backups.files()) == 1
        assert len(backup.list_backups(home, "shop")) == 1
        if not there:
            assert sorted(one.suffix for one in home.iterdir()) == [".db", ".sha256"]
        shutil.rmtree(stick / places.ON_STICK)
        side.unlink(missing_ok=True)
    assert listed < times, "no kill hit a copy in progress"
