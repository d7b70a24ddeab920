"""Files behind a password: ZIP archives with AES-256, as 7-Zip, WinRAR and Bandizip open them, of one file.

Whatever is sealed was opened again with the password and compared before it counts. The last 64 bytes, part
of the archive's comment, are the checksum of all before them: a byte that flipped anywhere, also in what the
archive's own seal does not cover, is told from a wrong password. The name inside says nothing of the shop.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
import zlib
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from shopcrm.basics.errors import Refusal, StoreError
from shopcrm.basics.passwords import refuse_unfit
from shopcrm.basics.progress import SILENT, Progress
from shopcrm.store.backup import flush_folder, os_code

if TYPE_CHECKING:
    from pyzipper import AESZipFile

ENDING = ".zip"
COPY, LIST = "shop.db", "list.xlsx"  # what is inside: a copy of the data file, a list that left the shop

_MARK = b"shopcrm sealed 1 sha256 "
_SUM = 64  # hexadecimal digits
_CHUNK = 1 << 20


def is_sealed(file: Path) -> bool:
    """Whether a file says that it is one of ours; what was cut off at its end does not."""
    try:
        if not file.is_file():  # to open a pipe waits for whoever writes into it
            return False
        with file.open("rb") as content:
            if content.read(4) != b"PK\3\4":
                return False
            content.seek(-min(file.stat().st_size, len(_MARK) + _SUM), os.SEEK_END)
            return content.read().startswith(_MARK)
    except OSError:
        return False


def what_is_in(file: Path) -> str:
    """COPY or LIST, told without the password. Refusal sealed_bad where the file is not as it was."""
    with _open(file) as archive:
        return str(_one(archive, file).filename)


def write(target: Path, source: IO[bytes], name: str, password: str, progress: Progress = SILENT) -> None:
    """Seal what `source` holds into `target`, and open it again to compare; the caller gives it its name.

    Raises InputError for an unfit password, StoreError backup_bad if it did not come out as it went in,
    OSError, Cancelled.
    """
    import pyzipper

    refuse_unfit(password)
    source.seek(0, os.SEEK_END)
    total, went_in = source.tell(), hashlib.sha256()
    source.seek(0)
    with pyzipper.AESZipFile(
        target, "w", compression=zipfile.ZIP_DEFLATED, encryption=pyzipper.WZ_AES
    ) as archive:
        archive.setpassword(password.encode("ascii"))
        archive.comment = _MARK + b"0" * _SUM
        with archive.open(name, "w", force_zip64=total >= zipfile.ZIP64_LIMIT) as inside:
            for done in range(0, total, _CHUNK):
                progress.step(done, 2 * total, "progress.seal")
                part = source.read(_CHUNK)
                went_in.update(part)
                inside.write(part)
    with target.open("rb+") as content:
        content.seek(-_SUM, os.SEEK_END)
        checksum = _sum_of(target)
        content.write(checksum)
        content.flush()
        os.fsync(content.fileno())
    came_out = _Hashed(progress, total)
    unseal(target, password, came_out)
    if came_out.sum.digest() != went_in.digest():
        raise StoreError("backup_bad", file=target.name)


def seal(file: Path, target: Path, password: str, progress: Progress = SILENT) -> Path:
    """Seal a copy of the data file; the target has its name only when it is whole.

    Raises as `write`, but StoreError full, io, readonly for what the disk does not do.
    """
    part = target.with_name("." + target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with file.open("rb") as source:
                write(part, source, COPY, password, progress)
            part.replace(target)
            flush_folder(target.parent)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(os_code(error), file=target.name) from error
    return target


def unseal(
    file: Path, password: str, sink: IO[bytes] | _Hashed, progress: Progress = SILENT, most: int | None = None
) -> None:
    """Write what is inside to `sink`. Refusal sealed_needs without a password, password_wrong, sealed_bad for
    a file that is not ours or not as it was, too_big beyond `most` bytes; what `sink` raises; Cancelled."""
    if not password:
        raise Refusal("sealed_needs", file=file.name)
    with _open(file) as archive:
        info = _one(archive, file)
        if most is not None and info.file_size > most:
            raise Refusal("too_big", file=file.name, limit=f"{most >> 20:,} MB")
        done = 0
        with closing(_parts(archive, info, password, file)) as parts:
            for part in parts:
                progress.step(done, info.file_size, "progress.unseal")
                sink.write(part)
                done += len(part)


def _parts(archive: AESZipFile, info: Any, password: str, file: Path) -> Generator[bytes, None, None]:
    """What is inside, bit by bit; what whoever takes it raises is hers."""
    try:
        with archive.open(info, pwd=password.encode()) as inside:
            while part := inside.read(_CHUNK):
                yield part
    except _faults():
        # The file is as it was written: whatever does not fit then is the password.
        raise Refusal("password_wrong", file=file.name) from None


def _faults() -> tuple[type[Exception], ...]:
    """What reading an archive raises that is broken, or whose password is another."""
    import pyzipper

    return (
        pyzipper.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, KeyError, ValueError,
    )  # fmt: skip


class _Hashed:
    """Takes what comes out, and keeps only what it takes to compare it."""

    def __init__(self, progress: Progress, total: int) -> None:
        self.sum, self._progress, self._total, self._done = hashlib.sha256(), progress, total, total

    def write(self, part: bytes) -> None:
        self._progress.step(self._done, 2 * self._total, "progress.seal")
        self._done += len(part)
        self.sum.update(part)


def _open(file: Path) -> AESZipFile:
    import pyzipper

    try:
        if is_sealed(file):
            with file.open("rb") as content:
                content.seek(-_SUM, os.SEEK_END)
                said = content.read()
            if said == _sum_of(file):
                return pyzipper.AESZipFile(file)
    except _faults():
        pass
    raise Refusal("sealed_bad", file=file.name)


def _one(archive: AESZipFile, file: Path) -> Any:
    """The one file inside, encrypted as we do it."""
    parts = archive.infolist()
    if len(parts) != 1 or parts[0].filename not in (COPY, LIST) or not parts[0].wz_aes_strength:
        raise Refusal("sealed_bad", file=file.name)
    return parts[0]


def _sum_of(file: Path) -> bytes:
    """The checksum of all but the end, where it stands."""
    left, found = file.stat().st_size - _SUM, hashlib.sha256()
    with file.open("rb") as content:
        while left > 0 and (part := content.read(min(_CHUNK, left))):
            found.update(part)
            left -= len(part)
    return found.hexdigest().encode()
