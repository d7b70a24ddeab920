"""Sets the program up on a fresh machine: `.venv` beside main.py, the locked packages, system libraries.

Standard library only, and nothing slow on the way of a start that has everything already. The lines above the
version check stay readable for old Pythons, so that those get a sentence and not a syntax error.
"""

import os
import sys

if not (3, 11) <= sys.version_info[:2] < (3, 15):
    sys.exit(
        "熟客本需要 Python 3.11 到 3.14,现在用的是 {}.{}。\n"
        "请安装其中一个版本;已经装有的话,请用它的名字启动,例如:python3.12 main.py".format(
            *sys.version_info[:2]
        )
    )

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
SHOP_LOCK, DEVELOPER_LOCK = "requirements.txt", "requirements-dev.txt"  # the second holds all of the first

# What Qt loads from the system, as (library, Debian package): always, and only when there is a screen.
LIBRARIES = (
    ("libGL.so.1", "libgl1"),
    ("libEGL.so.1", "libegl1"),
    ("libglib-2.0.so.0", "libglib2.0-0"),
    ("libdbus-1.so.3", "libdbus-1-3"),
    ("libfontconfig.so.1", "libfontconfig1"),
    ("libxkbcommon.so.0", "libxkbcommon0"),
)
SCREEN_LIBRARIES = (
    ("libxcb-cursor.so.0", "libxcb-cursor0"),
    ("libxcb-icccm.so.4", "libxcb-icccm4"),
    ("libxcb-keysyms.so.1", "libxcb-keysyms1"),
    ("libxcb-shape.so.0", "libxcb-shape0"),
    ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
)

# Why an installation failed, found in the installer's own words: (pattern, what to do).
CAUSES = (
    ("No space left|not enough space", "磁盘满了,请先腾出至少 1 GB 空间。"),
    ("Permission denied|Access is denied", "没有写入权限,请把程序文件夹放到自己的文件夹里,例如文档或桌面。"),
    ("MATCH THE HASHES|[Hh]ash mismatch", "下载到的文件与清单不符,可能是镜像或网络有问题,请换一个网络再试。"),
    (
        "NewConnectionError|Max retries|imed out|ReadTimeout|Temporary failure|Name or service|ProxyError|"
        "SSLError|from versions: none|dns error|error sending request|Connection (refused|reset|aborted)",
        "连不上提供组件的服务器,请检查网络。网络受限制或很慢时,先用下面这一行换成就近的镜像:\n"
        "  python -m pip config set global.index-url 镜像地址",
    ),
    ("No matching distribution|no wheels", "这台电脑的系统或 Python 太旧或太新,没有适合它的组件。"),
)


def ensure(lock: str, command: list[str]) -> None:
    """Return at once in an environment that has what `lock` names; otherwise make one, run `command` in it.

    `lock` is a file name in installer/, `command` the arguments after the interpreter. Does not return when
    another interpreter takes over; raises SystemExit with a sentence when the set-up cannot succeed.
    """
    ours = Path(sys.prefix) == VENV
    if ours and _is_stamped(lock) and _recorded_version() == _version():
        _provide_libraries()
        return
    if not (ours and _stamp(lock).exists()) and _is_satisfied(lock):
        return
    if ours:  # an environment is only ever rebuilt from outside
        _start_anew()
        _hand_over([sys._base_executable, *command])  # type: ignore[attr-defined]
    if not (_is_stamped(lock) and VENV_PYTHON.exists()):
        try:
            _set_up(lock)
        except KeyboardInterrupt:
            sys.exit("已停止。再运行一次同样的命令就会接着准备。")
    _hand_over([str(VENV_PYTHON), *command])


def _hand_over(command: list[str]) -> NoReturn:
    if os.name == "nt":  # exec on Windows gives the prompt back while the program still runs
        import subprocess

        sys.exit(subprocess.call(command))
    os.execv(command[0], command)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


# -- is everything there? ------------------------------------------------------------------------------------


def _stamp(name: str) -> Path:
    """The mark of something done: for a lock its copy as installed, which compares faster than a hash."""
    return VENV / (name + ".stamp")


def _is_stamped(lock: str) -> bool:
    try:
        return _stamp(lock).read_bytes() == (ROOT / "installer" / lock).read_bytes()
    except OSError:
        return False


def _version() -> str:
    return "{}.{}".format(*sys.version_info[:2])


def _recorded_version() -> str:
    """The Python the environment was made for; another one, after a system upgrade, finds no packages."""
    try:
        found = re.search(r"^version\w* = (\d+\.\d+)", (VENV / "pyvenv.cfg").read_text("utf-8"), re.M)
    except OSError:
        return ""
    return found[1] if found else ""


def _is_satisfied(lock: str) -> bool:
    """Whether the running environment, made by somebody else, has what pyproject.toml asks for."""
    from importlib.util import find_spec

    if not find_spec("PySide6"):
        return False
    import tomllib
    from importlib.metadata import PackageNotFoundError, version

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = project["project"]["dependencies"]
    if lock == DEVELOPER_LOCK:
        wanted = wanted + project["dependency-groups"]["dev"]
    try:
        return all(
            _is_within(version(name), limits)
            for name, limits in (re.findall(r"^([\w-]+)(.*)", w)[0] for w in wanted)
        )
    except PackageNotFoundError:
        return False


def _is_within(version: str, limits: str) -> bool:
    have = _numbers(version)
    holds = {">=": have.__ge__, "<": have.__lt__, "!=": have.__ne__}
    return all(holds[sign](_numbers(bound)) for sign, bound in re.findall(r"(>=|<|!=)([\d.]+)", limits))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


