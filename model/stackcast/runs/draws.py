"""Evenly thinned draws of every path to the horizon: written with a run, and the one way to what they say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import xarray as xr

from stackcast.files.atomic import write_netcdf
from stackcast.forecast.claims import claim_of, strengths
from stackcast.forecast.future import Trajectories
from stackcast.forecast.openness import layer_values, printed_values
from stackcast.graph.shifts import SHIFTS
from stackcast.priors.debate import Debate
from stackcast.priors.schema import Scale
from stackcast.quarters import Quarter

KEPT = 1000


def thinned(total: int) -> np.ndarray:
    """Return the places of at most :data:`KEPT` draws, evenly spaced over all chains laid end to end."""
    return np.linspace(0, total - 1, min(KEPT, total)).astype(int)


@dataclass(frozen=True)
class Draws:
    """Thinned draws of a run, or of a refit of it, as paths by name.

    Attributes
    ----------
    data
        The content of ``draws.nc`` (``docs/run-folder.md``).
    as_of
        The run's as-of date.
    horizons
        The days that its headline names, by ``now``, ``near`` and ``far``.
    debate
        The debate as it was declared when the run was made.
    scales
        How each gap is printed.
    weights
        Of facets in layers and of layers in the stack.
    """

    data: xr.Dataset
    as_of: date
    horizons: Mapping[str, str]
    debate: Debate
    scales: Mapping[str, Scale]
    weights: Mapping[str, Mapping[str, float]]

    @property
    def places(self) -> np.ndarray:
        """Places of these draws among all of the posterior, chains laid end to end."""
        return np.asarray(self.data["draw"].values)

    @property
    def now(self) -> Quarter:
        """Quarter of the as-of date."""
        return Quarter.of(self.as_of)

    @cached_property
    def quarters(self) -> list[str]:
        """Labels of the quarters."""
        return [str(quarter) for quarter in self.data["quarter"].values]

    def place(self, day: str) -> int:
        """Return the place of the quarter of a day, such as ``2030-12-31``, among the quarters."""
        return self.quarters.index(str(Quarter.of(date.fromisoformat(day))))

    @cached_property
    def facets(self) -> dict[str, np.ndarray]:
        """Facets (draw, quarter) as they are printed: shares as shares, gaps in the unit of their scale."""
        states = self.data["facet_state"].values.astype(float)
        return printed_values(states, self.data["facet"].values.tolist(), self.scales)

    def unit(self, facet: str) -> str:
        """Return the unit of a facet, as it is printed."""
        return self.scales[facet].unit if facet in self.scales else self.debate.share

    @cached_property
    def layers(self) -> dict[str, np.ndarray]:
        """Layers and the whole (draw, quarter), shares at the weights."""
        return layer_values(self.facets, self.weights)

    @cached_property
    def parts(self) -> dict[str, list[str]]:
        """The factors of each claim: its sub-claims, or the claim itself."""
        found: dict[str, list[str]] = {}
        for factor, claim in zip(self.data["factor"].values.tolist(), self.data["claim"].values.tolist(), strict=True):
            found.setdefault(claim, []).append(factor)
        return found

    @cached_property
    def claims(self) -> dict[str, np.ndarray]:
        """Claims and sub-claims (draw, quarter), in prior sds."""
        theta = self.data["claim_state"].values.astype(float)
        return strengths(theta, self.data["factor"].values.tolist(), self.parts)

    @cached_property
    def questions(self) -> dict[str, np.ndarray]:
        """In which draws each question resolves yes, (draw) of zeros and ones."""
        holds = self.data["question_holds"].values.astype(float)
        return dict(zip(self.data["question"].values.tolist(), holds, strict=True))

    @cached_property
    def openness(self) -> xr.DataArray:
        """The facets by chain, (chain, draw, quarter, facet), as they are printed: what ArviZ takes.

        Every chain is as long as the shortest one after thinning.
        """
        chains, counts = np.unique(self.data["chain"].values, return_counts=True)
        mine = np.stack([np.flatnonzero(self.data["chain"].values == c)[: counts.min()] for c in chains])
        values = np.stack(list(self.facets.values()), axis=-1)[mine]  # (draw, quarter, facet) to (chain, draw, ...)
        dims = ("chain", "draw", "quarter", "facet")
        labels = {"chain": chains, "quarter": self.quarters, "facet": list(self.facets)}
        return xr.DataArray(values, labels, dims, "openness")


def read_draws(path: Path) -> xr.Dataset:
    """Read thinned draws into memory."""
    with xr.open_dataset(path, engine="h5netcdf") as handle:
        return handle.load()


def _answers(holds: Mapping[str, np.ndarray], keep: np.ndarray) -> np.ndarray:
    """Return the answers of the draws kept, (question, draw); there may be no question."""
    return np.array([h[keep] for h in holds.values()], dtype="int8").reshape(len(holds), len(keep))


def write_draws(trajectories: Trajectories, holds: Mapping[str, np.ndarray], chains: int, path: Path) -> None:
    """Write evenly thinned draws: states, expected signal paths (latent scale), noise, shifts, answers, by label.

    Parameters
    ----------
    trajectories
        Draws to the horizon.
    holds
        In which draws each question resolves yes, by its id.
    chains
        Chains that the draws are of, laid end to end.
    path
        The NetCDF file.
    """
    draws, d = len(trajectories.noise), trajectories.design
    keep, shared = thinned(draws), [shift for shift in SHIFTS.values() if shift.name in trajectories.params]
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
            "chain": ("draw", keep * chains // draws),
            "quarter": d.grid.labels,
            "facet": d.facets,
            "factor": d.factors,
            "claim": ("factor", [claim_of(d.priors, factor) for factor in d.factors]),
            "signal": d.slugs,
            "question": list(holds),
        }
        | {dim: d.coords()[dim] for _, dim in shared},
    )
    write_netcdf(data, path)
