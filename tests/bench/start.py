"""P1 and P2: from the start of the process to a window one can work with, and what it holds then."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from statistics import median

from shopcrm.shop import Shop
from shopcrm.shop.backups import damage_of
from tests.bench.big_shop import fill
from tests.bench.measure import Child, Figure, figure, paired, run_child
from tests.bench.whole_shop import prepared

MOST_MB = 120.0  # memory is no noisier on a busy machine: this goal is not a ratio to the bare window


@dataclass(frozen=True, slots=True)
class Start:
    stands: float
    usable: float
    resident: float
    proportional: float
    loaded: tuple[str, ...]


def _read(child: Child) -> Start:
    said = {line.split()[0]: line.split()[1:] for line in child.lines if line}
    usable = float(said["painted"][0]) - child.started
    stands = float(said["stands"][0]) - child.started if "stands" in said else usable
    resident, proportional = map(float, said["memory"])
    return Start(stands, usable, resident, proportional, tuple(said.get("loaded", ())))


def _screen(folder: Path) -> Path:
    """The screen of most shops; the one Qt makes up by itself is 800 wide, and only the list stands on it."""
    file = folder / "screen.json"
    size = {"x": 0, "y": 0, "width": 1366, "height": 768}
    dense = {"logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
    file.write_text(json.dumps({"screens": [{"name": "shop", **size, **dense}]}), encoding="utf-8")
    return file


def starts(folder: Path, *, members: int, sales: int, turns: int) -> Iterator[Figure]:
    """P1 and P2 of one series of starts, the program and the bare window turn about."""
    file = folder / "start.db"
    if not file.exists():
        fill(file, members, sales, day=date.today())
    with Shop.open(file, clock=datetime.now) as shop:  # the first start of a day is another matter
        shop.start_day()
        shop.backups.daily()
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={_screen(folder)}"
    os.environ["SHOPCRM_DATA"] = str(folder / "data")
    if turns > 1:
        for child in (("child_window", str(file)), ("child_bare",)):  # the first start compiles
            run_child(*child)
    bare, ours = [], []
    for _ in range(turns):
        bare.append(_read(run_child("child_bare")))
        ours.append(_read(run_child("child_window", str(file))))
    yield figure("P1 start to a usable list", [s.usable for s in ours], [s.usable for s in bare], 2.0)
    yield figure("P1 start to the painted frame", [s.stands for s in ours], [s.usable for s in bare], 2.0)
    note = f"of which its own {median(s.proportional for s in ours):.0f} against "
    note += f"{median(s.proportional for s in bare):.0f} MB; "
    note += f"loaded: {' '.join(ours[-1].loaded)}" if ours[-1].loaded else "no slow library loaded"
    held = [s.resident for s in bare]
    goal = MOST_MB / median(held)
    yield figure("P2 memory at rest (120 MB)", [s.resident for s in ours], held, goal, "MB", note)


def look_over(folder: Path, *, members: int, sales: int, turns: int) -> Iterator[Figure]:
    """P11. The look over a file after the start, against the database's own quick check alone."""
    file = prepared(folder, members, sales)
    with closing(sqlite3.connect(file)) as bare:

        def check() -> None:
            assert bare.execute("PRAGMA quick_check").fetchone() == ("ok",)

        def ours() -> None:
            assert damage_of(file, lambda: False) is None

        yield paired(f"P11 look over a file, {sales:,} sales", ours, check, 2, turns)
