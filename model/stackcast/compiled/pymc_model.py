"""A PyMC model compiled once: sampled again with other data of the same shapes, by this process and later ones."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from stackcast.compiled.data_vector import DataVector
from stackcast.compiled.density import CompiledDensity, Function, code_key, compiled_density
from stackcast.compiled.store import compile_cache


@dataclass(frozen=True)
class Effort:
    """How much is sampled: chains, kept draws and warm-up draws of each, and the acceptance that is aimed at."""

    chains: int = 4
    draws: int = 1000
    tune: int = 500
    target_accept: float = 0.9


@dataclass(frozen=True)
class Free:
    """A free variable of a model; ``positive`` where the sampler moves on its logarithm."""

    name: str
    shape: tuple[int, ...]
    positive: bool

    @property
    def size(self) -> int:
        """Number of elements."""
        return prod(self.shape)


@dataclass(frozen=True, eq=False)
class Sampled:
    """Natural draws by name, (chain, draw, own dims), and the number of divergent transitions."""

    draws: dict[str, np.ndarray]
    divergences: int

    def flat(self) -> dict[str, np.ndarray]:
        """Return the draws of all chains in one row: (draw, own dims)."""
        return {name: array.reshape(-1, *array.shape[2:]) for name, array in self.draws.items()}


@dataclass(frozen=True, eq=False)
class CompiledModel:
    """The machine code of a model's density, and what its position and its data mean.

    Attributes
    ----------
    code
        The compiled density.
    free
        Free variables in the order of the position.
    packing
        Where each ``pm.Data`` lies in the vector of data.
    """

    code: CompiledDensity
    free: tuple[Free, ...]
    packing: DataVector

    def sample(self, data: Mapping[str, np.ndarray], seed: int, effort: Effort, cores: int | None = None) -> Sampled:
        """Sample the posterior given these data, one array for each ``pm.Data`` of the model.

        Parameters
        ----------
        data
            Arrays of the shapes that the model was compiled with.
        seed
            The same seed gives the same draws.
        effort
            Chains, draws, warm-up, target acceptance.
        cores
            Number of processors; nutpie's choice by default.
        """
        import nutpie

        from stackcast.compiled.target import Target

        vector = self.packing.pack({name: np.asarray(data[name], float) for name in self.packing.shapes})
        target = Target(self.code, sum(one.size for one in self.free), vector)
        tree = nutpie.sample(
            target, draws=effort.draws, tune=effort.tune, chains=effort.chains, cores=cores, seed=seed,
            target_accept=effort.target_accept, save_warmup=False, progress_bar=False,
        )  # fmt: skip
        return Sampled(self._natural(tree["posterior"]["z"].values), int(tree["sample_stats"]["diverging"].sum()))

    def _natural(self, z: np.ndarray) -> dict[str, np.ndarray]:
        """Return natural draws by name of the sampler's positions (chain, draw, size)."""
        parts = np.split(z, np.cumsum([one.size for one in self.free])[:-1], axis=-1)
        return {
            one.name: (np.exp(part) if one.positive else part).reshape(*z.shape[:2], *one.shape)
            for one, part in zip(self.free, parts, strict=True)
        }


def compile_model(build: Callable[..., Any], *sizes: int | bool) -> CompiledModel:
    """Compile ``build(*sizes)``, or load its code where it was compiled before.

    Parameters
    ----------
    build
        Returns a ``pymc.Model`` whose data are all ``pm.Data`` and whose free variables are real or positive. The code
        is kept under a hash of its module's source: what it imports of this project must not decide the density.
    *sizes
        Its arguments, which decide the shapes.
    """
    from pymc.logprob.transforms import LogTransform

    model = build(*sizes)
    given = {variable.name: variable.get_value() for variable in model.data_vars}
    free = []
    for variable in model.free_RVs:
        transform = model.rvs_to_transforms[variable]
        assert transform is None or isinstance(transform, LogTransform), variable
        free.append(Free(variable.name, tuple(variable.shape.eval().tolist()), transform is not None))
    packing = DataVector.of(given)
    sources = [Path(inspect.getfile(what)).read_bytes() for what in (build, CompiledModel)]
    key = code_key(*sources, repr((build.__name__, sizes)).encode())
    size = sum(one.size for one in free)
    return CompiledModel(
        compiled_density(key, lambda: _function(model, packing, size), compile_cache()), tuple(free), packing
    )


def _function(model: Any, packing: DataVector, size: int) -> Function:
    """Return the model's density and its gradient as a function of the position and of all data."""
    import pytensor
    import pytensor.tensor as pt
    from pytensor.graph.replace import graph_replace
    from pytensor.graph.rewriting import rewrite_graph

    z, vector = pt.vector("z", shape=(size,)), pt.vector("data", shape=(packing.size,))
    data, parts, start = packing.unpack(vector), {}, 0
    for variable in model.free_RVs:
        value = model.rvs_to_values[variable]
        shape = tuple(variable.shape.eval().tolist())
        stop = start + prod(shape)
        parts[value] = z[start:stop].reshape(shape).astype(value.dtype)
        start = stop
    for variable in model.data_vars:
        parts[variable] = data[variable.name].astype(variable.dtype)
    density = graph_replace([model.logp()], parts, strict=False)[0]
    simple = rewrite_graph(density, include=("canonicalize", "stabilize"))
    function = pytensor.function([z, vector], [simple, pt.grad(simple, z)], mode="NUMBA")
    return Function(function.vm.jit_fn, size, packing.size)
