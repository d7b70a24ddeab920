"""An import plan: the fate of every row of a file, decided before anything is written.

Pure: cells, what the shop knows, the owner's choices and the day go in; the plan comes out. The same plan
is shown in the preview, reported, and written. Fates of all rows add up to the rows read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from shopcrm.basics.errors import Refusal
from shopcrm.basics.fields import OWN, SheetKind
from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import Sentence
from shopcrm.basics.values.birthday import is_minor
from shopcrm.excel.cells import Book, shown
from shopcrm.excel.fates import NO_CHOICES, Choices, Fate, Known, Problem
from shopcrm.excel.layout import ColumnPlan, Laid, Layout, lay_out
from shopcrm.excel.matching import Matched, Person, match, said

Flag = Literal["", "wrong", "check", "repaired"]
Level = Literal["wrong", "duplicate", "check", "repaired"]
Ask = Literal["", "people", "day_order"]

_ASKS: dict[str, Ask] = {"name_conflict": "people", "same_name": "people", "ambiguous_date": "day_order"}
_REPAIRED = {
    "phone": "repaired_phone",
    "phone2": "repaired_phone",
    "amount": "repaired_amount",
    "price": "repaired_amount",
    "list_price": "repaired_amount",
    "list_amount": "repaired_amount",
}
_FIELDS = {"card_no": "card", "staff": "own_staff", "phone3": "phone2"}  # of a member -> of a sheet
_NAMED = 2  # names in the hint of a group


@dataclass(frozen=True, slots=True)
class RowView:
    """One row as the preview shows it: cells as text, what is to be said of each, and its problems.

    `stored`: of a cell we put right the form in which it is kept, else "". `changes`: field id, old and new
    value in words, of what the row fills or overwrites of a member who is there.
    """

    number: int
    fate: Fate
    cells: tuple[str, ...]
    flags: tuple[Flag, ...]
    problems: tuple[Problem, ...]
    stored: tuple[str, ...] = ()
    changes: tuple[tuple[str, str, str], ...] = ()

    @property
    def repaired(self) -> bool:
        """Whether a cell was put right by us."""
        return "repaired" in self.flags


@dataclass(frozen=True, slots=True)
class Group:
    """Rows with the same to say of them: `title` and `hint` are worded, rows are (sheet, position).

    `ask` is what the owner may answer: `people` with Choices.row_policies, `day_order` with
    Choices.day_orders for the column of the rows' problems, else nothing.
    """

    code: str
    level: Level
    title: Sentence
    hint: Sentence
    rows: tuple[tuple[int, int], ...]
    ask: Ask = ""


class SheetPlan:
    """One sheet of the plan; rows by position (0 is the first row under the header)."""

    def __init__(self, at: int, laid: Laid, choices: Choices, own: Mapping[str, str]) -> None:
        self.at = at  # place in ImportPlan.sheets
        self.sheet_at = laid.at  # place in the file, the key of Choices
        self.name = laid.name
        self.kind: SheetKind = laid.kind
        self.columns: tuple[ColumnPlan, ...] = laid.columns
        self.header_row = laid.header_row
        self.own = own  # field id -> name of the shop's own fields, which a list of members may carry
        self._laid = laid
        places = (laid.place(number) for where, number in choices.left_out if where == laid.at)
        # A total that somebody skips as well is no data all the same, but it does no harm in the workbook.
        self.put_aside = frozenset(
            place for place in places if place is not None and laid.fates[place] == Fate.SKIPPED
        )  # positions of rows the owner leaves out
        self._problems: dict[int, list[Problem]] = {}
        for problem in laid.problems:
            self._problems.setdefault(_place(laid, problem), []).append(problem)

    def __len__(self) -> int:
        return len(self._laid.numbers)

    @property
    def gaps(self) -> int:
        """Empty rows between the others: read, and no data."""
        return self._laid.gaps

    @property
    def with_problems(self) -> tuple[int, ...]:
        """The positions of rows that have something to fix, to confirm or that are there already.

        Of a common name nothing is doubtful: where numbers differ she is another person unless the owner
        says otherwise.
        """
        there = set(_positions(self._laid.fates, Fate.DUPLICATE))
        return tuple(sorted(there | self._problems.keys()))

    def fate(self, position: int) -> Fate:
        """The fate of one row."""
        return Fate(self._laid.fates[position])

    def row(self, position: int) -> RowView:
        """One row as the preview shows it."""
        laid = self._laid
        raw = [column[position] for column in laid.cells]
        flags: list[Flag] = [
            "repaired" if cell is not None and cell in laid.repaired.get(column, ()) else ""
            for column, cell in enumerate(raw)
        ]
        stored = tuple(
            laid.repaired[column].get(cell, "") if flag else ""
            for column, (cell, flag) in enumerate(zip(raw, flags, strict=True))
        )
        problems = tuple(self._problems.get(position, ()))
        if position in laid.same_name:
            problems += (_same_name(laid, position),)
        for problem in problems:
            if problem.at is not None:
                flags[problem.at] = "wrong" if problem.left_out else "check"
        return RowView(
            laid.numbers[position],
            self.fate(position),
            tuple(map(shown, raw)),
            tuple(flags),
            problems,
            stored,
            tuple(
                (_FIELDS.get(name, name), said(name, old), said(name, new))
                for name, old, new in laid.changes.get(position, ())
            ),
        )

    def rows(self, start: int, stop: int) -> list[RowView]:
        """A page of rows."""
        return [self.row(position) for position in range(start, min(stop, len(self)))]

    def left_out(self) -> list[tuple[int, list[object], str]]:
        """The rows with a fault and those the owner leaves out: number, cells, what is wrong."""
        from shopcrm.basics.texts import t
        from shopcrm.excel.cells import decode

        found: list[tuple[int, list[object], str]] = []
        for position, fate in enumerate(self._laid.fates):
            aside = position in self.put_aside
            if fate == Fate.PROBLEM or aside:
                said = [
                    t(p.sentence.id, **p.sentence.values)
                    for p in self._problems.get(position, ())
                    if p.left_out
                ]
                said += [t("io.row.skipped")] if aside else []
                cells = [decode(column[position]) for column in self._laid.cells]
                found.append((self._laid.numbers[position], cells, "；".join(dict.fromkeys(said))))
        return found


@dataclass(frozen=True, slots=True)
class Counts:
    """What an import of the plan does, in rows and in members."""

    rows: int  # read: all rows under the headers, empty ones between them too
    members_new: int
    members_updated: int
    members_same: int  # rows of member sheets that bring nothing new
    sales_new: int
    sales_duplicate: int
    visits_new: int
    contacts_new: int
    visits_duplicate: int  # contacts too
    rows_ready: int  # rows that will be imported
    rows_left_out: int
    rows_skipped: int
    minors: int = 0  # members who come in, or whose birthday does, and are not 14 yet

    @property
    def rows_same(self) -> int:
        """Rows of which everything is in the shop already."""
        return self.sales_duplicate + self.members_same + self.visits_duplicate


@dataclass(slots=True)
class ImportPlan:
    """An import before it happens; `revision` is the state of the shop it was made against."""

    file: str
    sheets: tuple[SheetPlan, ...]
    problems: tuple[Problem, ...]
    groups: tuple[Group, ...]
    counts: Counts
    ignored_sheets: tuple[str, ...]
    ignored_columns: tuple[str, ...]
    choices: Choices
    revision: int
    layout: Layout = field(repr=False)
    matched: Matched = field(repr=False)
    known: Known = field(repr=False)

    @property
    def rows_to_save(self) -> int:
        """How many rows have a fault or are left out by the owner: those of `SheetPlan.left_out`."""
        return self.counts.rows_left_out + sum(len(sheet.put_aside) for sheet in self.sheets)

    @property
    def encoding(self) -> str:
        """The encoding a text file was found to be in: UTF-8, GB18030, Big5 or UTF-16; "" for a workbook."""
        return self.layout.book.encoding

    @property
    def typed(self) -> dict[str, str]:
        """Phone key to the number as it stood in the file."""
        return {key: text for sheet in reversed(self.layout.sheets) for key, text in sheet.typed.items()}


def plan(book: Book, known: Known, today: date, *, file: str, choices: Choices = NO_CHOICES) -> ImportPlan:
    """The plan of a book in one go. Raises Refusal no_header, no_rows, empty_file."""
    return decide(lay_out(book, choices, today), known, file=file, choices=choices)


def decide(
    layout: Layout,
    known: Known,
    *,
    file: str,
    choices: Choices = NO_CHOICES,
    progress: Progress = SILENT,
) -> ImportPlan:
    """The plan of a laid-out book, which must be fresh. Raises Refusal no_header, no_rows, empty_file."""
    if not any(sheet.numbers for sheet in layout.book.sheets):
        raise Refusal("empty_file", file=file)
    if not layout.sheets:
        hint = Sentence("io.hint.hidden", {"sheets": "、".join(layout.hidden_tables)})
        raise Refusal("no_header", file=file, hint=_worded(hint) if layout.hidden_tables else "")
    matched = match(layout.sheets, known, choices, progress)
    _settle(layout.sheets)
    problems = tuple(problem for sheet in layout.sheets for problem in _in_order(sheet))
    counts = _count(layout, matched)
    if not counts.rows_ready and not counts.rows_same and not choices.of_rows:
        why = "；".join(dict.fromkeys(_worded(Sentence(f"group.{p.code}")) for p in problems if p.left_out))
        why = why or _worded(Sentence("io.only_header"))
        raise Refusal("no_rows", file=file, n=counts.rows_left_out, why=why, problems=problems)
    own = {f"{OWN}{field.id}": field.name for field in layout.own}
    sheets = tuple(SheetPlan(at, laid, choices, own) for at, laid in enumerate(layout.sheets))
    return ImportPlan(
        file,
        sheets,
        problems,
        _groups(layout.sheets, sheets, choices),
        counts,
        layout.ignored,
        _ignored_columns(layout.sheets),
        choices,
        known.revision,
        layout,
        matched,
        known,
    )


def _worded(sentence: Sentence) -> str:
    from shopcrm.basics.texts import t

    return t(sentence.id, **sentence.values)


def _settle(sheets: Sequence[Laid]) -> None:
    """A mere warning in a row that is left out is one more thing to put right there."""
    for sheet in sheets:
        if sheet.problems:
            sheet.problems = [
                replace(problem, left_out=sheet.fates[_place(sheet, problem)] == Fate.PROBLEM)
                for problem in sheet.problems
            ]


def _place(sheet: Laid, problem: Problem) -> int:
    position = sheet.place(problem.row)
    assert position is not None
    return position


def _positions(fates: bytearray, fate: Fate) -> list[int]:
    """The rows with that fate."""
    return [position for position, its in enumerate(fates) if its == fate] if fate in fates else []


def _in_order(sheet: Laid) -> list[Problem]:
    return sorted(sheet.problems, key=lambda problem: (problem.row, -1 if problem.at is None else problem.at))


def _count(layout: Layout, matched: Matched) -> Counts:
    fates = {fate: sum(sheet.fates.count(fate) for sheet in layout.sheets) for fate in Fate}
    same = sum(sheet.fates.count(Fate.DUPLICATE) for sheet in layout.sheets if sheet.kind == "members")
    gaps = sum(sheet.gaps for sheet in layout.sheets)
    return Counts(
        rows=sum(fates.values()) + gaps,
        members_new=len(matched.people),
        members_updated=len(matched.updated),
        members_same=same,
        sales_new=len(matched.lines),
        sales_duplicate=matched.sales_duplicate,
        visits_new=len(matched.visits),
        contacts_new=len(matched.contacts),
        visits_duplicate=matched.others_duplicate,
        rows_ready=fates[Fate.NEW] + fates[Fate.UPDATE],
        rows_left_out=fates[Fate.PROBLEM],
        rows_skipped=fates[Fate.SKIPPED] + gaps,
        minors=_minors(layout, matched),
    )


def _minors(layout: Layout, matched: Matched) -> int:
    told = (*(person.values for person in matched.people), *(person.changed for person in matched.updated))
    return sum("birthday" in values and is_minor(values["birthday"], layout.today) for values in told)


def _ignored_columns(sheets: Sequence[Laid]) -> tuple[str, ...]:
    """Headings of columns that are not imported; one without heading by its letter, if it holds anything."""
    names: dict[str, None] = {}
    for sheet in sheets:
        for column in sheet.columns:
            if column.field is None and (
                column.heading or any(cell is not None for cell in sheet.cells[column.at])
            ):
                names[column.heading or _letter(sheet.first + column.at)] = None
    return tuple(names)


def _letter(at: int) -> str:
    return (_letter(at // 26 - 1) if at >= 26 else "") + chr(65 + at % 26)


def _same_name(sheet: Laid, position: int) -> Problem:
    """That there is another one of this name, with her number if she has one."""
    people: list[Person] = sheet.same_name[position]
    others = [person for person in people if person.row != (sheet, position)]
    known = "、".join(said("phone", person.phones[0]) for person in others[:_NAMED] if person.phones)
    return sheet.said(
        position, sheet.column_of("name"), "same_name", False, {"known": known or people[0].name}
    )


def _code(problem: Problem, sheet: Laid, position: int) -> str:
    """The group of a problem: days that may be meant in two ways are asked for together."""
    if problem.at is not None and sheet.cells[problem.at][position] in sheet.two_ways.get(problem.at, ()):
        return "ambiguous_date"
    return problem.code


def _hint(code: str, sheets: Sequence[Laid], rows: Iterable[tuple[int, int]]) -> Sentence:
    if code == "same_name":
        found = dict.fromkeys(sheets[at].same_name[position][0].name for at, position in rows)
        names = "、".join(list(found)[:_NAMED]) + ("…" if len(found) > _NAMED else "")
        return Sentence("group.same_name.hint", {"names": names})
    if code == "duplicate":
        orders = [sheets[at].values.get("order_no") for at, _ in rows]
        if all(o is not None and o[position] for o, (_, position) in zip(orders, rows, strict=True)):
            return Sentence("group.duplicate.order")
    return Sentence(f"group.{code}.hint")


def _groups(sheets: Sequence[Laid], plans: Sequence[SheetPlan], choices: Choices) -> tuple[Group, ...]:
    """What the problem panel lists: faults first, then duplicates, warnings, and what we put right.

    What the owner answered is not asked again.
    """
    rows: dict[tuple[Level, str], dict[tuple[int, int], None]] = {}
    for sheet_plan, sheet in zip(plans, sheets, strict=True):
        for problem in _in_order(sheet):
            position = _place(sheet, problem)
            code = _code(problem, sheet, position)
            if _ASKS.get(code) == "people" and (sheet.at, problem.row) in choices.row_policies:
                continue
            key: tuple[Level, str] = ("wrong" if problem.left_out else "check", code)
            rows.setdefault(key, {})[(sheet_plan.at, position)] = None
        if sheet.same_name:
            found = {(sheet_plan.at, position): None for position in sorted(sheet.same_name)}
            rows.setdefault(("check", "same_name"), {}).update(found)
        there = _positions(sheet.fates, Fate.DUPLICATE)
        if there:
            code = "same" if sheet.kind == "members" else "duplicate"
            rows.setdefault(("duplicate", code), {}).update({(sheet_plan.at, p): None for p in there})
        for column, cells in sheet.repaired.items():
            if cells:
                name = sheet.columns[column].field
                code = _REPAIRED.get(name or "", "repaired_date")
                found = {(sheet_plan.at, p): None for p in sheet.cells[column].positions(cells)}
                rows.setdefault(("repaired", code), {}).update(found)
    order: tuple[Level, ...] = ("wrong", "duplicate", "check", "repaired")
    return tuple(
        Group(
            code,
            level,
            Sentence(f"group.{code}"),
            _hint(code, sheets, tuple(places)),
            tuple(places),
            _ASKS.get(code, ""),
        )
        for (level, code), places in sorted(rows.items(), key=lambda entry: order.index(entry[0][0]))
        if places
    )


__all__ = [
    "Choices",
    "ColumnPlan",
    "Counts",
    "Fate",
    "Flag",
    "Group",
    "ImportPlan",
    "Known",
    "Level",
    "Problem",
    "RowView",
    "SheetPlan",
    "decide",
    "plan",
]
