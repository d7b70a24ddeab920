"""Sentences, and how they are kept for the next start."""

import os
import sys
from pathlib import Path

import pytest

from shopcrm.basics import texts
from shopcrm.basics.texts import LANGUAGES, catalogue, t, use


def test_one_language_says_what_all_of_them_hold() -> None:
    for number, language in enumerate(LANGUAGES):
        use(language)
        for key in ("g.all", "app.name", "nav.today"):
            assert t(key) == catalogue()[key][number]
    use(LANGUAGES[0])


def a_list(folder: Path) -> Path:
    file = folder / "one.csv"
    file.write_text('id,zh_CN,zh_TW,en\na,一,壹,"one, two"\nb,二,,two\n', encoding="utf-8")
    return file


READ = ("a\0b", "一\0二", "壹\0", "one, two\0two")


def test_what_was_read_once_is_kept_and_read_anew_when_it_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    file, kept = a_list(tmp_path), tmp_path / "cache" / "sentences.pyc"
    assert texts._kept([file], kept) == READ
    assert [entry.name for entry in kept.parent.iterdir()] == [kept.name]
    with monkeypatch.context() as patch:
        patch.setattr(texts, "_rows", lambda files: 1 / 0)
        assert texts._kept([file], kept) == READ
    before = file.stat()
    file.write_text(file.read_text(encoding="utf-8").replace("一", "三"), encoding="utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert texts._kept([file], kept)[1] == "三\0二"
    kept.write_bytes(b"half a fi")
    assert texts._kept([file], kept)[1] == "三\0二"


def test_without_leave_to_write_the_sentences_are_read_as_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    file, taken = a_list(tmp_path), tmp_path / "cache"
    taken.write_text("a file where the folder would be")
    assert texts._kept([file], taken / "sentences.pyc") == READ
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert texts._kept([file], tmp_path / "sentences.pyc") == READ
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["cache", "one.csv"]
