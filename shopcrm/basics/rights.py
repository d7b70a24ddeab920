"""The roles of the people who work in a shop; a shop without staff belongs to its owner."""

from __future__ import annotations

ROLES = ("owner", "assistant", "entry")

_FULL_PHONES = ("", "owner", "assistant")  # "": nobody is named, so the owner or the command line


def may_see_phones(role: str) -> bool:
    """Whether a person of this role sees whole phone numbers, on the screen and in what leaves the shop."""
    return role in _FULL_PHONES


def may_take_everything(role: str) -> bool:
    """Whether a person of this role may take the whole shop along."""
    return role in ("", "owner")
