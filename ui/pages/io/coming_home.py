"""What came in and is no table to import: a filled call-back list, or a whole shop. Asked in a window, then
written; the page only hands the plans over.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from shopcrm.basics.errors import ConflictError
from shopcrm.basics.progress import Progress
from shopcrm.basics.records import BatchId, Done
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_day
from shopcrm.shop.homecoming import Clash, HomePlan, HomeResult
from shopcrm.shop.moving import MovePlan
from ui import theme
from ui.pages.base import Page
from ui.widgets import Combo, Dialog, Label, Line, SmallButton

if TYPE_CHECKING:
    from shopcrm.shop import Shop

_KEEP = -1  # of the choices for a clash: what is on file stays
_TALLEST = 330  # of the list of clashes; the rest is scrolled to
_ROOM = 560  # for their words
_SHOWN_ROWS = 4  # row numbers named for one clash


class FilledList(Dialog):
    """How many rows of a list would be recorded, and a choice for each that clashes. `accepted` means:
    record."""

    def __init__(self, parent: QWidget, plan: HomePlan) -> None:
        super().__init__(parent, t("home.title"), "file-import", "", 620)
        self.plan = plan
        self.combos: dict[int, Combo] = {}
        self.body.addWidget(Label(plan.file, "body_bold", wrap=True))
        self.body.addWidget(Label(self._counts(), "body", "tx2", wrap=True))
        if plan.clashes:
            self.body.addWidget(self._clashes())
        self.add_button(t("g.cancel"))
        self.go = self.add_button("", "primary")
        self._say_how_many()

    def _counts(self) -> str:
        plan = self.plan
        parts = (
            ("home.count.ready", len(plan.ready)),
            ("home.count.clash", plan.rows_clash),
            ("home.count.same", plan.rows_same),
            ("home.count.empty", plan.rows_empty),
        )
        said = [t(name, n=f"{n:,}") for name, n in parts if n]
        return t("home.count", n=f"{plan.rows:,}", parts=t("g.list").join(said))

    def _clashes(self) -> QWidget:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, theme.px(8), 0)
        column.setSpacing(theme.px(8))
        for place, clash in enumerate(self.plan.clashes):
            if place:
                column.addWidget(Line())
            column.addWidget(self._clash(place, clash))
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inner)
        wanted = (
            inner.heightForWidth(theme.px(560)) if inner.hasHeightForWidth() else inner.sizeHint().height()
        )
        area.setFixedHeight(min(theme.px(_TALLEST), wanted + theme.px(6)))
        holder = QWidget()
        box = QVBoxLayout(holder)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(8))
        head = QHBoxLayout()
        head.addWidget(Label(t("home.look"), "body_bold"), 1)
        if len(self.combos) > 1:
            self.all_theirs = SmallButton(t("home.use_all"), icon="file-spreadsheet")
            self.all_theirs.clicked.connect(self._on_all_theirs)
            head.addWidget(self.all_theirs)
        box.addLayout(head)
        box.addWidget(area)
        return holder

    def _clash(self, place: int, clash: Clash) -> QWidget:
        row = QWidget()
        column = QVBoxLayout(row)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(2))
        numbers = ", ".join(str(number) for _, number in clash.rows[:_SHOWN_ROWS])
        named = t("io.fix", r=numbers, name=clash.name) if clash.name else t("io.fix.row", r=numbers)
        column.addWidget(Label(named, "body_bold", wrap=True))
        column.addWidget(Label(t(clash.why.id, **clash.why.values), "small", "tx2", wrap=True))
        if clash.now is not None:
            now = t(clash.now.id, **clash.now.values)
            column.addWidget(Label(t("home.on_file", what=now), "small", "tx2", wrap=True))
        if not clash.offers:
            column.addWidget(Label(t("home.left_out"), "small", "warn", wrap=True))
            return row
        keep = t("home.keep") if clash.now is not None else t("home.skip")
        offers = [(at, t("home.use", what=offer.words)) for at, offer in enumerate(clash.offers)]
        combo = Combo([(_KEEP, keep), *offers])
        combo.setAccessibleName(named)
        combo.currentIndexChanged.connect(self._say_how_many)
        self.combos[place] = combo
        column.addSpacing(theme.px(6))
        column.addWidget(combo)
        column.addSpacing(theme.px(2))  # for the ring of the focus
        return row

    def chosen(self) -> dict[int, int]:
        """Clash to the offer taken for it."""
        picked = {place: combo.value() for place, combo in self.combos.items()}
        return {place: at for place, at in picked.items() if isinstance(at, int) and at != _KEEP}

    @Slot()
    def _on_all_theirs(self) -> None:
        for combo in self.combos.values():
            combo.setCurrentIndex(1)

    @Slot()
    def _say_how_many(self) -> None:
        number = len(self.plan.ready) + len(self.chosen())
        self.go.setText(t("home.go", n=f"{number:,}"))
        self.go.setEnabled(number > 0)


class WholeShopIn(Dialog):
    """What a whole shop holds, before it is taken in. `accepted` means: take it in."""

    def __init__(self, parent: QWidget, plan: MovePlan, words: str) -> None:
        super().__init__(parent, t("whole.ask"), "database", "", 500)
        self.body.addWidget(Label(plan.file, "body_bold", wrap=True))
        self.body.addWidget(Label(words, "body", wrap=True))
        self.body.addWidget(Label(t("whole.ask.undo"), "small", "tx2", wrap=True))
        self.add_button(t("g.cancel"))
        self.go = self.add_button(t("whole.go"), "primary")


class ComingHome(QObject):
    """Asks about such a plan over a page, has it written, and says what came of it."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._page, self._session = page, page.session

    def show(self, plan: HomePlan | MovePlan) -> None:
        """Ask what to do with a plan."""
        if isinstance(plan, MovePlan):
            day = show_day(plan.whole.day, self._session.today)
            counts = {name: f"{plan.count(name):,}" for name in ("member", "sale", "visit", "contact")}
            asked: Dialog = WholeShopIn(self._page, plan, t("whole.ask.text", day=day, **counts))
            asked.accepted.connect(partial(self._move, plan))
        else:
            asked = FilledList(self._page, plan)
            asked.accepted.connect(partial(self._record, asked))
        asked.open()

    def _record(self, asked: FilledList) -> None:
        self._session.do(
            partial(_record, asked.plan, asked.chosen()), origin=self._page, done=self._on_recorded,
            failed=partial(self._on_failed, asked.plan), progress=t("home.title"), say=False,
        )  # fmt: skip

    def _on_recorded(self, done: Done[HomeResult]) -> None:
        self._page.toast(t(done.sentence.id, **done.sentence.values), undo=done.entry is not None)

    def _on_failed(self, plan: HomePlan, error: Exception) -> None:
        if isinstance(error, ConflictError):  # something was entered meanwhile: asked again at once
            self._page.toast(error.sentence, "refresh")
            self._session.do(partial(_look_again, plan), origin=self._page, done=self.show)
        else:
            self._page.show_error(error)

    def _move(self, plan: MovePlan) -> None:
        self._session.do(
            partial(_move, plan),
            origin=self._page,
            done=self._on_moved,
            progress=t("whole.moving"),
            say=False,
        )

    def _on_moved(self, done: Done[BatchId]) -> None:
        self._session.reread_staff()
        self._page.toast(t(done.sentence.id, **done.sentence.values), undo=done.entry is not None)


def _record(plan: HomePlan, chosen: dict[int, int], shop: Shop, progress: Progress) -> object:
    return shop.homecoming.apply(plan, chosen, progress)


def _look_again(plan: HomePlan, shop: Shop, _progress: Progress) -> object:
    return shop.homecoming.plan(plan.book, plan.file)


def _move(plan: MovePlan, shop: Shop, progress: Progress) -> object:
    return shop.moving.apply(plan, progress)
