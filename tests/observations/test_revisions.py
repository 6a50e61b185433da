"""The lag shift: a conjugate regression checked against its closed form, and against the shipped vintages."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from stackcast.observations.revisions import QUARTER_DAYS, ages, decay, lag_bias

COLUMNS = ["id", "signal", "period_start", "period_end", "published", "numerator", "denominator"]
QUARTERLY = "epoch-notable-open-weights-quarterly"
HALF_LIFE, PRIOR_SD, NOISE = 2.0, 0.5, 0.3


def history(*vintages):
    rows = [(f"{i}", "s", *(pd.Timestamp(d) for d in dates), k, n) for i, (*dates, k, n) in enumerate(vintages)]
    frame = pd.DataFrame(rows, columns=COLUMNS).assign(retracted=pd.NaT)
    return frame.assign(level=np.log((frame["numerator"] + 0.5) / (frame["denominator"] - frame["numerator"] + 0.5)))


def bias(rows, day=date(2026, 1, 1), growing=False):
    return lag_bias(rows, day, growing=growing, prior_sd=PRIOR_SD, half_life=HALF_LIFE, noise=NOISE)


def test_the_prior_comes_back_without_pairs():
    once = history(("2024-01-01", "2024-03-31", "2024-05-01", 5, 20))
    for rows in (once.iloc[:0], once):
        found = bias(rows)
        assert (found.mean, found.sd, found.pairs) == (0.0, pytest.approx(PRIOR_SD), 0)


def test_the_posterior_is_the_closed_form_one():
    rows = history(
        ("2024-01-01", "2024-03-31", "2024-04-15", 40, 100),
        ("2024-01-01", "2024-03-31", "2025-04-15", 30, 100),
        ("2024-04-01", "2024-06-30", "2024-08-15", 22, 80),
        ("2024-04-01", "2024-06-30", "2024-10-15", 20, 80),
        ("2024-04-01", "2024-06-30", "2025-10-15", 18, 80),
    )

    def log_odds(k, n):
        return np.log((k + 0.5) / (n - k + 0.5))

    def left(days):
        return 0.5 ** (days / QUARTER_DAYS / HALF_LIFE)

    x = -np.array([left(15) - left(380), left(46) - left(472)])
    y = np.array([log_odds(30, 100) - log_odds(40, 100), log_odds(18, 80) - log_odds(22, 80)])
    precision = 1 / PRIOR_SD**2 + (x**2).sum() / NOISE**2
    found = bias(rows)
    assert found.pairs == 2
    assert found.mean == pytest.approx((x @ y) / NOISE**2 / precision)
    assert found.sd == pytest.approx(precision**-0.5)
    assert found.mean > 0, "first figures were too high, so the shift is positive"


def test_vintages_after_the_day_do_not_count():
    rows = history(
        ("2024-01-01", "2024-03-31", "2024-04-15", 40, 100), ("2024-01-01", "2024-03-31", "2025-04-15", 30, 100)
    )
    assert bias(rows, date(2025, 4, 14)).pairs == 0
    assert bias(rows, date(2025, 4, 15)).pairs == 1


def test_many_revisions_find_the_shift_that_made_them():
    rng = np.random.default_rng(3)
    shift, vintages = 0.4, []
    for i in range(60):
        start = pd.Timestamp("2005-01-01") + pd.DateOffset(months=3 * i)
        end = start + pd.DateOffset(months=3) - pd.Timedelta(days=1)
        n = 100_000
        for days in (20, 900):
            age = days / QUARTER_DAYS
            odds = -0.5 + shift * 0.5 ** (age / HALF_LIFE) + rng.normal(0, 0.02)
            vintages.append((start, end, end + pd.Timedelta(days=days), round(n * expit(odds)), n))
    found = bias(history(*vintages))
    assert found.pairs == 60
    assert found.mean == pytest.approx(shift, abs=3 * found.sd)
    assert found.sd < 0.1


def test_a_growing_window_is_paired_with_the_year_that_it_became():
    early = ("2024-01-01", "2024-12-06", "2024-12-24", 8, 11)
    whole = ("2024-01-01", "2024-12-31", "2025-12-02", 17, 30)
    rows = history(early, whole)
    assert bias(rows).pairs == 0, "as fixed windows these are two periods"
    found = bias(rows, growing=True)
    move = np.log((17.5 / 13.5) / (8.5 / 3.5))
    x = -(0.5 ** (18 / QUARTER_DAYS / HALF_LIFE) - 0.5 ** (336 / QUARTER_DAYS / HALF_LIFE))
    precision = 1 / PRIOR_SD**2 + x**2 / NOISE**2
    assert (found.pairs, found.mean) == (1, pytest.approx(x * move / NOISE**2 / precision))


def test_a_window_of_half_a_year_is_no_vintage_of_the_year():
    half = ("2024-01-01", "2024-06-30", "2024-07-24", 8, 11)
    most = ("2024-01-01", "2024-12-06", "2024-12-24", 9, 11)
    whole = ("2024-01-01", "2024-12-31", "2025-12-02", 17, 30)
    assert bias(history(half, whole), growing=True).pairs == 0
    assert bias(history(half, most, whole), growing=True) == bias(history(most, whole), growing=True)


def test_a_year_that_was_old_when_first_seen_says_little_of_the_shift():
    fresh, old = (
        history(("2022-01-01", "2022-12-31", day, 40, 100), ("2022-01-01", "2022-12-31", "2025-12-01", 30, 100))
        for day in ("2023-01-10", "2025-06-01")
    )
    assert bias(fresh).sd < bias(old).sd < PRIOR_SD


def test_age_and_decay():
    rows = history(("2024-01-01", "2024-03-31", "2024-03-31", 1, 2), ("2024-01-01", "2024-03-31", "2025-03-31", 1, 2))
    assert ages(rows) == pytest.approx([0, 365 / QUARTER_DAYS])
    assert decay(np.array([-1.0, 0.0, 2.0, 4.0]), 2.0) == pytest.approx([1, 1, 0.5, 0.25])


def test_the_shipped_vintages_inform_the_shift(observed, earlier, design):
    prior, place = design.priors.measurement.scales.lag_shift.value, design.lagging.index(QUARTERLY)
    for data in (observed.data, earlier.data):
        assert data["lag_sd"].shape == (len(design.lagging),)
        assert 0 < data["lag_sd"][place] < prior
        assert data["lag_mean"][place] > 0, "recent quarters were shown too open"
