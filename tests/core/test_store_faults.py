"""The world at fault: killed, full, read-only, locked, damaged, newer, opened twice. Never half a write."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from shopcrm.basics.errors import Cancelled, StoreError
from shopcrm.store import Store, connection
from shopcrm.store.backup import check, damage_of, make_backup

ALSO_ENCRYPTED = (
    "test_a_killed_write_leaves_all_or_nothing",
    "test_a_full_disk_changes_nothing_and_says_so",
    "test_a_read_only_folder_or_file_is_told_at_once",
    "test_one_running_copy",
    "test_of_many_starts_at_once_one_writes",
    "test_damage_is_refused_and_not_written_on",
    "test_a_file_of_another_program_or_a_later_version_is_left_alone",
    "test_a_bug_stays_a_bug",
)  # all but these, whose children have no key, or which look into the file by themselves

NOW = datetime.fromisoformat("2026-11-21 10:30")
ROOT = Path(__file__).resolve().parents[2]
ROWS = 500  # of one write of the children

OPEN = """
import sys
from datetime import datetime
from shopcrm.basics.errors import StoreError
from shopcrm.store import Store
NOW = datetime.fromisoformat("2026-11-21 10:30")
try:
    store = Store.open(sys.argv[1], now=NOW)
except StoreError as error:
    print(error.code, flush=True)
    sys.exit(4)
print("open", flush=True)
"""
WRITE = f"""
try:
    for n in range(int(sys.argv[2])):
        with store.write("import", None, NOW) as tx:
            ids = tx.insert_many("member", ("name", "notes"), ((f"n{{i}}", "x" * 300) for i in range({ROWS})))
            for i in ids[::50]:
                tx.update("member", i, notes="y" * 300)
        print(n + 1, flush=True)
except StoreError as error:
    print(error.code, flush=True)
    sys.exit(4)
