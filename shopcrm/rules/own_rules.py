"""What an owner may change of the follow-up rules, and the rules as they are in force with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from shopcrm.basics.errors import InputError
from shopcrm.basics.records import STOPS, TYPE_KEYS, RuleRow, RuleValues, TypeKey
from shopcrm.rules.followups import LAPSED, RULES, VISITS, Rule

_MOST_STEP, _MOST_EXPIRES, _MOST_AGAIN = 180, 240, 365  # days an owner may set
_MOST_SHORT = 60  # the same of rules whose reason is soon forgotten, or has the next one behind it
_SHORT = frozenset(("L1", "S1", "L3", "D3", "D5", "X3", "E1", "H1", "N1"))


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
                VISITS if rule.types.issubset(leave) and "visited" in rule.may_stop else (),
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
