"""The power goes at any moment: what was reported as done is there, the rest wholly or not at all, and the
file is sound."""

from __future__ import annotations

import pickle
import random
import shutil
import sqlite3
import subprocess
import sys
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from shopcrm.basics.records import MemberDraft
from shopcrm.shop import Shop
from shopcrm.store import schema
from shopcrm.store.migrations import STEPS
from shopcrm.store.whole_shop import KEPT
from tests.flows.power import Op, cut, steps
from tests.flows.test_kill_import import ROOT, ROWS, workbook

__all__ = ["workbook"]  # a fixture
SALES = 50


def recorded(folder: Path, db: Path, case: str, *rest: object) -> list[Op]:
    """The writes of one case, done in a process of its own."""
    out = folder / f"{case}.ops"
    command = [sys.executable, "-m", "tests.flows.power", str(out), str(db), case, *map(str, rest)]
    child = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    if child.stderr.startswith("unrecordable"):
        pytest.skip(child.stderr)
    assert child.returncode == 0, child.stderr
    return [Op(*op) for op in pickle.loads(out.read_bytes())]


@pytest.fixture
def shop_file(tmp_path: Path, clock: Any) -> Path:
    """A shop of five members."""
    file = tmp_path / "shop.db"
    with Shop.open(file, clock=clock) as shop:
        for number in range(5):
            phone = f"1380000000{number}"
            shop.members.save(MemberDraft(name=f"会员{number}", phones=((phone, phone),)))
        shop.start_day()
    return file


def points_of(ops: list[Op], times: int, chance: random.Random) -> list[int]:
    """Where to cut: half of them right behind a sync, a removal or a report, where order matters most."""
    near = [at + 1 for at, op in enumerate(ops) if op.what in ("sync", "remove", "ack")]
    chosen = [
        chance.choice(near) if number % 2 else chance.randrange(len(ops) + 1) for number in range(times)
    ]
    return sorted(chosen)


def after(found: dict[str, bytes], folder: Path, name: str) -> Path:
    """A folder as the cut left it."""
    folder.mkdir()
    for file, content in found.items():
        (folder / Path(file).name).write_bytes(content)
    return folder / name


def sound(file: Path) -> sqlite3.Connection:
    """The file when it is next opened, after it was seen to be whole."""
    db = sqlite3.connect(file)
    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    return db


def cut_sales(times: int, seed: int, file: Path, folder: Path) -> None:
    before = {str(file): file.read_bytes()}
    ops = recorded(folder, file, "sales", SALES)
    assert sum(op.what == "ack" for op in ops) == SALES
    chance = random.Random(seed)
    for number, (acknowledged, found) in enumerate(cut(before, ops, points_of(ops, times, chance), chance)):
        db = sound(after(found, folder / f"cut{seed}-{number}", file.name))
        amounts = [fen for (fen,) in db.execute("SELECT amount_fen FROM line ORDER BY id")]
        entries = db.execute("SELECT count(*) FROM journal_entry WHERE kind = 'sale.add'").fetchone()[0]
        db.close()
        # The one that was being booked may be there or not, but never a part of it.
        assert amounts == [10_000 + n for n in range(len(amounts))]
        assert acknowledged <= len(amounts) <= acknowledged + 1, "a sale that was reported is gone"
        assert entries == len(amounts)


def cut_import(times: int, seed: int, file: Path, folder: Path, book: Path) -> None:
    before = {str(file): file.read_bytes()}
    ops = recorded(folder, file, "import", book)
    chance = random.Random(seed)
    for number, (acknowledged, found) in enumerate(cut(before, ops, points_of(ops, times, chance), chance)):
        db = sound(after(found, folder / f"cut{seed}-{number}", file.name))
        sales = db.execute("SELECT count(*) FROM sale").fetchone()[0]
        db.close()
        assert sales in ((ROWS,) if acknowledged else (0, ROWS))


