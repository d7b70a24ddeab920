"""Finding members as fast as one types: the texts they are found by, held in memory.

There is one long text for each kind of key, with a line for every member, those who came last in front. A
search reads it from the front until it has enough, so that what fits many is found at once, and what fits
nobody costs one pass. Members changed since are kept apart and their lines passed over, until there are many.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from itertools import accumulate, islice
from typing import NamedTuple, get_args

from shopcrm.basics.records import Changes
from shopcrm.basics.values import Kind
from shopcrm.store.connection import AMONG, Rx

# Who came last: the later of the last purchase and the last visit. JULIAN makes a day's ordinal of it.
_JULIAN = "julianday(max(v.day)) - 1721424.5"
_LINES = f"""
SELECT s.member_id, CAST(max(coalesce(c.last_d, 0), coalesce(w.d, 0)) AS INTEGER) AS seen,
  s.name, s.letters, s.digits
FROM d_search s JOIN member m ON m.id = s.member_id LEFT JOIN d_case c ON c.member_id = s.member_id
LEFT JOIN (SELECT v.member_id, {_JULIAN} AS d FROM visit v WHERE v.voided_on IS NULL GROUP BY v.member_id) w
  ON w.member_id = s.member_id
WHERE m.archived_on IS NULL ORDER BY seen DESC, s.member_id
"""
_SOME_LINES = f"""
SELECT s.member_id, CAST(max(coalesce(c.last_d, 0), coalesce((SELECT {_JULIAN} FROM visit v
    WHERE v.member_id = s.member_id AND v.voided_on IS NULL), 0)) AS INTEGER),
  s.name, s.letters, s.digits
FROM d_search s JOIN member m ON m.id = s.member_id LEFT JOIN d_case c ON c.member_id = s.member_id
WHERE m.archived_on IS NULL AND s.member_id {AMONG}
"""
_KINDS: tuple[Kind, ...] = get_args(Kind)
_BETWEEN = "|\n|"  # lines; so every key of a line stands between two bars
_MOST_APART = 1_000  # members changed since; beyond, everything is read anew

Part = tuple[Kind, str]


class Feed:
    """What was committed lately, for readers who keep something of the shop in memory."""

    def __init__(self) -> None:
        self._told = 0
        self._last: deque[Changes] = deque(maxlen=500)

    def tell(self, changes: Changes) -> None:
        """A write was committed."""
        self._last.append(changes)
        self._told += 1

    def since(self, number: int) -> tuple[int, tuple[Changes, ...] | None]:
        """How much was told so far, and what came after the first `number`; None: too much to be kept."""
        told, last = self._told, tuple(self._last)
        missing = told - number
        if missing > len(last):
            return told, None
        return told, last[len(last) - missing :]


class Hit(NamedTuple):
    """A member found, and the key of hers that holds what was typed first."""

    member: int
    key: str


class _Line(NamedTuple):
    """One member's texts, each in its bars."""

    member: int
    seen: int
    texts: tuple[str, ...]

    def holds(self, parts: Iterable[Part]) -> bool:
        return all(part in self.texts[_KINDS.index(kind)] for kind, part in parts)


