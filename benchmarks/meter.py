"""What a stretch of work costs: wall and CPU seconds, and the peak memory of the process with its children.

Samplers run chains in threads, in processes of their own, or in another program: all of them are counted. Memory is the
greater of the process's own high-water mark and the proportional set sizes of the whole tree, summed at each look, so
that pages shared by forked chains count once. The mark is set back when a meter begins, after what is no longer needed
was given back, so a compile before it counts by what it leaves; that of ``getrusage`` begins at what the parent had.
Linux and glibc only.
"""

import ctypes
import gc
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

EVERY = 0.5
"""Seconds between two looks at memory."""
TICKS = os.sysconf("SC_CLK_TCK")
RESET, PEAK = Path("/proc/self/clear_refs"), "5"
"""What sets back the process's high-water mark (proc(5))."""


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock, seconds of all processors, peak MB, and how much of those were not there at the start."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    added_mb: float


class Meter:
    """Measures what runs inside its ``with``; :attr:`spent` is there afterwards."""

    spent: Spent

    def __enter__(self) -> "Meter":
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        RESET.write_text(PEAK)
        self._own, self._tree = own_peak(), tree_memory()
        self._peak, self._stop = self._tree, threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._cpu, self._wall = cpu_seconds(), time.perf_counter()
        self._watch.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        wall, cpu = time.perf_counter() - self._wall, cpu_seconds() - self._cpu
        self._stop.set()
        self._watch.join()
        own, tree = own_peak(), self._peak
        self.spent = Spent(wall, cpu, max(own, tree), max(own - self._own, tree - self._tree))

    def _look(self) -> None:
        while True:
            self._peak = max(self._peak, tree_memory())
            if self._stop.wait(EVERY):
                return


def cpu_seconds() -> float:
    """Return processor seconds of this process and its descendants, those that ended and were waited for included."""
    return sum(sum(int(x) for x in fields[11:15]) for fields in _tree().values()) / TICKS


def own_peak() -> float:
    """Return the greatest memory that this process has had since its mark was set back, in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def tree_memory() -> float:
    """Return the memory of this process and its descendants in MB, each shared page counted once."""
    kilobytes = 0
    for pid in _tree():
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:  # it has just ended
            continue
        kilobytes += sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return kilobytes / 1024


def _tree() -> dict[int, list[str]]:
    """Return, of this process and its descendants, the fields of ``/proc/PID/stat`` that follow the name."""
    every = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            every[int(path.parent.name)] = path.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
    found = {os.getpid(): every[os.getpid()]}
    while more := {pid: f for pid, f in every.items() if int(f[1]) in found and pid not in found}:
        found |= more
    return found
