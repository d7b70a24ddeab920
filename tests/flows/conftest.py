"""The small shop the commands are tried on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.flows.running import make_shop


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One shop for all that must not change it."""
    return make_shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture
def db(made: Path, tmp_path: Path) -> Path:
    """A copy of it, for what changes it first."""
    return Path(shutil.copy(made, tmp_path / "shop.db"))
