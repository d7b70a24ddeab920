"""记进需求本: who asks for what, or one of these put right."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from shopcrm.basics.errors import InputError, ShopError
from shopcrm.basics.records import Done, ItemHint, MemberId, MemberRow, WantedDraft, WantedId, WantedRow
from shopcrm.basics.texts import t
from shopcrm.basics.values import clean_text
from ui import theme
from ui.session import Session
from ui.widgets import Banner, Chip, Dialog, FieldBlock, FlowRow, FormInput
from ui.widgets.member_field import MemberField

if TYPE_CHECKING:
    from shopcrm.shop import Shop

_HINTS = 4
_FIELD_OF = {"item": "item", "size": "size", "colour": "colour", "note": "note", "day": "item"}


class WantedEdit(Dialog):
    """Write a wish down, for `member` where she is known already, or change `wish`.

    Nothing is written before 记下 is pressed; Enter goes from field to field and saves from the last.
    """

    saved = Signal(int)  # id of the wish

    def __init__(
        self, parent: QWidget, session: Session, member: MemberRow | None = None,
        wish: WantedRow | None = None,
    ) -> None:  # fmt: skip
        title = t("wt.new") if wish is None else t("wt.change", name=wish.name)
        super().__init__(parent, title, width=520)
        self._session, self._wish = session, wish
        self.member = MemberField(session)
        self.item, self.fit, self.colour, self.note = (
            FormInput(t("wt.item.ph")), FormInput(), FormInput(), FormInput(t("wt.note.ph")),
        )  # fmt: skip
        self._fields = {
            "member": FieldBlock(t("wt.who") + " *", self.member),
            "item": FieldBlock(t("wt.item") + " *", self.item),
            "size": FieldBlock(t("wt.size"), self.fit),
            "colour": FieldBlock(t("wt.colour"), self.colour),
            "note": FieldBlock(t("wt.note"), self.note),
        }
        self._hints: list[ItemHint] = []
        self._build()
        if wish is not None:
            for field, words in (
                (self.item, wish.item), (self.fit, wish.size), (self.colour, wish.colour),
                (self.note, wish.note),
            ):  # fmt: skip
                field.setText(words)
        elif member is not None:
            self.member.set_member(member)
        self._connect()
        self._ask_hints()

    def _build(self) -> None:
        self.body.addWidget(self._fields["member"])
        self._fields["member"].setVisible(self._wish is None)
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        for key, stretch in (("item", 6), ("size", 2), ("colour", 3)):
            self._fields[key].setMinimumHeight(theme.px(64))  # a layout asked for its least height is short
            row.addWidget(self._fields[key], stretch, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(row)
        self.hints = FlowRow(8)
        self.body.addWidget(self.hints)
        self.body.addWidget(self._fields["note"])
        self._problem = Banner("bad", closable=False)
        self._problem.hide()
        self.body.addWidget(self._problem)
        self.add_button(t("g.cancel"))
        self.save = self.add_button(
            t("wt.save") if self._wish is None else t("g.save"), "primary", self._on_save, key="Ctrl+Enter"
        )

    def _connect(self) -> None:
        self.member.picked.connect(self._on_member)
        self.member.entered.connect(self._on_member_entered)
        self.member.escaped.connect(self.reject)
        self.item.textEdited.connect(self._on_item_edited)
        for field, then in ((self.item, self.fit), (self.fit, self.colour), (self.colour, self.note)):
            field.entered.connect(then.setFocus)
        self.note.entered.connect(self._on_save)

    def open(self) -> None:
        """Show the dialog; where she is known the article is the first to be asked for."""
        super().open()
        if self._who() is not None:
            self.item.setFocus()

    def _who(self) -> MemberId | None:
        if self._wish is not None:
            return self._wish.member
        row = self.member.member()
        return None if row is None else row.id

    # -- what is asked for ---------------------------------------------------------------------------------

    @Slot(object)
    def _on_member(self, row: MemberRow | None) -> None:
        if row is not None:
            self._fields["member"].set_error("")
        self._ask_hints()

    @Slot()
    def _on_member_entered(self) -> None:
        if self.member.member() is not None:
            self.item.setFocus()

    @Slot(str)
    def _on_item_edited(self, _text: str) -> None:
        self._ask_hints()

    def _ask_hints(self) -> None:
        """Articles as the shop writes them: what is written alike is found together when it is in."""
        who, text = self._who(), self.item.text().strip()
        typed = text.lower() if text.isascii() else text
        self._session.query(
            lambda view: view.items(who, typed, _HINTS), key="wanted_edit.items", done=self._show_hints
        )

    def _show_hints(self, found: Sequence[ItemHint]) -> None:
        text = self.item.text().strip()
        self._hints = [hint for hint in found if hint.item != text]
        self.hints.clear()
        for hint in self._hints:
            chip = Chip(hint.item, checkable=False)
            chip.clicked.connect(self._on_hint)
            self.hints.add(chip)
        self.hints.setVisible(bool(self._hints))
        self.resize_to_content()

    @Slot()
    def _on_hint(self) -> None:
        chip = self.sender()
        words = chip.text() if isinstance(chip, Chip) else ""
        hint = next((hint for hint in self._hints if hint.item == words), None)
        if hint is None:
            return
        self.item.setText(hint.item)
        if hint.size and not self.fit.text():
            self.fit.setText(hint.size)
        self._fields["item"].set_error("")
        self.fit.setFocus()
        self.fit.selectAll()

    # -- saving --------------------------------------------------------------------------------------------

    def draft(self) -> WantedDraft | None:
        """The fields as a draft; None after saying what is missing."""
        who, item = self._who(), clean_text(self.item.text())
        self._fields["member"].set_error("" if who is not None else t("wt.e.who"))
        self._fields["item"].set_error("" if item else t("err.wanted_item"))
        self.resize_to_content()
        if who is None or not item:
            (self.member if who is None else self.item).setFocus()
            return None
        person = self._session.staff
        return WantedDraft(
            who, item, clean_text(self.fit.text()), clean_text(self.colour.text()),
            clean_text(self.note.text()), staff_id=person.id if person else None,
        )  # fmt: skip

    @Slot()
    def _on_save(self) -> None:
        draft, wish = self.draft(), self._wish
        if draft is None:
            return

        def save(shop: Shop, _progress: object) -> Done[WantedId]:
            return shop.wanted.add(draft) if wish is None else shop.wanted.change(wish.id, draft)

        self._session.do(save, origin=self, done=self._on_saved, failed=self._on_failed, busy=self.save)

    def _on_saved(self, result: Done[WantedId]) -> None:
        self.accept()
        self.saved.emit(int(result.value))

    def _on_failed(self, error: Exception) -> None:
        field = _FIELD_OF.get(error.field, "") if isinstance(error, InputError) else ""
        if isinstance(error, ShopError) and field:
            self._fields[field].set_error(error.sentence)
            self._fields[field].field.setFocus()
        else:
            words = error.sentence if isinstance(error, ShopError) else t("err.bug")
            self._problem.set_text(html.escape(words))
            self._problem.show()
        self.resize_to_content()
