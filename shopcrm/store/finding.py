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
from threading import Lock
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
_FEW = 300  # lines; more are not gone through for the best ones
_MOST_APART = 1_000  # members changed since; beyond, everything is read anew

Part = tuple[Kind, str]


class Feed:
    """What was committed lately, for readers who keep something of the shop in memory."""

    def __init__(self) -> None:
        self._told = 0
        self._last: deque[Changes] = deque(maxlen=500)
        self._one = Lock()  # told on the writer's thread, asked on each reader's

    def tell(self, changes: Changes) -> None:
        """A write was committed."""
        with self._one:
            self._last.append(changes)
            self._told += 1

    def since(self, number: int) -> tuple[int, tuple[Changes, ...] | None]:
        """How much was told so far, and what came after the first `number`; None: too much to be kept."""
        with self._one:
            told, last = self._told, tuple(self._last)
        missing = told - number
        if missing > len(last):
            return told, None
        return told, last[len(last) - missing :]


class Hit(NamedTuple):
    """A member found, and the key of hers that holds what was typed first."""

    member: int
    key: str


class _Text(NamedTuple):
    """The lines of one kind of key, one after the other."""

    whole: str
    starts: array[int]  # where each line begins, and where one more would

    @classmethod
    def of(cls, lines: Sequence[str]) -> _Text:
        starts = array("I", accumulate((len(line) + len(_BETWEEN) for line in lines), initial=0))
        return cls("|" + _BETWEEN.join(lines) + "|", starts)

    def line(self, number: int) -> str:
        return self.whole[self.starts[number] : self.starts[number + 1] - 1]

    def holds(self, number: int, part: str) -> bool:
        return self.whole.find(part, self.starts[number], self.starts[number + 1] - 1) >= 0

    def numbers(self, part: str) -> Iterator[int]:
        """The lines that hold a part, from the front."""
        at = self.whole.find(part)
        while at >= 0:
            number = bisect_right(self.starts, at) - 1
            yield number
            at = self.whole.find(part, self.starts[number + 1])


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
        self._texts: dict[Kind, _Text] = {}
        self._apart: dict[int, _Line | None] = {}  # members changed since; None: not to be found any more
        self._apart_in_order: list[_Line] = []
        # What was typed last and all lines that hold it, while these are few: one key more only narrows them.
        self._last: tuple[tuple[Part, ...], list[int]] = ((), [])

    def find(self, parts: Sequence[Part], limit: int) -> list[Hit]:
        """The members in whom all parts occur, best first: the end of a phone before its middle, the
        beginning of a name or of pinyin before its middle, and within these whoever came last."""
        if not parts or limit <= 0:
            return []
        self.follow()
        kind, first = parts[0]
        better = ((kind, first + "|" if kind == "digits" else "|" + first), *parts[1:])
        few = self._few(tuple(parts))
        if few is None:
            found = self._from_the_front((better, parts), limit)
        else:
            known = (self._line(number) for number in few if self._members[number] not in self._apart)
            changed = (line for line in self._apart_in_order if line.holds(parts))
            found = sorted((*known, *changed), key=lambda line: (not line.holds(better), *_order(line)))
        return [Hit(line.member, _key(line.texts[_KINDS.index(kind)], first)) for line in found[:limit]]

    def _few(self, parts: tuple[Part, ...]) -> list[int] | None:
        """All lines that hold these parts, None if they are many."""
        before, numbers = self._last
        if before and all(any(k == kind and p in part for kind, part in parts) for k, p in before):
            found = [number for number in numbers if self._holds(number, parts)]
        else:
            found = list(islice(self._numbers(parts), _FEW + 1))
        if len(found) > _FEW:
            self._last = ((), [])
            return None
        self._last = (parts, found)
        return found

    def _from_the_front(self, ways: Iterable[Sequence[Part]], limit: int) -> list[_Line]:
        """The first members who fit the first way, then those who fit the second; within a way those who came
        last first."""
        found: dict[int, _Line] = {}
        for parts in ways:
            known = map(self._line, self._numbers(parts))
            lines = (line for line in known if line.member not in self._apart)
            changed = (line for line in self._apart_in_order if line.holds(parts))
            for line in merge(changed, lines, key=_order) if self._apart else lines:
                found.setdefault(line.member, line)
                if len(found) == limit:
                    return list(found.values())
        return list(found.values())

    def _numbers(self, parts: Sequence[Part]) -> Iterator[int]:
        """The lines in which all parts occur, from the front."""
        lead = max(parts, key=_length)  # the longest fits the fewest
        numbers = self._texts[lead[0]].numbers(lead[1])
        others = [part for part in parts if part != lead]
        return (number for number in numbers if self._holds(number, others)) if others else numbers

    def _holds(self, number: int, parts: Sequence[Part]) -> bool:
        return all(self._texts[kind].holds(number, part) for kind, part in parts)

    def _line(self, number: int) -> _Line:
        texts = tuple(self._texts[kind].line(number) for kind in _KINDS)
        return _Line(self._members[number], self._seen[number], texts)

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
        self._texts = {kind: _Text.of(lines) for kind, lines in zip(_KINDS, texts, strict=True)}
        self._apart, self._apart_in_order, self._last = {}, [], ((), [])

    def _set_apart(self, changed: set[int]) -> None:
        if not changed:
            return
        self._apart.update(dict.fromkeys(changed))
        for member, seen, *keys in self._rx.among(_SOME_LINES, changed):
            self._apart[member] = _Line(member, seen, tuple(f"|{key}|" for key in keys))
        lines = filter(None, self._apart.values())
        self._apart_in_order = sorted(lines, key=_order)


def _length(part: Part) -> int:
    return len(part[1])


def _order(line: _Line) -> tuple[int, int]:
    return -line.seen, line.member


def _key(text: str, part: str) -> str:
    """The key of a line that holds a part, one that begins with it before others."""
    keys = text.split("|")
    if part.endswith("|"):  # its end, or all of it
        return next((key for key in keys if key.endswith(part.strip("|"))), "")
    return next((key for key in keys if key.startswith(part)), next((k for k in keys if part in k), ""))
