"""Whoever may not see whole phone numbers gets none, whatever is asked; what she writes keeps them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopcrm.basics.masking import mask_text, masked, unmask
from shopcrm.basics.papers import Paper
from shopcrm.basics.records import (
    TYPE_KEYS,
    ComplaintDraft,
    EffectAsk,
    FittingDraft,
    LineDraft,
    MemberDraft,
    MemberId,
    MemberRow,
    OutcomeDraft,
    Query,
    SaleDraft,
    Sentence,
    StaffId,
    WantedDraft,
)
from shopcrm.basics.values import mask_phone, show_phone
from shopcrm.shop import Shop, ShopView
from tests.conftest import DAY
from tests.core.rows import NUMBER, PHONES, life

WHOLE = re.compile(r"(?:138|139)[ -]?0000[ -]?[0-9]{4}|010[ -]?8888[ -]?[0-9]{4}|\+852[ -]?9123[ -]?[0-9]{4}")
GOODS = {  # texts that name goods and receipts, not people
    "member": ("size_top", "size_bottom", "size_shoe"), "wanted": ("item", "size", "colour"),
    "line": ("item", "size", "colour", "category", "article_no"), "sale": ("order_no",),
    "visit": ("items",), "fitting": ("item", "size"),
}  # fmt: skip
Ask = Callable[[ShopView], object]


# ---------------------------------------------------------------- texts


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("13800000042", "138 **** 0042"),
        ("她先生的电话 138-0000-0042，晚上打", "她先生的电话 138 **** 0042，晚上打"),
        ("备用 138.0000.0042", "备用 138 **** 0042"),
        ("1380-000-0042", "138 **** 0042"),
        ("138  0000  0042", "138 **** 0042"),
        ("１３８００００００４２", "138 **** 0042"),
        ("尺码 165 88 70 92 39", "尺码 165 88 70 92 39"),
        ("微信wx13800000042", "微信wx138 **** 0042"),
        ("+86 138 0000 0042", "138 **** 0042"),
        ("010-88888888", "010 **** 8888"),
        ("+85291234567 或 13900000001", "+852 **** 4567 或 139 **** 0001"),
        ("小票 20261121001，2026-11-21 10:24", "小票 20261121001，2026-11-21 10:24"),
        ("条码 6901380000042", "条码 6901380000042"),
        ("138 **** 0042", "138 **** 0042"),
        ("连衣裙 ¥298", "连衣裙 ¥298"),
    ],
)
def test_every_number_in_a_text_is_masked(text: str, shown: str) -> None:
    assert mask_text(text) == shown
    assert mask_text(shown) == shown


def test_a_masked_number_is_shown_as_it_is() -> None:
    for key in ("13800000042", "01088888888", "057188888888", "+85291234567", "+33123456789"):
        hidden = mask_phone(key)
        assert show_phone(hidden) == hidden
        assert mask_phone(hidden) == hidden


_texts = st.lists(
    st.one_of(
        st.sampled_from(["她说", "；", "晚上打 ", "\n", "微信 ", "-"]),
        st.integers(0, 9999).map(lambda n: f"138 0000 {n:04}"),
        st.integers(0, 9999).map(lambda n: f"139{n:04}{n:04}"),
    ),
    max_size=8,
).map(" ".join)


@given(_texts)
def test_what_was_masked_and_comes_back_is_what_it_was(text: str) -> None:
    assert unmask(mask_text(text), text) == text
    assert unmask(mask_text(text) + " 王姐", text) == text + " 王姐"


def test_what_is_not_masked_stays_as_typed() -> None:
    assert unmask("138 **** 0042", "没有号码") == "138 **** 0042"
    assert unmask("换成 139 0000 0001", "138 0000 0042") == "换成 139 0000 0001"


def test_records_stay_what_they_are() -> None:
    row = Sentence("x", {"name": "13800000042"})
    assert masked(row) == Sentence("x", {"name": "138 **** 0042"})
    assert masked([FittingDraft("13800000042")]) == [FittingDraft("13800000042")], "goods are left"
    assert masked((1, None, DAY, "+33123456789")) == (1, None, DAY, "+33 **** 6789")


# ---------------------------------------------------------------- every answer


def texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list | frozenset):
        for part in value:
            yield from texts_in(part)
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from texts_in(key)
            yield from texts_in(part)


def found(value: object) -> list[str]:
    return [text for text in texts_in(value) if WHOLE.search(text)]


class Life:
    """A shop in which a number stands wherever somebody can type one."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.hers = life(shop, NUMBER)
        rx = shop.store.read()
        with shop.write("import") as tx:
            tx.derive("UPDATE staff SET name = '阿珍'")
            tx.derive("UPDATE own_field SET name = '家人电话'")
            tx.derive("UPDATE member SET name = '', call_name = ''")
            for table, columns in GOODS.items():
                for column in columns:
                    tx.derive(f"UPDATE {table} SET {column} = 'L'")
        shop.actor = self.owner = shop.settings.add_staff("林姐", "owner").value
        self.helper = shop.settings.add_staff("小雯", "assistant").value
        self.counter = shop.settings.add_staff("小悦", "entry").value
        note = f"打 {NUMBER}"

        def add(phone: str, key: str, **fields: Any) -> MemberId:
            draft = MemberDraft(phones=((phone, key),), notes=note, wechat="wx13800000076", **fields)
            return shop.members.save(draft).value

        self.other = add("138 0000 0077", "13800000077")
        add("010 8888 8888", "01088888888", name="座机")
        far = add("+852 9123 4567", "+85291234567")
        gone, away = add("139 0000 0077", "13900000077"), add("139 0000 0078", "13900000078")
        shop.merging.merge(self.other, gone)
        shop.members.archive(away)
        card = shop.view().member(self.hers)
        assert card is not None
        self.sale, self.visit = card.sales[0].id, card.visits[0].id
        walk_in = shop.counter.sell(SaleDraft(None, DAY, (_line(),), note=note)).value
        shop.counter.void_sale(walk_in, note)
        shop.counter.sell(SaleDraft(None, DAY, (_line(),), note=note))
        shop.counter.sell(SaleDraft(self.other, DAY, (_line(),), note=note))
        shop.complaints.add(ComplaintDraft(self.hers, note))
        shop.wanted.add(WantedDraft(self.other, "大衣", note=note))
        shop.followups.add_today((self.other, far))
        of = "SELECT id FROM task WHERE member_id = ? AND state = 'open'"
        self.task, self.done = rx.value(of, (far,)), rx.value(of, (self.other,))
        shop.followups.finish(self.done, OutcomeDraft("reached", note=note))
        shop.members.save(MemberDraft(self.other, notes="换了", phones=(("138 0000 0079", "13800000079"),)))

    def asks(self) -> dict[str, list[Ask]]:
        """Every question the view answers, in every form that makes a difference."""
        hers, other, sale, visit, task = self.hers, self.other, self.sale, self.visit, self.task
        return {
            "audit": [lambda v: v.audit(50)],
            "ids": [lambda v: v.ids(Query())],
            "rows": [lambda v: v.rows(v.ids(Query())), lambda v: v.rows(v.ids(Query(archived=True)))],
            "count": [lambda v: v.count(Query())],
            "search": [
                lambda v: v.search("0074"),
                lambda v: v.search("13800000079"),
                lambda v: v.search("8888"),
            ],
            "member": [lambda v: v.member(hers), lambda v: v.member(other)],
            "rank": [lambda v: v.rank(hers)],
            "own_fields": [lambda v: v.own_fields(gone=True)],
            "changes": [lambda v: v.changes(other), lambda v: v.changes(hers)],
            "merge_preview": [lambda v: v.merge_preview(hers, other)],
            "likely_same": [lambda v: v.likely_same(hers), lambda v: v.likely_same(other)],
            "merged_into": [lambda v: v.merged_into(other)],
            "chip_counts": [lambda v: v.chip_counts(DAY)],
            "day_list": [lambda v: v.day_list()],
            "tasks": [lambda v: v.tasks([task, self.done])],
            "message": [lambda v: v.message(task)],
            "tomorrow": [lambda v: v.tomorrow()],
            "cautions": [lambda v: v.cautions(v.tasks([task])[0])],
            "leaving": [lambda v: v.leaving(self.helper, (self.owner,))],
            "wordings": [lambda v: v.wordings("say.L3")],
            "slots": [lambda v: v.slots("say.L3")],
            "wording_examples": [lambda v: v.wording_examples("say.L3")],
            "tried_out": [lambda v: v.tried_out("say.L3", "〔称呼〕，您好", other)],
            "strategy": [lambda v: [v.strategy(key) for key in TYPE_KEYS]],
            "would_make": [lambda v: v.would_make({})],
            "events": [lambda v: v.events(gone=True)],
            "events_ahead": [lambda v: v.events_ahead(DAY, 60)],
            "effect": [lambda v: v.effect(30)],
            "effect_members": [lambda v: v.effect_members(EffectAsk(DAY, DAY))],
            "wordings_compared": [lambda v: v.wordings_compared(v.effect(30))],
            "drawn": [lambda v: v.drawn("L1", held=True)],
            "away": [lambda v: v.away(30)],
            "away_members": [lambda v: v.away_members(30, "price")],
            "log": [lambda v: v.log(DAY)],
            "sale": [lambda v: v.sale(sale)],
            "visit": [lambda v: v.visit(visit)],
            "returnable": [lambda v: v.returnable(hers)],
            "anonymous": [lambda v: v.anonymous(30)],
            "items": [lambda v: v.items(hers, "")],
            "complaints": [lambda v: v.complaints(), lambda v: v.complaints(hers)],
            "wanted": [lambda v: [v.wanted("", state) for state in ("open", "arrived", "dropped")]],
            "conversion": [lambda v: v.conversion()],
            "her_size": [lambda v: v.her_size(hers, "大衣")],
            "setting": [lambda v: v.setting("shop.name")],
        }


