"""The second front end: every command of the shop without a screen, through the same `Shop` as the window.

Data for programs goes to standard output or the named file, sentences for people to standard error.
Exit codes: 0 done, 2 wrong usage, 3 refused (nothing changed), 4 the data file or the disk is at fault.
"""

from __future__ import annotations

import argparse
import csv
import errno
import io
import json
import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import NoReturn, TypeVar

from shopcrm.basics import texts
from shopcrm.basics.errors import InputError, Refusal, ShopError, StoreError
from shopcrm.basics.folders import default_db
from shopcrm.basics.passwords import LEAST
from shopcrm.basics.records import (
    OUTCOMES,
    TYPE_KEYS,
    BatchId,
    LineDraft,
    OutcomeDraft,
    Restored,
    SaleDraft,
    StaffId,
    TaskId,
    VisitDraft,
)
from shopcrm.basics.rights import FREE
from shopcrm.basics.texts import t
from shopcrm.basics.values import clean_text, parse_amount
from shopcrm.shop import Shop, arrivals, backups, encryption
from shopcrm.shop.dump import dump
from shopcrm.shop.homecoming import HomePlan
from shopcrm.shop.moving import MovePlan

DONE, USAGE, REFUSED, BROKEN = 0, 2, 3, 4

_DAYS = date(1990, 1, 1), date(2199, 12, 31)  # what `--day` may be: before lies no shop, after a slip
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WHOLE = re.compile(r"-?[0-9]{1,15}")  # what every number of the data file holds
_MOST_SHOWN = 60  # characters of what was typed, in a sentence about it
_EXPORTS = ("members", "sales", "callbacks", "not-reached")
_LISTS = (".xlsx", ".csv")
_DATABASE = b"SQLite format 3\0"
# What a command asks for before it reads anything; what it writes asks by itself (basics.rights.KINDS).
_ASKS = {
    "backup": "backup", "decrypt": "take", "dump": "take", "encrypt": "take", "import": "import",
    "read-callbacks": "import", "recovery-key": "take", "restore": "restore", "salvage": "take",
    "shots": "export", "todo": "export", "types": "export",
}  # fmt: skip
_OPTION_OF = {  # field of an InputError -> the option that filled it, where the names differ
    "order_no": "order", "day": "date", "next_day": "next", "reasons": "reason", "lines": "amount",
}  # fmt: skip

_WHY = {
    errno.EISDIR: "folder", errno.ENOTDIR: "gone", errno.ENOENT: "gone", errno.ENOSPC: "full",
    errno.EACCES: "rights", errno.EPERM: "rights", errno.EROFS: "rights",
}  # fmt: skip


_Answer = TypeVar("_Answer")


class _Usage(Exception):
    pass


_ARGPARSE = (  # argparse words its complaints in English; these are the ones a user can meet
    (r"the following arguments are required: (?P<name>.+)", "cli.missing"),
    (r"unrecognized arguments: (?P<name>.+)", "cli.unknown"),
    (r"argument (?P<name>.+?): invalid choice: (?P<value>.*) \(choose from (?P<choices>.+)\)", "cli.choice"),
    (r"argument (?P<name>.+?): expected .*argument.*", "cli.value"),
    (r"argument (?P<name>.+?): ignored explicit argument (?P<value>.*)", "cli.no_value"),
)


class _Words(argparse.HelpFormatter):
    def add_usage(
        self, usage: str | None, actions: object, groups: object, prefix: str | None = None
    ) -> None:
        super().add_usage(usage, actions, groups, t("cli.usage") if prefix is None else prefix)  # type: ignore[arg-type]


