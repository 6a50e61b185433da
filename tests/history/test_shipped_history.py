"""What must hold of the earlier stacks that ship."""

from itertools import combinations

import numpy as np
import pytest
from scipy.special import logit
from scipy.stats import norm

from stackcast.history.outcomes import EDGE, ERROR, PREFERENCE, outcomes
from stackcast.project import Project
from stackcast.project_folder import BLANK, make_project, shipped_project
from tests.support import ROOT, latest_day


@pytest.fixture(scope="module")
def history(project):
    return project.history


def test_every_claim_of_the_debate_is_rated_and_every_stack_with_an_outcome(project, history):
    assert set(history.ratings["force"]) == set(project.priors.claims)
    assert set(outcomes(history).index) <= set(history.ratings["stack"])
    assert history.ratings.groupby("stack")["rater"].nunique().eq(3).all()


def test_a_stack_counts_once_however_many_criteria_it_has(history):
    read = outcomes(history)
    assert {"web_browsers", "browser_engines"} & set(read.index) == {"web_browsers"}
    assert {"shipped-build", "engine"} == set(history.shares.query("stack == 'web_browsers'")["criterion"])


def test_outcomes_lie_within_their_intervals_and_every_layer_has_some(project, history):
    read = outcomes(history)
    assert len(read) >= 40
    assert ((read["low"] <= read["share"]) & (read["share"] <= read["high"])).all()
    assert (read["high"] - read["low"] < 0.7).all()
    assert set(history.stacks.loc[read.index, "layer"]) == set(project.priors.layers.layers)
    assert set(read["measure"]) <= set(PREFERENCE)


def test_today_s_categories_have_ratings_and_no_outcome(history):
    today = history.stacks.index[history.stacks.index.str.startswith("ai_")]
    assert len(today) == 6
    assert set(today) <= set(history.ratings["stack"])
    assert not set(today) & set(history.shares["stack"])


def test_the_error_of_a_reading_is_what_measured_populations_of_one_stack_differ_by(history):
    shares = history.shares.dropna(subset=["share"])
    shares = shares[shares["measure"].isin(["use", "units"])]
    placed = shares.assign(place=logit(shares["share"].clip(EDGE, 1 - EDGE)))
    apart = []
    for _, rows in placed.groupby(["stack", "criterion"]):
        for (_, a), (_, b) in combinations(rows.groupby("population"), 2):
            near = np.abs(np.subtract.outer(a["date"].to_numpy(), b["date"].to_numpy())) <= 1.01  # (row of a, row of b)
            differences = np.subtract.outer(a["place"].to_numpy(), b["place"].to_numpy())[near]
            apart += [abs(differences.mean())] if differences.size else []
    one = np.median(apart) / norm.ppf(0.75) / np.sqrt(2)
    assert len(apart) >= 15
    assert one == pytest.approx(ERROR["use"], abs=0.08)


def test_a_new_project_has_the_stacks_and_a_blank_one_has_none(tmp_path):
    today = latest_day(ROOT / "observations")
    for name, source, has in (("mine", shipped_project(), True), ("blank", BLANK, False)):
        make_project(tmp_path / name, source)
        assert (Project.load(tmp_path / name, today=today).history is not None) == has
