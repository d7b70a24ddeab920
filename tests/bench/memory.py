"""What a process holds and uses. Alone in its file: who is measured loads nothing else for it."""

import resource
from pathlib import Path


def memory_at_rest() -> tuple[float, float]:
    """Resident and proportional MB of this process (the second shares what other processes use, too)."""
    status = Path("/proc/self/status").read_text()
    rollup = Path("/proc/self/smaps_rollup").read_text()
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    shared = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
    return int(resident.split()[1]) / 1024, int(shared.split()[1]) / 1024


def processor_seconds() -> float:
    """Processor time of this process and its ended children: waiting for others is not in it."""
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
