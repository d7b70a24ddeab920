"""The second front end: every command of the shop without a screen, through the same `Shop` as the window.

Data for programs goes to standard output or the named file, sentences for people to standard error.
Exit codes: 0 done, 2 wrong usage, 3 refused (nothing changed), 4 the data file or the disk is at fault.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NoReturn

from shopcrm.basics import texts
from shopcrm.basics.errors import Refusal, ShopError, StoreError
from shopcrm.basics.folders import default_db
from shopcrm.basics.records import (
    OUTCOMES,
    TYPE_KEYS,
    LineDraft,
    OutcomeDraft,
    SaleDraft,
    TaskId,
    VisitDraft,
)
from shopcrm.basics.texts import t
from shopcrm.basics.values import parse_amount
from shopcrm.shop import Shop
from shopcrm.shop.dump import dump

DONE, USAGE, REFUSED, BROKEN = 0, 2, 3, 4


class _Usage(Exception):
    pass


_ARGPARSE = (  # argparse words its complaints in English; these are the ones a user can meet
    (r"the following arguments are required: (.+)", "cli.missing"),
    (r"unrecognized arguments: (.+)", "cli.unknown"),
    (r"argument (.+?): invalid choice: (.+?) \(.*", "cli.choice"),
    (r"argument (.+?): expected (?:one argument|at least one argument)", "cli.value"),
    (r"argument (.+?): invalid .+ value: (.+)", "cli.choice"),
)


class Parser(argparse.ArgumentParser):
    """Words its complaints in the language in force; `guarded` turns them into exit code 2."""

    def error(self, message: str) -> NoReturn:
        for pattern, key in _ARGPARSE:
            if found := re.match(pattern, message):
                message = t(key, name=found[1], value=found[found.lastindex or 1])
                break
        raise _Usage(f"{message}\n{self.format_usage().strip()}")


def _parser() -> argparse.ArgumentParser:
    top = Parser(prog="shopcrm", add_help=True)
    commands = top.add_subparsers(
        dest="command", required=True, parser_class=Parser, metavar=t("cli.command")
    )

    def command(name: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=t(f"cli.help.{name}"))
        sub.add_argument("--db")
        sub.add_argument("--day")
        sub.add_argument("--lang", choices=texts.LANGUAGES)
        sub.set_defaults(run=run)
        return sub

    sub = command("import", _import)
    sub.add_argument("file")
    sub.add_argument("--report")
    command("undo-import", _undo_import).add_argument("batch", nargs="?")
    command("dump", _dump)
    sub = command("types", _types)
    sub.add_argument("--out")
    sub = command("todo", _todo)
    sub.add_argument("--type", choices=TYPE_KEYS)
    sub.add_argument("--all", action="store_true")
    sub.add_argument("--out")
    sub = command("outcome", _outcome)
    sub.add_argument("task")
    sub.add_argument("result", choices=OUTCOMES)
    for name in ("--note", "--next", "--reason"):
        sub.add_argument(name, default="")
    sub = command("visit", _visit)
    sub.add_argument("--member", required=True)
    sub.add_argument("--kind", choices=("tried", "asked", "looked"), default="looked")
    sub.add_argument("--reason", action="append", default=[])
    for name in ("--items", "--says", "--date"):
        sub.add_argument(name, default="")
    for name, run in (("sale", _sale), ("return", _return)):
        sub = command(name, run)
        sub.add_argument("--member", required=name == "return")
        sub.add_argument("--amount", required=True)
        sub.add_argument("--qty", default="1")
        for option in ("--item", "--size", "--order", "--date"):
            sub.add_argument(option, default="")
        if name == "return":
            sub.add_argument("--line")
    sub = command("export", _export)
    sub.add_argument("what", choices=("members", "sales", "callbacks", "all"))
    sub.add_argument("--out", required=True)
    command("backup", _backup).add_argument("--to")
    command("backups", _backups)
    command("check", _check)
    command("migrate", _migrate)
    return top


def main(argv: Sequence[str]) -> int:
    """Run one command; the exit code."""
    if "--lang" in argv[:-1] and argv[list(argv).index("--lang") + 1] in texts.LANGUAGES:
        texts.use(argv[list(argv).index("--lang") + 1])  # before the parser words its help
    return guarded(lambda: _run(argv))


def _run(argv: Sequence[str]) -> int:
    args = _parser().parse_args(argv)
    run: Callable[[argparse.Namespace], int] = args.run
    return run(args)


def guarded(command: Callable[[], int]) -> int:
    """Run a command; whatever the world or the user did wrong becomes a sentence and an exit code."""
    try:
        return command()
    except _Usage as wrong:
        _say(str(wrong))
        return USAGE
    except StoreError as broken:
        _say(broken.sentence)
        return BROKEN
    except ShopError as refused:
        _say(refused.sentence)
        return REFUSED
    except BrokenPipeError:
        return DONE
    except OSError as broken:
        _say(t("cli.disk", file=broken.filename or "", why=broken.strerror or str(broken)))
        return BROKEN


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _tell(data: object) -> None:
    print(json.dumps(data, ensure_ascii=False, default=str))


def read_day(text: str, option: str) -> date:
    """An option's ISO day; wrong usage for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _Usage(t("cli.date", name=option, value=text)) from None


