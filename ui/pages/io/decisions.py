"""What the owner decided while checking a file: every decision can be taken back, one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from shopcrm.shop.imports import Choices, DayOrder, Policy

Row = tuple[int, int]  # sheet in the file, row number as Excel shows it


class Decisions:
    """The choices in force and those before; each method that decides makes one step of `back()`."""

    def __init__(self, first: Choices) -> None:
        self.now = first
        self._before: list[Choices] = []
        self._after: list[Choices] = []

    @property
    def any(self) -> bool:
        """Whether there is a decision to take back."""
        return bool(self._before)

    def back(self) -> bool:
        """Take the last decision back; False if there is none."""
        if not self._before:
            return False
        self._after.append(self.now)
        self.now = self._before.pop()
        return True

    def again(self) -> bool:
        """Decide again what was taken back last; False if nothing was."""
        if not self._after:
            return False
        self._before.append(self.now)
        self.now = self._after.pop()
        return True

    def return_to(self, choices: Choices) -> None:
        """Forget the decisions made after these choices, as when the shop refuses them."""
        while self.now != choices and self.back():
            self._after.clear()
        self.now = choices

    def _take(self, choices: Choices) -> None:
        if choices != self.now:
            self._before.append(self.now)
            self._after.clear()
            self.now = choices

    # -- single decisions ---------------------------------------------------------------------------------

    def edit(self, row: Row, column: int, text: str) -> None:
        """Another text in a cell."""
        self._take(replace(self.now, edits={**self.now.edits, (*row, column): text}))

    def skip(self, row: Row) -> None:
        """Leave a row out."""
        self._take(replace(self.now, skips=self.now.skips | {row}))

    def take_in(self, row: Row) -> None:
        """Take a row that was left out in again."""
        policies = {at: policy for at, policy in self.now.row_policies.items() if at != row}
        self._take(replace(self.now, skips=self.now.skips - {row}, row_policies=policies))

    def is_skipped(self, row: Row) -> bool:
        """Whether the owner leaves this row out."""
        return row in self.now.left_out

    def meet(self, row: Row, policy: Policy) -> None:
        """What a row does that meets a member who is there."""
        self._take(replace(self.now, row_policies={**self.now.row_policies, row: policy}))

    def meet_all(self, policy: Policy) -> None:
        """What all rows do that meet a member who is there."""
        self._take(replace(self.now, policy=policy))

    def read_days(self, sheet: int, column: int, order: DayOrder) -> None:
        """How days like 03/04/2026 are meant in a column."""
        self._take(replace(self.now, day_orders={**self.now.day_orders, (sheet, column): order}))

    def map(self, sheet: int, column: int, name: str | None) -> None:
        """The field a column goes to, None for a column that is not imported."""
        mine: Mapping[int, str | None] = {**self.now.mapping.get(sheet, {}), column: name}
        self._take(replace(self.now, mapping={**self.now.mapping, sheet: mine}))
