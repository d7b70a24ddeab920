"""The wanted-item book 需求本: what customers asked for and did not find, and telling them when it is in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import TYPE_CHECKING

from shopcrm.basics.errors import InputError, Refusal
from shopcrm.basics.records import Done, MemberId, VisitId, WantedDraft, WantedId, WantedRow
from shopcrm.basics.values import clean_text
from shopcrm.rules.followups import ARRIVED_DAYS
from shopcrm.store import Tx, members
from shopcrm.store import wanted as rows
from shopcrm.store.settings import staff

if TYPE_CHECKING:
    from shopcrm.shop import Shop

_LONGEST = {"item": 100, "size": 30, "colour": 30, "note": 500}
_FIRST_DAY = date(1990, 1, 1)


class WantedBook:
    """Wishes of members; each write is one step that undo takes back."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def add(self, draft: WantedDraft) -> Done[WantedId]:
        """Write down what a member asked for.

        InputError for nonsense (no article, a future day), Refusal member_unknown, wanted_known: she waits
        for the very same thing already.
        """
        shop = self._shop
        with shop.write("wanted.add") as tx:
            draft = self._checked(tx, draft)
            name = self._check_member(tx, draft)
            return tx.done(WantedId(rows.put(tx, draft)), "done.wanted", name=name, item=_words(draft))

    def put(self, tx: Tx, draft: WantedDraft) -> None:
        """The same inside a write, for what a member asks for at a visit; what she waits for already is not
        written twice."""
        draft = self._checked(tx, draft)
        if rows.same(tx, draft) is None:
            rows.put(tx, draft)

    def change(self, wanted: WantedId, draft: WantedDraft) -> Done[WantedId]:
        """Put an open wish right; member, day and visit stay as they were. Raises as `add`, and Refusal
        wanted_unknown."""
        shop = self._shop
        with shop.write("wanted.change") as tx:
            before = self._open(tx, [wanted])[0]
            draft = self._checked(tx, draft._replace(member=before.member))
            if rows.same(tx, draft) not in (None, wanted):
                raise Refusal("wanted_known", name=members.name_of(tx, before.member))
            rows.put(tx, draft, wanted)
            name = members.name_of(tx, before.member)
            return tx.done(wanted, "done.wanted_changed", name=name, item=_words(draft))

    def drop(self, ids: Collection[WantedId]) -> Done[int]:
        """Strike out open wishes: found elsewhere, or not wanted any more. Refusal wanted_unknown."""
        shop = self._shop
        with shop.write("wanted.drop") as tx:
            found = self._open(tx, ids)
            tx.update_same("wanted", [wish.id for wish in found], state="dropped")
            tx.touch(members=[wish.member for wish in found])
            return tx.done(len(found), "done.wanted_dropped", n=len(found))

    def arrived(self, ids: Collection[WantedId]) -> Done[int]:
        """It is in: the wishes are met, and everyone who waited gets one to-do that tells her so today.

        The value is how many are told; who must not or cannot be contacted gets none. Refusal
        wanted_unknown.
        """
        shop = self._shop
        with shop.write("wanted.arrived") as tx:
            found = self._open(tx, ids)
            tx.update_same(
                "wanted", [wish.id for wish in found], state="arrived", arrived_on=tx.day.isoformat()
            )
            by_member: dict[int, list[WantedRow]] = {}
            for wish in found:
                by_member.setdefault(wish.member, []).append(wish)
            told = shop.followups.tell_arrived(tx, by_member)
            tx.touch(members=by_member)
            silent = len(by_member) - told
            if silent:
                return tx.done(told, "done.wanted_arrived_some", n=told, m=silent)
            return tx.done(told, "done.wanted_arrived", n=told)

    def untell(self, tx: Tx, visit: VisitId, member: MemberId) -> None:
        """Inside a write: what was asked for at a visit was not asked for, or not by this member; she is not
        told of what came in meanwhile."""
        found = rows.came_in(tx, visit, tx.day - timedelta(days=ARRIVED_DAYS))
        if found:
            self._shop.followups.untell_arrived(tx, member, found)

    def tell(self, tx: Tx, visit: VisitId, member: MemberId, *, again: bool = False) -> None:
        """Inside a write: it was this member who asked for it, and she is told of what came in meanwhile;
        `again`: unless she heard of it before."""
        found = rows.came_in(tx, visit, tx.day - timedelta(days=ARRIVED_DAYS))
        found = [wish for wish in found if not (again and rows.has_heard(tx, wish))]
        if found:
            self._shop.followups.tell_arrived(tx, {member: found})

    # ------------------------------------------------------------

    def _open(self, tx: Tx, ids: Collection[WantedId]) -> list[WantedRow]:
        """These wishes, all of them open."""
        found = rows.some(tx, ids)
        if not found or len(found) < len(set(ids)) or any(wish.state != "open" for wish in found):
            raise Refusal("wanted_unknown")
        return found

    def _check_member(self, tx: Tx, draft: WantedDraft) -> str:
        """Her name, where she is there and does not wait for this very thing."""
        name = members.find_name(tx, draft.member)
        if name is None:
            raise Refusal("member_unknown", key=draft.member)
        if rows.same(tx, draft) is not None:
            raise Refusal("wanted_known", name=name)
        return name

    def _checked(self, tx: Tx, draft: WantedDraft) -> WantedDraft:
        day = draft.day or tx.day
        if day > tx.day:
            raise InputError("day", "day_future")
        if day < _FIRST_DAY:
            raise InputError("day", "day_old")
        words = {name: clean_text(getattr(draft, name)) for name in _LONGEST}
        if not words["item"]:
            raise InputError("item", "wanted_item")
        for name, longest in _LONGEST.items():
            if len(words[name]) > longest:
                raise InputError(name, "text_long", n=longest)
        if draft.staff_id is not None and draft.staff_id not in {person.id for person in staff(tx)}:
            raise InputError("staff", "staff_unknown")
        return draft._replace(
            item=words["item"], size=words["size"], colour=words["colour"], note=words["note"], day=day
        )


def _words(draft: WantedDraft) -> str:
    return " ".join(part for part in (draft.item, draft.colour, draft.size) if part)
