"""Habits that are easier kept by a test than by memory."""

import ast
import fnmatch
import re
import tomllib

from shopcrm import __version__
from tests.arch.sources import ROOT, sources

TOP = {"main.py", "pyproject.toml", "shopcrm", "ui", "resources", "tests", "installer"}
BESIDE = {"README.md", "LICENSE", "CHANGELOG.md", ".gitignore", ".ci", ".git"}
VAGUE = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "managers"}
SQL = re.compile(
    r"\b(SELECT\s.+\sFROM|INSERT\s(OR\s\w+\s)?INTO|UPDATE\s\w+\sSET|DELETE\sFROM|CREATE\s|PRAGMA\s)", re.S
)
# Slow with a hundred thousand rows, or a second truth beside the paged model; processEvents re-enters slots.
BANNED_QT = {
    "QSortFilterProxyModel", "QStandardItemModel", "QTableWidget", "QListWidget", "QTreeWidget",
    "resizeColumnsToContents", "selectedRows", "processEvents",
}  # fmt: skip
PICTURES = (
    "ui/app.py",
    "ui/shots.py",
    "ui/widgets/gallery.py",
)  # nobody works there while a picture is taken


def test_top_level_is_what_was_fixed() -> None:
    ignored = [line.strip("/") for line in (ROOT / ".gitignore").read_text("utf-8").split()]
    there = {item.name for item in ROOT.iterdir()}
    kept = {name for name in there if not any(fnmatch.fnmatch(name, pattern) for pattern in ignored)}
    assert kept - BESIDE == TOP
    assert kept >= BESIDE - {".git"}


def test_every_file_says_what_it_is_for() -> None:
    for source in sources("shopcrm", "ui", "tests", "installer"):
        assert not VAGUE.intersection(re.split(r"[/_.]", source.path)), source.path


def test_sql_stands_in_the_store_and_the_reports() -> None:
    for source in sources("shopcrm", "ui"):
        if not source.path.startswith(("shopcrm/store/", "shopcrm/reports/")):
            found = [node.value for node in source.strings if SQL.search(node.value)]
            assert found == [], source.path


def test_the_core_asks_no_clock() -> None:
    for source in sources("shopcrm"):
        if source.path == "shopcrm/cli.py":  # the edge, where the clock comes in
            continue
        for node in source.nodes:
            if isinstance(node, ast.Attribute) and node.attr in ("today", "now", "utcnow"):
                owner = ast.unparse(node.value)
                assert owner.split(".")[-1] not in ("date", "datetime"), (
                    f"{source.path}:{node.lineno}: {owner}.{node.attr}"
                )


def test_slow_or_second_models_are_not_used() -> None:
    for source in sources("ui"):
        for node in source.nodes:
            name = getattr(node, "id", None) or getattr(node, "attr", None) or getattr(node, "name", None)
            banned = BANNED_QT - ({"processEvents"} if source.path in PICTURES else set())
            assert name not in banned, f"{source.path}: {name}"


def test_changelog_tells_this_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == __version__
    section = (
        (ROOT / "CHANGELOG.md").read_text("utf-8").partition(f"## {__version__}")[2].partition("\n## ")[0]
    )
    assert "- " in section
