"""Lists that leave the shop: workbooks for people, CSV and a folder of open files for programs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from shopcrm.basics.errors import InputError
from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import Changes, Done, Query, Sentence, TaskId, TypeKey
from shopcrm.excel import writer
from shopcrm.reports import Table, lists, months
from shopcrm.reports.whole_shop import whole_shop_tables
from shopcrm.shop import followups
from shopcrm.shop.view import ShopView

if TYPE_CHECKING:
    from shopcrm.shop import Shop

NOT_REACHED_DAYS = 30


class Exports:
    """Files going out; reading only."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def callbacks(
        self,
        path: Path,
        *,
        type: TypeKey | None = None,
        everything: bool = False,
        tasks: Collection[TaskId] | None = None,
        mask: bool = False,
        progress: Progress = SILENT,
    ) -> Done[Path]:
        """The call-back list: what is shown today, with `everything` what waits too, or just these to-dos."""
        progress.step(0, 1, "progress.export")
        rx, day = self._shop.store.read(), self._shop.day
        if tasks is None:
            today = followups.day_list(rx, day)
            listed = (*today.open, *(today.waiting if everything else ()))
            tasks = [task for task in listed if type in (None, today.types[task])]
        return self._written(path, followups.callbacks(rx, list(tasks), day, type=type, mask=mask))

    def members(self, path: Path, query: Query | None = None, *, mask: bool = False) -> Done[Path]:
        """The member list: all members there are, or those of a query in its order."""
        rx = self._shop.store.read()
        only = None
        if query is not None:
            view = ShopView(rx, self._shop.clock)
            only = tuple(view.ids(query))
        return self._written(path, lists.members(rx, only=only, mask=mask))

    def sales(
        self, path: Path, since: date | None = None, until: date | None = None, *, mask: bool = False
    ) -> Done[Path]:
        """The sales of that time, one row an article."""
        return self._written(path, lists.sales(self._shop.store.read(), since, until, mask=mask))

    def not_reached(self, path: Path, *, mask: bool = False) -> Done[Path]:
        """Members who could not be reached in the last 30 days."""
        return self._written(path, self.not_reached_table(mask=mask))

    def not_reached_table(self, *, mask: bool = False) -> Table:
        """The same as a table, for counting and printing."""
        since = self._shop.day - timedelta(days=NOT_REACHED_DAYS)
        return lists.not_reached(self._shop.store.read(), since, mask=mask)

    def months(self, path: Path) -> Done[Path]:
        """The month sheet of the last twelve months."""
        return self._written(path, months.month_sheet(self._shop.store.read(), self._shop.day))

    def whole(self, path: Path) -> Done[Path]:
        """Everything the shop keeps as one workbook, which an empty shop takes in as it is."""
        tables = whole_shop_tables(self._shop.store.read(), self._shop.day)
        writer.write(Path(path), tables)
        rows = sum(len(table.rows) for table in tables[1:])
        return Done(Path(path), Changes(), Sentence("ex.done", {"n": rows, "file": Path(path).name}))

    def all(self, folder: Path) -> Done[Path]:
        """Everything as CSV files into a folder, made if missing; open to any program."""
        rx = self._shop.store.read()
        folder = Path(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            raise InputError("out", "folder_missing", file=folder.name, folder=str(folder.parent)) from None
        for name, table in (
            ("members", lists.members(rx)),
            ("sales", lists.sales(rx)),
            ("visits", lists.visits(rx)),
            ("contacts", lists.contacts(rx)),
        ):
            writer.write(folder / f"{name}.csv", [table])
        return Done(folder, Changes(), Sentence("ex.done.all", {"folder": folder.name}))

    def write(self, what: str, path: Path) -> Done[Path]:
        """For the command line: a list as .xlsx or .csv by the ending, `all` into a folder."""
        path = Path(path)
        if what == "all":
            return self.all(path)
        if what == "members":
            return self.members(path)
        if what == "sales":
            return self.sales(path)
        return self.callbacks(path)

    def _written(self, path: Path, table: Table) -> Done[Path]:
        path = Path(path)
        if path.suffix.lower() not in (".xlsx", ".csv"):
            raise InputError("out", "bad_ending", file=path.name)
        writer.write(path, [table])
        return Done(path, Changes(), Sentence("ex.done", {"n": len(table.rows), "file": path.name}))
