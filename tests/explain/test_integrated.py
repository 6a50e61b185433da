"""The integrated likelihood is the closed form for normal figures, and brute force for counts."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_normal, norm

from stackcast.explain.figure_draws import KeptFigure
from stackcast.explain.integrated import Offset, marginal_log_likelihood, offsets_of
from stackcast.likelihoods import FAMILIES, Encoded
from stackcast.likelihoods.base import NUMPY

DRAWS = 50


def figures(project, likelihood, levels, noise, rng, trials=1.0, side=0.0):
    signal = next(s for s in project.observations.signals.values() if s.likelihood == likelihood)
    return [
        KeptFigure(
            pd.Series({"id": str(i)}),
            signal,
            rng.standard_normal(DRAWS),
            np.full(DRAWS, noise),
            Encoded(np.array([level]), np.array([trials]), np.zeros(1), np.array([side]), np.zeros(1)),
            trials,
        )
        for i, level in enumerate(levels)
    ]


def offset(rng, sd=0.7):
    return Offset(rng.standard_normal(DRAWS), np.full(DRAWS, 0.3), np.full(DRAWS, sd))


@pytest.mark.parametrize("noise", [0.05, 0.5, 3.0])
def test_normal_figures_have_a_closed_form(project, noise):
    rng = np.random.default_rng(1)
    given, b = figures(project, "share", [0.4, -1.0, 0.9], noise, rng), offset(rng)
    found = marginal_log_likelihood(given, b)
    covariance = 0.7**2 * np.ones((3, 3)) + noise**2 * np.eye(3)
    y = np.array([0.4, -1.0, 0.9])
    for i in range(DRAWS):
        mean = np.array([f.mu[i] for f in given]) - b.value[i] + 0.3
        assert found[i] == pytest.approx(multivariate_normal(mean, covariance).logpdf(y), abs=1e-6)


@pytest.mark.parametrize(
    ("likelihood", "level", "trials", "side"), [("counts", 7.0, 20.0, 0.0), ("share", 0.2, 1.0, -1.0)]
)
def test_counts_and_bounds_agree_with_brute_force(project, likelihood, level, trials, side):
    rng = np.random.default_rng(2)
    given, b = figures(project, likelihood, [level, level + 1], 0.4, rng, trials, side), offset(rng)
    found = marginal_log_likelihood(given, b)
    grid = np.linspace(-5, 5.6, 20001)
    for i in range(0, DRAWS, 10):
        total = norm.logpdf(grid, 0.3, 0.7)
        for f in given:
            e = f.encoded
            total = total + FAMILIES[likelihood].logp(
                NUMPY, e.y, e.trials, e.error, e.side, f.mu[i] - b.value[i] + grid, 0.4
            )
        exact = np.log(np.exp(total).sum() * (grid[1] - grid[0]))
        assert found[i] == pytest.approx(exact, abs=2e-3)


def test_no_figure_says_nothing():
    assert (marginal_log_likelihood([], offset(np.random.default_rng(3))) == 0).all()


def test_offsets_are_those_in_the_paths(project, told_run):
    """A source's offset is what its path holds beyond its facet's."""
    found = offsets_of(told_run.context(project))
    signals = project.observations.signals
    sources = {slug for slug in found if signals[slug].role == "secondary"}
    assert sources
    assert not any(signals[slug].role == "reference" for slug in found)
    assert all((part.sd > 0).all() and part.value.shape == (len(told_run.draws.places),) for part in found.values())