class Finder:
    """The members of one shop by what they are found by. Belongs to one thread, as its reader does."""

    def __init__(self, rx: Rx, feed: Feed) -> None:
        self._rx, self._feed = rx, feed
        self._read = -1  # of the feed; -1: nothing is in memory yet
        self._members, self._seen = array("q"), array("q")
        self._texts: tuple[str, ...] = ()
        self._starts: tuple[array[int], ...] = ()  # where each member's line begins
        self._apart: dict[int, _Line | None] = {}  # members changed since; None: not to be found any more
        self._apart_in_order: list[_Line] = []

    def find(self, parts: Sequence[Part], limit: int) -> list[Hit]:
        """The members in whom all parts occur, best first: the end of a phone before its middle, the
        beginning of a name or of pinyin before its middle, and within these whoever came last."""
        if not parts or limit <= 0:
            return []
        self.follow()
        kind, first = parts[0]
        better = first + "|" if kind == "digits" else "|" + first
        hits: dict[int, Hit] = {}
        for wanted in ([(kind, better), *parts[1:]], parts):
            for line in islice(self._fitting(wanted), limit):
                if line.member not in hits:
                    hits[line.member] = Hit(line.member, _key(line.texts[_KINDS.index(kind)], first))
                if len(hits) == limit:
                    return list(hits.values())
        return list(hits.values())

    def follow(self) -> None:
        """Take in what was committed since; the first time everything is read."""
        told, news = self._feed.since(max(self._read, 0))
        if self._read >= 0 and told == self._read:
            return
        known = self._read >= 0 and news is not None
        changed: set[int] = set()
        for one in news or ():
            known = known and not one.members.all
            changed |= one.members.ids
        if known and len(self._apart.keys() | changed) <= _MOST_APART:
            self._set_apart(changed)
        else:
            self._read_all()
        self._read = told

    def _read_all(self) -> None:
        members, seen = array("q"), array("q")
        texts: list[list[str]] = [[] for _ in _KINDS]
        for member, day, *keys in self._rx.iterate(_LINES):
            members.append(member)
            seen.append(day)
            for kind, key in zip(texts, keys, strict=True):
                kind.append(key)
        self._members, self._seen = members, seen
        self._starts = tuple(
            array("q", accumulate((len(key) + len(_BETWEEN) for key in kind), initial=0)) for kind in texts
        )
        self._texts = tuple("|" + _BETWEEN.join(kind) + "|" for kind in texts)
        self._apart, self._apart_in_order = {}, []

    def _set_apart(self, changed: set[int]) -> None:
        if not changed:
            return
        self._apart.update(dict.fromkeys(changed))
        for member, seen, *keys in self._rx.among(_SOME_LINES, changed):
            self._apart[member] = _Line(member, seen, tuple(f"|{key}|" for key in keys))
        lines = filter(None, self._apart.values())
        self._apart_in_order = sorted(lines, key=_order)

    def _fitting(self, parts: Sequence[Part]) -> Iterator[_Line]:
        """The members in whom all parts occur, those who came last first."""
        changed = (line for line in self._apart_in_order if line.holds(parts))
        return merge(changed, self._in_texts(parts), key=_order) if self._apart else self._in_texts(parts)

    def _in_texts(self, parts: Sequence[Part]) -> Iterator[_Line]:
        lead = max(parts, key=_length)  # the longest fits the fewest
        kind = _KINDS.index(lead[0])
        text, starts = self._texts[kind], self._starts[kind]
        at = text.find(lead[1])
        while at >= 0:
            number = bisect_right(starts, at) - 1
            member = self._members[number]
            if member not in self._apart and all(self._holds(number, part) for part in parts if part != lead):
                texts = tuple(self._line(number, one) for one in range(len(_KINDS)))
                yield _Line(member, self._seen[number], texts)
            at = text.find(lead[1], starts[number + 1])

    def _holds(self, number: int, part: Part) -> bool:
        kind = _KINDS.index(part[0])
        starts = self._starts[kind]
        return self._texts[kind].find(part[1], starts[number], starts[number + 1] - 1) >= 0

    def _line(self, number: int, kind: int) -> str:
        starts = self._starts[kind]
        return self._texts[kind][starts[number] : starts[number + 1] - 1]


def _length(part: Part) -> int:
    return len(part[1])


def _order(line: _Line) -> tuple[int, int]:
    return -line.seen, line.member


def _key(text: str, part: str) -> str:
    """The key of a line that holds a part, one that begins with it before others."""
    keys = text.split("|")
    return next((key for key in keys if key.startswith(part)), next((k for k in keys if part in k), ""))
