"""From a project to a run: observations, compiled graph, draws, gates, forecast, run folder."""

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stackcast.errors import InputError
from stackcast.files.atomic import AlreadyThere, require_writable
from stackcast.progress import Progress, no_progress
from stackcast.project import Project, utc_today
from stackcast.readiness import require_ready
from stackcast.runs.contents import (
    DIAGNOSTICS,
    DRAWS,
    FORMAT,
    MANIFEST,
    POSTERIOR,
    PRECONDITIONER,
    damage,
    seal,
    write_json,
)
from stackcast.runs.folder import Run, list_runs, write_tables
from stackcast.runs.manifest import description, inputs, run_name
from stackcast.runs.track_record import append_headline, complete_record, read_record
from stackcast.settings import FitSettings

if TYPE_CHECKING:
    from stackcast.graph.data import ObservedData
    from stackcast.inference.sample import Compiled

PRIOR_DRAWS = 2000


@dataclass
class Session:
    """A project and the graph compiled for it, so that several runs share one compile.

    ``project`` may be replaced by one with other rows or priors; only another design is compiled again. ``cores``
    limits the chains that run at a time; all of the machine's by default.
    """

    project: Project
    compiled: "Compiled | None" = None
    cores: int | None = None

    def observe_as_of(self, settings: FitSettings, progress: Progress) -> "tuple[Compiled, ObservedData]":
        """Return a compiled graph of the design that the as-of date asks for, and the data known at the date.

        A graph of a longer grid would hold the date too, but the draws would not be those of a session of its own.
        """
        from stackcast.inference.code_key import code_key
        from stackcast.inference.sample import compile_graph
        from stackcast.runs.context import observe

        progress(0.0, "building the graph")
        settings = settings.under(self.project.priors.debate)
        require_ready(self.project, settings.as_of, settings.criterion)
        design, observed = observe(self.project, settings)
        if self.compiled is None or code_key(self.compiled.design) != code_key(design):
            progress(0.02, "compiling (a first run takes minutes, later ones a second)")
            self.compiled = compile_graph(design, observed, self.cores)
        return self.compiled, observed


def fit(
    project: Project | str | Path = ".",
    settings: FitSettings | None = None,
    *,
    out: Path | str | None = None,
    progress: Progress = no_progress,
    session: Session | None = None,
    today: date | None = None,
    command: str = "",
    reuse_preconditioner: bool = False,
) -> Run:
    """Fit the model and write a run; an identical run that exists already, or by then, is returned instead.

    What an interrupted command left undone is made good: published headlines that the track record lacks enter it.

    Parameters
    ----------
    project
        A loaded project, or its folder.
    settings
        What is asked for: as-of date, prior scenario, seed, chains and draws, criterion, weights. By default everything
        as declared, as of today.
    out
        Folder of the runs; ``runs`` in the project by default.
    progress
        Called with the share of the work done and a word on it.
    session
        Shares one compiled graph between runs.
    today
        The clock, for the track record.
    command
        How the run was asked for, for its manifest.
    reuse_preconditioner
        Begin with the preconditioner of the folder's latest passed run, where there is one.

    Returns
    -------
    Run
        Its gates may have failed: ``run.passed`` says so, and ``run.require_passed()`` refuses.

    Raises
    ------
    InputError
        When the project is not valid, or cannot be fitted with these settings.
    WriteFailed
        When ``out`` may not be written: before anything is sampled. When the disk is full.
    """
    today = today or utc_today()
    project = project if isinstance(project, Project) else Project.load(project, today=today)
    settings = (settings or FitSettings(today)).under(project.priors.debate)
    folder = Path(out) if out is not None else project.root / "runs"
    given = inputs(project, settings)
    before = _latest_preconditioner(folder) if reuse_preconditioner else None
    if before is not None:
        given = given | {"preconditioner": before.name}
    target = folder / run_name(settings, given)
    if settings.as_of == today:
        read_record(folder)  # a damaged record is refused before the minutes of a fit
    if not os.path.lexists(target) or damage(target):
        require_writable(folder)
        if os.path.lexists(target) and not target.is_dir():
            raise InputError(f"{target}: is no folder, and has the name of a run; move it away")
        if target.is_dir() and not (target / MANIFEST).is_file():
            raise InputError(f"{target}: is there without a {MANIFEST}, so it is no run; move it away")
        session = session or Session(project)
        session.project = project
        with suppress(AlreadyThere):
            _make(session, settings, target, given, progress, command, before)
        progress(1.0, "done")
    run = Run(target)
    if run.passed and run.declared and settings.as_of == today:
        append_headline(folder, run, today)
    complete_record(folder)
    return run


