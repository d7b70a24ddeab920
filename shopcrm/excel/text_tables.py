"""Tables written as text: CSV and its kin, and the HTML pages that tills save as `.xls` (import rule 2).

Bytes go in, rows of texts come out, each with the number of its record. Knows nothing of workbooks.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

from shopcrm.basics.errors import Refusal
from shopcrm.basics.fields import KNOWN_HEADINGS, plain_heading

_SEPARATORS = (",", "\t", ";", "|")
_MOST_SPAN = 256
_HAN = re.compile("[\u4e00-\u9fff]")
_CONTROLS = bytes({*range(32)} - {*b"\t\n\v\f\r\x1b"})
_OTHER_KINDS = (b"%pdf", b"{\\rtf", b"\x7felf", b"gif8", b"\x89png", b"\xff\xd8\xff", b"rar!", b"7z\xbc")
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8", "UTF-8"),
    (b"\xff\xfe", "utf-16-le", "UTF-16"),
    (b"\xfe\xff", "utf-16-be", "UTF-16"),
)

Row = tuple[int, list[str]]  # the number of the record, its cells


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text and the encoding it was in: "UTF-8", "UTF-16", "GB18030" or "Big5"."""

    text: str
    encoding: str


# ---------------------------------------------------------------- encodings


def decoded(data: bytes) -> Decoded:
    """The text of a file. Raises Refusal not_spreadsheet for what is no text, bad_encoding."""
    for mark, name, shown in _MARKS:
        if data.startswith(mark):
            try:
                return Decoded(data[len(mark) :].decode(name), shown)
            except UnicodeDecodeError:
                raise Refusal("bad_encoding") from None
    head = data[:4096].lstrip(b" \t\r\n").lower()
    if head.startswith(_OTHER_KINDS):
        raise Refusal("not_spreadsheet")
    if _is_binary(data[:65536]):
        wide = _unmarked_utf16(data)
        if wide is None:
            raise Refusal("not_spreadsheet")
        return Decoded(wide, "UTF-16")
    found: list[tuple[int, bool, Decoded]] = []
    for name, shown in (("utf-8", "UTF-8"), ("gb18030", "GB18030"), ("big5hkscs", "Big5")):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if name == "utf-8":
            return Decoded(text, shown)
        found.append((_known(text[:20_000]), _is_common(text[:20_000], name), Decoded(text, shown)))
    if not found or _is_mixed(data):
        raise Refusal("bad_encoding")
    return max(found, key=lambda one: one[:2])[2]  # of equals the first: far more tills write GB18030


def _is_binary(head: bytes) -> bool:
    """Whether bytes are no text of one or more bytes a character; a stray control character is forgiven."""
    return b"\0" in head or 20 * (len(head) - len(head.translate(None, _CONTROLS))) > len(head)


def _unmarked_utf16(data: bytes) -> str | None:
    """The text of UTF-16 without its mark: separators and line ends tell which byte comes first."""
    for name in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if text.isascii() or _known(text[:20_000]):
            return None if re.search("[\x00-\x08]", text[:20_000]) else text
    return None


def _is_common(text: str, name: str) -> bool:
    """Whether most of the Chinese in a text is everyday Chinese for who writes in this encoding.

    Big5 read as GB18030 and the other way round gives characters, but hardly any that people use.
    """
    chinese = "".join(_HAN.findall(text))
    if name == "gb18030":
        everyday = len(chinese.encode("gb2312", "ignore")) // 2
    else:  # the first half of Big5; the second are the rare ones
        everyday = sum(first <= 0xC6 for first in chinese.encode("big5", "ignore")[::2])
    return 10 * everyday >= 8 * len(chinese)


def _is_mixed(data: bytes) -> bool:
    """Whether some lines are UTF-8 and others not: Chinese in GBK hardly ever looks like UTF-8."""
    chinese = utf8 = 0
    for line in data.splitlines():
        if not line.isascii():
            chinese += 1
            try:
                utf8 += len(_HAN.findall(line.decode("utf-8"))) >= 2
            except UnicodeDecodeError:
                continue
    return utf8 > chinese // 50


