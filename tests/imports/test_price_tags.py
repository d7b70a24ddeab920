"""What a line tells besides its article: category, article number, price tag and discount in a file."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from shopcrm.basics import texts
from shopcrm.basics.fields import BY_KIND, plain_heading
from shopcrm.basics.values import list_price, parse_discount
from shopcrm.shop import Shop
from shopcrm.shop.dump import dump
from tests.imports import made_files as make
from tests.imports.at_the_shop import imported, put

pytestmark = pytest.mark.usefixtures("in_process")
PERSON = ["姓名", "手机号", "日期"]
WHO = ["王丽", "13800000001", "2026-03-04"]


def taken(shop: Any, tmp_path: Path, heads: list[str], *rows: list[object]) -> dict[str, Any]:
    table = [[*PERSON, *heads], *([*WHO, *row] for row in rows)]
    return imported(shop, put(tmp_path, "f.xlsx", make.xlsx(table)))


def told(shop: Any) -> list[tuple[Any, ...]]:
    rows = shop.store.read().all("SELECT item, article_no, category, list_fen FROM line ORDER BY id")
    return [tuple(row) for row in rows]


@pytest.mark.parametrize(
    ("field", "headings"),
    [
        ("article_no", "商品编码 商品编号 商品編號 sku article_no"),
        ("category", "类别 品类 商品类别 類別 品類 category"),
        ("list_price", "吊牌价 原价 标价 吊牌價 原價 標價 list_price tag_price"),
        ("list_amount", "吊牌金额 吊牌金額 list_amount"),
        ("discount", "折扣 折扣率 折率 折數 discount"),
    ],
)
def test_headings_in_three_scripts(field: str, headings: str) -> None:
    known = [BY_KIND["sales"].get(plain_heading(h.replace("_", " ")), ("", 0))[0] for h in headings.split()]
    assert known == [field] * len(known)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("number", ["款号", "货号", "貨號", "Style No"])
def test_where_the_article_has_a_name_its_number_is_kept_beside_it(
    shop: Any, tmp_path: Path, number: str, order: tuple[int, int]
) -> None:
    heads = [["商品名称", number][at] for at in order]
    rows = [["羊绒衫", "A2031"], [None, "B7"], ["围脖", None]]
    report = taken(shop, tmp_path, [*heads, "金额"], *([*(row[at] for at in order), 10] for row in rows))
    assert told(shop) == [("羊绒衫", "A2031", "", None), ("B7", "B7", "", None), ("围脖", "", "", None)]
    assert report["ignored_columns"] == []


def test_a_number_alone_is_what_the_article_is_known_by(shop: Any, tmp_path: Path) -> None:
    taken(shop, tmp_path, ["款号", "品类", "金额"], ["A2031", "毛衫", 10])
    assert told(shop) == [("A2031", "", "毛衫", None)]


def test_the_tag_of_a_piece_times_the_pieces_or_of_the_whole_line(shop: Any, tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["裙", 2, 298, None, None, 506.60], ["裙", 2, 298, 500, "9折", 500],
        ["裙", 1, "¥1,298", None, None, 0],
        ["裙", 1, 298, None, None, -253.30], ["裙", 1, 0, None, None, 100],
        ["裙", 1, "不知道", None, None, 100],
    ]  # fmt: skip
    report = taken(shop, tmp_path, ["货品", "数量", "吊牌价", "吊牌金额", "折扣", "实收金额"], *rows)
    assert [line[3] for line in told(shop)] == [59_600, 50_000, 129_800, -29_800, None, None]
    assert [(p["code"], p["value"], p["left_out"]) for p in report["problems"]] == [
        ("bad_list_price", "不知道", False)
    ]


def test_a_discount_alone_tells_the_tag_where_it_comes_out(shop: Any, tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["裙", 253.30, "8.5折"], ["裙", -253.30, 0.85], ["裙", 100, "3折"], ["裙", 255.65, "85.5"],
        ["裙", 100, "没有"], ["裙", 62.50, None], ["裙", 100, "随便"], ["裙", 0, 0.5],
    ]  # fmt: skip
    report = taken(shop, tmp_path, ["货品", "实收金额", "折扣"], *rows)
    tags = [line[3] for line in told(shop)]  # what came back is written last
    assert tags == [29_800, None, 29_900, None, None, None, None, -29_800]
    assert [p["value"] for p in report["problems"] if p["code"] == "bad_discount"] == ["没有", "随便"]


@pytest.mark.parametrize(
    ("cell", "rate"),
    [
        ("8.5折", "17/20"), ("85折", "17/20"), ("八五折", "17/20"), ("八折", "4/5"), ("七点五折", "3/4"),
        (85, "17/20"), (0.85, "17/20"), ("85%", "17/20"), ("15% off", "17/20"), ("8.5/10", "17/20"), (1, "1"),
        (8.5, "17/20"), (10, "1"), (100, "1"), ("1折", "1/10"), ("半价", "1/2"),
        ("原價", "1"), ("９折", "9/10"),
    ],
)  # fmt: skip
def test_a_discount_is_read_as_shops_write_it(cell: object, rate: str) -> None:
    assert parse_discount(cell).rate == Fraction(rate)


@pytest.mark.parametrize("cell", [None, "", "-", "无", 0, float("nan")])
def test_no_discount_told(cell: object) -> None:
    assert parse_discount(cell) == (None, None)


@pytest.mark.parametrize("cell", ["打折", "120", 101, -0.5, "0.5.1", True, float("inf"), "100% off"])
def test_what_is_no_discount(cell: object) -> None:
    assert parse_discount(cell).problem == "bad_discount"


def test_a_tag_worked_out_gives_the_price_paid_again() -> None:
    for fen in range(1, 60_000, 37):
        for percent in (50, 68, 75, 85, 88, 95, 100):
            rate = Fraction(percent, 100)
            listed = list_price(fen, rate, 1)
            assert listed is None or abs(listed * rate - fen) < 1
            paid = round(fen * 100 * rate)  # of a tag of whole yuan
            assert list_price(paid, rate, 1) == fen * 100 or abs(list_price(paid, rate, 1) * rate - paid) < 1


def test_a_second_import_changes_nothing_and_an_undo_takes_all_back(shop: Any, tmp_path: Path) -> None:
    before = shop.store.read().all("SELECT * FROM line")
    heads = ["商品名称", "款号", "类别", "吊牌价", "实收金额"]
    taken(shop, tmp_path, heads, ["羊绒衫", "A2031", "毛衫", 298, 253.30], ["围脖", "B7", "配饰", None, 99])
    first = told(shop)
    report = taken(
        shop, tmp_path, heads, ["羊绒衫", "A2031", "毛衫", 298, 253.30], ["围脖", "B7", "配饰", None, 99]
    )
    assert (report["sales_duplicate"], told(shop)) == (2, first)
    shop.imports.undo()
    assert shop.store.read().all("SELECT * FROM line") == before


def test_a_cell_put_right_in_the_check_is_read_again(shop: Any, tmp_path: Path) -> None:
    table = [[*PERSON, "货品", "吊牌价", "实收金额"], [*WHO, "裙", "多少", 100], [*WHO, "衫", 398, 100]]
    plan = shop.imports.preview(put(tmp_path, "f.xlsx", make.xlsx(table)))
    choices = type(plan.choices)(edits={(0, 2, 4): "298"})
    shop.imports.apply(shop.imports.replan(plan, choices))
    assert [line[3] for line in told(shop)] == [29_800, 39_800]


@pytest.mark.parametrize("language", ["zh_CN", "zh_TW", "en"])
def test_an_exported_list_comes_home_with_them(shop: Any, clock: Any, tmp_path: Path, language: str) -> None:
    heads = ["商品名称", "款号", "类别", "吊牌价", "数量", "实收金额"]
    rows: list[list[object]] = [
        ["羊绒衫", "A2031", "毛衫", 298, 2, 506.60],
        ["羊绒衫", "A2031", "毛衫", 298, 1, -253.30],
    ]
    taken(shop, tmp_path, heads, *rows)
    texts.use(language)
    path = shop.exports.sales(tmp_path / "out.xlsx").value
    with Shop.open(":memory:", clock=clock) as other_shop:
        imported(other_shop, path)
        assert told(other_shop) == told(shop) == [
            ("羊绒衫", "A2031", "毛衫", 59_600), ("羊绒衫", "A2031", "毛衫", -29_800)
        ]  # fmt: skip
        assert dump(other_shop.store.read())["sales"] == dump(shop.store.read())["sales"]
