"""What floats over the window: dialogs, popups under a field, the toast, the keyboard's focus ring.

All are children of the window, not windows of their own: input method and keyboard stay where they are.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QMargins, QObject, QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from shopcrm.basics.texts import t
from ui import theme
from ui.theme import icons, paint
from ui.theme.tokens import RADIUS_CONTROL, RADIUS_TILE, TOAST
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import Label

_DIM = QColor(0, 0, 0, 89)  # 35 % black behind a dialog


class Dialog(QWidget):
    """A card over the dimmed window; holds no shop, `accepted` and `rejected` tell how it was closed.

    Fill `.body`, add buttons from left (safe) to right (doing); the last primary one answers Enter.
    It deletes itself when closed. `parent` may be any widget of the window.
    """

    accepted = Signal()
    rejected = Signal()
    of_nobody = False  # True: stays open when another person takes over

    def __init__(self, parent: QWidget, title: str, icon: str = "", tone: str = "", width: int = 460) -> None:
        super().__init__(parent.window())
        self._before = QApplication.focusWidget()
        self._primaries: list[Button] = []
        self._closed = False
        self.hide()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(title)
        self.card = QFrame(self)
        self.card.setProperty("frame", "dialog")
        self._wide = width
        column = self._column = QVBoxLayout(self.card)
        column.setContentsMargins(theme.px(20), theme.px(14), theme.px(20), theme.px(18))
        column.setSpacing(theme.px(12))
        head = QHBoxLayout()
        head.setSpacing(theme.px(10))
        if icon:
            picture = QLabel()
            c = theme.now().tokens
            picture.setPixmap(icons.pixmap(icon, c.status(tone)[0] if tone else c.tx2, theme.px(26)))
            head.addWidget(picture)
        self.title = Label(title, "h3", wrap=True)
        head.addWidget(self.title, 1)
        self._cross = IconButton("x", t("g.close"))
        self._cross.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._cross.clicked.connect(self.reject)
        head.addWidget(self._cross, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        self.body = QVBoxLayout()
        self.body.setSpacing(theme.px(10))
        column.addLayout(self.body)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(theme.px(10))
        self._buttons.addStretch(1)
        column.addSpacing(theme.px(4))
        column.addLayout(self._buttons)
        self.window().installEventFilter(self)

    def add_button(
        self,
        text: str,
        role: str = "normal",
        slot: Callable[[], object] | None = None,
        key: str = "",
        icon: str = "",
    ) -> Button:
        """Add a button at the right end; without `slot` a primary or danger one accepts,
        any other rejects.
        """
        button = Button(text, role, icon, key=key)
        if slot is not None:
            button.clicked.connect(slot)
        else:
            button.clicked.connect(self.accept if role in ("primary", "danger") else self.reject)
        self._buttons.addWidget(button)
        if role == "primary":
            self._primaries.append(button)
        return button

    @property
    def is_closed(self) -> bool:
        """Whether it was answered; hidden under a cover it is not."""
        return self._closed

    @property
    def _primary(self) -> Button | None:
        """What answers Enter, of what is shown."""
        return next((button for button in reversed(self._primaries) if button.isVisibleTo(self)), None)

    def add_left(self, widget: QWidget) -> None:
        """Put a widget at the left end of the button row."""
        self._buttons.insertWidget(0, widget)

    def open(self) -> None:
        """Show the dialog and put the focus into its first field; under a cover it waits until that has
        gone."""
        over = open_dialog(self.window())
        if isinstance(over, Cover) and over is not self:
            over.waiting.append(self)
            return
        self._show_up()

    def _show_up(self) -> None:
        self._place()
        self.show()
        self.raise_()
        chain = self._chain()
        fields = [w for w in chain if not isinstance(w, Button)]
        target = fields[0] if fields else self._primary or (chain[-1] if chain else None)
        if target is not None:
            target.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def accept(self) -> None:
        """Close with yes."""
        self._close(self.accepted)

    @Slot()
    def reject(self) -> None:
        """Close with no."""
        self._close(self.rejected)

    def drop(self) -> None:
        """Close with no, without asking: somebody else takes over."""
        self._close(self.rejected)

    def _close(self, how: object) -> None:
        if self._closed:
            return
        self._closed = True
        self.window().removeEventFilter(self)
        self.hide()
        before = self._before
        try:
            if before is not None and before.isVisible():
                before.setFocus(Qt.FocusReason.PopupFocusReason)
        except RuntimeError:  # the widget was deleted while the dialog stood over it
            pass
        how.emit()  # type: ignore[attr-defined]
        self.deleteLater()

    def resize_to_content(self) -> None:
        """Call after adding or removing something while open."""
        self._place()

    def _place(self) -> None:
        window = self.window()
        self.setGeometry(window.rect())
        wide = min(theme.px(self._wide), window.width() - theme.px(32))
        self.card.setFixedWidth(wide)
        column = self._column
        for part in self.card.findChildren(DialogScroll):
            part.updateGeometry()  # what it holds may want another height
        column.activate()
        asked = self.card.sizeHint().height()
        if column.hasHeightForWidth():
            edge = self.card.contentsMargins()  # of the frame, which the layout does not count
            asked = column.heightForWidth(wide - edge.left() - edge.right()) + edge.top() + edge.bottom()
        asked += theme.px(2)  # rows of wrapped texts are rounded, each by itself
        high = min(max(asked, column.minimumSize().height()), window.height() - theme.px(24))
        self.card.resize(wide, high)
        self.card.move(
            (window.width() - wide) // 2, max(theme.px(12), round((window.height() - high) * 0.42))
        )

    def _chain(self) -> list[QWidget]:
        """Focusable widgets of the dialog in reading order."""
        found: list[QWidget] = []
        widget = self.nextInFocusChain()
        while widget is not None and widget is not self:
            if (
                self.isAncestorOf(widget)
                and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
                and widget.isEnabled()
                and widget.isVisibleTo(self)
                and widget.focusProxy() is None
            ):
                found.append(widget)
            widget = widget.nextInFocusChain()
        return found

    def focusNextPrevChild(self, forward: bool) -> bool:
        chain = self._chain()
        if not chain:
            return True
        at = QApplication.focusWidget()
        number = chain.index(at) if at in chain else -1
        chain[(number + (1 if forward else -1)) % len(chain)].setFocus(
            Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
        )
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.reject()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            in_text = isinstance(QApplication.focusWidget(), QPlainTextEdit)
            primary = self._primary
            if primary is not None and primary.isEnabled() and not in_text:
                primary.click()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self.parentWidget() and self.isVisible():
            self._place()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), _DIM)
        painter.end()


class DialogScroll(QScrollArea):
    """A part of a dialog as high as what it holds; it scrolls where the window is not high enough."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self._content = content
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def follow_focus(self) -> None:
        """Bring what has the focus into sight, if it is in here."""
        at = QApplication.focusWidget()
        if at is not None and self._content.isAncestorOf(at):
            self.ensureWidgetVisible(at, 0, theme.px(40))

    def sizeHint(self) -> QSize:
        hint = self._content.sizeHint()
        card = self.parentWidget()  # of a dialog, which is as wide as it says
        layout = None if card is None else card.layout()
        if card is not None and layout is not None and self._content.hasHeightForWidth():
            margins = layout.contentsMargins()
            wide = card.minimumWidth() - margins.left() - margins.right()
            least = self._content.minimumSizeHint().height()  # a scroll area gives no less
            hint.setHeight(max(self._content.heightForWidth(wide), least))
        # Rounding of wrapped texts beside it is taken from what can shrink: from here.
        return hint.grownBy(QMargins(0, 0, 0, theme.px(4)))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._content.minimumSizeHint().width(), min(theme.px(160), self.sizeHint().height()))


