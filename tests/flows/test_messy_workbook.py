"""A workbook as shops have them, through the commands: exact dump, counts that add up, undo that restores."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

ROOT = Path(__file__).resolve().parents[2]
DAY = "2026-11-21"


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "main.py", *map(str, arguments), "--day", DAY],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip


def dumped(db: Path) -> dict[str, Any]:
    done = command("dump", "--db", db)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def imported(file: Path, db: Path, report: Path) -> dict[str, Any]:
    done = command("import", file, "--db", db, "--report", report)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return json.loads(report.read_text("utf-8"))


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "十月销售"
    for row in (
        ["禾木衣坊 2026年10月销售明细"],
        [],
        ["单号", "消费日期", "姓名", "会员 手机\n（必填）", "商品", "数量", "实收金额", "类型", "店长签字"],
        ["A01", datetime(2026, 10, 1, 14, 30), "王 丽", 13800000001, "衬衫", 1, 199, "销售", "林"],
        ["A01", None, None, None, "羊绒衫", 1, "¥1,299.50", "销售", "林"],
        ["A02", "2026/10/2", "李娜", "+86 138-0000-0002", "裙子", 2, "598元", "销售", None],
        ["A03", "2026年10月3日", "赵敏", "13800000003/010-88886666", "大衣", None, 1580.5, "销售", None],
        ["A04", 20261004, "孙七", "１３８００００００１４", "围巾", 1, 99, "销售", None],
        ["A05", "26-10-5", "张三", "13800000001", "袜子", 3, 30, "销售", None],
        ["A06", "二〇二六年十月六日", "王丽", 13800000001.0, "衬衫", 1, 199, "退货", None],
        ["A07", "2026.10.7", "李娜", "13800000002", "裙子", 1, 0.1 + 0.2, "销售", None],
        ["A08", "2026-10-08", "周八", "1380000008", "T恤", 1, 59, "销售", None],
        ["A09", "十月九号", "李娜", "13800000002", "T恤", 1, 59, "销售", None],
        ["A10", "2026-10-10", "李娜", "13800000002", "T恤", 1, "#DIV/0!", "销售", None],
        ["A11", "2026-10-11", "李娜", "13800000002", "T恤", 1, 59, "销售", None],
        ["A11", "2026-10-11", "李娜", "13800000002", "T恤", 1, 59, "销售", None],
        [None, "消费日期", "姓名", "会员手机", "商品", "数量", "实收金额", "类型", None],
        ["合计", None, None, None, None, 14, 4000, None, None],
        ["制表：林姐"],
    ):
        sheet.append(row)
    for column in "BCD":
        sheet.merge_cells(f"{column}4:{column}5")
    sheet.merge_cells("A1:I1")
    members = book.create_sheet("会员")
    for row in (
        ["会员姓名", "电话", "性别", "生日", "会员卡号", "备注"],
        ["李娜", "138 0000 0002", "女士", "农历八月十五", "V002", "喜欢红色\n怕扎"],
        ["吴九", None, "男", date(1990, 5, 1), "V009", None],
        ["李娜娜", "13800000002", None, "5月1日", None, None],
    ):
        members.append(row)
    book.create_sheet("旧数据").sheet_state = "hidden"
    path = tmp_path / "十月.xlsx"
    book.save(path)
    return path


def a_sale(phone: str, name: str, day: str, fen: int, item: str, qty: int = 1) -> tuple[object, ...]:
    return (phone, name, f"2026-10-{day}", fen, item, qty)


WANTED = sorted(
    [
        a_sale("13800000001", "王丽", "01", 19900, "衬衫"),
        a_sale("13800000001", "王丽", "01", 129950, "羊绒衫"),
        a_sale("13800000002", "李娜", "02", 59800, "裙子", 2),
        a_sale("13800000003", "赵敏", "03", 158050, "大衣"),
        a_sale("13800000014", "孙七", "04", 9900, "围巾"),
        a_sale("13800000001", "王丽", "05", 3000, "袜子", 3),
        a_sale("13800000001", "王丽", "06", -19900, "衬衫"),
        a_sale("13800000002", "李娜", "07", 30, "裙子"),
        a_sale("13800000002", "李娜", "11", 5900, "T恤"),
        a_sale("13800000002", "李娜", "11", 5900, "T恤"),
    ]
)


def test_a_messy_workbook_from_import_to_undo(workbook: Path, tmp_path: Path) -> None:
    db, out = tmp_path / "shop.db", tmp_path / "out.json"
    first = tmp_path / "first.csv"
    first.write_text("姓名,手机号,性别\n李娜,13800000002,\n", encoding="utf-8")
    imported(first, db, out)
    before = dumped(db)

    report = imported(workbook, db, out)
    data = dumped(db)
    names = ("member_phone", "member_name", "date", "amount_fen", "item", "qty")
    assert sorted(tuple(sale[name] for name in names) for sale in data["sales"]) == WANTED
    empty = {"phone2": None, "gender": "", "birthday": None, "card_no": "", "notes": ""}
    assert sorted(data["members"], key=lambda m: m["name"]) == [
        {**empty, "name": "吴九", "phone": None, "gender": "男", "birthday": "1990-05-01", "card_no": "V009"},
        {**empty, "name": "孙七", "phone": "13800000014"},
        {
            **empty,
            "name": "李娜",
            "phone": "13800000002",
            "gender": "女",
            "birthday": "L:--08-15",
            "card_no": "V002",
            "notes": "喜欢红色\n怕扎",
        },
        {**empty, "name": "王丽", "phone": "13800000001"},
        {**empty, "name": "赵敏", "phone": "13800000003", "phone2": "01088886666"},
    ]

    assert (report["members_new"], report["members_updated"]) == (4, 1)
    assert (report["sales_new"], report["sales_duplicate"], report["rows_skipped"]) == (10, 0, 3)
    said = [
        (p["sheet"], p["row"], p["column"].split("\n")[0], p["code"], p["left_out"])
        for p in report["problems"]
    ]
    assert said == [
        ("十月销售", 9, "姓名", "name_conflict", False),
        ("十月销售", 12, "会员 手机", "invalid_phone", True),
        ("十月销售", 13, "消费日期", "missing_date", True),
        ("十月销售", 14, "实收金额", "bad_amount", True),
        ("会员", 3, "电话", "no_phone", False),
        ("会员", 4, "会员姓名", "name_conflict", False),
        ("会员", 4, "生日", "field_conflict", False),
    ]
    assert report["ignored_sheets"] == ["旧数据"]
    assert report["ignored_columns"] == ["店长签字"]
    # Every row under the headers has one fate: 16 sales rows and 3 member rows.
    left_out = sum(problem["left_out"] for problem in report["problems"])
    assert report["sales_new"] + left_out + report["rows_skipped"] == 16
    assert report["rows"] == 19

    again = imported(workbook, db, out)
    assert (again["members_new"], again["members_updated"], again["sales_new"], again["sales_duplicate"]) == (
        0,
        0,
        0,
        10,
    )
    assert dumped(db) == data

    assert command("undo-import", "--db", db).returncode == 0
    after = dumped(db)
    for table in ("members", "sales", "visits", "contacts"):
        assert after[table] == before[table]


def test_rows_put_right_in_excel_come_in_with_the_second_file(
    workbook: Path, tmp_path: Path, clock: Any
) -> None:
    from shopcrm.shop import Shop

    with Shop.open(":memory:", clock=clock) as shop:
        plan = shop.imports.preview(workbook)
        saved = shop.imports.problems_workbook(plan, tmp_path / "要改.xlsx")
        shop.imports.apply(plan)
        book = openpyxl.load_workbook(saved)
        sheet = book["十月销售"]
        assert [cell.value for cell in sheet[1]][-1] == "问题说明"
        assert sheet.max_row == 4
        sheet["D2"], sheet["B3"], sheet["G4"] = "13800000008", "2026-10-09", 59
        book.save(saved)
        report_plan = shop.imports.preview(saved)
        assert report_plan.counts.sales_new == 3
        shop.imports.apply(report_plan)
        assert len(shop.store.read().all("SELECT id FROM line")) == 13


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("leer.xlsx", b"", "empty_file"),
        ("bild.xlsx", b"\x89PNG\r\n\x1a\n\x00\x00", "not_spreadsheet"),
        ("kaputt.xlsx", b"PK\x03\x04abc", "corrupt_file"),
        ("kopf.csv", "甲,乙\n1,2\n".encode(), "no_header"),
        ("zeilen.csv", "姓名,手机号\n王丽,12\n".encode(), "no_rows"),
    ],
)
def test_what_cannot_be_imported_is_refused_and_changes_nothing(
    tmp_path: Path, name: str, data: bytes, reason: str
) -> None:
    db, out = tmp_path / "shop.db", tmp_path / "out.json"
    (tmp_path / name).write_bytes(data)
    done = command("import", tmp_path / name, "--db", db, "--report", out)
    report = json.loads(out.read_text("utf-8"))
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert (report["outcome"], report["reason"]) == ("refused", reason)
    assert name in report["message"]
    assert dumped(db)["members"] == []
