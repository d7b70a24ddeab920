"""Files of every earlier version of the schema, as they were stored then: each opens today behind a backup,
and every value is kept."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from shopcrm.basics.errors import StoreError
from shopcrm.shop import Shop
from shopcrm.store import keys, rekeying
from shopcrm.store.backup import verify
from shopcrm.store.migrations import STEPS
from shopcrm.store.schema import is_new

STORED = Path(__file__).parent / "stored"
NAMES = [name for name, _ in STEPS]
_TABLES = "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'd\\_%' ESCAPE '\\'"
_OWN = ("_sqlite_migrations", "sqlite_sequence", "sqlite_stat1")  # of the libraries, which add to them


def rows(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Every row of every kept table by the names of its columns."""
    db = sqlite3.connect(path)
    db.row_factory = sqlite3.Row
    tables = [name for (name,) in db.execute(_TABLES) if name not in _OWN]
    found = {table: [dict(row) for row in db.execute(f"SELECT * FROM {table}")] for table in tables}
    db.close()
    return found


def stored(name: str, folder: Path) -> Path:
    """The file of a version."""
    path = folder / "shop.db"
    db = sqlite3.connect(path)
    assert is_new(db)
    db.executescript((STORED / f"{name}.sql").read_text(encoding="utf-8"))
    db.close()
    return path


def test_a_file_is_stored_of_every_version() -> None:
    """A new step stores one: `python -m tests.core.stored.make`."""
    assert sorted(path.stem for path in STORED.glob("*.sql")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_stored_file_opens_with_all_it_holds(name: str, tmp_path: Path, clock: Any) -> None:
    path = stored(name, tmp_path)
    before = rows(path)
    assert sum(map(len, before.values())) >= 10
    empty = {name for name, value in before["member"][0].items() if value in (None, "")}
    assert empty <= {"referrer_id", "archived_on", "merged_into", "erased_on"}
    with Shop.open(path, clock=clock) as shop:
        copies = [copy for copy in shop.backups.files() if copy.why == "migrate"]
        assert len(copies) == (0 if name == NAMES[-1] else 1)
    after = rows(path)
    values = 0
    for table, there in before.items():
        assert len(after[table]) == len(there), table
        for old, new in zip(there, after[table], strict=True):
            assert {column: new.get(column) for column in old} == old, table
            values += len(old)
    assert values >= 100
    for copy in copies:
        assert verify(copy.path) is not None
        assert rows(copy.path) == before
    with Shop.open(path, clock=clock) as shop:
        shop.start_day()
        assert shop.backups.check().sound
        card = shop.view().member(1)
        assert card is not None
        assert (card.name, card.no_message, card.no_sms) == ("ada.member.name", True, NAMES.index(name) < 2)
        assert len(card.sales) == len(card.visits) == 1
        assert shop.settings.get("loyal_min_purchases") == 4


@pytest.mark.parametrize("is_encrypted", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_a_stored_file_with_a_step_of_tomorrow_is_left_alone(
    name: str, is_encrypted: bool, tmp_path: Path, clock: Any
) -> None:
    path = stored(name, tmp_path)
    db = sqlite3.connect(path)
    db.execute("INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('shopcrm', 'm9999_tomorrow')")
    db.commit()
    db.close()
    if is_encrypted:
        rekeying.write_anew(path, tmp_path / "locked.db", keys.Key(bytes(32), bytes(range(16))))
        path = tmp_path / "locked.db"
        assert keys.is_encrypted(path)
    before = path.read_bytes()
    with pytest.raises(StoreError) as refused:
        Shop.open(path, clock=clock)
    assert refused.value.code == "too_new"
    assert path.read_bytes() == before
