"""Every page in every size, font level and language: no text wider than its box, Tab comes everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QWidget,
)

from shopcrm.basics import texts
from shopcrm.basics.errors import Refusal
from shopcrm.basics.records import (
    EVERYTHING,
    ComplaintDraft,
    EventDraft,
    MemberDraft,
    OutcomeDraft,
    Query,
    Tried,
    WantedDraft,
)
from shopcrm.basics.rights import GRANTABLE
from shopcrm.basics.texts import t
from tests.conftest import DAY
from tests.ui.real_window import open_window, put_away, settle
from ui.dialogs import print_preview
from ui.dialogs.hand_over import Leaving, ShareOut
from ui.dialogs.member_edit import MemberEdit
from ui.dialogs.member_erase import ask_erase
from ui.dialogs.member_history import open_history
from ui.dialogs.pins import show_code
from ui.dialogs.restore import DamagedDialog, RestoreDialog
from ui.dialogs.who import ask_owner
from ui.main_window import MainWindow
from ui.pages import PAGES
from ui.pages.io import ImportExportPage
from ui.pages.overview.effect import TABS
from ui.theme import LEVELS
from ui.widgets import Dialog, Stepper, open_dialog
from ui.widgets.labels import ElidedLabel

SIZES = ((1366, 697), (1280, 649), (1920, 1009))
LANGUAGES = ("zh_CN", "zh_TW", "en")
USUAL = (
    ((1366, 697), "normal", "zh_CN"),
    ((1366, 697), "huge", "zh_TW"),
    ((1280, 649), "normal", "en"),
    ((1920, 1009), "big", "en"),
)
EVERY = tuple(
    pytest.param(size, level, language, marks=() if (size, level, language) in USUAL else pytest.mark.slow)
    for size in SIZES
    for level in LEVELS
    for language in LANGUAGES
)


@pytest.fixture
def window(
    shop: Any,
    a_member: Callable[..., Any],
    a_sale: Callable[..., Any],
    a_visit: Callable[..., Any],
    qapp: Any,
    size: tuple[int, int],
    level: str,
    language: str,
) -> Iterator[MainWindow]:
    shop.settings.begin("禾木衣坊", "林姐")
    for number in range(12):
        member = a_member("欧阳若云" * 4 if number == 3 else "", notes="怕扎" * (number % 3))
        for back in range(number % 5):
            a_sale(member, DAY.fromordinal(DAY.toordinal() - 9 - 40 * back), 12_345 if back else 298)
        if number % 5 == 0:
            a_visit(member, DAY.fromordinal(DAY.toordinal() - 3))
    shop.start_day()
    made = open_window(shop, size=size, level=level, language=language)
    yield made
    put_away(made, qapp)


@pytest.mark.parametrize(("size", "level", "language"), EVERY)
def test_nothing_is_cut_and_tab_comes_everywhere(
    window: MainWindow, size: tuple[int, int], level: str
) -> None:
    faults = []
    for entry in PAGES:
        window.navigate(entry.id)
        window.apply_layout()
        settle()
        assert (window.width(), window.height()) == size, entry.id
        page = window.current_page()
        least = page.minimumSizeHint()
        if least.width() > page.width() or least.height() > page.height():
            faults.append(f"{entry.id}: needs {least.width()} x {least.height()}, has {page.size()}")
        faults += [f"{entry.id}: {fault}" for fault in cut_texts(window)]
        faults += [f"{entry.id}: no Tab to {name}" for name in unreached(window)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(("size", "level", "language"), EVERY)
def test_nothing_is_cut_while_a_file_is_checked(window: MainWindow, tmp_path: Path) -> None:
    window.navigate("io", file=messy_file(tmp_path))
    window.apply_layout()
    page = window.current_page()
    assert isinstance(page, ImportExportPage)
    check, faults = page.check, []

    def look(state: str) -> None:
        settle()
        least = page.minimumSizeHint()
        if least.width() > page.width() or least.height() > page.height():
            faults.append(f"{state}: needs {least.width()} x {least.height()}, has {page.size()}")
        faults.extend(f"{state}: {fault}" for fault in cut_texts(window))

    asked = {button.said.code for button in check.panel.buttons if button.said is not None}
    assert asked >= {"invalid_phone", "ambiguous_date", "name_conflict", "field_conflict", "same_name"}
    for code in sorted(asked):
        next(b for b in check.panel.buttons if b.said is not None and b.said.code == code).click()
        look(code)
    faults += [f"no Tab to {name}" for name in unreached(window)]
    check._on_skip_wanted(0)
    check.grid.select_row(0)
    look("skipped")
    check.decisions.map(0, 5, "name")
    check._decide()
    look("clash")
    check.undo()
    page.import_now()
    look("result")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(("size", "level", "language"), EVERY)
def test_nothing_is_cut_at_the_counter(window: MainWindow, shop: Any) -> None:
    window.navigate("counter", member=2)
    window.apply_layout()
    counter: Any = window.current_page()
    form, faults = counter.form, []

    def look(state: str) -> None:
        settle()
        least = counter.minimumSizeHint()
        if least.width() > counter.width() or least.height() > counter.height():
            faults.append(f"{state}: needs {least.width()} x {least.height()}, has {counter.size()}")
        faults.extend(f"{state}: {fault}" for fault in cut_texts(window))

    form.back.click()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    form.sold.add().amount.setText("12,345.60*3")
    form.sold.changed.emit()
    look("exchange")
    form.more.click()
    for field, text in zip(
        form.sold.lines[1].details.fields, ("驼色", "A2031", "毛衫", "14500"), strict=True
    ):
        field.insert(text)
    look("details")
    form.more.click()
    look("details folded")
    form.choose("tried")
    form.tried.lines[0].item.setText("羊绒大衣 驼色")
    for tile in form.reasons.values():
        tile.setChecked(True)
    look("tried on")
    counter._close_form()
    sale = shop.view().member(5).sales[0]
    counter.open_booking("sale", sale.id)
    look("correction")
    counter.move_to(2)
    look("moved")
    counter.back_to_owner()
    form.void.click()
    look("why void")
    form.void_reasons[3].setChecked(True)
    form.void.click()
    counter.open_booking("sale", sale.id)
    look("void")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(("size", "level", "language"), EVERY)
def test_nothing_is_cut_in_what_followed_on_contacts(window: MainWindow, shop: Any) -> None:
    outcomes, reasons = ("reached", "will_come", "no_answer", "refused"), ("price", "other_shop", "no_need")
    day = (DAY - timedelta(days=40)).isoformat()
    about = {"type": "drifting", "anchor": day, "due": day, "expires": day, "channel": "call"}
    with shop.store.write("test", None, shop.clock()) as tx:
        tx.insert_many("member", ("name", "joined"), [(f"客{n}", "2024-01-01") for n in range(200)])
        for n in range(240):
            rule = ("P1", "P3", "D3", "X1")[n % 4]
            task = tx.insert(
                "task", member_id=1 + n % 200, rule=rule, step=9 + n, why="{}", state="done", closed_on=day,
                **about,
            )  # fmt: skip
            tx.insert(
                "contact", member_id=1 + n % 200, task_id=task, day=day, outcome=outcomes[n % 4],
                reason=reasons[n % 3], template=f"say.P1.1.{1 + n % 2}", staff_id=1,
            )  # fmt: skip
        rows = [(1 + n, "D3", "2026Q3", day, "drifting", int(n < 40)) for n in range(190)]
        tx.insert_many("draw", ("member_id", "rule", "quarter", "day", "type", "held"), rows)
        shop.refresh(tx, None)
    shop.comparing.leave_out("P1", 0.2)
    faults = []
    for place, args in (("overview", {}), *(("effect", {"tab": tab}) for tab in TABS)):
        window.navigate(place, **args)
        window.apply_layout()
        settle()
        page = window.current_page()
        least = page.minimumSizeHint()
        if least.width() > page.width() or least.height() > page.height():
            faults.append(f"{place} {args}: needs {least.width()} x {least.height()}, has {page.size()}")
        for area in page.findChildren(QScrollArea):
            if (wide := area.widget().minimumSizeHint().width()) > area.viewport().width():
                faults.append(f"{place} {args}: {wide} in {area.viewport().width()}")
        faults += [f"{place} {args}: {fault}" for fault in cut_texts(window)]
        faults += [f"{place} {args}: no Tab to {name}" for name in unreached(window)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(("size", "level", "language"), EVERY)
def test_nothing_is_cut_on_a_busy_day(window: MainWindow, shop: Any, a_member: Callable[..., Any]) -> None:
    staff = [shop.settings.add_staff(name, "assistant").value for name in ("小雯", "欧阳阿珍")]
    shop.settings.set_many({"tasks_per_day": 3, "contact_hours": "12:00-20:30"})
    for number in range(24):
        a_member(joined=DAY - timedelta(days=1), staff_id=staff[number % 2])
    first = shop.view().day_list().open[0]
    shop.complaints.add(ComplaintDraft(shop.view().tasks([first])[0].member, "起球"))
    window.navigate("today")
    window.apply_layout()
    page: Any = window.current_page()
    faults = []

    def look(state: str) -> None:
        settle()
        least = page.minimumSizeHint()
        if least.width() > page.width() or least.height() > page.height():
            faults.append(f"{state}: needs {least.width()} x {least.height()}, has {page.size()}")
        faults.extend(f"{state}: {fault}" for fault in cut_texts(window))

    page.ask_withheld()
    page._on_waiting()
    look("waiting")
    if page._layout.single:
        page._open_detail()
    task = page.detail.task
    for rule, tries, snoozes in (("P2", 0, 0), ("P2", 2, 3), ("P2", 3, 0), ("X1", 0, 0)):
        for digit in range(1, 7):
            page.detail.form.start(task._replace(rule=rule, tries=tries, snoozes=snoozes), DAY)
            page.detail.form.toggle(digit)
            look(f"{rule} {tries} {digit}")
    page.escape()
    page.list.setFocus()
    page.list._ticked = set(page.model.ids)
    page.list._tell_ticks()
    look("ticked")
    page._on_untick()
    dialogs = (
        page._on_withheld,
        lambda: ShareOut(page, window.session, window.session.view.staff()[1]).open(),
        lambda: Leaving(page, window.session, window.session.view.staff()[1]).open(),
    )
    for number, opened in enumerate(dialogs):
        opened()
        look(f"dialog {number}")
        dialog = open_dialog(window)
        assert dialog is not None
        dialog.reject()
    page._on_ahead()
    look("tomorrow")
    for task_id in list(shop.view().day_list().open):
        shop.followups.finish(task_id, OutcomeDraft("reached"))
    page._show_part("today")
    page.refresh(EVERYTHING)
    look("all done")
    page._on_tab("done")
    look("done")
    window.navigate("settings", place="staff")
    page = window.current_page()
    look("staff")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(("size", "level", "language"), EVERY)
def test_nothing_is_cut_where_a_pin_is_asked(window: MainWindow, shop: Any) -> None:
    session = window.session
    shop.actor = shop.settings.staff()[0].id
    for name, role in (
        ("小雯", "assistant"),
        ("欧阳阿珍阿珍", "assistant"),
        ("小悦", "entry"),
        ("敏", "owner"),
    ):
        shop.settings.add_staff(name, role, GRANTABLE)
    for person in shop.settings.staff()[:3]:
        shop.pins.set(person.id, "7391")
    session.reread_staff()
    faults = []

    def look(state: str) -> None:
        settle()
        faults.extend(f"{state}: {fault}" for fault in cut_texts(window))
        faults.extend(f"{state}: {low}" for low in too_low(open_dialog(window)))

    def away() -> None:
        dialog = open_dialog(window)
        assert dialog is not None
        dialog.reject()

    owner, helper = session.view.staff()[0], session.view.staff()[1]
    window.navigate("settings", place="staff")
    place: Any = window.current_page()
    for row in list(place.places["staff"].rows.values()):
        row.change.click()
        dialog: Any = open_dialog(window)
        dialog.pin.pin.setText("1234")
        look("a person")
        dialog.save.click()
        look("a person, once more")
        away()
    show_code(window, owner.name, "0000 0000 0000 0000")
    look("code")
    away()
    session.set_staff(helper)
    window._on_own_pin()
    look("own")
    open_dialog(window).save.click()  # type: ignore[union-attr]
    look("own, empty")
    away()
    dialog = ask_owner(window, session, "overview", lambda: None)
    look("owner")
    dialog.panel.forgot.click()
    look("forgot")
    dialog.panel.recovery.go.click()
    look("forgot, empty")
    away()
    window.lock()
    look("locked")
    lock: Any = window._lock
    for tried in (Tried(False, True, 3, 0), Tried(False, True, 0, 900)):
        lock.panel._on_tried(lock.panel.person, tried)
        look("wrong")
    lock.panel.choose(3)
    look("no PIN")
    session.unlock(owner)
    copy = shop.store.path or Path("a.db")
    restore = RestoreDialog(window, session, copy, t("bk.restore.this"))
    restore._on_tried(Tried(False, True, 0, 900))
    Dialog.open(restore)
    look("restore")
    away()
    assert not faults, "\n".join(faults)


def too_low(dialog: Dialog | None) -> list[str]:
    """Fields and buttons of a dialog that are lower than they want to be."""
    assert dialog is not None
    parts: list[QWidget] = [*dialog.findChildren(QAbstractButton), *dialog.findChildren(QLineEdit)]
    return [
        f"{type(part).__name__} {part.accessibleName()} has {part.height()} of {part.sizeHint().height()}"
        for part in parts
        if part.isVisible() and part.height() < part.sizeHint().height()
    ]


@pytest.mark.parametrize(("size", "level", "language"), EVERY)
def test_nothing_is_cut_around_a_member(window: MainWindow, shop: Any, a_member: Callable[..., Any]) -> None:
    for name in ("职业", "孩子的生日和学校", "住在哪"):
        shop.members.own.add(name)
    shop.members.own.put_away(3)
    friend = a_member("欧阳若云" * 4, phone="13800007777", tags="老客、送货上门")
    member = a_member(
        "欧阳若云" * 4, phone="13800007777", tags="老客", birthday="L:1987-06+-15", referrer_id=friend,
        consent="yes", consent_by="女儿", best_time="19:00-", no_sms=True, own=((1, "老师"), (2, "三月")),
    )  # fmt: skip
    shop.members.save(MemberDraft(id=member, name="欧阳", notes="说来话长" * 30))
    faults = []

    def look(state: str) -> None:
        settle()
        faults.extend(f"{state}: {fault}" for fault in cut_texts(window))

    edit = MemberEdit(window, window.session, shop.view().member(member))
    edit.open()
    look("main fields")
    edit.show_page(1)
    look("other fields")
    edit.reject()
    new = MemberEdit(window, window.session, digits="13900007777", name="欧阳", then_log=True)
    new.open()
    new._birthday.setText("2020-11-24")  # a child's
    new._on_typed("")
    new._look_for_doubles()
    look("double")
    for key, text in (("phone", "12345"), ("birthday", "13-45"), ("height", "tall"), ("best_time", "soon")):
        new._fields[key].field.setText(text)  # type: ignore[attr-defined]
    new._save.click()
    look("errors")
    new.show_page(1)
    look("other errors")
    new._warned = True
    new.reject()
    for opened in (
        open_history(window, window.session, member), ask_erase(window, window.session, shop.view().member(1))
    ):  # fmt: skip
        look(type(opened).__name__)
        opened.reject()
    window.navigate("settings", place="own")
    look("own fields")
    a_member("很久没来", joined=date(2015, 1, 1))
    window.navigate("settings", place="privacy")
    settings: Any = window.current_page()
    settings.places["privacy"].years.set_value(7)
    settings.places["privacy"].years.changed.emit(7)
    look("privacy")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(("size", "level", "language"), EVERY)
def test_nothing_is_cut_where_passwords_are_asked_for(window: MainWindow, shop: Any) -> None:
    from ui.dialogs.encrypting import Encrypting
    from ui.dialogs.export_callbacks import ExportList
    from ui.dialogs.password import AskPassword

    faults = []

    def look(state: str) -> None:
        settle()
        faults.extend(f"{state}: {fault}" for fault in cut_texts(window))

    window.navigate("settings", place="passwords")
    place = window.current_page().places["passwords"]  # type: ignore[union-attr]
    for is_encrypted in (False, True):
        place._on_read(is_encrypted)
        place.password.word.setText("mB7#qT2x" if is_encrypted else "1988")
        place.password.checked()
        look(f"place {is_encrypted}")
    for what in ("on", "change", "off"):
        dialog = Encrypting(window, window.session, what)
        dialog.open()
        if dialog.new is not None and dialog.understood is not None:
            dialog.new.word.setText("liuxia-2026 Hema")
            dialog.understood.click()
        look(what)
        dialog._on_yes()
        look(what + " refused")
        dialog.reject()
    ask = AskPassword(window, t("pw.shop"), t("pw.shop.text"), t("pw.shop.wrong"))
    ask.open()
    look("asked")
    ask.reject()
    ask = AskPassword(window, t("pw.shop"), t("pw.shop.text"), t("pw.shop.damage"), t("pw.shop.damaged"))
    ask.open()
    look("asked, maybe damaged")
    ask.reject()
    refused = Refusal("shop_password_or_damage", file="shop.db")
    damaged = DamagedDialog(window, window.session, refused.sentence, Path("shop.db"), None)
    damaged.open()
    damaged.word.word.setText("x")
    damaged._on_nothing(refused)
    look("damaged")
    damaged.reject()
    restore = RestoreDialog(window, window.session, Path("a.zip"), t("bk.restore.this"))
    Dialog.open(restore)
    restore.inner.word.setText("x")
    restore._on_refused(Refusal("inner_wrong", file="shop-20261121-100000-by_hand.zip"))
    look("both passwords")
    restore.reject()
    listed = ExportList(window, window.session, t("ex.members"), [(None, "x")], "x", lambda *_: None)
    listed.open()
    listed.sealed.click()
    listed.password.checked()
    look("export")
    listed.reject()
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(("size", "level", "language"), EVERY)
def test_nothing_is_cut_where_numbers_are_masked(window: MainWindow, shop: Any) -> None:
    """Beside a masked number stands what shows it."""
    member = shop.view().ids(Query())[0]
    shop.wanted.add(WantedDraft(member, "羊绒大衣", "M", "雾蓝"))
    shop.settings.add_staff("小雯", "assistant")
    window.session.set_staff(next(one for one in shop.view().staff() if one.role == "assistant"))
    faults = []

    def look(state: str) -> None:
        settle()
        faults.extend(f"{state}: {fault}" for fault in cut_texts(window))

    for page_id, args in (("today", {}), ("members", {"member": member}), ("counter", {"member": member})):
        window.navigate(page_id, **args)
        window.apply_layout()
        look(page_id)
        faults += [f"{page_id}: no Tab to {name}" for name in unreached(window)]
    for page_id in ("today", "members"):  # where list and card are shown one at a time, the card
        window.navigate(page_id)
        page: Any = window.current_page()
        page.list.select_row(0)
        if page._layout.single:
            page._on_clicked()
        look(f"{page_id}: card")
        (page.detail.head if page_id == "today" else page.card.who).reveal.click()
        look(f"{page_id}: looked at")
    window.navigate("wanted")
    window.current_page().list.select_row(0)  # type: ignore[attr-defined]
    look("wanted")
    edit = MemberEdit(window, window.session, window.session.view.member(member))
    edit.open()
    look("form")
    edit.reject()
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(("size", "level", "language"), EVERY)
def test_nothing_is_cut_in_the_follow_up_rules(window: MainWindow, shop: Any) -> None:
    shop.events.add(
        EventDraft(
            "event", "周年庆" * 6, "2026-12-01", "2026-12-31", "全场八八折" * 12, "", ("loyal", "lost")
        )
    )
    shop.events.add(EventDraft("new_in", "秋冬羊绒", "11-15", "", "", "羊绒开衫" * 7))
    for _ in range(2):
        removed = shop.events.add(EventDraft("festival", "中秋节", "L:08-15")).value
        shop.events.remove(removed)
    shop.settings.set_many(
        {"quiet_days": [f"2026-12-{n:02}" for n in range(1, 13)], "rules_own": {"E1": {"on": False}}}
    )
    window.navigate("settings", place="followups")
    window.apply_layout()
    page: Any = window.current_page()
    place, faults = page.places["followups"], []

    def look(state: str) -> None:
        settle()
        least = page.minimumSizeHint()
        if least.width() > page.width() or least.height() > page.height():
            faults.append(f"{state}: needs {least.width()} x {least.height()}, has {page.size()}")
        faults.extend(f"{state}: {fault}" for fault in cut_texts(window))

    def count() -> None:
        while any(timer.isActive() for timer in (place._make, place._ask, place._slow)):
            settle()

    count()
    for line in place.lines.values():
        for stepper in line.steps.values():
            stepper._on_more()
    count()
    for tab in ("rules", "limits", "days", "events"):
        place.open_tab(tab)
        look(tab)
        part = place._stack.currentWidget()
        if part.widget().width() > part.viewport().width():
            faults.append(f"{tab}: {part.widget().width()} wide, has {part.viewport().width()}")
        if tab != "rules":  # a hundred fields: by keyboard in the page's own test
            faults += [f"{tab}: no Tab to {name}" for name in unreached(window)]
    for kind in ("event", "festival", "new_in"):
        dialog = place.events.open_new(kind)
        for field in ("day", "until"):
            dialog.blocks[field].set_error(t("ev.e.day"))
        look(kind)
        dialog.reject()
    assert place.asks_first(lambda: None)
    look("leaving")
    place._leaving.reject()
    place.draft.begin_anew()
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(("size", "level", "language"), EVERY)
def test_nothing_is_cut_where_words_are_written(window: MainWindow, shop: Any) -> None:
    shop.words.add("say.L1", "Hello! " * 20 if texts.language() == "en" else "天凉了，来坐坐。" * 12)
    shop.words.add("say.L1", "天凉了。", "名" * 20)
    shop.words.remove(2)
    faults = []
    window.navigate("settings", place="words")
    window.apply_layout()
    settings: Any = window.current_page()
    place = settings.places["words"]

    def look(state: str) -> None:
        settle()
        settle()  # lines side by side or below each other: that takes one turn more
        least = settings.minimumSizeHint()
        if least.width() > settings.width() or least.height() > settings.height():
            faults.append(f"{state}: needs {least.width()} x {least.height()}, has {settings.size()}")
        faults.extend(f"{state}: {fault}" for fault in cut_texts(settings))

    for entry in ("say.L1", "say.M1", "strategy.lost"):
        place.open_entry(entry)
        look(entry)
    faults += [f"no Tab to {name}" for name in unreached(window)]
    place.open_entry("say.L1")
    place.wordings.gone.click()
    place.wordings.lines[0].buttons["edit"].click()
    place.wordings.words.setPlainText("〔天气〕〔生日〕" * 12)
    place.wordings.try_out()
    place.wordings.save.click()
    look("nonsense")
    window.navigate("today", type="potential")
    window.apply_layout()
    page: Any = window.current_page()
    page.strategy.clicked.emit()
    page.detail.message.setPlainText("〔尺码〕")
    look("strategy")
    faults.extend(f"strategy: {fault}" for fault in cut_texts(window))
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(("size", "level", "language"), EVERY)
def test_nothing_is_cut_in_the_print_preview(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    faults = []
    for printers in ([], ["HP"]):
        monkeypatch.setattr(print_preview.QPrinterInfo, "availablePrinterNames", lambda names=printers: names)
        for page in ("today", "members"):
            window.navigate(page)
            window.apply_layout()
            window.current_page()._on_print()
            settle()
            dialog = open_dialog(window)
            assert isinstance(dialog, print_preview.PrintPreview)
            dialog._show_problem(True)
            settle()
            faults += [f"{page}: {fault}" for fault in cut_texts(window)]
            if dialog.sheet.viewport().height() < 120:
                faults.append(f"{page}: the page has only {dialog.sheet.viewport().height()}")
            if dialog.card.height() > window.height():
                faults.append(f"{page}: higher than the window")
            dialog.reject()
    members: Any = window.current_page()
    members.list._ticked = set(members.model.ids)
    members.list._tell_ticks()
    settle()
    faults += [f"ticked: {fault}" for fault in cut_texts(window)]
    assert not faults, "\n".join(faults)


def messy_file(folder: Path) -> Path:
    """A member list with something of every kind to fix and to ask, for the shop of `window`."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["姓名", "手机号", "上衣尺码", "生日", "备注", "心情", "一列有很长很长的标题的说明"])
    sheet.append(["欧阳若云", "13800000001", "XXL", "03/04/1991", "怕扎", "好", ""])
    sheet.append(["王红", "13800004471", "S", "4月6日", "", "", ""])
    sheet.append(["王红", "1380000447", "S", "", "", "", ""])
    sheet.append(["王小红", "+86 138 0000 4471", "M", "", "", "", ""])
    sheet.append(["王红", "13800004479", "", "1990-13-45", "", "", ""])
    sheet.append(["", "", "M", "", "没有名字", "", ""])
    sheet.append(["合计", "", "6", "", "", "", ""])
    path = folder / "会员名单_老收银软件导出_2026年10月.xlsx"
    book.save(path)
    return path


