"""What every test of the window stands on."""

from typing import NoReturn

import pytest
from PySide6.QtWidgets import QFileDialog


@pytest.fixture(autouse=True)
def nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's own dialogs for files fail unless a test says what is chosen: they would wait for ever."""

    def asked(*_: object) -> NoReturn:
        raise AssertionError("a file was asked for, and nobody is there to choose one")

    for name in ("getOpenFileName", "getSaveFileName", "getExistingDirectory"):
        monkeypatch.setattr(QFileDialog, name, asked)
