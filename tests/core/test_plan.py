"""The import rules by their numbers, on plans made without a file and without a shop."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shopcrm.basics.errors import Refusal
from shopcrm.basics.texts import LANGUAGES, has, t, use
from shopcrm.excel.cells import Book, Sheet, encode
from shopcrm.excel.fates import Choices, Fate, Known, KnownLine, KnownMember, Policy
from shopcrm.excel.matching import Person, _Matching
from shopcrm.excel.plan import ImportPlan, plan

TODAY = date(2026, 11, 21)
M = ["姓名", "手机号"]
S = ["手机号", "姓名", "消费日期", "商品", "数量", "实收金额"]


def sheet(rows: Sequence[Sequence[object]], name: str = "表", *, hidden: bool = False) -> Sheet:
    made = Sheet(name, hidden)
    width = max((len(row) for row in rows), default=0)
    kept = [
        (n, [*row, *[None] * (width - len(row))])
        for n, row in enumerate(rows, 1)
        if any(c is not None for c in row)
    ]
    made.add(
        [n for n, _ in kept],
        [
            [encode("" if cell is None else cell) for cell in column]
            for column in zip(*(r for _, r in kept), strict=True)
        ],
    )
    return made


def planned(
    *sheets: Sheet | Sequence[Sequence[object]],
    known: Known | None = None,
    kind: str = "xlsx",
    choices: Choices | None = None,
) -> ImportPlan:
    book = Book(kind, sheets=[s if isinstance(s, Sheet) else sheet(s) for s in sheets])
    return plan(book, known or Known(), TODAY, file="f.xlsx", choices=choices or Choices())


def codes(made: ImportPlan) -> list[tuple[int, str, bool]]:
    return [(p.row, p.code, p.left_out) for p in made.problems]


def people(made: ImportPlan) -> list[tuple[str, tuple[str, ...]]]:
    return [(p.name, tuple(p.phones)) for p in made.matched.people]


def one(*cells: object, headings: Sequence[str] = S) -> ImportPlan:
    """A plan of one good row and one row of `cells`."""
    good: dict[str, object] = {
        "手机号": "13800000000",
        "姓名": "好",
        "消费日期": date(2026, 1, 1),
        "实收金额": 1,
    }
    return planned([list(headings), [good.get(h) for h in headings], list(cells)])


def amounts(made: ImportPlan) -> list[int]:
    return [line.amount_fen for line in made.matched.lines]


# ---------------------------------------------------------------- 1 and 2


def test_rule_1_3_a_faulty_row_is_left_out_alone_and_listed_with_its_place() -> None:
    made = planned([M, ["王丽", "123"], ["李娜", "13800000001"]])
    assert people(made) == [("李娜", ("13800000001",))]
    problem = made.problems[0]
    assert (problem.sheet, problem.row, problem.column, problem.code, problem.value, problem.left_out) == (
        "表", 2, "手机号", "invalid_phone", "123", True,
    )  # fmt: skip


def test_rule_1_no_usable_row_refuses_the_file_and_says_why() -> None:
    with pytest.raises(Refusal) as refused:
        planned([M, ["王丽", "123"]])
    assert refused.value.code == "no_rows"
    assert "1" in refused.value.sentence
    assert "手机号不对" in refused.value.sentence


def test_rule_1_without_header_the_file_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        planned([["王丽", "13800000001"], ["李娜", "13800000002"]])
    assert refused.value.code == "no_header"
    assert "手机号" in refused.value.sentence


def test_rule_1_an_empty_workbook_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        planned(Sheet("表"))
    assert refused.value.code == "empty_file"


def test_rule_2_4_a_text_row_with_more_cells_than_headings_slid_sideways() -> None:
    made = planned([M, ["王丽", "13800000001"], ["李娜", "x", "13800000002"]], kind="text")
    assert codes(made) == [(3, "shifted_columns", True)]


# ---------------------------------------------------------------- 3


def test_rule_3_1_every_visible_sheet_counts_and_the_others_are_named() -> None:
    made = planned(
        sheet([M, ["王丽", "13800000001"]], "会员"),
        sheet([["说明"], ["看这里"]], "说明"),
        sheet([M, ["李娜", "13800000002"]], "旧", hidden=True),
        sheet([S, ["13800000001", "王丽", date(2026, 1, 2), "衬衫", 1, 99]], "一月"),
    )
    assert [s.name for s in made.sheets] == ["会员", "一月"]
    assert made.ignored_sheets == ("说明", "旧")
    assert made.counts.sales_new == 1


def test_rule_3_1_a_table_that_is_only_hidden_is_refused_with_that_hint() -> None:
    with pytest.raises(Refusal) as refused:
        planned(sheet([M, ["王丽", "13800000001"]], "旧", hidden=True), sheet([["空"]], "新"))
    assert refused.value.code == "no_header"
    assert "旧" in refused.value.sentence
    assert "隐藏" in refused.value.sentence


def test_rule_3_2_the_header_is_the_row_with_most_known_headings() -> None:
    made = planned(
        [
            ["某某店会员表"],
            [None, "姓名", "联系"],
            ["编号", "姓名", "手机号", "生日"],
            [1, "王丽", "13800000001", "5月1日"],
        ]
    )
    assert made.sheets[0].header_row == 3
    assert people(made) == [("王丽", ("13800000001",))]


@pytest.mark.parametrize("heading", ["手机型号", "累计消费金额", "姓名拼音", "生日礼品"])
def test_rule_3_3_parts_of_words_do_not_match(heading: str) -> None:
    made = planned([[*M, heading], ["王丽", "13800000001", "13900000000"]])
    assert made.ignored_columns == (heading,)


@pytest.mark.parametrize(
    "heading", ["手 机\n号", "＊手机号：", "手机号（必填）", "手机号[11位]", "PHONE", "Phone Number*"]
)
def test_rule_3_3_headings_are_compared_plain(heading: str) -> None:
    assert people(planned([["姓名", heading], ["王丽", "13800000001"]])) == [("王丽", ("13800000001",))]


def test_rule_3_3_of_two_columns_the_left_counts_and_the_other_fills_in() -> None:
    made = planned(
        [
            ["姓名", "手机", "电话"],
            ["甲", "13800000001", "13900000001"],
            ["乙", "无", "13900000002"],
            ["丙", None, "13900000003"],
        ]
    )
    assert people(made) == [("甲", ("13800000001",)), ("乙", ("13900000002",)), ("丙", ("13900000003",))]


def test_rule_3_4_amounts_have_an_order_of_preference() -> None:
    made = planned(
        [
            ["手机", "日期", "应收金额", "金额", "实收"],
            ["13800000001", date(2026, 1, 1), 300, 200, 100],
            ["13800000001", date(2026, 1, 2), 300, 200, None],
        ]
    )
    assert amounts(made) == [10000, 20000]


@pytest.mark.parametrize(
    ("headings", "kind"),
    [
        (["姓名", "手机", "消费日期", "金额"], "sales"),
        (["姓名", "手机", "消费日期", "单价", "数量"], "sales"),
        (["姓名", "手机", "消费日期"], "members"),
        (["姓名", "手机", "金额"], "members"),
        (["姓名", "手机", "到店日期", "试穿"], "visits"),
        (["姓名", "手机", "回访日期", "回访结果"], "contacts"),
        (["會員姓名", "手機號碼", "消費日期", "實收金額"], "sales"),
        (["Customer name", "Mobile", "Sale date", "Total"], "sales"),
    ],
)  # fmt: skip
def test_rule_3_5_what_a_sheet_holds_is_told_by_its_headings(headings: list[str], kind: str) -> None:
    row: list[object] = ["王丽", "13800000001", date(2026, 1, 1), "5", "1"]
    assert planned([headings, row[: len(headings)]]).sheets[0].kind == kind


def test_rule_3_6_empty_rows_repeated_headers_totals_and_titles_are_skipped_and_counted() -> None:
    made = planned(
        [
            M,
            ["王丽", "13800000001"],
            [None],
            M,
            ["合 计", 2],
            ["本页小计"],
            ["13800000002"],
            [None, "13800000003"],
            ["Total:", 3],
            ["合计", "13800000004"],
        ]
    )
    assert made.counts.rows_skipped == 6
    assert people(made) == [("王丽", ("13800000001",)), ("", ("13800000003",)), ("合计", ("13800000004",))]
    assert made.counts.rows == 9


def test_rule_3_7_is_done_by_the_reader_so_equal_cells_of_a_merge_are_plain_rows() -> None:
    made = planned(
        [
            S,
            ["13800000001", "王丽", date(2026, 1, 1), "A", 1, 1],
            ["13800000001", "王丽", date(2026, 1, 1), "B", 1, 2],
        ]
    )
    assert made.counts.members_new == 1
    assert amounts(made) == [100, 200]


# ---------------------------------------------------------------- 4


def test_rule_4_names_and_texts_are_cleaned_and_kept() -> None:
    made = planned(
        [
            ["姓名", "手机", "备注"],
            ["王　丽\u200b", "13800000001", "=1+1"],
            ["阿卜杜拉·买买提", "13800000002", "一\n二"],
            [8812.0, "13800000003", None],
        ]
    )
    assert [p.name for p in made.matched.people] == ["王丽", "阿卜杜拉·买买提", "8812"]
    assert [p.values.get("notes") for p in made.matched.people] == ["=1+1", "一\n二", None]


def test_rule_4_a_name_over_fifty_characters_is_a_problem() -> None:
    assert codes(planned([M, ["王" * 50, "13800000001"], ["王" * 51, "13800000002"]])) == [
        (3, "too_long", True)
    ]


# ---------------------------------------------------------------- 5


@pytest.mark.parametrize(
    ("cell", "phones"),
    [
        (13800005678.0, ("13800005678",)),
        ("1.3900005670E+10", ("13900005670",)),
        (" 138-0000 5678 ", ("13800005678",)),
        ("手机：138.0000.5678", ("13800005678",)),
        ("＋86 138 0000 5678", ("13800005678",)),
        ("013800005678", ("13800005678",)),
        ("010-88886666", ("01088886666",)),
        ("+852 9123 4567", ("+85291234567",)),
        ("886 0900000678", ("+886900000678",)),
        ("13800005678/13900000001", ("13800005678", "13900000001")),
        ("13800005678 13900000001", ("13800005678", "13900000001")),
    ],
)
def test_rule_5_phones(cell: object, phones: tuple[str, ...]) -> None:
    assert people(planned([M, ["王丽", cell]])) == [("王丽", phones)]


def test_rule_5_3_country_prefix_makes_the_same_member() -> None:
    made = planned([M, ["王丽", "+86 13800000001"], ["王丽", "0086-138 0000 0001"], ["王丽", 8613800000001]])
    assert people(made) == [("王丽", ("13800000001",))]


@pytest.mark.parametrize("cell", ["1.39E+10", "1381234567", "abc", "12345678901", 1.5, "#REF!"])
def test_rule_5_7_what_fits_no_rule_is_left_out(cell: object) -> None:
    assert codes(planned([M, ["好", "13800000009"], ["王丽", cell]])) == [(3, "invalid_phone", True)]


@pytest.mark.parametrize(
    "cell", ["无", "没有", "未留", "空", "暂无", "-", "—", "/", "0", "none", "N/A", None, 0]
)
def test_rule_5_7_words_for_no_phone(cell: object) -> None:
    made = planned([["姓名", "手机号", "性别"], ["王丽", cell, "女"]])
    assert people(made) == [("王丽", ())]
    assert codes(made) == [(2, "no_phone", False)]


# ---------------------------------------------------------------- 6


@pytest.mark.parametrize(
    "cell",
    [
        date(2023, 4, 6),
        datetime(2023, 4, 6, 23, 59),
        45022,
        45022.9,
        20230406,
        "2023/4/6",
        "2023-04-06 12:00",
        "2023.4.6",
        "2023年4月6日",
        "2023年4月6号",
        "20230406",
        "23-4-6",
        "二〇二三年四月六日",
    ],
)
def test_rule_6_days_of_sales(cell: object) -> None:
    made = one("13800000001", "王丽", cell, "衬衫", 1, 1)
    assert made.matched.lines[-1].day == "2023-04-06"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (None, "missing_date"),
        ("4月6日", "missing_date"),
        ("04/06/2023", "bad_date"),
        ("2023年4月", "bad_date"),
        ("2023-02-30", "bad_date"),
        ("十月四号左右", "bad_date"),
        (date(1989, 12, 31), "bad_date"),
        (date(2026, 11, 23), "future_date"),
        ("1900-01-00", "missing_date"),
    ],
)
def test_rule_6_6_a_sale_needs_a_day(cell: object, code: str) -> None:
    assert codes(one("13800000001", "王丽", cell, "衬衫", 1, 1)) == [(3, code, True)]


def test_rule_6_6_tomorrow_is_not_the_future() -> None:
    assert codes(one("13800000001", "王丽", date(2026, 11, 22), "衬衫", 1, 1)) == []


@pytest.mark.parametrize(
    ("headings", "cells", "key"),
    [
        (["生日"], ["1990-05-01"], "1990-05-01"),
        (["生日"], ["4月6日"], "--04-06"),
        (["生日"], ["农历八月十五"], "L:--08-15"),
        (["农历生日"], ["1988-08-15"], "L:1988-08-15"),
        (["生日", "生日类型"], ["8-15", "农历"], "L:--08-15"),
        (["生日", "历法"], ["8-15", "公历"], "--08-15"),
        (["生日", "农历生日"], [None, "腊月廿三"], "L:--12-23"),
    ],
)
def test_rule_6_3_birthdays(headings: list[str], cells: list[object], key: str) -> None:
    made = planned([[*M, *headings], ["王丽", "13800000001", *cells]])
    assert made.matched.people[0].values["birthday"] == key


@pytest.mark.parametrize(
    ("cell", "warned"),
    [("乱写", True), (date(2030, 1, 1), True), ("1900-01-00", False), (0, False), ("", False)],
)
def test_rule_6_5_a_bad_birthday_leaves_it_empty_and_is_listed(cell: object, warned: bool) -> None:
    made = planned([[*M, "生日"], ["王丽", "13800000001", cell]])
    assert "birthday" not in made.matched.people[0].values
    assert codes(made) == ([(2, "bad_birthday", False)] if warned else [])


# ---------------------------------------------------------------- 7 and 8


@pytest.mark.parametrize(
    ("cell", "fen"),
    [
        (0.1 + 0.2, 30),
        ("¥1,299", 129900),
        ("1299元", 129900),
        ("１，２９９", 129900),
        ("(88)", -8800),
        ("－88", -8800),
        ("1.2万", 1200000),
        ("免费", 0),
        (0, 0),
        (1.005, 101),
        ("RMB 5", 500),
    ],
)
def test_rule_7_amounts(cell: object, fen: int) -> None:
    assert amounts(one("13800000001", "王丽", date(2026, 1, 1), "衬衫", 1, cell))[-1] == fen


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("1.299,00", "bad_amount"),
        ("#DIV/0!", "bad_amount"),
        ("很多", "bad_amount"),
        (None, "missing_amount"),
        ("—", "missing_amount"),
        ("nan", "missing_amount"),
        (10_000_001, "amount_too_large"),
        (-10_000_001, "amount_too_large"),
    ],
)
def test_rule_7_amounts_that_cannot_be_used(cell: object, code: str) -> None:
    assert codes(one("13800000001", "王丽", date(2026, 1, 1), "衬衫", 1, cell)) == [(3, code, True)]


def test_rule_7_4_an_error_cell_is_bad_and_never_zero() -> None:
    made = planned(
        [
            S,
            ["13800000001", "王丽", date(2026, 1, 1), "A", 1, 5],
            ["13800000001", "王丽", date(2026, 1, 1), "B", 1, None],
        ]
    )
    laid = made.layout.book.sheets[0]
    laid.columns[5][2] = "\x01e#DIV/0!"
    again = plan(made.layout.book, Known(), TODAY, file="f")
    assert codes(again) == [(3, "bad_amount", True)]
    assert again.problems[0].value == "#DIV/0!"


def test_rule_7_3_quantity_times_price_when_both_are_there() -> None:
    made = planned(
        [
            ["手机", "日期", "单价", "数量", "金额"],
            ["13800000001", date(2026, 1, 1), 100, 3, None],
            ["13800000001", date(2026, 1, 1), 100, None, None],
        ]
    )
    assert amounts(made) == [30000]
    assert codes(made) == [(3, "missing_amount", True)]


def test_rule_7_4_an_unreadable_quantity_is_one_with_a_warning() -> None:
    made = one("13800000001", "王丽", date(2026, 1, 1), "衬衫", "几件", 5)
    assert codes(made) == [(3, "bad_quantity", False)]
    assert made.matched.lines[-1].qty == 1


@pytest.mark.parametrize(
    ("word", "fen"), [("退货", -500), ("退款", -500), ("退换", -500), ("销售", 500), ("换货", 500)]
)
@pytest.mark.parametrize("amount", [5, "5"])
def test_rule_8_refunds_are_negative_whatever_their_sign(word: str, fen: int, amount: object) -> None:
    rows = [["手机", "日期", "金额", "类型"], ["13800000001", date(2026, 1, 1), amount, word]]
    assert amounts(planned(rows)) == [fen]
    if "退" in word:
        assert amounts(planned([rows[0], ["13800000001", date(2026, 1, 1), -5, word]])) == [-500]


def test_a_return_is_linked_to_the_one_line_it_can_take_back() -> None:
    made = planned(
        [
            ["单号", "手机", "日期", "商品", "金额"],
            ["A1", "13800000001", date(2026, 1, 1), "衬衫", 100],
            ["A1", "13800000001", date(2026, 1, 1), "裙子", 200],
            ["A1", "13800000001", date(2026, 1, 5), "衬衫", -100],
            ["A9", "13800000001", date(2026, 1, 6), "大衣", -100],
        ]
    )
    assert made.matched.lines.returns == {2: 0}


# ---------------------------------------------------------------- 9


def known(*members: KnownMember, lines: Sequence[KnownLine] = ()) -> Known:
    return Known(7, members, tuple(lines))


WANG = KnownMember(1, "王丽", ("13800000001",), {"card_no": "V1"})


def test_rule_9_1_same_phone_is_the_same_member_and_the_first_name_stays() -> None:
    made = planned([M, ["王丽", "13800000001"], ["张三", "13800000001"]])
    assert people(made) == [("王丽", ("13800000001",))]
    assert codes(made) == [(3, "name_conflict", False)]


def test_rule_9_1_same_name_with_other_phones_is_somebody_else() -> None:
    assert planned([M, ["王丽", "13800000001"], ["王丽", "13800000002"]]).counts.members_new == 2


def test_rule_9_1_in_a_family_on_one_phone_the_name_decides() -> None:
    family = known(WANG, KnownMember(2, "王小丽", ("13800000001",), {}))
    made = planned(
        [
            S,
            ["13800000001", "王小丽", date(2026, 1, 1), "A", 1, 5],
            ["13800000001", "别人", date(2026, 1, 1), "A", 1, 5],
        ],
        known=family,
    )
    assert [line.person.id for line in made.matched.lines] == [2]
    assert codes(made) == [(3, "ambiguous_member", True)]


def test_rule_9_2_without_phone_by_card_then_by_name_then_new() -> None:
    shop = known(WANG, KnownMember(2, "李娜", (), {}))
    made = planned(
        [
            ["姓名", "手机", "卡号", "性别"],
            ["丽丽", None, "V1", "女"],
            ["李娜", None, None, "女"],
            ["新人", None, None, "女"],
        ],
        known=shop,
    )
    assert [(p.id, p.values["gender"]) for p in made.matched.updated] == [(1, "f"), (2, "f")]
    assert people(made) == [("新人", ())]
    assert (4, "no_phone", False) in codes(made)


def test_rule_9_2_no_name_is_a_warning_and_neither_is_a_problem() -> None:
    made = planned([[*M, "性别"], [None, "13800000001", "女"], [None, None, "女"], [None, "无", "女"]])
    assert codes(made) == [(2, "no_name", False), (4, "no_identity", True)]  # row 3 holds a single cell


def test_rule_9_3_empty_fields_are_filled_and_filled_ones_stay() -> None:
    made = planned([["姓名", "手机", "卡号", "性别"], ["王丽", "13800000001", "V2", "女"]], known=known(WANG))
    person = made.matched.updated[0]
    assert person.changed == {"gender": "f"}
    assert codes(made) == [(2, "field_conflict", False)]
    assert made.sheets[0].fate(0) == Fate.UPDATE


def test_rule_9_3_overwrite_is_the_owners_choice() -> None:
    rows = [["姓名", "手机", "卡号"], ["王莉", "13800000001", "V2"], ["王粒", "13800000001", None]]
    made = planned(rows, known=known(WANG), choices=Choices(policy="overwrite"))
    assert made.matched.updated[0].changed == {"name": "王莉", "card_no": "V2"}
    assert codes(made) == [(3, "name_conflict", False)]


def test_rule_9_3_empty_never_overwrites() -> None:
    made = planned(
        [["姓名", "手机", "卡号"], [None, "13800000001", None], ["好", "13800000002", None]],
        known=known(WANG),
        choices=Choices(policy="overwrite"),
    )
    assert made.matched.updated == []


def test_rule_9_4_a_sale_belongs_by_phone_then_card_then_only_name() -> None:
    shop = known(
        WANG,
        KnownMember(2, "李娜", ("13800000002",), {}),
        KnownMember(3, "李娜", ("13800000003",), {}),
        KnownMember(4, "赵六", (), {}),
    )
    day = date(2026, 1, 1)
    made = planned(
        [
            ["手机", "卡号", "姓名", "日期", "金额"],
            ["13800000009", None, "新客", day, 1],
            [None, "V1", None, day, 2],
            [None, None, "赵六", day, 3],
            [None, None, "李娜", day, 4],
            [None, None, "谁", day, 5],
            [None, "V9", None, day, 6],
            [None, None, None, day, 7],
        ],
        known=shop,
    )
    assert [line.person.id for line in made.matched.lines] == [None, 1, 4]
    assert people(made) == [("新客", ("13800000009",))]
    assert codes(made) == [
        (5, "ambiguous_member", True),
        (6, "no_member", True),
        (7, "no_member", True),
        (8, "no_member", True),
    ]


def test_rule_9_4_a_name_counts_when_all_members_of_the_file_are_there() -> None:
    day = date(2026, 1, 1)
    made = planned(
        [["手机", "姓名", "日期", "金额"], [None, "王丽", day, 1], ["13800000001", "王丽", day, 2]]
    )
    assert [line.person.name for line in made.matched.lines] == ["王丽", "王丽"]
    two = planned(
        [
            ["手机", "姓名", "日期", "金额"],
            [None, "王丽", day, 1],
            ["13800000001", "王丽", day, 2],
            ["13800000002", "王丽", day, 2],
        ]
    )
    assert codes(two) == [(2, "ambiguous_member", True)]


def a_line(
    number: int, order: str = "", item: str = "衬衫", fen: int = 100, day: str = "2026-01-01", qty: int = 1
) -> KnownLine:
    return KnownLine(number, 1, day, order, item, fen, qty)


def test_rule_9_5_equal_rows_are_two_sales_and_are_recognised_with_their_number() -> None:
    row = ["13800000001", "王丽", date(2026, 1, 1), "衬衫", 1, 1]
    assert planned([S, row, row]).counts.sales_new == 2
    made = planned([S, row, row, row], known=known(WANG, lines=[a_line(1), a_line(2)]))
    assert (made.counts.sales_duplicate, made.counts.sales_new) == (2, 1)
    assert [made.sheets[0].fate(p) for p in range(3)] == [Fate.DUPLICATE, Fate.DUPLICATE, Fate.NEW]


def test_rule_9_5_another_receipt_number_is_another_sale() -> None:
    headings = ["单号", *S]
    shop = known(WANG, lines=[a_line(1, "A1")])
    made = planned(
        [
            headings,
            ["A1", "13800000001", "王丽", date(2026, 1, 1), "衬衫", 1, 1],
            ["A2", "13800000001", "王丽", date(2026, 1, 1), "衬衫", 1, 1],
        ],
        known=shop,
    )
    assert (made.counts.sales_duplicate, made.counts.sales_new) == (1, 1)


def test_rule_9_5_a_changed_line_of_a_known_receipt_is_listed_and_another_line_is_new() -> None:
    headings = ["单号", *S]
    shop = known(WANG, lines=[a_line(1, "A1")])
    day = date(2026, 1, 1)
    made = planned(
        [
            headings,
            ["A1", "13800000001", "王丽", day, "裙子", 1, 2],
            ["A1", "13800000001", "王丽", day, "衬衫", 1, 3],
        ],
        known=shop,
    )
    assert [line.item for line in made.matched.lines] == ["裙子"]
    assert codes(made) == [(3, "order_changed", False)]


# ---------------------------------------------------------------- 10, 11 and the preview


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("男", "m"),
        ("M", "m"),
        ("Male", "m"),
        ("先生", "m"),
        ("女", "f"),
        ("f", "f"),
        ("小姐", "f"),
        ("女士", "f"),
        ("?", None),
    ],
)
def test_rule_10_gender(word: str, code: str | None) -> None:
    made = planned([[*M, "性别"], ["王丽", "13800000001", word]])
    assert made.matched.people[0].values.get("gender") == code
    assert codes(made) == []


def test_rule_11_unknown_columns_are_named_and_can_be_assigned() -> None:
    rows = [["称呼", "手机", "姓名", "代号"], ["丽姐", "13800000001", "王丽", "V8"]]
    made = planned(rows)
    assert made.ignored_columns == ("称呼", "代号")
    again = planned(rows, choices=Choices(mapping={0: {3: "card", 2: None}}))
    assert again.ignored_columns == ("称呼", "姓名")
    assert again.matched.people[0].values["card_no"] == "V8"
    assert again.matched.people[0].name == ""


def test_edits_and_skips_of_the_owner_are_planned_again() -> None:
    rows = [M, ["王丽", "1380000000"], ["李娜", "x"], ["赵六", "13800000003"]]
    made = planned(rows, choices=Choices(edits={(0, 2, 1): "13800000001"}, skips=frozenset({(0, 3)})))
    assert [name for name, _ in people(made)] == ["王丽", "赵六"]
    assert made.counts.rows_skipped == 1
    assert made.counts.rows_left_out == 0


def test_the_preview_shows_fates_flags_and_groups() -> None:
    made = planned(
        [
            S,
            ["138 0000 0001", "王丽", date(2026, 1, 1), "A", 1, "5元"],
            ["12", "李", date(2026, 1, 1), "A", 1, 5],
        ]
    )
    first, second = made.sheets[0].rows(0, 9)
    assert first.flags == ("repaired", "", "", "", "", "repaired")
    assert first.repaired
    assert (second.fate, second.flags[0]) == (Fate.PROBLEM, "wrong")
    assert second.cells[2] == "2026-01-01"
    assert [(g.code, g.level, len(g.rows)) for g in made.groups] == [
        ("invalid_phone", "wrong", 1), ("repaired_phone", "repaired", 1), ("repaired_amount", "repaired", 1),
    ]  # fmt: skip
    assert made.sheets[0].with_problems == (1,)
    assert next(why for _, _, why in made.sheets[0].left_out()).startswith("手机号不对")


def test_every_sentence_of_a_plan_exists_in_every_language() -> None:
    every = {
        "invalid_phone",
        "missing_date",
        "bad_date",
        "future_date",
        "bad_birthday",
        "bad_points",
        "bad_quantity",
        "missing_amount",
        "bad_amount",
        "amount_too_large",
        "too_long",
        "shifted_columns",
        "no_identity",
        "no_phone",
        "no_name",
        "no_member",
        "ambiguous_member",
        "name_conflict",
        "field_conflict",
        "order_changed",
        "referrer_circle",
        "referrer_unknown",
        "visit_bought",
    }
    for code in every:
        assert has(f"problem.{code}")
        assert has(f"group.{code}")
        assert has(f"group.{code}.hint")
    made = planned(
        [S, ["12", "李", date(2026, 1, 1), "A", 1, 5], ["13800000001", "李", date(2026, 1, 1), "A", 1, 5]]
    )
    for language in LANGUAGES:
        use(language)
        sentence = made.problems[0].sentence
        assert "12" in t(sentence.id, **sentence.values)


def test_visits_and_contacts_are_told_apart_and_known_ones_recognised() -> None:
    shop = Known(1, (WANG,), (), [(1, "2026-01-01", "tried", "大衣", "no_size|没有M码")])
    rows = [
        ["到店日期", "手机", "姓名", "到店情况", "试穿", "未购原因", "商品"],
        [date(2026, 1, 1), "13800000001", "王丽", "看了看", "是", "没有M码", "大衣"],
        [date(2026, 1, 2), "13800000001", "王丽", "问了价格", None, "太贵", None],
    ]
    made = planned(rows, known=shop)
    assert made.sheets[0].fate(0) == Fate.DUPLICATE
    visit = made.matched.visits[0]
    assert (visit.kind, visit.reasons, visit.says, visit.day) == ("asked", "price", "", "2026-01-02")
    calls = planned(
        [
            ["回访日期", "手机", "回访结果", "下次跟进日期"],
            [date(2026, 1, 3), "13800000001", "没接", date(2026, 12, 24)],
        ],
        known=shop,
    )
    contact = calls.matched.contacts[0]
    assert (contact.outcome, contact.next_day, contact.note) == ("no_answer", "2026-12-24", "")


def test_referrers_are_found_by_phone_or_only_name() -> None:
    made = planned(
        [
            [*M, "推荐人"],
            ["甲", "13800000001", None],
            ["乙", "13800000002", "甲"],
            ["丙", "13800000003", "13800000001"],
            ["丁", "13800000004", "某人"],
        ]
    )
    first, second, third, _ = made.matched.people
    assert second.values["referrer"] is first
    assert third.values["referrer"] is first
    assert isinstance(first, Person)
    assert codes(made) == [(5, "referrer_unknown", False)]


# ---------------------------------------------------------------- nothing is ever lost

_CELLS = st.one_of(
    st.none(),
    st.sampled_from(
        [
            "王丽",
            "李娜",
            "13800000001",
            "13800000002",
            "无",
            "合计",
            "姓名",
            "手机号",
            "2026-01-01",
            "x",
            "5元",
            "退货",
        ]
    ),
    st.integers(-5, 99999),
    st.text(max_size=4),
)


@given(st.lists(st.lists(_CELLS, min_size=6, max_size=6), min_size=1, max_size=12))
def test_fates_of_all_rows_add_up_to_the_rows_read(rows: list[list[object]]) -> None:
    try:
        made = planned([S, ["13800000009", "好", date(2026, 1, 1), "A", 1, 1], *rows])
    except Refusal as refused:
        if refused.code in ("no_rows", "no_header"):
            return
        raise
    counts = made.counts
    assert counts.rows == (
        counts.sales_new + counts.sales_duplicate + counts.rows_left_out + counts.rows_skipped
    )
    left_out = {problem.row for problem in made.problems if problem.left_out}
    assert len(left_out) == counts.rows_left_out


@given(st.lists(st.lists(_CELLS, min_size=4, max_size=4), min_size=1, max_size=12))
def test_a_second_plan_against_what_the_first_would_write_adds_nobody(rows: list[list[object]]) -> None:
    table = [["姓名", "手机号", "卡号", "备注"], ["好", "13800000009", None, None], *rows]
    try:
        made = planned(table)
    except Refusal:
        return
    written = [
        KnownMember(number, p.name, tuple(p.phones), {k: v for k, v in p.values.items() if v})
        for number, p in enumerate(made.matched.people, 1)
    ]
    again = planned(table, known=known(*written))
    assert again.counts.members_new == 0
    assert again.counts.members_updated == 0


def test_several_reasons_of_one_visit_are_all_kept() -> None:
    rows = [
        ["到店日期", "手机", "未购原因", "备注"],
        [date(2026, 1, 2), "13800000001", "价格、没码", "换季再来"],
        [date(2026, 1, 3), "13800000001", "颜色太老气了", None],
    ]
    first, second = planned(rows).matched.visits
    assert (first.reasons, first.says) == ("no_size price", "换季再来")
    assert (second.reasons, second.says) == ("colour", "颜色太老气了")


def test_a_phone_for_a_known_card_without_phone_is_filled_in() -> None:
    shop = known(KnownMember(1, "王丽", (), {"card_no": "V1"}))
    made = planned([["姓名", "手机", "卡号"], ["王丽", "13800000001", "V1"]], known=shop)
    assert made.matched.updated[0].changed == {"phone": "13800000001"}
    assert made.sheets[0].fate(0) == Fate.UPDATE
    day = date(2026, 1, 1)
    sold = planned([["卡号", "手机", "日期", "金额"], ["V1", "13800000001", day, 5]], known=shop)
    assert sold.matched.lines[0].person.id == 1
    assert sold.matched.updated[0].phones == ["13800000001"]


def test_a_card_number_counts_when_all_members_of_the_file_are_there() -> None:
    rows = [["姓名", "手机号", "卡号", "性别"], [None, None, "V1", "女"], ["王丽", "13800000001", "V1", None]]
    made = planned(rows)
    assert people(made) == [("王丽", ("13800000001",))]
    assert made.matched.people[0].values["gender"] == "f"


_WHO = st.tuples(
    st.sampled_from([None, "13800000001", "13800000002", "13800000001/13800000002"]),
    st.sampled_from([None, "V1", "V2"]),
    st.sampled_from([None, "王丽", "李娜"]),
    st.sampled_from([1, 2]),
)


@given(st.lists(_WHO, min_size=1, max_size=8))
def test_a_second_plan_of_sales_recognises_every_row_of_the_first(rows: list[tuple[object, ...]]) -> None:
    table = [["手机", "卡号", "姓名", "金额", "日期"], *([*row, date(2026, 1, 1)] for row in rows)]
    try:
        made = planned(table)
    except Refusal:
        return
    ids = {id(person): number for number, person in enumerate(made.matched.people, 1)}
    written = [
        KnownMember(ids[id(p)], p.name, tuple(p.phones), {k: v for k, v in p.values.items() if v})
        for p in made.matched.people
    ]
    lines = [
        KnownLine(n, ids[id(line.person)], line.day, line.order_no, line.item, line.amount_fen, line.qty)
        for n, line in enumerate(made.matched.lines, 1)
    ]
    again = planned(table, known=known(*written, lines=lines))
    assert (again.counts.members_new, again.counts.members_updated, again.counts.sales_new) == (0, 0, 0)
    assert again.counts.sales_duplicate == made.counts.sales_new


def test_a_second_number_is_hers_unless_another_name_stands_with_it() -> None:
    first = ["王丽", "13800000001/13800000002"]
    assert people(planned([M, first, [None, "13800000002"]])) == [("王丽", ("13800000001", "13800000002"))]
    two = planned([M, first, ["王丽", "13800000002"], ["李雷", "13800000002"]])
    assert people(two) == [("王丽", ("13800000001", "13800000002")), ("王丽", ("13800000002",))]
    assert codes(two) == [(4, "name_conflict", False)]


@pytest.mark.parametrize(
    ("numbers", "phones"),
    [
        # Nobody else is there: the second number is hers, in whichever order it stands later.
        ([("1/2", None), ("2", None), ("1", "李娜")], ["12"]),
        ([("1/2", "李娜"), ("2/1", "李娜"), ("2", None)], ["12"]),
        # Another name comes with it, or another first number: it is somebody's own from its first row on.
        ([("1/2", None), ("2", None), ("1", "李娜"), ("2", "王丽")], ["12", "2"]),
        ([("1/2", None), ("2", None), ("3/2", None)], ["12", "2", "32"]),
        ([("1/2/3", None), ("2", None), ("3", "李娜"), ("2", "王丽")], ["123", "2", "3"]),
    ],
)
def test_whose_a_second_number_is_does_not_hang_on_the_order_of_the_rows(
    numbers: list[tuple[str, str | None]], phones: list[str]
) -> None:
    day = date(2026, 1, 1)
    table: list[list[object]] = [["手机", "姓名", "金额", "日期"]]
    for short, name in numbers:
        table.append(["/".join(f"1380000000{digit}" for digit in short.split("/")), name, 1, day])
    made = planned(table)
    assert ["".join(key[-1] for key in keys) for _, keys in people(made)] == phones
    written = [KnownMember(n, p.name, tuple(p.phones), {}) for n, p in enumerate(made.matched.people, 1)]
    ids = {id(person): n for n, person in enumerate(made.matched.people, 1)}
    lines = [
        KnownLine(n, ids[id(line.person)], line.day, "", line.item, line.amount_fen, line.qty)
        for n, line in enumerate(made.matched.lines, 1)
    ]
    again = planned(table, known=known(*written, lines=lines)).counts
    assert (again.members_new, again.members_updated, again.sales_new) == (0, 0, 0)


# ---------------------------------------------------------------- quick ways


@example(
    [("138 0000 0002", "李娜", 5), ("13800000003", "李娜", 5), ("13800000004", "李娜", 5)], "fill", False
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["13800000001", "138 0000 0002", "13800000003", "13800000004", "12", None]),
            st.sampled_from(["王丽", "李娜", "周敏", None]),
            st.sampled_from([5, "x"]),
        ),
        min_size=1,
        max_size=9,
    ),
    st.sampled_from(["fill", "overwrite", "skip"]),
    st.booleans(),
)
def test_receipts_taken_number_by_number_are_those_taken_row_by_row(
    rows: list[tuple[object, ...]], policy: Policy, family: bool
) -> None:
    known = Known(
        members=(
            KnownMember(1, "王丽", ("13800000001",), {}),
            KnownMember(2, "", ("13800000002",), {}),
            *((KnownMember(3, "李娜", ("13800000001",), {}),) if family else ()),
        )
    )
    cells = [S, *((phone, name, date(2026, 1, 1), "衬衫", 1, fen) for phone, name, fen in rows)]

    def seen() -> object:
        try:
            made = planned(cells, known=known, choices=Choices(policy=policy))
        except Refusal as refused:
            return refused.code
        lines = [(line.person.id, line.person.phones, line.person.name) for line in made.matched.lines]
        shown = made.sheets[0].rows(0, len(rows))
        return made.problems, made.groups, made.counts, people(made), lines, shown

    quick = seen()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_Matching, "_by_number_alone", lambda *_: None)
        assert seen() == quick
