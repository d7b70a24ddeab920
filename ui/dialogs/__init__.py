"""Dialogs, one a file; they hold no shop and do not know each other."""
