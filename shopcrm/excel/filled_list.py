"""A call-back list that somebody filled in, found in a file by the keys of its to-dos and read row by row.

The keys alone say which to-do a row is about: rows may be sorted, cut, doubled or mixed with others, columns
moved or removed, and whatever else stands in a row may have been changed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from shopcrm.basics.errors import Refusal
from shopcrm.basics.fields import plain_heading
from shopcrm.basics.records import OUTCOMES
from shopcrm.basics.texts import catalogue
from shopcrm.basics.values import clean_text, parse_day
from shopcrm.excel.cells import Book, Cell, Sheet, decode, shown

_KEY = re.compile(r"T([0-9]{1,15})-([0-9]{1,15})-[0-9A-F]{8}")
_LOOKED_AT = 2_000  # rows: enough to know a list by, however big the file is


@dataclass(frozen=True, slots=True)
class FilledRow:
    """One row: the key it carries ("" without), and what was written into its blank columns."""

    sheet: str
    row: int  # as Excel shows it
    key: str
    name: str
    said: str  # the outcome as written
    outcome: str  # one of records.OUTCOMES, "" if nothing or no known word stands there
    next_said: str
    next_day: date | None  # None also if `next_said` is no day
    note: str

    @property
    def is_empty(self) -> bool:
        """Whether nothing was filled in."""
        return not (self.said or self.next_said or self.note)

    @property
    def task(self) -> int:
        """The id of the to-do, 0 without a key."""
        found = _KEY.fullmatch(self.key)
        return int(found[1]) if found else 0

    @property
    def last_contact(self) -> int:
        """The newest contact about it that the list knew of, 0 if there was none."""
        found = _KEY.fullmatch(self.key)
        return int(found[2]) if found else 0


def is_filled_list(book: Book) -> bool:
    """Whether a file is one of our call-back lists, filled in or not."""
    return any(_key_column(sheet) is not None for sheet in book.sheets)


def filled_rows(book: Book, file: str, today: date) -> list[FilledRow]:
    """The rows of a list in the order of the file. Refusal callbacks_no_key, callbacks_no_outcome."""
    found: list[FilledRow] = []
    is_list = False
    for sheet in book.sheets:
        keys = _key_column(sheet)
        if keys is None:
            continue
        is_list = True
        columns = {name: _headed(sheet, name) for name in ("name", "outcome", "next", "note")}
        if columns["outcome"] is None:
            raise Refusal("callbacks_no_outcome", file=file)
        found.extend(_rows(sheet, keys, columns, book.date1904, today))
    if not is_list:
        raise Refusal("callbacks_no_key", file=file)
    return found


def _key(cell: Cell) -> str:
    """The key in a cell, "" if it holds none."""
    if not isinstance(cell, str) or "-" not in cell or not ("T" in cell or "t" in cell):
        return ""  # at once, as so many cells are asked
    text = clean_text(cell).upper()
    return text if _KEY.fullmatch(text) else ""


def _key_column(sheet: Sheet) -> int | None:
    for at, column in enumerate(sheet.columns):
        if any(_key(cell) for cell in column[:_LOOKED_AT]):
            return at
    return None


@cache
def _headings(name: str) -> frozenset[str]:
    """How a column of the list is headed in any language, as headings are compared."""
    return frozenset(plain_heading(text) for text in catalogue()[f"callbacks.{name}"])


def _headed(sheet: Sheet, name: str) -> int | None:
    for position in range(min(20, len(sheet.numbers))):
        for at, cell in enumerate(sheet.row(position)):
            if plain_heading(shown(cell)) in _headings(name):
                return at
    return None


def _rows(
    sheet: Sheet, keys: int, columns: dict[str, int | None], date1904: bool, today: date
) -> Iterator[FilledRow]:
    below_heading = False
    for position, number in enumerate(sheet.numbers):
        cells = sheet.row(position)

        def cell(name: str, cells: list[Cell] = cells) -> Cell:
            at = columns[name]
            return None if at is None else cells[at]

        if plain_heading(shown(cell("outcome"))) in _headings("outcome"):
            below_heading = True
            continue
        key = _key(cells[keys])
        if not key and not below_heading:
            continue  # a title above the list
        said, next_said = _words(cell("outcome")), _words(cell("next"))
        day = parse_day(decode(cell("next")), date1904=date1904, today=today)
        row = FilledRow(
            sheet.name, number, key, _words(cell("name")), said, _outcomes().get(_plain(said), ""),
            "" if day.missing else next_said, day.day, _words(cell("note")),
        )  # fmt: skip
        if key or not row.is_empty:
            yield row


def _words(cell: Cell) -> str:
    return clean_text(shown(cell))


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


@cache
def _outcomes() -> dict[str, str]:
    """What may be written for an outcome: the words of the drop-down and of lists in every language, its
    number."""
    found: dict[str, str] = {}
    for number, outcome in enumerate(OUTCOMES, 1):
        words = (*catalogue()[f"out.{number}"], *catalogue()[f"list.outcome.{outcome}"], outcome, str(number))
        found |= {_plain(word): outcome for word in words}
    return found
