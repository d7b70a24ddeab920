"""An import taken back: everything is as it was, also what was overwritten; what people did since stays."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shopcrm.basics.errors import Refusal
from shopcrm.basics.records import BatchId, LineDraft, MemberDraft, MemberId, OutcomeDraft, SaleDraft, TaskId
from shopcrm.excel.writer import write_raw
from shopcrm.shop import Shop
from shopcrm.shop.dump import dump
from shopcrm.shop.imports import Choices, ImportPlan
from tests.flows.running import run

DAY = date(2026, 11, 21)
TABLES = ("staff", "member", "phone", "sale", "line", "visit", "task", "contact", "setting")
A, B, C = "13800000001", "13800000002", "13800000003"
M = [
    "姓名",
    "手机号",
    "备用手机",
    "会员卡号",
    "性别",
    "生日",
    "上衣尺码",
    "标签",
    "喜好",
    "归属导购",
    "推荐人",
    "积分",
    "备注",
]
S = ["小票号", "手机号", "姓名", "消费日期", "商品", "尺码", "数量", "实收金额", "导购"]
V = ["手机号", "姓名", "到店日期", "试穿", "未购原因", "导购"]
K = ["手机号", "姓名", "回访日期", "回访结果", "跟进内容", "下次跟进日期", "导购"]
Sheets = Sequence[tuple[str, Sequence[str], Sequence[Sequence[object]]]]


def picture(shop: Shop) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that is kept or worked out, ids too."""
    rx = shop.store.read()
    found = {table: rx.all(f"SELECT * FROM {table} ORDER BY id") for table in TABLES}
    found["types"] = rx.all(
        "SELECT member_id, type, code, n, spend, n12, spend12 FROM d_case ORDER BY member_id"
    )
    found["search"] = rx.all("SELECT * FROM d_search ORDER BY member_id")
    found["days"] = rx.all("SELECT * FROM d_purchase_day ORDER BY member_id, d")
    return found


def steps(shop: Shop) -> int:
    return int(shop.store.read().value("SELECT count(*) FROM journal_entry") or 0)


def some_file(folder: Path, seed: int, *, people: int = 25, name: str = "") -> Path:
    """A workbook of four sheets; the same people turn up in every seed with other things to say of them."""
    chance = random.Random(seed)

    def of(*values: object) -> object:
        return chance.choice(values)

    def phone() -> str:
        return f"138000000{chance.randrange(people):02}"

    def day() -> date:
        return DAY - timedelta(chance.randrange(700))

    members = [
        [
            f"王{chance.choice('甲乙丙丁')}", phone(), of(None, f"139000000{chance.randrange(90):02}"),
            of(None, f"V{chance.randrange(900)}"), of(None, "男", "女"), of(None, "5月1日", "1990-07-08"),
            of(None, "M", "L"), of(None, "老客", "团购"), of(None, "真丝"), of(None, "小雯", f"导购{seed}"),
            of(None, "王甲"), of(None, 10, 20), of(None, "怕热", "怕冷"),
        ]
        for _ in range(people)
    ]  # fmt: skip
    sales = [
        [of(None, f"X{seed}{n // 2}"), phone(), None, day(), of("裙", "裤"), of(None, "M"), of(1, 2),
         of(100, 250.5, 900, -100), of("小雯", "阿珍")]
        for n in range(people * 2)
    ]  # fmt: skip
    visits = [[phone(), None, day(), of("是", None), of("没码", "太贵", None), "小雯"] for _ in range(8)]
    contacts = [
        [
            phone(),
            None,
            day(),
            of("没接", "会来", "谈了新款"),
            of(None, "下周再来"),
            None,
            of("阿珍", "老板娘"),
        ]
        for _ in range(8)
    ]
    sheets: Sheets = [("会员", M, members), ("销售", S, sales), ("到店", V, visits), ("回访", K, contacts)]
    return write_raw(folder / (name or f"{seed}.xlsx"), sheets)


def bring_in(shop: Shop, path: Path, **choices: Any) -> tuple[ImportPlan, Any]:
    plan = shop.imports.preview(path)
    if choices:
        plan = shop.imports.replan(plan, Choices(**choices))
    return plan, shop.imports.apply(plan)


@pytest.mark.parametrize("policy", ["fill", "overwrite", "skip", "new"])
def test_1_6_undo_brings_everything_back_and_redo_everything_again(
    shop: Shop, tmp_path: Path, policy: str
) -> None:
    bring_in(shop, some_file(tmp_path, 0))
    shop.start_day()
    before, told = picture(shop), dump(shop.store.read())
    _, done = bring_in(shop, some_file(tmp_path, 1), policy=policy)
    after = picture(shop)
    undone = shop.imports.undo(done.value.batch)
    assert undone.value == ()
    assert picture(shop) == before
    assert dump(shop.store.read()) == told
    shop.undo(undone.entry)
    assert picture(shop) == after
    shop.imports.undo(done.value.batch)
    assert picture(shop) == before


