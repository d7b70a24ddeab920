"""Where copies go: the chosen folder, a second place found by itself, and what is kept up without being
asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from shopcrm.basics import drives
from shopcrm.basics.drives import Drive
from shopcrm.basics.errors import InputError, StoreError
from shopcrm.basics.records import LineDraft, MemberDraft, MemberId, SaleDraft
from shopcrm.shop import Shop, backups
from shopcrm.store import backup, places
from tests.conftest import DAY, Clock

MOUNTS = """/dev/sda2 / ext4 rw,relatime 0 0
proc /proc proc rw 0 0
tmpfs /run tmpfs rw 0 0
/dev/loop3 /mnt/image ext4 rw 0 0
/dev/sda1 /boot/efi vfat rw 0 0
/dev/sdb1 /media/anna/MY\\040STICK vfat rw,nosuid 0 0
/dev/sdc1 /run/media/anna/CAMERA vfat ro,nosuid 0 0
//pc/shop /mnt/pc cifs rw 0 0
/dev/sdd1 /mnt/disk2 ext4 rw 0 0
"""


def test_the_disks_of_linux() -> None:
    found = drives.of_mounts(MOUNTS)
    assert [(str(drive.root), drive.name) for drive in found if drive.is_removable] == [
        ("/media/anna/MY STICK", "MY STICK"),
        ("/mnt/disk2", "disk2"),
    ]
    of_data = drives.drive_of(Path("/home/anna/.local/share/shopcrm/shop.db"), found)
    assert of_data is not None
    assert str(PurePosixPath(of_data.root)) == "/"


def test_the_disks_of_windows_and_of_macos() -> None:
    found = drives.of_letters(
        [("A:\\", 2, ""), ("C:\\", 3, "Windows"), ("E:\\", 2, "KINGSTON"), ("F:\\", 5, "CD"), ("Z:\\", 4, "")]
    )
    assert [(drive.name, drive.is_removable) for drive in found] == [
        ("Windows (C:)", False),
        ("KINGSTON (E:)", True),
    ]
    assert drives.of_volumes([Path("/Volumes/B"), Path("/Volumes/A")]) == [
        Drive(Path("/Volumes/A"), "A", True),
        Drive(Path("/Volumes/B"), "B", True),
    ]


def test_one_disk_is_known_by_its_nearest_folder(tmp_path: Path) -> None:
    assert drives.is_same_disk(tmp_path / "not" / "there", tmp_path)


@pytest.fixture
def shop(tmp_path: Path, clock: Clock) -> Iterator[Shop]:
    with Shop.open(tmp_path / "pc" / "shop.db", clock=clock) as opened:
        opened.settings.begin("禾木/衣坊. ", "林姐")
        opened.members.save(MemberDraft(name="王丽"))
        yield opened


@pytest.fixture
def sticks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Drive]:
    """What is plugged in; every folder counts as a disk of its own."""
    found = [Drive(tmp_path / "pc", "pc", False)]
    monkeypatch.setattr(places, "drives", lambda: list(found))
    monkeypatch.setattr(
        backups, "is_same_disk", lambda *two: len({_disk(place, tmp_path) for place in two}) == 1
    )
    return found


def _disk(place: Path, root: Path) -> str:
    """The folder of this test a place lies in, which counts as its disk."""
    return place.relative_to(root).parts[0] if place.is_relative_to(root) else ""


def plug(sticks: list[Drive], folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    sticks.append(Drive(folder, folder.name, True))
    return folder


def state(shop: Shop) -> Any:
    assert shop.store.path is not None
    return backups.state_of(shop.view(), shop.store.path, shop.clock())


def test_a_stick_is_found_by_itself_and_known_again_by_another_letter(
    shop: Shop, sticks: list[Drive], tmp_path: Path, clock: Clock
) -> None:
    stick = plug(sticks, tmp_path / "E")
    shop.backups.now("day")
    assert shop.backups.to_second() is None  # nobody said that a stick may have the customers
    assert state(shop).second is None
    shop.settings.set("backup.second", True)
    assert state(shop).second_due
    made = shop.backups.to_second()
    assert made is not None
    assert made.path.parent == stick / places.ON_STICK / "禾木衣坊"
    assert backup.verify(made.path) == backup.verify(shop.backups.files()[0].path)
    assert shop.backups.to_second() is None  # it is there already
    assert not state(shop).second_due

    sticks.pop()
    stick.rename(tmp_path / "pulled")  # what was there is remembered
    clock.now += timedelta(days=1)
    shop.backups.now("day")
    told = state(shop)
    assert (told.second.is_there, told.second_due, told.second.newest.at) == (False, False, made.at)

    plug(sticks, tmp_path / "friend")  # another stick is not written on
    assert shop.backups.to_second() is None
    (tmp_path / "pulled").rename(tmp_path / "F")
    plug(sticks, tmp_path / "F")
    again = shop.backups.to_second()
    assert again is not None
    assert again.path.parent == tmp_path / "F" / places.ON_STICK / "禾木衣坊"
    assert list((tmp_path / "friend").iterdir()) == []
    assert state(shop).newest.at == clock.now.replace(microsecond=0)


def test_of_two_sticks_none_is_guessed(shop: Shop, sticks: list[Drive], tmp_path: Path) -> None:
    shop.settings.set("backup.second", True)
    for name in "EF":
        plug(sticks, tmp_path / name)
    shop.backups.now("day")
    assert shop.backups.to_second() is None
    shop.backups.choose_second(tmp_path / "F")
    assert shop.backups.to_second() is not None
    assert len(list((tmp_path / "F").glob("*.db"))) == 1


def test_a_second_place_on_the_same_disk_is_none(shop: Shop, sticks: list[Drive], tmp_path: Path) -> None:
    inside = tmp_path / "pc" / "also"
    inside.mkdir()
    for folder, code in ((inside, "same_disk"), (tmp_path / "nowhere", "folder_gone")):
        with pytest.raises(InputError) as refused:
            shop.backups.choose_second(folder)
        assert refused.value.code == code
    with pytest.raises(InputError):
        shop.backups.choose_folder(tmp_path / "nowhere")


def test_a_copy_of_a_clock_that_was_wrong_keeps_no_other_away(
    shop: Shop, sticks: list[Drive], tmp_path: Path, clock: Clock
) -> None:
    stick = plug(sticks, tmp_path / "E")
    shop.settings.set("backup.second", True)
    clock.now += timedelta(days=1000)
    shop.backups.now("day")
    assert shop.backups.to_second() is not None
    clock.now -= timedelta(days=999)
    assert state(shop).day_due
    assert shop.backups.keep_up()
    made = shop.backups.files()[1]
    assert len(list(stick.rglob("*.db"))) == 2
    told = state(shop)
    assert (told.first.newest.at, told.second.newest.at, told.newest.at) == (made.at, made.at, made.at)
    assert not told.second_due
    assert backups.newest_of(shop.backups.files(), clock.now) == made
    assert backups.newest_of(shop.backups.files()[:1], clock.now) == shop.backups.files()[0]  # the only one


def test_a_share_that_does_not_answer_is_not_waited_for(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    share, awake, asked = tmp_path / "share", threading.Event(), []
    share.mkdir()
    shop.settings.set("backup.second", True)
    monkeypatch.setattr(backups, "is_same_disk", lambda one, other: False)
    shop.backups.choose_second(share)
    shop.backups.now("day")
    look = Path.is_dir

    def asleep(folder: Path) -> bool:
        if folder == share:
            asked.append(folder)
            awake.wait(60)
        return look(folder)

    monkeypatch.setattr(Path, "is_dir", asleep)
    monkeypatch.setattr(places, "answers", lambda folder: drives.answers(folder, 0.05))
    try:
        for _ in range(3):
            assert shop.backups.to_second() is None
            assert state(shop).second.is_there is False
        assert len(asked) == 1  # and nobody else waits behind it
    finally:
        awake.set()
    for question in threading.enumerate():
        if question.name == "folder":
            question.join()
    assert shop.backups.to_second() is not None


def test_two_shops_in_one_folder_are_kept_apart(
    shop: Shop, sticks: list[Drive], tmp_path: Path, clock: Clock
) -> None:
    folder = plug(sticks, tmp_path / "E")
    shop.backups.choose_folder(folder)
    mine = shop.backups.now("day")
    with Shop.open(tmp_path / "pc" / "other" / "shop.db", clock=clock) as other:
        other.members.save(MemberDraft(name="别家的"))
        other.backups.choose_folder(folder)
        other.settings.set("backup.keep", 10)
        for _ in range(30):
            clock.now += timedelta(days=20)
            other.backups.now("day")
        assert all(copy.path.name != mine.path.name for copy in other.backups.files())
        assert state(other).newest.members == 1
    assert shop.backups.files() == (mine,)
    assert backup.verify(mine.path).members == mine.members
    assert state(shop).newest.at == mine.at


def test_what_did_not_arrive_whole_gets_no_name(
    shop: Shop, sticks: list[Drive], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stick = plug(sticks, tmp_path / "E")
    shop.settings.set("backup.second", True)
    shop.backups.now("day")
    copy = backup._copy_bytes

    def losing(source: Path, target: Path, progress: Any) -> None:
        copy(source, target, progress)
        whole = bytearray(target.read_bytes())
        whole[-7] ^= 1
        target.write_bytes(whole)

    monkeypatch.setattr(backup, "_copy_bytes", losing)
    with pytest.raises(StoreError) as fault:
        shop.backups.to_second()
    assert fault.value.code == "backup_bad"
    assert [file for file in stick.rglob("*") if file.is_file()] == []


def test_a_chosen_folder_that_is_gone_is_not_made_anew(shop: Shop, tmp_path: Path, clock: Clock) -> None:
    chosen = tmp_path / "D"
    chosen.mkdir()
    beside = shop.backups.now("day").path.parent
    shop.backups.choose_folder(chosen)
    there = shop.backups.now("by_hand")
    assert there.path.parent == chosen
    assert [copy.why for copy in shop.backups.files()] == ["by_hand", "day"]  # the former ones stay in view
    assert (state(shop).first.folder, state(shop).missing) == (chosen, None)
    chosen.rename(tmp_path / "away")
    clock.now += timedelta(minutes=1)
    assert state(shop).missing == chosen
    assert shop.backups.now("by_hand").path.parent == beside
    assert not chosen.exists()
    assert [copy.why for copy in shop.backups.files()] == ["by_hand", "day"]
    (tmp_path / "away").rename(chosen)
    assert len(shop.backups.files()) == 3
    shop.backups.choose_folder(None)
    assert state(shop).first.folder == beside


@pytest.mark.parametrize("text", ["", "{", "[]", '{"folder": 1, "other": 2}', '{"last": ["x", 1, 2]}'])
def test_a_side_file_that_cannot_be_read_costs_only_the_choice(shop: Shop, text: str) -> None:
    assert shop.store.path is not None
    shop.store.path.with_name("shop.db.places").write_text(text, encoding="utf-8")
    assert shop.backups.now("by_hand").path.parent.name == places.FOLDER


@pytest.mark.parametrize(
    ("now", "made", "due"),
    [
        ("2026-11-21 10:00", [], True),
        ("2026-11-21 10:00", ["2026-11-20 21:00"], True),  # before closing time: the evening is missing
        ("2026-11-21 10:00", ["2026-11-20 22:00"], False),
        ("2026-11-21 21:59", ["2026-11-21 09:00"], False),
        ("2026-11-21 22:00", ["2026-11-21 09:00"], True),
        ("2026-11-21 22:05", ["2026-11-21 22:00"], False),
        ("2026-11-21 10:00", ["2027-01-01 10:00"], True),  # made by a clock that was wrong
    ],
)
def test_the_copy_of_the_day_is_due_at_its_time(now: str, made: list[str], due: bool) -> None:
    copies: Any = [Shot(datetime.fromisoformat(at)) for at in made]
    assert backups.is_due(copies, datetime.fromisoformat(now), "22:00") is due


class Shot:
    def __init__(self, at: datetime) -> None:
        self.at = at


def test_the_copy_of_the_day_is_made_once_and_at_the_owners_time(shop: Shop, clock: Clock) -> None:
    clock.now = datetime(2026, 11, 21, 10, 0)
    assert state(shop).day_due
    assert shop.backups.daily() is not None
    assert shop.backups.daily() is None
    clock.now = datetime(2026, 11, 21, 20, 30)
    assert not state(shop).day_due
    shop.settings.set("backup.time", "20:30")
    assert state(shop).day_due
    assert shop.backups.keep_up()
    assert not shop.backups.keep_up()


def test_closing_keeps_what_was_recorded_since(shop: Shop, clock: Clock) -> None:
    assert [copy.why for copy in (shop.backups.at_close(),) if copy] == ["close"]
    assert shop.backups.at_close() is None  # nothing new
    shop.start_day()
    assert shop.backups.at_close() is None  # a new day alone is nothing
    shop.counter.sell(SaleDraft(None, DAY, (LineDraft(30_000, "衬衫"),)))
    shop.settings.set("backup.at_close", False)
    assert shop.backups.at_close() is None
    shop.settings.set("backup.at_close", True)
    made = shop.backups.at_close()
    assert made is not None
    assert made.sales == 1


def test_closing_carries_what_was_not_carried_yet(shop: Shop, sticks: list[Drive], tmp_path: Path) -> None:
    shop.settings.set("backup.second", True)
    shop.backups.now("day")
    stick = plug(sticks, tmp_path / "E")
    assert shop.backups.at_close() is None
    assert [file.name for file in stick.rglob("*.db")] == [shop.backups.files()[0].path.name]


def test_an_empty_shop_keeps_nothing(tmp_path: Path, clock: Clock) -> None:
    with Shop.open(tmp_path / "new.db", clock=clock) as shop:
        shop.settings.begin("禾木衣坊", "")
        assert (shop.backups.daily(), shop.backups.at_close()) == (None, None)
        assert (state(shop).newest, state(shop).day_due) == (None, False)


def test_a_change_of_many_has_a_copy_before_it(shop: Shop) -> None:
    people = [shop.members.save(MemberDraft(name=f"会员{n}")).value for n in range(backups.BULK + 1)]
    anna, bea = (shop.settings.add_staff(name, "assistant").value for name in ("小雯", "小美"))
    shop.members.assign(tuple(people[:-1]), anna)
    assert shop.backups.files() == ()  # a few are what undo is for
    shop.members.assign(tuple(people), bea)
    assert [(copy.why, copy.members) for copy in shop.backups.files()] == [("bulk", len(people) + 1)]
    shop.members.assign(tuple(people), bea)  # changes nothing
    shop.handover.leave(bea, (anna,))
    assert [copy.why for copy in shop.backups.files()] == ["bulk", "bulk"]
    assert shop.view().member(MemberId(people[0])).staff == "小雯"  # type: ignore[union-attr]


def test_thinning_keeps_as_many_as_the_owner_wants(shop: Shop, clock: Clock) -> None:
    shop.settings.set("backup.keep", 12)
    start = clock.now
    for day in range(45):
        clock.now = start + timedelta(days=day)
        shop.backups.now("day")
    few = len(shop.backups.files())
    assert few < 25
    shop.settings.set("backup.keep", 40)
    for day in range(45, 80):
        clock.now = start + timedelta(days=day)
        shop.backups.now("day")
    newest = [copy.at.date() for copy in shop.backups.files()][:40]
    assert newest == [(clock.now - timedelta(days=n)).date() for n in range(40)]
