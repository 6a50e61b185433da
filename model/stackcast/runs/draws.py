"""Thinned draws of every path, kept for scoring and reweighting."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr

from stackcast.files.atomic import write_netcdf
from stackcast.forecast.future import Trajectories
from stackcast.graph.shifts import SHIFTS

KEPT = 1000


def _answers(holds: Mapping[str, np.ndarray], keep: np.ndarray) -> np.ndarray:
    """Return the answers of the draws kept, (question, draw); there may be no question."""
    return np.array([h[keep] for h in holds.values()], dtype="int8").reshape(len(holds), len(keep))


def write_draws(trajectories: Trajectories, holds: Mapping[str, np.ndarray], path: Path) -> None:
    """Write evenly thinned draws: states, expected signal paths (latent scale), noise, shifts, answers, by label.

    Parameters
    ----------
    world
        Draws to the horizon.
    holds
        In which draws each question resolves yes, by its id.
    path
        The NetCDF file.
    """
    draws = len(trajectories.noise)
    keep = np.linspace(0, draws - 1, min(KEPT, draws)).astype(int)
    d = trajectories.design
    shared = [shift for shift in SHIFTS.values() if shift.name in trajectories.params]
    data = xr.Dataset(
        {
            "facet_state": (("draw", "quarter", "facet"), trajectories.states.eta[keep].astype("float32")),
            "claim_state": (("draw", "quarter", "factor"), trajectories.states.theta[keep].astype("float32")),
            "signal_path": (("draw", "quarter", "signal"), trajectories.paths[keep].astype("float32")),
            "noise": (("draw", "signal"), trajectories.noise[keep].astype("float32")),
            "question_holds": (("question", "draw"), _answers(holds, keep)),
        }
        | {name: (("draw", dim), trajectories.params[name][keep].astype("float32")) for name, dim in shared},
        coords={
            "draw": keep,
            "quarter": d.grid.labels,
            "facet": d.facets,
            "factor": d.factors,
            "signal": d.slugs,
            "question": list(holds),
        }
        | {dim: d.coords()[dim] for _, dim in shared},
    )
    write_netcdf(data, path)
