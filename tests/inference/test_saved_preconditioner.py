import numpy as np
import pytest

from stackcast.graph.data import know
from stackcast.graph.design import build_design
from stackcast.inference.coordinates import Coordinates
from stackcast.inference.preconditioner import RANK, Metric, expected_metric
from stackcast.inference.sample import Settings, sample
from stackcast.inference.saved_preconditioner import KeptMetric, labels
from tests.support import EARLIER


@pytest.fixture(scope="module")
def coordinates(design, known):
    return Coordinates(design, known)


@pytest.fixture(scope="module")
def kept(coordinates):
    return KeptMetric.of(coordinates, expected_metric(coordinates))


def test_every_coordinate_has_a_label_of_its_own(coordinates):
    found = labels(coordinates)
    assert len(found) == len(set(found)) == coordinates.layout.size
    assert "step_share[]" in found


def test_on_the_same_coordinates_it_is_the_same_metric_after_a_file_too(coordinates, kept, tmp_path):
    kept.save(tmp_path / "metric.npz")
    again = KeptMetric.load(tmp_path / "metric.npz").onto(coordinates)
    for name, array in vars(kept.metric).items():
        np.testing.assert_array_equal(getattr(again, name), array)
    assert KeptMetric.load(tmp_path / "none.npz") is None


def test_a_coordinate_that_is_new_stands_by_its_prior(project, design, known, coordinates):
    rows, signals = project.observations.rows, project.observations.signals
    earlier = build_design(rows, signals, project.priors, EARLIER)
    before = Coordinates(earlier, know(earlier, rows, EARLIER))
    kept = KeptMetric.of(before, expected_metric(before))
    # a kept metric whose last hundred coordinates have names that no graph has
    cut = KeptMetric(np.r_[kept.labels[:-100], [f"gone[{i}]" for i in range(100)]], kept.metric)
    metric = cut.onto(before)
    centre, sd = before.prior_moments
    np.testing.assert_array_equal(metric.shift[:-100], kept.metric.shift[:-100])
    np.testing.assert_array_equal(metric.shift[-100:], centre[-100:])
    np.testing.assert_array_equal(metric.scale[-100:], sd[-100:])
    assert not metric.turn[-100:].any()
    size = len(centre)
    linear = metric(np.eye(size)) - metric(np.zeros((1, size)))
    assert np.isfinite(np.linalg.slogdet(linear)[1]), "it can be inverted"


@pytest.mark.parametrize("rank", [RANK - 5, RANK + 5])
def test_it_has_as_many_directions_as_compiled_code_reads_whatever_it_had(coordinates, kept, rank):
    size = coordinates.layout.size
    turn, gain = np.random.default_rng(1).normal(size=(size, rank)), np.arange(rank) + 1.0
    metric = KeptMetric(kept.labels, Metric(kept.metric.shift, kept.metric.scale, turn, gain)).onto(coordinates)
    assert metric.turn.shape == (size, RANK)
    assert metric.gain.shape == (RANK,)
    np.testing.assert_array_equal(metric.gain[: min(rank, RANK)], gain[:RANK])
    assert not metric.gain[rank:].any()


def test_a_run_that_begins_with_it_needs_no_pilot(compiled, known, kept):
    settings = Settings(chains=2, draws=20, tune=30, seed=6)
    cold, warm = sample(compiled, known, settings), sample(compiled, known, settings, kept=kept)
    assert warm.gradients < cold.gradients / 2
    np.testing.assert_array_equal(warm.metric.metric.turn, kept.metric.turn)
    assert all(np.isfinite(array).all() for array in warm.parameters.values())
