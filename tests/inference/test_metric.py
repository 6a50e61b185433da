import numpy as np
import pytest
from pytensor.compile.mode import Mode

from model.forecast.prior import prior_draws
from model.inference.layout import Layout
from model.inference.metric import Shear, expected_metric, unshear
from model.inference.sample import Settings, sample, wrap_graph
from tests.support import prior_point


@pytest.fixture(scope="module")
def layout(design, known):
    return Layout.of(design, known)


def test_split_and_join_are_inverse(design, known, layout):
    p = prior_draws(design, known, 5, 1)
    x = layout.join(p)
    assert x.shape == (5, layout.size)
    for name, array in layout.split(x).items():
        np.testing.assert_allclose(array, p[name])


def test_the_maps_leave_volumes_alone(design, known, layout):
    shear = Shear.of(design, known, layout)
    y = layout.join(prior_point(design, known, 2))[0]
    moved = slice(shear.intercept.start, shear.intercept.stop)
    jacobian = (unshear(y + 1e-6 * np.eye(layout.size)[moved], shear) - unshear(y, shear)) / 1e-6
    np.testing.assert_allclose(jacobian[:, moved], np.eye(moved.stop - moved.start), atol=1e-6)
    others = np.ones(layout.size, bool)
    others[moved] = False
    step = unshear(y + 1e-3 * others, shear) - unshear(y, shear)
    np.testing.assert_allclose(step[others], 1e-3, rtol=1e-6)


def test_the_sampled_density_is_the_models_up_to_a_constant(design, known, layout, probe):
    shear = Shear.of(design, known, layout)
    metric = expected_metric(design, known, layout, shear)
    wrapped = wrap_graph(design, known)
    logp = wrapped.compile_fn(wrapped.logp(), mode=Mode(linker="py", optimizer=None))
    offsets = []
    for seed in range(4):
        z = 0.5 * np.random.default_rng(seed).normal(size=layout.size)
        offsets.append(float(logp({"z": z})) - probe(metric.natural(z, shear), known).logp)
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
