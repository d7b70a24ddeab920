"""Measuring by ratio: a piece of work against its limit, turn about in one run, and one line to print.

The machines are shared: what counts is the median of ratios of neighbouring turns, never a time by itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import gettempdir

ROOT = Path(__file__).resolve().parent.parent.parent

LONGEST = 240  # seconds a process may take

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the answer: what it took, what the limit took, and the ratio aimed at."""

    case: str
    took: float
    limit: float
    ratio: float
    goal: float
    unit: str = "s"
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        return self.ratio <= self.goal

    def __str__(self) -> str:
        return (
            f"{self.case:<46} {_shown(self.took, self.unit):>9} limit {_shown(self.limit, self.unit):>9}"
            f"  ratio {self.ratio:6.2f}  goal {self.goal:5.2f}  {'met' if self.met else 'NOT MET':<7}"
            f"{'  ' + self.note if self.note else ''}"
        )


def _shown(value: float, unit: str) -> str:
    if unit == "s":
        return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.1f} ms"
    return f"{value:.0f} {unit}"


def figure(
    case: str, took: list[float], limits: list[float], goal: float, unit: str = "s", note: str = ""
) -> Figure:
    """The figure of paired turns: `took[n]` and `limits[n]` were measured one after the other."""
    ratio = median(one / other for one, other in zip(took, limits, strict=True))
    return Figure(case, median(took), median(limits), ratio, goal, unit, note)


@dataclass(frozen=True, slots=True)
class Turn:
    """How long a piece of work took on the wall's clock, and in processor time of this process."""

    wall: float
    cpu: float


def turn(work: Work, clock: Callable[[], float] = time.process_time) -> Turn:
    """Do it once; `clock` tells the processor time."""
    cpu, wall = clock(), time.perf_counter()
    work()
    return Turn(time.perf_counter() - wall, clock() - cpu)


def pace() -> float:
    """Seconds of processor time of a small fixed piece of work: how fast the processor is at this moment."""
    start = time.thread_time()
    seen: dict[int, str] = {}
    for number in range(400):
        seen[number % 97] = str(number)
    return time.thread_time() - start


def full_pace(paces: list[float]) -> float:
    """The pace of the processor at its full speed, the best of fifty: on a shared machine it goes at half of
    that for seconds, whoever works on it."""
    return sorted(paces)[len(paces) // 50]


def paired(
    case: str, work: Work, limit: Work, goal: float, turns: int, *, between: Work | None = None
) -> Figure:
    """`work` and `limit` turn about, each once before without being counted; `between` prepares `work`.

    Processor time is what is compared: waiting for other programs on the machine is not ours.
    """
    took: list[Turn] = []
    limits: list[Turn] = []
    limit()
    for _ in range(turns):
        limits.append(turn(limit))
        if between is not None:
            between()
        took.append(turn(work))
    walls = median(one.wall / other.wall for one, other in zip(took, limits, strict=True))
    cpu = [one.cpu for one in took]
    return figure(case, cpu, [one.cpu for one in limits], goal, note=f"(wall {walls:.2f})")


def p95(values: list[float]) -> float:
    """The value that 95 of 100 stay under."""
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.95))]


# -- whole processes -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Child:
    """A process that ran to its end: what it printed, its seconds, and the most memory it and its children
    held at one moment."""

    lines: list[str]
    seconds: float
    started: float  # time.monotonic()
    peak_mb: float


def run_child(module: str, *arguments: str, watch: bool = False) -> Child:
    """Run a module of this folder as a process of its own; `watch` also samples the memory of its family."""
    command = [sys.executable, "-m", f"tests.bench.{module}", *arguments]
    # Compiled modules are kept as on an owner's computer, but not in this folder.
    surroundings = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    surroundings["PYTHONPYCACHEPREFIX"] = str(Path(gettempdir()) / "shopcrm-bench-compiled")
    started = time.monotonic()
    process = subprocess.Popen(
        command, cwd=ROOT, env=surroundings, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    peak = [0.0]
    ended = threading.Event()
    sampler = threading.Thread(target=_watch, args=(process.pid, peak, ended)) if watch else None
    if sampler is not None:
        sampler.start()
    try:
        out, _ = process.communicate(timeout=LONGEST)
    except subprocess.TimeoutExpired:
        process.kill()
        out, _ = process.communicate()
    seconds = time.monotonic() - started
    ended.set()
    if sampler is not None:
        sampler.join()
    if process.returncode:
        raise RuntimeError(f"{module} ended with {process.returncode}")
    return Child(out.splitlines(), seconds, started, peak[0])


def _watch(pid: int, peak: list[float], ended: threading.Event) -> None:
    while True:
        peak[0] = max(peak[0], sum(_memory(one) for one in _family(pid)))
        if ended.wait(0.02):
            return


def _family(pid: int) -> list[int]:
    found = [pid]
    for at in found:
        try:
            for task in Path(f"/proc/{at}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
        except OSError:  # it has just ended
            continue
    return found


def _memory(pid: int) -> float:
    """Resident MB of a process, 0 when it is gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * 4096 / 2**20
