"""Suggested messages: which wording fits a to-do, and its slots filled so that no gap ever shows.

A template (texts `say.<occasion>.<variant>`) is a row of chunks parted by `|`, a chunk a row of alternatives
parted by `~`. Of each chunk the first alternative whose slots are all known is taken; others are dropped.
The shop's own wordings (`rules.wordings`) come first in the round.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from shopcrm.basics.records import TypeKey
from shopcrm.basics.texts import has, language, t
from shopcrm.rules.followups import ANY, ARRIVED, ASIDE_STEPS, MANUAL, REMINDER, RULES

MOST = 90  # characters; a longer message reads like an advertisement
_MOST_ITEM = 12
# The measure word of an article by the end of its name, simplified and traditional.
_MEASURES = (
    ("鞋", "双雙"), ("靴", "双雙"), ("袜", "双雙"), ("襪", "双雙"), ("裤", "条條"), ("褲", "条條"),
    ("裙", "条條"), ("巾", "条條"), ("带", "条條"), ("帶", "条條"), ("包", "只只"), ("帽", "顶頂"),
)  # fmt: skip
_MEASURE = "件件"
_SLOT = re.compile(r"{(\w+)}")
_NOT_HERS = ("staff", "shop", "until", "event", "eventday", "offer")  # not to be found on her card

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


class Own(NamedTuple):
    """A wording of the shop's own, in kept form."""

    id: int
    name: str
    words: str


class Said(NamedTuple):
    """What is said on an occasion, in one wording of its round."""

    template: str  # text id of the wording, own:<id> of an own one
    name: str  # of an own one
    text: str
    variants: int  # wordings in the round
    missing: tuple[str, ...] = ()  # ids of slots that are not known and left their words out
    has_gaps: bool = False  # the text still holds slots as 〔…〕


def occasion(rule: str, step: int, *, asks: bool = False, appointment: bool = False) -> str:
    """The occasion of a to-do: text id of the template's name."""
    if appointment:
        return "say.appointment"
    if rule == "L1" and asks:
        return "say.L1ask"
    if rule == REMINDER:
        return "say.P1.1"
    return f"say.{rule}.{step % ASIDE_STEPS}" if rule in _BY_STEP else f"say.{rule}"


class Occasion(NamedTuple):
    """One occasion, the step of a rule it belongs to, and whom that holds for."""

    name: str  # text id
    rule: str
    step: int
    types: frozenset[TypeKey]


def occasions() -> tuple[Occasion, ...]:
    """Every occasion on which something is said, in the order of the rules; those without one at the end."""
    steps = [(rule.key, step, rule.types) for rule in RULES for step in range(1, len(rule.steps) + 1)]
    found = [Occasion(occasion(rule, step), rule, step, types) for rule, step, types in steps]
    at = next((at for at, one in enumerate(found) if one.rule == "L1"), 0)
    found.insert(at + 1, Occasion(occasion("L1", 1, asks=True), "L1", 1, found[at].types))
    found += [Occasion(occasion(rule, 1), rule, 1, ANY) for rule in (ARRIVED, MANUAL)]
    found.append(Occasion(occasion("", 1, appointment=True), "", 1, ANY))
    return tuple({one.name: one for one in reversed(found) if has(one.name)}.values())[::-1]


@cache
def shipped(name: str) -> tuple[str, ...]:
    """The wordings of the program for an occasion: their text ids."""
    count = 0
    while has(f"{name}.{count + 1}"):
        count += 1
    return tuple(f"{name}.{number}" for number in range(1, count + 1))


def say(
    name: str,
    variant: int,
    slots: Slots,
    *,
    own: Sequence[Own] = (),
    off: Collection[str] = (),
    fields: Mapping[str, str] = MappingProxyType({}),
    names: Mapping[str, str] = MappingProxyType({}),
) -> Said:
    """Wording `variant` (counted from 0, round and round) of an occasion: own ones first, none that is `off`.

    `fields`: her values of the shop's own fields by their slots; `names`: of all slots, for the gaps of an
    own wording of which nothing is left. Such a one is said only where there is no other.
    """
    ids = [template for template in shipped(name) if template not in off]
    if not own:  # as in most shops: what reads own wordings is not loaded
        ids = ids or list(shipped(name))
        return _said(ids[variant % len(ids)], slots, len(ids))
    from shopcrm.rules.wordings import fill

    known = {**slots.filled(), **fields}
    filled = [(one, fill(one.words, known, names)) for one in own]
    whole = [(one, said) for one, said in filled if not said.has_gaps]
    if not ids:
        whole = whole or filled
    at = variant % (len(whole) + len(ids))
    if at >= len(whole):
        return _said(ids[at - len(whole)], slots, len(whole) + len(ids))
    one, said = whole[at]
    return Said(
        f"own:{one.id}", one.name, said.text, len(whole) + len(ids), said.missing, has_gaps=said.has_gaps
    )


def _said(template: str, slots: Slots, variants: int) -> Said:
    chunks = [chunk.split("~") for chunk in t(template).split("|")]
    known = slots.filled()
    text, missing = _fill(chunks, known)
    # The signature and the greeting stay; of the rest the last sentence goes first.
    while len(text) > MOST and len(chunks) > 3 and language() != "en":
        del chunks[-2]
        text, missing = _fill(chunks, known)
    return Said(template, "", text, variants, missing)


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


def _fill(chunks: list[list[str]], known: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """The text, and which slots of what would best be said are not known and have nothing in their place."""
    said = []
    missing: list[str] = []
    for alternatives in chunks:
        best = _SLOT.findall(alternatives[0])
        taken: list[str] = []
        for words in alternatives:
            slots = _SLOT.findall(words)
            if all(slot in known for slot in slots):
                said.append(words.format_map(known))
                taken = slots
                break
        if set(taken) <= set(best):
            missing += ["item" if slot == "piece" else slot for slot in best if slot not in known]
    return "".join(said).strip(), tuple(dict.fromkeys(slot for slot in missing if slot not in _NOT_HERS))
