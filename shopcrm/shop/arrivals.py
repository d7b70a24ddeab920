"""A file comes in: what it holds decides what becomes of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from shopcrm.basics.errors import Refusal
from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import BatchId, Done
from shopcrm.basics.values import clean_text
from shopcrm.excel.filled_list import is_filled_list
from shopcrm.excel.plan import ImportPlan
from shopcrm.excel.whole_book import is_whole_shop
from shopcrm.shop.exports import WHOLE_SHOP
from shopcrm.shop.homecoming import HomePlan
from shopcrm.shop.moving import MovePlan

if TYPE_CHECKING:
    from shopcrm.shop import Shop

Arrival = ImportPlan | HomePlan | MovePlan


def preview(shop: Shop, path: Path, progress: Progress = SILENT, password: str = "") -> Arrival:
    """The plan of a file: of a filled call-back list, of a whole shop, or of a table to import.

    A folder into which everything was exported counts as the whole shop in it. Touches nothing. Raises
    Refusal with a reason code, sealed_needs and password_wrong for a file behind a password; Cancelled.
    """
    path = Path(path)
    if (path / WHOLE_SHOP).is_file():
        path /= WHOLE_SHOP
    book, file = shop.imports.read(path, progress, password), clean_text(path.name)
    if is_filled_list(book):
        return shop.homecoming.plan(book, file)
    if is_whole_shop(book):
        return shop.moving.plan(book, file)
    return shop.imports.plan(book, file, progress)


def move_in(shop: Shop, path: Path, progress: Progress = SILENT) -> Done[BatchId]:
    """Take the workbook of a whole shop into this empty one. Refusal not_whole for any other file; raises as
    `preview` and `Moving.apply`."""
    plan = preview(shop, path, progress)
    if not isinstance(plan, MovePlan):
        raise Refusal("not_whole", file=clean_text(path.name))
    return shop.moving.apply(plan, progress)
