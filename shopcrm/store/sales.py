"""Receipts and visits: booking them, what may still be taken back, the day's log, article suggestions."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from shopcrm.basics.records import (
    DayEntry,
    FittingDraft,
    ItemHint,
    LineDraft,
    LineRow,
    MemberId,
    ReturnableLine,
    SaleDraft,
    SaleId,
    SaleRow,
    VisitDraft,
    VisitId,
    VisitRow,
)
from shopcrm.basics.values import pinyin_keys
from shopcrm.rules.followups import REMINDER
from shopcrm.rules.garments import SIZE_FIELDS, size_field
from shopcrm.store.connection import Rx
from shopcrm.store.writing import Tx

_LINE = """
SELECT s.member_id, s.day, s.voided_on IS NOT NULL, l.qty, l.amount_fen, l.category, l.article_no, l.list_fen,
  coalesce(sum(r.qty) FILTER (WHERE rs.id IS NOT NULL), 0),
  coalesce(-sum(r.amount_fen) FILTER (WHERE rs.id IS NOT NULL), 0)
FROM line l JOIN sale s ON s.id = l.sale_id
LEFT JOIN line r ON r.returns_line_id = l.id
LEFT JOIN sale rs ON rs.id = r.sale_id AND rs.voided_on IS NULL AND rs.id <> :but
WHERE l.id = :line AND s.id <> :but GROUP BY l.id
"""
_SALE = "SELECT member_id, day, voided_on IS NOT NULL FROM sale WHERE id=?"
_VISIT = "SELECT member_id, day, voided_on IS NOT NULL FROM visit WHERE id=?"
_TAKEN_BACK = """
SELECT l.id, coalesce(sum(r.qty) FILTER (WHERE rs.voided_on IS NULL), 0),
  coalesce(-sum(r.amount_fen) FILTER (WHERE rs.voided_on IS NULL), 0),
  min(rs.day) FILTER (WHERE rs.voided_on IS NULL)
FROM line l LEFT JOIN line r ON r.returns_line_id = l.id LEFT JOIN sale rs ON rs.id = r.sale_id
WHERE l.sale_id = ? GROUP BY l.id ORDER BY l.id
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
  0), coalesce((SELECT CASE WHEN max(returns_line_id) > 0 AND max(amount_fen) >= 0 THEN 'exchange' ELSE '' END
  FROM line WHERE sale_id=s.id), ''), s.voided_on IS NOT NULL
FROM sale s LEFT JOIN member m ON m.id=s.member_id WHERE s.id=?
""",
    "visit": """
SELECT v.member_id, m.name, 0, v.kind, v.voided_on IS NOT NULL
FROM visit v JOIN member m ON m.id=v.member_id WHERE v.id=?
""",
    "member": "SELECT coalesce(merged_into, id), name, 0, '', 0 FROM member WHERE id=?",
}
_RECEIPTS = """
SELECT s.id, s.member_id, s.day, s.at, s.order_no, coalesce(p.name, ''), s.voided_on IS NOT NULL, s.staff_id,
  s.note, s.void_reason
FROM sale s LEFT JOIN staff p ON p.id = s.staff_id WHERE {of} ORDER BY s.day DESC, s.at DESC, s.id DESC
"""
_LINES = """
SELECT l.sale_id, l.id, l.item, l.size, l.colour, l.qty, l.amount_fen, l.returns_line_id,
  coalesce((SELECT -sum(r.amount_fen) FROM line r JOIN sale rs ON rs.id = r.sale_id
            WHERE r.returns_line_id = l.id AND rs.voided_on IS NULL), 0),
  coalesce((SELECT sum(r.qty) FROM line r JOIN sale rs ON rs.id = r.sale_id
            WHERE r.returns_line_id = l.id AND rs.voided_on IS NULL), 0), l.category, l.article_no, l.list_fen
FROM sale s JOIN line l ON l.sale_id = s.id WHERE {of} ORDER BY l.id
"""
_VISITS = f"""
SELECT v.id, v.member_id, v.day, v.at, v.kind, v.items, v.reasons, v.says, coalesce(p.name, ''),
  (SELECT json_group_array(json_array(f.item, f.size, f.liked)) FROM
    (SELECT item, size, liked FROM fitting WHERE visit_id = v.id ORDER BY id) f),
  (SELECT t.due FROM task t WHERE t.member_id = v.member_id AND t.rule = '{REMINDER}' AND t.anchor = v.day
     AND t.state = 'open' AND NOT EXISTS (
       SELECT 1 FROM visit o WHERE o.id = json_extract(t.context, '$.visit') AND o.id <> v.id
       AND o.member_id = v.member_id AND o.day = v.day AND o.voided_on IS NULL)),
  v.voided_on IS NOT NULL, v.staff_id
