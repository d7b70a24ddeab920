"""When a window of the program was painted and when one could work with it, seen from outside."""

import sys
import time
from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

SLOW = ("pandas", "numpy", "openpyxl", "pypinyin", "borax", "sqlite_utils", "python_calamine")
REST_MS = 1500


class Watch(QObject):
    """Sees the paint events of the window, later of its list only."""

    def __init__(self, root: Any) -> None:
        super().__init__()
        self.window = root.window
        self.stands = False
        self.window.installEventFilter(self)
        root.session.opened.connect(self.opened)

    def opened(self) -> None:
        rows = self.window.current_page().list
        self.model = rows.model()
        rows.viewport().installEventFilter(self)

    def eventFilter(self, item: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            if item is self.window:
                if not self.stands:
                    self.stands = True
                    QTimer.singleShot(0, self.say_stands)
            elif self.model.rowCount():
                item.removeEventFilter(self)
                QTimer.singleShot(0, self.say_usable)
        return False

    def say_stands(self) -> None:
        print("stands", time.monotonic(), flush=True)

    def say_usable(self) -> None:
        print("painted", time.monotonic(), flush=True)
        QTimer.singleShot(REST_MS, self.rest)

    def rest(self) -> None:
        from tests.bench.memory import memory_at_rest

        print("memory", *memory_at_rest(), flush=True)
        print("loaded", *(name for name in SLOW if sys.modules.get(name)), flush=True)
        self.window.close()
        QApplication.quit()


def watch_windows(app: Any) -> None:
    """Watch every window the composition root will run, instead of its last step."""
    watch_the_day = app.App.watch_the_day

    def watched(root: Any) -> None:
        watch_the_day(root)
        root.watch = Watch(root)

    app.App.watch_the_day = watched
