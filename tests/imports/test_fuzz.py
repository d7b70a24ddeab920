"""Files no one would think of: whatever cells and layouts a file holds, an import never crashes, never does a
part of what it announced, counts every row it read, and is taken back without a trace."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import date, datetime
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from shopcrm.basics.errors import Refusal
from shopcrm.basics.fields import FIELDS
from shopcrm.basics.progress import SILENT, Cancelled, Progress
from shopcrm.basics.records import LineDraft, MemberDraft, SaleDraft
from shopcrm.excel import reader
from shopcrm.excel.cells import Book
from shopcrm.excel.fates import Choices, Fate
from shopcrm.excel.writer import write_raw
from shopcrm.shop import Shop
from shopcrm.shop.dump import dump
from shopcrm.shop.imports import ImportPlan

FILES = 5000
_PARTS = 10  # so that they spread over the processors

# ---------------------------------------------------------------- cells

_NAMES = [
    "王丽",
    "王 丽",
    "李娜",
    "欧阳 雪",
    "曾小姐",
    "Anna Lee",
    "=1+1",
    "@SUM(A1)",
    "合计",
    "小计：3人",
    "姓名",
    "-",
    "🌸花花",
    "𠮷野",
]
_PHONES = [
    "13800000001", 13800000002, 13800000003.0, "+86 138-0000-0004", "0086 13800000005",
    "138 0000 0001/138 0000 0009", "1.38E+10", 1.38e10, "1.3800000007E+10", "１３８００００００８８", "12345",
    "无", "0571-88880000", "+852 9123 4567", "13800000001a", "'13800000010",
    "手机:13800000011", 0, -1, 1e300,
]  # fmt: skip
_DAYS = [
    "2026-10-03", "2026/1/5", "2026.1.5", "20260105", 46000, 46000.75, "1月5日", "二〇二六年一月五日",
    "03/04/2026", "2027-12-31", "1899-12-31", 0, 99999999, "2026-02-30", "上周三",
    datetime(2026, 5, 6, 13, 14), date(2026, 7, 8), date(1900, 1, 1), "农历四月初六", "L", "25:61",
    "2026年4月",
]  # fmt: skip
_AMOUNTS = [
    199, 0.1 + 0.2, "¥1,299.00", "(88)", "-88", "－88", "1.2万", "1.299,00", "免费", "#DIV/0!", "nan", "inf",
    "", "99999999999", 1e18, "１２９元", 0, "－", True, -0.0,
]  # fmt: skip
_WORDS = [
    "衬衫",
    "连衣裙 碎花",
    "退货",
    "男",
    "女",
    "L",
    "小雯",
    "VIP，常客",
    "多\n行",
    "\t制表",
    "\u200b",
    '=HYPERLINK("x")',
    "'0",
    " ",
    "\u202e反",
    "x" * 300,
]
_POOL: list[Any] = [*_NAMES, *_PHONES, *_DAYS, *_AMOUNTS, *_WORDS]
_CELL = st.one_of(
    st.none(),
    st.sampled_from(_POOL),
    st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
)
_BY_FIELD = {"name": _NAMES, "phone": _PHONES, "phone2": _PHONES, "amount": _AMOUNTS, "price": _AMOUNTS}
_HEADINGS = [(heading, field.id) for field in FIELDS for heading in field.headings[:4]]
_FIELD_OF = {heading: field.id for field in reversed(FIELDS) for heading in field.headings}
_FIELD_OF |= {"金额": "amount", "导购": "staff"}
_USUAL = [
    "会员姓名 手机号 生日 会员卡号 备注",
    "消费日期 手机 姓名 商品 数量 实收金额",
    "单号 日期 会员卡号 金额 类型",
    "姓名 手机 到店日期 未购原因",
    "姓名 手机 回访日期 回访结果 导购",
]
_STRANGE = ["手机型号", "累计消费金额", "列1", "", "姓名", "姓名*", " 手 机 ", "金额(元)", "备注：", None]


def _likely(field: str) -> list[Any]:
    return _BY_FIELD.get(field, _DAYS if "day" in field or field in ("joined", "birthday") else _WORDS)


def _cells_of(field: str) -> st.SearchStrategy[Any]:
    likely = _likely(field)
    good = st.sampled_from(likely[:4])
    return st.one_of(good, good, good, st.sampled_from(likely), st.sampled_from(likely), _CELL)


# ---------------------------------------------------------------- tables and files

Table = list[list[Any]]


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """A sheet: perhaps a title, perhaps a header, rows with likely and unlikely cells, perhaps a total."""
    usual = st.sampled_from(_USUAL).map(lambda usual: [(h, _FIELD_OF[h]) for h in usual.split()])
    fields = draw(
        st.one_of(
            usual,
            usual,
            usual,
            st.lists(st.sampled_from(_HEADINGS), min_size=1, max_size=9),
        )
    )  # fmt: skip
    header: list[Any] = [heading for heading, _ in fields]
    if draw(st.integers(0, 4)) == 0:
        header[draw(st.integers(0, len(header) - 1))] = draw(st.sampled_from(_STRANGE))
    table: Table = [["会员消费明细"]] if draw(st.booleans()) else []
    if draw(st.integers(0, 19)):
        table.append(header)
    for _ in range(draw(st.sampled_from([0, 1, 2, 3, 5, 8, 13]))):
        kind = draw(st.integers(0, 11))
        if kind == 0:
            table.append([])
        elif kind == 1:
            table.append(list(header))
        elif kind == 2:
            table.append(["合计", None, draw(_CELL)])
        else:
            row = [draw(_cells_of(field)) for _, field in fields]
            if kind == 3:
                row.append(draw(_CELL))  # one more than there are headings
            table.append(row)
    if table and draw(st.integers(0, 3)) == 0:
        table.append(list(draw(st.sampled_from(table))))
    return table


def lively_table(chance: Random) -> Table:
    """A usual table of some length, most of it well filled: what `tables` by itself seldom comes to."""
    headings = chance.choice(_USUAL).split()
    table: Table = [["会员消费明细"]] if chance.random() < 0.2 else []
    table.append([*headings])
    for _ in range(chance.randrange(2, 25)):
        row = []
        for heading in headings:
            field = _FIELD_OF[heading]
            likely = _likely(field)
            row.append(chance.choice(likely[:4] if chance.random() < 0.8 else chance.choice([likely, _POOL])))
        table.append(row if chance.random() < 0.95 else row[: chance.randrange(len(row))])
        if chance.random() < 0.05:
            table.append(["合计", None, chance.choice(_AMOUNTS)])
    return table


_TABLES = st.one_of(tables(), st.integers(0, 2**40).map(lambda number: lively_table(Random(number))))


@st.composite
def files(draw: st.DrawFn) -> tuple[str, Any]:
    """The ending and what is written into the file."""
    kind = draw(st.sampled_from([*["xlsx"] * 4, *["csv"] * 3, *["html"] * 2, "bytes"]))
    if kind == "xlsx":
        return "xlsx", draw(st.lists(_TABLES, min_size=1, max_size=3))
    table = draw(_TABLES)
    if kind == "csv":
        separator = draw(st.sampled_from(",\t;|"))
        text = draw(st.sampled_from(["\r\n", "\n", "\r"])).join(
            separator.join(map(_quoted, row)) for row in table
        )
        coding = draw(st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16", "big5"]))
        return "csv", text.encode(coding, errors="replace")
    if kind == "html":
        rows = "".join(
            "<tr>" + "".join(f"<td>{_plain(cell)}</td>" for cell in row) + "</tr>" for row in table
        )
        return "xls", f"<html><meta charset=utf-8><table>{rows}</table>".encode(errors="replace")
    text = ",".join(map(_quoted, table[0])) if table else ""
    data = bytearray(text.encode("utf-8", errors="replace") + draw(st.binary(max_size=60)))
    return draw(st.sampled_from(["xlsx", "csv", "xls", "et", "txt"])), bytes(data)


def _plain(cell: Any) -> str:
    return "" if cell is None else str(cell)


def _quoted(cell: Any) -> str:
    text = _plain(cell)
    return '"' + text.replace('"', '""') + '"' if re.search('[,;|\t\r\n"]', text) else text


def _written(folder: Path, ending: str, content: Any) -> Path:
    path = folder / f"table.{ending}"
    if isinstance(content, bytes):
        path.write_bytes(content)
        return path
    return write_raw(
        path,
        [
            (f"表{n}", [_plain(c) for c in table[0]] if table else [], table[1:])
            for n, table in enumerate(content)
        ],
    )


# ---------------------------------------------------------------- what must hold


class _StopAfter:
    """Progress that is cancelled at its nth step."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def step(self, done: int, total: int, text: str = "") -> None:
        self.left -= 1
        if self.left < 0:
            raise Cancelled


