"""Who vanishes from the list of Today while it is looked at: somebody else contacted her, or she came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from shopcrm.basics.records import TaskId, TaskRow
from shopcrm.basics.texts import t

MOST = 60  # rows that vanish at once are looked through for who handled them


def handled_words(row: TaskRow, today: date) -> str:
    """Who contacted her meanwhile, or that she came; "" where nobody did."""
    if row.state == "done" and row.closed_why in ("counter", "counter_bought"):
        return t("today.came")
    if row.last_contact_day != today or not row.last_contact_outcome:
        return ""
    if not row.contact_by:
        return t("today.someone.unknown", time=row.contact_at)
    return t("today.someone", staff=row.contact_by, time=row.contact_at)


class Handled:
    """Whoever was handled by somebody else keeps her place, marked, until another list is asked for; what was
    done on this page goes at once."""

    def __init__(self) -> None:
        self._tasks: frozenset[int] = frozenset()
        self._finished: set[int] = set()
        self._anew = True

    def __contains__(self, task: int) -> bool:
        return task in self._tasks

    def finish(self, task: int) -> None:
        """A to-do was done on this page."""
        self._finished.add(task)

    def let_go(self) -> None:
        """Another list is wanted: nobody keeps her place in it."""
        self._anew = True

    def keep(
        self,
        shown: Sequence[int],
        ids: list[int],
        rows: Callable[[Sequence[TaskId]], Sequence[TaskRow]],
        own: str,
        today: date,
    ) -> list[int]:
        """The new list with those of the one shown who were handled by somebody else, in their places.

        `rows` reads to-dos, `own` is the name of who is at the screen.
        """
        self._finished -= set(ids)
        known = self._finished.union(ids)
        gone = [task for task in shown if task not in known]
        if self._anew or not 0 < len(gone) <= MOST:
            self._tasks, self._anew = frozenset(), False
            return ids
        self._tasks = frozenset(
            row.id
            for row in rows([TaskId(task) for task in gone])
            if handled_words(row, today) and (row.contact_by != own or row.closed_why.startswith("counter"))
        )
        found, place = list(ids), 0
        for task in shown:
            if task in self._tasks:
                found.insert(place, task)
            if task in found:
                place = found.index(task) + 1
        return found
