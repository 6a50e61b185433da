import numpy as np
import pandas as pd
import pytest

from stackcast.history.ratings import (
    SHARED_ERROR,
    Unit,
    blocks,
    by_rater,
    force_signs,
    standardised,
)
from stackcast.history.records import History, load_history
from tests.history.small import CLAIMS, LAYERS, RATING_LINES, SHARE, SHARE_LINES, STACK, changed, write

FORCES = ("F1", "F2", "F3")
SIGNS = {"F1": 1.0, "F2": -1.0, "F3": 1.0}


def rated(truth, own_error=0.0, raters=3, biases=(0.0, 0.0, 0.0), seed=0):
    """Return a history of stacks with these strengths (stack, force), each with an outcome but the last two."""
    rng = np.random.default_rng(seed)
    slugs = [f"s{i:03}" for i in range(len(truth))]
    stacks = pd.DataFrame([STACK | {"slug": slug, "layer": "jobs", "service": False} for slug in slugs]).set_index(
        "slug"
    )
    years = ["outcome_from", "outcome_to"]
    stacks[years] = stacks[years].astype("Int64")
    stacks.loc[slugs[-2:], years] = pd.NA
    shares = pd.DataFrame(
        [SHARE | {"stack": slug, "year": 2005, "share": 0.3, "lower": np.nan, "upper": np.nan} for slug in slugs]
    ).assign(date=2005.5, line=1)
    ratings = [
        {
            "stack": slug,
            "rater": f"r{j}",
            "force": force,
            "rating": value + biases[j] + own_error * rng.standard_normal(),
        }
        for slug, row in zip(slugs, truth, strict=True)
        for j in range(raters)
        for force, value in zip(FORCES, row, strict=True)
    ]
    return History(stacks, shares, pd.DataFrame(ratings).assign(confidence=2))


@pytest.fixture
def truth():
    return np.random.default_rng(1).normal([0.5, -1.0, 0.0], [1.0, 0.5, 0.8], (200, 3))


def test_the_unit_is_one_standard_deviation_between_the_stacks_with_an_outcome(truth):
    history = rated(truth)
    scores = standardised(history, Unit.of(history, SIGNS)).mean
    seen = scores.iloc[:-2]
    np.testing.assert_allclose(seen.mean(), 0, atol=1e-12)
    np.testing.assert_allclose(seen.std(), 1)
    np.testing.assert_allclose(scores.iloc[-1], (truth[-1] - truth[:-2].mean(axis=0)) / truth[:-2].std(axis=0, ddof=1))


def test_other_stacks_are_read_in_the_unit_of_the_first(truth):
    unit = Unit.of(rated(truth), SIGNS)
    shifted = standardised(rated(truth[:5] + unit.size), unit).mean
    np.testing.assert_allclose(shifted - standardised(rated(truth[:5]), unit).mean, 1.0)


def test_scores_point_to_higher_shares_and_ratings_stay_as_rated(truth):
    history = rated(truth)
    table = standardised(history, Unit.of(history, SIGNS))
    np.testing.assert_array_equal(table.scores["F2"], -table.mean["F2"])
    np.testing.assert_array_equal(table.scores["F1"], table.mean["F1"])


def test_a_raters_own_error_is_found_whatever_each_raters_level(truth):
    history = rated(truth, own_error=0.3, biases=(0.0, 1.0, -0.5))
    unit = Unit.of(history, SIGNS)
    np.testing.assert_allclose(unit.own_error, 0.3 / unit.size, rtol=0.12)
    three, one = (standardised(given, unit).error_variance for given in (history, by_rater(history, "r1")))
    np.testing.assert_allclose(three, SHARED_ERROR**2 + unit.own_error**2 / 3)
    np.testing.assert_allclose(one, SHARED_ERROR**2 + unit.own_error**2)


def test_raters_who_left_a_stack_out_do_not_count_there(truth):
    history = rated(truth[:6], own_error=0.2)
    kept = ~((history.ratings["stack"] == "s001") & (history.ratings["rater"] == "r0"))
    table = standardised(History(history.stacks, history.shares, history.ratings[kept]), Unit.of(history, SIGNS))
    assert np.isnan(table.values[1, 0]).all()
    np.testing.assert_allclose(table.mean.loc["s001"], table.values[1, 1:].mean(axis=0))


def test_blocks_are_the_forces_that_are_rated_alike():
    rng = np.random.default_rng(2)
    hidden = rng.standard_normal((100, 2))
    alike = [hidden[:, 0], hidden[:, 1], -hidden[:, 0], hidden[:, 1], hidden[:, 0]]
    scores = pd.DataFrame(
        {name: column + 0.4 * rng.standard_normal(100) for name, column in zip("abcde", alike, strict=True)}
    )
    assert set(blocks(scores).values()) == {("a", "c", "e"), ("b", "d")}
    assert "b+d" in blocks(scores)


def test_the_shipped_forces_form_three_blocks(project):
    signs = force_signs(project.priors, project.history)
    assert signs == {"O1": 1, "O2": 1, "O3": 1, "C1": -1, "C2": -1, "C3": -1, "C4": -1, "C5": -1}
    scores = standardised(project.history, Unit.of(project.history, signs)).scores
    assert set(blocks(scores).values()) == {("O1", "O3"), ("O2", "C1", "C4", "C5"), ("C2", "C3")}


def test_a_rating_on_file_is_read(tmp_path):
    ratings = changed(RATING_LINES, 0, rating=2)
    history = load_history(write(tmp_path / "history", shares=SHARE_LINES, ratings=ratings), CLAIMS, LAYERS)
    unit = Unit.of(history, {"H1": 1.0, "O1": 1.0})
    first = standardised(history, unit).values[0]
    np.testing.assert_allclose(first[0] * unit.size + unit.centre, [2.0, 1.0])
