"""Birthdays: import rules 6.3 to 6.5, their stored form, the next solar day."""

from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopcrm.basics import texts
from shopcrm.basics.values import Birthday, parse_birthday
from shopcrm.basics.values.birthday import is_minor, lunar_date

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("1990-05-01", "1990-05-01"),
        (datetime.combine(date(1990, 5, 1), time()), "1990-05-01"),
        (32994, "1990-05-01"),
        ("32994", "1990-05-01"),
        (19900501, "1990-05-01"),
        ("90-5-1", "1990-05-01"),
        # 6.3 without a year
        ("4月6日", "--04-06"),
        ("04-06", "--04-06"),
        ("4.6", "--04-06"),
        ("4/6", "--04-06"),
        ("四月六日", "--04-06"),
        ("2月29日", "--02-29"),
        ("公历5月1日", "--05-01"),
        # 6.3 lunar by a word or by its form
        ("农历四月初六", "L:--04-06"),
        ("阴历8月15", "L:--08-15"),
        ("旧历8-15", "L:--08-15"),
        ("8.15（农历）", "L:--08-15"),
        ("腊月廿三", "L:--12-23"),
        ("正月十五", "L:--01-15"),
        ("冬月初十", "L:--11-10"),
        ("二月三十", "L:--02-30"),
        ("農曆臘月三十", "L:--12-30"),
        ("1988年农历八月十五", "L:1988-08-15"),
        ("农历1988-8-15", "L:1988-08-15"),
        ("1988农历8月15", "L:1988-08-15"),
        ("一九八八年八月十五", "L:1988-08-15"),
        ("闰六月初一", "L:--06+-01"),
        ("1987年闰六月初一", "L:1987-06+-01"),
    ],
)
def test_birthday_is_read(raw: object, key: str) -> None:
    cell = parse_birthday(raw, today=TODAY)
    assert cell.problem is None
    assert cell.birthday is not None
    assert cell.birthday.key == key


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("1988-08-15", "L:1988-08-15"),
        (datetime.combine(date(1988, 8, 15), time()), "L:1988-08-15"),
        ("8月15", "L:--08-15"),
        ("八月十五", "L:--08-15"),
        ("公历5月1日", "--05-01"),
    ],
)
def test_a_lunar_column_makes_plain_dates_lunar(raw: object, key: str) -> None:  # 6.3
    birthday = parse_birthday(raw, lunar=True, today=TODAY).birthday
    assert birthday is not None
    assert birthday.key == key


@pytest.mark.parametrize(
    "raw", [None, "", "无", 0, 1, "1900-01-00", "1900-01-01", "0000-00-00", date(1899, 12, 30)]
)
def test_artefacts_leave_the_birthday_empty_without_a_word(raw: object) -> None:  # 6.4, 6.5
    cell = parse_birthday(raw, today=TODAY)
    assert (cell.birthday, cell.problem) == (None, None)


@pytest.mark.parametrize(
    "raw",
    [
        "2026-11-22",
        "1899-05-05",
        "1990-02-29",
        "2月30日",
        "1990年5月",
        "廿三",
        "白羊座",
        4.6,
        "13月1日",
        "1988年闰八月初一",
        "农历13月1日",
        "农历1988年12月30",
        "阳历正月十五",
        "农历2026年腊月初一",
    ],
)
def test_impossible_future_and_unreadable_birthdays_are_bad(raw: object) -> None:  # 6.5
    cell = parse_birthday(raw, today=TODAY)
    assert (cell.birthday, cell.problem) == (None, "bad_birthday")


@pytest.mark.parametrize(
    ("key", "today", "on"),
    [
        ("--11-21", "2026-11-21", "2026-11-21"),
        ("1990-11-20", "2026-11-21", "2027-11-20"),
        ("--02-29", "2026-11-21", "2027-02-28"),
        ("--02-29", "2027-11-21", "2028-02-29"),
        ("L:--01-01", "2026-11-21", "2027-02-06"),  # Spring Festival
        ("L:--08-15", "2025-01-01", "2025-10-06"),  # Mid-Autumn
        ("L:--12-30", "2026-11-21", "2027-02-05"),  # a twelfth month of 29 days: the eve is its 29th
        ("L:--12-23", "2027-01-01", "2027-01-30"),  # belongs to the lunar year that began in 2026
        ("L:1987-06+-01", "2025-01-01", "2025-07-25"),  # 2025 has a leap sixth month
        ("L:1987-06+-01", "2026-01-01", "2026-07-14"),  # 2026 has none: the ordinary sixth
        ("L:--06-01", "2025-01-01", "2025-06-25"),
    ],
)
def test_next_birthday_in_solar_days(key: str, today: str, on: str) -> None:
    assert Birthday.from_key(key).next_solar(date.fromisoformat(today)) == date.fromisoformat(on)


