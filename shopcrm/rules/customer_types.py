"""The four customer types as one ordered table, and the verdict on a member (CLASSIFICATION 4, 5 and 6).

A rule is a row of comparisons. The same objects decide, word the evidence on the card, and say what is still
missing: an explanation cannot part from the decision. A further type is a further row of `TYPES`.
Amounts are fen, times are days.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from shopcrm.basics.records import Evidence, Sentence, TypeKey, Verdict
from shopcrm.basics.values import show_money
from shopcrm.rules.calibration import Limits
from shopcrm.rules.facts import Facts

# ---------------------------------------------------------------- figures

_MEMBER: Final = (
    "n", "silence", "n12", "spend12", "months12", "eff12", "rising", "hot_visits", "alive_visits", "reg_age",
    "ticket", "rhythm", "lost_limit", "loyal_limit", "stay_limit", "friends", "short", "spend",
)  # fmt: skip
_SHOP: Final = (
    "loyal_purchases", "loyal_spend", "vip_spend", "stay_purchases", "stay_spend", "stay_vip", "loyal_months",
    "vip_purchases", "grace", "new_buyer", "hot_needed", "rising_needed", "rising_days", "visit_days",
    "power_days", "power_ticket", "power_keep", "slipping", "none", "one", "two",
)  # fmt: skip
SHOP_FIGURES: Final = frozenset(_SHOP)
_OWN: Final = (
    "once", "repeat", "frequent", "frequent_n", "lost_mult", "lost_max", "prior", "gap", "loyal",
    "loyal_mult", "exit_mult", "credit_each", "credit_max", "line",
)  # fmt: skip
_EXIT, _LINE = _OWN.index("exit_mult"), _OWN.index("line")
_PLACE: Final[Mapping[str, int]] = {name: i for i, name in enumerate(_MEMBER + _SHOP)}

Figures = Sequence[float]
Plan = tuple[Callable[[float, float], bool], int, int]  # an operator and the places of two figures

_INF: Final = math.inf


class Candidate(NamedTuple):
    """A rule that is still open once the number of purchases and the former type are known."""

    type: TypeKey
    rank: int
    rule: Rule
    plan: tuple[Plan, ...]  # the tests that are left


class Yardstick(NamedTuple):
    """The limits of the shop laid out for measuring many members; made once with `yardstick`."""

    limits: Limits
    own: tuple[float, ...]  # what a member's own limits are made of, as `figures` unpacks it
    shop: tuple[float, ...]
    candidates: Mapping[
        tuple[int, str | None], tuple[Candidate, ...]
    ]  # by 0, 1, 2 or more purchases and type
    ranks: Mapping[str, int]

    def named(self) -> dict[str, float]:
        """The shop's figures and what a member's own limits are made of, by name."""
        return dict(zip(_SHOP + _OWN, map(float, self.shop + self.own), strict=True))


def yardstick(limits: Limits, types: tuple[CustomerType, ...] | None = None) -> Yardstick:
    """The shop's half of every comparison, and which rules are open to whom."""
    s, c = limits.settings, limits.calibration
    types = types or TYPES
    shop = (
        c.loyal_purchases, c.loyal_spend, c.vip_spend, c.loyal_purchases - s.loyal_exit_purchases,
        round(s.loyal_exit_spend * c.loyal_spend, 6), round(s.loyal_exit_spend * c.vip_spend, 6),
        s.loyal_min_months,
        s.vip_min_purchases, s.grace_days, s.new_buyer_days, s.hot_visits, s.rising_purchases, s.rising_days,
        s.hot_visit_days, s.power_silence_span * c.span, c.power_ticket,
        round(s.power_exit * c.power_ticket, 6), max(c.loyal_purchases - 1, 2), 0, 1, 2,
    )  # fmt: skip
    own = (
        limits.lost_once, limits.lost_repeat, limits.lost_frequent, s.frequent_purchases, s.lost_rhythm_mult,
        s.lost_max, s.rhythm_prior_gaps, c.typical_gap, s.loyal_silence_span * c.span, s.loyal_silence_rhythm,
        s.loyal_exit_silence, s.referral_credit, s.referral_credit_max, c.loyal_purchases,
    )  # fmt: skip
    return Yardstick(
        limits,
        own,
        shop,
        {
            (n, former): tuple(_candidates(types, shop, n, former))
            for n in (0, 1, 2)
            for former in (None, *(row.key for row in types))
        },
        {row.key: row.rank for row in types},
    )


