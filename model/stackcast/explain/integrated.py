r"""Likelihoods with the signal's own offset integrated out, for the deletion of observations.

A house effect or intercept is informed by its signal's own observations alone. Without them it has its prior, which is
far wider than its draws, so plain importance weights are unreliable. Integrated over the offset :math:`b`,

.. math::  \log M(S) = \log \int \prod_{i \in S} p(y_i \mid b, \text{all else})\, p(b)\, db,

deleting the observations :math:`R` of a signal with observations :math:`A` weights everything but the offset by
:math:`M(A \setminus R) / M(A)` (integrated importance sampling: Vehtari, Mononen, Tolvanen, Sivula and Winther 2016,
JMLR 17:103). The integral is taken by Gauss-Hermite quadrature around the normal approximation, each draw's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from stackcast.explain.figure_draws import KeptFigure
from stackcast.graph.parameters import parameters
from stackcast.likelihoods import FAMILIES
from stackcast.likelihoods.base import NUMPY, POINT, level
from stackcast.runs.context import Context

NODES = 21


@dataclass(frozen=True)
class Offset:
    """A signal's offset in each kept draw, and its prior there.

    Attributes
    ----------
    value
        (draw) value in the signal's path.
    mean, sd
        Moments of its prior, (draw) or one number.
    """

    value: np.ndarray
    mean: np.ndarray
    sd: np.ndarray


def offsets_of(context: Context) -> dict[str, Offset]:
    """Return the offset of every signal of a run that has one, in its thinned draws."""
    design, observed = context.design, context.observed
    draws = context.parameters("house_sd", "house", "intercept")
    table = {q.name: q for q in parameters(design, observed.data)}
    found: dict[str, Offset] = {}
    for name, slugs in (("house", design.secondary_signals), ("intercept", design.indicators)):
        if name not in draws:
            continue
        prior = table[name].at(draws)
        shape = draws[name].shape
        mean, sd = (np.broadcast_to(np.asarray(part, float), shape) for part in (prior.mu, prior.sigma))
        for i, slug in enumerate(slugs):
            sign = float(design.signals[slug].measures.sign) if name == "house" else 1.0
            found[slug] = Offset(sign * draws[name][:, i], sign * mean[:, i], sd[:, i])
    return found


def marginal_log_likelihood(figures: Sequence[KeptFigure], offset: Offset) -> np.ndarray:
    """Return the joint log likelihood (draw) of observations of one signal, its offset integrated out."""
    draws = len(offset.value)
    if not figures:
        return np.zeros(draws)
    precision, weighted = 1.0 / offset.sd**2, offset.mean / offset.sd**2
    for figure in figures:
        at, variance = _normal(figure)
        precision = precision + 1.0 / variance
        weighted = weighted + (at - figure.mu + offset.value) / variance
    centre, spread = weighted / precision, 1.0 / np.sqrt(precision)
    x, w = np.polynomial.hermite.hermgauss(NODES)
    b = centre[:, None] + np.sqrt(2.0) * spread[:, None] * x
    z = (b - offset.mean[:, None]) / offset.sd[:, None]
    log_density = -0.5 * z**2 - np.log(offset.sd[:, None]) - 0.5 * np.log(2 * np.pi)
    for figure in figures:
        e, family = figure.encoded, FAMILIES[figure.signal.likelihood]
        mu = (figure.mu - offset.value)[:, None] + b
        log_density = log_density + family.logp(NUMPY, e.y, e.trials, e.error, e.side, mu, figure.noise[:, None])
    return np.asarray(logsumexp(log_density + x**2 + np.log(w), axis=1) + np.log(np.sqrt(2.0) * spread))


def _normal(figure: KeptFigure) -> tuple[float, np.ndarray]:
    """Return an observation's level and variance (draw) on the latent scale; a bound adds no weight."""
    e, family = figure.encoded, FAMILIES[figure.signal.likelihood]
    y, trials = float(e.y[0]), float(e.trials[0])
    at = float(level(family, y, trials))
    if e.side[0] != POINT:
        return at, np.full(len(figure.mu), np.inf)
    return at, np.asarray(family.sd(np.full(len(figure.mu), at), figure.noise, trials, float(e.error[0]))) ** 2
