"""A workbook of one column under test: what the shop holds of every row, and what the report says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shopcrm.excel.writer import write_raw
from shopcrm.shop.dump import dump
from tests.imports.at_the_shop import imported

KEY = "会员卡号"  # by which a row is found again


@dataclass(frozen=True)
class Told:
    """One row afterwards: its member or sale in the dump, None if there is none, and the codes listed."""

    kept: dict[str, Any] | None
    codes: tuple[str, ...]
    left_out: bool


def members_of(shop: Any, folder: Path, heading: str, cells: Sequence[object], **fixed: object) -> list[Told]:
    """Import a member list with these cells under one heading, and further fixed columns."""
    names = {} if heading == "姓名" else {"姓名": "好"}
    columns = {KEY: None, **names, **fixed, heading: None}
    rows = [
        [
            f"V{number}" if name == KEY else cell if name == heading else value
            for name, value in columns.items()
        ]
        for number, cell in enumerate(cells)
    ]
    report = imported(shop, write_raw(folder / "f.xlsx", [("表", list(columns), rows)]))
    kept = {member["card_no"]: member for member in dump(shop.store.read())["members"]}
    return [_told(report, number, kept.get(f"V{number}")) for number in range(len(cells))]


def sales_of(
    shop: Any, folder: Path, headings: Sequence[str], cells: Sequence[Sequence[object]]
) -> list[Told]:
    """Import a sales list of one member with these cells under these headings; day and amount are given."""
    given: dict[str, object] = {"消费日期": "2026-01-02", "实收金额": 1}
    fixed = {name: value for name, value in given.items() if name not in headings}
    rows = [
        ["13800000001", f"款{number}", *fixed.values(), *row] for number, row in enumerate(cells)
    ]  # fmt: skip
    path = write_raw(folder / "f.xlsx", [("表", ["手机号", "商品", *fixed, *headings], rows)])
    report = imported(shop, path)
    kept = {sale["item"]: sale for sale in dump(shop.store.read())["sales"]}
    return [_told(report, number, kept.get(f"款{number}")) for number in range(len(cells))]


def _told(report: dict[str, Any], number: int, kept: dict[str, Any] | None) -> Told:
    said = [problem for problem in report["problems"] if problem["row"] == number + 2]
    return Told(kept, tuple(problem["code"] for problem in said), any(p["left_out"] for p in said))
