"""Overview for the owner: the four types in people and money, and what each month brought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from shopcrm.basics.records import (
    TYPE_KEYS,
    BestFifth,
    Changes,
    Conversion,
    EffectAsk,
    MemberId,
    MemberRow,
    MonthSales,
    Rating,
    TypeCount,
)
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_money
from ui import theme
from ui.pages.base import Layout, Navigator, Page
from ui.pages.overview.helped import DAYS, HelpedCard
from ui.session import Session
from ui.theme import icons, paint
from ui.theme.tokens import CARD_GAP, PAGE_SIDE
from ui.widgets import (
    Button,
    Card,
    ElidedLabel,
    EmptyState,
    Label,
    Line,
    LinkArea,
    SmallButton,
    StackBar,
    TypeBadge,
)

if TYPE_CHECKING:
    from shopcrm.shop import ShopView

_GOOD_WHEN_MORE = {"loyal": 1, "potential": 1, "drifting": 0, "lost": -1}
_BAR = 34
_NAMES = 8


class OverviewPage(Page):
    """Types as people and as money; sales by month; both from the records as they stand."""

    def __init__(self, session: Session, window: Navigator, page_id: str = "overview") -> None:
        super().__init__(session, window, page_id)
        self.title = t("nav.overview")
        self.export = Button(t("ov.report"), icon="file-spreadsheet")
        self.head_button = self.export
        self._say = _Sentence()
        self.types = _TypesCard()
        self.months = _MonthsCard()
        self.helped = HelpedCard()
        self.came = _CameCard()
        self.marks = Label("", "body", "tx2", wrap=True)
        self.marks.hide()
        self._empty = EmptyState("chart-bar", t("em.overview"), t("em.overview.text"))
        self._build()
        self.export.clicked.connect(self._on_export)
        self._say.see.clicked.connect(self._on_see_lost)
        self.types.wanted.connect(self._on_type_wanted)
        self.types.best_wanted.connect(self._on_best_wanted)
        self.types.member_wanted.connect(self.open_member)
        self.helped.wanted.connect(self._on_people_wanted)
        self.helped.more.connect(self._on_more)

    def _build(self) -> None:
        self._stack = QStackedWidget(self)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(theme.px(PAGE_SIDE), 0, theme.px(PAGE_SIDE), theme.px(16))
        outer.addWidget(self._stack)
        work = QWidget()
        column = QVBoxLayout(work)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(12))
        column.addWidget(self._say)
        self._row = QHBoxLayout()
        self._row.setSpacing(theme.px(CARD_GAP))
        self._row.addWidget(self.types, 35)
        self._row.addWidget(self.months, 42)
        self._row.addWidget(self.helped, 40)
        column.addLayout(self._row, 1)
        self._column = column
        column.addWidget(self.came)
        column.addWidget(self.marks)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(work)
        self._stack.addWidget(self._scroll)
        self._stack.addWidget(self._empty)
        self.toast_area = self._stack

    def shown(self, **args: Any) -> None:
        self.export.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def refresh(self, changes: Changes) -> None:
        if changes.members or changes.sales or changes.types or changes.settings:
            self.session.query(
                lambda view: (view.type_counts(), view.months()), key="overview", done=self._on_read
            )
            self.session.query(lambda view: view.ratings(), key="overview.marks", done=self._on_marks)
            self.session.query(_best, key="overview.best", done=self._on_best)
        if any((changes.members, changes.sales, changes.visits, changes.tasks, changes.settings)):
            self.session.query(
                lambda view: view.effect(DAYS), key="overview.helped", done=self.helped.set_effect
            )
        if changes.sales or changes.footfall:
            self.session.query(
                lambda view: view.conversion(), key="overview.came", done=self.came.set_conversion
            )

    def _on_marks(self, marks: Mapping[str, Rating]) -> None:
        """What customers say of the shop, each figure with how many gave it; nothing while nobody did."""
        said = []
        if (mean := marks.get("satisfaction")) is not None:
            said.append(t("rt.mean", value=f"{mean.value:.1f}", n=mean.n))
        if (net := marks.get("recommend")) is not None:
            said.append(t("rt.nps", value=f"{net.value:+.0f}", n=net.n))
        self.marks.setText(t("io.join").join(said))
        self.marks.setVisible(bool(said))

    def recompute(self) -> bool:
        self.session.start_day()
        return True

    def _on_read(self, answer: tuple[tuple[TypeCount, ...], tuple[MonthSales, ...]]) -> None:
        counts, months = answer
        total = sum(row.members for row in counts)
        self._stack.setCurrentIndex(0 if total else 1)
        self.export.setEnabled(bool(total))
        self.set_fact(t("g.total", n=total))
        self._say.set_counts(counts)
        self.types.set_counts(counts)
        self.months.set_months(months, self.session.today)

    @Slot()
    def _on_see_lost(self) -> None:
        self.navigate("members", types=("lost",), origin="overview")

    @Slot(str)
    def _on_type_wanted(self, key: str) -> None:
        self.navigate("members", types=(key,), origin="overview")

    def _on_best(self, found: tuple[BestFifth, list[MemberRow]]) -> None:
        self.types.set_best(*found)

    @Slot()
    def _on_best_wanted(self) -> None:
        self.navigate("members", ids=self.types.best.members, title=t("ov.top20.title"), origin="overview")

    @Slot(object, str)
    def _on_people_wanted(self, ask: EffectAsk, title: str) -> None:
        def show(members: tuple[MemberId, ...]) -> None:
            self.navigate("members", ids=members, title=title, origin="overview")

        self.session.query(lambda view: view.effect_members(ask), key="overview.people", done=show)

    @Slot()
    def _on_more(self) -> None:
        self.navigate("effect")

    @Slot()
    def _on_export(self) -> None:
        name = t("rp.file", day=self.session.today.isoformat())
        path, _ = QFileDialog.getSaveFileName(self, t("ov.report"), str(Path.home() / name), "Excel (*.xlsx)")
        if path:
            self.save_report(Path(path))

    def save_report(self, path: Path) -> None:
        """Write the month sheet to `path`."""
        self.session.do(
            lambda shop, _: shop.exports.months(path), origin=self, busy=self.export, progress=t("ov.report")
        )

    def apply_layout(self, layout: Layout) -> None:
        upright = layout.width < 1060
        way = QBoxLayout.Direction.TopToBottom if upright else QBoxLayout.Direction.LeftToRight
        self._row.setDirection(way)
        beside = layout.name in ("wide", "normal")
        if beside != (self._row.indexOf(self.helped) >= 0):
            (self._column if beside else self._row).removeWidget(self.helped)
            if beside:
                self._row.addWidget(self.helped, 40)
            else:
                self._column.insertWidget(2, self.helped)
        self.helped.set_wide(layout.name == "wide")
        self.types.set_room(money=layout.name == "wide" or not beside, names=layout.name == "wide")


class _Sentence(Card):
    """The most important change of the month in one plain sentence."""

    def __init__(self) -> None:
        super().__init__()
        self.body.setContentsMargins(theme.px(18), theme.px(8), theme.px(12), theme.px(8))
        self._icon = QLabel()
        self._words = Label("", "body", wrap=True)
        self.see = Button("", icon="users")
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        row.addWidget(self._icon)
        row.addWidget(self._words, 1)
        row.addWidget(self.see)
        self.body.addLayout(row)
        self.setMinimumHeight(theme.px(58))

    def set_counts(self, counts: tuple[TypeCount, ...]) -> None:
        """Say what moved since the end of last month."""
        lost = next(row for row in counts if row.type == "lost")
        loyal = next(row for row in counts if row.type == "loyal")
        more_lost = lost.members - lost.members_before if lost.members_before is not None else 0
        more_loyal = loyal.members - loyal.members_before if loyal.members_before is not None else 0
        if more_lost > 0:
            words = t("ov.say.lost", a=more_lost)
        elif more_loyal > 0:
            words = t("ov.say.loyal", a=more_loyal)
        else:
            words = t("ov.say.calm")
        self._words.setText(words)
        self.see.setText(t("ov.see", n=lost.members))
        self.see.setVisible(more_lost > 0)
        self._icon.setPixmap(icons.pixmap("bulb", theme.now().tokens.warn, theme.px(24)))


class _CameCard(Card):
    """Of those who came in, how many bought; only of the days on which people were counted."""

    def __init__(self) -> None:
        super().__init__()
        self.body.setContentsMargins(theme.px(18), theme.px(8), theme.px(18), theme.px(8))
        row = QHBoxLayout()
        row.setSpacing(theme.px(14))
        self.rate = Label("", "h2", "acc")
        self.words = Label("", "body", wrap=True)
        self.basis = Label("", "small", "tx2", wrap=True)
        said = QVBoxLayout()
        said.setSpacing(theme.px(2))
        said.addWidget(self.words)
        said.addWidget(self.basis)
        row.addWidget(Label(t("ov.came"), "h3"))
        row.addWidget(self.rate)
        row.addLayout(said, 1)
        self.body.addLayout(row)

    def set_conversion(self, found: Conversion) -> None:
        """Show the rate with what it is made of; without a counted day it is unknown, not nothing."""
        span = (found.last - found.first).days + 1
        self.rate.setText("—" if found.rate is None else f"{found.rate:.0%}")
        if found.rate is None:
            self.words.setText(t("ov.came.unknown", n=span))
            self.basis.setText(t("ov.came.how"))
            return
        hour, most = max(found.hours, key=lambda one: one[1])
        self.words.setText(t("ov.came.say", receipts=found.receipts, people=found.people))
        self.basis.setText(
            t("ov.came.basis", n=span, days=found.days, hour=hour, share=f"{most / found.people:.0%}")
        )


class _TypesCard(Card):
    """Two stacked bars and a table; a row opens its members."""

    wanted = Signal(str)
    best_wanted = Signal()
    member_wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__(t("ov.types"))
        self._sum = ElidedLabel("", "small", "tx2")
        self._sum.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.head.addWidget(self._sum, 1000)
        self._names = False
        self.people, self.money = StackBar(_BAR), StackBar(_BAR)
        for words, bar in ((t("ov.people"), self.people), (t("ov.spend12"), self.money)):
            self.body.addWidget(Label(words, "label", "tx2"))
            self.body.addWidget(bar)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(16))
        grid.setVerticalSpacing(theme.px(4))
        heads: list[Label] = []
        for column, words in enumerate(
            (t("ov.people"), t("ov.share"), t("ov.spend"), t("ov.spendshare"), t("ov.change")), start=1
        ):
            heads.append(_right(Label(words, "small", "tx2")))
            grid.addWidget(heads[-1], 0, column)
        self._money_heads = heads[2:4]
        self.cells: dict[str, tuple[Label, ...]] = {}
        for row, key in enumerate(TYPE_KEYS, start=1):
            name = SmallButton(t(f"type.{key}"), role="plain")
            name.setAccessibleName(t("ov.open", type=t(f"type.{key}")))
            name.clicked.connect(_Picked(self, key))
            head = QHBoxLayout()
            head.setSpacing(theme.px(6))
            head.addWidget(TypeBadge(key, 26))
            head.addWidget(name)
            head.addStretch(1)
            grid.addLayout(head, row, 0)
            cells = (
                _right(Label("", "body_bold")), _right(Label("", "label", "tx2")), _right(Label("", "body")),
                _right(Label("", "label", "tx2")), _right(Label("", "body_bold")),
            )  # fmt: skip
            for column, cell in enumerate(cells, start=1):
                grid.addWidget(cell, row, column)
            grid.setRowMinimumHeight(row, theme.px(40))
            self.cells[key] = cells
        grid.setColumnStretch(0, 1)
        self.body.addSpacing(theme.px(6))
        self.body.addLayout(grid)
        self.body.addWidget(Line())
        self.best = BestFifth((), 0.0)
        self.fifth = SmallButton("", "plain", "trophy")
        self.fifth.clicked.connect(self.best_wanted)
        self.body.addWidget(self.fifth, 0, Qt.AlignmentFlag.AlignLeft)
        self.top = _Top()
        self.top.wanted.connect(self.member_wanted)
        self.body.addWidget(self.top)
        self.body.addStretch(1)

    def set_room(self, *, money: bool, names: bool) -> None:
        """Whether there is room for what each type spent (the bar above tells its share in any case), and for
        the names of the best."""
        self._names = names
        self.top.setVisible(names and bool(self.best.members))
        for cell in (*self._money_heads, *(cell for row in self.cells.values() for cell in row[2:4])):
            cell.setVisible(money)

    def set_best(self, best: BestFifth, rows: Sequence[MemberRow]) -> None:
        """Who spends most: in one sentence, and the first of them by name."""
        self.best = best
        self.fifth.setVisible(bool(best.members))
        self.fifth.setText(t("ov.top20", n=len(best.members), p=f"{best.share:.0%}"))
        self.top.set_members(rows)
        self.top.setVisible(self._names and bool(best.members))

    def set_counts(self, counts: tuple[TypeCount, ...]) -> None:
        """Show these counts."""
        people, money = sum(row.members for row in counts), sum(row.spend12_fen for row in counts)
        self.people.set_parts([(row.type, row.members) for row in counts])
        self.money.set_parts([(row.type, row.spend12_fen) for row in counts])
        for row in counts:
            number, share, spend, part, change = self.cells[row.type]
            number.setText(t("g.people", n=row.members))
            share.setText(f"{row.members / people:.0%}" if people else "")
            spend.setText(show_money(row.spend12_fen // 100 * 100))
            part.setText(f"{row.spend12_fen / money:.0%}" if money > 0 else "")
            _set_change(change, row)
        self._sum.setText(t("ov.sum", n=people, money=show_money(money // 100 * 100)))


class _Top(QWidget):
    """The best customers by name, with how often they came and what they spent in 12 months."""

    wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, theme.px(4), 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(Label(t("ov.topn", n=_NAMES), "body_bold"))
        self._column.addSpacing(theme.px(4))
        self.rows = [_TopRow() for _ in range(_NAMES)]
        for row in self.rows:
            row.wanted.connect(self.wanted)
            self._column.addWidget(row)

    def set_members(self, members: Sequence[MemberRow]) -> None:
        """Show these, the best first."""
        for at, row in enumerate(self.rows):
            row.setVisible(at < len(members))
            if at < len(members):
                row.set_member(at + 1, members[at])


class _TopRow(LinkArea):
    """One of the best: place, type, name, how often, how much."""

    wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._member = 0
        self._place, self._badge = _right(Label("", "label", "tx2")), TypeBadge("", 24)
        self._name, self._times = ElidedLabel(), _right(Label("", "label", "tx2"))
        self._money = _right(Label("", "body_bold"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        self._place.setFixedWidth(theme.px(20))
        self._money.setMinimumWidth(theme.px(84))
        row.addWidget(self._place)
        row.addWidget(self._badge)
        row.addWidget(self._name, 1)
        row.addWidget(self._times)
        row.addWidget(self._money)
        self.setFixedHeight(theme.px(34))
        self.clicked.connect(lambda: self.wanted.emit(self._member))

    def set_member(self, place: int, member: MemberRow) -> None:
        """Show her."""
        self._member = int(member.id)
        self._place.setText(str(place))
        self._badge.set_type(member.type or "")
        self._name.setText(member.name or t("mb.noname"))
        self._times.setText(t("ov.times", n=member.n12))
        self._money.setText(show_money(member.spend12_fen // 100 * 100))
        self.setAccessibleName(f"{place} {member.name} {self._money.text()}")


def _best(view: ShopView) -> tuple[BestFifth, list[MemberRow]]:
    best = view.best_fifth()
    return best, view.rows(best.members[:_NAMES])


class _Picked:
    """A row's click, with the type it stands for."""

    def __init__(self, card: _TypesCard, key: str) -> None:
        self._card, self._key = card, key

    def __call__(self) -> None:
        self._card.wanted.emit(self._key)


