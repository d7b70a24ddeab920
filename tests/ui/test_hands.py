"""Who does what on Today: whose list, the pool, giving, waiting, tomorrow, who was handled by somebody else,
who must be left alone, and who leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication, QMenu

from shopcrm.basics.records import AWAY_REASONS, ComplaintDraft, OutcomeDraft, StaffId, TaskRow, VisitDraft
from shopcrm.basics.texts import t
from tests.conftest import DAY
from tests.ui.real_window import open_today, open_window, press, put_away, settle
from ui.dialogs.hand_over import Leaving, ShareOut
from ui.dialogs.withheld import Withheld
from ui.main_window import MainWindow
from ui.pages.settings import SettingsPage
from ui.pages.settings.staff import StaffEdit, StaffPlace
from ui.pages.today import TodayPage
from ui.pages.today.hands import FREE, MINE, SHOP
from ui.pages.today.outcome import PICK, Steps, follow_ups
from ui.widgets import open_dialog

YESTERDAY = DAY - timedelta(days=1)
# An offscreen window has no place among others: Qt says so when a menu opens.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def people(shop: Any) -> dict[str, StaffId]:
    """Two assistants and the owner, who is at the screen first."""
    found = {"林姐": shop.settings.add_staff("林姐", "owner").value}
    return found | {name: shop.settings.add_staff(name, "assistant").value for name in ("小雯", "阿珍")}


@pytest.fixture
def customers(shop: Any, people: dict[str, StaffId], a_member: Callable[..., int]) -> list[int]:
    """Six new members of yesterday: two of each assistant's, two of nobody's."""
    owners = [people["小雯"], people["小雯"], people["阿珍"], people["阿珍"], None, None]
    return [a_member(f"客{n}", joined=YESTERDAY, staff_id=owner) for n, owner in enumerate(owners)]


@pytest.fixture
def window(qapp: Any, customers: list[int], shop: Any) -> Iterator[MainWindow]:
    made = open_window(shop)
    yield made
    put_away(made, qapp)


@pytest.fixture
def page(window: MainWindow) -> TodayPage:
    return open_today(window)


def names(page: TodayPage) -> list[str]:
    return [page.model.row(n).name for n in range(len(page.model.ids))]


def entries(page: TodayPage) -> dict[str, Any]:
    """The entries of the menu that is open, those of its menus included."""
    menu = next(menu for menu in page.findChildren(QMenu) if menu.isVisible())
    found = {}
    for action in menu.actions():
        inner = action.menu()
        for one in inner.actions() if inner is not None else (action,):
            if one.text():
                found[one.text()] = one
    return found


def choose(page: TodayPage, words: str) -> None:
    """An entry of the open menu, and the menu closes."""
    action = entries(page)[words]
    menu = next(menu for menu in page.findChildren(QMenu) if menu.isVisible())
    action.trigger()
    menu.close()
    settle()


# ---------------------------------------------------------------- whose list


def test_whose_list_is_shown(page: TodayPage, people: dict[str, StaffId]) -> None:
    assert len(page.model.ids) == 6
    page.whose.click()
    assert list(entries(page)) == [
        t("today.shop"), t("today.mine"), "林姐", "小雯", "阿珍", t("today.free"),
    ]  # fmt: skip
    choose(page, "小雯")
    assert names(page) == ["客0", "客1"]
    assert page.whose.words() == "小雯"
    page.hands.show(FREE)
    settle()
    assert names(page) == ["客4", "客5"]
    page.hands.show(MINE)
    settle()
    assert names(page) == []
    assert page._nothing.isVisibleTo(page)
    page.hands.show(SHOP)
    settle()
    assert len(page.model.ids) == 6


def test_who_is_away_has_her_list_shared_out(
    page: TodayPage, window: MainWindow, people: dict[str, StaffId], shop: Any
) -> None:
    page.hands.show(int(people["小雯"]))
    settle()
    page.whose.click()
    choose(page, t("today.away", name="小雯"))
    dialog = open_dialog(window)
    assert isinstance(dialog, ShareOut)
    dialog.takers.boxes[people["林姐"]].setChecked(False)
    dialog.go.click()
    settle()
    assert names(page) == []
    assert len(shop.view().day_list(people["阿珍"]).open) == 4
    window.undo()
    settle()
    assert names(page) == ["客0", "客1"]


def test_giving_by_keyboard(
    page: TodayPage, qtbot: Any, people: dict[str, StaffId], shop: Any, window: MainWindow
) -> None:
    page.list.setFocus()
    press(qtbot, page, Qt.Key.Key_Space)
    press(qtbot, page, Qt.Key.Key_Down, modifier=Qt.KeyboardModifier.ShiftModifier)
    chosen = page.list.ticked_ids()
    assert len(chosen) == 2
    press(qtbot, page, Qt.Key.Key_G, modifier=Qt.KeyboardModifier.ControlModifier)
    choose(page, t("today.takeover"))
    assert [row.staff for row in shop.view().tasks(chosen)] == ["林姐", "林姐"]
    brush, why = Mock(), page.model.columns[1]
    assert why.painter is not None
    why.painter(brush, QRect(), page.model.row(page.model.row_of(chosen[0])))
    assert brush.two_lines.call_args.args[2].startswith(t("today.givento", name="林姐"))
    assert page.list.ticked_ids() == []
    page.list.select_id(chosen[0])
    press(qtbot, page, Qt.Key.Key_G, modifier=Qt.KeyboardModifier.ControlModifier)
    choose(page, t("today.giveback"))
    assert not shop.view().tasks(chosen[:1])[0].is_assigned


def test_escape_unticks(page: TodayPage, qtbot: Any) -> None:
    page.list.setFocus()
    press(qtbot, page, Qt.Key.Key_A, modifier=Qt.KeyboardModifier.ControlModifier)
    assert len(page.list.ticked_ids()) == 6
    press(qtbot, page, Qt.Key.Key_Escape)
    assert page.list.ticked_ids() == []


def test_the_row_menu_has_what_the_card_has(page: TodayPage, people: dict[str, StaffId], shop: Any) -> None:
    page.list.menu_wanted.emit(page.list.current_id(), QPoint(300, 300))
    found = entries(page)
    for words in (
        t("today.copy"), t("today.copyphone"), t("today.another"), *(t(f"out.{n}") for n in range(1, 7)),
        t("today.tick"), t("today.takeover"), "小雯", t("search.ctrlenter"), t("mb.log"),
    ):  # fmt: skip
        assert words in found
    task = page.list.current_id()
    choose(page, "阿珍")
    assert shop.view().tasks([task])[0].staff == "阿珍"


# ---------------------------------------------------------------- what waits, what comes tomorrow


def test_who_waits_is_seen_and_brought_forward(page: TodayPage, window: MainWindow, shop: Any) -> None:
    page.session.do(lambda shop, _: shop.settings.set("tasks_per_day", 1), say=False)  # two places
    settle()
    assert len(page.model.ids) == 2
    page.foot.waiting_button.click()
    settle()
    assert len(page.model.ids) == 6
    page.list.select_row(5)
    last = page.list.current_row()
    page.list.menu_wanted.emit(last.id, QPoint(300, 300))
    choose(page, t("today.forward"))
    page.foot.waiting_button.click()
    settle()
    assert last.name in names(page)
    assert len(page.model.ids) == 3
    window.undo()
    settle()
    assert len(page.model.ids) == 2


def test_tomorrow_may_be_looked_at_when_all_is_done(
    page: TodayPage, shop: Any, a_member: Any, qtbot: Any
) -> None:
    a_member("明天的", joined=DAY)
    page.refresh(page.session.do(lambda shop, _: shop.start_day(), say=False) and _all())
    settle()
    for _ in range(5):
        press(qtbot, page, Qt.Key.Key_1, Qt.Key.Key_Return)
    press(qtbot, page, Qt.Key.Key_3, Qt.Key.Key_Return)
    done = page._all_done
    assert page._stack.currentWidget() is done
    assert t("em.done.coming", n=2, m=1) in done._text.text()
    done.ahead.click()
    settle()
    assert "明天的" in names(page)
    assert page.foot._waiting_words.text() == t("today.tomorrow", n=2)
    page.list.select_row(names(page).index("明天的"))
    press(qtbot, page, Qt.Key.Key_1, Qt.Key.Key_Return)
    assert "明天的" not in names(page)
    page.foot.waiting_button.click()
    settle()
    assert page._stack.currentWidget() is done


def _all() -> Any:
    from shopcrm.basics.records import EVERYTHING

    return EVERYTHING


# ---------------------------------------------------------------- handled by somebody else


def _as(person: StaffId, what: Callable[[Any], object]) -> Callable[[Any, Any], object]:
    """What another person does on another page of the same program."""

    def work(shop: Any, _progress: Any) -> object:
        own, shop.actor = shop.actor, person
        try:
            return what(shop)
        finally:
            shop.actor = own

    return work


def test_whom_somebody_else_contacted_stays_marked_and_is_skipped(
    page: TodayPage, people: dict[str, StaffId], qtbot: Any
) -> None:
    page.list.setFocus()
    second = page.model.row(1)
    finish = _as(people["小雯"], lambda shop: shop.followups.finish(second.id, OutcomeDraft("reached")))
    page.session.do(finish, say=False)
    settle()
    assert names(page) == [f"客{n}" for n in range(6)]
    assert page._is_handled(second.id)
    assert page._rows._due_words(page.model.row(1)) == t("today.handled")
    assert page._days.open.count(second.id) == 0
    press(qtbot, page, Qt.Key.Key_1, Qt.Key.Key_Return)
    assert page.list.current_row().name == "客2"  # she was skipped
    page.list.select_row(0)
    assert page.list.current_row().name == "客1"
    assert not page.detail.form.is_ready
    press(qtbot, page, Qt.Key.Key_F5)
    page.recompute()
    settle()
    assert "客1" not in names(page)


def test_who_came_to_the_counter_stays_marked_until_the_page_is_left(
    page: TodayPage, window: MainWindow, customers: list[int]
) -> None:
    window.navigate("counter")
    visit = VisitDraft(customers[2], DAY, "tried", close_task=True)  # type: ignore[arg-type]
    page.session.do(lambda shop, _: shop.counter.visit(visit), say=False)
    settle()
    window.navigate("today")
    settle()
    assert "客2" in names(page)
    assert page._is_handled(page.model.id_at(names(page).index("客2")))
    window.navigate("members")
    window.navigate("today")
    settle()
    assert "客2" not in names(page)


# ---------------------------------------------------------------- left alone, and warned of


def test_who_must_be_left_alone_is_counted_and_named(
    page: TodayPage, window: MainWindow, customers: list[int], shop: Any
) -> None:
    complaint = ComplaintDraft(customers[0], "起球")  # type: ignore[arg-type]
    page.session.do(lambda shop, _: shop.complaints.add(complaint), say=False)
    settle()
    page.ask_withheld()
    settle()
    assert page.foot.withheld_button.words() == t("today.withheld", n=1)
    page.foot.withheld_button.click()
    dialog = open_dialog(window)
    assert isinstance(dialog, Withheld)
    asked = []
    dialog.wanted.connect(asked.append)
    dialog.cards[0].click()
    settle()
    assert asked == [customers[0]]


def test_who_was_contacted_lately_is_told_before(
    page: TodayPage, people: dict[str, StaffId], shop: Any, window: MainWindow, qtbot: Any
) -> None:
    row = page.list.current_row()

    def before(shop: Any, _progress: Any) -> object:
        with shop.store.write("contact.add", people["小雯"], shop.clock()) as tx:
            tx.insert(
                "contact", member_id=row.member, day=(DAY - timedelta(days=3)).isoformat(), at="18:12",
                channel="call", outcome="reached", staff_id=people["小雯"],
            )  # fmt: skip
            tx.touch(members=[row.member])
            return tx.done(None, "done.visit")

    page.session.do(before, say=False)
    settle()
    page.list.select_id(row.id)
    why = t("caution.days", n=3, staff="小雯", outcome=t("out.1"))
    assert page.detail.caution() == why
    page.list.setFocus()
    press(qtbot, page, Qt.Key.Key_C, modifier=Qt.KeyboardModifier.ControlModifier)
    assert window.toast_.text() == t("today.copied.but", why=why)
    press(qtbot, page, Qt.Key.Key_1, Qt.Key.Key_Return)  # and nothing is in the way
    assert shop.view().member(row.member).contacts[0].outcome == "reached"


# ---------------------------------------------------------------- next steps


def _task(page: TodayPage, **values: Any) -> TaskRow:
    task = page.detail.task
    assert task is not None
    return task._replace(**values)


def test_next_steps_follow_the_settings(page: TodayPage) -> None:
    task = _task(page)
    steps = Steps(no_answer_days=5, most_tries=2)
    found = [value for value, _ in follow_ups("no_answer", DAY, task, steps)]
    assert found == [DAY + timedelta(days=n) for n in (5, 1, 3)] + [PICK]
    tired = follow_ups("no_answer", DAY, task._replace(tries=1), steps)
    assert tired[0] == (DAY + timedelta(days=7), t("out.otherway.message"))
    silent = task._replace(tries=1, no_message=True, no_sms=True)
    assert follow_ups("no_answer", DAY, silent, steps)[0][1] == t("out.otherway.call")
    assert follow_ups("no_answer", DAY, task._replace(tries=2), steps) == []


def test_the_last_try_ends_it(page: TodayPage) -> None:
    page.detail.form.start(_task(page, tries=3), DAY)
    page.detail.form.toggle(2)
    assert page.detail.form._hint.text() == t("out.lasttry", n=4)
    assert page.detail.form.next_step.isHidden()


def test_put_aside_often_enough_it_asks_for_an_answer(page: TodayPage, shop: Any, qtbot: Any) -> None:
    task = page.list.current_id()
    with shop.store.write("x", None, shop.clock()) as tx:
        tx.update("task", task, snoozes=3)
    page.refresh(_all())
    settle()
    page.list.select_id(task)
    page.list.setFocus()
    press(qtbot, page, Qt.Key.Key_6)
    assert page.detail.form._hint.text() == t("out.snoozes", n=3)
    press(qtbot, page, Qt.Key.Key_Return)
    assert page.detail.form._hint.text() == t("err.later_enough", n=3)


def test_why_she_stays_away_is_asked_where_it_matters(page: TodayPage) -> None:
    lost = _task(page, rule="X1")
    reached = [value for value, _ in follow_ups("reached", DAY, lost)]
    refused = [value for value, _ in follow_ups("refused", DAY, lost)]
    assert reached[0] == refused[0] == "none"
    assert set(reached[1:]) == set(AWAY_REASONS) - {"unreachable", "refused"}
    assert set(reached) < set(refused)
    assert refused[-1] == "never"
    assert follow_ups("reached", DAY, _task(page)) == []


def test_the_reason_is_recorded(page: TodayPage, shop: Any, qtbot: Any) -> None:
    with shop.store.write("x", None, shop.clock()) as tx:
        tx.update("task", page.list.current_id(), rule="X1", type="lost")
    page.refresh(_all())
    settle()
    row = page.list.current_row()
    page.list.setFocus()
    press(qtbot, page, Qt.Key.Key_1)
    page.detail.form.next_step.set_value("moved")
    page.detail.form.note.setText("去杭州了")
    press(qtbot, page, Qt.Key.Key_Return)
    (contact,) = shop.view().member(row.member).contacts
    assert (contact.outcome, contact.reason, contact.note) == ("reached", "moved", "去杭州了")


# ---------------------------------------------------------------- a new day


def test_midnight_brings_the_new_list_and_says_so(
    page: TodayPage, window: MainWindow, clock: Any, shop: Any, a_member: Any
) -> None:
    a_member("明天的", joined=DAY)
    clock.set(DAY + timedelta(days=1), "00:00")
    window.new_day()
    settle()
    assert "明天的" in names(page)
    assert window._banner is not None
    assert window._banner.isVisible()
    assert page.fact == t("today.date", date="11月22日", weekday="周日")


# ---------------------------------------------------------------- who works here


@pytest.fixture
def place(window: MainWindow) -> StaffPlace:
    window.navigate("settings", place="staff")
    settle()
    found = window.current_page()
    assert isinstance(found, SettingsPage)
    staff = found.places["staff"]
    assert isinstance(staff, StaffPlace)
    return staff


def test_who_leaves_hands_over_and_is_back_by_undo(
    place: StaffPlace, window: MainWindow, people: dict[str, StaffId], shop: Any
) -> None:
    place.rows[people["小雯"]].leave.click()
    dialog = open_dialog(window)
    assert isinstance(dialog, Leaving)
    assert dialog._sum.text() == t("leave.sum", name="小雯", n=2, m=2)
    dialog.takers.boxes[people["林姐"]].setChecked(False)
    dialog.go.click()
    settle()
    assert shop.view().staff_figures()[people["阿珍"]].members == 4
    assert not place.rows[people["小雯"]].back.isHidden()
    window.undo()
    settle()
    assert shop.view().staff_figures()[people["小雯"]].members == 2
    assert not place.rows[people["小雯"]].leave.isHidden()


def test_the_list_of_who_left_gives_way_to_everybodys(
    page: TodayPage, window: MainWindow, people: dict[str, StaffId]
) -> None:
    page.hands.show(int(people["小雯"]))
    settle()
    page.session.do(lambda shop, _: shop.handover.leave(people["小雯"], []), say=False)
    settle()
    assert page.hands.whose == SHOP
    assert len(page.model.ids) == 6


def test_another_theme_brings_the_page_back_as_it_was(page: TodayPage, window: MainWindow, qapp: Any) -> None:
    page.hands.show(FREE)
    page._on_tab("potential")
    settle()
    window.rebuild()
    settle()
    again = window.current_page()
    assert isinstance(again, TodayPage)
    assert again is not page
    assert names(again) == ["客4", "客5"]
    assert again.tabs.current() == "potential"


def test_only_the_owner_changes_who_works_here(
    place: StaffPlace, window: MainWindow, people: dict[str, StaffId]
) -> None:
    assert place.add.isEnabled()
    person = next(person for person in window.session.view.staff() if person.id == people["小雯"])
    window.session.set_staff(person)
    place.read()
    settle()
    assert not place.add.isEnabled()
    assert place._why_not.isVisibleTo(place)
    assert not place.rows[people["阿珍"]].leave.isEnabled()


def test_a_person_is_added_and_renamed(place: StaffPlace, window: MainWindow, qtbot: Any, shop: Any) -> None:
    place.add.click()
    dialog = open_dialog(window)
    assert isinstance(dialog, StaffEdit)
    dialog.name.setText("小雯")
    dialog.save.click()
    settle()
    assert not dialog._block.isHidden()  # the name is taken: nothing was written
    assert len(shop.view().staff()) == 3
    dialog.name.setText("小悦")
    dialog.save.click()
    settle()
    added = next(person for person in shop.view().staff() if person.name == "小悦")
    assert added.role == "assistant"
    place.rows[added.id].change.click()
    dialog = open_dialog(window)
    assert isinstance(dialog, StaffEdit)
    dialog.name.setText("悦悦")
    dialog.save.click()
    settle()
    assert "悦悦" in {person.name for person in shop.view().staff()}


def test_ticked_rows_are_printed_in_a_compact_window_too(
    qapp: Any, customers: list[int], shop: Any, qtbot: Any
) -> None:
    window = open_window(shop, level="big")
    window.navigate("today")
    settle()
    page: Any = window.current_page()
    assert page._layout.name == "compact"
    page.list.setFocus()
    press(qtbot, page, Qt.Key.Key_Space, Qt.Key.Key_Down, Qt.Key.Key_Space)
    assert len(page.list.ticked_ids()) == 2
    assert page.foot.give.isVisible()
    assert page.foot.print.isVisible()
    assert not page.foot.export.isVisible()
    least = page.minimumSizeHint()
    assert least.width() <= page.width()
    put_away(window, qapp)


def test_enter_presses_the_button_that_has_the_focus(page: TodayPage, qtbot: Any, shop: Any) -> None:
    before = shop.view().day_list().open
    press(qtbot, page, Qt.Key.Key_1)
    page.detail.copy.setFocus(Qt.FocusReason.TabFocusReason)
    press(qtbot, page, Qt.Key.Key_Return)
    assert QApplication.clipboard().text() == page.detail.message_text()
    assert shop.view().day_list().open == before
    page.detail.form.tiles[1].setFocus(Qt.FocusReason.TabFocusReason)
    press(qtbot, page, Qt.Key.Key_Return)  # on a tile it saves
    assert len(shop.view().day_list().open) == len(before) - 1


def test_a_clicked_button_leaves_enter_to_the_outcome(page: TodayPage, qtbot: Any, shop: Any) -> None:
    before = shop.view().day_list().open
    page.list.setFocus()
    press(qtbot, page, Qt.Key.Key_1)
    qtbot.mouseClick(page.detail.copy, Qt.MouseButton.LeftButton)
    press(qtbot, page, Qt.Key.Key_Return)
    assert len(shop.view().day_list().open) == len(before) - 1
