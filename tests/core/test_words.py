"""The shop's own wordings: kept, filled, said, taken back; and how a type is treated."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopcrm.basics import texts
from shopcrm.basics.errors import InputError, Refusal
from shopcrm.basics.records import MemberDraft, OutcomeDraft, Strategy
from shopcrm.basics.texts import t
from shopcrm.rules import templates
from shopcrm.rules.templates import Own, Slots
from shopcrm.rules.wordings import SLOT_IDS, fill, generalised, kept, of_shipped, shown, slot_names, used
from shopcrm.store import whole_shop
from tests.conftest import DAY

NAMES = slot_names({3: "孩子"})
FULL = {
    "call": "曼丽姐", "item": "双面呢大衣", "piece": "件双面呢大衣", "often": "针织开衫",
    "lastyear": "羽绒服", "tried": "风衣", "asked": "连衣裙", "wanted": "围巾", "size": "XL",
    "birthday": "11月24日",
    "until": "12月5日", "more": "2", "event": "会员日", "eventday": "11月28日", "offer": "满300减50",
    "staff": "小雯", "shop": "禾木衣坊", "own.3": "朵朵",
}  # fmt: skip
CARE = "〔称呼〕，那件〔上次买的〕还合适吗？有哪里不舒服您说，〔尺码〕码的新款我也留着。——〔店员〕"


def filled(typed: str, *unknown: str) -> str:
    words, wrong = kept(typed, NAMES)
    assert not wrong
    return fill(words, {slot: value for slot, value in FULL.items() if slot not in unknown}, NAMES).text


# ---------------------------------------------------------------- what falls where nothing is known


@pytest.mark.parametrize(
    ("typed", "unknown", "said"),
    [
        (CARE, (), "曼丽姐，那件双面呢大衣还合适吗？有哪里不舒服您说，XL码的新款我也留着。——小雯"),
        (CARE, ("item", "piece"), "曼丽姐，有哪里不舒服您说，XL码的新款我也留着。——小雯"),
        (CARE, ("size",), "曼丽姐，那件双面呢大衣还合适吗？有哪里不舒服您说。——小雯"),
        (
            CARE, ("staff",),
            "曼丽姐，那件双面呢大衣还合适吗？有哪里不舒服您说，XL码的新款我也留着。——禾木衣坊",
        ),
        ("亲爱的〔称呼〕，天凉了。", ("call",), "您好，天凉了。"),
        ("〔称呼〕您好，天凉了。", ("call",), "您好，天凉了。"),
        ("〔称呼〕早上好！天凉了。", ("call",), "早上好！天凉了。"),
        ("祝〔称呼〕生日快乐！来坐坐吧。", ("call",), "您好，来坐坐吧。"),
        ("您好，谢谢〔称呼〕一直支持。来坐坐吧。", ("call",), "您好，来坐坐吧。"),
        ("Hello 〔称呼〕! Come and see. – 〔店员〕", ("call",), "Hello! Come and see. – 小雯"),
        ("〔称呼〕，店里上新了，要不要给您留一件〔尺码〕码的？", ("size",), "曼丽姐，店里上新了。"),
        ("〔称呼〕，还好穿吗，〔尺码〕码的新款要看看吗？", ("size",), "曼丽姐，还好穿吗？"),
        ("〔称呼〕，快到生日了（〔生日〕），来坐坐。", ("birthday",), "曼丽姐，快到生日了，来坐坐。"),
        ("〔称呼〕，您说“来一件〔尺码〕码的。”我记着呢，等您。来试试。", ("size",), "曼丽姐，来试试。"),
        ("〔称呼〕，周末来试试，〔尺码〕码我留着——〔店员〕", ("size",), "曼丽姐，周末来试试——小雯"),
        ("〔称呼〕，19:30 来，1,000 减 50。〔活动〕见。", ("event",), "曼丽姐，19:30 来，1,000 减 50。"),
        ("〔称呼〕，〔孩子〕长高了吧？来给她挑一件。", ("own.3",), "曼丽姐，来给她挑一件。"),
        ("〔称呼〕，您那〔上次买的〕还好穿吗？", (), "曼丽姐，您那件双面呢大衣还好穿吗？"),
        ("天凉了，来坐坐。\n——〔店员〕", ("staff", "shop"), "天凉了，来坐坐。"),
    ],
)  # fmt: skip
def test_what_is_not_known_takes_its_words_along(typed: str, unknown: tuple[str, ...], said: str) -> None:
    assert filled(typed, *unknown) == said


def test_values_bring_no_marks_or_slots_of_their_own() -> None:
    words, _ = kept("〔称呼〕，〔活动〕，来试〔尺码〕码。", NAMES)
    said = fill(words, {"call": "曼丽姐", "event": "〔称呼〕会员日！", "size": "165码"}, NAMES)
    assert said.text == "曼丽姐，称呼会员日，来试165码。"


def test_nothing_left_to_say_is_marked_and_not_sent() -> None:
    words, _ = kept("〔称呼〕，您要的〔想要的〕〔尺码〕码到了，哪天方便？——〔店员〕", NAMES)
    said = fill(words, {"call": "曼丽姐", "size": "L", "staff": "小雯"}, NAMES)
    assert said == ("曼丽姐，您要的〔想要的〕L码到了，哪天方便？——小雯", ("wanted",), True)


def test_a_gap_beside_an_unknown_name_shows_too() -> None:
    """Both in one part: it does not fall unmarked and leave a bare greeting to be sent."""
    words, _ = kept("〔称呼〕（〔生日〕），——〔店员〕", NAMES)
    said = fill(words, {"staff": "小雯"}, NAMES)
    assert said == ("〔称呼〕（〔生日〕），——小雯", ("call", "birthday"), True)


def test_a_gap_beside_nobody_who_serves_her_shows_too() -> None:
    words, _ = kept("〔店员〕在，〔优惠到期〕前有〔优惠〕", NAMES)
    assert fill(words, {"until": "周末"}, NAMES) == ("〔店员〕在，周末前有〔优惠〕", ("offer",), True)
    words, _ = kept("——〔店员〕", NAMES)
    assert fill(words, {}, NAMES) == ("——〔店员〕", (), True)
    assert fill("", {}, NAMES) == ("", (), False)


_WORDS = [
    "天凉了", "您那件〔上次买的〕还好穿吗", "〔尺码〕码我留着", "谢谢〔称呼〕", "〔优惠到期〕前有〔优惠〕",
    "（〔生日〕）", "“〔常买的〕”", "〔孩子〕好吗", "来坐坐", "about 〔活动〕", "〔店员〕在", "",
]  # fmt: skip
_MARKS = ["，", "。", "？", "！", "；", "：", "……", "\n", ", ", ". ", "! ", "", "？！"]
_GREETINGS = ["", "〔称呼〕，", "亲爱的〔称呼〕：", "〔称呼〕您好！", "Dear 〔称呼〕, ", "您好，", "〔称呼〕"]
_SIGNS = ["", "——〔店员〕", " – 〔店员〕", "——〔店名〕", "——"]


@given(
    st.sampled_from(_GREETINGS),
    st.lists(st.tuples(st.sampled_from(_WORDS), st.sampled_from(_MARKS)), max_size=6),
    st.sampled_from(_SIGNS),
    st.sets(st.sampled_from(sorted(FULL.keys() - {"piece"}))),
)
def test_no_gap_shows_in_any_wording(
    greeting: str, body: list[tuple[str, str]], sign: str, unknown: set[str]
) -> None:
    typed = greeting + "".join(words + mark for words, mark in body if words) + sign
    words, wrong = kept(typed, NAMES)
    assert not wrong
    known = {slot: value for slot, value in FULL.items() if slot not in unknown}
    if "item" in unknown:
        del known["piece"]
    said = fill(words, known, NAMES)
    lacking = {slot for slot in used(words) if slot in unknown} - {"staff"}
    assert set(said.missing) == lacking
    if said.has_gaps:
        assert "〔" in said.text
        return
    text = said.text
    assert not re.search(
        r"[{}〔〕]|[，,：][，,：。！？]|^[，,。：！？]|（）|()“”|亲爱的[，：]|Dear ?[,!]", text
    ), text
    assert text.count("（") == text.count("）")
    assert text.count("“") == text.count("”")
    for slot in unknown - {"item", "more"}:
        assert FULL[slot] not in text
    if not lacking and re.search(r"\w", typed):
        assert text


@pytest.mark.parametrize(
    "template", [key for one in templates.occasions() for key in templates.shipped(one.name)]
)
def test_every_wording_of_the_program_can_be_copied(template: str) -> None:
    """Copied, and with everything known, it says what the program says."""
    words, wrong = kept(shown(of_shipped(t(template)), NAMES), NAMES)
    assert not wrong
    slots = Slots(**{slot: value for slot, value in FULL.items() if slot in Slots._fields})
    name, _, number = template.rpartition(".")
    said = templates.say(name, int(number) - 1, slots)
    mine = fill(words, slots.filled(), NAMES)
    assert mine == (said.text, (), False) or len(mine.text) > templates.MOST


def test_slots_are_told_from_fields_and_from_nonsense() -> None:
    assert kept("〔称呼〕〔 孩子 〕〔天气〕", NAMES) == ("〔call〕〔own.3〕〔天气〕", ("天气",))
    assert shown("〔call〕〔own.3〕〔own.9〕", NAMES) == "〔称呼〕〔孩子〕〔?〕"
    for language in texts.LANGUAGES:
        texts.use(language)
        assert len(set(slot_names({}).values())) == len(SLOT_IDS)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("曼丽姐，那件双面呢大衣还合适吗？——小雯", "〔call〕，那件〔item〕还合适吗？——〔staff〕"),
        ("XL码的我留着，XL 也行。", "〔size〕码的我留着，XL 也行。"),
        ("周曼丽您好，EXL 款到了，12月5日前来。", "〔call〕您好，EXL 款到了，〔until〕前来。"),
        ("〔尺码〕码给朵朵留着", "〔size〕码给〔own.3〕留着"),
        ("来坐坐", "来坐坐"),
        ("新到了围巾，配您那条围巾和风衣。", "新到了围巾，配您那条〔wanted〕和风衣。"),
    ],
)  # fmt: skip
def test_what_is_hers_becomes_a_slot_again(text: str, words: str) -> None:
    typed, _ = kept(text, NAMES)
    assert generalised(typed, FULL, ("周曼丽", "曼丽"), ("item", "size")) == words


# ---------------------------------------------------------------- the round


def test_own_ones_come_first_and_a_stump_only_when_nothing_else_is_left() -> None:
    own = [Own(1, "我的", "〔call〕，〔wanted〕到了。"), Own(2, "另一句", "〔call〕，来坐坐。")]
    known = Slots(call="曼丽姐")
    said = [templates.say("say.L1", n, known, own=own, names=NAMES) for n in range(3)]
    assert [one.template for one in said] == ["own:2", "say.L1.1", "say.L1.2"]
    assert {one.variants for one in said} == {3}
    off = templates.shipped("say.L1")
    assert templates.say("say.L1", 5, known, own=own, off=off, names=NAMES).template == "own:2"
    only = templates.say("say.L1", 0, known, own=own[:1], off=off, names=NAMES)
    assert (only.template, only.text, only.has_gaps) == ("own:1", "曼丽姐，〔想要的〕到了。", True)
    assert templates.say("say.L1", 0, known, off=off).template == "say.L1.1", "never nothing at all"


def test_missing_is_told_unless_something_else_took_its_place() -> None:
    assert templates.say("say.L1", 0, Slots(call="曼丽姐", shop="店")).missing == ("item",)
    assert templates.say("say.P1.1", 0, Slots(call="曼丽姐", asked="裙子", staff="小雯")).missing == ()
    assert templates.say("say.W1", 0, Slots(call="曼丽姐", wanted="围巾", staff="小雯")).missing == ("size",)
    assert templates.say("say.E1", 1, Slots(call="曼丽姐", event="会员日", eventday="明天")).missing == ()


def test_slots_are_offered_where_they_are_known(shop: Any) -> None:
    offered = {
        occasion: {slot.id for slot in shop.view().slots(occasion) if slot.fits}
        for occasion in ("say.E1", "say.N1", "say.W1", "say.L2.1", "say.P4", "say.L1")
    }
    usual = offered["say.L1"]
    assert offered["say.E1"] - usual == offered["say.N1"] - usual == {"event", "eventday", "offer"}
    assert offered["say.W1"] - usual == {"wanted"}
    assert offered["say.L2.1"] - usual == {"birthday"}
    assert offered["say.P4"] - usual == {"more"}


# ---------------------------------------------------------------- in the shop


@pytest.fixture
def caller(shop: Any, a_member: Callable[..., Any]) -> Any:
    """A member put on today's list by hand, with an assistant of her own."""
    staff = shop.settings.add_staff("小雯", "assistant").value
    shop.settings.set("shop.name", "禾木衣坊")
    member = a_member("周曼丽", call_name="曼丽姐", size_top="XL", staff_id=staff)
    shop.start_day()
    shop.followups.add_today([member])
    return member


