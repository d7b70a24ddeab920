"""A whole shop goes out as one workbook and comes into an empty shop as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopcrm.basics.errors import Refusal
from shopcrm.basics.fields import plain_heading
from shopcrm.basics.records import EventDraft, LineDraft, MemberDraft, OutcomeDraft, SaleDraft, VisitDraft
from shopcrm.basics.texts import LANGUAGES, catalogue, t, use
from shopcrm.excel import reader
from shopcrm.shop import Shop, arrivals
from shopcrm.shop.dump import dump
from shopcrm.shop.moving import MovePlan
from shopcrm.store import whole_shop
from tests.conftest import DAY, Clock

LEFT_BEHIND = {"audit", "journal_entry", "journal_change", "batch", "reveal"}  # history of one data file
SECRET = {("staff", "pin"), ("staff", "pin_wrong"), ("staff", "recovery")}


@pytest.fixture(autouse=True)
def read_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of our own making need no process of their own; the flows go the whole way."""
    monkeypatch.setattr(reader, "read", lambda path, *_, **__: reader.read_here(path))


@pytest.fixture
def full(shop: Any, a_member: Callable[..., Any], clock: Clock) -> Any:
    """A shop with everything there is, edited, undone and archived."""
    boss = shop.settings.begin("禾木衣坊", "林姐").value
    shop.actor = boss
    helper = shop.settings.add_staff("小雯", "assistant").value
    shop.settings.set("tasks_per_day", 7)
    shop.events.add(EventDraft("festival", "春节", "L:01-01", "L:01-15", types=("loyal", "lost")))
    shop.events.remove(shop.events.add(EventDraft("event", "周年庆", "12-01", offer="八五折")).value)
    friend = a_member("介绍来的", phone="")
    mother = a_member(
        "=王丽", birthday="L:1987-06+-15", joined=date(2024, 2, 29), tags="老客 大码", notes="第一行\n第二行",
        referrer_id=friend, staff_id=helper, size_top="XL", likes="'红", card_no="007",
    )  # fmt: skip
    daughter = shop.members.save(
        MemberDraft(
            name="王小丽", phones=(("138 0000 0001", "13800000001"), ("+852 9123 4567", "+85291234567"))
        )
    ).value
    first = shop.counter.sell(
        SaleDraft(
            mother, date(2026, 11, 2), (LineDraft(29_900, "大衣", "XL", "红"), LineDraft(5, "扣子", qty=3))
        )
    ).value
    line = shop.store.read().value("SELECT min(id) FROM line WHERE sale_id=?", (first,))
    shop.counter.sell(SaleDraft(mother, date(2026, 11, 9), (LineDraft(-29_900, "大衣", returns_line=line),)))
    shop.counter.sell(SaleDraft(None, DAY, (LineDraft(8_800, "围巾"),), order_no="0001"))
    shop.counter.visit(VisitDraft(member=daughter, day=DAY, kind="tried", items="裙", reasons=("price",)))
    shop.followups.add_today([mother, daughter])
    tasks = list(shop.view().day_list().open)
    shop.followups.finish(tasks[0], OutcomeDraft("no_answer", note="忙"))
    shop.undo(shop.members.save(MemberDraft(name="写错的")).entry)
    shop.members.archive(friend)
    return shop


def whole(shop: Any, folder: Path) -> Path:
    path: Path = shop.exports.whole(folder / "整店.xlsx").value
    return path


@pytest.fixture
def empty(clock: Clock) -> Iterator[Any]:
    with Shop.open(":memory:", clock=clock) as other:
        yield other


def move(shop: Any, path: Path) -> Any:
    plan = arrivals.preview(shop, path)
    assert isinstance(plan, MovePlan)
    return shop.moving.apply(plan)


def kept(shop: Any) -> dict[str, list[tuple[object, ...]]]:
    return {table.name: list(whole_shop.rows(shop.store.read(), table)) for table in whole_shop.KEPT}


