"""What a quantity owes to choices that data cannot settle: each taken otherwise, one at a time.

Weights of facets are recomputed exactly. Priors and the likelihood are changed by weighting draws, as far as k-hat lets
them: a change that is too large is halved, and the table says how large it was. Prior scenarios and effects are read
from stored runs or refitted, publishers refitted where weights are refused; another criterion is another graph, and
needs a run of its own.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stackcast.explain.quantity import KeptDraws, Quantity
from stackcast.explain.refit import Refitter, mean_shift
from stackcast.explain.related import newest_like
from stackcast.explain.why import REFIT, REFUSED, WEIGHTS, items, ledger
from stackcast.forecast.openness import declared_weights
from stackcast.graph.design import build_design
from stackcast.graph.parameters import INNOVATIONS, parameters
from stackcast.posterior.reweight import importance_weights
from stackcast.posterior.tree import posterior_draws, read_tree
from stackcast.project import Project
from stackcast.runs.folder import POSTERIOR
from stackcast.settings import FitSettings

EXACT, STORED, NO_RUN = "recomputed", "stored run", "no run"
SHIFT = 0.5
"""Prior sds by which resting points and neutral readings are moved, all at once."""
POWERS = (0.8, 1.25)
"""Powers of priors and likelihood."""
HALVINGS = 3
"""How often a change that weights cannot bear is halved."""
NO_INTEREST = "none known"


@dataclass(frozen=True)
class Otherwise:
    """One choice taken otherwise.

    Attributes
    ----------
    choice, alternative
        What was chosen, and what instead.
    change, error
        Of the quantity's mean, with its Monte Carlo error; NaN where it is not known.
    k_hat
        Of the weights, NaN where there are none.
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
    text: str, kept: KeptDraws, project: Project, folder: Path, refitter: Refitter | None, refits: int
) -> pd.DataFrame:
    """Return every choice taken otherwise, one row each.

    Parameters
    ----------
    text
        The quantity.
    kept, project, folder
        Draws of the run, its project, the folder of the runs.
    refitter, refits
        Fits prior scenarios and effects that have no stored run, and without publishers where weights are refused: of
        these at most so many. None fits nothing.
    """
    quantity = kept.quantity(text)
    found = [
        *_weights(text, quantity, kept, project),
        *_stored(text, quantity, kept, project, folder, refitter),
        *_priors(quantity, kept, project),
        *_publishers(text, quantity, kept, project, refitter, refits),
    ]
    return pd.DataFrame([vars(one) for one in found])


def _weights(text: str, quantity: Quantity, kept: KeptDraws, project: Project) -> Iterator[Otherwise]:
    """Take equal weights, and each layer on one facet alone."""
    priors = project.priors
    alternatives: dict[str, Mapping[str, float]] = {
        "equal weights everywhere": dict.fromkeys((*priors.layers.layers, *_shares(project)), 1.0)
    }
    for layer in priors.layers.layers:
        facets = priors.share_facets(layer)
        if len(facets) > 1:
            for facet in facets:
                alternatives[f"{layer} by {facet} alone"] = {f: float(f == facet) for f in facets}
    for name, overrides in alternatives.items():
        other = replace(kept, weights=declared_weights(priors, overrides)).quantity(text)
        difference = other.draws - quantity.draws
        error = float(difference.std() / np.sqrt(len(difference)))
        yield Otherwise("weights", name, float(difference.mean()), error, np.nan, EXACT)


def _shares(project: Project) -> list[str]:
    return [f for f, facet in project.priors.facets.items() if facet.kind == "share"]


