"""Money in whole fen and quantities: read from a cell exactly, and shown."""

from __future__ import annotations

import math
import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

MOST_FEN = 10_000_000 * 100  # import rule 7.4: more, either way, is a slip of the finger
_MOST_QUANTITY = 1_000_000

_PLAIN = re.compile(r"(-?)([0-9]{1,8})(?:\.([0-9]{1,2}))?")
_MINUS = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\ufe58"
_CURRENCY = r"(?:¥|人民币|人民幣|rmb|cny|元|圆|圓|块|塊)"
_FRONT = re.compile(rf"^{_CURRENCY}+", re.IGNORECASE)
_BACK = re.compile(rf"{_CURRENCY}+$", re.IGNORECASE)
_NUMBER = re.compile(r"(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)?(?:\.[0-9]*)?")
_QUANTITY = re.compile(r"([+-]?[0-9]{1,9})(?:\.0*)?(?:件|条|條|双|雙|套|个|個|只|隻|pcs?)?", re.IGNORECASE)
_FREE = frozenset(("免费", "免費", "赠送", "贈送", "赠品", "贈品", "free"))
_EMPTY = frozenset(("", "无", "無", "nan"))
_DISCOUNT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,4})?)(折|%|/10)?(off)?")
_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_FULL_PRICE = frozenset(
    ("原价", "原價", "正价", "正價", "全价", "全價", "不打折", "无折扣", "無折扣", "fullprice")
)
_HALF_PRICE = frozenset(("半价", "半價", "对折", "對折", "halfprice"))


class AmountCell(NamedTuple):
    """What an amount cell says: whole fen, or `missing`, or the problem `bad_amount` / `amount_too_large`."""

    fen: int | None = None
    missing: bool = False
    problem: str | None = None
    repaired: bool = False


class QuantityCell(NamedTuple):
    """A whole number of pieces, 1 if the cell is empty or (with the problem `bad_quantity`) unreadable."""

    quantity: int = 1
    problem: str | None = None


class DiscountCell(NamedTuple):
    """The share of the list price that was paid, None if the cell tells of none or (with the problem
    `bad_discount`) is unreadable."""

    rate: Fraction | None = None
    problem: str | None = None


_MISSING = AmountCell(missing=True)
_BAD = AmountCell(problem="bad_amount")
_TOO_LARGE = AmountCell(problem="amount_too_large")


@lru_cache(maxsize=8192, typed=True)  # prices repeat, and 1 == True must not
def parse_amount(raw: object) -> AmountCell:
    """The amount in a cell by import rule 7: exact in fen, numbers rounded half up to two decimals."""
    if isinstance(raw, str):
        return _parse_text(raw)
    if raw is None:
        return _MISSING
    if isinstance(raw, float) and abs(raw) < 1e7:
        fen = round(raw * 100)
        if abs(raw * 100 - fen) < 1e-6:  # already whole fen: nothing to round, no need for the slow exact way
            return AmountCell(fen)
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return _parse_number(raw)
    return _BAD


@lru_cache(maxsize=1024, typed=True)
def parse_quantity(raw: object) -> QuantityCell:
    """The number of pieces in a cell; negative for what came back."""
    if raw is None or raw != raw:
        return QuantityCell()
    quantity: int | None = None
    if isinstance(raw, str):
        text = "".join(unicodedata.normalize("NFKC", raw).split())
        if text.lower() in _EMPTY or not text.strip(_MINUS):
            return QuantityCell()
        if text[0] in _MINUS:
            text = "-" + text[1:]
        found = _QUANTITY.fullmatch(text)
        quantity = int(found[1]) if found else None
    elif isinstance(raw, (int, float)) and not isinstance(raw, bool) and raw % 1 == 0:
        quantity = int(raw)
    if quantity is None or abs(quantity) > _MOST_QUANTITY:
        return QuantityCell(problem="bad_quantity")
    return QuantityCell(quantity)


def show_money(fen: int) -> str:
    """The amount for reading: `¥1,580`, with cents only if there are any (`¥1,580.50`), below zero `−¥18`."""
    yuan, cents = divmod(abs(fen), 100)
    sign = "−" if fen < 0 else ""
    return f"{sign}¥{yuan:,}.{cents:02d}" if cents else f"{sign}¥{yuan:,}"


