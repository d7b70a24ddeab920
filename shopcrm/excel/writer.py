"""Tables to files: xlsx for people, CSV for everything else. No cell of a file written here is ever a
formula.

A file appears under its name only when it is whole; one that is open in Excel is refused with a sentence.
"""

from __future__ import annotations

import contextlib
import csv
import errno
import os
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from shopcrm.basics.errors import Refusal, StoreError
from shopcrm.basics.progress import SILENT, Progress
from shopcrm.excel.text_tables import guarded

if TYPE_CHECKING:  # the two rooms stand side by side: a table is plain data, and only its shape is known here
    from shopcrm.reports import Column, Table

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # Excel reads _x0041_ as A
_SHEET_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_MOST_TEXT = 32_767
_STEP = 1_000  # rows between two looks at whether to go on
_WRAPPED_FROM = 18  # characters: narrower columns hold words, wider ones sentences
_LINE_POINTS = 15
_FORMATS = {
    "text": "@", "phone": "@", "int": "0", "real": "General", "money": "#,##0.00", "date": "yyyy-mm-dd",
}  # fmt: skip


def write(path: Path, tables: Sequence[Table], progress: Progress = SILENT, *, mark: str = "") -> Path:
    """Write tables to a file, xlsx or csv by its ending (csv takes the first one); the path.

    A `mark` goes into the keywords of a workbook, where it is seen before the file is read.
    Raises Refusal file_open, folder_missing; StoreError full, io; Cancelled.
    """
    path = Path(path)
    if path.suffix.lower() == ".csv":
        return make_whole(path, lambda target: _write_csv(target, tables[0], progress))
    return make_whole(path, lambda target: write_book(target, tables, progress, mark))


def write_raw(path: Path, sheets: Sequence[tuple[str, Sequence[str], Iterable[Sequence[object]]]]) -> Path:
    """Write sheets of (name, headings, rows): texts as texts, numbers and days as such."""
    return make_whole(Path(path), lambda target: _write_raw(target, sheets))


def make_whole(path: Path, make: Callable[[Path], object]) -> Path:
    """Make a file under another name first, then put it in its place; the path. Raises as `write`."""
    waiting = path.with_name(f".~{path.name}.part")
    try:
        waiting.touch()  # a folder that is gone or cannot be written is told before anything is made
        make(waiting)
        os.replace(waiting, path)  # noqa: PTH105 - Path.replace hides which of the two is in use
    except PermissionError:
        raise Refusal("file_open", file=path.name) from None
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise Refusal("folder_missing", file=path.name, folder=str(path.parent)) from None
    except OSError as error:
        raise StoreError("full" if error.errno == errno.ENOSPC else "io") from error
    finally:
        waiting.unlink(missing_ok=True)
    return path


# ---------------------------------------------------------------- xlsx


def write_book(
    target: Path | IO[bytes], tables: Sequence[Table], progress: Progress = SILENT, mark: str = ""
) -> None:
    """Write tables as a workbook where it is told to, at once; raises OSError, Cancelled."""
    names: set[str] = set()
    done, total = 0, sum(len(table.rows) for table in tables)
    with _saved_in(target) as book:
        book.properties.keywords = mark or None
        for table in tables:
            _write_sheet(book, table, _sheet_name(table.title, names), _Steps(progress, done, total))
            done += len(table.rows)


@contextlib.contextmanager
def _saved_in(target: Path | IO[bytes]) -> Iterator[Any]:
    """A workbook to be filled, and saved then. Where that fails nothing the library holds stays open: it
    keeps what was written of each sheet in a file of its own, and would go on with it later."""
    from openpyxl import Workbook
    from openpyxl.writer.excel import ExcelWriter

    book = Workbook(write_only=True)
    archive = None
    try:
        yield book
        archive = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED)
        ExcelWriter(book, archive).save()
    except BaseException:
        for sheet in book.worksheets:
            parts = [sheet._rows, sheet._writer and sheet._writer.xf, archive]  # type: ignore[attr-defined]
            for part in filter(None, parts):
                with contextlib.suppress(Exception):
                    part.close()
            with contextlib.suppress(Exception):
                sheet._writer.cleanup()  # type: ignore[attr-defined]
        raise


