import numpy as np
import pytest

from stackcast.posterior.summary import path_table, quantile_table
from stackcast.quarters import Grid, Quarter

VALUES = np.random.default_rng(1).normal([0.0, 1.0, 2.0], [1.0, 2.0, 0.1], (40_001, 3))


def test_quantiles_are_those_of_the_draws():
    table = quantile_table(VALUES)
    assert list(table.columns) == ["mean", "q05", "q25", "q50", "q75", "q95"]
    assert table["q50"].to_numpy() == pytest.approx([0, 1, 2], abs=0.03)
    assert table.loc[1, "q95"] == pytest.approx(1 + 2 * 1.645, abs=0.08)
    assert table.loc[1, "q25"] == pytest.approx(1 - 2 * 0.6745, abs=0.05)
    assert (table["q05"] < table["q25"]).all()


def test_paths_are_dated_by_the_end_of_their_quarter():
    grid = Grid(Quarter.parse("2025-Q4"), 3)
    table = path_table("x", VALUES, grid)
    assert table["date"].tolist() == ["2025-12-31", "2026-03-31", "2026-06-30"]
    assert table["quarter"].tolist() == ["2025-Q4", "2026-Q1", "2026-Q2"]
