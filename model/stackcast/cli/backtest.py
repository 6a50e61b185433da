"""``stackcast backtest``: forecasts as of earlier days, scored beside baselines that knew the same figures."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stackcast.cli.options import ProjectOption, RunsOption, SchedulerOption, WorkersOption
from stackcast.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from stackcast.evaluate.backtest import Backtest
    from stackcast.project import Project

FANS = 2
"""Origins whose fans are drawn: the oldest have most to show."""


def backtest(
    origins: Annotated[
        str, typer.Option(metavar="DATE,...", help="As-of dates; the ends of all quarters with enough data by default.")
    ] = "",
    variants: Annotated[
        str,
        typer.Option(
            metavar="NAME,...",
            help="full, without claims, or a declared one such as 'open prior scenario'; or all.",
        ),
    ] = "full",
    seed: Annotated[int, typer.Option(help="Of the bootstrap.")] = 1,
    scheduler: SchedulerOption = None,
    workers: WorkersOption = None,
    out: RunsOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Fit as of each origin, and score later observations beside baselines that knew the same data.

    Baselines: persistence, drift, mean, damped ETS, Theta, ARIMA, a local level, and the ex-post best of them.
    Takes a minute or so an origin and variant; what is fitted already is found, so an interrupted backtest goes on.
    Tables and plots are written to backtest/ in the folder of the runs; workers elsewhere must see it by the same path.

    [dim]Examples: stackcast backtest;  stackcast backtest --variants all;
    stackcast backtest --origins 2025-06-30,2025-12-31[/dim]
    """
    from stackcast.cli.progress import progress_bar
    from stackcast.evaluate.backtest import FULL, choose_origins, variants_of
    from stackcast.evaluate.backtest import backtest as run_backtest
    from stackcast.evaluate.cluster import connect
    from stackcast.evaluate.skill import evidence, shared, skill_table
    from stackcast.files.kept import kept
    from stackcast.project import Project, utc_today
    from stackcast.report.console.backtest import print_backtest, write_backtest

    today = utc_today()
    loaded = Project.load(project, today=today)
    known = variants_of(loaded.priors)
    chosen = tuple(known) if variants == "all" else tuple(name.strip() for name in variants.split(","))
    unknown = [name for name in chosen if name not in known]
    if unknown:
        raise InputError(f"--variants {unknown[0]!r}: must be among {', '.join(known)}, or all")
    days = _days(origins, today) or choose_origins(loaded, today)
    runs = out or project / "runs"
    with kept.noting(runs), progress_bar("backtest") as progress, connect(scheduler, workers) as client:
        found = run_backtest(loaded, days, chosen, runs, client=client, progress=progress)
    if found.figures.empty:
        raise InputError("nothing to score: no fit passed its gates, or nothing was published after the origins")
    first = FULL if FULL in chosen else chosen[0]
    whole = found.figures[found.figures["variant"] == first]
    same = shared(found.figures)
    parts = {first: whole}
    if len(fewer := same[same["variant"] == first]) < len(whole):
        parts[f"{first}, where all passed"] = fewer
    parts |= {name: same[same["variant"] == name] for name in chosen if name != first}
    skill = {
        name: skill_table(part, seed, loaded.priors.debate.evaluation) for name, part in parts.items() if len(part)
    }
    gained = evidence(found.figures, first) if len(chosen) > 1 and len(same) else None
    write_backtest(runs / "backtest", found, skill, gained, _fans(runs, found, loaded))
    print_backtest(found, skill, gained)
    typer.echo(f"written: {runs / 'backtest'}")


def _fans(runs: Path, found: "Backtest", project: "Project") -> "dict[str, Figure]":
    """Draw the fans of the full model's first origins beside what came, by file name."""
    from stackcast.evaluate.backtest import FULL
    from stackcast.report.plots.hindsight import hindsight
    from stackcast.runs.folder import Run

    later = found.figures[(found.figures["variant"] == FULL) & found.figures["of_facet"]]
    fans = {}
    for origin, part in list(later.groupby("origin"))[:FANS]:
        run = Run(runs / str(part["run"].iloc[0]))
        now = run.horizons["now"]
        drawn = hindsight(run.signals, run.table("fitted"), part, project.observations.signals, now)
        fans[f"fan-{origin}"] = drawn
    return fans


def _days(text: str, today: date) -> tuple[date, ...]:
    try:
        days = tuple(date.fromisoformat(part.strip()) for part in text.split(",") if part.strip())
    except ValueError:
        raise InputError(f"--origins {text!r}: must be dates such as 2025-06-30,2025-12-31") from None
    if any(day >= today for day in days):
        raise InputError(f"--origins {text!r}: must lie in the past (today is {today})")
    return days
