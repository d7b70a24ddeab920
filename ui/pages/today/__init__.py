"""The morning question: whom to contact today, why, and what to say."""

from ui.pages.today.page import TodayPage

__all__ = ["TodayPage"]
