"""The PyMC graph of a design: the table of parameters, the paths, and one observed variable a likelihood."""

from typing import Any

import numpy as np
import pymc as pm

from stackcast.graph.data import ObservedData, graph_data
from stackcast.graph.design import Design
from stackcast.graph.parameters import Parameter, parameters
from stackcast.graph.paths import DATA, noise, signal_paths, states
from stackcast.graph.shifts import SHIFTS, shift_of, shifts
from stackcast.likelihoods import FAMILIES, Family
from stackcast.likelihoods.base import pytensor_arithmetic


def build_graph(design: Design, observed: ObservedData, paths: Any = None) -> pm.Model:
    """Build the model; observed data, masks, as-of and prior scenario are ``pm.Data``.

    Parameters
    ----------
    design
        Labels and structure.
    observed
        What the data hold at first; those of another :class:`ObservedData` of the same design need no new compile.
    paths
        Expected paths (quarter, signal) of the signals, for a caller who has computed them already; by default those of
        :func:`stackcast.graph.paths.signal_paths`.
    """
    xp = pytensor_arithmetic()
    with pm.Model(coords=_coords(design)) as model:
        data = {name: _data(name, array) for name, array in graph_data(design, observed).items()}
        p: dict[str, Any] = {}
        for q in parameters(design):
            p[q.name] = _variable(q, data, p)
        p |= {name: data[name] for name in DATA if name in data}
        if paths is None:
            paths = signal_paths(xp, design, p, states(xp, design, p))
        scale, shared = noise(xp, design, p), shifts(xp, design, p)
        for name in design.likelihoods:
            _observe(FAMILIES[name], data, paths, scale, shared)
    return model


def _coords(design: Design) -> dict[str, list[str]]:
    rows = {f"{name}_row": [str(i) for i in range(size)] for name, size in design.row_capacity.items()}
    more = {"other_force": design.forces, "touched": [str(i) for i in range(design.max_quarters)]}
    return design.coords() | rows | more


TOUCHED = ("quarter", "share")
DATA_DIMS = {
    "claim_mean": ("factor",),
    "effect_multiplier": ("edge",),
    "equilibrium_mean": ("facet",),
    "equilibrium_sd": ("facet",),
    "force_mean": ("force",),
    "force_factor": ("force", "other_force"),
    "transfer_sd": ("transferred_edge",),
    "edge_rating": ("edge",),
    "edge_unit": ("edge",),
    "lag_mean": ("lagging",),
    "lag_sd": ("lagging",),
}


def _data(name: str, array: np.ndarray) -> Any:
    family, _, key = name.partition("_")
    row_dims = (f"{family}_row", "touched") if key in TOUCHED else (f"{family}_row",)
    return pm.Data(name, array, dims=DATA_DIMS.get(name, row_dims))


def _variable(parameter: Parameter, data: dict[str, Any], earlier: dict[str, Any]) -> Any:
    """Make one parameter; ``earlier`` holds those before it in the table, on which its scale may depend."""
    prior, dims = parameter.prior, parameter.dims
    sigma = prior.sigma if parameter.scale is None else prior.sigma * parameter.scale(earlier)
    if parameter.moments is not None:
        mean, sd = parameter.moments
        return pm.Normal(parameter.name, data[mean], data[sd], dims=dims)
    if prior.name == "HalfNormal":
        return pm.HalfNormal(parameter.name, sigma, dims=dims)
    return getattr(pm, prior.name)(parameter.name, prior.mu, sigma, dims=dims)


def _observe(family: Family, data: dict[str, Any], paths: Any, scale: Any, shared: dict[str, Any]) -> None:
    keys = ("trials", "error", "side", "signal", *TOUCHED, *SHIFTS, "mask")
    rows = {key: data[f"{family.name}_{key}"] for key in keys}
    # (row, touched) weights and expected values of the quarters that a row's period touches: mu (row)
    mu = (rows["share"] * paths[rows["quarter"], rows["signal"][:, None]]).sum(axis=-1)  # sum_t w_it mu_jt
    mu = mu + shift_of(shared, rows["signal"], rows)
    xp = pytensor_arithmetic()

    def logp(y: Any, mu: Any, noise: Any, trials: Any, error: Any, side: Any, mask: Any) -> Any:
        return xp.where(mask > 0, family.logp(xp, y, trials, error, side, mu, noise), 0.0)  # an empty slot adds nothing

    pm.CustomDist(
        family.name, mu, scale[rows["signal"]], rows["trials"], rows["error"], rows["side"], rows["mask"],
        logp=logp, observed=data[f"{family.name}_y"], dims=f"{family.name}_row",
    )  # fmt: skip
