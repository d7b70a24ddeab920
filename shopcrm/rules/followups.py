"""Which member to contact, why, by which day: the follow-up rules as one table (CLASSIFICATION 10).

`wanted` says what should stand on the list by what is known of one member; `reconcile` says what must happen
to her stored to-dos so that it does. Both are pure: days are `date.toordinal()`, amounts fen, today is an
argument. A stored to-do keeps its state and outcome for ever; running twice changes nothing.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain, pairwise
from types import MappingProxyType
from typing import NamedTuple

from shopcrm.basics.errors import InputError
from shopcrm.basics.records import STOPS, TYPE_KEYS, OutcomeDraft, RuleRow, RuleValues, TypeKey
from shopcrm.rules.events import Event
from shopcrm.rules.holdout import is_held, quarter_of

AHEAD = 7  # days before it is due that a to-do is written down, so that tomorrow's list is known today
MANUAL = "M1"  # put on the list by hand
ARRIVED = "W1"  # what she asked for is in
REMINDER = "R1"  # a day set at a visit, which is its anchor
BY_HAND = frozenset((MANUAL, ARRIVED, REMINDER))  # set by somebody: no row of the table, no rule moves them
OWED = BY_HAND | {"C1"}  # listed though another day was agreed on about something else

ASIDE_STEPS = 100  # no rule has so many: a to-do of two who became one stands aside under a step above

SPACING = 7  # days between two contacts the shop starts, and to keep a day that was agreed on
CAP_30: Mapping[TypeKey, int] = MappingProxyType({"loyal": 3, "potential": 2, "drifting": 2, "lost": 1})
CAP_90 = 5
NO_SELLING = 14  # days after a return
COMES_WITHIN = 7  # days after the day she named
DORMANT = 365
TRIES = 3  # unanswered calls, then another way is proposed; the next one closes the to-do
NO_LIMITS: Mapping[TypeKey, int] = MappingProxyType({})
LAPSED = 31  # days after its time to which a greeting is still made up for
REFERRAL_ASK = 180
MANUAL_DAYS = 7
ARRIVED_DAYS = 14  # so long it is put by for her
GONE_AWAY = frozenset(("moved", "refused"))  # reasons that end the attempts to win her back
ARRIVED_WEIGHT = 3.0  # as a visit without a purchase: she has said what she wants
LONGEST_CLOSED = 31
OVERDUE = 0.75  # of her silence limit has passed: a loyal member is watched
FARTHEST_BIRTHDAY = 60  # days before a birthday that a first to-do may be due
_MOST_STEP, _MOST_EXPIRES, _MOST_AGAIN = 180, 240, 365  # days an owner may set
_MOST_SHORT = 60  # the same of rules whose reason is soon forgotten, or has the next one behind it
_SHORT = frozenset(("L1", "S1", "L3", "D3", "D5", "X3", "E1", "H1", "N1"))
_SECOND_STAYS = 16  # days the second try at someone nobody could reach stays on the list
AFTER_OFFER = 60  # least days from a win-back offer to the last try
_CAME = ("bought", "returned", "visited")  # closed because she was here
_SLIGHT = 0.1  # a change of worth that is not worth writing down

MARGIN = 0.5
GAIN: dict[TypeKey, float] = {"loyal": 0.7, "potential": 0.45, "drifting": 0.4, "lost": 0.5}  # % a contact
COST = {"message": 1.0, "call": 4.0}

ANY = frozenset(TYPE_KEYS)
LOYAL: frozenset[TypeKey] = frozenset(("loyal",))
POTENTIAL: frozenset[TypeKey] = frozenset(("potential",))
DRIFTING: frozenset[TypeKey] = frozenset(("drifting",))
LOST: frozenset[TypeKey] = frozenset(("lost",))


class Stored(NamedTuple):
    """A to-do as it stands in the book."""

    id: int
    rule: str
    anchor: int
    step: int
    type: TypeKey
    due: int
    expires: int
    channel: str
    state: str = "open"  # open, done, expired, stopped
    closed: int | None = None
    why_closed: str = ""
    outcome: str = ""
    tries: int = 0
    snoozes: int = 0
    appointment: int | None = None
    contacted: int | None = None  # last contact about it
    asked: bool = False  # it went with the question whether she knows someone
    priority: float = 0.0
    after_purchase: bool = False  # set by hand on a day on which she had bought already
    unreachable: bool = False  # said of the last contact about it

    @property
    def is_promised(self) -> bool:
        """Whether its day was agreed with her or set by hand, so that no rule moves it."""
        return self.is_begun or self.rule in BY_HAND

    @property
    def is_begun(self) -> bool:
        """Whether its day follows from talking to her, or from trying to."""
        return bool(self.tries or self.snoozes or self.appointment)

    @property
    def wish(self) -> Wanted:
        """What it stands for."""
        return Wanted(
            self.rule, self.anchor, self.step, self.type, self.due, self.expires, self.channel, self.priority,
            self.asked,
        )  # fmt: skip


class Case(NamedTuple):
    """What the rules know of one member."""

    member: int
    type: TypeKey
    code: str  # of the verdict
    since: int  # day from which she is of this type
    score: float
    n: int
    n12: int
    eff12: float  # n12 with the credit for referrals
    first: int | None
    last: int | None
    last_net: int  # net of the last purchase day
    spend: int
    spend12: int
    joined: int | None
    lost_limit: float
    loyal_limit: float
    visited: int | None = None  # last visit without a purchase
    returned: int | None = None  # last return
    referred: int | None = None  # last referral
    birthday: int | None = None  # the one from three days ago on
    complained: int | None = None  # the day of her oldest complaint that is not settled
    complaint_due: int | None = None  # by which she is to be called back
    gone_away: int | None = None  # the day she last gave a reason of GONE_AWAY
    may_call: bool = True
    may_message: bool = True
    closed_why: str = ""  # why nobody may contact her: archived, never, consent, paused, wrong_number, no_way
    contacts: tuple[int, ...] = ()  # days on which the shop contacted her, one a to-do, newest first
    tasks: tuple[Stored, ...] = ()
    fan_of: frozenset[int] = frozenset()  # events that tell of what she often buys
    lots: Mapping[tuple[str, str], bool] = MappingProxyType({})  # drawn so far, by rule and quarter: left out

    @property
    def ticket(self) -> float:
        """Mean net amount of a purchase in fen; 0 without a purchase."""
        return self.spend / self.n if self.n else 0.0


class Start(NamedTuple):
    """A rule holds for a member: its anchor, the day its clock starts, and what differs from the rule."""

    anchor: int
    trigger: int
    steps: tuple[int | None, ...] | None = None  # None: the rule's; None inside: that step does not apply
    expires: int | None = None
    call: bool | None = None
    asks: bool = False


class Wanted(NamedTuple):
    """A to-do that should stand on the list from `due` until it is done or `expires` is past."""

    rule: str
    anchor: int
    step: int
    type: TypeKey
    due: int
    expires: int
    channel: str
    priority: float
    asks: bool = False

    @property
    def key(self) -> tuple[str, int, int]:
        """What makes it one of its kind for its member."""
        return self.rule, self.anchor, self.step


class Rule(NamedTuple):
    """One row of the table; `steps` and `expires` count days from the trigger.

    `stops` are those of STOPS that end it, `may_stop` those a shop decides on. A purchase is among the latter
    only where the rule hangs on a day of the shop's: what hangs on her last purchase, or on her having bought
    never or once, begins anew or has no reason left as soon as she buys.
    """

    key: str
    types: frozenset[TypeKey]
    start: Trigger
    steps: tuple[int, ...]
    expires: int
    channel: str = "message"  # "": the start tells
    capped: bool = True  # the most contacts of a month and a quarter hold for it
    again: int = 0  # least days from one done to-do of the rule to the next
    weight: float = 1.0
    spaced: bool = True  # the days between contacts hold for it
    sells: bool = True  # waits after a return
    on: bool = True
    learns: bool = False  # its last step follows the shop's own second purchases
    makes_up: bool = False  # what came due while nobody worked is still done when somebody does
    earliest: int = 0  # a first step may be moved so far
    ends: bool = False  # after its last day there is nothing left to say
    stops: tuple[str, ...] = ()
    may_stop: tuple[str, ...] = ()


Trigger = Callable[[Case, "ShopFacts", int, Rule], Start | None]


# ---------------------------------------------------------------- when a rule holds


def _thanks(case: Case, shop: ShopFacts, day: int, rule: Rule) -> Start | None:
    if case.last is None or case.last_net < 0.5 * shop.ticket_mid:
        return None
    asks = case.n12 >= shop.loyal_purchases and not _within(case.referred, day, REFERRAL_ASK)
    asked = (
        task.closed for task in case.tasks if task.asked and task.state == "done" and task.anchor != case.last
    )
    return Start(
        case.last, case.last, asks=asks and not any(_within(closed, day, REFERRAL_ASK) for closed in asked)
    )


def _service(case: Case, shop: ShopFacts, day: int, rule: Rule) -> Start | None:
    return None if case.returned is None else Start(case.returned, case.returned)


def _complaint(case: Case, shop: ShopFacts, day: int, rule: Rule) -> Start | None:
    if case.complained is None or case.complaint_due is None:
        return None
    return Start(case.complained, case.complaint_due)


def _birthday(case: Case, shop: ShopFacts, day: int, rule: Rule) -> Start | None:
    if case.birthday is None or (case.type == "lost" and is_dormant(case, day)):
        return None
    steps = None if case.type == "loyal" else (None, *rule.steps[1:])
    return Start(case.birthday, case.birthday, steps)


def _new_season(case: Case, shop: ShopFacts, day: int, rule: Rule) -> Start | None:
    season = shop.season(day)
    if season is None:
        return None
    # Best score first: the highest tenth on the first day, the lowest on the tenth. A score fades daily, but
    # a place once given stays.
    place = len(shop.season_cuts) - bisect_right(shop.season_cuts, case.score)
    stored = _stored(case, "L3", season, 1)
    if stored is not None:
        place = max(0, min(stored.due - season - rule.steps[0], 9))
    return Start(season, season, (rule.steps[0] + place,))


def _overdue_loyal(case: Case, shop: ShopFacts, day: int, rule: Rule) -> Start | None:
    if case.last is None:
        return None
    return Start(case.last, case.last + math.floor(OVERDUE * case.loyal_limit) + 1)


def _referral(case: Case, shop: ShopFacts, day: int, rule: Rule) -> Start | None:
    return None if case.referred is None else Start(case.referred, case.referred)


def _visit(case: Case, shop: ShopFacts, day: int, rule: Rule) -> Start | None:
    if case.visited is None or _since(case.last, case.visited):
        return None
    if any(
        task.rule == REMINDER and task.anchor == case.visited and task.state != "stopped"
        for task in case.tasks
    ):
        return None  # the day was chosen by who spoke with her
    first = _stored(case, "P1", case.visited, 1)
    soonest, second = rule.steps
    if first is not None and first.state == "done" and first.closed is not None:
        second = max(second, first.closed - case.visited + shop.spacing)
    return Start(case.visited, case.visited, (soonest, second))


def _welcome(case: Case, shop: ShopFacts, day: int, rule: Rule) -> Start | None:
    return None if case.n or case.joined is None else Start(case.joined, case.joined)


def _second_purchase(case: Case, shop: ShopFacts, day: int, rule: Rule) -> Start | None:
    return None if case.n != 1 or case.first is None else Start(case.first, case.first)


def _one_step(case: Case, shop: ShopFacts, day: int, rule: Rule) -> Start | None:
    if case.code != "POT_RISING" or case.last is None or not 0 < shop.loyal_purchases - case.eff12 <= 2:
        return None
    return Start(case.last, case.last)


def _fitting(case: Case, shop: ShopFacts, day: int, rule: Rule) -> Start | None:
    if case.last is None:
        return None
    own = case.last + round(shop.typical_gap)
    if case.code == "POT_POWER" and day <= own + rule.expires:
        return Start(case.last, own)
    season = shop.season(day)
    if season is None or _since(case.last, season) or not 0 < shop.power_ticket <= case.ticket:
        return None
    return Start(season, season)


def _last_window(case: Case, shop: ShopFacts, day: int, rule: Rule) -> Start | None:
    if case.n != 1 or case.last is None:
        return None
    return Start(case.last, case.last)


def _slipping(case: Case, shop: ShopFacts, day: int, rule: Rule) -> Start | None:
    if case.code != "DRIFT_SLIPPING" or case.last is None:
        return None
    return Start(case.last, case.last + math.floor(case.loyal_limit) + 1)


def _offer(case: Case, shop: ShopFacts, day: int, rule: Rule) -> Start | None:
    sale = shop.sale(day)
    return None if not case.n or sale is None else Start(sale, sale)


def _before_lost(case: Case, shop: ShopFacts, day: int, rule: Rule) -> Start | None:
    if case.last is None:
        return None
    return Start(case.last, case.last + math.ceil(case.lost_limit))


def _never_bought(case: Case, shop: ShopFacts, day: int, rule: Rule) -> Start | None:
    season = shop.season(day)
    return None if case.code != "DRIFT_NEVER" or season is None else Start(season, season)


def _survey(case: Case, shop: ShopFacts, day: int, rule: Rule) -> Start | None:
    if case.last is None or is_dormant(case, day):
        return None
    lost = case.last + math.floor(case.lost_limit) + 1
    if case.visited is not None:
        lost = max(lost, case.visited + shop.keepalive)
    trigger = min(lost, case.since)  # limits that loosened later do not make her less lost
    first = _stored(case, "X1", case.last, 1)
    second = _second_try(first, rule)
    steps = (rule.steps[0], None if second is None else second - trigger)
    expires = rule.expires if second is None else max(rule.expires, second - trigger + _SECOND_STAYS)
    call = case.n >= 2 or case.spend >= 2 * shop.ticket_mid
    return Start(case.last, trigger, steps, expires, call=None if rule.channel else call)


def _win_back(case: Case, shop: ShopFacts, day: int, rule: Rule) -> Start | None:
    if case.last is None or is_dormant(case, day):
        return None
    first, second = _stored(case, "X1", case.last, 1), _stored(case, "X1", case.last, 2)
    survey = shop.rule("X1")
    again = None if survey is None else _second_try(first, survey)
    task = second or first
    if task is None or task.closed is None or task.state not in ("done", "expired"):
        return None
    if second is None and again is not None and day <= again + _SECOND_STAYS:
        return None  # she is tried once more first
    return Start(case.last, task.closed)


def _last_try(case: Case, shop: ShopFacts, day: int, rule: Rule) -> Start | None:
    if case.last is None or is_dormant(case, day):
        return None
    offer = _stored(case, "X2", case.last, 1)
    if offer is None or offer.closed is None or offer.state not in ("done", "expired"):
        return None
    season = shop.season_from(offer.closed + AFTER_OFFER)
    return None if season is None else Start(case.last, season)


def _occasion(case: Case, shop: ShopFacts, day: int, rule: Rule) -> Start | None:
    """Of the occasions of a rule that are due the one that ends first, else the one that is due next."""
    coming: Event | None = None
    for event in shop.events:
        if event.rule != rule.key or not _is_hers(case, event, day, rule):
            continue
        if event.due <= day:
            coming = event
            break
        if coming is None or event.due < coming.due:
            coming = event
    if coming is None or (case.type == "lost" and is_dormant(case, day)):
        return None
    return Start(coming.first, coming.due, expires=coming.last - coming.due)


def _is_hers(case: Case, event: Event, day: int, rule: Rule) -> bool:
    """Whether she is still to be told of an occasion: it is for her, she was not told, and has done nothing
    since that ends it (a greeting goes to her all the same)."""
    if event.last < day or not event.is_for(case.type):
        return False
    if event.rule == "N1" and event.id not in case.fan_of:
        return False
    if _ended_by(case, rule, event.due):
        return False
    stored = _stored(case, event.rule, event.first, 1)
    return stored is None or stored.state in ("open", "stopped")


_BUYS, _RETURNS, _VISITS = ("bought",), ("returned",), ("visited",)
_COMES = _BUYS + _VISITS
RULES: tuple[Rule, ...] = (
    Rule(
        "L1", LOYAL, _thanks, (3,), 7, again=30, spaced=False, sells=False,
        stops=_RETURNS, may_stop=_RETURNS + _VISITS,
    ),
    Rule("C1", ANY, _complaint, (0,), 365, "call", weight=20.0, spaced=False, sells=False, capped=False),
    Rule("S1", LOYAL, _service, (2,), 7, "call", spaced=False, sells=False),
    Rule("L2", ANY, _birthday, (-7, 0), 3, sells=False, makes_up=True, earliest=-FARTHEST_BIRTHDAY),
    Rule("L3", LOYAL, _new_season, (0,), 21, stops=_BUYS, may_stop=_COMES),
    Rule("L5", LOYAL, _overdue_loyal, (1,), 14, "call", weight=2.0, stops=_VISITS, may_stop=_VISITS),
    Rule("L6", ANY, _referral, (2,), 14, sells=False),
    Rule("P1", ANY, _visit, (3, 10), 14, weight=3.0, spaced=False),
    Rule("P2", POTENTIAL, _welcome, (1, 14, 45), 60, may_stop=_VISITS),
    Rule(
        "P3", POTENTIAL | DRIFTING, _second_purchase, (7, 30, 55), 69, weight=1.5, learns=True,
        stops=_RETURNS, may_stop=_RETURNS + _VISITS,
    ),
    Rule("P4", POTENTIAL, _one_step, (14,), 30, again=60),
    Rule("P5", POTENTIAL, _fitting, (0,), 21, again=60, may_stop=_VISITS),
    Rule("D1", DRIFTING, _last_window, (75,), 96, learns=True, may_stop=_VISITS),
    Rule("D2", DRIFTING, _slipping, (1, 21), 30, "call", weight=2.0, stops=_VISITS, may_stop=_VISITS),
    Rule("D3", DRIFTING, _offer, (0,), 14, again=60, stops=_BUYS, may_stop=_COMES),
    Rule("D4", DRIFTING, _before_lost, (-30,), 0, earliest=-180, stops=_VISITS, may_stop=_VISITS),
    Rule("D5", DRIFTING, _never_bought, (0,), 14, again=183, may_stop=_VISITS),
    # By telephone who was worth it; the second step counts from the first try.
    Rule("X1", LOST, _survey, (7, 14), 30, "", sells=False, stops=_VISITS, may_stop=_VISITS),
    Rule("X2", LOST, _win_back, (14,), 30, may_stop=_VISITS),
    Rule("X3", LOST, _last_try, (0,), 30, may_stop=_VISITS),
    # Their days come from the book of occasions: nobody is greeted or invited before there is one.
    Rule("E1", ANY, _occasion, (0,), 0, ends=True, stops=_BUYS, may_stop=_COMES),
    Rule("H1", ANY, _occasion, (0,), 3, sells=False, ends=True),
    Rule("N1", ANY, _occasion, (0,), 14, ends=True, stops=_BUYS, may_stop=_COMES),
)  # fmt: skip
RULE_KEYS = tuple(rule.key for rule in RULES)
SELLING = frozenset(rule.key for rule in RULES if rule.sells)
_UNCHANGED = {rule.key: rule for rule in RULES}
HOLDABLE = tuple(rule.key for rule in RULES if rule.sells)  # may leave somebody out; care and service never


# ---------------------------------------------------------------- the rules of a shop


def rules_of(
    own: Mapping[str, Mapping[str, object]], q50: float = 55.0, q75: float = 134.0
) -> tuple[Rule, ...]:
    """The table as it is in force: with what the owner changed (setting rules_own), and with the days that
    follow the quartiles of the shop's first-to-second purchase gaps."""
    return tuple(_owned(_learned(rule, q50, q75), own.get(rule.key, {})) for rule in RULES)


