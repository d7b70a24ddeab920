"""Receipts and visits: booking them, what may still be taken back, the day's log, article suggestions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from shopcrm.basics.records import DayEntry, ItemHint, LineDraft, MemberId, SaleDraft, VisitDraft
from shopcrm.basics.values import pinyin_keys
from shopcrm.store.connection import Rx
from shopcrm.store.writing import Tx

_LINE = """
SELECT s.member_id, s.day, s.voided_on IS NOT NULL, l.qty, l.amount_fen,
  coalesce((SELECT sum(r.qty) FROM line r JOIN sale rs ON rs.id=r.sale_id
            WHERE r.returns_line_id=l.id AND rs.voided_on IS NULL), 0),
  coalesce((SELECT -sum(r.amount_fen) FROM line r JOIN sale rs ON rs.id=r.sale_id
            WHERE r.returns_line_id=l.id AND rs.voided_on IS NULL), 0)
FROM line l JOIN sale s ON s.id = l.sale_id WHERE l.id=?
"""
_SALE = "SELECT member_id, day, voided_on IS NOT NULL FROM sale WHERE id=?"
_VISIT = "SELECT member_id, day, voided_on IS NOT NULL FROM visit WHERE id=?"
_TAKEN_BACK = """
SELECT 1 FROM line l JOIN line r ON r.returns_line_id = l.id JOIN sale rs ON rs.id = r.sale_id
WHERE l.sale_id=? AND rs.id <> l.sale_id AND rs.voided_on IS NULL
"""
_TIED = """
WITH RECURSIVE tied(id) AS (
  VALUES (?) UNION SELECT r.sale_id FROM tied JOIN line l ON l.sale_id = tied.id
  JOIN line r ON r.returns_line_id = l.id)
SELECT id FROM tied ORDER BY id
"""
_TORN = """
SELECT 1 FROM sale s JOIN line l ON l.sale_id = s.id JOIN line o ON o.id = l.returns_line_id
JOIN sale os ON os.id = o.sale_id
WHERE s.id IN (SELECT value FROM json_each(?)) AND s.voided_on IS NULL AND os.member_id IS NOT s.member_id
"""
_POINTING = "SELECT id FROM line WHERE returns_line_id=?"
_BOUGHT = "SELECT 1 FROM sale WHERE member_id=? AND day=? AND voided_on IS NULL"
_VISITED = "SELECT 1 FROM visit WHERE member_id=? AND day=? AND voided_on IS NULL"
_LOG = """
SELECT c.tbl, c.row_id, e.id FROM journal_entry e JOIN journal_change c ON c.entry_id = e.id
WHERE e.id > (SELECT max(id) FROM journal_entry) - 5000 AND e.day=? AND e.undone_by IS NULL
  AND e.undoes IS NULL AND e.kind IN ('sale.add', 'visit.add', 'member.add')
  AND c.op = 'insert' AND c.tbl = CASE e.kind WHEN 'sale.add' THEN 'sale' WHEN 'visit.add' THEN 'visit' ELSE
  'member' END
ORDER BY e.id DESC LIMIT ?
"""
_ENTRY_AT = "SELECT substr(at, 12, 5) FROM journal_entry WHERE id=?"
_LOG_ROW = {
    "sale": """
SELECT s.member_id, coalesce(m.name, ''), coalesce((SELECT sum(amount_fen) FROM line WHERE sale_id=s.id),
  0), ''
FROM sale s LEFT JOIN member m ON m.id=s.member_id WHERE s.id=? AND s.voided_on IS NULL
""",
    "visit": """
