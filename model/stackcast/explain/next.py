"""The value of information: which future observation would narrow a quantity most.

Possible next observations of each signal are drawn from its predictive distribution; each weights all other draws by
its likelihood. The variance of the quantity's weighted mean over them is the expected reduction of its variance (law of
total variance; the expected value of sample information for squared error: Raiffa and Schlaifer 1961). The mean log
ratio of likelihood to predictive density is the expected information about all parameters, in nats.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from scipy.special import logsumexp

from stackcast.explain.figure_draws import KeptFigure, kept_figure
from stackcast.explain.quantity import Quantity
from stackcast.forecast.future import random_stream
from stackcast.graph.data import encode_figures
from stackcast.likelihoods import FAMILIES
from stackcast.likelihoods.base import NUMPY, POINT
from stackcast.observations.schema import Signal
from stackcast.progress import Progress, no_progress
from stackcast.project import Project
from stackcast.runs.draws import Draws

FIGURES = 400
"""Number of possible observations drawn for a signal."""


@dataclass(frozen=True)
class Due:
    """The next observation of a signal: when it should come, and how to get it."""

    signal: str
    row: pd.Series
    due: date
    how: str


def next_due(project: Project, adapters: Mapping[str, str], as_of: date) -> list[Due]:
    """Return the next observation of each signal that is still published and has observations.

    Parameters
    ----------
    project
        The project.
    adapters
        Name of the adapter that feeds a signal, by signal.
    as_of
        Observations end after this date.
    """
    found = []
    for slug, signal in project.observations.signals.items():
        mine = project.observations.of(slug)
        mine = mine[mine["retracted"].isna()]
        if signal.retired or mine.empty:
            continue
        last = mine.sort_values(["period_end", "published"]).iloc[-1]
        delay = max((last["published"] - last["period_end"]).days, 0)
        end, spacing = last["period_end"].date(), timedelta(days=signal.spacing_days)
        while end + timedelta(days=delay) <= as_of or end <= last["period_end"].date():
            end += spacing
        length = last["period_end"] - last["period_start"]
        row = last.copy()
        row["period_end"], row["period_start"] = pd.Timestamp(end), pd.Timestamp(end) - length
        row["published"], row["id"] = pd.Timestamp(end + timedelta(days=delay)), f"{slug}/next"
        if encode_figures(pd.DataFrame([row]), signal).side[0] != POINT:
            row["lower"] = row["upper"] = np.nan
        how = f"stackcast pull {adapters[slug]}" if slug in adapters else str(last["source_url"])
        found.append(Due(slug, row, row["published"].date(), how))
    return found


def value_of(
    quantity: Quantity,
    draws: Draws,
    project: Project,
    due: list[Due],
    seed: int,
    progress: Progress = no_progress,
) -> pd.DataFrame:
    """Return the value of each next observation for a quantity, the largest first.

    Returns
    -------
    DataFrame
        ``signal, title, due, how, reduction, error, information``: expected reduction of the quantity's
        variance as a share, with its Monte Carlo standard error, and expected information (nats).
    """
    rows = []
    for i, one in enumerate(due):
        progress(i / len(due), one.signal)
        signal = project.observations.signals[one.signal]
        figure = kept_figure(draws, one.row, project.observations.signals, project.priors)
        if figure is None:
            continue
        error = typical_error(project, one.signal, signal)
        reduction, mc, information = expected_gain(quantity.draws, figure, error, seed)
        rows.append(
            {
                "signal": one.signal,
                "title": signal.title,
                "due": one.due.isoformat(),
                "how": one.how,
                "reduction": reduction,
                "error": mc,
                "information": information,
            }
        )
    columns = ["signal", "title", "due", "how", "reduction", "error", "information"]
    return pd.DataFrame(rows, columns=columns).sort_values("reduction", ascending=False, ignore_index=True)


def typical_error(project: Project, slug: str, signal: Signal) -> float:
    """Return the median sampling error of a signal's last observations, on its latent scale."""
    mine = project.observations.of(slug).sort_values("period_end").tail(4)
    return float(np.median(encode_figures(mine, signal).error))


def expected_gain(values: np.ndarray, figure: KeptFigure, error: float, seed: int) -> tuple[float, float, float]:
    """Return the expected reduction of variance (share), its standard error, and the information (nats).

    A possible observation is simulated from one draw and weights all others; its own draw is left out, as it would bias
    the reduction upwards. The Monte Carlo variance of each weighted mean is subtracted from the variance of the means.
    """
    family, draws = FAMILIES[figure.signal.likelihood], len(values)
    chosen = np.linspace(0, draws - 1, min(FIGURES, draws)).round().astype(int)
    y = _possible(figure, error, seed, chosen)
    trials = float(figure.encoded.trials[0])
    log_density = np.asarray(
        family.logp(NUMPY, y[:, None], trials, error, np.zeros(1), figure.mu[None], figure.noise[None])
    )
    own = log_density[np.arange(len(chosen)), chosen]
    information = float(np.mean(own - logsumexp(log_density, axis=1) + np.log(draws)))
    log_density[np.arange(len(chosen)), chosen] = -np.inf
    weights = np.exp(log_density - logsumexp(log_density, axis=1, keepdims=True))
    means = weights @ values
    noise = (weights**2 * (values - means[:, None]) ** 2).sum(axis=1)
    gained = ((means - values.mean()) ** 2 - noise) / values.var() if values.var() > 0 else np.zeros(len(chosen))
    return float(gained.mean()), float(gained.std() / np.sqrt(len(chosen))), information


def _possible(figure: KeptFigure, error: float, seed: int, chosen: np.ndarray) -> np.ndarray:
    """Draw one possible observation from each chosen draw, on the latent scale (successes for counts)."""
    family, trials = FAMILIES[figure.signal.likelihood], float(figure.encoded.trials[0])
    rng = np.random.default_rng(random_stream(seed, "next", str(figure.row["signal"])))
    drawn = family.draw(rng, figure.mu[chosen], figure.noise[chosen], trials, error)
    if family.name == "counts":
        return np.asarray(np.rint(drawn * trials))
    least, most = (1e-12, 1 - 1e-12) if figure.signal.is_share else (None, None)
    return np.asarray(family.to_latent(np.clip(drawn, least, most) if least is not None else drawn))
