"""The one door to the DataTree: what goes in under a label comes out under it."""

import numpy as np
import pytest

from stackcast.forecast.prior import prior_draws
from stackcast.graph.evaluate import join_chains, log_likelihood, log_prior
from stackcast.inference.sample import STATS, Sampled
from stackcast.posterior.tree import make_tree, posterior_draws, read_tree, write_tree
from tests.support import TODAY

CHAINS, DRAWS = 2, 7


@pytest.fixture(scope="module")
def tree(design, observed):
    p = prior_draws(design, observed, CHAINS * DRAWS, 4)
    by_chain = {name: a.reshape(CHAINS, DRAWS, *a.shape[1:]) for name, a in p.items()}
    stats = {name: np.zeros((CHAINS, DRAWS)) for name in STATS}
    likelihood, prior = log_likelihood(design, observed, p), log_prior(design, observed, p)
    return p, make_tree(design, observed, Sampled(by_chain, stats, None), likelihood, prior), likelihood


def test_it_survives_the_disk(tree, tmp_path, observed):
    p, made, likelihood = tree
    write_tree(made, tmp_path / "posterior.nc", {"inputs": {"seed": 3}})
    read = read_tree(tmp_path / "posterior.nc")
    for name, array in posterior_draws(read).items():
        np.testing.assert_array_equal(array, p[name])
    assert read.attrs["as_of"] == str(TODAY)
    assert read.attrs["prior_scenario"] == "neutral"
    assert '"seed": 3' in read.attrs["inputs"]
    stored = read["log_likelihood"]["y"]
    np.testing.assert_array_equal(stored.values.reshape(CHAINS * DRAWS, -1), likelihood)
    assert stored["observation"].values.tolist() == observed.rows["id"].tolist()


def test_every_number_has_its_label(tree, design):
    p, made, _ = tree
    posterior = made["posterior"].dataset
    for i, facet in enumerate(design.facets):
        np.testing.assert_array_equal(posterior["equilibrium"].sel(facet=facet).values.ravel(), p["equilibrium"][:, i])
    edge = design.edges[3].label
    np.testing.assert_array_equal(posterior["effect"].sel(edge=edge).values.ravel(), p["effect"][:, 3])
    assert set(made["log_prior"].dataset.data_vars) == set(p)


def test_flat_joins_chains_in_order():
    array = np.arange(12.0).reshape(2, 3, 2)
    np.testing.assert_array_equal(join_chains({"x": array})["x"], np.arange(12.0).reshape(6, 2))
