"""The verdict: one sentence, its probability and its date."""

from stackcast.forecast.age import FORECAST, QUARTER_DAYS
from stackcast.forecast.openness import STACK
from stackcast.report.headline import at
from stackcast.report.marks import is_forecast
from stackcast.report.page.section import Section, Source
from stackcast.report.page.words import interval, likelihood, listed
from stackcast.report.plots.style import percent


def section(source: Source) -> Section:
    """Return the sentence that everything else explains."""
    table, horizons = source.run.table("layers"), source.horizons
    now, end = horizons["now"], horizons["2030"]
    stack = table[table["name"] == STACK]
    chance = float(at(stack, end)["p_open"])
    layers = {name: at(table[table["name"] == name], end) for name in source.project.priors.layers.layers}
    moved = [name for name, row in layers.items() if not row["prior_only"]]
    prior_only = [name for name, row in layers.items() if row["prior_only"]]
    open_ones = [name for name in moved if layers[name]["p_open"] > 0.5]
    sentence = (
        f"By the end of {end[:4]} the AI stack will {likelihood(chance)} be open by default: "
        f"P(openness above one half) = {percent(chance)}; today it is {interval(at(stack, now))} open{_stands(source)}."
    )
    split = f"More likely open than closed by then: {listed(open_ones)}." if open_ones else "No layer is likely to be."
    silent = f" On {listed(prior_only)} the figures say little: prior only." if prior_only else ""
    return Section("verdict", "The verdict", f"{sentence} {split}{silent}")


def _stands(source: Source) -> str:
    """Say that today's number is a forecast, where it is, and for want of which figures."""
    facets = source.run.table("facets").drop_duplicates("name")
    shares = facets[facets["kind"] == "share"]
    old = int((shares["stands_on"] == FORECAST).sum())
    stack = source.run.table("layers").set_index("name").loc[[STACK]].iloc[0]
    if not is_forecast(stack):
        return ""
    return f", itself a forecast: the last figure of {old} of {len(shares)} shares is more than {QUARTER_DAYS} days old"
