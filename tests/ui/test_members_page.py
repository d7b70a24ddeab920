"""The members page as a user sees it: chips, sorting, ticking, card, menus, search, export."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QWidget

from shopcrm.basics.records import EVERYTHING, MemberDraft, Query, TypeKey
from shopcrm.basics.texts import t
from tests.conftest import DAY
from tests.ui.real_window import open_window, press, put_away, settle
from ui import theme
from ui.dialogs.member_edit import MemberEdit
from ui.main_window import MainWindow
from ui.pages import PAGES
from ui.pages.members import MembersPage
from ui.widgets import open_dialog


@pytest.fixture
def people(a_member: Callable[..., int], a_sale: Callable[..., int]) -> dict[str, int]:
    """A regular, one who bought long ago, one who came once, one without phone or sizes."""
    found = {
        "王丽": a_member("王丽", phone="13800004471", joined=DAY - timedelta(days=700), birthday="--11-24"),
        "李敏": a_member("李敏", joined=DAY - timedelta(days=900), size_top="M", size_bottom="27"),
        "赵岚": a_member("赵岚", joined=DAY - timedelta(days=20)),
        "陈静": a_member("陈静", phone="", joined=DAY),
    }
    for days in (10, 40, 70, 110, 150, 200):
        a_sale(found["王丽"], DAY - timedelta(days=days), 600)
    a_sale(found["李敏"], DAY - timedelta(days=700), 300)
    a_sale(found["赵岚"], DAY - timedelta(days=20), 200)
    return found


@pytest.fixture
def window(qapp: Any, shop: Any) -> Iterator[MainWindow]:
    made = open_window(shop)
    yield made
    put_away(made, qapp)


@pytest.fixture
def page(people: dict[str, int], window: MainWindow) -> MembersPage:
    window.navigate("members")
    found = window.current_page()
    assert isinstance(found, MembersPage)
    found.list.setFocus()
    settle()
    return found


def names(page: MembersPage) -> list[str]:
    return [page.model.row(n).name for n in range(len(page.model.ids))]


def test_everybody_with_the_card_of_the_first(page: MembersPage, window: MainWindow) -> None:
    assert names(page)[0] == "王丽"
    assert sorted(names(page)) == ["李敏", "王丽", "赵岚", "陈静"]
    assert page.card.member().name == "王丽"
    assert page.fact == t("g.total", n="4")
    assert page._count.text() == t("g.total", n="4")


def test_chips_of_one_group_add_up_and_groups_narrow(page: MembersPage, shop: Any) -> None:
    types: dict[str, TypeKey] = {row.name: row.type for row in shop.view().rows(list(page.model.ids))}
    first, second = types["王丽"], types["李敏"]
    page.filters.types[first].click()
    page.filters.types[second].click()
    assert {"王丽", "李敏"} <= set(names(page))
    assert set(names(page)) == {name for name, key in types.items() if key in (first, second)}
    page.filters.chip("absent").click()
    assert "王丽" not in names(page)
    assert "李敏" in names(page)
    assert page.filters.clear.isVisibleTo(page)
    page.filters.clear.click()
    assert len(names(page)) == 4
    assert not page.filters.clear.isVisibleTo(page)


def test_counts_on_chips_are_of_the_whole_shop(page: MembersPage) -> None:
    before = page.filters.chip("birthday", DAY.month).words()
    assert before.endswith(" 1")
    page.search("赵岚")
    assert page.filters.chip("birthday", DAY.month).words() == before


def add(page: MembersPage, group: str, wanted: tuple[str, Any]) -> None:
    """Choose a condition in the menu of ＋加条件."""
    menu = page.filters.menu(page.session.view.frequent())
    part = _part(menu, t(group) if "." in group else group)
    action = next(a for a in part.actions() if a.data() is not None and _pair(a.data()) == wanted)
    action.trigger()
    menu.deleteLater()
    settle()


def _part(menu: Any, title: str) -> Any:
    return next(a.menu() for a in menu.actions() if a.text() == title) if title else menu


def _pair(data: Any) -> tuple[str, Any]:
    kind, value = data
    return kind, tuple(value) if isinstance(value, list) else value


def test_a_condition_of_ones_own(page: MembersPage) -> None:
    add(page, "mb.menu.absent", ("absent", 365))
    assert names(page) == ["李敏"]
    assert page.filters.chip("absent").words() == f"{t('mb.chip.absent', n=365)} 1"
    page.filters.chip("absent").click()
    assert len(names(page)) == 4


def test_sorting_by_a_click_on_the_header(page: MembersPage) -> None:
    column = next(n for n, c in enumerate(page.model.columns) if c.id == "spend12")
    page.list.horizontalHeader().sectionClicked.emit(column)
    settle()
    assert names(page)[0] == "王丽"
    page.list.horizontalHeader().sectionClicked.emit(column)
    settle()
    assert names(page)[-1] == "王丽"
    page.search("赵")
    page.search("")
    assert page.model.query.sort == "spend12"


def test_the_header_search_filters(page: MembersPage, window: MainWindow, qtbot: Any) -> None:
    qtbot.keyClicks(window.search, "4471")
    settle()
    assert names(page) == ["王丽"]
    assert page._count.text() == t("mb.count", a="1", b="4")
    window.search.clear()
    settle()
    assert len(names(page)) == 4


def test_nobody_matches(page: MembersPage) -> None:
    page.search("没有这个人")
    assert page._stack.currentIndex() == 1
    page.none_clear.click()
    settle()
    assert len(names(page)) == 4


def test_nobody_of_this_number_may_be_new(page: MembersPage, window: MainWindow, qtbot: Any) -> None:
    window.go_search()
    qtbot.keyClicks(window.search, "9988")
    settle()
    assert page.none_new.isVisibleTo(page)
    assert "9988" in page.none_new.words()
    press(qtbot, page, Qt.Key.Key_F4)
    dialog = open_dialog(window)
    assert isinstance(dialog, MemberEdit)
    assert "9988" in dialog._phone.text().replace(" ", "")
    dialog.reject()
    assert window.search.text() == "9988"  # and the list is still filtered by it
    page.search("")
    page.filters.toggle("spend12", 1_000_000_00)
    settle()
    assert page._stack.currentIndex() == 1
    assert not page.none_new.isVisibleTo(page)


def test_no_members_at_all(window: MainWindow) -> None:
    window.navigate("members")
    page = window.current_page()
    assert isinstance(page, MembersPage)
    assert page._stack.currentIndex() == 2
    page.nobody_new.click()
    assert isinstance(open_dialog(window), MemberEdit)


def test_ticking_by_keyboard(page: MembersPage, qtbot: Any) -> None:
    press(qtbot, page, Qt.Key.Key_Space)
    assert page._chosen.text() == t("mb.selected", n="1")
    assert page.to_today.isVisibleTo(page)
    press(qtbot, page, Qt.Key.Key_A, modifier=Qt.KeyboardModifier.ControlModifier)
    assert page._chosen.text() == t("mb.selected", n="4")
    press(qtbot, page, Qt.Key.Key_Escape)
    assert not page._chosen.isVisibleTo(page)


def test_ticking_a_range_by_shift_and_arrows(
    page: MembersPage, qtbot: Any, a_member: Callable[..., int]
) -> None:
    for n in range(20):
        a_member(f"会员{n}")
    page.refresh(EVERYTHING)
    settle()
    shift = Qt.KeyboardModifier.ShiftModifier
    ids = list(page.model.ids)
    page.list.select_row(9)
    press(qtbot, page, Qt.Key.Key_Space)
    page.list.select_row(2)
    press(qtbot, page, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, modifier=shift)
    assert page.list.ticked_ids() == [*ids[2:6], ids[9]]
    press(qtbot, page, *[Qt.Key.Key_Up] * 4, modifier=shift)  # back over the beginning
    assert page.list.ticked_ids() == [*ids[1:3], ids[9]]
    press(qtbot, page, *[Qt.Key.Key_Down] * 8, modifier=shift)
    press(qtbot, page, *[Qt.Key.Key_Up] * 3, modifier=shift)
    assert page.list.ticked_ids() == [*ids[2:7], ids[9]]  # what was ticked before stays
    page.list.select_row(0)
    press(qtbot, page, Qt.Key.Key_Down)
    press(qtbot, page, Qt.Key.Key_Up, modifier=shift)
    assert page.list.ticked_ids() == [*ids[0:7], ids[9]]
    press(qtbot, page, Qt.Key.Key_PageDown, modifier=shift)
    assert len(page.list.ticked_ids()) > 8
    assert page._chosen.text() == t("mb.selected", n=str(len(page.list.ticked_ids())))


def test_each_bulk_action_is_one_step_back(
    page: MembersPage, shop: Any, qtbot: Any, window: MainWindow, people: dict[str, int]
) -> None:
    person = shop.settings.add_staff("小雯", "assistant").value
    page.refresh(EVERYTHING)
    settle()

    def kept() -> list[Any]:
        rx = shop.store.read()
        return [rx.all(f"SELECT * FROM {table} ORDER BY id") for table in ("member", "task", "contact")]

    control = Qt.KeyboardModifier.ControlModifier
    before = kept()
    press(qtbot, page, Qt.Key.Key_A, modifier=control)
    page.give_to(person)
    settle()
    after = kept()
    assert {shop.view().member(member).staff for member in people.values()} == {"小雯"}
    press(qtbot, page, Qt.Key.Key_Z, modifier=control)
    assert kept() == before
    press(qtbot, page, Qt.Key.Key_Y, modifier=control)
    assert kept() == after
    press(qtbot, page, Qt.Key.Key_Z, modifier=control)
    press(qtbot, page, Qt.Key.Key_A, modifier=control)
    page.to_today.click()
    settle()
    assert len(kept()[1]) > len(before[1])
    press(qtbot, page, Qt.Key.Key_Z, modifier=control)
    assert kept() == before


def _offered(menu: Any) -> list[str]:
    return [action.text() for action in menu.actions() if action.text()]


def test_a_right_click_offers_what_the_card_offers_in_its_words(
    page: MembersPage, people: dict[str, int]
) -> None:
    page.list.select_id(people["王丽"])
    card = page.card.member()
    of_card = _offered(page.more_menu())
    on_row = _offered(page.row_menu(card))
    assert on_row == [page.log.text(), page.edit_button.text(), t("today.copyphone"), *of_card]
    for wanted in ("mb.addtoday", "mb.merge", "mb.pause", "hist.title", "mb.off", "mb.erase"):
        assert t(wanted) in of_card
    page.list.select_id(people["陈静"])
    assert t("today.copyphone") not in _offered(page.row_menu(page.card.member()))


@pytest.mark.parametrize("entry", ["mb.merge", "hist.title", "mb.erase", "mb.takeout"])
def test_the_menu_opens_what_it_says(page: MembersPage, window: MainWindow, entry: str) -> None:
    next(action for action in page.more_menu().actions() if action.text() == t(entry)).trigger()
    settle()
    dialog = open_dialog(window)
    assert dialog is not None
    dialog.reject()


def test_of_a_deactivated_member_only_what_makes_sense_is_offered(
    page: MembersPage, shop: Any, people: dict[str, int]
) -> None:
    page.session.do(lambda shop, _: shop.members.archive(people["李敏"]), say=False)
    page.shown(member=people["李敏"])
    settle()
    offered = _offered(page.more_menu())
    assert t("mb.on") in offered
    assert t("mb.off") not in offered
    assert t("mb.merge") not in offered
    assert t("mb.addtoday") not in offered


def test_ticked_ones_onto_todays_list(
    page: MembersPage, shop: Any, qtbot: Any, people: dict[str, int]
) -> None:
    page.list.select_id(people["王丽"])
    press(qtbot, page, Qt.Key.Key_Space)
    page.to_today.click()
    settle()
    assert people["王丽"] in [row.member for row in shop.view().tasks(shop.view().day_list().open)]
    assert page.list.ticked_ids() == []


def test_ticked_ones_to_an_assistant(page: MembersPage, shop: Any, people: dict[str, int]) -> None:
    person = shop.settings.add_staff("小雯", "assistant").value
    page.list.select_id(people["赵岚"])
    page.list._tick(page.list.currentIndex().row())
    page.give_to(person)
    settle()
    assert shop.view().member(people["赵岚"]).staff == "小雯"


def test_pause_and_contact_again(
    page: MembersPage, shop: Any, people: dict[str, int], window: MainWindow
) -> None:
    page.list.select_id(people["王丽"])
    menu = page.more_menu()
    part = next(action.menu() for action in menu.actions() if action.menu() is not None)
    page._on_pause(part.actions()[1])
    settle()
    assert shop.view().member(people["王丽"]).pause_until == DAY + timedelta(days=90)
    assert [tag.text for tag in page.card.states._tags]
    assert any(action.text() == t("mb.resume") for action in page.more_menu().actions())
    page._on_resume()
    assert shop.view().member(people["王丽"]).pause_until is None
    window.undo()
    settle()
    assert shop.view().member(people["王丽"]).pause_until is not None


def test_deactivating_and_back_by_undo(
    page: MembersPage, shop: Any, people: dict[str, int], window: MainWindow
) -> None:
    page.list.select_id(people["李敏"])
    page._on_archive()
    settle()
    assert "李敏" not in names(page)
    window.undo()
    settle()
    assert "李敏" in names(page)


def test_deactivated_members_can_be_seen_and_taken_back(
    page: MembersPage, shop: Any, people: dict[str, int]
) -> None:
    page.session.do(lambda shop, _: shop.members.archive(people["李敏"]), say=False)
    settle()
    page.shown(member=people["李敏"])
    settle()
    assert names(page) == ["李敏"]
    assert page.card.member().archived
    page._on_archive()
    settle()
    assert not shop.view().member(people["李敏"]).archived


def test_enter_books_at_the_counter(page: MembersPage, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    went = []
    monkeypatch.setattr(page.window_, "navigate", lambda page_id, **args: went.append((page_id, args)))
    press(qtbot, page, Qt.Key.Key_Return)
    assert went == [("counter", {"member": page.list.current_id()})]


def test_copying_the_phone(page: MembersPage, window: MainWindow) -> None:
    page.card.who.copy.click()
    assert QApplication.clipboard().text() == "13800004471"
    assert window.toast_.text() == t("mb.phonecopied", phone="138 0000 4471")


def test_card_shows_evidence_history_and_missing_sizes(page: MembersPage, people: dict[str, int]) -> None:
    assert page.card.evidence.isVisibleTo(page.card)
    assert len(page.card.history.lines()) == 6
    assert page.card._fill.isVisibleTo(page.card)
    page.card.tabs.picked.emit("contacts")
    page.list.select_id(people["李敏"])
    assert not page.card._fill.isVisibleTo(page.card)


def test_filters_from_other_pages(page: MembersPage, people: dict[str, int]) -> None:
    page.shown(ids=(people["赵岚"], people["陈静"]), title="回概览")
    settle()
    assert sorted(names(page)) == ["赵岚", "陈静"]
    assert page.filters.chip("only").words() == "回概览 2"
    page.shown(types=("lost",))
    settle()
    assert set(names(page)) <= {"李敏"}
    page.shown(member=people["王丽"])
    settle()
    assert page.card.member().name == "王丽"


def test_the_list_leaves_as_excel(
    page: MembersPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, window: MainWindow
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "a.xlsx"), ""))
    page.search("赵岚")
    page.export.click()
    dialog = open_dialog(window)
    assert dialog is not None
    assert [dialog.which.itemText(n) for n in range(dialog.which.count())] == [
        t("ex.which.shown", n="1"), t("ex.which.members", n="4"),
    ]  # fmt: skip
    dialog._save.click()
    settle()
    import openpyxl

    rows = list(openpyxl.load_workbook(tmp_path / "a.xlsx").active.values)
    assert sum("赵岚" in [str(cell) for cell in row] for row in rows) == 1
    assert not any("王丽" in [str(cell) for cell in row] for row in rows)


def test_no_file_chosen_changes_nothing(
    page: MembersPage, monkeypatch: pytest.MonkeyPatch, window: MainWindow
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    page.export.click()
    dialog = open_dialog(window)
    assert dialog is not None
    dialog._save.click()
    assert open_dialog(window) is dialog
    dialog.reject()


@pytest.mark.parametrize(
    ("size", "level"),
    [
        ((1366, 697), "normal"), ((1366, 697), "big"), ((1280, 649), "normal"), ((1280, 649), "huge"),
        ((1920, 1009), "normal"), ((1920, 1009), "big"),
    ],
)  # fmt: skip
def test_no_phone_amount_or_date_is_cut(
    people: dict[str, int], shop: Any, qapp: Any, size: tuple[int, int], level: str
) -> None:
    window = open_window(shop, size=size, level=level)
    try:
        window.navigate("members")
        page = window.current_page()
        assert isinstance(page, MembersPage)
        settle()
        metrics = page.list.fontMetrics()
        samples = {
            "phone": "138 0000 4471",
            "spend12": "¥10,269.50",
            "next": "12月20日",
            "joined": "2026-03-24",
        }
        for number, column in enumerate(page.model.columns):
            if column.id in samples:
                assert (
                    page.list.columnWidth(number) - 24 >= metrics.horizontalAdvance(samples[column.id]) * 0.95
                )
        stretch = next(n for n, c in enumerate(page.model.columns) if c.stretch)
        assert page.list.columnWidth(stretch) >= 100
        total = sum(page.list.columnWidth(n) for n in range(len(page.model.columns)))
        assert total <= page.list.viewport().width()
    finally:
        put_away(window, qapp)


def test_card_and_list_one_at_a_time(people: dict[str, int], shop: Any, qapp: Any, qtbot: Any) -> None:
    window = open_window(shop, level="huge")
    try:
        window.navigate("members")
        page = window.current_page()
        assert isinstance(page, MembersPage)
        assert not page.card.isVisibleTo(page)
        page.list.setFocus()
        press(qtbot, page.list, Qt.Key.Key_Return)
        assert page.card.isVisibleTo(page)
        assert page.back.isVisibleTo(page.back.parentWidget())
        assert page.escape()
        assert not page.card.isVisibleTo(page)
    finally:
        put_away(window, qapp)


class _Shown(QObject):
    """Notes every widget that is shown as a window of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.names.append(type(watched).__name__)
        return False