def _learned(rule: Rule, q50: float, q75: float) -> Rule:
    if not rule.learns:
        return rule
    invite = max(round(q50), 31)
    last = invite
    if rule.key == "D1":  # after the invites of P3 and before most have come back
        after = round(q50) + 15
        last = min(max(rule.steps[-1], after), max(round(q75), after))
    return rule._replace(steps=(*rule.steps[:-1], last), expires=last + rule.expires - rule.steps[-1])


def _owned(rule: Rule, own: Mapping[str, object]) -> Rule:
    """The rule with the owner's values; steps without an expiry leave as much time as is recommended."""
    steps = own.get("steps")
    if isinstance(steps, list | tuple) and len(steps) == len(rule.steps):
        rule = rule._replace(steps=tuple(steps), expires=rule.expires + max(0, steps[-1] - rule.steps[-1]))
    rule = rule._replace(**{name: own[name] for name in ("on", "expires", "again", "channel") if name in own})  # type: ignore[arg-type]
    stops = own.get("stops")
    if isinstance(stops, list | tuple):
        rule = rule._replace(stops=tuple(stop for stop in STOPS if stop in stops and stop in rule.may_stop))
    return rule._replace(expires=max(rule.expires, _least_expires(rule, rule.steps)))


def by_type(rules: Iterable[Rule]) -> Mapping[TypeKey, tuple[Rule, ...]]:
    """The rules that are switched on, for each type in the order of the table."""
    on = [rule for rule in rules if rule.on]
    return {kind: tuple(rule for rule in on if kind in rule.types) for kind in TYPE_KEYS}


