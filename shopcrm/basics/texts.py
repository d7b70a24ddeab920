"""Every sentence a person reads, by id and language.

One row a sentence in resources/texts/*.csv: `id,zh_CN,zh_TW,en`. The three languages of a sentence stand on
one line so that none can be forgotten; tests compare their placeholders. Simplified Chinese is the source.
Where words bend by number a placeholder brings them along: `{n:day|days}` is "1 day" or "2 days".
"""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path

LANGUAGES = ("zh_CN", "zh_TW", "en")
RESOURCES = Path(__file__).resolve().parents[2] / "resources"

_language = 0


class _Bending:
    """A value that chooses by its number between the words behind it."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __format__(self, words: str) -> str:
        one, bends, many = words.partition("|")
        if not bends:
            return format(self._value, words)
        digits = "".join(filter(str.isdecimal, str(self._value)))  # a number may come set in bold
        return f"{self._value} {one if digits == '1' else many}"


def use(language: str) -> None:
    """Switch every later sentence to `language`, one of LANGUAGES; raises ValueError for another."""
    global _language
    _language = LANGUAGES.index(language)


def language() -> str:
    """The language in force."""
    return LANGUAGES[_language]


@cache
def catalogue() -> dict[str, tuple[str, ...]]:
    """All sentences: id to its wording in the order of LANGUAGES."""
    ids, *wordings = _columns()
    return dict(
        zip(ids.split(_END), zip(*(words.split(_END) for words in wordings), strict=True), strict=True)
    )


@cache
def _sentences(language: int) -> dict[str, str]:
    """All sentences of one language, which is all that most days need."""
    columns = _columns()
    return dict(zip(columns[0].split(_END), columns[1 + language].split(_END), strict=True))


_END = "\0"  # of a sentence where many stand in one text: read in a tenth of the time of single ones
_KEPT = str(Path(__file__).with_name("sentences.py"))


@cache
def _columns() -> tuple[str, ...]:
    return _kept(sorted((RESOURCES / "texts").glob("*.csv")), Path(cache_from_source(_KEPT)))


def _kept(files: list[Path], kept: Path) -> tuple[str, ...]:
    """The ids in `files` and their wordings by language, each as one text: read once and kept in the file
    `kept` as Python does it with modules, by sizes and times, and only where it can."""
    facts = [(file.name, file.stat()) for file in files]
    stamp = [(name, stat.st_size, stat.st_mtime_ns) for name, stat in facts]
    with suppress(OSError, ValueError, EOFError, TypeError):
        of, columns = marshal.loads(kept.read_bytes())
        if of == stamp and len(columns) == 1 + len(LANGUAGES):
            return tuple(columns)
    columns = tuple(map(_END.join, zip(*_rows(files), strict=True)))
    if not sys.dont_write_bytecode:
        draft = kept.with_suffix(f".{os.getpid()}")
        with suppress(OSError):
            kept.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(marshal.dumps((stamp, columns)))
            draft.replace(kept)
    return columns


def _rows(files: list[Path]) -> Iterator[list[str]]:
    import csv

    for file in files:
        with file.open(encoding="utf-8", newline="") as lines:
            yield from (row for row in csv.reader(lines) if row and row[0] != "id")


def t(key: str, /, **values: object) -> str:
    """The sentence `key` in the language in force, its {placeholders} filled; KeyError if there is none."""
    text = _sentences(_language)[key]
    if values and "|" in text:
        values = {name: _Bending(value) for name, value in values.items()}
    return text.format_map(values) if values else text


def has(key: str) -> bool:
    """Whether a sentence of this id exists."""
    return key in _sentences(_language)
