"""The roles of the people who work in a shop; a shop without staff belongs to its owner."""

from __future__ import annotations

from collections.abc import Sequence

from shopcrm.basics.records import StaffId, StaffRow

ROLES = ("owner", "assistant", "entry")

_FULL_PHONES = ("owner", "assistant")


def acting_role(actor: StaffId | None, people: Sequence[StaffRow]) -> str:
    """The role in which somebody acts: the owner's for nobody in particular (the command line, a shop without
    staff) and where no owner is named, so that nobody is locked out of her own shop."""
    if not any(person.active and person.role == "owner" for person in people):
        return "owner"
    return next((person.role for person in people if person.id == actor), "owner")


def may_see_phones(role: str) -> bool:
    """Whether a person of this role sees whole phone numbers, on the screen and in what leaves the shop."""
    return role in _FULL_PHONES


def may_take_everything(role: str) -> bool:
    """Whether a person of this role may take the whole shop along."""
    return role == "owner"


def may_hand_over(role: str) -> bool:
    """Whether a person of this role may say who works here and who takes over from whom."""
    return role == "owner"


def may_erase(role: str) -> bool:
    """Whether a person of this role may take a member's particulars out of the file for good."""
    return role == "owner"


def may_set_rules(role: str) -> bool:
    """Whether a person of this role may change whom the shop contacts, when and how often."""
    return role == "owner"
