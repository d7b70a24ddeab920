"""Commands run as a user would, through main.py's own entry, and what they answered."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shopcrm.basics import texts
from ui.launch import main

ROOT = Path(__file__).resolve().parents[2]
TODAY = "2026-11-21"


@dataclass(frozen=True)
class Answer:
    """What a command left: its exit code and both streams."""

    code: int
    out: str
    err: str

    def data(self) -> Any:
        """Standard output read as one JSON value."""
        return json.loads(self.out)

    def lines(self) -> list[Any]:
        """Standard output read as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


def run(*arguments: object) -> Answer:
    """A command in this process; whatever it raises is a bug and fails the test."""
    out, err = io.StringIO(), io.StringIO()
    texts.use("zh_CN")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as left:
            code = int(left.code or 0)
    return Answer(code, out.getvalue(), err.getvalue())


def run_alone(*arguments: object, **environment: str) -> Answer:
    """The same in a process of its own."""
    child = subprocess.run(
        [sys.executable, "main.py", *map(str, arguments)],
        cwd=ROOT, capture_output=True, env={**os.environ, **environment}, timeout=120, check=False,
    )  # fmt: skip
    return Answer(child.returncode, child.stdout.decode(), child.stderr.decode())


MEMBERS = (
    "姓名,手机号,会员卡号,生日\n"
    "王丽,13800000001,V1,1990-05-01\n王丽,13800000002,V2,\n李娜,13800000003,V3,农历四月初六\n张敏,13800000004,V4,\n"
)
SALES = "手机号,消费日期,商品,实收金额,数量\n" + "".join(
    f"1380000000{person},2026-{month:02}-1{person},连衣裙,{200 + month},1\n"
    for person in (1, 2, 3)
    for month in range(1, 11)
)


def make_shop(folder: Path, *, first_list: bool = True) -> Path:
    """A shop of four members in `folder`, imported from two text tables, its list of TODAY made."""
    db = folder / "shop.db"
    for name, table in (("members.csv", MEMBERS), ("sales.csv", SALES)):
        (folder / name).write_text(table, encoding="utf-8")
        assert run("import", folder / name, "--db", db, "--day", TODAY).code == 0
    if first_list:
        assert run("todo", "--db", db, "--day", TODAY).code == 0
    return db


def dump(db: Path) -> Any:
    """All data of a shop, through the command."""
    return run("dump", "--db", db).data()


@contextlib.contextmanager
def unchanged(folder: Path) -> Iterator[None]:
    """Inside, no file of a folder may change, come or go (the lock's empty side file aside)."""

    def state() -> dict[str, bytes | None]:
        return {
            str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
            for path in folder.rglob("*")
            if path.suffix != ".lock"
        }

    before = state()
    yield
    after = state()
    assert {
        name for name in before.keys() | after.keys() if before.get(name, 0) != after.get(name, 0)
    } == set()


def bad_files(folder: Path) -> dict[str, str]:
    """Files no import can take, and the reason each must be given."""
    contents = {
        "empty.csv": (b"", "empty_file"),
        "mark.csv": (b"\xef\xbb\xbf", "empty_file"),
        "blank.xlsx": (b" \n\t\n", "empty_file"),
        "picture.xlsx": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not_spreadsheet"),
        "paper.xls": (b"%PDF-1.4\n" + bytes(range(256)), "not_spreadsheet"),
        "half.xlsx": (b"PK\x03\x04" + bytes(60), "corrupt_file"),
        "old.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000), "corrupt_file"),
        "noise.csv": (bytes(range(256)) * 9, "not_spreadsheet"),
        "entity.xls": (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "unsafe_file"),
        "no_header.csv": (b"a,b\n1,2\n", "no_header"),
        "only_header.csv": ("姓名,手机号\n".encode(), "no_rows"),
        "no_row.csv": ("姓名,手机号\n王,139\n李,abc\n".encode(), "no_rows"),
    }
    for name, (content, _) in contents.items():
        (folder / name).write_bytes(content)
    (folder / "folder.xlsx").mkdir()
    return {name: reason for name, (_, reason) in contents.items()} | {
        "folder.xlsx": "not_spreadsheet",
        "nowhere.xlsx": "no_file",
    }


def on(db: Path) -> tuple[object, ...]:
    """The arguments that name the shop and the day."""
    return ("--db", db, "--day", TODAY)
