"""Two members who are one person: who the other one is, which particulars stay; and taking it apart again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
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
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from shopcrm.basics.progress import Progress
from shopcrm.basics.records import (
    Done,
    Likeness,
    MemberId,
    MemberRow,
    MergedRow,
    MergeField,
    MergePreview,
    MergeSide,
    Stayed,
)
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_day, show_money, show_phone
from ui import theme
from ui.session import Session
from ui.theme import paint
from ui.theme.tokens import RADIUS_CONTROL
from ui.widgets import Button, Dialog, DialogScroll, Label, LinkArea, SmallButton, TypeBadge, TypePill, empty
from ui.widgets.frame import age
from ui.widgets.labels import ElidedLabel
from ui.widgets.member_field import MemberField

if TYPE_CHECKING:
    from shopcrm.shop import Shop, ShopView

_WIDTH = 780
_LABEL, _BOTH, _GAP = 96, 92, 10  # columns of the comparison besides the two members
_ROW, _ROWS_LEAST = 40, 2
_BAR = 13  # a scroll bar
_LIKELY = 4


def open_merge(parent: QWidget, session: Session, member: MemberId) -> MergeDialog:
    """Ask who is the same person as this member, and merge them; `merged(int)` tells the survivor."""
    dialog = MergeDialog(parent, session, member)
    dialog.open()
    return dialog


def separate(
    parent: QWidget, session: Session, gone: MemberId, done: Callable[[], object] | None = None,
    busy: QWidget | None = None,
) -> None:  # fmt: skip
    """Take a merge back; what stayed with the survivor is listed. `done()` comes when it is written."""
    _Separation(parent, session, done).run(gone, busy)


class _Separation:
    def __init__(self, parent: QWidget, session: Session, done: Callable[[], object] | None) -> None:
        self._window, self._session, self._done = parent.window(), session, done

    def run(self, gone: MemberId, busy: QWidget | None) -> None:
        def work(shop: Shop, _progress: Progress) -> Done[Any]:
            return shop.merging.separate(gone)

        self._session.do(work, done=self._on_done, busy=busy)

    def _on_done(self, result: Done[tuple[Stayed, ...]]) -> None:
        if self._done is not None:
            self._done()
        if result.value:
            _StayedList(self._window, result, self._session.today).open()


class _StayedList(Dialog):
    """What was entered after the merge and is the survivor's now: to be looked through."""

    def __init__(self, parent: QWidget, result: Done[tuple[Stayed, ...]], today: date) -> None:
        super().__init__(parent, t("merge.stayed"), icon="info-circle", tone="info", width=520)
        names = result.sentence.values
        self.body.addWidget(Label(t("merge.stayed.text", **names), "body", wrap=True))
        rows = QWidget()
        column = QVBoxLayout(rows)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        self.rows = [_told(one, today) for one in result.value]
        for words in self.rows:
            column.addWidget(ElidedLabel(words))
        column.addStretch(1)
        self.body.addWidget(_Scroll(rows))
        self.add_button(t("g.gotit"), "primary")


def _told(one: Stayed, today: date) -> str:
    from shopcrm.shop.merging import told

    return told(one, today) + (f"  {one.what}" if one.kind in ("sale", "visit") and one.what else "")


