"""Requirements of a fit beyond valid files: references with observations, and dates within the grid."""

from collections.abc import Iterator
from datetime import date

from pydantic import BaseModel

from stackcast.errors import Problem, ProblemsFound
from stackcast.files.documents import Document, Location
from stackcast.graph.selection import choose_signals, grid_of, signals_of_run
from stackcast.observations.as_of import ever_known
from stackcast.observations.schema import SignalFile
from stackcast.observations.store import DEFINITIONS, read_questions
from stackcast.priors.debate import DebateFile
from stackcast.priors.schema import MeasurementFile
from stackcast.project import Project
from stackcast.quarters import Grid, Quarter


def require_ready(project: Project, as_of: date, criterion: str | None) -> None:
    """Refuse a project that cannot be fitted.

    Parameters
    ----------
    project
        The project, its files valid.
    as_of, criterion
        Date and criterion of the fit.

    Raises
    ------
    ProblemsFound
        With every obstacle: file, line, column and the cure.
    """
    problems = list(_obstacles(project, as_of, criterion))
    if problems:
        raise ProblemsFound(problems)


def _obstacles(project: Project, as_of: date, criterion: str | None) -> Iterator[Problem]:
    rows, priors = project.observations.rows, project.priors
    if ever_known(rows).empty:
        yield _in(project, DEFINITIONS, SignalFile, ("signals",), "no figure yet; add one with `stackcast observe`")
        return
    first, far = Quarter.parse(priors.measurement.grid.start), Quarter.parse(priors.debate.horizons.far)
    grid = grid_of(rows, priors, as_of)
    start: Location = ("grid", "start")
    if Quarter.of(as_of) < first:
        message = f"{first} begins after the as-of date {as_of}: let it begin earlier, or ask for a later date"
        yield _in(project, "measurement.yaml", MeasurementFile, start, message)
    elif grid.size < 2:
        message = f"the quarters begin and end with {first}, and a path has two at least: let them begin earlier"
        yield _in(project, "measurement.yaml", MeasurementFile, start, message)
    if far <= Quarter.of(as_of):
        message = f"{far} is not after the as-of date {as_of}: declare a later quarter"
        yield _in(project, "debate.yaml", DebateFile, ("horizons", "far"), message)
    if grid.size >= 2:
        yield from _references(project, grid, criterion)
        yield from _questions(project, grid, criterion, far)


def _references(project: Project, grid: Grid, criterion: str | None) -> Iterator[Problem]:
    """Give every facet that has not exactly one reference under the criterion, with an observation in the quarters."""
    rows, signals = project.observations.rows, project.observations.signals
    chosen, used = choose_signals(signals, criterion), signals_of_run(rows, signals, grid, criterion)
    for facet in project.priors.facets:
        found = [s for s, d in chosen.items() if d.measures.facet == facet and d.role == "reference"]
        if len(found) != 1:
            names = ", ".join(found) or "none"
            message = f"facet {facet!r} needs exactly one reference at the criterion {criterion!r} (found {names})"
            yield _in(project, DEFINITIONS, SignalFile, ("signals", *found[:1]), message)
        elif found[0] not in used:
            message = f"facet {facet!r} has no figure of its reference from {grid.first} on: add one with"
            command = f"`stackcast observe {found[0]}`, or let the quarters begin earlier (measurement.yaml)"
            yield _in(project, DEFINITIONS, SignalFile, ("signals", found[0]), f"{message} {command}")


def _questions(project: Project, grid: Grid, criterion: str | None, far: Quarter) -> Iterator[Problem]:
    """Give every question about a signal of the run whose period lies outside the forecast's quarters."""
    used = signals_of_run(project.observations.rows, project.observations.signals, grid, criterion)
    folder, last = project.root / "observations", max(far, grid.last)
    for i, question in enumerate(project.observations.questions):
        for key, outside in (
            ("period_start", question.period_start < grid.first.start),
            ("period_end", question.period_end > last.end),
        ):
            if question.signal in used and outside:
                message = f"{getattr(question, key)} lies outside the forecast, {grid.first} to {last}: change the"
                message += " question, or the quarters (grid.start in measurement.yaml, horizons.far in debate.yaml)"
                yield read_questions(folder).problem(("questions", i, key), message)


def _in[Schema: BaseModel](project: Project, name: str, schema: type[Schema], place: Location, message: str) -> Problem:
    """Return a problem at a place of one of the project's documents."""
    folder = project.root / ("observations" if name == DEFINITIONS else "priors")
    return Document(folder / name, schema).problem(place, message)
