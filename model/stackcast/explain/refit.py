"""Refits of a run with rows masked or added, where weights cannot be trusted; each is stored.

They reuse the preconditioner of the run, where it was saved.
"""

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stackcast.errors import GateRefused, InputError
from stackcast.explain.stored_refit import StoredRefit, read_refit, seal_refit
from stackcast.files.atomic import AlreadyThere, WriteFailed, require_writable, whole_folder
from stackcast.progress import Progress, no_progress
from stackcast.project import Project
from stackcast.runs.contents import DRAWS, PRECONDITIONER
from stackcast.runs.draws import Draws, write_draws
from stackcast.runs.folder import Run
from stackcast.runs.manifest import inputs
from stackcast.settings import FitSettings

if TYPE_CHECKING:
    from stackcast.graph.data import ObservedData
    from stackcast.inference.saved_preconditioner import SavedPreconditioner
    from stackcast.pipeline import Session

FOLDER = "refits"
LOG = logging.getLogger(__name__)


@dataclass
class Refitter:
    """Refits of one run; the graph is compiled at the first that is not stored.

    Attributes
    ----------
    run
        The run.
    project
        Its project, unchanged since.
    folder
        Folder of the runs; refits are stored in a folder of their own in it.
    progress
        Called with the share of a refit done and a word on it.
    """

    run: Run
    project: Project
    folder: Path
    progress: Progress = no_progress
    made: int = field(default=0, init=False)
    _session_only: "tempfile.TemporaryDirectory[str] | None" = field(default=None, init=False, repr=False)

    @cached_property
    def session(self) -> "Session":
        """The session that shares one compile."""
        from stackcast.pipeline import Session

        return Session(self.project)

    def without(self, ids: Sequence[str]) -> Draws:
        """Return the draws of a refit without these rows: each is masked and not replaced."""
        from stackcast.graph.data import ObservedData

        def change(observed: ObservedData) -> ObservedData:
            return masked(observed, ids)

        return self._kept({"without": sorted(ids)}, self.project, self.run.settings, change)

    def under(self, prior_scenario: str, *, effects_on: bool) -> Draws:
        """Return the draws of a refit under a prior scenario, with effects on or off, on the same graph."""
        from stackcast.graph.data import ObservedData, observe_as_of

        settings, rows = self.run.settings, self.project.observations.rows

        def change(observed: ObservedData) -> ObservedData:
            assert self.session.compiled is not None
            design = self.session.compiled.design
            return observe_as_of(design, rows, settings.as_of, prior_scenario, effects_on=effects_on)

        return self._kept({"prior_scenario": prior_scenario, "effects_on": effects_on}, self.project, settings, change)

    def without_history(self) -> Draws:
        """Return the draws of a refit without earlier stacks, on a graph of its own."""
        settings = replace(self.run.settings, history=False)
        return self._kept({"history": False}, self.project, settings, lambda observed: observed)

    def as_of(self, day: date, *, make: bool = True) -> tuple[Draws, frozenset[str]] | None:
        """Return the draws of a refit as of an earlier date, on the same graph, and the ids known then.

        None where it is not stored and no refit is allowed.
        """
        from stackcast.graph.data import ObservedData, observe_as_of

        rows = self.project.observations.rows

        def change(observed: ObservedData) -> ObservedData:
            assert self.session.compiled is not None
            design = self.session.compiled.design
            return observe_as_of(design, rows, day, observed.prior_scenario, effects_on=observed.effects_on)

        key = {"as_of": day.isoformat()}
        found = self._stored(self._name(key, self.project, self.run.settings))
        if found is None and not make:
            return None
        found = found or self._made(key, self.project, self.run.settings, change)
        return self._accepted(found), found.ids

    def with_rows(self, rows: pd.DataFrame, day: date) -> Draws:
        """Return the draws of a refit with more rows, as of a day not before the run's as-of date."""
        observations = self.project.observations
        more = replace(observations, rows=pd.concat([observations.rows, rows], ignore_index=True))
        settings = replace(self.run.settings, as_of=max(day, self.run.settings.as_of))
        text = [[str(cell) for cell in row] for row in rows.to_numpy().tolist()]
        return self._kept({"with": text}, replace(self.project, observations=more), settings, lambda observed: observed)

    def _name(self, change: dict[str, Any], project: Project, settings: FitSettings) -> str:
        given = inputs(project, settings) | {"run": self.run.name, "change": change}
        return hashlib.sha256(json.dumps(given, sort_keys=True, default=str).encode()).hexdigest()[:16]

    @cached_property
    def _writable(self) -> Path:
        """Where new refits are kept: with the runs, or for this session where the runs may not be written."""
        place = self.folder / FOLDER
        try:
            require_writable(place)
        except WriteFailed:
            self._session_only = tempfile.TemporaryDirectory(prefix="stackcast-")
            return Path(self._session_only.name)
        return place

    def _kept(
        self,
        change: dict[str, Any],
        project: Project,
        settings: FitSettings,
        edit: "Callable[[ObservedData], ObservedData]",
    ) -> Draws:
        found = self._stored(self._name(change, project, settings))
        return self._accepted(found or self._made(change, project, settings, edit))

    def _accepted(self, found: StoredRefit) -> Draws:
        if found.failed:
            raise GateRefused(f"the refit failed its gates ({', '.join(found.failed)}): no answer")
        return replace(self.run.draws, data=found.draws)

    def _stored(self, name: str) -> StoredRefit | None:
        """Return a stored refit; None where there is none, or none that can be read, which is named."""
        places = [self.folder / FOLDER, *([Path(self._session_only.name)] if self._session_only else [])]
        for place in (place / name for place in places if os.path.lexists(place / name)):
            try:
                return read_refit(place)
            except InputError as error:
                LOG.warning("skipped: %s", error)
        return None

    def _preconditioner(self) -> "SavedPreconditioner | None":
        """Return the run's preconditioner; None where it kept none, or none that can be read, which is named."""
        from stackcast.inference.saved_preconditioner import SavedPreconditioner

        if not os.path.lexists(self.run.path / PRECONDITIONER):
            return None
        try:
            return SavedPreconditioner.load(self.run.file(PRECONDITIONER))
        except InputError as error:
            LOG.warning("skipped: %s", error)
            return None

    def _made(
        self,
        change: dict[str, Any],
        project: Project,
        settings: FitSettings,
        edit: "Callable[[ObservedData], ObservedData]",
    ) -> StoredRefit:
        from stackcast.forecast.future import extend
        from stackcast.forecast.questions import question_holds
        from stackcast.graph.evaluate import join_chains
        from stackcast.inference.retries import sample_until_accepted
        from stackcast.inference.sample import SamplerSettings
        from stackcast.quarters import Quarter

        target = self._writable / self._name(change, project, settings)
        if os.path.lexists(target) and not target.is_dir():
            raise InputError(f"{target}: is no folder, and has the name of a refit; move it away")
        self.session.project = project
        compiled, observed = self.session.observe_as_of(settings, self.progress)
        observed = edit(observed)
        asked = SamplerSettings(settings.chains, settings.draws, seed=settings.seed)
        saved = self._preconditioner()
        sampled, gates, _ = sample_until_accepted(compiled, observed, asked, self.progress, saved)
        design = compiled.design
        horizon = Quarter.parse(design.priors.debate.horizons.far)
        trajectories = extend(design, observed, join_chains(sampled.parameters), horizon, settings.seed)
        self.made += 1
        holds = {
            q.id: question_holds(trajectories, observed, project.observations.rows, q, settings.seed)
            for q in project.observations.questions
            if q.signal in design.signals
        }
        with suppress(AlreadyThere), whole_folder(target, replace=target.is_dir()) as folder:
            write_draws(trajectories, holds, settings.chains, folder / DRAWS)
            seal_refit(folder, gates, change, observed.rows["id"].tolist())
        return read_refit(target)


def masked(observed: "ObservedData", ids: Sequence[str]) -> "ObservedData":
    """Return the data with some rows masked."""
    gone = observed.rows["id"].isin(list(ids))
    data = dict(observed.data)
    for name in observed.likelihoods:
        slots = observed.rows.loc[gone & (observed.rows["likelihood"] == name), "slot"].to_numpy(int)
        mask = data[f"{name}_mask"].copy()
        mask[slots] = 0.0
        data[f"{name}_mask"] = mask
    return replace(observed, rows=observed.rows[~gone].reset_index(drop=True), data=data)


def mean_shift(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    """Return the difference of two independent sets' means, and its Monte Carlo standard error."""
    error = np.sqrt(before.var() / len(before) + after.var() / len(after))
    return float(after.mean() - before.mean()), float(error)
