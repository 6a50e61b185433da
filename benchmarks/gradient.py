"""What one gradient costs: the compiled function that nutpie's sampler calls, called as often by itself."""

import time
from typing import Any

import numpy as np

BATCHES, CALLS = 100, 10
"""Short batches: a quick one is one that no other process interrupted."""


def gradient_us(compiled: Any) -> float:
    """Return the microseconds of one log density with its gradient, in the quickest of some batches.

    Parameters
    ----------
    compiled
        As ``nutpie.compile_pymc_model`` returns it. It is evaluated at zero.

    Raises
    ------
    ArithmeticError
        If the density there is not finite.
    """
    function = compiled.compiled_logp_func.ctypes
    x, gradient, density = np.zeros(compiled.n_dim), np.empty(compiled.n_dim), np.empty(())
    kinds = function.argtypes[1:4]
    arrays = [array.ctypes.data_as(kind) for array, kind in zip((x, gradient, density), kinds, strict=True)]
    given = (compiled.n_dim, *arrays, compiled.user_data.ctypes.data)
    if code := function(*given):
        raise ArithmeticError(f"the log density at zero is not finite (code {code})")
    return 1e6 * min(_seconds(function, given) for _ in range(BATCHES)) / CALLS


def _seconds(function: Any, given: tuple[Any, ...]) -> float:
    begin = time.perf_counter()
    for _ in range(CALLS):
        function(*given)
    return time.perf_counter() - begin
