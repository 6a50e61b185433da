"""What a cross-section reads of each stack: its layer, its scores, and what came of it, on the logit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd
from scipy.special import logit
from scipy.stats import norm

from stackcast.errors import InputError
from stackcast.history.ceilings import ceilings
from stackcast.history.outcomes import EDGE, outcomes
from stackcast.history.ratings import RatingTable, Unit, standardised
from stackcast.history.records import History
from stackcast.history.schema import FOLDER

Z90 = float(norm.ppf(0.95))
FEWEST = 10
"""Fewest rated stacks with an outcome of which a cross-section is made: our judgement."""
TRAITS = ["layer", "view_year", "kind", "service"]


@dataclass(frozen=True, eq=False)
class Evidence:
    """Stacks with scores and, but for categories of today, an outcome.

    Attributes
    ----------
    stacks : DataFrame
        By slug: the stack's ``layer``, ``view_year``, ``kind`` and ``service``; ``outcome`` (logit; NaN where there is
        none) and its standard deviation ``error``; ``measure`` of the outcome, missing where it is a ceiling alone.
    layers
        Names of the layers that a model of them knows.
    scores : DataFrame
        (stack, score) in the direction of higher shares, in standard deviations between stacks.
    error_variance
        Variance of a score's error: (score).
    """

    stacks: pd.DataFrame
    layers: tuple[str, ...]
    scores: pd.DataFrame
    error_variance: np.ndarray

    @property
    def reliability(self) -> np.ndarray:
        """Share of a score's variance that is not error, what to expect of one unit of it: (score)."""
        return np.asarray(1.0 - self.error_variance)

    @property
    def membership(self) -> np.ndarray:
        """One where a stack is of a layer, (stack, layer); a row of zeros for a layer that is not known."""
        return np.array([[name == layer for layer in self.layers] for name in self.stacks["layer"]], float)

    @property
    def printed(self) -> np.ndarray:
        """Whether a share is printed for a stack, rather than a ceiling alone: (stack)."""
        return self.stacks["measure"].notna().to_numpy()

    def of(self, slugs: Iterable[str]) -> Self:
        """Return the evidence of these stacks."""
        kept = list(slugs)
        return replace(self, stacks=self.stacks.loc[kept], scores=self.scores.loc[kept])

    def with_outcome(self) -> Self:
        """Return the stacks that have an outcome."""
        return self.of(self.stacks.index[self.stacks["outcome"].notna()])

    def shuffled(self, order: np.ndarray) -> Self:
        """Return the evidence with the scores of the stacks in another order."""
        return replace(self, scores=self.scores.iloc[order].set_axis(self.scores.index))

    def without_scores(self) -> Self:
        """Return the evidence of a base rate: all scores are zero, and no error is in them."""
        return replace(self, scores=self.scores * 0.0, error_variance=self.error_variance * 0.0)

    def without_hindsight(self, slope: float) -> Self:
        """Return the evidence without ``slope`` a standard deviation of the outcome in each score."""
        outcome = self.stacks["outcome"]
        known = (outcome - outcome.mean()) / outcome.std()
        return replace(self, scores=self.scores.sub(slope * known, axis=0))

    def in_one_layer(self) -> Self:
        """Return the evidence with all stacks in one layer."""
        return replace(self, stacks=self.stacks.assign(layer=self.layers[0]))

    def grouped(self, groups: Iterable[Sequence[str]]) -> Self:
        """Return the evidence with the mean of each group of scores in place of its first, and zeros for the others.

        A mean is in standard deviations between the stacks that have an outcome. What raters share is in each of its
        scores, so that a mean's error has the reliability of one of them.
        """
        scores, variance = self.scores * 0.0, self.error_variance * 0.0
        for first, *more in groups:
            mean = self.scores[[first, *more]].mean(axis=1)
            scores[first] = mean / mean[self.stacks["outcome"].notna()].std()
            places = self.scores.columns.get_indexer(pd.Index([first, *more]))
            variance[places[0]] = self.error_variance[places].mean()
        return replace(self, scores=scores, error_variance=variance)

    def flagged(self, flag: str) -> Self:
        """Return the evidence with a yes-or-no trait of a stack as its only score: minus one where it has the trait."""
        scores = self.scores * 0.0
        scores.iloc[:, 0] = -self.stacks[flag].astype(float)
        return replace(self, scores=scores, error_variance=self.error_variance * 0.0)


@dataclass(frozen=True, eq=False)
class Rated:
    """A history as a cross-section reads it.

    Attributes
    ----------
    unit
        The unit of its ratings.
    table
        Its ratings.
    evidence
        All its rated stacks, those without an outcome too.
    """

    unit: Unit
    table: RatingTable
    evidence: Evidence

    @classmethod
    def of(cls, history: History, signs: Mapping[str, float], layers: Iterable[str]) -> Self:
        """Read a history, given the direction of each force and the names of the debate's layers.

        Raises
        ------
        InputError
            When fewer than :data:`FEWEST` rated stacks have an outcome.
        """
        known = len(set(outcomes(history).index) & set(history.ratings["stack"]))
        if known < FEWEST:
            message = f"{known} rated stacks have an outcome; a cross-section needs {FEWEST}: add stacks with shares"
            raise InputError(f"{message} and ratings to observations/{FOLDER}/")
        unit = Unit.of(history, signs)
        table = standardised(history, unit)
        return cls(unit, table, read_evidence(history, table, layers))

    @property
    def earlier(self) -> Evidence:
        """The stacks with an outcome."""
        return self.evidence.with_outcome()

    def unseen(self, history: History) -> Evidence:
        """Return other stacks in the unit of these.

        Raises
        ------
        InputError
            When they were not rated on the same forces, or none of them has a printed share.
        """
        if missing := set(self.unit.forces) - set(history.ratings["force"]):
            raise InputError(f"no rating of {', '.join(sorted(missing))}: rate the stacks on every force")
        found = read_evidence(history, standardised(history, self.unit), self.evidence.layers)
        if not found.printed.any():
            raise InputError("no rated stack has an outcome: give its criterion and the years of its outcome")
        return found


def read_evidence(history: History, table: RatingTable, layers: Iterable[str]) -> Evidence:
    """Return the rated stacks of a history, with the outcomes that they have."""
    found = outcomes(history)
    bounded = pd.DataFrame({"share": 0.0, "low": 0.0, "high": ceilings(history)})
    outcome, error = latent_outcome(pd.concat([found[["share", "low", "high"]], bounded]))
    traits = history.stacks.loc[list(table.stacks), TRAITS]
    stacks = traits.assign(outcome=outcome, error=error, measure=found["measure"])
    return Evidence(stacks, tuple(layers), table.scores, table.error_variance)


def latent_outcome(found: pd.DataFrame) -> "tuple[pd.Series[float], pd.Series[float]]":
    """Return outcomes (``share``, ``low``, ``high``) and their standard deviations on the logit.

    A share of almost 0 or 1, of which the logit would be arbitrary, and a ceiling are the middle of the interval.
    """
    share, low, high = (logit(found[name].clip(EDGE, 1 - EDGE)) for name in ("share", "low", "high"))
    inside = found["share"].between(EDGE, 1 - EDGE)
    return share.where(inside, (low + high) / 2), (high - low) / (2 * Z90)
