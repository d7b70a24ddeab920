"""Taking back a journal entry from its before-images, row by row, in reverse order.

A row that someone changed since is kept as it is, and so is every row that a kept or later row needs: a
member with a later sale, her phones, the lines of a kept receipt. The undo is a journal entry itself: undoing
it is redo.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import Sentence
from shopcrm.rules.followups import BY_HAND
from shopcrm.store.connection import Row, Rx
from shopcrm.store.writing import AUTOMATIC, Tx

UNDO, REDO = "undo", "redo"  # the steps back and forth
TAKEBACK = "takeback"  # an earlier step was chosen and taken back: a step of its own
_NOT_MEANT = ",".join("?" * len(AUTOMATIC))
_STEP = f"(undoes IS NULL OR kind = '{TAKEBACK}') AND kind NOT IN ({_NOT_MEANT})"
_LAST = f"SELECT max(id) FROM journal_entry WHERE id >= ? AND undone_by IS NULL AND {_STEP}"
# Going back is what the last steps were, and none was taken since: a new one cuts the way forth.
_FORTH = f"""
SELECT max(u.id) FROM journal_entry u WHERE u.id >= ? AND u.kind = '{UNDO}' AND u.undone_by IS NULL
  AND u.id > coalesce((SELECT max(id) FROM journal_entry WHERE id >= ? AND {_STEP}), 0)
"""
_NEWEST_DAYS = "SELECT max(day) FROM (SELECT day FROM journal_entry ORDER BY id DESC LIMIT 300)"
_ENTRY = "SELECT kind, undoes, undone_by FROM journal_entry WHERE id=?"
_SAID = "SELECT sentence FROM journal_entry WHERE id=?"
_CHANGES = "SELECT tbl, row_id, last_id, op, before, after FROM journal_change WHERE entry_id=? ORDER BY seq"
# What others did since: undone entries and undos cancel each other out and count for nothing.
_SINCE = f"""
SELECT c.tbl, c.row_id, e.kind FROM journal_change c JOIN journal_entry e ON e.id = c.entry_id
WHERE c.entry_id > ? AND c.op = 'update' AND e.undone_by IS NULL AND e.undoes IS NULL
  AND e.kind NOT IN ({",".join("?" * len(AUTOMATIC))})