class Parser(argparse.ArgumentParser):
    """Words its help and its complaints in the language in force; `guarded` turns these into exit code 2."""

    def __init__(self, prog: str, **options: object) -> None:
        super().__init__(prog, add_help=False, allow_abbrev=False, formatter_class=_Words)
        self._positionals.title, self._optionals.title = t("cli.positionals"), t("cli.optionals")
        self.add_argument("-h", "--help", action="help", help=t("cli.opt.help"))

    def error(self, message: str) -> NoReturn:
        for pattern, key in _ARGPARSE:
            if found := re.fullmatch(pattern, message, re.DOTALL):
                parts = {name: shown(text.strip("'")) for name, text in found.groupdict().items()}
                parts |= {"choices": found["choices"].replace("'", "")} if "choices" in parts else {}
                if key == "cli.choice" and parts["name"] == t("cli.command"):
                    key = "cli.no_command"
                message = t(key, **parts)
                break
        raise _Usage(f"{message}\n{self.format_usage().strip()}")


def shown(text: str) -> str:
    """What was typed, fit to stand in a sentence: nothing invisible, not endless."""
    text = clean_text(text)
    return text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN] + "…"


def _parser() -> argparse.ArgumentParser:
    top = Parser(prog="shopcrm")
    commands = top.add_subparsers(
        dest="command", required=True, parser_class=Parser, metavar=t("cli.command"), title=t("cli.commands")
    )

    def command(name: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=t(f"cli.help.{name}"))
        add_option(sub, "db", read_path)
        add_option(sub, "day", read_today)
        sub.add_argument("--lang", choices=texts.LANGUAGES, help=t("cli.opt.lang"))
        add_who(sub)
        sub.set_defaults(run=run)
        return sub

    sub = command("import", _import)
    sub.add_argument("file", metavar="FILE", type=partial(read_path, "FILE"))
    add_option(sub, "report", read_path)
    add_option(sub, "password-file", read_path)
    sub = command("read-callbacks", _read_callbacks)
    sub.add_argument("file", metavar="FILE", type=partial(read_path, "FILE"))
    add_option(sub, "report", read_path)
    add_option(sub, "password-file", read_path)
    sub = command("undo-import", _undo_import)
    sub.add_argument("batch", nargs="?", metavar="BATCH", type=partial(read_number, "BATCH"))
    command("dump", _dump)
    add_option(command("types", _types), "out", read_path)
    sub = command("todo", _todo)
    sub.add_argument("--type", choices=TYPE_KEYS, help=t("cli.opt.type"))
    sub.add_argument("--all", action="store_true", help=t("cli.opt.all"))
    add_option(sub, "out", read_path)
    sub = command("outcome", _outcome)
    sub.add_argument("task", metavar="TASK", type=partial(read_number, "TASK"))
    sub.add_argument("result", metavar="RESULT", choices=OUTCOMES, help=", ".join(OUTCOMES))
    add_option(sub, "note", default="")
    add_option(sub, "reason", default="")
    add_option(sub, "next", read_day)
    sub = command("visit", _visit)
    add_option(sub, "member", _read_text, required=True)
    sub.add_argument("--kind", choices=("tried", "asked", "looked"), default="looked", help=t("cli.opt.kind"))
    sub.add_argument("--reason", action="append", default=[], help=t("cli.opt.reason"))
    add_option(sub, "items", default="")
    add_option(sub, "says", default="")
    add_option(sub, "date", read_day)
    add_option(sub, "remind", read_day)
    for name, run in (("sale", _sale), ("return", _return)):
        sub = command(name, run)
        add_option(sub, "member", _read_text, required=name == "return")
        add_option(sub, "amount", _read_fen, required=True)
        add_option(sub, "qty", read_number, default=1)
        for option in ("item", "size", "order"):
            add_option(sub, option, default="")
        add_option(sub, "date", read_day)
        if name == "return":
            add_option(sub, "line", read_number)
    sub = command("export", _export)
    sub.add_argument("what", metavar="WHAT", choices=(*_EXPORTS, "all"), help=", ".join((*_EXPORTS, "all")))
    add_option(sub, "out", read_path, required=True)
    add_option(sub, "password-file", read_path)
    sub = command("backup", _backup)
    add_option(sub, "to", read_path)
    add_option(sub, "password-file", read_path)
    command("backups", _backups)
    sub = command("restore", _restore)
    sub.add_argument("file", metavar="FILE", type=partial(read_path, "FILE"))
    add_option(sub, "password-file", read_path)
    sub = command("encrypt", _encrypt)
    add_option(sub, "password-file", read_path)
    sub.add_argument("--remove-plain-copies", action="store_true", help=t("cli.opt.remove-plain-copies"))
    command("decrypt", _decrypt)
    command("recovery-key", _recovery_key)
    sub = command("salvage", _salvage)
    sub.add_argument("file", metavar="FILE", type=partial(read_path, "FILE"))
    add_option(sub, "out", read_path, required=True)
    command("reset-pin", _reset_pin).add_argument("name", metavar="NAME")
    command("check", _check)
    command("migrate", _migrate)
    return top


