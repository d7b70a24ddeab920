"""Phone numbers hidden in whatever is handed to somebody who may not see them, and found again in what she
writes.

Loaded by whoever hides a number, so never on the way to an owner's first page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar, cast
from unicodedata import normalize

from shopcrm.basics.values import is_masked, mask_phone, phone_key

T = TypeVar("T")

_PLAIN = frozenset({int, bool, float, date, type(None)})

_D = "[0-9０-９]"  # digits as wide as characters, too
_GAP = r"[ \-.·_\u2010-\u2015\u3000．－]{0,2}"  # between the groups of a number
_NUMBER = re.compile(
    rf"(?<![0-9０-９+])(?:[+＋][1-9](?:[ -]?{_D}){{7,14}}"
    rf"|[0０][1-9１-９]{_D}{{1,2}}{_GAP}{_D}{{3,4}}{_GAP}{_D}{{4}}"
    rf"|(?:86{_GAP})?[1１][3-9３-９]{_D}(?:{_GAP}{_D}{{4}}|{_D}{_GAP}{_D}{{3}}){_GAP}{_D}{{4}})(?![0-9０-９])"
)
_SAID = re.compile(r"[^0-9+]")  # all but what is dialled
_MASKED = re.compile(r"\+?[0-9]{2,4} \*{4} [0-9]{2,4}(?![0-9])")
_SHORTEST = 8  # characters of a text in which a number may stand
# Long numbers here are of goods and receipts, and what stands here goes into other records as it is.
OF_GOODS = frozenset({"item", "items", "article_no", "order_no", "size", "colour", "category"})


def masked(answer: T) -> T:
    """An answer of records, texts and collections of them, in which every phone number is masked: a named
    tuple stays what it is, its `phones` are masked in whatever form they have, its goods are left."""
    return cast(T, _masked(answer))


def mask_text(text: str) -> str:
    """A text with every phone number in it masked, however it was written."""
    return text if len(text) < _SHORTEST or text.isalpha() else _NUMBER.sub(_mask_found, text)


def unmask(text: str, whole: str) -> str:
    """What was typed over a masked text, with the numbers still masked in it as they stand in `whole`."""
    if not is_masked(text):
        return text
    known: dict[str, list[str]] = {}
    for found in _NUMBER.finditer(whole):
        known.setdefault(_mask_found(found), []).append(found[0])

    def back(found: re.Match[str]) -> str:
        numbers = known.get(found[0], [found[0]])
        return numbers.pop(0) if len(numbers) > 1 else numbers[0]

    return _MASKED.sub(back, text)


def _mask_found(found: re.Match[str]) -> str:
    key = phone_key(_SAID.sub("", normalize("NFKC", found[0])))
    return found[0] if key is None else mask_phone(key)


def _masked(value: object) -> object:
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, tuple):
        return _masked_record(value) if hasattr(value, "_fields") else tuple(map(_masked, value))
    if isinstance(value, list):
        return [_masked(part) for part in value]
    if isinstance(value, Mapping):
        return {key: _masked(part) for key, part in value.items()}
    return value


def _masked_record(record: Any) -> object:
    parts = list(record)
    for at, (name, part) in enumerate(zip(record._fields, record, strict=True)):
        if type(part) in _PLAIN or name in OF_GOODS:  # a page of rows is some ten thousand of these
            continue
        parts[at] = tuple(map(mask_phone, part)) if name == "phones" else _masked(part)
    return type(record)(*parts)
