import numpy as np
import pytest
from scipy.stats import norm

from stackcast.posterior.reweight import importance_weights


@pytest.fixture
def draws():
    return np.random.default_rng(1).normal(size=4000)


def test_weights_turn_a_prior_into_the_posterior(draws):
    w = importance_weights(norm.logpdf(1.0, draws, 1.0))
    assert w.trusted
    assert w.weights.sum() == pytest.approx(1.0)
    assert w.mean(draws) == pytest.approx(0.5, abs=0.05)
    spread = np.sqrt(0.5)
    wanted = norm.ppf([0.05, 0.5, 0.95], 0.5, spread)
    np.testing.assert_allclose(w.quantiles(draws, [0.05, 0.5, 0.95]), wanted, atol=0.1)
    assert w.mean(np.stack([draws, draws > 0.5], axis=1)) == pytest.approx([0.5, 0.5], abs=0.05)


def test_the_error_of_a_shift_is_what_repeats_show():
    shifts, errors = [], []
    for seed in range(300):
        draws = np.random.default_rng(seed).normal(size=500)
        w = importance_weights(norm.logpdf(0.8, draws, 1.0))
        shifts.append(w.mean(draws) - draws.mean())
        errors.append(w.shift_error(draws))
    assert np.mean(errors) == pytest.approx(np.std(shifts), rel=0.15)
    assert importance_weights(np.zeros(500)).shift_error(draws) < 1e-12


def test_a_figure_out_of_reach_is_not_trusted(draws):
    w = importance_weights(norm.logpdf(7.0, draws, 0.2))
    assert not w.trusted
    assert w.k_hat > w.limit


def test_equal_ratios_change_nothing(draws):
    w = importance_weights(np.full(4000, -3.0))
    assert w.trusted
    assert w.mean(draws) == pytest.approx(draws.mean())


def test_the_limit_falls_with_few_draws():
    assert importance_weights(np.zeros(100)).limit == pytest.approx(0.5)
    assert importance_weights(np.zeros(10_000)).limit == 0.7
