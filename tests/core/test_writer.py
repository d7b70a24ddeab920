"""Files that leave: no formula, no half file, phones as texts."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from shopcrm.basics.errors import Refusal
from shopcrm.excel.cells import decode
from shopcrm.excel.reader import read_here
from shopcrm.excel.writer import write, write_raw
from shopcrm.reports import Column, Table

NASTY = (
    "=1+1",
    "+86",
    "-5",
    "@SUM(A1)",
    "＝1",
    "\t=1",
    '=HYPERLINK("http://x")',
    "=cmd|' /C calc'!A0",
    "'=1",
    "'1",
    "'",
    "''=2",
    "  =1",
    "1e5",
    "007",
    "1/2",
    "2023-01-01",
    "TRUE",
    "#N/A",
    "a,b",
    'a"b',
    "a;b",
    "a\nb",
    "_x0041_",
    "_x0000_",
    "x_x005F_",
    "<b>&amp;</b>",
    "王丽",
    "𠮷",
    "👩‍👧",
    "ﷺ",
    "a|b",
    "sep=;",
    "NULL",
    "{=1}",
    "%0A",
    "\\n",
    "&lt;",
    "a  b",
    "ÅÄÖ",
    "１２３",
    "．",
    "—",
    "·",
    "00",
    "+",
    "-",
    "=",
    "@",
    "'@",
    '="x"',
    '{"a":1}',
    "x" * 300,
    "中" * 300,
    "١٢٣",
    "¥5",
    "1,299",
    "(88)",
    "1.2万",
    "0x10",
)


def table(texts: tuple[str, ...] = NASTY, *, rows: int = 1) -> Table:
    columns = (
        Column("a", "文字", "text", 20),
        Column("b", "电话", "phone", 15),
        Column("c", "件", "int", 8),
        Column("d", "金额", "money", 10),
        Column("e", "日期", "date", 12),
        Column("f", "结果", "text", 10, ("是", "否")),
        Column("g", "键", "int", 5, hidden=True),
    )
    body = tuple((text, "13800000001", 2, 12345, date(2026, 1, 2), None, 7) for text in texts)
    return Table("名单", columns, body * rows)


def test_rule_13_no_cell_is_a_formula_and_every_text_is_what_it_was(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write(tmp_path / "f.xlsx", [table()]))
    cells = [row[0] for row in book.active.iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    again = read_here(tmp_path / "f.xlsx").sheets[0]
    assert [decode(cell) for cell in again.columns[0][1:]] == [text.replace("\t", "\t") for text in NASTY]


def test_rule_13_csv_has_a_mark_and_guards_and_comes_home(tmp_path: Path) -> None:
    path = write(tmp_path / "f.csv", [table()])
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    lines = path.read_text("utf-8-sig")
    assert "\n=" not in lines
    assert "\n+" not in lines
    sheet = read_here(path).sheets[0]
    said = [decode(cell) for cell in sheet.columns[0][1:]]
    assert [str(cell).strip() for cell in said] == [text.strip() for text in NASTY]


def test_kinds_have_their_formats(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(write(tmp_path / "f.xlsx", [table()])).active
    assert [cell.number_format for cell in sheet[2]][:5] == ["@", "@", "0", "#,##0.00", "yyyy-mm-dd"]
    assert [cell.value for cell in sheet[2]][1:4] == ["13800000001", 2, 123.45]
    assert sheet["E2"].value.date() == date(2026, 1, 2)


def test_header_filter_drop_down_hidden_key_and_print_set_up(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(write(tmp_path / "f.xlsx", [table()])).active
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:G{len(NASTY) + 1}"
    assert sheet.column_dimensions["G"].hidden
    assert sheet.column_dimensions["A"].width == 20
    rule = sheet.data_validations.dataValidation[0]
    assert (rule.formula1, str(rule.sqref)) == ('"是,否"', f"F2:F{len(NASTY) + 1}")
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.page_setup.orientation == "landscape"


def test_a_table_without_rows_and_an_odd_title(tmp_path: Path) -> None:
    empty = Table("a/b:[c]*" + "长" * 40, table().columns, ())
    book = openpyxl.load_workbook(write(tmp_path / "f.xlsx", [empty, empty]))
    assert len(book.sheetnames) == 2
    assert all(len(name) <= 31 for name in book.sheetnames)
    assert book.active.max_row == 1


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        write(tmp_path / "weg" / "f.xlsx", [table()])
    assert refused.value.code == "folder_missing"


def test_a_file_open_elsewhere_is_refused_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "f.xlsx"
    path.write_bytes(b"old")

    def locked(*_: object) -> None:
        raise PermissionError(13, "in use")

    monkeypatch.setattr(os, "replace", locked)
    with pytest.raises(Refusal) as refused:
        write(path, [table()])
    assert refused.value.code == "file_open"
    assert "f.xlsx" in refused.value.sentence
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["f.xlsx"]


def test_raw_rows_keep_numbers_and_days(tmp_path: Path) -> None:
    path = write_raw(tmp_path / "f.xlsx", [("x", ["a", "b", "c"], [["=1", 13800000001.0, date(2026, 1, 2)]])])
    sheet = openpyxl.load_workbook(path).active
    assert [(cell.value, cell.data_type) for cell in sheet[2]][:2] == [("=1", "s"), (13800000001, "n")]
    assert sheet["B2"].number_format == "0"