@pytest.mark.parametrize("place", [entry.id for entry in PAGES])
def test_no_part_of_a_page_flashes_up_as_a_window(
    people: dict[str, int], window: MainWindow, qapp: Any, place: str
) -> None:
    shown = _Shown()
    qapp.installEventFilter(shown)
    window.navigate(place)
    settle()
    qapp.removeEventFilter(shown)
    assert shown.names == []


def test_query_says_what_the_chips_say(page: MembersPage) -> None:
    page.filters.chip("birthday", DAY.month).click()
    page.filters.toggle("no_size", True)
    assert page.query() == Query(birthday_months=frozenset({DAY.month}), no_size=True)
    page.filters.chip("no_size").click()
    assert page.query() == Query(birthday_months=frozenset({DAY.month}))


def test_every_group_of_the_menu_filters(
    page: MembersPage, shop: Any, people: dict[str, int], a_member: Callable[..., int]
) -> None:
    staff = shop.settings.add_staff("小雯", "assistant").value
    a_member(
        "冯梅", likes="羊绒 深色", tags="老街坊", size_top="M", referrer_id=people["王丽"], staff_id=staff
    )
    page.refresh(EVERYTHING)
    settle()
    for group, condition, expected in (
        ("mb.menu.within", ("within", 30), {"王丽", "赵岚"}),
        ("mb.menu.n12", ("n12", 2), {"王丽"}),
        ("mb.menu.spend12", ("spend12", 300_000), {"王丽"}),
        ("mb.menu.size", ("size", ("size_top", "M")), {"李敏", "冯梅"}),
        ("mb.menu.like", ("like", "羊绒"), {"冯梅"}),
        ("mb.menu.tag", ("tag", "老街坊"), {"冯梅"}),
        ("mb.menu.staff", ("staff", staff), {"冯梅"}),
        ("mb.menu.staff", ("staff", 0), {"王丽", "李敏", "赵岚", "陈静"}),
        ("mb.menu.birthday", ("birthday", 11), {"王丽"}),
        ("mb.menu.source", ("source", "referred"), {"冯梅"}),
        ("", ("no_size", True), {"王丽", "赵岚", "陈静"}),
    ):
        add(page, group, condition)
        assert set(names(page)) == expected, condition
        chip = page.filters.chip(*condition)
        assert chip.isVisibleTo(page)
        assert chip.isChecked()
        assert chip.words().endswith(f" {len(expected)}"), chip.words()
        chip.click()  # by its chip it goes again
        settle()
        assert len(names(page)) == 5, condition


