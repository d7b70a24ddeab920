"""Days: read from a cell or a form in the ways Chinese shops write them, and shown. No time of day."""

from __future__ import annotations

import datetime
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from shopcrm.basics.texts import t

Day = datetime.date

EMPTY_WORDS = frozenset(
    ("", "-", "—", "/", "无", "無", "没有", "沒有", "空", "暂无", "暫無", "none", "n/a", "nan")
)
_EPOCH_1900 = datetime.date(1899, 12, 30).toordinal()
_EPOCH_1904 = datetime.date(1904, 1, 1).toordinal()
_ARTEFACTS = frozenset((Day(1899, 12, 30), Day(1899, 12, 31), Day(1900, 1, 1)))  # import rule 6.4
_ARTEFACTS_1904 = frozenset((Day(1904, 1, 1), Day(1904, 1, 2)))
_FIRST_SALE = Day(1990, 1, 1)  # import rule 6.6

_CLOCK = (
    r"(?:上午|下午|早上|中午|晚上|凌晨)?[0-9]{1,2}[:时時点點][0-9]{1,2}"
    r"(?:[:分][0-9]{1,2}(?:\.[0-9]+)?秒?|分)?(?:am|pm)?"
)
# These three are slow to compile and seldom met: not before they are needed.
_TAIL = (
    rf"(?:\(?(?:星期|周|週|礼拜|禮拜)[一二三四五六日天]\)?)?t?(?:{_CLOCK}(?:z|[+-][0-9]{{2}}:?[0-9]{{2}})?)?"
)
_COMMON = re.compile(
    r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?"
)
_DIGITS = rf"([0-9]{{4}})([0-9]{{2}})([0-9]{{2}})(?:[0-9]{{6}}|\.0+|[\st]+{_CLOCK})?"
_SPLIT = re.compile(r"([0-9]{4}|[0-9]{2})([-/.])([0-9]{1,2})\2([0-9]{1,2})(?![0-9])")
_NO_YEAR = re.compile(r"()([0-9]{1,2})[-/.]([0-9]{1,2})(?![0-9])()")
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})(?![0-9])")
_NUMERAL = "〇零○一二三四五六七八九"
_WRITTEN = (
    rf"(?:([0-9]{{4}}|[0-9]{{2}}|[{_NUMERAL}]{{4}}|[{_NUMERAL}]{{2}})年|([0-9]{{4}}|[{_NUMERAL}]{{4}})(?=[闰閏正冬腊臘]))?"
    r"(闰|閏)?([0-9]{1,2}|[正冬腊臘]|十[一二]?|[一二三四五六七八九])月"
    r"(初?[0-9]{1,2}(?![0-9:])|初[一二三四五六七八九十]|[廿卅][一二三四五六七八九]?|[二三]?十[一二三四五六七八九]?|[一二三四五六七八九])"
    r"(日|号|號)?"
)
_BLANKS = re.compile(r"\s+")
_DASHES = re.compile("[\u2010-\u2015\u2212\u2043]")


class DayCell(NamedTuple):
    """What a date cell says: the day, or `missing`, or `bad_date` / `missing_date` (no year in it).

    `two_ways` if it is bad only because day and month may stand either way round, as in 03/04/2026.
    """

    day: Day | None = None
    missing: bool = False
    problem: str | None = None
    two_ways: bool = False


class Written(NamedTuple):
    """The parts of a written date, whether or not that day exists; `lunar` if its words say so."""

    year: int | None
    short_year: bool
    month: int
    day: int
    leap: bool = False
    lunar: bool = False


_MISSING = DayCell(missing=True)
_BAD = DayCell(problem="bad_date")
_TWO_WAYS = DayCell(problem="bad_date", two_ways=True)
_NO_YEAR_GIVEN = DayCell(problem="missing_date")


