"""The shop's own wordings: plain text with words in 〔…〕 that stand for something of each member.

Kept, a slot has its id (〔item〕, 〔own.3〕); on the screen it has its name (〔上次买的〕). A wording is read
as sentences of parts between commas. Where a slot is not known, the part falls that names it; a first part
takes its sentence along, because what follows leans on it. Address and signature have their own ways out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from shopcrm.basics.texts import t

# On the screen in this order; piece is item with its measure word and has no name of its own.
SLOT_IDS = (
    "call", "item", "often", "lastyear", "tried", "asked", "wanted", "size", "birthday", "until", "more",
    "event", "eventday", "offer", "staff", "shop",
)  # fmt: skip
# Known on some occasions only, by the beginning of their names.
_ONLY = {
    "birthday": ("say.L2",), "wanted": ("say.W1",), "more": ("say.P4",),
    **dict.fromkeys(("event", "eventday", "offer"), ("say.E1", "say.H1", "say.N1")),
}  # fmt: skip
_OWN = "own."
_ARTICLES = ("item", "often", "lastyear", "tried", "asked", "wanted")
_POINTED = "(?<=[那这這件条條双雙只顶頂])"

_SLOT = re.compile(r"〔([^〔〕\n]*)〕")
_PAIRS = {"（": "）", "(": ")", "“": "”", "‘": "’", "「": "」", "『": "』", "《": "》", "【": "】", "[": "]"}
_CLOSERS = "".join(_PAIRS.values()) + '"'
_PAUSES, _ENDS = "，,：:", "。！？!?；;…\n"
_ASIDE = re.compile(r"[（(][^（）()]*[）)]")
_SIGNED = re.compile(r"\s*(?:—+|–|--?(?=\s*〔))\s*[^—–\n。！？!?，,]*$")
_HAIL = r"(?:亲爱的|親愛的|尊敬的|dear|hello|hi|hey|good (?:morning|afternoon|evening))"
_GREETING = r"(?:(?:您|你|大家|早上|上午|中午|下午|晚上|新年|节日|節日|过年|過年)好|早安|午安|晚安)[呀啊哦]?"
_ADDRESS = re.compile(
    rf"\s*(?:(?P<hail>{_HAIL})?\s*〔call〕\s*(?P<greeting>{_GREETING})?|{_GREETING}|{_HAIL})\s*",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"[吗呢么嗎麼吧没沒]$|^(?:do|does|did|is|are|was|were|have|has|will|would|can|could|shall|should|may|how|what"
    r"|when|where|why|who|which)\b",
    re.IGNORECASE,
)
_THAT = re.compile(r"([那这這])[件条條双雙只顶頂]?〔item〕")
_UNITS = "码碼号號"
_STRAY = re.compile(r"[，,、：:](?=\s*[，,、：:。！？!?；;])|(?<=[。；;])[。；;]+")
_LETTER = re.compile(r"\w")


class Filled(NamedTuple):
    """A wording filled for one member."""

    text: str
    missing: tuple[str, ...]  # ids of the slots that are not known and were left out, or stand as gaps
    has_gaps: bool  # every sentence fell: the text is the whole wording with what is missing left as 〔…〕


class _Part(NamedTuple):
    body: str
    mark: str  # the punctuation behind it, with closing quotes and spaces


# ---------------------------------------------------------------- as typed and as kept


def slot_names(fields: Mapping[int, str]) -> dict[str, str]:
    """Every slot by its id with its name on the screen; `fields`: the shop's own fields of a member."""
    return {slot: t(f"slot.{slot}") for slot in SLOT_IDS} | {
        f"{_OWN}{field}": name for field, name in fields.items()
    }


def fits(slot: str, occasion: str) -> bool:
    """Whether a slot has a value on an occasion."""
    return occasion.startswith(_ONLY.get(slot, ("",)))


