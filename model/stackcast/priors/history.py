"""``history.yaml``: what earlier stacks say of effects, of resting points and of how shares move, as priors.

`stackcast history fit` writes the file from ``observations/history/``; a person can read it, and a new one differs from
it line by line. Sizes are in logit a unit of rating: one sd between earlier stacks.
"""

from dataclasses import dataclass
from typing import Annotated, Self

import numpy as np
from pydantic import Field, StringConstraints, model_validator

from stackcast.files.documents import Strict
from stackcast.observations.schema import Text
from stackcast.priors.debate import Version
from stackcast.priors.schema import Constant, Elicited, Name, Positive

Ratings = dict[Name, float]


class Normal(Strict):
    """A normal distribution."""

    mean: float
    sd: Positive


class Sizes(Strict):
    """The sizes of the forces' effects, log-normal, in the order of ``forces``."""

    forces: Annotated[tuple[Name, ...], Field(min_length=1)]
    log_mean: tuple[float, ...]
    log_sd: tuple[Positive, ...]
    correlation: tuple[tuple[float, ...], ...]

    @model_validator(mode="after")
    def _square(self) -> Self:
        size = len(self.forces)
        rows = [self.log_mean, self.log_sd, self.correlation, *self.correlation]
        if any(len(row) != size for row in rows) or len(set(self.forces)) < size:
            raise ValueError(f"give a mean, an sd and a row of correlations for each of the {size} forces, none twice")
        matrix = np.array(self.correlation)
        if not np.allclose(np.diag(matrix), 1.0) or not np.allclose(matrix, matrix.T, atol=1e-6):
            raise ValueError("the correlations are symmetric, with ones on the diagonal")
        if np.linalg.eigvalsh(matrix)[0] <= 0:
            raise ValueError("the correlations belong to no distribution: the matrix is not positive definite")
        return self

    @property
    def factor(self) -> np.ndarray:
        """(force, force) lower triangle whose product with its transpose is the covariance of the logarithms."""
        return np.array(self.log_sd)[:, None] * np.linalg.cholesky(np.array(self.correlation))


class RestingPoints(Strict):
    """Where shares come to rest: the mean of each layer, and how far stacks of a layer differ, logit."""

    layers: Annotated[dict[Name, Normal], Field(min_length=1)]
    residual_sd: Positive

    def of(self, layer: str) -> Normal:
        """Return the prior of one facet's resting point, the uncertainty of its layer's mean included."""
        mean = self.layers[layer]
        return Normal(mean=mean.mean, sd=float(np.hypot(mean.sd, self.residual_sd)))


class Category(Strict):
    """A category of today as rated when the debate began."""

    title: Text
    ratings: Ratings
    distance: Positive
    transfer_sd: Positive
    outside: bool


class HistoryFile(Strict):
    """``history.yaml``.

    Attributes
    ----------
    inputs
        Hash of the rows that it was fitted to.
    effects
        Sizes of the forces' effects on a resting point.
    unit
        Sds between earlier stacks that one prior sd of a claim's path is worth.
    resting_points
        Given a category's ratings; ``unrated`` without any.
    categories
        Today's categories: ratings, Mahalanobis distance from the earlier stacks, whether it lies beyond all of them,
        and the sd of the logarithm of an effect's size now against then.
    scales
        Scales and speeds in place of those in ``measurement.yaml``.
    """

    format: Version
    inputs: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    effects: Sizes
    unit: Constant
    transfer_sd: Positive
    resting_points: RestingPoints
    unrated: RestingPoints
    categories: dict[Name, Category]
    scales: dict[str, Elicited | Constant] = Field(default_factory=dict)


@dataclass(frozen=True)
class Force:
    """How one force acts on one facet.

    Attributes
    ----------
    name
        The claim that names it.
    rating
        Of the facet's category, in sds between earlier stacks; zero without a category.
    transfer_sd
        Sd of the logarithm of the size, then against now.
    """

    name: str
    rating: float
    transfer_sd: float


def acting(history: HistoryFile, claim: str, category: str | None) -> Force | None:
    """Return how a claim acts as a force on a facet of a category; None where history knows no such force."""
    if claim not in history.effects.forces:
        return None
    if category is None:
        return Force(claim, 0.0, history.transfer_sd)
    found = history.categories[category]
    return Force(claim, found.ratings[claim], found.transfer_sd)