def test_typing_does_not_count_again(page: MembersPage, monkeypatch: pytest.MonkeyPatch) -> None:
    add(page, "mb.menu.n12", ("n12", 2))
    asked: list[str] = []
    ask = page.session.query

    def noted(op: Any, *, key: str, done: Any) -> None:
        asked.append(key)
        ask(op, key=key, done=done)

    monkeypatch.setattr(page.session, "query", noted)
    page.search("王")
    page.search("王丽")
    settle()
    assert names(page) == ["王丽"]
    assert page.filters.chip("n12").words().endswith(" 1")
    assert [key for key in asked if key.startswith("members.")] == []


def test_two_of_a_group_add_up_and_the_menu_ticks_them(page: MembersPage, people: dict[str, int]) -> None:
    add(page, "mb.menu.size", ("size", ("size_top", "M")))
    add(page, "mb.menu.size", ("size", ("size_bottom", "27")))
    assert names(page) == ["李敏"]
    add(page, "mb.menu.birthday", ("birthday", 5))
    assert names(page) == []
    assert page._stack.currentIndex() == 1
    add(page, "mb.menu.birthday", ("birthday", 5))  # the same again takes it away
    assert names(page) == ["李敏"]


def test_own_fields_stand_in_the_menu(page: MembersPage, shop: Any, people: dict[str, int]) -> None:
    field = shop.members.own.add("职业").value
    draft = MemberDraft(id=people["陈静"], name="陈静", own=((field, "老师"),))
    shop.members.save(draft)
    page.refresh(EVERYTHING)
    add(page, "职业", ("own", (field, "老师")))
    assert names(page) == ["陈静"]
    assert page.filters.chip("own", (field, "老师")).words() == "职业：老师 1"


