"""The types of all members: brought to today, kept up with each record, rebuilt after an import, explained.

A verdict of a day follows from the type of the evening before and from the records until that day, so that
the same records give the same verdict however often it is asked for. CLASSIFICATION 3, 5, 6, 7.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from functools import cache, partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import ALL, MemberId, Sentence, TypeKey, Verdict
from shopcrm.basics.texts import t
from shopcrm.basics.values import mask_phone
from shopcrm.rules.calibration import (
    Aggregates,
    Calibration,
    Limits,
    TypeSettings,
    calibrate,
    calibration_day,
    replay_days,
)
from shopcrm.rules.calibration import limits as laid_over
from shopcrm.rules.customer_types import (
    Chance,
    Decision,
    Stored,
    Yardstick,
    decide,
    fit_chance,
    reason_of,
    score,
    yardstick,
)
from shopcrm.rules.customer_types import explain as evidence_of
from shopcrm.rules.facts import Events, Facts, PurchaseDay, facts_as_of, facts_of, scored_by, weights
from shopcrm.store import Rx, Tx, facts, verdicts
from shopcrm.store import settings as setting_rows

if TYPE_CHECKING:
    from shopcrm.rules.replay import Bought, Crowd
    from shopcrm.shop import Shop

_KEYS = tuple(field.name for field in fields(TypeSettings))
_LOOK_AHEAD = 90  # days in which a purchase counts for the chance, and for the backtest
_FIT_BACK = (90, 180, 270)
_FIT_HISTORY = 120
_FIT_MEMBERS = 1_500  # so many members, three times each, pin two numbers down; more only costs time
_STAGES = 4
_DAY = itemgetter(0)  # of a purchase day
Weigh = Callable[[int], tuple[float, float]]  # what a purchase of an age in days counts
SETTINGS_CHANGED = "SETTINGS"  # stands in the history instead of a reason code


# ---------------------------------------------------------------- reading


def type_settings(rx: Rx, **own: object) -> TypeSettings:
    """The owner's settings of the types in force, `own` values instead of some of them."""
    values = setting_rows.values(rx) | own
    return TypeSettings(**cast(dict[str, Any], {key: values[key] for key in _KEYS if key in values}))


def calibration(rx: Rx) -> Calibration:
    """The snapshot of the shop in force; that of an empty shop before the first day was started."""
    return _calibration_of(facts.state(rx))


def limits(rx: Rx) -> Limits:
    """The limits in force: the snapshot with the owner's settings laid over it."""
    return laid_over(calibration(rx), type_settings(rx))


def _calibration_of(state: Mapping[str, str]) -> Calibration:
    kept = state.get("types.calibration")
    return Calibration(**json.loads(kept)) if kept else calibrate(0, Aggregates())


def _chance_of(state: Mapping[str, str]) -> Chance:
    kept = state.get("types.chance")
    return Chance(*json.loads(kept)[:3]) if kept else Chance()


def verdict(rx: Rx, member: MemberId, day: date | None = None) -> Verdict | None:
    """The verdict on file, or worked out anew as of a day, by the limits of that day; None for a member of
    whom there is none."""
    if day is not None:
        return _verdict_on(rx, member, day.toordinal())
    case = facts.cases(rx, [member]).get(member)
    if case is None:
        return None
    chance = _chance_of(facts.state(rx)).of(case.score) if case.n else None
    reason = reason_of(case.code, json.loads(case.vals))
    return Verdict(cast(TypeKey, case.type), case.code, reason, case.score, p90=chance)


def explain(rx: Rx, member: MemberId) -> Verdict | None:
    """The verdict on file with its evidence, and her chance if shown."""
    case = facts.cases(rx, [member]).get(member)
    if case is None:
        return None
    state = facts.state(rx)
    in_force = limits(rx)
    day = facts.ordinal(case.day)
    circle = facts.events(rx, [member])[member]
    known = facts_of(
        circle, facts.days_on_file(rx, [member]).get(member, ()), day, in_force.settings, in_force.tau
    )
    before = facts.types_before(rx, [member], case.day).get(member)
    cleared = state.get("types.cleared") == case.day
    stored = None if before is None or cleared else Stored(cast(TypeKey, before[0]), not _is_held(case.code))
    decision = decide(known, yardstick(in_force), stored)
    return Verdict(
        cast(TypeKey, case.type), case.code, reason_of(case.code, json.loads(case.vals)), case.score,
        evidence_of(decision), _chance_of(state).of(case.score) if case.n else None,
    )  # fmt: skip


