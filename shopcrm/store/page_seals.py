"""The pages of an encrypted file opened one by one, without the database.

They are those of SQLCipher 4 as it comes: AES-256-CBC, and at the end of each page 80 bytes: the start of its
cipher, and the seal over both and its number. The first page begins with the salt, which the seals' key is
made with.
"""

from __future__ import annotations

import hashlib
import hmac

from shopcrm.store.keys import MAGIC, Key

PAGE_SIZE, KEPT_BACK = 4096, 80
_START, _SEAL, _SALT = 16, 64, 16
_ROUNDS, _MASK = 2, 0x3A


class PageSeals:
    """Opens pages with a key; one without a salt opens them all, right or wrong."""

    def __init__(self, key: Key) -> None:
        self._raw = key.raw
        self.can_tell = bool(key.salt)
        mask = bytes(byte ^ _MASK for byte in key.salt)
        mac = hashlib.pbkdf2_hmac("sha512", key.raw, mask, _ROUNDS, len(key.raw))
        self._mac = hmac.new(mac, digestmod="sha512")

    def opened(self, number: int, page: bytes) -> bytes | None:
        """What is on a page but for its end; None where the seal does not hold."""
        at, end = _SALT if number == 1 else 0, PAGE_SIZE - KEPT_BACK
        start, seal = page[end : end + _START], page[end + _START :]
        if self.can_tell:
            mac = self._mac.copy()
            mac.update(page[at : end + _START] + number.to_bytes(4, "little"))
            if not hmac.compare_digest(mac.digest(), seal):
                return None
        from Cryptodome.Cipher import AES  # is loaded for a damaged encrypted shop only

        head = MAGIC if number == 1 else b""
        return head + AES.new(self._raw, AES.MODE_CBC, start).decrypt(page[at:end])
