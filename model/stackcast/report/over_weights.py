"""What other weights would make of a layer and of the whole: they are a judgement, and no data inform them."""

import pandas as pd

from stackcast.forecast.openness import STACK
from stackcast.report.headline import at
from stackcast.report.marks import Row
from stackcast.report.wording import chance
from stackcast.runs.folder import Run

type Ranges = dict[tuple[str, str], tuple[float, float]]
"""Least and greatest share by name (a layer, or the whole) and date."""
OVER_WEIGHTS_MEANS = "by weights: from the least to the greatest median of its facets, which other weights could give"


def over_weights(run: Run) -> Ranges:
    """Return the range of each layer and of the whole over all weights, at each horizon: from facet to facet.

    A weighted mean lies between the least and the greatest of what it is made of; facets are taken at their medians.
    """
    facets, weights = run.facets, run.manifest["weights"]
    members = {name: list(of) for name, of in weights.items() if name != STACK}
    members[STACK] = [facet for layer in weights[STACK] for facet in members[layer]]
    return {
        (name, day): _ends(facets[facets["name"].isin(of)], day)
        for name, of in members.items()
        for day in run.horizons.values()
    }


def _ends(facets: pd.DataFrame, day: str) -> tuple[float, float]:
    medians = [float(at(one, day)["q50"]) for _, one in facets.groupby("name")]
    return min(medians), max(medians)


def weighted(row: Row) -> str:
    """Return a probability with weights drawn around the declared ones, and with weights drawn from all there are."""
    return f"{chance(row['p_high_weights'])}, {chance(row['p_high_simplex'])}"
