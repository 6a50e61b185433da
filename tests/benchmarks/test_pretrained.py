"""The comparison with a pretrained model, with stand-ins for the model: its weights are in no test environment."""

import numpy as np
import pytest

from benchmarks.pretrained import LEAST, NAME, relative, scored
from stackcast.evaluate.backtest import score_origin
from stackcast.evaluate.baselines import BASELINES, or_persistence
from tests.support import canned_run
from tests.toy import EARLIER


@pytest.fixture(scope="module")
def figures(project, tmp_path_factory):
    run = canned_run(project, tmp_path_factory.mktemp("pretrained"), EARLIER)
    return score_origin(run, project, EARLIER)


def test_a_model_that_is_persistence_has_its_scores(project, figures):
    def method(past, ahead):
        made = BASELINES["persistence"](past, ahead)
        return made.mean, made.sd

    found = scored(figures, project, or_persistence(NAME, method, LEAST, regular=True))
    np.testing.assert_allclose(found[f"crps_{NAME}"], found["crps_persistence"])
    assert found[f"made_{NAME}"].tolist() == found["made_theta"].tolist(), "both need eight quarters on a grid"
    assert 0 < found[f"made_{NAME}"].sum() < len(found)
    table = relative(found)
    np.testing.assert_allclose(table[[NAME, "persistence"]], 1.0)
    assert table.loc["all", "n"] == found[f"made_{NAME}"].sum() == table.loc[table.index != "all", "n"].sum()


def test_a_model_that_knows_the_figures_known_alone_is_scored_on_those_it_made(project, figures):
    asked = []

    def method(past, ahead):
        asked.append((past, ahead))
        return past.y.mean(), 50.0

    found = scored(figures, project, or_persistence(NAME, method, LEAST, regular=True))
    made = found[f"made_{NAME}"].astype(bool)
    assert not made.any(), "so wide a forecast is implausible, and persistence stands in for it"
    assert len(asked) == figures["made_theta"].sum()
    assert all(len(past.y) >= LEAST and ahead > 0 for past, ahead in asked)
