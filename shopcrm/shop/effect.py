"""Did the follow-ups help: what followed on contacts, leaving people out to compare with, learning from both.

"Within so many days after a contact" is all that is ever said: who bought might have bought anyway. Only the
comparison with those left out at random tells more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, cast

from shopcrm.basics.errors import InputError
from shopcrm.basics.records import (
    TYPE_KEYS,
    AwayRow,
    Done,
    Effect,
    EffectAsk,
    EffectRow,
    Holdout,
    HoldoutRow,
    MemberId,
    TypeKey,
    WordingGap,
)
from shopcrm.basics.settings import SETTINGS
from shopcrm.basics.texts import has, t
from shopcrm.rules import followups as rules
from shopcrm.rules import holdout as lots
from shopcrm.rules import templates, uplift
from shopcrm.store import Rx, listing, settings
from shopcrm.store import effect as rows

if TYPE_CHECKING:
    from shopcrm.shop import Shop

_SALT_BYTES = 8
_LEAST_GAIN = 0.05  # percentage points: by chance a rule may look harmful, and keeps a place at the end


class Comparing:
    """Leaving some of a rule's members out, so that the others can be compared with them."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def leave_out(self, rule: str, share: float) -> Done[None]:
        """Leave this share of a rule's members out from now on, drawn anew each quarter; 0: nobody.

        Who has the to-do keeps it, and what was drawn stays on file. InputError of field holdout for a rule
        that leaves nobody out, a shop below 200 members, or a share that is not from 0.1 to 0.5; RightsError.
        """
        shop = self._shop
        rx = shop.store.read()
        if rule not in rules.HOLDABLE:
            raise InputError("holdout", "holdout_rule")
        if share and listing.total(rx) < lots.LEAST_MEMBERS:
            raise InputError("holdout", "holdout_few", n=lots.LEAST_MEMBERS)
        shares = shares_of(rx) | {rule: share}
        values: dict[str, object] = {"holdout": {key: part for key, part in shares.items() if part}}
        if not settings.value(rx, "holdout.salt"):
            made_of = f"{shop.clock().isoformat()}|{settings.value(rx, 'shop.name')}|{listing.total(rx)}"
            values["holdout.salt"] = blake2b(made_of.encode(), digest_size=_SALT_BYTES).hexdigest()
        checked = {key: SETTINGS[key].check(value) for key, value in values.items()}
        with shop.write("setting.set") as tx:
            changed = [key for key, value in checked.items() if settings.put(tx, key, value)]
            shop.settings.follow(tx, changed)
            if share:
                return tx.done(None, "done.holdout", rule=rule_name(rule), share=f"{share:.0%}")
            return tx.done(None, "done.holdout.none", rule=rule_name(rule))


def shares_of(rx: Rx) -> dict[str, float]:
    """Which share of its members each rule leaves out; rules that leave nobody out are not named."""
    return dict(cast("Mapping[str, float]", settings.value(rx, "holdout")))


# ---------------------------------------------------------------- what followed on contacts


def effect(rx: Rx, first: date, day: date) -> Effect:
    """The contacts from `first` to `day`, and what came of them until then."""
    days = _days(rx)
    sums = rows.sums(rx, first.toordinal(), day.toordinal(), day.toordinal(), days)
    people = {str(person.id): person.name for person in settings.staff(rx)}
    words = rows.own_wordings(rx)

    def named_wording(template: str) -> str:
        return wording_name(template, words)

    return Effect(
        first, day, days, _row("", "", sums),
        _grouped(sums, lambda one: one.rule, rule_name),
        tuple(_row(key, t(f"type.{key}"), [one for one in sums if one.type == key]) for key in TYPE_KEYS),
        tuple(
            row._replace(occasion=occasion_of(row.key, words))
            for row in _grouped(sums, lambda one: one.template, named_wording) if row.key
        ),
        _grouped(sums, lambda one: one.staff, lambda key: people.get(key, "")),
    )  # fmt: skip


def _days(rx: Rx) -> int:
    days = settings.value(rx, "effect_days")
    assert isinstance(days, int)
    return days


def _grouped(
    sums: Sequence[rows.Sum], key_of: Callable[[rows.Sum], str], name_of: Callable[[str], str]
) -> tuple[EffectRow, ...]:
    """A row for each key: those with enough contacts by their share, then the others by their number; what
    has no key is last."""
    parts: dict[str, list[rows.Sum]] = {}
    for one in sums:
        parts.setdefault(key_of(one), []).append(one)
    found = [_row(key, name_of(key), part) for key, part in parts.items()]
    return tuple(
        sorted(found, key=lambda row: (
            not row.key, not row.over.is_enough, -row.over.share if row.over.is_enough else 0.0,
            -row.contacts, row.key,
        ))
    )  # fmt: skip


def _row(key: str, name: str, sums: Iterable[rows.Sum]) -> EffectRow:
    counts = [one[4:] for one in sums]
    contacts, reached, will_come, came, bought, fen, over, over_bought = (
        map(sum, zip(*counts, strict=True)) if counts else (0,) * 8
    )
    return EffectRow(
        key, name, contacts, reached, will_come, came, bought, fen, uplift.rate(over_bought, over)
    )