"""


def child(code: str, *args: object, limit: int = 0) -> subprocess.Popen[str]:
    lines = (
        f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n" if limit else ""
    )
    return subprocess.Popen(
        [sys.executable, "-c", lines + code, *map(str, args)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def code_of(action: Callable[[], object]) -> str:
    with pytest.raises(StoreError) as caught:
        action()
    assert caught.value.sentence
    return caught.value.code


def a_shop(path: Path, members: int = 0) -> Path:
    with_store = Store.open(path, now=NOW)
    with with_store.write("import", None, NOW) as tx:
        tx.insert_many("member", ("name", "notes"), ((f"m{n}", "z" * 200) for n in range(members)))
    with_store.close()
    return path


def count(path: Path) -> int:
    store = Store.open(path, now=NOW)
    try:
        assert store.read().value("PRAGMA integrity_check") == "ok"
        assert store.read().all("PRAGMA foreign_key_check") == []
        return int(store.read().value("SELECT count(*) FROM member"))
    finally:
        store.close()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no kill -9 here")
@pytest.mark.parametrize("points", [6, pytest.param(60, marks=pytest.mark.slow)])
def test_a_killed_write_leaves_all_or_nothing(tmp_path: Path, points: int) -> None:
    chance = random.Random(points)
    for point in range(points):
        path = a_shop(tmp_path / f"{point}.db")
        writer = child(OPEN + WRITE, path, 1_000)
        assert writer.stdout is not None
        assert writer.stdout.readline() == "open\n"
        time.sleep(chance.random() * 0.25)
        writer.kill()
        acknowledged = writer.communicate()[0].split()
        left = count(path)
        assert left % ROWS == 0
        assert left >= ROWS * (int(acknowledged[-1]) if acknowledged else 0)


@pytest.mark.skipif(sys.platform == "win32", reason="no file-size limit")
def test_a_full_disk_changes_nothing_and_says_so(tmp_path: Path) -> None:
    path = a_shop(tmp_path / "shop.db", 2_000)
    size = path.stat().st_size
    for room in (4_096, 100_000, 300_000):
        writer = child(OPEN + WRITE, path, 3, limit=size + room)
        out, err = writer.communicate()
        assert writer.returncode == 4, err
        said = out.split()
        assert said[-1] in ("full", "io")
        assert count(path) == 2_000 + ROWS * (len(said) - 2)
        path.unlink()
        a_shop(path, 2_000)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="needs to become somebody else")
def test_a_read_only_folder_or_file_is_told_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    path = a_shop(folder / "shop.db", 10)
    for parent in (folder, *list(tmp_path.parents)[:3], tmp_path):
        parent.chmod(parent.stat().st_mode | 0o055)
    before = path.read_bytes()
    start = time.monotonic()
    child_id = os.fork()
    if child_id == 0:  # a user who may look but not touch
        code = 1
        try:
            os.setuid(65534)
            Store.open(path, now=NOW)
        except StoreError as error:
            code = 4 if error.code == "readonly" else 5
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child_id, 0)[1]) == 4
    assert time.monotonic() - start < 20
    assert path.read_bytes() == before


def test_a_locked_file_is_told_and_works_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "WAIT_SECONDS", 0.1)
    path = a_shop(tmp_path / "shop.db", 5)
    store = Store.open(path, now=NOW)
    view = store.reader()
    other = connection.connect(path, write=True)
    other.execute("BEGIN EXCLUSIVE")

    def write() -> None:
        with store.write("x", None, NOW) as tx:
            tx.insert("member", name="x")

    assert code_of(write) == "locked"
    assert code_of(lambda: view.all("SELECT * FROM member")) == "locked"
    other.execute("ROLLBACK")
    write()
    assert view.value("SELECT count(*) FROM member") == 6
    other.execute("BEGIN EXCLUSIVE")
    store.close()
    assert code_of(lambda: Store.open(path, now=NOW)) == "locked"
    other.close()
    view.close()
    assert count(path) == 6


def test_a_reader_in_the_way_of_a_commit_leaves_the_write_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "WAIT_SECONDS", 0.1)
    store = Store.open(a_shop(tmp_path / "shop.db", 500), now=NOW)
    view = store.reader()
    rows = view.iterate("SELECT * FROM member")
    next(rows)

    def write() -> None:
        with store.write("x", None, NOW) as tx:
            tx.insert("member", name="x")

    assert code_of(write) == "locked"
    rows.close()
    write()
    assert view.value("SELECT count(*) FROM member") == 501
    view.close()
    store.close()


def test_one_running_copy(tmp_path: Path) -> None:
    path = a_shop(tmp_path / "shop.db")
    holder = child(OPEN + "\nimport time; time.sleep(60)", path)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "open\n"
    assert code_of(lambda: Store.open(path, now=NOW)) == "second_copy"
    link = tmp_path / "link.db"
    link.symlink_to(path)
    assert code_of(lambda: Store.open(link, now=NOW)) == "second_copy"
    holder.kill()
    holder.communicate()
    store = Store.open(path, now=NOW)  # the lock died with its process; nobody is asked anything
    assert code_of(lambda: Store.open(path, now=NOW)) == "second_copy"
    store.close()
    Store.open(path, now=NOW).close()


@pytest.mark.parametrize("starts", [4, pytest.param(20, marks=pytest.mark.slow)])
def test_of_many_starts_at_once_one_writes(tmp_path: Path, starts: int) -> None:
    path = a_shop(tmp_path / "shop.db")
    for _ in range(2):  # the second time after the one that held it was killed
        children = [child(OPEN + "\nimport time; time.sleep(60)", path) for _ in range(starts)]
        said = []
        for one in children:
            assert one.stdout is not None
            said.append(one.stdout.readline().strip())
        assert sorted(said) == ["open"] + ["second_copy"] * (starts - 1)
        for one in children:
            one.kill()
            one.communicate()
    Store.open(path, now=NOW).close()


def damaged(kind: str, raw: bytes) -> bytes:
    middle = len(raw) // 2
    return {
        "text": "姓名,手机\n王丽,13800000001\n".encode(),
        "short": raw[:50],
        "header": b"\0" * 16 + raw[16:],
        "cut": raw[: len(raw) - 8_192],
        "pages": raw[:middle] + os.urandom(8_192) + raw[middle + 8_192 :],
        "schema": raw[:100] + os.urandom(3_000) + raw[3_100:],
        "version": raw[:60] + (999).to_bytes(4, "big") + raw[64:],
    }[kind]


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("text", {"notadb"}), ("short", {"notadb"}), ("header", {"notadb"}), ("cut", {"corrupt"}),
        ("schema", {"corrupt", "notadb"}), ("version", {"too_new"}),
    ],
)  # fmt: skip
def test_damage_is_refused_and_not_written_on(tmp_path: Path, kind: str, codes: set[str]) -> None:
    path = a_shop(tmp_path / "shop.db", 3_000)
    path.write_bytes(damaged(kind, path.read_bytes()))
    before = path.read_bytes()
    assert code_of(lambda: Store.open(path, now=NOW)) in codes
    assert path.read_bytes() == before
    assert not list(tmp_path.glob("*-journal"))


def found(path: Path) -> bool:
    """Whether the damage is told at the opening, or by the look over the file that follows it."""
    try:
        Store.open(path, now=NOW).close()
        return damage_of(path, lambda: False) is not None
    except StoreError as error:
        return error.code in ("corrupt", "notadb")


@pytest.mark.parametrize("times", [12, pytest.param(100, marks=pytest.mark.slow)])
def test_all_damage_is_found_and_the_bytes_stay(tmp_path: Path, times: int) -> None:
    whole = a_shop(tmp_path / "whole.db", 3_000)
    assert not found(whole)
    raw, chance, page = whole.read_bytes(), random.Random(7), 4_096
    for number in range(times):
        path = tmp_path / f"{number}" / "shop.db"
        path.parent.mkdir()
        kind = number % 4
        if kind == 0:  # pages overwritten by something else
            at = page * chance.randrange(1, len(raw) // page)
            size = page * chance.choice((1, 1, 3, 20))
            bad = raw[:at] + chance.randbytes(size) + raw[at + size :]
            path.write_bytes(bad[: len(raw)])
        elif kind == 1:  # cut
            path.write_bytes(raw[: chance.randrange(1, len(raw))])
        elif kind == 2:  # emptied, with a copy from better days beside it
            path.write_bytes(raw)
            store = Store.open(path, now=NOW)
            make_backup(store.connection, path, "day", NOW)
            store.close()
            path.write_bytes(b"")
        else:  # another file in its place
            path.write_text("姓名,手机\n王丽,13800000001\n" * chance.randrange(1, 3_000), encoding="utf-8")
        before = path.read_bytes()
        assert found(path), f"kind {kind}, number {number}"
        assert path.read_bytes() == before


def test_the_look_over_a_file_can_be_stopped(tmp_path: Path) -> None:
    path = a_shop(tmp_path / "shop.db", 30_000)
    looks = iter([False, False])
    with pytest.raises(Cancelled):
        damage_of(path, lambda: next(looks, True))
    with pytest.raises(Cancelled):
        damage_of(path, lambda: True)
    with pytest.raises(StoreError) as gone:
        damage_of(tmp_path / "none.db", lambda: False)
    assert gone.value.code == "cantopen"


def test_damaged_pages_are_found_by_the_check(tmp_path: Path) -> None:
    path = a_shop(tmp_path / "shop.db", 3_000)
    path.write_bytes(damaged("pages", path.read_bytes()))
    store = Store.open(path, now=NOW)
    assert not check(store.connection).sound
    assert code_of(lambda: make_backup(store.connection, path, "day", NOW)) in ("corrupt", "backup_bad")
    assert not list((tmp_path / "backups").iterdir())
    store.close()


def test_an_emptied_file_with_backups_is_not_started_over(tmp_path: Path) -> None:
    path = a_shop(tmp_path / "shop.db", 3)
    store = Store.open(path, now=NOW)
    make_backup(store.connection, path, "day", NOW)
    store.close()
    path.write_bytes(b"")
    assert code_of(lambda: Store.open(path, now=NOW)) == "corrupt"
    fresh = tmp_path / "fresh.db"
    fresh.touch()
    Store.open(fresh, now=NOW).close()


def test_a_file_of_another_program_or_a_later_version_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    db = sqlite3.connect(other)
    db.execute("CREATE TABLE notes (text)")
    db.close()
    later = a_shop(tmp_path / "later.db", 1)
    db = sqlite3.connect(later)
    db.execute("INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('shopcrm', 'm0099_future')")
    db.commit()
    db.close()
    for path, code in ((other, "notadb"), (later, "too_new"), (tmp_path, "cantopen")):
        before = path.read_bytes() if path.is_file() else b""
        assert code_of(lambda path=path: Store.open(path, now=NOW)) == code  # type: ignore[misc]
        assert not path.is_file() or path.read_bytes() == before


def test_a_bug_stays_a_bug(tmp_path: Path) -> None:
    store = Store.open(a_shop(tmp_path / "shop.db"), now=NOW)
    with pytest.raises(sqlite3.OperationalError):
        store.read().all("SELECT nothing FROM member")
    store.close()
    with pytest.raises(sqlite3.ProgrammingError):
        store.read().all("SELECT 1")
