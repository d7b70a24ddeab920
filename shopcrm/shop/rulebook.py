"""The follow-up rules of the shop: what is in force beside what is recommended, what other values would make
of today, and who is kept off the list. Only reads; nothing here is for the window's thread."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType

from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import TYPE_KEYS, MemberId, RuleRow, Sentence, TaskId, TypeKey, WithheldRow
from shopcrm.basics.values import show_day
from shopcrm.rules import followups as rules
from shopcrm.rules import own_rules, reasons, reconciling
from shopcrm.rules.customer_types import yardstick
from shopcrm.shop import followups, types
from shopcrm.shop.settings import checked
from shopcrm.store import Rx, effect, settings, tasks

_AT_ONCE = 2_000
_FEW = 1_000
_NOTHING: Mapping[str, object] = MappingProxyType({})


def rule_rows(rx: Rx, day: date) -> tuple[RuleRow, ...]:
    """Every rule in the order of the table, with the values in force beside those recommended."""
    values = settings.values(rx)
    before = followups.remembered(rx)
    _, state = followups.shop_facts(rx, types.limits(rx), day, values, before)
    own, quartiles = values["rules_own"], state["quartiles"]
    assert isinstance(own, dict)
    assert isinstance(quartiles, dict)
    leave: set[TypeKey] = set()
    if values["hot_visits"] == 1:
        leave.add("drifting")
    if values["lost_visit_keepalive"]:
        leave.add("lost")
    return own_rules.rule_rows(own, quartiles["q50"], quartiles["q75"], leave)


def would_make(
    rx: Rx, changed: Mapping[str, object], day: date, progress: Progress = SILENT
) -> dict[str, int]:
    """How many members would stand on the list of `day`, shown or waiting, by the rule of their to-do, were
    these settings in force; rules with nobody are left out.

    InputError for a value `shop.settings.set_many` would refuse; Cancelled.
    """
    today = day.toordinal()
    shop = _shop(rx, {key: checked(key, value) for key, value in changed.items()}, day)
    in_peace = frozenset(json.loads(tasks.in_peace(rx, today))["wholly"])
    ids = [member for member in tasks.candidates(rx, shop, types.limits(rx), today) if member not in in_peace]
    found: Counter[str] = Counter()
    for case in _cases(rx, shop, ids, today, progress):
        found.update(wish.rule for wish in reconciling.due_after(case, shop, today)[:1])
    return dict(found)


def withheld(rx: Rx, day: date) -> tuple[WithheldRow, ...]:
    """Who would stand on the list of `day` but must not be contacted, by type and name."""
    today = day.toordinal()
    shop = _shop(rx, _NOTHING, day)
    closed = tasks.kept_off(rx, today)
    ids = sorted(closed)
    if len(ids) > _FEW:  # to ask the rules about each takes longer than to pick whom they may want
        ids = [member for member in tasks.candidates(rx, shop, types.limits(rx), today) if member in closed]
    found = []
    for case in _cases(rx, shop, ids, today, SILENT):
        if case.contacts[:1] == (today,):
            continue
        if not case.closed_why and reconciling.due_after(case, shop, today):
            continue
        free = case._replace(closed_why="", complained=None, complaint_due=None)
        due = [wish for wish in reconciling.due_after(free, shop, today) if wish.rule not in rules.BY_HAND]
        if due:
            found.append((case, due[0]))
    goods = tasks.goods(rx, {case.member: {wish.rule} for case, wish in found}, shop.season(today))
    rows = [
        WithheldRow(
            MemberId(case.member), closed[case.member].name, case.type, wish.rule,
            reasons.sentence(followups.why_and_context(case, wish, shop, goods)[0], day),
            _because(case, closed[case.member].pause_until, day), case.closed_why or "complaint",
        )
        for case, wish in found
    ]  # fmt: skip
    return tuple(sorted(rows, key=lambda row: (TYPE_KEYS.index(row.type), row.name, row.member)))


def blocked(rx: Rx, ids: Collection[TaskId], day: date) -> frozenset[TaskId]:
    """Those of these to-dos whose member must not be contacted on `day`, or not to sell her something."""
    found = tasks.some(rx, ids)
    closed = tasks.kept_off(rx, day.toordinal())
    members = {one.member for one in found.values() if one.member in closed}
    cases = tasks.cases(rx, members, yardstick(types.limits(rx)), day.toordinal())
    never = {case.member for case in cases if case.closed_why}
    angry = {case.member for case in cases if case.complained is not None}
    return frozenset(
        TaskId(task)
        for task, one in found.items()
        if one.member in never
        or (one.member in angry and one.task.rule in rules.SELLING and one.task.appointment is None)
    )


def _shop(rx: Rx, changed: Mapping[str, object], day: date) -> rules.ShopFacts:
    """What the rules know of the shop, with these settings in place of those in force."""
    values = settings.values(rx) | dict(changed)
    return followups.shop_facts(rx, types.limits(rx), day, values, followups.remembered(rx))[0]


def _cases(
    rx: Rx, shop: rules.ShopFacts, ids: Sequence[int], today: int, progress: Progress
) -> Iterator[rules.Case]:
    measure = yardstick(types.limits(rx))
    for start in range(0, len(ids), _AT_ONCE):
        progress.step(start, len(ids), "progress.followups")
        some = ids[start : start + _AT_ONCE]
        lots = effect.lots(rx, some) if shop.holdout else {}
        for case in tasks.cases(rx, some, measure, today, shop.events):
            yield case._replace(lots=lots[case.member]) if case.member in lots else case


def _because(case: rules.Case, pause_until: date | None, day: date) -> Sentence:
    if not case.closed_why:
        assert case.complained is not None
        return Sentence("withheld.complaint", {"date": show_day(date.fromordinal(case.complained), day)})
    if case.closed_why == "paused" and pause_until is not None:
        return Sentence("withheld.paused", {"date": show_day(pause_until, day)})
    return Sentence(f"withheld.{case.closed_why}")
