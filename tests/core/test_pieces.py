"""A big sheet read piece by piece says what it says as a whole."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from shopcrm.basics.errors import Refusal
from shopcrm.excel import pieces, workbook_parts
from shopcrm.excel.cells import Book
from shopcrm.excel.reader import read_here

ROWS = 600


def made(path: Path, more: Callable[[Workbook], None] = lambda book: None, rows: int = ROWS) -> Path:
    """A workbook of a till with two sheets, changed by `more`."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "销售 & <一>"
    sheet.append(["单号", "日期", "会员姓名", "手机号", "商品名称", "金额"])
    for n in range(rows):
        sheet.append(
            [f"XS{n:05}", f"2026-01-{n % 28 + 1:02}", f"王{n % 7}", "13800000001", "连衣裙", n + 0.5]
        )
    other = book.create_sheet("会员")
    other.append(["姓名", "手机号"])
    other.append(["王丽", "13800000002"])
    more(book)
    book.save(path)
    return path


def with_sheet(path: Path, change: Callable[[bytes], bytes]) -> Path:
    """The workbook with the text of its first sheet changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            new.writestr(part, change(content) if part.endswith("sheet1.xml") else content)
    path.write_bytes(out.getvalue())
    return path


def cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_parts, "BLOCK", 3_000)
    monkeypatch.setattr(pieces, "PIECE", 8_000)
    monkeypatch.setattr(pieces, "_TIMES", 0)


def both(path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Book, Book, int]:
    """What is read of a file as a whole and in pieces, and how many pieces there were."""
    whole = read_here(path)
    cut(monkeypatch)
    count = 0
    parsed = pieces.BigSheet._sheet

    def counted(self: pieces.BigSheet, text: list[bytes], load: pieces.Load) -> object:
        nonlocal count
        count += 1
        return parsed(self, text, load)

    monkeypatch.setattr(pieces.BigSheet, "_sheet", counted)
    return whole, read_here(path), count


def gaps(book: Workbook) -> None:
    sheet = book.worksheets[0]
    for row in (*range(100, 180), *range(300, 304)):
        for column in range(1, 7):
            sheet.cell(row, column).value = None


def narrow(book: Workbook) -> None:
    """Only the first and last rows fill the outer columns."""
    sheet = book.worksheets[0]
    for row in range(20, ROWS - 20):
        sheet.cell(row, 1).value = None
        sheet.cell(row, 6).value = None


def late_first_column(book: Workbook) -> None:
    sheet = book.worksheets[0]
    for row in range(1, ROWS - 20):
        sheet.cell(row, 1).value = None


def merged(book: Workbook) -> None:
    sheet = book.worksheets[0]
    sheet.merge_cells("A1:F1")
    sheet.merge_cells(f"C10:C{ROWS - 10}")
    sheet.merge_cells("F20:F400")
    sheet.merge_cells("D2:D3")


def wrong(book: Workbook) -> None:
    sheet = book.worksheets[0]
    for row in (5, 250, ROWS):
        sheet.cell(row, 6).value = "#DIV/0!"
        sheet.cell(row, 6).data_type = "e"


def hidden(book: Workbook) -> None:
    book.worksheets[0].sheet_state = "hidden"


def wide(book: Workbook) -> None:
    book.worksheets[0].cell(ROWS - 5, 300).value = "far"
    book.worksheets[0].cell(ROWS - 6, 200).value = "less far"


@pytest.mark.parametrize("more", [gaps, narrow, late_first_column, merged, wrong, hidden, wide])
def test_pieces_say_what_the_whole_says(
    more: Callable[[Workbook], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, apart, count = both(made(tmp_path / "f.xlsx", more), monkeypatch)
    assert count > 5
    assert apart == whole


STRANGE: dict[str, Callable[[bytes], bytes]] = {
    "a comment": lambda text: text.replace(b"<sheetData>", b'<!-- <row r="7"> --><sheetData>'),
    "a comment among the rows": lambda text: text.replace(
        b'<row r="200"', b'<!-- <row r="7"><c r="A7"/></row> --><row r="200"', 1
    ),
    "cells without places": lambda text: re.sub(rb'<c r="[A-Z]+\d+"', b"<c", text),
    "rows without places": lambda text: re.sub(rb'<row r="\d+"', b"<row", text),
    "places at the end": lambda text: re.sub(rb'<row (r="\d+")([^>]*)>', rb"<row\2 \1>", text),
}


@pytest.mark.parametrize("change", STRANGE.values(), ids=STRANGE)
def test_what_is_written_in_another_way_is_read_all_the_same(
    change: Callable[[bytes], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = with_sheet(made(tmp_path / "f.xlsx", merged), change)
    whole, apart, _ = both(path, monkeypatch)
    assert apart == whole


def test_what_is_broken_in_a_later_piece_refuses_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = with_sheet(
        made(tmp_path / "f.xlsx"), lambda text: text.replace(b'<row r="500"', b'</c></oh><row r="500"', 1)
    )
    cut(monkeypatch)
    with pytest.raises(Refusal) as refused:
        read_here(path)
    assert refused.value.code == "corrupt_file"


def test_rows_in_no_order_refuse_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = with_sheet(
        made(tmp_path / "f.xlsx"), lambda text: re.sub(rb'r="([A-Z]?)5(\d\d)"', rb'r="\g<1>1\2"', text)
    )
    cut(monkeypatch)
    with pytest.raises(Refusal) as refused:
        read_here(path)
    assert refused.value.code == "corrupt_file"
