"""A head start: what Python and PySide work out anew at every start is kept from the last, or had cheaper.

Nothing of it shows in what comes out; where that is not certain, it stands aside.
"""

from __future__ import annotations

import builtins
import collections
import dataclasses
import enum
import marshal
import os
import re
import sys
import typing
from collections.abc import Callable, Sequence, Set
from contextlib import suppress
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import MAGIC_NUMBER, cache_from_source
from itertools import chain
from pathlib import Path
from types import CodeType
from typing import Any

# -- compiled once -------------------------------------------------------------------------------------------


class Kept:
    """While it is entered, what is compiled from text at every start is compiled once and kept in a file, as
    Python does it with modules: PySide's own modules, which it brings as source in an archive; the methods
    of data classes and the makers of named tuples; regular expressions. Our own modules lie in the same file:
    a hundred small ones take half as long again to find and to read.

    PySide's modules that only write stub files for editors are left empty, and annotations of named tuples
    stay the words they are written in. Where nothing can be written, all is as ever.
    """

    _ARCHIVE = "shibokensupport/"
    _FOR_EDITORS = tuple(f"shibokensupport/signature/lib/{name}.py" for name in ("pyi_generator", "enum_sig"))

    def __init__(self, file: Path | None = None, root: Path | None = None) -> None:
        self._file = file or Path(cache_from_source(str(Path(__file__).with_name("kept.py"))))
        self._root = f"{root or Path(__file__).parents[1]}{os.sep}"  # where our modules lie
        self._before: Set[str] = frozenset()  # modules that were there already
        self._compile = builtins.compile
        self._pattern, self._checked = _RE.compile, typing._type_check  # type: ignore[attr-defined]
        self._codes: dict[tuple[object, ...], Any] = {}
        self._used: dict[tuple[object, ...], Any] = {}
        self._is_new = self._is_on = False

    def __enter__(self) -> Kept:
        with suppress(OSError, ValueError, EOFError, TypeError, KeyError):  # not kept, or by another Python
            self._codes = marshal.loads(self._file.read_bytes())[MAGIC_NUMBER]
        builtins.compile = self._archived
        # Names these modules look up for themselves before they find the builtin ones.
        dataclasses.exec = self._exec  # type: ignore[attr-defined]
        collections.eval = self._eval  # type: ignore[attr-defined]
        _RE.compile = self._searching
        typing._type_check = self._annotation  # type: ignore[attr-defined]
        self._before = set(sys.modules)
        sys.meta_path.insert(sys.meta_path.index(PathFinder), self)
        self._is_on = True
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Everything is loaded: keep what was used, and stand aside; safe to call again."""
        if not self._is_on:
            return
        self._is_on = False
        builtins.compile = self._compile
        del dataclasses.exec, collections.eval  # type: ignore[attr-defined]
        _RE.compile, typing._type_check = self._pattern, self._checked  # type: ignore[attr-defined]
        sys.meta_path.remove(self)
        self._keep_modules()
        if self._is_new and not sys.dont_write_bytecode:
            draft = self._file.with_suffix(f".{os.getpid()}")
            with suppress(OSError):
                self._file.parent.mkdir(parents=True, exist_ok=True)
                draft.write_bytes(marshal.dumps({MAGIC_NUMBER: self._used}))
                draft.replace(self._file)

    def find_spec(self, name: str, path: Sequence[str] | None, target: object = None) -> ModuleSpec | None:
        """Asked by `import`: a module of ours as it is kept, unless its source changed since or lies
        elsewhere."""
        key = "module", name
        kept = self._codes.get(key)
        if kept is None:
            return None
        file, stamp, code = kept
        folder, _, base = file.rpartition(os.sep)
        is_package = base == "__init__.py"
        place = folder.rpartition(os.sep)[0] if is_package else folder
        with suppress(OSError):
            if place in (path or ()) and _stamp(file) == stamp:
                self._used[key] = kept
                spec = ModuleSpec(name, _Kept(name, file, code), origin=file, is_package=is_package)
                spec.has_location = True
                if is_package:
                    spec.submodule_search_locations = [folder]
                return spec
        return None

    def _keep_modules(self) -> None:
        """Those that were read from files of their own are kept for the next start, too."""
        for name in sys.modules.keys() - self._before:
            loader = getattr(sys.modules[name], "__loader__", None)
            if type(loader) is SourceFileLoader and loader.path.startswith(self._root):
                key, file = ("module", name), loader.path
                with suppress(OSError, ImportError):
                    stamp, kept = _stamp(file), self._codes.get(key)
                    if kept is None or kept[:2] != (file, stamp):
                        kept = file, stamp, loader.get_code(name)
                        self._is_new = True
                    self._used[key] = kept

    def _code(self, source: str | bytes, name: str, mode: str) -> CodeType:
        key = name, mode, source
        code: CodeType | None = self._used.get(key) or self._codes.get(key)
        if code is None:
            code = self._compile(source, name, mode, dont_inherit=True)
            self._is_new = True
        self._used[key] = code
        return code

    def _archived(self, source: Any, filename: Any, mode: str, *rest: Any, **more: Any) -> Any:
        if type(source) is not bytes or not str(filename).startswith(self._ARCHIVE) or rest or more:
            return self._compile(source, filename, mode, *rest, **more)
        return self._code(b"" if filename in self._FOR_EDITORS else source, filename, mode)

    def _searching(self, pattern: Any, flags: int = 0) -> re.Pattern[Any]:
        """What `re` compiles; only what is no other when it is made of the parts kept is made of them."""
        key = "re", _RE._sre.MAGIC, flags, pattern
        parts = self._used.get(key) or self._codes.get(key)
        if parts is None:
            made: re.Pattern[Any] = self._pattern(pattern, flags)
            with suppress(Exception):  # another Python, whose patterns are made of other parts
                parts = _parts_of(pattern, flags)
                again = _RE._sre.compile(*parts)
                if type(pattern) is str and again == made and again.groupindex == made.groupindex:
                    self._used[key] = parts
                    self._is_new = True
            return made
        self._used[key] = parts
        kept: re.Pattern[Any] = _RE._sre.compile(*parts)
        return kept

    def _annotation(self, written: Any, message: str, *rest: Any, **more: Any) -> Any:
        if type(written) is str and message.startswith("field "):  # of a named tuple
            return written
        return self._checked(written, message, *rest, **more)

    def _exec(self, source: Any, *spaces: Any) -> None:
        exec(self._code(source, "<string>", "exec") if type(source) is str else source, *spaces)

    def _eval(self, source: Any, *spaces: Any) -> Any:
        return eval(self._code(source, "<string>", "eval") if type(source) is str else source, *spaces)


class _Kept(SourceFileLoader):
    """Loads a module as it is kept."""

    def __init__(self, name: str, file: str, code: CodeType) -> None:
        super().__init__(name, file)
        self._code = code

    def get_code(self, _name: str) -> CodeType:
        return self._code


def _stamp(file: str) -> tuple[int, int]:
    """What is another one after every change of a file."""
    stat = Path(file).stat()
    return stat.st_size, stat.st_mtime_ns


_RE: Any = re._compiler  # type: ignore[attr-defined]


def _parts_of(pattern: str, flags: int) -> tuple[object, ...]:
    """What a regular expression is compiled to, as `_sre.compile` takes it."""
    parsed = _RE._parser.parse(pattern, flags)
    state = parsed.state
    names = [None] * state.groups
    for name, number in state.groupdict.items():
        names[number] = name
    code = [int(one) for one in _RE._code(parsed, flags)]
    return pattern, flags | state.flags, code, state.groups - 1, state.groupdict, tuple(names)


# -- enumerations --------------------------------------------------------------------------------------------

_create: Callable[..., Any] = enum.EnumType._create_  # type: ignore[attr-defined]
_KINDS = (enum.Enum, enum.IntEnum, enum.Flag, enum.IntFlag)
_SAMPLE = [("A", 1), ("B", 2), ("SAME", 2), ("BOTH", 3), ("NONE", 0), ("LATE", 8), ("EARLY", 4), ("LESS", -2)]


def quicken_enums() -> None:
    """Let enumerations made by name and number, as PySide makes hundreds of them at a start, be made from a
    pattern: a seventh of the time, and no other than Python's own way makes them.
    """
    enum.EnumType._create_ = _created  # type: ignore[attr-defined]


def _created(
    base: Any,
    name: str,
    members: Any,
    *,
    module: str | None = None,
    qualname: str | None = None,
    type: builtins.type | None = None,
    start: int = 1,
    boundary: enum.FlagBoundary | None = None,
) -> Any:
    """What Python's own `_create_` answers."""
    if module is None:
        module = sys._getframe(2).f_globals.get("__name__")
    if type is None and boundary is enum.KEEP and module is not None and isinstance(members, list):
        pattern = _Pattern.of(base)
        if pattern is not None and pattern.fits(members):
            return pattern.make(name, members, module, qualname)
    return _create(
        base, name, members, module=module, qualname=qualname, type=type, start=start, boundary=boundary
    )


