"""P5 and P7: everybody's statistics and types against a scan of the sales, and one sale at the counter."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median

from shopcrm.basics.records import LineDraft, MemberId, SaleDraft, VisitDraft
from shopcrm.shop import Shop
from shopcrm.shop.types import type_settings
from shopcrm.store import verdicts
from shopcrm.store.connection import connect
from tests.bench.big_shop import DAY, clock_of, fill
from tests.bench.measure import Figure, Turn, figure, full_pace, p95, pace, paired, turn

# Of every buyer the newest line and what it cost.
NEWEST_LINE = """
SELECT s.member_id, max(l.id), l.amount_fen FROM sale s JOIN line l ON l.sale_id = s.id
WHERE l.amount_fen > 0 GROUP BY s.member_id
"""
SCAN = ("SELECT count(*), sum(member_id), max(day) FROM sale NOT INDEXED", "SELECT sum(amount_fen) FROM line")


class _TakeBack(Exception):
    """No error: ends a write that is to leave nothing behind."""


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
        shop.start_day()  # a file of an older version is filled anew
        settings = type_settings(shop.store.read())

        def statistics(anew: bool) -> None:
            try:
                with shop.store.write("bench", None, shop.clock()) as tx, tx.roomy():
                    if anew:
                        tx.derive("UPDATE d_case SET points = NULL")
                    verdicts.bring(tx, DAY.toordinal() + 1, settings)
                    raise _TakeBack
            except _TakeBack:
                pass

        yield paired("P5 statistics of everybody on a new day", lambda: statistics(False), scan, 3, turns)
        yield paired("P5 the same from the purchase days alone", lambda: statistics(True), scan, 10, turns)

        day = DAY

        def next_morning() -> None:
            nonlocal day
            day += timedelta(days=1)
            shop.clock = clock_of(day)

        def end_of_month() -> None:
            nonlocal day
            day = (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
            shop.clock = clock_of(day)
            shop.start_day()
            next_morning()

        def start_day() -> None:
            shop.start_day()

        yield paired("P5 a new day: everything", start_day, scan, 10, turns, between=next_morning)
        yield paired("P5 the first of a month: everything", start_day, scan, 10, turns, between=end_of_month)

        def rebuild() -> None:
            with shop.store.write("bench", None, shop.clock()) as tx, tx.roomy():
                shop.refresh(tx, None)

        yield paired("P5 everything anew with a year's replay", rebuild, scan, 10, max(1, turns // 2))
    bare.close()


def one_sale(folder: Path, *, members: int, sales: int, turns: int) -> Iterator[Figure]:
    """P7, and the same for a visit and a return of an older article.

    The limit is the same transaction with nothing but the bare inserts, by the same recipe. Own work is what
    a turn takes beyond its neighbour; a goal in milliseconds is measured while the processor goes at its full
    speed, and all turns are named beside it.
    """
    source = prepared(folder, members, sales)
    ours, other = folder / "counter.db", folder / "bare.db"
    shutil.copy(source, ours)
    shutil.copy(source, other)
    today, item = DAY.isoformat(), "连衣裙 碎花"
    with Shop.open(ours, clock=clock_of(DAY)) as shop, closing(connect(other, write=True)) as bare:
        bought: dict[int, tuple[int, int]] = {
            member: (line, fen) for member, line, fen in shop.store.read().all(NEWEST_LINE)
        }

        def insert_receipt(member: int, fen: int = 39_900, line: int | None = None) -> None:
            sale = bare.execute("INSERT INTO sale(member_id, day) VALUES (?, ?)", (member, today)).lastrowid
            bare.execute(
                "INSERT INTO line(sale_id, item, amount_fen, returns_line_id) VALUES (?, ?, ?, ?)",
                (sale, item, fen, line),
            )

        def insert_return(member: int) -> None:
            insert_receipt(member, -bought[member][1], bought[member][0])

        def insert_visit(member: int) -> None:
            bare.execute("INSERT INTO visit(member_id, day, kind) VALUES (?, ?, 'tried')", (member, today))

        def sell(member: int, fen: int = 39_900, line: int | None = None) -> None:
            lines = (LineDraft(amount_fen=fen, item=item, returns_line=line),)
            shop.counter.sell(SaleDraft(member=MemberId(member), day=DAY, lines=lines))

        def take_back(member: int) -> None:
            sell(member, -bought[member][1], bought[member][0])

        def visit(member: int) -> None:
            shop.counter.visit(VisitDraft(member=MemberId(member), day=DAY, kind="tried"))

        def durably(insert: Callable[[int], None], member: int) -> None:
            bare.execute("BEGIN IMMEDIATE")
            insert(member)
            bare.execute("COMMIT")

        measured: dict[str, tuple[list[Turn], list[Turn], list[float]]] = {}
        for name, among, work, insert in (
            ("sale", range(1, members + 1), sell, insert_receipt),
            ("visit", range(1, members + 1), visit, insert_visit),
            ("return", sorted(bought), take_back, insert_return),
        ):
            took, limit, paces = measured[name] = [], [], []
            for member in among[:: max(1, len(among) // (turns + 5))][: turns + 5]:
                before = pace()
                limit.append(turn(partial(durably, insert, member), time.thread_time))
                took.append(turn(partial(work, member), time.thread_time))
                paces.append(max(before, pace()))
            for found in measured[name]:
                del found[:5]  # the first ones fill caches
        best = full_pace([one for _, _, paces in measured.values() for one in paces])
        for name, (took, limit, paces) in measured.items():
            every = [one.cpu - other.cpu for one, other in zip(took, limit, strict=True)]
            calm = [at for at, one in enumerate(paces) if one <= 1.15 * best] or list(range(len(every)))
            own = [every[at] for at in calm]
            bare_cpu = median(limit[at].cpu for at in calm)
            note = (
                f"(processor time at its full speed, {len(own)} of {len(every)} turns; "
                f"median {median(own) * 1000:.2f} ms, bare {bare_cpu * 1000:.2f} ms; "
                f"p95 of all {p95(every) * 1000:.2f} ms)"
            )
            yield Figure(f"P7 one {name}, own work p95", p95(own), 0.001, p95(own) / 0.001, 1, note=note)
            if name == "sale":
                walls = [one.wall for one in took], [one.wall for one in limit]
                yield figure("P7 one sale with its durable commit", *walls, 1.5)
