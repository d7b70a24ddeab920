"""Files as other programs write them, made cell by cell: every kind an import meets, and their odd forms.

A sheet is a list of rows, a row a list of cells: text, number, date, `Error("#N/A")`, None. Nothing here uses
the program's own writer.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
from openpyxl.utils import get_column_letter

FILES = Path(__file__).parent / "files"
ERROR_CODES = {"#NULL!": 0, "#DIV/0!": 7, "#VALUE!": 15, "#REF!": 23, "#NAME?": 29, "#NUM!": 36, "#N/A": 42}

HEAD = ["姓名", "手机号", "消费日期", "商品", "实收金额"]
TABLE: list[list[object]] = [
    HEAD,
    ["王丽", 13800000001, date(2026, 3, 4), "连衣裙", 399],
    ["李娜", 13800000002, date(2026, 3, 5), "风衣", 899.5],
]


@dataclass(frozen=True)
class Error:
    """An error cell."""

    text: str


@dataclass
class Sheet:
    """One sheet of a workbook to be made; merges are (top, left, bottom, right) from 0."""

    rows: Sequence[Sequence[object]]
    name: str = "表"
    hidden: bool = False
    merges: Sequence[tuple[int, int, int, int]] = ()
    far: dict[tuple[int, int], object] = field(default_factory=dict)  # (row, column) from 0 -> value

    def near(self) -> list[tuple[int, int, object]]:
        """The filled cells of `rows`: row and column from 0, value."""
        return [
            (at, column, value)
            for at, row in enumerate(self.rows)
            for column, value in enumerate(row)
            if value is not None
        ]

    def cells(self) -> list[tuple[int, int, object]]:
        """Every filled cell in the same form."""
        return self.near() + [(*place, value) for place, value in sorted(self.far.items())]


def _sheets(made: Sequence[Sequence[object]] | Sheet | Sequence[Sheet]) -> list[Sheet]:
    if isinstance(made, Sheet):
        return [made]
    return [sheet for sheet in made if isinstance(sheet, Sheet)] or [Sheet(made)]  # type: ignore[arg-type]


def serial(day: date, *, from_1904: bool = False) -> int:
    """The number a workbook keeps for a day."""
    return (day - (date(1904, 1, 1) if from_1904 else date(1899, 12, 30))).days


# ---------------------------------------------------------------- xlsx


def xlsx(made: Any, *, from_1904: bool = False) -> bytes:
    """A workbook written by openpyxl; error cells get the value a program would have stored."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    if from_1904:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    sheets = _sheets(made)
    for sheet in sheets:
        page = book.create_sheet(sheet.name)
        for row, column, value in sheet.near():
            cell = page.cell(row + 1, column + 1)
            cell.value = value.text if isinstance(value, Error) else value
            if isinstance(value, str):
                cell.data_type = "s"  # also what begins with =
        page.sheet_state = "hidden" if sheet.hidden else "visible"
    if not any(page.sheet_state == "visible" for page in book.worksheets):
        book.create_sheet("空")
    out = io.BytesIO()
    book.save(out)
    more = {f"xl/worksheets/sheet{at}.xml": sheet for at, sheet in enumerate(sheets, 1)}

    def change(name: str, content: bytes) -> bytes:
        return _far_and_merged(more[name], content) if name in more else content

    return repacked(out.getvalue(), change)


def _far_and_merged(sheet: Sheet, xml: bytes) -> bytes:
    """What openpyxl would take minutes for."""
    letter = get_column_letter
    rows: dict[int, str] = {}
    for (row, column), value in sorted(sheet.far.items()):
        kind = ">" if isinstance(value, (int, float)) else ' t="str">'
        place = f"{letter(column + 1)}{row + 1}"
        rows[row] = rows.get(row, "") + f'<c r="{place}"{kind}<v>{escape(str(value))}</v></c>'
    far = "".join(f'<row r="{row + 1}">{cells}</row>' for row, cells in rows.items())
    merges = "".join(
        f'<mergeCell ref="{letter(left + 1)}{top + 1}:{letter(right + 1)}{bottom + 1}"/>'
        for top, left, bottom, right in sheet.merges
    )
    end = f"{far}</sheetData>" + (f"<mergeCells>{merges}</mergeCells>" if merges else "")
    return xml.replace(b"<sheetData/>", b"<sheetData></sheetData>").replace(b"</sheetData>", end.encode())


def repacked(data: bytes, change: Any) -> bytes:
    """A zip with its parts changed: `change(name, content)` gives the new content or None to leave it out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = change(part.filename, old.read(part))
            if content is not None:
                new.writestr(part.filename, content)
    return out.getvalue()


def zipped(parts: dict[str, bytes | str]) -> bytes:
    """A zip of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content, zipfile.ZIP_STORED if name == "mimetype" else None)
    return out.getvalue()


