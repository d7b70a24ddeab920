"""Where every start arrives: the window without a command, pictures for `demo` and `shots`, or a command.

Nothing of Qt is imported before it is known that Qt can run: without a display, on a dead one or with a
library missing it would end the process with an abort instead of an exception.
"""

from __future__ import annotations

import builtins
import gc
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from shopcrm import __version__
from shopcrm.basics import texts
from shopcrm.basics.folders import default_db
from shopcrm.basics.texts import t
from ui.head_start import Kept, quicken_enums

if TYPE_CHECKING:
    from ui.opening import Ahead


def main(argv: Sequence[str] | None = None) -> int:
    """Run what the arguments ask for; the exit code."""
    try:
        return _run(argv)
    except KeyboardInterrupt:
        _say(t("cli.stopped"))
        return 3


def _run(argv: Sequence[str] | None) -> int:
    for stream in (sys.stdout, sys.stderr):  # what programs read is UTF-8 on every system
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    given = sys.argv[1:] if argv is None else list(argv)
    try:
        arguments = _language_taken(given)
    except ValueError as wrong:
        _say(str(wrong))
        return 2
    if not arguments or arguments[0].partition("=")[0] in ("--db", "--demo"):
        return _window(arguments, texts.language() if len(arguments) < len(given) else None)
    if arguments[0] in ("-V", "--version"):
        print(__version__)
        return 0
    if arguments[0] in ("demo", "shots"):
        return _pictures(arguments[0], arguments[1:])
    if arguments[0] in ("-h", "--help"):
        print(t("launch.help"))
    from shopcrm import cli

    return cli.main(arguments)


def _language_taken(arguments: list[str]) -> list[str]:
    """The arguments without `--lang` and its value, which are in force from here on; ValueError otherwise."""
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        name, equals, language = argument.partition("=")
        if name != "--lang":
            rest.append(argument)
            continue
        language = language if equals else next(waiting, "")
        if language not in texts.LANGUAGES:
            raise ValueError(t("launch.language", languages=", ".join(texts.LANGUAGES)))
        texts.use(language)
    return rest


def _asked(arguments: list[str]) -> tuple[Path | None, bool]:
    """The file of `--db` and whether `--demo` was asked for; SystemExit with a sentence for anything else."""
    file, demo = "", False
    waiting = iter(arguments)
    for argument in waiting:
        name, equals, value = argument.partition("=")
        if not equals and name == "--db":
            value = next(waiting, "")
            value = "" if value.startswith("--") else value
        if argument == "--demo":
            demo = True
        elif name == "--db" and value.strip():
            file = value
        else:
            _say(t("launch.usage"))
            raise SystemExit(2)
    return Path(file) if file else None, demo


def _window(arguments: list[str], language: str | None = None) -> int:
    db, demo = _asked(arguments)
    if not has_display():
        folder = _sample_folder()
        _say(t("launch.no_display", folder=folder))
        return _pictures("demo", ["--out", str(folder)])
    gc.disable()  # while everything is loaded nothing becomes free
    try:
        with Kept() as kept:
            ahead = None if demo else _opening(db)
            if not _qt_loads():
                return 3
            from ui import app

            gc.freeze()  # what is loaded stays: looking through it once took longer than painting the list

            def loaded() -> None:
                gc.enable()
                kept.stop()

            return app.run(db, demo=demo, language=language, ahead=ahead, loaded=loaded)
    finally:
        gc.enable()


def _opening(db: Path | None) -> Ahead | None:
    """The shop's file being opened while Qt loads, where there is one already."""
    from ui.opening import Ahead, Opener

    path = db or default_db()
    return Ahead(Opener(path, datetime.now)) if path.is_file() else None


def _pictures(command: str, arguments: list[str]) -> int:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    with Kept():
        if not _qt_loads():
            return 3
        from ui import shots

    return shots.run_demo(arguments) if command == "demo" else shots.run_shots(arguments)


def _qt_loads() -> bool:
    quicken_enums()
    try:
        import PySide6.QtWidgets  # noqa: F401
    except ImportError as missing:
        _say(t("launch.no_qt", why=missing))
        return False
    # PySide reads the source of every module imported from now on, to see whether it asks for other names of
    # Qt's functions. Nobody here does, and a fifth of our start went by with it.
    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
    return True


def _say(sentence: str) -> None:
    if sys.stderr is not None:
        print(sentence, file=sys.stderr)


def _sample_folder() -> Path:
    """Where the sample goes that nobody chose a folder for: here, else beside the shop's file."""
    name = t("launch.sample_folder")
    if os.access(Path.cwd(), os.W_OK):
        return Path.cwd() / name
    from shopcrm.basics.folders import data_folder

    return data_folder() / name


# -- can Qt open a window? -----------------------------------------------------------------------------------
# Asked through the same libraries Qt will use; a child process that tries it costs every start half a second.


def has_display() -> bool:
    """Whether a window can open here: a display answers, and Qt's part that draws on it can be loaded."""
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    if not sys.platform.startswith("linux") or platform.startswith(
        ("offscreen", "minimal", "vnc", "linuxfb")
    ):
        return True
    try:
        if os.environ.get("WAYLAND_DISPLAY") and platform != "xcb" and _wayland_answers():
            return _loads("libqwayland.so")
    except OSError:
        pass  # not every desktop has Wayland's library; X11 may still answer
    try:
        return bool(os.environ.get("DISPLAY")) and _x11_answers() and _loads("libqxcb.so")
    except OSError as missing:
        _say(t("launch.no_library", why=missing))
        return False


def _x11_answers() -> bool:
    import ctypes

    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    answers = not xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return answers


def _wayland_answers() -> bool:
    import ctypes

    wayland = ctypes.CDLL("libwayland-client.so.0")
    wayland.wl_display_connect.restype = ctypes.c_void_p
    display = wayland.wl_display_connect(None)
    if display:
        wayland.wl_display_disconnect(ctypes.c_void_p(display))
    return bool(display)


def _loads(plugin: str) -> bool:
    """Whether Qt's platform plugin finds all its libraries; raises OSError naming the one that is missing."""
    import ctypes
    from importlib.util import find_spec

    package = find_spec("PySide6")
    for folder in (package and package.submodule_search_locations) or ():
        file = Path(folder) / "Qt" / "plugins" / "platforms" / plugin
        if file.exists():
            ctypes.CDLL(str(file))
    return True