_RANKED = 30  # buyers


def rank(rx: Rx, member: MemberId) -> int | None:
    """Her score as a rank among the members who bought, 0-100 (CLASSIFICATION 6.1); None if she did not, or
    too few did for hundredths of them to mean something. Everybody is looked through."""
    case = facts.cases(rx, [member]).get(member)
    if case is None or not case.n:
        return None
    buyers, below = facts.place(rx, case.score)
    return round(100 * below / (buyers - 1)) if buyers >= _RANKED else None


def history(rx: Rx, member: MemberId) -> tuple[tuple[date, TypeKey, str], ...]:
    """Every change of type: day, type, reason code; oldest first."""
    return tuple(
        (date.fromisoformat(day), cast(TypeKey, key), code) for day, key, code in facts.history(rx, member)
    )


def _verdict_on(rx: Rx, member: MemberId, day: int) -> Verdict | None:
    circle = facts.events(rx, [member]).get(member)
    if circle is None:
        return None
    circle = circle._replace(receipts=facts.receipts(rx, [member]).get(member, ()))
    settings = type_settings(rx)
    state = facts.state(rx)
    today = facts.ordinal(state["types.day"]) if "types.day" in state else day
    if day == today and "types.calibration" in state:  # by the limits all others are judged by today
        snapshot = _calibration_of(state)
    else:
        at = calibration_day(day, facts.first_day(rx, day))
        snapshot = _snapshot(rx, at, max(day, today), settings)
    in_force = laid_over(snapshot, settings)
    known = facts_as_of(circle, day, settings, in_force.tau)
    before = facts.types_before(rx, [member], facts.iso(day)).get(member)
    stored = before and Stored(cast(TypeKey, before[0]), known.last_event > facts.ordinal(before[1]))
    return _worded(decide(known, yardstick(in_force), stored), score(known, in_force))


def _snapshot(rx: Rx, day: int, kept_for: int, settings: TypeSettings) -> Calibration:
    """The snapshot of a past day: the one on file, else worked out without a predecessor."""
    filed = facts.calibration_before(rx, day)
    if filed is not None and filed.day == day:
        return filed
    past = _past(rx, [day], kept_for)
    return calibrate(day, facts.aggregates(rx, day, past), settings)


def _past(rx: Rx, days: Collection[int], today: int, among: Collection[int] | None = None) -> facts.Past:
    """The shop as known on `days`, or some members of it."""
    late = facts.returners(rx, min(days), today, among) if min(days) < today else []
    return facts.Past(facts.slips(rx, late), days, today)


class _Answer(Exception):
    """No error: takes the answer out of a write that is rolled back."""

    def __init__(self, rows: list[tuple[object, ...]]) -> None:
        super().__init__()
        self.rows = rows


def _table(rx: Rx, masks: bool) -> list[tuple[object, ...]]:
    chance = _chance_of(facts.state(rx))
    rows: list[tuple[object, ...]] = []
    for member, card, name, phones, key, code, vals, points, n in facts.table(rx):
        reason = reason_of(code, json.loads(vals))
        p90 = chance.of(points) if n else None
        if masks:
            from shopcrm.basics.masking import mask_text  # loaded by who hides numbers

            name, phones = mask_text(name), "|".join(map(mask_phone, phones.split("|"))) if phones else ""
        shown = "" if p90 is None else round(p90, 4)
        rows.append(
            (member, card, name, phones, key, code, t(reason.id, **reason.values), round(points, 4), shown)
        )
    return rows


def _worded(decision: Decision, points: float) -> Verdict:
    reason = reason_of(decision.code, decision.values())
    return Verdict(decision.type, decision.code, reason, points, evidence_of(decision))


def _told(
    events: Events, measures: Sequence[tuple[int, Yardstick]], settings: TypeSettings, key: TypeKey | None,
    then: int,
) -> list[tuple[int, str, str, str]]:  # fmt: skip
    """How a member's type changed over these days (member, day, type, code); on `then` it was `key`."""
    log: list[tuple[int, str, str, str]] = []
    for day, measure in measures:
        known = facts_as_of(events, day, settings, measure.limits.tau)
        if known.joined is None:
            continue  # not yet on the shop's list
        stored = None if key is None else Stored(key, known.last_event > then)
        decision = decide(known, measure, stored)
        if decision.type != key:
            key = decision.type
            log.append((events.member, facts.iso(day), key, decision.rule.code))
        then = day
    return log


