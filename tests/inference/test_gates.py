import numpy as np
import pytest
from scipy.stats import norm

from stackcast.inference.gates import completeness, coverage_gate, mixing_gates, sampler_gates
from stackcast.posterior.loo import loo_pit

CHAINS, DRAWS = 4, 500


@pytest.fixture
def trace():
    rng = np.random.default_rng(1)
    return {"innovation_sd_share": rng.normal(size=(CHAINS, DRAWS)), "equilibrium": rng.normal(size=(CHAINS, DRAWS, 3))}


@pytest.fixture
def stats():
    rng = np.random.default_rng(2)
    return {
        "energy": rng.normal(size=(CHAINS, DRAWS)),
        "diverging": np.zeros((CHAINS, DRAWS), bool),
        "maxdepth_reached": np.zeros((CHAINS, DRAWS), bool),
    }


def failed(gates):
    return {gate.name for gate in gates if not gate.passed}


def test_a_good_trace_passes(trace, stats):
    assert completeness(trace, CHAINS, DRAWS).passed
    assert not failed(sampler_gates(stats))
    assert not failed(mixing_gates(trace, CHAINS))


def test_a_truncated_trace_is_incomplete(trace):
    assert not completeness({k: a[:, :-1] for k, a in trace.items()}, CHAINS, DRAWS).passed
    assert not completeness({k: a[:-1] for k, a in trace.items()}, CHAINS, DRAWS).passed


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_number_that_is_not_finite_is_incomplete(trace, value):
    trace["equilibrium"][1, 7, 2] = value
    gate = completeness(trace, CHAINS, DRAWS)
    assert not gate.passed
    assert gate.to_json()["value"] == 0


def test_a_stuck_chain_fails_r_hat_and_names_the_quantity(trace):
    trace["equilibrium"][2, :, 1] += 3.0
    gates = mixing_gates(trace, CHAINS)
    assert "r_hat" in failed(gates)
    assert next(g for g in gates if g.name == "r_hat").worst == "equilibrium[1]"


def test_a_chain_that_does_not_move_fails(trace):
    trace["equilibrium"][3, :, 0] = 0.123
    assert failed(mixing_gates(trace, CHAINS)) >= {"r_hat"}


def test_slow_mixing_fails_both_sample_sizes(trace):
    rng = np.random.default_rng(3)
    trace["innovation_sd_share"] = np.cumsum(rng.normal(size=(CHAINS, DRAWS)), axis=1)
    assert failed(mixing_gates(trace, CHAINS)) >= {"ess_bulk", "ess_tail"}


def test_one_divergence_fails(stats):
    stats["diverging"][0, 3] = True
    assert failed(sampler_gates(stats)) == {"divergences"}


def test_one_saturated_tree_fails(stats):
    stats["maxdepth_reached"][3, 9] = True
    assert failed(sampler_gates(stats)) == {"tree_depth"}


def test_a_low_bfmi_fails(stats):
    stats["energy"] = np.cumsum(np.random.default_rng(4).normal(size=(CHAINS, DRAWS)), axis=1)
    assert failed(sampler_gates(stats)) == {"bfmi"}


@pytest.mark.parametrize(("spread", "passed"), [(0.5, False), (1.0, True), (4.0, False)])
def test_coverage_may_be_neither_too_low_nor_too_high(spread, passed):
    pit = norm.cdf(np.random.default_rng(5).normal(size=300) / spread)
    assert coverage_gate(pit, np.zeros(300)).passed is passed


@pytest.mark.parametrize(("held", "count", "passed"), [
    (17, 17, True), (12, 17, True), (10, 17, False), (1, 1, True), (40, 40, True), (60, 60, False), (300, 300, False),
])  # fmt: skip
def test_the_limits_of_few_observations_are_those_of_a_binomial_count(held, count, passed):
    pit = np.where(np.arange(count) < held, 0.5, 0.99)
    assert coverage_gate(pit, np.zeros(count)).passed is passed


def test_the_limits_of_many_observations_are_the_declared_ones():
    assert coverage_gate(np.full(270, 0.5), np.zeros(270)).limit.startswith("0.80 to 0.99 of 270 figures")


def test_a_bound_is_covered_when_the_interval_reaches_past_it():
    below_all = np.array([0.0, 0.0])
    assert coverage_gate(below_all, np.array([-1, -1])).value == 1.0
    assert coverage_gate(below_all, np.array([1, 1])).value == 0.0


def test_leaving_an_observation_out_removes_its_effect_on_its_own_forecast():
    # one observation per unknown level: N(0, 1) prior, N(level, 1) likelihood; the exact forecast is N(0, 2)
    rng = np.random.default_rng(6)
    values = rng.normal(0, np.sqrt(2), 40)
    level = rng.normal(values / 2, np.sqrt(0.5), (20000, 40))
    pit, k_hat = loo_pit(norm.logpdf(values, level), rng.normal(level), values)
    exact = norm.cdf(values, 0, np.sqrt(2))
    trusted = k_hat < 0.7
    assert trusted.sum() > 10
    np.testing.assert_allclose(pit[trusted], exact[trusted], atol=0.08)