def rule_rows(
    own: Mapping[str, Mapping[str, object]], q50: float, q75: float, leave: Collection[TypeKey] = ()
) -> tuple[RuleRow, ...]:
    """Every rule with what is in force, what is recommended, and how far it may be changed.

    A visit makes another type of members of those in `leave`, and so ends what holds for them alone.
    """
    rows = []
    for rule in RULES:
        learned = _learned(rule, q50, q75)
        now = _owned(learned, own.get(rule.key, {}))
        rows.append(
            RuleRow(
                rule.key, tuple(kind for kind in TYPE_KEYS if kind in rule.types),
                _values(now), _values(learned), bool(own.get(rule.key)), rule.learns, rule.sells,
                _step_limits(rule), (_least_expires(rule, now.steps), _most_expires(rule)),
                (1, _MOST_AGAIN) if rule.again else None,
                ("message", "call") if rule.channel else ("", "message", "call"),
                tuple(stop for stop in STOPS if stop in rule.may_stop),
                _VISITS if rule.types.issubset(leave) and "visited" in rule.may_stop else (),
            )
        )  # fmt: skip
    return tuple(rows)


def _values(rule: Rule) -> RuleValues:
    return RuleValues(rule.on, rule.steps, rule.expires, rule.again, rule.channel, rule.stops)


