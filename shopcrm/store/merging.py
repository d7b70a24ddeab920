"""Merging two members and taking it back from the journal; finding who may be the same; what is put away.

Rows change their owner and nothing else: a merge is a list of moved keys. Only what cannot stand twice goes
(a number both have, a to-do both have), whole into the journal.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from shopcrm.rules.followups import ASIDE_STEPS
from shopcrm.store.connection import Row, Rx
from shopcrm.store.writing import AUTOMATIC, Tx

MERGE, SEPARATE = "member.merge", "member.separate"  # kinds of the writes

_SIDE = """
SELECT m.name, c.type,
  (SELECT count(*) FROM sale WHERE member_id = m.id),
  (SELECT coalesce(sum(l.amount_fen), 0) FROM sale s JOIN line l ON l.sale_id = s.id
   WHERE s.member_id = m.id AND s.voided_on IS NULL),
  (SELECT max(day) FROM sale WHERE member_id = m.id AND voided_on IS NULL),
  (SELECT count(*) FROM visit WHERE member_id = m.id), (SELECT count(*) FROM contact WHERE member_id = m.id),
  (SELECT count(*) FROM task WHERE member_id = m.id AND state = 'open'),
  (SELECT count(*) FROM wanted WHERE member_id = m.id AND state = 'open'), m.points_opening,
  m.archived_on IS NOT NULL, m.merged_into, m.erased_on IS NOT NULL
FROM member m LEFT JOIN d_case c ON c.member_id = m.id WHERE m.id = ?
"""
# Tables whose rows simply follow their member. A draw does not: it was made for the member she was then, and
# two for one person would count her twice.
_OWNED = """
SELECT m.name FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f
WHERE m.type = 'table' AND f."table" = 'member' AND f."from" = 'member_id'
  AND m.name NOT IN ('phone', 'task', 'own_value', 'draw') ORDER BY m.name
"""
_COUNT = "SELECT count(*) FROM {0} WHERE member_id IN ({1})"
_SUMS = """
SELECT (SELECT count(*) FROM sale s JOIN line l ON l.sale_id = s.id WHERE s.member_id IN ({0})),
  (SELECT coalesce(sum(l.amount_fen), 0) FROM sale s JOIN line l ON l.sale_id = s.id
   WHERE s.member_id IN ({0}) AND s.voided_on IS NULL),
  (SELECT count(*) FROM visit v JOIN fitting f ON f.visit_id = v.id WHERE v.member_id IN ({0})),
  (SELECT count(DISTINCT key) FROM phone WHERE member_id IN ({0}))
"""
_KEYS = "SELECT key FROM phone WHERE member_id=? ORDER BY seq, id"
_PHONES = "SELECT id, key FROM phone WHERE member_id=? ORDER BY seq, id"
_TASKS = """
SELECT t.id, t.rule, t.anchor, t.step, t.state, t.tries + t.snoozes > 0 OR t.appointment IS NOT NULL,
  t.priority, coalesce(t.closed_on, ''), EXISTS (SELECT 1 FROM contact c WHERE c.task_id = t.id)