def _candidates(
    types: tuple[CustomerType, ...], shop: tuple[float, ...], n: int, former: str | None
) -> Iterator[Candidate]:
    """The rules open to members with n (2 = or more) purchases, without the tests settled by that."""
    figs = [n, *(0.0,) * (len(_MEMBER) - 1), *shop]
    for row in types:
        for rule in row.rules:
            if (former == row.key or not rule.stays) and all(test.holds(figs) for test in rule.settled):
                yield Candidate(row.key, row.rank, rule, rule.plan)


def figures(facts: Facts, measure: Yardstick) -> Figures:
    """All figures the comparisons are about: the member's own, her limits (section 4), and the shop's."""
    (
        _, day, n, first, last, spend, n12, spend12, months12, rising, _, _, hot, alive, friends, joined, _,
    ) = facts  # fmt: skip
    rhythm, lost, loyal, credit = waits(n, last - first, friends, measure)
    stay = measure.own[_EXIT] * loyal
    short = measure.own[_LINE] - n12 - credit
    return (
        n, day - last if n else _INF, n12, spend12, months12, n12 + credit, rising, hot, alive,
        _INF if joined is None else day - joined,
        spend / n if n else 0.0, rhythm, lost, loyal, stay if stay < lost else lost, friends,
        short if short > 0 else 0, spend, *measure.shop,
    )  # fmt: skip


def waits(n: int, span: int, friends: int, measure: Yardstick) -> tuple[float, float, float, float]:
    """Of who bought on n days, `span` days from the first to the last, and brought so many friends: her
    rhythm, lost_limit and loyal_limit in days (section 4), and what the friends count among her purchases."""
    (
        lost, repeat, frequent, frequent_n, lost_mult, lost_max, prior, gap, loyal, loyal_mult, _,
        credit_each, credit_max, _,
    ) = measure.own  # fmt: skip
    rhythm = 0.0
    if n:
        if n > 1:
            lost = frequent if n >= frequent_n else repeat
            rhythm = (prior * gap + span) / (prior + n - 1)
            if loyal < loyal_mult * rhythm:
                loyal = loyal_mult * rhythm
            if lost < lost_mult * rhythm:
                lost = min(lost_mult * rhythm, max(lost_max, lost))
        if loyal > lost:
            loyal = lost
    return rhythm, lost, loyal, min(friends * credit_each, credit_max) if friends else 0.0


# ---------------------------------------------------------------- wording of figures


def whole(value: float) -> str:
    """A count or a number of days, its fraction cut off: `silence > limit` still reads true."""
    return str(int(value)) if value != _INF else "∞"


def nearest(value: float) -> str:
    """A number of days to the nearest whole one."""
    return str(int(value + 0.5))


def yuan(fen: float) -> str:
    """An amount as on the card, to the nearest yuan: 3,650."""
    return f"{int((fen + 50) // 100):,}"


def _signed(fen: float) -> str:
    """Money of hers to the fen, as it stands on receipts and lists; means and limits to the yuan."""
    return show_money(fen) if isinstance(fen, int) else "¥" + yuan(fen)


# ---------------------------------------------------------------- comparisons and rules

