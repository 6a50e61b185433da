"""The verdict: one sentence, its probability and its date."""

from stackcast.forecast.age import FORECAST, QUARTER_DAYS
from stackcast.forecast.openness import STACK
from stackcast.report.headline import at
from stackcast.report.marks import is_forecast
from stackcast.report.page.section import Section, Source
from stackcast.report.page.words import interval, likelihood, listed
from stackcast.report.plots.style import percent
from stackcast.report.wording import end_of


def section(source: Source) -> Section:
    """Return the sentence that everything else explains."""
    table, horizons, debate = source.run.layers, source.horizons, source.debate
    now, end, (high, low) = horizons["now"], horizons["far"], (debate.sides.high, debate.sides.low)
    whole = table[table["name"] == STACK]
    chance = float(at(whole, end)["p_high"])
    layers = {name: at(table[table["name"] == name], end) for name in source.project.priors.layers.layers}
    moved = [name for name, row in layers.items() if not row["prior_only"]]
    prior_only = [name for name, row in layers.items() if row["prior_only"]]
    likelier = [name for name in moved if layers[name]["p_high"] > 0.5]
    sentence = (
        f"By {end_of(end)} {debate.whole} will {likelihood(chance)} be {high.title}: "
        f"P({debate.share} above one half) = {percent(chance)}; today it is {interval(at(whole, now))} {high.name}"
        f"{_stands(source)}."
    )
    split = (
        f"More likely {high.name} than {low.name} by then: {listed(likelier)}."
        if likelier
        else "No layer is likely to be."
    )
    unmoved = f" On {listed(prior_only)} the data say little: prior only." if prior_only else ""
    return Section("verdict", "The verdict", f"{sentence} {split}{unmoved}")


def _stands(source: Source) -> str:
    """Say that today's number is a forecast, where it is, and for want of which observations."""
    facets = source.run.facets.drop_duplicates("name")
    shares = facets[facets["kind"] == "share"]
    old = int((shares["stands_on"] == FORECAST).sum())
    whole = source.run.layers.set_index("name").loc[[STACK]].iloc[0]
    if not is_forecast(whole):
        return ""
    return f", itself a forecast: the last figure of {old} of {len(shares)} shares is more than {QUARTER_DAYS} days old"
