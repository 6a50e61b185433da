import numpy as np
import pandas as pd
import pytest

from stackcast.forecast.future import extend, random_stream
from stackcast.forecast.predict import draw_figures, predict_quarters, typical_now
from stackcast.forecast.prior import prior_draws
from stackcast.forecast.questions import question_probability
from stackcast.graph.evaluate import states, with_data
from stackcast.graph.parameters import INNOVATIONS
from stackcast.observations.revisions import QUARTER_DAYS
from stackcast.quarters import Quarter
from tests.support import SEED
from tests.toy import HORIZON

ROUNDING = 1e-12
"""Products of matrices of other sizes round in another order."""


@pytest.fixture(scope="module")
def draws(design, observed):
    return prior_draws(design, observed, 50, SEED)


def test_a_forecast_at_horizon_zero_is_the_posterior(design, observed, draws):
    now = Quarter.of(observed.as_of)
    trajectories = extend(design, observed, draws, now, SEED)
    here = states(design, with_data(draws, observed))
    for name in ("eta", "slope", "theta"):
        np.testing.assert_array_equal(getattr(trajectories.states, name), getattr(here, name))


def test_the_past_does_not_move_with_the_horizon_and_a_longer_one_repeats_a_shorter(design, observed, draws):
    near, far = (extend(design, observed, draws, Quarter.parse(q), SEED) for q in ("2025-Q2", "2027-Q4"))
    size = near.design.grid.size
    assert far.design.grid.size > size
    for name in ("eta", "slope", "theta", "deviation"):
        np.testing.assert_allclose(
            getattr(far.states, name)[:, :size], getattr(near.states, name), rtol=0, atol=ROUNDING
        )
    np.testing.assert_allclose(far.paths[:, :size], near.paths, rtol=0, atol=ROUNDING)


def test_an_intervention_on_the_future_leaves_the_past_alone(design, observed, draws):
    trajectories = extend(design, observed, draws, HORIZON, SEED)
    changed = trajectories.params["claim_shock"].copy()
    changed[:, trajectories.now_index + 1 :] += 2.0
    moved = states(trajectories.design, trajectories.params | {"claim_shock": changed})
    np.testing.assert_array_equal(
        moved.eta[:, : trajectories.now_index + 2], trajectories.states.eta[:, : trajectories.now_index + 2]
    )
    assert np.abs(moved.eta[:, -1] - trajectories.states.eta[:, -1]).max() > 0.01


def test_the_seed_decides_the_future(design, observed, draws):
    a, b, c = (extend(design, observed, draws, HORIZON, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(a.states.eta, b.states.eta)
    assert not np.array_equal(a.states.eta[:, -1], c.states.eta[:, -1])


def test_every_fresh_innovation_is_its_own(design, observed, trajectories):
    """No two of them go together: not of two facets in one quarter, nor of one facet in two, nor of two blocks."""
    fresh = []
    for block, dim in INNOVATIONS.items():
        old = set(design.coords()[dim])
        new = [i for i, label in enumerate(trajectories.design.coords()[dim]) if label not in old]
        assert new
        fresh.append(trajectories.params[block][:, new].reshape(len(trajectories.noise), -1))
    shocks = np.hstack(fresh)
    together = np.corrcoef(shocks.T) - np.eye(shocks.shape[1])
    assert np.abs(together).max() < 6 / np.sqrt(len(shocks))
    assert shocks.std() == pytest.approx(1, abs=0.01)


def test_every_name_has_a_stream_of_its_own(rows, design):
    names = [*design.slugs, *rows["id"], *(f"{a}@{b}" for a in design.facets for b in ("2028-Q1", "2028-Q2"))]
    assert len({tuple(random_stream(1, "fresh", name)) for name in names}) == len(set(names))


def test_a_fan_widens(trajectories):
    steps = trajectories.states.eta[:, trajectories.now_index + 4] - trajectories.states.eta[:, trajectories.now_index]
    later = trajectories.states.eta[:, -1] - trajectories.states.eta[:, trajectories.now_index]
    assert (later.std(axis=0) > steps.std(axis=0)).all()


def test_counts_fall_on_their_grid_and_shares_in_the_unit_interval(trajectories, observed, rows):
    slug = "advert-board-any-day"
    given = typical_now(trajectories, observed, rows, slug)
    figures = predict_quarters(trajectories, observed, rows, slug, SEED)
    np.testing.assert_allclose(figures * given.trials, np.round(figures * given.trials), atol=1e-9)
    shares = predict_quarters(trajectories, observed, rows, "firm-panel-free-choice", SEED)
    assert ((shares > 0) & (shares < 1)).all()


def test_a_first_published_count_carries_the_lag_shift(trajectories, observed, rows):
    given = typical_now(trajectories, observed, rows, "advert-board-any-day")
    half_life = trajectories.design.priors.measurement.scales.lag_half_life.value
    assert given.lag == pytest.approx(0.5 ** (24 / QUARTER_DAYS / half_life)), "the board prints after 24 days"
    assert typical_now(trajectories, observed, rows, "trial-output-gap").lag == 0.0


def test_a_question_is_the_share_of_figures_that_resolve_it(project, trajectories, observed, rows):
    question = project.observations.questions[0].model_copy(update={"direction": "above"})
    weights = trajectories.design.grid.weights(
        pd.Series([pd.Timestamp(question.period_start)]), pd.Series([pd.Timestamp(question.period_end)])
    )[0]
    given = typical_now(trajectories, observed, rows, question.signal)
    figures = draw_figures(trajectories, question.signal, weights, given, SEED, question.id)
    expected = float((figures > question.threshold).mean())
    assert question_probability(trajectories, observed, rows, question, SEED) == expected
    flipped = question.model_copy(update={"direction": "at-or-below"})
    assert question_probability(trajectories, observed, rows, flipped, SEED) == pytest.approx(1 - expected)


def test_a_question_after_the_horizon_is_refused(project, trajectories, observed, rows):
    question = project.observations.questions[0].model_copy(
        update={"period_start": pd.Timestamp("2031-01-01").date(), "period_end": pd.Timestamp("2031-12-31").date()}
    )
    with pytest.raises(ValueError, match="ends after the horizon"):
        question_probability(trajectories, observed, rows, question, SEED)
