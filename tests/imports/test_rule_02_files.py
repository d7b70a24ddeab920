"""Import rule 2: which files are accepted, whatever they are called, and what counts in them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.imports import made_files as make
from tests.imports.at_the_shop import imported, left_out, people, put, refused, sales
from tests.imports.made_files import FILES, HEAD, TABLE, Error, Sheet

BOTH = [("王丽", "13800000001"), ("李娜", "13800000002")]
BOUGHT = [("王丽", "2026-03-04", "连衣裙", 39900), ("李娜", "2026-03-05", "风衣", 89950)]


def macros(data: bytes) -> bytes:
    """The same as an xlsm with a macro."""

    def change(name: str, content: bytes) -> bytes:
        return (
            content.replace(b"sheet.main+xml", b"sheet.macroEnabled.main+xml") if "Types" in name else content
        )

    out = io.BytesIO(make.repacked(data, change))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 Sub Auto_Open()")
    return out.getvalue()


def strict(data: bytes) -> bytes:
    """The same as "Strict Open XML", which has other namespaces."""

    def change(name: str, content: bytes) -> bytes:
        for old, new in (
            (b"http://schemas.openxmlformats.org/spreadsheetml/2006/main", b"http://purl.oclc.org/ooxml/spreadsheetml/main"),
            (b"http://schemas.openxmlformats.org/officeDocument/2006/relationships", b"http://purl.oclc.org/ooxml/officeDocument/relationships"),
        ):  # fmt: skip
            content = content.replace(old, new)
        return content

    return make.repacked(data, change)


KINDS: dict[str, Callable[[], bytes | str]] = {
    "xlsx": lambda: make.xlsx(TABLE),
    "xlsm": lambda: macros(make.xlsx(TABLE)),
    "strict": lambda: strict(make.xlsx(TABLE)),
    "xlsb": lambda: make.xlsb(TABLE),
    "xls": lambda: make.xls(TABLE),
    "et": lambda: make.xls(TABLE),
    "ods": lambda: make.ods(TABLE),
    "fods": lambda: make.fods(TABLE),
    "xml": lambda: make.xml_2003(TABLE),
    "csv": lambda: make.text(TABLE),
    "tsv": lambda: make.text(TABLE, "\t"),
    "html": lambda: make.page(TABLE),
    "mht": lambda: make.archive(make.page(TABLE)),
}


@pytest.mark.parametrize(("kind", "ending"), [*zip(KINDS, [*KINDS][1:], strict=False), ("mht", "xls")])
def test_2_1_the_content_decides_not_the_ending(shop: Any, tmp_path: Path, kind: str, ending: str) -> None:
    path = put(tmp_path, f"表.{ending}", KINDS[kind]())
    report = imported(shop, path)
    assert (report["members_new"], report["sales_new"], report["problems"]) == (2, 2, [])
    assert people(shop) == BOTH
    assert sales(shop) == BOUGHT


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_2_1_workbooks_of_a_real_office_program(shop: Any, kind: str) -> None:
    """Merged cells, error cells, a hidden row, a hidden sheet and a chart, written by LibreOffice."""
    report = imported(shop, FILES / f"office.{kind}")
    assert sales(shop) == [("李娜", "2026-03-04", "C", 500)]
    assert left_out(report) == [(2, "bad_amount", "#DIV/0!"), (3, "bad_amount", "#N/A")]
    assert report["ignored_sheets"] == ["旧", "图"]


@pytest.mark.usefixtures("in_process")
def test_2_1_a_tables_page_may_be_any_html(shop: Any, tmp_path: Path) -> None:
    """Tables in tables, cells over several rows and columns, numbers too wide for their cell, scripts."""
    html = """<!DOCTYPE html><html><head><meta charset=gbk></head>
    <body><table><tr><td><p>会员 &amp; 消费</p>
      <table><thead><tr><th>姓名<th>手机号<th colspan=2>消费日期<th>实收金额<th>商品</thead>
      <tbody><tr><td rowspan=2>王丽<td rowspan="2" x:num="13800000001">1.38E+10<td>2026-03-04<td>周三<td>399
      <td>连衣
        裙</tr>
      <tr><td colspan="2">2026-03-05<td>&yen;1,299.00<td>大衣<br>黑 &lt;L&gt;</tr><!-- <tr><td>x -->
      <tr><td>李娜<td>13800000002<td>2026-03-06<td><td>100<td><script>document.write("<td>x")</script>围巾
      </table></td></tr><tr><td>打印：小雯</td></tr></table></body></html>"""
    report = imported(shop, put(tmp_path, "消费.xls", html.encode("gbk")))
    assert report["problems"] == []
    assert people(shop) == BOTH
    assert sales(shop) == [
        ("王丽", "2026-03-04", "连衣 裙", 39900),
        ("王丽", "2026-03-05", "大衣\n黑 <L>", 129900),
        ("李娜", "2026-03-06", "围巾", 10000),
    ]


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("kind", ["xlsx", "xlsb", "xls", "ods", "xml"])
def test_2_2_a_formula_counts_with_its_stored_value_and_error_cells_are_errors(
    shop: Any, tmp_path: Path, kind: str
) -> None:
    rows = [*TABLE, ["赵敏", 13800000003, date(2026, 3, 6), "裙", Error("#DIV/0!")]]
    made = getattr(make, {"xml": "xml_2003"}.get(kind, kind))(rows)
    report = imported(shop, put(tmp_path, f"f.{kind}", made))
    assert left_out(report) == [(4, "bad_amount", "#DIV/0!")]
    assert sales(shop) == BOUGHT


@pytest.mark.usefixtures("in_process")
def test_2_2_stored_values_of_formulas(shop: Any, tmp_path: Path) -> None:
    """What a formula left counts; without a stored value the cell is empty, nothing is calculated."""
    cells = {
        b"<v>1</v>": b"<f>SUM(A1:A9)</f><v>399</v>",
        b"<v>2</v>": b"<f>2*3</f>",
        b"<v>3</v>": b"<f>HYPERLINK(&quot;http://x/&quot;)</f><v/>",
        b"<v>4</v>": b'<f t="shared" ref="E5:E6" si="0">1/0</f><v>12.5</v>',
    }

    def change(name: str, content: bytes) -> bytes:
        if name.endswith("sheet1.xml"):
            for old, new in cells.items():
                assert content.count(old) == 1
                content = content.replace(old, new)
        return content

    rows: list[list[object]] = [HEAD]
    rows += [["王丽", 13800000001, date(2026, 3, 4), "甲", n] for n in (1, 2, 3, 4)]
    report = imported(shop, put(tmp_path, "f.xlsx", make.repacked(make.xlsx(rows), change)))
    assert [amount for *_, amount in sales(shop)] == [1250, 39900]
    assert left_out(report) == [(3, "missing_amount", ""), (4, "missing_amount", "")]


@pytest.mark.usefixtures("in_process")
def test_2_2_nothing_is_written_and_nothing_followed(shop: Any, tmp_path: Path) -> None:
    """`conftest` fails every connection; the folder of the file stays as it was."""
    folder = tmp_path / "收到的"
    folder.mkdir()
    put(folder, "f.xlsm", macros(make.xlsx(TABLE)))
    html = make.page(TABLE, '<link rel=File-List href="http://127.0.0.9/x"><base href="http://127.0.0.9/">')
    put(folder, "f.xls", html)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}
    for path in before:
        imported(shop, path)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()} == before


# ---------------------------------------------------------------- text tables


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_2_3_separators_and_line_ends(shop: Any, tmp_path: Path, separator: str, end: str) -> None:
    imported(shop, put(tmp_path, "f.txt", make.text(TABLE, separator, end)))
    assert (people(shop), sales(shop)) == (BOTH, BOUGHT)


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("separator", [";", "^", ":"])
def test_2_3_a_first_line_that_names_the_separator_is_obeyed(
    shop: Any, tmp_path: Path, separator: str
) -> None:
    report = imported(
        shop, put(tmp_path, "f.csv", f"sep={separator}\r\n" + make.text([*TABLE, ["x,y"]], separator))
    )
    assert (people(shop), sales(shop), report["rows_skipped"]) == (BOTH, BOUGHT, 1)


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("gbk", "GB18030"),
        ("gb18030", "GB18030"),
    ],
)
@pytest.mark.parametrize("separator", [",", "\t"])
def test_2_3_encodings(shop: Any, tmp_path: Path, encoding: str, shown: str, separator: str) -> None:
    rows = [*TABLE, ["喆堃", 13800000003, date(2026, 3, 6), "裙", 100]]
    path = put(tmp_path, "f.csv", make.text(rows, separator).encode(encoding))
    assert shop.imports.preview(path).encoding == shown
    imported(shop, path)
    assert people(shop) == [*BOTH, ("喆堃", "13800000003")]


OLD = [["會員姓名", "手機號碼", "備註"], ["陳怡君", "0912345678", "喜歡黑色"], ["林婷", "", "不要推銷"]]
ENGLISH = [["name", "remark"], ["陳怡君", "喜歡黑色"], ["林淑芬", "不要推銷"]]


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("rows", [OLD, ENGLISH])
def test_2_3_big5_is_told_from_gb18030(shop: Any, tmp_path: Path, rows: list[list[str]]) -> None:
    """By the headings, and where these are English by which of the two gives everyday words."""
    for name, encoding, shown in (("a.csv", "big5", "Big5"), ("b.csv", "gbk", "GB18030")):
        path = put(tmp_path, name, make.text([*rows, *rows[1:]]).encode(encoding))
        plan = shop.imports.preview(path)
        assert plan.encoding == shown
        assert plan.sheets[0].row(0).cells[0] == "陳怡君"


@pytest.mark.usefixtures("in_process")
def test_2_3_the_workbook_has_no_encoding(shop: Any, tmp_path: Path) -> None:
    assert shop.imports.preview(put(tmp_path, "f.xlsx", make.xlsx(TABLE))).encoding == ""


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize(
    "broken",
    [
        make.text(TABLE).encode("gbk") + make.text([["欧阳震华", "13800000003", "", "连衣裙", "1"]]).encode(),
        make.text(TABLE).encode() + make.text([["张敏", "13800000003", "", "裙", "1"]]).encode("gbk"),
        make.text(TABLE).encode() + b"\xff\xff\xfe\xfa",
        b"\xef\xbb\xbf" + make.text(TABLE).encode("gbk"),
        make.text(TABLE).encode("utf-16")[:-1],
    ],
)
def test_2_3_text_in_no_encoding_or_in_two_is_refused(shop: Any, tmp_path: Path, broken: bytes) -> None:
    refusal = refused(shop, put(tmp_path, "f.csv", broken))
    assert refusal.code == "bad_encoding"
    assert "xlsx" in refusal.sentence
    assert "UTF-8" in refusal.sentence


@pytest.mark.usefixtures("in_process")
def test_2_3_quoted_fields_hold_separators_and_line_breaks(shop: Any, tmp_path: Path) -> None:
    text = '姓名,手机号,备注\r\n"王,丽",13800000001,"第一行\r\n""第二""行"\r\n李娜,13800000002,身高5\'2"\r\n'
    imported(shop, put(tmp_path, "f.csv", text))
    notes = shop.store.read().all("SELECT name, notes FROM member ORDER BY id")
    assert [tuple(row) for row in notes] == [("王,丽", '第一行\n"第二"行'), ("李娜", "身高5'2\"")]


@pytest.mark.usefixtures("in_process")
def test_2_3_habits_of_exports_are_dropped(shop: Any, tmp_path: Path) -> None:
    text = (
        "姓名,手机号,备注\n"
        '王丽,"=""13800000001""","\'=1+1"\n'
        "\t李娜\t,\t13800000002\t,'-5\n"
        "赵敏,'13800000003,'不是\n"
        '="钱多",="13800000004",\'@x\n'
    )
    imported(shop, put(tmp_path, "f.csv", text))
    rows = shop.store.read().all(
        "SELECT m.name, p.key, m.notes FROM member m JOIN phone p ON p.member_id = m.id ORDER BY m.id"
    )
    assert [tuple(row) for row in rows] == [
        ("王丽", "13800000001", "=1+1"),
        ("李娜", "13800000002", "-5"),
        ("赵敏", "13800000003", "'不是"),
        ("钱多", "13800000004", "@x"),
    ]


