"""Choices that data cannot settle, taken otherwise."""

import json
import shutil

import numpy as np
import pytest
import xarray as xr

from model.cli.app import run as command
from model.evidence.quantity import KeptDraws
from model.evidence.sensitivity import EXACT, NO_RUN, STORED, sensitivity
from model.forecast.prior import prior_draws
from model.graph.design import build_design, know
from model.graph.parameters import parameters
from model.posterior.tree import write_tree
from model.runs.folder import POSTERIOR, Run
from tests.support import ROOT, SEED, TODAY


@pytest.fixture(scope="module")
def folder(project, passed_run, runs_folder, tmp_path_factory):
    """The canned runs, the neutral one with a tree of the prior's own draws."""
    folder = tmp_path_factory.mktemp("sensitive")
    for source in runs_folder.iterdir():
        shutil.copytree(source, folder / source.name)
    design = build_design(project.observations.rows, project.observations.signals, project.priors, TODAY)
    known = know(design, project.observations.rows, TODAY)
    draws = prior_draws(design, known, 200, SEED)
    dims = {q.name: q.dims for q in parameters(design)}
    arrays = {n: (("chain", "draw", *dims[n]), a[None]) for n, a in draws.items()}
    log_prior = {n: (("chain", "draw", *dims[n]), -0.5 * a[None] ** 2) for n, a in draws.items()}
    likelihood = np.random.default_rng(1).standard_normal((1, 200, 3))
    tree = xr.DataTree.from_dict({
        "posterior": xr.Dataset(arrays), "log_prior": xr.Dataset(log_prior),
        "log_likelihood": xr.Dataset({"y": (("chain", "draw", "observation"), likelihood)}),
    })  # fmt: skip
    write_tree(tree, folder / passed_run.name / POSTERIOR)
    return folder


@pytest.fixture(scope="module")
def table(folder, passed_run, project):
    kept = KeptDraws.of(Run(folder / passed_run.name), project.priors)
    return kept, sensitivity("models@2027-12-31", kept, project, folder, None, 0)


def test_weights_are_recomputed_exactly(table):
    kept, rows = table
    alone = rows[rows["alternative"] == "models by models.spend alone"].iloc[0]
    spend, models = (kept.quantity(f"{name}@2027-12-31").draws for name in ("models.spend", "models"))
    assert alone["change"] == pytest.approx(spend.mean() - models.mean())
    assert alone["method"] == EXACT


def test_stored_runs_are_used_and_missing_ones_named(table):
    rows = table[1].set_index("alternative")
    assert rows.loc["open", "method"] == STORED
    assert np.isfinite(rows.loc["closed", "change"])
    assert rows.loc["without their effects", "method"].startswith(f"{NO_RUN}: stackcast fit")
    assert np.isnan(rows.loc["without their effects", "change"])


def test_a_more_open_reference_class_opens(table):
    rows = table[1]
    mine = rows[rows["choice"] == "reference class"].set_index("alternative")["change"]
    known = mine.dropna()
    assert all((change > 0) == ("open" in name) for name, change in known.items())


def test_every_choice_is_there(table):
    choices = {"weights", "criterion of open", "camp", "claims", "reference class", "neutral readings",
               "priors of parameters", "likelihood", "publisher"}  # fmt: skip
    assert set(table[1]["choice"]) == choices


def test_the_command(folder, passed_run, capsys):
    shared = ["--run", passed_run.name, "--out", str(folder), "--project", str(ROOT)]
    assert command(["sensitivity", "models@2027-12-31", "--json", *shared]) == 0
    assert {"choice", "alternative", "change", "k_hat", "method"} <= set(json.loads(capsys.readouterr().out)["rows"][0])
    assert command(["sensitivity", *shared]) == 0
    assert "instead" in capsys.readouterr().out
