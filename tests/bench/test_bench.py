"""The benches themselves on a tiny shop: they run, they measure what they name, and the structure that speed
and memory rest on holds."""

from pathlib import Path

import pytest

from tests.bench import coming_in, going_out, searching, start, whole_shop
from tests.bench.measure import Figure, figure, full_pace, p95, pace, paired, run_child


def test_a_figure_is_the_median_of_neighbouring_turns() -> None:
    made = figure("x", [2.0, 30.0, 3.0], [1.0, 10.0, 1.0], 3.0)
    assert (made.ratio, made.met) == (3.0, True)
    assert not figure("x", [4.0], [1.0], 3.0).met
    assert "ratio   4.00" in str(figure("x", [4.0], [1.0], 3.0))
    assert "NOT MET" in str(figure("x", [4.0], [1.0], 3.0))


def test_the_limit_is_measured_before_each_turn() -> None:
    order: list[str] = []
    made = paired(
        "x", lambda: order.append("work"), lambda: order.append("limit"), 1.0, 2,
        between=lambda: order.append("between"),
    )  # fmt: skip
    assert order == ["limit", *["limit", "between", "work"] * 2]
    assert isinstance(made, Figure)


def test_p95() -> None:
    assert p95([float(n) for n in range(100)]) == 95.0
    assert p95([1.0]) == 1.0


def test_the_full_pace_is_no_lucky_one() -> None:
    assert full_pace([0.001, *[0.04] * 20, *[0.07] * 79]) == 0.04
    assert full_pace([0.07]) == 0.07
    assert 0 < pace() < 1


def test_shop_and_counter(tmp_path: Path) -> None:
    made = list(whole_shop.whole_shop(tmp_path, members=60, sales=300, turns=1))
    made += whole_shop.one_sale(tmp_path, members=60, sales=300, turns=5)
    assert [figure.case[:2] for figure in made] == ["P5"] * 5 + ["P7"] * 4
    assert all(figure.took > 0 and figure.limit > 0 for figure in made)


def test_look_over(tmp_path: Path) -> None:
    made = list(start.look_over(tmp_path, members=60, sales=120, turns=1))
    assert [figure.case[:3] for figure in made] == ["P11"]


def test_searching(tmp_path: Path) -> None:
    made = list(searching.searching(tmp_path, sizes=(80,), sales=3))
    assert [figure.case[:14] for figure in made] == ["P8 80 members:"] * 3
    assert all(figure.took > 0 for figure in made)


def test_import_and_its_memory(tmp_path: Path) -> None:
    pytest.importorskip("resource", reason="memory is read as Linux tells it")
    made = list(coming_in.imports(tmp_path, rows=40, members=10, turns=1))
    assert [figure.unit for figure in made] == ["s", "MB"]
    assert made[1].took > 20


def test_workbooks(tmp_path: Path) -> None:
    made = list(going_out.workbooks(tmp_path, members=60, sales=300, calls=5, people=20, turns=1))
    assert ["5 rows" in figure.case or "20 rows" in figure.case for figure in made] == [True, True]


def test_the_window_starts_without_the_slow_libraries(tmp_path: Path) -> None:
    """The start path is structure: whatever the window loads at rest costs every shop every morning."""
    pytest.importorskip("resource", reason="memory is read as Linux tells it")
    usable, frame, memory = start.starts(tmp_path, members=60, sales=300, turns=1)
    assert usable.took >= frame.took > 0
    assert memory.note.endswith("no slow library loaded"), memory.note
    assert memory.took > 20


def test_a_child_that_fails_is_told(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="child_read"):
        run_child("child_read", str(tmp_path / "nothing.xlsx"))
