"""The shop month by month: net sales for the chart, and the month sheet with its definitions."""

from __future__ import annotations

from datetime import date

from shopcrm.basics.records import MonthSales
from shopcrm.basics.texts import t
from shopcrm.reports import Column, Table
from shopcrm.store import Rx

_MONTHS = """
SELECT substr(s.day, 1, 7), SUM(l.amount_fen) FROM sale s JOIN line l ON l.sale_id = s.id
WHERE s.voided_on IS NULL AND s.day >= ? AND s.day <= ? GROUP BY 1
"""
_LINES = """
SELECT s.id, coalesce(s.member_id, 0), substr(s.day, 1, 7), l.qty, l.amount_fen, coalesce(
  (SELECT SUM(r.amount_fen) FROM line r JOIN sale rs ON rs.id = r.sale_id
   WHERE r.returns_line_id = l.id AND r.sale_id <> l.sale_id AND rs.voided_on IS NULL), 0)
FROM sale s JOIN line l ON l.sale_id = s.id WHERE s.voided_on IS NULL AND s.day <= ?
"""
_BUYING_DAYS = "SELECT member_id, d FROM d_purchase_day WHERE d <= ?"


def _first_month(day: date, months: int) -> date:
    number = day.year * 12 + day.month - months
    return date(number // 12, number % 12 + 1, 1)


def net_sales(rx: Rx, day: date, months: int = 12) -> tuple[MonthSales, ...]:
    """Net sales (sales minus returns, fen) of the last `months` calendar months up to `day`, oldest first."""
    first = _first_month(day, months)
    found: dict[str, int] = dict(rx.all(_MONTHS, (first.isoformat(), day.isoformat())))
    rows = []
    for back in range(months, 0, -1):
        start = _first_month(day, back)
        rows.append(MonthSales(start, found.get(start.isoformat()[:7], 0)))
    return tuple(rows)


def month_sheet(rx: Rx, day: date, months: int = 12) -> Table:
    """One row a month, the newest first; every heading says how its figure is counted.

    客单价 = net sales / receipts that are not wholly returned; 连带率 = net items / the same receipts;
    会员占比 = members' net sales / all; 首次购买 = members whose first buying day falls into the month;
    复购率 = of the members with a buying day in the 12 months up to the month's end, those with two or more.
    """
    import pandas as pd

    lines = pd.DataFrame(
        rx.all(_LINES, (day.isoformat(),)), columns=["sale", "member", "month", "qty", "fen", "taken_back"]
    )
    lines["pieces"] = lines["qty"].where(lines["fen"] >= 0, -lines["qty"])
    lines["left"] = lines["fen"] + lines["taken_back"]
    receipts = lines.groupby(["month", "sale"], as_index=False)["left"].sum()
    buying = pd.DataFrame(rx.all(_BUYING_DAYS, (day.toordinal(),)), columns=["member", "d"])
    buying["month"] = pd.Series([date.fromordinal(d).isoformat()[:7] for d in buying["d"]], dtype="str")
    first = buying.groupby("member")["month"].min()
    rows: list[tuple[object, ...]] = []
    for back in range(1, months + 1):
        start = _first_month(day, back)
        month, year_ago = start.isoformat()[:7], start.replace(year=start.year - 1).isoformat()[:7]
        here = lines[lines["month"] == month]
        kept = int((receipts.loc[receipts["month"] == month, "left"] > 0).sum())
        net = int(here["fen"].sum())
        year = buying[(buying["month"] > year_ago) & (buying["month"] <= month)]
        days = year.groupby("member")["d"].nunique()
        rows.append(
            (
                month,
                net,
                kept,
                round(net / kept) if kept else None,
                _share(int(here["pieces"].sum()), kept, percent=False),
                _share(int(here.loc[here["member"] > 0, "fen"].sum()), net),
                int(buying.loc[buying["month"] == month, "member"].nunique()),
                int((first == month).sum()),
                _share(int((days >= 2).sum()), len(days)),
            )
        )
    columns = (
        Column("month", t("rp.month"), "text", 10),
        Column("net", t("rp.net"), "money", 14),
        Column("receipts", t("rp.receipts"), "int", 14),
        Column("ticket", t("rp.ticket"), "money", 14),
        Column("items", t("rp.items"), "text", 14),
        Column("members_share", t("rp.members_share"), "text", 16),
        Column("buyers", t("rp.buyers"), "int", 14),
        Column("new", t("rp.new"), "int", 14),
        Column("repeat", t("rp.repeat"), "text", 22),
    )
    return Table(t("rp.title"), columns, tuple(rows))


def _share(part: int, whole: int, *, percent: bool = True) -> str:
    if whole <= 0:
        return ""
    return f"{part / whole:.0%}" if percent else f"{part / whole:.2f}"
