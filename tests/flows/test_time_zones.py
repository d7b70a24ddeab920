"""The same files on the same day give the same shop wherever the computer thinks it is."""

from datetime import date, datetime, time
from pathlib import Path

import pytest

from shopcrm.excel.writer import write_raw
from tests.flows.running import TODAY, run_alone

ZONES = ("Asia/Shanghai", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu")
ROWS = [
    ["A1", "13800000001", "王芳", datetime(2026, 11, 20, 23, 59), "衬衫", 199],
    ["A2", "13800000001", "王芳", datetime(2026, 11, 21, 0, 1), "连衣裙", 399],
    ["A3", "13800000002", "李敏", date(2026, 3, 8), "毛衣", 268],
    ["A4", "13800000003", "赵岚", datetime.combine(date(2026, 10, 25), time(2, 30)), "大衣", 1280],
    ["A5", "13800000002", "李敏", "2026-11-21 08:00", "围巾", 98],
]


@pytest.mark.parametrize("part", [ZONES[:2], pytest.param(ZONES, marks=pytest.mark.slow)])
def test_dumps_and_to_dos_are_equal_in_all_zones(part: tuple[str, ...], tmp_path: Path) -> None:
    headings = ["单号", "手机号", "姓名", "消费日期", "商品", "实收金额"]
    book = write_raw(tmp_path / "sales.xlsx", [("销售", headings, ROWS)])
    seen = set()
    for zone in part:
        db = tmp_path / f"{zone.replace('/', '-')}.db"
        on = ("--db", db, "--day", TODAY)
        assert run_alone("import", book, *on, TZ=zone).code == 0
        answers = [run_alone(command, *on, TZ=zone) for command in ("dump", "todo")]
        assert [answer.code for answer in answers] == [0, 0]
        seen.add("\n".join(answer.out for answer in answers))
    assert len(seen) == 1
    assert "2026-11-20" in seen.pop()
