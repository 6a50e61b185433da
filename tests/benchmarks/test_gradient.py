import numpy as np
import pymc as pm
import pytest

from benchmarks.gradient import gradient_us


def microseconds(size, sigma=1.0):
    import nutpie

    with pm.Model() as model:
        pm.Normal("x", 0, sigma * np.arange(1, size + 1), shape=size)
    compiled = nutpie.compile_pymc_model(model)
    return gradient_us(compiled.compiled_logp_func.ctypes, compiled.n_dim, compiled.user_data.ctypes.data)


def test_a_larger_gradient_costs_more():
    assert 0 < 3 * microseconds(10) < microseconds(20_000)


def test_a_density_that_is_nowhere_finite_is_not_timed():
    with pytest.raises(ArithmeticError, match="not finite"):
        microseconds(2, sigma=np.nan)
