"""Lists that leave the shop, and that they come home unchanged."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from shopcrm.basics.errors import Cancelled, InputError, Refusal, RightsError
from shopcrm.basics.progress import Progress
from shopcrm.basics.records import LineDraft, MemberDraft, OutcomeDraft, Query, SaleDraft
from shopcrm.basics.texts import LANGUAGES, t, use
from shopcrm.excel import writer
from shopcrm.reports import Column, Table
from shopcrm.shop import Shop
from shopcrm.shop.dump import dump
from shopcrm.store import imports

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
        "whole_shop.xlsx",
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
    for what in ("members", "sales", "callbacks", "not-reached"):
        assert full.exports.write(what, tmp_path / f"{what}.csv").value.exists()
    with pytest.raises(InputError):
        full.exports.write("members", tmp_path / "m.doc")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def test_exactly_the_columns_and_rows_of_the_list_on_the_screen(full: Any, tmp_path: Path) -> None:
    query = Query(text="会员", sort="name", descending=False)
    only = Query(only=tuple(full.view().ids(query)[1:4]), sort="name", descending=False)
    columns = ("name", "phone", "last", "n12", "spend12", "spend", "sizes", "staff", "next", "joined")
    for shown, wanted in ((columns, query), (("name", "spend12"), only)):
        rows = rows_of(full.exports.members(tmp_path / "m.csv", wanted, columns=shown).value)
        listed = full.view().rows(full.view().ids(wanted))
        assert [row["会员"] for row in rows] == [row.name for row in listed]
        headings = [t(f"mb.col.{column}") for column in shown]
        assert list(rows[0]) == [headings[0], "客户类型", *headings[1:]]
        assert [float(row["近12月消费"]) * 100 for row in rows] == [row.spend12_fen for row in listed]
    everybody = rows_of(full.exports.members(tmp_path / "m.csv", columns=("name", "phone")).value)
    assert len(everybody) == full.view().total()
    assert "'+85291234567" in [row["手机"] for row in everybody]
    assert "13800009999" in [row["手机"] for row in everybody]


def test_all_phones_of_a_member_are_in_the_list_as_text(shop: Any, tmp_path: Path) -> None:
    phones = (("138 0000 0001", "13800000001"), ("010 8888 1234", "01088881234"))
    shop.members.save(MemberDraft(name="王丽", phones=phones))
    sheet = openpyxl.load_workbook(
        shop.exports.members(tmp_path / "m.xlsx", columns=("name", "phone")).value
    ).active
    assert (sheet["C2"].value, sheet["C2"].data_type) == ("13800000001、01088881234", "s")


@pytest.mark.parametrize(
    ("role", "hidden"), [("owner", True), ("assistant", True), ("assistant", False), ("", True)]
)
def test_numbers_are_masked_where_the_right_is_missing(
    full: Any, tmp_path: Path, role: str, hidden: bool
) -> None:
    full.start_day()
    full.settings.add_staff("林姐", "owner")
    full.settings.set("staff.mask_exports", hidden)
    person = full.settings.add_staff("小雯", role or "assistant").value
    if role == "assistant":
        full.settings.change_staff(person, role, ("export",))
    full.actor = person if role else None
    may = role != "assistant" or not hidden
    for name, write in (
        ("members", full.exports.members),
        ("sales", full.exports.sales),
        ("callbacks", full.exports.callbacks),
    ):  # fmt: skip
        text = write(tmp_path / f"{name}.csv").value.read_text(encoding="utf-8-sig")
        assert ("****" not in text) is may, name
        assert "****" in write(tmp_path / f"{name}.csv", mask=True).value.read_text(encoding="utf-8-sig")
    columns = ("name", "phone")
    text = full.exports.members(tmp_path / "s.csv", columns=columns).value.read_text(encoding="utf-8-sig")
    assert ("****" not in text) is may
    if role != "assistant":
        full.exports.whole(tmp_path / "w.xlsx")
    else:
        with pytest.raises(RightsError):
            full.exports.whole(tmp_path / "w.xlsx")
        with pytest.raises(RightsError):
            full.exports.all(tmp_path / "w")
        assert not (tmp_path / "w.xlsx").exists()
        assert not (tmp_path / "w").exists()


@pytest.mark.parametrize("role", ["assistant", "entry"])
def test_nothing_leaves_the_shop_without_the_right(full: Any, tmp_path: Path, role: str) -> None:
    full.settings.add_staff("林姐", "owner")
    full.actor = full.settings.add_staff("小雯", role).value
    for write in (full.exports.members, full.exports.sales, full.exports.callbacks, full.exports.not_reached):
        with pytest.raises(RightsError) as caught:
            write(tmp_path / "m.csv")
        assert caught.value.right == "export"
    assert not list(tmp_path.glob("*.csv"))


def test_where_no_owner_is_named_nobody_is_locked_out(full: Any, tmp_path: Path) -> None:
    full.actor = full.settings.add_staff("小雯", "entry").value
    assert "****" not in full.exports.members(tmp_path / "m.csv").value.read_text(encoding="utf-8-sig")
    full.exports.whole(tmp_path / "w.xlsx")


def test_every_export_is_kept_with_its_count_and_who_took_it(full: Any, tmp_path: Path) -> None:
    full.actor = boss = full.settings.add_staff("林姐", "owner").value
    rx = full.store.read()
    revision = imports.revision(rx)
    last = full.store.read().value("SELECT max(id) FROM journal_entry")
    for write in (full.exports.members, full.exports.sales, full.exports.not_reached, full.exports.callbacks):
        assert write(tmp_path / "x.csv").entry is None
    full.exports.whole(tmp_path / "x.xlsx")
    full.exports.all(tmp_path / "out")
    kept = rx.all("SELECT actor, kind, sentence FROM journal_entry WHERE id > ? ORDER BY id", (last,))
    assert {row[:2] for row in kept} == {(boss, "export")}
    counts = [json.loads(row[2])["values"]["n"] for row in kept]
    members = len(dump(rx)["members"])
    assert counts[0] == members
    assert counts[1] == len(dump(rx)["sales"])
    assert counts[-1] == counts[-2] > members
    assert imports.revision(rx) == revision  # an import that was checked may still be written
    name = full.members.save(MemberDraft(name="新来的")).entry
    full.exports.members(tmp_path / "x.csv")
    full.undo()  # takes back the member and not the export
    assert rx.value("SELECT undone_by IS NOT NULL FROM journal_entry WHERE id=?", (name,))


def test_an_export_that_failed_or_was_stopped_leaves_no_file_and_no_trace(full: Any, tmp_path: Path) -> None:
    last = full.store.read().value("SELECT max(id) FROM journal_entry")
    with pytest.raises(Refusal):
        full.exports.members(tmp_path / "gone" / "m.xlsx")
    table = Table("t", (Column("a", "数", "int", 8),), tuple((n,) for n in range(5_000)))
    stopped = Progress()
    stopped.stop()
    for ending in ("xlsx", "csv"):
        with pytest.raises(Cancelled):
            full.exports.members(tmp_path / f"m.{ending}", progress=stopped)
        with pytest.raises(Cancelled):
            writer.write(tmp_path / f"m.{ending}", [table], stopped)
    assert list(tmp_path.iterdir()) == []
    assert full.store.read().value("SELECT max(id) FROM journal_entry") == last


def test_all_there_is_of_one_member_and_of_nobody_else(full: Any, tmp_path: Path) -> None:
    rx = full.store.read()
    first = rx.value("SELECT min(id) FROM member")
    done = full.exports.person(tmp_path / "她的资料", first)
    book = openpyxl.load_workbook(done.value)
    rows = [list(sheet.iter_rows(values_only=True)) for sheet in book]
    # herself, two articles, a visit, no contact; a change of type, none of her particulars; then as kept
    assert [len(sheet) - 1 for sheet in rows[:6]] == [1, 2, 1, 0, 1, 0]
    assert {sheet[1][sheet[0].index("姓名")] for sheet in rows if "姓名" in sheet[0] and len(sheet) > 1} == {
        "会员0"
    }
    assert {"会员（原样）", "手机号（原样）", "销售单（原样）", "到店（原样）"} <= set(book.sheetnames)
    assert done.sentence.values["n"] == sum(len(sheet) - 1 for sheet in rows)
    assert json.loads(rx.value("SELECT sentence FROM journal_entry ORDER BY id DESC LIMIT 1"))["id"] == (
        "ex.done.person"
    )
    with pytest.raises(Refusal) as refused:
        full.exports.person(tmp_path / "nobody.xlsx", 99_999)
    assert refused.value.code == "member_unknown"
