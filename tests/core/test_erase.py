"""Lawful erasing: nothing by which she could be known is left in the file, the sums are."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from shopcrm.basics.errors import Refusal, RightsError, StoreError
from shopcrm.basics.records import (
    ComplaintDraft,
    LineDraft,
    MemberDraft,
    MemberId,
    OutcomeDraft,
    Query,
    SaleDraft,
    SaleId,
    VisitDraft,
    WantedDraft,
)
from shopcrm.shop import Shop
from shopcrm.store import Store
from shopcrm.store.imports import add_contacts
from tests.core.rows import everything

ALSO_ENCRYPTED = (
    "test_no_byte_of_her_is_left_and_the_sums_are",
    "test_a_full_disk_is_told_and_the_words_are_overwritten",
)  # all but these, which look into the file by themselves

DAY = date(2026, 11, 21)
NAME, CALL, PHONE, OLD_PHONE = "欧阳翡翠", "翠翠姐", "13800006543", "13800009876"
SECRETS = (
    NAME, CALL, PHONE, "138 0000 6543", OLD_PHONE, "wx_feicui", "爱吃榴莲", "她说膝盖疼", "1971-03-09",
    "V-7788", "电话里说起搬家", "一条只给翠翠的消息", "小票上写着送女儿", "打错了是别人的单",
    "儿科医生", "她表妹说的", "拉链坏了两次", "换了一条还送了围巾", "送她婆婆的",
    "只穿真丝绉", "第一次写的备注", "标签甲乙", "说等她老公发工资",
)  # fmt: skip


@pytest.fixture
def file_shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop.open(tmp_path / "shop.db", clock=lambda: datetime(2026, 11, 21, 10, 0))
    yield made
    made.close()


def draft(**fields: object) -> MemberDraft:
    return MemberDraft(
        name=NAME, call_name=CALL, phones=(("138 0000 6543", PHONE), (OLD_PHONE, OLD_PHONE)),
        card_no="V-7788", gender="f", birthday="1971-03-09", wechat="wx_feicui", size_top="XL",
        likes="只穿真丝绉", tags="标签甲乙", notes="第一次写的备注", consent="yes", consent_by="她表妹说的",
        best_time="19:00-",
    )._replace(**fields)  # fmt: skip


def a_life(shop: Shop) -> MemberId:
    """A member of whom every table tells something, changed and moved about."""
    job = shop.members.own.add("职业").value
    member = shop.members.save(draft(own=((job, "儿科医生"),))).value
    shop.members.save(draft(id=member, notes="爱吃榴莲", phones=(("138 0000 6543", PHONE),)))
    bought = SaleDraft(
        member=member, day=DAY - timedelta(40), lines=(LineDraft(amount_fen=35_800, item="羊绒衫"),),
        note="小票上写着送女儿",
    )  # fmt: skip
    shop.counter.sell(bought)
    shop.undo(shop.counter.sell(bought._replace(day=DAY - timedelta(3), note="打错了是别人的单")).entry)
    shop.counter.visit(VisitDraft(member=member, day=DAY, kind="tried", items="风衣", says="她说膝盖疼"))
    shop.followups.add_today((member,))
    task = shop.view().member(member).task  # type: ignore[union-attr]
    assert task is not None
    shop.followups.finish(
        task.id, OutcomeDraft("reached", note="电话里说起搬家", message="一条只给翠翠的消息")
    )
    with shop.store.write("import", None, shop.clock()) as tx:
        add_contacts(tx, [(member, "2026-01-01", "", "call", "说等她老公发工资", None, "", None)])
    complaint = shop.complaints.add(ComplaintDraft(member, "拉链坏了两次", "serious")).value
    shop.complaints.settle(complaint, "换了一条还送了围巾")
    shop.wanted.add(WantedDraft(member, "真丝围巾", note="送她婆婆的"))
    shop.members.archive(member)
    shop.members.restore(member)
    return member


def left_in(file: Path) -> list[str]:
    held = file.read_bytes()
    return [word for word in SECRETS if word.encode() in held]


def test_no_byte_of_her_is_left_and_the_sums_are(file_shop: Shop, tmp_path: Path) -> None:
    shop = file_shop
    others = [
        shop.members.save(MemberDraft(name=f"别人{n}", phones=((f"139{n:08}",) * 2,))).value
        for n in range(60)
    ]
    member = a_life(shop)
    assert left_in(tmp_path / "shop.db")
    rx = shop.store.read()
    total = rx.value("SELECT sum(amount_fen) FROM line")
    done = shop.members.erase(member)
    assert done.value is True
    assert done.entry is None
    assert left_in(tmp_path / "shop.db") == []
    assert rx.value("SELECT sum(amount_fen) FROM line") == total
    assert rx.value("SELECT count(*) FROM contact WHERE outcome='reached'") == 1
    card = shop.view().member(member)
    assert card is not None
    assert (card.erased, card.archived, card.name, card.phones, card.own) == (True, True, "", (), ())
    assert [sale.total_fen for sale in card.sales if not sale.voided] == [35_800]
    assert shop.view().search("6543") == shop.view().search("翡翠") == []
    assert shop.view().count(Query()) == len(others)
    assert rx.value("SELECT count(*) FROM journal_entry WHERE kind='member.erase'") == 1


def test_nothing_brings_her_back(file_shop: Shop, tmp_path: Path) -> None:
    shop = file_shop
    member = a_life(shop)
    shop.members.erase(member)
    while True:
        try:
            redo = shop.undo()
        except Refusal:
            break
        assert not any(word in str(redo.sentence) for word in SECRETS)
        assert left_in(tmp_path / "shop.db") == []
        shop.undo(redo.entry)
        assert left_in(tmp_path / "shop.db") == []
        shop.undo()
    assert left_in(tmp_path / "shop.db") == []


def test_what_was_taken_back_before_is_forgotten_too(file_shop: Shop, tmp_path: Path) -> None:
    first = file_shop.members.save(draft())
    taken_back = file_shop.undo(first.entry).entry
    file_shop.members.erase(a_life(file_shop))
    assert left_in(tmp_path / "shop.db") == []
    file_shop.undo(taken_back)  # comes back as a row without a name
    assert left_in(tmp_path / "shop.db") == []


def test_what_is_gone_is_refused_a_second_life(shop: Shop, a_member: Callable[..., MemberId]) -> None:
    member = a_member("王丽")
    shop.members.erase(member)
    before = everything(shop)
    for again in (
        lambda: shop.members.erase(member),
        lambda: shop.members.restore(member),
        lambda: shop.members.pause(member, None),
        lambda: shop.members.save(MemberDraft(id=member, name="王丽")),
    ):
        with pytest.raises(Refusal) as caught:
            again()
        assert caught.value.code == "member_erased"
    for booking in (
        lambda: shop.members.erase(MemberId(999)),
        lambda: shop.counter.sell(SaleDraft(member, DAY, (LineDraft(30_000),))),
        lambda: shop.counter.visit(VisitDraft(member, DAY, "looked")),
        lambda: shop.complaints.add(ComplaintDraft(member, "起球")),
        lambda: shop.wanted.add(WantedDraft(member, "大衣")),
    ):
        with pytest.raises(Refusal) as caught:
            booking()
        assert caught.value.code == "member_unknown"
    assert everything(shop) == before


def test_no_step_back_moves_anything_to_or_from_her(
    shop: Shop, a_member: Callable[..., MemberId], a_sale: Callable[..., SaleId]
) -> None:
    one, two, three = a_member("王丽"), a_member("李梅"), a_member("张霞")
    sale = a_sale(None)
    a_sale(two)
    shop.counter.attach(sale, one)
    shop.merging.merge(three, two)
    shop.merging.separate(two)
    shop.merging.merge(one, two)
    shop.members.erase(one)
    shop.members.erase(three)
    before = everything(shop)
    for back in (*[shop.undo] * 4, *[shop.redo] * 4):
        back()
        assert everything(shop) == before


def test_a_namesake_keeps_her_own(shop: Shop, a_member: Callable[..., MemberId]) -> None:
    gone, stays = a_member("王丽", phone="13800000001"), a_member("王丽", phone="13800000002", notes="留着")
    shop.members.save(MemberDraft(id=stays, name="王丽", notes="改过", phones=(("13800000002",) * 2,)))
    before = shop.view().member(stays)
    shop.members.erase(gone)
    assert shop.view().member(stays) == before
    said = [row[0] for row in shop.store.read().all("SELECT sentence FROM journal_entry ORDER BY id")]
    assert ["王丽" in text for text in said] == [False, True, True, False]
    shop.undo()
    card = shop.view().member(stays)
    assert card is not None
    assert card.notes == "留着"


def test_whom_she_brought_stays_and_counts(shop: Shop, a_member: Callable[..., MemberId]) -> None:
    gone = a_member("甲")
    friend = a_member("乙", referrer_id=gone)
    shop.members.erase(gone)
    card = shop.view().member(friend)
    assert card is not None
    assert card.referrer == ""


def test_only_the_owner_may(shop: Shop, a_member: Callable[..., MemberId]) -> None:
    member = a_member("王丽")
    shop.settings.add_staff("老板", "owner")
    shop.actor = shop.settings.add_staff("小雯", "assistant").value
    with pytest.raises(RightsError) as caught:
        shop.members.erase(member)
    assert caught.value.right == "erase"


def test_a_full_disk_is_told_and_the_words_are_overwritten(
    file_shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = a_life(file_shop)

    def full(_store: Store) -> None:
        raise StoreError("full")

    monkeypatch.setattr(Store, "squeeze", full)
    done = file_shop.members.erase(member)
    assert done.value is False
    assert done.sentence.id == "done.member_erased_rest"
    db = sqlite3.connect(tmp_path / "shop.db")
    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()
