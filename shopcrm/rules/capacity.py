"""Which open to-dos are shown on a day, in which order, and which wait behind the places there are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain
from types import MappingProxyType
from typing import NamedTuple

from shopcrm.basics.records import TYPE_KEYS, TypeKey

NO_LIMITS: Mapping[TypeKey, int] = MappingProxyType({})


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
