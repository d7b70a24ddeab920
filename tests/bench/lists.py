"""P9: the member list on the screen: painted first, scrolled anywhere, sorted, filtered."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.big_shop import DAY, clock_of
from tests.bench.measure import Figure, p95
from tests.bench.whole_shop import prepared

FRAME = 0.016


def _timed(work: Callable[[], object]) -> float:
    """Processor seconds: what other programs on the machine do is not the list's."""
    started = time.process_time()
    work()
    return time.process_time() - started


def _typical(work: Callable[[], object]) -> float:
    return median(_timed(work) for _ in range(5))


def member_list(folder: Path, *, members: int, sales: int, places: int) -> Iterator[Figure]:
    """P9, on the members page of the whole window; work for the worker is done in this thread."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["SHOPCRM_DATA"] = str(folder / "data")
    from PySide6.QtWidgets import QApplication

    from shopcrm.shop import Shop
    from ui.app import make_window

    rng = random.Random(5)
    shop = Shop.open(prepared(folder, members, sales), clock=clock_of(DAY))
    window = make_window(shop)
    window.navigate("members")
    page: Any = window.current_page()
    view, model = page.list, page.model
    settle = QApplication.processEvents
    settle()

    def step(row: int) -> None:
        view.scrollTo(model.index(row, 0))
        view.viewport().repaint()

    def again() -> None:
        model.requery()
        view.viewport().repaint()

    firsts = [_timed(again) for _ in range(9)]
    yield Figure("P9 list read anew and painted", median(firsts), FRAME, median(firsts) / 0.2, 1)
    steps = [_timed(lambda: step(rng.randrange(len(model.ids)))) for _ in range(places)]
    yield Figure(f"P9 one of {places} places, p95", p95(steps), FRAME, p95(steps) / FRAME, 20 / 16)

    def sort(column: int) -> None:
        from PySide6.QtCore import Qt

        model.sort(column, Qt.SortOrder.DescendingOrder)
        view.viewport().repaint()

    columns = [at for at, column in enumerate(model.columns) if column.sort]
    sorts = [(_typical(lambda at=at: sort(at)), model.columns[at].id) for at in columns]
    worst = max(sorts)
    yield Figure("P9 sorted, the slowest column", worst[0], 0.2, worst[0] / 0.2, 1, note=worst[1])
    filters = []
    from dataclasses import replace

    from shopcrm.basics.records import Query

    for name, query in (
        ("type", Query(types=frozenset({"loyal"}))),
        ("absent", Query(absent_days=60)),
        ("spend12", Query(spend12_fen=300_000)),
        ("birthday", Query(birthday_months=frozenset({11}))),
        ("no_size", Query(no_size=True)),
        ("text", Query(text="丽")),
    ):

        def narrow(query: Query = query) -> None:
            model.set_query(replace(query, sort="last", descending=True))
            view.viewport().repaint()

        filters.append((_typical(narrow), name))
    worst = max(filters)
    yield Figure("P9 filtered, the slowest filter", worst[0], 0.2, worst[0] / 0.2, 1, note=worst[1])
    window.close()
    window.deleteLater()
    settle()
