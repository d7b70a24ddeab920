"""The sample shop through the real importer: believable shares of the four types, a morning's list."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from shopcrm.basics.records import TYPE_KEYS
from shopcrm.basics.texts import t
from shopcrm.sample import write_sample
from shopcrm.shop import Shop
from shopcrm.shop.demo import fill_sample
from shopcrm.shop.dump import dump
from tests.conftest import DAY

SEED = 1  # the one the window and the command use


def a_sample_shop(folder: Path) -> Shop:
    shop = Shop.open(folder / "sample.db", clock=lambda: datetime.combine(DAY, time(10, 24)))
    fill_sample(shop, folder, seed=SEED)
    return shop


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with a_sample_shop(tmp_path_factory.mktemp("sample")) as shop:
        yield shop


def test_every_member_has_one_type_in_believable_shares(sample: Shop) -> None:
    counts = {row.type: row.members for row in sample.view().type_counts()}
    assert sum(counts.values()) == sample.view().total() == 212
    shares = {key: counts[key] / 212 for key in TYPE_KEYS}
    for key, share in zip(TYPE_KEYS, (0.21, 0.17, 0.35, 0.27), strict=True):
        assert shares[key] == pytest.approx(share, abs=0.05), shares


def test_the_morning_has_a_mixed_list_with_reasons(sample: Shop) -> None:
    view = sample.view()
    day = view.day_list()
    rows = view.tasks(day.open)
    assert len(rows) >= 20
    assert set(Counter(row.type for row in rows)) == set(TYPE_KEYS)
    assert len({row.rule for row in rows}) >= 5
    assert 1 <= sum(row.overdue_days > 0 for row in rows) <= 8
    assert len(day.done) >= 5
    assert day.waiting
    for row in rows:
        assert t(row.why.id, **row.why.values)


def test_all_but_the_slips_of_the_pen_come_in(sample: Shop, tmp_path: Path) -> None:
    books = write_sample(tmp_path, seed=SEED, day=DAY - timedelta(days=2))
    counts = [sample.imports.preview(book).counts for book in books]
    assert [count.rows_left_out for count in counts][::2] == [0, 0]
    assert 5 <= counts[1].rows_left_out <= 12, "sales to strangers and three rows written in a hurry"
    assert [count.rows_ready for count in counts] == [0, 0, 0], "all the rest is there already"


@pytest.mark.slow
def test_two_shops_of_one_seed_are_equal(sample: Shop, tmp_path: Path) -> None:
    with a_sample_shop(tmp_path) as again:
        assert dump(again.store.read()) == dump(sample.store.read())