lunar_days = st.builds(
    Birthday, st.none(), st.integers(1, 12), st.integers(1, 30), st.just(True), st.booleans()
)
solar_days = st.dates(date(1950, 1, 1), date(2100, 12, 31)).map(lambda d: Birthday(None, d.month, d.day))


@given(st.one_of(lunar_days, solar_days), st.dates(date(1950, 1, 1), date(2100, 12, 31)))
def test_a_birthday_comes_once_a_year_and_never_gets_lost(birthday: Birthday, today: date) -> None:
    first = birthday.next_solar(today)
    second = birthday.next_solar(first + timedelta(days=1))
    assert timedelta() <= first - today <= timedelta(days=385)
    assert timedelta(days=353) <= second - first <= timedelta(days=385)


FIRST, LAST = date(1950, 1, 1), date(2100, 12, 31)
LunarDay = tuple[int, int, int, int]  # year, month, day, 1 in a leap month


@cache
def lunar_days_of_the_library() -> dict[date, LunarDay]:
    """Every solar day with its lunar one, as the library says; the lunar year 1949 ends in 1950."""
    from borax.calendars.lunardate import LunarDate

    first = FIRST - timedelta(days=100)
    days = (first + timedelta(days=n) for n in range((LAST - first).days + 1))
    found = ((day, LunarDate.from_solar_date(day.year, day.month, day.day)) for day in days)
    return {day: (lunar.year, lunar.month, lunar.day, lunar.leap) for day, lunar in found}


@cache
def lunar_months_of_the_library() -> dict[tuple[int, int, int], list[date]]:
    """The days of every lunar month (year, month, 1 for the leap one) that lies wholly in those years."""
    months: dict[tuple[int, int, int], list[date]] = {}
    for day, (year, month, _, leap) in lunar_days_of_the_library().items():
        months.setdefault((year, month, leap), []).append(day)
    return dict(list(months.items())[1:-1])  # those at the ends may be cut off


def birthdays_by_the_library(month: int, day: int, leap: bool) -> list[date]:
    """When a lunar birthday is kept: in the leap month if the year has it, else in the ordinary one; the
    thirtieth of a month of 29 days on its last day."""
    months = lunar_months_of_the_library()
    found = []
    for year in range(FIRST.year - 1, LAST.year + 1):
        days = (months.get((year, month, 1)) if leap else None) or months.get((year, month, 0))
        if days:
            found.append(days[min(day, len(days)) - 1])
    return found


EVERY_BIRTHDAY = [(m, d, leap) for m in range(1, 13) for d in range(1, 31) for leap in (False, True)]
TRICKY = [(12, 30, False), (1, 1, False), (6, 30, True), (4, 29, True), (11, 30, True), (8, 15, False)]


def check_birthdays(birthdays: list[tuple[int, int, bool]]) -> int:
    """Seen from every birthday, the day after it and the middle of the year; how often it was asked."""
    asked = 0
    for month, day, leap in birthdays:
        birthday = Birthday(None, month, day, lunar=True, leap=leap)
        kept = birthdays_by_the_library(month, day, leap)
        assert len(kept) >= 149
        for this, following in pairwise(kept):
            assert birthday.next_solar(this) == this, (birthday.key, this)
            for today in (this + timedelta(days=1), this + (following - this) / 2, following):
                assert birthday.next_solar(today) == following, (birthday.key, today)
            asked += 4
    return asked


def test_lunar_birthdays_agree_with_the_library() -> None:
    for day, (_, month, number, leap) in list(lunar_days_of_the_library().items())[::31]:
        assert Birthday(None, month, number, lunar=True, leap=bool(leap)).next_solar(day) == day
    assert check_birthdays(TRICKY) > 3_500


