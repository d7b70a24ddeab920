"""The sample shop: made-up workbooks sent through the real importer, as any owner's files would be."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import OUTCOMES, TYPE_KEYS, LineDraft, OutcomeDraft, SaleDraft
from shopcrm.basics.texts import t
from shopcrm.sample import SHOP_NAME, write_sample
from shopcrm.sample.people import ANSWERS, ARTICLES, ASSISTANTS, SAID
from shopcrm.shop import Shop
from shopcrm.shop.followups import day_list, task_rows

DEMO_TIME = time(10, 24)  # the sample morning: a fixed time keeps two runs with one seed equal
_DAYS_LIVED = 2
_SELLERS = len(ASSISTANTS)
_TASKS_TODAY = 8  # for each who sells; fewer on the days before, the shop was getting used to its list
_DONE_TODAY = 9
_OUTCOMES = (*["reached"] * 4, *["no_answer"] * 2, "will_come", "later", "refused")


@dataclass(frozen=True, slots=True)
class Demo:
    """What the demo left behind."""

    db: Path
    workbooks: tuple[Path, ...]
    callbacks: tuple[Path, ...]
    summary: str


def fill_sample(shop: Shop, folder: Path, *, seed: int, progress: Progress = SILENT) -> tuple[Path, ...]:
    """Write the sample workbooks into `folder` and import them into the (empty) `shop`; the workbooks.

    The shop imported them two days ago and has worked with its list since: there are outcomes, appointments,
    a few to-dos left over, and this morning's first calls.
    """
    clock, actor = shop.clock, shop.actor
    books: tuple[Path, ...] = ()
    try:
        for ago in range(_DAYS_LIVED, -1, -1):
            shop.clock = _earlier(clock, ago)
            if not books:
                books = _import(shop, folder, seed, progress)
            shop.start_day(progress)
            random = Random(seed * 10 + ago)
            if ago == _DAYS_LIVED:
                _set_pace(shop)
            if ago:
                left_over = range(3 * (ago - 1), 60, 12)  # the first of yesterday's stays once more
                _work(shop, random, [place for place in range(60) if place not in left_over])
            else:
                shop.settings.set("tasks_per_day", _TASKS_TODAY)
                _work(shop, random, range(_DONE_TODAY, 2 * _DONE_TODAY))
                _sell(shop, random)
    finally:
        shop.clock, shop.actor = clock, actor
    return books


def _import(shop: Shop, folder: Path, seed: int, progress: Progress) -> tuple[Path, ...]:
    books = tuple(write_sample(folder, seed=seed, day=shop.day))
    for book in books:
        shop.imports.apply(shop.imports.preview(book, progress), progress)
    shop.settings.set("shop.name", t(SHOP_NAME))
    return books


def _set_pace(shop: Shop) -> None:
    """As many to-dos a day as leave a full list for today."""
    day = day_list(shop.store.read(), shop.day)
    spare = len(day.open) + len(day.waiting) - _SELLERS * _TASKS_TODAY
    shop.settings.set("tasks_per_day", max(1, min(5, spare // (_SELLERS * _DAYS_LIVED))))


def _earlier(clock: Callable[[], datetime], days: int) -> Callable[[], datetime]:
    return lambda: clock() - timedelta(days=days)


def _work(shop: Shop, random: Random, places: Container[int]) -> None:
    """Record an outcome for the to-dos at these places of the day's list."""
    day = day_list(shop.store.read(), shop.day)
    for place, task in enumerate(day.open):
        if place in places:
            outcome = random.choice(_OUTCOMES)
            ahead = {"will_come": random.randint(_DAYS_LIVED, 4), "later": 3}.get(outcome)
            note = "" if outcome == "later" else random.choice(SAID[ANSWERS[OUTCOMES.index(outcome)]])
            next_day = None if ahead is None else shop.day + timedelta(days=ahead)
            shop.actor = day.staff[task]
            shop.followups.finish(task, OutcomeDraft(outcome, next_day, note=note))


def _sell(shop: Shop, random: Random) -> None:
    """Some of those who said they would come today have come and bought."""
    rx = shop.store.read()
    rows = task_rows(rx, day_list(rx, shop.day).open, shop.day)
    for row in [row for row in rows if row.appointment == shop.day][:2]:
        article = random.choice([a for a in ARTICLES if shop.day.month in a.months and a.sizes == "top"])
        line = LineDraft(article.yuan * 100, f"{article.name} {random.choice(article.colours)}", "M")
        shop.counter.sell(SaleDraft(row.member, shop.day, (line,), close_task=True))


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
