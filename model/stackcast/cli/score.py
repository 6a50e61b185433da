"""``stackcast score``: a run, or the track record, against what was published later."""

import json
from pathlib import Path
from typing import Annotated

import typer

from stackcast.cli.options import ProjectOption, RunsOption


def score(
    run: Annotated[
        str | None,
        typer.Argument(help="A run's path, name or the beginning of its name; the latest by default."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    against: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A CSV of observations, its columns led by signal, in place of the project's own."
        ),
    ] = None,
    record: Annotated[
        bool,
        typer.Option(
            "--record", help="Score every published probability whose question has resolved, beside others' own."
        ),
    ] = False,
    out: RunsOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Score a run against observations first published after its as-of date, beside persistence.

    [dim]Examples: stackcast fit --as-of 2025-05-31 && stackcast score 2025-05-31-neutral;
    stackcast score --against later.csv;  stackcast score --record[/dim]
    """
    if record:
        _score_record(out or project / "runs", project, as_json=as_json)
        return
    from stackcast.evaluate.against import read_against
    from stackcast.evaluate.score import score_run
    from stackcast.project import Project, utc_today
    from stackcast.report.console.forecast import print_score
    from stackcast.runs.folder import load_run

    found = load_run(run, out or project / "runs").require_passed()
    today = utc_today()
    loaded = Project.load(project, today=today)
    later = read_against(against, loaded.observations.signals, today) if against else None
    result = score_run(found, loaded, against=later)
    if as_json:
        typer.echo(json.dumps(result.to_json(), indent=2, allow_nan=False))
    else:
        print_score(found, result)


def _score_record(runs: Path, project: Path, *, as_json: bool) -> None:
    from stackcast.evaluate.outside import beside
    from stackcast.evaluate.published import published_runs
    from stackcast.evaluate.record import RESOLVED, mean_brier, score_record, to_settle
    from stackcast.project import Project, utc_today
    from stackcast.report.console.record import print_record

    today = utc_today()
    loaded = Project.load(project, today=today)
    due, record = score_record(runs, loaded, today)
    scored, mean, waiting = int((record["kind"] == RESOLVED).sum()), mean_brier(record), to_settle(loaded, today)
    outside, published = beside(record, loaded, today), published_runs(record, loaded)
    if not as_json:
        print_record(due, published, outside, waiting, scored, mean)
        return
    others, every = (json.loads(table.to_json(orient="records")) for table in (outside, published))
    said = {"new": len(due), "scored": scored, "brier": mean, "to_settle": [q.id for q in waiting]}
    typer.echo(json.dumps(said | {"runs": every, "outside": others}, indent=2))
