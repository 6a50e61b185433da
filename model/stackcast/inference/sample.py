"""Sample a graph with NUTS: a pilot run for the preconditioner, then the run proper."""

import os
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from stackcast.compiled.data_vector import DataVector
from stackcast.compiled.density import CompiledDensity, Function, compiled_density
from stackcast.compiled.store import compile_cache
from stackcast.graph.data import ObservedData, graph_data
from stackcast.graph.design import Design
from stackcast.graph.paths import signal_paths
from stackcast.inference.code_key import code_key
from stackcast.inference.coordinates import Coordinates, in_blocks
from stackcast.inference.preconditioner import Preconditioner, expected_preconditioner
from stackcast.inference.saved_preconditioner import SavedPreconditioner
from stackcast.inference.start import require_finite_rows, require_finite_start
from stackcast.likelihoods.base import NUMPY, pytensor_arithmetic
from stackcast.progress import Progress

STATS = ("diverging", "energy", "n_steps", "depth", "maxdepth_reached", "step_size")


@dataclass(frozen=True)
class SamplerSettings:
    """Settings of the sampler: what an attempt of the retry schedule changes.

    Attributes
    ----------
    chains, draws, tune
        Chains, kept draws and warm-up draws of each chain.
    target_accept
        Target acceptance of the step size adaptation.
    seed
        The one seed of the run.
    """

    chains: int = 4
    draws: int = 1000
    tune: int = 600
    target_accept: float = 0.9
    seed: int = 1


PILOT = SamplerSettings(chains=2, draws=100, tune=150, target_accept=0.8)
"""The run that supplies the preconditioner's reference points; none of its draws is kept."""


@dataclass(frozen=True)
class Sampled:
    """Draws, statistics and preconditioner of one sampling run.

    Attributes
    ----------
    parameters
        Natural draws by name, (chain, draw, own dims).
    stats
        Sampler statistics by name, (chain, draw).
    preconditioner
        That of the run proper.
    gradients
        Gradient evaluations of pilot, warm-up and draws together.
    """

    parameters: dict[str, np.ndarray]
    stats: dict[str, np.ndarray]
    preconditioner: SavedPreconditioner
    gradients: int = 0


@dataclass(frozen=True)
class Compiled:
    """A compiled graph: any other data of the same design are sampled without a new compile."""

    design: Design
    code: CompiledDensity
    cores: int


def compile_graph(design: Design, observed: ObservedData, cores: int | None = None) -> Compiled:
    """Return the graph with its compiled density, from the cache where it is there."""
    code = compiled_density(code_key(design), lambda: value_and_gradient(design, observed), compile_cache())
    return Compiled(design, code, cores or usable_cores())


def usable_cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def value_and_gradient(design: Design, observed: ObservedData) -> Function:
    """Return the density and its gradient as a function of the sampler's position and of all data."""
    import pytensor
    import pytensor.tensor as pt
    from pytensor.graph.rewriting import rewrite_graph

    z, data, density = wrap_graph(design, observed)
    simple = rewrite_graph(density, include=("canonicalize", "stabilize"))
    function = pytensor.function([z, data], [simple, pt.grad(simple, z)], mode="NUMBA")
    return Function(function.vm.jit_fn, z.type.shape[0], data.type.shape[0])


def wrap_graph(design: Design, observed: ObservedData) -> tuple[Any, Any, Any]:
    """Return the sampler's position ``z``, the vector of all data, and the model's density with the maps' Jacobian.

    The coordinates give the states already, so the signals' paths replace the graph's own.
    """
    import pytensor.tensor as pt
    from pytensor.compile.sharedvalue import SharedVariable
    from pytensor.graph.replace import graph_replace
    from pytensor.graph.traversal import graph_inputs

    from stackcast.graph.build import build_graph

    paths, xp = pt.matrix("paths"), pytensor_arithmetic()
    graph = build_graph(design, observed, paths)
    coordinates = Coordinates(design, observed)
    first = expected_preconditioner(coordinates)
    packing = DataVector.of(arrays_given(coordinates, first))
    z, vector = pt.vector("z", shape=(coordinates.layout.size,)), pt.vector("data", shape=(packing.size,))
    data = packing.unpack(vector)
    found = coordinates.natural(xp, Preconditioner(*(data[name] for name in first.data()))(z), data)
    density = graph.logp()
    parts = {
        graph.rvs_to_values[graph[q.name]]: found.params[q.name]
        if q.prior.name == "Normal"
        else pt.log(found.params[q.name])
        for q in coordinates.layout.table
    }
    parts[paths] = signal_paths(xp, design, found.params, found.states)
    for variable in graph_inputs([density]):
        if isinstance(variable, SharedVariable):
            fixed = data.get(variable.name, pt.constant(variable.get_value()))
            parts[variable] = fixed.astype(variable.dtype)
    return z, vector, graph_replace([density], parts, strict=False)[0] + found.log_jacobian


