"""Messages and reasons: no gap ever shows, nothing is too long, every language has everything."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopcrm.basics import texts
from shopcrm.basics.texts import LANGUAGES, catalogue, has, t
from shopcrm.rules import reasons
from shopcrm.rules.followups import RULES, Case, ShopFacts, Wanted
from shopcrm.rules.reasons import Goods
from shopcrm.rules.templates import MOST, Slots, occasion, piece, say, shipped, short_item

FULL = Slots(
    call="曼丽姐", staff="小雯", shop="禾木衣坊", item="羊绒衫", piece="件双面呢大衣", often="针织开衫", 
    lastyear="长款羽绒服",
    tried="驼色羊绒大衣", asked="雾蓝连衣裙", size="XL", birthday="11月24日", until="12月5日", more="七",
    wanted="羊毛围巾", event="会员日", eventday="11月28日", offer="全场八折",
)  # fmt: skip
MAIN = ("L1", "L2.1", "L2.2", "L3", "L5", "P1.1", "D2", "D3", "X1.1", "X2")
DAY = date(2026, 11, 21)


def occasions() -> list[str]:
    steps = [(rule.key, step) for rule in RULES for step in range(1, len(rule.steps) + 1)]
    found = {occasion(rule, step) for rule, step in (*steps, ("M1", 1), ("W1", 1))}
    return sorted(found | {occasion("L1", 1, asks=True), occasion("P1", 1, appointment=True)})


@pytest.fixture(params=LANGUAGES)
def each_language(request: pytest.FixtureRequest) -> Iterator[str]:
    texts.use(request.param)
    yield request.param
    texts.use("zh_CN")


@pytest.mark.parametrize("name", occasions())
def test_every_occasion_has_a_name_and_a_wording(name: str) -> None:
    assert has(name)
    assert len(shipped(name)) >= (2 if name.removeprefix("say.") in MAIN else 1)


@pytest.mark.parametrize("name", occasions())
def test_full_message_is_short_and_signed(name: str, each_language: str) -> None:
    for variant in range(len(shipped(name))):
        text = say(name, variant, FULL).text
        assert "曼丽姐" in text
        assert text.endswith("小雯" if each_language == "en" else "——小雯")
        assert not re.search(r"[{}|~]", text)
        if each_language != "en":
            assert len(text) <= MOST, text


@given(st.sampled_from(occasions()), st.sets(st.sampled_from(Slots._fields)), st.integers(0, 3))
def test_no_gap_shows_whatever_is_unknown(name: str, unknown: set[str], variant: int) -> None:
    text = say(name, variant, FULL._replace(**dict.fromkeys(unknown, ""))).text
    assert text, "something is always left to say"
    assert not re.search(r"[{}|~]|^，|，，|？？|。。|那件穿|的码| 码", text), text
    for slot in unknown:
        assert getattr(FULL, slot) not in text.replace("您好", "")
    if {"staff", "shop"} <= unknown:
        assert "——" not in text
    elif "staff" in unknown:
        assert text.endswith("——禾木衣坊")


def test_no_mass_mail_tone() -> None:
    for key, wordings in catalogue().items():
        if key.startswith("say."):
            assert "亲" not in wordings[0].replace("亲自", "")


def test_next_wording_goes_round() -> None:
    assert say("say.L1", 0, FULL) != say("say.L1", 1, FULL)
    assert say("say.L1", 0, FULL) == say("say.L1", len(shipped("say.L1")), FULL)
    assert say("say.L1", 1, FULL).template == "say.L1.2"


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ("阔腿裤 黑", "条阔腿裤"), ("小白鞋 白", "双小白鞋"), ("围巾 格纹", "条围巾"),
        ("毛呢半裙", "条毛呢半裙"),
        ("双面呢大衣 焦糖", "件双面呢大衣"), ("托特包", "只托特包"), ("", ""),
    ],
)  # fmt: skip
def test_articles_have_their_measure_word(item: str, said: str) -> None:
    assert piece(item) == said
    texts.use("en")
    assert piece(item) == short_item(item)


def test_long_articles_are_cut_and_colours_left_out() -> None:
    assert short_item("双面呢大衣 焦糖") == "双面呢大衣"
    assert len(short_item("一二三四五六七八九十一二三四")) == 12
    assert short_item("  ") == ""


# ---------------------------------------------------------------- reasons

SHOP = ShopFacts(typical_gap=55, ticket_mid=32_000, power_ticket=48_000, loyal_purchases=5)
TODAY = DAY.toordinal()
CASE = Case(
    member=1, type="loyal", code="LOYAL_FREQ", since=TODAY - 9, score=1.0, n=6, n12=5, eff12=4.0,
    first=TODAY - 232, last=TODAY - 27, last_net=69_800, spend=302_100, spend12=250_000, joined=TODAY - 400,
    lost_limit=180.0, loyal_limit=120.0,
)  # fmt: skip
KNOWN = Goods(
    item="双面呢大衣 焦糖", item_day=TODAY - 27, often="针织开衫", season_item="羽绒服", season_month=12,
    visit_kind="tried", visit_items="驼色羊绒大衣",
    visit_reasons=("price", "thinking"), visit_says="想试长款",
    size="L", likes="羊绒、深色", birthday="L:--10-15",
)  # fmt: skip


def a_wish(rule: str, step: int = 1, anchor: int = TODAY - 7, *, asks: bool = False) -> Wanted:
    return Wanted(rule, anchor, step, "loyal", TODAY, TODAY + 9, "message", 1.0, asks)


def lines(wish: Wanted, case: Case = CASE, goods: Goods = KNOWN, day: date = DAY) -> tuple[str, str]:
    """Both lines as they are read on a day."""
    why = reasons.sentence(reasons.why(wish, case, SHOP, goods), day)
    second = reasons.joined([reasons.sentence(part, day) for part in reasons.context(wish, case, goods)])
    return t(why.id, **why.values), "" if second is None else t(second.id, **second.values)


@pytest.mark.parametrize(
    ("wish", "why", "second"),
    [
        (a_wish("L1"), "买后第 7 天：问穿着感受", "双面呢大衣 焦糖 · 10月25日买"),
        (a_wish("L1", asks=True), "买后第 7 天：问穿着感受", "双面呢大衣 焦糖 · 可以顺便请她介绍朋友"),
        (a_wish("S1"), "11月14日退过货：问问哪里不合适", "双面呢大衣 焦糖 · 10月25日买"),
        (a_wish("L2", 1, TODAY + 3), "11月24日生日（还有 3 天）", "备生日小礼物 · 农历十月十五"),
        (a_wish("L2", 2, TODAY), "11月21日，今天生日", "农历十月十五 · 近 12 个月 5 次 ¥2,500"),
        (a_wish("L2", 2, TODAY - 2), "11月19日生日，刚过 2 天", "农历十月十五 · 近 12 个月 5 次 ¥2,500"),
        (a_wish("L3"), "换季提醒：去年 12 月买过羽绒服", "喜欢羊绒、深色 · 尺码 L"),
        (a_wish("L5"), "27 天没来，以前平均 41 天来一次", "近 12 个月 5 次 ¥2,500 · 尺码 L"),
        (a_wish("L6"), "11月14日介绍朋友来：谢谢她", "近 12 个月 5 次 ¥2,500 · 尺码 L"),
        (a_wish("P1"), "试了驼色羊绒大衣没买，说再考虑", "11月14日来过 · 她说：想试长款"),
        (a_wish("P2"), "登记 7 天，还没买第一件", "喜欢羊绒、深色 · 尺码 L"),
        (a_wish("P3", 3), "第一次买后 7 天：请她再来一次", "双面呢大衣 焦糖 · 10月25日买"),
        (a_wish("P4"), "再买 1 次就到忠诚型", "近 12 个月 5 次 ¥2,500 · 尺码 L"),
        (a_wish("P5"), "27 天没来，平均每次买 ¥504：约来试新款", "喜欢羊绒、深色 · 尺码 L"),
        (a_wish("D1"), "只买过一次，27 天没来：给限时优惠", "双面呢大衣 焦糖 · 10月25日买"),
        (a_wish("D3"), "换季提醒：去年 12 月买过羽绒服", "平均 41 天来一次 · 以前常买针织开衫"),
        (a_wish("D4"), "27 天没来，再过 153 天就算流失", "以前常买针织开衫 · 累计 6 次 ¥3,021"),
        (a_wish("D5"), "换季请来：登记 400 天还没买过", "以前常买针织开衫 · 累计 6 次 ¥3,021"),
        (a_wish("X1"), "第 1 次回访：问问为什么没来", "以前常买针织开衫 · 累计 6 次 ¥3,021"),
        (a_wish("X1", 2), "27 天没来，以前平均 41 天来一次", "第 2 次回访"),
        (a_wish("X2"), "送老客专属优惠，请她回来", "以前常买针织开衫 · 累计 6 次 ¥3,021"),
    ],
)
def test_both_lines_say_why_in_plain_words(wish: Wanted, why: str, second: str) -> None:
    assert lines(wish) == (why, second)


def test_days_are_counted_on_the_day_of_reading() -> None:
    later = date.fromordinal(TODAY + 2)
    assert lines(a_wish("L1"), day=later)[0] == "买后第 9 天：问穿着感受"
    assert lines(a_wish("L2", 1, TODAY + 3), day=later)[0] == "11月24日生日（还有 1 天）"


def test_language_may_change_after_a_reason_was_stored() -> None:
    part = reasons.why(a_wish("L2", 1, TODAY + 3), CASE, SHOP, KNOWN)
    texts.use("en")
    said = reasons.sentence(part, DAY)
    assert t(said.id, **said.values) == "Birthday 24 Nov (in 3 days)"


@pytest.mark.parametrize(
    ("goods", "said"),
    [
        (Goods(visit_kind="tried", visit_items="风衣"), "试了风衣没买"),
        (Goods(visit_kind="tried"), "11月14日来试过，没买"),
        (Goods(visit_kind="asked", visit_items="风衣"), "11月14日来问过风衣，没买"),
        (Goods(visit_kind="asked"), "11月14日来问过，没买"),
        (Goods(visit_kind="looked", visit_items="风衣"), "11月14日来看过，没买"),
    ],
)
def test_visits_are_told_as_they_were(goods: Goods, said: str) -> None:
    assert lines(a_wish("P1"), goods=goods)[0] == said


def test_every_rule_has_words_when_next_to_nothing_is_known(each_language: str) -> None:
    poor = CASE._replace(n=0, n12=0, eff12=0.0, first=None, last=None, spend=0, spend12=0, joined=None)
    for rule in RULES:
        for step in range(1, len(rule.steps) + 1):
            for case in (CASE, poor, CASE._replace(n=1, first=CASE.last)):
                why, _ = lines(a_wish(rule.key, step), case, reasons.NOTHING)
                assert why
                assert "{" not in why
