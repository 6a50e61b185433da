"""What rows of a signal share: which signals have a shift, and that it widens a level once and no difference."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from stackcast.graph.data import observe_as_of
from stackcast.graph.design import build_design
from stackcast.graph.evaluate import expected_rows, log_likelihood, states, with_data
from stackcast.graph.parameters import parameters
from stackcast.graph.shifts import LAG_SHIFT, SHIFTS, UNLABELLED
from stackcast.likelihoods import FAMILIES
from stackcast.likelihoods.base import NUMPY
from stackcast.observations.revisions import QUARTER_DAYS
from tests.graph.oracle import expected
from tests.support import Probe, prior_point
from tests.toy import EARLIER, TODAY

SLUG = "firm-panel-free-choice"
"""A reference whose rows are normal on the latent scale: with hard bounds its densities have a closed form."""
GROWS = "time-diary-never-home"
CUTS = {
    "advert-board-any-day": "the reference, counts",
    SLUG: "the reference, half-years",
    "spare-room-rent-ratio": "a ratio without vintages",
    GROWS: "a window that grows, of negative sign",
}


@pytest.fixture(scope="module")
def rows(rows):
    """The toy's rows, where one signal has windows that grow for two years, and the first whole one is printed late.

    Of its 730 days the seventh quarter's window covers 638, more than three quarters: it is a vintage of the eighth's.
    """
    mine, whole = rows["signal"] == GROWS, rows["period_end"] == "2022-12-31"
    starts = pd.to_datetime(np.where(rows["period_end"].dt.year < 2023, "2021-01-01", "2023-01-01"))
    return rows.assign(
        period_start=rows["period_start"].where(~mine, starts),
        published=rows["published"].where(~(mine & whole), pd.Timestamp("2023-10-31")),
    )


@pytest.fixture(scope="module")
def design(project, rows):
    return variant(project, rows, {"advert-board-any-day"}, "hard")


@pytest.fixture(scope="module")
def observed(design, rows):
    return observe_as_of(design, rows, TODAY)


def variant(project, rows, lagging, bounds="hard"):
    """Return the design where these signals lag, one window grows, and two bounds are of one kind."""
    changes = {
        slug: {"lag_bias": slug in lagging, "bounds": bounds, "window": "growing" if slug == GROWS else "fixed"}
        for slug in project.observations.signals
    }
    signals = {s: d.model_copy(update=changes[s]) for s, d in project.observations.signals.items()}
    return build_design(rows, signals, project.priors, TODAY)


@pytest.mark.parametrize(("lagging", "bounds"), [(CUTS, "hard"), ({}, "interval-90")])
def test_the_graph_is_the_plain_sums_whoever_has_a_shift(project, rows, lagging, bounds):
    design = variant(project, rows, lagging, bounds)
    observed = observe_as_of(design, rows, TODAY)
    p = prior_point(design, observed, 5)
    assert {name for name, _ in SHIFTS.values()} & set(p) == ({LAG_SHIFT, UNLABELLED} if lagging else set())
    wanted, probe = expected(project, design, observed, p), Probe(design, observed)
    found = probe(probe.layout.join(p)[0], observed)
    assert np.isfinite(found.logp)
    assert np.isfinite(found.gradient).all()
    for name, (_, mu, _) in expected_rows(design, observed, p).items():
        mine = observed.rows["likelihood"].to_numpy() == name
        np.testing.assert_allclose(mu[0], wanted[mine], rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(
            found.mu[name][observed.data[f"{name}_mask"] > 0], wanted[mine], rtol=1e-9, atol=1e-9
        )


def test_each_signal_learns_its_lag_from_its_own_vintages(project, design, rows, observed):
    cuts = variant(project, rows, CUTS)
    told = observe_as_of(cuts, rows, TODAY)
    alone, prior = design.lagging, design.priors.measurement.scales.lag_shift.value
    assert cuts.lagging == [slug for slug in cuts.slugs if slug in CUTS]
    by = dict(zip(cuts.lagging, zip(told.data["lag_mean"], told.data["lag_sd"], strict=True), strict=True))
    assert by[alone[0]] == (observed.data["lag_mean"][0], observed.data["lag_sd"][0])
    vintages = rows.groupby(["signal", "period_start"])["published"].nunique()
    assert vintages["spare-room-rent-ratio"].max() == 1
    assert by["spare-room-rent-ratio"] == (0.0, pytest.approx(prior))
    early, late = (0.5 ** (days / QUARTER_DAYS / 2) for days in (40, 304))  # from the period's end to the print
    wanted = (1 / prior**2 + (early - late) ** 2 / 0.3**2) ** -0.5
    assert by[GROWS][1] == pytest.approx(wanted), "a partial window counts as a vintage of the whole"
    assert wanted < 0.95 * prior


def test_only_signals_with_two_hard_bounds_have_an_unlabelled_part(design, rows, observed):
    within = set(rows.loc[rows["lower"].notna() & rows["upper"].notna(), "signal"])
    assert SLUG in design.bounded
    assert set(design.bounded) == {s for s in within & set(design.slugs) if design.signals[s].bounds == "hard"}
    for name in design.row_capacity:
        told = [design.slugs[s] in design.bounded for s in observed.data[f"{name}_signal"]]
        assert not (observed.data[f"{name}_unlabelled"][~np.array(told)]).any()


def test_a_parameter_is_left_out_when_no_signal_has_it(project, rows, design):
    names = [q.name for q in parameters(variant(project, rows, {}, "interval-90"))]
    assert not {LAG_SHIFT, UNLABELLED} & set(names)
    assert {LAG_SHIFT, UNLABELLED} < {q.name for q in parameters(design)}


def test_who_has_a_shift_does_not_hang_on_the_as_of_date(design, rows):
    early, late = (observe_as_of(design, rows, day).data for day in (EARLIER, TODAY))
    assert {k: v.shape for k, v in early.items()} == {k: v.shape for k, v in late.items()}


def curvature(design, observed, p, error, unlabelled):
    """Return the covariance of a facet's level, of its step half way through, and of the unlabelled part.

    Every row of the signal has the same error, and the same part unlabelled. Flat priors but for the unlabelled part's;
    the rows are normal, so second differences are exact.
    """
    mine = observed.data["share_signal"] == design.slugs.index(SLUG)
    data = {"share_error": np.where(mine, error, 0.0), "share_unlabelled": np.where(mine, -unlabelled, 0.0)}
    told = replace(observed, data=observed.data | data)
    rows = np.flatnonzero(observed.rows["signal"] == SLUG)
    facet, place = design.facets.index("jobs.policies"), design.bounded.index(SLUG)
    path = states(design, with_data(p, told))
    weights = design.grid.weights(observed.rows["period_start"], observed.rows["period_end"])[rows]
    later = np.arange(design.grid.size) >= np.median(weights.argmax(axis=1))

    def density(x):
        eta = path.eta.copy()
        eta[..., facet] += x[0] + x[1] * later
        moved = p | {UNLABELLED: p[UNLABELLED].copy()}
        moved[UNLABELLED][:, place] = x[2]
        return _rows(design, told, moved, path._replace(eta=eta), rows).sum() - 0.5 * x[2] ** 2

    h = 0.5 * np.eye(3)
    hessian = [[density(a + b) - density(a - b) - density(b - a) + density(-a - b) for b in h] for a in h]
    return np.linalg.inv(-np.array(hessian))


def _rows(design, observed, p, path, rows):
    arrays, mu, noise = expected_rows(design, observed, p, path)["share"]
    where = np.isin(np.flatnonzero(observed.rows["likelihood"] == "share"), rows)
    given = (arrays[key] for key in ("y", "trials", "error", "side"))
    return FAMILIES["share"].logp(NUMPY, *given, mu, noise)[0, where]


def test_constant_wide_bounds_widen_the_level_once_and_no_difference(design, observed):
    p, wide = prior_point(design, observed, 6), 0.4
    exact, anew, once = (curvature(design, observed, p, *x) for x in ((0.0, 0.0), (wide, 0.0), (0.0, wide)))
    level, step = (0, 0), (1, 1)
    assert once[level] == pytest.approx(exact[level] + wide**2, rel=1e-6)
    assert once[step] == pytest.approx(exact[step], rel=1e-6), "what is unlabelled cancels between months"
    assert anew[step] > 1.5 * exact[step], "as an error of its own each month it would not"
    assert anew[level] < once[level], "and the level would seem sharper the more months there are"


def test_the_density_is_that_of_the_rows_with_the_shared_part_taken_off(design, observed):
    p = prior_point(design, observed, 7)
    rows = np.flatnonzero(observed.rows["signal"] == SLUG)
    data = {k: v.copy() for k, v in observed.data.items()}
    mine = data["share_signal"] == design.slugs.index(SLUG)
    u = p[UNLABELLED][0, design.bounded.index(SLUG)]
    data["share_y"][mine] -= u * data["share_unlabelled"][mine]
    data["share_unlabelled"][mine] = 0.0
    told = replace(observed, data=data)
    np.testing.assert_allclose(log_likelihood(design, told, p)[0, rows], log_likelihood(design, observed, p)[0, rows])
    assert abs(u) > 0.01
