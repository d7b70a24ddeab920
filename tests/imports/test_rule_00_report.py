"""Import rule 0: what the commands `import` and `dump` say, and that every row is accounted for."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopcrm.basics.errors import Refusal
from shopcrm.excel.writer import write_raw
from shopcrm.shop import Shop
from shopcrm.shop.imports import ImportPlan
from tests.flows.running import TODAY, run

A, B, C = "13800000001", "13800000002", "13800000003"
MEMBERS = [
    ["王红", A, "女", "农历八月十五", "V1", "怕热", 1],
    ["李娜", f"{B}/13900000002", None, "5月1日", None, None, 2],
    ["赵六", "123", None, None, None, None, 3], ["王红", A, "男", None, None, None, 4],
    ["合计", None, None, None, None, None, 99], [None, None, None, None, None, None, None],
    ["钱七", None, None, "属龙", None, None, 5],
]  # fmt: skip
SALES = [
    ["X1", A, "2026-10-01", "裙", 2, 599.5], ["X1", A, "2026-10-01", "裙", 2, 599.5],
    ["X2", C, "2026-10-02", None, None, "¥88"], ["X3", A, "看不清", "裤", 1, 1],
]  # fmt: skip
KEYS = {
    "outcome", "reason", "message", "members_new", "members_updated", "sales_new", "sales_duplicate",
    "rows_skipped",
    "problems", "ignored_sheets", "ignored_columns",
}  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_raw(tmp_path / "店里.xlsx", [
        ("会员", ["姓名", "手机号", "性别", "生日", "会员卡号", "备注", "幸运数字"], MEMBERS),
        ("销售", ["单号", "手机号", "消费日期", "商品", "数量", "实收金额"], SALES),
        ("说明", ["这张表说明怎么填"], []),
    ])  # fmt: skip


def command(path: Path, db: Path) -> tuple[int, dict[str, Any]]:
    out = db.with_suffix(".json")
    answer = run("import", path, "--db", db, "--report", out, "--day", TODAY)
    return answer.code, json.loads(out.read_text(encoding="utf-8"))


def dumped(db: Path) -> dict[str, Any]:
    data: dict[str, Any] = run("dump", "--db", db, "--day", TODAY).data()
    return data


def test_0_the_report_of_an_import(path: Path, tmp_path: Path) -> None:
    code, report = command(path, tmp_path / "shop.db")
    assert code == 0
    assert report.keys() >= KEYS
    assert (report["outcome"], report["reason"]) == ("imported", None)
    assert "店里.xlsx" in report["message"]
    counted = (
        "members_new",
        "members_updated",
        "sales_new",
        "sales_duplicate",
        "rows_skipped",
        "rows",
        "rows_left_out",
    )
    assert {name: report[name] for name in counted} == {
        "members_new": 4, "members_updated": 0, "sales_new": 3, "sales_duplicate": 0, "rows_skipped": 2,
        "rows": 11,
        "rows_left_out": 2,
    }  # fmt: skip
    assert report["ignored_sheets"] == ["说明"]
    assert report["ignored_columns"] == ["幸运数字"]
    assert [
        (p["sheet"], p["row"], p["column"], p["code"], p["value"], p["left_out"]) for p in report["problems"]
    ] == [
        ("会员", 4, "手机号", "invalid_phone", "123", True),
        ("会员", 5, "性别", "field_conflict", "男", False),
        ("会员", 8, "手机号", "no_phone", "", False), ("会员", 8, "生日", "bad_birthday", "属龙", False),
        ("销售", 5, "消费日期", "bad_date", "看不清", True),
    ]  # fmt: skip
    assert all(problem["message"] for problem in report["problems"])


def test_0_the_forms_of_a_dump(path: Path, tmp_path: Path) -> None:
    command(path, tmp_path / "shop.db")
    data = dumped(tmp_path / "shop.db")
    nobody = {"phone": None, "phone2": None, "gender": "", "birthday": None, "card_no": "", "notes": ""}
    hers = {"phone": A, "gender": "女", "birthday": "L:--08-15", "card_no": "V1", "notes": "怕热"}
    assert {member.pop("name"): member for member in data["members"]} == {
        "王红": nobody | hers,
        "李娜": nobody | {"phone": B, "phone2": "13900000002", "birthday": "--05-01"},
        "钱七": nobody,
        "": nobody | {"phone": C},
    }
    names = ("member_phone", "member_name", "date", "amount_fen", "item", "qty")
    assert [tuple(sale[name] for name in names) for sale in data["sales"]] == [
        (A, "王红", "2026-10-01", 59950, "裙", 2),
        (A, "王红", "2026-10-01", 59950, "裙", 2),
        (C, "", "2026-10-02", 8800, "", 1),
    ]


def test_0_the_report_of_a_second_import(path: Path, tmp_path: Path) -> None:
    command(path, tmp_path / "shop.db")
    before = dumped(tmp_path / "shop.db")
    code, report = command(path, tmp_path / "shop.db")
    assert (code, report["outcome"]) == (0, "imported")
    assert (
        report["members_new"],
        report["members_updated"],
        report["sales_new"],
        report["sales_duplicate"],
    ) == (0, 0, 0, 3)
    assert dumped(tmp_path / "shop.db") == before


def test_0_the_report_of_a_refusal(tmp_path: Path) -> None:
    path = write_raw(tmp_path / "坏.xlsx", [("表", ["姓名", "手机号"], [["王红", "123"]])])
    code, report = command(path, tmp_path / "shop.db")
    assert code == 3
    assert report.keys() >= KEYS
    assert (report["outcome"], report["reason"], report["members_new"]) == ("refused", "no_rows", 0)
    assert "坏.xlsx" in report["message"]
    assert [(p["row"], p["code"], p["left_out"]) for p in report["problems"]] == [(2, "invalid_phone", True)]
    assert dumped(tmp_path / "shop.db")["members"] == []


def test_0_left_out_rows_come_back_as_a_workbook_that_can_be_imported(
    shop: Any, path: Path, tmp_path: Path
) -> None:
    """Rule 1.3: the same columns and what is wrong; put right, they are all that was missing."""
    import openpyxl

    plan = shop.imports.preview(path)
    shop.imports.apply(plan)
    wrong = shop.imports.problems_workbook(plan, tmp_path / "要改.xlsx")
    book = openpyxl.load_workbook(wrong)
    assert book["会员"].cell(1, 8).value == "问题说明"
    assert book["会员"].max_row == book["销售"].max_row == 2
    book["会员"]["B2"], book["销售"]["C2"] = C, "2026-10-09"
    book.save(wrong)
    report = shop.imports.apply(shop.imports.preview(wrong)).value
    assert (report.members_updated, report.sales_new, report.rows_left_out) == (1, 1, 0)


CELLS = st.sampled_from(
    [None, "", "王红", "李娜", A, B, "123", f"{A}/{B}", date(2026, 1, 2), "03/04/2026", "2027-06-01", "合计",
     "¥100", "免费", "#N/A", -5, 0, 7, "退货", "没接", "X1"]
)  # fmt: skip
HEADINGS = [
    "手机号",
    "姓名",
    "消费日期",
    "实收金额",
    "单号",
    "到店日期",
    "回访日期",
    "回访结果",
    "备注",
    "类型",
    "会员卡号",
    "什么",
]


@st.composite
def files(draw: st.DrawFn) -> list[tuple[str, list[str], list[list[object]]]]:
    sheets = []
    for name in ("一", "二")[: draw(st.integers(1, 2))]:
        headings = draw(st.lists(st.sampled_from(HEADINGS), min_size=2, max_size=7, unique=True))
        rows = draw(st.lists(st.lists(CELLS, min_size=len(headings), max_size=len(headings)), max_size=7))
        sheets.append((name, headings, rows))
    return sheets


def previewed(shop: Shop, path: Path) -> ImportPlan | None:
    """The plan of a file, None where there is nothing in it to import."""
    try:
        plan: ImportPlan = shop.imports.preview(path)
    except Refusal as refusal:
        if refusal.code in ("no_rows", "no_header", "empty_file"):
            return None
        raise
    return plan


@given(files())
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.usefixtures("in_process")
def test_0_sums_equal_the_rows_read_in_plan_report_and_result(
    tmp_path: Path, drawn: list[tuple[str, list[str], list[list[object]]]]
) -> None:
    """Every row has one fate, the shop holds what was counted, and the second import adds nothing."""
    from tests.imports.test_undo_import import picture

    path = write_raw(tmp_path / "f.xlsx", drawn)
    shop = Shop.open(":memory:", clock=_noon)
    try:
        for time in (1, 2):
            empty = picture(shop)
            plan = previewed(shop, path)
            if plan is None:
                return
            result = shop.imports.apply(plan).value
            report = shop.imports.report(plan, result)
            counts = plan.counts
            there = counts.members_same + counts.sales_duplicate + counts.visits_duplicate
            assert counts.rows == counts.rows_ready + counts.rows_left_out + counts.rows_skipped + there
            read = sum(len(sheet) for sheet in plan.sheets)
            assert counts.rows >= read
            assert (result.rows_ready, result.rows_left_out, result.rows_skipped) == (
                counts.rows_ready, counts.rows_left_out, counts.rows_skipped,
            )  # fmt: skip
            assert (report["rows"], report["rows_left_out"]) == (counts.rows, counts.rows_left_out)
            problems: Any = report["problems"]
            left = {(p["sheet"], p["row"]) for p in problems if p["left_out"]}
            assert len(left) == counts.rows_left_out
            full = picture(shop)
            new = [len(full[table]) - len(empty[table]) for table in ("member", "line", "visit", "contact")]
            assert new == [counts.members_new, counts.sales_new, counts.visits_new, counts.contacts_new]
            if time == 2:
                assert result.batch is None
                assert full == empty
            elif result.batch is not None:
                undone = shop.imports.undo(result.batch)
                assert picture(shop) == empty
                shop.undo(undone.entry)
                assert picture(shop) == full
    finally:
        shop.close()


def _noon() -> datetime:
    return datetime(2026, 11, 21, 12, 0)


def test_0_what_is_said_counts_visits_and_rows_that_were_there(tmp_path: Path) -> None:
    path = write_raw(
        tmp_path / "到店.xlsx",
        [("到店", ["姓名", "手机号", "到店日期"], [["王红", A, "2026-10-01"], ["李娜", B, "看不清"]])],
    )
    _, report = command(path, tmp_path / "shop.db")
    assert "到店和回访 1 条，以前导入过 0 行，要改的 1 行" in report["message"]
    answer = run("import", path, "--db", tmp_path / "shop.db", "--day", TODAY)
    assert "到店和回访 0 条，以前导入过 1 行，要改的 1 行" in answer.data()["message"]
    assert "1 行以前都导入过，要改的 1 行没有导入" in answer.err


def test_0_a_row_of_nobody_is_told_without_a_blank(tmp_path: Path) -> None:
    path = write_raw(
        tmp_path / "销售.xlsx",
        [
            (
                "",
                ["姓名", "手机号", "消费日期", "金额"],
                [["王红", A, "2026-10-01", 1], ["", "", "2026-10-01", 2]],
            )
        ],
    )
    _, report = command(path, tmp_path / "shop.db")
    assert [(p["code"], p["value"], p["message"]) for p in report["problems"]] == [
        ("no_member", "", "这一行没写是哪位会员。填上手机号、卡号或姓名。")
    ]
