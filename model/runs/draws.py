"""Thinned draws of every path, kept for scoring and reweighting."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr

from model.atomic import write_netcdf
from model.forecast.future import World
from model.graph.parameters import LAG_SHIFT

KEPT = 1000


def write_draws(world: World, holds: Mapping[str, np.ndarray], path: Path) -> None:
    """Write evenly thinned draws: states, expected signal paths (latent scale), noise, lag shift, answers, by label.

    Parameters
    ----------
    world
        Draws to the horizon.
    holds
        In which draws each question resolves yes, by its id.
    path
        The NetCDF file.
    """
    draws = len(world.noise)
    keep = np.linspace(0, draws - 1, min(KEPT, draws)).astype(int)
    d = world.design
    data = xr.Dataset(
        {
            "facet_state": (("draw", "quarter", "facet"), world.states.eta[keep].astype("float32")),
            "claim_state": (("draw", "quarter", "strand"), world.states.theta[keep].astype("float32")),
            "signal_path": (("draw", "quarter", "signal"), world.paths[keep].astype("float32")),
            "noise": (("draw", "signal"), world.noise[keep].astype("float32")),
            LAG_SHIFT: ("draw", world.params[LAG_SHIFT][keep].astype("float32")),
            "question_holds": (("question", "draw"), np.array([h[keep] for h in holds.values()], dtype="int8")),
        },
        coords={
            "draw": keep,
            "quarter": d.grid.labels,
            "facet": d.facets,
            "strand": d.strands,
            "signal": d.slugs,
            "question": list(holds),
        },
    )
    write_netcdf(data, path)
