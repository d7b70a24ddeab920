"""What all tests of the import rules share."""

from __future__ import annotations

from pathlib import Path

import pytest

from shopcrm.basics.progress import Progress
from shopcrm.excel import reader
from shopcrm.excel.cells import Book


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read in this process: quicker, for files that harm nobody."""

    def read(path: Path, progress: Progress, **_: object) -> Book:
        return reader.read_here(path)

    monkeypatch.setattr(reader, "read", read)
