"""The wanted-item book: what was asked for and not there, who waits for it, and whether she was told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from shopcrm.basics.records import MemberId, WantedDraft, WantedId, WantedRow
from shopcrm.basics.values import fold, search_parts
from shopcrm.rules.followups import ARRIVED
from shopcrm.store.connection import AMONG, Row, Rx
from shopcrm.store.sales import index_items
from shopcrm.store.tasks import VOIDED
from shopcrm.store.writing import Tx

# The to-do that tells her of an arrival: the first of that day or later.
_TOLD = f"""
coalesce((SELECT t.state FROM task t WHERE t.member_id = w.member_id AND t.rule = '{ARRIVED}'
  AND w.state = 'arrived' AND t.anchor >= w.arrived_on ORDER BY t.anchor, t.step LIMIT 1), '')
"""
_COLUMNS = f"""
SELECT w.id, w.member_id, m.name, w.day, w.item, w.size, w.colour, w.note, coalesce(p.name, ''), w.state,
  w.arrived_on, {_TOLD}, coalesce(i.keys, ''), coalesce(s.name || '|' || s.letters || '|' || s.digits, '')
FROM wanted w JOIN member m ON m.id = w.member_id LEFT JOIN staff p ON p.id = w.staff_id
LEFT JOIN d_item i ON i.item = w.item LEFT JOIN d_search s ON s.member_id = w.member_id
LEFT JOIN visit v ON v.id = w.visit_id
"""
_STANDS = "v.voided_on IS NULL"  # what she asked for at a visit that never was is no wish
_LISTED = f"{_COLUMNS} WHERE {_STANDS} AND m.archived_on IS NULL AND w.state = ?"
_SINCE = " AND w.arrived_on >= ?"
_ORDER = " ORDER BY w.item, w.size, w.colour, w.day, w.id"
_OF = (
    f"{_COLUMNS} WHERE {_STANDS} AND w.member_id = ? AND w.state <> 'dropped' ORDER BY w.day DESC, w.id DESC"
)
_SOME = f"{_COLUMNS} WHERE {_STANDS} AND w.id {AMONG} ORDER BY w.id"
_IN_OF = f"{_COLUMNS} WHERE w.visit_id = ? AND w.state = 'arrived' AND w.arrived_on >= ? ORDER BY w.id"
_PHONES = f"SELECT member_id, key FROM phone WHERE member_id {AMONG} AND wrong = 0 ORDER BY member_id, seq"
_COUNT = f"""
SELECT count(DISTINCT w.member_id) FROM wanted w JOIN member m ON m.id = w.member_id
LEFT JOIN visit v ON v.id = w.visit_id WHERE {_STANDS} AND w.state = 'open' AND m.archived_on IS NULL
"""
_HEARD = f"""
SELECT 1 FROM task WHERE member_id = ? AND rule = '{ARRIVED}' AND anchor >= ? AND state <> 'open'
  AND NOT (state = 'stopped' AND closed_why = '{VOIDED}')
"""
_SAME = f"""
SELECT w.id FROM wanted w LEFT JOIN visit v ON v.id = w.visit_id WHERE {_STANDS}
  AND w.member_id = ? AND w.state = 'open' AND w.item = ? AND w.size = ? AND w.colour = ? AND w.note = ?
"""


def listed(rx: Rx, text: str, state: str, since: date | None, *, masked: bool = False) -> list[WantedRow]:
    """Wishes in one state whose article, size, colour, note or member fits `text`, by article and size.

    Of those that came in, only since a day. Members who are not active any more are left out. Where numbers
    are `masked` the hidden digits of one, in a note, too, find nothing.
    """
    sql, params = _LISTED, [state]
    if since is not None:
        sql, params = sql + _SINCE, [*params, since.isoformat()]
    found = rx.all(sql + _ORDER, params)
    for (_, part), (_, of_her) in zip(search_parts(text), search_parts(text, by_tail=masked), strict=True):
        found = [row for row in found if of_her in f"|{row[13]}|" or part in _of_wish(row, masked)]
    return _rows(rx, found)


def _of_wish(row: Row, masked: bool) -> str:
    """What a wish is found by besides whose it is."""
    *words, note = row[4:8]
    if masked:
        from shopcrm.basics.masking import mask_text  # loaded by who hides numbers

        note = mask_text(note)
    return "\n".join((row[12], *map(fold, (*words, note))))


def of_member(rx: Rx, member: int) -> list[WantedRow]:
    """The wishes of one member, those given up left out, the newest first."""
    return _rows(rx, rx.all(_OF, (member,)))


def some(rx: Rx, ids: Collection[int]) -> list[WantedRow]:
    """These wishes by id; missing ones are left out."""
    return _rows(rx, rx.among(_SOME, ids)) if ids else []


def came_in(rx: Rx, visit: int, since: date) -> list[WantedRow]:
    """What was asked for at a visit, void or not, and came in since a day."""
    return _rows(rx, rx.all(_IN_OF, (visit, since.isoformat())))


def has_heard(rx: Rx, wish: WantedRow) -> bool:
    """Whether a to-do that told her of an arrival since then was worked on or passed."""
    assert wish.arrived_on is not None
    return rx.value(_HEARD, (wish.member, wish.arrived_on.isoformat())) is not None


def waiting(rx: Rx) -> int:
    """How many people wait for something."""
    return int(rx.value(_COUNT))


def same(rx: Rx, draft: WantedDraft) -> int | None:
    """The open wish of this member for the very same thing."""
    found: int | None = rx.value(_SAME, (draft.member, draft.item, draft.size, draft.colour, draft.note))
    return found


def put(tx: Tx, draft: WantedDraft, wanted: int | None = None) -> int:
    """Write down a checked wish, or change the one with this id; its id."""
    values: dict[str, object] = {
        "item": draft.item, "size": draft.size, "colour": draft.colour, "note": draft.note,
    }  # fmt: skip
    if wanted is None:
        wanted = tx.insert(
            "wanted", member_id=draft.member, day=(draft.day or tx.day).isoformat(),
            staff_id=draft.staff_id, visit_id=draft.visit, **values,
        )  # fmt: skip
    else:
        tx.update("wanted", wanted, **values)
    index_items(tx, [draft.item])
    tx.touch(members=[draft.member])
    return wanted


def _rows(rx: Rx, found: list[Row]) -> list[WantedRow]:
    phones: dict[int, list[str]] = defaultdict(list)
    for member, key in rx.among(_PHONES, {row[1] for row in found}) if found else ():
        phones[member].append(key)
    return [
        WantedRow(
            id=WantedId(row[0]), member=MemberId(row[1]), name=row[2], phones=tuple(phones[row[1]]),
            day=date.fromisoformat(row[3]), item=row[4], size=row[5], colour=row[6], note=row[7],
            staff=row[8], state=row[9], arrived_on=None if row[10] is None else date.fromisoformat(row[10]),
            told=row[11],
        )
        for row in found
    ]  # fmt: skip
