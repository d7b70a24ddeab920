"""Reading foreign files: what is in them decides, and what cannot be read is refused by its reason."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from shopcrm.basics.errors import Cancelled, Refusal
from shopcrm.basics.progress import Progress
from shopcrm.excel import reader
from shopcrm.excel.cells import Book, decode, encode, shown
from shopcrm.excel.reader import read, read_here
from shopcrm.excel.text_tables import guarded, unguarded
from tests.imports import made_files

TABLE = "姓名,手机号\n王丽,13800000001\n李娜,13800000002\n"


def rows(book: Book, at: int = 0) -> list[list[Any]]:
    sheet = book.sheets[at]
    return [[decode(cell) for cell in sheet.row(position)] for position in range(len(sheet.numbers))]


def put(folder: Path, data: bytes | str, name: str = "f.xlsx") -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def workbook(folder: Path, cells: dict[str, object], name: str = "f.xlsx") -> Path:
    book = openpyxl.Workbook()
    for place, value in cells.items():
        book.active[place] = value
    book.save(folder / name)
    return folder / name


def refusal(path: Path) -> str:
    with pytest.raises(Refusal) as refused:
        read_here(path)
    assert (
        path.name
        in Refusal(
            refused.value.code, **{"limit": "", "hint": "", **refused.value.values, "file": path.name}
        ).sentence
    )
    return refused.value.code


def test_the_child_process_and_its_twin_read_the_same(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        {"A2": "姓名", "B2": "手机号", "A3": "王丽", "B3": 13800000001, "C5": date(2023, 4, 6), "D5": True},
    )
    assert read(path) == read_here(path)
    assert read(path).sheets[0].numbers == [2, 3, 5]


def test_cells_keep_their_kind(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        {
            "A1": "x",
            "B1": 1.5,
            "C1": date(2023, 4, 6),
            "D1": datetime(2023, 4, 6, 10, 3),
            "E1": True,
            "F1": "#DIV/0!",
        },
    )
    assert rows(read_here(path)) == [
        ["x", 1.5, date(2023, 4, 6), datetime(2023, 4, 6, 10, 3), "TRUE", "#DIV/0!"]
    ]
    sheet = read_here(path).sheets[0]
    assert [shown(cell) for cell in sheet.row(0)] == [
        "x",
        "1.5",
        "2023-04-06",
        "2023-04-06 10:03:00",
        "TRUE",
        "#DIV/0!",
    ]


def test_a_formula_without_a_stored_value_is_empty(tmp_path: Path) -> None:
    assert rows(read_here(workbook(tmp_path, {"A1": "x", "B1": "=1+1"}))) == [["x"]] or rows(
        read_here(workbook(tmp_path, {"A1": "x", "B1": "=1+1"}))
    ) == [["x", None]]


def test_rule_3_7_vertical_merges_count_in_every_row_and_make_no_rows_below_the_last(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["姓名", "手机号", "商品"])
    sheet.append(["王丽", 13800000001, "A"])
    sheet.append([None, None, "B"])
    sheet.append(["李娜", 13800000002, "C"])
    sheet.merge_cells("A2:A3")
    sheet.merge_cells("B2:B3")
    sheet.merge_cells("A4:A900")
    book.save(tmp_path / "f.xlsx")
    assert rows(read_here(tmp_path / "f.xlsx")) == [
        ["姓名", "手机号", "商品"],
        ["王丽", 13800000001, "A"],
        ["王丽", 13800000001, "B"],
        ["李娜", 13800000002, "C"],
    ]


def test_rule_6_1_the_1904_calendar(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active["A1"] = date(2023, 4, 6)
    book.save(tmp_path / "f.xlsx")
    made = read_here(tmp_path / "f.xlsx")
    assert made.date1904
    assert rows(made) == [[date(2023, 4, 6)]]


def test_hidden_sheets_are_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("旧").sheet_state = "hidden"
    book.save(tmp_path / "f.xlsx")
    assert [sheet.hidden for sheet in read_here(tmp_path / "f.xlsx").sheets] == [False, True]


# ---------------------------------------------------------------- text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
def test_rule_2_3_encodings_and_separators(tmp_path: Path, encoding: str, separator: str) -> None:
    path = put(tmp_path, TABLE.replace(",", separator).encode(encoding), "f.csv")
    assert rows(read_here(path))[1:] == [["王丽", "13800000001"], ["李娜", "13800000002"]]


def test_rule_2_3_big5_is_told_by_its_headings(tmp_path: Path) -> None:
    text = "會員姓名,手機號碼\n陳小姐,13800000001\n"
    assert rows(read_here(put(tmp_path, text.encode("big5"), "f.csv")))[0] == ["會員姓名", "手機號碼"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rule_2_3_line_ends_and_sep_line_keep_record_numbers(tmp_path: Path, end: str) -> None:
    text = f"sep=;{end}姓名;手机号{end}{end}王丽;13800000001{end}"
    sheet = read_here(put(tmp_path, text, "f.csv")).sheets[0]
    assert sheet.numbers == [1, 3]


def test_rule_2_3_quotes_hold_separators_and_line_breaks(tmp_path: Path) -> None:
    path = put(tmp_path, '姓名,手机号,备注\n王丽,13800000001,"a,b\nc ""d"""\n', "f.csv")
    assert rows(read_here(path))[1] == ["王丽", "13800000001", 'a,b\nc "d"']


