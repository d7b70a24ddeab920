"""Where a start goes: window, pictures, command; and what it does without a display."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from shopcrm import __version__, cli
from shopcrm.basics import texts
from ui import launch, shots

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


def test_a_command_goes_to_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr(cli, "main", lambda argv: seen.append(argv) or 3)
    assert launch.main(["types", "--db", "x.db"]) == 3
    assert seen == [["types", "--db", "x.db"]]


def test_the_language_is_taken_wherever_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr(cli, "main", lambda argv: seen.append(argv) or 0)
    launch.main(["--lang", "en", "types", "--db", "x.db"])
    assert texts.language() == "en"
    launch.main(["types", "--lang", "zh_TW"])
    assert texts.language() == "zh_TW"
    assert seen == [["types", "--db", "x.db"], ["types"]]


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert launch.main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == __version__


@pytest.mark.parametrize(
    "arguments",
    [
        ["--db"],
        ["--demo", "--wrong"],
        ["--db", "x.db", "types"],
        ["--db="],
        ["--db", "--demo"],
        ["--demo=yes"],
    ],
)
def test_wrong_options_get_a_sentence(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        launch.main(arguments)
    assert left.value.code == 2
    assert "--help" in capsys.readouterr().err


def test_without_a_display_the_sample_runs_off_screen(
    no_display: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[list[str]] = []
    monkeypatch.setenv("QT_QPA_PLATFORM", "")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(shots, "run_demo", lambda argv: seen.append(argv) or 0)
    assert launch.main([]) == 0
    assert seen == [["--out", str(tmp_path / "熟客本-示例")]]
    assert str(tmp_path) in capsys.readouterr().err


def test_a_closed_folder_is_not_written_to(
    no_display: None, monkeypatch: pytest.MonkeyPatch, own_folder: Path, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("os.access", lambda path, mode: False)
    assert launch._sample_folder() == own_folder / "熟客本-示例"


def test_a_dead_display_is_found_before_qt_aborts(no_display: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not launch.has_display()
    monkeypatch.setenv("DISPLAY", ":7654")
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-7654")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/nowhere")
    assert not launch.has_display()


def test_a_missing_library_is_named(
    no_display: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(plugin: str) -> bool:
        raise OSError("libxcb-cursor.so.0: cannot open shared object file")

    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(launch, "_x11_answers", lambda: True)
    monkeypatch.setattr(launch, "_loads", missing)
    assert not launch.has_display()
    assert "libxcb-cursor.so.0" in capsys.readouterr().err


def test_a_platform_that_needs_no_display_is_taken_at_its_word(
    no_display: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert launch.has_display()


def test_the_log_is_written_from_its_first_line_on(tmp_path: Path) -> None:
    from ui.app import _LogFile

    handler = _LogFile(tmp_path / "new")
    assert not (tmp_path / "new").exists()
    for name in ("first", "second"):
        handler.handle(logging.LogRecord("shopcrm.ui", logging.ERROR, "", 0, name, (), None))
    handler.close()
    lines = (tmp_path / "new" / "shopcrm.log").read_text(encoding="utf-8").splitlines()
    assert [line.split()[-1] for line in lines] == ["first", "second"]


def test_a_folder_that_takes_no_log_stops_nobody(tmp_path: Path) -> None:
    from ui.app import _LogFile

    (tmp_path / "taken").write_text("a file where the folder should be", encoding="utf-8")
    _LogFile(tmp_path / "taken").handle(logging.LogRecord("x", logging.ERROR, "", 0, "lost", (), None))


_LOADS = """
import sys
from pathlib import Path
from ui import launch
with launch.Kept():
    assert launch._qt_loads()
from PySide6.QtWidgets import QApplication, QLabel
app = QApplication([])
try:
    QLabel(3, 4, 5)
except TypeError as wrong:
    print("QLabel" in str(wrong) and "Supported signatures" in str(wrong))
print(len(list(Path(sys.pycache_prefix).rglob("kept.*"))))
"""


def test_what_pyside_compiles_is_kept(tmp_path: Path) -> None:
    surroundings = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    surroundings.pop("PYTHONDONTWRITEBYTECODE", None)

    def said() -> str:
        command = [sys.executable, "-c", _LOADS]
        return subprocess.run(command, cwd=ROOT, env=surroundings, text=True, capture_output=True).stdout

    assert said().split() == ["True", "1"]
    kept = next(tmp_path.rglob("kept.*"))
    once = kept.stat().st_mtime_ns
    assert said().split() == ["True", "1"]
    assert kept.stat().st_mtime_ns == once
    kept.write_bytes(b"spoilt")
    assert said().split() == ["True", "1"]
    assert kept.stat().st_size > 10_000
