"""PINs: who sits there, asked by four digits. They guard the window and the commands, not the file.

Of a PIN only a salted hash is kept. Five wrong tries are free, then each has to wait, longer every time. The
wait counts seconds of the running program and begins anew with every start of it: neither a restart nor
another clock shortens it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING

from shopcrm.basics.errors import InputError, Refusal
from shopcrm.basics.records import Done, StaffId, Tried
from shopcrm.basics.rights import FREE
from shopcrm.store import pins as rows

if TYPE_CHECKING:
    from shopcrm.shop import Shop

DIGITS = 4
CODE_DIGITS = 16
FREE_TRIES = 5
FIRST_WAIT, LONGEST_WAIT = 30, 900  # seconds

_COST, _BLOCK, _LANES = 2**15, 8, 1  # of scrypt: 32 MB, a tenth of a second
_MOST_MEMORY = 96 * 2**20
_SALT = 16


class Pins:
    """Setting, asking, taking away and recovering PINs. Nothing of it is journaled or undone; the audit trail
    says whose PIN it was."""

    def __init__(self, shop: Shop, seconds: Callable[[], float] = time.monotonic) -> None:
        self._shop = shop
        self._seconds = seconds
        self._begun = seconds()
        self._tried: dict[StaffId, float] = {}

    def set(self, staff: StaffId, pin: str, old: str = "") -> Done[None]:
        """Give a person a PIN: an owner anybody, anybody herself; who has one herself proves it by the `old`.

        InputError pin_digits of field `pin`, pin_bad of `pin_old`; Refusal pin_wait; RightsError.
        """
        if not is_pin(pin):
            raise InputError("pin", "pin_digits")
        person = self._allowed(staff, old)
        with self._shop.write("staff.pin", right=FREE) as tx:
            rows.put_pin(tx, staff, _hashed(pin))
            tx.note(whose=person.name)
            return tx.done(None, "done.pin", name=person.name)

    def clear(self, staff: StaffId, old: str = "") -> Done[None]:
        """Take a person's PIN away. Raises as `set`."""
        person = self._allowed(staff, old)
        with self._shop.write("staff.pin_reset", right=FREE) as tx:
            rows.clear(tx, staff)
            tx.note(whose=person.name)
            return tx.done(None, "done.pin_cleared", name=person.name)

    def reset(self, name: str) -> Done[None]:
        """Take a person's PIN away from outside the window, as the last resort of whoever has the file.

        The owner is told. Refusal staff_unknown.
        """
        people = [person for person in self._shop.settings.staff() if person.name == name.strip()]
        if not people:
            raise Refusal("staff_unknown")
        with self._shop.write("staff.pin_reset", right=FREE) as tx:
            rows.clear(tx, people[0].id)
            tx.note(whose=people[0].name, by="command")
            return tx.done(None, "done.pin_cleared", name=people[0].name)

    def try_(self, staff: StaffId, pin: str) -> Tried:
        """Whether this is her PIN; while she has to wait nothing is looked at. Refusal staff_unknown.

        A person without a PIN needs none.
        """
        return self._try(staff, pin, lambda person: person.pin)

    def wait(self, staff: StaffId) -> int:
        """Seconds until the next try of this person is looked at; 0: now."""
        person = self._person(staff)
        if person.wrong < FREE_TRIES:
            return 0
        whole = min(FIRST_WAIT << min(person.wrong - FREE_TRIES, 10), LONGEST_WAIT)
        return max(ceil(whole - (self._seconds() - self._tried.get(staff, self._begun))), 0)

    def new_recovery(self, staff: StaffId) -> str:
        """A new code by which this owner gets in without her PIN; it is not kept and told only here."""
        shop = self._shop
        if staff != shop.actor:
            shop.check("staff")
        person = self._person(staff)
        if person.role != "owner":
            raise Refusal("no_recovery")
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
        with shop.write("staff.recovery") as tx:
            rows.put_recovery(tx, staff, _hashed(code))
            tx.note(whose=person.name)
        return " ".join(code[at : at + 4] for at in range(0, CODE_DIGITS, 4))

    def recover(self, staff: StaffId, code: str, new_pin: str) -> Tried:
        """A new PIN for an owner who has her recovery code, however it is spaced; wrong codes count as wrong
        PINs. The code stays good until there is another.

        InputError pin_digits of field `pin`; Refusal no_recovery.
        """
        if not is_pin(new_pin):
            raise InputError("pin", "pin_digits")
        person = self._person(staff)
        if not person.recovery or person.role != "owner":
            raise Refusal("no_recovery")
        tried = self._try(staff, re.sub(r"[\s-]", "", code), lambda person: person.recovery)
        if tried.ok:
            with self._shop.write("staff.pin_reset", right=FREE) as tx:
                rows.put_pin(tx, staff, _hashed(new_pin))
                tx.note(whose=person.name, by="code")
        return tried

    def _person(self, staff: StaffId) -> rows.Kept:
        person = rows.kept(self._shop.store.read(), staff)
        if person is None:
            raise Refusal("staff_unknown")
        return person

    def _allowed(self, staff: StaffId, old: str) -> rows.Kept:
        """The person whose PIN whoever acts may change."""
        person = self._person(staff)
        if staff != self._shop.actor:
            self._shop.check("staff")
        elif person.pin:
            tried = self.try_(staff, old)
            if tried.wait and not tried.looked:
                raise Refusal("pin_wait", n=tried.wait)
            if not tried.ok:
                raise InputError("pin_old", "pin_bad")
        return person

    def _try(self, staff: StaffId, typed: str, of: Callable[[rows.Kept], str]) -> Tried:
        person = self._person(staff)
        if not of(person):
            return Tried(True, True, FREE_TRIES, 0)
        if (wait := self.wait(staff)) > 0:
            return Tried(False, False, 0, wait)
        wrong = person.wrong + 1
        self._tried[staff] = self._seconds()
        # Counted as wrong before it is looked at: whoever kills the program in between has had her try.
        with self._shop.write("staff.try") as tx:
            rows.put_wrong(tx, staff, wrong)
        if _is_hash_of(of(person), typed):
            with self._shop.write("staff.try") as tx:
                rows.put_wrong(tx, staff, 0)
            self._tried.pop(staff, None)
            return Tried(True, True, FREE_TRIES, 0)
        if wrong == FREE_TRIES:
            with self._shop.write("staff.pin_locked") as tx:
                tx.note(whose=person.name)
        return Tried(False, True, max(FREE_TRIES - wrong, 0), self.wait(staff))


