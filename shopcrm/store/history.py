"""What the journal knows of changes of one member: her own columns, phones and own fields, step by step."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any, NamedTuple

from shopcrm.store.connection import Row, Rx
from shopcrm.store.writing import AUTOMATIC

# Entries that were taken back, and those that took them back, changed nothing.
_STANDS = f"""
e.undone_by IS NULL AND e.undoes IS NULL AND e.kind NOT IN ({",".join("?" * len(AUTOMATIC))})
"""
_COLUMNS = "SELECT c.entry_id, c.row_id, c.op, c.before, c.after FROM journal_change c"
_JOIN = f"{_COLUMNS} JOIN journal_entry e ON e.id = c.entry_id WHERE {_STANDS}"
_UPDATED = (
    f"{_JOIN} AND c.op <> 'insert' AND c.op = 'update' AND c.tbl = ? AND c.row_id = ? ORDER BY c.entry_id"
)
_REMOVED = f"{_JOIN} AND c.op <> 'insert' AND c.op = 'delete' AND c.tbl = 'phone'"
_ADDED = f"""
SELECT c.entry_id, c.tbl, c.row_id, c.last_id FROM journal_change c
JOIN journal_entry e ON e.id = c.entry_id
WHERE {_STANDS} AND c.op = 'insert' AND c.tbl IN ('member', 'phone', 'own_value')
"""
_ENTRIES = """
SELECT e.id, e.at, e.kind, coalesce(p.name, '') FROM journal_entry e LEFT JOIN staff p ON p.id = e.actor
WHERE e.id IN (SELECT value FROM json_each(?)) ORDER BY e.id DESC
"""
_PHONES = "SELECT id, key FROM phone WHERE member_id=?"
_OWN = "SELECT id, field_id, value FROM own_value WHERE member_id=?"


_Values = dict[int, dict[str, Any]]  # by entry and field


class Step(NamedTuple):
    """What one entry changed of a member: values before and after by column, `own.<id>` or `phones`."""

    entry: int
    at: str
    kind: str
    staff: str
    before: dict[str, Any]
    after: dict[str, Any]


def steps(rx: Rx, member: int) -> list[Step]:
    """Every change of hers that stands, the newest first; what she was added with is none."""
    before: dict[int, dict[str, Any]] = defaultdict(dict)
    after: dict[int, dict[str, Any]] = defaultdict(dict)
    for entry, _, _, old, new in _all(rx, _UPDATED, "member", member):
        before[entry] |= json.loads(old)
        after[entry] |= json.loads(new)
    added = _all(rx, _ADDED)  # not indexed, and few: an import adds its rows in runs
    born = _adding(added, "member", member)
    _phones(rx, member, before, after, added)
    _own(rx, member, before, after, added)
    entries = json.dumps(sorted((before.keys() | after.keys()) - born))
    return [
        Step(entry, at, kind, staff, before.get(entry, {}), after.get(entry, {}))
        for entry, at, kind, staff in rx.all(_ENTRIES, (entries,))
    ]


def _all(rx: Rx, sql: str, *params: object) -> list[Row]:
    return rx.all(sql, (*AUTOMATIC, *params))


def _adding(added: list[Row], table: str, row_id: int) -> set[int]:
    """The entries that added a row."""
    return {entry for entry, of, first, last in added if of == table and first <= row_id <= last}


def _phones(rx: Rx, member: int, before: _Values, after: _Values, added: list[Row]) -> None:
    """Numbers taken away and given, as `phones`; numbers found wrong or right, as `phone_wrong`."""
    keys: dict[int, str] = dict(rx.all(_PHONES, (member,)))
    for entry, _, _, image, _ in _all(rx, _REMOVED):
        found = json.loads(image)
        at, owner, key = (found["columns"].index(name) for name in ("id", "member_id", "key"))
        for row in found["rows"]:
            if row[owner] == member:
                keys[row[at]] = row[key]
                before[entry].setdefault("phones", []).append(row[key])
    for phone, key in keys.items():
        for entry in _adding(added, "phone", phone):
            after[entry].setdefault("phones", []).append(key)
        for entry, _, _, old, new in _all(rx, _UPDATED, "phone", phone):
            if "wrong" in json.loads(old):
                before[entry]["phone_wrong"] = json.loads(old)["wrong"]
                after[entry]["phone_wrong"] = json.loads(new)["wrong"]


def _own(rx: Rx, member: int, before: _Values, after: _Values, added: list[Row]) -> None:
    for row_id, field, value in rx.all(_OWN, (member,)):
        first = value
        for entry, _, _, old, new in reversed(_all(rx, _UPDATED, "own_value", row_id)):
            if "value" in json.loads(old):
                before[entry][f"own.{field}"] = first = json.loads(old)["value"]
                after[entry][f"own.{field}"] = json.loads(new)["value"]
        for entry in _adding(added, "own_value", row_id):
            before[entry][f"own.{field}"] = ""
            after[entry][f"own.{field}"] = first
