"""The verbs of ``stackcast``, and how errors become one line and an exit status."""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stackcast.cli.backtest import backtest
from stackcast.cli.calibrate import calibrate
from stackcast.cli.explain import next_, whatif, why
from stackcast.cli.label import label
from stackcast.cli.observe import observe
from stackcast.cli.options import ProjectOption, RunsOption, parse_day, parse_weights
from stackcast.cli.pull import pull
from stackcast.cli.report import plot, report
from stackcast.cli.scenario import compare, decide, scenario, sensitivity
from stackcast.cli.score import score
from stackcast.cli.signal import migrate, signal_app
from stackcast.cli.update import update
from stackcast.errors import InputError, StackcastError

if TYPE_CHECKING:
    from stackcast.runs.folder import Run

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")  # chains are the parallelism; threads inside one only contend

INTERRUPTED = 130

app = typer.Typer(
    name="stackcast",
    help="Will the AI stack be open or closed? A forecast that can be checked.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
priors_app = typer.Typer(help="The written priors.", no_args_is_help=True)
app.add_typer(priors_app, name="priors")
app.add_typer(signal_app, name="signal")
for _verb in (
    score,
    observe,
    pull,
    label,
    update,
    migrate,
    backtest,
    calibrate,
    report,
    plot,
    why,
    whatif,
    scenario,
    decide,
    sensitivity,
    compare,
):
    app.command()(_verb)
app.command("next")(next_)

AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="DATE",
        help="Date up to which knowledge counts, such as 2026-05-31; today by default.",
    ),
]


@app.command()
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
    asked: dict[str, Any] = {"seed": seed, "draws": draws, "chains": chains}
    settings = FitSettings(
        parse_day(as_of, utc_today()),
        criterion=criterion,
        effects_on=not no_effects,
        weights=parse_weights(weights),
        **{name: value for name, value in asked.items() if value is not None},
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


@app.command()
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


@app.command()
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
    found = list_runs(folder) if folder.is_dir() else []
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


@app.command()
def check(as_of: AsOf = None, out: RunsOption = None, project: ProjectOption = Path()) -> None:
    """Validate everything under observations/ and priors/, and that a fit has all that it needs.

    What is stale, from whom, and what lacks a label is listed, and signals that contradict each other by the latest
    run's house effects. The exit status is 2 on errors only.

    [dim]Examples: stackcast check;  stackcast check --as-of 2026-05-31[/dim]
    """
    from stackcast.explain.contradictions import contradictions
    from stackcast.observations.debt import label_debt, load_unlabelled
    from stackcast.observations.labels import load_labels
    from stackcast.observations.staleness import stale_signals
    from stackcast.project import Project, utc_today
    from stackcast.readiness import require_ready
    from stackcast.report.console.inventory import print_inventory, print_notices
    from stackcast.report.console.label_debt import print_label_debt
    from stackcast.runs.folder import latest_passed
    from stackcast.sources import pullers

    today = utc_today()
    loaded = Project.load(project, today=today)
    require_ready(loaded, parse_day(as_of, today), loaded.priors.debate.criterion)
    run = latest_passed(out or project / "runs")
    print_inventory(loaded)
    print_notices(
        stale_signals(loaded.observations, today, pullers(loaded.observations.signals)),
        contradictions(run, loaded.observations) if run else None,
    )
    folder = loaded.root / "observations"
    print_label_debt(label_debt(load_unlabelled(folder, today=today), load_labels(folder)))


@priors_app.command("show")
def priors_show(
    draw: Annotated[
        Path | None,
        typer.Option("--draw", metavar="DIR", help="Draw every prior, and what they imply, into a folder."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    project: ProjectOption = Path(),
) -> None:
    """Print every prior with its interval and its reason; draw them and the worlds they imply.

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


def run(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit status: 0, 1 (a gate refused, an interrupt), 2 (bad input), or a verb's."""
    try:
        app(arguments)
    except StackcastError as error:
        typer.echo(str(error), err=True)
        return error.exit_status
    except BrokenPipeError:
        sys.stderr.close()
    except SystemExit as done:
        if done.code == INTERRUPTED:
            typer.echo("interrupted; nothing was kept", err=True)
            return 1
        return int(done.code or 0)
    return 0
