"""What an import plan is made of: the fate of a row, a problem, what the shop knows, what the owner chose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import Any, Literal, NamedTuple

from shopcrm.basics.records import Sentence


class Fate(IntEnum):
    """What becomes of a row: of every row read exactly one of these."""

    NEW = 0  # makes a member, a sale, a visit or a contact
    UPDATE = 1  # fills empty fields of a member
    DUPLICATE = 2  # is in the shop already
    PROBLEM = 3  # is left out, and listed
    SKIPPED = 4  # is no data: total, repeated header, title


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault of one cell or row; `left_out` if the row is not imported, else a mere warning.

    `row` is the number Excel shows, `column` the heading of the cell ("" if it concerns the whole row),
    `at` and `sheet_at` their places in the plan.
    """

    sheet: str
    row: int
    column: str
    code: str
    value: str
    left_out: bool
    sheet_at: int
    at: int | None = None
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def sentence(self) -> Sentence:
        """What is wrong and what to do."""
        blank = ".blank" if self.code == "no_member" and not self.value else ""  # nobody to name
        return Sentence(
            f"problem.{self.code}{blank}", {"value": self.value, "column": self.column, **self.values}
        )


Policy = Literal["fill", "overwrite", "skip", "new"]
DayOrder = Literal["dmy", "mdy"]


@dataclass(frozen=True, slots=True)
class Choices:
    """What the owner decided in the preview. Sheets and columns count from 0, rows are numbered as in Excel.

    `policy` is for all rows that meet a member who is there: fill what is empty of her, overwrite what the
    file says otherwise, skip the row of a member list (a sale is booked all the same and changes nothing of
    her), or make a new member of the row of a member list.
    `row_policies`: (sheet, row) -> what that row and all with the same phone and name do: fill or overwrite =
    it is the member who is there, also one of that name with another phone; new = it is somebody else, also
    with the same phone; skip = leave out this row.
    `mapping`: sheet -> column -> field id (None: do not import). `edits`: (sheet, row, column) -> new text.
    `skips`: (sheet, row). `day_orders`: (sheet, column) -> how days like 03/04/2026 are meant there.
    """

    mapping: Mapping[int, Mapping[int, str | None]] = field(default_factory=dict)
    policy: Policy = "fill"
    edits: Mapping[tuple[int, int, int], str] = field(default_factory=dict)
    skips: frozenset[tuple[int, int]] = frozenset()
    row_policies: Mapping[tuple[int, int], Policy] = field(default_factory=dict)
    day_orders: Mapping[tuple[int, int], DayOrder] = field(default_factory=dict)

    @property
    def of_rows(self) -> bool:
        """Whether anything was decided about single rows or about all that meet a known member."""
        return self.policy != "fill" or bool(self.edits or self.skips or self.row_policies or self.day_orders)

    @property
    def left_out(self) -> frozenset[tuple[int, int]]:
        """All rows the owner leaves out."""
        return self.skips | {row for row, policy in self.row_policies.items() if policy == "skip"}


NO_CHOICES = Choices()


class Former(NamedTuple):
    """Somebody who was merged into a member, as files of earlier days still name her."""

    name: str
    card: str
    had_phone: bool


@dataclass(frozen=True, slots=True)
class KnownMember:
    """A member as the shop has her: her name, her phones (first one first), her filled fields, "" where
    empty, and who was merged into her."""

    id: int
    name: str
    phones: tuple[str, ...]
    values: Mapping[str, object]  # only what is filled
    formers: tuple[Former, ...] = ()


class KnownLine(NamedTuple):
    """An article sold before, for recognising it; `sale_day` as ISO text."""

    id: int
    member: int | None
    day: str
    order_no: str
    item: str
    amount_fen: int
    qty: int


@dataclass(frozen=True)
class Known:
    """What the shop knows: members, and the sales, visits and contacts of the days concerned."""

    revision: int = 0
    members: tuple[KnownMember, ...] = ()
    lines: tuple[KnownLine, ...] = ()
    visits: Iterable[tuple[int, str, str, str, str]] = ()  # member, day, kind, items, reasons and words
    contacts: Iterable[tuple[int, str, str, str]] = ()  # member, day, outcome, note

    @cached_property
    def by_order(self) -> dict[str, list[int]]:
        """Order number to places in `lines`."""
        found: dict[str, list[int]] = {}
        for place, line in enumerate(self.lines):
            if line.order_no:
                found.setdefault(line.order_no, []).append(place)
        return found

    @cached_property
    def alike(self) -> dict[tuple[Any, ...], list[int]]:
        """What lines are recognised by to places in `lines`: member, day, article, amount and pieces with the
        receipt number ("" if none); receipt, article, amount and pieces; and the first with True for any
        number."""
        found: dict[tuple[Any, ...], list[int]] = {}
        for place, (_, member, day, order_no, item, fen, qty) in enumerate(self.lines):
            found.setdefault((member, day, item, fen, qty, order_no), []).append(place)
            if order_no:
                found.setdefault((order_no, item, fen, qty), []).append(place)
                found.setdefault((member, day, item, fen, qty, True), []).append(place)
        return found