def _line() -> LineDraft:
    return LineDraft(29_800, "连衣裙")


QUIET = {"act_as", "close", "get_ready_to_search"}  # answer nothing


@pytest.fixture
def lived(shop: Shop) -> Life:
    return Life(shop)


def answers(lived: Life, actor: StaffId | None) -> dict[str, list[str]]:
    """The numbers in what each question is answered."""
    lived.shop.actor = actor
    view = lived.shop.view()
    asks = lived.asks()
    for name, member in inspect.getmembers(ShopView):
        if name.startswith("_") or name in QUIET or name in asks:
            continue
        if isinstance(member, property):
            continue
        needed = [
            one for one in list(inspect.signature(member).parameters.values())[1:]
            if one.default is inspect.Parameter.empty
        ]  # fmt: skip
        assert not needed, f"say in `asks` how to ask {name}"
        asks[name] = [lambda v, name=name: getattr(v, name)()]  # type: ignore[misc]
    return {name: [text for ask in of for text in found(ask(view))] for name, of in asks.items()}


def test_an_assistant_finds_no_whole_number_in_any_answer(lived: Life) -> None:
    told = {name for name, texts in answers(lived, lived.owner).items() if texts}
    assert told >= {
        "rows", "search", "member", "changes", "merge_preview", "tasks", "sale", "visit", "anonymous",
        "complaints", "wanted", "bin", "frequent", "tags",
    }, "the owner sees them, and so would she"  # fmt: skip
    for actor in (lived.helper, lived.counter):
        assert {name: texts for name, texts in answers(lived, actor).items() if texts} == {}


