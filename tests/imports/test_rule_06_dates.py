"""Import rule 6: days and birthdays in every way they are written, and what is no day."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from shopcrm.excel import reader
from shopcrm.excel.writer import write_raw
from shopcrm.shop.dump import dump
from tests.imports.at_the_shop import imported, left_out
from tests.imports.table_of_rows import members_of, sales_of

pytestmark = pytest.mark.usefixtures("in_process")  # the day is 2026-11-21 everywhere


def days(shop: Any, folder: Path, cells: list[object]) -> list[str]:
    """The day of each sale, or the code of the row that was left out."""
    told = sales_of(shop, folder, ["消费日期"], [[cell] for cell in cells])
    return [row.kept["date"] if row.kept else row.codes[0] for row in told]


def birthdays(shop: Any, folder: Path, cells: list[object], heading: str = "生日") -> list[str | None]:
    """The birthday of each member; `bad` where a warning is listed. Nobody is left out for it."""
    told = members_of(shop, folder, heading, cells, 手机号=None)
    assert not any(row.left_out or row.kept is None for row in told)
    return ["bad" if "bad_birthday" in row.codes else (row.kept or {})["birthday"] for row in told]


def check(shop: Any, folder: Path, table: dict[Any, str]) -> None:
    assert dict(zip(table, days(shop, folder, list(table)), strict=True)) == table


def test_6_1_date_cells_and_numbers(shop: Any, tmp_path: Path) -> None:
    """A time of day is dropped, whatever it is; numbers are serials of Excel or yyyymmdd."""
    check(shop, tmp_path, {
        date(2023, 4, 6): "2023-04-06", datetime(2023, 4, 7, 23, 59, 59): "2023-04-07", 45022: "2023-04-06",
        45023.99: "2023-04-07", 20230408: "2023-04-08", 32874: "1990-01-01", 9_999: "bad_date",
        80_001: "bad_date",
        20231332: "bad_date", -45022: "bad_date", time(9, 30): "bad_date", True: "bad_date",
    })  # fmt: skip


def test_6_1_the_1904_date_system_of_a_file(
    shop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = reader.read

    def of_a_mac(*given: Any, **named: Any) -> Any:
        book = read(*given, **named)
        book.date1904 = True
        return book

    monkeypatch.setattr(reader, "read", of_a_mac)
    assert days(shop, tmp_path, [43560]) == ["2023-04-06"]


def test_6_1_no_time_zone_is_ever_applied(shop: Any, tmp_path: Path) -> None:
    check(shop, tmp_path, {
        "2023-04-06T23:59:59Z": "2023-04-06", "2023-04-06T00:30:00+08:00": "2023-04-06",
        "2023-04-07 00:00:00": "2023-04-07",
    })  # fmt: skip


def test_6_2_texts(shop: Any, tmp_path: Path) -> None:
    check(shop, tmp_path, {
        "2023/4/6": "2023-04-06", "2023-04-06": "2023-04-06", "2023.4.6": "2023-04-06",
        "2023年4月6日": "2023-04-06",
        "2023年4月6号": "2023-04-06", "20230406": "2023-04-06", "23-4-6": "2023-04-06",
        "23/04/06": "2023-04-06",
        "2023/4/6 9:30": "2023-04-06", "2023-04-06 21:05:33": "2023-04-06",
        "2023年4月6日 下午3点20分": "2023-04-06",
        "２０２３／４／６": "2023-04-06", " 2023 - 4 - 6 ": "2023-04-06", "二〇二三年四月六日": "2023-04-06",
        "二零二三年十二月三十一日": "2023-12-31", "2023年4月6日 星期四": "2023-04-06", "45022": "2023-04-06",
        "2023年04月": "bad_date", "04/06/2023": "bad_date", "6/4/2023": "bad_date", "2023-02-29": "bad_date",
        "2023-13-01": "bad_date", "十月四号那天": "bad_date", "昨天": "bad_date", "2023-4-6-7": "bad_date",
        "2024-02-29": "2024-02-29",
    })  # fmt: skip


def test_6_2_two_digit_years(shop: Any, tmp_path: Path) -> None:
    """20yy; of a birthday that would lie in the future 19yy."""
    check(shop, tmp_path, {"26-11-20": "2026-11-20", "30-1-1": "future_date"})
    assert birthdays(shop, tmp_path, ["88-5-1", "26-11-21", "26-11-22", "05/6/7"]) == [
        "1988-05-01", "2026-11-21", "1926-11-22", "2005-06-07",
    ]  # fmt: skip


def test_6_3_birthdays_without_a_year(shop: Any, tmp_path: Path) -> None:
    cells: list[object] = ["4月6日", "04-06", "4.6", "四月六日", "2月29日", "4/6", "13-45", "4月31日"]
    assert birthdays(shop, tmp_path, cells) == [
        "--04-06", "--04-06", "--04-06", "--04-06", "--02-29", "--04-06", "bad", "bad",
    ]  # fmt: skip


def test_6_3_lunar_birthdays(shop: Any, tmp_path: Path) -> None:
    cells: list[object] = [
        "农历四月初六", "腊月廿三", "正月十五", "农历8月15", "阴历1988年八月十五", "旧历冬月三十",
        "八月十五", "闰四月初六",
        "農曆四月初六", "农历十三月初一",
    ]  # fmt: skip
    assert birthdays(shop, tmp_path, cells) == [
        "L:--04-06", "L:--12-23", "L:--01-15", "L:--08-15", "L:1988-08-15", "L:--11-30", "L:--08-15",
        "L:--04+-06",
        "L:--04-06", "bad",
    ]  # fmt: skip


def test_6_3_a_lunar_heading_or_a_calendar_column(shop: Any, tmp_path: Path) -> None:
    cells: list[object] = ["4月6日", "1988-08-15", date(1988, 8, 15), "公历1988-08-15", "正月初一"]
    assert birthdays(shop, tmp_path, cells, "农历生日") == [
        "L:--04-06", "L:1988-08-15", "L:1988-08-15", "1988-08-15", "L:--01-01",
    ]  # fmt: skip
    rows = [
        ["A", "4月6日", "农历"],
        ["B", "4月6日", "阳历"],
        ["C", "1988-08-15", "阴历"],
        ["D", "4月6日", None],
    ]
    imported(shop, write_raw(tmp_path / "g.xlsx", [("表", ["姓名", "生日", "生日类型"], rows)]))
    kept = {m["name"]: m["birthday"] for m in dump(shop.store.read())["members"]}
    assert [kept[name] for name in "ABCD"] == ["L:--04-06", "--04-06", "L:1988-08-15", "--04-06"]


EMPTY = [
    0,
    1,
    "0",
    "1",
    "1899-12-30",
    "1899-12-31",
    "1900-01-00",
    "1900-01-01",
    "1900/1/0",
    "0000-00-00",
    "",
    None,
    "无",
    "-",
]


def test_6_4_artefacts_for_empty_are_no_birthday_and_no_problem(shop: Any, tmp_path: Path) -> None:
    told = members_of(shop, tmp_path, "生日", EMPTY, 手机号=None)
    assert [(row.kept or {})["birthday"] for row in told] == [None] * len(EMPTY)
    assert {row.codes for row in told} == {("no_phone",)}


def test_6_4_artefacts_for_empty_are_no_day_of_a_sale(shop: Any, tmp_path: Path) -> None:
    assert set(days(shop, tmp_path, [*EMPTY, "2026-01-01"])[:-1]) == {"missing_date"}


def test_6_5_a_bad_birthday_is_left_empty_and_listed(shop: Any, tmp_path: Path) -> None:
    cells: list[object] = [
        "1990-02-30",
        "2026-11-22",
        "1899-05-01",
        "属龙",
        "1990年5月",
        "#N/A",
        "2026-11-21",
        "1900-01-02",
    ]
    assert birthdays(shop, tmp_path, cells) == ["bad"] * 6 + ["2026-11-21", "1900-01-02"]


def test_who_is_not_fourteen_yet_is_counted_and_comes_in(shop: Any, tmp_path: Path) -> None:
    rows = [
        ["甲", "13800000001", "2012-11-22"],
        ["乙", "13800000002", "2012-11-21"],
        ["丙", "13800000003", ""],
    ]
    headings = ["姓名", "手机号", "生日"]
    report = imported(shop, write_raw(tmp_path / "a.xlsx", [("表", headings, rows)]))
    assert (report["minors"], report["members_new"], report["problems"]) == (1, 3, [])
    rows[2][2] = "农历2012年十月初九"  # 22 November
    report = imported(shop, write_raw(tmp_path / "b.xlsx", [("表", headings, rows)]))
    assert (report["minors"], report["members_updated"]) == (1, 1)


def test_6_6_a_sale_needs_a_day(shop: Any, tmp_path: Path) -> None:
    check(shop, tmp_path, {
        None: "missing_date", "4月6日": "missing_date", "看不清": "bad_date", "2026-11-22": "2026-11-22",
        "2026-11-23": "future_date", "1989-12-31": "bad_date", "1990-01-01": "1990-01-01",
        "农历四月初六": "bad_date",
    })  # fmt: skip
    rows = [["13800000001", "2026-01-01", 1], ["13800000001", "2031-01-01", 2]]
    report = imported(
        shop, write_raw(tmp_path / "g.xlsx", [("表", ["手机号", "消费日期", "实收金额"], rows)])
    )
    assert left_out(report) == [(3, "future_date", "2031-01-01")]
