"""谁在用: the window asks who sits there, is locked by key and by time, and is another's after that."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QWidget

from shopcrm.basics.errors import Refusal
from shopcrm.basics.records import MemberId, StaffRow
from shopcrm.basics.texts import t
from shopcrm.shop import ShopView, pins
from tests.ui.real_window import open_window, put_away, settle
from ui import idle, theme
from ui.dialogs.member_edit import MemberEdit
from ui.dialogs.pins import PinEdit, RecoveryCode
from ui.dialogs.restore import RestoreDialog
from ui.dialogs.who import LockScreen, PinBoxes, WhoDialog, ask_owner
from ui.dialogs.working import WorkingDialog
from ui.jobs import InlineJobs
from ui.main_window import MainWindow
from ui.pages.settings.staff import StaffEdit, StaffPlace
from ui.session import Running, Session
from ui.theme import LEVELS
from ui.widgets import Dialog, ElidedLabel, Tag, open_dialog
from ui.widgets.frame import found
from ui.widgets.reveal import RevealButton

ROOT = Path(__file__).parents[2]
PINS = {"林姐": "7391", "小雯": "8046", "小悦": "3579"}  # 小敏 has none
NAMES = ("周曼丽", "沈秀云")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was hashed, cheaply: tests/core/test_pins.py asks for the real hash."""
    seen: list[str] = []

    def hashed(text: str, salt: bytes, *_cost: int) -> bytes:
        seen.append(text)
        return hashlib.sha256(salt + text.encode()).digest()

    monkeypatch.setattr(pins, "_scrypt", hashed)
    return seen


@pytest.fixture
def people(shop: Any, a_member: Callable[..., Any]) -> dict[str, StaffRow]:
    shop.settings.begin("禾木衣坊", "林姐")
    shop.actor = shop.settings.staff()[0].id
    for name, role in (("小雯", "assistant"), ("小敏", "assistant"), ("小悦", "entry")):
        shop.settings.add_staff(name, role)
    for name in NAMES:
        a_member(name)
    shop.start_day()
    for person in shop.settings.staff():
        if person.name in PINS:
            shop.pins.set(person.id, PINS[person.name])
    return {person.name: person for person in shop.settings.staff()}


@pytest.fixture
def locked(shop: Any, people: dict[str, StaffRow], qapp: Any) -> Iterator[MainWindow]:
    made = open_window(shop)
    yield made
    put_away(made, qapp)


@pytest.fixture
def window(locked: MainWindow) -> MainWindow:
    """Unlocked by the owner."""
    typed(PINS["林姐"])
    assert not locked.session.is_locked
    return locked


def at() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def typed(text: str) -> None:
    for character in text:
        if character.isascii():
            QTest.keyClicks(at(), character)
        else:
            at().insert(character)  # type: ignore[attr-defined]
    settle()


