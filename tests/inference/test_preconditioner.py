import numpy as np
import pytensor
import pytest
from pytensor.compile.mode import Mode

from stackcast.forecast.prior import prior_draws
from stackcast.graph.data import graph_data
from stackcast.inference.coordinates import Coordinates
from stackcast.inference.data_vector import Packing
from stackcast.inference.preconditioner import expected_metric
from stackcast.inference.sample import Settings, sample, wrap_graph
from stackcast.likelihoods.base import NUMPY


@pytest.fixture(scope="module")
def coordinates(design, known):
    return Coordinates(design, known)


def test_the_metric_leaves_volumes_alone_up_to_a_constant(coordinates):
    metric = expected_metric(coordinates)
    z = np.random.default_rng(3).normal(size=(5, coordinates.layout.size))
    moved = metric(z + np.eye(coordinates.layout.size)[0]) - metric(z)
    np.testing.assert_allclose(moved, np.tile(moved[0], (5, 1)), atol=1e-12)


def test_the_sampled_density_is_the_models_up_to_a_constant(design, known, coordinates, probe):
    metric = expected_metric(coordinates)
    z, data, density = wrap_graph(design, known)
    logp = pytensor.function([z, data], density, mode=Mode(linker="py", optimizer=None))
    given = graph_data(design, known) | coordinates.given | metric.data()
    told = Packing.of(given).pack(given)
    offsets = []
    for seed in range(4):
        z = 0.5 * np.random.default_rng(seed).normal(size=coordinates.layout.size)
        found = coordinates.natural(NUMPY, metric(z)[None], known.data | coordinates.given)
        model = probe(coordinates.layout.join(found.params)[0], known).logp
        offsets.append(float(logp(z, told)) - model - found.log_jacobian[0])
    np.testing.assert_allclose(offsets, offsets[0], atol=1e-5)


def test_with_every_row_masked_the_posterior_is_the_prior(design, known, compiled):
    from dataclasses import replace

    empty = {k: np.zeros_like(v) if k.endswith("_mask") else v for k, v in known.data.items()}
    found = sample(compiled, replace(known, data=empty), Settings(chains=4, draws=500, tune=300, seed=4))
    wanted = prior_draws(design, known, 20000, 5)
    for name in ("step_share", "slope_response", "rest", "half_life", "effect", "intercept", "noise", "house"):
        drawn = found.parameters[name].reshape(2000, -1)
        if (wanted[name] > 0).all():
            drawn, prior = np.log(drawn), np.log(wanted[name].reshape(20000, -1))
        else:
            prior = wanted[name].reshape(20000, -1)
        error = np.abs(drawn.mean(axis=0) - prior.mean(axis=0)) / prior.std(axis=0)
        ratio = drawn.std(axis=0) / prior.std(axis=0)
        assert error.max() < 0.2, name
        assert ratio.min() > 0.75, name
        assert ratio.max() < 1.3, name


def test_the_same_seed_gives_the_same_draws(compiled, known):
    settings = Settings(chains=2, draws=20, tune=30, seed=6)
    first, again = (sample(compiled, known, settings) for _ in range(2))
    for name, array in first.parameters.items():
        np.testing.assert_array_equal(again.parameters[name], array)
    other = sample(compiled, known, Settings(chains=2, draws=20, tune=30, seed=7))
    assert not np.array_equal(other.parameters["rest"], first.parameters["rest"])