def _latest_preconditioner(folder: Path) -> Run | None:
    """Return the latest passed run that kept its preconditioner, or None."""
    kept = (run for run in list_runs(folder) if (run.path / PRECONDITIONER).is_file() and run.passed)
    return max(kept, key=lambda run: (run.manifest["finished"], run.name), default=None)


def _make(
    session: Session,
    settings: FitSettings,
    target: Path,
    given: Mapping[str, Any],
    progress: Progress,
    command: str,
    before: Run | None,
) -> None:
    from stackcast.files.atomic import whole_folder
    from stackcast.forecast.future import extend
    from stackcast.forecast.prior import prior_draws
    from stackcast.forecast.tables import TableInputs, all_tables
    from stackcast.graph.evaluate import join_chains, log_likelihood, log_prior
    from stackcast.inference.gates import coverage_gate
    from stackcast.inference.retries import sample_until_accepted
    from stackcast.inference.sample import SamplerSettings
    from stackcast.inference.saved_preconditioner import SavedPreconditioner
    from stackcast.posterior.tree import write_tree
    from stackcast.quarters import Quarter
    from stackcast.runs.draws import write_draws
    from stackcast.runs.posterior import posterior_tree

    started, clock = datetime.now(UTC), time.monotonic()
    saved = SavedPreconditioner.load(before.file(PRECONDITIONER)) if before is not None else None
    compiled, observed = session.observe_as_of(settings, progress)
    compiled_at = time.monotonic()
    asked = SamplerSettings(settings.chains, settings.draws, seed=settings.seed)
    sampled, gates, attempts = sample_until_accepted(compiled, observed, asked, progress, saved)
    sampled_at = time.monotonic()
    progress(0.86, "forecasting")
    design, draws = compiled.design, join_chains(sampled.parameters)
    horizon = Quarter.parse(design.priors.debate.horizons.far)
    future = extend(design, observed, draws, horizon, settings.seed)
    before_data = prior_draws(design, observed, PRIOR_DRAWS, settings.seed)
    prior = extend(design, observed, before_data, horizon, settings.seed)
    pointwise = log_likelihood(design, observed, draws)
    forecast = TableInputs(settings, session.project.observations, observed, future, prior, pointwise)
    tables = all_tables(forecast)
    gates = [*gates, coverage_gate(*(tables["fitted"][c].to_numpy() for c in ("loo_pit", "side")))]
    progress(0.92, "writing")
    densities = log_prior(design, observed, draws)
    tree = posterior_tree(design, forecast, sampled.parameters, sampled.stats, before_data, densities)
    with whole_folder(target, replace=os.path.lexists(target) and bool(damage(target))) as folder:
        write_tables(folder, tables)
        write_tree(tree, folder / POSTERIOR, {"inputs": given})
        write_draws(future, forecast.answers, settings.chains, folder / DRAWS)
        sampled.preconditioner.save(folder / PRECONDITIONER)
        write_json(folder / DIAGNOSTICS, {"gates": [g.to_json() for g in gates], "attempts": attempts})
        manifest = {
            "format": FORMAT,
            "name": target.name,
            "as_of": settings.as_of.isoformat(),
            "prior_scenario": settings.prior_scenario,
            "seed": settings.seed,
            **description(design.priors, settings.as_of),
            "weights": forecast.weights,
            "inputs": given,
            "command": command,
            "started": started.isoformat(),
            "finished": datetime.now(UTC).isoformat(),
            "seconds": {
                "compile": compiled_at - clock,
                "sample": sampled_at - compiled_at,
                "rest": time.monotonic() - sampled_at,
            },
        }
        seal(folder, manifest)
