"""The owner's settings with their versions, and the people who work here."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from shopcrm.basics.errors import InputError, Refusal
from shopcrm.basics.progress import SILENT
from shopcrm.basics.records import Done, SettingVersion, StaffId, StaffRow
from shopcrm.basics.rights import GRANTABLE, ROLES, USUAL
from shopcrm.basics.settings import SETTINGS, TYPE_GROUPS, is_type_setting
from shopcrm.basics.values import clean_name
from shopcrm.rules.own_rules import checked_own
from shopcrm.store import Rx, Tx
from shopcrm.store import settings as rows

if TYPE_CHECKING:
    from shopcrm.shop import Shop

_LONGEST_NAME = 20
_OF_RULES = (*TYPE_GROUPS, "followups", "day", "words")  # the types, and whom the shop contacts, when and how


def checked(key: str, value: object) -> object:
    """The value of a setting in its kept form. InputError of field `key` if there is no such setting, or the
    value is of a wrong kind or out of range; of a follow-up rule of field `rules_own.<rule>.<value>`."""
    if key not in SETTINGS:
        raise InputError(key, "setting_unknown")
    found = SETTINGS[key].check(value)
    if key == "rules_own":
        assert isinstance(found, dict)
        return checked_own(found)
    return found


def _checked_rights(role: str, rights: Collection[str]) -> str:
    if role not in ROLES:
        raise InputError("role", "role_bad")
    if not set(rights) <= set(GRANTABLE):
        raise InputError("rights", "role_bad")
    return " ".join(key for key in GRANTABLE if key in rights)


class Settings:
    """Reading and changing what basics.settings lists; a change of the types' numbers re-classifies
    everybody."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def get(self, key: str) -> object:
        """The value in force; KeyError for a key basics.settings does not have."""
        return rows.value(self._shop.store.read(), key)

    def all(self) -> dict[str, object]:
        """All values in force."""
        return rows.values(self._shop.store.read())

    def versions(self, key: str) -> tuple[SettingVersion, ...]:
        """The values a setting had, newest first."""
        return rows.versions(self._shop.store.read(), key)

    def set(self, key: str, value: object) -> Done[None]:
        """Put a value in force. InputError of field `key` if it is of the wrong kind or out of range."""
        return self.set_many({key: value})

    def set_many(self, values: dict[str, object]) -> Done[None]:
        """Put several values in force as one step that can be undone.

        InputError as `checked`; RightsError.
        """
        shop = self._shop
        kept = {key: checked(key, value) for key, value in values.items()}
        if kept.get("shop.name") == "":
            raise InputError("shop.name", "shop_name_needed")
        of_rules = all(SETTINGS[key].group in _OF_RULES for key in kept)
        with shop.write("setting.set", right="rules" if of_rules else "settings") as tx:
            changed = [key for key, value in kept.items() if rows.put(tx, key, value)]
            self.follow(tx, changed)
            return tx.done(None, "done.setting")

    def follow(self, tx: Tx, keys: list[str]) -> None:
        """Inside a write that changed these settings: types and to-dos follow, and the trail names them."""
        shop = self._shop
        keys = [key for key in keys if key in SETTINGS]  # what an import remembers is no setting of ours
        if keys:
            tx.note(keys=keys)
        if any(is_type_setting(key) for key in keys):
            shop.types.refresh(tx, None, shop.day, SILENT)
        if any(is_type_setting(key) or SETTINGS[key].group == "followups" for key in keys):
            shop.followups.refresh(tx, None, shop.day, SILENT)

    def staff(self) -> tuple[StaffRow, ...]:
        """Everybody who works or worked here."""
        return rows.staff(self._shop.store.read())

    def add_staff(self, name: str, role: str, rights: Collection[str] = USUAL) -> Done[StaffId]:
        """Add a person, an assistant with these of basics.rights.GRANTABLE.

        InputError for a name that is empty, long or taken, or an unknown role or right.
        """
        kept = _checked_rights(role, rights)
        with self._shop.write("staff.add") as tx:
            name = self._checked_name(tx, name, None)
            staff = tx.insert("staff", name=name, role=role, rights=kept)
            return tx.done(StaffId(staff), "done.staff", name=name)

    def begin(self, shop_name: str, owner: str) -> Done[StaffId | None]:
        """Name the shop and, if given, its owner, as one step. InputError of shop.name or staff_name."""
        shop = self._shop
        name = SETTINGS["shop.name"].check(shop_name)
        if not name:
            raise InputError("shop.name", "shop_name_needed")
        with shop.write("shop.begin") as tx:
            rows.put(tx, "shop.name", name)
            staff = None
            if owner.strip():
                staff = StaffId(tx.insert("staff", name=self._checked_name(tx, owner, None), role="owner"))
                rows.put(tx, "shop.owner", clean_name(owner))
            return tx.done(staff, "done.begin", name=name)

    def change_staff(
        self, staff: StaffId, role: str, rights: Collection[str] = (), name: str | None = None
    ) -> Done[None]:
        """Give a person a role and, to an assistant, these of basics.rights.GRANTABLE, and another name if
        one is told.

        InputError for an unknown role or right, and as `add_staff`; Refusal staff_last_owner where nobody
        would be left who may do everything.
        """
        kept = _checked_rights(role, rights)
        with self._shop.write("staff.change") as tx:
            person = self._known(tx, staff)
            if role != "owner":
                self._refuse_last_owner(tx, person)
            name = person.name if name is None else self._checked_name(tx, name, staff)
            tx.update("staff", staff, name=name, role=role, rights=kept)
            tx.note(role=role, rights=len(rights))
            return tx.done(None, "done.staff", name=name)

    def set_staff_active(self, staff: StaffId, active: bool) -> Done[None]:
        """Say whether a person still works here; her records stay hers. Refusal staff_last_owner as
        `change_staff`."""
        shop = self._shop
        with shop.write("staff.active") as tx:
            person = self._known(tx, staff)
            if not active:
                self._refuse_last_owner(tx, person)
            name = person.name
            tx.update("staff", staff, active=int(active))
            return tx.done(None, "done.staff", name=name)

    def owners(self, rx: Rx) -> list[StaffRow]:
        """Who works here as an owner."""
        return [person for person in rows.staff(rx) if person.active and person.role == "owner"]

    def _refuse_last_owner(self, tx: Tx, person: StaffRow) -> None:
        """The one owner cannot go while others stay: the shop would be anybody's (basics.rights)."""
        others = [other for other in rows.staff(tx) if other.active and other.id != person.id]
        if others and [owner.id for owner in self.owners(tx)] == [person.id]:
            raise Refusal("staff_last_owner", name=person.name)

    def _known(self, tx: Tx, staff: StaffId) -> StaffRow:
        for person in rows.staff(tx):
            if person.id == staff:
                return person
        raise Refusal("staff_unknown")

    def _checked_name(self, tx: Tx, name: str, own: StaffId | None) -> str:
        name = clean_name(name)
        if not name:
            raise InputError("staff_name", "name_needed")
        if len(name) > _LONGEST_NAME:
            raise InputError("staff_name", "name_long", n=_LONGEST_NAME)
        if any(person.name == name and person.id != own for person in rows.staff(tx)):
            raise InputError("staff_name", "name_taken", name=name)
        return name
