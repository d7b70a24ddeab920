"""How the particulars of a member changed: who, when, from what to what; any value can be put back."""

from __future__ import annotations

import html
from functools import partial
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shopcrm.basics.errors import ShopError
from shopcrm.basics.records import ChangeRow, Done, MemberId
from shopcrm.basics.texts import t
from ui import theme
from ui.session import Session
from ui.widgets import Banner, Dialog, DialogScroll, EmptyState, Label, Line, SmallButton, empty
from ui.widgets.member_card import joined_dot

if TYPE_CHECKING:
    from shopcrm.shop import Shop, ShopView

FIRST = 60  # rows shown at once, and with each press of 更早的


def open_history(parent: QWidget, session: Session, member: MemberId) -> MemberHistory:
    """Show how this member's particulars changed; `restored(int)` tells that a value was put back."""
    dialog = MemberHistory(parent, session, member)
    dialog.open()
    return dialog


class MemberHistory(Dialog):
    """The change history of one member, the newest step on top; Tab goes from one value to the next."""

    restored = Signal(int)  # the member's id

    def __init__(self, parent: QWidget, session: Session, member: MemberId) -> None:
        super().__init__(parent, t("hist.title"), width=640)
        self._session, self._member = session, member
        self._rows: tuple[ChangeRow, ...] = ()
        self._shown = FIRST
        self._nothing = EmptyState("info-circle", t("hist.none"), t("hist.none2"))
        self._nothing.hide()
        content = QWidget()
        self._column = QVBoxLayout(content)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.px(6))
        self._scroll = DialogScroll(content)
        self._problem = Banner("bad", closable=False)
        self._problem.hide()
        self._older = SmallButton(t("hist.older"))
        self._older.clicked.connect(self._on_older)
        self._older.hide()
        for widget in (self._nothing, self._scroll, self._problem):
            self.body.addWidget(widget)
        self.add_left(self._older)
        self._close_button = self.add_button(t("g.close"), "primary")
        self._read()

    def _read(self) -> None:
        member = self._member

        def read(view: ShopView) -> tuple[str, tuple[ChangeRow, ...]]:
            rows = view.rows([member])
            return rows[0].name if rows else "", view.changes(member)

        self._session.query(read, key="member_history", done=self._show)

    def _show(self, found: tuple[str, tuple[ChangeRow, ...]]) -> None:
        name, self._rows = found
        self.title.setText(t("hist.title.of", name=name) if name else t("hist.title"))
        self._fill()

    def _fill(self) -> None:
        at = self._scroll.verticalScrollBar().value()
        empty(self._column)
        shown = self._rows[: self._shown]
        buttons = []
        for number, (_, rows) in enumerate(groupby(shown, key=lambda row: row.entry)):
            if number:
                self._column.addWidget(Line())
            for first, row in enumerate(rows):
                if not first:
                    self._column.addWidget(Label(joined_dot([row.at, row.staff]), "small", "tx2"))
                line = _Change(row)
                line.back.clicked.connect(partial(self._put_back, row))
                self._column.addWidget(line)
                line.show()  # at once, so that it can take the focus
                buttons.append(line.back)
        self._column.addStretch(1)
        self._nothing.setVisible(not shown)
        self._scroll.setVisible(bool(shown))
        self._older.setVisible(len(self._rows) > self._shown)
        self.resize_to_content()
        self._scroll.verticalScrollBar().setValue(at)
        in_turn = [*(button for button in buttons if not button.isHidden()), self._older, self._close_button]
        for button, behind in pairwise(in_turn):
            self.setTabOrder(button, behind)
        if self.isVisible():
            self._focus_first()

    def open(self) -> None:
        """Show the dialog, the first value that can be put back chosen."""
        super().open()
        self._focus_first()

    def _focus_first(self) -> None:
        chain = self._chain()
        at = chain.index(self._close_button)
        [*chain[at + 1 :], *chain[: at + 1]][0].setFocus(Qt.FocusReason.OtherFocusReason)

    def _put_back(self, row: ChangeRow) -> None:
        self._problem.hide()
        member = self._member

        def put_back(shop: Shop, _progress: object) -> Done[None]:
            return shop.members.put_back(member, row.entry, row.field)

        self._session.do(put_back, origin=self, done=self._on_done, failed=self._on_failed)

    def _on_done(self, _result: object) -> None:
        self.restored.emit(int(self._member))
        self._read()

    def _on_failed(self, error: Exception) -> None:
        self._problem.set_text(html.escape(error.sentence if isinstance(error, ShopError) else t("err.bug")))
        self._problem.show()
        self.resize_to_content()

    @Slot()
    def _on_older(self) -> None:
        self._shown += FIRST
        self._fill()

    def focusNextPrevChild(self, forward: bool) -> bool:
        moved = super().focusNextPrevChild(forward)
        self._scroll.follow_focus()
        return moved


class _Change(QWidget):
    """One field: its name, old → new, and the button that puts the old value back."""

    def __init__(self, row: ChangeRow) -> None:
        super().__init__()
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, theme.px(12), 0)
        line.setSpacing(theme.px(10))
        label = Label(row.label, "body", "tx2")
        label.setFixedWidth(theme.px(104))
        label.setWordWrap(True)
        empty = html.escape(t("hist.empty"))
        old, new = html.escape(row.old) or empty, f"<b>{html.escape(row.new)}</b>" if row.new else empty
        words = Label(t("hist.line", old=old, new=new), "body", wrap=True)
        words.setTextFormat(Qt.TextFormat.RichText)
        self.back = SmallButton(t("hist.back"))
        self.back.setAccessibleName(t("hist.back.of", field=row.label, old=row.old or t("hist.empty")))
        self.back.setToolTip(self.back.accessibleName())
        self.setMinimumHeight(self.back.sizeHint().height())  # rows without a button are as high
        line.addWidget(label)
        line.addWidget(words, 1)
        line.addWidget(self.back)
        self.back.setVisible(row.may_restore)
