"""Reading for lists and cards: which members, in which order, and what stands in their rows."""

from __future__ import annotations

import json
import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from functools import lru_cache
from itertools import chain, filterfalse

from shopcrm.basics.records import (
    BatchId,
    BatchRow,
    BestFifth,
    ContactRow,
    MemberCard,
    MemberId,
    MemberRow,
    Query,
    Sentence,
    TypeCount,
    TypeKey,
)
from shopcrm.basics.values import Birthday, search_parts
from shopcrm.rules.customer_types import reason_of
from shopcrm.rules.garments import SIZE_FIELDS
from shopcrm.store.connection import Row, Rx
from shopcrm.store.imports import may_still_undo
from shopcrm.store.sales import escaped, receipts_of, visits_of

_SORTS = {
    "last": "c.last_d", "n12": "c.n12", "spend12": "c.spend12", "spend": "c.spend", "score": "c.score",
    "name": "s.spelled", "joined": "m.joined", "next": "m.id",
}  # fmt: skip
_TABLES = {"m": "member", "c": "d_case", "s": "d_search"}
_SIZED = "SELECT id FROM member WHERE size_top <> '' OR size_bottom <> '' OR size_shoe <> ''"
_DUE = "SELECT member_id, min(due) FROM task WHERE state='open' GROUP BY member_id"
_BIRTHDAY = (
    "(m.birthday IN (SELECT value FROM json_each(?)) OR m.birthday LIKE ? AND m.birthday NOT LIKE 'L:%')"
)
_ROWS = """
SELECT m.id, m.name, c.type, c.code, c.vals, c.last_d, coalesce(c.n12, 0), coalesce(c.spend12, 0),
  coalesce(c.spend, 0), m.size_top, m.size_bottom, m.size_shoe, coalesce(p.name, ''), m.joined, m.birthday
FROM member m LEFT JOIN d_case c ON c.member_id = m.id LEFT JOIN staff p ON p.id = m.staff_id
WHERE m.id IN (SELECT value FROM json_each(?))
"""
_ROW_PHONES = """
SELECT member_id, key, wrong FROM phone WHERE member_id IN (SELECT value FROM json_each(?)) ORDER BY
  member_id, seq
"""
_ROW_DUE = """
SELECT member_id, min(due) FROM task WHERE state='open' AND member_id IN (SELECT value FROM json_each(?))
GROUP BY member_id
"""
_ACTIVE = "member_id NOT IN (SELECT id FROM member WHERE archived_on IS NOT NULL)"
_TYPES_BEFORE = f"""
SELECT type, count(*) FROM (
  SELECT type, max(day) FROM d_type_log WHERE day <= ? AND {_ACTIVE} GROUP BY member_id)
GROUP BY type
"""
_TYPES = f"SELECT type, count(*), sum(spend12) FROM d_case WHERE {_ACTIVE} GROUP BY type"
_TYPE_SIZES = f"SELECT type, count(*) FROM d_case WHERE {_ACTIVE} GROUP BY type"
_SPENT = f"SELECT member_id, spend12 FROM d_case WHERE {_ACTIVE} ORDER BY spend12 DESC, member_id"
_STAFF_COUNTS = """
SELECT staff_id, count(*) FROM member WHERE staff_id IS NOT NULL AND archived_on IS NULL GROUP BY staff_id
"""
_TOTAL = "SELECT count(*) FROM member WHERE archived_on IS NULL"
_COMPLETE = """
SELECT (SELECT count(*) FROM {0}) = (SELECT count(*) FROM member)
  - (SELECT count(*) FROM member WHERE merged_into IS NOT NULL)
"""
_CARD = """
SELECT m.id, m.name, m.call_name, m.card_no, m.gender, m.birthday, m.joined, m.staff_id, coalesce(p.name, ''),
  m.referrer_id, coalesce(r.name, ''), m.wechat, m.size_top, m.size_bottom, m.size_shoe, m.height, m.weight,
  m.likes, m.avoids, m.tags, m.notes, m.no_call, m.no_message, m.pause_until, m.archived_on IS NOT NULL,
  c.last_d, coalesce(c.n12, 0), coalesce(c.spend12, 0), coalesce(c.spend, 0), coalesce(c.n, 0),
  m.no_sms, m.consent, m.consent_on, m.consent_by, m.best_time, m.merged_into, m.erased_on IS NOT NULL,
  (SELECT count(*) FROM member b WHERE b.referrer_id = m.id AND b.merged_into IS NULL)
FROM member m LEFT JOIN d_case c ON c.member_id = m.id LEFT JOIN staff p ON p.id = m.staff_id
LEFT JOIN member r ON r.id = m.referrer_id WHERE m.id=?
"""
_CARD_OWN = """
SELECT f.id, v.value, f.name FROM own_value v JOIN own_field f ON f.id = v.field_id
WHERE v.member_id=? AND v.value <> '' AND f.gone_on IS NULL ORDER BY f.seq, f.id
"""
_SAME_PHONE = """
SELECT DISTINCT o.id, o.name FROM phone p JOIN phone q ON q.key = p.key AND q.member_id <> p.member_id
JOIN member o ON o.id = q.member_id WHERE p.member_id=? AND o.archived_on IS NULL ORDER BY o.id
"""
_CONTACTS = """
SELECT c.id, c.member_id, c.day, c.at, c.channel, c.outcome, c.reason, c.next_day, c.note, coalesce(p.name,
  '')
FROM contact c LEFT JOIN staff p ON p.id = c.staff_id WHERE c.member_id=? ORDER BY c.day DESC, c.at DESC,
  c.id DESC
"""
# What was bought and when she came and joined; of whom nothing is known since when the shop has her.
_UNSEEN = """
SELECT id FROM (
  SELECT m.id, coalesce(nullif(max(
    coalesce(m.joined, ''),
    coalesce((SELECT max(day) FROM sale WHERE member_id = m.id AND voided_on IS NULL), ''),
    coalesce((SELECT max(day) FROM visit WHERE member_id = m.id AND voided_on IS NULL), '')
  ), ''), substr(m.created_at, 1, 10)) AS seen
  FROM member m WHERE m.archived_on IS NULL)
WHERE seen < ? ORDER BY seen, id
"""
_BATCHES = """
SELECT b.id, b.at, b.file, coalesce(p.name, ''), b.counts, b.undone_at IS NOT NULL,
  e.undone_by IS NOT NULL, e.day FROM batch b LEFT JOIN staff p ON p.id = b.staff_id
LEFT JOIN journal_entry e ON e.id = b.entry_id ORDER BY b.id DESC
"""
_WORDS = re.compile(r"[\s、，,;；/|]+")
_AMONG_LIST = "IN (SELECT value FROM json_each(?))"
_MOST_FREQUENT = 14  # a menu that still fits on the screen
_OFTEN = "SELECT {0}, count(*) FROM member WHERE archived_on IS NULL AND {0} <> '' GROUP BY 1"
_OWN = f"SELECT member_id FROM own_value WHERE field_id = ? AND value {_AMONG_LIST}"
_OWN_OFTEN = """
SELECT v.field_id, v.value, count(*) FROM own_value v JOIN own_field f ON f.id = v.field_id
JOIN member m ON m.id = v.member_id
WHERE f.gone_on IS NULL AND m.archived_on IS NULL AND v.value <> '' GROUP BY 1, 2
"""
# The runs of ids that imports added, and who is in such runs.
_IMPORTED = """
SELECT j.row_id, j.last_id FROM batch b JOIN journal_change j ON j.entry_id = b.entry_id
WHERE j.tbl = 'member' AND j.op = 'insert'
"""
_THESE_BATCHES = f" AND b.id {_AMONG_LIST}"
_IN_RUNS = """
SELECT m.id FROM json_each(?) r
JOIN member m ON m.id BETWEEN json_extract(r.value, '$[0]') AND json_extract(r.value, '$[1]')
"""
_LUNAR = "SELECT DISTINCT birthday FROM member WHERE birthday LIKE 'L:%'"