def _right(label: Label) -> Label:
    label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return label


def _set_change(label: Label, row: TypeCount) -> None:
    if row.members_before is None:
        label.setText("")
        return
    change = row.members - row.members_before
    good = change * _GOOD_WHEN_MORE[row.type]
    label.setText(f"+{change}" if change > 0 else f"−{-change}" if change else "0")
    label.set_tone("tx2" if not good else "ok" if good > 0 else "bad")


class _MonthsCard(Card):
    """Net sales of twelve months as bars with their amounts."""

    def __init__(self) -> None:
        super().__init__(t("ov.months"))
        self.bars = MonthBars()
        self.head.addWidget(Label(t("ov.months.hint"), "small", "tx2"))
        self.body.addWidget(self.bars, 1)
        self._words = Label("", "body", "tx2", wrap=True)
        self.body.addWidget(Line())
        self.body.addWidget(self._words)

    def set_months(self, months: tuple[MonthSales, ...], today: date) -> None:
        """Show these months; the last one is still running."""
        self.bars.set_months(months)
        now = months[-1]
        before = months[-2] if len(months) > 1 else now
        self._words.setText(
            t("ov.months.say", m=now.month.month, d=today.day, a=show_money(now.net_fen // 100 * 100),
              b=show_money(before.net_fen // 100 * 100))
        )  # fmt: skip


class MonthBars(QWidget):
    """One bar a month, the running month in the accent colour, its amount above it."""

    def __init__(self) -> None:
        super().__init__()
        self._months: tuple[MonthSales, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_months(self, months: tuple[MonthSales, ...]) -> None:
        """Show these months, the oldest left."""
        self._months = months
        self.setAccessibleName(t("ov.months"))
        self.setAccessibleDescription(
            t("ov.dot").join(f"{row.month.isoformat()[:7]} {show_money(row.net_fen)}" for row in months)
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(360), theme.px(220))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(280), theme.px(170))

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._months:
            return
        now = theme.now()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top, bottom = now.px(24), now.px(26)
        room = self.height() - top - bottom
        most = max(1, *(row.net_fen for row in self._months))
        step = self.width() / len(self._months)
        wide = min(step * 0.62, now.px(44))
        small = QFontMetrics(now.font("key"))
        for at, row in enumerate(self._months):
            high = max(0.0, room * row.net_fen / most)
            left = at * step + (step - wide) / 2
            box = QRectF(left, top + room - high, wide, high)
            last = at == len(self._months) - 1
            if high > 0:
                paint.rounded(
                    painter, box, min(now.px(4), high / 2), now.tokens.acc if last else now.tokens.acc_line
                )
            painter.setFont(now.font("key_bold" if last else "key"))
            painter.setPen(QColor(now.tokens.tx))
            words = _short(row.net_fen)
            if small.horizontalAdvance(words) < step - 2:
                painter.drawText(
                    QRectF(at * step, box.top() - top, step, top), Qt.AlignmentFlag.AlignCenter, words
                )
            painter.setPen(QColor(now.tokens.tx2))
            month = t("ov.month", m=row.month.month)
            painter.drawText(
                QRectF(at * step, self.height() - bottom, step, bottom), Qt.AlignmentFlag.AlignCenter, month
            )
        painter.setPen(QColor(now.tokens.line))
        painter.drawLine(0, self.height() - bottom, self.width(), self.height() - bottom)
        painter.end()


def _short(fen: int) -> str:
    """An amount short enough to stand over a bar."""
    if fen == 0:
        return "0"
    unit = int(t("ov.unit.size"))
    return t("ov.unit", n=f"{fen / 100 / unit:.1f}")
