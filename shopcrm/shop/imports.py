"""Importing a file: a preview that touches nothing, then a backup and one transaction."""

from __future__ import annotations

import gc
import hashlib
import io
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shopcrm.basics.errors import ConflictError, Refusal
from shopcrm.basics.fields import MEMBER_FIELDS, OWN, plain_heading
from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import ALL, TYPE_KEYS, BatchId, Done, TypeKey
from shopcrm.basics.texts import t
from shopcrm.basics.values import clean_text
from shopcrm.basics.values.name import load_readings
from shopcrm.excel import reader, writer
from shopcrm.excel.cells import Book, shown
from shopcrm.excel.fates import (
    NO_CHOICES,
    Choices,
    DayOrder,
    Fate,
    Former,
    Known,
    KnownLine,
    KnownMember,
    Policy,
    Problem,
)
from shopcrm.excel.filled_list import is_filled_list
from shopcrm.excel.layout import Layout, header_position, lay_out, lay_out_again
from shopcrm.excel.matching import Lines, Matched, Person
from shopcrm.excel.plan import Group, ImportPlan, RowView, SheetPlan, decide
from shopcrm.excel.whole_book import bears_mark, is_whole_shop
from shopcrm.store import imports, members, merging, sales, sealed, whole
from shopcrm.store.connection import Rx
from shopcrm.store.writing import Tx

_MANY_MEMBERS = 2_000
_READER_STARTS = 0.02  # seconds: nothing else may hold it up

if TYPE_CHECKING:
    from shopcrm.shop import Shop