def add_who(parser: argparse.ArgumentParser) -> None:
    """The options by which a shop knows whose hands a command is in, and lets itself be opened."""
    add_option(parser, "db-password-file", read_path)
    add_option(parser, "staff", _read_text)
    add_option(parser, "pin-file", read_path)
    parser.set_defaults(db_password="")


def add_option(
    parser: argparse.ArgumentParser,
    name: str,
    read: Callable[[str, str], object] | None = None,
    *,
    default: object = None,
    required: bool = False,
) -> None:
    """An option with its line of help; `read(name, text)` makes its value or raises wrong usage."""
    parser.add_argument(
        f"--{name}", type=partial(read, f"--{name}") if read else str, default=default, required=required,
        metavar=name.upper(), help=t(f"cli.opt.{name}"),
    )  # fmt: skip


def main(argv: Sequence[str]) -> int:
    """Run one command; the exit code."""
    return guarded(lambda: _run(argv))


def _run(argv: Sequence[str]) -> int:
    args = _parser().parse_args(argv)
    if args.lang:
        texts.use(args.lang)
    run: Callable[[argparse.Namespace], int] = args.run
    return run(args)


def guarded(command: Callable[[], int]) -> int:
    """Run a command; whatever the world or the user did wrong becomes a sentence and an exit code."""
    try:
        code = command()
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except _Usage as wrong:
        _say(str(wrong))
        return USAGE
    except StoreError as broken:
        _say(broken.sentence)
        return BROKEN
    except InputError as wrong:
        option = _OPTION_OF.get(wrong.field, wrong.field)
        is_one = texts.has(f"cli.opt.{option}")
        _say(t("cli.field", name=f"--{option}", why=wrong.sentence) if is_one else wrong.sentence)
        return REFUSED
    except ShopError as refused:
        _say(refused.sentence)
        return REFUSED
    except KeyboardInterrupt:
        _say(t("cli.stopped"))
        return REFUSED
    except BrokenPipeError:  # whoever read the answer has enough of it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as broken:
        if broken.errno == errno.ENAMETOOLONG:
            _say(t("cli.name_long", file=shown(Path(str(broken.filename)).name)))
            return REFUSED
        known = _WHY.get(broken.errno or 0)
        why = t(f"cli.why.{known}") if known else broken.strerror or str(broken)
        _say(t("cli.disk", file=shown(str(broken.filename or "")), why=why))
        return BROKEN


def _say(text: str) -> None:
    if sys.stderr is not None:  # else it would go to standard output, where programs read
        print(text, file=sys.stderr)


def _tell(data: object) -> None:
    print(json.dumps(data, ensure_ascii=False, default=str))


# -- what options may hold -----------------------------------------------------------------------------------


def read_path(option: str, text: str) -> Path:
    """A path; wrong usage for an empty one."""
    return Path(_read_text(option, text))


def _read_text(option: str, text: str) -> str:
    if not text.strip() or "\0" in text:
        raise _Usage(t("cli.value", name=option))
    return text


