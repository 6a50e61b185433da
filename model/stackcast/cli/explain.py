"""``stackcast why``, ``whatif`` and ``next``: what moved the forecast, what would, and what to look at."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stackcast.cli.options import ProjectOption, RunsOption
from stackcast.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from stackcast.project import Project
    from stackcast.runs.folder import Run

RunOption = Annotated[
    str | None, typer.Option("--run", help="A run's path, name or the beginning of its name; the latest by default.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print as JSON.")]
QuantityArgument = Annotated[
    str, typer.Argument(metavar="QUANTITY", help="NAME[@DATE][>X]: a layer, stack, facet, claim, or a question's id.")
]
DEFAULT = "stack"


def why(
    quantity: QuantityArgument = DEFAULT,
    by: Annotated[str, typer.Option(help="observation, signal or publisher.")] = "signal",
    refits: Annotated[
        int,
        typer.Option(
            min=0,
            help="Refit without an item where its weights are unreliable, at most so many; 0 makes none.",
        ),
    ] = 3,
    to: Annotated[Path | None, typer.Option("--to", metavar="DIR", help="Draw both views into a folder.")] = None,
    as_json: JsonOption = False,
    run: RunOption = None,
    out: RunsOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Show what pulls a quantity: the path from the prior, and each item's influence.

    The path goes over the posteriors at the ends of earlier years (with --refits 0: over stored runs). Influences are
    found by importance weights on the draws. Where those are unreliable (k-hat above its limit), the run is fitted
    again without the item: the first few that seem to matter. Refits take half a minute each and are kept, so the next
    question is quick.

    [dim]Examples: stackcast why;  stackcast why models.release@now --by observation --refits 0;
    stackcast why O1 --by publisher --refits 3;  stackcast why "stack@2030-12-31>0.5"[/dim]
    """
    from stackcast.cli.progress import progress_bar
    from stackcast.explain.quantity import quantity_of
    from stackcast.explain.refit import Refitter
    from stackcast.explain.related import earlier_runs, newest_like
    from stackcast.explain.why import BY, items, ledger, ledger_table, past, path, refitted_steps, stored_steps
    from stackcast.report.console.explain import print_why

    if by not in BY:
        raise InputError(f"--by {by!r}: must be one of {', '.join(BY)}")
    found, loaded, runs = load(run, out, project)
    asked = quantity_of(found.draws, quantity)
    with progress_bar("why") as progress:
        refitter = Refitter(found, loaded, runs, progress) if refits else None
        steps = refitted_steps(refitter, make=True) if refitter else stored_steps(earlier_runs(found, runs), found)
        way = path(quantity, steps, found)
        other = newest_like(replace(found.settings, history=False), runs)
        stacks = past(asked, quantity, found, loaded, None if other is None else other.draws, refitter)
        rows = ledger(asked, quantity, items(found, loaded, by), refitter, refits, progress)
        table = ledger_table([*stacks, *rows])
    if to is not None:
        from stackcast.report.plots.style import save
        from stackcast.report.plots.waterfall import influences, waterfall

        save(waterfall(way, asked.label, asked.unit), to, "why-path")
        shown = table[table["influence"].notna()].head(15)
        if len(shown):
            save(influences(shown, asked.label, asked.unit), to, "why-influence")
    if as_json:
        told: dict[str, Any] = {
            "quantity": asked.label,
            "unit": asked.unit,
            "mean": float(asked.draws.mean()),
            "rows": records(table),
            "path": records(way),
        }
        typer.echo(json.dumps(told, indent=2, allow_nan=False))
    else:
        print_why(asked, table, way)


def whatif(
    news: Annotated[list[str], typer.Argument(metavar="SIGNAL=VALUE@DATE ...", help="Figures, or QUESTION=yes or no.")],
    refit: Annotated[bool, typer.Option(help="Fit again where importance weights are unreliable; else refuse.")] = True,
    as_json: JsonOption = False,
    run: RunOption = None,
    out: RunsOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Show what news that have not happened would do to the forecast. Nothing is written to observations/.

    [dim]Examples: stackcast whatif menlo-enterprise-open-source-share=0.2@2026-12-31;
    stackcast whatif arena-gap-2026-12-below-40=yes[/dim]
    """
    from stackcast.cli.progress import progress_bar
    from stackcast.explain.refit import Refitter
    from stackcast.explain.whatif import read_news, what_if
    from stackcast.report.console.explain import print_whatif

    found, loaded, runs = load(run, out, project)
    rows, answers = read_news(news, loaded, found.as_of)
    with progress_bar("whatif") as progress:
        refitter = Refitter(found, loaded, runs, progress) if refit else None
        result = what_if(found.draws, loaded, rows, answers, refitter)
    if as_json:
        typer.echo(json.dumps(result.to_json(), indent=2, allow_nan=False))
    else:
        print_whatif(result, found.name)


def next_(
    quantity: QuantityArgument = DEFAULT,
    as_json: JsonOption = False,
    run: RunOption = None,
    out: RunsOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Rank the observations that are still to come by how much each would narrow a quantity.

    [dim]Examples: stackcast next;  stackcast next models.enterprise@2027-12-31;  stackcast next O2 --json[/dim]
    """
    from stackcast.cli.progress import progress_bar
    from stackcast.explain.next import next_due, value_of
    from stackcast.explain.quantity import quantity_of
    from stackcast.report.console.explain import print_next
    from stackcast.sources import pullers

    found, loaded, _ = load(run, out, project)
    asked = quantity_of(found.draws, quantity)
    due = next_due(loaded, pullers(loaded.observations.signals), found.as_of)
    with progress_bar("next") as progress:
        table = value_of(asked, found.draws, loaded, due, found.settings.seed, progress)
    if as_json:
        told = {"quantity": asked.label, "unit": asked.unit, "sd": float(asked.draws.std()), "rows": records(table)}
        typer.echo(json.dumps(told, indent=2, allow_nan=False))
    else:
        print_next(asked, table)


def load(run: str | None, out: Path | None, project: Path) -> "tuple[Run, Project, Path]":
    """Return a run that passed, its project, and the folder of the runs."""
    from stackcast.project import Project, utc_today
    from stackcast.runs.folder import load_run

    runs = out or project / "runs"
    return load_run(run, runs).require_passed(), Project.load(project, today=utc_today()), runs


def records(table: "pd.DataFrame") -> list[dict[str, Any]]:
    """Return a table as plain records; what is not finite is null."""
    plain = table.astype(object).where(table.notna(), None).replace({float("inf"): None, float("-inf"): None})
    return [{str(k): v for k, v in row.items()} for row in plain.to_dict("records")]
