"""The right side of Today: whom to contact, what is known of her, what to say, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QKeyEvent, QKeySequence, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from shopcrm.basics.records import GAP, MemberCard, Message, Sentence, TaskRow
from shopcrm.basics.texts import t
from ui import theme
from ui.pages.today.outcome import OutcomeForm
from ui.session import Session
from ui.theme import icons
from ui.theme.tokens import CARD_GAP, CARD_PAD_H, CARD_PAD_V
from ui.widgets import (
    Banner,
    Button,
    ElidedLabel,
    EmptyState,
    KeyCap,
    Label,
    Line,
    SmallButton,
    TextArea,
    restyle,
)
from ui.widgets.member_card import (
    HistoryRows,
    MemberHead,
    basis_line,
    contact_lines,
    likes_line,
    sale_lines,
    sizes_line,
    word,
)

HISTORY_ROW = 28
MESSAGE_MARGIN = 4
LEAST_LINES = 3  # of the message box
MOST_MISSING = 2  # named of what is not known of her
SPARE = 60  # what the message box keeps beyond its least height before the history is shown


class MessageBox(TextArea):
    """The suggested text; Ctrl+C without a selection copies all of it."""

    copy_wanted = Signal()

    def __init__(self) -> None:
        super().__init__(sunk=True)
        self.setAccessibleName(t("today.say"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)  # so that the viewport is whole lines high and nothing else
        self.setViewportMargins(*[MESSAGE_MARGIN] * 4)

    def height_of(self, lines: int) -> int:
        """How high the box is with so many whole lines."""
        frame = 2 * (1 + theme.px(6) + MESSAGE_MARGIN)  # border and padding of the style sheet, margin
        return lines * QFontMetrics(self.font()).lineSpacing() + frame

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy) and not self.textCursor().hasSelection():
            self.copy_wanted.emit()
        else:
            super().keyPressEvent(event)


class _Caution(QWidget):
    """One line on what speaks against contacting her just now."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(6))
        self._picture = QLabel()
        self.words = ElidedLabel("", "small_bold", "warn")
        row.addWidget(self._picture)
        row.addWidget(self.words, 1)
        self.hide()

    def say(self, words: str) -> None:
        """Say it; "" takes the line away."""
        self._picture.setPixmap(icons.pixmap("alert-triangle", theme.now().tokens.warn, theme.px(16)))
        self.words.setText(words)
        self.setVisible(bool(words))


