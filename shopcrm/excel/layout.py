"""From a sheet of cells to typed columns: header, kind of sheet, what each column is, and what each cell
says.

Works by columns: cells repeat, so each distinct one is parsed once and the rest is look-ups. All cell
semantics live in basics.values; this file only knows where cells stand. Import rules 3, 4, 6, 7, 10 and 11.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fractions import Fraction
from itertools import chain, islice
from typing import Any, TypeVar

from shopcrm.basics.fields import (
    BY_KIND,
    EVERY,
    KNOWN_HEADINGS,
    NUMBERS,
    OWN,
    SheetKind,
    is_identity,
    plain_heading,
)
from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import OwnField
from shopcrm.basics.values import (
    AmountCell,
    clean_name,
    clean_text,
    list_price,
    parse_amount,
    parse_day,
    parse_discount,
    parse_hours,
    parse_phones,
    parse_quantity,
)
from shopcrm.basics.values.birthday import parse_birthday
from shopcrm.basics.values.day import DayCell, sale_day_problem
from shopcrm.basics.values.money import MOST_FEN
from shopcrm.excel.cells import DAY, MARK, Book, Cell, Column, Sheet, decode, shown
from shopcrm.excel.fates import Choices, Fate, Problem

T = TypeVar("T")

_HEADER_ROWS = 20
_LONGEST_NAME = 50
_TOTAL = re.compile(
    r"(?:合计|总计|小计|本页合计|累计|合計|總計|小計|累計|grandtotal|subtotal|total)", re.IGNORECASE
)
_TOTAL_BEGINS = frozenset("合总小本累總gGsStTＧｇＳｓＴｔ")
_NONE = frozenset(
    ("-", "—", "–", "/", "无", "無", "没有", "沒有", "未留", "空", "暂无", "暫無", "none", "n/a", "nan")
)
_LONGEST_NONE = max(map(len, _NONE))
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3])[:：]([0-5][0-9])")
_USUAL_DAY = re.compile("[0-9]{4}([-/])[0-9]{1,2}\\1[0-9]{1,2}(?![0-9])")
_GENDERS = {
    "男": "m",
    "m": "m",
    "male": "m",
    "先生": "m",
    "女": "f",
    "f": "f",
    "female": "f",
    "女士": "f",
    "小姐": "f",
}
_LUNAR = re.compile("农|農|阴|陰|lunar", re.IGNORECASE)
_YES = frozenset(
    ("是", "有", "√", "✓", "y", "yes", "true", "1", "试", "試", "试穿", "試穿", "已试", "成交", "买了")
)

# A cell about a visit that says no more than yes, no, looked, asked or tried; also as this program writes it.
_VISIT_WORD = re.compile(
    "[试試穿问問咨询諮詢看逛买買购購没沒未无無不否是有成交了过過只就一下进進店到来來，,、。 -]*"
    r"|[xnyo×✗√✓—/]|[0-9]+|no|yes|true|false|none|n/a|looked|(tried on|asked), did not buy \([试问]\)",
    re.IGNORECASE,
)
# Reasons why someone bought nothing: first word found -> code of the visit.
_REASONS = (
    ("no_size", ("码", "碼", "号", "號", "size")),
    ("price", ("价", "價", "贵", "貴", "price")),
    ("style", ("款", "版", "样", "樣", "style")),
    ("colour", ("色", "colour", "color")),
    ("itchy", ("扎", "紮", "痒", "癢", "itchy")),
    ("thinking", ("考虑", "考慮", "犹豫", "猶豫", "再看", "再想", "think")),
)
_OUTCOMES = (
    ("wrong_number", ("空号", "空號", "错号", "錯號", "停机", "停機", "号码不对", "wrong")),
    (
        "no_answer",
        ("没接", "沒接", "未接", "无人接", "無人接", "没联系上", "沒聯絡上", "关机", "關機", "no answer"),
    ),
    ("refused", ("拒绝", "拒絕", "不需要", "不想", "别再", "refus")),
    ("will_come", ("会来", "會來", "约", "約", "要来", "will come")),
    ("later", ("稍后", "稍後", "以后", "以後", "改天", "later")),
)
# What she does not want, first word found of each; and who wants nothing at all.
_SILENT = (
    ("no_call", ("电话", "電話", "call", "phone")),
    ("no_message", ("微信", "wechat")),
    ("no_sms", ("短信", "简讯", "簡訊", "text", "sms")),
)
_NOTHING = frozenset(("勿扰", "勿擾", "免打扰", "免打擾", "都不要", "全部", "any", "all"))
_NO = frozenset(
    (
        "否",
        "不",
        "不同意",
        "拒绝",
        "拒絕",
        "不允许",
        "不允許",
        "没有",
        "沒有",
        "×",
        "✗",
        "n",
        "no",
        "false",
        "0",
    )
)
_AGREES = frozenset(("同意", "已同意", "允许", "允許", "愿意", "願意", "agreed"))
_LONGEST_OWN = 500  # of a value in one of the shop's own fields
_REACHED = frozenset(("联系上了", "聯絡上了", "已联系", "已聯絡", "接通", "已接通", "reached"))
# As this program writes them itself.
_WORDS = frozenset(("约好要来", "約好要來", "稍后再联系", "稍後再聯絡", "wrong number", "refused"))
_CHANNELS = (
    ("call", ("电话", "電話", "call", "phone")),
    ("message", ("微信", "短信", "简讯", "message", "wechat", "sms")),
)


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """One column of a sheet: its heading as written and the field it goes to, None if it is not imported."""

    at: int
    heading: str
    field: str | None
    recognised: bool  # by its heading, not by the owner


@dataclass(slots=True)
class Laid:
    """A sheet with a header, laid out: typed values by row, `None` or "" where there is none."""

    at: int
    name: str
    kind: SheetKind
    columns: tuple[ColumnPlan, ...]
    header_row: int
    numbers: list[int]
    cells: list[Column]
    looks: list[_Look]  # at every column, while it is read
    fates: bytearray
    gaps: int  # empty rows between the header and the last row
    first: int  # place in the file of the first column
    problems: list[Problem] = field(default_factory=list)
    # Column -> cells we put right -> the form in which they are kept.
    repaired: dict[int, dict[Cell, str]] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)  # phone key -> as it stood in the file
    values: dict[str, list[Any]] = field(default_factory=dict)  # field -> value of every row
    changes: dict[int, list[tuple[str, Any, Any]]] = field(default_factory=dict)  # row -> field, old, new
    same_name: dict[int, list[Any]] = field(default_factory=dict)  # row that made a member -> all so called
    two_ways: dict[int, set[Cell]] = field(default_factory=dict)  # column -> days like 03/04/2026
    as_laid: tuple[bytes, tuple[Problem, ...]] = (b"", ())  # fates and problems before any matching

    def place(self, number: int) -> int | None:
        """The position of the row with that number."""
        position = bisect_left(self.numbers, number)
        return position if position < len(self.numbers) and self.numbers[position] == number else None

    def fresh(self) -> Laid:
        """The same sheet before any matching."""
        fates, problems = self.as_laid
        return replace(self, fates=bytearray(fates), problems=list(problems), changes={}, same_name={})

    def warn(self, position: int, column: int | None, code: str, **values: object) -> None:
        """List a warning; the row is imported all the same."""
        self.problems.append(self.said(position, column, code, False, values))

    def leave_out(self, position: int, column: int | None, code: str, **values: object) -> None:
        """List a fault; the row is not imported."""
        self.fates[position] = Fate.PROBLEM
        self.problems.append(self.said(position, column, code, True, values))

    def said(
        self, position: int, column: int | None, code: str, left_out: bool, values: dict[str, object]
    ) -> Problem:
        """What is to be said of a cell or row, without listing it."""
        heading = self.columns[column].heading if column is not None and column < len(self.columns) else ""
        value = str(values.pop("value", "")) or (
            shown(self.cells[column][position]) if column is not None else ""
        )
        return Problem(
            self.name, self.numbers[position], heading, code, value, left_out, self.at, column, values
        )

    def columns_of(self, name: str) -> list[int]:
        """The columns that carry a field, the one that counts first."""
        ranks = BY_KIND[self.kind]
        found = [column for column in self.columns if column.field == name]
        found.sort(
            key=lambda c: (ranks.get(plain_heading(c.heading), ("", 0))[1] if c.recognised else 0, c.at)
        )
        return [column.at for column in found]

    def column_of(self, name: str) -> int | None:
        """The column that counts for a field."""
        found = self.columns_of(name)
        return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Layout:
    """All sheets of a book that hold something, and the names of those that do not."""

    book: Book
    sheets: tuple[Laid, ...]
    ignored: tuple[str, ...]
    hidden_tables: tuple[str, ...]  # hidden sheets that have a header
    days: tuple[str, str] | None  # the first and last day of sales, visits and contacts
    today: date
    own: tuple[OwnField, ...] = ()  # the shop's own fields in use


def lay_out(
    book: Book, choices: Choices, today: date, progress: Progress = SILENT, own: Sequence[OwnField] = ()
) -> Layout:
    """The sheets of a book with every cell read; of the shop it knows the names of its own fields."""
    laid: list[Laid] = []
    ignored: list[str] = []
    hidden: list[str] = []
    for at, sheet in enumerate(book.sheets):
        header = header_position(sheet)
        if header is None or sheet.hidden:
            ignored.append(sheet.name)
            if header is not None:
                hidden.append(sheet.name)
            continue
        laid.append(_lay_sheet(book, sheet, at, header, choices, today, progress, own))
    return Layout(book, tuple(laid), tuple(ignored), tuple(hidden), _days_of(laid), today, tuple(own))


def lay_out_again(
    layout: Layout, before: Choices, choices: Choices, today: date, progress: Progress = SILENT
) -> Layout:
    """The layout of the same book with other choices: only what they touch is read again."""
    if today != layout.today:
        return lay_out(layout.book, choices, today, progress, layout.own)
    edited = {(at, number) for (at, number, _), _ in before.edits.items() ^ choices.edits.items()}
    edited |= before.left_out ^ choices.left_out
    sheets: list[Laid] = []
    for laid in layout.sheets:
        if _of_columns(before, laid.at) == _of_columns(choices, laid.at):
            numbers = sorted(
                number for at, number in edited if at == laid.at and laid.place(number) is not None
            )
            sheets.append(_with_rows_again(layout, laid, numbers, choices, today))
        else:
            sheet = layout.book.sheets[laid.at]
            header = bisect_left(sheet.numbers, laid.header_row)
            sheets.append(
                _lay_sheet(layout.book, sheet, laid.at, header, choices, today, progress, layout.own)
            )
    return replace(layout, sheets=tuple(sheets), days=_days_of(sheets))


def _of_columns(choices: Choices, at: int) -> tuple[object, ...]:
    orders = {column: order for (where, column), order in choices.day_orders.items() if where == at}
    return dict(choices.mapping.get(at, {})), orders


def _with_rows_again(layout: Layout, laid: Laid, numbers: list[int], choices: Choices, today: date) -> Laid:
    """A sheet with some rows read again; no other row says what is in them."""
    result = laid.fresh()
    if not numbers:
        return result
    sheet = layout.book.sheets[laid.at]
    header = bisect_left(sheet.numbers, laid.header_row)
    positions = [bisect_left(laid.numbers, number) for number in numbers]
    few = Sheet(
        laid.name,
        numbers=[laid.header_row, *numbers],
        columns=[
            Column([column[header], *(column[header + 1 + p] for p in positions)]) for column in sheet.columns
        ],
    )
    part = _lay_sheet(layout.book, few, laid.at, 0, choices, today, SILENT, layout.own)
    for position, fate in zip(positions, part.fates, strict=True):
        result.fates[position] = fate
    result.problems = [p for p in result.problems if p.row not in set(numbers)] + part.problems
    result.as_laid = (bytes(result.fates), tuple(result.problems))
    result.cells = [column[:] for column in laid.cells]
    for column, new in zip(result.cells, part.cells, strict=True):
        for position, cell in zip(positions, new, strict=True):
            column[position] = cell
    empty = [""] * len(laid.numbers)  # a text column in which nothing stands has no values
    result.values = {
        name: _with(laid.values.get(name, empty), positions, part.values.get(name, empty))
        for name in laid.values | part.values
    }
    result.repaired = {
        at: laid.repaired.get(at, {}) | part.repaired.get(at, {}) for at in laid.repaired | part.repaired
    }
    result.two_ways = {
        at: laid.two_ways.get(at, set()) | part.two_ways.get(at, set())
        for at in laid.two_ways | part.two_ways
    }
    result.typed = part.typed | laid.typed
    return result


def _with(column: list[T], positions: list[int], new: Sequence[T]) -> list[T]:
    """A column with other values in some places."""
    changed = [(p, value) for p, value in zip(positions, new, strict=False) if column[p] != value]
    if changed:
        column = column.copy()
        for position, value in changed:
            column[position] = value
    return column


def _days_of(sheets: Iterable[Laid]) -> tuple[str, str] | None:
    days = {
        day
        for sheet in sheets
        for name in ("sale_day", "visit_day", "contact_day")
        for day in set(sheet.values.get(name, ()))
        if day
    }
    return (min(days), max(days)) if days else None


# ---------------------------------------------------------------- header and columns


def header_position(sheet: Sheet) -> int | None:
    """The position of the header, by rule 3.2; None if a sheet has none."""
    best, best_known = None, 1
    for position in islice(_filled(sheet), _HEADER_ROWS):
        headings = {plain_heading(cell) for cell in sheet.row(position) if isinstance(cell, str)}
        known = headings & KNOWN_HEADINGS
        if len(known) > best_known and any(map(is_identity, known)):
            best, best_known = position, len(known)
    return best


def _filled(sheet: Sheet) -> Iterator[int]:
    """The positions of rows in which the eye sees something."""
    for position in range(len(sheet.numbers)):
        if any(
            not isinstance(cell, str) or clean_text(cell) for cell in sheet.row(position) if cell is not None
        ):
            yield position


def _lay_sheet(
    book: Book, sheet: Sheet, at: int, header: int, choices: Choices, today: date, progress: Progress,
    own: Sequence[OwnField],
) -> Laid:  # fmt: skip
    headings = [clean_text(decode(cell)) for cell in sheet.row(header)]
    chosen = choices.mapping.get(at, {})
    kind = _kind(headings, chosen)
    columns = _columns(headings, kind, chosen, own)
    numbers = sheet.numbers[header + 1 :]
    cells = [column[header + 1 :] for column in sheet.columns]
    looks = [_Look(column.told()) for column in cells]
    for column, look in enumerate(looks):
        if blank := look.blanks():
            cells[column] = cells[column].without(blank)
            looks[column] = _Look(cells[column].told())
    gaps = (numbers[-1] - sheet.numbers[header] - len(numbers)) if numbers else 0
    laid = Laid(
        at, sheet.name, kind, columns, sheet.numbers[header], numbers, cells, looks, bytearray(len(numbers)),
        gaps, sheet.first,
    )  # fmt: skip
    edited = set()
    for (where, number, column), text in choices.edits.items():
        position = laid.place(number)
        if where == at and position is not None and column < len(cells):
            cells[column][position] = text if text.strip() else None
            edited.add(column)
    for column in edited:
        looks[column] = _Look(cells[column].told())
    _read_phones(laid)
    progress.step(0, 3, "progress.checking")
    _skip(laid, headings, shifted=book.kind == "text")
    for where, number in choices.left_out:
        position = laid.place(number)
        if where == at and position is not None:
            laid.fates[position] = Fate.SKIPPED
    orders = {column: order for (where, column), order in choices.day_orders.items() if where == at}
    _Reading(laid, book.date1904, today, orders, progress).read()
    slid = {problem.row for problem in laid.problems if problem.code == "shifted_columns"}
    if slid:  # what its cells seem to say means nothing
        laid.problems = [p for p in laid.problems if p.code == "shifted_columns" or p.row not in slid]
    laid.looks = []
    laid.as_laid = (bytes(laid.fates), tuple(laid.problems))
    return laid


def _columns(
    headings: Sequence[str], kind: SheetKind, chosen: Mapping[int, str | None], own: Sequence[OwnField]
) -> tuple[ColumnPlan, ...]:
    table = BY_KIND[kind]
    if kind == "members":
        table = {plain_heading(field.name): (f"{OWN}{field.id}", 0) for field in own} | table
    plain = [plain_heading(heading) for heading in headings]
    fields = [
        chosen[column] if column in chosen else table.get(heading, (None, 0))[0]
        for column, heading in enumerate(plain)
    ]
    items = [column for column, name in enumerate(fields) if name == "item"]
    numbers = [column for column in items if column not in chosen and plain[column] in NUMBERS]
    if len(items) > len(numbers):  # another column names the article
        for column in numbers:
            fields[column] = "article_no"
    return tuple(
        ColumnPlan(column, heading, name, column not in chosen and plain[column] in table)
        for column, (heading, name) in enumerate(zip(headings, fields, strict=True))
    )


def _kind(headings: Iterable[str], chosen: Any) -> SheetKind:
    plain = [plain_heading(heading) for column, heading in enumerate(headings) if column not in chosen]
    assigned = {name for name in chosen.values() if name}

    def has(kind: SheetKind, *names: str) -> bool:
        here = {BY_KIND[kind][heading][0] for heading in plain if heading in BY_KIND[kind]} | assigned
        return all(name in here for name in names)

    if has("sales", "sale_day") and (has("sales", "amount") or has("sales", "price", "qty")):
        return "sales"
    if not has("sales", "amount"):
        if has("visits", "visit_day"):
            return "visits"
        if has("contacts", "contact_day"):
            return "contacts"
    return "members"


class _Look:
    """What the cells of a column are, seen together: much that is asked of each is answered by one look."""

    def __init__(self, cells: list[Cell]) -> None:
        self.cells = cells  # each at least once
        self.texts = [cell for cell in cells if isinstance(cell, str)]
        self.joined = "".join(self.texts)
        self.is_code = self.joined.isascii() and self.joined.isalnum()  # nothing but letters and digits

    @property
    def is_filled(self) -> bool:
        """Whether no cell is empty."""
        return len(self.texts) == len(self.cells) or None not in self.cells

    @property
    def is_plain(self) -> bool:
        """Whether it holds nothing but longer words of letters and digits: numbers of receipts and cards."""
        return (
            self.is_code and len(self.texts) == len(self.cells) and min(map(len, self.texts)) > _LONGEST_NONE
        )

    def blanks(self) -> set[Cell]:
        """Texts in which the eye sees nothing."""
        if self.is_code or (self.joined.isprintable() and all(map(str.strip, self.texts))):
            return set()
        return {
            text
            for text in self.texts
            if not text.strip() or (not text.isprintable() and not clean_text(text))
        }

    def totals(self) -> set[Cell]:
        """The words that stand for a total."""
        if self.is_code and "total" not in self.joined.lower():
            return set()
        firsts = {text[0] for text in self.texts}
        begins = {first for first in firsts if first in _TOTAL_BEGINS or first.isspace()}
        return {text for text in self.texts if text[0] in begins and _is_total(text)} if begins else set()

    def equal(self, heading: str) -> set[Cell]:
        """Texts that a heading in its plain form may be."""
        first = heading[0]
        if first not in self.joined.lower():
            return set()
        return {cell for cell in self.texts if first in cell.lower() and plain_heading(cell) == heading}


# ---------------------------------------------------------------- rows that are no data


def _skip(laid: Laid, headings: list[str], *, shifted: bool) -> None:
    """Rule 3.6: empty rows, repeated headers, totals, single cells; rule 2.4: values that slid."""
    width = len(laid.cells)
    fates = laid.fates
    phones = laid.values.get("phone")
    totals = _totals(laid)
    again = _positions_equal(laid, headings)
    named = sum(1 for column in laid.columns if column.heading or column.field)
    if shifted or sum(look.is_filled for look in laid.looks) < 2:
        rows: Iterable[tuple[int, Sequence[Cell]]] = enumerate(zip(*laid.cells, strict=True))
    else:  # no row has less than two filled cells
        rows = ((p, [column[p] for column in laid.cells]) for p in sorted(totals | again))
    for position, row in rows:
        filled = width - row.count(None)
        if (
            filled > 1
            and not (shifted and filled > named)
            and position not in totals
            and position not in again
        ):
            continue
        has_phone = phones is not None and bool(phones[position])
        if (
            filled == 0
            or (filled == 1 and not has_phone)
            or (position in totals and not has_phone)
            or position in again
        ):
            fates[position] = Fate.SKIPPED
        elif shifted and filled > named:
            laid.leave_out(
                position, None, "shifted_columns", value=" | ".join(shown(c) for c in row if c is not None)
            )


def _is_total(cell: str) -> bool:
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", cell[:40]))
    return _TOTAL.match(text) is not None


def _totals(laid: Laid) -> set[int]:
    found: set[int] = set()
    for column, look in zip(laid.cells, laid.looks, strict=True):
        if wanted := look.totals():
            found.update(column.positions(wanted))
    return found


def _positions_equal(laid: Laid, headings: list[str]) -> set[int]:
    """Rows that say in two of the known columns, or in all there are, what the header says."""
    hits: dict[int, int] = {}
    known = [column for column in laid.columns if column.recognised]
    for column in known:
        same = laid.looks[column.at].equal(plain_heading(headings[column.at]))
        for position in laid.cells[column.at].positions(same) if same else ():
            hits[position] = hits.get(position, 0) + 1
    return {position for position, count in hits.items() if count >= 2}


# ---------------------------------------------------------------- cells


def _parsed(laid: Laid, columns: list[int], parse: Callable[[Any], T]) -> dict[Cell, T]:
    """What each distinct cell of these columns says."""
    distinct = dict.fromkeys(chain.from_iterable(laid.looks[column].cells for column in columns))
    return {
        cell: parse(decode(cell) if type(cell) is str and cell[:1] == MARK else cell) for cell in distinct
    }


def _is_none(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and cell.strip().lower() in _NONE)


def _read_phones(laid: Laid) -> None:
    """The phone keys of every row; done first, because totals and titles are told from rows with a phone."""
    for name in ("phone", "phone2"):
        columns = laid.columns_of(name)
        if not columns:
            continue
        raw = _joined(laid, columns)
        table = _parsed(laid, columns, parse_phones)
        laid.repaired[columns[0]] = {
            cell: " / ".join(said.phones) for cell, said in table.items() if said.repaired
        }
        for cell, said in table.items():
            if len(said.phones) == 1:
                laid.typed.setdefault(said.phones[0], shown(cell).strip())
        laid.values[name] = raw.mapped({cell: said.phones for cell, said in table.items()})
        if any(said.problem for said in table.values()):
            laid.values["bad_" + name] = raw.mapped({c: bool(said.problem) for c, said in table.items()})


def _joined(laid: Laid, columns: list[int]) -> Column:
    """The first of several columns counts, the others fill in where it is empty or means none."""
    raw = laid.cells[columns[0]]
    for other in columns[1:]:
        fill = laid.cells[other]
        raw = Column(
            more if more is not None and _is_none(cell) else cell
            for cell, more in zip(raw, fill, strict=True)
        )
    return raw


class _Reading:
    """Reads the mapped columns of one sheet into `laid.values`, listing what cannot be read."""

    def __init__(
        self, laid: Laid, date1904: bool, today: date, orders: Mapping[int, str], progress: Progress
    ) -> None:
        self.laid = laid
        self.date1904 = date1904
        self.today = today
        self.orders = orders  # column -> how days with the year last are meant
        self.progress = progress

    def read(self) -> None:
        self._person()
        if self.laid.kind == "sales":
            self._sale()
        elif self.laid.kind == "visits":
            self._visit()
        elif self.laid.kind == "contacts":
            self._contact()

    # -- what every sheet may say of a person

    def _person(self) -> None:
        laid = self.laid
        for name in ("phone", "phone2"):
            flags = laid.values.pop("bad_" + name, None)
            column = laid.column_of(name)
            for position, bad in enumerate(flags or ()):
                if bad and laid.fates[position] != Fate.SKIPPED:
                    (laid.leave_out if name == "phone" else laid.warn)(position, column, "invalid_phone")
        self._texts("name", lambda raw: "" if _is_none(raw) else clean_name(raw))
        for position in self._where("name", lambda name: len(name) > _LONGEST_NAME):
            laid.leave_out(
                position, laid.column_of("name"), "too_long", value=laid.values["name"][position][:60] + "…"
            )
        self._texts("card", self._text)
        self._texts(
            "gender", lambda raw: _GENDERS.get(unicodedata.normalize("NFKC", clean_text(raw)).lower(), "")
        )
        for name in (
            "referrer",
            "size_top",
            "size_bottom",
            "size_shoe",
            "height",
            "weight",
            "likes",
            "avoids",
            "wechat",
            "tags",
        ):
            self._texts(name, self._text)
        self._texts("notes", clean_text)
        self._texts(
            "own_staff",
            lambda raw: clean_name(self._text(raw)),
            "staff" if laid.kind == "members" else "own_staff",
        )
        self._birthday()
        self._days("joined", required=False)
        self._points()
        if laid.kind == "members":
            self._limits()
            for name in dict.fromkeys(column.field for column in laid.columns if column.field):
                if name.startswith(OWN):
                    self._own(name)

    def _limits(self) -> None:
        """What she said about being contacted: a file only adds to what she does not want."""
        silent: dict[str, list[bool]] = {}
        for name in ("contact_no", "no_call", "no_message", "no_sms"):
            words = self._words(name, _silent if name == "contact_no" else _yes_or_no)
            for place, (flag, _) in enumerate(_SILENT):
                if words is None or name not in ("contact_no", flag):
                    continue
                told = [word == "yes" or word[place : place + 1] == "1" for word in words]
                silent[flag] = [a or b for a, b in zip(silent.get(flag, told), told, strict=True)]
        self.laid.values.update({flag: told for flag, told in silent.items() if any(told)})
        for name, parse in (("consent", _yes_or_no), ("best_time", parse_hours)):
            words = self._words(name, parse)
            if words is not None:
                self.laid.values[name] = words
        self._days("consent_on", required=False)
        self._texts("consent_by", self._text)

    def _words(self, name: str, parse: Callable[[str], str | None]) -> list[str] | None:
        """What the cells of a field mean; what `parse` does not know (None) is said and left empty."""
        self._tick()
        columns = self.laid.columns_of(name)
        if not columns:
            return None
        raw = _joined(self.laid, columns)
        table = _parsed(self.laid, columns, lambda cell: parse(clean_text(cell)))
        bad = {cell for cell, said in table.items() if said is None}
        self._warn_of(raw, columns[0], bad, "bad_answer")
        return raw.mapped({cell: said or "" for cell, said in table.items()})

    def _own(self, name: str) -> None:
        self._texts(name, clean_text)
        column = self.laid.column_of(name)
        for position in self._where(name, lambda text: len(text) > _LONGEST_OWN):
            self.laid.values[name][position] = ""
            self.laid.warn(position, column, "long_text")

    def _text(self, raw: object) -> str:
        text = clean_text(raw)
        return "" if len(text) <= _LONGEST_NONE and text.lower() in _NONE else text

    def _tick(self) -> None:
        """Hear whoever wants to stop; called before every column."""
        self.progress.step(0, 3, "progress.checking")

    def _texts(self, name: str, parse: Callable[[Any], str], into: str | None = None) -> None:
        self._tick()
        columns = self.laid.columns_of(name)
        if columns:
            raw = _joined(self.laid, columns)
            if parse == self._text and all(self.laid.looks[column].is_plain for column in columns):
                self.laid.values[into or name] = list(raw)
                return
            table = _parsed(self.laid, columns, parse)
            values = raw.mapped(table)
            if any(table.values()) or name in ("name", "card"):
                self.laid.values[into or name] = values

    def _where(self, name: str, test: Callable[[Any], bool]) -> list[int]:
        values = self.laid.values.get(name)
        if values is None:
            return []
        wanted = {value for value in set(values) if test(value)}
        if not wanted:
            return []
        fates = self.laid.fates
        return [p for p, value in enumerate(values) if value in wanted and fates[p] != Fate.SKIPPED]

    def _birthday(self) -> None:
        laid = self.laid
        self._tick()
        calendar = laid.column_of("calendar")
        marks: Sequence[Cell] = laid.cells[calendar] if calendar is not None else ()
        found: list[str] | None = None
        for name in ("birthday", "lunar_birthday"):
            columns = laid.columns_of(name)
            if not columns:
                continue
            raw = _joined(laid, columns)
            lunar = [
                name == "lunar_birthday" or bool(_LUNAR.search(shown(mark)))
                for mark in marks or ("",) * len(raw)
            ]
            pairs = set(zip(raw, lunar, strict=True))
            order = self.orders.get(columns[0], "")
            said = {
                pair: parse_birthday(
                    decode(pair[0]), lunar=pair[1], today=self.today, date1904=self.date1904, order=order
                )
                for pair in pairs
            }
            laid.two_ways[columns[0]] = {pair[0] for pair, cell in said.items() if cell.two_ways}
            keys = {pair: cell.birthday.key if cell.birthday else "" for pair, cell in said.items()}
            bad = {pair for pair, cell in said.items() if cell.problem}
            values = [keys[pair] for pair in zip(raw, lunar, strict=True)]
            if bad:
                for position, pair in enumerate(zip(raw, lunar, strict=True)):
                    if (
                        pair in bad
                        and laid.fates[position] < Fate.PROBLEM
                        and not (found and found[position])
                    ):
                        laid.warn(position, columns[0], "bad_birthday")
            found = values if found is None else [a or b for a, b in zip(found, values, strict=True)]
        if found is not None:
            laid.values["birthday"] = found

    def _points(self) -> None:
        laid = self.laid
        columns = laid.columns_of("points")
        if not columns:
            return
        raw = _joined(laid, columns)
        table = _parsed(laid, columns, parse_amount)
        self._warn_of(raw, columns[0], {c for c, said in table.items() if said.problem}, "bad_points")
        laid.values["points"] = raw.mapped({cell: (said.fen or 0) // 100 for cell, said in table.items()})

    # -- days

    def _days(
        self, name: str, *, required: bool, ahead: bool = False, says: Sequence[bool] | None = None
    ) -> None:
        """ISO days of a column; of a required one a day that cannot be used leaves the row out (rule 6.6),
        but for rows that say nothing (`says`) of any day: they are about the member alone."""
        self._tick()
        laid = self.laid
        columns = laid.columns_of(name)
        if not columns:
            return
        raw = _joined(laid, columns)
        said: dict[Cell, DayCell] = _parsed(
            laid, columns, lambda value: parse_day(
                value, date1904=self.date1904, today=self.today, order=self.orders.get(columns[0], "")
            ),
        )  # fmt: skip
        laid.two_ways[columns[0]] = {cell for cell, day in said.items() if day.two_ways}
        days: dict[Cell, str | None] = {}
        bad: dict[Cell, str] = {}
        for cell, day in said.items():
            problem = sale_day_problem(day, self.today) if required else day.problem
            if not required and not ahead and day.day is not None and day.day > self.today:
                problem = "future_date"
            days[cell] = None if problem or day.day is None else day.day.isoformat()
            if problem:
                bad[cell] = problem
        laid.repaired[columns[0]] = {cell: day for cell, day in days.items() if day and not _is_usual(cell)}
        laid.values[name] = raw.mapped(days)
        times = {cell: _clock(cell) for cell in said}
        if required and any(times.values()):
            laid.values["at"] = raw.mapped(times)
        for position in raw.positions(bad) if bad else ():
            problem = bad[raw[position]]
            if laid.fates[position] != Fate.SKIPPED:
                if required:
                    if says is None or says[position] or problem != "missing_date":
                        laid.leave_out(position, columns[0], problem)
                elif laid.fates[position] != Fate.PROBLEM:
                    laid.warn(position, columns[0], problem)

    # -- sales

    def _sale(self) -> None:
        laid = self.laid
        self._days("sale_day", required=True)
        for name in ("item", "article_no", "category", "line_size", "colour", "order_no", "sale_note"):
            self._texts(name, self._text)
        numbers = laid.values.get("article_no")
        if numbers is not None:  # without a name an article is known by its number
            items = laid.values.get("item", [""] * len(numbers))
            laid.values["item"] = [item or number for item, number in zip(items, numbers, strict=True)]
        self._texts("staff", lambda raw: clean_name(self._text(raw)))
        quantities, given = self._quantities()
        laid.values["qty"] = quantities
        amounts = laid.values["amount"] = self._amounts(quantities, given)
        self._tags(amounts, quantities)

    def _quantities(self) -> tuple[list[int], list[bool] | None]:
        laid = self.laid
        columns = laid.columns_of("qty")
        if not columns:
            return [1] * len(laid.numbers), None
        raw = _joined(laid, columns)
        table = _parsed(laid, columns, parse_quantity)
        bad = {cell for cell, said in table.items() if said.problem}
        self._warn_of(raw, columns[0], bad, "bad_quantity")
        numbers = raw.mapped({cell: said.quantity for cell, said in table.items()})
        return numbers, raw.mapped({cell: not _is_none(cell) and cell not in bad for cell in table})

    def _amounts(self, quantities: list[int], given: list[bool] | None) -> list[int | None]:
        laid = self.laid
        self._tick()
        amounts: list[int | None] = [None] * len(laid.numbers)
        bad: dict[int, tuple[int, str]] = {}
        columns = laid.columns_of("amount")
        if columns:
            raw = _joined(laid, columns)
            table = _parsed(laid, columns, parse_amount)
            laid.repaired[columns[0]] = _tidied(table)
            amounts = raw.mapped({cell: said.fen for cell, said in table.items()})
            wrong = {cell: said.problem for cell, said in table.items() if said.problem}
            if wrong:
                bad = {p: (columns[0], wrong[raw[p]]) for p in raw.positions(wrong)}
        if None in amounts:
            self._multiply(amounts, bad, quantities, given)
        self._take_back(amounts)
        fates = laid.fates
        for position, (column, code) in sorted(bad.items()):
            if fates[position] != Fate.SKIPPED:
                laid.leave_out(position, column, code)
        if None in amounts:
            column_at = columns[0] if columns else laid.column_of("price")
            for position, fen in enumerate(amounts):
                if fen is None and position not in bad and fates[position] != Fate.SKIPPED:
                    laid.leave_out(position, column_at, "missing_amount")
        return amounts

    def _multiply(
        self,
        amounts: list[int | None],
        bad: dict[int, tuple[int, str]],
        quantities: list[int],
        given: list[bool] | None,
    ) -> None:
        """Missing amounts are quantity times unit price where both are there (rule 7.3)."""
        column = self.laid.column_of("price")
        if column is None or given is None:
            return
        raw = self.laid.cells[column]
        table = _parsed(self.laid, [column], parse_amount)
        self.laid.repaired[column] = _tidied(table)
        for position, cell in enumerate(raw):
            price = table[cell]
            if amounts[position] is not None or position in bad or not given[position]:
                continue
            if price.problem:
                bad[position] = (column, price.problem)
            elif price.fen is not None:
                fen = price.fen * quantities[position]
                if abs(fen) > MOST_FEN:
                    bad[position] = (column, "amount_too_large")
                else:
                    amounts[position] = fen

    def _take_back(self, amounts: list[int | None]) -> None:
        """In a row whose type says it is a return the amount is negative whatever its sign (rule 8)."""
        for column in self.laid.columns_of("sale_type"):
            raw = self.laid.cells[column]
            returns = {text for text in self.laid.looks[column].texts if "退" in text}
            for position in raw.positions(returns) if returns else ():
                fen = amounts[position]
                if fen is not None:
                    amounts[position] = -abs(fen)

    # -- price tags

    def _tags(self, amounts: list[int | None], quantities: list[int]) -> None:
        """What each line costs by its price tags, below zero where it came back: as the row says of the line
        or of a piece, else worked out from the discount where that is exact."""
        laid = self.laid
        whole, each = self._fens("list_amount"), self._fens("list_price")
        rates = self._rates()
        if whole is None and each is None and rates is None:
            return
        found: list[int | None] = [None] * len(amounts)
        known: dict[tuple[object, ...], int | None] = {}
        for position, (paid, pieces) in enumerate(zip(amounts, map(abs, quantities), strict=True)):
            if paid is None:
                continue
            listed = whole[position] if whole is not None else None
            if not listed and each is not None:
                listed = (each[position] or 0) * pieces
            if not listed and rates is not None and (rate := rates[position]) is not None and pieces:
                key = abs(paid), rate, pieces
                if key not in known:
                    known[key] = list_price(*key)
                listed = known[key]
            if listed and listed <= MOST_FEN:
                found[position] = -listed if paid < 0 else listed
        laid.values["list_fen"] = found

    def _fens(self, name: str) -> list[int | None] | None:
        """Amounts without a sign; what cannot be read is unknown, and said."""
        laid = self.laid
        columns = laid.columns_of(name)
        if not columns:
            return None
        raw = _joined(laid, columns)
        table = _parsed(laid, columns, parse_amount)
        laid.repaired[columns[0]] = _tidied(table)
        self._warn_of(raw, columns[0], {c for c, said in table.items() if said.problem}, "bad_list_price")
        return raw.mapped({c: None if said.fen is None else abs(said.fen) for c, said in table.items()})

    def _rates(self) -> list[Fraction | None] | None:
        laid = self.laid
        columns = laid.columns_of("discount")
        if not columns:
            return None
        raw = _joined(laid, columns)
        table = _parsed(laid, columns, parse_discount)
        self._warn_of(raw, columns[0], {c for c, said in table.items() if said.problem}, "bad_discount")
        return raw.mapped({cell: said.rate for cell, said in table.items()})

    def _warn_of(self, raw: Column, column: int, bad: set[Cell], code: str) -> None:
        for position in raw.positions(bad) if bad else ():
            if self.laid.fates[position] < Fate.PROBLEM:
                self.laid.warn(position, column, code)

    # -- visits and contacts

    def _visit(self) -> None:
        laid = self.laid
        told = ("outcome", "visit_item", "reason", "says", "tried", "bought")
        for name in told:
            self._texts(name, self._text)
        self._texts("staff", lambda raw: clean_name(self._text(raw)))
        self._days("visit_day", required=True, says=self._any_of(told))
        count = len(laid.numbers)
        empty = [""] * count
        get = laid.values.get
        outcomes, tried, bought = get("outcome", empty), get("tried", empty), get("bought", empty)
        reasons, says, items = get("reason", empty), get("says", empty), list(get("visit_item", empty))
        kinds: list[str] = []
        codes: list[str] = []
        words: list[str] = []
        for position, outcome in enumerate(outcomes):
            in_tried, is_tried = tried[position], _means_yes(tried[position])
            piece = "" if is_tried or _is_visit_word(in_tried) or in_tried[0] in "问問" else in_tried
            both = outcome + in_tried
            if piece or is_tried or in_tried.strip("0").isdecimal() or "试" in outcome or "試" in outcome:
                kinds.append("tried")
            else:
                kinds.append("asked" if "问" in both or "問" in both else "looked")
            items[position] = _together(items[position], piece)
            reason = reasons[position] or outcome
            found = _codes(reason, _REASONS)
            codes.append(" ".join(found))
            is_told = set(_codes(outcome, _REASONS)) <= set(found) and not _beyond_codes(outcome)
            if _means_yes(bought[position]) and laid.fates[position] < Fate.PROBLEM:
                laid.leave_out(position, laid.column_of("bought"), "visit_bought")
            cells = (_beyond_codes(reason), "" if is_told else outcome, bought[position], in_tried)
            told_else = [text for text in cells if text != piece and not _is_visit_word(text)]
            words.append(_together(*told_else, says[position]))
        laid.values["kind"] = kinds
        laid.values["reasons"] = codes
        laid.values["visit_item"] = items
        laid.values["says"] = words

    def _contact(self) -> None:
        laid = self.laid
        for name in ("contact_outcome", "contact_note", "channel"):
            self._texts(name, self._text)
        self._texts("staff", lambda raw: clean_name(self._text(raw)))
        self._days("contact_day", required=True, says=self._any_of(("contact_outcome", "contact_note")))
        self._days("next_day", required=False, ahead=True)
        empty = [""] * len(laid.numbers)
        said = laid.values.get("contact_outcome", empty)
        notes = laid.values.get("contact_note", empty)
        laid.values["outcome"] = [_code(text, _OUTCOMES) or "reached" for text in said]
        laid.values["channel"] = [
            _code(text, _CHANNELS) or "call" for text in laid.values.get("channel", empty)
        ]
        beyond = {text: "" if _is_outcome(text) else text for text in set(said)}
        laid.values["note"] = [_together(beyond[text], note) for text, note in zip(said, notes, strict=True)]

    def _any_of(self, names: Iterable[str]) -> list[bool]:
        """Of every row whether something stands in one of these fields."""
        columns = [self.laid.values[name] for name in names if name in self.laid.values]
        return list(map(any, zip(*columns, strict=True))) if columns else [False] * len(self.laid.numbers)


def _yes_or_no(text: str) -> str | None:
    """yes, no, "" for nothing said, None for something else."""
    plain = unicodedata.normalize("NFKC", text).lower()
    if plain in _YES or plain in _AGREES:
        return "yes"
    return "no" if plain in _NO else None if plain and plain not in _NONE else ""


def _silent(text: str) -> str | None:
    """Which ways of contact a cell names, a digit each in the order of `_SILENT`; else as `_yes_or_no`, a no
    being nothing."""
    found = _codes(text, _SILENT)
    if found:
        return "".join("1" if flag in found else "0" for flag, _ in _SILENT)
    answer = "yes" if text.lower() in _NOTHING else _yes_or_no(text)
    return "" if answer == "no" else answer


def _means_yes(text: str) -> bool:
    return text.lower() in _YES


def _together(*parts: str) -> str:
    """What stands in several cells as one text, nothing twice."""
    return "，".join(dict.fromkeys(part for part in parts if part))


def _is_visit_word(text: str) -> bool:
    return text.lower() in _YES or _VISIT_WORD.fullmatch(text) is not None


def _codes(text: str, table: Iterable[tuple[str, tuple[str, ...]]]) -> list[str]:
    low = text.lower()
    return [code for code, words in table if any(word in low for word in words)]


def _code(text: str, table: Iterable[tuple[str, tuple[str, ...]]]) -> str:
    return next(iter(_codes(text, table)), "")


def _is_outcome(text: str) -> bool:
    """Whether it is the word for an outcome and says nothing more."""
    return text.lower() in _REACHED or any(text.lower() in words for _, words in _OUTCOMES) or text in _WORDS


def _beyond_codes(reason: str) -> str:
    """A reason in her own words; "" if it says no more than its codes do."""
    parts = [part for part in re.split(r"[、，,;；/\s]+", reason) if part]
    plain = all(
        len(part) <= 4 and not re.search("[A-Za-z0-9]", part) and _codes(part, _REASONS) for part in parts
    )
    return "" if plain else reason  # a size she asked for is worth keeping


def _tidied(amounts: Mapping[Cell, AmountCell]) -> dict[Cell, str]:
    """Amounts we put right, as plain numbers of yuan."""
    fens = {cell: said.fen for cell, said in amounts.items() if said.repaired and said.fen is not None}
    return {cell: f"{fen / 100:.2f}".removesuffix(".00") for cell, fen in fens.items()}


def _is_usual(cell: Cell) -> bool:
    """Whether a day stands as a date cell or is written year, month, day."""
    return isinstance(cell, str) and (cell.startswith(DAY) or _USUAL_DAY.match(cell) is not None)


def _clock(cell: Cell) -> str:
    """The time of day in a date cell, "" at midnight, which is what a cell without one holds."""
    if not isinstance(cell, str):
        return ""
    if cell[:1] == MARK:
        if not cell.startswith(DAY) or len(cell) < 18:
            return ""
        at = datetime.fromisoformat(cell[2:])
        return "" if (at.hour, at.minute) == (0, 0) else f"{at:%H:%M}"
    found = _CLOCK.search(cell)
    return f"{int(found[1]):02d}:{found[2]}" if found and found[0] not in ("0:00", "00:00") else ""


__all__ = ["EVERY", "ColumnPlan", "Laid", "Layout", "header_position", "lay_out", "lay_out_again"]
