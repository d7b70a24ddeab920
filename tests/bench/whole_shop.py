"""P5 and P7: everybody's statistics and types against a scan of the sales, and one sale at the counter."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from statistics import median

from shopcrm.basics.records import LineDraft, MemberId, SaleDraft
from shopcrm.shop import Shop
from shopcrm.shop.types import limits, type_settings
from shopcrm.store import facts
from shopcrm.store.connection import connect
from tests.bench.big_shop import DAY, clock_of, fill
from tests.bench.measure import Figure, figure, p95, paired

SCAN = ("SELECT count(*), sum(member_id), max(day) FROM sale NOT INDEXED", "SELECT sum(amount_fen) FROM line")


def prepared(folder: Path, members: int, sales: int) -> Path:
    """A made-up shop with its day started; one kept by an earlier run is brought up to date."""
    file = folder / f"shop{members}_{sales}.db"
    if not file.exists():
        draft = file.with_suffix(".new")
        draft.unlink(missing_ok=True)
        fill(draft, members, sales)
        draft.rename(file)
    with Shop.open(file, clock=clock_of(DAY)) as shop:
        shop.start_day()
    return file


def whole_shop(folder: Path, *, members: int, sales: int, turns: int) -> Iterator[Figure]:
    """P5. The limit reads both sales tables once, each alone, and sums up: no join, no grouping."""
    file = folder / "day.db"
    shutil.copy(prepared(folder, members, sales), file)
    bare = sqlite3.connect(file)

    def scan() -> None:
        for sql in SCAN:
            bare.execute(sql).fetchall()

    with Shop.open(file, clock=clock_of(DAY)) as shop:
        rx = shop.store.read()
        settings, tau = type_settings(rx), limits(rx).tau

        def statistics() -> None:
            with shop.store.write("bench", None, shop.clock()) as tx:
                for _ in facts.statistics(tx, DAY.toordinal(), settings, tau):
                    pass

        yield paired("P5 statistics of everybody", statistics, scan, 3, turns)

        day = DAY

        def next_morning() -> None:
            nonlocal day
            day += timedelta(days=1)
            shop.clock = clock_of(day)

        def start_day() -> None:
            shop.start_day()

        yield paired("P5 a new day: everything", start_day, scan, 10, turns, between=next_morning)

        def rebuild() -> None:
            with shop.store.write("bench", None, shop.clock()) as tx:
                shop.refresh(tx, None)

        yield paired("P5 everything anew with a year's replay", rebuild, scan, 10, max(1, turns // 2))
    bare.close()


def one_sale(folder: Path, *, members: int, sales: int, turns: int) -> Iterator[Figure]:
    """P7. The limit is the same transaction with nothing but the bare inserts, by the same recipe."""
    source = prepared(folder, members, sales)
    ours, other = folder / "counter.db", folder / "bare.db"
    shutil.copy(source, ours)
    shutil.copy(source, other)
    bare = connect(other, write=True)
    took: list[tuple[float, float]] = []
    limit: list[tuple[float, float]] = []

    def insert(member: int) -> None:
        bare.execute("BEGIN IMMEDIATE")
        sale = bare.execute("INSERT INTO sale(member_id, day) VALUES (?, ?)", (member, DAY.isoformat()))
        bare.execute(
            "INSERT INTO line(sale_id, item, amount_fen) VALUES (?, '连衣裙 碎花', 39900)", (sale.lastrowid,)
        )
        bare.execute("COMMIT")

    with Shop.open(ours, clock=clock_of(DAY)) as shop:

        def sell(member: int) -> None:
            line = LineDraft(amount_fen=39_900, item="连衣裙 碎花")
            shop.counter.sell(SaleDraft(member=MemberId(member), day=DAY, lines=(line,)))

        step = max(1, members // (turns + 5))
        for number in range(turns + 5):
            member = 1 + number * step
            for work, kept in ((insert, limit), (sell, took)):
                wall, cpu = time.perf_counter(), time.thread_time()
                work(member)
                kept.append((time.perf_counter() - wall, time.thread_time() - cpu))
    bare.close()
    took, limit = took[5:], limit[5:]  # the first ones fill caches
    bare_cpu = median(cpu for _, cpu in limit)
    own = [cpu - bare_cpu for _, cpu in took]
    yield Figure("P7 one sale, own work p95", p95(own), 0.001, p95(own) / 0.001, 1, note="(processor time)")
    yield figure("P7 one sale with its durable commit", [t[0] for t in took], [t[0] for t in limit], 1.5)
