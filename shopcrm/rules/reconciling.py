"""What must happen to the stored to-dos of a member: by what is known of her today, and after an outcome.

Days are `date.toordinal()`; nothing is read or written here, and running twice changes nothing.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from shopcrm.basics.records import OutcomeDraft
from shopcrm.rules.followups import (
    AHEAD,
    BY_HAND,
    MANUAL,
    OWED,
    SELLING,
    SPACING,
    UNCHANGED,
    Case,
    ShopFacts,
    Stored,
    Wanted,
    is_agreed,
    is_since,
    visited_since,
    wanted,
)
from shopcrm.rules.holdout import is_held, quarter_of

COMES_WITHIN = 7  # days after the day she named
TRIES = 3  # unanswered calls, then another way is proposed; the next one closes the to-do
_CAME = ("bought", "returned", "visited")  # closed because she was here
_SLIGHT = 0.1  # a change of worth that is not worth writing down


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
        agreed = known is not None and known.state == "stopped" and is_agreed(known, day)
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
    rule = shop.rule(task.rule) or UNCHANGED.get(task.rule)
    stops = () if rule is None else rule.stops
    ignored = () if rule is None else set(UNCHANGED.get(task.rule, rule).stops).difference(stops)
    if "returned" in stops and is_since(case.returned, task.anchor):
        return "returned"
    if task.rule in ("E1", "N1"):  # invited before the day itself: what she did since counts
        since = min(task.anchor, task.due if task.contacted is None else task.contacted)
        if "bought" in stops and is_since(case.last, since):
            return "bought"
        if "visited" in stops and visited_since(case, since):
            return "visited"
        return "type" if case.type != task.type else "over"
    same_day = "bought" in stops or task.rule == "P1" or (task.rule == MANUAL and not task.after_purchase)
    bought = case.last is not None and case.last >= task.anchor + (not same_day)
    if bought and "bought" not in ignored:
        return "bought"
    if "visited" in stops and visited_since(case, task.anchor):
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
