"""Seconds from the command to a written run, after one more observation.

A project without its latest row is fitted; then the row is there again, and the fit begins with the metric of the run
before: once in the process that has fitted already, once as ``stackcast fit --warm`` in a new one, which finds the code
on disk. ``draws`` is kept draws of each chain; ``other`` is the plots, and in a new process imports and the page too.

Run: ``python -m benchmarks.refit [--draws 1000 500] [--json FILE] [--markdown FILE]``.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.written import command, document
from stackcast.pipeline import Session, fit
from stackcast.project import Project, utc_today
from stackcast.runs.folder import Run, list_runs
from stackcast.settings import FitSettings

STAGES = ("compile", "sample", "rest")


def main() -> None:
    """Print the table, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, nargs="+", default=[FitSettings.draws])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", type=Path)
    options = parser.parse_args()
    found = pd.DataFrame([row for draws in options.draws for row in measure(draws)])
    print(found.to_string(index=False, float_format="%.4g"))
    if options.json:
        options.json.write_text(found.to_json(orient="records", indent=2) + "\n")
    if options.markdown:
        options.markdown.write_text(document(command("benchmarks.refit", vars(options)), utc_today(), [found]))


def measure(draws: int) -> Iterator[dict[str, Any]]:
    """Yield what the fit before took, then what each refit did."""
    whole = Project.load(".")
    rows = whole.observations.rows
    newest = rows.sort_values("published")["id"].iloc[-1]
    fewer = replace(whole, observations=replace(whole.observations, rows=rows[rows["id"] != newest]))
    session, asked = Session(fewer), FitSettings(utc_today(), draws=draws)
    with tempfile.TemporaryDirectory() as folder:
        here, there = Path(folder) / "here", Path(folder) / "there"
        yield timed("none", draws, lambda: fit(fewer, asked, out=here, session=session))
        shutil.copytree(here, there)
        yield timed(
            "same process", draws, lambda: fit(whole, asked, out=here, session=session, reuse_preconditioner=True)
        )
        yield timed("new process", draws, lambda: elsewhere(there, draws))


def elsewhere(out: Path, draws: int) -> Run:
    """Refit by the command, in a process of its own; a run that fails its gates is timed too."""
    arguments = ["fit", "--reuse-preconditioner", "--draws", str(draws), "--out", str(out)]
    subprocess.run([sys.executable, "-m", "stackcast", *arguments], check=False, stdout=subprocess.DEVNULL)
    return list_runs(out)[-1]


def timed(word: str, draws: int, make: Callable[[], Run]) -> dict[str, Any]:
    """Run it, and return its seconds by stage, and what its gates saw."""
    clock = time.monotonic()
    run = make()
    total = time.monotonic() - clock
    seconds = run.manifest["seconds"]
    gates = {gate["name"]: gate["value"] for gate in run.diagnostics["gates"]}
    return {
        "refit": word,
        "draws": draws,
        **{stage: seconds[stage] for stage in STAGES},
        "other": total - sum(seconds[stage] for stage in STAGES),
        "total": total,
        "passed": run.passed,
        "attempts": len(run.diagnostics["attempts"]),
        **{name: gates[name] for name in ("divergences", "r_hat", "ess_bulk")},
    }


if __name__ == "__main__":
    main()