def _check_sums(plan: ImportPlan) -> None:
    counts = plan.counts
    fates = [fate for sheet in plan.layout.sheets for fate in sheet.fates]
    duplicates = fates.count(Fate.DUPLICATE)
    assert counts.rows == counts.rows_ready + duplicates + counts.rows_left_out + counts.rows_skipped
    told = {(problem.sheet_at, problem.row) for problem in plan.problems if problem.left_out}
    assert len(told) == counts.rows_left_out, "a row is left out in silence, or listed and imported"
    saved = sum(len(sheet.left_out()) for sheet in plan.sheets)
    assert saved == counts.rows_left_out


def _check_refusal(shop: Shop, path: Path, refusal: Refusal, before: object) -> None:
    told = shop.imports.refused(path, refusal)
    message = str(told["message"])
    assert re.search("[一-鿿]", message), message
    assert "Traceback" not in message
    assert "{" not in message
    assert dump(shop.store.read()) == before


def _check(shop: Shop, path: Path, policy: Any, stop: int) -> bool:
    """Everything that is promised of this file; whether it could be imported."""
    before = dump(shop.store.read())
    imports = shop.imports
    try:
        plan = imports.preview(path)
        plan = imports.replan(plan, Choices(plan.choices.mapping, policy))
    except Refusal as refusal:
        _check_refusal(shop, path, refusal, before)
        return False
    _check_sums(plan)
    assert dump(shop.store.read()) == before, "a preview wrote"

    progress: Progress = _StopAfter(stop)  # type: ignore[assignment]
    try:
        result = imports.apply(plan, progress).value
    except Cancelled:
        assert dump(shop.store.read()) == before, "a cancelled import left something"
        result = imports.apply(imports.replan(plan, plan.choices)).value
    after = dump(shop.store.read())
    assert (
        len(after["members"])
        == len(before["members"]) + result.members_new
        == len(before["members"]) + plan.counts.members_new
    )
    assert len(after["sales"]) == len(before["sales"]) + plan.counts.sales_new
    assert len(after["visits"]) == len(before["visits"]) + plan.counts.visits_new
    assert sum(line["amount_fen"] for line in after["sales"]) - sum(
        line["amount_fen"] for line in before["sales"]
    ) == sum(line.amount_fen for line in plan.matched.lines)
    assert shop.store.read().all("PRAGMA foreign_key_check") == []

    again = imports.replan(plan, plan.choices)
    repeated = imports.apply(again).value
    assert (repeated.members_new, repeated.sales_new, repeated.visits_new) == (0, 0, 0)
    assert dump(shop.store.read()) == after, "a second import changed something"

    if result.batch is not None:
        imports.undo(result.batch)
        assert dump(shop.store.read()) == before, "taking back left a trace"
    return True


