"""A call-back list goes out, is filled in, and comes home as outcomes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from shopcrm.basics.errors import ConflictError, Refusal, RightsError
from shopcrm.basics.records import OutcomeDraft
from shopcrm.basics.texts import LANGUAGES, t, use
from shopcrm.excel import reader
from shopcrm.shop import Shop
from shopcrm.shop.dump import dump
from shopcrm.shop.homecoming import HomePlan
from tests.conftest import DAY

TOMORROW = DAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def read_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of our own making need no process of their own; the flows go the whole way."""
    monkeypatch.setattr(reader, "read", lambda path, *_, **__: reader.read_here(path))


@pytest.fixture
def listed(shop: Any, a_member: Callable[..., Any], tmp_path: Path) -> Path:
    """The list of six members who stand on today's list, as a workbook."""
    shop.followups.add_today([a_member(name) for name in ("王丽", "李敏", "赵岚", "陈静", "周莉", "吴倩")])
    path: Path = shop.exports.callbacks(tmp_path / "回访名单.xlsx").value
    return path


Rows = list[list[object]]


def edit(path: Path, change: Callable[[Rows], Rows]) -> Path:
    """Rewrite the rows below the heading, and the heading itself."""
    book = openpyxl.load_workbook(path)
    sheet = book.active
    rows = change([[cell.value for cell in row] for row in sheet.iter_rows()])
    plain = openpyxl.Workbook()
    for row in rows:
        plain.active.append(row)
    plain.save(path)
    return path


def at(rows: Rows, heading: str) -> int:
    return rows[0].index(t(f"callbacks.{heading}"))


def fill(path: Path, *said: tuple[object, ...]) -> Path:
    """Fill (outcome, next day, note) into the first rows."""

    def change(rows: Rows) -> Rows:
        for row, words in zip(rows[1:], said, strict=False):
            for heading, value in zip(("outcome", "next", "note"), words, strict=False):
                row[at(rows, heading)] = value
        return rows

    return edit(path, change)


def home(shop: Any, path: Path) -> tuple[HomePlan, Any]:
    plan = shop.homecoming.preview(path)
    return plan, shop.homecoming.apply(plan)


def told(shop: Any) -> list[tuple[object, ...]]:
    return [
        (c["member_name"], c["outcome"], c["next_date"], c["note"])
        for c in dump(shop.store.read())["contacts"]
    ]


def adds_up(plan: HomePlan) -> bool:
    return plan.rows == len(plan.ready) + plan.rows_empty + plan.rows_same + plan.rows_clash


def test_filled_rows_become_outcomes_and_blank_ones_nothing(shop: Any, listed: Path) -> None:
    fill(listed, ("联系上了", None, "下周来试大衣"), ("没接通", TOMORROW), (), ("会来店", "2026-11-24", ""))
    before = dump(shop.store.read())
    plan, done = home(shop, listed)
    assert (len(plan.ready), plan.rows_empty, plan.rows_same, plan.clashes) == (3, 3, 0, ())
    assert adds_up(plan)
    assert sorted(told(shop)) == [
        ("李敏", "no_answer", "2026-11-22", ""),
        ("王丽", "reached", None, "下周来试大衣"),
        ("陈静", "will_come", "2026-11-24", ""),
    ]
    states = {
        task["member_name"]: task["state"]
        for task in dump(shop.store.read())["tasks"]
        if task["rule"] == "M1"
    }
    assert (states["王丽"], states["李敏"]) == ("done", "open")
    shop.undo(done.entry)
    assert dump(shop.store.read()) == before