# ---------------------------------------------------------------- the what-if and the backtest


@dataclass(frozen=True, slots=True)
class Mover:
    """One member who would change type, with the reason of the type to be."""

    member: MemberId
    name: str
    old: TypeKey
    new: TypeKey
    spend12_fen: int
    reason: Sentence


@dataclass(frozen=True, slots=True)
class Preview:
    """What other settings would do: members of every type now and then, who would move, the limits then."""

    before: Mapping[TypeKey, int]
    after: Mapping[TypeKey, int]
    movers: tuple[Mover, ...]
    limits: Limits


@dataclass(frozen=True, slots=True)
class Share:
    """Of so many members, so many bought again."""

    members: int
    back: int


# ---------------------------------------------------------------- writing


class _Standing(NamedTuple):
    """What verdicts stand on: days are ISO, empty where there is none."""

    day: str  # of the verdicts on file
    cleared: str  # on which they were decided without history
    is_by_settings: bool  # whether they were decided by the owner's settings in force
    measure: Yardstick  # the limits in force
    weigh: Weigh  # what a purchase of an age counts under them; remembers
    tau: float


def _standing(rx: Rx) -> _Standing:
    state = facts.state(rx)
    settings = type_settings(rx)
    in_force = laid_over(_calibration_of(state), settings)
    return _Standing(
        state.get("types.day", ""), state.get("types.cleared", ""),
        state.get("types.settings") == _sign(settings), yardstick(in_force),
        cache(partial(weights, tau=in_force.tau, settings=settings)), in_force.tau,
    )  # fmt: skip


def _sign(settings: TypeSettings) -> str:
    """A text that tells settings from others."""
    return json.dumps(asdict(settings))


class Followed(NamedTuple):
    """What became of the types: the limits in force, and who of the members named is of another type now."""

    limits: Limits
    moved: Mapping[int, TypeKey]


