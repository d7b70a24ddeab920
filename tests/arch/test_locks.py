"""The locks: complete, hashed, inside the pins, and silent about where they were made."""

import re
import tomllib

import pytest

from installer.bootstrap import DEVELOPER_LOCK, SHOP_LOCK, _is_within
from tests.arch.sources import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKS = (SHOP_LOCK, DEVELOPER_LOCK)


def _entries(lock: str) -> list[str]:
    text = (ROOT / "installer" / lock).read_text("utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip()]


def _versions(lock: str) -> set[tuple[str, str]]:
    return {re.findall(r"^([\w.-]+)==([\w.]+)", entry)[0] for entry in _entries(lock)}


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_names_no_host(lock: str) -> None:
    text = (ROOT / "installer" / lock).read_text("utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*(-|#)(?!-hash)", text.replace("    --hash", ""), re.M)


@pytest.mark.parametrize("name", ["uv.lock", "pylock.toml"])
def test_locks_that_record_hosts_are_ignored(name: str) -> None:
    assert name in (ROOT / ".gitignore").read_text("utf-8").split()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_hashed(lock: str) -> None:
    for entry in _entries(lock):
        assert re.fullmatch(r"\S+==\S+( ; .+?)?(\s+--hash=sha256:[0-9a-f]{64})+", entry), entry[:80]


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        (SHOP_LOCK, PROJECT["project"]["dependencies"]),
        (DEVELOPER_LOCK, PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"]),
    ],
)
def test_lock_keeps_the_pins(lock: str, wanted: list[str]) -> None:
    locked = dict(_versions(lock))
    for line in wanted:
        name, limits = re.findall(r"^([\w-]+)(.*)", line)[0]
        assert _is_within(locked[name], limits), f"{name} {locked[name]} is not {limits}"


def test_developers_have_everything_shops_have() -> None:
    assert _versions(SHOP_LOCK) <= _versions(DEVELOPER_LOCK)