def test_the_same_as_on_the_screen(shop: Any, listed: Path, clock: Any, tmp_path: Path) -> None:
    drafts = [
        OutcomeDraft("reached"), OutcomeDraft("no_answer"), OutcomeDraft("will_come"),
        OutcomeDraft("refused"), OutcomeDraft("wrong_number"), OutcomeDraft("later"),
    ]  # fmt: skip
    fill(listed, *((t(f"out.{number}"),) for number in range(1, 7)))
    tasks = [row.task for row in shop.homecoming.preview(listed).ready]
    _, done = home(shop, listed)
    by_list = dump(shop.store.read())
    shop.undo(done.entry)
    for task, draft in zip(tasks, drafts, strict=True):
        shop.followups.finish(task, draft)
    assert dump(shop.store.read()) == by_list


def test_a_second_reading_adds_nothing(shop: Any, listed: Path) -> None:
    fill(listed, ("联系上了",), ("没接通", TOMORROW, "忙"), ("改天", "看不懂"))
    plan = shop.homecoming.preview(listed)
    shop.homecoming.apply(plan, {0: 0})
    after, entries = dump(shop.store.read()), shop.store.read().value("SELECT max(id) FROM journal_entry")
    plan, done = home(shop, listed)
    assert (plan.ready, plan.rows_same, plan.clashes, done.value.batch) == ((), 3, (), None)
    assert dump(shop.store.read()) == after
    assert shop.store.read().value("SELECT max(id) FROM journal_entry") == entries


def test_a_second_list_with_the_same_words_is_a_second_try(shop: Any, listed: Path, clock: Any) -> None:
    home(shop, fill(listed, ("没接通", TOMORROW)))
    clock.set(TOMORROW)
    shop.start_day()
    second = shop.exports.callbacks(listed.with_name("二.xlsx"), everything=True).value

    def tick(rows: Rows) -> Rows:
        for row in rows[1:]:
            if row[0] == "王丽":
                row[at(rows, "outcome")] = "没接通"
        return rows

    plan, _ = home(shop, edit(second, tick))
    assert len(plan.ready) == 1
    assert [c[1] for c in told(shop)] == ["no_answer", "no_answer"]


def sort_rows(rows: Rows) -> Rows:
    return [rows[0], *sorted(rows[1:], key=lambda row: str(row[-1]), reverse=True)]


def cut_rows(rows: Rows) -> Rows:
    return rows[:3] + rows[5:]


def cut_columns(rows: Rows) -> Rows:
    kept = [at(rows, name) for name in ("task", "outcome", "next", "note")]
    return [[row[place] for place in kept] for row in rows]


def double_rows(rows: Rows) -> Rows:
    return [*rows, *(list(row) for row in rows[1:])]


def other_words(rows: Rows) -> Rows:
    free = [at(rows, name) for name in ("name", "type", "why", "phone", "say")]
    return [
        rows[0],
        *([("改" if place in free else cell) for place, cell in enumerate(row)] for row in rows[1:]),
    ]


def title_above(rows: Rows) -> Rows:
    return [["十一月二十一日 回访"], [], *rows, ["小雯 打的电话"]]


@pytest.mark.parametrize(
    "change", [sort_rows, cut_columns, double_rows, other_words, title_above], ids=lambda f: f.__name__
)
def test_the_key_alone_says_who_is_meant(shop: Any, listed: Path, change: Callable[[Rows], Rows]) -> None:
    edit(fill(listed, ("联系上了", None, "好"), ("没接通",), ("不需要",)), change)
    plan, _ = home(shop, listed)
    assert adds_up(plan)
    assert plan.clashes == ()
    assert sorted(c[:2] for c in told(shop)) == [
        ("李敏", "no_answer"),
        ("王丽", "reached"),
        ("赵岚", "refused"),
    ]


def test_rows_cut_out_stay_as_they_are(shop: Any, listed: Path) -> None:
    home(shop, edit(fill(listed, ("联系上了",), ("联系上了",), ("联系上了",), ("联系上了",)), cut_rows))
    assert sorted(c[0] for c in told(shop)) == ["李敏", "王丽"]