@pytest.fixture
def template(tmp_path: Path, clock: Any) -> Path:
    """A shop with a family on one number, somebody without a number, and a few sales."""
    path = tmp_path / "template.db"
    clock.set(date(2026, 11, 20))
    with Shop.open(path, clock=clock) as shop:
        people = [
            shop.members.save(
                MemberDraft(name=name, phones=tuple((phone, "") for phone in phones), card_no=card)
            ).value
            for name, phones, card in (
                ("王丽", ("138 0000 0001",), "V1"), ("王小丽", ("138 0000 0001",), ""),
                ("李娜", ("138 0000 0002",), "V2"), ("欧阳雪", (), ""),
                ("赵敏", ("138 0000 0004", "138 0000 0009"), "V4"),
            )
        ]  # fmt: skip
        for member, fen in zip(people, (19900, 25900, 12900, 9900, 0), strict=True):
            shop.counter.sell(
                SaleDraft(
                    member=member, day=date(2026, 10, 3), lines=(LineDraft(amount_fen=fen, item="衬衫"),)
                )
            )
    clock.set(date(2026, 11, 21))
    with Shop.open(path, clock=clock) as shop:
        shop.start_day()
    return path


def _run(
    template: Path, folder: Path, clock: Any, monkeypatch: pytest.MonkeyPatch, examples: int, start: int
) -> None:
    number = count()
    imported = count()
    in_a_child = reader.read

    def read_quickly(path: Path, progress: Progress = SILENT, **_: object) -> Book:
        try:
            return reader.read_here(path)
        except BaseException:  # noqa: BLE001 - a parser's panic is one
            return in_a_child(path, progress)

    def check(file: tuple[str, Any], policy: Any, stop: int) -> None:
        at = next(number)
        # A process for every file would be most of the time: one in fifty is read as the program reads it.
        # What this process cannot read is asked of the child too, whose answer counts.
        monkeypatch.setattr(reader, "read", in_a_child if at % 50 == 0 else read_quickly)
        place = folder / f"{start}-{at}"
        place.mkdir()
        shop_file = place / "shop.db"
        shutil.copy(template, shop_file)
        path = _written(place, *file)
        with Shop.open(shop_file, clock=clock) as shop:
            if _check(shop, path, policy, stop):
                next(imported)
        shutil.rmtree(place)

    policies = st.sampled_from(["fill", "fill", "overwrite"])
    stops = st.one_of(st.just(10**9), st.integers(0, 12))
    work: Callable[[], None] = seed(start)(
        settings(
            max_examples=examples, derandomize=False, database=None, deadline=None, report_multiple_bugs=False
        )(given(files(), policies, stops)(check))
    )
    work()
    assert next(number) >= examples
    assert next(imported) > examples // 15, "hardly a file could be imported: nothing was tried"


def test_strange_files(template: Path, tmp_path: Path, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _run(template, tmp_path, clock, monkeypatch, 60, 1)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(_PARTS))
def test_five_thousand_strange_files(
    part: int, template: Path, tmp_path: Path, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _run(template, tmp_path, clock, monkeypatch, FILES // _PARTS, 100 + part)
