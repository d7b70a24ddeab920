"""Names: the pinyin by which a member is found, and how she is addressed."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable
from functools import cache, lru_cache
from itertools import islice, product
from typing import Any

from shopcrm.basics.texts import RESOURCES, t

_MOST_READINGS = 24  # of one name: enough for four characters of which two or three are read in several ways
_HAN = (("\u3400", "\u9fff"), ("\u3007", "\u3007"), ("\uf900", "\ufaff"), ("\U00020000", "\U0003ffff"))
_WORD = re.compile(r"[a-z0-9]+")
_TITLES = ("女士", "小姐", "太太", "夫人", "阿姨", "老师", "老師", "先生", "姐", "妹", "哥")


def load_readings() -> None:
    """Load what readings come from, which takes a while: for a thread that has nothing else to do."""
    _surnames()
    _char_readings("一")


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
    surnames = _surnames()
    at = 0
    readings: list[tuple[str, ...]] = []
    for size in (2, 1):
        if name[:size] in surnames:
            for char, own in zip(name, surnames[name[:size]], strict=False):
                readings.append(tuple(dict.fromkeys((own, *_char_readings(char)))))
            at = size
            break
    while at < len(name):
        word = _WORD.match(name, at)
        if word:
            readings.append((word[0],))
            at = word.end()
            continue
        if of_char := _char_readings(name[at]):
            readings.append(of_char)
        at += 1
    return readings


@cache
def _pinyin() -> tuple[Callable[..., list[list[str]]], Any]:
    """The library's function and its style without tones; loaded only where names are indexed."""
    # Characters are asked for one by one: its table of phrases, 44 MB and a long stop of every thread while
    # it is read, changes no answer.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")
    os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "1")
    from pypinyin import Style, pinyin

    return pinyin, Style.NORMAL


@cache
def _char_readings(char: str) -> tuple[str, ...]:
    """All readings of one character, the common one first; empty if it has none."""
    if not _is_han(char):
        return ()
    pinyin, plain = _pinyin()
    ways = pinyin(char, style=plain, heteronym=True, errors="ignore")
    return tuple(dict.fromkeys(way for way in ways[0] if way)) if ways else ()


@cache
def _surnames() -> dict[str, tuple[str, ...]]:
    with (RESOURCES / "surnames.csv").open(encoding="utf-8", newline="") as lines:
        return {row["surname"]: tuple(row["reading"].split()) for row in csv.DictReader(lines)}


def _is_han(char: str) -> bool:
    return any(low <= char <= high for low, high in _HAN)
