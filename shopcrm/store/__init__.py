"""SEAM (to be replaced by the real room, keeping these names).

Store.open(path, *, now, progress) -> Store; store.write(kind, actor, now) -> context manager giving Tx (BEGIN IMMEDIATE ... commit;
rollback on any exception); store.read() -> Rx on the writing connection; store.reader() -> Rx on its own read-only
connection (same connection for :memory:); store.close(); store.path.

Rx: all(sql, params=()) -> list[tuple]; one(sql, params=()) -> tuple | None; value(sql, params=()) -> object; iterate(sql, params).
Tx(Rx): entry (journal id), day, at, insert(table, **values) -> id; insert_many(table, columns, rows) -> range of new ids
(contiguous, one journal row); update(table, id, **values) (journals changed columns only; no-op if equal); delete(table, id);
derive(sql, params=()) / derive_many(sql, rows): d_ tables only, not journaled;
touch(members=..., sales=..., visits=..., tasks=..., types=..., settings=True, batches=True) (iterables of ids or ALL);
done(value, text_id, **values) -> Done with the accumulated Changes (valid after commit).
"""
