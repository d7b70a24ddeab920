"""The month figures: chart and sheet agree, and a return is taken off the month it happened in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import pytest

from shopcrm.basics.records import LineDraft, MemberDraft, SaleDraft
from shopcrm.reports.months import month_sheet, net_sales
from shopcrm.shop import Shop

TODAY = date(2026, 11, 21)


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop.open(":memory:", clock=lambda: datetime(2026, 11, 21, 10, 24)) as made:
        yield made


def sell(shop: Shop, member: object, day: date, fen: int, qty: int = 1, returns: int | None = None) -> int:
    line = LineDraft(fen, item="羊绒衫", qty=qty, returns_line=returns)
    return shop.counter.sell(SaleDraft(member, day, (line,))).value  # type: ignore[arg-type]


def test_figures_of_a_small_shop(shop: Shop) -> None:
    her = shop.members.save(MemberDraft(name="周曼丽")).value
    other = shop.members.save(MemberDraft(name="何秀珍")).value
    sell(shop, her, date(2026, 10, 5), 30_000, qty=2)
    sell(shop, her, date(2026, 11, 6), 50_000)
    sell(shop, None, date(2026, 11, 7), 20_000)
    first = sell(shop, other, date(2026, 11, 8), 40_000)
    line = shop.view().member(other).sales[0].lines[0].id
    assert first
    sell(shop, other, date(2026, 11, 9), -40_000, returns=line)
    table = month_sheet(shop.store.read(), TODAY)
    assert len(table.rows) == 12
    assert table.rows[0] == ("2026-11", 70_000, 2, 35_000, "1.00", "71%", 1, 0, "100%")
    assert table.rows[1] == ("2026-10", 30_000, 1, 30_000, "2.00", "100%", 1, 1, "0%")
    assert table.rows[2] == ("2026-09", 0, 0, None, "", "", 0, 0, "")


def test_chart_and_sheet_show_the_same_net_sales(shop: Shop) -> None:
    her = shop.members.save(MemberDraft(name="周曼丽")).value
    for month in range(1, 12):
        sell(shop, her, date(2026, month, 20), month * 10_000)
    months = net_sales(shop.store.read(), TODAY)
    assert months[0].month == date(2025, 12, 1)
    sheet = month_sheet(shop.store.read(), TODAY)
    assert [row.net_fen for row in months] == [row[1] for row in reversed(sheet.rows)]


def test_a_shop_without_sales_has_twelve_empty_months(shop: Shop) -> None:
    assert {row[1] for row in month_sheet(shop.store.read(), TODAY).rows} == {0}