def read_day(option: str, text: str) -> date:
    """An ISO day; wrong usage for anything else."""
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise _Usage(t("cli.date", name=option, value=shown(text)))


def read_today(option: str, text: str) -> date:
    """An ISO day that can be today."""
    day = read_day(option, text)
    if not _DAYS[0] <= day <= _DAYS[1]:
        raise _Usage(t("cli.day_range", name=option, first=_DAYS[0], last=_DAYS[1]))
    return day


def read_number(option: str, text: str) -> int:
    """A whole number; wrong usage for anything else."""
    if _WHOLE.fullmatch(text):
        return int(text)
    raise _Usage(t("cli.number", name=option, value=shown(text)))


def _read_fen(option: str, text: str) -> int:
    cell = parse_amount(text)
    if cell.problem == "amount_too_large":
        raise _Usage(t("cli.field", name=option, why=t("err.amount_too_large")))
    if cell.fen is None or cell.problem:
        raise _Usage(t("cli.amount", name=option, value=shown(text)))
    return cell.fen


# -- the files a command works with --------------------------------------------------------------------------


def _db(args: argparse.Namespace) -> Path:
    return args.db or default_db()


def _open(args: argparse.Namespace, *, must_exist: bool = True) -> Shop:
    """The shop, in the hands of who was named; raises RightsError where she lacks the command's right."""
    path = _db(args)
    if must_exist and not path.exists():
        raise Refusal("no_shop", file=shown(path.name))
    _unlock(args)
    shop = Shop.open(path, clock=_clock(args))
    try:
        if args.staff is not None:
            shop.actor = _identified(shop, args)
        shop.check(_ASKS.get(args.command, FREE))
    except BaseException:
        shop.close()
        raise
    return shop


def who_takes(args: argparse.Namespace) -> StaffId | None:
    """Who was named, for a command that is not one of these; raises as they do where she may not."""
    with _open(args) as shop:
        return shop.actor


def _identified(shop: Shop, args: argparse.Namespace) -> StaffId:
    """Who was named, once her PIN was right. Refusal staff_unknown, pin_wrong."""
    person = next((one for one in shop.settings.staff() if one.active and one.name == args.staff), None)
    if person is None:
        raise Refusal("staff_named", name=shown(args.staff))
    if person.has_pin:
        wait = shop.pins.wait(person.id)
        if wait:  # it counts while a program runs, and this one runs for one try
            _say(t("pin.wait", n=wait))
            time.sleep(wait)
        if not shop.pins.try_(person.id, _pin(args)).ok:
            raise Refusal("pin_wrong", name=person.name)
    return person.id


def _pin(args: argparse.Namespace) -> str:
    """A PIN is never an argument: those can be seen by others and stay in the history of the terminal."""
    if args.pin_file is not None:
        file: Path = args.pin_file
        return file.read_text(encoding="utf-8").strip()
    given = os.environ.get("SHOPCRM_PIN")
    if given is None and sys.stdin is not None and sys.stdin.isatty():
        from getpass import getpass

        given = getpass(t("cli.pin", name=args.staff))
    return given or ""


def _unlock(args: argparse.Namespace) -> None:
    """Unlock an encrypted data file: by the file named, else SHOPCRM_PASSWORD, else what is typed at the
    terminal. Refusal shop_locked, shop_password_wrong."""
    path = _db(args)
    if encryption.is_encrypted(path):
        encryption.unlock(path, _db_password(args) or _db_asked(args, path))


def _db_password(args: argparse.Namespace) -> str:
    """That of the data file, as far as it was given."""
    return args.db_password or _first_line(args.db_password_file) or os.environ.get("SHOPCRM_PASSWORD", "")


def _db_asked(args: argparse.Namespace, path: Path) -> str:
    """That of the data file, asked for at a terminal, once."""
    if sys.stdin is not None and sys.stdin.isatty():
        args.db_password = _asked(t("cli.ask.file", file=shown(path.name)))
    return str(args.db_password)


