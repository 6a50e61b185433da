"""A PyMC model compiled once: sampled again with other data of the same shapes, by this process and later ones."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import numpy as np

from stackcast.compiled.data_vector import DataVector
from stackcast.compiled.density import CompiledDensity, Function, code_key, compiled_density
from stackcast.compiled.store import compile_cache


@dataclass(frozen=True)
class Effort:
    """How much is sampled: chains, kept and warm-up draws of each; the acceptance aimed at; nutpie's adaptation."""

    chains: int = 4
    draws: int = 1000
    tune: int = 500
    target_accept: float = 0.9
    adaptation: Literal["diag", "low_rank"] = "diag"


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
            target_accept=effort.target_accept, adaptation=effort.adaptation, save_warmup=False, progress_bar=False,
        )  # fmt: skip
        return Sampled(self._natural(tree["posterior"]["z"].values), int(tree["sample_stats"]["diverging"].sum()))

    def _natural(self, z: np.ndarray) -> dict[str, np.ndarray]:
        """Return natural draws by name of the sampler's positions (chain, draw, size)."""
        parts = np.split(z, np.cumsum([one.size for one in self.free])[:-1], axis=-1)
        return {
            one.name: (np.exp(part) if one.positive else part).reshape(*z.shape[:2], *one.shape)
            for one, part in zip(self.free, parts, strict=True)
        }


def compile_model(build: Callable[..., Any], *sizes: int | bool, imported: Sequence[ModuleType] = ()) -> CompiledModel:
    """Compile ``build(*sizes)``, or load its code where it was compiled before.

    Parameters
    ----------
    build
        Returns a ``pymc.Model`` whose data are all ``pm.Data`` and whose free variables are real or positive. The code
        is kept under a hash of its module's source.
    *sizes
        Its arguments, which decide the shapes.
    imported
        Modules of this project whose source decides the density too.
    """
    model = build(*sizes)
    free = tuple(_free(model, variable) for variable in model.free_RVs)
    packing = DataVector.of({variable.name: variable.get_value() for variable in model.data_vars})
    files = [inspect.getfile(build), inspect.getfile(CompiledModel), *map(inspect.getfile, imported)]
    sources = [Path(file).read_bytes() for file in files]
    key = code_key(*sources, repr((build.__name__, sizes)).encode())
    code = compiled_density(key, lambda: _function(model, free, packing), compile_cache())
    return CompiledModel(code, free, packing)


def _free(model: Any, variable: Any) -> Free:
    from pymc.logprob.transforms import LogTransform

    transform = model.rvs_to_transforms[variable]
    if transform is not None and not isinstance(transform, LogTransform):
        raise TypeError(f"{variable.name} is neither real nor positive")
    return Free(variable.name, tuple(variable.shape.eval().tolist()), transform is not None)


def _function(model: Any, free: tuple[Free, ...], packing: DataVector) -> Function:
    """Return the model's density and its gradient as a function of the position and of all data."""
    import pytensor
    import pytensor.tensor as pt
    from pytensor.graph.replace import graph_replace
    from pytensor.graph.rewriting import rewrite_graph

    size = sum(one.size for one in free)
    z, vector = pt.vector("z", shape=(size,)), pt.vector("data", shape=(packing.size,))
    moved, given = _cut(z, {one.name: one.shape for one in free}), _cut(vector, packing.shapes)
    parts = {model.rvs_to_values[model[one.name]]: moved[one.name] for one in free}
    parts |= {variable: given[variable.name] for variable in model.data_vars}
    fitting = {old: new.astype(old.dtype) for old, new in parts.items()}
    density = graph_replace([model.logp()], fitting, strict=False)[0]
    simple = rewrite_graph(density, include=("canonicalize", "stabilize", "local_remove_check_parameter"))
    function = pytensor.function([z, vector], [simple, pt.grad(simple, z)], mode="NUMBA")
    return Function(function.vm.jit_fn, size, packing.size)


def _cut(vector: Any, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
    """Return the parts of a symbolic vector by name; one split compiles faster than as many slices."""
    import pytensor.tensor as pt

    parts = pt.split(vector, splits_size=[prod(shape) for shape in shapes.values()])
    return {name: part.reshape(shape) for (name, shape), part in zip(shapes.items(), parts, strict=True)}
