"""Dates: import rules 6.1, 6.2, 6.4, 6.6, showing."""

from datetime import date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopcrm.basics import texts
from shopcrm.basics.values import parse_day, sale_day_problem, show_day, show_weekday

TODAY = date(2026, 11, 21)
APRIL = date(2023, 4, 6)
days = st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 12, 31))


@pytest.mark.parametrize(
    "raw",
    [
        # 6.1 date cells and bare numbers; a time is dropped, a zone never applied
        APRIL,
        datetime.combine(APRIL, time(23, 59)),
        datetime(2023, 4, 6, 23, 59, tzinfo=timezone(timedelta(hours=8))),
        45022,
        45022.99,
        20230406,
        20230406.0,
        "45022",
        # 6.2 text
        "2023/4/6",
        "2023-04-06",
        "2023.4.6",
        "2023年4月6日",
        "2023年4月6号",
        "2023 年 4 月 6 日",
        "２０２３－０４－０６",
        "20230406",
        "23-4-6",
        "23年4月6日",
        "2023-04-06 12:30",
        "2023-04-06 12:30:59.5",
        "2023/4/6 9:30",
        "2023年4月6日 9时30分",
        "2023/4/6 下午 3:20:11",
        "2023-04-06T10:00:00Z",
        "2023-04-06T10:00:00+08:00",
        "20230406 12:30:00",
        "20230406123000",
        "2023/4/6 星期四",
        "二〇二三年四月六日",
        "二零二三年四月六日",
    ],
)
def test_day_is_read(raw: object) -> None:
    assert parse_day(raw, today=TODAY).day == APRIL


def test_the_file_says_which_date_system_its_numbers_use() -> None:  # 6.1
    assert parse_day(45022 - 1462, date1904=True, today=TODAY).day == APRIL
    assert parse_day(APRIL, date1904=True, today=TODAY).day == APRIL


def test_chinese_numerals_beyond_ten() -> None:  # 6.2
    assert parse_day("二〇二三年十二月二十三日", today=TODAY).day == date(2023, 12, 23)
    assert parse_day("二〇二三年十一月三十日", today=TODAY).day == date(2023, 11, 30)


@pytest.mark.parametrize(
    "raw",
    [
        "2023年4月",
        "04/06/2023",
        "4/6/23",
        "2023-02-30",
        "2023-13-01",
        "20231301",
        "2023-4/6",
        "2023-04-061",
        "昨天",
        "2",
        2,
        9999,
        80001,
        -5,
        "八月十五",
        True,
        time(9, 30),
        1e300,
        "2023年4月61日",
    ],
)
def test_unreadable_or_impossible_day_is_bad(raw: object) -> None:  # 6.2
    cell = parse_day(raw, today=TODAY)
    assert (cell.day, cell.missing, cell.problem) == (None, False, "bad_date")


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "",
        "-",
        "无",
        0,
        1,
        0.0,
        "0",
        date(1899, 12, 30),
        datetime.combine(date(1899, 12, 31), time()),
        date(1900, 1, 1),
        time(0, 0),
        "1900-01-00",
        "1900/1/0",
        "1900-01-01",
        "0000-00-00",
        "0000-00-00 00:00:00",
        float("nan"),
    ],
)
def test_artefacts_of_empty_cells_are_missing(raw: object) -> None:  # 6.4
    cell = parse_day(raw, today=TODAY)
    assert (cell.day, cell.missing, cell.problem) == (None, True, None)


def test_two_digit_years() -> None:  # 6.2
    assert parse_day("98-4-6", today=TODAY).day == date(2098, 4, 6)
    assert parse_day("98-4-6", birthday=True, today=TODAY).day == date(1998, 4, 6)
    assert parse_day("26-11-22", birthday=True, today=TODAY).day == date(1926, 11, 22)
    assert parse_day("26-11-21", birthday=True, today=TODAY).day == date(2026, 11, 21)


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ("2026-11-21", None),
        ("2026-11-22", None),
        ("2026-11-23", "future_date"),
        ("1990-01-01", None),
        ("1989-12-31", "bad_date"),
        ("", "missing_date"),
        ("4月6日", "missing_date"),
        ("04-06", "missing_date"),
        ("32月6日", "bad_date"),
        ("昨天", "bad_date"),
    ],
)
def test_day_a_sale_can_stand_on(raw: str, problem: str | None) -> None:  # 6.6
    assert sale_day_problem(parse_day(raw, today=TODAY), TODAY) == problem


@given(
    days, st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d", "%Y-%m-%d %H:%M"])
)
def test_every_day_is_read_in_every_form(day: date, form: str) -> None:
    assert parse_day(day.strftime(form), today=TODAY).day == day


@given(st.one_of(st.text(), st.floats(), st.integers(), st.datetimes(), st.none()))
def test_any_cell_is_day_or_missing_or_problem(raw: object) -> None:
    cell = parse_day(raw, today=TODAY)
    assert (cell.day is not None) + cell.missing + (cell.problem is not None) == 1


def test_day_is_shown_short() -> None:
    assert show_day(date(2026, 10, 25), TODAY) == "10月25日"
    assert show_day(date(2025, 12, 20), TODAY) == "25年12月20日"
    assert show_weekday(TODAY) == "周六"
    texts.use("en")
    assert show_day(date(2026, 10, 25), TODAY) == "25 Oct"
