"""Where the shop's own files live: outside the program's folder, so that an update never touches them."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def data_folder() -> Path:
    """The folder of the shop file, its backups and the log; SHOPCRM_DATA overrides it (tests, USB stick)."""
    if own := os.environ.get("SHOPCRM_DATA"):
        return Path(own)
    from platformdirs import user_data_path

    return user_data_path("shopcrm", appauthor=False)


def default_db() -> Path:
    """The shop's own file."""
    return data_folder() / "shop.db"


def sample_db() -> Path:
    """The sample shop's file: never the shop's own."""
    return data_folder() / "sample.db"


# Names of folders that programs of cloud disks keep in step, in lower case; a name that begins so counts.
_CLOUDS = (
    ("onedrive", "OneDrive"), ("dropbox", "Dropbox"), ("googledrive", "Google Drive"),
    ("google drive", "Google Drive"), ("my drive", "Google Drive"), ("我的云端硬盘", "Google Drive"),
    ("iclouddrive", "iCloud"), ("icloud drive", "iCloud"), ("mobile documents", "iCloud"),
    ("nutstore", "坚果云"), ("我的坚果云", "坚果云"), ("坚果云", "坚果云"), ("baidunetdisk", "百度网盘"),
    ("baidusyncdisk", "百度网盘"), ("百度网盘", "百度网盘"), ("百度云", "百度网盘"), ("wpsdrive", "WPS 云盘"),
    ("wps云盘", "WPS 云盘"), ("wps 云盘", "WPS 云盘"), ("微云", "微云"), ("weiyun", "微云"),
    ("阿里云盘", "阿里云盘"), ("nextcloud", "Nextcloud"), ("owncloud", "ownCloud"),
)  # fmt: skip
_REMOTE_DISKS = frozenset(
    ("nfs", "nfs4", "cifs", "smb3", "smbfs", "afpfs", "fuse.sshfs", "fuse.rclone", "davfs")
)
_DRIVE_REMOTE = 4  # GetDriveTypeW


def cloud_of(path: Path) -> str:
    """The cloud disk whose program copies this place, by its name; empty if none is known to."""
    for variable in ("OneDrive", "OneDriveConsumer", "OneDriveCommercial"):
        root = os.environ.get(variable)
        if root and path.is_relative_to(root):
            return "OneDrive"
    for part in path.parts:
        for name, cloud in _CLOUDS:
            if part.lower().startswith(name):
                return cloud
    return ""


def is_remote(path: Path) -> bool:
    """Whether a place is on another computer's disk, as far as the system tells."""
    if sys.platform == "win32":
        import ctypes

        root = path.absolute().anchor
        return root.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(root) == _DRIVE_REMOTE
    try:
        mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    inside = [
        (len(where), kind)
        for _, where, kind, *_ in (line.split() for line in mounts)
        if path.absolute().is_relative_to(where.replace("\\040", " "))
    ]
    return bool(inside) and max(inside)[1] in _REMOTE_DISKS
