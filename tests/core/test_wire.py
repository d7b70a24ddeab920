"""Columns on their way from the reading process: what arrives is what was sent, and repetition is cheap."""

from __future__ import annotations

import json
from datetime import date, datetime

from hypothesis import given
from hypothesis import strategies as st

from shopcrm.excel.cells import Cell, Column, encode
from shopcrm.excel.wire import Packing, numbers_of, packed_numbers, unpacked

VALUES = st.one_of(
    st.sampled_from(["", "\x01d2026-01-01", "王丽", "0", True, False, 1, 1.0, 0.0, float("inf")]),
    st.floats(), st.text(max_size=3), st.dates(date(1990, 1, 1)), st.datetimes(datetime(1990, 1, 1)),
)  # fmt: skip


@given(st.lists(st.one_of(st.integers(1, 3), st.lists(VALUES, min_size=1, max_size=12)), max_size=5))
def test_every_chunk_of_a_column_arrives_cell_by_cell(chunks: list[list[object] | int]) -> None:
    """Also where chunks that are too narrow for it leave it empty, so many rows."""
    packing, column = Packing(), Column()
    wanted: list[object] = []
    for chunk in chunks:
        if isinstance(chunk, int):
            column.fill(chunk)
            wanted += [None] * chunk
            continue
        column.extend(unpacked(json.loads(json.dumps(packing.packed(3, chunk)))))
        wanted += map(encode, chunk)
    assert list(column) == wanted
    assert [isinstance(cell, str) for cell in column] == [isinstance(cell, str) for cell in wanted]
    assert set(column.told()) == set(wanted)


def test_a_cell_that_repeats_is_told_once_and_is_one_object() -> None:
    packing, column = Packing(), Column()
    first = packing.packed(0, ["连衣裙", "风衣"] * 500)
    second = packing.packed(0, ["风衣", "大衣"] * 500)
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert (first["new"], second["new"]) == (["连衣裙", "风衣"], ["大衣"])
    column.extend(unpacked(first))
    column.extend(unpacked(second))
    assert len({id(cell) for cell in column if cell == "风衣"}) == 1
    assert column.told() == ["连衣裙", "风衣", "大衣"]


CELLS = st.lists(st.sampled_from(["王丽", "李娜", "0", 0, 1.5, None]), min_size=1, max_size=200)


@given(CELLS, st.data())
def test_a_column_is_what_its_cells_are(cells: list[Cell], data: st.DataObject) -> None:
    """Whichever way it came, cut and changed."""
    column = Column()
    column.extend(unpacked(Packing().packed(0, ["" if cell is None else cell for cell in cells])))
    start, stop = data.draw(st.integers(0, len(cells))), data.draw(st.integers(0, len(cells)))
    column, cells = column[start:stop], cells[start:stop]
    for position in data.draw(st.lists(st.integers(0, len(cells) - 1), max_size=3)) if cells else ():
        cells[position] = "改"
        column[position] = "改"
    assert list(column) == cells
    assert [column[at] for at in range(len(cells))] == cells
    assert set(column.told()) == set(cells)
    wanted = {"王丽", "改"}
    assert column.positions(wanted) == [at for at, cell in enumerate(cells) if cell in wanted]
    assert column.mapped({cell: repr(cell) for cell in cells}) == list(map(repr, cells))
    assert list(column.without(wanted)) == [None if cell in wanted else cell for cell in cells]
    assert set(column.without(wanted).told()) == {None if cell in wanted else cell for cell in cells}


def test_numbers_of_receipts_are_sent_as_they_stand() -> None:
    packing = Packing()
    numbers = [f"XS{n:07}" for n in range(1000)]
    assert packing.packed(0, numbers) == numbers
    assert packing.packed(0, ["XS1"] * 1000) == ["XS1"] * 1000  # looked at once, not again
    assert packing.packed(1, ["XS1"] * 1000) != ["XS1"] * 1000  # each column by itself


def test_numbers_of_rows_arrive() -> None:
    assert list(numbers_of(packed_numbers([1, 2, 1_048_576]))) == [1, 2, 1_048_576]
