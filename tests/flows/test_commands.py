"""Every command of the shop without a screen: what it prints, its exit code, the files it leaves."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from shopcrm.basics.records import TYPE_KEYS
from shopcrm.basics.texts import t
from shopcrm.shop import Shop
from shopcrm.store import keys
from tests.flows.running import TODAY, dump, on, run, run_alone, unchanged

COLUMNS = ["member_id", "card_no", "name", "phone", "type", "reason_code", "reason", "score", "p90"]
REPORT = {
    "outcome", "reason", "message", "members_new", "members_updated", "sales_new", "sales_duplicate",
    "rows_skipped", "problems", "ignored_sheets", "ignored_columns",
}  # fmt: skip


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_import_reports_on_standard_output_or_in_the_file(tmp_path: Path) -> None:
    source, db = tmp_path / "会员 名单.csv", tmp_path / "shop.db"
    source.write_text("姓名,手机号,星座\n王丽,13800000001,羊\n李娜,138,牛\n", encoding="utf-8")
    answer = run("import", source, *on(db))
    assert answer.code == 0
    report = answer.data()
    assert report.keys() >= REPORT
    assert (report["outcome"], report["reason"], report["members_new"]) == ("imported", None, 1)
    assert report["ignored_columns"] == ["星座"]
    (problem,) = report["problems"]
    assert (problem["row"], problem["column"], problem["code"], problem["value"], problem["left_out"]) == (
        3, "手机号", "invalid_phone", "138", True,
    )  # fmt: skip
    assert "会员 名单.csv" in answer.err
    written = tmp_path / "报告.json"
    answer = run("import", source, *on(db), "--report", written)
    assert (answer.code, answer.out) == (0, "")
    assert '"outcome": "imported"' in written.read_text(encoding="utf-8")


def test_a_refused_import_has_a_report_with_its_reason(db: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    before = dump(db)
    answer = run("import", tmp_path / "empty.csv", *on(db))
    assert answer.code == 3
    report = answer.data()
    assert report.keys() >= REPORT
    assert (report["outcome"], report["reason"]) == ("refused", "empty_file")
    assert report["message"] == answer.err.strip()
    assert dump(db) == before


def test_undo_import_takes_back_the_last_or_the_named_one(db: Path, tmp_path: Path) -> None:
    before = dump(db)
    batches = []
    for number in (7, 8):
        source = tmp_path / f"{number}.csv"
        source.write_text(f"姓名,手机号\n新人,1380000001{number}\n", encoding="utf-8")
        batches.append(run("import", source, *on(db)).data()["batch"])
    answer = run("undo-import", batches[0], *on(db))
    assert (answer.code, answer.data()) == (0, {"kept": []})
    assert [m["phone"] for m in dump(db)["members"] if m["name"] == "新人"] == ["13800000018"]
    assert run("undo-import", *on(db)).code == 0
    assert dump(db) == before
    assert run("undo-import", batches[1], *on(db)).code == 3


def test_undo_import_names_whom_it_kept(db: Path) -> None:
    answer = run("undo-import", "1", *on(db))  # the members, whose sales came with the second import
    assert answer.code == 0
    assert sorted(answer.data()["kept"]) == ["李娜", "王丽", "王丽"]
    assert "李娜" in answer.err
    assert sorted(member["name"] for member in dump(db)["members"]) == ["李娜", "王丽", "王丽"]


def test_dump_is_one_json_value_in_an_order_of_its_own(db: Path) -> None:
    answer = run("dump", "--db", db)
    assert (answer.code, answer.err) == (0, "")
    data = answer.data()
    assert list(data) == ["members", "sales", "visits", "contacts", "tasks"]
    assert list(data["members"][0]) == [
        "name", "phone", "phone2", "gender", "birthday", "card_no", "notes",
    ]  # fmt: skip
    assert data["sales"][0].keys() >= {"member_phone", "member_name", "date", "amount_fen", "item", "qty"}
    assert {m["birthday"] for m in data["members"]} == {"1990-05-01", "L:--04-06", None}
    assert (len(data["members"]), len(data["sales"])) == (4, 30)
    assert run("dump", "--db", db).out == answer.out


def test_types_on_standard_output_and_in_a_file(db: Path, tmp_path: Path) -> None:
    answer = run("types", *on(db))
    assert (answer.code, answer.err) == (0, "")
    rows = table(answer.out)
    assert rows[0] == COLUMNS
    assert [row[1] for row in rows[1:]] == ["V1", "V2", "V3", "V4"]
    assert {row[4] for row in rows[1:]} <= set(TYPE_KEYS)
    assert all(row[6] for row in rows[1:])
    assert rows[1][3] == "13800000001"
    written = tmp_path / "类型.csv"
    said = run("types", *on(db), "--out", written)
    assert (said.code, said.out) == (0, "")
    assert written.name in said.err
    raw = written.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf"), "without a mark Excel takes it for another encoding"
    assert table(raw.decode("utf-8-sig")) == rows


def test_types_of_another_day_leave_the_file_as_it_was(db: Path, tmp_path: Path) -> None:
    with unchanged(tmp_path):
        today = table(run("types", *on(db)).out)
        spring = table(run("types", "--db", db, "--day", "2026-01-31").out)
        later = table(run("types", "--db", db, "--day", "2029-01-01").out)
        assert table(run("types", *on(db)).out) == today
    types = [{row[1]: row[4] for row in rows[1:]} for rows in (spring, today, later)]
    assert [day["V1"] for day in types] == ["potential", "loyal", "lost"]


def test_todo_prints_a_line_each_or_writes_the_list(db: Path, tmp_path: Path) -> None:
    answer = run("todo", *on(db), "--all")
    assert (answer.code, answer.err) == (0, "")
    rows = answer.lines()
    assert rows
    for row in rows:
        assert row["type"] in TYPE_KEYS
        assert all(
            row[key] for key in ("task", "member", "rule", "why", "channel", "due", "expires", "message")
        )
    assert [row["task"] for row in run("todo", *on(db)).lines()] == [r["task"] for r in rows][: len(rows)]
    assert run("todo", *on(db), "--type", "lost").lines() == [row for row in rows if row["type"] == "lost"]
    written = tmp_path / "回访.xlsx"
    said = run("todo", *on(db), "--all", "--out", written)
    assert (said.code, said.out) == (0, "")
    assert written.name in said.err
    cells = {str(cell).replace(" ", "") for line in sheet(written) for cell in line}
    assert {row["phones"][0] for row in rows} <= cells


def sheet(path: Path) -> list[tuple[Any, ...]]:
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True)
    try:
        return list(book.worksheets[0].iter_rows(values_only=True))
    finally:
        book.close()


def test_the_day_in_force_makes_the_list(db: Path) -> None:
    twice = [run("todo", "--db", db, "--day", "2026-12-20", "--all").out for _ in range(2)]
    assert twice[0] == twice[1]
    assert {row["due"] <= "2026-12-20" for row in run("todo", "--db", db, "--day", "2026-12-20").lines()} <= {
        True
    }


def test_outcome_records_the_contact_and_the_next_step(db: Path) -> None:
    task, other, *_ = (row["task"] for row in run("todo", *on(db)).lines())
    answer = run("outcome", task, "reached", "--note", "要 M 码", *on(db))
    assert (answer.code, answer.out) == (0, "")
    assert "王丽" in answer.err
    (contact,) = dump(db)["contacts"]
    assert (contact["outcome"], contact["note"], contact["date"]) == ("reached", "要 M 码", TODAY)
    assert run("outcome", other, "will_come", "--next", "2026-11-28", *on(db)).code == 0
    assert "2026-11-28" in {contact["next_date"] for contact in dump(db)["contacts"]}
    assert task not in {row["task"] for row in run("todo", *on(db), "--all").lines()}


def test_visit_sale_and_return_print_their_id_and_are_there(db: Path) -> None:
    assert run("visit", "--member", "13800000004", "--kind", "tried", "--reason", "price", "--reason",
               "style", "--items", "大衣", "--says", "太贵", *on(db)).data() == {"visit": 1}  # fmt: skip
    sale = run("sale", "--member", "V4", "--amount", "¥1,299.50", "--item", "大衣", "--size", "L", "--qty",
               "2", "--order", "A7", "--date", "2026-11-20", *on(db))  # fmt: skip
    assert sale.code == 0
    assert sale.data() == {"sale": 31}
    assert run("return", "--member", "#4", "--amount", "649.75", "--line", "31", *on(db)).data() == {
        "sale": 32
    }
    data = dump(db)
    (visit,) = data["visits"]
    assert (visit["kind"], visit["items"], visit["says"], visit["date"]) == ("tried", "大衣", "太贵", TODAY)
    hers = [sale for sale in data["sales"] if sale["member_phone"] == "13800000004"]
    assert sorted((s["date"], s["amount_fen"], s["qty"], s["order_no"]) for s in hers) == [
        ("2026-11-20", 129950, 2, "A7"), (TODAY, -64975, 1, ""),
    ]  # fmt: skip


def test_a_visit_sets_a_reminder(db: Path) -> None:
    refused = run("visit", "--member", "V4", "--kind", "tried", "--remind", TODAY, *on(db))
    assert refused.code == 3
    assert "--remind" in refused.err
    visit = run(
        "visit", "--member", "V4", "--kind", "tried", "--items", "大衣", "--remind", "2026-11-26", *on(db)
    )
    assert visit.code == 0
    (task,) = [task for task in dump(db)["tasks"] if task["rule"] == "R1"]
    assert (task["anchor"], task["due"], task["state"]) == (TODAY, "2026-11-26", "open")


def test_a_sale_without_a_member_and_a_gift(db: Path) -> None:
    assert run("sale", "--amount", "100", *on(db)).code == 0
    gift = run("sale", "--member", "V4", "--amount", "0", *on(db))
    assert gift.code == 0
    assert "退" not in gift.err
    assert {(s["member_phone"], s["amount_fen"]) for s in dump(db)["sales"]} >= {
        (None, 10000), ("13800000004", 0),
    }  # fmt: skip


def test_exports_come_home_unchanged(db: Path, tmp_path: Path) -> None:
    before = dump(db)
    for what, rows in (("members", 4), ("sales", 30)):
        for ending in ("xlsx", "csv"):
            answer = run("export", what, "--out", tmp_path / f"{what}.{ending}", *on(db))
            assert (answer.code, answer.out) == (0, "")
            assert f" {rows} " in answer.err
    assert run("export", "callbacks", "--out", tmp_path / "回访.xlsx", *on(db)).code == 0
    assert run("export", "all", "--out", tmp_path / "全部" / "资料", *on(db)).code == 0
    assert {file.name for file in (tmp_path / "全部" / "资料").iterdir()} == {
        "members.csv", "sales.csv", "visits.csv", "contacts.csv", "whole_shop.xlsx",
    }  # fmt: skip
    for ending in ("xlsx", "csv"):
        again = tmp_path / f"again_{ending}.db"
        for what in ("members", "sales"):
            assert run("import", tmp_path / f"{what}.{ending}", *on(again)).code == 0
        assert {key: dump(again)[key] for key in ("members", "sales")} == {
            key: before[key] for key in ("members", "sales")
        }


def test_backup_backups_check_and_migrate(db: Path, tmp_path: Path) -> None:
    made = run("backup", *on(db))
    assert made.code == 0
    copy = made.data()
    assert (copy["members"], copy["sales"], copy["why"]) == (4, 30, "by_hand")
    assert Path(copy["path"]).name in made.err
    assert dump(Path(copy["path"])) == dump(db)
    assert [file["path"] for file in run("backups", *on(db)).lines()] == [copy["path"]]
    stick = tmp_path / "U 盘"
    elsewhere = run("backup", "--to", stick, *on(db)).data()
    assert Path(elsewhere["path"]).parent == stick
    checked = run("check", *on(db))
    assert (checked.code, checked.data()["problems"]) == (0, [])
    assert " 4 " in checked.err
    migrated = run("migrate", *on(db))
    assert migrated.code == 0
    assert migrated.data().keys() == {"schema"}


def test_restore_brings_a_copy_back_and_keeps_what_was_there(db: Path, tmp_path: Path) -> None:
    before = dump(db)
    copy = run("backup", *on(db)).data()["path"]
    assert run("sale", "--amount", "300", *on(db)).code == 0
    after = dump(db)
    done = run("restore", copy, *on(db))
    assert done.code == 0
    assert dump(db) == before
    assert dump(Path(done.data()["saved"])) == after
    assert Path(done.data()["saved"]).name in done.err
    db.write_bytes(b"\0" * 5000)
    again = run("restore", copy, *on(db))
    assert again.code == 0
    assert dump(db) == before
    assert Path(again.data()["put_aside"]).read_bytes() == b"\0" * 5000
    wrong = tmp_path / "名单.db"
    wrong.write_text("没有", encoding="utf-8")
    for bad in (wrong, tmp_path / "gone.db"):
        refused = run("restore", bad, *on(db))
        assert (refused.code, refused.out) == (3, "")
    assert dump(db) == before


@pytest.mark.parametrize(
    ("language", "word"), [("zh_CN", "没有找到"), ("zh_TW", "找不到"), ("en", "There is no data file")]
)
def test_sentences_in_three_languages(tmp_path: Path, language: str, word: str) -> None:
    missing = tmp_path / "none.db"
    for arguments in (
        ("--lang", language, "dump", "--db", missing),
        ("dump", f"--lang={language}", "--db", missing),
        ("shots", "--db", missing, "--out", tmp_path, "--lang", language),
    ):
        answer = run(*arguments)
        assert answer.code == 3
        assert word in answer.err


COMMANDS = (
    "import", "undo-import", "dump", "types", "todo", "outcome", "visit", "sale", "return", "export",
    "backup", "backups", "restore", "salvage", "reset-pin", "check", "migrate", "demo",
    "shots",
)  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    answer = run(name, "--help")
    assert answer.code == 0
    assert answer.out.startswith("用法：")
    assert "usage" not in answer.out
    assert "--db" in answer.out or name == "demo"
    assert name in run("--help").out


def test_the_demo_leaves_books_lists_and_pictures(tmp_path: Path, qapp: Any) -> None:
    folder = tmp_path / "示例 店"
    answer = run("demo", "--out", folder, "--day", TODAY)
    assert answer.code == 0, answer.err
    assert "212" in answer.out
    assert len(list(folder.glob("回访名单*.xlsx"))) == 5
    assert len(list(folder.glob("*.xlsx"))) == 8
    pictures = {file.name for file in folder.glob("*.png")}
    assert {"today_1366.png", "counter_1366.png", "members_1366.png", "overview_1366.png", "io_1366.png",
            "settings_1366.png", "first_run_1366.png", "dialog_member_1366.png", "dialog_export_1366.png",
            "dialog_keys_1366.png"} <= pictures  # fmt: skip
    shop = folder / "sample.db"
    rows = table(run("types", "--db", shop, "--day", TODAY).out)[1:]
    assert len(rows) == 212
    assert all(row[4] in TYPE_KEYS and row[5] and row[6] for row in rows)
    tasks = run("todo", "--db", shop, "--day", TODAY, "--all").lines()
    assert tasks
    assert all(task["rule"] and task["why"] for task in tasks)
    before = dump(shop)
    dark = run("shots", "--db", shop, "--out", tmp_path / "shots", "--day", TODAY, "--dark", "--font", "big",
               "--size", "1280x720")  # fmt: skip
    assert dark.code == 0, dark.err
    files = [Path(line) for line in dark.out.splitlines()]
    assert len(files) >= 10
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in files)
    assert {file.name for file in files} >= {"today_1280_dark_big.png", "settings_1280_dark_big.png"}
    assert dump(shop) == before


@pytest.mark.slow
def test_the_demo_twice_with_one_seed_is_one_shop(tmp_path: Path, qapp: Any) -> None:
    dumps = []
    for place in ("one", "two"):
        assert run("demo", "--out", tmp_path / place, "--seed", "7", "--day", TODAY).code == 0
        dumps.append(dump(tmp_path / place / "sample.db"))
    assert dumps[0] == dumps[1]


def test_a_process_of_its_own_speaks_utf_8_everywhere(db: Path) -> None:
    answer = run_alone("types", *on(db), LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert answer.code == 0, answer.err
    assert answer.out == run("types", *on(db)).out


WORD = "liuxia-2026 Hema"


def test_what_leaves_behind_a_password_comes_back_with_it(db: Path, tmp_path: Path) -> None:
    word, wrong = tmp_path / "word.txt", tmp_path / "wrong.txt"
    word.write_text(WORD + "\n", encoding="utf-8")
    wrong.write_text("liuxia-2025 Hema", encoding="utf-8")
    before = dump(db)
    answer = run("backup", *on(db), "--to", tmp_path / "stick", "--password-file", word)
    assert answer.code == 0
    carried = Path(answer.data()["path"])
    assert carried.suffix == ".zip"
    assert WORD not in answer.out + answer.err
    new = tmp_path / "new.db"
    for more in ((), ("--password-file", wrong)):
        answer = run("restore", carried, *on(new), *more)
        assert (answer.code, answer.out) == (3, "")
        assert carried.name in answer.err
    assert not new.exists()
    assert run("restore", carried, *on(new), "--password-file", word).code == 0
    assert dump(new) == before
    for what, db_of in (("members", db), ("all", tmp_path / "empty.db")):
        out = tmp_path / f"{what}.zip"
        assert run("export", what, *on(db), "--out", out, "--password-file", word).code == 0
        assert run("import", out, *on(db_of)).data()["reason"] == "sealed_needs"
        assert run("import", out, *on(db_of), "--password-file", wrong).data()["reason"] == "password_wrong"
        assert run("import", out, *on(db_of), "--password-file", word).code == 0
    assert len(dump(tmp_path / "empty.db")["members"]) == len(before["members"])


def test_a_password_that_will_not_do_leaves_no_file(db: Path, tmp_path: Path) -> None:
    word, out = tmp_path / "word.txt", tmp_path / "out" / "list.zip"
    out.parent.mkdir()
    for text in ("", "1234567", "密码密码密码密码"):
        word.write_text(text, encoding="utf-8")
        assert run("export", "members", *on(db), "--out", out, "--password-file", word).code == 3
        assert run("backup", *on(db), "--to", out.parent, "--password-file", word).code == 3
    word.write_text(WORD, encoding="utf-8")
    assert (
        run("export", "members", *on(db), "--out", out.with_suffix(".xlsx"), "--password-file", word).code
        == 3
    )
    assert run("backup", *on(db), "--password-file", word).code == 2  # where to?
    assert run("backup", *on(db), "--to", out.parent, "--password-file", tmp_path / "none").code == 4
    assert list(out.parent.iterdir()) == []


def test_a_damaged_file_is_salvaged_into_a_new_one(db: Path, tmp_path: Path) -> None:
    assert run("backup", *on(db)).code == 0
    whole, out = dump(db), tmp_path / "new.db"
    content = db.read_bytes()
    db.write_bytes(b"\0" * 100 + content[100:])
    assert run("check", *on(db)).code == 4
    answer = run("salvage", db, "--out", out, *on(db))
    assert answer.code == 0, answer.err
    told = answer.data()
    assert (told["members"], told["sales"], told["lost"], told["nameless"]) == (4, 30, {}, 0)
    assert (told["backup"]["members"], told["backup"]["sales"]) == (4, 30)
    assert "救出了 4 位会员、30 笔销售" in answer.err
    assert dump(out) == whole
    assert run("check", *on(out)).code == 0
    assert db.read_bytes() == b"\0" * 100 + content[100:]
    again = run("salvage", db, "--out", out, *on(db))
    assert (again.code, again.out) == (3, "")
    (tmp_path / "there.txt").write_text("x", encoding="utf-8")
    again = run("salvage", db, "--out", tmp_path / "there.txt", *on(db))
    assert (again.code, "已经有了" in again.err) == (3, True)
    assert run("salvage", tmp_path / "nowhere.db", "--out", tmp_path / "x.db").code == 4
    (tmp_path / "text.db").write_text("名单", encoding="utf-8")
    assert run("salvage", tmp_path / "text.db", "--out", tmp_path / "x.db").code == 3


def test_a_damaged_encrypted_file_is_salvaged_with_its_password(db: Path, tmp_path: Path) -> None:
    word, wrong, out = tmp_path / "word.txt", tmp_path / "wrong.txt", tmp_path / "new.db"
    word.write_text(WORD, encoding="utf-8")
    wrong.write_text(WORD.lower(), encoding="utf-8")
    whole = dump(db)
    assert run("encrypt", *on(db), "--password-file", word).code == 0
    content = db.read_bytes()
    db.write_bytes(b"\0" * 4096 + content[4096:])
    keys.forget()
    ruined = db.read_bytes()
    assert run("check", *on(db), "--db-password-file", word).code == 4
    keys.forget()
    for more in ((), ("--db-password-file", wrong)):
        answer = run("salvage", db, "--out", out, *on(db), *more)
        assert (answer.code, answer.out, out.exists()) == (3, "", False)
        assert "密码" in answer.err
    answer = run("salvage", db, "--out", out, *on(db), "--db-password-file", word)
    assert answer.code == 0, answer.err
    assert (answer.data()["members"], answer.data()["sales"], answer.data()["pages"]) == (4, 30, 1)
    keys.forget()
    assert run("dump", "--db", out, "--db-password-file", word).data() == whole
    assert db.read_bytes() == ruined


def test_a_copy_taken_from_an_encrypted_shop_wants_both_passwords(db: Path, tmp_path: Path) -> None:
    inner, outer, new = tmp_path / "inner.txt", tmp_path / "outer.txt", tmp_path / "new.db"
    inner.write_text(WORD, encoding="utf-8")
    outer.write_text("on the stick 2026", encoding="utf-8")
    whole = dump(db)
    assert run("encrypt", *on(db), "--password-file", inner).code == 0
    answer = run("backup", *on(db), "--to", tmp_path / "stick", "--password-file", outer,
                 "--db-password-file", inner)  # fmt: skip
    carried = answer.data()["path"]
    keys.forget()
    answer = run("restore", carried, *on(new), "--password-file", outer)
    assert (answer.code, "里面的数据还加了密" in answer.err) == (3, True)
    answer = run("restore", carried, *on(new), "--password-file", outer, "--db-password-file", inner)
    assert answer.code == 0, answer.err
    keys.forget()
    assert run("dump", "--db", new, "--db-password-file", inner).data() == whole


# -- who sits there ------------------------------------------------------------------------------------------

PIN = "4711"
NEEDING = {  # a command that asks for a right, and which
    "dump": ("dump",), "types": ("types",), "todo": ("todo",), "todo --out": ("todo", "--out", "OUT.xlsx"),
    "import": ("import", "FILE"), "read-callbacks": ("read-callbacks", "FILE"),
    "undo-import": ("undo-import",),
    "export": ("export", "members", "--out", "OUT.xlsx"), "export all": ("export", "all", "--out", "OUT"),
    "backup": ("backup",), "restore": ("restore", "COPY"), "outcome": ("outcome", "1", "reached"),
    "visit": ("visit", "--member", "V1"), "sale": ("sale", "--member", "V1", "--amount", "9"),
    "return": ("return", "--member", "V1", "--amount", "9"),
    "encrypt": ("encrypt",), "decrypt": ("decrypt",), "recovery-key": ("recovery-key",),
    "salvage": ("salvage", "COPY", "--out", "OUT.db"), "shots": ("shots", "--out", "OUT"),
}  # fmt: skip
MAY = {
    "owner": set(NEEDING),
    "assistant": {"visit", "sale", "return", "outcome"},
    "entry": {"visit", "sale", "return"},
}


def test_a_pin_can_be_taken_away_by_whoever_has_the_file(closed: Path) -> None:
    assert run("reset-pin", "nobody", "--db", closed).code == 3
    with Shop.open(closed, clock=datetime.now):
        assert run("reset-pin", "owner", "--db", closed).code == 4  # not while it is open
    answer = run("reset-pin", "owner", "--db", closed)
    assert (answer.code, answer.out) == (0, "")
    assert "owner" in answer.err
    with Shop.open(closed, clock=datetime.now) as shop:
        assert [person.has_pin for person in shop.settings.staff()] == [False, True, True]
        assert shop.view().pin_resets() == ("owner",)  # the window tells the owner
    assert run("dump", "--db", closed).code == 0


FREE_COMMANDS = ("check", "backups", "migrate")


@pytest.fixture
def closed(db: Path, tmp_path: Path) -> Path:
    """A shop whose people have a PIN, with files for the commands that need one."""
    with Shop.open(db, clock=lambda: datetime(2026, 11, 21, 10)) as shop:
        for role in ("owner", "assistant", "entry"):
            person = shop.settings.add_staff(role, role).value
            shop.pins.set(person, PIN)
            shop.actor = shop.settings.staff()[0].id
        made = shop.backups.now("by_hand")
    (tmp_path / "FILE").with_suffix(".csv").write_text("姓名,手机号\n新人,13800000077\n", encoding="utf-8")
    (tmp_path / "copy.txt").write_text(str(made.path), encoding="utf-8")
    return db


def filled_in(words: tuple[str, ...], folder: Path) -> list[object]:
    """A command's words with the files of this test."""
    places: dict[str, object] = {
        "FILE": folder / "FILE.csv", "OUT.xlsx": folder / "out.xlsx", "OUT": folder / "out",
        "OUT.db": folder / "out.db",
        "COPY": (folder / "copy.txt").read_text(encoding="utf-8"),
    }  # fmt: skip
    return [places.get(word, word) for word in words]


