"""What an import plan is made of: the fate of a row, a problem, what the shop knows, what the owner chose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal

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
        return Sentence(f"problem.{self.code}", {"value": self.value, "column": self.column, **self.values})


Policy = Literal["fill", "overwrite"]


@dataclass(frozen=True, slots=True)
class Choices:
    """What the owner decided in the preview.

    `mapping`: sheet -> column -> field id (None: do not import). `edits`: (sheet, row number, column) ->
    new text. `skips`: (sheet, row number). Sheets and columns count from 0.
    """

    mapping: Mapping[int, Mapping[int, str | None]] = field(default_factory=dict)
    policy: Policy = "fill"
    edits: Mapping[tuple[int, int, int], str] = field(default_factory=dict)
    skips: frozenset[tuple[int, int]] = frozenset()


NO_CHOICES = Choices()


@dataclass(frozen=True, slots=True)
class KnownMember:
    """A member as the shop has her: her name, her phones (first one first), her filled fields, "" where
    empty."""

    id: int
    name: str
    phones: tuple[str, ...]
    values: Mapping[str, object]  # only what is filled


@dataclass(frozen=True, slots=True)
class KnownLine:
    """An article sold before, for recognising it; `sale_day` as ISO text."""

    id: int
    member: int | None
    day: str
    order_no: str
    item: str
    amount_fen: int
    qty: int


@dataclass(frozen=True, slots=True)
class Known:
    """What the shop knows: members, and the sales, visits and contacts of the days concerned."""

    revision: int = 0
    members: tuple[KnownMember, ...] = ()
    lines: tuple[KnownLine, ...] = ()
    visits: Iterable[tuple[int, str, str, str, str]] = ()  # member, day, kind, items, reasons and words
    contacts: Iterable[tuple[int, str, str, str]] = ()  # member, day, outcome, note