# ---------------------------------------------------------------- xlsb


def _record(kind: int, data: bytes = b"") -> bytes:
    head = bytes((kind,)) if kind < 128 else bytes((kind & 0x7F | 0x80, kind >> 7))
    length, size = b"", len(data)
    while True:
        size, low = size >> 7, size & 0x7F
        length += bytes((low | (0x80 if size else 0),))
        if not size:
            return head + length + data


def _wide(text: str) -> bytes:
    raw = text.encode("utf-16-le")
    return struct.pack("<I", len(raw) // 2) + raw


def xlsb(made: Any, *, from_1904: bool = False) -> bytes:
    """A binary workbook of Excel 2007; style 1 is a date."""
    sheets = _sheets(made)
    parts: dict[str, bytes | str] = {}
    bundle = b""
    rels = '<Relationship Id="rs" Type="{o}/styles" Target="styles.bin"/>'
    for at, sheet in enumerate(sheets, 1):
        bundle += _record(
            156, struct.pack("<2I", 1 if sheet.hidden else 0, at) + _wide(f"r{at}") + _wide(sheet.name)
        )
        rels += f'<Relationship Id="r{at}" Type="{{o}}/worksheet" Target="worksheets/sheet{at}.bin"/>'
        parts[f"xl/worksheets/sheet{at}.bin"] = _xlsb_sheet(sheet, from_1904)
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts["xl/workbook.bin"] = (
        _record(131)
        + _record(153, struct.pack("<2I", 1 if from_1904 else 0, 0) + _wide(""))
        + _record(143) + bundle + _record(144) + _record(132)
    )  # fmt: skip
    parts["xl/_rels/workbook.bin.rels"] = (
        f'<Relationships xmlns="{package}/relationships">{rels.format(o=office)}</Relationships>'
    )
    xf = struct.pack("<2H3HBBHBB", 0xFFFF, 0, 0, 0, 0, 0, 0, 0, 0, 0)[:16]
    day = struct.pack("<2H", 0, 14) + xf[4:]
    parts["xl/styles.bin"] = (
        _record(278)
        + _record(617, struct.pack("<I", 2)) + _record(47, xf) + _record(47, day) + _record(618)
        + _record(279)
    )  # fmt: skip
    parts["_rels/.rels"] = (
        f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.bin"/></Relationships>'
    )
    parts["[Content_Types].xml"] = (
        f'<Types xmlns="{package}/content-types"><Default Extension="bin" '
        'ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>'
    )
    return zipped(parts)


def _xlsb_sheet(sheet: Sheet, from_1904: bool) -> bytes:
    cells = sorted(sheet.cells(), key=lambda cell: cell[:2])
    rows, columns = max(row for row, _, _ in cells), max(column for _, column, _ in cells)
    made = bytearray(_record(129)) + _record(148, struct.pack("<4I", 0, rows, 0, columns)) + _record(145)
    last = -1
    for row, column, value in cells:
        if row != last:
            made += _record(0, struct.pack("<IIHBBBI", row, 0, 300, 0, 0, 0, 0))
            last = row
        head = struct.pack("<I", column)
        if isinstance(value, Error):
            made += _record(3, head + struct.pack("<IB", 0, ERROR_CODES[value.text]))
        elif isinstance(value, date):
            made += _record(5, head + struct.pack("<Id", 1, serial(value, from_1904=from_1904)))
        elif isinstance(value, (int, float)):
            made += _record(5, head + struct.pack("<Id", 0, value))
        else:
            made += _record(6, head + struct.pack("<I", 0) + _wide(str(value)))
    made += _record(146)
    if sheet.merges:
        made += _record(177, struct.pack("<I", len(sheet.merges)))
        for top, left, bottom, right in sheet.merges:
            made += _record(176, struct.pack("<4I", top, bottom, left, right))
        made += _record(178)
    return bytes(made + _record(130))


# ---------------------------------------------------------------- xls


def compound(streams: dict[str, bytes]) -> bytes:
    """A compound file, in which old workbooks, Word files and encrypted workbooks lie; no stream is short."""
    sectors: list[bytes] = []
    fat: list[int] = []

    def add(data: bytes) -> int:
        start = len(sectors)
        count = max(1, -(-len(data) // 512))
        for at in range(count):
            sectors.append(data[at * 512 : at * 512 + 512].ljust(512, b"\0"))
            fat.append(start + at + 1 if at < count - 1 else 0xFFFFFFFE)
        return start

    def entry(name: str, kind: int, start: int, size: int, child: int = -1, right: int = -1) -> bytes:
        raw = (name + "\0").encode("utf-16-le")
        return (
            raw.ljust(64, b"\0")
            + struct.pack("<HBB3i", len(raw), kind, 1, -1, right, child)
            + bytes(36)
            + struct.pack("<2II", start & 0xFFFFFFFF, size, 0)
        )

    entries = [entry("Root Entry", 5, 0xFFFFFFFE, 0, 1 if streams else -1)]
    for at, (name, data) in enumerate(streams.items(), 1):
        data = data.ljust(4096, b"\0")  # shorter ones would lie elsewhere
        entries.append(entry(name, 2, add(data), len(data), right=at + 1 if at < len(streams) else -1))
    directory = add(b"".join(entries))
    places = []
    while (needed := -(-(len(fat) + len(places)) // 128)) > len(places):
        places = [len(fat) + at for at in range(needed)]
    table = [*fat, *[0xFFFFFFFD] * len(places)]
    raw = struct.pack(f"<{len(table)}I", *table)
    sectors += [raw[at : at + 512].ljust(512, b"\xff") for at in range(0, len(raw), 512)]
    head = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    )
    head += struct.pack("<9I", 0, len(places), directory, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack("<109I", *[*places, *[0xFFFFFFFF] * (109 - len(places))])
    return head.ljust(512, b"\0") + b"".join(sectors)


def _biff(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<2H", kind, len(data)) + data


def xls(made: Any, *, from_1904: bool = False, locked: bool = False) -> bytes:
    """A workbook of Excel 97, which is also what WPS saves as .et; the sixteenth style is a date."""
    sheets = _sheets(made)
    bof = struct.pack("<4HII", 0x0600, 5, 0x0DBB, 0x07CC, 0, 6)
    xf = struct.pack("<3H7H", 0, 0, 1, *[0] * 7)
    head = _biff(0x0809, bof) + (_biff(0x002F, struct.pack("<3H", 0, 1, 2)) if locked else b"")
    head += _biff(0x0042, struct.pack("<H", 1200)) + _biff(0x0022, struct.pack("<H", from_1904))
    head += _biff(0x00E0, xf) * 15 + _biff(0x00E0, struct.pack("<3H7H", 0, 14, 1, *[0] * 7))
    names = [sheet.name.encode("utf-16-le") for sheet in sheets]
    at = len(head) + sum(12 + len(name) for name in names) + 4
    bodies = [_xls_sheet(sheet, bof, from_1904) for sheet in sheets]
    for sheet, name, body in zip(sheets, names, bodies, strict=True):
        head += _biff(0x0085, struct.pack("<IBBBB", at, sheet.hidden, 0, len(name) // 2, 1) + name)
        at += len(body)
    return compound({"Workbook": head + _biff(0x000A) + b"".join(bodies)})


def _xls_sheet(sheet: Sheet, bof: bytes, from_1904: bool) -> bytes:
    made = bytearray(_biff(0x0809, bof[:2] + struct.pack("<H", 0x10) + bof[4:]))
    cells = sorted(sheet.cells(), key=lambda cell: cell[:2])
    made += _biff(0x0200, struct.pack("<2I3H", 0, max(c[0] for c in cells) + 1, 0, 256, 0))
    for row, column, value in cells:
        place = struct.pack("<2H", row, column)
        if isinstance(value, Error):
            made += _biff(0x0205, place + struct.pack("<HBB", 0, ERROR_CODES[value.text], 1))
        elif isinstance(value, date):
            made += _biff(0x0203, place + struct.pack("<Hd", 15, serial(value, from_1904=from_1904)))
        elif isinstance(value, (int, float)):
            made += _biff(0x0203, place + struct.pack("<Hd", 0, value))
        else:
            raw = str(value).encode("utf-16-le")
            made += _biff(0x0204, place + struct.pack("<HHB", 0, len(raw) // 2, 1) + raw)
    if sheet.merges:
        ranges = b"".join(
            struct.pack("<4H", top, bottom, left, right) for top, left, bottom, right in sheet.merges
        )
        made += _biff(0x00E5, struct.pack("<H", len(sheet.merges)) + ranges)
    return bytes(made + _biff(0x000A))


# ---------------------------------------------------------------- OpenDocument


_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
_SPACES = "".join(f' xmlns:{name}="{_ODF}{name}:1.0"' for name in ("office", "table", "text", "style"))
_SPACES += ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"


def ods(made: Any) -> bytes:
    """An OpenDocument workbook."""
    body = _ods_body(_sheets(made))
    return zipped(
        {
            "mimetype": ODS_TYPE,
            "content.xml": f"<office:document-content{_SPACES}>{body}</office:document-content>",
            "META-INF/manifest.xml": f'<m:manifest xmlns:m="{_ODF}manifest:1.0"/>',
        }
    )


def fods(made: Any) -> str:
    """The same in one XML file."""
    body = _ods_body(_sheets(made))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document{_SPACES} office:mimetype="{ODS_TYPE}">'
        f"{body}</office:document>"
    )


def _ods_body(sheets: Iterable[Sheet]) -> str:
    made = (
        '<office:automatic-styles><style:style style:name="h" style:family="table">'
        '<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
        "<office:body><office:spreadsheet>"
    )
    for sheet in sheets:
        style = ' table:style-name="h"' if sheet.hidden else ""
        made += f'<table:table table:name="{escape(sheet.name)}"{style}>{_ods_rows(sheet)}</table:table>'
    return made + "</office:spreadsheet></office:body>"


def _ods_rows(sheet: Sheet) -> str:
    made, at, spans = "", 0, {(top, left): bottom - top + 1 for top, left, bottom, _ in sheet.merges}
    by_row: dict[int, dict[int, object]] = {}
    for row, column, value in sheet.cells():
        by_row.setdefault(row, {})[column] = value
    for row, cells in sorted(by_row.items()):
        if row > at:
            made += f'<table:table-row table:number-rows-repeated="{row - at}"><table:table-cell/>'
            made += "</table:table-row>"
        made += "<table:table-row>"
        column = 0
        for place, value in sorted(cells.items()):
            if place > column:
                made += f'<table:table-cell table:number-columns-repeated="{place - column}"/>'
            span = f' table:number-rows-spanned="{spans[row, place]}"' if (row, place) in spans else ""
            made += _ods_cell(value, span)
            column = place + 1
        made += "</table:table-row>"
        at = row + 1
    return made


def _ods_cell(value: object, span: str) -> str:
    shown = escape(value.text if isinstance(value, Error) else str(value))
    if isinstance(value, Error):
        kind = 'office:value-type="string" calcext:value-type="error"'
    elif isinstance(value, date):
        kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    elif isinstance(value, (int, float)):
        kind = f'office:value-type="float" office:value="{value}"'
    else:
        kind = 'office:value-type="string"'
    return f"<table:table-cell{span} {kind}><text:p>{shown}</text:p></table:table-cell>"


# ---------------------------------------------------------------- texts


def plain(rows: Sequence[Sequence[object]]) -> list[list[str]]:
    """The cells as a program writes them into a text file."""
    return [["" if cell is None else str(cell) for cell in row] for row in rows]


def text(rows: Sequence[Sequence[object]], separator: str = ",", end: str = "\r\n") -> str:
    """A text table."""
    return "".join(separator.join(row) + end for row in plain(rows))


def page(rows: Sequence[Sequence[object]], head: str = "") -> str:
    """A table of a web page."""
    cells = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>\n" for row in plain(rows)
    )
    return f"<html><head>{head}</head><body><table border=1>\n{cells}</table></body></html>"


def archive(html: str, charset: str = "gb2312") -> bytes:
    """A web page in one file (MHTML) as Excel saves it."""
    import quopri

    body = quopri.encodestring(html.encode(charset))
    return (
        b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n"
        b'Content-Type: multipart/related; boundary="----=_Next"\r\n\r\n'
        b"------=_Next\r\nContent-Location: file:///C:/sheet001.htm\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n"
        b'Content-Type: text/html; charset="'
        + charset.encode()
        + b'"\r\n\r\n'
        + body
        + b"\r\n------=_Next--\r\n"
    )


def xml_2003(made: Any) -> str:
    """Excel 2003's XML."""
    out = '<?xml version="1.0" encoding="UTF-8"?>\n<?mso-application progid="Excel.Sheet"?>\n'
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    out += f'<Workbook xmlns="{space}" xmlns:ss="{space}">'
    for sheet in _sheets(made):
        out += f'<Worksheet ss:Name="{escape(sheet.name)}"><Table>'
        spans = {(top, left): bottom - top for top, left, bottom, _ in sheet.merges}
        last = None
        for row, column, value in sorted(sheet.cells(), key=lambda cell: cell[:2]):
            if row != last:
                out += ("" if last is None else "</Row>") + f'<Row ss:Index="{row + 1}">'
                last = row
            down = f' ss:MergeDown="{spans[row, column]}"' if (row, column) in spans else ""
            out += f'<Cell ss:Index="{column + 1}"{down}>{_xml_2003_value(value)}</Cell>'
        out += "</Row></Table>"
        hidden = "<Visible>SheetHidden</Visible>" if sheet.hidden else ""
        out += f'<WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel">{hidden}</WorksheetOptions>'
        out += "</Worksheet>"
    return out + "</Workbook>"


def _xml_2003_value(value: object) -> str:
    if isinstance(value, Error):
        return f'<Data ss:Type="Error">{value.text}</Data>'
    if isinstance(value, date):
        return f'<Data ss:Type="DateTime">{value.isoformat()}T00:00:00.000</Data>'
    kind = "Number" if isinstance(value, (int, float)) else "String"
    return f'<Data ss:Type="{kind}">{escape(str(value))}</Data>'
