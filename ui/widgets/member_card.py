"""The one member card of the window: head, evidence, sizes, preferences and history of a member.

`MemberPane` is the whole card (Members, Counter); Today's detail uses `MemberHead` and the short summaries.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from shopcrm.basics.records import OUTCOMES, ContactRow, MemberCard, SaleRow, Sentence, TaskRow, VisitRow
from shopcrm.basics.texts import has, t
from shopcrm.basics.values import (
    call_name,
    show_day,
    show_discount,
    show_hours,
    show_money,
    show_phone,
)
from shopcrm.basics.values.birthday import Birthday
from ui import theme
from ui.session import Session
from ui.theme import paint
from ui.theme.tokens import RADIUS_TAG, ROW_HISTORY
from ui.widgets.blocks import Banner, Card, EmptyState, EvidenceBox, Line, SizeTile
from ui.widgets.buttons import SmallButton
from ui.widgets.choices import LineTabs
from ui.widgets.labels import ElidedLabel, Label, TagRow, TypePill
from ui.widgets.reveal import RevealButton

_BRACKETED = re.compile(r"\uff08[^\uff09]*\uff09|\([^)]*\)")  # full width, or ( )
_WORDS_SAID = 60  # of an open complaint
SCROLL_BAR = 13  # its width in the style sheet
LATEST = 5  # lines of a history the counter shows first
_LONG_NAME = 12  # beyond it the name needs the whole line
_LEFT, _RIGHT = "\x01", "\x02"  # around a measured value until the sentence is escaped


# ---------------------------------------------------------------- words


def word(sentence: Sentence | None) -> str:
    """A sentence in the language in force; "" for none."""
    return t(sentence.id, **sentence.values) if sentence else ""


def measured_html(sentence: Sentence) -> str:
    """The sentence as markup with its measured values bold; values in brackets, the limits, stay plain."""
    marked = t(sentence.id, **{key: f"{_LEFT}{value}{_RIGHT}" for key, value in sentence.values.items()})
    plain = _BRACKETED.sub(lambda found: found[0].replace(_LEFT, "").replace(_RIGHT, ""), marked)
    return html.escape(plain).replace(_LEFT, "<b>").replace(_RIGHT, "</b>")


def days_ago(day: date | None, today: date) -> str:
    """How long ago: 今天, 昨天, 27 天前; still to buy when there is no day."""
    if day is None:
        return t("g.neverbought")
    n = (today - day).days
    if n <= 0:
        return t("g.today")
    return t("g.yesterday") if n == 1 else t("g.daysago", n=n)


def joined_dot(parts: Sequence[str]) -> str:
    """The parts that say something, with a middle dot between them."""
    return t("g.dot").join(part for part in parts if part)


def basis_line(card: MemberCard, today: date) -> str:
    """The figures behind the type in one line."""
    if card.last_day is None or not card.n:
        day = show_day(card.joined, today) if card.joined else ""
        return joined_dot([t("g.neverbought"), t("g.registered", date=day) if day else ""])
    ago = days_ago(card.last_day, today)
    if card.verdict is not None and card.verdict.type == "lost":
        return t("today.basis.lost", ago=ago, n=card.n, sum=show_money(card.spend_fen))
    return t("today.basis.bought", n=card.n12, sum=show_money(card.spend12_fen), ago=ago)


def sizes_line(card: MemberCard) -> str:
    """Her sizes in one line; "" if none is known."""
    sizes = (("mb.top", card.size_top), ("mb.bottom", card.size_bottom), ("mb.shoe", card.size_shoe))
    return joined_dot([f"{t(caption)} {value}" for caption, value in sizes if value])


def likes_line(card: MemberCard) -> str:
    """What she likes and what not in one line; "" if nothing is known."""
    comma, stop = t("mb.comma"), t("mb.semicolon")
    avoids = t("today.avoids", words=comma.join(card.avoids)) if card.avoids else ""
    return stop.join(part for part in (comma.join(card.likes), avoids) if part)


def info_line(card: MemberCard, today: date | None = None) -> str:
    """Birthday, own assistant and since when, as far as known."""
    parts = []
    if card.birthday:
        parts.append(t("mb.info.birthday", day=_birthday(card.birthday, today)))
    if card.staff:
        parts.append(t("mb.info.staff", name=card.staff))
    if card.joined:
        parts.append(t("mb.info.joined", year=card.joined.year, month=card.joined.month))
    if card.card_no:
        parts.append(t("mb.info.card", no=card.card_no))
    return joined_dot(parts) or t("mb.info.none")


def limits(card: MemberCard | TaskRow) -> list[str]:
    """What she does not want, and when to call her."""
    told = [t(f"mb.{name}") for name in ("no_call", "no_message", "no_sms") if getattr(card, name)]
    if card.best_time and not card.no_call:
        told.append(t("mb.callat", hours=show_hours(card.best_time)))
    return told


def particulars(card: MemberCard) -> str:
    """What is known of her besides, a line each: tags, own fields, who brought her, consent, notes."""
    brought = t("mb.referrals", n=card.referrals) if card.referrals else ""
    day = card.consent_on.isoformat() if card.consent_on else ""
    said = joined_dot([t(f"mb.consent.{card.consent}"), card.consent_by, day]) if card.consent else ""
    own = [
        t("mb.pair", label=name, value=value)
        for name, (_, value) in zip(card.own_names, card.own, strict=True)
    ]
    known = (
        ("mb.wechat", card.wechat), ("mb.weight", card.weight), ("mb.referrer", card.referrer),
        ("mb.consent", said),
        ("mb.phones", " / ".join(show_phone(key) for key in card.phones[1:])),
    )  # fmt: skip
    pairs = [t("mb.pair", label=t(label), value=value) for label, value in known if value]
    lines = [t("mb.comma").join(card.tags), *own, *pairs, brought, card.notes]
    return "\n".join(line for line in lines if line)


def _birthday(key: str, today: date | None) -> str:
    try:
        found = Birthday.from_key(key)
    except ValueError:
        return key
    shown = Birthday(None, found.month, found.day, found.lunar, found.leap).show()
    if not found.lunar or today is None:
        return shown
    falls = found.next_solar(today)
    return t("mb.info.falls", lunar=shown, solar=Birthday(None, falls.month, falls.day).show())


def item_words(sale: SaleRow) -> str:
    """What a receipt was for."""
    words = []
    for line in sale.lines:
        number = line.article_no if line.article_no != line.item else ""
        rate = show_discount(line.amount_fen, line.list_fen)
        parts = (line.item, line.colour, number, t("list.discount", n=rate) if rate else "")
        name = " ".join(filter(None, parts)) or t("mb.noitem")
        words.append(t("mb.return", item=name) if line.amount_fen < 0 else name)
    return t("mb.comma").join(words)


def outcome_words(outcome: str) -> str:
    """An outcome by its name; a foreign one as it was written."""
    return t("out." + str(OUTCOMES.index(outcome) + 1)) if outcome in OUTCOMES else outcome


def contact_words(contact: ContactRow, today: date) -> str:
    """What came of a contact: outcome, reason or next day, note."""
    what = outcome_words(contact.outcome)
    if contact.next_day is not None:
        what = t("mb.contact.next", what=what, day=show_day(contact.next_day, today))
    reason = "out.r." + contact.reason
    return joined_dot([what, t(reason) if contact.reason and has(reason) else "", contact.note])


def visit_words(visit: VisitRow) -> str:
    """What a visit without purchase was about."""
    kind = "mb.visit." + visit.kind
    reasons = [t("mb.reason." + code) if has("mb.reason." + code) else code for code in visit.reasons]
    return joined_dot(
        [t(kind) if has(kind) else visit.kind, visit.items, t("mb.comma").join(reasons), visit.says]
    )


# ---------------------------------------------------------------- parts


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of a history: day, what, and a figure or a name at the right end."""

    day: str
    what: str
    right: str = ""
    faint: bool = False
    kind: str = ""  # sale or visit: what `key` names
    key: int = 0


