"""The import as an owner does it, from a messy file to the undo: by keyboard alone, by mouse alone, with a
large file, stopped on the way.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from PySide6.QtCore import QObject, QPoint, Qt, QTimer
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QWidget

from shopcrm.basics.texts import t
from shopcrm.shop import Shop
from shopcrm.shop.dump import dump
from shopcrm.shop.imports import Choices, Fate
from tests.conftest import Clock
from tests.ui.real_window import open_window, press, put_away, settle
from ui.app import App
from ui.jobs import WorkerJobs
from ui.main_window import MainWindow
from ui.pages.io import ImportExportPage
from ui.pages.io.decisions import Decisions
from ui.pages.io.page import CHECK, HOME, RESULT
from ui.pages.io.windows import ImportingDialog, ReadingDialog
from ui.session import Preferences, Running
from ui.widgets import open_dialog

HEADINGS = ["单号", "日期", "会员手机", "姓名", "货品", "实收", "微信号", "心情"]
MESSY: list[list[object]] = [
    ["X1", "2026-10-02", "13800000001", "王丽", "羊绒衫", 698, "wangli_new", "好"],
    ["X2", "2026-10-03", "1380000002", "李敏", "针织衫", 328, "", ""],  # a digit short
    ["X3", "十月", "13800000003", "赵岚", "阔腿裤", 269, "", ""],
    ["X4", "03/04/2026", "13800000004", "陈静", "半裙", 298, "", "再来"],
    ["X5", "2026-10-05", "13800000001", "王小丽", "风衣", 569, "", ""],  # her daughter's
    ["X6", "2026-10-06", "138", "周莉", "丝巾", 89, "", ""],
    ["合计", "", "", "", "", 2251, "", ""],
]
#: A list that opens asks the screen for what there is none of here.
NO_SCREEN = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
PHONE_CELL = (1, 2)  # row of the list and column of 李敏's phone


def write(path: Path, rows: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "销售"
    for row in [HEADINGS, *rows]:
        sheet.append(row)
    book.save(path)
    return path


@pytest.fixture
def messy(tmp_path: Path) -> Path:
    return write(tmp_path / "十月.xlsx", MESSY)


@pytest.fixture
def shop(shop_file: Path, clock: Clock) -> Iterator[Any]:
    with Shop.open(shop_file, clock=clock) as shop:
        shop.settings.begin("禾木衣坊", "林姐")
        yield shop


@pytest.fixture
def window(qapp: Any, shop: Any) -> Iterator[MainWindow]:
    made = open_window(shop)
    yield made
    put_away(made, qapp)


def page_of(window: MainWindow) -> ImportExportPage:
    page = window.current_page()
    assert isinstance(page, ImportExportPage)
    return page


@pytest.fixture
def page(window: MainWindow) -> ImportExportPage:
    window.navigate("io")
    return page_of(window)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, messy: Path, tmp_path: Path) -> Path:
    """What the dialogs of the system answer: the messy file, and where its left-out rows go."""
    left_out = tmp_path / "要改的.xlsx"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(messy), ""))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(left_out), ""))
    return left_out


def held(shop: Any) -> dict[str, list[dict[str, Any]]]:
    """Everything there is of members and sales, in an order of its own."""
    whole = dump(shop.store.read())
    return {name: sorted(rows, key=str) for name, rows in whole.items() if name in ("members", "sales")}


def group(page: ImportExportPage, code: str) -> Any:
    return next(button for button in page.check.panel.buttons if button.said.code == code)


def came_in(shop: Any) -> None:
    """What all the decisions of the two runs below have to make of the messy file."""
    members = {(one["name"], one["phone"]) for one in dump(shop.store.read())["members"]}
    assert members == {
        ("王丽", "13800000001"), ("王小丽", "13800000001"), ("李敏", "13800000002"), ("陈静", "13800000004"),
    }  # fmt: skip
    sold = {(one["item"], one["date"], one["member_name"]) for one in dump(shop.store.read())["sales"]}
    assert sold == {
        ("羊绒衫", "2026-10-02", "王丽"), ("针织衫", "2026-10-03", "李敏"),
        ("半裙", "2026-03-04", "陈静"), ("风衣", "2026-10-05", "王小丽"),
    }  # fmt: skip
    view = shop.view()
    her = next(row for row in view.search("王丽") if row.name == "王丽")
    assert view.member(her.id).wechat == "wangli_new"
    view.close()


def left_out(path: Path) -> list[object]:
    rows = list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))
    assert rows[0][-1] == t("io.problem_column")
    return [row[0] for row in rows[1:]]


# -- by keyboard, by mouse -----------------------------------------------------------------------------------


def pick_by_key(qtbot: Any, combo: QComboBox, value: object) -> None:
    """Open a combo, go to the item, take it."""
    combo.showPopup()
    wanted = next(number for number in range(combo.count()) if combo.itemData(number) == value)
    while combo.view().currentIndex().row() != wanted:
        step = Qt.Key.Key_Down if combo.view().currentIndex().row() < wanted else Qt.Key.Key_Up
        qtbot.keyClick(combo.view(), step)
    qtbot.keyClick(combo.view(), Qt.Key.Key_Return)
    back_to(combo)


def back_to(widget: QWidget) -> None:
    """Without a screen no window is active after a list has closed."""
    settle()
    widget.window().activateWindow()
    settle()


def tab_to(qtbot: Any, page: QWidget, target: QWidget) -> None:
    for _ in range(60):
        if QApplication.focusWidget() is target:
            return
        press(qtbot, page, Qt.Key.Key_Tab)
    raise AssertionError(f"Tab does not come to {target}")


@NO_SCREEN
def test_a_whole_import_by_keyboard(
    window: MainWindow, shop: Any, a_member: Callable[..., int], asked: Path, qtbot: Any
) -> None:
    a_member("王丽", phone="13800000001", wechat="wangli_old")
    before = held(shop)
    control = Qt.KeyboardModifier.ControlModifier
    press(qtbot, window, Qt.Key.Key_5, modifier=control)
    page = page_of(window)
    check, box = page.check, page.check.panel.box
    press(qtbot, page, Qt.Key.Key_Space)  # the focus is on the button that chooses a file
    assert page.step == CHECK
    assert QApplication.focusWidget() is check.grid

    tab_to(qtbot, page, group(page, "invalid_phone"))
    press(qtbot, page, Qt.Key.Key_Return)
    assert QApplication.focusWidget() is box.field
    assert box.field.selectedText() == "1380000002"
    assert (box.title.text(), box.place.text()) == (t("io.fix", r=3, name="李敏"), "1 / 2")
    assert box.words.text() == t("err.phone_length", n=10)
    qtbot.keyClicks(box.field, "138000000022")
    press(qtbot, page, Qt.Key.Key_Return)
    assert box.title.text() == t("io.fix", r=3, name="李敏")  # one digit too many now: it stays
    assert box.words.text() == t("err.phone_length", n=12)
    qtbot.keyClicks(box.field, "13800000002")
    press(qtbot, page, Qt.Key.Key_Return)
    assert (box.title.text(), box.place.text()) == (t("io.fix", r=7, name="周莉"), "1 / 1")
    press(qtbot, page, Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is check.grid

    tab_to(qtbot, page, group(page, "bad_date"))
    press(qtbot, page, Qt.Key.Key_Return)
    assert box.title.text() == t("io.fix", r=4, name="赵岚")
    press(qtbot, page, Qt.Key.Key_Delete, modifier=control)  # left out; on to the next group
    assert box.title.text() == t("io.fix", r=5, name="陈静")
    tab_to(qtbot, page, box.mdy)
    press(qtbot, page, Qt.Key.Key_Space)  # and on to the next question
    assert box.title.text() == t("io.fix", r=6, name="王小丽")
    tab_to(qtbot, page, box.two)
    press(qtbot, page, Qt.Key.Key_Space)  # nothing is asked any more: back to what is still wrong
    assert box.title.text() == t("io.fix", r=7, name="周莉")

    combo = check.grid.columns.combo(7)
    tab_to(qtbot, page, combo)
    pick_by_key(qtbot, combo, "sale_note")
    assert page.plan is not None
    assert page.plan.sheets[0].columns[7].field == "sale_note"
    tab_to(qtbot, page, check.bar.policy)
    pick_by_key(qtbot, check.bar.policy, "overwrite")
    assert check.grid.said_of(0, 6) == t("io.changed", field="微信", old="wangli_old", new="wangli_new")
    tab_to(qtbot, page, check.panel.save)
    press(qtbot, page, Qt.Key.Key_Space)
    assert left_out(asked) == ["X3", "X6"]

    press(qtbot, page, Qt.Key.Key_Return, modifier=control)
    assert page.step == RESULT
    came_in(shop)
    tab_to(qtbot, page, page.done.undo)
    press(qtbot, page, Qt.Key.Key_Space)
    assert page.step == HOME
    assert held(shop) == before


@NO_SCREEN
def test_a_whole_import_by_mouse(
    page: ImportExportPage, shop: Any, a_member: Callable[..., int], asked: Path, qtbot: Any
) -> None:
    a_member("王丽", phone="13800000001", wechat="wangli_old")
    before = held(shop)
    check, box = page.check, page.check.panel.box

    def click(widget: QWidget, place: QPoint | None = None) -> None:
        qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=place or widget.rect().center())
        settle()

    click(page.home.drop.pick)
    grid = check.grid
    cell = grid.visualRect(grid.rows.index(*PHONE_CELL)).center()
    click(grid.viewport(), cell)
    qtbot.mouseDClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=cell)
    editor = QApplication.focusWidget()
    assert editor is not None
    assert editor.parent() is grid.viewport()
    qtbot.keyClicks(editor, "13800000002")
    click(group(page, "bad_date"))  # a click elsewhere takes what was typed
    assert grid.rows.index(*PHONE_CELL).data() == "13800000002"
    assert page.plan is not None
    assert page.plan.sheets[0].fate(1) == Fate.NEW
    assert box.title.text() == t("io.fix", r=4, name="赵岚")
    click(box.skip)
    click(box.mdy)
    click(box.two)
    combo = grid.columns.combo(7)
    combo.showPopup()
    wanted = combo.model().index(combo.findData("sale_note"), 0)
    combo.view().scrollTo(wanted)
    click(combo.view().viewport(), combo.view().visualRect(wanted).center())
    back_to(combo)
    click(group(page, "field_conflict"))
    click(box.theirs)  # overwrite, for this row
    click(check.panel.save)
    assert left_out(asked) == ["X3", "X6"]
    click(check.bar.go)
    assert page.step == RESULT
    came_in(shop)
    assert page.done.sums.text() == t("io.sums", n=7, a=4, b=0, c=1, d=2)
    click(page.done.undo)
    assert held(shop) == before


# -- single decisions ----------------------------------------------------------------------------------------


def test_a_cell_is_edited_with_f2_and_esc_leaves_it(page: ImportExportPage, messy: Path, qtbot: Any) -> None:
    page.read_file(messy)
    grid = page.check.grid
    grid.select_row(1)
    grid.setFocus()
    press(qtbot, page, Qt.Key.Key_F2)
    editor = QApplication.focusWidget()
    assert editor is not grid
    qtbot.keyClicks(editor, "999")
    press(qtbot, page, Qt.Key.Key_Escape)
    assert page.step == CHECK
    assert grid.rows.index(*PHONE_CELL).data() == "1380000002"
    assert not page.check.decisions.any
    press(qtbot, page, Qt.Key.Key_Return)  # the same as F2
    qtbot.keyClicks(QApplication.focusWidget(), "13800000002")
    press(qtbot, page, Qt.Key.Key_Return)
    assert page.check.decisions.now.edits == {(0, 3, 2): "13800000002"}
    assert QApplication.focusWidget() is grid


def test_ctrl_z_takes_decisions_back_one_by_one_and_never_the_shops(
    page: ImportExportPage, window: MainWindow, shop: Any, a_member: Callable[..., int], messy: Path,
    qtbot: Any,
) -> None:  # fmt: skip
    a_member("别人", phone="13800000077")
    page.read_file(messy)
    control = Qt.KeyboardModifier.ControlModifier
    page.check.grid.select_row(1)
    page.check.grid.setFocus()
    press(qtbot, page, Qt.Key.Key_Delete, modifier=control)
    page.check.grid.edited.emit(5, 2, "13800000006")
    assert page.plan is not None
    assert [page.plan.sheets[0].fate(p) for p in (1, 5)] == [Fate.SKIPPED, Fate.NEW]
    press(qtbot, page, Qt.Key.Key_Z, modifier=control)
    assert [page.plan.sheets[0].fate(p) for p in (1, 5)] == [Fate.SKIPPED, Fate.PROBLEM]
    press(qtbot, page, Qt.Key.Key_Z, modifier=control)
    assert [page.plan.sheets[0].fate(p) for p in (1, 5)] == [Fate.PROBLEM, Fate.PROBLEM]
    press(qtbot, page, Qt.Key.Key_Z, modifier=control)
    assert window.toast_.text() == t("undo.nothing")
    assert window.session.view.total() == 1
    press(qtbot, page, Qt.Key.Key_Y, modifier=control)
    assert page.plan.sheets[0].fate(1) == Fate.SKIPPED


def test_a_skipped_row_is_taken_in_again(page: ImportExportPage, messy: Path, qtbot: Any) -> None:
    page.read_file(messy)
    control = Qt.KeyboardModifier.ControlModifier
    page.check.grid.select_row(0)
    page.check.grid.setFocus()
    press(qtbot, page, Qt.Key.Key_Delete, modifier=control)
    box = page.check.panel.box
    assert box.words.text() == t("io.row.skipped")
    assert not box.take_in.isHidden()
    qtbot.mouseClick(box.take_in, Qt.MouseButton.LeftButton)
    assert page.plan is not None
    assert page.plan.sheets[0].fate(0) == Fate.NEW
    press(qtbot, page, Qt.Key.Key_Delete, modifier=control)
    press(qtbot, page, Qt.Key.Key_Delete, modifier=control)  # the same key takes it in again
    assert page.plan.sheets[0].fate(0) == Fate.NEW


def test_rows_are_shown_by_their_fate_and_all_fates_add_up(
    page: ImportExportPage, shop: Any, messy: Path, tmp_path: Path, qtbot: Any
) -> None:
    shop.imports.apply(shop.imports.preview(write(tmp_path / "前.xlsx", MESSY[:1])))
    page.read_file(messy)
    check, plan = page.check, page.plan
    assert plan is not None
    shown = []
    for number in range(1, check.fates.count()):
        fate = check.fates.itemData(number)
        check.fates.setCurrentIndex(number)
        check.fates.picked.emit(fate)
        assert {check.grid.rows.row(n).fate for n in range(check.grid.rows.rowCount())} == {fate}
        shown.append(check.grid.rows.rowCount())
    assert sum(shown) + plan.sheets[0].gaps == plan.counts.rows == 7
    assert check.bar.sums.whole_text() == t("io.sums", n=7, a=1, b=1, c=4, d=1)
    qtbot.mouseClick(check.chips["all"], Qt.MouseButton.LeftButton)
    assert check.grid.rows.rowCount() == 7
    assert check.fates.value() is None


def test_what_is_put_right_keeps_its_place_in_the_list(page: ImportExportPage, messy: Path) -> None:
    page.read_file(messy)
    page.check.chips["problems"].click()
    grid = page.check.grid
    before = [grid.rows.row(n).number for n in range(grid.rows.rowCount())]
    grid.select_row(0)
    there = grid.currentIndex()
    grid.edited.emit(grid.position(), 2, "13800000002")
    assert [grid.rows.row(n).number for n in range(grid.rows.rowCount())] == before
    assert grid.currentIndex() == there
    page.check.chips["problems"].click()
    assert grid.rows.rowCount() == len(before) - 1


def test_what_is_being_typed_survives_a_check(page: ImportExportPage, messy: Path, qtbot: Any) -> None:
    page.read_file(messy)
    grid = page.check.grid
    grid.select_row(0)
    grid.edit_current()
    settle()
    editor = QApplication.focusWidget()
    qtbot.keyClicks(editor, "half")
    grid.edited.emit(5, 2, "13800000006")  # an earlier edit comes back checked
    assert QApplication.focusWidget() is editor
    assert editor.text() == "half"
    press(qtbot, page, Qt.Key.Key_Escape)


def test_what_stands_in_the_fix_box_is_not_lost(page: ImportExportPage, messy: Path, qtbot: Any) -> None:
    page.read_file(messy)
    box = page.check.panel.box
    group(page, "invalid_phone").click()
    settle()
    qtbot.keyClicks(box.field, "13800000002")
    qtbot.mouseClick(group(page, "bad_date"), Qt.MouseButton.LeftButton)
    settle()
    assert page.check.decisions.now.edits == {(0, 3, 2): "13800000002"}
    assert box.title.text() == t("io.fix", r=4, name="赵岚")
    qtbot.keyClicks(box.field, "2026-10-04")
    qtbot.mouseClick(box.done, Qt.MouseButton.LeftButton)  # one decision, and on
    settle()
    assert box.title.text() == t("io.fix", r=5, name="陈静")
    qtbot.mouseClick(group(page, "invalid_phone"), Qt.MouseButton.LeftButton)
    settle()
    qtbot.keyClicks(box.field, "999")
    press(qtbot, page, Qt.Key.Key_Escape)  # the value as it was
    assert box.field.text() == "138"
    press(qtbot, page, Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is page.check.grid
    assert len(page.check.decisions.now.edits) == 2


def test_the_window_closes_while_a_cell_is_written(window: MainWindow, messy: Path, qtbot: Any) -> None:
    window.navigate("io", file=messy)
    page_of(window).check.grid.edit_current()
    settle()
    qtbot.keyClicks(QApplication.focusWidget(), "half")
    window.close()
    settle()
    assert not window.isVisible()


def test_a_row_has_a_menu_with_what_can_be_done(
    page: ImportExportPage, a_member: Callable[..., int], messy: Path, qtbot: Any
) -> None:
    a_member("王丽", phone="13800000001", wechat="wangli_old")
    page.read_file(messy)
    grid = page.check.grid
    grid.select_row(0)
    grid.setFocus()
    menu = page.check.row_menu(grid.position())
    words = {action.text(): action for action in menu.actions()}
    assert {t("io.editcell"), t("io.skiprow.tip"), t("io.policy.overwrite")} <= words.keys()
    words[t("io.policy.overwrite")].trigger()
    assert page.check.decisions.now.row_policies == {(0, 2): "overwrite"}
    assert page.check.panel.box.words.text() == t(
        "io.changed", field="微信", old="wangli_old", new="wangli_new"
    )


def test_decisions_survive_a_change_of_the_theme(window: MainWindow, messy: Path, qtbot: Any) -> None:
    window.navigate("io", file=messy)
    page_of(window).check.grid.edited.emit(1, 2, "13800000002")
    window.apply_theme("dark", "big", "zh_CN")
    settle()
    page = page_of(window)
    assert page.check.decisions.now.edits
    assert page.undo()
    assert page.plan is not None
    assert page.plan.choices == Choices()


def test_an_answer_taken_back_is_asked_again() -> None:
    decisions = Decisions(Choices())
    decisions.meet((0, 2), "new")
    decisions.meet((0, 2), "new")  # the same again is no decision
    decisions.edit((0, 3), 1, "x")
    assert decisions.back()
    assert decisions.now.row_policies == {(0, 2): "new"}
    assert decisions.again()
    assert decisions.now.edits == {(0, 3, 1): "x"}
    decisions.return_to(Choices(row_policies={(0, 2): "new"}))
    assert not decisions.now.edits
    assert not decisions.again()
    assert decisions.back()
    assert not decisions.back()


def test_a_filter_without_the_row_in_front_brings_another_one(page: ImportExportPage, messy: Path) -> None:
    page.read_file(messy)
    check = page.check
    check.grid.select_row(5)
    assert check.panel.box.title.text() == t("io.fix", r=7, name="周莉")
    check.fates.picked.emit(Fate.NEW)
    assert check.grid.position() == 0
    assert check.panel.box.isHidden()  # nothing is to be said of the first row


class Hand:
    """Somebody who does this and that on the check screen, and hardly looks."""

    def __init__(self, page: ImportExportPage, qtbot: Any, seed: int) -> None:
        self.check, self.page, self.qtbot = page.check, page, qtbot
        self.chance = random.Random(seed)

    def act(self) -> None:
        doings = [self.group, self.answer, self.type, self.press] * 3
        doings += [self.control, self.filter, self.combo, self.cell, self.menu]
        self.chance.choice(doings)()
        settle()

    def click(self, widgets: Iterable[QWidget]) -> None:
        there = [widget for widget in widgets if widget.isVisible() and widget.isEnabled()]
        if there:
            self.qtbot.mouseClick(self.chance.choice(there), Qt.MouseButton.LeftButton)

    def group(self) -> None:
        self.click(self.check.panel.buttons)

    def answer(self) -> None:
        self.click(self.check.panel.box.controls[1:])

    def filter(self) -> None:
        self.click(self.check.chips.values())

    def type(self) -> None:
        if (there := QApplication.focusWidget()) is not None:
            self.qtbot.keyClicks(there, self.chance.choice(["13800000002", "x", "2026-10-04", "138"]))

    def press(self) -> None:
        there = QApplication.focusWidget() or self.page
        keys = ("Return", "Tab", "Up", "Down", "Left", "F2", "Space", "Home", "End")
        key = "Tab" if isinstance(there, QComboBox) else self.chance.choice(keys)
        self.qtbot.keyClick(there, getattr(Qt.Key, f"Key_{key}"))

    def control(self) -> None:
        key = self.chance.choice((Qt.Key.Key_Z, Qt.Key.Key_Y, Qt.Key.Key_Delete))
        self.qtbot.keyClick(QApplication.focusWidget() or self.page, key, Qt.KeyboardModifier.ControlModifier)

    def combo(self) -> None:
        bar, columns = self.check.bar, self.check.grid.columns
        combo = self.chance.choice([self.check.fates, bar.policy, self.chance.choice(columns.combos())])
        number = self.chance.randrange(combo.count())
        combo.setCurrentIndex(number)
        combo.picked.emit(combo.itemData(number))

    def cell(self) -> None:
        grid = self.check.grid
        index = grid.rows.index(self.chance.randrange(grid.rows.rowCount()), self.chance.randrange(8))
        place = grid.visualRect(index).center()
        self.qtbot.mouseDClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=place)

    def menu(self) -> None:
        if self.check.grid.position() >= 0:
            menu = self.check.row_menu(self.check.grid.position())
            self.chance.choice([action for action in menu.actions() if action.text()]).trigger()


@pytest.mark.parametrize(
    ("seed", "acts"), [(1, 80), *(pytest.param(n, 250, marks=pytest.mark.slow) for n in range(2, 14))]
)
def test_whatever_is_done_screen_plan_and_decisions_agree(
    page: ImportExportPage,
    a_member: Callable[..., int],
    messy: Path,
    qtbot: Any,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    acts: int,
) -> None:
    # Enter on the buttons that ask for a file: nobody would answer.
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    a_member("王丽", phone="13800000001", wechat="wangli_old")
    a_member("周莉", phone="13800000099")
    page.read_file(messy)
    hand, check = Hand(page, qtbot, seed), page.check
    for number in range(acts):
        hand.act()
        if (dialog := open_dialog(page)) is not None:  # a mapping without names and phones is refused
            dialog.reject()
            settle()
        if page.step != CHECK:  # Space on one of the last two buttons
            page.read_file(messy)
        plan, listing = page.plan, check.listing
        assert plan is not None
        assert listing is not None
        sheet = plan.sheets[0]
        assert sum(listing.count(0, fate) for fate in Fate) + sheet.gaps == plan.counts.rows, number
        assert check.clashing() or plan.choices == check.decisions.now, number
        case, position = check.panel.box.case, check.grid.position()
        assert case is None or case.row.number == sheet.row(position).number, number


# -- pasting -------------------------------------------------------------------------------------------------


def test_a_table_is_pasted(page: ImportExportPage, qtbot: Any) -> None:
    rows = [HEADINGS, *MESSY[:2]]
    QApplication.clipboard().setText("\r\n".join("\t".join(map(str, row)) for row in rows))
    press(qtbot, page, Qt.Key.Key_V, modifier=Qt.KeyboardModifier.ControlModifier)
    assert page.step == CHECK
    assert page.plan is not None
    assert page.plan.file == t("io.clipboard")
    assert page.check.grid.rows.rowCount() == 2


@pytest.mark.parametrize("text", ["", "王丽"])
def test_what_is_no_table_is_not_pasted(
    page: ImportExportPage, window: MainWindow, qtbot: Any, text: str
) -> None:
    QApplication.clipboard().setText(text)
    press(qtbot, page, Qt.Key.Key_V, modifier=Qt.KeyboardModifier.ControlModifier)
    assert page.step == HOME
    assert window.toast_.text() == t("io.pasted.none")


def test_a_pasted_text_without_headings_is_refused_in_a_toast(
    page: ImportExportPage, window: MainWindow, qtbot: Any
) -> None:
    QApplication.clipboard().setText("一\t二\n三\t四")
    press(qtbot, page, Qt.Key.Key_V, modifier=Qt.KeyboardModifier.ControlModifier)
    assert page.step == HOME
    assert t("io.clipboard") in window.toast_.text()


def test_the_encoding_of_a_text_file_is_told(page: ImportExportPage, tmp_path: Path) -> None:
    file = tmp_path / "会员.csv"
    file.write_bytes("姓名,手机号\n王丽,13800000001\n".encode("gb18030"))
    page.read_file(file)
    assert t("io.encoding", name="GB18030") in page.check._line._words.text()


# -- on the worker -------------------------------------------------------------------------------------------


class Watch(QObject):
    """The longest time the screen got no turn. What other programs on the machine took does not count: of
    a wait only as much as this program worked in it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(50)
        self._timer.timeout.connect(self._on_turn)
        self._last = (time.perf_counter(), time.process_time())
        self.longest = 0.0

    def __enter__(self) -> Watch:
        self._last = (time.perf_counter(), time.process_time())
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.stop()

    def _on_turn(self) -> None:
        now = (time.perf_counter(), time.process_time())
        wall, work = (new - old for new, old in zip(now, self._last, strict=True))
        self.longest = max(self.longest, min(wall, work))
        self._last = now


