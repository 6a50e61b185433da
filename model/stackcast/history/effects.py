"""What the cross-section hands over: sizes of effects, resting points of categories, and how far they are known."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import expit

from stackcast.compiled.pymc_model import Effort
from stackcast.history.cross_section import TAIL, CrossSection, Fitted
from stackcast.history.evidence import Evidence
from stackcast.history.prediction import predict
from stackcast.history.ratings import RatingTable

TRANSFER = 0.3
"""Standard deviation of the logarithm by which an effect may differ between then and now: our judgement.

Effects of the pair C2 and C3 did not differ between layers, eras, collectors and measures by more than their errors,
which cannot rule out 0.3.
"""
T_SD = float(np.sqrt(TAIL / (TAIL - 2)))
"""Standard deviation of the t distribution of unit scale."""


@dataclass(frozen=True, eq=False)
class Effects:
    """The cross-section's posterior in the form in which a forecast takes it as a prior.

    Attributes
    ----------
    forces, layers
        Names.
    size_mean, size_sd
        Of the effects, in logit per standard deviation between stacks, in the debate's direction: (force).
    log_size_mean : (force), log_size_covariance : (force, force)
        The log-normal with the same means, standard deviations and correlations.
    against_sign
        Probability, where signs are free, that the effect has the other sign than the debate's: (force).
    alpha_mean, alpha_sd
        Logit of a category of average ratings: (layer).
    omega
        Standard deviation of what ratings and layer leave, on the logit.
    null_mean, null_sd, null_spread
        The same without ratings: (layer), (layer), a number. A share of another kind than these stacks', or a debate
        that trusts no rating, takes these.
    transfer_sd
        Standard deviation of the logarithm of then against now, for a category among the earlier stacks.
    hindsight
        Mean of what a standard deviation of the outcome is taken to have added to a rating.
    ratings : DataFrame
        (category, force), as rated, in standard deviations between stacks, mean of the raters.
    reliability
        Share of a rating's variance that is not error: (force).
    categories : DataFrame
        By rated stack without an outcome, those of today among them: ``layer``; ``distance``, the squared Mahalanobis
        distance from the earlier stacks, and ``beyond``, whether none of these is as far; ``transfer_sd`` of its
        effects; ``mean`` of its predicted logit, ``parameter_sd`` of that mean, ``sd`` of the logit itself with
        residual and transfer; ``median``, ``low_90`` and ``high_90`` as shares.
    farthest
        Squared distance of the farthest earlier stack.
    stacks
        Number of earlier stacks.
    divergences
        Divergent transitions of the fit.
    """

    forces: tuple[str, ...]
    layers: tuple[str, ...]
    size_mean: np.ndarray
    size_sd: np.ndarray
    log_size_mean: np.ndarray
    log_size_covariance: np.ndarray
    against_sign: np.ndarray
    alpha_mean: np.ndarray
    alpha_sd: np.ndarray
    omega: float
    null_mean: np.ndarray
    null_sd: np.ndarray
    null_spread: float
    transfer_sd: float
    hindsight: float
    ratings: pd.DataFrame
    reliability: np.ndarray
    categories: pd.DataFrame
    farthest: float
    stacks: int
    divergences: int


def effects(
    section: CrossSection, free: CrossSection, evidence: Evidence, table: RatingTable, seed: int, effort: Effort
) -> Effects:
    """Fit the cross-section, with the debate's signs, with free ones and without ratings, and hand it over.

    Parameters
    ----------
    section, free
        The model with the debate's signs, and with free ones.
    evidence
        Earlier stacks and, without an outcome, the categories of today.
    table
        The ratings that it was read from.
    seed, effort
        Of each of the three fits.
    """
    earlier = evidence.with_outcome()
    fitted, unsigned, null = (
        model.fit(given, seed, effort)
        for model, given in ((section, earlier), (free, earlier), (section, earlier.without_scores()))
    )
    log_mean, log_covariance = log_normal(fitted.effects)
    today = evidence.of(evidence.stacks.index[evidence.stacks["outcome"].isna()])
    return Effects(
        forces=fitted.forces,
        layers=fitted.layers,
        size_mean=fitted.effects.mean(axis=0),
        size_sd=fitted.effects.std(axis=0),
        log_size_mean=log_mean,
        log_size_covariance=log_covariance,
        against_sign=(unsigned.effects < 0).mean(axis=0),
        alpha_mean=fitted.alpha.mean(axis=0),
        alpha_sd=fitted.alpha.std(axis=0),
        omega=float(fitted.residual.mean() * T_SD),
        null_mean=null.alpha.mean(axis=0),
        null_sd=null.alpha.std(axis=0),
        null_spread=float(null.residual.mean() * T_SD),
        transfer_sd=TRANSFER,
        hindsight=float(fitted.hindsight.mean()),
        ratings=table.mean.loc[today.stacks.index],
        reliability=evidence.reliability,
        categories=predicted_categories(fitted, earlier, today),
        farthest=float(distances(earlier.scores, earlier.scores).max()),
        stacks=len(earlier.stacks),
        divergences=sum(one.sampled.divergences for one in (fitted, unsigned, null)),
    )


def log_normal(sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and covariance of the logarithm of the log-normal with the moments of positive draws (draw, force).

    The moments of the logarithm itself would be those of draws near zero: an effect that is no effect.
    """
    mean = sizes.mean(axis=0)
    covariance = np.log1p(np.cov(sizes.T) / np.outer(mean, mean))
    return np.log(mean) - np.diag(covariance) / 2, covariance


def distances(scores: pd.DataFrame, among: pd.DataFrame) -> "pd.Series[float]":
    """Return squared Mahalanobis distances of scores (stack, force) from the middle of others, by stack."""
    away = (scores - among.mean()).to_numpy()
    return pd.Series((away @ np.linalg.inv(among.cov().to_numpy()) * away).sum(axis=1), scores.index)


def transfer(distance: "pd.Series[float]", forces: int) -> "pd.Series[float]":
    """Return the transfer spread of categories by their squared distance: wider as the distance exceeds a typical one.

    A stack drawn like the others has a squared distance of the number of forces in the mean.
    """
    return TRANSFER * (distance / forces).clip(lower=1.0) ** 0.5


def predicted_categories(fitted: Fitted, earlier: Evidence, today: Evidence) -> pd.DataFrame:
    """Return the table ``categories`` of :class:`Effects`."""
    distance = distances(today.scores, earlier.scores)
    spread = transfer(distance, len(fitted.forces))
    given = predict(fitted, today)
    rng = np.random.default_rng(2)
    change = np.expm1(spread.to_numpy()[:, None] * rng.standard_normal((len(given.location), *today.scores.shape)))
    parts = fitted.effects[:, None, :] * (today.scores * today.reliability).to_numpy()  # (draw, category, force)
    moved = replace(given, location=given.location + (parts * change).sum(axis=-1))
    low, median, high = expit(moved.quantiles(np.array([0.05, 0.5, 0.95])))
    sd = np.sqrt(moved.location.var(axis=0) + T_SD**2 * (moved.scale**2).mean(axis=0))
    columns = {
        "layer": today.stacks["layer"], "distance": distance,
        "beyond": distance > distances(earlier.scores, earlier.scores).max(), "transfer_sd": spread,
        "mean": given.location.mean(axis=0), "parameter_sd": given.location.std(axis=0), "sd": sd,
        "median": median, "low_90": low, "high_90": high,
    }  # fmt: skip
    return pd.DataFrame(columns, index=today.stacks.index)
