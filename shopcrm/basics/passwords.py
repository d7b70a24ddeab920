"""What a password must be, and how long it would stand against somebody who holds the file and tries."""

from __future__ import annotations

import itertools
import math
import string
from typing import Literal

from shopcrm.basics.errors import InputError

LEAST = 8  # characters

Strength = Literal["weak", "fair", "strong"]

# Bits of what has to be tried. A sealed file lets a good computer try some ten million a second: below 45
# bits it is through within weeks, 60 take it thousands of years.
_FAIR, _STRONG = 45.0, 60.0
_ALPHABETS = (string.ascii_lowercase, string.ascii_uppercase, string.digits, string.punctuation + " ")


def refuse_unfit(password: str) -> None:
    """Raise InputError password_short or password_letters for what cannot become a password.

    Other programs turn anything but plain letters, digits and signs into other bytes than we do, and a field
    for passwords takes no Chinese on some computers.
    """
    if any(letter not in string.printable[:95] for letter in password):
        raise InputError("password", "password_letters")
    if len(password) < LEAST:
        raise InputError("password", "password_short", n=LEAST)


def strength(password: str) -> Strength:
    """How much of it has to be guessed: a letter that repeats the one before or is its neighbour does not
    count."""
    if not password:
        return "weak"
    steps = [ord(b) - ord(a) for a, b in itertools.pairwise(password)]
    new = 1 + sum(abs(step) > 1 for step in steps)
    letters = sum(len(some) for some in _ALPHABETS if any(letter in some for letter in password))
    bits = min(new, 2 * len(set(password))) * math.log2(max(letters, 2))
    return "weak" if bits < _FAIR else "fair" if bits < _STRONG else "strong"