def cut_migration(times: int, seed: int, folder: Path) -> None:
    file = folder / "older.db"
    db = sqlite3.connect(file)
    with pytest.MonkeyPatch.context() as older:
        older.setattr(schema, "STEPS", STEPS[:2])
        schema.migrate(db)
    with db:
        db.executemany("INSERT INTO member (name, notes) VALUES (?, ?)", [("王芳", "喜欢深色" * 50)] * 300)
    db.close()
    before = {str(file): file.read_bytes()}
    ops = recorded(folder, file, "migrate")
    chance = random.Random(seed)
    versions = set()
    for number, (acknowledged, found) in enumerate(cut(before, ops, points_of(ops, times, chance), chance)):
        db = sound(after(found, folder / f"cut{seed}-{number}", file.name))
        version = db.execute("PRAGMA user_version").fetchone()[0]
        columns = {row[1] for row in db.execute("PRAGMA table_info(member)")}
        members = db.execute("SELECT count(*), min(name), min(notes) FROM member").fetchone()
        db.close()
        versions.add(version)
        assert version in ((len(STEPS),) if acknowledged else (2, len(STEPS)))
        assert ("consent" in columns) == (version == len(STEPS))
        assert members == (300, "王芳", "喜欢深色" * 50)
    assert times < 50 or versions == {2, len(STEPS)}


def kept_rows(shop: Shop) -> object:
    """Everything that is kept but the history of how it came about."""
    rx = shop.store.read()
    tables = [table.name for table in KEPT]
    return {name: rx.all(f"SELECT * FROM {name} ORDER BY id") for name in tables}


def cut_steps(times: int, seed: int, file: Path, folder: Path, clock: Any) -> None:
    before = {str(file): file.read_bytes()}
    twin = folder / "twin.db"
    shutil.copy(file, twin)
    states = []
    with Shop.open(twin, clock=clock) as shop:
        for _ in chain([None], steps(shop)):
            states.append(kept_rows(shop))
    ops = recorded(folder, file, "steps")
    assert sum(op.what == "ack" for op in ops) == len(states) - 1
    chance = random.Random(seed)
    for number, (acknowledged, found) in enumerate(cut(before, ops, points_of(ops, times, chance), chance)):
        path = after(found, folder / f"cut{seed}-{number}", file.name)
        sound(path).close()
        with Shop.open(path, clock=clock) as shop:
            # What was under way may be there, but never a part of it.
            assert kept_rows(shop) in states[acknowledged : acknowledged + 2]


def test_a_reported_sale_outlasts_a_power_cut(shop_file: Path, tmp_path: Path) -> None:
    cut_sales(40, 1, shop_file, tmp_path)


def test_an_import_is_whole_or_not_there_after_a_power_cut(
    shop_file: Path, tmp_path: Path, workbook: Path
) -> None:
    cut_import(20, 2, shop_file, tmp_path, workbook)


def test_a_file_is_of_the_old_or_the_new_version_after_a_power_cut(tmp_path: Path) -> None:
    cut_migration(20, 3, tmp_path)


def test_any_step_is_whole_or_not_there_after_a_power_cut(
    shop_file: Path, tmp_path: Path, clock: Any
) -> None:
    cut_steps(25, 4, shop_file, tmp_path, clock)


@pytest.mark.slow
def test_three_hundred_cuts_each(shop_file: Path, tmp_path: Path, workbook: Path, clock: Any) -> None:
    first, second, third, fourth = (tmp_path / name for name in ("sales", "import", "migrate", "steps"))
    for folder in (first, second, third, fourth):
        folder.mkdir()
    for folder in (first, second, fourth):
        (folder / "shop.db").write_bytes(shop_file.read_bytes())
    cut_sales(300, 11, first / "shop.db", first)
    cut_import(300, 12, second / "shop.db", second, workbook)
    cut_migration(300, 13, third)
    cut_steps(300, 14, fourth / "shop.db", fourth, clock)
