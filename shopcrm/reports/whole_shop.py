"""The whole shop as tables for one open workbook: what it is, then every kept table with all its rows."""

from __future__ import annotations

from datetime import date

from shopcrm.basics.texts import t
from shopcrm.reports import Column, Table
from shopcrm.reports import Kind as CellKind
from shopcrm.store import whole_shop
from shopcrm.store.connection import Rx

_CELLS: dict[str, CellKind] = {
    "id": "int", "ref": "int", "int": "int", "flag": "int", "money": "money", "real": "real",
}  # fmt: skip
_NARROW, _WIDE = 12, 17


def whole_shop_tables(rx: Rx, day: date) -> list[Table]:
    """Every table of the shop as it stands on `day`, the description first."""
    tables = [_table(rx, kept) for kept in whole_shop.KEPT]
    lines: list[tuple[object, ...]] = [
        (t("whole.mark"), f"{whole_shop.MARK} {whole_shop.FORMAT}"),
        (t("whole.day"), day.isoformat()),
        *((table.title, str(len(table.rows))) for table in tables),
        (t("whole.how"), t("whole.how.text")),
    ]
    columns = (Column("what", t("whole.what"), "text", 14), Column("is", t("whole.is"), "text", 60))
    return [Table(t("whole.title"), columns, tuple(lines)), *tables]


def _table(rx: Rx, kept: whole_shop.KeptTable) -> Table:
    columns = tuple(
        Column(
            column.id,
            t(f"whole.col.{column.id}"),
            _CELLS.get(column.kind, "text"),
            _NARROW if column.kind in _CELLS else _WIDE,
        )
        for column in kept.columns
    )
    return Table(t(f"whole.table.{kept.name}"), columns, tuple(whole_shop.rows(rx, kept)))