class HistoryRows(QWidget):
    """History lines of 34, painted; as high as its lines, for a scroll area or directly on a card.

    With `opens` a line that has a key is opened by a click or by arrows and Enter.
    """

    picked = Signal(str, int)  # kind and key of a line

    def __init__(self, row_height: int = ROW_HISTORY, *, opens: bool = False) -> None:
        super().__init__()
        self._row_height, self._opens = row_height, opens
        self._lines: list[HistoryLine] = []
        self._empty = ""
        self._current = -1
        self.no_ring = True  # the line itself shows the focus
        self.setMouseTracking(opens)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_lines(self, lines: Sequence[HistoryLine], empty: str = "") -> None:
        """Show these lines, newest first; `empty` is said when there are none."""
        self._lines, self._empty = list(lines), empty
        self._current = -1
        opens = self._opens and any(line.kind for line in lines)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if opens else Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("\n".join(f"{x.day} {x.what} {x.right}" for x in self._lines[:20]) or empty)
        self.updateGeometry()
        self.update()

    def lines(self) -> list[HistoryLine]:
        """What is shown."""
        return list(self._lines)

    def sizeHint(self) -> QSize:
        rows = len(self._lines) or (1 if self._empty else 0)
        return QSize(theme.px(240), rows * theme.px(self._row_height))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(120), self.sizeHint().height())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            number = event.pos().y() // max(1, theme.px(self._row_height))
            line = self._lines[number] if number < len(self._lines) else HistoryLine("", "")
            words = line.what if self._cut(line) != line.what else ""
            if self._opens and line.kind:
                words = "\n".join(part for part in (words, t("mb.history.tip")) if part)
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def _choose(self, number: int) -> None:
        known = 0 <= number < len(self._lines) and self._opens and bool(self._lines[number].kind)
        number = number if known else -1
        if number != self._current:
            self._current = number
            self.update()

    def _pick(self) -> None:
        if self._current >= 0:
            line = self._lines[self._current]
            self.picked.emit(line.kind, line.key)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._choose(int(event.position().y()) // theme.px(self._row_height))

    def leaveEvent(self, event: object) -> None:
        self._choose(-1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.mouseMoveEvent(event)
        self._pick()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._choose(max(self._current, 0))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._choose(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            step = 1 if event.key() == Qt.Key.Key_Down else -1
            self._choose(min(max(self._current + step, 0), len(self._lines) - 1))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._current >= 0:
            self._pick()
        else:
            super().keyPressEvent(event)

    def _day_width(self) -> int:
        metrics = QFontMetrics(theme.now().font("body"))
        widest = max((metrics.horizontalAdvance(line.day) for line in self._lines), default=0)
        return max(theme.px(70), widest) + theme.px(14)

    def _cut(self, line: HistoryLine) -> str:
        font = theme.now().font("body")
        right = QFontMetrics(font).horizontalAdvance(line.right) + (theme.px(10) if line.right else 0)
        return paint.cut(line.what, font, self.width() - self._day_width() - right)

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        c = now.tokens
        high = now.px(self._row_height)
        painter = QPainter(self)
        painter.setFont(now.font("body"))
        middle = Qt.AlignmentFlag.AlignVCenter
        if not self._lines:
            painter.setPen(QColor(c.tx2))
            painter.drawText(QRect(0, 0, self.width(), high), middle, self._empty)
        left = self._day_width()
        first = max(0, event.rect().top() // high)
        for number in range(first, min(len(self._lines), event.rect().bottom() // high + 1)):
            line = self._lines[number]
            y = number * high
            if number == self._current:
                paint.rounded(painter, QRect(0, y, self.width(), high), now.px(6), c.acc_soft)
            painter.setPen(QColor(c.txd if line.faint else c.tx2))
            painter.drawText(QRect(0, y, left, high), middle, line.day)
            painter.setPen(QColor(c.txd if line.faint else c.tx))
            painter.drawText(QRect(left, y, self.width() - left, high), middle, self._cut(line))
            painter.drawText(
                QRect(left, y, self.width() - left, high), middle | Qt.AlignmentFlag.AlignRight, line.right
            )
        painter.end()


class Preferences(QWidget):
    """喜欢 and 不要 as tags behind captions, at most two rows, then “+n” with the rest in the tooltip."""

    def __init__(self, rows: int = 2) -> None:
        super().__init__()
        self._rows = rows
        self._parts: list[tuple[str, str]] = []  # (text, kind): kind is caption, like or avoid
        self._placed: list[tuple[QRectF, str, str]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_words(self, likes: Sequence[str], avoids: Sequence[str]) -> None:
        """Show these words."""
        self._parts = []
        for caption, words, kind in ((t("mb.likes"), likes, "like"), (t("mb.avoid"), avoids, "avoid")):
            if words:
                self._parts += [(caption, "caption"), *((w, kind) for w in words)]
        self.setAccessibleName(" ".join(text for text, _ in self._parts))
        self.setVisible(bool(self._parts))
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._place()

    def _place(self) -> None:
        now = theme.now()
        label, small = QFontMetrics(now.font("label")), QFontMetrics(now.font("small"))
        high, gap, room = now.px(28), now.px(7), max(self.width(), now.px(80))
        more = label.horizontalAdvance("+99") + now.px(20)
        x = row = 0
        self._placed = []
        left_out: list[str] = []
        for number, (text, kind) in enumerate(self._parts):
            wide = (
                small.horizontalAdvance(text)
                if kind == "caption"
                else label.horizontalAdvance(text) + now.px(22)
            )
            wide = min(wide, room)
            last_row = row == self._rows - 1
            rest = len(self._parts) - number - 1
            need = wide + (gap + more if last_row and rest else 0)
            if kind == "caption":  # never the last of a row, away from its words
                need += now.px(5) + gap + label.horizontalAdvance(self._parts[number + 1][0]) + now.px(22)
            if x and x + need > room:
                if last_row:
                    left_out = [word for word, k in self._parts[number:] if k != "caption"]
                    break
                x, row = 0, row + 1
            if kind == "caption" and x:
                x += now.px(5)
            self._placed.append((QRectF(x, row * (high + gap), wide, high), text, kind))
            x += wide + gap
        if left_out:
            self._placed.append((QRectF(x, row * (high + gap), more, high), f"+{len(left_out)}", "like"))
        self.setToolTip(t("mb.comma").join(left_out))
        self.setFixedHeight((row + 1) * high + row * gap if self._parts else 0)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        c = now.tokens
        painter = QPainter(self)
        for rect, text, kind in self._placed:
            if kind == "caption":
                painter.setFont(now.font("small"))
                painter.setPen(QColor(c.tx2))
                painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, text)
                continue
            font = now.font("label")
            paint.rounded(painter, rect, now.px(RADIUS_TAG), c.bad_soft if kind == "avoid" else c.hover)
            painter.setFont(font)
            painter.setPen(QColor(c.bad if kind == "avoid" else c.tx))
            painter.drawText(
                rect, Qt.AlignmentFlag.AlignCenter, paint.cut(text, font, rect.width() - now.px(12))
            )
        painter.end()


class MemberHead(QWidget):
    """Name, how to address her, type, phone with its copy button and, if wanted, the line of facts.

    A masked phone can be looked at (`reveal`), and copying it looks at it first; without a session not.
    """

    copy_wanted = Signal(str)  # the phone without blanks, whole

    def __init__(self, session: Session | None = None, *, facts: bool = True) -> None:
        super().__init__()
        self._facts = facts
        self._is_nameless = False
        self.name = ElidedLabel("", "h2")
        self.address = ElidedLabel("", "body", "tx2")
        self.pill = TypePill()
        self.phone = Label("", "phone")
        self.reveal = RevealButton(session)
        self.family = ElidedLabel("", "small", "tx2")  # who else is on this number
        self.copy = SmallButton(t("today.copyphone"), icon="copy")
        self.copy.setAccessibleName(t("today.copyphone"))
        self.info = ElidedLabel("", "small", "tx2")
        if not facts:
            self.info.hide()
        self._build()
        self.copy.clicked.connect(self.copy_phone)
        self.reveal.seen.connect(self._show_phones)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(2))
        top = QHBoxLayout()
        top.setSpacing(theme.px(10))
        top.addWidget(self.name)
        top.addWidget(self.address)
        top.addStretch(1)
        top.addWidget(self.pill)
        column.addLayout(top)
        second = QHBoxLayout()
        second.setSpacing(theme.px(10))
        second.addWidget(self.phone)
        second.addWidget(self.reveal)
        second.addWidget(self.family, 1)
        second.addWidget(self.copy)
        column.addLayout(second)
        column.addWidget(self.info)

    def set_member(self, card: MemberCard, today: date | None = None) -> None:
        """Show another member; with `today` also when a lunar birthday falls next."""
        self._is_nameless = not card.name and bool(card.phones)
        family = t("mb.comma").join(name or t("mb.noname") for _, name in card.same_phone)
        self.family.setText(t("mb.samephone", names=family) if family else "")
        self.name.setText(card.name or t("mb.erased" if card.erased else "mb.noname"))
        address = card.call_name or ("" if card.gender == "m" else call_name(card.name))
        self.address.setText(address)
        self.address.setVisible(address not in ("", card.name) and len(card.name) <= _LONG_NAME)
        verdict = card.verdict
        self.pill.setVisible(verdict is not None)
        if verdict is not None:
            self.pill.set_type(verdict.type, word(verdict.reason))
        self.reveal.set_member(card.id, card.phones)
        self.phone.set_tone("bad" if card.phone_wrong else "" if card.phones else "tx2")
        self._show_phones()
        self.copy.setEnabled(card.may_dial)
        told = t("mb.pair", label=t("today.copyphone"), value=self.reveal.toolTip())
        self.copy.setToolTip((told if self.reveal.is_hiding else "") if card.may_dial else t("mb.nodial"))
        if self._facts:
            self.info.setText(info_line(card, today))

    @Slot()
    def _show_phones(self) -> None:
        shown = [show_phone(phone) for phone in self.reveal.phones]
        self.phone.setText(shown[0] if shown else t("today.nophone"))
        self.phone.setToolTip("\n".join(shown[1:]))
        if self._is_nameless:
            self.name.setText(shown[0])
        hiding = self.reveal.is_hiding
        self.copy.setVisible(bool(shown) and (not hiding or self.reveal.may_ask))
        self.copy.setText("" if hiding else t("today.copyphone"))  # beside 看号码 there is no room for both

    @Slot()
    def copy_phone(self) -> None:
        """Have her number copied, looked at before where it is masked."""
        if self.copy.isVisibleTo(self):
            self.reveal.look(self._copy)

    def _copy(self, phones: tuple[str, ...]) -> None:
        self.copy_wanted.emit(phones[0])


class MemberPane(Card):
    """The whole card of a member.

    `order` is "members" (evidence on top) or "counter" (open to-do on top, evidence at the end). Put the
    page's buttons into `buttons`, the row fixed at the bottom; it stays hidden while it is empty.
    """

    copy_wanted = Signal(str)  # a phone without blanks; the page copies it and says so
    fill_wanted = Signal()  # 补上: sizes are missing
    entry_wanted = Signal(str, int)  # at the counter: a sale or visit of her history, to be put right
    settle_wanted = Signal()  # a complaint is open

    def __init__(self, order: str = "members", session: Session | None = None) -> None:
        super().__init__()
        self._order = order
        self.latest = LATEST  # lines of a history shown first, at the counter
        self._card: MemberCard | None = None
        self._rank: int | None = None
        self._today: date | None = None
        self.who = MemberHead(session)
        self.states = TagRow(1)
        self.due = Banner("acc", closable=False)
        self.angry = Banner("bad", action=t("cp.menu.open"), closable=False)
        self.evidence = EvidenceBox()
        self.sizes = [SizeTile(t(key)) for key in ("mb.top", "mb.bottom", "mb.shoe", "mb.height")]
        self._fill = SmallButton(t("mb.fill"))
        self.likes = Preferences()
        self.arrived, self.wanted = Label("", "body_bold", "ok", wrap=True), Label("", "body", wrap=True)
        self.tabs = LineTabs([(key, t("mb.tab." + key)) for key in ("sales", "visits", "contacts", "notes")])
        self.history = HistoryRows(opens=order == "counter")
        self._whole = SmallButton("")  # at the counter only the latest lines are shown first
        self._notes = Label("", "body", wrap=True)
        self._notes.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._build()
        self._connect()
        self.set_member(None, date.min)

    def _build(self) -> None:
        self._stack = QStackedWidget()
        self._nobody = EmptyState("user", t("mb.pick"))
        shown = QWidget()
        column = QVBoxLayout(shown)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        column.addWidget(_inset(self.who))

        sizes = QWidget()
        row = QHBoxLayout(sizes)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        for tile in self.sizes:
            row.addWidget(tile)
        row.addWidget(self._fill)

        middle = QWidget()
        parts = QVBoxLayout(middle)
        self._parts = parts
        parts.setSpacing(theme.px(10))
        parts.addWidget(self.states)
        parts.addWidget(self.angry)
        if self._order == "counter":
            parts.addWidget(self.due)
        else:
            self.due.hide()
            parts.addWidget(self.evidence)
        parts.addWidget(sizes)
        parts.addWidget(self.likes)
        for wishes in (self.arrived, self.wanted):
            parts.addWidget(wishes)
        lists = QVBoxLayout()
        lists.setSpacing(theme.px(2))
        lists.addWidget(self.tabs)
        lists.addWidget(self.history)
        lists.addWidget(self._whole, 0, Qt.AlignmentFlag.AlignLeft)
        lists.addWidget(self._notes)
        parts.addLayout(lists)
        if self._order == "counter":
            parts.addWidget(self.evidence)
        parts.addStretch(1)
        self._scroller = _scroller(middle)
        self._scroller.verticalScrollBar().rangeChanged.connect(self._on_range)
        self._on_range(0, 0)
        column.addWidget(self._scroller, 1)

        self._foot = QWidget()
        foot = QVBoxLayout(self._foot)
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(theme.px(10))
        foot.addWidget(Line())
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(theme.px(8))
        foot.addLayout(self.buttons)
        column.addWidget(_inset(self._foot))
        self._stack.addWidget(self._nobody)
        self._stack.addWidget(shown)
        self.body.addWidget(self._stack)

    def _connect(self) -> None:
        self.who.copy_wanted.connect(self.copy_wanted)
        self.who.reveal.seen.connect(self._show_notes)
        self._fill.clicked.connect(self.fill_wanted)
        self.angry.acted.connect(self.settle_wanted)
        self.tabs.picked.connect(self._on_tab)
        self.history.picked.connect(self.entry_wanted)
        self._whole.clicked.connect(self._on_whole)

    def member(self) -> MemberCard | None:
        """Whom the card shows."""
        return self._card

    def set_nobody(self, title: str, text: str = "") -> None:
        """What to say while nobody is chosen."""
        self._nobody.set_texts(title, text)

    def set_member(self, card: MemberCard | None, today: date) -> None:
        """Show this member as of `today`; None shows the empty card."""
        same = card is not None and self._card is not None and card.id == self._card.id
        self._card, self._today = card, today
        self._stack.setCurrentIndex(0 if card is None else 1)
        if card is None:
            return
        if not same:
            self.tabs.set_current("sales")
        self._foot.setVisible(self.buttons.count() > 0)
        self.who.set_member(card, today)
        self._show_states(card, today)
        self._rank = None
        self._show_evidence(card)
        for tile, value in zip(
            self.sizes, (card.size_top, card.size_bottom, card.size_shoe, card.height), strict=True
        ):
            tile.set_value(value)
        self._fill.setVisible(not (card.erased or (card.size_top and card.size_bottom)))
        self.likes.set_words(card.likes, card.avoids)
        self._show_wishes(card)
        self.angry.setVisible(bool(card.complaints))
        if card.complaints:
            words = " ".join(card.complaints[0].words.split())
            self.angry.set_text(html.escape(t("cp.banner", words=words[:_WORDS_SAID])))
        task = card.task
        if self._order == "counter":
            self.due.setVisible(task is not None)
            if task is not None:
                self.due.set_text(measured_html(Sentence("mb.due", {"reason": word(task.why)})))
        for key, rows in (("sales", card.sales), ("visits", card.visits), ("contacts", card.contacts)):
            self.tabs.set_count(key, len(rows))
        self._show_history()

    def _show_states(self, card: MemberCard, today: date) -> None:
        states = []
        if card.archived:
            states.append((t("mb.archived"), "bad"))
        if card.phone_wrong:
            states.append((t("mb.phonewrong"), "bad"))
        if card.is_never:
            states.append((t("mb.never"), "warn"))
        elif card.pause_until is not None and card.pause_until >= today:
            states.append((t("mb.paused", day=show_day(card.pause_until, today)), "warn"))
        if not card.is_never and not card.archived:
            states += [(words, "warn") for words in limits(card)]
        self.states.set_tags(states)
        self.states.setVisible(bool(states))

    def _show_wishes(self, card: MemberCard) -> None:
        """What of the wanted-item book is hers: what is in and waits for her first."""
        for label, key, state in ((self.arrived, "wt.card.in", "arrived"), (self.wanted, "wt.card", "open")):
            hers = [wish.words for wish in card.wanted if wish.state == state]
            label.setText(t(key, what=t("g.list").join(hers)))
            label.setVisible(bool(hers))

    def set_rank(self, rank: int) -> None:
        """Add to why she has her type how many buyers are less likely to buy again, of a hundred."""
        self._rank = rank
        if self._card is not None:
            self._show_evidence(self._card)

    def _show_evidence(self, card: MemberCard) -> None:
        verdict = card.verdict
        if verdict is None:
            self.evidence.set_evidence("", "", [])
            return
        title = t("mb.why", type=t("type." + verdict.type))
        # That somebody who comes is not lost needs no line with a cross.
        told = [e for e in verdict.evidence if e.holds or e.sentence.id != "ev.lost"]
        lines: list[tuple[bool | None, str]] = [(e.holds, measured_html(e.sentence)) for e in told]
        lines = lines or [(None, measured_html(verdict.reason))]
        if self._rank is not None:
            lines.append((None, measured_html(Sentence("mb.rank", {"n": self._rank}))))
        self.evidence.set_evidence(verdict.type, title, lines)

    def _show_history(self, *, whole: bool = False) -> None:
        card, today = self._card, self._today
        if card is None or today is None:
            return
        tab = self.tabs.current()
        self._notes.setVisible(tab == "notes")
        self.history.setVisible(tab != "notes")
        self._show_notes()
        lines: list[HistoryLine] = []
        if tab == "sales":
            lines = sale_lines(card, today)
        elif tab == "visits":
            lines = [
                HistoryLine(show_day(v.day, today), visit_words(v), v.staff, kind="visit", key=v.id)
                for v in card.visits
            ]
        elif tab == "contacts":
            lines = contact_lines(card, today)
        cut = self._order == "counter" and not whole and len(lines) > self.latest
        self.history.set_lines(lines[: self.latest] if cut else lines, t("mb.empty." + tab))
        self._whole.setText(t("mb.whole", n=len(lines)))
        self._whole.setVisible(cut)

    @Slot()
    def _show_notes(self) -> None:
        if self._card is not None:
            known = particulars(self._card._replace(phones=self.who.reveal.phones))
            self._notes.setText(known or t("mb.empty.notes"))
            self._notes.set_tone("" if known else "tx2")

    @Slot()
    def _on_whole(self) -> None:
        self._show_history(whole=True)

    def _scale(self) -> None:
        super()._scale()
        margins = self.body.contentsMargins()
        margins.setRight(margins.right() - theme.px(SCROLL_BAR))  # which stands in the card's own margin
        self.body.setContentsMargins(margins)

    @Slot(int, int)
    def _on_range(self, _low: int, high: int) -> None:
        self._parts.setContentsMargins(0, 0, 0 if high > 0 else theme.px(SCROLL_BAR), 0)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self._card is not None:
            self._show_evidence(self._card)  # its colours are set when it is filled

    @Slot(str)
    def _on_tab(self, _key: str) -> None:
        self._show_history()


def sale_lines(card: MemberCard, today: date) -> list[HistoryLine]:
    """Her receipts as history lines."""
    return [
        HistoryLine(
            show_day(sale.day, today),
            joined_dot([item_words(sale), t("mb.voided") if sale.voided else ""]),
            show_money(sale.total_fen),
            sale.voided,
            "sale",
            sale.id,
        )
        for sale in card.sales
    ]


def contact_lines(card: MemberCard, today: date) -> list[HistoryLine]:
    """Her contacts as history lines."""
    return [HistoryLine(show_day(c.day, today), contact_words(c, today), c.staff) for c in card.contacts]


def _inset(widget: QWidget) -> QWidget:
    """The widget with room at its right for a scroll bar below or above it."""
    outer = QWidget()
    row = QHBoxLayout(outer)
    row.setContentsMargins(0, 0, theme.px(SCROLL_BAR), 0)
    row.addWidget(widget)
    return outer


def _scroller(content: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area
