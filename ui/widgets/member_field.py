"""A field that finds one member: digits, name or pinyin, arrows and Enter, as everywhere else."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent

from shopcrm.basics.records import MemberRow
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_phone
from ui.session import Session
from ui.widgets.floating import Popup
from ui.widgets.frame import FoundList, age, found
from ui.widgets.inputs import SearchBox

_SHOWN = 4  # rows of the popup; a dialog has no room for more


class MemberField(SearchBox):
    """Typing searches; Enter takes the member highlighted, typing again lets her go."""

    picked = Signal(object)  # MemberRow, None while nobody is chosen

    _numbers = 0

    def __init__(self, session: Session, placeholder: str = "") -> None:
        super().__init__(placeholder or t("search.ph"), "")
        MemberField._numbers += 1
        self._session, self._key_of_search = session, f"member_field.{MemberField._numbers}"
        self._member: MemberRow | None = None
        self.popup: Popup | None = None  # made with the first answer, when the field stands in its window
        self.list = FoundList()
        self.list.clicked.connect(self._on_clicked)
        self.searched.connect(self._on_searched)
        self.moved.connect(self._on_moved)

    def member(self) -> MemberRow | None:
        """The member chosen."""
        return self._member

    def set_member(self, row: MemberRow | None) -> None:
        """Choose somebody, or nobody."""
        self._member = row
        phone = show_phone(row.phones[0]) if row is not None and row.phones else ""
        self.set_quietly("" if row is None else "  ".join(filter(None, (row.name, phone))))
        self.hide_found()
        self.picked.emit(row)

    def hide_found(self) -> None:
        """Close the popup."""
        if self.popup is not None:
            self.popup.hide()

    @Slot(str)
    def _on_searched(self, text: str) -> None:
        if self._member is not None:
            self._member = None
            self.picked.emit(None)
        if text:
            self._session.query(lambda view: found(view, text), key=self._key_of_search, done=self._on_found)
        else:
            self.hide_found()

    def _on_found(self, answer: tuple[str, Sequence[tuple[MemberRow, str]]]) -> None:
        query, rows = answer
        if self._member is not None or not self.hasFocus() or not rows:
            self.hide_found()
            return
        if self.popup is None:
            self.popup = Popup(self)
            self.destroyed.connect(self.popup.deleteLater)
            self.popup.body.addWidget(self.list)
        self.list.rows, self.list.query, self.list.chosen = list(rows[:_SHOWN]), query, 0
        self.list.age = self._age
        self.list.updateGeometry()
        self.list.update()
        self.popup.show_below()

    def _age(self, row: MemberRow) -> str:
        return age(row.last_day, self._session.today)

    @Slot(int)
    def _on_moved(self, step: int) -> None:
        if self.list.rows:
            self.list.chosen = (self.list.chosen + step) % len(self.list.rows)
            self.list.update()

    @Slot()
    def _on_clicked(self) -> None:
        self.set_member(self.list.rows[self.list.chosen][0])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        shown = self.popup is not None and self.popup.isVisible()
        if event.key() == Qt.Key.Key_Escape and shown:
            self.hide_found()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and shown and self.list.rows:
            self._on_clicked()
            self.entered.emit(False)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.hide_found()
