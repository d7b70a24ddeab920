"""Every sentence a person reads, by id and language.

One row a sentence in resources/texts/*.csv: `id,zh_CN,zh_TW,en`. The three languages of a sentence stand on
one line so that none can be forgotten; tests compare their placeholders. Simplified Chinese is the source.
Where words bend by number a placeholder brings them along: `{n:day|days}` is "1 day" or "2 days".
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

LANGUAGES = ("zh_CN", "zh_TW", "en")
RESOURCES = Path(__file__).resolve().parents[2] / "resources"

_language = 0


class _Bending:
    """A value that chooses by its number between the words behind it."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __format__(self, words: str) -> str:
        one, bends, many = words.partition("|")
        if not bends:
            return format(self._value, words)
        digits = "".join(filter(str.isdecimal, str(self._value)))  # a number may come set in bold
        return f"{self._value} {one if digits == '1' else many}"


def use(language: str) -> None:
    """Switch every later sentence to `language`, one of LANGUAGES; raises ValueError for another."""
    global _language
    _language = LANGUAGES.index(language)


def language() -> str:
    """The language in force."""
    return LANGUAGES[_language]


@cache
def catalogue() -> dict[str, tuple[str, ...]]:
    """All sentences: id to its wording in the order of LANGUAGES."""
    rows: dict[str, tuple[str, ...]] = {}
    for file in sorted((RESOURCES / "texts").glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            for row in csv.reader(lines):
                if row and row[0] != "id":
                    rows[row[0]] = tuple(row[1:])
    return rows


def t(key: str, /, **values: object) -> str:
    """The sentence `key` in the language in force, its {placeholders} filled; KeyError if there is none."""
    text = catalogue()[key][_language]
    if values and "|" in text:
        values = {name: _Bending(value) for name, value in values.items()}
    return text.format_map(values) if values else text


def has(key: str) -> bool:
    """Whether a sentence of this id exists."""
    return key in catalogue()
