"""P3: an import of a till's list against merely reading the file, in time and in memory.

P4: whether the window answers meanwhile.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.big_shop import till_rows
from tests.bench.measure import Figure, figure, run_child


def write_book(path: Path, rows: int, members: int) -> None:
    """A till's sales list as a workbook."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("销售明细")
    for row in till_rows(rows, members):
        sheet.append(row)
    book.save(path)


def imports(folder: Path, *, rows: int, members: int, turns: int) -> Iterator[Figure]:
    """P3. Both sides are processes of their own; the seconds are those of the work, without their start."""
    book = folder / f"till{rows}.xlsx"
    if not book.exists():
        write_book(book, rows, members)
    read, done = [], []
    for turn in range(turns):
        read.append(run_child("child_read", str(book), watch=True))
        done.append(run_child("child_import", str(book), str(folder / f"import{turn}.db"), watch=True))
    busy = median(float(d.lines[1]) / float(r.lines[1]) for d, r in zip(done, read, strict=True))
    parts = ", ".join((f"(processor time {busy:.2f})", *done[-1].lines[2:]))
    yield figure(
        f"P3 import of {rows:,} rows",
        [float(child.lines[0]) for child in done],
        [float(child.lines[0]) for child in read],
        3,
        note=parts,
    )
    took, limit = median(c.peak_mb for c in done), median(c.peak_mb for c in read)
    yield Figure("P3 peak memory of all its processes", took, limit, took / limit, 2, "MB")


TICK = 0.010  # seconds of the timer whose lateness is measured


def lateness(folder: Path, *, rows: int, members: int) -> Iterator[Figure]:
    """P4: the most a timer of 10 ms came late while a file was read and checked, and while imported."""
    book = folder / f"till{rows}.xlsx"
    if not book.exists():
        write_book(book, rows, members)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["SHOPCRM_DATA"] = str(folder / "data")
    from PySide6.QtCore import Qt, QTimer
    from PySide6.QtWidgets import QApplication

    from shopcrm.shop import Shop
    from tests.bench.big_shop import DAY, clock_of
    from ui.app import App
    from ui.jobs import WorkerJobs
    from ui.pages.io.page import CHECK, RESULT
    from ui.session import Preferences

    file = folder / "window.db"
    file.unlink(missing_ok=True)
    qapp = QApplication.instance() or QApplication([])
    app = App(qapp, WorkerJobs(), Preferences(), clock_of(DAY))  # type: ignore[arg-type]
    app.window.show()
    app.session.open(lambda _progress: Shop.open(file, clock=clock_of(DAY)))
    late: list[float] = []
    last = [time.perf_counter()]

    def tick() -> None:
        now = time.perf_counter()
        late.append(now - last[0] - TICK)
        last[0] = now

    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    timer.start(int(TICK * 1000))

    def worst_until(done: Callable[[], bool]) -> float:
        late.clear()
        last[0] = time.perf_counter()
        while not done():
            qapp.processEvents()
            time.sleep(0.0005)
        return max(late, default=0.0)

    worst_until(lambda: app.session.is_open and not app.session.is_busy)
    app.window.navigate("io")
    page: Any = app.window.current_page()
    end = time.monotonic() + 2
    idle = worst_until(lambda: time.monotonic() > end)
    page.read_file(book)
    read = worst_until(lambda: page.step == CHECK)
    page.import_now()
    written = worst_until(lambda: page.step == RESULT and not app.session.is_busy)
    beside = {}
    for case, work in (
        ("types worked out anew", lambda shop, _: shop.settings.set("loyal_min_purchases", 5)),
        ("whole shop exported", lambda shop, progress: shop.exports.whole(folder / "whole.xlsx", progress)),
    ):
        app.session.do(work)
        beside[case] = worst_until(lambda: not app.session.is_busy)
    timer.stop()
    app.window.close()
    worst_until(lambda: not app.session.is_busy)
    for case, took in (("read and checked", read), ("imported", written)):
        note = f"(idle {idle * 1000:.0f} ms)"
        yield Figure(f"P4 latest tick, {rows:,} rows {case}", took, 0.050, took / 0.050, 1, note=note)
    for case, took in beside.items():
        yield Figure(f"G18 latest tick, {case}", took, 0.200, took / 0.200, 1, note=note)
