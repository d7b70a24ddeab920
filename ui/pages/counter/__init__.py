"""The counter: a customer is standing here."""

from ui.pages.counter.page import CounterPage

__all__ = ["CounterPage"]
