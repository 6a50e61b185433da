"""Every prior in one table: what it is, what interval it means, and why."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from stackcast.likelihoods import FAMILIES
from stackcast.observations.schema import Signal
from stackcast.priors.edges import Edge, edges
from stackcast.priors.elicit import Distribution, from_elicited, from_upper, log_normal
from stackcast.priors.latent import equilibrium_prior, facet_family, intercept_prior
from stackcast.priors.load import Priors
from stackcast.priors.resting import resting_interval
from stackcast.priors.schema import Elicited

MASS = 0.9
JUDGEMENT = "our judgement"
HISTORY = "priors/history.yaml"
RATED = "Where earlier stacks of the layer came to rest, moved by how its category was rated."
UNRATED = "Where earlier stacks of the layer came to rest; no category was rated."


def prior_catalogue(priors: Priors, signals: Mapping[str, Signal]) -> pd.DataFrame:
    """Return one row a prior.

    Returns
    -------
    DataFrame
        ``group, name, dist, low, median, high, rationale, source``; ``low`` to ``high`` is the equal-tailed 90 %
        interval in the quantity's own unit, and a constant has only a median.
    """
    rows = [*_scales(priors), *_equilibria(priors), *_factors(priors), *_effects(priors), *_prior_scenarios(priors)]
    rows += [*_weights(priors), *_readings(signals)]
    return pd.DataFrame(rows)


def _row(
    group: str, name: str, dist: str, interval: tuple[Any, Any, Any], rationale: str, source: str
) -> dict[str, Any]:
    low, median, high = (float(x) for x in interval)
    values = {"dist": dist, "low": low, "median": median, "high": high}
    return {"group": group, "name": name, **values, "rationale": rationale.strip(), "source": source}


def _constant(group: str, name: str, value: float, rationale: str, source: str = JUDGEMENT) -> dict[str, Any]:
    return _row(group, name, "constant", (np.nan, value, np.nan), rationale, source)


def _scales(priors: Priors) -> list[dict[str, Any]]:
    rows = []
    for name, given in priors.measurement.scales:
        if isinstance(given, Elicited):
            interval = from_elicited(given).interval(MASS)
            rows.append(_row("scales", name, given.dist, interval, given.rationale, given.source))
        else:
            rows.append(_constant("scales", name, given.value, given.rationale, given.source))
    return rows


def _equilibria(priors: Priors) -> list[dict[str, Any]]:
    rows = []
    for name, facet in priors.facets.items():
        e, share = facet.equilibrium, facet.kind == "share"
        rested = priors.history is not None and share
        latent = resting_interval(priors, name) if rested else equilibrium_prior(facet).interval(MASS)
        low, median, high = facet_family(facet).to_value(np.asarray(latent))
        dist = "logit-normal" if share else "Normal"
        why = (RATED if facet.category else UNRATED, HISTORY) if rested else (e.rationale, e.source)
        rows.append(_row("equilibria", name, dist, (low, median, high), *why))
    return rows


def _factors(priors: Priors) -> list[dict[str, Any]]:
    rows = []
    prior_scenario = priors.prior_scenarios["neutral"]
    for name, factor in priors.factors.items():
        strength = Distribution("Normal", np.array(1.0), np.array(prior_scenario.means[name])).interval(MASS)
        rows.append(
            _row("claims", name, "Normal", strength, f"{factor.statement} {prior_scenario.rationale}", JUDGEMENT)
        )
        rows.append(_constant("claims", f"{name} half-life, quarters", factor.half_life, factor.half_life_rationale))
        rows.append(_constant("claims", f"{name} validity", factor.validity, factor.validity_rationale))
    if priors.claim_start is not None:
        rows.append(_constant("claims", "sd in the first quarter", priors.claim_start.sd, priors.claim_start.rationale))
    return rows


def _effects(priors: Priors) -> list[dict[str, Any]]:
    return [_effect(priors, edge) for edge in edges(priors)]


def _effect(priors: Priors, edge: Edge) -> dict[str, Any]:
    name = f"{edge.factor} {'+' if edge.sign > 0 else '-'} {edge.facet}"
    if edge.declared is not None:
        bound = from_upper(edge.declared.upper, edge.declared.mass).interval(MASS)
        return _row("effects", name, "HalfNormal", bound, edge.declared.rationale, JUDGEMENT)
    assert priors.history is not None
    assert edge.force is not None
    sizes, unit = priors.history.effects, priors.history.unit
    place = sizes.forces.index(edge.force.name)
    spread = np.hypot(sizes.log_sd[place], edge.force.transfer_sd)
    size = log_normal(unit.value * np.exp(sizes.log_mean[place]), spread).interval(MASS)
    return _row("effects", name, "LogNormal", size, f"One prior sd of the claim. {unit.rationale}", HISTORY)


def _prior_scenarios(priors: Priors) -> list[dict[str, Any]]:
    return [
        _constant("prior_scenarios", f"{prior_scenario.name}: mean of {name}", mean, prior_scenario.rationale)
        for prior_scenario in priors.prior_scenarios.values()
        for name, mean in prior_scenario.means.items()
    ]


def _weights(priors: Priors) -> list[dict[str, Any]]:
    layers = priors.layers
    rows = [_constant("weights", name, layer.weight, layer.weight_rationale) for name, layer in layers.layers.items()]
    for name, facet in layers.facets.items():
        if facet.weight is not None:
            rows.append(_constant("weights", name, facet.weight, facet.weight_rationale or ""))
    return [
        *rows,
        _constant("weights", "concentration", layers.concentration, layers.concentration_rationale),
    ]


def _readings(signals: Mapping[str, Signal]) -> list[dict[str, Any]]:
    rows = []
    for slug, signal in signals.items():
        if signal.neutral is not None:
            back, scale = FAMILIES[signal.likelihood].to_value, signal.per_unit
            low, median, high = (scale * back(x) for x in intercept_prior(signal).interval(MASS))
            group, dist = f"intercept priors of {signal.measures.target}", f"{signal.likelihood} scale, Normal"
            reason = f"{signal.neutral.one_unit:g} is one unit. {signal.neutral.reason}"
            rows.append(_row(group, slug, dist, (low, median, high), reason, JUDGEMENT))
    return rows
