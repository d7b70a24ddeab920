"""One running copy a file: an operating-system lock on a side file, which dies with its process.

A second copy can call the first one to the front: it sets the side file's time to now, and the first one
answers by setting it back.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import IO

from shopcrm.basics.errors import StoreError

_AT_REST = 946_684_800.0  # 2000-01-01: any disk can keep that time, and no call is made then
_WAIT_SECONDS, _LOOK_SECONDS = 2.0, 0.02


class FileLock:
    """Held from construction to `release`; the side file stays behind and means nothing by itself.

    Raises StoreError second_copy if another program (or another Shop of this one) holds it.
    """

    def __init__(self, data_file: Path) -> None:
        self.path = _side_file(data_file)
        try:
            self._file: IO[bytes] | None = self.path.open("ab")
        except OSError as error:
            raise StoreError("readonly", file=data_file.name) from error
        try:
            _take(self._file)
        except OSError as error:
            self._file.close()
            self._file = None
            raise StoreError("second_copy", file=data_file.name) from error

    @property
    def is_called(self) -> bool:
        """Whether a second copy waits for an answer."""
        try:
            return self.path.stat().st_mtime != _AT_REST
        except OSError:
            return False

    def answer(self) -> None:
        """Say that its window came forward."""
        os.utime(self.path, (_AT_REST, _AT_REST))

    def release(self) -> None:
        """Let go; safe to call twice."""
        if self._file is not None:
            self._file.close()  # closing drops the lock
            self._file = None


def call(data_file: Path) -> bool:
    """Ask the program that holds a file's lock to come forward; whether it did within two seconds."""
    side = _side_file(data_file.resolve())
    try:
        os.utime(side)
        end = time.monotonic() + _WAIT_SECONDS
        while time.monotonic() < end:
            if side.stat().st_mtime == _AT_REST:
                return True
            time.sleep(_LOOK_SECONDS)
    except OSError:
        pass
    return False


def _side_file(data_file: Path) -> Path:
    return data_file.with_name(data_file.name + ".lock")


if sys.platform == "win32":
    import msvcrt

    def _take(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