_OPERATORS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    ">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Comparison:
    """One test of a rule: two figures by name, and the line of evidence (ev.*) it makes, if any."""

    left: str
    sign: str
    right: str
    line: str = ""
    word: Callable[[float], str] = whole

    @property
    def plan(self) -> Plan:
        """The operator and the places of its two figures."""
        return _OPERATORS[self.sign], _PLACE[self.left], _PLACE[self.right]

    @property
    def is_settled(self) -> bool:
        """Whether the shop's figures and having bought never, once or more often decide it."""
        return self.left in _SHOP or (self.left == "n" and self.right in ("none", "one", "two"))

    def holds(self, figs: Figures) -> bool:
        """Whether the test is passed."""
        compare, left, right = self.plan
        return compare(figs[left], figs[right])

    def evidence(self, figs: Figures) -> Evidence:
        """The line of evidence with both figures filled in."""
        a, b = figs[_PLACE[self.left]], figs[_PLACE[self.right]]
        values: dict[str, object] = {"a": self.word(a), "b": self.word(b)}
        line = self.line
        if self.left == "eff12" and a != figs[_PLACE["n12"]]:
            line, values["n"] = "ev.n.friends", whole(figs[_PLACE["n12"]])
        return Evidence(Sentence(line, values), self.holds(figs))


Word = tuple[str, str, Callable[[float], str]]  # placeholder of the reason, figure, wording


class Rule:
    """All comparisons must hold; `stays` = only for a member who already is of that type."""

    __slots__ = ("code", "form", "places", "plan", "settled", "stays", "tests", "words")

    def __init__(
        self, code: str, tests: tuple[Comparison, ...], words: tuple[Word, ...], *, stays: bool = False
    ) -> None:
        self.code = code
        self.tests = tests
        self.words = words
        self.stays = stays
        self.places = tuple((name, _PLACE[figure], word) for name, figure, word in words)
        self.settled = [test for test in tests if test.is_settled]
        self.plan = tuple(test.plan for test in tests if not test.is_settled)
        self.form = "{" + ", ".join(f'"{name}": "%s"' for name, _, _ in words) + "}"


@dataclass(frozen=True, slots=True)
class CustomerType:
    """One type: key, place in the ladder (more is better), the code of a refused rise from it, its rules."""

    key: TypeKey
    rank: int
    held: str
    rules: tuple[Rule, ...]


def _money(left: str, right: str, line: str = "ev.amt") -> Comparison:
    return Comparison(left, ">=", right, line, _signed)


_BOUGHT = Comparison("n", ">=", "one")
_REPEATS = Comparison("n", ">=", "two")
_NEVER = Comparison("n", "<=", "none", "ev.never")
_ENOUGH = Comparison("eff12", ">=", "loyal_purchases", "ev.n")
_SPENT = _money("spend12", "loyal_spend")
_MONTHS = Comparison("months12", ">=", "loyal_months", "ev.months")
_RECENT = Comparison("silence", "<=", "loyal_limit", "ev.recent")
_OVERDUE = Comparison("silence", ">", "lost_limit", "ev.lost")
_STAYS = Comparison("silence", "<=", "stay_limit", "ev.recent")
_VISITED = Comparison("hot_visits", ">=", "hot_needed", "ev.visits")
_VIPS = Comparison("vip_spend", ">", "none")
_KEPT_WORDS: tuple[Word, ...] = (
    ("n12", "n12", whole), ("short", "short", whole), ("spend12", "spend12", yuan),
    ("silence", "silence", whole),
)  # fmt: skip
_POWER_WORDS: tuple[Word, ...] = (
    ("ticket", "ticket", yuan), ("line", "power_ticket", yuan), ("silence", "silence", whole),
    ("n12", "n12", whole),
)  # fmt: skip

