"""What is said: every occasion with its wordings, and how each type is treated."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QKeySequence, QPainter, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from shopcrm.basics.records import TYPE_KEYS, Changes, OccasionRow
from shopcrm.basics.texts import t
from ui import theme
from ui.pages.base import Page
from ui.pages.settings.place import Place, paint_chosen, scrolled
from ui.pages.settings.strategies import StrategyEditor
from ui.pages.settings.wordings import WordingsEditor
from ui.theme import paint
from ui.theme.tokens import CARD_GAP
from ui.widgets import Card, Label, TypeBadge

_LIST, _LIST_SMALL = 236, 190
_ROOMY = 800  # from this width on the list takes more
_STRATEGY = "strategy."
_EVERYBODY = "all"


class WordsPlace(Place):
    """On the left types and occasions, on the right what is said or done; nothing typed is lost by looking
    at another one."""

    scrolls_itself = True

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.entries: dict[str, Entry] = {}
        self._occasions: dict[str, OccasionRow] = {}
        self.current = ""
        row = QHBoxLayout()
        row.setSpacing(theme.px(CARD_GAP))
        card = self._card = Card(padding=False)
        card.setFixedWidth(theme.px(_LIST))
        self._list = QWidget()
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(theme.px(8), theme.px(8), theme.px(8), theme.px(8))
        self._column.setSpacing(theme.px(2))
        self._scroll = scrolled(self._list)
        card.body.addWidget(self._scroll)
        row.addWidget(card)
        self.wordings = WordingsEditor(page)
        self.strategies = StrategyEditor(page)
        self._stack = QStackedWidget()
        for part in (self.wordings, self.strategies):
            self._stack.addWidget(scrolled(part))
        row.addWidget(self._stack, 1)
        self.owner_only = Label(t("rp.owner"), "body", "warn")
        self.owner_only.hide()
        self.column.addWidget(self.owner_only)
        self.column.addLayout(row, 1)
        self.wordings.changed.connect(self._show_drafts)
        self.wordings.gone.clicked.connect(self._order)
        self.strategies.changed.connect(self._show_drafts)
        self.session.staff_changed.connect(self._on_staff)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.save_now)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._card.setFixedWidth(theme.px(_LIST if self.width() >= theme.px(_ROOMY) else _LIST_SMALL))

    def read(self) -> None:
        occasions = self.session.view.occasions()
        self._occasions = {one.id: one for one in occasions}
        if not self.entries:
            self._fill(occasions)
        may = self.session.may("rules")
        self._stack.setEnabled(may)
        self.owner_only.setVisible(not may)
        self._show_drafts()
        self.open_entry(self.current or next(iter(self.entries)))

    def concerned(self, changes: Changes) -> bool:
        return changes.settings

    def carry(self) -> dict[str, Any]:
        return {
            "entry": self.current, "wordings": self.wordings.drafts(), "strategies": self.strategies.drafts()
        }  # fmt: skip

    def take(self, **carried: Any) -> None:
        self.wordings.take(carried.get("wordings", {}))
        self.strategies.take(carried.get("strategies", {}))
        entry = str(carried.get("entry", ""))
        if entry in self.entries:
            self.open_entry(entry)
            self._scroll.ensureWidgetVisible(self.entries[entry])
        self._show_drafts()

    def open_entry(self, key: str) -> None:
        """Show an occasion (its text id) or how a type is treated (`strategy.<type>`)."""
        self.current = key
        self.entries[key].setChecked(True)
        if key.startswith(_STRATEGY):
            self.strategies.open(key.removeprefix(_STRATEGY))
            self._stack.setCurrentIndex(1)
        else:
            self.wordings.open(self._occasions[key])
            self._stack.setCurrentIndex(0)
        self._order()

    @Slot()
    def _order(self) -> None:
        """Tab goes from the list to what is said or done there, the way one reads."""
        editor = self.strategies if self.current.startswith(_STRATEGY) else self.wordings
        *_, last = self.entries.values()
        for before, after in pairwise([last, *editor.chain()]):
            QWidget.setTabOrder(before, after)

    # -- the list -------------------------------------------------------------------------------------------

    def _fill(self, occasions: tuple[OccasionRow, ...]) -> None:
        group = QButtonGroup(self)
        for key in (*TYPE_KEYS, _EVERYBODY):
            head = QHBoxLayout()
            head.setContentsMargins(theme.px(6), theme.px(8 if self.entries else 2), 0, theme.px(2))
            head.setSpacing(theme.px(8))
            if key in TYPE_KEYS:
                head.addWidget(TypeBadge(key, 22))
            words = t("type." + key) if key in TYPE_KEYS else t("words.everybody")
            head.addWidget(Label(words, "label_bold", "tx2"))
            head.addStretch(1)
            self._column.addLayout(head)
            mine = [(one.id, t(one.id)) for one in occasions if _group(one) == key]
            if key in TYPE_KEYS:
                mine.insert(0, (_STRATEGY + key, t("words.strategy")))
            for entry_id, name in mine:
                entry = Entry(name)
                entry.setObjectName(entry_id)
                group.addButton(entry)
                self._column.addWidget(entry)
                self.entries[entry_id] = entry
        self._column.addStretch(1)
        group.buttonClicked.connect(self._on_clicked)

    @Slot()
    def _show_drafts(self) -> None:
        """Beside each entry how many wordings of the shop's own it has, or that something was begun."""
        begun = {*self.wordings.drafts(), *(_STRATEGY + key for key in self.strategies.drafts())}
        view = self.session.view
        for key, entry in self.entries.items():
            if key in begun:
                entry.set_note(t("words.begun"))
            elif key.startswith(_STRATEGY):
                own = any(view.strategy(one).is_own for one in TYPE_KEYS if key == _STRATEGY + one)
                entry.set_note(t("words.own_mark") if own else "")
            else:
                own_ones = self._occasions[key].own
                entry.set_note(t("words.own_count", n=own_ones) if own_ones else "")

    @Slot()
    def _on_staff(self) -> None:
        if self.isVisible() and self.session.is_open:
            self.read()  # another person may have other rights

    @Slot(object)
    def _on_clicked(self, button: QWidget) -> None:
        self.open_entry(button.objectName())

    @Slot()
    def save_now(self) -> None:
        if self.current.startswith(_STRATEGY):
            self.strategies.save_now()
        else:
            self.wordings.save_now()


