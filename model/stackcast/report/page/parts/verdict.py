"""The verdict: one sentence, its probability and its date."""

import pandas as pd

from stackcast.forecast.age import FORECAST
from stackcast.forecast.openness import STACK
from stackcast.report.headline import at
from stackcast.report.marks import is_forecast
from stackcast.report.over_weights import over_weights
from stackcast.report.page.section import Section, Source
from stackcast.report.page.words import interval, likelihood, listed
from stackcast.report.wording import end_of, percent


def section(source: Source) -> Section:
    """Return the sentence that everything else explains."""
    table, horizons, debate = source.run.layers, source.horizons, source.debate
    now, end, (high, low) = horizons["now"], horizons["far"], (debate.sides.high, debate.sides.low)
    whole = table[table["name"] == STACK]
    chance = float(at(whole, end)["p_high"])
    least, most = over_weights(source.run)[STACK, now]
    layers = {name: at(table[table["name"] == name], end) for name in source.project.priors.layers.layers}
    moved = [name for name, row in layers.items() if not row["prior_only"]]
    prior_only = [name for name, row in layers.items() if row["prior_only"]]
    likelier = [name for name in moved if layers[name]["p_high"] > 0.5]
    sentence = (
        f"By {end_of(end)} {debate.whole} will {likelihood(chance)} be {high.title}: "
        f"P({debate.share} above one half) = {percent(chance)} at the declared weights{_other_weights(source, whole)}; "
        f"today it is {interval(at(whole, now))} {high.name}, and its facets run from {percent(least)} to "
        f"{percent(most)}{_stands(source)}."
    )
    split = (
        f"More likely {high.name} than {low.name} by then: {listed(likelier)}."
        if likelier
        else "No layer is likely to be."
    )
    unmoved = f" On {listed(prior_only)} the data say little: prior only." if prior_only else ""
    return Section("verdict", "The verdict", f"{sentence} {split}{unmoved}")


def _other_weights(source: Source, whole: pd.DataFrame) -> str:
    """Say what other weights make of the probability: drawn around the declared ones, and from all there are."""
    row = at(whole, source.horizons["far"])
    return f" ({percent(row['p_high_weights'])} with others like them, {percent(row['p_high_simplex'])} with any)"


def _stands(source: Source) -> str:
    """Say that today's number is a forecast, where it is, and for want of which observations."""
    facets = source.run.facets.drop_duplicates("name")
    shares = facets[facets["kind"] == "share"]
    old = int((shares["stands_on"] == FORECAST).sum())
    whole = source.run.layers.set_index("name").loc[[STACK]].iloc[0]
    if not is_forecast(whole):
        return ""
    return f", itself a forecast: the last figure of {old} of {len(shares)} shares is from before this quarter"
