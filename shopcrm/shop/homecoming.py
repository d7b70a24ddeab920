"""A call-back list comes home: what was filled in becomes outcomes, as if entered on the screen.

The plan says what would become of every row and touches nothing; where the shop knows something else by now,
what is on file stays unless the owner chooses the list. Everything is written in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from shopcrm.basics.errors import ConflictError, InputError, Refusal
from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import BatchId, Done, OutcomeDraft, Sentence, TaskId
from shopcrm.basics.texts import t
from shopcrm.basics.values import clean_text, show_day
from shopcrm.excel.cells import Book
from shopcrm.excel.filled_list import FilledRow, filled_rows
from shopcrm.shop.followups import HOMECOMING, outcome_name
from shopcrm.store import homecoming, imports
from shopcrm.store.homecoming import Stand

if TYPE_CHECKING:
    from shopcrm.shop import Shop

_DATED = ("no_answer", "will_come", "later")  # outcomes with a next day

Keep = Mapping[int, int]
"""Conflict (its place) to the offer of the list chosen for it; without one, what is on file stays."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What the list would have recorded: the row that says so, its outcome, and the same in words."""

    row: int
    draft: OutcomeDraft
    words: str


@dataclass(frozen=True, slots=True)
class Clash:
    """Rows that cannot be taken home as they are; without `offers` nothing can be chosen for them."""

    code: str
    name: str
    rows: tuple[tuple[str, int], ...]  # sheet and row as Excel shows it
    value: str  # what stands in the cell at fault
    column: str  # its id: outcome, next, note, task
    now: Sentence | None = None  # what is on file
    task: int = 0
    last: int = 0  # the newest contact the list knew of
    offers: tuple[Offer, ...] = ()

    @property
    def why(self) -> Sentence:
        """What is the matter, for reading."""
        return Sentence(f"home.{self.code}", {"value": self.value})


@dataclass(frozen=True, slots=True)
class _Ready:
    task: int
    last: int
    draft: OutcomeDraft


@dataclass(frozen=True, slots=True)
class HomePlan:
    """What would become of every row of a list; `rows` is the sum of the four counts."""

    file: str
    book: Book = field(repr=False)
    revision: int
    ready: tuple[_Ready, ...]
    clashes: tuple[Clash, ...]
    rows: int
    rows_empty: int
    rows_same: int

    @property
    def rows_clash(self) -> int:
        """Rows for which somebody has to choose."""
        return self.rows - self.rows_empty - self.rows_same - len(self.ready)


@dataclass(frozen=True, slots=True)
class HomeResult:
    """How many rows were recorded, and the batch under which they can be taken back (None: none were)."""

    batch: BatchId | None
    recorded: int
    rows_left_out: int


