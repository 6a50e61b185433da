"""What the Stan program is told: a design's sizes, places and priors, and the rows known, with indices from one."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.case import Case
from stackcast.graph.data import graph_data
from stackcast.graph.design import Design
from stackcast.graph.dynamics import innovation_sd
from stackcast.graph.paths import start_spread
from stackcast.graph.shifts import LAG_SHIFT, SHIFTS, UNLABELLED
from stackcast.inference.layout import Layout
from stackcast.likelihoods import FAMILIES
from stackcast.likelihoods.counts import MEAN_BOUND
from stackcast.likelihoods.gap import DOF

STANDARD = (
    "innovation_sd_z", "start_z", "slope_z", "facet_shock", "claim_shock", "noise_z", "deviation_shock", "family_shock",
    UNLABELLED,
)  # fmt: skip
"""Parameters whose prior the program knows without data."""


def stan_data(case: Case) -> dict[str, Any]:
    """Return the data of ``posterior.stan``, as JSON takes them."""
    parts = (sizes(case.design), priors(case), dynamics(case), places(case.design), rows(case))
    merged = {name: value for part in parts for name, value in part.items()}
    return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in merged.items()}


def sizes(design: Design) -> dict[str, Any]:
    """Return the length of every dim."""
    short = {"quarter": "T", "facet": "F", "factor": "C", "edge": "E", "pulled": "P", "signal": "S"}
    short |= {"likelihood": "L", "deviating": "W"}
    return {short.get(dim, f"n_{dim}"): len(labels) for dim, labels in design.coords().items()}


def priors(case: Case) -> dict[str, Any]:
    """Return mu and sigma of every prior that is not standard."""
    layout = Layout.of(case.design, case.observed)
    found: dict[str, Any] = {"lag_mean": case.observed.data["lag_mean"], "lag_sd": case.observed.data["lag_sd"]}
    for q in layout.table:
        if q.name not in (*STANDARD, "house", LAG_SHIFT):
            found[f"{q.name}_sigma"] = q.prior.sigma
            if q.prior.name != "HalfNormal":
                found[f"{q.name}_mu"] = q.prior.mu
    return {name: np.asarray(value, float) for name, value in found.items()}


def dynamics(case: Case) -> dict[str, Any]:
    """Return the constants of the step function, and what the prior scenario sets."""
    design, scales = case.design, case.design.priors.measurement.scales
    deviation_fresh = np.zeros((design.grid.size, len(design.deviating)))
    for k, first in enumerate(design.deviation_start.values()):
        deviation_fresh[first:, k] = innovation_sd(design.wiring.deviation_memory)
        deviation_fresh[first, k] = 1.0
    return {
        "gap": design.facets.index(design.gap) + 1,
        "is_share": design.is_share,
        "start_spread": start_spread(design),
        "alive": design.active,
        "slope_memory": design.wiring.slope_memory,
        "deviation_memory": design.wiring.deviation_memory,
        "factor_memory": design.wiring.factor_memory,
        "factor_start": design.wiring.factor_start,
        "step_spread": scales.innovation_sd_spread.value,
        "noise_spread": scales.noise_spread.value,
        "house_floor": scales.house_floor.value,
        "claim_mean": case.observed.data["claim_mean"],
        "effect_multiplier": np.asarray(case.observed.data["effect_multiplier"], float),
        "deviation_fresh": deviation_fresh,
        "dof": DOF,
        "mean_bound": MEAN_BOUND,
    }


def places(design: Design) -> dict[str, Any]:
    """Return which element of which vector belongs to which signal, facet or quarter."""
    definitions = list(design.signals.values())
    facets = [str(design.signals[s].measures.facet) for s in design.secondary_signals]
    targets = [*design.facets, *design.factors]
    nodes = {node: i for i, node in enumerate(design.family_nodes, 1)}
    return {
        "pulled": _index(design.pulled, design.facets),
        "edge_factor": _index([e.factor for e in design.edges], design.factors),
        "edge_facet": _index([e.facet for e in design.edges], design.facets),
        "edge_sign": np.array([float(e.sign) for e in design.edges]),
        "population": _index(facets, design.secondary_facets),
        "house_sign": np.array([float(design.signals[s].measures.sign) for s in design.secondary_signals]),
        "measured": _index([d.measures.target for d in definitions], targets),
        "base_place": _index(design.slugs, [*design.secondary_signals, *design.indicators]),
        "scaled_place": _index(design.slugs, design.free_loadings),
        "kind": _index([d.likelihood for d in definitions], list(FAMILIES)),
        "noisy_place": _index(design.slugs, design.own_noise),
        "deviation_place": _index(design.slugs, design.deviating),
        "lagging_place": _index(design.slugs, design.lagging),
        "bounded_place": _index(design.slugs, design.bounded),
        "sign": np.array([float(d.measures.sign) for d in definitions]),
        "tilt": np.array([float(design.openness_sign(slug)) for slug in design.slugs]),
        "facet_place": _grid(design.facet_nodes, (design.grid.size, len(design.facets))),
        "deviation_node_place": _grid(design.deviation_nodes, (design.grid.size, len(design.deviating))),
        "family_place": np.array(
            [[nodes.get((d.family, q.year), len(nodes) + 1) for q in design.grid.quarters] for d in definitions]
        ),
    }


def _index(names: Sequence[str], among: Sequence[str]) -> np.ndarray:
    """Return places from one; a name that is not among them has the place after the last."""
    place = {name: i for i, name in enumerate(among, 1)}
    return np.array([place.get(name, len(among) + 1) for name in names])


def _grid(nodes: Sequence[tuple[int, int]], shape: tuple[int, int]) -> np.ndarray:
    place = np.full(shape, len(nodes) + 1)
    place[tuple(np.array(nodes).T)] = np.arange(1, len(nodes) + 1)
    return place


def rows(case: Case) -> dict[str, Any]:
    """Return the filled rows of each likelihood; those that are only a bound, whatever their family, by themselves."""
    data = graph_data(case.design, case.observed)
    parts = {}
    for name in FAMILIES:
        keys = ("y", "trials", "error", "side", "signal", *SHIFTS, "quarter", "share")
        parts[name] = {key: data[f"{name}_{key}"][data[f"{name}_mask"] > 0] for key in keys}
    bounds = [_where(parts[name], parts[name]["side"] != 0) for name in ("share", "ratio")]
    for name in ("share", "ratio"):
        parts[name] = _where(parts[name], parts[name]["side"] == 0)
    parts["bound"] = {key: np.concatenate([part[key] for part in bounds]) for key in bounds[0]}
    found: dict[str, Any] = {"K": case.design.max_quarters}
    for name, part in parts.items():
        found[f"n_{name}"] = len(part["y"])
        found |= {f"{name}_{key}": part[key] for key in ("y", "error", *SHIFTS, "share")}
        found |= {f"{name}_{key}": part[key] + 1 for key in ("signal", "quarter")}
    integers = {key: np.rint(parts["counts"][key]).astype(int) for key in ("y", "trials")}
    return found | {f"counts_{key}": array for key, array in integers.items()} | {"bound_side": parts["bound"]["side"]}


def _where(part: Mapping[str, np.ndarray], chosen: np.ndarray) -> dict[str, np.ndarray]:
    return {key: array[chosen] for key, array in part.items()}
