"""What stands on paper: the words, whose number, who is left out and counted, and that it is remembered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shopcrm.basics.errors import Refusal, RightsError, StoreError
from shopcrm.basics.papers import Paper, PaperTable
from shopcrm.basics.records import ComplaintDraft, MemberDraft, MemberId, OutcomeDraft, Query
from shopcrm.basics.rights import FEW
from shopcrm.basics.texts import LANGUAGES, t, use
from shopcrm.shop import papers
from shopcrm.shop.dump import dump
from shopcrm.store import handover
from tests.conftest import DAY, Clock


def texts(paper: Paper) -> list[str]:
    """Every text of the tables, cell by cell."""
    return [
        words.text for table in paper.tables for row in table.rows for cell in row for words in cell.words
    ]


def cells(table: PaperTable) -> list[list[str]]:
    return [["\n".join(words.text for words in cell.words) for cell in row] for row in table.rows]


def card_table(paper: Paper, title: str) -> list[list[str]]:
    return cells(next(table for table in paper.tables if table.heading == title))


@pytest.fixture
def day(shop: Any, a_member: Callable[..., MemberId], a_sale: Callable[..., Any]) -> list[MemberId]:
    """A morning with to-dos: some who bought a week ago, some who registered and did not buy."""
    shop.settings.begin("禾木衣坊", "林姐")
    members = [a_member(f"客{n}", joined=DAY - timedelta(days=400), likes="羊绒") for n in range(3)]
    for n, member in enumerate(members):
        for back in (7, 100, 200, 300):
            a_sale(member, DAY - timedelta(days=back), 600 + n)
    members += [a_member(f"新{n}", joined=DAY - timedelta(days=7)) for n in range(3)]
    shop.start_day()
    assert len(shop.view().day_list().open) >= 4
    return members


def entered(shop: Any) -> None:
    """From now on somebody acts who may not see whole numbers."""
    shop.actor = shop.settings.add_staff("小录", "assistant").value


def test_the_days_list_says_who_why_and_what_to_say(shop: Any, day: list[MemberId]) -> None:
    view = shop.view()
    tasks = view.day_list().open
    paper = shop.papers.day_list(tasks)
    rows = view.tasks(tasks)
    assert (paper.title, paper.people) == ("今日回访名单", len(tasks))
    assert paper.facts[0].startswith("禾木衣坊 · 2026年11月21日 周六 · ")
    assert paper.guard == "内有客人电话，用完请收好"
    assert paper.made == "打印：10:00"
    table = paper.tables[0]
    assert [row[0].badge for row in table.rows] == [row.type for row in rows]
    for printed, row in zip(table.rows, rows, strict=True):
        assert printed[1].words[0].text == row.name
        assert row.phones[0].replace(" ", "") in printed[1].words[1].text.replace(" ", "")
        assert t(row.why.id, **row.why.values) in printed[2].words[0].text
        assert printed[2].words[-1].text == view.strategy(row.type).do.splitlines()[0]
        assert [choice[0] for choice in printed[4].choices] == list("123456")
        assert printed[4].to_write
    whole = shop.papers.day_list(tasks, whole_message=True)
    said = [row[2].words[-1].text for row in whole.tables[0].rows]
    assert said == [view.message(task).text for task in tasks]


def test_what_is_late_stands_in_bold_with_its_days(shop: Any, clock: Clock, day: list[MemberId]) -> None:
    clock.set(DAY + timedelta(days=2))
    shop.start_day()
    tasks = shop.view().day_list().open
    late = [row for row in shop.view().tasks(tasks) if row.overdue_days]
    assert late
    paper = shop.papers.day_list(tasks)
    assert f"（逾期 {len(late)} 位）" in paper.facts[0]
    strong = [row[2].words[0] for row in paper.tables[0].rows if row[2].words[0].look == "strong"]
    assert [words.text[:6] for words in strong] == [f"【逾期{row.overdue_days}天】" for row in late]


def test_who_must_not_be_contacted_is_left_out_and_counted(shop: Any, day: list[MemberId]) -> None:
    tasks = shop.view().day_list().open
    rows = shop.view().tasks(tasks)
    first, second = rows[0], next(row for row in rows if row.type != rows[0].type)
    # Between the list on the screen and the print somebody else writes down what changed.
    shop.members.save(MemberDraft(id=first.member, name=first.name, consent="no"))
    shop.complaints.add(ComplaintDraft(second.member, "掉色"))
    paper = shop.papers.day_list(tasks)
    assert paper.people == len(tasks) - 2
    assert not {first.name, second.name} & set(texts(paper))
    assert paper.facts[1].startswith("另有 2 位现在不能联系")
    of_type = [row.id for row in rows if row.type == first.type]
    typed = shop.papers.day_list(of_type, type=first.type)
    assert typed.title == f"今日回访名单：{t('type.' + first.type)}"
    assert typed.facts[1].startswith("另有 1 位")
    chosen = [row.id for row in rows if row.id not in (first.id, second.id)]
    assert len(shop.papers.day_list(chosen, is_part=True).facts) == 1
    with pytest.raises(Refusal, match="没有人"):
        shop.papers.day_list([first.id])


def test_a_persons_list_counts_whom_she_would_have_called(shop: Any, day: list[MemberId]) -> None:
    owner = shop.view().staff()[0].id
    member = shop.view().member(day[0])
    shop.members.save(MemberDraft(id=member.id, name=member.name, staff_id=owner, consent="no"))
    tasks = shop.view().day_list().open
    hers, pool = (shop.papers.day_list(tasks, staff=staff) for staff in (owner, 0))
    assert hers.facts[1].startswith("另有 1 位")
    assert len(pool.facts) == 1
    assert " · 林姐的客户 · " in hers.facts[0]
    assert f" · {t('today.free')} · " in pool.facts[0]


def test_what_was_done_meanwhile_is_not_printed(shop: Any, day: list[MemberId]) -> None:
    tasks = shop.view().day_list().open
    shop.followups.finish(tasks[0], OutcomeDraft("reached"))
    assert shop.papers.day_list(tasks).people == len(tasks) - 1


def test_tomorrows_list_says_so(shop: Any, day: list[MemberId]) -> None:
    tasks = shop.view().tomorrow()[0].open or shop.view().day_list().open
    paper = shop.papers.day_list(tasks, ahead=True)
    assert paper.title == "明日回访名单"
    assert "11月22日 周日" in paper.facts[0]
    assert paper.file_name == "回访名单_2026-11-22"


def test_what_came_of_the_day(shop: Any, day: list[MemberId], a_sale: Callable[..., Any]) -> None:
    shop.actor = shop.view().staff()[0].id
    first, second = shop.view().day_list().open[:2]
    shop.followups.finish(first, OutcomeDraft("no_answer", next_day=DAY + timedelta(days=2), note="关机"))
    shop.followups.finish(second, OutcomeDraft("refused", reason="price"))
    paper = shop.papers.done_list(shop.view().day_list().done)
    assert (paper.title, paper.people) == ("今日已联系", 2)
    assert paper.made == "打印：林姐 10:00"
    refused, missed = cells(paper.tables[0])
    assert missed[3:] == ["没接通\n下次：11月23日\n关机", "林姐\n10:00"]
    assert refused[3] == "不需要\n价格"
    with pytest.raises(Refusal):
        shop.papers.done_list(())


def test_whose_only_number_is_wrong_left_one_all_the_same(shop: Any, day: list[MemberId]) -> None:
    (task, *_) = shop.view().day_list().open
    shop.followups.finish(task, OutcomeDraft("wrong_number"))
    paper = shop.papers.done_list([task])
    assert paper.tables[0].rows[0][1].words[1].text == "没有能打的号码"


def test_numbers_are_masked_for_whom_they_must_be(shop: Any, day: list[MemberId]) -> None:
    tasks = shop.view().day_list().open
    made: tuple[Callable[..., Paper], ...] = (
        lambda **how: shop.papers.day_list(tasks, **how),
        lambda **how: shop.papers.member_list(Query(), ("name", "phone"), **how),
        lambda **how: shop.papers.member_card(day[0], **how),
    )

    def numbers(paper: Paper) -> str:
        return " ".join(texts(paper)).replace(" ", "")

    for paper in made:
        assert "1380000" in numbers(paper())
        assert paper().guard
        assert "138****" in numbers(paper(mask=True))
        assert "1380000" not in numbers(paper(mask=True))
        assert not paper(mask=True).guard  # nothing on it needs keeping
    entered(shop)
    for paper in made:
        assert "138****" in numbers(paper())
        assert "1380000" not in numbers(paper())
        assert paper().made == "打印：小录 10:00"


def test_a_paper_of_many_is_not_even_made_without_the_right(
    shop: Any, day: list[MemberId], a_member: Callable[..., MemberId]
) -> None:
    for _ in range(FEW - len(day)):
        a_member(joined=DAY - timedelta(days=7))
    shop.start_day()
    entered(shop)
    helper, owner = shop.actor, shop.view().staff()[0].id
    assert shop.papers.member_list(Query(), ("name",)).people == FEW
    shop.actor = owner
    a_member("再一位")
    shop.actor = helper
    with pytest.raises(RightsError) as caught:
        shop.papers.member_list(Query(), ("name",))
    assert caught.value.right == "print"
    shop.actor = owner
    shop.settings.change_staff(helper, "assistant", ("print",))
    shop.actor = helper
    assert shop.papers.member_list(Query(), ("name",)).people == FEW + 1


def test_members_stand_as_listed(shop: Any, day: list[MemberId]) -> None:
    silent = shop.view().member(day[1])
    shop.members.save(
        MemberDraft(
            id=silent.id,
            name=silent.name,
            no_call=True,
            no_sms=True,
            phones=tuple((key, key) for key in silent.phones),
        )
    )
    query = Query(sort="name", descending=False)
    columns = ("name", "phone", "last", "n12", "spend12", "spend", "sizes", "staff", "next", "joined")
    paper = shop.papers.member_list(query, columns)
    ids = list(shop.view().ids(query))
    assert paper.people == len(ids)
    assert [column.heading for column in paper.tables[0].columns[1:]] == [t(f"mb.col.{c}") for c in columns]
    printed = cells(paper.tables[0])
    rows = shop.view().rows(ids)
    assert [row[1] for row in printed] == [row.name for row in rows]
    assert printed[ids.index(silent.id)][2] == "勿扰"
    assert paper.facts[1] == "其中 1 位不要打电话也不要短信，号码没有印"
    assert "7 天前" in [row[3] for row in printed]
    assert not shop.papers.member_list(query, ("name", "last")).guard
    with pytest.raises(Refusal):
        shop.papers.member_list(Query(text="没有这个人"), columns)


def test_too_long_a_list_is_refused(shop: Any, day: list[MemberId], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(papers, "MOST_MEMBERS", 3)
    with pytest.raises(Refusal, match="一次最多印 3 位"):
        shop.papers.member_list(Query(), ("name",))


def test_a_card_holds_all_of_her(shop: Any, day: list[MemberId], a_visit: Callable[..., Any]) -> None:
    member = day[0]
    a_visit(member, DAY - timedelta(days=20), "tried", items="大衣", reasons=("price",), says="再想想")
    task = next(row for row in shop.view().tasks(shop.view().day_list().open) if row.member == member)
    shop.followups.finish(task.id, OutcomeDraft("no_answer", next_day=DAY + timedelta(days=2)))
    card = shop.view().member(member)
    shop.members.save(
        MemberDraft(
            id=member,
            name="王/丽",
            phones=tuple((key, key) for key in card.phones),
            size_top="M",
            likes="羊绒、深色",
            avoids="扎",
            notes="住在河边\n怕冷",
            birthday="1990-05-01",
            no_call=True,
        )
    )
    shop.complaints.add(ComplaintDraft(member, "掉色"))
    paper = shop.papers.member_card(member)
    assert (paper.title, paper.people, paper.file_name) == ("王/丽", 1, "会员卡_王_丽")
    assert paper.badge == shop.view().member(member).verdict.type
    assert t("mb.no_call") in paper.facts[-1]
    said = dict(zip(texts(paper)[:40:2], texts(paper)[1:40:2], strict=False))
    for label, value in (
        ("手机号", "138 0000 0001"), ("生日", "1990年5月1日"), ("上衣", "M"), ("裤", "—"),
        ("喜欢", "羊绒、深色"), ("不要", "扎"), ("投诉还没处理", "掉色"),
    ):  # fmt: skip
        assert said[label] == value
    bought = card_table(paper, "购买")
    assert bought[0] == ["2026-11-14", "连衣裙", "", "1", "¥600", ""]
    assert len(bought) == 4
    assert card_table(paper, "到店") == [["2026-11-01", "试了没买 · 大衣 · 价格 · 再想想", ""]]
    assert card_table(paper, "跟进")[0][2] == "没接通 · 下次：2026-11-23"
    assert card_table(paper, "备注") == [["住在河边\n怕冷"]]
    assert all(
        met in ("达到", "没达到") for _, met in card_table(paper, f"为什么是{t('type.' + paper.badge)}")
    )
    with pytest.raises(Refusal):
        shop.papers.member_card(MemberId(999))


def test_a_card_keeps_a_number_to_itself_that_must_not_be_used(shop: Any, day: list[MemberId]) -> None:
    card = shop.view().member(day[0])
    phones = tuple((key, key) for key in card.phones)
    shop.members.save(MemberDraft(id=card.id, name=card.name, phones=phones, consent="no"))
    paper = shop.papers.member_card(card.id)
    assert "1380000" not in "".join(texts(paper)).replace(" ", "")
    assert "勿扰" in texts(paper)
    assert not paper.guard


def test_only_the_latest_of_a_long_history(shop: Any, a_member: Any, a_sale: Any) -> None:
    member = a_member("王丽")
    for back in range(45):
        a_sale(member, DAY - timedelta(days=back), 100 + back)
    paper = shop.papers.member_card(member)
    assert len(card_table(paper, "购买（最近 40 条，共 45 条）")) == 40


def test_what_left_on_paper_is_remembered_and_changes_nothing(
    shop: Any, day: list[MemberId], tmp_path: Path
) -> None:
    shop.actor = shop.view().staff()[0].id
    paper = shop.papers.day_list(shop.view().day_list().open)
    before = dump(shop.store.read())
    shop.papers.printed(paper, lambda: None)
    assert shop.papers.saved(paper, tmp_path / "a.pdf", lambda path: path.write_bytes(b"x")).value.exists()
    assert sum(one.times for one in handover.exports_of(shop.store.read(), shop.actor)[0]) == 2
    sentence = shop.store.read().value("SELECT sentence FROM journal_entry ORDER BY id DESC LIMIT 1")
    assert "a.pdf" in sentence
    assert dump(shop.store.read()) == before

    def fail(*_path: Path) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        shop.papers.printed(paper, fail)
    with pytest.raises(RuntimeError):
        shop.papers.saved(paper, tmp_path / "b.pdf", fail)

    def full(_path: Path) -> None:
        raise OSError(28, "full")

    with pytest.raises(StoreError):
        shop.papers.saved(paper, tmp_path / "b.pdf", full)
    with pytest.raises(Refusal):
        shop.papers.saved(paper, tmp_path / "none" / "b.pdf", fail)
    assert sum(one.times for one in handover.exports_of(shop.store.read(), shop.actor)[0]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_papers_speak_the_language_in_force(shop: Any, day: list[MemberId], language: str) -> None:
    use(language)
    tasks = shop.view().day_list().open
    title = {"zh_CN": "今日回访名单", "zh_TW": "今日回訪名單", "en": "Call-back list"}[language]
    paper = shop.papers.day_list(tasks)
    assert paper.title == title
    assert paper.guard == t("pr.foot")
    for other in (
        shop.papers.member_list(Query(), ("name", "phone", "next")), shop.papers.member_card(day[0])
    ):  # fmt: skip
        assert other.made == t("pr.made.nobody", time="10:00")
