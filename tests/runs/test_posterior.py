"""``posterior.nc``: every number under its label, in the groups and under the names that ArviZ takes as they are."""

import re

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr

from stackcast.forecast.prior import prior_draws
from stackcast.forecast.tables import TableInputs
from stackcast.graph.evaluate import log_likelihood, log_prior
from stackcast.inference.sample import STATS
from stackcast.posterior.tree import read_tree, summed, write_tree
from stackcast.runs.posterior import FINEST, posterior_tree
from stackcast.settings import FitSettings
from tests.support import CHAINS, ROOT, canned_trajectories, horizon_of, latest_day

GROUPS = {"posterior", "posterior_predictive", "prior", "prior_predictive", "sample_stats", "log_likelihood",
          "log_prior", "observed_data"}  # fmt: skip
DRAWS = 7


@pytest.fixture(scope="module")
def made(debate):
    """A tree that was not written, and what went into it."""
    day = latest_day(debate.root / "observations")
    design, observed, trajectories = canned_trajectories(debate, day, draws=CHAINS * DRAWS, seed=4)
    drawn = prior_draws(design, observed, CHAINS * DRAWS, 4)
    likelihood, densities = log_likelihood(design, observed, drawn), log_prior(design, observed, drawn)
    inputs = TableInputs(FitSettings(day), debate.observations, observed, trajectories, trajectories, likelihood)
    stats = {name: np.zeros((CHAINS, DRAWS)) for name in STATS}
    by_chain = {name: a.reshape(CHAINS, DRAWS, *a.shape[1:]) for name, a in drawn.items()}
    return inputs, drawn, densities, posterior_tree(design, inputs, by_chain, stats, drawn, densities)


def joined(array):
    return array.values.reshape(-1, *array.shape[2:])


@pytest.mark.parametrize("debate", ["minimal"], indirect=True)
def test_it_survives_the_disk(made, tmp_path):
    inputs, drawn, _, tree = made
    write_tree(tree, tmp_path / "posterior.nc", {"inputs": {"seed": 3}})
    read = read_tree(tmp_path / "posterior.nc")
    assert set(read.children) == GROUPS
    for name, array in drawn.items():
        np.testing.assert_array_equal(joined(read["posterior"][name]), array)
    assert read.attrs["as_of"] == inputs.observed.as_of.isoformat()
    assert (read.attrs["prior_scenario"], read.attrs["inputs"]) == ("neutral", '{"seed": 3}')
    few = read_tree(tmp_path / "posterior.nc", "log_prior", "observed_data")
    assert set(few.children) == {"log_prior", "observed_data"}
    xr.testing.assert_identical(few["log_prior"].dataset, read["log_prior"].dataset)


def test_figures_share_a_name_and_their_rows(made):
    inputs, _, _, tree = made
    rows = inputs.observed.rows
    for group in ("observed_data", "log_likelihood", "posterior_predictive", "prior_predictive"):
        y = tree[group]["y"]
        assert y["observation"].values.tolist() == rows["id"].tolist()
        assert y["signal"].values.tolist() == rows["signal"].tolist()
        assert set(y["side"].values) <= {-1, 0, 1}
    np.testing.assert_allclose(tree["observed_data"]["y"], rows["value"], rtol=1e-6)
    np.testing.assert_allclose(joined(tree["posterior_predictive"]["y"]), inputs.replicates, rtol=1e-6)
    np.testing.assert_allclose(joined(tree["log_likelihood"]["y"]), inputs.log_likelihood, rtol=0, atol=FINEST / 2)


def test_a_figure_that_equals_its_replicate_still_does(made):
    """Ties count half in a PIT, so both are stored in one precision."""
    inputs, _, _, tree = made
    ties = inputs.replicates == inputs.observed.rows["value"].to_numpy()
    stored = joined(tree["posterior_predictive"]["y"]) == tree["observed_data"]["y"].values
    assert (stored[ties]).all()


def test_every_number_has_its_label(made, debate):
    _, drawn, densities, tree = made
    posterior, design = tree["posterior"].dataset, made[0].posterior.design
    for i, facet in enumerate(design.facets):
        np.testing.assert_array_equal(
            posterior["equilibrium"].sel(facet=facet).values.ravel(), drawn["equilibrium"][:, i]
        )
    assert posterior["facets"].dims == ("chain", "draw", "quarter", "facet")
    assert posterior["quarter"].values[-1] == str(horizon_of(debate))
    assert posterior["date"].values[-1] == horizon_of(debate).end.isoformat()
    assert set(posterior["layers"]["layer"].values) == {*debate.priors.layers.layers, "stack"}
    assert set(debate.priors.claims) <= set(posterior["claims"]["claim"].values)
    assert set(tree["prior"].dataset.data_vars) == set(posterior.data_vars)
    assert set(tree["log_prior"].dataset.data_vars) == set(drawn)
    total = sum(a.reshape(len(a), -1).sum(axis=1) for a in densities.values())
    np.testing.assert_allclose(summed(tree["log_prior"].dataset), total)


def test_facets_layers_and_claims_are_those_of_the_runs_draws(whole_run):
    posterior, draws = whole_run.groups("posterior")["posterior"].dataset, whole_run.draws
    for name, paths in (("facets", draws.facets), ("layers", draws.layers), ("claims", draws.claims)):
        assert posterior[name][posterior[name].dims[-1]].values.tolist() == list(paths)
        stacked = np.stack(list(paths.values()), axis=-1)
        np.testing.assert_allclose(joined(posterior[name])[draws.places], stacked, rtol=2e-5, atol=1e-5)
    assert {str(f): str(u) for f, u in zip(posterior["facet"].values, posterior["unit"].values, strict=True)} == {
        name: draws.unit(name) for name in draws.facets
    }


@pytest.mark.parametrize("debate", ["toy"], indirect=True)
def test_arviz_takes_the_file_as_it_is(whole_run, monkeypatch, capsys):
    """The example of docs/run-folder.md: summaries, LOO, sensitivity, predictive checks, forests."""
    example = re.search(r"```python\n(import arviz.*?)```", (ROOT / "docs" / "run-folder.md").read_text(), re.DOTALL)
    assert example is not None
    asked = set(re.findall(r"az\.(\w+)\(", example[1]))
    assert asked == {"summary", "psense_summary", "loo", "plot_forest", "plot_prior_posterior", "plot_loo_pit",
                     "plot_ppc_dist"}  # fmt: skip
    from matplotlib import pyplot as plt

    before = mpl.get_backend(auto_select=False)
    plt.switch_backend("agg")
    monkeypatch.chdir(whole_run.path.parent.parent)
    names = {}
    try:
        exec(compile(example[1], "docs/run-folder.md", "exec"), names)
        assert len(plt.get_fignums()) == 4
    finally:
        plt.close("all")
        if before is not None:
            plt.switch_backend(before)
    out = capsys.readouterr().out
    assert "layers[stack]" in out
    assert np.isfinite(names["az"].loo(names["tree"]).elpd)