def test_the_last_four_digits_stay(lived: Life) -> None:
    lived.shop.actor = lived.helper
    card = lived.shop.view().member(lived.hers)
    assert card is not None
    assert card.phones == (mask_phone(PHONES[NUMBER]),)
    assert "138 **** 0075" in card.notes


def test_where_numbers_are_not_hidden_an_assistant_sees_them_and_the_counter_does_not(lived: Life) -> None:
    lived.shop.actor = lived.owner
    lived.shop.settings.set("staff.hide_phones", False)
    assert {n for n, texts in answers(lived, lived.helper).items() if texts} == {
        n for n, texts in answers(lived, lived.owner).items() if texts
    }
    assert not any(answers(lived, lived.counter).values())


def test_somebody_else_who_looks_gets_nothing_that_was_remembered(lived: Life) -> None:
    lived.shop.actor = lived.owner
    view = lived.shop.view()
    assert found(view.member(lived.hers))
    view.act_as(lived.helper)
    assert not found(view.member(lived.hers))
    view.act_as(lived.owner)
    assert found(view.member(lived.hers))


def test_what_was_read_ahead_stays_for_who_sees_as_much(lived: Life) -> None:
    view = ShopView(lived.shop.store.reader(), lived.shop.clock)
    card = view.member(lived.hers)
    view.act_as(lived.owner)
    assert view.member(lived.hers) is card
    view.act_as(lived.helper)
    assert not found(view.member(lived.hers))
    view.close()


