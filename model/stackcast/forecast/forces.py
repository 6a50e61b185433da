"""The forces of history in each facet's category: how strong each was when the debate began, and is now."""

import numpy as np
import pandas as pd

from stackcast.forecast.future import Trajectories
from stackcast.graph.paths import effect_sizes
from stackcast.likelihoods.base import NUMPY

FORCES = (
    "facet", "category", "outside", "claim", "rating", "p_stronger_now", "prior_p_stronger_now", "moves_then",
    "moves_now",
)  # fmt: skip
"""Columns of the table, which has no row where priors have no history."""


def force_table(posterior: Trajectories, prior: Trajectories) -> pd.DataFrame:
    """One row a force in a facet that has a category.

    ``rating`` is the force's strength when the debate began, in sds between earlier stacks, zero being that of a
    typical one; ``p_stronger_now`` the probability that the force stands above zero at the as-of date, rating and what
    has changed since together. ``moves_then`` and ``moves_now`` say how far the force moves the facet's resting point
    (logit, posterior means).
    """
    design = posterior.design
    history = design.priors.history
    if history is None or not design.transferred:
        return pd.DataFrame(columns=list(FORCES))
    now, before = strengths_now(posterior), strengths_now(prior)
    size = effect_sizes(NUMPY, design, posterior.params) * posterior.params["effect_multiplier"]  # lambda, (draw, edge)
    rows = []
    for i, edge in enumerate(design.edges):
        category = design.priors.facets[edge.facet].category
        if edge.force is None or category is None:
            continue
        rows.append(
            {
                "facet": edge.facet,
                "category": category,
                "outside": history.categories[category].outside,
                "claim": edge.force.name,
                "rating": edge.force.rating,
                "p_stronger_now": float((now[:, i] > 0).mean()),
                "prior_p_stronger_now": float((before[:, i] > 0).mean()),
                "moves_then": float(edge.sign * (size[:, i] * edge.force.rating).mean()),
                "moves_now": float(edge.sign * (size[:, i] * now[:, i]).mean()),
            }
        )
    return pd.DataFrame(rows, columns=list(FORCES)).sort_values(["facet", "claim"], ignore_index=True)


def strengths_now(trajectories: Trajectories) -> np.ndarray:
    """Return the strength of each edge's force at the as-of date, x + u theta, (draw, edge)."""
    design, p = trajectories.design, trajectories.params
    theta = trajectories.states.theta[:, trajectories.now_index]  # (draw, factor)
    factor = [design.factors.index(edge.factor) for edge in design.edges]
    return np.asarray(p["edge_rating"] + p["edge_unit"] * theta[:, factor])