def kept(typed: str, names: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Text with its slots by id, and the words in 〔…〕 that name none."""
    ids = {name: slot for slot, name in reversed(list(names.items()))}
    unknown: list[str] = []

    def put(found: re.Match[str]) -> str:
        word = found[1].strip()
        if word not in ids:
            unknown.append(word)
            return found[0]
        return f"〔{ids[word]}〕"

    text = _SLOT.sub(put, typed)
    return text, tuple(dict.fromkeys(unknown))


def shown(words: str, names: Mapping[str, str]) -> str:
    """Kept words as they are typed; a slot of a field that is no more stands with a question mark."""
    return _SLOT.sub(lambda found: f"〔{names.get(found[1], '?')}〕", words)


def is_open(words: str) -> bool:
    """Whether a 〔 or 〕 stands alone."""
    return any(bracket in _SLOT.sub("", words) for bracket in "〔〕")


def used(words: str) -> tuple[str, ...]:
    """The ids of the slots in kept words."""
    return tuple(dict.fromkeys(_SLOT.findall(words)))


def of_shipped(text: str) -> str:
    """A wording of the program in kept form: of each chunk what is said when all is known."""
    words = "".join(chunk.split("~")[0] for chunk in text.split("|"))
    return re.sub(r"{(\w+)}", r"〔\1〕", words).replace("〔piece〕", "〔item〕").strip()


def generalised(text: str, values: Mapping[str, str], more_names: Iterable[str], first: Sequence[str]) -> str:
    """A text written for one member as kept words: what is hers becomes the slot for it again.

    `more_names`: other forms of her name. `first`: slots the occasion speaks of anyway; they go before others
    of the same value, and only their articles are hers wherever they stand, others behind 那 or 件.
    """
    known: dict[str, str] = {}
    order = [*first, *values]
    for slot in dict.fromkeys(order):
        value = values.get(slot, "").strip()
        if slot != "piece" and len(value) > 1 and slot not in ("size", "more"):
            known.setdefault(value, slot)
    for name in more_names:
        if len(name) > 1:
            known.setdefault(name, "call")
    if known:
        longest_first = sorted(known, key=len, reverse=True)
        hers = "|".join(
            (_POINTED if known[value] in _ARTICLES and known[value] not in first else "") + re.escape(value)
            for value in longest_first
        )
        text = _outside_slots(text, re.compile(hers), lambda found: f"〔{known[found[0]]}〕")
    size = re.escape(values.get("size", ""))
    if size:
        its = re.compile(rf"(?<![A-Za-z0-9]){size}(?=\s*[{_UNITS}])|(?<=size ){size}(?![A-Za-z0-9])")
        text = _outside_slots(text, its, lambda _found: "〔size〕")
    more = re.escape(values.get("more", ""))
    if more and "more" in first:
        its = re.compile(rf"(?<!\d){more}(?=\s*次|\s+more)")
        text = _outside_slots(text, its, lambda _found: "〔more〕")
    return text


def _outside_slots(text: str, what: re.Pattern[str], put: Callable[[re.Match[str]], str]) -> str:
    pieces = re.split(r"(〔[^〔〕\n]*〕)", text)
    return "".join(piece if at % 2 else what.sub(put, piece) for at, piece in enumerate(pieces))


# ---------------------------------------------------------------- filling


def fill(words: str, values: Mapping[str, str], names: Mapping[str, str]) -> Filled:
    """Kept words for one member; `values`: what is known of her by slot, `names`: of the slots, for gaps."""
    known = {slot: plain for slot, value in values.items() if (plain := _plain(value))}
    if "shop" in known:
        known.setdefault("staff", known["shop"])
    if "piece" in known:
        words = _THAT.sub(r"\1〔piece〕", words)
    if "item" in known:
        known.setdefault("piece", known["item"])
    missing = tuple(dict.fromkeys(slot for slot in used(words) if slot not in known and slot != "staff"))
    text, speaks = _without_gaps(words, known)
    if speaks or (text and not missing):
        return Filled(text, missing, has_gaps=False)
    gaps = {slot: f"〔{names.get(slot, '?')}〕" for slot in used(words) if slot not in known}
    others = {slot: gaps[slot] for slot in missing if slot != "call"}
    text, _ = _without_gaps(words, known | others)
    if not text or (others and not any(gap in text for gap in others.values())):
        text, _ = _without_gaps(words, known | gaps)  # they fell along with her name, or who serves her
    return Filled(text, missing, has_gaps=any(gap in text for gap in gaps.values()))


def _plain(value: str) -> str:
    """A value as it stands inside a sentence: no slot of its own, no mark at its end."""
    return value.replace("〔", "").replace("〕", "").strip().rstrip("，。！？；、,.!?;:：").strip()


def _without_gaps(words: str, known: Mapping[str, str]) -> tuple[str, bool]:
    """The text, and whether it says anything besides address and signature."""
    words = _ASIDE.sub(lambda aside: "" if _lacks(aside[0], known) else aside[0], words)
    signed = _SIGNED.search(words)
    signature = signed[0] if signed else ""
    body = words.removesuffix(signature) if signature else words
    said: list[str] = []
    speaks = False
    for number, sentence in enumerate(_sentences(body)):
        parts = sentence
        if number == 0 and (address := _ADDRESS.fullmatch(parts[0].body)):
            said.append(_addressed(address, known) + parts[0].mark)
            parts = parts[1:]
        elif number == 0 and "〔call〕" in parts[0].body and "call" not in known:
            said.append(t("slot.hello") + t("slot.hello_mark"))
        left = _left(parts, known)
        speaks = speaks or any(_LETTER.search(part.body) for part in left)
        said += [_put(part.body, known) + part.mark for part in left]
    if _lacks(signature, known):
        signature = ""
    text = _STRAY.sub("", "".join(said)).strip()
    if not speaks:
        text = text.rstrip(_PAUSES + " ")
    return (text + _put(signature, known)).strip(), speaks


def _addressed(address: re.Match[str], known: Mapping[str, str]) -> str:
    if "〔call〕" not in address[0] or "call" in known:
        return _put(address[0], known)
    hail = address["hail"] or ""
    return address["greeting"] or (hail if hail.lower() in ("hello", "hi", "hey") else t("slot.hello"))


def _left(parts: Sequence[_Part], known: Mapping[str, str]) -> list[_Part]:
    """What of a sentence is said, with the right mark at its end."""
    if not parts or _falls(parts[0], known):
        return []
    left = [part for part in parts if not _falls(part, known)]
    if left[-1] is not parts[-1]:
        left[-1] = _Part(left[-1].body, _end(left, parts[-1].mark))
    return left


def _falls(part: _Part, known: Mapping[str, str]) -> bool:
    return _lacks(part.body, known) or not part.body.strip()


def _end(left: Sequence[_Part], mark: str) -> str:
    """The mark of a sentence that lost its last part."""
    asks = any(_ASKS.search(part.body.strip()) for part in (left[0], left[-1]))
    return mark if asks else mark.replace("？", "。").replace("?", ".")


def _lacks(words: str, known: Mapping[str, str]) -> bool:
    return any(slot not in known for slot in _SLOT.findall(words))


def _put(words: str, known: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        put = known[found[1]]
        after = words[found.end() : found.end() + 1]
        return put[:-1] if len(put) > 1 and after and put[-1] == after and after in _UNITS else put

    return _SLOT.sub(value, words)


# ---------------------------------------------------------------- reading a wording


def _sentences(text: str) -> list[list[_Part]]:
    """Parts between marks, gathered to sentences; joined again they are the text."""
    sentences: list[list[_Part]] = [[]]
    start = at = 0
    apart = _outside(text)
    while at < len(text):
        if not apart[at] or not _is_mark(text, at):
            at += 1
            continue
        behind = at
        while behind < len(text) and (
            text[behind] in _PAUSES + _ENDS + _CLOSERS or text[behind] in ". \t" or text[behind] == "〜"
        ):
            behind += 1
        mark = text[at:behind]
        sentences[-1].append(_Part(text[start:at], mark))
        if any(sign in _ENDS + "." for sign in mark):
            sentences.append([])
        start = at = behind
    if start < len(text):
        sentences[-1].append(_Part(text[start:], ""))
    return [sentence for sentence in sentences if sentence]


def _is_mark(text: str, at: int) -> bool:
    sign, after = text[at], text[at + 1 : at + 2]
    if sign in ",:":
        return not after.isdigit() and after != "/"
    if sign == ".":
        return not after or after.isspace() or after in _CLOSERS
    return sign in _PAUSES or sign in _ENDS


def _outside(text: str) -> list[bool]:
    """Whether each character stands outside brackets and quotes; all do where one is left open."""
    closers: list[str] = []
    outside = []
    for sign in text:
        if closers and sign == closers[-1]:
            closers.pop()
            outside.append(False)
            continue
        outside.append(not closers)
        if sign in _PAIRS:
            closers.append(_PAIRS[sign])
    return [True] * len(text) if closers else outside