# First row that holds wins; within a row first rule; the last rule of the last row asks nothing.
TYPES: Final[tuple[CustomerType, ...]] = (
    CustomerType("lost", 0, "LOST_HELD", (
        Rule(
            "LOST_SILENT",
            (_BOUGHT, _OVERDUE, Comparison("alive_visits", "<", "one")),
            (("n", "n", whole), ("silence", "silence", whole), ("limit", "lost_limit", whole),
             ("rhythm", "rhythm", nearest)),
        ),
    )),
    CustomerType("loyal", 3, "", (
        Rule(
            "LOYAL_FREQ",
            (_REPEATS, _ENOUGH, _SPENT, _RECENT, _MONTHS),
            (("n12", "n12", whole), ("friends", "friends", whole), ("line", "loyal_purchases", whole),
             ("spend12", "spend12", yuan), ("spend_line", "loyal_spend", yuan), ("silence", "silence", whole),
             ("limit", "loyal_limit", whole)),
        ),
        Rule(
            "LOYAL_VIP",
            (_REPEATS, Comparison("n12", ">=", "vip_purchases", "ev.n"), _VIPS,
             _money("spend12", "vip_spend", "ev.vip"), _RECENT, _MONTHS),
            (("n12", "n12", whole), ("spend12", "spend12", yuan), ("line", "vip_spend", yuan),
             ("silence", "silence", whole)),
        ),
        Rule(
            "LOYAL_KEPT",
            (_REPEATS, Comparison("eff12", ">=", "stay_purchases", "ev.n"),
             _money("spend12", "stay_spend"), _STAYS),
            _KEPT_WORDS, stays=True,
        ),
        Rule(
            "LOYAL_KEPT",
            (_REPEATS, Comparison("n12", ">=", "vip_purchases", "ev.n"), _VIPS,
             _money("spend12", "stay_vip", "ev.vip"), _STAYS),
            _KEPT_WORDS, stays=True,
        ),
    )),
    CustomerType("potential", 2, "POT_HELD", (
        Rule(
            "POT_VISIT_NOBUY", (_NEVER, _VISITED),
            (("days", "visit_days", whole), ("visits", "hot_visits", whole)),
        ),
        Rule(
            "POT_VISIT", (_BOUGHT, _VISITED),
            (("silence", "silence", whole), ("visits", "hot_visits", whole)),
        ),
        Rule(
            "POT_NEW_MEMBER",
            (_NEVER, Comparison("reg_age", "<=", "grace", "ev.joined")),
            (("days", "reg_age", whole),),
        ),
        Rule(
            "POT_NEW_BUYER",
            (_BOUGHT, Comparison("n", "<=", "one"), Comparison("silence", "<=", "new_buyer", "ev.first")),
            (("silence", "silence", whole), ("spend", "spend", yuan)),
        ),
        Rule(
            "POT_RISING",
            (_REPEATS, Comparison("rising", ">=", "rising_needed", "ev.rising")),
            (("rising", "rising", whole), ("days", "rising_days", whole), ("n12", "n12", whole),
             ("spend12", "spend12", yuan), ("line", "loyal_purchases", whole),
             ("spend_line", "loyal_spend", yuan)),
        ),
        Rule(
            "POT_POWER",
            (_BOUGHT, Comparison("silence", "<=", "power_days", "ev.recent"),
             Comparison("power_ticket", ">", "none"), _money("ticket", "power_ticket", "ev.ticket")),
            _POWER_WORDS,
        ),
        Rule(
            "POT_POWER",
            (_BOUGHT, Comparison("silence", "<=", "power_days", "ev.recent"),
             Comparison("power_ticket", ">", "none"), _money("ticket", "power_keep", "ev.ticket")),
            _POWER_WORDS, stays=True,
        ),
    )),
    CustomerType("drifting", 1, "DRIFT_HELD", (
        Rule(
            "DRIFT_NEVER", (_NEVER,),
            (("joined", "reg_age", whole), ("days", "visit_days", whole)),
        ),
        Rule(
            "DRIFT_SLIPPING",
            (_BOUGHT, Comparison("n12", ">=", "slipping", "ev.n"), Comparison("silence", ">", "loyal_limit")),
            (("n12", "n12", whole), ("silence", "silence", whole), ("limit", "loyal_limit", whole)),
        ),
        Rule(
            "DRIFT_OCCASIONAL", (),
            (("n12", "n12", whole), ("spend12", "spend12", yuan), ("ticket", "ticket", yuan),
             ("silence", "silence", whole), ("limit", "lost_limit", whole)),
        ),
    )),
)  # fmt: skip

