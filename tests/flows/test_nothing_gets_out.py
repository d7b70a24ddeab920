"""What the shop knows stays in its file: no connection is ever opened, no log names anybody, and who was
erased is in no file any more."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from shopcrm.basics.records import MemberDraft
from shopcrm.shop import Shop, encryption
from tests.flows.running import ROOT, make_shop
from tests.flows.test_kill_import import workbook

__all__ = ["workbook"]  # a fixture

PHONE, NAME = "13800006543", "欧阳翡翠"
# In every Python process of a run, children too: each thing asked of the network is written down.
LISTENER = """
import os, sys
def _heard(event, args):
    if event.startswith("socket.") and event != "socket.gethostname":
        with open(os.environ["HEARD"], "a") as file:
            file.write(f"{event} {args!r}\\n")
sys.addaudithook(_heard)
"""


def environment(folder: Path) -> dict[str, str]:
    """Of a run with its own data folder, in which the network is listened to."""
    (folder / "ear").mkdir()
    (folder / "ear" / "sitecustomize.py").write_text(LISTENER, encoding="utf-8")
    return {
        **os.environ, "HEARD": str(folder / "heard.txt"), "PYTHONPATH": f"{folder / 'ear'}{os.pathsep}{ROOT}",
        "SHOPCRM_DATA": str(folder / "data"), "QT_QPA_PLATFORM": "offscreen",
    }  # fmt: skip


def run(arguments: list[object], env: dict[str, str], before: list[str] | None = None) -> str:
    done = subprocess.run(
        [*(before or ()), sys.executable, *map(str, arguments)],
        cwd=ROOT, env=env, capture_output=True, text=True, encoding="utf-8", timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def content(file: Path) -> bytes:
    """The bytes of a file; of a workbook those of its parts."""
    if not zipfile.is_zipfile(file):
        return file.read_bytes()
    with zipfile.ZipFile(file) as parts:
        return b"".join(parts.read(name) for name in parts.namelist())


@pytest.fixture
def db(tmp_path: Path, clock: Any) -> Path:
    """A shop that the window of the children opens."""
    (tmp_path / "data").mkdir()
    return make_shop(tmp_path / "data")


def test_the_listener_hears(tmp_path: Path) -> None:
    env = environment(tmp_path)
    run(["-c", "import socket; socket.socket(); socket.getaddrinfo('localhost', 80)"], env)
    heard = (tmp_path / "heard.txt").read_text()
    assert "socket.__new__" in heard
    assert "socket.getaddrinfo" in heard


def test_no_connection_is_ever_asked_for(db: Path, tmp_path: Path, workbook: Path) -> None:
    env = environment(tmp_path)
    run(["main.py", "demo", "--out", tmp_path / "demo"], env)
    run(["main.py", "import", workbook, "--db", db, "--day", "2026-11-21"], env)
    run(["main.py", "backup", "--db", db], env)
    assert "days end" in run(["-m", "tests.flows.child_day", db, PHONE, NAME], env)
    heard = tmp_path / "heard.txt"
    assert not heard.exists() or heard.read_text() == ""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("strace") is None, reason="calls of the system are not to be seen here")
def test_the_system_is_asked_for_no_connection_either(db: Path, tmp_path: Path, workbook: Path) -> None:
    """Qt and SQLite do not ask through Python; a name service of this computer is no connection."""
    env, log = environment(tmp_path), tmp_path / "calls"
    trace = ["strace", "-f", "-qq", "-e", "trace=socket,connect,bind,sendto,sendmsg", "-o", str(log)]
    probe = "import socket; s = socket.socket(); s.settimeout(0.1); s.connect_ex(('127.0.0.1', 9))"
    allowed = subprocess.run([*trace, sys.executable, "-c", probe], capture_output=True, check=False, env=env)
    if allowed.returncode or "AF_INET" not in log.read_text(errors="replace"):
        pytest.skip("calls of the system may not be looked at here")
    run(["main.py", "import", workbook, "--db", db, "--day", "2026-11-21"], env, trace)
    calls = log.read_text(errors="replace")
    assert "days end" in run(["-m", "tests.flows.child_day", db, PHONE, NAME], env, trace)
    calls += log.read_text(errors="replace")
    outside = [line for line in calls.splitlines() if re.search(r"AF_INET6?|AF_PACKET|AF_BLUETOOTH", line)]
    assert outside == []


@pytest.mark.parametrize("password", ["", "liuxia-2026 Hema"])
def test_no_log_names_anybody(db: Path, tmp_path: Path, clock: Any, password: str) -> None:
    """Of an encrypted shop nor does any file but the list that was taken out."""
    env = environment(tmp_path) | {"SHOPCRM_PASSWORD": password}
    if password:
        encryption.encrypt(db, password, clock)
        encryption.remove_plain_copies(db)
        for table in db.parent.glob("*.csv"):
            table.unlink()
    run(["-m", "tests.flows.child_day", db, PHONE, NAME], env)
    log = tmp_path / "data" / "shopcrm.log"
    said = log.read_text(encoding="utf-8")
    assert said.count("a fault of ours: ValueError") >= 1
    assert "a fault of ours: KeyError" in said
    assert "uncaught" in said
    assert "in uncaught" in said  # where it was, is told
    left_out = (".xlsx",) if password else (".xlsx", ".db", ".csv")
    for file in (tmp_path / "data").rglob("*"):
        if file.is_file() and file.suffix not in left_out:
            held = file.read_bytes()
            # Noise and checksums may have four such digits by chance.
            short = () if file.suffix in (".db", ".sha256") else (PHONE[-4:],)
            for word in (PHONE, *short, NAME, NAME[2:], "王丽", "13800000001"):
                assert word.encode() not in held, f"{word} in {file.name}"


def test_who_was_erased_is_in_no_file_any_more(db: Path, tmp_path: Path, clock: Any) -> None:
    env = environment(tmp_path)
    with Shop.open(db, clock=clock) as shop:
        shop.members.save(MemberDraft(name=NAME, phones=((PHONE, PHONE),), notes="爱吃榴莲"))
        shop.backups.now("by_hand")
    run(["-m", "tests.flows.child_day", db, "13900001111", "别的人"], env)
    with Shop.open(db, clock=clock) as shop:
        earlier = {copy.path for copy in shop.backups.files()}  # thinned out in time, as the screen says
        member = shop.view().search(NAME)[0].id
        assert shop.members.erase(member).value is True
        shop.backups.now("by_hand")
        shop.exports.whole(tmp_path / "data" / "out" / "whole.xlsx")
    run(["main.py", "todo", "--db", db, "--day", "2026-11-21", "--out", tmp_path / "data" / "todo.csv"], env)
    (tmp_path / "data" / "out" / "list.xlsx").unlink()  # a list that was taken out before is out
    looked = set()
    for file in (tmp_path / "data").rglob("*"):
        if file.is_file() and not any(file.name.startswith(copy.stem) for copy in earlier):
            held = content(file)
            looked.add(file.suffix)
            for word in (PHONE, "138 0000 6543", NAME, "爱吃榴莲"):
                assert word.encode() not in held, f"{word} in {file.name}"
    assert "别的人".encode() in content(tmp_path / "data" / "out" / "whole.xlsx")
    assert looked >= {".db", ".json", ".log", ".csv", ".xlsx"}