class _WholeLines(QWidget):
    """Gives the message box the height of as many whole lines as there is room for."""

    def __init__(self, box: MessageBox) -> None:
        super().__init__()
        self.least = LEAST_LINES
        self._box = box
        box.setParent(self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(120), self._box.height_of(self.least))

    def sizeHint(self) -> QSize:
        return QSize(theme.px(300), self._box.height_of(5))

    def resizeEvent(self, event: QResizeEvent) -> None:
        line = self._box.height_of(1) - self._box.height_of(0)
        lines = max(1, (self.height() - self._box.height_of(0)) // line)
        self._box.setGeometry(0, 0, self.width(), min(self.height(), self._box.height_of(lines)))


class DetailPane(QWidget):
    """One card, or two side by side where list and detail are shown one at a time (`set_split`)."""

    copy_phone_wanted = Signal(str)
    copy_message_wanted = Signal()
    another_wanted = Signal()
    keep_wanted = Signal()
    save_wanted = Signal()
    take_back_wanted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._task: TaskRow | None = None
        self._card: MemberCard | None = None
        self._template = self._title = self._kept = ""
        self._said: Message | None = None
        self._layout_name = "normal"
        self._split = False
        self.form = OutcomeForm()
        self._build(session)
        self._connect()

    # -- building -----------------------------------------------------------------------------------------

    def _build(self, session: Session) -> None:
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._nobody = QFrame()
        self._nobody.setProperty("frame", "card")
        empty = QVBoxLayout(self._nobody)
        empty.addWidget(EmptyState("user", t("today.pick")))
        self._person = QFrame()
        self._stack.addWidget(self._nobody)
        self._stack.addWidget(self._person)
        self._sides = QBoxLayout(QBoxLayout.Direction.TopToBottom, self._person)
        self.about, self._talk = QFrame(), QFrame()
        self._build_about(session)
        self._build_talk()
        self._sides.addWidget(self.about)
        self._sides.addWidget(self._talk, 1)
        self._frames()

    def _build_about(self, session: Session) -> None:
        self._about_column = QVBoxLayout(self.about)
        column = self._about_column
        column.setSpacing(theme.px(8))
        self.head = MemberHead(session, facts=False)
        column.addWidget(self.head)
        self._why = Banner("acc", closable=False)
        self._why.hide()
        column.addWidget(self._why)
        self._under_head = Line()
        column.addWidget(self._under_head)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(10))
        grid.setVerticalSpacing(theme.px(7))
        grid.setColumnMinimumWidth(0, theme.px(38))
        grid.setColumnStretch(1, 1)
        self._facts: dict[str, tuple[Label, ElidedLabel]] = {}
        for row, key in enumerate(("evidence", "sizes", "likes")):
            caption, value = Label(t("today." + key), "small", "tx2"), ElidedLabel()
            grid.addWidget(caption, row, 0)
            grid.addWidget(value, row, 1)
            self._facts[key] = (caption, value)
        column.addLayout(grid)
        self._purchases, self._purchases_block = self._history(t("today.recent"))
        self._contacts, self._contacts_block = self._history(t("today.contacts"))
        column.addWidget(self._purchases_block)
        column.addWidget(self._contacts_block)
        self._slack = QWidget()
        self._slack.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self._slack.hide()
        column.addWidget(self._slack, 1)

    def _history(self, title: str) -> tuple[HistoryRows, QWidget]:
        block = QWidget()
        column = QVBoxLayout(block)
        column.setContentsMargins(0, theme.px(4), 0, 0)
        column.setSpacing(theme.px(4))
        column.addWidget(Line())
        column.addSpacing(theme.px(6))
        column.addWidget(Label(title, "label_bold", "tx2"))
        rows = HistoryRows(HISTORY_ROW)
        column.addWidget(rows)
        block.hide()
        return rows, block

    def _build_talk(self) -> None:
        self._talk_column = QVBoxLayout(self._talk)
        column = self._talk_column
        column.setSpacing(theme.px(8))
        self._cautions = [_Caution(), _Caution()]
        for line in self._cautions:
            column.addWidget(line)
        head = QHBoxLayout()
        head.addWidget(Label(t("today.say"), "label_bold", "tx2"))
        head.addStretch(1)
        self.keep = SmallButton(t("words.keep"))
        self.keep.setToolTip(t("words.keep.tip"))
        self.keep.hide()
        head.addWidget(self.keep)
        self.another = SmallButton(t("today.another"), icon="refresh")
        self.another.setToolTip(t("today.another.tip"))
        head.addWidget(self.another)
        column.addLayout(head)
        column.addSpacing(-theme.px(6))
        self.message = MessageBox()
        self._lines = _WholeLines(self.message)
        column.addWidget(self._lines, 1)
        self._lacking = Label("", "small", "tx2", wrap=True)
        self._lacking.hide()
        column.addWidget(self._lacking)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        self.copy = Button(t("today.copy"), "tonal", "copy")
        self.copy.setToolTip(t("today.copy.tip"))
        row.addWidget(self.copy)
        self._copy_key = KeyCap("Ctrl+C")
        row.addWidget(self._copy_key)
        row.addStretch(1)
        self._template_words = ElidedLabel("", "small", "tx2")
        row.addWidget(self._template_words)
        column.addLayout(row)
        column.addWidget(Line())
        column.addWidget(self.form)

    def _frames(self) -> None:
        h, v = theme.px(CARD_PAD_H), theme.px(CARD_PAD_V)
        apart = self._split
        for frame, is_card in ((self._person, not apart), (self.about, apart), (self._talk, apart)):
            wanted = "card" if is_card else ""
            if frame.property("frame") != wanted:
                frame.setProperty("frame", wanted)
                restyle(frame)
        self._sides.setDirection(
            QBoxLayout.Direction.LeftToRight if apart else QBoxLayout.Direction.TopToBottom
        )
        self._sides.setSpacing(theme.px(CARD_GAP) if apart else theme.px(6))
        self._sides.setContentsMargins(*((0, 0, 0, 0) if apart else (h, v, h, v)))
        for column in (self._about_column, self._talk_column):
            column.setContentsMargins(*((h, v, h, v) if apart else (0, 0, 0, 0)))
        self._sides.setStretch(0, 43 if apart else 0)
        self._sides.setStretch(1, 57 if apart else 1)
        self._slack.setVisible(apart)

    def _connect(self) -> None:
        self.head.copy_wanted.connect(self.copy_phone_wanted)
        self.copy.clicked.connect(self.copy_message_wanted)
        self.message.copy_wanted.connect(self.copy_message_wanted)
        self.another.clicked.connect(self.another_wanted)
        self.message.textChanged.connect(self._on_typed)
        self.keep.clicked.connect(self.keep_wanted)
        self.form.save_wanted.connect(self.save_wanted)
        self.form.take_back_wanted.connect(self.take_back_wanted)

    def fields(self) -> list[QWidget]:
        """What Tab goes to, in the order one reads."""
        form = self.form
        talk = [self.head.reveal, self.head.copy, self.keep, self.another, self.message, self.copy]
        return [*talk, *form.tiles, form.next_step, form.note, form.save, form.take_back]

    # -- what is shown ------------------------------------------------------------------------------------

    @property
    def task(self) -> TaskRow | None:
        """The to-do shown."""
        return self._task

    @property
    def card(self) -> MemberCard | None:
        """The member shown."""
        return self._card

    def set_nobody(self) -> None:
        """Nobody is chosen."""
        self._task = self._card = None
        self._stack.setCurrentIndex(0)

    def set_person(self, task: TaskRow, card: MemberCard, today: date, *, done: bool) -> None:
        """Show a to-do; what was typed or chosen for the same one stays."""
        again = self._task is not None and (self._task.id, self._task.state) == (task.id, task.state)
        self._task, self._card = task, card
        self._stack.setCurrentIndex(1)
        self.head.set_member(card)
        self._why.set_text(t("today.bold", text=_escaped(word(task.why))))
        self._facts["evidence"][1].setText(basis_line(card, today))
        self._facts["sizes"][1].setText(sizes_line(card) or t("today.nosizes"))
        self._facts["likes"][1].setText(likes_line(card) or t("today.nolikes"))
        self._purchases.set_lines(sale_lines(card, today)[:4], t("mb.empty.sales"))
        self._contacts.set_lines(contact_lines(card, today)[:3], t("mb.empty.contacts"))
        self.copy.setEnabled(True)
        self._lines.least = LEAST_LINES - 1 if done else LEAST_LINES  # what was said is not edited any more
        if again:
            self.form.follow(task, changing=done)
        else:
            self._said = None  # what was typed for somebody else does not come back here
            self.form.start(task, today, changing=done)
        self._fit()

    def set_cautions(self, cautions: Sequence[Sentence]) -> None:
        """Say before she is contacted what speaks against it; nothing is in the way."""
        said = [word(sentence) for sentence in cautions]
        for number, line in enumerate(self._cautions):
            line.say(said[number] if number < len(said) else "")
        self._fit()

    def caution(self) -> str:
        """The first of them, "" for none."""
        return self._cautions[0].words.whole_text()

    def set_message(self, message: Message) -> None:
        """Show a suggested text; it may be changed for this once, and one that was comes back by Ctrl+Z."""
        was_edited = self.is_edited()
        self._said, self._kept = message, ""
        if was_edited:
            self.message.replace_text(message.text)
        else:
            self.message.setPlainText(message.text)
        self._show_template(message.template, word(message.title))
        self.another.setEnabled(message.variants > 1)
        self._on_typed()

    def set_kept(self, template: str, name: str) -> None:
        """What stands in the box is a wording of the shop's own now."""
        self._kept = self.message_text()
        self._show_template(template, name)
        self._on_typed()

    def forget_kept(self) -> None:
        """It may be one no more: what was kept was perhaps taken back."""
        if self._kept and self._said is not None:
            self._kept = ""
            self._show_template(self._said.template, word(self._said.title))
            self._on_typed()

    def is_edited(self) -> bool:
        """Whether somebody changed the message for this once."""
        return self._said is not None and self.message.toPlainText() != self._said.text

    def has_gaps(self) -> bool:
        """Whether something is still to be filled in by hand: it must not be sent so."""
        return GAP in self.message.toPlainText()

    def _show_template(self, template: str, title: str) -> None:
        self._template, self._title = template, title
        self._fit_texts()

    @Slot()
    def _on_typed(self) -> None:
        """What goes with the text: whether it can be kept, and what it could not say."""
        self.keep.setVisible(self.is_edited() and self.message_text() not in ("", self._kept))
        missing = "" if self._said is None else t("g.list").join(self._said.missing[:MOST_MISSING])
        if self.has_gaps():
            words, tone = t("words.gaps"), "warn"
        elif missing and not self.is_edited():
            words, tone = t("words.missing", what=missing), "tx2"
        else:
            words, tone = "", "tx2"
        self._lacking.setText(words)
        self._lacking.set_tone(tone)
        if self._lacking.isHidden() == bool(words):
            self._lacking.setVisible(bool(words))
            self._fit()

    def message_text(self) -> str:
        """The message as it stands in the box."""
        return self.message.toPlainText().strip()

    @property
    def template(self) -> str:
        """The id of the template the message came from."""
        return self._template

    # -- room ---------------------------------------------------------------------------------------------

    def set_layout(self, name: str) -> None:
        """The window's layout: `single` puts the two halves side by side."""
        self._layout_name = name
        self._split = name == "single"
        self._why.setVisible(self._split)
        self._under_head.setVisible(not self._split)
        self._template_words.setVisible(name != "compact")
        self._frames()
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()  # what was set while it was hidden is measured only now

    def _fit(self) -> None:
        """What has no room is left out: the history first, then 喜好, 尺码, 依据, what the message lacks."""
        self._lacking.setVisible(bool(self._lacking.text()))
        for key, parts in self._facts.items():
            for part in parts:
                part.setVisible(key != "likes" or self._layout_name != "compact")
        self._fit_texts()
        may_tell = self._layout_name in ("wide", "single")
        spare = 0 if self._split else theme.px(SPARE)
        self._purchases_block.setVisible(may_tell)
        self._contacts_block.setVisible(may_tell)
        for block in (self._contacts_block, self._purchases_block):
            if may_tell and self._needed() + spare > self.height():
                block.hide()
        for key in ("likes", "sizes", "evidence"):
            if self._needed() <= self.height():
                break
            for part in self._facts[key]:
                part.hide()
        if self._needed() > self.height():
            self._lacking.hide()

    def _fit_texts(self) -> None:
        """Smaller letters before figures are cut; the message's name alone before its caption cuts it."""
        room = self.width() * (0.43 if self._split else 1) - theme.px(2 * CARD_PAD_H + 10)
        for caption, value in self._facts.values():
            words = QFontMetrics(theme.now().font("body")).horizontalAdvance(value.whole_text())
            beside = max(theme.px(38), caption.sizeHint().width())
            value.set_role("small" if words > room - beside else "body")
        title = t("today.template", name=self._title)
        words = QFontMetrics(theme.now().font("small")).horizontalAdvance(title)
        beside = self.copy.sizeHint().width() + self._copy_key.sizeHint().width() + theme.px(18)
        room = self.width() * (0.57 if self._split else 1) - theme.px(2 * CARD_PAD_H)
        self._template_words.setText(title if words <= room - beside else self._title)

    def _needed(self) -> int:
        """The least height of what is shown now."""
        for layout in (self._about_column, self._talk_column, self._sides):
            layout.invalidate()
        return self._sides.totalMinimumSize().height()

    @Slot()
    def focus_outcome(self) -> None:
        """Put the focus on the first outcome."""
        self.form.tiles[0].setFocus()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
