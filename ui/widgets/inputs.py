"""What is typed or chosen into, and the block that gives a field its label and error line."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QObject,
    QPoint,
    QRect,
    QRectF,
    QRegularExpression,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetrics,
    QInputMethodEvent,
    QIntValidator,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegularExpressionValidator,
    QResizeEvent,
    QTextCursor,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from shopcrm.basics.texts import t
from ui import theme
from ui.theme import icons, paint
from ui.theme.tokens import CHECK, CONTROL
from ui.widgets.labels import KeyCap, Label, restyle

_LONGEST_SEARCH = 100
_STEPPER_ROOM = 10  # between a number and its two buttons, and the frame


def _leaves_undo_to_the_window(event: QEvent, may_undo: bool, may_redo: bool) -> bool:
    """Whether Ctrl+Z or Ctrl+Y is the shop's: the field has no typed text to take back."""
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    undo, redo = event.matches(QKeySequence.StandardKey.Undo), event.matches(QKeySequence.StandardKey.Redo)
    return (undo and not may_undo) or (redo and not may_redo)


class Input(QLineEdit):
    """A line of text; an empty undo list lets Ctrl+Z through to the window."""

    def __init__(self, placeholder: str = "", *, bare: bool = False) -> None:
        super().__init__()
        self.setPlaceholderText(placeholder)
        self.setProperty("bare", "true" if bare else "false")

    def set_wrong(self, wrong: bool) -> None:
        """Paint the field as wrong, or as usual again."""
        value = "true" if wrong else "false"
        if self.property("wrong") != value:
            self.setProperty("wrong", value)
            restyle(self)

    def set_ime(self, on: bool) -> None:
        """Switch the input method on or off, for fields of digits and initials."""
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, on)

    def event(self, event: QEvent) -> bool:
        if _leaves_undo_to_the_window(event, self.isUndoAvailable(), self.isRedoAvailable()):
            event.ignore()
            return False
        return super().event(event)


class FormInput(Input):
    """One field of a form: Enter goes on to the next one, Ctrl+Enter is left to the form."""

    entered = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not control:
            self.entered.emit()
        else:
            super().keyPressEvent(event)


class PinInput(Input):
    """A PIN or another secret of so many digits: shown as dots, without input method."""

    def __init__(self, digits: int = 4) -> None:
        super().__init__()
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setValidator(QRegularExpressionValidator(QRegularExpression(f"[0-9]{{0,{digits}}}"), self))
        self.set_ime(False)


class PasswordInput(Input):
    """A password: dots until it is shown, without input method."""

    def __init__(self) -> None:
        super().__init__()
        self.show_text(False)

    def show_text(self, on: bool) -> None:
        """Letters instead of dots."""
        self.setEchoMode(QLineEdit.EchoMode.Normal if on else QLineEdit.EchoMode.Password)
        self.set_ime(False)


class TextArea(QPlainTextEdit):
    """Several lines of text; Tab leaves it; `sunk` paints it like the message box."""

    def __init__(self, *, sunk: bool = False) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.setProperty("sunk", "true" if sunk else "false")
        self.setFrameShape(QFrame.Shape.StyledPanel)

    def event(self, event: QEvent) -> bool:
        document = self.document()
        if _leaves_undo_to_the_window(event, document.isUndoAvailable(), document.isRedoAvailable()):
            event.ignore()
            return False
        return super().event(event)

    def replace_text(self, text: str) -> None:
        """Another text instead; what stood there comes back by Ctrl+Z."""
        whole = self.textCursor()
        whole.select(QTextCursor.SelectionType.Document)
        whole.insertText(text)