def test_rows_that_disagree_are_a_choice(shop: Any, listed: Path) -> None:
    def two_ways(rows: Rows) -> Rows:
        other = list(rows[1])
        other[at(rows, "outcome")] = "不需要"
        return [*rows, other]

    edit(fill(listed, ("联系上了",)), two_ways)
    plan = shop.homecoming.preview(listed)
    assert adds_up(plan)
    assert plan.rows_clash == 2
    (clash,) = plan.clashes
    assert (clash.code, clash.name, clash.now) == ("rows_differ", "王丽", None)
    assert [offer.words for offer in clash.offers] == ["联系上了", "不需要"]
    shop.homecoming.apply(plan, {0: 1})
    assert told(shop) == [("王丽", "refused", None, "")]


def test_what_was_recorded_meanwhile_stays_unless_chosen(shop: Any, listed: Path) -> None:
    fill(listed, ("不需要",), ("联系上了",))
    tasks = {row.name: row.id for row in shop.view().tasks(shop.view().day_list().open)}
    shop.followups.finish(tasks["王丽"], OutcomeDraft("reached", note="要红的"))
    before = dump(shop.store.read())
    plan, done = home(shop, listed)
    (clash,) = plan.clashes
    assert clash.code == "recorded_otherwise"
    assert clash.now is not None
    assert "要红的" in str(clash.now.values["said"])
    assert sorted(c[:2] for c in told(shop)) == [("李敏", "reached"), ("王丽", "reached")]
    shop.undo(done.entry)
    assert dump(shop.store.read()) == before
    done = shop.homecoming.apply(shop.homecoming.preview(listed), {0: 0})
    assert sorted(c[:2] for c in told(shop)) == [("李敏", "reached"), ("王丽", "refused")]
    shop.undo(done.entry)
    assert dump(shop.store.read()) == before


def test_a_purchase_meanwhile_is_a_choice_and_a_run_out_to_do_is_none(
    shop: Any, listed: Path, clock: Any, a_sale: Any
) -> None:
    fill(listed, ("没接通",), ("联系上了",))
    members = {row.name: row.member for row in shop.view().tasks(shop.view().day_list().open)}
    a_sale(members["王丽"])
    plan = shop.homecoming.preview(listed)
    assert [(clash.code, clash.name) for clash in plan.clashes] == [("closed_meanwhile", "王丽")]
    clock.set(DAY + timedelta(days=30))
    shop.start_day()
    states = {
        task["member_name"]: task["state"]
        for task in dump(shop.store.read())["tasks"]
        if task["rule"] == "M1"
    }
    assert states["李敏"] == "expired"
    home(shop, listed)
    assert told(shop) == [("李敏", "reached", None, "")]


@pytest.mark.parametrize(
    ("said", "code", "offered"),
    [
        (("没接通", "过几天"), "bad_date", True),
        (("改天", "2026-11-20"), "next_day_past", True),
        (("会来店", "2029-01-01"), "next_day_far", True),
        (("打通了吧",), "unknown_outcome", False),
        (("", TOMORROW, ""), "no_outcome", False),
        (("", None, "她说会来"), "no_outcome", False),
        (("联系上了", None, "长" * 2001), "text_long", False),
    ],
)
def test_what_cannot_be_read_is_told(
    shop: Any, listed: Path, said: tuple[object, ...], code: str, offered: bool
) -> None:
    plan = shop.homecoming.preview(fill(listed, said, ("联系上了",)))
    assert adds_up(plan)
    (clash,) = plan.clashes
    assert (clash.code, bool(clash.offers), clash.rows) == (code, offered, (("Sheet", 2),))
    assert t(clash.why.id, **clash.why.values)
    shop.homecoming.apply(plan)
    assert [c[0] for c in told(shop)] == ["李敏"]
    if offered:
        plan = shop.homecoming.preview(listed)
        shop.homecoming.apply(plan, {0: 0})
        assert len(told(shop)) == 2


