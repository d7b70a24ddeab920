"""What to do with a type, in full: the card behind the strip above its list."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QWidget

from shopcrm.basics.records import Strategy
from shopcrm.basics.texts import t
from ui import theme
from ui.widgets import Label, Popup, SmallButton, TypeBadge

_PARTS = ("goal", "do", "dont", "offer", "words")
_LISTS = ("do", "dont")


class StrategyCard(Popup):
    """Opens under the strip and goes with it."""

    change_wanted = Signal(str)

    def __init__(self, strip: QWidget) -> None:
        super().__init__(strip)
        self._type, self._strip = "", strip
        self.body.setContentsMargins(theme.px(16), theme.px(12), theme.px(16), theme.px(12))
        self.body.setSpacing(theme.px(10))
        head = QHBoxLayout()
        head.setSpacing(theme.px(10))
        self._badge = TypeBadge("", 24)
        self.title = Label("", "h3")
        self.change = SmallButton(t("words.strategy.change"), icon="pencil")
        head.addWidget(self._badge)
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.change)
        self.body.addLayout(head)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(14))
        grid.setVerticalSpacing(theme.px(8))
        grid.setColumnStretch(1, 1)
        self.parts: dict[str, Label] = {}
        for row, part in enumerate(_PARTS):
            caption, text = (
                Label(t("words.strategy." + part), "label_bold", "tx2"),
                Label("", "body", wrap=True),
            )
            grid.addWidget(caption, row, 0, Qt.AlignmentFlag.AlignTop)
            text.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(text, row, 1)
            self.parts[part] = text
        self.body.addLayout(grid)
        self.body.addStretch(1)
        self.change.clicked.connect(self._on_change)
        strip.installEventFilter(self)
        strip.destroyed.connect(self.deleteLater)
        QApplication.instance().focusChanged.connect(self._on_focus)  # type: ignore[union-attr]

    def open(self, type_key: str, told: Strategy) -> None:
        """Show how a type is treated."""
        self._type = type_key
        self._badge.set_type(type_key)
        self.title.setText(told.title)
        for part, label in self.parts.items():
            text = str(getattr(told, part))
            if part in _LISTS:
                text = "\n".join(t("words.point", text=line) for line in text.splitlines())
            label.setText(text)
        self.show_below()

    def show_below(self) -> None:
        """As high as its words need at the strip's width."""
        super().show_below()
        room = self.window().height() - self.y() - theme.px(8)
        self.setFixedHeight(min(self.body.heightForWidth(self.width()), room))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Hide, QEvent.Type.Move, QEvent.Type.Resize):
            self.hide()
        return super().eventFilter(watched, event)

    @Slot(QWidget, QWidget)
    def _on_focus(self, _before: QWidget | None, now: QWidget | None) -> None:
        if now is not None and now is not self._strip and not self.isAncestorOf(now):
            self.hide()

    @Slot()
    def _on_change(self) -> None:
        self.hide()
        self.change_wanted.emit(self._type)
