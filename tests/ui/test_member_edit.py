"""The dialog for new and changed members: nonsense is answered under its field, nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication

from shopcrm.basics.errors import InputError, StoreError
from shopcrm.basics.records import MemberDraft
from shopcrm.basics.texts import t
from tests.conftest import DAY
from tests.ui.real_window import open_window, put_away, settle
from ui.dialogs.member_edit import MemberEdit
from ui.main_window import MainWindow
from ui.widgets import open_dialog


@pytest.fixture
def window(qapp: Any, shop: Any) -> Iterator[MainWindow]:
    made = open_window(shop)
    yield made
    put_away(made, qapp)


@pytest.fixture
def dialog(window: MainWindow) -> MemberEdit:
    made = MemberEdit(window, window.session)
    made.open()
    settle()
    return made


def committed(text: str) -> QInputMethodEvent:
    event = QInputMethodEvent()
    event.setCommitString(text)
    return event


def type_into(dialog: MemberEdit, qtbot: Any, **texts: str) -> None:
    for key, text in texts.items():
        field = dialog._fields[key].field
        field.setFocus()
        field.selectAll()
        if text.isascii():
            qtbot.keyClicks(field, text)
        else:  # Chinese comes from the input method, not from keys
            QApplication.sendEvent(field, committed(text))
        field.editingFinished.emit()


def test_name_and_phone_are_enough(dialog: MemberEdit, shop: Any, qtbot: Any, window: MainWindow) -> None:
    saved = []
    dialog.saved.connect(saved.append)
    type_into(dialog, qtbot, phone="138 0000 6218", name="沈月")
    qtbot.keyClick(dialog._name, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    settle()
    card = shop.view().member(saved[0])
    assert (card.name, card.phones, card.joined) == ("沈月", ("13800006218",), DAY)
    assert open_dialog(window) is None
    assert window.toast_.text() == t("done.member_added", name="沈月")
    window.session.undo()
    assert shop.view().total() == 0


NONSENSE = {
    "phone": ("12345", "abc", "23456789012"),
    "birthday": ("13-45", "banana", "2099-01-01"),
    "height": ("tall", "9999", "-3"),
    "joined": ("soon", "2026-13-01", "2099-01-01"),
    "name": ("x" * 51,),
    "likes": ("y" * 501,),
    "card_no": ("z" * 501,),
    "best_time": ("evening", "25:00"),
    "consent_on": ("soon", "2099-01-01"),
}


@pytest.mark.parametrize(
    ("field", "text"), [(field, text) for field, texts in NONSENSE.items() for text in texts]
)
def test_nonsense_gets_a_sentence_and_changes_nothing(
    dialog: MemberEdit, shop: Any, qtbot: Any, field: str, text: str
) -> None:
    if field != "name":
        type_into(dialog, qtbot, name="沈月")
    dialog._fields[field].field.setText(text)
    dialog._save.click()
    settle()
    assert dialog._fields[field].error()
    assert dialog._fields[field].isVisibleTo(dialog), "the page with the error is shown"
    assert shop.view().total() == 0
    assert dialog.isVisible()


def test_nothing_filled_in(dialog: MemberEdit, shop: Any) -> None:
    dialog._save.click()
    assert dialog._fields["phone"].error() == t("mb.e.nothing")
    assert shop.view().total() == 0


def test_an_error_goes_when_it_is_mended(dialog: MemberEdit, qtbot: Any) -> None:
    type_into(dialog, qtbot, phone="1380000")
    assert dialog._fields["phone"].error() == t("err.phone_length", n=7)
    qtbot.keyClicks(dialog._phone, "6218")
    assert dialog._fields["phone"].error() == ""


def test_a_known_phone_is_named_and_can_be_opened(
    dialog: MemberEdit, a_member: Callable[..., int], qtbot: Any
) -> None:
    known = a_member("周曼丽", phone="13800004471")
    wanted = []
    dialog.wanted.connect(wanted.append)
    qtbot.keyClicks(dialog._phone, "138 0000 4471")
    qtbot.waitUntil(lambda: dialog._double.isVisible())
    assert "周曼丽" in dialog._double._words.text()
    dialog._double.acted.emit()
    assert wanted == [known]


def test_same_tail_and_surname_only_warns(
    dialog: MemberEdit, a_member: Callable[..., int], shop: Any, qtbot: Any
) -> None:
    a_member("沈秀云", phone="13900006218")
    type_into(dialog, qtbot, name="沈月", phone="13800006218")
    told = t("mb.dup.who", name="<b>沈秀云</b>", facts="139 0000 6218 · 还没买过")
    assert dialog._double._words.text() == t("mb.dup", name=told)
    dialog._save.click()
    settle()
    assert shop.view().total() == 2


def test_a_family_may_share_a_phone(
    dialog: MemberEdit, a_member: Callable[..., int], shop: Any, qtbot: Any
) -> None:
    a_member("王丽", phone="13800004471")
    type_into(dialog, qtbot, name="王芳", phone="13800004471")
    dialog._save.click()
    settle()
    assert shop.view().total() == 2


def test_a_name_is_not_read_as_markup(dialog: MemberEdit, a_member: Callable[..., int], qtbot: Any) -> None:
    a_member("<i>x</i>", phone="13800004471")
    type_into(dialog, qtbot, phone="13800004471")
    assert "&lt;i&gt;" in dialog._double._words.text()


FULL = MemberDraft(
    name="周曼丽",
    phones=(("13800004471", "13800004471"), ("13900000001", "13900000001")),
    call_name="丽姐",
    card_no="A7",
    gender="f",
    birthday="L:1988-08-15",
    joined=DAY,
    wechat="wx",
    size_top="L",
    size_bottom="29",
    size_shoe="38",
    height="162",
    weight="55",
    likes="羊绒、深色",
    avoids="化纤",
    tags="老客",
    notes="一行\n两行",
    no_sms=True,
    consent="yes",
    consent_on=DAY,
    consent_by="本人",
    best_time="19:00-",
)


def full(shop: Any) -> Any:
    """A member of whom every field is filled in."""
    friend = shop.members.save(MemberDraft(name="介绍人")).value
    own = tuple((shop.members.own.add(name).value, name + "值") for name in ("职业", "孩子"))
    return shop.members.save(FULL._replace(own=own, referrer_id=friend)).value


def test_opening_and_saving_changes_nothing(window: MainWindow, shop: Any) -> None:
    member = full(shop)
    before = shop.view().member(member)
    dialog = MemberEdit(window, window.session, before)
    dialog.open()
    dialog._save.click()
    settle()
    assert shop.view().member(member) == before


def test_one_field_changed_keeps_the_rest(window: MainWindow, shop: Any, qtbot: Any) -> None:
    member = full(shop)
    before = shop.view().member(member)
    dialog = MemberEdit(window, window.session, before)
    dialog.open()
    type_into(dialog, qtbot, size_top="XL")
    dialog._save.click()
    settle()
    assert shop.view().member(member) == before._replace(size_top="XL")


def test_closing_with_several_fields_filled_asks_first(
    dialog: MemberEdit, qtbot: Any, window: MainWindow
) -> None:
    type_into(dialog, qtbot, name="沈月", phone="13800006218")
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert dialog._problem._words.text() == t("mb.discard")
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert open_dialog(window) is None


def test_closing_an_empty_form_does_not_ask(dialog: MemberEdit, qtbot: Any, window: MainWindow) -> None:
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert open_dialog(window) is None


def test_what_the_shop_refuses_is_said_under_its_field(
    dialog: MemberEdit, shop: Any, qtbot: Any, a_member: Callable[..., int]
) -> None:
    a_member("王丽", card_no="A7")
    type_into(dialog, qtbot, name="沈月")
    dialog._card_no.setText("A7")
    dialog._save.click()
    settle()
    assert dialog._fields["card_no"].error() == InputError("card_no", "card_taken", name="王丽").sentence
    assert dialog.page() == 1
    assert shop.view().total() == 1


def test_a_full_disk_loses_nothing_typed(
    dialog: MemberEdit, shop: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_draft: MemberDraft) -> None:
        raise StoreError("full")

    monkeypatch.setattr(shop.members, "save", full)
    type_into(dialog, qtbot, name="沈月")
    dialog._save.click()
    settle()
    assert dialog.isVisible()
    assert dialog._name.text() == "沈月"
    assert dialog._problem.isVisibleTo(dialog)


def test_digits_of_a_search_are_taken_over_and_booked(window: MainWindow, shop: Any, qtbot: Any) -> None:
    logged = []
    dialog = MemberEdit(window, window.session, digits="6218", name="", then_log=True)
    dialog.logged.connect(logged.append)
    dialog.open()
    assert dialog._phone.text() == "6218"
    type_into(dialog, qtbot, phone="13800006218")
    dialog._save.click()
    settle()
    assert len(logged) == 1


def test_f4_anywhere(window: MainWindow, qtbot: Any) -> None:
    for page in ("today", "members"):
        window.navigate(page)
        window.new_member()
        dialog = open_dialog(window)
        assert isinstance(dialog, MemberEdit)
        dialog.reject()
        settle()


def test_proposes_how_to_address_her(dialog: MemberEdit, qtbot: Any) -> None:
    type_into(dialog, qtbot, name="沈月")
    assert dialog._call.placeholderText() == "月姐"


def test_enter_goes_from_field_to_field_and_saves_at_the_end(
    dialog: MemberEdit, shop: Any, qtbot: Any
) -> None:
    dialog._phone.setText("13800006218")
    for _ in range(10):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert QApplication.focusWidget() is dialog._save
    assert shop.view().total() == 0
    qtbot.keyClick(dialog._save, Qt.Key.Key_Return)
    settle()
    assert shop.view().total() == 1


@pytest.mark.parametrize(
    ("typed", "lunar", "note"),
    [
        ("11-24", False, "11月24日 · 农历十月十六"),
        ("1990-05-01", False, "1990年5月1日 · 农历四月初七"),
        ("8-15", True, "农历八月十五 · 下次 2027-09-15"),
        ("农历八月十五", False, "农历八月十五 · 下次 2027-09-15"),
        ("13-45", False, ""),
    ],
)
def test_a_birthday_is_shown_by_both_calendars_while_typing(
    dialog: MemberEdit, qtbot: Any, typed: str, lunar: bool, note: str
) -> None:
    dialog._lunar.setChecked(lunar)
    dialog._birthday.setFocus()
    dialog._birthday.setText(typed)
    dialog._birthday.textEdited.emit(typed)
    assert dialog._fields["birthday"].note() == note


def test_leap_months_are_kept(dialog: MemberEdit, shop: Any, qtbot: Any) -> None:
    type_into(dialog, qtbot, name="沈月")
    dialog._lunar.setChecked(True)
    type_into(dialog, qtbot, birthday="1987年闰6月15")
    dialog._save.click()
    settle()
    assert shop.view().member(1).birthday == "L:1987-06+-15"


def test_a_referrer_is_searched_for_and_no_circle_is_made(
    window: MainWindow, shop: Any, qtbot: Any, a_member: Callable[..., int]
) -> None:
    a = a_member("甲", phone="13800000001")
    b = a_member("乙", phone="13800000002", referrer_id=a)
    dialog = MemberEdit(window, window.session, shop.view().member(a))
    dialog.open()
    assert dialog._fields["referrer_id"].note() == t("mb.referrals", n=1)
    dialog._turn.click()
    dialog._referrer.setFocus()
    qtbot.keyClicks(dialog._referrer, "0002")
    dialog._save.click()
    assert dialog._fields["referrer_id"].error() == t("mb.e.referrer")
    dialog._referrer.set_member(shop.view().rows([b])[0])
    dialog._save.click()
    settle()
    assert dialog._fields["referrer_id"].error() == InputError("referrer", "referrer_cycle").sentence
    dialog._referrer.set_member(None)
    dialog._save.click()
    settle()
    assert open_dialog(window) is None


def test_tags_in_use_are_offered(window: MainWindow, shop: Any, a_member: Callable[..., int]) -> None:
    for tags in ("老客、送货", "老客", "老同学"):
        a_member(tags=tags)
    dialog = MemberEdit(window, window.session)
    dialog.open()
    settle()

    def offered() -> list[str]:
        return [chip.text() for chip in dialog._offered._items]

    assert offered() == ["老客", "老同学", "送货"]
    dialog._tags.setText("老")
    dialog._tags.textEdited.emit("老")
    assert offered() == ["老客", "老同学"]
    dialog._offered._items[1].click()
    assert dialog._tags.text() == "老同学"
    dialog._tags.setText("老同学、新")
    dialog._offered._items[0].click()
    assert dialog._tags.text() == "老同学、新、老客"


def test_consent_proposes_today(dialog: MemberEdit) -> None:
    dialog._consent.set_value("yes")
    dialog._consent.picked.emit("yes")
    assert dialog._consent_on.text() == DAY.isoformat()


def test_a_child_needs_a_parent_who_agrees(dialog: MemberEdit, shop: Any, qtbot: Any) -> None:
    type_into(dialog, qtbot, name="沈小月", birthday="2012-11-21")
    assert t("mb.minor") not in dialog._fields["birthday"].note()  # 14 today
    dialog.show_page(1)
    assert not dialog._parent_agrees.isVisible()
    dialog.show_page(0)
    type_into(dialog, qtbot, birthday="2012-11-22")
    assert dialog._fields["birthday"].note().endswith(t("mb.minor"))
    assert dialog._fields["birthday"].error() == ""
    dialog.show_page(1)
    dialog._parent_agrees.click()
    dialog._save.click()
    settle()
    card = shop.view().member(1)
    assert (card.consent, card.consent_by, card.consent_on) == ("yes", t("mb.minor.parent"), DAY)


def test_a_child_is_saved_without_it_too(dialog: MemberEdit, shop: Any, qtbot: Any) -> None:
    type_into(dialog, qtbot, name="沈小月", birthday="2020-01-01")
    dialog._save.click()
    settle()
    card = shop.view().member(1)
    assert (card.birthday, card.consent) == ("2020-01-01", "")


def test_nothing_scrolls_where_there_is_room(dialog: MemberEdit, a_member: Callable[..., int]) -> None:
    a_member("沈秀云", phone="13900006218")
    dialog._phone.setText("13800006218")
    dialog._name.setText("沈月")
    dialog._birthday.setText("11-24")
    dialog._on_typed("")
    dialog._look_for_doubles()
    settle()
    assert dialog._double.isVisible()
    assert dialog._first.verticalScrollBar().maximum() == 0
