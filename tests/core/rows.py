"""Every row a shop keeps, for comparing before and after; and a row of every table that tells of a member."""

from __future__ import annotations

from shopcrm.basics.records import MemberId
from shopcrm.shop import Shop
from shopcrm.store.whole_shop import KEPT, KeptColumn, owner

NUMBER = "13800000075"  # as a mark: every text of hers holds a number
PHONES = {"old": "13800000071", "ada": "13800000072", "eve": "13800000073", NUMBER: "13800000074"}

BIRTHDAYS = {"ada": "1971-03-09", "eve": "1990-05-01", NUMBER: "1980-11-30"}


def everything(shop: Shop) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all kept tables, by table, in the order of their ids."""
    rx = shop.store.read()
    return {
        table.name: rx.all(
            f"SELECT {','.join(column.id for column in table.columns)} FROM {table.name} ORDER BY id"
        )
        for table in KEPT
    }


def life(shop: Shop, mark: str) -> MemberId:
    """A member with a row in every kept table that may tell of one, every column of it filled; texts begin
    with `mark` and name their table and column. Made from the schema: a new table or column is in it."""
    made: dict[str, int] = {}
    with shop.store.write("import", shop.actor, shop.clock()) as tx:
        for name in ("staff", "own_field"):
            made[name] = tx.insert(name, name=f"{mark}.{name}", **({"seq": 1} if name == "own_field" else {}))
        for table in KEPT:
            if owner(table) is None:
                continue
            values = {
                column.id: value_of(table.name, column, mark, made)
                for column in table.columns
                if column.kind != "id" and not (table.name == "member" and column.table == "member")
            }
            made[table.name] = tx.insert(
                table.name, **{name: value for name, value in values.items() if value is not None}
            )
        member = made["member"]
        for table, columns in _LEFT_OPEN.items():
            tx.derive(
                f"UPDATE {table} SET {','.join(f'{column} = NULL' for column in columns)} WHERE id = ?",
                (made[table],),
            )
        shop.refresh(tx, frozenset((MemberId(member),)))
    return MemberId(member)


# What would take her out of the shop's sight while the rest is made.
_LEFT_OPEN = {
    "member": ("archived_on", "erased_on", "pause_until"),
    "sale": ("voided_on",),
    "visit": ("voided_on",),
}


def texts_of(mark: str) -> list[str]:
    """Every text `life` put down, but for those that are codes."""
    return [
        _text(table.name, column, mark)
        for table in KEPT
        if owner(table) is not None
        for column in table.columns
        if column.kind == "text" and (table.name, column.id) not in _FORMS
    ]


_FORMS = {  # texts that have a form of their own
    ("member", "created_at"): "2026-01-02 10:00", ("member", "best_time"): "19:00-",
    ("phone", "typed"): "", ("phone", "key"): "", ("contact", "template"): "own:1",
    ("visit", "reasons"): "price", ("contact", "reason"): "price", ("task", "rule"): "L1",
    ("draw", "rule"): "L1", ("contact", "channel"): "call", ("contact", "outcome"): "reached",
    ("sale", "at"): "10:00", ("visit", "at"): "10:00", ("contact", "at"): "10:00",
    ("task", "copied_at"): "2026-01-02 10:00", ("draw", "quarter"): "2026Q1",
    ("task", "closed_why"): "",
}  # fmt: skip


def _text(table: str, column: KeptColumn, mark: str) -> str:
    if table == "phone":
        return PHONES[mark]
    return _FORMS.get((table, column.id), f"{mark}.{table}.{column.id}")


def value_of(table: str, column: KeptColumn, mark: str, made: dict[str, int]) -> object:
    """A value a column may hold; `made` are the rows to refer to, by table."""
    if column.kind == "ref":
        return None if column.table == table else made.get(column.table)
    if column.kind == "code":
        return [code for code in column.codes if code][-1]
    return {
        "text": _text(table, column, mark), "birthday": BIRTHDAYS[mark], "day": "2026-01-02", "flag": 0,
        "json": "{}", "object": "{}", "real": 1.0,
    }.get(column.kind, 1)  # fmt: skip
