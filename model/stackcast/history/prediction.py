"""Predicted open shares of stacks, as mixtures of Student t over posterior draws, and how they score."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scoringrules as sr
from scipy.special import expit, logsumexp
from scipy.stats import t

from stackcast.history.cross_section import TAIL, Fitted
from stackcast.history.evidence import Evidence

STRATA = 8
"""Quantiles of the t distribution that stand for it at each posterior draw, one from each of as many equal parts."""
INTERVALS = (0.5, 0.9)


@dataclass(frozen=True, eq=False)
class Prediction:
    """Predicted outcomes on the logit: a mixture over draws of t distributions.

    Attributes
    ----------
    stacks
        Names.
    location, scale
        (draw, stack). The scale is that of an outcome without an error of its own.
    """

    stacks: tuple[str, ...]
    location: np.ndarray
    scale: np.ndarray

    def quantiles(self, levels: np.ndarray, error: np.ndarray | float = 0.0) -> np.ndarray:
        """Return quantiles on the logit: (level, stack)."""
        return np.asarray(np.quantile(self._sample(error), levels, axis=0))

    def scores(self, outcome: np.ndarray, error: np.ndarray) -> pd.DataFrame:
        """Score the prediction against outcomes and their errors: (stack) each.

        Returns
        -------
        DataFrame
            By stack: ``log_score`` (log density on the logit), ``crps`` (logit), ``crps_share``, and ``pit``, the
            predicted probability of a lower outcome.
        """
        scale = np.sqrt(self.scale**2 + error**2)
        density = logsumexp(t.logpdf(outcome, TAIL, self.location, scale), axis=0) - np.log(len(scale))
        sample = self._sample(error)  # (sample, stack)
        columns = {
            "log_score": density,
            "crps": sr.crps_ensemble(outcome, sample.T, estimator="qd"),
            "crps_share": sr.crps_ensemble(expit(outcome), expit(sample).T, estimator="qd"),
            "pit": (sample < outcome).mean(axis=0),
        }
        return pd.DataFrame(columns, index=pd.Index(self.stacks, name="stack"))

    def _sample(self, error: np.ndarray | float) -> np.ndarray:
        """Return draws on the logit, (sample, stack); the same random numbers for every prediction of this size."""
        rng = np.random.default_rng(0)
        at = (np.arange(STRATA)[:, None, None] + rng.uniform(size=(STRATA, *self.location.shape))) / STRATA
        scale = np.sqrt(self.scale**2 + np.asarray(error) ** 2)
        return np.asarray(self.location + scale * t.ppf(at, TAIL)).reshape(-1, self.location.shape[1])


def predict(fitted: Fitted, evidence: Evidence) -> Prediction:
    """Predict stacks from their scores alone, as if these owed nothing to how the stacks ended.

    A layer that the model does not know is a draw from those that it knows.
    """
    member = evidence.membership  # (stack, layer)
    fresh = np.random.default_rng(1).standard_normal((len(fitted.residual), len(member)))
    known = fitted.sampled.flat()["offset"] @ member.T
    level = fitted.levels(np.where(member.any(axis=1), known, fresh))  # alpha: (draw, stack)
    location = level + (fitted.effects * evidence.reliability) @ evidence.scores.to_numpy().T
    half = fitted.effects * np.sqrt(evidence.error_variance * evidence.reliability)
    unknown = np.einsum("df,fg,dg->d", half, fitted.covariance, half)  # lambda' V lambda
    scale = np.sqrt(fitted.residual**2 + unknown)
    return Prediction(tuple(evidence.stacks.index), location, np.broadcast_to(scale[:, None], location.shape))
