"""The overview shows what the records say, and leads to the people behind a figure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from PySide6.QtCore import Qt

from shopcrm.basics.records import LineDraft, MemberDraft, RatingDraft, SaleDraft
from shopcrm.basics.texts import t
from shopcrm.shop import Shop
from ui.app import make_window
from ui.main_window import MainWindow


@pytest.fixture
def window(qtbot: Any, tmp_path: Path) -> Iterator[MainWindow]:
    shop = Shop.open(tmp_path / "shop.db", clock=lambda: datetime(2026, 11, 21, 10, 24))
    shop.settings.set("shop.name", "禾木衣坊")
    her = shop.members.save(MemberDraft(name="周曼丽")).value
    shop.counter.sell(SaleDraft(her, date(2026, 11, 2), (LineDraft(69_800),)))
    shop.members.save(MemberDraft(name="于桐", joined=date(2024, 5, 1)))
    made = make_window(shop)
    made.navigate("overview")
    yield made
    made.close()


def test_counts_shares_and_money_of_the_types(window: MainWindow) -> None:
    cells = {key: [label.text() for label in row] for key, row in window.current_page().types.cells.items()}
    assert cells["potential"][:4] == ["1 位", "50%", "¥698", "100%"]
    assert cells["drifting"][:4] == ["1 位", "50%", "¥0", "0%"]
    assert cells["loyal"][:4] == ["0 位", "0%", "¥0", "0%"]


def test_the_chart_says_its_months_in_words(window: MainWindow) -> None:
    assert "2026-11 ¥698" in window.current_page().months.bars.accessibleDescription()


def test_a_type_leads_to_its_members(window: MainWindow, qtbot: Any) -> None:
    page = window.current_page()
    name = next(b for b in page.findChildren(type(page.export)) if b.text() == t("type.drifting"))
    qtbot.mouseClick(name, Qt.MouseButton.LeftButton)
    members = window.current_page()
    assert members.page_id == "members"
    assert [row.name for row in window.session.view.rows(members.model.ids)] == ["于桐"]


def test_the_report_is_a_workbook(window: MainWindow, tmp_path: Path) -> None:
    window.current_page().save_report(tmp_path / "months.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "months.xlsx").active
    values = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert any("2026-11" in row and 698 in row for row in values)


def test_conversion_is_unknown_until_somebody_counts(window: MainWindow) -> None:
    came = window.current_page().came
    assert came.rate.text() == "—"
    assert came.words.text() == "近 30 天没有记过进店人数，成交率不知道"
    for _ in range(4):
        window.session.do(lambda shop, _: shop.footfall.come_in())
    assert came.rate.text() == "0%"
    window.session.do(
        lambda shop, _: shop.counter.sell(SaleDraft(None, date(2026, 11, 21), (LineDraft(19_800),)))
    )
    assert came.rate.text() == "25%"
    assert came.words.text() == "进店 4 位，开了 1 张单"
    assert "近 30 天里按有记录的 1 天算，10 点前后人最多" in came.basis.text()
    for _ in range(5):
        window.session.undo()
    assert came.rate.text() == "—"


def test_marks_stand_there_with_how_many_gave_them(window: MainWindow) -> None:
    page, session = window.current_page(), window.session
    assert not page.marks.isVisible()
    her = session.view.search("周")[0].id
    for kind, score in (("satisfaction", 5), ("satisfaction", 4), ("recommend", 10)):
        draft = RatingDraft(her, kind, score)
        session.do(lambda shop, _, draft=draft: shop.complaints.rate(draft))
    assert page.marks.isVisible()
    assert t("rt.mean", value="4.5", n=2) in page.marks.text()
    assert t("rt.nps", value="+100", n=1) in page.marks.text()