class Homecoming:
    """Filled call-back lists coming in."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def preview(self, path: Path, progress: Progress = SILENT, password: str = "") -> HomePlan:
        """The plan of a filled list; touches nothing. Raises Refusal as for an import, callbacks_no_key,
        callbacks_no_outcome; Cancelled."""
        book = self._shop.imports.read(path, progress, password)
        return self.plan(book, clean_text(Path(path).name))

    def plan(self, book: Book, file: str) -> HomePlan:
        """The plan of a list that was read, against the shop as it is now."""
        rx, today = self._shop.store.read(), self._shop.day
        most_snoozes = self._shop.settings.get("most_snoozes")
        assert isinstance(most_snoozes, int)
        rows = filled_rows(book, file, today)
        stands = homecoming.stands(rx, {row.task for row in rows if row.task})
        filled = [row for row in rows if not row.is_empty]
        ready: list[_Ready] = []
        clashes: list[Clash] = []
        same = 0
        for group in _by_key(filled):
            found = self._judge(group, stands.get(group[0].task), today, most_snoozes)
            if isinstance(found, _Ready):
                ready.append(found)
                same += len(group) - 1
            elif found is None:
                same += len(group)
            else:
                clashes.append(found)
        empty = len(rows) - len(filled)
        return HomePlan(
            file, book, imports.revision(rx), tuple(ready), tuple(clashes), len(rows), empty, same
        )

    def apply(
        self, plan: HomePlan, chosen: Keep | None = None, progress: Progress = SILENT
    ) -> Done[HomeResult]:
        """Record what is ready and what was chosen, in one step that can be undone; much behind a backup.

        ConflictError callbacks_moved_on if the shop has changed since the plan was made.
        """
        shop = self._shop
        if imports.revision(shop.store.read()) != plan.revision:
            raise ConflictError("callbacks_moved_on", file=plan.file)
        wanted = [(one.task, one.draft, one.last) for one in plan.ready]
        for place, offer in sorted((chosen or {}).items()):
            clash = plan.clashes[place]
            wanted.append((clash.task, clash.offers[offer].draft, clash.last))
        shop.backups.before_bulk(HOMECOMING, len(wanted), progress)
        with shop.write(HOMECOMING) as tx:
            for number, (task, draft, last) in enumerate(wanted):
                progress.step(number, len(wanted), "progress.writing")
                shop.followups.bring_home(tx, TaskId(task), draft, last)
            left_out = plan.rows_clash - len(chosen or {})
            batch = None
            if wanted:
                counts = {"contacts_new": len(wanted), "rows_skipped": left_out + plan.rows_same}
                batch = BatchId(imports.add_batch(tx, plan.file, counts))
            result = HomeResult(batch, len(wanted), left_out)
            if not wanted:
                return tx.done(result, "home.done.nothing", file=plan.file)
            return tx.done(result, "home.done", file=plan.file, n=len(wanted))

    def report(self, plan: HomePlan, result: HomeResult) -> dict[str, object]:
        """What became of the list, in the style of the report of an import."""
        problems = [
            {
                "sheet": sheet, "row": row, "column": t(f"callbacks.{clash.column}"), "code": clash.code,
                "value": clash.value, "message": t(clash.why.id, **clash.why.values), "left_out": True,
            }
            for clash in plan.clashes for sheet, row in clash.rows
        ]  # fmt: skip
        return {
            "outcome": "imported",
            "reason": None,
            "message": t(
                "home.report", file=plan.file, n=result.recorded, same=plan.rows_same, empty=plan.rows_empty,
                left=result.rows_left_out,
            ),
            "rows": plan.rows, "recorded": result.recorded, "same": plan.rows_same, "empty": plan.rows_empty,
            "conflicts": result.rows_left_out, "problems": problems, "batch": result.batch,
        }  # fmt: skip

    def refused(self, refusal: Refusal) -> dict[str, object]:
        """The report of a file that is no such list."""
        return {
            "outcome": "refused", "reason": refusal.code, "message": refusal.sentence,
            **dict.fromkeys(("rows", "recorded", "same", "empty", "conflicts"), 0), "problems": [],
            "batch": None,
        }  # fmt: skip

    # ------------------------------------------------------------ one to-do

    def _judge(
        self, group: Sequence[FilledRow], stand: Stand | None, today: date, most_snoozes: int
    ) -> _Ready | Clash | None:
        """What the rows with one key come to; None if it is on file already."""
        first = group[0]
        rows = tuple((row.sheet, row.row) for row in group)
        if stand is None or not stand.is_called(first.key, first.last_contact):
            code = "key_unknown" if first.key else "no_key"
            return Clash(code, first.name, rows, first.key, "task")
        offers: list[Offer] = []
        found = Clash("", stand.name, rows, first.said, "outcome", task=stand.id, last=first.last_contact)
        for row in group:
            draft, code, value, column = self._draft(row, stand, today, most_snoozes)
            if code and not found.code:
                found = replace(found, code=code, value=value, column=column)
            if draft is not None and all(draft != offer.draft for offer in offers):
                offers.append(Offer(row.row, draft, _worded(draft, today)))
        since = [told for told in stand.contacts if told.id > first.last_contact]
        if offers and all(any(_is_same(offer.draft, told) for told in since) for offer in offers):
            return None
        # A to-do whose time ran out was closed by nobody: the list was filled in meanwhile.
        is_closed = stand.state not in ("open", "expired")
        if not found.code and not since and not is_closed and len(offers) == 1:
            return _Ready(stand.id, first.last_contact, offers[0].draft)
        code = "recorded_otherwise" if since else "closed_meanwhile" if is_closed else "rows_differ"
        return replace(found, code=found.code or code, now=_now(stand, since, today), offers=tuple(offers))

    def _draft(
        self, row: FilledRow, stand: Stand, today: date, most_snoozes: int
    ) -> tuple[OutcomeDraft | None, str, str, str]:
        """The outcome a row stands for, and what is wrong with it: code, value and column."""
        if not row.outcome:
            code = "unknown_outcome" if row.said else "no_outcome"
            return None, code, row.said or row.next_said or row.note, "outcome"
        if row.outcome == "later" and stand.snoozes >= most_snoozes:
            return None, "later_enough", row.said, "outcome"
        draft = OutcomeDraft(row.outcome, note=row.note)
        if row.next_said and row.next_day is None:
            return draft, "bad_date", row.next_said, "next"
        if row.next_day is not None and row.outcome not in _DATED:
            # Nothing that was written is lost: such an outcome has no next day, but a note.
            said = t("home.next", date=show_day(row.next_day, today))
            draft = draft._replace(note="；".join(part for part in (row.note, said) if part))
        elif row.next_day is not None:
            draft = draft._replace(next_day=row.next_day)
        try:
            self._shop.followups.check(draft)
        except InputError as wrong:
            if wrong.field == "next_day":
                return draft._replace(next_day=None), wrong.code, row.next_said, "next"
            return None, wrong.code, row.note, "note"
        return draft, "", "", ""


def _by_key(rows: Iterable[FilledRow]) -> list[list[FilledRow]]:
    """Rows with one key together; each without a key by itself."""
    groups: dict[object, list[FilledRow]] = {}
    for row in rows:
        groups.setdefault(row.key or (row.sheet, row.row), []).append(row)
    return list(groups.values())


def _is_same(draft: OutcomeDraft, told: homecoming.Told) -> bool:
    """Whether that contact is this outcome, told before."""
    day = draft.next_day
    is_day = day is None or day.isoformat() == told.next_day
    return is_day and (draft.outcome, draft.note) == (told.outcome, told.note)


def _worded(draft: OutcomeDraft, today: date) -> str:
    day = "" if draft.next_day is None else t("home.next", date=show_day(draft.next_day, today))
    return " · ".join(part for part in (outcome_name(draft.outcome), day, draft.note) if part)


def _now(stand: Stand, since: Sequence[homecoming.Told], today: date) -> Sentence | None:
    if since:
        last = since[-1]
        on = show_day(date.fromisoformat(last.day), today)
        said = " · ".join(part for part in (outcome_name(last.outcome), last.note) if part)
        return Sentence("home.now", {"date": on, "said": said})
    if stand.state == "open":
        return None
    return Sentence("home.now.bought" if stand.closed_why == "counter_bought" else "home.now.closed")
