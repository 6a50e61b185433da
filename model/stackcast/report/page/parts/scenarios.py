"""The scenarios: interventions on claims and facets."""

from datetime import date

import pandas as pd

from stackcast.errors import InputError
from stackcast.forecast.openness import STACK
from stackcast.report.page import charts
from stackcast.report.page.section import Cell, Chart, Missing, Section, Source, Table
from stackcast.report.wording import capital, end_of
from stackcast.runs.contents import POSTERIOR
from stackcast.scenario.schema import declared, read_scenarios
from stackcast.scenario.simulate import compare, simulate

TITLE = "What if somebody did it"


def section(source: Source) -> Section | None:
    """Return what the project's scenarios change by the last horizon, paired with the baseline."""
    if not declared(source.project.root):
        return None
    if not (source.run.path / POSTERIOR).is_file():
        return _without("The run's posterior is not beside it. Make the run again with", "stackcast fit")
    now, end = (date.fromisoformat(source.horizons[key]) for key in ("now", "far"))
    try:
        trajectories = source.run.require_unchanged(source.project).context(source.project).trajectories
        asked = read_scenarios(None, source.project, now, end)
    except InputError as error:
        return _without(f"{error}:", "stackcast scenario")
    weights, far, debate = source.run.manifest["weights"], source.horizons["far"], source.debate
    found = compare(trajectories, [simulate(trajectories, one) for one in asked], weights, [far])
    titles = {one.name: one.title for one in asked}
    places = {STACK: capital(debate.whole)} | {
        n: layer.title for n, layer in source.project.priors.layers.layers.items()
    }
    shown = found[found["name"].isin(places)]
    shown = shown.assign(scenario=shown["scenario"].map(titles), quantity=shown["name"].map(places))
    rows: list[list[Cell]] = [
        [
            r["scenario"],
            r["quantity"],
            f"{r['baseline']:.3f}",
            f"{r['mean']:.3f}",
            f"{r['change']:+.3f} ({r['q05']:+.3f} to {r['q95']:+.3f})",
        ]
        for r in shown.to_dict("records")
    ]
    when = end_of(far)
    alt = f"Paired change of each layer's {debate.share} at {when} under each scenario: mean and 90 % interval."
    chart = charts.scenarios(shown, list(titles.values()), list(places.values()))
    columns = ("scenario", "", "baseline", "scenario's mean", "change, 90 %")
    table = Table(f"Each scenario's change by {when}", columns, rows, frozenset({2, 3, 4}), folded=True)
    finding = _finding(shown[shown["name"] == STACK], debate.whole, when)
    return Section("scenarios", TITLE, finding, (Chart("scenarios", alt, chart.to_dict()), table))


def _finding(whole: pd.DataFrame, name: str, when: str) -> str:
    most = whole.iloc[int(whole["change"].abs().argmax())]
    return (
        f"Of what somebody might do, '{most['scenario']}' would move {name} most: from {most['baseline']:.2f} to "
        f"{most['mean']:.2f} by {when}. Interventions, not observations: what is set is set from outside, and nothing "
        "is learned from it."
    )


def _without(text: str, command: str) -> Section:
    return Section("scenarios", TITLE, "No scenario for this run.", (Missing(text, command),))
