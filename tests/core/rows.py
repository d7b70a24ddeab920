"""Every row a shop keeps, for comparing before and after."""

from __future__ import annotations

from shopcrm.shop import Shop
from shopcrm.store.whole_shop import KEPT


def everything(shop: Shop) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all kept tables, by table, in the order of their ids."""
    rx = shop.store.read()
    return {
        table.name: rx.all(
            f"SELECT {','.join(column.id for column in table.columns)} FROM {table.name} ORDER BY id"
        )
        for table in KEPT
    }