def key(which: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(at(), which, modifier)
    settle()


def lock_of(window: MainWindow) -> LockScreen:
    assert isinstance(window._lock, LockScreen)
    return window._lock


def words(window: MainWindow) -> str:
    """All that can be read in the window."""
    return " ".join(label.text() for label in window.findChildren(QLabel) if label.isVisible())


def who(window: MainWindow) -> str:
    return window.session.staff.name if window.session.staff else ""


# -- starting ------------------------------------------------------------------------------------------------


def test_a_shop_of_several_with_a_pin_starts_locked(locked: MainWindow) -> None:
    assert locked.session.is_locked
    lock = lock_of(locked)
    assert lock.geometry() == locked.rect()
    assert not locked.centralWidget().isVisible()
    assert not [name for name in NAMES if name in words(locked)]
    assert lock.panel.person.name == "林姐"  # who was there last
    typed("7391")
    assert not locked.session.is_locked
    assert locked._lock is None
    assert locked.centralWidget().isVisible()
    assert locked._current == "today"
    assert locked.focusWidget() is not None
    assert at().isVisible()


@pytest.mark.parametrize("several", [True, False])
def test_nobody_logs_in_before_there_are_two_and_a_pin(several: bool, shop: Any, qapp: Any) -> None:
    shop.settings.begin("禾木衣坊", "林姐")
    shop.actor = shop.settings.staff()[0].id
    if several:
        shop.settings.add_staff("小雯", "assistant")
    else:
        shop.pins.set(shop.actor, "7391")
    window = open_window(shop)
    assert not window.session.is_locked
    assert window._idle is None
    if several:
        key(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
        assert not window.session.is_locked  # there is no PIN to come back by
        assert window.toast_.text() == t("lock.no_pin")
    else:
        key(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
        assert window.session.is_locked  # by hand it may be locked
        typed("7391")
        assert not window.session.is_locked
    put_away(window, qapp)


def test_a_shop_without_pins_loads_nothing_of_it(tmp_path: Path) -> None:
    program = """
import sys
from datetime import datetime
from pathlib import Path
from shopcrm.shop import Shop
from ui.app import make_window
with Shop.open(Path(sys.argv[1]), clock=datetime.now) as shop:
    shop.settings.begin("a", "b")
    shop.settings.add_staff("c", "assistant")
window = make_window(Path(sys.argv[1]))
assert not window.session.is_locked
asked = {"ui.dialogs.who", "ui.dialogs.pins", "ui.idle", "shopcrm.shop.pins"}
print(sorted(asked & sys.modules.keys()))
window.close()
"""
    answer = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "shop.db")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert answer.stdout.strip() == "[]", answer.stderr


# -- the PIN -------------------------------------------------------------------------------------------------


def test_a_wrong_pin_empties_the_boxes_and_says_so(locked: MainWindow) -> None:
    panel = lock_of(locked).panel
    typed("11")
    assert panel.pin.typed() == 2
    key(Qt.Key.Key_Backspace)
    assert panel.pin.typed() == 1
    typed("111")
    assert (panel.pin.typed(), panel.pin.is_wrong) == (0, True)
    assert panel.hint.text() == t("pin.wrong")
    typed("7")
    assert not panel.pin.is_wrong
    typed("391")
    assert not locked.session.is_locked


def test_after_five_wrong_ones_nothing_is_taken_for_a_while(locked: MainWindow, quick: list[str]) -> None:
    panel = lock_of(locked).panel
    for _ in range(5):
        typed("1111")
    assert panel.hint.text() == t("pin.wait", n=30)
    looked = len(quick)
    typed("7391")
    assert panel.pin.typed() == 0
    assert len(quick) == looked
    assert locked.session.is_locked
    panel._until = time.monotonic() + 12  # time goes by
    panel._on_second()
    assert panel.hint.text() == t("pin.wait", n=12)
    key(Qt.Key.Key_Right)
    assert panel.hint.text() == t("pin.hint")
    typed(PINS["小雯"])  # somebody else's wrong tries keep nobody out
    assert who(locked) == "小雯"


def test_the_wait_is_told_again_after_a_new_start(shop: Any, people: dict[str, StaffRow], qapp: Any) -> None:
    for _ in range(6):
        shop.pins.try_(people["林姐"].id, "1111")
    window = open_window(shop)
    panel = lock_of(window).panel
    assert panel.hint.text() == t("pin.wait", n=30)
    assert panel.pin.is_blocked
    panel._until = time.monotonic()
    panel._on_second()
    assert (panel.hint.text(), panel.pin.is_blocked) == (t("pin.hint"), False)
    put_away(window, qapp)


def test_arrows_choose_and_who_has_no_pin_just_enters(locked: MainWindow) -> None:
    panel = lock_of(locked).panel
    key(Qt.Key.Key_Left)
    assert panel.person.name == "小悦"
    key(Qt.Key.Key_Right)
    key(Qt.Key.Key_Right)
    key(Qt.Key.Key_Right)
    assert panel.person.name == "小敏"
    assert panel.hint.text() == t("pin.none")
    typed("1234")  # means nothing here
    assert locked.session.is_locked
    key(Qt.Key.Key_Return)
    assert who(locked) == "小敏"


def test_a_click_is_enough_for_who_has_no_pin(locked: MainWindow) -> None:
    panel = lock_of(locked).panel
    tiles = {person.name: tile for person, tile in zip(panel.people, panel.tiles, strict=True)}
    tiles["小雯"].click()
    assert locked.session.is_locked
    assert panel.person.name == "小雯"
    tiles["小敏"].click()
    assert who(locked) == "小敏"


def test_no_input_method_and_no_trace_of_the_digits(locked: MainWindow) -> None:
    pin = lock_of(locked).panel.pin
    assert not pin.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
    typed("739")
    assert "7" not in pin.accessibleName() + pin.accessibleDescription() + pin.toolTip()


# -- locked --------------------------------------------------------------------------------------------------


def test_nothing_gets_out_of_the_lock(locked: MainWindow) -> None:
    lock = lock_of(locked)
    before = locked._current
    for which in (Qt.Key.Key_Escape, Qt.Key.Key_F1, Qt.Key.Key_F2, Qt.Key.Key_F4, Qt.Key.Key_F8):
        key(which)
    control = Qt.KeyboardModifier.ControlModifier
    for which in (Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_Z, Qt.Key.Key_Comma, Qt.Key.Key_L, Qt.Key.Key_F):
        key(which, control)
    assert locked._lock is lock
    assert locked._current == before
    assert open_dialog(locked) is lock
    for _ in range(8):
        key(Qt.Key.Key_Tab)
        assert lock.isAncestorOf(at())
    page = locked.current_page()
    assert page is not None
    (page.focus_first or page).setFocus()
    locked.search.setFocus()
    settle()
    assert lock.isAncestorOf(at())


def test_the_page_and_what_was_typed_is_as_it_was(window: MainWindow) -> None:
    window.navigate("counter")
    counter: Any = window.current_page()
    at().setFocus()
    QTest.keyClicks(counter.focus_first, "0001")
    focus = at()
    key(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert window.session.is_locked
    assert not counter.isVisible()
    typed("7391")
    assert counter.isVisible()
    assert counter.focus_first.text() == "0001"
    assert at() is focus


def test_a_dialog_stays_underneath(window: MainWindow) -> None:
    window.new_member()
    dialog = open_dialog(window)
    assert isinstance(dialog, MemberEdit)
    typed("13800004321")
    key(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert not dialog.isVisible()
    assert "4321" not in words(window)
    typed("7391")
    assert open_dialog(window) is dialog
    assert dialog.isAncestorOf(at())
    dialog.reject()


def test_who_may_do_less_does_not_find_anothers_dialog(window: MainWindow) -> None:
    window.new_member()
    key(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    key(Qt.Key.Key_Right)
    typed(PINS["小雯"])
    assert who(window) == "小雯"
    assert open_dialog(window) is None
    window.new_member()
    dialog = open_dialog(window)
    key(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    key(Qt.Key.Key_Left)
    typed(PINS["林姐"])
    assert open_dialog(window) is dialog  # the owner sees what her assistant was at
    assert isinstance(dialog, Dialog)
    dialog.reject()


def test_a_dialog_that_comes_up_meanwhile_waits(locked: MainWindow) -> None:
    locked.session.failed.emit(Refusal("staff_unknown"), None)
    settle()
    assert open_dialog(locked) is lock_of(locked)
    typed("7391")
    dialog = open_dialog(locked)
    assert dialog is not None
    assert "没有这位店员" in dialog.title.text()
    dialog.reject()


def test_work_goes_on_behind_the_lock(window: MainWindow) -> None:
    running = Running("正在导入", window.session.post)
    working = WorkingDialog(window, running)
    working.open()
    window.session.lock()
    assert not working.isVisible()
    key(Qt.Key.Key_Left)
    typed(PINS["小悦"])
    assert who(window) == "小悦"
    assert open_dialog(window) is working  # not stopped by who came
    assert not running.progress.stopped
    window.session.lock()
    running.ended.emit()  # it ends behind the lock
    typed(PINS["小悦"])
    assert open_dialog(window) is None


def test_another_person_keeps_the_page_if_she_may_see_it(window: MainWindow) -> None:
    window.navigate("members")
    window.session.lock()
    key(Qt.Key.Key_Right)
    typed(PINS["小雯"])
    assert (who(window), window._current) == ("小雯", "members")
    window.session.lock()
    typed_as(window, "小悦")
    assert (who(window), window._current) == ("小悦", "counter")


def typed_as(window: MainWindow, name: str) -> None:
    panel = lock_of(window).panel
    panel.choose(next(number for number, person in enumerate(panel.people) if person.name == name))
    typed(PINS[name])


def test_another_theme_does_not_open_it(window: MainWindow) -> None:
    window.new_member()
    dialog = open_dialog(window)
    window.session.lock()
    window.apply_theme("dark", "big", "zh_TW")
    settle()
    assert window.session.is_locked
    assert not window.centralWidget().isVisible()
    assert isinstance(dialog, Dialog)
    assert not dialog.isVisible()
    typed("7391")
    assert window.centralWidget().isVisible()
    assert open_dialog(window) is dialog
    dialog.reject()


def test_closing_asks_what_has_to_be_asked_after_unlocking(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = window.current_page()
    assert page is not None
    asked = Dialog(window, "还没应用")

    def asks(_go: object) -> bool:
        if open_dialog(window) is not asked:
            asked.open()
        return True

    monkeypatch.setattr(page, "asks_first", asks)
    window.session.lock()
    for _ in range(2):
        assert not window.close()
    assert lock_of(window).panel.hint.text() == t("lock.close")
    typed("7391")
    assert open_dialog(window) is asked
    asked.reject()
    monkeypatch.undo()


# -- by time -------------------------------------------------------------------------------------------------


class Passing:
    """Time as the watch sees it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.running, self.clock = 0.0, 0.0
        monkeypatch.setattr(idle.IdleWatch, "_now", lambda _watch: (self.running, self.clock))


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> Passing:
    return Passing(monkeypatch)


def test_it_locks_after_the_minutes_nobody_touched_it(passing: Passing, window: MainWindow) -> None:
    watch = window._idle
    assert watch is not None
    assert watch._timer.isActive()
    passing.running = 299
    watch._on_time()
    assert not window.session.is_locked
    key(Qt.Key.Key_Down)  # somebody is there
    passing.running = 299 + 299
    watch._on_time()
    assert not window.session.is_locked
    passing.running = 299 + 300
    watch._on_time()
    assert window.session.is_locked


def test_after_sleep_the_first_key_is_not_let_through(passing: Passing, window: MainWindow) -> None:
    window.navigate("counter")
    counter: Any = window.current_page()
    passing.clock = 3_600  # the computer slept: its own seconds stood still
    key(Qt.Key.Key_9)
    assert window.session.is_locked
    assert counter.focus_first.text() == ""
    assert lock_of(window).panel.pin.typed() == 0


def test_the_minutes_are_the_shops_and_can_be_switched_off(
    passing: Passing, window: MainWindow, shop: Any
) -> None:
    watch = window._idle
    assert watch is not None
    window.session.do(lambda shop, _: shop.settings.set("staff.lock_minutes", 10))
    passing.running = 599
    watch._on_time()
    assert not window.session.is_locked
    window.session.do(lambda shop, _: shop.settings.set("staff.locks", False))
    assert not watch._timer.isActive()


# -- changing places -----------------------------------------------------------------------------------------


def test_the_persons_menu(window: MainWindow) -> None:
    menu = window.person_menu()
    assert [action.text() for action in menu.actions()] == [
        "换人", "锁屏  Ctrl+L", "我的 PIN", "键盘怎么按  F1",
    ]  # fmt: skip
    menu.actions()[1].trigger()
    assert window.session.is_locked
    menu.deleteLater()


def test_another_person_goes_on_by_keyboard(window: MainWindow) -> None:
    window.switch_person()
    dialog = open_dialog(window)
    assert isinstance(dialog, WhoDialog)
    assert dialog.panel.person.name == "小雯"  # not who is there already
    typed("1111")
    assert who(window) == "林姐"
    typed(PINS["小雯"])
    assert who(window) == "小雯"
    assert open_dialog(window) is None
    window.switch_person()
    key(Qt.Key.Key_Escape)
    assert open_dialog(window) is None
    assert who(window) == "小雯"


def test_the_owner_helps_out_and_gives_back(window: MainWindow, people: dict[str, StaffRow]) -> None:
    session = window.session
    session.set_staff(people["小雯"])
    dialog = ask_owner(window, session, "settings", session.borrow)
    assert [person.name for person in dialog.panel.people] == ["林姐"]
    assert t("pin.owner") in words(window)
    typed(PINS["林姐"])
    assert (who(window), session.lender and session.lender.name) == ("林姐", "小雯")
    assert session.shop.actor == people["林姐"].id
    assert session.prefs.get("staff") == people["小雯"].id  # who is there the next time
    session.give_back()
    assert (who(window), session.lender) == ("小雯", None)
    session.borrow(people["林姐"])
    session.lock()
    assert (who(window), session.lender) == ("小雯", None)
    assert lock_of(window).panel.person.name == "小雯"


def test_who_is_gone_is_not_followed_by_the_owner(window: MainWindow, people: dict[str, StaffRow]) -> None:
    session = window.session
    session.set_staff(people["小雯"])
    session.borrow(people["林姐"])
    session.do(lambda shop, _: shop.handover.leave(people["小雯"].id, ()))
    session.reread_staff()
    assert session.is_locked
    assert session.staff is None
    assert not session.may("today")
    typed_as(window, "小悦")
    assert who(window) == "小悦"


# -- forgotten -----------------------------------------------------------------------------------------------


def test_an_owner_who_forgot_comes_in_by_her_code(
    locked: MainWindow, shop: Any, people: dict[str, StaffRow]
) -> None:
    shop.actor = people["林姐"].id
    code = shop.pins.new_recovery(people["林姐"].id)
    panel = lock_of(locked).panel
    panel.forgot.setFocus()
    key(Qt.Key.Key_Space)
    assert panel.recovery.isVisible()
    typed("0000 0000 0000 0000")
    key(Qt.Key.Key_Return)
    typed("2580")
    key(Qt.Key.Key_Return)
    assert panel.recovery._code_block.error() == t("pin.code.wrong")
    assert locked.session.is_locked
    panel.recovery.code.clear()
    panel.recovery.code.setFocus()
    typed(code)
    key(Qt.Key.Key_Return)
    key(Qt.Key.Key_Return)
    assert who(locked) == "林姐"
    assert not locked.session.is_locked
    assert shop.pins.try_(people["林姐"].id, "2580").ok


def test_why_it_does_not_close_is_read_by_who_types_her_code(locked: MainWindow, window: MainWindow) -> None:
    window.lock()
    lock = lock_of(window)
    lock.panel.forgot.click()
    settle()
    assert lock.panel.recovery.isVisible()
    lock.say(t("lock.close"))
    assert (lock.panel.hint.isVisible(), lock.panel.hint.text()) == (True, t("lock.close"))
    assert not lock.panel.recovery.isVisible()


@pytest.mark.parametrize("has_pin", [True, False])
def test_the_question_for_the_owner_speaks_of_a_pin_only_where_she_has_one(
    window: MainWindow, people: dict[str, StaffRow], shop: Any, has_pin: bool
) -> None:
    if not has_pin:
        shop.pins.clear(people["林姐"].id, PINS["林姐"])
    window.session.set_staff(people["小雯"])
    window.navigate("overview")
    settle()
    assert isinstance(open_dialog(window), WhoDialog)
    assert (t("pin.owner") in words(window)) is has_pin
    assert (t("pin.owner.none") in words(window)) is not has_pin


@pytest.mark.parametrize("level", LEVELS)
def test_the_last_box_is_painted_whole(qapp: Any, level: str) -> None:
    theme.apply(qapp, level=level)
    boxes = PinBoxes()
    boxes.resize(boxes.sizeHint())
    picture = boxes.grab().toImage()
    middle = picture.height() // 2
    edges = [picture.pixelColor(x, middle) for x in (0, picture.width() - 1)]
    theme.apply(qapp)
    assert edges[0] == edges[1]


def test_others_are_sent_to_the_owner(locked: MainWindow) -> None:
    panel = lock_of(locked).panel
    key(Qt.Key.Key_Right)
    panel.forgot.click()
    assert panel.hint.text() == t("pin.forgot.ask")
    assert not panel.recovery.isVisible()


def test_the_owner_is_told_of_a_pin_that_a_command_took_away(
    shop: Any, people: dict[str, StaffRow], qapp: Any
) -> None:
    shop.pins.reset("小雯")
    window = open_window(shop)
    typed_as(window, "小悦")
    assert window._banner is None
    window.session.lock()
    typed_as(window, "林姐")
    assert window._banner is not None
    assert "小雯" in words(window)
    window.hide_banner()
    window.session.lock()
    typed_as(window, "林姐")
    assert window._banner is None  # told once
    put_away(window, qapp)


# -- setting them --------------------------------------------------------------------------------------------


@pytest.fixture
def place(window: MainWindow) -> StaffPlace:
    window.navigate("settings", place="staff")
    settle()
    page: Any = window.current_page()
    made: StaffPlace = page.places["staff"]
    return made


def tags(place: StaffPlace) -> list[str]:
    return [tag.text for tag in place.findChildren(Tag) if tag.isVisible()]


def edit(window: MainWindow, place: StaffPlace, person: StaffRow) -> StaffEdit:
    place.rows[int(person.id)].change.click()
    dialog = open_dialog(window)
    assert isinstance(dialog, StaffEdit)
    return dialog


def test_what_a_person_may_do_is_read_in_the_biggest_letters(
    people: dict[str, StaffRow], shop: Any, qapp: Any
) -> None:
    window = open_window(shop, size=(1366, 697), level="huge", language="en")
    window.session.unlock(people["林姐"])
    window.navigate("settings", place="staff")
    settle()
    page: Any = window.current_page()
    owner = t("staff.may.owner")
    labels = page.places["staff"].findChildren(ElidedLabel)
    assert [label.text() for label in labels if label.whole_text() == owner] == [owner]
    put_away(window, qapp)


def test_an_owner_without_a_pin_leaves_the_door_open(
    window: MainWindow, place: StaffPlace, people: dict[str, StaffRow]
) -> None:
    assert not place.open_door.isVisible()  # the owner has one
    window.session.do(lambda shop, _: shop.settings.add_staff("陈姐", "owner"))
    settle()
    assert place.open_door.isVisible()
    assert t("staff.open_door", name="陈姐") in [
        label.text() for label in place.open_door.findChildren(QLabel)
    ]
    for name in ("小雯", "小敏", "小悦"):
        who = people[name].id
        window.session.do(lambda shop, _, who=who: shop.settings.set_staff_active(who, False))
    settle()
    assert not place.open_door.isVisible()  # nobody is left of whom anything is kept


def test_the_owner_gives_rights_and_a_pin(
    window: MainWindow, place: StaffPlace, people: dict[str, StaffRow], shop: Any
) -> None:
    assert "没设" in tags(place)
    dialog = edit(window, place, people["小敏"])
    dialog.rights["import"].setChecked(True)
    dialog.pin.pin.setText("1234")
    assert dialog.pin.pin_block.note() == t("pin.easy")  # told, not refused
    dialog.save.click()
    assert dialog.pin.again_block.error() == t("pin.differs")
    dialog.pin.again.setText("1234")
    dialog.save.click()
    settle()
    assert open_dialog(window) is None  # an assistant gets no code
    assert shop.pins.try_(people["小敏"].id, "1234").ok
    now = next(person for person in shop.settings.staff() if person.name == "小敏")
    assert (now.has_pin, now.rights) == (True, ("reveal", "import"))
    assert "店员：待办、柜台、会员、看号码、导入" in words(window)
    assert "没设" not in tags(place)


def test_the_owner_changes_her_own_with_the_old_one_and_gets_a_code(
    window: MainWindow, place: StaffPlace, people: dict[str, StaffRow], shop: Any
) -> None:
    dialog = edit(window, place, people["林姐"])
    for old, refused in (("0000", True), ("7391", False)):
        dialog.old.setText(old)
        dialog.pin.pin.setText("2580")
        dialog.pin.again.setText("2580")
        dialog.save.click()
        settle()
        assert bool(dialog.old_block.error()) == refused
    code = open_dialog(window)
    assert isinstance(code, RecoveryCode)
    assert shop.pins.recover(people["林姐"].id, code.code.text(), "1357").ok
    key(Qt.Key.Key_Return)  # pressed once too often
    assert open_dialog(window) is code
    key(Qt.Key.Key_Tab)
    assert at() is code.done
    key(Qt.Key.Key_Space)
    assert open_dialog(window) is None


def test_the_only_owner_stays_one_and_is_told_at_the_field(
    window: MainWindow, place: StaffPlace, people: dict[str, StaffRow]
) -> None:
    dialog = edit(window, place, people["林姐"])
    dialog.role.set_value("assistant")
    dialog.save.click()
    settle()
    assert t("err.staff_last_owner", name="林姐") == dialog._role_block.error()
    assert (dialog._block.error(), at()) == ("", dialog.role)
    dialog.role.set_value("owner")
    dialog.save.click()
    settle()
    assert open_dialog(window) is None


def test_a_pin_is_taken_away(
    window: MainWindow, place: StaffPlace, people: dict[str, StaffRow], shop: Any
) -> None:
    dialog = edit(window, place, people["小雯"])
    dialog.clear.setChecked(True)
    dialog.save.click()
    settle()
    assert [person.has_pin for person in shop.settings.staff() if person.name == "小雯"] == [False]


def test_an_assistant_changes_her_own(window: MainWindow, people: dict[str, StaffRow], shop: Any) -> None:
    window.session.set_staff(people["小雯"])
    window._on_own_pin()
    dialog = open_dialog(window)
    assert isinstance(dialog, PinEdit)
    typed(PINS["小雯"])
    key(Qt.Key.Key_Return)
    typed("2580")
    key(Qt.Key.Key_Return)
    typed("2580")
    key(Qt.Key.Key_Return)
    assert open_dialog(window) is None
    assert shop.pins.try_(people["小雯"].id, "2580").ok


def test_safety_is_in_force_at_once(window: MainWindow, place: StaffPlace, shop: Any) -> None:
    safety = place.safety
    for box, setting in (
        (safety.locks, "staff.locks"), (safety.masks, "staff.mask_exports"),
        (safety.hide_phones, "staff.hide_phones"),
    ):  # fmt: skip
        assert box.isChecked()
        box.click()
        settle()
        assert shop.settings.get(setting) is False
        assert not box.isChecked()
    assert not safety.minutes.isEnabled()
    safety.locks.click()
    settle()
    safety.minutes.set_value(9)
    safety.minutes.changed.emit(9)
    window.navigate("today")  # before the moment has passed
    assert shop.settings.get("staff.lock_minutes") == 9


def test_restoring_asks_the_owner(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted: list[object] = []
    window.session.restore_wanted.disconnect()
    window.session.restore_wanted.connect(wanted.append)
    dialog = RestoreDialog(window, window.session, tmp_path / "copy.db", "恢复？")
    Dialog.open(dialog)
    dialog.yes.setEnabled(True)
    dialog.pin.setText("1111")
    dialog.yes.click()
    assert dialog.pin_block.error() == t("pin.wrong")
    assert wanted == []
    dialog.pin.setText("7391")
    dialog.yes.click()
    assert wanted == [tmp_path / "copy.db"]


@pytest.mark.parametrize("several", [False, True])
def test_of_several_owners_it_is_said_whose_pin_restoring_takes(
    window: MainWindow, people: dict[str, StaffRow], shop: Any, tmp_path: Path, several: bool
) -> None:
    if several:
        shop.settings.change_staff(people["小雯"].id, "owner")
    dialog = RestoreDialog(window, window.session, tmp_path / "copy.db", "恢复？")
    asked = t("pin.of", name="林姐") if several else t("bk.pin")
    assert dialog.pin.accessibleName() == asked
    dialog.reject()


def test_the_first_run_sets_the_owners_pin(shop: Any, qapp: Any) -> None:
    window = open_window(shop)
    page: Any = window.current_page()
    typed("禾木衣坊")
    key(Qt.Key.Key_Return)
    key(Qt.Key.Key_Return)
    typed("739")
    key(Qt.Key.Key_Return)
    assert page.owner_block.error() == t("fr.pin.whose")
    typed("林姐")
    key(Qt.Key.Key_Return)
    key(Qt.Key.Key_Return)
    assert page.pin_block.error() == t("err.pin_digits")
    assert shop.settings.staff() == ()  # nothing was written
    typed("7391")
    key(Qt.Key.Key_Return)
    code = open_dialog(window)
    assert isinstance(code, RecoveryCode)
    code.done.click()
    assert (who(window), window._current) == ("林姐", "today")
    assert shop.pins.try_(shop.settings.staff()[0].id, "7391").ok
    assert not window.session.is_locked
    put_away(window, qapp)


# -- what the one before had open ----------------------------------------------------------------------------


def test_what_a_helping_owner_had_open_is_not_left_behind(
    window: MainWindow, people: dict[str, StaffRow]
) -> None:
    session = window.session
    for end in (session.lock, session.give_back):
        session.set_staff(people["小雯"])
        session.borrow(people["林姐"])
        window.navigate("overview")
        dialog = Dialog(window, "店里的号码")
        dialog.open()
        form = MemberEdit(window, session)  # asks before it loses what was typed
        form.open()
        typed("小红")
        key(Qt.Key.Key_Tab)
        typed("13800004321")
        end()
        if session.is_locked:
            typed(PINS["小雯"])
        assert who(window) == "小雯"
        assert open_dialog(window) is None
        assert (dialog._closed, form._closed) == (True, True)
        assert window._current == "today"


def test_a_page_with_work_of_the_owner_is_not_left_in_front(
    window: MainWindow, people: dict[str, StaffRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    window.navigate("io")
    page = window.current_page()
    assert page is not None
    monkeypatch.setattr(page, "asks_first", lambda _go: True)
    window.session.lock()
    typed_as(window, "小雯")
    assert window._current == "today"
    assert not page.isVisible()
    monkeypatch.undo()


def test_a_place_of_the_settings_is_not_left_behind_the_lock(window: MainWindow) -> None:
    window.navigate("settings", place="audit")
    page: Any = window.current_page()
    audit = page.places["audit"]
    assert audit.isVisible()
    window.session.lock()
    typed_as(window, "小雯")
    assert window.current_page() is page
    assert not audit.isVisible()
    assert page.places["display"].isVisible()


def test_the_owner_has_helped_out_where_her_help_is_not_needed(
    window: MainWindow, people: dict[str, StaffRow]
) -> None:
    window.session.set_staff(people["小雯"])
    window.session.borrow(people["林姐"])
    window.navigate("settings", place="staff")
    assert who(window) == "林姐"
    page: Any = window.current_page()
    page.open_place("display")
    assert (who(window), page.current) == ("小雯", "display")


def test_nothing_comes_up_over_the_lock(window: MainWindow) -> None:
    window.navigate("today")
    window.search.setFocus()
    answer = found(window.session.view, "沈")
    window.session.lock()
    window.popup.show_found(*answer, window._age)
    window.toast("沈秀云的待办做完了")
    assert not window.popup.isVisible()
    assert not [name for name in NAMES if name in words(window)]


def test_locking_ends_the_choice_of_a_file(window: MainWindow) -> None:
    """Else whoever comes by saves what the owner was about to."""
    QTimer.singleShot(0, window.session.lock)
    chosen, _ = QFileDialog.getSaveFileName(window, "", str(Path.home() / "all.xlsx"))
    assert (chosen, window.session.is_locked) == ("", True)


def test_a_number_that_comes_late_is_not_shown_to_the_next(
    window: MainWindow, people: dict[str, StaffRow]
) -> None:
    session = window.session
    session.set_staff(people["小雯"])
    button = RevealButton(session)
    button.set_member(MemberId(1), ("138 **** 0001",))
    session.lock()
    assert not button.take(MemberId(1), ("13800000001",), people["小雯"])
    session.unlock(people["小敏"])
    assert not button.take(MemberId(1), ("13800000001",), people["小雯"])
    assert button.phones == ("138 **** 0001",)
    assert button.take(MemberId(1), ("13800000001",), session.staff)


def test_what_was_asked_by_the_owner_is_not_answered_to_the_next(
    window: MainWindow, people: dict[str, StaffRow]
) -> None:
    session = window.session
    answers: list[object] = []

    def slow(view: ShopView) -> object:
        told = [row.phones for row in view.search("沈")]
        session.set_staff(people["小雯"])  # while it is being read
        return told

    session.query(slow, key="test.slow", done=answers.append)
    settle()
    assert answers == []
    session.query(
        lambda view: [row.phones for row in view.search("沈")], key="test.slow", done=answers.append
    )
    settle()
    assert answers == [[("138 **** 0002",)]]


def test_one_person_alone_who_locked_it_finds_it_locked(shop: Any, qapp: Any) -> None:
    """Else it would be enough to close the window and start again."""
    shop.settings.begin("禾木衣坊", "林姐")
    owner = shop.settings.staff()[0].id
    shop.pins.set(owner, PINS["林姐"])
    made = open_window(shop)
    assert not made.session.is_locked
    made.session.lock()
    prefs = made.session.prefs
    again = Session(InlineJobs(), prefs, shop.clock)
    again.open(lambda _progress: shop)
    assert again.is_locked
    again.unlock(again.view.staff()[0])
    third = Session(InlineJobs(), prefs, shop.clock)
    third.open(lambda _progress: shop)
    assert not third.is_locked
    put_away(made, qapp)
