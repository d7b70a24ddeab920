"""Import rule 12: limits; what does not count towards them; and that no file takes the program with it."""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import random
import sys
import time
import zipfile
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest

from shopcrm.basics.errors import Refusal
from shopcrm.excel import reader
from shopcrm.excel.whole_book import bears_mark
from shopcrm.store.whole_shop import MARK
from tests.imports import made_files as make
from tests.imports.at_the_shop import imported, people, put, refused, sales
from tests.imports.made_files import HEAD, TABLE, Sheet

BOTH = [("王丽", "13800000001"), ("李娜", "13800000002")]
SHEET_START = (
    b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b"<sheetData>"
)


def with_sheet(xml: bytes) -> bytes:
    """A workbook whose only sheet is this XML."""
    return make.repacked(
        make.xlsx(TABLE), lambda name, content: xml if name == "xl/worksheets/sheet1.xml" else content
    )


def rows_of(sheet: bytes) -> bytes:
    """The rows in the XML of a sheet."""
    return sheet.partition(b"<sheetData>")[2].partition(b"</sheetData>")[0]


def table_xml() -> bytes:
    with zipfile.ZipFile(io.BytesIO(make.xlsx(TABLE))) as archive:
        return rows_of(archive.read("xl/worksheets/sheet1.xml"))


# ---------------------------------------------------------------- sizes


def test_12_1_a_file_over_50_mb(shop: Any, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    with path.open("wb") as stream:
        stream.truncate((50 << 20) + 1)
    refusal = refused(shop, path)
    assert refusal.code == "too_big"
    assert "50 MB" in refusal.sentence


def padded(data: bytes, *megabytes: int) -> bytes:
    """A workbook with more parts, each of so many megabytes of blanks: a thousandth when packed."""
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number, size in enumerate(megabytes):
            with archive.open(f"x/{number}.xml", "w") as stream:
                for _ in range(size):
                    stream.write(b" " * (1 << 20))
    return out.getvalue()


@pytest.mark.parametrize("kind", ["xlsx", "xlsb", "ods"])
def test_12_1_a_zip_bomb_is_not_unpacked(
    shop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_process: None, kind: str
) -> None:
    """What the parts say they hold is asked before anything is unpacked: of one, and of all together."""
    monkeypatch.setattr(reader, "MOST_UNPACKED", 4 << 20)
    monkeypatch.setattr(reader, "MOST_UNPACKED_PART", 2 << 20)
    made = getattr(make, kind)(TABLE)
    for sizes, said in (((3,), "2 MB"), ((2, 2, 2), "4 MB")):
        refusal = refused(shop, put(tmp_path, f"f.{kind}", padded(made, *sizes)))
        assert refusal.code == "too_big"
        assert said in refusal.sentence


@pytest.mark.slow
def test_12_1_600_mb_of_blanks_in_a_small_file(shop: Any, tmp_path: Path) -> None:
    for sizes, said in (((201,), "200 MB"), ((150, 150, 150, 150), "400 MB")):
        path = put(tmp_path, "f.xlsx", padded(make.xlsx(TABLE), *sizes))
        started = time.monotonic()
        refusal = refused(shop, path)
        assert (refusal.code, said in refusal.sentence) == ("too_big", True)
        assert time.monotonic() - started < 3


@pytest.mark.slow
def test_12_1_a_zip_that_lies_about_its_sizes(shop: Any, tmp_path: Path) -> None:
    """It says 100 bytes and unpacks to 300 MB: the reading stops at what was said."""
    bomb = make.repacked(
        make.xlsx(TABLE), lambda name, data: b" " * (300 << 20) if "sheet1" in name else data
    )
    raw = bytearray(bomb)
    for mark, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = 0
        while (at := raw.find(mark, at)) >= 0:
            if raw[at + offset : at + offset + 4] == (300 << 20).to_bytes(4, "little"):
                raw[at + offset : at + offset + 4] = (100).to_bytes(4, "little")
            at += 4
    assert refused(shop, put(tmp_path, "f.xlsx", bytes(raw))).code in (
        "corrupt_file",
        "too_big",
        "empty_file",
    )


def test_12_1_entities_that_grow_are_refused(shop: Any, tmp_path: Path) -> None:
    entities = '<!ENTITY a0 "aaaaaaaaaa">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)
    )
    for name, text in (
        ("f.xls", make.xml_2003(TABLE).replace("<Workbook", f"<!DOCTYPE x [{entities}]><Workbook", 1)),
        ("f.fods", make.fods(TABLE).replace("<office:doc", f"<!DOCTYPE x [{entities}]><office:doc", 1)),
    ):
        assert refused(shop, put(tmp_path, name, text.replace("王丽", "&a11;"))).code == "unsafe_file"


