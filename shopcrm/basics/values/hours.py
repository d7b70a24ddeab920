"""The hours of a day in which somebody likes to be called: read from words, kept as `19:00-`, shown again."""

from __future__ import annotations

import re
import unicodedata

from shopcrm.basics.texts import t

# Strings until met: compiling them would cost every start.
_KEY = r"(?:([01][0-9]|2[0-3]):([0-5][0-9]))?-(?:([01][0-9]|2[0-3]):([0-5][0-9]))?"
_TIME = (
    r"(上午|早上|中午|下午|晚上|夜里|夜裡|傍晚)?([0-9]{1,2})(?::([0-9]{2})|[点點时時](半|[0-9]{1,2}分?)?)?"
)
_AFTER = rf"{_TIME}(?:以后|以後|之后|之後|后|後|起)|after{_TIME}"
_BEFORE = rf"{_TIME}(?:以前|之前|前)|before{_TIME}"
_BETWEEN = rf"{_TIME}(?:-|~|到|至){_TIME}"
_AFTERNOON = frozenset(("下午", "晚上", "夜里", "夜裡", "傍晚"))
_DASHES = str.maketrans("\u2013\u2014\u2212\u301c\uff5e", "-----")


def parse_hours(text: str) -> str | None:
    """`HH:MM-HH:MM`, an end empty, for 19:00 以后, 晚上7点后, 12点前, 9:00-12:00; "" for nothing, None for
    anything else."""
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES).lower()
    plain = "".join(plain.split())
    if not plain:
        return ""
    if is_hours(plain):
        return plain
    if found := re.fullmatch(_BETWEEN, plain):
        first = _time(*found.groups()[:4])
        # 下午2点-5点: the word stands for both.
        last = _time(found[5] or found[1], *found.groups()[5:])
        return f"{first}-{last}" if first and last and first < last else None
    for pattern, form in ((_AFTER, "{}-"), (_BEFORE, "-{}")):
        if found := re.fullmatch(pattern, plain):
            groups = found.groups()
            time = _time(*(groups[:4] if groups[1] else groups[4:]))
            return form.format(time) if time else None
    return None


def is_hours(key: str) -> bool:
    """Whether a text is the kept form."""
    found = re.fullmatch(_KEY, key)
    if not found or key == "-":
        return False
    first, _, last = key.partition("-")
    return not first or not last or first < last


def is_within(key: str, time: str) -> bool:
    """Whether a time of day, HH:MM, lies in these hours; any time does where none are named."""
    first, _, last = key.partition("-")
    return (not first or first <= time) and (not last or time < last)


def show_hours(key: str) -> str:
    """The hours for reading: `19:00 以后`, `12:00 以前`, `09:00–12:00`; "" for none."""
    if not is_hours(key):
        return key
    first, _, last = key.partition("-")
    if first and last:
        return f"{first}\u2013{last}"
    return t("hours.after", time=first) if first else t("hours.before", time=last)


def _time(part: str | None, hour: str, minute: str | None, rest: str | None) -> str:
    number = int(hour)
    if part in _AFTERNOON and number < 12:
        number += 12
    minutes = 30 if rest == "半" else int(minute or (rest or "0").rstrip("分") or 0)
    return f"{number:02d}:{minutes:02d}" if number < 24 and minutes < 60 else ""
