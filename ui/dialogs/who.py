"""谁在用？: who sits there, asked by a PIN where she has one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from shopcrm.basics.records import StaffRow
from shopcrm.basics.rights import rights_of
from shopcrm.basics.texts import t
from ui.session import Session
from ui.widgets import Dialog, Label


class WhoDialog(Dialog):
    """People to choose from, and the PIN of whom was chosen; `then` is told who it is."""

    def __init__(
        self, parent: QWidget, session: Session, people: list[StaffRow], then: Callable[[StaffRow], object]
    ) -> None:
        super().__init__(parent, t("pin.who"))
        self._session, self._then = session, then
        self.people = people


def ask_owner(parent: QWidget, session: Session, right: str, then: Callable[[], object]) -> WhoDialog:
    """Ask for somebody who has this right; she helps out (`session.borrow`), and then `then` is called."""
    staff = session.view.staff()
    people = [person for person in staff if person.active and right in rights_of(person.id, staff)]

    def helped(person: StaffRow) -> None:
        session.borrow(person)
        then()

    dialog = WhoDialog(parent, session, people, helped)
    dialog.body.addWidget(Label(t("pin.owner"), "body_bold"))
    dialog.open()
    return dialog
