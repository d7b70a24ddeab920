"""Finding people by what is typed: the texts a member is found by, and what is typed as parts of those.

There is one text for each kind of key, so that a search only reads what can hold it. Both sides are brought
to one spelling: small letters, no accents, Simplified and Traditional characters alike.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Literal, NamedTuple

from shopcrm.basics.texts import RESOURCES
from shopcrm.basics.values.name import pinyin_keys
from shopcrm.basics.values.phone import SHOWN_TAIL
from shopcrm.basics.values.text import clean_text

Kind = Literal["name", "letters", "digits"]

_LONGEST, _MOST_PARTS = 200, 12  # of a search; more is a slip, and too much for one statement
_UNSAID = str.maketrans("", "", "|'’`·•・‧")  # typed or not; a bar parts the keys
# Compiled when somebody searches, not at every start.
_DIGITS = r"\+?[0-9]+"
_LATIN = r"[!-~]+"  # of a word in another script
_RUNS = r"[0-9]+|[a-z]+|[^\x00-\x7f]+"
_HOME = "+86"  # phones of the country are kept without it


class SearchKeys(NamedTuple):
    """What a member is found by, by kind, the keys of a kind parted by `|`."""

    name: str  # name and card number where more than plain letters stands in them
    letters: str  # pinyin in all readings, Latin names, card numbers
    digits: str  # phones, card numbers and Latin names with a digit, the digits of other words


def fold(text: str) -> str:
    """The spelling in which two texts are compared."""
    if text.isascii():
        return text.lower().translate(_UNSAID)
    return "".join(map(_folded, text.lower()))


@cache
def _folded(char: str) -> str:
    """One character so spelled: a name of an import is made of few."""
    parts = unicodedata.normalize("NFKD", char)
    bare = "".join(part for part in parts if not unicodedata.combining(part))
    return bare.lower().translate(_UNSAID).translate(_alike())  # what ℂ is made of is a capital


def search_keys(name: str, phones: Iterable[str], card_no: str) -> SearchKeys:
    """The texts by which a member is found. Loads the pinyin tables: not for the window's thread."""
    foreign, latin = [], []
    for word in (fold(text) for text in (name, card_no) if text):
        if word.isascii():
            latin.append(word)
        else:
            foreign.append(word)
    latin += [run for word in foreign for run in re.findall(_LATIN, word)]
    letters, digits = list(pinyin_keys(name)), list(phones)
    if latin:  # few names have any
        letters += [word for word in latin if not word.isdigit()]
        digits += [_together(word) for word in latin if re.search(_DIGITS, word)]
    return SearchKeys(_barred(foreign), _barred(letters), _barred(digits))


def _barred(keys: list[str]) -> str:
    return "|".join(dict.fromkeys(keys))


def search_parts(text: str, *, by_tail: bool = False) -> tuple[tuple[Kind, str], ...]:
    """What is typed into a search box as parts that must all occur, each with the kind of text to look in.

    A phone typed in groups is one part. Characters followed by letters are two: the letters are what the
    input method still holds (王li). With `by_tail` digits find the last four of a number or all of it, for
    who sees numbers masked: else she would find out the hidden ones, one after the other, by searching. Such
    a part holds the bars between the keys.
    """
    found = _parts(text)
    return (
        tuple((kind, _at_end(part) if kind == "digits" else part) for kind, part in found)
        if by_tail
        else found
    )


def _at_end(digits: str) -> str:
    return f"{digits}|" if len(digits) <= SHOWN_TAIL else f"|{digits}|"


def _parts(text: str) -> tuple[tuple[Kind, str], ...]:
    plain = fold(clean_text(text[:_LONGEST])).strip()
    joined = _together(plain)
    if re.fullmatch(_DIGITS, joined):
        return (("digits", joined.removeprefix(_HOME)),) if joined != _HOME else ()
    words = (
        run for word in plain.split() for run in ([word] if word.isascii() else re.findall(_RUNS, word))
    )  # fmt: skip
    parts = dict.fromkeys((_kind(word), word) for word in words)
    return tuple(parts)[:_MOST_PARTS]


def _together(text: str) -> str:
    """A number however it is written in groups."""
    return text.replace(" ", "").replace("-", "")


def _kind(word: str) -> Kind:
    if not word.isascii():
        return "name"
    return "digits" if re.fullmatch(_DIGITS, word) else "letters"


@cache
def _alike() -> dict[int, str]:
    """For every character that is written in several ways, the one that stands for all of them."""
    with (RESOURCES / "variants.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row["characters"] for row in csv.DictReader(lines)]
    return {ord(char): row[0] for row in rows for char in row[1:]}