def test_a_right_taken_away_counts_at_once(lived: Life) -> None:
    shop = lived.shop
    shop.settings.set("staff.hide_phones", False)
    shop.actor = lived.helper
    view = shop.view()
    assert found(view.rows([lived.hers]))
    shop.actor = lived.owner
    shop.settings.set("staff.hide_phones", True)
    assert not found(view.rows([lived.hers]))


def test_nobody_in_particular_sees_none_once_an_owner_has_a_pin(lived: Life) -> None:
    lived.shop.pins.set(lived.owner, "4471")
    assert not any(answers(lived, None).values())


# ---------------------------------------------------------------- on its way out


def written(file: Path) -> list[str]:
    return [
        str(cell.value) for sheet in openpyxl.load_workbook(file) for row in sheet.iter_rows() for cell in row
    ]


def test_what_leaves_the_shop_holds_no_whole_number(lived: Life, tmp_path: Path) -> None:
    shop = lived.shop
    shop.actor = lived.owner
    shop.settings.change_staff(lived.helper, "assistant", ("export", "print"))
    fields = ("name", "phone", "sizes", "staff")
    files: dict[str, Callable[[Path], object]] = {
        "members": shop.exports.members,
        "as shown": lambda path: shop.exports.members(path, Query(), columns=fields),
        "sales": shop.exports.sales,
        "callbacks": shop.exports.callbacks,
        "not reached": shop.exports.not_reached,
        "person": lambda path: shop.exports.person(path, lived.hers),
    }
    made: dict[str, Callable[[], Paper]] = {
        "day": lambda: shop.papers.day_list([lived.task]),
        "done": lambda: shop.papers.done_list([lived.done]),
        "members": lambda: shop.papers.member_list(Query(), fields),
        "card": lambda: shop.papers.member_card(lived.hers),
    }
    for name, write in files.items():
        write(tmp_path / "whole.xlsx")
        shop.actor = lived.helper
        write(tmp_path / "masked.xlsx")
        shop.actor = lived.owner
        texts, hidden = written(tmp_path / "whole.xlsx"), written(tmp_path / "masked.xlsx")
        assert name == "not reached" or any(WHOLE.search(text) for text in texts), name
        assert [text for text in hidden if WHOLE.search(text)] == [], name
    for name, paper in made.items():
        assert found(paper()), name
        shop.actor = lived.helper
        assert found(paper()) == [], name
        shop.actor = lived.owner


# ---------------------------------------------------------------- written back


def kept(shop: Shop) -> dict[str, list[Any]]:
    rx = shop.store.read()
    tables = ("member", "phone", "own_value", "sale", "line", "visit", "fitting", "wanted", "contact")
    return {table: rx.all(f"SELECT * FROM {table} ORDER BY id") for table in tables}


def as_drafted(shop: Shop, member: MemberId) -> MemberDraft:
    """What a form would send back that shows a member and was not touched."""
    card = shop.view().member(member)
    assert card is not None
    values = {name: getattr(card, name) for name in MemberDraft._fields if hasattr(card, name)}
    values |= {"phones": tuple((phone, phone) for phone in card.phones)}
    values |= {name: "、".join(getattr(card, name)) for name in ("likes", "avoids", "tags")}
    return MemberDraft(**values)


def test_a_member_saved_as_she_was_shown_keeps_every_number(lived: Life) -> None:
    shop = lived.shop
    shop.actor = lived.helper
    before = kept(shop)
    done = shop.members.save(as_drafted(shop, lived.hers))
    assert done.entry is None, "nothing was changed"
    assert kept(shop) == before


def test_what_was_typed_beside_a_masked_number_is_kept_with_the_whole_one(lived: Life) -> None:
    shop = lived.shop
    shop.actor = lived.helper
    draft = as_drafted(shop, lived.hers)
    shop.members.save(draft._replace(notes=draft.notes + "，先发微信", gender="f"))
    shop.actor = lived.owner
    card = shop.view().member(lived.hers)
    assert card is not None
    assert card.notes == f"{NUMBER}.member.notes，先发微信"
    assert card.phones == (PHONES[NUMBER],)


