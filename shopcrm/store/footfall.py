"""How many people came in, by day and hour; a day without rows was not counted."""

from __future__ import annotations

from datetime import date

from shopcrm.basics.records import Conversion, FootfallDay
from shopcrm.store.connection import Rx
from shopcrm.store.writing import Tx

_HOUR = "SELECT id, people FROM footfall WHERE day=? AND hour=?"
_LAST_HOUR = (
    "SELECT id, people FROM footfall WHERE day=? AND people > 0 ORDER BY hour <= ? DESC, hour DESC LIMIT 1"
)
_DAY = "SELECT hour, people FROM footfall WHERE day=? ORDER BY hour"
_HOURS = "SELECT hour, sum(people) FROM footfall WHERE day BETWEEN ? AND ? GROUP BY hour ORDER BY hour"
_DAYS = "SELECT count(DISTINCT day) FROM footfall WHERE day BETWEEN ? AND ?"
# Receipts on counted days with at least one article sold; a mere return is nobody who bought.
_RECEIPTS = """
SELECT count(*) FROM sale s WHERE s.day IN (SELECT day FROM footfall WHERE day BETWEEN ? AND ?)
  AND s.voided_on IS NULL
  AND EXISTS (SELECT 1 FROM line l WHERE l.sale_id = s.id AND l.amount_fen >= 0 AND l.returns_line_id IS NULL)
"""


def count(tx: Tx, day: date, hour: int, people: int) -> bool:
    """Count so many more (or one fewer) in this hour; False where there was nobody to take away.

    Somebody too many is taken out of the latest hour that has one; an hour without anybody left has no row.
    """
    text = day.isoformat()
    row = tx.one(_HOUR, (text, hour)) if people > 0 else tx.one(_LAST_HOUR, (text, hour))
    if row is None:
        if people <= 0:
            return False
        tx.insert("footfall", day=text, hour=hour, people=people)
    elif row[1] + people > 0:
        tx.update("footfall", row[0], people=row[1] + people)
    else:
        tx.delete("footfall", row[0])
    return True


def of_day(rx: Rx, day: date) -> FootfallDay | None:
    """The tally of a day; None where nobody counted."""
    hours = tuple((hour, people) for hour, people in rx.all(_DAY, (day.isoformat(),)))
    return FootfallDay(day, sum(people for _, people in hours), hours) if hours else None


def conversion(rx: Rx, first: date, last: date) -> Conversion:
    """People and receipts of the counted days from `first` to `last`."""
    span = first.isoformat(), last.isoformat()
    hours = tuple((hour, people) for hour, people in rx.all(_HOURS, span))
    return Conversion(
        first, last, int(rx.value(_DAYS, span)), sum(people for _, people in hours),
        int(rx.value(_RECEIPTS, span)), hours,
    )  # fmt: skip
