"""kill -9 in the middle of a merge, of taking one apart, of a bulk change, of undo and redo, of erasing, of a
backup, of a migration: all of it or nothing is there, whatever is listed as a backup is whole, and it can be
done again."""

from __future__ import annotations

import base64
import json
import os
import pickle
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from shopcrm.basics.errors import Refusal
from shopcrm.shop import Shop
from shopcrm.store.backup import copies_of, verify
from shopcrm.store.migrations import STEPS as STEPS_OF_THE_FILE
from tests.core.test_stored_versions import rows, stored
from tests.flows.every_write import STEPS, Answers, kept_rows, people
from tests.flows.test_kill_import import ROOT

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked")

KINDS = (
    "member.merge", "member.separate", "member.assign", "undo", "redo", "takeback", "member.erase", "backup",
)  # fmt: skip
Nursery = Callable[..., dict[str, Any]]


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    """Has a child take a step on a file, and die."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.flows.nursery"], cwd=ROOT, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdin is not None
    assert child.stdout is not None

    def order(**told: Any) -> dict[str, Any]:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps(told) + "\n")
        child.stdin.flush()
        answer = child.stdout.readline()
        assert answer, "the nursery is gone"
        found: dict[str, Any] = json.loads(answer)
        return found

    yield order
    child.stdin.close()
    child.wait()
    child.stdout.close()


@pytest.fixture
def before(tmp_path: Path, clock: Any) -> tuple[Path, str]:
    """A small shop, and what the steps a killed one stands on have answered."""
    path = tmp_path / "before.db"
    said: Answers = {}
    with Shop.open(path, clock=clock) as shop:
        people(shop)
    return path, base64.b64encode(pickle.dumps(said)).decode()


def states(path: Path, kind: str, clock: Any) -> list[dict[str, object]]:
    """What the shop keeps before a step and after it, worked out on a twin."""
    with Shop.open(path, clock=clock) as shop:
        first = STEPS[kind].first(shop)
        was = kept_rows(shop)
        STEPS[kind].act(shop, {}, first)
        return [was, kept_rows(shop)]


def kill_many(
    kind: str, times: int, before: tuple[Path, str], folder: Path, nursery: Nursery, clock: Any
) -> list[int]:
    """Kill that many children at this kind of step; how often nothing and how often all of it was there."""
    origin, said = before
    twin = folder / "twin.db"
    shutil.copy(origin, twin)
    either = states(twin, kind, clock)
    alive = folder / "alive.db"
    shutil.copy(origin, alive)
    whole = nursery(db=str(alive), kind=kind, said=said)
    assert whole["code"] == 0
    assert whole["ops"] > 3
    chance, there = random.Random(kind), [0, 0]
    for number in range(times):
        db = folder / f"{number}.db"
        shutil.copy(origin, db)
        if number % 2:
            where = {"seconds": max(0.0001, chance.random() * whole["seconds"])}
        else:  # from the first write to the last one, behind which all is done
            where = {"op": max(1, whole["ops"] * (number + 2) // (times // 2 * 2))}
        died = nursery(db=str(db), kind=kind, said=said, **where)
        assert died["code"] in (-9, -14, 0), f"{kind} {where}"
        with Shop.open(db, clock=clock) as shop:
            rx = shop.store.read()
            assert rx.value("PRAGMA integrity_check") == "ok"
            assert rx.all("PRAGMA foreign_key_check") == []
            assert shop.view().audit(1).fault is None
            for copy in shop.backups.files():  # whatever is listed is whole
                assert verify(copy.path) is not None
            found = kept_rows(shop)
            assert found in either, f"{kind} {where} did a part"
            there[either.index(found)] += 1
        db.unlink()
    return there


@pytest.mark.parametrize(
    ("kind", "times"),
    [
        ("member.merge", 6),
        ("undo", 6),
        ("backup", 6),
        *(pytest.param(kind, 100, marks=pytest.mark.slow) for kind in KINDS),
    ],
)
def test_a_killed_step_leaves_all_or_nothing(
    times: int, kind: str, before: tuple[Path, str], tmp_path: Path, nursery: Nursery, clock: Any
) -> None:
    nothing, everything = kill_many(kind, times, before, tmp_path, nursery, clock)
    assert nothing + everything == times
    assert nothing, "no kill hit a step in progress"
    assert everything or kind == "backup", "no kill came when all was done"  # which leaves the shop as it was
    print(f"{kind}: {times} killed, {nothing} left nothing, {everything} all")


@pytest.mark.parametrize("times", [6, pytest.param(100, marks=pytest.mark.slow)])
def test_a_killed_migration_leaves_the_old_or_the_new_file(
    times: int, tmp_path: Path, nursery: Nursery, clock: Any
) -> None:
    said = base64.b64encode(pickle.dumps({})).decode()
    origin = stored(STEPS_OF_THE_FILE[1][0], tmp_path)
    db = sqlite3.connect(origin)
    with db:
        db.executemany("INSERT INTO member (name, notes) VALUES (?, ?)", [("王芳", "喜欢深色" * 50)] * 500)
    db.close()
    before = rows(origin)
    order = {"kind": "migration", "said": said}
    alive = tmp_path / "alive" / "shop.db"
    alive.parent.mkdir()
    shutil.copy(origin, alive)
    whole = nursery(db=str(alive), **order)
    assert whole["code"] == 0
    chance, versions, listed = random.Random(8), set(), 0
    for number in range(times):
        path = tmp_path / str(number) / "shop.db"
        path.parent.mkdir()
        shutil.copy(origin, path)
        where = (
            {"seconds": max(0.0001, chance.random() * whole["seconds"])} if number % 2
            else {"op": 1 + chance.randrange(whole["ops"])}
        )  # fmt: skip
        assert nursery(db=str(path), **order, **where)["code"] in (-9, -14, 0)
        found = sqlite3.connect(path)
        assert found.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        versions.add(found.execute("PRAGMA user_version").fetchone()[0])
        found.close()
        for copy in copies_of(path):
            assert verify(copy.path) is not None
            assert rows(copy.path)["member"] == before["member"]
            listed += 1
        with Shop.open(path, clock=clock) as shop:
            assert shop.backups.check().sound
        after = rows(path)["member"]
        assert [
            {name: new[name] for name in old} for old, new in zip(before["member"], after, strict=True)
        ] == (before["member"])
        shutil.rmtree(path.parent)
    assert versions <= {2, len(STEPS_OF_THE_FILE)}
    assert times < 50 or len(versions) == 2
    print(f"migration: {times} killed, {listed} backups listed, all whole")


def test_what_a_kill_took_back_can_be_done_again(
    before: tuple[Path, str], tmp_path: Path, nursery: Nursery, clock: Any
) -> None:
    origin, said = before
    twin = tmp_path / "twin.db"
    shutil.copy(origin, twin)
    after = states(twin, "member.merge", clock)[1]
    died = nursery(db=str(origin), kind="member.merge", said=said, op=3)
    assert died["code"] == -9
    with Shop.open(origin, clock=clock) as shop:
        with pytest.raises(Refusal):
            shop.undo()  # nothing of this session
        gone = shop.view().search("同一个人")[0].id
        shop.merging.merge(shop.view().search("会员1")[0].id, gone)
        assert kept_rows(shop) == after
