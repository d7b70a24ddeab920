"""Killed and cut off from power, an encrypted shop is as whole as any; so is one that is being encrypted."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shopcrm.basics.records import MemberDraft
from shopcrm.shop import Shop, encryption
from shopcrm.shop.dump import dump
from shopcrm.store import keys
from shopcrm.store.connection import connect
from tests.flows import test_kill_import, test_power_cut
from tests.flows.test_kill_import import ROOT, workbook
from tests.flows.test_power_cut import cut_import, cut_sales, cut_steps

__all__ = ["workbook"]  # a fixture
WORD = "liuxia-2026 Hema"


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The password is known to every child, and this side looks into files by the store's own way."""
    monkeypatch.setenv("SHOPCRM_PASSWORD", WORD)
    monkeypatch.setattr(test_power_cut, "sound", sound)
    monkeypatch.setattr(test_kill_import, "check", check)
    keys.forget()
    yield
    keys.forget()


def sound(file: Path) -> Any:
    assert encryption.is_encrypted(file)
    db = connect(file, write=True)
    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    assert db.execute("PRAGMA cipher_integrity_check").fetchall() == []
    return db


def check(db: Path, clock: Any) -> int:
    sound(db).close()
    with Shop.open(db, clock=clock) as shop:
        for copy in shop.backups.files():
            sound(copy.path).close()
        return len(dump(shop.store.read())["sales"])


@pytest.fixture
def shop_file(tmp_path: Path, clock: Any) -> Path:
    """A shop of five members, encrypted."""
    file = tmp_path / "shop.db"
    with Shop.open(file, clock=clock) as shop:
        for number in range(5):
            phone = f"1380000000{number}"
            shop.members.save(MemberDraft(name=f"会员{number}", phones=((phone, phone),)))
        shop.start_day()
    encryption.encrypt(file, WORD, clock)
    return file


def test_a_power_cut_leaves_every_reported_sale(shop_file: Path, tmp_path: Path) -> None:
    cut_sales(30, 1, shop_file, tmp_path)


def test_a_power_cut_leaves_an_import_whole_or_not_there(
    shop_file: Path, tmp_path: Path, workbook: Path
) -> None:
    cut_import(12, 2, shop_file, tmp_path, workbook)


def test_a_power_cut_leaves_any_step_whole_or_not_there(shop_file: Path, tmp_path: Path, clock: Any) -> None:
    cut_steps(15, 3, shop_file, tmp_path, clock)


def killed_while_encrypting(times: int, seed: int, folder: Path, clock: Any) -> tuple[int, int]:
    """Kill at so many points; how often it was the old file afterwards and how often the new one. The first
    one comes to its end and tells how long that takes."""
    chance, old, new, takes = random.Random(seed), 0, 0, 0.0
    for number in range(times + 1):
        db = folder / f"{number}" / "shop.db"
        with Shop.open(db, clock=clock) as shop, shop.store.write("import", None, clock()) as tx:
            for member in range(300):
                tx.insert("member", name=f"会员{member}", notes="x" * 500)
        before = dump_of(db, clock)
        word = db.with_name("word.txt")
        word.write_text(WORD, encoding="utf-8")
        command = ["encrypt", "--db", str(db), "--day", "2026-11-21", "--password-file", str(word)]
        child = subprocess.Popen(
            [sys.executable, "main.py", *command], cwd=ROOT,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while not (db.parent / "backups").exists() and child.poll() is None:
            time.sleep(0.001)
        if number:
            time.sleep(chance.uniform(0, takes))
            child.kill()
            child.wait()
        else:
            began = time.perf_counter()
            assert child.wait() == 0
            takes = time.perf_counter() - began
        if encryption.is_encrypted(db):
            new += number > 0
            encryption.unlock(db, WORD)
        else:
            old += 1
        assert dump_of(db, clock) == before
        encryption.encrypt(db, WORD, clock)  # and what was left behind is in nobody's way
        assert not list(db.parent.glob(".*"))
    return old, new


def dump_of(db: Path, clock: Any) -> object:
    with Shop.open(db, clock=clock) as shop:
        assert shop.backups.check().sound
        return dump(shop.store.read())


def test_killed_while_it_is_encrypted_it_is_the_old_or_the_new_file(tmp_path: Path, clock: Any) -> None:
    killed_while_encrypting(5, 1, tmp_path, clock)


@pytest.mark.slow
def test_the_long_form(shop_file: Path, tmp_path: Path, workbook: Path, clock: Any) -> None:
    folders = [tmp_path / name for name in ("sales", "import", "steps", "kill")]
    for folder in folders:
        folder.mkdir()
        (folder / "shop.db").write_bytes(shop_file.read_bytes())
    cut_sales(300, 11, folders[0] / "shop.db", folders[0])
    cut_import(300, 12, folders[1] / "shop.db", folders[1], workbook)
    cut_steps(300, 13, folders[2] / "shop.db", folders[2], clock)
    old, new = killed_while_encrypting(100, 14, folders[3], clock)
    assert min(old, new) > 5
