"""`python -m tests.core.stored.make`: the shop file of every step that has none here yet, as SQL text.

A file holds a row in every table of its version that tells of a member, every column filled. It is never made
again: what matters is that files written long ago open today.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from shopcrm.store import schema
from shopcrm.store.migrations import STEPS
from shopcrm.store.whole_shop import KEPT
from tests.core.rows import value_of

HERE = Path(__file__).parent


def make(version: int) -> str:
    """The SQL of a file of the first `version` steps."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    all_steps, schema.STEPS = schema.STEPS, STEPS[:version]
    try:
        schema.migrate(db)
    finally:
        schema.STEPS = all_steps
    made: dict[str, int] = {}
    for table in KEPT:
        there = {row[1] for row in db.execute(f"PRAGMA table_info({table.name})")}
        values = {
            column.id: value
            for column in table.columns
            if column.id in there - {"id", "erased_on"}
            and (value := value_of(table.name, column, "ada", made)) is not None
        }
        if not there or table.name == "setting":
            continue
        names = ",".join(values)
        marks = ",".join("?" * len(values))
        row = db.execute(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", tuple(values.values()))
        made[table.name] = row.lastrowid or 0
    db.execute("UPDATE member SET no_message = 1, archived_on = NULL")
    db.execute("UPDATE sale SET voided_on = NULL")
    db.execute("UPDATE visit SET voided_on = NULL")
    db.execute("INSERT INTO setting (key, value, at) VALUES ('loyal_min_purchases', '4', '2026-01-02 10:00')")
    said, old, new = '{"id":"done.member_saved","values":{}}', '{"name":"a"}', '{"name":"b"}'
    db.execute(
        "INSERT INTO journal_entry (at, day, actor, kind, sentence) VALUES (?, '2026-01-02', 1, ?, ?)",
        ("2026-01-02 10:00:00", "member.save", said),
    )
    db.execute("INSERT INTO journal_change VALUES (1, 1, 'member', 1, 1, 'update', ?, ?)", (old, new))
    db.execute(
        "INSERT INTO batch (entry_id, at, file, counts) VALUES (1, '2026-01-02 10:00', 'a.xlsx', '{}')"
    )
    lines = [line for line in db.iterdump() if "sqlite_sequence" not in line]
    sequences = db.execute("SELECT name, seq FROM sqlite_sequence").fetchall()
    lines[-1:] = [f"UPDATE sqlite_sequence SET seq={seq} WHERE name='{name}';" for name, seq in sequences]
    return "\n".join([*lines, f"PRAGMA user_version={version};", "COMMIT;"]) + "\n"


if __name__ == "__main__":
    for number, (name, _) in enumerate(STEPS, 1):
        file = HERE / f"{name}.sql"
        if not file.exists():
            file.write_text(make(number), encoding="utf-8")
