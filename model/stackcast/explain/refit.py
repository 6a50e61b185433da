"""Exact answers where weights cannot be trusted: the run again with rows masked or added, each kept for later.

They begin with the run's own metric, where it kept one.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from stackcast.errors import GateRefused
from stackcast.explain.quantity import KeptDraws
from stackcast.files.atomic import whole_folder
from stackcast.likelihoods import FAMILIES
from stackcast.project import Project
from stackcast.runs.draws import write_draws
from stackcast.runs.folder import DRAWS, METRIC, Run, write_json
from stackcast.runs.manifest import Order, inputs

if TYPE_CHECKING:
    from stackcast.graph.data import Known
    from stackcast.pipeline import Session

FOLDER = "refits"
Say = Callable[[float, str], None]


@dataclass
class Refitter:
    """Refits of one run; the graph is compiled at the first that is not kept already.

    Attributes
    ----------
    run
        The run.
    project
        Its project, unchanged since.
    folder
        Folder of the runs; refits are kept in a folder of their own in it.
    say
        Called with the share of a refit done and a word on it.
    """

    run: Run
    project: Project
    folder: Path
    say: Say = lambda share, word: None
    made: int = field(default=0, init=False)

    @cached_property
    def session(self) -> "Session":
        """The session that shares one compile."""
        from stackcast.pipeline import Session

        return Session(self.project)

    @property
    def order(self) -> Order:
        """What the run was asked for."""
        return Order.from_json(self.run.manifest["inputs"]["order"])

    def without(self, ids: Sequence[str]) -> KeptDraws:
        """Return the run's draws had these rows never counted: each is masked, and nothing takes its place."""
        from stackcast.graph.data import Known

        def change(known: Known) -> Known:
            return masked(known, ids)

        return self._kept({"without": sorted(ids)}, self.project, self.order, change)

    def under(self, *, camp: str | None = None, effects_on: bool | None = None) -> KeptDraws:
        """Return the run's draws under another camp, or with the claims' effects switched, on the same graph."""
        from stackcast.graph.data import Known, know

        asked = replace(
            self.order,
            camp=self.order.camp if camp is None else camp,
            effects_on=self.order.effects_on if effects_on is None else effects_on,
        )

        def change(known: Known) -> Known:
            assert self.session.compiled is not None
            rows = self.project.observations.rows
            return know(self.session.compiled.design, rows, asked.as_of, asked.camp, effects_on=asked.effects_on)

        return self._kept({"camp": asked.camp, "effects_on": asked.effects_on}, self.project, self.order, change)

    def as_of(self, day: date, *, make: bool = True) -> tuple[KeptDraws, frozenset[str]] | None:
        """Return the draws had the run been made at an earlier date, on its own graph, and the ids known then.

        None where that refit is not kept and none shall be made.
        """
        from stackcast.graph.data import Known, know

        rows = self.project.observations.rows

        def change(known: Known) -> Known:
            assert self.session.compiled is not None
            design = self.session.compiled.design
            return know(design, rows, day, known.camp, effects_on=known.effects_on)

        told = {"as_of": day.isoformat()}
        target = self._target(told, self.project, self.order)
        if not make and not target.is_dir():
            return None
        draws = self._kept(told, self.project, self.order, change)
        ids = json.loads((target / "change.json").read_text(encoding="utf-8"))["ids"]
        return draws, frozenset(ids)

    def with_rows(self, rows: pd.DataFrame, day: date) -> KeptDraws:
        """Return the run's draws had these rows been published by a day, not before its as-of date."""
        observations = self.project.observations
        more = replace(observations, rows=pd.concat([observations.rows, rows], ignore_index=True))
        order = replace(self.order, as_of=max(day, self.order.as_of))
        said = [[str(cell) for cell in row] for row in rows.to_numpy().tolist()]
        return self._kept({"with": said}, replace(self.project, observations=more), order, lambda known: known)

    def _target(self, change: dict[str, Any], project: Project, order: Order) -> Path:
        given = inputs(project, order) | {"run": self.run.name, "change": change}
        name = hashlib.sha256(json.dumps(given, sort_keys=True, default=str).encode()).hexdigest()[:16]
        return self.folder / FOLDER / name

    def _kept(
        self, change: dict[str, Any], project: Project, order: Order, edit: "Callable[[Known], Known]"
    ) -> KeptDraws:
        target = self._target(change, project, order)
        if not target.is_dir():
            self._make(target, project, order, edit, change)
        gates = json.loads((target / "gates.json").read_text(encoding="utf-8"))
        failed = [gate["name"] for gate in gates if not gate["passed"]]
        if failed:
            raise GateRefused(f"the refit failed its gates ({', '.join(failed)}): no answer")
        with xr.open_dataset(target / DRAWS, engine="h5netcdf") as draws:
            return KeptDraws(self.run, self.project.priors, draws.load())

    def _make(
        self, target: Path, project: Project, order: Order, edit: "Callable[[Known], Known]", change: dict[str, Any]
    ) -> None:
        from stackcast.forecast.future import extend
        from stackcast.forecast.questions import question_holds
        from stackcast.inference.saved_preconditioner import KeptMetric
        from stackcast.pipeline import climb
        from stackcast.posterior.tree import flat
        from stackcast.quarters import Quarter

        self.session.project = project
        compiled, known = self.session.know(order, self.say)
        known = edit(known)
        kept = KeptMetric.load(self.run.path / METRIC)
        sampled, gates, _ = climb(compiled, known, order, self.say, kept)
        design = compiled.design
        horizon = Quarter.parse(design.priors.measurement.horizon)
        world = extend(design, known, flat(sampled.parameters), horizon, order.seed)
        self.made += 1
        holds = {
            q.id: question_holds(world, known, project.observations.rows, q, order.seed)
            for q in project.observations.questions
            if q.signal in design.signals
        }
        with whole_folder(target) as folder:
            write_draws(world, holds, folder / DRAWS)
            write_json(folder / "gates.json", [gate.to_json() for gate in gates])
            write_json(folder / "change.json", change | {"ids": known.rows["id"].tolist()})


def masked(known: "Known", ids: Sequence[str]) -> "Known":
    """Return what is known with some rows' slots emptied."""
    gone = known.rows["id"].isin(list(ids))
    data = dict(known.data)
    for name in FAMILIES:
        slots = known.rows.loc[gone & (known.rows["likelihood"] == name), "slot"].to_numpy(int)
        mask = data[f"{name}_mask"].copy()
        mask[slots] = 0.0
        data[f"{name}_mask"] = mask
    return replace(known, rows=known.rows[~gone].reset_index(drop=True), data=data)


def mean_shift(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    """Return the difference of two independent sets' means, and its Monte Carlo standard error."""
    error = np.sqrt(before.var() / len(before) + after.var() / len(after))
    return float(after.mean() - before.mean()), float(error)
