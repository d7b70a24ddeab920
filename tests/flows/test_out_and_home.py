"""What leaves the shop and comes home: through the commands, and through another program that opens and saves
it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from shopcrm.basics.records import LineDraft, MemberDraft, SaleDraft
from shopcrm.excel.reader import MOST_ROWS
from shopcrm.excel.whole_book import bears_mark
from shopcrm.shop import Shop, arrivals
from shopcrm.shop.dump import dump as whole_dump
from tests.conftest import Clock
from tests.core.test_writer import NASTY
from tests.flows.running import TODAY, dump, on, run

LIBRE_OFFICE = shutil.which("soffice")
needs_it = pytest.mark.skipif(LIBRE_OFFICE is None, reason="needs LibreOffice")
AS_TEXT = "CSV:44,34,76,1," + "/".join(f"{column}/2" for column in range(1, 30))
GUESSING = "CSV:44,34,76,1,,0,false,true,false,false,false,0,true"  # special numbers and formulas, too


def a_filled_list(db: Path, *words: str) -> Path:
    path = db.with_name("回访名单.xlsx")
    assert run("todo", "--all", "--out", path, *on(db)).code == 0
    book = openpyxl.load_workbook(path)
    sheet = book.active
    column = [cell.value for cell in sheet[1]].index("联系结果") + 1
    for row, word in enumerate(words, 2):
        sheet.cell(row, column).value = word
    book.save(path)
    return path


def test_a_filled_list_is_read_by_its_own_command(db: Path, tmp_path: Path) -> None:
    path = a_filled_list(db, "联系上了", "没接通", "不懂")
    before = dump(db)
    answer = run("import", path, *on(db))
    assert (answer.code, answer.data()["reason"]) == (3, "is_callbacks")
    assert "read-callbacks" in answer.err
    assert dump(db) == before
    report = tmp_path / "report.json"
    assert run("read-callbacks", path, *on(db), "--report", report).code == 0
    told = json.loads(report.read_text(encoding="utf-8"))
    assert (told["outcome"], told["recorded"], told["conflicts"]) == ("imported", 2, 1)
    assert [(p["column"], p["code"], p["value"], p["left_out"]) for p in told["problems"]] == [
        ("联系结果", "unknown_outcome", "不懂", True)
    ]
    assert told["rows"] == told["recorded"] + told["same"] + told["empty"] + told["conflicts"]
    assert sorted(c["outcome"] for c in dump(db)["contacts"]) == ["no_answer", "reached"]
    after = dump(db)
    second = run("read-callbacks", path, *on(db)).data()
    assert (second["recorded"], second["same"], second["batch"]) == (0, 2, None)
    assert dump(db) == after
    assert run("undo-import", *on(db)).code == 0
    assert dump(db) == before


def test_what_is_no_filled_list_is_refused(db: Path, tmp_path: Path) -> None:
    members = tmp_path / "m.xlsx"
    assert run("export", "members", "--out", members, *on(db)).code == 0
    for file, reason in ((members, "callbacks_no_key"), (tmp_path / "weg.xlsx", "no_file")):
        answer = run("read-callbacks", file, *on(db))
        assert (answer.code, answer.data()["reason"]) == (3, reason)
        assert file.name in answer.err
    assert run("read-callbacks", members, "--db", tmp_path / "none.db").code == 3
    assert run("read-callbacks", *on(db)).code == 2
    assert run("read-callbacks", members, *on(db), "--report", members).code == 3


def test_the_whole_shop_moves_by_import_alone(db: Path, tmp_path: Path) -> None:
    assert run("read-callbacks", a_filled_list(db, "会来店", "不需要"), *on(db)).code == 0
    whole, new = tmp_path / "整店.xlsx", tmp_path / "new.db"
    assert run("export", "all", "--out", whole, *on(db)).code == 0
    answer = run("import", whole, *on(new))
    assert answer.code == 0
    assert (answer.data()["members_new"], answer.data()["rows_left_out"]) == (4, 0)
    assert dump(new) == dump(db)
    answer = run("import", whole, *on(db))
    assert (answer.code, answer.data()["reason"]) == (3, "whole_full")
    assert run("undo-import", *on(new)).code == 0
    assert not any(dump(new).values())
    folder = tmp_path / "all"
    assert run("export", "all", "--out", folder, *on(db)).code == 0
    for there in (folder / "whole_shop.xlsx", folder):
        assert run("import", there, *on(new)).code == 0
        assert dump(new) == dump(db)
        assert run("undo-import", *on(new)).code == 0


def test_who_was_not_reached_goes_out_too(db: Path, tmp_path: Path) -> None:
    assert run("read-callbacks", a_filled_list(db, "没接通", "联系上了"), *on(db)).code == 0
    assert run("export", "not-reached", "--out", tmp_path / "n.xlsx", *on(db)).code == 0
    assert openpyxl.load_workbook(tmp_path / "n.xlsx").active.max_row == 2


# -- through LibreOffice -------------------------------------------------------------------------------------


def converted(path: Path, ending: str, folder: Path, *more: str) -> Path:
    """The file as another program saves it after opening it."""
    assert LIBRE_OFFICE is not None
    out = folder / f"saved_{ending}"
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    subprocess.run(
        [LIBRE_OFFICE, profile, "--headless", *more, "--convert-to", ending, "--outdir", out, path],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    return out / f"{path.stem}.{ending}"


def formulas(path: Path) -> int:
    cells = (
        cell for sheet in openpyxl.load_workbook(path).worksheets for row in sheet.iter_rows() for cell in row
    )
    return sum(cell.data_type == "f" for cell in cells)


@pytest.fixture
def nasty_shop() -> Any:
    """One member for each nasty text, in every field a text goes into."""
    with Shop.open(":memory:", clock=Clock()) as shop:
        for number, text in enumerate(NASTY):
            phone = f"1380000{number:04}"
            shop.members.save(MemberDraft(
                name=f"会员{number}", phones=((phone, phone),), notes=text, likes=text[:100], tags=text[:40],
                wechat=text[:40],
            ))  # fmt: skip
        yield shop


@pytest.mark.slow
@needs_it
@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_nasty_texts_are_inert_and_come_home_equal(nasty_shop: Any, tmp_path: Path, ending: str) -> None:
    assert len(NASTY) >= 60
    path = nasty_shop.exports.members(tmp_path / f"members.{ending}").value
    if ending == "xlsx":
        saved = converted(path, "xlsx", tmp_path)
        assert formulas(saved) == 0
    else:
        assert formulas(converted(path, "xlsx", tmp_path, f"--infilter={GUESSING}")) == 0
        saved = converted(path, "csv", tmp_path, f"--infilter={AS_TEXT}")
    for file in (path, saved):
        with Shop.open(":memory:", clock=Clock()) as other:
            other.imports.apply(other.imports.preview(file))
            there, here = whole_dump(other.store.read()), whole_dump(nasty_shop.store.read())
            assert [m["notes"] for m in there["members"]] == [m["notes"] for m in here["members"]]
            assert there["members"] == here["members"]


def as_it_is(path: Path) -> Path:
    return path


@pytest.mark.slow
@needs_it
@pytest.mark.parametrize("ending", ["xlsx", "ods", "xls"])
def test_a_list_saved_by_another_program_comes_home(db: Path, tmp_path: Path, ending: str) -> None:
    path = converted(a_filled_list(db, "联系上了", "改天", "不需要"), ending, tmp_path)
    report = run("read-callbacks", path, *on(db)).data()
    assert (report["recorded"], report["conflicts"]) == (3, 0)
    assert sorted(c["outcome"] for c in dump(db)["contacts"]) == ["later", "reached", "refused"]


@pytest.mark.slow
@needs_it
@pytest.mark.parametrize(
    "save", [as_it_is, lambda path: converted(path, "xlsx", path.parent)], ids=["as it is", "saved"]
)
def test_a_whole_shop_of_nasty_texts_moves(
    nasty_shop: Any, tmp_path: Path, save: Callable[[Path], Path]
) -> None:
    path = save(nasty_shop.exports.whole(tmp_path / "whole.xlsx").value)
    assert bears_mark(path)
    assert formulas(path) == 0
    with Shop.open(":memory:", clock=Clock()) as other:
        other.moving.apply(arrivals.preview(other, path))  # type: ignore[arg-type]
        assert whole_dump(other.store.read()) == whole_dump(nasty_shop.store.read())
        columns = "notes, likes, tags, wechat"
        rows = [
            shop.store.read().all(f"SELECT {columns} FROM member ORDER BY id") for shop in (other, nasty_shop)
        ]
        assert rows[0] == rows[1]


@pytest.mark.slow
def test_a_shop_bigger_than_any_other_file_may_be_moves(tmp_path: Path) -> None:
    lines = MOST_ROWS + 20_000
    with Shop.open(":memory:", clock=Clock()) as shop:
        member = shop.members.save(MemberDraft(name="王丽")).value
        sale = shop.counter.sell(SaleDraft(member, date.fromisoformat(TODAY), (LineDraft(100, "裙"),))).value
        with shop.store.write("import", None, Clock()()) as tx:
            rows = [(sale, "衬衫", fen) for fen in range(lines)]
            tx.insert_many("line", ("sale_id", "item", "amount_fen"), rows)
        path = shop.exports.whole(tmp_path / "whole.xlsx").value
        with Shop.open(":memory:", clock=Clock()) as other:
            other.moving.apply(arrivals.preview(other, path))  # type: ignore[arg-type]
            assert whole_dump(other.store.read()) == whole_dump(shop.store.read())
