"""Taking a person out of the file for good: her particulars, every word about her, and the journal's memory
of them. Her sales, visits and contacts stay as sums without a name.

Nothing of this is journaled, because the journal would keep what is to be gone.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

from shopcrm.basics.records import OUTCOMES
from shopcrm.basics.values import is_masked, mask_phone
from shopcrm.store.connection import Row, Rx
from shopcrm.store.members import write_search
from shopcrm.store.writing import Tx, as_json

_HER_PEOPLE = """
WITH RECURSIVE one(id) AS (SELECT ? UNION SELECT m.id FROM member m JOIN one ON m.merged_into = one.id)
SELECT id FROM one ORDER BY id
"""
# Emptied columns of a row that stays; a table of GONE loses its rows.
_MEMBER = (
    "name", "call_name", "card_no", "gender", "birthday", "wechat", "size_top", "size_bottom", "size_shoe",
    "height", "weight", "likes", "avoids", "tags", "notes", "consent", "consent_by", "best_time",
    "pin_reason",
)  # fmt: skip
_NULLS = ("referrer_id", "consent_on", "pause_until", "pin_type", "pin_until")
_WORDS: dict[str, tuple[str, ...]] = {
    "member": _MEMBER,
    "sale": ("note", "void_reason"),
    "visit": ("says",),
    "contact": ("note", "message"),
    "wanted": ("note",),
    "complaint": ("words", "settlement"),
}
_GONE = ("phone", "own_value", "task")
_UPDATES_GONE = frozenset(("member", *_GONE))  # nothing of them can be put back any more
_TABLES = (*_WORDS, *_GONE)
_OWNER = {"member": "id"}  # else member_id
_NAMES = "SELECT name, call_name, card_no, wechat FROM member WHERE id IN (SELECT value FROM json_each(?))"
_PHONES = "SELECT typed, key FROM phone WHERE member_id IN (SELECT value FROM json_each(?))"
_ROWS = "SELECT id FROM {table} WHERE {owner} IN (SELECT value FROM json_each(?))"
_IMAGES = """
SELECT entry_id, seq, tbl, before FROM journal_change
WHERE op <> 'insert' AND op = 'delete' AND tbl = ?
"""
_OLD_VALUES = """
SELECT entry_id, seq, before, after FROM journal_change
WHERE op <> 'insert' AND op = 'update' AND tbl = ? AND row_id IN (SELECT value FROM json_each(?))
"""
# An outcome that came from a file stands there as it was written.
_FOREIGN_OUTCOMES = f"UPDATE contact SET outcome='' WHERE outcome NOT IN {OUTCOMES} AND {{hers}}"
_FORGET = "DELETE FROM journal_change WHERE entry_id=? AND seq=?"
_KEEP = "UPDATE journal_change SET before=?, after=? WHERE entry_id=? AND seq=?"
_SAID = "SELECT id, sentence FROM journal_entry WHERE instr(sentence, ?) > 0"
_SAY = "UPDATE journal_entry SET sentence=? WHERE id=?"
_OF_ENTRY = "SELECT tbl, row_id, last_id FROM journal_change WHERE entry_id=?"
_NAMESAKES = """
SELECT count(*) FROM member WHERE (name=:word OR call_name=:word) AND id NOT IN (SELECT value FROM
  json_each(:ids))