_HOLDS = "'|' || s.{kind} || '|' LIKE ? ESCAPE '\\'"


def ids(rx: Rx, query: Query, today: date) -> array[int]:
    """The ids a query finds, in its order; members without the sort figure come last."""
    key = _SORTS[query.sort]
    order_table = key[0]
    # The orders by last purchase and by name stand in an index of the derived table: starting from there
    # nothing is sorted.
    start = order_table if not query.archived and _is_complete(rx, order_table) else "m"
    found = _Filter(rx, query, today, start)
    way = "DESC" if query.descending else "ASC"
    order = f"{key} {way} NULLS LAST, {found.member} {way}"
    sql = f"SELECT {found.member} {found.source(order_table)} ORDER BY {order}"
    members = list(chain.from_iterable(rx.all(sql, found.params)))
    return array("q", _by_next(rx, members, query.descending) if query.sort == "next" else members)


def _by_next(rx: Rx, members: list[int], descending: bool) -> list[int]:
    """Members, given in the order of ids, by the day of their next to-do; those without one come last."""
    due: dict[int, str] = dict(rx.all(_DUE))
    some = list(filter(due.__contains__, members))
    some.sort(key=due.__getitem__, reverse=descending)  # within a day the ids keep their order
    return some + list(filterfalse(due.__contains__, members))


