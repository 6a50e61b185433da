"""The laws of how open shares move that stand in the contest on earlier series, and the contest as one call."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from stackcast.evaluate.earlier_series import DRAWS, Law, contest, of_posterior
from stackcast.evaluate.earlier_skill import contest_table
from stackcast.history.panel import KINDS, panel
from stackcast.history.records import History
from stackcast.history.sample import EFFORT, Compiled, Posterior
from stackcast.history.series import POPULATION, between
from stackcast.priors.elicit import Distribution, from_elicited
from stackcast.priors.latent import equilibrium_prior
from stackcast.priors.load import Priors
from stackcast.progress import Progress, no_progress

SERIES, TREND, TODAY = "earlier stacks", "damped trend, pooled", "priors of today"
TREND_PRIORS = {
    **POPULATION,
    "half_life": between(3900.0, 4100.0),
    "half_life_spread": between(0.009, 0.011),
    "jump_rate": between(0.9e-6, 1.1e-6),
}
"""The same model without reversion and without jumps: half-lives of a thousand years."""
NO_JUMPS = 1e-12


def judge_series(history: History, priors: Priors, seed: int, progress: Progress = no_progress) -> pd.DataFrame:
    """Return the table of the contest on earlier series.

    Parameters
    ----------
    history
        Earlier stacks.
    priors
        Those of today, whose scales are one of the rivals.
    seed
        Of sampling, forecasts and bootstrap.
    progress
        Told after each fit and each stack.

    Raises
    ------
    NotConverged
        When the chains of the fit to all stacks disagree; its rival and fits without a stack are not asked.
    """
    series = panel(history.shares)
    compiled = Compiled.of(series)
    progress(0.3, "compiled")
    fewer = replace(EFFORT, draws=EFFORT.draws // 2, tune=EFFORT.tune // 2)

    def law(whole: Posterior, priors: Mapping[str, Distribution]) -> Law:
        return of_posterior(whole, lambda stack: compiled.sample(seed, fewer, without=stack, priors=priors))

    laws = {SERIES: law(compiled.sample(seed).checked(), POPULATION)}
    progress(0.4, SERIES)
    laws |= {TREND: law(compiled.sample(seed, priors=TREND_PRIORS), TREND_PRIORS), TODAY: of_today(priors, seed)}
    scores = contest(series, laws, seed, lambda share, word: progress(0.5 + 0.5 * share, word))
    return contest_table(scores, seed)


def of_today(priors: Priors, seed: int) -> Law:
    """Return the law of ``measurement.yaml``: no jumps, one noise for every kind of source.

    Resting points have the mean and spread of the shares' equilibria in ``layers.yaml``.
    """
    scales, rng = priors.declared.scales, np.random.default_rng(seed)

    def drawn(name: str) -> np.ndarray:
        return from_elicited(getattr(scales, name)).draw(rng, (DRAWS,))

    half_life, noise = from_elicited(scales.half_life_share), drawn("noise_share")
    rest = [equilibrium_prior(facet) for facet in priors.facets.values() if facet.kind == "share"]
    fixed = {
        "innovation_sd_spread": scales.innovation_sd_spread.value,
        "half_life": float(np.exp(half_life.mu)),
        "half_life_spread": float(half_life.sigma),
        "slope_half_life": scales.slope_half_life.value,
        "start": scales.start_share.value,
        "rest_mean": float(np.mean([one.mu for one in rest])),
        "rest_sd": float(np.sqrt(np.mean([one.sigma**2 for one in rest]) + np.var([one.mu for one in rest]))),
        "noise_spread": scales.noise_spread.value,
        "jump_rate": NO_JUMPS,
        "jump_sd": 1.0,
    }
    return Law(
        {"innovation_sd": drawn("innovation_sd_share"), "slope_response": drawn("slope_response")}
        | {f"noise_{kind}": noise for kind in KINDS}
        | {name: np.full(DRAWS, value) for name, value in fixed.items()},
        sees=False,
    )
