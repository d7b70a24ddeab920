"""Import rule 4: what text is made of, and what of it is kept."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import pytest

from shopcrm.excel.writer import write_raw
from shopcrm.shop.dump import dump
from tests.imports.at_the_shop import imported
from tests.imports.table_of_rows import members_of

pytestmark = pytest.mark.usefixtures("in_process")

NAMES = {
    " 王丽 ": "王丽", "\u3000王丽\u00a0": "王丽", "王 丽": "王丽", "王\u3000 丽": "王丽",
    "Anna  Li": "Anna Li",
    "王 Anna": "王 Anna", "王\u200b丽\ufeff": "王丽", "\u202e王丽\u202c": "王丽", "王\x07丽": "王丽",
    "e\u0301milie": "émilie", "阿依古丽·买买提": "阿依古丽·买买提", "𠮷田": "𠮷田",
    "丽👩\u200d👧": "丽👩\u200d👧",
    "丽🌸": "丽🌸", 10086: "10086", 10010.0: "10010", "=王丽": "=王丽", "@丽": "@丽", "+丽": "+丽",
    "王\n丽": "王丽",
}  # fmt: skip


def test_4_names(shop: Any, tmp_path: Path) -> None:
    told = members_of(shop, tmp_path, "姓名", list(NAMES), 手机号=None)
    # Rows of one name without a phone are one member: she is under the card of the first.
    first: dict[str, str] = {}
    for number, name in enumerate(NAMES.values()):
        first.setdefault(name, f"V{number}")
    kept = {member["card_no"]: member["name"] for member in dump(shop.store.read())["members"]}
    assert {cell: kept.get(first[name]) for cell, name in NAMES.items()} == NAMES
    assert not any(row.left_out for row in told)


def test_4_nothing_invisible_and_one_form(shop: Any, tmp_path: Path) -> None:
    notes = "\u200f怕\x00热\u2028e\u0301\u200d，\ufeff穿 L\r\n第二行\t"
    (told,) = members_of(shop, tmp_path, "备注", [notes.replace("\x00", "")])
    kept = (told.kept or {})["notes"]
    assert kept == "怕热\né，穿 L\n第二行"
    assert unicodedata.is_normalized("NFC", kept)


def test_4_a_name_too_long_is_left_out(shop: Any, tmp_path: Path) -> None:
    told = members_of(shop, tmp_path, "姓名", ["王" * 50, "李" * 51, "Anna " * 11])
    assert [row.codes for row in told] == [("no_phone",), ("too_long",), ("too_long",)]
    assert [row.kept is not None for row in told] == [True, False, False]


def test_4_notes_are_kept_whole_line_breaks_included(shop: Any, tmp_path: Path) -> None:
    notes = "".join(f"第{n}行\n" for n in range(5_000)).strip()[:32_767]
    (told,) = members_of(shop, tmp_path, "备注", [notes])
    assert (told.kept or {})["notes"] == notes


FORMULAS = [
    "=1+1",
    "+86",
    "-5",
    "@SUM(A1)",
    "＝1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://a")',
    "\t=1",
    "'=1",
]


def test_4_what_looks_like_a_formula_is_plain_text(shop: Any, tmp_path: Path) -> None:
    told = members_of(shop, tmp_path, "备注", FORMULAS)
    assert [(row.kept or {})["notes"] for row in told] == [text.strip() for text in FORMULAS]


def test_4_in_a_text_table_an_apostrophe_in_front_of_a_formula_goes(shop: Any, tmp_path: Path) -> None:
    """Rule 2.3 takes off what an export put there (rule 13)."""
    path = tmp_path / "f.csv"
    path.write_text("姓名,手机号,备注\n王丽,13800000001,'=1+1\n李娜,13800000002,'好'\n", encoding="utf-8-sig")
    imported(shop, path)
    kept = {member["name"]: member["notes"] for member in dump(shop.store.read())["members"]}
    assert kept == {"王丽": "=1+1", "李娜": "'好'"}


def test_4_articles_and_sizes_follow_the_same_rules(shop: Any, tmp_path: Path) -> None:
    rows = [["13800000001", "2026-01-02", 1, " 羊绒\u200b衫\u3000", "Ｍ", 1001.0]]
    headings = ["手机号", "消费日期", "实收金额", "商品", "尺码", "单号"]
    imported(shop, write_raw(tmp_path / "f.xlsx", [("表", headings, rows)]))
    sale = dump(shop.store.read())["sales"][0]
    assert (sale["item"], sale["order_no"]) == ("羊绒衫", "1001")
