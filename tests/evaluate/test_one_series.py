"""The filters of one series: against dense algebra on the graph's own transition, and by what they must not know."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.special import logsumexp
from scipy.stats import multivariate_normal

from stackcast.evaluate import one_series
from stackcast.evaluate.baselines import Predictive
from stackcast.evaluate.one_series import DAMPED_TREND, ONE_SERIES, Filters, Series, predicted, series_of
from stackcast.evaluate.score import rival_forecast
from stackcast.forecast.figures import typical
from stackcast.graph import paths
from stackcast.graph.data import encode_figures
from stackcast.likelihoods import FAMILIES
from stackcast.likelihoods.base import NUMPY
from stackcast.observations.as_of import as_of
from stackcast.settings import FitSettings
from tests.toy import EARLIER

DRAWS = 24
AHEAD = 2
FIRST = 8080
"""Number of a quarter in which a series may begin; it matters to claims that start near zero alone."""
SAFE = Predictive(0.0, 1.0, "persistence")


@pytest.fixture(autouse=True, scope="module")
def few_draws():
    """Dense algebra takes each draw by itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(one_series, "DRAWS", DRAWS)
        yield


@pytest.fixture(scope="module")
def filters(project):
    return Filters.of(project, FitSettings(EARLIER).under(project.priors.debate))


def known(project, slug):
    rows = as_of(project.observations.rows, EARLIER, project.observations.signals)
    return rows[rows["signal"] == slug].sort_values("period_end")


def forecast(filters, project, slug, past=None, **changed):
    past = known(project, slug) if past is None else past
    signal = project.observations.signals[slug]
    row = pd.Series(
        dict(past.iloc[-1])
        | {k: past.iloc[-1][k] + pd.DateOffset(months=6) for k in ("period_start", "period_end")}
        | changed
    )
    return filters.forecasts(past, signal, row, typical(signal, past, past, 3.0), SAFE)


def levels(filters, slug, quarters):
    """Mean (draw, quarter) of a series' levels, and a root of their covariance (draw, quarter, move).

    The graph's states are linear in what it draws besides scales, so each of these is moved by one at a time.
    """
    facet = filters.design.signals[slug].measures.facet
    d = dataclasses.replace(filters.design, facet_start=filters.design.facet_start | {facet: int(quarters[0])})
    f, data = d.facets.index(facet), {k: v for k, v in filters.observed.data.items() if k in paths.DATA}
    still = {name: np.zeros_like(value) if name in MOVING else value for name, value in filters.parameters.items()}
    still["facet_shock"] = np.zeros((DRAWS, len(d.facet_nodes)))
    still["gap_pull"] = np.zeros_like(still["gap_pull"])  # a series by itself knows no gap

    def eta(name, place, size=1.0):
        p = still | data | {name: still[name].copy()}
        p[name][:, place] = size
        return paths.states(NUMPY, d, p).eta[:, quarters, f]  # (draw, quarter)

    moves = [("start_z", f), ("slope_z", f)]
    moves += [("facet_shock", i) for i, (_, of) in enumerate(d.facet_nodes) if of == f]
    moments = (filters.observed.data[name][f] for name in ("equilibrium_mean", "equilibrium_sd"))
    mean, rest = (eta("equilibrium", f, size) for size in moments)
    return mean, np.stack([*(eta(*move) for move in moves), rest], axis=-1)


MOVING = ("equilibrium", "start_z", "slope_z", "facet_shock")


