"""Imports a workbook into a new shop. Prints the seconds, then what the parts took."""

import sys
import time
from pathlib import Path

from shopcrm.shop import Shop
from tests.bench.big_shop import DAY, clock_of
from tests.bench.memory import processor_seconds

if __name__ == "__main__":
    file = Path(sys.argv[2])
    file.unlink(missing_ok=True)
    with Shop.open(file, clock=clock_of(DAY)) as shop:
        shop.start_day()
        started, before = time.perf_counter(), processor_seconds()
        plan = shop.imports.preview(Path(sys.argv[1]))
        planned = time.perf_counter()
        done = shop.imports.apply(plan)
        ended, after = time.perf_counter(), processor_seconds()
    print(ended - started)
    print(after - before)
    print(f"read and planned {planned - started:.2f} s")
    print(f"written {ended - planned:.2f} s")
    assert done.value.sales_new, "nothing was imported"