def _step_limits(rule: Rule) -> tuple[tuple[int, int], ...]:
    latest = 0 if rule.earliest or rule.ends else _MOST_SHORT if rule.key in _SHORT else _MOST_STEP
    return tuple((rule.earliest, latest) for _ in rule.steps)


def _least_expires(rule: Rule, steps: Sequence[int]) -> int:
    return max(0, steps[-1] if rule.channel else steps[0])  # the second try of X1 has days of its own


def _most_expires(rule: Rule) -> int:
    if rule.key == "C1" or rule.ends:  # of an occasion the book tells the days
        return rule.expires
    return LAPSED if rule.earliest else _MOST_SHORT if rule.key in _SHORT else _MOST_EXPIRES


def checked_own(values: Mapping[str, Mapping[str, object]]) -> dict[str, dict[str, object]]:
    """What an owner changed of the rules, without what equals the recommendation.

    InputError of `rules_own.<rule>.<value>`: a rule there is not, days out of their limits or not ascending,
    an end before the last contact, an end by what is not for the shop to decide on.
    """
    found: dict[str, dict[str, object]] = {}
    for key, row in values.items():
        rule = next((rule for rule in RULES if rule.key == key), None)
        if rule is None:
            raise InputError(f"rules_own.{key}", "setting_unknown")
        _check_own(rule, row)
        usual = _values(rule)._asdict()
        kept = {
            name: value
            for name, value in row.items()
            if (rule.learns and name in ("steps", "expires"))
            or (tuple(value) if isinstance(value, list) else value) != usual[name]
        }
        if "steps" in kept and "expires" in row:
            kept["expires"] = row["expires"]  # else its end would move along
        if kept:
            found[key] = kept
    return found


