import numpy as np
import pytensor
import pytest
from pytensor.compile.mode import Mode

from stackcast.compiled.data_vector import DataVector
from stackcast.forecast.prior import prior_draws
from stackcast.graph.data import graph_data
from stackcast.inference.coordinates import Coordinates
from stackcast.inference.preconditioner import expected_preconditioner
from stackcast.inference.sample import SamplerSettings, sample, wrap_graph
from stackcast.likelihoods.base import NUMPY


@pytest.fixture(scope="module")
def coordinates(design, observed):
    return Coordinates(design, observed)


def test_the_jacobian_of_the_preconditioner_is_constant(coordinates):
    preconditioner = expected_preconditioner(coordinates)
    z = np.random.default_rng(3).normal(size=(5, coordinates.layout.size))
    moved = preconditioner(z + np.eye(coordinates.layout.size)[0]) - preconditioner(z)
    np.testing.assert_allclose(moved, np.tile(moved[0], (5, 1)), atol=1e-12)


def test_the_sampled_density_is_the_models_up_to_a_constant(design, observed, coordinates, probe):
    preconditioner = expected_preconditioner(coordinates)
    z, data, density = wrap_graph(design, observed)
    logp = pytensor.function([z, data], density, mode=Mode(linker="py", optimizer=None))
    given = graph_data(design, observed) | coordinates.given | preconditioner.data()
    told = DataVector.of(given).pack(given)
    offsets = []
    for seed in range(4):
        z = 0.5 * np.random.default_rng(seed).normal(size=coordinates.layout.size)
        found = coordinates.natural(NUMPY, preconditioner(z)[None], observed.data | coordinates.given)
        model = probe(coordinates.layout.join(found.params)[0], observed).logp
        offsets.append(float(logp(z, told)) - model - found.log_jacobian[0])
    np.testing.assert_allclose(offsets, offsets[0], atol=1e-5)


def test_with_every_row_masked_the_posterior_is_the_prior(design, observed, compiled):
    from dataclasses import replace

    empty = {k: np.zeros_like(v) if k.endswith("_mask") else v for k, v in observed.data.items()}
    nothing = replace(observed, data=empty, rows=observed.rows.iloc[:0])
    found = sample(compiled, nothing, SamplerSettings(chains=4, draws=500, tune=300, seed=4))
    wanted = prior_draws(design, observed, 20000, 5)
    for name in (
        "innovation_sd_share",
        "slope_response",
        "equilibrium",
        "half_life",
        "effect",
        "intercept",
        "noise",
        "house",
    ):
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


def test_the_same_seed_gives_the_same_draws(compiled, observed):
    settings = SamplerSettings(chains=2, draws=20, tune=30, seed=6)
    first, again = (sample(compiled, observed, settings) for _ in range(2))
    for name, array in first.parameters.items():
        np.testing.assert_array_equal(again.parameters[name], array)
    other = sample(compiled, observed, SamplerSettings(chains=2, draws=20, tune=30, seed=7))
    assert not np.array_equal(other.parameters["equilibrium"], first.parameters["equilibrium"])
