"""Files of earlier days after two members became one: nobody comes back, and nothing comes twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shopcrm.basics.records import MemberId
from shopcrm.excel.writer import write_raw
from shopcrm.shop.dump import dump
from shopcrm.shop.imports import Choices
from tests.imports.at_the_shop import imported

MEMBERS = ("会员", ["姓名", "手机号", "会员卡号", "尺码", "推荐人"], [
    ["王芳", "13800004471", "A1", "M", ""],
    ["芳姐", "13800009152", "B7", "L", ""],
    ["李娜", "13800000003", "", "", "芳姐"],
    ["小芳", "", "", "S", ""],
])  # fmt: skip
pytestmark = pytest.mark.usefixtures("in_process")
SALES = ("销售", ["姓名", "手机号", "会员卡号", "消费日期", "商品", "实收金额", "单号"], [
    ["王芳", "13800004471", "", "2026-01-02", "大衣", 800, "S1"],
    ["芳姐", "13800009152", "", "2026-02-03", "裙子", 300, "S2"],
    ["", "", "B7", "2026-03-04", "围巾", 100, "S3"],
    ["小芳", "", "", "2026-04-05", "手套", 50, "S4"],
])  # fmt: skip


def member(shop: Any, name: str) -> MemberId:
    found = shop.store.read().value("SELECT id FROM member WHERE name=?", (name,))
    return MemberId(found)


@pytest.fixture
def merged(shop: Any, tmp_path: Path) -> Path:
    """A shop that imported the file, and in which two of its people were merged into a third."""
    path = write_raw(tmp_path / "old.xlsx", [MEMBERS, SALES])
    imported(shop, path)
    for name in ("芳姐", "小芳"):
        shop.merging.merge(member(shop, "王芳"), member(shop, name))
    return path


def test_the_same_file_again_adds_nothing(shop: Any, merged: Path) -> None:
    before = dump(shop.store.read())
    assert sorted(one["name"] for one in before["members"]) == ["李娜", "王芳"]
    report = imported(shop, merged)
    assert dump(shop.store.read()) == before
    assert (report["members_new"], report["sales_new"], report["sales_duplicate"]) == (0, 0, 4)
    assert not [problem for problem in report["problems"] if problem["code"] == "name_conflict"]


@pytest.mark.parametrize("policy", ["overwrite", "skip"])
def test_whatever_is_done_with_who_is_there(shop: Any, merged: Path, policy: Any) -> None:
    plan = shop.imports.preview(merged)
    shop.imports.apply(shop.imports.replan(plan, Choices(policy=policy)))
    card = shop.view().member(member(shop, "王芳"))
    assert (card.name, card.card_no, card.phones) == ("王芳", "A1", ("13800004471", "13800009152"))
    assert shop.view().total() == 2


def test_new_receipts_go_to_the_survivor(shop: Any, merged: Path, tmp_path: Path) -> None:
    headings = SALES[1]
    imported(shop, write_raw(tmp_path / "new.xlsx", [("销售", headings, [
        ["芳姐", "13800009152", "", "2026-05-06", "凉鞋", 260, "S5"],
        ["", "", "B7", "2026-05-07", "帽子", 90, "S6"],
        ["小芳", "", "", "2026-05-08", "短裤", 70, "S7"],
    ])]))  # fmt: skip
    assert shop.view().total() == 2
    card = shop.view().member(member(shop, "王芳"))
    assert card.spend_fen == (800 + 300 + 100 + 50 + 260 + 90 + 70) * 100
    shop.merging.separate(member(shop, "小芳"))
    shop.merging.separate(member(shop, "芳姐"))
    assert shop.view().member(member(shop, "芳姐")).spend_fen == 40_000
    assert shop.view().member(member(shop, "王芳")).spend_fen == (800 + 260 + 90 + 70) * 100


def test_another_person_on_that_number_is_told_apart_by_name(shop: Any, merged: Path, tmp_path: Path) -> None:
    sister = ("会员", ["姓名", "手机号"], [["芳妹", "13800009152"]])
    report = imported(shop, write_raw(tmp_path / "new.xlsx", [sister]))
    assert report["members_new"] == 0  # rule 9.1: one number, one member, and the name is asked about
    assert [problem["code"] for problem in report["problems"]] == ["name_conflict"]