FROM task t WHERE t.member_id=? ORDER BY t.id
"""
_OF = "SELECT id FROM {0} WHERE member_id=? ORDER BY id"
_ABOUT = "SELECT id FROM contact WHERE task_id=?"
_BROUGHT = "SELECT id FROM member WHERE referrer_id=? ORDER BY id"
_OWN = "SELECT field_id, id, value FROM own_value WHERE member_id=?"


class Side(NamedTuple):
    """One of two members, as far as merging goes; days ISO, sums in fen."""

    name: str
    type: str | None
    sales: int
    sum_fen: int
    last_day: str | None
    visits: int
    contacts: int
    tasks: int
    wanted: int
    points: int
    archived: bool
    merged_into: int | None
    erased: bool


def side(rx: Rx, member: int) -> Side | None:
    """What a member has; None if there is no such member."""
    row = rx.one(_SIDE, (member,))
    return None if row is None else Side._make(row)


def phones(rx: Rx, member: int) -> tuple[str, ...]:
    """The keys of her phones, the first one first."""
    return tuple(key for (key,) in rx.all(_KEYS, (member,)))


def own_values(rx: Rx, member: int) -> dict[int, str]:
    """Her own fields that say something."""
    return {field: value for field, _, value in rx.all(_OWN, (member,)) if value}


def sums(rx: Rx, members: Collection[int]) -> Row:
    """How many receipts, visits, contacts ... these have together, their money, and, last, how many different
    numbers."""
    ids = ",".join(map(str, members))
    found = rx.one(_SUMS.format(ids))
    assert found is not None
    return (*(rx.value(_COUNT.format(table, ids)) for table in _owned(rx)), *found)


def _owned(rx: Rx) -> list[str]:
    return [table for (table,) in rx.all(_OWNED)]


# ---------------------------------------------------------------- merging


def move(tx: Tx, keep: int, gone: int, *, gone_number_first: bool) -> None:
    """Let everything that is the one member's become the other's."""
    for table in _owned(tx):
        tx.update_same(table, [row_id for (row_id,) in tx.all(_OF.format(table), (gone,))], member_id=keep)
    _move_tasks(tx, keep, gone)
    brought = [row_id for (row_id,) in tx.all(_BROUGHT, (gone,)) if row_id != keep]
    tx.update_same("member", brought, referrer_id=keep)
    _move_phones(tx, keep, gone, gone_number_first)


def _move_phones(tx: Tx, keep: int, gone: int, gone_first: bool) -> None:
    hers, theirs = tx.all(_PHONES, (keep,)), tx.all(_PHONES, (gone,))
    if not theirs:
        return
    known = {key: row_id for row_id, key in hers}
    first = known.get(theirs[0][1], theirs[0][0]) if gone_first else None
    order = [row_id for row_id, _ in hers]
    for row_id, key in theirs:
        if key in known:
            tx.delete("phone", row_id)
        else:
            order.append(row_id)
    order.sort(key=lambda row_id: row_id != first)  # stable: only that one moves
    for seq, row_id in enumerate(order, 1):
        tx.update("phone", row_id, member_id=keep, seq=seq)


class _Task(NamedTuple):
    id: int
    rule: str
    anchor: str
    step: int
    state: str
    promised: bool
    priority: float
    closed_on: str
    talked: bool

    @property
    def worth(self) -> tuple[object, ...]:
        """What was done counts more than what is open, and this more than what the rules closed."""
        return (
            self.talked or self.state == "done",
            self.state == "open",
            self.promised,
            self.priority if self.state == "open" else 0.0,
            self.closed_on,
        )


def _move_tasks(tx: Tx, keep: int, gone: int) -> None:
    """(member, rule, anchor, step) makes a to-do: of two the better one stands for both.

    Of the other an open one goes, its contacts to the better one; a closed one is history, and stands aside
    under a step no rule asks for.
    """
    hers = {task[1:4]: task for task in (_Task._make(row) for row in tx.all(_TASKS, (keep,)))}
    moving = [_Task._make(row) for row in tx.all(_TASKS, (gone,))]
    taken = {*hers, *(task[1:4] for task in moving)}
    for task in moving:
        other = hers.get(task[1:4])
        moved: dict[str, object] = {"member_id": keep}
        if other is not None:
            stays, goes = (task, other) if task.worth > other.worth else (other, task)
            if goes.state == "open":
                about = [row_id for (row_id,) in tx.all(_ABOUT, (goes.id,))]
                tx.update_same("contact", about, task_id=stays.id)
                tx.delete("task", goes.id)
                if goes is task:
                    continue
            else:
                aside = goes.step + ASIDE_STEPS
                while (goes.rule, goes.anchor, aside) in taken:
                    aside += ASIDE_STEPS
                taken.add((goes.rule, goes.anchor, aside))
                if goes is task:
                    moved["step"] = aside
                else:
                    tx.update("task", goes.id, step=aside)
        tx.update("task", task.id, **moved)


def set_own(tx: Tx, keep: int, values: Mapping[int, str]) -> None:
    """Give the survivor these values of the shop's own fields; those of the other one stay where they are."""
    there = {field: row_id for field, row_id, _ in tx.all(_OWN, (keep,))}
    for field, value in values.items():
        if field in there:
            tx.update("own_value", there[field], value=value)
        else:
            tx.insert("own_value", member_id=keep, field_id=field, value=value)


