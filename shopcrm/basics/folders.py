"""Where the shop's own files live: outside the program's folder, so that an update never touches them."""

from __future__ import annotations

import os
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
