"""The tables tell the truth about what is prior only, and keep the gap out of openness."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from stackcast.forecast.age import FIGURE, FORECAST, facet_marks, last_figures
from stackcast.forecast.figures import RECENT
from stackcast.forecast.future import extend
from stackcast.forecast.predict import draw_figures, typical_now
from stackcast.forecast.prior import prior_draws, prior_trajectories
from stackcast.forecast.tables import TableInputs, facet_table, layer_table, signal_table
from stackcast.graph.shifts import LAG_SHIFT, UNLABELLED
from stackcast.settings import FitSettings
from tests.support import SEED
from tests.toy import HORIZON, TODAY

LEARNT = "jobs.adverts"


@pytest.fixture(scope="module")
def evidence(project, design, observed):
    """A posterior that has learnt of one facet only: its shocks and levels hardly vary."""
    p = prior_draws(design, observed, 300, SEED)
    place = design.facets.index(LEARNT)
    for name in ("start_z", "slope_z", "equilibrium"):
        p[name][:, place] = p[name][:, place].mean() + 0.05 * (p[name][:, place] - p[name][:, place].mean())
    mine = [label.startswith(f"{LEARNT}@") for label in design.coords()["facet_node"]]
    p["facet_shock"][:, mine] *= 0.05
    trajectories = extend(design, observed, p, HORIZON, SEED)
    return TableInputs(
        FitSettings(TODAY),
        project.observations,
        observed,
        trajectories,
        prior_trajectories(design, observed, HORIZON, 1000, 1),
    )


def flags(table):
    first = table.drop_duplicates("name")
    return dict(zip(first["name"], first["prior_only"], strict=True))


def test_only_what_was_learnt_is_not_prior_only(evidence):
    found = flags(facet_table(evidence))
    assert {name for name, hollow in found.items() if not hollow} == {LEARNT}


def test_a_layer_is_prior_only_when_all_its_facets_are(evidence):
    found = flags(layer_table(evidence, facet_table(evidence)))
    assert not found["jobs"]
    assert not found["stack"]
    assert found["days"]
    without = dataclasses.replace(evidence, settings=FitSettings(TODAY, weights=((LEARNT, 0.0),)))
    found = flags(layer_table(without, facet_table(without)))
    assert found["jobs"]
    assert found["stack"]


def test_the_stack_is_a_forecast_if_any_facet_with_weight_is(evidence):
    fresh = facet_table(evidence).assign(stands_on=FIGURE)
    old = fresh.assign(stands_on=fresh["stands_on"].where(fresh["name"] != LEARNT, FORECAST))

    def stands(facets, weights=()):
        table = layer_table(dataclasses.replace(evidence, settings=FitSettings(TODAY, weights=weights)), facets)
        return table.drop_duplicates("name").set_index("name")["stands_on"]

    assert set(stands(fresh)) == {FIGURE}
    assert set(stands(old)[["jobs", "stack"]]) == {FORECAST}
    assert set(stands(old).drop(["jobs", "stack"])) == {FIGURE}
    assert set(stands(old, ((LEARNT, 0.0),))) == {FIGURE}
    assert stands(old, (("jobs", 0.0),))[["jobs", "stack"]].tolist() == [FORECAST, FIGURE]


def test_facets_carry_the_marks_of_their_last_figures(evidence):
    marks = facet_marks(last_figures(evidence.posterior.design, evidence.observed), evidence.observed.as_of)
    table = facet_table(evidence).drop_duplicates("name").set_index("name")
    pd.testing.assert_frame_equal(table[["thin", "stands_on"]], marks, check_dtype=False)


def test_the_gap_is_never_averaged_into_openness(evidence):
    trajectories = evidence.posterior
    params = dict(trajectories.params)
    moved = dict(params, start_z=params["start_z"].copy(), gap_pull=0 * params["gap_pull"])
    moved["start_z"][:, trajectories.design.facets.index(trajectories.design.gaps[0])] += 5.0
    still = dict(params, gap_pull=0 * params["gap_pull"])
    a, b = (
        dataclasses.replace(evidence, posterior=dataclasses.replace(trajectories, params=p)) for p in (still, moved)
    )
    ours, theirs = (layer_table(e, facet_table(e)) for e in (a, b))
    np.testing.assert_array_equal(ours["mean"], theirs["mean"])
    gap = [t[t["name"] == trajectories.design.gaps[0]]["mean"].iloc[0] for t in (facet_table(a), facet_table(b))]
    assert gap[1] == pytest.approx(gap[0] + 5.0 * trajectories.design.priors.measurement.scales.start_gap.value)


def test_a_signal_nobody_has_published_yet_is_prior_only(evidence, design):
    observed = evidence.observed
    slug = observed.rows["signal"].iloc[0]
    fewer = dataclasses.replace(observed, rows=observed.rows[observed.rows["signal"] != slug])
    small = dataclasses.replace(evidence, observed=fewer)
    found = flags(signal_table(small))
    assert {name for name, hollow in found.items() if hollow} == {slug}


def test_the_lag_shift_enters_first_published_figures_only_where_it_applies(trajectories, observed, rows):
    shifted = dataclasses.replace(
        trajectories, params=trajectories.params | {LAG_SHIFT: trajectories.params[LAG_SHIFT] + 2.0}
    )
    weights = np.eye(trajectories.design.grid.size)[trajectories.now_index + 1]
    for slug, moves in (("advert-board-any-day", True), ("firm-panel-free-choice", False)):
        given = typical_now(trajectories, observed, rows, slug)
        a, b = (draw_figures(w, slug, weights, given, SEED, "x").mean() for w in (trajectories, shifted))
        assert (b > a + 0.1) if moves else (a == b), slug


def test_a_forecast_of_the_published_share_leaves_out_what_its_last_row_did(trajectories, observed, rows):
    slug = "attendance-software-share"
    given = typical_now(trajectories, observed, rows, slug)
    mine = observed.rows[observed.rows["signal"] == slug].sort_values("period_end")
    last = mine.iloc[-1]
    assert given.unlabelled == pytest.approx(-(logit(last["upper"]) - logit(last["lower"])) / 12**0.5)
    recent = mine.tail(RECENT)
    sampling = (recent["n"] * recent["value"] * (1 - recent["value"])) ** -0.5
    assert given.error == pytest.approx(sampling.median()), "what is unlabelled adds no error of its own"
    more = dataclasses.replace(
        trajectories, params=trajectories.params | {UNLABELLED: trajectories.params[UNLABELLED] + 2.0}
    )
    weights = np.eye(trajectories.design.grid.size)[trajectories.now_index + 1]
    a, b = (logit(draw_figures(w, slug, weights, given, SEED, "x")) for w in (trajectories, more))
    np.testing.assert_allclose(b - a, 2.0 * given.unlabelled, rtol=1e-9)
    np.testing.assert_array_equal(more.states.eta, trajectories.states.eta)
