"""Makes resources/readings.csv anew: how every Chinese character is read, from pypinyin.

The program asks for single characters only. Loading the library for that stops every thread for a tenth of a
second; the table is read in a fraction of it. `python -m installer.readings` after an update of the library.
"""

from __future__ import annotations

import csv
import os
from pathlib import Path

FILE = Path(__file__).parents[1] / "resources" / "readings.csv"
HAN = ((0x3007, 0x3007), (0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))


def table() -> dict[str, str]:
    """Readings, the common one first, joined by a space; and the characters that are read so."""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")  # 44 MB that say nothing of a single character
    from pypinyin import Style, pinyin

    alike: dict[str, list[str]] = {}
    for first, last in HAN:
        for char in map(chr, range(first, last + 1)):
            ways = pinyin(char, style=Style.NORMAL, heteronym=True, errors="ignore")
            readings = " ".join(dict.fromkeys(way for way in ways[0] if way)) if ways else ""
            if readings:
                alike.setdefault(readings, []).append(char)
    return {readings: "".join(alike[readings]) for readings in sorted(alike)}


def main() -> None:
    with FILE.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("readings", "characters"), *table().items()])


if __name__ == "__main__":
    main()