def _check_own(rule: Rule, row: Mapping[str, object]) -> None:
    def check(name: str, value: object, low: int, high: int) -> None:
        if not isinstance(value, int) or not low <= value <= high:
            raise InputError(f"rules_own.{rule.key}.{name}", "setting_range", low=low, high=high)

    steps = row.get("steps", rule.steps)
    if not isinstance(steps, list | tuple) or len(steps) != len(rule.steps):
        raise InputError(f"rules_own.{rule.key}.steps", "setting_bad")
    for step, limits in zip(steps, _step_limits(rule), strict=True):
        check("steps", step, *limits)
    if any(later <= step for step, later in pairwise(steps)):
        raise InputError(f"rules_own.{rule.key}.steps", "rule_steps")
    if "expires" in row:
        check("expires", row["expires"], _least_expires(rule, steps), _most_expires(rule))
    if "again" in row:
        check("again", row["again"], 1 if rule.again else 0, _MOST_AGAIN if rule.again else 0)
    if row.get("channel") == "" and rule.channel:
        raise InputError(f"rules_own.{rule.key}.channel", "setting_bad")
    stops = row.get("stops", ())
    if not isinstance(stops, list | tuple) or not set(rule.may_stop).issuperset(stops):
        raise InputError(f"rules_own.{rule.key}.stops", "setting_bad")


RECOMMENDED = by_type(RULES)


class ShopFacts(NamedTuple):
    """What the rules know of the shop; amounts fen, times days."""

    typical_gap: float
    ticket_mid: float
    power_ticket: float
    loyal_purchases: int
    keepalive: int = 60  # days a visit keeps a silent member from being lost
    seasons: tuple[int, ...] = ()  # season days around today, ascending
    sales: tuple[int, ...] | None = None  # days on which a season's sale starts; None: the season days
    closed_weekdays: frozenset[int] = frozenset()  # 0 = Monday
    closed_days: frozenset[str] = frozenset()  # MM-DD or YYYY-MM-DD: closed, or no contacts
    season_cuts: tuple[float, ...] = ()  # ascending scores that part the loyal members into ten days
    rules: Mapping[TypeKey, tuple[Rule, ...]] = RECOMMENDED  # in force
    spacing: int = SPACING
    cap_30: Mapping[TypeKey, int] = CAP_30
    cap_90: int = CAP_90
    no_selling: int = NO_SELLING
    worked: int | None = None  # the last day before today on which anything was recorded
    gains: Mapping[str, float] = MappingProxyType({})  # rule: own gain a contact, % points; else GAIN[type]
    holdout: Mapping[str, float] = MappingProxyType({})  # rule: share of its members left out to compare with
    salt: str = ""  # of the draw of who is left out
    events: tuple[Event, ...] = ()  # due within AHEAD days or running, those that end first before others

    def event(self, rule: str, first: int, type: TypeKey) -> Event | None:
        """The occasion of a rule that begins on that day, for members of a type."""
        fitting = (e for e in self.events if (e.rule, e.first) == (rule, first) and e.is_for(type))
        return next(fitting, None)

    def season(self, day: int) -> int | None:
        """The season day that is nearest behind `day`, or at most AHEAD days before us."""
        return _latest(self.seasons, day)

    def sale(self, day: int) -> int | None:
        """The same for the day a season's sale starts."""
        return _latest(self.seasons if self.sales is None else self.sales, day)

    def season_from(self, day: int) -> int | None:
        """The first season day on or after `day`."""
        return next((season for season in self.seasons if season >= day), None)

    def slack(self, rule: Rule) -> int:
        """How many days after its own last one a to-do of a rule may still be due."""
        if rule.makes_up:
            return LAPSED
        return LONGEST_CLOSED if self.closed_weekdays or self.closed_days else 0

    def rule(self, key: str) -> Rule | None:
        """A rule as it is in force; None where it is switched off."""
        return next((rule for rules in self.rules.values() for rule in rules if rule.key == key), None)


def _latest(days: Sequence[int], day: int) -> int | None:
    at = bisect_right(days, day + AHEAD)
    return days[at - 1] if at else None


def with_cuts(shop: ShopFacts, cuts: tuple[float, ...]) -> ShopFacts:
    """The same shop with the scores that part its loyal members."""
    return shop._replace(season_cuts=cuts)


# ---------------------------------------------------------------- questions to a case


def _since(event: int | None, start: int) -> bool:
    return event is not None and event >= start


def _within(event: int | None, day: int, days: int) -> bool:
    return event is not None and day - event < days


def _stored(case: Case, rule: str, anchor: int, step: int) -> Stored | None:
    for task in case.tasks:
        if task.rule == rule and task.anchor == anchor and task.step == step:
            return task
    return None


def _visited_since(case: Case, day: int) -> bool:
    """Whether she came to look since that day; the visit at which she bought or registered is none."""
    own = case.last if case.last is not None else case.joined
    return case.visited is not None and case.visited >= day and (own is None or case.visited > own)


def _ended_by(case: Case, rule: Rule, since: int) -> bool:
    """Whether she did since that day what ends the to-dos of a rule."""
    return (
        ("bought" in rule.stops and _since(case.last, since))
        or ("returned" in rule.stops and _since(case.returned, since))
        or ("visited" in rule.stops and _visited_since(case, since))
    )


def _second_try(first: Stored | None, survey: Rule) -> int | None:
    """The day of the second attempt at someone nobody could reach."""
    if first is None or first.state != "done" or first.closed is None:
        return None
    if first.outcome != "no_answer" and not first.unreachable:
        return None
    return first.closed + survey.steps[1]


def is_dormant(case: Case, day: int) -> bool:
    """Whether she was given up: three attempts in this silence without a visit, or she said no, or that she
    moved away (X9)."""
    if case.last is None:
        return False
    own = max(case.last, case.visited or 0)
    if case.gone_away is not None and case.gone_away > own and day - case.gone_away < DORMANT:
        return True
    tried = [
        (task.closed, task.outcome)
        for task in case.tasks
        if task.closed is not None
        and task.state == "done"
        and task.rule[0] == "X"
        and task.anchor == case.last
    ]
    if not tried or (len(tried) < 3 and all(outcome != "refused" for _, outcome in tried)):
        return False
    latest = max(closed for closed, _ in tried)
    return day - latest < DORMANT and not (case.visited is not None and case.visited > latest)


# ---------------------------------------------------------------- what is wanted


def priority(case: Case, shop: ShopFacts, rule: str, channel: str, weight: float) -> float:
    """Worth of one contact: gain in probability times margin of a purchase over the effort."""
    value = MARGIN * (case.spend + 2 * shop.ticket_mid) / (case.n + 2)
    gain = shop.gains.get(rule, GAIN[case.type])
    return round(gain / 100 * value * weight / COST[channel], 2)


