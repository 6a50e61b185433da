"""The PyMC graph of a design: the parameter table, the scanned step, and one observed variable a family."""

from typing import Any

import numpy as np
import pymc as pm

from stackcast.graph.data import ObservedData, graph_data
from stackcast.graph.design import Design
from stackcast.graph.parameters import Parameter, parameters
from stackcast.graph.paths import noise, signal_paths, states
from stackcast.graph.shifts import LAG_SHIFT, SHIFTS, shift_of, shifts
from stackcast.likelihoods import FAMILIES, Family
from stackcast.likelihoods.base import pytensor_arithmetic


def build_graph(design: Design, observed: ObservedData, paths: Any = None) -> pm.Model:
    """Build the model; observed data, masks, as-of and prior scenario are ``pm.Data``.

    Parameters
    ----------
    design
        Labels and structure.
    known
        What the data hold at first; those of another :class:`ObservedData` of the same design need no new compile.
    paths
        Expected paths (quarter, signal) of the signals, for a caller who puts its own in their place; by default the
        step function's.
    """
    xp = pytensor_arithmetic()
    with pm.Model(coords=_coords(design)) as model:
        data = {name: _data(name, array) for name, array in graph_data(design, observed).items()}
        p: dict[str, Any] = {}
        for q in parameters(design):
            p[q.name] = _variable(q, data, p)
        p |= {name: data[name] for name in ("claim_mean", "effect_multiplier")}
        if paths is None:
            paths = signal_paths(xp, design, p, states(xp, design, p))
        scale, shared = noise(xp, design, p), shifts(xp, design, p)
        for family in FAMILIES.values():
            _observe(family, data, paths, scale, shared)
    return model


def _coords(design: Design) -> dict[str, list[str]]:
    rows = {f"{name}_row": [str(i) for i in range(size)] for name, size in design.row_capacity.items()}
    return design.coords() | rows | {"touched": [str(i) for i in range(design.max_quarters)]}


TOUCHED = ("quarter", "share")
DATA_DIMS = {
    "claim_mean": ("factor",),
    "effect_multiplier": ("edge",),
    "lag_mean": ("lagging",),
    "lag_sd": ("lagging",),
}


def _data(name: str, array: np.ndarray) -> Any:
    family, _, key = name.partition("_")
    row_dims = (f"{family}_row", "touched") if key in TOUCHED else (f"{family}_row",)
    return pm.Data(name, array, dims=DATA_DIMS.get(name, row_dims))


def _variable(parameter: Parameter, data: dict[str, Any], earlier: dict[str, Any]) -> Any:
    prior, dims = parameter.prior, parameter.dims
    sigma = prior.sigma if parameter.scale is None else prior.sigma * parameter.scale(earlier)
    if parameter.name == LAG_SHIFT:
        return pm.Normal(LAG_SHIFT, data["lag_mean"], data["lag_sd"], dims=dims)
    if prior.name == "HalfNormal":
        return pm.HalfNormal(parameter.name, sigma, dims=dims)
    return getattr(pm, prior.name)(parameter.name, prior.mu, sigma, dims=dims)


def _observe(family: Family, data: dict[str, Any], paths: Any, scale: Any, shared: dict[str, Any]) -> None:
    keys = ("trials", "error", "side", "signal", *TOUCHED, *SHIFTS, "mask")
    given = {key: data[f"{family.name}_{key}"] for key in keys}
    mu = (given["share"] * paths[given["quarter"], given["signal"][:, None]]).sum(axis=-1)
    mu = mu + shift_of(shared, given["signal"], given)
    xp = pytensor_arithmetic()

    def logp(y: Any, mu: Any, noise: Any, trials: Any, error: Any, side: Any, mask: Any) -> Any:
        return xp.where(mask > 0, family.logp(xp, y, trials, error, side, mu, noise), 0.0)

    pm.CustomDist(
        family.name, mu, scale[given["signal"]], given["trials"], given["error"], given["side"], given["mask"],
        logp=logp, observed=data[f"{family.name}_y"], dims=f"{family.name}_row",
    )  # fmt: skip
