"""The keys of encrypted data files: from a password or a recovery key, kept while the program runs.

An encrypted file is one of SQLCipher 4 as it comes: its first 16 bytes are the salt, and the password
stretched with it by 256,000 rounds of PBKDF2-SHA512 is the key, so that any program that knows such files
opens it. All copies made of a file have its salt, and with it its key. Nothing that opens it is on the disk.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from shopcrm.basics.errors import Refusal

MAGIC = b"SQLite format 3\0"  # how a file that is not encrypted begins
SALT = 16  # bytes
# How other files full of noise begin: ZIP with Excel and sealed copies, RAR, 7z, PNG, PDF.
_OTHERS = (b"PK\3\4", b"Rar!", b"7z\xbc\xaf", b"\x89PNG", b"%PDF")
_RAW, _ROUNDS = 32, 256_000
_JOURNAL = bytes.fromhex("d9d505f920a163d7")
_PAGE, _LOOKED_AT = 4096, 8
_RANDOM = 240  # other values among the bytes of such a page; random ones have nearly all 256

# The recovery key is written with letters and digits nobody takes for each other, four to a group.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans("OIL", "011", " -–—\t\n\r　")
_CHECK = 3  # bytes behind the key: a letter mistyped is noticed
_GROUP = 4


class Key(NamedTuple):
    """What opens a file and its copies."""

    raw: bytes
    salt: bytes

    @property
    def pragma(self) -> str:
        """As the database wants it: nothing is stretched again."""
        return f"x'{self.raw.hex()}{self.salt.hex()}'"

    @property
    def recovery(self) -> str:
        """The same to be printed, in groups: it opens the file when the password is lost."""
        number = int.from_bytes(self.raw + _check_of(self.raw), "big")
        letters = ""
        for _ in range((_RAW + _CHECK) * 8 // 5):
            number, last = divmod(number, 32)
            letters = _LETTERS[last] + letters
        return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))


_known: dict[bytes, Key] = {}  # by salt; they go with the process


def is_encrypted(file: Path, *, cut: bool = False) -> bool:
    """Whether a file looks like an encrypted shop: whole pages, most of them noise. Nothing in it says so.

    With `cut` it may have lost its end.
    """
    try:
        pages, rest = divmod(file.stat().st_size, _PAGE)
        before = _pages_before(file)
        if before is not None:  # what a write that was cut off had begun to add is no measure
            pages, rest = min(pages, before or pages), 0
        if not pages or (rest and not cut):
            return False
        places = {pages * part // _LOOKED_AT for part in range(_LOOKED_AT)}
        with file.open("rb") as content:
            if content.read(len(MAGIC)).startswith((MAGIC, *_OTHERS)):
                return False
            noise = 0
            for place in places:
                content.seek(place * _PAGE)
                noise += len(set(content.read(_PAGE))) > _RANDOM
    except OSError:
        return False
    return 2 * noise > len(places)


def _pages_before(file: Path) -> int | None:
    """How many pages a file had before the write that was cut off, 0 if that is not told; None where none
    was."""
    try:
        with file.with_name(file.name + "-journal").open("rb") as journal:
            header = journal.read(20)
    except OSError:
        return None
    return int.from_bytes(header[16:], "big") if header.startswith(_JOURNAL) else 0


def of(file: Path) -> Key | None:
    """The key of a file; None for one that has none or is not there. Refusal shop_locked where it is not
    known yet."""
    if not is_encrypted(file):
        return None
    key = _known.get(salt_of(file))
    if key is None:
        raise Refusal("shop_locked", file=file.name)
    return key


def of_salt(salt: bytes) -> Key:
    """The key that is known by its salt; KeyError."""
    return _known[salt]


def candidate(file: Path, word: str) -> Key:
    """The key a password or a recovery key makes for a file, right or wrong. Raises OSError."""
    return of_word(word, salt_of(file))


def of_word(word: str, salt: bytes) -> Key:
    """The key a password or a recovery key makes with a salt."""
    return Key(_read_recovery(word) or _stretched(word, salt), salt)


def is_recovery(word: str) -> bool:
    """Whether it is a recovery key and no password."""
    return _read_recovery(word) is not None


def fresh(password: str) -> Key:
    """A key for a file that is written anew."""
    salt = os.urandom(SALT)
    while salt.startswith(_OTHERS):  # never to be taken for one of those
        salt = os.urandom(SALT)
    return Key(_stretched(password, salt), salt)


def remember(key: Key, damaged: Path | None = None) -> None:
    """From now on files with that salt open; the key is that of a `damaged` one, too, whatever its salt."""
    _known[key.salt] = key
    if damaged is not None:
        _known[salt_of(damaged)] = key


def known() -> tuple[Key, ...]:
    """All keys that were told since the program began."""
    return tuple(dict.fromkeys(_known.values()))


def forget() -> None:
    """Know no key any more."""
    _known.clear()


def salt_of(file: Path) -> bytes:
    """How a file begins. Raises OSError."""
    with file.open("rb") as content:
        return content.read(SALT)


def _stretched(password: str, salt: bytes) -> bytes:
    import hashlib  # brings a whole library of cryptography along

    return hashlib.pbkdf2_hmac("sha512", password.encode("utf-8", "replace"), salt, _ROUNDS, _RAW)


def _check_of(raw: bytes) -> bytes:
    import hashlib

    return hashlib.sha256(b"shopcrm recovery" + raw).digest()[:_CHECK]


def _read_recovery(word: str) -> bytes | None:
    """The key a recovery key stands for; None for anything else, also with a letter mistyped."""
    letters = word.upper().translate(_READ_AS)
    if len(letters) != (_RAW + _CHECK) * 8 // 5 or any(letter not in _LETTERS for letter in letters):
        return None
    number = 0
    for letter in letters:
        number = 32 * number + _LETTERS.index(letter)
    whole = number.to_bytes(_RAW + _CHECK, "big")
    return whole[:_RAW] if _check_of(whole[:_RAW]) == whole[_RAW:] else None
