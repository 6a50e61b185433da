"""Power-scaling sensitivity: how the headline changes when priors or likelihood are raised to a power near one.

Kallioinen, Paananen, Bürkner and Vehtari 2024, "Detecting and diagnosing prior and likelihood sensitivity with
power-scaling", Statistics and Computing 34:57. The priors are scaled in two parts: the elicited ones, and
what is standard normal by construction (innovations, and the place of each facet, signal and house around its kind),
which is the model's structure rather than a belief.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from stackcast.explain.quantity import headline_quantities
from stackcast.graph.parameters import INNOVATIONS
from stackcast.posterior.tree import summed
from stackcast.runs.folder import Run

PARTS = ("priors", "structure", "likelihood")
STRUCTURE = (*INNOVATIONS, "innovation_sd_z", "start_z", "slope_z", "house", "noise_z")
"""Parameters that are standard normal by construction."""
SENSITIVE = 0.05
"""Sensitivity from which the authors call a quantity sensitive."""
SHUFFLES = 19
"""Shuffles of each quantity: chance alone exceeds them all in one case of twenty."""


def power_scaling(run: Run) -> pd.DataFrame:
    """Return the sensitivity of each headline quantity to each of :data:`PARTS`, and its reading.

    A finite number of draws shows a sensitivity where there is none, above all of a binary quantity: ``floor_<part>``
    is the greatest over :data:`SHUFFLES` shuffles of the quantity's draws. A quantity counts as sensitive where it lies
    above its floor and above :data:`SENSITIVE`.

    Returns
    -------
    DataFrame
        ``name, priors, structure, likelihood, floor_priors, floor_structure, floor_likelihood, reading``.

    Raises
    ------
    GateRefused
        When the run failed a gate.
    """
    draws = run.draws
    found = {label: quantity.draws for label, quantity in headline_quantities(draws).items()}
    rng = np.random.default_rng(run.settings.seed)
    shuffled = {f"{name}, shuffled {i}": rng.permutation(a) for name, a in found.items() for i in range(SHUFFLES)}
    tree = run.groups("log_prior", "log_likelihood")
    prior = tree["log_prior"].dataset
    structure = [str(name) for name in prior if name in STRUCTURE]
    sums = {
        "priors": summed(prior.drop_vars(structure)),
        "structure": summed(prior[structure]),
        "y": summed(tree["log_likelihood"].dataset),
    }
    at = {name: values[draws.places] for name, values in sums.items()}
    data = xr.DataTree.from_dict(
        {
            "posterior": _one_chain(found | shuffled),
            "log_prior": _one_chain({part: at[part] for part in PARTS[:2]}),
            "log_likelihood": _one_chain({"y": at["y"]}),
        }
    )
    table = pd.DataFrame({"name": list(found)})
    for part in PARTS:
        size = _sensitivity(data, part)
        table[part] = [size[name] for name in found]
        table[f"floor_{part}"] = [max(size[f"{name}, shuffled {i}"] for i in range(SHUFFLES)) for name in found]
    moved = {part: table[part] >= np.maximum(table[f"floor_{part}"], SENSITIVE) for part in PARTS}
    prior_moves = moved["priors"] | moved["structure"]
    table["reading"] = np.select(
        [prior_moves & moved["likelihood"], prior_moves, moved["likelihood"]],
        ["prior and data", "prior", "data"],
        "neither, to what so many draws can tell",
    )
    return table[["name", *PARTS, *(f"floor_{part}" for part in PARTS), "reading"]]


def _one_chain(values: Mapping[str, np.ndarray]) -> xr.Dataset:
    return xr.Dataset({name: (("chain", "draw"), draws[None]) for name, draws in values.items()})


def _sensitivity(data: xr.DataTree, part: str) -> dict[str, float]:
    from arviz_stats import psense

    found = (
        psense(data, group="likelihood")
        if part == "likelihood"
        else psense(data, group="prior", group_var_names=[part])
    )
    return {str(name): float(value) for name, value in found.items()}