# ---------------------------------------------------------------- coming apart

_MERGED_BY = """
SELECT entry_id, after FROM journal_change WHERE tbl='member' AND row_id=? AND op='update'
ORDER BY entry_id DESC, seq DESC
"""
_EARLIER_MERGES = f"""
SELECT c.entry_id, c.before, c.after FROM journal_change c JOIN journal_entry e ON e.id = c.entry_id
WHERE c.tbl = 'member' AND c.row_id=? AND c.op = 'update' AND c.entry_id < ? AND e.kind = '{MERGE}'
  AND e.undone_by IS NULL ORDER BY c.entry_id DESC, c.seq DESC
"""
_HAD_PHONE = "SELECT 1 FROM journal_change WHERE entry_id=? AND tbl='phone' LIMIT 1"
_CHANGES = """
SELECT tbl, row_id, last_id, op, before, after FROM journal_change WHERE entry_id=? ORDER BY seq DESC
"""
_LATER = """
SELECT before FROM journal_change WHERE tbl='task' AND row_id=? AND entry_id > ? AND op='update'
ORDER BY entry_id DESC, seq DESC
"""
_BY_HAND = f"""
SELECT 1 FROM journal_change c JOIN journal_entry e ON e.id = c.entry_id
WHERE c.tbl='task' AND c.row_id=? AND c.entry_id > ? AND c.op='update' AND e.undone_by IS NULL
  AND e.undoes IS NULL AND e.kind NOT IN ({",".join("?" * len(AUTOMATIC))}) AND e.kind LIKE 'task%'
"""
_ENTERED = f"""
SELECT c.tbl, c.row_id, c.last_id FROM journal_change c JOIN journal_entry e ON e.id = c.entry_id
WHERE c.entry_id > ? AND c.tbl IN ('sale', 'visit', 'contact', 'wanted', 'complaint', 'rating')
  AND (c.op = 'insert' OR c.op = 'update' AND c.after LIKE '%"member_id":%')
  AND e.kind NOT IN ('{MERGE}', '{SEPARATE}') AND e.undoes IS NULL
"""
_STAYED = {
    "sale": """
SELECT s.id, s.day, coalesce((SELECT group_concat(item, ' ') FROM line WHERE sale_id = s.id AND item <> ''),
  ''), coalesce((SELECT sum(amount_fen) FROM line WHERE sale_id = s.id), 0)
FROM sale s WHERE s.id BETWEEN ? AND ? AND s.member_id = ? AND s.voided_on IS NULL""",
    "visit": """
SELECT id, day, items, 0 FROM visit WHERE id BETWEEN ? AND ? AND member_id = ? AND voided_on IS NULL""",
    "contact": "SELECT id, day, outcome, 0 FROM contact WHERE id BETWEEN ? AND ? AND member_id = ?",
    "wanted": "SELECT id, day, item, 0 FROM wanted WHERE id BETWEEN ? AND ? AND member_id = ?",
    "complaint": "SELECT id, day, words, 0 FROM complaint WHERE id BETWEEN ? AND ? AND member_id = ?",
    "rating": "SELECT id, day, score, 0 FROM rating WHERE id BETWEEN ? AND ? AND member_id = ?",
}
# Two had the same to-do and became one: whichever goes takes it along, and what was said of it to the other
# one is about none, until she goes as well.
_ABOUT_ANOTHER = """
SELECT c.id FROM contact c JOIN task t ON t.id = c.task_id
WHERE c.member_id IN (?, ?) AND t.member_id <> c.member_id
"""
_TALKED = "SELECT max(id) FROM contact WHERE task_id=?"
_CONTACT_SINCE = """
SELECT 1 FROM journal_change
WHERE entry_id > ? AND op='insert' AND tbl='contact' AND ? BETWEEN row_id AND last_id
"""
_CHANGED_OWN = """
SELECT 1 FROM journal_change WHERE tbl='own_value' AND row_id=? AND entry_id > ? AND op='update'
"""
_REMOVED_PHONE = """
SELECT before FROM journal_change WHERE tbl='phone' AND row_id=? AND entry_id > ? AND op='delete'
ORDER BY entry_id DESC LIMIT 1
"""
_SAME_TASK = "SELECT 1 FROM task WHERE member_id=? AND rule=? AND anchor=? AND step=?"