def test_keys_of_another_shop_fit_nobody(shop: Any, listed: Path, clock: Any) -> None:
    fill(listed, ("联系上了",), ("没接通",))

    def add_without_key(rows: Rows) -> Rows:
        row = list(rows[1])
        row[at(rows, "task")] = None
        return [*rows, row]

    edit(listed, add_without_key)
    clock.set(DAY, "11:30")
    with Shop.open(":memory:", clock=clock) as other:
        from shopcrm.basics.records import MemberDraft

        members = [other.members.save(MemberDraft(name=f"别家{n}")).value for n in range(6)]
        other.followups.add_today(members)
        plan = other.homecoming.preview(listed)
        assert [clash.code for clash in plan.clashes] == ["key_unknown", "key_unknown", "no_key"]
        assert other.homecoming.apply(plan).entry is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_in_any_language_is_read_in_any_other(
    shop: Any, a_member: Any, tmp_path: Path, language: str
) -> None:
    use(language)
    shop.followups.add_today([a_member("王丽"), a_member("李敏")])
    path = shop.exports.callbacks(tmp_path / "list.xlsx").value
    fill(path, (t("out.4"), None, "x"), (t("out.3"), "2026-11-25"))
    use("zh_CN")
    home(shop, path)
    assert sorted(told(shop)) == [("李敏", "will_come", "2026-11-25", ""), ("王丽", "refused", None, "x")]


def test_a_day_that_an_outcome_does_not_take_is_kept_in_the_note(shop: Any, listed: Path) -> None:
    home(shop, fill(listed, ("联系上了", "2026-12-01", "好")))
    assert told(shop) == [("王丽", "reached", None, "好；下次 12月1日")]


def test_changing_one_outcome_of_a_list_leaves_the_others(shop: Any, listed: Path) -> None:
    fill(listed, ("联系上了",), ("不需要",), ("没接通",))
    plan, done = home(shop, listed)
    shop.followups.change(plan.ready[1].task, OutcomeDraft("reached"))
    assert sorted(c[:2] for c in told(shop)) == [
        ("李敏", "reached"),
        ("王丽", "reached"),
        ("赵岚", "no_answer"),
    ]
    paused = shop.store.read().value("SELECT count(*) FROM member WHERE pause_until IS NOT NULL")
    assert paused == 0
    shop.followups.reopen(plan.ready[0].task)
    assert sorted(c[:2] for c in told(shop)) == [("李敏", "reached"), ("赵岚", "no_answer")]
    shop.undo(done.entry)
    assert ("赵岚", "no_answer") not in [c[:2] for c in told(shop)]
    assert ("李敏", "reached") in [c[:2] for c in told(shop)]


def test_a_list_stands_in_the_history_of_imports_and_is_taken_back_from_there(
    shop: Any, listed: Path
) -> None:
    before = dump(shop.store.read())
    _, done = home(shop, fill(listed, ("联系上了",), ("没接通",)))
    (batch,) = shop.view().batches()
    assert (batch.file, batch.contacts_new, batch.undoable) == ("回访名单.xlsx", 2, True)
    shop.imports.undo(done.value.batch)
    assert dump(shop.store.read()) == before


def test_a_plan_the_shop_has_overtaken_is_not_written(shop: Any, listed: Path, a_member: Any) -> None:
    plan = shop.homecoming.preview(fill(listed, ("联系上了",)))
    a_member("新来的")
    with pytest.raises(ConflictError):
        shop.homecoming.apply(plan)
    assert told(shop) == []