def a_task(shop: Any) -> Any:
    return shop.view().day_list().open[0]


def test_own_wordings_are_said_changed_removed_and_come_back(shop: Any, caller: Any) -> None:
    view, task = shop.view(), a_task(shop)
    occasion = view.message(task).title.id
    shipped = view.message(task).variants
    own = shop.words.add(occasion, "〔称呼〕，天凉了，〔尺码〕码的毛衣到了。——〔店员〕").value
    said = view.message(task)
    assert (said.template, said.text) == (f"own:{own}", "曼丽姐，天凉了，XL码的毛衣到了。——小雯")
    assert (said.variants, said.title.values["name"]) == (shipped + 1, t("words.auto", name=t(occasion), n=1))
    shop.words.change(own, "〔称呼〕，天热了。", "天热")
    assert view.message(task).text == "曼丽姐，天热了。"
    shop.words.remove(own)
    assert view.message(task).template.startswith("say.")
    assert [one.gone for one in view.wordings(occasion)] == [False] * shipped + [True]
    shop.words.restore(own)
    assert view.message(task).template == f"own:{own}"
    for _ in range(4):
        shop.undo()
    assert not any(one.is_own for one in view.wordings(occasion))
    for _ in range(4):
        shop.redo()
    assert view.message(task).text == "曼丽姐，天热了。"


