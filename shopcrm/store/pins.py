"""PINs and recovery codes as the file keeps them: salted hashes, and how often somebody was wrong.

None of it is journaled: no step back brings an old PIN into force or forgets a wrong try.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from shopcrm.basics.records import StaffId
from shopcrm.store.connection import Rx
from shopcrm.store.writing import Tx

_KEPT = "SELECT name, role, pin, pin_wrong, recovery FROM staff WHERE id=?"
_WRONG = "UPDATE staff SET pin_wrong=? WHERE id=?"
_PIN = "UPDATE staff SET pin=?, pin_wrong=0 WHERE id=?"
_CLEAR = "UPDATE staff SET pin='', pin_wrong=0, recovery='' WHERE id=?"
_RECOVERY = "UPDATE staff SET recovery=? WHERE id=?"
_RESETS = """
SELECT json_extract(what, '$.whose') FROM audit
WHERE kind = 'staff.pin_reset' AND json_extract(what, '$.by') = 'command' AND at >= ? ORDER BY id
"""


class Kept(NamedTuple):
    """What is kept of one person."""

    name: str
    role: str
    pin: str
    wrong: int
    recovery: str


def kept(rx: Rx, staff: StaffId) -> Kept | None:
    """What is kept of a person, None for nobody known."""
    row = rx.one(_KEPT, (staff,))
    return None if row is None else Kept(*row)


def put_wrong(tx: Tx, staff: StaffId, wrong: int) -> None:
    """So many wrong tries since the last right one."""
    tx.derive(_WRONG, (wrong, staff))


def put_pin(tx: Tx, staff: StaffId, pin: str) -> None:
    """Another PIN, as its hash; wrong tries of before are forgotten."""
    tx.derive(_PIN, (pin, staff))
    tx.touch(settings=True)


def clear(tx: Tx, staff: StaffId) -> None:
    """No PIN and no code any more."""
    tx.derive(_CLEAR, (staff,))
    tx.touch(settings=True)


def put_recovery(tx: Tx, staff: StaffId, code: str) -> None:
    """Another recovery code, as its hash."""
    tx.derive(_RECOVERY, (code, staff))


def resets(rx: Rx, since: datetime) -> Mapping[str, None]:
    """Whose PIN a command took away since then, by name."""
    return dict.fromkeys(str(row[0]) for row in rx.all(_RESETS, (since.isoformat(" ", "seconds"),)))
