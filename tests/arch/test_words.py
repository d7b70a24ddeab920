"""Every sentence a person reads: defined once, used, in three languages, with the values it needs."""

import ast
import csv
import re
from string import Formatter

from shopcrm.basics.texts import LANGUAGES, t, use
from tests.arch.sources import ROOT, called, sources

FILES = sorted((ROOT / "resources" / "texts").glob("*.csv"))
CHINESE = re.compile(r"[\u3400-\u9fff\u3000-\u303f\uff01-\uff60]")
FONT_NAME_PARTS = {"等宽"}  # part of a font's own name, never shown
ERRORS = {
    "InputError": 1,
    "Refusal": 0,
    "ConflictError": 0,
    "StoreError": 0,
    "RightsError": 0,
}  # place of the code
# The reading child raises without the file's name; the parent knows it.
READING = ("shopcrm/excel/reader.py", "shopcrm/excel/text_tables.py", "shopcrm/excel/xml_tables.py")
SENTENCES = {"t": 0, "Sentence": 0, "done": 1}  # place of the id


def _rows() -> list[tuple[str, list[str]]]:
    rows = []
    for file in FILES:
        with file.open(encoding="utf-8", newline="") as lines:
            rows += [(file.name, row) for row in csv.reader(lines)]
    return rows


SENTENCE = {
    row[0]: dict(zip(LANGUAGES, row[1:], strict=False)) for _, row in _rows() if row and row[0] != "id"
}


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_files_have_the_same_shape() -> None:
    for file in FILES:
        raw = file.read_bytes()
        assert raw.startswith(b"id,zh_CN,zh_TW,en\n"), file.name
        assert b"\r" not in raw, file.name
    for name, row in _rows():
        assert len(row) == 4, f"{name}: {row}"


def test_every_id_is_defined_once() -> None:
    ids = [row[0] for _, row in _rows() if row[0] != "id"]
    assert {name for name in ids if ids.count(name) > 1} == set()


def test_three_languages_are_filled_with_the_same_placeholders() -> None:
    for name, wording in SENTENCE.items():
        assert all(text.strip() for text in wording.values()), f"{name} lacks a language"
        needed = {language: _placeholders(text) for language, text in wording.items()}
        assert len(set(map(frozenset, needed.values()))) == 1, f"{name}: {needed}"


COUNTED = re.compile(
    r"\b1 (?:(?:new|later|more|sample|call-back|different|open|invented|counted) )?"
    r"(?:bookings|call-backs|changes|characters|columns|contacts|customers|days|duplicates|fields|files|"
    r"follow-ups|gaps|imports|lines|lists|marks|members|messages|months|numbers|outcomes|people|pcs|"
    r"pictures|pieces|purchases|receipts|records|rows|sales|seconds|settings|sheets|things|times|to-dos|"
    r"tries|visits|wishes|workbooks)\b"
)
NO_NUMBERS = ("type",)  # placeholders before such a word that hold no number


def test_words_bend_by_number_in_english() -> None:
    """Every number may be one: no "1 days ago"."""
    use("en")
    try:
        said = {
            name: t(name, **{key: "x" if key in NO_NUMBERS else 1 for key in needed})
            for name, wording in SENTENCE.items()
            if (needed := _placeholders(wording["en"]))
        }
        assert {name: text for name, text in said.items() if COUNTED.search(text)} == {}
        assert t("g.daysago", n=1) == "1 day ago"
        assert t("g.daysago", n=2) == "2 days ago"
        assert t("g.daysago", n="<b>1</b>") == "<b>1</b> day ago"
        assert t("st.basis.own", n="1,204", m=30).startswith("Worked out from 1,204 gaps")
    finally:
        use("zh_CN")


def _sentence_calls() -> list[tuple[str, ast.Call, str]]:
    """(where, call, text id) of every call that names a sentence literally."""
    found = []
    for source in sources("shopcrm", "ui"):
        for node in source.nodes:
            if not isinstance(node, ast.Call):
                continue
            name = called(node)
            place, prefix = (ERRORS[name], "err.") if name in ERRORS else (SENTENCES.get(name, 99), "")
            if place < len(node.args):
                argument = node.args[place]
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    found.append((f"{source.path}:{node.lineno}", node, prefix + argument.value))
    return found


def test_every_id_used_is_defined() -> None:
    missing = sorted({f"{where}: {name}" for where, _, name in _sentence_calls() if name not in SENTENCE})
    assert missing == []


def test_every_sentence_gets_the_values_it_needs() -> None:
    short = []
    for where, node, name in _sentence_calls():
        given = {keyword.arg for keyword in node.keywords}
        if (
            called(node) in ("Sentence", "done")
            or None in given
            or name not in SENTENCE
            or where.partition(":")[0] in READING
        ):
            continue
        lacking = _placeholders(SENTENCE[name]["zh_CN"]) - given
        short += [f"{where}: {name} lacks {sorted(lacking)}"] if lacking else []
    assert short == []


def _pieces_of_ids() -> tuple[set[str], set[str]]:
    """Strings that may be an id or part of one, in lower case; and how ids are begun (`"err." + code`)."""
    pieces, beginnings = set(), set()
    for source in sources("shopcrm", "ui"):
        for node in source.strings:
            text = node.value.lower()
            pieces |= {text, *text.split(".")}
        for node in source.nodes:
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
                first = node.left
            elif isinstance(node, ast.JoinedStr) and node.values:
                first = node.values[0]
            else:
                continue
            if isinstance(first, ast.Constant) and re.fullmatch(r"[a-z_.]+\.", str(first.value)):
                beginnings.add(str(first.value))
    return pieces, beginnings


def test_every_id_defined_is_used() -> None:
    pieces, beginnings = _pieces_of_ids()

    def is_used(name: str) -> bool:
        if name in pieces:
            return True
        rests = [name.removeprefix(start) for start in beginnings if name.startswith(start)]
        return any(all(part in pieces or part.isdigit() for part in rest.split(".")) for rest in rests)

    assert sorted(name for name in SENTENCE if not is_used(name.lower())) == []


def test_no_sentence_is_put_together_in_code() -> None:
    for source in sources("shopcrm", "ui"):
        for node in source.nodes:
            if isinstance(node, ast.Call) and called(node) == "t" and isinstance(node.args[0], ast.JoinedStr):
                text = "".join(part.value for part in node.args[0].values if isinstance(part, ast.Constant))
                assert re.fullmatch(r"[a-z0-9_.-]*", text), (
                    f"{source.path}:{node.lineno}: an f-string may only name an id"
                )


def test_no_chinese_in_the_screens_code() -> None:
    found = [
        f"{source.path}:{node.lineno}: {node.value}"
        for source in sources("ui")
        for node in source.strings
        if CHINESE.search(node.value) and node.value not in FONT_NAME_PARTS
    ]
    assert found == []
