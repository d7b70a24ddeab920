"""P3: an import of a till's list against merely reading the file, in time and in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.bench.big_shop import till_rows
from tests.bench.measure import Figure, figure, run_child


def write_book(path: Path, rows: int, members: int) -> None:
    """A till's sales list as a workbook."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("销售明细")
    for row in till_rows(rows, members):
        sheet.append(row)
    book.save(path)


def imports(folder: Path, *, rows: int, members: int, turns: int) -> Iterator[Figure]:
    """P3. Both sides are processes of their own; the seconds are those of the work, without their start."""
    book = folder / f"till{rows}.xlsx"
    if not book.exists():
        write_book(book, rows, members)
    read, done = [], []
    for turn in range(turns):
        read.append(run_child("child_read", str(book), watch=True))
        done.append(run_child("child_import", str(book), str(folder / f"import{turn}.db"), watch=True))
    busy = median(float(d.lines[1]) / float(r.lines[1]) for d, r in zip(done, read, strict=True))
    parts = ", ".join((f"(processor time {busy:.2f})", *done[-1].lines[2:]))
    yield figure(
        f"P3 import of {rows:,} rows",
        [float(child.lines[0]) for child in done],
        [float(child.lines[0]) for child in read],
        3,
        note=parts,
    )
    took, limit = median(c.peak_mb for c in done), median(c.peak_mb for c in read)
    yield Figure("P3 peak memory of all its processes", took, limit, took / limit, 2, "MB")
