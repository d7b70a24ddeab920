"""Handing over 交接: today's list of somebody who is away, and everything of somebody who leaves.

Who takes over gets the same mix: her members are dealt out by type and worth, one after the other, so that
what the plan shows is what is done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import cycle
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from shopcrm.basics.errors import InputError, Refusal
from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import Done, LeavingPlan, Share, StaffFigures, StaffId, StaffRow
from shopcrm.shop.followups import day_list
from shopcrm.store import Rx, handover, pins, reveals
from shopcrm.store.listing import staff_counts
from shopcrm.store.settings import staff as everybody

if TYPE_CHECKING:
    from shopcrm.shop import Shop

T = TypeVar("T")


class HandOver:
    """Both are one step that undo takes back."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def share_out(self, staff: StaffId, to: Sequence[StaffId]) -> Done[int]:
        """She is away: the to-dos on her list of today go to others, one after the other; the value is how
        many. Her members stay hers.

        InputError staff_unknown for who does not work here, or nobody at all; Refusal nothing_to_share.
        """
        shop = self._shop
        with shop.write("task.assign") as tx:
            people = _people(tx)
            _check(people, staff, to)
            if not to:
                raise InputError("staff", "staff_unknown")
            tasks = day_list(tx, tx.day, staff, whole=False).open
            if not tasks:
                raise Refusal("nothing_to_share", name=people[staff].name)
            for person, hers in _deal(tasks, to).items():
                tx.update_same("task", hers, staff_id=person)
            return tx.done(len(tasks), "done.shared", n=len(tasks), name=people[staff].name)

    def leave(self, staff: StaffId, to: Sequence[StaffId], progress: Progress = SILENT) -> Done[LeavingPlan]:
        """She leaves: her members and open to-dos go to others, to nobody in particular without any; she is
        locked out, and her PIN is gone for good. Many members go behind a backup. The value is what was done.
        Raises as `plan`; RightsError."""
        shop = self._shop
        shop.backups.before_bulk(
            "staff.leave", plan(shop.store.read(), staff, to, shop.day).members, progress
        )
        with shop.write("staff.leave") as tx:
            done = plan(tx, staff, to, tx.day)
            dealt = _Dealt.of(tx, staff, to)
            for person, members in dealt.members.items():
                tx.update_same("member", [member.id for member in members], staff_id=person)
            tx.update_same("task", dealt.follow, staff_id=None)
            for person, tasks in dealt.tasks.items():
                tx.update_same("task", tasks, staff_id=person)
            tx.update("staff", staff, active=0)
            pins.clear(tx, staff)  # a step back brings no PIN back
            return tx.done(done, "done.left", name=done.name, n=done.members, m=done.tasks)


def plan(rx: Rx, staff: StaffId, to: Sequence[StaffId], day: date) -> LeavingPlan:
    """What `leave` would do on this day, and what she looked at and took out of the shop until then.

    InputError staff_unknown for who does not work here or takes over from herself; Refusal staff_last_owner
    if nobody would be left who may do everything.
    """
    people = _people(rx)
    _check(people, staff, to)
    owners = [person.id for person in people.values() if person.role == "owner"]
    if owners == [staff] and len(people) > 1:
        raise Refusal("staff_last_owner", name=people[staff].name)
    dealt = _Dealt.of(rx, staff, to)
    shares = []
    for person in to or (None,):
        members = [member for member in dealt.members.get(person, ()) if not member.is_archived]
        types = Counter(member.type for member in members if member.type is not None)
        tasks = sum(member.tasks for member in members) + len(dealt.tasks.get(person, ()))
        name = "" if person is None else people[person].name
        shares.append(Share(person, name, len(members), dict(types), tasks))
    taken, last = handover.exports_of(rx, staff)
    revealed, month, own = reveals.ever(rx, staff, day)
    return LeavingPlan(
        staff, people[staff].name, sum(share.members for share in shares),
        sum(share.tasks for share in shares), tuple(shares), sum(one.times for one in taken), last, taken,
        revealed, month, own,
    )  # fmt: skip


def figures(rx: Rx, day: date) -> dict[StaffId, StaffFigures]:
    """What everybody has, did in the month of this day and looked at on it; who has and did nothing is left
    out."""
    members, contacts = staff_counts(rx), handover.contacts_by(rx, day.replace(day=1), day)
    looked = reveals.of_all(rx, day)
    return {
        StaffId(person): StaffFigures(members.get(person, 0), contacts.get(person, 0), looked.get(person, 0))
        for person in members.keys() | contacts.keys() | looked.keys()
    }


class _Dealt(NamedTuple):
    members: Mapping[StaffId | None, Sequence[handover.HerMember]]
    follow: Sequence[int]  # her to-dos about her own members, which go with them
    tasks: Mapping[StaffId | None, Sequence[int]]  # those about members of others

    @classmethod
    def of(cls, rx: Rx, staff: StaffId, to: Sequence[StaffId]) -> _Dealt:
        follow, others = handover.assigned_to(rx, staff)
        return cls(_deal(handover.members_of(rx, staff), to), follow, _deal(others, to))


def _deal(things: Sequence[T], to: Sequence[StaffId]) -> dict[StaffId | None, list[T]]:
    """One after the other to each, all to nobody where nobody takes over."""
    dealt: dict[StaffId | None, list[T]] = {person: [] for person in to or (None,)}
    for person, thing in zip(cycle(dealt), things, strict=False):
        dealt[person].append(thing)
    return dealt


def _people(rx: Rx) -> dict[StaffId, StaffRow]:
    return {person.id: person for person in everybody(rx) if person.active}


def _check(people: Mapping[StaffId, StaffRow], staff: StaffId, to: Sequence[StaffId]) -> None:
    if staff not in people or staff in to or any(person not in people for person in to):
        raise InputError("staff", "staff_unknown")