class Types:
    """Keeps verdicts in step with the day and the records; the reading functions above serve any Rx."""

    calibration = staticmethod(calibration)
    verdict = staticmethod(verdict)
    explain = staticmethod(explain)
    rank = staticmethod(rank)
    history = staticmethod(history)

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def limits(self, rx: Rx) -> Limits:
        """The limits in force, as the reading function gives them, but worked out only when they changed."""
        return rx.known(_standing).measure.limits

    def start_day(self, tx: Tx, day: date, progress: Progress = SILENT) -> bool:
        """Bring everybody to `day`; False if that was done before and nothing was to do."""
        standing = tx.known(_standing)
        was = standing.day
        if not was or not _follows(was, day):
            self._rebuild(tx, day.toordinal(), progress)
        elif not standing.is_by_settings:
            self._clear_and_classify(tx, day.toordinal(), progress)
        elif was < day.isoformat():
            self._move_on(tx, day.toordinal(), frozenset(), progress)
        else:
            return False
        return True

    def refresh(
        self,
        tx: Tx,
        members: frozenset[int] | None,
        day: date,
        progress: Progress = SILENT,
        receipt: facts.NewReceipt | None = None,
    ) -> Followed:
        """After records of these members changed; None = everybody anew by replay.

        If the owner's settings changed: everybody, by one classification without history. `receipt`: it is
        all that changed of the records.
        """
        standing = tx.known(_standing)
        today, was = day.toordinal(), standing.day
        if members is not None and was == day.isoformat() and standing.is_by_settings:
            return self._follow(tx, members, today, standing, receipt)
        known = was != "" and _follows(was, day)
        before = facts.cases(tx, members or ())
        with tx.roomy():
            if known and not standing.is_by_settings:
                facts.refresh_days(tx, members or (), today)
                self._clear_and_classify(tx, today, progress)
            elif members is None or not known:
                self._rebuild(tx, today, progress)
            else:
                self._move_on(tx, today, members, progress)
        after = facts.cases(tx, members or ())
        return Followed(
            self.limits(tx),
            {
                member: cast(TypeKey, case.type)
                for member, case in after.items()
                if member in before and before[member].type != case.type
            },
        )

    def retell(self, tx: Tx, members: Collection[int], day: date) -> None:
        """Inside a write: the types these members had on the month ends, anew from the records alone.

        For who got other records than she lived with; `refresh` follows and files the type of today. The
        limits are those of the snapshots on file.
        """
        self.start_day(tx, day)
        today = day.toordinal()
        facts.refresh_days(tx, members, today)
        facts.forget(tx, members)
        settings = type_settings(tx)
        first = facts.first_day(tx, today)
        measures = []
        for end in replay_days(today, first):
            snapshot = facts.calibration_before(tx, calibration_day(end, first))
            if snapshot is not None:
                measures.append((end, yardstick(laid_over(snapshot, settings))))
        receipts = facts.receipts(tx, members)
        log: list[tuple[int, str, str, str]] = []
        for member, circle in facts.events(tx, members).items():
            events = circle._replace(receipts=receipts.get(member, ()))
            log += _told(events, measures, settings, None, 0)
        facts.put_log(tx, log)

    def retell_since(self, tx: Tx, members: Collection[int], since: date) -> None:
        """Inside a write: the types these members had from a past day on, anew: a record of that day was
        entered, put right or struck out. `refresh` follows and files the type of today.

        Told of are that day, the month ends since, and the days on which they had changed type; the limits
        are those of the snapshots on file.
        """
        if facts.state(tx).get("types.day") == tx.day.isoformat():
            days = set(facts.log_days(tx, members, since.isoformat()))
            facts.put_log_aside(tx, members, since.isoformat())
            self._tell(tx, members, since.toordinal(), map(facts.ordinal, days))

    def follow_undo(self, tx: Tx, entry: int) -> None:
        """Inside a write that took back `entry`: the types before it are put back on the same day, and told
        anew later."""
        for aside in facts.log_aside(tx, entry):
            days = set(facts.log_days(tx, [aside.member], aside.since))
            facts.put_log_aside(tx, [aside.member], aside.since)
            if aside.put_on == tx.day.isoformat():
                facts.put_log(tx, [tuple(row) for row in json.loads(aside.log)])
            else:
                self._tell(tx, [aside.member], facts.ordinal(aside.since), map(facts.ordinal, days))

    def _tell(self, tx: Tx, members: Collection[int], since: int, days: Iterable[int]) -> None:
        """File the types of these members from a day on, as far as they are to be seen on it, on `days` and
        on the month ends."""
        today = tx.day.toordinal()
        settings = type_settings(tx)
        first = facts.first_day(tx, today)
        ends = (end for end in replay_days(today, first) if end >= since)
        measures = []
        for day in sorted({since, *days, *ends}):
            snapshot = facts.calibration_before(tx, calibration_day(day, first)) if day < today else None
            if snapshot is not None:
                measures.append((day, yardstick(laid_over(snapshot, settings))))
        before = facts.types_before(tx, members, facts.iso(since))
        receipts = facts.receipts(tx, members)
        log: list[tuple[int, str, str, str]] = []
        for member, circle in facts.events(tx, members).items():
            events = circle._replace(receipts=receipts.get(member, ()))
            key = cast("TypeKey | None", before[member][0] if member in before else None)
            log += _told(events, measures, settings, key, since - 1)
        facts.put_log(tx, log)

    def table(self, day: date) -> list[tuple[object, ...]]:
        """Every member as of any day, in the columns of the `types` command, numbers masked as in what leaves
        the shop; leaves the file as it was."""
        shop = self._shop
        masks = shop.masks_what_leaves()
        if facts.state(shop.store.read()).get("types.day") == day.isoformat():
            return _table(shop.store.read(), masks)
        try:
            with shop.write("types.table") as tx:
                self.start_day(tx, day)
                raise _Answer(_table(tx, masks))
        except _Answer as answer:
            return answer.rows

    # ------------------------------------------------------------ a few members, today

    def _follow(
        self,
        tx: Tx,
        members: frozenset[int],
        day: int,
        standing: _Standing,
        receipt: facts.NewReceipt | None,
    ) -> Followed:
        """Purchase days and verdicts of members whose records changed, and of who brought them along."""
        today = facts.iso(day)
        known = facts.on_file(tx, members, today)
        days = self._days(tx, members, day, known, receipt)
        others = {row.referrer for row in known.values() if row.referrer} - members
        if others:  # read now: the days of those they brought along are right
            known |= facts.on_file(tx, others, today)
            days |= {member: known[member].days for member in others & known.keys()}  # merged ones are not
        brought: list[int] = []
        filed: dict[int, facts.Case] = {}
        before: dict[int, tuple[TypeKey, str]] = {}
        for member, row in known.items():
            if row.is_referrer:
                brought.append(member)
            if row.case is not None:
                filed[member] = row.case
            if row.before is not None:
                before[member] = row.before
        referrals = facts.referrals(tx, brought)
        if len(known) < len(members | others):
            filed |= facts.cases(tx, members - known.keys())  # of members who are no more
        stored = {} if standing.cleared == today else before
        measure, weigh, tau = standing.measure, standing.weigh, standing.tau
        settings = measure.limits.settings
        decisions = []
        for member, row in known.items():
            events = Events(member, row.joined, (), row.visits, referrals.get(member, ()))
            now = facts_of(events, days[member], day, settings, tau, weigh)
            former = Stored(stored[member][0], True) if member in stored else None
            decisions.append((now, decide(now, measure, former)))
        return Followed(measure.limits, self._file(tx, decisions, day, measure.limits, filed, before))

    def _days(
        self,
        tx: Tx,
        members: frozenset[int],
        day: int,
        known: Mapping[int, facts.OnFile],
        receipt: facts.NewReceipt | None,
    ) -> dict[int, list[PurchaseDay]]:
        """The purchase days of these members brought up to date."""
        if receipt is not None:
            filed_days = known[receipt.member].days
            added = facts.add_day(tx, receipt, filed_days)
            if added is not None:
                return {receipt.member: added}
        filed = None
        if len(known) == len(members):
            filed = {member: row.days for member, row in known.items()}
        return facts.refresh_days(tx, members, day, filed=filed)

    # ------------------------------------------------------------ everybody, today

    def _move_on(self, tx: Tx, day: int, acted: frozenset[int], progress: Progress) -> None:
        """From the day on file to a later one, the stored types carried along; `acted` have new records."""
        was = facts.ordinal(facts.state(tx)["types.day"])
        facts.refresh_days(tx, acted.union(facts.returners(tx, was, day)), day)
        verdicts.join_in(tx)
        settings = type_settings(tx)
        snapshot = self._calibrated(tx, day, settings, progress)
        measure = yardstick(laid_over(snapshot, settings))
        acted |= facts.referrers(tx, acted)
        self._classify(tx, day, measure, progress, was=was, acted=acted)
        self._mark(tx, day, snapshot)

    def _clear_and_classify(self, tx: Tx, day: int, progress: Progress) -> None:
        """One classification without history: the owner changed the rules, and the edit shows at once."""
        was = facts.ordinal(facts.state(tx)["types.day"])
        facts.refresh_days(tx, facts.returners(tx, was, day), day)
        verdicts.join_in(tx)
        settings = type_settings(tx)
        at = calibration_day(day, facts.first_day(tx, day))
        snapshot = calibrate(at, self._summed_up(tx, at, day, settings), settings)
        facts.put_calibrations(tx, [snapshot])
        measure = yardstick(laid_over(snapshot, settings))
        self._classify(tx, day, measure, progress, with_history=False, why=SETTINGS_CHANGED)
        facts.put_state(tx, cleared=facts.iso(day))
        self._mark(tx, day, snapshot)
        self._fit(tx, day, measure.limits)

    def _calibrated(self, tx: Tx, day: int, settings: TypeSettings, progress: Progress) -> Calibration:
        """The snapshot in force on `day`, taken now if it is not on file."""
        at = calibration_day(day, facts.first_day(tx, day))
        former = facts.calibration_before(tx, at)
        if former is not None and former.day == at and at < day:
            return former
        progress.step(0, _STAGES, "progress.types")
        shop = self._summed_up(tx, at, day, settings)
        # Only a snapshot of a month end damps the next one: a young shop's daily ones come and go.
        keeps = former if former is not None and at < day and _is_month_end(former.day) else None
        snapshot = calibrate(at, shop, settings, keeps)
        facts.put_calibrations(tx, [snapshot])
        if at < day:
            self._fit(tx, day, laid_over(snapshot, settings))
        return snapshot

    def _summed_up(self, tx: Tx, at: int, day: int, settings: TypeSettings) -> Aggregates:
        """The shop as it was known on the day `at`; the purchase days stay as known on `day`."""
        late = facts.returners(tx, at, day) if at < day else []
        facts.refresh_days(tx, late, at)
        verdicts.bring(tx, at, settings)
        shop = verdicts.aggregates(tx)
        if at == day:
            facts.forget_gaps(tx)  # bookings of today would have to correct them
        facts.refresh_days(tx, late, day)
        return shop

    def _classify(self, tx: Tx, day: int, measure: Yardstick, progress: Progress, **how: Any) -> None:
        """Everybody's sums brought to `day` and her verdict on it; `how` as verdicts.classify takes it."""
        progress.step(1, _STAGES, "progress.types")
        verdicts.bring(tx, day, measure.limits.settings, measure.limits.tau)
        progress.step(2, _STAGES, "progress.types")
        verdicts.classify(tx, measure, **how)

    def _file(
        self,
        tx: Tx,
        decisions: Iterable[tuple[Facts, Decision]],
        day: int,
        in_force: Limits,
        filed: Mapping[int, facts.Case],
        before: Mapping[int, tuple[TypeKey, str]],
    ) -> dict[int, TypeKey]:
        """Write the verdicts that differ from those on file; `before` = types of the evening before. Answers
        the new type of whoever had another on file."""
        today = facts.iso(day)
        new: list[facts.Case] = []
        logged: list[tuple[int, str, str, str]] = []
        dropped: list[tuple[int, str]] = []
        changed: list[int] = []
        moved: dict[int, TypeKey] = {}
        gone = set(filed)
        for known, decision in decisions:
            member, key = known.member, decision.type
            gone.discard(member)
            if member in before and before[member][0] == key:
                since = before[member][1]
                if member in filed and filed[member].since != since:
                    dropped.append((member, today))
            else:
                since = today
                logged.append((member, today, key, decision.rule.code))
            case = _case(known, decision, score(known, in_force), today, since)
            old = filed.get(member)
            if old != case:
                new.append(case)
                changed.append(member)
                if old is not None and old.type != key:
                    moved[member] = key
        facts.put_cases(tx, new, filed)
        if logged:
            facts.put_log(tx, logged)
        if dropped:
            facts.drop_log(tx, dropped)
        if gone:
            facts.forget(tx, gone)
        tx.touch(types=[*changed, *gone])
        return moved

    def _mark(self, tx: Tx, day: int, snapshot: Calibration) -> None:
        facts.put_state(
            tx,
            day=facts.iso(day),
            calibration=json.dumps(asdict(snapshot)),
            settings=_sign(type_settings(tx)),
        )

    # ------------------------------------------------------------ everybody, from the records alone

    def _rebuild(self, tx: Tx, day: int, progress: Progress) -> None:
        """Forget all verdicts and replay the month ends of the last twelve months, then today (section 5)."""
        facts.clear(tx)
        progress.step(0, _STAGES, "progress.types")
        slips = facts.ever_returned(tx)
        bought = _bought(tx, slips, day)
        facts.put_days(tx, bought.columns())
        progress.step(1, _STAGES, "progress.types")
        around = facts.circle(tx)
        year = _year(bought, around, slips, type_settings(tx), day, progress)
        facts.put_calibrations(tx, year.snapshots.values())
        if year.gaps is not None:
            facts.keep_gaps(tx, *year.gaps)
        facts.log_anew(tx, year.log)
        progress.step(2, _STAGES, "progress.types")
        in_force = year.measure.limits
        verdicts.put_sums(tx, day, in_force.settings, in_force.tau, year.sums)
        progress.step(3, _STAGES, "progress.types")
        verdicts.classify(tx, year.measure, was=year.was)
        facts.put_state(tx, cleared="", chance=_kept_chance(_chance(year, bought, slips), day))
        self._mark(tx, day, in_force.calibration)
        tx.touch(types=ALL)

    def _fit(self, tx: Tx, day: int, in_force: Limits) -> None:
        """Fit the chance of a purchase within 90 days to what happened after three days of the past (6.3)."""
        backs = _fit_days(day, facts.first_day(tx, day))
        some = _fit_members(facts.buyers(tx)) if backs else []
        past = _past(tx, backs, day, some) if some else facts.Past({}, (), day)
        chance = _fitted(backs, some, past, facts.days_on_file(tx, some), in_force)
        facts.put_state(tx, chance=_kept_chance(chance, day))

    # ------------------------------------------------------------ the what-if and the backtest

    def preview(self, rx: Rx, **own: object) -> Preview:
        """What these values of settings would do to today's types; writes nothing."""
        state = facts.state(rx)
        filed = facts.cases(rx)
        names = facts.listed(rx)
        now = {member: cast(TypeKey, case.type) for member, case in filed.items() if member in names}
        settings = type_settings(rx, **own)
        if "types.day" not in state or settings == type_settings(rx):
            return Preview(_counted(now), _counted(now), (), laid_over(_calibration_of(state), settings))
        day = facts.ordinal(state["types.day"])
        at = calibration_day(day, facts.first_day(rx, day))
        past = _past(rx, [at], day)
        in_force = laid_over(calibrate(at, facts.aggregates(rx, at, past), settings), settings)
        measure = yardstick(in_force)
        then: dict[int, TypeKey] = {}
        movers: list[Mover] = []
        for known in facts.statistics(rx, day, settings):
            member = known.member
            if member in now:
                decision = decide(known, measure)
                then[member] = decision.type
                if decision.type != now[member]:
                    reason = reason_of(decision.code, decision.values())
                    movers.append(
                        Mover(
                            MemberId(member), names[member], now[member], decision.type, known.spend12, reason
                        )
                    )
        return Preview(_counted(now), _counted(then), tuple(movers), in_force)

    def came_back(self, rx: Rx) -> dict[TypeKey, Share]:
        """Of the members of every type 90 days ago, how many bought since: the shop's check of its limits."""
        state = facts.state(rx)
        if "types.day" not in state:
            return {}
        day = facts.ordinal(state["types.day"])
        found = facts.came_back(rx, day - _LOOK_AHEAD, day)
        return {cast(TypeKey, key): Share(members, back) for key, (members, back) in found.items()}


