"""Import rule 8: a refund is a sale with a negative amount, and sums are algebraic."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from shopcrm.excel.writer import write_raw
from shopcrm.shop.dump import dump
from tests.imports.at_the_shop import imported

pytestmark = pytest.mark.usefixtures("in_process")
HEADINGS = ["单号", "手机号", "消费日期", "商品", "实收金额", "类型"]
A = "13800000001"


def test_8_a_type_with_a_return_makes_the_amount_negative_whatever_its_sign(
    shop: Any, tmp_path: Path
) -> None:
    words = {"退货": -1, "退款": -1, "退换": -1, "销售退货单": -1, "销售": 1, "换货": 1, None: 1, "": 1}
    rows = [
        [f"X{number}{sign}", A, date(2026, 1, 2), f"款{number}", 10 * sign, word]
        for number, word in enumerate(words)
        for sign in (1, -1)
    ]
    imported(shop, write_raw(tmp_path / "f.xlsx", [("表", HEADINGS, rows)]))
    kept: dict[str, list[int]] = {}
    for sale in dump(shop.store.read())["sales"]:
        kept.setdefault(sale["item"], []).append(sale["amount_fen"])
    assert {item: sorted(fens) for item, fens in kept.items()} == {
        f"款{number}": [-1000, -1000] if way < 0 else [-1000, 1000]
        for number, way in enumerate(words.values())
    }


def test_8_sums_are_algebraic_and_a_return_finds_what_it_takes_back(shop: Any, tmp_path: Path) -> None:
    rows = [
        ["X1", A, date(2026, 1, 2), "大衣", 1299, "销售"], ["X1", A, date(2026, 1, 5), "大衣", 1299, "退货"],
        ["X2", A, date(2026, 1, 6), "裙", 300, "销售"],
    ]  # fmt: skip
    imported(shop, write_raw(tmp_path / "f.xlsx", [("表", HEADINGS, rows)]))
    assert sum(sale["amount_fen"] for sale in dump(shop.store.read())["sales"]) == 30000
    linked = shop.store.read().all("SELECT amount_fen FROM line WHERE returns_line_id IS NOT NULL")
    assert linked == [(-129900,)]
    (her,) = shop.view().search(A)
    assert her.spend_fen == 30000
