"""Who of a rule's members is left out for a quarter, so that contacted and not contacted can be compared.

The draw is a number made of (salt, member, rule, quarter): the same for ever, and without it nobody can tell
who is left out. The quarter is that of what the to-do hangs on, its anchor: so all steps of one to-do have
one lot, and nobody who was left out gets the same to-do a day later because a new quarter began.
"""

from __future__ import annotations

from datetime import date

LEAST_MEMBERS = 200  # below it a rule's groups never get large enough to tell anything
_BITS = 64


def quarter_of(day: int) -> str:
    """The calendar quarter of a day number, 2026Q4."""
    on = date.fromordinal(day)
    return f"{on.year}Q{(on.month + 2) // 3}"


def lot(salt: str, member: int, rule: str, quarter: str) -> float:
    """A number from 0 to 1 (exclusive), even over the members, that depends on nothing else."""
    from hashlib import blake2b  # slow to load, and only wanted where somebody is left out

    drawn = blake2b(f"{salt}|{member}|{rule}|{quarter}".encode(), digest_size=_BITS // 8).digest()
    return int.from_bytes(drawn, "big") / (1 << _BITS)


def is_held(salt: str, member: int, rule: str, quarter: str, share: float) -> bool:
    """Whether she is left out of a rule in a quarter; who is at a smaller share is at a larger one, too."""
    return lot(salt, member, rule, quarter) < share
