import numpy as np
import pymc as pm
import pytest

from stackcast.compiled.pymc_model import Effort, compile_model

EFFORT = Effort(chains=2, draws=1500, tune=400)


def middle(rows):
    """A normal mean with a known error, and a positive number that no datum touches."""
    with pm.Model() as model:
        values, error = pm.Data("values", np.zeros(rows)), pm.Data("error", np.array(1.0))
        mean = pm.Normal("mean", 0, 10)
        pm.HalfNormal("idle", 2.0, shape=3)
        pm.Potential("rows", pm.logp(pm.Normal.dist(mean, error), values).sum())
    return model


def bounded():
    with pm.Model() as model:
        pm.Uniform("between", 0, 1)
    return model


@pytest.fixture(scope="module")
def compiled():
    return compile_model(middle, 4)


@pytest.mark.parametrize(("values", "error"), [([1.0, 2.0, 3.0, 4.0], 0.5), ([-3.0, -3.0, -1.0, -1.0], 2.0)])
def test_the_posterior_is_that_of_the_data_given_without_a_new_compile(compiled, values, error):
    drawn = compiled.sample({"values": np.array(values), "error": np.array(error)}, 1, EFFORT).flat()
    precision = len(values) / error**2 + 1 / 10**2
    assert drawn["mean"].mean() == pytest.approx(np.sum(values) / error**2 / precision, abs=0.05)
    assert drawn["mean"].std() == pytest.approx(precision**-0.5, rel=0.08)
    assert drawn["idle"].shape == (3000, 3)
    assert (drawn["idle"] > 0).all()
    np.testing.assert_allclose(drawn["idle"].mean(axis=0), 2 * np.sqrt(2 / np.pi), rtol=0.08)


def test_the_same_seed_gives_the_same_draws_and_another_seed_others(compiled):
    data, few = {"values": np.ones(4), "error": np.array(1.0)}, Effort(chains=2, draws=50, tune=100)
    first, again, other = (compiled.sample(data, seed, few).draws["mean"] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_data_of_another_shape_are_refused(compiled):
    with pytest.raises(AssertionError):
        compiled.sample({"values": np.ones(5), "error": np.array(1.0)}, 1, EFFORT)


def test_a_variable_that_is_neither_real_nor_positive_is_refused():
    with pytest.raises(TypeError, match="between"):
        compile_model(bounded)
