"""Today: the day's to-dos in working order, and the card of the one that is current."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from shopcrm.basics.errors import ConflictError, InputError
from shopcrm.basics.progress import Progress
from shopcrm.basics.records import (
    TYPE_KEYS,
    Changes,
    DayList,
    Done,
    OutcomeDraft,
    TaskId,
    TaskRow,
    WithheldRow,
)
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_day, show_phone, show_weekday
from ui import theme
from ui.pages.base import Layout, Navigator, Page
from ui.pages.today.foot import Foot, Whose
from ui.pages.today.handled import Handled
from ui.pages.today.hands import SHOP, Hands
from ui.pages.today.outcome import Steps
from ui.pages.today.output import Output
from ui.pages.today.rows import ROW_TODO, TaskRows
from ui.session import Session
from ui.tables import TASKS, ListFrame, ListView, PagedModel
from ui.theme.tokens import CARD_GAP, PAGE_SIDE
from ui.widgets import Button, EmptyState, Label, ProgressLine, StrategyStrip, TabBar
from ui.widgets.clipboard import Clipboard

if TYPE_CHECKING:
    from shopcrm.shop import Shop, ShopView
    from ui.pages.today.detail import DetailPane
    from ui.pages.today.empty import AllDone, NoMembers
    from ui.pages.today.strategy import StrategyCard

TODAY, WAITING, TOMORROW = "today", "waiting", "tomorrow"  # what is listed: today's, with those that wait
IDLE_MS = 800  # after the list was read, who must not be contacted is looked up
DIGITS = {
    Qt.Key.Key_1: 1,
    Qt.Key.Key_2: 2,
    Qt.Key.Key_3: 3,
    Qt.Key.Key_4: 4,
    Qt.Key.Key_5: 5,
    Qt.Key.Key_6: 6,
}


class CardPlace(QFrame):
    """Keeps the room of the card until that is made, and tells when the window is painted without it."""

    painted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("frame", "card")

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.painted.emit()


class TodayPage(Page):
    """List, card, six outcomes: two keys a customer."""

    tells_open = True
    no_ring = True  # it has the focus itself where the card alone is shown

    def __init__(self, session: Session, window: Navigator, page_id: str = "today") -> None:
        super().__init__(session, window, page_id)
        self.title = t("nav.today")
        self._days = DayList(session.today, (), (), ())
        self._ahead: DayList | None = None  # tomorrow's list, while it is shown
        self._is_read = False  # the first answer is here: what is empty is empty
        self._tab = "all"
        self._part = TODAY
        self._handled = Handled()
        self._withheld: tuple[WithheldRow, ...] = ()
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(IDLE_MS)
        self._waiting_ids: frozenset[int] = frozenset()
        self._variant = 0
        self._copied_here = False
        self._strategy_card: StrategyCard | None = None  # made when first asked for
        self._saving = False
        self._layout = Layout("normal", 1366, 697)
        self._detail_open = False  # only where list and detail are shown one at a time
        self._clipboard = Clipboard(self)
        self._output = Output(self)
        self.hands = Hands(self)
        self._rows = TaskRows(self._today, self._is_waiting, self._is_handled)
        self.model = PagedModel(session, TASKS, self._rows.columns("normal", False), self._rows.sentence)
        self.list = ListView(self.model, ROW_TODO, ticks=True)
        self._steps: Steps | None = None
        self._detail: DetailPane | None = None
        self._build()
        self._connect()
        self.focus_first = self.list
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    # -- building -----------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._whole = QStackedWidget(self)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._whole)
        work = QWidget()
        self._whole.addWidget(work)
        self._row = QHBoxLayout(work)
        self._row.addWidget(self._build_left(), 1)
        self._place = CardPlace()
        self._place.painted.connect(self._on_painted)
        self._row.addWidget(self._place)
        self._build_header()
        self._order()
        self._scale()

    def _build_left(self) -> QWidget:
        self._left = QWidget()
        column = QVBoxLayout(self._left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        self._tabs_row = tabs = QHBoxLayout()
        tabs.setSpacing(theme.px(4))
        types: list[tuple[str, str, str]] = [(key, t("type." + key), key) for key in TYPE_KEYS]
        self.tabs = TabBar([("all", t("g.all"), ""), *types])
        self.done_tab = TabBar([("done", t("today.done"), "")])
        self.done_tab.set_current("")
        self.whose = Whose()
        tabs.addWidget(self.tabs)
        tabs.addStretch(1)
        tabs.addWidget(self.whose)
        tabs.addWidget(self.done_tab)
        column.addLayout(tabs)
        self.strategy = StrategyStrip()
        self.strategy.hide()
        column.addWidget(self.strategy)

        self._stack = QStackedWidget()
        self._frame = ListFrame(self.list)
        self._stack.addWidget(self._frame)
        self.toast_area = self._stack
        column.addWidget(self._stack, 1)
        self.foot = Foot()
        column.addWidget(self.foot)
        return self._left

    def _build_header(self) -> None:
        self.middle = QWidget()
        row = QHBoxLayout(self.middle)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(10))
        self.back = Button(t("today.back"), icon="arrow-left", key="Esc")
        self._position = Label("", "body", "tx2")
        self.progress = ProgressLine(130)
        self._progress_words = Label("", "body", "tx2")
        for widget in (self.back, self._position, self.progress, self._progress_words):
            row.addWidget(widget)
        self.back.hide()
        self._position.hide()

    def _connect(self) -> None:
        self.tabs.picked.connect(self._on_tab)
        self.done_tab.picked.connect(self._on_tab)
        self.whose.clicked.connect(self._on_whose)
        self.hands.changed.connect(self._on_whose_changed)
        self.hands.given.connect(self._on_given)
        self.list.current_changed.connect(self._on_current)
        self.list.opened.connect(self._on_opened)
        self.list.clicked.connect(self._on_clicked)
        self.list.menu_wanted.connect(self._on_menu)
        self.list.ticks_changed.connect(self._on_ticks)
        foot = self.foot
        self._idle.timeout.connect(self.ask_withheld)
        foot.withheld_wanted.connect(self._on_withheld)
        foot.waiting_wanted.connect(self._on_waiting)
        foot.export_wanted.connect(self._on_export)
        foot.print_wanted.connect(self._on_print)
        foot.give_wanted.connect(self._on_give)
        foot.forward_wanted.connect(self._on_forward)
        foot.untick_wanted.connect(self._on_untick)
        self.back.clicked.connect(self._on_back)
        self.strategy.clicked.connect(self._on_strategy)
        self.session.staff_changed.connect(self._on_staff_changed)

    @property
    def detail(self) -> DetailPane:
        """The card of the current person: made once the list is painted, or for whoever asks sooner."""
        if self._detail is None:
            self._make_detail()
        assert self._detail is not None
        return self._detail

    @Slot()
    def _on_painted(self) -> None:
        QTimer.singleShot(0, self._make_detail)

    @Slot()
    def _make_detail(self) -> None:
        if self._detail is not None:
            return
        from ui.pages.today.detail import DetailPane

        self._detail = made = DetailPane(self.session)
        made.copy_phone_wanted.connect(self._copy_phone)
        made.copy_message_wanted.connect(self._copy_message)
        made.another_wanted.connect(self._another)
        made.keep_wanted.connect(self._keep_words)
        made.save_wanted.connect(self._save)
        made.take_back_wanted.connect(self._take_back)
        if self._steps is not None:
            made.form.steps = self._steps
        self._row.insertWidget(self._row.indexOf(self._place), made)
        made.setVisible(not self._place.isHidden())
        self._row.removeWidget(self._place)
        self._place.hide()
        self._place.deleteLater()
        self._fit_detail()
        self._order()
        self._row.activate()  # what has room in it is known by its size
        self._on_current(self.list.current_id())

    def _order(self) -> None:
        """Tab goes the way one reads: tabs, list, card from above, what stands under the list."""
        tabs = [*self.tabs.findChildren(QAbstractButton), self.whose]
        done = self.done_tab.findChildren(QAbstractButton)
        fields = [] if self._detail is None else self._detail.fields()
        chain = [*tabs, *done, self.list, *fields, *self.foot.fields()]
        for widget in chain:
            if isinstance(widget, Button):  # a click leaves the focus where digits and Enter are outcomes
                widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)

    @cached_property
    def _nothing(self) -> EmptyState:
        """Shown where nobody stands under a tab; not made before."""
        self._nothing_frame = ListFrame(QWidget())
        made = EmptyState("circle-check", t("em.type"), t("em.type.text"))
        inside = self._nothing_frame.layout()
        if inside is not None:
            inside.addWidget(made)
        self._stack.addWidget(self._nothing_frame)
        return made

    @cached_property
    def _all_done(self) -> AllDone:
        """Shown when the day's work is done; not made before."""
        from ui.pages.today.empty import AllDone

        made = AllDone()
        made.log_wanted.connect(self._on_log)
        made.waiting_wanted.connect(self._on_waiting)
        made.ahead_wanted.connect(self._on_ahead)
        self._stack.addWidget(made)
        return made

    @cached_property
    def _no_members(self) -> NoMembers:
        """Shown in an empty shop; not made before."""
        from ui.pages.today.empty import NoMembers

        made = NoMembers()
        made.file_wanted.connect(self._on_file)
        made.new_wanted.connect(self._on_new)
        made.sample_wanted.connect(self._on_sample)
        self._whole.addWidget(made)
        return made

    def _scale(self) -> None:
        side, gap = theme.px(PAGE_SIDE), theme.px(CARD_GAP)
        self._row.setContentsMargins(side, 0, side, gap)
        self._row.setSpacing(gap)
        self._fit_detail()
        self.foot.scale()

    def _fit_detail(self) -> None:
        place: QWidget = self._place
        if self._detail is not None:
            self._detail.set_layout(self._layout.name)
            place = self._detail
        if self._layout.single:
            place.setMinimumWidth(0)
            place.setMaximumWidth(16_777_215)
        else:
            place.setFixedWidth(theme.px(self._layout.card))

    def hideEvent(self, event: QHideEvent) -> None:
        self._idle.stop()
        super().hideEvent(event)

    # -- hooks --------------------------------------------------------------------------------------------

    def shown(self, **args: Any) -> None:
        wanted = args.get("type")
        if "whose" in args:
            self._part = args["part"]
            self.hands.show(args["whose"])
        if wanted in (*TYPE_KEYS, "done"):
            self._on_tab(str(wanted))
        if self._whole.currentIndex() == 0 and not self._detail_open:
            self.list.setFocus()

    def hidden_(self) -> None:
        self._idle.stop()
        if any(task in self._handled for task in self.model.ids):
            self.model.set_ids(task for task in self.model.ids if task not in self._handled)

    def refresh(self, changes: Changes) -> None:
        """The list again; what was typed for the current person stays while she stays current."""
        if any(
            (changes.tasks, changes.members, changes.types, changes.sales, changes.visits, changes.settings)
        ):
            self._reload()
        if changes.settings:
            self._show_strategy()
            if self._detail is None:  # what it is made with is new
                return
            if self._detail.is_edited():
                self._detail.forget_kept()
            else:
                self._show_message()

    def apply_layout(self, layout: Layout) -> None:
        self._layout = layout
        single = layout.single
        if not single:
            self._detail_open = False
        self._scale()
        short = layout.name == "compact"
        for key in TYPE_KEYS:
            self.tabs.set_text(key, t(("today.short." if short else "type.") + key))
        self.done_tab.set_text("done", t("today.done_short" if short else "today.done"))
        self.foot.set_layout(layout.name)
        if short:
            self.foot.right_row.insertWidget(0, self.whose)
        else:
            self._tabs_row.insertWidget(2, self.whose)
        self._order()
        self.list.set_columns(self._rows.columns("normal" if single else layout.name, self._tab == "done"))
        self._show_parts()

    def escape(self) -> bool:
        if self._strategy_card is not None and self._strategy_card.isVisible():
            self._strategy_card.hide()
            return True
        if self._layout.single and self._detail_open:
            self._on_back()
            return True
        if self.detail.form.outcome() and self._tab != "done":
            self.detail.form.clear()
            self.list.setFocus()
            return True
        if self.list.ticked_ids():
            self._on_untick()
            return True
        if not self.list.hasFocus() and self.list.isVisible():
            self.list.setFocus()
            return True
        if self._part != TODAY:
            self._show_part(TODAY)
            return True
        return False

    def recompute(self) -> bool:
        self._handled.let_go()
        self.session.start_day()
        return True

    def carry(self) -> dict[str, Any]:
        return {"type": self._tab, "whose": self.hands.whose, "part": self._part}

    # -- reading ------------------------------------------------------------------------------------------

    def _today(self) -> date:
        return self.session.today

    def _is_waiting(self, task: int) -> bool:
        return task in self._waiting_ids

    def _is_handled(self, task: int) -> bool:
        return task in self._handled

    def _reload(self) -> None:
        """Ask for the day's list; in a large shop it takes longer than the screen may wait."""
        staff, part = self.hands.staff(), self._part

        def days(view: ShopView) -> tuple[DayList, DayList | None, bool, Steps]:
            listed = view.day_list(staff, whole=part == WAITING)
            ahead = view.tomorrow(staff)[0] if part == TOMORROW else None
            has_members = bool(listed.open) or view.total() > 0  # members are only counted without a to-do
            return listed, ahead, has_members, Steps.of(view.setting)

        self.session.query(days, key="today.days", done=self._on_days)

    def _on_days(self, answer: tuple[DayList, DayList | None, bool, Steps]) -> None:
        self._days, self._ahead, has_members, self._steps = answer
        if self._detail is not None:
            self._detail.form.steps = self._steps
        self._is_read = True
        self._waiting_ids = frozenset(self._days.waiting)
        if not self._days.behind and self._part == WAITING:
            self._part = TODAY
        if has_members:
            self._whole.setCurrentIndex(0)
        else:
            self._whole.setCurrentWidget(self._no_members)
        self._show_list()
        if has_members and self.isVisible():
            self._idle.start()

    @Slot()
    def ask_withheld(self) -> None:
        """Look up who would be on the list and must not be contacted."""
        if not self.session.is_open:  # closed while the page was idle
            return
        self.session.query(lambda view: view.withheld(), key="today.withheld", done=self._on_withheld_known)

    def _on_withheld_known(self, rows: tuple[WithheldRow, ...]) -> None:
        self._withheld = rows
        self.foot.set_withheld(len(rows))

    @Slot()
    def _on_withheld(self) -> None:
        from ui.dialogs.withheld import Withheld  # not on the way to the first list

        dialog = Withheld(self, self._withheld)
        dialog.wanted.connect(self.open_member)
        dialog.open()

    def _show_list(self) -> None:
        """The list of the tab chosen, from the day's list at hand."""
        if self._tab == "done":
            self._handled.let_go()
        own = self.session.staff.name if self.session.staff else ""
        ids = self._handled.keep(self.model.ids, self._ids(), self.session.view.tasks, own, self._today())
        self._show_numbers()
        if list(self.model.ids) == ids:
            self.model.touch(ids)
            self._on_current(self.list.current_id())
        else:
            self.model.set_ids(ids)
            self._skip_handled()
        self._on_ticks(len(self.list.ticked_ids()))
        self._show_parts()

    def _listed(self) -> tuple[TaskId, ...]:
        """What is to be done, in working order, of all types."""
        if self._ahead is not None:
            return self._ahead.open
        return self._days.open + (self._days.waiting if self._part == WAITING else ())

    def _type(self, task: TaskId) -> str:
        return (self._ahead or self._days).types[task]

    def _ids(self) -> list[int]:
        """The to-dos of the tab chosen, in working order."""
        if self._tab == "done":
            return list(self._days.done)
        return [task for task in self._listed() if self._tab in ("all", self._type(task))]

    def _skip_handled(self) -> None:
        """The next one who still is to be contacted becomes current."""
        at = self.list.currentIndex().row()
        after = [*range(at, len(self.model.ids)), *range(at - 1, -1, -1)]
        free = next((row for row in after if self.model.id_at(row) not in self._handled), at)
        if free != at:
            self.list.select_row(free)

    def _show_numbers(self) -> None:
        days, listed = self._days, self._listed()
        self.tabs.set_count("all", len(listed))
        for key in TYPE_KEYS:
            self.tabs.set_count(key, sum(self._type(task) == key for task in listed))
        self.done_tab.set_count("done", len(days.done))
        a, b = len(days.done), len(days.done) + len(days.open)
        self.progress.set_progress(a, b)
        self._progress_words.setText(t("today.progress", a=a, b=b))
        if self.hands.whose == SHOP:
            self.set_badge(len(days.open))
        else:
            self.session.query(lambda view: view.open_count(), key="today.badge", done=self.set_badge)
        if self._tab == "done":
            self.foot.set_waiting("", "")
        elif self._ahead is not None:
            self.foot.set_waiting(t("today.tomorrow", n=len(listed)), t("today.tomorrow.back"))
        elif days.behind:
            button = "today.waiting.hide" if self._part == WAITING else "today.waiting.show"
            self.foot.set_waiting(t("today.waiting", a=len(days.open), b=days.behind), t(button))
        else:
            self.foot.set_waiting("", "")

    def _show_parts(self) -> None:
        """Which parts are there: list or empty state, card, strip, hints, back button."""
        days, done_tab = self._days, self._tab == "done"
        has_rows = bool(self.model.ids)
        open_here = not done_tab and self._part == TODAY
        all_done = not has_rows and open_here and not days.open and self.hands.whose == SHOP and self._is_read
        if has_rows or not self._is_read:
            self._stack.setCurrentWidget(self._frame)
        elif all_done:
            self._all_done.set_done(self.session.view.tasks(days.done), days.behind)
            self._stack.setCurrentWidget(self._all_done)
            self.session.query(lambda view: view.tomorrow(), key="today.tomorrow", done=self._on_tomorrow)
        else:
            self._show_nothing_words()
            self._stack.setCurrentWidget(self._nothing_frame)
        if not has_rows:
            self._detail_open = False
        single = self._layout.single
        self._left.setVisible(not (single and self._detail_open))
        self.toast_area = self.detail.about if single and self._detail_open else self._stack
        place: QWidget = self._place if self._detail is None else self._detail
        place.setVisible(self._detail_open if single else has_rows)
        self.strategy.setVisible(self._tab in TYPE_KEYS and not all_done)
        self.foot.setVisible(not all_done)
        self.foot.set_done(done_tab)
        self.foot.export.setVisible(bool(days.open or days.behind))
        self.foot.print.setVisible(has_rows)
        self.whose.setText(self.hands.words())
        self.whose.setVisible(len(self.hands.people()) > 1 and not all_done)
        self._show_header()

    def _on_tomorrow(self, answer: tuple[DayList, int]) -> None:
        days, coming = answer
        self._all_done.set_tomorrow(len(days.open), coming)

    def _show_nothing_words(self) -> None:
        if self._tab == "done":
            self._nothing.set_texts(t("em.donetab"), t("em.donetab.text"))
        elif self._tab == "all" and self.hands.whose != SHOP:
            self._nothing.set_texts(t("em.person", name=self.hands.words()), t("em.type.text"))
        else:
            self._nothing.set_texts(t("em.type"), t("em.type.text"))

    def _show_header(self) -> None:
        members = self._whole.currentIndex() == 0
        apart = self._layout.single and self._detail_open
        self.back.setVisible(apart)
        self._position.setVisible(apart)
        self.progress.setVisible(members and not apart)
        self._progress_words.setVisible(members and not apart)
        today = self._today()
        day = today if self._ahead is None else self._ahead.day
        words = t("today.date", date=show_day(day, today), weekday=show_weekday(day))
        self.set_fact("" if apart or self._layout.name == "compact" else words)

    # -- the current person -------------------------------------------------------------------------------

    @Slot(int)
    def _on_current(self, task_id: int) -> None:
        if self._detail is None:  # shown when it is made
            return
        row = self.model.row(self.model.row_of(task_id))
        card = self.session.view.member(row.member) if isinstance(row, TaskRow) else None
        if not isinstance(row, TaskRow) or card is None:
            self.detail.set_nobody()
            return
        before = self.detail.task
        again = before is not None and (before.id, before.state) == (row.id, row.state)
        done = self._tab == "done"
        self.detail.set_person(row, card, self._today(), done=done)
        self.detail.set_cautions(() if done else self.session.view.cautions(row))
        if not again:
            self._variant = 0
            self._copied_here = row.copied
            self._show_message()
        place = self.model.row_of(task_id) + 1
        self._position.setText(t("today.pos", i=place, n=len(self.model.ids)))

    def _show_message(self) -> None:
        task = self.detail.task
        if task is not None:
            self.detail.set_message(self.session.view.message(task.id, self._variant))

    @Slot()
    def _keep_words(self) -> None:
        task, text = self.detail.task, self.detail.message_text()
        if task is not None and text:
            task_id = task.id
            self._focus_work()  # the button goes: the next digit is an outcome again
            self.session.do(
                lambda shop, _: shop.words.keep(task_id, text),
                origin=self, done=self._on_kept, failed=self._on_not_kept, busy=self.detail.keep,
            )  # fmt: skip

    def _on_kept(self, result: Done[int]) -> None:
        self.detail.set_kept(f"own:{result.value}", str(result.sentence.values["name"]))

    def _on_not_kept(self, error: Exception) -> None:
        if isinstance(error, InputError):
            self.toast(error.sentence, "alert-circle")
        else:
            self.show_error(error)

    @Slot()
    def _on_strategy(self) -> None:
        from ui.pages.today.strategy import StrategyCard  # not on the way to the first list

        if self._strategy_card is None:
            self._strategy_card = StrategyCard(self.strategy)
            self._strategy_card.change_wanted.connect(self._on_change_strategy)
        if self._strategy_card.isVisible():
            self._strategy_card.hide()
        elif self._tab in TYPE_KEYS:
            self._strategy_card.open(self._tab, self.session.view.strategy(self._tab))

    def _show_strategy(self) -> None:
        if self._tab in TYPE_KEYS:
            told = self.session.view.strategy(self._tab)
            self.strategy.set_strategy(self._tab, told.title, told.actions)

    @Slot(str)
    def _on_change_strategy(self, type_key: str) -> None:
        self.navigate("settings", place="words", carried={"entry": "strategy." + type_key})

    @Slot()
    def _another(self) -> None:
        self._variant += 1
        self._show_message()

    # -- copying ------------------------------------------------------------------------------------------

    @Slot(str)
    def _copy_phone(self, phone: str) -> None:
        self._clipboard.copy(phone, _Copied(self, t("mb.phonecopied", phone=show_phone(phone))))

    @Slot()
    def _copy_message(self) -> None:
        text, task = self.detail.message_text(), self.detail.task
        if self.detail.has_gaps():
            self.toast(t("words.gaps"), "alert-circle")
            self.detail.message.setFocus()
            return
        if text and task is not None and not task.may_message:
            self.toast(t("mb.nomessage"), "message-off")
        elif text and task is not None:
            self._clipboard.copy(text, _Copied(self, t("today.copied"), task))

    def copied(self, worked: bool, words: str, task: TaskRow | None) -> None:
        """The clipboard's answer: say it, and mark the to-do whose message was copied."""
        if not worked:
            self.toast(
                t("copy.failed"),
                "alert-circle",
                action=t("g.retry"),
                slot=self._copy_message if task else self._copy_current_phone,
            )
            return
        why = self.detail.caution() if task is not None and task == self.detail.task else ""
        if why:
            self.toast(t("today.copied.but", why=why), "alert-triangle")
        else:
            self.toast(words)
        if task is None or task.state != "open":
            return
        self._copied_here = True
        task_id = task.id

        def mark(shop: Shop, _progress: Progress) -> object:
            return shop.followups.copied(task_id)

        self.session.do(mark, origin=self, say=False)

    @Slot()
    def _copy_current_phone(self) -> None:
        card = self.detail.card
        if card is not None and card.phones and not card.may_dial:
            self.toast(t("mb.nodial"), "message-off")
        elif card is not None and card.phones:
            self.detail.head.copy_phone()

    # -- outcomes -----------------------------------------------------------------------------------------

    @Slot()
    def _save(self) -> None:
        task = self.detail.task
        if task is None or self._saving:
            return
        if not self.detail.form.is_ready and self.detail.form.outcome():
            self.detail.form.say_wrong(t("today.changehint" if self._tab == "done" else "today.handled"))
            return
        message = self.detail.message_text() if self._copied_here else ""
        draft = self.detail.form.draft(message, self.detail.template if message else "")
        if draft is None:
            self.detail.form.need_outcome()
            return
        self._saving = True
        job = _Outcome(task.id, draft, change=self._tab == "done")
        self.session.do(
            job, origin=self, done=self._on_saved, failed=self._on_failed, busy=self.detail.form.save
        )

    def _on_saved(self, result: Done[TaskId]) -> None:
        self._saving = False
        if self._tab != "done":
            self._handled.finish(result.value)
        if self._tab != "done" and self.model.row_of(result.value) >= 0:
            # The new list is on its way; the next digit must already be about the next person.
            self.model.set_ids(task for task in self.model.ids if task != result.value)
            self._skip_handled()
        self._focus_work()

    def _focus_work(self) -> None:
        """The focus to where digits are outcomes."""
        if self._layout.single and self._detail_open:
            self.setFocus()
        else:
            self.list.setFocus()

    def _on_failed(self, error: Exception) -> None:
        self._saving = False
        if isinstance(error, InputError):
            self.detail.form.say_wrong(error.sentence)
            return
        self.show_error(error)
        if isinstance(error, ConflictError):  # somebody was faster
            self._reload()

    @Slot()
    def _take_back(self) -> None:
        task = self.detail.task
        if task is None or self._saving or self._tab != "done":
            return
        self._saving = True
        task_id = task.id

        def reopen(shop: Shop, _progress: Progress) -> object:
            return shop.followups.reopen(task_id)

        self.session.do(reopen, origin=self, done=self._on_taken_back, failed=self._on_failed)

    def _on_taken_back(self, _result: object) -> None:
        self._saving = False
        self.list.setFocus()

    # -- choosing what is listed --------------------------------------------------------------------------

    @Slot(str)
    def _on_tab(self, key: str) -> None:
        was_done, self._tab = self._tab == "done", key
        self.list.clear_ticks()
        self._handled.let_go()
        self.tabs.set_current("" if key == "done" else key)
        self.done_tab.set_current("done" if key == "done" else "")
        if key in TYPE_KEYS:
            self._show_strategy()
        if was_done != (key == "done"):
            name = "normal" if self._layout.single else self._layout.name
            self.list.set_columns(self._rows.columns(name, key == "done"))
        self._show_list()
        if self.model.ids and not self.tabs.isAncestorOf(QApplication.focusWidget() or self.list):
            self.list.setFocus()

    @Slot()
    def _on_whose(self) -> None:
        self.hands.open_whose(self.whose.mapToGlobal(QPoint(0, self.whose.height() + theme.px(2))))

    @Slot()
    def _on_whose_changed(self) -> None:
        self.list.clear_ticks()
        self._handled.let_go()
        self._reload()

    @Slot()
    def _on_staff_changed(self) -> None:
        self._reload()

    @Slot()
    def _on_waiting(self) -> None:
        self._show_part(WAITING if self._part == TODAY else TODAY)

    @Slot()
    def _on_ahead(self) -> None:
        self._show_part(TOMORROW)

    def _show_part(self, part: str) -> None:
        """List only today's, today's with those that wait, or tomorrow's."""
        self._part = part
        self._handled.let_go()
        if self._tab == "done":
            self._on_tab("all")
        self.list.clear_ticks()
        self._reload()
        self.list.setFocus()

    @Slot()
    def _on_log(self) -> None:
        self._on_tab("done")

    # -- list, detail, menu -------------------------------------------------------------------------------

    @Slot(int)
    def _on_opened(self, _task: int) -> None:
        if self._layout.single and not self._detail_open:
            self._open_detail()
        elif QApplication.mouseButtons() != Qt.MouseButton.NoButton:  # a double click
            self.detail.focus_outcome()
        else:
            self._on_entered()

    def _on_entered(self) -> None:
        """Enter: save and next; of what is done, begin to put it right."""
        if self._tab == "done" and not self.detail.form.is_ready:
            self.detail.focus_outcome()
        else:
            self._save()

    @Slot()
    def _on_clicked(self) -> None:
        if self._layout.single:
            self._open_detail()

    def _open_detail(self) -> None:
        if self.detail.task is not None:
            self._detail_open = True
            self._show_parts()
            self.setFocus()

    @Slot()
    def _on_back(self) -> None:
        self._detail_open = False
        self._show_parts()
        self.list.setFocus()

    @Slot(int, QPoint)
    def _on_menu(self, task: int, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(t("today.copy")).triggered.connect(self._copy_message)
        card = self.detail.card
        if card is not None and card.phones:
            menu.addAction(t("today.copyphone")).triggered.connect(self._copy_current_phone)
        menu.addAction(t("today.another")).triggered.connect(self._another)
        menu.addSeparator()
        for number in range(1, 7):
            menu.addAction(t("out." + str(number))).setData(number)
        if self._tab == "done":
            menu.addAction(t("today.takeback")).triggered.connect(self._take_back)
        else:
            menu.addSeparator()
            ticked = self.list.is_ticked(task)
            menu.addAction(t("today.untick" if ticked else "today.tick")).triggered.connect(self._on_tick)
            self.hands.add_people(menu.addMenu(t("today.give")), self._chosen())
            if self._is_waiting(task):
                menu.addAction(t("today.forward")).triggered.connect(self._on_forward)
        menu.addSeparator()
        menu.addAction(t("search.ctrlenter")).triggered.connect(self._on_see_card)
        menu.addAction(t("mb.log")).triggered.connect(self._on_book)
        menu.triggered.connect(self._on_menu_picked)
        menu.popup(place)

    @Slot(object)
    def _on_menu_picked(self, action: Any) -> None:
        if isinstance(action.data(), int):
            self.detail.form.toggle(action.data())

    # -- several at once ----------------------------------------------------------------------------------

    def _chosen(self) -> list[TaskId]:
        """The to-dos ticked, else the current one."""
        ids = self.list.ticked_ids() or [self.list.current_id()]
        return [TaskId(task) for task in ids if task >= 0]

    @Slot(int)
    def _on_ticks(self, number: int) -> None:
        if number and self._tab == "done":  # nothing is done with several of them
            self.list.clear_ticks()
            return
        self.foot.set_ticked(number, sum(map(self._is_waiting, self.list.ticked_ids())))

    @Slot()
    def _on_tick(self) -> None:
        self.list.tick_current()

    @Slot()
    def _on_untick(self) -> None:
        self.list.clear_ticks()
        self.list.setFocus()

    @Slot()
    def _on_give(self) -> None:
        if self._tab != "done" and self._chosen():
            button = self.foot.give
            if button.isVisible():
                place = button.mapToGlobal(QPoint(0, button.height() + theme.px(2)))
            else:
                row = self.list.visualRect(self.list.currentIndex())
                place = self.list.viewport().mapToGlobal(row.bottomLeft())
            self.hands.open_give(self._chosen(), place)

    @Slot()
    def _on_forward(self) -> None:
        self.hands.bring_forward([task for task in self._chosen() if self._is_waiting(task)])

    @Slot()
    def _on_given(self) -> None:
        self._on_untick()

    @Slot()
    def _on_see_card(self) -> None:
        if self.detail.card is not None:
            self.open_member(int(self.detail.card.id))

    @Slot()
    def _on_book(self) -> None:
        if self.detail.card is not None:
            self.navigate("counter", member=int(self.detail.card.id))

    # -- leaving the page ---------------------------------------------------------------------------------

    @Slot()
    def _on_export(self) -> None:
        if self._days.open or self._days.behind:
            self._output.export(self._tab, self.hands.staff())

    @Slot()
    def _on_print(self) -> None:
        """The list as it is shown, or the rows that are ticked."""
        ticked = self.list.ticked_ids()
        tasks = [TaskId(task) for task in ticked or self.model.ids]
        if tasks and self._tab == "done":
            self._output.print_done(tasks)
        elif tasks:
            staff, ahead = self.hands.staff(), self._ahead is not None
            self._output.print_open(tasks, self._tab, staff, ahead=ahead, is_part=bool(ticked))

    @Slot()
    def _on_file(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self.window(), t("em.new.1"), "", t("em.new.files"))
        if chosen:
            self.navigate("io", file=Path(chosen))

    @Slot()
    def _on_new(self) -> None:
        from ui.dialogs.member_edit import MemberEdit  # not on the way to the first list

        dialog = MemberEdit(self, self.session)
        dialog.wanted.connect(self.open_member)
        dialog.open()

    @Slot()
    def _on_sample(self) -> None:
        self.window_.open_shop("sample")

    # -- keys ---------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if self._whole.currentIndex() != 0:
            super().keyPressEvent(event)
        elif key in DIGITS and not control and not shift and self.detail.task is not None:
            self.detail.form.toggle(DIGITS[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not control:
            self._on_entered()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self._copy_message()
        elif control and shift and key == Qt.Key.Key_C:
            self._copy_current_phone()
        elif control and key == Qt.Key.Key_R:
            self._another()
        elif control and key == Qt.Key.Key_E:
            self._on_export()
        elif control and key == Qt.Key.Key_P:
            self._on_print()
        elif control and key == Qt.Key.Key_G:
            self._on_give()
        elif key == Qt.Key.Key_Delete and self._tab == "done":
            self._take_back()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self._detail_open:
            step = 1 if key == Qt.Key.Key_Down else -1
            self.list.select_row(self.list.currentIndex().row() + step)
        else:
            super().keyPressEvent(event)


class _Outcome:
    """One outcome on its way to the shop."""

    def __init__(self, task: TaskId, draft: OutcomeDraft, *, change: bool) -> None:
        self._task, self._draft, self._change = task, draft, change

    def __call__(self, shop: Shop, _progress: Progress) -> object:
        if self._change:
            return shop.followups.change(self._task, self._draft)
        return shop.followups.finish(self._task, self._draft)


class _Copied:
    """Where the clipboard's answer goes."""

    def __init__(self, page: TodayPage, words: str, task: TaskRow | None = None) -> None:
        self._page, self._words, self._task = page, words, task

    def __call__(self, worked: bool) -> None:
        self._page.copied(worked, self._words, self._task)
