"""The articles of a visit: one row each, with suggestions while typing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from shopcrm.basics.records import ItemHint, LineDraft, MemberCard
from shopcrm.basics.texts import t
from shopcrm.basics.values import parse_amount, show_money
from ui import theme
from ui.theme import paint
from ui.widgets import IconButton, Input, Label, Popup

MOST_LINES = 5
_ROW = 40
_SIZE, _AMOUNT = 64, 96
_LONGEST = 60

Ask = Callable[[str, Callable[[Sequence[ItemHint]], object]], None]


class _Field(Input):
    """Enter goes on, arrows choose a suggestion, Ctrl+Del removes the line."""

    moved = Signal(int)
    entered = Signal()
    removed = Signal()
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not control:
            self.entered.emit()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.moved.emit(1 if key == Qt.Key.Key_Down else -1)
        elif key == Qt.Key.Key_Delete and control:
            self.removed.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()


class Suggestions(Popup):
    """Articles under the field: hers first."""

    picked = Signal(object)

    def __init__(self, anchor: QWidget) -> None:
        super().__init__(anchor)
        self.list = _HintList()
        self.list.clicked.connect(self._on_clicked)
        self.body.addWidget(self.list)

    def offer(self, hints: Sequence[ItemHint]) -> None:
        """Show these, none chosen; hide where there are none."""
        self.list.hints, self.list.chosen = list(hints), -1
        if not hints:
            self.hide()
            return
        self.list.updateGeometry()
        self.list.update()
        self.show_below()

    def move_by(self, step: int) -> None:
        """Choose the one above or below."""
        if self.list.hints:
            chosen = self.list.chosen + step
            self.list.chosen = (
                (0 if step > 0 else len(self.list.hints) - 1)
                if self.list.chosen < 0
                else (chosen % len(self.list.hints))
            )
            self.list.update()

    def chosen(self) -> ItemHint | None:
        """What the arrows chose."""
        shown = self.isVisible() and self.list.chosen >= 0
        return self.list.hints[self.list.chosen] if shown else None

    @Slot()
    def _on_clicked(self) -> None:
        if self.list.chosen >= 0:
            self.picked.emit(self.list.hints[self.list.chosen])


class _HintList(QWidget):
    clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.hints: list[ItemHint] = []
        self.chosen = -1
        self.setMouseTracking(True)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(380), theme.px(_ROW) * len(self.hints))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        number = int(event.position().y()) // theme.px(_ROW)
        if 0 <= number < len(self.hints) and number != self.chosen:
            self.chosen = number
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.mouseMoveEvent(event)
        self.clicked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        painter = QPainter(self)
        high = now.px(_ROW)
        for number, hint in enumerate(self.hints):
            box = QRect(0, number * high, self.width(), high)
            chosen = number == self.chosen
            if chosen:
                paint.rounded(painter, box, now.px(6), now.tokens.acc_soft)
            inner = box.adjusted(now.px(10), 0, -now.px(10), 0)
            price = show_money(hint.amount_fen)
            painter.setFont(now.font("label"))
            painter.setPen(QColor(now.tokens.tx2))
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(inner, middle | Qt.AlignmentFlag.AlignRight, price)
            room = inner.width() - painter.fontMetrics().horizontalAdvance(price) - now.px(12)
            hers = t("ct.hers", date=hint.last_day.strftime("%Y-%m")) if hint.last_day else ""
            taken = painter.fontMetrics().horizontalAdvance(hers) + now.px(12) if hers else 0
            font = now.font("body_bold" if chosen else "body")
            item = paint.cut(hint.item, font, max(room - taken, now.px(60)))
            painter.setFont(font)
            painter.setPen(QColor(now.tokens.acc_text if chosen else now.tokens.tx))
            painter.drawText(inner, middle, item)
            if hers:
                left = painter.fontMetrics().horizontalAdvance(item) + now.px(12)
                painter.setFont(now.font("label"))
                painter.setPen(QColor(now.tokens.tx2))
                painter.drawText(inner.adjusted(left, 0, 0, 0), middle, hers)
        painter.end()


class ArticleLine(QWidget):
    """Article, size and, for a purchase, the amount; a negative amount is a return."""

    changed = Signal()
    finished = Signal(object)  # Enter on the last field: the line itself
    ended = Signal(object)  # Enter on an empty article
    removed = Signal(object)

    def __init__(self, ask: Ask, *, amount: bool) -> None:
        super().__init__()
        self._ask = ask
        self._asked = ""  # what suggestions are still under way for
        self._enter_waits = False
        self._card: MemberCard | None = None
        self.item, self.size_, self.amount = (
            _Field(t("ct.item.ph")),
            _Field(t("ct.size")),
            _Field(t("ct.amount")),
        )
        self.remove = IconButton("x", t("ct.removeline"))
        self.popup = Suggestions(self)
        for field, name in ((self.item, "ct.item"), (self.size_, "ct.size"), (self.amount, "ct.amount")):
            field.setAccessibleName(t(name))
        self.item.setMaxLength(_LONGEST)
        self.size_.setMaxLength(12)
        self.amount.setMaxLength(14)
        self.size_.setFixedWidth(theme.px(_SIZE))
        self.size_.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.amount.setFixedWidth(theme.px(_AMOUNT))
        self.amount.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.amount.set_ime(False)
        self.amount.setVisible(False)
        self._wrong = Label("", "small", "bad", wrap=True)
        self._wrong.hide()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(6))
        grid.setVerticalSpacing(theme.px(2))
        grid.addWidget(self.item, 0, 0)
        grid.addWidget(self.size_, 0, 1)
        grid.addWidget(self.amount, 0, 2)
        grid.addWidget(self.remove, 0, 3)
        grid.addWidget(self._wrong, 1, 0, 1, 4)
        grid.setColumnStretch(0, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.has_amount = amount
        self.amount.setVisible(amount)
        self._connect()

    def _connect(self) -> None:
        self.item.textEdited.connect(self._on_typed)
        self.item.moved.connect(self.popup.move_by)
        self.item.entered.connect(self._on_item_entered)
        self.item.left.connect(self._on_item_left)
        self.popup.picked.connect(self._take)
        self.size_.entered.connect(self._on_size_entered)
        self.amount.entered.connect(self._on_amount_entered)
        self.amount.textEdited.connect(self._on_edited)
        self.amount.left.connect(self._on_amount_left)
        for field in (self.item, self.size_, self.amount):
            field.removed.connect(self._on_remove)
        self.remove.clicked.connect(self._on_remove)

    def set_member(self, card: MemberCard | None) -> None:
        """Whose sizes and purchases help."""
        self._card = card

    @property
    def empty(self) -> bool:
        """Whether nothing was typed."""
        return not (self.item.text().strip() or self.amount.text().strip())

    def fen(self) -> int | None:
        """The amount in fen, None while it is no amount."""
        cell = parse_amount(self.amount.text())
        return None if cell.problem or cell.missing else cell.fen

    def problem(self) -> str:
        """What is wrong with the line, "" if nothing is; shown below it."""
        words = ""
        if self.has_amount and not self.empty:
            cell = parse_amount(self.amount.text())
            if cell.problem == "amount_too_large":
                words = t("ct.amount.large")
            elif cell.missing or cell.fen is None:
                words = t("ct.amount.bad")
        self.say(words)
        return words

    def say(self, words: str) -> None:
        """Show what is wrong with the line."""
        self._wrong.setText(words)
        self._wrong.setVisible(bool(words))
        self.amount.set_wrong(bool(words))
        self.amount.setAccessibleDescription(words)

    def draft(self) -> LineDraft:
        """The line as it would be booked; a return is tied to what she bought where that is known."""
        fen = self.fen() or 0
        item = self.item.text().strip()
        return LineDraft(
            amount_fen=fen, item=item, size=self.size_.text().strip(),
            returns_line=self._bought(item, -fen) if fen < 0 else None,
        )  # fmt: skip

    def _bought(self, item: str, fen: int) -> int | None:
        if self._card is None or not item:
            return None
        for sale in self._card.sales:
            for line in sale.lines:
                left = line.amount_fen - line.returned_fen
                if line.item == item and not sale.voided and 0 < fen <= left:
                    return line.id
        return None

    def _take(self, hint: ItemHint) -> None:
        self.item.setText(hint.item)
        if self.has_amount and not self.amount.text():
            self.amount.setText(show_money(hint.amount_fen).lstrip("¥"))
        if not self.size_.text():
            self.size_.setText(self._her_size(hint.item))
        self.popup.hide()
        self.changed.emit()
        self._go(self.size_)

    def _her_size(self, item: str) -> str:
        """The size she last took of this article, else the one on her card for that kind of garment."""
        card = self._card
        if card is None:
            return ""
        for sale in card.sales:
            for line in sale.lines:
                if line.item == item and line.size:
                    return line.size
        if any(word in item for word in t("ct.kind.shoe").split()):
            return card.size_shoe
        if any(word in item for word in t("ct.kind.bottom").split()):
            return card.size_bottom
        return card.size_top

    def _go(self, field: Input) -> None:
        field.setFocus(Qt.FocusReason.TabFocusReason)
        field.selectAll()

    @Slot(str)
    def _on_typed(self, text: str) -> None:
        self.changed.emit()
        self._asked, self._enter_waits = text.strip(), False
        if self._asked:
            self._ask(self._asked, self._on_hints)
        else:
            self.popup.hide()

    def _on_hints(self, hints: Sequence[ItemHint]) -> None:
        if not self._asked:
            return  # the field was left meanwhile
        self._asked = ""
        self.popup.offer(hints)
        if self._enter_waits:  # Enter was quicker than the answer
            self._enter_waits = False
            self._on_item_entered()

    @Slot()
    def _on_item_entered(self) -> None:
        hint = self.popup.chosen()
        typed = self.item.text().strip()
        if self._asked and typed.isascii() and typed.isalpha():
            self._enter_waits = True
            return
        if hint is None and self.popup.isVisible() and typed.isascii() and typed.isalpha():
            hint = self.popup.list.hints[0]  # initials mean the first suggestion
        if hint is not None:
            self._take(hint)
        elif not typed and (not self.has_amount or not self.amount.text().strip()):
            self.ended.emit(self)
        else:
            if typed and not self.size_.text():
                self.size_.setText(self._her_size(typed))
            self.popup.hide()
            self._go(self.size_)

    @Slot()
    def _on_item_left(self) -> None:
        self._asked, self._enter_waits = "", False
        self.popup.hide()

    @Slot()
    def _on_size_entered(self) -> None:
        if self.has_amount:
            self._go(self.amount)
        else:
            self.finished.emit(self)

    @Slot()
    def _on_amount_entered(self) -> None:
        if not self.problem():
            self.finished.emit(self)

    @Slot()
    def _on_amount_left(self) -> None:
        self.problem()

    @Slot()
    def _on_edited(self) -> None:
        self.say("")
        self.changed.emit()

    @Slot()
    def _on_remove(self) -> None:
        self.removed.emit(self)


class ArticleLines(QWidget):
    """One line to begin with; a further one opens as soon as one is finished."""

    changed = Signal()
    ended = Signal()  # nothing more to add

    def __init__(self, ask: Ask, *, amount: bool) -> None:
        super().__init__()
        self._ask, self._amount = ask, amount
        self._card: MemberCard | None = None
        self.lines: list[ArticleLine] = []
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(theme.px(6))
        self.add()

    def set_member(self, card: MemberCard | None) -> None:
        """Whose sizes and purchases help."""
        self._card = card
        for line in self.lines:
            line.set_member(card)

    def add(self) -> ArticleLine:
        """A new empty line."""
        line = ArticleLine(self._ask, amount=self._amount)
        line.set_member(self._card)
        line.changed.connect(self.changed)
        line.finished.connect(self._on_finished)
        line.ended.connect(self._on_ended)
        line.removed.connect(self._on_removed)
        self.lines.append(line)
        self.column.addWidget(line)
        return line

    def clear(self) -> None:
        """One empty line again."""
        for line in self.lines:
            line.popup.deleteLater()
            line.setParent(None)
            line.deleteLater()
        self.lines = []
        self.add()
        self.changed.emit()

    def filled(self) -> list[ArticleLine]:
        """The lines with something in them."""
        return [line for line in self.lines if not line.empty]

    def focus(self) -> None:
        """Begin typing in the last line."""
        self.lines[-1].item.setFocus(Qt.FocusReason.TabFocusReason)

    @Slot(object)
    def _on_finished(self, line: ArticleLine) -> None:
        at = self.lines.index(line)
        if at + 1 == len(self.lines):
            if len(self.lines) >= MOST_LINES:
                self.ended.emit()
                return
            self.add()
        self.lines[at + 1].item.setFocus(Qt.FocusReason.TabFocusReason)
        self.changed.emit()

    @Slot(object)
    def _on_ended(self, _line: ArticleLine) -> None:
        self.ended.emit()

    @Slot(object)
    def _on_removed(self, line: ArticleLine) -> None:
        if len(self.lines) == 1:
            self.clear()
            return
        at = self.lines.index(line)
        self.lines.remove(line)
        line.popup.deleteLater()
        line.setParent(None)
        line.deleteLater()
        self.lines[max(0, at - 1)].item.setFocus(Qt.FocusReason.TabFocusReason)
        self.changed.emit()