@lru_cache(maxsize=512, typed=True)
def parse_discount(raw: object) -> DiscountCell:
    """The discount in a cell as shops write it: `8.5折`, `85折`, `八五折`, `85%`, `15% off`, `8.5/10`.

    Of plain numbers those up to 1 are the share itself, those up to 10 tenths, those up to 100 hundredths.
    """
    if raw is None or raw != raw:
        return DiscountCell()
    scale: int | None = None
    off = False
    if isinstance(raw, str):
        text = "".join(unicodedata.normalize("NFKC", raw).split()).lower()
        if text in _EMPTY or not text.strip(_MINUS):
            return DiscountCell()
        if text in _FULL_PRICE:
            return DiscountCell(Fraction(1))
        if text in _HALF_PRICE:
            return DiscountCell(Fraction(1, 2))
        found = _DISCOUNT.fullmatch(text.translate(_DIGITS).replace("点", ".").replace("點", "."))
        if found is None:
            return DiscountCell(problem="bad_discount")
        number, unit, off = Fraction(found[1]), found[2] or "", bool(found[3])
        scale = {"%": 100, "/10": 10, "折": 10 if number < 10 else 100}.get(unit)
    elif isinstance(raw, (int, float)) and not isinstance(raw, bool) and math.isfinite(raw):
        number = Fraction(repr(raw))
    else:
        return DiscountCell(problem="bad_discount")
    rate = number / (scale or (1 if number <= 1 else 10 if number <= 10 else 100))
    rate = 1 - rate if off else rate
    if not number:
        return DiscountCell()
    return DiscountCell(rate) if 0 < rate <= 1 else DiscountCell(problem="bad_discount")


def list_price(paid_fen: int, rate: Fraction, pieces: int) -> int | None:
    """What so many pieces cost by their tags, if so much was paid at that discount: where it comes out in
    whole fen, or as tags of whole yuan of which the price paid is the rounded share; else nobody knows."""
    listed = paid_fen / rate
    if listed.denominator == 1:
        return int(listed)
    yuan = round(listed / (100 * pieces)) * 100 * pieces
    return yuan if abs(yuan * rate - paid_fen) < 1 else None


def show_discount(paid_fen: int, list_fen: int | None) -> str:
    """折扣率, paid ÷ list price (FEATURES glossary), in tenths as shops say it: `8.5` of 8.5折; "" where the
    list price is unknown or nothing was taken off it, and for a gift."""
    if not list_fen or not 0 < paid_fen / list_fen < 1:
        return ""
    rate = f"{paid_fen * 10 / list_fen:.1f}".removesuffix(".0")
    return "" if rate == "10" else rate


def _parse_number(value: int | float) -> AmountCell:
    if isinstance(value, float) and not math.isfinite(value):
        return _MISSING if math.isnan(value) else _BAD
    if abs(value) > MOST_FEN:  # yuan far beyond the limit, kept away from the exact arithmetic
        return _TOO_LARGE
    # A float counts by its shortest decimal form, which is what the eye saw when it was typed.
    return _within_limit(_to_fen(Decimal(repr(value) if isinstance(value, float) else value)), repaired=False)


def _parse_text(raw: str) -> AmountCell:
    plain = _PLAIN.fullmatch(raw)
    if plain:
        sign, yuan, cents = plain.groups("")
        fen = int(yuan) * 100 + int((cents + "00")[:2])
        return _within_limit(-fen if sign else fen, repaired=False)
    text = "".join(unicodedata.normalize("NFKC", raw).split()).lstrip("'")
    if text.lower() in _EMPTY or not text.strip(_MINUS):
        return _MISSING
    if text.lower() in _FREE:
        return AmountCell(0, repaired=True)
    text = _FRONT.sub("", text)
    negative = False
    if text.startswith("(") and text.endswith(")"):
        negative, text = True, text[1:-1]
    elif text[:1] and text[0] in _MINUS + "+":
        negative, text = text[0] != "+", text[1:]
    text = _BACK.sub("", _FRONT.sub("", text))
    if text.endswith(")") and text.startswith("("):
        return _BAD
    factor = 1
    if text.endswith(("万", "萬")):
        factor, text = 10_000, text[:-1]
    # Only whole groups of three: "12,99" may be European for 12.99 and must not become 1299.
    if not _NUMBER.fullmatch(text) or not any(c.isdigit() for c in text):
        return _BAD
    number = text.replace(",", "")
    if len(number.partition(".")[0].lstrip("0")) > 8:
        return _TOO_LARGE
    fen = _to_fen(Decimal(number) * factor)
    return _within_limit(-fen if negative else fen, repaired=True)


def _to_fen(yuan: Decimal) -> int:
    return int((yuan * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _within_limit(fen: int, *, repaired: bool) -> AmountCell:
    return AmountCell(fen, repaired=repaired) if abs(fen) <= MOST_FEN else _TOO_LARGE
