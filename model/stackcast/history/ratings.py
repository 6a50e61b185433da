"""Ratings in one unit: what each rater said of each stack's forces, and the blocks that the forces form."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd

from stackcast.history.outcomes import outcomes
from stackcast.history.records import History
from stackcast.priors.load import Priors

SHARED_ERROR = 0.3
"""Standard deviation of the error that all raters of a stack share, in units: our judgement.

They read one description and know the same things, and agree at a correlation of 0.85 to 0.96, so that what they have
in common cannot be told from the truth.
"""


@dataclass(frozen=True)
class Unit:
    """The unit of ratings: a standard deviation between the stacks that have an outcome, in the side's direction.

    Attributes
    ----------
    forces
        Names in the order of the ratings.
    signs
        1 where a strong force makes shares higher, as the debate has it, and -1 where lower: (force).
    centre, size
        Mean over those stacks and the unit, both on the scale of the sheet: (force).
    own_error
        Standard deviation of one rater's own error, in units: (force).
    """

    forces: tuple[str, ...]
    signs: np.ndarray
    centre: np.ndarray
    size: np.ndarray
    own_error: np.ndarray

    @classmethod
    def of(cls, history: History, signs: Mapping[str, float]) -> Self:
        """Return the unit of a history's stacks with an outcome.

        A rater's own error is what is left of the ratings after the stack's mean and the rater's mean.
        """
        sheet = _sheet(history, tuple(signs)).loc[
            lambda frame: frame.index.isin(outcomes(history).index, level="stack")
        ]
        mean = sheet.groupby(level="stack").mean()
        left = sheet - mean.reindex(sheet.index, level="stack")
        left -= left.groupby(level="rater").transform("mean")
        stacks, raters = (sheet.index.get_level_values(name).nunique() for name in ("stack", "rater"))
        free = max(len(sheet) - stacks - raters + 1, 1)
        size = mean.std().to_numpy()
        own = np.sqrt((left**2).sum().to_numpy() / free) / size
        return cls(tuple(signs), np.array([*signs.values()], float), mean.mean().to_numpy(), size, own)


@dataclass(frozen=True, eq=False)
class RatingTable:
    """Ratings in a unit, with the error of each.

    Attributes
    ----------
    stacks, raters, forces
        Labels of the three axes.
    values
        (stack, rater, force), in units and as rated; NaN where a rater left a stack out.
    signs
        Direction of each force: (force).
    own_error
        Standard deviation of one rater's own error, in units: (force).
    """

    stacks: tuple[str, ...]
    raters: tuple[str, ...]
    forces: tuple[str, ...]
    values: np.ndarray
    signs: np.ndarray
    own_error: np.ndarray

    @property
    def mean(self) -> pd.DataFrame:
        """Mean over raters, as rated: (stack, force)."""
        return pd.DataFrame(np.nanmean(self.values, axis=1), self.stacks, self.forces)

    @property
    def scores(self) -> pd.DataFrame:
        """Mean over raters in the direction of higher shares: (stack, force)."""
        return self.mean * self.signs

    @property
    def error_variance(self) -> np.ndarray:
        """Variance of the error of a stack's mean: of what its raters share, and of each one's own: (force)."""
        raters = (~np.isnan(self.values).any(axis=-1)).sum(axis=1).mean()  # per stack
        return np.asarray(SHARED_ERROR**2 + self.own_error**2 / raters)


def standardised(history: History, unit: Unit) -> RatingTable:
    """Return the ratings of all rated stacks in a unit, which may be that of other stacks."""
    sheet = _sheet(history, unit.forces).sub(unit.centre).div(unit.size)
    cube = sheet.stack(future_stack=True).unstack("rater")  # (stack and force, rater)
    stacks = tuple(dict.fromkeys(sheet.index.get_level_values("stack")))
    raters = tuple(cube.columns)
    rows = pd.MultiIndex.from_product([stacks, unit.forces])
    values = cube.reindex(rows).to_numpy().reshape(len(stacks), len(unit.forces), len(raters)).transpose(0, 2, 1)
    return RatingTable(stacks, raters, unit.forces, values, unit.signs, unit.own_error)


def force_signs(priors: Priors, history: History) -> dict[str, float]:
    """Return the direction of each force that was rated, in the order of the debate's claims."""
    rated = set(history.ratings["force"])
    return {name: priors.debate.sides.sign(claim.side) for name, claim in priors.claims.items() if name in rated}


def by_rater(history: History, rater: str) -> History:
    """Return the history with the ratings of one rater alone."""
    return replace(history, ratings=history.ratings[history.ratings["rater"] == rater].reset_index(drop=True))


def blocks(scores: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Return the groups of forces that were rated alike, whatever came of the stacks.

    The principal components of the ratings' correlation with a variance above that of one force are rotated to simple
    structure (varimax; Kaiser 1958, Psychometrika 23:187), and each force goes with the component that it loads on
    most. The name of a block lists its forces.
    """
    from statsmodels.multivariate.factor_rotation import rotate_factors

    variance, vectors = np.linalg.eigh(scores.corr().to_numpy())
    kept = variance > 1
    loadings = vectors[:, kept] * np.sqrt(variance[kept])  # (force, component)
    rotated = rotate_factors(loadings, "varimax")[0] if kept.sum() > 1 else loadings
    member = np.abs(rotated).argmax(axis=1)
    groups = [tuple(scores.columns[member == one]) for one in dict.fromkeys(member)]
    return {"+".join(group): group for group in groups}


def _sheet(history: History, forces: tuple[str, ...]) -> pd.DataFrame:
    """Return ratings on the scale of the sheet: rows of stack and rater, a column for each force."""
    wide = history.ratings.set_index(["stack", "rater", "force"])["rating"].unstack("force")
    order = pd.Index(history.stacks.index)
    wide = wide[list(forces)].astype(float).dropna()
    return wide.loc[sorted(wide.index, key=lambda row: (order.get_loc(row[0]), row[1]))]
