"""The three workbooks as Chinese tills write them: titles, merged cells, totals, phones as numbers.

Every oddity here is one an owner's file has; the importer has to live with all of them.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from shopcrm.basics.texts import catalogue
from shopcrm.basics.values import Birthday
from shopcrm.sample.history import History, Person, Receipt

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

Cell = str | int | float | date | datetime | None

_MEMBER_HEADINGS = (
    "会员卡号", "姓名", "性别", "手机号", "生日", "农历生日", "会员等级", "入会日期", "归属导购", "推荐人",
    "上衣尺码", "裤子尺码", "鞋码", "身高", "喜好", "忌讳", "当前积分", "备注",
)  # fmt: skip
_SALE_HEADINGS = (
    "单号", "日期", "会员手机", "姓名", "货品", "尺码", "数量", "吊牌价", "实收金额", "导购", "类型",
)  # fmt: skip
_VISIT_HEADINGS = ("到店日期", "手机", "姓名", "到店情况", "试穿", "未购原因", "备注", "导购")
_CALL_HEADINGS = ("回访日期", "手机", "姓名", "回访结果", "跟进内容", "导购")


def write_books(folder: Path, history: History, day: date) -> list[Path]:
    """Write members, sales and visits into `folder` (made if missing); in the order to import them."""
    folder.mkdir(parents=True, exist_ok=True)
    members = _save(folder / "会员资料.xlsx", {"会员资料": _member_rows(history, day)})
    sales = _save(folder / "销售明细.xlsx", _sale_sheets(history), merge=True)
    visits = _save(
        folder / "到店记录.xlsx", {"到店记录": _visit_rows(history), "回访记录": _call_rows(history)}
    )
    return [members, sales, visits]


def _save(path: Path, sheets: dict[str, list[list[Cell]]], *, merge: bool = False) -> Path:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = _chinese("sample.shop")
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        width = max(len(row) for row in rows)
        sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=width)
        for column in range(1, width + 1):
            sheet.column_dimensions[sheet.cell(2, column).column_letter].width = 14
        sheet.freeze_panes = "A3"
        if merge and name == min(sheets):
            _merge_receipts(sheet, rows)
    book.save(path)
    return path


def _merge_receipts(sheet: Worksheet, rows: list[list[Cell]]) -> None:
    """The old till wrote number, day and customer once for all pieces of a receipt."""
    first = 2
    for at in range(3, len(rows) + 1):
        same = at < len(rows) and rows[at][:2] == rows[first][:2]
        if same:
            continue
        if at - first > 1:
            for column in range(1, 5):
                sheet.merge_cells(
                    start_row=first + 1, start_column=column, end_row=at, end_column=column
                )  # keeps the value of the first cell only, as a till does
        first = at


def _member_rows(history: History, day: date) -> list[list[Cell]]:
    rows: list[list[Cell]] = [
        [f"{_chinese('sample.shop')} 会员资料（导出日期：{day.isoformat()}）"],
        list(_MEMBER_HEADINGS),
    ]
    for n, person in enumerate(history.people):
        sizes = person.sizes if n % 12 else {}
        birthday = person.birthday
        solar: Cell = None
        lunar: Cell = None
        if birthday and birthday.lunar:
            lunar = ("农历" if n % 3 == 0 else "") + _lunar_words(birthday)
        elif birthday and birthday.year:
            born = date(birthday.year, birthday.month, birthday.day)
            solar = born if n % 4 else born.strftime("%Y.%m.%d")
        elif birthday:
            solar = (
                f"{birthday.month}月{birthday.day}日" if n % 2 else f"{birthday.month:02d}-{birthday.day:02d}"
            )
        rows.append(
            [
                person.card_no, person.name, "女", _phone(person.phone, n), solar, lunar, _level(person),
                _joined(person.joined, n), person.assistant, person.referrer or None, sizes.get("top"),
                int(sizes["bottom"]) if sizes else None, int(sizes["shoe"]) if sizes else None, person.height,
                "、".join(person.likes) or None, "、".join(person.avoids) or None, person.points or None,
                person.note or None,
            ]
        )  # fmt: skip
    mother = next(p for p in history.people if p.note.startswith("和女儿"))
    daughter: list[Cell] = [None] * len(_MEMBER_HEADINGS)
    daughter[1:4] = [mother.name[0] + "小雨", "女", int(mother.phone)]
    rows.append(daughter)  # one phone for two: the shop's list has both
    last: list[Cell] = [f"合计：{len(history.people) + 1} 人", *[None] * 16, f"打印人：{mother.assistant}"]
    rows.append(last)
    return rows


def _chinese(key: str) -> str:
    """The wording a Chinese till would print, whatever language the window speaks."""
    return catalogue()[key][0]


def _lunar_words(birthday: Birthday) -> str:
    months, days = _chinese("birthday.lunar_months").split(), _chinese("birthday.lunar_days").split()
    return months[birthday.month - 1] + days[birthday.day - 1]


def _phone(phone: str, n: int) -> Cell:
    if not phone:
        return "无" if n % 2 else None
    if n % 17 == 3:
        return f"+86 {phone[:3]} {phone[3:7]} {phone[7:]}"
    if n % 11 == 5:
        return f"{phone[:3]}-{phone[3:7]}-{phone[7:]}"
    return str(phone) if n % 3 == 0 else int(phone)


def _joined(day: date, n: int) -> Cell:
    forms = (
        day,
        day,
        day.isoformat(),
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
    )
    return (*forms, f"{day:%Y.%m.%d}")[n % 6]


def _level(person: Person) -> str:
    return "金卡" if person.points > 700 else "银卡" if person.points > 250 else "普通"


def _sale_sheets(history: History) -> dict[str, list[list[Cell]]]:
    years = sorted({receipt.day.year for receipt in history.receipts})
    return {f"{year}年": _sale_rows(history, year, old_till=year == years[0]) for year in years}


def _sale_rows(history: History, year: int, *, old_till: bool) -> list[list[Cell]]:
    rows: list[list[Cell]] = [[f"{_chinese('sample.shop')} {year} 年销售明细"], list(_SALE_HEADINGS)]
    total = pieces = 0
    for n, receipt in enumerate(r for r in history.receipts if r.day.year == year):
        for piece in receipt.pieces:
            total += piece.fen
            pieces += piece.qty if piece.fen >= 0 else -piece.qty
            rows.append(
                [
                    receipt.number, _stamp(receipt, old_till), *_customer(receipt, n), piece.item,
                    int(piece.size) if piece.size.isdigit() else piece.size or None, piece.qty,
                    None if old_till else piece.list_yuan,
                    _amount(piece.fen, n, old_till), receipt.assistant, "销售" if piece.fen >= 0 else "退货",
                ]
            )  # fmt: skip
    if year == max(receipt.day.year for receipt in history.receipts):
        rows += _slips(rows)
    last: list[Cell] = ["合计", None, None, None, None, None, pieces, None, total / 100]
    rows.append(last)
    return rows


def _stamp(receipt: Receipt, old_till: bool) -> Cell:
    if old_till:
        return f"{receipt.day.year}/{receipt.day.month}/{receipt.day.day}"
    return datetime.combine(receipt.day, time()) + timedelta(minutes=receipt.minute)


def _customer(receipt: Receipt, n: int) -> tuple[Cell, Cell]:
    if receipt.person is None:
        return None, "散客"
    return (_phone(receipt.person.phone, n * 2 + 1) if receipt.person.phone else None), receipt.person.name


def _amount(fen: int, n: int, old_till: bool) -> Cell:
    if old_till and n % 4 == 0:
        return f"¥{fen / 100:,.2f}" if fen >= 0 else f"-¥{-fen / 100:,.2f}"
    return fen // 100 if fen % 100 == 0 else fen / 100


def _slips(rows: list[list[Cell]]) -> list[list[Cell]]:
    """Rows as a hurried hand types them: they cannot be used and have to be listed."""
    short, letters, when = (list(rows[2 + at % (len(rows) - 2)]) for at in (18, 43, 78))
    short[0], letters[0], when[0] = "X1000011", "X1000012", "X1000013"
    short[2], letters[2], when[1] = 1380000216, "1380000o216", "十月四号"
    return [short, letters, when]


def _visit_rows(history: History) -> list[list[Cell]]:
    rows: list[list[Cell]] = [[f"{_chinese('sample.shop')} 到店未购登记"], list(_VISIT_HEADINGS)]
    for n, visit in enumerate(history.walk_outs):
        rows.append(
            [
                visit.day if n % 5 else f"{visit.day.year}.{visit.day.month}.{visit.day.day}",
                _phone(visit.person.phone, n), visit.person.name, visit.kind, visit.item or None,
                "、".join(visit.reasons) or None, visit.remark or None, visit.assistant,
            ]
        )  # fmt: skip
    return rows


def _call_rows(history: History) -> list[list[Cell]]:
    rows: list[list[Cell]] = [[f"{_chinese('sample.shop')} 电话回访"], list(_CALL_HEADINGS)]
    for n, call in enumerate(history.calls):
        rows.append(
            [call.day, _phone(call.person.phone, n), call.person.name, call.answer, call.said, call.assistant]
        )
    return rows