def open_day(day: int, shop: ShopFacts) -> int:
    """`day`, or the next day on which the shop is open."""
    if not shop.closed_weekdays and not shop.closed_days:
        return day
    for later in range(day, day + LONGEST_CLOSED):
        on = date.fromordinal(later)
        text = on.isoformat()
        if on.weekday() not in shop.closed_weekdays and shop.closed_days.isdisjoint((text, text[5:])):
            return later
    return day


def longest_closed(shop: ShopFacts, day: int) -> int:
    """The most days in a row without contacts, of those that matter to a to-do of `day`."""
    if not shop.closed_weekdays and not shop.closed_days:
        return 0
    return max(open_day(near, shop) - near for near in range(day - 2 * LONGEST_CLOSED, day + AHEAD))


def free_day(case: Case, shop: ShopFacts, *, spaced: bool) -> int:
    """The first day on which one more contact keeps within the caps of the member."""
    contacts = case.contacts
    free = 0
    if spaced and contacts:
        free = contacts[0] + shop.spacing
    for cap, days in ((shop.cap_30[case.type], 30), (shop.cap_90, 90)):
        if len(contacts) >= cap:
            free = max(free, contacts[cap - 1] + days)
    return free


def wanted(case: Case, shop: ShopFacts, day: int, *, near: bool = False) -> list[Wanted]:
    """Everything that should be done for her one day or another by what is known today.

    `near` leaves out what is past, and what lies ahead and is not on the list yet.
    """
    if case.closed_why:
        return []
    found: list[Wanted] = []
    keeps_quiet = case.complained is not None or is_dormant(case, day)
    for rule in shop.rules[case.type]:
        if rule.sells and keeps_quiet:
            continue
        start = rule.start(case, shop, day, rule)
        if start is None or _ended_by(case, rule, start.trigger + min(0, rule.steps[0])):
            continue
        if near and start.expires is None and start.trigger + rule.expires + shop.slack(rule) < day:
            continue
        if not (rule.again and _too_soon(case, rule, start.anchor, day)):
            found += _steps(case, shop, rule, start, day if near else None)
    return found


def _too_soon(case: Case, rule: Rule, anchor: int, day: int) -> bool:
    others = (task for task in case.tasks if task.rule == rule.key and task.anchor != anchor)
    return any(task.state == "done" and _within(task.closed, day, rule.again) for task in others)


def _steps(case: Case, shop: ShopFacts, rule: Rule, start: Start, near: int | None) -> list[Wanted]:
    offsets = rule.steps if start.steps is None else start.steps
    last = rule.expires if start.expires is None else start.expires
    channel = _channel(case, rule.channel if start.call is None else "call" if start.call else "message")
    found: list[Wanted] = []
    for at, offset in enumerate(offsets):
        if offset is None:
            continue
        following = [later for later in offsets[at + 1 :] if later is not None]
        expires = start.trigger + (min(last, following[0] - 1) if following else last)
        due = start.trigger + offset
        stored = _stored(case, rule.key, start.anchor, at + 1)
        in_time = near is None or near <= expires
        if near is not None and expires + shop.slack(rule) < near:
            continue
        last_one = not in_time and not following
        missed = near is not None and last_one and _is_missed(shop, rule, stored, due, near)
        if near is not None and stored is None and due > near + AHEAD:
            break
        if rule.capped:
            due = max(due, free_day(case, shop, spaced=rule.spaced))
        if rule.sells and case.returned is not None:
            due = max(due, case.returned + shop.no_selling)
        if due <= expires or (stored is not None and _is_agreed(stored, near or 0, again=in_time)):
            due = open_day(due, shop)
            if missed and near is not None:
                expires = near
            if not rule.ends:
                expires = max(expires, due)  # nothing is lost because its last days are holidays
            if due > expires or (near is not None and expires < near):
                continue
            worth = priority(case, shop, rule.key, channel, rule.weight)
            found.append(
                Wanted(rule.key, start.anchor, at + 1, case.type, due, expires, channel, worth, start.asks)
            )
    return found


def _is_agreed(task: Stored, day: int, *, again: bool = True) -> bool:
    """Whether a to-do was agreed with her and is not over: its own days hold, not those of its rule. `again`:
    one that was stopped may still stand again."""
    return task.is_promised and (task.state == "open" or (again and task.expires >= day))


def _is_missed(shop: ShopFacts, rule: Rule, stored: Stored | None, due: int, day: int) -> bool:
    """Whether a to-do whose time is over is made up for: nothing was recorded from when it was due to the day
    before. Once it stands it stays for the day: a sale of last week booked today was no day of work."""
    stands = stored is not None and stored.state == "open" and stored.expires == day
    return rule.makes_up and (stands or (shop.worked is not None and shop.worked < due < day))


def _channel(case: Case, channel: str) -> str:
    if channel == "call":
        return "call" if case.may_call else "message"
    return "message" if case.may_message else "call"


# ---------------------------------------------------------------- what has to happen


class Move(NamedTuple):
    """A change to one stored to-do, days as day numbers; `wish` where its reason is to be told anew."""

    task: int
    values: dict[str, object]
    wish: Wanted | None = None


_AGAIN: dict[str, object] = {"state": "open", "closed_on": None, "closed_why": ""}


def reconcile(
    case: Case, shop: ShopFacts, day: int, left_out: list[Wanted] | None = None
) -> tuple[list[Wanted], list[Move]]:
    """The to-dos to open and the changes to stored ones, so that the list is what is wanted today.

    To `left_out` goes what would be opened if she were not left out of its rule to compare with.
    """
    opened, moves, held = _reconciled(case, shop, day)
    if not any(move.values.get("state") in ("done", "expired", "open") for move in moves):
        if left_out is not None:
            left_out += held
        return opened, moves
    # The end of one step may be what the next one waits for; what stands again may stand for another rule.
    by_task = {move.task: move for move in moves}
    after = tuple(_moved(task, by_task[task.id]) if task.id in by_task else task for task in case.tasks)
    opened, more = reconcile(case._replace(tasks=after), shop, day, left_out)
    for move in more:
        known = by_task.get(move.task)
        values = move.values if known is None else known.values | move.values
        by_task[move.task] = Move(move.task, values, move.wish or (known and known.wish))
    return opened, list(by_task.values())


