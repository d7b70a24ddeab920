"""Text into the clipboard, which another program may be holding for a moment."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication

TRIES = 3
PAUSE_MS = 50


class Clipboard(QObject):
    """Copies with a few tries; each `copy` is answered once by `done(True or False)`."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._text = ""
        self._left = 0
        self._done: Callable[[bool], object] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE_MS)
        self._timer.timeout.connect(self._try)

    def copy(self, text: str, done: Callable[[bool], object]) -> None:
        """Put `text` into the clipboard; the answer may come a moment later."""
        self._text, self._done, self._left = text, done, TRIES
        self._try()

    @Slot()
    def _try(self) -> None:
        self._left -= 1
        if self.put(self._text):
            self._answer(True)
        elif self._left > 0:
            self._timer.start()
        else:
            self._answer(False)

    def put(self, text: str) -> bool:
        """One try; whether the clipboard holds the text now."""
        board = QApplication.clipboard()
        board.setText(text)
        return board.text().replace("\r\n", "\n") == text

    def _answer(self, worked: bool) -> None:
        done, self._done = self._done, None
        if done is not None:
            done(worked)
