"""The sample shop: the same for one seed, believable, and written in words the importer knows."""

from collections import Counter
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from shopcrm.basics import texts
from shopcrm.basics.fields import KNOWN_HEADINGS, plain_heading
from shopcrm.basics.values import parse_amount, parse_birthday, parse_day, parse_phones
from shopcrm.sample import SHOP_NAME, write_sample
from shopcrm.sample.history import invent
from tests.conftest import DAY

STRANGE_HEADINGS = {"会员等级"}  # a till has columns of its own


Tables = list[dict[str, list[tuple[object, ...]]]]


def cells(book: Path) -> dict[str, list[tuple[object, ...]]]:
    sheets = openpyxl.load_workbook(book).worksheets
    return {sheet.title: [tuple(row) for row in sheet.iter_rows(values_only=True)] for sheet in sheets}


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_sample(tmp_path_factory.mktemp("sample"), seed=7, day=DAY)


@pytest.fixture(scope="module")
def tables(books: list[Path]) -> Tables:
    return [cells(book) for book in books]


def test_the_same_seed_gives_the_same_cells_in_any_language(tables: Tables, tmp_path: Path) -> None:
    texts.use("en")
    again = write_sample(tmp_path, seed=7, day=DAY)
    assert [book.name for book in again] == ["会员资料.xlsx", "销售明细.xlsx", "到店记录.xlsx"]
    assert [cells(book) for book in again] == tables
    assert texts.has(SHOP_NAME)


def test_another_seed_is_another_shop() -> None:
    assert [p.name for p in invent(1, DAY).people] != [p.name for p in invent(2, DAY).people]


@pytest.mark.parametrize("day", [DAY, date(2026, 1, 3), date(2027, 2, 28), date(2028, 2, 29)])
def test_it_looks_like_two_years_of_a_small_shop(day: date) -> None:
    history = invent(3, day)
    assert len(history.people) == 212
    assert 1250 <= len(history.receipts) <= 1600
    assert all(receipt.day < day for receipt in history.receipts)
    assert (day - min(receipt.day for receipt in history.receipts)).days in range(700, 735)
    months = Counter((receipt.day.year, receipt.day.month) for receipt in history.receipts)
    assert len(months) >= 24
    returns = [receipt for receipt in history.receipts if receipt.taken_back]
    assert 25 <= len(returns) <= 80
    for receipt in returns:
        assert receipt.taken_back is not None
        assert 0 < (receipt.day - receipt.taken_back.day).days <= 9
        assert sum(p.fen for p in receipt.pieces) + sum(p.fen for p in receipt.taken_back.pieces) > 0
    assert len(history.walk_outs) >= 45
    assert any(walk_out.reasons for walk_out in history.walk_outs)
    assert any(person.birthday and person.birthday.lunar for person in history.people)
    assert 5 <= sum(not person.phone for person in history.people) <= 12
    assert sum(bool(person.referrer) for person in history.people) >= 8
    phones = [person.phone for person in history.people if person.phone]
    assert len(set(phones)) == len(phones)
    assert all(phone.startswith("1380000") and len(phone) == 11 for phone in phones)
    twice = [name for name, n in Counter(person.name for person in history.people).items() if n > 1]
    assert twice == ["王红"]


def test_nobody_shops_while_the_spring_festival_keeps_the_door_shut() -> None:
    days = {receipt.day for receipt in invent(5, DAY).receipts}
    assert not days & {date(2026, 2, 16), date(2026, 2, 17), date(2026, 2, 18)}


def test_winter_clothes_are_sold_in_winter() -> None:
    for receipt in invent(5, DAY).receipts:
        if any("羽绒服" in piece.item for piece in receipt.pieces if piece.fen > 0):
            assert receipt.day.month in (11, 12, 1, 2)


def test_headings_are_known_but_for_the_tills_own(tables: Tables) -> None:
    for table in tables:
        for rows in table.values():
            unknown = {
                str(heading) for heading in rows[1] if plain_heading(str(heading)) not in KNOWN_HEADINGS
            }
            assert unknown <= STRANGE_HEADINGS


def test_cells_are_as_mixed_as_in_an_owners_files_and_readable(tables: Tables) -> None:
    members, sales, visits = tables
    rows = [dict(zip(members["会员资料"][1], row, strict=True)) for row in members["会员资料"][2:-1]]
    assert len(rows) == 213, "one row more than members: a mother and her daughter share a phone"
    assert {type(row["手机号"]) for row in rows} == {int, str, type(None)}
    assert all(parse_phones(row["手机号"]).problem is None for row in rows)
    assert {type(row["入会日期"]) for row in rows} >= {datetime, str}
    assert all(parse_day(row["入会日期"], today=DAY).problem is None for row in rows)
    lunar = [parse_birthday(row["农历生日"], lunar=True, today=DAY) for row in rows if row["农历生日"]]
    assert len(lunar) >= 8
    assert all(cell.birthday and cell.birthday.lunar for cell in lunar)
    assert all(parse_birthday(row["生日"], today=DAY).problem is None for row in rows)
    for name, sheet in sales.items():
        assert sheet[0][0] == f"禾木衣坊 {name[:-1]} 年销售明细"
        assert sheet[-1][0] == "合计"
        amounts = [parse_amount(row[8]) for row in sheet[2:-1]]
        assert all(amount.fen is not None for amount in amounts)
    assert {row[10] for sheet in sales.values() for row in sheet[2:-1]} == {"销售", "退货"}
    assert set(visits) == {"到店记录", "回访记录"}


def test_the_oldest_sheet_has_merged_customer_cells(books: list[Path]) -> None:
    sheets = openpyxl.load_workbook(books[1]).worksheets
    merged = [len(sheet.merged_cells.ranges) for sheet in sheets]
    assert merged[0] > 20
    assert merged[1:] == [1] * (len(sheets) - 1), "only the title"


def test_a_few_rows_cannot_be_used_and_have_to_be_listed(tables: Tables) -> None:
    rows = list(tables[1].values())[-1][2:-1]
    bad_phones = [row for row in rows if parse_phones(row[2]).problem]
    bad_days = [row for row in rows if parse_day(row[1], today=DAY).problem]
    assert (len(bad_phones), len(bad_days)) == (2, 1)