_HELD_WORDS = (("n", "n", whole), ("silence", "silence", whole))
HELD: Final[Mapping[str, Rule]] = {row.key: Rule(row.held, (), _HELD_WORDS) for row in TYPES}
CODES: Final[tuple[str, ...]] = tuple(
    dict.fromkeys(code for row in TYPES for code in (*(rule.code for rule in row.rules), row.held) if code)
)


# ---------------------------------------------------------------- deciding


class Stored(NamedTuple):
    """The classification on file: its type, and whether the member did anything (or was edited) since."""

    type: TypeKey
    acted: bool


class Decision(NamedTuple):
    """A type with the rule that gave it; `values` words its reason, `explain` its evidence."""

    type: TypeKey
    rule: Rule
    figures: Figures

    @property
    def code(self) -> str:
        """The reason code, as stored."""
        return self.rule.code

    def values(self) -> dict[str, str]:
        """What fills the placeholders of the reason; `reason_of(code, values)` is the sentence."""
        figs = self.figures
        return {name: word(figs[place]) for name, place, word in self.rule.places}

    def vals(self) -> str:
        """The same as JSON; digits, commas and signs need no escaping."""
        figs = self.figures
        return self.rule.form % tuple([word(figs[place]) for _, place, word in self.rule.places])


def decide(facts: Facts, measure: Yardstick, stored: Stored | None = None) -> Decision:
    """The one type of the member (section 5), with hysteresis and no rise without an own action (5.6)."""
    figs = figures(facts, measure)
    n = facts.n
    former = None if stored is None else stored.type
    for key, rank, rule, plan in measure.candidates[n if n < 2 else 2, former]:
        for compare, left, right in plan:
            if not compare(figs[left], figs[right]):
                break
        else:
            if stored is not None and not stored.acted and rank > measure.ranks[stored.type]:
                return Decision(stored.type, HELD[stored.type], figs)
            return Decision(key, rule, figs)
    raise AssertionError("the last rule asks nothing")  # pragma: no cover


def explain(decision: Decision) -> tuple[Evidence, ...]:
    """What the verdict was measured by, line by line; then what a loyal one needs, and the line to lost."""
    figs = decision.figures
    tests = [test for test in decision.rule.tests if test.line]
    if decision.type != _BEST.key:
        tests += [test for test in _BEST.rules[0].tests if test.line] if figs[_PLACE["n"]] else [_MISSING]
    if figs[_PLACE["n"]]:
        tests.append(_OVERDUE)
    lines: dict[str, Evidence] = {}
    for test in tests:
        line = test.evidence(figs)
        lines.setdefault(line.sentence.id, line)
    return tuple(lines.values())


_BEST: Final = max(TYPES, key=lambda row: row.rank)
_MISSING: Final = Comparison("eff12", ">=", "loyal_purchases", "ev.miss")


def score(facts: Facts, limits: Limits) -> float:
    """How likely she buys again (6.1): fading points, lifted by season and ticket, lowered by silence."""
    if not facts.n:
        return 0.0
    s, c = limits.settings, limits.calibration
    mid = c.ticket_mid
    factor = 1.0
    if mid > 0 and facts.spend > 0:
        ratio = facts.spend / (facts.n * mid)
        factor = float(max(1 / s.ticket_clip, min(ratio, s.ticket_clip)) ** s.ticket_power)
    quiet = float((1 + (facts.day - facts.last) / c.span) ** -s.recency_power)
    return (facts.points + s.season_weight * facts.season) * factor * quiet


def classify(facts: Facts, limits: Limits, stored: Stored | None = None) -> Verdict:
    """The verdict on one member: type, reason, score and evidence; the chance is the shop's to add."""
    decision = decide(facts, yardstick(limits), stored)
    return Verdict(
        decision.type,
        decision.code,
        reason_of(decision.code, decision.values()),
        score(facts, limits),
        explain(decision),
    )


