"""Pictures of every page, made off screen: the `demo` and `shots` commands."""

from __future__ import annotations

import argparse
import errno
import os
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from shopcrm.basics.errors import InputError, Refusal
from shopcrm.basics.records import StaffId
from shopcrm.basics.texts import t
from shopcrm.cli import (
    Parser,
    add_option,
    add_who,
    folder_for,
    guarded,
    read_number,
    read_path,
    read_today,
    shown,
    who_takes,
)

if TYPE_CHECKING:
    from ui.main_window import MainWindow

TASK_BAR, TITLE_BAR = 40, 31  # a 1366x768 screen leaves 1366x697 to the window
LEVELS = ("small", "normal", "big", "huge")
_SIZE = re.compile(r"([0-9]{3,4})x([0-9]{3,4})")


def run_demo(argv: Sequence[str]) -> int:
    """`demo --out DIR [--seed N] [--day D]`: the main job in one go; 0, 2 or 3."""
    parser = Parser(prog="shopcrm demo")
    add_option(parser, "out", read_path, required=True)
    add_option(parser, "seed", read_number, default=1)
    add_option(parser, "day", read_today)
    return guarded(lambda: _demo(parser.parse_args(argv)))


def _demo(args: argparse.Namespace) -> int:
    from shopcrm.shop.demo import make_demo

    day = args.day or datetime.now().date()  # noqa: DTZ005 - the clock on the wall
    if not (folder_for(args.out) / "sample.db").exists() and any(args.out.glob("*.xlsx")):
        raise Refusal("demo_folder", file=shown(args.out.name))  # the sample's lists could replace real ones
    demo = make_demo(args.out, seed=args.seed, day=day)
    pictures = shoot(demo.db, args.out, day=day)
    numbers = {"books": len(demo.workbooks), "lists": len(demo.callbacks), "n": len(pictures)}
    print(demo.summary)
    print(t("demo.files", folder=args.out, **numbers))
    return 0


def run_shots(argv: Sequence[str]) -> int:
    """`shots --db DB --out DIR [--size WxH] [--dark] [--font LEVEL] [--day D]`; 0, 2 or 3."""
    parser = Parser(prog="shopcrm shots")
    add_option(parser, "db", read_path, required=True)
    add_option(parser, "out", read_path, required=True)
    parser.add_argument("--size", default="1366x768", help=t("cli.opt.picture"))
    parser.add_argument("--dark", action="store_true", help=t("cli.opt.dark"))
    parser.add_argument("--font", default="normal", choices=LEVELS, help=t("cli.opt.font"))
    add_option(parser, "day", read_today)
    add_who(parser)
    parser.set_defaults(command="shots")
    return guarded(lambda: _shots(parser.parse_args(argv)))


def _shots(args: argparse.Namespace) -> int:
    if not args.db.exists():
        raise Refusal("no_shop", file=shown(args.db.name))
    out, who = folder_for(args.out), who_takes(args)  # the pictures are of members
    for picture in shoot(
        args.db, out, size=args.size, dark=args.dark, level=args.font, day=args.day, who=who
    ):
        print(picture)
    return 0


def shoot(
    db: Path,
    out: Path,
    *,
    size: str = "1366x768",
    dark: bool = False,
    level: str = "normal",
    day: date | None = None,
    who: StaffId | None = None,
) -> list[Path]:
    """A PNG of every page and main dialog of the shop in `db`, as a window filling such a screen shows it to
    `who` uses it."""
    asked = _SIZE.fullmatch(size)
    wide, high = map(int, asked.groups()) if asked else (0, 0)
    if not (640 <= wide <= 7680 and 480 <= high <= 4320):
        raise InputError("size", "picture_size", size=shown(size))
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from ui.app import make_window
    from ui.pages import PAGES
    from ui.widgets import open_dialog

    def clock() -> datetime:
        now = datetime.now()  # noqa: DTZ005 - the wall clock of the shop
        return datetime.combine(day, now.time()) if day else now

    out.mkdir(parents=True, exist_ok=True)
    window = make_window(
        db,
        size=(wide, high - TITLE_BAR - TASK_BAR),
        mode="dark" if dark else "light",
        level=level,
        clock=clock,
    )
    for person in window.session.view.staff():
        if person.id == who:
            window.session.unlock(person)
    style = f"{wide}{'_dark' if dark else ''}{'' if level == 'normal' else '_' + level}"
    files = []

    def keep(name: str) -> None:
        for _ in range(5):
            QApplication.processEvents()
        file = out / f"{name}_{style}.png"
        if not window.grab().save(str(file)):
            raise OSError(errno.EIO, t("err.picture", file=file.name), str(file))
        files.append(file)

    try:
        for entry in PAGES:
            window.navigate(entry.id)
            window.apply_layout()
            keep(entry.id)
        window.navigate("today")
        for name, opened in _dialogs(window).items():
            opened()
            keep(name)
            dialog = open_dialog(window)
            if dialog is not None:
                dialog.reject()
    finally:
        window.close()
        QApplication.processEvents()
    return files


def _dialogs(window: MainWindow) -> dict[str, Callable[[], object]]:
    """How each of the main dialogs is opened, by the name of its picture."""
    from ui.dialogs.export_callbacks import export_callbacks
    from ui.dialogs.member_edit import MemberEdit

    session = window.session
    return {
        "dialog_member": MemberEdit(window, session).open,
        "dialog_export": lambda: export_callbacks(window, session, session.view.day_list()),
        "dialog_keys": window.show_keys,
    }
