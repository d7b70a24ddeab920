"""Did follow-up work, in full: every rule, type, wording and assistant, those left out to compare with, and
why people stay away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from shopcrm.basics.records import (
    TYPE_KEYS,
    AwayRow,
    Changes,
    Effect,
    EffectAsk,
    EffectRow,
    Holdout,
    HoldoutRow,
    MemberId,
    Rate,
    WordingGap,
)
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_money
from ui import theme
from ui.pages.base import Layout, Navigator, Page
from ui.pages.overview.helped import STEPS
from ui.session import Session
from ui.theme.tokens import PAGE_SIDE
from ui.widgets import Banner, Button, Card, Combo, Label, Line, LineTabs, Segmented, SmallButton

if TYPE_CHECKING:
    from shopcrm.shop import ShopView

TABS = ("rule", "type", "wording", "staff", "holdout", "away")
SPANS = (90, 365, 36_500)
WITHIN = (14, 30)
SHARES = (0.0, 0.1, 0.2, 0.3, 0.5)
_HEAD, _ROW, _TALL = 28, 40, 50
_BUTTON_PAD = 12


class _Read(NamedTuple):
    effect: Effect
    compared: tuple[WordingGap, ...]
    holdout: Holdout
    away: tuple[AwayRow, ...]


class EffectPage(Page):
    """One table at a time; every number that counts people leads to them."""

    def __init__(self, session: Session, window: Navigator, page_id: str = "effect") -> None:
        super().__init__(session, window, page_id)
        self.title = t("effect.title")
        self.tabs = LineTabs([(key, t(f"effect.tab.{key}")) for key in TABS])
        self.span = Segmented([(str(days), t(f"effect.span.{days}")) for days in SPANS], digits=False)
        self.within = Segmented([(str(days), t("effect.within", n=days)) for days in WITHIN], digits=False)
        self.back = Button(t("mb.origin.overview"), icon="arrow-left", key="Esc")
        self.banner = Banner("info", closable=False)
        self.table = Table()
        self.note = Label("", "label", "tx2", wrap=True)
        self._read: _Read | None = None
        self._build()
        self.tabs.picked.connect(self._on_tab)
        self.span.picked.connect(self._on_span)
        self.within.picked.connect(self._on_within)
        self.back.clicked.connect(self._on_back)
        self.focus_first = self.tabs

    def _build(self) -> None:
        outer = QVBoxLayout(self)
        side = theme.px(PAGE_SIDE)
        outer.setContentsMargins(side, 0, side, theme.px(16))
        outer.setSpacing(theme.px(10))
        self._ways = QHBoxLayout()
        self._ways.setSpacing(theme.px(12))
        self._ways.addWidget(self.span)
        self._ways.addWidget(self.within)
        self._ways.addStretch(1)
        tabs = QHBoxLayout()
        tabs.addWidget(self.tabs)
        tabs.addStretch(1)
        outer.addLayout(tabs)
        outer.addLayout(self._ways)
        outer.addWidget(self.banner)
        card = Card()
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, theme.px(8), 0)
        column.setSpacing(theme.px(10))
        column.addWidget(self.table)
        column.addWidget(self.note)
        column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(inside)
        self.table.seen.connect(self._on_seen)
        card.body.addWidget(self._scroll)
        outer.addWidget(card, 1)
        self.toast_area = card
        self.middle = QWidget()
        row = QHBoxLayout(self.middle)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.back)

    # -- hooks --------------------------------------------------------------------------------------------

    def shown(self, **args: Any) -> None:
        """`tab` is one of TABS, `span` one of SPANS."""
        if "tab" in args:
            self.tabs.set_current(args["tab"])
        if "span" in args:
            self.span.set_current(args["span"])
            self._ask()
        self._show()

    def carry(self) -> dict[str, Any]:
        return {"tab": self.tabs.current(), "span": self.span.current()}

    def refresh(self, changes: Changes) -> None:
        if any((changes.members, changes.sales, changes.visits, changes.tasks, changes.settings)):
            self._ask()

    def apply_layout(self, layout: Layout) -> None:
        self.table.set_narrow(layout.width < 1060)

    def escape(self) -> bool:
        self._on_back()
        return True

    def _ask(self) -> None:
        days = int(self.span.current())

        def read(view: ShopView) -> _Read:
            found = view.effect(days)
            return _Read(found, view.wordings_compared(found), view.holdout(), view.away(days))

        self.session.query(read, key="effect", done=self._on_read)

    def _on_read(self, found: _Read) -> None:
        self._read = found
        self.within.set_current(str(found.effect.days))
        self._show()

    @Slot(str)
    def _on_tab(self, _key: str) -> None:
        self._show()

    @Slot(str)
    def _on_span(self, _key: str) -> None:
        self._ask()

    @Slot(str)
    def _on_within(self, key: str) -> None:
        self.session.do(lambda shop, _: shop.settings.set("effect_days", int(key)), origin=self)

    @Slot()
    def _on_back(self) -> None:
        self.navigate("overview")

    @Slot(QWidget)
    def _on_seen(self, widget: QWidget) -> None:
        self._scroll.ensureWidgetVisible(widget, 0, theme.px(_ROW))

    # -- what is shown ------------------------------------------------------------------------------------

    def _show(self) -> None:
        if self._read is None:
            return
        tab = self.tabs.current()
        self.span.setVisible(tab != "holdout")
        self.within.setVisible(tab != "away")
        self.banner.hide()
        if tab == "holdout":
            self._show_holdout(self._read.holdout)
        elif tab == "away":
            self._show_away(self._read.away)
        else:
            self._show_effect(self._read.effect, tab)

    def _show_effect(self, found: Effect, tab: str) -> None:
        rows = {"rule": found.rules, "type": found.types, "wording": found.wordings, "staff": found.staff}[
            tab
        ]
        heads = [
            t(f"effect.head.{tab}"),
            *(t(f"effect.{step}") for step in STEPS),
            t("effect.sum"),
            t("effect.rate"),
        ]
        table = [self._effect_cells(row, found, tab) for row in rows if row.contacts]
        if len(table) > 1:
            table.append(self._effect_cells(found.total._replace(name=t("effect.all")), found, ""))
        self.table.set_rows(heads, table, t("effect.table.none"))
        self.note.setText(t("effect.note", n=found.days))
        if tab == "wording" and self._read is not None and self._read.compared:
            lines = [t("effect.compare.title"), *map(_compared, self._read.compared), "", self.note.text()]
            self.note.setText("\n".join(lines))

    def _effect_cells(self, row: EffectRow, found: Effect, part: str) -> list[Cell]:
        name = row.name or t("effect.nobody")
        cells: list[Cell] = [Cell(name)]
        for step in STEPS:
            ask = EffectAsk(found.first, found.last, part, row.key, step)
            title = t("effect.of.title", name=name, step=t(f"effect.{step}"))
            number = getattr(row, step)
            cells.append(Cell(f"{number:,}", partial(self._people, ask, title) if number else None, title))
        return [*cells, Cell(show_money(row.fen)), Cell(_rate(row.over))]

    def _show_holdout(self, found: Holdout) -> None:
        few = found.members < found.least
        words = t("effect.holdout.few", n=found.members, m=found.least) if few else t("effect.holdout.note")
        self.banner.set_text(words)
        self.banner.show()
        may = not few and self.session.may("rules")
        heads = [t(f"effect.holdout.{name}") for name in ("share", "listed", "held", "gap", "says")]
        heads.insert(0, t("effect.head.rule"))
        self.table.set_rows(heads, [self._holdout_cells(row, may=may) for row in found.rows], "")
        self.note.setText(t("effect.holdout.how", n=found.days))

    def _actor(self) -> Any:
        return None if self.session.staff is None else self.session.staff.id

    def _holdout_cells(self, row: HoldoutRow, *, may: bool) -> list[Cell]:
        combo = Combo(
            [(share, t("effect.holdout.none") if not share else f"{share:.0%}") for share in SHARES]
        )
        combo.set_value(row.share)
        combo.setEnabled(may)
        combo.setAccessibleName(t("effect.holdout.of", name=row.name))
        combo.picked.connect(partial(self._on_share, row.rule))
        cells = [Cell(row.name), Cell("", widget=combo)]
        for held, rate in ((False, row.gap.first), (True, row.gap.second)):
            group = t("effect.holdout.held" if held else "effect.holdout.listed")
            title = t("effect.of.title", name=row.name, step=group)
            words = t("effect.share", n=rate.of, p=f"{rate.share:.0%}") if rate.of else "—"
            cells.append(Cell(words, partial(self._drawn, row.rule, held, title) if rate.of else None, title))
        is_drawn = bool(row.gap.first.of and row.gap.second.of)
        cells.append(Cell(_points(row.gap.value, row.gap.low, row.gap.high) if is_drawn else "—"))
        return [*cells, Cell(_says(row), wrap=True)]

    def _show_away(self, rows: Sequence[AwayRow]) -> None:
        heads = [t("effect.away.reason"), t("effect.away.all"), *(t(f"type.{key}") for key in TYPE_KEYS)]
        table = []
        for row in rows:
            cells = [Cell(row.name)]
            for kind in ("", *TYPE_KEYS):
                number = row.types.get(kind, 0) if kind else row.members  # type: ignore[call-overload]
                title = t("effect.of.title", name=row.name, step=t(f"type.{kind}")) if kind else row.name
                action = partial(self._stay_away, row.reason, kind, title) if number else None
                cells.append(Cell(f"{number:,}", action, title))
            table.append(cells)
        self.table.set_rows(heads, table, t("effect.away.none"))
        self.note.setText(t("effect.away.note"))

    # -- the people behind a number -----------------------------------------------------------------------

    def _people(self, ask: EffectAsk, title: str) -> None:
        self._open(lambda view: view.effect_members(ask), title)

    def _drawn(self, rule: str, held: bool, title: str) -> None:
        self._open(lambda view: view.drawn(rule, held=held), title)

    def _stay_away(self, reason: str, kind: str, title: str) -> None:
        days = int(self.span.current())
        self._open(lambda view: view.away_members(days, reason, kind), title)

    def _open(self, ask: Callable[[ShopView], tuple[MemberId, ...]], title: str) -> None:
        def show(members: tuple[MemberId, ...]) -> None:
            self.navigate("members", ids=members, title=title, origin="effect")

        self.session.query(ask, key="effect.people", done=show)

    def _on_share(self, rule: str, share: object) -> None:
        part = float(str(share))
        self.session.do(
            lambda shop, _: shop.comparing.leave_out(rule, part), origin=self, failed=self._on_refused,
            progress=t("progress.followups"),
        )  # fmt: skip

    def _on_refused(self, error: BaseException) -> None:
        self._ask()
        self.show_error(error)


# ---------------------------------------------------------------- words


def _rate(rate: Rate) -> str:
    """A share with its interval, or that there are too few."""
    if not rate.is_enough:
        return t("effect.few", n=rate.of)
    return t(
        "effect.rate.say", p=f"{rate.share:.0%}", n=rate.of, low=f"{rate.low:.0%}", high=f"{rate.high:.0%}"
    )


def _points(value: float, low: float, high: float) -> str:
    return t("effect.points", d=_signed(value), low=_signed(low), high=_signed(high))


def _signed(value: float) -> str:
    points = round(100 * value)
    return f"+{points}" if points > 0 else f"−{-points}" if points else "0"


def _says(row: HoldoutRow) -> str:
    if not (row.gap.first.of or row.gap.second.of or row.running):
        return t("effect.holdout.begun") if row.share else "—"
    words = [t(f"effect.holdout.says.{row.gap.says}")]
    if row.gap.first.of:
        words.append(t("effect.holdout.contacted", p=f"{row.contacted / row.gap.first.of:.0%}"))
    if row.running:
        words.append(t("effect.holdout.running", n=row.running))
    if row.is_mixed:
        words.append(t("effect.holdout.mixed"))
    return t("effect.join").join(words)


def _compared(found: WordingGap) -> str:
    gap = found.gap
    return t(
        "effect.compare", occasion=found.occasion, first=found.first.name, second=found.second.name,
        p=f"{gap.first.share:.0%}", n=gap.first.of, q=f"{gap.second.share:.0%}", m=gap.second.of,
        gap=_points(gap.value, gap.low, gap.high), says=t(f"effect.compare.says.{gap.says}"),
    )  # fmt: skip


# ---------------------------------------------------------------- the table


class Cell(NamedTuple):
    """One cell: words, what a click on them does, its name for who cannot see; or a widget of its own."""

    text: str
    action: Callable[[], object] | None = None
    title: str = ""
    wrap: bool = False
    widget: QWidget | None = None


class Table(QWidget):
    """Rows of cells under their heads; one stop for Tab, the arrows go from number to number."""

    seen = Signal(QWidget)  # an arrow key brought the focus there

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._inside: QWidget | None = None
        self.buttons: dict[tuple[int, int], _Number] = {}
        self._narrow = False
        self._shown: tuple[Sequence[str], list[list[Cell]], str] | None = None

    def set_narrow(self, narrow: bool) -> None:
        """Whether cells stand closer together."""
        self._narrow = narrow
        if self._inside is not None and isinstance(layout := self._inside.layout(), QGridLayout):
            layout.setHorizontalSpacing(theme.px(8 if narrow else 20))

    def set_rows(self, heads: Sequence[str], rows: Iterable[Sequence[Cell]], none: str) -> None:
        """Show these rows in place of those before; without any the words `none`."""
        had = next((place for place, button in self.buttons.items() if button.hasFocus()), None)
        if self._inside is not None:
            self._inside.hide()
            self._inside.deleteLater()
        self.buttons = {}
        self._inside = QWidget()
        grid = QGridLayout(self._inside)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(0)
        grid.setHorizontalSpacing(theme.px(8 if self._narrow else 20))
        shown = list(rows)
        wraps = {column for row in shown[:1] for column, cell in enumerate(row) if cell.wrap}
        numbers = {column for row in shown for column, cell in enumerate(row) if cell.action}
        for column, head in enumerate(heads if shown else ()):
            label = _aligned(Label(head, "small", "tx2"), column not in wraps and column)
            grid.addWidget(_inset(label) if column in numbers else label, 0, column)
            grid.setRowMinimumHeight(0, theme.px(_HEAD))
        for at, row in enumerate(shown):
            grid.addWidget(Line(), 2 * at + 1, 0, 1, len(heads))
            high = _TALL if any(cell.widget for cell in row) else _ROW
            grid.setRowMinimumHeight(2 * at + 2, theme.px(high))
            for column, cell in enumerate(row):
                place = Qt.AlignmentFlag.AlignRight if column and not cell.wrap else Qt.AlignmentFlag(0)
                widget = self._widget(cell, at, column)
                if column in numbers and isinstance(widget, Label):
                    _inset(widget)
                grid.addWidget(widget, 2 * at + 2, column, place)
        if shown:
            grid.setColumnStretch(min(wraps, default=0), 1)
        elif none:
            grid.addWidget(Label(none, "body", "tx2", wrap=True), 0, 0)
        self._column.addWidget(self._inside)
        first = next(iter(self.buttons.values()), None)
        for button in self.buttons.values():
            button.setFocusPolicy(_TAB if button is first else Qt.FocusPolicy.ClickFocus)
        if had is not None and self.buttons:
            self._go(min(self.buttons, key=lambda place: (abs(place[0] - had[0]), abs(place[1] - had[1]))))

    def _widget(self, cell: Cell, row: int, column: int) -> QWidget:
        if cell.widget is not None:
            return cell.widget
        if cell.action is None:
            label = Label(
                cell.text, "label" if cell.wrap else "body", "tx2" if column else "", wrap=cell.wrap
            )
            return _aligned(label, 0 if cell.wrap else column)
        button = _Number(cell.text, f"{cell.title} {cell.text}", (row, column))
        button.clicked.connect(cell.action)
        button.moved.connect(self._on_moved)
        self.buttons[row, column] = button
        return button

    @Slot(int, int, object)
    def _on_moved(self, down: int, right: int, place: tuple[int, int]) -> None:
        row, column = place
        if down:
            ahead = [at for at in self.buttons if (at[0] - row) * down > 0]
            nearest = min(ahead, key=lambda at: (abs(at[0] - row), abs(at[1] - column)), default=None)
        else:
            ahead = [at for at in self.buttons if at[0] == row and (at[1] - column) * right > 0]
            nearest = min(ahead, key=lambda at: abs(at[1] - column), default=None)
        if nearest is not None:
            self._go(nearest)

    def _go(self, place: tuple[int, int]) -> None:
        for at, button in self.buttons.items():
            button.setFocusPolicy(_TAB if at == place else Qt.FocusPolicy.ClickFocus)
        self.buttons[place].setFocus(Qt.FocusReason.TabFocusReason)
        self.seen.emit(self.buttons[place])


_TAB = Qt.FocusPolicy.StrongFocus


def _inset(label: Label) -> Label:
    """As far from the edge as the words of a button are, so that numbers stand under each other."""
    label.setContentsMargins(0, 0, theme.px(_BUTTON_PAD), 0)
    return label


def _aligned(label: Label, column: int) -> Label:
    side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
    label.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
    return label


class _Number(SmallButton):
    """A number that leads to the people it counts."""

    moved = Signal(int, int, object)  # rows down, columns to the right, from which place

    def __init__(self, text: str, name: str, place: tuple[int, int]) -> None:
        super().__init__(text)
        self.setAccessibleName(name)
        self._place = place

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ways = {
            Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0),
            Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1),
        }  # fmt: skip
        if event.key() in ways:
            self.moved.emit(*ways[Qt.Key(event.key())], self._place)
        else:
            super().keyPressEvent(event)
