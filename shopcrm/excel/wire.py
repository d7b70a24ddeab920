"""Columns of cells on their way from the reading process: short, because cells of a table repeat.

A column of a chunk travels as its cells, or as the cells that are new in it and the places of all of them
among those told so far. Everything is made of what JSON can say.
"""

from __future__ import annotations

from array import array
from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import count, islice
from typing import Any

from shopcrm.excel.cells import MARK, Cell, encode

Packed = list[Cell] | dict[str, Any]


def packed_numbers(numbers: Iterable[int]) -> str:
    """Numbers of rows as one text."""
    return b64encode(array("I", numbers)).decode("ascii")


def numbers_of(text: str) -> Sequence[int]:
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
            return list(map(encode, column))
        told = self._told.setdefault(at, defaultdict(count().__next__))
        if told is None:
            return _cells(column, kinds)
        before = len(told)
        places = packed_numbers(map(told.__getitem__, column))
        if 4 * (len(told) - before) > 3 * len(column):  # numbers of receipts and the like
            self._told[at] = None
            return _cells(column, kinds)
        return {"new": list(map(encode, islice(told, before, None))), "places": places}


def _cells(column: Sequence[object], kinds: set[type]) -> list[Cell]:
    if kinds == {str} and "" not in column and MARK not in "".join(column):  # type: ignore[arg-type]
        return list(column)  # type: ignore[arg-type]
    return list(map(encode, column))


class Unpacking:
    """The receiving end of one sheet."""

    def __init__(self) -> None:
        self._told: dict[int, list[Cell]] = {}

    def column(self, at: int, packed: Packed) -> list[Cell]:
        """The cells of a column of a chunk; equal ones are one object."""
        if isinstance(packed, list):
            return packed
        told = self._told.setdefault(at, [])
        told.extend(packed["new"])
        return list(map(told.__getitem__, numbers_of(packed["places"])))