# ---------------------------------------------------------------- rows


def long_text(filled: int) -> str:
    """A text table with so many filled rows, the header among them, and as many empty ones."""
    return "姓名,手机号\n" + "".join(f"客{n},138{n:08}\n,\n" for n in range(filled - 1))


@pytest.mark.parametrize(("more", "fits"), [(0, True), (1, False)])
def test_12_2_only_filled_rows_count(
    shop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_process: None, more: int, fits: bool
) -> None:
    monkeypatch.setattr(reader, "MOST_ROWS", 50)
    path = put(tmp_path, "f.csv", long_text(50 + more))
    if fits:
        assert imported(shop, path)["members_new"] == 49
    else:
        refusal = refused(shop, path)
        assert (refusal.code, "50 行" in refusal.sentence) == ("too_big", True)


@pytest.mark.parametrize("kind", ["xlsx", "xlsb", "xls", "ods", "xml_2003", "page"])
def test_12_2_rows_of_all_visible_sheets_count_together(
    shop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_process: None, kind: str
) -> None:
    monkeypatch.setattr(reader, "MOST_ROWS", 5)
    if kind == "page":
        made: Any = make.page(TABLE) * 2
    else:
        made = getattr(make, kind)([Sheet(TABLE, name="a"), Sheet(TABLE, name="b")])
    assert refused(shop, put(tmp_path, "f.xls", made)).code == "too_big"
    if kind != "page":  # hidden ones do not count
        made = getattr(make, kind)([Sheet(TABLE, name="a"), Sheet(TABLE, name="b", hidden=True)])
        assert imported(shop, put(tmp_path, "g.xls", made))["sales_new"] == 2


@pytest.mark.slow
def test_12_2_200_000_rows_and_one_more(shop: Any, tmp_path: Path) -> None:
    assert shop.imports.preview(put(tmp_path, "f.csv", long_text(200_000))).counts.members_new == 199_999
    refusal = refused(shop, put(tmp_path, "g.csv", long_text(200_001)))
    assert "200,000 行" in refusal.sentence


@pytest.mark.parametrize("kind", ["xlsx", "xlsb", "ods"])
def test_12_2_the_last_row_there_is_may_be_filled(shop: Any, tmp_path: Path, kind: str) -> None:
    """Row 1,048,576, with all rows between empty."""
    sheet = Sheet(TABLE[:2], far={(1048575, at): value for at, value in enumerate(TABLE[2])})
    path = put(tmp_path, f"f.{kind}", getattr(make, kind)(sheet))
    plan = shop.imports.preview(path)
    assert [row.number for row in plan.sheets[0].rows(0, 9)] == [2, 1048576]
    shop.imports.apply(plan)
    assert people(shop) == BOTH


# ---------------------------------------------------------------- columns


