"""What only the owner may change, whoever asks and from wherever."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import shopcrm.shop as shop_room
from shopcrm.basics import rights
from shopcrm.basics.errors import Refusal, RightsError
from shopcrm.basics.records import EventDraft, EventId, StaffId, StaffRow
from shopcrm.basics.texts import has, t
from shopcrm.shop import Shop, arrivals, encryption
from shopcrm.shop.followups import HOMECOMING
from shopcrm.store.merging import MERGE, SEPARATE
from tests.conftest import Clock

OWNERS: dict[str, Callable[[Shop, Any], object]] = {
    "a rule": lambda shop, event: shop.settings.set("contact_spacing", 9),
    "an event": lambda shop, event: shop.events.add(
        EventDraft("event", "周年", (shop.day + timedelta(days=9)).isoformat())
    ),
    "an event's day": lambda shop, event: shop.events.change(
        event, EventDraft("event", "会员日", (shop.day + timedelta(days=8)).isoformat())
    ),
    "an event gone": lambda shop, event: shop.events.remove(event),
    "words": lambda shop, event: shop.words.add("say.L3", "〔称呼〕，新款到了。"),
    "words off": lambda shop, event: shop.words.switch("say.L3.1", False),
    "how a type is treated": lambda shop, event: shop.words.set_strategy(
        "loyal", shop.view().strategy("loyal")._replace(goal="常联系")
    ),
}


@pytest.fixture
def event(shop: Shop) -> EventId:
    draft = EventDraft("event", "会员日", (shop.day + timedelta(days=10)).isoformat())
    return shop.events.add(draft).value


@pytest.mark.parametrize("what", OWNERS)
def test_an_assistant_is_refused_and_nothing_changes(what: str, shop: Shop, event: EventId) -> None:
    owner = shop.settings.add_staff("林姐", "owner").value
    shop.actor = shop.settings.add_staff("小雯", "assistant").value
    before = shop.store.read().value("SELECT max(id) FROM journal_entry")
    with pytest.raises(RightsError) as caught:
        OWNERS[what](shop, event)
    assert caught.value.right == "rules"
    assert shop.store.read().value("SELECT max(id) FROM journal_entry") == before
    shop.actor = owner
    OWNERS[what](shop, event)


def kinds_in_source() -> set[str]:
    """Every kind a use case opens a step with."""
    source = "".join(file.read_text("utf-8") for file in Path(shop_room.__file__).parent.glob("*.py"))
    named = set(re.findall(r'\.write\(\s*"([a-z._]+)"', source))
    named |= set(re.findall(r'_set\(\w+, "([a-z.]+)"', source))
    return named | {MERGE, SEPARATE, HOMECOMING, "member.add"}


def test_every_kind_of_step_says_what_it_asks_for() -> None:
    assert kinds_in_source() | {"restore", *encryption.KINDS} == set(rights.KINDS)
    assert set(rights.KINDS.values()) - {rights.FREE} <= rights.RIGHTS
    for right in rights.RIGHTS:
        assert has("right." + right), right


def test_who_may_what() -> None:
    boss = StaffRow(StaffId(1), "林姐", "owner", True)
    helper = StaffRow(StaffId(2), "小雯", "assistant", True, rights=("reveal", "import"))
    counter = StaffRow(StaffId(3), "小悦", "entry", True, rights=("reveal", "import"))
    gone = StaffRow(StaffId(4), "阿珍", "owner", False, has_pin=True)
    people = (boss, helper, counter, gone)
    assert rights.rights_of(boss.id, people) == rights.RIGHTS
    assert rights.rights_of(helper.id, people) == {"counter", "today", "members", "reveal", "import"}
    assert rights.rights_of(counter.id, people) == {"counter"}
    assert rights.rights_of(None, people) == rights.RIGHTS  # nobody has a PIN who still works here
    closed = (boss._replace(has_pin=True), helper, counter, gone)
    assert rights.rights_of(None, closed) == frozenset()
    assert rights.rights_of(gone.id, closed) == frozenset()
    assert rights.rights_of(helper.id, closed) == rights.rights_of(helper.id, people)
    assert rights.rights_of(helper.id, (helper, counter, gone)) == rights.RIGHTS  # no owner: nobody is locked


def test_a_step_of_somebody_else_is_not_taken_back_without_the_right(shop: Shop) -> None:
    owner = shop.settings.add_staff("林姐", "owner").value
    helper = shop.settings.add_staff("小雯", "assistant").value
    shop.actor = owner
    shop.settings.set("contact_spacing", 9)
    shop.actor = helper
    with pytest.raises(RightsError):
        shop.undo()
    shop.actor = owner
    shop.undo()
    assert shop.settings.get("contact_spacing") == 7
    shop.actor = helper
    with pytest.raises(RightsError):
        shop.redo()
    shop.actor = owner
    shop.redo()
    assert shop.settings.get("contact_spacing") == 9


def test_the_shop_leaves_as_a_copy_only_by_the_owner_and_with_a_line(tmp_path: Path, clock: Clock) -> None:
    shop = Shop.open(tmp_path / "shop.db", clock=clock)
    owner = shop.settings.add_staff("林姐", "owner").value
    shop.actor = shop.settings.add_staff("小雯", "assistant", rights.GRANTABLE).value
    stick = tmp_path / "stick"
    stick.mkdir()
    ways: tuple[Callable[[], object], ...] = (
        lambda: shop.backups.carry(stick, "gutes Passwort 7"), lambda: shop.backups.now("by_hand", stick),
        lambda: shop.backups.now("by_hand"), lambda: shop.backups.choose_folder(stick),
        lambda: shop.backups.choose_second(stick),
    )  # fmt: skip
    for way in ways:
        with pytest.raises(RightsError):
            way()
    assert not list(stick.iterdir())
    shop.backups.now("day")  # what the program does by itself goes on
    shop.actor = owner
    for way in ways[:2]:
        way()
        line = shop.view().audit(1).lines[0]
        assert (line.staff, line.kind, line.what["what"]) == ("林姐", "export", t("bk.taken"))
    shop.close()


def test_what_an_import_would_do_is_not_told_to_who_may_not_import(shop: Shop, tmp_path: Path) -> None:
    """A sheet of guessed numbers would be answered by whose they are."""
    shop.settings.add_staff("林姐", "owner")
    shop.actor = shop.settings.add_staff("小雯", "assistant", ("export", "print")).value
    sheet = tmp_path / "guesses.csv"
    sheet.write_text("姓名,手机号\n某,13800000001\n", encoding="utf-8-sig")
    for way in (
        lambda: arrivals.preview(shop, sheet), lambda: shop.imports.preview(sheet),
        lambda: shop.imports.preview_text("姓名\t手机号\n某\t13800000001\n"),
        lambda: shop.homecoming.preview(sheet),
    ):  # fmt: skip
        with pytest.raises(RightsError) as caught:
            way()
        assert caught.value.right == "import"


def test_people_with_rights_do_not_come_in_by_an_import(shop: Shop, tmp_path: Path) -> None:
    book = tmp_path / "whole.xlsx"
    shop.exports.whole(book)
    shop.settings.add_staff("林姐", "owner")
    shop.actor = shop.settings.add_staff("小雯", "assistant", ("import",)).value
    plan = shop.moving.plan(shop.imports.read(book), book.name)
    with pytest.raises(RightsError) as caught:
        shop.moving.apply(plan)
    assert caught.value.right == "staff"


def test_the_last_owner_stays(shop: Shop) -> None:
    owner = shop.settings.add_staff("林姐", "owner").value
    helper = shop.settings.add_staff("小雯", "assistant").value
    shop.actor = owner
    with pytest.raises(Refusal, match="林姐"):
        shop.settings.set_staff_active(owner, active=False)
    second = shop.settings.add_staff("阿姐", "owner").value
    shop.settings.set_staff_active(owner, active=False)
    shop.actor = helper
    assert not shop.may("staff")
    assert [one.id for one in shop.settings.staff() if one.active and one.role == "owner"] == [second]


def test_the_list_of_types_is_masked_like_an_export(shop: Shop, a_member: Callable[..., int]) -> None:
    a_member("刘敏")
    owner = shop.settings.add_staff("林姐", "owner").value
    shop.actor = shop.settings.add_staff("小雯", "assistant", ("export",)).value
    for day in (shop.day, shop.day + timedelta(days=3)):
        assert [row[3] for row in shop.types.table(day)] == ["138 **** 0001"]
    shop.actor = owner
    assert [row[3] for row in shop.types.table(shop.day)] == ["13800000001"]


def test_no_step_back_leaves_a_shop_without_an_owner(shop: Shop) -> None:
    first = shop.settings.add_staff("林姐", "owner").value
    helper = shop.settings.add_staff("小雯", "assistant").value
    shop.actor = first
    made = shop.settings.add_staff("阿姐", "owner")
    shop.pins.set(first, "7391")
    shop.settings.change_staff(first, "assistant")
    shop.actor = made.value
    with pytest.raises(Refusal, match="阿姐"):
        shop.undo(made.entry)
    assert [one.id for one in shop.settings.owners(shop.store.read())] == [made.value]
    shop.actor = helper
    assert not shop.may("take")
