"""``stackcast priors``: the written priors, and what they imply."""

from pathlib import Path
from typing import Annotated

import typer

from stackcast.cli.options import ProjectOption

priors_app = typer.Typer(name="priors", help="The written priors.", no_args_is_help=True)


@priors_app.command("show")
def priors_show(
    draw: Annotated[
        Path | None,
        typer.Option("--draw", metavar="DIR", help="Draw every prior, and what they imply, into a folder."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    project: ProjectOption = Path(),
) -> None:
    """Print every prior with its interval and its reason; draw them and what they imply.

    [dim]Example: stackcast priors show --draw drawn-priors[/dim]
    """
    from stackcast.priors.catalogue import prior_catalogue
    from stackcast.project import Project
    from stackcast.report.console.forecast import print_priors

    loaded = Project.load(project)
    table = prior_catalogue(loaded.priors, loaded.observations.signals)
    if as_json:
        typer.echo(table.to_json(orient="records", indent=2))
    else:
        print_priors(table)
    if draw is not None:
        from stackcast.cli.progress import progress_bar
        from stackcast.report.plots.priors import draw_priors

        with progress_bar("prior predictive") as progress:
            draw_priors(loaded, table, draw, progress)
