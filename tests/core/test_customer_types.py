"""The four types: worked examples word by word, edge cases, and that they part all members (5, 6, 9, 11)."""

import math
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopcrm.basics import texts
from shopcrm.basics.records import TYPE_KEYS, TypeKey, Verdict
from shopcrm.rules import customer_types
from shopcrm.rules.calibration import DEFAULTS, Aggregates, Calibration, TypeSettings, calibrate, limits
from shopcrm.rules.customer_types import (
    CODES,
    TYPES,
    Chance,
    Comparison,
    CustomerType,
    Rule,
    Stored,
    classify,
    decide,
    fit_chance,
    reason_of,
    score,
    waits,
    whole,
    yardstick,
)
from shopcrm.rules.facts import Events, Facts, Receipt, ReceiptLine, facts_as_of

T = date(2026, 11, 21).toordinal()
SHOP = Calibration(
    day=date(2026, 10, 31).toordinal(), span=110, typical_gap=55, active12=100, loyal_purchases=5,
    loyal_spend=150_000, vip_spend=600_000, ticket_mid=32_000, power_ticket=48_000, gaps=500, buyers=200,
)  # fmt: skip
LIMITS = limits(SHOP)


def on(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def bought(*purchases: tuple[str | int, int], **events: Any) -> Events:
    """Purchases as (day or days ago, yuan)."""
    receipts = [
        Receipt(on(day) if isinstance(day, str) else T - day, [ReceiptLine(yuan * 100)])
        for day, yuan in purchases
    ]
    return Events(receipts=receipts, **events)


def verdict(
    events: Events, stored: Stored | None = None, config: TypeSettings = DEFAULTS, shop: Calibration = SHOP
) -> Verdict:
    in_force = limits(shop, config)
    return classify(facts_as_of(events, T, config, in_force.tau), in_force, stored)


def sentence(found: Verdict) -> str:
    return texts.t(found.reason.id, **found.reason.values)


# ---------------------------------------------------------------- section 11


EXAMPLES = {
    "王芳": (
        bought(("2025-12-20", 680), ("2026-03-05", 420), ("2026-05-14", 560), ("2026-07-20", 390),
               ("2026-09-15", 720), ("2026-11-08", 880)),
        "loyal", "LOYAL_FREQ",
        "近12个月购买6次（本店忠诚线5次）、消费¥3,650（线¥1,500），距上次13天，未超过189天。",
        "6 purchases in 12 months (loyal line 5), spent 3,650 (line 1,500), last 13 days ago (limit 189).",
    ),
    "李敏": (
        bought(("2026-01-16", 500), ("2026-04-02", 500), ("2026-07-19", 500), ("2026-10-12", 470),
               referrals=[on("2026-08-01")]),
        "loyal", "LOYAL_FREQ",
        "近12个月购买4次、介绍1位朋友（本店忠诚线5次）、消费¥1,970（线¥1,500），距上次40天，未超过243天。",
        "4 purchases + 1 referral in 12 months (loyal line 5), spent 1,970 (line 1,500), "
        "last 40 days ago (limit 243).",
    ),
    "赵岚": (
        bought(("2026-04-10", 2900), (60, 3900)),
        "loyal", "LOYAL_VIP",
        "近12个月购买2次、消费¥6,800，超过大客户线¥6,000，距上次60天。",
        "2 purchases and 6,800 in 12 months, above the big-customer line 6,000; last 60 days ago.",
    ),
    "陈静": (
        Events(joined=on("2026-08-30"), visits=[on("2026-11-18")]),
        "potential", "POT_VISIT_NOBUY",
        "还没有买过，但近60天到店/咨询1次。",
        "Never bought, but visited or asked 1 time in the last 60 days.",
    ),
    "周莉": (
        bought(("2026-10-28", 299)),
        "potential", "POT_NEW_BUYER",
        "24天前第一次购买（¥299），正处在第二次购买的关键期。",
        "First purchase (299) 24 days ago: inside the second-purchase window.",
    ),
    "吴霞": (
        bought(("2026-06-20", 300), ("2026-08-10", 250), ("2026-09-30", 300)),
        "potential", "POT_RISING",
        "近半年购买3次，近12个月3次、¥850；忠诚线是5次、¥1,500。",
        "3 purchases in half a year, 3 and 850 in 12 months; the loyal line is 5 and 1,500.",
    ),
    "郑洁": (
        bought((700, 980), (400, 980), (80, 980)),
        "potential", "POT_POWER",
        "平均每次¥980（高客单线¥480），80天前刚买过，但近12个月只有1次。",
        "Average ticket 980 (high-ticket line 480), bought 80 days ago, but only 1 purchase in 12 months.",
    ),
    "孙梅": (
        bought((200, 120), (140, 180)),
        "drifting", "DRIFT_OCCASIONAL",
        "近12个月只购买2次、¥300，平均每次¥150，距上次140天（流失线275天）。",
        "Only 2 purchases, 300 in 12 months, average 150; last 140 days ago (lost line 275).",
    ),
    "钱蓉": (
        bought(("2024-11-11", 300), ("2025-08-23", 300), ("2025-12-01", 300)),
        "lost", "LOST_SILENT",
        "买过3次，但已355天没有购买，超过293天的流失线（平常约147天买一次）。",
        "Bought 3 times but silent for 355 days, over the 293-day lost line (usually every 147 days).",
    ),
    "冯倩": (
        bought(("2023-12-05", 1231), ("2024-12-08", 1200), (348, 1190)),
        "drifting", "DRIFT_OCCASIONAL",
        "近12个月只购买1次、¥1,190，平均每次¥1,207，距上次348天（流失线526天）。",
        "Only 1 purchase, 1,190 in 12 months, average 1,207; last 348 days ago (lost line 526).",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EXAMPLES)
def test_worked_example(name: str) -> None:
    events, key, code, chinese, english = EXAMPLES[name]
    found = verdict(events)
    assert (found.type, found.code) == (key, code)
    assert sentence(found) == chinese
    texts.use("en")
    assert sentence(found) == english


def test_the_example_limits() -> None:
    assert (LIMITS.lost_once, LIMITS.lost_repeat, LIMITS.lost_frequent) == (165, 275, 330)


def test_how_long_the_shop_waits_for_her() -> None:
    facts = facts_as_of(EXAMPLES["李敏"][0], T, DEFAULTS, LIMITS.tau)
    known = waits(facts.n, facts.last - facts.first, facts.referrals12, yardstick(LIMITS))
    assert (known[1:3], facts.n12 + known[3]) == ((275, 243), 5)


# ---------------------------------------------------------------- the other sentences

LOYAL_BEFORE = Stored("loyal", False)


@pytest.mark.parametrize(
    ("events", "stored", "expected"),
    [
        (bought((300, 500), (200, 500), (100, 500), (40, 470)), LOYAL_BEFORE,
         "一直是忠诚型：近12个月购买4次，只差1次，消费¥1,970、距上次40天仍在保留范围内。"),
        (bought((320, 300), (300, 300), (200, 300), (100, 300), (40, 200)), LOYAL_BEFORE,
         "一直是忠诚型：近12个月购买5次，消费¥1,400、距上次40天仍在保留范围内。"),
        (bought((200, 2500), (60, 2500)), LOYAL_BEFORE,
         "一直是忠诚型：近12个月购买2次，只差3次，消费¥5,000、距上次60天仍在保留范围内。"),
        (bought((300, 100), visits=[T - 5]), None, "上次购买在300天前，之后又到店/咨询1次还没有买。"),
        (Events(joined=T - 1), None, "注册1天的新会员，还没有第一次购买。"),
        (Events(joined=T), None, "今天注册的新会员，还没有第一次购买。"),
        (bought((0, 299)), None, "今天第一次购买（¥299），正处在第二次购买的关键期。"),
        (bought((320, 300), (310, 300), (260, 300), (230, 300), (193, 300)), None,
         "近12个月购买5次，但已193天没来，超过165天的警戒线。"),
        (Events(joined=T - 416), None, "注册416天，没有有效购买，近60天也没有到店。"),
        (Events(), None, "没有有效购买，近60天也没有到店。"),
        (bought((200, 100)), None, "只买过1次，已200天没有购买，超过165天的流失线。"),
        (bought((420, 600), (380, 600)), Stored("drifting", True),
         "买过2次，但已380天没有购买，超过275天的流失线（平常约48天买一次）。"),
        (bought((900, 600), (430, 600)), None,
         "近12个月没有购买，以前平均每次¥600，距上次430天（流失线525天）。"),
        (bought((154, 100)), Stored("lost", False),
         "已列为流失型且之后没有新的购买或到店（距上次154天），有新动作才会改变。"),
        (bought((40, 100)), Stored("drifting", False),
         "门槛有变动，但该会员没有新的购买或到店（距上次40天），暂维持游离型。"),
        (bought((320, 900), (200, 900), (150, 900), (100, 900), (40, 900)), Stored("potential", False),
         "门槛有变动，但该会员没有新的购买或到店（距上次40天），暂维持潜在型。"),
        (Events(visits=[T - 3]), Stored("drifting", False),
         "门槛有变动，但该会员没有新的购买或到店，暂维持游离型。"),
    ],
)  # fmt: skip
def test_sentence(events: Events, stored: Stored | None, expected: str) -> None:
    assert sentence(verdict(events, stored)) == expected


def test_rising_names_the_owners_own_window() -> None:
    own = replace(DEFAULTS, rising_days=90)
    found = verdict(bought((80, 200), (10, 200)), config=own)
    assert sentence(found) == "近90天购买2次，近12个月2次、¥400；忠诚线是5次、¥1,500。"


def test_every_code_has_its_sentences_in_three_languages() -> None:
    for code in CODES:
        assert texts.has("reason." + code.lower())
        for _, _, _, wording in customer_types._VARIANTS.get(code, ()):
            assert texts.has(f"reason.{code.lower()}.{wording}")
    assert reason_of("POT_NEW_BUYER", {}).id == "reason.pot_new_buyer"


def test_every_kind_of_evidence_has_its_sentence() -> None:
    lines = {test.line for row in TYPES for rule in row.rules for test in rule.tests if test.line}
    assert all(texts.has(line) for line in lines | {"ev.n.friends", "ev.miss"})
    for key in TYPE_KEYS:
        assert texts.has("type." + key)
        assert len(texts.t(f"type.{key}.letter")) == 1


# ---------------------------------------------------------------- section 9


def test_registered_and_nothing_bought() -> None:
    assert verdict(Events(joined=T - 60)).code == "POT_NEW_MEMBER"
    assert verdict(Events(joined=T - 61)).code == "DRIFT_NEVER"
    assert verdict(Events(joined=T - 9999)).type == "drifting"  # never lost: she never bought


def test_never_bought_but_asked() -> None:
    assert verdict(Events(joined=T - 300, visits=[T - 59])).code == "POT_VISIT_NOBUY"
    assert verdict(Events(joined=T - 300, visits=[T - 60])).code == "DRIFT_NEVER"


def test_everything_returned_is_as_never_bought() -> None:
    back = Receipt(T - 300, [ReceiptLine(-50_000)])
    events = bought((320, 500))
    assert verdict(events._replace(receipts=[*events.receipts, back], joined=T - 400)).code == "DRIFT_NEVER"
    assert verdict(Events(receipts=[back], joined=T - 400)).code == "DRIFT_NEVER"


def test_a_partial_return_keeps_the_purchase_with_the_net_amount() -> None:
    events = bought((24, 299))
    back = Receipt(T - 20, [ReceiptLine(-10_000, T - 24)])
    found = verdict(events._replace(receipts=[*events.receipts, back]))
    assert sentence(found) == "24天前第一次购买（¥199），正处在第二次购买的关键期。"


def test_a_gift_is_a_purchase_of_0() -> None:
    assert sentence(verdict(bought((24, 0)))) == "24天前第一次购买（¥0），正处在第二次购买的关键期。"


def test_the_future_is_ignored_until_that_day() -> None:
    assert verdict(bought((-1, 500), joined=T - 400)).code == "DRIFT_NEVER"


@pytest.mark.parametrize(
    ("events", "limit"),
    [
        (lambda silence: bought((silence, 100)), 165),
        (lambda silence: bought((silence + 40, 100), (silence, 100)), 275),
        (lambda silence: bought(*((silence + 9 * i, 100) for i in range(5))), 330),
    ],
)
def test_silence_of_exactly_the_limit_is_not_lost(events: Any, limit: int) -> None:
    assert verdict(events(limit)).type == "drifting"
    assert verdict(events(limit + 1)).type == "lost"


def test_the_lost_line_of_a_slow_rhythm_ends_at_the_cap() -> None:
    slow = bought((3000, 100), (541, 100))
    assert verdict(slow).type == "lost"
    assert verdict(bought((3000, 100), (540, 100))).type == "drifting"
    own = replace(DEFAULTS, lost_days_repeat=800)
    assert verdict(slow, config=own).type == "drifting"  # an owner's day beyond the cap wins


def test_lost_then_a_visit_then_a_purchase() -> None:
    assert verdict(bought((400, 300), (390, 300))).type == "lost"
    assert verdict(bought((400, 300), (390, 300), visits=[T]), Stored("lost", True)).code == "POT_VISIT"
    again = verdict(bought((400, 300), (390, 300), (0, 300), visits=[T - 2]), Stored("potential", True))
    assert again.code == "DRIFT_OCCASIONAL"
    dear = verdict(bought((400, 900), (390, 900), (0, 900)), Stored("potential", True))
    assert dear.code == "POT_POWER"
    twice = verdict(bought((400, 300), (390, 300), (20, 300), (0, 300)), Stored("drifting", True))
    assert twice.code == "POT_RISING"


def test_no_rise_without_an_own_action_but_a_fall_by_time() -> None:
    back = bought((154, 100))
    assert verdict(back, Stored("lost", False)).code == "LOST_HELD"
    assert verdict(back, Stored("lost", True)).code == "DRIFT_OCCASIONAL"
    assert verdict(back, Stored("loyal", False)).type == "drifting"
    assert verdict(bought((24, 299)), Stored("potential", False)).code == "POT_NEW_BUYER"


def test_loyal_is_kept_with_a_little_less_and_only_by_who_was_loyal() -> None:
    nearly = bought((300, 500), (200, 500), (100, 500), (40, 470))
    assert verdict(nearly).type == "potential"
    assert verdict(nearly, LOYAL_BEFORE).code == "LOYAL_KEPT"
    in_one_month = bought(*((i, 900) for i in range(6)))
    assert verdict(in_one_month).code == "POT_RISING"  # a spree of one week, T = 21st: all in November
    assert verdict(in_one_month, LOYAL_BEFORE).code == "LOYAL_KEPT"


def test_a_loyal_margin_of_15_percent_of_silence() -> None:
    def quiet(days: int) -> Events:
        return bought(*((days + 20 * i, 900) for i in range(5)))

    assert verdict(quiet(165)).code == "LOYAL_FREQ"
    assert verdict(quiet(166)).code == "DRIFT_SLIPPING"
    assert verdict(quiet(189), LOYAL_BEFORE).code == "LOYAL_KEPT"  # 1.15 * 165 = 189.75
    assert verdict(quiet(190), LOYAL_BEFORE).code == "DRIFT_SLIPPING"


def test_power_is_kept_at_nine_tenths() -> None:
    nearly = bought((700, 440), (80, 440))
    assert verdict(nearly).code == "DRIFT_OCCASIONAL"
    assert verdict(nearly, Stored("potential", False)).code == "POT_POWER"


def test_referrals_count_at_most_twice() -> None:
    def friends(n: int) -> Events:
        return bought((300, 900), (100, 900), referrals=[T - 10] * n)

    assert verdict(friends(9)).type != "loyal"  # 2 + 2 < 5
    assert verdict(bought((300, 900), (200, 900), (100, 900), referrals=[T - 10] * 2)).code == "LOYAL_FREQ"


def test_without_amounts_the_number_of_purchases_alone_decides() -> None:
    shop = calibrate(SHOP.day, Aggregates(tickets=[0.0] * 40, n12=[3] * 40, spend12=[0] * 40))
    assert verdict(bought((300, 0), (200, 0), (40, 0)), shop=shop).code == "LOYAL_FREQ"
    two = bought((200, 0), (140, 0))
    assert verdict(two, shop=shop).code == "DRIFT_OCCASIONAL"
    assert verdict(bought((360, 0), (179, 0)), LOYAL_BEFORE, shop=shop).code == "LOYAL_KEPT"
    assert verdict(bought((500, 0), (179, 0)), LOYAL_BEFORE, shop=shop).type == "drifting"
    assert verdict(two, shop=shop).score > 0


def test_a_shop_with_no_sale_has_no_big_customers() -> None:
    empty = calibrate(T, Aggregates())
    assert verdict(bought((70, 900), (0, 900)), shop=empty).code == "POT_RISING"


def test_few_members_go_by_the_fixed_rules() -> None:
    shop = calibrate(T, Aggregates(tickets=[30_000.0] * 5, n12=[3] * 5, spend12=[90_000] * 5))
    assert verdict(bought((300, 240), (150, 240), (10, 240)), shop=shop).code == "LOYAL_FREQ"
    assert verdict(bought((300, 240), (150, 240), (10, 239)), shop=shop).type == "potential"


# ---------------------------------------------------------------- all inputs

DAYS = st.integers(0, 1200)
FACTS = st.builds(
    Events,
    joined=st.none() | DAYS.map(lambda ago: T - ago),
    receipts=st.lists(
        st.builds(lambda ago, fen: Receipt(T - ago, [ReceiptLine(fen)]), DAYS, st.integers(0, 900_000)),
        max_size=9,
    ),
    visits=st.lists(DAYS.map(lambda ago: T - ago), max_size=3),
    referrals=st.lists(DAYS.map(lambda ago: T - ago), max_size=3),
).map(lambda events: facts_as_of(events, T, DEFAULTS, LIMITS.tau))
STORED = st.none() | st.builds(Stored, st.sampled_from(TYPE_KEYS), st.booleans())
SHOPS = st.builds(
    Calibration, day=st.just(T), span=st.floats(30, 540), typical_gap=st.floats(5, 500), active12=st.just(99),
    loyal_purchases=st.integers(2, 12), loyal_spend=st.floats(0, 500_000), vip_spend=st.floats(0, 900_000),
    ticket_mid=st.floats(0, 90_000), power_ticket=st.floats(0, 200_000), gaps=st.just(9), buyers=st.just(99),
)  # fmt: skip


def holding(facts: Facts, shop: Calibration, stored: Stored | None) -> list[tuple[TypeKey, Rule]]:
    figs = customer_types.figures(facts, yardstick(limits(shop)))
    former = stored.type if stored else None
    return [
        (row.key, rule)
        for row in TYPES
        for rule in row.rules
        if (not rule.stays or former == row.key) and all(test.holds(figs) for test in rule.tests)
    ]


@settings(max_examples=300)
@given(FACTS, SHOPS, STORED)
def test_the_types_part_all_members(facts: Facts, shop: Calibration, stored: Stored | None) -> None:
    """Exactly one type: the first rule that holds, unless a rise is refused; always with a sentence."""
    found = classify(facts, limits(shop), stored)
    assert found.type in TYPE_KEYS
    first_key, first_rule = holding(facts, shop, stored)[0]
    if found.code.endswith("_HELD"):
        ranks = {row.key: row.rank for row in TYPES}
        assert stored is not None
        assert (found.type, stored.acted) == (stored.type, False)
        assert ranks[first_key] > ranks[stored.type]
    else:
        assert (found.type, found.code) == (first_key, first_rule.code)
    assert "{" not in sentence(found)
    assert math.isfinite(found.score)
    assert (found.score > 0) == (facts.n > 0)
    for line in found.evidence:
        assert "{" not in texts.t(line.sentence.id, **line.sentence.values)
    assert classify(facts, limits(shop), stored) == found


@given(FACTS, SHOPS)
def test_the_evidence_is_what_decided(facts: Facts, shop: Calibration) -> None:
    found = classify(facts, limits(shop))
    _, rule = holding(facts, shop, None)[0]
    decisive = [test.line for test in rule.tests if test.line]
    assert all(line.holds for line in found.evidence[: len(set(decisive))])
    assert [line.sentence.id.removesuffix(".friends") for line in found.evidence][: len(decisive)] == decisive


# ---------------------------------------------------------------- evidence


def lines(found: Verdict) -> list[tuple[str, bool]]:
    return [(texts.t(line.sentence.id, **line.sentence.values), line.holds) for line in found.evidence]


def test_evidence_of_a_loyal_member_with_a_friend() -> None:
    assert lines(verdict(EXAMPLES["李敏"][0])) == [
        ("近 12 个月买 4 次，加介绍朋友算 5 次（要 ≥ 5 次）", True),
        ("近 12 个月消费 ¥1,970（要 ≥ ¥1,500）", True),
        ("40 天前来过（要 ≤ 243 天）", True),
        ("买的日子分在 4 个月里（要 ≥ 2 个月）", True),
        ("40 天没买（超过 275 天算流失）", False),
    ]


def test_evidence_names_what_is_missing() -> None:
    assert lines(verdict(EXAMPLES["孙梅"][0])) == [
        ("近 12 个月买 2 次（要 ≥ 5 次）", False),
        ("近 12 个月消费 ¥300（要 ≥ ¥1,500）", False),
        ("140 天前来过（要 ≤ 172 天）", True),
        ("买的日子分在 2 个月里（要 ≥ 2 个月）", True),
        ("140 天没买（超过 275 天算流失）", False),
    ]
    assert lines(verdict(EXAMPLES["陈静"][0])) == [
        ("还没买过", True),
        ("到店没买 1 次（≥ 1 次算潜在）", True),
        ("忠诚要 ≥ 5 次", False),
    ]
    assert ("355 天没买（超过 293 天算流失）", True) in lines(verdict(EXAMPLES["钱蓉"][0]))


# ---------------------------------------------------------------- a further type


def test_a_fifth_type_is_one_more_row() -> None:
    asleep = CustomerType(
        "asleep", 1, "ASLEEP_HELD",  # type: ignore[arg-type]
        (Rule("ASLEEP", (Comparison("n", ">=", "one"), Comparison("silence", ">", "loyal_limit")),
              (("silence", "silence", whole),)),),
    )  # fmt: skip
    types = (TYPES[0], asleep, *TYPES[1:])
    facts = facts_as_of(bought((200, 300), (180, 300)), T, DEFAULTS, LIMITS.tau)
    found = decide(facts, yardstick(LIMITS, types))
    assert (found.type, found.code, found.values()) == ("asleep", "ASLEEP", {"silence": "180"})


# ---------------------------------------------------------------- score and chance


def test_score_fades_with_age_and_silence_and_rises_with_ticket_and_season() -> None:
    def of(*purchases: tuple[str | int, int]) -> float:
        return verdict(bought(*purchases)).score

    assert of((0, 320)) == pytest.approx(1)
    assert of((110, 320)) == pytest.approx(math.exp(-110 / 220) * 2**-0.3)
    assert of((0, 320_000)) == pytest.approx(10**0.2)  # clipped at ten times
    assert of((0, 1)) == pytest.approx(10**-0.2)
    assert of((0, 0)) == pytest.approx(1)
    assert of((300, 320)) > of((250, 320)) * 0.9  # bought in the coming season of last year
    assert verdict(Events(joined=T)).score == 0
    empty = limits(calibrate(T, Aggregates()))
    assert score(facts_as_of(bought((0, 900)), T, DEFAULTS, empty.tau), empty) == pytest.approx(1)


def test_the_chance_is_shown_from_300_observations() -> None:
    assert Chance(n=299).of(1.0) is None
    assert Chance(n=300).of(1.0) == pytest.approx(0.25, abs=1e-5)
    assert Chance(n=300).of(0.0) == pytest.approx(0, abs=1e-6)


def test_the_fit_finds_the_curve_and_stays_near_the_prior_without_data() -> None:
    import random

    dice = random.Random(5)
    data = []
    for _ in range(4000):
        points = dice.lognormvariate(0, 1)
        data.append((points, dice.random() < 1 / (1 + math.exp(-(-0.5 + 0.8 * math.log(points))))))
    chance = fit_chance(data)
    assert chance.n == 4000
    assert chance.of(1.0) == pytest.approx(1 / (1 + math.exp(0.5)), abs=0.03)
    assert chance.b == pytest.approx(0.8, abs=0.1)
    assert fit_chance([]) == Chance()
    never = fit_chance([(0.0, False), (5.0, True)] * 200)
    assert (never.of(5.0) or 0) > 0.9


@given(st.lists(st.tuples(st.floats(0, 30), st.booleans()), max_size=60))
def test_the_fit_always_ends_with_numbers(data: list[tuple[float, bool]]) -> None:
    chance = fit_chance(data)
    assert math.isfinite(chance.a)
    assert math.isfinite(chance.b)
