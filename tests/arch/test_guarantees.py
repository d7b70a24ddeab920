"""What `tests/README.md` says is proven stands where it says."""

import re

from tests.arch.sources import ROOT

TABLE = (ROOT / "tests" / "README.md").read_text(encoding="utf-8")


def test_every_guarantee_has_its_row() -> None:
    named = re.findall(r"^\| (G\d+) \|", TABLE, re.MULTILINE)
    assert named == [f"G{number}" for number in range(1, 21)]


def test_every_test_named_is_there_and_every_bench_is_known() -> None:
    files = set(re.findall(r"`(tests/[\w/]+\.py)`", TABLE))
    assert len(files) > 20
    assert sorted(file for file in files if not (ROOT / file).is_file()) == []
    from tests.bench.__main__ import cases

    assert set(re.findall(r"`python -m tests.bench (P\d+)`", TABLE)) <= cases(small=True).keys()