def sample(
    compiled: Compiled,
    observed: ObservedData,
    settings: SamplerSettings,
    progress: Progress | None = None,
    kept: SavedPreconditioner | None = None,
) -> Sampled:
    """Sample the posterior given the observed data.

    Parameters
    ----------
    compiled
        The compiled graph of the same design as ``observed``.
    observed
        Data, masks and prior scenario.
    settings
        Chains, draws, warm-up, target acceptance, seed.
    progress
        Called with the share of the work done and a word on it.
    kept
        The preconditioner of an earlier run, in place of a pilot's.
    """
    require_finite_rows(observed)
    coordinates = Coordinates(compiled.design, observed)
    seeds, spent = np.random.SeedSequence(settings.seed).generate_state(2), 0
    preconditioner = kept.onto(coordinates) if kept is not None else expected_preconditioner(coordinates)
    require_finite_start(coordinates, preconditioner)
    if kept is None:
        pilot = replace(PILOT, seed=int(seeds[0]))
        z, _, spent = _nuts(compiled, coordinates, preconditioner, pilot, _part(progress, 0.0, 0.12, "pilot"))
        preconditioner = expected_preconditioner(coordinates, preconditioner(z).reshape(-1, z.shape[-1]))
    proper = SamplerSettings(settings.chains, settings.draws, settings.tune, settings.target_accept, int(seeds[1]))
    z, stats, more = _nuts(compiled, coordinates, preconditioner, proper, _part(progress, 0.12, 1.0, "draws"))
    return Sampled(
        _parameters(coordinates, preconditioner, z),
        stats,
        SavedPreconditioner.of(coordinates, preconditioner),
        spent + more,
    )


def _parameters(coordinates: Coordinates, preconditioner: Preconditioner, z: np.ndarray) -> dict[str, np.ndarray]:
    """Return the natural parameters (chain, draw, own dims) of sampler positions (chain, draw, size)."""

    def natural(block: np.ndarray) -> dict[str, np.ndarray]:
        return coordinates.natural(NUMPY, preconditioner(block), coordinates.observed.data | coordinates.given).params

    drawn = in_blocks(natural, z.reshape(-1, z.shape[-1]))
    return {name: array.reshape(*z.shape[:-1], *array.shape[1:]) for name, array in drawn.items()}


def _nuts(
    compiled: Compiled,
    coordinates: Coordinates,
    preconditioner: Preconditioner,
    settings: SamplerSettings,
    progress: Progress | None,
) -> tuple[np.ndarray, dict[str, np.ndarray], int]:
    import nutpie

    from stackcast.compiled.target import Target

    target = Target(compiled.code, coordinates.layout.size, packed(coordinates, preconditioner))
    total = settings.chains * (settings.draws + settings.tune)

    def tell(chains: list[Any]) -> None:
        if progress is not None:
            progress(sum(chain.finished_draws for chain in chains) / total, "")

    sampler = nutpie.sample(
        target, draws=settings.draws, tune=settings.tune, chains=settings.chains, cores=compiled.cores,
        seed=settings.seed, target_accept=settings.target_accept, save_warmup=True, blocking=False,
        progress_bar=False, progress_callback=tell, progress_rate=250,
    )  # fmt: skip
    try:
        tree = sampler.wait()
    except BaseException:
        sampler.abort()
        raise
    stats = tree["sample_stats"].dataset
    return tree["posterior"]["z"].values, {name: stats[name].values for name in STATS}, gradients(tree)


def gradients(tree: Any) -> int:
    """Return the gradient evaluations of warm-up and draws, from nutpie's tree with its warm-up."""
    return int(sum(tree[group]["n_steps"].sum() for group in ("warmup_sample_stats", "sample_stats")))


def arrays_given(coordinates: Coordinates, preconditioner: Preconditioner) -> dict[str, np.ndarray]:
    """Return all data of the density: of the graph, the coordinates and the preconditioner."""
    return graph_data(coordinates.design, coordinates.observed) | coordinates.given | preconditioner.data()


def packed(coordinates: Coordinates, preconditioner: Preconditioner) -> np.ndarray:
    """Return :func:`arrays_given` as one vector."""
    given = arrays_given(coordinates, preconditioner)
    return DataVector.of(given).pack(given)


def _part(progress: Progress | None, start: float, end: float, word: str) -> Progress | None:
    if progress is None:
        return None
    return lambda share, _: progress(start + (end - start) * share, word)
