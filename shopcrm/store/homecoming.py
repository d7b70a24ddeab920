"""To-dos as a call-back list names them, and what became of them since the list left the shop."""

from __future__ import annotations

import zlib
from collections.abc import Collection
from dataclasses import dataclass

from shopcrm.store.connection import Row, Rx
from shopcrm.store.members import Former, formers
from shopcrm.store.tasks import ids_of

_IDS = "IN (SELECT value FROM json_each(?))"
_TASKS = f"""
SELECT t.id, t.member_id, t.rule, t.anchor, t.step, m.created_at, m.name, t.state, t.closed_why, t.snoozes
FROM task t JOIN member m ON m.id = t.member_id WHERE t.id {_IDS}
"""
_CONTACTS = f"""
SELECT task_id, id, day, outcome, next_day, note FROM contact WHERE task_id {_IDS} ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Told:
    """One contact about a to-do; days ISO."""

    id: int
    day: str
    outcome: str
    next_day: str | None
    note: str


@dataclass(frozen=True, slots=True)
class Stand:
    """A to-do as it stands now, with every contact about it, the oldest first."""

    id: int
    name: str
    state: str
    closed_why: str
    snoozes: int
    contacts: tuple[Told, ...]
    origins: tuple[str, ...]  # what tells this to-do from every other, also of other shops

    def key(self, last: int | None = None) -> str:
        """What a list calls it; `last` is the newest contact the list knew of, now if not given."""
        if last is None:
            last = self.contacts[-1].id if self.contacts else 0
        return self._key(last, self.origins[0])

    def is_called(self, key: str, last: int) -> bool:
        """Whether a list that knew the contacts up to `last` calls it so, also one made before its member was
        merged into another."""
        return any(key == self._key(last, origin) for origin in self.origins)

    def _key(self, last: int, origin: str) -> str:
        check = zlib.crc32(f"{self.id}|{last}|{origin}".encode())
        return f"T{self.id}-{last}-{check:08X}"


def stands(rx: Rx, tasks: Collection[int]) -> dict[int, Stand]:
    """These to-dos by their ids; missing ones are left out."""
    ids = ids_of(tasks)
    told: dict[int, list[Told]] = {}
    for task, *contact in rx.all(_CONTACTS, (ids,)):
        told.setdefault(task, []).append(Told(*contact))
    merged = formers(rx)
    return {row[0]: _stand(row, told, merged.get(row[1], ())) for row in rx.all(_TASKS, (ids,))}


def _stand(row: Row, told: dict[int, list[Told]], merged: Collection[Former]) -> Stand:
    whose = [(row[1], row[5]), *((one.id, one.created_at) for one in merged)]
    origins = (f"{member}|{row[2]}|{row[3]}|{row[4]}|{added}" for member, added in whose)
    return Stand(row[0], row[6], row[7], row[8], row[9], tuple(told.get(row[0], ())), tuple(origins))
