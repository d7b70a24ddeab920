"""Which member to contact, why, by which day: the follow-up rules as one table (CLASSIFICATION 10).

`wanted` says what should stand on the list by what is known of one member; `rules.reconciling` what must
happen to her stored to-dos so that it does. All is pure: days are `date.toordinal()`, amounts fen, today is
an argument.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from shopcrm.basics.records import TYPE_KEYS, TypeKey
from shopcrm.rules.events import Event

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
DORMANT = 365
LAPSED = 31  # days after its time to which a greeting is still made up for
REFERRAL_ASK = 180
MANUAL_DAYS = 7
ARRIVED_DAYS = 14  # so long it is put by for her
GONE_AWAY = frozenset(("moved", "refused"))  # reasons that end the attempts to win her back
ARRIVED_WEIGHT = 3.0  # as a visit without a purchase: she has said what she wants
LONGEST_CLOSED = 31
OVERDUE = 0.75  # of her silence limit has passed: a loyal member is watched
FARTHEST_BIRTHDAY = 60  # days before a birthday that a first to-do may be due
_SECOND_STAYS = 16  # days the second try at someone nobody could reach stays on the list
AFTER_OFFER = 60  # least days from a win-back offer to the last try

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
    if case.visited is None or is_since(case.last, case.visited):
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
    if season is None or is_since(case.last, season) or not 0 < shop.power_ticket <= case.ticket:
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


_BUYS, _RETURNS, VISITS = ("bought",), ("returned",), ("visited",)
_COMES = _BUYS + VISITS
RULES: tuple[Rule, ...] = (
    Rule(
        "L1", LOYAL, _thanks, (3,), 7, again=30, spaced=False, sells=False,
        stops=_RETURNS, may_stop=_RETURNS + VISITS,
    ),
    Rule("C1", ANY, _complaint, (0,), 365, "call", weight=20.0, spaced=False, sells=False, capped=False),
    Rule("S1", LOYAL, _service, (2,), 7, "call", spaced=False, sells=False),
    Rule("L2", ANY, _birthday, (-7, 0), 3, sells=False, makes_up=True, earliest=-FARTHEST_BIRTHDAY),
    Rule("L3", LOYAL, _new_season, (0,), 21, stops=_BUYS, may_stop=_COMES),
    Rule("L5", LOYAL, _overdue_loyal, (1,), 14, "call", weight=2.0, stops=VISITS, may_stop=VISITS),
    Rule("L6", ANY, _referral, (2,), 14, sells=False),
    Rule("P1", ANY, _visit, (3, 10), 14, weight=3.0, spaced=False),
    Rule("P2", POTENTIAL, _welcome, (1, 14, 45), 60, may_stop=VISITS),
    Rule(
        "P3", POTENTIAL | DRIFTING, _second_purchase, (7, 30, 55), 69, weight=1.5, learns=True,
        stops=_RETURNS, may_stop=_RETURNS + VISITS,
    ),
    Rule("P4", POTENTIAL, _one_step, (14,), 30, again=60),
    Rule("P5", POTENTIAL, _fitting, (0,), 21, again=60, may_stop=VISITS),
    Rule("D1", DRIFTING, _last_window, (75,), 96, learns=True, may_stop=VISITS),
    Rule("D2", DRIFTING, _slipping, (1, 21), 30, "call", weight=2.0, stops=VISITS, may_stop=VISITS),
    Rule("D3", DRIFTING, _offer, (0,), 14, again=60, stops=_BUYS, may_stop=_COMES),
    Rule("D4", DRIFTING, _before_lost, (-30,), 0, earliest=-180, stops=VISITS, may_stop=VISITS),
    Rule("D5", DRIFTING, _never_bought, (0,), 14, again=183, may_stop=VISITS),
    # By telephone who was worth it; the second step counts from the first try.
    Rule("X1", LOST, _survey, (7, 14), 30, "", sells=False, stops=VISITS, may_stop=VISITS),
    Rule("X2", LOST, _win_back, (14,), 30, may_stop=VISITS),
    Rule("X3", LOST, _last_try, (0,), 30, may_stop=VISITS),
    # Their days come from the book of occasions: nobody is greeted or invited before there is one.
    Rule("E1", ANY, _occasion, (0,), 0, ends=True, stops=_BUYS, may_stop=_COMES),
    Rule("H1", ANY, _occasion, (0,), 3, sells=False, ends=True),
    Rule("N1", ANY, _occasion, (0,), 14, ends=True, stops=_BUYS, may_stop=_COMES),
)  # fmt: skip
RULE_KEYS = tuple(rule.key for rule in RULES)
SELLING = frozenset(rule.key for rule in RULES if rule.sells)
UNCHANGED = {rule.key: rule for rule in RULES}  # as recommended
HOLDABLE = tuple(rule.key for rule in RULES if rule.sells)  # may leave somebody out; care and service never


def by_type(rules: Iterable[Rule]) -> Mapping[TypeKey, tuple[Rule, ...]]:
    """The rules that are switched on, for each type in the order of the table."""
    on = [rule for rule in rules if rule.on]
    return {kind: tuple(rule for rule in on if kind in rule.types) for kind in TYPE_KEYS}


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


def is_since(event: int | None, start: int) -> bool:
    return event is not None and event >= start


def _within(event: int | None, day: int, days: int) -> bool:
    return event is not None and day - event < days


def _stored(case: Case, rule: str, anchor: int, step: int) -> Stored | None:
    for task in case.tasks:
        if task.rule == rule and task.anchor == anchor and task.step == step:
            return task
    return None


def visited_since(case: Case, day: int) -> bool:
    """Whether she came to look since that day; the visit at which she bought or registered is none."""
    own = case.last if case.last is not None else case.joined
    return case.visited is not None and case.visited >= day and (own is None or case.visited > own)


def _ended_by(case: Case, rule: Rule, since: int) -> bool:
    """Whether she did since that day what ends the to-dos of a rule."""
    return (
        ("bought" in rule.stops and is_since(case.last, since))
        or ("returned" in rule.stops and is_since(case.returned, since))
        or ("visited" in rule.stops and visited_since(case, since))
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
        if due <= expires or (stored is not None and is_agreed(stored, near or 0, again=in_time)):
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


def is_agreed(task: Stored, day: int, *, again: bool = True) -> bool:
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
