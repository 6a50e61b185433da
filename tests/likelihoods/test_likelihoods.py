"""Every family: one density in two arithmetics, that integrates to one, and from which its draws come."""

import numpy as np
import pandas as pd
import pytensor
import pytensor.tensor as pt
import pytest
from scipy import stats
from scipy.integrate import quad
from scipy.special import expit, logit

from stackcast.likelihoods import FAMILIES
from stackcast.likelihoods.base import INTERVAL_90, NUMPY, UNIFORM_SD, level, pytensor_arithmetic

CONTINUOUS = [name for name in FAMILIES if name != "counts"]
BOUNDED = ("share", "ratio")


def random_rows(name, n=400):
    rng = np.random.default_rng(17)
    mu = rng.normal(0, 2, n)
    noise, error = rng.lognormal(-1.5, 0.8, n), np.where(rng.random(n) < 0.5, 0.0, rng.lognormal(-2, 1, n))
    if name == "counts":
        trials = rng.integers(1, 300, n).astype(float)
        return np.round(trials * rng.random(n)), trials, error, np.zeros(n), mu, noise
    side = rng.choice([-1.0, 0.0, 1.0], n) if name in BOUNDED else np.zeros(n)
    return mu + rng.normal(0, 3, n) * noise, np.ones(n), error, side, mu, noise


@pytest.mark.parametrize("name", FAMILIES)
def test_numpy_and_pytensor_write_the_same_density(name):
    rows = random_rows(name)
    symbols = [pt.vector(x) for x in ("y", "trials", "error", "side", "mu", "noise")]
    compiled = pytensor.function(
        symbols, FAMILIES[name].logp(pytensor_arithmetic(), *symbols), mode="FAST_COMPILE", on_unused_input="ignore"
    )
    mine = FAMILIES[name].logp(NUMPY, *rows)
    assert np.isfinite(mine).all()
    assert compiled(*rows) == pytest.approx(mine, rel=1e-8, abs=1e-7)


