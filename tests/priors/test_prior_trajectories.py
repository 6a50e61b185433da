"""What the priors imply: equilibria like earlier stacks, and plausible histories."""

import numpy as np
import pytest
from scipy.special import logit

from stackcast.forecast.openness import declared_weights, facet_values, layer_values
from stackcast.forecast.prior import prior_trajectories
from stackcast.graph.data import observe_as_of
from stackcast.graph.design import build_design
from tests.support import HORIZON, TODAY

CLASSES = {
    "infrastructure.catalogue": "infrastructure",
    "infrastructure.software": "infrastructure",
    "middleware.frameworks": "middleware",
    "applications.use": "applications",
    "models.release": None,
    "models.developers": None,
    "models.enterprise": None,
}
FASTEST = 2.5
"""Logit a year, beyond any reference class but a stack in its first years."""


@pytest.fixture(scope="module")
def wide(design, observed):
    return prior_trajectories(design, observed, HORIZON, 2000, 11)


@pytest.fixture(scope="module")
def alone(project, rows):
    """Trajectories of the declared priors, without what earlier stacks say."""
    design = build_design(rows, project.observations.signals, project.priors.of_run(history=False), TODAY)
    return prior_trajectories(design, observe_as_of(design, rows, TODAY), HORIZON, 2000, 11)


@pytest.mark.parametrize("facet", CLASSES)
def test_the_priors_of_equilibria_hold_the_ends_of_earlier_stacks(project, facet):
    table = project.priors.reference_classes
    if CLASSES[facet] is not None:
        table = table[table["layer_analogue"] == CLASSES[facet]]
    last = table.sort_values("year").groupby(["stack", "metric"])["open_share"].last().groupby("stack").mean()
    given = project.priors.facets[facet].equilibrium
    held = last.between(given.low, given.high).mean()
    assert held >= 0.8, f"{facet}: {held:.2f} of {len(last)} in {given.low} to {given.high}: {last.to_dict()}"


def test_no_layer_is_settled_by_the_declared_priors(project, alone):
    values = layer_values(facet_values(alone), declared_weights(project.priors))
    for name, path in values.items():
        now = path[:, alone.now_index]
        assert (now < 0.05).mean() < 0.25, name
        assert (now > 0.95).mean() < 0.25, name


def test_a_default_is_open_by_the_declared_priors(project, alone):
    stack = layer_values(facet_values(alone), declared_weights(project.priors))["stack"][:, alone.now_index]
    assert 0.15 < (stack > 0.5).mean() < 0.85


def test_shares_move_about_as_fast_as_earlier_stacks_did(project, wide):
    speeds = []
    for _, series in project.priors.reference_classes.groupby(["stack", "metric"]):
        ordered = series.sort_values("year").drop_duplicates("year")
        shares, years = ordered["open_share"].clip(0.005, 0.995), ordered["year"]
        if len(ordered) > 1:
            speeds.append(abs(logit(shares.iloc[-1]) - logit(shares.iloc[0])) / (years.iloc[-1] - years.iloc[0]))
    low, typical = np.quantile(speeds, [0.1, 0.5])
    now = wide.now_index
    change = np.abs(wide.states.eta[:, now + 4] - wide.states.eta[:, now])[:, wide.design.is_share == 1]
    for name, moved in zip(np.array(wide.design.facets)[wide.design.is_share == 1], change.T, strict=True):
        assert low < np.median(moved) < 6 * typical, name
        assert np.quantile(moved, 0.95) < FASTEST, name


def test_the_gap_stays_within_what_the_arena_could_show(wide):
    elo = 173.718 * wide.states.eta[:, wide.now_index :, wide.design.facets.index(wide.design.gaps[0])]
    assert (np.abs(elo) < 800).mean() > 0.99


def test_prior_scenarios_pull_openness_apart_before_the_evidence(project, design, rows):
    ends = {}
    for prior_scenario in ("closed", "neutral", "open"):
        trajectories = prior_trajectories(design, observe_as_of(design, rows, TODAY, prior_scenario), HORIZON, 1000, 11)
        ends[prior_scenario] = layer_values(facet_values(trajectories), declared_weights(project.priors))["stack"][
            :, -1
        ].mean()
    assert ends["closed"] < ends["neutral"] - 0.02
    assert ends["open"] > ends["neutral"] + 0.02