def entry_of_merge(rx: Rx, gone: int) -> int | None:
    """The journal entry by which a member was merged; None where the journal does not know of it."""
    for entry, after in rx.all(_MERGED_BY, (gone,)):
        if json.loads(after).get("merged_into") is not None:
            return int(entry)
    return None


def had_phone(rx: Rx, gone: int) -> bool:
    """Whether a merged member had a number of her own; yes where the journal does not know of the merge."""
    entry = entry_of_merge(rx, gone)
    return entry is None or rx.value(_HAD_PHONE, (entry,)) is not None


def since_merge(rx: Rx, entry: int, keep: int) -> list[tuple[str, int, str, str, int]]:
    """Records of the survivor that were entered, or given to her, after a merge: table, id, ISO day, what,
    fen; by day."""
    found = []
    for table, first, last in rx.all(_ENTERED, (entry,)):
        found += [(table, *row) for row in rx.all(_STAYED[table], (first, last, keep))]
    return sorted(set(found), key=lambda row: (row[2], row[0], row[1]))


def take_apart(tx: Tx, entry: int, keep: int, gone: int) -> set[int]:
    """Give the member of a merge back what she had; answers all members it touched.

    Every column the merge changed goes back unless somebody changed it since. A to-do somebody worked on
    since stays with the survivor, like the contact that tells of it.
    """
    return _Apart(tx, entry, keep, gone).run()