def count(rx: Rx, query: Query, today: date) -> int:
    """How many members a query finds."""
    start = "c" if not query.archived and _is_complete(rx, "c") else "m"
    found = _Filter(rx, query, today, start)
    return int(rx.value(f"SELECT count(*) {found.source(start)}", found.params))


def _is_complete(rx: Rx, alias: str) -> bool:
    """Whether a derived table has a row for everybody who was not merged into another, so that reading may
    start from it."""
    if alias not in ("c", "s"):
        return False
    return bool(rx.value(_COMPLETE.format(_TABLES[alias])))


def _member_of(alias: str) -> str:
    return "m.id" if alias == "m" else f"{alias}.member_id"


class _Filter:
    """The tests of a query on the table `start`, which is read in the order wanted.

    Tests on other columns than that order's are sets of ids of their own, each found by the index or the one
    pass that suits it: the order is then read from its index alone, without looking up the rows.
    """

    def __init__(self, rx: Rx, query: Query, today: date, start: str) -> None:
        self.params: list[object] = []
        self.member = _member_of(start)
        self._start = start
        self._tests: list[str] = []
        if query.archived:
            self._among("m", "m.archived_on IS NOT NULL AND m.merged_into IS NULL")
        elif start == "m":
            self._also("m.archived_on IS NULL")
        else:
            self._also(f"{self.member} NOT IN (SELECT id FROM member WHERE archived_on IS NOT NULL)")
        for kind, part in search_parts(query.text, by_tail=query.by_tail):
            self._among("s", _HOLDS.format(kind=kind), f"%{escaped(part)}%")
        if query.types:
            self._among("c", f"c.type IN ({','.join('?' * len(query.types))})", *sorted(query.types))
        if query.absent_days is not None:
            until = today.toordinal() - query.absent_days
            if start == "c" and query.sort == "last":  # then it is the end of the order's own index
                self._also("c.last_d <= ?", until)
            else:
                self._among("c", "c.last_d <= ?", until)
        if query.within_days is not None:
            self._among("c", "c.last_d >= ?", today.toordinal() - query.within_days)
        if query.n12 is not None:
            self._among("c", "c.n12 >= ?", query.n12)
        if query.spend12_fen is not None:
            self._among("c", "c.spend12 >= ?", query.spend12_fen)
        if query.birthday_months:
            months = [_birthdays(rx, month, today) for month in sorted(query.birthday_months)]
            self._among("m", " OR ".join([_BIRTHDAY] * len(months)), *chain.from_iterable(months))
        if query.staff:
            self._among("m", f"coalesce(m.staff_id, 0) {_AMONG_LIST}", as_list(query.staff))
        for column, words in (("likes", query.likes), ("tags", query.tags)):
            if words:
                self._among("m", f"m.{column} {_AMONG_LIST}", _texts_with(rx, column, words))
        if query.sizes:
            lists = [json.dumps([s for c, s in query.sizes if c == column]) for column in SIZE_FIELDS]
            self._among("m", " OR ".join(f"m.{c} {_AMONG_LIST}" for c in SIZE_FIELDS), *lists)
        if query.sources:
            self._from(rx, query.sources)
        for field in {field for field, _ in query.own}:
            values = json.dumps([value for other, value in query.own if other == field])
            self._also(f"{self.member} IN ({_OWN})", field, values)
        if query.no_size:
            self._also(f"{self.member} NOT IN ({_SIZED})")  # most tills know of no sizes
        if query.bad_phone:
            self._also(f"{self.member} IN (SELECT member_id FROM phone WHERE wrong = 1)")
        if query.only is not None:
            self._also(f"{self.member} IN (SELECT value FROM json_each(?))", as_list(query.only))

    def _from(self, rx: Rx, sources: Collection[str]) -> None:
        """Where a member came from: a referrer, an import, or typed in by hand."""
        tests: list[str] = []
        params: list[object] = []
        if "referred" in sources:
            tests.append(f"{self.member} IN (SELECT id FROM member WHERE referrer_id IS NOT NULL)")
        if "hand" in sources:
            tests.append(f"{self.member} NOT IN ({_IN_RUNS})")
            params.append(json.dumps(rx.all(_IMPORTED)))
        batches = [int(source.removeprefix("batch.")) for source in sources if source.startswith("batch.")]
        if batches:
            tests.append(f"{self.member} IN ({_IN_RUNS})")
            params.append(json.dumps(rx.all(_IMPORTED + _THESE_BATCHES, (as_list(batches),))))
        self._also(f"({' OR '.join(tests)})", *params)

    def source(self, order_table: str) -> str:
        """FROM and WHERE of the statement."""
        join, tests = "", " AND ".join(self._tests)
        if order_table != self._start:
            table = f"{_TABLES[order_table]} {order_table}"
            join = f" LEFT JOIN {table} ON {_member_of(order_table)} = {self.member}"
        return f"FROM {_TABLES[self._start]} {self._start}{join} WHERE {tests}"

    def _among(self, alias: str, test: str, *values: object) -> None:
        if alias == "m" == self._start:
            self._also(f"({test})", *values)
        else:
            found = f"SELECT {_member_of(alias)} FROM {_TABLES[alias]} {alias} WHERE {test}"
            self._also(f"{self.member} IN ({found})", *values)

    def _also(self, test: str, *values: object) -> None:
        self._tests.append(test)
        self.params.extend(values)