@pytest.mark.parametrize("kind", ["xlsx", "xlsb", "xls", "ods", "fods", "xml_2003", "text"])
@pytest.mark.parametrize("first", [0, 3])
def test_12_3_256_columns_from_the_first_filled_one(
    shop: Any, tmp_path: Path, in_process: None, kind: str, first: int
) -> None:
    """Of a wide table the 256th column counts, the 257th does not; before the first all may be empty."""
    if kind == "xls" and first:
        pytest.skip("old workbooks end at the 256th column of the sheet")
    rows = [
        [*[None] * first, *row, *[f"x{n}" for n in range(250)], mark, far]
        for row, mark, far in zip(TABLE, ("数量", 2, 3), ("备注", "远", "远"), strict=True)
    ]
    if kind == "xls":
        rows = [row[:256] for row in rows]
    plan = shop.imports.preview(put(tmp_path, f"f.{kind}", getattr(make, kind)(rows)))
    fields = [column.field for column in plan.sheets[0].columns]
    assert (len(fields), fields[0], fields[-1]) == (256, "name", "qty")
    assert plan.counts.sales_new == 2


@pytest.mark.parametrize("kind", ["xlsx", "xlsb", "ods", "fods", "xml_2003"])
@pytest.mark.parametrize("corner", [(1048575, 16383), (1, 16383), (1048575, 300)])
def test_12_3_a_stray_cell_far_away_is_ignored(
    shop: Any, tmp_path: Path, kind: str, corner: tuple[int, int]
) -> None:
    """A1 and XFD1048576 in 5 KB: a rectangle of 550 GB for who holds one."""
    path = put(tmp_path, f"f.{kind}", getattr(make, kind)(Sheet(TABLE, far={corner: "x"})))
    report = imported(shop, path)
    assert (report["sales_new"], report["problems"]) == (2, [])
    assert (people(shop), len(sales(shop))) == (BOTH, 2)


def test_12_3_far_cells_keep_merges_errors_and_row_numbers(shop: Any, tmp_path: Path) -> None:
    for number, kind in enumerate(("xlsx", "xlsb")):
        sheet = Sheet(
            [
                HEAD,
                ["王丽", 13800000001, date(2026, 3, 4), "甲", make.Error("#N/A")],
                [None, None, None, "乙", 2],
                [],
                ["李娜", 13800000002, date(2026, 3, 5), "丙", make.Error("#DIV/0!")],
            ],
            merges=[(1, 0, 2, 0), (1, 1, 2, 1), (1, 2, 2, 2)],
            far={(1048575, 16383): "x"},
        )
        plan = shop.imports.preview(put(tmp_path, f"f.{kind}", getattr(make, kind)(sheet)))
        listed = [(p.row, p.value) for p in plan.problems if p.code == "bad_amount"]
        assert listed == [(2, "#N/A"), (5, "#DIV/0!")]
        done = shop.imports.apply(plan).value
        assert (done.sales_new, done.sales_duplicate) == ((1, 0) if number == 0 else (0, 1))
    assert sales(shop) == [("王丽", "2026-03-04", "乙", 200)]


@pytest.mark.parametrize("prefix", [b"", b"x:"])
def test_12_3_a_far_cell_in_a_sheet_without_places(shop: Any, tmp_path: Path, prefix: bytes) -> None:
    """Rows and cells may leave out where they stand; and tags may carry a prefix."""
    rows = table_xml().replace(b' r="1"', b"").replace(b' r="A1"', b"").replace(b' r="B1"', b"")
    xml = (
        SHEET_START + rows + b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    )
    if prefix:
        xml = xml.replace(b"xmlns=", b"xmlns:x=").replace(b"</", b"</\0").replace(b"<", b"<x:")
        xml = xml.replace(b"<x:/\0", b"</x:").replace(b"<x:?xml", b"<?xml")
    imported(shop, put(tmp_path, "f.xlsx", with_sheet(xml)))
    assert people(shop) == BOTH


# ---------------------------------------------------------------- what does not count


def test_12_4_formatted_but_empty_cells_do_not_count(shop: Any, tmp_path: Path) -> None:
    """Whole columns and rows of borders, far to the right and down."""
    empty = b"".join(
        b'<row r="%d" s="1"><c r="A%d" s="1"/><c r="XFD%d" s="1"/></row>' % (n, n, n) for n in range(4, 3000)
    )
    cols = b'<cols><col min="1" max="16384" style="1"/></cols><sheetData>'
    xml = SHEET_START.replace(b"<sheetData>", cols) + table_xml() + empty + b"</sheetData></worksheet>"
    report = imported(shop, put(tmp_path, "f.xlsx", with_sheet(xml)))
    assert (report["sales_new"], report["rows"]) == (2, 2)


