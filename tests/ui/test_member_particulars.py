"""What the card says of a member besides sizes and history, and what is not copied."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication

from shopcrm.basics.records import MemberDraft
from shopcrm.basics.texts import t
from tests.conftest import DAY
from tests.ui.real_window import open_window, put_away, settle
from ui.main_window import MainWindow
from ui.widgets import Tag
from ui.widgets.member_card import MemberPane, Preferences, info_line, limits, particulars


@pytest.fixture
def window(qapp: Any, shop: Any) -> Iterator[MainWindow]:
    made = open_window(shop)
    yield made
    put_away(made, qapp)


def test_everything_known_has_its_line(shop: Any, a_member: Callable[..., int]) -> None:
    job = shop.members.own.add("职业").value
    friend = a_member("沈秀云")
    member = shop.members.save(
        MemberDraft(
            name="周曼丽",
            phones=(("13800004471",) * 2, ("13900000001",) * 2),
            tags="老客、送货",
            wechat="wx",
            referrer_id=friend,
            consent="yes",
            consent_by="本人",
            notes="周末来",
            own=((job, "老师"),),
        )
    ).value
    a_member("新人", referrer_id=member)
    assert particulars(shop.view().member(member)).splitlines() == [
        "老客、送货", "职业：老师", "微信：wx", "推荐人：沈秀云", f"同意联系：同意 · 本人 · {DAY}",
        "其他号码：139 0000 0001", "她介绍了 1 位", "周末来",
    ]  # fmt: skip
    assert particulars(shop.view().member(a_member("空"))) == ""


def test_a_lunar_birthday_tells_when_it_falls(shop: Any, a_member: Callable[..., int]) -> None:
    card = shop.view().member(a_member("王丽", birthday="L:1988-08-15"))
    assert "农历八月十五（9月15日）" in info_line(card, DAY)


def test_a_caption_is_never_away_from_its_first_word(qapp: Any) -> None:
    shown = Preferences()
    shown.set_words(("羊绒", "深色", "长款"), ("化纤", "怕扎"))
    for wide in range(180, 520, 4):
        shown.resize(wide, shown.height())
        shown._place()
        for (here, _, kind), (behind, _, _) in pairwise(shown._placed):
            assert kind != "caption" or here.y() == behind.y(), wide
        assert shown._placed[-1][2] != "caption", wide


def test_what_she_does_not_want_stands_on_the_card(
    window: MainWindow, shop: Any, a_member: Callable[..., int]
) -> None:
    a_member("李一", phone="13800000001")
    member = a_member("王丽", phone="13800000001", no_sms=True, best_time="19:00-")
    window.navigate("members", member=member)
    settle()
    pane = window.page("members").card  # type: ignore[attr-defined]
    assert isinstance(pane, MemberPane)
    assert limits(pane.member()) == ["别发短信", "19:00 以后打"]  # type: ignore[arg-type]
    assert {tag.text for tag in pane.states.findChildren(Tag)} >= {"别发短信", "19:00 以后打"}
    assert pane.who.family.text() == t("mb.samephone", names="李一")
    assert pane.who.copy.isEnabled()


def test_a_number_she_does_not_want_used_is_not_copied(
    window: MainWindow, shop: Any, a_member: Callable[..., int]
) -> None:
    member = a_member("王丽", phone="13800000001", no_sms=True, no_call=True)
    QGuiApplication.clipboard().setText("old")
    window.navigate("members", member=member)
    settle()
    page = window.page("members")
    assert not page.card.who.copy.isEnabled()  # type: ignore[attr-defined]
    page._copy_current()  # type: ignore[attr-defined]
    assert QGuiApplication.clipboard().text() == "old"
    assert window.toast_.text() == t("mb.nodial")


def test_a_message_she_does_not_want_is_not_copied(
    window: MainWindow, shop: Any, a_member: Callable[..., int]
) -> None:
    member = a_member("王丽", phone="13800000001", no_sms=True, no_message=True)
    shop.followups.add_today((member,))
    QGuiApplication.clipboard().setText("old")
    window.navigate("today")
    settle()
    page = window.page("today")
    page._copy_message()  # type: ignore[attr-defined]
    settle()
    assert QGuiApplication.clipboard().text() == "old"
    assert window.toast_.text() == t("mb.nomessage")
    page._copy_current_phone()  # type: ignore[attr-defined]
    assert QGuiApplication.clipboard().text() == "13800000001"


def test_the_erased_are_called_so(window: MainWindow, shop: Any, a_member: Callable[..., int]) -> None:
    member = a_member("王丽")
    shop.members.erase(member)
    pane = MemberPane()
    pane.set_member(shop.view().member(member), DAY)
    assert pane.who.name.text() == t("mb.erased")
    pane.deleteLater()