def due_after(case: Case, shop: ShopFacts, day: int) -> list[Wanted]:
    """Her to-dos that are due once they are as they should be today, the one that is shown first; where a
    later day was agreed on, only what was agreed or is owed to her."""
    opened, moves = reconcile(case, shop, day)
    by_task = {move.task: move for move in moves}
    tasks = [_moved(task, by_task[task.id]) if task.id in by_task else task for task in case.tasks]
    standing = [task for task in tasks if task.state == "open"]
    later = any(task.due > day and task.is_begun for task in standing)
    due = [
        ((False, wish.priority, -math.inf), wish)
        for wish in opened
        if wish.due <= day and (not later or wish.rule in OWED)
    ]
    for task in standing:
        lasts = task.appointment is not None or task.expires >= day
        if task.due <= day and lasts and (not later or task.is_begun or task.rule in OWED):
            due.append(((task.is_promised, task.priority, -task.id), task.wish))
    return [wish for _, wish in sorted(due, key=lambda ranked: ranked[0], reverse=True)]


def _moved(task: Stored, move: Move) -> Stored:
    names = {"closed_on": "closed", "closed_why": "why_closed"}
    return task._replace(**{names.get(name, name): value for name, value in move.values.items()})  # type: ignore[arg-type]


def is_left_out(case: Case, shop: ShopFacts, wish: Wanted) -> bool | None:
    """Whether the draw leaves her out of a to-do that is to be opened; None where nothing is drawn, because
    nobody is left out of the rule or she has had its to-do in that quarter. What was drawn once stands."""
    share = shop.holdout.get(wish.rule)
    if share is None:
        return None
    quarter = quarter_of(wish.anchor)
    if (wish.rule, quarter) in case.lots:
        return case.lots[wish.rule, quarter]
    if any(task.rule == wish.rule and quarter_of(task.anchor) == quarter for task in case.tasks):
        return None
    return is_held(shop.salt, case.member, wish.rule, quarter, share)


def _reconciled(case: Case, shop: ShopFacts, day: int) -> tuple[list[Wanted], list[Move], list[Wanted]]:
    want = {wish.key: wish for wish in wanted(case, shop, day, near=True)}
    if not want and not case.tasks:
        return [], [], []
    stored = {(task.rule, task.anchor, task.step): task for task in case.tasks}
    moves: list[Move] = []
    busy: set[str] = set()  # rules with an open to-do: one a member and rule at a time
    standing = [task for task in case.tasks if task.state == "open"]
    if len(standing) > 1:  # what was agreed with her before others, then the step that comes first
        standing.sort(key=lambda task: (not task.is_promised, task.anchor, task.step))
    for task in standing:
        move = _move(case, shop, task, want.get((task.rule, task.anchor, task.step)), day)
        stays = move is None or "state" not in move.values
        if stays and task.rule in busy and not task.is_promised:  # a clock that was ahead let both out
            move = _close(task, "stopped", "over", day)
        elif stays:
            busy.add(task.rule)
        if move is not None:
            moves.append(move)
    opened: list[Wanted] = []
    held: list[Wanted] = []
    for key, wish in want.items():
        known = stored.get(key)
        agreed = known is not None and known.state == "stopped" and _is_agreed(known, day)
        if wish.rule in busy or (not agreed and (wish.due > day + AHEAD or wish.expires < day)):
            continue
        if known is None and is_left_out(case, shop, wish):
            held.append(wish)
        elif known is None:
            opened.append(wish)
            busy.add(wish.rule)
        elif known.state == "stopped":
            # A rule stopped it and the reason is gone (a sale taken back, a pause over): it stands again, as
            # agreed with her where it was.
            moves.append(Move(known.id, _AGAIN | ({"type": case.type} if agreed else _timing(wish)), wish))
            busy.add(wish.rule)
    again = _AGAIN | {"type": case.type}
    moves += [Move(task.id, again) for task in case.tasks if _stands_again(case, shop, task, day)]
    return opened, moves, held


def _stands_again(case: Case, shop: ShopFacts, task: Stored, day: int) -> bool:
    """Whether somebody set this to-do, and what closed it turned out not to have happened."""
    if task.rule not in BY_HAND or task.state != "stopped" or task.why_closed not in _CAME:
        return False
    return not case.closed_why and task.expires >= day and _why_stopped(case, shop, task) not in _CAME


def _move(case: Case, shop: ShopFacts, task: Stored, wish: Wanted | None, day: int) -> Move | None:
    if case.closed_why:
        return _close(task, "stopped", case.closed_why, day)
    if task.appointment is not None:  # she comes of her own accord, a complaint or not
        return _keep_appointment(case, task, task.appointment, day)
    expires = task.expires if wish is None or task.is_promised else wish.expires
    if expires < day:
        return _close(task, "expired", "expired", expires + 1)
    if wish is None:
        why = _why_stopped(case, shop, task)
        # What was agreed with her is not dropped because the rule's own time is over.
        ends = why in _CAME or why == "complaint" or (why == "type" and task.rule not in BY_HAND)
        if ends or not task.is_promised:
            return _close(task, "stopped", why, day)
    if wish is None or task.is_promised:
        return Move(task.id, {"type": case.type}) if task.type != case.type else None
    # What is due is due: from which day on is no matter any more, and contacts that are long past move it.
    as_due = task.due == wish.due or max(task.due, wish.due) <= day
    same = (task.expires, task.type, task.channel) == (wish.expires, wish.type, wish.channel)
    if as_due and same and abs(task.priority - wish.priority) <= _SLIGHT * wish.priority:
        return None
    return Move(task.id, _timing(wish), wish)


def _timing(wish: Wanted) -> dict[str, object]:
    return {
        "type": wish.type, "due": wish.due, "expires": wish.expires, "channel": wish.channel,
        "priority": wish.priority,
    }  # fmt: skip


def _close(task: Stored, state: str, why: str, day: int) -> Move:
    return Move(task.id, {"state": state, "closed_on": day, "closed_why": why})