def test_undo_in_turn_of_imports_on_top_of_each_other(shop: Shop, tmp_path: Path) -> None:
    before: list[tuple[dict[str, Any], BatchId]] = []
    for seed in range(4):
        seen = picture(shop)
        _, done = bring_in(shop, some_file(tmp_path, seed), policy="overwrite" if seed % 2 else "fill")
        before.append((seen, done.value.batch))
    for seen, batch in reversed(before):
        shop.imports.undo(batch)
        assert picture(shop) == seen


def test_undo_of_an_earlier_import_keeps_and_names_what_a_later_one_changed(
    shop: Shop, tmp_path: Path
) -> None:
    first = write_raw(tmp_path / "1.xlsx", [("会员", M[:2], [["王红", A], ["李娜", B], ["赵六", C]])])
    second = write_raw(tmp_path / "2.xlsx", [("会员", ["手机号", "性别"], [[A, "女"]]),
                                             ("销售", S[1:4] + S[7:8], [[B, None, DAY, 100]])])  # fmt: skip
    _, one = bring_in(shop, first)
    _, two = bring_in(shop, second)
    undone = shop.imports.undo(one.value.batch)
    assert sorted(undone.value) == ["李娜", "王红"]
    assert "王红" in undone.sentence.values["names"]
    data = dump(shop.store.read())
    assert [(m["name"], m["phone"], m["gender"]) for m in data["members"]] == [
        ("李娜", B, ""),
        ("王红", A, "女"),
    ]
    assert len(data["sales"]) == 1
    shop.undo(undone.entry)
    assert len(dump(shop.store.read())["members"]) == 3
    assert two.value.batch is not None


def test_undo_keeps_what_people_did_since(shop: Shop, tmp_path: Path) -> None:
    _, done = bring_in(shop, some_file(tmp_path, 1))
    rows = shop.store.read().all(
        "SELECT m.id, p.typed, p.key FROM member m JOIN phone p ON p.member_id = m.id AND p.seq = 1"
    )
    edited, bought, untouched = rows[:3]
    shop.members.save(MemberDraft(id=MemberId(edited[0]), name="改过", phones=(edited[1:],)))
    shop.counter.sell(SaleDraft(MemberId(bought[0]), DAY, (LineDraft(5_000, "帽"),)))
    undone = shop.imports.undo(done.value.batch)
    left = {row[0]: row[1] for row in shop.store.read().all("SELECT id, name FROM member")}
    assert untouched[0] not in left
    assert {"改过", left[bought[0]]} <= set(undone.value)
    assert [sale["item"] for sale in dump(shop.store.read())["sales"]] == ["帽"]


def test_overwritten_values_come_back_unless_changed_since(shop: Shop, tmp_path: Path) -> None:
    bring_in(shop, write_raw(tmp_path / "1.xlsx", [("会员", M[:7], [
        ["王红", A, B, "V1", "女", "5月1日", "M"], ["李娜", C, None, "V2", "女", None, "M"]])]))  # fmt: skip
    before = picture(shop)
    rows = [
        ["王小红", A, "13800000009", "V9", "男", "6月2日", "L"],
        ["李小娜", C, None, "V8", "男", None, "XL"],
    ]
    over = write_raw(tmp_path / "2.xlsx", [("会员", M[:7], rows)])
    _, done = bring_in(shop, over, policy="overwrite")
    assert done.value.members_updated == 2
    shop.imports.undo(done.value.batch)
    assert picture(shop) == before
    _, done = bring_in(shop, over, policy="overwrite")
    lina = next(m for m in shop.store.read().all("SELECT id, name FROM member") if m[1] == "李小娜")[0]
    shop.members.save(MemberDraft(id=MemberId(lina), name="李大娜", phones=((C, C),)))
    undone = shop.imports.undo(done.value.batch)
    assert undone.value == ("李大娜",)
    assert sorted(m["name"] for m in dump(shop.store.read())["members"]) == ["李大娜", "王红"]


@pytest.mark.parametrize(("days", "may"), [(0, True), (29, True), (30, True), (31, False), (400, False)])
def test_an_import_can_be_taken_back_for_thirty_days(tmp_path: Path, days: int, may: bool) -> None:
    now = [datetime(2026, 11, 21, 10, 0)]
    with_clock = Shop.open(":memory:", clock=lambda: now[0])
    _, done = bring_in(with_clock, write_raw(tmp_path / "1.xlsx", [("会员", M[:2], [["王红", A]])]))
    now[0] += timedelta(days)
    with_clock.start_day()
    assert with_clock.view().batches()[0].undoable is may
    for batch in (done.value.batch, None):
        if may:
            with_clock.imports.undo(batch)
            break
        with pytest.raises(Refusal) as refused:
            with_clock.imports.undo(batch)
        assert refused.value.code == "batch_too_old"
        assert "1.xlsx" in refused.value.sentence
    assert bool(dump(with_clock.store.read())["members"]) is not may
    with_clock.close()