def test_filters_stay_when_the_window_is_made_anew(page: MembersPage, window: MainWindow) -> None:
    page.filters.chip("absent").click()
    page.search("李")
    window.rebuild()
    settle()
    again = window.current_page()
    assert isinstance(again, MembersPage)
    assert again is not page
    assert names(again) == ["李敏"]
    assert window.search.text() == "李"


def test_deactivated_ones_by_a_filter(page: MembersPage, shop: Any, people: dict[str, int]) -> None:
    page.session.do(lambda shop, _: shop.members.archive(people["李敏"]), say=False)
    settle()
    add(page, "", ("archived", True))
    assert names(page) == ["李敏"]
    assert page.filters.chip("archived").words() == f"{t('mb.chip.archived')} 1"


def test_the_card_tells_her_rank_where_many_bought(
    page: MembersPage, people: dict[str, int], a_member: Any, a_sale: Any, shop: Any
) -> None:
    def told() -> list[str]:
        return [label.text() for label in page.card.evidence.findChildren(QLabel) if "更可能" in label.text()]

    page.show_member(people["王丽"])
    settle()
    assert told() == []
    for _ in range(30):
        a_sale(a_member("客人"), DAY - timedelta(days=300), 100)
    assert shop.view().rank(people["王丽"]) == 100
    page._on_current(people["王丽"])
    settle()
    assert told() == ["比 <b>100</b>% 买过的客人更可能再来买"]