__all__ = [
    "Choices",
    "DayOrder",
    "Fate",
    "Group",
    "ImportPlan",
    "ImportResult",
    "Imports",
    "Policy",
    "Problem",
    "RowView",
    "SheetPlan",
]


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did; `types` says for each type how many members it gained or lost."""

    batch: BatchId | None  # None: nothing was new, nothing was written
    members_new: int
    members_updated: int
    sales_new: int
    sales_duplicate: int
    visits_new: int
    rows_ready: int
    rows_left_out: int
    rows_skipped: int
    seconds: float
    types: Mapping[TypeKey, int]


class Imports:
    """Files coming in."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    # ------------------------------------------------------------ before anything is written

    def preview(self, path: Path, progress: Progress = SILENT) -> ImportPlan:
        """The plan of a file; touches nothing. Raises Refusal with a reason code, Cancelled."""
        with _collector_paused():  # between the two it would look through all the cells
            book, name = self.read(path, progress), clean_text(Path(path).name)
            if is_filled_list(book):
                raise Refusal("is_callbacks", file=name)
            if is_whole_shop(book):
                raise Refusal("is_whole_shop", file=name)
            return self.plan(book, name, progress)

    def read(self, path: Path, progress: Progress = SILENT, password: str = "") -> Book:
        """The cells of a file, whatever it holds. Raises Refusal with a reason code, Cancelled; sealed_needs
        and password_wrong for a list that left a shop behind a password.

        RightsError already here: what a plan tells of members on file is not for who may not import.
        """
        self._shop.check("import")
        path = Path(path)
        with _collector_paused():
            # Reading leaves this process idle: what the writing needs is loaded meanwhile.
            loading = threading.Timer(_READER_STARTS, _load_ahead)
            loading.daemon = True
            loading.start()
            if sealed.is_sealed(path):
                return _read_sealed(path, progress, password)
            return reader.read(Path(path), progress, own=bears_mark(Path(path)))

    def plan(self, book: Book, file: str, progress: Progress = SILENT) -> ImportPlan:
        """The plan of a file that was read; touches nothing. Raises Refusal, Cancelled."""
        with _collector_paused():
            return self._first_plan(book, file, progress)

    def preview_text(self, text: str, progress: Progress = SILENT) -> ImportPlan:
        """The plan of a table copied in a spreadsheet, as the clipboard gives it; else like `preview`."""
        self._shop.check("import")
        name = t("io.clipboard")
        with _collector_paused():
            book = reader.read_text(text, name, progress)
            return self._first_plan(book, name, progress)

    def replan(self, plan: ImportPlan, choices: Choices, progress: Progress = SILENT) -> ImportPlan:
        """The plan of the same file with other choices of the owner, against the shop as it is now."""
        with _collector_paused():
            progress.step(0, 3, "progress.checking")
            layout = lay_out_again(plan.layout, plan.choices, choices, self._shop.day, progress)
            return self._plan(layout, plan.file, choices, progress, plan)

    def _first_plan(self, book: Book, file: str, progress: Progress) -> ImportPlan:
        progress.step(0, 3, "progress.checking")
        choices = self._remembered(book)
        own = [field for field in members.own_fields(self._shop.store.read()) if not field.gone]
        layout = lay_out(book, choices, self._shop.day, progress, own)
        return self._plan(layout, file, choices, progress)

    def _plan(
        self,
        layout: Layout,
        file: str,
        choices: Choices,
        progress: Progress,
        before: ImportPlan | None = None,
    ) -> ImportPlan:
        progress.step(1, 3, "progress.checking")
        rx = self._shop.store.read()
        if before is not None and _asks_the_same(before, layout) and imports.revision(rx) == before.revision:
            known = before.known
        else:
            known = _known(rx, layout, progress)
        progress.step(2, 3, "progress.checking")
        return decide(layout, known, file=file, choices=choices, progress=progress)

    def _remembered(self, book: Book) -> Choices:
        """What the owner assigned by hand in an earlier file with the same headings."""
        rx = self._shop.store.read()
        mapping: dict[int, dict[int, str | None]] = {}
        for at, sheet in enumerate(book.sheets):
            position = header_position(sheet)
            if position is not None:
                headings = [shown(cell) for cell in sheet.row(position)]
                stored = imports.remembered(rx, _signature(headings))
                if chosen := {column: field for column, field in stored.items() if column < len(headings)}:
                    mapping[at] = chosen
        return replace(NO_CHOICES, mapping=mapping) if mapping else NO_CHOICES

    # ------------------------------------------------------------ writing

    def apply(self, plan: ImportPlan, progress: Progress = SILENT) -> Done[ImportResult]:
        """Write a plan: a backup, then one transaction. Raises ConflictError if the shop moved on."""
        with _collector_paused():
            return self._apply(plan, progress)

    def _apply(self, plan: ImportPlan, progress: Progress) -> Done[ImportResult]:
        shop = self._shop
        started = time.monotonic()
        if imports.revision(shop.store.read()) != plan.revision:
            raise ConflictError("import_moved_on", file=plan.file)
        counts, matched = plan.counts, plan.matched
        if not (matched.people or matched.updated or matched.lines or matched.visits or matched.contacts):
            with shop.write("import") as tx:
                pass
            result, n = self._result(plan, None, started, {}), counts.rows_same
            if left := counts.rows_left_out:
                return tx.done(result, "io.done.nothing.left", n=n, left=left)
            return tx.done(result, "io.done.nothing", n=n)
        if shop.store.path is not None:
            progress.step(0, 1, "progress.backup")
            shop.backups.now("import", progress=progress)
        before = self._type_counts()
        with shop.write("import") as tx, tx.heeding(progress), tx.roomy():
            # Most of the work of many members is shared: everybody at once is quicker than each by herself.
            concerned = len(matched.concerned())
            everybody = (
                2 * concerned > imports.member_count(tx) + len(matched.people) or concerned > _MANY_MEMBERS
            )
            if everybody:
                imports.keep_verdicts(tx)
            touched = _write(tx, plan, progress)
            self._remember(tx, plan)
            progress.step(0, 1, "progress.types")
            shop.refresh(tx, None if everybody else frozenset(touched), progress)
            tx.touch(members=ALL, sales=ALL, tasks=ALL, types=ALL, settings=True, batches=True)
            after = self._type_counts()
            moves = {key: after.get(key, 0) - before.get(key, 0) for key in TYPE_KEYS}
            counted = _batch_counts(plan) | {imports.EVERYBODY: int(everybody)}
            batch = imports.add_batch(tx, plan.file, counted)
            result = self._result(plan, BatchId(batch), started, moves)
            done = tx.done(
                result,
                "io.done.sentence",
                file=plan.file,
                members=counts.members_new,
                updated=counts.members_updated,
                sales=counts.sales_new,
                visits=counts.visits_new + counts.contacts_new,
            )
        return done._replace(value=replace(result, seconds=time.monotonic() - started))

    def undo(self, batch: BatchId | None = None, progress: Progress = SILENT) -> Done[tuple[str, ...]]:
        """Take back that import, or the last one; the value names members kept because edited since.

        Raises Refusal nothing_to_undo, batch_unknown, batch_undone, batch_too_old.
        """
        found = imports.batch(self._shop.store.read(), batch)
        if found is None:
            raise Refusal("batch_unknown" if batch is not None else "nothing_to_undo")
        file, entry, undone, day = found
        if undone:
            raise Refusal("batch_undone")
        if not imports.may_still_undo(day, self._shop.day):
            raise Refusal("batch_too_old", file=file)
        return self._shop.undo(entry, progress)

    def _type_counts(self) -> dict[str, int]:
        rx = self._shop.store.read()
        return {str(key): int(count) for key, count in imports.type_counts(rx)}

    def _remember(self, tx: Tx, plan: ImportPlan) -> None:
        for at, columns in plan.choices.mapping.items():
            laid = next((sheet for sheet in plan.layout.sheets if sheet.at == at), None)
            if laid is not None:
                imports.remember(tx, _signature([column.heading for column in laid.columns]), columns)

    def _result(
        self, plan: ImportPlan, batch: BatchId | None, started: float, moves: Mapping[TypeKey, int]
    ) -> ImportResult:
        counts = plan.counts
        return ImportResult(
            batch,
            counts.members_new,
            counts.members_updated,
            counts.sales_new,
            counts.sales_duplicate,
            counts.visits_new + counts.contacts_new,
            counts.rows_ready,
            counts.rows_left_out,
            counts.rows_skipped,
            time.monotonic() - started,
            moves,
        )

    # ------------------------------------------------------------ what is told

    def report(self, plan: ImportPlan, result: ImportResult) -> dict[str, object]:
        """The report of a finished import in the form of import rule 0."""
        counts = plan.counts
        return {
            "outcome": "imported",
            "reason": None,
            "message": t(
                "io.report", file=plan.file, members=result.members_new, updated=result.members_updated,
                sales=result.sales_new, visits=result.visits_new, left=result.rows_left_out,
                same=counts.rows_same,
            ),
            "members_new": result.members_new,
            "members_updated": result.members_updated,
            "sales_new": result.sales_new,
            "sales_duplicate": result.sales_duplicate,
            "visits_new": counts.visits_new,
            "contacts_new": counts.contacts_new,
            "visits_duplicate": counts.visits_duplicate,
            "rows_skipped": result.rows_skipped,
            "rows": counts.rows,
            "rows_left_out": counts.rows_left_out,
            "minors": counts.minors,
            "problems": [_told(problem) for problem in plan.problems],
            "ignored_sheets": list(plan.ignored_sheets),
            "ignored_columns": list(plan.ignored_columns),
            "batch": result.batch,
        }  # fmt: skip

    def refused(self, path: Path, refusal: Refusal) -> dict[str, object]:
        """The report of a refused file in the same form."""
        problems = refusal.values.get("problems", ())
        assert isinstance(problems, tuple)
        return {
            "outcome": "refused",
            "reason": refusal.code,
            "message": refusal.sentence,
            **dict.fromkeys(
                ("members_new", "members_updated", "sales_new", "sales_duplicate", "rows_skipped"), 0
            ),
            "problems": [_told(problem) for problem in problems],
            "ignored_sheets": [],
            "ignored_columns": [],
        }

    def problems_workbook(self, plan: ImportPlan, path: Path) -> Path:
        """The rows that were left out as a workbook: the same columns and what is wrong, to be put right."""
        sheets = []
        for sheet in plan.sheets:
            rows = sheet.left_out()
            if rows:
                headings = [column.heading for column in sheet.columns]
                cells = [[*row, why] for _, row, why in rows]
                sheets.append((sheet.name or "1", [*headings, t("io.problem_column")], cells))
        return writer.write_raw(path, sheets)

    def template(self, path: Path) -> Path:
        """A blank workbook with the headings an import knows."""
        return writer.write_raw(
            path,
            [
                (t("io.template.members"), t("io.template.member_headings").split("|"), []),
                (t("io.template.sales"), t("io.template.sale_headings").split("|"), []),
            ],
        )


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Work on many rows makes objects and no cycles; looking for cycles costs a fifth of it."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read_sealed(path: Path, progress: Progress, password: str) -> Book:
    if sealed.what_is_in(path) != sealed.LIST:
        raise Refusal("is_backup", file=path.name)
    content = io.BytesIO()
    sealed.unseal(path, password, content, progress, reader.MOST_OWN_BYTES)
    return reader.read_bytes(content.getvalue(), clean_text(path.name), progress)


