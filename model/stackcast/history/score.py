"""How well the cross-section predicts stacks that it was not fitted to, given as a history of their own."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from stackcast.compiled.pymc_model import Effort
from stackcast.history.contest import against
from stackcast.history.cross_section import CrossSection
from stackcast.history.evidence import Evidence
from stackcast.history.prediction import Prediction, predict

LEVELS = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
COLUMNS = ["share", "low_90", "low_50", "median", "high_50", "high_90"]


@dataclass(frozen=True, eq=False)
class Score:
    """Predictions of unseen stacks and how they scored.

    Attributes
    ----------
    stacks : DataFrame
        By stack: its ``share``, the predicted intervals and ``median`` (shares), and the columns of
        :meth:`Prediction.scores`.
    summary : DataFrame
        A line for each base rate, ``by layer`` and ``without layers``: the columns of :func:`against`,
        ``quantile_score`` (that of the five printed quantiles of the share, over the base rate's), and
        ``correlation`` of predicted median and outcome on the logit.
    """

    stacks: pd.DataFrame
    summary: pd.DataFrame


def score(section: CrossSection, evidence: Evidence, unseen: Evidence, seed: int, effort: Effort) -> Score:
    """Predict stacks with a printed share from their ratings, and score them beside base rates without ratings.

    Parameters
    ----------
    section, evidence
        The model, and the stacks with an outcome that it is fitted to.
    unseen
        Other stacks, whose scores are in the unit of ``evidence``; those without a printed share are passed over.
    seed, effort
        Of each of the three fits.
    """
    asked = unseen.of(unseen.stacks.index[unseen.printed])
    outcome, error = (asked.stacks[name].to_numpy() for name in ("outcome", "error"))

    def predicted(given: Evidence, new: Evidence) -> Prediction:
        return predict(section.fit(given, seed, effort), new)

    forces = predicted(evidence, asked)
    bases = {
        "by layer": predicted(evidence.without_scores(), asked.without_scores()),
        "without layers": predicted(evidence.without_scores().in_one_layer(), asked.without_scores().in_one_layer()),
    }
    scores = forces.scores(outcome, error)
    shares = expit(forces.quantiles(LEVELS, error))  # (level, stack)
    stacks = pd.DataFrame(dict(zip(COLUMNS, [expit(outcome), *shares], strict=True)), index=scores.index).join(scores)
    own = quantile_score(forces, outcome, error)
    lines = {
        name: against(scores, base.scores(outcome, error))
        | {"quantile_score": own / quantile_score(base, outcome, error)}
        | {"correlation": np.corrcoef(np.median(forces.location, axis=0), outcome)[0, 1]}
        for name, base in bases.items()
    }
    return Score(stacks, pd.DataFrame(lines).T.rename_axis("base_rate"))


def quantile_score(prediction: Prediction, outcome: np.ndarray, error: np.ndarray) -> float:
    """Return the mean pinball loss of the predicted quantiles of the share at :data:`LEVELS`."""
    miss = expit(outcome) - expit(prediction.quantiles(LEVELS, error))  # (level, stack)
    return float(np.maximum(LEVELS[:, None] * miss, (LEVELS[:, None] - 1) * miss).mean())
