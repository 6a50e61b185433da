"""``stackcast show`` and ``stackcast runs``: what a run says, and which runs there are."""

import json
from pathlib import Path
from typing import Annotated

import typer

from stackcast.cli.options import ProjectOption, RunsOption


def show(
    run: Annotated[
        str | None,
        typer.Argument(help="A run's path, name or the beginning of its name; the latest by default."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the headline as JSON.")] = False,
    out: RunsOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Show a run's headline: facets, layers, claims, contrasts, questions.

    [dim]Examples: stackcast show;  stackcast show 2026-05-31-neutral --json[/dim]
    """
    from stackcast.report.console.forecast import print_headline
    from stackcast.report.headline import headline
    from stackcast.runs.folder import load_run

    found = load_run(run, out or project / "runs").require_passed()
    if as_json:
        typer.echo(json.dumps(headline(found), indent=2, allow_nan=False))
    else:
        print_headline(found)


def runs(
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    out: RunsOption = None,
    project: ProjectOption = Path(),
) -> None:
    """List the runs, the oldest first.

    [dim]Example: stackcast runs[/dim]
    """
    from stackcast.report.console.forecast import print_runs
    from stackcast.runs.folder import list_runs

    folder = out or project / "runs"
    found = list_runs(folder, None)
    if as_json:
        typer.echo(
            json.dumps(
                [
                    {
                        "name": r.name,
                        "path": str(r.path),
                        "passed": r.passed,
                        **{k: r.manifest[k] for k in ("as_of", "prior_scenario", "seed", "finished")},
                    }
                    for r in found
                ],
                indent=2,
            )
        )
    else:
        print_runs(found)
