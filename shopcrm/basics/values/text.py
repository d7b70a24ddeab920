"""Text from a cell made fit to keep: nothing invisible, one Unicode form, names without stray blanks."""

from __future__ import annotations

import re
import unicodedata

_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_BETWEEN_HAN = rf"(?<=[{_HAN}])\s+(?=[{_HAN}])"  # slow to compile: not before it is needed
_BLANKS = re.compile(r"\s+")
_LINE_ENDS = re.compile(r"\r\n|[\r\v\f\u0085\u2028\u2029]")
_JOINER = "\u200d"
_EMOJI_TAIL = "\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"


def clean_text(raw: object) -> str:
    """The text of a cell by import rule 4; a number becomes its digits, None ''. Line breaks stay."""
    if not isinstance(raw, str):
        return _written(raw)
    if raw.isascii() and raw.isalnum():  # numbers of receipts, sizes, styles
        return raw
    # isprintable is false for every control, format, blank (but the space) and lone surrogate character.
    if not raw.isprintable():
        raw = _without_invisible(_LINE_ENDS.sub("\n", raw).replace("\t", " "))
    if not unicodedata.is_normalized("NFC", raw):
        raw = unicodedata.normalize("NFC", raw)
    return raw.strip()


def clean_name(raw: object) -> str:
    """The same for a name: blanks between two Chinese characters vanish, other runs of blanks become one."""
    name = clean_text(raw)
    if name.isprintable() and " " not in name:
        return name
    return _BLANKS.sub(" ", re.sub(_BETWEEN_HAN, "", name))


def _written(raw: object) -> str:
    if raw is None or raw != raw:
        return ""
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        return str(int(raw))
    return str(raw)


def _without_invisible(text: str) -> str:
    kept: list[str] = []
    for at, char in enumerate(text):
        if char == "\n" or unicodedata.category(char) not in ("Cc", "Cf", "Cs"):
            kept.append(char)
        elif char == _JOINER and kept and at + 1 < len(text):
            # The joiner that makes one family out of three emoji is part of the picture, no other one is.
            joins = kept[-1] in _EMOJI_TAIL or unicodedata.category(kept[-1]) == "So"
            if joins and unicodedata.category(text[at + 1]) == "So":
                kept.append(char)
    return "".join(kept)
