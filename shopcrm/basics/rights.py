"""Who may do what: one row a right. A role without a right can still see the entry; it asks for the owner."""

from __future__ import annotations

ROLES = ("owner", "assistant", "entry")

RIGHTS: dict[str, frozenset[str]] = {
    "counter": frozenset(ROLES),
    "today": frozenset({"owner", "assistant"}),
    "members": frozenset({"owner", "assistant"}),
    "export": frozenset({"owner", "assistant"}),
    "import": frozenset({"owner"}),
    "overview": frozenset({"owner"}),
    "settings": frozenset({"owner"}),
    "display": frozenset(ROLES),
    "backup": frozenset({"owner"}),
}


def may(role: str | None, right: str) -> bool:
    """Whether a role has a right; a shop without staff (`role` None) belongs to its owner."""
    return role is None or role in RIGHTS[right]
