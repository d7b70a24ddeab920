"""The roles of the people who work in a shop; a shop without staff belongs to its owner."""

from __future__ import annotations

ROLES = ("owner", "assistant", "entry")