def is_pin(text: str) -> bool:
    """Whether this can be a PIN."""
    return len(text) == DIGITS and text.isascii() and text.isdigit()


def is_easy(pin: str) -> bool:
    """Whether a PIN is among the first anybody would try: 0000, 1234, 4321, 1212, 1122, a year."""
    digits = [int(digit) for digit in pin]
    steps = {after - before for before, after in pairwise(digits)}
    return (
        len(set(pin)) <= 1
        or (len(steps) == 1 and steps <= {1, -1})
        or pin[:2] == pin[2:]
        or (pin[0] == pin[1] and pin[2] == pin[3])
        or pin[:2] in ("19", "20")
    )


def _hashed(text: str) -> str:
    """The kept form: how it was made, salt and hash."""
    salt = secrets.token_bytes(_SALT)
    made = _scrypt(text, salt, _COST, _BLOCK, _LANES)
    return f"scrypt${_COST}${_BLOCK}${_LANES}${salt.hex()}${made.hex()}"


def _is_hash_of(kept: str, text: str) -> bool:
    _, cost, block, lanes, salt, made = kept.split("$")
    found = _scrypt(text, bytes.fromhex(salt), int(cost), int(block), int(lanes))
    return hmac.compare_digest(found, bytes.fromhex(made))


def _scrypt(text: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    return hashlib.scrypt(text.encode(), salt=salt, n=cost, r=block, p=lanes, maxmem=_MOST_MEMORY, dklen=32)
