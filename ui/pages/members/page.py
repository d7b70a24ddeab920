"""Members: find, filter, look up, tick several, and the card of the current one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from shopcrm.basics.progress import Progress
from shopcrm.basics.records import (
    TYPE_KEYS,
    Changes,
    MemberCard,
    MemberId,
    Query,
    StaffId,
)
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_phone
from ui import theme
from ui.dialogs.complaint import open_complaint, open_rating
from ui.dialogs.export_callbacks import ExportList
from ui.dialogs.member_edit import MemberEdit
from ui.dialogs.member_erase import ask_erase
from ui.dialogs.member_history import open_history
from ui.dialogs.merge import open_merge
from ui.pages.base import Layout, Navigator, Page
from ui.pages.members.filters import Filters
from ui.pages.members.rows import MemberRows
from ui.session import Session
from ui.tables import MEMBERS, ListFrame, ListView, PagedModel
from ui.theme.tokens import CARD_GAP, PAGE_SIDE, ROW_MEMBER
from ui.widgets import Button, EmptyState, Label, SmallButton
from ui.widgets.clipboard import Clipboard
from ui.widgets.member_card import MemberPane

if TYPE_CHECKING:
    from shopcrm.basics.papers import Paper
    from shopcrm.shop import Shop, ShopView
    from shopcrm.shop.exports import Exports

PAUSES = (30, 90, 180)


class MembersPage(Page):
    """Chips, list and card. Within a group of filters OR, between groups AND."""

    filters_search = True

    def __init__(self, session: Session, window: Navigator, page_id: str = "members") -> None:
        super().__init__(session, window, page_id)
        self.title = t("nav.members")
        self._wanted = -1  # member to make current as soon as the list has her
        self._layout = Layout("normal", 1366, 697)
        self._card_open = False  # only where list and card are shown one at a time
        self._exported = ""
        self._clipboard = Clipboard(self)
        self._rows = MemberRows(session)
        self.model = PagedModel(session, MEMBERS, self._rows.columns(self._layout), self._rows.sentence)
        self.list = ListView(self.model, ROW_MEMBER, ticks=True)
        self.card = MemberPane("members", self.session)
        self._build()
        self._connect()
        self.focus_first = self.list

    # -- building -----------------------------------------------------------------------------------------

    def _build(self) -> None:
        outer = QVBoxLayout(self)
        side = theme.px(PAGE_SIDE)
        outer.setContentsMargins(side, 0, side, theme.px(CARD_GAP))
        outer.setSpacing(theme.px(10))
        self.filters = Filters(self.session)
        outer.addWidget(self.filters)
        row = QHBoxLayout()
        row.setSpacing(theme.px(CARD_GAP))
        self._left = QWidget()
        left = QVBoxLayout(self._left)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(theme.px(4))
        self._stack = QStackedWidget()
        self._stack.addWidget(ListFrame(self.list))
        self._none = EmptyState("user-search", t("mb.none"), t("mb.none2"))
        self.none_clear = self._none.add_button(Button(t("mb.chip.clear")))
        self.none_new = self._none.add_button(Button("", "primary", "user-plus", key="F4"))
        self._nobody = EmptyState("users", t("mb.nobody"), t("mb.nobody2"))
        self.nobody_import = self._nobody.add_button(Button(t("mb.import"), "primary", "table-import"))
        self.nobody_new = self._nobody.add_button(Button(t("mb.new"), "normal", "user-plus"))
        for state in (self._none, self._nobody):
            frame = ListFrame(state)
            self._stack.addWidget(frame)
        self.toast_area = self._stack
        left.addWidget(self._stack, 1)
        left.addWidget(self._build_foot())
        row.addWidget(self._left, 1)
        row.addWidget(self.card)
        outer.addLayout(row, 1)

        self.log = Button(t("mb.log"), "primary", "building-store")
        self.edit_button = Button(t("g.edit"), "normal", "pencil")
        self.more = Button("", "normal", "dots")
        self.more.setToolTip(t("g.more"))
        self.more.setAccessibleName(t("g.more"))
        self.more.setFixedWidth(theme.px(46))
        self.card.buttons.addWidget(self.log, 1)
        self.card.buttons.addWidget(self.edit_button)
        self.card.buttons.addWidget(self.more)

        self.new = Button(t("mb.new"), "primary", "user-plus", key="F4")
        self.head_button = self.new
        self.middle = QWidget()
        back_row = QHBoxLayout(self.middle)
        back_row.setContentsMargins(0, 0, 0, 0)
        self.back = Button(t("mb.back"), icon="arrow-left", key="Esc")
        back_row.addWidget(self.back)
        self.back.hide()
        # Back to where a figure led here from.
        self.origin = Button(t("mb.origin.overview"), icon="arrow-left", key="Esc")
        back_row.addWidget(self.origin)
        self.origin.hide()
        self._origin = ""

    def _build_foot(self) -> QWidget:
        foot = QWidget()
        foot.setFixedHeight(theme.px(36))
        row = QHBoxLayout(foot)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        self._count = Label("", "small", "tx2")
        self._chosen = Label("", "label_bold")
        self.export = SmallButton(t("today.export"), icon="file-spreadsheet")
        self.export_chosen = SmallButton(t("today.export"), "normal", "file-spreadsheet")
        self.print = SmallButton(t("today.print"), icon="printer")
        self.print_chosen = SmallButton(t("today.print"), "normal")
        self.to_today = SmallButton(t("mb.totoday"), "normal", "checklist")
        self.restaff = SmallButton(t("mb.restaff"), "normal", "user")
        self.unselect = SmallButton(t("mb.unselect"))
        chosen = (self.export_chosen, self.print_chosen, self.to_today, self.restaff)
        for widget in (self._count, self._chosen, *chosen):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.export)
        row.addWidget(self.print)
        row.addWidget(self.unselect)
        return foot

    def _connect(self) -> None:
        self.filters.changed.connect(self._requery)
        for button in (self.filters.clear, self.none_clear):
            button.clicked.connect(self.clear_filters)
        self.model.loaded.connect(self._on_loaded)
        self.list.current_changed.connect(self._on_current)
        self.list.opened.connect(self._on_opened)
        self.list.clicked.connect(self._on_clicked)
        self.list.ticks_changed.connect(self._on_ticks)
        self.list.menu_wanted.connect(self._on_menu)
        self.export.clicked.connect(self._on_export)
        self.export_chosen.clicked.connect(self._on_export)
        self.print.clicked.connect(self._on_print)
        self.print_chosen.clicked.connect(self._on_print)
        self.to_today.clicked.connect(self._on_to_today)
        self.restaff.clicked.connect(self._on_restaff)
        self.unselect.clicked.connect(self.list.clear_ticks)
        self.card.copy_wanted.connect(self._copy_phone)
        self.card.fill_wanted.connect(self._on_edit)
        self.card.settle_wanted.connect(self._on_complaint)
        self.log.clicked.connect(self._on_log)
        self.edit_button.clicked.connect(self._on_edit)
        self.more.clicked.connect(self._on_more)
        self.new.clicked.connect(self._on_new)
        for button in (self.none_new, self.nobody_new):
            button.clicked.connect(self._on_new)
        self.nobody_import.clicked.connect(self._on_import)
        self.back.clicked.connect(self._on_back)
        self.origin.clicked.connect(self._on_origin)
        self.session.staff_changed.connect(self._on_staff_changed)

    # -- hooks --------------------------------------------------------------------------------------------

    def shown(self, **args: Any) -> None:
        """`member` makes her current, `types` and `ids` with `title` filter the list to them; `filters` with
        `searched` are those of `carry`. `origin` is the page one may go back to, overview or effect."""
        self._origin = str(args.get("origin", ""))
        self.origin.setVisible(bool(self._origin))
        if self._origin:
            self.origin.setText(t(f"mb.origin.{self._origin}"))
        if "filters" in args:
            self.filters.restore(args["filters"])
            self.searched = args["searched"]
            self._requery()
        elif "types" in args or "ids" in args:
            self._reset()
            self.filters.set_types({key for key in args.get("types", ()) if key in TYPE_KEYS})
            if "ids" in args:
                members = tuple(int(member) for member in args["ids"])
                self.filters.set_only(members, str(args.get("title", "")))
            self._requery()
        if "member" in args:
            self.show_member(int(args["member"]))

    def refresh(self, changes: Changes) -> None:
        if any((changes.members, changes.sales, changes.visits, changes.types)) or self.model.query is None:
            self._requery()
            self.filters.ask_counts()
        elif changes.tasks:
            self.model.touch(changes.tasks if changes.tasks.all else self.model.ids)
            self._on_current(self.list.current_id())
        if changes.settings:
            self.filters.ask_counts()
            self._on_current(self.list.current_id())

    def apply_layout(self, layout: Layout) -> None:
        self._layout = layout
        if layout.single:
            self.card.setMinimumWidth(0)
            self.card.setMaximumWidth(16_777_215)
        else:
            self._card_open = False
            self.card.setFixedWidth(theme.px(layout.card))
        self.list.set_columns(self._rows.columns(layout))
        self.list.remember(self.session.prefs, f"columns.members.{layout.name}")
        self.filters.apply_layout(layout)
        self.filters.show_chips(self.searched)
        self._show_parts()

    def search(self, text: str) -> None:
        self.searched = text.strip()
        self._requery()

    def escape(self) -> bool:
        if self._layout.single and self._card_open:
            self._on_back()
            return True
        if self.list.ticked_ids():
            self.list.clear_ticks()
            return True
        if not self.list.hasFocus() and self.list.isVisible():
            self.list.setFocus()
            return True
        if self._origin:
            self._on_origin()
            return True
        return False

    def new_member(self, typed: str) -> bool:
        if not self.model.ids:  # whoever was looked for is not there yet
            typed = typed or self.searched
        digits = typed if typed.isdigit() else ""
        dialog = MemberEdit(self, self.session, digits=digits, name="" if digits else typed)
        self._open_edit(dialog)
        return True

    def carry(self) -> dict[str, Any]:
        member = self.list.current_id()
        carried = {"filters": self.filters.state(), "searched": self.searched, "origin": self._origin}
        return carried | ({"member": member} if member >= 0 else {})

    # -- the list -----------------------------------------------------------------------------------------

    def query(self) -> Query:
        """What is filtered for, in the order chosen."""
        old = self.model.query if isinstance(self.model.query, Query) else Query()
        return self.filters.query(self.searched, old.sort, old.descending)

    @Slot()
    def _requery(self) -> None:
        self.model.set_query(self.query())
        self.filters.show_chips(self.searched)

    def _reset(self) -> None:
        self.filters.reset()
        self.searched = ""

    @Slot()
    def clear_filters(self) -> None:
        """Show everybody again."""
        self._reset()
        self._requery()
        self.list.setFocus()

    def show_member(self, member: int) -> None:
        """Make a member current, taking filters away that hide her."""
        self._wanted = member
        if self.model.row_of(member) >= 0:
            self._take_wanted()
            return
        self._reset()
        card = self.session.view.member(MemberId(member))
        if card is not None and card.archived:
            self.filters.set_flag("archived")
        self._requery()

    def _take_wanted(self) -> None:
        if self._wanted >= 0 and self.list.select_id(self._wanted):
            self._wanted = -1
            if self._layout.single:
                self._card_open = True
                self._show_parts()

    @Slot()
    def _on_loaded(self) -> None:
        self._take_wanted()
        total = self.session.view.total()
        self.set_fact(t("g.total", n=f"{total:,}"))
        filtered = replace(self.query(), sort="last", descending=True) != Query()
        found = f"{len(self.model.ids):,}"
        self._count.setText(t("mb.count", a=found, b=f"{total:,}") if filtered else t("g.total", n=found))
        if self.model.ids:
            self._stack.setCurrentIndex(0)
        else:
            self._say_nobody()
            self._stack.setCurrentIndex(1 if filtered else 2)
            self._card_open = False
        self._on_ticks(0)
        self._show_parts()

    def _say_nobody(self) -> None:
        """Nobody is let through: by the text, then she may be new; or by the conditions."""
        text, alone = self.searched, self.filters.query("", "last", True) == Query()
        title = t("search.none", q=text) if text and alone else t("mb.none")
        self._none.set_texts(title, "" if text and alone else t("mb.none2"))
        self.none_new.setText(t("search.newdigits", q=text) if text.isdigit() else t("search.new"))
        self.none_new.setVisible(bool(text))

    @Slot()
    def _on_staff_changed(self) -> None:
        self.filters.show_chips(self.searched)

    # -- card ---------------------------------------------------------------------------------------------

    @Slot(int)
    def _on_current(self, member: int) -> None:
        card = self.session.view.member(MemberId(member)) if member >= 0 else None
        self.card.set_member(card, self.session.today)
        if card is not None and card.n:
            self.session.query(_Rank(card.id), key="rank", done=self._on_rank)
        erased = card is not None and card.erased
        for button in (self.log, self.edit_button):
            button.setEnabled(not erased)
            button.setToolTip(t("err.member_erased") if erased else "")

    def _on_rank(self, answer: tuple[MemberId, int | None]) -> None:
        member, rank = answer
        card = self._member()
        if card is not None and card.id == member and rank:
            self.card.set_rank(rank)

    def _member(self) -> MemberCard | None:
        return self.card.member()

    def _show_parts(self) -> None:
        single, apart = self._layout.single, self._layout.single and self._card_open
        self._left.setVisible(not apart)
        self.filters.setVisible(not apart)
        self.card.setVisible(apart if single else self._stack.currentIndex() != 2)
        self.back.setVisible(apart)

    @Slot(int)
    def _on_opened(self, _member: int) -> None:
        if self._layout.single and not self._card_open:
            self._on_clicked()
        else:
            self._on_log()

    @Slot()
    def _on_clicked(self) -> None:
        if self._layout.single and self._member() is not None:
            self._card_open = True
            self._show_parts()
            self.log.setFocus()

    @Slot()
    def _on_origin(self) -> None:
        self.navigate(self._origin)

    @Slot()
    def _on_back(self) -> None:
        self._card_open = False
        self._show_parts()
        self.list.setFocus()

    @Slot()
    def _on_log(self) -> None:
        card = self._member()
        if card is not None and not card.erased:
            self.navigate("counter", member=int(card.id))

    @Slot()
    def _on_edit(self) -> None:
        card = self._member()
        if card is not None and not card.erased:
            self._open_edit(MemberEdit(self, self.session, card))

    @Slot()
    def _on_new(self) -> None:
        self.new_member("")

    def _open_edit(self, dialog: MemberEdit) -> None:
        dialog.saved.connect(self._on_saved)
        dialog.wanted.connect(self._on_saved)
        dialog.open()

    @Slot(int)
    def _on_saved(self, member: int) -> None:
        self.show_member(member)

    @Slot()
    def _on_import(self) -> None:
        self.navigate("io")

    @Slot(str)
    def _copy_phone(self, phone: str) -> None:
        self._phone = phone
        self._clipboard.copy(phone, self._on_copied)

    def _on_copied(self, worked: bool) -> None:
        if worked:
            self.toast(t("mb.phonecopied", phone=show_phone(self._phone)))
        else:
            self.toast(t("copy.failed"), "alert-circle", action=t("g.retry"), slot=self._copy_again)

    @Slot()
    def _copy_again(self) -> None:
        self._copy_phone(self._phone)

    # -- menus --------------------------------------------------------------------------------------------

    @Slot()
    def _on_more(self) -> None:
        menu = self.more_menu()
        place = self.more.mapToGlobal(QPoint(0, 0))
        menu.popup(QPoint(place.x(), place.y() - menu.sizeHint().height() - theme.px(2)))

    def more_menu(self) -> QMenu:
        """What else can be done with the current member."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        card = self._member()
        if card is None:
            return menu
        if not card.erased:
            self._offer_work(menu, card)
            menu.addSeparator()
        menu.addAction(t("hist.title")).triggered.connect(self._on_history)
        if card.erased:
            return menu
        menu.addAction(t("mb.print")).triggered.connect(self._on_print_card)
        menu.addAction(t("mb.takeout")).triggered.connect(self._on_take_out)
        menu.addSeparator()
        off = menu.addAction(t("mb.on") if card.archived else t("mb.off"))
        off.triggered.connect(self._on_archive)
        menu.addAction(t("mb.erase")).triggered.connect(self._on_erase)
        return menu

    def _offer_work(self, menu: QMenu, card: MemberCard) -> None:
        if not card.archived:
            menu.addAction(t("mb.addtoday")).triggered.connect(self._on_add_current)
            menu.addAction(t("mb.merge")).triggered.connect(self._on_merge)
        paused = card.pause_until is not None and card.pause_until >= self.session.today
        if paused or card.is_never:
            menu.addAction(t("mb.resume")).triggered.connect(self._on_resume)
        else:
            part = menu.addMenu(t("mb.pause"))
            for days in PAUSES:
                part.addAction(t("mb.pause." + str(days))).setData(days)
            part.addAction(t("mb.never")).setData(0)
            part.triggered.connect(self._on_pause)
        complaint = menu.addAction(t("cp.menu.open" if card.complaints else "cp.menu"))
        complaint.triggered.connect(self._on_complaint)
        menu.addAction(t("rt.menu")).triggered.connect(self._on_rating)

    @Slot()
    def _on_merge(self) -> None:
        card = self._member()
        if card is not None:
            open_merge(self, self.session, card.id).merged.connect(self._on_saved)

    @Slot()
    def _on_history(self) -> None:
        card = self._member()
        if card is not None:
            open_history(self, self.session, card.id)

    @Slot()
    def _on_erase(self) -> None:
        card = self._member()
        if card is not None:
            ask_erase(self, self.session, card)

    @Slot()
    def _on_complaint(self) -> None:
        card = self._member()
        if card is not None:
            open_complaint(self, self.session, card)

    @Slot()
    def _on_rating(self) -> None:
        card = self._member()
        if card is not None:
            open_rating(self, self.session, card)

    @Slot()
    def _on_take_out(self) -> None:
        """All there is of her, as she may ask for it."""
        card = self._member()
        if card is not None:
            name = card.name or card.call_name
            title = t("mb.takeout.title", name=name)
            dialog = ExportList(
                self, self.session, title, [(card.id, t("mb.takeout.what"))], title, _write_person
            )
            dialog.saved.connect(self._on_exported)
            dialog.open()

    @Slot(int, QPoint)
    def _on_menu(self, _member: int, place: QPoint) -> None:
        card = self._member()
        if card is None:
            return
        self.row_menu(card).popup(place)

    def row_menu(self, card: MemberCard) -> QMenu:
        """What a right click offers: all that the card offers, in its words."""
        menu = self.more_menu()
        first = menu.actions()[0]
        for words, slot, shown in (
            (t("mb.log"), self._on_log, not card.erased),
            (t("g.edit"), self._on_edit, not card.erased),
            (t("today.copyphone"), self._copy_current, bool(card.phones)),
        ):
            if shown:
                action = menu.addAction(words)
                action.triggered.connect(slot)
                menu.insertAction(first, action)
        return menu

    @Slot()
    def _copy_current(self) -> None:
        card = self._member()
        if card is not None and card.phones and not card.may_dial:
            self.toast(t("mb.nodial"), "message-off")
        elif card is not None and card.phones:
            self.card.who.copy_phone()

    @Slot()
    def _on_add_current(self) -> None:
        card = self._member()
        if card is not None:
            self._add_today((card.id,))

    @Slot(object)
    def _on_pause(self, action: Any) -> None:
        card = self._member()
        if card is None or not isinstance(action.data(), int):
            return
        member, days = card.id, action.data()
        until = self.session.today + timedelta(days=days) if days else None
        self._pause(member, until, never=days == 0)

    @Slot()
    def _on_resume(self) -> None:
        card = self._member()
        if card is not None:
            self._pause(card.id, None, never=False)

    def _pause(self, member: MemberId, until: date | None, *, never: bool) -> None:
        def pause(shop: Shop, _progress: Progress) -> object:
            return shop.members.pause(member, until, never=never)

        self.session.do(pause, origin=self)

    @Slot()
    def _on_archive(self) -> None:
        card = self._member()
        if card is None:
            return
        member, back = card.id, card.archived

        def archive(shop: Shop, _progress: Progress) -> object:
            return shop.members.restore(member) if back else shop.members.archive(member)

        self.session.do(archive, origin=self)

    # -- several at once ----------------------------------------------------------------------------------

    @Slot(int)
    def _on_ticks(self, _number: int) -> None:
        number = len(self.list.ticked_ids())
        people = [person for person in self.session.view.staff() if person.active]
        self._chosen.setText(t("mb.selected", n=f"{number:,}"))
        for widget in (self._chosen, self.export_chosen, self.print_chosen, self.to_today, self.unselect):
            widget.setVisible(number > 0)
        self.restaff.setVisible(number > 0 and bool(people))
        self._count.setVisible(number == 0)
        for widget in (self.export, self.print):
            widget.setVisible(number == 0 and bool(self.model.ids))

    def _ticked(self) -> tuple[MemberId, ...]:
        return tuple(MemberId(member) for member in self.list.ticked_ids())

    @Slot()
    def _on_to_today(self) -> None:
        self._add_today(self._ticked())

    def _add_today(self, members: tuple[MemberId, ...]) -> None:
        def add(shop: Shop, _progress: Progress) -> object:
            return shop.followups.add_today(members)

        self.session.do(add, origin=self, done=self._on_several_done, busy=self.to_today)

    def _on_several_done(self, _result: object) -> None:
        self.list.clear_ticks()

    @Slot()
    def _on_restaff(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for person in self.session.view.staff():
            if person.active:
                menu.addAction(person.name).setData(int(person.id))
        menu.addAction(t("mb.staff.none")).setData(None)
        menu.triggered.connect(self._on_staff_picked)
        place = self.restaff.mapToGlobal(QPoint(0, 0))
        menu.popup(QPoint(place.x(), place.y() - menu.sizeHint().height() - theme.px(2)))

    @Slot(object)
    def _on_staff_picked(self, action: Any) -> None:
        self.give_to(action.data())

    def give_to(self, staff: int | None) -> None:
        """Make the ticked members those of an assistant, None of nobody."""
        members = self._ticked()
        person = None if staff is None else StaffId(staff)

        def assign(shop: Shop, progress: Progress) -> object:
            return shop.members.assign(members, person, progress)

        self.session.do(
            assign, origin=self, done=self._on_several_done, busy=self.restaff, progress=t("bk.bulk")
        )

    @Slot()
    def _on_export(self) -> None:
        ticked = self._ticked()
        query = self.query()
        choices: list[tuple[object, str]] = []
        if ticked:
            chosen = replace(query, only=ticked)
            choices.append((chosen, t("mb.selected", n=f"{len(ticked):,}")))
        everyone = Query()
        if replace(query, sort="last", descending=True) != everyone:
            choices.append((query, t("ex.which.shown", n=f"{len(self.model.ids):,}")))
        choices.append((everyone, t("ex.which.members", n=f"{self.session.view.total():,}")))
        name = t("ex.file.members", date=self.session.today.isoformat())
        ids = tuple(column.id for column in self._rows.columns(self._layout) if column.title)
        columns = [(ids, t("ex.cols.shown", n=len(ids))), (None, t("ex.cols.all"))]
        dialog = ExportList(self, self.session, t("ex.members"), choices, name, _write_members, columns)
        dialog.saved.connect(self._on_exported)
        dialog.open()

    @Slot()
    def _on_print(self) -> None:
        """The list as it is shown, or the members that are ticked."""
        from ui.dialogs.print_preview import open_preview  # loads what Qt needs for printing

        if not self.model.ids:
            return
        ticked, query = self._ticked(), self.query()
        chosen = replace(query, only=ticked) if ticked else query
        columns = [column.id for column in self._rows.columns(self._layout) if column.title]

        def paper(shop: Shop, mask: bool, _messages: bool) -> Paper:
            return shop.papers.member_list(chosen, columns, mask=mask)

        open_preview(self, self.session, paper, saved=self._on_exported)

    @Slot()
    def _on_print_card(self) -> None:
        from ui.dialogs.print_preview import open_preview

        card = self._member()
        if card is None:
            return
        member = card.id

        def paper(shop: Shop, mask: bool, _messages: bool) -> Paper:
            return shop.papers.member_card(member, mask=mask)

        open_preview(self, self.session, paper, saved=self._on_exported)

    @Slot(str)
    def _on_exported(self, path: str) -> None:
        self._exported = path
        folder = Path(path).parent
        self.toast(t("ex.saved", folder=folder), action=t("ex.openfolder"), slot=self._open_export_folder)

    @Slot()
    def _open_export_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(self._exported).parent)))

    # -- keys ---------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if control and event.key() == Qt.Key.Key_E:
            self._on_export()
        elif control and event.key() == Qt.Key.Key_P:
            self._on_print()
        elif control and event.key() == Qt.Key.Key_C:  # with Shift, too, as on Today
            self._copy_current()
        else:
            super().keyPressEvent(event)


class _Rank:
    """Asks for the rank of one member."""

    def __init__(self, member: MemberId) -> None:
        self._member = member

    def __call__(self, view: ShopView) -> tuple[MemberId, int | None]:
        return self._member, view.rank(self._member)


def _write_person(exports: Exports, path: Path, member: Any, mask: bool, progress: Progress) -> object:
    return exports.person(path, member, mask=mask)


def _write_members(exports: Exports, path: Path, wanted: Any, mask: bool, progress: Progress) -> object:
    query, columns = wanted
    return exports.members(path, query=query, columns=columns, mask=mask, progress=progress)
