"""Tables of draws: quantiles at named levels, probabilities, labels on every row."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from stackcast.quarters import Grid

QUANTILES = {"q05": 0.05, "q25": 0.25, "q50": 0.50, "q75": 0.75, "q95": 0.95}
"""The 50 and 90 % equal-tailed intervals that every table states."""


def rows_of(table: pd.DataFrame) -> Iterator[Any]:
    """Iterate over named tuples, one a row, with the columns as attributes."""
    yield from table.itertuples(index=False)


def quantile_table(values: np.ndarray) -> pd.DataFrame:
    """Return mean and quantiles of draws.

    Parameters
    ----------
    values
        (draw, element).

    Returns
    -------
    DataFrame
        One row an element: ``mean`` and the columns of :data:`QUANTILES`.
    """
    levels = np.quantile(values, list(QUANTILES.values()), axis=0)
    return pd.DataFrame({"mean": values.mean(axis=0), **dict(zip(QUANTILES, levels, strict=True))})


def path_table(name: str, values: np.ndarray, grid: Grid) -> pd.DataFrame:
    """Return the quantiles of one quantity (draw, quarter) by quarter, with the day the quarter ends."""
    dates = [q.end.isoformat() for q in grid.quarters]
    frame = quantile_table(values)
    frame.insert(0, "name", name)
    frame.insert(1, "quarter", grid.labels)
    frame.insert(2, "date", dates)
    return frame
