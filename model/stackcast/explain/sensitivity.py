"""Sensitivity of a quantity to modelling choices, one at a time.

Weights of facets are recomputed exactly. Changes of priors and likelihood are importance-weighted; a change is halved
until k-hat is below its limit, and the table states its size. Prior scenarios and effects are read from stored runs or
refitted, publishers refitted where k-hat is above its limit. Another criterion is another graph, and needs a run of its
own.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from stackcast.explain.quantity import Quantity, quantity_of
from stackcast.explain.refit import Refitter, mean_shift
from stackcast.explain.related import newest_like
from stackcast.explain.why import REFIT, REFUSED, WEIGHTS, items, ledger
from stackcast.forecast.openness import declared_weights
from stackcast.graph.parameters import INNOVATIONS, parameters
from stackcast.posterior.reweight import importance_weights
from stackcast.posterior.tree import summed
from stackcast.project import Project
from stackcast.runs.folder import Run

FLAGS = {"claims": "--no-effects", "earlier stacks": "--history off"}
"""Options that make a run with another choice, where they are not the choice and its alternative."""
EXACT, STORED, NO_RUN = "recomputed", "stored run", "no run"
SHIFT = 0.5
"""Prior sds by which equilibria and intercepts are moved, all at once."""
POWERS = (0.8, 1.25)
"""Powers of priors and likelihood."""
HALVINGS = 3
"""How often a change is halved while k-hat is above its limit."""
NO_INTEREST = "none known"


@dataclass(frozen=True)
class Otherwise:
    """One alternative to a choice, and its effect.

    Attributes
    ----------
    choice, alternative
        The choice, and the alternative.
    change, error
        Change of the quantity's mean, with its Monte Carlo error; NaN where it is not known.
    k_hat
        Pareto k-hat of the weights, NaN where there are none.
    method
        How it was found, or why not; a command where a run is missing.
    """

    choice: str
    alternative: str
    change: float
    error: float
    k_hat: float
    method: str


def sensitivity(
    text: str, run: Run, project: Project, folder: Path, refitter: Refitter | None, refits: int
) -> pd.DataFrame:
    """Return the effect of every alternative, one row each.

    Parameters
    ----------
    text
        The quantity.
    run, project, folder
        The run, its project, the folder of the runs.
    refitter, refits
        Refits prior scenarios and effects without a stored run, and leaves out publishers where k-hat is above its
        limit, at most ``refits`` of these. None refits nothing.
    """
    quantity = quantity_of(run.draws, text)
    found = [
        *_weights(text, quantity, run, project),
        *_stored(text, quantity, run, project, folder, refitter),
        *_priors(quantity, run, project),
        *_publishers(text, quantity, run, project, refitter, refits),
    ]
    return pd.DataFrame([vars(one) for one in found])


def _weights(text: str, quantity: Quantity, run: Run, project: Project) -> Iterator[Otherwise]:
    """Take equal weights, and each layer on one facet alone."""
    priors = project.priors
    alternatives: dict[str, Mapping[str, float]] = {
        "equal weights everywhere": dict.fromkeys((*priors.layers.layers, *priors.share_facets()), 1.0)
    }
    for layer in priors.layers.layers:
        facets = priors.share_facets(layer)
        if len(facets) > 1:
            for facet in facets:
                alternatives[f"{layer} by {facet} alone"] = {f: float(f == facet) for f in facets}
    for name, overrides in alternatives.items():
        other = quantity_of(replace(run.draws, weights=declared_weights(priors, overrides)), text)
        difference = other.draws - quantity.draws
        error = float(difference.std() / np.sqrt(len(difference)))
        yield Otherwise("weights", name, float(difference.mean()), error, np.nan, EXACT)


def _stored(
    text: str, quantity: Quantity, run: Run, project: Project, folder: Path, refitter: Refitter | None
) -> Iterator[Otherwise]:
    """Take stored runs with another criterion, prior scenario or effects, or refit the last two."""
    mine = run.settings
    criteria = sorted({s.criterion for s in project.observations.signals.values() if s.criterion})
    argued = [name for name in project.priors.prior_scenarios if name != mine.prior_scenario]
    wanted = [
        *(("criterion", name, replace(mine, criterion=name)) for name in criteria if name != mine.criterion),
        *(("prior_scenario", name, replace(mine, prior_scenario=name)) for name in argued),
        ("claims", "without their effects", replace(mine, effects_on=False)),
    ]
    if project.priors.history is not None and mine.history:
        wanted.append(("earlier stacks", "without them", replace(mine, history=False)))
    for choice, alternative, settings in wanted:
        stored = newest_like(settings, folder)
        if stored is not None:
            moved, error = mean_shift(quantity.draws, quantity_of(stored.draws, text).draws)
            yield Otherwise(choice, alternative, moved, error, np.nan, STORED)
        elif refitter is not None and settings.criterion == mine.criterion and settings.history == mine.history:
            again = refitter.under(settings.prior_scenario, effects_on=settings.effects_on)
            moved, error = mean_shift(quantity.draws, quantity_of(again, text).draws)
            yield Otherwise(choice, alternative, moved, error, np.nan, REFIT)
        else:
            flag = FLAGS.get(choice, f"--{choice.replace('_', '-')} {alternative}")
            command = f"{NO_RUN}: stackcast fit --as-of {mine.as_of} {flag}"
            yield Otherwise(choice, alternative, np.nan, np.nan, np.nan, command)


def _priors(quantity: Quantity, run: Run, project: Project) -> Iterator[Otherwise]:
    """Move reference class and intercepts; raise priors and likelihood to a power."""
    context, keep = run.context(project), run.draws.places
    design, draws = context.design, context.parameters("equilibrium", "intercept")
    by = {q.name: q for q in parameters(design, context.observed.data)}
    sides = project.priors.debate.sides
    toward_high = np.array([1.0 if share else -1.0 for share in design.is_share == 1])
    openness_sign = np.array([design.openness_sign(slug) for slug in design.indicators])
    for choice, name, sign in (
        ("reference class", "equilibrium", toward_high),
        ("intercept priors", "intercept", openness_sign),
    ):
        if name not in draws:
            continue
        z = (draws[name] - by[name].prior.mu) / by[name].prior.sigma
        for way, word in ((1.0, f"more {sides.high.name}"), (-1.0, f"more {sides.low.name}")):

            def moved(size: float, z: np.ndarray = z, toward: np.ndarray = way * sign) -> np.ndarray:
                return np.asarray((-0.5 * (z - size * toward) ** 2 + 0.5 * z**2).sum(axis=-1))

            sizes = {f"{size:g} sd {word}, all at once": size for size in _halved(SHIFT)}
            yield _by_weights(choice, quantity, sizes, moved)
    tree = run.groups("log_prior", "log_likelihood")
    log_prior = tree["log_prior"].dataset
    own = [str(name) for name in log_prior if name not in INNOVATIONS]
    parts = {
        "priors of parameters": summed(log_prior[own])[keep],
        "likelihood": summed(tree["log_likelihood"].dataset)[keep],
    }
    for choice, log_density in parts.items():
        for power in POWERS:
            powers = {f"to the power {np.exp(size):.3g}": size for size in _halved(np.log(power))}

            def raised(size: float, log_density: np.ndarray = log_density) -> np.ndarray:
                return np.asarray((np.exp(size) - 1.0) * log_density)

            yield _by_weights(choice, quantity, powers, raised)


def _halved(size: float) -> list[float]:
    return [size / 2**i for i in range(HALVINGS + 1)]


def _by_weights(
    choice: str, quantity: Quantity, sizes: Mapping[str, float], log_ratio: Callable[[float], np.ndarray]
) -> Otherwise:
    """Take the largest change with k-hat below its limit; the smallest is refused where there is none."""
    for alternative, size in sizes.items():
        weights = importance_weights(log_ratio(size))
        if weights.trusted:
            change = float(weights.mean(quantity.draws) - quantity.draws.mean())
            return Otherwise(choice, alternative, change, weights.shift_error(quantity.draws), weights.k_hat, WEIGHTS)
    return Otherwise(choice, alternative, np.nan, np.nan, weights.k_hat, REFUSED)


def _publishers(
    text: str, quantity: Quantity, run: Run, project: Project, refitter: Refitter | None, refits: int
) -> Iterator[Otherwise]:
    """Leave each publisher with an interest out."""
    interests = {s.publisher.name: s.publisher.interest for s in project.observations.signals.values()}
    found = [item for item in items(run, project, "publisher") if not interests[item.name].startswith(NO_INTEREST)]
    for one in ledger(quantity, text, found, refitter, refits):
        refused = one.method == REFUSED
        change, error = (np.nan, np.nan) if refused else (-one.size, one.error)
        yield Otherwise("publisher", f"without {one.item.name}", change, error, one.k_hat, one.method)
