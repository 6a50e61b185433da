"""The model that nutpie samples: compiled density and data, without a PyMC graph."""

import ctypes
from dataclasses import dataclass
from typing import Any

import numpy as np
from nutpie import _lib
from nutpie.sample import CompiledModel

from stackcast.compiled.density import CompiledDensity

DIM = "coordinate"
COPY = ctypes.CFUNCTYPE(
    ctypes.c_int64, ctypes.c_uint64, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p
)


def _copy(size: int, _: int, position: int, out: int, __: int) -> int:
    """Store the position of a draw: all else follows from it."""
    ctypes.memmove(out, position, size * np.dtype(float).itemsize)
    return 0


EXPAND = COPY(_copy)


@dataclass(frozen=True, init=False)
class Target(CompiledModel):  # type: ignore[misc]
    """A density over the position ``z``.

    It replaces nutpie's model of a PyMC graph, which compiles one more function and cannot be stored on disk.

    Attributes
    ----------
    code
        The compiled density.
    size
        Dimensions.
    data
        Vector that the code reads.
    """

    code: CompiledDensity
    size: int
    data: np.ndarray

    def __init__(self, code: CompiledDensity, size: int, data: np.ndarray) -> None:
        super().__init__(dims={"z": (DIM,)})
        for name, value in (("code", code), ("size", size), ("data", np.ascontiguousarray(data, dtype=float))):
            object.__setattr__(self, name, value)

    @property
    def n_dim(self) -> int:
        """Dimensions of the position."""
        return self.size

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of what is stored of a draw."""
        return {"z": (self.size,)}

    @property
    def coords(self) -> dict[str, Any]:
        """Labels of the dims."""
        return {DIM: np.arange(self.size)}

    def _start(self, seed: int) -> np.ndarray:
        """Return a chain's first position, uniform around the preconditioner's centre; the stream is PyMC's."""
        return np.random.default_rng(np.random.SeedSequence(seed).spawn(1)[0]).uniform(-1.0, 1.0, self.size)

    def _make_model(self, _: Any) -> Any:
        data = self.data.ctypes.data
        copy = ctypes.cast(EXPAND, ctypes.c_void_p).value
        sizes = {DIM: self.size}
        return _lib.PyMcModel(
            _lib.LogpFunc(self.code.address, data, self),
            _lib.ExpandFunc(self.size, self.size, copy, data, self),
            _lib.PyVariable.new_variables(["z"], ["float64"], [(self.size,)], sizes, self.dims),
            self.size,
            sizes,
            self.coords,
            self._start,
            None,
        )

    def _make_sampler(self, settings: Any, init_mean: Any, cores: int, progress: Any, *rest: Any) -> Any:
        return _lib.PySampler.from_pymc(settings, cores, self._make_model(init_mean), progress, *rest)
