"""The rival of the window: the least a PySide6 program can be. Prints when it was painted, what it holds."""

import sys
import time

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget


class Bare(QWidget):
    painted = False

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.painted:
            self.painted = True
            QTimer.singleShot(0, self.tell)

    def tell(self) -> None:
        print("painted", time.monotonic(), flush=True)
        QTimer.singleShot(1000, self.rest)

    def rest(self) -> None:
        from tests.bench.memory import memory_at_rest

        print("memory", *memory_at_rest(), flush=True)
        QApplication.quit()


if __name__ == "__main__":
    app = QApplication(sys.argv)
    window = Bare()
    window.resize(1366, 697)
    window.show()
    app.exec()
