"""An elicited interval holds its mass, and a distribution is the one that SciPy and PreliZ know."""

import numpy as np
import pytest
from scipy import stats

from stackcast.priors.elicit import (
    from_elicited,
    from_interval,
    from_upper,
    half_normal,
    log_normal,
    normal,
    unit_scale,
)
from stackcast.priors.schema import Elicited

WORDS = {"rationale": "r", "source": "s"}
DISTRIBUTIONS = [
    (normal(1.5, 0.7), stats.norm(1.5, 0.7)),
    (log_normal(3.0, 0.6), stats.lognorm(0.6, scale=3.0)),
    (half_normal(2.0), stats.halfnorm(scale=2.0)),
]
NAMES = ["Normal", "LogNormal", "HalfNormal"]


@pytest.mark.parametrize("mass", [0.6, 0.8, 0.9, 0.95])
@pytest.mark.parametrize(("low", "high"), [(-1.0, 3.0), (0.2, 0.25), (-1800.0, -4.0)])
def test_an_interval_holds_its_mass(low, high, mass):
    d = from_interval(low, high, mass)
    exact = stats.norm(d.mu, d.sigma)
    assert exact.cdf(high) - exact.cdf(low) == pytest.approx(mass, abs=1e-4)
    assert exact.cdf(low) == pytest.approx((1 - mass) / 2, abs=1e-4)


@pytest.mark.parametrize("mass", [0.6, 0.9])
def test_an_upper_bound_and_a_positive_interval_hold_their_mass(mass):
    assert stats.halfnorm(scale=from_upper(0.8, mass).sigma).cdf(0.8) == pytest.approx(mass, abs=1e-4)
    given = Elicited(dist="LogNormal", low=0.05, high=0.4, mass=mass, **WORDS)
    d = from_elicited(given)
    exact = stats.lognorm(d.sigma, scale=np.exp(d.mu))
    assert exact.cdf(0.4) - exact.cdf(0.05) == pytest.approx(mass, abs=1e-4)
    half = from_elicited(Elicited(dist="HalfNormal", upper=0.3, mass=mass, **WORDS))
    assert half.name == "HalfNormal"
    assert stats.halfnorm(scale=half.sigma).cdf(0.3) == pytest.approx(mass, abs=1e-4)


@pytest.mark.parametrize(("mine", "exact"), DISTRIBUTIONS, ids=NAMES)
def test_density_and_interval_are_scipys(mine, exact):
    x = exact.ppf(np.linspace(0.001, 0.999, 41))
    assert mine.logpdf(x) == pytest.approx(exact.logpdf(x), abs=1e-10)
    for mass in (0.5, 0.9):
        expected = exact.ppf([(1 - mass) / 2, 0.5, (1 + mass) / 2])
        assert np.array(mine.interval(mass)) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("mine", "exact"), DISTRIBUTIONS, ids=NAMES)
def test_preliz_agrees(mine, exact):
    import preliz

    given = {"sigma": float(mine.sigma)} | ({} if mine.name == "HalfNormal" else {"mu": float(mine.mu)})
    theirs = getattr(preliz, mine.name)(**given)
    x = exact.ppf(np.linspace(0.01, 0.99, 9))
    assert theirs.logpdf(x) == pytest.approx(mine.logpdf(x), abs=1e-8)


@pytest.mark.parametrize(("mine", "exact"), DISTRIBUTIONS, ids=NAMES)
def test_draws_follow_the_density(mine, exact):
    x = mine.draw(np.random.default_rng(1), (20_000,))
    assert stats.kstest(x, exact.cdf).pvalue > 0.01
    assert stats.kstest(x * 1.05, exact.cdf).pvalue < 0.01, "the test has power"


def test_arrays_draw_elementwise():
    d = normal([0.0, 100.0], [1.0, 2.0])
    x = d.draw(np.random.default_rng(2), (5000, 2))
    assert x.mean(axis=0) == pytest.approx([0, 100], abs=0.15)
    assert x.std(axis=0) == pytest.approx([1, 2], rel=0.05)


@pytest.mark.parametrize("mass", [0.5, 0.9])
@pytest.mark.parametrize(("name", "low"), [("Normal", -1.0), ("HalfNormal", 0.0)])
def test_the_scale_is_that_of_preliz_maximum_entropy(name, low, mass):
    import preliz

    fitted = getattr(preliz, name)()
    preliz.maxent(fitted, low, 1.0, mass, plot=False)
    assert float(fitted.params[-1]) == pytest.approx(unit_scale(mass), rel=1e-5)


@pytest.mark.parametrize(
    "given",
    [
        {"dist": "LogNormal", "low": 0.1},
        {"dist": "LogNormal", "low": 0.4, "high": 0.1},
        {"dist": "LogNormal", "low": 0.1, "high": 0.4, "upper": 1.0},
        {"dist": "HalfNormal", "low": 0.1, "high": 0.2},
        {"dist": "HalfNormal", "upper": -1.0},
        {"dist": "Gamma", "low": 0.1, "high": 0.2},
        {"dist": "HalfNormal", "upper": 1.0, "mass": 1.0},
    ],
)
def test_an_interval_that_does_not_fit_its_distribution_is_refused(given):
    with pytest.raises(ValueError):  # noqa: PT011
        Elicited.model_validate({"mass": 0.9, **WORDS, **given})