@dataclass(frozen=True, slots=True)
class _Steps:
    """How far a file of several tables is."""

    progress: Progress
    before: int
    total: int

    def at(self, row: int) -> None:
        if row % _STEP == 0:
            self.progress.step(self.before + row, self.total, "progress.export")


def _write_sheet(book: Any, table: Table, name: str, steps: _Steps) -> None:
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    sheet = _new_sheet(book, name)
    last = get_column_letter(len(table.columns))
    for at, column in enumerate(table.columns, 1):
        dimension = sheet.column_dimensions[get_column_letter(at)]
        dimension.width = column.width
        dimension.hidden = column.hidden
        dimension.number_format = _FORMATS[column.kind]
        dimension.alignment = _alignment(column)
        if column.choices:
            letter = get_column_letter(at)
            said = ",".join(column.choices).replace('"', '""')
            rule = DataValidation(type="list", formula1=f'"{said}"', allow_blank=True)
            rule.add(f"{letter}2:{letter}{max(len(table.rows) + 1, 2)}")
            sheet.data_validations.append(rule)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{last}{len(table.rows) + 1}"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = _fit_to_width()
    sheet.append(_header_cells(sheet, [column.heading for column in table.columns]))
    cells = [_cell(sheet, column) for column in table.columns]
    texts = [column.kind in ("text", "phone") for column in table.columns]
    money = [column.kind == "money" for column in table.columns]
    wrapped = [(at, column.width) for at, column in enumerate(table.columns) if _is_wrapped(column)]
    for number, row in enumerate(table.rows, 2):
        steps.at(number)
        lines = max((_lines(row[at], width) for at, width in wrapped), default=1)
        if lines > 1:  # programs do not work out the height of a row that has wrapped text by themselves
            # What the library would write of a row's measures, without the measures of every row made for it.
            sheet.row_dimensions[number] = {"ht": f"{lines * _LINE_POINTS:g}", "customHeight": "1"}
        written: list[Any] = []
        for cell, value, is_text, is_money in zip(cells, row, texts, money, strict=True):
            if value is None or value == "":
                written.append(None)  # what is typed there takes the form of its column
                continue
            if is_text:
                cell._value = _text(str(value))  # its type is set once: never a formula, whatever it says
            elif is_money:
                cell._value = value / 100  # type: ignore[operator]
            else:
                cell.value = value
            written.append(cell)
        sheet.append(written)


def _fit_to_width() -> Any:
    from openpyxl.worksheet.properties import PageSetupProperties

    return PageSetupProperties(fitToPage=True)


def _new_sheet(book: Any, name: str) -> Any:
    """A sheet whose `append` is given cells and None only; the library tries each as a value first."""
    sheet = book.create_sheet(name)
    sheet._values_to_row = _placed
    return sheet


def _placed(cells: Iterable[Any], row: int) -> Iterator[Any]:
    for at, cell in enumerate(cells, 1):
        if cell is not None:
            cell.row, cell.column = row, at
            yield cell


def _cell(sheet: Any, column: Column) -> Any:
    """A cell that is written again and again, row by row: its style is set and looked up once."""
    from openpyxl.cell import WriteOnlyCell

    styled = WriteOnlyCell(sheet)
    styled.number_format = _FORMATS[column.kind]
    styled.alignment = _alignment(column)
    cell = _fixed_cell()(sheet)
    cell.style_id = styled.style_id
    if column.kind in ("text", "phone"):
        cell.data_type = "s"
    return cell