def _load_ahead() -> None:
    load_readings()
    import shopcrm.rules.replay  # noqa: F401 - with the library it stands on


def _signature(headings: list[str]) -> str:
    text = "\n".join(map(plain_heading, headings)).rstrip("\n")
    return "import.mapping." + hashlib.sha256(text.encode()).hexdigest()[:16]


def _told(problem: Problem) -> dict[str, object]:
    sentence = problem.sentence
    return {
        "sheet": problem.sheet,
        "row": problem.row,
        "column": problem.column,
        "code": problem.code,
        "value": problem.value,
        "message": t(sentence.id, **sentence.values),
        "left_out": problem.left_out,
    }


def _batch_counts(plan: ImportPlan) -> dict[str, int]:
    counts = asdict(plan.counts)
    # The history shows one figure for all rows that did not come in.
    return {**counts, "rows_skipped": plan.counts.rows_left_out + plan.counts.rows_same}


def _asks_the_same(before: ImportPlan, layout: Layout) -> bool:
    """Whether what the shop knew for a plan is what it would be asked for this layout."""
    kinds = [[sheet.kind for sheet in asked.sheets] for asked in (before.layout, layout)]
    return before.layout.days == layout.days and kinds[0] == kinds[1]


def _known(rx: Rx, layout: Layout, progress: Progress) -> Known:
    """What the shop knows that matters for these sheets."""

    def lines(days: tuple[str, str]) -> Iterator[KnownLine]:
        for number, row in enumerate(imports.lines(rx, days)):
            if number % 10_000 == 0:
                progress.step(1, 3, "progress.checking")
            yield KnownLine._make(row)

    phones = imports.phones(rx)
    own = whole.own_values(rx) if layout.own else {}
    formers = {
        member: tuple(Former(one.name, one.card_no, merging.had_phone(rx, one.id)) for one in merged)
        for member, merged in members.formers(rx).items()
    }
    people = tuple(
        KnownMember(
            row[0],
            row[1],
            tuple(phones.get(row[0], ())),
            {name: value for name, value in zip((*MEMBER_FIELDS, "points"), row[2:], strict=True) if value}
            | {f"{OWN}{field}": value for field, value in own.get(row[0], {}).items()},
            formers.get(row[0], ()),
        )
        for row in imports.members(rx)
    )
    revision = imports.revision(rx)
    if layout.days is None or not people:
        return Known(revision, people)
    kinds = {sheet.kind for sheet in layout.sheets}
    return Known(
        revision,
        people,
        tuple(lines(layout.days)) if "sales" in kinds else (),
        [tuple(row) for row in imports.visits(rx, layout.days)] if "visits" in kinds else (),
        [tuple(row) for row in imports.contacts(rx, layout.days)] if "contacts" in kinds else (),
    )


