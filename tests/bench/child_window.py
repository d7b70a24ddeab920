"""The program itself, started by main.py on the file named, watched from outside of it.

Prints when the window was first painted, when it was usable (its first list stands with rows in it), what it
holds at rest, and which of the slow libraries it has loaded by then.
"""

import runpy
import sys
import time
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from installer import bootstrap
from ui import app

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


def watched(root: app.App) -> None:
    """Instead of the composition root's last step."""
    watch_the_day(root)
    root.watch = Watch(root)  # type: ignore[attr-defined]


if __name__ == "__main__":
    watch_the_day = app.App.watch_the_day
    app.App.watch_the_day = watched  # type: ignore[method-assign]
    # As after the set-up of an owner's computer, whatever made the environment the bench runs in.
    bootstrap._is_stamped = lambda lock: True
    bootstrap._recorded_version = bootstrap._version
    bootstrap._provide_libraries = lambda: None
    sys.argv = [str(Path(__file__).parents[2] / "main.py"), "--db", sys.argv[1]]
    runpy.run_path(sys.argv[0], run_name="__main__")
