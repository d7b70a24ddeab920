"""Past follow-ups and visits come in with their author and day, once, and go again."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from shopcrm.excel.writer import write_raw
from shopcrm.shop import Shop
from shopcrm.shop.dump import dump
from tests.imports.at_the_shop import imported, left_out

pytestmark = pytest.mark.usefixtures("in_process")
A, B, C = "13800000001", "13800000002", "13800000003"
K = ["姓名", "手机号", "回访日期", "回访结果", "跟进内容", "下次跟进日期", "联系渠道", "跟进人"]
V = ["姓名", "手机号", "到店日期", "试穿", "商品", "未购原因", "备注", "接待导购"]
CONTACTS = [
    ["王红", A, datetime(2026, 10, 1, 15, 30), "没接", None, None, "电话", "小雯"],
    ["王红", A, "2026年10月5日", "约好要来", "周末带妈妈", "2026-10-11", "微信", "阿珍"],
    ["李娜", B, "2026/10/2", "喜欢那件绿的，要 M 码", None, None, None, "老板娘"],
    ["赵六", C, date(2026, 10, 3), "空号", None, None, None, None],
]
VISITS = [
    ["王红", A, date(2026, 9, 1), "是", "大衣", "没码", "要 L", "小雯"],
    ["李娜", B, datetime(2026, 9, 2, 11, 0), None, None, "太贵", None, "阿珍"],
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_raw(tmp_path / "f.xlsx", [("回访", K, CONTACTS), ("到店", V, VISITS)])


def test_contacts_keep_author_day_outcome_and_words(shop: Any, path: Path) -> None:
    report = imported(shop, path)
    assert (report["contacts_new"], report["visits_new"], report["members_new"]) == (4, 2, 3)
    assert report["problems"] == []
    rows = shop.store.read().all(
        """SELECT m.name, c.day, c.at, c.channel, c.outcome, c.next_day, c.note, coalesce(s.name, '')
        FROM contact c JOIN member m ON m.id = c.member_id LEFT JOIN staff s ON s.id = c.staff_id
        ORDER BY c.id"""
    )
    assert rows == [
        ("王红", "2026-10-01", "15:30", "call", "no_answer", None, "", "小雯"),
        ("王红", "2026-10-05", "", "message", "will_come", "2026-10-11", "周末带妈妈", "阿珍"),
        ("李娜", "2026-10-02", "", "call", "reached", None, "喜欢那件绿的，要 M 码", "老板娘"),
        ("赵六", "2026-10-03", "", "call", "wrong_number", None, "", ""),
    ]
    assert {row[0] for row in shop.store.read().all("SELECT role FROM staff")} == {"assistant"}


def test_visits_keep_author_day_and_reason(shop: Any, path: Path) -> None:
    imported(shop, path)
    rows = shop.store.read().all(
        """SELECT m.name, v.day, v.at, v.kind, v.items, v.reasons, v.says, s.name
        FROM visit v JOIN member m ON m.id = v.member_id LEFT JOIN staff s ON s.id = v.staff_id
        ORDER BY v.id"""
    )
    assert rows == [
        ("王红", "2026-09-01", "", "tried", "大衣", "no_size", "要 L", "小雯"),
        ("李娜", "2026-09-02", "11:00", "looked", "", "price", "", "阿珍"),
    ]


@pytest.mark.parametrize(
    ("tried", "outcome", "bought", "reason", "kept"),
    [
        ("大衣", "", "否", "", ("tried", "大衣", "", "")),
        ("白色无袖衫、裙子", "", "", "", ("tried", "白色无袖衫、裙子", "", "")),
        ("是", "", "没成交", "", ("tried", "", "", "")),
        ("2", "", "", "", ("tried", "", "", "")),
        ("0", "只看看", "没买", "", ("looked", "", "", "")),
        ("没试", "", "", "", ("looked", "", "", "")),
        ("试了没买", "试穿没买", "", "", ("tried", "", "", "")),
        ("", "问了大码的羽绒服", "", "", ("asked", "", "no_size", "问了大码的羽绒服")),
        ("", "太贵", "", "", ("looked", "", "price", "")),
        ("", "问了价格", "", "太贵", ("asked", "", "price", "")),
        ("", "太贵", "", "没码", ("looked", "", "no_size", "太贵")),
        ("", "试了大衣，说下月再来", "", "", ("tried", "", "", "试了大衣，说下月再来")),
        ("", "", "否，等打折", "没码", ("looked", "", "no_size", "否，等打折")),
    ],
)
def test_nothing_that_was_written_of_a_visit_is_lost(
    shop: Any, tmp_path: Path, tried: str, outcome: str, bought: str, reason: str, kept: tuple[str, ...]
) -> None:
    head = ["手机号", "到店日期", "试穿", "到店情况", "是否成交", "未购原因"]
    table = [head, [A, "2026-09-01", tried, outcome, bought, reason]]
    path = write_raw(tmp_path / "f.xlsx", [("到店", table[0], table[1:])])
    assert imported(shop, path)["visits_new"] == 1
    rows = shop.store.read().all("SELECT kind, items, reasons, says FROM visit")
    assert rows == [kept]
    assert imported(shop, path)["visits_duplicate"] == 1


def test_the_second_time_adds_nothing_and_undo_takes_everything_back(shop: Any, path: Path) -> None:
    before = dump(shop.store.read())
    batch = imported(shop, path)["batch"]
    after = dump(shop.store.read())
    report = imported(shop, path)
    assert report["batch"] is None
    assert (report["contacts_new"], report["visits_new"], report["visits_duplicate"]) == (0, 0, 6)
    assert dump(shop.store.read()) == after
    shop.imports.undo(batch)
    assert dump(shop.store.read()) == before
    assert shop.store.read().all("SELECT name FROM staff") == []


@pytest.mark.parametrize(
    ("said", "outcome", "note"),
    [
        ("没接", "no_answer", ""), ("无人接听，晚上再打", "no_answer", "无人接听，晚上再打"),
        ("关机", "no_answer", ""),
        ("停机了", "wrong_number", "停机了"), ("拒绝", "refused", ""), ("说以后再说", "later", "说以后再说"),
        ("会来看看", "will_come", "会来看看"), ("聊了新款", "reached", "聊了新款"),
        ("联系上了", "reached", ""),
        ("no answer", "no_answer", ""), (None, "reached", ""),
    ],
)  # fmt: skip
def test_free_words_become_an_outcome_where_known_and_a_note(
    shop: Any, tmp_path: Path, said: str | None, outcome: str, note: str
) -> None:
    rows = [["王红", A, "2026-10-01", said, "x" if said is None else None]]
    imported(shop, write_raw(tmp_path / "f.xlsx", [("回访", K[:5], rows)]))
    (contact,) = dump(shop.store.read())["contacts"]
    assert (contact["outcome"], contact["note"]) == (outcome, note or ("x" if said is None else ""))


def test_a_member_list_with_such_columns_keeps_members_nobody_called(shop: Any, tmp_path: Path) -> None:
    headings = ["姓名", "手机号", "生日", "回访日期", "回访结果", "跟进人"]
    rows = [
        ["王红", A, "5月1日", "2026-10-01", "没接", "小雯"], ["李娜", B, "6月2日", None, None, None],
        ["赵六", C, None, None, "聊了新款", "小雯"], ["李娜", B, "6月2日", None, None, None],
    ]  # fmt: skip
    path = write_raw(tmp_path / "f.xlsx", [("会员", headings, rows)])
    report = imported(shop, path)
    assert sorted((m["name"], m["birthday"]) for m in dump(shop.store.read())["members"]) == [
        ("李娜", "--06-02"), ("王红", "--05-01"),
    ]  # fmt: skip
    assert left_out(report) == [(4, "missing_date", "")]
    assert imported(shop, path)["batch"] is None


def test_exported_contacts_and_visits_come_home_as_they_were(shop: Any, path: Path, tmp_path: Path) -> None:
    imported(shop, path)
    there = dump(shop.store.read())
    other = Shop.open(":memory:", clock=shop.clock)
    folder = shop.exports.all(tmp_path / "out").value
    for what in ("contacts", "visits"):
        imported(other, folder / f"{what}.csv")
    home = dump(other.store.read())
    assert (home["contacts"], home["visits"]) == (there["contacts"], there["visits"])
    other.close()