class Entry(QAbstractButton):
    """One line of the list: a name, and something small at its end."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self._note = ""
        self.setText(words)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(words)

    def set_note(self, note: str) -> None:
        """What stands at the end of the line."""
        if note != self._note:
            self._note = note
            self.setAccessibleDescription(note)
            self.update()

    def note(self) -> str:
        """The same."""
        return self._note

    def sizeHint(self) -> QSize:
        return QSize(theme.px(150), theme.px(36))

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        painter = QPainter(self)
        chosen = self.isChecked()
        paint_chosen(painter, self, now.tokens.acc_soft)
        inside = self.rect().adjusted(now.px(14), 0, -now.px(8), 0)
        small = now.font("small")
        painter.setFont(small)
        painter.setPen(QColor(now.tokens.acc_text if chosen else now.tokens.tx2))
        painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._note)
        room = inside.width() - (
            QFontMetrics(small).horizontalAdvance(self._note) + now.px(8) if self._note else 0
        )
        font = now.font("body_bold" if chosen else "body")
        painter.setFont(font)
        painter.setPen(QColor(now.tokens.acc_text if chosen else now.tokens.tx))
        shown = paint.cut(self.text(), font, room)
        painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        self.setToolTip(self.text() if shown != self.text() else "")
        painter.end()


def _group(one: OccasionRow) -> str:
    return _EVERYBODY if len(one.types) == len(TYPE_KEYS) else one.types[0]
