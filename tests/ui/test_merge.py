"""Merging, taking apart and the bin on the screen, by keyboard and by mouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from shopcrm.basics.records import FittingDraft, MemberId
from shopcrm.basics.texts import t
from shopcrm.shop import Shop
from shopcrm.shop.dump import dump
from tests.core.rows import everything
from tests.ui.real_window import open_window, press, put_away, settle
from tests.ui.test_no_cut_text import cut_texts
from ui.dialogs.merge import MergeDialog, open_merge
from ui.main_window import MainWindow
from ui.widgets import Dialog, open_dialog

DAY = date(2026, 11, 21)
Key, Modifier = Qt.Key, Qt.KeyboardModifier


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


@pytest.fixture
def two(shop: Shop, a_member: Any, a_sale: Any, a_visit: Any) -> tuple[MemberId, MemberId]:
    """The two cards of one customer, and somebody else."""
    shop.settings.begin("禾木衣坊", "林姐")
    keep = a_member("王芳", "138 0000 4471", notes="喜欢驼色", size_top="M", joined=ago(400))
    gone = a_member(
        "王芳芳", "138 0000 9152", notes="怕扎，不要化纤" * 8, size_top="L", wechat="wf", joined=ago(800)
    )
    a_member("李娜", "138 0000 0003")
    a_sale(keep, ago(130), 400)
    for days in (10, 50, 110, 170):
        a_sale(gone, ago(days), 500)
    a_visit(gone, ago(5), fittings=(FittingDraft("大衣", "L", True),))
    shop.start_day()
    return keep, gone


@pytest.fixture
def window(shop: Shop, two: tuple[MemberId, MemberId], qapp: Any) -> Iterator[MainWindow]:
    made = open_window(shop, size=(1366, 697))
    made.navigate("settings")
    yield made
    put_away(made, qapp)


def type_of(window: MainWindow, member: MemberId) -> str:
    card = window.session.view.member(member)
    assert card is not None
    return card.verdict.type if card.verdict is not None else ""


def todos(shop: Shop) -> list[tuple[object, ...]]:
    tasks = dump(shop.store.read())["tasks"]
    return [(one["member_name"], one["rule"]) for one in tasks if one["state"] == "open"]


def find(qtbot: Any, window: MainWindow, dialog: MergeDialog, digits: str) -> None:
    qtbot.keyClicks(dialog.field, digits)
    settle()
    press(qtbot, window, Key.Key_Return)


def test_merged_and_taken_apart_by_keyboard(
    window: MainWindow, shop: Shop, qtbot: Any, two: tuple[MemberId, MemberId]
) -> None:
    keep, gone = two
    before, listed = everything(shop), todos(shop)
    assert (type_of(window, keep), type_of(window, gone)) == ("drifting", "loyal")
    assert ("王芳芳", "P1") in listed

    told: list[int] = []
    dialog = open_merge(window, window.session, keep)
    dialog.merged.connect(told.append)
    assert QApplication.focusWidget() is dialog.field
    find(qtbot, window, dialog, "9152")
    assert list(dialog.rows) == ["name", "phones", "joined", "size_top", "notes", "wechat"]
    assert QApplication.focusWidget() is dialog.rows["name"]
    assert "消费 5 笔 ¥2,400" in dialog.sums.text()
    press(qtbot, window, Key.Key_Right)  # her longer name
    press(qtbot, window, *[Key.Key_Down] * 4)
    assert dialog.rows["notes"].choice == "both"
    press(qtbot, window, Key.Key_Left, Key.Key_Left, Key.Key_Left)
    press(qtbot, window, Key.Key_Up, Key.Key_Space)
    assert {name: row.choice for name, row in dialog.rows.items()} == {
        "name": "gone", "phones": "keep", "joined": "gone", "size_top": "gone", "notes": "keep",
        "wechat": "gone",
    }  # fmt: skip
    press(qtbot, window, Key.Key_Return, modifier=Modifier.ControlModifier)
    assert told == [keep]
    assert open_dialog(window) is None
    card = window.session.view.member(keep)
    assert card is not None
    assert (card.name, card.size_top, card.notes, card.n) == ("王芳芳", "L", "喜欢驼色", 5)
    assert type_of(window, keep) == "loyal"
    assert [name for name, _ in todos(shop)].count("王芳芳") == len(
        [1 for name, _ in listed if "王芳" in name]
    )
    assert window.session.view.total() == 2
    assert window.toast_.text().startswith("王芳芳 已并入 王芳芳")

    window.navigate("settings", place="bin")
    place: Any = window.current_page().places["bin"]  # type: ignore[attr-defined]
    assert [row.kind for row in place.rows] == ["merged"]
    place.buttons[0].setFocus()
    press(qtbot, window, Key.Key_Return)
    assert everything(shop) == before
    assert (type_of(window, keep), type_of(window, gone)) == ("drifting", "loyal")
    assert todos(shop) == listed
    assert place.rows == ()


def test_undone_and_done_again(
    window: MainWindow, shop: Shop, qtbot: Any, two: tuple[MemberId, MemberId]
) -> None:
    before = everything(shop)
    dialog = open_merge(window, window.session, two[0])
    find(qtbot, window, dialog, "9152")
    press(qtbot, window, Key.Key_Return, modifier=Modifier.ControlModifier)
    after = everything(shop)
    assert after != before
    press(qtbot, window, Key.Key_Z, modifier=Modifier.ControlModifier)
    assert everything(shop) == before
    press(qtbot, window, Key.Key_Y, modifier=Modifier.ControlModifier)
    assert everything(shop) == after


def test_by_mouse_with_a_proposal_and_swapped(
    window: MainWindow, shop: Shop, qtbot: Any, two: tuple[MemberId, MemberId], a_member: Any
) -> None:
    keep, gone = two
    twin = a_member("王方", "137 0000 4471")
    dialog = open_merge(window, window.session, keep)
    assert [row.member for row in dialog.likely] == [twin]
    qtbot.mouseClick(dialog.likely[0], Qt.MouseButton.LeftButton)
    assert dialog.preview is not None
    qtbot.mouseClick(dialog._another, Qt.MouseButton.LeftButton)
    assert dialog.preview is None
    find(qtbot, window, dialog, "9152")
    settle()
    qtbot.mouseClick(dialog.swap, Qt.MouseButton.LeftButton)
    assert dialog.preview is not None
    assert (dialog.preview.keep.id, dialog.preview.gone.id) == (gone, keep)
    settle()
    row = dialog.rows["size_top"]
    assert row.choice == "keep"
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton, pos=row.box("gone").center())
    assert row.choice == "gone"
    empty = dialog.rows["wechat"]
    qtbot.mouseClick(empty, Qt.MouseButton.LeftButton, pos=empty.box("gone").center())
    assert empty.choice == "keep"  # an empty field is nothing to choose
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    qtbot.mouseClick(dialog.merge, Qt.MouseButton.LeftButton)
    card = window.session.view.member(gone)
    assert card is not None
    assert (card.name, card.size_top) == ("王芳芳", "M")

    again = open_merge(window, window.session, gone)
    assert [button.gone for button in again.separate] == [keep]
    qtbot.mouseClick(again.separate[0], Qt.MouseButton.LeftButton)
    assert open_dialog(window) is None
    assert window.session.view.total() == 4


def test_what_stayed_is_listed(
    window: MainWindow, shop: Shop, qtbot: Any, two: tuple[MemberId, MemberId], a_sale: Any
) -> None:
    keep, gone = two
    shop.merging.merge(keep, gone)
    for yuan in (10, 20, 30):
        a_sale(keep, DAY, yuan)
    window.navigate("settings", place="bin")
    place: Any = window.current_page().places["bin"]  # type: ignore[attr-defined]
    qtbot.mouseClick(place.buttons[0], Qt.MouseButton.LeftButton)
    dialog = open_dialog(window)
    assert dialog is not None
    assert dialog.rows == [f"11月21日 消费 ¥{yuan}  连衣裙" for yuan in (10, 20, 30)]  # type: ignore[attr-defined]
    press(qtbot, window, Key.Key_Return)
    assert open_dialog(window) is None
    assert "3 条留在 王芳 名下" in window.toast_.text()


def test_from_the_card(window: MainWindow, qtbot: Any, two: tuple[MemberId, MemberId]) -> None:
    keep, gone = two
    window.navigate("members", member=keep)
    settle()
    page: Any = window.current_page()
    action = next(action for action in page.more_menu().actions() if action.text() == t("mb.merge"))
    action.trigger()
    dialog = open_dialog(window)
    assert isinstance(dialog, MergeDialog)
    find(qtbot, window, dialog, "9152")
    qtbot.mouseClick(dialog.swap, Qt.MouseButton.LeftButton)
    settle()
    press(qtbot, window, Key.Key_Return, modifier=Modifier.ControlModifier)
    settle()
    shown = page._member()
    assert shown is not None
    assert shown.id == gone  # the survivor's card


def test_she_herself_is_nobody_to_merge_with(
    window: MainWindow, qtbot: Any, two: tuple[MemberId, MemberId]
) -> None:
    dialog = open_merge(window, window.session, two[0])
    press(qtbot, window, Key.Key_Return)
    assert open_dialog(window) is dialog  # nobody was found yet
    find(qtbot, window, dialog, "4471")
    assert dialog.preview is None
    assert dialog.field.text() == ""
    press(qtbot, window, Key.Key_Escape)
    assert open_dialog(window) is None


def test_the_bin_by_keyboard(
    window: MainWindow, shop: Shop, qtbot: Any, two: tuple[MemberId, MemberId], a_sale: Any, a_visit: Any
) -> None:
    keep, gone = two
    sale, visit = a_sale(keep, DAY, 88, item="袜子"), a_visit(keep, DAY)
    before = everything(shop)
    shop.counter.void_sale(sale, "记错了")
    shop.counter.void_visit(visit)
    shop.members.archive(gone)
    window.navigate("settings", place="bin")
    place: Any = window.current_page().places["bin"]  # type: ignore[attr-defined]
    assert [row.kind for row in place.rows] == ["member", "sale", "visit"]
    place.buttons[0].setFocus()
    press(qtbot, window, Key.Key_Down)
    assert QApplication.focusWidget() is place.buttons[1]
    press(qtbot, window, Key.Key_Return)
    assert [row.kind for row in place.rows] == ["member", "visit"]
    assert QApplication.focusWidget() is place.buttons[1]
    press(qtbot, window, Key.Key_Return, Key.Key_Return)
    assert place.rows == ()
    assert {name: rows for name, rows in everything(shop).items() if name != "task"} == {
        name: rows for name, rows in before.items() if name != "task"
    }
    press(qtbot, window, Key.Key_Z, modifier=Modifier.ControlModifier)
    assert [row.kind for row in place.rows] == ["member"]


@pytest.mark.parametrize(
    ("size", "level", "language"),
    [((1366, 697), "normal", "en"), ((1280, 649), "huge", "zh_TW"), ((1366, 697), "big", "zh_CN")],
)
def test_nothing_is_cut(
    shop: Shop, two: tuple[MemberId, MemberId], qapp: Any, size: tuple[int, int], level: str, language: str,
    a_member: Callable[..., MemberId], a_sale: Any,
) -> None:  # fmt: skip
    keep, gone = two
    shop.merging.merge(keep, a_member("欧阳若云" * 6))
    made = open_window(shop, size=size, level=level, language=language)
    try:
        faults = []

        def look(state: str) -> None:
            settle()
            faults.extend(f"{state}: {fault}" for fault in cut_texts(made))
            card = dialog.card
            if isinstance(dialog, Dialog) and not dialog.rect().contains(card.geometry()):
                faults.append(f"{state}: {card.geometry()} in {dialog.rect()}")

        dialog: Any = open_merge(made, made.session, keep)
        look("whom")
        dialog._ask(keep, gone)
        look("what")
        for row in dialog.rows.values():
            assert row.width() <= dialog._scroll.viewport().width()
        dialog.reject()
        made.navigate("settings", place="bin")
        settle()
        faults.extend(f"bin: {fault}" for fault in cut_texts(made))
        assert not faults, "\n".join(faults)
    finally:
        put_away(made, qapp)
