"""What figures of contacts may say: a share with its interval, a difference with its interval, or "not yet".

Intervals are of 95 %: Wilson's for a share (E. B. Wilson, JASA 22, 1927), and for a difference of two shares
Newcombe's hybrid score interval without continuity correction (R. G. Newcombe, Statistics in Medicine 17,
1998, pp. 873-890, method 10), which keeps its promise for small groups and shares near 0, where the usual
textbook interval does not. Also here: what a rule's contacts were worth so far (CLASSIFICATION 10).
"""

from __future__ import annotations

from math import sqrt

from shopcrm.basics.records import Gap, Rate

_Z = 1.959964  # of the normal distribution, two-sided 95 %
NARROW = 0.05  # a difference below five points in a hundred is no reason to change anything
_LEARNS_FROM = 30  # contacts
_PRIOR_CONTACTS = 50


def rate(hits: int, of: int) -> Rate:
    """A share with Wilson's interval; of none it may be anything."""
    if not of:
        return Rate(0, 0, 0.0, 1.0)
    share, z2 = hits / of, _Z * _Z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z * sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return Rate(hits, of, max(0.0, middle - half), min(1.0, middle + half))


def gap(first: Rate, second: Rate) -> Gap:
    """The difference of two shares with Newcombe's interval.

    It says more or fewer once the interval excludes 0 with Rate.ENOUGH in each group, same once it lies
    within NARROW on both sides, and open until then.
    """
    apart = first.share - second.share
    low = apart - sqrt((first.share - first.low) ** 2 + (second.high - second.share) ** 2)
    high = apart + sqrt((first.high - first.share) ** 2 + (second.share - second.low) ** 2)
    says = "open"
    if first.is_enough and second.is_enough:
        if low > 0:
            says = "more"
        elif high < 0:
            says = "fewer"
        elif low >= -NARROW and high <= NARROW:
            says = "same"
    return Gap(first, second, max(-1.0, low), min(1.0, high), says)


def chance_30(p90: float) -> float:
    """Chance of a purchase within 30 days, of that within 90 (CLASSIFICATION 10): 1 - (1 - p90)^(1/3)."""
    return 1 - float((1 - p90) ** (1 / 3))


def learned_gain(prior: float, contacts: int, bought: int, expected: float) -> float | None:
    """A rule's own gain a contact in percentage points, None below 30 contacts (CLASSIFICATION 10):
    (50·prior + 100·Σ(bought within 30 days - p30)) / (50 + contacts).

    `expected` is the sum of p30 of these contacts on their days, `prior` in percentage points.
    """
    if contacts < _LEARNS_FROM:
        return None
    return (_PRIOR_CONTACTS * prior + 100 * (bought - expected)) / (_PRIOR_CONTACTS + contacts)
