"""What a power cut leaves: the writes of a run, recorded below the database, are replayed up to any point.

`recording` puts a layer between SQLite and its own file layer that notes every write, truncation, sync,
creation and removal. `cut` plays them into a folder as a disk might have them: what was synced is there, of
what was not any part may be, in pieces of a sector; a removed or created name may still be or not be there
until its folder was synced.

The child (`python -m tests.flows.power OUT DB CASE ...`) runs one case recorded and pickles the writes.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import pickle
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from shopcrm.shop.encryption import is_encrypted, unlock

SECTOR = 512


class Op(NamedTuple):
    """One thing done to a file; `ack` is a step of the program that was reported as done."""

    what: str  # create, write, cut, sync, remove, ack
    file: str = ""
    at: int = 0
    data: bytes = b""
    folder_too: bool = False  # a removal that waits until the folder is on the disk


class Unrecordable(Exception):
    """The database of this Python cannot be reached below."""


# ---------------------------------------------------------------- recording

_pointer, _integer, _long = ctypes.c_void_p, ctypes.c_int, ctypes.c_int64
_CREATE, _JOURNAL = 0x4, 0x800
_Open = ctypes.CFUNCTYPE(
    _integer, _pointer, _pointer, _pointer, _integer, ctypes.POINTER(ctypes.c_int)
)  # fmt: skip
_Delete = ctypes.CFUNCTYPE(_integer, _pointer, ctypes.c_char_p, _integer)
_Close = ctypes.CFUNCTYPE(_integer, _pointer)
_Write = ctypes.CFUNCTYPE(_integer, _pointer, _pointer, _integer, _long)
_Cut = ctypes.CFUNCTYPE(_integer, _pointer, _long)
_Sync = ctypes.CFUNCTYPE(_integer, _pointer, _integer)


class _Layer(ctypes.Structure):  # sqlite3_vfs
    _fields_ = (
        ("version", _integer), ("size", _integer), ("longest", _integer), ("next", _pointer),
        ("name", ctypes.c_char_p), ("data", _pointer), ("open", _Open), ("delete", _Delete),
        ("rest", _pointer * 14),
    )  # fmt: skip


class _Methods(ctypes.Structure):  # sqlite3_io_methods
    _fields_ = (
        ("version", _integer), ("close", _Close), ("read", _pointer), ("write", _Write), ("truncate", _Cut),
        ("sync", _Sync), ("rest", _pointer * 13),
    )  # fmt: skip


class _File(ctypes.Structure):  # sqlite3_file
    _fields_ = (("methods", ctypes.POINTER(_Methods)),)


def _library(encrypted: bool) -> ctypes.CDLL:
    if encrypted:
        from sqlcipher3 import _sqlite3
    else:
        import _sqlite3

    library = ctypes.CDLL(getattr(_sqlite3, "__file__", None))
    try:
        library.sqlite3_vfs_find.restype = ctypes.POINTER(_Layer)
        library.sqlite3_vfs_register.argtypes = (ctypes.POINTER(_Layer), _integer)
    except AttributeError as missing:
        raise Unrecordable(str(missing)) from missing
    return library


@contextmanager
def recording(ops: list[Op], *, encrypted: bool = False) -> Iterator[None]:
    """Note what the database does to files opened meanwhile. Raises Unrecordable."""
    library = _library(encrypted)
    below = library.sqlite3_vfs_find(None).contents
    layer = _Layer.from_buffer_copy(below)
    layer.name, layer.next = b"recorded", None
    names: dict[int, str] = {}
    tables: dict[int, tuple[_Methods, _Methods]] = {}  # address of the layer below's methods: they and ours

    def above(methods: Any) -> _Methods:
        address = ctypes.addressof(methods.contents)
        if address not in tables:
            old = _Methods.from_buffer_copy(methods.contents)
            new = _Methods.from_buffer_copy(methods.contents)

            def write(file: int, data: int, size: int, at: int) -> int:
                code = old.write(file, data, size, at)
                if code == 0 and file in names:
                    ops.append(Op("write", names[file], at, ctypes.string_at(data, size)))
                return int(code)

            def cut_off(file: int, size: int) -> int:
                code = old.truncate(file, size)
                if code == 0 and file in names:
                    ops.append(Op("cut", names[file], size))
                return int(code)

            def sync(file: int, flags: int) -> int:
                code = old.sync(file, flags)
                if code == 0 and file in names:
                    ops.append(Op("sync", names[file]))
                return int(code)

            def close(file: int) -> int:
                names.pop(file, None)
                return int(old.close(file))

            new.write, new.truncate, new.sync, new.close = (
                _Write(write), _Cut(cut_off), _Sync(sync), _Close(close)
            )  # fmt: skip
            tables[address] = (old, new)
        return tables[address][1]

    def opened(layer_: int, name: int | None, file: int, flags: int, out: Any) -> int:
        path = ctypes.string_at(name).decode() if name else ""
        new = bool(path) and bool(flags & _CREATE) and not Path(path).exists()
        code = below.open(layer_, name, file, flags, out)
        if code == 0 and path:
            own = ctypes.cast(file, ctypes.POINTER(_File)).contents
            own.methods = ctypes.pointer(above(own.methods))
            names[file] = path
            if new:
                ops.append(Op("create", path))
        return int(code)

    def removed(layer_: int, name: bytes, folder_too: int) -> int:
        code = below.delete(layer_, name, folder_too)
        if code == 0:
            ops.append(Op("remove", name.decode(), folder_too=bool(folder_too)))
        return int(code)

    layer.open, layer.delete = _Open(opened), _Delete(removed)
    library.sqlite3_vfs_register(ctypes.byref(layer), 1)
    try:
        yield
    finally:
        # The layer stays known while files opened through it may live; new ones go the old way.
        library.sqlite3_vfs_register(ctypes.byref(below), 1)
        _kept.append((layer, tables, opened, removed))


_kept: list[object] = []  # callbacks the database may still call


# ---------------------------------------------------------------- replaying


class Disk:
    """Files as a disk holds them, and what has been done to them that need not be there after a cut."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.sure = {name: bytearray(content) for name, content in files.items()}
        self.names = {name: name for name in files}  # as the running program sees them: name -> body
        self.there = dict(self.names)  # as the disk has them for sure
        self.pending: dict[str, list[Op]] = {}  # body: what was not synced
        self.moves: list[Op] = []  # names made or removed, in order, the folder not synced since
        self.made = 0

    def do(self, op: Op) -> None:
        """One op happens."""
        if op.what == "create":
            self.made += 1
            body = f"{op.file}#{self.made}"
            self.sure[body] = bytearray()
            self.names[op.file] = body
            self.moves.append(Op("create", op.file, data=body.encode()))
        elif op.what == "remove":
            self.names.pop(op.file, None)
            self.moves.append(op)
            if op.folder_too:
                self._sync_folder()
        elif op.what == "sync":
            body = self.names[op.file]
            self._play(self.sure[body], self.pending.pop(body, []))
            # A new journal's name is made sure with its content.
            if any(move.what == "create" and move.data.decode() == body for move in self.moves):
                self._sync_folder()
        elif op.what in ("write", "cut") and op.file in self.names:
            self.pending.setdefault(self.names[op.file], []).append(op)

    def _sync_folder(self) -> None:
        self.there = self._moved(self.there, self.moves)
        self.moves.clear()

    @staticmethod
    def _moved(there: dict[str, str], moves: list[Op]) -> dict[str, str]:
        there = dict(there)
        for move in moves:
            if move.what == "create":
                there[move.file] = move.data.decode()
            else:
                there.pop(move.file, None)
        return there

    @staticmethod
    def _play(content: bytearray, ops: list[Op]) -> None:
        for op in ops:
            if op.what == "cut":
                del content[op.at :]
            else:
                if len(content) < op.at:
                    content.extend(bytes(op.at - len(content)))
                content[op.at : op.at + len(op.data)] = op.data

    def after_cut(self, chance: random.Random) -> dict[str, bytes]:
        """What is found when the power is back: one of the many states it may be in."""
        share = chance.choice((0.0, 0.3, 0.7, 1.0))
        there = self._moved(self.there, self.moves[: chance.randint(0, len(self.moves))])
        found = {}
        for name, body in there.items():
            content = bytearray(self.sure[body])
            self._play(content, list(self._part(self.pending.get(body, []), share, chance)))
            found[name] = bytes(content)
        return found

    @staticmethod
    def _part(ops: list[Op], share: float, chance: random.Random) -> Iterator[Op]:
        for op in ops:
            if op.what == "cut":
                if chance.random() < share:
                    yield op
                continue
            for start in range(0, len(op.data), SECTOR):
                if chance.random() < share:
                    yield Op("write", op.file, op.at + start, op.data[start : start + SECTOR])


