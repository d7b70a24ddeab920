"""Import rule 9: who is who, what is filled in, and what is recognised when it comes again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from shopcrm.basics.records import MemberDraft
from shopcrm.excel.writer import write_raw
from shopcrm.shop.dump import dump
from tests.imports.at_the_shop import imported, left_out

pytestmark = pytest.mark.usefixtures("in_process")
A, B, C = "13800000001", "13800000002", "13800000003"
D1, D2 = date(2026, 1, 2), date(2026, 1, 3)
S = ["手机号", "姓名", "消费日期", "商品", "数量", "实收金额"]
Rows = Sequence[Sequence[object]]


def bring(
    shop: Any, folder: Path, headings: Sequence[str], rows: Rows, *more: tuple[str, Sequence[str], Rows]
) -> dict[str, Any]:
    """Import a sheet, and more of them; the report."""
    sheets = [("一", headings, rows), *more]
    return imported(shop, write_raw(folder / "f.xlsx", sheets))


def members(shop: Any, *fields: str) -> list[tuple[Any, ...]]:
    return [tuple(member[name] for name in fields) for member in dump(shop.store.read())["members"]]


def sales(shop: Any) -> list[tuple[Any, ...]]:
    return [
        (s["member_phone"], s["member_name"], s["item"], s["amount_fen"])
        for s in dump(shop.store.read())["sales"]
    ]


def listed(report: dict[str, Any]) -> list[tuple[int, str, str, bool]]:
    return [(p["row"], p["code"], p["value"], p["left_out"]) for p in report["problems"]]


# ---------------------------------------------------------------- 9.1 the phone


def test_9_1_same_phone_is_the_same_member_also_under_another_name(shop: Any, tmp_path: Path) -> None:
    report = bring(shop, tmp_path, ["姓名", "手机号"], [["王红", A], ["李娜", "+86 " + A], ["王红", A]])
    assert members(shop, "name", "phone") == [("王红", A)]
    assert listed(report) == [(3, "name_conflict", "李娜", False)]
    report = bring(shop, tmp_path, ["姓名", "手机号"], [["赵六", A]])
    assert members(shop, "name", "phone") == [("王红", A)]
    assert listed(report) == [(2, "name_conflict", "赵六", False)]


def test_9_1_same_name_with_another_phone_is_another_member(shop: Any, tmp_path: Path) -> None:
    report = bring(shop, tmp_path, ["姓名", "手机号"], [["王红", A], ["王红", B]])
    assert members(shop, "name", "phone") == [("王红", A), ("王红", B)]
    assert report["problems"] == []
    bring(shop, tmp_path, ["姓名", "手机号"], [["王红", C]])
    assert len(members(shop, "name")) == 3


def test_9_1_in_a_family_on_one_phone_the_name_decides(shop: Any, tmp_path: Path) -> None:
    for name in ("王红", "李娜"):
        shop.members.save(MemberDraft(name=name, phones=((A, A),)))
    rows = [
        [A, "李娜", D1, "裙", 1, 100], [A, "王红", D1, "裤", 1, 200], [A, "赵六", D1, "帽", 1, 300],
        [A, None, D1, "鞋", 1, 400],
    ]  # fmt: skip
    report = bring(shop, tmp_path, S, rows)
    assert sales(shop) == [(A, "李娜", "裙", 10_000), (A, "王红", "裤", 20_000)]
    assert left_out(report) == [(4, "ambiguous_member", "赵六"), (5, "ambiguous_member", "")]


# ---------------------------------------------------------------- 9.2 without a phone


def test_9_2_a_row_without_phone_is_matched_by_card_then_by_name_then_new(shop: Any, tmp_path: Path) -> None:
    headings = ["姓名", "手机号", "会员卡号", "备注"]
    bring(
        shop,
        tmp_path,
        headings,
        [["王红", A, "V1", None], ["李娜", None, None, None], ["赵六", B, None, None]],
    )
    report = bring(shop, tmp_path, headings, [
        ["王红", None, "V1", "按卡号"], ["李娜", None, None, "按姓名"],
        ["赵六", None, None, "另一位"]])  # fmt: skip
    assert sorted(members(shop, "name", "phone", "notes"), key=str) == sorted(
        [("王红", A, "按卡号"), ("李娜", None, "按姓名"), ("赵六", B, ""), ("赵六", None, "另一位")], key=str
    )
    assert listed(report) == [(3, "no_phone", "", False), (4, "no_phone", "", False)]


def test_9_2_a_phone_without_name_is_imported_and_neither_is_a_problem(shop: Any, tmp_path: Path) -> None:
    report = bring(
        shop, tmp_path, ["姓名", "手机号", "备注"], [[None, A, None], [None, None, "谁"], ["无", "无", "谁"]]
    )
    assert members(shop, "name", "phone") == [("", A)]
    assert [(row, code) for row, code, _, _ in listed(report)] == [(2, "no_name"), (4, "no_identity")]
    assert report["rows_skipped"] == 1  # a single filled cell is a title, no row


# ---------------------------------------------------------------- 9.3 filling in

ALL = {
    "姓名": ("王红", "另名"), "手机号": (A, A), "备用手机": (B, None), "会员卡号": ("V1", "V2"),
    "性别": ("女", "男"),
    "生日": ("1990-05-01", "1991-06-02"), "农历生日": (None, None), "入会日期": ("2020-01-01", "2021-01-01"),
    "归属导购": ("小雯", "阿珍"), "微信": ("wx1", "wx2"), "上衣尺码": ("M", "L"), "裤码": ("28", "29"),
    "鞋码": ("37", "38"),
    "身高": ("160", "165"), "体重": ("50", "55"), "喜好": ("真丝", "棉"), "忌讳": ("羊毛", "皮草"),
    "标签": ("老客", "新客"),
    "积分": (120, 99), "备注": ("怕热", "怕冷"),
}  # fmt: skip


def everything(shop: Any) -> list[tuple[Any, ...]]:
    return shop.store.read().all("SELECT * FROM member ORDER BY id") + shop.store.read().all(
        "SELECT * FROM phone"
    )


def test_9_3_known_members_are_filled_and_never_overwritten(shop: Any, tmp_path: Path) -> None:
    headings = list(ALL)
    bring(shop, tmp_path, headings, [[first for first, _ in ALL.values()]])
    full = everything(shop)
    report = bring(shop, tmp_path, headings, [[second for _, second in ALL.values()]])
    assert everything(shop) == full
    conflicts = {p["column"]: p["code"] for p in report["problems"]}
    assert conflicts.pop("姓名") == "name_conflict"
    assert conflicts == dict.fromkeys(
        [n for n, (a, b) in ALL.items() if a != b and b and n != "姓名"], "field_conflict"
    )
    assert all(p["value"] and not p["left_out"] for p in report["problems"])
    assert (report["members_new"], report["members_updated"]) == (0, 0)


def test_9_3_empty_fields_are_filled_and_empty_cells_overwrite_nothing(shop: Any, tmp_path: Path) -> None:
    headings = list(ALL)
    bring(shop, tmp_path, ["姓名", "手机号"], [["王红", A]])
    report = bring(shop, tmp_path, headings, [[first for first, _ in ALL.values()]])
    assert (report["members_new"], report["members_updated"], report["problems"]) == (0, 1, [])
    full = everything(shop)
    empty = [first if name in ("姓名", "手机号") else None for name, (first, _) in ALL.items()]
    bring(shop, tmp_path, headings, [empty, [cell or "无" for cell in empty]])
    assert everything(shop) == full


def test_9_3_of_two_rows_of_one_file_the_first_value_wins(shop: Any, tmp_path: Path) -> None:
    rows = [["王红", A, None, "怕热"], ["王红", A, "女", "怕冷"], ["王红", A, "男", None]]
    report = bring(shop, tmp_path, ["姓名", "手机号", "性别", "备注"], rows)
    assert members(shop, "name", "gender", "notes") == [("王红", "女", "怕热")]
    assert listed(report) == [(3, "field_conflict", "怕冷", False), (4, "field_conflict", "男", False)]
    assert (report["members_new"], report["rows_left_out"]) == (1, 0)


def test_9_3_who_brought_her_is_found_in_the_whole_file(shop: Any, tmp_path: Path) -> None:
    rows = [["王红", A, "赵六"], ["李娜", B, "王红"], ["赵六", C, "不认识的人"]]
    report = bring(shop, tmp_path, ["姓名", "手机号", "推荐人"], rows)
    names = shop.store.read().all(
        "SELECT m.name, r.name FROM member m LEFT JOIN member r ON r.id = m.referrer_id ORDER BY m.id"
    )
    assert names == [("王红", "赵六"), ("李娜", "王红"), ("赵六", None)]
    assert listed(report) == [(4, "referrer_unknown", "不认识的人", False)]


# ---------------------------------------------------------------- 9.4 whose sale


def test_9_4_a_sale_belongs_by_phone_then_card_then_a_name_only_one_has(shop: Any, tmp_path: Path) -> None:
    bring(
        shop,
        tmp_path,
        ["姓名", "手机号", "会员卡号"],
        [["王红", A, "V1"], ["李娜", B, "V2"], ["李娜", C, None]],
    )
    headings = ["手机号", "会员卡号", "姓名", "消费日期", "商品", "实收金额"]
    rows = [
        [A, "V2", "谁", D1, "按手机", 1], [None, "V2", "王红", D1, "按卡号", 1],
        [None, None, "王红", D1, "按姓名", 1],
        [None, None, "李娜", D1, "两位", 1], [None, "V9", None, D1, "没有", 1],
        [None, None, None, D1, "无名", 1],
        ["13800000009", None, "新客", D1, "新", 1],
    ]  # fmt: skip
    report = bring(shop, tmp_path, headings, rows)
    assert sorted((item, phone, name) for phone, name, item, _ in sales(shop)) == [
        ("按卡号", B, "李娜"), ("按姓名", A, "王红"), ("按手机", A, "王红"), ("新", "13800000009", "新客"),
    ]  # fmt: skip
    assert [(row, code) for row, code, _ in left_out(report)] == [
        (5, "ambiguous_member"), (6, "no_member"), (7, "no_member"),
    ]  # fmt: skip
    assert report["members_new"] == 1


def test_9_4_the_members_of_the_same_file_count_whatever_the_order_of_sheets(
    shop: Any, tmp_path: Path
) -> None:
    first = [[None, "王红", D1, "裙", 1, 100]]
    bring(shop, tmp_path, S, first, ("会员", ["姓名", "手机号"], [["王红", A]]))
    assert sales(shop) == [(A, "王红", "裙", 10_000)]


def test_9_4_a_second_number_finds_its_owner(shop: Any, tmp_path: Path) -> None:
    bring(shop, tmp_path, ["姓名", "手机号"], [["王红", f"{A}/{B}"]])
    bring(shop, tmp_path, S, [[B, None, D1, "裙", 1, 100], [B, "王红", D1, "裤", 1, 100]])
    assert {phone for phone, *_ in sales(shop)} == {A}


# ---------------------------------------------------------------- 9.5 there already


def test_9_5_two_equal_rows_of_one_file_are_two_sales_and_none_the_second_time(
    shop: Any, tmp_path: Path
) -> None:
    rows = [[A, "王红", D1, "裙", 1, 100]] * 3 + [[A, "王红", D2, "裙", 1, 100]]
    assert bring(shop, tmp_path, S, rows)["sales_new"] == 4
    before = dump(shop.store.read())
    report = bring(shop, tmp_path, S, rows)
    assert (report["sales_new"], report["sales_duplicate"]) == (0, 4)
    assert dump(shop.store.read()) == before
    report = bring(shop, tmp_path, S, [*rows, rows[0]])  # one more than there are
    assert (report["sales_new"], report["sales_duplicate"]) == (1, 4)


@pytest.mark.parametrize(
    "other",
    [[B, "李娜", D1, "裙", 1, 100], [A, "王红", D2, "裙", 1, 100], [A, "王红", D1, "裤", 1, 100],
     [A, "王红", D1, "裙", 2, 100], [A, "王红", D1, "裙", 1, 101]],
)  # fmt: skip
def test_9_5_any_difference_makes_another_sale(shop: Any, tmp_path: Path, other: list[object]) -> None:
    bring(shop, tmp_path, S, [[A, "王红", D1, "裙", 1, 100]])
    assert bring(shop, tmp_path, S, [other])["sales_new"] == 1


def test_9_5_a_receipt_is_known_by_its_number(shop: Any, tmp_path: Path) -> None:
    headings = ["单号", *S]
    bring(
        shop, tmp_path, headings, [["X1", A, "王红", D1, "裙", 1, 100], ["X1", A, "王红", D1, "裤", 1, 200]]
    )
    report = bring(shop, tmp_path, headings, [
        ["X1", A, "王红", D1, "裙", 1, 100], ["X1", A, "王红", D1, "裤", 1, 250],  # its amount was put right
        ["X1", A, "王红", D1, "帽", 1, 50], ["X2", A, "王红", D1, "裙", 1, 100]])  # fmt: skip
    assert (report["sales_new"], report["sales_duplicate"]) == (2, 2)
    assert listed(report) == [(3, "order_changed", "250", False)]
    assert sorted(item for _, _, item, _ in sales(shop)) == ["帽", "裙", "裙", "裤"]


def test_9_5_a_receipt_without_number_in_a_later_export_is_still_known(shop: Any, tmp_path: Path) -> None:
    bring(shop, tmp_path, ["单号", *S], [["X1", A, "王红", D1, "裙", 1, 100]])
    assert bring(shop, tmp_path, S, [[A, "王红", D1, "裙", 1, 100]])["sales_duplicate"] == 1


def test_9_5_the_same_month_twice_with_a_day_more(shop: Any, tmp_path: Path) -> None:
    rows = [[f"X{n}", A, "王红", D1, f"款{n}", 1, n] for n in range(20)]
    bring(shop, tmp_path, ["单号", *S], rows)
    more = [[f"X{n}", A, "王红", D2, f"款{n}", 1, n] for n in range(20, 23)]
    report = bring(shop, tmp_path, ["单号", *S], [*rows, *more])
    assert (report["sales_new"], report["sales_duplicate"]) == (3, 20)


def test_9_5_a_number_put_right_since_makes_no_empty_member(shop: Any, tmp_path: Path) -> None:
    """Her receipt is known by its number; the old phone in the file is nobody's any more."""
    rows = [["X1", A, "王红", D1, "裙", 1, 100], ["X2", A, "王红", D2, "裤", 1, 200]]
    bring(shop, tmp_path, ["单号", *S], rows)
    her = shop.members.find(A)
    shop.members.save(MemberDraft(id=her, name="王红", phones=((B, B),)))
    report = bring(shop, tmp_path, ["单号", *S], rows)
    assert (report["members_new"], report["sales_new"], report["sales_duplicate"]) == (0, 0, 2)
    assert members(shop, "name", "phone") == [("王红", B)]
    more = [*rows, ["X3", A, "王红", D2, "帽", 1, 50]]  # who is new is new
    assert bring(shop, tmp_path, ["单号", *S], more)["members_new"] == 1