def test_what_is_no_such_list_is_refused(shop: Any, listed: Path, tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        shop.imports.preview(fill(listed, ("联系上了",)))
    assert refused.value.code == "is_callbacks"
    assert "read-callbacks" in refused.value.sentence

    def without(*gone: str) -> Callable[[Rows], Rows]:
        def change(rows: Rows) -> Rows:
            places = {at(rows, name) for name in gone}
            return [[cell for place, cell in enumerate(row) if place not in places] for row in rows]

        return change

    edit(listed, without("outcome"))
    with pytest.raises(Refusal) as refused:
        shop.homecoming.preview(listed)
    assert refused.value.code == "callbacks_no_outcome"
    members = shop.exports.members(tmp_path / "m.xlsx").value
    with pytest.raises(Refusal) as refused:
        shop.homecoming.preview(members)
    assert refused.value.code == "callbacks_no_key"


def test_report_tells_every_row(shop: Any, listed: Path) -> None:
    fill(listed, ("联系上了",), ("不知道",), ("没接通", "哪天"))
    plan = shop.homecoming.preview(listed)
    done = shop.homecoming.apply(plan)
    report = shop.homecoming.report(plan, done.value)
    assert (
        report["rows"]
        == 6
        == sum(int(str(report[name])) for name in ("recorded", "same", "empty", "conflicts"))
    )
    assert [(p["row"], p["code"], p["value"]) for p in report["problems"]] == [
        (3, "unknown_outcome", "不知道"),
        (4, "bad_date", "哪天"),
    ]


def test_an_outcome_and_a_purchase_meanwhile_give_way_to_the_list_if_chosen(
    shop: Any, listed: Path, a_sale: Any
) -> None:
    fill(listed, ("不需要",))
    row = next(row for row in shop.view().tasks(shop.view().day_list().open) if row.name == "王丽")
    shop.followups.finish(row.id, OutcomeDraft("no_answer"))
    a_sale(row.member)
    before = dump(shop.store.read())
    plan = shop.homecoming.preview(listed)
    assert [clash.code for clash in plan.clashes] == ["recorded_otherwise"]
    done = shop.homecoming.apply(plan, {0: 0})
    assert told(shop) == [("王丽", "refused", None, "")]
    shop.undo(done.entry)
    assert dump(shop.store.read()) == before


def test_a_list_made_before_two_members_became_one(shop: Any, listed: Path) -> None:
    fill(listed, (), ("联系上了", None, "换了新号"))
    rx = shop.store.read()
    keep, gone = (rx.value("SELECT id FROM member WHERE name=?", (name,)) for name in ("吴倩", "李敏"))
    rx_tasks = "SELECT member_id FROM task WHERE rule='M1' AND state='done'"
    with shop.store.write("test", None, shop.clock()) as tx:  # or the survivor's own to-do takes its place
        tx.delete("task", tx.value("SELECT id FROM task WHERE member_id=?", (keep,)))
    shop.merging.merge(keep, gone)
    plan, _ = home(shop, listed)
    assert [clash.code for clash in plan.clashes] == []
    assert rx.all(rx_tasks) == [(keep,)]
    assert told(shop) == [("吴倩", "reached", None, "换了新号")]


def test_a_masked_list_comes_home_in_the_hands_of_who_may_import(
    shop: Any, listed: Path, tmp_path: Path
) -> None:
    owner = shop.settings.add_staff("林姐", "owner").value
    helper = shop.settings.add_staff("小雯", "assistant").value
    shop.actor = owner
    shop.settings.change_staff(helper, "assistant", ("export",))
    shop.actor = helper
    path = shop.exports.callbacks(tmp_path / "遮住.xlsx").value
    assert "****" in str([[cell.value for cell in row] for row in openpyxl.load_workbook(path).active])
    fill(path, ("联系上了", None, "下周来试大衣"))
    before = dump(shop.store.read())
    with pytest.raises(RightsError) as caught:
        shop.homecoming.preview(path)
    assert caught.value.right == "import"
    assert dump(shop.store.read()) == before
    shop.actor = owner
    shop.settings.change_staff(helper, "assistant", ("import",))
    shop.actor = helper
    home(shop, path)
    assert told(shop) == [("王丽", "reached", None, "下周来试大衣")]
