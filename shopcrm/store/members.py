"""Members: their rows, phones, search texts, and looking people up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from shopcrm.basics.records import MemberId, OwnField
from shopcrm.basics.values import mask_phone, pinyin_keys, search_keys
from shopcrm.store.connection import Params, Row, Rx
from shopcrm.store.writing import Tx

Named = tuple[int, str, str, str]  # member, name, card numbers, phone keys joined by |
SearchRow = tuple[int, str, str, str, str]

_PHONES = "SELECT id, seq, typed, key FROM phone WHERE member_id=? ORDER BY seq, id"
_BY_PHONE = "SELECT DISTINCT member_id FROM phone WHERE key=? ORDER BY member_id"
_BY_CARD = "SELECT id, merged_into FROM member WHERE card_no=? AND card_no<>'' ORDER BY id"
_BY_NAME = "SELECT id FROM member WHERE name=? AND archived_on IS NULL ORDER BY id"
_SAME_BIRTHDAY = """
SELECT id, merged_into FROM member WHERE name=? AND birthday=? AND birthday<>'' ORDER BY id
"""
_SAME_TAIL = """
SELECT DISTINCT m.id FROM member m JOIN phone p ON p.member_id = m.id
WHERE m.name >= ? AND m.name < ? AND substr(p.key, -4) = ? AND m.merged_into IS NULL ORDER BY m.id
"""
_REFERABLE = "SELECT 1 FROM member WHERE id=? AND merged_into IS NULL AND erased_on IS NULL"
_ERASED = "SELECT erased_on IS NOT NULL FROM member WHERE id=?"
_TAGS = "SELECT tags, count(*) FROM member WHERE tags <> '' AND archived_on IS NULL GROUP BY tags"
_OWN_FIELDS = """
SELECT f.id, f.name, f.gone_on IS NOT NULL, (SELECT count(*) FROM own_value v WHERE v.field_id = f.id
  AND v.value <> '') FROM own_field f ORDER BY f.gone_on IS NOT NULL, f.seq, f.id
"""
_OWN_NEXT = "SELECT coalesce(max(seq), 0) + 1 FROM own_field"
_OWN_IDS = "SELECT id FROM own_field WHERE gone_on IS NULL"
_OWN_VALUES = "SELECT field_id, id, value FROM own_value WHERE member_id=?"
_EXISTS = "SELECT 1 FROM member WHERE id=? AND merged_into IS NULL"
_NAME = """
SELECT name, CASE WHEN name = '' THEN (SELECT key FROM phone WHERE member_id = m.id ORDER BY seq) END
FROM member m WHERE id=? AND merged_into IS NULL AND erased_on IS NULL
"""
_MERGED = """
SELECT id, merged_into, name, card_no, created_at FROM member WHERE merged_into IS NOT NULL ORDER BY id
"""
_SURVIVOR = """
WITH RECURSIVE way(id, next) AS (
  SELECT id, merged_into FROM member WHERE id=?
  UNION SELECT m.id, m.merged_into FROM way JOIN member m ON m.id = way.next)
SELECT id FROM way WHERE next IS NULL
"""
_REFERRER = "SELECT referrer_id FROM member WHERE id=?"
_OF_OTHERS = """
SELECT id FROM member
WHERE id IN (SELECT value FROM json_each(?)) AND merged_into IS NULL AND staff_id IS NOT ? ORDER BY id
"""
_TO_INDEX = """
SELECT m.id, m.name, m.card_no, coalesce(
  (SELECT group_concat(key, '|') FROM (SELECT key FROM phone WHERE member_id = m.id ORDER BY seq)), '')
FROM member m
"""
_INDEX = ("member_id", "name", "letters", "digits", "spelled")
_NOT_INDEXED = """
 WHERE m.merged_into IS NULL AND NOT EXISTS (SELECT 1 FROM d_search d WHERE d.member_id = m.id)
