"""Import rule 3: which sheets, which row is the header, what each column is, and which rows are no data."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from shopcrm.basics.fields import BY_KIND, FIELDS, KNOWN_HEADINGS, plain_heading
from tests.imports import made_files as make
from tests.imports.at_the_shop import imported, left_out, people, put, refused, sales
from tests.imports.made_files import FILES, HEAD, TABLE, Sheet

pytestmark = pytest.mark.usefixtures("in_process")

WANG, LI, ZHAO = ("王丽", "13800000001"), ("李娜", "13800000002"), ("赵敏", "13800000003")
A, B, C = "13800000001", "13800000002", "13800000003"
DAY = date(2026, 3, 4)
MEMBERS: list[list[object]] = [["姓名", "手机号"], ["王丽", A], ["李娜", B]]


def taken(shop: Any, folder: Path, made: Any, kind: str = "xlsx") -> dict[str, Any]:
    """The report of importing these rows or sheets."""
    return imported(shop, put(folder, f"f.{kind}", getattr(make, kind)(made)))


def notes(shop: Any) -> dict[str, str]:
    return {row[0]: row[1] for row in shop.store.read().all("SELECT name, notes FROM member")}


# ---------------------------------------------------------------- 3.1 sheets


@pytest.mark.parametrize("kind", ["xlsx", "xlsb", "xls", "ods", "xml_2003"])
def test_3_1_every_visible_sheet_with_a_header_is_imported_and_others_are_named(
    shop: Any, tmp_path: Path, kind: str
) -> None:
    report = taken(
        shop,
        tmp_path,
        [
            Sheet([["本店说明"], ["请勿外传"]], name="说明"),
            Sheet(MEMBERS, name="会员"),
            Sheet(TABLE[:2], name="3月"),
            Sheet([HEAD, ["李娜", B, date(2026, 4, 5), "裙", 5]], name="4月"),
            Sheet([["姓名", "手机号"], ["隐", C]], name="旧", hidden=True),
        ],
        kind,
    )
    assert people(shop) == [WANG, LI]
    assert [day for _, day, _, _ in sales(shop)] == ["2026-03-04", "2026-04-05"]
    assert report["ignored_sheets"] == ["说明", "旧"]


def test_3_1_chart_sheets_and_empty_sheets_are_named(shop: Any, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in MEMBERS:
        book.active.append(row)
    book.create_sheet("Sheet2")
    chart = openpyxl.chart.BarChart()
    chart.add_data(openpyxl.chart.Reference(book.active, min_col=2, min_row=1, max_row=3))
    book.create_chartsheet("图").add_chart(chart)
    book.save(tmp_path / "f.xlsx")
    assert imported(shop, tmp_path / "f.xlsx")["ignored_sheets"] == ["Sheet2", "图"]


@pytest.mark.parametrize("kind", ["xlsx", "xlsb", "xls", "ods", "xml_2003"])
def test_3_1_a_file_whose_only_table_is_hidden_is_refused_with_that_hint(
    shop: Any, tmp_path: Path, kind: str
) -> None:
    made = getattr(make, kind)([Sheet([["说明"]], name="封面"), Sheet(MEMBERS, name="会员", hidden=True)])
    refusal = refused(shop, put(tmp_path, f"f.{kind}", made))
    assert refusal.code == "no_header"
    assert "会员" in refusal.sentence
    assert "隐藏" in refusal.sentence


def test_3_1_very_hidden_sheets_are_hidden(shop: Any, tmp_path: Path) -> None:
    def change(name: str, content: bytes) -> bytes:
        return content.replace(b'"hidden"', b'"veryHidden"') if name == "xl/workbook.xml" else content

    made = make.xlsx([Sheet(MEMBERS), Sheet([["姓名", "手机号"], ["隐", C]], name="旧", hidden=True)])
    assert imported(shop, put(tmp_path, "f.xlsx", make.repacked(made, change)))["ignored_sheets"] == ["旧"]
    assert people(shop) == [WANG, LI]


def test_3_1_hidden_rows_and_columns_are_imported_like_others(shop: Any, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in MEMBERS:
        book.active.append(row)
    book.active.row_dimensions[2].hidden = True
    book.active.column_dimensions["B"].hidden = True
    book.active.auto_filter.ref = "A1:B3"
    book.save(tmp_path / "f.xlsx")
    imported(shop, tmp_path / "f.xlsx")
    assert people(shop) == [WANG, LI]


# ---------------------------------------------------------------- 3.2 header


def test_3_2_rows_above_the_header_are_ignored(shop: Any, tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["小雯服饰 会员 表"],
        [None, "2026 年 3 月", "第 1 页"],
        [],
        ["制表：小雯", "姓名不全的待补"],
    ]
    report = taken(shop, tmp_path, [*rows, *MEMBERS])
    assert people(shop) == [WANG, LI]
    assert report["rows"] == 2
    assert shop.imports.preview(tmp_path / "f.xlsx").sheets[0].header_row == 5


@pytest.mark.parametrize(("above", "found"), [(19, True), (20, False)])
def test_3_2_the_header_is_among_the_first_20_filled_rows(
    shop: Any, tmp_path: Path, above: int, found: bool
) -> None:
    rows = [row for n in range(above) for row in ([f"说明 {n}"], [], ["  "])]
    path = put(tmp_path, "f.xls", make.xls([*rows, *MEMBERS]))
    if found:
        imported(shop, path)
        assert people(shop) == [WANG, LI]
    else:
        assert refused(shop, path).code == "no_header"


@pytest.mark.parametrize(
    ("headings", "is_header"),
    [
        (["姓名", "手机号"], True),
        (["会员卡号", "备注"], True),
        (["手机号", "性别"], True),
        (["姓名", "说明"], False),  # one known
        (["性别", "生日", "备注"], False),  # no name, phone or card
        (["姓名", "姓名"], False),  # one known, twice
    ],
)
def test_3_2_two_known_headings_one_of_them_of_the_person(
    shop: Any, tmp_path: Path, headings: list[str], is_header: bool
) -> None:
    values = {"姓名": "王丽", "手机号": A, "会员卡号": "V1", "性别": "女", "生日": "1990-05-01"}
    rows = [headings, [values.get(heading, "x") for heading in headings]]
    if headings[0] == "会员卡号":
        imported(shop, put(tmp_path, "known.csv", make.text([["姓名", "会员卡号"], ["王丽", "V1"]])))
    path = put(tmp_path, "f.csv", make.text(rows))
    if is_header:
        assert [sheet.header_row for sheet in shop.imports.preview(path).sheets] == [1]
    else:
        assert refused(shop, path).code == "no_header"


def test_3_2_of_a_two_line_header_the_line_with_more_known_headings_counts(shop: Any, tmp_path: Path) -> None:
    """The upper line groups columns, or the lower one only splits some of them."""
    upper = Sheet(
        [["会员", None, "消费"], HEAD, ["王丽", A, DAY, "裙", 5]],
        name="分组", merges=[(0, 0, 0, 1), (0, 2, 0, 4)],
    )  # fmt: skip
    lower = Sheet(
        [HEAD[:4], [None, None, None, None, "实收金额"], ["李娜", B, DAY, "裙", 6]],
        name="分行", merges=[(0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 1, 2), (0, 3, 1, 3)],
    )  # fmt: skip
    report = taken(shop, tmp_path, [upper, lower])
    assert people(shop) == [WANG, LI]
    assert {fen for *_, fen in sales(shop)} == {500, 600}
    assert left_out(report) == []


# ---------------------------------------------------------------- 3.3 headings


@pytest.mark.parametrize(
    "heading",
    ["手机号", " 手 机 号 ", "手机号\n", "手机号*", "*手机号：", "手机号（必填）", "手机号(11位)",
     "手机号[座机也可]", "【必填】手机号", "手\u200b机号", "手机\xa0号",
     "手机号 :", "Ｐｈｏｎｅ", "PHONE", "Phone Number",
     "手機號碼", "mobile (cn)",
     "〔本人〕手机号", "手机号＊"],
)  # fmt: skip
def test_3_3_headings_are_compared_without_dress(shop: Any, tmp_path: Path, heading: str) -> None:
    imported(shop, put(tmp_path, "f.xlsx", make.xlsx([["姓名", heading], ["王丽", A]])))
    assert people(shop) == [WANG]


@pytest.mark.parametrize(
    "heading",
    ["手机型号", "姓名拼音", "生日礼品", "累计消费金额", "手机号归属地", "会员姓名1", "电话3", "备注人"],
)
def test_3_3_a_heading_must_equal_a_known_one(shop: Any, tmp_path: Path, heading: str) -> None:
    rows: list[list[object]] = [["姓名", "手机号", heading], ["王丽", A, "13900000009"]]
    report = imported(shop, put(tmp_path, "f.xlsx", make.xlsx(rows)))
    assert report["ignored_columns"] == [heading]
    assert (people(shop), notes(shop)) == ([WANG], {"王丽": ""})


def test_3_3_of_two_columns_of_one_meaning_the_left_counts_and_the_other_fills_in(
    shop: Any, tmp_path: Path
) -> None:
    rows: list[list[object]] = [["姓名", "手机", "联系电话", "备注", "备注信息"]]
    rows += [
        ["王丽", A, "13900000009", "甲", "乙"],
        ["李娜", None, B, None, "丙"],
        ["赵敏", "无", C, "暂无", "丁"],
    ]
    report = taken(shop, tmp_path, rows)
    assert people(shop) == [WANG, LI, ZHAO]
    assert notes(shop) == {"王丽": "甲", "李娜": "丙", "赵敏": "丁"}
    assert report["ignored_columns"] == []


# ---------------------------------------------------------------- 3.4 known headings

RULE_3_4 = {
    "name": "姓名 会员姓名 客户姓名 顾客姓名 名字 客户名称 会员名称 客户 顾客 会员 收货人"
            " 會員姓名 客戶姓名 顧客姓名 name customer customer_name member_name full_name",
    "phone": "手机 手机号 手机号码 电话 电话号码 联系电话 联系方式 移动电话 会员手机"
             " 会员手机号 会员电话 客户电话 手機 手機號碼 手機號 電話 聯絡電話"
             " phone mobile tel cell phone_number mobile_number",
    "phone2": "备用电话 备用手机 电话2 手机2",
    "card": "会员卡号 卡号 会员编号 会员号 會員卡號 會員編號 card_no card_number member_id member_no",
    "gender": "性别 性別 gender sex",
    "birthday": "生日 会员生日 出生日期 出生年月日 客户生日 birthday date_of_birth dob",
    "lunar_birthday": "农历生日 阴历生日 農曆生日",
    "calendar": "生日类型 历法",
    "notes": "备注 备注信息 附注 備註 notes remark remarks memo",
    "joined": "入会日期 入会时间 注册日期 注册时间 登记日期 开卡日期 办卡日期 建档日期"
              " 入會日期 joined member_since",
    "own_staff": "归属导购 专属导购 服务导购 所属导购 專屬導購 导购",
    "referrer": "推荐人 介绍人 推薦人 referred_by referrer",
    "size_top": "尺码 上衣尺码 size", "size_bottom": "裤子尺码 裤码", "size_shoe": "鞋码", "height": "身高",
    "weight": "体重", "likes": "喜好 偏好 喜欢", "avoids": "不喜欢 忌讳", "wechat": "微信 微信号 wechat",
    "tags": "标签 客户标签 tags", "points": "积分 当前积分 可用积分 剩余积分 points",
}  # fmt: skip
RULE_3_4_SALES = {
    "sale_day": "消费日期 销售日期 购买日期 交易日期 成交日期 消费时间 销售时间 交易时间 下单时间"
                " 日期 消費日期 銷售日期 date sale_date purchase_date",
    "amount": "实收金额 实收 实付金额 实付 成交额 成交金额 成交价 消费金额 销售金额 金额 交易金额"
              " 實收金額 消費金額 金額 amount paid total 应收金额 应收",
    "price": "单价 售价 單價 price unit_price", "qty": "数量 件数 數量 qty quantity",
    "item": "商品 商品名称 品名 款号 货号 款式 商品名稱 款號 item product style_no",
    "staff": "导购 店员 营业员 销售员 导购员 導購 staff sales",
    "sale_type": "类型 单据类型 交易类型 销售类型 type",
    "order_no": "单号 小票号 订单号 流水号 order_no receipt_no",
}  # fmt: skip
RULE_3_4_VISITS = {
    "visits": {"visit_day": "到店日期 到店时间 来店日期", "outcome": "到店情况", "bought": "是否成交",
               "reason": "未购原因", "tried": "试穿"},
    "contacts": {"contact_day": "回访日期 跟进日期", "contact_outcome": "回访结果 跟进结果",
                 "contact_note": "跟进内容", "next_day": "下次跟进日期"},
}  # fmt: skip


def test_3_4_every_heading_of_the_rule_is_known_with_its_meaning() -> None:
    tables = {"members": RULE_3_4, "sales": {**RULE_3_4, **RULE_3_4_SALES}, **RULE_3_4_VISITS}
    only_members = {"notes", "own_staff", "referrer", "height", "weight", "likes", "avoids", "tags", "points"}
    wrong = [
        (kind, field, heading)
        for kind, fields in tables.items()
        for field, headings in fields.items()
        for heading in headings.split()
        if not (kind == "sales" and field in only_members | {"size_top", "size_bottom", "size_shoe"})
        and BY_KIND[kind].get(plain_heading(heading.replace("_", " ")), ("", 0))[0] != field  # type: ignore[index]
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "headings",
    [
        ["會員姓名", "手機號碼", "備註", "銷售日期", "消費金額", "數量", "商品名稱"],
        ["Member Name", "Mobile", "Remarks", "Sale Date", "PAID", "Qty", "Product"],
    ],
)
def test_3_4_sheets_in_traditional_and_in_english(shop: Any, tmp_path: Path, headings: list[object]) -> None:
    row: list[object] = ["王丽", A, "x", DAY, 5, 2, "裙"]
    taken(shop, tmp_path, [headings, row])
    assert people(shop) == [WANG]
    assert sales(shop) == [("王丽", "2026-03-04", "裙", 500)]


def test_3_4_amounts_have_an_order_of_preference(shop: Any, tmp_path: Path) -> None:
    heads = ["应收金额", "金额", "实收金额"]
    for n in range(3):  # in whatever order the columns stand
        order = heads[n:] + heads[:n]
        values = {"应收金额": 300, "金额": 200, "实收金额": 100}
        row: list[object] = ["王丽", A, date(2026, 3, 1 + n), "裙", *(values[head] for head in order)]
        taken(shop, tmp_path, [["姓名", "手机号", "消费日期", "商品", *order], row])
    assert [fen for *_, fen in sales(shop)] == [10000] * 3


def test_3_4_one_heading_may_mean_one_thing_on_members_and_another_on_sales(
    shop: Any, tmp_path: Path
) -> None:
    member = Sheet([["姓名", "手机号", "导购", "备注"], ["王丽", A, "小雯", "怕热"]], name="会员")
    sale = Sheet([[*HEAD, "导购", "备注"], ["王丽", A, DAY, "裙", 5, "阿珍", "换过"]], name="销售")
    taken(shop, tmp_path, [member, sale])
    rx = shop.store.read()
    assert rx.value("SELECT s.name FROM member m JOIN staff s ON s.id = m.staff_id") == "小雯"
    assert rx.value("SELECT s.name FROM sale x JOIN staff s ON s.id = x.staff_id") == "阿珍"
    assert notes(shop) == {"王丽": "怕热"}


# ---------------------------------------------------------------- 3.5 kinds of sheets


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        (["消费日期", "实收金额"], "sales"),
        (["消费日期", "单价", "数量"], "sales"),
        (["消费日期", "单价"], "members"),
        (["实收金额"], "members"),
        (["消费日期"], "members"),
        (["生日", "积分"], "members"),
        (["到店日期", "到店情况"], "visits"),
        (["回访日期", "回访结果"], "contacts"),
        (["到店日期", "消费日期", "实收金额"], "sales"),
    ],
)
def test_3_5_what_a_sheet_holds_is_told_by_its_headings(
    shop: Any, tmp_path: Path, more: list[str], kind: str
) -> None:
    row: list[object] = ["王丽", A, *[{"日期": DAY, "生日": DAY}.get(head[-2:], 5) for head in more]]
    path = put(tmp_path, "f.xlsx", make.xlsx([["姓名", "手机号", *more], row]))
    assert shop.imports.preview(path).sheets[0].kind == kind
    if kind == "members":
        assert (imported(shop, path)["sales_new"], people(shop)) == (0, [WANG])


# ---------------------------------------------------------------- 3.6 rows that are no data


def test_3_6_rows_that_are_no_data_are_skipped_and_counted(shop: Any, tmp_path: Path) -> None:
    rows: list[list[object]] = [["姓名", "手机号", "备注"]]
    rows += [
        ["王丽", A, "x"],
        [None, None, None],  # empty
        ["  ", "\u3000", "\u200b"],  # empty to the eye
        ["姓 名", "手机号：", "备注"],  # the header once more
        ["本页合计", None, "2 人"],
        [None, " 小 计", 3],
        ["Grand Total", "2", None],
        ["總計", None, 5],
        ["第 1 页"],  # a footer
        [None, B, None],  # a phone alone is somebody
        [None, None, "139"],  # one cell elsewhere
        ["累计消费多", C, "x"],  # a valid phone: somebody
    ]
    report = taken(shop, tmp_path, rows)
    assert people(shop) == [WANG, ("", B), ("累计消费多", C)]
    assert report["rows_skipped"] == 9
    assert [p["code"] for p in report["problems"]] == ["no_name"]


def test_3_6_total_rows_of_sales(shop: Any, tmp_path: Path) -> None:
    rows: list[list[object]] = [
        *TABLE,
        ["合计", None, None, "2 件", 1298.5],
        ["日期：2026-03", None, None, None, None],
    ]
    report = taken(shop, tmp_path, rows)
    assert (report["rows_skipped"], report["problems"]) == (2, [])
    assert len(sales(shop)) == 2


def test_3_6_a_total_stays_out_wherever_its_word_stands(shop: Any, tmp_path: Path) -> None:
    for word in (
        "合计",
        "总计：",
        "小计(3)",
        "本页合计",
        "累计",
        "合計",
        "總計",
        "total",
        "SubTotal",
        "Grand total 2026",
        "ＴＯＴＡＬ",
    ):
        rows: list[list[object]] = [
            ["姓名", "手机号", "备注", "性别"],
            ["王丽", A, "x", None],
            [None, None, word, "3"],
        ]
        report = taken(shop, tmp_path, rows)
        assert report["rows_skipped"] == 1, word
    assert people(shop) == [WANG]


# ---------------------------------------------------------------- 3.7 merges


@pytest.mark.parametrize("kind", ["xlsx", "xlsb", "xls", "ods", "fods", "xml_2003"])
@pytest.mark.parametrize(("down", "across"), [(0, 0), (2, 3)])
def test_3_7_vertically_merged_cells_count_in_every_row_they_span(
    shop: Any, tmp_path: Path, kind: str, down: int, across: int
) -> None:
    """Also where the table does not begin in the first row and column."""
    rows: list[list[object]] = [
        HEAD,
        ["王丽", A, DAY, "甲", 1],
        [None, None, None, "乙", 2],
        [None, None, None, "丙", 3],
        ["李娜", B, DAY, "丁", 4],
        ["赵敏", C, DAY, "戊", make.Error("#N/A")],
    ]
    merged = [(1, 0, 3), (1, 1, 3), (1, 2, 3), (5, 0, 900), (5, 1, 900)]
    sheet = Sheet(
        [*[[]] * down, *([None] * across + row for row in rows)],
        merges=[(top + down, at + across, last + down, at + across) for top, at, last in merged],
    )
    report = taken(shop, tmp_path, sheet, kind)
    assert sales(shop) == [
        ("李娜", "2026-03-04", "丁", 400),
        ("王丽", "2026-03-04", "丙", 300),
        ("王丽", "2026-03-04", "乙", 200),
        ("王丽", "2026-03-04", "甲", 100),
    ]
    assert (report["rows"], report["rows_skipped"]) == (5, 0)  # no rows below the last
    assert left_out(report) == [(6 + down, "bad_amount", "#N/A")]


def test_3_7_real_merges_of_an_office_program(shop: Any) -> None:
    for kind in ("xlsx", "xls", "ods"):
        plan = shop.imports.preview(FILES / f"office.{kind}")
        assert [row.cells[:3] for row in plan.sheets[0].rows(0, 9)] == [
            ("王丽", A, "A"), ("王丽", A, "B"), ("李娜", B, "C")
        ]  # fmt: skip


def test_3_4_every_field_belongs_to_the_rule_or_is_of_equal_meaning() -> None:
    """No heading of ours means two things on one kind of sheet."""
    for kind in BY_KIND:
        seen: dict[str, str] = {}
        for field in FIELDS:
            if kind in field.sheets:
                for heading in (*field.headings, *(one for lesser in field.lesser for one in lesser)):
                    plain = plain_heading(heading)
                    assert seen.setdefault(plain, field.id) == field.id, (kind, heading)
    assert all(heading for heading in KNOWN_HEADINGS)
