"""What can still be read of a damaged data file, in a new sound one.

The damaged file is copied and never opened by the database. Of the copy every page is read by itself
(`store.pages`): where the pages above it lead, else by what its rows look like, because a page that belongs
to nobody any more holds as good rows as before. What they belonged to and is gone is made up for: a member is
kept without her particulars, so that her purchases and phones stay together; other rows are left out and
counted. Derived tables are empty; the day's start fills them.

Of an encrypted file the copy stays encrypted, its pages are opened in memory only, and what comes out has the
same key.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from shopcrm.basics.errors import InputError, Refusal, StoreError
from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import Salvaged
from shopcrm.basics.settings import SETTINGS
from shopcrm.basics.texts import t
from shopcrm.store import audit, backup, damaged_keys, keys, schema
from shopcrm.store.connection import Rx, connect, faults, raised
from shopcrm.store.keys import Key
from shopcrm.store.migrations import STEPS
from shopcrm.store.pages import MAGIC, USUAL_SIZE, Pages, Record, Unreadable, Value
from shopcrm.store.whole_shop import KEPT, KeptColumn

_HISTORY = ("journal_entry", "journal_change", "batch")  # of use only if nothing of it is missing
_OWN_WAY = (*_HISTORY, "audit", "_sqlite_migrations")
_TABLES = """
SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
  AND sql NOT LIKE '%WITHOUT ROWID%' ORDER BY rowid
"""
_SEQ = "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?"
_NEW_SEQ = """
INSERT INTO sqlite_sequence (name, seq) SELECT ?, 0
 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?)
"""
_GAPS = """
SELECT EXISTS (SELECT 1 FROM journal_change GROUP BY entry_id HAVING max(seq) + 1 <> count(*))
    OR EXISTS (SELECT 1 FROM journal_change WHERE entry_id NOT IN (SELECT id FROM journal_entry))