@pytest.mark.parametrize("slug", ["time-diary-home-days", "firm-panel-free-choice", "advert-board-any-day"])
def test_a_reference_has_the_forecast_of_dense_algebra_on_the_graphs_own_states(project, filters, slug):
    past, signal = known(project, slug), project.observations.signals[slug]
    series = series_of(past, signal)
    assert len(series.y) > 3
    first = filters.design.grid.first.number
    target = int(series.quarter[-1]) + AHEAD
    motion = filters.motions[ONE_SERIES](slug, FIRST)
    mean, root = levels(filters, slug, np.append(series.quarter, target) - first)
    fits, centres, variances = [], [], []
    for i in range(DRAWS):
        covariance = root[i] @ root[i].T
        noise = motion.noise[i, 0]
        inner = covariance[:-1, :-1] + np.diag(noise**2 + series.error**2)
        gain = np.linalg.solve(inner, covariance[:-1, -1])
        fits.append(multivariate_normal(mean[i, :-1], inner).logpdf(series.y))
        centres.append(mean[i, -1] + gain @ (series.y - mean[i, :-1]))
        variances.append(covariance[-1, -1] - gain @ covariance[:-1, -1] + noise**2)
    weight = np.exp(np.array(fits) - logsumexp(fits))
    centre = weight @ centres
    spread = weight @ (np.array(variances) + (np.array(centres) - centre) ** 2)
    assert_allclose(predicted(motion, series, target), (centre, spread), rtol=1e-6)


def test_an_indicator_has_the_forecast_of_an_ar1_process_around_its_own_reading(project, filters):
    slug = "spare-room-rent-ratio"
    signal, past = project.observations.signals[slug], known(project, "spare-room-rent-ratio")
    series, motion = series_of(past, signal), filters.motions[ONE_SERIES](slug, FIRST)
    target = int(series.quarter[-1]) + AHEAD
    when = np.append(series.quarter, target)
    claim = filters.design.priors.factors[signal.measures.target]
    rho = 0.5 ** (1 / claim.half_life)
    loading = filters.parameters["loading"][:, filters.design.free_loadings.index(slug)]
    fits, centres, variances = [], [], []
    for i in range(DRAWS):
        step = motion.step[i, 0]
        # the claim's own variance is stationary; a deviation adds to the step alone, from the first figure on
        age = np.minimum.outer(when, when) - when[0]
        apart = np.abs(np.subtract.outer(when, when))
        more = step**2 - loading[i] ** 2 * (1 - rho**2)
        covariance = loading[i] ** 2 * rho**apart + more * rho**apart * (1 - rho ** (2 * age)) / (1 - rho**2)
        covariance = covariance + motion.rest_sd[i, 0] ** 2
        inner = covariance[:-1, :-1] + np.diag(motion.noise[i, 0] ** 2 + series.error**2)
        gain = np.linalg.solve(inner, covariance[:-1, -1])
        rest = motion.rest[i, 0]
        fits.append(multivariate_normal(np.full(len(series.y), rest), inner).logpdf(series.y))
        centres.append(rest + gain @ (series.y - rest))
        variances.append(covariance[-1, -1] - gain @ covariance[:-1, -1] + motion.noise[i, 0] ** 2)
    weight = np.exp(np.array(fits) - logsumexp(fits))
    centre = weight @ centres
    assert_allclose(
        predicted(motion, series, target),
        (centre, weight @ (np.array(variances) + (np.array(centres) - centre) ** 2)),
        rtol=1e-6,
    )


def test_an_indicator_begins_as_far_from_zero_as_its_claim_has_come(filters):
    slug, start = "spare-room-rent-ratio", 0.4
    near = type(
        "Near",
        (type(filters.design),),
        {"wiring": property(lambda d: dataclasses.replace(filters.design.wiring, factor_start=start))},
    )
    parts = {field.name: getattr(filters.design, field.name) for field in dataclasses.fields(filters.design)}
    given = Filters(near(**parts), filters.observed, filters.seed)
    given.__dict__["parameters"] = filters.parameters
    begin = filters.design.grid.first.number
    stationary = filters.motions[ONE_SERIES](slug, begin).start
    rho = filters.design.wiring.factor_memory[filters.design.factors.index("H1")]
    variance = start**2
    for quarter in range(4):  # by the claims' own step
        assert_allclose(given.motions[ONE_SERIES](slug, begin + quarter).start, stationary * np.sqrt(variance))
        variance = rho**2 * variance + 1 - rho**2