# ---------------------------------------------------------------- one transaction


def _write(tx: Tx, plan: ImportPlan, progress: Progress) -> set[int]:
    """Write everything a plan decided; the members touched."""
    matched = plan.matched
    steps = len(matched.people) + len(matched.lines) + len(matched.visits) + len(matched.contacts)
    progress.step(0, steps, "progress.writing")
    staff = imports.staff_ids(tx, _staff_names(matched))
    _write_people(tx, matched, staff, plan.typed)
    progress.step(len(matched.people), steps, "progress.writing")
    named = [(p.id or 0, p.name, p.card, "|".join(p.phones)) for p in matched.people]
    from concurrent.futures import ThreadPoolExecutor  # slow to load

    with ThreadPoolExecutor(1) as beside:
        count = len(matched.lines)
        with imports.indexes_later(tx, "line", count), imports.indexes_later(tx, "sale", count):
            _write_sales(tx, matched.lines, staff, progress)
            # New names are spelled while the indexes are sorted.
            spelled = beside.submit(members.search_rows, named)
        members.put_search(tx, spelled.result())
    imports.add_visits(
        tx,
        [
            (v.person.id, v.day, v.at, v.kind, v.items, v.reasons, v.says, staff.get(v.staff))
            for v in matched.visits
        ],
    )
    imports.add_contacts(
        tx,
        [
            (c.person.id, c.day, c.at, c.channel, c.outcome, c.next_day, c.note, staff.get(c.staff))
            for c in matched.contacts
        ],
    )
    progress.step(steps, steps, "progress.writing")
    return {person.id for person in matched.concerned() if person.id is not None}


def _staff_names(matched: Matched) -> list[str]:
    names = dict.fromkeys(str(person.values.get("staff", "")) for person in matched.people)
    names |= dict.fromkeys(str(person.changed.get("staff", "")) for person in matched.updated)
    names |= dict.fromkeys(matched.lines.staff)
    for entries in (matched.visits, matched.contacts):
        names |= dict.fromkeys(entry.staff for entry in entries)
    return list(names)


def _columns(values: Mapping[str, object], staff: Mapping[str, int], day: str) -> dict[str, object]:
    """Fields of the plan as columns of the member table; the referrer is set when everybody has an id. What
    she said about being contacted counts from the day the file tells, else from the day the shop knows."""
    columns = {
        name: value
        for name, value in values.items()
        if name not in ("staff", "referrer", "points") and not name.startswith(OWN)
    }
    if values.get("staff"):
        columns["staff_id"] = staff[str(values["staff"])]
    if values.get("points"):
        columns["points_opening"] = values["points"]
    if values.get("consent"):
        columns["consent_on"] = values.get("consent_on") or day
        columns["consent_by"] = values.get("consent_by") or ""
    return columns


