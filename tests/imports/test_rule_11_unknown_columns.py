"""Import rule 11: columns nobody knows are named, never guessed, assigned by hand, and remembered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shopcrm.excel.fates import Choices
from shopcrm.shop.dump import dump
from tests.imports import made_files as make
from tests.imports.at_the_shop import imported, put
from tests.imports.made_files import Sheet

pytestmark = pytest.mark.usefixtures("in_process")

A, B, C = "13800000001", "13800000002", "13800000003"
HEADS = ["姓名", "手机号", "老客户说的话", None, "手机型号"]
ROWS: list[list[object]] = [HEADS, ["王丽", A, "怕热", "M", "13900000001"], ["李娜", B, "怕冷", "L", "x"]]


def stored(shop: Any) -> list[tuple[str, str, str]]:
    rows = shop.store.read().all("SELECT name, notes, size_top FROM member ORDER BY id")
    return [(row[0], row[1], row[2]) for row in rows]


def mapped(shop: Any, path: Path, mapping: dict[int, dict[int, str | None]]) -> None:
    """Import a file with columns assigned by hand."""
    plan = shop.imports.preview(path)
    shop.imports.apply(shop.imports.replan(plan, Choices(mapping=mapping)))


def test_11_1_unknown_columns_are_not_imported_but_named(shop: Any, tmp_path: Path) -> None:
    """One without a heading by its letter, if it holds anything; also in a table that begins further on."""
    report = imported(shop, put(tmp_path, "f.xlsx", make.xlsx(ROWS)))
    assert report["ignored_columns"] == ["老客户说的话", "D", "手机型号"]
    assert stored(shop) == [("王丽", "", ""), ("李娜", "", "")]
    moved = [[None] * 24 + row for row in ROWS]
    assert imported(shop, put(tmp_path, "g.xlsx", make.xlsx(moved)))["ignored_columns"][1] == "AB"


def test_11_1_the_preview_names_them_too(shop: Any, tmp_path: Path) -> None:
    plan = shop.imports.preview(put(tmp_path, "f.xlsx", make.xlsx(ROWS)))
    assert plan.ignored_columns == ("老客户说的话", "D", "手机型号")
    assert [column.field for column in plan.sheets[0].columns] == ["name", "phone", None, None, None]


def test_11_2_columns_are_assigned_by_hand_and_remembered(shop: Any, tmp_path: Path) -> None:
    """For files with the same headings, also a column without one; other headings are another table."""
    mapped(shop, put(tmp_path, "f.xlsx", make.xlsx(ROWS)), {0: {2: "notes", 3: "size_top"}})
    assert stored(shop) == [("王丽", "怕热", "M"), ("李娜", "怕冷", "L")]
    again = shop.imports.preview(put(tmp_path, "g.csv", make.text([HEADS, ["赵敏", C, "怕吵", "S", "x"]])))
    assert again.choices.mapping == {0: {2: "notes", 3: "size_top"}}
    assert again.ignored_columns == ("手机型号",)
    shop.imports.apply(again)
    assert stored(shop)[2] == ("赵敏", "怕吵", "S")
    swapped = [["姓名", "手机号", "手机型号", None, "老客户说的话"], ["钱多", C, "x", "y", "z"]]
    other = shop.imports.preview(put(tmp_path, "h.xlsx", make.xlsx(swapped)))
    assert other.choices.mapping == {}


def test_11_2_dress_of_headings_and_columns_at_the_end_do_not_matter(shop: Any, tmp_path: Path) -> None:
    mapped(shop, put(tmp_path, "f.xlsx", make.xlsx(ROWS)), {0: {2: "notes"}})
    dressed: list[list[object]] = [
        ["姓 名*", "手机号：", "老客户说的话（选填）", None, "手机型号", None],
        ["赵敏", C, "怕吵"],
    ]
    assert shop.imports.preview(put(tmp_path, "g.xlsx", make.xlsx(dressed))).choices.mapping == {
        0: {2: "notes"}
    }


def test_11_2_every_sheet_has_its_own(shop: Any, tmp_path: Path) -> None:
    """Known columns may be told to stay out; the second sheet of a file may be the first of the next."""
    first = Sheet([["姓名", "手机号", "备注"], ["王丽", A, "别导入"]], name="a")
    second = Sheet([["客户姓名", "联系电话", "杂项"], ["李娜", B, "怕冷"]], name="b")
    mapped(shop, put(tmp_path, "f.xlsx", make.xlsx([first, second])), {0: {2: None}, 1: {2: "notes"}})
    assert [row[:2] for row in stored(shop)] == [("王丽", ""), ("李娜", "怕冷")]
    turned = shop.imports.preview(
        put(tmp_path, "g.xlsx", make.xlsx([second, Sheet([["x"]], name="c"), first]))
    )
    assert turned.choices.mapping == {0: {2: "notes"}, 2: {2: None}}


def test_11_2_the_last_decision_counts_and_can_be_taken_back(shop: Any, tmp_path: Path) -> None:
    for number, (phone, chosen) in enumerate(((A, "notes"), (B, "likes"), (C, None))):
        path = put(tmp_path, f"{number}.csv", make.text([["姓名", "手机号", "杂项"], ["客", phone, "安静"]]))
        mapped(shop, path, {0: {2: chosen} if chosen else {}})
    rows = shop.store.read().all("SELECT notes, likes FROM member ORDER BY id")
    assert [tuple(row) for row in rows] == [("安静", ""), ("", "安静"), ("", "")]
    assert shop.imports.preview(tmp_path / "0.csv").choices.mapping == {}


def test_11_2_an_import_taken_back_leaves_nothing_of_the_mapping(shop: Any, tmp_path: Path) -> None:
    before = dump(shop.store.read())
    mapped(shop, put(tmp_path, "f.xlsx", make.xlsx(ROWS)), {0: {2: "notes"}})
    shop.imports.undo()
    assert dump(shop.store.read()) == before
    assert shop.imports.preview(tmp_path / "f.xlsx").choices.mapping in ({}, {0: {2: "notes"}})


def test_11_2_remembered_through_the_clipboard(shop: Any) -> None:
    plan = shop.imports.preview_text("姓名\t手机号\t杂项\n王丽\t13800000001\t怕热\n")
    shop.imports.apply(shop.imports.replan(plan, Choices(mapping={0: {2: "notes"}})))
    plan = shop.imports.preview_text("姓名\t手机号\t杂项\n李娜\t13800000002\t怕冷\n")
    assert plan.choices.mapping == {0: {2: "notes"}}
