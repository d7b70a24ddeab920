"""Who may know whom: the import contracts of pyproject.toml, and what a start may load."""

import logging
import re
import subprocess
import sys

import pytest

from tests.arch.sources import ROOT, sources

QT_IN_USE = {"QtCore", "QtGui", "QtWidgets", "QtPrintSupport", "QtSvg", "QtTest"}  # none of them is GPL-only
SLOW_TO_IMPORT = ("pandas", "numpy", "openpyxl", "sqlite_utils", "pypinyin", "borax", "python_calamine")


def test_import_contracts_hold(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from importlinter.cli import lint_imports

    monkeypatch.chdir(ROOT)
    try:
        code = lint_imports(config_filename="pyproject.toml", no_cache=True)
    finally:  # its logging set-up switches every logger made before it off
        for logger in logging.root.manager.loggerDict.values():
            if isinstance(logger, logging.Logger):
                logger.disabled = False
    assert code == 0, capsys.readouterr().out


def test_only_free_qt_modules_are_imported() -> None:
    for source in sources("ui", "shopcrm", "tests", "installer"):
        for name in source.imported():
            package, _, module = name.partition(".")
            if package == "PySide6" and module:
                assert module.split(".")[0] in QT_IN_USE, f"{source.path} imports {name}"


def test_only_the_essentials_of_qt_are_installed() -> None:
    for lock in ("requirements.txt", "requirements-dev.txt"):
        names = re.findall(r"^([\w.-]+)==", (ROOT / "installer" / lock).read_text("utf-8"), re.M)
        assert {name for name in names if "pyside" in name} == {"pyside6-essentials"}
    for module in ("QtCharts", "QtDataVisualization", "QtGraphs", "QtVirtualKeyboard"):
        found = subprocess.run(
            [sys.executable, "-c", f"import PySide6.{module}"], capture_output=True, check=False
        )
        assert found.returncode == 1, f"{module} is installed"


def _loaded_by(statement: str) -> set[str]:
    listing = f"import sys; {statement}; print(*sorted(sys.modules))"
    child = subprocess.run(
        [sys.executable, "-c", listing], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert child.returncode == 0, child.stderr
    return set(child.stdout.split())


@pytest.mark.parametrize("module", ["ui.launch", "ui.app", "shopcrm.cli"])
def test_a_start_loads_nothing_slow(module: str) -> None:
    loaded = _loaded_by(f"import {module}")
    assert not loaded.intersection(SLOW_TO_IMPORT)
    if module != "ui.app":
        assert "PySide6" not in loaded


def test_the_reading_child_loads_only_what_reads() -> None:
    loaded = _loaded_by("import shopcrm.excel.reader")
    assert not loaded.intersection(SLOW_TO_IMPORT)
    assert not {
        name for name in loaded if name.startswith(("ui", "shopcrm.shop", "shopcrm.store", "PySide6"))
    }


def test_the_core_imports_without_qt() -> None:
    modules = [source.path[:-3].replace("/", ".").removesuffix(".__init__") for source in sources("shopcrm")]
    _loaded_by(f"sys.modules['PySide6'] = None; import {', '.join(modules)}")


def test_migrations_use_no_live_code() -> None:
    for source in sources("shopcrm/store"):
        if source.path.endswith("migrations.py"):
            ours = [name for name in source.imported() if name.startswith("shopcrm")]
            assert not ours, f"a frozen migration must not change with {ours}"
