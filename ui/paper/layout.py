"""Where everything stands on the pages of a paper, in hundredths of a millimetre; needs fonts, and no device.

The row of headings comes again on every page. A row is never cut in two, unless it alone is higher than a
page; then it goes on behind its last whole line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from threading import get_ident

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QFontDatabase, QFontInfo, QFontMetricsF, QTextLayout, QTextOption

from shopcrm.basics.papers import Paper, PaperCell, PaperColumn, PaperTable
from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import TypeKey
from shopcrm.basics.texts import language, t
from ui.theme import fonts

MM = 100  # units of a millimetre: fonts have whole sizes
POINT = MM * 25.4 / 72
SHORT_SIDE, LONG_SIDE = 210 * MM, 297 * MM
MARGIN = 12 * MM

# look: points, bold, grey. Nothing is smaller than 9 points.
LOOKS: dict[str, tuple[float, bool, bool]] = {
    "title": (20, True, False),
    "heading": (12, True, False),
    "column": (9.5, True, False),
    "name": (11.5, True, False),
    "strong": (9.5, True, False),
    "plain": (9.5, False, False),
    "small": (9, False, True),
    "choice": (9, False, False),
    "facts": (10, False, True),
    "foot": (9, False, True),
    "guard": (9, True, False),
}
_LEADING = 1.32  # height of a line, of the size of its letters
_PAD = round(1.35 * MM)  # above and below what stands in a row
_GAP = 4 * MM  # between two columns
_BADGE = round(5.8 * MM)
_WRITING = round(6.5 * MM)  # room above a dotted line
_CHOICE_GAP = round(2.2 * MM)
_FOOT = 7 * MM  # from the end of the rows to the foot's line
_LOOKED_AT = 50  # rows between two looks at whether to go on


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text; it fits into `room` in its look."""

    room: QRectF
    text: str
    look: str
    is_right: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across, or a dotted one to write on."""

    x: float
    y: float
    width: float
    is_dotted: bool = False


@dataclass(frozen=True, slots=True)
class Shade:
    """The light ground behind headings."""

    room: QRectF


@dataclass(frozen=True, slots=True)
class Badge:
    """The square of a customer type."""

    room: QRectF
    type: TypeKey


Mark = Text | Rule | Shade | Badge


@dataclass(slots=True)
class Sheet:
    """One page: its size and what stands on it."""

    width: int
    height: int
    marks: list[Mark] = field(default_factory=list)


def lay_out(paper: Paper, progress: Progress = SILENT) -> list[Sheet]:
    """The pages of a paper, in the language and its fonts; upright unless a table needs more width.

    May run on any thread. Raises Cancelled.
    """
    return _Pages(paper, progress).made()


# A font is no thing for two threads at once: each has its own.
@cache
def _font(look: str, spoken: str, _thread: int) -> QFont:
    points, bold, _ = LOOKS[look]
    font = QFont()
    font.setFamilies(fonts.families(spoken))
    font.setPixelSize(round(points * POINT))
    font.setWeight(QFont.Weight.Bold if bold else QFont.Weight.Normal)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def font(look: str) -> QFont:
    """The font of a look in the language in force, in units of the layout."""
    return _font(look, language(), get_ident())


@cache
def _lacks_bold(look: str, spoken: str) -> bool:
    family = QFontInfo(_font(look, spoken, get_ident())).family()
    return not any(QFontDatabase.bold(family, style) for style in QFontDatabase.styles(family))


def is_thickened(look: str) -> bool:
    """Whether a look is bold and its font family is not: Qt thickens letters on the screen only."""
    return LOOKS[look][1] and _lacks_bold(look, language())


@cache
def _metrics(look: str, spoken: str, thread: int) -> QFontMetricsF:
    return QFontMetricsF(_font(look, spoken, thread))


def width(text: str, look: str) -> float:
    """How wide a line of text is."""
    return _metrics(look, language(), get_ident()).horizontalAdvance(text)


def high(look: str) -> float:
    """How high a line of a look is."""
    return round(LOOKS[look][0] * POINT * _LEADING)


def baseline(room: QRectF, look: str) -> float:
    """Where the letters of a line stand."""
    metrics = _metrics(look, language(), get_ident())
    return room.center().y() + (metrics.ascent() - metrics.descent()) / 2


def wrapped(text: str, look: str, room: float) -> list[str]:
    """The lines of a text in so much width; only a word wider than that is broken."""
    lines: list[str] = []
    for paragraph in text.splitlines():
        if width(paragraph, look) <= room:
            lines.append(paragraph)
        else:
            lines += _broken(paragraph, look, room)
    return lines


def _broken(paragraph: str, look: str, room: float) -> Iterator[str]:
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout = QTextLayout(paragraph, font(look))
    layout.setTextOption(option)
    layout.beginLayout()
    ends = []
    while (line := layout.createLine()).isValid():
        line.setLineWidth(room)
        ends.append(line.textStart() + line.textLength())
    layout.endLayout()
    # Qt counts in halves of a character beyond the first 65,536.
    units = paragraph.encode("utf-16-le")
    for start, end in zip([0, *ends], ends, strict=False):
        yield units[2 * start : 2 * end].decode("utf-16-le").strip()


def _flowed(words: Sequence[str], look: str, room: float) -> Iterator[list[tuple[float, str]]]:
    """Words that must stay whole, as many on a line as there is room for, each with its place."""
    line: list[tuple[float, str]] = []
    x = 0.0
    for word in words:
        wide = width(word, look)
        if line and x + wide > room:
            yield line
            line, x = [], 0.0
        line.append((x, word))
        x += wide + _CHOICE_GAP
    if line:
        yield line


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a cell: words with their places, or, without any, a dotted line to write on."""

    look: str
    words: tuple[tuple[float, str], ...]
    height: float