def parse_day(
    raw: object, *, date1904: bool = False, birthday: bool = False, today: Day, order: str = ""
) -> DayCell:
    """The day in a cell by import rules 6.1, 6.2, 6.4; `birthday` makes two-digit years ahead of us 19yy.

    `order` (`dmy`, `mdy`) says how a date with the year last is meant; without it such a one is bad.
    """
    if isinstance(raw, datetime.date):
        return _found(raw.date() if isinstance(raw, datetime.datetime) else raw, date1904)
    if isinstance(raw, str):
        if common := _COMMON.fullmatch(raw):
            day = day_or_none(int(common[1]), int(common[3]), int(common[4]))
            if day is not None:
                return _found(day, date1904)
        return _parse_text(raw, date1904, birthday, today, order)
    if raw is None or raw != raw:
        return _MISSING
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return _parse_number(raw, date1904)
    if isinstance(raw, datetime.time) and not any((raw.hour, raw.minute, raw.second)):
        return _MISSING  # serial 0 shown as a time
    return _BAD


def sale_day_problem(cell: DayCell, today: Day) -> str | None:
    """Why no sale can stand on that day (import rule 6.6): missing_date, bad_date, future_date; else None."""
    if cell.day is None:
        return cell.problem or "missing_date"
    if cell.day < _FIRST_SALE:
        return "bad_date"
    return "future_date" if cell.day.toordinal() > today.toordinal() + 1 else None


def show_day(day: Day, today: Day) -> str:
    """The day for reading: `10月25日` in the year of `today`, else `25年12月20日`."""
    month = t("day.months").split()[day.month - 1]
    if day.year == today.year:
        return t("day.this_year", month=month, day=day.day)
    return t("day.other_year", month=month, day=day.day, year=f"{day.year % 100:02d}")


def show_weekday(day: Day) -> str:
    """The day of the week: `周六`."""
    return t("day.weekdays").split()[day.weekday()]


def read_written(text: str) -> Written | None:
    """The parts of a date text in any known form, None if it is in none; the day need not exist."""
    text = unicodedata.normalize("NFKC", text).strip().lstrip("'")
    text = _DASHES.sub("-", text.lower())
    packed = re.fullmatch(_DIGITS, text)
    if packed:
        year, month, day = packed.groups()
        return Written(int(year), False, int(month), int(day))
    # A blank may part the date from its time, so "2023-4-6 9:30" must not become "2023-4-69:30".
    found = _SPLIT.match(_BLANKS.sub(" ", re.sub(r"\s*([-/.])\s*", r"\1", text)))
    if found:
        rest = _BLANKS.sub("", found.string[found.end() :])
        if not re.fullmatch(_TAIL, rest):
            return None
        return Written(int(found[1]), len(found[1]) == 2, int(found[3]), int(found[4]))
    close = _BLANKS.sub("", text)
    plain = _NO_YEAR.fullmatch(close)
    if plain:
        return Written(None, False, int(plain[2]), int(plain[3]))
    return _read_chinese(close)


def _read_year_last(text: str, order: str) -> Written | None:
    """The parts of a date such as 03/04/2026 in that order; None if it is none or no order is given."""
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", text).strip().lstrip("'").lower())
    found = _YEAR_LAST.match(re.sub(r"\s*([-/.])\s*", r"\1", plain))
    if not order or not found or not re.fullmatch(_TAIL, _BLANKS.sub("", found.string[found.end() :])):
        return None
    day, month = (int(found[1]), int(found[3])) if order == "dmy" else (int(found[3]), int(found[1]))
    return Written(int(found[4]), False, month, day)


def _stands_two_ways(text: str) -> bool:
    found = [_read_year_last(text, order) for order in ("dmy", "mdy")]
    return any(w is not None and day_or_none(w.year or 0, w.month, w.day) is not None for w in found)


def full_year(written: Written, *, birthday: bool, today: Day) -> int | None:
    """The year meant: a two-digit one is 20yy, but 19yy for a birthday that would lie in the future."""
    if written.year is None or not written.short_year:
        return written.year
    year = 2000 + written.year
    ahead = (year, written.month, written.day) > (today.year, today.month, today.day)
    return year - 100 if birthday and ahead else year


