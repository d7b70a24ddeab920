"""Notices that nobody has touched key or mouse for a while."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication

_TOUCHES = frozenset((
    QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.Wheel,
    QEvent.Type.TouchBegin, QEvent.Type.InputMethod,
))  # fmt: skip


class IdleWatch(QObject):
    """Calls `idle` when no key, click or move came for so many minutes.

    Seconds of the running program and the computer's clock both count, the longer one wins: a computer that
    slept has been left alone, and the first touch after that is not let through.
    """

    def __init__(self, parent: QObject, idle: Callable[[], object]) -> None:
        super().__init__(parent)
        self._idle = idle
        self._seconds = 0.0
        self._last = self._now()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_time)

    def watch(self, minutes: float) -> None:
        """Watch from now on, as before where the minutes are the same; 0 stops."""
        if minutes * 60 == self._seconds:
            return
        app = QApplication.instance()
        assert app is not None
        if minutes and not self._seconds:
            app.installEventFilter(self)
        elif not minutes:
            app.removeEventFilter(self)
            self._timer.stop()
        self._seconds = minutes * 60
        if minutes:
            self._last = self._now()
            self._timer.start(round(self._seconds * 1000))

    @staticmethod
    def _now() -> tuple[float, float]:
        return time.monotonic(), time.time()

    def _left(self) -> float:
        """Seconds until it has been long enough."""
        since = max(now - then for now, then in zip(self._now(), self._last, strict=True))
        return self._seconds - since

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() not in _TOUCHES:
            return False
        late = self._left() <= 0
        self._last = self._now()
        if late:
            self._idle()
        return late

    @Slot()
    def _on_time(self) -> None:
        left = self._left()
        if left <= 0:
            self._last = self._now()
            left = self._seconds
            self._idle()
        self._timer.start(max(round(left * 1000), 1))
