"""Counting who comes in: one press for each, without a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shopcrm.basics.errors import Refusal
from shopcrm.basics.records import Done
from shopcrm.store import footfall

if TYPE_CHECKING:
    from shopcrm.shop import Shop


class Footfall:
    """The tally of the day; each press is one step that undo takes back."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def come_in(self) -> Done[int]:
        """One more person came in now; the value is how many today."""
        return self._count(1, "done.footfall_more")

    def one_fewer(self) -> Done[int]:
        """One was counted too many today; the value is how many are left. Refusal footfall_none."""
        return self._count(-1, "done.footfall_fewer")

    def _count(self, people: int, sentence: str) -> Done[int]:
        shop = self._shop
        now = shop.clock()
        with shop.write("footfall", now) as tx:
            if not footfall.count(tx, tx.day, now.hour, people):
                raise Refusal("footfall_none")
            day = footfall.of_day(tx, tx.day)
            n = 0 if day is None else day.people
            return tx.done(n, sentence, n=n)
