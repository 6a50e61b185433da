import numpy as np
import pytest

from stackcast.errors import InputError
from stackcast.graph.data import observe_as_of
from stackcast.graph.design import build_design
from stackcast.inference.coordinates import Coordinates
from stackcast.inference.preconditioner import RANK, Preconditioner, expected_preconditioner
from stackcast.inference.sample import SamplerSettings, sample
from stackcast.inference.saved_preconditioner import SavedPreconditioner, labels
from tests.toy import EARLIER


@pytest.fixture(scope="module")
def coordinates(design, observed):
    return Coordinates(design, observed)


@pytest.fixture(scope="module")
def kept(coordinates):
    return SavedPreconditioner.of(coordinates, expected_preconditioner(coordinates))


def test_every_coordinate_has_a_label_of_its_own(coordinates):
    found = labels(coordinates)
    assert len(found) == len(set(found)) == coordinates.layout.size
    assert "innovation_sd_share[]" in found


def test_on_the_same_coordinates_it_is_the_same_preconditioner_after_a_file_too(coordinates, kept, tmp_path):
    kept.save(tmp_path / "metric.npz")
    again = SavedPreconditioner.load(tmp_path / "metric.npz").onto(coordinates)
    for name, array in vars(kept.preconditioner).items():
        np.testing.assert_array_equal(getattr(again, name), array)
    assert SavedPreconditioner.load(tmp_path / "none.npz") is None


def test_a_new_coordinate_has_the_scale_of_its_prior(project, design, observed, coordinates):
    rows, signals = project.observations.rows, project.observations.signals
    earlier = build_design(rows, signals, project.priors, EARLIER)
    before = Coordinates(earlier, observe_as_of(earlier, rows, EARLIER))
    kept = SavedPreconditioner.of(before, expected_preconditioner(before))
    # a kept metric whose last hundred coordinates have names that no graph has
    cut = SavedPreconditioner(np.r_[kept.labels[:-100], [f"gone[{i}]" for i in range(100)]], kept.preconditioner)
    preconditioner = cut.onto(before)
    centre, sd = before.prior_moments
    np.testing.assert_array_equal(preconditioner.shift[:-100], kept.preconditioner.shift[:-100])
    np.testing.assert_array_equal(preconditioner.shift[-100:], centre[-100:])
    np.testing.assert_array_equal(preconditioner.scale[-100:], sd[-100:])
    assert not preconditioner.turn[-100:].any()
    size = len(centre)
    linear = preconditioner(np.eye(size)) - preconditioner(np.zeros((1, size)))
    assert np.isfinite(np.linalg.slogdet(linear)[1]), "it can be inverted"


@pytest.mark.parametrize("rank", [RANK - 5, RANK + 5])
def test_its_rank_is_that_of_the_compiled_density_whatever_it_was(coordinates, kept, rank):
    size = coordinates.layout.size
    turn, gain = np.random.default_rng(1).normal(size=(size, rank)), np.arange(rank) + 1.0
    preconditioner = SavedPreconditioner(
        kept.labels, Preconditioner(kept.preconditioner.shift, kept.preconditioner.scale, turn, gain)
    ).onto(coordinates)
    assert preconditioner.turn.shape == (size, RANK)
    assert preconditioner.gain.shape == (RANK,)
    np.testing.assert_array_equal(preconditioner.gain[: min(rank, RANK)], gain[:RANK])
    assert not preconditioner.gain[rank:].any()


FOREIGN = {
    "endless": {"scale": lambda x: x * np.inf},
    "no numbers": {"shift": lambda x: x.astype(str)},
    "shorter": {"shift": lambda x: x[1:]},
    "of another rank": {"gain": lambda x: x[1:]},
    "a number": {"gain": lambda x: x[0]},
    "objects": {"scale": lambda x: x.astype(object)},
    "labels in a table": {"labels": lambda x: x[:, None]},
}


@pytest.mark.parametrize("case", FOREIGN)
def test_arrays_that_are_no_preconditioner_are_refused_by_the_files_name(kept, tmp_path, case):
    path = tmp_path / "metric.npz"
    arrays = {"labels": kept.labels, **vars(kept.preconditioner)}
    np.savez(path, **{name: FOREIGN[case].get(name, lambda x: x)(array) for name, array in arrays.items()})
    with pytest.raises(InputError, match=r"metric\.npz: is damaged \(.*\); fit without it"):
        SavedPreconditioner.load(path)


@pytest.mark.parametrize(
    "damage", [lambda x: x[:-30], lambda x: x[:10], lambda _: b"", lambda _: b"[]", lambda x: x[9:]]
)
def test_a_damaged_file_is_refused_by_its_name(kept, tmp_path, damage):
    path = tmp_path / "metric.npz"
    kept.save(path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(InputError, match=r"metric\.npz: is damaged"):
        SavedPreconditioner.load(path)


def test_a_run_that_begins_with_it_needs_no_pilot(compiled, observed, kept):
    settings = SamplerSettings(chains=2, draws=20, tune=30, seed=6)
    cold, warm = sample(compiled, observed, settings), sample(compiled, observed, settings, kept=kept)
    assert warm.gradients < cold.gradients / 2
    np.testing.assert_array_equal(warm.preconditioner.preconditioner.turn, kept.preconditioner.turn)
    assert all(np.isfinite(array).all() for array in warm.parameters.values())
