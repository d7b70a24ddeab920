"""What the screen sends out: the list as it is shown, masked for whom it must be, and the whole shop."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from shopcrm.basics.records import LineDraft, MemberDraft, Query, SaleDraft
from shopcrm.basics.texts import t
from shopcrm.shop import Shop
from tests.conftest import Clock
from tests.ui.real_window import put_away
from ui.app import make_window
from ui.dialogs.export_callbacks import ExportList, ExportSales
from ui.dialogs.who import WhoDialog
from ui.main_window import MainWindow
from ui.widgets import open_dialog


@pytest.fixture
def shop(shop_file: Path, clock: Clock) -> Iterator[Any]:
    with Shop.open(shop_file, clock=clock) as shop:
        shop.settings.begin("禾木衣坊", "林姐")
        for number, name in enumerate(("王丽", "王敏", "赵岚")):
            phone = (f"138 0000 000{number}", f"1380000000{number}")
            shop.members.save(MemberDraft(name=name, phones=(phone,)))
        yield shop


@pytest.fixture
def window(qapp: Any, shop: Any) -> Iterator[MainWindow]:
    made = make_window(shop)
    yield made
    put_away(made, qapp)


def click(qtbot: Any, widget: QWidget) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)
    for _ in range(3):
        QApplication.processEvents()


def save_to(monkeypatch: pytest.MonkeyPatch, path: Path) -> Path:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    return path


def cells(path: Path) -> list[list[object]]:
    return [[cell.value for cell in row] for row in openpyxl.load_workbook(path).active.iter_rows()]


def asked(window: MainWindow) -> ExportList:
    dialog = open_dialog(window)
    assert isinstance(dialog, ExportList)
    return dialog


def test_the_member_list_goes_out_as_it_is_shown(
    window: MainWindow, qtbot: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    window.navigate("members")
    page: Any = window.current_page()
    page.search("王")
    click(qtbot, page.export)
    path = save_to(monkeypatch, tmp_path / "m.xlsx")
    click(qtbot, asked(window)._save)
    found = cells(path)
    visible = [t(column.title) for column in page.model.columns if column.title]
    assert found[0] == [visible[0], t("list.type"), *visible[1:]]
    assert [row[0] for row in found[1:]] == [row.name for row in map(page.model.row, range(2))]
    assert {row[2] for row in found[1:]} == {"13800000000", "13800000001"}
    page.export.click()
    dialog = asked(window)
    assert dialog.columns is not None
    dialog.columns.setCurrentIndex(1)  # everything, fit to be imported
    click(qtbot, dialog._save)
    assert t("field.birthday") in cells(path)[0]


def test_ticked_rows_only(
    window: MainWindow, qtbot: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    window.navigate("members")
    page: Any = window.current_page()
    page.list.select_row(1)
    qtbot.keyClick(page.list, Qt.Key.Key_Space)
    name = page.model.row(1).name
    click(qtbot, page.export_chosen)
    path = save_to(monkeypatch, tmp_path / "m.xlsx")
    click(qtbot, asked(window)._save)
    assert [row[0] for row in cells(path)[1:]] == [name]


def test_who_may_not_see_numbers_cannot_take_them_out(
    window: MainWindow, shop: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    person = shop.settings.add_staff("小雯", "assistant").value
    shop.settings.change_staff(person, "assistant", ("export",))
    window.session.set_staff(next(one for one in shop.settings.staff() if one.id == person))
    window.navigate("io")
    page: Any = window.current_page()
    click(qtbot, page.home.exports.buttons["members"])
    dialog = asked(window)
    assert dialog.masked.isChecked()
    assert not dialog.masked.isEnabled()
    path = save_to(monkeypatch, tmp_path / "m.xlsx")
    click(qtbot, dialog._save)
    assert {row[1] for row in cells(path)[1:]} == {f"138 **** 000{n}" for n in range(3)}
    path = save_to(monkeypatch, tmp_path / "whole.xlsx")
    dialog.reject()
    click(qtbot, page.home.exports.whole)
    click(qtbot, asked(window)._save)
    refused = open_dialog(window)
    assert isinstance(refused, WhoDialog)
    assert not path.exists()
    refused.reject()


def test_the_whole_shop_goes_out_from_the_home_screen(
    window: MainWindow, qtbot: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    window.navigate("io")
    page: Any = window.current_page()
    path = save_to(monkeypatch, tmp_path / "whole")  # the ending is put on
    click(qtbot, page.home.exports.whole)
    click(qtbot, asked(window)._save)
    sheets = openpyxl.load_workbook(path.with_name("whole.xlsx")).sheetnames
    assert sheets[0] == t("whole.title")
    assert t("whole.table.member") in sheets
    assert window.toast_.isVisible()


def test_sales_of_any_two_days(
    window: MainWindow, shop: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for day in (1, 5, 9):
        shop.counter.sell(SaleDraft(None, date(2026, 10, day), (LineDraft(100 * day, "裙"),)))
    window.navigate("io")
    page: Any = window.current_page()
    click(qtbot, page.home.exports.buttons["sales"])
    dialog = asked(window)
    assert isinstance(dialog, ExportSales)
    assert not dialog.since.isVisible()
    dialog.which.setCurrentIndex(dialog.which.count() - 1)
    path = save_to(monkeypatch, tmp_path / "s.xlsx")
    for since, until in (("十月", "2026-10-05"), ("2026-10-05", ""), ("2026-10-06", "2026-10-05")):
        dialog.since.setText(since)
        dialog.until.setText(until)
        click(qtbot, dialog._save)
        assert not path.exists()
    dialog.since.setText("2026.10.2")
    dialog.until.setText("20261009")
    click(qtbot, dialog._save)
    amounts = [row[cells(path)[0].index(t("field.amount"))] for row in cells(path)[1:]]
    assert amounts == [5, 9]


def test_the_days_list_is_fit_for_work_in_excel(
    window: MainWindow, shop: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shop.followups.add_today(list(shop.view().ids(Query())))
    window.navigate("today")
    page: Any = window.current_page()
    page._reload()
    path = save_to(monkeypatch, tmp_path / "d.xlsx")
    click(qtbot, page.foot.export)
    click(qtbot, asked(window)._save)
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    headings = [cell.value for cell in sheet[1]]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:{openpyxl.utils.get_column_letter(len(headings))}{sheet.max_row}"
    for at, heading in enumerate(headings, 1):
        column = sheet.column_dimensions[openpyxl.utils.get_column_letter(at)]
        assert column.width > len(str(heading)) * 2
        assert column.hidden == (heading == t("callbacks.task"))
    phone = sheet.cell(2, headings.index(t("callbacks.phone")) + 1)
    assert (phone.data_type, phone.number_format) == ("s", "@")
    assert str(phone.value).replace(" ", "").startswith("1380000")
    assert [rule.type for rule in sheet.data_validations.dataValidation] == ["list"]