def everything(shop: Any) -> dict[str, list[Any]]:
    rx = shop.store.read()
    return {table.name: list(whole_shop.rows(rx, table)) for table in whole_shop.KEPT}


def test_undo_restores_every_row(shop: Any, caller: Any) -> None:
    occasion = shop.view().message(a_task(shop)).title.id
    before = everything(shop)
    shop.words.add(occasion, "〔称呼〕，天凉了。")
    shop.words.keep(a_task(shop), "曼丽姐，天热了。")
    shop.words.add(occasion, "〔称呼〕，下雨了。")
    shop.words.remove(1)
    shop.words.switch(templates.shipped(occasion)[0], on=False)
    shop.words.set_strategy("loyal", shop.view().strategy("loyal")._replace(goal="常来"))
    after = everything(shop)
    for _ in range(6):
        shop.undo()
    assert everything(shop) == before
    for _ in range(6):
        shop.redo()
    assert everything(shop) == after


def test_an_edited_message_is_kept_with_its_slots(shop: Any, caller: Any) -> None:
    task = a_task(shop)
    own = shop.words.keep(task, "周曼丽您好，XL码的新款到了，丽姐来试试？——小雯").value
    (mine,) = [one for one in shop.view().wordings("say.M1") if one.is_own]
    assert mine.id == f"own:{own}"
    assert mine.words == "〔称呼〕您好，〔尺码〕码的新款到了，〔称呼〕来试试？——〔店员〕"
    assert shop.view().message(task).template == mine.id