# -- the packages --------------------------------------------------------------------------------------------


def _set_up(lock: str) -> None:
    import shutil

    names = set(re.findall(r"^([\w.-]+)==", (ROOT / "installer" / lock).read_text("utf-8"), re.M))
    _say(f"正在准备运行环境:下载 {len(names)} 个组件,通常要 1 到 5 分钟,只在第一次运行和升级之后需要。")
    _provide_venv_module()
    if not _is_sound():
        shutil.rmtree(VENV, ignore_errors=True)
    _start_anew()
    failures: list[str] = []
    if not (_install_with_uv(lock, failures) or _install_with_pip(lock, failures)):
        sys.exit(_explain("\n".join(failures)))
    for installed in {lock, SHOP_LOCK}:
        shutil.copyfile(ROOT / "installer" / installed, _stamp(installed))
    _provide_libraries()
    _say("运行环境已经准备好。")


def _start_anew() -> None:
    try:
        VENV.mkdir(exist_ok=True)
        for stamp in VENV.glob("*.stamp"):
            stamp.unlink()
    except OSError:
        sys.exit(f"不能写入 {ROOT}。请把程序文件夹放到自己的文件夹里(例如文档或桌面),再运行一次。")


def _provide_venv_module() -> None:
    from importlib.util import find_spec

    package = f"python{_version()}-venv"
    if not (find_spec("venv") and find_spec("ensurepip")) and not _apt_install([package]):
        sys.exit(f"这个 Python 缺少 venv 模块。请先运行下面这一行,再启动一次:\n  sudo apt install {package}")


def _install_with_uv(lock: str, failures: list[str]) -> bool:
    import shutil

    uv = shutil.which("uv")
    if not uv:
        return False
    if not VENV_PYTHON.exists() and not _run([uv, "venv", "--python", sys.executable, str(VENV)], failures):
        return False
    options = ["--require-hashes", "--compile-bytecode", "--python", str(VENV_PYTHON)]
    return _run([uv, "pip", "install", *options, "-r", str(ROOT / "installer" / lock)], failures)


def _install_with_pip(lock: str, failures: list[str]) -> bool:
    pip = [str(VENV_PYTHON), "-m", "pip"]
    if not _run([*pip, "--version"], []) and not _run([sys.executable, "-m", "venv", str(VENV)], failures):
        return False
    options = ["--require-hashes", "--only-binary=:all:", "--no-input", "--disable-pip-version-check"]
    return _run([*pip, "install", *options, "-r", str(ROOT / "installer" / lock)], failures)


def _is_sound() -> bool:
    """Whether the environment's interpreter still runs and is the Python it was made for."""
    import subprocess

    question = [str(VENV_PYTHON), "-c", "import sys; print('{}.{}'.format(*sys.version_info))"]
    try:
        answer = subprocess.run(question, capture_output=True, text=True)
    except OSError:
        return False
    return answer.returncode == 0 and answer.stdout.strip() == _recorded_version()


def _run(command: list[str], failures: list[str]) -> bool:
    """Run an installer quietly, naming each package it fetches; its words go to `failures` when it fails."""
    import subprocess

    lines: list[str] = []
    environment = {**os.environ, "PIP_USER": "0", "PYTHONIOENCODING": "utf-8"}
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            env=environment,
        )
    except OSError as error:
        failures.append(str(error))
        return False
    with process:
        for line in process.stdout or ():
            lines.append(line.rstrip())
            fetched = re.match(r"\s*(?:Collecting ([\w.-]+)==|Downloading ([\w-]+) \()", line)
            if fetched:
                _say(f"  {fetched[1] or fetched[2]}")
    if process.returncode:
        failures.extend(lines[-12:])
    return process.returncode == 0


def _explain(output: str) -> str:
    causes = [advice for pattern, advice in CAUSES if re.search(pattern, output)]
    advice = causes[0] if causes else "请检查网络和磁盘空间。"
    return f"{output}\n\n没能装好运行环境。{advice}\n处理之后再运行一次同样的命令,会从断开的地方继续。"


# -- the system ----------------------------------------------------------------------------------------------


def _provide_libraries() -> None:
    """Install the system libraries Qt needs, or say how; asked once, and again with the first screen."""
    has_screen = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    stamp = _stamp("screen-libraries" if has_screen else "libraries")
    if not sys.platform.startswith("linux") or stamp.exists():
        return
    missing = [
        pair for pair in (*LIBRARIES, *(SCREEN_LIBRARIES if has_screen else ())) if not _can_load(pair[0])
    ]
    packages = [package for _, package in missing]
    if not missing or _apt_install(packages):
        stamp.touch()
    elif Path("/etc/debian_version").exists():
        _say(f"窗口还需要几个系统组件,请运行下面这一行:\n  sudo apt install {' '.join(packages)}")
    else:
        _say(f"窗口还需要这些系统库,请用系统的软件管理工具安装:{' '.join(library for library, _ in missing)}")


def _can_load(library: str) -> bool:
    from ctypes import CDLL

    try:
        CDLL(library)
    except OSError:
        return False
    return True


def _apt_install(packages: Iterable[str]) -> bool:
    import shutil

    apt = shutil.which("apt-get")
    if not apt or os.geteuid() != 0:
        return False
    _say(f"正在安装系统组件:{' '.join(packages)}")
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    failures: list[str] = []
    done = _run([apt, "update"], failures) and _run(
        [apt, "install", "-y", "--no-install-recommends", *packages], failures
    )
    if not done:
        _say("\n".join(failures) + "\n系统组件没能装上。")
    return done