def _texts_with(rx: Rx, column: str, words: Collection[str]) -> str:
    """The texts of a column that have one of the words, as a list for json_each."""
    texts = (text for (text,) in rx.all(f"SELECT DISTINCT {column} FROM member WHERE {column} <> ''"))
    return json.dumps([text for text in texts if not set(words).isdisjoint(split_words(text))])


def frequent(rx: Rx) -> dict[str, tuple[tuple[str, int], ...]]:
    """The most frequent sizes, preferences, tags and values of own fields, each with how many members have
    it: by `size_top`, `size_bottom`, `size_shoe`, `likes`, `tags`, `own.<field>`."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for column in SIZE_FIELDS:
        counts[column].update(dict(rx.all(_OFTEN.format(column))))
    for column in ("likes", "tags"):
        for text, often in rx.all(_OFTEN.format(column)):
            for word in set(split_words(text)):
                counts[column][word] += often
    for field, value, often in rx.all(_OWN_OFTEN):
        counts[f"own.{field}"][value] = often
    return {
        kind: tuple(sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_FREQUENT])
        for kind, found in counts.items()
        if found
    }


def _birthdays(rx: Rx, month: int, today: date) -> tuple[str, str]:
    """The lunar birthdays that fall into the month this year, and the pattern of the solar ones."""
    first = date(today.year, month, 1)
    lunar = [key for (key,) in rx.all(_LUNAR) if _falls_into(key.partition("-")[2].lstrip("-"), first)]
    return json.dumps(lunar), f"%-{month:02d}-__"


@lru_cache(maxsize=2048)
def _falls_into(month_day: str, first: date) -> bool:
    day = Birthday.from_key("L:--" + month_day).next_solar(first)
    return (day.year, day.month) == (first.year, first.month)


def as_list(values: Collection[int]) -> str:
    """Ids for json_each."""
    return "[" + ",".join(map(str, values)) + "]"


def rows(rx: Rx, members: Sequence[int]) -> list[MemberRow]:
    """The list rows of these members in this order, missing ones left out; made for a page of a few
    hundred."""
    wanted = as_list(members)
    phones: dict[int, list[str]] = defaultdict(list)
    wrong = set()
    for member, key, is_wrong in rx.all(_ROW_PHONES, (wanted,)):
        phones[member].append(key)
        if is_wrong:
            wrong.add(member)
    due = {member: date.fromisoformat(day) for member, day in rx.all(_ROW_DUE, (wanted,))}
    found = {
        row[0]: MemberRow(
            id=MemberId(row[0]), name=row[1], phones=tuple(phones[row[0]]), type=row[2],
            reason=_reason(row[3], row[4]), last_day=_from_ordinal(row[5]), n12=row[6], spend12_fen=row[7],
            spend_fen=row[8], next_due=due.get(row[0]),
            sizes=" / ".join(size for size in row[9:12] if size), staff=row[12], joined=_day(row[13]),
            birthday=row[14], phone_wrong=row[0] in wrong,
        )
        for row in rx.all(_ROWS, (wanted,))
    }  # fmt: skip
    return [found[member] for member in members if member in found]


def card(rx: Rx, member: int) -> MemberCard | None:
    """All that is kept about a member; verdict and to-do are the caller's to add. None if she does not
    exist."""
    row = rx.one(_CARD, (member,))
    if row is None:
        return None
    phones = rx.all("SELECT key, wrong FROM phone WHERE member_id=? ORDER BY seq", (member,))
    own = rx.all(_CARD_OWN, (member,))
    return MemberCard(
        id=MemberId(row[0]), name=row[1], call_name=row[2], phones=tuple(key for key, _ in phones),
        card_no=row[3], gender=row[4], birthday=row[5], joined=_day(row[6]), staff_id=row[7], staff=row[8],
        referrer_id=row[9], referrer=row[10], wechat=row[11], size_top=row[12], size_bottom=row[13],
        size_shoe=row[14], height=row[15],
        weight=row[16], likes=split_words(row[17]), avoids=split_words(row[18]), tags=split_words(row[19]),
        notes=row[20], no_call=bool(row[21]), no_message=bool(row[22]), pause_until=_day(row[23]),
        phone_wrong=any(wrong for _, wrong in phones), archived=bool(row[24]), verdict=None,
        last_day=_from_ordinal(row[25]), n12=row[26], spend12_fen=row[27], spend_fen=row[28], n=row[29],
        no_sms=bool(row[30]), consent=row[31], consent_on=_day(row[32]), consent_by=row[33],
        best_time=row[34], merged_into=row[35], erased=bool(row[36]), referrals=row[37],
        own=tuple(row[:2] for row in own), own_names=tuple(row[2] for row in own),
        same_phone=tuple((MemberId(other), name) for other, name in rx.all(_SAME_PHONE, (member,))),
        sales=receipts_of(rx, member), visits=visits_of(rx, member), contacts=_contacts(rx, member),
    )  # fmt: skip


def split_words(text: str) -> tuple[str, ...]:
    """The single words of a field such as 喜好 or 标签, however they were separated."""
    return tuple(word for word in _WORDS.split(text) if word)


def _contacts(rx: Rx, member: int) -> tuple[ContactRow, ...]:
    return tuple(
        ContactRow(
            row[0], MemberId(row[1]), date.fromisoformat(row[2]), row[3], row[4], row[5], row[6],
            _day(row[7]), row[8], row[9],
        )
        for row in rx.all(_CONTACTS, (member,))
    )  # fmt: skip


def unseen(rx: Rx, since: str) -> list[int]:
    """Who has not bought, come or joined since that ISO day, longest ago first; reads every member."""
    return [row[0] for row in rx.all(_UNSEEN, (since,))]


def total(rx: Rx) -> int:
    """How many members there are, without the deactivated ones."""
    return int(rx.value(_TOTAL))


def type_sizes(rx: Rx) -> dict[str, int]:
    """How many members each type has."""
    return dict(rx.all(_TYPE_SIZES))


def type_counts(rx: Rx, month_end: date) -> dict[TypeKey, TypeCount]:
    """Members and 12-month spend of each type now, and how many were of it on `month_end` where that is
    known."""
    before: dict[str, int] = dict(rx.all(_TYPES_BEFORE, (month_end.isoformat(),)))
    return {
        key: TypeCount(key, members, spend, before.get(key, 0) if before else None)
        for key, members, spend in rx.all(_TYPES)
    }


def best_fifth(rx: Rx) -> BestFifth:
    """Who spent most, a fifth of all members and at least one; whoever spent nothing is not among them."""
    rows = rx.all(_SPENT)
    best = [(member, spent) for member, spent in rows[: max(1, round(len(rows) / 5))] if spent > 0]
    everything = sum(spent for _, spent in rows)
    part = sum(spent for _, spent in best) / everything if everything > 0 else 0.0
    return BestFifth(tuple(MemberId(member) for member, _ in best), part)


def staff_counts(rx: Rx) -> dict[int, int]:
    """How many members each assistant has."""
    return dict(rx.all(_STAFF_COUNTS))


def batches(rx: Rx, today: date) -> tuple[BatchRow, ...]:
    """All imports, newest first."""
    return tuple(_batch(row, today) for row in rx.all(_BATCHES))


def _batch(row: Row, today: date) -> BatchRow:
    counts = json.loads(row[4])
    undone = bool(row[5] or row[6])
    fresh = row[7] is not None and may_still_undo(date.fromisoformat(row[7]), today)
    return BatchRow(
        id=BatchId(row[0]), at=row[1], file=row[2], staff=row[3],
        members_new=counts.get("members_new", 0), members_updated=counts.get("members_updated", 0),
        sales_new=counts.get("sales_new", 0), visits_new=counts.get("visits_new", 0),
        contacts_new=counts.get("contacts_new", 0),
        rows_skipped=counts.get("rows_skipped", 0), undoable=fresh and not undone, undone=undone,
    )  # fmt: skip


def _reason(code: str | None, values: str | None) -> Sentence | None:
    return None if code is None else reason_of(code, json.loads(values or "{}"))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _from_ordinal(number: int | None) -> date | None:
    return date.fromordinal(number) if number else None
