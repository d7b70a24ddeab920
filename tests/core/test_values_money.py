"""Amounts and quantities: import rule 7, showing."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopcrm.basics.values import parse_amount, parse_quantity, show_discount, show_money


@pytest.mark.parametrize(
    ("raw", "fen"),
    [
        # 7.1 exact, half up
        (299, 29900),
        (0.1 + 0.2, 30),
        (1.005, 101),
        (2.675, 268),
        (-0.005, -1),
        (0.295, 30),
        (-12.345, -1235),
        ("1.005", 101),
        # 7.2 text
        ("¥1,299.50", 129950),
        ("￥1，299", 129900),
        ("RMB 88", 8800),
        ("88 CNY", 8800),
        ("88元", 8800),
        ("88圆", 8800),
        ("88块", 8800),
        ("人民币88元", 8800),
        ("1 299", 129900),
        ("１２９９", 129900),
        ("(88)", -8800),
        ("（88）", -8800),
        ("-88", -8800),
        ("−88", -8800),
        ("—88", -8800),
        ("¥-88", -8800),
        ("-¥88", -8800),
        ("1.2万", 1_200_000),
        ("1.2万元", 1_200_000),
        # 7.3 nothing to pay is a sale
        ("免费", 0),
        ("赠送", 0),
        ("赠品", 0),
        ("Free", 0),
        (0, 0),
        ("10000000", 1_000_000_000),
    ],
)
def test_amount_is_read(raw: object, fen: int) -> None:
    cell = parse_amount(raw)
    assert (cell.fen, cell.missing, cell.problem) == (fen, False, None)


@pytest.mark.parametrize("raw", [None, "", " ", "-", "—", "无", "nan", "NaN", float("nan")])
def test_empty_amount_is_missing(raw: object) -> None:  # 7.3
    cell = parse_amount(raw)
    assert (cell.fen, cell.missing, cell.problem) == (None, True, None)


@pytest.mark.parametrize(
    "raw",
    [
        "1.299,00",
        "12,99",
        "1,29,900",
        "88块5",
        "#DIV/0!",
        "#N/A",
        "inf",
        float("inf"),
        "很多",
        "-(88)",
        "$88",
        True,
    ],
)
def test_bad_amount_is_never_guessed(raw: object) -> None:  # 7.2, 7.4
    cell = parse_amount(raw)
    assert (cell.fen, cell.missing, cell.problem) == (None, False, "bad_amount")


@pytest.mark.parametrize(
    "raw", [10_000_000.01, "10000000.01", -10_000_001, "1001万", 1e300, 10**400, "9" * 5000]
)
def test_amount_beyond_the_limit_is_too_large(raw: object) -> None:  # 7.4
    assert parse_amount(raw).problem == "amount_too_large"


@given(st.floats(min_value=-9_999_999, max_value=9_999_999))
def test_a_float_is_rounded_as_its_shortest_form(value: float) -> None:
    yuan = Decimal(repr(value)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    assert parse_amount(value).fen == int(yuan * 100)


@given(st.integers(min_value=-1_000_000_000, max_value=1_000_000_000))
def test_what_is_shown_is_read_back(fen: int) -> None:
    assert parse_amount(show_money(fen)).fen == fen


@given(st.one_of(st.text(), st.floats(), st.integers(), st.none()))
def test_any_cell_is_amount_or_missing_or_problem(raw: object) -> None:
    cell = parse_amount(raw)
    assert (cell.fen is not None) + cell.missing + (cell.problem is not None) == 1
    assert isinstance(parse_quantity(raw).quantity, int)


def test_money_is_shown_without_needless_cents() -> None:
    assert show_money(158000) == "¥1,580"
    assert show_money(158050) == "¥1,580.50"
    assert show_money(-1800) == "−¥18"
    assert show_money(-5) == "−¥0.05"
    assert show_money(0) == "¥0"


@pytest.mark.parametrize(
    ("raw", "quantity", "problem"),
    [
        (2.0, 2, None),
        ("2件", 2, None),
        ("－1", -1, None),
        ("", 1, None),
        (None, 1, None),
        ("两件", 1, "bad_quantity"),
        (1.5, 1, "bad_quantity"),
        (1e300, 1, "bad_quantity"),
        (float("inf"), 1, "bad_quantity"),
        (True, 1, "bad_quantity"),
    ],
)
def test_quantity_is_whole_or_one(raw: object, quantity: int, problem: str | None) -> None:  # 7.4
    cell = parse_quantity(raw)
    assert (cell.quantity, cell.problem) == (quantity, problem)


@pytest.mark.parametrize(
    ("paid", "listed", "shown"),
    [
        (25_330, 29_800, "8.5"), (90, 100, "9"), (-50, -100, "5"), (100, None, ""), (100, 0, ""),
        (0, 100, ""), (100, 100, ""), (120, 100, ""), (9_999, 10_000, ""), (2, 3, "6.7"), (-50, 100, ""),
    ],
)  # fmt: skip
def test_a_discount_is_what_was_paid_of_the_list_price(paid: int, listed: int | None, shown: str) -> None:
    assert show_discount(paid, listed) == shown
