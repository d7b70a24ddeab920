"""What a start has cheaper is what Python makes by itself."""

import enum
import importlib
import pickle
import re
import shutil
import sys
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui import head_start
from ui.head_start import Kept, _create, _created, _parts

KINDS = (enum.Enum, enum.IntEnum, enum.Flag, enum.IntFlag)
names = st.text("abXY", min_size=1, max_size=3) | st.sampled_from(["mro", "_one"])


@pytest.mark.parametrize("kind", KINDS)
@given(members=st.lists(st.tuples(names, st.integers(-4, 70)), max_size=9))
def test_an_enumeration_is_the_one_python_makes(kind: type, members: list[tuple[str, int]]) -> None:
    def made(how: object) -> object:
        try:
            found = how(kind, "Made", members, module=__name__, boundary=enum.KEEP)  # type: ignore[operator]
        except (TypeError, ValueError) as wrong:
            return type(wrong), str(wrong)
        return _parts(found), repr(list(found)), [repr(found(value)) for _, value in members]

    assert made(_created) == made(_create)


@pytest.mark.parametrize("kind", KINDS)
def test_the_pattern_of_this_python_is_known(kind: type) -> None:
    pattern = head_start._Pattern.of(kind)
    assert pattern is not None
    for name in ("value", "name", "mro", "_one", "__init__"):  # these Python makes in other ways
        assert not pattern.fits([("fine", 1), (name, 2)])


def test_what_is_made_works_and_others_are_made_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enum.EnumType, "_create_", _created)
    side = enum.IntFlag("Side", [("LEFT", 1), ("RIGHT", 2)], boundary=enum.KEEP)
    assert side.LEFT | side.RIGHT == 3
    assert side(9) & side.LEFT is side.LEFT
    assert (side.__module__, str(side.LEFT), list(side)) == (__name__, "1", [side.LEFT, side.RIGHT])
    with pytest.raises(AttributeError):
        side.LEFT = 5  # type: ignore[misc]
    monkeypatch.setitem(globals(), "Side", side)
    assert pickle.loads(pickle.dumps(side.RIGHT)) is side.RIGHT
    assert [one.value for one in enum.Enum("Plain", "one two")] == [1, 2]


def test_code_is_compiled_once_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    file = tmp_path / "kept.bin"
    compiled = []

    def started() -> object:
        with Kept(file) as kept:
            real = kept._compile
            kept._compile = lambda *what, **how: compiled.append(what) or real(*what, **how)

            @dataclass(frozen=True, slots=True)
            class Point:
                """A point."""

                x: int
                y: int = 2

            class Pair(NamedTuple):
                one: int
                other: str = ""

            return Point(1), Point(1) == Point(1, 2), Pair(1)

    first = repr(started())
    assert compiled
    compiled.clear()
    assert repr(started()) == first
    assert not compiled
    file.write_bytes(b"spoilt")
    assert repr(started()) == first
    assert compiled


def test_our_modules_are_read_from_one_file_until_one_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    monkeypatch.syspath_prepend(tmp_path)
    package = tmp_path / "a_program"
    (package / "room").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "room" / "__init__.py").write_text("from a_program.room.part import SAID")
    part = package / "room" / "part.py"
    part.write_text("import json\nSAID = 'first'\ndef where(): return __file__, __name__")
    read: list[str] = []
    real = SourceFileLoader.get_code
    monkeypatch.setattr(
        SourceFileLoader, "get_code", lambda self, name: read.append(name) or real(self, name)
    )

    def started() -> tuple[Any, list[str]]:
        for name in [name for name in sys.modules if name.partition(".")[0] == "a_program"]:
            del sys.modules[name]
        importlib.import_module("a_program")
        read.clear()
        with Kept(tmp_path / "kept.bin", tmp_path):
            made = importlib.import_module("a_program.room")
            found = list(read)
        return made, found

    rooms = ["a_program.room", "a_program.room.part"]
    assert started()[1] == rooms
    made, found = started()
    assert found == []
    assert made.SAID == "first"
    assert made.__path__ == [str(package / "room")]
    assert made.part.where() == (str(part), rooms[1])
    assert made.part.__spec__.cached == made.part.__cached__
    part.write_text("SAID = 'second, and longer'")
    made, found = started()
    assert (made.SAID, found[0]) == ("second, and longer", rooms[1])
    assert started()[1] == []
    other = tmp_path / "moved"  # the same program in another place is not taken for this one
    package.rename(other)
    shutil.copytree(other, package)
    monkeypatch.setattr(head_start.Path, "stat", lambda self: 1 / 0)  # not even looked for by its old path
    with Kept(tmp_path / "kept.bin", tmp_path) as kept:
        assert kept.find_spec(rooms[1], [str(other / "room")]) is None
    assert kept not in sys.meta_path


def test_regular_expressions_are_kept_and_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    written = (
        r"(?P<day>\d+)[-/](?P<month>\d{1,2})|(元|圆)",
        r"(?ix) ^ ab # a comment",
        b"(?:a|b)+",
        "[一-龥]{2,}",
    )
    real = re._compiler.compile  # type: ignore[attr-defined]
    compiled: list[object] = []

    def counted(pattern: object, flags: int) -> object:
        compiled.append(pattern)
        return real(pattern, flags)

    monkeypatch.setattr("re._compiler.compile", counted)

    def started() -> list[re.Pattern[Any]]:
        re.purge()
        compiled.clear()
        with Kept(tmp_path / "kept.bin"):
            return [re.compile(one, re.IGNORECASE) for one in written]

    first = started()
    assert compiled == list(written)
    again = started()
    assert compiled == [written[2]], "bytes are compiled as ever"
    assert again == first
    assert again[0].fullmatch("3/11").groupdict() == {"day": "3", "month": "11"}  # type: ignore[union-attr]
    assert [one.flags for one in again] == [one.flags for one in first]
    assert re._compiler.compile is counted  # type: ignore[attr-defined]


def test_annotations_of_named_tuples_can_still_be_asked_for(tmp_path: Path) -> None:
    with Kept(tmp_path / "kept.bin"):

        class Pair(NamedTuple):
            one: "int"
            other: "tuple[str, ...]" = ()

        assert Pair.__annotations__["one"] == "int"

    assert get_type_hints(Pair) == {"one": int, "other": tuple[str, ...]}