# ---------------------------------------------------------------- worked out without a database


def _bought(rx: Rx, slips: facts.Slips, day: int) -> Bought:
    """Everybody's purchase days as known on `day`; `slips` = the receipts of who ever returned something."""
    from shopcrm.rules.replay import Bought  # slow to load, and only wanted for this

    return Bought.summed(facts.everything_booked(rx)).but_for(facts.worked_out(slips, day))


def _crowd(around: facts.Circle, bought: Bought, past: facts.Past) -> Crowd:
    """These members over all days of the past."""
    from shopcrm.rules.replay import Crowd

    crowd = Crowd.of(around.joined, bought, around.visits, around.referrals)
    for day in past.early:
        crowd.knew(day, past.on(day))
    return crowd


class _Year(NamedTuple):
    """The last twelve months replayed."""

    day: int
    first: int | None  # the shop's first purchase day
    was: int  # the last month end, 0 without any
    snapshots: Mapping[int, Calibration]
    gaps: tuple[int, Sequence[tuple[int, int]], facts.Past] | None  # as `facts.keep_gaps` takes them
    log: list[tuple[int, str, TypeKey, str]]
    measure: Yardstick  # of today
    sums: Mapping[str, Sequence[object]]  # as `verdicts.put_sums` takes them


def _year(
    bought: Bought,
    around: facts.Circle,
    slips: facts.Slips,
    settings: TypeSettings,
    day: int,
    progress: Progress,
) -> _Year:
    """The snapshots of the shop and everybody's types, month end by month end, and her sums of today."""
    from shopcrm.rules.replay import replay

    first = int(bought.days.min()) if len(bought.days) else None
    if first is not None and first > day:
        first = None
    ends = replay_days(day, first)
    at = {end: calibration_day(end, first) for end in (*ends, day)}
    past = facts.Past(slips, {*ends, *at.values()}, day)
    crowd = _crowd(around, bought, past)
    gaps = None
    snapshots: dict[int, Calibration] = {}

    def measure_of(end: int) -> Yardstick:
        nonlocal gaps
        then = at[end]
        if then not in snapshots:  # asked for from day to day
            shop = crowd.aggregates(then, settings)
            snapshots[then] = calibrate(
                then, shop, settings, snapshots[max(snapshots)] if snapshots else None
            )
            if then == at[day] < day:
                gaps = then, shop.gaps, past
        return yardstick(laid_over(snapshots[then], settings))

    turns = replay(crowd, ends, measure_of, progress)
    measure = measure_of(day)
    log = [(member, facts.iso(on), key, code) for member, on, key, code in turns]
    before = {member: (key, since) for member, since, key, _ in log}
    sums = _sums(crowd, day, measure.limits) | {
        "type": [before[member][0] if member in before else "" for member in around.joined],
        "since": [before[member][1] if member in before else "" for member in around.joined],
    }
    return _Year(day, first, ends[-1] if ends else 0, snapshots, gaps, log, measure, sums)