def test_the_name_behind_a_surname_of_two_characters_is_hers_too(
    shop: Any, a_member: Callable[..., Any]
) -> None:
    """Her name would else be said to everybody, and outlive her when she is taken out of the file."""
    shop.followups.add_today([a_member("欧阳娜娜")])
    shop.words.keep(a_task(shop), "娜娜您好，新款到了。")
    assert [one.words for one in shop.view().wordings("say.M1") if one.is_own] == ["〔称呼〕您好，新款到了。"]


def test_own_fields_are_slots_while_they_are_in_use(shop: Any, caller: Any) -> None:
    field = shop.members.own.add("孩子").value
    phones = tuple((phone, phone) for phone in shop.view().member(caller).phones)
    own = ((field, "朵朵"),)
    shop.members.save(MemberDraft(id=caller, name="周曼丽", call_name="曼丽姐", phones=phones, own=own))
    shop.words.add("say.M1", "〔称呼〕，〔孩子〕好吗？来坐坐。")
    task = a_task(shop)
    assert shop.view().message(task).text == "曼丽姐，朵朵好吗？来坐坐。"
    assert "〔孩子〕" in [slot.word for slot in shop.view().slots("say.M1")]
    shop.members.own.rename(field, "女儿")
    assert "〔女儿〕" in shop.view().wordings("say.M1")[0].words
    shop.members.own.put_away(field)
    assert shop.view().message(task).text == "曼丽姐，来坐坐。"
    assert "〔?〕" in shop.view().wordings("say.M1")[0].words


