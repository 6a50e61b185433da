"""Interventions carried out: the future again, quarter by quarter, by the step function that was fitted.

What is done to a claim or facet replaces what the model would have made of it (Pearl's do-operator); everything else
follows, with the innovations of the baseline, so differences between scenarios are no noise. The past stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from stackcast.errors import InputError
from stackcast.explain.quantity import KeptDraws
from stackcast.forecast.future import Trajectories, extend
from stackcast.forecast.openness import latent, layer_values, printed
from stackcast.graph.data import observe_as_of
from stackcast.graph.design import build_design
from stackcast.graph.dynamics import Facets, State, transition
from stackcast.graph.paths import dynamics, facet_shocks, targets
from stackcast.likelihoods.base import NUMPY
from stackcast.posterior.reweight import Weights, importance_weights
from stackcast.posterior.tree import posterior_draws, read_tree
from stackcast.priors.load import Priors
from stackcast.project import Project
from stackcast.quarters import Quarter
from stackcast.runs.draws import KEPT
from stackcast.runs.folder import POSTERIOR, Run
from stackcast.scenario.schema import Intervention, Scenario
from stackcast.settings import FitSettings

SMOOTHING = 0.25
"""Bandwidth in which an intervened value counts as seen, in sds of the baseline."""


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


def unchanged(run: Run, project: Project) -> None:
    """Refuse a project that is no longer what the run was fitted on.

    Raises
    ------
    InputError
        Naming a file that differs.
    """
    before, now = run.manifest["inputs"]["files"], project.input_hashes()
    changed = sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
    if changed:
        raise InputError(f"{changed[0]} has changed since {run.name} was fitted; make a new run with `stackcast fit`")


def trajectories_of(run: Run, project: Project) -> Trajectories:
    """Return a run's own world again, thinned to as many draws as runs keep.

    Raises
    ------
    InputError
        When the project has changed since.
    GateRefused
        When the run failed a gate.
    """
    unchanged(run.require_passed(), project)
    settings = FitSettings.from_json(run.manifest["inputs"]["order"])
    rows, signals, priors = project.observations.rows, project.observations.signals, project.priors
    design = build_design(rows, signals, priors, settings.as_of, settings.criterion)
    observed = observe_as_of(design, rows, settings.as_of, settings.prior_scenario, effects_on=settings.effects_on)
    draws = posterior_draws(read_tree(run.path / POSTERIOR))
    total = len(next(iter(draws.values())))
    keep = np.linspace(0, total - 1, min(KEPT, total)).astype(int)
    thinned = {name: array[keep] for name, array in draws.items()}
    return extend(design, observed, thinned, Quarter.parse(priors.debate.horizons.far), settings.seed)


def simulate(trajectories: Trajectories, scenario: Scenario) -> Simulated:
    """Return a scenario's states: those of the baseline up to now, and the future with its interventions."""
    design, base = trajectories.design, trajectories.states
    theta, now = _claims(trajectories, scenario.do), trajectories.now_index
    eta, slope = base.eta.copy(), base.slope.copy()
    d, shock = dynamics(NUMPY, design, trajectories.params), facet_shocks(NUMPY, design, trajectories.params)
    target = targets(design, trajectories.params, theta)
    done = [one for one in scenario.do if one.what in design.facets]
    for t in range(now, design.grid.size - 1):
        before = Facets(eta[:, t], slope[:, t])
        after = transition(before, shock[:, t + 1], target[:, t], design.active[t + 1], d, design.wiring)
        eta[:, t + 1], slope[:, t + 1] = after
        for one in done:
            _facet(trajectories, one, t + 1, eta)
    return Simulated(scenario, base._replace(eta=eta, slope=slope, theta=theta))


def _claims(trajectories: Trajectories, do: Sequence[Intervention]) -> np.ndarray:
    """Return the claims (draw, quarter, factor); after an intervention ends, its departure fades with memory."""
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
            now = theta[:, t, places].sum(axis=-1, keepdims=True) / root
            change = one.shift if one.shift is not None else one.set - now if one.set is not None else 0.0
            theta[:, t, places] += change / root
        left = theta[:, end, places] - trajectories.states.theta[:, end, places]
        for t in range(end + 1, design.grid.size):
            left = left * memory[places]
            theta[:, t, places] = trajectories.states.theta[:, t, places] + left
    return np.asarray(theta)


def _facet(trajectories: Trajectories, one: Intervention, t: int, eta: np.ndarray) -> None:
    begin, end = _span(trajectories, one)
    f = trajectories.design.facets.index(one.what)
    facet = trajectories.design.priors.facets[one.what]
    if one.set is not None and begin <= t <= end:
        eta[:, t, f] = latent(facet, one.set)
    elif one.shift is not None and t == begin:
        eta[:, t, f] += one.shift if facet.kind == "share" else latent(facet, one.shift)


def _span(trajectories: Trajectories, one: Intervention) -> tuple[int, int]:
    last = trajectories.design.grid.size - 1
    end = last if one.until is None else min(last, trajectories.design.grid.index(Quarter.of(one.until)))
    return trajectories.design.grid.index(Quarter.of(one.begin)), end


def factors_of(priors: Priors, name: str) -> tuple[str, ...]:
    """Return the factors of a claim, a half as its own, and none for a facet."""
    if name in priors.claims:
        return tuple(priors.claims[name].factors(name))
    return (name,) if name in priors.factors else ()


def openness_paths(
    trajectories: Trajectories, states: State, weights: dict[str, dict[str, float]]
) -> dict[str, np.ndarray]:
    """Return layers, the whole and facets (draw, quarter): shares as shares, gaps in the unit of their scale."""
    facets = trajectories.design.priors.facets
    values = {name: printed(facet, states.eta[..., i]) for i, (name, facet) in enumerate(facets.items())}
    shares = {name: values[name] for name, facet in facets.items() if facet.kind == "share"}
    return layer_values(shares, weights) | values


def compare(
    trajectories: Trajectories, found: Sequence[Simulated], weights: dict[str, dict[str, float]], days: Sequence[str]
) -> pd.DataFrame:
    """Return what scenarios change: one row a scenario, quantity and date.

    Returns
    -------
    DataFrame
        ``scenario, name, date, baseline, mean, change, q05, q95, error, p_open``: means; the change is paired, draw by
        draw, with its own 90 % interval and the Monte Carlo error of its mean.
    """
    base = openness_paths(trajectories, trajectories.states, weights)
    gaps = {name for name, facet in trajectories.design.priors.facets.items() if facet.kind == "gap"}
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
                        "p_open": float((values[:, t] <= 0).mean() if name in gaps else (values[:, t] > 0.5).mean()),
                    }
                )
    return pd.DataFrame(rows)


def as_seen(kept: KeptDraws, scenario: Scenario) -> Weights:
    """Return the weights of draws in which the scenario's values came about by themselves: an observation, no doing.

    Only what is set can be seen; it counts as seen within :data:`SMOOTHING` sds, at the first day.

    Raises
    ------
    InputError
        When the scenario only shifts.
    """
    set_ones = [one for one in scenario.do if one.set is not None]
    if not set_ones:
        raise InputError(f"{scenario.name}: shifts cannot be seen, only values that are set")
    log_weight = np.zeros(kept.draws.sizes["draw"])
    for one in set_ones:
        draws = kept.quantity(f"{one.what}@{one.begin}").draws
        log_weight -= 0.5 * ((draws - (one.set or 0.0)) / (SMOOTHING * draws.std())) ** 2
    return importance_weights(log_weight)
