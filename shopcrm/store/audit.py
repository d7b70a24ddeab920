"""The audit trail: who took, deleted, merged or changed what. Lines are added and never changed.

Each line is sealed by a hash that covers the line before, so that a changed, removed or inserted line breaks
every seal behind it. It names no member: what is erased on purpose must not live on here.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import TYPE_CHECKING

from shopcrm.basics.records import AuditLine
from shopcrm.store.connection import Rx

if TYPE_CHECKING:
    from shopcrm.store.writing import Tx

# Kinds of writes that leave a line; a step back or again does where the step it speaks of did.
KINDS = frozenset((
    "callbacks.read", "export", "import", "member.archive", "member.assign", "member.erase", "member.merge",
    "member.reveal", "member.separate", "restore", "salvage", "setting.set", "shop.begin", "staff.active",
    "staff.add", "staff.change", "staff.leave",
))  # fmt: skip
# Writes that leave a line and nothing in the journal.
ALONE = frozenset((
    "shop.decrypt", "shop.encrypt", "shop.password", "staff.pin", "staff.pin_locked", "staff.pin_reset",
    "staff.recovery",
))  # fmt: skip
# Values of a write's sentence that name nobody; how many rows a list had, and which list it was.
_TOLD = {"export": ("n", "what"), "callbacks.read": ("n",), "member.assign": ("n",), "import": ("n",)}
_COLUMNS = "id, at, staff, kind, entry_id, what, seal"
_LAST = "SELECT seal FROM audit ORDER BY id DESC LIMIT 1"
_NEXT = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'audit'), 0) + 1"
_ADD = f"INSERT INTO audit ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"
_NAME = "SELECT name FROM staff WHERE id = ?"
# What was taken back, or done again, in the end: an undo may be of an undo.
_MEANT = """
WITH RECURSIVE meant (kind, undoes) AS (
  SELECT kind, undoes FROM journal_entry WHERE id = ?
  UNION ALL SELECT e.kind, e.undoes FROM journal_entry e JOIN meant m ON e.id = m.undoes)
SELECT kind FROM meant WHERE undoes IS NULL
"""
_ALL = f"SELECT {_COLUMNS} FROM audit ORDER BY id"
_TRIGGERS = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = 'audit_undeleted'"
_IS_THERE = "SELECT 1 FROM sqlite_master WHERE name = 'audit'"
_NEWEST = f"SELECT {_COLUMNS} FROM audit ORDER BY id DESC LIMIT ? OFFSET ?"


def kind_of(tx: Tx) -> str:
    """The kind of a write for the trail; empty for one that leaves no line."""
    if tx.kind in KINDS:
        return tx.kind
    meant = None if tx.undoes is None else tx.value(_MEANT, (tx.undoes,))
    return f"{tx.kind}.{meant}" if meant in KINDS else ""


def add(
    tx: Tx, kind: str, entry: int | None, rows: Mapping[str, int], sentence: Mapping[str, object]
) -> None:
    """Inside a write, at its end: its line. `rows` counts the changed rows of each table."""
    what: dict[str, object] = {name: sentence[name] for name in _TOLD.get(kind, ()) if name in sentence}
    what |= tx.noted
    if rows:
        what["rows"] = dict(sorted(rows.items()))
    number = tx.value(_NEXT)
    name = "" if tx.actor is None else str(tx.value(_NAME, (tx.actor,)) or "")
    said = json.dumps(what, ensure_ascii=False, sort_keys=True, default=str)
    line = (number, tx.now.isoformat(" ", "seconds"), name, kind, entry, said)
    tx.derive(_ADD, (*line, _seal(str(tx.value(_LAST) or ""), line)))


def lines(rx: Rx, most: int, skip: int = 0) -> list[AuditLine]:
    """The newest lines first."""
    return [
        AuditLine(number, at, staff, kind, entry, json.loads(what))
        for number, at, staff, kind, entry, what, _ in rx.all(_NEWEST, (most, skip))
    ]


def how_many(rx: Rx) -> int:
    """How many lines there are."""
    return int(rx.value("SELECT count(*) FROM audit"))


def first_fault(rx: Rx) -> int | None:
    """The number of the first line that was changed or is missing; None if the trail is as it was written.

    A file of an older version has none.
    """
    if rx.value(_IS_THERE) is None:
        return None
    before, expected = "", 1
    for *line, seal in rx.all(_ALL):
        if line[0] != expected or seal != _seal(before, tuple(line)):
            return min(int(line[0]), expected)
        before, expected = seal, expected + 1
    # Lines cut off at the end leave their numbers behind.
    return expected if int(rx.value(_NEXT)) != expected else None


def cut(db: sqlite3.Connection, fault: int) -> None:
    """Of a trail brought into a new file, leave what stands before the first fault: lines behind it prove
    nothing. The caller says in the next line that it was cut."""
    triggers = [str(sql) for (sql,) in db.execute(_TRIGGERS)]
    db.execute("DROP TRIGGER audit_undeleted")
    db.execute("DELETE FROM audit WHERE id >= ?", (fault,))
    db.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'audit'", (fault - 1,))
    for sql in triggers:
        db.execute(sql)


def _seal(before: str, line: tuple[object, ...]) -> str:
    import hashlib  # brings a whole library of cryptography along

    said = json.dumps([before, *line], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()
