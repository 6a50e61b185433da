"""Rivals that filter one series by the facets' own step: what the whole graph adds to a series must beat them.

``one_series`` has the priors of the graph itself: draws from its table of parameters, read by its own functions, so a
change of the graph changes this rival with it. ``damped_trend`` has what earlier stacks say of how shares move
(``priors/history.yaml``), a level and a damped slope without a resting point; without history there is no such rival.

Each draw of step, noise, half-life, response and loading runs the exact filter of :mod:`stackcast.history.filter` and
is weighed by the likelihood of the series' own figures; level, slope and resting point are integrated in closed form.
The mixture of normals is replaced by the normal of its mean and variance, as for the other baselines. What a series by
itself cannot tell apart is counted where it acts alike: house effect and intercept in the resting point, a signal's
deviation in the step, the error that cuts of a table share in the noise. A period counts in the quarter of its middle.
Bounds and reporting lags are not read.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from stackcast.evaluate.baselines import ABSURD, Predictive
from stackcast.forecast.figures import Typical
from stackcast.forecast.future import random_stream
from stackcast.forecast.prior import prior_draws
from stackcast.graph.data import ObservedData, encode_figures
from stackcast.graph.design import Design
from stackcast.graph.dynamics import innovation_sd
from stackcast.graph.parameters import house_scale, reading
from stackcast.graph.paths import dynamics, loadings, noise, start_spread
from stackcast.history.filter import Motion, advance, observe, start
from stackcast.history.panel import Figures
from stackcast.likelihoods import FAMILIES
from stackcast.likelihoods.base import NUMPY, POINT, level
from stackcast.observations.schema import Signal
from stackcast.priors.elicit import from_elicited
from stackcast.project import Project
from stackcast.quarters import Quarter
from stackcast.runs.context import observe as observe_project
from stackcast.settings import FitSettings

ONE_SERIES, DAMPED_TREND = "one_series", "damped_trend"
FILTERS = (ONE_SERIES, DAMPED_TREND)
DRAWS = 2048
"""Draws from the priors of each series' own parameters."""
NO_REVERSION = 4000.0
"""Half-life, in quarters, of a level that is not drawn back."""
SHARES = ("share", "counts")
"""Likelihoods on the logit, on which earlier stacks' shares moved."""


@dataclass(frozen=True, eq=False)
class Series:
    """Figures of one signal on its latent scale, signed toward what it measures, in the order of time.

    Attributes
    ----------
    quarter
        (figure) number of the quarter that holds the middle of each period.
    y, error
        (figure) values, and their sampling errors (sd).
    """

    quarter: np.ndarray
    y: np.ndarray
    error: np.ndarray


def series_of(rows: pd.DataFrame, signal: Signal) -> Series:
    """Return the figures of a signal's rows, without bounds."""
    ordered = rows.sort_values(["period_end", "period_start"])
    encoded, family = encode_figures(ordered, signal), FAMILIES[signal.likelihood]
    point = encoded.side == POINT
    y = level(family, encoded.y, encoded.trials)
    error = family.sd(y, 0.0, encoded.trials, encoded.error)
    ends = zip(ordered["period_start"], ordered["period_end"], strict=True)
    quarter = np.array([middle(first, last) for first, last in ends], "int64")
    return Series(quarter[point], signal.measures.sign * y[point], error[point])


def middle(start: pd.Timestamp, end: pd.Timestamp) -> int:
    """Return the number of the quarter that holds the middle of a period."""
    return Quarter.of((start + (end - start) / 2).date()).number


