"""Import rule 5: what a phone cell may hold, and the one form in which a number is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shopcrm.excel.writer import write_raw
from shopcrm.shop.dump import dump
from tests.imports.at_the_shop import imported, left_out
from tests.imports.table_of_rows import members_of

pytestmark = pytest.mark.usefixtures("in_process")
P = "13800001234"
Q = "13900005678"


def phones(shop: Any, folder: Path, cells: list[object]) -> list[tuple[str | None, str | None] | str]:
    """First and second number of every row, or the code of the row that was left out."""
    return [
        told.codes[0] if told.kept is None else (told.kept["phone"], told.kept["phone2"])
        for told in members_of(shop, folder, "手机号", cells)
    ]


def numbers(shop: Any, folder: Path, cells: list[object]) -> list[str | None]:
    """The first number of every row, or the code of the row that was left out."""
    return [said if isinstance(said, str) else said[0] for said in phones(shop, folder, cells)]


def test_5_1_a_numeric_cell_counts_with_its_full_value(shop: Any, tmp_path: Path) -> None:
    """However it is shown: 1.38E+10 on the screen still holds all eleven digits."""
    cells: list[object] = [
        13800000001,
        13800000002.0,
        8613800000003,
        1.3800000004e10,
        13800000005.5,
        12345,
        -11,
    ]
    assert numbers(shop, tmp_path, cells) == [
        "13800000001", "13800000002", "13800000003", "13800000004", "invalid_phone", "invalid_phone",
        "invalid_phone",
    ]  # fmt: skip


def test_5_1_a_rounded_number_is_flagged_and_never_guessed(shop: Any, tmp_path: Path) -> None:
    cells: list[object] = [
        "1.38E+10",
        "1.380000E+10",
        "1.3800000009E+10",
        "1.3800000010E10",
        "1.4e+10",
        "1.38E+11",
    ]
    assert numbers(shop, tmp_path, cells) == [
        "invalid_phone", "invalid_phone", "13800000009", "13800000010", "invalid_phone", "invalid_phone",
    ]  # fmt: skip


def of_its_own(text: str, number: int) -> str:
    """The same with 1234 as another number, so that no two rows are of one person."""
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    digits = str(2000 + number)
    return text.replace("1234", digits).replace("１２３４", digits.translate(wide))


def check(shop: Any, folder: Path, table: dict[str, str]) -> None:
    """What is written -> what is kept, or the code of a row that is left out."""
    cells: list[object] = [of_its_own(written, n) for n, written in enumerate(table)]
    wanted = [of_its_own(said, n) for n, said in enumerate(table.values())]
    kept = numbers(shop, folder, cells)
    assert dict(zip(table, kept, strict=True)) == dict(zip(table, wanted, strict=True))


DROPPED = (
    " 13800001234 ", "138 0000 1234", "138-0000-1234", "138‐0000‑1234", "138–0000—1234", "138.0000.1234",
    "(138)00001234", "（138）0000－1234", "１３８００００１２３４", "\u200b138\u200e00001234\ufeff",
    "'13800001234",
    "手机:13800001234", "手机：138 0000 1234", "电话:13800001234", "Tel:13800001234", "TEL: 13800001234",
    "联系电话：13800001234", "138\u00a00000\u30001234", "13800001234\t", "138·0000·1234", "13800001234.0",
)  # fmt: skip
MAINLAND = {
    "+8613800001234": P, "008613800001234": P, "8613800001234": P, "+86 138 0000 1234": P, "013800001234": P,
    "+86013800001234": P, "19900001234": "19900001234", "12800001234": "invalid_phone",
    "10800001234": "invalid_phone", "1380001234": "invalid_phone", "138000012345": "invalid_phone",
    "138000O1234": "invalid_phone",
}  # fmt: skip
LANDLINES = {
    "010-88881234": "01088881234", "0571 8888 1234": "057188881234", "(021)88881234": "02188881234",
    "0755-8881234": "07558881234", "88881234": "invalid_phone", "0101234": "invalid_phone",
    "0571888812340": "invalid_phone",
}  # fmt: skip
ABROAD = {
    "852 9000 1234": "+85290001234", "+85291001234": "+85291001234", "0085292001234": "+85292001234",
    "853-6600-1234": "+85366001234", "886912001234": "+886912001234", "+8860913001234": "+886913001234",
    "00886 914 00 1234": "+886914001234", "+1 202 555 1234": "+12025551234",
    "0044 20 7946 1234": "+442079461234",
    "+123412": "invalid_phone", "+1234567890123456": "invalid_phone", "+0123456789": "invalid_phone",
}  # fmt: skip


def test_5_2_what_is_dropped(shop: Any, tmp_path: Path) -> None:
    check(shop, tmp_path, dict.fromkeys(DROPPED, P))


def test_5_3_mainland_mobiles(shop: Any, tmp_path: Path) -> None:
    """The country code and a single 0 in front are dropped; eleven digits are kept."""
    check(shop, tmp_path, MAINLAND)


def test_5_4_landlines(shop: Any, tmp_path: Path) -> None:
    check(shop, tmp_path, LANDLINES)


def test_5_5_numbers_from_abroad(shop: Any, tmp_path: Path) -> None:
    check(shop, tmp_path, ABROAD)


def test_5_6_two_numbers_in_one_cell(shop: Any, tmp_path: Path) -> None:
    between = ("/", "、", ",", "，", ";", "；", "\n", " ", "　", " / ", "\r\n")
    cells: list[object] = [f"138000000{n:02}{sign}139000000{n:02}" for n, sign in enumerate(between)]
    both = [(f"138000000{n:02}", f"139000000{n:02}") for n in range(len(between))]
    assert phones(shop, tmp_path, cells) == both


def test_5_6_the_first_valid_one_is_the_phone(shop: Any, tmp_path: Path) -> None:
    cells: list[object] = [
        f"无/{P}",
        f"123/{Q}",
        "13800000001/13800000001",
        "010-88880000 13800000002",
        "138 0000 0003",
    ]
    assert phones(shop, tmp_path, cells) == [
        (P, None), (Q, None), ("13800000001", None), ("01088880000", "13800000002"), ("13800000003", None),
    ]  # fmt: skip


def test_5_6_a_column_of_second_numbers(shop: Any, tmp_path: Path) -> None:
    rows = [["王红", P, Q], ["李娜", None, "13800000002"], ["赵六", "13800000003", "abc"]]
    report = imported(shop, write_raw(tmp_path / "f.xlsx", [("表", ["姓名", "手机号", "备用电话"], rows)]))
    kept = {m["name"]: (m["phone"], m["phone2"]) for m in dump(shop.store.read())["members"]}
    assert kept == {"王红": (P, Q), "李娜": ("13800000002", None), "赵六": ("13800000003", None)}
    assert [(p["code"], p["left_out"]) for p in report["problems"]] == [("invalid_phone", False)]


def test_5_7_words_for_no_phone(shop: Any, tmp_path: Path) -> None:
    empty = ["无", "没有", "未留", "空", "暂无", "-", "—", "/", "0", "none", "N/A", "", " ", None, 0]
    told = members_of(shop, tmp_path, "手机号", empty)
    assert [row.codes for row in told] == [("no_phone",)] * len(empty)
    assert [(row.kept or {})["phone"] for row in told] == [None] * len(empty)


def test_5_7_what_fits_no_rule_is_left_out_and_listed(shop: Any, tmp_path: Path) -> None:
    rows = [["王红", P], ["李娜", "问老板"], ["赵六", "#N/A"], ["钱七", True], ["孙八", "138000012"]]
    report = imported(shop, write_raw(tmp_path / "f.xlsx", [("会员", ["姓名", "手机号"], rows)]))
    assert [member["name"] for member in dump(shop.store.read())["members"]] == ["王红"]
    assert left_out(report) == [
        (3, "invalid_phone", "问老板"), (4, "invalid_phone", "#N/A"), (5, "invalid_phone", "TRUE"),
        (6, "invalid_phone", "138000012"),
    ]  # fmt: skip
    assert all(p["sheet"] == "会员" and p["column"] == "手机号" for p in report["problems"])
    assert all(p["value"] in p["message"] for p in report["problems"])
