"""Leaving members out of a rule: the draw, what it does to the list, and what stays of it."""

from datetime import date, timedelta
from json import dumps
from random import Random
from typing import Any

import pytest

from shopcrm.basics.errors import InputError
from shopcrm.basics.texts import t
from shopcrm.rules.followups import HOLDABLE
from shopcrm.rules.holdout import is_held, lot, quarter_of
from shopcrm.shop import Shop
from tests.conftest import DAY, Clock
from tests.core.rows import everything

LOTS = [0.061535, 0.654716, 0.259451]
MEMBERS = range(1, 8_001)


def test_a_quarter_is_that_of_the_calendar() -> None:
    days = ("2026-01-01", "2026-03-31", "2026-04-01", "2026-09-30", "2026-10-01", "2026-12-31")
    assert [quarter_of(date.fromisoformat(day).toordinal()) for day in days] == [
        "2026Q1", "2026Q1", "2026Q2", "2026Q3", "2026Q4", "2026Q4",
    ]  # fmt: skip


def test_a_lot_never_changes() -> None:
    """Stored draws and today's must agree, whatever version of the program made them."""
    assert [round(lot("salt", member, "D3", "2026Q4"), 6) for member in (1, 2, 3)] == LOTS


def test_the_share_is_met_and_a_smaller_one_lies_within() -> None:
    tenth = {member for member in MEMBERS if is_held("salt", member, "D3", "2026Q4", 0.1)}
    half = {member for member in MEMBERS if is_held("salt", member, "D3", "2026Q4", 0.5)}
    assert abs(len(tenth) / len(MEMBERS) - 0.1) < 0.02
    assert abs(len(half) / len(MEMBERS) - 0.5) < 0.02
    assert tenth < half


def test_rules_quarters_and_shops_draw_apart() -> None:
    """Who is left out of one rule is as likely left out of another as anybody."""
    here = {member for member in MEMBERS if is_held("salt", member, "D3", "2026Q4", 0.5)}
    for salt, rule, quarter in (
        ("salt", "D4", "2026Q4"),
        ("salt", "D3", "2027Q1"),
        ("other", "D3", "2026Q4"),
    ):
        there = {member for member in MEMBERS if is_held(salt, member, rule, quarter, 0.5)}
        assert abs(len(here & there) / len(MEMBERS) - 0.25) < 0.02


# ---------------------------------------------------------------- in a shop


@pytest.fixture
def big(shop: Shop) -> Shop:
    """A shop of 200 members for whom nothing is to be done."""
    with shop.store.write("test", None, shop.clock()) as tx:
        tx.insert_many("member", ("name", "joined"), [(f"会员{n}", "2024-01-01") for n in range(200)])
        shop.refresh(tx, None)
    shop.start_day()
    return shop


def drawn(shop: Shop) -> dict[int, bool]:
    return {row[0]: bool(row[1]) for row in shop.store.read().all("SELECT member_id, held FROM draw")}


def welcomed(shop: Shop) -> set[int]:
    return {row[0] for row in shop.store.read().all("SELECT member_id FROM task WHERE rule='P2'")}


def newcomers(a_member: Any, count: int = 40) -> set[int]:
    return {int(a_member(joined=DAY)) for _ in range(count)}


def test_a_small_shop_and_care_leave_nobody_out(shop: Shop, a_member: Any) -> None:
    a_member()
    with pytest.raises(InputError) as few:
        shop.comparing.leave_out("P2", 0.2)
    assert few.value.code == "holdout_few"
    with pytest.raises(InputError) as care:
        shop.comparing.leave_out("L1", 0.2)
    assert care.value.code == "holdout_rule"
    assert {"C1", "S1", "L1", "L2", "M1", "R1", "W1"}.isdisjoint(HOLDABLE)
    with pytest.raises(InputError):
        shop.settings.set("holdout", {"P2": 0.6})


def test_who_is_left_out_is_a_change_of_settings_the_owner_can_look_up(big: Shop) -> None:
    big.comparing.leave_out("P2", 0.2)
    (line,) = big.view().audit(1).lines
    assert (line.kind, line.what["keys"]) == ("setting.set", ["holdout", "holdout.salt"])


def test_whoever_is_left_out_has_no_to_do_and_everybody_a_lot(big: Shop, a_member: Any) -> None:
    big.comparing.leave_out("P2", 0.5)
    new = newcomers(a_member)
    lots = drawn(big)
    held = {member for member, is_out in lots.items() if is_out}
    assert set(lots) == new
    assert welcomed(big) == new - held
    assert 10 < len(held) < 30


def test_the_same_day_twice_and_the_next_one_draw_nobody_again(
    big: Shop, a_member: Any, clock: Clock
) -> None:
    big.comparing.leave_out("P2", 0.5)
    newcomers(a_member)
    before, lots = everything(big), drawn(big)
    big.start_day()
    assert everything(big) == before
    for ahead in (1, 20, 50):
        clock.set(DAY + timedelta(days=ahead))
        big.start_day()
    assert drawn(big) == lots
    assert welcomed(big) == {member for member, is_out in lots.items() if not is_out}


def test_switched_off_it_stays_as_history(big: Shop, a_member: Any) -> None:
    said = big.comparing.leave_out("P2", 0.5).sentence
    assert t(said.id, **said.values) == "新会员欢迎：从现在起留下 50% 不联系，作对照"
    new, salt = newcomers(a_member), big.settings.get("holdout.salt")
    lots = drawn(big)
    big.comparing.leave_out("P2", 0)
    assert welcomed(big) == new
    assert drawn(big) == lots
    big.comparing.leave_out("P2", 0.2)
    assert welcomed(big) == new
    assert (drawn(big), big.settings.get("holdout.salt")) == (lots, salt)
    assert [row.rule for row in big.view().holdout().rows if row.is_mixed] == ["P2"]