class Cover(Dialog):
    """Fills the window. What stood there, dialogs too, is hidden meanwhile and as it was afterwards; the
    focus cannot leave it, and neither Esc nor a cross closes it.
    """

    of_nobody = True

    def __init__(self, parent: QWidget, title: str, width: int = 460) -> None:
        super().__init__(parent, title, width=width)
        self._cross.hide()
        self._under: list[QWidget] = []
        self.waiting: list[Dialog] = []  # dialogs that wanted to open meanwhile

    def open(self) -> None:
        """Cover everything."""
        for part in self.window().findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
            # What was just put into a layout is shown by it only later.
            hidden = part.isHidden() and part.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide)
            if part is self or hidden or isinstance(part, FocusRing) or part.isWindow():
                continue
            part.hide()
            if not isinstance(part, Popup):
                self._under.append(part)
        self._show_up()
        QApplication.instance().focusChanged.connect(self._on_focus_changed)  # type: ignore[union-attr]

    def take_over(self, before: Cover) -> None:
        """Open in place of another cover, as after the window was built anew."""
        self._before, self.waiting = before._before, before.waiting
        before.leave()
        self.open()

    def uncover(self, *, keep: bool) -> None:
        """Go, and show what stood there; without `keep` dialogs that were open or waited are closed."""
        self.leave(keep=keep)
        waiting, self.waiting = self.waiting, []
        for dialog in waiting:
            if keep or dialog.of_nobody:
                dialog.open()
            else:
                dialog.drop()

    def leave(self, *, keep: bool = True) -> None:
        """Go; the dialogs that waited are the caller's."""
        QApplication.instance().focusChanged.disconnect(self._on_focus_changed)  # type: ignore[union-attr]
        under, self._under = self._under, []
        for part in under:
            if not isinstance(part, Dialog):
                if part.parentWidget() is not None:  # else the window was built anew
                    part.show()
            elif part._closed:  # its work has ended meanwhile
                continue
            elif keep or part.of_nobody:
                part._place()
                part.show()
            else:
                part.drop()
        self._close(self.accepted)

    def reject(self) -> None:
        """Nothing closes it but `uncover`."""

    @Slot(QWidget, QWidget)
    def _on_focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        if new is not None and new.window() is self.window() and not self.isAncestorOf(new):
            self.raise_()
            self.focusNextPrevChild(True)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.now().tokens.win))
        painter.end()


