import numpy as np
import pytest

from stackcast.errors import InputError
from stackcast.forecast.openness import STACK, declared_weights, drawn_weights, facet_values, layer_values
from tests.support import SEED


def test_weights_sum_to_one_and_the_gap_has_none(project):
    weights = declared_weights(project.priors)
    assert all(sum(group.values()) == pytest.approx(1) for group in weights.values())
    assert "days.output" not in weights["days"]
    assert set(weights[STACK]) == set(project.priors.layers.layers)


def test_a_layer_is_the_weighted_mean_of_its_shares(project, trajectories):
    values, weights = facet_values(trajectories), declared_weights(project.priors, {"jobs.adverts": 3})
    layers = layer_values(values, weights)
    np.testing.assert_allclose(layers["jobs"], (3 * values["jobs.adverts"] + 0.4 * values["jobs.policies"]) / 3.4)
    np.testing.assert_allclose(layers["days"], values["days.home"])
    alone = layer_values(values, declared_weights(project.priors, {"jobs.policies": 0}))
    np.testing.assert_allclose(alone["jobs"], values["jobs.adverts"])
    np.testing.assert_allclose(layers[STACK], np.mean([layers[k] for k in weights[STACK]], axis=0))


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"jobs.advert": 1}, "did you mean 'jobs.adverts'"),
        ({"days.output": 1}, "unknown facet or layer 'days.output'"),
        ({"jobs.adverts": -1}, "must not be negative"),
        ({"days.home": 0}, "must not all be zero"),
    ],
)
def test_bad_weights_are_refused(project, overrides, words):
    with pytest.raises(InputError, match=words):
        declared_weights(project.priors, overrides)


def test_drawn_weights_keep_the_declared_mean_or_cover_the_simplex(project):
    weights = declared_weights(project.priors, {"jobs.adverts": 2})
    around = drawn_weights(weights, 4000, SEED, 12.0)["jobs"]
    anywhere = drawn_weights(weights, 4000, SEED, None)["jobs"]
    for name, declared in weights["jobs"].items():
        assert around[name].mean() == pytest.approx(declared, abs=0.02)
        assert anywhere[name].mean() == pytest.approx(0.5, abs=0.02)
    np.testing.assert_allclose(sum(around.values()), 1.0)
