"""Six years of a simulated apparel shop, imported: one type each, and the types say who buys again."""

from __future__ import annotations

import csv
import gzip
import subprocess
import sys
import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data" / "apparel_sim.csv.gz"
DAYS = (date(2007, 1, 15), date(2008, 6, 30), date(2009, 9, 30))
NEXT = timedelta(days=90)
ORDER = ("loyal", "potential", "drifting", "lost")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.exists(), reason="shared/data/apparel_sim.csv.gz is not beside the checkout"),
]


def purchases() -> list[tuple[str, date, float]]:
    with gzip.open(DATA, "rt", encoding="utf-8") as file:
        return [
            (row["customer_id"], date.fromisoformat(row["date"]), float(row["amount"]))
            for row in csv.DictReader(file)
        ]


def command(*arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, "main.py", *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def workbooks(folder: Path, sales: list[tuple[str, date, float]]) -> tuple[Path, Path]:
    """A member list and a sales list that know each other by the card number."""
    members, book = openpyxl.Workbook(), openpyxl.Workbook()
    first: dict[str, date] = {}
    for customer, day, _ in sales:
        first[customer] = min(day, first.get(customer, day))
    members.active.append(["会员卡号", "姓名", "入会日期"])
    for customer, day in sorted(first.items()):
        members.active.append([customer, "客人" + customer, day])
    book.active.append(["单号", "日期", "会员卡号", "姓名", "商品", "实收金额"])
    for n, (customer, day, amount) in enumerate(sales):
        book.active.append([f"S{n:05}", day, customer, "客人" + customer, "衣服", amount])
    members.save(folder / "members.xlsx")
    book.save(folder / "sales.xlsx")
    return folder / "members.xlsx", folder / "sales.xlsx"


def test_the_types_rank_who_buys_again(tmp_path: Path) -> None:
    sales = purchases()
    db = tmp_path / "shop.db"
    for file in workbooks(tmp_path, sales):
        command("import", file, "--db", db, "--day", "2010-12-31", "--report", tmp_path / "report.json")
    customers = {customer for customer, _, _ in sales}
    for day in DAYS:
        members: Counter[str] = Counter()
        back: Counter[str] = Counter()
        started = time.perf_counter()
        out = tmp_path / f"types-{day}.csv"
        command("types", "--db", db, "--day", day, "--out", out)
        assert time.perf_counter() - started < 20
        with out.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        assert sorted(row["card_no"] for row in rows) == sorted(customers)
        assert {row["type"] for row in rows} <= set(ORDER)
        assert all(row["reason"] and "{" not in row["reason"] for row in rows)
        again = {customer for customer, on, _ in sales if day < on <= day + NEXT}
        for row in rows:
            members[row["type"]] += 1
            back[row["type"]] += row["card_no"] in again
        shares = [back[key] / members[key] for key in ORDER]
        print(day, [(key, members[key], round(share, 3)) for key, share in zip(ORDER, shares, strict=True)])
        assert shares == sorted(shares, reverse=True)
        assert len(set(shares)) == len(ORDER)
