"""Score a run against observations first published after its as-of date, beside baselines.

Scores are CRPS (Gneiting and Raftery 2007, JASA 102:359) on the latent scale of each signal's likelihood. A
signal's CRPS is divided by its scale, the mean CRPS of persistence over all scored signals of its likelihood, before
observations of different units are averaged. Relative CRPS is the ratio of the averages; below one beats persistence.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import logsumexp

from stackcast.evaluate.baselines import BASELINES, MONTH, Past, Predictive
from stackcast.evaluate.one_series import Filters
from stackcast.explain.figure_draws import KeptFigure, kept_figure
from stackcast.forecast.figures import Typical, typical
from stackcast.graph.selection import choose_signals
from stackcast.likelihoods import FAMILIES
from stackcast.likelihoods.base import POINT
from stackcast.observations.as_of import as_of, first_vintages, known_at, revised_vintages
from stackcast.observations.revisions import QUARTER_DAYS
from stackcast.observations.schema import Signal
from stackcast.posterior.summary import rows_of
from stackcast.priors.debate import Evaluation, Span
from stackcast.project import Project
from stackcast.runs.folder import Run

LEVELS = (0.5, 0.8, 0.9)
PERSISTENCE, LOCAL_LEVEL = "persistence", "local_level"
YARDSTICKS = (PERSISTENCE, LOCAL_LEVEL)
"""The baselines beside which skill is always printed."""


@dataclass(frozen=True)
class Summary:
    """Averages over a set of scored observations."""

    name: str
    n: int
    crps: float | None
    relative_crps: float | None
    relative_crps_local_level: float | None
    coverage_50: float | None
    coverage_80: float | None
    coverage_90: float | None


@dataclass(frozen=True)
class ScoreCard:
    """All scored observations of a run, and their averages; ``apart``: unseen and seen ones, where declared."""

    figures: pd.DataFrame
    overall: Summary
    facets: Summary
    apart: tuple[Summary, ...]
    signals: tuple[Summary, ...]
    left_out: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "overall": asdict(self.overall),
            "facets": asdict(self.facets),
            "apart": [asdict(s) for s in self.apart],
            "signals": [asdict(s) for s in self.signals],
            "left_out": list(self.left_out),
        }


def score_run(
    run: Run,
    project: Project,
    *,
    baselines: Sequence[str] = YARDSTICKS,
    filters: bool = False,
    against: pd.DataFrame | None = None,
    revised: bool = False,
) -> ScoreCard:
    """Score a run's forecasts against the first vintages published after its as-of date.

    A forecast is conditional on an observation's signal and period alone: size, sampling error and age at publication
    are typical of the signal's earlier observations.

    Parameters
    ----------
    run
        A run that passed its gates.
    project
        Holds the later observations. Periods already known at the as-of date are left out.
    baselines
        Names among ``BASELINES`` that forecast the same observations, the :data:`YARDSTICKS` among them.
    filters
        Whether the filters of :mod:`stackcast.evaluate.one_series` do so as well.
    against
        Observations to score against in place of the project's own, as read by
        :func:`stackcast.evaluate.against.read_against`.
    revised
        Score the last values of observations that were revised, aged, in place of first ones.
    """
    day = run.as_of
    signals = choose_signals(project.observations.signals, run.settings.criterion)
    rows = project.observations.rows[project.observations.rows["signal"].isin(signals)]
    known = as_of(rows, day, signals)
    scored, left_out = [], []
    published = rows if against is None else against[against["signal"].isin(signals)]
    if against is not None:
        left_out += [f"{row.id}: unknown signal" for row in rows_of(against[~against["signal"].isin(signals)])]
    vintages = revised_vintages if revised else first_vintages
    later = vintages(published[published["retracted"].isna()])
    later = later[later["published"] > pd.Timestamp(day)]
    periods = ["signal", "period_start", "period_end"]
    fresh = later.merge(
        rows[rows["published"] <= pd.Timestamp(day)][periods].drop_duplicates(),
        on=periods,
        how="left",
        indicator=True,
    )
    if against is not None:
        left_out += [f"{row.id}: known at {day} already" for row in rows_of(fresh[fresh["_merge"] == "both"])]
    fresh = fresh[fresh["_merge"] == "left_only"].drop(columns="_merge")
    seed, draws = run.settings.seed, run.draws
    first = first_vintages(known_at(rows, day))
    half_life = project.priors.measurement.scales.lag_half_life.value
    alone = Filters.of(project, run.settings) if filters else None
    for row in rows_of(fresh):
        signal = signals[str(row.signal)]
        past = known[known["signal"] == row.signal]
        mine = first[first["signal"] == row.signal].sort_values("period_end")
        given = typical(signal, past, mine, half_life)
        past = past[np.isfinite(latent_figures(past["value"].to_numpy(float), signal, trials_of(past, signal)))]
        if past.empty:
            left_out.append(f"{row.id}: no figure of this signal was known at {day}")
            continue
        given = replace(given, lag=0.0) if revised else given
        kept = kept_figure(draws, pd.Series(row._asdict()), signals, project.priors, given)
        if kept is None or kept.encoded.side[0] != POINT:
            left_out.append(f"{row.id}: a bound, or outside the grid")
            continue
        made = {name: rival_forecast(name, past, signal, row) for name in baselines}
        if alone is not None:
            made |= alone.forecasts(past, signal, kept.row, given, made[PERSISTENCE])
        scored.append(_score_figure(row, past, kept, foreseen(kept, given, seed), made))
    figures = pd.DataFrame(scored)
    return _card(figures, tuple(left_out), project.priors.debate.evaluation)


def foreseen(kept: KeptFigure, given: Typical, seed: int) -> np.ndarray:
    """Return the forecast of an observation on the latent scale, (draw)."""
    return latent_figures(kept.replicates(seed, "score"), kept.signal, given.trials)


def _score_figure(
    row: Any, past: pd.DataFrame, kept: KeptFigure, forecast: np.ndarray, made: Mapping[str, Predictive]
) -> dict[str, Any]:
    import scoringrules
    from scipy.stats import norm

    signal, density = kept.signal, kept.log_likelihood()
    y = latent_figures(np.array([row.value]), signal, row.denominator)[0]
    scores: dict[str, Any] = {}
    for level in LEVELS:
        low, high = np.quantile(forecast, [(1 - level) / 2, (1 + level) / 2])
        scores[f"in_{int(level * 100)}"] = bool(low <= y <= high)
    for name, rival in made.items():
        scores[f"crps_{name}"] = float(scoringrules.crps_normal(y, rival.mean, rival.sd))
        scores[f"made_{name}"] = rival.method == name
        scores[f"log_score_{name}"] = float(norm.logpdf(y, rival.mean, rival.sd))
    log_score = float(logsumexp(density) - np.log(len(density)))
    return {
        "id": row.id,
        "signal": row.signal,
        "family": signal.family,
        "likelihood": signal.likelihood,
        "measures": signal.measures.target,
        "of_facet": signal.measures.facet is not None,
        "period_start": row.period_start.date().isoformat(),
        "period_end": row.period_end.date().isoformat(),
        "published": row.published.date().isoformat(),
        "horizon": (row.period_end - past["period_end"].max()).days / QUARTER_DAYS,
        "value": row.value,
        "crps": float(scoringrules.crps_ensemble(y, forecast)),
        "log_score": log_score,
        "log_score_latent": log_score + latent_volume(kept),
        "pit": float((forecast < y).mean() + 0.5 * (forecast == y).mean()),
        **scores,
    }


def latent_volume(kept: KeptFigure) -> float:
    """Return the log of how many outcomes a unit of the latent scale holds.

    It turns the probability of a count into a density on the logit, ``P(k) dk / d logit`` with ``dk = (n + 1) p (1 -
    p)``, which can be held against a normal's; other likelihoods have a density on their latent scale already.
    """
    if kept.signal.likelihood != "counts":
        return 0.0
    k, n = kept.encoded.y[0], kept.encoded.trials[0]
    p = (k + 0.5) / (n + 1.0)
    return float(np.log((n + 1.0) * p * (1.0 - p)))


def rival_forecast(name: str, past: pd.DataFrame, signal: Signal, row: Any) -> Predictive:
    """Return a baseline's forecast of an observation on the latent scale; ``past`` is finite there."""
    return BASELINES[name](*asked_of(past, signal, row.period_end))