def _number(text: str, option: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise _Usage(t("cli.choice", name=option, value=text)) from None


def _fen(text: str) -> int:
    cell = parse_amount(text)
    if cell.fen is None or cell.problem:
        raise _Usage(t("cli.choice", name="--amount", value=text))
    return cell.fen


def _open(args: argparse.Namespace, *, must_exist: bool = True) -> Shop:
    path = Path(args.db) if args.db else default_db()
    if must_exist and not path.exists():
        raise Refusal("no_shop", file=path.name)
    day = read_day(args.day, "--day") if args.day else None

    def clock() -> datetime:
        now = datetime.now()  # noqa: DTZ005 - the shop lives by the clock on its wall
        return datetime.combine(day, now.time()) if day else now

    path.parent.mkdir(parents=True, exist_ok=True)
    return Shop.open(path, clock=clock)


def _import(args: argparse.Namespace) -> int:
    file = Path(args.file)
    code = DONE
    with _open(args, must_exist=False) as shop:
        try:
            plan = shop.imports.preview(file)
            done = shop.imports.apply(plan)
            report = shop.imports.report(plan, done.value)
            _say(t(done.sentence.id, **done.sentence.values))
        except Refusal as refused:
            report = shop.imports.refused(file, refused)
            _say(refused.sentence)
            code = REFUSED
    if args.report:
        Path(args.report).write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    else:
        _tell(report)
    return code


def _undo_import(args: argparse.Namespace) -> int:
    with _open(args) as shop:
        batch = _number(args.batch, "BATCH") if args.batch else None
        done = shop.imports.undo(batch)  # type: ignore[arg-type]
        _say(t(done.sentence.id, **done.sentence.values))
        _tell({"kept": list(done.value)})
    return DONE


def _dump(args: argparse.Namespace) -> int:
    with _open(args) as shop:
        print(json.dumps(dump(shop.store.read()), ensure_ascii=False, indent=1))
    return DONE


def _types(args: argparse.Namespace) -> int:
    with _open(args) as shop:
        rows = shop.types.table(shop.day)
    header = ("member_id", "card_no", "name", "phone", "type", "reason_code", "reason", "score", "p90")
    if args.out:
        with Path(args.out).open("w", encoding="utf-8-sig", newline="") as out:
            csv.writer(out).writerows((header, *rows))
    else:
        csv.writer(sys.stdout).writerows((header, *rows))
    return DONE


def _todo(args: argparse.Namespace) -> int:
    with _open(args) as shop:
        shop.start_day()
        if args.out:
            done = shop.exports.callbacks(Path(args.out), type=args.type, everything=args.all)
            _say(t(done.sentence.id, **done.sentence.values))
            return DONE
        view = shop.view()
        today = view.day_list()
        ids = [
            task
            for task in (*today.open, *(today.waiting if args.all else ()))
            if args.type in (None, today.types[task])
        ]
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
    draft = OutcomeDraft(
        outcome=args.result, note=args.note, reason=args.reason,
        next_day=read_day(args.next, "--next") if args.next else None,
    )  # fmt: skip
    with _open(args) as shop:
        done = shop.followups.finish(TaskId(_number(args.task, "TASK")), draft)
        _say(t(done.sentence.id, **done.sentence.values))
    return DONE


def _visit(args: argparse.Namespace) -> int:
    with _open(args) as shop:
        draft = VisitDraft(
            member=shop.members.find(args.member),
            day=read_day(args.date, "--date") if args.date else shop.day,
            at="" if args.date else shop.at, kind=args.kind, items=args.items, reasons=tuple(args.reason),
            says=args.says,
        )  # fmt: skip
        done = shop.counter.visit(draft)
        _say(t(done.sentence.id, **done.sentence.values))
        _tell({"visit": done.value})
    return DONE


def _sale(args: argparse.Namespace) -> int:
    return _book(args, _fen(args.amount), None)


def _return(args: argparse.Namespace) -> int:
    line = _number(args.line, "--line") if args.line else None
    return _book(args, -abs(_fen(args.amount)), line)


def _book(args: argparse.Namespace, fen: int, returns: int | None) -> int:
    with _open(args) as shop:
        article = LineDraft(
            amount_fen=fen,
            item=args.item,
            size=args.size,
            qty=_number(args.qty, "--qty"),
            returns_line=returns,
        )
        draft = SaleDraft(
            member=shop.members.find(args.member) if args.member else None,
            day=read_day(args.date, "--date") if args.date else shop.day, at="" if args.date else shop.at,
            lines=(article,), order_no=args.order,
        )  # fmt: skip
        done = shop.counter.sell(draft)
        _say(t(done.sentence.id, **done.sentence.values))
        _tell({"sale": done.value})
    return DONE


def _export(args: argparse.Namespace) -> int:
    with _open(args) as shop:
        shop.start_day()
        done = shop.exports.write(args.what, Path(args.out))
        _say(t(done.sentence.id, **done.sentence.values))
    return DONE


def _backup(args: argparse.Namespace) -> int:
    with _open(args) as shop:
        made = shop.backups.now("by_hand", Path(args.to) if args.to else None)
        _tell(made.as_dict())
        _say(t("cli.backup", file=made.path.name, members=made.members, sales=made.sales))
    return DONE


def _backups(args: argparse.Namespace) -> int:
    with _open(args) as shop:
        for file in shop.backups.files():
            _tell(file.as_dict())
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