def test_a_quote_that_is_never_closed_does_not_swallow_rows(tmp_path: Path) -> None:
    many = "".join(f"客{n},138{n:08}\n" for n in range(300))
    path = put(tmp_path, '姓名,手机号\n"王丽,13800000001\n' + many, "f.csv")
    assert len(read_here(path).sheets[0].numbers) == 302


def test_rule_2_3_habits_of_exports_are_dropped(tmp_path: Path) -> None:
    path = put(
        tmp_path, "姓名,手机号,备注\n\t王丽\t,=\"13800000001\",'=1+1\n李娜,'13800000002,'不是\n", "f.csv"
    )
    assert rows(read_here(path))[1:] == [["王丽", "13800000001", "=1+1"], ["李娜", "13800000002", "'不是"]]


@pytest.mark.parametrize(
    "text", ["=1+1", "+86", "-5", "@x", "  =1", "＝1", "\tx", "'=1", "'138", "''=1", "x", "", "'", "'不是"]
)
def test_rule_13_the_guard_comes_off_again(text: str) -> None:
    assert unguarded(guarded(text)) == text
    if text.strip()[:1] in tuple("=+-@＝"):
        assert guarded(text).startswith("'")


def test_an_html_table_saved_as_xls(tmp_path: Path) -> None:
    html = (
        "<html><head><meta charset=gbk><style>td{x:y}</style></head><body>"
        "<table><tr><th>姓名<th>手机号<th>商品</tr>"
        "<tr><td rowspan=2>王丽</td><td rowspan=2>13800000001</td><td>衬衫&amp;裙</td></tr>"
        "<tr><td>大衣</td></tr></table>"
    )
    book = read_here(put(tmp_path, html.encode("gbk"), "f.xls"))
    assert rows(book) == [
        ["姓名", "手机号", "商品"],
        ["王丽", "13800000001", "衬衫&裙"],
        ["王丽", "13800000001", "大衣"],
    ]


# ---------------------------------------------------------------- refusals


def zipped(**parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), text)
    return out.getvalue()


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b" \r\n\t ", b"\xff\xfe"])
def test_rule_1_2_empty_file(tmp_path: Path, data: bytes) -> None:
    assert refusal(put(tmp_path, data)) == "empty_file"


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.4 x",
        b"\x89PNG\r\n\x1a\n\x00\x00",
        b"MZ\x90\x00\x03",
        zipped(word__document_xml="<a/>"),
        zipped(a="b"),
        b"\xff\xd8\xff\xe0\x00\x10JFIF",
        b"\x7fELF\x02",
        made_files.compound({"WordDocument": b"x"}),
    ],
)
def test_rule_1_2_not_a_spreadsheet(tmp_path: Path, data: bytes) -> None:
    assert refusal(put(tmp_path, data)) == "not_spreadsheet"


def test_rule_1_2_lock_files_and_folders_are_no_tables(tmp_path: Path) -> None:
    assert refusal(put(tmp_path, TABLE, "~$f.xlsx")) == "not_spreadsheet"
    assert refusal(tmp_path) == "not_spreadsheet"
    assert refusal(tmp_path / "nichts.xlsx") == "no_file"


@pytest.mark.parametrize("keep", [30, 200, 2000, -30])
def test_rule_1_2_a_cut_workbook_is_damaged(tmp_path: Path, keep: int) -> None:
    path = workbook(tmp_path, {"A1": "姓名", "B1": "手机号"})
    path.write_bytes(path.read_bytes()[:keep])
    assert refusal(path) == "corrupt_file"


def test_rule_1_2_an_encrypted_workbook_wants_its_password_removed(tmp_path: Path) -> None:
    path = put(tmp_path, made_files.compound({"EncryptionInfo": b"x", "EncryptedPackage": b"x"}))
    assert refusal(path) == "password"
    assert "密码" in Refusal("password", file="x").sentence


