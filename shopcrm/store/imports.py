"""Imports: what the shop knows for recognising rows, and writing many rows at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta

from shopcrm.store.connection import Row, Rx
from shopcrm.store.writing import AUTOMATIC, Tx

_REVISION = f"SELECT max(id) FROM journal_entry WHERE kind NOT IN ({','.join('?' * len(AUTOMATIC))})"
_MEMBERS = """
SELECT m.id, m.name, m.card_no, m.gender, m.birthday, m.joined, s.name, m.referrer_id, m.wechat, m.size_top,
  m.size_bottom, m.size_shoe, m.height, m.weight, m.likes, m.avoids, m.tags, m.notes, m.no_call, m.no_message,
  m.no_sms, m.consent, m.best_time, m.points_opening
FROM member m LEFT JOIN staff s ON s.id = m.staff_id WHERE m.merged_into IS NULL ORDER BY m.id
"""
_PHONES = "SELECT member_id, key FROM phone ORDER BY member_id, seq, id"
_LINES = """
SELECT l.id, s.member_id, s.day, s.order_no, l.item, l.amount_fen, l.qty
FROM sale s JOIN line l ON l.sale_id = s.id WHERE s.day BETWEEN ? AND ? ORDER BY l.id
"""
_VISITS = """
SELECT member_id, day, kind, items, reasons || '|' || says FROM visit WHERE day BETWEEN ? AND ? ORDER BY id
"""
_CONTACTS = "SELECT member_id, day, outcome, note FROM contact WHERE day BETWEEN ? AND ? ORDER BY id"
_INDEXES = """
SELECT type || ' ' || name, sql FROM sqlite_master
WHERE type IN ('index', 'trigger') AND tbl_name=? AND sql IS NOT NULL
"""
_MANY = 5_000  # rows from which building an index anew is quicker than keeping it up
_UNDO_DAYS = 30
_STAFF = "SELECT name, id FROM staff ORDER BY active, id DESC"
_PHONES_OF = "SELECT id, seq FROM phone WHERE member_id=? ORDER BY seq, id"
_ONE_BATCH = """
SELECT b.file, b.entry_id, e.undone_by, e.day FROM batch b JOIN journal_entry e ON e.id = b.entry_id
WHERE b.id = ? OR (? IS NULL AND e.undone_by IS NULL) ORDER BY b.id DESC LIMIT 1
"""
_COUNTS_OF = """
WITH RECURSIVE chain(id) AS (
  SELECT ?
  UNION ALL SELECT e.undoes FROM journal_entry e JOIN chain c ON e.id = c.id WHERE e.undoes IS NOT NULL)
SELECT b.counts FROM batch b JOIN chain c ON b.entry_id = c.id
"""
_VERDICTS = ("d_case", "d_type_log", "d_calibration", "d_state")
_KEPT = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'd_before_entry'"
EVERYBODY = "everybody"  # among the counts of a batch: 1 if everybody was classified anew
_MAPPING = "SELECT value FROM setting WHERE key=? ORDER BY id DESC LIMIT 1"


def revision(rx: Rx) -> int:
    """The last change of the shop's records by anybody."""
    return int(rx.value(_REVISION, tuple(AUTOMATIC)) or 0)


def members(rx: Rx) -> Iterable[Row]:
    """Id, name, fields in the order of fields.MEMBER_FIELDS, and points of everybody not merged into another;
    staff by name."""
    return rx.iterate(_MEMBERS)


def phones(rx: Rx) -> dict[int, list[str]]:
    """Member to the keys of her phones, the first one first."""
    found: dict[int, list[str]] = {}
    for member, key in rx.iterate(_PHONES):
        found.setdefault(member, []).append(key)
    return found


def lines(rx: Rx, days: tuple[str, str]) -> Iterable[Row]:
    """All lines of these days, voided receipts too: id, member, day, order no., item, fen, pieces."""
    return rx.iterate(_LINES, days)


