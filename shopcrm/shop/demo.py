"""The sample shop: made-up workbooks sent through the real importer, as any owner's files would be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import TYPE_KEYS
from shopcrm.basics.texts import t
from shopcrm.sample import SHOP_NAME, write_sample
from shopcrm.shop import Shop

DEMO_TIME = time(10, 24)  # the sample morning: a fixed time keeps two runs with one seed equal


@dataclass(frozen=True, slots=True)
class Demo:
    """What the demo left behind."""

    db: Path
    workbooks: tuple[Path, ...]
    callbacks: tuple[Path, ...]
    summary: str


def fill_sample(shop: Shop, folder: Path, *, seed: int, progress: Progress = SILENT) -> tuple[Path, ...]:
    """Write the sample workbooks into `folder` and import them into the (empty) `shop`; the workbooks."""
    books = tuple(write_sample(folder, seed=seed, day=shop.day))
    for book in books:
        shop.imports.apply(shop.imports.preview(book, progress), progress)
    shop.settings.set("shop.name", t(SHOP_NAME))
    shop.start_day(progress)
    return books


def make_demo(folder: Path, *, seed: int, day: date) -> Demo:
    """The main job in one go: sample workbooks, import, types, to-dos, call-back lists, all in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    db = folder / "sample.db"
    db.unlink(missing_ok=True)
    with Shop.open(db, clock=lambda: datetime.combine(day, DEMO_TIME)) as shop:
        books = fill_sample(shop, folder, seed=seed)
        view = shop.view()
        today = view.day_list()
        counts = {row.type: row.members for row in view.type_counts()}
        lists = [shop.exports.callbacks(folder / f"{t('demo.callbacks')}.xlsx", everything=True).value]
        lists += [
            shop.exports.callbacks(
                folder / f"{t('demo.callbacks')}_{t(f'type.{key}')}.xlsx", type=key, everything=True
            ).value
            for key in TYPE_KEYS
        ]
        lines = [
            t("demo.shop", name=t(SHOP_NAME), members=view.total()),
            *(t("demo.type", type=t(f"type.{key}"), n=counts.get(key, 0)) for key in TYPE_KEYS),
            t("demo.todo", n=len(today.open), m=len(today.open) + len(today.waiting)),
        ]
        for row in view.tasks(today.open[:5]):
            why = t(row.why.id, **row.why.values)
            lines.append(t("demo.row", type=t(f"type.{row.type}"), name=row.name, why=why))
    return Demo(db, books, tuple(lists), "\n".join(lines))