def _known(text: str) -> int:
    return sum(plain_heading(part) in KNOWN_HEADINGS for part in set(re.split(r"[,\t;|\r\n\"<>]+", text)))


# ---------------------------------------------------------------- separated values


def records(text: str) -> Iterator[Row]:
    """The records of a text table that hold something, from 1; cells without the habits of exports."""
    first = re.match(r"sep=([^\r\n])\r?\n?", text, re.IGNORECASE)
    if first:
        separator, start = first[1], first.end()  # no record: Excel does not show it either
    else:
        separator, start = _separator(text), 0
    csv.field_size_limit(1 << 28)
    rest = text[start:].replace("\x00", "")
    quoting = csv.QUOTE_MINIMAL if _quotes_close(rest, separator) else csv.QUOTE_NONE
    for number, record in enumerate(_parsed(rest, separator, quoting), 1):
        cells = [_text_cell(cell) for cell in record]
        if any(map(str.strip, cells)):
            yield number, cells


def _parsed(text: str, separator: str, quoting: int) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=quoting)  # type: ignore[arg-type]


def _quotes_close(text: str, separator: str) -> bool:
    """Whether quotes can be trusted: one that is never closed would swallow all rows after it."""
    if '"' not in text:
        return True
    lines = _parsed(text, separator, csv.QUOTE_MINIMAL)
    before = 0
    try:
        for record in lines:
            at: int = lines.line_num  # type: ignore[attr-defined]
            if at - before > 200 or (at - before > 20 and len(record) == 1):
                return False
            before = at
        return _ends_outside_quotes(text, separator)
    except csv.Error:
        return False


def _ends_outside_quotes(text: str, separator: str) -> bool:
    try:
        for _record in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end" not in str(error)
    return True


def _separator(text: str) -> str:
    """The separator that shows the most known headings in one of the first lines, then the most columns."""
    lines = text[:50_000].splitlines()[:40]
    best, best_score = ",", (0, 0)
    for separator in _SEPARATORS:
        score = (0, 0)
        for line in lines:
            if separator in line:
                cells = next(csv.reader([line], delimiter=separator), [])
                known = sum(plain_heading(_text_cell(cell)) in KNOWN_HEADINGS for cell in cells)
                score = max(score, (known, len(cells)))
        if score > best_score:
            best, best_score = separator, score
    return best


_FORMULA_TEXT = re.compile(r'="(.*)"', re.DOTALL)


def _text_cell(cell: str) -> str:
    """A cell of a text table without the habits of exports: `="138…"`, tabs around it, a guarding `'`."""
    cell = cell.strip("\t")
    if cell.startswith('="') and (found := _FORMULA_TEXT.fullmatch(cell)):
        cell = found[1].replace('""', '"')
    return unguarded(cell) if cell.startswith("'") else cell


_GUARDED = re.compile(r"'+\s*(?:[=+\-@＝＋－＠\t\r]|[0-9])", re.DOTALL)
_DANGEROUS = re.compile(r"\s*[=+\-@＝＋－＠]|[ \u3000]*[\t\r]")


def guarded(text: str) -> str:
    """The text for a CSV file: what a spreadsheet would take for a formula gets a `'` in front (rule 13)."""
    return "'" + text if _DANGEROUS.match(text) or _GUARDED.match(text) else text


def unguarded(text: str) -> str:
    """The text without the guard: undoes `guarded`."""
    return text[1:] if _GUARDED.match(text) else text


# ---------------------------------------------------------------- HTML


# Comments and Microsoft's conditions; left open, either would keep the parser busy for minutes.
_ASIDE = re.compile(r"<!--.*?(?:-->|\Z)|<!\[[^>]*(?:>|\Z)", re.DOTALL)


def is_page(text: str) -> bool:
    """Whether a text is an HTML page with a table."""
    return bool(re.match(r"\s*<", text) and re.search(r"<table\b", text, re.IGNORECASE))


