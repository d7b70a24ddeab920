"""Where copies of a data file go on this computer: its folder, and a second place that does not burn with it.

What was chosen stands in a side file of the data file, not in the shop: another computer has other disks. A
folder that is not there (a stick was pulled) is never made anew in its place: copies go beside the data then.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from shopcrm.basics.drives import Drive, answers, drive_of, drives
from shopcrm.basics.records import BackupFile, LastCopy

FOLDER = "backups"  # beside the data file
ON_STICK = "熟客本备份"  # the same in every language, so that it is found again
_NO_NAME = set('<>:"/\\|?*')  # what no system's file name may hold


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen for a data file: "" for nothing. `last` is the newest copy of the second place, known
    while its stick is pulled."""

    folder: str = ""
    second: str = ""
    below: str = ""  # `second` without the root of its disk, which may have another letter tomorrow
    last: tuple[str, int, int] | None = None

    @property
    def last_copy(self) -> LastCopy | None:
        """The newest copy of the second place as it is remembered."""
        if self.last is None:
            return None
        at, members, sales = self.last
        return LastCopy(datetime.fromisoformat(at), members, sales)


def chosen(data_file: Path) -> Chosen:
    """What was chosen; nothing where the side file cannot be read."""
    try:
        read = json.loads(_side_file(data_file).read_text(encoding="utf-8"))
        if read.get("last"):
            at, members, sales = read["last"]
            datetime.fromisoformat(at)
            read["last"] = (at, int(members), int(sales))
        return Chosen(**read)
    except (OSError, ValueError, TypeError, AttributeError):
        return Chosen()


def choose_folder(data_file: Path, folder: Path | None) -> None:
    """Where copies go from now on; None: beside the data file. Raises OSError."""
    _write(data_file, replace(chosen(data_file), folder=str(folder) if folder else ""))


def choose_second(data_file: Path, folder: Path | None) -> None:
    """The second place from now on; None: whatever disk will be plugged in. Raises OSError."""
    if folder is None:
        _write(data_file, replace(chosen(data_file), second="", below="", last=None))
        return
    drive = drive_of(folder, drives())
    below = str(folder.relative_to(drive.root)) if drive else ""
    before = chosen(data_file)
    last = before.last if before.below == below else None
    _write(data_file, replace(before, second=str(folder), below=below, last=last))


def remember_last(data_file: Path, copy: BackupFile) -> None:
    """The newest copy of the second place; not to know it later is all that a full disk costs."""
    last = (copy.at.isoformat(" ", "seconds"), copy.members, copy.sales)
    with suppress(OSError):
        _write(data_file, replace(chosen(data_file), last=last))


def folders_of(data_file: Path) -> list[Path]:
    """The folders a data file's copies are looked for in, the one they go to first."""
    beside = data_file.parent / FOLDER
    folder = chosen(data_file).folder
    return [Path(folder), beside] if folder and answers(Path(folder)) else [beside]


def folder_of(data_file: Path) -> Path:
    """Where copies go now."""
    return folders_of(data_file)[0]


def missing_of(data_file: Path) -> Path | None:
    """The chosen folder if it is not there."""
    folder = chosen(data_file).folder
    return Path(folder) if folder and not answers(Path(folder)) else None


def second_of(data_file: Path, shop: str, found: list[Drive] | None = None) -> Path | None:
    """The second place as far as it can be reached now; None if there is none.

    It is the chosen one, the same on a disk that has another letter today, or, where none was ever chosen,
    the only disk that can be pulled out. Its folder may still have to be made.
    """
    kept = chosen(data_file)
    if kept.second and _is_there(Path(kept.second)):
        return Path(kept.second)
    here = drives() if found is None else found
    own = drive_of(data_file, here)
    plugged = [drive for drive in here if drive.is_removable and drive != own]
    if kept.below:
        again = (drive.root / kept.below for drive in plugged)
        return next((place for place in again if place.is_dir()), None)
    if kept.second or len(plugged) != 1:
        return None
    return plugged[0].root / ON_STICK / _as_folder(shop, data_file.stem)


def _is_there(folder: Path) -> bool:
    """Whether a folder is there, or only has to be made on a disk that is."""
    return answers(folder) or (folder.parent.name == ON_STICK and answers(folder.parent))


def _as_folder(name: str, otherwise: str) -> str:
    plain = "".join(letter for letter in name if letter.isprintable() and letter not in _NO_NAME)
    return plain.strip(" .") or otherwise


def _side_file(data_file: Path) -> Path:
    return data_file.with_name(data_file.name + ".places")


def _write(data_file: Path, kept: Chosen) -> None:
    side = _side_file(data_file)
    draft = side.with_name("." + side.name + ".new")
    draft.write_text(json.dumps(asdict(kept), ensure_ascii=False), encoding="utf-8")
    draft.replace(side)