def people(rx: Rx, ask: EffectAsk, day: date) -> tuple[MemberId, ...]:
    """Who stands behind a figure of `effect`, each once."""
    return tuple(map(MemberId, rows.members(rx, ask, day.toordinal(), _days(rx))))


def rule_name(key: str) -> str:
    """A rule in the words of the screen; contacts without a to-do have none."""
    if not key:
        return t("effect.norule")
    return t(f"rule.{key}") if has(f"rule.{key}") else t(templates.occasion(key, 1))


def occasion_of(template: str, own: Mapping[str, tuple[str, str]]) -> str:
    """The occasion of a wording; "" where it is gone."""
    if template.startswith("own:"):
        return own.get(template, ("", ""))[0]
    name = template.rpartition(".")[0]
    return name if has(name) else ""


def wording_name(template: str, own: Mapping[str, tuple[str, str]]) -> str:
    """A wording in the words of the screen: its occasion, and which of the wordings it is."""
    name = occasion_of(template, own)
    if not name:
        return t("effect.wording.gone")
    if template.startswith("own:"):
        return t("effect.wording.own", occasion=t(name), name=own[template][1])
    return t("effect.wording", occasion=t(name), n=template.rpartition(".")[2])


def wordings_compared(wordings: Iterable[EffectRow]) -> tuple[WordingGap, ...]:
    """Of each occasion the two wordings used most, compared; the more were compared, the more would differ by
    chance."""
    occasions: dict[str, list[EffectRow]] = {}
    for row in wordings:
        if row.occasion:
            occasions.setdefault(row.occasion, []).append(row)
    found = []
    for occasion, used in occasions.items():
        if len(used) > 1:
            first, second = sorted(used, key=lambda row: (-row.over.of, row.key))[:2]
            gap = uplift.gap(first.over, second.over)
            found.append(WordingGap(t(occasion), first, second, gap))
    return tuple(sorted(found, key=lambda one: -one.gap.first.of - one.gap.second.of))


# ---------------------------------------------------------------- those left out


def holdout(rx: Rx, day: date) -> Holdout:
    """The comparison of every rule that may leave somebody out, over everything ever drawn."""
    days, shares = _days(rx), shares_of(rx)
    drawn = rows.drawn(rx, day.toordinal(), days)
    nobody = rows.Drawn(0, 0, 0, 0)
    had: dict[str, set[object]] = {}
    for version in settings.versions(rx, "holdout"):
        for rule, share in cast("Mapping[str, object]", version.value).items():
            had.setdefault(rule, set()).add(share)
    found = []
    for rule in rules.HOLDABLE:
        listed, held = drawn.get((rule, False), nobody), drawn.get((rule, True), nobody)
        gap = uplift.gap(uplift.rate(listed.bought, listed.of), uplift.rate(held.bought, held.of))
        found.append(HoldoutRow(
            rule, rule_name(rule), shares.get(rule, 0.0), gap, listed.contacted,
            listed.running + held.running, is_mixed=len(had.get(rule, ())) > 1,
        ))  # fmt: skip
    return Holdout(listing.total(rx), lots.LEAST_MEMBERS, days, tuple(found))


def drawn(rx: Rx, rule: str, *, held: bool) -> tuple[MemberId, ...]:
    """Who was drawn into one group of a rule."""
    return tuple(map(MemberId, rows.drawn_members(rx, rule, held=held)))


# ---------------------------------------------------------------- learning


def gains(rx: Rx, day: date) -> dict[str, float]:
    """What a contact of each rule was worth in this shop, in percentage points; rules with too few contacts
    are not named.

    Of contacts whose 30 days were over when the month of `day` began: the same for a whole month, as the
    limits of the types are.
    """
    until = day.replace(day=1) - timedelta(days=1)
    of: dict[str, list[rows.Learned]] = {}
    for one in rows.learned(rx, until.toordinal()):
        of.setdefault(one.rule, []).append(one)
    found = {}
    for rule, parts in of.items():
        contacts = sum(one.contacts for one in parts)
        prior = sum(rules.GAIN[one.type] * one.contacts for one in parts) / contacts
        bought, expected = sum(one.bought for one in parts), sum(one.expected for one in parts)
        gain = uplift.learned_gain(prior, contacts, bought, expected)
        if gain is not None:
            found[rule] = max(_LEAST_GAIN, round(gain, 2))
    return found


# ---------------------------------------------------------------- why people stay away


def away(rx: Rx, first: date, day: date) -> tuple[AwayRow, ...]:
    """The reasons given from `first` to `day`, the most frequent first; each member counts once a reason."""
    found = [
        AwayRow(reason, reason_name(reason), sum(types.values()), cast("Mapping[TypeKey, int]", types))
        for reason, types in rows.away(rx, first.toordinal(), day.toordinal()).items()
    ]
    return tuple(sorted(found, key=lambda row: (-row.members, row.reason)))


def away_people(rx: Rx, reason: str, kind: str, first: date, day: date) -> tuple[MemberId, ...]:
    """Who gave a reason, of one type or "" of all."""
    return tuple(map(MemberId, rows.away_members(rx, reason, kind, first.toordinal(), day.toordinal())))


def reason_name(reason: str) -> str:
    """A reason in the words of the screen; one from another program's file stands as it was written."""
    return t(f"out.r.{reason}") if has(f"out.r.{reason}") else reason
