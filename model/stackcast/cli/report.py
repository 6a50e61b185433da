"""``stackcast report`` and ``stackcast plot``: a run as one page, and its plots one by one."""

from pathlib import Path
from typing import Annotated

import typer

from stackcast.cli.options import ProjectOption, RunsOption
from stackcast.errors import InputError

RunArgument = Annotated[
    str | None, typer.Argument(help="A run's path, name or the beginning of its name; the latest by default.")
]


def report(
    run: RunArgument = None,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="The page; report.html in the run's folder by default.")
    ] = None,
    out: RunsOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Write a run as one page that opens from disk, and its charts as SVG and PNG in figures/ beside it.

    The page needs no network. It shows earlier runs, the prior scenarios, the backtest and the calibration where they
    exist in the folder of the runs, and names the command where they do not.

    [dim]Examples: stackcast report;  stackcast report 2026-05-31-neutral --to page.html[/dim]
    """
    from stackcast.cli.progress import progress_bar
    from stackcast.project import Project
    from stackcast.report.page.build import PAGE, write_page
    from stackcast.runs.folder import load_run

    runs = out or project / "runs"
    found = load_run(run, runs).require_passed()
    loaded = Project.load(project)
    target = to or found.path / PAGE
    with progress_bar("report") as progress:
        progress(0.1, "drawing")
        write_page(found, loaded, runs, target)
    typer.echo(f"written: {target}")


def plot(
    name: Annotated[str, typer.Argument(help="Which plot; 'all' lists them.")],
    run: RunArgument = None,
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="Folder for the SVG and the PNG.")] = Path(),
    out: RunsOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Draw one plot of a run as SVG and PNG.

    [dim]Examples: stackcast plot all;  stackcast plot facets --to figures;  stackcast plot signals-models[/dim]
    """
    from stackcast.files.documents import did_you_mean
    from stackcast.project import Project
    from stackcast.report.plots import draw_one, plots_of
    from stackcast.runs.folder import load_run

    found = load_run(run, out or project / "runs").require_passed()
    plots = plots_of(found, Project.load(project))
    if name == "all":
        typer.echo("\n".join(plots))
        return
    if name not in plots:
        raise InputError(f"no plot {name!r}{did_you_mean(name, list(plots))}; `stackcast plot all` lists them")
    draw_one(found, plots[name](), to, name)
    typer.echo(f"written: {to / name}.svg, {to / name}.png")