def test_two_numbers_that_look_alike_masked_stay_two(shop: Shop) -> None:
    shop.actor = shop.settings.add_staff("林姐", "owner").value
    helper = shop.settings.add_staff("小雯", "assistant").value
    phones = (("138 0000 0042", "13800000042"), ("138 1111 0042", "13811110042"))
    member = shop.members.save(MemberDraft(name="王丽", phones=phones)).value
    shop.actor = helper
    draft = as_drafted(shop, member)
    assert len({key for _, key in draft.phones}) == 1
    shop.members.save(draft._replace(call_name="王姐"))
    rx = shop.store.read()
    assert rx.all("SELECT typed, key FROM phone ORDER BY seq") == list(phones)


def test_bookings_and_wishes_put_right_keep_their_numbers(lived: Life) -> None:
    shop = lived.shop
    shop.actor = lived.helper
    before = kept(shop)
    view = shop.view()
    wish = next(row for row in view.wanted("", "open") if row.member == lived.other)
    shop.wanted.change(wish.id, WantedDraft(wish.member, wish.item, note=wish.note, day=wish.day))
    done = view.tasks([lived.done])[0]
    assert done.note == "打 138 **** 0075"
    shop.followups.change(lived.done, OutcomeDraft("reached", note=done.note))
    after = kept(shop)
    assert after["wanted"] == before["wanted"]
    notes = [
        row[0] for row in shop.store.read().all("SELECT note FROM contact WHERE task_id = ?", (lived.done,))
    ]
    assert notes[-1] == f"打 {NUMBER}"


def test_a_member_without_a_name_is_named_by_a_masked_number(lived: Life) -> None:
    shop = lived.shop
    shop.actor = lived.helper
    sentences = [
        shop.members.pause(lived.other, None, never=True).sentence,
        shop.members.save(MemberDraft(phones=(("138 0000 0088", "13800000088"),))).sentence,
        shop.undo().sentence,
    ]
    assert not found(sentences)
    assert sentences[1].values["name"] == "138 **** 0088"


def test_a_row_is_masked_as_a_row() -> None:
    row = MemberRow(
        MemberId(1), name="", phones=("13800000042", "+33123456789"), type=None, reason=None, last_day=None,
        n12=0, spend12_fen=0, spend_fen=0, next_due=None, sizes="", staff="", joined=None, birthday="",
        matched="13800000042",
    )  # fmt: skip
    hidden = masked(row)
    assert isinstance(hidden, MemberRow)
    assert (hidden.phones, hidden.matched) == (("138 **** 0042", "+33 **** 6789"), "138 **** 0042")


# ---------------------------------------------------------------- finding out the hidden digits


def test_searching_finds_no_hidden_digit_of_a_masked_number(shop: Shop) -> None:
    """Ten searches for each hidden digit would tell the whole number, and nothing would be counted."""
    wish = WantedDraft(
        member=shop.members.save(MemberDraft(name="刘敏", phones=(("13800370042", ""),))).value,
        item="羊绒大衣", note="女儿 13905550001",
    )  # fmt: skip
    shop.wanted.add(wish)
    owner = shop.settings.add_staff("林姐", "owner").value
    helper = shop.settings.add_staff("小雯", "assistant").value
    view = shop.view()

    def finds(text: str) -> set[bool]:
        return {
            bool(view.search(text)), bool(view.count(Query(text=text))), bool(view.ids(Query(text=text))),
            bool(view.wanted(text)),
        }  # fmt: skip

    view.act_as(owner)
    for typed in ("37", "1380037", "70042", "00370042", "13800370042", "0042"):
        assert finds(typed) == {True}, typed
    assert view.wanted("9055")
    view.act_as(helper)
    for typed in ("37", "1380037", "70042", "370042", "00370042", "1380", "3800370042"):
        assert finds(typed) == {False}, typed
    assert not view.wanted("9055")
    for typed in ("0042", "42", "13800370042", "138 0037 0042", "+86 138 0037 0042", "刘 0042"):
        assert finds(typed) == {True}, typed
    assert [row.matched for row in view.search("0042")] == ["138 **** 0042"]
    assert view.wanted("大衣")
    shop.actor = helper
    assert shop.own_view().count(Query(text="37")) == 0, (
        "what she prints or exports is found as on her screen"
    )