def test_9_3_two_who_brought_each_other_are_told_and_a_second_import_adds_nothing(
    shop: Any, tmp_path: Path
) -> None:
    head = ["姓名", "手机号", "推荐人"]
    rows = [["王丽", A, B], ["李娜", B, A]]
    report = bring(shop, tmp_path, head, rows)
    assert listed(report) == [(3, "referrer_circle", A, False)]
    again = bring(shop, tmp_path, head, rows)
    assert (again["members_updated"], again["batch"]) == (0, None)
    assert listed(again) == [(3, "referrer_circle", A, False)]


def test_9_2_a_card_that_came_with_a_receipt_of_the_same_file_is_known(shop: Any, tmp_path: Path) -> None:
    people = ["会员卡号", "备注"]
    receipts = ("二", ["手机号", "会员卡号", "消费日期", "实收金额"], [[A, "V1", D1, 100]])
    report = bring(shop, tmp_path, people, [["V1", "常客"]], receipts)
    assert (left_out(report), report["members_new"]) == ([], 1)
    assert members(shop, "phone", "card_no", "notes") == [(A, "V1", "常客")]
    before = dump(shop.store.read())
    again = bring(shop, tmp_path, people, [["V1", "常客"]], receipts)
    assert (again["members_updated"], again["sales_new"]) == (0, 0)
    assert dump(shop.store.read()) == before


def test_9_5_a_number_given_to_two_people_is_each_ones_own(shop: Any, tmp_path: Path) -> None:
    headings = ["单号", "手机号", "消费日期", "商品", "实收金额"]
    bring(shop, tmp_path, headings, [["7", A, D1, "衬衫", 100], ["7", B, D2, "衬衫", 200]])
    # Hers was put down at the other's price since: her row must not be taken for the other's.
    again = bring(shop, tmp_path, headings, [["7", A, D1, "衬衫", 200], ["7", B, D2, "衬衫", 200]])
    assert (again["sales_new"], again["sales_duplicate"]) == (0, 2)
    assert len(sales(shop)) == 2
