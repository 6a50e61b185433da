"""The value of the next figure by weights beside brute force: ``python -m benchmarks.next_figures``.

For each of some signals, supposes the next figure at evenly spaced quantiles of its predictive distribution, and asks
how the mean of each quantity moves over them: by weighting the run's draws, as ``stackcast next`` does, and by a fit
with each figure. Refits are kept with the run, so an interrupted call goes on. Takes half a minute or so a refit.
"""

import argparse
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from stackcast.errors import GateRefused
from stackcast.explain.figure_draws import KeptFigure, kept_figure
from stackcast.explain.next import Due, next_due
from stackcast.explain.quantity import quantity_of
from stackcast.explain.refit import Refitter, mean_shift
from stackcast.explain.whatif import read_news
from stackcast.posterior.reweight import importance_weights
from stackcast.project import Project
from stackcast.runs.draws import Draws
from stackcast.runs.folder import load_run

SIGNALS = (
    "openrouter-open-weight-token-share-monthly",
    "lmarena-listed-open-share",
    "menlo-enterprise-open-source-share",
    "epoch-notable-open-weights-quarterly",
    "no-own-model-training-share",
)
QUANTITIES = ("models@2027-12-31", "stack@2030-12-31", "models.developers@2026-12-31", "O3")


def supposed(figure: KeptFigure, count: int, seed: int) -> np.ndarray:
    """Return figures at the middles of so many equally likely parts of the predictive distribution."""
    drawn = figure.replicates(seed, "supposed", 0.0)
    return np.quantile(drawn, (np.arange(count) + 0.5) / count)


def compare(run: str | None, runs: Path, count: int) -> pd.DataFrame:
    """Return one row a signal, supposed figure and quantity: both moves of the mean, their errors, and k-hat."""
    project, found = Project.load("."), load_run(run, runs).require_passed()
    draws, refitter, as_of = found.draws, Refitter(found, project, runs), found.as_of
    due = {one.signal: one for one in next_due(project, {}, as_of)}
    rows = []
    for one in sorted((due[slug] for slug in SIGNALS), key=lambda one: one.row["period_end"]):
        for value in supposed(figure_of(one, draws, project), count, found.settings.seed):
            rows += moves(one, float(value), draws, project, refitter, as_of)
            print(f"{one.signal} at {value:.4g}", file=sys.stderr, flush=True)
    return pd.DataFrame(rows)


def figure_of(one: Due, draws: Draws, project: Project) -> KeptFigure:
    """Return a signal's next figure as the draws expect it."""
    figure = kept_figure(draws, one.row, project.observations.signals, project.priors)
    assert figure is not None
    return figure


def moves(
    one: Due, value: float, draws: Draws, project: Project, refitter: Refitter, as_of: date
) -> list[dict[str, object]]:
    """Return how far one supposed figure moves each quantity, by weights and by a refit."""
    end = max(one.row["period_end"].date(), as_of)
    news, _ = read_news([f"{one.signal}={value:.12g}@{end}"], project, as_of)
    figure = kept_figure(draws, news.iloc[0], project.observations.signals, project.priors)
    assert figure is not None
    weights = importance_weights(figure.log_likelihood())
    try:
        again: Draws | None = refitter.with_rows(news, end)
    except GateRefused:
        again = None
    rows: list[dict[str, object]] = []
    for text in QUANTITIES:
        before = quantity_of(draws, text)
        exact, error = (np.nan, np.nan) if again is None else mean_shift(before.draws, quantity_of(again, text).draws)
        rows.append(
            {
                "signal": one.signal, "figure": value, "quantity": before.label, "k_hat": weights.k_hat,
                "weights": float(weights.mean(before.draws) - before.draws.mean()),
                "weights_error": weights.shift_error(before.draws),
                "refit": exact, "refit_error": error, "spread": float(before.draws.std()),
            }
        )  # fmt: skip
    return rows


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Return, by signal and quantity, the share of variance that the figures take away, found in both ways.

    The mean square of the moves of equally likely figures over the quantity's variance, less the moves' own errors;
    ``error`` is that of the refits' answer, from the errors of their moves.
    """
    found = []
    for (signal, quantity), part in table.dropna(subset="refit").groupby(["signal", "quantity"], sort=False):
        variance = part["spread"].iloc[0] ** 2
        by = {way: ((part[way] ** 2 - part[f"{way}_error"] ** 2).mean()) / variance for way in ("weights", "refit")}
        error = np.sqrt((4 * part["refit"] ** 2 * part["refit_error"] ** 2).sum()) / len(part) / variance
        away = (part["weights"] - part["refit"]).abs() / part["spread"]
        found.append(
            {
                "signal": signal, "quantity": quantity, "figures": len(part), **by, "error": error,
                "median_away": away.median(), "worst_k_hat": part["k_hat"].max(),
            }
        )  # fmt: skip
    return pd.DataFrame(found)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run")
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--count", type=int, default=6, help="supposed figures a signal")
    parser.add_argument("--out", type=Path, default=Path("docs/next.csv"))
    given = parser.parse_args()
    found = compare(given.run, given.runs, given.count)
    found.to_csv(given.out, index=False, float_format="%.5g", lineterminator="\n")
    print(summary(found).to_string(index=False, float_format="%.3g"))
