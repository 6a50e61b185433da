"""The engine's tests stand on an invented debate that never changes: import these fixtures in a folder's conftest.

They have the names of the shipped project's fixtures in ``tests/conftest.py`` and take their place in that folder.
"""

import shutil
from datetime import date, timedelta

import pytest

from stackcast.forecast.prior import prior_trajectories
from stackcast.graph.data import observe_as_of
from stackcast.graph.design import build_design
from stackcast.inference.sample import compile_graph
from stackcast.quarters import Quarter
from stackcast.runs.folder import Run, load_run
from tests.support import BAD_GATES, SEED, TOY, Probe, add_tree, canned_run, copy_project, latest_day, load_project

TODAY = latest_day(TOY / "observations")
EARLIER = date(2022, 12, 31)
HORIZON = Quarter.parse("2027-Q4")


@pytest.fixture(scope="session")
def project():
    return load_project(TOY)


@pytest.fixture(scope="session")
def rows(project):
    return project.observations.rows


@pytest.fixture(scope="session")
def design(project):
    return build_design(project.observations.rows, project.observations.signals, project.priors, TODAY)


@pytest.fixture(scope="session")
def observed(design, rows):
    return observe_as_of(design, rows, TODAY)


@pytest.fixture(scope="session")
def earlier(design, rows):
    return observe_as_of(design, rows, EARLIER)


@pytest.fixture(scope="session")
def trajectories(design, observed):
    return prior_trajectories(design, observed, HORIZON, 400, SEED)


@pytest.fixture(scope="session")
def probe(design, observed):
    """The unconditioned graph, compiled once and lightly."""
    return Probe(design, observed)


@pytest.fixture(scope="session")
def compiled(design, observed):
    """The graph as it is sampled."""
    return compile_graph(design, observed)


@pytest.fixture
def copy(tmp_path):
    """A copy that a test may spoil."""
    return copy_project(tmp_path / "project", TOY)


@pytest.fixture(scope="session")
def runs_folder(project, tmp_path_factory):
    """Canned runs: every prior scenario passed, and one neutral run at an earlier date that failed."""
    folder = tmp_path_factory.mktemp("runs")
    for prior_scenario in project.priors.prior_scenarios:
        canned_run(project, folder, TODAY, prior_scenario)
    canned_run(project, folder, EARLIER, gates=BAD_GATES, finished=str(TODAY + timedelta(days=1)))
    return folder


@pytest.fixture(scope="session")
def passed_run(runs_folder):
    return load_run(f"{TODAY}-neutral", runs_folder)


@pytest.fixture(scope="session")
def failed_run(runs_folder):
    return load_run(f"{EARLIER}-neutral", runs_folder)


@pytest.fixture(scope="session")
def told_run(project, passed_run, runs_folder, tmp_path_factory):
    """The canned neutral run among the others, with the tree of its draws."""
    folder = tmp_path_factory.mktemp("told")
    shutil.copytree(runs_folder, folder, dirs_exist_ok=True)
    found = Run(folder / passed_run.name)
    add_tree(project, found)
    return found