def _own(values: Mapping[str, object]) -> dict[int, str]:
    return {int(name[len(OWN) :]): str(value) for name, value in values.items() if name.startswith(OWN)}


_PHONES = ("phone", "phone2", "phone3")


def _write_people(tx: Tx, matched: Matched, staff: Mapping[str, int], typed: Mapping[str, str]) -> None:
    new = matched.people
    day = tx.day.isoformat()
    ids = imports.add_members(tx, [{**_columns(p.values, staff, day), "name": p.name} for p in new])
    imports.add_own(
        tx, [(row_id, *own) for p, row_id in zip(new, ids, strict=True) for own in _own(p.values).items()]
    )
    numbers: list[tuple[int, int, str, str]] = []
    for person, row_id in zip(new, ids, strict=True):
        person.id = row_id
        numbers.extend((row_id, seq, typed.get(key, key), key) for seq, key in enumerate(person.phones, 1))
    imports.add_phones(tx, numbers)
    looked_up: set[int] = set()
    for person in matched.updated:
        assert person.id is not None
        changed = {name: value for name, value in person.changed.items() if name not in _PHONES}
        columns = _columns(changed, staff, day)
        if columns:
            tx.update("member", person.id, **columns)
        members.set_own(tx, person.id, _own(changed))
        numbers_changed = {name: str(key) for name, key in person.changed.items() if name in _PHONES}
        for name, key in numbers_changed.items():
            imports.set_phone(tx, person.id, _PHONES.index(name), typed.get(key, key), key)
        if numbers_changed or person.changed.keys() & {"name", "card_no"}:
            looked_up.add(person.id)
    for person in (*new, *matched.updated):
        referrer = person.values.get("referrer")
        if isinstance(referrer, Person) and not members.refers_back(tx, referrer.id or 0, person.id or 0):
            tx.update("member", person.id or 0, referrer_id=referrer.id)
    if looked_up:
        members.write_search(tx, looked_up)


def _write_sales(tx: Tx, lines: Lines, staff: Mapping[str, int], progress: Progress) -> None:
    members = [person.id for person in lines.person]
    places: Sequence[int] = range(len(lines))  # of every line its receipt among the new ones
    columns: dict[str, list[Any]] = {
        "member_id": members, "day": lines.day, "at": lines.at, "order_no": lines.order_no,
        "staff_id": [staff.get(name) if name else None for name in lines.staff], "note": lines.note,
    }  # fmt: skip
    if len(set(lines.order_no)) < len(lines):
        receipts: defaultdict[object, int] = defaultdict(count().__next__)
        # A line without order number is a receipt by itself. Loops, in which other threads get a turn.
        keys = zip(range(len(lines)), lines.order_no, members, lines.day, strict=True)
        places = [receipts[key[1:] if key[1] else key[0]] for key in keys]
        # What a receipt says stands in its first line.
        first = dict(zip(reversed(places), range(len(lines) - 1, -1, -1), strict=True))
        firsts = [first[place] for place in range(len(receipts))]
        columns = {name: [values[at] for at in firsts] for name, values in columns.items()}
    ids = tx.insert_columns("sale", columns)
    progress.step(1, 2, "progress.writing")
    _write_lines(tx, lines, [ids[place] for place in places])
    progress.step(2, 2, "progress.writing")
    sales.index_items(tx, set(lines.item))


def _write_lines(tx: Tx, lines: Lines, receipts: list[int]) -> None:
    columns: dict[str, list[Any]] = {
        "sale_id": receipts, "item": lines.item, "size": lines.size, "colour": lines.colour,
        "qty": lines.qty, "amount_fen": lines.amount_fen, "category": lines.category,
        "article_no": lines.article_no, "list_fen": lines.list_fen,
    }  # fmt: skip
    first = imports.next_line_id(tx)
    if lines.returns:
        # Lines whose return is in the same file are written before it, so that the reference holds.
        order = sorted(range(len(lines)), key=lambda place: lines.returns.get(place, -1) >= 0)
        ids = dict(zip(order, range(first, first + len(order)), strict=True))
        back = {place: ids[taken] if taken >= 0 else ~taken for place, taken in lines.returns.items()}
        columns = {name: [values[place] for place in order] for name, values in columns.items()}
        columns["returns_line_id"] = [back.get(place) for place in order]
    found = tx.insert_columns("line", columns)
    assert not lines or found[0] == first
