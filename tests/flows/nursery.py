"""Children that are killed in the middle of one step: `python -m tests.flows.nursery` makes them.

Reads lines of JSON (shop file, kind of step, answers of the steps before, where to die) and forks a child for
each, which costs nothing beside a new interpreter. It dies by SIGKILL right behind a write to the disk (its
`op`-th of the step), or so many `seconds` after the step began; without either it lives, and its count of
writes and its time are told.
"""

from __future__ import annotations

import base64
import json
import os
import pickle
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from tests.flows.power import Op, recording


class Deadly(list[Op]):
    """Writes noted from `begin` on; behind the last one nobody lives."""

    last = 0

    def __init__(self) -> None:
        super().__init__()
        self._counts = False

    def begin(self) -> None:
        """From here writes count."""
        self._counts = True

    def append(self, op: Op) -> None:
        if not self._counts:
            return
        super().append(op)
        if len(self) == self.last:
            os.kill(os.getpid(), signal.SIGKILL)


def live(order: dict[str, Any]) -> dict[str, Any]:
    """Take the step, if so far; how many writes it took, and how long."""
    from shopcrm.shop import Shop
    from tests.conftest import Clock
    from tests.flows.every_write import STEPS

    ops = Deadly()
    ops.last = order.get("op", 0)
    db, kind, said = Path(order["db"]), order["kind"], pickle.loads(base64.b64decode(order["said"]))
    with recording(ops):
        if kind == "migration":  # it is the opening itself that is killed
            act: Callable[[], object] = lambda: Shop.open(db, clock=Clock())  # noqa: E731
        else:
            shop = Shop.open(db, clock=Clock())
            act = partial(STEPS[kind].act, shop, said, STEPS[kind].first(shop))
        ops.begin()
        if order.get("seconds"):
            signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ends the process there and then
            signal.setitimer(signal.ITIMER_REAL, order["seconds"])
        start = time.perf_counter()
        act()
        took = time.perf_counter() - start
        signal.setitimer(signal.ITIMER_REAL, 0)
        return {"ops": len(ops), "seconds": took}


def main() -> None:
    import shopcrm.shop.imports
    import shopcrm.shop.merging  # noqa: F401 - loaded once, for all children

    for line in sys.stdin:
        order = json.loads(line)
        ear, mouth = os.pipe()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                os.write(mouth, json.dumps(live(order)).encode())
                code = 0
            finally:
                os._exit(code)
        os.close(mouth)
        told = os.read(ear, 10_000)
        os.close(ear)
        left = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(json.dumps({"code": left, **(json.loads(told) if told else {})}), flush=True)


if __name__ == "__main__":
    main()
