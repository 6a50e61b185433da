"""``stackcast check``: whether a project is valid, and what in it needs a look."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from stackcast.cli.options import AsOf, ProjectOption, RunsOption, parse_day
from stackcast.errors import StackcastError

if TYPE_CHECKING:
    from stackcast.explain.contradictions import Contradiction
    from stackcast.project import Project


def check(as_of: AsOf = None, out: RunsOption = None, project: ProjectOption = Path()) -> None:
    """Validate everything under observations/ and priors/, and that a fit has all that it needs.

    What is stale, from whom, and what lacks a label is listed, and signals that contradict each other by the latest
    run's house effects. The exit status is 2 on errors only.

    [dim]Examples: stackcast check;  stackcast check --as-of 2026-05-31[/dim]
    """
    from stackcast.observations.debt import label_debt, load_unlabelled
    from stackcast.observations.labels import load_labels
    from stackcast.observations.staleness import stale_signals
    from stackcast.project import Project, utc_today
    from stackcast.readiness import require_ready
    from stackcast.report.console.inventory import print_inventory, print_notices
    from stackcast.report.console.label_debt import print_label_debt
    from stackcast.runs.manifest import horizons
    from stackcast.scenario.schema import declared, read_scenarios
    from stackcast.sources import pullers

    today = utc_today()
    loaded = Project.load(project, today=today)
    day = parse_day(as_of, today)
    require_ready(loaded, day, loaded.priors.debate.criterion)
    if declared(loaded.root):
        named = horizons(loaded.priors, day)
        read_scenarios(None, loaded, date.fromisoformat(named["now"]), date.fromisoformat(named["far"]))
    print_inventory(loaded)
    print_notices(
        stale_signals(loaded.observations, today, pullers(loaded.observations.signals)),
        *_compared(loaded, out or project / "runs"),
    )
    folder = loaded.root / "observations"
    print_label_debt(label_debt(load_unlabelled(folder, today=today), load_labels(folder)))


def _compared(loaded: "Project", runs: Path) -> "tuple[list[Contradiction] | None, str]":
    """Return contradictions by the latest run, or why none is asked: what is checked does not hang on runs."""
    from stackcast.explain.contradictions import contradictions
    from stackcast.runs.folder import latest_passed

    try:
        run = latest_passed(runs)
        return (
            (contradictions(run, loaded.observations), "") if run else (None, "no run yet; `stackcast fit` makes one")
        )
    except StackcastError as error:
        return None, str(error)
