"""The shipped posterior by the recipe and by nutpie's own adaptations, side by side in one run.

Every sampler draws from the same graph with the same rows, chains and draws. ESS and R-hat are over every quantity
that the gates look at. Seconds are of sampling with its warm-up (and, for the recipe, its pilot), compile apart.

Run: ``make bench``, or ``python -m benchmarks.samplers [--samplers recipe nutpie] [--seeds 1 2] [--json FILE]``.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from arviz_stats import ess, rhat

from model.graph.build import build_graph
from model.graph.design import Design, Known, build_design, know
from model.inference.layout import Layout
from model.inference.sample import STATS, Sampled, Settings, compile_graph, gradients, sample
from model.pipeline import LADDER, reported
from model.project import Project, utc_today

CHAINS, DRAWS = 4, 1000
Draw = Callable[[int], Sampled]


@dataclass(frozen=True)
class Case:
    """What is sampled: one graph and what it is told."""

    design: Design
    known: Known


def main() -> None:
    """Print the table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samplers", nargs="+", choices=list(SAMPLERS), default=list(SAMPLERS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = pd.DataFrame(list(measure(load_case(), options.samplers, options.seeds)))
    print(with_ratios(found).to_string(index=False, float_format="%.4g"))
    if options.json:
        options.json.write_text(with_ratios(found).to_json(orient="records", indent=2) + "\n")


def load_case() -> Case:
    """Return the shipped observations as of today, neutral camp."""
    project, today = Project.load("."), utc_today()
    rows = project.observations.rows
    design = build_design(rows, project.observations.signals, project.priors, today)
    return Case(design, know(design, rows, today))


def measure(case: Case, samplers: list[str], seeds: list[int]) -> Iterator[dict[str, Any]]:
    """Yield one row for each sampler and seed."""
    for name in samplers:
        print(f"{name}: compiling", file=sys.stderr)
        begin = time.perf_counter()
        draw = SAMPLERS[name](case)
        compiled = time.perf_counter() - begin
        for seed in seeds:
            print(f"{name}: sampling, seed {seed}", file=sys.stderr)
            begin = time.perf_counter()
            sampled = draw(seed)
            seconds = time.perf_counter() - begin
            row = {"sampler": name, "seed": seed, "compile_s": compiled, "sample_s": seconds}
            yield row | judge(case, sampled, seconds)


def judge(case: Case, sampled: Sampled, seconds: float) -> dict[str, Any]:
    """Return what came out, over every quantity that the gates look at."""
    elements = {
        f"{name}[{i}]": series
        for name, array in reported(case.design, case.known, sampled).items()
        for i, series in enumerate(np.moveaxis(array.reshape(*array.shape[:2], -1), -1, 0))
        if np.ptp(series) > 0
    }
    effective = pd.Series({label: float(ess(series)) for label, series in elements.items()})
    return {
        "gradients": sampled.gradients,
        "min_ess": effective.min(),
        "median_ess": effective.median(),
        "slowest": effective.idxmin(),
        "min_ess_per_s": effective.min() / seconds,
        "min_ess_per_1000_gradients": 1000 * effective.min() / sampled.gradients,
        "steps_a_draw": float(sampled.stats["n_steps"].mean()),
        "divergences": int(sampled.stats["diverging"].sum()),
        "r_hat": max(float(rhat(series)) for series in elements.values()),
    }


def with_ratios(found: pd.DataFrame) -> pd.DataFrame:
    """Add each row's min-ESS/s against the median of nutpie's default, where that was run."""
    rival = found.loc[found["sampler"] == "nutpie", "min_ess_per_s"].median()
    return found.assign(ratio=found["min_ess_per_s"] / rival)


def recipe(case: Case) -> Draw:
    """Sample as the first rung of ``stackcast fit`` does."""
    compiled = compile_graph(case.design, case.known)
    tune, target_accept, times = LADDER[0]

    def draw(seed: int) -> Sampled:
        return sample(compiled, case.known, Settings(CHAINS, times * DRAWS, tune, target_accept, seed))

    return draw


def nutpie_with(**options: Any) -> Callable[[Case], Draw]:
    """Return nutpie on the plain graph, with its own defaults but for ``options``."""

    def prepare(case: Case) -> Draw:
        import nutpie

        compiled = nutpie.compile_pymc_model(build_graph(case.design, case.known))
        names = [q.name for q in Layout.of(case.design, case.known).table]

        def draw(seed: int) -> Sampled:
            tree = nutpie.sample(
                compiled, draws=DRAWS, chains=CHAINS, seed=seed, save_warmup=True, progress_bar=False, **options
            )
            stats, posterior = tree["sample_stats"].dataset, tree["posterior"].dataset
            parameters = {name: posterior[name].values for name in names}
            return Sampled(parameters, {name: stats[name].values for name in STATS}, None, gradients(tree))

        return draw

    return prepare


SAMPLERS: dict[str, Callable[[Case], Draw]] = {
    "recipe": recipe,
    "nutpie": nutpie_with(),
    "nutpie low-rank": nutpie_with(adaptation="low_rank"),
}

if __name__ == "__main__":
    main()
