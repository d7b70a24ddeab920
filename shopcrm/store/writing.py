"""One transaction in progress: the only way to change a shop's file, leaving before-images behind.

Kept tables change through insert, update and delete, which journal; derived tables (`d_...`) through derive.
What was touched is gathered here and leaves in `done`, so that views refresh from the truth.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import lru_cache
from itertools import chain, islice
from typing import Any, TypeVar

from shopcrm.basics.errors import Cancelled
from shopcrm.basics.progress import Progress
from shopcrm.basics.records import ALL, Changes, Done, Sentence, StaffId, Touched
from shopcrm.basics.values import is_masked
from shopcrm.store import audit
from shopcrm.store.connection import ROOMY, Params, Row, Rx, faults, raised

T = TypeVar("T")

# Files that left the shop are remembered, with who took them, though nothing was changed; and that somebody
# was erased or her number looked at, of which the journal may keep nothing else.
REMEMBERED = frozenset({"export", "member.erase", "member.reveal", "restore", "salvage"})
# No change anybody meant to make: not undone by the user, and not an edit of a row.
AUTOMATIC = frozenset({"day.start", "task.copied"}) | REMEMBERED

_TOUCHES = {"member": "members", "sale": "sales", "visit": "visits", "task": "tasks"}
_FLAGS = {
    "setting": "settings", "staff": "settings", "own_field": "settings", "batch": "batches",
    "footfall": "footfall", "event": "settings", "template": "settings",
}  # fmt: skip
_UNKEPT = {"staff": ("pin", "recovery")}  # columns of which the journal keeps nothing: a PIN is no step
MANY = 2_000  # a longer run of ids is reported as everything
_FLUSH = 5_000
_BETWEEN_LOOKS = 1_000_000  # steps of the database, less than a tenth of a second
_PARAMETERS = 900  # of one statement; older builds of the library take 999

_ENTRY = "INSERT INTO journal_entry (at, day, actor, kind, undoes, sentence) VALUES (?,?,?,?,?,?)"
_SENTENCE = "UPDATE journal_entry SET sentence=? WHERE id=?"
_NO_ENTRY = "DELETE FROM journal_entry WHERE id=?"
_CHANGE = """
INSERT INTO journal_change (entry_id, seq, tbl, row_id, last_id, op, before, after) VALUES (?,?,?,?,?,?,?,?)
"""
_LAST_ID = "SELECT seq FROM sqlite_sequence WHERE name=?"


# Made once: json.dumps builds an encoder for every value.
_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_worded = json.JSONEncoder(ensure_ascii=False, default=str).encode


def as_json(value: object) -> str:
    """The journal's form of a value."""
    return _compact(value)


