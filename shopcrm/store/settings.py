"""Settings with their versions, and the people who work here."""

from __future__ import annotations

import json

from shopcrm.basics.records import SettingVersion, StaffId, StaffRow
from shopcrm.basics.settings import SETTINGS
from shopcrm.store.connection import Rx
from shopcrm.store.writing import Tx

_VALUE = "SELECT value FROM setting WHERE key=? ORDER BY id DESC LIMIT 1"
_ALL = "SELECT key, value, max(id) FROM setting GROUP BY key"
_VERSIONS = """
SELECT s.value, s.at, coalesce(p.name, '') FROM setting s LEFT JOIN staff p ON p.id = s.staff_id
WHERE s.key=? ORDER BY s.id DESC
"""
_STAFF = "SELECT id, name, role, active, pin <> '', rights FROM staff ORDER BY active DESC, id"


def value(rx: Rx, key: str) -> object:
    """The value in force, the default of basics.settings where none was set; KeyError for an unknown key."""
    default = SETTINGS[key].default
    stored = rx.value(_VALUE, (key,))
    return default if stored is None else json.loads(stored)


def values(rx: Rx) -> dict[str, object]:
    """All settings in force."""
    found: dict[str, object] = {key: row.default for key, row in SETTINGS.items()}
    for key, stored, _ in rx.all(_ALL):
        if key in found:  # a setting of an earlier version may have gone
            found[key] = json.loads(stored)
    return found


def versions(rx: Rx, key: str) -> tuple[SettingVersion, ...]:
    """All values a setting had, newest first; the default is not among them."""
    return tuple(SettingVersion(json.loads(stored), at, who) for stored, at, who in rx.all(_VERSIONS, (key,)))


def put(tx: Tx, key: str, new: object) -> bool:
    """Make `new` the value in force as a new version; answers whether it differed."""
    if value(tx, key) == new:
        return False
    tx.insert(
        "setting", key=key, value=json.dumps(new, ensure_ascii=False), at=tx.now.isoformat(" ", "seconds"),
        staff_id=tx.actor,
    )  # fmt: skip
    return True


def staff(rx: Rx) -> tuple[StaffRow, ...]:
    """Everybody who works or worked here, those who still do first."""
    return tuple(
        StaffRow(StaffId(row[0]), row[1], row[2], bool(row[3]), bool(row[4]), tuple(row[5].split()))
        for row in rx.all(_STAFF)
    )
