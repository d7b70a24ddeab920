"""Whose hands a to-do is in: whose list is shown, giving to-dos to somebody, sharing out who is away."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QMenu

from shopcrm.basics.progress import Progress
from shopcrm.basics.records import POOL, StaffId, StaffRow, TaskId
from shopcrm.basics.texts import t
from ui import theme

if TYPE_CHECKING:
    from shopcrm.shop import Shop
    from ui.pages.base import Page

SHOP, MINE, FREE = "shop", "mine", "free"  # whose list; a person's id else


class Hands(QObject):
    """The menus of Today that name people, and what is done with them."""

    changed = Signal()  # another list is wanted
    given = Signal()  # to-dos went to somebody, or came forward

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._page, self._session = page, page.session
        self.whose: str | StaffId = SHOP

    # -- whose list ---------------------------------------------------------------------------------------

    def people(self) -> list[StaffRow]:
        """Who works here."""
        return [person for person in self._session.view.staff() if person.active]

    def staff(self) -> StaffId | None:
        """Whose list is shown, `POOL` for what nobody has, None for everybody's."""
        if self.whose == MINE:
            person = self._session.staff
            return person.id if person else None
        if self.whose == FREE:
            return POOL
        if all(person.id != self.whose for person in self.people()):  # everybody's, or she left meanwhile
            self.whose = SHOP
            return None
        return StaffId(int(self.whose))

    def words(self) -> str:
        """Whose list that is, for the button."""
        if isinstance(self.whose, str):
            return t({SHOP: "today.shop", MINE: "today.mine", FREE: "today.free"}[self.whose])
        return next((person.name for person in self.people() if person.id == self.whose), t("today.shop"))

    def show(self, whose: str | int) -> None:
        """Show one person's list; `shop` everybody's, `mine` that of who is here, `free` what nobody has."""
        self.whose = whose if isinstance(whose, str) else StaffId(whose)
        self.changed.emit()

    def open_whose(self, place: QPoint) -> None:
        """The menu of people whose list may be shown; of a person's list also its sharing out."""
        menu = self._menu()
        self._entry(menu, t("today.shop"), partial(self.show, SHOP))
        if self._session.staff is not None:
            self._entry(menu, t("today.mine"), partial(self.show, MINE))
        menu.addSeparator()
        for person in self.people():
            self._entry(menu, person.name, partial(self.show, int(person.id)))
        menu.addSeparator()
        self._entry(menu, t("today.free"), partial(self.show, FREE))
        away = self._person(self.staff())
        if away is not None and len(self.people()) > 1:
            menu.addSeparator()
            self._entry(menu, t("today.away", name=away.name), partial(self._share_out, away))
        menu.popup(place)

    def _share_out(self, away: StaffRow) -> None:
        from ui.dialogs.hand_over import ShareOut  # not on the way to the first list

        dialog = ShareOut(self._page, self._session, away)
        dialog.done_.connect(self.given)
        dialog.open()

    # -- giving -------------------------------------------------------------------------------------------

    def open_give(self, tasks: Sequence[TaskId], place: QPoint) -> None:
        """The menu of people to give these to-dos to."""
        menu = self._menu()
        self.add_people(menu, tasks)
        menu.popup(place)

    def add_people(self, menu: QMenu, tasks: Sequence[TaskId]) -> None:
        """Into a menu: take these over, give them to somebody, back to each member's own assistant."""
        own = self._session.staff
        if own is not None:
            self._entry(menu, t("today.takeover"), partial(self._give, tasks, own.id))
            menu.addSeparator()
        for person in self.people():
            if own is None or person.id != own.id:
                self._entry(menu, person.name, partial(self._give, tasks, person.id))
        menu.addSeparator()
        self._entry(menu, t("today.giveback"), partial(self._give, tasks, None))

    def _give(self, tasks: Sequence[TaskId], staff: StaffId | None) -> None:
        def give(shop: Shop, _progress: Progress) -> object:
            return shop.followups.assign(tasks, staff)

        self._session.do(give, origin=self._page, done=self._on_given)

    def bring_forward(self, tasks: Sequence[TaskId]) -> None:
        """Take these to-dos that wait onto today's list."""

        def forward(shop: Shop, _progress: Progress) -> object:
            return shop.followups.bring_forward(tasks)

        if tasks:
            self._session.do(forward, origin=self._page, done=self._on_given)

    def _on_given(self, _result: object) -> None:
        self.given.emit()

    # -- menus --------------------------------------------------------------------------------------------

    def _person(self, staff: StaffId | None) -> StaffRow | None:
        return next((person for person in self.people() if person.id == staff), None)

    def _menu(self) -> QMenu:
        menu = QMenu(self._page)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setMinimumWidth(theme.px(140))
        return menu

    def _entry(self, menu: QMenu, words: str, slot: object) -> None:
        action = menu.addAction(words)
        action.setData(slot)
        action.triggered.connect(self._on_entry)

    @Slot()
    def _on_entry(self) -> None:
        self.sender().data()()  # type: ignore[attr-defined]
