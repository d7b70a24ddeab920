"""The call-back list as a table: every column, blank outcomes, masked numbers."""

from datetime import date
from typing import Any

import pytest

from shopcrm.basics import texts
from shopcrm.basics.records import MemberId, Sentence, TaskId, TaskRow
from shopcrm.reports.callbacks import Callback, callback_list
from shopcrm.store.tasks import Words

ROW = TaskRow(
    id=TaskId(41), member=MemberId(7), name="何秀珍", phones=("13800001490", "01088881234"), type="lost",
    rule="X1", step=2, why=Sentence("why.absent", {"n": 208, "m": 41}),
    context=Sentence("why.line", {"text": "第 2 次回访"}),
    channel="call", due=date(2026, 11, 19), expires=date(2026, 12, 9), overdue_days=2, priority=1.5,
    last_day=date(2026, 4, 27), last_item="针织开衫 燕麦", last_fen=32_800,
    joined=date(2023, 3, 4),
    last_contact_day=date(2026, 11, 7), last_contact_outcome="no_answer", staff="小雯",
    appointment=None, tries=1, snoozes=0, state="open", outcome="", closed_at="", closed_by="", copied=False,
)  # fmt: skip
WORDS = Words(
    Sentence("reason.lost_held", {"silence": "208"}), ("XL", "31", ""), "针织、宽松款", "高领",
)  # fmt: skip


def cells(row: TaskRow = ROW, words: Words = WORDS, **options: Any) -> dict[str, object]:
    table = callback_list(
        [Callback(row, "秀珍姐您好，最近都好吗？——小雯", words, "T41-0-00C0FFEE")], **options
    )
    return {column.id: cell for column, cell in zip(table.columns, table.rows[0], strict=True)}


def test_columns_are_those_of_the_list_to_fill_in() -> None:
    table = callback_list([])
    assert [column.heading for column in table.columns] == [
        "客户", "类型", "为什么联系", "分类依据", "手机", "上次购买", "尺码", "喜好", "建议这样说",
        "联系结果", "下次日期", "备注", "待办编号",
    ]  # fmt: skip
    assert table.title == "回访名单"
    assert callback_list([], type="lost").title == "回访名单 流失型"
    by_id = {column.id: column for column in table.columns}
    assert by_id["outcome"].choices == ("联系上了", "没接通", "会来店", "不需要", "号码不对", "改天")
    assert (by_id["phone"].kind, by_id["next"].kind) == ("phone", "date")
    assert [column.id for column in table.columns if column.hidden] == ["task"]


def test_line_tells_whom_why_and_what_to_say() -> None:
    assert cells() == {
        "name": "何秀珍", "type": "流失型",
        "why": "【逾期 2 天】208 天没来，以前平均 41 天来一次\n第 2 次回访",
        "basis": "已列为流失型且之后没有新的购买或到店（距上次208天），有新动作才会改变。",
        "phone": "138 0000 1490\n010 8888 1234", "last": "2026-04-27\n针织开衫 燕麦 ¥328",
        "sizes": "上衣 XL · 裤 31", "likes": "针织、宽松款；不要高领",
        "say": "秀珍姐您好，最近都好吗？——小雯",
        "outcome": None, "next": None, "note": None, "task": "T41-0-00C0FFEE",
    }  # fmt: skip


def test_numbers_may_be_masked() -> None:
    assert cells(mask=True)["phone"] == "138 **** 1490\n010 **** 1234"


def test_poor_member_has_no_holes() -> None:
    poor = ROW._replace(phones=(), context=None, overdue_days=0, last_day=None, last_item="", last_fen=0)
    found = cells(poor, Words(None, ("", "", ""), "", ""))
    assert (found["phone"], found["last"], found["sizes"], found["likes"], found["basis"]) == (
        "",
        "还没买过",
        "",
        "",
        "",
    )
    assert found["why"] == "208 天没来，以前平均 41 天来一次"


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_headings_are_words_in_every_language(language: str) -> None:
    texts.use(language)
    assert all(column.heading for column in callback_list([]).columns)
    assert len(set(callback_list([]).columns[9].choices or ())) == 6


def test_what_she_does_not_want_is_said_and_her_number_is_not_given() -> None:
    told = cells(ROW._replace(no_call=True, no_message=True))
    assert str(told["why"]).splitlines()[-2:] == ["别打电话", "别发微信"]
    assert told["phone"] == "138 0000 1490\n010 8888 1234"
    told = cells(ROW._replace(no_call=True, no_sms=True, best_time="19:00-"))
    assert told["phone"] == ""
    assert "19:00" not in str(told["why"])
    assert str(cells(ROW._replace(best_time="19:00-"))["why"]).splitlines()[-1] == "19:00 以后打"
