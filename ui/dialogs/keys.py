"""键盘怎么按: the keyboard help, made from the table of actions."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from shopcrm.basics.texts import has, t
from ui import theme
from ui.actions import ACTIONS, Action
from ui.theme import paint
from ui.widgets import Dialog, KeyCap, Label


class KeysDialog(Dialog):
    """Every key of the program: those for everywhere, those for the customer at hand, those of lists."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, t("keys.title"), width=820)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(24))
        grid.setVerticalSpacing(theme.px(8))
        everywhere = [action for action in ACTIONS if not action.page]
        at_hand = [action for action in ACTIONS if action.page in ("today", "counter")]
        lists = [action for action in ACTIONS if action.page in ("members", "io")]
        for column, actions in enumerate((everywhere, at_hand, lists)):
            for row, action in enumerate(actions):
                grid.addLayout(self._line(action), row, column)
        self.body.addLayout(grid)
        self.add_button(t("g.gotit"), "primary")

    def _line(self, action: Action) -> QHBoxLayout:
        key = t(action.shown) if action.shown and has(action.shown) else action.keys[0]
        line = QHBoxLayout()
        line.setSpacing(theme.px(8))
        line.addWidget(_Cap(key), 0, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(Label(t(action.text)), 1)
        return line


class _Cap(KeyCap):
    """A key-cap that is shown even while key hints are off: here it is the content."""

    def sizeHint(self) -> QSize:
        return QSize(paint.keycap_width(self._key), theme.px(22))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint.keycap(painter, 0, self.height() // 2, self._key)
        painter.end()
