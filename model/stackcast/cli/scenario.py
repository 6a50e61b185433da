"""``stackcast scenario``, ``decide``, ``sensitivity``, ``compare``: interventions and alternative choices."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from stackcast.cli.explain import DEFAULT, JsonOption, QuantityArgument, RunOption, load, records
from stackcast.cli.options import ProjectOption, RunsOption


def scenario(
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="FILE", help="A scenario file, or one of priors/interventions/ by name; all by default."
        ),
    ] = None,
    seen: Annotated[
        bool, typer.Option("--seen", help="Show beside it what observing the same values would say.")
    ] = False,
    to: Annotated[Path | None, typer.Option("--to", metavar="DIR", help="Draw the scenarios into a folder.")] = None,
    as_json: JsonOption = False,
    run: RunOption = None,
    out: RunsOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Set claims or facets from a date on, and simulate the future under that intervention.

    An intervention is not an observation: it says what would happen if somebody did it, and nothing is learned about
    anything else. Differences are paired, draw by draw.

    [dim]Examples: stackcast scenario;  stackcast scenario essay;
    stackcast scenario mine.yaml --seen --to figures[/dim]
    """
    from datetime import date

    from stackcast.cli.progress import progress_bar
    from stackcast.report.console.scenario import draw_scenarios, print_scenarios, seen_table
    from stackcast.scenario.schema import read_scenarios
    from stackcast.scenario.simulate import compare as differences
    from stackcast.scenario.simulate import simulate

    found, loaded, _ = load(run, out, project)
    horizons = found.horizons
    now, end = (date.fromisoformat(horizons[key]) for key in ("now", "far"))
    asked = read_scenarios(source, loaded, now, end)
    with progress_bar("scenario") as progress:
        progress(0.1, "rebuilding the run's trajectories")
        trajectories = found.require_unchanged(loaded).context(loaded).trajectories
        done = [simulate(trajectories, one) for one in asked]
    weights = found.manifest["weights"]
    table = differences(trajectories, done, weights, list(horizons.values())[1:])
    beside = seen_table(found, asked, table) if seen else None
    if to is not None:
        draw_scenarios(trajectories, done, weights, to)
    if as_json:
        told = {"run": found.name, "rows": records(table), "seen": None if beside is None else records(beside)}
        typer.echo(json.dumps(told, indent=2, allow_nan=False))
    else:
        print_scenarios(asked, table, beside, found)


def decide(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A decision: payoffs of each choice by range.")],
    as_json: JsonOption = False,
    run: RunOption = None,
    out: RunsOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Weigh choices by what each would bring under the forecast, and what knowing the outcome would be worth.

    [dim]Example: stackcast decide docs/examples/foundations.yaml[/dim]
    """
    from stackcast.report.console.scenario import print_decision
    from stackcast.scenario.decide import decide as weigh
    from stackcast.scenario.decide import read_decision

    asked = read_decision(file)
    found, _, _ = load(run, out, project)
    verdict = weigh(asked, found.draws)
    if as_json:
        told: dict[str, Any] = {
            "quantity": verdict.label,
            "unit": asked.unit,
            "choices": records(verdict.choices),
            "ranges": records(verdict.ranges),
            "value_of_perfect_information": verdict.perfect,
            "lead": verdict.lead,
            "lead_error": verdict.lead_error,
        }
        typer.echo(json.dumps(told, indent=2, allow_nan=False))
    else:
        print_decision(asked, verdict)


def sensitivity(
    quantity: QuantityArgument = DEFAULT,
    refits: Annotated[
        int,
        typer.Option(min=0, help="Refit prior scenarios and effects that have no run, and without so many publishers."),
    ] = 0,
    as_json: JsonOption = False,
    run: RunOption = None,
    out: RunsOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Show how a quantity changes under other choices that no data settle.

    Varied are weights, criterion, reference class, intercept priors, prior scenarios and effects; and publishers are
    left out.

    [dim]Examples: stackcast sensitivity;  stackcast sensitivity models@2027-12-31 --refits 3[/dim]
    """
    from stackcast.cli.progress import progress_bar
    from stackcast.explain.quantity import quantity_of
    from stackcast.explain.refit import Refitter
    from stackcast.explain.sensitivity import sensitivity as vary
    from stackcast.report.console.scenario import print_sensitivity

    found, loaded, runs = load(run, out, project)
    asked = quantity_of(found.draws, quantity)
    with progress_bar("sensitivity") as progress:
        refitter = Refitter(found, loaded, runs, progress) if refits else None
        table = vary(quantity, found, loaded, runs, refitter, refits)
    if as_json:
        told = {"quantity": asked.label, "unit": asked.unit, "mean": float(asked.draws.mean()), "rows": records(table)}
        typer.echo(json.dumps(told, indent=2, allow_nan=False))
    else:
        print_sensitivity(asked, table)


def compare(
    before: Annotated[str, typer.Argument(help="The earlier run: path, name or the beginning of its name.")],
    after: Annotated[str, typer.Argument(help="The later run.")],
    quantity: Annotated[str, typer.Option(help="The quantity whose move is explained: NAME[@DATE][>X].")] = DEFAULT,
    as_json: JsonOption = False,
    out: RunsOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Put two runs side by side: data, priors, code, headline, and each new observation's share of a move.

    [dim]Example: stackcast compare 2026-05-31-neutral 2026-11-24-neutral --quantity models@2027-12-31[/dim]
    """
    from stackcast.explain.compare import compare_runs
    from stackcast.report.console.scenario import print_comparison
    from stackcast.runs.folder import load_run

    second, loaded, runs = load(after, out, project)
    first = load_run(before, runs).require_passed()
    found = compare_runs(first, second, loaded, quantity)
    if as_json:
        told: dict[str, Any] = {
            "before": first.name,
            "after": second.name,
            "inputs": records(found.inputs),
            "headline": records(found.moves),
            "new": records(found.new[["id", "signal", "published", "value"]]),
            "gone": records(found.gone[["id", "signal", "published", "value"]]),
            "quantity": {
                "name": found.quantity.label, "before": found.before, "after": found.after, "error": found.error,
            },
            "rows": records(found.shares),
        }  # fmt: skip
        typer.echo(json.dumps(told, indent=2, allow_nan=False))
    else:
        print_comparison(first.name, second.name, found)
