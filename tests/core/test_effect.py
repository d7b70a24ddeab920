"""What followed on contacts, in small shops whose figures can be counted by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from shopcrm.basics.records import (
    EffectAsk,
    EffectRow,
    LineDraft,
    MemberId,
    OutcomeDraft,
    SaleDraft,
)
from shopcrm.rules.customer_types import yardstick
from shopcrm.rules.followups import GAIN, ShopFacts, priority
from shopcrm.shop import Shop, effect
from shopcrm.store import facts, tasks
from tests.conftest import DAY, Clock
from tests.core.rows import everything

FIRST = DAY - timedelta(days=89)


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


@pytest.fixture
def contact(shop: Shop) -> Callable[..., int]:
    """`contact(member, days ago, outcome, rule=, type=, **columns)`: one contact about a to-do of its own or
    about `task`; the to-do's id."""
    made = iter(range(1, 1000))

    def add(
        member: MemberId, days: int, outcome: str = "reached", *, rule: str = "D4", type: str = "drifting",
        task: int | None = None, **columns: Any,
    ) -> int:  # fmt: skip
        day = ago(days).isoformat()
        with shop.store.write("test", None, shop.clock()) as tx:
            if task is None:
                task = tx.insert(
                    "task", member_id=member, rule=rule, anchor=day, step=next(made), type=type, due=day,
                    expires=day, channel="call", why="{}", state="done", closed_on=day,
                )  # fmt: skip
            tx.insert("contact", member_id=member, task_id=task, day=day, outcome=outcome, **columns)
        return task

    return add


def total(shop: Shop, days: int = 90) -> EffectRow:
    return shop.view().effect(days).total


def counts(row: EffectRow) -> tuple[int, ...]:
    return row.contacts, row.reached, row.will_come, row.came, row.bought, row.fen


def ask(shop: Shop, **of: Any) -> tuple[int, ...]:
    return shop.view().effect_members(EffectAsk(FIRST, DAY, **of))


def test_from_contact_to_purchase(shop: Shop, a_member: Any, a_sale: Any, a_visit: Any, contact: Any) -> None:
    buyer, visitor, promised, silent, wrong = (a_member() for _ in range(5))
    contact(buyer, 60, "reached")
    a_sale(buyer, ago(40), 300)
    contact(visitor, 60, "will_come")
    a_visit(visitor, ago(50))
    contact(promised, 60, "will_come")
    contact(silent, 60, "no_answer")
    contact(wrong, 60, "wrong_number")
    contact(wrong, 59, "later")
    row = total(shop)
    assert counts(row) == (4, 3, 2, 2, 1, 30_000)
    assert (row.over.hits, row.over.of) == (1, 4)
    assert ask(shop) == (buyer, visitor, promised, silent)
    assert ask(shop, step="reached") == (buyer, visitor, promised)
    assert ask(shop, step="will_come") == (visitor, promised)
    assert ask(shop, step="came") == (buyer, visitor)
    assert ask(shop, step="bought") == (buyer,)


def test_the_days_after_a_contact_end(shop: Shop, a_member: Any, a_sale: Any, contact: Any) -> None:
    last, late = a_member(), a_member()
    contact(last, 60)
    a_sale(last, ago(30), 100)
    contact(late, 60)
    a_sale(late, ago(29), 100)
    assert ask(shop, step="bought") == (last,)
    shop.settings.set("effect_days", 14)
    assert ask(shop, step="bought") == ()
    shop.settings.set("effect_days", 31)
    assert ask(shop, step="bought") == (last, late)


def test_a_purchase_counts_for_the_last_contact_before_it_only(
    shop: Shop, a_member: Any, a_sale: Any, contact: Any
) -> None:
    her = a_member()
    contact(her, 60, rule="P3")
    contact(her, 50, rule="D4")
    contact(her, 45, rule="X2")
    a_sale(her, ago(48), 200)
    a_sale(her, ago(40), 300)
    a_sale(her, ago(39), 400)
    by_rule = {row.key: counts(row)[3:] for row in shop.view().effect(90).rules}
    assert by_rule == {"P3": (0, 0, 0), "D4": (1, 1, 20_000), "X2": (1, 1, 70_000)}
    assert total(shop).fen == 90_000


