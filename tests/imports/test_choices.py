"""What the owner decides in the preview: per row and for all, and what the shop holds afterwards."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopcrm.basics.errors import Refusal
from shopcrm.basics.progress import Progress
from shopcrm.basics.records import MemberDraft
from shopcrm.excel.cells import Book, Sheet, encode
from shopcrm.excel.fates import Known, KnownLine, KnownMember
from shopcrm.excel.layout import Layout, lay_out, lay_out_again
from shopcrm.excel.plan import decide
from shopcrm.excel.writer import write_raw
from shopcrm.shop import Shop
from shopcrm.shop.dump import dump
from shopcrm.shop.imports import Choices, Fate, ImportPlan
from tests.imports.test_undo_import import picture

A, B, C, D = "13800000001", "13800000002", "13800000003", "13800000004"
M = ["姓名", "手机号", "备用手机", "性别", "生日", "上衣尺码", "备注"]
S = ["单号", "手机号", "姓名", "消费日期", "商品", "实收金额"]
WANG = ["王红", A, None, "女", "1990-05-01", "M", "怕热"]


def members(shop: Any) -> list[tuple[str, str | None, str | None]]:
    return [(m["name"], m["phone"], m["phone2"]) for m in dump(shop.store.read())["members"]]


def sales(shop: Any) -> list[tuple[str | None, str, int]]:
    return [(s["member_phone"], s["member_name"], s["amount_fen"]) for s in dump(shop.store.read())["sales"]]


def one(shop: Any, phone: str) -> dict[str, Any]:
    return next(m for m in dump(shop.store.read())["members"] if m["phone"] == phone)


def previewed(shop: Any, folder: Path, rows: list[list[object]], headings: list[str] = M) -> ImportPlan:
    plan: ImportPlan = shop.imports.preview(write_raw(folder / "f.xlsx", [("表", headings, rows)]))
    return plan


def imported(shop: Any, plan: ImportPlan, **choices: Any) -> ImportPlan:
    """The plan with other choices, which is written."""
    plan = shop.imports.replan(plan, Choices(**choices))
    shop.imports.apply(plan)
    return plan


def groups(plan: ImportPlan) -> dict[str, tuple[str, list[int], str]]:
    return {
        group.code: (group.level, [plan.sheets[at].row(p).number for at, p in group.rows], group.ask)
        for group in plan.groups
    }


@pytest.fixture
def wang(shop: Any, tmp_path: Path) -> Any:
    """A shop that knows 王红."""
    imported(shop, previewed(shop, tmp_path, [WANG]))
    return shop


# ---------------------------------------------------------------- all rows that meet a known member


def test_fill_is_the_default_and_shows_what_it_fills(wang: Any, tmp_path: Path) -> None:
    row = ["王红", A, B, "男", "1991-06-02", "L", "怕冷"]
    plan = previewed(wang, tmp_path, [row])
    view = plan.sheets[0].row(0)
    assert view.fate == Fate.UPDATE
    assert view.changes == (("phone2", "", "138 0000 0002"),)
    assert sorted(p.column for p in view.problems) == ["上衣尺码", "备注", "性别", "生日"]
    wang.imports.apply(plan)
    her = one(wang, A)
    assert (her["phone2"], her["gender"], her["birthday"], her["notes"]) == (B, "女", "1990-05-01", "怕热")


def test_overwrite_shows_old_and_new_and_empty_cells_overwrite_nothing(wang: Any, tmp_path: Path) -> None:
    plan = previewed(wang, tmp_path, [["王小红", A, None, "男", "农历八月十五", None, None]])
    plan = imported(wang, plan, policy="overwrite")
    assert plan.sheets[0].row(0).changes == (
        ("name", "王红", "王小红"), ("gender", "女", "男"), ("birthday", "1990年5月1日", "农历八月十五"),
    )  # fmt: skip
    assert plan.counts.members_updated == 1
    assert not plan.problems
    her = one(wang, A)
    assert (her["name"], her["gender"], her["birthday"], her["notes"]) == (
        "王小红",
        "男",
        "L:--08-15",
        "怕热",
    )


def test_overwrite_replaces_a_second_number(wang: Any, tmp_path: Path) -> None:
    imported(wang, previewed(wang, tmp_path, [["王红", A, B]]))
    plan = previewed(wang, tmp_path, [["王红", A, C]])
    assert [p.code for p in plan.problems] == ["field_conflict"]
    plan = imported(wang, plan, policy="overwrite")
    assert plan.sheets[0].row(0).changes == (("phone2", "138 0000 0002", "138 0000 0003"),)
    assert members(wang) == [("王红", A, C)]


def test_skip_leaves_known_members_alone_and_makes_new_ones(wang: Any, tmp_path: Path) -> None:
    plan = previewed(wang, tmp_path, [["王小红", A, B], ["李娜", C]])
    plan = imported(wang, plan, policy="skip")
    assert [plan.sheets[0].fate(p) for p in range(2)] == [Fate.SKIPPED, Fate.NEW]
    assert (plan.counts.rows_skipped, plan.counts.rows_ready) == (1, 1)
    assert members(wang) == [("李娜", C, None), ("王红", A, None)] or members(wang) == [
        ("王红", A, None), ("李娜", C, None),
    ]  # fmt: skip


def test_skip_books_the_sales_of_known_members_and_changes_nothing_of_them(wang: Any, tmp_path: Path) -> None:
    plan = previewed(wang, tmp_path, [["X1", A, "王小红", date(2026, 1, 2), "裙", 100]], S)
    plan = imported(wang, plan, policy="skip")
    assert not plan.problems
    assert sales(wang) == [(A, "王红", 10_000)]


def test_new_makes_members_beside_those_who_are_there(wang: Any, tmp_path: Path) -> None:
    plan = previewed(wang, tmp_path, [["王大", A], ["王大", A], ["李娜", C]])
    plan = imported(wang, plan, policy="new")
    assert (plan.counts.members_new, plan.counts.members_updated) == (2, 0)
    assert sorted(members(wang)) == [("李娜", C, None), ("王大", A, None), ("王红", A, None)]


# ---------------------------------------------------------------- single rows


def test_a_row_may_overwrite_while_the_others_fill(wang: Any, tmp_path: Path) -> None:
    imported(wang, previewed(wang, tmp_path, [["李娜", B, None, "女"]]))
    rows = [["王红", A, None, "男"], ["李娜", B, None, "男"]]
    plan = imported(wang, previewed(wang, tmp_path, rows), row_policies={(0, 3): "overwrite"})
    assert (one(wang, A)["gender"], one(wang, B)["gender"]) == ("女", "男")
    assert [p.row for p in plan.problems] == [2]


def test_a_row_may_be_left_out(wang: Any, tmp_path: Path) -> None:
    plan = imported(
        wang, previewed(wang, tmp_path, [["李娜", B], ["赵六", C]]), row_policies={(0, 2): "skip"}
    )
    assert plan.sheets[0].fate(0) == Fate.SKIPPED
    assert [name for name, *_ in members(wang)] == ["王红", "赵六"]


def test_one_phone_two_names_is_one_person_and_asked(shop: Any, tmp_path: Path) -> None:
    plan = previewed(shop, tmp_path, [["王红", A], ["李娜", A]])
    assert groups(plan)["name_conflict"] == ("check", [3], "people")
    same = shop.imports.replan(plan, Choices(row_policies={(0, 3): "fill"}))
    assert "name_conflict" not in groups(same)  # answered
    assert [p.code for p in same.problems] == ["name_conflict"]  # and still in the report


def test_one_phone_two_people(shop: Any, tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["X1", A, "王红", date(2026, 1, 2), "裙", 100], ["X2", A, "李娜", date(2026, 1, 2), "裤", 200],
        ["X3", A, "李娜", date(2026, 1, 3), "鞋", 300], ["X4", A, "王红", date(2026, 1, 4), "帽", 400],
    ]  # fmt: skip
    plan = previewed(shop, tmp_path, rows, S)
    assert groups(plan)["name_conflict"] == ("check", [3], "people")
    plan = imported(shop, plan, row_policies={(0, 3): "new"})
    assert not plan.problems
    assert sorted(sales(shop)) == [
        (A, "李娜", 20_000), (A, "李娜", 30_000), (A, "王红", 10_000), (A, "王红", 40_000),
    ]  # fmt: skip
    again = previewed(shop, tmp_path, rows, S)  # the name decides from now on
    assert (again.counts.sales_new, again.counts.members_new, again.counts.sales_duplicate) == (0, 0, 4)


def test_same_name_with_another_phone_is_another_person_and_asked(wang: Any, tmp_path: Path) -> None:
    plan = previewed(wang, tmp_path, [["王红", B], ["李娜", C]])
    assert groups(plan)["same_name"] == ("check", [2], "people")
    assert plan.groups[0].hint.values["names"] == "王红"
    assert not plan.problems  # nothing wrong: the report has nothing to list
    assert plan.sheets[0].row(0).flags[0] == "check"
    assert plan.sheets[0].with_problems == ()
    apart = imported(wang, plan, row_policies={(0, 2): "new"})
    assert "same_name" not in groups(apart)
    assert len(members(wang)) == 3


def test_same_name_with_another_phone_can_be_the_same_person(wang: Any, tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["X1", B, "王红", date(2026, 1, 2), "裙", 100], ["X2", B, "王红", date(2026, 1, 3), "裤", 200],
    ]  # fmt: skip
    plan = previewed(wang, tmp_path, rows, S)
    assert groups(plan)["same_name"][1] == [2]  # once for all her rows
    imported(wang, plan, row_policies={(0, 2): "fill"})
    assert members(wang) == [("王红", A, B)]
    assert sorted(sales(wang)) == [(A, "王红", 10_000), (A, "王红", 20_000)]
    again = previewed(wang, tmp_path, rows, S)
    assert (again.counts.sales_duplicate, again.counts.members_new) == (2, 0)


@pytest.mark.parametrize("marked", [[2], [3], [2, 3]])
def test_two_new_rows_of_one_name_become_one_person(shop: Any, tmp_path: Path, marked: list[int]) -> None:
    plan = previewed(shop, tmp_path, [["王红", A], ["王红", B]])
    assert groups(plan)["same_name"][1] == [2, 3]
    imported(shop, plan, row_policies={(0, number): "fill" for number in marked})
    assert [(name, {a, b}) for name, a, b in members(shop)] == [("王红", {A, B})]


def test_a_third_number_of_the_same_person_is_kept(wang: Any, tmp_path: Path) -> None:
    imported(wang, previewed(wang, tmp_path, [["王红", A, B]]))
    rows: list[list[object]] = [["X1", C, "王红", date(2026, 1, 2), "裙", 100]]
    imported(wang, previewed(wang, tmp_path, rows, S), row_policies={(0, 2): "fill"})
    assert sales(wang) == [(A, "王红", 10_000)]
    again = previewed(wang, tmp_path, rows, S)
    assert (again.counts.sales_duplicate, again.counts.members_new) == (1, 0)


def test_the_same_person_among_several_of_that_name_is_left_out(wang: Any, tmp_path: Path) -> None:
    imported(wang, previewed(wang, tmp_path, [["王红", B]]))
    plan = previewed(wang, tmp_path, [["王红", C], ["李娜", D]])
    plan = imported(wang, plan, row_policies={(0, 2): "fill"})
    assert [(p.row, p.code, p.left_out) for p in plan.problems] == [(2, "ambiguous_member", True)]
    assert len(members(wang)) == 3


# ---------------------------------------------------------------- days, repairs


def test_ambiguous_days_are_asked_once_for_the_column(shop: Any, tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["X1", A, "王红", "03/04/2026", "裙", 100], ["X2", A, "王红", "2026-05-06", "裤", 200],
        ["X3", A, "王红", "13/14/2026", "裤", 200],
    ]  # fmt: skip
    plan = previewed(shop, tmp_path, rows, S)
    assert groups(plan)["ambiguous_date"] == ("wrong", [2], "day_order")
    assert groups(plan)["bad_date"] == ("wrong", [4], "")
    assert [(p.row, p.code, p.left_out) for p in plan.problems] == [
        (2, "bad_date", True),
        (4, "bad_date", True),
    ]
    column = plan.sheets[0].row(0).problems[0].at
    for order, day in (("dmy", "2026-04-03"), ("mdy", "2026-03-04")):
        answered = shop.imports.replan(plan, Choices(day_orders={(0, column): order}))
        row = answered.sheets[0].row(0)
        assert (row.flags[column], row.stored[column]) == ("repaired", day)
        assert "ambiguous_date" not in groups(answered)
        assert answered.matched.lines.day == [day, "2026-05-06"]


def test_ambiguous_birthdays_are_asked_too(shop: Any, tmp_path: Path) -> None:
    plan = previewed(shop, tmp_path, [["王红", A, None, None, "03/04/1990"]])
    assert groups(plan)["ambiguous_date"] == ("check", [2], "day_order")
    imported(shop, plan, day_orders={(0, 4): "mdy"})
    assert one(shop, A)["birthday"] == "1990-03-04"


def test_every_repair_is_shown_with_what_is_kept(shop: Any, tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["X1", "+86 138-0000-0001", "王红", "2026.5.6", "裙", "¥1,299.50元"],
        ["X2", B, "李娜", 46148, "裤", 200], ["X3", C, "赵六", "2026/5/6", "裤", "免费"],
        ["X4", "1.39E+10", "钱七", "2026年5月6日", "裤", 5],
    ]  # fmt: skip
    plan = previewed(shop, tmp_path, rows, S)
    first, second, third, fourth = plan.sheets[0].rows(0, 4)
    assert first.stored == ("", A, "", "2026-05-06", "", "1299.50")
    assert first.flags == ("", "repaired", "", "repaired", "", "repaired")
    assert second.stored == ("", "", "", "2026-05-06", "", "")
    assert third.stored == ("", "", "", "", "", "0")
    assert (fourth.flags[1], fourth.flags[3]) == ("wrong", "repaired")  # a rounded number is never guessed
    assert groups(plan)["repaired_date"][1] == [2, 3, 5]


# ---------------------------------------------------------------- edits


def test_an_edit_is_checked_and_skips_can_be_taken_back(shop: Any, tmp_path: Path) -> None:
    plan = previewed(shop, tmp_path, [["王红", "123"], ["李娜", B]])
    assert plan.counts.rows_left_out == 1
    fixed = shop.imports.replan(plan, Choices(edits={(0, 2, 1): A}))
    assert (fixed.counts.rows_left_out, fixed.counts.rows_ready) == (0, 2)
    left = shop.imports.replan(fixed, Choices(edits={(0, 2, 1): A}, skips=frozenset({(0, 2)})))
    assert (left.counts.rows_skipped, left.counts.rows_ready) == (1, 1)
    back = shop.imports.replan(left, Choices())
    assert back.counts == plan.counts


def test_leaving_out_every_row_is_no_fault_of_the_file(shop: Any, tmp_path: Path) -> None:
    plan = previewed(shop, tmp_path, [["王红", A]])
    none = shop.imports.replan(plan, Choices(skips=frozenset({(0, 2)})))
    assert none.counts.rows_ready == 0


CELLS = st.sampled_from(
    [
        None,
        "",
        " ",
        "王红",
        "李娜",
        A,
        B,
        "123",
        "+86 " + A,
        f"{A}/{B}",
        date(2026, 1, 2),
        "03/04/2026",
        "2026.5.6",
        "2027-01-01",
        46148,
        "合计",
        "100元",
        "1.2万",
        "#N/A",
        "女",
        "姓名",
        "手机号",
        "X1",
        "X2",
        -5,
        0,
        "退货",
    ]
)
HEADINGS = [
    "姓名",
    "手机号",
    "手机号码",
    "消费日期",
    "实收金额",
    "单号",
    "备用手机",
    "类型",
    "商品",
    "生日",
    "情",
]


@st.composite
def tables(draw: st.DrawFn) -> tuple[Book, list[Choices]]:
    headings = draw(st.lists(st.sampled_from(HEADINGS), min_size=1, max_size=8, unique=True))
    headings = ["姓名", *(heading for heading in headings if heading != "姓名")]
    rows = draw(st.lists(st.tuples(*[CELLS] * len(headings)), min_size=1, max_size=8))
    sheet = Sheet("表")
    numbers = [1, *(number * 2 for number in range(1, len(rows) + 1))]
    columns = [[encode(cell) for cell in column] for column in zip(headings, *rows, strict=True)]
    sheet.add(numbers, columns)
    book = Book(draw(st.sampled_from(["xlsx", "text"])), sheets=[sheet])
    places = st.tuples(st.just(0), st.sampled_from([*numbers, 99]))
    texts = CELLS.map(lambda cell: "" if cell is None else str(cell))
    cells = st.tuples(st.just(0), st.sampled_from(numbers), st.integers(0, len(headings)))
    column = st.integers(0, len(headings) - 1)
    choices = st.builds(
        Choices,
        mapping=st.sampled_from([{}, {0: {1: "notes"}}, {0: {0: None}}]),
        policy=st.sampled_from(["fill", "overwrite", "skip", "new"]),
        edits=st.dictionaries(cells, texts, max_size=3),
        skips=st.frozensets(places, max_size=2),
        row_policies=st.dictionaries(
            places, st.sampled_from(["fill", "overwrite", "skip", "new"]), max_size=3
        ),
        day_orders=st.dictionaries(
            st.tuples(st.just(0), column), st.sampled_from(["dmy", "mdy"]), max_size=1
        ),
    )
    return book, draw(st.lists(choices, min_size=2, max_size=4))


KNOWN = Known(
    1,
    (
        KnownMember(1, "王红", (A,), {"gender": "f", "birthday": "1990-05-01"}),
        KnownMember(2, "李娜", (B,), {}),
        KnownMember(3, "李娜", (B, C), {"notes": "X1"}),
        KnownMember(4, "王红", (), {"card_no": "X1"}),
    ),
    (KnownLine(7, 1, "2026-01-02", "X1", "", 10_000, 1),),
)


def told(plan: ImportPlan | Refusal) -> Any:
    if isinstance(plan, Refusal):
        return plan.code
    rows = [row for sheet in plan.sheets for row in sheet.rows(0, len(sheet))]
    return plan.problems, plan.groups, plan.counts, rows, list(plan.matched.lines.columns()[1:])


def made(layout: Layout, choices: Choices) -> ImportPlan | Refusal:
    try:
        return decide(layout, KNOWN, file="f", choices=choices)
    except Refusal as refusal:
        return refusal


@given(tables())
@settings(max_examples=80)
def test_reading_only_touched_rows_again_gives_the_plan_of_the_whole_file(
    drawn: tuple[Book, list[Choices]],
) -> None:
    book, answers = drawn
    today = date(2026, 11, 21)
    layout, before = lay_out(book, Choices(), today), Choices()
    made(layout, before)
    for choices in answers:
        layout, before = lay_out_again(layout, before, choices, today), choices
        assert told(made(layout, choices)) == told(made(lay_out(book, choices, today), choices))


@given(tables())
@settings(max_examples=40)
def test_0_fates_always_add_up_to_the_rows_read(drawn: tuple[Book, list[Choices]]) -> None:
    book, answers = drawn
    for choices in answers:
        plan = made(lay_out(book, choices, date(2026, 11, 21)), choices)
        if isinstance(plan, Refusal):
            continue
        counts = plan.counts
        there = counts.members_same + counts.sales_duplicate + counts.visits_duplicate
        assert counts.rows == counts.rows_ready + counts.rows_left_out + counts.rows_skipped + there
        numbers = book.sheets[0].numbers
        assert counts.rows == numbers[-1] - numbers[0]
        assert len({p.row for p in plan.problems if p.left_out}) == counts.rows_left_out


@given(tables())
@settings(max_examples=25)
def test_whatever_the_owner_answers_the_shop_holds_what_was_counted_and_undo_takes_it_back(
    drawn: tuple[Book, list[Choices]],
) -> None:
    book, answers = drawn
    shop = Shop.open(":memory:", clock=lambda: datetime(2026, 11, 21, 10, 0))
    shop.members.save(MemberDraft(name="王红", phones=((A, A),), gender="f"))
    shop.members.save(MemberDraft(name="李娜", phones=((B, B), (C, C))))
    shop.members.save(MemberDraft(name="李娜", phones=((B, B),)))
    try:
        plan = shop.imports.plan(book, "f", Progress())
        for choices in answers:
            before = picture(shop)
            plan = shop.imports.replan(plan, choices)
            done = shop.imports.apply(plan)
            after = picture(shop)
            new = [len(after[table]) - len(before[table]) for table in ("member", "line")]
            assert new == [plan.counts.members_new, plan.counts.sales_new]
            changed = sum(a != b for a, b in zip(before["member"], after["member"], strict=False))
            assert changed <= plan.counts.members_updated
            if done.value.batch is not None:
                undone = shop.imports.undo(done.value.batch)
                assert picture(shop) == before
                shop.undo(undone.entry)
                assert picture(shop) == after
            plan = shop.imports.replan(plan, Choices())
    except Refusal as refusal:
        assert refusal.code in ("no_rows", "no_header", "empty_file")  # noqa: PT017 - of a file drawn at random
    finally:
        shop.close()