@dataclass(frozen=True, slots=True)
class _Row:
    """A row's cells as lines."""

    cells: tuple[tuple[_Line, ...], ...]
    badges: tuple[TypeKey | None, ...]

    @property
    def height(self) -> float:
        """With the room above and below."""
        badge = _BADGE if any(self.badges) else 0.0
        return max(badge, *map(_height, self.cells)) + 2 * _PAD


def _height(cell: Sequence[_Line]) -> float:
    return sum(line.height for line in cell)


class _Pages:
    def __init__(self, paper: Paper, progress: Progress) -> None:
        self._paper, self._progress = paper, progress
        wanted = max((sum(column.width for column in table.columns) for table in paper.tables), default=0)
        sides = (SHORT_SIDE, LONG_SIDE)
        self._wide, self._tall = sides if wanted * MM <= SHORT_SIDE - 2 * MARGIN else sides[::-1]
        self._room = self._wide - 2 * MARGIN
        self._sheets: list[Sheet] = []
        self._y = 0.0
        self._laid, self._rows = 0, sum(len(table.rows) for table in paper.tables)

    def made(self) -> list[Sheet]:
        self._new_sheet()
        for table in self._paper.tables:
            self._table(table)
        for number, sheet in enumerate(self._sheets, 1):
            self._foot(sheet, number)
        return self._sheets

    # -- pages --------------------------------------------------------------------------------------------

    @property
    def _end(self) -> float:
        return self._tall - MARGIN - high("foot") - _FOOT

    def _put(self, *marks: Mark) -> None:
        self._sheets[-1].marks.extend(marks)

    def _new_sheet(self) -> None:
        self._sheets.append(Sheet(self._wide, self._tall))
        self._y = MARGIN
        if len(self._sheets) == 1:
            self._head()
        else:
            words = t("g.dot").join((self._paper.title, self._paper.facts[0]))
            self._line(wrapped(words, "foot", self._room)[0], "foot", self._room)
            self._y += 2 * MM

    def _line(self, text: str, look: str, room: float, x: float = MARGIN, *, is_right: bool = False) -> None:
        """A line of text where the page has come to."""
        self._put(Text(QRectF(x, self._y, room, high(look)), text, look, is_right))
        self._y += high(look)

    def _head(self) -> None:
        paper = self._paper
        indent = 0.0
        if paper.badge is not None:
            side = high("title") * 0.86
            self._put(Badge(QRectF(MARGIN, self._y + (high("title") - side) / 2, side, side), paper.badge))
            indent = side + 2.5 * MM
        for line in wrapped(paper.title, "title", self._room - indent):
            self._line(line, "title", self._room - indent, MARGIN + indent)
        self._y += 1 * MM
        made = width(paper.made, "facts")
        beside = self._room - made - _GAP
        for number, fact in enumerate(paper.facts):
            lines = wrapped(fact, "facts", self._room if number else beside)
            if not number:
                self._put(
                    Text(
                        QRectF(MARGIN, self._y, self._room, high("facts")), paper.made, "facts", is_right=True
                    )
                )
            for line in lines:
                self._line(line, "facts", self._room if number else beside)
        self._y += 3 * MM

    def _foot(self, sheet: Sheet, number: int) -> None:
        top = self._tall - MARGIN - high("foot")
        guard = self._paper.guard
        taken = width(guard, "guard")
        if guard:
            room = QRectF(self._wide - MARGIN - taken, top, taken, high("guard"))
            sheet.marks.append(Text(room, guard, "guard", is_right=True))
        page = t("pr.page", i=number, n=len(self._sheets))
        left = t("g.dot").join(part for part in (page, self._paper.hint) if part)
        beside = self._room - taken - _GAP
        if width(left, "foot") > beside:
            left = page
        sheet.marks.append(Text(QRectF(MARGIN, top, beside, high("foot")), left, "foot"))

    # -- tables -------------------------------------------------------------------------------------------

    def _table(self, table: PaperTable) -> None:
        places = self._places(table.columns)
        has_head = any(column.heading for column in table.columns)
        headings = tuple(
            self._lines(column.heading, "column", place[1])
            for column, place in zip(table.columns, places, strict=True)
        )
        head = _Row(headings, (None,) * len(headings)) if has_head else None
        above = (high("heading") + 4 * MM if table.heading else 0) + (head.height if head else 0)
        rows = [self._row(row, places) for row in table.rows]
        first = rows[0].height if rows else 0
        if self._y + above + min(first, self._end / 2) > self._end:
            self._new_sheet()
        if table.heading:
            self._y += 3 * MM
            self._line(table.heading, "heading", self._room)
            self._y += 1 * MM
        if head is not None:
            self._heads(head, table.columns, places)
        for row in rows:
            for part in self._parts(row, head):
                if self._y + part.height > self._end:
                    self._new_sheet()
                    if head is not None:
                        self._heads(head, table.columns, places)
                self._paint(part, table.columns, places)
                self._put(Rule(MARGIN, self._y, self._room))

    def _places(self, columns: Sequence[PaperColumn]) -> list[tuple[float, float]]:
        """Left edge and width of what stands in each column."""
        share = self._room / sum(column.width for column in columns)
        wide = [column.width * share for column in columns]
        lefts = accumulate(wide, initial=MARGIN)
        wide[-1] += _GAP  # nothing stands beside it
        return [(left, room - _GAP) for left, room in zip(lefts, wide, strict=False)]

    def _row(self, cells: Sequence[PaperCell], places: Sequence[tuple[float, float]]) -> _Row:
        if self._laid % _LOOKED_AT == 0:
            self._progress.step(self._laid, self._rows, "pr.laying")
        self._laid += 1
        lines = tuple(tuple(self._cell(cell, room)) for cell, (_, room) in zip(cells, places, strict=True))
        return _Row(lines, tuple(cell.badge for cell in cells))

    def _cell(self, cell: PaperCell, room: float) -> Iterator[_Line]:
        for words in cell.words:
            yield from self._lines(words.text, words.look, room)
        for flowed in _flowed(cell.choices, "choice", room):
            yield _Line("choice", tuple(flowed), high("choice"))
        if cell.to_write:
            yield _Line("", (), _WRITING)

    def _lines(self, text: str, look: str, room: float) -> tuple[_Line, ...]:
        return tuple(_Line(look, ((0.0, line),), high(look)) for line in wrapped(text, look, room))

    def _parts(self, row: _Row, head: _Row | None) -> Iterator[_Row]:
        """The row, or, if no page is high enough for it, its lines page by page."""
        fresh = self._end - MARGIN - high("foot") - 2 * MM - (head.height if head else 0)
        while row.height > fresh:
            kept, left = [], []
            for cell in row.cells:
                ends = list(accumulate(line.height for line in cell))
                number = sum(end <= fresh - 2 * _PAD for end in ends)
                kept.append(cell[:number])
                left.append(cell[number:])
            yield _Row(tuple(kept), row.badges)
            row = _Row(tuple(left), (None,) * len(left))
        yield row

    def _heads(
        self, head: _Row, columns: Sequence[PaperColumn], places: Sequence[tuple[float, float]]
    ) -> None:
        self._put(Shade(QRectF(MARGIN, self._y, self._room, head.height)))
        self._paint(head, columns, places)

    def _paint(
        self, row: _Row, columns: Sequence[PaperColumn], places: Sequence[tuple[float, float]]
    ) -> None:
        # A single line stands beside the middle of its badge, more of them beside its top.
        down = max(0.0, (row.height - 2 * _PAD - max(map(_height, row.cells))) / 2)
        for cell, badge, column, (left, room) in zip(row.cells, row.badges, columns, places, strict=True):
            if badge is not None:
                top = self._y + _PAD
                self._put(Badge(QRectF(left, top, _BADGE, _BADGE), badge))
            y = self._y + _PAD + down
            for line in cell:
                for x, word in line.words:
                    fits = room if len(line.words) == 1 else width(word, line.look)
                    self._put(Text(QRectF(left + x, y, fits, line.height), word, line.look, column.is_right))
                y += line.height
                if not line.words:  # at the foot of the row, with all the room there is
                    self._put(Rule(left, self._y + row.height - _PAD, room, is_dotted=True))
        self._y += row.height
