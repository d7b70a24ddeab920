"""Undo from before-images: exact, in reverse, sparing what was touched since."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopcrm.store import Store, Tx
from shopcrm.store.journal import Undone, last_entry, may_undo, undo

ALSO_ENCRYPTED: tuple[str, ...] = ()

NOW = datetime.fromisoformat("2026-11-21 10:30")
TABLES = ("staff", "member", "phone", "sale", "line", "visit", "task", "contact", "setting")


@pytest.fixture
def store() -> Iterator[Store]:
    opened = Store.open(":memory:", now=NOW)
    yield opened
    opened.close()


def dump(store: Store) -> dict[str, list[Any]]:
    return {table: store.read().all(f"SELECT * FROM {table} ORDER BY id") for table in TABLES}


def take_back(store: Store, entry: int) -> tuple[int, Undone]:
    assert may_undo(store.read(), entry)
    with store.write("undo", None, NOW, undoes=entry) as tx:
        undone = undo(tx, entry)
        return tx.entry, undone


def sell(tx: Tx, member: int | None, fen: int = 30_000, returns: int | None = None) -> tuple[int, int]:
    sale = tx.insert("sale", member_id=member, day="2026-11-20")
    return sale, tx.insert("line", sale_id=sale, amount_fen=fen, item="连衣裙", returns_line_id=returns)


def load(store: Store, members: int, sales_each: int = 1) -> int:
    """As an import books: members, phones, sales and lines in runs, and an update of each tenth member."""
    with store.write("import", None, NOW) as tx:
        ids = tx.insert_many("member", ("name",), ((f"会员{n}",) for n in range(members)))
        tx.insert_many(
            "phone", ("member_id", "seq", "typed", "key"), ((m, 1, str(m), f"138{m:08}") for m in ids)
        )
        sales = tx.insert_many(
            "sale", ("member_id", "day"), ((m, "2026-10-01") for m in ids for _ in range(sales_each))
        )
        tx.insert_many("line", ("sale_id", "amount_fen"), ((s, 9_900) for s in sales))
        for m in ids[::10]:
            tx.update("member", m, notes="老客")
        return tx.entry


def test_the_same_values_in_many_rows_are_journaled_row_by_row(store: Store) -> None:
    with store.write("member.add", None, NOW) as tx:
        members = tx.insert_many("member", ("name", "notes"), [("王丽", ""), ("周曼", "老客"), ("陈静", "")])
    before = dump(store)
    with store.write("x", None, NOW) as tx:
        tx.update_same("member", [*members, 999], notes="老客", tags="")
        entry, done = tx.entry, tx.done(None, "done.day")
    with store.write("x", None, NOW) as tx:
        tx.update_same("member", members, notes="老客")
        assert tx.done(None, "done.day").entry is None, "nothing changed"
    changes = store.read().all(
        "SELECT row_id, before, after FROM journal_change WHERE entry_id = ? ORDER BY seq", (entry,)
    )
    assert changes == [(n, '{"notes":""}', '{"notes":"老客"}') for n in (members[0], members[2])]
    assert done.changes.members.ids == {members[0], members[2]}
    take_back(store, entry)
    assert dump(store) == before


def test_undo_takes_back_insert_update_and_delete(store: Store) -> None:
    with store.write("member.add", None, NOW) as tx:
        member = tx.insert("member", name="王丽", notes="旧")
        phone = tx.insert("phone", member_id=member, seq=1, typed="138", key="138")
    before = dump(store)
    with store.write("member.save", None, NOW) as tx:
        tx.update("member", member, name="王莉", notes="新")
        tx.delete("phone", phone)
        tx.insert("phone", member_id=member, seq=1, typed="139", key="139")
        entry = tx.entry
    after = dump(store)
    redo, undone = take_back(store, entry)
    assert dump(store) == before
    assert (undone.members, undone.kept, undone.renamed) == ({member}, (), {member})
    again, _ = take_back(store, redo)
    assert dump(store) == after
    assert may_undo(store.read(), entry)
    assert not may_undo(store.read(), redo)
    take_back(store, again)
    assert dump(store) == before


def test_last_entry_walks_back_over_undone_ones(store: Store) -> None:
    made = []
    for name in "甲乙丙":
        with store.write("member.add", None, NOW) as tx:
            tx.insert("member", name=name)
            made.append(tx.entry)
    with store.write("day.start", None, NOW) as tx:
        tx.insert("member", name="自动")
    for entry in reversed(made):
        assert last_entry(store.read(), store.session_start) == entry
        redo, _ = take_back(store, entry)
    assert last_entry(store.read(), store.session_start) is None
    take_back(store, redo)
    assert last_entry(store.read(), store.session_start) == made[0]
    assert last_entry(store.read(), made[0] + 1) is None


def test_import_undo_restores_the_dump(store: Store) -> None:
    with store.write("member.add", None, NOW) as tx:
        sell(tx, tx.insert("member", name="早就在"))
    before = dump(store)
    entry = load(store, 300)
    _, undone = take_back(store, entry)
    assert dump(store) == before
    assert undone.kept == ()


def test_a_member_with_a_later_sale_is_kept_with_her_phone_and_named(store: Store) -> None:
    before = dump(store)
    entry = load(store, 50)
    member = store.read().value("SELECT id FROM member WHERE name='会员7'")
    with store.write("sale.add", None, NOW) as tx:
        sale, _ = sell(tx, member)
    _, undone = take_back(store, entry)
    assert undone.kept == (member,)
    left = dump(store)
    assert [row[1] for row in left["member"]] == ["会员7"]
    assert [row[1] for row in left["phone"]] == [member]
    assert [row[0] for row in left["sale"]] == [sale]
    assert before["member"] == []


def test_a_line_with_a_later_return_keeps_its_whole_receipt(store: Store) -> None:
    with store.write("import", None, NOW) as tx:
        member = tx.insert("member", name="王丽")
        sale, line = sell(tx, member)
        other = tx.insert("line", sale_id=sale, amount_fen=100)
        sell(tx, member)
        entry = tx.entry
    with store.write("sale.add", None, NOW) as tx:
        sell(tx, member, -30_000, line)
    _, undone = take_back(store, entry)
    assert undone.kept == (member,)
    left = dump(store)
    assert [row[0] for row in left["line"]][:2] == [line, other]
    assert len(left["sale"]) == 2


def test_a_row_edited_since_is_kept_and_named_the_rest_goes_back(store: Store) -> None:
    with store.write("member.add", None, NOW) as tx:
        a = tx.insert("member", name="甲")
        b = tx.insert("member", name="乙")
    with store.write("import", None, NOW) as tx:
        tx.update("member", a, notes="导入")
        tx.update("member", b, notes="导入")
        entry = tx.entry
    with store.write("member.save", None, NOW) as tx:
        tx.update("member", a, notes="手改")
        edit = tx.entry
    redo, undone = take_back(store, entry)
    assert undone.kept == (a,)
    assert store.read().all("SELECT notes FROM member ORDER BY id") == [("手改",), ("",)]
    take_back(store, redo)
    assert store.read().all("SELECT notes FROM member ORDER BY id") == [("手改",), ("导入",)]
    take_back(store, edit)
    _, undone = take_back(store, entry)
    assert undone.kept == ()
    assert store.read().all("SELECT notes FROM member ORDER BY id") == [("",), ("",)]


def test_a_to_do_that_moved_by_itself_hinders_nothing(store: Store) -> None:
    with store.write("import", None, NOW) as tx:
        member = tx.insert("member", name="王丽")
        task = tx.insert(
            "task", member_id=member, rule="P2", anchor="2026-11-21", type="potential", due="2026-11-22",
            expires="2026-12-22", channel="message", why="{}", priority=0.1 + 0.2,
        )  # fmt: skip
        entry = tx.entry
    with store.write("day.start", None, NOW) as tx:
        tx.update("task", task, priority=2.5)
    redo, undone = take_back(store, entry)
    assert undone.kept == ()
    assert dump(store)["member"] == dump(store)["task"] == []
    take_back(store, redo)
    with store.write("task.finish", None, NOW) as tx:
        tx.update("task", task, state="done")
    _, undone = take_back(store, entry)
    assert undone.kept == (member,)


def test_to_dos_the_rules_made_later_do_not_keep_a_member(store: Store) -> None:
    before = dump(store)
    entry = load(store, 3)
    first = store.read().value("SELECT min(id) FROM member")

    def a_task(tx: Tx, member: int, **values: Any) -> int:
        return tx.insert(
            "task", member_id=member, rule="P2", anchor=str(tx.entry), type="potential", due="2026-11-22",
            expires="2026-12-22", channel="message", why="{}", **values,
        )  # fmt: skip

    with store.write("day.start", None, NOW) as tx:
        for member in range(first, first + 3):
            a_task(tx, member)
        worked_on = a_task(tx, first, step=2, outcome="reached", state="done")
    redo, undone = take_back(store, entry)
    assert undone.kept == (first,)
    assert [row[0] for row in dump(store)["member"]] == [first]
    assert worked_on in [row[0] for row in dump(store)["task"]]
    take_back(store, redo)
    with store.write("task.reopen", None, NOW) as tx:
        tx.delete("task", worked_on)
    _, undone = take_back(store, entry)
    assert (undone.kept, dump(store)) == ((), before)


def test_an_empty_undo_still_counts(store: Store) -> None:
    with store.write("member.add", None, NOW) as tx:
        member = tx.insert("member", name="王丽")
        entry = tx.entry
    with store.write("member.save", None, NOW) as tx:
        tx.update("member", member, notes="x")
    _, undone = take_back(store, entry)
    assert undone.kept == (member,)
    assert not may_undo(store.read(), entry)


def test_undo_of_a_big_import_takes_seconds(store: Store) -> None:
    entry = load(store, 5_000, 4)
    start = time.perf_counter()
    _, undone = take_back(store, entry)
    assert time.perf_counter() - start < 10
    assert len(undone.members) == 5_000
    assert all(rows == [] for rows in dump(store).values())


STEP = st.tuples(
    st.sampled_from(("member", "phone", "sale", "line", "update", "void", "unphone", "visit")),
    st.integers(0, 50),
    st.text("王丽x1", max_size=3),
)


def play(tx: Tx, steps: list[tuple[str, int, str]]) -> None:
    for what, n, text in steps:

        def some(table: str, n: int = n) -> int | None:
            ids = [row[0] for row in tx.all(f"SELECT id FROM {table} ORDER BY id")]
            return ids[n % len(ids)] if ids else None

        member, sale, phone = some("member"), some("sale"), some("phone")
        if what == "member":
            tx.insert("member", name=text, referrer_id=member)
        elif what == "phone" and member:
            tx.insert("phone", member_id=member, seq=n, typed=text, key=text)
        elif what == "sale":
            tx.insert("sale", member_id=member, day="2026-11-21", note=text)
        elif what == "line" and sale:
            tx.insert("line", sale_id=sale, amount_fen=n, returns_line_id=some("line"))
        elif what == "update" and member:
            tx.update("member", member, name=text, height=str(n))
        elif what == "void" and sale:
            tx.update("sale", sale, voided_on="2026-11-21", void_reason=text)
        elif what == "unphone" and phone:
            tx.delete("phone", phone)
        elif what == "visit" and member:
            tx.insert("visit", member_id=member, day="2026-11-21", kind="tried", says=text)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(STEP, max_size=12), min_size=1, max_size=4))
def test_undo_of_everything_in_turn_restores_each_dump(parts: list[list[tuple[str, int, str]]]) -> None:
    store = Store.open(":memory:", now=NOW)
    try:
        dumps, made = [], []
        for steps in parts:
            before = dump(store)
            with store.write("play", None, NOW) as tx:
                play(tx, steps)
            entry = tx.done(None, "done.saved").entry
            if entry is not None:
                dumps.append(before)
                made.append(entry)
        end = dump(store)
        redos = []
        for entry, before in zip(reversed(made), reversed(dumps), strict=True):
            redo, undone = take_back(store, entry)
            assert undone.kept == ()
            assert dump(store) == before
            redos.append(redo)
        for redo in reversed(redos):
            take_back(store, redo)
        assert dump(store) == end
    finally:
        store.close()
