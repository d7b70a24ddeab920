"""What is printed or saved as PDF: made here from the records, painted by the window.

Whoever may not see whole phone numbers gets them masked. What left on paper, how many stood on it and with
whom it went is kept in the journal, as of every list that leaves the shop.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from shopcrm.basics.errors import Refusal
from shopcrm.basics.papers import Paper
from shopcrm.basics.records import POOL, TYPE_KEYS, Done, MemberId, Query, StaffId, TaskId, TypeKey
from shopcrm.basics.rights import FEW, FREE
from shopcrm.basics.texts import t
from shopcrm.excel import writer
from shopcrm.reports import papers
from shopcrm.shop import encryption, followups, privacy, rulebook, words
from shopcrm.shop.view import ShopView
from shopcrm.store import Rx, listing, settings, whole

if TYPE_CHECKING:
    from shopcrm.shop import Shop

T = TypeVar("T")

MOST_MEMBERS = 5_000  # on one list: some 130 pages
_AT_ONCE = 2_000


class Papers:
    """Papers of the shop as it stands, numbers masked where asked for or where whoever prints may not see
    them; of its records nothing is changed."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def day_list(
        self,
        tasks: Collection[TaskId],
        *,
        type: TypeKey | None = None,
        staff: StaffId | None = None,
        ahead: bool = False,
        is_part: bool = False,
        whole_message: bool = False,
        mask: bool = False,
    ) -> Paper:
        """These to-dos of today (`ahead`: of tomorrow) in this order, to call by and to write on; those done
        meanwhile are left out.

        It says what to do about each type, or with `whole_message` the message as the screen proposes it.
        Whoever must not be contacted is left out and counted: of the `type` and of the person (POOL: of
        nobody) if named; where the to-dos are only a part of the list, just those among them. Raises Refusal
        paper_empty.
        """
        rx, day = self._shop.store.read(), self._shop.day
        listed_on = day + timedelta(days=1) if ahead else day
        blocked = rulebook.blocked(rx, tasks, listed_on)
        listed = followups.task_rows(rx, list(tasks), day)
        rows = [row for row in listed if row.state == "open" and row.id not in blocked]
        self._check(len(rows))
        if whole_message:
            said = followups.messages(rx, [row.id for row in rows], 0, day)
            says = {row.id: said[row.id].text for row in rows}
        else:
            hints = {key: words.strategy(rx, key).do.partition("\n")[0] for key in TYPE_KEYS}
            says = {row.id: hints[row.type] for row in rows}
        withheld = {row.member for row in listed if row.id in blocked}
        if not is_part:
            withheld |= _withheld(rx, listed_on, type, staff)
        made = self._print(rx, mask)
        return papers.day_list(
            _shown(rows, made), says, len(withheld), made, type=type, ahead=listed_on if ahead else None,
            whose=_whose(rx, staff),
        )  # fmt: skip

    def done_list(self, tasks: Collection[TaskId], *, mask: bool = False) -> Paper:
        """What came of these to-dos of today. Raises Refusal paper_empty."""
        rx = self._shop.store.read()
        rows = followups.task_rows(rx, list(tasks), self._shop.day)
        self._check(len(rows))
        made = self._print(rx, mask)
        return papers.done_list(_shown(rows, made), made)

    def member_list(self, query: Query, columns: Sequence[str], *, mask: bool = False) -> Paper:
        """The members of a query in its order, with these columns of the list on the screen.

        Raises Refusal paper_empty, paper_long.
        """
        rx = self._shop.store.read()
        ids = tuple(self._shop.own_view().ids(query))
        self._check(len(ids))
        if len(ids) > MOST_MEMBERS:
            raise Refusal("paper_long", n=f"{len(ids):,}", most=f"{MOST_MEMBERS:,}")
        rows = [
            row
            for start in range(0, len(ids), _AT_ONCE)
            for row in listing.rows(rx, ids[start : start + _AT_ONCE])
        ]
        made = self._print(rx, mask)
        return papers.member_list(_shown(rows, made), columns, whole.no_dial(rx), made)

    def member_card(self, member: MemberId, *, mask: bool = False) -> Paper:
        """All that stands on a member's card. Raises Refusal member_unknown."""
        rx = self._shop.store.read()
        card = ShopView(rx, self._shop.clock).member(member)
        if card is None:
            raise Refusal("member_unknown", key=member)
        made = self._print(rx, mask)
        return papers.member_card(_shown(card, made), made)

    def notice(self) -> Paper:
        """The notice to customers, for the wall or to be shown."""
        rx = self._shop.store.read()
        return papers.notice(privacy.notice(rx), self._print(rx, False))

    def recovery(self) -> Paper:
        """The sheet with the recovery key of an encrypted shop. Refusal not_encrypted; RightsError."""
        self._shop.check("take")
        path = self._shop.store.path
        key = "" if path is None else encryption.recovery_of(path)
        if path is None or not key:
            raise Refusal("not_encrypted", file="" if path is None else path.name)
        return papers.recovery(key, path.name, self._print(self._shop.store.read(), False))

    def printed(self, paper: Paper, send: Callable[[], object]) -> Done[None]:
        """Send a paper to a printer and remember that it left; where sending fails nothing is remembered.

        RightsError for a paper of many people in the hands of who may not print one.
        """
        with self._shop.write("export", right=_right(paper.people)) as tx:
            send()
            tx.note(what=paper.what or paper.title)
            sentence = "pr.printed" if paper.people else "pr.printed.nobody"
            return tx.done(None, sentence, what=paper.title, n=paper.people)

    def saved(self, paper: Paper, path: Path, paint: Callable[[Path], object]) -> Done[Path]:
        """A paper as a file, which `paint` makes under the name it is given; it leaves the shop like a list.

        Raises RightsError; Refusal file_open, folder_missing; StoreError full, io; Cancelled.
        """
        path = Path(path)
        with self._shop.write("export", right="export" if paper.people else FREE) as tx:
            writer.make_whole(path, paint)
            tx.note(what=paper.what or paper.title)
            sentence = "pr.saved" if paper.people else "pr.saved.nobody"
            return tx.done(path, sentence, file=path.name, what=paper.title, n=paper.people)

    def _check(self, people: int) -> None:
        """Before a paper of so many is made: refused when it is too many for whoever asks, as on paper."""
        if not people:
            raise Refusal("paper_empty")
        self._shop.check(_right(people))

    def _print(self, rx: Rx, mask: bool) -> papers.Print:
        people = settings.staff(rx)
        actor = self._shop.actor
        by = next((person.name for person in people if person.id == actor), "")
        mask = mask or self._shop.masks_what_leaves()
        return papers.Print(str(settings.value(rx, "shop.name")), self._shop.clock(), by, mask)


def _whose(rx: Rx, staff: StaffId | None) -> str:
    if staff == POOL:
        return t("today.free")
    return next((t("pr.whose", name=one.name) for one in settings.staff(rx) if one.id == staff), "")


def _withheld(rx: Rx, day: date, type: TypeKey | None, staff: StaffId | None) -> set[MemberId]:
    """Who would be on the list but must not be contacted."""
    found = tuple(row.member for row in rulebook.withheld(rx, day) if type in (None, row.type))
    if staff is None or not found:
        return set(found)
    return set(map(MemberId, listing.ids(rx, Query(only=found, staff=frozenset((staff,))), day)))


def _right(people: int) -> str:
    return "print" if people > FEW else "today"


def _shown(records: T, made: papers.Print) -> T:
    """What a paper may tell: in notes, too, no whole number stands where numbers are masked."""
    if not made.mask:
        return records
    from shopcrm.basics.masking import masked  # loaded by who hides numbers

    return masked(records)