def asked_of(past: pd.DataFrame, signal: Signal, period_end: pd.Timestamp) -> tuple[Past, float]:
    """Return what a baseline is asked: the figures known, and the quarters from the last of them to a period's end."""
    ordered = past.sort_values(["period_end", "period_start"])
    y = latent_figures(ordered["value"].to_numpy(float), signal, trials_of(ordered, signal))
    days = (ordered["period_end"] - pd.Timestamp(0)).dt.days.to_numpy(float) / QUARTER_DAYS
    ahead = (period_end - ordered["period_end"].max()).days / QUARTER_DAYS
    return Past(days, y), max(ahead, MONTH)


def trials_of(rows: pd.DataFrame, signal: Signal) -> np.ndarray:
    """Return the number of cases of each row of counts, and one for other likelihoods."""
    sizes = rows["denominator"] if signal.likelihood == "counts" else pd.Series(1.0, index=rows.index)
    return sizes.to_numpy(float)


def latent_figures(values: np.ndarray, signal: Signal, trials: Any = 1.0) -> np.ndarray:
    """Return values on the latent scale; counts are smoothed by half a success, so that 0 and all are finite."""
    natural = np.asarray(values, float) / signal.per_unit
    if signal.likelihood == "counts":
        natural = (natural * trials + 0.5) / (np.asarray(trials) + 1.0)
    with np.errstate(divide="ignore"):
        return np.asarray(FAMILIES[signal.likelihood].to_latent(natural))


