"""What stands under the list of Today: who waits and who must be left alone, the keys, what is ticked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from shopcrm.basics.texts import t
from ui import theme
from ui.widgets import KeyHint, Label, SmallButton

LINE, KEYS = 32, 32


class _Hints(QWidget):
    """Key hints side by side, as many from the left as there is room for."""

    def __init__(self, hints: Sequence[KeyHint]) -> None:
        super().__init__()
        self._hints = hints
        self._wanted: frozenset[KeyHint] = frozenset(hints)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(14))
        for hint in hints:
            row.addWidget(hint)
        row.addStretch(1)

    def show_only(self, wanted: Sequence[KeyHint]) -> None:
        """Which of them hold now."""
        self._wanted = frozenset(wanted)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.width()
        for hint in self._hints:
            room -= hint.sizeHint().width() if hint in self._wanted else 0
            hint.setVisible(hint in self._wanted and room >= 0)
            room -= theme.px(14) if hint in self._wanted else 0


class Foot(QWidget):
    """Two lines: `Today's places` and, below, the keys, or what may be done with the rows that are ticked."""

    waiting_wanted = Signal()
    today_wanted = Signal()
    withheld_wanted = Signal()
    export_wanted = Signal()
    print_wanted = Signal()
    give_wanted = Signal()
    forward_wanted = Signal()
    untick_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._layout_name, self._done, self._ticked, self._waits = "normal", False, 0, False
        self._waiting_words = Label("", "small", "tx2")
        self.waiting_button = SmallButton(t("today.waiting.show"))
        self.withheld_button = SmallButton("")
        self._ticked_words = Label("", "body_bold")
        self.give = SmallButton(t("today.give"), icon="users")
        self.forward = SmallButton(t("today.forward"), icon="chevron-up")
        self.untick = SmallButton(t("today.untick"), icon="x")
        self.export = SmallButton(t("today.export"), icon="file-spreadsheet")
        self.print = SmallButton(t("today.print"), icon="printer")
        self._open_hints = [
            KeyHint("↑↓", t("today.hint.move")),
            KeyHint("1–6", t("today.hint.outcome")),
            KeyHint("Enter", t("today.hint.save")),
            KeyHint("Ctrl+C", t("today.hint.copy")),
        ]
        self._done_hints = [
            KeyHint("Enter", t("today.hint.open")),
            KeyHint("Delete", t("today.hint.takeback")),
        ]
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._build_places())
        column.addWidget(self._build_keys())
        self._connect()
        self.scale()
        self.set_waiting("", "")
        self.set_withheld(0)

    def _build_places(self) -> QWidget:
        self._places = QWidget()
        row = QHBoxLayout(self._places)
        row.setContentsMargins(theme.px(2), 0, 0, 0)
        for widget in (self._waiting_words, self.waiting_button):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.withheld_button)
        return self._places

    def _build_keys(self) -> QWidget:
        self._keys = QWidget()
        row = QHBoxLayout(self._keys)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(14))
        ticks = (self._ticked_words, self.give, self.forward, self.untick)
        for widget in ticks:
            row.addWidget(widget)
        self._hints = _Hints([*self._open_hints, *self._done_hints])
        row.addWidget(self._hints, 1)
        self._right = QWidget()
        self.right_row = QHBoxLayout(self._right)
        self.right_row.setContentsMargins(0, 0, 0, 0)
        self.right_row.setSpacing(theme.px(14))
        self.right_row.addWidget(self.export)
        row.addWidget(self._right)
        row.addWidget(self.print)
        return self._keys

    def _connect(self) -> None:
        self.waiting_button.clicked.connect(self.waiting_wanted)
        self.withheld_button.clicked.connect(self.withheld_wanted)
        self.give.clicked.connect(self.give_wanted)
        self.forward.clicked.connect(self.forward_wanted)
        self.untick.clicked.connect(self.untick_wanted)
        self.export.clicked.connect(self.export_wanted)
        self.print.clicked.connect(self.print_wanted)

    def fields(self) -> list[QWidget]:
        """What Tab goes to, in the order one reads."""
        ticks = [self.give, self.forward, self.untick]
        return [self.waiting_button, self.withheld_button, *ticks, self.export, self.print]

    def scale(self) -> None:
        """Heights for the font level in force."""
        self._places.setFixedHeight(theme.px(LINE))
        self._keys.setFixedHeight(theme.px(KEYS))

    # -- what is shown ------------------------------------------------------------------------------------

    def set_layout(self, name: str) -> None:
        """The window's layout: a compact one has no room for the last hint."""
        self._layout_name = name
        self._show_keys()

    def set_done(self, done: bool) -> None:
        """Whether the list shows what is done; then other keys hold."""
        self._done = done
        self._show_keys()

    def set_ticked(self, number: int, waiting: int) -> None:
        """How many rows are ticked, and how many of these wait."""
        self._ticked = number
        self._ticked_words.setText(t("mb.selected", n=number))
        self._waits = waiting > 0
        self._show_keys()

    def set_waiting(self, words: str, button: str) -> None:
        """A sentence on those that wait and the button beside it; "" where nobody does."""
        self._waiting_words.setText(words)
        self.waiting_button.setText(button)
        for widget in (self._waiting_words, self.waiting_button):
            widget.setVisible(bool(words))
        self._show_places()

    def set_withheld(self, number: int) -> None:
        """How many would be on the list but must not be contacted."""
        self.withheld_button.setText(t("today.withheld", n=number))
        self.withheld_button.setVisible(number > 0)
        self._show_places()

    def _show_places(self) -> None:
        shown = (self._waiting_words, self.withheld_button)
        self._places.setVisible(any(not widget.isHidden() for widget in shown))

    def _show_keys(self) -> None:
        ticked = self._ticked > 0
        most = 3 if self._layout_name == "compact" else 4
        hold = self._done_hints if self._done else self._open_hints[:most]
        self._hints.show_only([] if ticked else hold)
        for widget in (self._ticked_words, self.give, self.untick):
            widget.setVisible(ticked)
        self.forward.setVisible(ticked and self._waits)
        # In a compact window there is no room for both; what is ticked may be printed alone.
        self._right.setVisible(not ticked or self._layout_name != "compact")


class Whose(SmallButton):
    """Whose customers are shown, with the arrow of a menu behind the name."""

    def __init__(self) -> None:
        super().__init__(t("today.shop"), icon="chevron-down")
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.setAccessibleName(t("today.whose"))
