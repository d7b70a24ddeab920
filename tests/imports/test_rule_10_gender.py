"""Import rule 10: the words for men and women; anything else is unknown without a problem."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.imports.table_of_rows import members_of

pytestmark = pytest.mark.usefixtures("in_process")
WORDS = {
    "男": "男", "m": "男", "M": "男", "male": "男", "Male": "男", "先生": "男", "女": "女", "f": "女",
    "F": "女",
    "FEMALE": "女", "女士": "女", "小姐": "女", " 女 ": "女", "Ｆ": "女", "不详": "", "太太": "", "1": "",
    0: "",
    "男女": "", "#N/A": "", None: "",
}  # fmt: skip


def test_10_gender(shop: Any, tmp_path: Path) -> None:
    told = members_of(shop, tmp_path, "性别", list(WORDS))
    assert {cell: (row.kept or {})["gender"] for cell, row in zip(WORDS, told, strict=True)} == WORDS
    assert {row.codes for row in told} == {("no_phone",)}