def cut_texts(window: QWidget) -> list[str]:
    """What is shown but does not fit its box."""
    found = []
    for label in window.findChildren(QLabel):
        if not label.isVisible() or isinstance(label, ElidedLabel) or not label.text():
            continue
        if label.wordWrap():
            if label.heightForWidth(label.width()) > label.height() + 1:
                found.append(f"{label.text()!r} needs more than {label.height()} lines of pixels")
        elif label.sizeHint().width() > label.width() + 1:
            found.append(f"{label.text()!r} needs {label.sizeHint().width()}, has {label.width()}")
    for button in window.findChildren(QPushButton):
        if not button.isVisible() or not button.text():
            continue
        words = button.fontMetrics().horizontalAdvance(button.text())
        icon = 0 if button.icon().isNull() else button.iconSize().width()
        if type(button).paintEvent is not QPushButton.paintEvent:  # says itself what it needs
            words, icon = button.minimumSizeHint().width(), 0
        if words + icon > button.width():
            found.append(f"button {button.text()!r} needs {words + icon}, has {button.width()}")
    for stepper in window.findChildren(Stepper):
        field = stepper.focusProxy()
        assert isinstance(field, QLineEdit)
        words = field.fontMetrics().horizontalAdvance(field.text())
        if field.isVisible() and words + 4 > field.width():  # two pixels are left free at either end
            found.append(f"stepper {field.text()!r} needs {words + 4}, has {field.width()}")
    return found


def unreached(window: MainWindow) -> list[str]:
    """What Tab does not come to; of several to choose one from, the arrows go to the others."""
    wanted = {
        widget
        for widget in window.findChildren(QWidget)
        if widget.isVisible() and widget.isEnabled() and widget.focusProxy() is None
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    }  # fmt: skip
    met: set[QWidget] = set()
    for _ in range(2 * len(wanted) + 10):
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        at = QApplication.focusWidget()
        if at is not None:
            met.add(at)
    groups = {widget.parentWidget() for widget in met if one_of_several(widget)}
    missed = {w for w in wanted - met if not (one_of_several(w) and w.parentWidget() in groups)}
    return sorted(f"{type(widget).__name__} {widget.accessibleName()}" for widget in missed)


def one_of_several(widget: QWidget) -> bool:
    if not isinstance(widget, QAbstractButton):
        return False
    group = widget.group()
    return widget.autoExclusive() or (group is not None and group.exclusive())
