"""The store: one transaction an intention, errors mapped, nothing kept of a write that changed nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from shopcrm.basics.errors import Cancelled, StoreError
from shopcrm.basics.progress import Progress
from shopcrm.store import Rx, Store, Tx
from shopcrm.store.connection import connect, faults
from shopcrm.store.migrations import STEPS

ALSO_ENCRYPTED = (
    "test_a_long_statement_is_broken_off_and_leaves_nothing",
    "test_foreign_keys_are_on_and_a_breach_stays_a_bug",
    "test_opening_an_up_to_date_file_writes_nothing_and_loads_no_slow_module",
    "test_creating_a_file_keeps_pandas_out",
    "test_what_holds_for_the_whole_shop_is_asked_again_once_it_changed",
    "test_work_on_everybody_has_more_room_and_gives_it_back",
)  # all but these, which look into the file by themselves

NOW = datetime.fromisoformat("2026-11-21 10:30")


@pytest.fixture
def store() -> Iterator[Store]:
    opened = Store.open(":memory:", now=NOW)
    yield opened
    opened.close()


def a_member(tx: Tx, name: str = "王丽") -> int:
    return tx.insert("member", name=name)


def entries(store: Store) -> list[tuple[object, ...]]:
    return store.read().all("SELECT id, kind FROM journal_entry")


def test_write_commits_and_says_what_it_touched(store: Store) -> None:
    with store.write("member.add", None, NOW) as tx:
        member = a_member(tx)
    done = tx.done(member, "done.saved")
    assert done.value == member
    assert done.changes.members.ids == {member}
    assert done.entry == entries(store)[0][0]
    assert store.read().value("SELECT name FROM member") == "王丽"


def test_what_holds_for_the_whole_shop_is_asked_again_once_it_changed(tmp_path: Path) -> None:
    """By this program, by another one, or by a write that was rolled back."""
    asked: list[int] = []

    def people(rx: Rx) -> tuple[str, ...]:
        asked.append(1)
        return tuple(name for (name,) in rx.all("SELECT name FROM staff ORDER BY id"))

    def told() -> tuple[tuple[str, ...], int]:
        asked.clear()
        with store.write("member.add", None, NOW) as tx:
            a_member(tx)
            found = tx.known(people)
            assert tx.known(people) == found
        return found, len(asked)

    def taken_back(person: int) -> None:
        with store.write("staff.add", None, NOW) as tx:
            tx.delete("staff", person)
            assert tx.known(people) == ()
            raise ValueError("planted")

    file = tmp_path / "shop.db"
    store = Store.open(file, now=NOW)
    try:
        assert told() == ((), 1)
        assert told() == ((), 0)  # a member is nobody's business
        with store.write("staff.add", None, NOW) as tx:
            person = tx.insert("staff", name="小雯", role="assistant")
            assert tx.known(people) == ("小雯",)
        assert told() == (("小雯",), 0)
        with store.write("staff.rename", None, NOW) as tx:
            tx.update("staff", person, name="阿芳")
        assert told() == (("阿芳",), 1)
        with pytest.raises(ValueError, match="planted"):
            taken_back(person)
        assert told() == (("阿芳",), 1)
        other = connect(file, write=True)
        other.execute("UPDATE staff SET name = '小雯'")
        other.close()
        assert told() == (("小雯",), 1)
        assert store.read().known(people) == store.read().known(people) == ("小雯",)
        assert len(asked) == 3  # outside a write each time
    finally:
        store.close()


@pytest.mark.parametrize("table", ["setting", "staff", "event", "d_state"])
def test_each_table_of_the_whole_shop_is_watched(store: Store, table: str) -> None:
    rows = {
        "setting": ("key, value, at", "'k', '1', ''"), "staff": ("name, role", "'小雯', 'assistant'"),
        "event": ("kind, day, until, types, lead, name", "'festival', '2027-01-01', '', '', 0, '元旦'"),
        "d_state": ("key, value", "'k', 'v'"),
    }  # fmt: skip
    columns, values = rows[table]
    changed = next(iter(columns.split(", ")))
    count = lambda rx: rx.value(f"SELECT count(*) || max({changed}) FROM {table}")  # noqa: E731
    for sql in (
        f"INSERT INTO {table} ({columns}) VALUES ({values})",
        f"UPDATE {table} SET {changed} = {changed} || 'x'",
        f"DELETE FROM {table}",
    ):
        with store.write("x", None, NOW) as tx:
            before = tx.known(count)
            tx.derive(sql)
            assert tx.known(count) != before


def test_work_on_everybody_has_more_room_and_gives_it_back(store: Store) -> None:
    def room() -> int:
        return int(store.read().value("PRAGMA cache_size"))

    def stumble() -> None:
        with store.write("x", None, NOW) as tx, tx.roomy():
            raise ValueError("planted")

    before = room()
    with store.write("x", None, NOW) as tx:
        with tx.roomy():
            assert abs(room()) > 4 * abs(before)
            with tx.roomy():
                pass
            assert abs(room()) > 4 * abs(before)
        assert room() == before
    with pytest.raises(ValueError, match="planted"):
        stumble()
    assert room() == before


def test_a_fault_right_after_the_beginning_leaves_nothing_open(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shopcrm.store._VERSION", "SELECT planted")
    with pytest.raises(faults(), match="planted"), store.write("member.add", None, NOW):
        pass
    monkeypatch.undo()
    with store.write("member.add", None, NOW) as tx:
        a_member(tx)
    assert store.read().value("SELECT count(*) FROM member") == 1


def test_whoever_may_not_write_leaves_nothing_open(store: Store) -> None:
    def refuse(tx: Tx) -> None:
        raise ValueError("not you")

    with pytest.raises(ValueError, match="not you"), store.write("member.add", None, NOW, check=refuse) as tx:
        a_member(tx)
    assert not store.connection.in_transaction
    with store.write("member.add", None, NOW, check=lambda tx: None) as tx:
        a_member(tx)
    assert store.read().value("SELECT count(*) FROM member") == 1


@pytest.mark.parametrize("error", [ValueError, Cancelled, KeyboardInterrupt])
def test_any_exception_rolls_back(store: Store, error: type[BaseException]) -> None:
    def planted() -> None:
        with store.write("member.add", None, NOW) as tx:
            a_member(tx)
            raise error

    with pytest.raises(error):
        planted()
    assert store.read().value("SELECT count(*) FROM member") == 0
    assert entries(store) == []
    with store.write("member.add", None, NOW) as tx:
        a_member(tx)
    assert store.read().value("SELECT count(*) FROM member") == 1


def test_a_write_inside_a_write_is_a_bug(store: Store) -> None:
    with store.write("a", None, NOW), pytest.raises(RuntimeError), store.write("b", None, NOW):
        pass


def test_a_write_that_changes_nothing_leaves_no_entry(store: Store) -> None:
    with store.write("member.add", None, NOW) as tx:
        member = a_member(tx)
    with store.write("member.save", None, NOW) as tx:
        assert not tx.update("member", member, name="王丽", notes="")
        assert tx.entry
    assert tx.done(None, "done.saved").entry is None
    assert [kind for _, kind in entries(store)] == ["member.add"]


def test_update_journals_only_what_changed(store: Store) -> None:
    with store.write("member.add", None, NOW) as tx:
        member = a_member(tx)
    with store.write("member.save", None, NOW) as tx:
        tx.update("member", member, name="王莉", notes="", wechat="w1")
    row = store.read().one("SELECT op, before, after FROM journal_change WHERE entry_id=?", (tx.entry,))
    assert row == ("update", '{"name":"王丽","wechat":""}', '{"name":"王莉","wechat":"w1"}')


def test_insert_many_is_one_journal_row_for_one_run(store: Store) -> None:
    with store.write("import", None, NOW) as tx:
        ids = tx.insert_many("member", ("name",), [(f"会员{n}",) for n in range(100)])
        more = tx.insert_many("member", ("name",), [("一",), ("二",)])
        none = tx.insert_many("member", ("name",), [])
    assert (len(ids), len(more), len(none)) == (100, 2, 0)
    assert store.read().value("SELECT name FROM member WHERE id=?", (more[1],)) == "二"
    assert store.read().all("SELECT tbl, row_id, last_id, op FROM journal_change") == [
        ("member", ids[0], more[-1], "insert")
    ]


@pytest.mark.parametrize("count", [1, 2, 448, 449, 450, 451, 2_000])
def test_rows_given_by_columns_keep_their_order_whatever_they_share(store: Store, count: int) -> None:
    with store.write("import", None, NOW) as tx:
        first, *_ = tx.insert_columns(
            "member",
            {
                "notes": ["同"] * count,
                "name": [f"会员{n}" for n in range(count)],
                "joined": [None] * count,
                "points_opening": range(count),
            },
        )
        alike = tx.insert_columns("member", {"name": ["一样"] * count, "gender": ["f"] * count})
    found = store.read().all(
        "SELECT id, name, notes, joined, points_opening FROM member WHERE name <> '一样'"
    )
    assert found == [(first + n, f"会员{n}", "同", None, n) for n in range(count)]
    assert store.read().value("SELECT count(*) FROM member WHERE name='一样' AND gender='f'") == count
    assert store.read().all("SELECT row_id, last_id FROM journal_change") == [(first, alike[-1])]


def test_ids_are_never_used_twice(store: Store) -> None:
    with store.write("member.add", None, NOW) as tx:
        first = a_member(tx)
    with store.write("member.delete", None, NOW) as tx:
        tx.delete("member", first)
        assert tx.insert_many("member", ("name",), [("新",)])[0] > first


def test_foreign_keys_are_on_and_a_breach_stays_a_bug(store: Store) -> None:
    with pytest.raises(sqlite3.IntegrityError), store.write("x", None, NOW) as tx:
        tx.insert("sale", member_id=99, day="2026-11-21")


def test_recipe(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "shop.db", now=NOW)
    values = {
        name: store.read().value(f"PRAGMA {name}")
        for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "cache_spill")
    }
    assert values == {
        "journal_mode": "delete", "synchronous": 3, "foreign_keys": 1, "secure_delete": 1, "cache_spill": 0,
    }  # fmt: skip
    reader = store.reader()
    with pytest.raises(StoreError) as caught:
        reader.all("DELETE FROM member")
    assert caught.value.code == "readonly"
    reader.close()
    store.close()
    store.close()


def test_opening_an_up_to_date_file_writes_nothing_and_loads_no_slow_module(tmp_path: Path) -> None:
    import subprocess
    import sys

    path = tmp_path / "shop.db"
    Store.open(path, now=NOW).close()
    before = path.read_bytes()
    code = (
        "import sys; from datetime import datetime; from shopcrm.store import Store;"
        f"Store.open({str(path)!r}, now=datetime(2026, 11, 21)).close();"
        "print([m for m in ('sqlite_utils', 'pandas', 'numpy', 'openpyxl') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
    assert path.read_bytes() == before


def test_creating_a_file_keeps_pandas_out(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys; from datetime import datetime; from shopcrm.store import Store;"
        f"Store.open({str(tmp_path / 'new.db')!r}, now=datetime(2026, 11, 21)).close();"
        "print([m for m in ('sqlite_utils', 'pandas', 'numpy') if m in sys.modules]); import pandas"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "['sqlite_utils']"


def test_schema_is_recorded_both_ways(store: Store) -> None:
    rx = store.read()
    assert rx.value("PRAGMA user_version") == len(STEPS)
    assert rx.all("SELECT migration_set, name FROM _sqlite_migrations") == [
        ("shopcrm", name) for name, _ in STEPS
    ]
    strict = rx.all(
        "SELECT name FROM pragma_table_list WHERE schema='main' AND type='table' AND strict=0"
        " AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_sqlite_%'"
    )
    assert strict == []


def test_any_folder_name_will_do(tmp_path: Path) -> None:
    path = tmp_path / "店铺 #1 100%?" / "shop.db"
    store = Store.open(path, now=NOW)
    with store.write("member.add", None, NOW) as tx:
        a_member(tx)
    reader = store.reader()
    assert reader.value("SELECT count(*) FROM member") == 1
    reader.close()
    store.close()
    assert path.stat().st_size > 0
    assert sorted(file.name for file in path.parent.iterdir()) == ["shop.db", "shop.db.lock"]


def test_a_long_statement_is_broken_off_and_leaves_nothing(store: Store) -> None:
    """Also one that changes rows; what else was raised stays what it is, and later statements run."""
    progress = Progress()
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "

    def stop_it(sql: str) -> None:
        progress.stop()
        with store.write("test", None, NOW) as tx, tx.heeding(progress):
            tx.insert("member", name="王丽")
            tx.derive(sql)

    with pytest.raises(Cancelled):
        stop_it(endless + "SELECT count(*) FROM n")
    with pytest.raises(Cancelled):
        stop_it(endless + "INSERT INTO d_item SELECT i, i FROM n")
    assert store.read().all("SELECT * FROM member") == []
    with (
        pytest.raises(sqlite3.OperationalError),
        store.write("test", None, NOW) as tx,
        tx.heeding(Progress()),
    ):
        tx.derive("no statement")
    with store.write("test", None, NOW) as tx:
        tx.derive(endless + "INSERT INTO d_item SELECT i, i FROM n LIMIT 300000")
    assert store.read().value("SELECT count(*) FROM d_item") == 300_000