"""


def erase(tx: Tx, member: int) -> tuple[int, ...]:
    """Everything by which anybody could tell who this member was goes, and those merged into her with her;
    answers whose rows were emptied. The caller refreshes what is derived."""
    ids = her_people(tx, member)
    wanted = as_json(ids)
    words = _words(tx, ids)
    rows = {table: _rows(tx, table, wanted) for table in _TABLES}
    ghosts = _clean_images(tx, set(ids), {key for _, key in tx.all(_PHONES, (wanted,))}, rows)
    _clean_updates(tx, rows, ghosts)
    _clean_sentences(tx, words, ids, rows)
    hers = "member_id IN (SELECT value FROM json_each(?))"
    tx.derive(f"UPDATE contact SET task_id = NULL WHERE {hers}", (wanted,))
    for table in _GONE:
        tx.derive(f"DELETE FROM {table} WHERE {hers}", (wanted,))
    day = tx.day.isoformat()
    for table, columns in _WORDS.items():
        empty = ",".join(f"{column}=''" for column in columns)
        owner = _OWNER.get(table, "member_id")
        tx.derive(f"UPDATE {table} SET {empty} WHERE {owner} IN (SELECT value FROM json_each(?))", (wanted,))
    tx.derive(_FOREIGN_OUTCOMES.format(hers=hers), (wanted,))
    nulls = ",".join(f"{column}=NULL" for column in _NULLS)
    tx.derive(
        f"UPDATE member SET {nulls}, no_call=1, no_message=1, no_sms=1, erased_on=:day,"
        " archived_on=coalesce(archived_on, :day) WHERE id IN (SELECT value FROM json_each(:ids))",
        {"day": day, "ids": wanted},
    )
    tx.derive(f"UPDATE wanted SET state='dropped' WHERE state='open' AND {hers}", (wanted,))
    write_search(tx, ids)
    tx.touch(members=ids)
    return tuple(ids)


def her_people(rx: Rx, member: int) -> list[int]:
    """Under which ids the shop keeps a member: her own, and those of whoever was merged into her."""
    return [row[0] for row in rx.all(_HER_PEOPLE, (member,))]


def _words(rx: Rx, ids: Collection[int]) -> tuple[str, ...]:
    """By what sentences of the journal may name her; names before their parts."""
    found = {word for row in rx.all(_NAMES, (as_json(list(ids)),)) for word in row}
    for typed, key in rx.all(_PHONES, (as_json(list(ids)),)):
        found |= {typed, key, mask_phone(key)}
    return tuple(sorted((word for word in found if word), key=len, reverse=True))


def _rows(rx: Rx, table: str, wanted: str) -> set[int]:
    sql = _ROWS.format(table=table, owner=_OWNER.get(table, "member_id"))
    return {row[0] for row in rx.all(sql, (wanted,))}


def _clean_images(tx: Tx, ids: set[int], keys: set[str], rows: dict[str, set[int]]) -> set[int]:
    """Empty what the journal keeps of removed rows of hers; the rows found are added to `rows`.

    Answers whose they were besides: an import taken back and read again knew her under another id.
    """
    people = ids | _ghosts(tx, keys)
    for table in _TABLES:
        for entry, seq, _, before in list(tx.iterate(_IMAGES, (table,))):
            image = json.loads(before)
            columns, kept, touched = image["columns"], [], False
            owner, at = columns.index(_OWNER.get(table, "member_id")), columns.index("id")
            for row in image["rows"]:
                if row[owner] not in people:
                    kept.append(row)
                    continue
                touched = True
                rows[table].add(row[at])
                if table in _WORDS:
                    kept.append(_emptied(table, columns, row))
            if touched and kept:
                tx.derive(_KEEP, (as_json({"columns": columns, "rows": kept}), None, entry, seq))
            elif touched:
                tx.derive(_FORGET, (entry, seq))
    return people - ids


def _ghosts(rx: Rx, keys: set[str]) -> set[int]:
    """Members who are no longer there and had one of these phones."""
    found = set()
    for _, _, _, before in rx.all(_IMAGES, ("phone",)):
        image = json.loads(before)
        key, owner = image["columns"].index("key"), image["columns"].index("member_id")
        found |= {row[owner] for row in image["rows"] if row[key] in keys}
    return {member for member in found if rx.value("SELECT 1 FROM member WHERE id=?", (member,)) is None}


def _emptied(table: str, columns: list[str], row: list[Any]) -> list[Any]:
    nulls = _NULLS if table == "member" else ()
    return [
        ""
        if column in _WORDS[table] or (column == "outcome" and value not in OUTCOMES)
        else None
        if column in nulls
        else value
        for column, value in zip(columns, row, strict=True)
    ]


def _clean_updates(tx: Tx, rows: dict[str, set[int]], ghosts: set[int]) -> None:
    """Take the words out of former and later values of her rows."""
    for table in _TABLES:
        these = rows[table] | (ghosts if table == "member" else set())
        for entry, seq, before, after in tx.all(_OLD_VALUES, (table, as_json(sorted(these)))):
            left = [
                {
                    name: value
                    for name, value in json.loads(image).items()
                    if table not in _UPDATES_GONE and name not in _WORDS[table]
                }
                for image in (before, after)
            ]
            if left[0]:
                tx.derive(_KEEP, (as_json(left[0]), as_json(left[1]), entry, seq))
            else:
                tx.derive(_FORGET, (entry, seq))


def _clean_sentences(tx: Tx, words: Iterable[str], ids: Collection[int], rows: dict[str, set[int]]) -> None:
    """Take her name and numbers out of what the journal says was done; a namesake's entries stay as they
    are."""
    for word in words:
        shared = is_masked(word) or tx.value(_NAMESAKES, {"word": word, "ids": as_json(list(ids))})
        for entry, text in tx.all(_SAID, (json.dumps(word, ensure_ascii=False)[1:-1],)):
            if shared and not _is_hers(tx.all(_OF_ENTRY, (entry,)), rows):
                continue
            said = json.loads(text)
            tx.derive(_SAY, (json.dumps(_without(said, word), ensure_ascii=False), entry))


def _is_hers(changes: Iterable[Row], rows: dict[str, set[int]]) -> bool:
    return any(any(first <= row <= last for row in rows.get(table, ())) for table, first, last in changes)


def _without(said: Any, word: str) -> Any:
    if isinstance(said, str):
        return said.replace(word, "")
    if isinstance(said, dict):
        return {key: value if key == "id" else _without(value, word) for key, value in said.items()}
    return [_without(value, word) for value in said] if isinstance(said, list) else said