def filtered(motion: Motion, series: Series, quarter: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return mean and variance of the level in a quarter, and the log likelihood of the figures, each (draw).

    Parameters
    ----------
    motion
        How the series moves, (draw, 1); nothing jumps.
    series
        One figure at least.
    quarter
        Number of the quarter asked for; one before the last figure's is read as that.
    """
    x, total = start(motion), np.zeros_like(motion.step)
    for now in range(int(series.quarter[0]), max(quarter, int(series.quarter[-1])) + 1):
        x = advance(x, motion) if now > series.quarter[0] else x
        for i in np.flatnonzero(series.quarter == now):
            figure = Figures(1.0, series.y[i], series.error[i], -np.inf)
            x, density = observe(NUMPY, x, figure, motion)
            total = total + density
    return x.e[:, 0], x.ee[:, 0], total[:, 0]


def predicted(motion: Motion, series: Series, quarter: int) -> tuple[float, float]:
    """Return mean and variance of a figure in a quarter, apart from its sampling error, over the draws of a motion."""
    mean, variance, fit = filtered(motion, series, quarter)
    weight = np.exp(fit - fit.max())
    weight /= weight.sum()
    centre = float(weight @ mean)
    return centre, float(weight @ (variance + motion.noise[:, 0] ** 2 + (mean - centre) ** 2))


@dataclass(frozen=True, eq=False)
class Filters:
    """The filters of one run: its graph without effects of claims, the data known, and draws from its priors."""

    design: Design
    observed: ObservedData
    seed: int

    @classmethod
    def of(cls, project: Project, settings: FitSettings) -> "Filters":
        """Return those that know what a run with these settings knew, and have its priors."""
        return cls(*observe_project(project, replace(settings, effects_on=False)), settings.seed)

    @cached_property
    def parameters(self) -> Mapping[str, np.ndarray]:
        """Draws of the graph's parameters from their priors, (draw, own dims)."""
        return prior_draws(self.design, self.observed, DRAWS, self.seed)

    @cached_property
    def motions(self) -> dict[str, Callable[[str, int], Motion | None]]:
        """Each filter's law of a signal, by its name and its first quarter's number; None where it has none for it."""
        past = {DAMPED_TREND: self._damped_trend} if self.design.priors.history is not None else {}
        return {ONE_SERIES: self._one_series, **past}

    def forecasts(
        self, past: pd.DataFrame, signal: Signal, row: pd.Series, given: Typical, safe: Predictive
    ) -> dict[str, Predictive]:
        """Return each filter's forecast of an observation on the latent scale; ``safe`` where it has none.

        Parameters
        ----------
        past
            The signal's rows known.
        signal
            Its definition.
        row
            The observation, of which signal and period alone are read.
        given
            Size and sampling error of the signal's next observation.
        safe
            The forecast of persistence.
        """
        series = series_of(past, signal)
        made = {}
        for name, motion_of in self.motions.items():
            motion = motion_of(str(row["signal"]), int(series.quarter[0])) if len(series.y) else None
            made[name] = safe if motion is None else _forecast(name, motion, series, signal, row, given)
        return {name: one if abs(one.mean - safe.mean) <= ABSURD else safe for name, one in made.items()}

    def _one_series(self, slug: str, first: int) -> Motion | None:
        """Return the law that the graph gives a signal by itself, (draw, 1), in the direction of what it measures."""
        d, p = self.design, self.parameters
        if slug not in d.signals:
            return None
        signal = d.signals[slug]
        loading = np.abs(loadings(NUMPY, d, p)[..., d.slugs.index(slug)] + np.zeros(DRAWS))
        if signal.measures.facet is None:
            return self._indicator(slug, loading, first)
        f, moves = d.facets.index(signal.measures.facet), dynamics(NUMPY, d, p)
        mean, sd = (self.observed.data[f"equilibrium_{name}"][f] for name in ("mean", "sd"))
        return self._motion(
            slug, half_life=p["half_life"][:, f], step=loading * moves.innovation_sd[:, f],
            response=moves.response[:, f], start=loading * start_spread(d)[f],
            rest=loading * mean, rest_sd=np.hypot(loading * sd, self._house(slug)),
        )  # fmt: skip

    def _indicator(self, slug: str, loading: np.ndarray, first: int) -> Motion:
        """Return the law of a claim's indicator: an AR(1) process around what it reads while its claim is at zero.

        A claim that starts nearer to zero than its stationary sd has come some way by the series' first quarter.
        """
        d, signal = self.design, self.design.signals[slug]
        place, neutral = d.factors.index(signal.measures.target), reading(self.design, slug)
        rest = signal.measures.sign * neutral.mu + loading * self.observed.data["claim_mean"][place]
        step = loading * innovation_sd(d.wiring.factor_memory[place])  # lambda sqrt(1 - rho^2)
        half_life = d.priors.factors[signal.measures.target].half_life
        faded = d.wiring.factor_memory[place] ** (2 * max(first - d.grid.first.number, 0))
        begun = np.sqrt(1.0 - (1.0 - d.wiring.factor_start**2) * faded)  # sd of theta in that quarter
        return self._motion(
            slug, half_life=half_life, step=step, response=0.0, start=loading * begun, rest=rest, rest_sd=neutral.sigma
        )

    def _damped_trend(self, slug: str, first: int) -> Motion | None:
        """Return the law of earlier stacks' shares without a resting point; None for what is no share."""
        own = self._one_series(slug, first)
        if own is None or self.design.signals[slug].likelihood not in SHARES:
            return None
        scales = self.design.priors.measurement.scales
        rng = np.random.default_rng(random_stream(self.seed, DAMPED_TREND, slug))
        step, response = (
            from_elicited(given).draw(rng, (DRAWS,)) for given in (scales.innovation_sd_share, scales.slope_response)
        )
        step = step * np.exp(scales.innovation_sd_spread.value * rng.standard_normal(DRAWS))
        return own._replace(
            half_life=_column(NO_REVERSION), step=_column(step), response=_column(response),
            start=np.hypot(scales.start_share.value, own.rest_sd), rest_sd=_column(0.0),
        )  # fmt: skip

    def _motion(self, slug: str, *, half_life: object, step: np.ndarray, response: object, start: object, rest: object,
                rest_sd: object) -> Motion:  # fmt: skip
        """Return a law with a signal's own noise and deviation, every entry (draw, 1)."""
        d, p, signal = self.design, self.parameters, self.design.signals[slug]
        own = noise(NUMPY, d, p)[:, d.slugs.index(slug)]
        if any(family == signal.family for family, _ in d.family_nodes):
            own = np.hypot(own, p["family_sd"])
        if slug in d.deviating:
            strays = p["deviation_sd"][:, d.deviating.index(slug)] * innovation_sd(d.wiring.deviation_memory)
            step = np.hypot(step, strays)
        slope_half_life = d.priors.measurement.scales.slope_half_life.value
        entries = (half_life, slope_half_life, step, response, start, rest, rest_sd, own, 1.0, 1.0)
        return Motion(*map(_column, entries))

    def _house(self, slug: str) -> np.ndarray:
        """Return the sd of a signal's house effect, (draw): zero for a reference."""
        if slug not in self.design.secondary_signals:
            return np.zeros(DRAWS)
        return np.asarray(house_scale(self.design)(self.parameters)[:, self.design.secondary_signals.index(slug)])


def _column(values: object) -> np.ndarray:
    """Return one value or (draw) of them as (draw, 1)."""
    return np.broadcast_to(np.asarray(values, float), (DRAWS,))[:, None]


def _forecast(name: str, motion: Motion, series: Series, signal: Signal, row: pd.Series, given: Typical) -> Predictive:
    mean, variance = predicted(motion, series, middle(row["period_start"], row["period_end"]))
    sampling = FAMILIES[signal.likelihood].sd(np.array(mean), 0.0, given.trials, given.error)
    return Predictive(signal.measures.sign * mean, float(np.sqrt(variance + sampling**2)), name)
