"""No room left on the disk, at every kind of write: a sentence, nothing half done, and all goes on when there
is room again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from shopcrm.basics.errors import StoreError
from shopcrm.basics.rights import KINDS
from shopcrm.excel import reader
from shopcrm.shop import Shop
from shopcrm.store.backup import verify
from tests.flows.every_write import ELSEWHERE, STEPS, Answers, kept_rows, people
from tests.flows.running import ROOT, TODAY, dump

resource = pytest.importorskip("resource", reason="file sizes are limited as POSIX does it")

Room = Callable[[], AbstractContextManager[None]]
SHORT, LONG = (0, 9_000, 90_000), (0, 600, 5_000, 9_000, 30_000, 90_000, 200_000, 400_000)


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read in this process."""
    monkeypatch.setattr(reader, "read", lambda path, *_args, **_options: reader.read_here(path))


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """No file of this process can grow over `size` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def left_on(disk: Path, size: int) -> Iterator[None]:
    """Only so many bytes are left on the disk a folder is on."""
    filler = disk / "filler"
    free = shutil.disk_usage(disk).free
    with filler.open("wb") as file:
        file.write(bytes(max(0, free - size)))
    try:
        yield
    finally:
        filler.unlink()


def go_through(shop: Shop, rooms: Sequence[Room]) -> int:
    """Take every step, each first with so little room, none of which is enough for the first; how many writes
    were refused."""
    refused: list[str] = []
    said: Answers = {}
    for kind, step in STEPS.items():
        first = step.first(shop)
        for room in rooms:
            before, told = kept_rows(shop), None
            try:
                with room():
                    said[kind] = step.act(shop, said, first)
                break
            except StoreError as error:
                told = error
            refused.append(kind)
            assert told.code in ("full", "io"), kind
            assert "磁盘" in told.sentence, kind
            assert kept_rows(shop) == before, f"{kind} did a part"
            assert shop.store.read().value("PRAGMA integrity_check") == "ok", kind
        else:
            said[kind] = step.act(shop, said, first)
    assert list(dict.fromkeys(refused)) == list(STEPS), "a step wrote nothing"
    return len(refused)


def again(path: Path, clock: Any, then: dict[str, object]) -> None:
    """The file opened anew holds what was there."""
    with Shop.open(path, clock=clock) as shop:
        rx = shop.store.read()
        assert kept_rows(shop) == then
        assert rx.value("PRAGMA integrity_check") == "ok"
        assert rx.all("PRAGMA foreign_key_check") == []
        assert shop.view().audit(1).fault is None
        for copy in shop.backups.files():
            assert verify(copy.path) is not None


def test_every_kind_of_step_is_tried() -> None:
    """A new kind of write stands in every_write.STEPS, or is named there as tested elsewhere."""
    assert set(KINDS) - ELSEWHERE <= STEPS.keys()
    assert not ELSEWHERE & STEPS.keys()
    assert set(KINDS) >= ELSEWHERE


@pytest.mark.parametrize("sizes", [SHORT, pytest.param(LONG, marks=pytest.mark.slow)])
def test_no_write_does_a_part_where_a_file_cannot_grow(
    tmp_path: Path, clock: Any, in_process: None, sizes: tuple[int, ...]
) -> None:
    path = tmp_path / "data" / "shop.db"
    with Shop.open(path, clock=clock) as shop:
        people(shop)
        refused = go_through(shop, [lambda size=size: no_file_beyond(size) for size in sizes])  # type: ignore[misc]
        then = kept_rows(shop)
    again(path, clock, then)
    print(f"{refused} writes of {len(STEPS)} kinds refused")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 8 MB, where this may be made."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)]
    if sys.platform != "linux" or os.geteuid() != 0 or subprocess.run(mount, check=False).returncode:
        pytest.skip("needs to mount a small disk")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.mark.parametrize("sizes", [SHORT[:2], pytest.param(LONG[:-2], marks=pytest.mark.slow)])
def test_no_write_does_a_part_on_a_disk_that_is_full(
    small_disk: Path, clock: Any, in_process: None, sizes: tuple[int, ...]
) -> None:
    path = small_disk / "shop.db"
    with Shop.open(path, clock=clock) as shop:
        people(shop)
        refused = go_through(shop, [lambda size=size: left_on(small_disk, size) for size in sizes])  # type: ignore[misc]
        then = kept_rows(shop)
    again(path, clock, then)
    print(f"{refused} writes of {len(STEPS)} kinds refused")


COMMANDS: dict[str, tuple[str, ...]] = {
    "import": ("import", "{here}/more.csv", "--report", "{here}/report.json"),
    "undo-import": ("undo-import",),
    "types": ("types", "--out", "{here}/types.csv"),
    "todo": ("todo", "--out", "{here}/today.xlsx"),
    "export": ("export", "members", "--out", "{here}/members.xlsx"),
    "export all": ("export", "all", "--out", "{here}/all.xlsx"),
    "backup": ("backup", "--to", "{here}/stick"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_that_the_disk_is_full(name: str, db: Path, tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text("姓名,手机号\n新来的,13800009999\n", encoding="utf-8")
    (tmp_path / "stick").mkdir()
    before = dump(db)
    size = 100 if name == "types" else 8_192  # of four members
    command = [part.format(here=tmp_path) for part in COMMANDS[name]]
    done = subprocess.run(
        [sys.executable, "main.py", *command, "--db", str(db), "--day", TODAY],
        cwd=ROOT, capture_output=True, check=False, timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )  # fmt: skip
    said = done.stderr.decode()
    assert done.returncode == 4, said
    assert "磁盘" in said
    assert "Traceback" not in said
    assert dump(db) == before
    assert not list(tmp_path.rglob("*.part")), "half a file is there"