def reason_of(code: str, values: Mapping[str, object]) -> Sentence:
    """The reason sentence of a stored code and its values; a few codes have a second wording."""
    name = "reason." + code.lower()
    for figure, among, given, wording in _VARIANTS.get(code, ()):
        if figure in values and (values[figure] in given) == among:
            return Sentence(name + "." + wording, values)
    return Sentence(name, values)


_IS, _IS_NOT = True, False
# code: a figure of the reason, whether it is one of these or none of them, and the wording it calls for
_VARIANTS: Final[Mapping[str, tuple[tuple[str, bool, tuple[str, ...], str], ...]]] = {
    "LOYAL_FREQ": (("friends", _IS, ("1",), "friend"), ("friends", _IS_NOT, ("0",), "friends")),
    "LOYAL_KEPT": (("short", _IS, ("0",), "enough"),),
    "POT_VISIT_NOBUY": (("visits", _IS_NOT, ("1",), "more"),),
    "POT_NEW_MEMBER": (("days", _IS, ("0",), "today"),),
    "POT_NEW_BUYER": (("silence", _IS, ("0",), "today"),),
    "POT_RISING": (("days", _IS_NOT, ("180",), "days"),),
    "POT_POWER": (("n12", _IS, ("0",), "none"), ("n12", _IS_NOT, ("1",), "more")),
    "POT_HELD": (("n", _IS, ("0",), "never"),),
    "DRIFT_OCCASIONAL": (("n12", _IS, ("0",), "none"), ("n12", _IS, ("1",), "one")),
    "DRIFT_NEVER": (("joined", _IS, ("∞",), "unknown"),),
    "DRIFT_HELD": (("n", _IS, ("0",), "never"),),
    "LOST_SILENT": (("n", _IS, ("1",), "once"),),
}


# ---------------------------------------------------------------- chance of a purchase within 90 days (6.3)

_A0: Final = math.log(0.25 / 0.75)
_B0: Final = 1.2
_PENALTY_A: Final = 1.0
_PENALTY_B: Final = 30.0
_LEAST_OBSERVATIONS: Final = 300  # with fewer the figure was off by up to 0.26: show nothing


class Chance(NamedTuple):
    """The fitted curve from score to probability; `n` is how many observations it stands on."""

    a: float = _A0
    b: float = _B0
    n: int = 0

    def of(self, points: float) -> float | None:
        """Probability of a purchase within 90 days at this score; None while the fit may not be shown."""
        if self.n < _LEAST_OBSERVATIONS:
            return None
        return _logistic(self.a + self.b * _log_score(points))


def _log_score(points: float) -> float:
    return math.log(points + 1e-6)


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def fit_chance(observed: Iterable[tuple[float, bool]]) -> Chance:
    """The curve that fits (score then, bought in the 90 days after), by Newton with the penalties of 6.3."""
    data = [(_log_score(points), bought) for points, bought in observed]
    a, b = _A0, _B0
    for _ in range(50):  # pragma: no branch - it settles in less than ten
        grad_a, grad_b = _PENALTY_A * (a - _A0), _PENALTY_B * (b - _B0)
        aa, ab, bb = _PENALTY_A, 0.0, _PENALTY_B
        for x, bought in data:
            p = _logistic(a + b * x)
            miss, weight = p - bought, p * (1 - p)
            grad_a += miss
            grad_b += miss * x
            aa += weight
            ab += weight * x
            bb += weight * x * x
        size = aa * bb - ab * ab
        step_a = (bb * grad_a - ab * grad_b) / size
        step_b = (aa * grad_b - ab * grad_a) / size
        a, b = a - step_a, b - step_b
        if abs(step_a) + abs(step_b) < 1e-9:
            break
    return Chance(a, b, len(data))