@pytest.mark.slow
def test_lunar_birthdays_agree_with_the_library_day_by_day() -> None:
    """Each day of 1950 to 2100: whose birthday it is has it today; and every lunar birthday in every year."""
    days = {day: lunar for day, lunar in lunar_days_of_the_library().items() if day >= FIRST}
    assert len(days) == 55_152
    for day, (year, month, number, leap) in days.items():
        for born in (None, year):
            birthday = Birthday(born, month, number, lunar=True, leap=bool(leap))
            assert birthday.next_solar(day) == day, (birthday.key, day)
    assert check_birthdays(EVERY_BIRTHDAY) > 400_000
    for month, number, in_leap in TRICKY:
        birthday = Birthday(None, month, number, lunar=True, leap=in_leap)
        kept = iter(birthdays_by_the_library(month, number, in_leap))
        following = next(kept)
        for day in days:
            while day > following:
                following = next(kept, date.max)
            if following < date.max:
                assert birthday.next_solar(day) == following, (birthday.key, day)


def test_a_clock_beyond_the_tables_does_not_stop_the_shop() -> None:
    assert Birthday(None, 12, 30, lunar=True).next_solar(date(2150, 6, 1)).year == 2151


@given(
    st.builds(
        Birthday,
        st.one_of(st.none(), st.integers(1900, 2100)),
        st.integers(1, 12),
        st.integers(1, 28),
        st.booleans(),
    )
)
def test_key_comes_back_as_the_same_birthday(birthday: Birthday) -> None:
    assert Birthday.from_key(birthday.key) == birthday


def test_key_of_another_form_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="1990/5/1"):
        Birthday.from_key("1990/5/1")


@given(st.one_of(st.text(), st.floats(), st.integers(), st.datetimes(), st.none()), st.booleans())
def test_no_cell_breaks_it(raw: object, lunar: bool) -> None:
    cell = parse_birthday(raw, lunar=lunar, today=TODAY)
    assert cell.birthday is None or cell.problem is None


def test_birthday_is_shown() -> None:
    assert Birthday.from_key("1990-05-01").show() == "1990年5月1日"
    assert Birthday.from_key("--05-01").show() == "5月1日"
    assert Birthday.from_key("L:--08-15").show() == "农历八月十五"
    assert Birthday.from_key("L:1987-06+-30").show() == "农历1987年闰六月三十"
    texts.use("en")
    assert Birthday.from_key("L:--08-15").show() == "lunar 8-15"


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("1990-05-01", "农历四月初七"), ("--11-24", "农历十月十六"), ("L:--08-15", "2027年9月15日"),
        ("L:1988-08-15", "1988年9月25日"), ("L:1987-06+-15", "1987年8月9日"), ("1850-01-01", ""),
        ("L:1850-01-01", "2027年2月6日"),
    ],
)  # fmt: skip
def test_the_same_birthday_by_the_other_calendar(key: str, shown: str) -> None:
    assert Birthday.from_key(key).in_other_calendar(date(2026, 11, 21)) == shown


def test_every_solar_day_of_a_century_is_found_again_from_its_lunar_form() -> None:
    day = date(1950, 1, 1)
    while day < date(2050, 1, 1):
        lunar = lunar_date(day)
        assert lunar is not None
        assert lunar.next_solar(day) == day
        day += timedelta(days=37)


@pytest.mark.parametrize(
    ("key", "minor"),
    [
        ("2012-11-22", True),  # 14 tomorrow
        ("2012-11-21", False),
        ("2012-11-20", False),
        ("2026-11-21", True),
        ("L:2012-10-09", True),  # 22 November 2012
        ("L:2012-10-08", False),
        ("L:2011-12-29", False),  # January 2012
        ("--11-22", False),  # nobody knows how old she is
        ("L:--10-09", False),
        ("1990-05-01", False),
        ("", False),
    ],
)
def test_who_is_not_fourteen_yet(key: str, minor: bool) -> None:
    assert is_minor(key, TODAY) is minor
    assert not key or Birthday.from_key(key).is_minor(TODAY) is minor