@pytest.fixture
def working(qapp: Any, shop: Any) -> Iterator[MainWindow]:
    """The window with its real worker."""
    app = App(qapp, WorkerJobs(), Preferences(), shop.clock)
    made = app.window
    made.app = app  # type: ignore[attr-defined]
    made.resize(1366, 697)
    made.show()
    app.session.open(lambda _progress: shop)
    until(lambda: app.session.is_open and not app.session.is_busy)
    made.activateWindow()
    made.navigate("io")
    settle()
    yield made
    until(lambda: not app.session.is_busy)
    put_away(made, qapp)


def until(done: Callable[[], object], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it never came"
        turn()


def turn() -> None:
    """One turn of the screen; unlike QTest.qWait it leaves the worker its share of the processor."""
    QApplication.processEvents()
    time.sleep(0.002)


def rest(seconds: float) -> None:
    end = time.monotonic() + seconds
    until(lambda: time.monotonic() >= end)


def large(path: Path, rows: int) -> Path:
    """A sales list of so many rows with a few faults."""
    chance = random.Random(rows)
    with path.open("w", encoding="utf-8-sig") as out:
        out.write("单号,日期,会员手机,姓名,货品,尺码,实收,店员\n")
        for number in range(rows):
            phone = f"138{chance.randrange(rows // 4):08d}"[: 10 if number % 997 == 0 else 11]
            day = f"2026-{chance.randrange(1, 11):02d}-{chance.randrange(1, 28):02d}"
            out.write(f"X{number},{day},{phone},客{phone[-5:]},羊绒衫,L,{chance.randrange(50, 900)},小雯\n")
    return path


@pytest.mark.parametrize("rows", [3_000, pytest.param(199_000, marks=pytest.mark.slow)])
def test_the_screen_never_hangs(working: MainWindow, tmp_path: Path, rows: int) -> None:
    page = page_of(working)
    file = large(tmp_path / "大.csv", rows)
    session = working.session
    waits = {}
    with Watch() as watch:
        page.read_file(file)
        until(lambda: page.step == CHECK)
    waits["read"] = watch.longest
    grid = page.check.grid
    with Watch() as watch:
        for number in range(30):
            grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum() * number // 30)
            rest(0.005)
        for chip in page.check.chips.values():
            chip.click()
            rest(0.06)
    waits["look"] = watch.longest
    first = page.plan
    with Watch() as watch:
        grid.edited.emit(0, 2, "13800000001")
        rest(0.02)
        grid.edited.emit(997, 2, "13800000002")  # while the other one is being checked
        until(lambda: page.plan is not first and not page._checking)
    waits["edit"] = watch.longest
    assert len(page.check.decisions.now.edits) == 2
    assert page.plan is not None
    assert page.plan.choices == page.check.decisions.now
    with Watch() as watch:
        page.import_now()
        until(lambda: page.step == RESULT and not session.is_busy)
        rest(0.1)
    waits["import"] = watch.longest
    with Watch() as watch:
        page.done.undo.click()
        until(lambda: page.step == HOME and not session.is_busy)
        rest(0.1)
    waits["undo"] = watch.longest
    assert max(waits.values()) < 0.2, waits


@pytest.mark.parametrize("moments", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_an_import_stopped_anywhere_leaves_the_shop_as_it_was(
    working: MainWindow, shop: Any, tmp_path: Path, moments: int
) -> None:
    page, session = page_of(working), working.session
    before = held(shop)
    page.read_file(large(tmp_path / "大.csv", 4_000))
    until(lambda: page.step == CHECK)
    chance, longest = random.Random(moments), 0.0
    for _ in range(moments):
        page.import_now()
        running = session._runs[-1]
        rest(chance.random() * 0.5)
        began = time.monotonic()
        running.stop()
        until(lambda: not session.is_busy)
        longest = max(longest, time.monotonic() - began)
        if page.step == RESULT:  # it was through before
            page.done.undo.click()
            until(lambda: page.step == HOME and not session.is_busy)
            page.read_file(tmp_path / "大.csv")
            until(lambda: page.step == CHECK)
        else:
            assert working.toast_.text() == t("io.cancelled")
        assert held(shop) == before
    assert longest < (10 if moments < 20 else 2)  # QUALITY G18; the short form also beside other work
    assert open_dialog(working) is None


# -- progress ------------------------------------------------------------------------------------------------


def test_the_bar_of_an_import_never_goes_back_and_the_time_left_goes_down(
    page: ImportExportPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    running = Running("", lambda call: call())
    dialog = ImportingDialog(page, running, "十月.xlsx", 186)
    dialog.open()
    seen = []
    for done, total, what in (
        (1, 1, "progress.backup"), (50, 100, "progress.writing"), (100, 100, "progress.writing"),
        (1, 4, "progress.types"), (0, 900, "progress.types"), (4, 4, "progress.types"),
        (450, 900, "progress.followups"),
    ):  # fmt: skip
        now[0] += 2
        running.progress.step(done, total, what)
        seen.append(dialog._part)
    assert seen == sorted(seen)
    assert seen[0] > 0
    assert seen[-1] < 1
    assert dialog._left.text() == t("g.left", n=1)  # 14 seconds for all but a fifteenth
    running.ended.emit()


def test_the_time_left_goes_down_between_two_steps(
    page: ImportExportPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    running = Running("", lambda call: call())
    dialog = ReadingDialog(page, running, "十月.csv")
    dialog.open()
    now[0] += 12
    running.progress.step(100_000, 200_000, "progress.reading")
    assert dialog._steps.text() == t("io.read", n="100,000")
    assert dialog._left.text() == t("g.left", n=28)  # a half of six tenths in twelve seconds
    now[0] += 8
    dialog._on_second()
    assert dialog._left.text() == t("g.left", n=20)
    running.ended.emit()