def test_every_kept_table_and_column_goes_along(shop: Any) -> None:
    rx = shop.store.read()
    names = [
        name for (name,) in rx.all("SELECT name FROM sqlite_master WHERE type='table'")
        if not name.startswith(("d_", "_", "sqlite_"))
    ]  # fmt: skip
    assert {table.name for table in whole_shop.KEPT} == set(names) - LEFT_BEHIND
    for table in whole_shop.KEPT:
        columns = rx.all('SELECT name, type, "notnull" FROM pragma_table_info(?)', (table.name,))
        own = [(c.id, c.may_lack) for c in table.columns]
        there = [(n, not needed and n != "id") for n, _, needed in columns if (table.name, n) not in SECRET]
        assert own == there, table.name


@pytest.mark.parametrize("language", range(len(LANGUAGES)))
def test_headings_and_titles_can_be_told_apart(language: int) -> None:
    for table in whole_shop.KEPT:
        headings = [
            plain_heading(catalogue()[f"whole.col.{column.id}"][language]) for column in table.columns
        ]
        assert len(set(headings)) == len(headings), table.name
    titles = {catalogue()[f"whole.table.{table.name}"][language] for table in whole_shop.KEPT}
    assert len(titles) == len(whole_shop.KEPT)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_dump_and_the_same_rows(full: Any, empty: Any, tmp_path: Path, language: str) -> None:
    use(language)
    path = whole(full, tmp_path)
    use("zh_CN")
    done = move(empty, path)
    assert dump(empty.store.read()) == dump(full.store.read())
    assert kept(empty) == kept(full)
    types = [[(c.id, c.type) for c in shop.view().rows(list(range(1, 9)))] for shop in (empty, full)]
    assert types[0] == types[1]
    assert empty.view().search("wxl")[0].name == "王小丽"
    assert empty.start_day().sentence.id == "done.day"
    assert dump(empty.store.read()) == dump(full.store.read())
    empty.undo(done.entry)
    assert not any(kept(empty).values())
    assert set(map(len, dump(empty.store.read()).values())) == {0}


def test_a_shop_that_was_only_named_is_empty_and_keeps_its_people(
    full: Any, empty: Any, tmp_path: Path
) -> None:
    empty.settings.begin("新店", "小雯")
    empty.settings.add_staff("阿珍", "assistant")
    before = kept(empty)
    done = move(empty, whole(full, tmp_path))
    assert dump(empty.store.read()) == dump(full.store.read())
    assert {(p.name, p.role) for p in empty.settings.staff()} == {
        ("林姐", "owner"), ("小雯", "assistant"), ("阿珍", "assistant"),
    }  # fmt: skip
    assert empty.settings.get("shop.name") == "禾木衣坊"
    mine = next(row for row in empty.view().rows([1, 2, 3]) if row.name == "=王丽")
    assert mine.staff == "小雯"
    empty.undo(done.entry)
    assert kept(empty) == before


def test_a_merged_member_moves_along_and_stays_merged(full: Any, empty: Any, tmp_path: Path) -> None:
    rx = full.store.read()
    keep, gone = (row[0] for row in rx.all("SELECT id FROM member WHERE archived_on IS NULL LIMIT 2"))
    full.merging.merge(keep, gone)
    move(empty, whole(full, tmp_path))
    assert dump(empty.store.read()) == dump(full.store.read())
    assert kept(empty) == kept(full)
    assert [row.id for row in empty.view().merged_into(keep)] == [gone]
    with pytest.raises(Refusal) as refused:
        empty.merging.separate(gone)  # what moved in the merge stands in the journal that stayed behind
    assert refused.value.code == "merge_unknown"


def test_ids_used_up_are_not_used_again(full: Any, empty: Any, tmp_path: Path) -> None:
    path = whole(full, tmp_path)
    first = move(empty, path)
    empty.imports.undo(first.value)
    move(empty, path)
    assert dump(empty.store.read()) == dump(full.store.read())
    assert empty.store.read().value("SELECT min(id) FROM member") > 3
    assert [batch.undone for batch in empty.view().batches()] == [False, True]


