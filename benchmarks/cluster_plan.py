"""Many fits on many workers, on paper: task times of a finished calibration, drawn again and handed out.

Each worker takes the next task when it is free, as in ``stackcast calibrate``; its first begins with a compile.
Task times are those of the machine that ran the calibration, one core a worker.

Run: ``python -m benchmarks.cluster_plan runs/calibration/NAME [--fits 10000] [--workers 100] [--compile 120]``.
"""

import argparse
import heapq
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stackcast.evaluate.calibration.calibrate import RECORDS

SEED = 1
HOUR = 3600.0
MEGABYTE = 1e6


def main() -> None:
    """Print measured task times, then the plan."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path, help="folder of a calibration")
    parser.add_argument("--fits", type=int, default=10000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 10, 100])
    parser.add_argument("--compile", type=float, default=0.0, help="seconds, at each worker's first task")
    options = parser.parse_args()
    paths = sorted((options.home / RECORDS).glob("*.json"))
    if not paths:
        parser.error(f"{options.home}: no {RECORDS}/*.json; make them with `stackcast calibrate`")
    seconds = np.array([json.loads(path.read_text(encoding="utf-8"))["seconds"] for path in paths])
    size = float(np.mean([path.stat().st_size for path in paths])) / MEGABYTE
    quantiles = ", ".join(f"{q:.0%} {np.quantile(seconds, q):.1f}" for q in (0.05, 0.5, 0.95))
    print(f"{len(seconds)} tasks, seconds: {quantiles}, longest {seconds.max():.1f}, mean {seconds.mean():.1f}")
    print(f"a result is {size:.4f} MB, {options.fits} of them {size * options.fits:.0f} MB")
    drawn = np.random.default_rng(SEED).choice(seconds, options.fits)
    print(pd.DataFrame([plan(drawn, n, options.compile) for n in options.workers]).to_string(index=False))


def plan(seconds: np.ndarray, workers: int, compile_seconds: float) -> dict[str, Any]:
    """Hand out tasks in order to whoever is free, and return how long that takes.

    Parameters
    ----------
    seconds
        Of each task.
    workers
        Each is busy with a compile first.
    compile_seconds
        Of that compile.
    """
    free = [compile_seconds] * workers
    for each in seconds:
        heapq.heapreplace(free, free[0] + each)
    last, busy = max(free), float(seconds.sum())
    return {
        "workers": workers,
        "hours": last / HOUR,
        "at_work": busy / (workers * last),
        "compiling": workers * compile_seconds / (workers * last),
        "first_idle_minutes": (last - min(free)) / 60,
        "results_a_second": len(seconds) / last,
    }


if __name__ == "__main__":
    main()