def open_dialog(window: QWidget) -> Dialog | None:
    """The topmost open dialog of a window, None if there is none."""
    found = [
        d
        for d in window.findChildren(Dialog, options=Qt.FindChildOption.FindDirectChildrenOnly)
        if d.isVisible()
    ]
    return found[-1] if found else None


def drop_dialogs(window: QWidget) -> None:
    """Close every dialog of a window, but those that belong to nobody."""
    for part in window.findChildren(Dialog, options=Qt.FindChildOption.FindDirectChildrenOnly):
        if not part.of_nobody:
            part.drop()


class Popup(QFrame):
    """A frame under a field that leaves the field its focus; hides on Esc by the owner,
    or when the window moves.
    """

    def __init__(self, anchor: QWidget, width: int = 0) -> None:
        super().__init__(anchor.window())
        self._anchor, self._wide = anchor, width
        self.setProperty("frame", "popup")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(theme.px(6), theme.px(6), theme.px(6), theme.px(6))
        self.body.setSpacing(0)
        self.hide()

    def show_below(self) -> None:
        """Show under the field, its right edges aligned when wider than the field, inside the window; where
        the field was covered meanwhile, as by a lock, nothing is shown."""
        if not self._anchor.isVisible():
            return
        if self.parentWidget() is not self._anchor.window():
            self.setParent(self._anchor.window())
        window = self._anchor.window()
        corner = self._anchor.mapTo(window, QPoint(0, self._anchor.height() + theme.px(4)))
        wide = max(theme.px(self._wide), self._anchor.width())
        x = corner.x() + self._anchor.width() - wide if self._wide else corner.x()
        x = max(theme.px(8), min(x, window.width() - wide - theme.px(8)))
        self.setFixedWidth(wide)
        self.body.activate()
        high = min(self.sizeHint().height(), window.height() - corner.y() - theme.px(8))
        self.setGeometry(x, corner.y(), wide, high)
        self.show()
        self.raise_()


class Toast(QWidget):
    """One short sentence at the bottom of the page with 撤销 or another action; a new one replaces it."""

    undo_wanted = Signal()

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self.seconds = 6.0
        self._host = host
        self._slot: Callable[[], object] | None = None
        self._undo = False
        self._area: QWidget | None = None
        self._icon = "circle-check"
        row = QHBoxLayout(self)
        row.setSpacing(theme.px(10))
        self._row = row
        self._picture, self._words = QLabel(), QLabel()
        self._act = Button("", "text", size="small")
        self._hint = QLabel(t("key.undo"))
        for widget in (self._picture, self._words, self._act, self._hint):
            row.addWidget(widget)
        self._act.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._act.clicked.connect(self._on_acted)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_time_up)
        self.hide()

    def say(
        self,
        text: str,
        icon: str = "circle-check",
        *,
        undo: bool = False,
        action: str = "",
        slot: Callable[[], object] | None = None,
        area: QWidget | None = None,
    ) -> None:
        """Show a sentence; `undo` offers Ctrl+Z, `action` with `slot` another button;
        `area` is what it centres on.
        """
        self._undo, self._slot, self._area, self._icon = undo, slot, area, icon
        self._words.setText(text)
        self._act.setText(t("g.undo") if undo else action)
        self._act.setVisible(undo or bool(action))
        self._hint.setVisible(undo)
        self.setAccessibleName(text)
        self._colour()
        self.place()
        self.show()
        self.raise_()
        self._timer.start(round(self.seconds * 1000))
        announce(self, text)

    def stand_on(self, area: QWidget) -> None:
        """Go on over another area, as another page came to the front."""
        self._area = area
        if self.isVisible():
            self.place()

    def text(self) -> str:
        """The sentence shown, "" while hidden."""
        return self._words.text() if self.isVisible() else ""

    def place(self) -> None:
        """Move to the bottom centre of its area again."""
        host = self._host
        self._row.setContentsMargins(
            theme.px(16),
            0,
            theme.px(14 if self._hint.isVisibleTo(self) or not self._act.isVisibleTo(self) else 8),
            0,
        )
        self._row.activate()
        wide = min(self._row.sizeHint().width(), host.width() - theme.px(24))
        high = theme.px(TOAST)
        area = self._area if self._area is not None and self._area.isVisible() else host
        left = area.mapTo(host, QPoint(0, 0)) if area is not host else QPoint(0, 0)
        x = left.x() + (area.width() - wide) // 2
        y = left.y() + area.height() - high - theme.px(15)
        self.setGeometry(
            max(theme.px(8), min(x, host.width() - wide - theme.px(8))),
            min(y, host.height() - high - theme.px(8)),
            wide,
            high,
        )

    def _colour(self) -> None:
        now = theme.now()
        c = now.tokens
        self._picture.setPixmap(icons.pixmap(self._icon, c.toast_text, now.px(20)))
        self._words.setStyleSheet(f"color: {c.toast_text}; font-size: {now.px(15)}px;")
        self._hint.setStyleSheet(f"color: {c.toast_act}; font-size: {now.px(13)}px;")
        self._act.setStyleSheet(
            f"QPushButton {{ color: {c.toast_act}; background: transparent; font-weight: 700;"
            f" font-size: {now.px(15)}px;"
            f" padding: 0 {now.px(4)}px; margin-left: {now.px(10)}px; border: none; }}"
            f"QPushButton:hover, QPushButton:focus {{ text-decoration: underline; }}"
        )

    @Slot()
    def _on_acted(self) -> None:
        self.hide()
        if self._undo:
            self.undo_wanted.emit()
        elif self._slot is not None:
            self._slot()

    @Slot()
    def _on_time_up(self) -> None:
        if self.underMouse() or self._act.hasFocus():
            self._timer.start(1000)
        else:
            self.hide()

    def hideEvent(self, event: object) -> None:
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint.rounded(painter, self.rect(), theme.px(RADIUS_TILE), theme.now().tokens.toast)
        painter.end()