"""
_ORPHANS = "DELETE FROM d_search WHERE member_id NOT IN (SELECT id FROM member)"
_SOME = " WHERE m.merged_into IS NULL AND m.id IN (SELECT value FROM json_each(?))"
_FORGET = "DELETE FROM d_search WHERE member_id IN (SELECT value FROM json_each(?))"
_COUNT = """
SELECT (SELECT count(*) FROM member) - (SELECT count(*) FROM member WHERE merged_into IS NOT NULL)
"""
_INDEXED = "SELECT count(*) FROM d_search"


def by_phone(rx: Rx, key: str) -> list[MemberId]:
    """Everybody with this phone key."""
    return [MemberId(row[0]) for row in rx.all(_BY_PHONE, (key,))]


def by_card(rx: Rx, card_no: str) -> list[MemberId]:
    """Everybody with this card number, those deactivated too: a number is never used again. That of a merged
    member leads to the survivor."""
    return _survivors(rx, rx.all(_BY_CARD, (card_no,)))


def by_name(rx: Rx, name: str) -> list[MemberId]:
    """Everybody with exactly this name."""
    return [MemberId(row[0]) for row in rx.all(_BY_NAME, (name,))]


def by_name_and_birthday(rx: Rx, name: str, birthday: str) -> list[MemberId]:
    """Everybody with this name and the same known birthday; instead of a merged member the survivor."""
    return _survivors(rx, rx.all(_SAME_BIRTHDAY, (name, birthday)))


def survivor(rx: Rx, member: int) -> MemberId | None:
    """Whom a member's number leads to: herself, or into whom she was merged; None if there is no such
    member."""
    found: MemberId | None = rx.value(_SURVIVOR, (member,))
    return found


def _survivors(rx: Rx, rows: Iterable[Row]) -> list[MemberId]:
    found = (row[0] if row[1] is None else survivor(rx, row[0]) for row in rows)
    return list(dict.fromkeys(MemberId(member) for member in found if member is not None))


class Former(NamedTuple):
    """A merged member, as files of earlier days still name her."""

    id: int
    name: str
    card_no: str
    created_at: str


def formers(rx: Rx) -> dict[int, list[Former]]:
    """Who was merged, by the survivor at the end of the way."""
    merged = {row[0]: (row[1], Former(row[0], *row[2:])) for row in rx.all(_MERGED)}
    found: dict[int, list[Former]] = {}
    for into, former in merged.values():
        while into in merged:
            into = merged[into][0]
        found.setdefault(into, []).append(former)
    return found


def by_tail(rx: Rx, surname: str, digits: str) -> list[MemberId]:
    """Everybody whose name begins so and one of whose phones ends with these four digits."""
    if not surname:
        return []
    return [MemberId(row[0]) for row in rx.all(_SAME_TAIL, (surname, surname + "\U0010ffff", digits))]


def may_refer(rx: Rx, member: int) -> bool:
    """Whether there is such a member, neither merged into another nor erased."""
    return rx.value(_REFERABLE, (member,)) is not None


def is_erased(rx: Rx, member: int) -> bool:
    """Whether her particulars were taken out for good."""
    return bool(rx.value(_ERASED, (member,)))


def tags(rx: Rx) -> list[tuple[str, int]]:
    """Tag fields as they were written, with how many members have exactly that."""
    return list(rx.all(_TAGS))


def own_fields(rx: Rx) -> tuple[OwnField, ...]:
    """The shop's own fields in their order, those put away last."""
    return tuple(OwnField(row[0], row[1], bool(row[2]), row[3]) for row in rx.all(_OWN_FIELDS))


def next_own_place(rx: Rx) -> int:
    """The place behind all own fields."""
    return int(rx.value(_OWN_NEXT))


def own_ids(rx: Rx) -> set[int]:
    """The own fields in use."""
    return {row[0] for row in rx.all(_OWN_IDS)}


def set_own(tx: Tx, member: int, values: Mapping[int, str]) -> bool:
    """Give her these values of own fields, others stay; answers whether any changed.

    A value once written keeps its row, empty where it was taken away: a row put back by an undo must find
    its place free.
    """
    old = {field: (row_id, value) for field, row_id, value in tx.all(_OWN_VALUES, (member,))}
    changed = False
    for field, value in values.items():
        if field in old:
            changed = tx.update("own_value", old[field][0], value=value) or changed
        elif value:
            tx.insert("own_value", member_id=member, field_id=field, value=value)
            changed = True
    return changed


def own_values(rx: Rx, member: int) -> dict[int, str]:
    """What stands in her own fields, those put away, too."""
    return {field: value for field, _, value in rx.all(_OWN_VALUES, (member,))}


def phones(rx: Rx, member: int) -> list[tuple[str, str]]:
    """Her numbers in their order: key, and as it was typed."""
    return [(key, typed) for _, _, typed, key in rx.all(_PHONES, (member,))]