def test_contacts_of_one_to_do_are_one(shop: Shop, a_member: Any, a_sale: Any, contact: Any) -> None:
    her = a_member()
    task = contact(her, 60, "no_answer")
    contact(her, 58, "no_answer", task=task)
    contact(her, 55, "will_come", task=task)
    a_sale(her, ago(54), 100)
    assert counts(total(shop)) == (1, 1, 1, 1, 1, 10_000)


def test_what_she_bought_earlier_that_day_is_no_answer_to_a_contact(
    shop: Shop, a_member: Any, contact: Any
) -> None:
    before, after, unknown = a_member(), a_member(), a_member()
    for her, at in ((before, "10:00"), (after, "16:00"), (unknown, "")):
        contact(her, 50, at="15:00")
        shop.counter.sell(SaleDraft(her, ago(50), (LineDraft(10_000),), at=at))
    assert ask(shop, step="bought") == (after, unknown)


def test_a_purchase_before_the_second_contact_of_a_day_is_left_to_the_first(
    shop: Shop, a_member: Any, contact: Any
) -> None:
    her = a_member()
    contact(her, 53, rule="P3", at="11:00")
    contact(her, 50, rule="D4", at="15:00")
    shop.counter.sell(SaleDraft(her, ago(50), (LineDraft(10_000),), at="10:00"))
    assert {row.key: row.bought for row in shop.view().effect(90).rules} == {"P3": 1, "D4": 0}


def test_only_contacts_whose_days_are_over_are_compared(
    shop: Shop, a_member: Any, a_sale: Any, contact: Any
) -> None:
    over, runs, still = a_member(), a_member(), a_member()
    contact(over, 31)
    contact(runs, 30)
    contact(still, 3)
    a_sale(still, ago(1), 100)
    row = total(shop)
    assert (row.contacts, row.bought) == (3, 1)
    assert (row.over.hits, row.over.of) == (0, 1)


def test_void_receipts_and_returned_goods_are_no_purchase(
    shop: Shop, a_member: Any, a_sale: Any, a_visit: Any, contact: Any
) -> None:
    void, back, visit = a_member(), a_member(), a_member()
    contact(void, 50)
    shop.counter.void_sale(a_sale(void, ago(45), 100), "错")
    contact(back, 50)
    a_sale(back, ago(45), 100)
    a_sale(back, ago(44), -100)
    contact(visit, 50)
    shop.counter.void_visit(a_visit(visit, ago(45)))
    assert counts(total(shop))[3:] == (0, 0, 0)


def test_types_assistants_and_wordings(shop: Shop, a_member: Any, a_sale: Any, contact: Any) -> None:
    anna = shop.settings.add_staff("小林", "assistant").value
    her, other = a_member(), a_member()
    contact(her, 60, type="lost", template="say.P1.1.2", staff_id=anna)
    a_sale(her, ago(50), 100)
    contact(other, 60, type="loyal", template="say.L1.1")
    found = shop.view().effect(90)
    assert [(row.key, row.contacts, row.bought) for row in found.types] == [
        ("loyal", 1, 0), ("potential", 0, 0), ("drifting", 0, 0), ("lost", 1, 1),
    ]  # fmt: skip
    assert {row.name: row.bought for row in found.wordings} == {
        "试过没买 · 第 2 种说法": 1, "买后关怀 · 第 1 种说法": 0,
    }  # fmt: skip
    assert {row.name: row.bought for row in found.staff} == {"小林": 1, "": 0}
    assert ask(shop, part="staff", key=str(anna)) == (her,)
    assert ask(shop, part="staff", key="") == (other,)
    assert ask(shop, part="type", key="lost", step="bought") == (her,)
    assert ask(shop, part="wording", key="say.L1.1") == (other,)


