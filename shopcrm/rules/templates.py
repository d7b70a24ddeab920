"""Suggested messages: which wording fits a to-do, and its slots filled so that no gap ever shows.

A template (texts `say.<occasion>.<variant>`) is a row of chunks parted by `|`, a chunk a row of alternatives
parted by `~`. Of each chunk the first alternative whose slots are all known is taken; others are dropped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from shopcrm.basics.texts import has, language, t
from shopcrm.rules.followups import REMINDER

MOST = 90  # characters; a longer message reads like an advertisement
_MOST_ITEM = 12
# The measure word of an article by the end of its name, simplified and traditional.
_MEASURES = (
    ("鞋", "双雙"), ("靴", "双雙"), ("袜", "双雙"), ("襪", "双雙"), ("裤", "条條"), ("褲", "条條"),
    ("裙", "条條"), ("巾", "条條"), ("带", "条條"), ("帶", "条條"), ("包", "只只"), ("帽", "顶頂"),
)  # fmt: skip
_MEASURE = "件件"
_SLOT = re.compile(r"{(\w+)}")

# Rules whose steps say different things; any other rule has one occasion for all its steps.
_BY_STEP = frozenset(("L2", "P1", "P2", "P3", "X1"))


class Slots(NamedTuple):
    """What a message may mention; an empty one drops the words around it."""

    call: str = ""
    staff: str = ""
    shop: str = ""
    item: str = ""  # what she bought last
    piece: str = ""  # the same with its measure word, 条阔腿裤
    often: str = ""  # what she buys again and again
    lastyear: str = ""  # what she bought in this season last year
    tried: str = ""
    asked: str = ""
    wanted: str = ""  # what she had asked for and is in
    size: str = ""
    birthday: str = ""
    until: str = ""
    more: str = ""  # purchases to loyal
    event: str = ""  # what she is invited to or greeted for
    eventday: str = ""
    offer: str = ""

    def filled(self) -> dict[str, str]:
        """The slots that are known."""
        return {name: value for name, value in self._asdict().items() if value}


def occasion(rule: str, step: int, *, asks: bool = False, appointment: bool = False) -> str:
    """The occasion of a to-do: text id of the template's name."""
    if appointment:
        return "say.appointment"
    if rule == "L1" and asks:
        return "say.L1ask"
    if rule == REMINDER:
        return "say.P1.1"
    return f"say.{rule}.{step}" if rule in _BY_STEP else f"say.{rule}"


@cache
def variants(name: str) -> int:
    """How many wordings an occasion has."""
    count = 0
    while has(f"{name}.{count + 1}"):
        count += 1
    return count


def message(name: str, variant: int, slots: Slots) -> tuple[str, str]:
    """Template id and text of wording `variant` (counted from 0, round and round) of an occasion."""
    template = f"{name}.{variant % variants(name) + 1}"
    chunks = [chunk.split("~") for chunk in t(template).split("|")]
    known = slots.filled()
    text = _fill(chunks, known)
    # The signature and the greeting stay; of the rest the last sentence goes first.
    while len(text) > MOST and len(chunks) > 3 and language() != "en":
        del chunks[-2]
        text = _fill(chunks, known)
    return template, text


def short_item(item: str) -> str:
    """An article as it is named in a sentence: without colour and number, not too long."""
    words = item.split()
    return words[0][:_MOST_ITEM] if words else ""


def piece(item: str) -> str:
    """An article with the measure word its name asks for: 双小白鞋, 条阔腿裤, 件衬衫."""
    short = short_item(item)
    if not short or language() == "en":
        return short
    script = language() == "zh_TW"
    words = next((words for ending, words in _MEASURES if short.endswith(ending)), _MEASURE)
    return words[script] + short


def _fill(chunks: list[list[str]], known: Mapping[str, str]) -> str:
    said = []
    for alternatives in chunks:
        for words in alternatives:
            if all(slot in known for slot in _SLOT.findall(words)):
                said.append(words.format_map(known))
                break
    return "".join(said).strip()
