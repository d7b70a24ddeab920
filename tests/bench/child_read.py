"""Reads a workbook and does nothing with it: the limit of an import. Prints the seconds."""

import sys
import time

from tests.bench.memory import processor_seconds

if __name__ == "__main__":
    from python_calamine import CalamineWorkbook

    started, before = time.perf_counter(), processor_seconds()
    book = CalamineWorkbook.from_path(sys.argv[1])
    rows = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    print(time.perf_counter() - started)
    print(processor_seconds() - before)
