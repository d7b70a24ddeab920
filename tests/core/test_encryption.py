"""A data file behind a password: what opens it, what does not, and that nothing is lost on the way there and
back."""

from __future__ import annotations

import io
import os
import random
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopcrm.basics.errors import Cancelled, InputError, Refusal, StoreError
from shopcrm.basics.progress import Progress
from shopcrm.basics.records import MemberDraft, MemberId
from shopcrm.shop import Shop, backups, encryption
from shopcrm.shop.backups import damage_of, restore
from shopcrm.shop.dump import dump
from shopcrm.store import backup, keys, migrations, rekeying, schema
from shopcrm.store.connection import connect
from tests.conftest import Clock

WORD, OTHER = "liuxia-2026 Hema", "qiutian laile 77"
PHONE, NAME = "13800001234", "林小暖"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Passwords stretched a little only, which is not what is tested; every test begins without keys."""
    monkeypatch.setattr(keys, "_ROUNDS", 10)
    keys.forget()
    yield
    keys.forget()


@pytest.fixture
def file(tmp_path: Path, clock: Clock) -> Path:
    """A shop of two members, not encrypted."""
    file = tmp_path / "shop" / "shop.db"
    with Shop.open(file, clock=clock) as shop:
        shop.members.save(MemberDraft(name=NAME, phones=((PHONE, PHONE),)))
        shop.members.save(MemberDraft(name="王丽"))
        shop.start_day()
    return file


@pytest.fixture
def locked(file: Path, clock: Clock) -> Path:
    """The same, encrypted, and nobody has said the password yet."""
    encryption.encrypt(file, WORD, clock)
    encryption.remove_plain_copies(file)
    keys.forget()
    return file


def whole(file: Path, clock: Clock, word: str = "") -> dict[str, Any]:
    with Shop.open(file, clock=clock, password=word) as shop:
        assert shop.backups.check().sound
        return dump(shop.store.read())


def names(file: Path, clock: Clock, word: str = "") -> list[str]:
    return [member["name"] for member in whole(file, clock, word)["members"]]


def refusal(file: Path, clock: Clock, word: str = "") -> str:
    with pytest.raises(Refusal) as told:
        Shop.open(file, clock=clock, password=word)
    return told.value.code


def readable(folder: Path) -> list[str]:
    """The files in which something of the shop can be read."""
    secrets = (PHONE.encode(), NAME.encode(), b"CREATE TABLE", b"SQLite format")
    return [
        path.name
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(secret in path.read_bytes() for secret in secrets)
    ]


def test_another_file_of_noise_is_not_taken_for_an_encrypted_shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An Excel file or a copy of as many bytes as whole pages: to ask for its password would mislead."""
    noise = random.Random(4).randbytes(3 * 4096)
    other = tmp_path / "other.db"
    other.write_bytes(noise)
    assert keys.is_encrypted(other)
    for beginning in (b"PK\3\4", b"Rar!", b"7z\xbc\xaf", b"\x89PNG", b"%PDF"):
        other.write_bytes(beginning + noise[len(beginning) :])
        assert not keys.is_encrypted(other)
    drawn = iter((b"PK\3\4" + noise[:12], noise[:16]))
    monkeypatch.setattr(keys.os, "urandom", lambda _: next(drawn))
    assert keys.fresh(WORD).salt == noise[:16]


# -- what opens it -------------------------------------------------------------------------------------------


def test_password_and_recovery_key_open_it_and_nothing_else_does(file: Path, clock: Clock) -> None:
    before = whole(file, clock)
    done = encryption.encrypt(file, WORD, clock)
    assert encryption.is_encrypted(file)
    assert whole(file, clock) == before  # while the program runs
    keys.forget()
    content = file.read_bytes()
    assert refusal(file, clock) == "shop_locked"
    wrong = (WORD.lower(), WORD + " ", WORD[:-1], OTHER, "x", done.recovery[:-1], done.recovery[5:] + "-0000")
    for word in wrong:
        assert refusal(file, clock, word) == "shop_password_wrong"
    assert file.read_bytes() == content
    assert whole(file, clock, WORD) == before
    keys.forget()
    typed = done.recovery.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert whole(file, clock, typed) == before
    assert encryption.recovery_of(file) == done.recovery


