"""The hierarchical model: its density, what a left-out stack adds, and that it recovers a known law."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from pytensor.compile.mode import Mode
from scipy.stats import norm

from stackcast.history.filter import run
from stackcast.history.forecast import ensemble
from stackcast.history.panel import KINDS, Panel
from stackcast.history.sample import Compiled, NotConverged, Posterior
from stackcast.history.series import OWN, POPULATION, build_model, model_data, motion, natural, prior_arrays
from stackcast.likelihoods.base import NUMPY
from tests.history.series import LAW, one_series
from tests.history.test_filter import simulated

PLAIN = Mode(linker="py", optimizer=None)
"""Python instead of compiled code: minutes of compiling are saved."""


def simulated_panel(size, dates=10, every=4, seed=5, **changed):
    """Series of a known law, one a stack, with figures every few quarters."""
    rng, law = np.random.default_rng(seed), LAW | changed
    p = {name: np.array(value) for name, value in law.items()} | {name: rng.standard_normal(size) for name in OWN}
    kind = rng.integers(0, len(KINDS), size)
    moves = motion(NUMPY, p, kind)
    quarters = np.arange(dates) * every
    levels = simulated(moves, int(quarters[-1]), size, seed)[quarters, 0]
    known, y, error, years = np.zeros((4, quarters[-1] + 1, size))
    known[quarters], years[quarters[1:]] = 1.0, every / 4
    y[quarters] = levels + moves.noise * rng.standard_normal(levels.shape)
    keys = [
        {"stack": f"s{i}", "population": "p", "criterion": "c", "source_kind": KINDS[k], "first": 2000.5}
        for i, k in enumerate(kind)
    ]
    return Panel(pd.DataFrame(keys), known, y, error, years)


def density(panel, without=None):
    """The log density of the model at one position, by position and data."""
    model = build_model(*panel.known.shape)
    for name, value in model_data(panel, without).items():
        model[name].set_value(value)
    rng = np.random.default_rng(2)
    z, own = rng.standard_normal(len(POPULATION)), rng.standard_normal((len(OWN), len(panel.series)))
    (potential,) = model.potentials
    given = {model["population_z"]: z, model["own_z"]: own}
    p = natural(NUMPY, z, *prior_arrays(POPULATION)) | {name: own[i] for i, name in enumerate(OWN)}
    return float(potential.eval(given, mode=PLAIN)), run(NUMPY, panel.figures, motion(NUMPY, p, panel.kind))


def test_the_graph_and_numpy_have_one_likelihood():
    panel = simulated_panel(3, dates=3)
    graph, found = density(panel)
    assert_allclose(graph, found.log_likelihood[-1].sum(), rtol=1e-10)


def test_rows_of_a_left_out_stack_do_not_enter():
    panel = simulated_panel(3, dates=3)
    other = replace(panel, y=panel.y + np.array([0.0, 2.0, 0.0]))
    assert density(panel, "s1")[0] == density(other, "s1")[0]
    assert density(panel)[0] != density(other)[0]
    assert_allclose(density(panel, "s1")[0], density(panel)[1].log_likelihood[-1, [0, 2]].sum(), rtol=1e-10)


def test_parameters_of_standard_normals_have_their_priors():
    z = np.random.default_rng(0).standard_normal((100_000, len(POPULATION)))
    drawn = natural(NUMPY, z, *prior_arrays(POPULATION))
    for name, prior in POPULATION.items():
        assert_allclose(np.quantile(drawn[name], [0.05, 0.5, 0.95]), prior.interval(0.9), rtol=0.03, atol=0.02)
    assert norm.cdf(z).min() > 0


def test_the_likelihood_is_greatest_near_the_step_of_the_simulated_population():
    panel = simulated_panel(60, dates=12, innovation_sd=0.12)
    steps = np.array([0.03, 0.06, 0.12, 0.24])
    law = {name: np.full(len(steps), value) for name, value in LAW.items()} | {"innovation_sd": steps}
    total = sum(ensemble(panel.one(i), law, 64, seed=i).evidence() for i in range(60))
    assert steps[np.argmax(total)] == 0.12
    assert np.sort(total)[-1] - np.sort(total)[-2] > 3


def test_chains_that_disagree_are_refused():
    draws = {"half_life": np.ones(4)}
    with pytest.raises(NotConverged, match=r"R-hat 1\.200"):
        Posterior(draws, {}, rhat=1.2, ess=500.0, divergences=0).checked()
    assert Posterior(draws, {}, rhat=1.01, ess=500.0, divergences=0).checked().rhat == 1.01


@pytest.mark.slow
def test_sampling_recovers_the_population_that_made_the_series():
    """Minutes: it compiles the model. Each parameter that the series inform lies within its central 98 percent."""
    panel = simulated_panel(60, dates=12)
    found = Compiled.of(panel).sample(seed=1).population
    for name in ("innovation_sd", "half_life", "start", "rest_mean", "rest_sd", "noise_attention", "jump_rate"):
        low, high = np.quantile(found[name], [0.01, 0.99])
        assert low < LAW[name] < high, name
    prior_sd = POPULATION["innovation_sd"].sigma
    assert np.log(found["innovation_sd"]).std() < 0.5 * prior_sd


def test_empty_quarters_and_series_change_nothing():
    panel = simulated_panel(3, dates=3)
    roomy, p = panel.roomy(), {name: np.full(1, value) for name, value in LAW.items()}
    assert roomy.known.shape == (16, 8)
    z = {name: np.random.default_rng(4).standard_normal((1, 8)) for name in OWN}
    wide = run(NUMPY, roomy.figures, motion(NUMPY, p | z, roomy.kind)).log_likelihood[0, -1]
    narrow = {name: value[:, :3] for name, value in z.items()}
    assert_allclose(wide[:3], run(NUMPY, panel.figures, motion(NUMPY, p | narrow, panel.kind)).log_likelihood[0, -1])
    assert_allclose(wide[3:], 0.0)


def test_one_series_has_its_kind_and_its_own_length():
    one = one_series([0, 4, 8, 12], [0.0, 0.1, 0.2, 0.3])
    assert one.kind.tolist() == [KINDS.index("census")]
    assert one.figures.y.shape == (13, 1)
