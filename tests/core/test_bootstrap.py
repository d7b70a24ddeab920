"""The set-up of a fresh machine, without installing anything."""

import subprocess
import sys
from pathlib import Path

import pytest

from installer import bootstrap
from tests.arch.sources import ROOT


@pytest.mark.parametrize(
    ("version", "limits", "holds"),
    [
        ("6.11.3", ">=6.8.3,!=6.10.1,<6.12", True),
        ("6.10.1", ">=6.8.3,!=6.10.1,<6.12", False),
        ("6.12.0", ">=6.8.3,!=6.10.1,<6.12", False),
        ("6.8.2.1", ">=6.8.3,!=6.10.1,<6.12", False),
        ("10.0", ">=9", True),
    ],
)
def test_limits_compare_numbers_not_letters(version: str, limits: str, holds: bool) -> None:
    assert bootstrap._is_within(version, limits) is holds


def test_a_satisfied_environment_of_somebody_else_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "VENV", Path("nowhere"))
    monkeypatch.setattr(bootstrap, "_set_up", lambda lock: pytest.fail("set up again"))
    monkeypatch.setattr(bootstrap, "_hand_over", lambda command: pytest.fail("handed over"))
    bootstrap.ensure(bootstrap.DEVELOPER_LOCK, ["main.py"])


def test_a_bare_python_sets_up_and_hands_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    done: list[object] = []
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV_PYTHON", tmp_path / "python")
    monkeypatch.setattr(bootstrap, "_is_satisfied", lambda lock: False)
    monkeypatch.setattr(bootstrap, "_set_up", done.append)
    monkeypatch.setattr(bootstrap, "_hand_over", done.append)
    bootstrap.ensure(bootstrap.SHOP_LOCK, ["main.py", "types"])
    assert done == [bootstrap.SHOP_LOCK, [str(tmp_path / "python"), "main.py", "types"]]


def test_a_changed_lock_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    assert not bootstrap._is_stamped(bootstrap.SHOP_LOCK)
    stamp = tmp_path / "requirements.txt.stamp"
    stamp.write_bytes((ROOT / "installer" / bootstrap.SHOP_LOCK).read_bytes())
    assert bootstrap._is_stamped(bootstrap.SHOP_LOCK)
    stamp.write_bytes(stamp.read_bytes() + b"\n")
    assert not bootstrap._is_stamped(bootstrap.SHOP_LOCK)


def test_an_environment_of_another_python_is_rebuilt_from_outside(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    handed: list[list[str]] = []

    def leave(command: list[str]) -> None:
        handed.append(command)
        raise SystemExit

    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(bootstrap, "_hand_over", leave)
    (tmp_path / "pyvenv.cfg").write_text("version = 3.9.2\n")
    stamp = tmp_path / "requirements.txt.stamp"
    stamp.write_bytes((ROOT / "installer" / bootstrap.SHOP_LOCK).read_bytes())
    with pytest.raises(SystemExit):
        bootstrap.ensure(bootstrap.SHOP_LOCK, ["main.py"])
    assert handed == [[sys._base_executable, "main.py"]]
    assert not stamp.exists()


@pytest.mark.parametrize(
    ("output", "advice"),
    [
        ("ERROR: Could not install packages: [Errno 28] No space left on device", "磁盘满了"),
        ("Failed to establish a new connection: [Errno -3] Temporary failure in name resolution", "检查网络"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "与清单不符"),
        ("ERROR: No matching distribution found for pandas==3.1.1", "太旧或太新"),
        ("something new", "请检查网络和磁盘空间"),
    ],
)
def test_a_failure_says_what_to_do(output: str, advice: str) -> None:
    sentence = bootstrap._explain(output)
    assert advice in sentence
    assert output in sentence


def test_a_missing_venv_module_names_the_line_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(bootstrap, "_apt_install", lambda packages: False)
    with pytest.raises(SystemExit, match=r"sudo apt install python3\.\d+-venv"):
        bootstrap._provide_venv_module()


def test_missing_libraries_are_named_and_asked_for_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap, "_apt_install", lambda packages: False)
    monkeypatch.setattr(bootstrap, "_can_load", lambda library: library != "libEGL.so.1")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    for _ in range(2):
        bootstrap._provide_libraries()
        assert "libegl1" in capsys.readouterr().err.lower().replace("libegl.so.1", "libegl1")
    assert not list(tmp_path.iterdir())


def test_an_old_python_gets_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import sys; sys.version_info = (3, 9, 2); import installer.bootstrap"
    child = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert child.returncode == 1
    assert "3.11 到 3.14" in child.stderr
    assert "Traceback" not in child.stderr


def test_a_repeated_start_costs_next_to_nothing() -> None:
    code = """
import pathlib, re, time, typing  # the program loads these anyway
start = time.perf_counter()
from installer import bootstrap
bootstrap._is_stamped("requirements.txt"), bootstrap._recorded_version()
print(time.perf_counter() - start)
"""
    seconds = [float(subprocess.check_output([sys.executable, "-c", code], cwd=ROOT)) for _ in range(5)]
    assert min(seconds) < 0.05