def announce(widget: QWidget, text: str) -> None:
    """Tell a screen reader, where this Qt can."""
    from PySide6 import QtGui

    event_class = getattr(QtGui, "QAccessibleAnnouncementEvent", None)
    if event_class is not None and QtGui.QAccessible.isActive():
        QtGui.QAccessible.updateAccessibility(event_class(widget, text))


class FocusRing(QWidget):
    """Two pixels around the focused control, three outside of it, only when the focus came by keyboard."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._target: QWidget | None = None
        self._watched: list[QWidget] = []
        self.hide()
        QApplication.instance().focusChanged.connect(self._on_focus_changed)  # type: ignore[union-attr]

    @Slot(QWidget, QWidget)
    def _on_focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        for widget in self._watched:
            try:
                widget.removeEventFilter(self)
            except RuntimeError:  # already deleted
                continue
        self._watched = []
        self._target = None
        self.hide()
        if (
            new is None
            or new.window() is not self.window()
            or QApplication.mouseButtons() != Qt.MouseButton.NoButton
        ):
            return
        if getattr(new, "no_ring", False):
            return
        self._target = getattr(new, "ring_proxy", new)
        above: QWidget | None = self._target
        while above is not None and above is not self.window():
            above.installEventFilter(self)
            self._watched.append(above)
            above = above.parentWidget()
        self._follow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (
            QEvent.Type.Move,
            QEvent.Type.Resize,
            QEvent.Type.Show,
            QEvent.Type.Hide,
            QEvent.Type.EnabledChange,
        ):
            self._follow()
        return False

    def _follow(self) -> None:
        target = self._target
        try:
            visible = target is not None and target.isVisible() and target.isEnabled()
        except RuntimeError:  # the target was deleted
            self._target, visible = None, False
        if not visible or target is None:
            self.hide()
            return
        out = theme.px(4)
        window = self.window()
        place = QRect(target.mapTo(window, QPoint(0, 0)), target.size()).adjusted(-out, -out, out, out)
        shown = place
        parent: QWidget | None = target.parentWidget()
        while parent is not None and parent is not window:
            if isinstance(parent.parentWidget(), QAbstractScrollArea):
                view = QRect(parent.mapTo(window, QPoint(0, 0)), parent.size())
                shown = shown.intersected(view.adjusted(-out, -out, out, out))
            parent = parent.parentWidget()
        if shown.isEmpty():
            self.hide()
            return
        self._offset = place.topLeft() - shown.topLeft()
        self._whole = place.size()
        self.setGeometry(shown)
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        radius = now.px(float(getattr(self._target, "ring_radius", RADIUS_CONTROL)) + 3)
        painter = QPainter(self)
        rect = QRectF(self._offset.x(), self._offset.y(), self._whole.width(), self._whole.height())
        paint.rounded(painter, rect, min(radius, rect.height() / 2), "", now.tokens.acc_text, 2)
        painter.end()
