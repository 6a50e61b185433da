"""``stackcast calibrate``: simulation-based calibration of the sampler and the forecast."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from stackcast.cli.options import ProjectOption, RunsOption, SchedulerOption, WorkersOption, parse_day

MOST = 1000


def calibrate(
    replications: Annotated[int, typer.Option(min=1, max=MOST, help="Data sets to simulate and refit.")] = 200,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="Day whose observation design is simulated; today by default.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the whole calibration.")] = 1,
    draws: Annotated[
        int | None, typer.Option(min=50, help="Kept draws of each chain; the recipe's by default.")
    ] = None,
    scheduler: SchedulerOption = None,
    workers: WorkersOption = None,
    out: RunsOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Simulate data sets from the prior, refit each, and rank the true values among the draws.

    Simulation-based calibration of all that makes a forecast: reparameterisation, preconditioner, retries and gates,
    with the project's own periods, sample sizes and publication days. Fits that fail a gate are counted, and ranked
    apart. Each finished replication is kept as a file, so an interrupted calibration goes on, and a larger number adds
    to a smaller one. Checked as well: whether the real series look like those that the prior predicts, and how far the
    latest run's headline depends on the strength of priors and data (power scaling).

    [dim]Examples: stackcast calibrate;  stackcast calibrate --replications 1000 --scheduler tcp://host:8786[/dim]
    """
    from stackcast.cli.progress import progress_bar
    from stackcast.evaluate.calibration.calibrate import Calibration
    from stackcast.evaluate.cluster import connect
    from stackcast.evaluate.power_scaling import power_scaling
    from stackcast.evaluate.prior_predictive import prior_check, prior_replicates
    from stackcast.project import Project, utc_today
    from stackcast.report.console.calibration import calibration_tables, print_calibration, write_calibration
    from stackcast.runs.folder import latest_passed
    from stackcast.settings import FitSettings

    today = utc_today()
    loaded = Project.load(project, today=today)
    settings = FitSettings(parse_day(as_of, today), seed=seed)
    settings = settings if draws is None else replace(settings, draws=draws)
    runs = out or project / "runs"
    found = Calibration(loaded, settings, runs / "calibration")
    with progress_bar("calibrate") as progress, connect(scheduler, workers) as client:
        records = found.run(client, replications, progress)
    tables = calibration_tables(records)
    run = latest_passed(runs)
    worlds = prior_replicates(loaded, settings)
    checks = {"prior_predictive": prior_check(worlds)}
    if run:
        checks["power_scaling"] = power_scaling(run)
    write_calibration(found.home, tables, checks, worlds)
    print_calibration(tables, checks)
    typer.echo(f"written: {found.home}")