def test_who_has_the_to_do_is_not_drawn(big: Shop, a_member: Any) -> None:
    before = newcomers(a_member, 20)
    big.comparing.leave_out("P2", 0.5)
    assert drawn(big) == {}
    assert welcomed(big) == before


def test_undo_takes_shares_lots_and_members_back(big: Shop, a_member: Any) -> None:
    before = everything(big)
    big.comparing.leave_out("P2", 0.5)
    with_share = everything(big)
    newcomers(a_member, 6)
    for _ in range(6):
        big.undo()
    assert everything(big) == with_share
    big.undo()
    assert everything(big) == before
    for _ in range(7):
        big.redo()
    assert len(drawn(big)) == 6


def test_a_lot_drawn_later_goes_with_its_member(big: Shop, a_member: Any, clock: Clock) -> None:
    big.comparing.leave_out("D5", 0.5)
    before = everything(big)["member"]
    new = {int(a_member(joined=date(2024, 1, 1))) for _ in range(4)}
    clock.set(date(2027, 2, 26))  # the spring season is near
    big.start_day()
    assert set(drawn(big)) == new
    for _ in new:
        assert big.undo().value == ()
    assert drawn(big) == {}
    assert everything(big)["member"] == before


def test_a_merge_takes_no_lot_along_and_comes_apart_again(big: Shop, a_member: Any) -> None:
    big.comparing.leave_out("P2", 0.5)
    keep, gone = sorted(newcomers(a_member, 2))
    before, lots = everything(big), drawn(big)
    big.merging.merge(keep, gone, {})
    assert drawn(big) == lots
    assert sum(row.running for row in big.view().holdout().rows) == 1
    big.merging.separate(gone)
    after = everything(big)
    assert after["draw"] == before["draw"]
    assert after["task"] == before["task"]


def test_both_groups_are_compared_once_their_days_are_over(
    big: Shop, a_member: Any, a_sale: Any, clock: Clock
) -> None:
    big.comparing.leave_out("P2", 0.5)
    new = newcomers(a_member)
    held = {member for member, is_out in drawn(big).items() if is_out}
    listed = sorted(new - held)
    row = next(row for row in big.view().holdout().rows if row.rule == "P2")
    assert (row.running, row.gap.first.of, row.gap.second.of, row.share) == (40, 0, 0, 0.5)
    clock.set(DAY + timedelta(days=32))
    for member in listed[:5]:
        a_sale(member, DAY + timedelta(days=5))
    a_sale(min(held), DAY + timedelta(days=6))
    a_sale(max(held), DAY)  # before her to-do would have begun
    big.start_day()
    row = next(row for row in big.view().holdout().rows if row.rule == "P2")
    assert row.running == 0
    assert (row.gap.first.hits, row.gap.first.of) == (5, len(listed))
    assert (row.gap.second.hits, row.gap.second.of) == (1, len(held))
    assert row.gap.says == "open"
    assert row.contacted == 0
    assert set(big.view().drawn("P2", held=True)) == held


def test_day_by_day_the_list_is_what_the_rules_say_of_everybody(clock: Clock) -> None:
    """Through the start of a season with every rule leaving some out: who needs no look needs none, nobody
    left out gets the to-do, and each is drawn once."""
    clock.set(date(2027, 2, 15))
    with Shop.open(":memory:", clock=clock) as shop:
        chance = Random(11)
        with shop.store.write("test", None, shop.clock()) as tx:
            for number in range(1, 221):
                member = tx.insert("member", name=f"客{number}", joined="2025-06-01")
                key = f"1380000{number:04}"
                tx.insert("phone", member_id=member, seq=1, typed=key, key=key)
                for _ in range(chance.choice((0, 0, 1, 2, 4, 7))):
                    day = (clock.now.date() - timedelta(days=chance.randrange(1, 500))).isoformat()
                    sale = tx.insert("sale", member_id=member, day=day)
                    tx.insert("line", sale_id=sale, item="衬衫", amount_fen=chance.choice((9_900, 59_900)))
                if chance.random() < 0.1:
                    tx.insert("visit", member_id=member, day="2027-02-13", kind="tried")
            tx.insert("setting", key="holdout", value=dumps(dict.fromkeys(HOLDABLE, 0.4)), at="")
            tx.insert("setting", key="holdout.salt", value='"salt"', at="")
            shop.refresh(tx, None)
        for day in ("02-16", "02-22", "02-23", "03-01", "03-02", "03-12", "03-20", "04-02"):
            clock.set(date.fromisoformat(f"2027-{day}"))
            shop.start_day()
            before = everything(shop)
            with shop.store.write("test", None, shop.clock()) as tx:
                shop.followups.refresh(tx, None, shop.day)
            after = everything(shop)
            assert (after["task"], after["draw"]) == (before["task"], before["draw"]), day
        held = set(shop.store.read().all("SELECT member_id, rule, quarter FROM draw WHERE held"))
        made = shop.store.read().all("SELECT member_id, rule, anchor FROM task")
        had = {(member, rule, quarter_of(date.fromisoformat(day).toordinal())) for member, rule, day in made}
        assert len(held) > 60
        assert held.isdisjoint(had)