class SearchBox(Input):
    """Find people: searches live, also while the input method is composing pinyin.

    `searched` carries what to search for, `moved` -1 or 1 for the arrows, `entered` True with Ctrl held,
    `escaped` an Esc in an empty box (a filled one is emptied first).
    """

    searched = Signal(str)
    moved = Signal(int)
    entered = Signal(bool)
    escaped = Signal()
    left = Signal()
    entered_into = Signal()  # somebody is about to search

    def __init__(self, placeholder: str = "", key: str = "F3", *, big: bool = False) -> None:
        super().__init__(placeholder)
        self._key, self._big, self._faint, self._composing = key, big, "", False
        if big:  # its words would not fit in the size of what is typed
            self.setProperty("high", "big")
            self._faint = placeholder
            self.setPlaceholderText("")
        self.setAccessibleName(placeholder)
        self.setMaxLength(_LONGEST_SEARCH)
        self._last = ""
        self.textChanged.connect(self._on_text_changed)
        self._margins()

    def focus_all(self) -> None:
        """Take the focus with everything selected."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def searched_for(self) -> str:
        """What was searched for last, also while it is still being composed."""
        return self._last

    def set_quietly(self, text: str) -> None:
        """Show a text without searching for it."""
        self._last = text.strip()
        self.setText(text)

    @Slot(str)
    def _on_text_changed(self, text: str) -> None:
        self._tell(text)

    def _tell(self, text: str) -> None:
        wanted = text.strip()
        if wanted != self._last:
            self._last = wanted
            self.searched.emit(wanted)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        super().inputMethodEvent(event)
        composing = event.preeditString().replace("'", "").replace(" ", "")
        self._composing = bool(composing)
        if composing:
            self._tell(self.text() + composing)
        elif event.commitString() == "":
            self._tell(self.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.moved.emit(-1 if key == Qt.Key.Key_Up else 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit(bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
        elif key == Qt.Key.Key_Escape:
            if self.text():
                self.clear()
            else:
                self.escaped.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.entered_into.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._margins()

    def _margins(self) -> None:
        cap = paint.keycap_width(self._key) + theme.px(4) if self._key and KeyCap.shown else 0
        self.setTextMargins(theme.px(36 if self._big else 28), 0, cap, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        side = theme.px(22 if self._big else 18)
        painter.drawPixmap(
            theme.px(12), (self.height() - side) // 2, icons.pixmap("search", theme.now().tokens.tx2, side)
        )
        if self._key and KeyCap.shown:
            width = paint.keycap_width(self._key)
            paint.keycap(painter, self.width() - width - theme.px(8), self.height() // 2, self._key)
        if self._faint and not self.text() and not self._composing:
            font, left = theme.now().font("body"), theme.px(52)
            painter.setFont(font)
            painter.setPen(QColor(theme.now().tokens.tx2))
            room = self.rect().adjusted(left, 0, -theme.px(8), 0)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, paint.cut(self._faint, font, room.width()))
        painter.end()


class FieldBlock(QWidget):
    """A field under its label, with room for one line that says what is wrong, or what was understood.

    `beside` stands at the field's right end.
    """

    def __init__(
        self,
        label: str,
        field: QWidget,
        hint: str = "",
        *,
        strong: bool = False,
        beside: QWidget | None = None,
    ) -> None:
        super().__init__()
        self.field = field
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        head = QHBoxLayout()
        head.setSpacing(theme.px(8))
        self._label = Label(label, "label_bold") if strong else Label(label, "label", "tx2")
        head.addWidget(self._label)
        head.addStretch(1)
        if hint:
            head.addWidget(Label(hint, "small", "tx2"))
        column.addLayout(head)
        if beside is None:
            column.addWidget(field)
        else:
            line = QHBoxLayout()
            line.setSpacing(theme.px(8))
            line.addWidget(field, 1)
            line.addWidget(beside)
            column.addLayout(line)
        self._note = Label("", "small", "tx2", wrap=True)
        self._note.hide()
        column.addWidget(self._note)
        self._wrong_row = QWidget()
        row = QHBoxLayout(self._wrong_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(4))
        self._wrong_icon = QLabel()
        self._wrong = Label("", "small", "bad", wrap=True)
        row.addWidget(self._wrong_icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._wrong, 1)
        self._wrong_row.hide()
        column.addWidget(self._wrong_row)
        self._label.setBuddy(field)
        field.setAccessibleName(label.rstrip(" *"))
        if isinstance(field, QLineEdit):
            field.textEdited.connect(self._on_edited)

    def set_error(self, text: str) -> None:
        """Say what is wrong with the field; "" takes it back."""
        self._wrong.setText(text)
        self._wrong_icon.setPixmap(icons.pixmap("circle-x", theme.now().tokens.bad, theme.px(16)))
        self._wrong_row.setVisible(bool(text))
        self._note.setVisible(bool(self._note.text()) and not text)
        if isinstance(self.field, Input):
            self.field.set_wrong(bool(text))
        self.field.setAccessibleDescription(text)

    def set_note(self, text: str) -> None:
        """Say what was understood of what stands in the field; "" says nothing."""
        self._note.setText(text)
        self._note.setVisible(bool(text) and not self._wrong.text())

    def note(self) -> str:
        """What is said to be understood."""
        return self._note.text()

    def error(self) -> str:
        """What is said to be wrong, "" if nothing is."""
        return self._wrong.text()

    @Slot(str)
    def _on_edited(self, _text: str) -> None:
        if self._wrong.text():
            self.set_error("")


class Combo(QComboBox):
    """Choose one of a few: items are (value, text) pairs. The wheel only scrolls the page."""

    picked = Signal(object)

    def __init__(self, items: Sequence[tuple[object, str]] = ()) -> None:
        super().__init__()
        self.setView(QListView())
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.activated.connect(self._on_activated)
        self.set_items(items)

    def set_items(self, items: Sequence[tuple[object, str]]) -> None:
        """Offer these (value, text) pairs; the first is chosen."""
        self.clear()
        for value, text in items:
            self.addItem(text, value)

    def value(self) -> object:
        """The value chosen, None while empty."""
        return self.currentData()

    def set_value(self, value: object) -> None:
        """Choose an item by its value without telling anybody; unknown values are ignored."""
        for number in range(self.count()):
            if self.itemData(number) == value:
                self.setCurrentIndex(number)
                return

    def set_wrong(self, wrong: bool) -> None:
        """Paint the combo as wrong, or as usual again."""
        value = "true" if wrong else "false"
        if self.property("wrong") != value:
            self.setProperty("wrong", value)
            restyle(self)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        c = theme.now().tokens
        side = theme.px(16)
        painter = QPainter(self)
        colour = c.tx2 if self.isEnabled() else c.txd
        painter.drawPixmap(
            self.width() - side - theme.px(9),
            (self.height() - side) // 2,
            icons.pixmap("chevron-down", colour, side, stroke=2),
        )
        painter.end()

    @Slot(int)
    def _on_activated(self, number: int) -> None:
        self.picked.emit(self.itemData(number))


class Stepper(QFrame):
    """A whole number between two buttons: arrows ±1 step, PgUp/PgDn ±10, told while typed, corrected on
    leaving.

    `unit` is the id of the text that says {n} of them, `none` are the words shown for 0.
    """

    changed = Signal(int)

    def __init__(self, low: int, high: int, step: int = 1, unit: str = "", none: str = "") -> None:
        super().__init__()
        self._low, self._high, self._step, self._unit, self._none = low, high, step, unit, none
        self._value = low
        self._original: int | None = None
        self.setProperty("frame", "stepper")
        row = QHBoxLayout(self)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(0)
        self._less = self._button("minus", t("g.less"))
        self._more = self._button("plus", t("g.increase"))
        self._field = Input(bare=True)
        self._field.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._field.setValidator(QIntValidator(0, 99_999_999, self._field))
        self._field.ring_proxy = self  # type: ignore[attr-defined]
        row.addWidget(self._less)
        row.addWidget(self._field, 1)
        row.addWidget(self._more)
        self.setFocusProxy(self._field)
        self._field.installEventFilter(self)
        self._field.textEdited.connect(self._on_typed)
        self._field.editingFinished.connect(self._on_edited)
        self._less.clicked.connect(self._on_less)
        self._more.clicked.connect(self._on_more)
        self._scale()
        self.set_value(low)

    def value(self) -> int:
        """The number shown."""
        return self._value

    def set_value(self, value: int) -> None:
        """Show a number, moved into the range, without telling anybody."""
        self._value = min(max(value, self._low), self._high)
        self._show()

    def set_range(self, low: int, high: int) -> None:
        """Other bounds; the number stays, moved into them without telling anybody."""
        self._low, self._high = low, high
        self.set_value(self._value)

    def set_width(self, least: int) -> None:
        """Be so many pixels wide, and wider where a number of three digits needs it with its unit."""
        metrics = QFontMetrics(theme.now().font("body_bold"))  # as it is painted once it is changed
        numbers = (self._low, min(self._high, 999))
        words = max(metrics.horizontalAdvance(t(self._unit, n=n) if self._unit else str(n)) for n in numbers)
        self.ensurePolished()
        buttons = self._less.sizeHint().width() + self._more.sizeHint().width()
        self.setFixedWidth(max(least, words + buttons + theme.px(_STEPPER_ROOM)))

    def set_original(self, value: int | None) -> None:
        """The value in force: another one is painted as changed."""
        self._original = value
        self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
            if event.key() in steps:
                self._move(steps[Qt.Key(event.key())])
                return True
        if event.type() == QEvent.Type.FocusIn:
            self._field.setText(str(self._value))
            self._field.selectAll()
        return False

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._scale()

    def _button(self, icon: str, name: str) -> QPushButton:
        made = QPushButton()
        made.setProperty("role", "plain")
        made.setProperty("high", "icon")
        made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        made.setAccessibleName(name)
        made.setAutoRepeat(True)
        made.setObjectName(icon)
        return made

    def _scale(self) -> None:
        c = theme.now().tokens
        self.setFixedHeight(theme.px(CONTROL))
        self.setMinimumWidth(theme.px(128))
        for button in (self._less, self._more):
            side = theme.px(16)
            button.setIcon(icons.icon(button.objectName(), c.tx, side, disabled=c.txd, stroke=2))
            button.setIconSize(QSize(side, side))

    def _show(self) -> None:
        number = t(self._unit, n=self._value) if self._unit else str(self._value)
        words = self._none if self._none and not self._value else number
        shown = str(self._value) if self._field.hasFocus() else words
        if self._field.text() != shown:  # else what is being typed would lose its cursor
            self._field.setText(shown)
        changed = "true" if self._original is not None and self._value != self._original else "false"
        if self.property("changed") != changed:
            self.setProperty("changed", changed)
            self._field.setProperty("bold", changed)
            restyle(self)
            restyle(self._field)
        self._less.setEnabled(self._value > self._low)
        self._more.setEnabled(self._value < self._high)

    def _move(self, steps: int) -> None:
        before = self._value
        self.set_value(self._value + steps * self._step)
        if self._value != before:
            self.changed.emit(self._value)

    @Slot()
    def _on_less(self) -> None:
        self._move(-1)

    @Slot()
    def _on_more(self) -> None:
        self._move(1)

    @Slot(str)
    def _on_typed(self, text: str) -> None:
        """A number in range counts while it is typed; anything else is left alone until the field is left."""
        if text.isdecimal() and self._low <= int(text) <= self._high and int(text) != self._value:
            self.set_value(int(text))
            self.changed.emit(self._value)

    @Slot()
    def _on_edited(self) -> None:
        digits = "".join(c for c in self._field.text() if c.isdigit())
        before = self._value
        self.set_value(int(digits) if digits else self._value)
        if self._value != before:
            self.changed.emit(self._value)


class CheckBox(QCheckBox):
    """A checkbox of 22 with words behind it; click or Space."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        words = QFontMetrics(theme.now().font("body")).horizontalAdvance(self.text())
        return QSize(theme.px(CHECK) + (words + theme.px(10) if self.text() else 0), theme.px(32))

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.sizeHint().width(), theme.px(160)), theme.px(32))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setToolTip(self.text() if self.width() < self.sizeHint().width() else "")

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        painter = QPainter(self)
        side = now.px(CHECK)
        box = QRectF(0, (self.height() - side) / 2, side, side)
        paint.check(painter, box, self.isChecked(), self.underMouse() and self.isEnabled(), self.isEnabled())
        if self.text():
            font = now.font("body")
            painter.setFont(font)
            painter.setPen(QColor(now.tokens.tx if self.isEnabled() else now.tokens.txd))
            words = QRect(side + now.px(8), 0, self.width() - side - now.px(8), self.height())
            shown = paint.cut(self.text(), font, words.width())
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        painter.end()


class LinkArea(QWidget):
    """A widget that is clicked as a whole, with keyboard focus and Enter or Space."""

    clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)