"""
_STANDS_AGAIN = "UPDATE journal_entry SET undone_by=NULL WHERE undone_by=?"
_UNDONE = "UPDATE journal_entry SET undone_by=? WHERE id=?"
_TAKEN_BACK = "SELECT undoes FROM journal_entry WHERE id=?"
_FOREIGN = """
SELECT m.name, f."from", f."table" FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f
WHERE m.type = 'table' AND m.name NOT LIKE 'journal%'
"""
_UNIQUE = """
SELECT i.name, c.name FROM pragma_index_list(?) i JOIN pragma_index_info(i.name) c WHERE i.origin = 'u'
ORDER BY i.name, c.seqno
"""
_GONE = "SELECT value FROM json_each(?) WHERE value NOT IN (SELECT id FROM {parent})"
_BELONGS = (  # kept with the row they belong to
    ("phone", "member_id", "member"),
    ("line", "sale_id", "sale"),
    ("task", "member_id", "member"),
    ("own_value", "member_id", "member"),
    ("draw", "member_id", "member"),
    ("fitting", "visit_id", "visit"),
)
# To-dos the rules made later for members the entry added: nobody's work, they go with their member.
_OWN_TASKS = f"""
INSERT OR IGNORE INTO undo_row (tbl, id, later)
SELECT 'task', t.id, 1 FROM undo_row m JOIN task t ON t.member_id = m.id
WHERE m.tbl = 'member' AND t.rule NOT IN {tuple(sorted(BY_HAND))} AND t.outcome = '' AND t.copied_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM contact c WHERE c.task_id = t.id)
"""
# And so do the lots drawn for them.
_OWN_DRAWS = """
INSERT OR IGNORE INTO undo_row (tbl, id, later)
SELECT 'draw', d.id, 1 FROM undo_row m JOIN draw d ON d.member_id = m.id WHERE m.tbl = 'member'
"""
_LATER = "SELECT id FROM undo_row WHERE tbl = ? AND later = 1 AND kept = 0 ORDER BY id"
_MEMBER_OF = {
    "member": "SELECT id FROM member WHERE id=?",
    "phone": "SELECT member_id FROM phone WHERE id=?",
    "sale": "SELECT member_id FROM sale WHERE id=?",
    "line": "SELECT s.member_id FROM line l JOIN sale s ON s.id=l.sale_id WHERE l.id=?",
    "visit": "SELECT member_id FROM visit WHERE id=?",
    "task": "SELECT member_id FROM task WHERE id=?",
    "contact": "SELECT member_id FROM contact WHERE id=?",
    "own_value": "SELECT member_id FROM own_value WHERE id=?",
    "fitting": "SELECT v.member_id FROM fitting f JOIN visit v ON v.id=f.visit_id WHERE f.id=?",
    "wanted": "SELECT member_id FROM wanted WHERE id=?",
    "complaint": "SELECT member_id FROM complaint WHERE id=?",
    "rating": "SELECT member_id FROM rating WHERE id=?",
    "draw": "SELECT member_id FROM draw WHERE id=?",
}
_OWN = ("member", "phone", "task", "contact")  # what an outcome changes
_COUNTED = frozenset(("referrer_id", "joined", "archived_on", "merged_into"))  # what makes her one's friend
_BROUGHT_BY = """
SELECT DISTINCT referrer_id FROM member WHERE id BETWEEN ? AND ? AND referrer_id IS NOT NULL
"""
_LEADING = ("member_id", "merged_into")  # whose a row is
_HAS_CARD = """
SELECT 1 FROM member o WHERE o.card_no=? AND o.card_no<>'' AND o.id<>? AND EXISTS (
  SELECT 1 FROM journal_change c WHERE c.entry_id > ? AND c.tbl='member' AND CASE c.op
    WHEN 'insert' THEN o.id BETWEEN c.row_id AND c.last_id
    ELSE c.row_id = o.id AND c.before LIKE '%"card_no":%' END)