def _sums(crowd: Crowd, day: int, in_force: Limits) -> dict[str, Sequence[object]]:
    """Everybody's sums on `day`, by the columns of d_case."""
    known = crowd.facts(day, in_force.settings)
    points, season = crowd.fading(day, in_force.settings, in_force.tau)
    same = ("n", "spend", "n12", "spend12", "months12", "rising")
    return {
        "member_id": crowd.members.tolist(),
        **{name: known[name].tolist() for name in same},
        "first_d": [d or None for d in known["first"].tolist()],
        "last_d": [d or None for d in known["last"].tolist()],
        "points": points.tolist(), "season": season.tolist(),
    }  # fmt: skip


def _chance(year: _Year, bought: Bought, slips: facts.Slips) -> Chance:
    """The chance fitted to a shop that was replayed."""
    backs = _fit_days(year.day, year.first)
    numbers = zip(year.sums["member_id"], year.sums["n"], strict=True)
    some = _fit_members([cast(int, member) for member, n in numbers if n]) if backs else []
    past = facts.Past(slips, backs, year.day)
    return _fitted(backs, some, past, bought.of_some(some), year.measure.limits)


def _fit_days(day: int, first: int | None) -> list[int]:
    """The days of the past a chance is fitted to."""
    return [day - back for back in _FIT_BACK if first is not None and day - back - first >= _FIT_HISTORY]


