"""An import from file to shop, and what the shop holds then."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from shopcrm.basics.errors import Refusal
from shopcrm.shop.dump import dump


def put(folder: Path, name: str, content: bytes | str) -> Path:
    """A file with this content."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def imported(shop: Any, path: Path) -> dict[str, Any]:
    """Import a file, accepting every proposal: the report, as the command writes it."""
    plan = shop.imports.preview(path)
    done = shop.imports.apply(plan)
    report = json.loads(json.dumps(shop.imports.report(plan, done.value)))
    counts = plan.counts
    assert counts.rows == sum(
        (counts.rows_ready, counts.rows_left_out, counts.rows_skipped, counts.members_same,
         counts.sales_duplicate, counts.visits_duplicate)
    )  # fmt: skip
    return report


def refused(shop: Any, path: Path) -> Refusal:
    """The refusal of a file; the sentence names it, and nothing in the shop has changed."""
    before = dump(shop.store.read())
    with pytest.raises(Refusal) as refusal:
        shop.imports.preview(path)
    assert path.name in refusal.value.sentence
    assert "Traceback" not in refusal.value.sentence
    assert dump(shop.store.read()) == before
    return refusal.value


def people(shop: Any) -> list[tuple[str, str | None]]:
    """Name and phone of all members, by phone."""
    members = dump(shop.store.read())["members"]
    return sorted(((one["name"], one["phone"]) for one in members), key=lambda one: (one[1] or "", one[0]))


def sales(shop: Any) -> list[tuple[str, str, str, int]]:
    """Name, day, article and fen of all sales, by day."""
    return sorted(
        (
            (sale["member_name"], sale["date"], sale["item"], sale["amount_fen"])
            for sale in dump(shop.store.read())["sales"]
        ),
        key=lambda sale: (sale[1], sale[2]),
    )


def left_out(report: dict[str, Any]) -> Sequence[tuple[int, str, str]]:
    """Row, code and value of every row that was left out."""
    return [(p["row"], p["code"], p["value"]) for p in report["problems"] if p["left_out"]]
