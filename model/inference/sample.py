"""Sample a graph with NUTS on a metric: a short pilot finds the reference points, then the run proper."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from model.graph.design import Design, Known
from model.inference.layout import Layout
from model.inference.metric import Metric, Shear, expected_metric
from model.inference.packing import Packing

if TYPE_CHECKING:
    import pymc as pm

STATS = ("diverging", "energy", "n_steps", "depth", "maxdepth_reached", "step_size")
DATA = "data"
Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Settings:
    """How to sample: what a rung of the ladder changes.

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


PILOT = Settings(chains=2, draws=300, tune=300, target_accept=0.8)
"""The run that finds the metric's reference points; none of its draws is kept."""


@dataclass(frozen=True)
class Sampled:
    """What came out of the sampler.

    Attributes
    ----------
    parameters
        Natural draws by name, (chain, draw, own dims).
    stats
        Sampler statistics by name, (chain, draw).
    metric
        The metric that the run proper used.
    gradients
        Gradient evaluations of pilot, warm-up and draws together.
    """

    parameters: dict[str, np.ndarray]
    stats: dict[str, np.ndarray]
    metric: Metric
    gradients: int = 0


@dataclass(frozen=True)
class Compiled:
    """A compiled graph: any other data of the same design are sampled without a new compile."""

    design: Design
    nutpie_model: Any

    @cached_property
    def cores(self) -> int:
        """Processors that this process may use."""
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def compile_graph(design: Design, known: Known) -> Compiled:
    """Build the graph, put the metric around it, and compile it."""
    import nutpie

    return Compiled(design, nutpie.compile_pymc_model(wrap_graph(design, known)))


def wrap_graph(design: Design, known: Known) -> "pm.Model":
    """Return the model's unchanged log density as a function of the sampler's position ``z``."""
    import pymc as pm
    import pytensor.tensor as pt
    from pytensor.compile.sharedvalue import SharedVariable
    from pytensor.graph.replace import graph_replace
    from pytensor.graph.traversal import graph_inputs

    from model.graph.build import build_graph

    graph = build_graph(design, known)
    layout = Layout.of(design, known)
    shear = Shear.of(design, known, layout)
    first = expected_metric(design, known, layout, shear)
    given = _given(known, first, shear)
    packing = Packing.of(given)
    with pm.Model() as wrapped:
        data = packing.unpack(pm.Data(DATA, packing.pack(given)))
        mean = data["shear_mean"]
        z = pm.Flat("z", shape=layout.size)
        y = Metric(*(data[name] for name in first.data())).sheared(z)
        moved = Shear(shear.intercept, shear.loading, shear.claim_shock, mean, shear.sign).shown(y, pt.exp)
        parts = {}
        for q in layout.table:
            part = y[layout.slices[q.name]]
            part = part - moved if q.name == "intercept" else part
            value = graph.rvs_to_values[graph[q.name]]
            parts[value] = part.reshape(layout.shapes[q.name]) if layout.shapes[q.name] else part[0]
        density = graph.logp()
        for variable in graph_inputs([density]):
            if isinstance(variable, SharedVariable):
                fixed = data.get(variable.name, pt.constant(variable.get_value()))
                parts[variable] = fixed.astype(variable.dtype)
        pm.Potential("density", graph_replace([density], parts, strict=False)[0])
    return wrapped


def sample(compiled: Compiled, known: Known, settings: Settings, progress: Progress | None = None) -> Sampled:
    """Sample the posterior given what is known.

    Parameters
    ----------
    compiled
        The compiled graph of the same design as ``known``.
    known
        Data, masks and camp.
    settings
        Chains, draws, warm-up, target acceptance, seed.
    progress
        Called with the share of the work done and a word on it.
    """
    design, layout = compiled.design, Layout.of(compiled.design, known)
    shear = Shear.of(design, known, layout)
    metric = expected_metric(design, known, layout, shear)
    seeds = np.random.SeedSequence(settings.seed).generate_state(2)
    pilot = replace(PILOT, seed=int(seeds[0]))
    z, _, spent = _nuts(compiled, known, metric, shear, pilot, _part(progress, 0.0, 0.12, "pilot"))
    visited = metric.sheared(z).reshape(-1, layout.size)
    metric = expected_metric(design, known, layout, shear, visited)
    proper = Settings(settings.chains, settings.draws, settings.tune, settings.target_accept, int(seeds[1]))
    z, stats, more = _nuts(compiled, known, metric, shear, proper, _part(progress, 0.12, 1.0, "draws"))
    return Sampled(layout.split(metric.natural(z, shear)), stats, metric, spent + more)


def _nuts(
    compiled: Compiled,
    known: Known,
    metric: Metric,
    shear: Shear,
    settings: Settings,
    progress: Progress | None,
) -> tuple[np.ndarray, dict[str, np.ndarray], int]:
    import nutpie

    given = _given(known, metric, shear)
    model = compiled.nutpie_model.with_data(**{DATA: Packing.of(given).pack(given)})
    total = settings.chains * (settings.draws + settings.tune)

    def tell(chains: list[Any]) -> None:
        if progress is not None:
            progress(sum(chain.finished_draws for chain in chains) / total, "")

    sampler = nutpie.sample(
        model, draws=settings.draws, tune=settings.tune, chains=settings.chains, cores=compiled.cores,
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


def _given(known: Known, metric: Metric, shear: Shear) -> dict[str, np.ndarray]:
    return known.data | metric.data() | {"shear_mean": shear.mean}


def _part(progress: Progress | None, start: float, end: float, word: str) -> Progress | None:
    if progress is None:
        return None
    return lambda share, _: progress(start + (end - start) * share, word)
