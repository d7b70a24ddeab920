"""Complaints at the counter: 记投诉 writes one down, 处理投诉 settles it; 评分 keeps the marks she gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from shopcrm.basics.errors import InputError, ShopError
from shopcrm.basics.progress import Progress
from shopcrm.basics.records import ComplaintDraft, ComplaintRow, Done, MemberCard, RatingDraft
from shopcrm.basics.texts import t
from shopcrm.basics.values import parse_amount, show_day
from shopcrm.shop.complaints import LEVELS, SCALES
from ui import theme
from ui.session import Session
from ui.widgets import Dialog, FieldBlock, Input, Label, Segmented, TextArea

if TYPE_CHECKING:
    from shopcrm.shop import Shop

_Job = Callable[["Shop", Progress], Done[Any]]


class _Form(Dialog):
    """A dialog whose one write goes to the shop; what the shop refuses is said under its field."""

    def __init__(self, parent: QWidget, session: Session, title: str) -> None:
        super().__init__(parent, title, width=520)
        self._session = session
        self.blocks: dict[str, FieldBlock] = {}

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.save.click()
            event.accept()
        else:
            super().keyPressEvent(event)

    def _add(self, key: str, words: str, field: QWidget) -> FieldBlock:
        self.blocks[key] = FieldBlock(words, field)
        self.body.addWidget(self.blocks[key])
        return self.blocks[key]

    def _finish(self, words: str) -> None:
        self.add_button(t("g.cancel"))
        self.save = self.add_button(words, "primary", self._on_save, key="Ctrl+Enter")

    def _job(self) -> _Job | None:
        """What to do with what the fields say now; None if one of them cannot be read."""
        raise NotImplementedError

    @Slot()
    def _on_save(self) -> None:
        for block in self.blocks.values():
            block.set_error("")
        job = self._job()
        if job is not None:
            self._session.do(job, origin=self, done=self._on_done, failed=self._on_failed, busy=self.save)

    def _on_done(self, _done: Done[Any]) -> None:
        self.accept()

    def _on_failed(self, error: Exception) -> None:
        field = error.field if isinstance(error, InputError) else ""
        if field in self.blocks:
            self._say(field, error.sentence if isinstance(error, ShopError) else "")
        else:
            self._session.failed.emit(error, None)

    def _say(self, field: str, words: str) -> None:
        """What is wrong with a field, under it."""
        self.blocks[field].set_error(words)
        self.blocks[field].field.setFocus()
        self.resize_to_content()


class ComplaintDialog(_Form):
    """记投诉: how grave, what she says; she is called back within a day or two."""

    def __init__(self, parent: QWidget, session: Session, card: MemberCard) -> None:
        super().__init__(parent, session, t("cp.title", name=card.name or card.call_name))
        self._member = card.id
        self.level = Segmented([("normal", t("cp.normal")), ("serious", t("cp.serious"))], digits=False)
        self.level.picked.connect(self._on_level)
        self.words = TextArea()
        self.words.setPlaceholderText(t("cp.words.hint"))
        self.words.setFixedHeight(theme.px(96))
        self._due = Label("", "small", "tx2", wrap=True)
        self._add("words", t("cp.words"), self.words)
        self._add("level", t("cp.level"), self.level)
        self.body.addWidget(self._due)
        self._finish(t("cp.save"))
        self._on_level()

    @Slot()
    def _on_level(self) -> None:
        today = self._session.today
        due = show_day(today + timedelta(days=LEVELS[self.level.current()]), today)
        self._due.setText(t("cp.due", day=due))

    def _job(self) -> _Job:
        staff = self._session.staff
        draft = ComplaintDraft(
            self._member, self.words.toPlainText(), self.level.current(), staff_id=staff.id if staff else None
        )
        return lambda shop, _: shop.complaints.add(draft)


class SettleDialog(_Form):
    """处理投诉: what she said, how it was put right and what it cost."""

    def __init__(self, parent: QWidget, session: Session, complaint: ComplaintRow) -> None:
        super().__init__(parent, session, t("cp.settle.title", name=complaint.name))
        self._complaint = complaint.id
        today = session.today
        self.body.addWidget(
            Label(
                t("cp.said", day=show_day(complaint.day, today), level=t(f"cp.{complaint.level}")),
                "small", "tx2",
            )
        )  # fmt: skip
        said = Label(complaint.words, wrap=True)
        said.setTextFormat(Qt.TextFormat.PlainText)
        self.body.addWidget(said)
        self.settlement = TextArea()
        self.settlement.setPlaceholderText(t("cp.settlement.hint"))
        self.settlement.setFixedHeight(theme.px(80))
        self.compensation = Input("0")
        self._add("settlement", t("cp.settlement"), self.settlement)
        self._add("compensation", t("cp.compensation"), self.compensation)
        self._finish(t("cp.settle"))

    def _job(self) -> _Job | None:
        text, settlement = self.compensation.text().strip(), self.settlement.toPlainText()
        fen = parse_amount(text).fen if text else 0
        if fen is None:
            self._say("compensation", t("ct.amount.bad"))
            return None
        complaint, cost = self._complaint, fen
        return lambda shop, _: shop.complaints.settle(complaint, settlement, cost)


class RatingDialog(_Form):
    """评分: how content she is, and whether she would recommend the shop."""

    def __init__(self, parent: QWidget, session: Session, card: MemberCard) -> None:
        super().__init__(parent, session, t("rt.title", name=card.name or card.call_name))
        self._member = card.id
        self.kind = Segmented([(kind, t(f"rt.{kind}")) for kind in SCALES], digits=False)
        self.kind.picked.connect(self._on_kind)
        self._ask = Label("", wrap=True)
        self.scores = {
            kind: Segmented([(str(n), str(n)) for n in range(low, high + 1)], digits=False)
            for kind, (low, high) in SCALES.items()
        }
        self.body.addWidget(self.kind)
        self.body.addWidget(self._ask)
        for kind, scale in self.scores.items():
            self._add(kind, t("rt.score"), scale)
            scale.set_current("")  # a mark that stands there already would be hers too often
        self._finish(t("rt.save"))
        self._on_kind()

    @Slot()
    def _on_kind(self) -> None:
        for kind, scale in self.scores.items():
            self.blocks[kind].setVisible(kind == self.kind.current())
            scale.setVisible(kind == self.kind.current())
        self._ask.setText(t(f"rt.{self.kind.current()}.ask"))
        self.resize_to_content()

    def _job(self) -> _Job | None:
        kind, staff = self.kind.current(), self._session.staff
        score = self.scores[kind].current()
        if not score:
            self._say(kind, t("rt.none"))
            return None
        draft = RatingDraft(self._member, kind, int(score), staff_id=staff.id if staff else None)
        return lambda shop, _: shop.complaints.rate(draft)


def open_complaint(parent: QWidget, session: Session, card: MemberCard) -> Dialog:
    """Settle what she complained of if that is open, else write a complaint down; the dialog."""
    dialog: Dialog
    if card.complaints:
        dialog = SettleDialog(parent, session, card.complaints[0])
    else:
        dialog = ComplaintDialog(parent, session, card)
    dialog.open()
    return dialog


def open_rating(parent: QWidget, session: Session, card: MemberCard) -> Dialog:
    """Keep a mark she gives; the dialog."""
    dialog = RatingDialog(parent, session, card)
    dialog.open()
    return dialog
