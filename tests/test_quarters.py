from datetime import date, timedelta

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from stackcast.quarters import Grid, Quarter

GRID = Grid(Quarter.parse("2022-Q1"), 20)
DAYS = st.dates(date(2021, 1, 1), date(2027, 12, 31))


def weights(start, end, grid=GRID):
    return grid.weights(pd.Series([pd.Timestamp(start)]), pd.Series([pd.Timestamp(end)]))[0]


@given(DAYS)
def test_a_day_lies_in_its_quarter(day):
    quarter = Quarter.of(day)
    assert quarter.start <= day <= quarter.end
    assert Quarter.parse(str(quarter)) == quarter
    assert Quarter.of(quarter.end + timedelta(days=1)) == quarter + 1


@given(DAYS, st.integers(0, 800))
def test_weights_count_days(start, length):
    end = start + timedelta(days=length)
    days = [start + timedelta(days=i) for i in range(length + 1)]
    expected = np.array([sum(Quarter.of(d) == q for d in days) for q in GRID.quarters]) / len(days)
    np.testing.assert_allclose(weights(start, end), expected, atol=1e-12)


def test_a_period_inside_the_grid_has_weight_one_and_one_outside_none():
    assert weights("2024-03-31", "2024-03-31").tolist() == [1.0 if str(q) == "2024-Q1" else 0.0 for q in GRID.quarters]
    assert weights("2020-01-01", "2020-12-31").sum() == 0
    np.testing.assert_allclose(weights("2021-07-01", "2022-06-30").sum(), 181 / 365)


def test_years_hold_their_quarters():
    assert GRID.years == [2022, 2023, 2024, 2025, 2026]
    assert (GRID.year_matrix().sum(axis=0) == 4).all()
