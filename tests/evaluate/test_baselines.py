"""Each baseline against arithmetic by hand, dense algebra, simulation, or the library it calls."""

import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.stats import multivariate_normal
from threadpoolctl import threadpool_limits

from stackcast.evaluate import baselines
from stackcast.evaluate.baselines import (
    ABSURD,
    BASELINES,
    DEFAULT_STEP,
    LEAST_STEP,
    ORDERS,
    RIVALS,
    Past,
    Predictive,
    filter_level,
    on_grid,
)

REGULAR = ("ets", "theta", "arima")
HORIZONS = (1 / 3, 1.0, 2.4, 8.0)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Without it several BLAS threads fight over the smallest of matrices; ``make`` sets OMP_NUM_THREADS."""
    with threadpool_limits(1):
        yield


def walk(n=14, seed=5, step=0.3, every=1.0):
    noise = np.random.default_rng(seed).normal(0, step * np.sqrt(every), n)
    return Past(every * np.arange(n), np.cumsum(noise))


def irregular():
    return Past(np.array([0.0, 1 / 3, 1.0, 4.0, 4.0, 5.5]), np.array([0.2, 0.5, 0.1, 0.9, 0.7, 1.3]))


# --- by hand ---------------------------------------------------------------------------------------------------------


def test_persistence_by_hand():
    past = Past(np.array([0.0, 1.0, 5.0]), np.array([0.0, 0.3, -0.1]))
    got = BASELINES["persistence"](past, 2.0)
    assert (got.mean, got.method) == (-0.1, "persistence")
    assert got.sd == pytest.approx(np.sqrt((0.3**2 / 1 + 0.4**2 / 4) / 2 * 2))


def test_persistence_of_few_or_equal_figures_and_short_gaps():
    two = Past(np.array([0.0, 1.0]), np.array([0.0, 3.0]))
    assert BASELINES["persistence"](two, 4.0).sd == pytest.approx(DEFAULT_STEP * 2)
    assert BASELINES["persistence"](Past(np.arange(5.0), np.ones(5)), 4.0).sd == pytest.approx(LEAST_STEP * 2)
    same_day = Past(np.zeros(3), np.array([0.0, 0.3, 0.0]))
    assert BASELINES["persistence"](same_day, 0.0).sd == pytest.approx(np.sqrt(0.3**2 / (1 / 3) / 3))


def test_drift_by_hand():
    past = Past(np.array([0.0, 1.0, 3.0, 4.0]), np.array([0.0, 0.5, 0.6, 1.2]))
    slope = 1.2 / 4
    variance = ((0.5 - slope) ** 2 + (0.1 - 2 * slope) ** 2 / 2 + (0.6 - slope) ** 2) / 2
    got = BASELINES["drift"](past, 2.0)
    assert got.method == "drift"
    assert_allclose((got.mean, got.sd), (1.2 + 2 * slope, np.sqrt(variance * (2 + 4 / 4))))


def test_mean_by_hand():
    past = Past(np.array([0.0, 1.0, 3.0]), np.array([1.0, 2.0, 6.0]))
    for ahead in HORIZONS:
        got = BASELINES["mean"](past, ahead)
        assert got.method == "mean"
        assert_allclose((got.mean, got.sd), (3.0, np.sqrt(7.0) * np.sqrt(4 / 3)))


# --- local level -----------------------------------------------------------------------------------------------------


def dense_level(past, step, noise, ahead):
    """Condition the joint normal of later figures and of the level ahead on the first figure, then on the others."""
    since = np.append(past.when[1:], past.when[-1] + ahead) - past.when[0]
    cov = noise**2 + step**2 * np.minimum.outer(since, since)
    cov[:-1, :-1] += noise**2 * np.eye(len(since) - 1)
    known, cross = cov[:-1, :-1], cov[:-1, -1]
    rest = past.y[1:] - past.y[0]
    weights = np.linalg.solve(known, cross)
    fit = multivariate_normal(np.zeros(len(rest)), known).logpdf(rest)
    return past.y[0] + weights @ rest, cov[-1, -1] - weights @ cross, fit


@pytest.mark.parametrize(("step", "noise"), [(0.2, 0.1), (0.01, 0.5), (1.5, 0.002)])
@pytest.mark.parametrize("past", [irregular(), walk(20)], ids=["irregular", "walk"])
def test_filter_is_the_dense_gaussian(past, step, noise):
    level, variance, fit = filter_level(past, np.array([step]), np.array([noise]))
    want = dense_level(past, step, noise, 1.7)
    assert_allclose((level[0], variance[0] + 1.7 * step**2, fit[0]), want, rtol=1e-8, atol=1e-10)


def test_local_level_is_the_average_over_its_priors():
    past, rng = irregular(), np.random.default_rng(1)
    step, noise = np.abs(rng.normal(0, [[DEFAULT_STEP], [0.25]], (2, 400_000)))
    level, variance, fit = filter_level(past, step, noise)
    weight = np.exp(fit) / np.exp(fit).sum()
    centre = weight @ level
    sd = np.sqrt(weight @ (variance + 2 * step**2 + noise**2 + (level - centre) ** 2))
    got = BASELINES["local_level"](past, 2.0)
    assert_allclose((got.mean, got.sd), (centre, sd), rtol=0.01)


def test_local_level_recovers_a_random_walk():
    rng, sds, inside = np.random.default_rng(11), [], []
    for _ in range(200):
        when = np.cumsum(rng.choice([1 / 3, 1.0, 2.0], 21))
        y = np.cumsum(rng.normal(0, 0.3 * np.sqrt(np.diff(when, prepend=0.0))))
        ahead = when[-1] - when[-2]
        got = BASELINES["local_level"](Past(when[:-1], y[:-1]), ahead)
        sds.append(got.sd / (0.3 * np.sqrt(ahead)))
        inside.append(abs(y[-1] - got.mean) < 1.645 * got.sd)
    assert 0.85 < np.median(sds) < 1.25
    assert 0.82 <= np.mean(inside) <= 0.97


def test_local_level_finds_noise_around_a_still_level():
    past = Past(np.arange(30.0), np.random.default_rng(2).normal(1.0, 0.3, 30))
    got = BASELINES["local_level"](past, 1.0)
    assert got.mean == pytest.approx(past.y.mean(), abs=0.15)
    assert got.sd == pytest.approx(0.3, rel=0.25)


# --- the grid and the library ----------------------------------------------------------------------------------------


def test_grid_averages_within_a_quarter_and_fills_by_a_line():
    months = Past(np.arange(6) / 3, np.arange(6.0))
    assert_allclose(on_grid(months), [1.0, 4.0])
    assert_allclose(on_grid(Past(np.array([0.0, 3.0, 4.0]), np.array([0.0, 3.0, 8.0]))), [0, 1, 2, 3, 8])


def test_grid_takes_calendar_quarters_one_by_one_and_hangs_on_no_day():
    ends = pd.date_range("2019-03-31", periods=24, freq="QE")
    when = ((ends - ends[0]) / pd.Timedelta(days=365.25 / 4)).to_numpy()
    y = np.arange(24.0) ** 2
    assert_allclose(on_grid(Past(when, y)), y)
    assert_allclose(on_grid(Past(when + 17.31, y)), y)


def from_statsmodels(name, y, steps):
    from statsmodels.tsa.arima.model import ARIMA
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel
    from statsmodels.tsa.forecasting.theta import ThetaModel

    if name == "ets":
        fit = ETSModel(pd.Series(y), error="add", trend="add", damped_trend=True).fit(disp=False)
        forecast = fit.get_prediction(start=len(y), end=len(y) + steps - 1)
        return forecast.predicted_mean.to_numpy(), forecast.forecast_variance
    if name == "theta":
        fit = ThetaModel(y, deseasonalize=False).fit()
        return fit.forecast(steps).to_numpy(), fit.sigma2 * (1 + np.arange(steps) * fit.params["alpha"] ** 2)
    fits = [ARIMA(y, order=order, trend=trend).fit() for order, trend in ORDERS]
    forecasts = [fit.get_forecast(steps) for fit in fits]
    sizes = [len(fit.params) for fit in fits]
    scores = [
        -2 * fit.llf_obs[2:].sum() + 2 * k * (len(y) - 2) / (len(y) - 3 - k) for fit, k in zip(fits, sizes, strict=True)
    ]
    best = forecasts[int(np.argmin(scores))]
    return best.predicted_mean, best.var_pred_mean


@pytest.mark.parametrize("name", REGULAR)
def test_regular_methods_are_statsmodels_on_the_grid(name):
    past = walk(16, seed=8)
    with warnings.catch_warnings(action="ignore"):
        means, variances = from_statsmodels(name, on_grid(past), 4)
    for quarters in (1, 3):
        got = BASELINES[name](past, float(quarters))
        assert got.method == name
        assert_allclose((got.mean, got.sd**2), (means[quarters - 1], variances[quarters - 1]))
    between = BASELINES[name](past, 2.5)
    assert_allclose((between.mean, between.sd**2), (means[2], (variances[1] + variances[2]) / 2))
    month = BASELINES[name](past, 1 / 3)
    now = max(2 * variances[0] - variances[1], 0.0)
    assert_allclose((month.mean, month.sd**2), (means[0], now + (variances[0] - now) / 3))


def test_theta_is_as_sure_as_statsmodels_one_quarter_ahead():
    from statsmodels.tsa.forecasting.theta import ThetaModel

    past = walk(16, seed=8)
    with warnings.catch_warnings(action="ignore"):
        low, high = ThetaModel(on_grid(past), deseasonalize=False).fit().prediction_intervals(1, alpha=0.1).iloc[0]
    got = BASELINES["theta"](past, 1.0)
    assert_allclose((got.mean, got.sd * 1.6448536), ((low + high) / 2, (high - low) / 2))


# --- falling back ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RIVALS)
def test_too_few_quarters_fall_back(name):
    least = RIVALS[name][1]
    for n in range(1, 10):
        got = BASELINES[name](walk(n), 1.0)
        assert got.method == ("persistence" if n < least else name)
    months = walk(least, every=0.1)
    assert BASELINES[name](months, 1.0) == BASELINES["persistence"](months, 1.0)


@pytest.mark.parametrize("name", REGULAR)
def test_a_grid_that_is_mostly_filled_falls_back(name):
    assert BASELINES[name](walk(9, every=4.0), 1.0).method == "persistence"
    assert BASELINES[name](walk(9, every=2.0), 1.0).method == name


@pytest.mark.parametrize("name", RIVALS)
def test_a_failed_or_absurd_fit_falls_back(name):
    def fails(past, ahead):
        raise np.linalg.LinAlgError

    rivals = [lambda past, ahead, got=got: got for got in [(np.nan, 1.0), (0.0, np.inf), (99.0, 1.0), (0.0, 0.0)]]
    for rival in (*rivals, fails):
        guarded = baselines.or_persistence(name, rival, *RIVALS[name][1:])
        assert guarded(walk(), 1.0).method == "persistence"


def hard_pasts():
    spike = np.zeros(12)
    spike[6] = 15.0
    yield "one", walk(1)
    yield "two", walk(2)
    yield "three", walk(3)
    yield "constant", Past(np.arange(12.0), np.full(12, -0.7))
    yield "line", Past(np.arange(12.0), 0.1 * np.arange(12.0))
    yield "cliff", Past(np.arange(12.0), np.repeat([-9.0, 9.0], 6))
    yield "spike", Past(np.arange(12.0), spike)
    yield "alternating", Past(np.arange(12.0), np.resize([-5.0, 5.0], 12))
    yield "explosive", Past(np.arange(12.0), 1.6 ** np.arange(12.0))
    yield "same day", Past(np.zeros(5), np.arange(5.0))
    yield "irregular", irregular()


@pytest.mark.parametrize("past", [pytest.param(past, id=name) for name, past in hard_pasts()])
def test_every_answer_is_finite_and_silent(past, recwarn):
    for name, baseline in BASELINES.items():
        for ahead in (0.0, *HORIZONS):
            got = baseline(past, ahead)
            assert isinstance(got, Predictive)
            assert got.method in (name, "persistence")
            assert np.isfinite(got.mean)
            assert got.sd > 0
            assert abs(got.mean - past.y[-1]) <= ABSURD
    assert not recwarn.list


@pytest.mark.parametrize("name", ["drift", "mean", *REGULAR])
def test_a_perfect_fit_is_not_believed(name):
    constant = Past(np.arange(12.0), np.full(12, -0.7))
    assert BASELINES[name](constant, 1.0) == BASELINES["persistence"](constant, 1.0)


# --- purity ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BASELINES)
def test_later_figures_change_no_earlier_forecast(name):
    whole = walk(13)
    before = BASELINES[name](Past(whole.when[:10], whole.y[:10]), 1.0)
    BASELINES[name](whole, 1.0)
    changed = Past(whole.when, np.where(np.arange(13) < 10, whole.y, 99.0))
    assert BASELINES[name](Past(changed.when[:10], changed.y[:10]), 1.0) == before
    assert_allclose(whole.y, walk(13).y, rtol=0)


@pytest.mark.parametrize("name", BASELINES)
def test_the_zero_of_the_scale_and_of_the_calendar_do_not_matter(name):
    past = walk(12)
    here, there = BASELINES[name](past, 2.0), BASELINES[name](Past(past.when + 200.0, past.y), 2.0)
    assert_allclose((here.mean, here.sd), (there.mean, there.sd))
    assert here.method == there.method


@pytest.mark.parametrize(
    ("when", "y"), [([], []), ([0.0], [np.nan]), ([np.inf], [0.0]), ([1.0, 0.0], [0.0, 0.0]), ([0.0], [0.0, 1.0])]
)
def test_a_past_that_is_none_is_refused(when, y):
    with pytest.raises(ValueError, match="a past needs"):
        Past(np.array(when), np.array(y))
