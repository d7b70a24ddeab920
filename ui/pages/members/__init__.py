"""Members: find, filter, look up, tick several."""

from ui.pages.members.page import MembersPage

__all__ = ["MembersPage"]
