"""Columns on their way from the reading process: what arrives is what was sent, and repetition is cheap."""

from __future__ import annotations

import json
from datetime import date, datetime

from hypothesis import given
from hypothesis import strategies as st

from shopcrm.excel.cells import encode
from shopcrm.excel.wire import Packing, Unpacking, numbers_of, packed_numbers

VALUES = st.one_of(
    st.sampled_from(["", "\x01d2026-01-01", "王丽", "0", True, False, 1, 1.0, 0.0, float("inf")]),
    st.floats(), st.text(max_size=3), st.dates(date(1990, 1, 1)), st.datetimes(datetime(1990, 1, 1)),
)  # fmt: skip


@given(st.lists(st.lists(VALUES, max_size=12), max_size=5))
def test_every_chunk_of_a_column_arrives_cell_by_cell(chunks: list[list[object]]) -> None:
    packing, unpacking = Packing(), Unpacking()
    for chunk in chunks:
        packed = json.loads(json.dumps(packing.packed(3, chunk)))
        wanted, found = list(map(encode, chunk)), unpacking.column(3, packed)
        assert found == wanted
        assert [cell is None or isinstance(cell, str) for cell in found] == [
            cell is None or isinstance(cell, str) for cell in wanted
        ]


def test_a_cell_that_repeats_is_told_once_and_is_one_object() -> None:
    packing, unpacking = Packing(), Unpacking()
    first = packing.packed(0, ["连衣裙", "风衣"] * 500)
    second = packing.packed(0, ["风衣", "大衣"] * 500)
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert (first["new"], second["new"]) == (["连衣裙", "风衣"], ["大衣"])
    cells = unpacking.column(0, first) + unpacking.column(0, second)
    assert len({id(cell) for cell in cells if cell == "风衣"}) == 1


def test_numbers_of_receipts_are_sent_as_they_stand() -> None:
    packing = Packing()
    numbers = [f"XS{n:07}" for n in range(1000)]
    assert packing.packed(0, numbers) == numbers
    assert packing.packed(0, ["XS1"] * 1000) == ["XS1"] * 1000  # looked at once, not again
    assert packing.packed(1, ["XS1"] * 1000) != ["XS1"] * 1000  # each column by itself


def test_numbers_of_rows_arrive() -> None:
    assert list(numbers_of(packed_numbers([1, 2, 1_048_576]))) == [1, 2, 1_048_576]
