"""What is left of a damaged file: every row on a page that is whole, in a file that is sound."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from shopcrm.basics.errors import Cancelled, Refusal, StoreError
from shopcrm.basics.progress import Progress
from shopcrm.basics.records import LineDraft, MemberDraft, MemberId, SaleDraft
from shopcrm.shop import Shop, backups
from shopcrm.shop.dump import dump
from shopcrm.store import keys, migrations, rekeying, schema
from shopcrm.store.connection import connect, faults
from shopcrm.store.pages import Pages
from shopcrm.store.whole_shop import KEPT
from tests.conftest import Clock

DAY = date(2026, 11, 21)
PAGE = 4096
KINDS = ("noise", "zeros", "ones", "cut", "header", "first", "shuffled", "many")


WORD = "liuxia-2026 Hema"
KEY = keys.Key(bytes(range(32)), bytes(range(40, 56)))


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in a program that opened the shop before: its key is known. Passwords are hardly stretched."""
    monkeypatch.setattr(keys, "_ROUNDS", 10)
    keys.remember(KEY)
    yield
    keys.forget()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop of many pages, with a history and a copy of it."""
    file = tmp_path_factory.mktemp("whole") / "shop.db"
    chance = random.Random(5)
    with Shop.open(file, clock=Clock()) as shop:
        shop.settings.begin("禾木衣坊", "林姐")
        field = shop.members.own.add("肤色").value
        with shop.store.write("import", None, shop.clock()) as tx:
            for n in range(400):
                member = tx.insert(
                    "member", name=f"会员{n}", notes="喜欢深色" * chance.randrange(9), gender="f",
                    referrer_id=n // 2 or None, created_at="2026-01-01 10:00:00",
                )  # fmt: skip
                tx.insert("phone", member_id=member, seq=0, typed=f"138 0000 {n:04}", key=f"1380000{n:04}")
                if n % 3 == 0:
                    tx.insert("own_value", member_id=member, field_id=field, value="白")
                for _ in range(chance.randrange(6)):
                    day = str(DAY - timedelta(days=chance.randrange(900)))
                    sale = tx.insert("sale", member_id=member, day=day)
                    for _ in range(chance.randrange(1, 4)):
                        tx.insert(
                            "line", sale_id=sale, item="衬衫", amount_fen=100 * chance.randrange(50, 900)
                        )
                if n % 4 == 0:
                    visit = tx.insert("visit", member_id=member, day=str(DAY), kind="tried", reasons="price")
                    tx.insert("fitting", visit_id=visit, item="大衣", size="M", liked=1)
                    tx.insert("wanted", member_id=member, day=str(DAY), item="大衣", state="open")
                if n % 5 == 0:
                    tx.insert("contact", member_id=member, day=str(DAY), channel="call", outcome="reached")
            long = tx.insert("member", name="很长", notes="一" * 9000)
            tx.insert("phone", member_id=long, seq=0, typed="138 0000 9999", key="13800009999")
        shop.start_day()
        for n in range(60):
            shop.counter.sell(SaleDraft(MemberId(n + 1), DAY, (LineDraft(30_000, "风衣"),)))
            shop.settings.set("tasks_per_day", 10 + n)
        shop.backups.now("by_hand")
    return file


@pytest.fixture(scope="module")
def encrypted(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same behind a password."""
    file = tmp_path_factory.mktemp("encrypted") / "shop.db"
    rekeying.write_anew(plain, file, KEY)
    return file


@pytest.fixture(params=["plain", "encrypted"])
def whole(request: pytest.FixtureRequest) -> Path:
    """Either: whatever is salvaged of the one is of the other."""
    return request.getfixturevalue(request.param)


def pages_of(file: Path) -> Pages:
    return Pages(file, keys.of(file))


def reading(file: Path) -> sqlite3.Connection:
    return connect(file, write=False)


