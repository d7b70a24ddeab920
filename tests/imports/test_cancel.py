"""Whoever cancels an import finds the shop as it was, wherever it stood."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from shopcrm.basics.errors import Cancelled
from shopcrm.basics.progress import Progress
from shopcrm.excel.writer import write_raw
from shopcrm.shop import Shop
from shopcrm.shop.dump import dump

POINTS = 20


class CountingProgress(Progress):
    """Counts the looks whether to stop, and stops at one of them."""

    def __init__(self, stop_at: int | None = None) -> None:
        super().__init__()
        self.stop_at = stop_at
        self.seen: Counter[str] = Counter()

    def step(self, done: int, total: int, what: str) -> None:
        if self.seen.total() == self.stop_at:
            self.stop()
        self.seen[what] += 1
        super().step(done, total, what)


def state(shop: Shop) -> tuple[Any, ...]:
    """Everything kept, worked out and remembered of what was done."""
    rx = shop.store.read()
    tables = [name for (name,) in rx.all("SELECT name FROM sqlite_master WHERE type='table' ORDER BY name")]
    rows = [
        (name, rx.all(f"SELECT * FROM {name} ORDER BY 1, 2")) for name in tables if name != "sqlite_sequence"
    ]
    return dump(rx), rows, rx.all("SELECT name FROM sqlite_master WHERE type='index' ORDER BY name")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    members = [[f"王{n}", f"138000{n:05}", "5月1日"] for n in range(400)]
    sales = [
        [f"X{n}", f"138000{n % 500:05}", date(2026, 1 + n % 10, 1 + n % 28), f"款{n % 40}", 100 + n]
        for n in range(900)
    ]
    contacts = [[f"138000{n:05}", date(2026, 3, 1), "没接", "小雯"] for n in range(50)]
    return write_raw(tmp_path / "f.xlsx", [
        ("会员", ["姓名", "手机号", "生日"], members),
        ("销售", ["单号", "手机号", "消费日期", "商品", "实收金额"], sales),
        ("回访", ["手机号", "回访日期", "回访结果", "跟进人"], contacts),
    ])  # fmt: skip


@pytest.fixture
def file_shop(shop_file: Path, clock: Any) -> Any:
    shop = Shop.open(shop_file, clock=clock)
    shop.start_day()
    yield shop
    shop.close()


def run(shop: Shop, path: Path, progress: Progress) -> None:
    shop.imports.apply(shop.imports.preview(path, progress), progress)


@pytest.mark.usefixtures("in_process")  # the looks of the reading process follow the clock
def test_cancel_at_twenty_points_leaves_the_shop_as_it_was(
    file_shop: Shop, path: Path, tmp_path: Path
) -> None:
    first = write_raw(tmp_path / "first.xlsx", [("会员", ["姓名", "手机号"], [["王0", "13800000000"]])])
    twin = Shop.open(tmp_path / "twin.db", clock=file_shop.clock)
    twin.start_day()
    for shop in (twin, file_shop):
        run(shop, first, Progress())
    counting = CountingProgress()
    run(twin, path, counting)
    twin.close()
    total = counting.seen.total()
    before, files = state(file_shop), sorted(path.parent.rglob("*.part"))
    met: Counter[str] = Counter()
    for point in range(POINTS):
        stopping = CountingProgress(point * total // POINTS)
        try:
            run(file_shop, path, stopping)
        except Cancelled:
            met[next(reversed(stopping.seen))] += 1
        else:
            pytest.fail(f"not stopped at {point * total // POINTS} of {total}")
        assert state(file_shop) == before
        assert sorted(path.parent.rglob("*.part")) == files
    assert met.keys() >= {"progress.checking", "progress.writing"}
    run(file_shop, path, Progress())
    assert len(dump(file_shop.store.read())["members"]) == 500


@pytest.mark.parametrize(
    "what", ["progress.backup", "progress.writing", "progress.types", "progress.followups"]
)
def test_every_stage_of_the_writing_can_be_stopped(file_shop: Shop, path: Path, what: str) -> None:
    plan = file_shop.imports.preview(path)
    before = state(file_shop)

    class Stopping(Progress):
        def step(self, done: int, total: int, stage: str) -> None:
            if stage == what:
                self.stop()
            super().step(done, total, stage)

    with pytest.raises(Cancelled):
        file_shop.imports.apply(plan, Stopping())
    assert state(file_shop) == before
    file_shop.imports.apply(plan)  # the same plan can still be written
    assert len(dump(file_shop.store.read())["sales"]) == 900


@pytest.mark.parametrize("what", ["progress.undoing", "progress.types"])
def test_taking_an_import_back_can_be_stopped(file_shop: Shop, path: Path, what: str) -> None:
    file_shop.imports.apply(file_shop.imports.preview(path))
    before = state(file_shop)
    stages: list[str] = []

    class Stopping(Progress):
        def step(self, done: int, total: int, stage: str) -> None:
            assert 0 <= done <= total
            stages.append(stage)
            if stage == what:
                self.stop()
            super().step(done, total, stage)

    with pytest.raises(Cancelled):
        file_shop.imports.undo(progress=Stopping())
    assert stages[-1] == what
    assert state(file_shop) == before
    file_shop.imports.undo()
    assert dump(file_shop.store.read())["sales"] == []
