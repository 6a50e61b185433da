"""``stackcast fit``: a run, its plots and its page."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from stackcast.cli.options import ProjectOption, RunsOption, parse_day, parse_weights
from stackcast.errors import InputError

AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="DATE",
        help="Date up to which knowledge counts, such as 2026-05-31; today by default.",
    ),
]


def fit(
    as_of: AsOf = None,
    prior_scenario: Annotated[str, typer.Option(help="neutral, open, closed, or all.")] = "neutral",
    seed: Annotated[int | None, typer.Option(help="The one seed of the run.")] = None,
    draws: Annotated[
        int | None, typer.Option(min=50, help="Kept draws of each chain; the recipe's by default.")
    ] = None,
    chains: Annotated[int | None, typer.Option(min=2, help="Chains; the recipe's by default.")] = None,
    criterion: Annotated[
        str, typer.Option(help="What counts as open for releases: any-weights or unrestricted.")
    ] = "any-weights",
    no_effects: Annotated[
        bool, typer.Option("--no-effects", help="Turn every effect of a claim on a facet off.")
    ] = False,
    weights: Annotated[
        str,
        typer.Option(
            metavar="NAME=W,...",
            help="Relative weights of facets or layers, such as models.spend=2,applications=0.",
        ),
    ] = "",
    reuse_preconditioner: Annotated[
        bool,
        typer.Option(
            "--reuse-preconditioner", help="Begin with the preconditioner of the latest passed run instead of a pilot."
        ),
    ] = False,
    out: RunsOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Fit the model, write a run, print the headline.

    [dim]Examples: stackcast fit;  stackcast fit --as-of 2026-05-31 --prior-scenario all;
    stackcast fit --reuse-preconditioner;  stackcast fit --weights models.spend=2,models.release=0[/dim]
    """
    from stackcast.cli.progress import progress_bar
    from stackcast.pipeline import Session
    from stackcast.pipeline import fit as make
    from stackcast.priors.load import PRIOR_SCENARIOS
    from stackcast.project import Project, utc_today
    from stackcast.report.console.forecast import print_convergence, print_headline
    from stackcast.report.page.build import PAGE, write_page
    from stackcast.report.plots import draw_all
    from stackcast.settings import FitSettings

    if prior_scenario not in (*PRIOR_SCENARIOS, "all"):
        allowed = ", ".join((*PRIOR_SCENARIOS, "all"))
        raise InputError(f"--prior-scenario {prior_scenario!r}: must be one of {allowed}")
    asked: dict[str, Any] = {"seed": seed, "draws": draws, "chains": chains}
    settings = FitSettings(
        parse_day(as_of, utc_today()),
        criterion=criterion,
        effects_on=not no_effects,
        weights=parse_weights(weights),
        **{name: value for name, value in asked.items() if value is not None},
    )
    loaded, runs = Project.load(project), out or project / "runs"
    session, command = Session(loaded), "stackcast " + " ".join(sys.argv[1:])
    found = []
    for name in PRIOR_SCENARIOS if prior_scenario == "all" else (prior_scenario,):
        with progress_bar(name) as progress:
            run = make(
                loaded, replace(settings, prior_scenario=name), out=runs, progress=progress, session=session,
                command=command, reuse_preconditioner=reuse_preconditioner,
            )  # fmt: skip
            progress(0.95, "drawing")
            draw_all(run, loaded)
            found.append(run)
    for run in found:
        run.require_passed()
    for run in found:
        write_page(run, loaded, runs, run.path / PAGE)
    print_headline(found[0])
    if len(found) > 1:
        print_convergence(found)
    typer.echo(f"page: {found[0].path / PAGE}")