SELECT v.member_id, m.name, 0, v.kind
FROM visit v JOIN member m ON m.id=v.member_id WHERE v.id=? AND v.voided_on IS NULL
""",
    "member": "SELECT id, name, 0, '' FROM member WHERE id=?",
}
_HERS = """
SELECT l.item, l.amount_fen / max(l.qty, 1), max(s.day || printf('%012d', l.id)), s.day
FROM sale s JOIN line l ON l.sale_id = s.id LEFT JOIN d_item i ON i.item = l.item
WHERE s.member_id=? AND s.voided_on IS NULL AND l.amount_fen > 0 AND l.item <> '' AND {match}
GROUP BY l.item ORDER BY 3 DESC LIMIT ?
"""
_POPULAR = """
SELECT l.item, l.amount_fen / max(l.qty, 1), max(s.day || printf('%012d', l.id)), sum(l.qty)
FROM sale s JOIN line l ON l.sale_id = s.id LEFT JOIN d_item i ON i.item = l.item
WHERE s.day >= ? AND s.voided_on IS NULL AND l.amount_fen > 0 AND l.item <> '' AND {match}
GROUP BY l.item ORDER BY 4 DESC, 3 DESC LIMIT ?
"""
_MATCH = "(l.item LIKE ? ESCAPE '\\' OR '|' || i.keys LIKE ? ESCAPE '\\')"
_NEW_ITEMS = """
SELECT item FROM (SELECT item FROM line UNION SELECT item FROM wanted)
WHERE item <> '' AND item NOT IN (SELECT item FROM d_item)
"""
_KNOWN_ITEM = "SELECT 1 FROM d_item WHERE item=?"
_ANY_ITEM = "SELECT 1 FROM d_item LIMIT 1"
_INDEX_ITEM = "INSERT OR IGNORE INTO d_item VALUES (?,?)"


class SoldLine(NamedTuple):
    """A line as far as taking it back goes; amounts in fen."""

    member: int | None
    day: str
    voided: bool
    qty: int
    fen: int
    returned_qty: int
    returned_fen: int


class Booked(NamedTuple):
    """A receipt or visit as far as correcting it goes."""

    member: int | None
    day: str
    voided: bool


def sold_line(rx: Rx, line: int) -> SoldLine | None:
    """What stands on a line and how much of it came back."""
    row = rx.one(_LINE, (line,))
    return None if row is None else SoldLine(row[0], row[1], bool(row[2]), *row[3:])


def booked_sale(rx: Rx, sale: int) -> Booked | None:
    """Whose a receipt is, of which day, and whether it is void."""
    row = rx.one(_SALE, (sale,))
    return None if row is None else Booked(row[0], row[1], bool(row[2]))


def booked_visit(rx: Rx, visit: int) -> Booked | None:
    """Whose a visit is, of which day, and whether it is void."""
    row = rx.one(_VISIT, (visit,))
    return None if row is None else Booked(row[0], row[1], bool(row[2]))


def is_taken_back(rx: Rx, sale: int) -> bool:
    """Whether a later receipt takes back something of this one."""
    return rx.value(_TAKEN_BACK, (sale,)) is not None


def add_sale(tx: Tx, draft: SaleDraft) -> int:
    """Book a checked receipt with its lines."""
    sale = tx.insert(
        "sale", member_id=draft.member, day=draft.day.isoformat(), at=draft.at, order_no=draft.order_no,
        staff_id=draft.staff_id, note=draft.note,
    )  # fmt: skip
    for line in draft.lines:
        _add_line(tx, sale, line)
    return sale


def _add_line(tx: Tx, sale: int, line: LineDraft) -> None:
    tx.insert(
        "line", sale_id=sale, item=line.item, size=line.size, colour=line.colour, qty=line.qty,
        amount_fen=line.amount_fen, returns_line_id=line.returns_line,
    )  # fmt: skip


def add_visit(tx: Tx, draft: VisitDraft) -> int:
    """Book a checked visit."""
    return tx.insert(
        "visit", member_id=draft.member, day=draft.day.isoformat(), at=draft.at, kind=draft.kind,
        items=draft.items, reasons=" ".join(draft.reasons), says=draft.says, staff_id=draft.staff_id,
    )  # fmt: skip


def log(rx: Rx, day: date, limit: int) -> tuple[DayEntry, ...]:
    """What was entered by hand on a day and still stands, newest first; looked for in the last 5000 entries
    of the journal."""
    entries = []
    for table, row_id, entry in rx.all(_LOG, (day.isoformat(), limit)):
        row = rx.one(_LOG_ROW[table], (row_id,))
        if row is not None:
            at = str(rx.value(_ENTRY_AT, (entry,)))
            member = None if row[0] is None else MemberId(row[0])
            entries.append(DayEntry(table, row_id, at, member, row[1], row[2], row[3], entry))
    return tuple(entries)


def item_hints(rx: Rx, member: int | None, text: str, since: date, limit: int) -> list[ItemHint]:
    """Articles whose name or pinyin fits `text`: first what she bought, newest first, then what sold since a
    day."""
    matching, found = _matching(text)
    hers = []
    if member is not None:
        hers = rx.all(_HERS.format(match=matching), (member, *found, limit))
    hints = [ItemHint(row[0], row[1], date.fromisoformat(row[3])) for row in hers]
    known = {hint.item for hint in hints}
    if len(hints) < limit:
        popular = rx.all(_POPULAR.format(match=matching), (since.isoformat(), *found, limit + len(hints)))
        hints += [ItemHint(row[0], row[1], None) for row in popular if row[0] not in known]
    return hints[:limit]


def _matching(text: str) -> tuple[str, tuple[str, ...]]:
    if not text:
        return "1", ()
    plain = escaped(text.lower())
    return _MATCH, (f"%{plain}%", f"%|{plain}%")


def escaped(text: str) -> str:
    """`text` for use inside a LIKE pattern with `\\` as its escape."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def index_items(tx: Tx, items: Iterable[str] | None) -> None:
    """Index new articles by their pinyin; None = whatever is not indexed yet. Not for the window's thread."""
    if items is None:
        new = [row[0] for row in tx.all(_NEW_ITEMS)]
    else:
        new = [item for item in items if item and tx.value(_KNOWN_ITEM, (item,)) is None]
    if new:
        tx.derive_many(_INDEX_ITEM, [(item, "|".join(pinyin_keys(item)[:8])) for item in new])


def complete_items(tx: Tx) -> None:
    """Index all articles if none is: after the derived tables were renewed."""
    if tx.value(_ANY_ITEM) is None:
        index_items(tx, None)
