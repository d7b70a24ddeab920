"""Names: the pinyin by which a member is found, and how she is addressed."""

from __future__ import annotations

import csv
import re
from functools import cache, lru_cache
from itertools import islice, product

from shopcrm.basics.texts import RESOURCES, t

_MOST_READINGS = 24  # of one name: enough for four characters of which two or three are read in several ways
_HAN = (("\u3400", "\u9fff"), ("\u3007", "\u3007"), ("\uf900", "\ufaff"), ("\U00020000", "\U0003ffff"))
_WORD = re.compile(r"[a-z0-9]+")
_TITLES = ("女士", "小姐", "太太", "夫人", "阿姨", "老师", "老師", "先生", "姐", "妹", "哥")


def load_readings() -> None:
    """Load what readings come from, which takes a moment: for a thread that has nothing else to do."""
    _surnames()
    _char_readings()


@lru_cache(maxsize=512)
def pinyin_keys(name: str) -> tuple[str, ...]:
    """Initials and full pinyin of a name in all its readings, the surname's own reading first.

    曾小贤 gives zxx, cxx, zengxiaoxian, cengxiaoxian; Latin words count by their first letter and in full.
    """
    readings = _readings(name.lower())
    if not readings:
        return ()
    initials = map("".join, islice(product(*map(_initials, readings)), _MOST_READINGS))
    full = map("".join, islice(product(*readings), _MOST_READINGS))
    return tuple(dict.fromkeys((*initials, *full)))


def call_name(name: str) -> str:
    """A proposal how to address her: the last character of the given name and 姐; other names as they are."""
    if not name or name.endswith(_TITLES) or not _is_han(name[-1]):
        return name
    return t("name.call", last=name[-1])


@lru_cache(maxsize=4096)
def _initials(readings: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reading[0] for reading in readings))


def _readings(name: str) -> list[tuple[str, ...]]:
    """The syllables of the name, each with all its readings; characters without a reading are left out."""
    known = _char_readings()
    readings = list(_surname_readings(name[:2]) or _surname_readings(name[:1]))
    at = len(readings)
    while at < len(name):
        word = _WORD.match(name, at)
        if word:
            readings.append((word[0],))
            at = word.end()
            continue
        if of_char := known.get(name[at]):
            readings.append(of_char)
        at += 1
    return readings


@lru_cache(maxsize=4096)
def _surname_readings(name: str) -> tuple[tuple[str, ...], ...]:
    """Of every character of a surname its own reading and then the others; nothing of what is none."""
    known = _char_readings()
    return tuple(
        tuple(dict.fromkeys((own, *known.get(char, ()))))
        for char, own in zip(name, _surnames().get(name, ()), strict=False)
    )


@cache
def _char_readings() -> dict[str, tuple[str, ...]]:
    """All readings of every character, the common one first."""
    with (RESOURCES / "readings.csv").open(encoding="utf-8", newline="") as lines:
        next(lines)
        found = {}
        for line in lines:
            readings, _, chars = line.rstrip().partition(",")
            found.update(dict.fromkeys(chars, tuple(readings.split())))
        return found


@cache
def _surnames() -> dict[str, tuple[str, ...]]:
    with (RESOURCES / "surnames.csv").open(encoding="utf-8", newline="") as lines:
        return {row["surname"]: tuple(row["reading"].split()) for row in csv.DictReader(lines)}


def _is_han(char: str) -> bool:
    return any(low <= char <= high for low, high in _HAN)
