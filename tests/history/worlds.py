"""Invented stacks drawn from the cross-section's own model."""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.stats import invwishart

from stackcast.history.cross_section import FREEDOM, TAIL, Beliefs
from stackcast.history.evidence import Evidence

LAYERS = ("a", "b", "c", "d")
FORCES = tuple(f"F{i}" for i in range(8))
PRIORS = Beliefs()
ERROR_VARIANCE = np.full(len(FORCES), 0.12)


def drawn_truth(rng, beliefs=PRIORS):
    """Draw parameters from their priors."""
    base, spread = 1.5 * rng.standard_normal(), abs(rng.standard_normal())
    units = rng.standard_normal(len(FORCES))
    return {
        "alpha": base + spread * rng.standard_normal(len(LAYERS)),
        "effects": beliefs.effect * (units if beliefs.free_signs else np.abs(units)),
        "residual": 2 * abs(rng.standard_normal()),
        "hindsight": beliefs.hindsight * abs(rng.standard_normal()),
        "covariance": invwishart.rvs(FREEDOM + len(FORCES), np.eye(len(FORCES)) * (FREEDOM - 1), random_state=rng),
    }


def world(rng, truth, stacks=50):
    """Return stacks whose scores and outcomes have these parameters."""
    layer = rng.integers(len(LAYERS), size=stacks)
    error = rng.uniform(0.4, 1.0, stacks)
    honest = rng.multivariate_normal(np.zeros(len(FORCES)), truth["covariance"], stacks)  # (stack, force)
    half = truth["effects"] * np.sqrt(ERROR_VARIANCE * (1 - ERROR_VARIANCE))
    scale = np.sqrt(truth["residual"] ** 2 + error**2 + half @ truth["covariance"] @ half)
    location = truth["alpha"][layer] + honest @ (truth["effects"] * (1 - ERROR_VARIANCE))
    outcome = location + scale * rng.standard_t(TAIL, stacks)
    known = (outcome - outcome.mean()) / outcome.std()
    slugs = pd.Index([f"stack{i}" for i in range(stacks)], name="slug")
    traits = {
        "layer": np.array(LAYERS)[layer], "view_year": 1990 + rng.integers(30, size=stacks), "kind": "software",
        "service": rng.random(stacks) < 0.3, "outcome": outcome, "error": error, "measure": "use",
    }  # fmt: skip
    scores = pd.DataFrame(honest + truth["hindsight"] * known[:, None], slugs, FORCES)
    return Evidence(pd.DataFrame(traits, slugs), LAYERS, scores, ERROR_VARIANCE)


def clear_truth():
    """Return parameters with two strong effects, two of half the size and no others, and little left over."""
    return {
        "alpha": np.array([-1.0, 0.0, 0.5, 1.0]),
        "effects": np.array([1.2, 1.0, 0.5, 0.5, 0, 0, 0, 0]),
        "residual": 0.4,
        "hindsight": 0.0,
        "covariance": 0.7 * np.eye(len(FORCES)) + 0.3,
    }


def with_error(evidence, error):
    """Return the evidence with one error of all outcomes."""
    return replace(evidence, stacks=evidence.stacks.assign(error=error))
