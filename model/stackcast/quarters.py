"""The quarterly grid: dates as weights over quarters."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import pandas as pd


@dataclass(frozen=True, order=True, slots=True)
class Quarter:
    """A calendar quarter, counted from year 0 so that quarters subtract."""

    number: int

    @classmethod
    def of(cls, day: date) -> "Quarter":
        """Return the quarter that holds ``day``."""
        return cls(4 * day.year + (day.month - 1) // 3)

    @classmethod
    def parse(cls, label: str) -> "Quarter":
        """Read a label such as ``2026-Q1``."""
        year, quarter = label.split("-Q")
        return cls(4 * int(year) + int(quarter) - 1)

    @property
    def year(self) -> int:
        """Calendar year."""
        return self.number // 4

    @property
    def start(self) -> date:
        """First day."""
        return date(self.year, 3 * (self.number % 4) + 1, 1)

    @property
    def end(self) -> date:
        """Last day."""
        return Quarter(self.number + 1).start - timedelta(days=1)

    def __add__(self, steps: int) -> "Quarter":
        return Quarter(self.number + steps)

    def __sub__(self, other: "Quarter") -> int:
        return self.number - other.number

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number % 4 + 1}"


@dataclass(frozen=True)
class Grid:
    """Consecutive quarters from ``first``, ``size`` of them."""

    first: Quarter
    size: int

    @property
    def last(self) -> Quarter:
        """The last quarter of the grid."""
        return self.first + (self.size - 1)

    @cached_property
    def quarters(self) -> tuple[Quarter, ...]:
        """All quarters, in order."""
        return tuple(self.first + i for i in range(self.size))

    @cached_property
    def labels(self) -> list[str]:
        """Labels for coords, such as ``2026-Q1``."""
        return [str(q) for q in self.quarters]

    @cached_property
    def years(self) -> list[int]:
        """The calendar years that the grid touches."""
        return list(range(self.first.year, self.last.year + 1))

    def index(self, quarter: Quarter) -> int:
        """Position of ``quarter``; may lie outside the grid."""
        return quarter - self.first

    def weights(self, starts: pd.Series, ends: pd.Series) -> np.ndarray:
        """Share of each period's days that falls into each quarter.

        Parameters
        ----------
        starts, ends
            First and last day of each period (datetime64), both included.

        Returns
        -------
        ndarray (period, quarter)
            Rows sum to the share of the period that the grid covers: 1 for a period inside it.
        """
        edges = np.array([q.start for q in (*self.quarters, self.last + 1)], dtype="datetime64[D]").astype(int)
        begin = starts.to_numpy().astype("datetime64[D]").astype(int)[:, None]
        end = ends.to_numpy().astype("datetime64[D]").astype(int)[:, None] + 1
        days = np.minimum(end, edges[1:]) - np.maximum(begin, edges[:-1])
        return np.asarray(np.clip(days, 0, None) / (end - begin))

    def year_matrix(self) -> np.ndarray:
        """Return the (quarter, year) indicator of which year holds which quarter."""
        return np.array([[float(q.year == year) for year in self.years] for q in self.quarters])
