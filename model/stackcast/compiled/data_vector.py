"""All data of a graph in one vector: compile time grows with the number of arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np


@dataclass(frozen=True)
class DataVector:
    """Where each array of data lies in the vector.

    Attributes
    ----------
    shapes
        Of each array, by name, in the vector's order.
    """

    shapes: dict[str, tuple[int, ...]]

    @classmethod
    def of(cls, arrays: Mapping[str, np.ndarray]) -> "DataVector":
        """Return the packing of these arrays."""
        return cls({name: array.shape for name, array in arrays.items()})

    @property
    def size(self) -> int:
        """Length of the vector."""
        return sum(map(prod, self.shapes.values()))

    def pack(self, arrays: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the vector of these arrays, which must have the packing's names and shapes."""
        assert DataVector.of(arrays) == self
        return np.concatenate([arrays[name].ravel() for name in self.shapes], dtype=float)

    def unpack(self, vector: Any) -> dict[str, Any]:
        """Return the arrays, all of floats, as parts of the (symbolic) vector."""
        parts, start = {}, 0
        for name, shape in self.shapes.items():
            stop = start + prod(shape)
            parts[name] = vector[start:stop].reshape(shape)
            start = stop
        return parts
