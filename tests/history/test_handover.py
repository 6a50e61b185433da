"""What earlier stacks hand over, as a file that people read and the graph takes."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from stackcast.files.documents import Document
from stackcast.history.effects import Effects
from stackcast.history.handover import file_text, handed_over, scales_of, size_interval
from stackcast.history.pace import SHARED, Interval, Pace
from stackcast.priors.history import HistoryFile

FORCES = ("O1", "C2")


@pytest.fixture
def effects():
    categories = pd.DataFrame(
        {"distance": [9.0, 25.0], "beyond": [False, True], "transfer_sd": [0.3, 0.5]}, index=["near", "far"]
    )
    return Effects(
        forces=FORCES, layers=("models", "apps"), size_mean=np.array([0.2, 0.5]), size_sd=np.array([0.1, 0.2]),
        log_size_mean=np.array([-1.7, -0.8]), log_size_covariance=np.array([[0.25, -0.06], [-0.06, 0.16]]),
        against_sign=np.array([0.3, 0.01]), alpha_mean=np.array([0.1, -1.5]), alpha_sd=np.array([0.3, 0.4]), omega=1.2,
        null_mean=np.array([0.0, -1.6]), null_sd=np.array([0.3, 0.4]), null_spread=1.5, transfer_sd=0.3, hindsight=0.05,
        ratings=pd.DataFrame([[1.0, -1.0], [2.0, 0.5]], index=["near", "far"], columns=list(FORCES)),
        reliability=np.array([0.9, 0.8]), categories=categories, farthest=16.0, stacks=40, divergences=0,
    )  # fmt: skip


@pytest.fixture
def pace():
    one = Interval(0.04, 0.08, 0.16, SHARED)
    kinds = dict.fromkeys(("attention", "census", "survey"), one)
    return Pace(**{name: kinds if name == "noise" else one for name in Pace.__dataclass_fields__})


@pytest.fixture
def history():
    stacks = pd.DataFrame({"title": ["Near things", "Far things"]}, index=["near", "far"])
    return SimpleNamespace(digest="0" * 64, stacks=stacks)


def test_the_text_of_the_file_says_what_was_handed_over(tmp_path, history, effects, pace):
    made = handed_over(history, effects, scales_of(pace), ["near", "far"])
    again = Document.parse(tmp_path / "history.yaml", file_text(made), HistoryFile).content
    assert again == made
    covariance = again.effects.factor @ again.effects.factor.T
    np.testing.assert_allclose(covariance, effects.log_size_covariance, rtol=2e-3)
    assert again.resting_points.of("apps").sd == pytest.approx(np.hypot(0.4, 1.2), rel=1e-3)
    assert again.unrated.of("apps").sd == pytest.approx(np.hypot(0.4, 1.5), rel=1e-3)


def test_a_rating_is_shrunk_by_its_reliability_and_a_far_category_is_marked(history, effects, pace):
    made = handed_over(history, effects, scales_of(pace), ["near", "far"])
    near, far = made.categories["near"], made.categories["far"]
    assert near.ratings == {"O1": 0.9, "C2": -0.8}
    assert (near.outside, near.transfer_sd, near.distance) == (False, 0.3, 3.0)
    assert (far.outside, far.transfer_sd, far.distance) == (True, 0.5, 5.0)


def test_scales_replace_scales_of_the_same_form(history, effects, pace, project):
    made = handed_over(history, effects, scales_of(pace), [])
    declared = dict(project.priors.declared.scales)
    assert made.scales
    assert all(type(given) is type(declared[name]) for name, given in made.scales.items())


def test_a_size_has_the_interval_of_its_log_normal():
    low, middle, high = size_interval(np.log(0.5), 0.4)
    assert middle == pytest.approx(0.5)
    assert (np.log(high) - np.log(low)) / 2 == pytest.approx(0.4 * 1.6449, rel=1e-3)
