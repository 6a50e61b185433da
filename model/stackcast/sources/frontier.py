"""The gap between the best closed and the best open model of a scored list, with bounds."""

from dataclasses import dataclass

import pandas as pd

from stackcast.observations.labels import CLOSED, OPEN, UNKNOWN


@dataclass(frozen=True)
class Frontier:
    """The gap between two best models.

    Attributes
    ----------
    opened, closed
        Name and score of the best of each kind.
    gap
        Closed less open.
    bounds
        Lowest and highest gap under any labels of the unlabelled models; None when they change nothing.
    unlabelled
        The best unlabelled model, when it matters.
    """

    opened: tuple[str, float]
    closed: tuple[str, float]
    gap: float
    bounds: tuple[float, float] | None
    unlabelled: str

    @classmethod
    def of(cls, models: pd.DataFrame) -> "Frontier | None":
        """Compare the models (columns ``name``, ``score``, ``label``); None without one of each kind."""
        ranked = models.sort_values("score", kind="stable").drop_duplicates("label", keep="last").set_index("label")
        best = {str(label): ranked.loc[label] for label in ranked.index}
        if OPEN not in best or CLOSED not in best:
            return None
        opened, closed = float(best[OPEN]["score"]), float(best[CLOSED]["score"])
        other = float(best[UNKNOWN]["score"]) if UNKNOWN in best else min(opened, closed)
        low, high = closed - max(opened, other), max(closed, other) - opened
        bounds = (low, high) if low < high else None
        name = str(best[UNKNOWN]["name"]) if bounds else ""
        return cls(
            (str(best[OPEN]["name"]), opened), (str(best[CLOSED]["name"]), closed), closed - opened, bounds, name
        )

    def cells(self, digits: int) -> dict[str, float]:
        """Return the cells of a row, rounded as its source rounds."""
        low, high = self.bounds or (None, None)
        found = {"value": self.gap, "lower": low, "upper": high}
        return {name: round(x, digits) for name, x in found.items() if x is not None}
