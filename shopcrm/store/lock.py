"""One running copy a file: an operating-system lock on a side file, which dies with its process."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO

from shopcrm.basics.errors import StoreError


class FileLock:
    """Held from construction to `release`; the side file stays behind and means nothing by itself.

    Raises StoreError second_copy if another program (or another Shop of this one) holds it.
    """

    def __init__(self, data_file: Path) -> None:
        self.path = data_file.with_name(data_file.name + ".lock")
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

    def release(self) -> None:
        """Let go; safe to call twice."""
        if self._file is not None:
            self._file.close()  # closing drops the lock
            self._file = None


if sys.platform == "win32":
    import msvcrt

    def _take(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
