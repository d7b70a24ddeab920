"""Lists that leave the shop, and that they come home unchanged."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from shopcrm.basics.errors import InputError
from shopcrm.basics.records import LineDraft, MemberDraft, OutcomeDraft, Query, SaleDraft
from shopcrm.basics.texts import LANGUAGES, use
from shopcrm.shop import Shop
from shopcrm.shop.dump import dump

BIRTHDAYS = ("1990-05-01", "--02-29", "L:1988-08-15", "L:--12-30", "L:1987-06+-15", "L:--06+-15", "")


@pytest.fixture
def full(shop: Any, a_member: Callable[..., Any], a_visit: Callable[..., Any]) -> Any:
    """Members of every kind with sales, a return, odd texts."""
    members = [
        a_member(
            f"会员{n}",
            birthday=birthday,
            gender=("f", "m", "")[n % 3],
            card_no=f"00{n}",
            notes=("=1+1", "a\nb", "'x", "-")[n % 4],
        )
        for n, birthday in enumerate(BIRTHDAYS)
    ]
    alone = a_member("无号码", phone="", card_no="V1")
    shop.members.save(MemberDraft(phones=(("138 0000 9999", "13800009999"),)))
    a_member("海外", phone="+852 9123 4567", likes="红色，长款", tags="老客")
    for n, member in enumerate((*members, alone)):
        first = shop.counter.sell(
            SaleDraft(
                member,
                date(2026, 11, 5 + n),
                (LineDraft(19900 + n, "衬衫", "M", "白", 2), LineDraft(5, "=裙")),
                order_no=f"B{n}" if n % 2 else "",
            )
        ).value
        line = shop.store.read().value("SELECT min(id) FROM line WHERE sale_id=?", (first,))
        if n == 2:
            shop.counter.sell(
                SaleDraft(member, date(2026, 11, 15), (LineDraft(-9900, "衬衫", qty=1, returns_line=line),))
            )
    a_visit(
        members[0], date(2026, 3, 1), "tried", items="大衣", reasons=("no_size", "price"), says="下次再来"
    )
    return shop


def tables(data: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: data[name] for name in names}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_export_and_import_into_an_empty_shop_give_the_same(
    full: Any, tmp_path: Path, clock: Any, language: str, ending: str
) -> None:
    use(language)
    members = full.exports.members(tmp_path / f"m.{ending}").value
    sales = full.exports.sales(tmp_path / f"s.{ending}").value
    with Shop.open(":memory:", clock=clock) as other:
        for path in (members, sales):
            plan = other.imports.preview(path)
            assert [problem for problem in plan.problems if problem.left_out] == []
            other.imports.apply(plan)
        assert tables(dump(other.store.read()), "members", "sales") == tables(
            dump(full.store.read()), "members", "sales"
        )


def test_all_goes_into_a_folder_of_open_files(full: Any, tmp_path: Path, clock: Any) -> None:
    done = full.exports.all(tmp_path / "out")
    assert sorted(path.name for path in done.value.iterdir()) == [
        "contacts.csv",
        "members.csv",
        "sales.csv",
        "visits.csv",
    ]
    with Shop.open(":memory:", clock=clock) as other:
        for name in ("members", "sales", "visits"):
            other.imports.apply(other.imports.preview(done.value / f"{name}.csv"))
        mine, theirs = dump(other.store.read()), dump(full.store.read())
        assert tables(mine, "members", "sales") == tables(theirs, "members", "sales")
        assert [(v["kind"], v["date"], v["items"]) for v in mine["visits"]] == [
            ("tried", "2026-03-01", "大衣")
        ]


def test_members_of_a_query_in_its_order_and_masked(full: Any, tmp_path: Path) -> None:
    path = full.exports.members(
        tmp_path / "m.csv", Query(text="会员", sort="name", descending=False), mask=True
    ).value
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == len(BIRTHDAYS)
    assert all("****" in row["手机号"] for row in rows)
    ids = full.view().ids(Query(text="会员", sort="name", descending=False))
    assert [row["姓名"] for row in rows] == [row.name for row in full.view().rows(ids)]


def test_sales_of_a_period(full: Any, tmp_path: Path) -> None:
    path = full.exports.sales(tmp_path / "s.xlsx", date(2026, 11, 6), date(2026, 11, 7)).value
    assert openpyxl.load_workbook(path).active.max_row == 1 + 4


def test_not_reached_lists_who_could_not_be_reached(full: Any, tmp_path: Path) -> None:
    full.start_day()
    today = full.view().day_list()
    tasks = (*today.open, *today.waiting)
    full.followups.finish(tasks[0], OutcomeDraft("no_answer", next_day=date(2026, 11, 23)))
    full.followups.finish(tasks[1], OutcomeDraft("reached"))
    assert len(full.exports.not_reached_table().rows) == 1
    path = full.exports.not_reached(tmp_path / "n.xlsx").value
    assert openpyxl.load_workbook(path).active.max_row == 2


def test_the_call_back_list_is_written_with_drop_downs_and_hidden_key(full: Any, tmp_path: Path) -> None:
    full.start_day()
    path = full.exports.callbacks(tmp_path / "c.xlsx", everything=True).value
    sheet = openpyxl.load_workbook(path).active
    today = full.view().day_list()
    assert sheet.max_row == 1 + len(today.open) + len(today.waiting)
    assert sheet.data_validations.dataValidation
    assert any(dimension.hidden for dimension in sheet.column_dimensions.values())


def test_the_command_lines_export_and_a_wrong_ending(full: Any, tmp_path: Path) -> None:
    for what in ("members", "sales", "callbacks"):
        assert full.exports.write(what, tmp_path / f"{what}.csv").value.exists()
    with pytest.raises(InputError):
        full.exports.write("members", tmp_path / "m.doc")
