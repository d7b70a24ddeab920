"""What each role may open, press and do in the window: everything is tried, and what was done is compared
with what she may."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QDesktopServices, QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLabel, QLineEdit, QMenu

from shopcrm.basics.records import StaffRow
from shopcrm.basics.rights import FEW, FREE, GRANTABLE, KINDS, rights_of
from shopcrm.basics.texts import t
from shopcrm.shop.dump import dump
from tests.conftest import DAY
from tests.ui.real_window import open_window, put_away, settle
from ui.actions import ACTIONS
from ui.dialogs.who import WhoPanel
from ui.main_window import MainWindow
from ui.pages import PAGES
from ui.pages.settings import SettingsPage
from ui.tables import ListView
from ui.widgets import Dialog, open_dialog
from ui.widgets.frame import PersonButton

# An offscreen window has no place among others: Qt says so when a menu opens.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

OPEN = {  # pages each role opens without anybody's help
    "owner": {"today", "counter", "members", "overview", "effect", "io", "settings", "wanted"},
    "assistant": {"today", "counter", "members", "settings", "wanted"},
    "entry": {"counter", "settings", "wanted"},
}
PLACES = {
    "owner": {
        "shop", "types", "followups", "words", "staff", "own", "backups", "bin", "audit", "privacy",
        "display", "about",
    },
    "assistant": {"types", "followups", "words", "bin", "display", "about"},
    "entry": {"types", "followups", "words", "display", "about"},
}  # fmt: skip
DONE_BY_PRESSING = {"assistant": {"footfall", "undo"}, "entry": {"footfall"}}
ROLES = tuple(OPEN)
People = dict[str, StaffRow]


@pytest.fixture
def people(shop: Any) -> People:
    """One of each role; who is not the owner could be given more than her role has."""
    ids = {role: shop.settings.add_staff(role, role).value for role in ROLES}
    return {role: next(one for one in shop.settings.staff() if one.id == ids[role]) for role in ROLES}


@pytest.fixture
def window(
    qapp: Any,
    shop: Any,
    people: People,
    a_member: Callable[..., int],
    a_sale: Callable[..., int],
) -> Iterator[MainWindow]:
    for n in range(4):
        member = a_member(f"客{n}", joined=DAY - timedelta(days=400 - 30 * n))
        for back in (200, 90, 20 + n):
            a_sale(member, DAY - timedelta(days=back))
    shop.settings.begin("禾木衣坊", "")
    made = open_window(shop)
    yield made
    put_away(made, qapp)


def use(window: MainWindow, person: StaffRow) -> None:
    window.session.set_staff(person)
    settle()


def asked_for(window: MainWindow) -> str:
    """What the dialog in front says of who is wanted; empty where none asks for anybody."""
    dialog = open_dialog(window)
    if dialog is None:
        return ""
    words = [label.text() for label in dialog.findChildren(QLabel)]
    notes = [t("pin.owner"), t("pin.owner.none"), t("pin.others")]
    return next((text for text in words if text in notes), "")


def dismiss(window: MainWindow) -> None:
    for _ in range(4):
        dialog = open_dialog(window)
        if dialog is None:
            return
        dialog.reject()
        settle()


@pytest.mark.parametrize("role", ROLES)
def test_pages_by_rail_key_and_name(role: str, window: MainWindow, people: People, shop: Any) -> None:
    use(window, people[role])
    before = dump(shop.store.read())
    for entry in PAGES:
        if entry.id == "first_run":
            continue
        ways: list[Callable[[], object]] = [lambda page=entry.id: window.navigate(page)]
        if entry.icon:
            ways.append(lambda page=entry.id: window.rail.picked.emit(page))
        for shortcut in window.findChildren(QShortcut):
            if shortcut.objectName() == entry.id:
                ways.append(shortcut.activated.emit)
        for way in ways:
            window.navigate("settings", place="display")
            way()
            settle()
            front = window.current_page()
            assert front is not None
            if entry.id in OPEN[role]:
                assert front.page_id == entry.id
                assert not asked_for(window)
            else:
                assert front.page_id == "settings", entry.id
                assert asked_for(window), entry.id
                dismiss(window)
                assert window.session.staff == people[role]
    assert dump(shop.store.read()) == before


@pytest.mark.parametrize("role", ROLES)
def test_places_of_the_settings(role: str, window: MainWindow, people: People) -> None:
    use(window, people[role])
    window.navigate("settings", place="display")
    page = window.current_page()
    assert isinstance(page, SettingsPage)
    for key, button in page.buttons.items():
        page.open_place("display")
        button.click()
        settle()
        if key in PLACES[role] or (key not in PLACES["owner"] and role == "owner"):
            assert page.current == key
        else:
            assert asked_for(window), key
            assert (page.current, button.isChecked()) == ("display", False)
            dismiss(window)


@pytest.mark.parametrize("right", GRANTABLE)
def test_what_an_owner_grants_opens(right: str, window: MainWindow, people: People, shop: Any) -> None:
    helper = people["assistant"]
    shop.settings.change_staff(helper.id, "assistant", (right,))
    use(window, next(one for one in shop.settings.staff() if one.id == helper.id))
    window.navigate("io")
    settle()
    assert bool(asked_for(window)) is (right not in ("import", "export"))
    dismiss(window)


def test_the_owner_helps_out_until_another_page(window: MainWindow, people: People) -> None:
    use(window, people["assistant"])
    window.navigate("overview")
    settle()
    accept_owner(window)
    front = window.current_page()
    assert front is not None
    assert front.page_id == "overview"
    assert window.session.staff == people["owner"]
    assert window.findChild(PersonButton).text() == "owner"
    window.navigate("today")
    settle()
    assert window.session.staff == people["assistant"]


def test_who_is_asked_for_is_said_as_it_is_and_the_focus_follows(window: MainWindow, people: People) -> None:
    use(window, people["entry"])
    window.navigate("today")
    settle()
    assert asked_for(window) == t("pin.others")  # an assistant may, too
    dismiss(window)
    window.navigate("settings", place="staff")
    settle()
    assert asked_for(window) == t("pin.owner.none")
    accept_owner(window)
    page: Any = window.current_page()
    assert page.current == "staff"
    assert QApplication.focusWidget() is page.buttons["staff"]


def accept_owner(window: MainWindow) -> None:
    """Choose the owner, who has no PIN, in the dialog that asks for her."""
    dialog = open_dialog(window)
    assert dialog is not None
    panel = dialog.findChild(WhoPanel)
    roles = [person.role for person in panel.people]
    panel.tiles[roles.index("owner")].click()
    settle()


def test_one_thing_is_done_in_the_hands_of_the_owner(window: MainWindow, people: People, shop: Any) -> None:
    use(window, people["assistant"])
    done: list[object] = []
    failed: list[Exception] = []
    window.session.do(
        lambda shop, _: shop.settings.set("contact_spacing", 9), done=done.append, failed=failed.append
    )
    settle()
    assert asked_for(window)
    dismiss(window)
    assert (done, [error.__class__.__name__ for error in failed]) == ([], ["RightsError"])
    window.session.do(lambda shop, _: shop.settings.set("contact_spacing", 9), done=done.append)
    settle()
    accept_owner(window)
    assert len(done) == 1
    assert shop.settings.get("contact_spacing") == 9
    assert window.session.staff == people["assistant"]
    assert shop.actor == people["assistant"].id
    (line,) = [line for line in shop.view().audit(3).lines if line.kind == "setting.set"][:1]
    assert line.staff == "owner"


@pytest.fixture
def out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where whatever is saved goes, without a dialog of the system."""
    folder = tmp_path / "out"
    folder.mkdir()

    def name(*_: object, **__: object) -> tuple[str, str]:
        return str(folder / "list.xlsx"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", name)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_, **__: ("", ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_, **__: "")
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda *_: True)
    return folder


