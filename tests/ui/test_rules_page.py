"""The settings page of the follow-up rules as an owner uses it: preview, apply, undo, leave, nonsense."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication

from shopcrm.basics.errors import InputError, Refusal, RightsError
from shopcrm.basics.records import EventDraft, RuleRow, RuleValues, VisitDraft
from shopcrm.basics.settings import SETTINGS
from shopcrm.basics.texts import t
from tests.conftest import DAY
from tests.ui.real_window import open_window, press, put_away, settle
from ui.dialogs.event_edit import LUNAR, ONCE, YEARLY, EventEdit, form_of
from ui.main_window import MainWindow
from ui.pages.settings.limits import DAYS, LIMITS
from ui.pages.settings.rule_draft import RuleDraft, moved
from ui.pages.settings.rules import RulesPlace
from ui.widgets import Dialog, Stepper, open_dialog


@pytest.fixture
def customers(shop: Any, a_member: Callable[..., int]) -> list[int]:
    """Five new members of yesterday: each is to be welcomed today."""
    return [
        a_member(name, joined=DAY - timedelta(days=1)) for name in ("王丽", "李敏", "赵岚", "陈静", "周莉")
    ]


@pytest.fixture
def window(qapp: Any, shop: Any, customers: list[int]) -> Iterator[MainWindow]:
    shop.start_day()
    made = open_window(shop)
    yield made
    page: Any = made.page("settings")
    if "followups" in page.places:
        page.places["followups"].draft.begin_anew()  # else closing asks
    put_away(made, qapp)


@pytest.fixture
def place(window: MainWindow, qtbot: Any) -> RulesPlace:
    window.navigate("settings", place="followups")
    page: Any = window.current_page()
    found = page.places["followups"]
    assert isinstance(found, RulesPlace)
    counted(found, qtbot)
    return found


def counted(place: RulesPlace, qtbot: Any) -> None:
    """Wait until today is counted."""
    timers = (place._make, place._ask, place._slow)
    qtbot.waitUntil(lambda: not any(timer.isActive() for timer in timers), timeout=5000)


def type_into(qtbot: Any, stepper: Stepper, text: str) -> None:
    """Type over the number and go on."""
    field = stepper.focusProxy()
    assert field is not None
    field.setFocus()
    field.selectAll()  # type: ignore[attr-defined]
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    settle()


def welcomes(shop: Any) -> int:
    view = shop.view()
    ids = view.day_list().open
    return sum(row.rule == "P2" for row in view.tasks(ids))


def test_a_rule_is_changed_counted_applied_followed_and_undone(
    place: RulesPlace, window: MainWindow, shop: Any, qtbot: Any
) -> None:
    line = place.lines["P2"]
    assert line.count.text() == t("rp.count", n=5)
    assert not place.apply.isEnabled()
    type_into(qtbot, line.steps[0], "4")
    counted(place, qtbot)
    assert line.count.text() == t("rp.count.change", n=5, m=0)
    assert place.words.text() == t("rp.preview.change", n=5, m=0)
    assert welcomes(shop) == 5
    qtbot.mouseClick(place.apply, Qt.MouseButton.LeftButton)
    counted(place, qtbot)
    assert welcomes(shop) == 0
    assert shop.view().setting("rules_own") == {"P2": {"steps": [4, 14, 45], "expires": 60}}
    assert line.count.text() == t("rp.count", n=0)
    assert not place.apply.isEnabled()
    window.undo()
    counted(place, qtbot)
    assert welcomes(shop) == 5
    assert shop.view().setting("rules_own") == {}
    assert line.steps[0].value() == 1
    window.redo()
    counted(place, qtbot)
    assert welcomes(shop) == 0


def test_a_rule_is_switched_off_and_recommended_again(place: RulesPlace, shop: Any, qtbot: Any) -> None:
    learns = place.lines["P3"]
    assert learns.learned.whole_text() == t("rp.learns")
    learns.steps[1]._on_more()
    assert learns.learned.whole_text() == ""
    place.undo()
    line = place.lines["P2"]
    assert line.usual.isHidden()
    qtbot.mouseClick(line.switch, Qt.MouseButton.LeftButton)
    counted(place, qtbot)
    assert line.count.text() == t("rp.count.change", n=5, m=0)
    assert not line.steps[0].isEnabled()
    place.put_in_force()
    counted(place, qtbot)
    assert (line.count.text(), welcomes(shop)) == (t("rp.count.off"), 0)
    qtbot.mouseClick(line.usual, Qt.MouseButton.LeftButton)
    counted(place, qtbot)
    assert line.switch.isChecked()
    place.put_in_force()
    assert welcomes(shop) == 5
    assert shop.view().setting("rules_own") == {}


def test_what_ends_a_rule_is_ticked_counted_applied_and_undone(
    place: RulesPlace, window: MainWindow, shop: Any, a_member: Callable[..., int], qtbot: Any
) -> None:
    came = a_member("吴霞", joined=DAY - timedelta(days=14))
    shop.counter.visit(VisitDraft(came, DAY - timedelta(days=3), "tried", items="大衣"))
    shop.settings.set("rules_own", {"P1": {"on": False}})
    place.read()
    counted(place, qtbot)
    line = place.lines["P2"]
    box = line.stops["visited"]
    assert (box.text(), box.isChecked(), welcomes(shop)) == ("来过就不再提", False, 6)
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton)
    counted(place, qtbot)
    assert line.count.text() == t("rp.count.change", n=6, m=5)
    assert not line.usual.isHidden()
    place.put_in_force()
    counted(place, qtbot)
    assert shop.view().setting("rules_own")["P2"] == {"stops": ["visited"]}
    assert (welcomes(shop), line.count.text()) == (5, t("rp.count", n=5))
    window.undo()
    counted(place, qtbot)
    assert (welcomes(shop), box.isChecked()) == (6, False)
    window.redo()
    counted(place, qtbot)
    assert (welcomes(shop), box.isChecked()) == (5, True)
    qtbot.mouseClick(line.usual, Qt.MouseButton.LeftButton)
    assert not box.isChecked()
    place.put_in_force()
    assert shop.view().setting("rules_own") == {"P1": {"on": False}}
    assert welcomes(shop) == 6


def test_what_a_visit_ends_anyway_cannot_be_unticked(place: RulesPlace, shop: Any, qtbot: Any) -> None:
    """A drifting member who comes by is potential: her to-dos end whatever is ticked, the page says so."""
    for key in ("D2", "D3", "X1"):
        box = place.lines[key].stops["visited"]
        assert (box.isChecked(), box.isEnabled()) == (True, False), key
    assert not place._leaves["drifting"].isHidden()
    shop.settings.set("hot_visits", 2)
    place.read()
    counted(place, qtbot)
    ticked = {key: place.lines[key].stops["visited"] for key in ("D2", "D3")}
    assert {key: (box.isChecked(), box.isEnabled()) for key, box in ticked.items()} == {
        "D2": (True, True), "D3": (False, True),
    }  # fmt: skip
    assert place._leaves["drifting"].isHidden()
    assert not place._leaves["lost"].isHidden()


def test_everything_can_be_recommended_again(place: RulesPlace, shop: Any, qtbot: Any) -> None:
    shop.settings.set_many(
        {"rules_own": {"P2": {"on": False}, "L1": {"again": 60}}, "cap_90": 9, "closed_weekdays": [0]}
    )
    place.read()
    assert (place.lines["L1"].again.value(), place.limits.numbers["cap_90"].value()) == (60, 9)  # type: ignore[union-attr]
    for tab in ("rules", "limits", "days"):
        place.open_tab(tab)
        qtbot.mouseClick(place.usual, Qt.MouseButton.LeftButton)
    place.put_in_force()
    values = {key: shop.view().setting(key) for key in ("rules_own", *LIMITS, *DAYS)}
    assert values == {key: SETTINGS[key].default for key in values}


def test_nonsense_in_a_number_is_moved_into_its_limits(place: RulesPlace, qtbot: Any) -> None:
    """The third contact of a new member stays behind the second, on day 14."""
    last = place.lines["P2"].steps[2]
    for typed, kept in (("999999", 180), ("0", 15), ("-3", 15), ("x7y7", 77)):
        type_into(qtbot, last, typed)
        assert last.value() == kept, typed
        place.put_in_force()
        assert not place.draft.is_dirty(), typed  # the shop took it
    field = last.focusProxy()
    assert field is not None
    field.setFocus()
    field.clear()  # type: ignore[attr-defined]
    place.tabs.setFocus()
    settle()
    assert last.value() == 77
    place.draft.set("cap_90", 99)
    place._show()
    counted(place, qtbot)
    assert place.words.text() == InputError("cap_90", "setting_range", low="1", high="45").sentence
    assert not place.apply.isEnabled()


def test_every_field_at_both_ends_is_taken_by_the_shop(place: RulesPlace, shop: Any, qtbot: Any) -> None:
    for end in (-(10**6), 10**6):
        for line in place.lines.values():
            for stepper in (*line.steps.values(), line.end, line.again):
                if stepper is not None:
                    stepper._move(end)
        for stepper in place.limits.numbers.values():
            stepper._move(end)
        place.put_in_force()
        assert not place.draft.is_dirty()
        assert shop.view().setting("tasks_per_day") == (1 if end < 0 else 500)
        place._on_usual()


def test_the_preview_goes_back_and_forth_before_it_is_applied(
    place: RulesPlace, window: MainWindow, shop: Any, qtbot: Any
) -> None:
    place.lines["P2"].steps[0]._on_more()
    place.lines["P2"].steps[0]._on_more()  # one field, one step
    place.lines["L2"].switch.click()
    window.undo()
    assert place.lines["L2"].switch.isChecked()
    assert place.lines["P2"].steps[0].value() == 3
    window.undo()
    assert (place.lines["P2"].steps[0].value(), place.draft.is_dirty()) == (1, False)
    window.redo()
    assert place.lines["P2"].steps[0].value() == 3
    qtbot.mouseClick(place.drop, Qt.MouseButton.LeftButton)
    assert not place.draft.is_dirty()
    window.undo()
    assert place.lines["P2"].steps[0].value() == 3
    assert shop.view().setting("rules_own") == {}


def test_leaving_with_changes_asks(place: RulesPlace, window: MainWindow, shop: Any, qtbot: Any) -> None:
    def answer(words: str) -> None:
        dialog = open_dialog(window)
        assert isinstance(dialog, Dialog)
        next(b for b in dialog.findChildren(type(place.drop)) if b.words() == t(words)).click()
        settle()

    page: Any = window.current_page()
    place.lines["P2"].switch.click()
    window.navigate("today")
    assert window.current_page() is page
    answer("rp.leave.stay")
    assert (window.current_page(), place.draft.is_dirty()) == (page, True)
    page.buttons["display"].click()
    assert page.current == "followups"
    assert page.buttons["followups"].isChecked()
    answer("rp.apply")
    assert page.current == "display"
    assert shop.view().setting("rules_own") == {"P2": {"on": False}}
    page.open_place("followups")
    place.lines["P2"].switch.click()
    assert not window.close()
    answer("rp.leave.stay")
    window.navigate("today")
    answer("rp.drop")
    assert window.current_page() is not page
    assert shop.view().setting("rules_own") == {"P2": {"on": False}}


def test_changes_outlast_another_look(place: RulesPlace, window: MainWindow, qtbot: Any) -> None:
    place.limits.numbers["cap_90"]._on_more()
    place.open_tab("limits")
    window.rebuild()
    page: Any = window.current_page()
    again = page.places["followups"]
    assert again is not place
    assert (again.limits.numbers["cap_90"].value(), again.tabs.current()) == (6, "limits")
    assert again.draft.changes() == {"cap_90": 6}
    counted(again, qtbot)


def test_what_somebody_else_writes_does_not_take_the_preview_away(
    place: RulesPlace, window: MainWindow, shop: Any, a_member: Callable[..., int], qtbot: Any
) -> None:
    place.lines["P2"].steps[0]._on_more()
    window.session.do(lambda shop, _: shop.settings.set("cap_90", 8))
    settle()
    assert place.limits.numbers["cap_90"].value() == 8
    assert place.draft.changes() == {"rules_own": {"P2": {"steps": [2, 14, 45], "expires": 60}}}
    counted(place, qtbot)


def test_hours_days_off_and_seasons(place: RulesPlace, shop: Any, qtbot: Any) -> None:
    hours = place.limits.hours
    hours.start.set_value("21:00")
    hours.start.picked.emit("21:00")
    assert (hours.start.value(), hours.end.value()) == ("21:00", "21:30")  # the end comes after the start
    days = place.days
    days.weekdays[0].click()
    days.lists["closed_days"].take(date(2027, 2, 6))
    days.lists["quiet_days"].yearly.setChecked(False)
    days.lists["quiet_days"].take(date(2026, 12, 24))
    days.lists["season_dates"].chips["05-15"].click()
    counted(place, qtbot)
    place.put_in_force()
    values = {key: shop.view().setting(key) for key in ("contact_hours", *DAYS)}
    assert values == {
        "contact_hours": "21:00-21:30", "closed_weekdays": [0], "closed_days": ["02-06"],
        "quiet_days": ["2026-12-24"], "season_dates": ["03-01", "08-25", "11-01"], "sale_dates": [],
    }  # fmt: skip
    hours.switch.click()
    place.put_in_force()
    assert shop.view().setting("contact_hours") == ""
    hours.switch.click()
    assert place.draft.value("contact_hours") == "21:00-21:30"
    for chip in days.weekdays[1:]:
        chip.click()
    assert place.draft.value("closed_weekdays") == [0, 1, 2, 3, 4, 5]  # open one day a week
    assert not days.problem.isHidden()
    counted(place, qtbot)
    assert place.apply.isEnabled()


def test_only_the_owner_changes_rules(place: RulesPlace, window: MainWindow, shop: Any) -> None:
    shop.settings.add_staff("林姐", "owner")
    helper = shop.settings.add_staff("小敏", "assistant").value
    person = next(p for p in shop.view().staff() if p.id == helper)
    window.session.set_staff(person)
    settle()
    assert not place.owner_only.isHidden()
    assert not place.lines["P2"].switch.isEnabled()
    assert not place.events.new["event"].isEnabled()
    shop.actor = helper
    for key, value in (("cap_90", 9), ("rules_own", {"P2": {"on": False}}), ("quiet_days", ["12-24"])):
        with pytest.raises(RightsError) as refused:
            shop.settings.set(key, value)
        assert refused.value.right == "rules"
    with pytest.raises(RightsError) as refused:
        shop.settings.set_many({"shop.name": "青禾", "cap_90": 5})
    assert refused.value.right == "settings"
    assert shop.view().setting("shop.name") == ""


def test_by_keyboard_alone(place: RulesPlace, window: MainWindow, shop: Any, qtbot: Any) -> None:
    place.tabs.setFocus()
    press(qtbot, place, Qt.Key.Key_Tab)
    field = place.lines["P2"].steps[0].focusProxy()
    for _ in range(200):
        if QApplication.focusWidget() is field:
            break
        press(qtbot, place, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is field
    press(qtbot, place, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Backspace, Qt.Key.Key_4, Qt.Key.Key_Down)
    press(qtbot, place, Qt.Key.Key_Return, modifier=Qt.KeyboardModifier.ControlModifier)
    assert shop.view().setting("rules_own") == {"P2": {"steps": [3, 14, 45], "expires": 60}}
    assert welcomes(shop) == 0
    counted(place, qtbot)


# -- the book of occasions ---------------------------------------------------------------------------------


def test_an_event_is_added_changed_removed_restored_and_undone(
    place: RulesPlace, window: MainWindow, shop: Any, qtbot: Any
) -> None:
    place.open_tab("events")
    dialog = place.events.open_new("event")
    dialog.name.setText("周年庆")
    dialog.day.insert("12月1日")
    dialog.day.textEdited.emit("12月1日")
    assert "10 天" in dialog.blocks["day"].note()
    dialog.until.setText("12-06")
    dialog.offer.setText("全场八八折")
    dialog.types["loyal"].click()
    dialog.save.click()
    settle()
    (event,) = shop.view().events()
    assert (event.name, event.day, event.until, event.types) == (
        "周年庆",
        "2026-12-01",
        "2026-12-06",
        ("loyal",),
    )
    assert event.lead == 3
    row = place.events.rows[int(event.id)]
    row.change.click()
    dialog = open_dialog(window)  # type: ignore[assignment]
    assert isinstance(dialog, EventEdit)
    assert (dialog.name.text(), dialog.how.value(), dialog.day.text()) == ("周年庆", ONCE, "2026-12-01")
    dialog.name.setText("店庆")
    dialog.save.click()
    settle()
    assert shop.view().events()[0].name == "店庆"
    place.events.rows[int(event.id)].remove.click()
    assert shop.view().events() == ()
    place.events.taken_back[int(event.id)].click()
    assert shop.view().events()[0].name == "店庆"
    for _ in range(4):
        window.undo()
    assert shop.view().events(gone=True) == ()
    counted(place, qtbot)


def test_a_usual_festival_is_one_click_and_leaves_the_offer(
    place: RulesPlace, window: MainWindow, shop: Any, qtbot: Any
) -> None:
    place.events.ready["L:01-01"].click()
    assert [(event.kind, event.day) for event in shop.view().events()] == [("festival", "L:01-01")]
    assert "L:01-01" not in place.events.ready
    place.lines["H1"].switch.click()
    assert not place.events.off.isHidden()
    place.open_tab("events")
    window.undo()  # the festival, not the preview of the rules
    assert shop.view().events() == ()
    assert "L:01-01" in place.events.ready
    assert place.draft.is_dirty()
    counted(place, qtbot)


def test_nonsense_about_an_event_is_refused_at_its_field(place: RulesPlace, shop: Any, qtbot: Any) -> None:
    for field, text in (
        ("name", ""), ("name", "周" * 21), ("day", ""), ("day", "13月40日"), ("day", "2020-01-01"),
        ("until", "昨天"), ("until", "2026-11-30"), ("until", "2027-11-30"), ("item", ""),
    ):  # fmt: skip
        dialog = place.events.open_new("new_in")
        for name, words in (("name", "秋冬羊绒"), ("item", "羊绒衫"), ("day", "2026-12-01"), (field, text)):
            getattr(dialog, name).setText(words)
        dialog.save.click()
        settle()
        assert dialog.blocks[field].error(), (field, text)
        dialog.reject()
    assert shop.view().events() == ()
    shop.events.add(EventDraft("event", "周年庆", "12-01"))
    dialog = place.events.open_new("event")
    dialog.name.setText("周年庆")
    dialog.how.set_value(YEARLY)
    dialog.day.setText("12-01")
    dialog.save.click()
    settle()
    assert Refusal("event_known", name="周年庆").sentence in dialog._problem._words.text()
    dialog.reject()
    counted(place, qtbot)


@pytest.mark.parametrize(
    ("text", "how", "form"),
    [
        ("12月1日", ONCE, "2026-12-01"), ("1月5日", ONCE, "2027-01-05"), ("2027-03-08", ONCE, "2027-03-08"),
        ("5-1", YEARLY, "05-01"), ("2月29日", YEARLY, "02-29"), ("2026-12-25", YEARLY, "12-25"),
        ("八月十五", LUNAR, "L:08-15"), ("农历正月初一", LUNAR, "L:01-01"), ("8-15", LUNAR, "L:08-15"),
        ("农历八月十五", YEARLY, None), ("明天", ONCE, None), ("2-30", YEARLY, None), ("", YEARLY, None),
    ],
)  # fmt: skip
def test_days_are_read_as_people_write_them(text: str, how: str, form: str | None) -> None:
    assert form_of(text, how, DAY) == form


# -- the draft ---------------------------------------------------------------------------------------------

USUAL = RuleValues(True, (3, 10), 14, 0, "message")
ROW = RuleRow(
    "P1", ("loyal",), USUAL, USUAL, False, False, True, ((0, 180), (0, 180)), (3, 240), None, ("message",)
)  # type: ignore[arg-type]


def a_draft(row: RuleRow = ROW, own: dict[str, dict[str, object]] | None = None) -> RuleDraft:
    draft = RuleDraft()
    draft.rebase((row,), {"cap_90": 5}, own or {})
    return draft


def test_what_comes_back_to_what_is_in_force_is_no_change() -> None:
    draft = a_draft()
    draft.set("cap_90", 6)
    draft.set_rule("P1", "on", USUAL._replace(on=False))
    draft.set_rule("P1", "on", USUAL)
    draft.set("cap_90", 5)
    assert not draft.is_dirty()
    assert draft.changes() == {}


def test_what_the_owner_changed_of_another_rule_stays() -> None:
    draft = a_draft(own={"D2": {"on": False}})
    draft.set_rule("P1", "end", USUAL._replace(expires=20))
    assert draft.changes() == {"rules_own": {"D2": {"on": False}, "P1": {"expires": 20}}}


def test_a_rule_as_recommended_leaves_nothing_of_the_owners() -> None:
    row = ROW._replace(values=USUAL._replace(on=False), is_own=True)
    draft = a_draft(row, {"P1": {"on": False}})
    draft.recommend_rules(("P1",))
    assert draft.changes() == {"rules_own": {}}


def test_the_time_left_after_the_last_contact_stays() -> None:
    assert moved(USUAL, 1, 12, 240) == USUAL._replace(steps=(3, 12), expires=16)
    assert moved(USUAL, 1, 8, 240) == USUAL._replace(steps=(3, 8), expires=12)
    assert moved(USUAL, 0, 5, 240) == USUAL._replace(steps=(5, 10))
    assert moved(USUAL, 1, 180, 183).expires == 183


def test_every_rule_has_its_words(shop: Any) -> None:
    for row in shop.view().rules():
        said = t(f"rule.{row.key}.does", s1=1, s2=2, s3=3, end=4, again=5, how="")
        assert t(f"rule.{row.key}")
        assert said


def test_control_enter_applies_also_from_the_list_of_places(
    place: RulesPlace, window: MainWindow, shop: Any, qtbot: Any
) -> None:
    page: Any = window.current_page()
    page.buttons["followups"].setFocus()
    step = place.lines["P2"].steps[0]
    qtbot.mouseClick(step.findChildren(QAbstractButton)[-1], Qt.MouseButton.LeftButton)  # by mouse alone
    counted(place, qtbot)
    assert page.buttons["followups"].hasFocus()
    assert place.apply.isEnabled()
    press(qtbot, page, Qt.Key.Key_Return, modifier=Qt.KeyboardModifier.ControlModifier)
    counted(place, qtbot)
    assert shop.view().setting("rules_own")["P2"]["steps"][0] == step.value() == 2
    assert not place.apply.isEnabled()
    step.focusProxy().setFocus()
    qtbot.keyClick(step.focusProxy(), Qt.Key.Key_Up)
    press(qtbot, page, Qt.Key.Key_Return, modifier=Qt.KeyboardModifier.ControlModifier)
    counted(place, qtbot)
    assert shop.view().setting("rules_own")["P2"]["steps"][0] == 3
