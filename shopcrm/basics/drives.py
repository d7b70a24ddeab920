"""The disks of this computer: which there are, which of them can be pulled out, which is another one.

Every system tells it its own way; what is made of what it tells is the same and needs no system.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_REMOVABLE, _FIXED = 2, 3  # GetDriveTypeW
_PLUGGED = ("/media/", "/run/media/", "/mnt/")  # where Linux shows what is plugged in
_ESCAPES = (("\\040", " "), ("\\011", "\t"), ("\\134", "\\"))  # of /proc/mounts


class Drive(NamedTuple):
    """A disk one can write on: where its folders begin, and how the system calls it."""

    root: Path
    name: str
    is_removable: bool


def drives() -> list[Drive]:
    """The disks there are now, in the system's order; [] where it does not tell."""
    if sys.platform == "win32":
        return of_letters(_letters())
    if sys.platform == "darwin":
        volumes = Path("/Volumes")
        there = volumes.iterdir() if volumes.is_dir() else ()
        return of_volumes([one for one in there if not one.is_symlink()])
    try:
        return of_mounts(Path("/proc/mounts").read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return []


def of_letters(found: Iterable[tuple[str, int, str]]) -> list[Drive]:
    """Windows: root, kind by GetDriveTypeW and label of each; without nets, CDs, floppies' letters."""
    return [
        Drive(Path(root), f"{label} ({root[:2]})" if label else root[:2], kind == _REMOVABLE)
        for root, kind, label in found
        if kind in (_REMOVABLE, _FIXED) and root[:1].upper() not in "AB"
    ]


def of_mounts(table: str) -> list[Drive]:
    """Linux: the lines of /proc/mounts; only devices of this computer that can be written."""
    found = []
    for line in table.splitlines():
        device, where, _, options = (line.split() + [""] * 4)[:4]
        if not device.startswith("/dev/") or device.startswith("/dev/loop") or "ro" in options.split(","):
            continue
        for written, meant in _ESCAPES:
            where = where.replace(written, meant)
        root = Path(where)
        found.append(Drive(root, root.name or where, where.startswith(_PLUGGED)))
    return found


def of_volumes(folders: Iterable[Path]) -> list[Drive]:
    """macOS: what is mounted under /Volumes; the disk it started from is only a link there."""
    return [Drive(folder, folder.name, True) for folder in sorted(folders)]


def drive_of(path: Path, among: Iterable[Drive]) -> Drive | None:
    """The disk a path lies on: the one whose root is nearest."""
    holding = [drive for drive in among if path.is_relative_to(drive.root)]
    return max(holding, key=lambda drive: len(drive.root.parts), default=None)


def answers(folder: Path, seconds: float = 4.0) -> bool:
    """Whether a folder is there and its disk says so in time.

    The share of a computer that is switched off lets whoever asks wait for half a minute or for ever. Until
    that question is answered no other one is asked of this folder.
    """
    asked = _asked.get(folder)
    if asked is None or not asked.is_alive():
        asked = _asked[folder] = _Question(folder)
    asked.join(seconds if asked.is_fresh else 0)
    asked.is_fresh = False
    return not asked.is_alive() and asked.answer


class _Question(threading.Thread):
    def __init__(self, folder: Path) -> None:
        super().__init__(name="folder", daemon=True)
        self._folder = folder
        self.answer, self.is_fresh = False, True
        self.start()

    def run(self) -> None:
        with suppress(OSError):
            self.answer = self._folder.is_dir()


_asked: dict[Path, _Question] = {}


def is_same_disk(one: Path, other: Path) -> bool:
    """Whether two places go with the same disk, judged by the nearest folders that exist."""
    if sys.platform == "win32":
        return one.absolute().anchor.lower() == other.absolute().anchor.lower()
    return _device(one) == _device(other)


def _device(path: Path) -> int | None:
    for place in (path.absolute(), *path.absolute().parents):
        try:
            return place.stat().st_dev
        except OSError:
            continue
    return None


def _letters() -> list[tuple[str, int, str]]:
    """Root, kind and label of every disk of Windows that has something in it."""
    if sys.platform != "win32":  # pragma: no cover - so that a checker of types knows it, too
        return []
    import ctypes

    kernel = ctypes.windll.kernel32
    roots = ctypes.create_unicode_buffer(512)
    kernel.GetLogicalDriveStringsW(len(roots) - 1, roots)
    silent = kernel.SetErrorMode(1)  # no question to insert a disk into an empty reader
    try:
        found = []
        for root in filter(None, roots[:].split("\0")):
            kind, label = kernel.GetDriveTypeW(root), ctypes.create_unicode_buffer(256)
            if kind in (_REMOVABLE, _FIXED) and os.path.isdir(root):  # noqa: PTH112 - asks the system once
                kernel.GetVolumeInformationW(root, label, len(label), None, None, None, None, 0)
                found.append((root, int(kind), label.value))
        return found
    finally:
        kernel.SetErrorMode(silent)