def test_an_erased_member_is_not_edited_and_the_reason_is_said(
    page: MembersPage, people: dict[str, int], shop: Any
) -> None:
    page.show_member(people["王丽"])
    settle()
    shop.members.erase(people["王丽"])
    page.show_member(people["王丽"])
    page._on_current(people["王丽"])
    assert not page.edit_button.isEnabled()
    assert page.edit_button.toolTip() == t("err.member_erased")
    page._on_edit()
    page._on_log()
    assert open_dialog(page.window()) is None
    assert page.window().current_page() is page
    page._on_current(people["李敏"])
    assert page.edit_button.isEnabled()


def drag(page: MembersPage, column: str, by: int) -> None:
    """Drag the right border of a column."""
    header: Any = page.list.horizontalHeader()
    number = [c.id for c in page.model.columns].index(column)
    x = header.sectionViewportPosition(number) + header.sectionSize(number) - 1
    start, end = QPoint(x, header.height() // 2), QPoint(x + by, header.height() // 2)
    QTest.mouseMove(header.viewport(), start)
    QTest.mousePress(header.viewport(), Qt.MouseButton.LeftButton, pos=start)
    for place in (QPoint(x + by // 2, start.y()), end):
        event = QMouseEvent(
            QEvent.Type.MouseMove, QPointF(place), header.viewport().mapToGlobal(QPointF(place)),
            Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        QApplication.sendEvent(header.viewport(), event)
    QTest.mouseRelease(header.viewport(), Qt.MouseButton.LeftButton, pos=end)
    settle()


def widths(page: MembersPage) -> dict[str, int]:
    return {c.id: page.list.columnWidth(n) for n, c in enumerate(page.model.columns)}


def test_columns_keep_the_width_they_are_dragged_to(page: MembersPage, window: MainWindow) -> None:
    before = widths(page)
    drag(page, "phone", 30)
    after = widths(page)
    assert (after["phone"], after["name"]) == (before["phone"] + 30, before["name"] - 30)
    assert sum(after.values()) == sum(before.values()) == page.list.viewport().width()
    assert page.model.query.sort == "last"  # no click on the title
    drag(page, "phone", 5_000)  # the name keeps the room it needs
    assert widths(page)["name"] >= theme.px(100)
    assert sum(widths(page).values()) == page.list.viewport().width()
    drag(page, "phone", -5_000)  # and a title is never cut
    assert widths(page)["phone"] > 30
    drag(page, "name", -20)  # what lies right of it becomes wider
    assert widths(page)["phone"] > 50
    kept = widths(page)
    window.rebuild()
    settle()
    again = window.current_page()
    assert isinstance(again, MembersPage)
    assert widths(again) == kept
    again.list.horizontalHeader().sectionHandleDoubleClicked.emit(2)
    assert widths(again) == before
    layout = again._layout.name
    assert window.session.prefs.get(f"columns.members.{layout}") == {}


def test_widths_that_do_not_fit_or_make_no_sense_are_left_alone(page: MembersPage) -> None:
    before = widths(page)
    prefs = page.session.prefs
    for kept in ({"phone": 1_900, "last": 1_900}, {"phone": "wide", "last": -1}, ["phone"], None):
        prefs.set("columns.test", kept)
        page.list.remember(prefs, "columns.test")
        assert widths(page) == before
