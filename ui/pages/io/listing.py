"""Which rows of a plan there are to show: all, those with something to say, those of one fate."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from shopcrm.shop.imports import Fate, ImportPlan

ALL, PROBLEMS = "all", "problems"
Shown = str | Fate


class Listing:
    """Positions of rows by sheet (its place in the plan). Made on the worker: a large file takes a moment."""

    def __init__(self, plan: ImportPlan) -> None:
        self._lengths = [len(sheet) for sheet in plan.sheets]
        self._problems = [sheet.with_problems for sheet in plan.sheets]
        self._fates: list[dict[Fate, array[int]]] = []
        for sheet in plan.sheets:
            found = {fate: array("q") for fate in Fate}
            for position in range(len(sheet)):
                found[sheet.fate(position)].append(position)
            self._fates.append(found)

    def positions(self, sheet: int, shown: Shown) -> Sequence[int] | None:
        """The rows to show, in order; None for all of the sheet."""
        if isinstance(shown, Fate):
            return self._fates[sheet][shown]
        return self._problems[sheet] if shown == PROBLEMS else None

    def count(self, sheet: int, shown: Shown) -> int:
        """How many rows that are."""
        found = self.positions(sheet, shown)
        return self._lengths[sheet] if found is None else len(found)
