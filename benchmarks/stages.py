"""Where the time of ``stackcast fit`` goes: seconds of each stage, by the clock and of all processors.

The command runs three times, in a process of its own each time: with no code on disk, with the code that the first left
there, and with ``--warm`` from the metric of the second. ``interpreter`` is a Python that does nothing, ``other`` what
no stage of :mod:`benchmarks.stage_clock` counts.

Run: ``make bench``, or ``python -m benchmarks.stages [--json FILE] [--markdown FILE]``.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from benchmarks.stage_clock import DRAWS, IMPORTS, OTHER, STAGES, WARM_UP
from benchmarks.written import command, document
from stackcast.project import utc_today

CASES = (("no code", []), ("code on disk", []), ("--warm", ["--warm"]))
INTERPRETER, ALL = "interpreter", "all"
Seconds = Mapping[str, Sequence[float]]
"""Of each stage its seconds by the clock and those of the processors."""


def main() -> None:
    """Print the table, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", type=Path)
    options = parser.parse_args()
    found = table(measure())
    print(found.to_string(index=False, float_format="%.4g"))
    if options.json:
        options.json.write_text(found.to_json(orient="records", indent=2) + "\n")
    if options.markdown:
        options.markdown.write_text(document(command("benchmarks.stages", vars(options)), utc_today(), [found]))


def measure() -> dict[str, Seconds]:
    """Return the seconds of every stage for each case."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"STACKCAST_CACHE": f"{folder}/code"}
        idle, out = elsewhere(["-c", ""], environment), Path(folder) / "stages.json"
        for i, (case, arguments) in enumerate(CASES):
            print(f"{case}: stackcast fit {' '.join(arguments)}", file=sys.stderr, flush=True)
            runs = f"{folder}/{min(i, 1)}"  # the run of the first case would answer the second
            whole = elsewhere(["-m", "benchmarks.stage_clock", str(out), "fit", "--out", runs, *arguments], environment)
            found[case] = complete(json.loads(out.read_text()), idle, whole)
            out.unlink()
    return found


def elsewhere(arguments: Sequence[str], environment: Mapping[str, str]) -> list[float]:
    """Run Python in a process of its own; return its seconds by the clock and of the processors.

    A fit that fails its gates is timed too.
    """
    begin, before = time.perf_counter(), _children_s()
    subprocess.run([sys.executable, *arguments], check=False, env=environment, stdout=subprocess.DEVNULL)
    return [time.perf_counter() - begin, _children_s() - before]


def complete(stages: Seconds, idle: Sequence[float], whole: Sequence[float]) -> dict[str, list[float]]:
    """Return the stages with the interpreter and the whole; what none of them counts is other."""
    found = {name: list(seconds) for name, seconds in stages.items() if name != OTHER} | {INTERPRETER: list(idle)}
    counted = [sum(seconds) for seconds in zip(*found.values(), strict=True)]
    return found | {OTHER: [w - c for w, c in zip(whole, counted, strict=True)], ALL: list(whole)}


def table(found: Mapping[str, Seconds]) -> pd.DataFrame:
    """Return one row a stage, with the seconds of each case; a stage that a case does not have takes none."""
    order = [INTERPRETER, IMPORTS, *(name for name, _, _ in STAGES), OTHER, ALL]
    order.insert(order.index(DRAWS), WARM_UP)
    rows = []
    for stage in dict.fromkeys(order):
        row: dict[str, object] = {"stage": stage}
        for case, seconds in found.items():
            row[f"{case}, s"], row[f"{case}, cpu s"] = seconds.get(stage, [0.0, 0.0])
        rows.append(row)
    return pd.DataFrame(rows)


def _children_s() -> float:
    spent = os.times()
    return spent.children_user + spent.children_system


if __name__ == "__main__":
    main()