@pytest.mark.slow
def test_12_4_a_sheet_with_1_048_576_formatted_rows_is_read_in_seconds(shop: Any, tmp_path: Path) -> None:
    empty = b"".join(
        b'<row r="%d" spans="1:5" s="2" customFormat="1" ht="15"><c r="A%d" s="1"/><c r="B%d" s="1"/></row>'
        % (n, n, n)
        for n in range(4, 1048577)
    )
    xml = SHEET_START + table_xml() + empty + b"</sheetData></worksheet>"
    path = put(tmp_path, "f.xlsx", with_sheet(xml))
    started = time.monotonic()
    assert imported(shop, path)["sales_new"] == 2
    assert time.monotonic() - started < 30


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["xlsx", "xlsb", "ods"])
def test_12_4_50_000_merges_are_read_in_seconds(shop: Any, tmp_path: Path, kind: str) -> None:
    rows: list[list[object]] = [["姓名", "手机号", "备注"]]
    for n in range(50_000):
        rows += [[f"客{n}", f"138{n:08}", "x"], [None, None, "y"]]
    merges = [(at, column, at + 1, column) for at in range(1, 50_000, 2) for column in (0, 1)]
    path = tmp_path / f"f.{kind}"
    path.write_bytes(getattr(make, kind)(Sheet(rows[:50_001], merges=merges)))
    started = time.monotonic()
    plan = shop.imports.preview(path)
    assert time.monotonic() - started < 30
    assert plan.counts.members_new == 25_000
    assert plan.sheets[0].row(1).cells[0] == "客0"


# ---------------------------------------------------------------- time and memory


def test_12_5_a_file_that_takes_too_long_is_given_up(
    shop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, "f.csv", make.text(TABLE))
    monkeypatch.setattr(reader, "MOST_SECONDS", 0.3)
    monkeypatch.setattr(reader, "_command", lambda *_: [sys.executable, "-c", "import time; time.sleep(60)"])
    started = time.monotonic()
    assert refused(shop, path).code == "too_big"
    assert time.monotonic() - started < 30  # the child itself would take 60


def test_12_5_the_limit_of_time_is_said_in_words(
    shop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "MOST_SECONDS", 0.0)
    refusal = refused(shop, put(tmp_path, "f.csv", make.text(TABLE)))
    assert "秒" in refusal.sentence


