"""What stands on a printed list or card: worded and in order, with no place on the page yet.

Made by `shop.papers`, laid out and painted by the window. Widths are millimetres on A4.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from shopcrm.basics.records import TypeKey

Look = Literal["plain", "strong", "name", "small"]


class Words(NamedTuple):
    """One paragraph of a cell; line breaks in it are kept."""

    text: str
    look: Look = "plain"


class PaperCell(NamedTuple):
    """What one cell holds, from top to bottom: paragraphs, words to circle, a dotted line to write on."""

    words: tuple[Words, ...] = ()
    badge: TypeKey | None = None  # alone in its cell
    choices: tuple[str, ...] = ()  # none is broken in two
    to_write: bool = False


class PaperColumn(NamedTuple):
    """A column with its least width; what a page has left is shared out in proportion."""

    heading: str  # "" of all columns of a table: no row of headings
    width: float
    is_right: bool = False  # figures stand at the right


class PaperTable(NamedTuple):
    """A table with a heading above it, "" for none; the row of headings comes again on every page."""

    heading: str
    columns: tuple[PaperColumn, ...]
    rows: tuple[tuple[PaperCell, ...], ...]


class Paper(NamedTuple):
    """Something to print. `guard` stands on every page that holds phone numbers, "" if none does."""

    title: str
    badge: TypeKey | None  # before the title
    facts: tuple[str, ...]  # lines under the title
    made: str  # by whom and when
    tables: tuple[PaperTable, ...]
    hint: str  # in the foot, what to do with it
    guard: str
    people: int  # how many members stand on it
    file_name: str  # proposed for the PDF, without ending
    what: str = ""  # how the audit trail calls it, where the title names somebody
