"""The wordings of one occasion: those of the program and the shop's own, and a place to write one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Qt, QTimer, Signal, SignalInstance, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent, QTextCursor
from PySide6.QtWidgets import (
    QAbstractButton,
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from shopcrm.basics.errors import InputError
from shopcrm.basics.records import TYPE_KEYS, Done, MemberId, MemberRow, OccasionRow, TriedOut, Wording
from shopcrm.basics.texts import t
from shopcrm.shop.words import MOST
from ui import theme
from ui.pages.base import Page
from ui.theme.tokens import CARD_GAP
from ui.widgets import (
    Button,
    Card,
    CheckBox,
    Chip,
    FieldBlock,
    FlowRow,
    Input,
    Label,
    Line,
    SmallButton,
    Tag,
    TextArea,
    TypePill,
    empty,
)
from ui.widgets.member_field import MemberField

if TYPE_CHECKING:
    from shopcrm.shop import Shop

_PAUSE_MS = 120  # after the last key, before the wording is tried out
_LINES = 5  # of the field
_NAME = 300
_TWO_SIDES = 600  # from this width on two parts stand beside each other
_LONGEST_NAME = 40  # twice what is kept, so that a long one is told of and not cut


class Draft(NamedTuple):
    """What was typed and not saved."""

    own: int | None  # the wording it changes
    name: str
    words: str


class WordingsEditor(QWidget):
    """What is typed for an occasion stays until it is saved or given up, whatever is looked at meanwhile."""

    changed = Signal()  # a draft was begun or is no more

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page, self.session = page, page.session
        self.lines: list[WordingLine] = []
        self._occasion: OccasionRow | None = None
        self._own: int | None = None
        self._drafts: dict[str, Draft] = {}
        self._examples: Sequence[MemberId] = ()
        self._at = 0
        self._gone_open = False
        self._filling = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_PAUSE_MS)
        self._soon.timeout.connect(self.try_out)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(12))
        column.addWidget(self._build_list())
        column.addWidget(self._build_editor())
        column.addStretch(1)

    # -- building -------------------------------------------------------------------------------------------

    def _build_list(self) -> Card:
        card = Card(" ")
        self.title = card.title
        self._types = FlowRow(6)
        card.head.insertWidget(1, self._types, 1)
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.px(8))
        card.body.addLayout(self._list)
        self.gone = SmallButton("", icon="trash")
        row = QHBoxLayout()
        row.addWidget(self.gone)
        row.addStretch(1)
        card.body.addLayout(row)
        self.gone.clicked.connect(self._on_gone)
        return card

    def _build_editor(self) -> Card:
        card = Card(" ")
        self._what = card.title
        self._sides = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._sides.setSpacing(theme.px(CARD_GAP))
        self._sides.addLayout(self._build_field(), 1)
        self._sides.addLayout(self._build_example(), 1)
        card.body.addLayout(self._sides)
        card.body.addWidget(Label(t("words.slots"), "label", "tx2"))
        self.slots = FlowRow(6)
        card.body.addWidget(self.slots)
        self.name = Input(t("words.name.ph"))
        self.name.setMaxLength(_LONGEST_NAME)
        self.name_block = FieldBlock(t("words.name"), self.name)
        self.name_block.setMaximumWidth(theme.px(_NAME))
        self.save = Button(t("g.save"), "primary", key="Ctrl+Enter")
        self.drop = Button(t("words.drop"))
        last = QHBoxLayout()
        last.setSpacing(theme.px(8))
        last.addWidget(self.name_block, 1)
        last.addStretch(1)
        for button in (self.drop, self.save):
            last.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)
        card.body.addLayout(last)
        self.words.textChanged.connect(self._on_typed)
        self.name.textChanged.connect(self._on_typed)
        self.save.clicked.connect(self.save_now)
        self.drop.clicked.connect(self._on_drop)
        return card

    def _build_field(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(theme.px(6))
        self.words = TextArea()
        self.words.setFixedHeight(self.words.fontMetrics().lineSpacing() * _LINES + theme.px(30))
        self.words_block = FieldBlock(t("words.text"), self.words)
        column.addWidget(self.words_block)
        below = QHBoxLayout()
        below.setSpacing(theme.px(10))
        self.notes = Label("", "small", "warn", wrap=True)
        self.count = Label("", "small", "tx2")
        below.addWidget(self.notes, 1)
        below.addWidget(self.count, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(below)
        column.addStretch(1)
        return column

    def _build_example(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(theme.px(6))
        self.next = SmallButton(t("words.next"), icon="refresh")
        self.member = MemberField(self.session)
        box = QFrame()
        box.setProperty("frame", "sunk")
        inside = QVBoxLayout(box)
        inside.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(8))
        self.example = Label("", "body", wrap=True)
        self.example.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        inside.addWidget(self.example)
        self.lacking = Label("", "small", "tx2", wrap=True)
        column.addWidget(FieldBlock(t("words.example"), self.member))
        column.addWidget(box, 1)
        below = QHBoxLayout()
        below.addWidget(self.lacking, 1)
        below.addWidget(self.next, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(below)
        self.next.clicked.connect(self._on_next)
        self.member.picked.connect(self._on_member)
        return column

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for sides in (self._sides, *(line.sides for line in self.lines)):
            _turn(sides, is_narrow=self._is_narrow())

    def _is_narrow(self) -> bool:
        return self.width() < theme.px(_TWO_SIDES)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._soon.stop()

    # -- what is shown --------------------------------------------------------------------------------------

    def open(self, occasion: OccasionRow) -> None:
        """Show an occasion, with what was begun for it."""
        again = self._occasion is not None and self._occasion.id == occasion.id
        self._occasion = occasion
        self.title.setText(t(occasion.id))
        if not again:
            self._gone_open = False
            self._show_types(occasion)
            self._examples = self.session.view.wording_examples(occasion.id)
            self._at = -1
            self._on_next()
            draft = self._drafts.get(occasion.id)
            self._begin(draft or Draft(None, "", ""))
        self._show_slots(occasion)
        self._show_lines()
        self.try_out()

    def chain(self) -> list[QWidget]:
        """What Tab goes to, in the order one reads."""
        lines = [field for line in self.lines for field in line.findChildren(QAbstractButton)]
        typed = (self.words, self.member, self.next, *self.slots.findChildren(Chip))
        return [*lines, self.gone, *typed, self.name, self.drop, self.save]

    def drafts(self) -> Mapping[str, Draft]:
        """What was typed and not saved, by occasion."""
        return dict(self._drafts)

    def take(self, drafts: Mapping[str, Draft]) -> None:
        """Go on with what another such editor had."""
        self._drafts.update(drafts)
        if self._occasion is not None and self._occasion.id in drafts:
            self._begin(drafts[self._occasion.id])

    def _show_types(self, occasion: OccasionRow) -> None:
        self._types.clear()
        if len(occasion.types) < len(TYPE_KEYS):
            for key in occasion.types:
                self._types.add(TypePill(key))

    def _show_slots(self, occasion: OccasionRow) -> None:
        fitting = [slot.word for slot in self.session.view.slots(occasion.id) if slot.fits]
        if [chip.text() for chip in self.slots.findChildren(Chip)] == fitting:
            return
        self.slots.clear()
        for word in fitting:
            chip = Chip(word, checkable=False)
            chip.setToolTip(t("words.slot.tip"))
            chip.clicked.connect(partial(self.put, word))
            self.slots.add(chip)

    def _show_lines(self) -> None:
        assert self._occasion is not None
        found = self.session.view.wordings(self._occasion.id)
        gone = [one for one in found if one.gone]
        self.gone.setVisible(bool(gone))
        self.gone.setText(t("words.gone.hide" if self._gone_open else "words.gone.show", n=len(gone)))
        shown = [one for one in found if self._gone_open or not one.gone]
        if [line.wording.id for line in self.lines] == [one.id for one in shown]:
            for line, one in zip(self.lines, shown, strict=True):  # what is being clicked stays in place
                line.set_wording(one)
            return
        empty(self._list)
        self.lines = []
        for one in shown:
            line = WordingLine(one)
            _turn(line.sides, is_narrow=self._is_narrow())
            line.edit_wanted.connect(self._on_edit)
            line.copy_wanted.connect(self._on_copy)
            line.remove_wanted.connect(self._on_remove)
            line.restore_wanted.connect(self._on_restore)
            line.switched.connect(self._on_switched)
            if self.lines:
                self._list.addWidget(Line())
            self._list.addWidget(line)
            self.lines.append(line)

    def _begin(self, draft: Draft, *, over_typed: bool = False) -> None:
        """Put a draft into the fields; what was typed for the same occasion comes back by Ctrl+Z."""
        self._filling = True
        self._own = draft.own
        if self.words.toPlainText() != draft.words:
            if over_typed and self.words.toPlainText():
                self.words.replace_text(draft.words)
            else:
                self.words.setPlainText(draft.words)
            self.words.moveCursor(QTextCursor.MoveOperation.End)
        self.name.setText(draft.name)
        self._filling = False
        for block in (self.words_block, self.name_block):
            block.set_error("")
        self._show_what()
        self.try_out()

    def _show_what(self) -> None:
        draft = self._drafts.get(self._occasion.id) if self._occasion is not None else None
        own = next((line.wording.name for line in self.lines if _own_id(line.wording) == self._own), "")
        self._what.setText(t("words.change", name=own or self.name.text()) if self._own else t("words.new"))
        self.drop.setVisible(self._own is not None or draft is not None)
        self.save.setEnabled(draft is not None)

    # -- typing ---------------------------------------------------------------------------------------------

    def put(self, word: str) -> None:
        """Put a word at the cursor."""
        self.words.insertPlainText(word)
        self.words.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_typed(self) -> None:
        if self._filling or self._occasion is None:
            return
        draft = Draft(self._own, self.name.text().strip(), self.words.toPlainText().strip())
        if self._is_saved(draft):
            self._drafts.pop(self._occasion.id, None)
        else:
            self._drafts[self._occasion.id] = draft
        self.words_block.set_error("")
        self._show_what()
        self.changed.emit()
        self._soon.start()

    def _is_saved(self, draft: Draft) -> bool:
        """Whether nothing would be lost."""
        if draft.own is None:
            return not draft.words
        return any(
            (one.words, one.name) == (draft.words, draft.name)
            for one in (line.wording for line in self.lines)
            if _own_id(one) == draft.own
        )

    @Slot()
    def try_out(self) -> None:
        """Say what the wording would say to the member chosen, and what is wrong with it."""
        if self._occasion is None:
            return
        row = self.member.member()
        member = row.id if row is not None else None
        tried = self.session.view.tried_out(self._occasion.id, self.words.toPlainText(), member)
        self._show_tried(tried)

    def _show_tried(self, tried: TriedOut) -> None:
        notes = [t("words.unknown", word=word) for word in tried.unknown]
        notes += [t("words.idle", word=word) for word in tried.idle]
        number = len(tried.text or self.words.toPlainText().strip())
        if number > MOST:
            notes.append(t("words.long", n=MOST))
        self.notes.setText("\n".join(notes))
        self.count.setText(t("words.count", n=number, most=MOST))
        self.count.set_tone("warn" if number > MOST else "tx2")
        nobody = not tried.name and not self.member.member()
        self.example.setText(t("words.nobody") if nobody else tried.text or t("words.empty"))
        self.example.set_tone("" if tried.text else "tx2")
        if tried.has_gaps:
            self.lacking.setText(t("words.stump", what=t("g.list").join(tried.missing)))
        elif tried.missing and tried.text:
            self.lacking.setText(t("words.missing", what=t("g.list").join(tried.missing)))
        else:
            self.lacking.setText("")
        self.lacking.set_tone("warn" if tried.has_gaps else "tx2")

    @Slot()
    def _on_next(self) -> None:
        """The next member to try it on."""
        rows = self.session.view.rows(self._examples) if self._examples else []
        self.next.setVisible(len(rows) > 1)
        self._at = (self._at + 1) % len(rows) if rows else -1
        self.member.set_member(rows[self._at] if rows else None)

    @Slot(object)
    def _on_member(self, _row: MemberRow | None) -> None:
        self.try_out()

    # -- what is done ---------------------------------------------------------------------------------------

    @Slot()
    def save_now(self) -> None:
        """Keep what was typed."""
        if self._occasion is None or self._occasion.id not in self._drafts:
            return
        occasion, draft = self._occasion.id, self._drafts[self._occasion.id]

        def write(shop: Shop) -> Done[int]:
            if draft.own is None:
                return shop.words.add(occasion, draft.words, draft.name)
            return shop.words.change(draft.own, draft.words, draft.name)

        self._do(write, partial(self._on_saved, occasion, draft), self._on_refused, busy=self.save)

    def _on_saved(self, occasion: str, draft: Draft, _result: object) -> None:
        if self._drafts.get(occasion) == draft:
            del self._drafts[occasion]
        self.changed.emit()
        if self._occasion is not None and self._occasion.id == occasion:
            self._begin(Draft(None, "", ""))
            self.words.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_refused(self, error: Exception) -> None:
        if isinstance(error, InputError):
            block = self.name_block if error.field == "words.name" else self.words_block
            block.set_error(error.sentence)
            block.field.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.page.show_error(error, self.save_now)

    @Slot()
    def _on_drop(self) -> None:
        """Give up what was typed."""
        if self._occasion is not None:
            self._drafts.pop(self._occasion.id, None)
            self._begin(Draft(None, "", ""))
            self.changed.emit()

    @Slot(object)
    def _on_edit(self, wording: Wording) -> None:
        assert self._occasion is not None
        self._drafts.pop(self._occasion.id, None)
        self._begin(Draft(_own_id(wording), wording.name, wording.words), over_typed=True)
        self.changed.emit()
        self.words.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(object)
    def _on_copy(self, wording: Wording) -> None:
        """A wording of the program as the beginning of an own one."""
        self._begin(Draft(None, "", wording.words), over_typed=True)
        self._on_typed()
        self.words.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(object)
    def _on_remove(self, wording: Wording) -> None:
        own = _own_id(wording)
        assert own is not None
        if self._own == own:
            self._on_drop()
        self._do(lambda shop: shop.words.remove(own))

    @Slot(object)
    def _on_restore(self, wording: Wording) -> None:
        own = _own_id(wording)
        assert own is not None
        self._do(lambda shop: shop.words.restore(own))

    @Slot(object, bool)
    def _on_switched(self, wording: Wording, on: bool) -> None:
        self._do(lambda shop: shop.words.switch(wording.id, on=on), failed=self._on_not_switched)

    def _on_not_switched(self, error: Exception) -> None:
        self._show_lines()  # the box goes back to what is in force
        self.page.show_error(error)

    @Slot()
    def _on_gone(self) -> None:
        self._gone_open = not self._gone_open
        self._show_lines()

    def _do(
        self, what: Callable[[Shop], Done[object]], done: Callable[[object], object] | None = None,
        failed: Callable[[Exception], object] | None = None, busy: QWidget | None = None,
    ) -> None:  # fmt: skip
        self.session.do(lambda shop, _progress: what(shop), origin=self, done=done, failed=failed, busy=busy)


class WordingLine(QWidget):
    """One wording of the occasion, and what can be done with it."""

    edit_wanted = Signal(object)
    copy_wanted = Signal(object)
    remove_wanted = Signal(object)
    restore_wanted = Signal(object)
    switched = Signal(object, bool)

    def __init__(self, wording: Wording) -> None:
        super().__init__()
        self.wording = wording
        self.sides = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self.sides.setContentsMargins(0, 0, 0, 0)
        self.sides.setSpacing(theme.px(10))
        said = QVBoxLayout()
        said.setSpacing(theme.px(2))
        head = QHBoxLayout()
        head.setSpacing(theme.px(8))
        self._name = Label("", "label_bold", "tx2")
        head.addWidget(self._name)
        if wording.is_own:
            head.addWidget(
                Tag(t("words.gone" if wording.gone else "words.mine"), "" if wording.gone else "acc")
            )
        head.addStretch(1)
        said.addLayout(head)
        self._words = Label("", "body", wrap=True)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self._words.setSizePolicy(policy)
        said.addWidget(self._words)
        self.sides.addLayout(said, 1)
        row = QHBoxLayout()
        row.setSpacing(theme.px(10))
        self.sides.addLayout(row)
        self.buttons: dict[str, SmallButton] = {}
        self.on = CheckBox(t("words.use"))
        if wording.gone:
            self._add(row, "restore", "words.restore", self.restore_wanted)
        elif wording.is_own:
            self._add(row, "edit", "words.edit", self.edit_wanted)
            self._add(row, "remove", "words.remove", self.remove_wanted)
        else:
            row.addWidget(self.on, 0, Qt.AlignmentFlag.AlignVCenter)
            self._add(row, "copy", "words.copy", self.copy_wanted)
            self.on.clicked.connect(self._on_clicked)
        row.addStretch(1)
        self.set_wording(wording)

    def _add(self, row: QHBoxLayout, key: str, text_id: str, wanted: SignalInstance) -> None:
        button = SmallButton(t(text_id))
        button.clicked.connect(lambda: wanted.emit(self.wording))
        row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.buttons[key] = button

    def set_wording(self, wording: Wording) -> None:
        """Show the wording as it is now."""
        self.wording = wording
        self._name.setText(wording.name)
        self._words.setText(wording.words)
        self._words.set_tone("" if wording.is_on else "tx2")
        self.on.setChecked(wording.is_on)
        self.on.setAccessibleName(t("words.use.name", name=wording.name))
        for button in self.buttons.values():
            button.setAccessibleName(t("words.button", what=button.words(), name=wording.name))

    @Slot(bool)
    def _on_clicked(self, on: bool) -> None:
        self.switched.emit(self.wording, on)


def _own_id(wording: Wording) -> int | None:
    return int(wording.id.partition(":")[2]) if wording.is_own else None


def _turn(sides: QBoxLayout, *, is_narrow: bool) -> None:
    """Two parts beside each other, one below the other where there is no room."""
    way = QBoxLayout.Direction.TopToBottom if is_narrow else QBoxLayout.Direction.LeftToRight
    if sides.direction() != way:
        sides.setDirection(way)
