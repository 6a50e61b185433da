"""Labelled draws as an ``xarray.DataTree`` in ArviZ's groups, to and from disk."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from stackcast.files.atomic import write_netcdf

PACKED = {"zlib": True, "complevel": 1, "shuffle": True}
PACKED_BYTES = 100_000
"""Arrays from this size on are packed, each as one chunk."""


def write_tree(tree: xr.DataTree, path: Path, attrs: Mapping[str, Any] | None = None) -> None:
    """Write a tree as packed NetCDF; what an attribute cannot hold is written as JSON."""
    tree.attrs |= {k: v if isinstance(v, str | int | float) else json.dumps(v) for k, v in (attrs or {}).items()}
    encoding = {
        node.path: {
            name: PACKED | {"chunksizes": array.shape}
            for name, array in node.dataset.data_vars.items()
            if array.nbytes >= PACKED_BYTES
        }
        for node in tree.leaves
    }
    write_netcdf(tree, path, encoding)


def read_tree(path: Path, *groups: str) -> xr.DataTree:
    """Read the groups of a tree that are named, or all, into memory: a few groups are read sooner than all."""
    if groups:
        found = {name: xr.load_dataset(path, group=name, engine="h5netcdf") for name in groups}
        return xr.DataTree.from_dict(found)
    with xr.open_datatree(path, engine="h5netcdf") as tree:
        return tree.load()


def summed(densities: xr.Dataset) -> np.ndarray:
    """Return log densities summed over all variables and their own dims, (draw) of all chains."""
    parts = [a.values.reshape(a.shape[0] * a.shape[1], -1).sum(axis=-1) for a in densities.data_vars.values()]
    return np.asarray(np.sum(parts, axis=0))
