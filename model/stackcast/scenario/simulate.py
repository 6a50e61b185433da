"""Simulation of interventions: the future again, by the fitted transition.

An intervention replaces the value of a claim or facet (Pearl's do-operator); all other states follow from the
transition with the innovations of the baseline, so differences between scenarios are paired. The past stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from stackcast.errors import InputError
from stackcast.explain.quantity import quantity_of
from stackcast.forecast.claims import strength
from stackcast.forecast.future import Trajectories
from stackcast.forecast.openness import is_high, latent, layer_values, printed_values, scales
from stackcast.graph.dynamics import Facets, State, transition
from stackcast.graph.paths import dynamics, facet_shocks, targets
from stackcast.likelihoods.base import NUMPY
from stackcast.posterior.reweight import Weights, importance_weights
from stackcast.priors.load import Priors
from stackcast.quarters import Quarter
from stackcast.runs.draws import Draws
from stackcast.scenario.schema import Intervention, Scenario

SMOOTHING = 0.25
"""Kernel bandwidth of conditioning on a set value, in sds of the baseline."""


@dataclass(frozen=True)
class Simulated:
    """A scenario's states beside the baseline's, draw by draw.

    Attributes
    ----------
    scenario
        The scenario.
    states
        Its states (draw, quarter, component).
    """

    scenario: Scenario
    states: State


def simulate(trajectories: Trajectories, scenario: Scenario) -> Simulated:
    """Return a scenario's states: the baseline up to now, the future with interventions."""
    design, base = trajectories.design, trajectories.states
    theta, now = _claims(trajectories, scenario.do), trajectories.now_index
    eta, slope = base.eta.copy(), base.slope.copy()
    d, shock = dynamics(NUMPY, design, trajectories.params), facet_shocks(NUMPY, design, trajectories.params)
    target = targets(NUMPY, design, trajectories.params, theta)
    done = [one for one in scenario.do if one.what in design.facets]
    for t in range(now, design.grid.size - 1):
        before = Facets(eta[:, t], slope[:, t])
        after = transition(before, shock[:, t + 1], target[:, t], design.active[t + 1], d, design.wiring)
        eta[:, t + 1], slope[:, t + 1] = after
        for one in done:
            _facet(trajectories, one, t + 1, eta)
    return Simulated(scenario, base._replace(eta=eta, slope=slope, theta=theta))


def _claims(trajectories: Trajectories, do: Sequence[Intervention]) -> np.ndarray:
    """Return the claims (draw, quarter, factor); after an intervention its departure decays."""
    design, theta = trajectories.design, trajectories.states.theta.copy()
    memory = design.wiring.factor_memory
    for one in do:
        factors = factors_of(design.priors, one.what)
        if not factors:
            continue
        places = [design.factors.index(s) for s in factors]
        begin, end = _span(trajectories, one)
        root = np.sqrt(len(places))
        for t in range(begin, end + 1):
            now = strength(theta[:, t, places])[:, None]
            change = one.shift if one.shift is not None else one.set - now if one.set is not None else 0.0
            theta[:, t, places] += change / root
        left = theta[:, end, places] - trajectories.states.theta[:, end, places]
        for t in range(end + 1, design.grid.size):
            left = left * memory[places]
            theta[:, t, places] = trajectories.states.theta[:, t, places] + left
    return np.asarray(theta)


def _facet(trajectories: Trajectories, one: Intervention, t: int, eta: np.ndarray) -> None:
    begin, end = _span(trajectories, one)
    f, scale = trajectories.design.facets.index(one.what), scales(trajectories.design.priors.facets).get(one.what)
    if one.set is not None and begin <= t <= end:
        eta[:, t, f] = latent(one.set, scale)
    elif one.shift is not None and t == begin:
        eta[:, t, f] += one.shift if scale is None else latent(one.shift, scale)  # a share is shifted in logit


def _span(trajectories: Trajectories, one: Intervention) -> tuple[int, int]:
    last = trajectories.design.grid.size - 1
    end = last if one.until is None else min(last, trajectories.design.grid.index(Quarter.of(one.until)))
    return trajectories.design.grid.index(Quarter.of(one.begin)), end


def factors_of(priors: Priors, name: str) -> tuple[str, ...]:
    """Return the factors of a claim or sub-claim; none for a facet."""
    if name in priors.claims:
        return tuple(priors.claims[name].factors(name))
    return (name,) if name in priors.factors else ()


def openness_paths(
    trajectories: Trajectories, states: State, weights: dict[str, dict[str, float]]
) -> dict[str, np.ndarray]:
    """Return layers, the whole and facets (draw, quarter), facets as they are printed."""
    design = trajectories.design
    facets = printed_values(states.eta, design.facets, scales(design.priors.facets))
    return layer_values(facets, weights) | facets


def compare(
    trajectories: Trajectories, found: Sequence[Simulated], weights: dict[str, dict[str, float]], days: Sequence[str]
) -> pd.DataFrame:
    """Return what scenarios change: one row a scenario, quantity and date.

    Returns
    -------
    DataFrame
        ``scenario, name, date, baseline, mean, change, q05, q95, error, p_high``: means; the change is paired, draw by
        draw, with its own 90 % interval and the Monte Carlo error of its mean.
    """
    base = openness_paths(trajectories, trajectories.states, weights)
    rows = []
    for one in found:
        paths = openness_paths(trajectories, one.states, weights)
        for name, values in paths.items():
            for day in days:
                t = trajectories.design.grid.index(Quarter.of(date.fromisoformat(day)))
                change = values[:, t] - base[name][:, t]
                low, high = np.quantile(change, [0.05, 0.95])
                rows.append(
                    {
                        "scenario": one.scenario.name,
                        "name": name,
                        "date": day,
                        "baseline": base[name][:, t].mean(),
                        "mean": values[:, t].mean(),
                        "change": change.mean(),
                        "q05": low,
                        "q95": high,
                        "error": change.std() / np.sqrt(len(change)),
                        "p_high": float(is_high(values[:, t], gap=name in trajectories.design.gaps).mean()),
                    }
                )
    return pd.DataFrame(rows)


def as_seen(draws: Draws, scenario: Scenario) -> Weights:
    """Return weights of draws given the scenario's values as observations, not as interventions.

    Only set values can be conditioned on: by a kernel of :data:`SMOOTHING` sds, on the first day.

    Raises
    ------
    InputError
        When the scenario only shifts.
    """
    set_ones = [one for one in scenario.do if one.set is not None]
    if not set_ones:
        raise InputError(f"{scenario.name}: shifts cannot be seen, only values that are set")
    log_weight = np.zeros(len(draws.places))
    for one in set_ones:
        values = quantity_of(draws, f"{one.what}@{one.begin}").draws
        log_weight -= 0.5 * ((values - (one.set or 0.0)) / (SMOOTHING * values.std())) ** 2
    return importance_weights(log_weight)
