"""The overview shows what the records say, and leads to the people behind a figure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from shopcrm.basics.records import LineDraft, MemberDraft, RatingDraft, SaleDraft
from shopcrm.basics.texts import t
from shopcrm.shop import Shop
from tests.ui.real_window import put_away
from ui.app import make_window
from ui.main_window import MainWindow
from ui.widgets import Combo


@pytest.fixture
def window(qtbot: Any, qapp: Any, tmp_path: Path) -> Iterator[MainWindow]:
    shop = Shop.open(tmp_path / "shop.db", clock=lambda: datetime(2026, 11, 21, 10, 24))
    shop.settings.set("shop.name", "禾木衣坊")
    her = shop.members.save(MemberDraft(name="周曼丽")).value
    shop.counter.sell(SaleDraft(her, date(2026, 11, 2), (LineDraft(69_800),)))
    shop.members.save(MemberDraft(name="于桐", joined=date(2024, 5, 1)))
    made = make_window(shop)
    made.navigate("overview")
    yield made
    put_away(made, qapp)


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


def test_the_best_fifth_is_named_and_opens(window: MainWindow) -> None:
    card = window.current_page().types
    assert card.fifth.words() == "前 20% 的会员（1 位）带来 100% 的消费"

    def more(shop: Shop, _: Any) -> Any:
        for number in range(8):
            her = shop.members.save(MemberDraft(name=f"客{number}")).value
            done = shop.counter.sell(SaleDraft(her, date(2026, 11, 2), (LineDraft(10_000 * (1 + number)),)))
        return done

    window.session.do(more)
    assert card.fifth.words() == "前 20% 的会员（2 位）带来 35% 的消费"
    card.fifth.click()
    assert sorted(members_shown(window)) == ["客6", "客7"]
    window.navigate("overview")
    card.set_room(money=True, names=True)
    assert [row.accessibleName() for row in card.top.rows if row.isVisible()] == ["1 客7 ¥800", "2 客6 ¥700"]
    card.top.rows[1].clicked.emit()
    page = window.current_page()
    assert page.card.member().name == "客6"


# ---------------------------------------------------------------- did the follow-ups help


def contact(shop: Shop, member: int, days: int, outcome: str, **columns: Any) -> None:
    """One contact so many days ago about a to-do of its own."""
    day = date.fromordinal(date(2026, 11, 21).toordinal() - days).isoformat()
    about = {"rule": "D4", "type": "drifting", "anchor": day, "due": day, "expires": day, "channel": "call"}
    with shop.store.write("test", None, shop.clock()) as tx:
        step = tx.value("SELECT count(*) FROM task") + 1
        task = tx.insert("task", member_id=member, step=step, why="{}", state="done", closed_on=day, **about)
        tx.insert("contact", member_id=member, task_id=task, day=day, outcome=outcome, **columns)


@pytest.fixture
def talked(window: MainWindow) -> MainWindow:
    """Two were contacted forty days ago, one of them bought."""
    session = window.session
    buyer, other = session.view.search("周")[0].id, session.view.search("于")[0].id

    def work(shop: Shop, _: Any) -> Any:
        contact(shop, buyer, 40, "will_come", template="say.D4.1")
        contact(shop, other, 40, "refused", reason="price", template="say.D4.2")
        return shop.counter.sell(SaleDraft(None, date(2026, 11, 21), (LineDraft(100),)))

    session.do(work)
    return window


def members_shown(window: MainWindow) -> list[str]:
    page = window.current_page()
    assert page.page_id == "members"
    return [row.name for row in window.session.view.rows(page.model.ids)]


def test_the_card_shows_the_way_from_contact_to_purchase(talked: MainWindow) -> None:
    card = talked.current_page().helped
    assert {name: step.number for name, step in card.funnel.items()} == {
        "contacts": 2, "reached": 2, "will_come": 1, "came": 1, "bought": 1,
    }  # fmt: skip
    assert card.funnel["bought"].accessibleName() == "成交 1 ¥698"
    assert [cell.text() for cell in card.types["drifting"]] == ["2", "1", "¥698"]
    assert card.best.text() == t("effect.best.few")


def test_without_contacts_the_card_says_so(window: MainWindow) -> None:
    card = window.current_page().helped
    assert card._none.isVisible()
    assert not card._all.isVisible()


def test_a_number_opens_its_people_and_leads_back(talked: MainWindow, qtbot: Any) -> None:
    page = talked.current_page()
    qtbot.mouseClick(page.helped.funnel["bought"], Qt.MouseButton.LeftButton)
    assert members_shown(talked) == ["周曼丽"]
    members = talked.current_page()
    assert members.origin.isVisible()
    assert members.origin.words() == "回概览"
    members.origin.click()
    assert talked.current_page() is page
    page.helped.types["drifting"][0].click()
    assert sorted(members_shown(talked)) == ["于桐", "周曼丽"]
    members.list.setFocus()
    qtbot.keyClick(members.list, Qt.Key.Key_Escape)
    assert talked.current_page() is page
    assert not page.helped.types["lost"][0].isEnabled()
    talked.navigate("members")
    assert not members.origin.isVisible()


def cells(page: Any) -> list[list[str]]:
    """The words of the table, row by row under its heads."""
    grid = page.table._inside.layout()
    found: dict[int, list[str]] = {}
    for widget in page.table._inside.children():
        at = grid.indexOf(widget) if isinstance(widget, QWidget) else -1
        row = grid.getItemPosition(at)[0] if at >= 0 else 1
        if row % 2 == 0 and hasattr(widget, "text"):
            found.setdefault(row, []).append(widget.text())
    return [found[row] for row in sorted(found)]


def test_details_by_rule_wording_and_reason(talked: MainWindow) -> None:
    talked.current_page().helped.see.click()
    page = talked.current_page()
    assert page.page_id == "effect"
    assert cells(page)[1] == ["快要流失", "2", "2", "1", "1", "1", "¥698", "次数还少（2 次）"]
    page.tabs.picked.emit("wording")
    page.tabs.set_current("wording")
    page._show()
    assert [row[1:] for row in cells(page)[1:]] == [
        ["1", "1", "1", "1", "1", "¥698", "次数还少（1 次）"],
        ["1", "1", "0", "0", "0", "¥0", "次数还少（1 次）"],
        ["2", "2", "1", "1", "1", "¥698", "次数还少（2 次）"],
    ]
    assert "还不够，先别下结论" in page.note.text()
    page.tabs.set_current("away")
    page._show()
    assert cells(page)[1] == ["价格", "1", "0", "0", "1", "0"]
    next(iter(page.table.buttons.values())).click()
    assert members_shown(talked) == ["于桐"]
    talked.current_page().origin.click()
    assert talked.current_page() is page


def test_fourteen_days_are_a_setting_that_can_be_taken_back(talked: MainWindow) -> None:
    talked.navigate("effect")
    page = talked.current_page()
    page.within.picked.emit("14")
    assert talked.session.view.setting("effect_days") == 14
    assert page.within.current() == "14"
    assert "14 天内" in page.note.text()
    talked.session.undo()
    assert page.within.current() == "30"


def test_arrows_go_from_number_to_number(talked: MainWindow, qtbot: Any) -> None:
    talked.navigate("effect")
    page = talked.current_page()
    first = page.table.buttons[0, 1]
    first.setFocus()
    qtbot.keyClick(first, Qt.Key.Key_Right)
    assert page.table.buttons[0, 2].hasFocus()
    stops = [b for b in page.table.buttons.values() if b.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert stops == [page.table.buttons[0, 2]]


def test_a_small_shop_is_told_that_nobody_can_be_left_out(talked: MainWindow) -> None:
    talked.navigate("effect", tab="holdout")
    page = talked.current_page()
    assert "200" in page.banner._words.text()
    assert all(not combo.isEnabled() for combo in page.findChildren(Combo) if combo.isVisible())


def test_a_share_is_left_out_by_choosing_it(talked: MainWindow) -> None:
    def grow(shop: Shop, _: Any) -> Any:
        with shop.store.write("test", None, shop.clock()) as tx:
            tx.insert_many("member", ("name", "joined"), [(f"客{n}", "2024-01-01") for n in range(200)])
            shop.refresh(tx, None)
        return tx.done(None, "done.setting")

    talked.session.do(grow)
    talked.navigate("effect", tab="holdout")
    page = talked.current_page()
    assert "200" not in page.banner._words.text()
    combo = next(c for c in page.findChildren(Combo) if "快要流失" in c.accessibleName())
    combo.picked.emit(0.2)
    assert talked.session.view.setting("holdout") == {"D4": 0.2}
    assert any("刚开始" in word for row in cells(page) for word in row)
    talked.session.undo()
    assert talked.session.view.setting("holdout") == {}
