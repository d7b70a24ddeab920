"""Taking a member's particulars out of the file for good: what goes, what stays, and a yes that is meant."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from shopcrm.basics.errors import ShopError
from shopcrm.basics.records import Done, MemberCard
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_phone
from ui.session import Session
from ui.widgets import Banner, CheckBox, Dialog, Label

if TYPE_CHECKING:
    from shopcrm.shop import Shop


def ask_erase(parent: QWidget, session: Session, member: MemberCard) -> MemberErase:
    """Ask whether this member is to be erased, and do it; `erased(int)` tells that she is."""
    dialog = MemberErase(parent, session, member)
    dialog.open()
    return dialog


class MemberErase(Dialog):
    """Nothing can be pressed by chance: the button that erases waits for the tick."""

    erased = Signal(int)  # her id, under which her sums stay

    def __init__(self, parent: QWidget, session: Session, member: MemberCard) -> None:
        name = member.name or (show_phone(member.phones[0]) if member.phones else t("mb.noname"))
        super().__init__(parent, t("erase.title", name=name), "alert-triangle", "bad", width=500)
        self._session, self._member = session, member
        for line in ("erase.goes", "erase.stays", "erase.backups"):
            self.body.addWidget(Label(t(line), "body", wrap=True))
        self.sure = CheckBox(t("erase.sure"))
        self.sure.toggled.connect(self._on_sure)
        self.body.addWidget(self.sure)
        self._problem = Banner("bad", closable=False)
        self._problem.hide()
        self.body.addWidget(self._problem)
        self.add_button(t("erase.no"), "primary", self.reject)
        self.yes = self.add_button(t("erase.yes"), "danger", self._on_yes)
        self.yes.setEnabled(False)

    @Slot(bool)
    def _on_sure(self, on: bool) -> None:
        self.yes.setEnabled(on)

    @Slot()
    def _on_yes(self) -> None:
        self._problem.hide()
        member = self._member.id

        def erase(shop: Shop, _progress: object) -> Done[bool]:
            return shop.members.erase(member)

        self._session.do(
            erase, origin=self, done=self._on_done, failed=self._on_failed, busy=self.yes,
            progress=t("erase.working"),
        )  # fmt: skip

    def _on_done(self, _result: object) -> None:
        self.accept()
        self.erased.emit(int(self._member.id))

    def _on_failed(self, error: Exception) -> None:
        self._problem.set_text(html.escape(error.sentence if isinstance(error, ShopError) else t("err.bug")))
        self._problem.show()
        self.resize_to_content()