def _clock(args: argparse.Namespace) -> Callable[[], datetime]:
    day: date | None = args.day

    def clock() -> datetime:
        now = datetime.now()  # noqa: DTZ005 - the shop lives by the clock on its wall
        return datetime.combine(day, now.time()) if day else now

    return clock


def _target(args: argparse.Namespace, path: Path, endings: Sequence[str] = ()) -> Path:
    """A file that may be written, checked before anything else happens; never the shop itself or a backup."""
    if endings and path.suffix.lower() not in endings:
        raise Refusal("bad_ending" if len(endings) > 1 else "csv_ending", file=shown(path.name))
    if path.is_dir():
        raise Refusal("out_folder", file=shown(path.name))
    if not path.parent.is_dir():
        raise Refusal("folder_missing", file=shown(path.name), folder=shown(str(path.parent)))
    db = _db(args).resolve()
    if path.resolve() in (db, db.with_name(db.name + ".lock")) or _is_database(path):
        raise Refusal("out_is_shop", file=shown(path.name))
    return path


def _is_database(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as start:
        return start.read(len(_DATABASE)) == _DATABASE or encryption.is_encrypted(path)


def folder_for(path: Path) -> Path:
    """A folder that is there or can be made; Refusal not_folder where a file stands in the way."""
    for place in (path, *path.parents):
        if place.exists():
            if not place.is_dir():
                raise Refusal("not_folder", file=shown(place.name))
            break
    return path


# -- passwords -----------------------------------------------------------------------------------------------


def _password(args: argparse.Namespace) -> str:
    """The first line of the file named; "-" asks for it, twice, at the terminal; empty where none is named.

    A word among the arguments would be read by whoever lists what runs.
    """
    if args.password_file is None:
        return ""
    if str(args.password_file) == "-":
        word = _asked(t("cli.ask.new"))
        if word != _asked(t("cli.ask.again")):
            raise Refusal("password_twice")
        return word
    return _first_line(args.password_file)


def _first_line(file: Path | None) -> str:
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines() if file else []
    except ValueError:
        raise InputError("password", "password_letters") from None
    return lines[0] if lines else ""


def _asked(question: str) -> str:
    from getpass import getpass

    return getpass(question, stream=sys.stderr)


def _with_password(args: argparse.Namespace, run: Callable[[str], _Answer]) -> _Answer:
    """Open a file that may be behind a password; where none was named it is asked for at the terminal."""
    try:
        return run(_password(args))
    except Refusal as refused:
        asks = refused.code in ("sealed_needs", "shop_locked") and not args.password_file
        if not asks or sys.stdin is None or not sys.stdin.isatty():
            raise
        return run(_asked(t("cli.ask.file", file=shown(args.file.name))))


def _save(path: Path, text: str, encoding: str = "utf-8") -> None:
    try:
        path.write_text(text, encoding=encoding, errors="backslashreplace", newline="")
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


# -- the commands --------------------------------------------------------------------------------------------


def _report_target(args: argparse.Namespace) -> None:
    """Refuse a report that cannot be written now, and not when everything is done."""
    if args.report:
        if _target(args, args.report).resolve() == args.file.resolve():
            raise Refusal("out_is_input", file=shown(args.file.name))
        with args.report.open("a"):
            pass


def _tell_report(args: argparse.Namespace, report: object) -> None:
    if args.report:
        _save(args.report, json.dumps(report, ensure_ascii=False, indent=1))
    else:
        _tell(report)


def _import(args: argparse.Namespace) -> int:
    file, code = args.file, DONE
    _report_target(args)
    with _open(args, must_exist=False) as shop:
        try:
            plan = _with_password(args, lambda word: arrivals.preview(shop, file, password=word))
            report = _taken_in(shop, plan)
        except Refusal as refused:
            report = shop.imports.refused(file, refused)
            _say(refused.sentence)
            code = REFUSED
    _tell_report(args, report)
    return code


def _taken_in(shop: Shop, plan: arrivals.Arrival) -> dict[str, object]:
    """Write a plan, say so, and answer its report."""
    if isinstance(plan, HomePlan):
        raise Refusal("is_callbacks", file=plan.file)
    if isinstance(plan, MovePlan):
        moved = shop.moving.apply(plan)
        _say(t(moved.sentence.id, **moved.sentence.values))
        return shop.moving.report(plan, moved.value)
    done = shop.imports.apply(plan)
    _say(t(done.sentence.id, **done.sentence.values))
    if plan.counts.minors:
        _say(t("io.minors", n=plan.counts.minors))
    return shop.imports.report(plan, done.value)


def _read_callbacks(args: argparse.Namespace) -> int:
    code = DONE
    _report_target(args)
    with _open(args) as shop:
        try:
            plan = _with_password(args, lambda word: shop.homecoming.preview(args.file, password=word))
            done = shop.homecoming.apply(plan)
            report = shop.homecoming.report(plan, done.value)
            _say(t(done.sentence.id, **done.sentence.values))
        except Refusal as refused:
            report = shop.homecoming.refused(refused)
            _say(refused.sentence)
            code = REFUSED
    _tell_report(args, report)
    return code


def _undo_import(args: argparse.Namespace) -> int:
    with _open(args) as shop:
        done = shop.imports.undo(None if args.batch is None else BatchId(args.batch))
        _say(t(done.sentence.id, **done.sentence.values))
        _tell({"kept": list(done.value)})
    return DONE


def _leaves(shop: Shop, what: str, n: int) -> None:
    """What a command prints of members leaves the shop like a list, where somebody is named who takes it."""
    if shop.actor is not None:
        shop.exports.told(what, n)


def _dump(args: argparse.Namespace) -> int:
    with _open(args) as shop:
        everything = dump(shop.store.read())
        _leaves(shop, t("cli.help.dump"), shop.view().total())
    print(json.dumps(everything, ensure_ascii=False, indent=1))
    return DONE


def _types(args: argparse.Namespace) -> int:
    target = _target(args, args.out, (".csv",)) if args.out else None
    with _open(args) as shop:
        rows = shop.types.table(shop.day)
        _leaves(shop, t("cli.help.types"), len(rows))
    header = ("member_id", "card_no", "name", "phone", "type", "reason_code", "reason", "score", "p90")
    table = io.StringIO()
    csv.writer(table, lineterminator="\r\n" if target else "\n").writerows((header, *rows))
    if target:
        _save(target, table.getvalue(), "utf-8-sig")
        _say(t("cli.types", n=len(rows), file=target.name))
    else:
        print(table.getvalue(), end="")
    return DONE


def _todo(args: argparse.Namespace) -> int:
    target = _target(args, args.out, _LISTS) if args.out else None
    with _open(args) as shop:
        shop.start_day()
        if target:
            done = shop.exports.callbacks(target, type=args.type, everything=args.all)
            _say(t(done.sentence.id, **done.sentence.values))
            return DONE
        view = shop.view()
        today = view.day_list()
        ids = [
            task
            for task in (*today.open, *(today.waiting if args.all else ()))
            if args.type in (None, today.types[task])
        ]
        _leaves(shop, t("cli.help.todo"), len(ids))
        for row in view.tasks(ids):
            line = {
                "task": row.id, "member": row.member, "name": row.name, "phones": list(row.phones),
                "type": row.type, "rule": row.rule, "why": t(row.why.id, **row.why.values),
                "channel": row.channel, "due": row.due.isoformat(), "expires": row.expires.isoformat(),
                "overdue_days": row.overdue_days, "priority": round(row.priority, 4),
                "message": view.message(row.id).text,
            }  # fmt: skip
            _tell(line)
    return DONE


def _outcome(args: argparse.Namespace) -> int:
    draft = OutcomeDraft(outcome=args.result, note=args.note, reason=args.reason, next_day=args.next)
    with _open(args) as shop:
        done = shop.followups.finish(TaskId(args.task), draft)
        _say(t(done.sentence.id, **done.sentence.values))
    return DONE


def _visit(args: argparse.Namespace) -> int:
    with _open(args) as shop:
        draft = VisitDraft(
            member=shop.members.find(args.member), day=args.date or shop.day, kind=args.kind,
            at="" if args.date else shop.at, items=args.items, reasons=tuple(args.reason), says=args.says,
            remind=args.remind,
        )  # fmt: skip
        done = shop.counter.visit(draft)
        _say(t(done.sentence.id, **done.sentence.values))
        _tell({"visit": done.value})
    return DONE


def _sale(args: argparse.Namespace) -> int:
    if args.amount < 0:
        raise _Usage(t("cli.amount_return", name="--amount"))
    return _book(args, args.amount, None)


def _return(args: argparse.Namespace) -> int:
    if args.amount == 0:
        raise _Usage(t("cli.amount", name="--amount", value="0"))
    return _book(args, -abs(args.amount), args.line)


def _book(args: argparse.Namespace, fen: int, returns: int | None) -> int:
    with _open(args) as shop:
        article = LineDraft(
            amount_fen=fen, item=args.item, size=args.size, qty=args.qty, returns_line=returns
        )
        draft = SaleDraft(
            member=shop.members.find(args.member) if args.member else None,
            day=args.date or shop.day, at="" if args.date else shop.at, lines=(article,), order_no=args.order,
        )  # fmt: skip
        done = shop.counter.sell(draft)
        _say(t(done.sentence.id, **done.sentence.values))
        _tell({"sale": done.value})
    return DONE


def _export(args: argparse.Namespace) -> int:
    password = _password(args)
    if args.password_file:
        target = _target(args, args.out)
        if not password:
            raise InputError("password", "password_short", n=LEAST)
    else:
        is_folder = args.what == "all" and args.out.suffix.lower() != ".xlsx"
        target = folder_for(args.out) if is_folder else _target(args, args.out, _LISTS)
    with _open(args) as shop:
        shop.start_day()
        done = shop.exports.behind(password).write(args.what, target)
        _say(t(done.sentence.id, **done.sentence.values))
    return DONE


def _backup(args: argparse.Namespace) -> int:
    if args.password_file:
        return _carry(args)
    with _open(args) as shop:
        made = shop.backups.now("by_hand", folder_for(args.to) if args.to else None)
        _tell(made.as_dict())
        _say(t("cli.backup", file=made.path.name, members=made.members, sales=made.sales))
    return DONE


def _carry(args: argparse.Namespace) -> int:
    if args.to is None:
        raise _Usage(t("cli.missing", name="--to"))
    password = _password(args)
    with _open(args) as shop:
        carried = shop.backups.carry(folder_for(args.to), password)
        _tell({"path": str(carried), "bytes": carried.stat().st_size})
        _say(t("cli.carried", file=carried.name))
    return DONE


def _backups(args: argparse.Namespace) -> int:
    with _open(args) as shop:
        for file in shop.backups.files():
            _tell(file.as_dict())
    return DONE


def _restore(args: argparse.Namespace) -> int:
    if _db(args).exists():
        try:
            _open(args).close()
        except StoreError as broken:  # a damaged shop cannot say whose it is
            if broken.code not in ("corrupt", "notadb"):
                raise
        except Refusal as refused:  # nor can one whose password is lost: it is put aside as it is
            if refused.code not in ("shop_locked", "shop_password_or_damage"):
                raise
    found = _with_password(args, lambda word: _restored(args, word))
    _tell(
        found.counts.as_dict()
        | {
            "saved": found.saved and str(found.saved.path),
            "put_aside": found.put_aside and str(found.put_aside),
        }
    )
    aside = found.saved.path if found.saved else found.put_aside
    words = "cli.restored.saved" if aside else "cli.restored"
    name = aside.name if aside else ""
    _say(t(words, file=args.file.name, members=found.counts.members, sales=found.counts.sales, saved=name))
    return DONE


def _restored(args: argparse.Namespace, word: str) -> Restored:
    """A sealed copy of an encrypted shop wants that one's password, too: the data file's, or asked for."""

    def restore(inner: str) -> Restored:
        return backups.restore(
            _db(args), args.file, _clock(args), password=word, inner=inner, by=args.staff or ""
        )

    try:
        return restore(_db_password(args))
    except Refusal as refused:
        asks = refused.code in ("inner_needs", "inner_wrong") and not args.db_password_file
        if not asks or sys.stdin is None or not sys.stdin.isatty():
            raise
        return restore(_asked(t("cli.ask.inner", file=shown(args.file.name))))


def _encrypt(args: argparse.Namespace) -> int:
    db = _db(args)
    _open(args).close()
    if args.password_file is None:
        args.password_file = Path("-")
    made = encryption.encrypt(db, _password(args), _clock(args))
    plain = encryption.plain_copies(db)
    if args.remove_plain_copies:
        encryption.remove_plain_copies(db)
    _tell(
        {
            "recovery_key": made.recovery, "copy": made.after and str(made.after.path),
            "plain_copies": [] if args.remove_plain_copies else [str(file) for file in plain],
        }
    )  # fmt: skip
    _say(t("cli.encrypted"))
    if plain:
        _say(t("cli.plain_gone" if args.remove_plain_copies else "cli.plain_left", n=len(plain)))
    return DONE


def _decrypt(args: argparse.Namespace) -> int:
    _open(args).close()
    made = encryption.decrypt(_db(args), _clock(args))
    _tell({"copy": made.after and str(made.after.path)})
    _say(t("cli.decrypted"))
    return DONE


def _recovery_key(args: argparse.Namespace) -> int:
    _open(args).close()
    key = encryption.recovery_of(_db(args))
    if not key:
        raise Refusal("not_encrypted", file=shown(_db(args).name))
    _tell({"recovery_key": key})
    return DONE


def _salvage(args: argparse.Namespace) -> int:
    target = _target(args, args.out)
    if target.exists():
        raise Refusal("out_there", file=shown(target.name))
    try:
        found = backups.salvage(args.file, target, _clock(args), password=_db_password(args))
    except Refusal as refused:
        word = _db_asked(args, args.file) if refused.code == "shop_locked" else ""
        if not word:
            raise
        found = backups.salvage(args.file, target, _clock(args), password=word)
    args.db = target  # whose shop it was is known now: it goes only to who may take all of it away
    try:
        _open(args).close()
    except ShopError:
        target.unlink()
        raise
    newest = backups.newest_of(backups.copies_of(args.file), _clock(args)())
    _tell(found.as_dict() | {"backup": newest and newest.as_dict()})
    _say(t("cli.salvaged", file=target.name, members=found.members, sales=found.sales))
    if found.pages:
        _say(t("cli.salvaged.pages", n=found.pages))
    if newest:
        _say(t("cli.salvaged.backup", members=newest.members, sales=newest.sales))
    return DONE


def _reset_pin(args: argparse.Namespace) -> int:
    """The last resort of whoever forgot her PIN: it guards the window and not the file, which is here."""
    with _open(args) as shop:
        done = shop.pins.reset(args.name)
    _say(t(done.sentence.id, **done.sentence.values))
    return DONE


def _check(args: argparse.Namespace) -> int:
    with _open(args) as shop:
        report = shop.backups.check()
        _tell(report.as_dict())
        if report.problems:
            raise StoreError("corrupt")
        _say(t("cli.checked", members=report.members, sales=report.sales))
    return DONE


def _migrate(args: argparse.Namespace) -> int:
    with _open(args) as shop:
        _tell({"schema": shop.store.schema})
    return DONE
