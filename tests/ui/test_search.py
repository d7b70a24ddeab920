"""The one search of the header: live, while composing, by keys alone, never the wrong person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QInputMethodEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from shopcrm.basics.texts import t
from tests.conftest import DAY
from tests.ui.real_window import open_window, press, put_away, settle
from ui.dialogs.member_edit import MemberEdit
from ui.main_window import MainWindow
from ui.widgets import open_dialog
from ui.widgets.frame import ROWS_FOUND


@pytest.fixture
def people(a_member: Callable[..., int], a_visit: Callable[..., int]) -> dict[str, int]:
    found = {
        "周曼丽": a_member("周曼丽", phone="13800004471", card_no="VIP07"),
        "周曼": a_member("周曼", phone="13800004471"),
        "陳麗華": a_member("陳麗華", phone="13900004471"),
        "曾小贤": a_member("曾小贤", phone="13700001234"),
    }
    a_visit(found["陳麗華"], DAY - timedelta(days=1))
    a_visit(found["周曼"], DAY - timedelta(days=3))
    return found


@pytest.fixture
def window(people: dict[str, int], qapp: Any, shop: Any) -> Iterator[MainWindow]:
    made = open_window(shop)
    made.navigate("today")
    yield made
    put_away(made, qapp)


def names(window: MainWindow) -> list[str]:
    settle()
    return [row.name for row in window.popup.found()]


def compose(window: MainWindow, preedit: str = "", commit: str = "") -> None:
    """As an input method does: letters that are not in the field yet, or the characters chosen at last."""
    event = QInputMethodEvent(preedit, [])
    event.setCommitString(commit)
    QApplication.sendEvent(window.search, event)
    settle()


def test_live_from_the_first_key_the_last_visitor_first(window: MainWindow, qtbot: Any) -> None:
    press(qtbot, window, Qt.Key.Key_F3)
    qtbot.keyClicks(window.search, "4")
    assert window.popup.isVisible()
    qtbot.keyClicks(window.search, "471")
    assert names(window) == ["陳麗華", "周曼", "周曼丽"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("zxx", ["曾小贤"]), ("cxx", ["曾小贤"]),
        ("陈丽", ["陳麗華"]), ("clh", ["陳麗華"]), ("vip", ["周曼丽"]),
        ("周曼", ["周曼", "周曼丽"]), ("138 0000", ["周曼", "周曼丽"]), ("周m", ["周曼", "周曼丽"]),
    ],
)  # fmt: skip
def test_by_whatever_is_known_of_her(window: MainWindow, qtbot: Any, typed: str, found: list[str]) -> None:
    window.go_search()
    window.search.setText(typed)
    assert names(window) == found


def test_what_matched_stands_beside_the_name(window: MainWindow) -> None:
    window.go_search()
    said = {}
    for typed in ("zxx", "zengx", "vip", "4471", "周曼丽"):
        window.search.setText(typed)
        settle()
        said[typed] = window.popup._list.rows[0][1]
    assert said == {"zxx": "zxx", "zengx": "zengxiaoxian", "vip": "vip07", "4471": "", "周曼丽": ""}


def test_while_the_input_method_composes(window: MainWindow) -> None:
    window.go_search()
    compose(window, "zho")
    assert names(window) == ["周曼", "周曼丽"]
    compose(window, "zhou'man'li")
    assert names(window) == ["周曼丽"]
    compose(window, commit="周")
    assert window.search.text() == "周"
    assert names(window) == ["周曼", "周曼丽"]
    compose(window, "man'l")
    assert names(window) == ["周曼丽"]
    compose(window, commit="曼丽")
    assert (window.search.text(), names(window)) == ("周曼丽", ["周曼丽"])


def test_enter_and_control_enter(window: MainWindow, qtbot: Any, people: dict[str, int]) -> None:
    window.go_search()
    qtbot.keyClicks(window.search, "4471")
    press(qtbot, window, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Up)
    assert "周曼丽" in window.popup._list.accessibleName()
    press(qtbot, window, Qt.Key.Key_Return, modifier=Qt.KeyboardModifier.ControlModifier)
    page: Any = window.current_page()
    assert page.page_id == "members"
    assert page.card.member().id == people["周曼丽"]
    window.navigate("today")
    window.go_search()
    qtbot.keyClicks(window.search, "zxx")
    press(qtbot, window, Qt.Key.Key_Return)
    assert window.current_page().page_id == "counter"  # type: ignore[union-attr]


def test_an_enter_quicker_than_the_answer_waits_for_it(
    window: MainWindow, qtbot: Any, people: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    went: list[Any] = []
    asked: list[tuple[Any, Any]] = []
    monkeypatch.setattr(window, "navigate", lambda page_id, **args: went.append(args["member"]))
    window.go_search()
    qtbot.keyClicks(window.search, "4471")
    ask = window.session.query
    monkeypatch.setattr(window.session, "query", lambda op, key, done: asked.append((op, done)))
    window.search.setText("zxx")
    press(qtbot, window, Qt.Key.Key_Return)
    assert went == []  # the rows shown are still those of 4471
    monkeypatch.setattr(window.session, "query", ask)
    for op, done in asked:
        done(op(window.session.view))
    assert went == [people["曾小贤"]]


def test_more_than_fit_come_up_by_arrows_and_wheel(
    window: MainWindow, qtbot: Any, a_member: Callable[..., int]
) -> None:
    for n in range(9):
        a_member(f"吴{'一二三四五六七八九'[n]}", phone=f"1360000{n:04}")
    window.go_search()
    window.search.setText("吴")
    settle()
    found = window.popup._list
    assert len(found.rows) == 9
    assert found.height() == found.sizeHint().height()
    press(qtbot, window, *[Qt.Key.Key_Down] * 7)
    assert (found.chosen, found.top()) == (7, 7 - ROWS_FOUND + 1)
    press(qtbot, window, Qt.Key.Key_Down, Qt.Key.Key_Down)
    assert (found.chosen, found.top()) == (0, 0)
    centre = QPointF(found.rect().center())
    wheel = QWheelEvent(
        centre, found.mapToGlobal(centre), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(found, wheel)
    assert found.top() == 1
    assert found.chosen in range(1, 1 + ROWS_FOUND)


def test_nobody_found(window: MainWindow, qtbot: Any) -> None:
    window.go_search()
    qtbot.keyClicks(window.search, "9999")
    settle()
    assert window.popup._none.text() == t("search.none", q="9999")
    press(qtbot, window, Qt.Key.Key_F4)
    dialog = open_dialog(window)
    assert isinstance(dialog, MemberEdit)
    dialog.reject()


def test_escape_empties_then_leaves(window: MainWindow, qtbot: Any) -> None:
    window.go_search()
    qtbot.keyClicks(window.search, "4471")
    press(qtbot, window, Qt.Key.Key_Escape)
    assert (window.search.text(), window.popup.isVisible(), window.search.hasFocus()) == ("", False, True)
    press(qtbot, window, Qt.Key.Key_Escape)
    assert not window.search.hasFocus()


def test_the_box_says_what_the_page_in_front_is_filtered_by(window: MainWindow, qtbot: Any) -> None:
    window.navigate("members")
    page: Any = window.current_page()
    window.go_search()
    qtbot.keyClicks(window.search, "zxx")
    settle()
    assert len(page.model.ids) == 1
    window.navigate("today")
    assert window.search.text() == ""
    window.navigate("members")
    assert (window.search.text(), len(page.model.ids)) == ("zxx", 1)
    page.filters.clear.click()
    settle()
    assert (window.search.text(), len(page.model.ids)) == ("", 4)


def test_composing_on_the_members_page_is_not_disturbed(window: MainWindow) -> None:
    window.navigate("members")
    page: Any = window.current_page()
    window.go_search()
    compose(window, "zeng")
    assert (window.search.text(), len(page.model.ids)) == ("", 1)
    compose(window, commit="曾")
    assert (window.search.text(), len(page.model.ids)) == ("曾", 1)


def test_a_booking_elsewhere_changes_the_order_at_once(
    window: MainWindow, qtbot: Any, people: dict[str, int], a_visit: Callable[..., int], shop: Any
) -> None:
    window.go_search()
    window.search.setText("4471")
    assert names(window)[0] == "陳麗華"
    a_visit(people["周曼丽"], DAY)
    window.search.setText("447")
    assert names(window)[0] == "周曼丽"
    shop.undo()
    window.search.setText("4471")
    assert names(window)[0] == "陳麗華"