@pytest.mark.usefixtures("in_process")
def test_2_3_a_stray_control_character_is_no_sign_of_a_program(shop: Any, tmp_path: Path) -> None:
    """Scanners of bar codes leave some; so do tills that pad with them."""
    text = make.text([HEAD, ["王\x02丽", "138\x1f00000001", "2026-03-04", "连衣裙", "399"], *TABLE[2:]])
    imported(shop, put(tmp_path, "f.csv", text))
    assert (people(shop), sales(shop)) == (BOTH, BOUGHT)


@pytest.mark.usefixtures("in_process")
def test_2_3_a_first_line_that_names_no_separator_is_a_line(shop: Any, tmp_path: Path) -> None:
    imported(shop, put(tmp_path, "f.csv", "sep=\r\n" + make.text(TABLE)))
    assert people(shop) == BOTH


@pytest.mark.usefixtures("in_process")
def test_2_4_values_that_slid_sideways_leave_the_row_out(shop: Any, tmp_path: Path) -> None:
    text = "姓名,手机号,备注\n王丽,13800000001,怕热,怕冷\n李娜,13800000002,,\n赵敏,13800000003,a,,\n"
    report = imported(shop, put(tmp_path, "f.csv", text))
    assert left_out(report) == [(2, "shifted_columns", "王丽 | 13800000001 | 怕热 | 怕冷")]
    assert people(shop) == [("李娜", "13800000002"), ("赵敏", "13800000003")]


