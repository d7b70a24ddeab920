"""The data file behind a password: turning that on and off, another password, the key to print.

All of it works on a file that nobody has open. Password and recovery key lost is data lost: there is no
other way in.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from shopcrm.basics.errors import Refusal, StoreError
from shopcrm.basics.passwords import refuse_unfit
from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import BackupFile
from shopcrm.store import Store, backup, connection, keys, places, rekeying, restore

KINDS = ENCRYPT, PASSWORD, DECRYPT = "shop.encrypt", "shop.password", "shop.decrypt"

Clock = Callable[[], datetime]


class Rekeyed(NamedTuple):
    """What came of it: the recovery key (empty without encryption), a copy of the file as it was, and of the
    new one (None where there was no room for it)."""

    recovery: str
    before: BackupFile
    after: BackupFile | None


def is_encrypted(data_file: Path) -> bool:
    """Whether a file needs a password."""
    return keys.is_encrypted(Path(data_file))


def unlock(data_file: Path, word: str) -> None:
    """From now on a file and the copies made of it open: `word` is its password or its recovery key.

    Raises Refusal shop_locked for an empty word, shop_password_wrong; StoreError.
    """
    connection.unlock(Path(data_file), word)


def recovery_of(data_file: Path) -> str:
    """The recovery key of an encrypted file that is unlocked; empty for one that is not encrypted.

    Another password makes another one. Raises Refusal shop_locked.
    """
    key = keys.of(Path(data_file))
    return "" if key is None else key.recovery


def encrypt(data_file: Path, password: str, clock: Clock, progress: Progress = SILENT) -> Rekeyed:
    """Encrypt a data file, or give an encrypted one that is unlocked another password.

    Copies made before stay as they are: `plain_copies`. Raises InputError password_short, password_letters;
    Refusal no_shop, shop_locked; StoreError second_copy, corrupt, too_new, notadb, backup_bad, full, io,
    readonly; Cancelled. Nothing has changed then.
    """
    refuse_unfit(password)
    kind = PASSWORD if is_encrypted(data_file) else ENCRYPT
    return _rekeyed(Path(data_file), keys.fresh(password), kind, clock, progress)


def decrypt(data_file: Path, clock: Clock, progress: Progress = SILENT) -> Rekeyed:
    """Let a data file be read without a password again. Raises Refusal not_encrypted; else as `encrypt`."""
    if not is_encrypted(data_file):
        raise Refusal("not_encrypted", file=Path(data_file).name)
    return _rekeyed(Path(data_file), None, DECRYPT, clock, progress)


def plain_copies(data_file: Path) -> tuple[Path, ...]:
    """What can be read of an encrypted data file without its password: copies, those of the second place as
    far as it can be reached, too, copies left half made, and what was put aside."""
    data_file = Path(data_file).resolve()
    try:
        with closing(connection.connect(data_file, write=False)) as db:
            shop = backup.shop_of(connection.Rx(db))
    except (Refusal, StoreError):  # then by their names alone
        shop = ""
    found = restore.asides(data_file)
    second = places.second_of(data_file, "")
    for folder in (*places.folders_of(data_file), *([second] if second else [])):
        found += [copy.path for copy in backup.list_backups(folder, data_file.stem, shop)]
        found += backup.halves_in(folder, data_file.stem)
    plain = [file for file in found if not keys.is_encrypted(file)]
    journals = [file.with_name(file.name + "-journal") for file in plain]
    return tuple(plain + [file for file in journals if file.exists()])


def remove_plain_copies(data_file: Path) -> int:
    """Delete them; how many there were. What a disk keeps of deleted files is out of our reach.

    Raises Refusal not_encrypted for a data file that is itself to be read; StoreError readonly, io.
    """
    data_file = Path(data_file)
    if not is_encrypted(data_file):
        raise Refusal("not_encrypted", file=data_file.name)
    found = plain_copies(data_file)
    try:
        for file in found:
            backup.remove(file)
    except OSError as error:
        raise StoreError(backup.os_code(error), file=data_file.name) from error
    return len(found)


def _rekeyed(data_file: Path, key: keys.Key | None, kind: str, clock: Clock, progress: Progress) -> Rekeyed:
    if not data_file.is_file():
        raise Refusal("no_shop", file=data_file.name)
    before, after = rekeying.rekey(data_file, key, clock(), progress)
    with suppress(StoreError):  # what stands there now is told of where it is opened
        store = Store.open(data_file, now=clock(), progress=progress)
        try:
            with store.write(kind, None, clock()) as tx:
                tx.note(copy=before.path.name)
                tx.done(None, "audit." + kind)
        finally:
            store.close()
    return Rekeyed("" if key is None else key.recovery, before, after)