def test_a_wording_of_the_shops_own_has_its_name_also_when_it_is_gone(
    shop: Shop, a_member: Any, contact: Any
) -> None:
    own = shop.words.add("say.P1.1", "{call}，衣服还给您留着。", "留着").value
    contact(a_member(), 60, template=f"own:{own}")
    contact(a_member(), 60, template="say.P1.1.1")
    contact(a_member(), 60, template="say.Z9.1")
    shop.words.remove(own)
    view = shop.view()
    found = view.effect(90)
    assert {row.name for row in found.wordings} == {
        "试过没买 · 留着", "试过没买 · 第 1 种说法", "已经不用的说法",
    }  # fmt: skip
    (only,) = view.wordings_compared(found)
    assert (only.first.key, only.second.key) == (f"own:{own}", "say.P1.1.1")


def test_nobody_is_ranked_by_less_than_twenty_contacts(
    shop: Shop, a_member: Any, a_sale: Any, contact: Any
) -> None:
    for number in range(20):
        her = a_member()
        contact(her, 60, rule="D1")
        if number < 10:
            a_sale(her, ago(50), 100)
        contact(a_member(), 60, rule="D2")
    for _ in range(19):
        her = a_member()
        contact(her, 60, rule="D3")
        a_sale(her, ago(50), 100)
    contact(a_member(), 60, rule="D4")
    found = shop.view().effect(90).rules
    assert [row.key for row in found] == ["D1", "D2", "D3", "D4"]
    assert [row.over.is_enough for row in found] == [True, True, False, False]
    assert found[0].over.share == 0.5


def test_two_wordings_of_an_occasion_are_compared(
    shop: Shop, a_member: Any, a_sale: Any, contact: Any
) -> None:
    for number in range(60):
        her = a_member()
        contact(her, 60, template="say.P1.1.1" if number % 2 else "say.P1.1.2")
        if number % 2 and number < 50:
            a_sale(her, ago(50), 100)
    contact(a_member(), 60, template="say.P1.1.3")
    contact(a_member(), 60, template="say.L1.1")
    view = shop.view()
    (only,) = view.wordings_compared(view.effect(90))
    assert (only.occasion, only.first.key, only.second.key) == ("试过没买", "say.P1.1.1", "say.P1.1.2")
    assert (only.gap.first.hits, only.gap.first.of, only.gap.says) == (25, 30, "more")


def test_merged_members_are_one_and_erased_ones_nobody(
    shop: Shop, a_member: Any, a_sale: Any, contact: Any
) -> None:
    keep, gone, erased = a_member("王丽"), a_member("王莉"), a_member()
    contact(gone, 60)
    a_sale(keep, ago(50), 100)
    contact(erased, 60)
    a_sale(erased, ago(50), 100)
    assert counts(total(shop))[:5] == (2, 2, 0, 1, 1)
    shop.merging.merge(keep, gone, {})
    shop.members.erase(erased)
    assert counts(total(shop))[:5] == (1, 1, 0, 1, 1)
    assert ask(shop, step="bought") == (keep,)


# ---------------------------------------------------------------- learning


def contacted_with_chance(
    shop: Shop, a_member: Any, a_sale: Any, contact: Any, count: int, bought: int
) -> None:
    """So many contacts of rule D4 sixty days ago, each with a chance of a tenth."""
    for number in range(count):
        her = a_member()
        contact(her, 60, chance=0.1)
        if number < bought:
            a_sale(her, ago(45), 100)


def kept_gains(shop: Shop) -> Any:
    return json.loads(shop.store.read().value("SELECT value FROM d_state WHERE key='followups'"))["gains"]


def test_a_rule_learns_from_what_followed(shop: Shop, a_member: Any, a_sale: Any, contact: Any) -> None:
    contacted_with_chance(shop, a_member, a_sale, contact, 29, 10)
    assert effect.gains(shop.store.read(), DAY) == {}
    contacted_with_chance(shop, a_member, a_sale, contact, 21, 10)
    learned = (50 * 0.4 + 100 * (20 - 50 * 0.1)) / 100
    assert effect.gains(shop.store.read(), DAY) == {"D4": round(learned, 2)}