def visits(rx: Rx, days: tuple[str, str]) -> list[Row]:
    """Visits of these days: member, day, kind, items, reasons and words."""
    return rx.all(_VISITS, days)


def contacts(rx: Rx, days: tuple[str, str]) -> list[Row]:
    """Contacts of these days: member, day, outcome, note."""
    return rx.all(_CONTACTS, days)


def staff_ids(tx: Tx, names: Iterable[str]) -> dict[str, int]:
    """Name to id of everybody named; who is not known yet is added as an assistant."""
    known: dict[str, int] = {name: row_id for name, row_id in tx.all(_STAFF)}
    for name in dict.fromkeys(name for name in names if name and name not in known):
        known[name] = tx.insert("staff", name=name, role="assistant")
    return known


_NEW_MEMBER = (
    "name", "card_no", "gender", "birthday", "joined", "staff_id", "wechat", "size_top", "size_bottom",
    "size_shoe", "height", "weight", "likes", "avoids", "tags", "notes", "no_call", "no_message", "no_sms",
    "consent", "consent_on", "consent_by", "best_time", "points_opening", "created_at",
)  # fmt: skip


def add_members(tx: Tx, rows: Sequence[Mapping[str, object]]) -> range:
    """Add members; a row names columns, the others stay empty. Answers their ids in order."""
    at = tx.now.isoformat(" ", "seconds")
    empty: dict[str, object] = dict.fromkeys(_NEW_MEMBER, "") | {
        "joined": None, "staff_id": None, "points_opening": 0, "created_at": at, "no_call": 0,
        "no_message": 0, "no_sms": 0, "consent_on": None,
    }  # fmt: skip
    # Merged into one order of columns: a name that is there already keeps its place.
    return tx.insert_many("member", _NEW_MEMBER, (tuple({**empty, **row}.values()) for row in rows))


def add_own(tx: Tx, rows: Sequence[tuple[int, int, str]]) -> None:
    """Add values of own fields to new members: member, field, value."""
    tx.insert_many("own_value", ("member_id", "field_id", "value"), rows)


def add_phones(tx: Tx, rows: Sequence[tuple[int, int, str, str]]) -> None:
    """Add phones: member, place among hers, as typed, key."""
    tx.insert_many("phone", ("member_id", "seq", "typed", "key"), rows)


def set_phone(tx: Tx, member: int, place: int, typed: str, key: str) -> None:
    """Put a number at a place among a member's (0 is the first), or behind those she has."""
    there = tx.all(_PHONES_OF, (member,))
    if place < len(there):
        tx.update("phone", there[place][0], typed=typed, key=key)
    else:
        seq = there[-1][1] + 1 if there else 1
        tx.insert("phone", member_id=member, seq=seq, typed=typed, key=key)


@contextmanager
def indexes_later(tx: Tx, table: str, rows: int, *, anew: bool = False) -> Iterator[None]:
    """While many rows are added: the table's indexes go first and are built anew, sorted once.

    So do its triggers: what they look after is the caller's. `anew` empties the table before.
    """
    there = int(tx.value(f"SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT ?)", (rows,)) or 0) * (not anew)
    indexes = tx.all(_INDEXES, (table,)) if rows >= _MANY and there < rows else []
    for name, _ in indexes:
        tx.derive(f"DROP {name}")
    if anew:
        tx.derive(f"DELETE FROM {table}")
    yield
    for _, sql in indexes:
        tx.derive(sql)


def add_visits(tx: Tx, rows: Sequence[tuple[object, ...]]) -> range:
    """Add visits: member, day, time, kind, items, reasons, words, staff."""
    return tx.insert_many(
        "visit", ("member_id", "day", "at", "kind", "items", "reasons", "says", "staff_id"), rows
    )


