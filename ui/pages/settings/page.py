"""The settings page: a list of places on the left, one of them on the right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from shopcrm.basics.records import Changes, StaffRow
from shopcrm.basics.texts import t
from ui import theme
from ui.pages.base import Layout, Navigator, Page
from ui.pages.settings.about import AboutPlace
from ui.pages.settings.audit import AuditPlace
from ui.pages.settings.backups import BackupsPlace
from ui.pages.settings.bin import BinPlace
from ui.pages.settings.display import DisplayPlace
from ui.pages.settings.own_fields import OwnFieldsPlace
from ui.pages.settings.passwords import PasswordsPlace
from ui.pages.settings.place import Place, PlaceButton, scrolled
from ui.pages.settings.privacy import PrivacyPlace
from ui.pages.settings.rules import RulesPlace
from ui.pages.settings.shop import ShopPlace
from ui.pages.settings.staff import StaffPlace
from ui.pages.settings.types import TypesPlace
from ui.pages.settings.words import WordsPlace
from ui.session import Session
from ui.theme.tokens import CARD_GAP, PAGE_SIDE

# Id, icon, where it is made, and the right it asks for; what an assistant may read in peace asks for none.
_PLACES: tuple[tuple[str, str, type[Place], str], ...] = (
    ("shop", "building-store", ShopPlace, "settings"),
    ("types", "category", TypesPlace, ""),
    ("followups", "calendar-event", RulesPlace, ""),
    ("words", "message-2", WordsPlace, ""),
    ("staff", "users", StaffPlace, "staff"),
    ("own", "list-details", OwnFieldsPlace, "settings"),
    ("backups", "database", BackupsPlace, "backup"),
    ("passwords", "lock", PasswordsPlace, "take"),
    ("bin", "trash", BinPlace, "members"),
    ("audit", "eye", AuditPlace, "staff"),
    ("privacy", "shield-lock", PrivacyPlace, "settings"),
    ("display", "text-size", DisplayPlace, ""),
    ("about", "info-circle", AboutPlace, ""),
)
_FREE = "display"  # open to everybody
_LIST = 168


class SettingsPage(Page):
    """Places are made when first opened."""

    own_search = True

    def __init__(self, session: Session, window: Navigator, page_id: str = "settings") -> None:
        super().__init__(session, window, page_id)
        self.title = t("nav.settings")
        self.places: dict[str, Place] = {}
        self.buttons: dict[str, PlaceButton] = {}
        self.current = ""
        whole = QHBoxLayout(self)
        whole.setContentsMargins(theme.px(PAGE_SIDE), 0, theme.px(PAGE_SIDE), theme.px(16))
        whole.setSpacing(theme.px(CARD_GAP))
        places = QWidget()
        places.setProperty("page", "true")
        places.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._list = scrolled(places)
        self._list.setFixedWidth(theme.px(_LIST))
        column = QVBoxLayout(places)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        group = QButtonGroup(self)
        for key, icon, _, _ in _PLACES:
            button = PlaceButton(icon, t(f"st.{key}"))
            button.setObjectName(key)
            group.addButton(button)
            column.addWidget(button)
            self.buttons[key] = button
        group.buttonClicked.connect(self._on_clicked)
        session.staff_changed.connect(self._on_staff_changed)
        column.addStretch(1)
        whole.addWidget(self._list)
        self._stack = QStackedWidget()
        self.toast_area = self._stack
        whole.addWidget(self._stack, 1)
        self.focus_first = self.buttons["shop"]

    @Slot(object)
    def _on_clicked(self, button: QWidget) -> None:
        key = button.objectName()
        if key == self.current:
            return
        if self.places[self.current].asks_first(lambda: self.open_place(key)):
            self.buttons[self.current].setChecked(True)
        else:
            self.open_place(key)

    def open_place(self, key: str) -> None:
        """Show one of the places; where a right is missing whoever has it is asked for first."""
        _, _, kind, right = next(row for row in _PLACES if row[0] == key)
        if not self._may_open(key):
            if self.current:
                self.buttons[self.current].setChecked(True)
            self.window_.ask_for(right, lambda _: self._on_granted(key))
            return
        if key not in self.places:
            place = kind(self)
            self.places[key] = place
            place.setProperty("page", "true")
            place.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
            if not place.scrolls_itself:
                place.frame = scrolled(place, takes_focus=True)
            self._stack.addWidget(place if place.scrolls_itself else place.frame)
        lender = self.session.lender
        self.current = key
        if lender is not None and self._may_open(key, lender):
            self.window_.take_back()  # who helps out is done where her help is not needed
        self.buttons[key].setChecked(True)
        self.focus_first = self.buttons[key]
        place = self.places[key]
        self._stack.setCurrentWidget(place if place.scrolls_itself else place.frame)
        self.toast_area = place.toast_area or self._stack
        place.read()
        self.set_fact(t(f"st.{key}"))

    def _on_granted(self, key: str) -> None:
        """Whoever may is here; the focus, which was in her dialog, goes where she would have clicked."""
        self.open_place(key)
        self.buttons[key].setFocus(Qt.FocusReason.OtherFocusReason)

    def _may_open(self, key: str, person: StaffRow | None = None) -> bool:
        right = next(row[3] for row in _PLACES if row[0] == key)
        return not right or self.session.may(right, person)

    @Slot()
    def _on_staff_changed(self) -> None:
        if self.current and not self._may_open(self.current):
            self.open_place(_FREE)  # behind a lock or another page, too

    def shown(self, place: str = "", carried: dict[str, Any] | None = None, **args: Any) -> None:
        usual = self.current or ("shop" if self._may_open("shop") else _FREE)
        if not self.current and place and not self._may_open(place):
            self.open_place(_FREE)  # stands there while somebody is asked for
        self.open_place(place or usual)
        if carried and (not place or place == self.current):
            self.places[self.current].take(**carried)

    def asks_first(self, go: Callable[[], object]) -> bool:
        return bool(self.current) and self.places[self.current].asks_first(go)

    def undo(self) -> bool:
        return bool(self.current) and self.places[self.current].undo()

    def redo(self) -> bool:
        return bool(self.current) and self.places[self.current].redo()

    def refresh(self, changes: Changes) -> None:
        if self.current and self.places[self.current].concerned(changes):
            self.places[self.current].read()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and control and self.current:
            self.places[self.current].save_now()
        else:
            super().keyPressEvent(event)

    def carry(self) -> dict[str, Any]:
        return {"place": self.current, "carried": self.places[self.current].carry()}

    def apply_layout(self, layout: Layout) -> None:
        bar = self._list.verticalScrollBar().sizeHint().width()
        words = max(button.sizeHint().width() for button in self.buttons.values()) + bar
        self._list.setFixedWidth(max(words, theme.px(_LIST if layout.width >= 900 else 132)))
