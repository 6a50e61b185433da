"""Tables as Markdown, under the machine and the versions that they were measured with."""

import os
import platform
import shlex
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.peers.environment import ENVIRONMENTS, requirements
from stackcast.inference.sample import usable_cores

PACKAGES = ("pymc", "pytensor", "nutpie", "numba", "numpy", "arviz-stats")
ABSENT = "-"
DIGITS = 4


def command(module: str, options: Mapping[str, Any]) -> str:
    """Return how a benchmark is called again; options that are None, or a path, do not change what it measures."""
    given = {k: v for k, v in options.items() if v is not None and not isinstance(v, Path)}
    lists = {k: v if isinstance(v, list) else [v] for k, v in given.items()}
    return " ".join([f"python -m {module}", *(f"--{k} {shlex.join(map(str, v))}" for k, v in lists.items())])


def document(command: str, day: date, tables: Sequence[pd.DataFrame]) -> str:
    """Return tables as Markdown, below the command that measured them and the machine.

    Parameters
    ----------
    command
        What was run.
    day
        When.
    tables
        One row an entry; what is missing is written as a dash.
    """
    return "\n\n".join([f"`{command}`, {day}. {machine()}", *map(markdown, tables)]) + "\n"


def markdown(table: pd.DataFrame) -> str:
    """Return a table as Markdown, numbers to four digits."""
    body = [[_cell(x) for x in row] for row in table.itertuples(index=False)]
    lines: list[list[str]] = [list(map(str, table)), ["---"] * len(table.columns), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return ABSENT
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return f"{value:.0f}"
    return f"{value:.{DIGITS}g}" if isinstance(value, float) else str(value)


def machine() -> str:
    """Return processor, cores, memory and versions, in two sentences."""
    cpu = processor(Path("/proc/cpuinfo"))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    threads = os.environ.get("OMP_NUM_THREADS", "unset")
    return (
        f"{usable_cores()} cores of {cpu}, {memory:.0f} GiB, {platform.system()}, OMP_NUM_THREADS {threads}. "
        f"Python {platform.python_version()}, {', '.join(versions())}."
    )


def versions() -> list[str]:
    """Return the packages that sample, with their versions: the project's, and those pinned for the peers."""
    own = [f"{name} {version(name)}" for name in PACKAGES]
    return own + [
        line.replace("==", " ") for name in ENVIRONMENTS for line in requirements(name) if "numpy=" not in line
    ]


def processor(listed: Path) -> str:
    """Return the name of the first processor that Linux lists, with family and model: a hypervisor may cut the name."""
    if not listed.is_file():
        return platform.processor()
    parts = [line.partition(":") for line in listed.read_text().split("\n\n")[0].splitlines()]
    told = {key.strip(): value.strip() for key, _, value in parts}
    name = told.get("model name") or platform.processor()
    numbers = [f"{key.removeprefix('cpu ')} {told[key]}" for key in ("cpu family", "model") if key in told]
    return f"{name} ({', '.join(numbers)})" if numbers else name
