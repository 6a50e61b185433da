"""What one gradient costs: the compiled function that nutpie's sampler calls, called as often by itself."""

import ctypes
import time
from typing import Any

import numpy as np

CALL = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_uint64, *[ctypes.c_void_p] * 4)
BATCHES, CALLS = 100, 10
"""Short batches: a quick one is one that no other process interrupted."""


def gradient_us(function: Any, size: int, data: int) -> float:
    """Return the microseconds of one log density with its gradient, in the quickest of some batches.

    Parameters
    ----------
    function
        As nutpie calls it: size, position, gradient, density, data; an integer that is not 0 is a failure.
    size
        Dimensions. It is evaluated at zero.
    data
        Address of what it reads.

    Raises
    ------
    ArithmeticError
        If the density there is not finite.
    """
    x, gradient, density = np.zeros(size), np.empty(size), np.empty(1)
    call = CALL(ctypes.cast(function, ctypes.c_void_p).value)
    given = (size, x.ctypes.data, gradient.ctypes.data, density.ctypes.data, data)
    if code := call(*given):
        raise ArithmeticError(f"the log density at zero is not finite (code {code})")
    return 1e6 * min(_seconds(call, given) for _ in range(BATCHES)) / CALLS


def _seconds(function: Any, given: tuple[Any, ...]) -> float:
    begin = time.perf_counter()
    for _ in range(CALLS):
        function(*given)
    return time.perf_counter() - begin
