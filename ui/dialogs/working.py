"""The window of long work: what runs, how far it is, how long it will take, and a stop that really stops."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from shopcrm.basics.texts import has, t
from ui.session import Running
from ui.widgets import Dialog, Label, ProgressLine

SHOW_MS = 400  # shorter work shows no window
GUESS_S = 2.0  # from here on the remaining time can be guessed


class WorkingDialog(Dialog):
    """Shows itself when the work takes longer than 400 ms, and goes when it ends."""

    of_nobody = True

    def __init__(self, parent: QWidget, running: Running) -> None:
        super().__init__(parent, running.title, width=460)
        self._running = running
        self._began = time.monotonic()
        self._what = Label(" ")
        self._bar = ProgressLine(0)
        self._steps = Label(" ", "small", "tx2")
        self._left = Label("", "small", "tx2")
        self.body.addWidget(self._what)
        self.body.addWidget(self._bar)
        line = QHBoxLayout()
        line.addWidget(self._steps)
        line.addStretch(1)
        line.addWidget(self._left)
        self.body.addLayout(line)
        self._stop = self.add_button(t("g.stop"), "normal", self._on_stop)
        self._cross.hide()
        running.stepped.connect(self._on_stepped)
        running.ended.connect(self._on_ended)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.open)
        self._ends = 0.0
        self._second = QTimer(self)
        self._second.setInterval(1000)
        self._second.timeout.connect(self._on_second)
        self._timer.start(SHOW_MS)

    def reject(self) -> None:
        """Esc means stop; the window goes when the work has ended."""
        self._on_stop()

    @Slot(int, int, str)
    def _on_stepped(self, done: int, total: int, what: str) -> None:
        self._what.setText(t(what) if has(what) else "")
        self._bar.set_progress(done, total)
        self._steps.setText(t("g.step", a=f"{done:,}", b=f"{total:,}") if total > 1 else " ")
        self._guess(done / total if total else 0.0)

    def _guess(self, part: float) -> None:
        """Say how long it will still take when this part of the work, 0 to 1, is done."""
        spent = time.monotonic() - self._began
        if spent > GUESS_S and 0 < part < 1:
            self._ends = self._began + spent / part
            self._on_second()
            self._second.start()

    @Slot()
    def _on_second(self) -> None:
        """Between two steps the time left goes down by itself."""
        self._left.setText(t("g.left", n=max(1, round(self._ends - time.monotonic()))))

    @Slot()
    def _on_stop(self) -> None:
        self._stop.setEnabled(False)
        self._running.stop()

    @Slot()
    def _on_ended(self) -> None:
        self._timer.stop()
        self._second.stop()
        self.accept()