def test_every_signal_of_the_graph_has_a_forecast_of_its_own_kind(project, filters):
    for slug, signal in filters.design.signals.items():
        found = forecast(filters, project, slug)
        assert set(found) == {ONE_SERIES}, "without history there is no damped trend"
        made, past = found[ONE_SERIES], known(project, slug)
        encoded = encode_figures(past, signal)
        assert made.method == ONE_SERIES
        last = FAMILIES[signal.likelihood].to_latent(past["value"].to_numpy(float)[-1:] / signal.per_unit)[0]
        assert abs(made.mean - last) < 4 * made.sd, slug
        assert made.sd > np.median(encoded.error)


def test_a_signal_counted_backwards_has_the_mirrored_forecast(project, filters):
    slug = "time-diary-never-home"
    past, signal = known(project, slug), project.observations.signals[slug]
    assert signal.measures.sign == -1
    series, motion = series_of(past, signal), filters.motions[ONE_SERIES](slug, FIRST)
    quarter = int(series.quarter[-1]) + 2
    assert forecast(filters, project, slug)[ONE_SERIES].mean == pytest.approx(-predicted(motion, series, quarter)[0])
    assert series.y[-1] < 0 < rival_forecast("persistence", past, signal, past.iloc[-1]).mean


def test_a_filter_reads_of_the_outcome_its_period_alone(project, filters):
    slug = "advert-board-any-day"
    plain = forecast(filters, project, slug)
    told = forecast(
        filters, project, slug, value=0.99, numerator=99.0, denominator=100.0, published=pd.Timestamp("2030-01-01")
    )
    assert plain == told


def test_a_series_of_bounds_alone_is_left_to_persistence(project, filters):
    slug = "time-diary-home-days"
    past = known(project, slug).head(1).assign(lower=lambda rows: rows["value"], upper=np.nan)
    assert forecast(filters, project, slug, past)[ONE_SERIES] == SAFE


def test_a_figure_in_the_quarter_of_the_last_is_forecast_from_the_level_there():
    motion = one_series.Motion(*(np.full((DRAWS, 1), x) for x in (16.0, 8.0, 0.1, 0.3, 1.8, 0.0, 1.2, 0.05, 1.0, 1.0)))
    series = Series(np.array([8100, 8100, 8101]), np.array([0.1, 0.3, 0.2]), np.zeros(3))
    now, before, later = (predicted(motion, series, quarter) for quarter in (8101, 8099, 8102))
    assert now == before
    assert later[1] > now[1] > 0.05**2


@pytest.mark.parametrize("slug", ["time-diary-home-days", "attendance-software-share"])
def test_history_gives_shares_a_damped_trend_without_a_resting_point(project, filters, slug):
    scales = {name: getattr(project.priors.declared.scales, name) for name in ("innovation_sd_share", "slope_response")}
    history = type("History", (), {"scales": scales})()
    priors = dataclasses.replace(filters.design.priors, history=history)
    design = dataclasses.replace(filters.design, priors=priors)
    given = Filters(design, filters.observed, filters.seed)
    given.__dict__["parameters"] = filters.parameters
    motion = given.motions[DAMPED_TREND](slug, FIRST)
    own = filters.motions[ONE_SERIES](slug, FIRST)
    assert (motion.rest_sd == 0).all()
    assert (motion.response > 0).all()
    assert_allclose(motion.start, np.hypot(1.0, own.rest_sd))
    assert_allclose(motion.noise, own.noise)
    series = Series(np.arange(8100, 8106), np.linspace(0.0, 2.5, 6), np.zeros(6))
    ends = [predicted(motion, series, 8105 + ahead)[0] for ahead in (0, 1, 4, 60)]
    assert ends[0] < ends[1] < ends[2] < ends[3], "a slope goes on"
    assert ends[1] - ends[0] < 0.5, "and is damped"
    assert given.motions[DAMPED_TREND]("trial-output-gap", FIRST) is None, "earlier stacks say nothing of a gap"