class MergeDialog(Dialog):
    """First whom, then what of each; nothing is written before 合并 is pressed."""

    merged = Signal(int)  # the survivor

    def __init__(self, parent: QWidget, session: Session, member: MemberId) -> None:
        super().__init__(parent, t("merge.title"), width=_WIDTH)
        self._session, self._member = session, member
        self.preview: MergePreview | None = None
        self.rows: dict[str, ChoiceRow] = {}
        self._build_whom()
        self._build_what()
        self._another = Button(t("merge.another"), "text", "arrow-left")
        self._another.clicked.connect(self._on_another)
        self.add_left(self._another)
        self.add_button(t("g.cancel"))
        self.merge = self.add_button(t("merge.do"), "primary", self._on_merge, key="Ctrl+Enter")
        self._show_whom()
        self._read()

    # -- whom ---------------------------------------------------------------------------------------------

    def _build_whom(self) -> None:
        self._whom = QWidget()
        column = QVBoxLayout(self._whom)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        row = self._session.view.rows([self._member])[0]
        self._name = row.name or (show_phone(row.phones[0]) if row.phones else t("mb.noname"))
        column.addWidget(Label(t("merge.whom", name=self._name), "body", "tx2", wrap=True))
        self.field = MemberField(self._session)
        self.field.picked.connect(self._on_picked)
        self.field.escaped.connect(self.reject)
        column.addWidget(self.field)
        self._likely_title = Label("", "label", "tx2")
        column.addSpacing(theme.px(4))
        column.addWidget(self._likely_title)
        self._likely = QVBoxLayout()
        self._likely.setSpacing(theme.px(6))
        column.addLayout(self._likely)
        self.likely: list[_LikelyRow] = []
        self._merged = QVBoxLayout()
        self._merged.setSpacing(theme.px(4))
        column.addLayout(self._merged)
        self.separate: list[_ApartButton] = []
        self.body.addWidget(self._whom)

    def _read(self) -> None:
        member = self._member

        def ask(view: ShopView) -> tuple[Sequence[Likeness], Sequence[MergedRow]]:
            return view.likely_same(member, _LIKELY), view.merged_into(member)

        self._session.query(ask, key="merge.whom", done=self._on_read)

    def _on_read(self, found: tuple[Sequence[Likeness], Sequence[MergedRow]]) -> None:
        likely, merged = found
        today = self._session.today
        self._likely_title.setText(t("merge.likely" if likely else "merge.likely.none"))
        self.likely = [_LikelyRow(one, today) for one in likely]
        for row in self.likely:
            row.clicked.connect(self._on_likely)
            self._likely.addWidget(row)
        empty(self._merged)
        self.separate = []
        if merged:
            self._merged.addSpacing(theme.px(6))
            self._merged.addWidget(Label(t("merge.into", name=self._name), "label", "tx2"))
        for one in merged:
            self._merged.addWidget(self._merged_row(one, today))
        self.resize_to_content()

    def _merged_row(self, one: MergedRow, today: date) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(ElidedLabel(one.name or t("mb.noname"), "body_bold"))
        line.addWidget(Label(t("merge.into.day", day=show_day(one.day, today)), "body", "tx2"), 1)
        apart = _ApartButton(one)
        apart.clicked.connect(self._on_apart)
        line.addWidget(apart)
        self.separate.append(apart)
        return row

    @Slot()
    def _on_likely(self) -> None:
        row = self.sender()
        assert isinstance(row, _LikelyRow)
        self._ask(self._member, row.member)

    @Slot()
    def _on_apart(self) -> None:
        button = self.sender()
        assert isinstance(button, _ApartButton)
        separate(self, self._session, button.gone, self.reject, button)

    @Slot(object)
    def _on_picked(self, row: MemberRow | None) -> None:
        if row is not None and row.id == self._member:
            self.field.set_member(None)
            self.field.setPlaceholderText(t("merge.herself"))
        elif row is not None:
            self._ask(self._member, row.id)

    # -- what ---------------------------------------------------------------------------------------------

    def _build_what(self) -> None:
        self._what = QWidget()
        column = QVBoxLayout(self._what)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, theme.px(_BAR), 0)
        head.setSpacing(theme.px(_GAP))
        self._caption = Label("", "label", "tx2", wrap=True)
        self._caption.setFixedWidth(theme.px(_LABEL))
        head.addWidget(self._caption, 0, Qt.AlignmentFlag.AlignBottom)
        self.sides = (_Side("merge.stays", "acc"), _Side("merge.goes", "tx2"))
        for side in self.sides:
            head.addWidget(side, 1)
        self.swap = SmallButton(t("merge.swap"), icon="refresh")
        self.swap.setFixedWidth(theme.px(_BOTH))
        self.swap.setToolTip(t("merge.swap.tip"))
        self.swap.clicked.connect(self._on_swap)
        head.addWidget(self.swap, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(head)
        self._fields = QWidget()
        self._choices = QVBoxLayout(self._fields)
        self._choices.setContentsMargins(0, 0, 0, 0)
        self._choices.setSpacing(theme.px(4))
        self._scroll = _Scroll(self._fields)
        column.addWidget(self._scroll, 1)
        sums = QFrame()
        sums.setProperty("frame", "sunk")
        inside = QVBoxLayout(sums)
        inside.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(8))
        inside.setSpacing(theme.px(2))
        self.sums = Label("", "body_bold", wrap=True)
        inside.addWidget(self.sums)
        inside.addWidget(Label(t("merge.note"), "label", "tx2", wrap=True))
        column.addWidget(sums)
        self.body.addWidget(self._what)

    def _ask(self, keep: MemberId, gone: MemberId) -> None:
        self._session.query(
            lambda view: view.merge_preview(keep, gone), key="merge.what", done=self._on_preview
        )

    def _on_preview(self, preview: MergePreview) -> None:
        self.preview = preview
        today = self._session.today
        for side, found in zip(self.sides, (preview.keep, preview.gone), strict=True):
            side.set_member(found, today)
        empty(self._choices)
        self.rows = {}
        # What has to be decided stands first, what only one of them says behind it.
        for field in sorted(preview.fields, key=lambda field: not (field.keep and field.gone)):
            row = ChoiceRow(field)
            row.moved.connect(self._on_moved)
            self.rows[field.field] = row
            self._choices.addWidget(row)
            row.show()  # what is hidden has no height yet
        self._scroll.setVisible(bool(self.rows))
        self._caption.setText(t("merge.pick") if self.rows else t("merge.nothing"))
        self.sums.setText(t("merge.after", **_total(preview.keep, preview.gone)))
        self._whom.hide()
        self._what.show()
        self._another.show()
        self.merge.show()
        self._scroll.refit()
        self.resize_to_content()
        first: QWidget = next(iter(self.rows.values()), self.merge)
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_whom(self) -> None:
        self._what.hide()
        self._another.hide()
        self.merge.hide()
        self._whom.show()

    @Slot()
    def _on_another(self) -> None:
        self.preview = None
        self.field.set_member(None)
        self._show_whom()
        self.resize_to_content()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_swap(self) -> None:
        if self.preview is not None:
            self._ask(self.preview.gone.id, self.preview.keep.id)

    @Slot(int)
    def _on_moved(self, step: int) -> None:
        rows = list(self.rows.values())
        at = rows.index(self.sender()) + step  # type: ignore[arg-type]
        if 0 <= at < len(rows):
            rows[at].setFocus(Qt.FocusReason.TabFocusReason)
            self._scroll.ensureWidgetVisible(rows[at], 0, theme.px(4))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and self.preview is not None and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.merge.click()
            event.accept()
        elif enter and self.preview is None and self.focusWidget() is self.field:
            event.accept()  # nobody is found yet
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_merge(self) -> None:
        preview = self.preview
        if preview is None:
            return
        keep, gone = preview.keep.id, preview.gone.id
        choices = {field: row.choice for field, row in self.rows.items()}

        def work(shop: Shop, _progress: Progress) -> Done[MemberId]:
            return shop.merging.merge(keep, gone, choices)

        self._session.do(work, done=self._on_merged, busy=self.merge)

    def _on_merged(self, result: Done[MemberId]) -> None:
        self.accept()
        self.merged.emit(result.value)