def test_a_rule_that_seems_to_harm_keeps_a_small_place(
    shop: Shop, a_member: Any, a_sale: Any, contact: Any
) -> None:
    contacted_with_chance(shop, a_member, a_sale, contact, 40, 0)
    assert effect.gains(shop.store.read(), DAY) == {"D4": 0.05}


def test_what_was_learned_stands_for_a_month(
    shop: Shop, a_member: Any, a_sale: Any, contact: Any, clock: Clock
) -> None:
    """The list of a month is made by what was known when it began."""
    contacted_with_chance(shop, a_member, a_sale, contact, 40, 20)
    shop.start_day()
    assert kept_gains(shop) == {}, "the month began with the first member"
    clock.set(date(2026, 12, 1))
    shop.start_day()
    learned = {"D4": round((20 + 100 * 16) / 90, 2)}
    assert kept_gains(shop) == learned
    contacted_with_chance(shop, a_member, a_sale, contact, 40, 0)
    clock.set(date(2026, 12, 31))
    shop.start_day()
    assert kept_gains(shop) == learned
    clock.set(date(2027, 1, 1))
    shop.start_day()
    assert kept_gains(shop) == {"D4": round((20 + 100 * 12) / 130, 2)}
    assert effect.gains(shop.store.read(), date(2026, 10, 25)) == {}, "their 30 days were not over"


def test_what_was_learned_orders_the_list(shop: Shop, a_member: Any, a_sale: Any, contact: Any) -> None:
    her = a_member()
    for days in (300, 200, 140):
        a_sale(her, ago(days), 300)
    measure = yardstick(shop.types.limits(shop.store.read()))
    case = tasks.cases(shop.store.read(), [her], measure, DAY.toordinal())[0]
    shop_facts = ShopFacts(typical_gap=55, ticket_mid=30_000, power_ticket=48_000, loyal_purchases=3)
    usual = priority(case, shop_facts, "D4", "message", 1.0)
    more = priority(case, shop_facts._replace(gains={"D4": 2 * GAIN[case.type]}), "D4", "message", 1.0)
    assert more == pytest.approx(2 * usual, abs=0.02)


def test_a_contact_remembers_the_chance_she_had(shop: Shop, a_member: Any, a_sale: Any, a_visit: Any) -> None:
    her = a_member()
    a_sale(her, ago(100), 300)
    a_visit(her, ago(4))
    shop.start_day()
    (task,) = shop.view().day_list().open
    shop.followups.finish(task, OutcomeDraft("reached"))
    assert shop.store.read().all("SELECT chance FROM contact") == [(None,)], "the fit may not be shown yet"
    shop.undo()
    with shop.store.write("test", None, shop.clock()) as tx:
        facts.put_state(tx, chance=json.dumps([-1.0, 1.2, 300, DAY.isoformat()]))
    p90 = shop.types.verdict(shop.store.read(), her).p90
    before = everything(shop)
    shop.followups.finish(task, OutcomeDraft("reached"))
    assert shop.store.read().value("SELECT chance FROM contact") == pytest.approx(1 - (1 - p90) ** (1 / 3))
    assert total(shop).contacts == 1
    shop.undo()
    assert everything(shop) == before
    assert total(shop).contacts == 0


# ---------------------------------------------------------------- why people stay away


def test_each_counts_once_a_reason_by_her_type_then(shop: Shop, a_member: Any, contact: Any) -> None:
    one, two = a_member(), a_member()
    contact(one, 100, "refused", type="lost", reason="price")
    contact(one, 50, "refused", type="drifting", reason="price")
    contact(one, 20, "refused", type="drifting", reason="online")
    contact(two, 20, "refused", type="lost", reason="price")
    contact(two, 10, "refused", type="lost", reason="none")
    view = shop.view()
    assert [(row.reason, row.members, dict(row.types)) for row in view.away(90)] == [
        ("price", 2, {"drifting": 1, "lost": 1}), ("online", 1, {"drifting": 1}),
    ]  # fmt: skip
    assert view.away_members(90, "price") == (two, one)
    assert view.away_members(90, "price", "lost") == (two,)
    assert view.away(15) == ()