# ---------------------------------------------------------------- from the clipboard


def test_2_3_a_table_from_the_clipboard(shop: Any) -> None:
    """As Excel and WPS copy it: tabs, quotes only around line breaks and quotes, no empty line at the end."""
    text = '姓名\t手机号\t备注\r\n王丽\t13800000001\t"a\nb ""c"""\r\n李娜, 小\t138 0000 0002\t"\r\n\t\t'
    plan = shop.imports.preview_text(text)
    assert (plan.file, plan.encoding) == ("剪贴板", "")
    shop.imports.apply(plan)
    assert people(shop) == [("王丽", "13800000001"), ("李娜, 小", "13800000002")]


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "empty_file"), (" \r\n", "empty_file"), ("你好", "no_header"), ("PK\x03\x04", "no_header")],
)
def test_2_3_what_else_is_on_the_clipboard_is_refused_by_name(shop: Any, text: str, code: str) -> None:
    from shopcrm.basics.errors import Refusal

    with pytest.raises(Refusal) as refusal:
        shop.imports.preview_text(text)
    assert refusal.value.code == code
    assert "剪贴板" in refusal.value.sentence


def test_2_3_a_big_clipboard_does_not_block(shop: Any) -> None:
    """More than a pipe holds, both ways."""
    rows = "".join(f"客人{n}\t1380{n:07}\t{'字' * 50}\r\n" for n in range(5000))
    assert shop.imports.preview_text("姓名\t手机号\t备注\r\n" + rows).counts.members_new == 5000


