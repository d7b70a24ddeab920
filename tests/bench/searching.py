"""P8: search as one types, with the page of results, key by key as real searches are typed."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from shopcrm.basics.records import MemberId
from shopcrm.basics.values import pinyin_keys
from shopcrm.shop import Shop
from tests.bench.big_shop import DAY, clock_of
from tests.bench.measure import Figure, p95
from tests.bench.whole_shop import prepared

FRAME = 0.016
SHOWN = 20  # rows of an answer, as the window asks for


def typed(shop: Shop, people: int, chance: random.Random) -> Iterator[list[str]]:
    """What is in the box after every key, of searches as they are typed: last four digits, a whole phone,
    initials, full pinyin, the name; some of nobody."""
    view = shop.view()
    rows = view.rows(chance.sample(range(1, people + 1), min(60, people // 20)))
    view.close()
    for row in rows:
        initials, *_, full = pinyin_keys(row.name)
        wholes = [row.phones[0][-4:], row.phones[0], initials, full, row.name]
        wholes += ["9" + row.phones[0][-3:], initials + "x", row.name + "龘"]
        for whole in wholes:
            yield [whole[: n + 1] for n in range(len(whole))]


def searching(folder: Path, *, sizes: Sequence[int], sales: int) -> Iterator[Figure]:
    """P8 for shops of several sizes, with so many sales a member."""
    for members in sizes:
        yield from _one_shop(prepared(folder, members, members * sales), members)


def _one_shop(file: Path, members: int) -> Iterator[Figure]:
    """The first search, a key, and a key after something was written."""
    chance = random.Random(11)
    with Shop.open(file, clock=clock_of(DAY)) as shop:
        view = shop.view()
        started = time.process_time()
        view.get_ready_to_search()
        ready = time.process_time() - started
        yield Figure(f"P8 {members} members: got ready once", ready, 1.0, ready, 1)
        seconds: list[float] = []
        after: list[float] = []
        for keys in typed(shop, members, chance):
            for key in keys:
                started = time.process_time()
                view.search(key, SHOWN)
                seconds.append(time.process_time() - started)
            shop.members.pause(MemberId(chance.randint(1, members)), DAY + timedelta(days=30))
            started = time.process_time()
            view.search(keys[-1], SHOWN)
            after.append(time.process_time() - started)
        half = 0.008 if members <= 100_000 else FRAME
        for name, took in (("a key", seconds), ("a key after a change", after)):
            worst = f"(worst {max(took) * 1000:.1f} ms, {len(took)} keys)"
            figure = p95(took)
            yield Figure(f"P8 {members} members: {name}, p95", figure, half, figure / half, 1, note=worst)
        view.close()
