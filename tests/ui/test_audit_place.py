"""The audit trail in the settings."""

from pathlib import Path
from typing import Any

import pytest

from shopcrm.basics.records import AuditLine, MemberDraft
from shopcrm.basics.settings import SETTINGS, is_type_setting
from shopcrm.basics.texts import has, t
from shopcrm.shop import Shop
from shopcrm.store import audit
from tests.ui.real_window import open_window, put_away, settle
from ui.pages.settings.audit import said
from ui.widgets.labels import ElidedLabel

CHANGED = "改了设置：每位店员一天联系几位"


@pytest.fixture
def shop(tmp_path: Path, clock: Any) -> Any:
    with Shop.open(tmp_path / "shop.db", clock=clock) as shop:
        shop.settings.begin("禾木衣坊", "林姐")
        yield shop


def place(window: Any) -> Any:
    window.navigate("settings")
    page = window.current_page()
    page.open_place("audit")
    settle()
    return page.places["audit"]


def words(place: Any) -> list[str]:
    return [row.text() for row in place.findChildren(ElidedLabel) if row.isVisible()]


def test_lines_newest_first_and_more_on_demand(qapp: Any, shop: Shop, tmp_path: Path) -> None:
    shop.members.save(MemberDraft(name="王芳"))
    for number in range(60):
        shop.settings.set("tasks_per_day", number + 20)
    shop.undo()
    shop.exports.members(tmp_path / "members.xlsx")
    window = open_window(shop)
    shown = place(window)
    assert words(shown)[:3] == ["导出了会员名单，1 行", "撤销：" + CHANGED, CHANGED]
    assert len(words(shown)) == 50
    assert "63" in shown.state.text()
    assert shown.fault.isHidden()
    shown.more.click()
    settle()
    assert len(words(shown)) == 63
    assert words(shown)[-1] == "给店起了名字"
    assert shown.more.isHidden()
    put_away(window, qapp)


def test_a_changed_trail_is_told(qapp: Any, shop: Shop) -> None:
    db = shop.store.connection
    db.execute("DROP TRIGGER audit_unchanged")
    db.execute("UPDATE audit SET staff = '小雯'")
    window = open_window(shop)
    shown = place(window)
    assert shown.fault.isVisible()
    assert "第 1 行" in shown.fault._words.text()
    assert shown.state.text() == ""
    put_away(window, qapp)


def test_few_settings_are_named_and_many_are_counted() -> None:
    def told(*keys: str) -> str:
        return said(AuditLine(1, "2026-11-22 09:00:00", "林姐", "setting.set", 1, {"keys": list(keys)}))

    assert told("closed_weekdays", "cap_90") == "改了设置：每周休息、90 天最多联系几次"
    assert told("vip_spend_pct", "lost_days_once") == "改了设置：客户分类的线"
    assert told("holdout", "holdout.salt") == "改了设置：留人对照"
    assert told("closed_weekdays", "cap_90", "shop.name", "later_days") == "改了 4 项设置"


def test_every_setting_somebody_can_change_has_a_name() -> None:
    named = {key for key in SETTINGS if has(f"audit.s.{key}") or is_type_setting(key)}
    assert set(SETTINGS) - named == {"holdout.salt"}


@pytest.mark.parametrize("kind", sorted(audit.KINDS))
def test_every_kind_of_line_has_its_words(kind: str) -> None:
    what = {"copy": "shop.db", "members": 3, "sales": 4, "n": 5, "rows": {"member": 2}}
    for step in ("", "undo.", "redo.", "takeback."):
        text = said(AuditLine(1, "2026-11-22 09:00:00", "林姐", step + kind, 1, what))
        assert text
        assert "audit.k" not in text
        assert "{" not in text
    assert t(f"audit.k.{kind}", **what, what="会员名单")


def test_a_restore_that_put_lines_away_says_so() -> None:
    what = {"copy": "shop.db", "members": 3, "sales": 4, "lines": 7}
    assert "7 条" in said(AuditLine(1, "2026-11-22 09:00:00", "林姐", "restore", 1, what))
    del what["lines"]
    assert "条" not in said(AuditLine(1, "2026-11-22 09:00:00", "林姐", "restore", 1, what))