def cut(
    before: dict[str, bytes], ops: list[Op], points: list[int], chance: random.Random
) -> Iterator[tuple[int, dict[str, bytes]]]:
    """For each of these ascending points: how many steps were acknowledged by then, and what is found."""
    disk, done, acknowledged = Disk(before), 0, 0
    for point in points:
        for op in ops[done:point]:
            disk.do(op)
            acknowledged += op.what == "ack"
        done = point
        yield acknowledged, disk.after_cut(chance)


# ---------------------------------------------------------------- the cases


def _sales(db: Path, report: Callable[[], None], sales: int) -> None:
    from shopcrm.basics.records import LineDraft, MemberId, SaleDraft
    from shopcrm.shop import Shop
    from tests.conftest import Clock

    with Shop.open(db, clock=Clock()) as shop:
        for number in range(sales):
            line = LineDraft(amount_fen=10_000 + number, item=f"衬衫 {number}")
            shop.counter.sell(SaleDraft(member=MemberId(number % 5 + 1), day=shop.day, lines=(line,)))
            report()


def _import(db: Path, report: Callable[[], None], workbook: str) -> None:
    from shopcrm.shop import Shop
    from tests.conftest import Clock

    with Shop.open(db, clock=Clock()) as shop:
        shop.imports.apply(shop.imports.preview(Path(workbook)))
        report()


