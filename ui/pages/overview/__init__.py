"""The overview for the owner, and behind it: did the follow-ups help."""

from ui.pages.overview.page import OverviewPage

__all__ = ["OverviewPage"]