def test_nothing_can_be_read_in_it_nor_beside_it(file: Path, clock: Clock) -> None:
    encryption.encrypt(file, WORD, clock)
    assert readable(file.parent) == ["shop-20261121-100000-rekey.db"]  # as it was: said, and offered to go
    assert [path.name for path in encryption.plain_copies(file)] == readable(file.parent)
    assert encryption.remove_plain_copies(file) == 1
    with Shop.open(file, clock=clock) as shop:
        shop.backups.now("by_hand")
        with shop.store.write("member.add", None, clock()) as tx:
            for number in range(400):  # enough that the journal is written before the commit
                tx.insert("member", name=f"{NAME}{number}", notes="x" * 2000)
            shop.store.connection.execute("PRAGMA cache_spill=ON")
            tx.insert("member", name=NAME)
            assert readable(file.parent) == []
        shop.members.erase(MemberId(1))
        assert readable(file.parent) == []
    assert readable(file.parent) == []
    assert encryption.plain_copies(file) == ()


def test_programs_that_know_such_files_open_it_with_the_password(
    file: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With nothing but the password and the settings SQLCipher 4 has by itself."""
    import sqlcipher3.dbapi2 as library

    monkeypatch.undo()
    encryption.encrypt(file, WORD, clock)
    db = library.connect(str(file))
    db.execute("PRAGMA cipher_log_level=NONE")
    db.execute(f"PRAGMA key='{WORD}'")
    assert db.execute("SELECT name FROM member ORDER BY id").fetchall() == [(NAME,), ("王丽",)]
    db.close()


def test_an_unfit_password_changes_nothing(file: Path, clock: Clock) -> None:
    before = file.read_bytes()
    for word in ("", "1234567", "密码密码密码密码"):
        with pytest.raises(InputError):
            encryption.encrypt(file, word, clock)
    assert file.read_bytes() == before
    assert not (file.parent / "backups").exists()


def test_a_second_start_calls_the_first_and_asks_nobody(locked: Path, clock: Clock) -> None:
    with Shop.open(locked, clock=clock, password=WORD):
        keys.forget()
        with pytest.raises(StoreError) as told:
            Shop.open(locked, clock=clock)
        assert told.value.code == "second_copy"
        with pytest.raises(StoreError) as told:
            encryption.encrypt(locked, OTHER, clock)
        assert told.value.code == "second_copy"


def test_it_opens_where_a_write_was_cut_off(locked: Path, tmp_path: Path, clock: Clock) -> None:
    """With a journal beside it that has to be played back first, also by who does not know the word yet."""
    before = whole(locked, clock, WORD)
    cut_off = tmp_path / "cut" / "shop.db"
    cut_off.parent.mkdir()
    with Shop.open(locked, clock=clock) as shop:
        shop.store.connection.execute("PRAGMA cache_size=10")
        shop.store.connection.execute("PRAGMA cache_spill=ON")
        with shop.store.write("member.add", None, clock()) as tx:
            tx.insert("member", name="x" * 3000)
            for _ in range(300):
                tx.insert("member", name="x" * 3000)
            for name in ("shop.db", "shop.db-journal"):
                shutil.copyfile(locked.with_name(name), cut_off.with_name(name))
    keys.forget()
    assert cut_off.read_bytes() != locked.read_bytes()
    with pytest.raises(Refusal) as told:
        encryption.unlock(cut_off, OTHER)
    assert told.value.code == "shop_password_or_damage"  # no copy of it is beside it
    assert whole(cut_off, clock, WORD) == before


# -- another password, and none ------------------------------------------------------------------------------


def test_another_password_takes_the_place_of_the_first(locked: Path, clock: Clock) -> None:
    with pytest.raises(Refusal) as told:
        encryption.encrypt(locked, OTHER, clock)
    assert told.value.code == "shop_locked"
    encryption.unlock(locked, WORD)
    first = encryption.recovery_of(locked)
    second = encryption.encrypt(locked, OTHER, clock)
    assert second.recovery != first
    keys.forget()
    assert refusal(locked, clock, WORD) == "shop_password_wrong"
    assert refusal(locked, clock, first) == "shop_password_wrong"
    assert names(locked, clock, OTHER) == [NAME, "王丽"]
    keys.forget()
    assert names(second.before.path, clock, WORD) == [NAME, "王丽"]  # a copy keeps the password of its day
    keys.forget()
    assert names(second.after.path, clock, OTHER) == [NAME, "王丽"]


def test_taken_off_it_opens_without(locked: Path, clock: Clock) -> None:
    before = whole(locked, clock, WORD)
    done = encryption.decrypt(locked, clock)
    assert done.recovery == ""
    keys.forget()
    assert whole(locked, clock) == before
    db = sqlite3.connect(locked)
    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    db.close()
    with pytest.raises(Refusal) as told:
        encryption.decrypt(locked, clock)
    assert told.value.code == "not_encrypted"
    with pytest.raises(Refusal) as told:
        encryption.remove_plain_copies(locked)
    assert told.value.code == "not_encrypted"
    assert len(encryption.plain_copies(locked)) == 1


def test_no_room_for_the_copy_of_the_new_file_is_no_failure(
    file: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, made = backup.make_backup, []

    def full(*args: Any, **more: Any) -> Any:
        if made:
            raise StoreError("full")
        made.append(make(*args, **more))
        return made[0]

    monkeypatch.setattr(backup, "make_backup", full)
    done = encryption.encrypt(file, WORD, clock)
    assert (done.before, done.after) == (made[0], None)
    keys.forget()
    assert names(file, clock, done.recovery) == [
        NAME,
        "王丽",
    ]  # who was told of a fault would not have that key


def test_only_what_is_this_shops_is_deleted(file: Path, clock: Clock) -> None:
    other = file.with_name("shop-east.db")
    with Shop.open(other, clock=clock) as shop:
        shop.members.save(MemberDraft(name=NAME))
    stranger = file.parent / "elsewhere" / file.name
    with Shop.open(stranger, clock=clock) as shop:
        shop.members.save(MemberDraft(name=NAME))
        theirs = shop.backups.now("by_hand", file.parent / "backups").path
    aside = file.with_name("shop-damaged-20261121-100000.db")
    half = file.parent / "backups" / ".shop-20261121-090000-day.db.part"
    for left in (aside, file.with_name(aside.name + "-journal"), half):
        left.write_bytes(b"SQLite format 3\0" + NAME.encode())
    encryption.encrypt(file, WORD, clock)
    assert encryption.remove_plain_copies(file) == 4  # with the copy of what it was
    assert (other.exists(), theirs.exists(), aside.exists(), half.exists()) == (True, True, False, False)
    shutil.rmtree(stranger.parent)
    theirs.unlink()
    other.unlink()
    assert readable(file.parent) == []


def test_readable_copies_in_the_second_place_are_told_of(
    file: Path, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "is_same_disk", lambda one, other: False)
    stick = tmp_path / "stick"
    stick.mkdir()
    with Shop.open(file, clock=clock) as shop:
        shop.settings.set("backup.second", True)
        shop.backups.choose_second(stick)
        assert shop.backups.keep_up()
    encryption.encrypt(file, WORD, clock)
    assert len(readable(stick)) == 1
    assert {path.parent for path in encryption.plain_copies(file)} == {stick, file.parent / "backups"}
    encryption.remove_plain_copies(file)
    assert readable(tmp_path) == []


def test_the_trail_tells_of_it(file: Path, clock: Clock) -> None:
    encryption.encrypt(file, WORD, clock)
    encryption.encrypt(file, OTHER, clock)
    encryption.decrypt(file, clock)
    with Shop.open(file, clock=clock) as shop:
        view = shop.view()
        trail = view.audit(10)
        view.close()
    assert trail.fault is None
    assert [line.kind for line in trail.lines][:3] == ["shop.decrypt", "shop.password", "shop.encrypt"]


def test_every_row_comes_over(shop_file: Path, clock: Clock) -> None:
    """Deleted rows, gaps, large numbers, empty and odd texts; the words that find members, too."""
    chance = random.Random(7)
    with Shop.open(shop_file, clock=clock) as shop, shop.store.write("import", None, clock()) as tx:
        for number in range(500):
            member = tx.insert("member", name=f"会员{number}\x07'\"", notes="\u2028" * (number % 3))
            sale = tx.insert("sale", member_id=member, day="2026-11-20")
            tx.insert("line", sale_id=sale, amount_fen=chance.choice((-(2**52), 2**52, 0, 1)))
    with Shop.open(shop_file, clock=clock) as shop:
        shop.start_day()
        before = shop.store.read().all("SELECT * FROM d_search ORDER BY 1, 2, 3")
    encryption.encrypt(shop_file, WORD, clock)
    with Shop.open(shop_file, clock=clock) as shop:
        assert shop.store.read().all("SELECT * FROM d_search ORDER BY 1, 2, 3") == before
        assert shop.store.read().value("SELECT count(DISTINCT amount_fen) FROM line") == 4


def test_what_did_not_come_over_is_noticed(file: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    before = file.read_bytes()
    compare, lost = rekeying._compare, [""]

    def losing(db: Any, tables: list[str], progress: Progress, target: Path) -> None:
        db.execute(lost[0])
        compare(db, tables, progress, target)

    monkeypatch.setattr(rekeying, "_compare", losing)
    for lost[0] in (
        "DELETE FROM other.member WHERE id = 2",
        "UPDATE other.member SET notes = 'x' WHERE id = 1",
        "INSERT INTO other.member (name) VALUES ('x')",
        "CREATE TABLE other.more (id INTEGER)",
    ):
        with pytest.raises(StoreError) as told:
            encryption.encrypt(file, WORD, clock)
        assert told.value.code == "backup_bad"
        assert file.read_bytes() == before
        assert not list(file.parent.glob(".*"))


@pytest.mark.parametrize("at", [0, 1, 20])
def test_it_can_be_stopped(file: Path, clock: Clock, at: int) -> None:
    class Stopping(Progress):
        def step(self, done: int, total: int, what: str) -> None:
            if what == "progress.rekey" and done == at:
                self.stop()
            super().step(done, total, what)

    before = file.read_bytes()
    with pytest.raises(Cancelled):
        encryption.encrypt(file, WORD, clock, Stopping())
    assert file.read_bytes() == before
    assert not list(file.parent.glob(".*"))


def test_a_full_disk_changes_nothing(file: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    before = file.read_bytes()
    monkeypatch.setattr("shopcrm.store.rekeying.os.fsync", full)
    with pytest.raises(StoreError) as told:
        encryption.encrypt(file, WORD, clock)
    assert told.value.code == "full"
    assert file.read_bytes() == before
    assert not list(file.parent.glob(".*"))


def test_a_damaged_file_is_not_rewritten(file: Path, clock: Clock) -> None:
    content = file.read_bytes()
    file.write_bytes(content[:8192] + b"\xff" * 8192 + content[16384:])
    damaged = file.read_bytes()
    with pytest.raises(StoreError) as told:
        encryption.encrypt(file, WORD, clock)
    assert told.value.code == "corrupt"
    assert file.read_bytes() == damaged


def test_halves_a_killed_program_left_are_gone_with_the_next_start(locked: Path, clock: Clock) -> None:
    for ending in ("rekey", "restore", "unsealed"):
        locked.with_name(f".shop.db.{ending}").write_bytes(PHONE.encode())
    Shop.open(locked, clock=clock, password=WORD).close()
    assert readable(locked.parent) == []
    assert not list(locked.parent.glob(".*"))


# -- copies --------------------------------------------------------------------------------------------------


def test_a_copy_is_as_encrypted_as_the_shop_and_comes_back(locked: Path, clock: Clock) -> None:
    with Shop.open(locked, clock=clock, password=WORD) as shop:
        made = shop.backups.now("by_hand").path
        clock.now += timedelta(minutes=1)
        shop.members.save(MemberDraft(name="后来的"))
        assert shop.backups.look(made) == (shop.backups.look(made)[0], {"member.add": 1})
    assert encryption.is_encrypted(made)
    assert restore(locked, made, clock).counts.members == 2
    assert names(locked, clock) == [NAME, "王丽"]
    assert readable(locked.parent) == []


def test_a_copy_from_before_comes_back_behind_the_password_of_today(file: Path, clock: Clock) -> None:
    with Shop.open(file, clock=clock) as shop:
        plain = shop.backups.now("by_hand").path
    encryption.encrypt(file, WORD, clock)
    assert restore(file, plain, clock).counts.members == 2
    keys.forget()
    assert refusal(file, clock) == "shop_locked"
    assert names(file, clock, WORD) == [NAME, "王丽"]
    older = encryption.encrypt(file, OTHER, clock).before.path
    keys.forget()
    encryption.unlock(file, OTHER)
    with pytest.raises(Refusal) as told:
        restore(file, older, clock)
    assert told.value.code == "shop_locked"
    assert restore(file, older, clock, password=WORD).counts.members == 2
    keys.forget()
    assert names(file, clock, OTHER) == [NAME, "王丽"]


def test_on_another_computer_a_copy_keeps_its_password(locked: Path, tmp_path: Path, clock: Clock) -> None:
    with Shop.open(locked, clock=clock, password=WORD) as shop:
        made = shop.backups.now("by_hand", tmp_path / "stick").path
        sealed = shop.backups.carry(tmp_path / "stick", OTHER)
    keys.forget()
    new = tmp_path / "new" / "shop.db"
    for word, code in (("", "shop_locked"), (OTHER, "shop_password_wrong")):
        with pytest.raises(Refusal) as told:
            restore(new, made, clock, password=word)
        assert told.value.code == code
    assert not new.exists()
    restore(new, made, clock, password=WORD)
    keys.forget()
    assert names(new, clock, WORD) == [NAME, "王丽"]
    new.unlink()
    restore(new, sealed, clock, password=OTHER)  # its key is still known
    assert encryption.is_encrypted(new)
    assert readable(new.parent) == []


def test_a_sealed_copy_of_an_encrypted_shop_needs_both_passwords(
    locked: Path, tmp_path: Path, clock: Clock
) -> None:
    with Shop.open(locked, clock=clock, password=WORD) as shop:
        sealed = shop.backups.carry(tmp_path / "stick", OTHER)
    recovery = encryption.recovery_of(locked)
    new = tmp_path / "new" / "shop.db"
    for word, inner, code in (
        ("", "", "sealed_needs"), (WORD, OTHER, "password_wrong"), (OTHER, "", "inner_needs"),
        (OTHER, OTHER, "inner_wrong"), (OTHER, WORD.lower(), "inner_wrong"),
    ):  # fmt: skip
        keys.forget()
        with pytest.raises(Refusal) as told:
            restore(new, sealed, clock, password=word, inner=inner)
        assert told.value.code == code
        assert sealed.name in told.value.sentence
        assert not list(new.parent.glob("*"))
    for inner in (WORD, recovery):
        keys.forget()
        assert restore(new, sealed, clock, password=OTHER, inner=inner).counts.members == 2
        assert readable(new.parent) == []
        keys.forget()
        assert names(new, clock, WORD) == [NAME, "王丽"]
    with Shop.open(tmp_path / "other.db", clock=clock) as shop:  # what the window asks before it restores
        keys.forget()
        assert shop.backups.look(sealed, OTHER, WORD)[0].members == 2
        assert shop.backups.look(sealed, OTHER)[0].members == 2  # known from then on


def test_where_the_password_is_lost_a_copy_still_comes_back(file: Path, tmp_path: Path, clock: Clock) -> None:
    with Shop.open(file, clock=clock) as shop:
        plain = shop.backups.now("by_hand").path
    encryption.encrypt(file, WORD, clock)
    keys.forget()
    content = file.read_bytes()
    done = restore(file, plain, clock)
    assert done.saved is None
    assert done.put_aside is not None
    assert done.put_aside.read_bytes() == content  # for the day it is remembered
    assert names(file, clock) == [NAME, "王丽"]
    assert names(done.put_aside, clock, WORD) == [NAME, "王丽"]


_MADE: list[tuple[Path, Path, bytes, bytes]] = []


@pytest.fixture(scope="module", autouse=True)
def _made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    live = tmp_path_factory.mktemp("encrypted") / "shop.db"
    with pytest.MonkeyPatch.context() as quickly:
        quickly.setattr(keys, "_ROUNDS", 10)
        with Shop.open(live, clock=Clock()) as shop:
            shop.members.save(MemberDraft(name=NAME, phones=((PHONE, PHONE),)))
        copy = encryption.encrypt(live, WORD, Clock()).after.path
    loose = live.with_name("loose.db")  # carried away without its checksum
    shutil.copyfile(copy, loose)
    _MADE.append((live, loose, loose.read_bytes(), live.read_bytes()))
    yield
    _MADE.clear()


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_an_encrypted_copy_that_is_not_what_it_was_is_refused(data: st.DataObject) -> None:
    """QUALITY G13: the wrong or an empty password, a flipped byte, a cut, another file."""
    live, loose, content, before = _MADE[0]
    how = data.draw(st.sampled_from(["empty", "wrong", "flip", "flip", "flip", "cut", "longer", "other"]))
    place = data.draw(st.integers(0, len(content) - 1))
    word, bad = WORD, content
    if how == "empty":
        word = ""
    elif how == "wrong":
        word = data.draw(st.text(max_size=30).filter(lambda other: other not in ("", WORD)))
    elif how == "flip":
        flipped = content[place] ^ (1 << data.draw(st.integers(0, 7)))
        bad = content[:place] + bytes([flipped]) + content[place + 1 :]
    elif how == "cut":
        bad = content[:place]
    elif how == "longer":
        bad = content + b"\0" * data.draw(st.integers(1, 4096))
    else:
        bad = data.draw(st.sampled_from([b"", b"SQLite format 3\0" + content[16:], "名单".encode()]))
    loose.write_bytes(bad)
    keys.forget()
    try:
        with pytest.raises(Refusal) as told:
            restore(live, loose, Clock(), password=word)
        assert told.value.code in ("shop_locked", "shop_password_wrong", "notadb", "backup_bad")
        assert live.read_bytes() == before
    finally:
        loose.write_bytes(content)


# -- damage --------------------------------------------------------------------------------------------------


def test_a_damaged_page_is_told_and_not_written_on(locked: Path, clock: Clock) -> None:
    encryption.unlock(locked, WORD)
    content = locked.read_bytes()
    assert damage_of(locked, lambda: False) is None
    at = len(content) * 2 // 3  # a page that is not read at the opening
    locked.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    assert damage_of(locked, lambda: False) is not None
    db = connect(locked, write=True)
    db.close()
    with Shop.open(locked, clock=clock) as shop:
        assert not shop.backups.check().sound
    locked.write_bytes(content[: 4096 * 20])
    with pytest.raises(StoreError) as told:
        Shop.open(locked, clock=clock)
    assert told.value.code == "corrupt"


def test_noise_is_told_from_a_broken_shop(file: Path, locked: Path, tmp_path: Path, clock: Clock) -> None:
    chance = random.Random(3)
    assert keys.is_encrypted(locked)
    plain = tmp_path / "plain.db"
    with Shop.open(plain, clock=clock) as shop:
        shop.members.save(MemberDraft(name=NAME))
    content = plain.read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a", chance.randbytes(50_001))
    for broken in (
        b"", b"x" * 4096, "名单".encode() * 4096, chance.randbytes(4096) + content[4096:],
        b"\0" * len(content), chance.randbytes(4095), packed.getvalue(), content,
    ):  # fmt: skip
        plain.write_bytes(broken)
        assert not keys.is_encrypted(plain)
    sound = locked.read_bytes()
    for broken in (sound[:4096] + b"\0" * 4096 + sound[8192:], b"\0" * 4096 + sound[4096:]):
        plain.write_bytes(broken)
        assert keys.is_encrypted(plain)
    cut_off = sound + b"\0" * 4096 * 900 + b"x" * 77  # an import had begun to make it longer
    plain.write_bytes(cut_off)
    assert not keys.is_encrypted(plain)
    journal = plain.with_name(plain.name + "-journal")
    before = (len(sound) // 4096).to_bytes(4, "big")
    journal.write_bytes(bytes.fromhex("d9d505f920a163d7") + bytes(8) + before + bytes(500))
    assert keys.is_encrypted(plain)
    plain.write_bytes(content)
    assert not keys.is_encrypted(plain)
    journal.unlink()
    assert not keys.is_encrypted(tmp_path)
    assert not keys.is_encrypted(tmp_path / "nothing.db")


def test_an_encrypted_file_that_is_no_shop_is_refused(tmp_path: Path, clock: Clock) -> None:
    other = tmp_path / "songs.db"
    db = sqlite3.connect(other)
    db.execute("CREATE TABLE song (id INTEGER PRIMARY KEY, name TEXT)")
    db.executemany("INSERT INTO song (name) VALUES (?)", [("x" * 500,)] * 100)
    db.commit()
    db.close()
    locked = tmp_path / "locked.db"
    rekeying.write_anew(other, locked, keys.fresh(WORD))
    with pytest.raises(StoreError) as told:
        Shop.open(locked, clock=clock)
    assert told.value.code == "notadb"
    db = connect(locked, write=True)
    db.execute("PRAGMA user_version=999")
    db.close()
    with pytest.raises(StoreError) as told:
        Shop.open(locked, clock=clock)
    assert told.value.code == "too_new"


@pytest.mark.parametrize("steps", range(1, len(migrations.STEPS)))
def test_an_older_encrypted_file_is_brought_up_to_date_behind_a_copy(
    tmp_path: Path, clock: Clock, steps: int
) -> None:
    plain, file = tmp_path / "old.db", tmp_path / "shop" / "shop.db"
    file.parent.mkdir()
    with pytest.MonkeyPatch.context() as older:
        older.setattr(schema, "STEPS", migrations.STEPS[:steps])
        db = sqlite3.connect(plain, isolation_level=None)
        schema.migrate(db)
        db.execute("INSERT INTO member (name) VALUES ('甲')")
        db.close()
    rekeying.write_anew(plain, file, keys.fresh(WORD))
    keys.forget()
    assert names(file, clock, WORD) == ["甲"]
    with Shop.open(file, clock=clock) as shop:
        (copy,) = shop.backups.files()
    assert copy.why == "migrate"
    assert encryption.is_encrypted(copy.path)


# -- the recovery key ----------------------------------------------------------------------------------------


@given(st.binary(min_size=32, max_size=32), st.data())
def test_a_recovery_key_is_read_as_it_was_printed_and_a_slip_is_noticed(
    raw: bytes, data: st.DataObject
) -> None:
    text = keys.Key(raw, b"").recovery
    assert len(text.replace("-", "")) == 56
    assert not set(text) & set("OILU")
    assert keys._read_recovery(text) == raw
    assert keys._read_recovery(f"  {text.lower().replace('-', ' ')}\n") == raw
    place = data.draw(st.integers(0, len(text) - 1).filter(lambda at: text[at] != "-"))
    letter = data.draw(st.sampled_from(keys._LETTERS).filter(lambda other: other != text[place]))
    assert keys._read_recovery(text[:place] + letter + text[place + 1 :]) != raw
    assert keys._read_recovery(text[:-1]) is None


def test_no_key_and_no_password_is_written_anywhere(file: Path, clock: Clock) -> None:
    done = encryption.encrypt(file, WORD, clock)
    raw = keys.of(file)
    assert raw is not None
    for path in file.parent.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for secret in (WORD.encode(), raw.raw, raw.raw.hex().encode(), done.recovery.encode()):
                assert secret not in content, path
    assert WORD not in os.environ.values()