class _Apart:
    def __init__(self, tx: Tx, entry: int, keep: int, gone: int) -> None:
        self.tx = tx
        self.entry = entry
        self.keep = keep
        self.gone = gone
        self.touched = {keep, gone}
        self.stays: dict[int, bool] = {}  # to-dos met: whether somebody worked on them since
        self.over = self._merges_that_are_over()

    def _merges_that_are_over(self) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """What earlier merges changed of the survivor that were taken back since, the latest first: what she
        had before this one may be what somebody brought who is no longer part of her."""
        found = []
        for entry, before, after in self.tx.all(_EARLIER_MERGES, (self.keep, self.entry)):
            pair = pair_of(self.tx, entry)
            if pair is not None:
                there = side(self.tx, pair[1])
                if there is None or there.merged_into is None or entry_of_merge(self.tx, pair[1]) != entry:
                    found.append((json.loads(before), json.loads(after)))
        return found

    def _her_own(self, name: str, value: object) -> object:
        for before, after in self.over:
            if name in after and after[name] == value:
                value = before[name]
        return value

    def run(self) -> set[int]:
        self.tx.derive("PRAGMA defer_foreign_keys=ON")
        for table, first, last, op, before, after in self.tx.all(_CHANGES, (self.entry,)):
            if op == "insert":
                self._take_away(table, first, last)
            elif op == "delete":
                self._put_back(table, json.loads(before))
            elif table != "task" or not self._was_worked_on(first):
                self._give_back(table, first, json.loads(before), json.loads(after))
                if table == "member":
                    self.touched.add(first)
        for (contact,) in self.tx.all(_ABOUT_ANOTHER, (self.keep, self.gone)):
            self.tx.update("contact", contact, task_id=None)
        return self.touched

    def _was_worked_on(self, task: int) -> bool:
        """Whether somebody worked on a to-do since; if not, it is from now on as it was after the merge: what
        the rules made of it since followed the survivor."""
        if task not in self.stays:
            contact = self.tx.value(_TALKED, (task,))
            self.stays[task] = (
                contact is not None and self.tx.value(_CONTACT_SINCE, (self.entry, contact)) is not None
            ) or self.tx.value(_BY_HAND, (task, self.entry, *AUTOMATIC)) is not None
            if not self.stays[task]:
                then: dict[str, object] = {}
                for (before,) in self.tx.all(_LATER, (task, self.entry)):
                    then |= json.loads(before)
                for place in ("member_id", "step"):  # where a later merge put it aside, its place is taken
                    then.pop(place, None)
                if then and self._is_there("task", task):
                    self.tx.update("task", task, **then)
        return self.stays[task]

    def _is_there(self, table: str, row_id: int) -> bool:
        return self.tx.value(f"SELECT 1 FROM {table} WHERE id=?", (row_id,)) is not None

    def _give_back(self, table: str, row_id: int, before: dict[str, Any], after: dict[str, Any]) -> None:
        now = self.tx.one(f"SELECT {','.join(before)} FROM {table} WHERE id=?", (row_id,))
        if now is None:  # removed since
            if table == "phone":
                self._restore_phone(row_id, before)
            return
        back = {}
        for name, value in zip(before, now, strict=True):
            if name == "points_opening":  # a sum: what came in goes out, whatever was added since
                back[name] = value - after[name] + before[name]
            elif value == after[name] or (name == "task_id" and value is None):  # as _ABOUT_ANOTHER left it
                mine = table == "member" and row_id == self.keep
                back[name] = self._her_own(name, before[name]) if mine else before[name]
        if back.get("task_id") is not None and not self._is_there("task", back["task_id"]):
            del back["task_id"]
        if table == "task" and "step" in back and self._is_taken(row_id, back):
            del back["step"]  # the one it had given way to was worked on since and stays
        if back:
            self.tx.update(table, row_id, **back)

    def _is_taken(self, task: int, back: dict[str, Any]) -> bool:
        """Whether another to-do stands where this one would go back to."""
        names = ("member_id", "rule", "anchor", "step")
        row = self.tx.one(f"SELECT {','.join(names)} FROM task WHERE id=?", (task,))
        assert row is not None
        key = [back.get(name, now) for name, now in zip(names, row, strict=True)]
        return self.tx.value(_SAME_TASK, key) is not None

    def _restore_phone(self, row_id: int, before: dict[str, Any]) -> None:
        """A number taken from the survivor since is still the other one's."""
        removed = self.tx.value(_REMOVED_PHONE, (row_id, self.entry))
        if removed is None or "member_id" not in before:
            return
        image = json.loads(removed)
        row = {**dict(zip(image["columns"], image["rows"][0], strict=True)), **before}
        self.tx.insert_rows("phone", list(row), [list(row.values())])

    def _take_away(self, table: str, first: int, last: int) -> None:
        """To-dos and own values the merge made, unless somebody made something of them since."""
        for row_id in range(first, last + 1):
            if table == "task" and self._was_worked_on(row_id):
                continue
            if table == "task" and self._is_there("task", row_id):  # the rules may want it all the same
                self.touched.add(self.tx.value("SELECT member_id FROM task WHERE id=?", (row_id,)))
            if table == "own_value" and self.tx.value(_CHANGED_OWN, (row_id, self.entry)) is not None:
                continue
            self.tx.delete(table, row_id)

    def _put_back(self, table: str, image: dict[str, list[Any]]) -> None:
        columns = image["columns"]
        for row in image["rows"]:
            values = dict(zip(columns, row, strict=True))
            key = [values.get(name) for name in ("member_id", "rule", "anchor", "step")]
            if table != "task" or self.tx.value(_SAME_TASK, key) is None:
                self.tx.insert_rows(table, columns, [row])


