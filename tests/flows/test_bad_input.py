"""Nonsense for every argument of every command: a clear sentence, the right exit code, nothing changed."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from shopcrm.shop import Shop
from shopcrm.store import connection
from tests.flows.running import ROOT, TODAY, Answer, bad_files, dump, make_shop, run, run_alone, unchanged

CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"argument|invalid|expected|error|usage|Errno|required", re.IGNORECASE)
LONG = "长" * 100_000
HUGE = "9" * 400


def said_no(answer: Answer, code: int) -> None:
    """The exit code, a short sentence in Chinese, no data and no traceback."""
    assert answer.code == code, answer
    first = answer.err.splitlines()[0]
    assert CHINESE.search(first), answer.err
    assert not ENGLISH.search(first), answer.err
    assert "Traceback" not in answer.err
    assert len(answer.err) < 1500
    assert answer.out == ""


def refused(made: Path, code: int, *arguments: object) -> None:
    with unchanged(made.parent):
        said_no(run(*arguments, "--db", made, "--day", TODAY), code)


# -- arguments that make no sense ----------------------------------------------------------------------------

SALE = ("sale", "--member", "V1", "--amount", "100")
RETURN = ("return", "--member", "V1", "--amount", "100")
VISIT = ("visit", "--member", "V1")
NO_NUMBERS = ("", " ", "x", "1.5", "1e3", "NaN", "²", "１", "٣", HUGE, "0x1", "1_000", "--")
NO_DAYS = ("", " ", "x", "2026-02-30", "9999-99-99", "20261121", "2026-W47-6", "２０２６-11-21", "2026/11/21",
           "+2026-11-21", "2026-11-21T10:00", "\n", HUGE)  # fmt: skip
NO_AMOUNTS = ("", " ", "x", "nan", "inf", "-inf", "1e400", "-1e400", "一百", "10000001", HUGE, "0x10",
              "1_000", "٣", "1.299,00", "1;2", "#DIV/0!")  # fmt: skip


WRONG_USAGE = """
nonsense | '' | --nonsense | dump extra | dump --nonsense | dump --d 2026-11-21 | dump --lang | dump --lang xx
dump --lang= | import | import '' | import a b | import a\0b | todo --all=3 | todo --type x | todo --type ''
outcome | outcome 1 | outcome 1 '' | outcome 1 REACHED | outcome 1 reached --note
visit | visit --member | visit --member '' | visit --member V1 --kind x
sale | sale --member V1 | sale --amount | sale --member V1 --amount -5 | return --amount 1
return --member V1 --amount 0 | export | export members | export '' --out x.csv | export MEMBERS --out x.csv
export members --out '' | backup --to | backup --to ' ' | types --out '' | todo --out ''
shots | shots --out '' | shots --out x --font x
demo | demo --out | demo --out '' | demo --out x --seed x | demo --out x --seed 1.5 | demo --out x --db y
"""


def commands(text: str) -> list[str]:
    """The commands of a table like the one above."""
    return [command.strip() for command in re.split(r"[|\n]", text) if command.strip()]


@pytest.mark.parametrize("command", commands(WRONG_USAGE))
def test_wrong_usage(made: Path, command: str) -> None:
    name, *rest = shlex.split(command)
    on = () if name in ("demo", "") else ("--db", made)
    with unchanged(made.parent):
        said_no(run(name, *on, *rest), 2)


def test_wrong_numbers_days_and_amounts_are_wrong_usage(made: Path) -> None:
    for number in NO_NUMBERS:
        refused(made, 2, "outcome", number, "reached")
        refused(made, 2, *SALE, "--qty", number)
        refused(made, 2, *RETURN, "--line", number)
        if number != "--":
            refused(made, 2, "undo-import", number)
    for day in NO_DAYS:
        refused(made, 2, *SALE, "--date", day)
        refused(made, 2, *VISIT, "--date", day)
        refused(made, 2, "outcome", "1", "later", "--next", day)
    for amount in NO_AMOUNTS:
        refused(made, 2, *SALE[:3], "--amount", amount)
        refused(made, 2, *RETURN[:3], f"--amount={amount}")


@pytest.mark.parametrize("day", [*NO_DAYS, "0001-01-01", "1989-12-31", "2200-01-01", "9999-12-31", "-1"])
def test_a_day_that_cannot_be_today(made: Path, tmp_path: Path, day: str) -> None:
    with unchanged(made.parent), unchanged(tmp_path):
        for command in (("dump",), ("types",), ("todo",), SALE, ("check",),
                        ("export", "all", "--out", tmp_path / "x"),
                        ("shots", "--out", tmp_path / "x")):  # fmt: skip
            said_no(run(*command, "--db", made, "--day", day), 2)
        said_no(run("demo", "--out", tmp_path / "x", "--day", day), 2)


# -- sensible arguments the shop has to refuse ---------------------------------------------------------------


@pytest.mark.parametrize("key", ["x", "99", "#99", "#", "0", "-1", "王丽", "138", "13800000009", "%", "²",
                                 HUGE, LONG, "' OR 1=1 --", "\udcff", "\u202e"])  # fmt: skip
def test_a_member_nobody_knows_or_several_are(made: Path, key: str) -> None:
    for command in (("visit", f"--member={key}"), ("sale", "--amount", "1", f"--member={key}"),
                    ("return", "--amount", "1", f"--member={key}")):  # fmt: skip
        refused(made, 3, *command)


def test_an_ambiguous_member_is_told_how_to_be_named(made: Path) -> None:
    assert "2 位" in run(*VISIT[:1], "--member", "王丽", "--db", made).err


REFUSED = """
sale --amount 1 --qty 0 | sale --amount 1 --qty -1 | sale --amount 1 --qty 10000
sale --amount 1 --date 2026-11-22 | sale --amount 1 --date 1989-12-31 | sale --amount 1 --date 0001-01-01
sale --amount 1 --date 9999-12-31 | sale --amount 1 --item LONG | sale --amount 1 --size LONG
sale --amount 1 --order LONG
visit --member V1 --date 2026-11-22 | visit --member V1 --date 0001-01-01 | visit --member V1 --reason x
visit --member V1 --items LONG | visit --member V1 --says LONG
return --member V1 --amount 1 --line 999 | return --member V1 --amount 1 --line 0
return --member V1 --amount 1 --line -1 | return --member V1 --amount 1 --line 11
return --member V1 --amount 9999 --line 1 | return --member V1 --amount 1 --line 1 --qty 2
return --member V1 --amount 1 --line 1 --date 2025-12-31
outcome 0 reached | outcome -1 reached | outcome 999 reached | outcome 999999999999999 reached
outcome 1 refused --reason x | outcome 1 reached --note LONG | outcome 1 will_come --next 2026-11-20
outcome 1 later --next 9999-12-31 | outcome 1 will_come --next 0001-01-01
undo-import 0 | undo-import -1 | undo-import 99 | undo-import 999999999999999
shots --out x --size x | shots --out x --size 99999x99999 | shots --out x --size ²²²x²²²
shots --out x --size 100x100 | shots --out x --size 800x600x1 | shots --out x --size ''
"""


@pytest.mark.parametrize("command", commands(REFUSED))
def test_what_the_shop_refuses(made: Path, command: str) -> None:
    refused(made, 3, *(LONG if word == "LONG" else word for word in shlex.split(command)))


def test_the_sentence_names_the_option_at_fault(made: Path) -> None:
    for option, value in (("--item", LONG), ("--order", LONG), ("--qty", "0"), ("--date", "2026-11-22")):
        assert run(*SALE, option, value, "--db", made, "--day", TODAY).err.startswith(option)


def test_twice_is_once(db: Path, tmp_path: Path) -> None:
    on = ("--db", db, "--day", TODAY)
    assert run("outcome", "1", "reached", *on).code == 0
    assert run(*RETURN[:3], "--amount", "201", "--line", "1", *on).code == 0
    with unchanged(tmp_path):
        said_no(run("outcome", "1", "reached", *on), 3)
        said_no(run("outcome", "1", "no_answer", *on), 3)
        said_no(run(*RETURN[:3], "--amount", "1", "--line", "1", *on), 3)
    for batch in (2, 1):
        assert run("undo-import", batch, *on).code == 0
    with unchanged(tmp_path):
        for batch in ((2,), (1,), ()):
            said_no(run("undo-import", *batch, *on), 3)


def test_what_cannot_be_seen_is_not_kept(db: Path) -> None:
    on = ("--db", db, "--day", TODAY)
    odd = "大\udcff\u202e\x07\u200b衣"
    assert run("outcome", "1", "reached", "--note", odd, *on).code == 0
    assert run(*VISIT, "--says", odd, "--items", odd, *on).code == 0
    assert run(*SALE, "--item", odd, "--order", odd, *on).code == 0
    data = dump(db)
    assert (data["visits"][0]["says"], data["contacts"][0]["note"]) == ("大衣", "大衣")
    assert "大衣" in {sale["item"] for sale in data["sales"]} & {sale["order_no"] for sale in data["sales"]}


def test_a_clock_gone_wrong_harms_nothing(db: Path) -> None:
    def list_of(day: str) -> list[str]:
        return [row["why"] for row in run("todo", "--db", db, "--day", day, "--all").lines()]

    types, todo = run("types", "--db", db, "--day", TODAY).out, list_of(TODAY)
    assert todo
    for wrong in ("1990-01-01", "2000-01-01", "2025-11-21", "2026-12-31", "2099-12-31", "2199-12-31"):
        list_of(wrong)
        assert run("types", "--db", db, "--day", TODAY).out == types, wrong
        assert list_of(TODAY) == todo, wrong


def test_a_first_start_and_a_sale_on_a_wrong_day_lose_no_to_do(tmp_path: Path) -> None:
    db = make_shop(tmp_path, first_list=False)
    todo = None
    for day in ("2000-01-01", "2099-12-31", TODAY, "2001-05-05", TODAY):
        answer = run("todo", "--db", db, "--day", day, "--all")
        assert answer.code == 0
        if day == TODAY:
            assert answer.lines()
            assert todo in (None, answer.out)
            todo = answer.out
            run(*SALE[:1], "--member", "V4", *SALE[3:], "--db", db, "--day", "2000-01-01")


# -- files ---------------------------------------------------------------------------------------------------


def test_files_no_import_can_take(made: Path, tmp_path: Path) -> None:
    for name, reason in bad_files(tmp_path).items():
        with unchanged(made.parent):
            answer = run("import", tmp_path / name, "--db", made, "--day", TODAY)
        report = answer.data()
        said_no(Answer(answer.code, "", answer.err), 3)
        assert (report["outcome"], report["reason"]) == ("refused", reason), name
        assert name in answer.err


def test_an_import_whose_report_cannot_be_written_does_not_begin(made: Path, tmp_path: Path) -> None:
    source = tmp_path / "new.csv"
    source.write_text("姓名,手机号\n新人,13800000099\n", encoding="utf-8")
    for report in (tmp_path, tmp_path / "no" / "r.json", source, made, source / "r.json",
                   tmp_path / ("长" * 100), made.with_name("shop.db.lock")):  # fmt: skip
        with unchanged(tmp_path):
            refused(made, 3, "import", source, "--report", report)
    if Path("/proc").is_dir():
        refused(made, 4, "import", source, "--report", "/proc/r.json")


def test_results_never_land_on_the_shop_or_where_they_cannot(made: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    backup = run("backup", "--db", made, "--to", tmp_path / "copies").data()["path"]
    as_csv = Path(shutil.copy(backup, tmp_path / "backup.csv"))
    for target in (tmp_path, tmp_path / "no" / "x.csv", tmp_path / "file" / "x.csv", tmp_path / "x.txt",
                   tmp_path / "x", made, as_csv, made.with_name(made.name + ".lock"),
                   tmp_path / ("长" * 100 + ".csv")):  # fmt: skip
        with unchanged(tmp_path):
            for command in (
                ("types",),
                ("todo",),
                ("export", "members"),
                ("export", "sales"),
                ("export", "callbacks"),
            ):
                refused(made, 3, *command, "--out", target)
    refused(made, 3, "types", "--out", tmp_path / "x.xlsx")
    for folder in (tmp_path / "file", tmp_path / "file" / "x", made):
        for command in (("export", "all", "--out"), ("backup", "--to"), ("shots", "--out")):
            refused(made, 3, *command, folder)
        said_no(run("demo", "--out", folder, "--day", TODAY), 3)


def test_the_sample_shop_replaces_no_list_of_the_real_one(tmp_path: Path) -> None:
    (tmp_path / "会员资料.xlsx").write_bytes(b"mine")
    with unchanged(tmp_path):
        said_no(run("demo", "--out", tmp_path, "--day", TODAY), 3)


def test_a_full_disk_is_told(made: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no full device here")
    done = subprocess.run(
        f"{sys.executable} main.py dump --db {made} > /dev/full",
        shell=True, cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 4
    assert "磁盘满了" in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


# -- the data file -------------------------------------------------------------------------------------------

EVERY = (
    ("dump",), ("types",), ("todo",), ("outcome", "1", "reached"), VISIT, SALE, RETURN, ("undo-import",),
    ("backup",), ("backups",), ("check",), ("migrate",), ("export", "members", "--out", "x.csv"),
)  # fmt: skip


def _odd_files(folder: Path, made: Path) -> dict[str, Path]:
    text = folder / "text.db"
    text.write_text("姓名,手机号\n王丽,13800000001\n" * 20, encoding="utf-8")
    newer = Path(shutil.copy(made, folder / "newer.db"))
    with sqlite3.connect(newer) as other:
        other.execute("PRAGMA user_version = 999")
    other.close()
    cut = folder / "cut.db"
    cut.write_bytes(made.read_bytes()[:20_000])
    broken = folder / "broken.db"
    raw = bytearray(made.read_bytes())
    raw[200:6000] = b"\xa5" * 5800
    broken.write_bytes(raw)
    (folder / "folder.db").mkdir()
    return {"text": text, "newer": newer, "cut": cut, "broken": broken, "folder": folder / "folder.db"}


def test_a_data_file_that_is_none(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    source = made.parent / "members.csv"
    for kind, file in _odd_files(tmp_path, made).items():
        with unchanged(tmp_path):
            for command in (*EVERY, ("import", source)):
                answer = run(*command, "--db", file, "--day", TODAY)
                assert answer.code == 4, (kind, command, answer)
                said_no(Answer(4, "" if command == ("check",) else answer.out, answer.err), 4)
            said_no(run("shots", "--db", file, "--out", tmp_path), 4)


def test_no_data_file_is_made_by_a_slip_of_the_pen(tmp_path: Path) -> None:
    with unchanged(tmp_path):
        for command in EVERY:
            said_no(run(*command, "--db", tmp_path / "no" / "shop.db", "--day", TODAY), 3)
            said_no(run(*command, "--db", tmp_path / f"{'名' * 100}.db", "--day", TODAY), 3)


def test_a_shop_that_is_open_elsewhere(made: Path) -> None:
    with Shop.open(made, clock=lambda: datetime(2026, 11, 21, 10)), unchanged(made.parent):
        for command in (("dump",), SALE, ("import", made.parent / "members.csv")):
            said_no(run(*command, "--db", made, "--day", TODAY), 4)
        said_no(run_alone("dump", "--db", made), 4)
    assert run("dump", "--db", made).code == 0


def test_a_file_another_program_holds(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "WAIT_SECONDS", 0.1)
    other = sqlite3.connect(made, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        for command in (("dump",), SALE, ("todo",)):
            said_no(run(*command, "--db", made, "--day", TODAY), 4)
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert run("check", "--db", made).code == 0


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="needs to become somebody else")
def test_a_file_one_may_look_at_but_not_touch(made: Path, tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    db = Path(shutil.copy(made, folder / "shop.db"))
    for parent in (folder, tmp_path, *list(tmp_path.parents)[:2]):
        parent.chmod(parent.stat().st_mode | 0o055)
    with unchanged(folder):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                os.setuid(65534)
                answers = [
                    run("sale", "--amount", "1", "--db", db, "--day", TODAY).code,
                    run("types", "--db", db, "--out", folder / "x.csv", "--day", TODAY).code,
                    run(
                        "import", made.parent / "members.csv", "--db", folder / "new.db", "--day", TODAY
                    ).code,
                ]
                code = 0 if answers == [4, 4, 4] else 5
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name here")
def test_pipes_and_devices_are_no_tables(made: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for source in (tmp_path / "pipe.csv", Path("/dev/zero")):
        answer = run("import", source, "--db", made, "--day", TODAY)
        assert (answer.code, answer.data()["reason"]) == (3, "not_spreadsheet")


@pytest.mark.skipif(sys.platform == "win32", reason="no shell of this kind")
def test_closed_streams_are_no_fault(made: Path, tmp_path: Path) -> None:
    for streams, code in ((">&-", 0), ("2>&-", 3)):
        db = made if code == 0 else tmp_path / "none.db"
        done = subprocess.run(
            f"{sys.executable} main.py dump --db {db} {streams}",
            shell=True, cwd=ROOT, capture_output=True, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stdout, done.stderr) == (code, b"", b"")


@pytest.mark.skipif(sys.platform == "win32", reason="no shell of this kind")
def test_a_reader_who_has_enough_is_no_fault(made: Path) -> None:
    done = subprocess.run(
        f"set -o pipefail; {sys.executable} main.py dump --db {made} | head -c 10",
        shell=True, executable="/bin/bash", cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b""


def test_paths_with_blanks_and_chinese(made: Path, tmp_path: Path) -> None:
    folder = tmp_path / "我的 店 #1 %41 ?"
    folder.mkdir()
    db = folder / "数据 文件.db"
    assert run("import", made.parent / "members.csv", "--db", db, "--day", TODAY).code == 0
    assert run("types", "--db", db, "--day", TODAY, "--out", folder / "类 型.csv").code == 0
    assert len(dump(db)["members"]) == 4
    assert run("backup", "--db", db).code == 0
    assert {file["why"] for file in run("backups", "--db", db).lines()} == {"import", "by_hand"}


@pytest.mark.skipif(sys.platform != "linux", reason="file names of any bytes")
def test_a_file_name_in_another_encoding(made: Path, tmp_path: Path) -> None:
    name = tmp_path / os.fsdecode("会员.csv".encode("gb18030"))
    shutil.copy(made.parent / "members.csv", name)
    answer = run("import", name, "--db", tmp_path / "new.db", "--day", TODAY, "--report", tmp_path / "r.json")
    assert answer.code == 0
    assert "imported" in (tmp_path / "r.json").read_text(encoding="utf-8")


def test_unknown_options_of_the_window() -> None:
    for arguments in (
        ("--db",),
        ("--db", ""),
        ("--db=",),
        ("--demo", "x"),
        ("--demo=1",),
        ("--de",),
        ("--db", "a", "--demo", "b"),
    ):
        answer = run(*arguments)
        assert answer.code == 2, arguments
        assert CHINESE.search(answer.err)
        assert "Traceback" not in answer.err
