"""Today: the day's to-dos in working order, and the card of the one that is current."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
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
    StaffId,
    TaskId,
    TaskRow,
)
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_day, show_phone, show_weekday
from ui import theme
from ui.pages.base import Layout, Navigator, Page
from ui.pages.today.detail import DetailPane
from ui.pages.today.empty import AllDone, NoMembers
from ui.pages.today.rows import ROW_TODO, TaskRows
from ui.session import Session
from ui.tables import TASKS, ListFrame, ListView, PagedModel
from ui.theme.tokens import CARD_GAP, PAGE_SIDE
from ui.widgets import Button, EmptyState, KeyHint, Label, ProgressLine, SmallButton, StrategyStrip, TabBar
from ui.widgets.clipboard import Clipboard

if TYPE_CHECKING:
    from shopcrm.shop import Shop, ShopView

SHOP, MINE = "shop", "mine"  # whose customers; a staff id else
DIGITS = {
    Qt.Key.Key_1: 1,
    Qt.Key.Key_2: 2,
    Qt.Key.Key_3: 3,
    Qt.Key.Key_4: 4,
    Qt.Key.Key_5: 5,
    Qt.Key.Key_6: 6,
}


class TodayPage(Page):
    """List, card, six outcomes: two keys a customer."""

    tells_open = True

    def __init__(self, session: Session, window: Navigator, page_id: str = "today") -> None:
        super().__init__(session, window, page_id)
        self.title = t("nav.today")
        self._days = DayList(session.today, (), (), ())
        self._tab = "all"
        self._whose: str | StaffId = SHOP
        self._show_waiting = False
        self._waiting_ids: frozenset[int] = frozenset()
        self._variant = 0
        self._copied_here = False
        self._saving = False
        self._layout = Layout("normal", 1366, 697)
        self._detail_open = False  # only where list and detail are shown one at a time
        self._exported = ""
        self._clipboard = Clipboard(self)
        self._rows = TaskRows(self._today, self._is_waiting)
        self.model = PagedModel(session, TASKS, self._rows.columns("normal", False), self._rows.sentence)
        self.list = ListView(self.model, ROW_TODO)
        self.detail = DetailPane()
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
        self._row.addWidget(self.detail)
        self._build_header()
        self._scale()

    def _build_left(self) -> QWidget:
        self._left = QWidget()
        column = QVBoxLayout(self._left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        tabs = QHBoxLayout()
        tabs.setSpacing(theme.px(4))
        types: list[tuple[str, str, str]] = [(key, t("type." + key), key) for key in TYPE_KEYS]
        self.tabs = TabBar([("all", t("g.all"), ""), *types])
        self.done_tab = TabBar([("done", t("today.done"), "")])
        self.done_tab.set_current("")
        self.whose = SmallButton(t("today.shop"), icon="chevron-down")
        self.whose.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.whose.setAccessibleName(t("today.whose"))
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
        self._nothing = ListFrame(QWidget())
        self._nothing_words = EmptyState("circle-check", t("em.type"), t("em.type.text"))
        inside = self._nothing.layout()
        if inside is not None:
            inside.addWidget(self._nothing_words)
        self._stack.addWidget(self._frame)
        self._stack.addWidget(self._nothing)
        self.toast_area = self._stack
        column.addWidget(self._stack, 1)
        foot = QVBoxLayout()
        foot.setSpacing(0)
        foot.addWidget(self._build_waiting())
        foot.addWidget(self._build_hints())
        column.addSpacing(-theme.px(4))
        column.addLayout(foot)
        return self._left

    def _build_waiting(self) -> QWidget:
        self._waiting = QWidget()
        row = QHBoxLayout(self._waiting)
        row.setContentsMargins(theme.px(2), 0, 0, 0)
        self._waiting_words = Label("", "small", "tx2")
        self.waiting_button = SmallButton(t("today.waiting.show"))
        row.addWidget(self._waiting_words)
        row.addWidget(self.waiting_button)
        row.addStretch(1)
        return self._waiting

    def _build_hints(self) -> QWidget:
        self._hints = QWidget()
        row = QHBoxLayout(self._hints)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(14))
        self._open_hints = [
            KeyHint("↑↓", t("today.hint.move")),
            KeyHint("1–6", t("today.hint.outcome")),
            KeyHint("Enter", t("today.hint.save")),
            KeyHint("Ctrl+C", t("today.hint.copy")),
        ]
        self._done_hints = [
            KeyHint("Enter", t("today.hint.open")),
            KeyHint("Delete", t("today.hint.takeback")),
        ]
        for hint in (*self._open_hints, *self._done_hints):
            row.addWidget(hint)
        row.addStretch(1)
        self.export = SmallButton(t("today.export"), icon="file-spreadsheet")
        row.addWidget(self.export)
        return self._hints

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
        self.list.current_changed.connect(self._on_current)
        self.list.opened.connect(self._on_opened)
        self.list.clicked.connect(self._on_clicked)
        self.list.menu_wanted.connect(self._on_menu)
        self.waiting_button.clicked.connect(self._on_waiting)
        self.export.clicked.connect(self._on_export)
        self.back.clicked.connect(self._on_back)
        detail = self.detail
        detail.copy_phone_wanted.connect(self._copy_phone)
        detail.copy_message_wanted.connect(self._copy_message)
        detail.another_wanted.connect(self._another)
        detail.save_wanted.connect(self._save)
        detail.take_back_wanted.connect(self._take_back)
        self.session.staff_changed.connect(self._on_staff_changed)

    @cached_property
    def _all_done(self) -> AllDone:
        """Shown when the day's work is done; not made before."""
        made = AllDone()
        made.log_wanted.connect(self._on_log)
        made.waiting_wanted.connect(self._on_waiting)
        self._stack.addWidget(made)
        return made

    @cached_property
    def _no_members(self) -> NoMembers:
        """Shown in an empty shop; not made before."""
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
        if not self._layout.single:
            self.detail.setFixedWidth(theme.px(self._layout.card))
        self._hints.setFixedHeight(theme.px(32))
        self._waiting.setFixedHeight(theme.px(34))

    # -- hooks --------------------------------------------------------------------------------------------

    def shown(self, **args: Any) -> None:
        wanted = args.get("type")
        if wanted in TYPE_KEYS:
            self._on_tab(str(wanted))
        if self._whole.currentIndex() == 0 and not self._detail_open:
            self.list.setFocus()

    def refresh(self, changes: Changes) -> None:
        """The list again; what was typed for the current person stays while she stays current."""
        if any(
            (changes.tasks, changes.members, changes.types, changes.sales, changes.visits, changes.settings)
        ):
            self._reload()

    def apply_layout(self, layout: Layout) -> None:
        self._layout = layout
        single = layout.single
        self.detail.set_layout(layout.name)
        if single:
            self.detail.setMinimumWidth(0)
            self.detail.setMaximumWidth(16_777_215)
        else:
            self._detail_open = False
        self._scale()
        short = layout.name == "compact"
        for key in TYPE_KEYS:
            self.tabs.set_text(key, t(("today.short." if short else "type.") + key))
        self.done_tab.set_text("done", t("today.done_short" if short else "today.done"))
        self.list.set_columns(self._rows.columns("normal" if single else layout.name, self._tab == "done"))
        self._show_parts()

    def escape(self) -> bool:
        if self._layout.single and self._detail_open:
            self._on_back()
            return True
        if self.detail.form.outcome() and self._tab != "done":
            self.detail.form.clear()
            self.list.setFocus()
            return True
        if not self.list.hasFocus() and self.list.isVisible():
            self.list.setFocus()
            return True
        return False

    def recompute(self) -> bool:
        self.session.start_day()
        return True

    def carry(self) -> dict[str, Any]:
        return {"type": self._tab} if self._tab in TYPE_KEYS else {}

    # -- reading ------------------------------------------------------------------------------------------

    def _today(self) -> date:
        return self.session.today

    def _is_waiting(self, task: int) -> bool:
        return task in self._waiting_ids

    def _staff(self) -> StaffId | None:
        """Whose customers are shown, None for everybody's."""
        if self._whose == MINE:
            person = self.session.staff
            return person.id if person else None
        return None if self._whose == SHOP else StaffId(int(self._whose))

    def _reload(self) -> None:
        """Ask for the day's list; in a large shop it takes longer than the screen may wait."""
        staff, whole = self._staff(), self._show_waiting

        def days(view: ShopView) -> tuple[DayList, bool]:
            listed = view.day_list(staff, whole=whole)
            return listed, bool(listed.open) or view.total() > 0  # members are only counted without a to-do

        self.session.query(days, key="today.days", done=self._on_days)

    def _on_days(self, answer: tuple[DayList, bool]) -> None:
        self._days, has_members = answer
        self._waiting_ids = frozenset(self._days.waiting)
        if not self._days.behind:
            self._show_waiting = False
        if has_members:
            self._whole.setCurrentIndex(0)
        else:
            self._whole.setCurrentWidget(self._no_members)
        self._show_list()

    def _show_list(self) -> None:
        """The list of the tab chosen, from the day's list at hand."""
        self._show_numbers()
        ids = self._ids()
        if list(self.model.ids) == ids:
            self.model.touch(ids)
            self._on_current(self.list.current_id())
        else:
            self.model.set_ids(ids)
        self._show_parts()

    def _ids(self) -> list[int]:
        """The to-dos of the tab chosen, in working order."""
        if self._tab == "done":
            return list(self._days.done)
        ids = self._days.open + (self._days.waiting if self._show_waiting else ())
        return [task for task in ids if self._tab == "all" or self._days.types.get(task) == self._tab]

    def _show_numbers(self) -> None:
        days = self._days
        listed = days.open + (days.waiting if self._show_waiting else ())
        self.tabs.set_count("all", len(listed))
        for key in TYPE_KEYS:
            self.tabs.set_count(key, sum(days.types.get(task) == key for task in listed))
        self.done_tab.set_count("done", len(days.done))
        a, b = len(days.done), len(days.done) + len(days.open)
        self.progress.set_progress(a, b)
        self._progress_words.setText(t("today.progress", a=a, b=b))
        if self._whose == SHOP:
            self.set_badge(len(days.open))
        else:
            self.session.query(lambda view: view.open_count(), key="today.badge", done=self.set_badge)
        self._waiting_words.setText(t("today.waiting", a=len(days.open), b=days.behind))
        self.waiting_button.setText(t("today.waiting.hide" if self._show_waiting else "today.waiting.show"))

    def _show_parts(self) -> None:
        """Which parts are there: list or empty state, card, strip, hints, back button."""
        days, done_tab = self._days, self._tab == "done"
        has_rows = bool(self.model.ids)
        all_done = not has_rows and not done_tab and not days.open and self._whose == SHOP
        if has_rows:
            self._stack.setCurrentWidget(self._frame)
        elif all_done:
            self._all_done.set_done(self.session.view.tasks(days.done), days.behind)
            self._stack.setCurrentWidget(self._all_done)
        else:
            self._show_nothing_words()
            self._stack.setCurrentWidget(self._nothing)
        if not has_rows:
            self._detail_open = False
        single = self._layout.single
        self._left.setVisible(not (single and self._detail_open))
        self.detail.setVisible(self._detail_open if single else has_rows)
        self.strategy.setVisible(self._tab in TYPE_KEYS and not all_done)
        self._hints.setVisible(not all_done)
        for hint in self._open_hints:
            hint.setVisible(not done_tab)
        self._open_hints[3].setVisible(not done_tab and self._layout.name != "compact")
        for hint in self._done_hints:
            hint.setVisible(done_tab)
        self._waiting.setVisible(bool(days.behind) and not done_tab and not all_done)
        self.export.setVisible(bool(days.open or days.behind))
        people = [person for person in self.session.view.staff() if person.active]
        self.whose.setVisible(len(people) > 1 and self._layout.name != "compact" and not all_done)
        self._show_header()

    def _show_nothing_words(self) -> None:
        if self._tab == "done":
            self._nothing_words.set_texts(t("em.donetab"), t("em.donetab.text"))
        elif self._tab == "all" and self._whose != SHOP:
            self._nothing_words.set_texts(t("em.person", name=self.whose.words()), t("em.type.text"))
        else:
            self._nothing_words.set_texts(t("em.type"), t("em.type.text"))

    def _show_header(self) -> None:
        members = self._whole.currentIndex() == 0
        apart = self._layout.single and self._detail_open
        self.back.setVisible(apart)
        self._position.setVisible(apart)
        self.progress.setVisible(members and not apart)
        self._progress_words.setVisible(members and not apart)
        today = self._today()
        words = t("today.date", date=show_day(today, today), weekday=show_weekday(today))
        self.set_fact("" if apart or self._layout.name == "compact" else words)

    # -- the current person -------------------------------------------------------------------------------

    @Slot(int)
    def _on_current(self, task_id: int) -> None:
        row = self.model.row(self.model.row_of(task_id))
        card = self.session.view.member(row.member) if isinstance(row, TaskRow) else None
        if not isinstance(row, TaskRow) or card is None:
            self.detail.set_nobody()
            return
        before = self.detail.task
        again = before is not None and (before.id, before.state) == (row.id, row.state)
        self.detail.set_person(row, card, self._today(), done=self._tab == "done")
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
            self._copy_phone(card.phones[0])

    # -- outcomes -----------------------------------------------------------------------------------------

    @Slot()
    def _save(self) -> None:
        task = self.detail.task
        if task is None or self._saving:
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
        if self._tab != "done" and self.model.row_of(result.value) >= 0:
            # The new list is on its way; the next digit must already be about the next person.
            self.model.set_ids(task for task in self.model.ids if task != result.value)
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
        self.tabs.set_current("" if key == "done" else key)
        self.done_tab.set_current("done" if key == "done" else "")
        if key in TYPE_KEYS:
            actions = [t("strategy." + key + part) for part in (".1", ".2", ".3")]
            self.strategy.set_strategy(key, t("strategy." + key), actions)
        if was_done != (key == "done"):
            name = "normal" if self._layout.single else self._layout.name
            self.list.set_columns(self._rows.columns(name, key == "done"))
        self._show_list()
        if self.model.ids and not self.tabs.isAncestorOf(QApplication.focusWidget() or self.list):
            self.list.setFocus()

    @Slot()
    def _on_whose(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        own = self.session.staff
        menu.addAction(t("today.shop")).setData(SHOP)
        if own is not None:
            menu.addAction(t("today.mine")).setData(MINE)
        menu.addSeparator()
        for person in self.session.view.staff():
            if person.active:
                menu.addAction(person.name).setData(int(person.id))
        menu.triggered.connect(self._on_whose_picked)
        menu.popup(self.whose.mapToGlobal(QPoint(0, self.whose.height() + theme.px(2))))

    @Slot(object)
    def _on_whose_picked(self, action: Any) -> None:
        self.show_whose(action.data(), action.text())

    def show_whose(self, whose: str | int, words: str) -> None:
        """Show one person's customers, `shop` everybody's, `mine` those of who is here."""
        self._whose = whose if isinstance(whose, str) else StaffId(whose)
        self.whose.setText(words)
        self._reload()

    @Slot()
    def _on_staff_changed(self) -> None:
        if self._whose == MINE:
            self._reload()

    @Slot()
    def _on_waiting(self) -> None:
        self._show_waiting = not self._show_waiting
        if self._tab == "done":
            self._on_tab("all")
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
    def _on_menu(self, _task: int, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(t("today.copy")).triggered.connect(self._copy_message)
        card = self.detail.card
        if card is not None and card.phones:
            menu.addAction(t("today.copyphone")).triggered.connect(self._copy_current_phone)
        menu.addSeparator()
        for number in range(1, 7):
            menu.addAction(t("out." + str(number))).setData(number)
        menu.addSeparator()
        menu.addAction(t("search.ctrlenter")).triggered.connect(self._on_see_card)
        menu.addAction(t("mb.log")).triggered.connect(self._on_book)
        menu.triggered.connect(self._on_menu_picked)
        menu.popup(place)

    @Slot(object)
    def _on_menu_picked(self, action: Any) -> None:
        if isinstance(action.data(), int):
            self.detail.form.toggle(action.data())

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
            staff = self._staff()
            self.session.query(lambda view: view.day_list(staff), key="today.export", done=self._open_export)

    def _open_export(self, days: DayList) -> None:
        from ui.dialogs.export_callbacks import export_callbacks  # not on the way to the first list

        dialog = export_callbacks(self, self.session, days, self._tab)
        dialog.saved.connect(self._on_exported)

    @Slot(str)
    def _on_exported(self, path: str) -> None:
        self._exported = path
        self.toast(
            t("ex.saved", folder=Path(path).parent), action=t("ex.openfolder"), slot=self._open_export_folder
        )

    @Slot()
    def _open_export_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(self._exported).parent)))

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
            self._save()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self._copy_message()
        elif control and shift and key == Qt.Key.Key_C:
            self._copy_current_phone()
        elif control and key == Qt.Key.Key_R:
            self._another()
        elif control and key == Qt.Key.Key_E:
            self._on_export()
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
