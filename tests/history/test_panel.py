"""The written rule: which rows make a series."""

import numpy as np
import pandas as pd
from numpy.testing import assert_allclose

from stackcast.history.panel import MOST_CASES, panel
from tests.history.series import rows

YEARS = [2000.5, 2001.5, 2003.5, 2004.5, 2006.5]
SHARES = [0.1, 0.2, 0.3, 0.4, 0.5]


def test_figures_stand_in_their_quarters_with_the_years_since_the_one_before():
    found = panel(rows(date=YEARS, share=SHARES))
    assert np.flatnonzero(found.known[:, 0]).tolist() == [0, 4, 12, 16, 24]
    assert_allclose(found.y[12, 0], np.log(0.3 / 0.7))
    assert_allclose(found.years[[0, 4, 12, 16, 24], 0], [0, 1, 2, 1, 2])
    assert found.series.iloc[0].to_dict() == {
        "stack": "a", "population": "p", "criterion": "c", "source_kind": "census", "first": 2000.5,
    }  # fmt: skip


def test_ceilings_money_and_series_of_three_dates_are_left_out():
    assert len(panel(rows(date=YEARS[:3], share=SHARES[:3])).series) == 0
    assert len(panel(rows(date=YEARS, share=SHARES, measure="money")).series) == 0
    assert panel(rows(date=YEARS, share=[0.1, np.nan, 0.3, 0.4, 0.5])).known.sum() == 4


def test_zeros_before_the_first_share_are_dropped_and_later_ones_need_cases():
    leading = panel(rows(date=[1990.5, *YEARS], share=[0.0, *SHARES]))
    assert leading.series["first"].item() == 2000.5
    later = [*SHARES[:-1], 0.0]
    assert panel(rows(date=YEARS, share=later)).known.sum() == 4
    counted = panel(rows(date=YEARS, share=later, n=[np.nan] * 4 + [99.0]))
    assert_allclose(counted.y[24, 0], np.log(0.005 / 0.995))


def test_the_sampling_error_is_binomial_with_a_cap():
    found = panel(rows(date=YEARS, share=[0.5] * 5, n=[100.0, 1e3, 1e6, 1e9, np.nan]))
    error = found.error[[0, 4, 12, 16, 24], 0]
    assert_allclose(error, [0.2, 2 / np.sqrt(1e3), 2 / np.sqrt(MOST_CASES), 2 / np.sqrt(MOST_CASES), 0.0])


def test_of_two_dates_in_a_quarter_the_last_is_kept():
    found = panel(rows(date=[2000.5, 2000.55, *YEARS[1:]], share=[0.3, 0.1, *SHARES[1:]]))
    assert_allclose(found.y[0, 0], np.log(0.1 / 0.9))


def test_populations_and_criteria_are_series_of_their_own_and_each_ends_at_its_last_figure():
    both = pd.concat([rows(date=YEARS, share=SHARES), rows(date=YEARS[:4], share=SHARES[:4], criterion="d")])
    found = panel(both)
    assert found.series["criterion"].tolist() == ["c", "d"]
    assert [found.one(i).known.shape for i in (0, 1)] == [(25, 1), (17, 1)]