def test_an_import_is_taken_back_once(shop: Shop, tmp_path: Path) -> None:
    _, done = bring_in(shop, write_raw(tmp_path / "1.xlsx", [("会员", M[:2], [["王红", A]])]))
    shop.imports.undo(done.value.batch)
    for batch, code in (
        (done.value.batch, "batch_undone"),
        (None, "nothing_to_undo"),
        (BatchId(99), "batch_unknown"),
    ):
        with pytest.raises(Refusal) as refused:
            shop.imports.undo(batch)
        assert refused.value.code == code


def test_1_5_a_second_import_of_everything_adds_nothing_and_writes_no_step(
    shop: Shop, tmp_path: Path
) -> None:
    path = some_file(tmp_path, 3)
    plan, _ = bring_in(shop, path)
    before, count = picture(shop), steps(shop)
    again, done = bring_in(shop, path)
    assert done.value.batch is None
    assert done.entry is None
    assert (picture(shop), steps(shop)) == (before, count)
    assert again.counts.rows_ready == 0
    assert again.counts.sales_duplicate == plan.counts.sales_new
    assert again.counts.visits_duplicate == plan.counts.visits_new + plan.counts.contacts_new


def test_a_long_list_of_names_is_counted(shop: Shop, tmp_path: Path) -> None:
    rows = [[f"王{n}", f"138000000{n:02}"] for n in range(9)]
    _, one = bring_in(shop, write_raw(tmp_path / "1.xlsx", [("会员", M[:2], rows)]))
    bring_in(
        shop, write_raw(tmp_path / "2.xlsx", [("会员", [*M[:2], "性别"], [[*row, "女"] for row in rows])])
    )
    undone = shop.imports.undo(one.value.batch)
    assert len(undone.value) == 9
    assert "9" in str(undone.sentence.values["names"])


def test_a_member_somebody_followed_up_stays(shop: Shop, tmp_path: Path) -> None:
    _, done = bring_in(shop, some_file(tmp_path, 1))
    shop.start_day()
    found = shop.store.read().one(
        "SELECT t.id, m.name FROM task t JOIN member m ON m.id = t.member_id"
        " WHERE t.state='open' AND m.name <> '' ORDER BY t.id LIMIT 1"
    )
    assert found is not None
    task, name = found
    shop.followups.finish(TaskId(task), OutcomeDraft("reached"))
    undone = shop.imports.undo(done.value.batch)
    assert shop.store.read().value("SELECT count(*) FROM contact WHERE task_id=?", (task,)) == 1
    assert name in undone.value


def test_undo_in_a_shop_that_ran_for_weeks(tmp_path: Path) -> None:
    """Types that grew day by day come back as they were, not as a replay would make them."""
    now = [datetime(2026, 9, 20, 10, 0)]
    shop = Shop.open(":memory:", clock=lambda: now[0])
    bring_in(shop, some_file(tmp_path, 0, people=60))
    chance = random.Random(5)
    ids = [row[0] for row in shop.store.read().all("SELECT id FROM member")]
    while now[0].date() < DAY:
        shop.start_day()
        sold = LineDraft(chance.choice([5_000, 30_000, 90_000]), "裙")
        shop.counter.sell(SaleDraft(MemberId(chance.choice(ids)), now[0].date(), (sold,)))
        now[0] += timedelta(1)
    shop.start_day()
    for people in (60, 4):  # everybody is classified anew, or a few
        before = picture(shop)
        _, done = bring_in(shop, some_file(tmp_path, 7, people=people), policy="overwrite")
        after = picture(shop)
        undone = shop.imports.undo(done.value.batch)
        assert picture(shop) == before
        shop.undo(undone.entry)
        assert picture(shop) == after
        shop.imports.undo(done.value.batch)
    bring_in(shop, some_file(tmp_path, 8, people=60))
    now[0] += timedelta(1)
    shop.start_day()
    assert shop.store.read().all("SELECT name FROM sqlite_master WHERE name LIKE 'd_before%'") == []
    shop.close()


def test_1_6_the_command_takes_back_and_names_who_stays(tmp_path: Path) -> None:
    db = tmp_path / "shop.db"
    file = write_raw(tmp_path / "会员.xlsx", [("会员", M[:2], [["王红", A], ["李娜", B]])])
    more = write_raw(tmp_path / "性别.xlsx", [("会员", ["手机号", "性别"], [[A, "女"]])])
    for path in (file, more):
        assert run("import", path, "--db", db).code == 0
    assert run("undo-import", "1", "--db", db).data() == {"kept": ["王红"]}
    assert run("undo-import", "--db", db).code == 0
    assert [(m["name"], m["gender"]) for m in run("dump", "--db", db).data()["members"]] == [("王红", "")]
    refused = run("undo-import", "--db", db)
    assert refused.code == 3
    assert "没有可以撤销的" in refused.err
    other = tmp_path / "other.db"
    assert run("import", file, "--db", other).code == 0
    assert run("undo-import", "--db", other).code == 0
    assert not any(run("dump", "--db", other).data().values())
    assert run("import", file, "--db", other, "--day", "2026-01-01").code == 0
    late = run("undo-import", "--db", other, "--day", "2026-03-01")
    assert late.code == 3
    assert "30 天" in late.err
