"""The contest on the series of earlier stacks: forecasts of each stack's figures by a law that has not seen the stack.

From the third figure of a series on, the figures one, two and four years ahead are forecast from those known. The law
of the population is learned from all other stacks: draws of one posterior are weighed by what they are worth without
the stack (Pareto-smoothed importance weights), and where the weights cannot be trusted it is sampled again. Beside it
stand baselines that know the one series alone, a pooled damped trend, and the priors that the debate has today.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import scoringrules
from scipy.special import expit, logsumexp
from scipy.stats import norm

from stackcast.evaluate.baselines import BASELINES, Past
from stackcast.evaluate.score import LEVELS, PERSISTENCE
from stackcast.history.forecast import Mixture, ensemble, forecast
from stackcast.history.panel import QUARTERS, Panel
from stackcast.history.sample import Posterior
from stackcast.posterior.reweight import importance_weights
from stackcast.progress import Progress, no_progress

HORIZONS = (1, 2, 4)
"""Years ahead."""
SLACK = 1
"""Quarters by which a figure may miss its horizon."""
LEAST_KNOWN = 3
RIVALS = (PERSISTENCE, "drift", "local_level", "ets")
"""Baselines that see one series alone; ``ets`` is a damped trend where there are eight figures on a regular grid."""
DRAWS = 512
"""Draws of a population, of each forecaster."""
PARTICLES = 16
SIZE = 1024
"""Components of a forecast."""
PROBABILITIES = (np.arange(SIZE) + 0.5) / SIZE


@dataclass(frozen=True)
class Case:
    """One figure to forecast: quarters of the last one known and of its own, and the horizon in years."""

    series: int
    known: int
    target: int
    horizon: int


@dataclass(frozen=True, eq=False)
class Law:
    """A law of the population, and a way to have it without a stack.

    Attributes
    ----------
    population
        Each parameter, (draw).
    sees
        Whether the draws were learned from the panel, each stack included.
    again
        Samples the law without a stack, for stacks whose weights cannot be trusted; or None.
    """

    population: Mapping[str, np.ndarray]
    sees: bool
    again: Callable[[str], Posterior] | None = None


def cases(panel: Panel) -> Iterator[Case]:
    """Yield the figures to forecast: at each horizon the one nearest to it, within :data:`SLACK`."""
    for i in range(len(panel.series)):
        quarters = np.flatnonzero(panel.known[:, i])
        for known in quarters[LEAST_KNOWN - 1 :]:
            for horizon in HORIZONS:
                off = np.abs(quarters - known - QUARTERS * horizon)
                if off.min() <= SLACK:
                    yield Case(i, int(known), int(quarters[off.argmin()]), horizon)


def of_posterior(posterior: Posterior, again: Callable[[str], Posterior] | None = None) -> Law:
    """Return the law that was learned."""
    return Law(thinned(posterior.population), sees=True, again=again)


def thinned(population: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return :data:`DRAWS` draws, evenly spaced."""
    size = len(population["start"])
    kept = np.linspace(0, size - 1, min(DRAWS, size)).round().astype(int)
    return {name: value[kept] for name, value in population.items()}


def contest(panel: Panel, laws: Mapping[str, Law], seed: int, progress: Progress = no_progress) -> pd.DataFrame:
    """Score every forecaster on every case.

    Returns
    -------
    DataFrame
        One row a case and forecaster: ``forecaster, stack, population, criterion, source_kind, horizon, known, target,
        crps, crps_share, log_score, in_50, in_80, in_90, pit, k_hat`` (of the weights; NaN for baselines).
    """
    todo = pd.DataFrame([vars(case) for case in cases(panel)])
    rows: list[dict[str, object]] = []
    stacks = panel.series["stack"]
    for done, stack in enumerate(stacks.unique()):
        members = [int(i) for i in np.flatnonzero(stacks == stack)]
        here = [Case(*map(int, line)) for line in todo[todo["series"].isin(members)].to_numpy()]
        rows += [row for case in here for row in _alone(panel, case)]
        for name, law in laws.items():
            rows += _pooled(panel, name, law, members, here, seed)
        progress((done + 1) / stacks.nunique(), str(stack))
    return pd.DataFrame(rows)


def _alone(panel: Panel, case: Case) -> Iterator[dict[str, object]]:
    """Score the baselines on one case."""
    quarters = np.flatnonzero(panel.known[: case.known + 1, case.series])
    y = panel.y[quarters, case.series]
    for name in RIVALS:
        unit = float(np.median(np.diff(quarters))) if name == "ets" else 1.0  # a yearly series is a regular grid
        made = BASELINES[name](Past(quarters / unit, y), (case.target - case.known) / unit)
        yield _scored(panel, case, name, Mixture(*(np.full(SIZE, x) for x in (made.mean, made.sd, 0.0))))


def _pooled(
    panel: Panel, name: str, law: Law, members: list[int], here: list[Case], seed: int
) -> Iterator[dict[str, object]]:
    """Score a law on the cases of one stack, whose series are ``members``."""
    ones = {i: panel.one(i) for i in members}
    known = {i: ensemble(one, law.population, PARTICLES, seed + i) for i, one in ones.items()}
    draws = len(law.population["start"])
    weights, k_hat = np.full(draws, 1.0 / draws), float("nan")
    if law.sees:
        found = importance_weights(-np.sum([one.evidence() for one in known.values()], axis=0))
        weights, k_hat = found.weights, found.k_hat
        if not found.trusted and law.again is not None:
            stack = str(panel.series["stack"][members[0]])
            fresh = replace(of_posterior(law.again(stack)), sees=False)
            yield from ({**row, "k_hat": k_hat} for row in _pooled(panel, name, fresh, members, here, seed))
            return
    rng = np.random.default_rng(seed)
    for case in here:
        mixture = forecast(known[case.series], case.known, case.target - case.known, weights, SIZE, rng)
        error = float(panel.error[case.target, case.series])
        yield _scored(panel, case, name, mixture.figure(error)) | {"k_hat": k_hat}


def _scored(panel: Panel, case: Case, name: str, made: Mixture) -> dict[str, object]:
    y = float(panel.y[case.target, case.series])
    order = np.random.default_rng(case.target).permutation(SIZE) if np.ptp(made.mean) > 0 else np.arange(SIZE)
    draws = np.sort(made.mean + made.sd * norm.ppf(PROBABILITIES)[order])
    ends = {level: np.quantile(draws, [(1 - level) / 2, (1 + level) / 2]) for level in LEVELS}
    return {
        "forecaster": name, **panel.series.loc[case.series, ["stack", "population", "criterion", "source_kind"]],
        "horizon": case.horizon, "known": case.known, "target": case.target,
        "crps": float(scoringrules.crps_ensemble(y, draws)),
        "crps_share": float(scoringrules.crps_ensemble(expit(y), expit(draws))),
        "log_score": float(logsumexp(norm.logpdf(y, made.mean, made.sd)) - np.log(SIZE)),
        **{f"in_{int(level * 100)}": bool(low <= y <= high) for level, (low, high) in ends.items()},
        "pit": float(norm.cdf((y - made.mean) / made.sd).mean()),
        "k_hat": float("nan"),
    }  # fmt: skip