NOTHING = (None,) * 6
"""Averages of no observation."""


def by_seen(figures: pd.DataFrame, evaluation: Evaluation | None) -> Iterator[tuple[Span, pd.DataFrame]]:
    """Yield the scored observations of each declared span of days that has some, unseen ones first."""
    published = pd.to_datetime(figures["published"]).dt.date
    for span in evaluation.spans if evaluation is not None else ():
        if len(those := figures[published.map(span.holds).astype(bool)]):
            yield span, those


def _card(figures: pd.DataFrame, left_out: tuple[str, ...], evaluation: Evaluation | None) -> ScoreCard:
    if figures.empty:
        none = Summary("overall", 0, *NOTHING)
        return ScoreCard(figures, none, none, (), (), left_out)
    scale = figures.groupby("likelihood")[f"crps_{PERSISTENCE}"].transform("mean")
    scaled = {f"scaled_{name}": figures[f"crps_{name}"] / scale for name in YARDSTICKS}
    figures = figures.assign(scaled=figures["crps"] / scale, **scaled)
    of_facets = figures[figures["of_facet"]]
    apart = tuple(_summary(span.title, table) for span, table in by_seen(figures, evaluation))
    by_signal = tuple(_summary(str(name), table) for name, table in figures.groupby("signal"))
    return ScoreCard(figures, _summary("overall", figures), _summary("facets", of_facets), apart, by_signal, left_out)


def _summary(name: str, table: pd.DataFrame) -> Summary:
    if table.empty:
        return Summary(name, 0, *NOTHING)
    relative = (float(table["scaled"].mean() / table[f"scaled_{name}"].mean()) for name in YARDSTICKS)
    coverage = [float(table[f"in_{int(p * 100)}"].mean()) for p in LEVELS]
    return Summary(name, len(table), float(table["crps"].mean()), *relative, *coverage)
