"""Could chance do it? The gain of the ratings beside that of ratings dealt to the stacks at random."""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.stats import t

from stackcast.compiled.pymc_model import Effort
from stackcast.history.contest import predicted_apart
from stackcast.history.cross_section import TAIL, CrossSection
from stackcast.history.evidence import Evidence
from stackcast.history.prediction import predict

EFFORT = Effort(chains=2, draws=200, tune=150, target_accept=0.8)
RELIABLE = 0.7
"""Largest Pareto k at which an importance-sampled score is used; a stack beyond it is left out by a fit of its own."""


def leave_one_out_score(section: CrossSection, evidence: Evidence, seed: int) -> float:
    """Return the log score of the printed shares, each as predicted without its stack, from one fit.

    Pareto-smoothed importance sampling takes a stack's own likelihood out (Vehtari et al. 2024, JMLR 25:72); where it
    is not reliable, the model is fitted without the stack. Hindsight must be off: a stack's ratings would depend on
    its outcome.
    """
    from arviz_stats.base import array_stats

    assert section.beliefs.hindsight == 0
    outcome, error = (evidence.stacks[name].to_numpy() for name in ("outcome", "error"))
    given = predict(section.fit(evidence, seed, EFFORT), evidence)
    density = t.logpdf(outcome, TAIL, given.location, np.sqrt(given.scale**2 + error**2))  # (draw, stack)
    log_weights, k_hat = array_stats.psislw(density.T, axis=-1)
    scores = pd.Series(np.logaddexp.reduce(log_weights.T + density, axis=0), evidence.stacks.index)
    again = scores.index[evidence.printed & (np.asarray(k_hat) > RELIABLE)]
    if len(again):
        apart = predicted_apart(section, evidence, [[slug] for slug in again], seed, EFFORT)
        scores[again] = apart["log_score"].reindex(again)
    return float(scores[evidence.printed].sum())


def permuted(
    section: CrossSection, evidence: Evidence, times: int, seed: int, within: "pd.Series[str] | None" = None
) -> tuple[float, np.ndarray]:
    """Return the log score of the evidence, and of evidence whose stacks' scores were dealt anew.

    Parameters
    ----------
    section, evidence
        A cross-section, and stacks that all have an outcome.
    times
        Number of deals: (times) scores are returned.
    seed
        Seed of the deals.
    within
        A group of each stack, within which scores are dealt; among all stacks by default.
    """
    plain = section.under(replace(section.beliefs, hindsight=0.0))
    rng = np.random.default_rng(seed)
    group = np.zeros(len(evidence.stacks)) if within is None else within.to_numpy()
    seen = leave_one_out_score(plain, evidence, seed)
    dealt = [leave_one_out_score(plain, evidence.shuffled(_deal(group, rng)), seed) for _ in range(times)]
    return seen, np.array(dealt)


def p_value(seen: float, dealt: np.ndarray) -> float:
    """Return the share of deals, the seen one among them, that score no less."""
    return float((1 + (dealt >= seen).sum()) / (1 + len(dealt)))


def _deal(group: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return an order of the stacks that mixes each group: sorted by group both ways, one of them at random."""
    order = np.empty(len(group), int)
    order[np.argsort(group, kind="stable")] = np.lexsort((rng.random(len(group)), group))
    return order
