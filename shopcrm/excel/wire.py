"""Columns of cells on their way from the reading process: short, because cells of a table repeat.

A column of a chunk travels as its cells, or as the cells that are new in it and the places of all of them
among those told so far, as `Column` keeps them. Everything is made of what JSON can say.
"""

from __future__ import annotations

from array import array
from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import count, islice
from typing import Any

from shopcrm.excel.cells import MARK, Cell, Told, encode

Packed = list[Cell] | dict[str, Any]


def packed_numbers(numbers: Iterable[int]) -> str:
    """Numbers of rows as one text."""
    return b64encode(array("I", numbers)).decode("ascii")


def numbers_of(text: str) -> array[int]:
    """What `packed_numbers` was given."""
    return array("I", b64decode(text))


class Packing:
    """The sending end of one sheet: values of a reader become cells, each distinct one only once."""

    def __init__(self) -> None:
        # Column -> value -> place among those told; None: too few repeat in it, its cells are sent as such.
        self._told: dict[int, defaultdict[object, int] | None] = {}

    def packed(self, at: int, column: Sequence[object]) -> Packed:
        """A column of a chunk."""
        kinds = set(map(type, column))
        if bool in kinds:  # True and 1 are one key of a dictionary, but not one cell
            column = [(value,) if isinstance(value, bool) else value for value in column]
        told = self._told.setdefault(at, defaultdict(count(1).__next__, {"": 0}))
        if told is None:
            return _cells(column, kinds)
        before = len(told)
        places = packed_numbers(map(told.__getitem__, column))
        if 4 * (len(told) - before) > 3 * len(column):  # numbers of receipts and the like
            self._told[at] = None
            return _cells(column, kinds)
        return {"new": list(map(_cell, islice(told, before, None))), "places": places}


def _cells(column: Sequence[object], kinds: set[type]) -> list[Cell]:
    if kinds == {str} and "" not in column and MARK not in "".join(column):  # type: ignore[arg-type]
        return list(column)  # type: ignore[arg-type]
    return list(map(_cell, column))


def _cell(value: object) -> Cell:
    return encode(value[0] if isinstance(value, tuple) else value)


def unpacked(packed: Packed) -> list[Cell] | Told:
    """What was packed, for the same column of a sheet."""
    if isinstance(packed, list):
        return packed
    return Told(packed["new"], numbers_of(packed["places"]))
