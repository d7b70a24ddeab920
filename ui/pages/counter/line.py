"""One article of a visit, with suggestions while typing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple, Protocol

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from shopcrm.basics.records import (
    EventRow,
    FittingDraft,
    ItemHint,
    LineDraft,
    LineRow,
    MemberCard,
    ReturnableLine,
)
from shopcrm.basics.texts import t
from shopcrm.basics.values import AmountCell, parse_amount, show_day, show_money
from ui import theme
from ui.pages.counter.details import Details, Kept, Told
from ui.pages.counter.fields import LONGEST, Field, Offer, Suggestions, asks_back
from ui.widgets import IconButton, IconTile, Input, Label

_SIZE, _AMOUNT, _CROSS = 64, 96, 32
_LONGEST_SIZE = 60  # characters
_PIECES = re.compile(r"(.+?)\s*[*x×]\s*(\d{1,4})", re.IGNORECASE)  # 298*2: two at 298


class Ask(Protocol):
    """What a line asks of the shop while it is filled."""

    def suggest(self, text: str, answer: Callable[[Sequence[ItemHint | ReturnableLine]], object]) -> None:
        """Articles that fit what is typed; the answer comes later."""

    def her_size(self, item: str) -> str:
        """Her size for an article, "" if none is known."""

    def coming_event(self) -> EventRow | None:
        """What the shop invites to within the next two weeks, not before the day after tomorrow."""


class _Liked(IconTile):
    """The heart of a piece tried on: Space switches it, Enter goes on."""

    entered = Signal()
    removed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not control:
            self.entered.emit()
        elif event.key() == Qt.Key.Key_Delete and control:
            self.removed.emit()
        else:
            super().keyPressEvent(event)


def _offer(value: ItemHint | ReturnableLine, today: date) -> Offer:
    if isinstance(value, ItemHint):
        hers = t("ct.hers", date=value.last_day.strftime("%Y-%m")) if value.last_day else ""
        return Offer(value.item, hers, show_money(value.amount_fen), value)
    words = " ".join(part for part in (value.item or t("mb.noitem"), value.colour, value.size) if part)
    pieces = t("ct.pieces", n=value.qty) if value.qty > 1 else ""
    day = t("ct.back.day", day=show_day(value.day, today))
    return Offer(words, t("g.dot").join(part for part in (day, pieces) if part), show_money(value.fen), value)


class KeptLine(NamedTuple):
    """A line as it was typed, saved or not."""

    item: str
    size: str
    amount: str
    liked: bool
    details: Kept
    back: ReturnableLine | None
    booked: LineRow | None


class ArticleLine(QWidget):
    """Article, size and amount of a purchase, or article, size and heart of a piece tried on.

    A negative amount is a return, tied to what she bought where that is known.
    """

    changed = Signal()
    finished = Signal(object)  # Enter on the last field: the line itself
    ended = Signal(object)  # Enter on an empty article
    removed = Signal(object)
    folded = Signal(object)  # its details are to be opened or closed

    def __init__(self, ask: Ask, *, sold: bool) -> None:
        super().__init__()
        self._ask, self._sold = ask, sold
        self._asked = ""  # what suggestions are still under way for
        self._enter_waits = False
        self._card: MemberCard | None = None
        self._today = date.min
        self._returnable: Sequence[ReturnableLine] = ()
        self._back: ReturnableLine | None = None  # what it takes back, chosen by hand
        self._booked: LineRow | None = None  # the line as it stands on file
        self.item, self.size_, self.amount = (
            Field(t("ct.item.ph")),
            Field(t("ct.size")),
            Field(t("ct.amount")),
        )
        self.liked = _Liked("heart", t("ct.like"))
        self.remove = IconButton("x", t("ct.removeline"))
        self.remove.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Ctrl+Del removes; Tab goes from field to field
        self.popup = Suggestions(self)
        self.details = Details()
        self.details.hide()
        self._remark = Label("", "small", "tx2", wrap=True)
        self._remark.hide()
        self._build()
        self._connect()

    def _build(self) -> None:
        for field, name in ((self.item, "ct.item"), (self.size_, "ct.size"), (self.amount, "ct.amount")):
            field.setAccessibleName(t(name))
        self.item.setMaxLength(LONGEST)
        self.size_.setMaxLength(_LONGEST_SIZE)
        self.amount.setMaxLength(20)
        self.size_.setFixedWidth(theme.px(_SIZE))
        self.size_.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.amount.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.amount.set_ime(False)
        self.remove.setFixedWidth(theme.px(_CROSS))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(6))
        grid.setVerticalSpacing(theme.px(2))
        grid.addWidget(self.item, 0, 0)
        grid.addWidget(self.size_, 0, 1)
        last, unused = (self.amount, self.liked) if self._sold else (self.liked, self.amount)
        last.setFixedWidth(theme.px(_AMOUNT))
        grid.addWidget(last, 0, 2)
        unused.setParent(self)
        unused.hide()
        grid.addWidget(self.remove, 0, 3)
        grid.addWidget(self.details, 1, 0, 1, 3)
        grid.addWidget(self._remark, 2, 0, 1, 4)
        grid.setColumnStretch(0, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def _connect(self) -> None:
        self.item.textEdited.connect(self._on_typed)
        self.item.moved.connect(self._on_moved)
        self.item.entered.connect(self._on_item_entered)
        self.item.left.connect(self._on_item_left)
        self.popup.picked.connect(self._take)
        self.size_.entered.connect(self._on_size_entered)
        self.size_.textEdited.connect(self._on_edited)
        self.amount.entered.connect(self._on_amount_entered)
        self.amount.textEdited.connect(self._on_edited)
        self.amount.left.connect(self._on_amount_left)
        self.liked.entered.connect(self._on_last_entered)
        self.liked.toggled.connect(self.changed)
        for part in (self.item, self.size_, self.amount, self.liked, self.details):
            part.removed.connect(self._on_remove)
        for part in (self.item, self.size_, self.amount, self.details):
            part.folded.connect(self._on_fold)
        self.item.textChanged.connect(self.details.set_item)
        self.details.changed.connect(self._on_edited)
        self.details.entered.connect(self._on_amount_entered)
        self.remove.clicked.connect(self._on_remove)

    def set_member(
        self, card: MemberCard | None, today: date, returnable: Sequence[ReturnableLine] = ()
    ) -> None:
        """Whose sizes and purchases help."""
        self._card, self._today, self._returnable = card, today, returnable
        self._show_remark()

    def load(self, line: LineRow) -> None:
        """Show a line that is on file, to be put right."""
        self._booked = line
        self.item.setText(line.item)
        self.size_.setText(line.size)
        each, rest = divmod(line.amount_fen, line.qty)
        fen, pieces = (each, f"*{line.qty}") if line.qty > 1 and not rest else (line.amount_fen, "")
        self.amount.setText(_typed(fen) + pieces)
        told = Told(line.colour, line.article_no, line.category, line.list_fen)
        self.details.show_told(line.item, told, line.qty)
        self._show_remark()

    def load_fitting(self, fitting: FittingDraft) -> None:
        """Show a piece that was tried on."""
        self.item.setText(fitting.item)
        self.size_.setText(fitting.size)
        self.liked.setChecked(fitting.liked)

    def keep(self) -> KeptLine:
        """All that `take_over` of another line needs to be the same."""
        return KeptLine(
            self.item.text(), self.size_.text(), self.amount.text(), self.liked.isChecked(),
            self.details.keep(), self._back, self._booked,
        )  # fmt: skip

    def take_over(self, kept: KeptLine) -> None:
        """Be the same as the line before."""
        self._back, self._booked = kept.back, kept.booked
        for field, text in zip((self.item, self.size_, self.amount), kept[:3], strict=True):
            field.setText(text)
        self.liked.setChecked(kept.liked)
        self.details.take_over(kept.details)
        self._show_remark()

    def fields(self) -> list[QWidget]:
        """Its fields as Tab goes through them."""
        if not self._sold:
            return [self.item, self.size_, self.liked]
        return [self.item, self.size_, self.amount, *([] if self.details.isHidden() else self.details.fields)]

    def set_open(self, is_open: bool) -> None:
        """Show what a line may tell besides article, size and amount."""
        self.details.setVisible(is_open)
        self._show_remark()

    def take_back(self, what: ReturnableLine) -> None:
        """Make it the return of what she bought: one piece of it, at what it cost."""
        self._back = what
        self.item.setText(what.item)
        self.size_.setText(what.size)
        self.amount.setText(_typed(-round(what.fen / what.qty)))
        self.popup.hide()
        self._show_remark()
        self.changed.emit()

    # -- content ------------------------------------------------------------------------------------------

    @property
    def empty(self) -> bool:
        """Whether nothing was typed."""
        return not (self.item.text().strip() or self.amount.text().strip() or self.details.is_typed)

    def typed(self) -> int:
        """How many of its fields were filled by hand."""
        return bool(self.item.text().strip()) + bool(self.amount.text().strip()) + self.liked.isChecked()

    def _cell(self) -> tuple[AmountCell, int]:
        """The amount as typed, of one piece where a number of pieces follows, and the pieces."""
        text = self.amount.text().strip()
        found = _PIECES.fullmatch(unicodedata.normalize("NFKC", text))
        if found:
            return parse_amount(found[1]), int(found[2])
        booked = self._booked
        return parse_amount(text), booked.qty if booked and booked.amount_fen % booked.qty else 1

    def fen(self) -> int | None:
        """The amount in fen, None while it is no amount."""
        cell, pieces = self._cell()
        if cell.problem or cell.missing or cell.fen is None:
            return None
        found = _PIECES.fullmatch(unicodedata.normalize("NFKC", self.amount.text().strip()))
        return cell.fen * pieces if found else cell.fen

    def pieces(self) -> int:
        """How many pieces it is about."""
        return self._cell()[1]

    def problem(self) -> str:
        """What is wrong with the line, "" if nothing is; shown below it."""
        words = ""
        if self._sold and not self.empty:
            cell, pieces = self._cell()
            if cell.problem == "amount_too_large":
                words = t("ct.amount.large")
            elif self.fen() is None or not pieces:
                words = t("ct.amount.bad")
            elif words := self.details.problem():
                self._say_below(words)
                return words
        self.say(words)
        return words

    def focus_problem(self) -> None:
        """Go where something is wrong."""
        field = self.details.price if self.details.problem() else self.amount
        field.setFocus(Qt.FocusReason.OtherFocusReason)

    def say(self, words: str) -> None:
        """Show what is wrong with the line; "" shows what there is to know of it."""
        self.amount.set_wrong(bool(words))
        self.amount.setAccessibleDescription(words)
        if words:
            self._say_below(words)
        else:
            self._show_remark()

    def _say_below(self, words: str) -> None:
        self._remark.set_tone("bad")
        self._remark.setText(words)
        self._remark.show()

    def remark(self) -> str:
        """What stands under the line, "" if nothing does."""
        return self._remark.text() if self._remark.isVisibleTo(self) else ""

    def _show_remark(self) -> None:
        words = self._words_below() if self._sold and not self.empty else ""
        self._remark.set_tone("tx2")
        self._remark.setText(words)
        self._remark.setVisible(bool(words))

    def _words_below(self) -> str:
        fen, pieces = self.fen(), self.pieces()
        words = []
        if fen is not None and fen < 0:
            back = self._back_of(fen)
            if back is not None:
                words.append(t("ct.line.back", day=show_day(back.day, self._today), sum=show_money(back.fen)))
                if back.qty > 1:
                    words.append(t("ct.line.back.pieces", n=back.qty))
            elif self._booked is None and self._card is not None:
                words.append(t("ct.line.free"))
        elif pieces > 1:
            words.append(t("ct.pieces", n=pieces))
        words += self.details.words(self.item.text().strip(), pieces, fen)
        return t("g.dot").join(words)

    def _back_of(self, fen: int) -> ReturnableLine | None:
        """What a return takes back: as chosen, else what she bought of that name at that price or more."""
        item = self.item.text().strip()
        if self._back is not None and self._back.item == item:
            return self._back
        if self._booked is not None and self._booked.returns_line is not None and self._booked.item == item:
            known = self._booked.returns_line  # not what the same receipt sells under that name
            return next((line for line in self._returnable if line.line == known), None)
        fits = [line for line in self._returnable if item and line.item == item and line.fen >= -fen]
        size = self.size_.text().strip()
        return min(fits, key=lambda line: line.size != size, default=None)

    def draft(self) -> LineDraft:
        """The line as it would be booked; a return is tied to what she bought where that is known."""
        fen = self.fen() or 0
        booked, back = self._booked, self._back_of(fen) if fen < 0 else None
        returns = back.line if back is not None else None
        if booked is not None and returns is None and fen < 0 and booked.item == self.item.text().strip():
            returns = booked.returns_line
        told = self.details.told(self.pieces())
        return LineDraft(
            amount_fen=fen, item=self.item.text().strip(), size=self.size_.text().strip(),
            colour=told.colour or (back.colour if back is not None else ""), qty=self.pieces(),
            returns_line=returns, id=booked.id if booked is not None else None, category=told.category,
            article_no=told.article_no, list_fen=told.list_fen,
        )  # fmt: skip

    def fitting(self) -> FittingDraft:
        """The piece as it was tried on."""
        return FittingDraft(self.item.text().strip(), self.size_.text().strip(), self.liked.isChecked())

    # -- suggestions --------------------------------------------------------------------------------------

    @Slot(object)
    def _take(self, value: ItemHint | ReturnableLine) -> None:
        if isinstance(value, ReturnableLine):
            self.take_back(value)
            self._go(self.amount)
            return
        self._fill(value)
        self.popup.hide()
        self.changed.emit()
        self._go(self.size_)

    def _fill(self, hint: ItemHint) -> None:
        self.item.setText(hint.item)
        if self._sold and not self.amount.text():
            self.amount.setText(_typed(hint.amount_fen))
        if not self.size_.text():
            self.size_.setText(hint.size)
        if self._sold and not self.details.is_typed:
            told = Told("", hint.article_no, hint.category, hint.list_fen)
            self.details.show_told(hint.item, told, 1)
        self._show_remark()

    def _go(self, field: Input) -> None:
        field.setFocus(Qt.FocusReason.TabFocusReason)
        field.selectAll()

    def ask_back(self) -> None:
        """List what she may bring back, as if a minus had been typed."""
        self.item.setText("-")
        self._on_typed("-")

    @Slot(str)
    def _on_typed(self, text: str) -> None:
        self._back = None
        self._show_remark()
        self.changed.emit()
        self._asked, self._enter_waits = text.strip(), False
        if self._asked:
            self._ask.suggest(self._asked, self._on_hints)
        else:
            self.popup.hide()

    @Slot(int)
    def _on_moved(self, step: int) -> None:
        if self.popup.isVisible():
            self.popup.move_by(step)
        elif step > 0 and not self.item.text().strip():
            self._asked = " "  # nothing typed: what she bought last, then what sells
            self._ask.suggest("", self._on_hints)

    def _on_hints(self, hints: Sequence[ItemHint | ReturnableLine]) -> None:
        if not self._asked:
            return  # the field was left meanwhile
        typed, self._asked = self._asked, ""
        # Initials mean the first suggestion: it is what Enter takes. Words stand for themselves.
        first = 0 if hints and (_takes_first(typed) or typed == " ") else -1
        self.popup.offer([_offer(hint, self._today) for hint in hints], first)
        if self._enter_waits:  # Enter was quicker than the answer
            self._enter_waits = False
            self._on_item_entered()

    @Slot()
    def _on_item_entered(self) -> None:
        typed = self.item.text().strip()
        if self._asked and typed:
            self._enter_waits = True
            return
        chosen = self.popup.chosen()
        if isinstance(chosen, ItemHint | ReturnableLine):
            self._take(chosen)
            return
        if not typed and not (self._sold and self.amount.text().strip()):
            self.ended.emit(self)
            return
        for offer in self.popup.list.offers if self.popup.isVisible() else ():
            if isinstance(offer.value, ItemHint) and offer.value.item == typed:
                self._fill(offer.value)  # typed out in full
                break
        if typed and not self.size_.text():
            self.size_.setText(self._ask.her_size(typed))
        self.popup.hide()
        self._go(self.size_)

    @Slot()
    def _on_item_left(self) -> None:
        self._asked, self._enter_waits = "", False
        self.popup.hide()

    # -- steps --------------------------------------------------------------------------------------------

    @Slot()
    def _on_size_entered(self) -> None:
        if self._sold:
            self._go(self.amount)
        else:
            self.liked.setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _on_amount_entered(self) -> None:
        if not self.problem():
            self.finished.emit(self)

    @Slot()
    def _on_last_entered(self) -> None:
        self.finished.emit(self)

    @Slot()
    def _on_amount_left(self) -> None:
        self.problem()

    @Slot()
    def _on_edited(self) -> None:
        self.say("")
        self.changed.emit()

    @Slot()
    def _on_fold(self) -> None:
        self.folded.emit(self)

    @Slot()
    def _on_remove(self) -> None:
        self.removed.emit(self)

    def put_away(self) -> None:
        """Let the line go; hidden and not made a window of its own, which would take the focus with it."""
        self.popup.deleteLater()
        self.hide()
        self.deleteLater()


def _takes_first(typed: str) -> bool:
    return asks_back(typed) or (typed.isascii() and typed.isalpha())


def _typed(fen: int) -> str:
    """An amount as it is typed: `298`, `-1,580.50`."""
    return show_money(fen).replace("\u2212", "-").replace("¥", "")
