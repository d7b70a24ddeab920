"""Import rule 7: amounts to the fen, whatever is written around them, and quantities."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shopcrm.excel.writer import write_raw
from shopcrm.shop.dump import dump
from tests.imports.at_the_shop import imported
from tests.imports.table_of_rows import sales_of

pytestmark = pytest.mark.usefixtures("in_process")


def check(shop: Any, folder: Path, table: dict[Any, int | str]) -> None:
    """What stands in the cell -> fen kept, or the code of the row that was left out."""
    told = sales_of(shop, folder, ["实收金额"], [[cell] for cell in table])
    kept = [row.kept["amount_fen"] if row.kept else row.codes[0] for row in told]
    assert dict(zip(table, kept, strict=True)) == table


def test_7_1_kept_in_fen_and_rounded_half_up(shop: Any, tmp_path: Path) -> None:
    check(shop, tmp_path, {
        0.1 + 0.2: 30, 199: 19900, 1.005: 101, 2.675: 268, 19.99: 1999, 1e-9: 0, -0.005: -1, 0.004: 0,
        9_999_999.99: 999_999_999, 1234567.891: 123456789,
    })  # fmt: skip


def test_7_2_what_is_dropped_from_a_text(shop: Any, tmp_path: Path) -> None:
    check(shop, tmp_path, {
        "¥298": 29800, "￥298.5": 29850, "RMB 298": 29800, "CNY298": 29800, "298元": 29800, "298圆": 29800,
        "298块": 29800, "人民币298元": 29800, " 298 ": 29800, "1,299": 129900, "1，299.50": 129950,
        "1,234,567.80": 123456780, "２９８": 29800, "(88)": -8800, "（88）": -8800, "-88": -8800,
        "−88": -8800,
        "－88": -8800, "–88.5": -8850, "1.2万": 1200000, "12.345": 1235, "298.": 29800, ".5": 50,
        "￥-88": -8800,
    })  # fmt: skip


def test_7_2_european_style_is_bad(shop: Any, tmp_path: Path) -> None:
    check(
        shop, tmp_path, {"1.299,00": "bad_amount", "1,29": "bad_amount", "12,34,567": "bad_amount", "1": 100}
    )


def test_7_3_free_is_a_sale_of_nothing(shop: Any, tmp_path: Path) -> None:
    check(shop, tmp_path, {"免费": 0, "赠送": 0, "赠品": 0, "free": 0, "FREE": 0, 0: 0, "0.00": 0, "0元": 0})


def test_7_3_missing_amounts_are_quantity_times_price(shop: Any, tmp_path: Path) -> None:
    headings = ["实收金额", "数量", "单价"]
    missing = (None, "", "-", "—", "无", "nan")
    rows: list[list[object]] = [[cell, 3, "¥99.90"] for cell in missing]
    rows += [[None, 2, None], [None, None, 99], [5, 2, 99], [None, 2, "问"], [None, -1, 99]]
    told = sales_of(shop, tmp_path, headings, rows)
    assert [row.kept["amount_fen"] if row.kept else row.codes[0] for row in told] == [
        *[29970] * len(missing), "missing_amount", "missing_amount", 500, "bad_amount", -9900,
    ]  # fmt: skip


def test_7_3_price_and_quantity_alone_make_a_sales_list(shop: Any, tmp_path: Path) -> None:
    rows = [["13800000001", "2026-01-02", 2, 150.5]]
    imported(shop, write_raw(tmp_path / "f.xlsx", [("表", ["手机号", "消费日期", "数量", "单价"], rows)]))
    assert [sale["amount_fen"] for sale in dump(shop.store.read())["sales"]] == [30100]


def test_7_4_what_is_no_amount(shop: Any, tmp_path: Path) -> None:
    check(shop, tmp_path, {
        "#DIV/0!": "bad_amount", "#N/A": "bad_amount", "inf": "bad_amount", "两百": "bad_amount",
        "12a": "bad_amount",
        "1e5x": "bad_amount", True: "bad_amount", 10_000_000: 1_000_000_000,
        10_000_000.01: "amount_too_large",
        -10_000_001: "amount_too_large", "1001万": "amount_too_large", 1e200: "amount_too_large", "5": 500,
    })  # fmt: skip


def test_7_4_an_amount_too_large_by_its_pieces(shop: Any, tmp_path: Path) -> None:
    told = sales_of(shop, tmp_path, ["实收金额", "数量", "单价"], [[None, 900_000, 9_000_000], [1, 1, 1]])
    assert told[0].codes == ("amount_too_large",)


def test_7_4_a_quantity_is_whole_else_one_with_a_warning(shop: Any, tmp_path: Path) -> None:
    table = {2: 2, "3件": 3, None: 1, "": 1, -1: -1, "2.0": 2, 2.5: 1, "两件": 1, "#N/A": 1}
    told = sales_of(shop, tmp_path, ["数量"], [[cell] for cell in table])
    assert [row.kept and row.kept["qty"] for row in told] == list(table.values())
    assert [row.codes for row in told] == [()] * 6 + [("bad_quantity",)] * 3
    assert not any(row.left_out for row in told)
