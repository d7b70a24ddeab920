"""What a process holds. Alone in its file: whoever is being measured loads nothing else for it."""

from pathlib import Path


def memory_at_rest() -> tuple[float, float]:
    """Resident and proportional MB of this process (the second shares what other processes use, too)."""
    status = Path("/proc/self/status").read_text()
    rollup = Path("/proc/self/smaps_rollup").read_text()
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    shared = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
    return int(resident.split()[1]) / 1024, int(shared.split()[1]) / 1024