"""
_ERASED = "SELECT 1 FROM member WHERE id IN (?, ?) AND erased_on IS NOT NULL"
_SETTING_KEYS = "SELECT key FROM setting WHERE id BETWEEN ? AND ?"
_IMPORTED = "SELECT id, undone_at FROM batch WHERE entry_id=?"
_NAMING = ("member", "phone")  # what search texts are made of
_KEPT_ALWAYS = frozenset({"batch"})  # the history of imports stays; it is marked as undone instead
_CHUNK = 1_000  # rows of one before-image


class Undone(NamedTuple):
    """What an undo did: the members it touched, those with rows kept, whose name or phone it changed."""

    members: frozenset[int]
    kept: tuple[int, ...]
    renamed: frozenset[int] = frozenset()
    settings: tuple[str, ...] = ()  # keys of settings that changed
    events: bool = False  # the book of occasions did
    is_of_rules: bool = False  # nothing but settings and occasions did, and to-dos that followed them


def last_entry(rx: Rx, since: int) -> int | None:
    """The newest intention of a user from entry `since` on that is not undone."""
    found: int | None = rx.value(_LAST, (since, *AUTOMATIC))
    return found


def entry_to_redo(rx: Rx, since: int) -> int | None:
    """The newest undo from entry `since` on that may be taken back; None after a new step."""
    found: int | None = rx.value(_FORTH, (since, since, *AUTOMATIC))
    return found


def first_cause(rx: Rx, entry: int) -> tuple[Sentence | None, bool]:
    """What the step said at whose end of a chain of undos `entry` stands, and whether it stands once `entry`
    is reversed."""
    stands = False
    while (row := rx.one(_ENTRY, (entry,))) is not None and row[1] is not None:
        entry, stands = row[1], not stands
    said = json.loads(rx.value(_SAID, (entry,)) or "{}")
    return (Sentence(said["id"], said["values"]) if "id" in said else None), stands


def may_undo(rx: Rx, entry: int) -> bool:
    """Whether an entry exists and stands."""
    row = rx.one(_ENTRY, (entry,))
    return row is not None and row[2] is None and row[0] not in AUTOMATIC


def newest_day(rx: Rx) -> date | None:
    """The latest day of what was entered lately, by the clock of then."""
    day = rx.value(_NEWEST_DAYS)
    return date.fromisoformat(day) if day else None


def kind_meant(rx: Rx, entry: int) -> str:
    """What the step did at whose end of a chain of undos `entry` stands."""
    while (row := rx.one(_ENTRY, (entry,))) is not None and row[1] is not None:
        entry = row[1]
    return kind_of(rx, entry)


def kind_of(rx: Rx, entry: int) -> str:
    """What an entry did."""
    row = rx.one(_ENTRY, (entry,))
    return "" if row is None else row[0]


def undo(tx: Tx, entry: int, member: int | None = None, progress: Progress = SILENT) -> Undone:
    """Reverse `entry` inside this write; the caller has asked `may_undo`, and refreshes what is derived.

    With a `member` only what the entry did to her own rows; the entry itself then stands.
    """
    return _Undo(tx, entry, member, progress).run()


class _Undo:
    def __init__(self, tx: Tx, entry: int, member: int | None, progress: Progress) -> None:
        self.tx = tx
        self.progress = progress
        self.entry = entry
        self.is_part = member is not None
        self.changes = tx.all(_CHANGES, (entry,))
        if member is not None:
            self.changes = [part for change in self.changes for part in self._hers(member, change)]
        self._rows, self._all_rows = 0, sum(change[2] - change[1] + 1 for change in self.changes)
        self.since: dict[tuple[str, int], str] = {
            (table, row_id): kind for table, row_id, kind in tx.all(_SINCE, (entry, *AUTOMATIC))
        }
        self.foreign: list[tuple[str, str, str]] = [
            (child, column, parent) for child, column, parent in tx.all(_FOREIGN)
        ]
        self.inserted = [(c[0], c[1], c[2]) for c in self.changes if c[3] == "insert"]
        self.tables = {table for table, _, _ in self.inserted}
        self.members: set[int] = set()
        self.renamed: set[int] = set()
        self.kept: dict[int, None] = {}  # members, in the order met
        self.settings: dict[str, None] = {}
        changed = {change[0] for change in self.changes}
        self.events = "event" in changed
        self.is_of_rules = changed <= {"setting", "event", "task"} and changed != {"task"}
        self.unique: dict[str, list[list[str]]] = {}  # columns that together name one row only, by table

    def run(self) -> Undone:
        tx = self.tx
        tx.derive("PRAGMA defer_foreign_keys=ON")  # rows of one table may name each other, and go in runs
        tx.derive("DROP TABLE IF EXISTS temp.undo_row")
        tx.derive(
            "CREATE TEMP TABLE undo_row (tbl TEXT NOT NULL, id INTEGER NOT NULL,"
            " kept INTEGER NOT NULL DEFAULT 0, later INTEGER NOT NULL DEFAULT 0,"
            " PRIMARY KEY (tbl, id)) WITHOUT ROWID"
        )
        for table, first, last in self.inserted:
            tx.derive(
                f"INSERT OR IGNORE INTO undo_row (tbl, id)"
                f" SELECT '{table}', id FROM {table} WHERE id BETWEEN ? AND ?",
                (first, last),
            )
        self._restore_references()
        self._mark_inserted()
        for table in ("task", "draw"):
            for first, last in _runs([row[0] for row in tx.all(_LATER, (table,))]):
                tx.delete_run(table, first, last)
        for table, first, last, op, before, _ in reversed(self.changes):
            self._step(0)
            if op == "insert":
                self._remove(table, first, last)
            elif op == "update":
                self._restore(table, first, json.loads(before))
            else:
                self._put_back(table, json.loads(before))
            self._rows += last - first + 1
        tx.derive("DROP TABLE temp.undo_row")
        if not self.is_part:
            self._close()
        return Undone(
            frozenset(self.members),
            tuple(self.kept),
            frozenset(self.renamed),
            tuple(self.settings),
            self.events,
            self.is_of_rules,
        )

    def _step(self, rows: int) -> None:
        self.progress.step(self._rows + rows, self._all_rows, "progress.undoing")

    def _hers(self, member: int, change: Row) -> Iterator[Row]:
        """The parts of one change that concern a member's own rows."""
        table, first, last, op, before, after = change
        if table not in _OWN:
            return
        of = "id" if table == "member" else "member_id"
        found = self.tx.all(
            f"SELECT id FROM {table} WHERE {of}=? AND id BETWEEN ? AND ? ORDER BY id", (member, first, last)
        )
        for (row_id,) in found:
            yield table, row_id, row_id, op, before, after

    # ------------------------------------------------------------ what must stay

    def _restore_references(self) -> None:
        """Take back first which rows refer to what this entry added: it may go if nobody else refers to it.

        All others wait for their turn: rows that took a place of theirs since must leave it first.
        """
        parents: dict[tuple[str, str], str] = {
            (child, column): parent for child, column, parent in self.foreign
        }
        for table, row_id, _, op, before, after in reversed(self.changes):
            if op != "update":
                continue
            image, now = json.loads(before), json.loads(after)
            refers = [(parents[table, name], image[name]) for name in image if (table, name) in parents]
            to_added = any(
                self._was_added(parents[table, name], now[name]) for name in now if (table, name) in parents
            )
            if to_added and all(to is None or self._is_there(parent, to) for parent, to in refers):
                self._restore(table, row_id, image)

    def _was_added(self, table: str, row_id: int | None) -> bool:
        """Whether the entry added the row."""
        return row_id is not None and any(
            table == name and first <= row_id <= last for name, first, last in self.inserted
        )

    def _is_there(self, table: str, row_id: int) -> bool:
        return self.tx.value(f"SELECT 1 FROM {table} WHERE id=?", (row_id,)) is not None

    def _mark_inserted(self) -> None:
        """Mark of the rows the entry added those that stay, until nothing more needs to."""
        tables = self.tables
        if "member" in tables:
            self.tx.derive(_OWN_TASKS)
            self.tx.derive(_OWN_DRAWS)
            tables |= {"task", "draw"}
        for table in tables & _KEPT_ALWAYS:
            self.tx.derive("UPDATE undo_row SET kept=1 WHERE tbl=?", (table,))
        edited = [(table, row_id) for table, row_id in self.since if table in tables]
        self.tx.derive_many("UPDATE undo_row SET kept=1 WHERE tbl=? AND id=?", edited)
        while True:
            marked = sum(self._keep_needed(*key) for key in self.foreign if key[2] in tables)
            marked += sum(self._keep_belonging(*key) for key in _BELONGS if key[2] in tables)
            if not marked:
                break
        self._name_kept(edited)

    def _keep_needed(self, child: str, column: str, parent: str) -> int:
        """A row stays if a row refers to it that stays, or that the entry did not add."""
        return self.tx.derive(
            f"""UPDATE undo_row SET kept=1 WHERE tbl='{parent}' AND kept=0 AND EXISTS (
                SELECT 1 FROM {child} c WHERE c.{column} = undo_row.id AND NOT EXISTS (
                  SELECT 1 FROM undo_row u WHERE u.tbl='{child}' AND u.id = c.id AND u.kept=0))"""
        )

    def _keep_belonging(self, child: str, column: str, parent: str) -> int:
        return self.tx.derive(
            f"""UPDATE undo_row SET kept=1 WHERE tbl='{child}' AND kept=0 AND EXISTS (
                SELECT 1 FROM {child} c JOIN undo_row u ON u.tbl='{parent}' AND u.id = c.{column} AND u.kept=1
                WHERE c.id = undo_row.id)"""
        )

    def _name_kept(self, edited: list[tuple[str, int]]) -> None:
        # To-dos follow the records by themselves: one that moved on is worth a word only if a person moved
        # it.
        by_hand = {key for key in edited if key[0] == "task" and self.since[key].startswith("task")}
        for table, row_id in self.tx.all("SELECT tbl, id FROM undo_row WHERE kept=1 ORDER BY tbl, id"):
            if table not in ("task", "draw") or (table, row_id) in by_hand:
                self._keep(table, row_id)

    # ------------------------------------------------------------ reversing one change

    def _remove(self, table: str, first: int, last: int) -> None:
        self._note_members(table, first, last)
        for run_first, run_last in self._removable(table, first, last):
            for start in range(run_first, run_last + 1, _CHUNK):
                self._step(start - first)
                self.tx.delete_run(table, start, min(start + _CHUNK - 1, run_last))

    def _removable(self, table: str, first: int, last: int) -> list[tuple[int, int]]:
        """The runs between the rows that stay."""
        stay = [
            row[0]
            for row in self.tx.all(
                "SELECT id FROM undo_row WHERE tbl=? AND id BETWEEN ? AND ? AND kept=1 ORDER BY id",
                (table, first, last),
            )
        ]
        runs = []
        start = first
        for row_id in [*stay, last + 1]:
            if row_id > start:
                runs.append((start, row_id - 1))
            start = row_id + 1
        return runs

    def _restore(self, table: str, row_id: int, before: dict[str, object]) -> None:
        if not self._is_there(table, row_id):
            return  # removed since
        if self.tx.value("SELECT 1 FROM undo_row WHERE tbl=? AND id=?", (table, row_id)) is not None:
            return  # added by the same entry: it goes or stays as a whole
        counted = not _COUNTED.isdisjoint(before)
        self._note_members(table, row_id, row_id, counted=counted)
        kind = self.since.get((table, row_id))
        if kind is not None:
            if table != "task" or kind.startswith("task"):
                self._keep(table, row_id)
            return
        if self._is_taken(table, row_id, before):
            self._keep(table, row_id)
            return
        if self._is_for_good(table, row_id, before):
            return
        self.tx.update(table, row_id, **before)
        self._note_members(table, row_id, row_id, counted=counted)  # the row may be another member's now

    def _is_for_good(self, table: str, row_id: int, values: dict[str, object]) -> bool:
        """Whether these values would take something away from an erased member, or give something to one."""
        for column in _LEADING:
            if column in values:
                now = self.tx.value(f"SELECT {column} FROM {table} WHERE id=?", (row_id,))
                if self.tx.value(_ERASED, (now, values[column])) is not None:
                    return True
        return False

    def _is_taken(self, table: str, row_id: int, values: dict[str, object]) -> bool:
        """Whether a row that came since stands where these values would put one: only one may; whether
        somebody has her card number by now."""
        card = values.get("card_no") if table == "member" else None
        if card and self.tx.value(_HAS_CARD, (card, row_id, self.entry)) is not None:
            return True
        if table not in self.unique:
            found: dict[str, list[str]] = {}
            for index, column in self.tx.all(_UNIQUE, (table,)):
                found.setdefault(index, []).append(column)
            self.unique[table] = list(found.values())
        for columns in self.unique[table]:
            if values.keys().isdisjoint(columns):
                continue
            now = self.tx.one(f"SELECT {','.join(columns)} FROM {table} WHERE id=?", (row_id,))
            place = [values.get(name, now and now[at]) for at, name in enumerate(columns)]
            same = " AND ".join(f"{name}=?" for name in columns)
            if self.tx.value(f"SELECT 1 FROM {table} WHERE {same} AND id<>?", (*place, row_id)) is not None:
                return True
        return False

    def _put_back(self, table: str, image: dict[str, list[list[object]]]) -> None:
        columns = [str(name) for name in image["columns"]]
        rows = image["rows"]
        for column, gone in self._missing_parents(table, columns, rows):
            rows = [row for row in rows if row[column] not in gone]
        at = columns.index("id")
        span = f"SELECT id FROM {table} WHERE id BETWEEN ? AND ?"
        there = {row[0] for row in self.tx.all(span, (rows[0][at], rows[-1][at]))} if rows else set()
        rows = [  # what came back by another way is there already: an id is never used twice
            row
            for row in rows
            if row[at] not in there
            and not self._is_taken(table, int(str(row[at])), dict(zip(columns, row, strict=True)))
        ]
        if rows:
            self.tx.insert_rows(table, columns, rows)
            self._note_members(table, *(int(str(rows[end][at])) for end in (0, -1)))

    def _missing_parents(
        self, table: str, columns: list[str], rows: list[list[object]]
    ) -> Iterator[tuple[int, set[object]]]:
        """(place of the column, its values that lead nowhere any more) for every reference of the table."""
        for child, column, parent in self.foreign:
            if child == table and parent != table:
                at = columns.index(column)
                wanted = json.dumps(sorted({row[at] for row in rows if row[at] is not None}))
                gone = self.tx.all(_GONE.format(parent=parent), (wanted,))
                yield at, {row[0] for row in gone}

    # ------------------------------------------------------------ whom it concerns

    def _note_members(self, table: str, first: int, last: int, *, counted: bool = True) -> None:
        if table == "setting":
            self.settings.update(dict.fromkeys(row[0] for row in self.tx.all(_SETTING_KEYS, (first, last))))
        if table not in _MEMBER_OF:
            return
        sql = _MEMBER_OF[table].replace("id=?", "id BETWEEN ? AND ?")
        found = {row[0] for row in self.tx.all(sql, (first, last)) if row[0] is not None}
        self.members |= found
        if table in _NAMING:
            self.renamed |= found
        if table == "member" and counted:  # who brought her along counts one friend more or less
            self.members |= {row[0] for row in self.tx.all(_BROUGHT_BY, (first, last))}
        self.tx.touch(members=found)

    def _keep(self, table: str, row_id: int) -> None:
        if table in _MEMBER_OF:
            member = self.tx.value(_MEMBER_OF[table], (row_id,))
            if member is not None:
                self.kept[member] = None

    # ------------------------------------------------------------ the journal about itself

    def _close(self) -> None:
        for batch, undone_at in self.tx.all(_IMPORTED, (self.entry,)):
            if undone_at is None:
                self.tx.update("batch", batch, undone_at=self.tx.now.isoformat(" ", "seconds"))
        by, entry = self.tx.entry, self.entry
        while True:
            # What this entry had taken back stands again; so what that had taken back does not; and so on.
            self.tx.derive(_STANDS_AGAIN, (entry,))
            self.tx.derive(_UNDONE, (by, entry))
            again = self.tx.value(_TAKEN_BACK, (entry,))
            taken = again and self.tx.value(_TAKEN_BACK, (again,))
            if not taken:
                break
            by, entry = again, taken


def _runs(ids: list[int]) -> list[tuple[int, int]]:
    """Ascending ids as runs without gaps."""
    runs: list[tuple[int, int]] = []
    for row_id in ids:
        if runs and runs[-1][1] + 1 == row_id:
            runs[-1] = (runs[-1][0], row_id)
        else:
            runs.append((row_id, row_id))
    return runs
