"""What a run stands on, built again from its project: the graph's design, the data known, and its trajectories."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import xarray as xr

from stackcast.errors import InputError
from stackcast.forecast.future import Trajectories, extend
from stackcast.graph.data import ObservedData, observe_as_of
from stackcast.graph.design import Design, build_design
from stackcast.graph.parameters import parameters
from stackcast.project import Project
from stackcast.quarters import Quarter
from stackcast.settings import FitSettings


def observe(project: Project, settings: FitSettings) -> tuple[Design, ObservedData]:
    """Return the graph's design for a project and settings, and the data known at their as-of date.

    Raises
    ------
    InputError
        When the project cannot be fitted with these settings.
    """
    rows, signals = project.observations.rows, project.observations.signals
    priors = project.priors.of_run(history=settings.history)
    design = build_design(rows, signals, priors, settings.as_of, settings.criterion)
    observed = observe_as_of(design, rows, settings.as_of, settings.prior_scenario, effects_on=settings.effects_on)
    return design, observed


@dataclass(frozen=True)
class Context:
    """A run's design and data, and its thinned draws in them.

    Attributes
    ----------
    design, observed
        As of :func:`observe`, from the project as it is now.
    settings
        Of the run.
    posterior
        Its parameters (chain, draw, own dims): the group ``posterior`` of its tree.
    places
        Places of the thinned draws, chains laid end to end.
    """

    design: Design
    observed: ObservedData
    settings: FitSettings
    posterior: xr.Dataset
    places: np.ndarray

    def parameters(self, *names: str) -> dict[str, np.ndarray]:
        """Return thinned draws of parameters by name, (draw, own dims); of all, or of those named that the graph has.

        Raises
        ------
        InputError
            When the project's labels of a parameter are no longer those of the run.
        """
        coords, own_dims = self.design.coords(), {q.name: q.dims for q in parameters(self.design)}
        found = {}
        for name in (name for name in own_dims if name in names or not names):
            array = self.posterior.get(name)
            labels = [] if array is None else [array[dim].values.tolist() for dim in array.dims[2:]]
            if array is None or labels != [coords[dim] for dim in own_dims[name]]:
                raise InputError(
                    f"the project has changed since the run was fitted: {name} is now of other facets, claims or "
                    "signals; make a new run with `stackcast fit`"
                )
            found[name] = array.values.reshape(-1, *array.shape[2:])[self.places]  # (chain, draw, ...) to (draw, ...)
        return found

    @cached_property
    def trajectories(self) -> Trajectories:
        """The run's own trajectories to the horizon, (draw, ...), of the thinned draws."""
        horizon = Quarter.parse(self.design.priors.debate.horizons.far)
        return extend(self.design, self.observed, self.parameters(), horizon, self.settings.seed)
