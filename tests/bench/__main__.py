"""`python -m tests.bench [P1 P3 ...] [--small] [--keep DIR]`: the figures of speed and memory, a line each.

Each figure is a ratio to its limit, measured in the same run. `--small` is a hundredth of the shop, `--keep`
keeps the made-up shops for the next run.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from installer import bootstrap


def cases(small: bool) -> dict[str, Callable[[Path], Iterator[object]]]:
    """The series by their names; several figures may come of one."""
    from tests.bench import coming_in, going_out, lists, searching, start, whole_shop

    k = 100 if small else 1
    people, turns = 100_000 // k, 3 if small else 7
    starts = lambda f: start.starts(f, members=people, sales=300_000 // k, turns=turns)  # noqa: E731
    return {
        "P1": starts,
        "P2": starts,
        "P3": lambda f: coming_in.imports(f, rows=100_000 // k, members=8_000 // k, turns=3),
        "P4": lambda f: coming_in.lateness(f, rows=100_000 // k, members=8_000 // k),
        "P5": lambda f: whole_shop.whole_shop(f, members=people, sales=1_000_000 // k, turns=3),
        "P7": lambda f: whole_shop.one_sale(
            f, members=people, sales=300_000 // k, turns=1000 // (10 if small else 1)
        ),
        "P8": lambda f: searching.searching(f, sizes=(20_000 // k, people), sales=3),
        "P9": lambda f: lists.member_list(
            f, members=people, sales=300_000 // k, places=1000 // (10 if small else 1)
        ),
        "P10": lambda f: going_out.workbooks(
            f, members=people, sales=300_000 // k, calls=500 // k, people=20_000 // k, turns=turns
        ),
        "P11": lambda f: start.look_over(f, members=people // 2, sales=200_000 // k, turns=turns),
    }


def run(names: list[str], folder: Path, *, small: bool) -> int:
    """Print the figures of these series; how many goals were missed."""
    known, done, missed = cases(small), set(), 0
    for name in names or list(known):
        if known[name] in done:
            continue
        done.add(known[name])
        for figure in known[name](folder):
            print(figure, flush=True)
            missed += not figure.met  # type: ignore[attr-defined]
    return missed


if __name__ == "__main__":
    bootstrap.ensure(bootstrap.DEVELOPER_LOCK, ["-m", "tests.bench", *sys.argv[1:]])
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("case", nargs="*", choices=[[], *cases(False)], default=[])
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--keep", type=Path)
    args = parser.parse_args()
    if args.keep is not None:
        args.keep.mkdir(parents=True, exist_ok=True)
        run(args.case, args.keep, small=args.small)
    else:
        with TemporaryDirectory() as made:
            run(args.case, Path(made), small=args.small)