@pytest.mark.skipif(sys.platform != "linux", reason="a limit of the operating system")
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name here")
def test_12_5_a_pipe_is_not_asked_whether_it_is_a_whole_shop(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.xlsx")
    assert not bears_mark(tmp_path / "pipe.xlsx")


def marked(how: int) -> bytearray:
    """An archive that says it is a whole shop, its properties packed in that way."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("docProps/core.xml", MARK * 100, how)
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return bytearray(out.getvalue())


@pytest.mark.parametrize(
    "how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_12_5_a_damaged_mark_is_none(shop: Any, tmp_path: Path, how: int) -> None:
    path = tmp_path / "f.xlsx"
    whole = marked(how)
    path.write_bytes(whole)
    assert bears_mark(path) == (how in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    listed = whole.rfind(b"docProps/core.xml") - 46
    for place, value in ((10, 99), (20, 10**6), (24, 10**7), (42, 10**6)):  # method, sizes, place
        broken = bytearray(whole)
        broken[listed + place : listed + place + 4] = value.to_bytes(4, "little")
        if place == 20:  # a longer part than the file: its end is nowhere
            broken[listed + 24 : listed + 28] = (10**7).to_bytes(4, "little")
        path.write_bytes(broken)
        bears_mark(path)
        assert refused(shop, path).code == "corrupt_file"


def test_12_5_an_archive_of_a_million_parts_is_not_listed_here(tmp_path: Path) -> None:
    part = b"PK\1\2" + bytes([20, 3, 20] + [0] * 21 + [1] + [0] * 17) + b"a"
    count = 300_000
    end = b"PK\5\6" + bytes(4) + b"\xff" * 4 + (len(part) * count).to_bytes(4, "little") + bytes(6)
    path = tmp_path / "f.xlsx"
    path.write_bytes(part * count + end)
    started = time.process_time()
    assert not bears_mark(path)
    assert time.process_time() - started < 0.5


def test_12_5_what_a_whole_shop_may_hold_is_said_as_it_is(
    shop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "MOST_BYTES", 1 << 20)
    path = tmp_path / "f.xlsx"
    path.write_bytes(bytes((5 << 20) + 1))
    with pytest.raises(Refusal) as caught:
        reader.read(path, own=True)
    assert "5 MB" in caught.value.sentence


def test_12_5_memory_is_limited_in_the_child(
    shop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What asks for more than 1.5 GB gets none, and only the import ends."""
    code = (
        "from shopcrm.excel import reader; reader._limit_memory();"
        "reader._dispatch = lambda *_: bytearray(1600 << 20);"
        "reader._limit_memory = lambda: None; reader.main(['-'])"
    )
    monkeypatch.setattr(reader, "_command", lambda *_: [sys.executable, "-c", code])
    refusal = refused(shop, put(tmp_path, "f.csv", make.text(TABLE)))
    assert (refusal.code, "1,536 MB" in refusal.sentence) == ("too_big", True)


def test_12_5_on_windows_the_child_becomes_a_job_with_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked of the system; there is no Windows here to ask."""
    kernel = MagicMock()
    kernel.CreateJobObjectW.return_value = 7
    kernel.GetCurrentProcess.return_value = 2**64 - 1
    monkeypatch.setattr(ctypes, "WinDLL", lambda name: kernel, raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    reader._limit_memory()
    job, kind, limits, size = kernel.SetInformationJobObject.call_args.args
    assert (job.value, kind, size, len(limits)) == (7, 9, 144, 144)
    assert int.from_bytes(limits[16:20], "little") == 0x100
    assert int.from_bytes(limits[112:120], "little") == 1536 << 20
    assert not limits[:16].strip(b"\0") + limits[20:112].strip(b"\0") + limits[120:].strip(b"\0")
    assert [one.value for one in kernel.AssignProcessToJobObject.call_args.args] == [7, 2**64 - 1]


# ---------------------------------------------------------------- files nobody would write


def cell(place: str, text: object, kind: str = ' t="str"') -> str:
    """A cell in the XML of a sheet."""
    return f'<c r="{place}"{kind}><v>{text}</v></c>'


ROWS = f'<row r="1">{cell("A1", "姓名")}{cell("B1", "手机号")}{cell("C1", "备注")}</row>'
WANG = cell("A2", "王丽") + cell("B2", "13800000001")
MERGES = "</sheetData><mergeCells>{}</mergeCells><sheetData>"
HOSTILE_CELLS = {
    "a column beyond all columns": cell("ZZZZZZ2", "x"),
    "a shared text there is none of": cell("C2", 999999, ' t="s"'),
    "a number that is none": cell("C2", "abc", ""),
    "a number beyond numbers": cell("C2", "1e999", ""),
    "a style there is none of": cell("C2", 1, ' s="9999"'),
    "a day beyond days": cell("C2", "-99999-13-45", ' t="d"'),
    "half a character": cell("C2", "&#xD83D;"),
    "three million characters": cell("C2", "字" * 3_000_000),
}
HOSTILE_ROWS = {
    "a row before the first": f'<row r="0">{cell("A0", "x")}</row>',
    "a row of minus five": f'<row r="-5">{cell("A-5", "x")}</row>',
    "a row beyond all rows": f'<row r="99999999999">{cell("A99999999999", "x")}</row>',
    "merges of everything": MERGES.format('<mergeCell ref="A2:XFD1048576"/>' * 20_000),
    "merges of nothing": MERGES.format('<mergeCell ref="xx"/><mergeCell ref="A9:A2"/><mergeCell/>'),
}


@pytest.mark.parametrize("name", [*HOSTILE_CELLS, *HOSTILE_ROWS])
def test_12_6_hostile_sheets_are_refused_or_read(shop: Any, tmp_path: Path, name: str) -> None:
    rows = f'{ROWS}<row r="2">{WANG}{HOSTILE_CELLS.get(name, "")}</row>{HOSTILE_ROWS.get(name, "")}'
    xml = SHEET_START + rows.encode() + b"</sheetData></worksheet>"
    found = read_or_refused(shop, put(tmp_path, "f.xlsx", with_sheet(xml)))
    assert found == "corrupt_file" or people(shop) == BOTH[:1]


def read_or_refused(shop: Any, path: Path) -> str:
    """Import a file; the code of its refusal, "" if it came in."""
    try:
        shop.imports.apply(shop.imports.preview(path))
    except Refusal as refusal:
        return refusal.code
    return ""


PAGE = "<table><tr><td>姓名<td>手机号<tr><td>王丽<td>13800000001"


@pytest.mark.parametrize(
    "end",
    ["<!-- " + "<!--" * 200_000, "<![" * 200_000, "<table>" * 5000, "</table>" * 5000,
     "<script>" + "</scr" * 99_999, "<td>" + "&" * 200_000,
     "<tr><td rowspan=9999 colspan=9999>" + "<tr><td>x" * 500],
)  # fmt: skip
def test_12_6_hostile_pages_are_read_quickly(shop: Any, tmp_path: Path, in_process: None, end: str) -> None:
    """What is left open is closed, and takes no minutes."""
    started = time.process_time()
    plan = shop.imports.preview(put(tmp_path, "f.xls", PAGE + end))
    assert plan.sheets[0].row(0).cells[0] == "王丽"
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("ods", "<table:table-row>", '<table:table-row table:number-rows-repeated="1000000000">'),
        (
            "ods",
            "<table:table-cell office",
            '<table:table-cell table:number-columns-repeated="99999999" office',
        ),
        (
            "ods",
            "<table:table-cell office",
            '<table:table-cell table:number-rows-spanned="1000000000" office',
        ),
        ("ods", "<table:table-cell office", '<table:table-cell table:number-columns-repeated="-3" office'),
        ("ods", "王丽", '王<text:s text:c="999999999"/>丽'),
        ("xml_2003", 'ss:Index="3"', 'ss:Index="999999999999"'),
        ("xml_2003", "<Cell ss", '<Cell ss:MergeDown="999999999" ss'),
    ],
)
def test_12_6_cells_repeated_without_end(shop: Any, tmp_path: Path, kind: str, old: str, new: str) -> None:
    """A few bytes that stand for thousands of millions of cells."""
    made = getattr(make, kind)(TABLE)
    if kind == "ods":
        made = make.repacked(
            made,
            lambda name, data: data.replace(old.encode(), new.encode()) if name == "content.xml" else data,
        )
    else:
        made = made.replace(old, new)
    started = time.monotonic()
    found = read_or_refused(shop, put(tmp_path, f"f.{kind}", made))
    assert found in ("", "too_big", "no_rows", "no_header")
    assert time.monotonic() - started < 20


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["xlsx", "xlsb", "xls", "ods"])
def test_12_6_bytes_that_fell_over(shop: Any, tmp_path: Path, kind: str) -> None:
    """1, 5 or 50 wrong bytes: refused or read, never a crash."""
    whole, dice = getattr(make, kind)([*TABLE, *TABLE[1:] * 5]), random.Random(1)
    for number in range(50):
        raw = bytearray(whole)
        for _ in range((1, 5, 50)[number % 3]):
            raw[dice.randrange(len(raw))] = dice.randrange(256)
        with contextlib.suppress(Refusal):
            shop.imports.preview(put(tmp_path, f"f{number}.{kind}", bytes(raw)))