def test_far_tails_stay_finite_in_both():
    symbol = pt.vector("x")
    x = np.array([-200.0, -38.0, -8.0, -1.0, -0.999, 0.0, 8.0, 40.0])
    got = pytensor.function([symbol], pytensor_arithmetic().log_ndtr(symbol), mode="FAST_COMPILE")(x)
    assert got == pytest.approx(stats.norm.logcdf(x), rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("mu", [-12.0, -3.0, 0.0, 1.5, 6.0])
@pytest.mark.parametrize("noise", [0.02, 0.3, 1.0])
def test_the_mass_of_counts_sums_to_one(mu, noise):
    k = np.arange(38.0)
    logp = FAMILIES["counts"].logp(NUMPY, k, 37.0, 0.0, 0.0, mu, noise)
    # at noise 0.02 and mu -12 the beta precision is 4e8, where differences of log gammas keep six digits
    assert np.exp(logp).sum() == pytest.approx(1.0, abs=2e-6)


def test_counts_are_scipys_beta_binomial():
    p, noise, n, k = 0.3, 0.4, 50, np.arange(51)
    precision = 1 / (noise**2 * p * (1 - p))
    exact = stats.betabinom(n, p * precision, (1 - p) * precision).logpmf(k)
    got = FAMILIES["counts"].logp(NUMPY, k.astype(float), float(n), 0.0, 0.0, logit(p), noise)
    assert got == pytest.approx(exact, abs=1e-8)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_a_continuous_density_integrates_to_one(name):
    def density(y):
        return float(np.exp(FAMILIES[name].logp(NUMPY, y, 1.0, 0.3, 0.0, -0.4, 0.5)))

    total = sum(quad(density, *max_quarters, limit=300)[0] for max_quarters in ((-np.inf, -2), (-2, 2), (2, np.inf)))
    assert total == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("name", BOUNDED)
def test_a_bound_has_the_log_probability_of_what_lies_beyond(name):
    normal = stats.norm(0.2, np.hypot(0.4, 0.3))
    y = np.array([-1.0, 0.0, 0.2, 2.0])
    floor = FAMILIES[name].logp(NUMPY, y, 1.0, 0.3, -np.ones(4), 0.2, 0.4)
    ceiling = FAMILIES[name].logp(NUMPY, y, 1.0, 0.3, np.ones(4), 0.2, 0.4)
    assert floor == pytest.approx(normal.logsf(y))
    assert ceiling == pytest.approx(normal.logcdf(y))


@pytest.mark.parametrize("name", CONTINUOUS)
def test_draws_come_from_the_density(name):
    family = FAMILIES[name]
    drawn = family.to_latent(family.draw(np.random.default_rng(4), np.full(4000, 0.3), 0.4, 1.0, 0.2))
    grid = np.linspace(-20, 20, 40_001)
    mass = np.exp(family.logp(NUMPY, grid, 1.0, 0.2, 0.0, 0.3, 0.4)) * (grid[1] - grid[0])
    cdf = np.cumsum(mass)
    assert stats.kstest(drawn, lambda x: np.interp(x, grid, cdf)).pvalue > 0.01
    assert stats.kstest(drawn + 0.05, lambda x: np.interp(x, grid, cdf)).pvalue < 0.01


def test_draws_of_counts_come_from_the_mass():
    k = np.arange(21.0)
    mass = np.exp(FAMILIES["counts"].logp(NUMPY, k, 20.0, 0.0, 0.0, -0.7, 0.6))
    drawn = FAMILIES["counts"].draw(np.random.default_rng(4), np.full(20_000, -0.7), 0.6, 20.0, 0.0) * 20
    assert drawn == pytest.approx(np.round(drawn), abs=1e-9)
    seen = np.bincount(np.round(drawn).astype(int), minlength=21)
    assert stats.chisquare(seen[:16], mass[:16] / mass[:16].sum() * seen[:16].sum()).pvalue > 0.01


@pytest.mark.parametrize("name", FAMILIES)
def test_the_sd_is_about_that_of_draws(name):
    family = FAMILIES[name]
    mu, noise, trials, error = np.full(40_000, 0.2), 0.15, 400.0 if name == "counts" else 1.0, 0.0
    found = family.to_latent(family.draw(np.random.default_rng(8), mu, noise, trials, error)).std()
    spread = 1.0 if name != "gap" else np.sqrt(6 / 4)
    assert found / spread == pytest.approx(float(family.sd(mu[:1], noise, trials, error)[0]), rel=0.05)


@pytest.mark.parametrize("name", FAMILIES)
def test_the_two_scales_are_inverse(name):
    natural = np.array([0.02, 0.4, 0.97])
    assert FAMILIES[name].to_value(FAMILIES[name].to_latent(natural)) == pytest.approx(natural)


def encode(name, value, lower=np.nan, upper=np.nan, n=np.nan, hard=True):
    rows = pd.DataFrame({"n": [n], "numerator": [7.0], "denominator": [20.0]})
    return FAMILIES[name].encode(rows, *(np.array([float(x)]) for x in (value, lower, upper)), hard)


def one(encoded):
    return tuple(float(x[0]) for x in (encoded.y, encoded.trials, encoded.error, encoded.side))


def test_how_rows_are_read():
    assert one(encode("counts", 0.35)) == (7.0, 20.0, 0.0, 0.0)
    assert one(encode("ratio", 4.0)) == pytest.approx((np.log(4), 1, 0, 0))
    assert one(encode("gap", -3.0)) == (-3.0, 1.0, 0.0, 0.0)
    assert one(encode("share", 0.2, n=100)) == pytest.approx((logit(0.2), 1, 0.25, 0))


def test_a_value_that_is_its_own_bound_is_a_floor_or_a_ceiling():
    assert one(encode("ratio", 4.0, lower=4.0)) == pytest.approx((np.log(4), 1, 0, -1))
    assert one(encode("ratio", 4.0, upper=4.0)) == pytest.approx((np.log(4), 1, 0, 1))
    assert one(encode("share", 0.3, lower=0.3))[3] == -1


def test_a_share_printed_as_nothing_is_a_ceiling_at_its_upper_bound():
    y, _, error, side = one(encode("share", 0.0, upper=0.005))
    assert (y, side) == (pytest.approx(logit(0.005)), 1.0)
    assert error == 0.0


@pytest.mark.parametrize(("name", "to_latent"), [("share", logit), ("ratio", np.log), ("gap", lambda x: x)])
def test_an_interval_gives_an_error_and_hard_bounds_a_shift(name, to_latent):
    width = to_latent(0.5) - to_latent(0.3)
    hard, interval = (encode(name, 0.4, 0.3, 0.5, hard=flag) for flag in (True, False))
    assert (hard.error[0], hard.unlabelled[0]) == (0.0, pytest.approx(-width * UNIFORM_SD))
    assert (interval.error[0], interval.unlabelled[0]) == (pytest.approx(width / INTERVAL_90), 0.0)
    assert np.sqrt(1 / 12) == pytest.approx(UNIFORM_SD)
    assert stats.norm.ppf(0.95) - stats.norm.ppf(0.05) == pytest.approx(INTERVAL_90)


def test_extreme_means_stay_inside_the_bounds():
    drawn = FAMILIES["counts"].draw(np.random.default_rng(1), np.array([-50.0, 50.0]), 0.5, 10.0, 0.0)
    assert drawn.tolist() == [0.0, 1.0]
    assert np.isfinite(FAMILIES["counts"].logp(NUMPY, 5.0, 10.0, 0.0, 0.0, np.array([-50.0, 50.0]), 0.5)).all()
    assert expit(-50.0) > 0


def test_sampling_error_stays_beside_hard_bounds():
    found = encode("share", 0.2, 0.1, 0.3, n=100)
    assert found.error[0] == pytest.approx(0.25)
    assert found.unlabelled[0] < 0


def test_a_floor_or_a_ceiling_leaves_nothing_unlabelled():
    for rows in (encode("ratio", 4.0, lower=4.0), encode("share", 0.0, 0.0, 0.005)):
        assert (rows.error[0], rows.unlabelled[0]) == (0.0, 0.0)


def test_a_count_stands_on_the_latent_scale_by_half_a_success_more():
    found = level(FAMILIES["counts"], np.array([0.0, 7.0]), np.array([9.0, 20.0]))
    assert found == pytest.approx(logit([0.5 / 10, 7.5 / 21]))
    assert level(FAMILIES["ratio"], np.array([1.5]), np.ones(1)) == pytest.approx(1.5)


def test_bounds_on_a_count_leave_open_what_could_not_be_told():
    rows = pd.DataFrame({"numerator": [30.0, 30.0, 0.0], "denominator": [100.0, 100.0, 10.0]})
    lower, upper = np.array([np.nan, 0.25, 0.0]), np.array([np.nan, 0.4, 0.2])
    found = FAMILIES["counts"].encode(rows, rows["numerator"] / rows["denominator"], lower, upper, True)
    widths = [0.0, logit(0.4) - logit(0.25), logit(0.2) - logit(0.5 / 11)]
    np.testing.assert_allclose(found.unlabelled, -UNIFORM_SD * np.array(widths))
    assert (found.error == 0).all()
    interval = FAMILIES["counts"].encode(rows, rows["numerator"] / rows["denominator"], lower, upper, False)
    np.testing.assert_allclose(interval.error, np.array(widths) / INTERVAL_90)
    assert (interval.unlabelled == 0).all()
    rng = np.random.default_rng(3)
    mu = np.full(4000, logit(0.3))
    plain, wide = (FAMILIES["counts"].draw(rng, mu, 0.1, 1e6, e).std() for e in (0.0, 0.3))
    assert wide / plain == pytest.approx(np.hypot(0.1, 0.3) / 0.1, rel=0.05)
    assert FAMILIES["counts"].sd(mu[:1], 0.1, 1e9, 0.3) == pytest.approx(np.hypot(0.1, 0.3), rel=1e-3)


@pytest.mark.parametrize(("name", "to_latent", "end"), [("share", logit, 1.0), ("ratio", np.log, np.nan)])
@pytest.mark.parametrize("hard", [True, False])
def test_a_bound_at_the_end_of_the_range_is_none(name, to_latent, end, hard):
    """It leaves that side open: hard bounds are a floor or ceiling, an interval has its other half; never exact."""
    for value, lower, upper, bound in ((0.18, 0.151, end, 0.151), (0.18, 0.0, 0.327, 0.327)):
        y, _, error, side = one(encode(name, value, lower, upper, hard=hard))
        if hard:
            assert (y, error) == (pytest.approx(to_latent(bound)), 0.0)
            assert side == (-1 if bound == lower else 1)
        else:
            assert (y, side) == (pytest.approx(to_latent(value)), 0.0)
            assert error == pytest.approx(2 * abs(to_latent(value) - to_latent(bound)) / INTERVAL_90)


@pytest.mark.parametrize("hard", [True, False])
def test_a_share_of_all_is_a_floor_at_its_lower_bound(hard):
    for upper in (1.0, np.nan):
        assert one(encode("share", 1.0, 0.9, upper, hard=hard)) == pytest.approx((logit(0.9), 1, 0, -1))