FROM visit v LEFT JOIN staff p ON p.id = v.staff_id WHERE {{of}}
ORDER BY v.day DESC, v.at DESC, v.id DESC
"""
_OF_HER = "s.member_id=?"
_OF_HER_STANDING = "s.member_id=? AND s.voided_on IS NULL"
_NOBODYS = "s.day >= ? AND s.member_id IS NULL AND s.voided_on IS NULL"
_ASKED_FOR = "SELECT id FROM wanted WHERE visit_id=?"
_FITTINGS = "SELECT id, item, size, liked FROM fitting WHERE visit_id=? ORDER BY id"
_HER_SIZES = "SELECT size_top, size_bottom, size_shoe FROM member WHERE id=?"
_SIZES_BOUGHT = """
SELECT l.item, l.size FROM sale s JOIN line l ON l.sale_id = s.id
WHERE s.member_id=? AND s.voided_on IS NULL AND l.size <> '' AND l.amount_fen >= 0
ORDER BY s.day DESC, l.id DESC LIMIT 200
"""
_HERS = """
SELECT l.item, l.amount_fen / max(l.qty, 1), max(s.day || printf('%012d', l.id)), s.day, {details}
FROM sale s JOIN line l ON l.sale_id = s.id LEFT JOIN d_item i ON i.item = l.item
WHERE s.member_id=? AND s.voided_on IS NULL AND l.amount_fen > 0 AND l.item <> '' AND {match}
GROUP BY l.item ORDER BY 3 DESC LIMIT ?
"""
_POPULAR = """
SELECT l.item, l.amount_fen / max(l.qty, 1), max(s.day || printf('%012d', l.id)), sum(l.qty), {details}
FROM sale s JOIN line l ON l.sale_id = s.id LEFT JOIN d_item i ON i.item = l.item
WHERE s.day >= ? AND s.voided_on IS NULL AND l.amount_fen > 0 AND l.item <> '' AND {match}
GROUP BY l.item ORDER BY 4 DESC, 3 DESC LIMIT ?
"""
_MATCH = "(l.item LIKE ? ESCAPE '\\' OR '|' || i.keys LIKE ? ESCAPE '\\')"
_DETAILS = "l.category, l.article_no, l.list_fen / max(l.qty, 1)"
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
    category: str
    article_no: str
    list_fen: int | None
    returned_qty: int
    returned_fen: int


class TakenBack(NamedTuple):
    """What came back of a line by receipts that stand, and the first day on which something did."""

    qty: int
    fen: int
    first: str | None


class Booked(NamedTuple):
    """A receipt or visit as far as correcting it goes."""

    member: int | None
    day: date
    voided: bool


def sold_line(rx: Rx, line: int, but: int = 0) -> SoldLine | None:
    """What stands on a line and how much of it came back, without the receipt `but`, nor a line of it."""
    row = rx.one(_LINE, {"line": line, "but": but})
    return None if row is None else SoldLine(row[0], row[1], bool(row[2]), *row[3:])


def booked_sale(rx: Rx, sale: int) -> Booked | None:
    """Whose a receipt is, of which day, and whether it is void."""
    row = rx.one(_SALE, (sale,))
    return None if row is None else Booked(row[0], date.fromisoformat(row[1]), bool(row[2]))


def booked_visit(rx: Rx, visit: int) -> Booked | None:
    """Whose a visit is, of which day, and whether it is void."""
    row = rx.one(_VISIT, (visit,))
    return None if row is None else Booked(row[0], date.fromisoformat(row[1]), bool(row[2]))


def taken_back(rx: Rx, sale: int) -> dict[int, TakenBack]:
    """What came back of each line of a receipt."""
    return {row[0]: TakenBack(row[1], row[2], row[3]) for row in rx.all(_TAKEN_BACK, (sale,))}


def tied(rx: Rx, sale: int) -> list[int]:
    """The receipt, all that took back something of it, what was taken back of those, and so on; void ones
    too."""
    return [row[0] for row in rx.all(_TIED, (sale,))]


def is_torn(rx: Rx, sales: Sequence[int]) -> bool:
    """Whether one of these receipts takes back an article of somebody else."""
    return rx.value(_TORN, (json.dumps(sales),)) is not None


def came(rx: Rx, member: int, day: date) -> bool:
    """Whether a receipt or visit of hers of that day stands."""
    return visited(rx, member, day) or rx.value(_BOUGHT, (member, day.isoformat())) is not None


def visited(rx: Rx, member: int, day: date) -> bool:
    """Whether a visit of hers of that day stands."""
    return rx.value(_VISITED, (member, day.isoformat())) is not None


def receipt(rx: Rx, sale: int) -> SaleRow | None:
    """One receipt, void or not."""
    return next(iter(_receipts(rx, "s.id=?", sale)), None)


def receipts_of(rx: Rx, member: int) -> tuple[SaleRow, ...]:
    """All her receipts, newest first, void ones included."""
    return _receipts(rx, _OF_HER, member)


def anonymous(rx: Rx, since: date) -> tuple[SaleRow, ...]:
    """Receipts without a member from a day on, newest first."""
    return _receipts(rx, _NOBODYS, since.isoformat())


def _receipts(rx: Rx, of: str, value: object) -> tuple[SaleRow, ...]:
    lines: dict[int, list[LineRow]] = defaultdict(list)
    for sale, *line in rx.all(_LINES.format(of=of), (value,)):
        lines[sale].append(LineRow(*line))
    return tuple(
        SaleRow(
            SaleId(row[0]), row[1], date.fromisoformat(row[2]), row[3], row[4], row[5], tuple(lines[row[0]]),
            bool(row[6]), row[7], row[8], row[9],
        )
        for row in rx.all(_RECEIPTS.format(of=of), (value,))
    )  # fmt: skip


def returnable(rx: Rx, member: int) -> tuple[ReturnableLine, ...]:
    """The lines of hers of which pieces are left that did not come back, newest first."""
    return tuple(
        ReturnableLine(
            line.id, sale.id, sale.day, line.item, line.size, line.colour, line.qty - line.returned_qty,
            line.amount_fen - line.returned_fen,
        )
        for sale in _receipts(rx, _OF_HER_STANDING, member)
        for line in sale.lines
        if line.amount_fen >= 0 and line.returns_line is None and line.returned_qty < line.qty
    )  # fmt: skip


def visit_row(rx: Rx, visit: int) -> VisitRow | None:
    """One visit, void or not."""
    return next(iter(_visits(rx, "v.id=?", visit)), None)


def visits_of(rx: Rx, member: int) -> tuple[VisitRow, ...]:
    """Her visits, newest first, void ones left out."""
    return _visits(rx, "v.member_id=? AND v.voided_on IS NULL", member)


def _visits(rx: Rx, of: str, value: int) -> tuple[VisitRow, ...]:
    return tuple(
        VisitRow(
            VisitId(row[0]), MemberId(row[1]), date.fromisoformat(row[2]), row[3], row[4], row[5],
            tuple(row[6].split()), row[7], row[8],
            tuple(FittingDraft(item, size, bool(liked)) for item, size, liked in json.loads(row[9])),
            date.fromisoformat(row[10]) if row[10] else None, bool(row[11]), row[12],
        )
        for row in rx.all(_VISITS.format(of=of), (value,))
    )  # fmt: skip


def add_sale(tx: Tx, draft: SaleDraft) -> int:
    """Book a checked receipt with its lines."""
    sale = tx.insert("sale", **_head(draft))
    for line in draft.lines:
        tx.insert("line", sale_id=sale, **_article(line))
    return sale


def change_sale(tx: Tx, sale: int, draft: SaleDraft, gone: Iterable[int]) -> bool:
    """Make a receipt what a checked draft says, the lines `gone` taken away; answers whether anything
    changed."""
    changed = tx.update("sale", sale, **_head(draft))
    for line in draft.lines:
        if line.id is None:
            tx.insert("line", sale_id=sale, **_article(line))
            changed = True
        else:
            changed = tx.update("line", line.id, **_article(line)) or changed
    for line_id in gone:
        for (pointing,) in tx.all(_POINTING, (line_id,)):  # of a void receipt
            tx.update("line", pointing, returns_line_id=None)
        tx.delete("line", line_id)
        changed = True
    return changed


def _head(draft: SaleDraft) -> dict[str, object]:
    return {
        "member_id": draft.member, "day": draft.day.isoformat(), "at": draft.at, "order_no": draft.order_no,
        "staff_id": draft.staff_id, "note": draft.note,
    }  # fmt: skip


def _article(line: LineDraft) -> dict[str, object]:
    return {
        "item": line.item, "size": line.size, "colour": line.colour, "qty": line.qty,
        "amount_fen": line.amount_fen, "returns_line_id": line.returns_line, "category": line.category,
        "article_no": line.article_no, "list_fen": line.list_fen,
    }  # fmt: skip


def add_visit(tx: Tx, draft: VisitDraft) -> int:
    """Book a checked visit with what was tried on."""
    visit = tx.insert("visit", **_came(draft))
    for fitting in draft.fittings:
        tx.insert("fitting", visit_id=visit, **_tried(fitting))
    return visit


def change_visit(tx: Tx, visit: int, draft: VisitDraft) -> bool:
    """Make a visit what a checked draft says, what she asked for at it in the wanted-item book included;
    answers whether anything changed."""
    changed = tx.update("visit", visit, **_came(draft))
    for (wish,) in tx.all(_ASKED_FOR, (visit,)):
        changed = tx.update("wanted", wish, member_id=draft.member) or changed
    old = tx.all(_FITTINGS, (visit,))
    for row, fitting in zip(old, draft.fittings, strict=False):
        changed = tx.update("fitting", row[0], **_tried(fitting)) or changed
    for fitting in draft.fittings[len(old) :]:
        tx.insert("fitting", visit_id=visit, **_tried(fitting))
    for row in old[len(draft.fittings) :]:
        tx.delete("fitting", row[0])
    return changed or len(old) != len(draft.fittings)


def _came(draft: VisitDraft) -> dict[str, object]:
    return {
        "member_id": draft.member, "day": draft.day.isoformat(), "at": draft.at, "kind": draft.kind,
        "items": draft.items, "reasons": " ".join(draft.reasons), "says": draft.says,
        "staff_id": draft.staff_id,
    }  # fmt: skip


def _tried(fitting: FittingDraft) -> dict[str, object]:
    return {"item": fitting.item, "size": fitting.size, "liked": int(fitting.liked)}


def log(rx: Rx, day: date, limit: int) -> tuple[DayEntry, ...]:
    """What was entered by hand on a day and was not undone, newest first, void ones included; looked for in
    the last 5000 entries of the journal."""
    entries = []
    for table, row_id, entry in rx.all(_LOG, (day.isoformat(), limit)):
        row = rx.one(_LOG_ROW[table], (row_id,))
        if row is not None:
            at = str(rx.value(_ENTRY_AT, (entry,)))
            member = None if row[0] is None else MemberId(row[0])
            entries.append(DayEntry(table, row_id, at, member, row[1], row[2], row[3], entry, bool(row[4])))
    return tuple(entries)


def item_hints(rx: Rx, member: int | None, text: str, since: date, limit: int) -> list[ItemHint]:
    """Articles whose name or pinyin fits `text`: first what she bought, newest first, then what sold since a
    day; with the last price of a piece and her size."""
    matching, found = _matching(text)
    hers = []
    if member is not None:
        hers = rx.all(_HERS.format(match=matching, details=_DETAILS), (member, *found, limit))
    hints = [ItemHint(row[0], row[1], date.fromisoformat(row[3]), "", *row[4:]) for row in hers]
    known = {hint.item for hint in hints}
    if len(hints) < limit:
        popular = rx.all(
            _POPULAR.format(match=matching, details=_DETAILS), (since.isoformat(), *found, limit + len(hints))
        )
        hints += [ItemHint(row[0], row[1], None, "", *row[4:]) for row in popular if row[0] not in known]
    hints = hints[:limit]
    if member is None or not hints:
        return hints
    sizes = _Sizes(rx, member)
    return [hint._replace(size=sizes.of(hint.item)) for hint in hints]


def her_size(rx: Rx, member: int, item: str) -> str:
    """The size she last took of an article, else the one on her card for that kind of garment, else the one
    she last took of that kind; empty if none is known or the article has none."""
    return _Sizes(rx, member).of(item)


class _Sizes:
    """The sizes of one member, read once for several articles."""

    def __init__(self, rx: Rx, member: int) -> None:
        self._on_card = dict(zip(SIZE_FIELDS, rx.one(_HER_SIZES, (member,)) or ("", "", ""), strict=True))
        self._of_item: dict[str, str] = {}
        self._of_kind: dict[str, str] = {}
        for item, size in rx.all(_SIZES_BOUGHT, (member,)):
            self._of_item.setdefault(item, size)
            self._of_kind.setdefault(size_field(item), size)

    def of(self, item: str) -> str:
        kind = size_field(item)
        return self._of_item.get(item) or self._on_card.get(kind) or self._of_kind.get(kind, "")


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