def of_other_staff(rx: Rx, members: Collection[int], staff: int | None) -> list[int]:
    """Those of these members who are not this assistant's."""
    listed = "[" + ",".join(map(str, members)) + "]"
    return [row[0] for row in rx.all(_OF_OTHERS, (listed, staff))]


def exists(rx: Rx, member: int) -> bool:
    """Whether there is such a member, and she was not merged into another."""
    return rx.value(_EXISTS, (member,)) is not None


def find_name(rx: Rx, member: int) -> str | None:
    """Her name, or her phone, masked, where she has none: sentences are read by everybody. None if there is
    no such member, or she was merged."""
    found = rx.one(_NAME, (member,))
    return None if found is None else found[0] or (mask_phone(found[1]) if found[1] else "")


def name_of(rx: Rx, member: int) -> str:
    """The same, empty if she is gone."""
    return find_name(rx, member) or ""


def refers_back(rx: Rx, referrer: int, member: int) -> bool:
    """Whether the chain of referrers from `referrer` leads to `member`."""
    seen: set[int] = set()
    at: int | None = referrer
    while at is not None and at not in seen:
        if at == member:
            return True
        seen.add(at)
        at = rx.value(_REFERRER, (at,))
    return False


def in_circle(rx: Rx, member: int) -> bool:
    """Whether a member would have brought herself along, over whomever she brought."""
    referrer = rx.value(_REFERRER, (member,))
    return referrer is not None and refers_back(rx, referrer, member)


def row(rx: Rx, member: int, columns: Collection[str]) -> Row | None:
    """Some columns of one member."""
    return rx.one(f"SELECT {','.join(columns)} FROM member WHERE id=?", (member,))


def set_phones(tx: Tx, member: int, phones: Iterable[tuple[str, str]]) -> bool:
    """Make (typed, key) her phones in this order; a number she had keeps its row. Answers whether any
    changed."""
    old = {key: (row_id, seq, typed) for row_id, seq, typed, key in tx.all(_PHONES, (member,))}
    changed = False
    for seq, (typed, key) in enumerate(dict((key, (typed, key)) for typed, key in phones).values(), 1):
        known = old.pop(key, None)
        if known is None:
            tx.insert("phone", member_id=member, seq=seq, typed=typed, key=key)
            changed = True
        else:
            changed = tx.update("phone", known[0], seq=seq, typed=typed) or changed
    for row_id, _, _ in old.values():
        tx.delete("phone", row_id)
        changed = True
    return changed


def write_search(tx: Tx, members: Collection[int] | None) -> None:
    """Bring the search texts of these members up to date; None completes what is missing and drops orphans.

    Call it after every change of a name, phone or card number. Loads the pinyin tables: not for the window's
    thread.
    """
    if members is None:
        put_search(tx, search_rows(unsearched(tx)))
    else:
        ids = "[" + ",".join(map(str, members)) + "]"
        tx.derive(_FORGET, (ids,))
        put_search(tx, search_rows(_to_search(tx, _SOME, (ids,))))


def unsearched(tx: Tx) -> list[Named]:
    """The members without a search text; those of members who are no more are dropped."""
    tx.derive(_ORPHANS)
    return [] if tx.value(_COUNT) == tx.value(_INDEXED) else _to_search(tx, _NOT_INDEXED)


def search_rows(found: Iterable[Named]) -> list[SearchRow]:
    """The search texts of members. Touches no database: it may be worked out beside other work on it."""
    return [_index_row(*named) for named in found]


def put_search(tx: Tx, rows: Iterable[SearchRow]) -> None:
    """Write search texts of members who have none."""
    tx.derive_columns("d_search", dict(zip(_INDEX, zip(*rows, strict=True), strict=False)))


def _to_search(rx: Rx, which: str, params: Params = ()) -> list[Named]:
    cards = {
        member: " ".join(former.card_no for former in of if former.card_no)
        for member, of in formers(rx).items()
    }
    return [
        (member, name, f"{card_no} {cards.get(member, '')}".strip(), phones)
        for member, name, card_no, phones in rx.all(_TO_INDEX + which, params)
    ]


def _index_row(member: int, name: str, card_no: str, phones: str) -> SearchRow:
    keys = pinyin_keys(name)
    spelled = next((key for key in keys if len(key) > len(keys[0])), keys[0]) if keys else name.lower()
    return member, *search_keys(name, phones.split("|") if phones else (), card_no), spelled or "~"