class Tx(Rx):
    """A write between BEGIN and COMMIT; made by `Store.write` only. Nothing is kept of a write that changed
    nothing."""

    def __init__(
        self,
        db: sqlite3.Connection,
        kind: str,
        actor: StaffId | None,
        now: datetime,
        undoes: int | None = None,
        answers: dict[Callable[[Rx], Any], Any] | None = None,
    ) -> None:
        super().__init__(db)
        self._answers = {} if answers is None else answers  # to `known`; whoever hands them in empties them
        self.kind = kind
        self.actor = actor
        self.now = now
        self.day = now.date()
        self.undoes = undoes
        self._entry: int | None = None
        self._seq = 0
        self._open: list[
            list[Any]
        ] = []  # journal rows not yet written: [tbl, first, last, op, before, after]
        self._ids: dict[str, set[int]] = defaultdict(set)
        self._all: set[str] = set()  # of which everything was touched, or too much to name
        self._flags: set[str] = set()
        self._changes: Changes | None = None  # as asked for last, if nothing was touched since
        self._sentence = "{}"
        self._filed_sentence = "{}"  # as it stands in the entry
        self._columns: dict[str, tuple[str, ...]] = {}
        self._rows: dict[str, int] = {}  # changed rows by table, counted where the audit trail tells
        self.noted: dict[str, object] = {}  # what else the trail is to say

    # ------------------------------------------------------------ who and when

    @property
    def entry(self) -> int:
        """The journal entry of this write (made on first use; gone again if nothing is journaled)."""
        if self._entry is None:
            self._entry = self._execute(
                _ENTRY,
                (
                    self.now.isoformat(" ", "seconds"),
                    self.day.isoformat(),
                    self.actor,
                    self.kind,
                    self.undoes,
                    self._sentence,
                ),
            ).lastrowid
            self._filed_sentence = self._sentence
        assert self._entry is not None
        return self._entry

    @property
    def at(self) -> str:
        """The time of this write, HH:MM."""
        return self.now.strftime("%H:%M")

    def known(self, ask: Callable[[Rx], T]) -> T:
        try:
            found: T = self._answers[ask]
        except KeyError:
            found = self._answers[ask] = ask(self)
        return found

    # ------------------------------------------------------------ kept tables

    def insert(self, table: str, /, **values: object) -> int:
        """Add one row; answers its id (a given `id` is used as it is)."""
        row_id = self._execute(_insert_one(table, tuple(values)), tuple(values.values())).lastrowid
        assert row_id is not None
        self._journal_insert(table, row_id, row_id)
        return row_id

    def insert_many(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> range:
        """Add many rows; answers the run of their ids in the order given. One journal row for all of them."""
        rows = list(rows)
        if len(rows) == 1:
            row_id = self.insert(table, **dict(zip(columns, rows[0], strict=True)))
            return range(row_id, row_id + 1)
        return self.insert_columns(table, dict(zip(columns, zip(*rows, strict=True), strict=False)))

    def insert_columns(self, table: str, columns: Mapping[str, Sequence[object]]) -> range:
        """The same for rows given by columns of one length."""
        count = len(next(iter(columns.values()), ()))
        if not count:
            return range(0)
        if count == 1:
            row_id = self.insert(table, **{name: values[0] for name, values in columns.items()})
            return range(row_id, row_id + 1)
        first = int(self.value(_LAST_ID, (table,)) or 0) + 1
        self.derive_columns(table, columns)
        ids = range(first, first + count)
        self._journal_insert(table, ids[0], ids[-1])
        return ids

    def insert_rows(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Add whole rows that bring their own ids, ascending; for putting back what was removed."""
        marks = ",".join("?" * len(columns))
        self.derive_many(f"INSERT INTO {table} ({','.join(columns)}) VALUES ({marks})", rows)
        at = columns.index("id")
        for row in rows:
            self._journal_insert(table, row[at], row[at])  # type: ignore[arg-type]

    def update(self, table: str, row_id: int, /, **values: object) -> bool:
        """Set columns of one row; journals those that change and answers whether any did. KeyError without
        the row.

        A phone number that comes back masked, as its reader saw it, stays as it stands.
        """
        names = list(values)
        old = self.one(f"SELECT {','.join(names)} FROM {table} WHERE id=?", (row_id,))
        if old is None:
            raise KeyError((table, row_id))
        before = dict(zip(names, old, strict=True))
        new = {name: value for name, value in values.items() if before[name] != value}
        after = as_json(new)
        if is_masked(after):
            new = _unmasked(new, before)
            after = as_json(new)
        if not new:
            return False
        self._execute(f"UPDATE {table} SET {'=?,'.join(new)}=? WHERE id=?", (*new.values(), row_id))
        was = as_json({name: before[name] for name in new})
        self._journal([table, row_id, row_id, "update", was, after])
        self._touch_rows(table, row_id, row_id)
        return True

    def update_same(self, table: str, ids: Iterable[int], /, **values: object) -> None:
        """Set the same values in many rows; journals row by row those that change."""
        names = list(values)
        these = "id IN (SELECT value FROM json_each(?))"
        query = f"SELECT id,{','.join(names)} FROM {table} WHERE {these} ORDER BY id"
        rows = self.all(query, (as_json(list(ids)),))
        alike: dict[tuple[object, ...], list[int]] = {}
        for row_id, *old in rows:
            alike.setdefault(tuple(old), []).append(row_id)
        for was, same in alike.items():
            new = {name: values[name] for name, old in zip(names, was, strict=True) if old != values[name]}
            if new:
                before = as_json({name: old for name, old in zip(names, was, strict=True) if name in new})
                after = as_json(new)
                self._execute(
                    f"UPDATE {table} SET {'=?,'.join(new)}=? WHERE {these}", (*new.values(), as_json(same))
                )
                for row_id in same:
                    self._journal([table, row_id, row_id, "update", before, after])
                    self._touch_rows(table, row_id, row_id)

    def delete(self, table: str, row_id: int, /) -> None:
        """Remove one row; nothing happens if it is not there."""
        self.delete_run(table, row_id, row_id)

    def delete_run(self, table: str, first: int, last: int, /) -> int:
        """Remove the rows of a run of ids; the whole rows go into the journal. Answers how many there
        were."""
        columns = self.columns(table)
        rows = self.all(
            f"SELECT {','.join(columns)} FROM {table} WHERE id BETWEEN ? AND ? ORDER BY id", (first, last)
        )
        if rows:
            self._execute(f"DELETE FROM {table} WHERE id BETWEEN ? AND ?", (first, last))
            at = columns.index("id")
            hidden = [columns.index(name) for name in _UNKEPT.get(table, ())]
            if hidden:
                rows = [tuple("" if n in hidden else v for n, v in enumerate(row)) for row in rows]
            before = as_json({"columns": columns, "rows": rows})
            self._journal([table, rows[0][at], rows[-1][at], "delete", before, None])
            self._touch_rows(table, rows[0][at], rows[-1][at])
        return len(rows)

    def columns(self, table: str) -> tuple[str, ...]:
        """The columns of a table."""
        if table not in self._columns:
            self._columns[table] = tuple(
                row[0] for row in self.all("SELECT name FROM pragma_table_info(?)", (table,))
            )
        return self._columns[table]

    # ------------------------------------------------------------ derived tables

    def derive(self, sql: str, params: Params = ()) -> int:
        """Change derived (`d_...`) or temporary tables, unjournaled; answers the number of rows changed."""
        return self._execute(sql, params).rowcount

    def derive_many(self, sql: str, rows: Iterable[Sequence[object] | Mapping[str, object]]) -> None:
        """The same statement for many rows."""
        try:
            self._db.executemany(sql, rows)
        except faults() as error:
            raise raised(error) from error

    def derive_columns(self, table: str, columns: Mapping[str, Sequence[object]]) -> None:
        """Add many rows, given by columns of one length, unjournaled."""
        count = len(next(iter(columns.values()), ()))
        if not count:
            return
        same, differing = _told_apart(columns)
        # Many rows in one statement: each statement looks up and keeps the table's last id.
        together = max(1, (_PARAMETERS - len(same)) // max(len(differing), 1))
        names, shared = [*same, *differing], list(same.values())
        whole = _insert(table, names, len(same), together) if count >= together else ""
        rows = zip(*differing.values(), strict=True) if differing else iter([()] * count)
        for _ in range(count // together):
            self._execute(whole, [*shared, *chain.from_iterable(islice(rows, together))])
        if left := count % together:
            self._execute(_insert(table, names, len(same), left), [*shared, *chain.from_iterable(rows)])

    # ------------------------------------------------------------ being stopped

    @contextmanager
    def heeding(self, progress: Progress) -> Iterator[None]:
        """While this lasts a statement that takes long is broken off where someone asks to stop. Raises
        Cancelled."""
        self._db.set_progress_handler(lambda: progress.stopped, _BETWEEN_LOOKS)
        try:
            yield
        except faults():
            if progress.stopped:
                raise Cancelled from None
            raise
        finally:
            self._db.set_progress_handler(None, 0)

    @contextmanager
    def roomy(self) -> Iterator[None]:
        """While this lasts the database keeps more pages at hand: for work on everybody."""
        before = self.value("PRAGMA cache_size")
        self._execute(ROOMY)
        try:
            yield
        finally:
            with suppress(*faults()):  # of a file that fails the first fault is told
                self._db.execute(f"PRAGMA cache_size={before}")

    # ------------------------------------------------------------ what changed

    def touch(
        self,
        *,
        members: Iterable[int] | Touched = (),
        sales: Iterable[int] | Touched = (),
        visits: Iterable[int] | Touched = (),
        tasks: Iterable[int] | Touched = (),
        types: Iterable[int] | Touched = (),
        settings: bool = False,
        batches: bool = False,
    ) -> None:
        """Say what views must refresh; rows of the tables themselves are reported without being asked."""
        if members != ():
            self._touch("members", members)
        if sales != ():
            self._touch("sales", sales)
        if visits != ():
            self._touch("visits", visits)
        if tasks != ():
            self._touch("tasks", tasks)
        if types != ():
            self._touch("types", types)
        if settings:
            self._flag("settings")
        if batches:
            self._flag("batches")

    @property
    def is_journaled(self) -> bool:
        """Whether any kept row was changed so far."""
        return bool(self._seq or self._open)

    def done(self, value: T, text_id: str, /, **values: object) -> Done[T]:
        """The answer of this write; called last, inside the block (then the journal keeps the sentence) or
        after it."""
        sentence = Sentence(text_id, values)
        self._sentence = _worded({"id": text_id, "values": values})
        entry = self.entry if self.is_journaled and self.kind not in AUTOMATIC else None
        return Done(value, self.changes, sentence, entry)

    @property
    def changes(self) -> Changes:
        """What was touched so far."""
        if self._changes is None:
            found: dict[str, Any] = dict.fromkeys(self._flags, True)
            for name, ids in self._ids.items():
                found[name] = Touched(frozenset(ids))
            self._changes = Changes(**(found | dict.fromkeys(self._all, ALL)))
        return self._changes

    def _touch(self, name: str, ids: Iterable[int] | Touched) -> None:
        self._changes = None
        if isinstance(ids, Touched):
            if ids.all:
                self._all.add(name)
                return
            ids = ids.ids
        known = self._ids[name]
        known.update(ids)
        if len(known) > MANY:
            self._all.add(name)
            known.clear()

    def _touch_rows(self, table: str, first: int, last: int) -> None:
        name = _TOUCHES.get(table)
        if name is not None:
            self._touch(name, ALL if last - first > MANY else range(first, last + 1))
        elif table in _FLAGS:
            self._flag(_FLAGS[table])

    def _flag(self, name: str) -> None:
        self._changes = None
        self._flags.add(name)

    def note(self, **what: object) -> None:
        """Say something for the audit trail that names nobody: keys of settings, a number."""
        self.noted |= what

    # ------------------------------------------------------------ journal

    def _journal_insert(self, table: str, first: int, last: int) -> None:
        previous = self._open[-1] if self._open else None
        if (
            previous is not None
            and previous[0] == table
            and previous[3] == "insert"
            and previous[2] + 1 == first
        ):
            previous[2] = last
        else:
            self._journal([table, first, last, "insert", None, None])
        self._touch_rows(table, first, last)

    def _journal(self, change: list[Any]) -> None:
        self._open.append(change)
        if len(self._open) >= _FLUSH:
            self._write_journal()

    def _write_journal(self) -> None:
        entry = self.entry
        rows = [(entry, self._seq + n, *change) for n, change in enumerate(self._open)]
        if self.kind in audit.KINDS or self.undoes is not None:
            for table, first, last, *_ in self._open:
                self._rows[table] = self._rows.get(table, 0) + last - first + 1
        self._seq += len(rows)
        self._open.clear()
        self.derive_many(_CHANGE, rows)

    def finish(self) -> None:
        """Write what is left of the journal; called once by the store, right before COMMIT."""
        if self._open:
            self._write_journal()
        if self.kind in REMEMBERED:
            self._entry = self.entry
        if self._entry is None:
            if self.kind in audit.ALONE:
                audit.add(self, self.kind, None, {}, {})
            return
        if self._seq == 0 and self.undoes is None and self.kind not in REMEMBERED:
            self._execute(_NO_ENTRY, (self._entry,))
            self._entry = None
            return
        if self._sentence != self._filed_sentence:
            self._execute(_SENTENCE, (self._sentence, self._entry))
        kind = audit.kind_of(self)
        if kind:
            audit.add(self, kind, self._entry, self._rows, json.loads(self._sentence).get("values", {}))


def _unmasked(values: Mapping[str, object], before: Mapping[str, object]) -> dict[str, object]:
    """Those of the values that differ once every masked number in them is whole again."""
    from shopcrm.basics.masking import unmask  # only where somebody writes who sees numbers masked

    whole = {
        name: unmask(value, str(before[name])) if isinstance(value, str) else value
        for name, value in values.items()
    }
    return {name: value for name, value in whole.items() if value != before[name]}


@lru_cache(maxsize=64)
def _insert_one(table: str, columns: tuple[str, ...]) -> str:
    return f"INSERT INTO {table} ({','.join(columns)}) VALUES ({','.join('?' * len(columns))})"


def _told_apart(
    columns: Mapping[str, Sequence[object]],
) -> tuple[dict[str, object], dict[str, Sequence[object]]]:
    """The value of every column that has but one, which a statement is told once, and the other columns."""
    same: dict[str, object] = {}
    differing: dict[str, Sequence[object]] = {}
    for name, values in columns.items():
        one = values[0]
        # The last one first: most columns that differ do so there, and counting goes through all of them.
        if values[-1] == one and values.count(one) == len(values):
            same[name] = one
        else:
            differing[name] = values
    return same, differing


def _insert(table: str, columns: Sequence[str], same: int, rows: int) -> str:
    """The statement that adds so many rows, the first `same` columns with one value for all of them."""
    shared = "".join(f"?{at}," for at in range(1, same + 1))
    own = len(columns) - same
    starts = range(same + 1, same + 1 + rows * own, own) if own else [0] * rows
    marks = (shared + ",".join(f"?{at}" for at in range(start, start + own)) for start in starts)
    values = ",".join(f"({row.rstrip(',')})" for row in marks)
    return f"INSERT INTO {table} ({','.join(columns)}) VALUES {values}"


__all__ = ["AUTOMATIC", "Row", "Tx", "as_json"]