# ---------------------------------------------------------------- against plain Python


def _plainly(
    contacts: list[tuple[int, int, int, str, str]], bought: dict[int, dict[int, list[str]]],
    visits: dict[int, set[int]], days: int,
) -> tuple[int, ...]:  # fmt: skip
    """Contacts (member, to-do, days ago, time, outcome) one after the other, each event given to the last
    contact before it: contacts, reached, will come, came, bought, over, over and bought."""
    units: dict[int, tuple[int, int, str, int, set[str]]] = {}
    for number, (member, task, on, at, outcome) in enumerate(contacts):
        said = units[task][4] if task in units else set()
        if outcome in ("reached", "no_answer", "will_come", "refused"):
            units[task] = member, on, at, number, said | {outcome}
    rows = []
    for member, on, at, number, said in units.values():
        times = bought.get(member, {}).get(on, [])
        late = bool(at and times) and all(time and time < at for time in times)
        rows.append([member, on - late, on, number, said, False, False])  # since, in days ago
    rows.sort(key=lambda row: (-row[1], -row[2], row[3]))
    for member in {row[0] for row in rows}:
        hers = [row for row in rows if row[0] == member]
        for is_purchase, events in ((True, bought.get(member, {})), (False, visits.get(member, set()))):
            for event in events:
                before = [row for row in hers if row[1] >= event]
                if before and before[-1][2] - event <= days:
                    before[-1][5] = True
                    before[-1][6] = before[-1][6] or is_purchase
    over = [row for row in rows if row[2] > days]
    return (
        len(rows), sum(bool(row[4] & {"reached", "will_come", "refused"}) for row in rows),
        sum("will_come" in row[4] for row in rows), sum(row[5] for row in rows), sum(row[6] for row in rows),
        len(over), sum(row[6] for row in over),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens_each_event_counts_once(shop: Shop, a_member: Any, seed: int) -> None:
    chance = Random(seed)
    members = [a_member() for _ in range(6)]
    contacts: list[tuple[int, int, int, str, str]] = []
    bought: dict[int, dict[int, list[str]]] = {}
    visits: dict[int, set[int]] = {}
    with shop.store.write("test", None, shop.clock()) as tx:
        tasks_of: dict[int, int] = {}
        for on in range(80, -1, -1):
            day = ago(on).isoformat()
            for member in members:
                if chance.random() < 0.06:
                    at = chance.choice(("", "09:30", "15:00"))
                    sale = tx.insert("sale", member_id=member, day=day, at=at)
                    tx.insert("line", sale_id=sale, amount_fen=10_000)
                    bought.setdefault(member, {}).setdefault(on, []).append(at)
                elif chance.random() < 0.04:
                    tx.insert("visit", member_id=member, day=day, kind="tried")
                    visits.setdefault(member, set()).add(on)
                if chance.random() < 0.08:
                    task = tasks_of.get(member) if chance.random() < 0.4 else None
                    if task is None:
                        task = tasks_of[member] = tx.insert(
                            "task", member_id=member, rule="D4", anchor=day, type="drifting", due=day,
                            expires=day, channel="call", why="{}", state="done", closed_on=day,
                        )  # fmt: skip
                    outcome = chance.choice(("reached", "no_answer", "will_come", "later", "wrong_number"))
                    at = chance.choice(("", "12:00"))
                    tx.insert("contact", member_id=member, task_id=task, day=day, at=at, outcome=outcome)
                    contacts.append((member, task, on, at, outcome))
        shop.refresh(tx, None)
    for days in (14, 30):
        shop.settings.set("effect_days", days)
        row = total(shop)
        assert (*counts(row)[:5], row.over.of, row.over.hits) == _plainly(contacts, bought, visits, days)