# ---------------------------------------------------------------- the types they had

_ASIDE = "d_merge_aside"
_MAKE_ASIDE = f"""
CREATE TABLE IF NOT EXISTS {_ASIDE} (
  gone INTEGER NOT NULL, put_on TEXT NOT NULL, company TEXT NOT NULL,  -- company: who was part of her then
  member_id INTEGER NOT NULL, day TEXT NOT NULL, type TEXT NOT NULL, code TEXT NOT NULL)
"""
_NOT_OF_TODAY = f"DELETE FROM {_ASIDE} WHERE put_on <> ? OR gone = ?"
_PUT_ASIDE = f"""
INSERT INTO {_ASIDE} SELECT ?, ?, ?, member_id, day, type, code FROM d_type_log
WHERE member_id IN (SELECT value FROM json_each(?))
"""
_IS_ASIDE = f"SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '{_ASIDE}'"
_OF_TODAY = f"SELECT 1 FROM {_ASIDE} WHERE gone = ? AND put_on = ? AND company = ? LIMIT 1"
_COMPANY = "SELECT json_group_array(id) FROM member WHERE merged_into = ? AND id <> ?"
_NO_LOG = "DELETE FROM d_type_log WHERE member_id IN (SELECT value FROM json_each(?))"
_LOG_AGAIN = f"""
INSERT INTO d_type_log SELECT member_id, day, type, code FROM {_ASIDE} WHERE gone = ? AND day < put_on
"""


def put_types_aside(tx: Tx, keep: int, gone: int) -> None:
    """Keep the types both had until now, for taking the merge back on the same day."""
    today = tx.day.isoformat()
    tx.derive(_MAKE_ASIDE)
    tx.derive(_NOT_OF_TODAY, (today, gone))
    company = tx.value(_COMPANY, (keep, gone))
    tx.derive(_PUT_ASIDE, (gone, today, company, json.dumps([keep, gone])))


def types_as_before(tx: Tx, keep: int, gone: int) -> bool:
    """Let both have had the types put aside today; False if there are none, or others were merged into the
    survivor then."""
    company = tx.value(_COMPANY, (keep, gone))
    if not tx.value(_IS_ASIDE) or tx.value(_OF_TODAY, (gone, tx.day.isoformat(), company)) is None:
        return False
    tx.derive(_NO_LOG, (json.dumps([keep, gone]),))
    tx.derive(_LOG_AGAIN, (gone,))
    return True


_PAIR = """
SELECT row_id, before, after FROM journal_change
WHERE entry_id=? AND tbl='member' AND op='update' AND before LIKE '%"merged_into":%' LIMIT 1
"""


def pair_of(rx: Rx, entry: int) -> tuple[int, int] | None:
    """Survivor and merged member of an entry that merged two members, or took them apart."""
    row = rx.one(_PAIR, (entry,))
    if row is None:
        return None
    into = json.loads(row[1])["merged_into"] or json.loads(row[2])["merged_into"]
    return int(into), int(row[0])


# ---------------------------------------------------------------- who may be the same

