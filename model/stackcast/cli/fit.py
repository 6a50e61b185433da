"""``stackcast fit``: a run, its plots and its page."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from stackcast.cli.options import AsOf, ProjectOption, RunsOption, parse_day, parse_weights
from stackcast.errors import InputError

if TYPE_CHECKING:
    from stackcast.runs.folder import Run


def fit(
    as_of: AsOf = None,
    prior_scenario: Annotated[str, typer.Option(help="neutral, one of priors/scenarios/, or all.")] = "neutral",
    seed: Annotated[int | None, typer.Option(help="The one seed of the run.")] = None,
    draws: Annotated[
        int | None, typer.Option(min=50, help="Kept draws of each chain; the recipe's by default.")
    ] = None,
    chains: Annotated[int | None, typer.Option(min=2, help="Chains; the recipe's by default.")] = None,
    criterion: Annotated[
        str | None,
        typer.Option(help="By which rule signals count, where they follow several; the debate's own by default."),
    ] = None,
    no_effects: Annotated[
        bool, typer.Option("--no-effects", help="Turn every effect of a claim on a facet off.")
    ] = False,
    history: Annotated[
        Literal["on", "off"],
        typer.Option(help="Whether earlier stacks (priors/history.yaml) say what is believed before the evidence."),
    ] = "on",
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
    from stackcast.explain.prior_scenarios import opposed
    from stackcast.pipeline import Session
    from stackcast.pipeline import fit as make
    from stackcast.priors.consistency import EVERY
    from stackcast.project import Project, utc_today
    from stackcast.report.console.forecast import print_convergence, print_headline
    from stackcast.report.page.build import PAGE, write_page
    from stackcast.report.plots import draw_all
    from stackcast.settings import FitSettings

    loaded, runs = Project.load(project), out or project / "runs"
    declared = tuple(loaded.priors.prior_scenarios)
    if prior_scenario not in (*declared, EVERY):
        raise InputError(f"--prior-scenario {prior_scenario!r}: must be one of {', '.join((*declared, EVERY))}")
    recipe = FitSettings(parse_day(as_of, utc_today()))
    settings = replace(
        recipe,
        seed=recipe.seed if seed is None else seed,
        draws=recipe.draws if draws is None else draws,
        chains=recipe.chains if chains is None else chains,
        criterion=criterion,
        effects_on=not no_effects,
        history=history == "on",
        weights=parse_weights(weights),
    )
    session, command = Session(loaded), "stackcast " + " ".join(sys.argv[1:])
    found: dict[str, Run] = {}
    for name in declared if prior_scenario == EVERY else (prior_scenario,):
        with progress_bar(name) as progress:
            run = make(
                loaded, replace(settings, prior_scenario=name), out=runs, progress=progress, session=session,
                command=command, reuse_preconditioner=reuse_preconditioner,
            )  # fmt: skip
            progress(0.95, "drawing")
            draw_all(run, loaded)
            found[name] = run
    for run in found.values():
        run.require_passed()
    for run in found.values():
        write_page(run, loaded, runs, run.path / PAGE)
    first = next(iter(found.values()))
    print_headline(first)
    if (two := opposed(tuple(found))) is not None:
        print_convergence(found[two[0]], found[two[1]])
    typer.echo(f"page: {first.path / PAGE}")
