"""A figure as kept draws expect it: what its signal's rows share is in its expected value, or else in its error."""

from dataclasses import replace

import numpy as np
import pytest

from stackcast.explain.figure_draws import kept_figure
from stackcast.graph.shifts import LAG_SHIFT, UNLABELLED

SLUG = "advert-board-any-day"
"""Has bounds of what is unlabelled, and a bias of its first vintages."""


@pytest.fixture(scope="module")
def draws(passed_run):
    return passed_run.draws


def figure(project, draws, slug):
    row = project.observations.of(slug).sort_values("period_end").iloc[-1]
    return kept_figure(draws, row, project.observations.signals, project.priors)


def test_what_a_row_leaves_unlabelled_moves_where_the_draws_expect_it(project, draws):
    found, without = (
        figure(project, draws, SLUG),
        figure(project, replace(draws, data=draws.data.assign({UNLABELLED: 0.0 * draws.data[UNLABELLED]})), SLUG),
    )
    assert found.encoded.error[0] == 0.0
    u = draws.data[UNLABELLED].sel(bounded=SLUG).values
    np.testing.assert_allclose(found.mu - without.mu, found.encoded.unlabelled[0] * u, atol=1e-6)
    assert np.abs(found.mu - without.mu).max() > 0.1


def test_a_run_that_knew_no_bounds_of_a_signal_reads_them_as_an_error(project, draws):
    others = [s for s in draws.data["bounded"].values if s != SLUG]
    for data in (draws.data.sel(bounded=others), draws.data.drop_vars(UNLABELLED)):
        found = figure(project, replace(draws, data=data), SLUG)
        assert found.encoded.error[0] == pytest.approx(-found.encoded.unlabelled[0])
        assert found.encoded.error[0] > 0.05


def test_a_shift_that_the_run_has_moves_a_figure(project, draws):
    gone = replace(draws, data=draws.data.drop_vars(LAG_SHIFT))
    assert np.abs(figure(project, gone, SLUG).mu - figure(project, draws, SLUG).mu).max() > 0.01


def test_a_forecast_goes_by_what_was_foreseen(project, draws):
    from stackcast.forecast.figures import Typical

    row = project.observations.of(SLUG).sort_values("period_end").iloc[-1]
    given = Typical(1.0, 0.2, 0.0, 0.0)
    found = kept_figure(draws, row, project.observations.signals, project.priors, given)
    wider = kept_figure(draws, row, project.observations.signals, project.priors, replace(given, unlabelled=-0.5))
    assert found.encoded.error[0] == 0.2
    np.testing.assert_allclose(wider.mu - found.mu, -0.5 * draws.data[UNLABELLED].sel(bounded=SLUG), atol=1e-6)
