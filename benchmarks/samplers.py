"""The shipped posterior by the recipe and by every other sampler that a user would pick, side by side in one run.

Every sampler draws from the same density with the same rows, chains and draws, in a process of its own. ESS and R-hat
are over every quantity that the gates look at. ``sample_s`` is warm-up (for the recipe its pilot too) and draws,
compile apart. z and ratios of sds are against the recipe's draws of all seeds together; ``ratio`` is ``min_ess_per_s``
over the median of nutpie's default, ``cpu_ratio`` the same for seconds of all processors.

Run: ``make bench``, or ``python -m benchmarks.samplers [--samplers recipe nutpie] [--seeds 1 2] [--json FILE]``.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.case import Case, load_case
from benchmarks.drawn import Plan
from benchmarks.judge import agreement, judge, moments, quantities
from benchmarks.peers import PEERS, RECIPE, RIVAL
from benchmarks.process import NoDrawsError, Order, Ran, run
from benchmarks.written import command, document
from stackcast.project import utc_today

NOTE = "note"


def main() -> None:
    """Print the table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samplers", nargs="+", choices=list(PEERS), default=list(PEERS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--draws", type=int, default=Plan.draws)
    parser.add_argument("--tune", type=int, help="warm-up draws; each sampler's own default without it")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", type=Path)
    options = parser.parse_args()
    plan, day = Plan(draws=options.draws, tune=options.tune), utc_today()
    orders = [Order(name, day, plan, tuple(options.seeds)) for name in options.samplers]
    found = with_ratios(pd.DataFrame(list(measure(load_case(day), orders))))
    print(found.to_string(index=False, float_format="%.4g", na_rep="-"))
    if options.json:
        options.json.write_text(found.to_json(orient="records", indent=2) + "\n")
    if options.markdown:
        options.markdown.write_text(document(command("benchmarks.samplers", vars(options)), day, [found]))


def measure(case: Case, orders: Sequence[Order]) -> Iterator[dict[str, Any]]:
    """Yield one row for each sampler and seed; a sampler without draws has one row that says why."""
    reference: pd.DataFrame | None = None
    for order in orders:
        print(f"{order.sampler}: preparing", file=sys.stderr, flush=True)
        try:
            runs = run(order)
        except NoDrawsError as error:
            yield {"sampler": order.sampler, NOTE: str(error)}
            continue
        found = [quantities(case, ran.drawn) for ran in runs]
        if order.sampler == RECIPE:
            reference = moments({label: np.concatenate([q[label] for q in found]) for label in found[0]})
        for ran, mine in zip(runs, found, strict=True):
            row = costs(order.sampler, ran) | judge(ran.drawn, mine, ran.sample_s, ran.sample_cpu_s)
            if reference is not None and order.sampler != RECIPE:
                row |= agreement(moments(mine), reference)
            yield row


def costs(name: str, ran: Ran) -> dict[str, Any]:
    """Return what a run took."""
    warm_up_s = ran.drawn.warm_up_share * ran.sample_s
    return {
        "sampler": name,
        "seed": ran.seed,
        "compile_s": ran.compile_s,
        "warm_up_s": warm_up_s,
        "draw_s": ran.sample_s - warm_up_s,
        "sample_s": ran.sample_s,
        "sample_cpu_s": ran.sample_cpu_s,
        "compile_mb": ran.prepare.peak_mb,
        "peak_mb": ran.sample.peak_mb,
        "added_mb": ran.sample.added_mb,
        "gradient_us": ran.drawn.gradient_us,
        "metric_s": ran.drawn.metric_s,
    }


def with_ratios(found: pd.DataFrame) -> pd.DataFrame:
    """Add each row's effective draws a second against the median of nutpie's default, where that was run."""
    rival = found[found["sampler"] == RIVAL]
    for ratio, speed in (("ratio", "min_ess_per_s"), ("cpu_ratio", "min_ess_per_cpu_s")):
        if speed in found:
            found = found.assign(**{ratio: found[speed] / rival[speed].median()})
    return found[[*(c for c in found if c != NOTE), *(c for c in found if c == NOTE)]]


if __name__ == "__main__":
    main()
