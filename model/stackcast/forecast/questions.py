"""Probabilities of the questions, from the predictive distribution of the figure that resolves them."""

import operator

import numpy as np
import pandas as pd

from stackcast.forecast.future import World
from stackcast.forecast.predict import draw_figures, typical_now
from stackcast.graph.data import Known
from stackcast.observations.schema import Question

HOLDS = {
    "above": operator.gt,
    "below": operator.lt,
    "at-or-above": operator.ge,
    "at-or-below": operator.le,
}


def question_holds(world: World, known: Known, rows: pd.DataFrame, question: Question, seed: int) -> np.ndarray:
    """Return in which draws (draw) a question resolves yes, given that a figure is published.

    Raises
    ------
    ValueError
        When the question's period lies outside the grid.
    """
    span = pd.Series([pd.Timestamp(question.period_start)]), pd.Series([pd.Timestamp(question.period_end)])
    weights = world.design.grid.weights(*span)[0]
    if not np.isclose(weights.sum(), 1.0):
        raise ValueError(f"{question.id}: the period ends after the horizon {world.design.grid.last}")
    given = typical_now(world, known, rows, question.signal)
    figures = draw_figures(world, question.signal, weights, given, seed, question.id)
    return np.asarray(HOLDS[question.direction](figures, question.threshold))


def question_probability(world: World, known: Known, rows: pd.DataFrame, question: Question, seed: int) -> float:
    """Return the probability that a question resolves yes: the share of draws in which it does."""
    return float(question_holds(world, known, rows, question, seed).mean())