class _Pattern:
    """What every enumeration of one kind has before it has members."""

    def __init__(self, base: Any) -> None:
        self.base = base
        self.is_flag = issubclass(base, enum.Flag)
        empty = vars(_create(base, "Empty", [], module=__name__, boundary=enum.KEEP))
        self.fixed = {key: value for key, value in empty.items() if key not in ("__dict__", "__weakref__")}
        self.own = [key for key, value in self.fixed.items() if isinstance(value, list | dict)]
        self.taken = {"mro", *chain.from_iterable(map(vars, base.__mro__))}

    @classmethod
    @cache
    def of(cls, base: Any) -> _Pattern | None:
        """The pattern of a kind; None for those that are made as ever."""
        if base not in _KINDS:
            return None
        with suppress(Exception):  # another Python, whose enumerations are made of other parts
            pattern = cls(base)
            other = _create(base, "Sample", _SAMPLE, module=__name__, boundary=enum.KEEP)
            if _parts(pattern.make("Sample", _SAMPLE, __name__, None)) == _parts(other):
                return pattern
        return None

    def fits(self, members: list[Any]) -> bool:
        """Whether these are plain names with whole numbers."""
        names = set()
        for name, value in members:
            if name.startswith("_") or builtins.type(value) is not int:
                return False
            names.add(name)
        return len(names) == len(members) and names.isdisjoint(self.taken)

    def make(self, name: str, members: list[tuple[str, int]], module: str, qualname: str | None) -> Any:
        space = self.fixed.copy()
        for key in self.own:
            space[key] = space[key].copy()
        space["__module__"] = module
        if qualname is not None:
            space["__qualname__"] = qualname
        made: Any = builtins.type.__new__(enum.EnumType, name, (self.base,), space)
        new, takes_value = space["_new_member_"], space["_use_args_"]
        named, valued, order = space["_member_map_"], space["_value2member_map_"], space["_member_names_"]
        put = builtins.type.__setattr__
        mask = singles = 0
        for member_name, value in members:
            single = value != 0 and value & (value - 1) == 0
            mask |= value
            if single:
                singles |= value
            member = valued.get(value)
            if member is None:
                member = new(made, value) if takes_value else new(made)
                member._value_ = value
                member._name_ = member_name
                member.__objclass__ = made
                member._sort_order_ = len(order)
                valued[value] = member
                if single or not self.is_flag:
                    order.append(member_name)
            put(made, member_name, member)
            named[member_name] = member
        if self.is_flag:
            put(made, "_flag_mask_", mask)
            put(made, "_singles_mask_", singles)
            put(made, "_all_bits_", 2 ** mask.bit_length() - 1)
            values = [named[one]._value_ for one in order]
            if values != sorted(values):
                put(made, "_iter_member_", made._iter_member_by_def_)
        return made


def _parts(value: Any) -> object:
    """All an enumeration is made of, so that two can be compared."""
    if isinstance(value, enum.EnumType):
        return {key: _parts(part) for key, part in vars(value).items() if key != "__qualname__"}
    if isinstance(value, enum.Enum):
        return value._name_, value._value_, [key for key in vars(value)]
    if isinstance(value, dict):
        return {key: _parts(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_parts(part) for part in value]
    return getattr(value, "__func__", value)
