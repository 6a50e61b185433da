import shutil

import numpy as np
import pytest
import xarray as xr

from model.evidence.quantity import KeptDraws
from model.forecast.prior import prior_draws
from model.graph.design import build_design, know
from model.graph.parameters import parameters
from model.posterior.tree import write_tree
from model.runs.folder import POSTERIOR, Run
from tests.support import SEED, TODAY


@pytest.fixture(scope="session")
def kept(passed_run, project):
    return KeptDraws.of(passed_run, project.priors)


@pytest.fixture(scope="session")
def told_run(project, passed_run, runs_folder, tmp_path_factory):
    """The canned neutral run among the others, with a tree of its own draws: those of the prior."""
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
    return Run(folder / passed_run.name)