def test_words_name_their_field_and_contacts_their_words_wherever_these_move(
    shop: Any, empty: Any, tmp_path: Path, a_member: Callable[..., Any]
) -> None:
    field = shop.members.own.add("孩子").value
    member = a_member("王丽", call_name="丽姐", own=((field, "朵朵"),))
    own = shop.words.add("say.M1", "〔称呼〕，〔孩子〕好吗？").value
    shop.followups.add_today([member])
    (task,) = shop.view().day_list().open
    shop.followups.finish(task, OutcomeDraft("reached", template=f"own:{own}"))
    for name in ("工作", "住处"):
        empty.members.own.add(name)
        empty.words.add("say.M1", f"〔{name}〕")
    for _ in range(4):
        empty.undo()
    move(empty, whole(shop, tmp_path))
    (mine,) = (one for one in empty.view().wordings("say.M1") if one.is_own)
    assert mine.words == "〔称呼〕，〔孩子〕好吗？"
    assert empty.store.read().value("SELECT template FROM contact") == mine.id != f"own:{own}"


def test_a_shop_with_records_refuses_and_says_what_to_do(full: Any, empty: Any, tmp_path: Path) -> None:
    path = whole(full, tmp_path)
    empty.members.save(MemberDraft(name="已有的"))
    before = dump(empty.store.read())
    with pytest.raises(Refusal) as refused:
        arrivals.preview(empty, path)
    assert refused.value.code == "whole_full"
    assert "会员名单" in refused.value.sentence
    assert dump(empty.store.read()) == before
    with pytest.raises(Refusal):
        empty.imports.preview(path)


def test_todos_of_an_older_file_are_brought_to_today(
    full: Any, empty: Any, tmp_path: Path, clock: Clock
) -> None:
    path = whole(full, tmp_path)
    clock.set(DAY + timedelta(days=40))
    move(empty, path)
    states = [task["state"] for task in dump(empty.store.read())["tasks"] if task["rule"] == "M1"]
    assert "open" not in states


def test_sheets_and_columns_may_have_been_moved(full: Any, empty: Any, tmp_path: Path) -> None:
    path = whole(full, tmp_path)
    book = openpyxl.load_workbook(path)
    book._sheets.reverse()
    for sheet in book.worksheets:
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        sheet.delete_rows(1, sheet.max_row)
        if sheet.title != "整店说明":
            rows = [[*reversed(row), None] for row in (rows[0], *reversed(rows[1:]))]
        for row in rows:
            sheet.append(row)
        for cell in (cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)):
            cell.data_type = "s"  # the library would make a formula of =王丽
    book.save(path)
    move(empty, path)
    assert kept(empty) == kept(full)


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "code"),
    [
        ("会员", "A2", "x", "whole_cell"),
        ("会员", "F3", "十月五日", "whole_cell"),
        ("销售单", "C2", "昨天", "whole_cell"),
        ("销售明细", "G2", "很多", "whole_cell"),
        ("到店", "E2", "逛", "whole_cell"),
        ("待办", "K2", "[1]", "whole_cell"),
        ("设置", "C2", "{", "whole_cell"),
        ("设置", "C4", '"七"', "whole_cell"),
        ("手机号", "B2", 99, "whole_lacks"),
        ("会员", "A1", "号", "whole_lacks"),
        ("整店说明", "B2", "shopcrm-whole-shop 2", "whole_newer"),
        ("整店说明", "B3", "去年", "whole_lacks"),
    ],
)
def test_a_file_that_was_changed_is_refused_whole(
    full: Any, empty: Any, tmp_path: Path, sheet: str, cell: str, value: object, code: str
) -> None:
    path = whole(full, tmp_path)
    book = openpyxl.load_workbook(path)
    book[sheet][cell] = value
    book.save(path)
    with pytest.raises(Refusal) as refused:
        move(empty, path)
    assert refused.value.code == code
    assert "整店.xlsx" in refused.value.sentence
    assert not any(kept(empty).values())


def test_a_file_of_before_there_were_rights_comes_home(full: Any, empty: Any, tmp_path: Path) -> None:
    path = whole(full, tmp_path)
    book = openpyxl.load_workbook(path)
    people = book["员工"]
    heading = next(cell for cell in people[1] if cell.value == t("whole.col.rights"))
    people.delete_cols(heading.column)
    book.save(path)
    move(empty, path)
    assert kept(empty) == kept(full)
    assert {rights for (rights,) in empty.store.read().all("SELECT rights FROM staff")} == {"reveal"}


