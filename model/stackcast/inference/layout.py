"""The order of named parameters in one unconstrained vector, and its prior moments."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from stackcast.graph.data import ObservedData
from stackcast.graph.design import Design
from stackcast.graph.parameters import Parameter, parameters

LOG_HALF_NORMAL = (-0.62, 1.1)
"""Mean and sd of the log of a standard half-normal variable, rounded: only the preconditioner uses them."""


@dataclass(frozen=True)
class Layout:
    """The order of the parameters in the vector: positive ones stand there by their logarithm."""

    table: tuple[Parameter, ...]
    shapes: dict[str, tuple[int, ...]]

    @classmethod
    def of(cls, design: Design, observed: ObservedData) -> "Layout":
        """Return the layout of a design's parameters."""
        table = parameters(design, observed.data)
        coords = design.coords()
        return cls(table, {q.name: tuple(len(coords[d]) for d in q.dims) for q in table})

    @cached_property
    def slices(self) -> dict[str, slice]:
        """Place of each parameter in the vector."""
        sizes = [int(np.prod(self.shapes[q.name])) for q in self.table]
        ends = np.cumsum(sizes)
        return {q.name: slice(int(end) - size, int(end)) for q, size, end in zip(self.table, sizes, ends, strict=True)}

    @property
    def size(self) -> int:
        """Number of dimensions."""
        return int(self.slices[self.table[-1].name].stop)

    def part(self, x: Any, name: str) -> Any:
        """Return one parameter's part (..., own dims) of vectors (..., size)."""
        part = x[..., self.slices[name]]
        if not self.shapes[name]:
            return part[..., 0]
        return part if len(self.shapes[name]) == 1 else part.reshape((*x.shape[:-1], *self.shapes[name]))

    def split(self, x: np.ndarray) -> dict[str, np.ndarray]:
        """Turn vectors (..., size) into natural parameters (..., own dims)."""
        out = {}
        for q in self.table:
            part = self.part(x, q.name)
            out[q.name] = part if q.prior.name == "Normal" else np.exp(part)
        return out

    def join(self, p: Mapping[str, np.ndarray]) -> np.ndarray:
        """Turn natural parameters (..., own dims) into vectors (..., size)."""
        parts = []
        for q in self.table:
            part = p[q.name] if q.prior.name == "Normal" else np.log(p[q.name])
            lead = part.shape[: part.ndim - len(self.shapes[q.name])]
            parts.append(part.reshape(*lead, -1))
        return np.concatenate(parts, axis=-1)

    def prior_moments(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the prior's centre and sd of every coordinate, (size), hyperparameters at their centre."""
        centres, sds = [], []
        at: dict[str, np.ndarray] = {}
        for q in self.table:
            mu, sigma = q.prior.mu, q.prior.sigma
            if q.scale is not None:
                sigma = sigma * q.scale(at)
            if q.prior.name == "HalfNormal":
                mu, sigma = np.log(sigma) + LOG_HALF_NORMAL[0], np.full_like(sigma, LOG_HALF_NORMAL[1])
            centre = np.broadcast_to(mu, self.shapes[q.name])
            at[q.name] = centre if q.prior.name == "Normal" else np.exp(centre)
            centres.append(centre.ravel())
            sds.append(np.broadcast_to(sigma, self.shapes[q.name]).ravel())
        return np.concatenate(centres), np.concatenate(sds)
