"""The key of an encrypted file that the database does not open: the password is wrong, or the file damaged.

A page whose seal holds tells which. Where the salt is gone with the first page, the copies of the file and
those beside it have it, too; a recovery key does without, but then no seal can be looked at.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from shopcrm.basics.errors import Refusal
from shopcrm.store import keys, places
from shopcrm.store.keys import Key
from shopcrm.store.pages import Pages

_MOST_SALTS = 8  # each costs a fraction of a second


def find(file: Path, word: str) -> Key | None:
    """The key by which something in a file can be read: made of a password or a recovery key, or one that is
    known. Without a salt where that is gone. Raises OSError."""
    for key in _candidates(file, word):
        with Pages(file, key) as pages:
            if pages.is_ours():
                return key
    return None


def remember(file: Path, key: Key) -> Key:
    """From now on a damaged file's key is known, with a salt of its own where it has none; that key."""
    whole = key if key.salt else Key(key.raw, os.urandom(keys.SALT))
    keys.remember(whole, file)
    return whole


def refusal(file: Path, word: str) -> Refusal:
    """What to say where no key was found."""
    if not word:
        return Refusal("shop_locked", file=file.name)
    is_as_it_was = keys.salt_of(file) in _salts_beside(file)
    return Refusal("shop_password_wrong" if is_as_it_was else "shop_password_or_damage", file=file.name)


def _candidates(file: Path, word: str) -> Iterator[Key]:
    if word:
        for salt in dict.fromkeys((keys.salt_of(file), *_salts_beside(file))):
            yield keys.of_word(word, salt)
        if keys.is_recovery(word):
            yield keys.of_word(word, b"")
    else:
        known = keys.known()
        yield from known
        yield from (Key(raw, b"") for raw in dict.fromkeys(key.raw for key in known))


def _salts_beside(file: Path) -> list[bytes]:
    """The salts of the encrypted copies of a file and of those beside it, newest first."""
    others = [
        other
        for folder in dict.fromkeys((file.parent, *places.folders_of(file)))
        if folder.is_dir()
        for other in folder.glob("*.db")
        if other.name != file.name and keys.is_encrypted(other)
    ]
    others.sort(key=lambda one: one.stat().st_mtime_ns, reverse=True)
    return list(dict.fromkeys(map(keys.salt_of, others)))[:_MOST_SALTS]
