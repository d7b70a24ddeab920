"""Why a to-do stands on the list, as sentences with figures, worded on the day they are read.

A stored sentence keeps days, not numbers of days, and fen, not amounts: "208 天没来" must be true tomorrow,
and in another language. Marks:
`{"ago": day}`, `{"until": day}`, `{"day": day}`, `{"fen": n}`, `{"text": id}`, `{"list": [words]}`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from shopcrm.basics.records import Sentence
from shopcrm.basics.texts import t
from shopcrm.basics.values import Birthday, show_day, show_money
from shopcrm.rules.events import Event
from shopcrm.rules.followups import REMINDER, Case, ShopFacts, Wanted

Mark = dict[str, object]
Part = dict[str, object]  # {"id": text id, "values": {...}}
OFTEN_SAID = frozenset(("D2", "D3", "D4", "D5", "X1", "X2", "X3"))  # rules that name what she often buys
VISIT_SAID = frozenset(("P1",))  # that name what she tried
SEASON_SAID = frozenset(("L3", "D3", "X3"))  # that name what she bought in the coming season last year
_FIRST_REASONS = ("thinking", "price", "no_size", "style", "colour", "itchy")


class Goods(NamedTuple):
    """What a member bought, tried and likes, for the wording only."""

    item: str = ""
    item_day: int | None = None
    often: str = ""
    season_item: str = ""  # bought in the coming season last year
    season_month: int = 0
    visit_kind: str = ""
    visit_items: str = ""
    visit_reasons: tuple[str, ...] = ()
    visit_says: str = ""
    size: str = ""
    likes: str = ""
    birthday: str = ""  # Birthday.key
    occasion: Event | None = None  # what an invitation or greeting is for


NOTHING = Goods()


def ago(day: int) -> Mark:
    """Whole days from `day` to the day of reading."""
    return {"ago": day}


def until(day: int) -> Mark:
    """Whole days from the day of reading to `day`; the sentence changes with the day."""
    return {"until": day}


def on(day: int) -> Mark:
    """The day itself."""
    return {"day": day}


def money(fen: float) -> Mark:
    """An amount."""
    return {"fen": round(fen)}


def _part(key: str, /, **values: object) -> Part:
    return {"id": key, "values": values}


# ---------------------------------------------------------------- the first line


def why(wish: Wanted, case: Case, shop: ShopFacts, goods: Goods) -> Part:
    """The reason of a to-do, its first line."""
    rule, anchor = wish.rule, wish.anchor
    last = anchor if case.last is None else case.last
    if rule == "L1":
        return _part("why.aftersale", n=ago(anchor))
    if rule == "C1":
        return _part("why.complaint", date=on(anchor))
    if rule == "S1":
        return _part("why.service", date=on(anchor))
    if rule == "L2":
        return _part("why.birthday", date=on(anchor), n=until(anchor))
    if rule == "L5":
        return _absent(case, last)
    if rule == "L6":
        return _part("why.referral", date=on(anchor))
    if rule in ("P1", REMINDER):
        return _visit(anchor, goods)
    if rule == "P2":
        return _part("why.firstbuy", n=ago(anchor))
    if rule == "P3":
        return _part(f"why.second.{wish.step}", n=ago(anchor))
    if rule == "P4":
        return _part("why.onestep", n=max(1, round(shop.loyal_purchases - case.eff12)))
    if rule == "D1":
        return _part("why.once", n=ago(last))
    if rule == "D2":
        return _part("why.late", n=ago(last + _usual(case)))
    if rule == "D4":
        return _part("why.beforelost", n=ago(last), m=until(last + int(case.lost_limit)))
    if rule == "D5":
        return _part("why.never.plain") if case.joined is None else _part("why.never", n=ago(case.joined))
    if rule == "X1":
        return _part("why.revisit", n=1) if wish.step == 1 else _absent(case, last)
    if rule == "X2":
        return _part("why.winback")
    if goods.occasion is not None:
        return occasion(goods.occasion)
    return _seasonal(wish, case, last, goods)


def _seasonal(wish: Wanted, case: Case, last: int, goods: Goods) -> Part:
    if wish.rule != "P5" and goods.season_item:
        return _part("why.season", m=goods.season_month, item=goods.season_item)
    if wish.rule == "L3":
        return _part("why.newseason")
    if wish.rule == "P5":
        return _part("why.fitting", n=ago(last), sum=money(round(case.ticket, -2)))
    return _part("why.offer" if wish.rule == "D3" else "why.lasttry", n=ago(last))


def _absent(case: Case, last: int) -> Part:
    if case.n < 2:
        return _part("why.revisit", n=2)
    return _part("why.absent", n=ago(last), m=_usual(case))


def _usual(case: Case) -> int:
    """Mean days between her purchases; for a single one the wait that is allowed her."""
    if case.n < 2 or case.first is None or case.last is None:
        return round(case.loyal_limit)
    return max(1, round((case.last - case.first) / (case.n - 1)))


def _visit(day: int, goods: Goods) -> Part:
    item = goods.visit_items[:16]
    if goods.visit_kind == "tried":
        reason = next((code for code in _FIRST_REASONS if code in goods.visit_reasons), None)
        if item and reason is not None:
            return _part("why.tried", item=item, reason={"text": f"why.r.{reason}"})
        return _part("why.tried.plain", item=item) if item else _part("why.tried.nothing", date=on(day))
    if goods.visit_kind == "asked":
        return (
            _part("why.asked", date=on(day), item=item) if item else _part("why.asked.nothing", date=on(day))
        )
    return _part("why.looked", date=on(day))


# ---------------------------------------------------------------- the second line


def context(wish: Wanted, case: Case, goods: Goods) -> list[Part]:
    """What helps to talk to her: at most two facts for the second line."""
    size = [_part("why.c.size", size=goods.size)] if goods.size else []
    likes = [_part("why.c.likes", likes=goods.likes[:12])] if goods.likes else []
    often = [_part("why.c.often", item=goods.often)] if goods.often else []
    year = [_part("why.c.year", n=case.n12, sum=money(round(case.spend12, -2)))] if case.n12 else []
    total = [_part("why.c.total", n=case.n, sum=money(round(case.spend, -2)))] if case.n else []
    item = [_part("why.c.item", item=goods.item)] if goods.item else []
    if goods.item_day is not None:
        item.append(_part("why.c.bought", date=on(goods.item_day)))
    rule = wish.rule
    if rule == "C1":
        return [_part("why.c.complaint", date=on(wish.due))]
    if rule == "L1":
        return ([*item[:1], _part("why.c.ask")] if wish.asks else item)[:2]
    if rule == "L2":
        gift = [_part("why.c.gift")] if wish.step == 1 else []
        return (gift + _lunar(goods.birthday) + year)[:2]
    if rule in ("S1", "D1", "P3"):
        return (item or size)[:2]
    if rule in ("P1", REMINDER):
        says = [_part("why.c.says", text=goods.visit_says[:14])] if goods.visit_says else []
        return [_part("why.c.visit", date=on(wish.anchor)), *says, *size][:2]
    if rule in ("L5", "L6", "P4"):
        return (year + size)[:2]
    if rule in ("L3", "P5", "P2"):
        return (likes + size + year)[:2]
    if goods.occasion is not None:
        offer = [_part("why.c.offer", offer=goods.occasion.offer)] if goods.occasion.offer else []
        return (offer + size + year)[:2]
    if rule == "X1" and wish.step == 2:
        return [_part("why.c.revisit", n=2)]
    if rule in ("D2", "D3") and case.n >= 2:
        return [_part("why.c.rhythm", m=_usual(case)), *often][:2]
    return (often + total)[:2]


def _lunar(key: str) -> list[Part]:
    return [_part("why.c.lunar", birthday={"birthday": key})] if key.startswith("L:") else []


# ---------------------------------------------------------------- what she asked for is in


class Arrival(NamedTuple):
    """One article she waited for."""

    item: str
    size: str
    colour: str
    day: int  # when she asked


def arrived(goods: Sequence[Arrival]) -> tuple[Part, dict[str, object]]:
    """Reason and context of the to-do that tells her, for all articles that are in."""
    named = list(dict.fromkeys(" ".join(filter(None, (one.item, one.colour, one.size))) for one in goods))
    context: dict[str, object] = {
        "parts": [_part("why.c.asked", date=on(min(one.day for one in goods)))],
        "goods": [list(one) for one in goods],
    }
    return _part("why.arrived", item={"list": named}), context


def occasion(event: Event) -> Part:
    """The reason of the to-dos of an occasion."""
    if event.kind == "new_in":
        return _part("why.newin", item=event.item)
    key = "why.invite" if event.kind == "event" else "why.festival"
    return _part(key, event=event.name, date=on(event.first), n=until(event.first))


# ---------------------------------------------------------------- wording what is stored

# Sentences that look ahead, and what they become on the day itself and after it.
_AHEAD = {
    "why.birthday": ("why.birthday.today", "why.birthday.past"),
    "why.beforelost": ("why.beforelost.today", "why.beforelost.past"),
    "why.invite": ("why.invite.today", "why.invite.past"),
    "why.festival": ("why.festival.today", "why.festival.past"),
}


def sentence(part: Mapping[str, object], day: date) -> Sentence:
    """A stored part as a sentence of today: every mark in it worded."""
    key, values = str(part["id"]), part["values"]
    assert isinstance(values, Mapping)
    worded: dict[str, object] = {}
    for name, value in values.items():
        worded[name] = _worded(value, day) if isinstance(value, Mapping) else value
        if isinstance(value, Mapping) and key in _AHEAD and "until" in value:
            left = int(value["until"]) - day.toordinal()
            if left <= 0:
                key = _AHEAD[key][left < 0]
    return Sentence(key, worded)


def _worded(mark: Mapping[str, object], day: date) -> object:
    ((kind, value),) = mark.items()
    if kind == "text":
        return t(str(value))
    if kind == "list":
        assert isinstance(value, list)
        return t("g.list").join(value)
    if kind == "birthday":
        return Birthday.from_key(str(value)).show()
    assert isinstance(value, int)
    if kind == "fen":
        return show_money(value)
    if kind == "day":
        return show_day(date.fromordinal(value), day)
    days = value - day.toordinal()
    return abs(days) if kind == "until" else max(0, -days)


def joined(parts: list[Sentence]) -> Sentence | None:
    """Several facts on one line."""
    if not parts:
        return None
    return Sentence("why.line", {"text": t("why.join").join(t(part.id, **part.values) for part in parts)})