"""
_LEFT = ("day", "code", "json", "object", "flag")  # kinds of values that tell whether they are sound
_MOST_VIOLATIONS = 50  # rounds; every round takes the rows away that hang on those of the last one

_PYTHON: Mapping[str, Any] = {"INTEGER": int, "TEXT": str, "REAL": int | float}


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    kind: str  # INTEGER, TEXT, REAL
    may_lack: bool
    default: Value
    has_default: bool
    is_row: bool  # the number of the row, written as nothing
    kept: KeptColumn | None

    def fits(self, value: Value) -> bool:
        """Whether the column may hold it."""
        if value is None:
            return self.may_lack or self.is_row
        if self.is_row:
            return False
        return isinstance(value, _PYTHON.get(self.kind, object)) and (
            self.kept is None or _is_sound(self.kept, value)
        )


@dataclass(frozen=True, slots=True)
class _Shape:
    """How the rows of a table look."""

    table: str
    columns: tuple[_Column, ...]
    least: int  # columns it was made with; later ones a row may lack

    def fits(self, record: Record) -> bool:
        row, values = record
        if not self.least <= len(values) <= len(self.columns) or row < 1:
            return False
        return all(column.fits(value) for column, value in zip(self.columns, values, strict=False))

    @property
    def is_telling(self) -> int:
        """How much a fit says: columns whose values are known by themselves."""
        told = sum(2 for column in self.columns if column.kept and column.kept.kind in _LEFT)
        return told + len(self.columns)

    def mended(self, record: Record) -> tuple[Value, ...] | None:
        """The row as it is kept now; None if what it cannot be without is no value of it."""
        row, values = record
        found: list[Value] = []
        for at, column in enumerate(self.columns):
            if column.is_row:
                found.append(row)
                continue
            value = values[at] if at < len(values) else column.default
            if not column.fits(value):
                if not column.may_lack and not column.has_default:
                    return None
                value = column.default
            found.append(value)
        return tuple(found)


def salvage(damaged: Path, out: Path, word: str = "", progress: Progress = SILENT) -> Salvaged:
    """Write all that can be read of a damaged file into the new file `out`; the damaged one is only read.

    `word` is the password or the recovery key of an encrypted one, not needed where its key is known; by a
    recovery key alone `out` opens where the file's salt is gone everywhere. Raises Refusal
    salvage_nothing where there is nothing of a shop in it, shop_locked, shop_password_wrong,
    shop_password_or_damage; StoreError cantopen, full, io, readonly; Cancelled. Then there is no `out`.
    """
    copy, part = (out.with_name(f".{out.name}{ending}") for ending in (".damaged", ".part"))
    try:
        try:
            if out.exists():
                raise StoreError("readonly", file=out.name)
            key = _key(damaged, word)
            _copy(damaged, copy, key)
            with Pages(copy, key) as pages:
                key = key and damaged_keys.remember(damaged, key)
                found = _Salvage(pages, copy, part, damaged.name, key, progress).run()
            part.replace(out)
            backup.flush_folder(out.parent)
        except FileNotFoundError as error:
            raise StoreError("cantopen", file=damaged.name) from error
        except OSError as error:
            raise StoreError(backup.os_code(error), file=out.name) from error
        except faults() as error:
            raise raised(error) from error
    finally:
        for file in (copy, part):
            for one in (file, file.with_name(file.name + "-journal")):
                with suppress(OSError):
                    one.unlink(missing_ok=True)
    return found(out)


def _key(damaged: Path, word: str) -> Key | None:
    """The key of an encrypted file; None for any other."""
    key = damaged_keys.find(damaged, word)
    if key is None and keys.is_encrypted(damaged, cut=True):
        raise damaged_keys.refusal(damaged, word)
    return key


def _copy(damaged: Path, copy: Path, key: Key | None) -> None:
    """The bytes, with what a write that was cut off left to be taken back, and a header that can be read."""
    journal = damaged.with_name(damaged.name + "-journal")
    shutil.copyfile(damaged, copy)
    if journal.exists():
        shutil.copyfile(journal, copy.with_name(copy.name + "-journal"))
        try:
            db = connect(copy, write=True, key=key)
            try:
                db.execute("SELECT count(*) FROM sqlite_master").fetchone()
            finally:
                db.close()
        except faults(StoreError, Refusal):
            shutil.copyfile(damaged, copy)
        copy.with_name(copy.name + "-journal").unlink(missing_ok=True)
    size = 0 if key else copy.stat().st_size
    with copy.open("rb+") as content:
        if size >= USUAL_SIZE and content.read(16) != MAGIC:
            content.seek(0)
            content.write(_header(size // USUAL_SIZE))


def _header(pages: int) -> bytes:
    """The first hundred bytes of a file of ours, where they are gone."""
    numbers = (1, pages, 0, 0, 1, 4, 0, 0, 1, 0, 0, 0)
    head = MAGIC + USUAL_SIZE.to_bytes(2, "big") + bytes((1, 1, 0, 64, 32, 32))
    return (head + b"".join(n.to_bytes(4, "big") for n in numbers)).ljust(92, b"\0") + bytes((0, 0, 0, 1)) * 2


class _Salvage:
    """One run: what the copy's pages hold goes into `part`."""

    def __init__(
        self, pages: Pages, copy: Path, part: Path, name: str, key: Key | None, progress: Progress
    ) -> None:
        self._pages, self._copy, self._progress = pages, copy, progress
        self._part, self._name, self._key = part, name, key
        self._rows: Counter[str] = Counter()
        self._lost: Counter[str] = Counter()
        self._bad: set[int] = set()
        self._free = self._free_pages()

    def run(self) -> Callable[[Path], Salvaged]:
        """Do it; what makes the answer for a file's final name."""
        self._part.unlink(missing_ok=True)
        db = connect(self._part, write=True, key=self._key)
        try:
            schema.migrate(db, self._version())
            db.execute("PRAGMA foreign_keys=OFF")
            db.execute("BEGIN IMMEDIATE")
            shapes = _shapes(db)
            sequences = self._fill(db, shapes)
            if not self._rows:
                raise Refusal("salvage_nothing", file=self._name)
            self._stay_the_shop(db)
            history = self._bring_history(db)
            trail = self._bring_trail(db)
            nameless = self._name_members(db)
            self._drop_orphans(db)
            for table, last in sequences.items():
                if table == "audit":  # its lines are numbered without a gap
                    continue
                db.execute(_NEW_SEQ, (table, table))
                db.execute(_SEQ, (last, table))
            db.execute("COMMIT")
            db.execute("PRAGMA foreign_keys=ON")
            schema.migrate(db)
            counts = backup.counts_of(db)
            if not backup.check(db).sound:
                raise StoreError("corrupt")
        finally:
            db.close()
        rows, lost, bad = dict(self._rows), dict(self._lost), len(self._bad)
        return lambda out: Salvaged(
            counts.members, counts.sales, counts.lines, counts.sum_fen, out, rows, lost, nameless, bad,
            history, trail,
        )  # fmt: skip

    # -------------------------------------------------------------- reading

    def _version(self) -> int:
        """The number of steps the file had gone through."""
        if not self._pages.number:
            raise Refusal("salvage_nothing", file=self._name)
        told = 0
        with suppress(Unreadable):
            told = int.from_bytes(self._pages.page(1)[60:64], "big")
        return told if 1 <= told <= len(STEPS) else len(STEPS)

    def _free_pages(self) -> set[int]:
        """Pages the file had given up; their rows were removed on purpose."""
        free: set[int] = set()
        with suppress(Unreadable):
            next_, told = (int.from_bytes(self._pages.page(1)[at : at + 4], "big") for at in (32, 36))
            while next_ and next_ not in free and len(free) <= told:
                trunk = self._pages.page(next_)
                free.add(next_)
                number = min(int.from_bytes(trunk[4:8], "big"), self._pages.usable // 4 - 2)
                free |= {int.from_bytes(trunk[at : at + 4], "big") for at in range(8, 8 + 4 * number, 4)}
                next_ = int.from_bytes(trunk[:4], "big")
        return free

    def _fill(self, db: sqlite3.Connection, shapes: Mapping[str, _Shape]) -> dict[str, int]:
        """Every row of every leaf into its table; the highest numbers that were ever given out."""
        pages = self._pages
        known: dict[int, str] = {}
        sequences: dict[str, int] = {}
        leaves = [n for n in range(1, pages.number + 1) if pages.is_leaf(n) and n not in self._free]
        for table, root in self._roots(leaves).items():
            for leaf in pages.leaves_below(root):
                known.setdefault(leaf, table)
        left = []
        for number, leaf in enumerate(leaves):
            self._progress.step(number, len(leaves), "progress.salvage")
            records = self._records(leaf)
            shape = shapes.get(known.get(leaf, ""))
            if shape is not None and 2 * sum(map(shape.fits, records)) >= len(records):
                self._put(db, shape, records)
            elif known.get(leaf) == "sqlite_sequence":
                sequences |= _as_sequence(records, shapes)
            elif shape is not None or leaf not in known:
                left.append((leaf, records))
        for _, records in left:
            if found := _as_sequence(records, shapes):
                sequences |= {name: max(last, sequences.get(name, 0)) for name, last in found.items()}
            elif shape := _guess(db, shapes, records):
                self._put(db, shape, records)
        self._bad |= pages.missing - self._free
        return sequences

    def _records(self, leaf: int) -> list[Record]:
        try:
            records, lost = self._pages.records(leaf)
        except Unreadable:
            records, lost = [], 1
        if lost:
            self._bad.add(leaf)
        return records

    def _roots(self, leaves: list[int]) -> dict[str, int]:
        """Where each table begins, as far as the list of tables can be read."""
        roots: dict[str, int] = {"sqlite_master": 1}
        for leaf in leaves:
            for _, values in self._records(leaf):
                if len(values) == 5 and values[0] in ("table", "index"):
                    name, root = values[1], values[3]
                    if isinstance(name, str) and isinstance(root, int) and root > 1:
                        roots[name] = root
        return roots

    def _put(self, db: sqlite3.Connection, shape: _Shape, records: list[Record]) -> None:
        """Rows into their table; one that is there already stays."""
        if shape.table in _OWN_WAY or shape.table.startswith("d_"):
            return
        names = ",".join(column.name for column in shape.columns)
        marks = ",".join("?" * len(shape.columns))
        sql = f"INSERT OR IGNORE INTO {shape.table} ({names}) VALUES ({marks})"
        is_there = f"SELECT 1 FROM {shape.table} WHERE rowid = ?"
        for record in records:
            values = shape.mended(record)
            if values is None or not _is_setting(shape.table, values):
                self._lost[shape.table] += 1
                continue
            try:
                put = db.execute(sql, values).rowcount
            except db.IntegrityError:
                put = 0
            self._rows[shape.table] += put
            if not put and db.execute(is_there, (record[0],)).fetchone() is None:
                self._lost[shape.table] += 1

    # -------------------------------------------------------------- what hangs together

    def _stay_the_shop(self, db: sqlite3.Connection) -> None:
        """Its copies are known by when its tables were made."""
        for row in self._whole("_sqlite_migrations") or ():
            db.execute(
                "UPDATE _sqlite_migrations SET applied_at = :applied_at WHERE name = :name"
                " AND :applied_at IS NOT NULL AND migration_set = :migration_set",
                row,
            )

    def _bring_history(self, db: sqlite3.Connection) -> bool:
        """The journal and the list of imports, if they are whole: half a step taken back would be worse than
        none."""
        found = {table: self._whole(table) for table in _HISTORY}
        if any(rows is None for rows in found.values()):
            return False
        try:
            for table, rows in found.items():
                for row in rows or ():
                    marks = ",".join("?" * len(row))
                    db.execute(f"INSERT INTO {table} ({','.join(row)}) VALUES ({marks})", tuple(row.values()))
            if not db.execute(_GAPS).fetchone()[0]:
                return True
        except db.IntegrityError:
            pass
        for table in _HISTORY:
            db.execute(f"DELETE FROM {table}")
        return False

    def _bring_trail(self, db: sqlite3.Connection) -> bool:
        """The audit trail up to the first line that is missing or no longer as it was sealed."""
        lines = self._whole("audit")
        trail = lines is not None
        if lines is None:
            shape = _shapes(db)["audit"]
            names = [column.name for column in shape.columns]
            lines = [dict(zip(names, values, strict=True)) for values in self._all_of(shape)]
        for line in lines:
            marks = ",".join("?" * len(line))
            with suppress(db.IntegrityError):
                db.execute(f"INSERT INTO audit ({','.join(line)}) VALUES ({marks})", tuple(line.values()))
        fault = audit.first_fault(Rx(db))
        if fault is None:
            return trail
        audit.cut(db, fault)
        return False

    def _whole(self, table: str) -> list[dict[str, Value]] | None:
        """All rows of a table by way of the database; None where it cannot read one of them."""
        try:
            db = connect(self._copy, write=False, key=self._key)
            try:
                cursor = db.execute(f"SELECT * FROM {table}")
                names = [column[0] for column in cursor.description]
                return [dict(zip(names, row, strict=True)) for row in cursor]
            finally:
                db.close()
        except faults(StoreError, Refusal, UnicodeDecodeError):
            return [] if self._never_had(table) else None

    def _never_had(self, table: str) -> bool:
        """Whether the file is of a version without that table."""
        return not any(f"CREATE TABLE {table} " in sql for _, sql in STEPS[: self._version()])

    def _all_of(self, shape: _Shape) -> Iterator[tuple[Value, ...]]:
        pages = self._pages
        for leaf in range(1, pages.number + 1):
            if pages.is_leaf(leaf) and leaf not in self._free:
                for record in self._records(leaf):
                    if shape.fits(record) and (values := shape.mended(record)) is not None:
                        yield values

    def _name_members(self, db: sqlite3.Connection) -> int:
        """A member for whatever speaks of one whose own row is lost; how many."""
        speaking = [
            (table, column)
            for table, parent, column in _references(db)
            if parent == "member" and table not in ("member", "journal_entry")
        ]
        among = " UNION ".join(
            f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL" for table, column in speaking
        )
        missing = db.execute(f"SELECT * FROM ({among}) EXCEPT SELECT id FROM member").fetchall()
        db.executemany(
            "INSERT INTO member (id, notes) VALUES (?, ?)", [(*row, t("salvage.nameless")) for row in missing]
        )
        return len(missing)

    def _drop_orphans(self, db: sqlite3.Connection) -> None:
        """What refers to a row that is lost forgets it where it can, and is left out where it cannot."""
        for _ in range(_MOST_VIOLATIONS):
            wrong = db.execute("PRAGMA foreign_key_check").fetchall()
            if not wrong:
                return
            for table, row, _, number in wrong:
                columns = [
                    key[3] for key in db.execute(f"PRAGMA foreign_key_list({table})") if key[0] == number
                ]
                lacking = {info[1] for info in db.execute(f"PRAGMA table_info({table})") if not info[3]}
                if row is not None and set(columns) <= lacking:
                    named = ",".join(f"{column} = NULL" for column in columns)
                    db.execute(f"UPDATE {table} SET {named} WHERE rowid = ?", (row,))
                elif row is not None:
                    gone = db.execute(f"DELETE FROM {table} WHERE rowid = ?", (row,)).rowcount
                    self._rows[table] -= gone
                    self._lost[table] += gone
        raise StoreError("corrupt")


def _references(db: sqlite3.Connection) -> Iterator[tuple[str, str, str]]:
    """Table, the table it refers to, by which column."""
    for (table,) in db.execute(_TABLES).fetchall():
        for key in db.execute(f"PRAGMA foreign_key_list({table})").fetchall():
            yield table, key[2], key[3]


def _shapes(db: sqlite3.Connection) -> dict[str, _Shape]:
    kept = {table.name: {column.id: column for column in table.columns} for table in KEPT}
    made_with = _columns_at_first()
    shapes = {}
    for (table,) in db.execute(_TABLES).fetchall():
        columns = []
        for _, name, kind, not_null, default, key in db.execute(f"PRAGMA table_info({table})").fetchall():
            value = None if default is None else db.execute(f"SELECT {default}").fetchone()[0]
            has_default = default is not None or not not_null
            is_row = bool(key) and kind == "INTEGER"
            of = kept.get(table, {}).get(name)
            columns.append(_Column(name, kind, not not_null, value, has_default, is_row, of))
        shapes[table] = _Shape(table, tuple(columns), made_with.get(table, len(columns)))
    return shapes


def _columns_at_first() -> dict[str, int]:
    """With how many columns each table began: a row is as long as its table was when it was written."""
    found: dict[str, int] = {}
    db = connect(":memory:", write=True)
    try:
        for _, sql in STEPS:
            for statement in schema.statements(sql):
                db.execute(statement)
            for (table,) in db.execute(_TABLES).fetchall():
                found.setdefault(table, len(db.execute(f"PRAGMA table_info({table})").fetchall()))
    finally:
        db.close()
    return found


def _guess(db: sqlite3.Connection, shapes: Mapping[str, _Shape], records: list[Record]) -> _Shape | None:
    """The table whose rows all of these can be, and whose numbers leave room for them; None if several or
    none could be it."""
    if not records:
        return None
    likely = []
    for shape in shapes.values():
        fitting = [record[0] for record in records if shape.fits(record)]
        if 2 * len(fitting) >= len(records) and not _is_taken(db, shape.table, fitting):
            exact = sum(len(values) == len(shape.columns) for _, values in records)
            likely.append(((len(fitting), exact, shape.is_telling), shape))
    likely.sort(key=lambda one: one[0], reverse=True)
    if len(likely) > 1 and likely[0][0] == likely[1][0]:
        return None
    return likely[0][1] if likely else None


def _is_taken(db: sqlite3.Connection, table: str, rows: list[int]) -> bool:
    """Whether a table has rows between the first and the last of these already."""
    sql = f"SELECT EXISTS (SELECT 1 FROM {table} WHERE rowid BETWEEN ? AND ?)"
    return bool(db.execute(sql, (min(rows), max(rows))).fetchone()[0])


def _as_sequence(records: list[Record], shapes: Mapping[str, _Shape]) -> dict[str, int]:
    """The highest numbers given out, if these rows are the list of them."""
    found = {}
    for _, values in records:
        if len(values) != 2 or values[0] not in shapes or not isinstance(values[1], int):
            return {}
        found[str(values[0])] = values[1]
    return found


def _is_sound(column: KeptColumn, value: Value) -> bool:
    """Whether a value says what its column is for."""
    if column.kind == "code":
        return value in column.codes
    if column.kind == "flag":
        return value in (0, 1)
    if column.kind not in ("day", "json", "object"):
        return True
    try:
        if column.kind == "day":
            return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
        return column.kind == "json" or isinstance(json.loads(str(value)), dict)
    except ValueError:
        return False


def _is_setting(table: str, values: tuple[Value, ...]) -> bool:
    """Whether a setting is one that can be in force; rows of other tables always are."""
    if table != "setting":
        return True
    try:
        key, value = str(values[1]), json.loads(str(values[2]))
        if key in SETTINGS:
            SETTINGS[key].check(value)
    except (ValueError, InputError):
        return False
    return True
