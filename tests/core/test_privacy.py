"""The notice to customers, and who has not been seen for years."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from shopcrm.basics import texts
from shopcrm.basics.errors import InputError
from shopcrm.basics.records import MemberDraft, MemberId, SaleId, VisitId
from shopcrm.basics.texts import LANGUAGES
from tests.conftest import DAY, Clock


def test_the_notice_names_shop_owner_and_years(shop: Any) -> None:
    shop.settings.begin("禾木衣坊", "林姐")
    shop.settings.set("keep_years", 3)
    said = "\n".join(words for _, words in shop.view().notice())
    for word in ("禾木衣坊", "林姐", "3 年", "不联网", "14 岁", "拿走一份", "改正", "删"):
        assert word in said
    text = shop.view().notice_text()
    assert all(f"{head}：{words}" in text for head, words in shop.view().notice())
    assert DAY.isoformat() in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notice_is_whole_where_nothing_is_filled_in(shop: Any, language: str) -> None:
    texts.use(language)
    parts = shop.view().notice()
    assert len(parts) == 8
    assert all(head and words and "{" not in head + words for head, words in parts)
    assert texts.t("notice.our_shop") in parts[0][1]
    assert texts.t("notice.anybody") in parts[-1][1]


def test_the_notice_is_a_paper_with_nobody_on_it(shop: Any) -> None:
    shop.settings.begin("禾木衣坊", "林姐")
    paper = shop.papers.notice()
    assert (paper.people, paper.guard) == (0, "")
    cells = [[word.text for cell in row for word in cell.words] for row in paper.tables[0].rows]
    assert cells == [list(part) for part in shop.view().notice()]
    done = shop.papers.printed(paper, lambda: None)
    assert done.sentence.id == "pr.printed.nobody"


def test_who_was_not_seen_for_years(
    shop: Any,
    clock: Clock,
    a_member: Callable[..., MemberId],
    a_sale: Callable[..., SaleId],
    a_visit: Callable[..., VisitId],
) -> None:
    clock.set(date(2019, 1, 1))
    unknown = a_member("只有名字")  # since when the shop has her counts
    clock.set(DAY)
    a_member("昨天建的")
    joined = a_member("入会早", joined=date(2020, 1, 1))
    bought = a_member("买过", joined=date(2015, 1, 1))
    a_sale(bought, date(2021, 11, 20))
    on_the_day = a_member("正好五年", joined=date(2015, 1, 1))
    a_sale(on_the_day, date(2021, 11, 21))
    came = a_member("来过", joined=date(2015, 1, 1))
    a_visit(came, date(2026, 1, 1))
    voided = a_member("作废的不算", joined=date(2016, 1, 1))
    shop.counter.void_sale(a_sale(voided, date(2026, 1, 1)), "打错了")
    shop.members.archive(a_member("停用了", joined=date(2015, 1, 1)))
    assert shop.view().unseen() == (voided, unknown, joined, bought)
    assert shop.view().unseen(6) == (voided, unknown, joined)
    shop.settings.set("keep_years", 8)
    assert shop.view().unseen() == (voided,)
    clock.set(date(2028, 2, 29))
    assert on_the_day in shop.view().unseen(2)
    shop.members.save(MemberDraft(id=voided, name="又来了", joined=date(2028, 2, 1)))
    assert voided not in shop.view().unseen(2)


@pytest.mark.parametrize("years", [1, 11, 0, 2.5])
def test_years_are_two_to_ten(shop: Any, years: float) -> None:
    with pytest.raises(InputError):
        shop.settings.set("keep_years", years)