def add_contacts(tx: Tx, rows: Sequence[tuple[object, ...]]) -> range:
    """Add contacts: member, day, time, channel, outcome, next day, note, staff."""
    return tx.insert_many(
        "contact", ("member_id", "day", "at", "channel", "outcome", "next_day", "note", "staff_id"), rows
    )


def next_line_id(tx: Tx) -> int:
    """The id the next line will get."""
    return int(tx.value("SELECT seq FROM sqlite_sequence WHERE name='line'") or 0) + 1


def add_batch(tx: Tx, file: str, counts: Mapping[str, int]) -> int:
    """Enter an import into the history."""
    return tx.insert(
        "batch", entry_id=tx.entry, at=tx.now.isoformat(" ", "seconds"), file=file, staff_id=tx.actor,
        counts=json.dumps(counts),
    )  # fmt: skip


def keep_verdicts(tx: Tx) -> None:
    """Put aside how everybody was classified before this import, for an undo before anything else happens."""
    forget_verdicts(tx)
    for table in _VERDICTS:
        tx.derive(f"CREATE TABLE d_before_{table[2:]} AS SELECT * FROM {table}")
    tx.derive("CREATE TABLE d_before_entry AS SELECT ? AS entry, ? AS day", (tx.entry, tx.day.isoformat()))


def verdicts_kept(rx: Rx, entry: int, today: date) -> bool:
    """Whether they were put aside by that entry, and nothing happened since."""
    if rx.value(_KEPT) is None:
        return False
    return (
        rx.one("SELECT entry, day FROM d_before_entry") == (entry, today.isoformat())
        and revision(rx) == entry
    )


def restore_verdicts(tx: Tx) -> None:
    """Let everybody be classified as put aside."""
    for table in _VERDICTS:
        tx.derive(f"DELETE FROM {table}")
        tx.derive(f"INSERT INTO {table} SELECT * FROM d_before_{table[2:]}")
    forget_verdicts(tx)


def forget_verdicts(tx: Tx) -> None:
    """Drop what was put aside: it serves on its day only."""
    for table in (*_VERDICTS, "d_entry"):
        tx.derive(f"DROP TABLE IF EXISTS d_before_{table[2:]}")


def moved_everybody(rx: Rx, entry: int) -> bool:
    """Whether this entry is an import after which everybody was classified anew, or takes such a one back."""
    counts = rx.value(_COUNTS_OF, (entry,))
    return counts is not None and bool(json.loads(counts).get(EVERYBODY))


def batch(rx: Rx, wanted: int | None) -> tuple[str, int, bool, date] | None:
    """File, journal entry, whether it was taken back, and day: of that import, or of the last that stands
    (None)."""
    row = rx.one(_ONE_BATCH, (wanted, wanted))
    return None if row is None else (row[0], row[1], row[2] is not None, date.fromisoformat(row[3]))


def may_still_undo(day: date, today: date) -> bool:
    """Whether an import of that day may still be taken back."""
    return day >= today - timedelta(days=_UNDO_DAYS)


def remembered(rx: Rx, key: str) -> dict[int, str | None]:
    """Column to field as the owner assigned it in an earlier file with the same headings."""
    stored = rx.value(_MAPPING, (key,))
    columns = {} if stored is None else json.loads(stored)
    return {int(column): field for column, field in columns.items() if column.isdecimal()}


def remember(tx: Tx, key: str, mapping: Mapping[int, str | None]) -> None:
    """Keep what the owner assigned."""
    if remembered(tx, key) != dict(mapping):
        tx.insert(
            "setting", key=key, value=json.dumps(dict(mapping), ensure_ascii=False),
            at=tx.now.isoformat(" ", "seconds"), staff_id=tx.actor,
        )  # fmt: skip


def type_counts(rx: Rx) -> list[Row]:
    """How many members each type has now."""
    return rx.all("SELECT type, count(*) FROM d_case GROUP BY type")


def member_count(rx: Rx) -> int:
    """How many members there are."""
    return int(rx.value("SELECT count(*) FROM member") or 0)
