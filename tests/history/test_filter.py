"""The filter against a simulation of the facets' transition, dense algebra, and sums over jumps."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import multivariate_normal, norm

from stackcast.graph.dynamics import Dynamics, Facets, Wiring, innovation_sd, memory, transition
from stackcast.history.filter import advance, run, start
from stackcast.history.panel import NEVER
from stackcast.likelihoods.base import NUMPY
from tests.history.series import moving, one_series

QUARTERS, VALUES = [0, 4, 9, 16], np.array([-1.2, -0.9, -0.2, 0.1])


def simulated(motion, quarters, size, seed=3):
    """Levels, slopes and resting points of many stacks after each quarter, by the step of the facets."""
    rng = np.random.default_rng(seed)
    rest = motion.rest + motion.rest_sd * rng.standard_normal(size)
    phi = memory(motion.slope_half_life)
    dynamics = Dynamics(1 - memory(motion.half_life), motion.step, motion.response, ())
    slope = motion.response * motion.step / innovation_sd(phi) * rng.standard_normal(size)
    state, path = Facets(rest + motion.start * rng.standard_normal(size), slope), []
    for _ in range(quarters + 1):
        path.append(np.array([state.eta, state.slope, rest]))
        state = transition(state, rng.standard_normal(size), rest, 1.0, dynamics, Wiring((), phi, np.ones(0), 0.0))
    return np.array(path)


def moments(motion, quarters):
    """Mean and covariance of the state after some quarters without a figure."""
    x = start(motion)
    for _ in range(quarters):
        x = advance(x, motion)
    e, s, r, ee, es, er, ss, sr, rr = (float(np.ravel(value)[0]) for value in x)
    return np.array([e, s, r]), np.array([[ee, es, er], [es, ss, sr], [er, sr, rr]])


@pytest.mark.parametrize("quarters", [0, 1, 12])
def test_mean_and_covariance_are_those_of_simulated_steps(quarters):
    motion = moving(step=0.3)
    state = simulated(motion, quarters, 200_000)[quarters]
    mean, covariance = moments(motion, quarters)
    sd = np.sqrt(np.diag(covariance))
    assert_allclose((state.mean(axis=1) - mean) / sd, 0, atol=0.012)
    assert_allclose(np.cov(state) / np.outer(sd, sd), covariance / np.outer(sd, sd), atol=0.015)


def test_the_likelihood_is_that_of_one_normal_vector():
    """Built from the levels' covariance between quarters: the step applied to columns of the covariance."""
    motion = moving(step=0.3)
    covariance = np.empty((4, 4))
    for i, early in enumerate(QUARTERS):
        mean, now = moments(motion, early)
        level = Facets(now[0, 0], now[0, 1])  # covariance of the early level with the state, moved on
        dynamics = Dynamics(1 - memory(motion.half_life), 0.0, 0.0, ())
        for quarter in range(early, QUARTERS[-1] + 1):
            if quarter in QUARTERS:
                covariance[i, QUARTERS.index(quarter)] = covariance[QUARTERS.index(quarter), i] = np.ravel(level.eta)[0]
            wiring = Wiring((), memory(motion.slope_half_life), np.ones(0), 0.0)
            level = transition(level, 0.0, now[0, 2], 1.0, dynamics, wiring)
    error = 0.07
    noise = (motion.noise[0] ** 2 + error**2) * np.eye(4)
    expected = multivariate_normal(np.full(4, mean[0]), covariance + noise).logpdf(VALUES)
    found = run(NUMPY, one_series(QUARTERS, VALUES, error).figures, motion)
    assert_allclose(found.log_likelihood[-1], expected, rtol=1e-6)


def test_quarters_without_a_figure_add_nothing_to_the_likelihood():
    found = run(NUMPY, one_series(QUARTERS, VALUES).figures, moving()).log_likelihood[:, 0]
    assert (np.flatnonzero(np.diff(found)) + 1).tolist() == QUARTERS[1:]


def test_one_figure_after_a_possible_jump_has_the_density_of_the_mixture():
    motion = moving(jump_rate=0.2, jump_sd=1.5)
    figures = one_series([0, 4], [-1.0, 1.0]).figures
    plain = run(NUMPY, figures, moving())
    before = [value[0] for value in run(NUMPY, figures, motion).states]
    x = start(motion)._replace(**dict(zip(start(motion)._fields, before, strict=True)))
    for _ in range(4):
        x = advance(x, motion)
    odds = 0.2 * 1.0  # rate a year, one year
    variance = x.ee[0] + motion.noise[0] ** 2
    densities = norm.pdf(1.0, x.e[0], np.sqrt([variance, variance + 1.5**2]))
    expected = np.log((densities[0] + odds * densities[1]) / (1 + odds))
    found = run(NUMPY, figures, motion).log_likelihood[:, 0]
    assert_allclose(found[4] - found[3], expected, rtol=1e-9)
    assert found[4] > plain.log_likelihood[4, 0] + 3  # a move of two logits in a year is no step of 0.06


def test_the_state_after_a_possible_jump_has_the_mean_and_variance_of_the_mixture():
    motion, figures = moving(jump_rate=0.2, jump_sd=0.4, step=0.2), one_series([0, 4], [-1.0, 0.2]).figures
    found = run(NUMPY, figures, motion)
    x = start(motion)._replace(**{k: v[3] for k, v in found.states._asdict().items()})
    x = advance(x, motion)
    levels = np.linspace(-3, 3, 200_001)
    prior = [norm.pdf(levels, x.e[0], np.sqrt(x.ee[0] + jump)) for jump in (0.0, 0.4**2)]
    posterior = (prior[0] + 0.2 * prior[1]) * norm.pdf(0.2, levels, motion.noise[0])
    posterior /= posterior.sum()
    mean = (posterior * levels).sum()
    assert_allclose(found.states.e[4, 0], mean, rtol=1e-6)
    assert_allclose(found.states.ee[4, 0], (posterior * (levels - mean) ** 2).sum(), rtol=1e-5)


def test_nothing_jumps_before_the_first_figure():
    figures = one_series(QUARTERS, VALUES).figures
    assert figures.log_years[0, 0] == np.log(NEVER)
    calm, wild = (run(NUMPY, figures, moving(jump_rate=rate)).log_likelihood[0, 0] for rate in (1e-9, 0.2))
    assert_allclose(calm, wild, atol=1e-8)