@pytest.mark.parametrize(
    ("words", "name", "code"),
    [
        ("  ", "", "words_needed"),
        ("天" * 501, "", "text_long"),
        ("〔天气〕不错", "", "words_slot"),
        ("天凉了〔", "", "words_bracket"),
        ("天凉了。", "", "words_same"),
        ("天热了。", "名" * 21, "name_long"),
        ("天热了。", "凉", "words_name_taken"),
    ],
)
def test_nonsense_is_refused(shop: Any, words: str, name: str, code: str) -> None:
    shop.words.add("say.M1", "天凉了。", "凉")
    with pytest.raises(InputError) as refused:
        shop.words.add("say.M1", words, name)
    assert refused.value.code == code
    assert refused.value.sentence


def test_something_is_always_left_to_say(shop: Any) -> None:
    (first,) = templates.shipped("say.M1")
    with pytest.raises(Refusal, match="问候"):
        shop.words.switch(first, on=False)
    own = shop.words.add("say.M1", "天凉了。").value
    shop.words.switch(first, on=False)
    assert [one.is_on for one in shop.view().wordings("say.M1")] == [True, False]
    with pytest.raises(Refusal, match="问候"):
        shop.words.remove(own)
    shop.words.switch(first, on=True)
    shop.words.remove(own)
    for wrong in (lambda: shop.words.switch("say.M1.9", on=True), lambda: shop.words.remove(own),
                  lambda: shop.words.restore(99), lambda: shop.words.add("say.Z9", "好"),
                  lambda: shop.words.keep(999, "好")):  # fmt: skip
        with pytest.raises(Refusal):
            wrong()


def test_wordings_belong_to_a_language(shop: Any, caller: Any) -> None:
    shop.words.add("say.M1", "〔称呼〕，天凉了。")
    texts.use("en")
    assert shop.view().message(a_task(shop)).template == "say.M1.1"
    shop.words.add("say.M1", "Hello 〔name〕! It is cold.")
    assert shop.view().message(a_task(shop)).text == "Hello 曼丽姐! It is cold."
    texts.use("zh_TW")
    assert [one.is_own for one in shop.view().wordings("say.M1")] == [False]


def test_a_wording_is_tried_out_on_a_member(shop: Any, caller: Any) -> None:
    view = shop.view()
    assert view.wording_examples("say.M1") == (caller,)
    tried = view.tried_out("say.M1", "〔称呼〕，〔生日〕〔天气〕，〔尺码〕码到了。", caller)
    assert (tried.name, tried.unknown, tried.idle, tried.missing) == (
        "周曼丽",
        ("天气",),
        ("生日",),
        ("生日",),
    )
    shop.members.save(MemberDraft(id=caller, name="周曼丽", call_name="曼丽姐", birthday="--11-24"))
    assert view.tried_out("say.L2.1", "〔称呼〕，〔生日〕见。", caller).text == "曼丽姐，11月24日见。"
    assert view.tried_out("say.L2.1", "〔称呼〕", None).text == ""
    for one in view.occasions():
        assert view.tried_out(one.id, "〔称呼〕来坐坐。", caller).text == "曼丽姐来坐坐。"


def test_lists_and_outcomes_use_the_same_words(shop: Any, caller: Any) -> None:
    from shopcrm.shop import followups

    own = shop.words.add("say.M1", "〔称呼〕，天凉了。").value
    task = a_task(shop)
    table = followups.callbacks(shop.store.read(), [task], DAY)
    assert any("曼丽姐，天凉了。" in map(str, row) for row in table.rows)
    said = shop.view().message(task)
    shop.followups.finish(task, OutcomeDraft("reached", message=said.text, template=said.template))
    assert shop.store.read().value("SELECT template FROM contact") == f"own:{own}"


# ---------------------------------------------------------------- how a type is treated


def test_a_strategy_is_written_and_given_back(shop: Any) -> None:
    usual = shop.view().strategy("lost")
    assert (usual.title, len(usual.actions), usual.is_own) == (t("strategy.lost"), 3, False)
    shop.words.set_strategy("lost", usual._replace(goal="请回来", actions=("先问原因", " ", "送券")))
    mine = shop.view().strategy("lost")
    assert (mine.goal, mine.actions, mine.is_own, mine.do) == ("请回来", ("先问原因", "送券"), True, usual.do)
    assert shop.view().strategy("loyal").is_own is False
    texts.use("en")
    assert shop.view().strategy("lost").title == t("strategy.lost"), "what nobody wrote follows the language"
    texts.use("zh_CN")
    shop.words.set_strategy("lost", None)
    assert shop.view().strategy("lost") == usual
    with pytest.raises(InputError) as refused:
        shop.words.set_strategy("lost", usual._replace(offer="券" * 121))
    assert refused.value.field == "strategy.lost.offer"
    assert isinstance(usual, Strategy)
