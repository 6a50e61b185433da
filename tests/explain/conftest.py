import shutil

import pytest

from stackcast.explain.quantity import KeptDraws
from stackcast.runs.folder import Run
from tests.support import add_tree


@pytest.fixture(scope="session")
def kept(passed_run, project):
    return KeptDraws.of(passed_run, project.priors)


@pytest.fixture(scope="session")
def told_run(project, passed_run, runs_folder, tmp_path_factory):
    """The canned neutral run among the others, with a tree of its own draws: those of the prior."""
    folder = tmp_path_factory.mktemp("sensitive")
    for source in runs_folder.iterdir():
        shutil.copytree(source, folder / source.name)
    add_tree(project, folder / passed_run.name)
    return Run(folder / passed_run.name)