def _fit_members(buyers: list[int]) -> list[int]:
    """Those of everybody who ever bought that a chance is fitted to."""
    return buyers[:: -(-len(buyers) // _FIT_MEMBERS)] if buyers else []


def _fitted(
    backs: Sequence[int],
    some: Sequence[int],
    past: facts.Past,
    on_file: Mapping[int, Sequence[PurchaseDay]],
    in_force: Limits,
) -> Chance:
    """What the scores of some members on these days made of the 90 days after them."""
    observed: list[tuple[float, bool]] = []
    weigh = cache(partial(weights, tau=in_force.tau, settings=in_force.settings))
    for then in backs:
        for member in some:  # whoever brought everything back has no days left
            hers = on_file.get(member, ())
            known = scored_by(past.days(member, then, hers), then, weigh)
            if known.n:
                next_day = bisect_right(hers, then, key=_DAY)
                later = next_day < len(hers) and hers[next_day].day <= then + _LOOK_AHEAD
                observed.append((score(known, in_force), later))
    return fit_chance(observed)


def _kept_chance(chance: Chance, day: int) -> str:
    return json.dumps([*chance, facts.iso(day)])


def _case(known: Facts, decision: Decision, points: float, today: str, since: str) -> facts.Case:
    return facts.Case(
        known.member, today, decision.type, decision.rule.code,
        decision.vals(), points, since, 0,
        known.n, known.first or None, known.last or None, known.spend, known.n12, known.spend12,
    )  # fmt: skip


def _counted(types: Mapping[int, TypeKey]) -> dict[TypeKey, int]:
    counts: dict[TypeKey, int] = {"loyal": 0, "potential": 0, "drifting": 0, "lost": 0}
    for key in types.values():
        counts[key] += 1
    return counts


def _follows(was: str, day: date) -> bool:
    """Whether the types of one day can be carried on to another.

    Not back, and not past two month ends (a clock gone wrong, a shop long closed): the calibration of the
    first would be missing, so everything is replayed.
    """
    before = date.fromisoformat(was)
    return before <= day and 12 * (day.year - before.year) + day.month - before.month <= 1


def _is_held(code: str) -> bool:
    return code.endswith("_HELD")


def _is_month_end(day: int) -> bool:
    return date.fromordinal(day + 1).day == 1
