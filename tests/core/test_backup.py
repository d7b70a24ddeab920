"""Backups one can believe, and migrations behind one."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopcrm import store as store_room
from shopcrm.basics.errors import Cancelled, StoreError
from shopcrm.basics.progress import Progress
from shopcrm.basics.records import BackupFile
from shopcrm.store import Store, backup, schema
from shopcrm.store.backup import list_backups, make_backup, to_drop, verify
from shopcrm.store.migrations import STEPS

ALSO_ENCRYPTED = (
    "test_a_damaged_backup_is_refused",
    "test_renewed_derived_tables_need_no_backup",
    "test_a_failing_migration_leaves_the_file_as_it_was",
    "test_a_copy_that_differs_from_its_source_gets_no_name",
    "test_the_second_step_leaves_the_records_and_what_finds_them",
    "test_thinning_keeps_the_newest_ten_and_the_last_two_days",
)  # all but these, which look into the file by themselves

NOW = datetime.fromisoformat("2026-11-21 10:30")


@pytest.fixture
def store(shop_file: Path) -> Iterator[Store]:
    opened = Store.open(shop_file, now=NOW)
    with opened.write("sale.add", None, NOW) as tx:
        for n in range(50):
            sale = tx.insert("sale", member_id=tx.insert("member", name=f"会员{n}"), day="2026-11-20")
            tx.insert("line", sale_id=sale, amount_fen=-10_000 if n == 7 else 30_000)
    yield opened
    opened.close()


def make(store: Store, why: str = "day", at: datetime = NOW, **more: object) -> BackupFile:
    assert store.path is not None
    return make_backup(store.connection, store.path, why, at, **more)  # type: ignore[arg-type]


def test_a_backup_is_counted_checked_and_listed(store: Store) -> None:
    made = make(store, "by_hand")
    assert (made.members, made.sales, made.lines, made.sum_fen) == (50, 50, 50, 49 * 30_000 - 10_000)
    assert made.path.name == "shop-20261121-103000-by_hand.db"
    assert list_backups(made.path.parent, "shop") == [made]
    assert verify(made.path).members == 50
    assert made.as_dict()["at"] == "2026-11-21 10:30:00"
    copy = Store.open(made.path, now=NOW)
    assert copy.read().value("SELECT count(*) FROM sale") == 50
    copy.close()


def test_two_in_one_second_and_another_folder(store: Store, tmp_path: Path) -> None:
    first, second = make(store), make(store)
    assert first.path != second.path
    away = make(store, to=tmp_path / "usb")
    assert away.path.parent == tmp_path / "usb"
    assert len(list_backups(first.path.parent, "shop")) == 2
    assert list_backups(tmp_path / "nowhere", "shop") == []


def test_a_cancelled_backup_leaves_nothing(store: Store) -> None:
    progress = Progress()
    progress.stop()
    with pytest.raises(Cancelled):
        make(store, progress=progress)
    assert store.path is not None
    assert list(backup.folder_of(store.path).iterdir()) == []


def test_what_is_not_a_whole_backup_is_not_listed(store: Store) -> None:
    made = make(store)
    folder = made.path.parent
    (folder / "shop-20261120-103000-day.db").write_bytes(made.path.read_bytes())  # without its checksum
    (folder / ".shop-20261119-103000-day.db.part").write_bytes(b"half")
    (folder / "photo.db").write_bytes(b"x")
    (folder / "other-20261121-103000-day.db").write_bytes(b"x")
    assert list_backups(folder, "shop") == [made]


def test_a_damaged_backup_is_refused(store: Store) -> None:
    made = make(store)
    whole = made.path.read_bytes()
    at = whole.index("会员33".encode())
    for bad in (
        whole[:-4096], whole[:at] + b"\xff" + whole[at + 1 :], b"", b"text", whole + b"\0",
        whole[:5000] + whole[5001:] + b"\0",
    ):  # fmt: skip
        made.path.write_bytes(bad)
        with pytest.raises(StoreError) as caught:
            verify(made.path)
        assert caught.value.code == "backup_bad"
    made.path.write_bytes(whole)
    verify(made.path)


def test_a_copy_that_differs_from_its_source_gets_no_name(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = backup._copy

    def losing(db: sqlite3.Connection, part: Path, progress: Progress) -> None:
        copy(db, part, progress)
        lossy = sqlite3.connect(part)
        lossy.execute("DELETE FROM line WHERE id=1")
        lossy.commit()
        lossy.close()

    monkeypatch.setattr(backup, "_copy", losing)
    with pytest.raises(StoreError) as caught:
        make(store)
    assert caught.value.code == "backup_bad"
    assert store.path is not None
    assert list(backup.folder_of(store.path).iterdir()) == []


def test_thinning_removes_old_copies_with_their_checksums(store: Store) -> None:
    for back in range(40, -1, -1):
        made = make(store, at=NOW - timedelta(days=back), keep=10)
    left = list_backups(made.path.parent, "shop")
    assert [copy.at for copy in left][:12] == [NOW - timedelta(days=n) for n in range(12)]
    assert len(left) < 20
    assert len(list(made.path.parent.iterdir())) == 2 * len(left)


@settings(max_examples=100)
@given(st.lists(st.integers(-3, 900 * 24), unique=True, max_size=80))
def test_thinning_keeps_the_newest_ten_and_the_last_two_days(hours: list[int]) -> None:
    days = sorted((NOW - timedelta(hours=n) for n in hours), reverse=True)
    dropped = to_drop(days, NOW.date())
    kept = [at for at in days if at not in dropped]
    assert kept[:10] == days[:10]
    assert all(at in kept for at in days if at.date() >= NOW.date() - timedelta(days=1))
    assert to_drop(kept, NOW.date()) == [] or len(kept) > 10
    recent = len([at for at in days if at.date() >= NOW.date() - timedelta(days=1)])
    assert len(kept) <= max(10, recent) + 10 + 12 + 10 + 9


def with_step(monkeypatch: pytest.MonkeyPatch, sql: str) -> None:
    steps = (*STEPS, ("m9999_test", sql))
    monkeypatch.setattr(schema, "STEPS", steps)
    monkeypatch.setattr(store_room, "STEPS", steps)


def test_a_migration_makes_a_backup_first(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    path = store.path
    assert path is not None
    store.close()
    with_step(monkeypatch, "ALTER TABLE member ADD COLUMN hobby TEXT NOT NULL DEFAULT '';\n")
    migrated = Store.open(path, now=NOW)
    assert migrated.read().value("SELECT count(*) FROM member WHERE hobby=''") == 50
    assert migrated.read().value("PRAGMA user_version") == len(STEPS) + 1
    assert migrated.schema == "m9999_test"
    migrated.close()
    made = list_backups(backup.folder_of(path), "shop")
    assert [(copy.why, copy.members) for copy in made] == [("migrate", 50)]
    Store.open(path, now=NOW).close()
    assert len(list_backups(backup.folder_of(path), "shop")) == 1


def test_a_failing_migration_leaves_the_file_as_it_was(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    path = store.path
    assert path is not None
    store.close()
    before = path.read_bytes()
    with_step(monkeypatch, "ALTER TABLE member ADD COLUMN hobby TEXT;\nINSERT INTO nowhere VALUES (1);\n")
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        Store.open(path, now=NOW)
    db = sqlite3.connect(path)
    assert db.execute("PRAGMA user_version").fetchone() == (len(STEPS),)
    assert "hobby" not in [row[1] for row in db.execute("PRAGMA table_info(member)")]
    db.close()
    assert len(before) == path.stat().st_size


def test_renewed_derived_tables_need_no_backup(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    path = store.path
    assert path is not None
    store.close()
    monkeypatch.setattr(schema, "_FINGERPRINT", "another")
    Store.open(path, now=NOW).close()
    db = sqlite3.connect(path)
    assert db.execute("SELECT value FROM d_state WHERE key='schema'").fetchone() == ("another",)
    assert db.execute("SELECT count(*) FROM member").fetchone() == (50,)
    db.close()
    assert list_backups(backup.folder_of(path), "shop") == []


def test_of_two_in_one_second_the_later_is_listed_first(store: Store) -> None:
    made = [make(store, why).path for why in ("daily", "by_hand", "by_hand", "before_import")]
    assert [copy.path for copy in list_backups(made[0].parent, "shop")] == made[::-1]


def test_the_second_step_leaves_the_records_and_what_finds_them(tmp_path: Path) -> None:
    path = tmp_path / "first.db"
    db = sqlite3.connect(path)
    with pytest.MonkeyPatch.context() as older:
        older.setattr(schema, "STEPS", STEPS[:1])
        schema.migrate(db)
    db.execute("INSERT INTO member(name) VALUES ('王芳')")
    db.execute("INSERT INTO journal_entry(at, day, kind) VALUES ('2026-11-21 10:00:00', '2026-11-21', 'add')")
    db.execute("INSERT INTO journal_change VALUES (1, 0, 'member', 1, 1, 'insert', NULL, NULL)")
    db.commit()
    db.close()
    with_two = Store.open(path, now=NOW)
    rx = with_two.read()
    assert rx.value("SELECT name FROM member") == "王芳"
    assert rx.value("SELECT count(*) FROM journal_change") == 1
    for sql in (
        "SELECT id FROM task WHERE member_id = 1 AND state = 'open'",
        "SELECT entry_id FROM journal_change WHERE tbl = 'contact' AND op = 'insert' AND row_id <= 9",
        "SELECT entry_id FROM journal_change WHERE tbl = 'member' AND row_id = 9 AND op <> 'insert'",
    ):
        plan = " ".join(row[3] for row in rx.all("EXPLAIN QUERY PLAN " + sql))
        assert plan.startswith("SEARCH"), plan
    with_two.close()
    assert [copy.why for copy in list_backups(backup.folder_of(path), "first")] == ["migrate"]


def test_an_old_copy_somebody_has_open_keeps_no_new_one_away(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = [make(store, at=NOW - timedelta(days=200 - n)) for n in range(40)]
    remove = Path.unlink

    def held(file: Path, missing_ok: bool = False) -> None:
        if file == old[0].path:
            raise PermissionError(13, "in use")
        remove(file, missing_ok)

    monkeypatch.setattr(Path, "unlink", held)
    made = make(store, keep=10)
    assert made.path.exists()
    left = list_backups(made.path.parent, "shop")
    assert made in left
    assert old[0] in left
    assert len(left) < 40


def test_what_a_killed_program_left_of_a_copy_goes_with_the_old_ones(store: Store) -> None:
    folder = make(store).path.parent
    mine, theirs = (
        [folder / f".{stem}-20261120-103000-day.db.part", folder / f"{stem}-20261120-103000-day.db.sha256"]
        for stem in ("shop", "shop-east")
    )
    for half in mine + theirs:
        half.write_bytes(b"half")
    make(store)
    assert all(half.exists() for half in mine)  # only where older ones are thinned
    make(store, keep=10)
    assert not any(half.exists() for half in mine)
    assert all(half.exists() for half in theirs), "another shop may be writing it right now"


def test_a_disk_that_cannot_flush_folders_takes_copies(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    flush = os.fsync

    def of_a_share(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "folders cannot be flushed here")
        flush(handle)

    monkeypatch.setattr(os, "fsync", of_a_share)
    assert make(store).path.exists()
