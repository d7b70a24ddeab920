"""Step and cancel in one call: long work reports where it is and learns there that it should stop."""

from __future__ import annotations

import time
from collections.abc import Callable

from shopcrm.basics.errors import Cancelled

_LEAST_SECONDS = 0.05  # at most 20 reports a second reach the screen


class Progress:
    """Handed down through long work; the base class reports nowhere and never stops.

    `report(done, total, what)` is called at most 20 times a second; `what` is a text id.
    """

    def __init__(self, report: Callable[[int, int, str], None] | None = None) -> None:
        self._report = report
        self._stopped = False
        self._last = 0.0

    def stop(self) -> None:
        """Ask the work to stop at its next step; may be called from another thread."""
        self._stopped = True

    @property
    def stopped(self) -> bool:
        """Whether someone asked to stop."""
        return self._stopped

    def step(self, done: int, total: int, what: str) -> None:
        """Say that `done` of `total` is finished; raises Cancelled if someone asked to stop."""
        if self._stopped:
            raise Cancelled
        if self._report is None:
            return
        now = time.monotonic()
        if now - self._last >= _LEAST_SECONDS or done == total:
            self._last = now
            self._report(done, total, what)


SILENT = Progress()
