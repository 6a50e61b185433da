"""``stackcast update``: the weekly command, from the sources to five lines."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stackcast.cli.explain import JsonOption
from stackcast.cli.options import ProjectOption, RunsOption, parse_day
from stackcast.errors import InputError

if TYPE_CHECKING:
    from stackcast.project import Project
    from stackcast.runs.folder import Run
    from stackcast.sources.payloads import Origin
    from stackcast.update.outcome import Outcome
    from stackcast.update.week import Week


def update(
    yes: Annotated[bool, typer.Option("--yes", help="Write, fit and publish without asking.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be done; write nothing, fit nothing.")
    ] = False,
    offline: Annotated[
        Path | None, typer.Option("--offline", metavar="FOLDER", help="Read recorded sources, not the network.")
    ] = None,
    record: Annotated[
        Path | None, typer.Option("--record", metavar="FOLDER", help="Keep what is fetched, for --offline.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="The day that counts as today, for a rehearsal.")
    ] = None,
    no_fit: Annotated[bool, typer.Option("--no-fit", help="Write what is new, and leave the fit for later.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Pull every source, due or not.")] = False,
    as_json: JsonOption = False,
    out: RunsOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Pull every source that is due, fit, compare, score and publish; end with five lines.

    A source is due when the usual spacing of a signal has passed since its latest period. One that cannot be reached or
    read is named, and the others go on. All rows are written as one change, after one question. A run that fails a gate
    is never published; the rows stay.

    Exit status: 0 nothing needs a person; 1 a gate refused the run, or a file could not be written; 2 bad input,
    nothing was written; 3 somebody is needed: a source failed, a question is to be settled by hand, names newly lack a
    label, or signals newly contradict each other. docs/update.md has the folder of recorded sources.

    [dim]Examples: stackcast update;  stackcast update --yes --record recorded;  stackcast update --dry-run --all;
    stackcast update --offline recorded --as-of 2026-10-31 --project copy[/dim]
    """
    from stackcast.cli.progress import progress_bar
    from stackcast.observations.labels import load_labels
    from stackcast.project import utc_today
    from stackcast.report.console.update import outcome_json, print_gathered, print_outcome
    from stackcast.sources import SOURCES, Context
    from stackcast.update.due import due_sources
    from stackcast.update.gather import gather
    from stackcast.update.week import begin, load_known, preview

    origin = _origin(offline, record)
    clock = utc_today()
    today = parse_day(as_of, clock)
    loaded = load_known(project, today, clock)
    context = Context(load_labels(loaded.root / "observations"), loaded.observations.signals, today)
    sources = due_sources(SOURCES.values(), loaded.observations, today, everything=everything)
    with progress_bar("update") as progress:
        gathered = gather(sources, origin, loaded, context, progress, record)
    week = begin(loaded, out or project / "runs", SOURCES.values(), gathered, today, clock, may_fit=not no_fit)
    if not as_json:
        print_gathered(gathered)
    if dry_run or week.plan.idle or not _agreed(week, yes=yes):
        _say_plan(week, as_json=as_json, conditional=dry_run)
        outcome = preview(week)
    else:
        outcome = _carry_out(week, as_json=as_json)
    if as_json:
        typer.echo(json.dumps(outcome_json(outcome), indent=2, allow_nan=False))
    else:
        print_outcome(outcome)
    raise typer.Exit(outcome.exit_status)


def _origin(offline: Path | None, record: Path | None) -> "Origin":
    from stackcast.sources.payloads import Network, Recorded

    if offline is None:
        return Network()
    if record is not None:
        raise InputError("--record: only what is fetched is kept; without --offline")
    if not offline.is_dir():
        raise InputError(f"--offline {offline}: no such folder")
    return Recorded(offline)


def _agreed(week: "Week", *, yes: bool) -> bool:
    """Ask once for everything that is to be done."""
    from stackcast.report.console.update import steps

    if yes:
        return True
    if not sys.stdin.isatty():
        raise InputError("nothing was written: there is no terminal to ask on; add --yes, or --dry-run to look only")
    return typer.confirm(f"{steps(week)}?".capitalize(), err=True)


def _say_plan(week: "Week", *, as_json: bool, conditional: bool) -> None:
    from stackcast.report.console.update import steps

    if not as_json:
        word = "" if week.plan.idle else "would " if conditional else "nothing was written; it would "
        typer.echo(f"{word}{steps(week)}")


def _carry_out(week: "Week", *, as_json: bool) -> "Outcome":
    from stackcast import pipeline
    from stackcast.cli.progress import progress_bar
    from stackcast.report.page import build
    from stackcast.report.plots import draw_all
    from stackcast.update.week import finish, write

    def publish(run: "Run", project: "Project") -> None:
        draw_all(run, project)
        build.write_page(run, project, week.runs, run.path / build.PAGE)
        typer.echo(f"page: {run.path / build.PAGE}", err=as_json)

    after = write(week)
    if week.plan.fresh:
        typer.echo(f"written: {len(week.plan.fresh)} rows", err=as_json)
    with progress_bar("fit") as progress:
        return finish(week, after, pipeline.fit, publish, progress, "stackcast " + " ".join(sys.argv[1:]))
