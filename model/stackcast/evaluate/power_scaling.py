"""What a run's headline owes to the strength of its priors and of its likelihood, each raised to a power near one.

Kallioinen, Paananen, Bürkner and Vehtari 2024, "Detecting and diagnosing prior and likelihood sensitivity with
power-scaling", Statistics and Computing 34:57. The priors are scaled in two parts: those that somebody wrote down, and
what is standard normal by construction (innovations, and the place of each facet, signal and house around its kind),
which is the model's structure rather than anybody's belief.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from stackcast.explain.figure_draws import open_draws
from stackcast.explain.quantity import KeptDraws
from stackcast.graph.parameters import INNOVATIONS
from stackcast.posterior.tree import read_tree
from stackcast.priors.load import Priors
from stackcast.runs.folder import DRAWS, POSTERIOR, Run

PARTS = ("priors", "structure", "likelihood")
STRUCTURE = (*INNOVATIONS, "innovation_sd_z", "start_z", "slope_z", "house", "noise_z")
"""Parameters that are standard normal by construction."""
SENSITIVE = 0.05
"""Sensitivity from which the authors call a quantity sensitive."""
SHUFFLES = 19
"""Shuffles of each quantity: chance alone exceeds them all in one case of twenty."""


def power_scaling(run: Run, priors: Priors) -> pd.DataFrame:
    """Return how sensitive each headline quantity is to each of :data:`PARTS`, and what that says.

    So many draws show a sensitivity where there is none, the more so of a quantity that is yes or no; ``floor_<part>``
    is the greatest of the quantity's own :data:`SHUFFLES` shuffles, and only what lies above it, and above
    :data:`SENSITIVE`, counts.

    Returns
    -------
    DataFrame
        ``name, priors, structure, likelihood, floor_priors, floor_structure, floor_likelihood, reading``.

    Raises
    ------
    GateRefused
        When the run failed a gate.
    """
    found = {label: quantity.draws for label, quantity in KeptDraws.of(run, priors).headline().items()}
    tree = read_tree(run.path / POSTERIOR)
    kept = open_draws(run.path / DRAWS)["draw"].values
    rng = np.random.default_rng(run.manifest["seed"])
    shuffled = {f"{name}, shuffled {i}": rng.permutation(a) for name, a in found.items() for i in range(SHUFFLES)}
    prior, likelihood = tree["log_prior"].dataset, tree["log_likelihood"].dataset["y"].values
    data = xr.DataTree.from_dict(
        {
            "posterior": _one_chain(found | shuffled),
            "log_prior": _one_chain({part: _log_prior(prior, part)[kept] for part in PARTS[:2]}),
            "log_likelihood": _one_chain({"y": likelihood.reshape(-1, likelihood.shape[-1]).sum(axis=-1)[kept]}),
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


def _log_prior(log_prior: xr.Dataset, part: str) -> np.ndarray:
    """Return the log prior density of a part, summed over its parameters, (draw) over all chains."""
    arrays = {str(name): a.values for name, a in log_prior.data_vars.items()}
    mine = [a for name, a in arrays.items() if (name in STRUCTURE) == (part == "structure")]
    return np.sum([a.reshape(a.shape[0] * a.shape[1], -1).sum(axis=-1) for a in mine], axis=0)


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
