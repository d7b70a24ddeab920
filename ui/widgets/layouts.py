"""What PySide gets wrong about layouts, mended before the first of them is made.

A layout that is added to another makes PySide wrap each of its items, and keep the wrapper when Qt has long
deleted the item: a widget that goes takes its item along. Whatever comes to lie in that place later is taken
for the old item: a focus that moves hands a QWidgetItem where a widget is. Nothing here needs those wrappers;
for the same reason no QSpacerItem is made here, but a widget or `addSpacing`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QBoxLayout, QGridLayout, QLayout, QLayoutItem
from shiboken6 import invalidate


def _mended(add: Callable[..., Any]) -> Callable[..., Any]:
    # Not `wraps(add)`: to say what it does, PySide works out the signatures of all of Qt's widgets.
    def added(outer: QLayout, *args: Any, **options: Any) -> None:
        add(outer, *args, **options)
        for arg in args:
            if isinstance(arg, QLayout):
                _let_go(arg)

    return added


def _let_go(item: QLayoutItem | None) -> None:
    if isinstance(item, QLayout):
        for at in range(item.count()):
            _let_go(item.itemAt(at))
    elif item is not None:
        invalidate(item)


def mend() -> None:
    """Let the ways to add a layout to another leave no wrapper behind; done once, when widgets are loaded."""
    for kind, name in ((QBoxLayout, "addLayout"), (QBoxLayout, "insertLayout"), (QGridLayout, "addLayout")):
        setattr(kind, name, _mended(getattr(kind, name)))
