"""kill -9 or a full disk in the middle of an import or of its undo: all of it or nothing is there, the file
is sound, and the next import completes it."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from shopcrm.excel.writer import write_raw
from shopcrm.shop import Shop, backups
from shopcrm.shop.dump import dump

ROOT = Path(__file__).resolve().parents[2]
ROWS = 1500


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    chance = random.Random(1)
    headings = ["单号", "手机号", "姓名", "消费日期", "商品", "实收金额", "导购"]
    rows = [
        [
            f"A{n}",
            f"138{chance.randrange(400):08}",
            None,
            date(2025, 1, 1) + timedelta(days=chance.randrange(600)),
            "衬衫",
            chance.randrange(50, 900),
            "小雯",
        ]
        for n in range(ROWS)
    ]
    return write_raw(tmp_path / "sales.xlsx", [("销售", headings, rows)])


def killed(file: Path, db: Path, wait: float, *, from_write: bool) -> bool:
    """Start an import and kill it `wait` seconds after it began to write (or to run); whether it was still
    running."""
    return _killed(["import", str(file), "--report", os.devnull], db, wait, from_write=from_write)


def _killed(command: list[str], db: Path, wait: float, *, from_write: bool, sign: str = "{}-journal") -> bool:
    child = subprocess.Popen(
        [sys.executable, "main.py", *command, "--db", str(db), "--day", "2026-11-21"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    if from_write:  # the rollback journal is there from the first page that is written until the commit
        journal = db.with_name(sign.format(db.name))
        deadline = time.monotonic() + 60
        while not journal.exists() and child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.001)
    time.sleep(wait)
    running = child.poll() is None
    child.kill()
    child.wait()
    return running


def check(db: Path, clock: Any) -> int:
    """How many sales are there, after making sure that the file is sound."""
    if not db.exists():
        return 0
    with Shop.open(db, clock=clock) as shop:
        assert shop.store.read().value("PRAGMA integrity_check") == "ok"
        assert shop.store.read().all("PRAGMA foreign_key_check") == []
        for backup in shop.backups.files():
            with sqlite3.connect(backup.path) as copy:
                assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            copy.close()
        return len(dump(shop.store.read())["sales"])


def kill_many(times: int, seed: int, workbook: Path, folder: Path, clock: Any) -> tuple[int, int]:
    """Kill at so many points; how often nothing was there afterwards and how often everything."""
    chance = random.Random(seed)
    nothing = everything = 0
    for number in range(times):
        db = folder / f"shop{number}.db"
        with Shop.open(db, clock=clock):
            pass
        killed(workbook, db, chance.uniform(0, 0.6 if number % 4 else 1.5), from_write=number % 4 != 0)
        there = check(db, clock)
        assert there in (0, ROWS), f"{there} of {ROWS} sales after a kill"
        nothing += there == 0
        everything += there == ROWS
        with Shop.open(db, clock=clock) as shop:
            done = shop.imports.apply(shop.imports.preview(workbook)).value
            assert done.sales_new == ROWS - there
            assert len(dump(shop.store.read())["sales"]) == ROWS
        db.unlink()
    return nothing, everything


def test_a_killed_import_leaves_all_or_nothing(workbook: Path, tmp_path: Path, clock: Any) -> None:
    nothing, everything = kill_many(4, 4, workbook, tmp_path, clock)
    assert nothing + everything == 4


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_two_hundred_killed_imports_leave_all_or_nothing(
    part: int, workbook: Path, tmp_path: Path, clock: Any
) -> None:
    nothing, everything = kill_many(50, part, workbook, tmp_path, clock)
    assert nothing + everything == 50
    assert nothing, "no kill hit an import in progress"


def kill_undo(times: int, seed: int, workbook: Path, folder: Path, clock: Any) -> int:
    """Kill the undo of an import at so many points: the import stands or is gone; how often it stood."""
    chance = random.Random(seed)
    stood = 0
    imported = folder / "imported.db"
    with Shop.open(imported, clock=clock) as shop:
        shop.start_day()
        empty = dump(shop.store.read())
        shop.imports.apply(shop.imports.preview(workbook))
        full = dump(shop.store.read())
    for number in range(times):
        db = folder / f"undone{number}.db"
        shutil.copy(imported, db)
        _killed(
            ["undo-import"], db, chance.uniform(0, 0.3 if number % 4 else 1.0), from_write=number % 4 != 0
        )
        there = check(db, clock)
        with Shop.open(db, clock=clock) as shop:
            found = dump(shop.store.read())
            assert found == (full if there else empty), "a killed undo did a part of it"
            stood += found == full
            if there:
                shop.imports.undo()
                assert dump(shop.store.read()) == empty
        db.unlink()
    return stood


def test_a_killed_undo_leaves_all_or_nothing(workbook: Path, tmp_path: Path, clock: Any) -> None:
    kill_undo(2, 2, workbook, tmp_path, clock)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(2))
def test_a_hundred_killed_undos_leave_all_or_nothing(
    part: int, workbook: Path, tmp_path: Path, clock: Any
) -> None:
    assert 0 < kill_undo(50, part, workbook, tmp_path, clock) < 50


def kill_restore(times: int, seed: int, workbook: Path, folder: Path, clock: Any) -> int:
    """Kill a restore at so many points: the shop is as it was or as the copy; how often as it was."""
    chance = random.Random(seed)
    present = folder / "present.db"
    with Shop.open(present, clock=clock) as shop:
        copy = shop.backups.now("by_hand").path
        old = dump(shop.store.read())
        shop.imports.apply(shop.imports.preview(workbook))
        new = dump(shop.store.read())
    stood = 0
    for number in range(times):
        db = folder / f"shop{number}" / "shop.db"
        db.parent.mkdir()
        shutil.copy(present, db)
        _killed(["restore", str(copy)], db, chance.uniform(0, 0.12), from_write=True, sign=".{}.restore")
        with Shop.open(db, clock=clock) as shop:
            assert shop.store.read().value("PRAGMA integrity_check") == "ok"
            found = dump(shop.store.read())
            saved = [file for file in shop.backups.files() if file.why == "restore"]
        assert found in (old, new)
        stood += found == new
        if found == old:  # what was there before can be had back
            backups.restore(db, saved[0].path, clock)
            with Shop.open(db, clock=clock) as shop:
                assert dump(shop.store.read()) == new
        shutil.rmtree(db.parent)
    return stood


def test_a_killed_restore_leaves_the_old_or_the_new(workbook: Path, tmp_path: Path, clock: Any) -> None:
    kill_restore(2, 3, workbook, tmp_path, clock)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(2))
def test_a_hundred_killed_restores_leave_the_old_or_the_new(
    part: int, workbook: Path, tmp_path: Path, clock: Any
) -> None:
    assert 0 < kill_restore(50, part, workbook, tmp_path, clock) < 50


def test_a_disk_that_fills_up_leaves_the_shop_as_it_was(workbook: Path, tmp_path: Path, clock: Any) -> None:
    resource = pytest.importorskip("resource", reason="file sizes are limited as POSIX does it")
    started, whole = tmp_path / "started.db", tmp_path / "whole.db"
    with Shop.open(started, clock=clock) as shop:
        shop.start_day()
        before = dump(shop.store.read())
    shutil.copy(started, whole)
    with Shop.open(whole, clock=clock) as shop:
        shop.imports.apply(shop.imports.preview(workbook))
    small, big = started.stat().st_size, whole.stat().st_size
    for part in (0, 1, 3):
        db = tmp_path / f"full{part}.db"
        shutil.copy(started, db)
        limit = small + (big - small) * part // 4 + 4096
        command = ["import", str(workbook), "--db", str(db), "--report", os.devnull, "--day", "2026-11-21"]
        done = subprocess.run(
            [sys.executable, "main.py", *command],
            cwd=ROOT,
            capture_output=True,
            check=False,
            preexec_fn=lambda limit=limit: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        )
        said = done.stderr.decode()
        assert done.returncode == 4, said
        assert "磁盘" in said
        assert "Traceback" not in said
        with Shop.open(db, clock=clock) as shop:
            assert dump(shop.store.read()) == before
            assert shop.imports.apply(shop.imports.preview(workbook)).value.sales_new == ROWS
