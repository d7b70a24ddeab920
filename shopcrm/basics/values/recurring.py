"""Days that come once or every year, by the sun or the moon: `2026-12-01`, `05-01`, `L:08-15`.

29 February is kept on the 28th in common years, the thirtieth of a lunar month of 29 days on the 29th, as
birthdays are.
"""

from __future__ import annotations

from shopcrm.basics.texts import t
from shopcrm.basics.values.birthday import Birthday
from shopcrm.basics.values.day import Day, day_or_none

_LUNAR = "L:"


def is_recurring(form: str) -> bool:
    """Whether this is one of the three forms, and names a day there is."""
    if is_yearly(form):
        return _yearly(form) is not None
    return _once(form) is not None


def is_yearly(form: str) -> bool:
    """Whether a form, if it is one, comes every year."""
    return form.startswith(_LUNAR) or len(form) == 5


def next_on(form: str, after: Day) -> Day | None:
    """The first such day from `after` on, that day included; None if there is none, or it is no form."""
    yearly = _yearly(form)
    if yearly is not None:
        return yearly.next_solar(after)
    once = _once(form)
    return once if once is not None and once >= after else None


def show_recurring(form: str) -> str:
    """A form for reading: `2026年12月1日`, `每年5月1日`, `每年农历八月十五`; as it stands if it is none."""
    yearly = _yearly(form)
    if yearly is not None:
        return t("day.every_year", day=yearly.show())
    once = _once(form)
    return form if once is None else Birthday(once.year, once.month, once.day).show()


def _yearly(form: str) -> Birthday | None:
    try:
        lunar = form.startswith(_LUNAR)
        found = Birthday.from_key(f"{_LUNAR}--{form[2:]}" if lunar else f"--{form}")
    except ValueError:
        return None
    if found.leap:
        return None
    if found.lunar:
        return found if 1 <= found.month <= 12 and 1 <= found.day <= 30 else None
    return found if day_or_none(2024, found.month, found.day) is not None else None  # 29 February is a day


def _once(form: str) -> Day | None:
    try:
        found = Day.fromisoformat(form)
    except ValueError:
        return None
    return found if found.isoformat() == form else None
