"""Phone numbers: what an owner typed or Excel kept, its one stored form, and how it is shown and masked.

The stored form ("key") of import rule 5: 11 digits for a mainland mobile, digits for a landline, else `+…`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

NONE_WORDS = frozenset(
    ("", "无", "無", "没有", "沒有", "未留", "空", "暂无", "暫無", "-", "—", "/", "0", "none", "n/a")
)  # import rule 5.7

_LABEL = re.compile(
    r"^(?:联系电话|聯絡電話|联系方式|移动电话|手机号码|手機號碼|手机号|手機號|手机|手機|电话号码|電話號碼|电话|電話"
    r"|mobile|phone|cell|tel)[::]?",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"[/、,;\n\r]+")
_EXPONENT = re.compile(r"([0-9])\.([0-9]+)[Ee]\+?([0-9]{1,2})")
_POINT_ZERO = re.compile(r"((?:86)?1[3-9][0-9]{9})\.0{1,2}")
_DROPPED = re.compile(  # blanks and dashes; dots and brackets; what cannot be seen
    r"[\s\-\u058a\u05be\u1806\u2010-\u2015\u2043\u2212\u2500\u2e3a\u2e3b\u301c\u3030\u30fc\ufe31\ufe58"
    r".·•。()\[\]{}<>〈〉《》【】「」『』〔〕"
    r"\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufe0f\ufeff]"
)
_MAINLAND = re.compile(r"(?:\+86|0086|86)?0?(1[3-9][0-9]{9})")
_LANDLINE = re.compile(r"0[1-9][0-9]{8,10}")
_HONG_KONG_MACAU = re.compile(r"(?:\+|00)?(85[23][0-9]{8})")
_TAIWAN = re.compile(r"(?:\+|00)?8860?(9[0-9]{8})")
_ABROAD = re.compile(r"(?:\+|00)([1-9][0-9]{7,14})")  # no country code begins with 0
_HIDDEN = " **** "
SHOWN_TAIL = 4  # digits of a masked number that stand at its end


class PhoneCell(NamedTuple):
    """What one cell says: the keys in it, whether they were put right, `invalid_phone` if it fits no rule."""

    phones: tuple[str, ...] = ()
    repaired: bool = False
    problem: str | None = None


_NOTHING = PhoneCell()
_INVALID = PhoneCell(problem="invalid_phone")


def parse_phones(raw: object) -> PhoneCell:
    """The phone keys in a cell, the one to use first, by import rules 5.1 to 5.7; none for empty cells."""
    if isinstance(raw, str):
        if len(raw) == 11 and raw[0] == "1" and raw[1] in "3456789" and raw.isascii() and raw.isdigit():
            return PhoneCell((raw,))
        return _parse_text(raw)
    if raw is None:
        return _NOTHING
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return _parse_number(raw)
    return _INVALID


def phone_key(text: str) -> str | None:
    """The key of a number typed into a form, None if there is none or it fits no rule."""
    phones = parse_phones(text).phones
    return phones[0] if phones else None


def phone_problem(text: str) -> tuple[str, dict[str, object]] | None:
    """Why a typed number cannot be used, as error code and values; None if it can or nothing was typed."""
    if parse_phones(text).problem is None:
        return None
    bare = _LABEL.sub("", _DROPPED.sub("", unicodedata.normalize("NFKC", text)).lstrip("'"))
    digits = bare.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        return "phone_letters", {}
    if len(digits) == 11:
        return "phone_start", {}
    return "phone_length", {"n": len(digits)}


def is_mobile(key: str) -> bool:
    """Whether the key is a mainland mobile number."""
    return len(key) == 11 and key[0] == "1"


def show_phone(key: str) -> str:
    """The key in groups for reading: `138 0000 5678`, `010 8888 8888`, `+852 9123 4567`; a masked one as it
    is."""
    if is_masked(key):
        return key
    head, rest = _split_head(key)
    if not head:
        return key  # the length of a foreign country code is not known
    groups = [rest[i : i + 3] for i in (0, 3, 6)] if len(rest) == 9 else [rest[:-4], rest[-4:]]
    return " ".join((head, *groups))


def mask_phone(key: str) -> str:
    """The key with its middle hidden, only the head and the last four digits readable: `138 **** 5678`."""
    if is_masked(key):
        return key
    head, rest = _split_head(key)
    return f"{head or key[:3]}{_HIDDEN}{rest[-SHOWN_TAIL:]}"


def is_masked(text: str) -> bool:
    """Whether the middle of a number is hidden in what is shown."""
    return _HIDDEN in text


def _split_head(key: str) -> tuple[str, str]:
    if is_mobile(key):
        return key[:3], key[3:]
    if key.startswith("0"):
        size = 3 if key[1] in "12" else 4
        return key[:size], key[size:]
    if key.startswith(("+852", "+853", "+886")):
        return key[:4], key[4:]
    return "", key


def _parse_number(value: int | float) -> PhoneCell:
    if value != value or value == 0:
        return _NOTHING
    if isinstance(value, float):
        if not value.is_integer():
            return _INVALID
        value = int(value)
    digits = str(value) if 0 < value < 10**15 else ""
    key = _key(digits)
    return _INVALID if key is None else PhoneCell((key,), repaired=key != digits)


def _parse_text(raw: str) -> PhoneCell:
    text = unicodedata.normalize("NFKC", raw).strip()
    if text.lower() in NONE_WORDS or not _DROPPED.sub("", text).lstrip("'"):
        return _NOTHING
    keys: list[str] = []
    unreadable = False
    for part in _SEPARATORS.split(text):
        found = _keys_of_part(part)
        keys += [key for key in found if key not in keys]
        unreadable = unreadable or (not found and part.strip().lower() not in NONE_WORDS)
    if keys:
        return PhoneCell(tuple(keys), repaired=keys != [raw])
    return _INVALID if unreadable else _NOTHING


def _keys_of_part(part: str) -> list[str]:
    """The key of one number, or of several with only blanks between them; empty if any fits no rule."""
    key = _text_key(part)
    if key is not None:
        return [key]
    keys: list[str] = []
    waiting = ""
    for token in part.split():
        waiting += token
        key = _text_key(waiting)
        if key is not None:
            keys.append(key)
            waiting = ""
    return keys if not waiting else []


def _text_key(text: str) -> str | None:
    text = text.strip().lstrip("'")
    exponent = _EXPONENT.fullmatch(text)
    if exponent:
        # 1.39E+10 has lost digits for good; 1.3912345670E+10 still holds every one of them (rule 5.1).
        whole, decimals, power = exponent.groups()
        return _key(whole + decimals) if len(decimals) == int(power) else None
    point_zero = _POINT_ZERO.fullmatch(text)
    if point_zero:
        return _key(point_zero[1])
    return _key(_LABEL.sub("", _DROPPED.sub("", text).lstrip("'")))


def _key(digits: str) -> str | None:
    if found := _MAINLAND.fullmatch(digits):
        return found[1]
    if found := _HONG_KONG_MACAU.fullmatch(digits):
        return "+" + found[1]
    if found := _TAIWAN.fullmatch(digits):
        return "+886" + found[1]
    if _LANDLINE.fullmatch(digits):
        return digits
    if found := _ABROAD.fullmatch(digits):
        return "+" + found[1]
    return None
