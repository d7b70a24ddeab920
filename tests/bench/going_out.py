"""P10: workbooks that leave the shop, against openpyxl writing the same cells bare."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from shopcrm.excel import writer
from shopcrm.reports import Table, lists
from shopcrm.shop import Shop
from shopcrm.shop.followups import callbacks, day_list
from tests.bench.big_shop import DAY, clock_of
from tests.bench.measure import Figure, paired
from tests.bench.whole_shop import prepared


def workbooks(
    folder: Path, *, members: int, sales: int, calls: int, people: int, turns: int
) -> Iterator[Figure]:
    """P10. What is compared is the writing; the tables are made before."""
    from openpyxl import Workbook

    with Shop.open(prepared(folder, members, sales), clock=clock_of(DAY)) as shop:
        rx = shop.store.read()
        due = day_list(rx, DAY, whole=True)
        wanted = [*due.open, *due.waiting][:calls]
        everybody = [member for (member,) in rx.all("SELECT id FROM member ORDER BY id LIMIT ?", (people,))]
        tables = {
            f"P10 call-back workbook, {len(wanted)} rows": callbacks(rx, wanted, DAY),
            f"P10 member list, {len(everybody)} rows": lists.members(rx, only=everybody),
        }
    for case, table in tables.items():

        def bare(table: Table = table) -> None:
            book = Workbook(write_only=True)
            sheet = book.create_sheet()
            sheet.append([column.heading for column in table.columns])
            for row in table.rows:
                sheet.append([None if value == "" else value for value in row])
            book.save(folder / "bare.xlsx")

        def ours(table: Table = table) -> None:
            writer.write(folder / "ours.xlsx", [table])

        ours()
        yield paired(case, ours, bare, 1.3, turns)
