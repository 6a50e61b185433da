"""A cross-section's predictions of stacks that it was not fitted to, beside those of a base rate."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from stackcast.compiled.pymc_model import Effort
from stackcast.history.cross_section import CrossSection
from stackcast.history.evidence import Evidence
from stackcast.history.prediction import predict

QUICK = Effort(chains=2, draws=400, tune=250, target_accept=0.8)
"""The effort of one of many fits."""
SCORES = ("crps", "crps_share")


def leave_one_out(evidence: Evidence) -> list[list[str]]:
    """Return one fold for each stack with a printed share; ceilings are fitted and never predicted."""
    return [[slug] for slug in evidence.stacks.index[evidence.printed]]


def random_folds(evidence: Evidence, folds: int, times: int, seed: int) -> list[list[str]]:
    """Return the stacks with a printed share cut at random into so many folds, so many times."""
    rng, slugs = np.random.default_rng(seed), evidence.stacks.index[evidence.printed].to_numpy()
    splits = (np.array_split(rng.permutation(slugs), folds) for _ in range(times))
    return [list(fold) for split in splits for fold in split]


def folds_by(evidence: Evidence, group: "pd.Series[str]") -> list[list[str]]:
    """Return one fold for each group of stacks."""
    return [list(members.index) for _, members in group[evidence.printed].groupby(group)]


def predicted_apart(
    section: CrossSection, evidence: Evidence, folds: Sequence[Sequence[str]], seed: int, effort: Effort = QUICK
) -> pd.DataFrame:
    """Score each fold's stacks as predicted from all others; a stack of several folds has its mean scores.

    Returns
    -------
    DataFrame
        The columns of :meth:`Prediction.scores`, by stack.
    """
    return pd.concat(_apart(section, evidence, folds, seed, effort)).groupby(level="stack", sort=False).mean()


def _apart(
    section: CrossSection, evidence: Evidence, folds: Sequence[Sequence[str]], seed: int, effort: Effort
) -> Iterator[pd.DataFrame]:
    for fold in folds:
        fitted = section.fit(evidence.of(evidence.stacks.index.difference(list(fold), sort=False)), seed, effort)
        left = evidence.of(fold)
        yield predict(fitted, left).scores(left.stacks["outcome"].to_numpy(), left.stacks["error"].to_numpy())


def against(scores: pd.DataFrame, base: pd.DataFrame) -> dict[str, float]:
    """Compare scores with those of a base rate on the same stacks.

    Returns
    -------
    dict
        ``stacks``; ``gain`` in log score, nats, and its standard error; CRPS and CRPS of the share over the base rate's
        with ``_z``, the mean difference over its standard error; share of outcomes in the 50 and 90 % intervals.
    """
    number, more = len(scores), (scores["log_score"] - base["log_score"]).to_numpy()
    found = {"stacks": number, "gain": more.sum(), "gain_se": more.std(ddof=1) * np.sqrt(number)}
    for name in SCORES:
        own, other = scores[name].to_numpy(), base[name].to_numpy()
        spread = (own - other).std(ddof=1) / np.sqrt(number)
        found |= {name: own.sum() / other.sum(), f"{name}_z": (own - other).mean() / spread if spread else 0.0}
    inside = np.abs(scores["pit"].to_numpy() - 0.5)
    return found | {"in_50": (inside < 0.25).mean(), "in_90": (inside < 0.45).mean()}
