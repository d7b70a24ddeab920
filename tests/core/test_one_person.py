"""What a person may ask for: a copy of all there is of her, and to be forgotten. Made from the schema, so
that a new kept table or column is in both, or is named here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from shopcrm.basics.records import MemberDraft, MemberId
from shopcrm.basics.texts import t
from shopcrm.shop import Shop
from shopcrm.store.whole_shop import KEPT, owner
from tests.core.rows import BIRTHDAYS, PHONES, life, texts_of

# Columns of hers that stay when she is erased and tell nothing of who she is.
STAYS = {
    "sale": {"order_no"}, "line": {"item", "size", "colour", "category", "article_no"}, "visit": {"items"},
    "fitting": {"item", "size"}, "wanted": {"item", "size", "colour"},
}  # fmt: skip


@pytest.fixture
def file_shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop.open(tmp_path / "data" / "shop.db", clock=lambda: datetime(2026, 11, 21, 10, 0))
    yield made
    made.close()


def cells(path: Path) -> list[str]:
    """Every cell of a workbook as text."""
    book = openpyxl.load_workbook(path)
    return [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell]


def test_every_table_that_can_name_a_member_is_hers() -> None:
    """A table that refers to members, or to rows of theirs, has an owner."""
    hers = {table.name for table in KEPT if owner(table) is not None}
    assert hers == {
        "member", "own_value", "phone", "sale", "line", "visit", "fitting", "wanted", "complaint", "rating",
        "task", "contact", "draw",
    }  # fmt: skip
    for table in KEPT:
        for column in table.columns:
            if column.table in hers:
                assert table.name in hers, f"{table.name}.{column.id}"


def test_a_copy_holds_every_word_there_is_of_her_and_none_of_anybody_else(shop: Any, tmp_path: Path) -> None:
    member, other = life(shop, "ada"), life(shop, "eve")
    assert member != other
    found = cells(shop.exports.person(tmp_path / "copy.xlsx", member).value)
    assert set(texts_of("ada")) - set(found) == set()
    assert PHONES["ada"] in found
    others = [cell for cell in found if "eve." in cell or PHONES["eve"] in cell]
    assert others == ["eve.own_field"]  # a field of the shop's, and a heading of every list
    assert {"10:00", "2026-01-02 10:00", t("rt.recommend"), t("cp.serious"), t("type.lost")} <= set(found)


def test_a_copy_holds_how_she_changed_and_who_she_was_before(
    shop: Any, tmp_path: Path, a_member: Callable[..., MemberId], a_sale: Callable[..., object]
) -> None:
    first = a_member("王丽", phone=PHONES["ada"], consent="yes", consent_by="她女儿")
    a_sale(first)
    shop.members.save(MemberDraft(id=first, name="王小丽", phones=((PHONES["ada"],) * 2,)))
    gone = a_member("丽丽", phone=PHONES["old"])
    shop.merging.merge(first, gone)
    friend = a_member("别人", phone=PHONES["eve"])
    shop.members.save(MemberDraft(name="被她带来", referrer_id=first, phones=()))
    found = cells(shop.exports.person(tmp_path / "copy.xlsx", first).value)
    assert {"王丽", "王小丽", "丽丽", "她女儿", PHONES["old"], t("type.potential")} <= set(found)
    assert friend
    assert "别人" not in found
    assert "被她带来" not in found


def test_a_copy_gives_nobody_elses_number_away(
    shop: Any, tmp_path: Path, a_member: Callable[..., MemberId]
) -> None:
    brought_by = shop.members.save(MemberDraft(phones=((PHONES["eve"],) * 2,))).value
    member = a_member("王丽", phone=PHONES["ada"], referrer_id=brought_by)
    found = cells(shop.exports.person(tmp_path / "copy.xlsx", member).value)
    assert not any(PHONES["eve"] in cell for cell in found)


def test_whoever_sees_no_whole_numbers_gets_none_in_a_copy(shop: Any, tmp_path: Path) -> None:
    member = life(shop, "ada")
    shop.members.save(MemberDraft(id=member, name="王丽", phones=((PHONES["old"],) * 2,)))
    found = cells(shop.exports.person(tmp_path / "copy.xlsx", member, mask=True).value)
    assert not any(number in cell for cell in found for number in PHONES.values())


def test_erasing_leaves_no_word_of_her_in_any_column(file_shop: Shop, tmp_path: Path) -> None:
    member = life(file_shop, "ada")
    life(file_shop, "eve")
    file_shop.members.erase(member)
    stays = {f"ada.{table}.{column}" for table, columns in STAYS.items() for column in columns}
    held = (tmp_path / "data" / "shop.db").read_bytes()
    left = {word for word in (*texts_of("ada"), PHONES["ada"]) if word.encode() in held}
    assert left == stays
    assert BIRTHDAYS["ada"].encode() not in held
    assert BIRTHDAYS["eve"].encode() in held
    assert all(word.encode() in held for word in texts_of("eve"))
