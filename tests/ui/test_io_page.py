"""Import and export as a user does them: check a file, import it, take it back, take lists out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from shopcrm.basics.texts import t
from shopcrm.shop import Shop
from tests.conftest import DAY, Clock
from ui import theme
from ui.app import make_window
from ui.dialogs.export_callbacks import ExportList
from ui.main_window import MainWindow
from ui.pages.io import ImportExportPage
from ui.pages.io.page import CHECK, HOME, RESULT, sales_times
from ui.pages.io.windows import ImportingDialog, KeptMembers, RefusedFile, UndoImport
from ui.session import Running
from ui.widgets import Label, open_dialog

HEADINGS = ["单号", "日期", "会员手机", "姓名", "货品", "尺码", "实收", "店员", "心情"]
ROWS = (
    ["X1", "2026-10-02", "13800000001", "王丽", "羊绒衫", "L", 698, "小雯", "好"],
    ["X2", "2026-10-03", "1380000002", "李敏", "针织衫", "M", 328, "小雯", ""],  # a digit short
    ["X3", "2026-10-03", "13800000003", "赵岚", "阔腿裤", "L", "269元", "小敏", ""],
    ["X4", "十月四号", "13800000004", "陈静", "半裙", "M", 298, "小敏", ""],
    ["X5", "2026-10-05", "13800000005", "周莉", "风衣", "M", 569, "小雯", ""],
)


def write(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


@pytest.fixture
def sales_file(tmp_path: Path) -> Path:
    return write(tmp_path / "销售明细.xlsx", {"销售": [HEADINGS, *ROWS]})


@pytest.fixture
def shop(shop_file: Path, clock: Clock) -> Iterator[Any]:
    with Shop.open(shop_file, clock=clock) as shop:
        shop.settings.set("shop.name", "禾木衣坊")
        yield shop


def put_away(window: MainWindow, qapp: Any) -> None:
    window.toast_.hide()
    window._resized.stop()
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    theme.apply(qapp)


@pytest.fixture
def window(qapp: Any, shop: Any) -> Iterator[MainWindow]:
    made = make_window(shop)
    made.navigate("io")
    yield made
    put_away(made, qapp)


@pytest.fixture
def page(window: MainWindow) -> ImportExportPage:
    found = window.current_page()
    assert isinstance(found, ImportExportPage)
    return found


def settle() -> None:
    for _ in range(3):
        QApplication.processEvents()


def click(qtbot: Any, widget: QWidget) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)
    settle()


def save_to(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))


def cells(path: Path) -> list[list[object]]:
    return [[cell.value for cell in row] for row in openpyxl.load_workbook(path).active.iter_rows()]


# -- choosing a file -----------------------------------------------------------------------------------------


def test_a_chosen_file_is_checked_and_nothing_is_written(
    page: ImportExportPage, window: MainWindow, sales_file: Path, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(sales_file), ""))
    click(qtbot, page.home.drop.pick)
    assert page.step == CHECK
    assert page.title == t("io.title")
    assert page.middle is page.steps
    assert page.check.panel.headline.text() == t("io.ready", n="3")
    assert page.check.bar.go.text() == t("io.go", n="3")
    assert window.session.view.total() == 0


def test_a_file_from_any_page_opens_the_check(window: MainWindow, sales_file: Path) -> None:
    window.navigate("settings")
    window.navigate("io", file=sales_file)
    page = window.current_page()
    assert isinstance(page, ImportExportPage)
    assert page.step == CHECK
    assert not window.search.isVisible()


def test_a_dropped_file_opens_the_check_and_the_area_shows_where(
    page: ImportExportPage, sales_file: Path
) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(sales_file))])
    action, buttons, keys = (
        Qt.DropAction.CopyAction,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    over = QDragEnterEvent(QPointF(9, 9).toPoint(), action, data, buttons, keys)
    page.home.drop.dragEnterEvent(over)
    assert over.isAccepted()
    assert page.home.drop._title.text() == t("io.release")
    page.home.drop.dropEvent(QDropEvent(QPointF(9, 9), action, data, buttons, keys))
    assert page.step == CHECK
    assert page.home.drop._title.text() == t("io.drop")


def test_several_files_at_once_are_declined(
    page: ImportExportPage, window: MainWindow, tmp_path: Path
) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / name)) for name in ("a.xlsx", "b.xlsx")])
    action, buttons, keys = (
        Qt.DropAction.CopyAction,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    page.home.drop.dropEvent(QDropEvent(QPointF(9, 9), action, data, buttons, keys))
    assert page.step == HOME
    assert window.toast_.text() == t("io.one")


@pytest.mark.parametrize("content", [b"", b"\x00\x01 nothing of a table \xff", b"PK\x03\x04 damaged"])
def test_a_file_that_is_no_table_is_refused_in_words(
    page: ImportExportPage, window: MainWindow, tmp_path: Path, qtbot: Any, content: bytes
) -> None:
    bad = tmp_path / "坏的.xlsx"
    bad.write_bytes(content)
    page.read_file(bad)
    dialog = open_dialog(window)
    assert isinstance(dialog, RefusedFile)
    assert "坏的.xlsx" in dialog.title.text()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert page.step == HOME
    assert window.session.view.batches() == ()


def test_a_refused_file_can_be_mended_and_tried_again(
    page: ImportExportPage, window: MainWindow, sales_file: Path, tmp_path: Path, qtbot: Any
) -> None:
    mended = tmp_path / "本月.xlsx"
    page.read_file(mended)  # not there yet
    dialog = open_dialog(window)
    assert isinstance(dialog, RefusedFile)
    mended.write_bytes(sales_file.read_bytes())
    click(qtbot, dialog.again)
    assert page.step == CHECK


def test_a_file_without_one_good_row_says_which_rows(
    page: ImportExportPage, window: MainWindow, tmp_path: Path
) -> None:
    page.read_file(write(tmp_path / "都错.xlsx", {"a": [HEADINGS, ROWS[1], ROWS[3]]}))
    dialog = open_dialog(window)
    assert isinstance(dialog, RefusedFile)
    assert t("io.fix.row", r=2) in dialog.listed.toPlainText()
    dialog.reject()


# -- checking ------------------------------------------------------------------------------------------------


def test_the_table_shows_rows_as_they_stand_with_what_is_wrong(
    page: ImportExportPage, sales_file: Path
) -> None:
    page.read_file(sales_file)
    grid = page.check.grid
    assert grid.rows.rowCount() == 5
    assert grid.rows.index(1, 2).data() == "1380000002"
    assert "1380000002" in grid.said_of(1, 2)
    assert grid.said_of(2, 6) == t("tip.fixed", old="269元", new="269")
    assert grid.said_of(0, 2) == ""
    page.grab()  # painted with all marks


def test_the_line_says_what_was_recognised(page: ImportExportPage, sales_file: Path) -> None:
    page.read_file(sales_file)
    line = page.check._line
    assert line._known.text() == t("io.known", n=8)
    assert line._ignored.whole_text() == t("io.ignored", n=1, names="心情")


def test_only_rows_with_problems_are_shown_on_demand(
    page: ImportExportPage, sales_file: Path, qtbot: Any
) -> None:
    page.read_file(sales_file)
    click(qtbot, page.check.chips["problems"])
    rows = page.check.grid.rows
    assert [rows.row(n).number for n in range(rows.rowCount())] == [3, 5]
    click(qtbot, page.check.chips["all"])
    assert rows.rowCount() == 5


def test_the_check_opens_at_the_first_fault_and_its_group_still_begins_there(
    page: ImportExportPage, sales_file: Path, qtbot: Any
) -> None:
    page.read_file(sales_file)
    settle()
    check = page.check
    box = check.panel.box
    assert check.grid.position() == 1  # the phone that lacks a digit
    assert box.field.text() == "1380000002"
    assert not box.field.hasFocus()  # nobody asked to type yet
    chosen = next(button for button in check.panel.buttons if button.isChecked())
    click(qtbot, chosen)
    assert check.grid.position() == 1
    assert box.field.hasFocus()


def test_a_group_leads_to_its_first_row_and_again_to_the_next(
    page: ImportExportPage, tmp_path: Path, qtbot: Any
) -> None:
    more = [[f"Y{n}", "2026-10-06", "138", f"客{n}", "毛衣", "M", 99, "小雯", ""] for n in range(2)]
    good = [[f"Z{n}", "2026-10-06", f"138000001{n:02}", f"人{n}", "毛衣", "M", 99, "", ""] for n in range(60)]
    page.read_file(write(tmp_path / "长.xlsx", {"a": [HEADINGS, *good, *more]}))
    button = page.check.panel.buttons[0]
    click(qtbot, button)
    assert page.check.grid.currentIndex().row() == 60
    assert page.check.panel.box.words.text() == t("err.phone_length", n=3)
    click(qtbot, button)
    assert page.check.grid.currentIndex().row() == 61
    click(qtbot, button)
    assert page.check.grid.currentIndex().row() == 60


def test_a_repaired_row_is_found_although_only_problems_are_shown(
    page: ImportExportPage, sales_file: Path, qtbot: Any
) -> None:
    page.read_file(sales_file)
    click(qtbot, page.check.chips["problems"])
    repaired = next(b for b in page.check.panel.buttons if b.said.level == "repaired")
    click(qtbot, repaired)
    rows = page.check.grid.rows
    assert rows.row(page.check.grid.currentIndex().row()).number == 4


def test_another_field_for_a_column_plans_again(page: ImportExportPage, sales_file: Path, qtbot: Any) -> None:
    page.read_file(sales_file)
    combo = page.check.grid.columns.combo(8)
    assert combo.value() is None
    combo.setFocus()
    combo.set_value("sale_note")
    combo.picked.emit("sale_note")
    assert page.plan is not None
    assert page.plan.sheets[0].columns[8].field == "sale_note"
    assert page.check._line._known.text() == t("io.known", n=9)
    assert page.check.grid.columns.combo(8).value() == "sale_note"


def test_two_columns_for_one_field_cannot_be_imported(page: ImportExportPage, sales_file: Path) -> None:
    page.read_file(sales_file)
    before = page.plan
    page.check.grid.columns.combo(8).picked.emit("item")
    assert page.check.clashing() == {4, 8}
    assert not page.check.bar.go.isEnabled()
    assert page.plan is before
    page.import_now()
    assert page.step == CHECK
    page.check.grid.columns.combo(8).picked.emit(None)
    assert page.check.bar.go.isEnabled()


def test_two_headings_of_the_file_for_one_field_do_not_clash(page: ImportExportPage, tmp_path: Path) -> None:
    headings = [*HEADINGS[:6], "应收金额", "实收金额"]
    rows = [["X1", "2026-10-02", "13800000001", "王丽", "羊绒衫", "L", 698, 600]]
    page.read_file(write(tmp_path / "两个金额.xlsx", {"a": [headings, *rows]}))
    assert page.check.clashing() == frozenset()
    assert page.check.bar.go.isEnabled()


def test_a_choice_the_shop_refuses_is_taken_back(
    page: ImportExportPage, window: MainWindow, sales_file: Path
) -> None:
    page.read_file(sales_file)
    for column in (2, 3):  # without phone and name nobody can be found
        page.check.grid.columns.combo(column).picked.emit(None)
    dialog = open_dialog(window)
    assert dialog is not None
    dialog.reject()
    assert page.plan is not None
    assert page.check.decisions.now == page.plan.choices
    assert page.check.bar.go.isEnabled()


def test_members_keep_what_they_have_unless_it_shall_be_overwritten(
    page: ImportExportPage, shop: Any, a_member: Callable[..., int], tmp_path: Path, qtbot: Any
) -> None:
    her = a_member("王丽", phone="13800000001", size_top="M")
    file = write(tmp_path / "会员.xlsx", {"a": [["姓名", "手机号", "尺码"], ["王丽", "13800000001", "L"]]})
    page.read_file(file)
    assert not page.check.bar.go.isEnabled()  # nothing new
    page.check.bar.policy.set_value("overwrite")
    page.check.bar.policy.picked.emit("overwrite")
    assert page.check.bar.go.isEnabled()
    click(qtbot, page.check.bar.go)
    assert page.step == RESULT
    assert shop.view().member(her).size_top == "L"


def test_each_sheet_of_a_file_can_be_looked_at(page: ImportExportPage, tmp_path: Path) -> None:
    people = [["姓名", "手机号"], ["王丽", "13800000001"], ["李敏", "13800000002"]]
    page.read_file(write(tmp_path / "两张.xlsx", {"会员": people, "销售": [HEADINGS, *ROWS]}))
    assert page.check.sheets.isVisible()
    assert page.check.grid.rows.rowCount() == 2
    page.check.sheets.picked.emit(1)
    assert page.check.grid.rows.rowCount() == 5
    assert page.check.grid.columns.combo(1).value() == "sale_day"
    wrong = next(b for b in page.check.panel.buttons if b.said.code == "invalid_phone")
    page.check.sheets.picked.emit(0)
    wrong.click()
    assert page.check.sheet.name == "销售"


def test_rows_to_fix_are_saved_as_a_workbook(
    page: ImportExportPage, sales_file: Path, tmp_path: Path, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.read_file(sales_file)
    save_to(monkeypatch, tmp_path / "要改的")  # the ending is added
    click(qtbot, page.check.panel.save)
    saved = cells(tmp_path / "要改的.xlsx")
    assert saved[0][-1] == t("io.problem_column")
    assert [row[0] for row in saved[1:]] == ["X2", "X4"]


def test_a_row_the_owner_leaves_out_is_saved_too(
    page: ImportExportPage, sales_file: Path, tmp_path: Path, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.read_file(sales_file)
    page.check.grid.select_row(4)
    qtbot.keyClick(page.check.grid, Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    assert page.check.panel.save.text() == t("io.saveleft", n="3")
    save_to(monkeypatch, tmp_path / "没导入的")
    page.import_now()
    click(qtbot, page.done.save)
    saved = cells(tmp_path / "没导入的.xlsx")
    assert [(row[0], row[-1]) for row in saved[3:]] == [("X5", t("io.row.skipped"))]


def test_back_drops_the_file_but_not_what_was_decided(
    page: ImportExportPage, window: MainWindow, sales_file: Path, qtbot: Any
) -> None:
    page.read_file(sales_file)
    page.check.grid.columns.combo(8).picked.emit("sale_note")
    page.check.grid.setFocus()
    qtbot.keyClick(page.check.grid, Qt.Key.Key_Escape)
    assert page.step == HOME
    assert window.session.view.total() == 0
    click(qtbot, window.toast_._act)
    assert page.step == CHECK
    assert page.check.grid.columns.combo(8).value() == "sale_note"


def test_the_check_survives_a_change_of_font_level(window: MainWindow, sales_file: Path) -> None:
    window.navigate("io", file=sales_file)
    window.apply_theme("dark", "big", "zh_CN")
    settle()
    page = window.current_page()
    assert isinstance(page, ImportExportPage)
    assert page.step == CHECK
    assert page.check.grid.rows.rowCount() == 5


def test_tab_follows_the_reading_order(page: ImportExportPage, sales_file: Path) -> None:
    page.read_file(sales_file)
    page.check.panel.buttons[0].click()
    settle()
    first = page.check.other
    chain, widget = [first], first.nextInFocusChain()
    while widget is not first:
        reachable = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None
        if page.check.isAncestorOf(widget) and widget.isVisible() and reachable:
            chain.append(widget)
        widget = widget.nextInFocusChain()
    grid, panel, bar = page.check.grid, page.check.panel, page.check.bar
    combos = [combo for combo in grid.columns.combos() if combo.isVisible()]
    tail = [grid, *panel.buttons, panel.save, *panel.box.controls, bar.policy, bar.back, bar.go]
    shown = [widget for widget in tail if widget.isVisible()]
    assert [w for w in chain if w in {*combos, *shown}] == [*combos, *shown]


def test_ctrl_enter_imports(page: ImportExportPage, sales_file: Path, qtbot: Any) -> None:
    page.read_file(sales_file)
    page.check.grid.setFocus()
    qtbot.keyClick(page.check.grid, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert page.step == RESULT


# -- importing -----------------------------------------------------------------------------------------------


def test_import_report_and_undo(
    page: ImportExportPage, window: MainWindow, sales_file: Path, qtbot: Any
) -> None:
    page.read_file(sales_file)
    click(qtbot, page.check.bar.go)
    assert page.step == RESULT
    assert [tile.number for tile in page.done.numbers] == ["3", "3", "0", "2"]
    assert window.session.view.total() == 3
    click(qtbot, page.done.undo)
    assert page.step == HOME
    assert window.session.view.total() == 0
    assert window.toast_.text() == t("io.undone")
    assert window.session.view.batches()[0].undone


def test_the_same_file_again_brings_nothing_new(
    page: ImportExportPage, window: MainWindow, sales_file: Path, qtbot: Any
) -> None:
    page.read_file(sales_file)
    click(qtbot, page.check.bar.go)
    page.read_file(sales_file)
    assert page.check.panel.headline.text() == t("io.nothing")
    assert not page.check.bar.go.isEnabled()
    assert page.check.grid.said_of(0, 0) == t("group.duplicate.hint")
    page.grab()  # rows struck through


def test_undo_by_key_leaves_the_report(
    page: ImportExportPage, window: MainWindow, sales_file: Path, qtbot: Any
) -> None:
    page.read_file(sales_file)
    click(qtbot, page.check.bar.go)
    window.undo()
    assert page.step == HOME
    assert window.session.view.total() == 0


def test_a_shop_that_moved_on_is_checked_again(
    page: ImportExportPage, window: MainWindow, a_member: Callable[..., int], sales_file: Path, qtbot: Any
) -> None:
    page.read_file(sales_file)
    a_member("王丽", phone="13800000001")
    click(qtbot, page.check.bar.go)
    assert page.step == CHECK
    assert page.check.bar.go.isEnabled()
    click(qtbot, page.check.bar.go)
    assert page.step == RESULT
    assert page.done.numbers[1].number == "2"


def test_a_stopped_import_leaves_nothing(
    page: ImportExportPage, window: MainWindow, shop: Any, sales_file: Path, qtbot: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    page.read_file(sales_file)
    apply = shop.imports.apply

    def stopped(plan: Any, progress: Any) -> Any:
        progress.stop()
        return apply(plan, progress)

    monkeypatch.setattr(shop.imports, "apply", stopped)
    click(qtbot, page.check.bar.go)
    assert page.step == CHECK
    assert window.toast_.text() == t("io.cancelled")
    assert window.session.view.total() == 0
    assert page.check.bar.go.isEnabled()


def test_the_progress_names_file_and_row_and_esc_stops(
    page: ImportExportPage, window: MainWindow, qtbot: Any
) -> None:
    running = Running("", lambda call: call())
    dialog = ImportingDialog(page, running, "十月.xlsx", 186)
    dialog.open()
    running.progress.step(50, 100, "progress.writing")
    shown = {label.text() for label in dialog.findChildren(Label)}
    assert {t("io.running"), "十月.xlsx", t("io.row", i="93", n="186")} <= shown
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert running.progress.stopped
    assert open_dialog(window) is dialog  # it goes when the work has ended
    running.ended.emit()
    assert open_dialog(window) is None


def test_the_report_leads_to_today_and_is_gone_afterwards(
    page: ImportExportPage, window: MainWindow, sales_file: Path, qtbot: Any
) -> None:
    page.read_file(sales_file)
    click(qtbot, page.check.bar.go)
    click(qtbot, page.done.today)
    assert window.current_page().page_id == "today"
    window.navigate("io")
    assert page.step == HOME
    assert window.session.view.batches()[0].file == sales_file.name


# -- history -------------------------------------------------------------------------------------------------


def test_an_older_import_is_taken_back_after_asking_and_names_whom_it_kept(
    page: ImportExportPage, window: MainWindow, shop: Any, clock: Clock, sales_file: Path, qtbot: Any,
    a_sale: Callable[..., int],
) -> None:  # fmt: skip
    page.read_file(sales_file)
    click(qtbot, page.check.bar.go)
    clock.set(DAY + timedelta(days=2))
    her = shop.view().search("王丽")[0].id
    a_sale(her, DAY + timedelta(days=1))
    window.navigate("today")
    window.navigate("io")
    button = next(iter(page.home.history.undo.values()))
    click(qtbot, button)
    asked = open_dialog(window)
    assert isinstance(asked, UndoImport)
    assert window.session.view.total() == 3
    click(qtbot, asked.undo)
    told = open_dialog(window)
    assert isinstance(told, KeptMembers)
    assert window.session.view.total() == 1
    told.reject()
    settle()
    assert page.home.history.undo == {}


def test_an_import_of_today_is_taken_back_at_once_and_one_of_last_month_never(
    page: ImportExportPage, window: MainWindow, clock: Clock, sales_file: Path, qtbot: Any
) -> None:
    page.read_file(sales_file)
    click(qtbot, page.check.bar.go)
    clock.set(DAY + timedelta(days=40))
    window.recompute()
    page.escape()
    window.navigate("today")
    window.navigate("io")
    assert page.home.history.undo == {}
    clock.set(DAY)
    window.recompute()
    window.navigate("today")
    window.navigate("io")
    click(qtbot, next(iter(page.home.history.undo.values())))
    assert open_dialog(window) is None
    assert window.session.view.total() == 0


# -- lists ---------------------------------------------------------------------------------------------------


def test_an_empty_shop_has_no_lists_to_take_out(page: ImportExportPage) -> None:
    assert not any(button.isEnabled() for button in page.home.exports.buttons.values())


def test_every_list_is_saved_as_a_workbook(
    page: ImportExportPage, window: MainWindow, sales_file: Path, tmp_path: Path, qtbot: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    page.read_file(sales_file)
    click(qtbot, page.check.bar.go)
    click(qtbot, page.done.today)
    window.navigate("io")
    lists = {key: button for key, button in page.home.exports.buttons.items() if button.isEnabled()}
    assert {"callbacks", "members", "sales"} <= lists.keys()
    for key, button in lists.items():
        save_to(monkeypatch, tmp_path / key)
        click(qtbot, button)
        dialog = open_dialog(window)
        assert isinstance(dialog, ExportList)
        if key == "sales":
            dialog.which.set_value(dialog.which.itemData(3))
        dialog._on_save()
        assert len(cells(tmp_path / f"{key}.xlsx")) > 1, key
        assert str(tmp_path) in window.toast_.text()
        settle()


def test_the_sales_of_last_month_are_those_of_last_month() -> None:
    times = [value for value, _ in sales_times(date(2026, 1, 15))]
    assert times[1] == (date(2025, 12, 1), date(2025, 12, 31))


def test_the_blank_template_can_be_imported_once_filled(
    page: ImportExportPage, tmp_path: Path, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "模板.xlsx"
    save_to(monkeypatch, path)
    click(qtbot, page.home.drop.template)
    book = openpyxl.load_workbook(path)
    book.worksheets[0].append(["王丽", "13800000001"])
    book.save(path)
    page.read_file(path)
    assert page.step == CHECK
    assert page.check.bar.go.isEnabled()


# -- room ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["small", "normal", "big", "huge"])
def test_everything_fits_at_every_font_level(
    qapp: Any, shop: Any, sales_file: Path, qtbot: Any, level: str
) -> None:
    window = make_window(shop, size=(1366, 697), level=level)
    window.navigate("io")
    page = window.current_page()
    assert isinstance(page, ImportExportPage)
    for step in (HOME, CHECK, RESULT):
        if step == CHECK:
            page.read_file(sales_file)
            page.check.panel.buttons[0].click()
        elif step == RESULT:
            page.import_now()
        settle()
        assert page.step == step
        assert page.minimumSizeHint().width() <= page.width(), (level, step)
        assert page.minimumSizeHint().height() <= page.height(), (level, step)
    put_away(window, qapp)


def test_children_in_a_file_are_told_of(page: ImportExportPage, tmp_path: Path) -> None:
    rows: list[list[object]] = [["姓名", "手机号", "生日"], ["沈小月", "13800000001", "2020-05-01"]]
    page.read_file(write(tmp_path / "会员.xlsx", {"会员": rows}))
    settle()
    assert page.check.panel.subline.text().endswith(t("io.minors", n="1"))
    page.import_now()
    settle()
    assert page.session.view.total() == 1
    rows[1][2] = "1990-05-01"
    page.read_file(write(tmp_path / "会员2.xlsx", {"会员": rows}))
    settle()
    assert t("io.minors", n="1") not in page.check.panel.subline.text()
