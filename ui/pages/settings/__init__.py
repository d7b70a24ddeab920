"""Settings: the shop, how the types are told apart, backups, the look, and about the program."""

from ui.pages.settings.page import SettingsPage

__all__ = ["SettingsPage"]