_SAME_NUMBER = """
SELECT DISTINCT o.member_id FROM phone p JOIN phone o ON o.key = p.key AND o.member_id <> p.member_id
JOIN member m ON m.id = o.member_id WHERE p.member_id=? AND m.archived_on IS NULL ORDER BY 1
"""
_SAME_BIRTHDAY = """
SELECT o.id FROM member m JOIN member o ON o.name = m.name AND o.birthday = m.birthday AND o.id <> m.id
WHERE m.id=? AND m.name <> '' AND m.birthday <> '' AND o.archived_on IS NULL ORDER BY 1
"""
_SAME_SOUND = """
SELECT DISTINCT o.member_id FROM d_search s
JOIN d_search o ON o.spelled = s.spelled AND o.member_id <> s.member_id
JOIN phone q ON q.member_id = o.member_id
JOIN phone p ON p.member_id = s.member_id AND substr(p.key, -4) = substr(q.key, -4)
JOIN member m ON m.id = o.member_id
WHERE s.member_id=? AND s.spelled <> '~' AND m.archived_on IS NULL ORDER BY 1
"""
_SAME_NAME = """
SELECT o.id FROM member m JOIN member o ON o.name = m.name AND o.id <> m.id
WHERE m.id=? AND m.name <> '' AND o.archived_on IS NULL
  AND (NOT EXISTS (SELECT 1 FROM phone WHERE member_id = o.id)
    OR NOT EXISTS (SELECT 1 FROM phone WHERE member_id = m.id)) ORDER BY 1
"""
_LIKENESS = (
    ("phone", _SAME_NUMBER), ("birthday", _SAME_BIRTHDAY), ("sound", _SAME_SOUND), ("name", _SAME_NAME),
)  # fmt: skip


def likely(rx: Rx, member: int, limit: int) -> dict[int, str]:
    """Who may be the same person, the likeliest first, and by what: phone, birthday (and name), sound (of the
    name, and the last four digits), name (and one of them has no number)."""
    found: dict[int, str] = {}
    for why, sql in _LIKENESS:
        for (other,) in rx.all(sql, (member,)):
            found.setdefault(other, why)
    return dict(list(found.items())[:limit])


# ---------------------------------------------------------------- what is put away

_MERGED_INTO = (
    "SELECT id, name, archived_on FROM member WHERE merged_into=? ORDER BY archived_on DESC, id DESC"
)
_BIN = """
SELECT 'sale', s.id, s.voided_on, s.member_id, coalesce(m.name, ''), '', s.day,
  coalesce((SELECT sum(amount_fen) FROM line WHERE sale_id = s.id), 0),
  coalesce((SELECT group_concat(item, ' ') FROM line WHERE sale_id = s.id AND item <> ''), ''), s.void_reason
FROM sale s LEFT JOIN member m ON m.id = s.member_id WHERE s.voided_on >= :since
UNION ALL
SELECT 'visit', v.id, v.voided_on, v.member_id, m.name, '', v.day, 0, v.items, v.kind
FROM visit v JOIN member m ON m.id = v.member_id WHERE v.voided_on >= :since
UNION ALL
SELECT CASE WHEN m.merged_into IS NULL THEN 'member' ELSE 'merged' END, m.id, m.archived_on,
  coalesce(m.merged_into, m.id), m.name, coalesce(k.name, ''), NULL, 0,
  coalesce((SELECT key FROM phone WHERE member_id = m.id ORDER BY seq LIMIT 1), m.card_no), ''
FROM member m LEFT JOIN member k ON k.id = m.merged_into
WHERE m.archived_on >= :since AND m.erased_on IS NULL
ORDER BY 3 DESC, 1, 2 DESC LIMIT :limit
"""


def merged_into(rx: Rx, keep: int) -> list[Row]:
    """Who was merged into a member: id, name, ISO day, the latest first."""
    return rx.all(_MERGED_INTO, (keep,))


def put_away(rx: Rx, since: str, limit: int) -> list[Row]:
    """What was put away since an ISO day, newest first: kind, id, ISO day, member, name, survivor, ISO day of
    the record, fen, what it is, why or which kind of visit."""
    return rx.all(_BIN, {"since": since, "limit": limit})
