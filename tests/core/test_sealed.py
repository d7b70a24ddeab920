"""Copies and lists behind a password (QUALITY G13): only the password opens them, and nobody reads a byte."""

from __future__ import annotations

import errno
import io
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopcrm.basics.errors import Cancelled, InputError, Refusal, StoreError
from shopcrm.basics.passwords import LEAST, strength
from shopcrm.basics.progress import Progress
from shopcrm.basics.records import MemberDraft, Query, VisitDraft
from shopcrm.shop import Shop, arrivals
from shopcrm.shop.backups import restore
from shopcrm.shop.dump import dump
from shopcrm.shop.homecoming import HomePlan
from shopcrm.shop.imports import ImportPlan
from shopcrm.shop.moving import MovePlan
from shopcrm.store import sealed
from tests.conftest import Clock

WORD = "liuxia-2026 Hema"
PHONE, NAME = "13800001234", "林小暖"


@pytest.fixture
def data_file(tmp_path: Path) -> Path:
    return tmp_path / "shop" / "shop.db"


@pytest.fixture
def shop(data_file: Path, clock: Clock) -> Iterator[Shop]:
    with Shop.open(data_file, clock=clock) as opened:
        opened.members.save(MemberDraft(name=NAME, phones=((PHONE, PHONE),)))
        yield opened


def whole(file: Path, clock: Clock) -> dict[str, Any]:
    with Shop.open(file, clock=clock) as shop:
        return dump(shop.store.read())


def refused(code: str, file: Path, word: str) -> None:
    with pytest.raises(Refusal) as told:
        sealed.unseal(file, word, io.BytesIO())
    assert told.value.code == code


def test_a_full_disk_is_no_wrong_password(shop: Shop, tmp_path: Path) -> None:
    class Full(io.BytesIO):
        def write(self, part: Any) -> int:
            raise OSError(errno.ENOSPC, "full")

    made = shop.backups.carry(tmp_path / "stick", WORD)
    with pytest.raises(OSError, match="full"):
        sealed.unseal(made, WORD, Full())


# -- a copy to take along ------------------------------------------------------------------------------------


def test_a_copy_taken_along_brings_the_shop_back_elsewhere(shop: Shop, tmp_path: Path, clock: Clock) -> None:
    stick = tmp_path / "stick"
    carried = shop.backups.carry(stick, WORD)
    assert carried.name == "shop-20261121-100000-by_hand.zip"
    assert list(stick.iterdir()) == [carried]
    before = dump(shop.store.read())
    assert shop.backups.look(carried, WORD)[0].members == 1
    shop.close()
    elsewhere = tmp_path / "another" / "shop.db"
    done = restore(elsewhere, carried, clock, password=WORD)
    assert (done.counts.members, done.saved) == (1, None)
    assert whole(elsewhere, clock) == before
    assert sorted(file.name for file in elsewhere.parent.iterdir()) == ["shop.db", "shop.db.lock"]


def test_nothing_of_a_member_can_be_read_in_it(shop: Shop, tmp_path: Path) -> None:
    for number in range(300):
        shop.members.save(
            MemberDraft(name=f"{NAME}{number}", phones=((f"138{number:08}", f"138{number:08}"),))
        )
    content = shop.backups.carry(tmp_path, WORD).read_bytes()
    clear = shop.backups.files()[0].path.read_bytes()
    for secret in (PHONE.encode(), NAME.encode(), b"13800000123", b"SQLite format 3", b"member"):
        assert secret in clear
        assert secret not in content


@pytest.mark.parametrize(
    "word", ["", "1234567", "密码密码密码密码", "liuxia-2026\tHema", "ｌｉｕｘｉａ２０２６"]
)
def test_an_unfit_password_seals_nothing(shop: Shop, tmp_path: Path, word: str) -> None:
    with pytest.raises(InputError) as told:
        shop.backups.carry(tmp_path / "stick", word)
    assert told.value.code in ("password_short", "password_letters")
    assert not (tmp_path / "stick").exists()
    assert shop.backups.files() == ()


