"""What would follow if somebody did what the essay's arguments speak of."""

from datetime import date

from stackcast.errors import InputError
from stackcast.report.page import charts
from stackcast.report.page.section import Cell, Chart, Missing, Section, Source, Table
from stackcast.runs.folder import POSTERIOR
from stackcast.scenario.schema import read_scenarios
from stackcast.scenario.simulate import compare, simulate

SHIPPED = "essay"
TITLE = "What if somebody did it"


def section(source: Source) -> Section:
    """Return what the shipped scenarios change by the last horizon, paired with the baseline."""
    if not (source.run.path / POSTERIOR).is_file():
        return _without("The run's posterior is not beside it. Make the run again with")
    try:
        trajectories = source.run.require_unchanged(source.project).context(source.project).trajectories
    except InputError as error:
        return _without(f"{error}:")
    now, end = (date.fromisoformat(source.horizons[key]) for key in ("now", "2030"))
    asked = read_scenarios(SHIPPED, source.project.priors, now, end)
    weights = source.run.manifest["weights"]
    found = compare(trajectories, [simulate(trajectories, one) for one in asked], weights, [source.horizons["2030"]])
    titles = {one.name: one.title for one in asked}
    places = {"stack": "Stack"} | {n: layer.title for n, layer in source.project.priors.layers.layers.items()}
    told = found[found["name"].isin(places)]
    told = told.assign(scenario=told["scenario"].map(titles), quantity=told["name"].map(places))
    stack = told[told["name"] == "stack"]
    most = stack.iloc[int(stack["change"].abs().argmax())]
    finding = (
        f"Of the essay's arguments carried out, '{most['scenario']}' would move the stack most: from "
        f"{most['baseline']:.2f} to {most['mean']:.2f} by the end of 2030. Interventions, not observations: what is "
        "set is set from outside, and nothing is learned from it."
    )
    rows: list[list[Cell]] = [
        [
            r["scenario"],
            r["quantity"],
            f"{r['baseline']:.3f}",
            f"{r['mean']:.3f}",
            f"{r['change']:+.3f} ({r['q05']:+.3f} to {r['q95']:+.3f})",
        ]
        for r in told.to_dict("records")
    ]
    alt = "Paired change of each layer's openness at the end of 2030 under each scenario: mean and 90 % interval."
    chart = charts.scenarios(told, list(titles.values()), list(places.values()))
    columns = ("scenario", "", "baseline", "scenario's mean", "change, 90 %")
    return Section(
        "scenarios",
        TITLE,
        finding,
        (
            Chart("scenarios", alt, chart.to_dict()),
            Table("Each scenario's change by the end of 2030", columns, rows, frozenset({2, 3, 4}), folded=True),
        ),
    )


def _without(text: str) -> Section:
    return Section("scenarios", TITLE, "No scenario for this run.", (Missing(text, "stackcast fit"),))
