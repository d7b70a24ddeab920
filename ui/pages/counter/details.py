"""What a line may tell of its article besides name, size and amount: colour, number, category, price tag."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from shopcrm.basics.texts import t
from shopcrm.basics.values import parse_amount, show_discount, show_money
from ui import theme
from ui.pages.counter.fields import LONGEST, Field

_NAMES = ("colour", "article_no", "category", "list_price")


class Told(NamedTuple):
    """What is told of an article; `list_fen` of all pieces of the line, None: unknown."""

    colour: str = ""
    article_no: str = ""
    category: str = ""
    list_fen: int | None = None


class Kept(NamedTuple):
    """What stands in the four fields, and what came with the article."""

    shown: tuple[str, ...]
    item: str | None
    texts: tuple[str, ...]
    first: tuple[str, int, int]


class Details(QWidget):
    """Four fields in a row, of which the last one is the price tag of one piece; what came with an article
    goes when another one is typed."""

    changed = Signal()
    entered = Signal()  # Enter on the last one
    removed = Signal()
    folded = Signal()  # the key that opens and closes them

    def __init__(self) -> None:
        super().__init__()
        self._item: str | None = None  # the article what stands here came with; None: it was typed
        self._texts: tuple[str, ...] = ("",) * len(_NAMES)  # what came with it
        self._first: tuple[str, int, int] = (
            "",
            0,
            0,
        )  # its price tag, pieces, the line in fen
        self.fields = [Field(t(f"field.{name}")) for name in _NAMES]
        self.colour, self.article_no, self.category, self.price = self.fields
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(6))
        for name, field in zip(_NAMES, self.fields, strict=True):
            field.setAccessibleName(t(f"field.{name}"))
            field.setToolTip(t(f"field.{name}"))
            field.setMinimumWidth(theme.px(40))
            field.setMaxLength(LONGEST if field is not self.price else 20)
            row.addWidget(field, 1)
            field.textEdited.connect(self._on_edited)
            field.entered.connect(self._on_entered)
            field.removed.connect(self.removed)
            field.folded.connect(self.folded)
        self.price.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.price.set_ime(False)

    @property
    def is_typed(self) -> bool:
        """Whether something was typed here."""
        return self._item is None and any(field.text().strip() for field in self.fields)

    def show_told(self, item: str, told: Told, pieces: int) -> None:
        """What is known of an article, of so many pieces."""
        fen = abs(told.list_fen or 0)
        each = show_money(round(fen / pieces)).replace("¥", "") if fen else ""
        self._item, self._first = item, (each, pieces, fen)
        self._texts = (told.colour, told.article_no, told.category, each)
        self._show(self._texts)

    def keep(self) -> Kept:
        """All that `take_over` of other fields needs to show the same."""
        return Kept(tuple(field.text() for field in self.fields), self._item, self._texts, self._first)

    def take_over(self, kept: Kept) -> None:
        """Show the same as the fields before."""
        _, self._item, self._texts, self._first = kept
        self._show(kept.shown)

    def _show(self, texts: Sequence[str]) -> None:
        for field, text in zip(self.fields, texts, strict=True):
            field.setText(text)

    @Slot(str)
    def set_item(self, item: str) -> None:
        """Another article stands in the line: what came with the one before does not hold for it."""
        if self._item is not None:
            self._show(self._texts if item.strip() == self._item else ("",) * len(self.fields))

    def told(self, pieces: int) -> Told:
        """What stands here, the price tag times the pieces."""
        text = self.price.text().strip()
        listed = (parse_amount(text).fen or 0) * pieces if text else 0
        if (text, pieces) == self._first[:2]:  # a price tag that does not divide is kept as it is
            listed = self._first[2]
        colour, article_no, category = (field.text().strip() for field in self.fields[:3])
        return Told(colour, article_no, category, listed or None)

    def problem(self) -> str:
        """What is wrong with the price tag, "" if nothing is."""
        text = self.price.text().strip()
        cell = parse_amount(text)
        wrong = bool(text) and (cell.problem is not None or cell.fen is None or cell.fen < 0)
        self.price.set_wrong(wrong)
        return t("ct.listprice.bad") if wrong else ""

    def words(self, item: str, pieces: int, paid_fen: int | None) -> list[str]:
        """What there is to say of them below the line: all while they are folded, else the discount."""
        told = self.told(pieces)
        found: Sequence[str] = ()
        if self.isHidden():
            number = told.article_no if told.article_no != item else ""
            listed = "" if told.list_fen is None else t("ct.listprice", sum=show_money(told.list_fen))
            found = (told.colour, number, told.category, listed)
        rate = show_discount(abs(paid_fen or 0), told.list_fen)
        return [*filter(None, found), *([t("list.discount", n=rate)] if rate else [])]

    @Slot()
    def _on_edited(self) -> None:
        self._item = None
        self.price.set_wrong(False)
        self.changed.emit()

    @Slot()
    def _on_entered(self) -> None:
        at = self.fields.index(self.sender())  # type: ignore[arg-type]
        if at + 1 < len(self.fields):
            self.fields[at + 1].setFocus(Qt.FocusReason.TabFocusReason)
            self.fields[at + 1].selectAll()
        else:
            self.entered.emit()
