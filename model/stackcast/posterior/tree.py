"""The one door to the DataTree: labelled draws in, labelled draws out."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from stackcast.files.atomic import write_netcdf
from stackcast.graph.data import ObservedData
from stackcast.graph.design import Design
from stackcast.graph.evaluate import join_chains
from stackcast.graph.parameters import parameters
from stackcast.inference.sample import Sampled

CHAIN, DRAW = "chain", "draw"
ROW = "observation"


def make_tree(
    design: Design,
    observed: ObservedData,
    sampled: Sampled,
    log_likelihood: np.ndarray,
    log_prior: Mapping[str, np.ndarray],
) -> xr.DataTree:
    """Return posterior, statistics, log likelihood, log prior and the observed rows as one tree.

    Parameters
    ----------
    log_likelihood
        (draw, row), rows as in ``known.rows``, draws of all chains in order.
    log_prior
        By parameter, (draw, own dims).
    """
    coords = design.coords()
    chains, draws = sampled.stats["diverging"].shape
    dims = {q.name: q.dims for q in parameters(design)}

    def dataset(arrays: Mapping[str, np.ndarray]) -> xr.Dataset:
        used = {d for name in arrays for d in dims[name]}
        return xr.Dataset(
            {name: ((CHAIN, DRAW, *dims[name]), array) for name, array in arrays.items()},
            coords={CHAIN: np.arange(chains), DRAW: np.arange(draws), **{d: coords[d] for d in sorted(used)}},
        )

    by_chain = {n: a.reshape(chains, draws, *a.shape[1:]) for n, a in log_prior.items()}
    likelihood = xr.Dataset(
        {"y": ((CHAIN, DRAW, ROW), log_likelihood.reshape(chains, draws, -1))},
        coords={CHAIN: np.arange(chains), DRAW: np.arange(draws), ROW: observed.rows["id"].tolist()},
    )
    stats = xr.Dataset({name: ((CHAIN, DRAW), values) for name, values in sampled.stats.items()})
    figures = xr.Dataset(
        {"value": (ROW, observed.rows["value"].to_numpy())}, coords={ROW: observed.rows["id"].tolist()}
    )
    tree = xr.DataTree.from_dict(
        {
            "posterior": dataset(sampled.parameters),
            "sample_stats": stats,
            "log_likelihood": likelihood,
            "log_prior": dataset(by_chain),
            "observed_data": figures,
        }
    )
    tree.attrs = {
        "as_of": observed.as_of.isoformat(),
        "prior_scenario": observed.prior_scenario,
        "effects_on": int(observed.effects_on),
    }
    return tree


def write_tree(tree: xr.DataTree, path: Path, attrs: Mapping[str, Any] | None = None) -> None:
    """Write a tree as NetCDF; what an attribute cannot hold is written as JSON."""
    tree.attrs |= {k: v if isinstance(v, str | int | float) else json.dumps(v) for k, v in (attrs or {}).items()}
    write_netcdf(tree, path)


def read_tree(path: Path) -> xr.DataTree:
    """Read a tree into memory."""
    with xr.open_datatree(path, engine="h5netcdf") as tree:
        return tree.load()


def posterior_draws(tree: xr.DataTree) -> dict[str, np.ndarray]:
    """Return natural draws by name, chains joined, (draw, own dims)."""
    return join_chains({str(name): a.values for name, a in tree["posterior"].dataset.data_vars.items()})
