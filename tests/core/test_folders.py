"""Where a data file had better not be."""

from pathlib import Path, PurePosixPath

import pytest

from shopcrm.basics import folders


@pytest.mark.parametrize(
    ("place", "cloud"),
    [
        ("/home/anna/OneDrive/店/shop.db", "OneDrive"),
        ("/home/anna/OneDrive - Personal/shop.db", "OneDrive"),
        ("/home/anna/Dropbox/shop.db", "Dropbox"),
        ("/home/anna/Google Drive/shop.db", "Google Drive"),
        ("/Users/anna/Library/Mobile Documents/shop.db", "iCloud"),
        ("/home/anna/我的坚果云/shop.db", "坚果云"),
        ("/home/anna/Nutstore Files/shop.db", "坚果云"),
        ("/mnt/BaiduSyncdisk/shop.db", "百度网盘"),
        ("/mnt/WPS云盘/shop.db", "WPS 云盘"),
        ("/home/anna/.local/share/shopcrm/shop.db", ""),
        ("/home/anna/我的店/shop.db", ""),
        ("/home/anna/云锦坊/shop.db", ""),
    ],
)
def test_folders_of_cloud_disks_are_known_by_their_names(place: str, cloud: str) -> None:
    assert folders.cloud_of(Path(place)) == cloud


def test_a_cloud_folder_by_another_name_is_known_where_the_system_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OneDriveConsumer", str(tmp_path))
    assert folders.cloud_of(tmp_path / "x" / "shop.db") == "OneDrive"
    assert folders.cloud_of(tmp_path.parent / "shop.db") == ""


MOUNTS = """/dev/sda1 / ext4 rw 0 0
//pc/shop /mnt/shop cifs rw 0 0
/dev/sdb1 /mnt/shop/usb vfat rw 0 0
host:/x /mnt/two\\040words nfs4 rw 0 0
"""


@pytest.mark.parametrize(
    ("place", "remote"),
    [
        ("/home/anna/shop.db", False),
        ("/mnt/shop/shop.db", True),
        ("/mnt/shop/usb/shop.db", False),
        ("/mnt/two words/shop.db", True),
    ],
)
def test_another_computers_disk_is_known(place: str, remote: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(Path, "read_text", lambda self, **_: MOUNTS if self.name == "mounts" else "")
    assert folders.is_remote(Path(PurePosixPath(place))) is remote


def test_where_the_system_does_not_tell_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(self: Path, **_: object) -> str:
        raise FileNotFoundError

    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr(Path, "read_text", nothing)
    assert not folders.is_remote(Path("/x/shop.db"))
