"""Birthdays: solar or lunar, with or without the year, and the day on which the next one falls.

A lunar birthday is kept as lunar month and day. It is turned into a solar date anew every year, because years
differ in their leap months and in which months have a thirtieth day.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from shopcrm.basics.texts import t
from shopcrm.basics.values.day import (
    Day,
    Written,
    day_or_none,
    full_year,
    parse_day,
    read_written,
)

_FIRST_YEAR, _LAST_YEAR = 1900, 2100  # of the lunar tables
_ADULT_ENOUGH = 14  # years from which somebody's own word is enough to keep her particulars
_MOON_CYCLE = 19  # years after which the phases of the moon fall on nearly the same dates again
_LUNAR_MARK = re.compile(r"[(\[【]?(?:农历|農曆|阴历|陰曆|旧历|舊曆)[)\]】]?:?")
_SOLAR_MARK = re.compile(r"[(\[【]?(?:公历|公曆|阳历|陽曆|新历|新曆|国历|國曆)[)\]】]?:?")
_KEY = re.compile(r"(L:)?(?:([0-9]{4})-|--)([0-9]{2})(\+?)-([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Birthday:
    """A month and a day, of the lunar calendar if `lunar` (`leap`: of its leap month), the year if known."""

    year: int | None
    month: int
    day: int
    lunar: bool = False
    leap: bool = False

    @property
    def key(self) -> str:
        """The stored form: `1990-05-01`, `--05-01`, `L:1988-08-15`, `L:--08-15`, leap `L:1987-06+-15`."""
        year = "-" if self.year is None else f"{self.year:04d}"
        mark, plus = "L:" if self.lunar else "", "+" if self.leap else ""
        return f"{mark}{year}-{self.month:02d}{plus}-{self.day:02d}"

    @classmethod
    def from_key(cls, key: str) -> Birthday:
        """The birthday stored as `key`; ValueError if it is no such form."""
        found = _KEY.fullmatch(key)
        if not found:
            raise ValueError(key)
        lunar, year, month, leap, day = found.groups()
        return cls(int(year) if year else None, int(month), int(day), bool(lunar), bool(leap))

    def next_solar(self, today: Day) -> Day:
        """The solar day of the next birthday, `today` included.

        29 February is kept on the 28th in common years, the thirtieth of a lunar month of 29 days on the
        29th, a leap month in years without it in the ordinary month.
        """
        if self.lunar:
            years = range(today.year - 1, today.year + 2)
            return min(day for year in years if (day := self._lunar_day(year)) >= today)
        this_year = self._solar_day(today.year)
        return this_year if this_year >= today else self._solar_day(today.year + 1)

    def show(self) -> str:
        """The birthday for reading: `1990年5月1日`, `5月1日`, `农历八月十五`."""
        if self.lunar:
            key = "birthday.lunar" if self.year is None else "birthday.lunar_year"
            month = t("birthday.lunar_months").split()[self.month - 1]
            day: object = t("birthday.lunar_days").split()[self.day - 1]
        else:
            key = "birthday.solar" if self.year is None else "birthday.solar_year"
            month, day = t("day.months").split()[self.month - 1], self.day
        leap = t("birthday.leap") if self.leap else ""
        return t(key, year=self.year, leap=leap, month=month, day=day)

    def in_other_calendar(self, today: Day) -> str:
        """The same birthday by the other calendar, for reading: of the day she was born on where the year is
        known, else of the next one from `today` on, with its year where it is solar. "" beyond the tables.
        """
        if self.lunar:
            born = None if self.year is None else _born(self, self.year)
            day = self.next_solar(today) if born is None else born
            return Birthday(day.year, day.month, day.day).show()
        day = self.next_solar(today) if self.year is None else self._solar_day(self.year)
        lunar = lunar_date(day)
        return "" if lunar is None else lunar.show()

    def is_minor(self, today: Day) -> bool:
        """Whether she is not 14 yet, so that a parent has to agree; False where the year is not known."""
        born = None if self.year is None else _born(self, self.year)
        if born is None:
            return False
        return today.year - born.year - ((today.month, today.day) < (born.month, born.day)) < _ADULT_ENOUGH

    def _solar_day(self, year: int) -> Day:
        return day_or_none(year, self.month, self.day) or Day(year, 2, 28)

    def _lunar_day(self, year: int) -> Day:
        # Beyond the tables (a clock gone wrong) a day or two off is better than no program.
        ahead = max(0, -((_LAST_YEAR - year) // _MOON_CYCLE)) * _MOON_CYCLE
        year -= ahead
        month = _lunar_month(year, self.month, self.leap) or _lunar_month(year, self.month, False)
        assert month is not None  # every lunar year has its twelve ordinary months
        first, days = month
        day = first + datetime.timedelta(days=min(self.day, days) - 1)
        return day_or_none(day.year + ahead, day.month, day.day) or Day(day.year + ahead, 2, 28)


def is_minor(key: str, today: Day) -> bool:
    """The same of a stored birthday, quickly for the many who are older; "" is nobody's."""
    year = key.removeprefix("L:")[:4]
    if not year.isdecimal() or today.year - int(year) > _ADULT_ENOUGH + 1:
        return False
    return Birthday.from_key(key).is_minor(today)


