"""Buttons: the look follows from the property `role`, the height from `high`."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QPushButton

from ui import theme
from ui.theme import icons
from ui.widgets.labels import KeyCap


def _is_chord(event: QKeyEvent) -> bool:
    return bool(event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier)


class Button(QPushButton):
    """A button of role primary, tonal, normal, text, plain or danger; `key` is printed behind its words."""

    _tinted: object = None  # what the icon was painted from: a style sheet asks several times

    def __init__(
        self, text: str = "", role: str = "normal", icon: str = "", size: str = "", key: str = ""
    ) -> None:
        super().__init__()
        self._icon, self._key, self._words = icon, key, text
        self.setProperty("role", role)
        self.setProperty("high", size)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setAutoDefault(False)
        self.setText(text)
        self._tint()

    def setText(self, text: str) -> None:
        """Change the words; the key stays behind them."""
        had_words, self._words = bool(self._words), text
        super().setText(f"{text}  {self._key}" if self._key and KeyCap.shown else text)
        if bool(text) != had_words:  # an icon keeps its distance from words only
            self._tint()

    def words(self) -> str:
        """The words without the key."""
        return self._words

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.EnabledChange):
            self._tint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses it, too: left alone it would do what Enter does on the page around it."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or _is_chord(event):
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self.click()

    def _tint(self) -> None:
        if not self._icon:
            self._tinted = None
            if not self.icon().isNull():
                self.setIcon(QIcon())
            return
        now = theme.now()
        c = now.tokens
        role, enabled = str(self.property("role")), self.isEnabled()
        if self._tinted == (look := (self._icon, role, enabled, c, now.k, bool(self._words))):
            return
        self._tinted = look
        colour = {
            "primary": c.on_acc, "tonal": c.acc_text, "text": c.acc_text, "danger": c.bad, "plain": c.tx2,
        }.get(role, c.tx)  # fmt: skip
        if not enabled:
            colour = c.tx2 if role == "primary" else c.txd
        side = now.px(18)
        gap = now.px(4) if self._words else 0
        plain = icons.pixmap(self._icon, colour, side)
        ratio = plain.devicePixelRatio()
        wide = QPixmap(round((side + gap) * ratio), round(side * ratio))  # room between icon and words
        wide.setDevicePixelRatio(ratio)
        wide.fill(Qt.GlobalColor.transparent)
        painter = QPainter(wide)
        painter.drawPixmap(0, 0, plain)
        painter.end()
        made = QIcon()
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Disabled):  # the state's own: Qt would turn it grey
            made.addPixmap(wide, mode)
        self.setIcon(made)
        self.setIconSize(QSize(side + gap, side))


class SmallButton(Button):
    """A button 32 high, by default without a border."""

    def __init__(self, text: str, role: str = "text", icon: str = "", key: str = "") -> None:
        super().__init__(text, role, icon, "small", key)


class IconButton(Button):
    """Only an icon: close, more, remove; `tip` is tooltip and accessible name."""

    def __init__(self, icon: str, tip: str, role: str = "plain") -> None:
        super().__init__("", role, icon, "icon")
        self.setToolTip(tip)
        self.setAccessibleName(tip)