def _total(keep: MergeSide, gone: MergeSide) -> dict[str, object]:
    return {
        "sales": keep.sales + gone.sales, "sum": show_money(keep.sum_fen + gone.sum_fen),
        "visits": keep.visits + gone.visits, "contacts": keep.contacts + gone.contacts,
        "phones": len({*keep.phones, *gone.phones}),
    }  # fmt: skip


class _Scroll(DialogScroll):
    """Rows as wide with a scroll bar as without; two of them are seen in the lowest window."""

    def __init__(self, inside: QWidget) -> None:
        super().__init__(inside)
        self._inside = inside
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)

    def sizeHint(self) -> QSize:
        return super().sizeHint() + QSize(0, theme.px(4))  # what rounding takes

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(200), min(self.sizeHint().height(), theme.px(_ROW * _ROWS_LEAST)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        layout = self._inside.layout()
        if layout is not None:
            has_bar = self._inside.sizeHint().height() > self.height()
            layout.setContentsMargins(0, 0, 0 if has_bar else theme.px(_BAR), 0)

    def refit(self) -> None:
        """Call after adding or removing something inside."""
        layout = self._inside.layout()
        if layout is not None:
            layout.activate()
        self.updateGeometry()


class _LikelyRow(LinkArea):
    """Somebody who may be the same person, and why."""

    def __init__(self, one: Likeness, today: date) -> None:
        super().__init__()
        row = one.row
        self.member = row.id
        line = QHBoxLayout(self)
        line.setContentsMargins(theme.px(12), theme.px(6), theme.px(12), theme.px(6))
        line.setSpacing(theme.px(12))
        line.addWidget(TypeBadge(row.type or "", 30))
        words = QVBoxLayout()
        words.setSpacing(0)
        name = row.name or t("mb.noname")
        why = t(one.why.id, **one.why.values)
        phone = show_phone(row.phones[0]) if row.phones else t("today.nophone")
        words.addWidget(ElidedLabel(name, "name"))
        words.addWidget(ElidedLabel(phone, "label", "tx2"))
        line.addLayout(words, 1)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(Label(why, "label_bold", "acc"), 0, Qt.AlignmentFlag.AlignRight)
        right.addWidget(Label(age(row.last_day, today), "label", "tx2"), 0, Qt.AlignmentFlag.AlignRight)
        line.addLayout(right)
        self.setAccessibleName(f"{name} {phone} {why}")

    def paintEvent(self, event: QPaintEvent) -> None:
        c = theme.now().tokens
        painter = QPainter(self)
        here = self.underMouse() or self.hasFocus()
        fill, border = (c.acc_soft, c.acc) if here else (c.card, c.line2)
        paint.rounded(painter, self.rect(), theme.px(RADIUS_CONTROL), fill, border)
        painter.end()


class _ApartButton(SmallButton):
    def __init__(self, one: MergedRow) -> None:
        super().__init__(t("merge.apart"), icon="arrow-back-up")
        self.gone = one.id
        self.setAccessibleName(t("merge.apart.of", name=one.name))


class _Side(QWidget):
    """One of the two, over its column: who she is and what she has."""

    def __init__(self, caption: str, tone: str) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(theme.px(2), 0, 0, theme.px(2))
        grid.setVerticalSpacing(theme.px(2))
        self.name, self.pill = ElidedLabel("", "name"), TypePill()
        self._phone, self._bought = ElidedLabel("", "label", "tx2"), ElidedLabel("", "label", "tx2")
        self._more = ElidedLabel("", "label", "tx2")
        grid.addWidget(Label(t(caption), "label_bold", tone), 0, 0)
        grid.addWidget(self.pill, 0, 1, Qt.AlignmentFlag.AlignRight)
        for at, label in enumerate((self.name, self._phone, self._bought, self._more), 1):
            grid.addWidget(label, at, 0, 1, 2)
        grid.setColumnStretch(0, 1)

    def set_member(self, side: MergeSide, today: date) -> None:
        """Show what goes along."""
        self.name.setText(side.name or t("mb.noname"))
        self.pill.set_type(side.type or "")
        self._phone.setText("  ".join(map(show_phone, side.phones)) or t("today.nophone"))
        last = t("merge.last", day=show_day(side.last_day, today)) if side.last_day else ""
        self._bought.setText(t("merge.bought", n=side.sales, sum=show_money(side.sum_fen), last=last))
        self._more.setText(t("merge.had", visits=side.visits, contacts=side.contacts, tasks=side.tasks))


class ChoiceRow(QWidget):
    """What the two say of one thing; ← → or a click choose, ↑ ↓ go to the next thing."""

    moved = Signal(int)

    def __init__(self, field: MergeField) -> None:
        super().__init__()
        self.field = field
        self.choice = field.choice
        self._said = {"keep": field.keep, "gone": field.gone}
        self.offered = [one for one in ("keep", "gone") if self._said[one]]
        if field.both:
            self._said["both"] = field.both
            self.offered.append("both")
        self._over = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._name()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(500), theme.px(_ROW))

    def choose(self, choice: str) -> None:
        """Let this stay."""
        if choice in self.offered:
            self.choice = choice
            self._name()
            self.update()

    def _name(self) -> None:
        self.setAccessibleName(f"{self.field.label} {self._said[self.choice]}")

    def box(self, choice: str) -> QRect:
        """Where a choice stands."""
        gap = theme.px(_GAP)
        left, right = theme.px(_LABEL) + gap, theme.px(_BOTH) + gap
        wide = (self.width() - left - right - gap) // 2
        high = self.height() - 2
        if choice == "both":
            return QRect(self.width() - theme.px(_BOTH), 1, theme.px(_BOTH), high)
        return QRect(left + (wide + gap) * (choice == "gone"), 1, wide, high)

    def _at(self, event: QMouseEvent | QHelpEvent) -> str:
        place = event.position().toPoint() if isinstance(event, QMouseEvent) else event.pos()
        return next((one for one in self._said if self.box(one).contains(place)), "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() in steps:
            at = self.offered.index(self.choice) + steps[Qt.Key(event.key())]
            self.choose(self.offered[min(max(at, 0), len(self.offered) - 1)])
        elif event.key() == Qt.Key.Key_Space:
            self.choose(self.offered[(self.offered.index(self.choice) + 1) % len(self.offered)])
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.moved.emit(-1 if event.key() == Qt.Key.Key_Up else 1)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.choose(self._at(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._over = self._at(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._over = ""
        self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._said.get(self._at(event), ""), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        painter = QPainter(self)
        font = now.font("label")
        painter.setFont(font)
        painter.setPen(QColor(now.tokens.tx2))
        place = QRect(0, 0, now.px(_LABEL), self.height())
        words = paint.cut(self.field.label, font, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, words)
        for choice in self._said:
            self._paint_choice(painter, choice)
        painter.end()

    def _paint_choice(self, painter: QPainter, choice: str) -> None:
        now = theme.now()
        c = now.tokens
        box, chosen = self.box(choice), choice == self.choice
        if choice not in self.offered:
            painter.setFont(now.font("label"))
            painter.setPen(QColor(c.txd))
            inside = box.adjusted(now.px(36), 0, 0, 0)
            painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter, t("merge.empty"))
            return
        fill = c.acc_soft if chosen else c.hover if choice == self._over else c.card
        border = c.acc if chosen else c.ctl
        paint.rounded(painter, box, now.px(RADIUS_CONTROL), fill, border, 1.5 if chosen else 1.0)
        side = now.px(16)
        dot = QRectF(box.left() + now.px(11), box.center().y() - side / 2 + 0.5, side, side)
        paint.rounded(painter, dot, side / 2, c.card, border, 1.5)
        if chosen:
            inner = side / 4
            paint.rounded(painter, dot.adjusted(inner, inner, -inner, -inner), side / 4, c.acc)
        font = now.font("body_bold" if chosen else "body")
        painter.setFont(font)
        painter.setPen(QColor(c.acc_text if chosen else c.tx))
        words = t("merge.both") if choice == "both" else self._said[choice].replace("\n", " / ")
        inside = box.adjusted(now.px(36), 0, -now.px(8), 0)
        words = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, inside.width())
        painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter, words)