def _stored(
    text: str, quantity: Quantity, kept: KeptDraws, project: Project, folder: Path, refitter: Refitter | None
) -> Iterator[Otherwise]:
    """Take the newest passed run that differs in criterion, prior scenario or effects alone, or refit what is data."""
    mine = kept.run.manifest["inputs"]["order"]
    wanted: list[tuple[str, str, dict[str, Any], str]] = [
        *(
            ("criterion", name, {"criterion": name}, f"--criterion {name}")
            for name in sorted({s.criterion for s in project.observations.signals.values() if s.criterion})
            if name != mine["criterion"]
        ),
        *(
            ("prior_scenario", name, {"prior_scenario": name}, f"--prior-scenario {name}")
            for name in project.priors.prior_scenarios
            if name != mine["prior_scenario"]
        ),
        ("claims", "without their effects", {"effects_on": False}, "--no-effects"),
    ]
    for choice, alternative, change, flag in wanted:
        run = newest_like(kept.run, folder, **change)
        if run is None and refitter is not None and "criterion" not in change:
            moved, error = mean_shift(quantity.draws, refitter.under(**change).quantity(text).draws)
            yield Otherwise(choice, alternative, moved, error, np.nan, REFIT)
            continue
        if run is None:
            command = f"{NO_RUN}: stackcast fit --as-of {mine['as_of']} {flag}"
            yield Otherwise(choice, alternative, np.nan, np.nan, np.nan, command)
            continue
        moved, error = mean_shift(quantity.draws, KeptDraws.of(run, kept.priors).quantity(text).draws)
        yield Otherwise(choice, alternative, moved, error, np.nan, STORED)


def _priors(quantity: Quantity, kept: KeptDraws, project: Project) -> Iterator[Otherwise]:
    """Move reference class and neutral readings; raise priors and likelihood to a power."""
    tree = read_tree(kept.run.path / POSTERIOR)
    keep = kept.draws["draw"].values
    draws = {name: array[keep] for name, array in posterior_draws(tree).items()}
    settings = FitSettings.from_json(kept.run.manifest["inputs"]["order"])
    rows, signals = project.observations.rows, project.observations.signals
    design = build_design(rows, signals, project.priors, settings.as_of, settings.criterion)
    by = {q.name: q for q in parameters(design)}
    sides = project.priors.debate.sides
    toward_high = np.array([1.0 if share else -1.0 for share in design.is_share == 1])
    openness_sign = np.array([design.openness_sign(slug) for slug in design.indicators])
    for choice, name, sign in (
        ("reference class", "equilibrium", toward_high),
        ("neutral readings", "intercept", openness_sign),
    ):
        if name not in by:
            continue
        z = (draws[name] - by[name].prior.mu) / by[name].prior.sigma
        for way, word in ((1.0, f"more {sides.high.name}"), (-1.0, f"more {sides.low.name}")):

            def moved(size: float, z: np.ndarray = z, toward: np.ndarray = way * sign) -> np.ndarray:
                return np.asarray((-0.5 * (z - size * toward) ** 2 + 0.5 * z**2).sum(axis=-1))

            sizes = {f"{size:g} sd {word}, all at once": size for size in _halved(SHIFT)}
            yield _by_weights(choice, quantity, sizes, moved)
    log_prior = {
        str(n): a.values.reshape(a.shape[0] * a.shape[1], -1).sum(axis=-1)[keep]
        for n, a in tree["log_prior"].dataset.data_vars.items()
        if n not in INNOVATIONS
    }
    likelihood = tree["log_likelihood"].dataset["y"].values
    parts = {
        "priors of parameters": np.sum(list(log_prior.values()), axis=0),
        "likelihood": likelihood.reshape(-1, likelihood.shape[-1]).sum(axis=-1)[keep],
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
    """Take the first of ever smaller changes that weights can bear; the smallest is refused where none is."""
    for alternative, size in sizes.items():
        weights = importance_weights(log_ratio(size))
        if weights.trusted:
            change = float(weights.mean(quantity.draws) - quantity.draws.mean())
            return Otherwise(choice, alternative, change, weights.shift_error(quantity.draws), weights.k_hat, WEIGHTS)
    return Otherwise(choice, alternative, np.nan, np.nan, weights.k_hat, REFUSED)


def _publishers(
    text: str, quantity: Quantity, kept: KeptDraws, project: Project, refitter: Refitter | None, refits: int
) -> Iterator[Otherwise]:
    """Leave each publisher with an interest out."""
    interests = {s.publisher.name: s.publisher.interest for s in project.observations.signals.values()}
    found = [
        item for item in items(kept.run, project, kept, "publisher") if not interests[item.name].startswith(NO_INTEREST)
    ]
    for one in ledger(quantity, text, found, refitter, refits):
        refused = one.method == REFUSED
        change, error = (np.nan, np.nan) if refused else (-one.size, one.error)
        yield Otherwise("publisher", f"without {one.item.name}", change, error, one.k_hat, one.method)