def _keep_appointment(case: Case, task: Stored, appointment: int, day: int) -> Move | None:
    """Whoever said she would come is waited for: came, or has not come within a week of the day."""
    said = appointment if task.contacted is None else task.contacted
    for came, why in ((case.last, "came_bought"), (case.visited, "came")):
        if came is not None and said <= came <= appointment + COMES_WITHIN:
            return _close(task, "done", why, came)
    if day > appointment + COMES_WITHIN:
        return _close(task, "expired", "no_show", appointment + COMES_WITHIN + 1)
    return Move(task.id, {"type": case.type}) if task.type != case.type else None


def _why_stopped(case: Case, shop: ShopFacts, task: Stored) -> str:
    if case.complained is not None and task.rule in SELLING:
        return "complaint"
    if task.rule == "C1":
        return "settled"
    rule = shop.rule(task.rule) or _UNCHANGED.get(task.rule)
    stops = () if rule is None else rule.stops
    ignored = () if rule is None else set(_UNCHANGED.get(task.rule, rule).stops).difference(stops)
    if "returned" in stops and _since(case.returned, task.anchor):
        return "returned"
    if task.rule in ("E1", "N1"):  # invited before the day itself: what she did since counts
        since = min(task.anchor, task.due if task.contacted is None else task.contacted)
        if "bought" in stops and _since(case.last, since):
            return "bought"
        if "visited" in stops and _visited_since(case, since):
            return "visited"
        return "type" if case.type != task.type else "over"
    same_day = "bought" in stops or task.rule == "P1" or (task.rule == MANUAL and not task.after_purchase)
    bought = case.last is not None and case.last >= task.anchor + (not same_day)
    if bought and "bought" not in ignored:
        return "bought"
    if "visited" in stops and _visited_since(case, task.anchor):
        return "visited"
    if case.visited is not None and case.visited > task.anchor and "visited" not in ignored:
        return "visited"
    if case.type != task.type:
        return "type"
    return "contacted" if case.contacts else "over"


# ---------------------------------------------------------------- what an outcome does


class Effect(NamedTuple):
    """What follows from an outcome: new values of the to-do (days as day numbers) and of the member."""

    task: dict[str, object]
    pause_until: int | None = None
    never: bool = False
    wrong_number: bool = False


def effect(
    task: Stored,
    draft: OutcomeDraft,
    day: int,
    *,
    may_message: bool,
    pause_days: int = 90,
    retry_days: int = 2,
    most_tries: int = TRIES,
    later_days: int = 3,
) -> Effect:
    """The next step after an outcome (UI 12); `draft.next_day` wins over the default days."""
    chosen = None if draft.next_day is None else draft.next_day.toordinal()
    kept: dict[str, object] = {"outcome": draft.outcome, "copied_at": None}
    done: dict[str, object] = {**kept, "state": "done", "closed_on": day, "closed_why": draft.outcome}
    if draft.outcome == "no_answer":
        if task.tries >= most_tries:
            return Effect({**done, "tries": task.tries + 1})
        tired = task.tries + 1 >= most_tries
        due = chosen or day + (SPACING if tired else retry_days)
        channel = "message" if tired and may_message else task.channel
        again: dict[str, object] = {"tries": task.tries + 1, "channel": channel, "appointment": None}
        return Effect({**kept, **again, **_on(task, due)})
    if draft.outcome == "will_come":
        due = chosen or day + 1
        return Effect({**kept, "due": due, "expires": due + COMES_WITHIN, "appointment": due})
    if draft.outcome == "later":
        due = chosen or day + later_days
        return Effect({**kept, "snoozes": task.snoozes + 1, **_on(task, due), "appointment": None})
    if draft.outcome == "refused":
        return Effect(done, pause_until=day + pause_days, never=draft.reason == "never")
    return Effect(done, wrong_number=draft.outcome == "wrong_number")


def _on(task: Stored, due: int) -> dict[str, object]:
    # A day agreed on outlives the rule's own expiry, and leaves a week to keep it.
    return {"due": due, "expires": max(task.expires, due + SPACING)}


# ---------------------------------------------------------------- the day list


class Listed(NamedTuple):
    """One open to-do as a candidate for today's list; `staff` is the member's own assistant."""

    id: int
    member: int
    type: TypeKey
    due: int
    priority: float
    appointment: int | None
    is_promised: bool
    staff: int | None = None


def late_since(due: int, day: int, *, is_promised: bool, seen: int | None) -> int:
    """The day from which a to-do counts as late; `seen` is the day it first stood on a list.

    Nobody is late with what nobody could have seen: it waited behind the capacity, or the shop was closed.
    """
    if seen is not None:
        return max(due, min(seen, day))
    return due if is_promised else day


def day_list(
    tasks: Iterable[Listed],
    day: int,
    places: int,
    seen: Mapping[int, int],
    forward: Collection[int] = (),
    most: Mapping[TypeKey, int] = NO_LIMITS,
) -> tuple[list[Listed], Iterator[Listed]]:
    """What is shown today in working order, and what waits behind the `places`, read on only when asked for.

    `tasks` come promised ones first, then by priority and id; tens of thousands may. One to-do a member.
    Promised ones always have a place; those brought `forward`, which come before all others, take none of
    the `places`. Of a type in `most` no more than so many are shown but for these. Shown: late ones first
    (the oldest before the others), then who said she comes today, then by type and priority.
    """
    ranked = _first_of_each(tasks)
    shown: list[Listed] = []
    behind: list[Listed] = []
    left = dict(most)
    for task in ranked:
        if task.id in forward:
            places += 1
        elif task.is_promised:
            if task.type in left:
                left[task.type] = max(0, left[task.type] - 1)
        elif len(shown) >= places or (len(left) == len(TYPE_KEYS) and not any(left.values())):
            behind.append(task)
            break
        elif task.type in left:
            if not left[task.type]:
                behind.append(task)
                continue
            left[task.type] -= 1
        shown.append(task)
    shown.sort(key=lambda task: _order(task, day, seen.get(task.id)))
    return shown, chain(behind, ranked)


def _first_of_each(tasks: Iterable[Listed]) -> Iterator[Listed]:
    members: set[int] = set()
    for task in tasks:
        if task.member not in members:
            members.add(task.member)
            yield task


def _order(task: Listed, day: int, seen: int | None) -> tuple[int, bool, int, float, int]:
    since = late_since(task.due, day, is_promised=task.is_promised, seen=seen)
    return min(since, day), task.appointment != day, TYPE_KEYS.index(task.type), -task.priority, task.id