def damage(content: bytes, kind: str, chance: random.Random) -> bytes:
    pages = len(content) // PAGE
    spoilt = bytearray(content)

    def over(page: int, new: bytes) -> None:
        spoilt[page * PAGE : (page + 1) * PAGE] = new

    if kind == "cut":
        return content[: chance.randrange(20 * PAGE, len(content))]
    if kind == "header":
        return chance.randbytes(100) + content[100:]
    if kind == "first":
        number = chance.randrange(1, 4)
        return chance.randbytes(PAGE * number) + content[PAGE * number :]
    if kind == "shuffled":
        one, other = chance.randrange(1, pages), chance.randrange(1, pages)
        over(one, content[other * PAGE : (other + 1) * PAGE])
    for page in chance.sample(range(1, pages), pages // 10 if kind == "many" else chance.randrange(1, 6)):
        over(page, {"zeros": b"\0" * PAGE, "ones": b"\xff" * PAGE}.get(kind) or chance.randbytes(PAGE))
    return bytes(spoilt)


def on_whole_pages(whole: Path, damaged: bytes) -> dict[str, set[int]]:
    """The rows of each kept table whose page is as it was."""
    content = whole.read_bytes()
    db = reading(whole)
    roots = dict(db.execute("SELECT name, rootpage FROM sqlite_master WHERE type = 'table'"))
    db.close()
    found: dict[str, set[int]] = {}
    with pages_of(whole) as pages:
        for table in KEPT:
            found[table.name] = set()
            for leaf in pages.leaves_below(roots[table.name]):
                at = slice((leaf - 1) * PAGE, leaf * PAGE)
                if content[at] == damaged[at]:
                    records, lost = pages.records(leaf)
                    assert not lost
                    found[table.name] |= {row for row, values in records if len(str(values)) < 3000}
    return found


def rows_of(file: Path, table: Any) -> dict[int, tuple[Any, ...]]:
    db = reading(file)
    plain = [column.id for column in table.columns if column.kind != "ref"]
    try:
        return {row[0]: row for row in db.execute(f"SELECT {','.join(plain)} FROM {table.name}")}
    finally:
        db.close()


def examine(whole: Path, damaged: Path, out: Path, clock: Clock) -> int:
    """Salvage, and compare with what lay on whole pages; how many rows there were."""
    spoilt = damaged.read_bytes()
    found = backups.salvage(damaged, out, clock)
    assert damaged.read_bytes() == spoilt
    assert {file.name for file in out.parent.iterdir()} == {damaged.name, out.name, out.name + ".lock"}
    assert keys.is_encrypted(out) is keys.is_encrypted(whole)
    with Shop.open(out, clock=clock) as shop:
        shop.start_day()
        assert shop.backups.check().sound, shop.backups.check().problems
        dump(shop.store.read())
        shop.members.save(MemberDraft(name="新来的"))
        assert shop.undo().entry is not None
    expected, seen = on_whole_pages(whole, spoilt), 0
    parents = {
        "line": ("sale", "sale_id"),
        "fitting": ("visit", "visit_id"),
        "own_value": ("own_field", "field_id"),
    }
    for table in KEPT:
        if table.name in (
            "task",
            "setting",
            "draw",
        ):  # the day went on with them
            continue
        before, after = rows_of(whole, table), rows_of(out, table)
        wanted = expected[table.name]
        if table.name in parents:
            parent, column = parents[table.name]
            there = rows_of(out, next(one for one in KEPT if one.name == parent))
            db = reading(whole)
            of = dict(db.execute(f"SELECT id, {column} FROM {table.name}"))
            db.close()
            wanted = {row for row in wanted if of[row] in there}
        missing = {row for row in wanted if after.get(row) != before[row]}
        assert not missing, (table.name, len(missing), len(wanted), sorted(missing)[:5])
        seen += len(wanted)
    assert found.members <= 402
    return seen


@pytest.mark.parametrize("kind", KINDS)
def test_every_row_on_a_whole_page_is_saved(whole: Path, tmp_path: Path, clock: Clock, kind: str) -> None:
    salvage_one(whole, tmp_path, clock, kind, 0)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_hundred_damaged_files_are_salvaged(whole: Path, tmp_path: Path, clock: Clock, kind: str) -> None:
    for seed in range(1, 14):
        folder = tmp_path / str(seed)
        folder.mkdir()
        salvage_one(whole, folder, clock, kind, seed)


def salvage_one(whole: Path, folder: Path, clock: Clock, kind: str, seed: int) -> None:
    damaged = folder / "damaged.db"
    damaged.write_bytes(damage(whole.read_bytes(), kind, random.Random(f"{kind} {seed}")))
    if not any(on_whole_pages(whole, damaged.read_bytes()).values()):
        with pytest.raises(Refusal) as refused:
            backups.salvage(damaged, folder / "new.db", clock)
        assert refused.value.code == "salvage_nothing"
        return
    assert examine(whole, damaged, folder / "new.db", clock) > 0


def test_a_sound_file_is_salvaged_whole(whole: Path, tmp_path: Path, clock: Clock) -> None:
    out = tmp_path / "new.db"
    found = backups.salvage(whole, out, clock)
    assert (found.nameless, dict(found.lost), found.pages) == (0, {}, 0)
    assert (found.history, found.trail) == (True, True)
    with Shop.open(whole, clock=clock) as before, Shop.open(out, clock=clock) as after:
        assert dump(after.store.read()) == dump(before.store.read())
        assert after.view().audit(1).lines[0].kind == "salvage"
        assert after.view().shop_key() == before.view().shop_key()  # its copies stay its own
        assert after.view().audit(1).fault is None
        last = "SELECT count(*), max(id) FROM journal_entry WHERE kind <> 'salvage'"
        assert after.store.read().one(last) == before.store.read().one(last)


@pytest.mark.parametrize("new", [b"\0" * PAGE, b"\xff" * PAGE])
def test_records_that_are_gone_with_their_page_are_told(
    whole: Path, tmp_path: Path, clock: Clock, new: bytes
) -> None:
    db = reading(whole)
    root = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'line'").fetchone()[0]
    lines = db.execute("SELECT count(*) FROM line").fetchone()[0]
    db.close()
    content = bytearray(whole.read_bytes())
    with pages_of(whole) as pages:
        page = pages.leaves_below(root)[1]
        gone = len(pages.records(page)[0])
    content[(page - 1) * PAGE : page * PAGE] = new
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(content)
    found = backups.salvage(damaged, tmp_path / "new.db", clock)
    assert gone > 10
    assert (found.lines, found.pages, dict(found.lost)) == (lines - gone, 1, {})


def test_who_lost_her_particulars_keeps_her_purchases(whole: Path, tmp_path: Path, clock: Clock) -> None:
    content = bytearray(whole.read_bytes())
    db = reading(whole)
    root = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'member'").fetchone()[0]
    db.close()
    with pages_of(whole) as pages:
        leaf = pages.leaves_below(root)[2]
        gone = [row for row, _ in pages.records(leaf)[0]]
    content[(leaf - 1) * PAGE : leaf * PAGE] = b"\0" * PAGE
    damaged, out = tmp_path / "damaged.db", tmp_path / "new.db"
    damaged.write_bytes(content)
    found = backups.salvage(damaged, out, clock)
    assert found.nameless == len(gone) > 5
    assert found.lost == {}
    assert (found.members, found.trail, found.history) == (401, True, True)
    with Shop.open(whole, clock=clock) as before, Shop.open(out, clock=clock) as after:
        after.start_day()
        for member in gone:
            old, new = before.view().member(MemberId(member)), after.view().member(MemberId(member))
            assert old is not None
            assert new is not None
            assert new.name == ""
            assert new.phones == old.phones
            assert new.sales == old.sales
            assert "没救出来" in new.notes
        assert after.backups.check().sum_fen == before.backups.check().sum_fen


def test_a_trail_is_kept_as_far_as_its_seals_hold(whole: Path, tmp_path: Path, clock: Clock) -> None:
    content = bytearray(whole.read_bytes())
    db = reading(whole)
    root = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'audit'").fetchone()[0]
    db.close()
    with pages_of(whole) as pages:
        leaves = pages.leaves_below(root)
        first = pages.records(leaves[1])[0][0][0]
    assert len(leaves) > 2
    content[(leaves[1] - 1) * PAGE : leaves[1] * PAGE] = b"\xff" * PAGE
    damaged, out = tmp_path / "damaged.db", tmp_path / "new.db"
    damaged.write_bytes(content)
    assert not backups.salvage(damaged, out, clock).trail
    with Shop.open(out, clock=clock) as shop:
        trail = shop.view().audit(1)
        assert (trail.fault, trail.n) == (None, first)
        assert (trail.lines[0].kind, trail.lines[0].what["trail"]) == ("salvage", "cut")
        with pytest.raises(faults(), match="stays"):
            shop.store.connection.execute("DELETE FROM audit")


def test_a_file_of_an_older_version_comes_out_as_one_of_this(tmp_path: Path, clock: Clock) -> None:
    for version in range(1, len(migrations.STEPS) + 1):
        damaged, out = tmp_path / f"old{version}.db", tmp_path / f"new{version}.db"
        db = sqlite3.connect(damaged, isolation_level=None)
        schema.migrate(db, version)
        db.execute("INSERT INTO member (name, no_message) VALUES ('甲', 1)")
        db.close()
        damaged.write_bytes(damaged.read_bytes()[:-PAGE])
        found = backups.salvage(damaged, out, clock)
        assert found.members == 1
        with Shop.open(out, clock=clock) as shop:
            assert shop.store.read().one("SELECT name, no_message FROM member") == ("甲", 1)


def test_where_nothing_is_left_nothing_is_made(tmp_path: Path, whole: Path, clock: Clock) -> None:
    damaged, out = tmp_path / "damaged.db", tmp_path / "new.db"
    for content in (b"", b"text", "名单".encode() * 3000, bytes(PAGE * 9), b"\xff" * PAGE * 9):
        damaged.write_bytes(content)
        with pytest.raises(Refusal) as refused:
            backups.salvage(damaged, out, clock)
        assert refused.value.code == "salvage_nothing"
    with pytest.raises(StoreError) as fault:
        backups.salvage(tmp_path / "nowhere.db", out, clock)
    assert fault.value.code == "cantopen"
    assert [file.name for file in tmp_path.iterdir()] == ["damaged.db"]
    out.write_bytes(b"something")
    with pytest.raises(StoreError):
        backups.salvage(whole, out, clock)
    assert out.read_bytes() == b"something"


def test_it_can_be_stopped(tmp_path: Path, whole: Path, clock: Clock) -> None:
    progress = Progress()
    progress.stop()
    with pytest.raises(Cancelled):
        backups.salvage(whole, tmp_path / "new.db", clock, progress)
    assert list(tmp_path.iterdir()) == []


def test_what_a_cut_off_write_left_is_taken_back(whole: Path, tmp_path: Path, clock: Clock) -> None:
    """A journal beside the damaged file belongs to it."""
    damaged = Path(shutil.copyfile(whole, tmp_path / "damaged.db"))
    db = connect(damaged, write=True)
    db.execute("PRAGMA cache_spill=ON")
    db.execute("PRAGMA cache_size=1")
    db.execute("BEGIN IMMEDIATE")
    db.execute("UPDATE member SET name = 'halb', notes = 'x'")
    kept = {file: file.read_bytes() for file in tmp_path.iterdir()}
    assert len(kept) == 2
    db.rollback()
    db.close()
    for file, content in kept.items():
        file.write_bytes(content)
    assert damaged.read_bytes() != whole.read_bytes()
    found = backups.salvage(damaged, tmp_path / "new.db", clock)
    assert found.members == 401
    assert {file: file.read_bytes() for file in kept} == kept
    with Shop.open(tmp_path / "new.db", clock=clock) as shop:
        assert shop.store.read().value("SELECT count(*) FROM member WHERE name = 'halb'") == 0


def test_what_was_salvaged_takes_the_place_of_the_damaged_file(
    whole: Path, tmp_path: Path, clock: Clock
) -> None:
    damaged = tmp_path / "shop" / "shop.db"
    damaged.parent.mkdir()
    damaged.write_bytes(damage(whole.read_bytes(), "ones", random.Random(1)))
    ruined = damaged.read_bytes()
    out = tmp_path / "new.db"
    backups.salvage(damaged, out, clock)
    done = backups.restore(damaged, out, clock)
    assert done.put_aside is not None
    assert done.put_aside.read_bytes() == ruined
    with Shop.open(damaged, clock=clock) as shop:
        assert shop.backups.check().sound


# -- an encrypted file: what opens it, and what is never taken for rows -------------------------------------


def only_what_was(whole: Path, out: Path) -> int:
    """No row of a person or a purchase that was not there before; how many are left."""
    left = 0
    for table in KEPT:
        if table.name in ("member", "phone", "sale", "line", "visit", "contact"):
            before, after = rows_of(whole, table), rows_of(out, table)
            named = {row: values for row, values in after.items() if "没救出来" not in str(values)}
            assert named.items() <= before.items(), table.name
            left += len(named)
    return left


@pytest.fixture
def locked(plain: Path, tmp_path: Path) -> Path:
    """An encrypted shop of its own password, as a program that does not know it finds it."""
    file = tmp_path / "shop" / "shop.db"
    file.parent.mkdir()
    key = keys.fresh(WORD)
    rekeying.write_anew(plain, file, key)
    keys.forget()
    return file


def spoil(file: Path, first: int, new: bytes) -> bytes:
    content = bytearray(file.read_bytes())
    content[first : first + len(new)] = new
    file.write_bytes(content)
    return bytes(content)


def refusal(damaged: Path, out: Path, clock: Clock, word: str) -> str:
    with pytest.raises(Refusal) as refused:
        backups.salvage(damaged, out, clock, password=word)
    assert not out.exists()
    assert not list(out.parent.glob(".*"))
    return refused.value.code


def test_an_encrypted_file_wants_its_password_or_recovery_key(
    locked: Path, tmp_path: Path, clock: Clock
) -> None:
    recovery = keys.candidate(locked, WORD).recovery
    spoil(locked, 9 * PAGE, b"\xff" * PAGE)
    noise = locked.read_bytes()[12 * PAGE + 1000]
    spoil(locked, 12 * PAGE + 1000, bytes([noise ^ 1]))  # one bit: the seal of that page does not hold
    out = tmp_path / "new.db"
    assert refusal(locked, out, clock, "") == "shop_locked"
    assert refusal(locked, out, clock, WORD.lower()) == "shop_password_or_damage"
    found = backups.salvage(locked, out, clock, password=WORD)
    assert found.pages == 2
    assert found.members > 300
    keys.forget()
    assert backups.salvage(locked, tmp_path / "too.db", clock, password=recovery).rows == found.rows
    for word in (WORD, recovery):
        keys.forget()
        Shop.open(out, clock=clock, password=word).close()
    assert b"SQLite format" not in out.read_bytes()


def test_no_page_is_written_down_in_clear_meanwhile(locked: Path, tmp_path: Path, clock: Clock) -> None:
    """Looked at whenever something is told of how far it is."""
    spoil(locked, 9 * PAGE, b"\xff" * PAGE)
    looked: set[str] = set()

    class Looking(Progress):
        def step(self, done: int, total: int, what: str) -> None:
            for file in tmp_path.rglob("*"):
                if file.is_file():
                    content = file.read_bytes()
                    looked.add(file.name)
                    for secret in (b"1380000", "会员".encode(), b"CREATE TABLE", b"SQLite format"):
                        assert secret not in content, file.name

    backups.salvage(locked, tmp_path / "new.db", clock, Looking(), WORD)
    assert looked >= {".new.db.damaged", ".new.db.part"}


@pytest.mark.parametrize("spoilt", [16, PAGE, 3 * PAGE])
def test_a_beginning_that_is_gone_is_made_up_for_by_a_copy(
    locked: Path, tmp_path: Path, clock: Clock, spoilt: int
) -> None:
    with Shop.open(locked, clock=clock, password=WORD) as shop:
        shop.backups.now("by_hand")
    keys.forget()
    spoil(locked, 0, random.Random(1).randbytes(spoilt))
    assert refusal(locked, tmp_path / "new.db", clock, "wrong word") == "shop_password_or_damage"
    with pytest.raises(StoreError) as told:  # the password is right, and the file is damaged: that is known
        Shop.open(locked, clock=clock, password=WORD)
    assert told.value.code == "corrupt"
    found = backups.salvage(locked, tmp_path / "new.db", clock)
    assert found.members > 300
    done = backups.restore(locked, tmp_path / "new.db", clock)
    assert (done.put_aside is not None) is (spoilt > 16)  # with nothing but the salt gone it can be read
    keys.forget()
    with Shop.open(locked, clock=clock, password=WORD) as shop:
        assert shop.backups.check().sound


def test_without_a_copy_a_recovery_key_still_reads_and_a_password_does_not(
    locked: Path, plain: Path, tmp_path: Path, clock: Clock
) -> None:
    recovery, salt = keys.candidate(locked, WORD).recovery, keys.salt_of(locked)
    chance = random.Random(2)
    spoil(locked, 0, chance.randbytes(PAGE))
    for page in chance.sample(range(1, locked.stat().st_size // PAGE), 12):  # garbled in the middle
        spoil(locked, page * PAGE + 1500, chance.randbytes(chance.choice((1, 40, PAGE - 1500))))
    assert refusal(locked, tmp_path / "new.db", clock, WORD) == "shop_password_or_damage"
    with pytest.raises(Refusal) as refused:
        Shop.open(locked, clock=clock, password=WORD)
    assert refused.value.code == "shop_password_or_damage"
    other = keys.Key(bytes(32), b"").recovery
    assert refusal(locked, tmp_path / "new.db", clock, other) == "shop_password_or_damage"
    out = tmp_path / "new.db"
    backups.salvage(locked, out, clock, password=recovery)
    assert only_what_was(plain, out) > 1000
    assert keys.salt_of(out) != salt
    keys.forget()
    with Shop.open(out, clock=clock, password=recovery) as shop:
        assert shop.backups.check().sound


def test_nothing_garbled_is_taken_for_rows(locked: Path, plain: Path, tmp_path: Path, clock: Clock) -> None:
    chance = random.Random(3)
    for page in range(1, locked.stat().st_size // PAGE):
        if page % 3:
            spoil(locked, page * PAGE + chance.randrange(PAGE), chance.randbytes(1))
    out = tmp_path / "new.db"
    backups.salvage(locked, out, clock, password=WORD)
    assert 100 < only_what_was(plain, out) < 3000


def test_a_cut_encrypted_file_is_known_for_what_it_was(locked: Path, tmp_path: Path, clock: Clock) -> None:
    locked.write_bytes(locked.read_bytes()[: -20 * PAGE - 77])
    assert refusal(locked, tmp_path / "new.db", clock, "") == "shop_locked"
    assert backups.salvage(locked, tmp_path / "new.db", clock, password=WORD).members > 300