def lunar_date(day: Day) -> Birthday | None:
    """A day as lunar month and day, without its year; None beyond the tables of the library."""
    from borax.calendars.lunardate import InvalidLunarDateError, LunarDate

    try:
        found = LunarDate.from_solar_date(day.year, day.month, day.day)
    except InvalidLunarDateError:
        return None
    return Birthday(None, found.month, found.day, lunar=True, leap=bool(found.leap))


class BirthdayCell(NamedTuple):
    """What a birthday cell says: the birthday if it holds one, `bad_birthday` if it holds something else;
    `two_ways` as for DayCell."""

    birthday: Birthday | None = None
    problem: str | None = None
    two_ways: bool = False


_NONE = BirthdayCell()
_BAD = BirthdayCell(problem="bad_birthday")


def parse_birthday(
    raw: object, *, lunar: bool = False, today: Day, date1904: bool = False, order: str = ""
) -> BirthdayCell:
    """The birthday in a cell by import rules 6.2 to 6.5; `lunar` is what its column says, words in it win.

    `order` as for `parse_day`.
    """
    if isinstance(raw, str):
        text, marked = _take_mark(unicodedata.normalize("NFKC", raw))
        written = read_written(text)
        if written is not None:
            if written.lunar and marked is False:
                return _BAD
            is_lunar = written.lunar or (lunar if marked is None else marked)
            return _from_parts(written, is_lunar, today)
        raw, lunar = text, lunar if marked is None else marked
    cell = parse_day(raw, date1904=date1904, birthday=True, today=today, order=order)
    if cell.day is None:
        return BirthdayCell(None, "bad_birthday", cell.two_ways) if cell.problem else _NONE
    return _from_parts(Written(cell.day.year, False, cell.day.month, cell.day.day), lunar, today)


def _take_mark(text: str) -> tuple[str, bool | None]:
    """The text without its calendar word, and whether that word was lunar (None: there was none)."""
    for mark, is_lunar in ((_LUNAR_MARK, True), (_SOLAR_MARK, False)):
        if found := mark.search(text):
            before, after = text[: found.start()].rstrip(), text[found.end() :].lstrip()
            # 1988农历8月15 without its mark must not become 19888月15.
            return before + ("年" if before[-1:].isdigit() and after else "") + after, is_lunar
    return text, None


def _from_parts(written: Written, lunar: bool, today: Day) -> BirthdayCell:
    year, month, day = full_year(written, birthday=True, today=today), written.month, written.day
    if (year, month, day) in ((0, 0, 0), (1900, 1, 0), (1900, 1, 1), (1899, 12, 30), (1899, 12, 31)):
        return _NONE
    birthday = Birthday(year, month, day, lunar, written.leap)
    if year is None:
        exists = 1 <= month <= 12 and 1 <= day <= 30 if lunar else day_or_none(2000, month, day) is not None
        return BirthdayCell(birthday) if exists else _BAD
    born = _born(birthday, year) if _FIRST_YEAR <= year <= _LAST_YEAR else None
    return _BAD if born is None or born > today else BirthdayCell(birthday)


def _born(birthday: Birthday, year: int) -> Day | None:
    if not birthday.lunar:
        return day_or_none(year, birthday.month, birthday.day)
    month = _lunar_month(year, birthday.month, birthday.leap)
    if month is None or not 1 <= birthday.day <= month[1]:
        return None
    return month[0] + datetime.timedelta(days=birthday.day - 1)


@lru_cache(maxsize=4096)
def _lunar_month(year: int, month: int, leap: bool) -> tuple[Day, int] | None:
    """The first solar day and the length of a lunar month, None if the year has no such month."""
    from borax.calendars.lunardate import InvalidLunarDateError, LCalendars, LunarDate

    try:
        first: Day = LunarDate(year, month, 1, int(leap)).to_solar_date()
        return first, int(LCalendars.ndays(year, month, int(leap)))
    except InvalidLunarDateError:
        return None
