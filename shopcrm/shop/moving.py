"""A shop moves: the workbook that holds all of it is taken into an empty shop, as it was and in one step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shopcrm.basics.errors import Refusal
from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import ALL, BatchId, Done
from shopcrm.basics.texts import t
from shopcrm.excel.cells import Book
from shopcrm.excel.whole_book import WholeShop, read_whole_shop
from shopcrm.store import imports, members, sales, whole_shop

if TYPE_CHECKING:
    from shopcrm.shop import Shop


@dataclass(frozen=True, slots=True)
class MovePlan:
    """A whole shop that was read and fits; nothing is written yet."""

    file: str
    whole: WholeShop = field(repr=False)

    def count(self, table: str) -> int:
        """How many rows a table will have."""
        return len(self.whole.tables[table])


class Moving:
    """Whole shops coming in."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def plan(self, book: Book, file: str) -> MovePlan:
        """Look at such a workbook. Refusal whole_full where this shop holds records, whole_newer,
        whole_lacks, whole_cell."""
        self._refuse_full(file)
        return MovePlan(file, read_whole_shop(book, file))

    def apply(self, plan: MovePlan, progress: Progress = SILENT) -> Done[BatchId]:
        """Take all of it into this empty shop in one transaction; types are worked out anew. Raises as
        `plan`, Cancelled; RightsError also for who may import but not say who works here and may what."""
        shop = self._shop
        shop.check("staff")
        self._refuse_full(plan.file)
        with shop.write("import") as tx:
            progress.step(0, 3, "progress.writing")
            whole_shop.put_in(tx, plan.whole.tables)
            progress.step(1, 3, "progress.writing")
            members.write_search(tx, None)
            sales.index_items(tx, None)
            shop.types.refresh(tx, None, shop.day, progress)
            if plan.whole.day != shop.day:  # else the to-dos are today's already
                shop.followups.refresh(tx, None, shop.day, progress)
            tx.touch(members=ALL, sales=ALL, visits=ALL, tasks=ALL, types=ALL, settings=True, batches=True)
            counts = {
                "members_new": plan.count("member"), "sales_new": plan.count("line"),
                "visits_new": plan.count("visit"), "contacts_new": plan.count("contact"),
            }  # fmt: skip
            batch = BatchId(imports.add_batch(tx, plan.file, counts))
            return tx.done(
                batch, "whole.done", file=plan.file, members=plan.count("member"), sales=plan.count("sale")
            )

    def _refuse_full(self, file: str) -> None:
        if not whole_shop.is_empty(self._shop.store.read()):
            raise Refusal("whole_full", file=file)

    def report(self, plan: MovePlan, batch: BatchId) -> dict[str, object]:
        """What came in, in the form of the report of an import."""
        return {
            "outcome": "imported", "reason": None,
            "message": t(
                "whole.done", file=plan.file, members=plan.count("member"), sales=plan.count("sale")
            ),
            "members_new": plan.count("member"), "members_updated": 0, "sales_new": plan.count("line"),
            "sales_duplicate": 0, "rows_skipped": 0,
            "rows": sum(map(len, plan.whole.tables.values())), "rows_left_out": 0,
            "visits_new": plan.count("visit"), "contacts_new": plan.count("contact"),
            "problems": [], "ignored_sheets": [], "ignored_columns": [], "batch": batch,
        }  # fmt: skip
