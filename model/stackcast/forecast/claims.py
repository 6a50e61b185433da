"""Claims from their factors: strengths through time, effect contributions to facets and layers, contrasts."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from stackcast.forecast.future import Trajectories
from stackcast.graph.data import ObservedData
from stackcast.graph.design import Design
from stackcast.graph.paths import Params, effects
from stackcast.likelihoods.base import NUMPY
from stackcast.priors.debate import Debate
from stackcast.priors.load import Priors
from stackcast.priors.schema import Contrast, layer_of

LEAST_FAMILIES, LEAST_DATES = 2, 3


def strength(theta: np.ndarray) -> np.ndarray:
    """Return a claim's strength from its factors on the last axis: their sum over the root of their number.

    So its stationary sd is one, like that of each factor.
    """
    return np.asarray(theta.sum(axis=-1) / np.sqrt(theta.shape[-1]))


def strengths(theta: np.ndarray, factors: Sequence[str], parts: Mapping[str, Sequence[str]]) -> dict[str, np.ndarray]:
    """Return the strength of every claim and sub-claim, (draw, quarter), in prior sds.

    Parameters
    ----------
    theta
        (draw, quarter, factor) factors.
    factors
        Their names.
    parts
        The factors of each claim: its sub-claims, or the claim itself.
    """
    places = {name: i for i, name in enumerate(factors)}
    out: dict[str, np.ndarray] = {}
    for name, mine in parts.items():
        out[name] = strength(theta[..., [places[part] for part in mine]])  # (draw, quarter, part) to (draw, quarter)
        out |= {part: theta[..., places[part]] for part in mine}
    return out


def operates(strength: np.ndarray) -> np.ndarray:
    """Return in which draws a claim operates: its strength is above zero, the neutral value."""
    return np.asarray(strength > 0.0)


def reads(debate: Debate, *, history: bool) -> str:
    """Say what a claim does whose strength is above zero, in words that follow its name.

    With ``history`` zero is what earlier stacks were rated against, at the time when the debate began; without, it is
    the elicited neutral reading of its indicators.
    """
    if not history:
        return "reads above neutral"
    day = debate.essay.day if debate.essay is not None else None
    began = f"in {('early', 'mid', 'late')[(day.month - 1) // 4]} {day.year}" if day else "when the debate began"
    return f"is stronger than {began}"


def parts(priors: Priors) -> dict[str, list[str]]:
    """Return the factors of each claim."""
    return {name: list(claim.factors(name)) for name, claim in priors.claims.items()}


def claim_values(trajectories: Trajectories) -> dict[str, np.ndarray]:
    """Return the strength of every claim and sub-claim, (draw, quarter)."""
    design = trajectories.design
    return strengths(trajectories.states.theta, design.factors, parts(design.priors))


def pulls(
    design: Design, p: Params, theta: np.ndarray, weights: Mapping[str, Mapping[str, float]]
) -> dict[tuple[str, str], np.ndarray]:
    """Return how far each claim moves the equilibrium of each facet and layer, by (claim, target).

    Parameters
    ----------
    p
        Draws with their data.
    theta
        (draw, factor) strengths at one quarter.
    weights
        Facets in layers; the contribution to a layer is the weighted mean over its share facets.
    """
    out: dict[tuple[str, str], np.ndarray] = {}
    sizes = effects(NUMPY, design, p) if design.edges else np.empty((len(theta), 0))  # (draw, edge)
    for i, edge in enumerate(design.edges):
        factor = design.factors.index(edge.factor)
        claim = claim_of(design.priors, edge.factor)
        moved = edge.sign * sizes[:, i] * theta[:, factor]
        out[claim, edge.facet] = out.get((claim, edge.facet), 0.0) + moved
    for (claim, facet), moved in list(out.items()):
        layer = layer_of(facet)
        if facet in weights[layer]:
            out[claim, layer] = out.get((claim, layer), 0.0) + weights[layer][facet] * moved
    return {key: np.asarray(value) for key, value in out.items()}


def claim_of(priors: Priors, factor: str) -> str:
    """Return the claim to which a factor belongs."""
    return next(name for name, claim in priors.claims.items() if factor in claim.factors(name))


def support(design: Design, observed: ObservedData) -> pd.DataFrame:
    """Return the numbers of families and dates of each claim and sub-claim's indicators, and which are thin.

    Thin means: fewer than two families of indicators, or none with three dates.
    """
    rows = []
    seen = observed.rows.drop_duplicates(["signal", "period_start", "period_end"])
    dates = seen["signal"].value_counts()
    for name, claim in design.priors.claims.items():
        groups = {name: list(claim.factors(name))}
        if claim.subclaims:
            groups |= {part: [part] for part in claim.factors(name)}
        for label, factors in groups.items():
            mine = [s for s, d in design.signals.items() if d.measures.claim in factors and s in dates.index]
            families = {design.signals[s].family for s in mine}
            longest = max((int(dates[s]) for s in mine), default=0)
            thin = len(families) < LEAST_FAMILIES or longest < LEAST_DATES
            rows.append(
                {
                    "name": label,
                    "signals": len(mine),
                    "families": len(families),
                    "dates": longest,
                    "thin": thin,
                }
            )
    return pd.DataFrame(rows)


def contrast_values(design: Design, claims: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return, for each contrast, the mean strength of the side ``high`` less that of ``low``, like the claims."""
    out: dict[str, np.ndarray] = {}
    for contrast in design.priors.contrasts:
        high, low = (np.mean([claims[name] for name in names], axis=0) for names in sides_of(contrast, design.priors))
        out[contrast.id] = np.asarray(high - low)
    return out


def sides_of(contrast: Contrast, priors: Priors) -> tuple[list[str], list[str]]:
    """Return a contrast's claims of the side ``high``, and those of ``low``."""
    high, low = priors.debate.sides.names
    mine = [[name for name in contrast.claims if priors.claims[name].side == side] for side in (high, low)]
    return mine[0], mine[1]