@pytest.mark.usefixtures("in_process")
def test_2_1_merged_sheets_of_every_kind_have_the_same_meaning(shop: Any, tmp_path: Path) -> None:
    """One sheet, six kinds of file: the second to sixth import bring nothing new."""
    sheet = Sheet(
        [HEAD, *TABLE[1:], [None, None, date(2026, 3, 6), "裙", 10]], merges=[(2, 0, 3, 0), (2, 1, 3, 1)]
    )
    for number, kind in enumerate(("xlsx", "xlsb", "xls", "ods", "fods", "xml_2003")):
        report = imported(shop, put(tmp_path, f"f.{kind}", getattr(make, kind)(sheet)))
        assert (report["sales_new"], report["sales_duplicate"]) == ((3, 0) if number == 0 else (0, 3)), kind
    assert sales(shop) == [*BOUGHT, ("李娜", "2026-03-06", "裙", 1000)]


ODS_ROW = """<table:table-row>
<table:table-cell office:value-type="string">
<office:annotation><text:p>批注：别信</text:p></office:annotation>
<text:p>王<text:span>丽</text:span></text:p></table:table-cell>
<table:table-cell office:value-type="float" office:value="13800000001">
<text:p>1.38E+10</text:p></table:table-cell>
<table:table-cell office:value-type="string">
<text:p>一<text:s text:c="2"/>二</text:p><text:p>三</text:p></table:table-cell>
<table:table-cell table:number-columns-repeated="2" office:value-type="percentage" office:value="0.5"/>
</table:table-row>"""


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("more", ["", "<text:line-break/>四"])
def test_2_1_cells_of_an_ods_hold_more_than_text(shop: Any, tmp_path: Path, more: str) -> None:
    """Remarks on a cell are none of its content; the second form is read by another way."""
    head = make.ods([["姓名", "手机号", "备注", "折扣", "折上折"]])
    row = ODS_ROW.replace("三</text:p>", f"三{more}</text:p>").encode()
    data = make.repacked(
        head, lambda name, content: content.replace(b"</table:table>", row + b"</table:table>")
    )
    plan = shop.imports.preview(put(tmp_path, "f.ods", data))
    shop.imports.apply(plan)
    assert people(shop) == BOTH[:1]
    assert plan.sheets[0].row(0).cells[3:] == ("0.5", "0.5")
    notes = shop.store.read().value("SELECT notes FROM member")
    assert notes == "一  二\n三" + ("\n四" if more else "")
