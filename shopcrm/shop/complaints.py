"""Complaints 投诉: written down, called back within 48 hours, settled; and marks customers give.

While a complaint is open the rules that sell leave her alone, and a to-do calls her back (rule C1).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from shopcrm.basics.errors import InputError, Refusal
from shopcrm.basics.records import ComplaintDraft, ComplaintId, Done, MemberId, RatingDraft
from shopcrm.basics.values import clean_text
from shopcrm.store import Tx, members
from shopcrm.store import complaints as rows
from shopcrm.store.settings import staff

if TYPE_CHECKING:
    from shopcrm.shop import Shop

LEVELS = {"normal": 2, "serious": 1}  # days within which she is called back
SCALES = {"satisfaction": (1, 5), "recommend": (0, 10)}  # lowest and highest mark; the second makes the NPS
_LONGEST = 500
_MOST_FEN = 1_000_000_000
_FIRST_DAY = date(1990, 1, 1)


class Complaints:
    """Each write is one step that undo takes back; type and to-dos follow in the same transaction."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def add(self, draft: ComplaintDraft) -> Done[ComplaintId]:
        """Write down what a member complains of.

        InputError for nonsense (no words, a future day, due before it was said), Refusal member_unknown.
        """
        shop = self._shop
        with shop.write("complaint.add") as tx:
            words = _text(draft.words, "words")
            if not words:
                raise InputError("words", "complaint_words")
            if draft.level not in LEVELS:
                raise InputError("level", "complaint_level")
            day = self._checked_day(tx, draft.day)
            due = draft.due or day + timedelta(days=LEVELS[draft.level])
            if due < day:
                raise InputError("due", "complaint_due")
            name = self._check_people(tx, draft.member, draft.staff_id)
            complaint = ComplaintId(rows.put(tx, draft._replace(words=words), day, due))
            shop.refresh(tx, frozenset((draft.member,)))
            return tx.done(complaint, "done.complaint", name=name)

    def settle(self, complaint: ComplaintId, settlement: str, compensation_fen: int = 0) -> Done[None]:
        """It is settled: how, and what it cost. InputError for nonsense, Refusal complaint_unknown,
        complaint_settled."""
        shop = self._shop
        with shop.write("complaint.settle") as tx:
            found = rows.find(tx, complaint)
            if found is None:
                raise Refusal("complaint_unknown")
            if found.state != "open":
                raise Refusal("complaint_settled", name=found.name)
            text = _text(settlement, "settlement")
            if not text:
                raise InputError("settlement", "complaint_settlement")
            if not 0 <= compensation_fen <= _MOST_FEN:
                raise InputError("compensation", "complaint_compensation")
            tx.update(
                "complaint", complaint, state="settled", settled_on=tx.day.isoformat(), settlement=text,
                compensation_fen=compensation_fen,
            )  # fmt: skip
            shop.refresh(tx, frozenset((found.member,)))
            return tx.done(None, "done.complaint_settled", name=members.name_of(tx, found.member))

    def rate(self, draft: RatingDraft) -> Done[None]:
        """Keep a mark she gives: satisfaction 1 to 5, or 0 to 10 for whether she would recommend the shop."""
        shop = self._shop
        with shop.write("rating.add") as tx:
            low, high = SCALES.get(draft.kind, (1, 0))
            if not low <= draft.score <= high:
                raise InputError("score", "rating_score", low=low, high=high)
            day = self._checked_day(tx, draft.day)
            name = self._check_people(tx, draft.member, draft.staff_id)
            rows.rate(tx, draft, day)
            tx.touch(members=(draft.member,))
            return tx.done(None, "done.rated", name=name, score=draft.score)

    # ------------------------------------------------------------

    def _checked_day(self, tx: Tx, day: date | None) -> date:
        day = day or tx.day
        if day > tx.day:
            raise InputError("day", "day_future")
        if day < _FIRST_DAY:
            raise InputError("day", "day_old")
        return day

    def _check_people(self, tx: Tx, member: MemberId, staff_id: int | None) -> str:
        name = members.find_name(tx, member)
        if name is None:
            raise Refusal("member_unknown", key=member)
        if staff_id is not None and staff_id not in {person.id for person in staff(tx)}:
            raise InputError("staff", "staff_unknown")
        return name


def _text(raw: str, field: str) -> str:
    text = clean_text(raw)
    if len(text) > _LONGEST:
        raise InputError(field, "text_long", n=_LONGEST)
    return text
