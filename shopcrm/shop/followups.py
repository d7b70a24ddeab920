"""Follow-ups: the day's to-dos kept in step with the records, outcomes with their next step, and what to say.

The use cases write; the functions at the end read, for the screen and for lists that leave the shop.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from datetime import date, datetime, timedelta
from math import exp, log
from typing import TYPE_CHECKING, NamedTuple

from shopcrm.basics.errors import ConflictError, InputError, Refusal
from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import (
    AWAY_REASONS,
    OUTCOMES,
    POOL,
    TYPE_KEYS,
    DayList,
    Done,
    EventRow,
    MemberId,
    Message,
    OutcomeDraft,
    Sentence,
    StaffId,
    TaskId,
    TaskRow,
    TypeKey,
    VisitDraft,
    WantedRow,
)
from shopcrm.basics.texts import language, t
from shopcrm.basics.values import call_name, clean_text, is_masked, is_within, show_day, show_hours
from shopcrm.rules import capacity, own_rules, reasons, reconciling, templates
from shopcrm.rules import events as occasions
from shopcrm.rules import followups as rules
from shopcrm.rules.calibration import Limits, histogram_quantile
from shopcrm.rules.customer_types import Yardstick, yardstick
from shopcrm.rules.holdout import LEAST_MEMBERS, quarter_of
from shopcrm.store import Rx, Tx, complaints, events, homecoming, journal, listing, settings, tasks, words
from shopcrm.store import members as people
from shopcrm.store.tasks import NewTask, OneTask, OtherContact, StoredRow

if TYPE_CHECKING:
    from shopcrm.reports import Table
    from shopcrm.shop import Shop

REASONS = frozenset(("", "none", "price", "style", "size", "inconvenient", "never", *AWAY_REASONS))
_MEMBERS_AT_ONCE = 4_000
_GAP_PRIORS = {"q50": (0.5, 55.0), "q75": (0.75, 134.0)}  # quantile and what an empty shop starts with
_PSEUDO_GAPS = 20
_FARTHEST = 366  # days a next day may lie ahead
_LONGEST_NOTE = 2_000
_OFFER_DAYS = 14
HOMECOMING = "callbacks.read"  # kind of the write that takes a filled list home
_OUTCOME_WRITES = ("task.finish", "task.change", HOMECOMING)


class FollowUps:
    """The to-dos of the shop. Every write leaves them as the rules want them today."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._known: tuple[object, rules.ShopFacts, Yardstick] | None = None

    # ------------------------------------------------------------ keeping step

    def start_day(self, tx: Tx, day: date, progress: Progress = SILENT) -> bool:
        """Inside a write: the list of a new day; False if it was made already, or the clock is wrong."""
        today = day.toordinal()
        state = json.loads(tasks.state(tx, tasks.STATE))
        last = state.get("day")
        if last == today:
            return False
        seen = _seen(tx)
        if isinstance(last, int) and last > today:
            if tasks.newest_record(tx) > today + 1:
                return False  # what happened lies ahead: the clock is behind, and the list stays as it was
            seen = {}
        elif isinstance(last, int):
            # What stood on the last list and was not done is late from now on; what only waited is not.
            for task in _listed(tx, last, seen, tasks.in_peace(tx, last)).shown:
                seen.setdefault(task.id, last)
        wrongly = tasks.closed_by_a_wrong_clock(tx, today)
        tx.update_same("task", wrongly, state="open", closed_on=None, closed_why="")
        still = tasks.still_open(tx, seen)
        tasks.keep_state(tx, tasks.STATE, {**state, "day": today})
        kept: dict[str, object] = {str(task): since for task, since in seen.items() if task in still}
        tasks.keep_state(tx, tasks.SEEN, kept)
        # With the clock set right nothing is taken for granted.
        self._refresh_all(tx, day, progress, kept=not wrongly and isinstance(last, int) and last < today)
        return True

    def refresh(
        self,
        tx: Tx,
        members: frozenset[int] | None,
        day: date,
        progress: Progress = SILENT,
        limits: Limits | None = None,
    ) -> None:
        """Inside a write: the to-dos of these members (None = everybody) are what the rules want today.

        `limits` = those in force, where the caller knows them.
        """
        if members is None:
            self._refresh_all(tx, day, progress, kept=False)
            return
        shop, measure = self._facts(tx, limits or self._shop.types.limits(tx), day)
        self._refresh(tx, sorted(members), shop, measure, day.toordinal(), progress)

    def _refresh_all(self, tx: Tx, day: date, progress: Progress, *, kept: bool) -> None:
        """Everybody's to-dos; `kept`: they follow the records, and only a day has passed."""
        today = day.toordinal()
        limits = self._shop.types.limits(tx)
        shop, measure = self._facts(tx, limits, day)
        wanted_for = {
            "settings": (tasks.mark(tx) or [0])[0], "loyal_purchases": shop.loyal_purchases,
            "ticket_mid": shop.ticket_mid, "power_ticket": shop.power_ticket, "typical_gap": shop.typical_gap,
            "lost": [limits.lost_once, limits.lost_repeat, limits.lost_frequent],
            "gains": dict(shop.gains), "holdout": dict(shop.holdout),
        }  # fmt: skip
        kept = kept and json.loads(tasks.state(tx, tasks.WANTED)) == wanted_for
        with tx.roomy():
            if kept:
                for expired, over in tasks.over(tx, shop, today).items():
                    tasks.expire(tx, over, expired)
            ids = (tasks.unsettled if kept else tasks.candidates)(tx, shop, limits, today)
            self._refresh(tx, ids, shop, measure, today, progress)
        tasks.keep_state(tx, tasks.WANTED, wanted_for)

    def _refresh(
        self,
        tx: Tx,
        ids: Sequence[int],
        shop: rules.ShopFacts,
        measure: Yardstick,
        today: int,
        progress: Progress,
    ) -> None:
        for start in range(0, len(ids), _MEMBERS_AT_ONCE):
            progress.step(start, len(ids), "progress.followups")
            self._reconcile(tx, ids[start : start + _MEMBERS_AT_ONCE], shop, measure, today)

    def _facts(self, tx: Tx, limits: Limits, day: date) -> tuple[rules.ShopFacts, Yardstick]:
        """What the rules know of the shop, and its limits laid out; the same as long as nothing they are made
        of changes."""
        mark = day, limits, tx.known(tasks.mark)
        if self._known is None or self._known[0] != mark:
            facts = _kept_facts(tx, limits, day)
            self._known = (day, limits, tx.known(tasks.mark)), facts, yardstick(limits)
        return self._known[1:]

    def _reconcile(
        self, tx: Tx, ids: Sequence[int], shop: rules.ShopFacts, measure: Yardstick, today: int
    ) -> None:
        opened: list[tuple[rules.Case, rules.Wanted]] = []
        moved: list[tuple[rules.Case, reconciling.Move]] = []
        lots: list[tuple[rules.Case, rules.Wanted, bool]] = []
        known_lots = _lots(tx, ids) if shop.holdout else {}
        for case in tasks.cases(tx, ids, measure, today, shop.events):
            if case.member in known_lots:
                case = case._replace(lots=known_lots[case.member])
            left_out: list[rules.Wanted] = []
            wishes, moves = reconciling.reconcile(case, shop, today, left_out)
            if shop.holdout:
                drawn = [wish for wish in wishes if reconciling.is_left_out(case, shop, wish) is False]
                lots += [(case, wish, False) for wish in drawn] + [(case, wish, True) for wish in left_out]
            if wishes:
                opened += [(case, wish) for wish in wishes]
            if moves:
                moved += [(case, move) for move in moves]
        if lots:
            _keep_lots(tx, lots, today)
        if not opened and not moved:
            return
        told = opened + [(case, move.wish) for case, move in moved if move.wish is not None]
        known = {}
        if told:
            rules_of: dict[int, set[str]] = {}
            for case, wish in told:
                rules_of.setdefault(case.member, set()).add(wish.rule)
            known = tasks.goods(tx, rules_of, shop.season(today))
        for case, move in moved:
            anew = None if move.wish is None else why_and_context(case, move.wish, shop, known)
            tasks.change(tx, move, anew)
        if opened:
            tasks.add(tx, [
                NewTask(case.member, wish, *why_and_context(case, wish, shop, known))
                for case, wish in opened
            ])  # fmt: skip
        tx.touch(members={case.member for case, _ in [*opened, *moved]})

    def on_record(self, tx: Tx, member: int, kind: str, day: date) -> bool:
        """Inside a write: a purchase or visit of today settles the to-do shown for the member; whether there
        was one."""
        if day != tx.day or kind == "return":
            return False
        for task in tasks.open_of(tx, member, day.toordinal())[:1]:
            why = "counter_bought" if kind == "purchase" else "counter"
            tx.update("task", task, state="done", closed_on=day.isoformat(), closed_why=why, copied_at=None)
            return True
        return False

    def unsettle(self, tx: Tx, member: int, day: date, *, counter: bool) -> None:
        """Inside a write: a record of that day turned out not to be hers, or of another day. What waited for
        her to come waits again until the rules look; with `counter`, what the record itself had settled
        too."""
        for task in tasks.settled(tx, member, day.toordinal(), counter=counter):
            tx.update("task", task, state="open", closed_on=None, closed_why="")

    # ------------------------------------------------------------ reminders of a visit

    def remind(self, tx: Tx, visit: VisitDraft, visit_id: int) -> None:
        """Inside a write: a to-do on the day set at a visit, one for each member and day of visit; it belongs
        to the visit it was set at last.

        InputError remind_closed if nobody may contact her.
        """
        assert visit.remind is not None
        came, due = visit.day.toordinal(), visit.remind.toordinal()
        today = tx.day.toordinal()
        shop, measure = self._facts(tx, self._shop.types.limits(tx), tx.day)
        case = tasks.cases(tx, [visit.member], measure, today)[0]
        if case.closed_why:
            raise InputError("remind", "remind_closed")
        channel = "message" if case.may_message else "call"
        number = tasks.set_today(tx, [visit.member], rules.REMINDER, came).get(visit.member, 0) + 1
        worth = rules.priority(case, shop, rules.REMINDER, channel, rules.ARRIVED_WEIGHT)
        wish = rules.Wanted(
            rules.REMINDER, came, number, case.type, due, due + rules.MANUAL_DAYS, channel, worth
        )
        goods = tasks.goods(tx, {visit.member: frozenset()}, None)[visit.member]._replace(
            visit_kind=visit.kind, visit_items=visit.items, visit_reasons=visit.reasons, visit_says=visit.says
        )
        context = {"parts": reasons.context(wish, case, goods), "visit": visit_id}
        told = reasons.why(wish, case, shop, goods), context
        before = tasks.reminder(tx, visit.member, came)
        if before is None:
            tasks.add(tx, [NewTask(visit.member, wish, *told)])
        else:
            moved = {} if before.due == due else {"due": due, "expires": wish.expires}
            tasks.change(tx, reconciling.Move(before.id, dict[str, object](moved)), told)

    def drop_reminder(self, tx: Tx, member: int, visit: date) -> None:
        """Inside a write: a visit of hers of that day never was; a reminder nobody worked on goes with it."""
        found = tasks.reminder(tx, member, visit.toordinal())
        if found is not None and not found.is_begun:
            today = tx.day.isoformat()
            tx.update("task", found.id, state="stopped", closed_on=today, closed_why=tasks.VOIDED)

    def restore_reminder(self, tx: Tx, member: int, visit: date) -> None:
        """Inside a write: the visit stands again, and so does the reminder that went with it."""
        dropped = tasks.dropped_reminder(tx, member, visit.toordinal(), tx.day.toordinal())
        if dropped is not None:
            tx.update("task", dropped, state="open", closed_on=None, closed_why="")

    # ------------------------------------------------------------ outcomes

    def finish(self, task: TaskId, draft: OutcomeDraft) -> Done[TaskId]:
        """Record what came of a to-do, and its next step.

        InputError for nonsense; Refusal task_unknown; ConflictError task_closed if someone was faster.
        """
        shop = self._shop
        self.check(draft)
        with shop.write("task.finish") as tx:
            one = _one(tx, task)
            if one.task.state != "open":
                raise ConflictError("task_closed", name=one.name)
            self._record(tx, one, draft)
            return tx.done(task, "done.outcome", name=one.name, outcome=outcome_name(draft.outcome))

    def change(self, task: TaskId, draft: OutcomeDraft) -> Done[TaskId]:
        """Another outcome in place of the one recorded last. Raises as `finish` and `reopen`."""
        shop = self._shop
        self.check(draft)
        with shop.write("task.change") as tx:
            if is_masked(draft.note):
                draft = draft._replace(note=_whole_note(tx, task, draft.note))
            self._take_back(tx, task)
            one = _one(tx, task)
            self._record(tx, one, draft)
            return tx.done(task, "done.outcome_changed", name=one.name, outcome=outcome_name(draft.outcome))

    def reopen(self, task: TaskId) -> Done[TaskId]:
        """Take the last outcome back: the to-do stands on the list again.

        Refusal task_unknown, task_open; ConflictError task_closed if it moved on since.
        """
        shop = self._shop
        with shop.write("task.reopen") as tx:
            self._take_back(tx, task)
            one = _one(tx, task)
            self.refresh(tx, frozenset({one.member}), tx.day)
            return tx.done(task, "done.reopened", name=one.name)

    def copied(self, task: TaskId) -> Done[TaskId]:
        """Remember that the message was copied; no step of its own to undo. ConflictError task_closed if the
        rules closed it meanwhile."""
        shop = self._shop
        with shop.write("task.copied") as tx:
            one = _one(tx, task)
            if one.task.state in ("stopped", "expired"):  # nobody may contact her any more, or need not
                raise ConflictError("task_closed", name=one.name)
            tx.update("task", task, copied_at=tx.now.isoformat(" ", "seconds"))
            return tx.done(task, "done.copied")

    def assign(self, chosen: Collection[TaskId], staff: StaffId | None) -> Done[int]:
        """Give open to-dos to a person, or back (None) to each member's own assistant; the value is how many.

        InputError staff_unknown if she does not work here; Refusal task_unknown where none of them is open.
        """
        shop = self._shop
        with shop.write("task.assign") as tx:
            people = {person.id: person.name for person in settings.staff(tx) if person.active}
            if staff is not None and staff not in people:
                raise InputError("staff", "staff_unknown")
            names = self._set(tx, chosen, staff_id=staff)
            if staff is None:
                return tx.done(len(names), "done.givenback", n=len(names))
            if len(names) == 1:
                return tx.done(1, "done.given.one", name=names[0], staff=people[staff])
            return tx.done(len(names), "done.given", n=len(names), staff=people[staff])

    def bring_forward(self, chosen: Collection[TaskId]) -> Done[int]:
        """Take open to-dos that wait onto today's list, beyond its places; the value is how many.

        Refusal task_unknown where none of them is open.
        """
        shop = self._shop
        with shop.write("task.forward") as tx:
            names = self._set(tx, chosen, forward_on=tx.day.isoformat())
            if len(names) == 1:
                return tx.done(1, "done.forward.one", name=names[0])
            return tx.done(len(names), "done.forward", n=len(names))

    def _set(self, tx: Tx, chosen: Collection[TaskId], **values: object) -> list[str]:
        """The same for all of these to-dos that are open; the names of their members."""
        found = [one for one in tasks.some(tx, chosen).values() if one.task.state == "open"]
        if not found:
            raise Refusal("task_unknown")
        tx.update_same("task", [one.task.id for one in found], **values)
        tx.touch(members=[one.member for one in found])
        return [one.name for one in found]

    def add_today(self, members: Collection[MemberId]) -> Done[int]:
        """Put members on today's list by hand; left out: with a to-do of today, with another day
        agreed, contacted today, or not to be contacted."""
        shop = self._shop
        with shop.write("task.add") as tx:
            today = tx.day.toordinal()
            limits = shop.types.limits(tx)
            facts, measure = self._facts(tx, limits, tx.day)
            taken = tasks.busy(tx, members, today)
            talked_to = tasks.talked_to(tx, members, today) - taken  # nobody is listed twice a day
            before = tasks.set_today(tx, members, rules.MANUAL, today)
            new = []
            closed = 0
            for case in tasks.cases(tx, sorted(set(members) - taken - talked_to), measure, today):
                if case.closed_why:
                    closed += 1
                    continue
                channel = "call" if case.may_call else "message"
                worth = rules.priority(case, facts, rules.MANUAL, channel, 1.0)
                wish = rules.Wanted(
                    rules.MANUAL, today, before.get(case.member, 0) + 1, case.type, today,
                    today + rules.MANUAL_DAYS, channel, worth,
                )  # fmt: skip
                context: dict[str, object] = {"parts": []}
                if case.last == today:
                    context["bought"] = True
                new.append(NewTask(case.member, wish, {"id": "why.manual", "values": {}}, context))
            tasks.add(tx, new)
            tx.touch(members=[task.member for task in new])
            told = (
                ("added.busy", len(taken)),
                ("added.talked", len(talked_to)),
                ("added.closed", closed),
            )
            left = [t(why, n=n) for why, n in told if n]
            if left:
                return tx.done(len(new), "done.added_some", n=len(new), left=t("added.join").join(left))
            return tx.done(len(new), "done.added_today", n=len(new))

    def tell_arrived(self, tx: Tx, wishes: Mapping[int, Sequence[WantedRow]]) -> int:
        """Inside a write: what these members waited for is in; each gets one to-do of today that names it
        all, or it is named in the one she has. The value is how many will be told."""
        today = tx.day.toordinal()
        facts, measure = self._facts(tx, self._shop.types.limits(tx), tx.day)
        before = tasks.set_today(tx, wishes, rules.ARRIVED, today)
        new = []
        told = 0
        for case in tasks.cases(tx, sorted(wishes), measure, today):
            if case.closed_why:
                continue
            told += 1
            goods = [_arrival(wish) for wish in wishes[case.member]]
            waits = next(
                (task for task in case.tasks if task.rule == rules.ARRIVED and task.state == "open"), None
            )
            if waits is not None:
                goods = [*_arrivals(_one(tx, waits.id).context), *goods]
                tasks.change(tx, reconciling.Move(waits.id, {"copied_at": None}), reasons.arrived(goods))
                continue
            channel = "message" if case.may_message else "call"
            wish = rules.Wanted(
                rules.ARRIVED, today, before.get(case.member, 0) + 1, case.type, today,
                today + rules.ARRIVED_DAYS, channel,
                rules.priority(case, facts, rules.ARRIVED, channel, rules.ARRIVED_WEIGHT),
            )  # fmt: skip
            new.append(NewTask(case.member, wish, *reasons.arrived(goods)))
        tasks.add(tx, new)
        return told

    def untell_arrived(self, tx: Tx, member: int, wishes: Sequence[WantedRow]) -> None:
        """Inside a write: these turned out not to be wishes of hers. They go out of the open to-do that tells
        her, and it goes with the last of them."""
        _, measure = self._facts(tx, self._shop.types.limits(tx), tx.day)
        gone = [_arrival(wish) for wish in wishes]
        for case in tasks.cases(tx, [member], measure, tx.day.toordinal()):
            for task in case.tasks:
                if task.rule != rules.ARRIVED or task.state != "open":
                    continue
                before = _arrivals(_one(tx, task.id).context)
                left = [goods for goods in before if goods not in gone]
                if not left:
                    today = tx.day.isoformat()
                    tx.update("task", task.id, state="stopped", closed_on=today, closed_why=tasks.VOIDED)
                elif left != before:
                    tasks.change(tx, reconciling.Move(task.id, {"copied_at": None}), reasons.arrived(left))

    def check(self, draft: OutcomeDraft) -> None:
        """InputError for an outcome, reason, text or next day that cannot be recorded."""
        if draft.outcome not in OUTCOMES:
            raise InputError("outcome", "outcome_unknown", value=draft.outcome)
        if draft.reason not in REASONS:
            raise InputError("reason", "reason_unknown", value=draft.reason)
        for field, text in (("note", draft.note), ("message", draft.message)):
            if len(clean_text(text)) > _LONGEST_NOTE:
                raise InputError(field, "text_long", n=_LONGEST_NOTE)
        if draft.next_day is not None:
            ahead = (draft.next_day - self._shop.day).days
            if ahead < 0:
                raise InputError("next_day", "next_day_past")
            if ahead > _FARTHEST:
                raise InputError("next_day", "next_day_far")

    def bring_home(self, tx: Tx, task: TaskId, draft: OutcomeDraft, last: int) -> None:
        """Inside a write: an outcome from a list that knew the to-do's contacts up to `last`; it takes the
        place of a later one."""
        if any(told.id > last for told in homecoming.stands(tx, [task])[task].contacts):
            with suppress(ConflictError):  # a purchase closed it meanwhile: opened again below
                self._take_back(tx, task)
        one = _one(tx, task)
        if one.task.state != "open":
            tx.update("task", task, state="open", closed_on=None, closed_why="")
            one = _one(tx, task)
        self._record(tx, one, draft)

    def _record(self, tx: Tx, one: OneTask, draft: OutcomeDraft) -> None:
        """The contact, the to-do and the member in one go, then her other to-dos."""
        task, today = one.task, tx.day.toordinal()
        if draft.outcome == "later" and task.snoozes >= _whole(settings.value(tx, "most_snoozes")):
            raise InputError("outcome", "later_enough", n=task.snoozes)
        effect = reconciling.effect(
            task, draft, today, may_message=one.may_message,
            pause_days=_whole(settings.value(tx, "refused_pause_days")),
            retry_days=_whole(settings.value(tx, "no_answer_days")),
            most_tries=_whole(settings.value(tx, "most_tries")),
            later_days=_whole(settings.value(tx, "later_days")),
        )  # fmt: skip
        due = effect.task.get("due")
        tx.insert(
            "contact", member_id=one.member, task_id=task.id, day=tx.day.isoformat(), at=tx.at,
            channel=task.channel, outcome=draft.outcome, reason=draft.reason,
            next_day=date.fromordinal(due).isoformat() if isinstance(due, int) else None,
            note=clean_text(draft.note), message=clean_text(draft.message),
            template=draft.template, staff_id=tx.actor, chance=self._chance(tx, one.member),
        )  # fmt: skip
        tasks.change(tx, reconciling.Move(task.id, effect.task))
        if effect.never:
            tx.update("member", one.member, no_call=1, no_message=1, no_sms=1)
        elif effect.pause_until is not None:
            tx.update("member", one.member, pause_until=date.fromordinal(effect.pause_until).isoformat())
        if effect.wrong_number:
            tasks.mark_phone_wrong(tx, one.member)
        tx.touch(members=[one.member])
        self.refresh(tx, frozenset({one.member}), tx.day)

    def _chance(self, tx: Tx, member: MemberId) -> float | None:
        """Of a purchase within 30 days by what is known before she is contacted; None while it is not."""
        verdict = self._shop.types.verdict(tx, member)
        if verdict is None or verdict.p90 is None:
            return None
        from shopcrm.rules.uplift import chance_30  # as below: not needed to start

        return chance_30(verdict.p90)

    def _take_back(self, tx: Tx, task: TaskId) -> None:
        one = _one(tx, task)
        entry = tasks.entry_of_outcome(tx, task)
        if entry is None or not journal.may_undo(tx, entry):
            if one.task.state != "done":
                raise Refusal("task_open", name=one.name)
            tx.update("task", task, state="open", closed_on=None, closed_why="")
            return
        if journal.kind_of(tx, entry) not in _OUTCOME_WRITES:
            self._take_back_moved(tx, one)
            return
        taken: set[int] = set()
        while entry is not None and journal.kind_of(tx, entry) in _OUTCOME_WRITES:
            # Its contact stands, so its effects do: a change that was changed is taken back step by step.
            taken.add(entry)
            # A list that came home is one step of many members: only hers is taken back.
            whole = journal.kind_of(tx, entry) != HOMECOMING
            told = homecoming.stands(tx, [task])[task].contacts
            journal.undo(tx, entry, None if whole else one.member)
            left = homecoming.stands(tx, [task])[task].contacts
            if left == told:
                self._take_back_moved(tx, _one(tx, task))  # kept: she was merged with another since
                return
            # As many as before: this step had put another outcome in the place of one, which is back now.
            if len(left) < len(told) and _one(tx, task).task.state == "open":
                return
            entry = tasks.entry_of_outcome(tx, task, taken)
        raise ConflictError("task_closed", name=one.name)

    def _take_back_moved(self, tx: Tx, one: OneTask) -> None:
        """The same for an outcome whose step stayed behind with another file, or can no more be reversed."""
        last = homecoming.stands(tx, [one.task.id])[one.task.id].contacts[-1]
        tx.delete("contact", last.id)
        values: dict[str, object] = {"state": "open", "closed_on": None, "closed_why": "", "outcome": ""}
        if last.outcome == "no_answer":
            values["tries"] = max(0, one.task.tries - 1)
        elif last.outcome == "later":
            values["snoozes"] = max(0, one.task.snoozes - 1)
        elif last.outcome == "will_come":
            values["appointment"] = None
        tx.update("task", one.task.id, **values)