def from_serial(value: int | float, date1904: bool) -> Day | None:
    """The day of a bare number: an Excel serial from 10,000 to 80,000, or yyyymmdd; None if it is neither."""
    if 10_000 <= value <= 80_000:
        return Day.fromordinal(int(value) + (_EPOCH_1904 if date1904 else _EPOCH_1900))
    if 10_000_101 <= value <= 99_991_231 and value == int(value):
        year, rest = divmod(int(value), 10_000)
        return day_or_none(year, *divmod(rest, 100))
    return None


def day_or_none(year: int, month: int, day: int) -> Day | None:
    """That day, None if there is no such day."""
    try:
        return Day(year, month, day)
    except ValueError:
        return None


@lru_cache(maxsize=8192)
def _found(day: Day, date1904: bool) -> DayCell:
    if day in _ARTEFACTS or (date1904 and day in _ARTEFACTS_1904):
        return _MISSING
    return DayCell(day)


def _parse_number(value: int | float, date1904: bool) -> DayCell:
    if value in (0, 1):
        return _MISSING
    day = from_serial(value, date1904)
    return _BAD if day is None else _found(day, date1904)


@lru_cache(maxsize=4096)
def _parse_text(raw: str, date1904: bool, birthday: bool, today: Day, order: str) -> DayCell:
    if unicodedata.normalize("NFKC", raw).strip().lower() in EMPTY_WORDS:
        return _MISSING
    number = re.fullmatch(r"\s*([0-9]{1,5}(?:\.[0-9]+)?)\s*", raw)
    if number and (float(number[1]) in (0, 1) or from_serial(float(number[1]), date1904)):
        return _parse_number(float(number[1]), date1904)
    written = read_written(raw) or _read_year_last(raw, order)
    if written is None or written.lunar:
        return _TWO_WAYS if written is None and not order and _stands_two_ways(raw) else _BAD
    if (written.year, written.month, written.day) in ((0, 0, 0), (1900, 1, 0)):
        return _MISSING
    year = full_year(written, birthday=birthday, today=today)
    if year is None:
        return _NO_YEAR_GIVEN if day_or_none(2000, written.month, written.day) else _BAD
    day = day_or_none(year, written.month, written.day)
    return _BAD if day is None else _found(day, date1904)


def _read_chinese(text: str) -> Written | None:
    found = re.match(_WRITTEN, text)
    if not found or not re.fullmatch(_TAIL, text[found.end() :]):
        return None
    year_text = found[1] or found[2]
    leap, month_text, day_text, suffix = found.groups()[2:]
    month, day = _MONTHS.get(month_text), _DAYS.get(day_text.removeprefix("初"))
    if month is None or day is None:
        return None
    # 正月, 腊月, 闰, 初六 and 廿三 are said of lunar days only; so is 八月十五 in numerals without 日.
    lunar = bool(leap) or month_text in "正冬腊臘" or day_text[0] in "初廿卅"
    lunar = lunar or (suffix is None and not month_text.isascii() and not day_text.isascii())
    year = None if year_text is None else _year_number(year_text)
    return Written(year, year_text is not None and len(year_text) == 2, month, day, bool(leap), lunar)


def _year_number(text: str) -> int:
    if text.isascii():
        return int(text)
    return int("".join(str(max(0, _NUMERAL.index(c) - 2)) for c in text))


def _numerals() -> dict[str, int]:
    ones = ("", *"一二三四五六七八九")
    names = {str(n): n for n in range(32)} | {f"{n:02d}": n for n in range(10)}
    names |= {ones[n]: n for n in range(1, 10)} | {"十": 10, "廿": 20, "卅": 30, "卅一": 31}
    for n in range(1, 10):
        names |= {"十" + ones[n]: 10 + n, "廿" + ones[n]: 20 + n, "二十" + ones[n]: 20 + n}
    return names | {"二十": 20, "三十": 30, "三十一": 31}


_DAYS = _numerals()
_MONTHS = {name: n for name, n in _DAYS.items() if 1 <= n <= 12} | {"正": 1, "冬": 11, "腊": 12, "臘": 12}