def is_short_paper(said: str) -> bool:
    """Whether a step printed a few people, which asks for no right."""
    sentence = json.loads(said)
    return sentence.get("id", "").startswith("pr.") and sentence["values"]["n"] <= FEW


@pytest.fixture
def menus(monkeypatch: pytest.MonkeyPatch) -> list[QMenu]:
    """The menus that were to open; they are not shown, because a menu that closes takes its entries along."""
    found: list[QMenu] = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, *_: found.append(menu))
    return found


@pytest.mark.parametrize("role", ["assistant", "entry"])
def test_whatever_is_pressed_only_what_she_may_is_done(
    role: str, window: MainWindow, people: People, shop: Any, out: Path, menus: list[QMenu]
) -> None:
    person = people[role]
    use(window, person)
    rx = shop.store.read()
    first = rx.value("SELECT coalesce(max(id), 0) FROM journal_entry")
    for page in sorted(OPEN[role]):
        window.navigate(page, **({"member": 1} if page != "settings" else {}))
        settle()
        press_everything(window, menus)
    window.navigate("settings", place="display")
    settings = window.current_page()
    assert isinstance(settings, SettingsPage)
    for place in sorted(PLACES[role]):
        settings.open_place(place)
        settle()
        press_everything(window, menus)
    made = rx.all("SELECT kind, sentence FROM journal_entry WHERE id > ?", (first,))
    allowed = rights_of(person.id, shop.settings.staff()) | {FREE}
    forbidden = {
        kind for kind, said in made if KINDS.get(kind, FREE) not in allowed and not is_short_paper(said)
    }
    assert forbidden == set()
    done = {kind for kind, _ in made}
    assert done >= DONE_BY_PRESSING[role]  # pressing does something, or it proves nothing
    assert rx.value("SELECT count(*) FROM journal_entry WHERE actor <> ? AND id > ?", (person.id, first)) == 0
    assert not list(out.iterdir())


