"""Lists that leave the shop: workbooks for people, CSV for programs, the whole shop in one workbook.

With a password each leaves as a sealed file with the workbook in it. Whoever may not see whole phone numbers
gets them masked. What left, how many rows and with whom is kept in the journal.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from shopcrm.basics.errors import InputError, Refusal
from shopcrm.basics.passwords import refuse_unfit
from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import Done, MemberId, Query, TaskId, TypeKey
from shopcrm.excel import writer
from shopcrm.reports import Table, lists, months
from shopcrm.reports.person import tables as all_of_person
from shopcrm.reports.whole_shop import whole_shop_tables
from shopcrm.shop import changes, followups, rulebook
from shopcrm.store import sealed, whole_shop
from shopcrm.store.members import find_name

if TYPE_CHECKING:
    from shopcrm.shop import Shop

NOT_REACHED_DAYS = 30
WHOLE_SHOP = "whole_shop.xlsx"  # in the folder of everything


class Exports:
    """Files going out; of the shop's records nothing is changed. Every one raises Refusal file_open,
    folder_missing; StoreError full, io; Cancelled."""

    def __init__(self, shop: Shop, password: str = "") -> None:
        self._shop = shop
        self._password = password

    def behind(self, password: str) -> Exports:
        """The same, but every file is sealed behind a password and ends in .zip; with an empty one as it is.

        They raise then also InputError password_short, password_letters; StoreError backup_bad.
        """
        return Exports(self._shop, password)

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
        """The call-back list: what is shown today, with `everything` what waits too, or just these to-dos.

        Whoever must not be contacted is left out; the sentence says how many.
        """
        progress.step(0, 1, "progress.export")
        rx, day = self._shop.store.read(), self._shop.day
        if tasks is None:
            today = followups.day_list(rx, day)
            listed = (*today.open, *(today.waiting if everything else ()))
            tasks = [task for task in listed if type in (None, today.types[task])]
            left = sum(type in (None, row.type) for row in rulebook.withheld(rx, day))
        else:
            blocked = rulebook.blocked(rx, tasks, day)
            tasks, left = [task for task in tasks if task not in blocked], len(blocked)
        mask = mask or self._shop.masks_what_leaves()
        table = followups.callbacks(rx, list(tasks), day, type=type, mask=mask)
        return self._written(path, table, progress, left, mask=mask)

    def members(
        self,
        path: Path,
        query: Query | None = None,
        *,
        columns: Sequence[str] | None = None,
        mask: bool = False,
        progress: Progress = SILENT,
    ) -> Done[Path]:
        """The member list: all members there are, or those of a query in its order.

        With `columns` (ids of the list on the screen) exactly these; without, all fields an import knows.
        """
        progress.step(0, 1, "progress.export")
        rx, mask = self._shop.store.read(), mask or self._shop.masks_what_leaves()
        only = None if query is None else tuple(self._shop.own_view().ids(query))
        silent = 0
        if columns is None:  # here she stands with what she said of being contacted
            table = lists.members(rx, only=only, mask=mask)
        else:
            ids = tuple(self._shop.own_view().ids(Query())) if only is None else only
            table = lists.members_as_shown(rx, ids, columns, mask=mask)
            silent = lists.without_number(rx, ids) if "phone" in columns else 0
        return self._written(path, table, progress, silent, "ex.done.silent", mask=mask)

    def person(self, path: Path, member: MemberId, *, mask: bool = False) -> Done[Path]:
        """All there is of one member, as she may ask for it, a sheet a kind.

        Raises also Refusal member_unknown.
        """
        rx, mask = self._shop.store.read(), mask or self._shop.masks_what_leaves()
        name = find_name(rx, member)
        if name is None:
            raise Refusal("member_unknown", key=member)
        tables = all_of_person(rx, member, changes.of_member(rx, member))
        tables = [table.masked() for table in tables] if mask else tables
        # several sheets fit into nothing else
        path = Path(path).with_suffix(sealed.ENDING if self._password else ".xlsx")
        with self._shop.write("export") as tx:
            self._write(path, tables)
            return tx.done(
                path, "ex.done.person", file=path.name, name=name, n=sum(len(table.rows) for table in tables)
            )

    def sales(
        self,
        path: Path,
        since: date | None = None,
        until: date | None = None,
        *,
        mask: bool = False,
        progress: Progress = SILENT,
    ) -> Done[Path]:
        """The sales of that time, one row an article."""
        progress.step(0, 1, "progress.export")
        mask = mask or self._shop.masks_what_leaves()
        table = lists.sales(self._shop.store.read(), since, until, mask=mask)
        return self._written(path, table, progress, mask=mask)

    def not_reached(self, path: Path, *, mask: bool = False, progress: Progress = SILENT) -> Done[Path]:
        """Members who could not be reached in the last 30 days."""
        since = self._shop.day - timedelta(days=NOT_REACHED_DAYS)
        left = lists.not_reached_left(self._shop.store.read(), since)
        mask = mask or self._shop.masks_what_leaves()
        return self._written(path, self.not_reached_table(mask=mask), progress, left, mask=mask)

    def not_reached_table(self, *, mask: bool = False) -> Table:
        """The same as a table, for counting and printing."""
        since = self._shop.day - timedelta(days=NOT_REACHED_DAYS)
        return lists.not_reached(self._shop.store.read(), since, mask=mask)

    def months(self, path: Path) -> Done[Path]:
        """The month sheet of the last twelve months."""
        return self._written(path, months.month_sheet(self._shop.store.read(), self._shop.day), SILENT)

    def whole(self, path: Path, progress: Progress = SILENT) -> Done[Path]:
        """Everything the shop keeps as one workbook, which an empty shop takes in as it is.

        RightsError; Refusal whole_too_big for a shop that would not come home.
        """
        self._shop.check("take")
        progress.step(0, 1, "progress.export")
        path = Path(path)
        tables = self._whole_tables()
        with self._shop.write("export") as tx:
            self._write(path, tables, progress, mark=whole_shop.MARK)
            return tx.done(path, "ex.done.whole", file=path.name, n=_rows(tables))

    def all(self, folder: Path) -> Done[Path]:
        """Everything into a folder, made if missing: the lists as CSV files, open to any program, and the
        whole shop. Raises as `whole`."""
        self._shop.check("take")
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
        tables = self._whole_tables()
        with self._shop.write("export") as tx:
            writer.write(folder / WHOLE_SHOP, tables, mark=whole_shop.MARK)
            return tx.done(folder, "ex.done.all", folder=folder.name, n=_rows(tables))

    def write(self, what: str, path: Path) -> Done[Path]:
        """For the command line: a list, .xlsx or .csv by the ending; `all` as one .xlsx or into a folder."""
        path = Path(path)
        if what == "all":
            return self.whole(path) if self._password or path.suffix.lower() == ".xlsx" else self.all(path)
        if what == "members":
            return self.members(path)
        if what == "sales":
            return self.sales(path)
        if what == "not-reached":
            return self.not_reached(path)
        return self.callbacks(path)

    def told(self, what: str, n: int) -> None:
        """In the trail, that so many rows of something left the shop other than as a file of these."""
        with self._shop.write("export") as tx:
            tx.note(what=what, n=n)
            tx.done(None, "ex.done", n=n, file="", what=what)

    def _whole_tables(self) -> list[Table]:
        tables = whole_shop_tables(self._shop.store.read(), self._shop.day)
        if _rows(tables) > whole_shop.MOST_ROWS:
            raise Refusal("whole_too_big", n=f"{whole_shop.MOST_ROWS:,}")
        return tables

    def _written(
        self, path: Path, table: Table, progress: Progress, left: int = 0, sentence: str = "ex.done.left",
        *, mask: bool = False,
    ) -> Done[Path]:  # fmt: skip
        path, table = Path(path), table.masked() if mask else table
        if not self._password and path.suffix.lower() not in (".xlsx", ".csv"):
            raise InputError("out", "bad_ending", file=path.name)
        with self._shop.write("export") as tx:
            self._write(path, [table], progress)
            told = {"n": len(table.rows), "file": path.name, "what": table.title}
            return tx.done(path, sentence, **told, m=left) if left else tx.done(path, "ex.done", **told)

    def _write(
        self, path: Path, tables: Sequence[Table], progress: Progress = SILENT, *, mark: str = ""
    ) -> None:
        if not self._password:
            writer.write(path, tables, progress, mark=mark)
            return
        if path.suffix.lower() != sealed.ENDING:
            raise InputError("out", "sealed_ending", file=path.name)
        refuse_unfit(self._password)
        content = BytesIO()
        writer.write_book(content, tables, progress, mark)
        writer.make_whole(
            path, lambda waiting: sealed.write(waiting, content, sealed.LIST, self._password, progress)
        )


def _rows(tables: Sequence[Table]) -> int:
    """The rows of a whole shop, without those that describe it."""
    return sum(len(table.rows) for table in tables[1:])
