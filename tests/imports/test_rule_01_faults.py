"""Import rule 1: all or nothing; which fault refuses a file and in which words; what it leaves alone."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from shopcrm.basics import texts
from shopcrm.basics.errors import Refusal
from shopcrm.basics.progress import Cancelled, Progress
from shopcrm.excel import reader
from shopcrm.shop import Shop
from shopcrm.shop.dump import dump
from tests.flows.running import ROOT, TODAY, run, unchanged
from tests.imports import made_files as make
from tests.imports.at_the_shop import imported, people, put, refused
from tests.imports.made_files import FILES, TABLE, Sheet

PYTHON = sys.executable
MEMBERS: list[list[object]] = [
    ["姓名", "手机号", "生日"],
    ["王丽", "13800000001", "1990-05-01"],
    ["李娜", "139", "五月"],
    ["赵敏", "13800000003", "看不懂"],
]


# ---------------------------------------------------------------- rows and files


@pytest.mark.usefixtures("in_process")
def test_1_1_reading_and_checking_touch_nothing(shop_file: Path, tmp_path: Path, clock: Any) -> None:
    """Neither the data nor the settings nor any other file, whether the file is refused or not."""
    with Shop.open(shop_file, clock=clock) as shop:
        imported(shop, put(tmp_path, "f.csv", make.text(MEMBERS)))
        with unchanged(shop_file.parent), unchanged(tmp_path):
            for name, made in FAULTS.items():
                with pytest.raises(Refusal):
                    shop.imports.preview(made(tmp_path.parent, name))
            shop.imports.preview(tmp_path / "f.csv")


@pytest.mark.usefixtures("in_process")
def test_1_1_a_backup_is_made_before_anything_is_written(shop_file: Path, tmp_path: Path) -> None:
    first = put(tmp_path, "a.csv", make.text(MEMBERS[:2]))
    second = put(tmp_path, "b.csv", make.text([MEMBERS[0], MEMBERS[3]]))
    run("import", first, "--db", shop_file, "--day", TODAY)
    before = run("dump", "--db", shop_file).data()
    run("import", second, "--db", shop_file, "--day", TODAY)
    newest = run("backups", "--db", shop_file).lines()[0]
    assert newest["why"] == "import"
    assert run("dump", "--db", newest["path"]).data()["members"] == before["members"]


@pytest.mark.usefixtures("in_process")
def test_1_3_a_fault_of_a_row_leaves_out_that_row_and_lists_it(shop: Any, tmp_path: Path) -> None:
    path = put(tmp_path, "f.csv", make.text(MEMBERS))
    report = imported(shop, path)
    assert people(shop) == [("王丽", "13800000001"), ("赵敏", "13800000003")]
    listed = [
        (p["sheet"], p["row"], p["column"], p["code"], p["value"], p["left_out"]) for p in report["problems"]
    ]
    assert listed == [
        ("", 3, "手机号", "invalid_phone", "139", True),
        ("", 4, "生日", "bad_birthday", "看不懂", False),
    ]
    assert "139" in report["problems"][0]["message"]


@pytest.mark.usefixtures("in_process")
def test_1_3_the_rows_left_out_come_as_a_workbook_to_be_put_right(shop: Any, tmp_path: Path) -> None:
    plan = shop.imports.preview(put(tmp_path, "f.csv", make.text(MEMBERS)))
    shop.imports.apply(plan)
    path = shop.imports.problems_workbook(plan, tmp_path / "要改的行.xlsx")
    book = openpyxl.load_workbook(path)
    rows = list(book.active.iter_rows(values_only=True))
    assert rows[0] == ("姓名", "手机号", "生日", "问题说明")
    assert [row[:3] for row in rows[1:]] == [("李娜", "139", "五月")]
    book.active["B2"] = "13800000002"
    book.save(path)
    assert imported(shop, path)["members_new"] == 1
    assert people(shop)[1] == ("李娜", "13800000002")


@pytest.mark.usefixtures("in_process")
def test_1_4_a_file_without_a_usable_row_is_refused_and_says_why(shop: Any, tmp_path: Path) -> None:
    refusal = refused(shop, put(tmp_path, "f.csv", make.text([MEMBERS[0], MEMBERS[2], MEMBERS[2]])))
    assert refusal.code == "no_rows"
    assert "2 行" in refusal.sentence
    assert "手机号" in refusal.sentence
    assert refused(shop, put(tmp_path, "g.csv", make.text(MEMBERS[:1]))).code == "no_rows"


@pytest.mark.usefixtures("in_process")
def test_1_5_the_same_file_twice_adds_nothing(shop: Any, tmp_path: Path) -> None:
    path = put(tmp_path, "f.xlsx", make.xlsx(TABLE))
    imported(shop, path)
    before = dump(shop.store.read())
    again = imported(shop, path)
    assert (again["members_new"], again["sales_new"], again["sales_duplicate"]) == (0, 0, 2)
    assert dump(shop.store.read()) == before


# ---------------------------------------------------------------- faults of a file

Fault = Callable[[Path, str], Path]


def _bytes(content: Callable[[], bytes | str], name: str) -> Fault:
    return lambda folder, case: put(folder, f"{case}-{name}" if name[0] != "~" else name, content())


def _folder(folder: Path, case: str) -> Path:
    (folder / f"{case}.xlsx").mkdir(exist_ok=True)
    return folder / f"{case}.xlsx"


def _doctype(name: str, part: str, data: Callable[[], bytes]) -> Fault:
    def change(file: str, content: bytes) -> bytes:
        if file != part:
            return content
        head, _, rest = content.partition(b"?>") if content.startswith(b"<?xml") else (b"", b"", content)
        bomb = b'<!DOCTYPE x [<!ENTITY a "bbbbbbbb"><!ENTITY c "&a;&a;&a;&a;">]>'
        return (head + b"?>" if head else b"") + bomb + rest

    return _bytes(lambda: make.repacked(data(), change), name)


def _locked_zip() -> bytes:
    raw = bytearray(make.xlsx(TABLE))
    at = 0
    while (at := raw.find(b"PK\x01\x02", at)) >= 0:  # the flag of a part that is encrypted
        raw[at + 8] |= 1
        at += 4
    return bytes(raw)


def _flipped() -> bytes:
    raw = bytearray(make.xlsx(TABLE))
    with zipfile.ZipFile(io.BytesIO(bytes(raw))) as archive:
        start = archive.getinfo("xl/worksheets/sheet1.xml").header_offset
    raw[start + 90] ^= 0xFF
    return bytes(raw)


PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256))
FAULTS: dict[str, Fault] = {
    "empty_file": _bytes(lambda: b"", "f.xlsx"),
    "empty_file.mark": _bytes(lambda: b"\xef\xbb\xbf", "f.csv"),
    "empty_file.mark16": _bytes(lambda: b"\xff\xfe", "f.csv"),
    "empty_file.blanks": _bytes(lambda: b" \r\n\t \n", "f.csv"),
    "empty_file.wide_blanks": _bytes(lambda: "\u3000 \xa0\n,,,\n", "f.csv"),
    "empty_file.sheet": _bytes(lambda: make.xlsx(Sheet([[]])), "f.xlsx"),
    "empty_file.tables": _bytes(lambda: "<table><tr><td></table>", "f.xls"),
    "not_spreadsheet.png": _bytes(lambda: PNG, "f.xlsx"),
    "not_spreadsheet.jpg": _bytes(lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "f.xls"),
    "not_spreadsheet.bmp": _bytes(lambda: b"BM\x46\x00\x00\x00\x00\x00\x00\x00", "f.csv"),
    "not_spreadsheet.pdf": _bytes(lambda: b"%PDF-1.4\n1 0 obj <</Type /Catalog>>\n", "f.xlsx"),
    "not_spreadsheet.rtf": _bytes(lambda: rb"{\rtf1\ansi 1,2,3}", "f.xls"),
    "not_spreadsheet.exe": _bytes(lambda: b"MZ\x90\x00\x03\x00\x00\x00\x04", "f.xls"),
    "not_spreadsheet.elf": _bytes(lambda: b"\x7fELF\x02\x01\x01", "f"),
    "not_spreadsheet.doc": _bytes(lambda: make.compound({"WordDocument": b"x"}), "f.xls"),
    "not_spreadsheet.thumbs": _bytes(lambda: make.compound({"Catalog": b"x"}), "f.xls"),
    "not_spreadsheet.docx": _bytes(lambda: make.zipped({"word/document.xml": "<a/>"}), "f.xlsx"),
    "not_spreadsheet.odt": _bytes(
        lambda: make.zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<a/>"}),
        "f.ods",
    ),
    "not_spreadsheet.zip": _bytes(lambda: make.zipped({"会员.xlsx": make.xlsx(TABLE)}), "f.xlsx"),
    "not_spreadsheet.gz": _bytes(lambda: gzip.compress(b"x" * 99), "f.csv"),
    "not_spreadsheet.rar": _bytes(lambda: b"Rar!\x1a\x07\x01\x00", "f.xls"),
    "not_spreadsheet.7z": _bytes(lambda: b"7z\xbc\xaf\x27\x1c\x00\x04", "f.xls"),
    "not_spreadsheet.db": _bytes(lambda: b"SQLite format 3\x00\x10\x00", "f.csv"),
    "not_spreadsheet.page": _bytes(lambda: "<html><body>请先登录</body></html>", "f.xls"),
    "not_spreadsheet.mail": _bytes(
        lambda: "From: a@b.c\nMIME-Version: 1.0\nContent-Type: text/plain\n\n姓名,手机号\n", "f.mht"
    ),
    "not_spreadsheet.xml": _bytes(lambda: '<?xml version="1.0"?><a>1</a>', "f.xml"),
    "not_spreadsheet.svg": _bytes(lambda: "<svg xmlns='http://www.w3.org/2000/svg'/>", "f.csv"),
    "not_spreadsheet.folder": _folder,
    "not_spreadsheet.lock": _bytes(lambda: make.text(TABLE), "~$会员.xlsx"),
    "corrupt_file.half": _bytes(lambda: make.xlsx(TABLE)[:3000], "f.xlsx"),
    "corrupt_file.flipped": _bytes(_flipped, "f.xlsx"),
    "corrupt_file.no_book": _bytes(
        lambda: make.repacked(make.xlsx(TABLE), lambda name, data: None if "_rels/" in name else data),
        "f.xlsx",
    ),
    "corrupt_file.no_sheet": _bytes(
        lambda: make.repacked(
            make.xlsx(TABLE), lambda name, data: b"<worksheet" if "sheet1" in name else data
        ),
        "f.xlsx",
    ),
    "corrupt_file.xls": _bytes(lambda: make.xls(TABLE)[:900], "f.xls"),
    "corrupt_file.xls_zeros": _bytes(lambda: make.xls(TABLE)[:512] + bytes(4000), "f.xls"),
    "corrupt_file.xlsb": _bytes(
        lambda: make.repacked(make.xlsb(TABLE), lambda name, data: data[:50] if "sheet1" in name else data),
        "f.xlsb",
    ),
    "corrupt_file.ods": _bytes(
        lambda: make.repacked(make.ods(TABLE), lambda name, data: data[:999] if "content" in name else data),
        "f.ods",
    ),
    "corrupt_file.ods_no_content": _bytes(
        lambda: make.repacked(make.ods(TABLE), lambda name, data: None if "content" in name else data),
        "f.ods",
    ),
    "corrupt_file.xml": _bytes(lambda: make.xml_2003(TABLE)[:900], "f.xls"),
    "password.xlsx": _bytes(
        lambda: make.compound({"EncryptionInfo": b"x", "EncryptedPackage": b"x"}), "f.xlsx"
    ),
    "password.xls": lambda folder, case: FILES / "locked.xls",
    "password.ods": lambda folder, case: FILES / "locked.ods",
    "password.xls_made": _bytes(lambda: make.xls(TABLE, locked=True), "f.et"),
    "password.zip": _bytes(_locked_zip, "f.xlsx"),
    "unsafe_file.sheet": _doctype("f.xlsx", "xl/worksheets/sheet1.xml", lambda: make.xlsx(TABLE)),
    "unsafe_file.strings": _doctype(
        "f.xlsx", "xl/sharedStrings.xml", lambda: (FILES / "office.xlsx").read_bytes()
    ),
    "unsafe_file.book": _doctype("f.xlsx", "xl/workbook.xml", lambda: make.xlsx(TABLE)),
    "unsafe_file.ods": _doctype("f.ods", "content.xml", lambda: make.ods(TABLE)),
    "unsafe_file.xml": _bytes(
        lambda: make.xml_2003(TABLE).replace("<Workbook", '<!DOCTYPE x [<!ENTITY a "b">]><Workbook', 1),
        "f.xls",
    ),
    "unsafe_file.other": _bytes(
        lambda: '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
        "f.xls",
    ),
    "bad_encoding": _bytes(
        lambda: make.text(TABLE).encode("gbk") + "欧阳震华,13800000003,,,\n".encode() * 3, "f.csv"
    ),
    "no_header": _bytes(lambda: "a,b\n1,2\n", "f.csv"),
    "no_header.parts": _bytes(lambda: "手机型号,累计消费金额,姓名拼音\n1,2,3\n", "f.csv"),
    "no_header.hidden": _bytes(
        lambda: make.xlsx([Sheet([["说明"]]), Sheet(TABLE, name="会员", hidden=True)]), "f.xlsx"
    ),
    "no_header.one": _bytes(lambda: "姓名,x\n王丽,2\n", "f.csv"),
    "no_rows": _bytes(lambda: "姓名,手机号\n", "f.csv"),
    "no_rows.bad": _bytes(lambda: "姓名,手机号\n王,139\n", "f.csv"),
}

SAYS = {
    "empty_file": "空", "not_spreadsheet": "不是表格文件", "corrupt_file": "另存", "password": "密码",
    "unsafe_file": "另存", "bad_encoding": "UTF-8", "no_header": "手机号", "no_rows": "行",
}  # fmt: skip


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("case", FAULTS)
def test_1_2_a_fault_of_the_file_refuses_it_by_its_reason(shop: Any, tmp_path: Path, case: str) -> None:
    refusal = refused(shop, FAULTS[case](tmp_path, case))
    code = case.partition(".")[0]
    assert refusal.code == code
    assert SAYS[code] in refusal.sentence
    if case == "no_header.hidden":
        assert "会员" in refusal.sentence


def test_1_2_every_refusal_has_its_sentence_in_three_languages() -> None:
    """Naming the file, saying what to do."""
    codes = {*SAYS, "too_big", "no_file", "file_in_use"}
    for language in ("zh_CN", "zh_TW", "en"):
        texts.use(language)
        values = {"limit": texts.t("limit.rows", n="200,000"), "hint": "", "n": 3, "why": "…"}
        said = {code: Refusal(code, file="会员表.xlsx", **values).sentence for code in codes}
        assert all("会员表.xlsx" in sentence and len(sentence) > 25 for sentence in said.values()), said
        assert len(set(said.values())) == len(codes)
    texts.use("zh_CN")


@pytest.mark.usefixtures("in_process")
def test_1_2_the_command_refuses_with_a_report(shop_file: Path, tmp_path: Path) -> None:
    path = FAULTS["corrupt_file.half"](tmp_path, "坏的")
    out = tmp_path / "out.json"
    answer = run("import", path, "--db", shop_file, "--report", out, "--day", TODAY)
    report = json.loads(out.read_text(encoding="utf-8"))
    assert (answer.code, report["outcome"], report["reason"]) == (3, "refused", "corrupt_file")
    assert path.name in report["message"]
    assert all(word not in report["message"] + answer.err for word in ("Traceback", "Error", "calamine"))


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("kind", ["xlsx", "xlsb", "xls", "ods"])
def test_1_2_a_workbook_cut_anywhere_is_refused_or_whole(shop: Any, tmp_path: Path, kind: str) -> None:
    """Cut at every tenth: never a crash, never half of its rows."""
    whole = getattr(make, kind)([*TABLE, *([TABLE[1]] * 200)])
    for tenth in range(1, 10):
        path = put(tmp_path, f"f{tenth}.{kind}", whole[: len(whole) * tenth // 10])
        assert refused(shop, path).code == "corrupt_file"


@pytest.mark.usefixtures("in_process")
def test_1_2_a_file_nobody_may_read(shop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path, "f.csv", make.text(TABLE))

    def locked(self: Path, *_: Any, **__: Any) -> Any:
        raise PermissionError(13, "used by another process")

    monkeypatch.setattr(Path, "open", locked)
    assert refused(shop, path).code == "file_in_use"
    assert refused(shop, tmp_path / "没有.csv").code == "no_file"


# ---------------------------------------------------------------- a parser that dies


def _child(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(reader, "_command", lambda *_: [sys.executable, "-c", code])


@pytest.mark.parametrize(
    "code",
    [
        "import os; os.abort()",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "import os; os._exit(0)",
        "raise SystemExit(7)",
        'print(\'{"kind": "xlsx", "date1904": false}\', flush=True); import os; os.abort()',
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_1_2_a_parser_that_dies_takes_only_the_import(
    shop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    path = put(tmp_path, "f.csv", make.text(TABLE))
    with monkeypatch.context() as context:
        _child(context, code)
        assert refused(shop, path).code == "corrupt_file"
    assert imported(shop, path)["members_new"] == 2


def test_1_2_a_parser_that_talks_nonsense_takes_only_the_import(
    shop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, "f.csv", make.text(TABLE))
    _child(monkeypatch, "print('Fatal: libfoo')")
    assert refused(shop, path).code == "corrupt_file"


def test_1_2_cancelling_ends_the_child_at_once(
    shop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, "f.csv", make.text(TABLE))
    _child(monkeypatch, "import time; time.sleep(60)")
    progress = Progress()
    started = time.monotonic()
    threading.Timer(0.3, progress.stop).start()
    with pytest.raises(Cancelled):
        shop.imports.preview(path, progress)
    assert time.monotonic() - started < 30  # the child itself would take 60


def test_1_2_a_frozen_program_reads_in_a_child_of_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command line made for a frozen program goes through main.py's own entry, file or clipboard."""
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", "shop.exe")
    path = put(tmp_path, "f.csv", make.text(TABLE))
    frozen = "import sys; sys.frozen = True; sys.argv[0] = 'shop.exe'; import main; sys.exit(main.main())"
    for arguments, data in ((reader._command(str(path)), b""), (reader._command("-"), path.read_bytes())):
        assert arguments[0] == "shop.exe"
        child = subprocess.run(
            [PYTHON, "-c", frozen, *arguments[1:]],
            input=data, capture_output=True, cwd=ROOT, check=False,
        )  # fmt: skip
        assert child.returncode == 0, child.stderr.decode()
        lines = [json.loads(line) for line in child.stdout.splitlines()]
        assert lines[0]["kind"] == "text"
        assert lines[-1] == {"end": True}
