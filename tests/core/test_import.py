"""Imports into a shop: one transaction, twice the same file, undo, conflicts, the report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from shopcrm.basics.errors import Cancelled, ConflictError, Refusal
from shopcrm.basics.progress import Progress
from shopcrm.basics.records import MemberDraft
from shopcrm.excel.fates import Choices
from shopcrm.excel.writer import write_raw
from shopcrm.shop import Shop
from shopcrm.shop.dump import dump

M = ["姓名", "手机号", "卡号", "性别", "生日", "归属导购", "推荐人", "积分", "备注"]
S = ["单号", "手机号", "姓名", "消费日期", "商品", "尺码", "数量", "实收金额", "导购"]
PEOPLE = [
    ["王丽", "138 0000 0001", "V1", "女", "5月1日", "小雯", None, 120, "怕热"],
    ["李娜", "13800000002/13900000002", None, "女", "农历八月十五", "小雯", "王丽", None, None],
    ["赵六", None, "V3", "男", None, None, None, None, None],
]
SALES = [
    ["A1", "13800000001", "王丽", date(2026, 10, 1), "衬衫", "M", 1, 199, "小雯"],
    ["A1", "13800000001", "王丽", date(2026, 10, 1), "裙子", "M", 2, 600, "小雯"],
    ["A2", "13800000009", "新客", date(2026, 10, 2), "大衣", "L", 1, "¥1,299", "阿珍"],
    ["A1", "13800000001", "王丽", date(2026, 10, 5), "衬衫", "M", 1, -199, "小雯"],
]


def a_file(
    folder: Path, *sheets: tuple[str, Sequence[str], Sequence[Sequence[object]]], name: str = "f.xlsx"
) -> Path:
    return write_raw(folder / name, sheets)


def imported(shop: Any, path: Path) -> dict[str, Any]:
    plan = shop.imports.preview(path)
    done = shop.imports.apply(plan)
    return json.loads(json.dumps(shop.imports.report(plan, done.value)))


@pytest.fixture
def both(tmp_path: Path) -> Path:
    return a_file(tmp_path, ("会员", M, PEOPLE), ("销售", S, SALES))


def without_ids(data: dict[str, Any]) -> str:
    return json.dumps(
        {name: data[name] for name in ("members", "sales", "visits", "contacts")}, ensure_ascii=False
    )


def test_members_and_sales_of_one_file_are_in_the_shop(shop: Any, both: Path) -> None:
    report = imported(shop, both)
    data = dump(shop.store.read())
    assert report["outcome"] == "imported"
    assert (report["members_new"], report["sales_new"]) == (4, 4)
    assert next(m for m in data["members"] if m["name"] == "赵六") == {
        "name": "赵六",
        "phone": None,
        "phone2": None,
        "gender": "男",
        "birthday": None,
        "card_no": "V3",
        "notes": "",
    }
    by_name = {member["name"]: member for member in data["members"]}
    assert by_name["王丽"] == {
        "name": "王丽",
        "phone": "13800000001",
        "phone2": None,
        "gender": "女",
        "birthday": "--05-01",
        "card_no": "V1",
        "notes": "怕热",
    }
    assert by_name["李娜"]["phone2"] == "13900000002"
    assert by_name["李娜"]["birthday"] == "L:--08-15"
    assert sorted(sale["amount_fen"] for sale in data["sales"]) == [-19900, 19900, 60000, 129900]


def test_receipts_are_grouped_by_number_member_and_day_and_returns_linked(shop: Any, both: Path) -> None:
    imported(shop, both)
    rx = shop.store.read()
    assert rx.all(
        "SELECT order_no, day, count(*) FROM sale s JOIN line l ON l.sale_id=s.id GROUP BY s.id"
    ) == [
        ("A1", "2026-10-01", 2),
        ("A2", "2026-10-02", 1),
        ("A1", "2026-10-05", 1),
    ]
    linked = rx.all("SELECT b.item, b.amount_fen FROM line r JOIN line b ON b.id = r.returns_line_id")
    assert linked == [("衬衫", 19900)]


def test_staff_referrer_points_typed_phone_and_search(shop: Any, both: Path) -> None:
    imported(shop, both)
    rx = shop.store.read()
    assert rx.all("SELECT name, role FROM staff ORDER BY id") == [
        ("小雯", "assistant"),
        ("阿珍", "assistant"),
    ]
    card = shop.view().member(shop.view().search("lina")[0].id)
    assert (card.name, card.referrer, card.staff) == ("李娜", "王丽", "小雯")
    assert rx.value("SELECT points_opening FROM member WHERE name='王丽'") == 120
    assert rx.value("SELECT typed FROM phone WHERE key='13800000001'") == "138 0000 0001"
    assert [row.name for row in shop.view().search("0009")] == ["新客"]


def test_types_follow_the_import(shop: Any, both: Path) -> None:
    plan = shop.imports.preview(both)
    done = shop.imports.apply(plan)
    assert sum(count.members for count in shop.view().type_counts()) == 4
    assert sum(done.value.types.values()) == 4


def test_rule_1_1_a_preview_touches_nothing(shop: Any, both: Path) -> None:
    before = list(shop.store.connection.iterdump())
    shop.imports.preview(both)
    assert list(shop.store.connection.iterdump()) == before


def test_rule_1_5_the_second_import_adds_nothing(shop: Any, both: Path) -> None:
    imported(shop, both)
    before = list(shop.store.connection.iterdump())
    report = imported(shop, both)
    assert (
        report["members_new"],
        report["members_updated"],
        report["sales_new"],
        report["sales_duplicate"],
    ) == (0, 0, 0, 4)
    assert list(shop.store.connection.iterdump()) == before


def test_rule_1_6_undo_restores_the_dump_of_before_also_what_was_filled_in(shop: Any, both: Path) -> None:
    shop.members.save(MemberDraft(name="王丽", phones=(("13800000001", "13800000001"),)))
    before = without_ids(dump(shop.store.read()))
    imported(shop, both)
    assert without_ids(dump(shop.store.read())) != before
    assert shop.imports.undo().value == ()
    assert without_ids(dump(shop.store.read())) == before
    assert [batch.undone for batch in shop.view().batches()] == [True]
    with pytest.raises(Refusal):
        shop.imports.undo()


def test_undo_names_a_member_that_was_changed_since(shop: Any, both: Path) -> None:
    imported(shop, both)
    card = shop.view().member(shop.view().search("王丽")[0].id)
    shop.members.save(MemberDraft(id=card.id, name="王丽丽", phones=(("13800000001", "13800000001"),)))
    kept = shop.imports.undo().value
    assert "王丽丽" in kept
    assert [member["name"] for member in dump(shop.store.read())["members"]] == ["王丽丽"]


def test_an_import_after_an_undo_brings_everything_again(shop: Any, both: Path) -> None:
    imported(shop, both)
    first = without_ids(dump(shop.store.read()))
    shop.imports.undo()
    imported(shop, both)
    assert without_ids(dump(shop.store.read())) == first


def test_known_members_are_filled_and_counted(shop: Any, tmp_path: Path) -> None:
    shop.members.save(MemberDraft(name="王丽", phones=(("13800000001", "13800000001"),), card_no="V9"))
    report = imported(shop, a_file(tmp_path, ("会员", M, PEOPLE)))
    assert (report["members_new"], report["members_updated"]) == (2, 1)
    conflict = next(problem for problem in report["problems"] if problem["code"] == "field_conflict")
    assert (conflict["row"], conflict["column"], conflict["value"], conflict["left_out"]) == (
        2,
        "卡号",
        "V1",
        False,
    )
    assert "V9" in conflict["message"]
    assert {member["card_no"] for member in dump(shop.store.read())["members"]} == {"V9", "", "V3"}


def test_a_shop_that_moved_on_is_a_conflict_and_nothing_is_written(shop: Any, both: Path) -> None:
    plan = shop.imports.preview(both)
    shop.members.save(MemberDraft(name="新人"))
    with pytest.raises(ConflictError):
        shop.imports.apply(plan)
    assert len(dump(shop.store.read())["members"]) == 1
    shop.imports.apply(shop.imports.replan(plan, Choices()))
    assert len(dump(shop.store.read())["members"]) == 5


@pytest.mark.parametrize("at", [1, 3, 5, 8, 12])
def test_cancel_at_any_step_leaves_nothing(shop: Any, both: Path, at: int) -> None:
    plan = shop.imports.preview(both)
    before = list(shop.store.connection.iterdump())
    steps = 0

    class Stopping(Progress):
        def step(self, done: int, total: int, what: str) -> None:
            nonlocal steps
            steps += 1
            if steps == at:
                self.stop()
            super().step(done, total, what)

    try:
        shop.imports.apply(plan, Stopping())
    except Cancelled:
        assert list(shop.store.connection.iterdump()) == before
        shop.imports.apply(shop.imports.replan(plan, Choices()))
    assert len(dump(shop.store.read())["sales"]) == 4


def test_a_backup_is_made_before_an_import_into_a_file(shop_file: Path, clock: Any, both: Path) -> None:
    with Shop.open(shop_file, clock=clock) as shop:
        imported(shop, both)
        assert [file.why for file in shop.backups.files()][:1] == ["import"]


def test_left_out_rows_come_back_as_a_workbook_and_can_be_imported_again(shop: Any, tmp_path: Path) -> None:
    bad = [*PEOPLE, ["孙七", "1380000", None, "女", None, None, None, None, "=1+1"]]
    plan = shop.imports.preview(a_file(tmp_path, ("会员", M, bad)))
    saved = shop.imports.problems_workbook(plan, tmp_path / "要改.xlsx")
    import openpyxl

    book = openpyxl.load_workbook(saved)
    rows = list(book.active.values)
    assert list(rows[0]) == [*M, "问题说明"]
    assert rows[1][:2] == ("孙七", "1380000")
    assert "手机号不对" in rows[1][-1]
    shop.imports.apply(plan)
    book.active["B2"] = "13800000007"
    book.save(saved)
    report = imported(shop, saved)
    assert report["members_new"] == 1
    assert report["ignored_columns"] == ["问题说明"]
    assert "=1+1" in {member["notes"] for member in dump(shop.store.read())["members"]}


def test_a_refusal_is_reported_in_the_same_form(shop: Any, tmp_path: Path) -> None:
    path = a_file(tmp_path, ("x", ["姓名", "手机号"], [["王丽", "1"]]))
    with pytest.raises(Refusal) as refused:
        shop.imports.preview(path)
    report = shop.imports.refused(path, refused.value)
    assert (report["outcome"], report["reason"], report["members_new"]) == ("refused", "no_rows", 0)
    assert report["problems"][0]["code"] == "invalid_phone"
    assert "f.xlsx" in report["message"]


def test_a_mapping_made_by_hand_is_remembered_for_the_same_headings(shop: Any, tmp_path: Path) -> None:
    headings = ["姓名", "手机", "代号"]
    plan = shop.imports.preview(a_file(tmp_path, ("x", headings, [["王丽", "13800000001", "V1"]])))
    assert plan.ignored_columns == ("代号",)
    shop.imports.apply(shop.imports.replan(plan, Choices(mapping={0: {2: "card"}})))
    again = shop.imports.preview(
        a_file(tmp_path, ("x", headings, [["李娜", "13800000002", "V2"]]), name="g.xlsx")
    )
    assert again.ignored_columns == ()
    assert again.matched.people[0].card == "V2"


def test_the_blank_template_has_only_known_headings(shop: Any, tmp_path: Path) -> None:
    from shopcrm.basics.fields import KNOWN_HEADINGS, plain_heading
    from shopcrm.basics.texts import LANGUAGES, use
    from shopcrm.excel.reader import read_here

    for language in LANGUAGES:
        use(language)
        book = read_here(shop.imports.template(tmp_path / f"{language}.xlsx"))
        for sheet in book.sheets:
            assert all(plain_heading(str(cell)) in KNOWN_HEADINGS for cell in sheet.row(0)), (
                language,
                sheet.row(0),
            )


def test_visits_and_contacts_are_imported_once_and_taken_back(shop: Any, tmp_path: Path) -> None:
    path = a_file(
        tmp_path,
        (
            "到店",
            ["到店日期", "手机", "姓名", "试穿", "未购原因"],
            [[date(2026, 11, 1), "13800000001", "王丽", "是", "没有M码"]],
        ),
        ("回访", ["回访日期", "手机", "回访结果"], [[date(2026, 11, 3), "13800000001", "没接"]]),
    )
    for round_ in (1, 2):
        report = imported(shop, path)
        assert report["visits_new"] == (1 if round_ == 1 else 0)
        data = dump(shop.store.read())
        assert [(v["member_name"], v["kind"], v["reasons"]) for v in data["visits"]] == [
            ("王丽", "tried", "no_size")
        ]
        assert [(c["outcome"], c["date"]) for c in data["contacts"]] == [("no_answer", "2026-11-03")]
    shop.imports.undo()
    assert dump(shop.store.read())["visits"] == []