def test_rule_1_2_a_dtd_is_unsafe(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"A1": "姓名", "B1": "手机号"})
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            data = old.read(part)
            if part.filename.endswith("sheet1.xml"):
                data = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>' + data.partition(b"?>")[2]
            new.writestr(part.filename, data)
    assert refusal(put(tmp_path, out.getvalue())) == "unsafe_file"


def test_rule_1_2_text_in_no_encoding(tmp_path: Path) -> None:
    assert (
        refusal(put(tmp_path, "姓名,手机号\n".encode() + b"\xff\xfe\xfa\xff\xff", "f.csv")) == "bad_encoding"
    )


def test_rule_1_2_text_in_two_encodings_is_not_guessed(tmp_path: Path) -> None:
    both = "姓名,手机号\n王丽,13800000001\n".encode("gb18030") + "李小娜,13800000002\n".encode()
    assert refusal(put(tmp_path, both, "f.csv")) == "bad_encoding"
    many = "".join(f"{name},1\n" for name in ("王丽", "李娜", "欧阳震华", "赵敏", "孙小红", "周八") * 50)
    assert len(rows(read_here(put(tmp_path, ("姓名,手机号\n" + many).encode("gb18030"), "f.csv")))) == 301


def test_rule_12_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MOST_ROWS", 3)
    path = put(tmp_path, TABLE + "a,b\nc,d\n", "f.csv")
    assert refusal(path) == "too_big"
    monkeypatch.setattr(reader, "MOST_BYTES", 10)
    assert refusal(path) == "too_big"
    book = workbook(tmp_path, {"A1": "x"})
    monkeypatch.setattr(reader, "MOST_BYTES", 10**6)
    monkeypatch.setattr(reader, "MOST_UNPACKED", 10)
    assert refusal(book) == "too_big"


def test_rule_12_two_far_cells_do_not_take_the_memory_of_the_shop(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"A1": "姓名", "B1": "手机号", "XFD1048576": "x"})
    assert rows(read(path)) == [["姓名", "手机号"]]


def test_formatted_but_empty_cells_do_not_count(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["姓名", "手机号"])
    sheet.append(["王丽", 13800000001])
    sheet["XFD1"].font = openpyxl.styles.Font(bold=True)
    sheet.row_dimensions[1048576].height = 30
    book.save(tmp_path / "f.xlsx")
    assert rows(read(tmp_path / "f.xlsx")) == [["姓名", "手机号"], ["王丽", 13800000001]]


def test_cancel_kills_the_child(tmp_path: Path) -> None:
    progress = Progress()
    progress.stop()
    with pytest.raises(Cancelled):
        read(put(tmp_path, TABLE, "f.csv"), progress)


def test_a_child_that_dies_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setattr(
        reader, "_command", lambda *arguments: [sys.executable, "-c", "import os; os.abort()"]
    )
    with pytest.raises(Refusal) as refused:
        read(put(tmp_path, TABLE, "f.csv"))
    assert refused.value.code == "corrupt_file"


def test_a_child_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setattr(
        reader, "_command", lambda *arguments: [sys.executable, "-c", "import time; time.sleep(60)"]
    )
    monkeypatch.setattr(reader, "MOST_SECONDS", 0.2)
    with pytest.raises(Refusal) as refused:
        read(put(tmp_path, TABLE, "f.csv"))
    assert refused.value.code == "too_big"


@pytest.mark.parametrize("value", ["x", 1.5, 3, None, date(2023, 4, 6), datetime(2023, 4, 6, 1, 2, 3)])
def test_cells_come_back_as_they_were(value: object) -> None:
    assert decode(encode(value)) == value


def test_infinite_numbers_are_errors() -> None:
    assert decode(encode(float("inf"))) == "#NUM!"
    assert decode(encode(float("nan"))) == "#NUM!"


ODS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet><table:table table:name="表">{rows}</table:table>
</office:spreadsheet></office:body>
</office:document-content>"""


def test_rule_3_7_merges_of_an_ods(tmp_path: Path) -> None:
    def cell(text: str, more: str = "") -> str:
        return (
            f'<table:table-cell office:value-type="string" {more}><text:p>{text}</text:p></table:table-cell>'
        )

    span = 'table:number-rows-spanned="2" table:number-columns-spanned="1"'
    rows_ = (
        f"<table:table-row>{cell('姓名')}{cell('商品')}</table:table-row>"
        f"<table:table-row>{cell('王丽', span)}{cell('A')}</table:table-row>"
        f"<table:table-row><table:covered-table-cell/>{cell('B')}</table:table-row>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ODS.format(rows=rows_))
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
    path = put(tmp_path, out.getvalue(), "f.ods")
    assert rows(read_here(path)) == [["姓名", "商品"], ["王丽", "A"], ["王丽", "B"]]