def _migrate(db: Path, report: Callable[[], None]) -> None:
    from shopcrm.shop import Shop
    from tests.conftest import Clock

    with Shop.open(db, clock=Clock()):
        report()


def steps(shop: Any) -> Iterator[None]:
    """A day of everything a user may do, a write each, on a shop of five members."""
    from shopcrm.basics.records import LineDraft, MemberDraft, MemberId, SaleDraft, VisitDraft

    one, two, *others = map(MemberId, range(1, 6))

    def sell(member: MemberId, fen: int, line: int | None = None) -> Any:
        lines = (LineDraft(amount_fen=fen, item="连衣裙", returns_line=line),)
        return shop.counter.sell(SaleDraft(member=member, day=shop.day, lines=lines)).value

    sell(one, 30_000)
    yield
    sell(two, 20_000)
    yield
    shop.counter.visit(VisitDraft(member=others[0], day=shop.day, kind="tried"))
    yield
    anna = shop.settings.add_staff("小雯", "assistant").value
    yield
    shop.members.assign((one, two, *others), anna)
    yield
    shop.merging.merge(one, two)
    yield
    sell(one, -30_000, 1)
    yield
    shop.merging.separate(two)
    yield
    shop.members.save(MemberDraft(name="新会员"))
    yield
    shop.members.archive(others[1])
    yield
    shop.settings.set("tasks_per_day", 3)
    yield
    shop.followups.add_today(others)
    yield
    for _ in range(5):
        shop.undo()
        yield
    for _ in range(3):
        shop.redo()
        yield
    wrong = sell(others[2], 10_000)
    yield
    shop.counter.void_sale(wrong, "打错了")
    yield


def _steps(db: Path, report: Callable[[], None]) -> None:
    from shopcrm.shop import Shop
    from tests.conftest import Clock

    with Shop.open(db, clock=Clock()) as shop:
        for _ in steps(shop):
            report()


def main() -> None:
    out, db, case, *rest = sys.argv[1:]
    ops: list[Op] = []
    report = lambda: ops.append(Op("ack"))  # noqa: E731
    try:
        encrypted = is_encrypted(Path(db))
        unlock(Path(db), os.environ.get("SHOPCRM_PASSWORD", ""))
        with recording(ops, encrypted=encrypted):
            if case == "sales":
                _sales(Path(db), report, int(rest[0]))
            elif case == "import":
                _import(Path(db), report, rest[0])
            elif case == "steps":
                _steps(Path(db), report)
            else:
                _migrate(Path(db), report)
    except Unrecordable as why:
        sys.exit(f"unrecordable: {why}")
    here = (db, db + "-journal")
    Path(out).write_bytes(pickle.dumps([tuple(op) for op in ops if op.what == "ack" or op.file in here]))


if __name__ == "__main__":
    main()