@pytest.mark.parametrize("name", NEEDING)
def test_nobody_in_particular_is_refused_where_there_are_pins(
    name: str, closed: Path, tmp_path: Path
) -> None:
    before = closed.read_bytes()
    answer = run(*filled_in(NEEDING[name], tmp_path), *on(closed))
    assert (answer.code, answer.out) == (3, "")
    assert f"{t('right.' + RIGHT_OF[name])}，" in answer.err
    assert "Traceback" not in answer.err
    assert not (tmp_path / "out.xlsx").exists()
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "out.db").exists()
    if name not in ("todo", "todo --out", "export", "export all"):  # the day may have been begun
        assert closed.read_bytes() == before
    for command in FREE_COMMANDS:
        assert run(command, *on(closed)).code == 0


@pytest.mark.parametrize("role", MAY)
@pytest.mark.parametrize("name", NEEDING)
def test_a_command_does_what_its_person_may(
    role: str, name: str, closed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name in ("read-callbacks", "undo-import", "encrypt", "decrypt", "recovery-key") and role == "owner":
        return  # told apart by their own tests: the file is no list, the batch is there
    monkeypatch.setenv("SHOPCRM_PIN", PIN)
    answer = run(*filled_in(NEEDING[name], tmp_path), *on(closed), "--staff", role)
    refused = f"{t('right.' + RIGHT_OF[name])}，"
    assert (refused in answer.err) is (name not in MAY[role]), answer.err
    assert answer.code == (0 if name in MAY[role] else 3)


@pytest.mark.parametrize("name", ["dump", "types", "todo"])
def test_what_a_person_has_printed_is_in_the_trail(
    name: str, closed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPCRM_PIN", PIN)
    for _ in range(2):
        assert run(name, *on(closed), "--staff", "owner").code == 0
    with Shop.open(closed, clock=datetime.now) as shop:
        lines = [line for line in shop.view().audit(9).lines if line.kind == "export"]
    assert [(line.staff, line.what["what"]) for line in lines] == [("owner", t(f"cli.help.{name}"))] * 2


RIGHT_OF = {
    "dump": "take", "types": "export", "todo": "export", "todo --out": "export", "import": "import",
    "read-callbacks": "import", "undo-import": "import", "export": "export", "export all": "take",
    "backup": "backup", "restore": "restore", "outcome": "today", "visit": "counter", "sale": "counter",
    "return": "counter", "encrypt": "take", "decrypt": "take", "recovery-key": "take",
    "salvage": "take", "shots": "export",
}  # fmt: skip


def test_a_wrong_pin_an_unknown_person_and_a_file_with_the_pin(
    closed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPCRM_PIN", "0815")
    answer = run("dump", *on(closed), "--staff", "owner")
    assert (answer.code, answer.out) == (3, "")
    assert "PIN" in answer.err
    assert run("dump", *on(closed), "--staff", "谁").code == 3
    monkeypatch.delenv("SHOPCRM_PIN")
    assert run("dump", *on(closed), "--staff", "owner").code == 3
    file = tmp_path / "pin.txt"
    file.write_text(PIN + "\n", encoding="utf-8")
    answer = run("dump", *on(closed), "--staff", "owner", "--pin-file", file)
    assert answer.code == 0
    assert PIN not in answer.out


def test_an_encrypted_shop_opens_with_its_password_in_every_command(
    db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "_ROUNDS", 10)
    word, other, lost = tmp_path / "word.txt", tmp_path / "other.txt", tmp_path / "recovery.txt"
    word.write_text(WORD, encoding="utf-8")
    other.write_text("qiutian laile 77", encoding="utf-8")
    before = dump(db)
    answer = run("encrypt", *on(db), "--password-file", word, "--remove-plain-copies")
    assert answer.code == 0
    assert answer.data()["plain_copies"] == []
    lost.write_text(answer.data()["recovery_key"], encoding="utf-8")
    keys.forget()
    for command in (("dump",), ("check",), ("todo",), ("backups",), ("recovery-key",), ("decrypt",)):
        refused = run(*command, *on(db))
        assert (refused.code, refused.out) == (3, "")
        assert db.name in refused.err
        assert run(*command, *on(db), "--db-password-file", other).code == 3
    for file in (word, lost):
        assert run("dump", *on(db), "--db-password-file", file).data() == before
        keys.forget()
    monkeypatch.setenv("SHOPCRM_PASSWORD", WORD)
    assert run("check", *on(db)).code == 0
    copy = run("backup", *on(db)).data()["path"]
    assert run("restore", copy, *on(db)).code == 0
    assert run("encrypt", *on(db), "--password-file", other).code == 0
    keys.forget()
    assert run("check", *on(db)).code == 3
    monkeypatch.delenv("SHOPCRM_PASSWORD")
    assert run("restore", copy, *on(db), "--db-password-file", other, "--password-file", word).code == 0
    keys.forget()
    assert run("decrypt", *on(db), "--db-password-file", other).code == 0
    keys.forget()
    assert dump(db) == before
    assert run("recovery-key", *on(db)).code == 3
    keys.forget()
