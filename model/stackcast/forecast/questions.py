"""Probabilities of the questions, from the predictive distributions of their observations."""

import operator

import numpy as np
import pandas as pd

from stackcast.forecast.future import Trajectories
from stackcast.forecast.predict import draw_figures, typical_now
from stackcast.graph.data import ObservedData
from stackcast.observations.schema import Question

HOLDS = {
    "above": operator.gt,
    "below": operator.lt,
    "at-or-above": operator.ge,
    "at-or-below": operator.le,
}


def question_holds(
    trajectories: Trajectories, observed: ObservedData, rows: pd.DataFrame, question: Question, seed: int
) -> np.ndarray:
    """Return in which draws (draw) a question resolves yes, given that an observation is published.

    Raises
    ------
    ValueError
        When the question's period lies outside the grid.
    """
    max_quarters = pd.Series([pd.Timestamp(question.period_start)]), pd.Series([pd.Timestamp(question.period_end)])
    weights = trajectories.design.grid.weights(*max_quarters)[0]
    if not np.isclose(weights.sum(), 1.0):
        raise ValueError(f"{question.id}: the period ends after the horizon {trajectories.design.grid.last}")
    given = typical_now(trajectories, observed, rows, question.signal)
    figures = draw_figures(trajectories, question.signal, weights, given, seed, question.id)
    return np.asarray(HOLDS[question.direction](figures, question.threshold))


def question_probability(
    trajectories: Trajectories, observed: ObservedData, rows: pd.DataFrame, question: Question, seed: int
) -> float:
    """Return the probability that a question resolves yes: the share of draws in which it does."""
    return float(question_holds(trajectories, observed, rows, question, seed).mean())
