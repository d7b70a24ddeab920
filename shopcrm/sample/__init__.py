"""The sample shop: an invented small clothing shop as the workbooks its till would have exported.

It knows nothing of the store: the sample takes the way every owner's files take, through the importer.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from shopcrm.sample.books import write_books
from shopcrm.sample.history import invent

SHOP_NAME = "sample.shop"
"""Text id of the sample shop's name."""


def write_sample(out_dir: Path, *, seed: int, day: date) -> list[Path]:
    """Write the members, sales and visits of the sample shop as it stood on the morning of `day`.

    The files in the order in which to import them. The same seed and day give the same cells.
    """
    return write_books(out_dir, invent(seed, day), day)