@pytest.mark.parametrize("gone", ["row", "sheet"])
def test_rows_and_sheets_that_are_gone_are_missed(full: Any, empty: Any, tmp_path: Path, gone: str) -> None:
    path = whole(full, tmp_path)
    book = openpyxl.load_workbook(path)
    if gone == "row":
        book["到店"].delete_rows(2)
    else:
        book.remove(book["联系记录"])
    book.save(path)
    with pytest.raises(Refusal) as refused:
        move(empty, path)
    assert refused.value.code == "whole_lacks"


@pytest.mark.parametrize("outcome", ["reached", "no_answer", "will_come", "later", "refused"])
def test_an_outcome_that_moved_along_can_be_changed_and_nothing_else_goes(
    full: Any, empty: Any, tmp_path: Path, outcome: str
) -> None:
    task = next(iter(full.view().day_list().open))
    full.followups.finish(task, OutcomeDraft(outcome))
    move(empty, whole(full, tmp_path))
    before = dump(empty.store.read())
    done = empty.followups.change(task, OutcomeDraft("wrong_number"))
    after = dump(empty.store.read())
    assert [len(after[name]) for name in ("members", "sales", "visits", "contacts")] == [
        len(before[name]) for name in ("members", "sales", "visits", "contacts")
    ]
    assert sorted(c["outcome"] for c in after["contacts"]) == ["no_answer", "wrong_number"]
    empty.undo(done.entry)
    assert dump(empty.store.read()) == before
    empty.followups.reopen(task)
    assert [c["outcome"] for c in dump(empty.store.read())["contacts"]] == ["no_answer"]


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Co")), max_size=12)
PHONES = st.sampled_from([(), (1,), (1, 2), (2, 3), (3,)])
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("member"), WORDS, PHONES, WORDS),
        st.tuples(st.just("sale"), st.integers(0, 9), st.integers(-20_000, 90_000), WORDS),
        st.tuples(st.just("visit"), st.integers(0, 9), WORDS),
        st.tuples(st.just("today"), st.integers(0, 9)),
        st.tuples(st.just("outcome"), st.sampled_from(["reached", "no_answer", "refused", "later"]), WORDS),
        st.tuples(st.just("archive"), st.integers(0, 9)),
        st.tuples(st.just("undo")),
    ),
    max_size=14,
)


@settings(max_examples=12)
@given(ACTS)
def test_odd_shops_come_home_as_they_were(acts: list[tuple[Any, ...]]) -> None:
    from shopcrm.basics.errors import ShopError

    with TemporaryDirectory() as folder, Shop.open(":memory:", clock=Clock()) as shop:
        people: list[Any] = [None]
        for kind, *what in acts:
            who = people[what[0] % len(people)] if what and isinstance(what[0], int) else None
            try:
                if kind == "member":
                    phones = tuple((f"138 0000 000{n}", f"1380000000{n}") for n in what[1])
                    people.append(
                        shop.members.save(MemberDraft(name=what[0], phones=phones, notes=what[2])).value
                    )
                elif kind == "sale":
                    shop.counter.sell(SaleDraft(who, DAY, (LineDraft(what[1], what[2]),)))
                elif kind == "visit" and who:
                    shop.counter.visit(VisitDraft(member=who, day=DAY, kind="looked", says=what[1]))
                elif kind == "today" and who:
                    shop.followups.add_today([who])
                elif kind == "outcome":
                    task = next(iter(shop.view().day_list().open), None)
                    if task is not None:
                        shop.followups.finish(task, OutcomeDraft(what[0], note=what[1]))
                elif kind == "archive" and who:
                    shop.members.archive(who)
                elif kind == "undo":
                    shop.undo()
            except ShopError:
                pass
        path = whole(shop, Path(folder))
        with Shop.open(":memory:", clock=Clock()) as other:
            done = move(other, path)
            assert dump(other.store.read()) == dump(shop.store.read())
            assert kept(other) == kept(shop)
            if done.entry is not None:
                other.undo(done.entry)
            assert not any(kept(other).values())