def page_tables(text: str) -> list[list[Row]]:
    """The tables of an HTML page that hold something, in the order in which they end."""
    tables = _Tables()
    tables.feed(_ASIDE.sub("", text))
    tables.close()
    rows = [[(n, row) for n, row in enumerate(table, 1) if any(map(str.strip, row))] for table in tables.done]
    return [table for table in rows if table]


def is_archive(text: str) -> bool:
    """Whether a text is a web page in one file (MHTML)."""
    return re.match(r"(?:[A-Za-z-]+:[^\n]*\n)*?MIME-Version:", text.lstrip(), re.IGNORECASE) is not None


def archive_pages(data: bytes) -> list[Decoded]:
    """The HTML pages in an MHTML file."""
    import email.policy  # rare, and not quick to load

    message = email.message_from_bytes(data.lstrip(), policy=email.policy.default)
    found: list[Decoded] = []
    for part in message.walk():
        content = part.get_payload(decode=True) if part.get_content_type() == "text/html" else None
        if isinstance(content, bytes) and content:
            found.append(decoded(content))
    return found


class _Tables(HTMLParser):
    """The tables of a page as rows of texts; a cell over several rows counts in each of them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.done: list[list[list[str]]] = []
        self._open: list[_Table] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._open.append(_Table())
        elif tag in ("script", "style"):
            self._hidden += 1
        elif self._open:
            table = self._open[-1]
            if tag == "tr":
                table.begin_row()
            elif tag in ("td", "th"):
                table.begin_cell(dict(attrs))
            elif tag in ("br", "p", "div"):
                table.add("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag in ("script", "style", "table"):
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._hidden = max(0, self._hidden - 1)
        elif self._open:
            if tag in ("td", "th", "tr"):
                self._open[-1].end_cell()
            elif tag == "table":
                self._end_table()

    def handle_data(self, data: str) -> None:
        if self._open and not self._hidden:
            self._open[-1].add(re.sub(r"[ \t\r\n]+", " ", data))

    def close(self) -> None:
        super().close()
        while self._open:
            self._end_table()

    def _end_table(self) -> None:
        table = self._open.pop()
        table.end_row()
        self.done.append(table.rows)


class _Table:
    """One table while it is being read."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self._cell: list[str] | None = None
        self._attributes: dict[str, str | None] = {}
        self._below: dict[int, tuple[int, str]] = {}  # column -> rows still to fill, text

    def begin_row(self) -> None:
        self.end_row()
        self.rows.append([])

    def end_row(self) -> None:
        self.end_cell()
        self._fill_from_above()

    def begin_cell(self, attributes: dict[str, str | None]) -> None:
        self.end_cell()
        if not self.rows:
            self.rows.append([])
        self._attributes = attributes
        self._cell = []

    def add(self, text: str) -> None:
        if self._cell is not None:
            self._cell.append(text)

    def end_cell(self) -> None:
        if self._cell is None:
            return
        text = re.sub(r" ?\n ?", "\n", "".join(self._cell)).strip()
        number = self._attributes.get("x:num")
        if number and re.fullmatch(r"[\d.]+E\+\d+|#+", text, re.IGNORECASE):
            text = number  # what the cell holds; only its width was too small to show it
        self._cell = None
        self._fill_from_above()
        row = self.rows[-1]
        rows, columns = _span(self._attributes.get("rowspan")), _span(self._attributes.get("colspan"))
        for _ in range(min(columns, _MOST_SPAN)):
            if rows > 1:
                self._below[len(row)] = (rows - 1, text)
            row.append(text)
            text = ""  # a cell over several columns counts in the first of them

    def _fill_from_above(self) -> None:
        if not self.rows:
            return
        row = self.rows[-1]
        while len(row) in self._below:
            left, above = self._below.pop(len(row))
            if left > 1:
                self._below[len(row)] = (left - 1, above)
            row.append(above)


def _span(text: str | None) -> int:
    return max(1, int(text)) if text and text.isdecimal() and len(text) < 6 else 1
