"""The audit trail: what leaves a line, that no line can be changed unseen, and that it names no member."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from shopcrm.basics.errors import StoreError
from shopcrm.basics.records import MemberDraft, MemberId
from shopcrm.shop import Shop
from shopcrm.shop.backups import restore
from shopcrm.store import audit


def kinds(shop: Shop) -> list[str]:
    return [line.kind for line in reversed(audit.lines(shop.store.read(), 100))]


@pytest.fixture
def file(tmp_path: Path, clock: Any) -> Path:
    """A shop in which a few things happened that leave a line, and some that do not."""
    path = tmp_path / "shop.db"
    with Shop.open(path, clock=clock) as shop:
        shop.actor = shop.settings.add_staff("林姐", "owner").value
        one = shop.members.save(MemberDraft(name="王芳", phones=(("13800000001",) * 2,))).value
        two = shop.members.save(MemberDraft(name="李敏")).value
        shop.settings.set_many({"tasks_per_day": 9, "no_answer_days": 3})
        shop.merging.merge(one, two)
        shop.undo()
        shop.exports.members(tmp_path / "王芳和朋友.xlsx")
        shop.exports.person(tmp_path / "王芳.xlsx", one)
        card = shop.papers.member_card(one)
        shop.papers.printed(card, lambda: None)
        shop.papers.saved(card, tmp_path / "王芳.pdf", lambda path: path.write_bytes(b"%PDF"))
        shop.start_day()
    return path


def test_what_is_taken_merged_or_set_leaves_a_line_and_nothing_else_does(file: Path, clock: Any) -> None:
    with Shop.open(file, clock=clock) as shop:
        assert kinds(shop) == [
            "staff.add", "setting.set", "member.merge", "undo.member.merge", "export", "export", "export",
            "export",
        ]  # fmt: skip
        newest = audit.lines(shop.store.read(), 4)
        assert [line.id for line in newest] == [8, 7, 6, 5]
        assert [line.what.get("what") for line in newest] == ["会员卡", "会员卡", None, "会员名单"]
        assert newest[3].what["n"] == 2
        assert newest[3].staff == "林姐"
        assert audit.lines(shop.store.read(), 1, skip=6)[0].what["keys"] == [
            "tasks_per_day",
            "no_answer_days",
        ]
        assert audit.how_many(shop.store.read()) == 8
        assert audit.first_fault(shop.store.read()) is None
        assert shop.backups.check().sound


def test_nobody_is_named_in_it(file: Path) -> None:
    db = sqlite3.connect(file)
    written = " ".join(str(value) for row in db.execute("SELECT * FROM audit") for value in row)
    db.close()
    assert "林姐" in written
    for name in ("王芳", "李敏", "13800000001"):
        assert name not in written


def test_what_was_refused_or_changed_nothing_leaves_no_line(tmp_path: Path, clock: Any) -> None:
    with Shop.open(tmp_path / "shop.db", clock=clock) as shop:
        shop.settings.set("tasks_per_day", 15)  # as it is

        def fail() -> None:
            with shop.store.write("setting.set", None, clock()) as tx:
                tx.insert("setting", key="x", value="1", at="")
                raise StoreError("full")

        with pytest.raises(StoreError):
            fail()
        assert kinds(shop) == []
        assert audit.first_fault(shop.store.read()) is None


CHANGES = {
    "a name": ("UPDATE audit SET staff = '小雯' WHERE id = 3", 3),
    "a number": ("UPDATE audit SET what = replace(what, '2', '1') WHERE id = 5", 5),
    "the seal": ("UPDATE audit SET seal = 'x' WHERE id = 1", 1),
    "a line gone": ("DELETE FROM audit WHERE id = 2", 2),
    "the first gone": ("DELETE FROM audit WHERE id = 1", 1),
    "the last gone": ("DELETE FROM audit WHERE id = 6", 6),
    "all gone": ("DELETE FROM audit", 1),
    "two exchanged": ("UPDATE audit SET id = 11 - id WHERE id IN (5, 6)", 5),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_line_is_found(change: str, file: Path, clock: Any) -> None:
    sql, at = CHANGES[change]
    db = sqlite3.connect(file)
    with pytest.raises(sqlite3.IntegrityError, match="audit trail stays"):
        db.execute("DELETE FROM audit" if "DELETE" in sql else "UPDATE audit SET staff = ''")
    for trigger in ("audit_unchanged", "audit_undeleted"):
        db.execute(f"DROP TRIGGER {trigger}")
    if change == "two exchanged":
        sql = "UPDATE audit SET id = id + 100 WHERE id IN (5, 6)"
        db.execute(sql)
        sql = "UPDATE audit SET id = 111 - id WHERE id > 100"
    db.execute(sql)
    db.commit()
    db.close()
    with Shop.open(file, clock=clock) as shop:
        assert audit.first_fault(shop.store.read()) == at
        report = shop.backups.check()
        assert not report.sound
        assert str(at) in report.problems[0]
        shop.backups.now("by_hand")  # a copy is made all the same: the records are as good as they were
        shop.settings.set("tasks_per_day", 7)
        assert audit.first_fault(shop.store.read()) == at  # later lines heal nothing


def test_erasing_a_member_leaves_a_line_that_does_not_tell_whom(file: Path, clock: Any) -> None:
    with Shop.open(file, clock=clock) as shop:
        shop.members.erase(MemberId(1))
        line = audit.lines(shop.store.read(), 1)[0]
        assert line.kind == "member.erase"
        assert "member_id" not in str(line.what)
        assert audit.first_fault(shop.store.read()) is None


def test_a_restore_says_who_did_it_and_how_much_of_the_trail_it_put_away(file: Path, clock: Any) -> None:
    with Shop.open(file, clock=clock) as shop:
        copy = shop.backups.now("by_hand").path
        shop.settings.add_staff("小雯", "assistant")
        shop.settings.set("tasks_per_day", 7)
    restore(file, copy, clock, by="林姐")
    with Shop.open(file, clock=clock) as shop:
        line = audit.lines(shop.store.read(), 1)[0]
        assert (line.kind, line.staff, line.what["lines"]) == ("restore", "林姐", 2)
    restore(file, copy, clock, by="从前的老板")
    with Shop.open(file, clock=clock) as shop:
        line = audit.lines(shop.store.read(), 1)[0]
        assert (line.staff, line.what["by"]) == ("", "从前的老板")


def test_a_restore_is_told_of_in_what_was_restored(file: Path, clock: Any) -> None:
    with Shop.open(file, clock=clock) as shop:
        copy = shop.backups.now("by_hand").path
        shop.settings.set("tasks_per_day", 7)
    restore(file, copy, clock)
    with Shop.open(file, clock=clock) as shop:
        line = audit.lines(shop.store.read(), 1)[0]
        assert line.kind == "restore"
        assert line.what["copy"] == copy.name
        assert kinds(shop)[-2] == "export"  # what came after the copy is in the copy made before the restore
        assert audit.first_fault(shop.store.read()) is None


def test_the_lines_stay_when_their_step_is_taken_back(file: Path, clock: Any) -> None:
    with Shop.open(file, clock=clock) as shop:
        shop.settings.set("tasks_per_day", 7)
        shop.undo()
        shop.redo()
        assert kinds(shop)[-3:] == ["setting.set", "undo.setting.set", "redo.setting.set"]