def _whole_note(tx: Tx, task: TaskId, note: str) -> str:
    """A note that was typed over a masked one, its numbers as they stand in that."""
    from shopcrm.basics.masking import unmask  # only where somebody writes who sees numbers masked

    before = task_rows(tx, [task], tx.day)
    return unmask(note, before[0].note) if before else note


# ---------------------------------------------------------------- what the rules know of the shop


def remembered(rx: Rx) -> dict[str, object]:
    """What the follow-ups remember between days."""
    state: dict[str, object] = json.loads(tasks.state(rx, tasks.STATE))
    return state


def _kept_facts(tx: Tx, limits: Limits, day: date) -> rules.ShopFacts:
    """What the rules know of the shop; what it takes a look at everybody to know is kept for later."""
    before = remembered(tx)
    facts, state = shop_facts(tx, limits, day, settings.values(tx), before)
    if state != before:
        tasks.keep_state(tx, tasks.STATE, state)
    return facts


def shop_facts(
    rx: Rx, limits: Limits, day: date, values: Mapping[str, object], before: Mapping[str, object]
) -> tuple[rules.ShopFacts, dict[str, object]]:
    """What the rules know of a shop with these settings, and what is to be remembered of it."""
    today, calibration = day.toordinal(), limits.calibration
    state = dict(before)
    month = day.strftime("%Y-%m")
    if state.get("month") != month:
        state |= {"month": month, "gains": _gains(rx, day)}
    # An import or a move brings a snapshot of its own, and with it the days that follow the shop.
    snapshot = [month, calibration.day, calibration.gaps, calibration.buyers]
    quartiles = state.get("quartiles")
    if state.get("snapshot") != snapshot or not isinstance(quartiles, dict):
        quartiles = _quartiles(tasks.first_gaps(rx))
        state |= {"snapshot": snapshot, "quartiles": quartiles}
    own = values["rules_own"]
    assert isinstance(own, dict)
    seasons = tuple(_season_days(_texts(values["season_dates"]), day.year))
    sales = _texts(values["sale_dates"])
    facts = rules.ShopFacts(
        typical_gap=calibration.typical_gap, ticket_mid=calibration.ticket_mid,
        power_ticket=calibration.power_ticket, loyal_purchases=calibration.loyal_purchases,
        keepalive=limits.settings.lost_visit_keepalive, seasons=seasons,
        sales=tuple(_season_days(sales, day.year)) if sales else None,
        closed_weekdays=frozenset(day for day in _list(values["closed_weekdays"]) if isinstance(day, int)),
        closed_days=frozenset((*_texts(values["closed_days"]), *_texts(values["quiet_days"]))),
        rules=rules.by_type(own_rules.rules_of(own, quartiles["q50"], quartiles["q75"])),
        spacing=_whole(values["contact_spacing"]),
        cap_30={kind: _whole(values[f"cap_30_{kind}"]) for kind in TYPE_KEYS},
        cap_90=_whole(values["cap_90"]), no_selling=_whole(values["no_selling_days"]),
        worked=tasks.newest_record(rx, today) or None,
        season_cuts=_cuts(state, _season_near(seasons, day)), gains=_known_gains(state),
        events=occasions.near(events.standing(rx), day, rules.AHEAD),
    )  # fmt: skip
    shares = values["holdout"]
    if isinstance(shares, dict) and shares and listing.total(rx) >= LEAST_MEMBERS:
        left_out = {key: share for key, share in shares.items() if key in rules.HOLDABLE}
        facts = facts._replace(holdout=left_out, salt=str(values["holdout.salt"]))
    season = _season_near(seasons, day)
    if season is not None and not facts.season_cuts:
        scores = tasks.loyal_scores(rx)
        cuts = [scores[len(scores) * tenth // 10] for tenth in range(1, 10)] if scores else []
        state["cuts"] = {"season": season, "scores": cuts}
        facts = rules.with_cuts(facts, tuple(cuts))
    return facts, state


def _lots(rx: Rx, members: Collection[int]) -> Mapping[int, Mapping[tuple[str, str], bool]]:
    """What was drawn for these members so far."""
    from shopcrm.store.effect import lots  # most shops leave nobody out

    return lots(rx, members)


def _keep_lots(tx: Tx, drawn: Sequence[tuple[rules.Case, rules.Wanted, bool]], today: int) -> None:
    """Write down who was left out of a to-do and who was not."""
    from shopcrm.store.effect import Draw, keep_draws

    keep_draws(tx, [
        Draw(case.member, wish.rule, quarter_of(wish.anchor), max(wish.due, today), case.type, held)
        for case, wish, held in drawn
    ])  # fmt: skip


def _gains(rx: Rx, day: date) -> dict[str, float]:
    """What a contact of each rule was worth in this shop until the month of `day` began."""
    from shopcrm.shop.effect import gains  # asked once a month

    return gains(rx, day)


def _known_gains(state: Mapping[str, object]) -> Mapping[str, float]:
    gains = state.get("gains")
    return gains if isinstance(gains, dict) else {}


def _season_days(month_days: Sequence[str], year: int) -> Iterator[int]:
    for of_year in (year - 1, year, year + 1):
        for text in sorted(month_days):
            month, day = map(int, text.split("-"))
            yield (
                date(of_year, month, 1) + timedelta(days=min(day, 28 if month == 2 else day) - 1)
            ).toordinal()


def _season_near(seasons: Sequence[int], day: date) -> int | None:
    today = day.toordinal()
    return next((season for season in seasons if season - rules.AHEAD <= today <= season + 31), None)


def _cuts(state: Mapping[str, object], season: int | None) -> tuple[float, ...]:
    cuts = state.get("cuts")
    if season is None or not isinstance(cuts, dict) or cuts.get("season") != season:
        return ()
    return tuple(cuts["scores"])


def _quartiles(gaps: Sequence[tuple[int, int]]) -> dict[str, float]:
    """Quartiles of the first-to-second purchase gaps, shrunk in logs with 20 pseudo-gaps."""
    count = sum(n for _, n in gaps)
    found = {}
    for name, (q, prior) in _GAP_PRIORS.items():
        own = max(histogram_quantile(gaps, q), 1.0) if count else prior
        found[name] = exp((count * log(own) + _PSEUDO_GAPS * log(prior)) / (count + _PSEUDO_GAPS))
    return found


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


def _texts(value: object) -> list[str]:
    return [text for text in _list(value) if isinstance(text, str)]


def _whole(value: object) -> int:
    assert isinstance(value, int)
    return value


def why_and_context(
    case: rules.Case, wish: rules.Wanted, shop: rules.ShopFacts, known: Mapping[int, reasons.Goods]
) -> tuple[reasons.Part, dict[str, object]]:
    """Reason and context of a to-do as they are kept."""
    goods = known.get(case.member, reasons.NOTHING)._replace(
        occasion=shop.event(wish.rule, wish.anchor, case.type)
    )
    context: dict[str, object] = {"parts": reasons.context(wish, case, goods)}
    if wish.asks:
        context["asks"] = True
    if wish.rule == "P4":
        context["more"] = max(1, round(shop.loyal_purchases - case.eff12))
    return reasons.why(wish, case, shop, goods), context


def _one(rx: Rx, task: int) -> OneTask:
    one = tasks.some(rx, [task]).get(task)
    if one is None:
        raise Refusal("task_unknown")
    return one


def outcome_name(outcome: str) -> str:
    """An outcome in the words of the screen."""
    return t(f"out.{OUTCOMES.index(outcome) + 1}") if outcome in OUTCOMES else outcome


# ---------------------------------------------------------------- reading


def _seen(rx: Rx) -> dict[int, int]:
    """The to-dos that stood on an earlier list, with the day they first did."""
    return {int(task): since for task, since in json.loads(tasks.state(rx, tasks.SEEN)).items()}


class _Listed(NamedTuple):
    shown: list[capacity.Listed]
    waiting: list[capacity.Listed]
    done: list[capacity.Listed]


def _listed(rx: Rx, today: int, seen: Mapping[int, int], in_peace: str, *, whole: bool = False) -> _Listed:
    """The parts of a day's list; what waits is only read for the `whole` of it."""
    done, forward = tasks.done_on(rx, today), tasks.brought_forward(rx, today)
    worked_off = sum(task.id not in forward for task in done)
    values = settings.values(rx)
    places = _whole(values["tasks_per_day"]) * tasks.sellers(rx) - worked_off
    if _is_quiet(_texts(values["quiet_days"]), date.fromordinal(today)):
        places = 0  # only what was agreed with her
    most = {kind: limit for kind in TYPE_KEYS if (limit := _whole(values[f"day_{kind}"]))}
    for task in done:
        if task.type in most and task.id not in forward:
            most[task.type] = max(0, most[task.type] - 1)
    with closing(tasks.due(rx, today, in_peace, forward)) as due:
        shown, waiting = capacity.day_list(due, today, max(0, places), seen, forward, most)
        return _Listed(shown, list(waiting) if whole else [], done)


def _is_quiet(quiet_days: Sequence[str], day: date) -> bool:
    return day.isoformat() in quiet_days or f"{day:%m-%d}" in quiet_days


def day_list(rx: Rx, day: date, staff: StaffId | None = None, *, whole: bool = True) -> DayList:
    """The to-dos of a day: shown in working order, waiting, done; those one person shall do if named, of
    `POOL` those nobody has.

    Without the `whole` those that wait are counted and not named: in a big shop there are tens of thousands.
    """
    today = day.toordinal()
    in_peace = tasks.in_peace(rx, today)
    parts = _listed(rx, today, _seen(rx), in_peace, whole=whole or staff is not None)
    if staff is not None:
        wanted = None if staff == POOL else staff
        parts = _Listed(*([task for task in part if task.staff == wanted] for part in parts))
    if whole or staff is not None:
        behind = len(parts.waiting)
    else:
        behind = tasks.how_many_due(rx, today, in_peace) - len(parts.shown)
    if not whole:
        parts = parts._replace(waiting=[])
    types: dict[int, TypeKey] = {}
    people: dict[int, StaffId | None] = {}
    for part in parts:
        types |= {task.id: task.type for task in part}
        people |= {task.id: None if task.staff is None else StaffId(task.staff) for task in part}
    shown_ids, waiting_ids, done_ids = (tuple(TaskId(task.id) for task in part) for part in parts)
    return DayList(day, shown_ids, waiting_ids, done_ids, behind, types, people)


def first_of(rx: Rx, day: date) -> tuple[TaskId, ...]:
    """The to-dos `day_list` shows, without counting what waits behind them."""
    today = day.toordinal()
    shown = _listed(rx, today, _seen(rx), tasks.in_peace(rx, today)).shown
    return tuple(TaskId(task.id) for task in shown)


def cautions(rx: Rx, row: TaskRow, now: datetime) -> tuple[Sentence, ...]:
    """What speaks against contacting her just now for this to-do; it may be done all the same.

    Somebody contacted her within the days between two contacts, by whatever way and about whatever; her
    complaint is not settled; it is a day without contacts, or an hour nobody wants to be called at.
    """
    day = now.date()
    found = []
    last = tasks.other_contact(rx, row.member, row.id)
    if last is not None and (day - last.day).days < _whole(settings.value(rx, "contact_spacing")):
        found.append(_just_contacted(last, day))
    if row.rule != "C1" and any(one.state == "open" for one in complaints.of_member(rx, row.member)):
        found.append(Sentence("caution.complaint"))
    hours = str(settings.value(rx, "contact_hours"))
    if _is_quiet(_texts(settings.value(rx, "quiet_days")), day):
        found.append(Sentence("caution.quiet"))
    elif not is_within(hours, f"{now:%H:%M}"):
        found.append(Sentence("caution.hours", {"time": f"{now:%H:%M}", "hours": show_hours(hours)}))
    return tuple(found)


def _just_contacted(last: OtherContact, day: date) -> Sentence:
    """Who contacted her, when, and what came of it."""
    ago = (day - last.day).days
    values = {"n": ago, "at": last.at, "staff": last.staff, "outcome": outcome_name(last.outcome)}
    when = "today" if ago == 0 else "yesterday" if ago == 1 else "days"
    return Sentence(f"caution.{when}" if last.staff else f"caution.{when}.somebody", values)


def by_the_hour(rx: Rx, ids: Sequence[TaskId], time: str) -> tuple[TaskId, ...]:
    """To-dos in their order, but who likes to be called at another hour than HH:MM comes last."""
    hours = tasks.hours_of(rx, ids)
    return tuple(sorted(ids, key=lambda task: not is_within(hours.get(task, ""), time)))


def open_of(rx: Rx, member: MemberId, day: date) -> TaskRow | None:
    """The to-do that is shown for a member today, if any."""
    ids = [TaskId(task) for task in tasks.open_of(rx, member, day.toordinal())[:1]]
    return next(iter(task_rows(rx, ids, day)), None)


def task_rows(rx: Rx, ids: Sequence[TaskId], day: date) -> list[TaskRow]:
    """The rows of these to-dos in this order, worded for `day`; missing ones are left out."""
    seen = _seen(rx)
    found = tasks.rows(rx, ids)
    most_tries = _whole(settings.value(rx, "most_tries")) if any(row.tries for row in found) else 0
    return [_task_row(row, day, seen.get(row.id), most_tries) for row in found]


def _task_row(row: StoredRow, day: date, seen: int | None, most_tries: int) -> TaskRow:
    today = day.toordinal()
    promised = bool(row.tries or row.snoozes or row.appointment or row.rule in rules.BY_HAND)
    since = capacity.late_since(row.due.toordinal(), today, is_promised=promised, seen=seen)
    is_due = row.due <= day
    is_today = row.is_own_contact and row.contact_day == day
    why, context = _worded(row, day, most_tries)
    return TaskRow(
        id=TaskId(row.id), member=row.member, name=row.name, phones=row.phones, type=row.type, rule=row.rule,
        step=row.step, why=why, context=context, channel=row.channel,
        due=date.fromordinal(since) if is_due else row.due, expires=row.expires,
        overdue_days=max(0, today - since) if is_due and row.state == "open" else 0, priority=row.priority,
        last_day=row.last_day, last_item=row.last_item, last_fen=row.last_fen, joined=row.joined,
        last_contact_day=row.contact_day, last_contact_outcome=row.contact_outcome, staff=row.staff,
        appointment=row.appointment, tries=row.tries, snoozes=row.snoozes, state=row.state,
        outcome=row.contact_outcome if is_today else "", closed_at=row.contact_at if is_today else "",
        closed_by=row.contact_by if is_today else "", copied=row.copied,
        no_call=row.no_call, no_message=row.no_message, no_sms=row.no_sms, best_time=row.best_time,
        staff_id=row.staff_id, is_assigned=row.is_assigned, is_forward=row.forward_on == day,
        contact_at=row.contact_at, contact_by=row.contact_by, is_own_contact=row.is_own_contact,
        closed_why=row.closed_why, reason=row.contact_reason if is_today else "",
        next_day=row.contact_next if is_today else None, note=row.contact_note if is_today else "",
    )  # fmt: skip


def _worded(row: StoredRow, day: date, most_tries: int) -> tuple[Sentence, Sentence | None]:
    """Both lines of a row: why, and what helps to talk to her; what was agreed with her comes first."""
    why = reasons.sentence(row.why, day)
    stored = row.context.get("parts")
    parts = [reasons.sentence(part, day) for part in (stored if isinstance(stored, list) else [])]
    if row.appointment is not None and row.appointment <= day:
        if row.appointment == day:
            return Sentence("why.appointment"), reasons.joined([why])
        said = Sentence("why.noshow", {"date": show_day(row.appointment, day)})
        return said, reasons.joined([why])
    if row.contact_day is None:
        return why, reasons.joined(parts)
    when = show_day(row.contact_day, day)
    if row.is_own_contact and row.contact_outcome == "no_answer" and row.tries >= most_tries:
        return why, Sentence("why.c.otherway", {"n": row.tries})
    if row.is_own_contact and row.contact_outcome == "no_answer":
        return why, Sentence("why.c.tries", {"n": row.tries + 1, "date": when})
    if row.is_own_contact and row.contact_outcome == "later":
        return why, Sentence("why.c.snoozed", {"date": when})
    if not row.is_own_contact and len(parts) < 2:
        outcome = outcome_name(row.contact_outcome)
        parts.append(Sentence("why.c.contact", {"date": when, "outcome": outcome}))
    return why, reasons.joined(parts)


def message(rx: Rx, task: TaskId, variant: int, day: date) -> Message:
    """What to say for a to-do, in wording `variant`. Refusal task_unknown."""
    _one(rx, task)
    return messages(rx, [task], variant, day)[task]


def messages(rx: Rx, ids: Sequence[TaskId], variant: int, day: date) -> dict[TaskId, Message]:
    """What to say for many to-dos."""
    found = tasks.some(rx, ids)
    names = {task: occasion_of(one, day.toordinal()) for task, one in found.items()}
    wordings = Wordings(rx, set(names.values()), {one.member for one in found.values()})
    return {
        TaskId(task): wordings.message(names[task], variant, found[task].member, known)
        for task, known in slots_of(rx, found, day).items()
    }


def slots_of(rx: Rx, found: Mapping[int, OneTask], day: date) -> dict[int, templates.Slots]:
    """What the messages about some to-dos may mention."""
    shop_name = str(settings.value(rx, "shop.name"))
    month_days = _texts(settings.value(rx, "season_dates"))
    season = _season_near(tuple(_season_days(month_days, day.year)), day)
    members = {one.member for one in found.values()}
    goods = tasks.goods(rx, dict.fromkeys(members, frozenset(rules.RULE_KEYS)), season)
    told = {one.task.rule for one in found.values()} & set(occasions.RULE_OF.values())
    book = _Book(events.all_of_them(rx) if told else (), day)
    return {
        task: _slots(
            one,
            goods.get(one.member, reasons.NOTHING)._replace(occasion=book.of(one)),
            shop_name,
            day,
        )
        for task, one in found.items()
    }


class Wordings:
    """The wordings in use of some occasions, and what some members have in the shop's own fields."""

    def __init__(self, rx: Rx, names: Collection[str], members: Collection[int]) -> None:
        self._own = words.in_use(rx, names, language())
        self._off = frozenset(_texts(settings.value(rx, "words_off")))
        self._fields: Mapping[int, Mapping[str, str]] = {}
        self._names: Mapping[str, str] = {}
        if self._own:
            self._fields = words.own_values(rx, members)
            from shopcrm.rules.wordings import slot_names  # not loaded where nobody wrote anything

            in_use = [field for field in people.own_fields(rx) if not field.gone]
            self._names = slot_names({field.id: field.name for field in in_use})

    def message(self, occasion: str, variant: int, member: int, slots: templates.Slots) -> Message:
        """What to say to a member in one wording of the round."""
        said = templates.say(
            occasion, variant, slots, own=self._own.get(occasion, ()), off=self._off,
            fields=self._fields.get(member, {}), names=self._names,
        )  # fmt: skip
        title = Sentence("words.own", {"name": said.name}) if said.name else Sentence(occasion)
        names = self._names or {slot: t(f"slot.{slot}") for slot in said.missing}
        missing = tuple(names[slot] for slot in said.missing if slot in names)  # not of a field put away
        return Message(said.template, title, said.text, said.variants, missing, has_gaps=said.has_gaps)


def occasion_of(one: OneTask, today: int) -> str:
    """The occasion of a to-do, for its words."""
    task = one.task
    asks, is_appointment = "asks" in one.context, task.appointment == today
    return templates.occasion(task.rule, task.step, asks=asks, appointment=is_appointment)


class _Book:
    """The occasions to-dos speak of, removed since or not, over or not."""

    def __init__(self, rows: Sequence[EventRow], day: date) -> None:
        self._rows = rows
        self._day = day
        self._seen: dict[date, list[occasions.Event | None]] = {}

    def of(self, one: OneTask) -> occasions.Event | None:
        """What a to-do invites to or greets for."""
        task = one.task
        for day in (self._day, date.fromordinal(task.anchor)) if self._rows else ():
            if day not in self._seen:
                self._seen[day] = [occasions.seen(row, day) for row in self._rows]
            for event in self._seen[day]:
                is_its = event is not None and (event.rule, event.first) == (task.rule, task.anchor)
                if event is not None and is_its and event.is_for(task.type):
                    return event
        return None


def _slots(one: OneTask, goods: reasons.Goods, shop_name: str, day: date) -> templates.Slots:
    task = one.task
    name = one.call_name
    if not name and one.is_man and one.name:
        name = t("say.mr", name=one.name)
    items, short = templates.short_item(goods.visit_items), templates.short_item
    arrivals = _arrivals(one.context)
    size = goods.size
    if arrivals:  # the one she asked for, not the one she usually wears; of several none is named
        size = arrivals[0].size.removesuffix(t("wanted.size")) if len(arrivals) == 1 else ""
    event = goods.occasion
    until, often = show_day(day + timedelta(days=_OFFER_DAYS), day), short(goods.often)
    if event is not None:
        often = event.item or often
        until = show_day(date.fromordinal(event.last), day) if event.last > event.first else ""
    is_over = event is not None and event.last < day.toordinal()  # its name is all that is still said
    return templates.Slots(
        call=name or call_name(one.name), piece=templates.piece(goods.item), staff=one.staff,
        shop=shop_name, item=short(goods.item),
        often=often, lastyear=short(goods.season_item),
        tried=items if goods.visit_kind == "tried" else "",
        asked=items if goods.visit_kind == "asked" else "",
        wanted=t("g.list").join(dict.fromkeys(short(one.item) for one in arrivals)),
        size=size,
        birthday=show_day(date.fromordinal(task.anchor), day) if task.rule == "L2" else "",
        until="" if is_over else until, more=str(one.context.get("more", "")),
        event=event.name if event else "", offer=event.offer if event and not is_over else "",
        eventday=show_day(max(date.fromordinal(event.first), day), day) if event and not is_over else "",
    )  # fmt: skip


def _arrival(wish: WantedRow) -> reasons.Arrival:
    return reasons.Arrival(wish.item, wish.size, wish.colour, wish.day.toordinal())


def _arrivals(context: Mapping[str, object]) -> list[reasons.Arrival]:
    """What a to-do says is in."""
    stored = context.get("goods")
    return [reasons.Arrival(*one) for one in stored] if isinstance(stored, list) else []


def callbacks(
    rx: Rx, ids: Sequence[TaskId], day: date, *, type: TypeKey | None = None, mask: bool = False
) -> Table:
    """The call-back list of these to-dos in this order, with blank columns for the outcomes."""
    from shopcrm.reports.callbacks import Callback, callback_list  # once a day, for a workbook

    rows = task_rows(rx, ids, day)
    said = messages(rx, ids, 0, day)
    known = tasks.words(rx, {row.member for row in rows})
    stands = homecoming.stands(rx, [row.id for row in rows])
    entries = [Callback(row, said[row.id].text, known[row.member], stands[row.id].key()) for row in rows]
    return callback_list(entries, type=type, mask=mask)
