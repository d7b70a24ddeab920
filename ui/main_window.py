"""The frame: rail, header, banner, the pages, toast; and the keys that mean the same everywhere.
No page logic.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from html import escape
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QCloseEvent,
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QIcon,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPixmap,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from shopcrm.basics.errors import Refusal, RightsError, ShopError, StoreError
from shopcrm.basics.records import EVERYTHING, Changes, Done, MemberRow, StaffId, StaffRow
from shopcrm.basics.rights import rights_of
from shopcrm.basics.texts import t
from ui import errors, theme
from ui.actions import ACTIONS
from ui.opening import Elsewhere
from ui.pages import PAGES, PageEntry
from ui.pages.base import Layout, Page
from ui.session import Running, Session
from ui.theme import LIGHT, paint
from ui.theme.tokens import HEADER, HEADER_SINGLE, PAGE_SIDE, SEARCH_WIDTH
from ui.widgets import (
    Banner,
    Dialog,
    ElidedLabel,
    EmptyState,
    FocusRing,
    KeyCap,
    Label,
    SearchBox,
    Toast,
    drop_dialogs,
    open_dialog,
)
from ui.widgets.frame import PersonButton, Rail, SearchPopup, age, found

if TYPE_CHECKING:
    from ui.dialogs.who import LockScreen
    from ui.idle import IdleWatch

LAYOUT_MS = 50
SAMPLE, OWN = "sample", "own"
# How a locked shop answers -> what is said of the password.
_PASSWORD_WRONG = {
    "shop_locked": "",
    "shop_password_wrong": "pw.shop.wrong",
    "shop_password_or_damage": "pw.shop.damage",
}


class MainWindow(QMainWindow):
    """One window on one session. Pages are made when first shown and kept until theme or language change."""

    shop_wanted = Signal(str)  # OWN or SAMPLE
    theme_wanted = Signal(str, str, str)  # mode, level, language

    def __init__(
        self, session: Session, pages: tuple[PageEntry, ...] = PAGES, *, sample: bool = False
    ) -> None:
        super().__init__()
        self.session = session
        self._entries = {entry.id: entry for entry in pages}
        self._pages: dict[str, Page] = {}
        self._kept: dict[str, object] = {}  # what pages of before `rebuild` had not written yet
        self._made_ahead: Page | None = None
        self._current = ""
        self._sample = sample
        self._layout: Layout | None = None
        self._status = ("", "", "")
        self._banner: Banner | None = None
        self._banner_call: Callable[[], object] | None = None
        self._toast_seconds = 12.0 if session.prefs.get("long_toasts") else 6.0
        self.last_work: Callable[[], Running | None] | None = None  # begun when the window is closed
        self._ending: Running | None = None  # that work, begun
        self._searching = ""  # what is being looked for, until the answer is here
        self._waiting_enter: bool | None = None  # Enter came first; True with Ctrl
        self._lock: LockScreen | None = None
        self._hands: StaffRow | None = None  # in whose hands the program was last
        self._locked_by: StaffRow | None = None  # who sat there when it was locked
        self._told_resets: tuple[str, ...] = ()  # whose PIN a command took away
        self._idle: IdleWatch | None = None
        KeyCap.shown = bool(session.prefs.get("key_hints", True))
        self.setAcceptDrops(True)
        self.setMinimumSize(640, 480)
        self._resized = QTimer(self)
        self._resized.setSingleShot(True)
        self._resized.setInterval(LAYOUT_MS)
        self._resized.timeout.connect(self.apply_layout)
        self._unfocused = QTimer(self)
        self._unfocused.setSingleShot(True)
        self._unfocused.timeout.connect(self._keep_focus)
        self._bind_keys()
        self._connect()
        self._build()
        self.ring = FocusRing(self)
        QApplication.instance().focusChanged.connect(self._on_focus_changed)  # type: ignore[union-attr]

    # -- building -----------------------------------------------------------------------------------------

    def _connect(self) -> None:
        session = self.session
        session.changed.connect(self._on_changed)
        session.said.connect(self._on_said)
        session.failed.connect(self._on_failed)
        session.refused.connect(self._on_refused)
        session.opened.connect(self._on_opened)
        session.open_failed.connect(self._on_open_failed)
        session.working.connect(self._on_working)
        session.staff_changed.connect(self._on_staff_changed)
        session.lock_changed.connect(self._on_lock_changed)
        session.undone.connect(self._on_undone)
        session.redone.connect(self._on_redone)

    def _build(self) -> None:
        """Frame and empty stack; called again when theme, font level or language change."""
        self._base = base = QWidget()
        base.setProperty("fill", "win")
        base.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        whole = QHBoxLayout(base)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        self.rail = Rail()
        for entry in self._entries.values():
            if entry.icon:
                name = t(f"nav.{entry.id}")
                tip = (
                    t("nav.tip", name=name, key=entry.hint or entry.key) if entry.hint or entry.key else name
                )
                self.rail.add(entry.id, entry.icon, name, hint=entry.hint, tip=tip, bottom=entry.bottom)
        self.rail.picked.connect(self._on_rail_picked)
        self.rail.status.clicked.connect(self._on_status_clicked)
        self.rail.status.set_state(*self._status)
        whole.addWidget(self.rail)
        self._right = QVBoxLayout()
        self._right.setContentsMargins(0, 0, 0, 0)
        self._right.setSpacing(0)
        self._build_header()
        self._banner_row = QHBoxLayout()
        self._banner_row.setContentsMargins(theme.px(PAGE_SIDE), 0, theme.px(PAGE_SIDE), 0)
        self._right.addLayout(self._banner_row)
        self.stack = QStackedWidget()
        self._right.addWidget(self.stack, 1)
        whole.addLayout(self._right, 1)
        self._waiting = EmptyState("database", t("app.opening"))
        self.stack.addWidget(self._waiting)
        old = self.takeCentralWidget()
        if old is not None:
            old.hide()
            old.deleteLater()
        self.setCentralWidget(base)
        for name in ("toast_", "popup"):  # those of before
            gone = vars(self).pop(name, None)
            if gone is not None:
                gone.hide()
                gone.deleteLater()
        self._show_frame(self.session.is_open)
        self._title()

    @cached_property
    def toast_(self) -> Toast:
        """What says a sentence over a page; made with the first of them."""
        made = Toast(self._base)
        made.seconds = self._toast_seconds
        made.undo_wanted.connect(self.session.undo)
        made.stand_on(self._toast_area())
        return made

    @cached_property
    def popup(self) -> SearchPopup:
        """Who was found by the header's search; made with the first search."""
        made = SearchPopup(self.search)
        made.picked.connect(self._on_person_picked)
        made.new_wanted.connect(self.new_member)
        return made

    def _is_shown(self, name: str) -> bool:
        """Whether `toast_` or `popup` was made and is visible."""
        return name in vars(self) and bool(vars(self)[name].isVisible())

    def _hide(self, name: str) -> None:
        if name in vars(self):
            vars(self)[name].hide()

    def _build_header(self) -> None:
        self.header = QWidget()
        row = QHBoxLayout(self.header)
        row.setContentsMargins(theme.px(PAGE_SIDE), 0, theme.px(PAGE_SIDE), 0)
        row.setSpacing(theme.px(12))
        self._h1 = Label("", "h1")
        self._fact = ElidedLabel("", "body", "tx2")
        self._middle, self._button = QHBoxLayout(), QHBoxLayout()
        self.search = SearchBox(t("search.ph"))
        self.search.setMaximumWidth(theme.px(SEARCH_WIDTH))
        self.search.setMinimumWidth(theme.px(200))
        self.search.searched.connect(self._on_searched)
        self.search.moved.connect(self._on_search_moved)
        self.search.entered.connect(self._on_search_entered)
        self.search.escaped.connect(self._on_search_escaped)
        self.search.left.connect(self._on_search_left)
        self.search.entered_into.connect(self._on_search_begun)
        self.person = PersonButton()
        self.person.clicked.connect(self._on_person_clicked)
        row.addWidget(self._h1)
        row.addWidget(self._fact)
        row.addLayout(self._middle)
        row.addStretch(1)
        row.addWidget(self.search, 2)
        row.addLayout(self._button)
        row.addSpacing(theme.px(8))
        row.addWidget(self.person)
        self.header.setFixedHeight(theme.px(HEADER))
        self._right.addWidget(self.header)

    def _bind_keys(self) -> None:
        for action in ACTIONS:
            if action.handler:
                for key in action.keys:
                    QShortcut(QKeySequence(key), self, getattr(self, action.handler))
        for entry in self._entries.values():
            if entry.key and entry.key != "Ctrl+,":
                shortcut = QShortcut(QKeySequence(entry.key), self)
                shortcut.setObjectName(entry.id)
                shortcut.activated.connect(self._on_page_key)

    def _show_frame(self, shown: bool) -> None:
        self.rail.setEnabled(shown)
        self.header.setVisible(shown)
        self._on_staff_changed()

    def _title(self) -> None:
        shop = str(self.session.view.setting("shop.name") or "") if self.session.is_open else ""
        self.setWindowTitle(t("app.title", app=t("app.name"), shop=shop) if shop else t("app.name"))

    # -- pages --------------------------------------------------------------------------------------------

    def current_page(self) -> Page | None:
        """The page in front, None before the shop is open."""
        return self._pages.get(self._current)

    def page(self, page_id: str) -> Page:
        """A page, made if it was not yet."""
        made = self._pages.get(page_id)
        if made is None:
            module, _, name = self._entries[page_id].place.partition(":")
            made = getattr(import_module(module), name)(self.session, self, page_id)
            self._pages[page_id] = made
            self.stack.addWidget(made)
            kept = self._kept.pop(page_id, None)
            if kept is not None:
                made.take_over(kept)
        return made

    @Slot()
    def make_first_page(self) -> None:
        """Make the page that will be shown first, while the file is still being opened."""
        if not self.session.is_open:
            self._made_ahead = self.page("today")

    def navigate(self, page_id: str, **args: Any) -> None:
        """Bring a page to the front, read what changed meanwhile, and hand it its arguments."""
        if not self.session.is_open:
            return
        self._hide("popup")
        if not self._may_open(page_id):
            self.ask_for(self._entries[page_id].rights[0], lambda _: self.navigate(page_id, **args))
            return
        before = self.current_page()
        page = self.page(page_id)
        if before is not None and before is not page:
            # Who may not stay there is not asked.
            stays = self._may_open(before.page_id)
            if stays and before.asks_first(lambda: self.navigate(page_id, **args)):
                return
            before.hidden_()
            self.search.set_quietly("")
        self._let_go(page_id)
        self._current = page_id
        full = page.full_window
        self.rail.setVisible(not full)
        self.header.setVisible(not full)
        self.rail.set_current(self._entries[page_id].under or page_id)
        self.stack.setCurrentWidget(page)
        self._dress_header(page)
        self.apply_layout()
        if page.stale:
            page.stale = False
            page.refresh(EVERYTHING)
        page.shown(**args)
        if "toast_" in vars(self):
            self.toast_.stand_on(self._toast_area())
        if page_id == "counter":  # the first key should not have to wait
            self._on_search_begun()
        if page.focus_first is not None and not open_dialog(self):
            page.focus_first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _may_open(self, page_id: str) -> bool:
        """Whether a page opens in the hands in which the program is."""
        rights = self._entries[page_id].rights
        return not rights or any(map(self.session.may, rights))

    def _let_go(self, page_id: str) -> None:
        """Who helps out is done where a page is a part of the day's work of whom she helped."""
        rights, lender = self._entries[page_id].rights, self.session.lender
        if lender is not None and any(self.session.may(right, lender) for right in rights):
            self._current = page_id  # and not a page in between
            self.take_back()

    def take_back(self) -> None:
        """Whoever helped out is done, which is said."""
        lender = self.session.lender
        if lender is not None:
            self.session.give_back()
            self.toast(t("pin.given_back", name=lender.name), "user")

    def ask_for(self, right: str, then: Callable[[StaffRow], object]) -> None:
        """Ask for somebody who has a right that is missing; she helps out until another page is shown."""
        from ui.dialogs.who import ask_owner

        def helped(person: StaffRow) -> None:
            self.session.borrow(person)
            then(person)

        ask_owner(self, self.session, right, helped)

    @Slot(object, object, object)
    def _on_refused(
        self, error: RightsError, retry: Callable[[StaffId], object], give_up: Callable[[], object]
    ) -> None:
        """What was refused is done in the hands of who may, once she said who she is; she does this one thing
        only."""
        from ui.dialogs.who import ask_owner

        ask_owner(self, self.session, error.right, lambda person: retry(person.id), give_up)

    @Slot(QWidget, QWidget)
    def _on_focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        if new is None and self.isActiveWindow():  # what had the focus was hidden: keys would reach nobody
            self._unfocused.start()

    @Slot()
    def _keep_focus(self) -> None:
        if self.focusWidget() is None and self.isActiveWindow():
            self._focus_page()

    def _focus_page(self) -> None:
        page = self.current_page()
        if page is not None:
            wanted = page.focus_first
            target = wanted if wanted is not None and wanted.isVisible() else page
            target.setFocus(Qt.FocusReason.OtherFocusReason)

    def header_changed(self, page: Page) -> None:
        """A page changed its title, fact or slots."""
        if page is self.current_page():
            self._dress_header(page)

    def _dress_header(self, page: Page) -> None:
        self._h1.setText(page.title)
        self._fact.setText(page.fact)
        self._fact.setVisible(bool(page.fact))
        for slot, wanted in ((self._middle, page.middle), (self._button, page.head_button)):
            while (item := slot.takeAt(0)) is not None:
                taken = item.widget()
                if taken is not None and taken is not wanted:
                    taken.hide()
            if wanted is not None:
                slot.addWidget(wanted)
                wanted.show()
        self.search.setVisible(not page.own_search)
        if page.filters_search and self.search.searched_for() != page.searched:
            self.search.set_quietly(page.searched)

    def set_badge(self, page_id: str, number: int) -> None:
        """The number on a rail entry; 0 hides it."""
        if page_id in self.rail.entries:
            self.rail.entries[page_id].set_number(number)

    @Slot()
    def apply_layout(self) -> None:
        """Tell the page how much room there is; only a change of the layout's name or height class moves
        parts.
        """
        k = theme.now().k
        layout = Layout.of(self.width(), self.height(), k)
        self._layout = layout
        self.rail.set_compact(layout.name in ("compact", "single"))
        single = layout.single
        self.header.setFixedHeight(theme.px(HEADER_SINGLE if single else HEADER))
        page = self.current_page()
        if page is not None:
            page.apply_layout(layout)
        if self._is_shown("toast_"):
            self.toast_.place()

    # -- toast, banner, errors ----------------------------------------------------------------------------

    def toast(
        self,
        text: str,
        icon: str = "circle-check",
        *,
        undo: bool = False,
        action: str = "",
        slot: Callable[[], object] | None = None,
    ) -> None:
        """Say something where the page wants it: not over what is pressed there."""
        self.toast_.say(text, icon, undo=undo, action=action, slot=slot, area=self._toast_area())

    def _toast_area(self) -> QWidget:
        page = self.current_page()
        return page.toast_area or self.stack if page is not None else self.stack

    def show_banner(
        self,
        kind: str,
        text: str,
        action: str = "",
        slot: Callable[[], object] | None = None,
        *,
        closable: bool = True,
    ) -> None:
        """One banner under the header; a new one replaces it."""
        self.hide_banner()
        self._banner = Banner(kind, text, action, closable=closable)
        self._banner_call = slot
        self._banner.acted.connect(self._on_banner_acted)
        self._banner.closed.connect(self.hide_banner)
        self._banner_row.addWidget(self._banner)
        self._banner_row.setContentsMargins(theme.px(PAGE_SIDE), 0, theme.px(PAGE_SIDE), theme.px(12))

    def show_status(self, tone: str, words: str, sentence: str) -> None:
        """How the data is kept, on the rail."""
        self._status = (tone, words, sentence)
        self.rail.status.set_state(*self._status)

    @property
    def has_banner(self) -> bool:
        """Whether something is said there now."""
        return self._banner is not None

    @property
    def is_sample(self) -> bool:
        """Whether this is the sample shop."""
        return self._sample

    @Slot()
    def hide_banner(self) -> None:
        """Take the banner away."""
        if self._banner is not None:
            self._banner_row.removeWidget(self._banner)
            self._banner.hide()
            self._banner.deleteLater()
            self._banner = None
            self._banner_row.setContentsMargins(theme.px(PAGE_SIDE), 0, theme.px(PAGE_SIDE), 0)

    def show_error(self, error: BaseException, retry: Callable[[], object] | None = None) -> None:
        """Show an error in the one dialog for it."""
        errors.show(self, error, retry)

    def come_forward(self) -> None:
        """Show the window in front of others, small as it may have been made."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def new_day(self) -> None:
        """The date moved on while the program was open."""
        self.session.start_day()
        self.show_banner("info", t("app.newday"))

    # -- theme, language, another shop --------------------------------------------------------------------

    def apply_theme(self, mode: str, level: str, language: str) -> None:
        """Ask for another theme, font level or language; everything is rebuilt, the page in front stays."""
        self.theme_wanted.emit(mode, level, language)

    def open_shop(self, place: str) -> None:
        """Ask for the own shop or the sample shop."""
        self.shop_wanted.emit(place)

    def rebuild(self, *, sample: bool | None = None) -> None:
        """Build frame and pages anew in the theme and language now in force."""
        page = self.current_page()
        carried = page.carry() if page is not None else {}
        current = self._current
        kept = {page_id: made.keep() for page_id, made in self._pages.items() if sample is None}
        self._kept = {**self._kept, **kept} if sample is None else {}
        self._pages.clear()
        self._made_ahead = None
        self._current = ""
        self._banner = None
        if sample is not None:
            self._status = ("", "", "")
            self._sample = sample
            current = ""
        KeyCap.shown = bool(self.session.prefs.get("key_hints", True))
        self._toast_seconds = 12.0 if self.session.prefs.get("long_toasts") else 6.0
        self._build()
        self.ring.raise_()
        if self.session.is_open and current:
            self._start_frame()
            self.navigate(current, **carried)
            self._ask_badge()
        if self._lock is not None:
            self._cover()

    def _start_frame(self) -> None:
        self._show_frame(True)
        self._title()
        if self._sample:
            self.show_banner(
                "info", t("app.sample"), t("app.sample.leave"), self._leave_sample, closable=False
            )

    def _leave_sample(self) -> None:
        self.open_shop(OWN)

    # -- session ------------------------------------------------------------------------------------------

    @Slot()
    def _on_opened(self) -> None:
        ahead, self._made_ahead = self._made_ahead, None
        self._pages = {} if ahead is None else {ahead.page_id: ahead}
        self._kept = {}
        for number in reversed(range(1, self.stack.count())):
            old = self.stack.widget(number)
            if old is not None and old is not ahead:
                self.stack.removeWidget(old)
                old.deleteLater()
        self._current = ""
        self._start_frame()
        if self.session.is_locked:  # before anything of a member is read
            self._cover()
        self._watch_hands()
        self.navigate(self._first())
        self._ask_badge()

    def _first(self) -> str:
        """The page to begin with."""
        if "first_run" in self._entries and not self.session.view.setting("shop.name"):
            return "first_run"
        usual = (page for page in ("today", "counter") if page in self._entries)
        return next((page for page in usual if self._may_open(page)), "settings")

    @Slot(object)
    def _on_open_failed(self, error: BaseException) -> None:
        if isinstance(error, Elsewhere):
            self.close()
            return
        self._waiting.set_texts(t("err.open"))
        dialog = self._ask_password(error) or self._offer_copy(error)
        dialog = dialog or errors.show(self, error, self._reopen)
        if dialog is not None:
            dialog.rejected.connect(self.close)

    def _ask_password(self, error: BaseException) -> Dialog | None:
        """For an encrypted file the question for its password."""
        if not isinstance(error, Refusal) or error.code not in _PASSWORD_WRONG:
            return None
        from ui.dialogs.password import AskPassword

        wrong = _PASSWORD_WRONG[error.code]
        instead = t("pw.shop.damaged") if error.code == "shop_password_or_damage" else ""
        dialog = AskPassword(self, t("pw.shop"), t("pw.shop.text"), t(wrong) if wrong else "", instead)
        dialog.given.connect(self._on_password)
        dialog.elsewhere.connect(lambda: self._show_damaged(error).rejected.connect(self.close))
        dialog.open()
        return dialog

    def _on_password(self, word: str) -> None:
        opener: Any = self.session.opener
        opener.password = word
        self._reopen()

    def _offer_copy(self, error: BaseException) -> Dialog | None:
        """For a damaged file the dialog that offers its last good copy, or what can be saved of it."""
        has_file = getattr(self.session.opener, "path", None) is not None
        if not isinstance(error, StoreError) or error.code not in ("corrupt", "notadb") or not has_file:
            return None
        return self._show_damaged(error)

    def _show_damaged(self, error: ShopError) -> Dialog:
        """What can be done about a damaged file."""
        from shopcrm.shop.backups import copies_of, newest_of
        from ui.dialogs.restore import DamagedDialog

        opener: Any = self.session.opener
        path = opener.path
        copy = newest_of(copies_of(path), self.session.now)
        dialog = DamagedDialog(self, self.session, error.sentence, Path(path), copy)
        dialog.open()
        return dialog

    def _reopen(self) -> None:
        if self.session.opener is not None:
            self._waiting.set_texts(t("app.opening"))
            self.session.open(self.session.opener)

    @Slot(object, object)
    def _on_changed(self, changes: Changes, _origin: object) -> None:
        for page_id, page in self._pages.items():
            if page_id == self._current:
                page.refresh(changes)
            else:
                page.stale = True
        if changes.settings:
            self._title()
            self._watch_hands()
        self._ask_badge()

    def _ask_badge(self) -> None:
        page = self.current_page()
        if "today" in self._entries and not (page is not None and page.tells_open):
            self.session.query(lambda view: view.open_count(), key="window.badge", done=self._on_badge)

    def _on_badge(self, number: int) -> None:
        self.set_badge("today", number)

    @Slot(object)
    def _on_said(self, result: Done[Any]) -> None:
        words = t(result.sentence.id, **result.sentence.values)
        self.toast(words, undo=result.entry is not None)

    @Slot(object)
    def _on_undone(self, result: Done[Any]) -> None:
        self.toast(t(result.sentence.id, **result.sentence.values), "arrow-back-up")

    @Slot(object)
    def _on_redone(self, result: Done[Any]) -> None:
        self.toast(t(result.sentence.id, **result.sentence.values), "arrow-forward-up")

    @Slot(object, object)
    def _on_failed(self, error: BaseException, retry: Callable[[], object] | None) -> None:
        code = getattr(error, "code", "")
        if code in ("nothing_to_undo", "nothing_to_redo"):
            self.toast(t("undo.nothing" if code == "nothing_to_undo" else "redo.nothing"), "info-circle")
        else:
            self.show_error(error, retry)

    @Slot(object)
    def _on_working(self, running: Running) -> None:
        from ui.dialogs.working import WorkingDialog

        WorkingDialog(self, running)

    # -- people -------------------------------------------------------------------------------------------

    @Slot()
    def _on_staff_changed(self) -> None:
        staff, before = self.session.staff, self._hands
        self.person.set_name(staff.name if staff else t("staff.nobody"))
        self._hands = staff
        if before is not None and self.session.is_open:
            people = self.session.view.staff()
            if not rights_of(before.id, people) <= rights_of(None if staff is None else staff.id, people):
                drop_dialogs(self)  # what somebody opened who may do more is not left to who may do less
        if self._current in self._pages and not self._may_open(self._current):
            self.navigate(self._first())

    @Slot()
    def _on_person_clicked(self) -> None:
        menu = self.person_menu()
        corner = self.person.mapToGlobal(QPoint(self.person.width(), self.person.height() + theme.px(4)))
        menu.popup(corner - QPoint(menu.sizeHint().width(), 0))

    def person_menu(self) -> QMenu:
        """What the person's name offers."""
        menu = QMenu(self)
        if sum(person.active for person in self.session.view.staff()) > 1:
            menu.addAction(t("staff.menu.switch"), self.switch_person)
        if self.session.can_lock:
            menu.addAction(f"{t('staff.menu.lock')}  Ctrl+L", self.lock)
        if self.session.staff is not None and self.session.lender is None:
            menu.addAction(t("staff.menu.pin"), self._on_own_pin)
        menu.addAction(f"{t('staff.menu.keys')}  F1", self.show_keys)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    @Slot()
    def switch_person(self) -> None:
        """换人: another person goes on."""
        from ui.dialogs.who import switch

        def switched() -> None:
            self._hide("toast_")
            self.tell_resets()

        switch(self, self.session, switched)

    def _on_own_pin(self) -> None:
        from ui.dialogs.pins import PinEdit

        if self.session.staff is not None:
            PinEdit(self, self.session, self.session.staff).open()

    def tell_resets(self) -> None:
        """Tell an owner, once in a while the program runs, whose PIN a command took away."""
        if not self.session.is_locked and self.session.may("staff"):
            self.session.query(lambda view: view.pin_resets(), key="window.resets", done=self._on_resets)

    def _on_resets(self, names: tuple[str, ...]) -> None:
        told, self._told_resets = self._told_resets, names
        if names and names != told:
            self.show_banner("warn", t("pin.was_reset", name=escape(t("g.list").join(names))))

    @Slot()
    def lock(self) -> None:
        """Ctrl+L: whatever stands there, dialogs too, is covered until somebody says who she is."""
        page = self.current_page()
        if page is None or page.full_window or self.session.is_locked:
            return
        if self.session.can_lock:
            self.session.lock()
        else:
            self.toast(t("lock.no_pin"), "info-circle")

    @Slot()
    def _on_lock_changed(self) -> None:
        if self.session.is_locked:
            self._cover()
        elif self._lock is not None:
            lock, self._lock = self._lock, None
            people, before, now = self.session.view.staff(), self._locked_by, self.session.staff
            # Dialogs of somebody who may do more are not left to somebody who may do less.
            rights = [rights_of(None if who is None else who.id, people) for who in (before, now)]
            lock.uncover(keep=before is not None and rights[0] <= rights[1])
            if before != now:
                self._hide("toast_")
            self.tell_resets()
            at = self.focusWidget()
            if open_dialog(self) is None and (at is None or not at.isVisible()):
                self._focus_page()

    def _cover(self) -> None:
        from ui.dialogs.who import LockScreen

        while (menu := QApplication.activePopupWidget()) is not None and menu.close():
            pass
        for window in QApplication.topLevelWidgets():  # a file is being chosen: nobody is there who may
            if isinstance(window, QDialog) and window.isVisible():
                window.reject()
        self._hide("popup")
        before, self._lock = self._lock, LockScreen(self, self.session)
        if before is None:
            self._locked_by = self.session.staff
            self._lock.open()
        else:
            self._lock.take_over(before)

    def _watch_hands(self) -> None:
        """Lock after a while without a key or a click, where the shop wants that."""
        view, minutes = self.session.view, 0
        if self.session.locks and view.setting("staff.locks"):
            minutes = int(str(view.setting("staff.lock_minutes")))
        if minutes and self._idle is None:
            from ui.idle import IdleWatch

            self._idle = IdleWatch(self, self.session.lock)
        if self._idle is not None:
            self._idle.watch(minutes)

    # -- search -------------------------------------------------------------------------------------------

    @Slot(str)
    def _on_searched(self, text: str) -> None:
        page = self.current_page()
        if page is not None and page.filters_search:
            page.search(text)
        elif not text:
            self._searching, self._waiting_enter = "", None
            self._hide("popup")
        else:
            self._searching, self._waiting_enter = text, None
            self.session.query(lambda view: found(view, text), key="window.search", done=self._on_found)

    def _on_found(self, answer: tuple[str, list[tuple[MemberRow, str]]]) -> None:
        query, rows = answer
        if query != self._searching or not self.search.hasFocus():
            return
        self._searching = ""
        self.popup.show_found(query, rows, self._age)
        if self._waiting_enter is not None:
            control, self._waiting_enter = self._waiting_enter, None
            self.popup.choose(control)

    @Slot()
    def _on_search_begun(self) -> None:
        self.session.query(lambda view: view.get_ready_to_search(), key="window.ready", done=_noted)

    def _age(self, row: MemberRow) -> str:
        return age(row.last_day, self.session.today)

    @Slot(int)
    def _on_search_moved(self, step: int) -> None:
        page = self.current_page()
        if self._is_shown("popup"):
            self.popup.move_by(step)
        elif page is not None and page.filters_search and page.focus_first is not None:
            page.focus_first.setFocus(Qt.FocusReason.TabFocusReason)

    @Slot(bool)
    def _on_search_entered(self, control: bool) -> None:
        page = self.current_page()
        if self._searching:  # Enter was quicker than the answer: what is shown was found for something else
            self._waiting_enter = control
        elif not self.popup.choose(control) and page is not None and page.filters_search and page.focus_first:
            page.focus_first.setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _on_search_escaped(self) -> None:
        self._hide("popup")
        page = self.current_page()
        if page is not None and page.focus_first is not None:
            page.focus_first.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_search_left(self) -> None:
        self._searching, self._waiting_enter = "", None
        self._hide("popup")

    @Slot(int, bool)
    def _on_person_picked(self, member: int, control: bool) -> None:
        self.search.set_quietly("")
        self._hide("popup")
        self.navigate("members" if control else "counter", member=member)

    # -- keys ---------------------------------------------------------------------------------------------

    def _free(self) -> bool:
        """Whether the window's keys mean something: the shop is open and no dialog stands over it."""
        page = self.current_page()
        return page is not None and not page.full_window and open_dialog(self) is None

    @Slot()
    def go_counter(self) -> None:
        """F2."""
        page = self.current_page()
        if self._free() and not (page is not None and page.edit()):
            self.navigate("counter", focus=True)

    @Slot()
    def go_search(self) -> None:
        """F3, Ctrl+F."""
        if self._free():
            page = self.current_page()
            if page is not None and page.own_search and page.focus_first is not None:
                page.focus_first.setFocus(Qt.FocusReason.ShortcutFocusReason)
            else:
                self.search.focus_all()

    @Slot()
    def go_settings(self) -> None:
        """Ctrl+,."""
        if self._free():
            self.navigate("settings")

    @Slot()
    def new_member(self, typed: str = "") -> None:
        """F4: the page in front takes it, or the dialog opens over it."""
        if not self._free():
            return
        typed = typed or (self.popup.query() if self._is_shown("popup") else "")
        self._hide("popup")
        page = self.current_page()
        if page is None or not page.filters_search:  # there the text goes on filtering
            self.search.set_quietly("")
        if page is not None and page.new_member(typed):
            return
        # The dialog brings the whole shop along: not on the way to the first paint.
        from ui.dialogs.member_edit import MemberEdit

        digits = typed if typed.isdigit() else ""
        dialog = MemberEdit(self, self.session, digits=digits, name="" if digits else typed)
        dialog.saved.connect(self._on_member_saved)
        dialog.wanted.connect(self._on_member_saved)
        dialog.open()

    @Slot(int)
    def _on_member_saved(self, member: int) -> None:
        self.navigate("members", member=member)

    @Slot()
    def recompute(self) -> None:
        """F5."""
        page = self.current_page()
        if self._free() and not (page is not None and page.recompute()):
            self.session.start_day(self._on_recomputed)

    def _on_recomputed(self) -> None:
        self.toast(t("refreshed"), "refresh")

    @Slot()
    def undo(self) -> None:
        """Ctrl+Z."""
        page = self.current_page()
        if self._free() and not (page is not None and page.undo()):
            self.session.undo()

    @Slot()
    def redo(self) -> None:
        """Ctrl+Y."""
        page = self.current_page()
        if self._free() and not (page is not None and page.redo()):
            self.session.redo()

    @Slot()
    def show_keys(self) -> None:
        """F1."""
        if open_dialog(self) is None:
            from ui.dialogs.keys import KeysDialog

            KeysDialog(self).open()

    @Slot()
    def _on_page_key(self) -> None:
        if self._free():
            self.navigate(self.sender().objectName())

    @Slot(str)
    def _on_rail_picked(self, page_id: str) -> None:
        if self._free():
            self.navigate(page_id)

    @Slot()
    def _on_status_clicked(self) -> None:
        if self._free():
            self.navigate("settings", place="backups")

    @Slot()
    def _on_banner_acted(self) -> None:
        if self._banner_call is not None:
            self._banner_call()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        page = self.current_page()
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self._is_shown("popup"):
            self._hide("popup")
        elif page is not None:
            page.escape()

    # -- window -------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._hide("popup")
        self._resized.start()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self._hide("popup")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._free() and _dropped(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        file = _dropped(event)
        if file is not None and self._free():
            event.acceptProposedAction()
            self.navigate("io", file=file)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._ending is not None and self.session.is_busy:
            event.ignore()  # closes by itself when that work has ended
            return
        if self._lock is not None and self._asks_behind():
            event.ignore()
            self._lock.say(t("lock.close"))
            return
        if self.session.is_busy:
            event.ignore()
            if self.session.clear_the_way():
                QTimer.singleShot(100, self._close_when_free)
                return
            if open_dialog(self) is None or not isinstance(open_dialog(self), _CloseDialog):
                dialog = _CloseDialog(self)
                dialog.accepted.connect(self._on_stop_and_close)
                dialog.open()
            return
        page = self.current_page()
        if page is not None and open_dialog(self) is None and page.asks_first(self.close):
            event.ignore()
            self._ending = None
            return
        if self._ending is None and self.last_work is not None and self.session.is_open:
            self._ending = self.last_work()
            if self._ending is not None and self.session.is_busy:
                self._ending.ended.connect(self._on_last_work_ended)
                event.ignore()
                return
        self._resized.stop()
        self._hide("toast_")
        if self._idle is not None:
            self._idle.watch(0)
        if self._lock is not None:
            self._lock.panel.stop()
        geometry = bytes(self.saveGeometry().toBase64().data()).decode("ascii")
        self.session.prefs.set("window", geometry)
        self.session.close()
        super().closeEvent(event)

    def _asks_behind(self) -> bool:
        """Whether something behind the lock has to be asked before closing: it is, once that is gone."""
        page = self.current_page()
        if self._lock is None or self._lock.waiting:
            return self._lock is not None
        waits = self.session.is_busy and not self.session.clear_the_way()
        return waits or (page is not None and page.asks_first(self.close))

    @Slot()
    def _on_last_work_ended(self) -> None:
        QTimer.singleShot(0, self._close_when_free)

    @Slot()
    def _on_stop_and_close(self) -> None:
        self.session.stop_all()
        self._close_when_free()

    @Slot()
    def _close_when_free(self) -> None:
        if self.session.is_busy:
            QTimer.singleShot(100, self._close_when_free)
        else:
            self.close()


class _CloseDialog(Dialog):
    """Asked before quitting while work runs."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, t("app.running"), "alert-triangle", "warn")
        self.add_button(t("app.keepopen"))
        self.add_button(t("app.stopclose"), "danger")


def _noted(_answer: object) -> None:
    """A question asked for what it leaves behind."""


def _dropped(event: QDropEvent) -> Path | None:
    urls = event.mimeData().urls()
    if len(urls) == 1 and urls[0].isLocalFile():
        return Path(urls[0].toLocalFile())
    return None


def app_icon() -> QIcon:
    """The program's icon: its letter on the accent colour."""
    icon = QIcon()
    for side in (16, 24, 32, 48, 64, 128, 256):
        picture = QPixmap(QSize(side, side))
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        paint.rounded(painter, picture.rect(), side * 0.22, LIGHT.acc)
        font = theme.now().font("h1")
        font.setPixelSize(round(side * 0.62))
        painter.setFont(font)
        painter.setPen(QColor(LIGHT.on_acc))
        paint.draw_centred(painter, picture.rect().toRectF(), t("app.letter"))
        painter.end()
        icon.addPixmap(picture)
    return icon