def test_a_copy_that_was_stopped_or_had_no_room_leaves_nothing(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stopping(Progress):
        def step(self, done: int, total: int, what: str) -> None:
            if what == "progress.seal" and done >= total // 2:
                self.stop()
            super().step(done, total, what)

    with pytest.raises(Cancelled):
        shop.backups.carry(tmp_path / "stick", WORD, Stopping())

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shopcrm.store.sealed.os.fsync", full)
    with pytest.raises(StoreError) as told:
        sealed.seal(shop.backups.files()[0].path, tmp_path / "stick" / "a.zip", WORD)
    assert told.value.code == "full"
    assert list((tmp_path / "stick").iterdir()) == []


def test_what_did_not_come_out_as_it_went_in_gets_no_name(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed, "unseal", lambda _file, _word, sink: sink.write(b"another"))
    with pytest.raises(StoreError) as told:
        shop.backups.carry(tmp_path / "stick", WORD)
    assert told.value.code == "backup_bad"
    assert list((tmp_path / "stick").iterdir()) == []


def test_a_program_killed_while_it_restored_leaves_its_clear_copy_only_until_next_time(
    shop: Shop, data_file: Path, tmp_path: Path, clock: Clock
) -> None:
    carried = shop.backups.carry(tmp_path, WORD)
    left = data_file.with_name(".shop.db.unsealed")
    left.write_bytes(b"half")
    shop.backups.look(carried, WORD)
    assert not left.exists()


# -- 100 of 100 ----------------------------------------------------------------------------------------------

_MADE: list[tuple[Path, Path, bytes, bytes]] = []


@pytest.fixture(autouse=True, scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("sealed")
    with Shop.open(folder / "shop.db", clock=Clock()) as shop:
        shop.members.save(MemberDraft(name=NAME, phones=((PHONE, PHONE),)))
        carried = shop.backups.carry(folder, WORD)
    shutil.rmtree(folder / "backups")
    _MADE.append((folder / "shop.db", carried, carried.read_bytes(), (folder / "shop.db").read_bytes()))
    yield
    _MADE.clear()


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_wrong_or_broken_is_refused_and_the_shop_stays_as_it_was(data: st.DataObject) -> None:
    """QUALITY G13: an empty or wrong password, a flipped byte, a cut, other bytes behind it, another file."""
    live, carried, content, before = _MADE[0]
    how = data.draw(st.sampled_from(["empty", "wrong", "near", "flip", "flip", "cut", "longer", "other"]))
    place = data.draw(st.integers(0, len(content) - 1))
    word, bad = WORD, content
    if how == "empty":
        word = ""
    elif how == "wrong":
        word = data.draw(st.text(max_size=30).filter(lambda other: other not in ("", WORD)))
    elif how == "near":
        word = data.draw(st.sampled_from([WORD.lower(), WORD + " ", WORD[:-1], " " + WORD, WORD.swapcase()]))
    elif how == "flip":
        flipped = content[place] ^ (1 << data.draw(st.integers(0, 7)))
        bad = content[:place] + bytes([flipped]) + content[place + 1 :]
    elif how == "cut":
        bad = content[: data.draw(st.sampled_from([place, 4096]))]  # as long as a page of a shop's file
    elif how == "longer":
        bad = content + b"\0" * data.draw(st.integers(1, 70))
    else:
        bad = data.draw(st.sampled_from([b"", b"PK\3\4", content[:4] + before, "名单".encode()]))
    carried.write_bytes(bad)
    try:
        with pytest.raises(Refusal) as told:
            restore(live, carried, Clock(), password=word)
        expected = {"empty": {"sealed_needs"}, "wrong": {"password_wrong"}, "near": {"password_wrong"}}
        assert told.value.code in expected.get(how, {"sealed_bad", "notadb", "backup_bad"})
        assert live.read_bytes() == before
        assert not list(live.parent.glob(".*"))
    finally:
        carried.write_bytes(content)


def test_every_single_byte_of_the_archives_own_lists_is_guarded() -> None:
    _, carried, content, _ = _MADE[0]
    lists = content.index(b"PK\1\2")
    for place in (*range(60), *range(lists, len(content))):
        carried.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(Refusal):
            sealed.unseal(carried, WORD, io.BytesIO())
    carried.write_bytes(content)


# -- what other programs make of it --------------------------------------------------------------------------


def test_it_is_an_archive_of_the_standard() -> None:
    """The fields as WinZip's description of AE-2 wants them: method 99, AES-256, no checksum in clear."""
    _, carried, _, _ = _MADE[0]
    with zipfile.ZipFile(carried) as archive:
        (part,) = archive.infolist()
        assert (part.filename, part.compress_type, part.CRC) == (sealed.COPY, 99, 0)
        assert part.flag_bits & 1
        assert part.extra == b"\x01\x99\x07\x00\x02\x00AE\x03\x08\x00"
        with pytest.raises((RuntimeError, NotImplementedError)):
            archive.read(part)


@pytest.mark.skipif(not (shutil.which("7zz") or shutil.which("7z")), reason="needs 7-Zip")
def test_seven_zip_opens_it(tmp_path: Path) -> None:
    live, carried, _, _ = _MADE[0]
    program = shutil.which("7zz") or shutil.which("7z")
    assert program is not None
    command = [program, "x", "-y", f"-o{tmp_path}", str(carried)]
    assert subprocess.run([*command, "-pwrong-word"], capture_output=True, check=False).returncode != 0
    subprocess.run([*command, f"-p{WORD}"], capture_output=True, check=True)
    assert whole(tmp_path / sealed.COPY, Clock()) == whole(live, Clock())


# -- lists that leave the shop -------------------------------------------------------------------------------


def test_a_list_leaves_behind_a_password_and_comes_home(shop: Shop, tmp_path: Path) -> None:
    out = tmp_path / "名单.zip"
    done = shop.exports.behind(WORD).members(out)
    assert done.value == out
    assert PHONE.encode() not in out.read_bytes()
    for word, code in (("", "sealed_needs"), ("liuxia-2025 Hema", "password_wrong")):
        with pytest.raises(Refusal) as told:
            arrivals.preview(shop, out, password=word)
        assert told.value.code == code
    plan = arrivals.preview(shop, out, password=WORD)
    assert isinstance(plan, ImportPlan)
    assert plan.counts.rows_same == 1


def test_every_kind_of_list_can_be_sealed(shop: Shop, tmp_path: Path, clock: Clock) -> None:
    view = shop.view()
    (member,) = view.ids(Query())
    view.close()
    yesterday = shop.day - timedelta(days=1)
    shop.counter.visit(VisitDraft(member=member, day=yesterday, kind="tried", remind=shop.day))
    behind = shop.exports.behind(WORD)
    for number, write in enumerate(
        (
            lambda out: behind.members(out), lambda out: behind.sales(out), behind.months,
            lambda out: behind.not_reached(out), lambda out: behind.person(out, member),
            lambda out: behind.callbacks(out), behind.whole, lambda out: behind.write("all", out),
        )
    ):  # fmt: skip
        out = tmp_path / f"{number}.zip"
        write(out)
        content = io.BytesIO()
        sealed.unseal(out, WORD, content)
        assert "xl/workbook.xml" in zipfile.ZipFile(content).namelist()
        assert sealed.what_is_in(out) == sealed.LIST
    plan = arrivals.preview(shop, tmp_path / "5.zip", password=WORD)
    assert isinstance(plan, HomePlan)
    with Shop.open(tmp_path / "new.db", clock=clock) as empty:
        moved = arrivals.preview(empty, tmp_path / "6.zip", password=WORD)
        assert isinstance(moved, MovePlan)
        empty.moving.apply(moved)
        assert dump(empty.store.read())["members"] == dump(shop.store.read())["members"]


def test_the_file_of_a_sealed_list_is_called_so(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(InputError) as told:
        shop.exports.behind(WORD).members(tmp_path / "名单.xlsx")
    assert told.value.code == "sealed_ending"
    with pytest.raises(InputError) as told:
        shop.exports.behind("1234567").members(tmp_path / "名单.zip")
    assert told.value.code == "password_short"
    assert [file.name for file in tmp_path.iterdir()] == ["shop"]
    assert shop.exports.behind("").members(tmp_path / "名单.xlsx").value.exists()


def test_a_copy_is_no_table_and_a_list_no_copy(
    shop: Shop, data_file: Path, tmp_path: Path, clock: Clock
) -> None:
    with pytest.raises(Refusal) as told:
        arrivals.preview(shop, shop.backups.carry(tmp_path, WORD), password=WORD)
    assert told.value.code == "is_backup"
    out = shop.exports.behind(WORD).members(tmp_path / "list.zip").value
    shop.close()
    with pytest.raises(Refusal) as told:
        restore(data_file, out, clock, password=WORD)
    assert told.value.code == "backup_bad"


# -- how much a password is worth ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "is_worth"),
    [
        ("", "weak"), ("19880612", "weak"), ("aaaaaaaaaaaaaaaa", "weak"), ("abcdefgh12345678", "weak"),
        ("qwerty12", "weak"), ("13800001234", "weak"), ("hema2026ok", "fair"), ("mB7#qT2x", "fair"),
        ("liuxia-2026 Hema", "strong"), ("tianqi zhenhao mai yifu", "strong"),
    ],
)  # fmt: skip
def test_a_password_is_worth_what_has_to_be_tried(word: str, is_worth: str) -> None:
    assert strength(word) == is_worth


def test_the_least_length_is_what_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    assert sealed.seal(tmp_path / "a", tmp_path / "b.zip", "mB7#qT2x"[:LEAST]).exists()
    with pytest.raises(InputError):
        sealed.seal(tmp_path / "a", tmp_path / "c.zip", "mB7#qT2x"[: LEAST - 1])