@cache
def _fixed_cell() -> Any:
    from openpyxl.cell import Cell

    class FixedCell(Cell):
        """A cell whose style is a number once and for all."""

        __slots__ = ("style_id",)
        has_style = True

        def __init__(self, sheet: Any) -> None:
            super().__init__(sheet, row=1, column=1)

    return FixedCell


def _alignment(column: Column) -> Any:
    from openpyxl.styles import Alignment

    return Alignment(vertical="top", wrap_text=_is_wrapped(column))


def _is_wrapped(column: Column) -> bool:
    return column.kind == "text" and column.width >= _WRAPPED_FROM


def _lines(value: object, width: int) -> int:
    """How many lines a text takes in a column of so many characters; a Chinese one is two wide."""
    text = str(value or "")
    if 2 * len(text) < width and "\n" not in text:
        return 1
    # In GB 18030 a Chinese character takes two bytes where a Latin letter takes one, as on paper.
    return sum(
        max(1, -(-len(line.encode("gb18030", "replace")) // max(1, width - 1))) for line in text.split("\n")
    )


def _header_cells(sheet: Any, headings: Iterable[str]) -> list[Any]:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill

    cells = []
    for heading in headings:
        cell = WriteOnlyCell(sheet, value=_text(heading))
        cell.data_type = "s"
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor="8C2B4E")
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        cells.append(cell)
    return cells


def _write_raw(path: Path, sheets: Sequence[tuple[str, Sequence[str], Iterable[Sequence[object]]]]) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.utils import get_column_letter

    names: set[str] = set()
    with _saved_in(path) as book:
        for title, headings, rows in sheets:
            sheet = _new_sheet(book, _sheet_name(title, names))
            for at, heading in enumerate(headings, 1):
                sheet.column_dimensions[get_column_letter(at)].width = max(12, 2 * len(heading) + 2)
            sheet.freeze_panes = "A2"
            sheet.append(_header_cells(sheet, headings))
            for row in rows:
                cells = []
                for value in row:
                    cell = WriteOnlyCell(sheet)
                    if isinstance(value, str):
                        cell.number_format = "@"
                        cell.value = _text(value)
                        cell.data_type = "s"
                    elif value is not None:
                        cell.value = value  # type: ignore[assignment]
                        if isinstance(value, date):
                            cell.number_format = "yyyy-mm-dd"
                        elif isinstance(value, (int, float)):
                            cell.number_format = (
                                "0" if value == int(value) else "General"
                            )  # 11 digits, not 1.38E+10
                    cells.append(cell)
                sheet.append(cells)
        if not sheets:
            book.create_sheet("1")


def _text(text: str) -> str:
    if _ILLEGAL.search(text):
        text = _ILLEGAL.sub("", text)
    if "_x" in text:
        text = _ESCAPED.sub("_x005F_", text)
    return text[:_MOST_TEXT]


def _sheet_name(title: str, used: set[str]) -> str:
    """A name Excel takes, and not one of this book again."""
    plain = _SHEET_NAME.sub(" ", title).strip("' ")[:31] or "1"
    name, number = plain, 2
    while name.lower() in used:
        name = f"{plain[:27]} {number}"
        number += 1
    used.add(name.lower())
    return name


# ---------------------------------------------------------------- csv


def _write_csv(path: Path, table: Table, progress: Progress) -> None:
    steps = _Steps(progress, 0, len(table.rows))
    texts = [column.kind in ("text", "phone") for column in table.columns]
    money = [column.kind == "money" for column in table.columns]
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        lines = csv.writer(out)
        lines.writerow([guarded(column.heading) for column in table.columns])
        for number, row in enumerate(table.rows):
            steps.at(number)
            lines.writerow(
                [
                    "" if value is None
                    else guarded(_ILLEGAL.sub("", str(value))) if is_text
                    else f"{value / 100:.2f}" if is_money  # type: ignore[operator]
                    else value
                    for value, is_text, is_money in zip(row, texts, money, strict=True)
                ]
            )  # fmt: skip