def press_everything(window: MainWindow, menus: list[QMenu]) -> None:
    """Every button of the page in front, every key of the program, and every entry of the menus they and the
    list open, once."""
    page = window.current_page()
    assert page is not None
    seen: set[str] = set()
    for _ in range(3):  # what a press brings is pressed, too
        for button in window.findChildren(QAbstractButton):
            if window.rail.isAncestorOf(button) or button is window.person:
                continue
            with suppress(RuntimeError):  # gone with what was pressed before
                if not (button.isVisible() and button.isEnabled()):
                    continue
                parts = (button.objectName(), button.accessibleName(), button.text())
                name = " ".join((type(button).__name__, *parts))
                if name in seen:
                    continue
                seen.add(name)
                for field in page.findChildren(QLineEdit):
                    if field.isVisible() and field.isEnabled() and not field.text():
                        field.setText("12")
                button.click()
                through_what_opened(window, page, menus)
    for action in ACTIONS:
        for keys in action.keys:
            QTest.keySequence(QApplication.focusWidget() or page, QKeySequence(keys))
            through_what_opened(window, page, menus)
    for view in page.findChildren(ListView):
        if view.isVisible() and view.current_id() >= 0:
            view.menu_wanted.emit(view.current_id(), QPoint(5, 5))
            through_menus(window, menus)


def through_what_opened(window: MainWindow, page: Any, menus: list[QMenu]) -> None:
    """Everything a press brought up, and back to the page."""
    settle()
    through_menus(window, menus)
    through_dialogs(window)
    if window.current_page() is not page:
        window.navigate(page.page_id)
        settle()


def through_menus(window: MainWindow, menus: list[QMenu]) -> None:
    """Every entry of the menus that would have opened."""
    while menus:
        menu = menus.pop()
        for action in list(menu.actions()):
            if action.isEnabled() and not action.isSeparator() and action.menu() is None:
                action.trigger()
                settle()
                through_dialogs(window)
        menu.deleteLater()


def through_dialogs(window: MainWindow) -> None:
    """What opened is agreed to once, unless it asks for somebody else, and then closed."""
    dialog = open_dialog(window)
    if isinstance(dialog, Dialog) and not asked_for(window):
        for button in dialog.findChildren(QAbstractButton):
            with suppress(RuntimeError):
                if (
                    button.isVisible()
                    and button.isEnabled()
                    and button.property("role") in ("primary", "danger")
                ):
                    button.click()
                    settle()
                    break
    dismiss(window)
